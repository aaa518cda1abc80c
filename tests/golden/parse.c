/* tests/golden/parse.c: the text of a test file -> blocks. Knows nothing of running them. */
#include <stdlib.h>
#include <string.h>

#include "tests/golden/golden.h"

typedef struct reader {
    test_file *file;
    uint32_t at; /* the next line */
    char **message;
} reader;

static bool fail(reader *r, uint32_t line, const char *what) {
    text t = {NULL, 0, 0};
    text_printf(&t, "%s:%u: %s", r->file->path, line + 1, what);
    *r->message = hold_text(t.bytes, t.n);
    text_free(&t);
    return false;
}

static bool starts(const char *line, const char *word) {
    size_t n = strlen(word);
    return strncmp(line, word, n) == 0 && (line[n] == 0 || line[n] == ' ');
}

/* The line opens a block, a comment or nothing more follows: what came before has ended. */
static bool opens_block(const reader *r, uint32_t i) {
    if (i >= r->file->line_count)
        return true;
    const char *line = r->file->lines[i];
    return line[0] == '#' || starts(line, "query") || starts(line, "plan") ||
           starts(line, "error") || starts(line, "table") || starts(line, "file") ||
           strcmp(line, "database") == 0 || strcmp(line, "run") == 0;
}

/* The blank line at i belongs to no block. */
static bool ends_block(const reader *r, uint32_t i) {
    return i >= r->file->line_count || (r->file->lines[i][0] == 0 && opens_block(r, i + 1));
}

/* Cells of one line, trimmed. `|` parts them unless it is escaped or there is one column only. */
static uint32_t split(const char *line, uint32_t cell_max, char **cells) {
    uint32_t count = 0;
    const char *from = line;
    for (const char *at = line;; at++) {
        if (*at == '\\' && at[1]) {
            at++;
            continue;
        }
        bool parts = *at == '|' && cell_max > 1;
        if (*at && !parts)
            continue;
        const char *end = at;
        while (from < end && *from == ' ')
            from++;
        while (end > from && end[-1] == ' ')
            end--;
        if (count < cell_max)
            cells[count] = hold_text(from, (size_t)(end - from));
        count++;
        if (!*at)
            return count;
        from = at + 1;
    }
}

static char *unescape(const char *cell, bool all) {
    if (all && strcmp(cell, "\"\"") == 0)
        return hold_text("", 0);
    char *out = hold(strlen(cell) + 1);
    char *to = out;
    for (; *cell; cell++) {
        char next = cell[0] == '\\' ? cell[1] : 0;
        char found = all ? escape_of("n\nt\tr\rs \\\\", next) : 0;
        if (next == '|')
            *to++ = '|';
        else if (found)
            *to++ = found;
        else {
            *to++ = *cell;
            continue;
        }
        cell++;
    }
    return out;
}

/* "name:type, name:type" or "name:type | name:type" */
static bool parse_columns(reader *r, const char *list, char separator, rows *out) {
    uint32_t room = 1;
    for (const char *c = list; *c; c++)
        room += *c == separator;
    out->columns = hold(room * sizeof(column));
    for (const char *at = list; *at;) {
        const char *end = at;
        while (*end && *end != separator)
            end++;
        char *cell[1];
        split(hold_text(at, (size_t)(end - at)), 1, cell);
        char *colon = strrchr(cell[0], ':');
        tr_type type = colon ? tr_type_of_name(tr_str_c(colon + 1)) : TR_NONE;
        if (type == TR_NONE)
            return fail(r, r->at, "columns are written name:type");
        *colon = 0;
        out->columns[out->column_count++] = (column){cell[0], type};
        at = *end ? end + 1 : end;
    }
    return true;
}

static bool add_row(reader *r, const char *line, rows *out) {
    if (out->row_count == out->row_capacity) {
        uint32_t capacity = out->row_capacity ? out->row_capacity * 2 : 16;
        char **cells = hold(sizeof(char *) * capacity * out->column_count);
        if (out->row_count)
            memcpy(cells, out->cells, sizeof(char *) * out->row_count * out->column_count);
        out->cells = cells;
        out->row_capacity = capacity;
    }
    char **cells = out->cells + (size_t)out->row_count * out->column_count;
    if (split(line, out->column_count, cells) != out->column_count)
        return fail(r, r->at, "the row has not as many cells as the header");
    for (uint32_t i = 0; i < out->column_count; i++) {
        tr_type type = out->columns[i].type;
        if (type != TR_STRING && !*cells[i])
            cells[i] = NULL;
        else
            cells[i] = unescape(cells[i], type == TR_STRING);
    }
    out->row_count++;
    return true;
}

/* KQL from r->at to `----` (left for the caller) or the end of the block. */
static char *parse_body(reader *r, bool to_dashes) {
    text t = {NULL, 0, 0};
    for (; !ends_block(r, r->at); r->at++) {
        if (to_dashes && strcmp(r->file->lines[r->at], "----") == 0)
            break;
        if (t.n)
            text_add(&t, "\n");
        text_add(&t, r->file->lines[r->at]);
    }
    char *body = hold_text(t.bytes ? t.bytes : "", t.n);
    text_free(&t);
    return body;
}

static bool parse_results(reader *r, block *b) {
    b->expect_line = r->at;
    b->results = hold(sizeof(rows) * (r->file->line_count - r->at + 1));
    while (!ends_block(r, r->at)) {
        r->at++; /* the dashes */
        if (ends_block(r, r->at))
            return fail(r, r->at - 1, "a header is missing: name:type | name:type");
        rows *result = &b->results[b->result_count++];
        if (!parse_columns(r, r->file->lines[r->at], '|', result))
            return false;
        for (r->at++; !ends_block(r, r->at); r->at++) {
            if (strcmp(r->file->lines[r->at], "----") == 0)
                break;
            if (!*r->file->lines[r->at] && result->column_count > 1)
                continue;
            if (!add_row(r, r->file->lines[r->at], result))
                return false;
        }
    }
    b->expect_stop = r->at;
    return true;
}

static bool parse_query(reader *r, block *b) {
    if (strstr(r->file->lines[r->at], " ordered"))
        b->order = ORDER_KEPT;
    else if (strstr(r->file->lines[r->at], " unordered"))
        b->order = ORDER_ANY;
    r->at++;
    b->body = parse_body(r, true);
    if (b->kind == BLOCK_QUERY)
        return parse_results(r, b);
    b->expect_line = r->at;
    if (!ends_block(r, r->at))
        r->at++;
    b->plan = parse_body(r, false);
    b->expect_stop = r->at;
    return true;
}

/* error [CODE] [FROM..TO] "part of the message" */
static bool parse_error(reader *r, block *b) {
    const char *at = r->file->lines[r->at] + strlen("error");
    b->expect_line = r->at;
    b->expect_stop = r->at + 1;
    b->from = b->to = -1;
    b->code = "";
    b->message = "";
    while (*at) {
        char *end;
        if (*at == ' ') {
            at++;
        } else if (*at == '"') {
            const char *close = strrchr(at, '"');
            if (close == at)
                return fail(r, r->at, "the message is not closed");
            b->message = unescape(hold_text(at + 1, (size_t)(close - at - 1)), true);
            at = close + 1;
        } else if (*at >= '0' && *at <= '9') {
            b->from = strtoll(at, &end, 10);
            if (strncmp(end, "..", 2) != 0)
                return fail(r, r->at, "the place is written FROM..TO");
            b->to = strtoll(end + 2, &end, 10);
            at = end;
        } else {
            size_t n = strcspn(at, " ");
            b->code = hold_text(at, n);
            at += n;
        }
    }
    r->at++;
    b->body = parse_body(r, false);
    return true;
}

/* table NAME (a:long, b:string), rows, then `end` or a blank line */
static bool parse_table(reader *r, block *b) {
    const char *line = r->file->lines[r->at] + strlen("table ");
    const char *open = strchr(line, '('), *close = strrchr(line, ')');
    if (!open || !close)
        return fail(r, r->at, "a table is written: table NAME (column:type, ...)");
    const char *name_end = open;
    while (name_end > line && name_end[-1] == ' ')
        name_end--;
    b->name = hold_text(line, (size_t)(name_end - line));
    b->results = hold(sizeof(rows));
    b->result_count = 1;
    if (!parse_columns(r, hold_text(open + 1, (size_t)(close - open - 1)), ',', b->results))
        return false;
    for (r->at++; r->at < r->file->line_count; r->at++) {
        const char *row = r->file->lines[r->at];
        if (!*row || strcmp(row, "end") == 0) {
            r->at++;
            break;
        }
        if (!add_row(r, row, b->results))
            return false;
    }
    return true;
}

/* file NAME, its lines, `end` */
static bool parse_file(reader *r, block *b) {
    const char *name = r->file->lines[r->at] + strlen("file ");
    b->name = hold_text(name, strlen(name));
    uint32_t first = r->at;
    text t = {NULL, 0, 0};
    for (r->at++; r->at < r->file->line_count && strcmp(r->file->lines[r->at], "end"); r->at++)
        text_printf(&t, "%s\n", r->file->lines[r->at]);
    b->body = hold_text(t.bytes ? t.bytes : "", t.n);
    text_free(&t);
    if (r->at == r->file->line_count)
        return fail(r, first, "the file has no `end`");
    r->at++;
    return true;
}

static bool parse_block(reader *r) {
    block *b = &r->file->blocks[r->file->block_count++];
    const char *line = r->file->lines[r->at];
    b->line = r->at + 1;
    if (starts(line, "query") || starts(line, "plan")) {
        b->kind = line[0] == 'q' ? BLOCK_QUERY : BLOCK_PLAN;
        return parse_query(r, b);
    }
    if (starts(line, "error")) {
        b->kind = BLOCK_ERROR;
        return parse_error(r, b);
    }
    if (starts(line, "table")) {
        b->kind = BLOCK_TABLE;
        return parse_table(r, b);
    }
    if (starts(line, "file")) {
        b->kind = BLOCK_FILE;
        return parse_file(r, b);
    }
    if (strcmp(line, "database") == 0 || strcmp(line, "run") == 0) {
        b->kind = line[0] == 'd' ? BLOCK_DATABASE : BLOCK_RUN;
        r->at++;
        b->body = b->kind == BLOCK_RUN ? parse_body(r, false) : "";
        return true;
    }
    return fail(r, r->at, "a block starts with query, plan, error, run, database, table or file");
}

bool test_file_parse(const char *path, test_file *out, char **message) {
    *out = (test_file){.path = path};
    reader r = {out, 0, message};
    size_t bytes;
    char *content = text_of_file(path, &bytes);
    if (!content)
        return fail(&r, 0, "cannot read the file");
    uint32_t count = 1;
    for (size_t i = 0; i < bytes; i++)
        count += content[i] == '\n';
    out->lines = hold(sizeof(char *) * count);
    out->blocks = hold(sizeof(block) * count);
    for (char *at = content; at < content + bytes;) {
        char *end = memchr(at, '\n', (size_t)(content + bytes - at));
        out->lines[out->line_count++] = at;
        if (!end)
            break;
        *end = 0;
        at = end + 1;
    }
    while (r.at < out->line_count) {
        const char *line = out->lines[r.at];
        if (!*line || *line == '#')
            r.at++;
        else if (!parse_block(&r))
            return false;
    }
    return true;
}

/* cli/check_rows.c: are the rows of a query the expected ones? The expected file is read as a table
 * with the columns of the result, so that both sides are values of the same types and print alike.
 * Knows nothing of folders and reports. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/check.h"
#include "cli/value.h"

enum { SHOWN_MAX = 5, ROWS_MAX = 1000000, LINE_SHOWN_BYTES = 300 };

static const char separator = '\x1f'; /* between cells */

typedef struct {
    tr_arena *arena;
    cli_rows columns; /* of the stream */
    const char **lines;
    uint32_t count, capacity;
} row_list;

static trawl_status add_line(row_list *list, int64_t row, tr_buf *spare, trawl_error *err) {
    tr_buf line;
    char scratch[CLI_VALUE_BYTES];
    tr_buf_start(&line, list->arena);
    for (uint32_t c = 0; c < list->columns.column_count; c++) {
        tr_str cell = cli_cell_text(&list->columns.columns[c], row, scratch, spare);
        if (c)
            tr_buf_put_char(&line, separator);
        tr_buf_put(&line, cell.ptr, cell.len);
    }
    tr_buf_put_char(&line, 0);
    if (!TR_ROOM(list->arena, list->lines, list->count, list->capacity))
        return tr_fail_memory(err);
    if (line.failed)
        return tr_fail_memory(err);
    if (list->count == ROWS_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "at most %d rows are compared", ROWS_MAX);
    list->lines[list->count++] = line.bytes;
    return TRAWL_OK;
}

static trawl_status read_rows(trawl_query *query, uint32_t result, row_list *list,
                              trawl_error *err) {
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    tr_buf spare;
    TR_TRY(trawl_query_run(query, result, &stream, err));
    tr_buf_start(&spare, list->arena);
    trawl_status status = stream.get_schema(&stream, &schema)
                              ? tr_fail(err, TRAWL_E_INTERNAL, "the result cannot be read")
                              : TRAWL_OK;
    if (status == TRAWL_OK) {
        status = cli_rows_start(&list->columns, list->arena, &schema, "", err);
        schema.release(&schema);
    }
    while (status == TRAWL_OK) {
        struct ArrowArray batch = {0};
        if (stream.get_next(&stream, &batch)) {
            status = tr_fail(err, TRAWL_E_DATA, "%s", stream.get_last_error(&stream));
            break;
        }
        if (!batch.release)
            break;
        status = cli_rows_look(&list->columns, &batch, err);
        for (int64_t i = 0; status == TRAWL_OK && i < list->columns.n; i++)
            status = add_line(list, i, &spare, err);
        batch.release(&batch);
    }
    stream.release(&stream);
    return status;
}

/* ---- the expected file ---- */

static void put_name(tr_buf *out, const char *name) {
    tr_buf_put_text(out, "['");
    for (; *name; name++) {
        if (*name == '\'' || *name == '\\')
            tr_buf_put_char(out, '\\');
        tr_buf_put_char(out, *name);
    }
    tr_buf_put_text(out, "']");
}

/* The cell at *at of the first line of a csv file, without its quotes; *at moves behind its comma.
 */
static void header_cell(const char **at, const char *end, tr_buf *out) {
    bool quoted = *at < end && **at == '"';
    tr_buf_start(out, out->arena);
    for (*at += quoted; *at < end; ++*at) {
        if (quoted && **at == '"') {
            if (*at + 1 < end && (*at)[1] == '"')
                ++*at;
            else {
                quoted = false;
                continue;
            }
        } else if (!quoted && **at == ',') {
            ++*at;
            break;
        }
        tr_buf_put_char(out, **at);
    }
    tr_buf_put_char(out, 0);
}

/* Does the csv file name the columns of the result, in order? */
static trawl_status check_header(const cli_rows *columns, const cli_source *file, tr_arena *arena,
                                 trawl_error *err) {
    const char *at = file->text, *end = at + file->bytes;
    const char *newline = file->bytes ? memchr(at, '\n', file->bytes) : NULL;
    end = newline ? newline : end;
    if (end > at && end[-1] == '\r')
        end--;
    tr_buf cell;
    tr_buf_start(&cell, arena);
    for (uint32_t c = 0; c < columns->column_count || at < end; c++) {
        bool more = at < end;
        header_cell(&at, end, &cell);
        if (cell.failed)
            return tr_fail_memory(err);
        const char *wanted = more ? cell.bytes : "no column";
        const char *found = c < columns->column_count ? columns->columns[c].name : "no column";
        if (strcmp(wanted, found) != 0)
            return tr_fail(err, TRAWL_E_DATA,
                           "column %u is '%.100s' in the result, '%.100s' is expected", c + 1,
                           found, wanted);
    }
    return TRAWL_OK;
}

/* A name in JSON that the result has not would be overlooked. */
static trawl_status check_json_names(const cli_rows *columns, const char *path, trawl_error *err) {
    trawl_db *db;
    struct ArrowSchema schema = {0};
    TR_TRY(trawl_db_open(&path, 1, NULL, &db, err));
    trawl_status status = trawl_db_table(db, 0)
                              ? trawl_db_schema(db, 0, &schema, err)
                              : tr_fail(err, TRAWL_E_DATA, "'%s' holds no JSON objects", path);
    for (int64_t i = 0; status == TRAWL_OK && i < schema.n_children; i++) {
        bool known = false;
        for (uint32_t c = 0; c < columns->column_count; c++)
            known |= strcmp(columns->columns[c].name, schema.children[i]->name) == 0;
        if (!known)
            status = tr_fail(err, TRAWL_E_DATA, "the result has no column '%.100s'",
                             schema.children[i]->name);
    }
    if (schema.release)
        schema.release(&schema);
    trawl_db_close(db);
    return status;
}

static trawl_status expected_rows(const cli_options *o, const cli_rows *columns, const char *path,
                                  row_list *list, trawl_error *err) {
    trawl_query_options options = cli_query_options(o);
    trawl_db_options allow = TRAWL_DB_OPTIONS_INIT;
    trawl_db *db;
    trawl_query *query;
    tr_buf text;
    const char *dot = strrchr(path, '.');
    bool is_csv = dot && strcmp(dot, ".csv") == 0;
    tr_buf_start(&text, list->arena);
    tr_buf_put_text(&text, "externaldata(");
    for (uint32_t c = 0; c < columns->column_count; c++) {
        tr_buf_put_text(&text, c ? ", " : "");
        put_name(&text, columns->columns[c].name);
        tr_buf_printf(&text, ":%s", cli_type_name(columns->columns[c].type));
    }
    tr_buf_put_text(&text, ")");
    put_name(&text, path);
    tr_buf_put_text(&text, is_csv ? " with (format='csv', ignoreFirstRecord=true)"
                                  : " with (format='json')");
    if (text.failed)
        return tr_fail_memory(err);
    allow.allowed = &path;
    allow.allowed_count = 1;
    options.threads = 1;
    options.parameter_count = 0;
    TR_TRY(trawl_db_open(NULL, 0, &allow, &db, err));
    trawl_status status = trawl_query_kql(db, text.bytes, text.n, &options, &query, err);
    if (status == TRAWL_OK) {
        status = read_rows(query, 0, list, err);
        trawl_query_free(query);
    }
    trawl_db_close(db);
    return status;
}

/* ---- comparing ---- */

static bool is_close(const char *a, const char *b, size_t an, size_t bn) {
    char x_text[CLI_VALUE_BYTES], y_text[CLI_VALUE_BYTES], *x_end, *y_end;
    if (an >= sizeof x_text || bn >= sizeof y_text || !an || !bn)
        return false;
    memcpy(x_text, a, an);
    memcpy(y_text, b, bn);
    x_text[an] = y_text[bn] = 0;
    double x = strtod(x_text, &x_end), y = strtod(y_text, &y_end);
    return !*x_end && !*y_end && fabs(x - y) <= 1e-9 * fmax(fabs(x), fabs(y));
}

/* Equal, but that reals may differ in their last digits. */
static bool is_same_row(const cli_rows *columns, const char *a, const char *b) {
    for (uint32_t c = 0; c < columns->column_count; c++) {
        size_t an = strcspn(a, (char[2]){separator, 0}), bn = strcspn(b, (char[2]){separator, 0});
        bool same = an == bn && memcmp(a, b, an) == 0;
        if (!same && !(columns->columns[c].type == CLI_REAL && is_close(a, b, an, bn)))
            return false;
        a += an + (a[an] == separator);
        b += bn + (b[bn] == separator);
    }
    return true;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Rows have an order when the plan sorts them and nothing mixes them afterwards. */
static bool is_sorted(const trawl_query *query, uint32_t result) {
    static const char *const keeping[] = {"project ", "filter ", "take ", "extend ", "window "};
    const char *line = trawl_query_result_info(query, result, "plan");
    for (; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
        bool keeps = false;
        while (*line == ' ')
            line++;
        if (strncmp(line, "sort ", 5) == 0)
            return true;
        for (size_t i = 0; i < sizeof keeping / sizeof *keeping; i++)
            keeps |= strncmp(line, keeping[i], strlen(keeping[i])) == 0;
        if (!keeps)
            return false;
    }
    return false;
}

static void put_row(tr_buf *out, char sign, const char *row) {
    tr_buf_printf(out, "  %c ", sign);
    for (size_t i = 0; row[i] && i < LINE_SHOWN_BYTES; i++) {
        if (row[i] == separator)
            tr_buf_put_text(out, " | ");
        else
            tr_buf_put_char(out, (unsigned char)row[i] < 0x20 ? ' ' : row[i]);
    }
    tr_buf_put_char(out, '\n');
}

static bool differ(const row_list *found, const row_list *wanted, bool sorted, tr_buf *out) {
    uint32_t shown = 0;
    uint32_t f = 0, w = 0;
    bool any = false;
    while (f < found->count || w < wanted->count) {
        bool both = f < found->count && w < wanted->count;
        if (both && is_same_row(&found->columns, found->lines[f], wanted->lines[w])) {
            f++, w++;
            continue;
        }
        any = true;
        int order = both ? strcmp(found->lines[f], wanted->lines[w]) : 0;
        bool take_wanted = w < wanted->count && (sorted || !both || order > 0);
        bool take_found = f < found->count && (sorted || !both || order < 0);
        if (!sorted && both && order == 0)
            take_wanted = take_found = true;
        if (take_wanted && shown++ < SHOWN_MAX)
            put_row(out, '-', wanted->lines[w]);
        if (take_found && shown++ < SHOWN_MAX)
            put_row(out, '+', found->lines[f]);
        w += take_wanted;
        f += take_found;
    }
    return any;
}

trawl_status cli_check_rows(cli_session *s, tr_arena *arena, trawl_query *query, uint32_t result,
                            const char *expected, const char **difference, trawl_error *err) {
    row_list found = {.arena = arena}, wanted = {.arena = arena};
    cli_source file;
    const char *dot = strrchr(expected, '.');
    tr_buf out;
    TR_TRY(read_rows(query, result, &found, err));
    TR_TRY(cli_read_source(arena, expected, &file, err));
    if (dot && strcmp(dot, ".csv") == 0)
        TR_TRY(check_header(&found.columns, &file, arena, err));
    else if (file.bytes > strspn(file.text, " \t\r\n[]"))
        TR_TRY(check_json_names(&found.columns, expected, err));
    TR_TRY(expected_rows(s->options, &found.columns, expected, &wanted, err));
    bool sorted = is_sorted(query, result);
    if (!sorted && found.count)
        qsort(found.lines, found.count, sizeof *found.lines, by_text);
    if (!sorted && wanted.count)
        qsort(wanted.lines, wanted.count, sizeof *wanted.lines, by_text);
    tr_buf_start(&out, arena);
    tr_buf_printf(&out, "rows differ from %s: %u expected (-), %u found (+)\n", expected,
                  wanted.count, found.count);
    *difference = differ(&found, &wanted, sorted, &out) ? out.bytes : NULL;
    tr_buf_put_char(&out, 0);
    if (*difference)
        *difference = out.bytes;
    return out.failed ? tr_fail_memory(err) : TRAWL_OK;
}

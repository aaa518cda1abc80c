/* runtime/format/shape_csv.c: delimiter, quoting, header row and column types of delimited text,
 * from samples. */
#include "runtime/format/internal.h"

#define FIELD_MAX    16384u
#define DIALECT_ROWS 100u

/* ---- the delimiter ---- */

typedef struct {
    uint32_t rows;
    uint32_t fields; /* of most rows */
    uint32_t agree;  /* rows with so many */
} count_result;

static count_result count_fields(const tr_sample *sample, char delimiter) {
    tr_csv_dialect dialect = {(uint8_t)delimiter, '"', true};
    uint32_t counts[DIALECT_ROWS];
    count_result result = {0};
    tr_csv_row row;
    for (uint32_t at = 0; at < sample->n && result.rows < DIALECT_ROWS; at = row.next) {
        if (tr_csv_row_parse(sample->text, sample->n, at, &dialect, true, NULL, 0, &row) ==
            TR_CSV_OPEN)
            break;
        if (row.end > at + 1 || (row.end == at + 1 && sample->text[at] != '\r'))
            counts[result.rows++] = row.fields;
    }
    for (uint32_t i = 0; i < result.rows; i++) {
        uint32_t agree = 0;
        for (uint32_t k = 0; k < result.rows; k++)
            agree += counts[k] == counts[i];
        if (agree > result.agree) {
            result.agree = agree;
            result.fields = counts[i];
        }
    }
    return result;
}

/* Text of unknown kind is a table only if all its lines agree and it is no log. */
static bool convincing(const tr_sample *sample, char delimiter, count_result c) {
    uint32_t begin, end;
    uint32_t line = 0;
    while (line < sample->n && sample->text[line] != '\n')
        line++;
    if (c.rows < 2 || c.agree != c.rows || c.fields < 2)
        return false;
    if (delimiter == '\t')
        return true;
    if (tr_text_time(sample->text, line, &begin, &end))
        return false;
    /* Names at the top, or many columns. */
    for (uint32_t i = 0; i < line; i++) {
        char ch = sample->text[i];
        bool name = (ch | 0x20) >= 'a' ? (ch | 0x20) <= 'z' : ch >= '0' && ch <= '9';
        if (!name && !strchr("_-. \"\r", ch) && ch != delimiter)
            return c.fields >= 4 && c.rows >= 3;
    }
    return delimiter != ',' || c.fields > 2 || !memchr(sample->text, ' ', line);
}

bool tr_shape_csv_dialect(const tr_sample *sample, bool sure, tr_csv_dialect *dialect) {
    static const char candidates[] = {',', '\t', ';', '|'};
    double best = 0;
    char delimiter = 0;
    if (dialect->delimiter != ',')
        return true; /* named outright */
    for (size_t i = 0; i < sizeof candidates; i++) {
        count_result c = count_fields(sample, candidates[i]);
        if (c.fields < 2 || (!sure && !convincing(sample, candidates[i], c)))
            continue;
        double score = (double)c.agree / c.rows + (c.fields > 2 ? 0.05 : 0) -
                       0.01 * (double)i; /* the usual ones first */
        if (score > best) {
            best = score;
            delimiter = candidates[i];
        }
    }
    if (delimiter)
        dialect->delimiter = (uint8_t)delimiter;
    return delimiter || sure;
}

/* ---- columns ---- */

typedef struct {
    tr_arena *arena;
    const tr_csv_dialect *dialect;
    uint32_t *tokens;
    uint32_t *seen;  /* [FIELD_MAX] in rows after the first */
    uint32_t *head;  /* [FIELD_MAX] in the first */
    tr_str *first;   /* [FIELD_MAX] the cells of the first row */
    bool *again;     /* [FIELD_MAX] the cell of the first row came again in its column */
    uint32_t fields; /* of a row of the first file */
    uint32_t *map;   /* field of the file at hand -> field of the first file, or FIELD_MAX */
    uint32_t map_fields;
    uint64_t rows, bytes;
    uint32_t quoted, stray; /* fields in quotes, with quotes inside */
} looker;

static trawl_status look_at_row(looker *l, const char *text, uint32_t start, const tr_csv_row *row,
                                bool first, trawl_error *err) {
    for (uint32_t i = 0; i < row->fields && i < FIELD_MAX; i++) {
        uint32_t begin = i ? l->tokens[i - 1] + 1 : start, end = l->tokens[i], to = l->map[i];
        tr_str cell;
        if (to >= l->fields)
            continue;
        if (i + 1 == row->fields && end > begin && text[end - 1] == '\r')
            end--;
        if (!tr_csv_field(tr_kernels_now(), text, begin, end, l->dialect, l->arena, &cell))
            return tr_fail_memory(err);
        if (begin < end && text[begin] == '"')
            l->quoted += end - begin > 1 && text[end - 1] == '"';
        else
            l->stray += memchr(text + begin, '"', end - begin) != NULL;
        if (first) {
            l->first[to] = cell;
            l->head[to] = tr_guess_text(cell);
        } else {
            l->seen[to] |= tr_guess_text(cell);
            l->again[to] |= tr_str_equal(cell, l->first[to]);
        }
    }
    return TRAWL_OK;
}

/* The first row of another file: most likely a header too, perhaps in another order. Without names
 * in common, fields are taken by position. */
static trawl_status map_file(looker *l, const char *text, const tr_csv_row *row, trawl_error *err) {
    uint32_t fields = row->fields < FIELD_MAX ? row->fields : FIELD_MAX, matched = 0;
    for (uint32_t i = 0; i < fields; i++) {
        uint32_t begin = i ? l->tokens[i - 1] + 1 : 0, end = l->tokens[i];
        tr_str cell;
        if (i + 1 == fields && end > begin && text[end - 1] == '\r')
            end--;
        if (!tr_csv_field(tr_kernels_now(), text, begin, end, l->dialect, l->arena, &cell))
            return tr_fail_memory(err);
        l->map[i] = i < l->fields && tr_str_equal(l->first[i], cell) ? i : FIELD_MAX;
        for (uint32_t k = 0; k < l->fields && l->map[i] == FIELD_MAX; k++) {
            if (tr_str_equal(l->first[k], cell))
                l->map[i] = k;
        }
        matched += l->map[i] != FIELD_MAX;
    }
    for (uint32_t i = 0; i < fields && !matched; i++)
        l->map[i] = i;
    l->map_fields = fields;
    return TRAWL_OK;
}

static trawl_status look_at_sample(looker *l, const tr_sample *sample, bool is_first,
                                   trawl_error *err) {
    tr_csv_row row;
    for (uint32_t at = 0; at < sample->n; at = row.next) {
        tr_csv_end how = tr_csv_row_parse(sample->text, sample->n, at, l->dialect, sample->to_end,
                                          l->tokens, FIELD_MAX, &row);
        if (how == TR_CSV_OPEN)
            break;
        bool top = sample->from_start && at == 0;
        if (top && !is_first)
            TR_TRY(map_file(l, sample->text, &row, err));
        else if (how == TR_CSV_ROW && (top || row.fields == l->map_fields))
            TR_TRY(look_at_row(l, sample->text, at, &row, top, err));
        l->rows++;
        l->bytes += row.next - at;
    }
    return TRAWL_OK;
}

/* Names: no numbers, no dates, above columns that are; or all different and like no cell below. */
static bool names_at_top(const looker *l) {
    bool typed = false, plain = true;
    for (uint32_t i = 0; i < l->fields; i++) {
        tr_str name = l->first[i];
        if (l->head[i] != TR_SEEN_STRING && !(name.len == 0 && l->fields > 2))
            return false;
        for (uint32_t k = 0; k < i && k < 256; k++)
            plain &= !name.len || !tr_str_equal(l->first[k], name);
        typed |= l->seen[i] && tr_guess_type(l->seen[i]) != TR_STRING;
        plain &= name.len && name.len <= 64 && !l->again[i] &&
                 !(name.ptr[0] >= '0' && name.ptr[0] <= '9') && !memchr(name.ptr, '/', name.len);
    }
    return typed || plain;
}

static trawl_status start(looker *l, tr_arena *arena, const tr_sample *samples,
                          const tr_shape *shape, trawl_error *err) {
    *l = (looker){.arena = arena, .dialect = &shape->dialect};
    l->tokens = TR_NEW_N(arena, uint32_t, FIELD_MAX);
    l->seen = TR_NEW_N(arena, uint32_t, FIELD_MAX);
    l->head = TR_NEW_N(arena, uint32_t, FIELD_MAX);
    l->first = TR_NEW_N(arena, tr_str, FIELD_MAX);
    l->again = TR_NEW_N(arena, bool, FIELD_MAX);
    l->map = TR_NEW_N(arena, uint32_t, FIELD_MAX);
    if (!l->tokens || !l->seen || !l->head || !l->first || !l->again || !l->map)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < FIELD_MAX; i++) {
        l->first[i] = tr_str_c("");
        l->map[i] = i;
    }
    count_result most = count_fields(&samples[0], (char)shape->dialect.delimiter);
    l->fields = most.fields ? most.fields : 1;
    if (l->fields > FIELD_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "%u fields in a row, at most %u", l->fields, FIELD_MAX);
    l->map_fields = l->fields;
    return TRAWL_OK;
}

trawl_status tr_shape_csv(tr_arena *db, tr_arena *scratch, const tr_sample *samples, uint32_t count,
                          tr_header header, tr_shape *shape, trawl_error *err) {
    looker l;
    shape->dialect.quote = '"';
    for (shape->dialect.quoted = true;; shape->dialect.quoted = false) {
        TR_TRY(start(&l, scratch, samples, shape, err));
        for (uint32_t i = 0; i < count; i++)
            TR_TRY(look_at_sample(&l, &samples[i], i == 0, err));
        bool literal = l.stray > l.quoted || (!l.quoted && shape->dialect.delimiter == '\t');
        if (!shape->dialect.quoted || !literal)
            break;
    }
    shape->has_header = header == TR_HEADER_AUTO ? names_at_top(&l) : header == TR_HEADER_YES;
    shape->field_count = l.fields;
    shape->row_bytes = l.rows ? (uint32_t)(l.bytes / l.rows) : 1;
    shape->row_bytes += !shape->row_bytes;
    tr_field *fields = TR_NEW_N(db, tr_field, l.fields);
    tr_str *names = TR_NEW_N(scratch, tr_str, l.fields);
    if (!fields || !names)
        return tr_fail_memory(err);
    if (shape->has_header) {
        tr_csv_row row;
        tr_csv_row_parse(samples[0].text, samples[0].n, 0, &shape->dialect, true, l.tokens,
                         FIELD_MAX, &row);
        uint32_t named = row.fields < l.fields ? row.fields : l.fields;
        for (uint32_t i = named; i < l.fields; i++) /* a header with fewer names than fields */
            names[i] = tr_str_c("");
        TR_TRY(tr_csv_names(db, samples[0].text, 0, l.tokens, named, &shape->dialect, names, err));
    }
    for (uint32_t i = 0; i < l.fields; i++) {
        const char *name = NULL;
        if (!names[i].len && !(name = tr_arena_printf(db, "Column%u", i + 1)))
            return tr_fail_memory(err);
        uint32_t seen = l.seen[i] | (shape->has_header ? 0 : l.head[i]);
        fields[i] = (tr_field){name ? tr_str_c(name) : names[i], tr_guess_type(seen)};
    }
    shape->schema = (tr_schema){l.fields, fields};
    return TRAWL_OK;
}

/* runtime/format/csv.c: delimited text: blocks into rows and fields, fields into vectors.
 *
 * The structure kernels treat every quote as a switch. Where that gives rows of the expected number
 * of fields, one line each, they are believed. Any other row is parsed again by the letter
 * (csv_row.c), and if the letter ends it elsewhere, so is the rest of the block. */
#include "runtime/format/internal.h"

/* Room for n more tokens. */
static trawl_status need_tokens(tr_reader *reader, size_t n, trawl_error *err) {
    tr_csv_reader *csv = &reader->csv;
    if (csv->token_count + n <= csv->token_capacity)
        return TRAWL_OK;
    size_t capacity = csv->token_capacity * 2;
    if (capacity < csv->token_count + n)
        capacity = csv->token_count + n;
    uint32_t *tokens = tr_arena_alloc(reader->local, capacity * sizeof *tokens, 64);
    if (!tokens)
        return tr_fail_memory(err);
    if (csv->token_count)
        memcpy(tokens, csv->tokens, csv->token_count * sizeof *tokens);
    csv->tokens = tokens;
    csv->token_capacity = capacity;
    return TRAWL_OK;
}

static trawl_status need_rows(tr_reader *reader, size_t n, trawl_error *err) {
    tr_csv_reader *csv = &reader->csv;
    TR_TRY(tr_rows_need(reader, n, err));
    if (csv->row_capacity >= reader->rows.capacity)
        return TRAWL_OK;
    size_t capacity = reader->rows.capacity;
    uint32_t *row_token = tr_arena_alloc(reader->local, capacity * sizeof *row_token, 64);
    uint32_t *row_fields = tr_arena_alloc(reader->local, capacity * sizeof *row_fields, 64);
    if (!row_token || !row_fields)
        return tr_fail_memory(err);
    if (csv->row_capacity) {
        memcpy(row_token, csv->row_token, csv->row_capacity * sizeof *row_token);
        memcpy(row_fields, csv->row_fields, csv->row_capacity * sizeof *row_fields);
    }
    csv->row_token = row_token;
    csv->row_fields = row_fields;
    csv->row_capacity = capacity;
    return TRAWL_OK;
}

static trawl_status add_row(tr_reader *reader, uint32_t start, uint32_t end, uint32_t token,
                            uint32_t fields, trawl_error *err) {
    tr_csv_reader *csv = &reader->csv;
    TR_TRY(need_rows(reader, 1, err));
    uint32_t row = reader->rows.n;
    csv->row_token[row] = token;
    csv->row_fields[row] = fields;
    tr_rows_add(reader, start, end);
    return TRAWL_OK;
}

/* A row with another number of fields than its file has. One empty field too many is a delimiter
 * at the line end, which does no harm. */
static void judge_row(tr_reader *reader, uint32_t row, uint32_t fields, bool broken) {
    const tr_csv_reader *csv = &reader->csv;
    uint32_t want = csv->field_count, start = reader->rows.start[row], end = reader->rows.end[row];
    tr_str bytes = tr_str_make(reader->text + start, end - start);
    if (broken) {
        tr_row_bad(reader, row, UINT32_MAX, bytes, "a quote without its pair");
    } else if (fields < want) {
        tr_row_bad(reader, row, UINT32_MAX, bytes, "fewer fields than columns");
    } else if (fields > want + 1 ||
               (fields == want + 1 && end > start &&
                (uint8_t)reader->text[end - 1] != reader->scan->files->shape.dialect.delimiter)) {
        tr_row_bad(reader, row, UINT32_MAX, bytes, "more fields than columns");
    }
}

/* Rows by the letter from `at` to the end of the block. */
static trawl_status letter_rows(tr_reader *reader, uint32_t at, trawl_error *err) {
    tr_csv_reader *csv = &reader->csv;
    const tr_csv_dialect *dialect = &reader->scan->files->shape.dialect;
    const char *text = reader->text;
    uint32_t n = reader->text_n, columns = csv->field_count;
    while (at < n) {
        TR_TRY(need_tokens(reader, columns, err));
        tr_csv_row row;
        uint32_t *tokens = csv->tokens + csv->token_count;
        tr_csv_end end =
            tr_csv_row_parse(text, n, at, dialect, reader->input_ended, tokens, columns, &row);
        if (end == TR_CSV_OPEN && n - at > TR_QUOTED_MAX)
            end = tr_csv_row_parse(text, n, at, dialect, true, tokens, columns, &row);
        if (end == TR_CSV_OPEN)
            break;
        bool blank = row.fields == 1 && columns > 1 &&
                     (row.end == at || (row.end == at + 1 && text[at] == '\r'));
        if (!blank) {
            TR_TRY(add_row(reader, at, row.end, (uint32_t)csv->token_count, row.fields, err));
            csv->token_count += row.fields < columns ? row.fields : columns;
            judge_row(reader, reader->rows.n - 1, row.fields, end == TR_CSV_BAD);
        }
        at = row.next;
    }
    reader->consumed += at;
    return TRAWL_OK;
}

/* All delimiters and line ends outside quotes. */
static trawl_status scan_tokens(tr_reader *reader, trawl_error *err) {
    const tr_csv_dialect *dialect = &reader->scan->files->shape.dialect;
    tr_csv_reader *csv = &reader->csv;
    tr_csv_carry carry = {0};
    uint32_t n = reader->text_n, piece = n < 1u << 20 ? n : 1u << 20;
    csv->token_count = 0;
    for (uint32_t at = 0; at < n; at += piece) {
        uint32_t len = n - at < piece ? n - at : piece;
        TR_TRY(need_tokens(reader, (size_t)len + 64, err));
        uint32_t *tokens = csv->tokens + csv->token_count;
        uint32_t count = reader->kernels->csv.scan(reader->text + at, len, dialect, &carry, tokens);
        for (uint32_t i = 0; at && i < count; i++)
            tokens[i] += at;
        csv->token_count += count;
    }
    csv->flags = carry.flags;
    return TRAWL_OK;
}

/* Every row is one line with the expected fields: nothing to judge. */
static bool is_regular(const tr_reader *reader, size_t tokens, size_t newlines) {
    const tr_csv_reader *csv = &reader->csv;
    size_t columns = csv->field_count;
    if (tokens != newlines * columns)
        return false;
    for (size_t i = columns - 1; i < tokens; i += columns) {
        if (reader->text[csv->tokens[i]] != '\n')
            return false;
    }
    return true;
}

static trawl_status regular_rows(tr_reader *reader, size_t tokens, trawl_error *err) {
    tr_csv_reader *csv = &reader->csv;
    uint32_t columns = csv->field_count, start = 0;
    TR_TRY(need_rows(reader, tokens / columns, err));
    for (uint32_t token = 0; token < tokens; token += columns) {
        uint32_t row = reader->rows.n, end = csv->tokens[token + columns - 1];
        csv->row_token[row] = token;
        csv->row_fields[row] = columns;
        tr_rows_add(reader, start, end);
        start = end + 1;
    }
    return TRAWL_OK;
}

/* Rows from tokens, some of which have another number of fields or several lines. *by_letter: from
 * *next on the kernels are not to be believed. */
static trawl_status ragged_rows(tr_reader *reader, size_t tokens, bool lines_in_rows,
                                uint32_t *next, bool *by_letter, trawl_error *err) {
    tr_csv_reader *csv = &reader->csv;
    const tr_csv_dialect *dialect = &reader->scan->files->shape.dialect;
    const char *text = reader->text;
    uint32_t columns = csv->field_count, start = 0;
    for (size_t first = 0, last; first < tokens; first = last + 1) {
        for (last = first; text[csv->tokens[last]] != '\n';)
            last++;
        uint32_t end = csv->tokens[last], fields = (uint32_t)(last - first) + 1;
        bool several = lines_in_rows && memchr(text + start, '\n', end - start);
        if (several || (fields != columns && (csv->flags & TR_CSV_QUOTE))) {
            tr_csv_row row;
            tr_csv_end how =
                tr_csv_row_parse(text, several ? reader->text_n : end + 1, start, dialect,
                                 !several || reader->input_ended, NULL, 0, &row);
            if (how != TR_CSV_ROW || row.fields != fields || row.end != end) {
                csv->token_count = first;
                *by_letter = true;
                *next = start;
                return TRAWL_OK;
            }
        }
        if (fields > 1 || columns == 1 ||
            !(end == start || (end == start + 1 && text[start] == '\r'))) {
            TR_TRY(add_row(reader, start, end, (uint32_t)first, fields, err));
            if (fields != columns)
                judge_row(reader, reader->rows.n - 1, fields, false);
        }
        start = end + 1;
    }
    *next = start;
    return TRAWL_OK;
}

static trawl_status split_fields(tr_reader *reader, trawl_error *err) {
    tr_csv_reader *csv = &reader->csv;
    const char *text = reader->text;
    TR_TRY(scan_tokens(reader, err));
    csv->fields_known = true;
    size_t tokens = csv->token_count;
    while (tokens && text[csv->tokens[tokens - 1]] != '\n')
        tokens--;
    uint32_t next = tokens ? csv->tokens[tokens - 1] + 1 : 0;
    size_t newlines = next ? reader->kernels->find.count_byte(text, next, '\n') : 0;
    bool by_letter = !tokens && (csv->flags & TR_CSV_QUOTE);
    if (tokens && is_regular(reader, tokens, newlines)) {
        TR_TRY(regular_rows(reader, tokens, err));
    } else if (tokens) {
        size_t row_ends = 0;
        for (size_t i = 0; i < tokens; i++)
            row_ends += text[csv->tokens[i]] == '\n';
        TR_TRY(ragged_rows(reader, tokens, newlines != row_ends, &next, &by_letter, err));
    }
    if (by_letter || (reader->input_ended && next < reader->text_n))
        return letter_rows(reader, next, err);
    reader->consumed += next;
    return TRAWL_OK;
}

/* Only rows with the literal; their fields are found one by one. Only where every line is a row. */
static trawl_status split_hits(tr_reader *reader, bool *done, trawl_error *err) {
    const tr_csv_dialect *dialect = &reader->scan->files->shape.dialect;
    tr_csv_reader *csv = &reader->csv;
    const char *text = reader->text;
    uint32_t n = reader->text_n;
    *done = false;
    if (dialect->quoted && reader->kernels->find.next_byte(text, n, 0, dialect->quote) < n) {
        tr_csv_carry carry = {0};
        size_t ends = 0;
        for (uint32_t at = 0; at < n; at += TR_OFFSETS) {
            uint32_t len = n - at < TR_OFFSETS ? n - at : TR_OFFSETS;
            ends += reader->kernels->csv.rows(text + at, len, dialect, &carry, reader->offsets);
        }
        if (ends != reader->kernels->find.count_byte(text, n, '\n'))
            return TRAWL_OK;
    }
    TR_TRY(tr_split_hits(reader, done, err));
    if (!*done)
        return TRAWL_OK;
    csv->token_count = 0;
    TR_TRY(need_rows(reader, 0, err));
    for (uint32_t row = 0; row < reader->rows.n; row++) {
        uint32_t columns = csv->field_count;
        tr_csv_row got;
        TR_TRY(need_tokens(reader, columns, err));
        tr_csv_end how =
            tr_csv_row_parse(text, reader->rows.end[row], reader->rows.start[row], dialect, true,
                             csv->tokens + csv->token_count, columns, &got);
        csv->row_token[row] = (uint32_t)csv->token_count;
        csv->row_fields[row] = got.fields;
        csv->token_count += got.fields < columns ? got.fields : columns;
        if (how == TR_CSV_BAD || got.fields != columns)
            judge_row(reader, row, got.fields, how == TR_CSV_BAD);
    }
    csv->fields_known = true;
    return TRAWL_OK;
}

trawl_status tr_csv_split(tr_reader *reader, trawl_error *err) {
    tr_csv_reader *csv = &reader->csv;
    const tr_files_scan *scan = reader->scan;
    csv->fields_known = false;
    if (scan->has_find && reader->dense_blocks) {
        reader->dense_blocks--;
    } else if (scan->has_find) {
        bool done;
        TR_TRY(split_hits(reader, &done, err));
        if (done)
            return TRAWL_OK;
    }
    if (scan->any_needed)
        return split_fields(reader, err);
    size_t consumed = reader->consumed;
    TR_TRY(tr_split_lines(reader, true, csv->field_count == 1, err));
    if (!(csv->flags & TR_CSV_QUOTE))
        return TRAWL_OK;
    /* Count as split_fields would: it differs only where quotes span lines. */
    const char *text = reader->text;
    size_t used = reader->consumed - consumed;
    if (used && reader->kernels->find.count_byte(text, used, '\n') == csv->row_ends)
        return TRAWL_OK;
    reader->consumed = consumed;
    reader->rows.n = 0;
    return split_fields(reader, err);
}

/* ---- the header row of a file ---- */

static trawl_status map_fields(tr_reader *reader, const tr_str *names, uint32_t count,
                               uint32_t *matched, trawl_error *err) {
    const tr_files *files = reader->scan->files;
    tr_csv_reader *csv = &reader->csv;
    const tr_schema *schema = &files->shape.schema;
    if (!csv->field_of)
        csv->field_of = tr_arena_alloc(reader->local, schema->count * sizeof *csv->field_of, 16);
    if (schema->count && !csv->field_of)
        return tr_fail_memory(err);
    *matched = 0;
    for (uint32_t i = 0; i < schema->count; i++) {
        int32_t field = -1;
        if (!names) {
            field = i < count ? (int32_t)i : -1;
        } else if (i < count && tr_str_equal(names[i], schema->fields[i].name)) {
            field = (int32_t)i;
        } else {
            for (uint32_t k = 0; k < count && field < 0; k++) {
                if (tr_str_equal(names[k], schema->fields[i].name))
                    field = (int32_t)k;
            }
        }
        csv->field_of[i] = field;
        *matched += field >= 0;
    }
    csv->field_count = count ? count : 1;
    return TRAWL_OK;
}

trawl_status tr_csv_header(tr_reader *reader, const char *text, uint32_t n, bool at_end,
                           uint32_t *next, bool *more, trawl_error *err) {
    const tr_files *files = reader->scan->files;
    tr_csv_reader *csv = &reader->csv;
    const tr_csv_dialect *dialect = &files->shape.dialect;
    uint32_t matched = 0, field_max = 65536;
    tr_csv_row row = {0};
    tr_csv_end how = TR_CSV_BAD;
    *next = 0;
    *more = false;
    csv->token_count = 0;
    TR_TRY(need_tokens(reader, field_max, err));
    if (files->shape.has_header && (n || !at_end))
        how = tr_csv_row_parse(text, n, 0, dialect, at_end, csv->tokens, field_max, &row);
    *more = how == TR_CSV_OPEN;
    if (*more)
        return TRAWL_OK;
    csv->mapped_file = reader->scan->morsels[reader->morsel].file;
    if (how != TR_CSV_ROW)
        return map_fields(reader, NULL, files->shape.field_count, &matched, err);
    uint32_t fields = row.fields < field_max ? row.fields : field_max;
    if (files->by_position) {
        *next = row.next;
        return map_fields(reader, NULL, fields, &matched, err);
    }
    if (!csv->field_of) /* must outlive the mark below */
        TR_TRY(map_fields(reader, NULL, fields, &matched, err));
    tr_arena_mark mark = tr_arena_here(reader->local);
    tr_str *names = TR_NEW_N(reader->local, tr_str, fields);
    trawl_status status = names ? TRAWL_OK : tr_fail_memory(err);
    if (status == TRAWL_OK)
        status = tr_csv_names(reader->local, text, 0, csv->tokens, fields, dialect, names, err);
    if (status == TRAWL_OK)
        status = map_fields(reader, names, fields, &matched, err);
    tr_arena_release(reader->local, mark);
    TR_TRY(status);
    if (matched) {
        *next = row.next;
        return TRAWL_OK;
    }
    /* A file without the header that its siblings have. */
    return map_fields(reader, NULL, files->shape.field_count, &matched, err);
}

/* ---- fields into vectors ---- */

/* The raw field, without the '\r' of a line end. False if the row does not have it. */
static inline bool raw_field(const tr_reader *reader, uint32_t row, uint32_t field, uint32_t *begin,
                             uint32_t *end) {
    const tr_csv_reader *csv = &reader->csv;
    uint32_t fields = csv->row_fields[row];
    if (field >= fields || field >= csv->field_count)
        return false;
    const uint32_t *tokens = csv->tokens + csv->row_token[row];
    *begin = field ? tokens[field - 1] + 1 : reader->rows.start[row];
    *end = tokens[field];
    if (field + 1 == fields && *end > *begin && reader->text[*end - 1] == '\r')
        --*end;
    return true;
}

trawl_status tr_csv_decode(tr_reader *reader, uint32_t column, const uint16_t *rows, uint32_t n,
                           tr_arena *scratch, tr_vec *out, trawl_error *err) {
    const tr_files *files = reader->scan->files;
    const tr_csv_dialect *dialect = &files->shape.dialect;
    tr_type type = files->shape.schema.fields[column].type;
    tr_vec texts;
    TR_TRY(tr_vec_new(scratch, TR_STRING, n, &texts, err));
    tr_str *str = texts.data;
    int32_t field = reader->csv.field_of[column];
    bool copied = false;
    for (uint32_t i = 0; field >= 0 && i < n; i++) {
        uint32_t row = reader->batch_first + (rows ? rows[i] : i), begin, end;
        if (!raw_field(reader, row, (uint32_t)field, &begin, &end))
            continue;
        if (end - begin < 2 || reader->text[begin] != (char)dialect->quote || !dialect->quoted) {
            str[i] = tr_str_make(reader->text + begin, end - begin);
            continue;
        }
        if (!tr_csv_field(reader->kernels, reader->text, begin, end, dialect, scratch, &str[i]))
            return tr_fail_memory(err);
        copied |= str[i].ptr < reader->text || str[i].ptr > reader->text + reader->text_n;
    }
    if (type != TR_STRING)
        return tr_values_parse(reader, column, type, str, rows, n, scratch, out, err);
    *out = texts;
    if (field >= 0 && !copied)
        tr_vec_mark_text(out, n);
    return TRAWL_OK;
}

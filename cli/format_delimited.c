/* cli/format_delimited.c: csv (RFC 4180, lines end in LF), tsv (backslash escapes) and raw (one
 * column as it is). Knows nothing of terminals. */
#include "cli/format.h"

/* ---- csv ---- */

static bool needs_quotes(tr_str text) {
    uint32_t special = 0;
    for (uint32_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        special |= (c == ',') | (c == '"') | (c == '\n') | (c == '\r');
    }
    return special;
}

static void put_quoted(cli_output *out, tr_str text) {
    const char *at = text.ptr, *end = at + text.len;
    cli_put_char(out, '"');
    while (at < end) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        const char *stop = quote ? quote + 1 : end;
        cli_put(out, at, (size_t)(stop - at));
        if (quote)
            cli_put_char(out, '"');
        at = stop;
    }
    cli_put_char(out, '"');
}

static void put_csv_text(cli_output *out, tr_str text) {
    if (needs_quotes(text))
        put_quoted(out, text);
    else
        cli_put_str(out, text);
}

static trawl_status csv_begin(cli_sink *sink, trawl_error *err) {
    (void)err;
    cli_begin_result(sink);
    for (uint32_t i = 0; i < sink->rows->column_count; i++) {
        if (i)
            cli_put_char(sink->out, ',');
        put_csv_text(sink->out, tr_str_c(sink->rows->columns[i].name));
    }
    cli_put_char(sink->out, '\n');
    return TRAWL_OK;
}

static void put_csv_cell(cli_sink *sink, const cli_column *c, int64_t row) {
    if (cli_is_null(c, row))
        return;
    if (cli_type_is_text(c->type)) {
        put_csv_text(sink->out, cli_cell_text(c, row, NULL, &sink->spare));
        return;
    }
    char *at = cli_room(sink->out, CLI_VALUE_BYTES);
    cli_wrote(sink->out, cli_write_fixed(at, c, row));
}

/* An empty cell of an only column is written "", or readers would take it for a blank line. */
static bool is_blank_line(const cli_sink *sink, int64_t row) {
    const cli_column *c = sink->rows->columns;
    return sink->rows->column_count == 1 &&
           (cli_is_null(c, row) || (cli_type_is_text(c->type) && !cli_text_at(c, row).len));
}

static trawl_status csv_rows(cli_sink *sink, int64_t n, trawl_error *err) {
    (void)err;
    const cli_rows *rows = sink->rows;
    for (int64_t row = 0; row < n; row++) {
        for (uint32_t i = 0; i < rows->column_count; i++) {
            if (i)
                cli_put_char(sink->out, ',');
            put_csv_cell(sink, &rows->columns[i], row);
        }
        cli_put_text(sink->out, is_blank_line(sink, row) ? "\"\"\n" : "\n");
    }
    return TRAWL_OK;
}

static trawl_status nothing(cli_sink *sink, trawl_error *err) {
    (void)sink;
    (void)err;
    return TRAWL_OK;
}

/* ---- tsv ---- */

static bool needs_escapes(tr_str text) {
    uint32_t special = 0;
    for (uint32_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        special |= (c == '\t') | (c == '\n') | (c == '\r') | (c == '\\');
    }
    return special;
}

static void put_tsv_text(cli_output *out, tr_str text) {
    if (!needs_escapes(text)) {
        cli_put_str(out, text);
        return;
    }
    static const char specials[] = "\t\n\r\\", letters[] = "tnr\\";
    uint32_t run = 0;
    for (uint32_t i = 0; i < text.len; i++) {
        const char *special = memchr(specials, text.ptr[i], 4);
        if (!special)
            continue;
        cli_put(out, text.ptr + run, i - run);
        char escape[2] = {'\\', letters[special - specials]};
        cli_put(out, escape, 2);
        run = i + 1;
    }
    cli_put(out, text.ptr + run, text.len - run);
}

static trawl_status tsv_begin(cli_sink *sink, trawl_error *err) {
    (void)err;
    cli_begin_result(sink);
    for (uint32_t i = 0; i < sink->rows->column_count; i++) {
        if (i)
            cli_put_char(sink->out, '\t');
        put_tsv_text(sink->out, tr_str_c(sink->rows->columns[i].name));
    }
    cli_put_char(sink->out, '\n');
    return TRAWL_OK;
}

static trawl_status tsv_rows(cli_sink *sink, int64_t n, trawl_error *err) {
    (void)err;
    const cli_rows *rows = sink->rows;
    char scratch[CLI_VALUE_BYTES];
    for (int64_t row = 0; row < n; row++) {
        for (uint32_t i = 0; i < rows->column_count; i++) {
            if (i)
                cli_put_char(sink->out, '\t');
            put_tsv_text(sink->out, cli_cell_text(&rows->columns[i], row, scratch, &sink->spare));
        }
        cli_put_char(sink->out, '\n');
    }
    return TRAWL_OK;
}

/* ---- raw ---- */

static trawl_status raw_begin(cli_sink *sink, trawl_error *err) {
    if (sink->rows->column_count == 1)
        return TRAWL_OK;
    tr_fail(err, TRAWL_E_USAGE, "-o raw prints one column, this result has %u",
            sink->rows->column_count);
    tr_hint(err, "add '| project Column', or use -o tsv");
    return TRAWL_E_USAGE;
}

static trawl_status raw_rows(cli_sink *sink, int64_t n, trawl_error *err) {
    (void)err;
    char scratch[CLI_VALUE_BYTES];
    for (int64_t row = 0; row < n; row++) {
        cli_put_str(sink->out, cli_cell_text(sink->rows->columns, row, scratch, &sink->spare));
        cli_put_char(sink->out, '\n');
    }
    return TRAWL_OK;
}

const cli_format cli_format_csv = {"csv", "csv", csv_begin, csv_rows, nothing};
const cli_format cli_format_tsv = {"tsv", "tsv", tsv_begin, tsv_rows, nothing};
const cli_format cli_format_raw = {"raw", NULL, raw_begin, raw_rows, nothing};

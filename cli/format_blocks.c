/* cli/format_blocks.c: vertical (a line a cell), html and datatable (a literal that runs as a
 * query). Knows nothing of terminals. */
#include "cli/format.h"
#include "cli/utf8.h"

static trawl_status nothing(cli_sink *sink, trawl_error *err) {
    (void)sink;
    (void)err;
    return TRAWL_OK;
}

/* ---- vertical ---- */

typedef struct vertical_state {
    int64_t row;
    uint32_t name_width;
} vertical_state;

static trawl_status vertical_begin(cli_sink *sink, trawl_error *err) {
    vertical_state *state = TR_NEW(sink->arena, vertical_state);
    if (!state)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < sink->rows->column_count; i++) {
        const char *name = sink->rows->columns[i].name;
        uint32_t width = cli_text_width(name, strlen(name));
        state->name_width = width > state->name_width ? width : state->name_width;
    }
    sink->state = state;
    cli_begin_result(sink);
    return TRAWL_OK;
}

static trawl_status put_line(cli_sink *sink, uint32_t name_width, const cli_column *c, int64_t row,
                             trawl_error *err) {
    char scratch[CLI_VALUE_BYTES];
    tr_str text = cli_cell_text(c, row, scratch, &sink->spare);
    tr_str shown = cli_shown_text(sink->arena, text, false);
    if (!shown.ptr)
        return tr_fail_memory(err);
    cli_put_repeated(sink->out, " ", name_width - cli_text_width(c->name, strlen(c->name)));
    cli_put_text(sink->out, c->name);
    cli_put_text(sink->out, cli_is_null(c, row) ? ": null" : ": ");
    cli_put_str(sink->out, shown);
    cli_put_char(sink->out, '\n');
    return TRAWL_OK;
}

static trawl_status vertical_rows(cli_sink *sink, int64_t n, trawl_error *err) {
    vertical_state *state = sink->state;
    const cli_rows *rows = sink->rows;
    tr_arena_mark mark = tr_arena_here(sink->arena);
    for (int64_t row = 0; row < n; row++) {
        char scratch[CLI_VALUE_BYTES];
        cli_put_text(sink->out, "-- row ");
        cli_put(sink->out, scratch, (size_t)(cli_write_long(scratch, ++state->row) - scratch));
        cli_put_text(sink->out, " --\n");
        for (uint32_t i = 0; i < rows->column_count; i++)
            TR_TRY(put_line(sink, state->name_width, &rows->columns[i], row, err));
        tr_arena_release(sink->arena, mark);
    }
    return TRAWL_OK;
}

/* ---- html ---- */

static void put_html_text(cli_output *out, tr_str text) {
    for (uint32_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '&': cli_put_text(out, "&amp;"); break;
        case '<': cli_put_text(out, "&lt;"); break;
        case '>': cli_put_text(out, "&gt;"); break;
        case '"': cli_put_text(out, "&quot;"); break;
        default: cli_put_char(out, text.ptr[i]);
        }
    }
}

static trawl_status html_begin(cli_sink *sink, trawl_error *err) {
    (void)err;
    if (!sink->result_i)
        cli_put_text(sink->out, "<!doctype html>\n<meta charset=\"utf-8\">\n");
    cli_put_text(sink->out, "<table>\n<thead><tr>");
    for (uint32_t i = 0; i < sink->rows->column_count; i++) {
        cli_put_text(sink->out, "<th>");
        put_html_text(sink->out, tr_str_c(sink->rows->columns[i].name));
        cli_put_text(sink->out, "</th>");
    }
    cli_put_text(sink->out, "</tr></thead>\n<tbody>\n");
    return TRAWL_OK;
}

static trawl_status html_rows(cli_sink *sink, int64_t n, trawl_error *err) {
    (void)err;
    const cli_rows *rows = sink->rows;
    char scratch[CLI_VALUE_BYTES];
    for (int64_t row = 0; row < n; row++) {
        cli_put_text(sink->out, "<tr>");
        for (uint32_t i = 0; i < rows->column_count; i++) {
            const cli_column *c = &rows->columns[i];
            bool number = cli_type_is_number(c->type);
            cli_put_text(sink->out, number ? "<td style=\"text-align:right\">" : "<td>");
            put_html_text(sink->out, cli_cell_text(c, row, scratch, &sink->spare));
            cli_put_text(sink->out, "</td>");
        }
        cli_put_text(sink->out, "</tr>\n");
    }
    return TRAWL_OK;
}

static trawl_status html_end(cli_sink *sink, trawl_error *err) {
    (void)err;
    cli_put_text(sink->out, "</tbody>\n</table>\n");
    return TRAWL_OK;
}

/* ---- datatable ---- */

static bool is_plain_name(const char *name) {
    bool plain = *name && !(*name >= '0' && *name <= '9');
    for (; *name; name++) {
        char c = (char)(*name | 32);
        plain = plain && ((c >= 'a' && c <= 'z') || (*name >= '0' && *name <= '9') || *name == '_');
    }
    return plain;
}

static trawl_status datatable_begin(cli_sink *sink, trawl_error *err) {
    (void)err;
    cli_begin_result(sink);
    cli_put_text(sink->out, "datatable(");
    for (uint32_t i = 0; i < sink->rows->column_count; i++) {
        const cli_column *c = &sink->rows->columns[i];
        if (i)
            cli_put_text(sink->out, ", ");
        if (is_plain_name(c->name)) {
            cli_put_text(sink->out, c->name);
        } else {
            cli_put_char(sink->out, '[');
            cli_put_json_string(sink->out, c->name, strlen(c->name));
            cli_put_char(sink->out, ']');
        }
        cli_put_char(sink->out, ':');
        cli_put_text(sink->out, cli_type_name(c->type));
    }
    cli_put_text(sink->out, ") [\n");
    return TRAWL_OK;
}

static void put_literal(cli_sink *sink, const cli_column *c, int64_t row) {
    cli_output *out = sink->out;
    if (cli_is_null(c, row)) {
        cli_put_text(out, cli_type_name(c->type));
        cli_put_text(out, "(null)");
        return;
    }
    if (c->type == CLI_STRING) {
        tr_str text = cli_text_at(c, row);
        cli_put_json_string(out, text.ptr, text.len);
        return;
    }
    if (c->type == CLI_LONG || c->type == CLI_BOOL) {
        cli_wrote(out, cli_write_fixed(cli_room(out, CLI_VALUE_BYTES), c, row));
        return;
    }
    cli_put_text(out, cli_type_name(c->type));
    cli_put_char(out, '(');
    if (c->type == CLI_REAL && cli_real_at(c, row) - cli_real_at(c, row) != 0) {
        double v = cli_real_at(c, row);
        cli_put_text(out, v != v ? "nan" : v > 0 ? "+inf" : "-inf");
    } else if (cli_type_is_text(c->type)) {
        cli_put_str(out, cli_text_at(c, row));
    } else {
        cli_wrote(out, cli_write_fixed(cli_room(out, CLI_VALUE_BYTES), c, row));
    }
    cli_put_char(out, ')');
}

static trawl_status datatable_rows(cli_sink *sink, int64_t n, trawl_error *err) {
    (void)err;
    const cli_rows *rows = sink->rows;
    for (int64_t row = 0; row < n; row++) {
        cli_put_text(sink->out, "  ");
        for (uint32_t i = 0; i < rows->column_count; i++) {
            put_literal(sink, &rows->columns[i], row);
            cli_put_text(sink->out, i + 1 < rows->column_count ? ", " : ",\n");
        }
    }
    return TRAWL_OK;
}

static trawl_status datatable_end(cli_sink *sink, trawl_error *err) {
    (void)err;
    cli_put_text(sink->out, "]\n");
    return TRAWL_OK;
}

const cli_format cli_format_vertical = {"vertical", NULL, vertical_begin, vertical_rows, nothing};
const cli_format cli_format_html = {"html", "html", html_begin, html_rows, html_end};
const cli_format cli_format_datatable = {"datatable", "kql", datatable_begin, datatable_rows,
                                         datatable_end};

/* cli/format_chart.c: what box prints for `render`: a line with a bar for each row and number.
 * Every row is there with its value, so that nothing of the result is lost in the picture.
 *
 * Rows are held until the end, because the longest bar sets the scale. Knows no terminal itself. */
#include <math.h>
#include <stdio.h>

#include "cli/format.h"
#include "cli/utf8.h"

enum { WIDTH_DEFAULT = 80, BAR_LEAST = 10, LABEL_MOST = 40 };

typedef struct chart_row {
    tr_str label;
    struct chart_row *next;
    double values[]; /* one for each y column; a null is NaN */
} chart_row;

typedef struct chart_state {
    uint32_t *y; /* numbers of the columns that are drawn */
    uint32_t y_count;
    int32_t x; /* the number column that labels rows, or -1: every column that is no number does */
    bool is_pie;
    chart_row *first, **last;
    double largest, sum;
    uint32_t label_width;
    tr_buf label;
} chart_state;

bool cli_chart_is_drawn(const char *chart) {
    static const char *const drawn[] = {"timechart", "linechart",        "areachart", "columnchart",
                                        "barchart",  "stackedareachart", "piechart"};
    for (size_t i = 0; i < sizeof drawn / sizeof *drawn; i++)
        if (strcmp(chart, drawn[i]) == 0)
            return true;
    return false;
}

/* The text of a member of the flat object of render's properties. */
static tr_str property(cli_sink *sink, const char *name) {
    const char *json = sink->render;
    tr_str none = {"", 0, 0};
    size_t n = strlen(name);
    for (const char *at = json; at && (at = strstr(at, name)); at += n) {
        if (at == json || at[-1] != '"' || strncmp(at + n, "\":\"", 3) != 0)
            continue;
        const char *text = at + n + 3, *end = text;
        while (*end && *end != '"')
            end += end[0] == '\\' && end[1] ? 2 : 1;
        if (!*end)
            return none;
        return cli_json_text((tr_str){text - 1, (uint32_t)(end - text) + 2, 0}, &sink->spare);
    }
    return none;
}

static bool find_columns(cli_sink *sink, chart_state *state) {
    const cli_rows *rows = sink->rows;
    tr_str wanted = property(sink, "xcolumn");
    uint32_t numbers = 0;
    state->x = -1;
    for (uint32_t i = 0; i < rows->column_count; i++) {
        numbers += cli_type_is_number(rows->columns[i].type);
        if (wanted.len && tr_str_is(wanted, rows->columns[i].name))
            state->x = (int32_t)i;
    }
    if (state->x < 0 && numbers == rows->column_count)
        state->x = 0; /* nothing but numbers: the first is the axis */
    for (uint32_t i = 0; i < rows->column_count; i++)
        if (cli_type_is_number(rows->columns[i].type) && (int32_t)i != state->x &&
            rows->columns[i].type != CLI_DECIMAL)
            state->y[state->y_count++] = i;
    return state->y_count > 0;
}

static trawl_status chart_begin(cli_sink *sink, trawl_error *err) {
    chart_state *state = TR_NEW(sink->arena, chart_state);
    uint32_t *y = TR_NEW_N(sink->arena, uint32_t, sink->rows->column_count + 1);
    if (!state || !y)
        return tr_fail_memory(err);
    state->y = y;
    if (!find_columns(sink, state)) {
        sink->format = &cli_format_box; /* nothing to draw */
        return sink->format->begin(sink, err);
    }
    state->is_pie = strcmp(sink->chart, "piechart") == 0;
    state->last = &state->first;
    tr_buf_start(&state->label, sink->arena);
    sink->state = state;
    cli_begin_result(sink);
    tr_str title = property(sink, "title");
    if (title.len) {
        tr_str shown = cli_shown_text(sink->arena, title, false);
        if (!shown.ptr)
            return tr_fail_memory(err);
        cli_put_str(sink->out, shown);
        cli_put_char(sink->out, '\n');
    }
    return TRAWL_OK;
}

static void add_label_part(cli_sink *sink, uint32_t column, int64_t row) {
    chart_state *state = sink->state;
    char scratch[CLI_VALUE_BYTES];
    const cli_column *c = &sink->rows->columns[column];
    tr_str text = cli_cell_text(c, row, scratch, &sink->spare);
    if (c->type == CLI_DATETIME && text.len > 20)
        text.len = 19; /* a label needs no fraction */
    if (state->label.n)
        tr_buf_put_char(&state->label, ' ');
    if (cli_is_null(c, row))
        tr_buf_put_text(&state->label, "null");
    else
        tr_buf_put_str(&state->label, text);
}

static tr_str row_label(cli_sink *sink, int64_t row) {
    chart_state *state = sink->state;
    state->label.n = 0;
    for (uint32_t i = 0; i < sink->rows->column_count; i++)
        if ((int32_t)i == state->x || !cli_type_is_number(sink->rows->columns[i].type))
            add_label_part(sink, i, row);
    if (state->label.failed)
        return (tr_str){NULL, 0, 0};
    tr_str text = {state->label.n ? state->label.bytes : "", (uint32_t)state->label.n, 0};
    return cli_shown_text(sink->arena, text, false);
}

static double number_at(const cli_column *c, int64_t row) {
    if (cli_is_null(c, row))
        return (double)NAN;
    return c->type == CLI_REAL ? cli_real_at(c, row) : (double)cli_long_at(c, row);
}

static trawl_status chart_rows(cli_sink *sink, int64_t n, trawl_error *err) {
    chart_state *state = sink->state;
    for (int64_t row = 0; row < n; row++) {
        chart_row *held = tr_arena_zalloc(
            sink->arena, sizeof *held + state->y_count * sizeof(double), _Alignof(chart_row));
        tr_str label = held ? row_label(sink, row) : (tr_str){NULL, 0, 0};
        if (!label.ptr)
            return tr_fail_memory(err);
        held->label = label;
        uint32_t width = cli_text_width(label.ptr, label.len);
        state->label_width = width > state->label_width ? width : state->label_width;
        for (uint32_t i = 0; i < state->y_count; i++) {
            double v = number_at(&sink->rows->columns[state->y[i]], row);
            double size = v < 0 ? -v : v;
            held->values[i] = v;
            if (size - size == 0) {
                state->largest = size > state->largest ? size : state->largest;
                state->sum += size;
            }
        }
        *state->last = held;
        state->last = &held->next;
    }
    return TRAWL_OK;
}

/* Eighths of a character cell; what is below zero is shaded. */
static void put_bar(cli_sink *sink, double share, bool negative, uint32_t width) {
    static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    uint32_t eighths = (uint32_t)(share * width * 8 + 0.5);
    if (sink->color)
        cli_put_text(sink->out, negative ? "\x1b[31m" : "\x1b[36m");
    cli_put_repeated(sink->out, negative ? "▒" : "█", eighths / 8);
    cli_put_text(sink->out, negative ? "" : parts[eighths % 8]);
    if (sink->color)
        cli_put_text(sink->out, "\x1b[0m");
    cli_put_char(sink->out, ' ');
}

static void put_label(cli_sink *sink, tr_str label, uint32_t room) {
    uint32_t width = cli_text_width(label.ptr, label.len);
    const char *at = label.ptr, *end = at + label.len;
    uint32_t used = 0;
    while (at < end) {
        const char *before = at;
        uint32_t w = cli_width(cli_utf8_next(&at, end));
        if (width > room && used + w > room - 1) {
            cli_put_text(sink->out, "…");
            used++;
            break;
        }
        cli_put(sink->out, before, (size_t)(at - before));
        used += w;
    }
    cli_put_repeated(sink->out, " ", used < room ? room - used : 0);
}

static void put_value(cli_sink *sink, double v) {
    const chart_state *state = sink->state;
    char text[CLI_VALUE_BYTES];
    if (v != v)
        cli_put_text(sink->out, "null");
    else
        cli_put(sink->out, text, (size_t)(cli_write_real(text, v) - text));
    if (state->is_pie && state->sum > 0 && v - v == 0) {
        int n = snprintf(text, sizeof text, "  %.1f%%", (v < 0 ? -v : v) / state->sum * 100);
        cli_put(sink->out, text, (size_t)n);
    }
    cli_put_char(sink->out, '\n');
}

static trawl_status chart_end(cli_sink *sink, trawl_error *err) {
    (void)err;
    const chart_state *state = sink->state;
    uint32_t total = sink->width ? sink->width : WIDTH_DEFAULT, name_width = 0;
    uint32_t label = state->label_width < LABEL_MOST ? state->label_width : LABEL_MOST;
    for (uint32_t i = 0; state->y_count > 1 && i < state->y_count; i++) {
        const char *name = sink->rows->columns[state->y[i]].name;
        uint32_t width = cli_text_width(name, strlen(name)) + 1;
        name_width = width > name_width ? width : name_width;
    }
    uint32_t taken = label + 3 + name_width + (state->is_pie ? 24 : 18);
    uint32_t width = total > taken + BAR_LEAST ? total - taken : BAR_LEAST;
    for (const chart_row *row = state->first; row; row = row->next)
        for (uint32_t i = 0; i < state->y_count; i++) {
            double v = row->values[i], size = v < 0 ? -v : v;
            put_label(sink, i ? (tr_str){"", 0, 0} : row->label, label);
            cli_put_text(sink->out, " │ ");
            if (name_width)
                put_label(sink, tr_str_c(sink->rows->columns[state->y[i]].name), name_width);
            if (size - size == 0 && state->largest > 0 && size > 0)
                put_bar(sink, size / state->largest, v < 0, width);
            put_value(sink, v);
        }
    return TRAWL_OK;
}

const cli_format cli_format_chart = {"chart", NULL, chart_begin, chart_rows, chart_end};

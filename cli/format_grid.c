/* cli/format_grid.c: box (for terminals), table and markdown: aligned columns.
 *
 * The first rows are held back to find the widths of columns; the rest streams, and cells that are
 * longer are cut with an ellipsis where the width is limited. Control characters of the data never
 * reach the terminal. Knows no terminal itself: width and colour come with the sink. */
#include "cli/format.h"
#include "cli/utf8.h"

enum { HELD_ROWS = 1000, WIDTH_LEAST = 4 };

#define DIM      "\x1b[2m"
#define BOLD     "\x1b[1m"
#define PLAIN    "\x1b[0m"
#define ELLIPSIS "\xe2\x80\xa6"

typedef struct grid_style {
    const char *before, *between, *after; /* of a row */
    uint32_t edge_width, between_width;   /* edge: before and after together */
    bool framed, typed, cut, is_markdown;
} grid_style;

static const grid_style box_style = {"│ ", " │ ", " │", 4, 3, true, true, true, false};
static const grid_style table_style = {"", "  ", "", 0, 2, false, false, true, false};
static const grid_style markdown_style = {"| ", " | ", " |", 4, 3, false, false, false, true};

typedef struct grid_column {
    uint32_t width;
    bool right;
} grid_column;

typedef struct grid_state {
    const grid_style *style;
    grid_column *columns;
    uint32_t shown; /* columns; the rest does not fit */
    tr_str *held;   /* [HELD_ROWS][column_count] */
    int64_t held_rows;
    bool started; /* widths are known, the head is written */
} grid_state;

static const char null_text[] = "null";

static bool is_null_text(tr_str cell) {
    return cell.ptr == null_text;
}

/* ---- cells ---- */

static bool is_shown_as_is(tr_str text, bool is_markdown) {
    uint32_t special = 0;
    for (uint32_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];
        special |= (c < 0x20) | (c >= 0x7f) | (is_markdown & (c == '|'));
    }
    return !special;
}

static void put_control(tr_buf *buf, uint32_t code, bool is_markdown) {
    static const char hex[] = "0123456789abcdef";
    if (code == '\n' && is_markdown)
        tr_buf_put_text(buf, "<br>");
    else if (code == '\n' || code == '\r' || code == '\t')
        tr_buf_put_text(buf, code == '\n' ? "\\n" : code == '\r' ? "\\r" : "\\t");
    else {
        char text[4] = {'\\', 'x', hex[code >> 4 & 15], hex[code & 15]};
        tr_buf_put(buf, text, 4);
    }
}

tr_str cli_shown_text(tr_arena *arena, tr_str text, bool is_markdown) {
    if (is_shown_as_is(text, is_markdown))
        return (tr_str){tr_arena_text(arena, text.ptr, text.len), text.len, 0};
    tr_buf buf;
    tr_buf_start(&buf, arena);
    tr_buf_need(&buf, text.len + 16);
    for (const char *at = text.ptr, *end = at + text.len; at < end;) {
        uint32_t code = cli_utf8_next(&at, end);
        char utf8[4];
        if (code < 0x20 || (code >= 0x7f && code < 0xa0))
            put_control(&buf, code, is_markdown);
        else if (code == '|' && is_markdown)
            tr_buf_put_text(&buf, "\\|");
        else
            tr_buf_put(&buf, utf8, cli_utf8_write(utf8, code));
    }
    return (tr_str){buf.failed ? NULL : buf.bytes, (uint32_t)buf.n, 0};
}

/* 2024-01-01T00:00:00.5000000Z -> 2024-01-01T00:00:00.5Z */
static uint32_t trim_fraction(char *text, uint32_t bytes) {
    uint32_t n = bytes - 1; /* the Z */
    if (bytes < 28)
        return bytes;
    while (text[n - 1] == '0')
        n--;
    n -= text[n - 1] == '.';
    text[n] = 'Z';
    return n + 1;
}

static tr_str cell_text(cli_sink *sink, const grid_state *state, uint32_t column, int64_t row) {
    const cli_column *c = &sink->rows->columns[column];
    if (cli_is_null(c, row))
        return state->style->is_markdown ? (tr_str){"", 0, 0} : (tr_str){null_text, 4, 0};
    char scratch[CLI_VALUE_BYTES];
    tr_str text = cli_cell_text(c, row, scratch, &sink->spare);
    if (c->type == CLI_DATETIME && state->style->framed)
        text.len = trim_fraction(scratch, text.len);
    return cli_shown_text(sink->arena, text, state->style->is_markdown);
}

/* Bytes of the longest beginning of text that is at most `width` wide. */
static size_t bytes_within(tr_str text, uint32_t width) {
    const char *at = text.ptr, *end = at + text.len;
    while (at < end) {
        const char *before = at;
        uint32_t w = cli_width(cli_utf8_next(&at, end));
        if (w > width)
            return (size_t)(before - text.ptr);
        width -= w;
    }
    return text.len;
}

static void put_cell(cli_sink *sink, const grid_column *column, tr_str text, const char *colour,
                     bool is_last) {
    cli_output *out = sink->out;
    const grid_state *state = sink->state;
    uint32_t width = cli_text_width(text.ptr, text.len);
    bool cut = sink->width && state->style->cut && width > column->width;
    size_t bytes = text.len;
    if (cut) {
        bytes = bytes_within(text, column->width - 1);
        width = cli_text_width(text.ptr, bytes) + 1;
    }
    uint32_t pad = width < column->width ? column->width - width : 0;
    if (column->right)
        cli_put_repeated(out, " ", pad);
    if (sink->color && colour)
        cli_put_text(out, colour);
    cli_put(out, text.ptr, bytes);
    if (cut)
        cli_put_text(out, ELLIPSIS);
    if (sink->color && colour)
        cli_put_text(out, PLAIN);
    if (!column->right && !(is_last && !*state->style->after))
        cli_put_repeated(out, " ", pad);
}

static void put_row(cli_sink *sink, const tr_str *cells, const char *colour) {
    const grid_state *state = sink->state;
    cli_put_text(sink->out, state->style->before);
    for (uint32_t i = 0; i < state->shown; i++) {
        if (i)
            cli_put_text(sink->out, state->style->between);
        const char *shade = is_null_text(cells[i]) ? DIM : colour;
        put_cell(sink, &state->columns[i], cells[i], shade, i + 1 == state->shown);
    }
    cli_put_text(sink->out, state->style->after);
    cli_put_char(sink->out, '\n');
}

static void put_rule(cli_sink *sink, const char *left, const char *line, const char *middle,
                     const char *right) {
    const grid_state *state = sink->state;
    uint32_t around = state->style->framed ? 2 : 0;
    cli_put_text(sink->out, left);
    for (uint32_t i = 0; i < state->shown; i++) {
        if (i)
            cli_put_text(sink->out, middle);
        cli_put_repeated(sink->out, line, state->columns[i].width + around);
    }
    cli_put_text(sink->out, right);
    cli_put_char(sink->out, '\n');
}

static void put_markdown_rule(cli_sink *sink) {
    const grid_state *state = sink->state;
    cli_put_char(sink->out, '|');
    for (uint32_t i = 0; i < state->shown; i++) {
        cli_put_repeated(sink->out, "-", state->columns[i].width + 1);
        cli_put_text(sink->out, state->columns[i].right ? ":|" : "-|");
    }
    cli_put_char(sink->out, '\n');
}

/* ---- widths ---- */

static uint64_t total_width(const grid_state *state, uint32_t cap) {
    uint64_t total = state->style->edge_width;
    for (uint32_t i = 0; i < state->shown; i++) {
        uint32_t width = state->columns[i].width;
        total += (i ? state->style->between_width : 0) + (width < cap ? width : cap);
    }
    return total;
}

/* Columns that would be narrower than WIDTH_LEAST are left out; the others share the width: the
 * widest shrink first. */
static void fit(grid_state *state, uint32_t width) {
    while (state->shown > 1 && total_width(state, WIDTH_LEAST) > width)
        state->shown--;
    uint32_t low = WIDTH_LEAST, high = width > WIDTH_LEAST ? width : WIDTH_LEAST;
    while (low < high) {
        uint32_t cap = (low + high + 1) / 2;
        if (total_width(state, cap) <= width)
            low = cap;
        else
            high = cap - 1;
    }
    uint64_t spare = width - total_width(state, low);
    if (total_width(state, low) > width)
        spare = 0;
    for (uint32_t i = 0; i < state->shown; i++) {
        grid_column *c = &state->columns[i];
        if (c->width <= low)
            continue;
        c->width = low + (spare > 0);
        spare -= spare > 0;
    }
}

static void find_widths(cli_sink *sink, grid_state *state, const tr_str *names) {
    uint32_t count = sink->rows->column_count;
    for (uint32_t i = 0; i < count; i++) {
        const cli_column *c = &sink->rows->columns[i];
        uint32_t width = cli_text_width(names[i].ptr, names[i].len);
        uint32_t type_width = state->style->typed ? (uint32_t)strlen(cli_type_name(c->type)) : 1;
        width = width > type_width ? width : type_width;
        for (int64_t row = 0; row < state->held_rows; row++) {
            tr_str cell = state->held[(size_t)row * count + i];
            uint32_t w = cli_text_width(cell.ptr, cell.len);
            width = w > width ? w : width;
        }
        state->columns[i] = (grid_column){width, cli_type_is_number(c->type)};
    }
    if (sink->width && state->style->cut)
        fit(state, sink->width);
}

/* ---- the format ---- */

static trawl_status put_head(cli_sink *sink, trawl_error *err) {
    grid_state *state = sink->state;
    uint32_t count = sink->rows->column_count;
    tr_str *names = TR_NEW_N(sink->arena, tr_str, count + 1);
    tr_str *kinds = TR_NEW_N(sink->arena, tr_str, count + 1);
    if (!names || !kinds)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        const cli_column *c = &sink->rows->columns[i];
        names[i] = cli_shown_text(sink->arena, tr_str_c(c->name), state->style->is_markdown);
        kinds[i] = tr_str_c(cli_type_name(c->type));
        if (!names[i].ptr)
            return tr_fail_memory(err);
    }
    state->started = true;
    state->shown = count;
    find_widths(sink, state, names);
    if (state->style->framed)
        put_rule(sink, "┌", "─", "┬", "┐");
    put_row(sink, names, BOLD);
    if (state->style->typed)
        put_row(sink, kinds, DIM);
    if (state->style->framed)
        put_rule(sink, "├", "─", "┼", "┤");
    else if (state->style->is_markdown)
        put_markdown_rule(sink);
    else
        put_rule(sink, "", "-", "  ", "");
    for (int64_t row = 0; row < state->held_rows; row++)
        put_row(sink, state->held + (size_t)row * count, NULL);
    return TRAWL_OK;
}

static trawl_status begin(cli_sink *sink, const grid_style *style, trawl_error *err) {
    uint32_t count = sink->rows->column_count;
    grid_state *state = TR_NEW(sink->arena, grid_state);
    if (!state)
        return tr_fail_memory(err);
    *state = (grid_state){.style = style};
    state->columns = TR_NEW_N(sink->arena, grid_column, count + 1);
    state->held = TR_NEW_N(sink->arena, tr_str, (size_t)HELD_ROWS * count + 1);
    if (!state->columns || !state->held)
        return tr_fail_memory(err);
    sink->state = state;
    cli_begin_result(sink);
    return TRAWL_OK;
}

static trawl_status box_begin(cli_sink *sink, trawl_error *err) {
    return begin(sink, &box_style, err);
}

static trawl_status table_begin(cli_sink *sink, trawl_error *err) {
    return begin(sink, &table_style, err);
}

static trawl_status markdown_begin(cli_sink *sink, trawl_error *err) {
    return begin(sink, &markdown_style, err);
}

/* The cells of a row in the arena. */
static trawl_status take_row(cli_sink *sink, int64_t row, tr_str *cells, trawl_error *err) {
    for (uint32_t i = 0; i < sink->rows->column_count; i++) {
        cells[i] = cell_text(sink, sink->state, i, row);
        if (!cells[i].ptr)
            return tr_fail_memory(err);
    }
    return TRAWL_OK;
}

static trawl_status grid_rows(cli_sink *sink, int64_t n, trawl_error *err) {
    grid_state *state = sink->state;
    uint32_t count = sink->rows->column_count;
    int64_t row = 0;
    for (; row < n && state->held_rows < HELD_ROWS; row++) {
        tr_str *cells = state->held + (size_t)state->held_rows * count;
        TR_TRY(take_row(sink, row, cells, err));
        state->held_rows++;
    }
    if (row == n)
        return TRAWL_OK;
    if (!state->started)
        TR_TRY(put_head(sink, err));
    tr_arena_mark mark = tr_arena_here(sink->arena);
    for (; row < n; row++) {
        tr_str *cells = TR_NEW_N(sink->arena, tr_str, count + 1);
        if (!cells)
            return tr_fail_memory(err);
        TR_TRY(take_row(sink, row, cells, err));
        put_row(sink, cells, NULL);
        tr_arena_release(sink->arena, mark);
    }
    return TRAWL_OK;
}

static trawl_status grid_end(cli_sink *sink, trawl_error *err) {
    grid_state *state = sink->state;
    if (!state->started)
        TR_TRY(put_head(sink, err));
    if (state->style->framed)
        put_rule(sink, "└", "─", "┴", "┘");
    uint32_t hidden = sink->rows->column_count - state->shown;
    if (hidden) {
        char text[24];
        cli_put(sink->out, text, (size_t)(cli_write_long(text, hidden) - text));
        cli_put_text(sink->out,
                     hidden == 1 ? " more column does not fit: " : " more columns do not fit: ");
        cli_put_text(sink->out, "-o vertical shows all\n");
    }
    return TRAWL_OK;
}

const cli_format cli_format_box = {"box", NULL, box_begin, grid_rows, grid_end};
const cli_format cli_format_table = {"table", "txt", table_begin, grid_rows, grid_end};
const cli_format cli_format_markdown = {"markdown", "md", markdown_begin, grid_rows, grid_end};

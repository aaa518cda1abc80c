/* runtime/func/geo/h3.c: levels, parents and children of H3 cells: what can be read off their
 * numbers. Must not know where cells lie.
 *
 * A number is 4 bits 0001, 3 bits 0, 4 bits of level, 7 bits of base cell, 15 digits of 3 bits, 7
 * below the level. Twelve base cells are pentagons: their first digit that is not 0 is not 1. */
#include "runtime/func/domains.h"
#include "runtime/func/geo/cells.h"

enum { H3_LEVEL_MAX = 15, H3_BASES = 122, H3_STEPS_MAX = 5, H3_TOKEN_MAX = 16 };

static uint32_t level_of(uint64_t cell) {
    return (uint32_t)(cell >> 52) & 15;
}

static uint32_t digit_at(uint64_t cell, uint32_t level) {
    return (uint32_t)(cell >> (3 * (H3_LEVEL_MAX - level))) & 7;
}

static bool is_pentagon_base(uint64_t cell) {
    static const uint8_t bases[] = {4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117};
    for (uint32_t k = 0; k < sizeof bases; k++)
        if ((cell >> 45 & 127) == bases[k])
            return true;
    return false;
}

/* The first digit that is not 0; 0 if there is none. */
static uint32_t leading_digit(uint64_t cell) {
    for (uint32_t k = 1; k <= level_of(cell); k++)
        if (digit_at(cell, k))
            return digit_at(cell, k);
    return 0;
}

static bool h3_read(tr_str token, uint64_t *out) {
    uint64_t cell = 0;
    if (!token.len || token.len > H3_TOKEN_MAX)
        return false;
    for (uint32_t i = 0; i < token.len; i++) {
        char c = token.ptr[i];
        c = c >= 'A' && c <= 'F' ? (char)(c | 0x20) : c;
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        cell = cell << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    if (cell >> 59 != 1 || (cell >> 56 & 7) || (cell >> 45 & 127) >= H3_BASES)
        return false;
    for (uint32_t k = 1; k <= H3_LEVEL_MAX; k++)
        if ((digit_at(cell, k) == 7) != (k > level_of(cell)))
            return false;
    *out = cell;
    return !is_pentagon_base(cell) || leading_digit(cell) != 1;
}

static uint32_t h3_write(uint64_t cell, char text[H3_TOKEN_MAX]) {
    uint32_t n = 0;
    for (uint32_t k = 16; k-- > 0;)
        if (n || cell >> (4 * k) & 15)
            text[n++] = "0123456789abcdef"[cell >> (4 * k) & 15];
    return n;
}

/* The same path at another level; digits that come in are 7, to be set. */
static uint64_t at_level(uint64_t cell, uint32_t level) {
    cell = (cell & ~(15ull << 52)) | (uint64_t)level << 52;
    return cell | ((1ull << (3 * (H3_LEVEL_MAX - level))) - 1);
}

static trawl_status level_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        uint64_t cell;
        if (h3_read(tr_text_at(&call->args[0], i), &cell))
            ((int32_t *)call->out->data)[i] = (int32_t)level_of(cell);
        else
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static trawl_status parent_eval(tr_call *call, trawl_error *err) {
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        uint64_t cell;
        if (h3_read(tr_text_at(&call->args[0], i), &cell)) {
            int64_t level = tr_long_at(call, 1, i, (int64_t)level_of(cell) - 1);
            char text[H3_TOKEN_MAX];
            if (level >= 0 && level < level_of(cell))
                tr_buf_put(&rows.buf, text, h3_write(at_level(cell, (uint32_t)level), text));
        }
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

/* Depth is at most H3_STEPS_MAX. */
static void put_children(tr_dyn_builder *b, uint64_t cell, uint32_t level) {
    if (level_of(cell) == level) {
        char text[H3_TOKEN_MAX];
        uint32_t n = h3_write(cell, text);
        tr_dyn_put_string(b, tr_str_of(text, n));
        return;
    }
    uint32_t next = level_of(cell) + 1;
    bool pentagon = is_pentagon_base(cell) && !leading_digit(cell);
    for (uint64_t digit = 0; digit < 7; digit++)
        if (!pentagon || digit != 1)
            put_children(b, at_level(cell, next) ^ (7 ^ digit) << (3 * (H3_LEVEL_MAX - next)),
                         level);
}

static trawl_status children_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b;
    TR_TRY(tr_geo_builder(call, &b, err));
    for (uint32_t i = 0; i < call->n; i++) {
        uint64_t cell;
        bool valid = h3_read(tr_text_at(&call->args[0], i), &cell);
        int64_t level = valid ? tr_long_at(call, 1, i, (int64_t)level_of(cell) + 1) : 0;
        if (!valid || level <= level_of(cell) || level > H3_LEVEL_MAX ||
            level - level_of(cell) > H3_STEPS_MAX) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_dyn_open_array(b);
        put_children(b, cell, (uint32_t)level);
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

const tr_func tr_funcs_geo_h3[] = {
    {.name = "geo_h3cell_level",
     .args = "s",
     .result = 'i',
     .eval = level_eval,
     .summary = "The level of an H3 cell.",
     .example = "print level = geo_h3cell_level('862a1072fffffff')"},
    {.name = "geo_h3cell_parent",
     .args = "sl?",
     .result = 's',
     .eval = parent_eval,
     .summary = "The H3 cell of the level above, or of the level asked for, that holds a cell.",
     .example = "print parent = geo_h3cell_parent('862a1072fffffff', 1)"},
    {.name = "geo_h3cell_children",
     .args = "sl?",
     .result = 'y',
     .eval = children_eval,
     .summary = "The H3 cells of the level below, or at most five below, within a cell.",
     .example = "print children = geo_h3cell_children('862a1072fffffff')"},
    {.name = NULL},
};

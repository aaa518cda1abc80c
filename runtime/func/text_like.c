/* runtime/func/text_like.c: the legacy operators like, notlike and their case-sensitive forms: %
 * stands for any text, _ for one character. */
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"
#include "runtime/func/unicode_case.h"
#include "runtime/regex/unicode.h"

static uint32_t step_at(tr_str text, uint32_t at) {
    uint32_t point;
    uint32_t bytes = tr_utf8_read(text.ptr, text.len, at, &point);
    return bytes ? bytes : 1;
}

/* Greedy with one place to go back to: the last %. */
static bool is_like(tr_str text, tr_str pattern) {
    uint32_t t = 0;
    uint32_t p = 0;
    uint32_t star = UINT32_MAX;
    uint32_t star_text = 0;
    while (t < text.len) {
        if (p < pattern.len && pattern.ptr[p] == '%') {
            star = ++p;
            star_text = t;
        } else if (p < pattern.len && pattern.ptr[p] == '_') {
            t += step_at(text, t);
            p++;
        } else if (p < pattern.len && pattern.ptr[p] == text.ptr[t]) {
            t++;
            p++;
        } else if (star != UINT32_MAX) {
            p = star;
            star_text += step_at(text, star_text);
            t = star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '%')
        p++;
    return p == pattern.len;
}

static trawl_status folded(tr_arena *arena, tr_str text, tr_str *out, trawl_error *err) {
    tr_buf buf;
    tr_buf_start(&buf, arena);
    if (!tr_put_folded(&buf, text))
        return tr_fail_memory(err);
    *out = tr_buf_cell(&buf);
    return TRAWL_OK;
}

static trawl_status like_rows(tr_call *call, bool any_case, bool negated, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str text = tr_text_at(&call->args[0], i);
        tr_str pattern = tr_text_at(&call->args[1], i);
        tr_arena_mark mark = tr_arena_here(call->scratch);
        if (any_case) {
            TR_TRY(folded(call->scratch, text, &text, err));
            TR_TRY(folded(call->scratch, pattern, &pattern, err));
        }
        if (is_like(text, pattern) != negated)
            tr_bit_set(tr_out_bits(call), i);
        tr_arena_release(call->scratch, mark);
    }
    return TRAWL_OK;
}

static trawl_status like_eval(tr_call *call, trawl_error *err) {
    return like_rows(call, true, false, err);
}

static trawl_status notlike_eval(tr_call *call, trawl_error *err) {
    return like_rows(call, true, true, err);
}

static trawl_status like_cs_eval(tr_call *call, trawl_error *err) {
    return like_rows(call, false, false, err);
}

static trawl_status notlike_cs_eval(tr_call *call, trawl_error *err) {
    return like_rows(call, false, true, err);
}

enum { LEGACY = TR_FUNC_HIDDEN };

const tr_func tr_funcs_text_like[] = {
    {.name = "like",
     .args = "ss",
     .result = 'b',
     .flags = LEGACY,
     .eval = like_eval,
     .summary = "True where the pattern fits, in any case; % is any text, _ one character.",
     .example = "print result = \"Fabrikam\" like \"fab%\""},
    {.name = "notlike",
     .args = "ss",
     .result = 'b',
     .flags = LEGACY,
     .eval = notlike_eval,
     .summary = "True where the pattern does not fit, in any case.",
     .example = "print result = \"Fabrikam\" notlike \"fab%\""},
    {.name = "like_cs",
     .args = "ss",
     .result = 'b',
     .flags = LEGACY,
     .eval = like_cs_eval,
     .summary = "True where the pattern fits, case-sensitively.",
     .example = "print result = \"Fabrikam\" like_cs \"Fab%\""},
    {.name = "notlike_cs",
     .args = "ss",
     .result = 'b',
     .flags = LEGACY,
     .eval = notlike_cs_eval,
     .summary = "True where the pattern does not fit, case-sensitively.",
     .example = "print result = \"Fabrikam\" notlike_cs \"fab%\""},
    {.name = NULL},
};

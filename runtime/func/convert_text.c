/* runtime/func/convert_text.c: tostring(), boxing into dynamic, and which function casts implicitly
 * from one type to another. */
#include "kernels/kernels.h"
#include "runtime/data/dynamic.h"
#include "runtime/func/cells.h"
#include "runtime/func/convert.h"
#include "runtime/func/domains.h"

enum { LONG_TEXT = 20 };

static const char two_digits[] = "0001020304050607080910111213141516171819"
                                 "2021222324252627282930313233343536373839"
                                 "4041424344454647484950515253545556575859"
                                 "6061626364656667686970717273747576777879"
                                 "8081828384858687888990919293949596979899";

/* Digits of v before `end`, two at a time; returns where they start. */
static char *put_digits(char *end, uint64_t v) {
    while (v >= 100) {
        end -= 2;
        memcpy(end, two_digits + 2 * (v % 100), 2);
        v /= 100;
    }
    if (v < 10) {
        *--end = (char)('0' + v);
        return end;
    }
    end -= 2;
    memcpy(end, two_digits + 2 * v, 2);
    return end;
}

/* Each number is written to the end of its own field: no second pass moves it. */
static trawl_status text_of_long(tr_call *call, trawl_error *err) {
    const tr_vec *in = &call->args[0];
    char *text = tr_arena_alloc(call->scratch, (size_t)call->n * LONG_TEXT, 1);
    if (!text)
        return tr_fail_memory(err);
    tr_str *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        int64_t v = in->type == TR_INT ? tr_vec_i32(in)[i] : tr_vec_i64(in)[i];
        char *end = text + (size_t)(i + 1) * LONG_TEXT;
        char *start = put_digits(end, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
        if (v < 0)
            *--start = '-';
        uint32_t len = (uint32_t)(end - start);
        out[i] = tr_str_make(start, len); /* the arena is readable past its end */
    }
    return TRAWL_OK;
}

static trawl_status text_of_datetime(tr_call *call, trawl_error *err) {
    char *text = tr_arena_alloc(call->scratch, (size_t)call->n * TR_DATETIME_TEXT, 1);
    if (!text)
        return tr_fail_memory(err);
    tr_kernels_now()->datetime.format(call->args[0].data, call->n, text);
    tr_str *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = tr_str_make(text + (size_t)i * TR_DATETIME_TEXT, TR_DATETIME_TEXT);
    return TRAWL_OK;
}

static trawl_status eval_tostring(tr_call *call, trawl_error *err) {
    tr_type type = call->args[0].type;
    if (type == TR_INT || type == TR_LONG)
        return text_of_long(call, err);
    if (type == TR_DATETIME)
        return text_of_datetime(call, err);
    tr_vec text;
    TR_TRY(tr_call_text(call, 0, &text, err));
    memcpy(call->out->data, text.data, call->n * sizeof(tr_str));
    return TRAWL_OK;
}

trawl_status tr_box(tr_arena *scratch, const tr_vec *in, uint32_t n, tr_vec *out,
                    trawl_error *err) {
    if (in->type == TR_DYNAMIC) {
        *out = *in;
        return TRAWL_OK;
    }
    if (in->is_const)
        n = 1;
    tr_vec made;
    tr_dyn_builder *b = TR_NEW(scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    TR_TRY(tr_vec_new(scratch, TR_DYNAMIC, n, &made, err));
    if (in->valid)
        TR_TRY(tr_vec_need_valid(scratch, &made, n, err));
    tr_dyn_start(b, scratch);
    for (uint32_t i = 0; i < n; i++) {
        if (!tr_vec_is_valid(in, i)) {
            tr_bit_clear(made.valid, i);
            continue;
        }
        tr_dyn_put_row(b, in, i);
        TR_TRY(tr_dyn_finish(b, (tr_str *)made.data + i, err));
    }
    made.is_const = in->is_const;
    *out = made;
    return TRAWL_OK;
}

static trawl_status eval_box(tr_call *call, trawl_error *err) {
    tr_vec made;
    TR_TRY(tr_box(call->scratch, &call->args[0], call->n, &made, err));
    memcpy(call->out->data, made.data, call->n * sizeof(tr_str));
    call->out->valid = made.valid;
    return TRAWL_OK;
}

/* clang-format off */
const tr_func tr_funcs_convert_text[] = {
    {.name = "tostring", .args = "x", .result = 's', .eval = eval_tostring,
     .summary = "The value as text; \"\" for null.",
     .example = "print tostring(123), tostring(1h)", .column = "<>"},
    {.name = "__box", .args = "x", .result = 'y', .flags = TR_FUNC_HIDDEN, .eval = eval_box,
     .summary = "The value as a dynamic, text not parsed.", .column = "<>"},
    {.name = NULL},
};
/* clang-format on */

static const tr_func *named(const char *name) {
    uint32_t count;
    const tr_func *const *rows = tr_func_find(tr_str_c(name), &count);
    return rows ? rows[0] : NULL;
}

static const char *const casts[TR_TYPE_COUNT] = {
    [TR_BOOL] = "tobool",         [TR_INT] = "toint",         [TR_LONG] = "tolong",
    [TR_REAL] = "toreal",         [TR_DECIMAL] = "todecimal", [TR_DATETIME] = "todatetime",
    [TR_TIMESPAN] = "totimespan", [TR_STRING] = "tostring",   [TR_GUID] = "toguid",
    [TR_DYNAMIC] = "__box",
};

const tr_func *tr_func_cast(tr_type from, tr_type to) {
    if (from == to || from == TR_NONE || to == TR_NONE)
        return NULL;
    bool widens = (from == TR_INT && (to == TR_LONG || to == TR_REAL)) ||
                  (from == TR_LONG && to == TR_REAL) ||
                  (tr_type_is_number(from) && to == TR_DECIMAL);
    return widens || from == TR_DYNAMIC || to == TR_DYNAMIC ? named(casts[to]) : NULL;
}

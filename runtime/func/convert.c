/* runtime/func/convert.c: single values from type to type, and the rows tolong(), toreal(), ...
 * over columns. Everything that fails is null. tostring() and boxing are in convert_text.c. */
#include "runtime/func/convert.h"

#include "kernels/kernels.h"
#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"
#include "runtime/func/arith.h"
#include "runtime/func/cells.h"
#include "runtime/func/compare.h"
#include "runtime/func/domains.h"

/* ---- single values ---- */

bool tr_text_to_long(tr_str text, int64_t *out) {
    uint32_t i = text.len && text.ptr[0] == '-';
    if (text.len - i == 0 || text.len - i > 18)
        return tr_parse_long(text.ptr, text.len, out);
    bool minus = i;
    int64_t v = 0;
    for (; i < text.len; i++) {
        uint32_t digit = (uint8_t)text.ptr[i] - (uint32_t)'0';
        if (digit > 9)
            return tr_parse_long(text.ptr, text.len, out);
        v = v * 10 + digit;
    }
    *out = minus ? -v : v;
    return true;
}

static int hex_of(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool tr_text_to_guid(tr_str text, tr_guid *out) {
    if (tr_parse_guid(text.ptr, text.len, out))
        return true;
    uint32_t digits = 0;
    tr_guid made = {{0}};
    for (uint32_t i = 0; i < text.len && digits < 32; i++) {
        char c = text.ptr[i];
        if (c == '-' || (digits == 0 && (c == '{' || c == '(' || c == ' ')))
            continue;
        int v = hex_of(c);
        if (v < 0)
            return false;
        made.bytes[digits / 2] = (uint8_t)(made.bytes[digits / 2] << 4 | v);
        digits++;
    }
    *out = made;
    return digits == 32;
}

static bool to_long(const tr_value *in, int64_t *out) {
    switch (in->type) {
    case TR_BOOL: *out = in->as.boolean; return true;
    case TR_INT:
    case TR_LONG:
    case TR_DATETIME:
    case TR_TIMESPAN: *out = in->as.i64; return true;
    case TR_REAL: return tr_real_trunc_long(in->as.real, out);
    case TR_DECIMAL: return tr_decimal_to_long(in->as.decimal, out);
    case TR_STRING: return tr_text_to_long(in->as.str, out);
    default: return false;
    }
}

static bool to_real(const tr_value *in, double *out) {
    int64_t whole;
    switch (in->type) {
    case TR_REAL: *out = in->as.real; return true;
    case TR_DECIMAL: *out = tr_decimal_to_real(in->as.decimal); return true;
    case TR_STRING: return tr_parse_real(in->as.str.ptr, in->as.str.len, out);
    default:
        if (!to_long(in, &whole))
            return false;
        *out = (double)whole;
        return true;
    }
}

static bool to_decimal(const tr_value *in, tr_decimal *out) {
    int64_t whole;
    switch (in->type) {
    case TR_DECIMAL: *out = in->as.decimal; return true;
    case TR_REAL: return tr_decimal_of_real(in->as.real, out);
    case TR_STRING: return tr_parse_decimal(in->as.str.ptr, in->as.str.len, out);
    default:
        if (!to_long(in, &whole))
            return false;
        *out = tr_decimal_of_long(whole);
        return true;
    }
}

static bool to_bool(const tr_value *in, bool *out) {
    double real;
    switch (in->type) {
    case TR_BOOL: *out = in->as.boolean; return true;
    case TR_INT:
    case TR_LONG: *out = in->as.i64 != 0; return true;
    case TR_REAL:
    case TR_DECIMAL:
        if (!to_real(in, &real) || real != real)
            return false;
        *out = real != 0;
        return true;
    case TR_STRING: return tr_parse_bool(in->as.str.ptr, in->as.str.len, out);
    default: return false;
    }
}

/* Numbers are ticks. */
static bool to_datetime(const tr_value *in, int64_t *out) {
    if (in->type == TR_STRING)
        return tr_parse_datetime(in->as.str.ptr, in->as.str.len, out);
    return in->type != TR_BOOL && in->type != TR_TIMESPAN && to_long(in, out) && tr_ticks_fit(*out);
}

static bool to_timespan(const tr_value *in, int64_t *out) {
    if (in->type == TR_STRING)
        return tr_parse_timespan(in->as.str.ptr, in->as.str.len, out);
    return in->type != TR_BOOL && in->type != TR_DATETIME && to_long(in, out);
}

static bool convert(const tr_value *in, tr_type to, tr_value *out) {
    switch (to) {
    case TR_BOOL: return to_bool(in, &out->as.boolean);
    case TR_INT:
        return to_long(in, &out->as.i64) && out->as.i64 >= INT32_MIN && out->as.i64 <= INT32_MAX;
    case TR_LONG: return to_long(in, &out->as.i64);
    case TR_REAL: return to_real(in, &out->as.real);
    case TR_DECIMAL: return to_decimal(in, &out->as.decimal);
    case TR_DATETIME: return to_datetime(in, &out->as.i64);
    case TR_TIMESPAN: return to_timespan(in, &out->as.i64);
    case TR_GUID:
        if (in->type == TR_STRING)
            return tr_text_to_guid(in->as.str, &out->as.guid);
        out->as.guid = in->as.guid;
        return in->type == TR_GUID;
    default: return false;
    }
}

void tr_value_convert(const tr_value *in, tr_type to, tr_value *out) {
    tr_value from = *in;
    if (from.type == TR_DYNAMIC && !from.is_null)
        from = tr_dyn_value(from.as.str);
    *out = (tr_value){.type = to};
    if (from.is_null || !convert(&from, to, out))
        *out = (tr_value){.type = to, .is_null = true};
}

/* ---- columns ---- */

static trawl_status convert_rows(tr_call *call, trawl_error *err) {
    const tr_vec *in = &call->args[0];
    for (uint32_t i = 0; i < call->n; i++) {
        tr_value from = tr_vec_value(in, i), to;
        tr_value_convert(&from, call->out->type, &to);
        if (to.is_null) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_vec_set(call->out, i, &to);
    }
    return TRAWL_OK;
}

/* Rows whose bit is not set in ok become null. */
static trawl_status keep_ok(tr_call *call, const uint64_t *ok, trawl_error *err) {
    uint64_t bad = 0;
    for (size_t w = 0; w < TR_BITS_WORDS(call->n); w++)
        bad |= ~ok[w] & tr_tail_word(call->n, w);
    if (!bad)
        return TRAWL_OK;
    TR_TRY(tr_vec_need_valid(call->scratch, call->out, call->n, err));
    memcpy(call->out->valid, ok, TR_BITS_WORDS(call->n) * sizeof *ok);
    return TRAWL_OK;
}

static trawl_status copy_i64(tr_call *call) {
    memcpy(call->out->data, call->args[0].data, call->n * sizeof(int64_t));
    return TRAWL_OK;
}

static trawl_status long_of_int(tr_call *call) {
    const int32_t *restrict in = call->args[0].data;
    int64_t *restrict out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = in[i];
    return TRAWL_OK;
}

static trawl_status long_of_real(tr_call *call, trawl_error *err) {
    const double *in = call->args[0].data;
    int64_t *out = call->out->data;
    uint64_t ok[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
    for (uint32_t i = 0; i < call->n; i++) {
        out[i] = 0;
        ok[i / 64] |= (uint64_t)tr_real_trunc_long(in[i], &out[i]) << (i & 63);
    }
    return keep_ok(call, ok, err);
}

static trawl_status long_of_text(tr_call *call, trawl_error *err) {
    const tr_str *in = call->args[0].data;
    int64_t *out = call->out->data;
    uint64_t ok[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
    for (uint32_t i = 0; i < call->n; i++) {
        out[i] = 0;
        ok[i / 64] |= (uint64_t)tr_text_to_long(in[i], &out[i]) << (i & 63);
    }
    return keep_ok(call, ok, err);
}

static trawl_status eval_tolong(tr_call *call, trawl_error *err) {
    switch (call->args[0].type) {
    case TR_INT: return long_of_int(call);
    case TR_LONG:
    case TR_DATETIME:
    case TR_TIMESPAN: return copy_i64(call);
    case TR_REAL: return long_of_real(call, err);
    case TR_STRING: return long_of_text(call, err);
    default: return convert_rows(call, err);
    }
}

static trawl_status eval_toint(tr_call *call, trawl_error *err) {
    const tr_vec *in = &call->args[0];
    if (in->type == TR_INT) {
        memcpy(call->out->data, in->data, call->n * sizeof(int32_t));
        return TRAWL_OK;
    }
    /* As tolong, then cut. */
    tr_vec longs;
    tr_call wide = *call;
    TR_TRY(tr_vec_new(call->scratch, TR_LONG, call->n, &longs, err));
    wide.out = &longs;
    TR_TRY(eval_tolong(&wide, err));
    const int64_t *restrict from = longs.data;
    int32_t *restrict out = call->out->data;
    uint64_t outside = 0;
    for (uint32_t i = 0; i < call->n; i++) {
        out[i] = (int32_t)from[i];
        outside |= (uint64_t)(from[i] != out[i]);
    }
    call->out->valid = longs.valid;
    for (uint32_t i = 0; outside && i < call->n; i++)
        if (from[i] != out[i])
            TR_TRY(tr_call_null(call, i, err));
    return TRAWL_OK;
}

static trawl_status real_of_int(tr_call *call) {
    const int32_t *restrict in = call->args[0].data;
    double *restrict out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = in[i];
    return TRAWL_OK;
}

static trawl_status real_of_i64(tr_call *call) {
    const int64_t *restrict in = call->args[0].data;
    double *restrict out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = (double)in[i];
    return TRAWL_OK;
}

static trawl_status real_of_text(tr_call *call, trawl_error *err) {
    const tr_str *in = call->args[0].data;
    double *out = call->out->data;
    uint64_t ok[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
    for (uint32_t i = 0; i < call->n; i++) {
        out[i] = 0;
        ok[i / 64] |= (uint64_t)tr_parse_real(in[i].ptr, in[i].len, &out[i]) << (i & 63);
    }
    return keep_ok(call, ok, err);
}

static trawl_status eval_toreal(tr_call *call, trawl_error *err) {
    switch (call->args[0].type) {
    case TR_INT: return real_of_int(call);
    case TR_LONG:
    case TR_DATETIME:
    case TR_TIMESPAN: return real_of_i64(call);
    case TR_REAL: return copy_i64(call);
    case TR_STRING: return real_of_text(call, err);
    default: return convert_rows(call, err);
    }
}

/* The usual ISO forms by the kernel, what it leaves by the parser that knows them all. */
static trawl_status datetime_of_text(tr_call *call, trawl_error *err) {
    const tr_str *in = call->args[0].data;
    int64_t *out = call->out->data;
    uint64_t ok[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
    tr_kernels_now()->datetime.parse((const tr_kernel_str *)in, call->n, out, ok);
    for (uint32_t i = 0; i < call->n; i++)
        if (!tr_bit_get(ok, i) && in[i].len && tr_parse_datetime(in[i].ptr, in[i].len, &out[i]))
            tr_bit_set(ok, i);
    return keep_ok(call, ok, err);
}

static trawl_status eval_todatetime(tr_call *call, trawl_error *err) {
    switch (call->args[0].type) {
    case TR_DATETIME: return copy_i64(call);
    case TR_STRING: return datetime_of_text(call, err);
    default: return convert_rows(call, err);
    }
}

static trawl_status eval_totimespan(tr_call *call, trawl_error *err) {
    bool same = call->args[0].type == TR_TIMESPAN || call->args[0].type == TR_LONG;
    return same ? copy_i64(call) : convert_rows(call, err);
}

/* clang-format off */
const tr_func tr_funcs_convert[] = {
    {.name = "tolong", .args = "x", .result = 'l', .eval = eval_tolong,
     .summary = "Converts to long; null where that is impossible. Reals are cut toward zero, "
         "dates are ticks.",
     .example = "print tolong(\"123\"), tolong(2.9)", .column = "<>"},
    {.name = "toint", .args = "x", .result = 'i', .eval = eval_toint,
     .summary = "Converts to int; null where that is impossible. Reals are cut toward zero.",
     .example = "print toint(\"123\"), toint(2.3)", .column = "<>"},
    {.name = "toreal", .args = "x", .result = 'r', .eval = eval_toreal,
     .summary = "Converts to real; null where that is impossible.",
     .example = "print toreal(\"123.4\")", .column = "<>"},
    {.name = "todouble", .args = "x", .result = 'r', .eval = eval_toreal,
     .summary = "Converts to real; null where that is impossible.",
     .example = "print todouble(\"123.4\")", .column = "<>"},
    {.name = "todecimal", .args = "x", .result = 'm', .eval = convert_rows,
     .summary = "Converts to decimal; null where that is impossible.",
     .example = "print todecimal(\"123.45678\")", .column = "<>"},
    {.name = "tobool", .args = "x", .result = 'b', .eval = convert_rows,
     .summary = "Converts to bool; numbers other than 0 are true.",
     .example = "print tobool(\"true\"), tobool(123)", .column = "<>"},
    {.name = "toboolean", .args = "x", .result = 'b', .eval = convert_rows,
     .summary = "Converts to bool; numbers other than 0 are true.",
     .example = "print toboolean(\"false\")", .column = "<>"},
    {.name = "todatetime", .args = "x", .result = 'd', .eval = eval_todatetime,
     .summary = "Converts to datetime; null where that is impossible. Numbers are ticks.",
     .example = "print todatetime(\"2015-12-31 23:59:59.9\")", .column = "<>"},
    {.name = "totimespan", .args = "x", .result = 't', .eval = eval_totimespan,
     .summary = "Converts to timespan; null where that is impossible. Numbers are ticks.",
     .example = "print totimespan(\"0.00:03:00\")", .column = "<>"},
    {.name = "totime", .args = "x", .result = 't', .flags = TR_FUNC_HIDDEN,
     .eval = eval_totimespan, .summary = "Old name of totimespan().", .column = "<>"},
    {.name = "toguid", .args = "x", .result = 'g', .eval = convert_rows,
     .summary = "Converts text to guid; null where that is impossible.",
     .example = "print toguid(\"70fc66f7-8279-44fc-9092-d364d70fce44\")", .column = "<>"},
    {.name = "make_datetime", .args = "x", .result = 'd', .eval = eval_todatetime,
     .summary = "As todatetime()."},
    {.name = "make_timespan", .args = "x", .result = 't', .eval = eval_totimespan,
     .summary = "As totimespan()."},
    {.name = NULL},
};
/* clang-format on */

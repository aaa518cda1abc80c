/* runtime/func/binary.c: whole numbers as bits: binary_and() and its like, bitset_count_ones(),
 * tohex(). */
#include "runtime/func/arith.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"

#define AND(a, b) ((a) & (b))
#define TMPL_NAME eval_and
#define TMPL_A    int64_t
#define TMPL_B    int64_t
#define TMPL_OUT  int64_t
#define TMPL_OP   AND
#include "runtime/func/binary_tmpl.h"

#define OR(a, b)  ((a) | (b))
#define TMPL_NAME eval_or
#define TMPL_A    int64_t
#define TMPL_B    int64_t
#define TMPL_OUT  int64_t
#define TMPL_OP   OR
#include "runtime/func/binary_tmpl.h"

#define XOR(a, b) ((a) ^ (b))
#define TMPL_NAME eval_xor
#define TMPL_A    int64_t
#define TMPL_B    int64_t
#define TMPL_OUT  int64_t
#define TMPL_OP   XOR
#include "runtime/func/binary_tmpl.h"

#define LEFT(a, b) ((int64_t)((uint64_t)(a) << ((b)&63)))
#define TMPL_NAME  shift_left
#define TMPL_A     int64_t
#define TMPL_B     int64_t
#define TMPL_OUT   int64_t
#define TMPL_OP    LEFT
#include "runtime/func/binary_tmpl.h"

#define RIGHT(a, b) ((a) >> ((b)&63))
#define TMPL_NAME   shift_right
#define TMPL_A      int64_t
#define TMPL_B      int64_t
#define TMPL_OUT    int64_t
#define TMPL_OP     RIGHT
#include "runtime/func/binary_tmpl.h"

/* A negative distance is null. */
static trawl_status refuse_negative(tr_call *call, trawl_error *err) {
    const tr_vec *by = &call->args[1];
    for (uint32_t i = 0; i < call->n; i++)
        if (tr_vec_i64(by)[tr_row(by, i)] < 0)
            TR_TRY(tr_call_null(call, i, err));
    return TRAWL_OK;
}

static trawl_status eval_shift_left(tr_call *call, trawl_error *err) {
    TR_TRY(shift_left(call, err));
    return refuse_negative(call, err);
}

static trawl_status eval_shift_right(tr_call *call, trawl_error *err) {
    TR_TRY(shift_right(call, err));
    return refuse_negative(call, err);
}

static trawl_status eval_not(tr_call *call, trawl_error *err) {
    (void)err;
    const int64_t *restrict in = call->args[0].data;
    int64_t *restrict out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = ~in[i];
    return TRAWL_OK;
}

static trawl_status eval_count_ones(tr_call *call, trawl_error *err) {
    (void)err;
    const int64_t *in = call->args[0].data;
    int64_t *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = __builtin_popcountll((uint64_t)in[i]);
    return TRAWL_OK;
}

/* An int is 32 bits wide when a length is asked for, else 64 as a long. */
static trawl_status eval_tohex(tr_call *call, trawl_error *err) {
    const tr_vec *in = &call->args[0];
    char *text = tr_arena_alloc(call->scratch, (size_t)call->n * 16, 1);
    if (!text)
        return tr_fail_memory(err);
    tr_str *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        uint32_t row = tr_row(in, i);
        int64_t v = in->type == TR_INT ? tr_vec_i32(in)[row] : tr_vec_i64(in)[row];
        uint64_t left = (uint64_t)v;
        if (in->type == TR_INT && call->argc > 1)
            left &= UINT32_MAX;
        int64_t least = tr_long_at(call, 1, i, 1);
        least = least < 1 ? 1 : least > 16 ? 16 : least;
        char *end = text + (size_t)(i + 1) * 16, *start = end;
        for (; left || end - start < least; left >>= 4)
            *--start = "0123456789abcdef"[left & 15];
        out[i] = tr_str_of(start, (size_t)(end - start));
    }
    return TRAWL_OK;
}

/* clang-format off */
const tr_func tr_funcs_binary[] = {
    {.name = "binary_and", .args = "ll", .result = 'l', .eval = eval_and,
     .summary = "Bits set in both numbers.", .example = "print binary_and(12, 10)",
     .column = "<>"},
    {.name = "binary_or", .args = "ll", .result = 'l', .eval = eval_or,
     .summary = "Bits set in one of two numbers or both.", .example = "print binary_or(5, 3)",
     .column = "<>"},
    {.name = "binary_xor", .args = "ll", .result = 'l', .eval = eval_xor,
     .summary = "Bits set in exactly one of two numbers.", .example = "print binary_xor(1, 3)",
     .column = "<>"},
    {.name = "binary_not", .args = "l", .result = 'l', .eval = eval_not,
     .summary = "All 64 bits turned over.", .example = "print binary_not(100)", .column = "<>"},
    {.name = "binary_shift_left", .args = "ll", .result = 'l', .eval = eval_shift_left,
     .summary = "Bits moved left by a distance modulo 64; null for a negative one.",
     .example = "print binary_shift_left(1, 2)", .column = "<>"},
    {.name = "binary_shift_right", .args = "ll", .result = 'l', .eval = eval_shift_right,
     .summary = "Bits moved right, the sign kept; null for a negative distance.",
     .example = "print binary_shift_right(8, 2)", .column = "<>"},
    {.name = "bitset_count_ones", .args = "l", .result = 'l', .eval = eval_count_ones,
     .summary = "How many of the 64 bits are set.", .example = "print bitset_count_ones(42)",
     .column = "<>"},
    {.name = "tohex", .args = "ll?", .result = 's', .eval = eval_tohex,
     .summary = "Hexadecimal text, padded with zeros to a length.",
     .example = "print tohex(256), tohex(-256), tohex(256, 8)", .column = "<>"},
    {.name = "tohex", .args = "il?", .result = 's', .eval = eval_tohex,
     .summary = "Hexadecimal text, padded with zeros to a length.", .column = "<>"},
    {.name = NULL},
};
/* clang-format on */

/* runtime/func/array.c: dynamic arrays measured, cut, moved and joined. Order is array_order.c's,
 * sets are set.c's. */
#include "runtime/data/decimal.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"
#include "runtime/func/dyn_set.h"

static tr_dyn_builder *new_builder(tr_call *call) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (b)
        tr_dyn_start(b, call->scratch);
    return b;
}

/* Row i of argument `arg` if it is an array. */
static bool array_at(const tr_call *call, uint32_t arg, uint32_t i, tr_str *out) {
    if (!tr_arg_valid(call, arg, i))
        return false;
    *out = tr_text_at(&call->args[arg], i);
    return tr_dyn_kind_of(*out) == TR_DYN_ARRAY;
}

/* One row: put what becomes of the array into b; false makes it null. */
typedef bool (*array_row)(const tr_call *call, uint32_t i, tr_str array, tr_dyn_builder *b);

static trawl_status each_array(tr_call *call, array_row row, trawl_error *err) {
    tr_dyn_builder *b = new_builder(call);
    if (!b)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str array;
        if (!array_at(call, 0, i, &array) || !row(call, i, array, b))
            TR_TRY(tr_call_null(call, i, err));
        else
            TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static trawl_status array_length_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str array;
        if (array_at(call, 0, i, &array))
            tr_out_i64(call)[i] = tr_dyn_count(array);
        else
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static trawl_status array_concat_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = new_builder(call);
    if (!b)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < call->n; i++) {
        bool any = false;
        tr_str array;
        for (uint32_t a = 0; a < call->argc; a++)
            any |= array_at(call, a, i, &array);
        if (!any) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_dyn_open_array(b);
        for (uint32_t a = 0; a < call->argc; a++)
            for (uint32_t k = 0; array_at(call, a, i, &array) && k < tr_dyn_count(array); k++)
                tr_dyn_put_dyn(b, tr_dyn_at(array, k));
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static void put_elements(tr_dyn_builder *b, tr_str array, int64_t from, int64_t end) {
    tr_dyn_open_array(b);
    for (int64_t k = from; k < end; k++)
        tr_dyn_put_dyn(b, tr_dyn_at(array, (uint32_t)k));
    tr_dyn_close(b);
}

static int64_t clamp(int64_t v, int64_t lo, int64_t hi) {
    return v < lo ? lo : v > hi ? hi : v;
}

static bool slice_row(const tr_call *call, uint32_t i, tr_str array, tr_dyn_builder *b) {
    int64_t count = tr_dyn_count(array);
    if (!tr_arg_valid(call, 1, i) || !tr_arg_valid(call, 2, i))
        return false;
    int64_t start = tr_long_at(call, 1, i, 0);
    int64_t end = tr_long_at(call, 2, i, -1);
    start = clamp(start < 0 ? start + count : start, 0, count);
    end = clamp(end < 0 ? end + count : end, -1, count - 1);
    put_elements(b, array, start, end + 1);
    return true;
}

static trawl_status array_slice_eval(tr_call *call, trawl_error *err) {
    return each_array(call, slice_row, err);
}

static int64_t split_place(int64_t index, int64_t from, int64_t count) {
    return clamp(index < 0 ? index + count : index, from, count);
}

static bool split_row(const tr_call *call, uint32_t i, tr_str array, tr_dyn_builder *b) {
    if (!tr_arg_valid(call, 1, i))
        return false;
    int64_t count = tr_dyn_count(array);
    int64_t from = 0;
    tr_dyn_open_array(b);
    if (call->args[1].type == TR_LONG) {
        int64_t at = split_place(tr_long_at(call, 1, i, 0), 0, count);
        put_elements(b, array, 0, at);
        from = at;
    } else {
        tr_str places = tr_text_at(&call->args[1], i);
        for (uint32_t k = 0; k < tr_dyn_count(places); k++) {
            tr_value place = tr_dyn_value(tr_dyn_at(places, k));
            int64_t at = place.type == TR_LONG ? split_place(place.as.i64, from, count) : from;
            put_elements(b, array, from, at);
            from = at;
        }
    }
    put_elements(b, array, from, count);
    tr_dyn_close(b);
    return true;
}

static trawl_status array_split_eval(tr_call *call, trawl_error *err) {
    return each_array(call, split_row, err);
}

static bool reverse_row(const tr_call *call, uint32_t i, tr_str array, tr_dyn_builder *b) {
    (void)call;
    (void)i;
    tr_dyn_open_array(b);
    for (uint32_t k = tr_dyn_count(array); k > 0; k--)
        tr_dyn_put_dyn(b, tr_dyn_at(array, k - 1));
    tr_dyn_close(b);
    return true;
}

static trawl_status array_reverse_eval(tr_call *call, trawl_error *err) {
    return each_array(call, reverse_row, err);
}

static void rotate(tr_dyn_builder *b, tr_str array, int64_t by) {
    int64_t count = tr_dyn_count(array);
    int64_t shift = count ? (by % count + count) % count : 0;
    tr_dyn_open_array(b);
    for (int64_t k = 0; k < count; k++)
        tr_dyn_put_dyn(b, tr_dyn_at(array, (uint32_t)((k + shift) % count)));
    tr_dyn_close(b);
}

static bool rotate_left_row(const tr_call *call, uint32_t i, tr_str array, tr_dyn_builder *b) {
    if (!tr_arg_valid(call, 1, i))
        return false;
    rotate(b, array, tr_long_at(call, 1, i, 0));
    return true;
}

static bool rotate_right_row(const tr_call *call, uint32_t i, tr_str array, tr_dyn_builder *b) {
    int64_t count = tr_dyn_count(array);
    if (!tr_arg_valid(call, 1, i))
        return false;
    rotate(b, array, count ? -(tr_long_at(call, 1, i, 0) % count) : 0);
    return true;
}

static trawl_status rotate_left_eval(tr_call *call, trawl_error *err) {
    return each_array(call, rotate_left_row, err);
}

static trawl_status rotate_right_eval(tr_call *call, trawl_error *err) {
    return each_array(call, rotate_right_row, err);
}

/* What moves in: the given value, else "" among strings, else null. */
static void put_filler(const tr_call *call, uint32_t i, tr_str array, tr_dyn_builder *b) {
    if (call->argc > 2)
        tr_dyn_put_row(b, &call->args[2], i);
    else if (tr_dyn_count(array) && tr_dyn_kind_of(tr_dyn_at(array, 0)) == TR_DYN_STRING)
        tr_dyn_put_string(b, tr_empty());
    else
        tr_dyn_put_null(b);
}

/* Element k of the result is element k + by of the array. */
static bool shift(const tr_call *call, uint32_t i, tr_str array, int64_t by, tr_dyn_builder *b) {
    int64_t count = tr_dyn_count(array);
    if (!tr_arg_valid(call, 1, i))
        return false;
    by = clamp(by, -count, count);
    tr_dyn_open_array(b);
    for (int64_t k = 0; k < count; k++) {
        if (k + by >= 0 && k + by < count)
            tr_dyn_put_dyn(b, tr_dyn_at(array, (uint32_t)(k + by)));
        else
            put_filler(call, i, array, b);
    }
    tr_dyn_close(b);
    return true;
}

static bool shift_left_row(const tr_call *call, uint32_t i, tr_str array, tr_dyn_builder *b) {
    return shift(call, i, array, tr_long_at(call, 1, i, 0), b);
}

static bool shift_right_row(const tr_call *call, uint32_t i, tr_str array, tr_dyn_builder *b) {
    int64_t by = tr_long_at(call, 1, i, 0);
    return shift(call, i, array, by == INT64_MIN ? INT64_MAX : -by, b);
}

static trawl_status shift_left_eval(tr_call *call, trawl_error *err) {
    return each_array(call, shift_left_row, err);
}

static trawl_status shift_right_eval(tr_call *call, trawl_error *err) {
    return each_array(call, shift_right_row, err);
}

/* The value for place k: an element of an array, or the scalar itself. */
static void put_choice(const tr_call *call, uint32_t arg, uint32_t i, uint32_t k,
                       tr_dyn_builder *b) {
    tr_str array;
    tr_str element;
    if (call->args[arg].type != TR_DYNAMIC || !array_at(call, arg, i, &array))
        tr_dyn_put_row(b, &call->args[arg], i);
    else if (tr_dyn_index(array, k, &element))
        tr_dyn_put_dyn(b, element);
    else
        tr_dyn_put_null(b);
}

static bool iff_row(const tr_call *call, uint32_t i, tr_str array, tr_dyn_builder *b) {
    tr_dyn_open_array(b);
    for (uint32_t k = 0; k < tr_dyn_count(array); k++) {
        tr_value condition = tr_dyn_value(tr_dyn_at(array, k));
        if (condition.is_null || (condition.type != TR_BOOL && !tr_type_is_number(condition.type)))
            tr_dyn_put_null(b);
        else if (condition.type == TR_BOOL)
            put_choice(call, condition.as.boolean ? 1 : 2, i, k, b);
        else if (condition.type == TR_LONG)
            put_choice(call, condition.as.i64 ? 1 : 2, i, k, b);
        else if (condition.type == TR_REAL)
            put_choice(call, condition.as.real != 0 ? 1 : 2, i, k, b);
        else
            put_choice(call, tr_decimal_to_real(condition.as.decimal) != 0 ? 1 : 2, i, k, b);
    }
    tr_dyn_close(b);
    return true;
}

static trawl_status array_iff_eval(tr_call *call, trawl_error *err) {
    return each_array(call, iff_row, err);
}

static trawl_status array_sum_eval(tr_call *call, trawl_error *err) {
    double *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str array;
        bool ok = array_at(call, 0, i, &array);
        double sum = 0;
        for (uint32_t k = 0; ok && k < tr_dyn_count(array); k++) {
            tr_value v = tr_dyn_value(tr_dyn_at(array, k));
            if (v.is_null)
                continue;
            ok = tr_type_is_number(v.type);
            if (v.type == TR_REAL)
                sum += v.as.real;
            else if (v.type == TR_DECIMAL)
                sum += tr_decimal_to_real(v.as.decimal);
            else if (ok)
                sum += (double)v.as.i64;
        }
        out[i] = sum;
        if (!ok)
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

/* Place of the wanted element; -1 if it is not there. */
static int64_t index_of(const tr_call *call, uint32_t i, tr_str array, tr_str wanted) {
    int64_t count = tr_dyn_count(array);
    int64_t start = tr_long_at(call, 2, i, 0);
    int64_t length = tr_long_at(call, 3, i, -1);
    int64_t left = tr_long_at(call, 4, i, 1);
    start = clamp(start < 0 ? start + count : start, 0, count);
    int64_t end = length < 0 || length > count - start ? count : start + length;
    left = left ? left : 1;
    for (int64_t k = start; k < end; k++)
        if (tr_dyn_same(tr_dyn_at(array, (uint32_t)k), wanted) && --left == 0)
            return k;
    return -1;
}

static trawl_status array_index_of_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str array;
        tr_str wanted;
        if (!array_at(call, 0, i, &array) || tr_long_at(call, 3, i, -1) < -1 ||
            tr_long_at(call, 4, i, 1) < 0) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_value value = tr_vec_value(&call->args[1], i);
        TR_TRY(tr_dyn_of_value(call->scratch, &value, &wanted, err));
        tr_out_i64(call)[i] = index_of(call, i, array, wanted);
    }
    return TRAWL_OK;
}

static trawl_status strcat_array_eval(tr_call *call, trawl_error *err) {
    tr_vec delimiter;
    TR_TRY(tr_call_text(call, 1, &delimiter, err));
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str array;
        uint32_t count = array_at(call, 0, i, &array) ? tr_dyn_count(array) : 0;
        for (uint32_t k = 0; k < count; k++) {
            if (k)
                tr_buf_put_str(&rows.buf, tr_text_at(&delimiter, i));
            if (!tr_dyn_to_text(&rows.buf, tr_dyn_at(array, k)))
                return tr_fail_memory(err);
        }
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

static trawl_status pack_array_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = new_builder(call);
    if (!b)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_dyn_open_array(b);
        for (uint32_t a = 0; a < call->argc; a++)
            tr_dyn_put_row(b, &call->args[a], i);
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static trawl_status zip_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = new_builder(call);
    if (!b)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < call->n; i++) {
        uint32_t longest = 0;
        bool any = false;
        tr_str array;
        for (uint32_t a = 0; a < call->argc; a++)
            if (array_at(call, a, i, &array)) {
                any = true;
                longest = tr_dyn_count(array) > longest ? tr_dyn_count(array) : longest;
            }
        if (!any) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_dyn_open_array(b);
        for (uint32_t k = 0; k < longest; k++) {
            tr_dyn_open_array(b);
            for (uint32_t a = 0; a < call->argc; a++)
                put_choice(call, a, i, k, b);
            tr_dyn_close(b);
        }
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

const tr_func tr_funcs_array[] = {
    {.name = "array_length",
     .args = "y",
     .result = 'l',
     .eval = array_length_eval,
     .summary = "How many elements an array has; null for anything else.",
     .example = "print n = array_length(dynamic([1, 2, 3, \"abc\"]))"},
    {.name = "arraylength",
     .args = "y",
     .result = 'l',
     .flags = TR_FUNC_HIDDEN,
     .eval = array_length_eval,
     .summary = "The former name of array_length."},
    {.name = "array_concat",
     .args = "y+",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = array_concat_eval,
     .summary = "All elements of all arrays, in one array.",
     .example = "print arr = array_concat(dynamic([1,2]), dynamic([3]))"},
    {.name = "array_slice",
     .args = "yll",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = array_slice_eval,
     .summary = "Elements from a start to an end, both included; negative counts from the end.",
     .example = "print arr = array_slice(dynamic([1,2,3,4,5]), 2, -1)"},
    {.name = "array_split",
     .args = "yl",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = array_split_eval,
     .summary = "An array cut in two at an index.",
     .example = "print arr = array_split(dynamic([1,2,3,4,5]), 2)"},
    {.name = "array_split",
     .args = "yy",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = array_split_eval,
     .summary = "An array cut at several indexes.",
     .example = "print arr = array_split(dynamic([1,2,3,4,5]), dynamic([1,3]))"},
    {.name = "array_reverse",
     .args = "y",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = array_reverse_eval,
     .summary = "The elements of an array in reverse order.",
     .example = "print arr = array_reverse(dynamic([\"a\", \"b\"]))"},
    {.name = "array_rotate_left",
     .args = "yl",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = rotate_left_eval,
     .summary = "An array rotated to the left.",
     .example = "print arr = array_rotate_left(dynamic([1,2,3,4,5]), 2)"},
    {.name = "array_rotate_right",
     .args = "yl",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = rotate_right_eval,
     .summary = "An array rotated to the right.",
     .example = "print arr = array_rotate_right(dynamic([1,2,3,4,5]), 2)"},
    {.name = "array_shift_left",
     .args = "ylx?",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = shift_left_eval,
     .summary = "An array shifted to the left, filled up with a value.",
     .example = "print arr = array_shift_left(dynamic([1,2,3,4,5]), 2, -1)"},
    {.name = "array_shift_right",
     .args = "ylx?",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = shift_right_eval,
     .summary = "An array shifted to the right, filled up with a value.",
     .example = "print arr = array_shift_right(dynamic([1,2,3,4,5]), 2)"},
    {.name = "array_iff",
     .args = "yxx",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = array_iff_eval,
     .summary = "iff() element by element.",
     .example = "print arr = array_iff(dynamic([true,false]), dynamic([1,2]), 0)"},
    {.name = "array_iif",
     .args = "yxx",
     .result = 'y',
     .flags = TR_FUNC_NULLS | TR_FUNC_HIDDEN,
     .eval = array_iff_eval,
     .summary = "iff() element by element."},
    {.name = "array_sum",
     .args = "y",
     .result = 'r',
     .flags = TR_FUNC_NULLS,
     .eval = array_sum_eval,
     .summary = "The sum of the numbers in an array.",
     .example = "print sum = array_sum(dynamic([1,2,3,4]))"},
    {.name = "array_index_of",
     .args = "yxl?l?l?",
     .result = 'l',
     .eval = array_index_of_eval,
     .summary = "Zero-based place of a value in an array, or -1.",
     .example = "print idx = array_index_of(dynamic([\"this\", \"is\"]), \"is\")"},
    {.name = "strcat_array",
     .args = "yx",
     .result = 's',
     .eval = strcat_array_eval,
     .summary = "The elements of an array as text, with a delimiter between them.",
     .example = "print str = strcat_array(dynamic([1, 2, 3]), \"->\")"},
    {.name = "array_strcat",
     .args = "yx",
     .result = 's',
     .eval = strcat_array_eval,
     .summary = "The elements of an array as text, with a delimiter between them.",
     .example = "print str = array_strcat(dynamic([1, 2, 3]), \"->\")"},
    {.name = "pack_array",
     .args = "x*",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = pack_array_eval,
     .summary = "An array of the arguments.",
     .example = "print arr = pack_array(1, \"a\", 2s)"},
    {.name = "zip",
     .args = "yyy*",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = zip_eval,
     .summary = "An array of arrays that hold the elements at one place.",
     .example = "print z = zip(dynamic([1,3,5]), dynamic([2,4,6]))"},
    {.name = NULL},
};

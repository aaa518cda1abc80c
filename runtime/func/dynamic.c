/* runtime/func/dynamic.c: dynamic values made, entered and named: parse_json, paths, gettype,
 * extract_json, treepath, range, repeat. Must not know arrays (array.c) or bags (bag.c) by trade.
 */
#include <stdlib.h>

#include "runtime/data/text.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"
#include "runtime/func/json_path.h"

static tr_dyn_builder *new_builder(tr_call *call) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (b)
        tr_dyn_start(b, call->scratch);
    return b;
}

/* ---- a.b['c'][0] ---- */

/* The constant steps; where `constant` is false the row's own value counts. */
typedef struct {
    bool constant;
    tr_json_step step;
} path_step;

/* What a key or an index is; false for anything else: nothing is found there. */
static bool step_of(const tr_value *v, tr_json_step *out) {
    tr_value value = *v;
    if (value.type == TR_DYNAMIC && !value.is_null)
        value = tr_dyn_value(value.as.str);
    if (value.is_null)
        return false;
    *out = (tr_json_step){.is_index = value.type != TR_STRING};
    if (value.type == TR_STRING)
        out->key = value.as.str;
    else if (value.type == TR_INT || value.type == TR_LONG)
        out->index = value.as.i64;
    else
        return false;
    return true;
}

static trawl_status prepare_path(const tr_prepare *p, const void **bound, trawl_error *err) {
    path_step *steps = TR_NEW_N(p->query, path_step, p->argc);
    if (!steps)
        return tr_fail_memory(err);
    for (uint32_t k = 1; k < p->argc; k++)
        steps[k].constant = p->consts[k] && step_of(p->consts[k], &steps[k].step);
    *bound = steps;
    return TRAWL_OK;
}

static bool path_row(const tr_call *call, uint32_t i, tr_str *value) {
    const path_step *steps = call->bound;
    if (!tr_vec_is_valid(&call->args[0], i))
        return false;
    *value = tr_text_at(&call->args[0], i);
    for (uint32_t k = 1; k < call->argc; k++) {
        tr_json_step own;
        const tr_json_step *step = &steps[k].step;
        if (!steps[k].constant) {
            tr_value v = tr_vec_value(&call->args[k], i);
            if (!step_of(&v, &own))
                return false;
            step = &own;
        }
        bool there = step->is_index ? tr_dyn_index(*value, step->index, value)
                                    : tr_dyn_get(*value, step->key, value);
        if (!there)
            return false;
    }
    return true;
}

static trawl_status path_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str value;
        if (path_row(call, i, &value))
            TR_TRY(tr_call_dyn_str(call, i, value, err));
        else
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

/* ---- parse_json ---- */

static trawl_status parse_json_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = new_builder(call);
    if (!b)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str text = tr_text_at(&call->args[0], i);
        if (!text.len) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        if (!tr_dyn_parse_json(b, text.ptr, text.len, NULL))
            tr_dyn_put_string(b, text);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static trawl_status as_is_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        if (tr_arg_valid(call, 0, i))
            tr_out_str(call)[i] = tr_text_at(&call->args[0], i);
        else
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

/* ---- extract_json ---- */

typedef struct {
    bool constant;
    bool ok; /* a constant text that is no path finds nothing */
    tr_json_path path;
} json_query;

static trawl_status prepare_query(const tr_prepare *p, const void **bound, trawl_error *err) {
    json_query *query = TR_NEW(p->query, json_query);
    if (!query)
        return tr_fail_memory(err);
    *bound = query;
    query->constant = p->consts[0] != NULL;
    if (!query->constant)
        return TRAWL_OK;
    return tr_json_path_parse(p->query, p->consts[0]->as.str, &query->path, &query->ok, err);
}

static tr_type query_type(uint32_t argc, const tr_type *types, const tr_value *const *consts) {
    (void)types;
    if (argc < 3)
        return TR_STRING;
    if (!consts[2] || consts[2]->type != TR_STRING)
        return TR_NONE;
    return tr_type_of_name(consts[2]->as.str);
}

/* What the path leads to, as a value of the result's type. */
static trawl_status store_found(tr_call *call, uint32_t i, tr_str found, trawl_error *err) {
    if (call->out->type == TR_DYNAMIC)
        return tr_call_dyn_str(call, i, found, err);
    tr_buf buf;
    tr_buf_start(&buf, call->scratch);
    tr_value value;
    if (!tr_dyn_to_text(&buf, found) ||
        !tr_parse_value(call->scratch, call->out->type, tr_buf_cell(&buf), &value))
        return tr_fail_memory(err);
    if (value.is_null)
        return tr_call_null(call, i, err);
    tr_vec_set(call->out, i, &value);
    return TRAWL_OK;
}

static trawl_status extract_json_eval(tr_call *call, trawl_error *err) {
    const json_query *query = call->bound;
    tr_dyn_builder *b = new_builder(call);
    if (!b)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_json_path path = query->path;
        bool ok = query->ok;
        if (!query->constant)
            TR_TRY(
                tr_json_path_parse(call->scratch, tr_text_at(&call->args[0], i), &path, &ok, err));
        tr_str text = tr_text_at(&call->args[1], i);
        tr_str whole;
        tr_str found;
        ok = ok && tr_dyn_parse_json(b, text.ptr, text.len, NULL);
        if (ok)
            TR_TRY(tr_dyn_finish(b, &whole, err));
        if (ok && tr_json_path_walk(&path, whole, &found))
            TR_TRY(store_found(call, i, found, err));
        else
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

/* ---- gettype ---- */

static const char *kind_name(tr_dyn_kind kind) {
    switch (kind) {
    case TR_DYN_NULL: return "null";
    case TR_DYN_FALSE:
    case TR_DYN_TRUE: return "bool";
    case TR_DYN_LONG: return "long";
    case TR_DYN_REAL: return "real";
    case TR_DYN_DATETIME: return "datetime";
    case TR_DYN_TIMESPAN: return "timespan";
    case TR_DYN_GUID: return "guid";
    case TR_DYN_DECIMAL: return "decimal";
    case TR_DYN_STRING: return "string";
    case TR_DYN_ARRAY: return "array";
    case TR_DYN_BAG: return "dictionary";
    }
    return "null";
}

static trawl_status gettype_eval(tr_call *call, trawl_error *err) {
    const tr_vec *v = &call->args[0];
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        const char *name = tr_type_name(v->type);
        if (v->type == TR_DYNAMIC)
            name = tr_vec_is_valid(v, i) ? kind_name(tr_dyn_kind_of(tr_text_at(v, i))) : "null";
        else if (!tr_vec_is_valid(v, i))
            name = "null";
        tr_buf_put_text(&rows.buf, name);
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

/* ---- range and repeat ---- */

/* Longer ranges are cut. */
enum { RANGE_MAX = 1048576 };

static void put_whole_range(tr_dyn_builder *b, tr_type type, int64_t from, int64_t to,
                            int64_t step) {
    for (uint32_t k = 0; k < RANGE_MAX && step && (step > 0 ? from <= to : from >= to); k++) {
        tr_value v = {.type = type, .as.i64 = from};
        tr_dyn_put_value(b, &v);
        if (step > 0 ? from > INT64_MAX - step : from < INT64_MIN - step)
            break;
        from += step;
    }
}

static void put_real_range(tr_dyn_builder *b, double from, double to, double step) {
    for (uint32_t k = 0; k < RANGE_MAX && step != 0; k++) {
        double at = from + (double)k * step;
        if (!(step > 0 ? at <= to : at >= to))
            break;
        tr_dyn_put_real(b, at);
    }
}

static trawl_status range_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = new_builder(call);
    if (!b)
        return tr_fail_memory(err);
    tr_type type = call->args[0].type;
    for (uint32_t i = 0; i < call->n; i++) {
        if (!tr_arg_valid(call, 0, i) || !tr_arg_valid(call, 1, i) ||
            (call->argc > 2 && !tr_arg_valid(call, 2, i))) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_value from = tr_vec_value(&call->args[0], i);
        tr_value to = tr_vec_value(&call->args[1], i);
        tr_value step = {.type = type, .as.i64 = 1};
        if (call->argc > 2)
            step = tr_vec_value(&call->args[2], i);
        else if (type == TR_REAL)
            step.as.real = 1;
        else if (type == TR_DATETIME || type == TR_TIMESPAN)
            step.as.i64 = 3600 * TR_TICKS_SECOND;
        tr_dyn_open_array(b);
        if (type == TR_REAL)
            put_real_range(b, from.as.real, to.as.real, step.as.real);
        else
            put_whole_range(b, type == TR_INT ? TR_LONG : type, from.as.i64, to.as.i64,
                            step.as.i64);
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static trawl_status repeat_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = new_builder(call);
    if (!b)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < call->n; i++) {
        int64_t count = tr_long_at(call, 1, i, 0);
        if (!tr_arg_valid(call, 1, i) || count < 0) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        if (count > RANGE_MAX)
            return tr_fail(err, TRAWL_E_LIMIT, "repeat: %lld elements, at most %d",
                           (long long)count, RANGE_MAX);
        tr_dyn_open_array(b);
        for (int64_t k = 0; k < count; k++)
            tr_dyn_put_row(b, &call->args[0], i);
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

/* ---- canonical JSON ---- */

static int by_key(const void *a, const void *b) {
    const tr_str *x = a;
    const tr_str *y = b;
    return tr_str_compare(x[0], y[0]);
}

static bool put_canonical(tr_buf *buf, tr_str v, uint32_t depth) {
    uint32_t count = tr_dyn_count(v);
    tr_dyn_kind kind = tr_dyn_kind_of(v);
    if (depth > TR_DYN_DEPTH_MAX || (kind != TR_DYN_ARRAY && kind != TR_DYN_BAG))
        return tr_dyn_to_json(buf, v);
    tr_str(*entries)[2] = tr_arena_array(buf->arena, (size_t)count + 1, sizeof *entries);
    if (!entries)
        return false;
    for (uint32_t k = 0; k < count; k++) {
        entries[k][0] = kind == TR_DYN_BAG ? tr_dyn_key(v, k) : tr_empty();
        entries[k][1] = tr_dyn_at(v, k);
    }
    if (kind == TR_DYN_BAG)
        qsort(entries, count, sizeof *entries, by_key);
    tr_buf_put_char(buf, kind == TR_DYN_BAG ? '{' : '[');
    for (uint32_t k = 0; k < count; k++) {
        if (k)
            tr_buf_put_char(buf, ',');
        if (kind == TR_DYN_BAG) {
            tr_json_put_string(buf, entries[k][0]);
            tr_buf_put_char(buf, ':');
        }
        if (!put_canonical(buf, entries[k][1], depth + 1))
            return false;
    }
    return tr_buf_put_char(buf, kind == TR_DYN_BAG ? '}' : ']');
}

static trawl_status dynamic_to_json_eval(tr_call *call, trawl_error *err) {
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        tr_value v = tr_vec_value(&call->args[0], i);
        bool ok = true;
        if (v.type == TR_DYNAMIC && !v.is_null)
            ok = put_canonical(&rows.buf, v.as.str, 0);
        else
            ok = tr_put_value_text(&rows.buf, &v);
        if (!ok)
            return tr_fail_memory(err);
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

#define RANGE_SUMMARY "An array of equally spaced values from a start up to a stop."
#define PARSE_SUMMARY "Reads a JSON text as a dynamic value; a text that is no JSON stays a string."

const tr_func tr_funcs_dynamic[] = {
    {.name = "__path",
     .args = "yx+",
     .result = 'y',
     .flags = TR_FUNC_NULLS | TR_FUNC_HIDDEN,
     .eval = path_eval,
     .prepare = prepare_path,
     .summary = "The element that keys and indexes lead to."},
    {.name = "parse_json",
     .args = "y",
     .result = 'y',
     .column = "<>",
     .flags = TR_FUNC_NULLS,
     .eval = as_is_eval,
     .summary = "A dynamic value as it is."},
    {.name = "parse_json",
     .args = "s",
     .result = 'y',
     .column = "<>",
     .flags = TR_FUNC_COSTLY,
     .eval = parse_json_eval,
     .summary = PARSE_SUMMARY,
     .example = "print d = parse_json('{\"a\":123, \"b\":[1,2]}') | project d.a, d.b[1]"},
    {.name = "todynamic",
     .args = "y",
     .result = 'y',
     .column = "<>",
     .flags = TR_FUNC_NULLS,
     .eval = as_is_eval,
     .summary = "A dynamic value as it is."},
    {.name = "todynamic",
     .args = "s",
     .result = 'y',
     .column = "<>",
     .flags = TR_FUNC_COSTLY,
     .eval = parse_json_eval,
     .summary = PARSE_SUMMARY,
     .example = "print d = todynamic('[1,2,3]')"},
    {.name = "parsejson",
     .args = "y",
     .result = 'y',
     .column = "<>",
     .flags = TR_FUNC_NULLS | TR_FUNC_HIDDEN,
     .eval = as_is_eval,
     .summary = "A dynamic value as it is."},
    {.name = "parsejson",
     .args = "s",
     .result = 'y',
     .column = "<>",
     .flags = TR_FUNC_COSTLY | TR_FUNC_HIDDEN,
     .eval = parse_json_eval,
     .summary = PARSE_SUMMARY},
    {.name = "toobject",
     .args = "y",
     .result = 'y',
     .column = "<>",
     .flags = TR_FUNC_NULLS | TR_FUNC_HIDDEN,
     .eval = as_is_eval,
     .summary = "A dynamic value as it is."},
    {.name = "toobject",
     .args = "s",
     .result = 'y',
     .column = "<>",
     .flags = TR_FUNC_COSTLY | TR_FUNC_HIDDEN,
     .eval = parse_json_eval,
     .summary = PARSE_SUMMARY},
    {.name = "extract_json",
     .args = "sss?",
     .result = '!',
     .flags = TR_FUNC_COSTLY,
     .eval = extract_json_eval,
     .prepare = prepare_query,
     .result_type = query_type,
     .summary = "The element of a JSON text that a JSONPath leads to.",
     .example = "print x = extract_json(\"$.name\", '{\"name\":\"John\",\"age\":30}')"},
    {.name = "extractjson",
     .args = "sss?",
     .result = '!',
     .flags = TR_FUNC_COSTLY,
     .eval = extract_json_eval,
     .prepare = prepare_query,
     .result_type = query_type,
     .summary = "The element of a JSON text that a JSONPath leads to.",
     .example = "print x = extractjson(\"$.age\", '{\"age\":30}', typeof(int))"},
    {.name = "gettype",
     .args = "x",
     .result = 's',
     .flags = TR_FUNC_NULLS,
     .eval = gettype_eval,
     .summary = "The name of the type a value has at run time.",
     .example = "print t = gettype(dynamic([1, 2, 3]))"},
    {.name = "dynamic_to_json",
     .args = "x",
     .result = 's',
     .flags = TR_FUNC_NULLS,
     .eval = dynamic_to_json_eval,
     .summary = "JSON text of a dynamic value, with the keys of its bags in order.",
     .example = "print j = dynamic_to_json(dynamic({\"b\":1, \"a\":[2,3]}))"},
    {.name = "range",
     .args = "lll?",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = range_eval,
     .summary = RANGE_SUMMARY,
     .example = "print r = range(1, 8, 3)"},
    {.name = "range",
     .args = "rrr?",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = range_eval,
     .summary = RANGE_SUMMARY,
     .example = "print r = range(1.0, 2.0, 0.5)"},
    {.name = "range",
     .args = "ddt?",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = range_eval,
     .summary = RANGE_SUMMARY,
     .example = "print r = range(datetime(2007-01-01), datetime(2007-01-03), 1d)"},
    {.name = "range",
     .args = "ttt?",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = range_eval,
     .summary = RANGE_SUMMARY,
     .example = "print r = range(1h, 5h)"},
    {.name = "repeat",
     .args = "xl",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = repeat_eval,
     .summary = "An array that holds one value so many times.",
     .example = "print r = repeat(1, 3)"},
    {.name = NULL},
};

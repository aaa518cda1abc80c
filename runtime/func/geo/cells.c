/* runtime/func/geo/cells.c: arguments read as points and shapes. Must not know any function. */
#include "runtime/func/geo/cells.h"

enum { SHAPES_MAX = 8 };

/* Shapes of constant arguments; `known` where the argument was read, whatever came of it. */
typedef struct {
    bool known[SHAPES_MAX];
    const tr_geo_shape *shapes[SHAPES_MAX];
} bound_shapes;

trawl_status tr_geo_prepare(const tr_prepare *p, const void **bound, trawl_error *err) {
    bound_shapes *all = TR_NEW(p->query, bound_shapes);
    if (!all)
        return tr_fail_memory(err);
    *bound = all;
    for (uint32_t k = 0; k < p->argc && k < SHAPES_MAX; k++) {
        if (!p->consts[k] || p->types[k] != TR_DYNAMIC)
            continue;
        all->known[k] = true;
        if (!p->consts[k]->is_null)
            TR_TRY(tr_geo_read(p->query, p->consts[k]->as.str, TR_GEO_LINES | TR_GEO_POLYGONS,
                               &all->shapes[k], err));
    }
    return TRAWL_OK;
}

trawl_status tr_geo_shape_at(tr_call *call, uint32_t arg, uint32_t i, uint32_t kinds,
                             const tr_geo_shape **out, trawl_error *err) {
    const bound_shapes *all = call->bound;
    if (all && all->known[arg]) {
        const tr_geo_shape *s = all->shapes[arg];
        *out = s && kinds & (s->polygon ? TR_GEO_POLYGONS : TR_GEO_LINES) ? s : NULL;
        return TRAWL_OK;
    }
    *out = NULL;
    if (!tr_arg_valid(call, arg, i))
        return TRAWL_OK;
    return tr_geo_read(call->scratch, tr_text_at(&call->args[arg], i), kinds, out, err);
}

bool tr_geo_flag_at(const tr_call *call, uint32_t arg, uint32_t i, bool *flag) {
    *flag = false;
    if (arg >= call->argc)
        return true;
    tr_value v = tr_vec_value(&call->args[arg], i);
    if (v.type == TR_DYNAMIC && !v.is_null)
        v = tr_dyn_value(v.as.str);
    if (v.is_null)
        return false;
    if (v.type == TR_REAL)
        *flag = v.as.real != 0;
    else if (v.type == TR_LONG || v.type == TR_INT)
        *flag = v.as.i64 != 0;
    else if (v.type == TR_BOOL)
        *flag = v.as.boolean;
    else
        return false;
    return true;
}

trawl_status tr_geo_put_real(tr_call *call, uint32_t i, double v, trawl_error *err) {
    if (isnan(v))
        return tr_call_null(call, i, err);
    ((double *)call->out->data)[i] = v;
    return TRAWL_OK;
}

trawl_status tr_geo_builder(tr_call *call, tr_dyn_builder **b, trawl_error *err) {
    *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!*b)
        return tr_fail_memory(err);
    tr_dyn_start(*b, call->scratch);
    return TRAWL_OK;
}

trawl_status tr_geo_put_place(tr_call *call, uint32_t i, tr_dyn_builder *b, bool there,
                              tr_geo_point p, trawl_error *err) {
    if (!there)
        return tr_call_null(call, i, err);
    tr_geo_put_point(b, p);
    return tr_call_dyn(call, i, b, err);
}

trawl_status tr_geo_put_shape_row(tr_call *call, uint32_t i, tr_dyn_builder *b,
                                  const tr_geo_shape *shape, trawl_error *err) {
    if (!shape || !shape->path_count)
        return tr_call_null(call, i, err);
    tr_geo_put_shape(b, shape);
    return tr_call_dyn(call, i, b, err);
}

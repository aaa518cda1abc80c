/* runtime/func/agg_distinct.c: dcount, hll, hll_merge. Values are hashed a batch at a time. */
#include "kernels/kernels.h"
#include "runtime/data/decimal.h"
#include "runtime/func/agg.h"
#include "runtime/func/hll.h"

typedef struct hll_bound {
    uint32_t bits;
} hll_bound;

static trawl_status hll_prepare(const tr_prepare *p, const void **bound, trawl_error *err) {
    hll_bound *b = TR_NEW(p->query, hll_bound);
    if (!b)
        return tr_fail_memory(err);
    b->bits = tr_hll_bits(1);
    if (p->argc > 1) {
        const tr_value *accuracy = p->consts[1];
        b->bits = accuracy && !accuracy->is_null ? tr_hll_bits(accuracy->as.i64) : 0;
        if (!b->bits)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, p->spans[1], "SEM0221",
                              "the accuracy must be a constant from 0 to 4");
    }
    *bound = b;
    return TRAWL_OK;
}

/* Equal decimals may differ in trailing zeros. */
static trawl_status hash_decimals(const tr_agg_call *call, const tr_vec *v, uint64_t *hashes,
                                  trawl_error *err) {
    tr_decimal *normal =
        tr_arena_alloc(call->scratch, ((size_t)call->n + 63) / 64 * 64 * sizeof *normal, 64);
    if (!normal)
        return tr_fail_memory(err);
    const tr_decimal *in = v->data;
    for (uint32_t i = 0; i < call->n; i++)
        normal[i] = tr_decimal_normal(in[i]);
    tr_kernels_now()->hash.u128((const tr_kernel_u128 *)(const void *)normal, call->n, hashes);
    return TRAWL_OK;
}

static trawl_status hash_rows(const tr_agg_call *call, uint64_t **out, trawl_error *err) {
    const tr_hash_ops *ops = &tr_kernels_now()->hash;
    tr_vec v;
    TR_TRY(tr_vec_flatten(call->scratch, &call->args[0], call->n, &v, err));
    uint64_t *hashes = tr_arena_alloc(call->scratch, ((size_t)call->n + 63) / 64 * 64 * 8, 64);
    if (!hashes)
        return tr_fail_memory(err);
    switch (v.type) {
    case TR_BOOL:
        for (uint32_t i = 0; i < call->n; i++)
            hashes[i] = tr_bit_get(tr_vec_bits(&v), i);
        ops->i64((const int64_t *)hashes, call->n, hashes);
        break;
    case TR_INT: ops->i32(v.data, call->n, hashes); break;
    case TR_REAL: ops->f64(v.data, call->n, hashes); break;
    case TR_DECIMAL: TR_TRY(hash_decimals(call, &v, hashes, err)); break;
    case TR_GUID: ops->u128(v.data, call->n, hashes); break;
    case TR_STRING:
    case TR_DYNAMIC: ops->str(v.data, call->n, hashes); break;
    default: ops->i64(v.data, call->n, hashes); break;
    }
    *out = hashes;
    return TRAWL_OK;
}

static trawl_status hll_update(const tr_agg_call *call, trawl_error *err) {
    const hll_bound *b = call->bound;
    tr_hll *states = call->states;
    uint64_t *hashes = NULL;
    TR_TRY(hash_rows(call, &hashes, err));
    for (uint32_t i = 0; i < call->n; i++)
        TR_TRY(tr_hll_add(&states[tr_agg_group(call, i)], b->bits, hashes[i], call->arena, err));
    return TRAWL_OK;
}

static trawl_status hll_combine(const tr_agg_merge *m, trawl_error *err) {
    const hll_bound *b = m->bound;
    const tr_hll *from = m->from;
    for (uint32_t i = 0; i < m->n; i++) {
        tr_hll *into = (tr_hll *)m->into + m->groups[i];
        if (!into->is_dense && !into->slots_log2)
            *into = from[i];
        else
            TR_TRY(tr_hll_merge(into, &from[i], b->bits, m->arena, err));
    }
    return TRAWL_OK;
}

static trawl_status dcount_finish(const tr_agg_finish *f, trawl_error *err) {
    (void)err;
    const hll_bound *b = f->bound;
    const tr_hll *states = f->states;
    for (uint32_t i = 0; i < f->n; i++)
        ((int64_t *)f->outs[0].data)[i] = tr_hll_count(&states[i], b->bits);
    return TRAWL_OK;
}

static trawl_status put_hll(const tr_agg_finish *f, const tr_hll *h, uint32_t bits, uint32_t row,
                            trawl_error *err) {
    if (!h->is_dense && !h->count)
        return tr_agg_null(f, &f->outs[0], row, err);
    tr_dyn_builder builder;
    tr_dyn_start(&builder, f->arena);
    tr_hll_put(h, bits, &builder);
    tr_value out = {.type = TR_DYNAMIC};
    TR_TRY(tr_dyn_finish(&builder, &out.as.str, err));
    tr_vec_set(&f->outs[0], row, &out);
    return TRAWL_OK;
}

static trawl_status hll_finish(const tr_agg_finish *f, trawl_error *err) {
    const hll_bound *b = f->bound;
    const tr_hll *states = f->states;
    for (uint32_t i = 0; i < f->n; i++)
        TR_TRY(put_hll(f, &states[i], b->bits, i, err));
    return TRAWL_OK;
}

/* ---- hll_merge: the accuracy comes with the values; the first one decides ---- */

typedef struct merged_hll {
    tr_hll hll;
    uint32_t bits;
    uint32_t unused;
} merged_hll;

static trawl_status fold_hll(merged_hll *s, const tr_hll *h, uint32_t bits, tr_arena *arena,
                             trawl_error *err) {
    if (!s->bits)
        s->bits = bits;
    if (s->bits != bits && h->is_dense)
        return tr_fail(err, TRAWL_E_DATA, "hll_merge: values of different accuracy");
    return tr_hll_merge(&s->hll, h, s->bits, arena, err);
}

static trawl_status merge_update(const tr_agg_call *call, trawl_error *err) {
    merged_hll *states = call->states;
    const tr_vec *v = &call->args[0];
    for (uint32_t i = 0; i < call->n; i++) {
        tr_hll h;
        uint32_t bits;
        if (tr_hll_read(tr_vec_str(v)[tr_row(v, i)], &h, &bits, call->scratch))
            TR_TRY(fold_hll(&states[tr_agg_group(call, i)], &h, bits, call->arena, err));
    }
    return TRAWL_OK;
}

static trawl_status merge_combine(const tr_agg_merge *m, trawl_error *err) {
    const merged_hll *from = m->from;
    for (uint32_t i = 0; i < m->n; i++)
        if (from[i].bits)
            TR_TRY(fold_hll((merged_hll *)m->into + m->groups[i], &from[i].hll, from[i].bits,
                            m->arena, err));
    return TRAWL_OK;
}

static trawl_status merge_finish(const tr_agg_finish *f, trawl_error *err) {
    const merged_hll *states = f->states;
    for (uint32_t i = 0; i < f->n; i++)
        TR_TRY(put_hll(f, &states[i].hll, states[i].bits, i, err));
    return TRAWL_OK;
}

const tr_agg tr_aggs_distinct[] = {
    {.name = "dcount",
     .args = "xl?",
     .result = 'l',
     .flags = TR_AGG_IF,
     .state_bytes = sizeof(tr_hll),
     .prepare = hll_prepare,
     .update = hll_update,
     .combine = hll_combine,
     .finish = dcount_finish,
     .summary = "About how many distinct values there are; exact for small sets.",
     .example = "range x from 1 to 9 step 1 | summarize dcount(x % 3)",
     .column = "dcount_<>"},
    {.name = "hll",
     .args = "xl?",
     .result = 'y',
     .flags = TR_AGG_IF,
     .state_bytes = sizeof(tr_hll),
     .prepare = hll_prepare,
     .update = hll_update,
     .combine = hll_combine,
     .finish = hll_finish,
     .summary = "The intermediate result of dcount().",
     .example = "range x from 1 to 9 step 1 | summarize h = hll(x) | project dcount_hll(h)",
     .column = "hll_<>"},
    {.name = "hll_merge",
     .args = "y",
     .result = 'y',
     .flags = TR_AGG_IF,
     .state_bytes = sizeof(merged_hll),
     .update = merge_update,
     .combine = merge_combine,
     .finish = merge_finish,
     .summary = "Merges results of hll().",
     .example = "range x from 1 to 9 step 1 | summarize h = hll(x) by x % 2 "
                "| summarize h = hll_merge(h) | project dcount_hll(h)",
     .column = "hll_merge_<>"},
    {.name = NULL},
};

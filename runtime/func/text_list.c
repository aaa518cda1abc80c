/* runtime/func/text_list.c: the operators that look for several terms at once: has_any, has_all and
 * has_any_index. Must not know how matching is done (match.c). */
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"
#include "runtime/func/match.h"

/* The needles, where all of them are constant. */
typedef struct {
    bool constant;
    bool whole_terms; /* every needle begins and ends with a letter or digit */
    bool with_set;    /* `set` holds every needle: rows without any of them need no closer look */
    uint32_t count;
    tr_match *matches;
    tr_kernel_str *literals;
    tr_find_set set;
    tr_str *texts;   /* the needles, folded */
    bool known;      /* every needle is text that can be looked for */
    uint32_t edges;  /* that all needles have */
    bool same_edges; /* none has more */
} needles;

/* A filter by set pays from here on; fewer needles are looked for one after the other. */
enum { SET_FROM = 3 };

static trawl_status prepare(const tr_prepare *p, const void **bound, trawl_error *err) {
    needles *made = TR_NEW(p->query, needles);
    if (!made)
        return tr_fail_memory(err);
    tr_str *texts = NULL;
    TR_TRY(tr_prepare_texts(p, 1, &made->constant, &texts, &made->count, err));
    *bound = made;
    if (!made->constant || !made->count)
        return TRAWL_OK;
    made->matches = TR_NEW_N(p->query, tr_match, made->count);
    made->literals = TR_NEW_N(p->query, tr_kernel_str, made->count);
    if (!made->matches || !made->literals)
        return tr_fail_memory(err);
    made->texts = texts; /* overwritten in place: the matches have copies */
    made->known = true;
    made->edges = TR_FIND_EDGE_START | TR_FIND_EDGE_END;
    made->whole_terms = made->same_edges = true;
    made->with_set = made->count >= SET_FROM && made->count <= TR_FIND_SET_MAX;
    for (uint32_t k = 0; k < made->count; k++) {
        tr_match *m = &made->matches[k];
        TR_TRY(tr_match_prepare(m, TR_MATCH_TERM, true, texts[k], p->query, err));
        made->literals[k] = (tr_kernel_str){m->needle.ptr, m->needle.len, m->needle.head};
        texts[k] = m->needle;
        made->known &= !m->slow && m->needle.len > 0;
        made->edges &= m->edges;
        made->same_edges &= m->edges == made->matches[0].edges;
        made->with_set &= !m->slow && m->needle.len > 0;
        made->whole_terms &= m->edges == (TR_FIND_EDGE_START | TR_FIND_EDGE_END);
    }
    if (made->with_set)
        tr_kernels_now()->find.set(&made->set, made->literals, made->count, true);
    return TRAWL_OK;
}

/* has_any: one of the needles. */
static bool any_needs(const void *bound, uint32_t k, tr_need *out) {
    const needles *all = bound;
    if (k > 0 || !all->constant || !all->known)
        return false;
    *out = (tr_need){.count = all->count,
                     .literals = all->texts,
                     .any_case = true,
                     .edges = all->edges,
                     .exact = all->same_edges};
    return true;
}

/* has_all: each of them that can be looked for. */
static bool all_needs(const void *bound, uint32_t k, tr_need *out) {
    const needles *all = bound;
    for (uint32_t i = 0; all->constant && i < all->count; i++) {
        const tr_match *m = &all->matches[i];
        if (m->slow || !m->needle.len || k-- > 0)
            continue;
        *out = (tr_need){.count = 1,
                         .literals = &all->texts[i],
                         .any_case = true,
                         .edges = m->edges,
                         .exact = all->known};
        return true;
    }
    return false;
}

/* What `each` folds one row's needles into. */
typedef struct {
    tr_str text;
    tr_arena *scratch;
    trawl_error *err;
    trawl_status status;
    bool any;      /* stop at the first needle found, else at the first one missing */
    bool found;    /* the last answer */
    int64_t index; /* needles looked at */
} row_search;

static bool search_each(void *ctx, tr_str needle) {
    row_search *s = ctx;
    s->status = tr_match_pair(TR_MATCH_TERM, true, s->text, needle, &s->found, s->scratch, s->err);
    s->index++;
    return s->status == TRAWL_OK && s->found != s->any;
}

static trawl_status search_row(tr_call *call, uint32_t i, bool any, row_search *out,
                               trawl_error *err) {
    *out = (row_search){.text = tr_text_at(&call->args[0], i),
                        .scratch = call->scratch,
                        .err = err,
                        .any = any,
                        .found = !any};
    TR_TRY(tr_call_texts(call, 1, i, search_each, out, err));
    return out->status;
}

/* One row against every needle. */
static trawl_status any_in_row(tr_call *call, const needles *all, uint32_t i, trawl_error *err) {
    bool yes = false;
    tr_str row = tr_vec_str(&call->args[0])[i];
    for (uint32_t k = 0; !yes && k < all->count; k++)
        TR_TRY(tr_match_one(&all->matches[k], row, &yes, call->scratch, err));
    if (yes)
        tr_bit_set(tr_out_bits(call), i);
    return TRAWL_OK;
}

/* The set finds the rows; those it cannot judge are looked at one by one. */
static trawl_status any_by_set(tr_call *call, const needles *all, trawl_error *err) {
    uint64_t hits[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
    uint64_t unsure[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
    const tr_kernel_str *rows = call->args[0].data;
    uint32_t edges = all->whole_terms ? TR_FIND_EDGE_START | TR_FIND_EDGE_END : 0;
    tr_kernels_now()->find.rows_find_any(&all->set, edges, rows, call->n, hits,
                                         edges ? unsure : NULL);
    const uint64_t *look = edges ? unsure : hits;
    for (uint32_t w = 0; w < TR_BITS_WORDS(call->n); w++) {
        if (edges)
            tr_out_bits(call)[w] |= hits[w];
        for (uint32_t i = w * 64; look[w] && i < call->n && i < w * 64 + 64; i++)
            if (tr_bit_get(look, i))
                TR_TRY(any_in_row(call, all, i, err));
    }
    return TRAWL_OK;
}

static trawl_status constant_eval(tr_call *call, const needles *all, bool any, trawl_error *err) {
    if (any && all->with_set)
        return any_by_set(call, all, err);
    uint64_t *bits = tr_out_bits(call);
    uint32_t words = (uint32_t)TR_BITS_WORDS(call->n);
    if (!any)
        tr_bits_flip(bits, call->n); /* out of zeros: all rows */
    for (uint32_t k = 0; k < all->count; k++) {
        uint64_t hits[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
        TR_TRY(tr_match_rows(&all->matches[k], &call->args[0], call->n, hits, call->scratch, err));
        for (uint32_t w = 0; w < words; w++)
            bits[w] = any ? bits[w] | hits[w] : bits[w] & hits[w];
    }
    return TRAWL_OK;
}

static trawl_status list_eval(tr_call *call, bool any, trawl_error *err) {
    const needles *all = call->bound;
    if (all->constant && (call->n == 1 || !call->args[0].is_const))
        return constant_eval(call, all, any, err);
    for (uint32_t i = 0; i < call->n; i++) {
        row_search search;
        TR_TRY(search_row(call, i, any, &search, err));
        if (search.found)
            tr_bit_set(tr_out_bits(call), i);
    }
    return TRAWL_OK;
}

static trawl_status has_any_eval(tr_call *call, trawl_error *err) {
    return list_eval(call, true, err);
}

static trawl_status has_all_eval(tr_call *call, trawl_error *err) {
    return list_eval(call, false, err);
}

static trawl_status has_any_index_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        row_search search;
        TR_TRY(search_row(call, i, true, &search, err));
        tr_out_i64(call)[i] = search.found ? search.index - 1 : -1;
    }
    return TRAWL_OK;
}

const tr_func tr_funcs_text_list[] = {
    {.name = "has_any",
     .args = "sx*",
     .result = 'b',
     .flags = TR_FUNC_NULLS,
     .eval = has_any_eval,
     .prepare = prepare,
     .needs = any_needs,
     .summary = "True where the string has any of the values as a whole term, in any case.",
     .example = "print result = \"west virginia\" has_any (\"Virginia\", \"Texas\")"},
    {.name = "has_all",
     .args = "sx*",
     .result = 'b',
     .flags = TR_FUNC_NULLS,
     .eval = has_all_eval,
     .prepare = prepare,
     .needs = all_needs,
     .summary = "True where the string has all of the values as whole terms, in any case.",
     .example = "print result = \"cold west wind\" has_all (\"WIND\", \"cold\")"},
    {.name = "has_any_index",
     .args = "sy",
     .result = 'l',
     .eval = has_any_index_eval,
     .summary = "Index of the first array element that the string has as a whole term, or -1.",
     .example = "print idx = has_any_index(\"this is an example\", dynamic(['not', 'example']))"},
    {.name = NULL},
};

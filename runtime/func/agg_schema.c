/* runtime/func/agg_schema.c: buildschema: the least schema that admits all values of a dynamic
 * column.
 *
 * A node is a list of alternatives in the order in which they were met: names of scalar types, at
 * most one bag and at most one array. */
#include "runtime/data/dynamic.h"
#include "runtime/func/agg.h"

typedef struct node node;
typedef struct member member;

typedef struct alternative {
    struct alternative *next;
    tr_dyn_kind kind; /* TRUE stands for both booleans */
    member *members;  /* of a bag, in the order in which they were met */
    node *elements;   /* of an array */
} alternative;

struct node {
    alternative *first;
};

struct member {
    member *next;
    tr_str key;
    node value;
};

static alternative *find_or_add(node *n, tr_dyn_kind kind, tr_arena *arena) {
    alternative **at = &n->first;
    for (; *at; at = &(*at)->next)
        if ((*at)->kind == kind)
            return *at;
    *at = TR_NEW(arena, alternative);
    if (*at)
        (*at)->kind = kind;
    return *at;
}

static member *find_or_add_member(alternative *bag, tr_str key, tr_arena *arena) {
    member **at = &bag->members;
    for (; *at; at = &(*at)->next)
        if (tr_str_equal((*at)->key, key))
            return *at;
    member *added = TR_NEW(arena, member);
    char *text = tr_arena_text(arena, key.ptr, key.len);
    if (!added || !text)
        return NULL;
    added->key = tr_str_make(text, key.len);
    *at = added;
    return added;
}

/* Recursion is as deep as the value, which has a limit. */
static trawl_status learn(node *n, tr_str v, tr_arena *arena, trawl_error *err) {
    tr_dyn_kind kind = tr_dyn_kind_of(v);
    if (kind == TR_DYN_NULL)
        return TRAWL_OK;
    alternative *a = find_or_add(n, kind == TR_DYN_FALSE ? TR_DYN_TRUE : kind, arena);
    if (!a)
        return tr_fail_memory(err);
    if (kind == TR_DYN_ARRAY && !a->elements && !(a->elements = TR_NEW(arena, node)))
        return tr_fail_memory(err);
    uint32_t count = tr_dyn_count(v);
    for (uint32_t i = 0; i < count; i++) {
        node *into = a->elements;
        if (kind == TR_DYN_BAG) {
            member *m = find_or_add_member(a, tr_dyn_key(v, i), arena);
            if (!m)
                return tr_fail_memory(err);
            into = &m->value;
        }
        TR_TRY(learn(into, tr_dyn_at(v, i), arena, err));
    }
    return TRAWL_OK;
}

static trawl_status merge(node *into, const node *from, tr_arena *arena, trawl_error *err) {
    for (const alternative *b = from->first; b; b = b->next) {
        alternative *a = find_or_add(into, b->kind, arena);
        if (!a)
            return tr_fail_memory(err);
        for (const member *m = b->members; m; m = m->next) {
            member *mine = find_or_add_member(a, m->key, arena);
            if (!mine)
                return tr_fail_memory(err);
            TR_TRY(merge(&mine->value, &m->value, arena, err));
        }
        if (!b->elements)
            continue;
        if (!a->elements && !(a->elements = TR_NEW(arena, node)))
            return tr_fail_memory(err);
        TR_TRY(merge(a->elements, b->elements, arena, err));
    }
    return TRAWL_OK;
}

static const char *kind_name(tr_dyn_kind kind) {
    switch (kind) {
    case TR_DYN_TRUE: return "bool";
    case TR_DYN_LONG: return "long";
    case TR_DYN_REAL: return "double";
    case TR_DYN_DATETIME: return "datetime";
    case TR_DYN_TIMESPAN: return "timespan";
    case TR_DYN_GUID: return "guid";
    case TR_DYN_DECIMAL: return "decimal";
    default: return "string";
    }
}

static void put_node(tr_dyn_builder *b, const node *n);

static void put_alternative(tr_dyn_builder *b, const alternative *a) {
    if (a->kind == TR_DYN_BAG) {
        tr_dyn_open_bag(b);
        for (const member *m = a->members; m; m = m->next) {
            tr_dyn_put_key(b, m->key);
            put_node(b, &m->value);
        }
        tr_dyn_close(b);
    } else if (a->kind == TR_DYN_ARRAY) {
        tr_dyn_open_bag(b);
        tr_dyn_put_key(b, tr_str_c("`indexer`"));
        put_node(b, a->elements);
        tr_dyn_close(b);
    } else {
        tr_dyn_put_string(b, tr_str_c(kind_name(a->kind)));
    }
}

static void put_node(tr_dyn_builder *b, const node *n) {
    if (!n->first) {
        tr_dyn_put_null(b);
    } else if (!n->first->next) {
        put_alternative(b, n->first);
    } else {
        tr_dyn_open_array(b);
        for (const alternative *a = n->first; a; a = a->next)
            put_alternative(b, a);
        tr_dyn_close(b);
    }
}

static trawl_status schema_update(const tr_agg_call *call, trawl_error *err) {
    node *states = call->states;
    const tr_vec *v = &call->args[0];
    for (uint32_t i = 0; i < call->n; i++)
        TR_TRY(
            learn(&states[tr_agg_group(call, i)], tr_vec_str(v)[tr_row(v, i)], call->arena, err));
    return TRAWL_OK;
}

static trawl_status schema_combine(const tr_agg_merge *m, trawl_error *err) {
    const node *from = m->from;
    for (uint32_t i = 0; i < m->n; i++)
        TR_TRY(merge((node *)m->into + m->groups[i], &from[i], m->arena, err));
    return TRAWL_OK;
}

static trawl_status schema_finish(const tr_agg_finish *f, trawl_error *err) {
    const node *states = f->states;
    for (uint32_t i = 0; i < f->n; i++) {
        if (!states[i].first) {
            TR_TRY(tr_agg_null(f, &f->outs[0], i, err));
            continue;
        }
        tr_dyn_builder builder;
        tr_dyn_start(&builder, f->arena);
        put_node(&builder, &states[i]);
        tr_value out = {.type = TR_DYNAMIC};
        TR_TRY(tr_dyn_finish(&builder, &out.as.str, err));
        tr_vec_set(&f->outs[0], i, &out);
    }
    return TRAWL_OK;
}

const tr_agg tr_aggs_schema[] = {
    {.name = "buildschema",
     .args = "y",
     .result = 'y',
     .flags = TR_AGG_IF,
     .state_bytes = sizeof(node),
     .update = schema_update,
     .combine = schema_combine,
     .finish = schema_finish,
     .summary = "The least schema that admits all values of a dynamic column.",
     .example = "print d = dynamic({'a': [1, 'x']}) | summarize buildschema(d)",
     .column = "schema_<>"},
    {.name = NULL},
};

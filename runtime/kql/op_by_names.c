/* runtime/kql/op_by_names.c: project-by-names: columns by name, by array of names, by pattern.
 * Names that no column has are left out. */
#include "runtime/kql/analyze.h"

typedef struct {
    const tr_expr **exprs;
    tr_str *names;
    uint32_t count;
} picked;

static trawl_status add_matching(const tr_context *ctx, const tr_plan *input, tr_str pattern,
                                 picked *p, trawl_error *err) {
    for (uint32_t k = 0; k < input->schema.count; k++) {
        tr_str name = input->schema.fields[k].name;
        bool wanted = tr_name_matches(pattern, name);
        for (uint32_t i = 0; i < p->count; i++)
            wanted = wanted && !tr_str_equal(p->names[i], name);
        if (!wanted)
            continue;
        TR_TRY(tr_expr_column(&ctx->a->plan, &input->schema, k, (tr_span){0, 0},
                              &p->exprs[p->count], err));
        p->names[p->count++] = name;
    }
    return TRAWL_OK;
}

trawl_status tr_operator_project_by_names(const tr_context *ctx, const tr_kql_node *node,
                                          const tr_plan *input, const tr_plan **out,
                                          trawl_error *err) {
    picked p = {.count = 0};
    p.exprs = TR_NEW_N(ctx->a->plan.query, const tr_expr *, input->schema.count + 1);
    p.names = TR_NEW_N(ctx->a->plan.query, tr_str, input->schema.count + 1);
    if (!p.exprs || !p.names)
        return tr_fail_memory(err);
    for (uint32_t i = 1; i < node->child_count; i++) {
        tr_value names;
        TR_TRY(tr_constant(ctx, node->children[i], &names, err));
        bool list = names.type == TR_DYNAMIC && !names.is_null &&
                    tr_dyn_kind_of(names.as.str) == TR_DYN_ARRAY;
        if (!list && names.type != TR_STRING)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, node->children[i]->span, "SEM0074",
                              "project-by-names takes names as strings or dynamic arrays");
        if (!list)
            TR_TRY(add_matching(ctx, input, names.as.str, &p, err));
        for (uint32_t k = 0; list && k < tr_dyn_count(names.as.str); k++) {
            tr_value name = tr_dyn_value(tr_dyn_at(names.as.str, k));
            if (name.type == TR_STRING)
                TR_TRY(add_matching(ctx, input, name.as.str, &p, err));
        }
    }
    return tr_plan_project(&ctx->a->plan, input, p.count, p.exprs, p.names, out, err);
}

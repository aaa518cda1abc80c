/* runtime/kql/op_schema_merge.c: the plugin schema_merge: tables as getschema makes them become one
 * schema. */
#include "runtime/kql/analyze.h"

enum { NAME, ORDINAL, DATA_TYPE, TYPE, COLUMNS, MERGED_MAX = 10000 };

typedef struct {
    tr_str name, data_type, type;
    int64_t first_ordinal, last_ordinal;
    bool is_moved, is_mixed;
} merged;

static merged *find(merged *all, uint64_t count, tr_str name) {
    for (uint64_t i = 0; i < count; i++)
        if (tr_str_equal(all[i].name, name))
            return &all[i];
    return NULL;
}

/* By the largest ordinal that a column had; stable. */
static void sort_columns(merged *all, uint64_t count) {
    for (uint64_t i = 1; i < count; i++)
        for (uint64_t j = i; j > 0 && all[j - 1].last_ordinal > all[j].last_ordinal; j--) {
            merged swap = all[j];
            all[j] = all[j - 1];
            all[j - 1] = swap;
        }
}

static trawl_status put_column(const merged *m, int64_t ordinal, bool keeps_order, tr_arena *arena,
                               tr_rows *out, trawl_error *err) {
    tr_value row[COLUMNS] = {{.type = TR_STRING, .as.str = m->name},
                             {.type = TR_LONG, .as.i64 = ordinal},
                             {.type = TR_STRING, .as.str = m->data_type},
                             {.type = TR_STRING, .as.str = m->type}};
    const char *fault = m->is_mixed                  ? "columns have different types"
                        : m->is_moved && keeps_order ? "columns are out of order"
                                                     : NULL;
    if (fault) {
        char *type = tr_arena_printf(arena, "ERROR(%s)", fault);
        char *data_type = tr_arena_printf(arena, "ERROR(unknown CSL type:ERROR(%s))", fault);
        if (!type || !data_type)
            return tr_fail_memory(err);
        row[ORDINAL].as.i64 = -1;
        row[DATA_TYPE].as.str = tr_str_c(data_type);
        row[TYPE].as.str = tr_str_c(type);
    }
    return tr_rows_append_values(out, arena, row, err);
}

static trawl_status run_merge(const void *bound, const tr_rows *input, tr_arena *arena,
                              const tr_func_env *env, tr_rows *out, trawl_error *err) {
    bool keeps_order = *(const bool *)bound;
    merged *all = TR_NEW_N(arena, merged, input->row_count + 1);
    uint64_t count = 0;
    (void)env;
    if (!all)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < input->chunk_count; c++)
        for (uint32_t i = 0; i < input->chunks[c].n; i++) {
            tr_value row[COLUMNS];
            for (uint32_t k = 0; k < COLUMNS; k++)
                row[k] = tr_vec_value(&input->chunks[c].columns[k], i);
            int64_t ordinal = row[ORDINAL].is_null ? -1 : row[ORDINAL].as.i64;
            merged *m = find(all, count, row[NAME].as.str);
            if (!m && count == MERGED_MAX)
                return tr_fail(err, TRAWL_E_LIMIT, "schema_merge: more than %d columns",
                               MERGED_MAX);
            if (!m) {
                m = &all[count++];
                *m = (merged){row[NAME].as.str,
                              row[DATA_TYPE].as.str,
                              row[TYPE].as.str,
                              ordinal,
                              ordinal,
                              false,
                              false};
            }
            m->is_moved = m->is_moved || ordinal != m->first_ordinal;
            m->is_mixed = m->is_mixed || !tr_str_equal(m->type, row[TYPE].as.str);
            m->last_ordinal = ordinal > m->last_ordinal ? ordinal : m->last_ordinal;
        }
    sort_columns(all, count);
    for (uint64_t i = 0; i < count; i++)
        TR_TRY(put_column(&all[i], (int64_t)i, keeps_order, arena, out, err));
    return TRAWL_OK;
}

static const tr_plugin merge_plugin = {"schema_merge", run_merge};

trawl_status tr_plugin_schema_merge(const tr_context *ctx, const tr_kql_node *call,
                                    const tr_plan *input, const tr_plan **out, trawl_error *err) {
    static const char *const names[COLUMNS] = {"ColumnName", "ColumnOrdinal", "DataType",
                                               "ColumnType"};
    tr_plan_ctx *plan = &ctx->a->plan;
    bool *keeps_order = TR_NEW(plan->query, bool);
    const tr_expr *exprs[COLUMNS];
    tr_str titles[COLUMNS];
    tr_plan *node;
    if (!keeps_order)
        return tr_fail_memory(err);
    *keeps_order = true;
    if (call->child_count > 1) {
        const tr_kql_node *arg = call->children[1];
        tr_value value;
        TR_TRY(tr_constant(ctx, arg->kind == TR_KQL_NAMED ? arg->children[1] : arg, &value, err));
        if (value.type != TR_BOOL || call->child_count > 2)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, call->span, "SEM0219",
                              "schema_merge() takes one bool, PreserveOrder");
        *keeps_order = value.is_null || value.as.boolean;
    }
    for (uint32_t k = 0; k < COLUMNS; k++) {
        int32_t at = tr_schema_find(&input->schema, tr_str_c(names[k]));
        if (at < 0)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, call->span, "SEM0120",
                              "schema_merge() needs what getschema gives: there is no column '%s'",
                              names[k]);
        TR_TRY(tr_expr_column(plan, &input->schema, (uint32_t)at, call->span, &exprs[k], err));
        TR_TRY(tr_expr_cast(plan, exprs[k], k == ORDINAL ? TR_LONG : TR_STRING, &exprs[k], err));
        titles[k] = tr_str_c(names[k]);
    }
    TR_TRY(tr_plan_project(plan, input, COLUMNS, exprs, titles, &input, err));
    TR_TRY(tr_plan_new(plan, TR_PLAN_PLUGIN, &input, 1, input->schema, &node, err));
    node->ordered = true;
    node->as.plugin.plugin = &merge_plugin;
    node->as.plugin.bound = keeps_order;
    *out = node;
    return TRAWL_OK;
}

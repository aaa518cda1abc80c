/* runtime/kql/special.c: calls that need more than the values of their arguments: names of columns,
 * tables, `*`. */
#include "runtime/kql/special.h"

static trawl_status constant_of(const tr_context *ctx, tr_value value, tr_span span,
                                const tr_expr **out, trawl_error *err) {
    return tr_expr_const(&ctx->a->plan, &value, span, out, err);
}

static trawl_status string_constant(const tr_context *ctx, tr_str text, tr_span span,
                                    const tr_expr **out, trawl_error *err) {
    tr_value value = {.type = TR_STRING, .as.str = text};
    return constant_of(ctx, value, span, out, err);
}

static trawl_status call_toscalar(const tr_context *ctx, const tr_kql_node *node,
                                  const tr_expr **out, trawl_error *err) {
    tr_context inner = *ctx;
    inner.input = NULL;
    inner.aggs = NULL;
    tr_meaning meaning;
    if (node->child_count < 2)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0219",
                          "toscalar() needs a tabular expression");
    TR_TRY(tr_meaning_of(&inner, node->children[1], &meaning, err));
    if (meaning.expr) {
        *out = meaning.expr;
        return TRAWL_OK;
    }
    if (meaning.plan->schema.count == 0)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0031", "the table has no column");
    return tr_expr_subquery(&ctx->a->plan, meaning.plan, false, node->span, out, err);
}

static trawl_status call_column_ifexists(const tr_context *ctx, const tr_kql_node *node,
                                         const tr_expr **out, trawl_error *err) {
    if (node->child_count != 3)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0219",
                          "column_ifexists() takes a column name and a default");
    tr_value name;
    tr_context no_columns = *ctx;
    no_columns.input = NULL;
    TR_TRY(tr_constant(&no_columns, node->children[1], &name, err));
    if (name.type != TR_STRING)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->children[1]->span, "SEM0219",
                          "column_ifexists() needs the column's name as a constant string");
    int32_t column = ctx->input ? tr_schema_find(ctx->input, name.as.str) : -1;
    if (column >= 0)
        return tr_expr_column(&ctx->a->plan, ctx->input, (uint32_t)column, node->span, out, err);
    return tr_expression(ctx, node->children[2], out, err);
}

/* pack_all(), bag_pack_columns(a, b): a bag of columns under their names. */
static trawl_status pack_columns(const tr_context *ctx, const tr_kql_node *node, bool all,
                                 bool skip_empty, const tr_expr **out, trawl_error *err) {
    uint32_t count = all ? (ctx->input ? ctx->input->count : 0) : node->child_count - 1;
    const tr_expr **args = TR_NEW_N(ctx->a->plan.query, const tr_expr *, 2 * (size_t)count + 1);
    if (!args)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        tr_str name;
        if (all) {
            name = ctx->input->fields[i].name;
            TR_TRY(tr_expr_column(&ctx->a->plan, ctx->input, i, node->span, &args[2 * i + 1], err));
        } else {
            TR_TRY(tr_name_of(ctx, node->children[i + 1], &name, err));
            TR_TRY(tr_expression(ctx, node->children[i + 1], &args[2 * i + 1], err));
        }
        TR_TRY(string_constant(ctx, name, node->span, &args[2 * i], err));
    }
    if (count == 0) {
        tr_dyn_builder *b = TR_NEW(ctx->a->plan.query, tr_dyn_builder);
        tr_value empty = {.type = TR_DYNAMIC};
        if (!b)
            return tr_fail_memory(err);
        tr_dyn_start(b, ctx->a->plan.query);
        tr_dyn_open_bag(b);
        tr_dyn_close(b);
        TR_TRY(tr_dyn_finish(b, &empty.as.str, err));
        return constant_of(ctx, empty, node->span, out, err);
    }
    return tr_call_by_name(ctx, skip_empty ? "__pack_full" : "bag_pack", args, 2 * count,
                           node->span, out, err);
}

static trawl_status call_pack_all(const tr_context *ctx, const tr_kql_node *node,
                                  const tr_expr **out, trawl_error *err) {
    bool skip = false;
    if (node->child_count > 1) {
        tr_value value;
        TR_TRY(tr_constant(ctx, node->children[1], &value, err));
        skip = value.type == TR_BOOL && !value.is_null && value.as.boolean;
    }
    return pack_columns(ctx, node, true, skip, out, err);
}

static trawl_status call_columns(const tr_context *ctx, const tr_kql_node *node,
                                 const tr_expr **out, trawl_error *err) {
    return pack_columns(ctx, node, false, false, out, err);
}

static trawl_status call_current_database(const tr_context *ctx, const tr_kql_node *node,
                                          const tr_expr **out, trawl_error *err) {
    return string_constant(ctx, ctx->a->request->database->name, node->span, out, err);
}

/* iscolumnexists("x") */
static trawl_status column_exists(const tr_context *ctx, const tr_kql_node *node,
                                  const tr_expr **out, trawl_error *err) {
    tr_value name;
    if (node->child_count != 2)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0219",
                          "iscolumnexists() takes a column name");
    TR_TRY(tr_constant(ctx, node->children[1], &name, err));
    if (name.type != TR_STRING)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->children[1]->span, "SEM0219",
                          "iscolumnexists() needs the column's name as a constant string");
    tr_value found = {.type = TR_BOOL};
    found.as.boolean = ctx->input && tr_schema_find(ctx->input, name.as.str) >= 0;
    return tr_expr_const(&ctx->a->plan, &found, node->span, out, err);
}

/* column_names_of(T) */
static trawl_status column_names(const tr_context *ctx, const tr_kql_node *node,
                                 const tr_expr **out, trawl_error *err) {
    tr_context outside = *ctx;
    const tr_plan *table;
    tr_dyn_builder *b = TR_NEW(ctx->a->plan.query, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    if (node->child_count != 2)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0219",
                          "column_names_of() takes a table");
    outside.input = NULL;
    outside.aggs = NULL;
    TR_TRY(tr_tabular(&outside, node->children[1], &table, err));
    tr_dyn_start(b, ctx->a->plan.query);
    tr_dyn_open_array(b);
    for (uint32_t c = 0; c < table->schema.count; c++)
        tr_dyn_put_string(b, table->schema.fields[c].name);
    tr_dyn_close(b);
    tr_value names = {.type = TR_DYNAMIC};
    TR_TRY(tr_dyn_finish(b, &names.as.str, err));
    return tr_expr_const(&ctx->a->plan, &names, node->span, out, err);
}

/* estimate_data_size(*): all columns in the place of the star. */
static trawl_status with_star(const tr_context *ctx, const tr_kql_node *node, const tr_expr **out,
                              trawl_error *err) {
    uint32_t columns = ctx->input ? ctx->input->count : 0, argc = 0;
    const tr_expr **args =
        TR_NEW_N(ctx->a->plan.query, const tr_expr *, node->child_count *((size_t)columns + 1));
    if (!args)
        return tr_fail_memory(err);
    for (uint32_t i = 1; i < node->child_count; i++) {
        if (node->children[i]->kind != TR_KQL_STAR) {
            TR_TRY(tr_expression(ctx, node->children[i], &args[argc++], err));
            continue;
        }
        for (uint32_t c = 0; c < columns; c++)
            TR_TRY(tr_expr_column(&ctx->a->plan, ctx->input, c, node->children[i]->span,
                                  &args[argc++], err));
    }
    return tr_expr_call(&ctx->a->plan, node->text, args, argc, node->span, out, err);
}

static bool has_star(const tr_kql_node *node) {
    for (uint32_t i = 1; i < node->child_count; i++)
        if (node->children[i]->kind == TR_KQL_STAR)
            return true;
    return false;
}

/* The value of a `set`: a literal, as a query would read it. */
static trawl_status set_value(const tr_context *ctx, const tr_kql_property *set,
                              const tr_expr **out, trawl_error *err) {
    tr_value value;
    TR_TRY(tr_literal_value(ctx->a, set->literal, &value, err));
    return constant_of(ctx, value, set->span, out, err);
}

/* bin_auto(x): bin_at() by `set query_bin_auto_size` and, from zero if there is none,
 * `set query_bin_auto_at`. */
static trawl_status call_bin_auto(const tr_context *ctx, const tr_kql_node *node,
                                  const tr_expr **out, trawl_error *err) {
    const tr_kql_property *size = tr_set_of(ctx->a, "query_bin_auto_size");
    const tr_kql_property *at = tr_set_of(ctx->a, "query_bin_auto_at");
    const tr_expr *args[3];
    if (node->child_count != 2)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0219",
                          "bin_auto() takes one value");
    if (!size)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0219",
                          "bin_auto() needs a size: set query_bin_auto_size = ...;");
    TR_TRY(tr_expression(ctx, node->children[1], &args[0], err));
    TR_TRY(set_value(ctx, size, &args[1], err));
    if (!at)
        return tr_call_by_name(ctx, "bin", args, 2, node->span, out, err);
    TR_TRY(set_value(ctx, at, &args[2], err));
    return tr_call_by_name(ctx, "bin_at", args, 3, node->span, out, err);
}

static const struct {
    const char *name;
    trawl_status (*bind)(const tr_context *ctx, const tr_kql_node *node, const tr_expr **out,
                         trawl_error *err);
    const char *summary; /* NULL: an older spelling */
} special_calls[] = {
    {"toscalar", call_toscalar, "The first value of a tabular expression."},
    {"column_ifexists", call_column_ifexists,
     "The column of that name, or the second argument where there is none."},
    {"columnifexists", call_column_ifexists, NULL},
    {"pack_all", call_pack_all, "A bag of all columns; with true without those that are empty."},
    {"packall", call_pack_all, NULL},
    {"bag_pack_columns", call_columns, "A bag of the columns named, under their names."},
    {"current_database", call_current_database, "The name of the database in scope."},
    {"iscolumnexists", column_exists, "True if there is a column of that name."},
    {"column_names_of", column_names, "The names of a table's columns, as an array."},
    {"bin_auto", call_bin_auto, "Rounds down to a multiple of what set query_bin_auto_size says."},
};

const char *tr_special_at(uint32_t k, const char **summary) {
    if (k >= sizeof special_calls / sizeof *special_calls)
        return NULL;
    *summary = special_calls[k].summary;
    return special_calls[k].name;
}

trawl_status tr_special_call(const tr_context *ctx, const tr_kql_node *node, const tr_expr **out,
                             trawl_error *err) {
    *out = NULL;
    for (size_t i = 0; i < sizeof special_calls / sizeof *special_calls; i++)
        if (tr_str_is(node->text, special_calls[i].name))
            return special_calls[i].bind(ctx, node, out, err);
    bool takes_star =
        tr_str_is(node->text, "estimate_data_size") || tr_str_is(node->text, "pack_array");
    return takes_star && has_star(node) ? with_star(ctx, node, out, err) : TRAWL_OK;
}

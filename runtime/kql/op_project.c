/* runtime/kql/op_project.c: where, project and its family, extend, serialize, getschema. */
#include "runtime/kql/several.h"

trawl_status tr_all_columns(tr_analyzer *a, const tr_plan *input, uint32_t room,
                            const tr_expr ***exprs, tr_str **names, trawl_error *err) {
    uint32_t count = input->schema.count;
    *exprs = TR_NEW_N(a->plan.query, const tr_expr *, count + room + 1);
    *names = TR_NEW_N(a->plan.query, tr_str, count + room + 1);
    if (!*exprs || !*names)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < count; c++) {
        TR_TRY(tr_expr_column(&a->plan, &input->schema, c, (tr_span){0, 0}, &(*exprs)[c], err));
        (*names)[c] = input->schema.fields[c].name;
    }
    return TRAWL_OK;
}

/* ---- window functions: each level of nesting becomes one WINDOW node ---- */

typedef struct {
    const tr_context *ctx;
    const tr_plan *plan; /* grows */
    const tr_expr **calls;
    const tr_expr **columns; /* what replaces each call */
    uint32_t count, capacity;
} lifter;

/* Window calls whose arguments hold none themselves. */
static trawl_status find_calls(lifter *l, const tr_expr *expr, trawl_error *err) {
    if (expr->kind != TR_EXPR_CALL)
        return TRAWL_OK;
    bool inner = false;
    for (uint32_t i = 0; i < expr->argc; i++)
        inner = inner || tr_expr_has_window(expr->args[i]);
    if ((expr->func->flags & TR_FUNC_WINDOW) && !inner) {
        for (uint32_t i = 0; i < l->count; i++)
            if (l->calls[i] == expr)
                return TRAWL_OK;
        if (l->count == l->capacity)
            return tr_fail_at(err, TRAWL_E_LIMIT, expr->span, "SEM0070",
                              "more than %u window functions in one operator", l->capacity);
        l->calls[l->count++] = expr;
        return TRAWL_OK;
    }
    for (uint32_t i = 0; i < expr->argc; i++)
        TR_TRY(find_calls(l, expr->args[i], err));
    return TRAWL_OK;
}

static trawl_status replace(lifter *l, const tr_expr *expr, const tr_expr **out, trawl_error *err) {
    *out = expr;
    for (uint32_t i = 0; i < l->count; i++)
        if (l->calls[i] == expr) {
            *out = l->columns[i];
            return TRAWL_OK;
        }
    if (expr->kind != TR_EXPR_CALL || !tr_expr_has_window(expr))
        return TRAWL_OK;
    const tr_expr **args = TR_NEW_N(l->ctx->a->plan.query, const tr_expr *, expr->argc + 1);
    if (!args)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < expr->argc; i++)
        TR_TRY(replace(l, expr->args[i], &args[i], err));
    return tr_expr_call(&l->ctx->a->plan, tr_str_c(expr->func->name), args, expr->argc, expr->span,
                        out, err);
}

/* Arguments that are neither columns nor constants are computed into columns first. */
static trawl_status plain_arguments(lifter *l, trawl_error *err) {
    tr_analyzer *a = l->ctx->a;
    uint32_t extra = 0;
    for (uint32_t i = 0; i < l->count; i++)
        extra += l->calls[i]->argc;
    const tr_expr **exprs;
    tr_str *names;
    TR_TRY(tr_all_columns(a, l->plan, extra, &exprs, &names, err));
    uint32_t count = l->plan->schema.count;
    for (uint32_t i = 0; i < l->count; i++) {
        tr_expr *call = TR_NEW(a->plan.query, tr_expr);
        const tr_expr **args = TR_NEW_N(a->plan.query, const tr_expr *, l->calls[i]->argc + 1);
        if (!call || !args)
            return tr_fail_memory(err);
        *call = *l->calls[i];
        for (uint32_t k = 0; k < call->argc; k++) {
            args[k] = call->args[k];
            if (args[k]->kind == TR_EXPR_COLUMN || args[k]->kind == TR_EXPR_CONST)
                continue;
            tr_expr *column = TR_NEW(a->plan.query, tr_expr);
            if (!column)
                return tr_fail_memory(err);
            *column = (tr_expr){.kind = TR_EXPR_COLUMN, .type = args[k]->type, .column = count};
            exprs[count] = args[k];
            names[count++] = tr_str_c("");
            args[k] = column;
        }
        call->args = args;
        l->columns[i] = call; /* for the moment: the call itself, with plain arguments */
    }
    if (count > l->plan->schema.count)
        TR_TRY(tr_plan_project(&a->plan, l->plan, count, exprs, names, &l->plan, err));
    return TRAWL_OK;
}

static trawl_status add_window(lifter *l, trawl_error *err) {
    tr_analyzer *a = l->ctx->a;
    TR_TRY(plain_arguments(l, err));
    uint32_t inputs = l->plan->schema.count;
    tr_field *fields = TR_NEW_N(a->plan.query, tr_field, inputs + l->count + 1);
    const tr_expr **calls = TR_NEW_N(a->plan.query, const tr_expr *, l->count + 1);
    if (!fields || !calls)
        return tr_fail_memory(err);
    memcpy(fields, l->plan->schema.fields, inputs * sizeof *fields);
    for (uint32_t i = 0; i < l->count; i++) {
        calls[i] = l->columns[i];
        fields[inputs + i] = (tr_field){tr_str_c(""), calls[i]->type};
        tr_expr *column = TR_NEW(a->plan.query, tr_expr);
        if (!column)
            return tr_fail_memory(err);
        *column = (tr_expr){.kind = TR_EXPR_COLUMN,
                            .type = calls[i]->type,
                            .span = calls[i]->span,
                            .column = inputs + i};
        l->columns[i] = column;
    }
    tr_plan *window;
    TR_TRY(tr_plan_new(&a->plan, TR_PLAN_WINDOW, &l->plan, 1,
                       (tr_schema){inputs + l->count, fields}, &window, err));
    window->as.window.count = l->count;
    window->as.window.exprs = calls;
    l->plan = window;
    return TRAWL_OK;
}

static trawl_status lift_windows(const tr_context *ctx, const tr_plan **plan, uint32_t count,
                                 const tr_expr **exprs, trawl_error *err) {
    enum { CALLS_MAX = 256 };
    lifter l = {.ctx = ctx, .plan = *plan, .capacity = CALLS_MAX};
    l.calls = TR_NEW_N(ctx->a->plan.query, const tr_expr *, CALLS_MAX);
    l.columns = TR_NEW_N(ctx->a->plan.query, const tr_expr *, CALLS_MAX);
    if (!l.calls || !l.columns)
        return tr_fail_memory(err);
    for (;;) {
        l.count = 0;
        for (uint32_t i = 0; i < count; i++)
            TR_TRY(find_calls(&l, exprs[i], err));
        if (l.count == 0)
            break;
        if (!l.plan->ordered) {
            trawl_status status = tr_fail_at(
                err, TRAWL_E_SEMANTIC, l.calls[0]->span, "SEM0071",
                "%s() needs rows in a defined order, and these have none", l.calls[0]->func->name);
            tr_hint(err, "put 'serialize' or 'sort by' before it");
            return status;
        }
        TR_TRY(add_window(&l, err));
        for (uint32_t i = 0; i < count; i++)
            TR_TRY(replace(&l, exprs[i], &exprs[i], err));
    }
    *plan = l.plan;
    return TRAWL_OK;
}

trawl_status tr_project_to(const tr_context *ctx, const tr_plan *input, uint32_t count,
                           const tr_expr **exprs, const tr_str *names, const tr_plan **out,
                           trawl_error *err) {
    TR_TRY(lift_windows(ctx, &input, count, exprs, err));
    return tr_plan_project(&ctx->a->plan, input, count, exprs, names, out, err);
}

trawl_status tr_operator_where(const tr_context *ctx, const tr_kql_node *node, const tr_plan *input,
                               const tr_plan **out, trawl_error *err) {
    const tr_expr *predicate;
    TR_TRY(tr_expression(ctx, node->children[1], &predicate, err));
    if (predicate->type != TR_BOOL && predicate->type != TR_DYNAMIC) {
        if (predicate->type == TR_LONG || predicate->type == TR_INT)
            TR_TRY(tr_expr_cast(&ctx->a->plan, predicate, TR_BOOL, &predicate, err));
        else
            return tr_fail_at(err, TRAWL_E_SEMANTIC, node->children[1]->span, "SEM0025",
                              "where needs a bool, found %s", tr_type_name(predicate->type));
    }
    if (!tr_expr_has_window(predicate))
        return tr_plan_filter(&ctx->a->plan, input, predicate, out, err);
    const tr_expr **exprs;
    tr_str *names;
    TR_TRY(tr_all_columns(ctx->a, input, 0, &exprs, &names, err));
    const tr_plan *plan = input;
    TR_TRY(lift_windows(ctx, &plan, 1, &predicate, err));
    TR_TRY(tr_plan_filter(&ctx->a->plan, plan, predicate, &plan, err));
    return tr_plan_project(&ctx->a->plan, plan, input->schema.count, exprs, names, out, err);
}

/* Columns of an operator under way. */
typedef struct {
    const tr_expr **exprs;
    tr_str *names;
    tr_field *fields; /* names only, for uniqueness */
    uint32_t count;
} columns;

static trawl_status new_columns(tr_analyzer *a, uint32_t capacity, columns *out, trawl_error *err) {
    out->exprs = TR_NEW_N(a->plan.query, const tr_expr *, capacity + 1);
    out->names = TR_NEW_N(a->plan.query, tr_str, capacity + 1);
    out->fields = TR_NEW_N(a->plan.query, tr_field, capacity + 1);
    out->count = 0;
    return out->exprs && out->names && out->fields ? TRAWL_OK : tr_fail_memory(err);
}

static void add_column(columns *c, const tr_expr *expr, tr_str name) {
    c->exprs[c->count] = expr;
    c->names[c->count] = name;
    c->fields[c->count].name = name;
    c->count++;
}

static int32_t find_column(const columns *c, tr_str name) {
    for (uint32_t i = 0; i < c->count; i++)
        if (tr_str_equal(c->names[i], name))
            return (int32_t)i;
    return -1;
}

/* The name of an item, "" if it has none of its own: Column1, Column2 ... */
static trawl_status item_name(const tr_context *ctx, const tr_kql_node *item, const columns *c,
                              tr_str *out, bool *own, trawl_error *err) {
    *own = true;
    TR_TRY(tr_name_of(ctx, item, out, err));
    if (out->len)
        return TRAWL_OK;
    *own = false;
    for (uint32_t n = 1;; n++) {
        char *text = tr_arena_printf(ctx->a->plan.query, "Column%u", n);
        if (!text)
            return tr_fail_memory(err);
        *out = tr_str_c(text);
        if (find_column(c, *out) < 0)
            return TRAWL_OK;
    }
}

/* (a, b) = dynamic array: its elements. */
static trawl_status several_names(const tr_context *ctx, const tr_kql_node *item,
                                  const tr_expr *value, columns *c, trawl_error *err) {
    const tr_kql_node *names = item->children[0];
    if (value->type != TR_DYNAMIC)
        return tr_refuse(item, "a list of names for one value", err);
    for (uint32_t i = 0; i < names->child_count; i++) {
        tr_value index = {.type = TR_LONG, .as.i64 = i};
        const tr_expr *args[2] = {value, NULL}, *element;
        TR_TRY(tr_expr_const(&ctx->a->plan, &index, item->span, &args[1], err));
        TR_TRY(tr_call_by_name(ctx, "__path", args, 2, item->span, &element, err));
        int32_t at = find_column(c, names->children[i]->text);
        if (at >= 0)
            c->exprs[at] = element;
        else
            add_column(c, element, names->children[i]->text);
    }
    return TRAWL_OK;
}

/* series_stats(x): a column for each result. */
static trawl_status several_columns(const tr_context *ctx, const tr_several *several,
                                    const tr_kql_node *item, const tr_expr *value, bool is_extend,
                                    columns *c, trawl_error *err) {
    for (uint32_t i = 0; i < several->count; i++) {
        const tr_expr *column;
        tr_str name;
        bool wanted;
        TR_TRY(tr_several_name(ctx, several, item, i, !is_extend, &name, &wanted, err));
        if (!wanted)
            continue;
        TR_TRY(tr_several_column(ctx, several, value, i, &column, err));
        int32_t at = find_column(c, name);
        if (at >= 0 && is_extend) {
            c->exprs[at] = column;
            continue;
        }
        TR_TRY(tr_name_unique(ctx->a, name, c->fields, c->count, &name, err));
        add_column(c, column, name);
    }
    return TRAWL_OK;
}

static uint32_t name_room(const tr_context *ctx, const tr_kql_node *node) {
    uint32_t n = 0;
    for (uint32_t i = 1; i < node->child_count; i++)
        n += tr_several_room(ctx, node->children[i]);
    return n;
}

trawl_status tr_operator_project(const tr_context *ctx, const tr_kql_node *node,
                                 const tr_plan *input, const tr_plan **out, trawl_error *err) {
    columns c;
    TR_TRY(new_columns(ctx->a, name_room(ctx, node) + input->schema.count, &c, err));
    for (uint32_t i = 1; i < node->child_count; i++) {
        const tr_kql_node *item = node->children[i];
        const tr_kql_node *value = item->kind == TR_KQL_NAMED ? item->children[1] : item;
        const tr_expr *expr;
        if (item->kind == TR_KQL_STAR) {
            for (uint32_t k = 0; k < input->schema.count; k++) {
                TR_TRY(tr_expr_column(&ctx->a->plan, &input->schema, k, item->span, &expr, err));
                add_column(&c, expr, input->schema.fields[k].name);
            }
            continue;
        }
        TR_TRY(tr_expression(ctx, value, &expr, err));
        const tr_several *several = tr_several_of(ctx, item);
        if (several) {
            TR_TRY(several_columns(ctx, several, item, expr, false, &c, err));
            continue;
        }
        if (item->kind == TR_KQL_NAMED && item->children[0]->kind == TR_KQL_NAMES) {
            TR_TRY(several_names(ctx, item, expr, &c, err));
            continue;
        }
        tr_str name;
        bool own;
        TR_TRY(item_name(ctx, item, &c, &name, &own, err));
        if (find_column(&c, name) >= 0) {
            if (item->kind == TR_KQL_NAMED || item->kind == TR_KQL_NAME)
                return tr_fail_at(err, TRAWL_E_SEMANTIC, item->span, "SEM0072",
                                  "two columns are called '%.*s'", (int)name.len, name.ptr);
            TR_TRY(tr_name_unique(ctx->a, name, c.fields, c.count, &name, err));
        }
        add_column(&c, expr, name);
    }
    return tr_project_to(ctx, input, c.count, c.exprs, c.names, out, err);
}

trawl_status tr_operator_extend(const tr_context *ctx, const tr_kql_node *node,
                                const tr_plan *input, const tr_plan **out, trawl_error *err) {
    columns c;
    TR_TRY(new_columns(ctx->a, input->schema.count + name_room(ctx, node), &c, err));
    for (uint32_t i = 0; i < input->schema.count; i++) {
        const tr_expr *column;
        TR_TRY(tr_expr_column(&ctx->a->plan, &input->schema, i, node->span, &column, err));
        add_column(&c, column, input->schema.fields[i].name);
    }
    for (uint32_t i = 1; i < node->child_count; i++) {
        const tr_kql_node *item = node->children[i];
        const tr_kql_node *value = item->kind == TR_KQL_NAMED ? item->children[1] : item;
        const tr_expr *expr;
        TR_TRY(tr_expression(ctx, value, &expr, err));
        const tr_several *several = tr_several_of(ctx, item);
        if (several) {
            TR_TRY(several_columns(ctx, several, item, expr, true, &c, err));
            continue;
        }
        if (item->kind == TR_KQL_NAMED && item->children[0]->kind == TR_KQL_NAMES) {
            TR_TRY(several_names(ctx, item, expr, &c, err));
            continue;
        }
        tr_str name;
        bool own;
        TR_TRY(item_name(ctx, item, &c, &name, &own, err));
        int32_t at = find_column(&c, name);
        if (at >= 0)
            c.exprs[at] = expr;
        else
            add_column(&c, expr, name);
    }
    return tr_project_to(ctx, input, c.count, c.exprs, c.names, out, err);
}

trawl_status tr_operator_serialize(const tr_context *ctx, const tr_kql_node *node,
                                   const tr_plan *input, const tr_plan **out, trawl_error *err) {
    tr_plan *plan;
    TR_TRY(tr_plan_new(&ctx->a->plan, TR_PLAN_SERIALIZE, &input, 1, input->schema, &plan, err));
    plan->ordered = true;
    if (node->child_count > 1)
        return tr_operator_extend(ctx, node, plan, out, err);
    *out = plan;
    return TRAWL_OK;
}

/* Does a NAME, WILDCARD or * pick this column? */
static bool picks(const tr_kql_node *item, tr_str name) {
    if (item->kind == TR_KQL_STAR)
        return true;
    return item->kind == TR_KQL_WILDCARD ? tr_name_matches(item->text, name)
                                         : tr_str_equal(item->text, name);
}

static trawl_status check_names(const tr_context *ctx, const tr_kql_node *node, trawl_error *err) {
    for (uint32_t i = 1; i < node->child_count; i++) {
        const tr_kql_node *item = node->children[i];
        if (item->kind == TR_KQL_ORDER)
            item = item->children[0];
        if (item->kind == TR_KQL_NAME && tr_schema_find(ctx->input, item->text) < 0)
            return tr_name_unknown(ctx, item, "column", err);
    }
    return TRAWL_OK;
}

static trawl_status keep_columns(const tr_context *ctx, const tr_kql_node *node,
                                 const tr_plan *input, bool keep, const tr_plan **out,
                                 trawl_error *err) {
    columns c;
    TR_TRY(check_names(ctx, node, err));
    TR_TRY(new_columns(ctx->a, input->schema.count, &c, err));
    for (uint32_t k = 0; k < input->schema.count; k++) {
        bool picked = false;
        for (uint32_t i = 1; i < node->child_count; i++)
            picked = picked || picks(node->children[i], input->schema.fields[k].name);
        if (picked != keep)
            continue;
        const tr_expr *column;
        TR_TRY(tr_expr_column(&ctx->a->plan, &input->schema, k, node->span, &column, err));
        add_column(&c, column, input->schema.fields[k].name);
    }
    return tr_plan_project(&ctx->a->plan, input, c.count, c.exprs, c.names, out, err);
}

trawl_status tr_operator_project_away(const tr_context *ctx, const tr_kql_node *node,
                                      const tr_plan *input, const tr_plan **out, trawl_error *err) {
    return keep_columns(ctx, node, input, false, out, err);
}

trawl_status tr_operator_project_keep(const tr_context *ctx, const tr_kql_node *node,
                                      const tr_plan *input, const tr_plan **out, trawl_error *err) {
    return keep_columns(ctx, node, input, true, out, err);
}

trawl_status tr_operator_project_rename(const tr_context *ctx, const tr_kql_node *node,
                                        const tr_plan *input, const tr_plan **out,
                                        trawl_error *err) {
    const tr_expr **exprs;
    tr_str *names;
    TR_TRY(tr_all_columns(ctx->a, input, 0, &exprs, &names, err));
    for (uint32_t i = 1; i < node->child_count; i++) {
        const tr_kql_node *item = node->children[i];
        if (item->kind != TR_KQL_NAMED || item->children[1]->kind != TR_KQL_NAME)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, item->span, "SEM0073",
                              "project-rename takes NewName = OldName");
        int32_t at = tr_schema_find(&input->schema, item->children[1]->text);
        if (at < 0)
            return tr_name_unknown(ctx, item->children[1], "column", err);
        names[at] = item->text;
    }
    for (uint32_t i = 0; i < input->schema.count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (tr_str_equal(names[i], names[j]))
                return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0072",
                                  "two columns would be called '%.*s'", (int)names[i].len,
                                  names[i].ptr);
    return tr_plan_project(&ctx->a->plan, input, input->schema.count, exprs, names, out, err);
}

/* ---- project-reorder ---- */

/* Text compared with runs of digits as numbers: granny-asc puts a2 before a10. */
static int granny_compare(tr_str a, tr_str b) {
    uint32_t i = 0, j = 0;
    while (i < a.len && j < b.len) {
        bool digits = a.ptr[i] >= '0' && a.ptr[i] <= '9' && b.ptr[j] >= '0' && b.ptr[j] <= '9';
        if (!digits) {
            if (a.ptr[i] != b.ptr[j])
                return (uint8_t)a.ptr[i] < (uint8_t)b.ptr[j] ? -1 : 1;
            i++;
            j++;
            continue;
        }
        uint64_t x = 0, y = 0;
        for (; i < a.len && a.ptr[i] >= '0' && a.ptr[i] <= '9'; i++)
            x = x * 10 + (uint64_t)(a.ptr[i] - '0');
        for (; j < b.len && b.ptr[j] >= '0' && b.ptr[j] <= '9'; j++)
            y = y * 10 + (uint64_t)(b.ptr[j] - '0');
        if (x != y)
            return x < y ? -1 : 1;
    }
    return (a.len - i > b.len - j) - (a.len - i < b.len - j);
}

static void sort_slice(uint32_t *slice, uint32_t n, const tr_schema *schema, uint16_t flags) {
    for (uint32_t i = 1; i < n; i++)
        for (uint32_t j = i; j > 0; j--) {
            tr_str a = schema->fields[slice[j - 1]].name, b = schema->fields[slice[j]].name;
            int c = flags & TR_KQL_FLAG_GRANNY ? granny_compare(a, b) : tr_str_compare(a, b);
            if ((flags & TR_KQL_FLAG_DESC ? -c : c) <= 0)
                break;
            uint32_t swap = slice[j];
            slice[j] = slice[j - 1];
            slice[j - 1] = swap;
        }
}

trawl_status tr_operator_project_reorder(const tr_context *ctx, const tr_kql_node *node,
                                         const tr_plan *input, const tr_plan **out,
                                         trawl_error *err) {
    uint32_t count = input->schema.count, n = 0;
    uint32_t *order = TR_NEW_N(ctx->a->plan.query, uint32_t, count + 1);
    bool *used = TR_NEW_N(ctx->a->plan.query, bool, count + 1);
    columns c;
    if (!order || !used)
        return tr_fail_memory(err);
    TR_TRY(check_names(ctx, node, err));
    /* A * stands for what no other item picks, at its own place. */
    for (uint32_t i = 1; i < node->child_count; i++) {
        const tr_kql_node *item = node->children[i];
        const tr_kql_node *pick = item->kind == TR_KQL_ORDER ? item->children[0] : item;
        uint32_t first = n;
        for (uint32_t k = 0; k < count; k++) {
            bool later = false;
            for (uint32_t j = i + 1; pick->kind == TR_KQL_STAR && j < node->child_count; j++) {
                const tr_kql_node *other = node->children[j];
                other = other->kind == TR_KQL_ORDER ? other->children[0] : other;
                later = later ||
                        (other->kind != TR_KQL_STAR && picks(other, input->schema.fields[k].name));
            }
            if (used[k] || later || !picks(pick, input->schema.fields[k].name))
                continue;
            used[k] = true;
            order[n++] = k;
        }
        if (item->flags & (TR_KQL_FLAG_ASC | TR_KQL_FLAG_DESC | TR_KQL_FLAG_GRANNY))
            sort_slice(order + first, n - first, &input->schema, item->flags);
    }
    for (uint32_t k = 0; k < count; k++)
        if (!used[k])
            order[n++] = k;
    TR_TRY(new_columns(ctx->a, count, &c, err));
    for (uint32_t k = 0; k < count; k++) {
        const tr_expr *column;
        TR_TRY(tr_expr_column(&ctx->a->plan, &input->schema, order[k], node->span, &column, err));
        add_column(&c, column, input->schema.fields[order[k]].name);
    }
    return tr_plan_project(&ctx->a->plan, input, c.count, c.exprs, c.names, out, err);
}

/* ---- getschema ---- */

static const char *data_type(tr_type type) {
    static const char *const names[TR_TYPE_COUNT] = {
        [TR_BOOL] = "System.SByte",
        [TR_INT] = "System.Int32",
        [TR_LONG] = "System.Int64",
        [TR_REAL] = "System.Double",
        [TR_DECIMAL] = "System.Data.SqlTypes.SqlDecimal",
        [TR_DATETIME] = "System.DateTime",
        [TR_TIMESPAN] = "System.TimeSpan",
        [TR_STRING] = "System.String",
        [TR_GUID] = "System.Guid",
        [TR_DYNAMIC] = "System.Object",
    };
    return names[type];
}

trawl_status tr_operator_getschema(const tr_context *ctx, const tr_kql_node *node,
                                   const tr_plan *input, const tr_plan **out, trawl_error *err) {
    static const char *const titles[] = {"ColumnName", "ColumnOrdinal", "DataType", "ColumnType"};
    tr_field *fields = TR_NEW_N(ctx->a->plan.query, tr_field, 4);
    tr_rows *rows = TR_NEW(ctx->a->plan.query, tr_rows);
    if (!fields || !rows)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < 4; i++)
        fields[i] = (tr_field){tr_str_c(titles[i]), i == 1 ? TR_LONG : TR_STRING};
    tr_rows_start(rows, (tr_schema){4, fields});
    for (uint32_t c = 0; c < input->schema.count; c++) {
        const tr_field *field = &input->schema.fields[c];
        tr_value row[4] = {{.type = TR_STRING, .as.str = field->name},
                           {.type = TR_LONG, .as.i64 = c},
                           {.type = TR_STRING, .as.str = tr_str_c(data_type(field->type))},
                           {.type = TR_STRING, .as.str = tr_str_c(tr_type_name(field->type))}};
        TR_TRY(tr_rows_append_values(rows, ctx->a->plan.query, row, err));
    }
    return tr_plan_values(&ctx->a->plan, rows, node->span, out, err);
}

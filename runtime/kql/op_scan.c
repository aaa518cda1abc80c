/* runtime/kql/op_scan.c: scan: steps that match runs of rows and remember what they matched.
 *
 * Expressions see one wide row: the record under way (input columns, then declared ones), then the
 * record that each step remembers. `s1.x` is bound as the column called "s1.x" of that row. */
#include "runtime/kql/row_eval.h"

#include "runtime/kql/analyze.h"

enum { OUTPUT_ALL, OUTPUT_LAST, OUTPUT_NONE, STEPS_MAX = 64 };

typedef struct {
    uint32_t count;          /* assignments */
    const uint32_t *columns; /* of the record */
    const tr_expr *const *values;
    const tr_expr *condition;
    int output;
    bool is_optional;
} scan_step;

typedef struct {
    uint32_t input_count, width; /* columns of the input; with the declared ones */
    uint32_t step_count;
    scan_step *steps;
    tr_value *blank; /* [width] a record that nothing matched: nulls, and the declared defaults */
    bool with_match_id;
    uint32_t key_count;  /* columns at the end of the input that it was sorted by */
    uint32_t part_count; /* the last of these part it: rows of one part are together */
} scan;

/* ---- running ---- */

/* What one step remembers: a record of each step up to it. */
typedef struct {
    bool active;
    bool pending; /* output=last: its own record has yet to be put out */
    int64_t match_id;
    tr_value **records; /* [step_count][width] */
} scan_state;

typedef struct {
    const scan *plan;
    scan_state *states;
    tr_row_eval **conditions;
    tr_row_eval ***values; /* [step_count][assignment] */
    tr_value *record;      /* [width] under way */
    const tr_value **parts;
    tr_value *out_row;
    int64_t next_match;
    tr_arena *arena, *scratch;
    tr_rows *out;
} machine;

static trawl_status new_machine(const scan *plan, tr_arena *arena, const tr_func_env *env,
                                machine *m, trawl_error *err) {
    uint32_t n = plan->step_count;
    m->plan = plan;
    m->arena = arena;
    m->states = TR_NEW_N(arena, scan_state, n);
    m->conditions = TR_NEW_N(arena, tr_row_eval *, n);
    m->values = TR_NEW_N(arena, tr_row_eval **, n);
    m->record = TR_NEW_N(arena, tr_value, plan->width + 1);
    m->parts = TR_NEW_N(arena, const tr_value *, n + 1);
    m->out_row = TR_NEW_N(arena, tr_value, plan->width + 2);
    if (!m->states || !m->conditions || !m->values || !m->record || !m->parts || !m->out_row)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < n; k++) {
        const scan_step *step = &plan->steps[k];
        TR_TRY(tr_row_eval_new(step->condition, arena, env, &m->conditions[k], err));
        m->values[k] = TR_NEW_N(arena, tr_row_eval *, step->count + 1);
        m->states[k].records = TR_NEW_N(arena, tr_value *, n);
        if (!m->values[k] || !m->states[k].records)
            return tr_fail_memory(err);
        for (uint32_t i = 0; i < step->count; i++)
            TR_TRY(tr_row_eval_new(step->values[i], arena, env, &m->values[k][i], err));
        for (uint32_t j = 0; j <= k; j++) {
            m->states[k].records[j] = TR_NEW_N(arena, tr_value, plan->width + 1);
            if (!m->states[k].records[j])
                return tr_fail_memory(err);
        }
    }
    return TRAWL_OK;
}

static trawl_status put_out(machine *m, const tr_value *record, int64_t match_id,
                            trawl_error *err) {
    const scan *plan = m->plan;
    uint32_t shown = plan->input_count - plan->key_count, n = 0;
    for (uint32_t c = 0; c < plan->width; c++)
        if (c < shown || c >= plan->input_count)
            m->out_row[n++] = record[c];
    if (plan->with_match_id)
        m->out_row[n++] = (tr_value){.type = TR_LONG, .as.i64 = match_id};
    return tr_rows_append_values(m->out, m->arena, m->out_row, err);
}

static trawl_status flush(machine *m, uint32_t k, trawl_error *err) {
    scan_state *state = &m->states[k];
    if (!state->pending)
        return TRAWL_OK;
    state->pending = false;
    return put_out(m, state->records[k], state->match_id, err);
}

/* Point expressions at the record, and at what `state` of step `upto` remembers (-1: nothing). */
static tr_row_parts look_at(machine *m, int32_t upto) {
    const scan_state *state = upto >= 0 ? &m->states[upto] : NULL;
    m->parts[0] = m->record;
    for (uint32_t j = 0; j < m->plan->step_count; j++)
        m->parts[1 + j] =
            state && state->active && (int32_t)j <= upto ? state->records[j] : m->plan->blank;
    return (tr_row_parts){m->parts, m->plan->width};
}

static trawl_status holds(machine *m, uint32_t k, int32_t upto, bool *out, trawl_error *err) {
    tr_row_parts row = look_at(m, upto);
    tr_value value;
    TR_TRY(tr_row_eval_run(m->conditions[k], &row, m->scratch, &value, err));
    *out = !value.is_null && value.as.boolean;
    return TRAWL_OK;
}

static trawl_status assign(machine *m, uint32_t k, int32_t upto, trawl_error *err) {
    const scan_step *step = &m->plan->steps[k];
    uint32_t first = m->plan->input_count;
    tr_row_parts row = look_at(m, upto);
    memcpy(m->record + first, m->plan->blank + first, (m->plan->width - first) * sizeof *m->record);
    for (uint32_t i = 0; i < step->count; i++) {
        tr_value *to = &m->record[step->columns[i]], value;
        TR_TRY(tr_row_eval_run(m->values[k][i], &row, m->scratch, &value, err));
        if (tr_type_is_text(value.type) && !value.is_null) {
            char *text = tr_arena_text(m->arena, value.as.str.ptr, value.as.str.len);
            if (!text)
                return tr_fail_memory(err);
            value.as.str = tr_str_make(text, value.as.str.len);
        }
        *to = value;
    }
    return TRAWL_OK;
}

/* Step k matched: its own record is the one under way. */
static trawl_status remember(machine *m, uint32_t k, trawl_error *err) {
    scan_state *state = &m->states[k];
    memcpy(state->records[k], m->record, m->plan->width * sizeof *m->record);
    state->active = true;
    if (m->plan->steps[k].output == OUTPUT_ALL)
        return put_out(m, m->record, state->match_id, err);
    state->pending = m->plan->steps[k].output == OUTPUT_LAST;
    return TRAWL_OK;
}

/* The state of step `from` becomes that of the later step k. */
static trawl_status promote(machine *m, uint32_t from, uint32_t k, trawl_error *err) {
    scan_state *to = &m->states[k], *old = &m->states[from];
    TR_TRY(flush(m, k, err));
    TR_TRY(flush(m, from, err));
    for (uint32_t j = 0; j < k; j++)
        memcpy(to->records[j], j <= from ? old->records[j] : m->plan->blank,
               m->plan->width * sizeof *m->record);
    memcpy(to->records[k], m->plan->blank, m->plan->width * sizeof *m->record);
    to->match_id = old->match_id;
    to->active = true;
    old->active = false;
    return TRAWL_OK;
}

/* Check 1: does the record carry an earlier step on to step k? Optional steps may be passed over.
 */
static trawl_status carry_on(machine *m, uint32_t k, bool *matched, trawl_error *err) {
    *matched = false;
    for (uint32_t from = k; from-- > 0;) {
        if (m->states[from].active) {
            TR_TRY(holds(m, k, (int32_t)from, matched, err));
            if (*matched) {
                TR_TRY(promote(m, from, k, err));
                TR_TRY(assign(m, k, (int32_t)k, err));
                return remember(m, k, err);
            }
        }
        if (!m->plan->steps[from].is_optional)
            return TRAWL_OK;
    }
    return TRAWL_OK;
}

/* Check 2: does the record go on a sequence at step k, or begin one? */
static trawl_status repeat(machine *m, uint32_t k, trawl_error *err) {
    scan_state *state = &m->states[k];
    bool first = true, matched;
    for (uint32_t j = 0; j < k; j++)
        first = first && m->plan->steps[j].is_optional;
    if (!state->active && !first)
        return TRAWL_OK;
    TR_TRY(holds(m, k, (int32_t)k, &matched, err));
    if (!matched)
        return TRAWL_OK;
    TR_TRY(assign(m, k, (int32_t)k, err));
    if (!state->active) {
        state->match_id = m->next_match++;
        for (uint32_t j = 0; j < k; j++)
            memcpy(state->records[j], m->plan->blank, m->plan->width * sizeof *m->record);
    }
    return remember(m, k, err);
}

static trawl_status end_part(machine *m, trawl_error *err) {
    for (uint32_t k = 0; k < m->plan->step_count; k++) {
        TR_TRY(flush(m, k, err));
        m->states[k].active = false;
    }
    return TRAWL_OK;
}

static bool same_part(const scan *plan, const tr_value *a, const tr_chunk *chunk, uint32_t i) {
    for (uint32_t c = plan->input_count - plan->part_count; c < plan->input_count; c++) {
        tr_value b = tr_vec_value(&chunk->columns[c], i);
        if (a[c].is_null != b.is_null || (!b.is_null && tr_value_compare(&a[c], &b) != 0))
            return false;
    }
    return true;
}

static trawl_status run_rows(machine *m, const tr_rows *input, trawl_error *err) {
    bool any = false;
    for (uint32_t c = 0; c < input->chunk_count; c++)
        for (uint32_t i = 0; i < input->chunks[c].n; i++) {
            if (any && !same_part(m->plan, m->record, &input->chunks[c], i))
                TR_TRY(end_part(m, err));
            any = true;
            for (uint32_t k = 0; k < m->plan->input_count; k++)
                m->record[k] = tr_vec_value(&input->chunks[c].columns[k], i);
            for (uint32_t k = m->plan->step_count; k-- > 0;) {
                bool matched;
                TR_TRY(carry_on(m, k, &matched, err));
                if (!matched)
                    TR_TRY(repeat(m, k, err));
            }
            tr_arena_reset(m->scratch);
        }
    return end_part(m, err);
}

static trawl_status run_scan(const void *bound, const tr_rows *input, tr_arena *arena,
                             const tr_func_env *env, tr_rows *out, trawl_error *err) {
    machine m = {.out = out, .scratch = tr_arena_new(NULL)};
    trawl_status status = m.scratch ? TRAWL_OK : tr_fail_memory(err);
    if (status == TRAWL_OK)
        status = new_machine(bound, arena, env, &m, err);
    if (status == TRAWL_OK)
        status = run_rows(&m, input, err);
    tr_arena_free(m.scratch);
    return status;
}

static const tr_plugin scan_plugin = {"scan", run_scan};

/* ---- binding ---- */

static bool is_step(const tr_kql_node *scan_node, uint32_t known, tr_str name) {
    for (uint32_t k = 0; k < known; k++)
        if (tr_str_equal(scan_node->children[4 + k]->text, name))
            return true;
    return false;
}

static char *joined_name(tr_arena *arena, tr_str step, tr_str column) {
    return tr_arena_printf(arena, "%.*s.%.*s", (int)step.len, step.ptr, (int)column.len,
                           column.ptr);
}

/* The tree with s1.x replaced by a name for the wide row's column, for the first `known` steps. */
static trawl_status with_state_names(const tr_context *ctx, const tr_kql_node *scan_node,
                                     uint32_t known, const tr_kql_node *node,
                                     const tr_kql_node **out, trawl_error *err) {
    tr_arena *arena = ctx->a->plan.query;
    *out = node;
    if (node->child_count == 0)
        return TRAWL_OK;
    tr_kql_node *copy = TR_NEW(arena, tr_kql_node);
    if (!copy)
        return tr_fail_memory(err);
    *copy = *node;
    *out = copy;
    const tr_kql_node *left = node->children[0];
    bool path = node->kind == TR_KQL_PATH ||
                (node->kind == TR_KQL_INDEX && node->children[1]->kind == TR_KQL_STRING);
    if (path && left->kind == TR_KQL_NAME && is_step(scan_node, known, left->text)) {
        char *name = joined_name(arena, left->text, node->children[1]->text);
        if (!name)
            return tr_fail_memory(err);
        if (tr_schema_find(ctx->input, tr_str_c(name)) < 0)
            return tr_name_unknown(ctx, node->children[1], "column of a step", err);
        copy->kind = TR_KQL_NAME;
        copy->text = tr_str_c(name);
        copy->child_count = 0;
        return TRAWL_OK;
    }
    const tr_kql_node **children = TR_NEW_N(arena, const tr_kql_node *, node->child_count);
    if (!children)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < node->child_count; i++)
        TR_TRY(with_state_names(ctx, scan_node, known, node->children[i], &children[i], err));
    copy->children = children;
    return TRAWL_OK;
}

/* No call may need neighbouring rows, or be otherwise without a value of its own. */
static trawl_status check_calls(const tr_expr *expr, trawl_error *err) {
    if (expr->kind != TR_EXPR_CALL)
        return TRAWL_OK;
    if ((expr->func->flags & TR_FUNC_WINDOW) || !expr->func->eval)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, expr->span, "SEM0071",
                          "%s() cannot stand in a step of scan", expr->func->name);
    for (uint32_t a = 0; a < expr->argc; a++)
        TR_TRY(check_calls(expr->args[a], err));
    return TRAWL_OK;
}

static trawl_status step_expression(const tr_context *ctx, const tr_kql_node *scan_node,
                                    uint32_t known, const tr_kql_node *node, tr_type type,
                                    const tr_expr **out, trawl_error *err) {
    tr_plan_ctx *plan = &ctx->a->plan;
    TR_TRY(with_state_names(ctx, scan_node, known, node, &node, err));
    TR_TRY(tr_expression(ctx, node, out, err));
    TR_TRY(tr_expr_resolve(plan, *out, tr_subquery_now, ctx->a, out, err));
    TR_TRY(check_calls(*out, err));
    bool numbers = tr_type_is_number(type) && tr_type_is_number((*out)->type);
    return numbers ? tr_expr_cast(plan, *out, type, out, err)
                   : tr_expr_coerce(plan, *out, type, out, err);
}

static trawl_status undeclared(const tr_context *ctx, const scan *s, const tr_kql_node *item,
                               trawl_error *err) {
    const tr_kql_node *name = item->kind == TR_KQL_NAMED ? item->children[0] : item;
    trawl_status status = tr_fail_at(err, TRAWL_E_SEMANTIC, name->span, "SEM0113",
                                     "a step assigns to columns named after declare");
    tr_nearest nearest = tr_nearest_of(item->text);
    for (uint32_t c = s->input_count; c < s->width; c++)
        tr_nearest_try(&nearest, ctx->input->fields[c].name);
    tr_hint_nearest(err, &nearest);
    return status;
}

static trawl_status bind_step(const tr_context *ctx, const tr_kql_node *scan_node, uint32_t k,
                              const scan *s, scan_step *out, trawl_error *err) {
    const tr_kql_node *node = scan_node->children[4 + k];
    uint32_t count = node->child_count - 3;
    uint32_t *columns = TR_NEW_N(ctx->a->plan.query, uint32_t, count + 1);
    const tr_expr **values = TR_NEW_N(ctx->a->plan.query, const tr_expr *, count + 1);
    if (!columns || !values)
        return tr_fail_memory(err);
    if (is_step(scan_node, k, node->text))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->children[1]->span, "SEM0112",
                          "two steps are called '%.*s'", (int)node->text.len, node->text.ptr);
    TR_TRY(tr_options_check(node, err));
    out->output = tr_option_is(node, "output", "last")   ? OUTPUT_LAST
                  : tr_option_is(node, "output", "none") ? OUTPUT_NONE
                                                         : OUTPUT_ALL;
    TR_TRY(
        step_expression(ctx, scan_node, k + 1, node->children[2], TR_BOOL, &out->condition, err));
    for (uint32_t i = 0; i < count; i++) {
        const tr_kql_node *item = node->children[3 + i];
        int32_t at = item->kind == TR_KQL_NAMED ? tr_schema_find(ctx->input, item->text) : -1;
        if (at < (int32_t)s->input_count || at >= (int32_t)s->width)
            return undeclared(ctx, s, item, err);
        columns[i] = (uint32_t)at;
        TR_TRY(step_expression(ctx, scan_node, k + 1, item->children[1],
                               ctx->input->fields[at].type, &values[i], err));
    }
    out->count = count;
    out->columns = columns;
    out->values = values;
    out->is_optional = (node->flags & TR_KQL_FLAG_OPTIONAL) != 0;
    return TRAWL_OK;
}

/* Columns of the record, then those of each step under "step.column". */
static trawl_status wide_schema(const tr_context *ctx, const tr_kql_node *node,
                                const tr_plan *input, scan *s, tr_schema *out, trawl_error *err) {
    const tr_kql_node *declared = node->children[3];
    tr_arena *arena = ctx->a->plan.query;
    s->input_count = input->schema.count;
    s->width = s->input_count + declared->child_count;
    size_t total = (size_t)s->width * (s->step_count + 1);
    tr_field *fields = TR_NEW_N(arena, tr_field, total + 1);
    s->blank = TR_NEW_N(arena, tr_value, s->width + 1);
    if (!fields || !s->blank)
        return tr_fail_memory(err);
    memcpy(fields, input->schema.fields, s->input_count * sizeof *fields);
    for (uint32_t i = 0; i < declared->child_count; i++) {
        const tr_kql_node *column = declared->children[i];
        for (uint32_t c = 0; c < s->input_count + i; c++)
            if (tr_str_equal(fields[c].name, column->text))
                return tr_fail_at(err, TRAWL_E_SEMANTIC, column->span, "SEM0072",
                                  "two columns are called '%.*s'", (int)column->text.len,
                                  column->text.ptr);
        fields[s->input_count + i] = (tr_field){column->text, tr_type_of_node(column->children[1])};
    }
    for (uint32_t c = 0; c < s->width; c++)
        s->blank[c] = tr_value_null(fields[c].type);
    for (uint32_t i = 0; i < declared->child_count; i++) {
        const tr_kql_node *value = declared->children[i]->children[2];
        tr_value *blank = &s->blank[s->input_count + i];
        const tr_expr *expr;
        if (value->kind == TR_KQL_NONE)
            continue;
        tr_type type = blank->type;
        TR_TRY(tr_constant(ctx, value, blank, err));
        TR_TRY(tr_expr_const(&ctx->a->plan, blank, value->span, &expr, err));
        TR_TRY(tr_expr_cast(&ctx->a->plan, expr, type, &expr, err));
        TR_TRY(tr_expr_eval_const(&ctx->a->plan, expr, blank, err));
    }
    for (uint32_t k = 0; k < s->step_count; k++)
        for (uint32_t c = 0; c < s->width; c++) {
            char *name = joined_name(arena, node->children[4 + k]->text, fields[c].name);
            if (!name)
                return tr_fail_memory(err);
            fields[(size_t)s->width * (k + 1) + c] = (tr_field){tr_str_c(name), fields[c].type};
        }
    *out = (tr_schema){(uint32_t)total, fields};
    return TRAWL_OK;
}

/* `order by` and `partition by`: the keys become columns at the end, the rows are sorted by them.
 */
static trawl_status sorted_input(const tr_context *ctx, const tr_kql_node *node,
                                 const tr_plan *input, scan *s, const tr_plan **out,
                                 trawl_error *err) {
    const tr_kql_node *order = node->children[1], *parts = node->children[2];
    uint32_t keys = order->child_count + parts->child_count, width = input->schema.count;
    *out = input;
    if (keys == 0)
        return TRAWL_OK;
    const tr_expr **exprs;
    tr_str *names;
    tr_sort_key *sort = TR_NEW_N(ctx->a->plan.query, tr_sort_key, keys + 1);
    if (!sort)
        return tr_fail_memory(err);
    TR_TRY(tr_all_columns(ctx->a, input, keys, &exprs, &names, err));
    for (uint32_t i = 0; i < keys; i++) {
        bool is_part = i >= order->child_count;
        const tr_kql_node *item =
            is_part ? parts->children[i - order->child_count] : order->children[i];
        const tr_kql_node *value = item->kind == TR_KQL_ORDER || item->kind == TR_KQL_NAMED
                                       ? item->children[item->kind == TR_KQL_NAMED]
                                       : item;
        TR_TRY(tr_expression(ctx, value, &exprs[width + i], err));
        names[width + i] = tr_str_c("");
        bool ascending = is_part || (item->flags & TR_KQL_FLAG_ASC);
        bool first = item->flags & TR_KQL_FLAG_NULLS_FIRST ||
                     (ascending && !(item->flags & TR_KQL_FLAG_NULLS_LAST));
        /* Parts first, then the order within them. */
        sort[is_part ? i - order->child_count : i + parts->child_count] =
            (tr_sort_key){width + i, !ascending, first};
    }
    s->key_count = keys;
    s->part_count = parts->child_count;
    TR_TRY(tr_plan_project(&ctx->a->plan, input, width + keys, exprs, names, out, err));
    if (order->child_count == 0 && !input->ordered) {
        tr_plan *serial;
        TR_TRY(tr_plan_new(&ctx->a->plan, TR_PLAN_SERIALIZE, out, 1, (*out)->schema, &serial, err));
        serial->ordered = true;
        *out = serial;
    }
    return tr_plan_sort(&ctx->a->plan, *out, keys, sort, -1, out, err);
}

static trawl_status make_plan(const tr_context *ctx, const tr_kql_node *node, const tr_plan *input,
                              const tr_plan *sorted, const scan *s, const tr_plan **out,
                              trawl_error *err) {
    const tr_kql_node *declared = node->children[3], *id = tr_option(node, "with_match_id");
    tr_field *fields = TR_NEW_N(ctx->a->plan.query, tr_field, s->width + 2);
    tr_plan *plan;
    uint32_t n = input->schema.count;
    if (!fields)
        return tr_fail_memory(err);
    memcpy(fields, input->schema.fields, n * sizeof *fields);
    for (uint32_t i = 0; i < declared->child_count; i++)
        fields[n++] = (tr_field){declared->children[i]->text,
                                 tr_type_of_node(declared->children[i]->children[1])};
    if (id) {
        TR_TRY(tr_name_unique(ctx->a, id->text, fields, n, &fields[n].name, err));
        fields[n++].type = TR_LONG;
    }
    TR_TRY(
        tr_plan_new(&ctx->a->plan, TR_PLAN_PLUGIN, &sorted, 1, (tr_schema){n, fields}, &plan, err));
    plan->ordered = true;
    plan->as.plugin.plugin = &scan_plugin;
    plan->as.plugin.bound = s;
    *out = plan;
    return TRAWL_OK;
}

trawl_status tr_operator_scan(const tr_context *ctx, const tr_kql_node *node, const tr_plan *input,
                              const tr_plan **out, trawl_error *err) {
    scan *s = TR_NEW(ctx->a->plan.query, scan);
    const tr_plan *sorted;
    tr_context wide = *ctx;
    tr_schema schema;
    if (!s)
        return tr_fail_memory(err);
    s->step_count = node->child_count - 4;
    if (s->step_count == 0 || s->step_count > STEPS_MAX)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0114", "scan has 1 to %d steps",
                          STEPS_MAX);
    if (!input->ordered && node->children[1]->child_count == 0) {
        trawl_status status = tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0071",
                                         "scan needs rows in a defined order, and these have none");
        tr_hint(err, "put 'sort by' or 'serialize' before it");
        return status;
    }
    TR_TRY(sorted_input(ctx, node, input, s, &sorted, err));
    s->with_match_id = tr_option(node, "with_match_id") != NULL;
    s->steps = TR_NEW_N(ctx->a->plan.query, scan_step, s->step_count);
    if (!s->steps)
        return tr_fail_memory(err);
    TR_TRY(wide_schema(ctx, node, sorted, s, &schema, err));
    wide.input = &schema;
    for (uint32_t k = 0; k < s->step_count; k++)
        TR_TRY(bind_step(&wide, node, k, s, &s->steps[k], err));
    return make_plan(ctx, node, input, sorted, s, out, err);
}

/* runtime/api/command_view.c: materialized views: made, brought up to date, shown, dropped. */
#include "runtime/api/view.h"

#include "runtime/data/dynamic.h"

/* Rows that wait before the state is made anew after an ingestion. */
enum { WAITING_MAX = 65536, DEPTH_MAX = 8 };

/* ---- plans ---- */

/* The view's plans over the rows of its source since `sequence`; with_state: folded with those
 * before. */
static trawl_status plans_of(tr_doing *d, tr_plan_ctx *ctx, const tr_cat_view *view,
                             uint64_t sequence, bool with_state, tr_view_plans *out,
                             trawl_error *err) {
    const tr_table *rows, *state = NULL;
    const tr_plan *query;
    tr_kql_given given = {.name = view->source};
    TR_TRY(tr_snapshot_since(d->state->snapshot, view->source, sequence, ctx->query, &rows, err));
    TR_TRY(tr_plan_scan(ctx, rows, (tr_span){0, 0}, &given.plan, err));
    TR_TRY(tr_doing_compile(d, view->query, 1, &given, &query, err));
    if (with_state) {
        state = tr_database_find(tr_snapshot_database(d->state->snapshot), view->state_table);
        if (!state)
            return tr_fail(err, TRAWL_E_DATA, "the state of materialized view '%.*s' is gone",
                           (int)view->name.len, view->name.ptr);
    }
    return tr_view_make(ctx, query, state, out, err);
}

static tr_doing looking(trawl_query *query, tr_arena *arena) {
    return (tr_doing){.query = query,
                      .db = query->db,
                      .arena = arena,
                      .state = query->state,
                      .catalog = query->state->catalog};
}

trawl_status tr_view_plan(void *ctx, tr_plan_ctx *plan_ctx, tr_str name, tr_span span,
                          const tr_plan **out, trawl_error *err) {
    trawl_query *query = ctx;
    const tr_catalog *catalog = query->state->catalog;
    const tr_cat_view *view = catalog ? tr_cat_find_view(catalog, name) : NULL;
    tr_view_plans plans;
    *out = NULL;
    if (!view)
        return TRAWL_OK;
    if (query->view_depth == DEPTH_MAX)
        return tr_fail_at(err, TRAWL_E_LIMIT, span, "CMD0111",
                          "materialized views ask each other more than %d deep", DEPTH_MAX);
    query->view_depth++;
    tr_doing d = looking(query, plan_ctx->query);
    trawl_status status = plans_of(&d, plan_ctx, view, view->sequence, true, &plans, err);
    query->view_depth--;
    if (status == TRAWL_OK)
        status = tr_guarded_view(query, plan_ctx, view, span, &plans.answer, err);
    if (status != TRAWL_OK && err) {
        err->span_offset = span.offset;
        err->span_bytes = span.bytes;
    }
    if (status == TRAWL_OK)
        *out = plans.answer;
    return status;
}

trawl_status tr_view_schema(const tr_doing *given, const tr_cat_view *view, tr_schema *out) {
    tr_doing d = looking(given->query, given->arena);
    tr_plan_ctx ctx = {.query = d.arena, .env = &d.query->env};
    tr_view_plans plans;
    TR_TRY(plans_of(&d, &ctx, view, UINT64_MAX, false, &plans, NULL));
    *out = plans.answer->schema;
    return TRAWL_OK;
}

/* ---- rows of answers ---- */

static void put_row(tr_sheet *out, const tr_cat_view *view) {
    tr_sheet_text(out, view->name);
    tr_sheet_text(out, view->source);
    tr_sheet_text(out, view->query);
    tr_sheet_number(out, view->run_ticks);
    tr_sheet_number(out, view->run_ticks);
    tr_sheet_c(out, "Completed");
    tr_sheet_number(out, 1);
    tr_sheet_number(out, view->is_enabled);
    tr_sheet_text(out, view->folder);
    tr_sheet_text(out, view->docstring);
    tr_sheet_number(out, 0);
    tr_sheet_nulls(out, 3);
}

static trawl_status find(const tr_doing *d, const tr_command_text *name, const tr_cat_view **out,
                         trawl_error *err) {
    *out = d->catalog ? tr_cat_find_view(d->catalog, name->text) : NULL;
    return *out ? TRAWL_OK : tr_no_entity(d, name, "MaterializedView", err);
}

trawl_status tr_show_views(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_cat_view *view;
    if (d->command->name_count) {
        TR_TRY(find(d, &d->command->names[0], &view, err));
        put_row(out, view);
        return TRAWL_OK;
    }
    for (uint32_t v = 0; d->catalog && v < d->catalog->view_count; v++)
        put_row(out, d->catalog->views[v]);
    return TRAWL_OK;
}

trawl_status tr_show_view_cslschema(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_cat_view *view;
    tr_schema schema;
    tr_buf text;
    TR_TRY(find(d, &d->command->names[0], &view, err));
    if (tr_view_schema(d, view, &schema) != TRAWL_OK)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, d->command->names[0].span, "CMD0111",
                          "the query of materialized view '%.*s' does not compile",
                          (int)view->name.len, view->name.ptr);
    tr_buf_start(&text, d->arena);
    for (uint32_t c = 0; c < schema.count; c++) {
        tr_buf_put_text(&text, c ? "," : "");
        tr_put_name(&text, schema.fields[c].name);
        tr_buf_printf(&text, ":%s", tr_type_name(schema.fields[c].type));
    }
    tr_sheet_text(out, view->name);
    tr_sheet_buf(out, &text);
    tr_sheet_text(out, d->state->database.name);
    tr_sheet_text(out, view->folder);
    tr_sheet_text(out, view->docstring);
    return TRAWL_OK;
}

/* ---- changing the state ---- */

static trawl_status put_view(tr_doing *d, const tr_cat_view *view, trawl_error *err) {
    TR_TRY(tr_change_put_view(d->change, view, err));
    d->catalog = tr_change_catalog(d->change);
    return TRAWL_OK;
}

/* The state becomes these rows, and is that of the source up to what the command sees. */
static trawl_status put_state(tr_doing *d, const tr_cat_view *view, const tr_plan *plan,
                              trawl_error *err) {
    tr_plan_ctx ctx = {.query = d->arena, .env = &d->query->env};
    tr_exec_options options = tr_query_exec_options(d->query);
    tr_cat_view next = *view;
    tr_ingest_result result;
    tr_exec *exec;
    TR_TRY(tr_plan_rewrite(&ctx, plan, &plan, err));
    tr_ingest ingest = {.change = d->change,
                        .table = view->state_table,
                        .schema = &plan->schema,
                        .budget = &d->query->budget};
    TR_TRY(tr_change_clear_table(d->change, view->state_table, err));
    TR_TRY(tr_exec_open(&options, &d->query->progress, &exec, err));
    trawl_status status = tr_ingest_plan(exec, options.worker_count, plan, &ingest, &result, err);
    tr_exec_close(exec);
    TR_TRY(status);
    next.sequence = d->state->catalog->sequence;
    next.run_ticks = tr_now_of(d);
    return put_view(d, &next, err);
}

static trawl_status bring_up_to_date(tr_doing *d, const tr_cat_view *view, trawl_error *err) {
    tr_plan_ctx ctx = {.query = d->arena, .env = &d->query->env};
    tr_view_plans plans;
    TR_TRY(plans_of(d, &ctx, view, view->sequence, true, &plans, err));
    return put_state(d, view, plans.state, err);
}

/* After an ingestion, in changes of their own: views whose source has many rows since their state.
 * A view that fails keeps its state; queries of it tell why. */
void tr_refresh_views(tr_doing *d) {
    for (uint32_t v = 0; v < d->state->catalog->view_count; v++) {
        const tr_table *rows;
        trawl_error own = TRAWL_ERROR_INIT;
        tr_state *state;
        bool repeated;
        if (tr_db_state(d->db, 0, d->query->arena, &state, &own) != TRAWL_OK)
            return;
        state->next = d->query->state;
        d->query->state = d->state = state;
        d->query->request.database = &state->database;
        if (v >= state->catalog->view_count)
            return;
        const tr_cat_view *view = state->catalog->views[v];
        if (!view->is_enabled ||
            tr_snapshot_since(state->snapshot, view->source, view->sequence, d->arena, &rows,
                              &own) != TRAWL_OK ||
            rows->row_count < WAITING_MAX)
            continue;
        tr_str name = view->name;
        if (tr_doing_start(d, &own) != TRAWL_OK)
            return;
        view = tr_cat_find_view(d->catalog, name); /* others may have changed it meanwhile */
        if (!view || !view->is_enabled) {
            tr_change_abandon(d->change);
            d->change = NULL;
            continue;
        }
        d->key = TR_STR_EMPTY;
        trawl_status status = bring_up_to_date(d, view, &own);
        if (status == TRAWL_OK)
            status = tr_doing_commit(d, &repeated, &own);
        if (d->change)
            tr_change_abandon(d->change);
        d->change = NULL;
        if (status != TRAWL_OK) /* queries tell of it too, if it cannot be noted */
            tr_note_failure(d, name, own.message, "MaterializedView", false, NULL);
    }
}

/* ---- making ---- */

static tr_str inside_braces(tr_str body) {
    uint32_t from = 1, to = body.len - 1;
    while (from < to && (unsigned char)body.ptr[from] <= ' ')
        from++;
    while (to > from && (unsigned char)body.ptr[to - 1] <= ' ')
        to--;
    return tr_str_of(body.ptr + from, to - from);
}

static trawl_status check_made(const tr_doing *d, trawl_error *err) {
    static const char *const known[] = {"backfill",
                                        "folder",
                                        "docString",
                                        "dimensionTables",
                                        "autoUpdateSchema",
                                        "updateExtentsCreationTime",
                                        "effectiveDateTime",
                                        "lookback",
                                        "lookback_column",
                                        "dimensionMaterializedViews",
                                        NULL};
    static const char *const refused[] = {"autoUpdateSchema",  "updateExtentsCreationTime",
                                          "effectiveDateTime", "lookback",
                                          "lookback_column",   "dimensionMaterializedViews"};
    TR_TRY(tr_check_properties(d, known, err));
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const tr_command_pair *pair = tr_command_property(d->command, refused[i]);
        if (pair && !tr_str_equal_nocase_ascii(pair->right.text, tr_str_c("false")))
            return tr_fail_at(err, TRAWL_E_UNSUPPORTED, pair->left.span, "CMD0003",
                              "property %s of a materialized view does not run yet", refused[i]);
    }
    return TRAWL_OK;
}

/* The hidden table for the state, its columns those of the plan. */
static trawl_status make_state_table(tr_doing *d, tr_str name, const tr_schema *schema,
                                     trawl_error *err) {
    tr_cat_column *columns = TR_NEW_N(d->arena, tr_cat_column, schema->count + 1);
    if (!columns)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < schema->count; c++)
        columns[c] = (tr_cat_column){.name = schema->fields[c].name,
                                     .type = schema->fields[c].type,
                                     .id = c,
                                     .docstring = TR_STR_EMPTY};
    tr_cat_table table = {.id = tr_new_id(d),
                          .name = name,
                          .folder = TR_STR_EMPTY,
                          .docstring = TR_STR_EMPTY,
                          .hidden = true,
                          .column_count = schema->count,
                          .columns = columns,
                          .next_column_id = schema->count};
    TR_TRY(tr_change_put_table(d->change, &table, err));
    d->catalog = tr_change_catalog(d->change);
    return TRAWL_OK;
}

/* An altered view keeps its state, so it must be kept in the same way. */
static trawl_status same_state(const tr_doing *d, const tr_cat_view *old, const tr_schema *schema,
                               trawl_error *err) {
    const tr_cat_table *table = tr_cat_find_table(d->catalog, old->state_table);
    bool same = table && table->column_count == schema->count;
    for (uint32_t c = 0; same && c < schema->count; c++)
        same = table->columns[c].type == schema->fields[c].type;
    if (same)
        return TRAWL_OK;
    trawl_status status =
        tr_fail_at(err, TRAWL_E_SEMANTIC, d->command->body.span, "CMD0111",
                   "the state of '%.*s' cannot be kept: keys or aggregates are others",
                   (int)old->name.len, old->name.ptr);
    tr_hint(err, "drop the view and make it anew with (backfill=true)");
    return status;
}

static trawl_status compile_body(tr_doing *d, const tr_cat_view *view, bool all_rows,
                                 tr_view_plans *out, trawl_error *err) {
    tr_plan_ctx ctx = {.query = d->arena, .env = &d->query->env};
    trawl_status status = plans_of(d, &ctx, view, all_rows ? 0 : UINT64_MAX, false, out, err);
    if (status == TRAWL_OK || !err)
        return status;
    tr_span body = d->command->body.span;
    bool placed = err->span_bytes > 0;
    err->span_offset = placed ? err->span_offset + body.offset +
                                    (uint32_t)(view->query.ptr - d->command->body.text.ptr)
                              : body.offset;
    err->span_bytes = placed ? err->span_bytes : 1;
    return status;
}

static trawl_status show_view(tr_doing *d, tr_str name, tr_sheet *out) {
    put_row(out, tr_cat_find_view(d->catalog, name));
    return TRAWL_OK;
}

static trawl_status alter(tr_doing *d, const tr_cat_view *old, tr_cat_view *view, tr_sheet *out,
                          trawl_error *err) {
    tr_view_plans plans;
    view->state_table = old->state_table;
    view->sequence = old->sequence;
    view->run_ticks = old->run_ticks;
    view->is_enabled = old->is_enabled;
    if (!tr_command_property(d->command, "folder"))
        view->folder = old->folder;
    if (!tr_command_property(d->command, "docString"))
        view->docstring = old->docstring;
    TR_TRY(compile_body(d, view, false, &plans, err));
    TR_TRY(same_state(d, old, &plans.state->schema, err));
    TR_TRY(put_view(d, view, err));
    return show_view(d, view->name, out);
}

trawl_status tr_create_view(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const tr_cat_view *old = tr_cat_find_view(d->catalog, c->names[0].text);
    const tr_cat_table *source;
    tr_view_plans plans;
    TR_TRY(check_made(d, err));
    TR_TRY(tr_find_table(d, &c->names[1], &source, err));
    TR_TRY(tr_check_source(d, source, c->names[1].span, err));
    if (old && (c->flags & TR_COMMAND_IF_NOT_EXISTS))
        return show_view(d, old->name, out);
    if ((old && tr_str_is(c->verb, ".create")) || tr_cat_find_table(d->catalog, c->names[0].text))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, c->names[0].span, "CMD0105",
                          "there is a table or a materialized view '%.*s' already",
                          (int)c->names[0].text.len, c->names[0].text.ptr);
    if (!old && tr_str_is(c->verb, ".alter"))
        return tr_no_entity(d, &c->names[0], "MaterializedView", err);
    bool backfill = tr_property_is_true(c, "backfill");
    char *state_table =
        tr_arena_printf(d->arena, "$view:%.*s:%llu", (int)c->names[0].text.len,
                        c->names[0].text.ptr, (unsigned long long)d->state->catalog->sequence);
    if (!state_table)
        return tr_fail_memory(err);
    tr_cat_view view = {.name = c->names[0].text,
                        .source = source->name,
                        .query = inside_braces(c->body.text),
                        .folder = tr_property_text(c, "folder"),
                        .docstring = tr_property_text(c, "docString"),
                        .state_table = tr_str_c(state_table),
                        .sequence = d->state->catalog->sequence,
                        .run_ticks = tr_now_of(d),
                        .is_enabled = true,
                        .properties = tr_str_c("{}")};
    if (old)
        return alter(d, old, &view, out, err);
    TR_TRY(compile_body(d, &view, backfill, &plans, err));
    TR_TRY(make_state_table(d, view.state_table, &plans.state->schema, err));
    TR_TRY(put_view(d, &view, err));
    if (backfill)
        TR_TRY(put_state(d, &view, plans.state, err));
    return show_view(d, view.name, out);
}

/* ---- small changes ---- */

trawl_status tr_alter_view_text(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_cat_view *old;
    TR_TRY(find(d, &d->command->names[0], &old, err));
    tr_cat_view view = *old;
    if (d->command->scope == 'f')
        view.folder = d->command->texts[0].text;
    else
        view.docstring = d->command->texts[0].text;
    TR_TRY(put_view(d, &view, err));
    return show_view(d, view.name, out);
}

trawl_status tr_alter_view_state(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_cat_view *old;
    TR_TRY(find(d, &d->command->names[0], &old, err));
    tr_cat_view view = *old;
    view.is_enabled = tr_str_is(d->command->verb, ".enable");
    TR_TRY(put_view(d, &view, err));
    return show_view(d, view.name, out);
}

trawl_status tr_rename_view(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const tr_cat_view *old;
    TR_TRY(find(d, &c->names[0], &old, err));
    if (tr_cat_find_view(d->catalog, c->names[1].text) ||
        tr_cat_find_table(d->catalog, c->names[1].text))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, c->names[1].span, "CMD0105",
                          "there is a table or a materialized view '%.*s' already",
                          (int)c->names[1].text.len, c->names[1].text.ptr);
    tr_cat_view view = *old;
    view.name = c->names[1].text;
    TR_TRY(tr_change_drop_view(d->change, c->names[0].text, err));
    TR_TRY(put_view(d, &view, err));
    return show_view(d, view.name, out);
}

/* What was is forgotten: the view begins with the rows that come from now on. */
trawl_status tr_clear_view(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_cat_view *old;
    (void)out;
    TR_TRY(find(d, &d->command->names[0], &old, err));
    tr_cat_view view = *old;
    view.sequence = d->state->catalog->sequence;
    TR_TRY(tr_change_clear_table(d->change, view.state_table, err));
    return put_view(d, &view, err);
}

trawl_status tr_drop_view(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command_text *name = &d->command->names[0];
    const tr_cat_view *old;
    if (!tr_cat_find_view(d->catalog, name->text) && (d->command->flags & TR_COMMAND_IF_EXISTS))
        return TRAWL_OK;
    TR_TRY(find(d, name, &old, err));
    put_row(out, old);
    TR_TRY(tr_change_drop_table(d->change, old->state_table, err));
    TR_TRY(tr_change_drop_view(d->change, name->text, err));
    d->catalog = tr_change_catalog(d->change);
    return TRAWL_OK;
}

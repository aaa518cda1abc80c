/* runtime/api/guard.c: what is shown of a table instead of its rows.
 *
 * row_level_security: a query of the table, with its columns, stands wherever a text names the
 * table; inside of that query the table itself has all its rows. restricted_view_access: only
 * unrestricted viewers see rows. The policies that hold are those of now, also for earlier states:
 * else one could look back to before they were set. */
#include "runtime/api/command.h"

#include "runtime/api/view.h"
#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"

/* ---- reading policies ---- */

static trawl_status member_of(tr_arena *arena, tr_str json, const char *name, tr_value *out,
                              trawl_error *err) {
    tr_dyn_builder b;
    tr_str bag, member;
    *out = tr_value_null(TR_BOOL);
    tr_dyn_start(&b, arena);
    if (!tr_dyn_parse_json(&b, json.ptr, json.len, NULL))
        return TRAWL_OK;
    TR_TRY(tr_dyn_finish(&b, &bag, err));
    if (tr_dyn_kind_of(bag) == TR_DYN_BAG && tr_dyn_get(bag, tr_str_c(name), &member))
        *out = tr_dyn_value(member);
    return TRAWL_OK;
}

static bool is_true(const tr_value *value) {
    return value->type == TR_BOOL && !value->is_null && value->as.boolean;
}

trawl_status tr_security_read(tr_arena *arena, tr_str json, tr_security *out, trawl_error *err) {
    tr_value enabled, query;
    TR_TRY(member_of(arena, json, "IsEnabled", &enabled, err));
    TR_TRY(member_of(arena, json, "Query", &query, err));
    *out = (tr_security){.is_enabled = is_true(&enabled), .query = TR_STR_EMPTY};
    if (query.type == TR_STRING)
        out->query = query.as.str;
    return TRAWL_OK;
}

trawl_status tr_security_of(tr_arena *arena, const tr_cat_table *table, tr_security *out,
                            trawl_error *err) {
    const tr_cat_entry *entry =
        tr_cat_find_entry(&table->policies, tr_str_c("row_level_security"), TR_STR_EMPTY);
    *out = (tr_security){.query = TR_STR_EMPTY};
    return entry ? tr_security_read(arena, entry->text, out, err) : TRAWL_OK;
}

trawl_status tr_restriction_of(tr_arena *arena, const tr_cat_table *table, bool *out,
                               trawl_error *err) {
    const tr_cat_entry *entry =
        tr_cat_find_entry(&table->policies, tr_str_c("restricted_view_access"), TR_STR_EMPTY);
    tr_value enabled = tr_value_null(TR_BOOL);
    if (entry)
        TR_TRY(member_of(arena, entry->text, "IsEnabled", &enabled, err));
    *out = is_true(&enabled);
    return TRAWL_OK;
}

/* The table as it is now, whatever time is asked for; NULL: it is in no directory. */
static trawl_status table_now(trawl_query *query, tr_str name, const tr_cat_table **out,
                              trawl_error *err) {
    const tr_catalog *then = query->state->catalog;
    *out = then ? tr_cat_find_table(then, name) : NULL;
    if (!*out || query->as_of_ticks <= 0)
        return TRAWL_OK;
    if (!query->now) {
        TR_TRY(tr_db_state(query->db, 0, query->arena, &query->now, err));
        query->now->next = query->state->next; /* given back with the others */
        query->state->next = query->now;
    }
    const tr_catalog *now = query->now->catalog;
    for (uint32_t t = 0; t < now->table_count; t++)
        if (memcmp(&now->tables[t]->id, &(*out)->id, sizeof(*out)->id) == 0) {
            *out = now->tables[t];
            return TRAWL_OK;
        }
    const tr_cat_table *same_name = tr_cat_find_table(now, name);
    *out = same_name ? same_name : *out;
    return TRAWL_OK;
}

/* ---- the query of a policy ---- */

static bool same_columns(const tr_schema *a, const tr_schema *b) {
    bool same = a->count == b->count;
    for (uint32_t c = 0; same && c < a->count; c++)
        same = a->fields[c].type == b->fields[c].type &&
               tr_str_equal(a->fields[c].name, b->fields[c].name);
    return same;
}

trawl_status tr_security_plan(trawl_query *query, tr_arena *arena, tr_str name,
                              const tr_schema *schema, tr_str text, const tr_plan **out,
                              trawl_error *err) {
    tr_doing d = {.query = query,
                  .db = query->db,
                  .arena = arena,
                  .state = query->state,
                  .catalog = query->state->catalog};
    trawl_error own = TRAWL_ERROR_INIT;
    tr_str outer = query->secured;
    query->secured = name;
    trawl_status status = tr_doing_compile(&d, text, 0, NULL, out, &own);
    query->secured = outer;
    if (status != TRAWL_OK)
        return tr_fail(err, status, "row_level_security of '%.*s': %.400s", (int)name.len, name.ptr,
                       own.message);
    if (!same_columns(&(*out)->schema, schema))
        return tr_fail(err, TRAWL_E_SEMANTIC,
                       "row_level_security of '%.*s': the query must give the columns of the "
                       "table, in their order, with their names and types",
                       (int)name.len, name.ptr);
    return TRAWL_OK;
}

static trawl_status apply(trawl_query *query, tr_plan_ctx *plan_ctx, const tr_cat_table *rules,
                          tr_str name, const tr_schema *schema, const tr_plan **out,
                          trawl_error *err) {
    tr_security security;
    bool restricted;
    TR_TRY(tr_restriction_of(plan_ctx->query, rules, &restricted, err));
    if (restricted && query->db->restricted_viewer)
        return tr_fail(err, TRAWL_E_DENIED,
                       "'%.*s' has restricted_view_access, and this viewer is restricted",
                       (int)name.len, name.ptr);
    TR_TRY(tr_security_of(plan_ctx->query, rules, &security, err));
    if (!security.query.len || !(security.is_enabled || query->forces_security))
        return TRAWL_OK;
    if (query->blocks_security)
        return tr_fail(err, TRAWL_E_DENIED,
                       "'%.*s' has row_level_security, which request_block_row_level_security "
                       "rules out",
                       (int)name.len, name.ptr);
    if (query->secured.len)
        return tr_fail(err, TRAWL_E_SEMANTIC,
                       "the query of a row_level_security policy may not ask '%.*s', which has one "
                       "of its own",
                       (int)name.len, name.ptr);
    return tr_security_plan(query, plan_ctx->query, name, schema, security.query, out, err);
}

static void place(tr_span span, trawl_status status, trawl_error *err) {
    if (status == TRAWL_OK || !err)
        return;
    err->span_offset = span.offset;
    err->span_bytes = span.bytes;
}

trawl_status tr_guarded_table(void *ctx, tr_plan_ctx *plan_ctx, const tr_table *table, tr_span span,
                              const tr_plan **out, trawl_error *err) {
    trawl_query *query = ctx;
    const tr_cat_table *rules;
    if (query->secured.len && tr_str_equal(query->secured, table->name))
        return TRAWL_OK;
    TR_TRY(table_now(query, table->name, &rules, err));
    if (!rules || rules->policies.count == 0)
        return TRAWL_OK;
    trawl_status status = apply(query, plan_ctx, rules, table->name, &table->schema, out, err);
    place(span, status, err);
    return status;
}

trawl_status tr_guarded_view(trawl_query *query, tr_plan_ctx *plan_ctx, const tr_cat_view *view,
                             tr_span span, const tr_plan **plan, trawl_error *err) {
    const tr_cat_table *rules;
    const tr_plan *shown = NULL;
    if (query->secured.len && tr_str_equal(query->secured, view->name))
        return TRAWL_OK;
    TR_TRY(table_now(query, view->state_table, &rules, err));
    if (!rules || rules->policies.count == 0)
        return TRAWL_OK;
    trawl_status status = apply(query, plan_ctx, rules, view->name, &(*plan)->schema, &shown, err);
    place(span, status, err);
    if (shown)
        *plan = shown;
    return status;
}

/* ---- commands that act on rows themselves ---- */

trawl_status tr_check_unguarded(const tr_doing *d, const tr_command_text *name, trawl_error *err) {
    const tr_cat_table *table = tr_cat_find_table(d->catalog, name->text);
    tr_security security = {.query = TR_STR_EMPTY};
    bool restricted = false;
    if (table)
        TR_TRY(tr_security_of(d->arena, table, &security, err));
    if (table)
        TR_TRY(tr_restriction_of(d->arena, table, &restricted, err));
    if (!security.is_enabled && !(restricted && d->db->restricted_viewer))
        return TRAWL_OK;
    trawl_status status = tr_fail_at(err, TRAWL_E_DENIED, name->span, "CMD0112",
                                     "'%.*s' hides rows: %s", (int)name->text.len, name->text.ptr,
                                     security.is_enabled ? "it has row_level_security"
                                                         : "it has restricted_view_access");
    if (security.is_enabled)
        tr_hint(err, "disable the policy first, and enable it again afterwards");
    return status;
}

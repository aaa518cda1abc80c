/* runtime/api/update_policy.c: tables that are made of what comes into other tables.
 *
 * A policy of a table names a source and a query. When rows come into the source, the query runs
 * over these rows alone, and what it gives goes into the table, in the same change. Policies feed
 * each other; a circle ends at DEPTH_MAX. */
#include "runtime/api/command.h"

#include "runtime/data/dynamic.h"

enum { DEPTH_MAX = 8 };

typedef struct {
    bool enabled, transactional, propagates;
    tr_str source, query;
} policy;

static bool member(tr_str bag, const char *name, tr_value *out) {
    for (uint32_t i = 0; tr_dyn_kind_of(bag) == TR_DYN_BAG && i < tr_dyn_count(bag); i++)
        if (tr_str_equal_nocase_ascii(tr_dyn_key(bag, i), tr_str_c(name))) {
            *out = tr_dyn_value(tr_dyn_at(bag, i));
            return !out->is_null;
        }
    return false;
}

static bool flag(tr_str bag, const char *name, bool fallback) {
    tr_value value;
    return member(bag, name, &value) && value.type == TR_BOOL ? value.as.boolean : fallback;
}

/* Policies in a text; *count 0 and *good false if it is not an array of them. */
static trawl_status read_policies(tr_doing *d, tr_str json, const policy **out, uint32_t *count,
                                  bool *good, trawl_error *err) {
    tr_dyn_builder b;
    tr_str list;
    *count = 0;
    tr_dyn_start(&b, d->arena);
    *good = tr_dyn_parse_json(&b, json.ptr, json.len, NULL);
    if (!*good)
        return TRAWL_OK;
    TR_TRY(tr_dyn_finish(&b, &list, err));
    bool single = tr_dyn_kind_of(list) == TR_DYN_BAG;
    *good = single || tr_dyn_kind_of(list) == TR_DYN_ARRAY || tr_dyn_kind_of(list) == TR_DYN_NULL;
    uint32_t n = single ? 1 : *good ? tr_dyn_count(list) : 0;
    policy *policies = TR_NEW_N(d->arena, policy, n + 1);
    if (!policies)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++) {
        tr_str bag = single ? list : tr_dyn_at(list, i);
        tr_value source = {0}, query = {0};
        *good = *good && member(bag, "Source", &source) && member(bag, "Query", &query) &&
                source.type == TR_STRING && query.type == TR_STRING;
        if (!*good)
            return TRAWL_OK;
        policies[i] = (policy){.enabled = flag(bag, "IsEnabled", true),
                               .transactional = flag(bag, "IsTransactional", false),
                               .propagates = flag(bag, "PropagateIngestionProperties", false),
                               .source = source.as.str,
                               .query = query.as.str};
    }
    *out = policies;
    *count = n;
    return TRAWL_OK;
}

/* The query of a policy over these rows of its source, fit for the table. */
static trawl_status compile(tr_doing *d, const policy *p, const tr_plan *rows,
                            const tr_cat_table *table, const tr_plan **out, trawl_error *err) {
    tr_kql_given given = {.name = p->source, .plan = rows};
    TR_TRY(tr_doing_compile(d, p->query, 1, &given, out, err));
    return tr_fit_plan(d, *out, table, out, err);
}

static trawl_status no_rows(tr_doing *d, const tr_cat_table *table, const tr_plan **out,
                            trawl_error *err) {
    tr_plan_ctx ctx = {.query = d->arena, .env = &d->query->env};
    tr_rows *rows = TR_NEW(d->arena, tr_rows);
    tr_schema schema;
    if (!rows)
        return tr_fail_memory(err);
    TR_TRY(tr_schema_of_table(d, table, &schema, err));
    tr_rows_start(rows, schema);
    return tr_plan_values(&ctx, rows, (tr_span){0, 0}, out, err);
}

/* Rows that the source hides would show in the other table. */
trawl_status tr_check_source(const tr_doing *d, const tr_cat_table *source, tr_span span,
                             trawl_error *err) {
    tr_command_text name = {source->name, span};
    bool restricted;
    TR_TRY(tr_check_unguarded(d, &name, err));
    TR_TRY(tr_restriction_of(d->arena, source, &restricted, err));
    return !restricted
               ? TRAWL_OK
               : tr_fail_at(err, TRAWL_E_SEMANTIC, span, "CMD0108",
                            "table '%.*s' has restricted_view_access: it cannot feed others",
                            (int)source->name.len, source->name.ptr);
}

trawl_status tr_check_update_policy(tr_doing *d, const tr_cat_table *table, tr_str json,
                                    tr_span span, trawl_error *err) {
    const policy *policies = NULL;
    uint32_t count;
    bool good;
    TR_TRY(read_policies(d, json, &policies, &count, &good, err));
    if (!good)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, span, "CMD0108",
                          "policy update needs JSON: [{\"Source\":\"S\",\"Query\":\"F()\"}]");
    for (uint32_t i = 0; i < count; i++) {
        const policy *p = &policies[i];
        const tr_plan *rows, *plan;
        const tr_cat_table *source;
        tr_command_text name = {p->source, span};
        if (tr_str_equal(p->source, table->name))
            return tr_fail_at(err, TRAWL_E_SEMANTIC, span, "CMD0108",
                              "policy update: table '%.*s' cannot be its own source",
                              (int)table->name.len, table->name.ptr);
        TR_TRY(tr_find_table(d, &name, &source, err));
        TR_TRY(tr_check_source(d, source, span, err));
        TR_TRY(no_rows(d, source, &rows, err));
        trawl_status status = compile(d, p, rows, table, &plan, err);
        if (status != TRAWL_OK && err) {
            err->span_offset = span.offset;
            err->span_bytes = span.bytes;
        }
        TR_TRY(status);
    }
    return TRAWL_OK;
}

trawl_status tr_is_fed_by(const tr_doing *d, const tr_cat_table *table, tr_str source, bool *out,
                          trawl_error *err) {
    const tr_cat_entry *entry =
        tr_cat_find_entry(&table->policies, tr_str_c("update"), TR_STR_EMPTY);
    tr_doing here = *d;
    const policy *policies = NULL;
    uint32_t count = 0;
    bool good;
    *out = false;
    if (!entry)
        return TRAWL_OK;
    TR_TRY(read_policies(&here, entry->text, &policies, &count, &good, err));
    for (uint32_t i = 0; i < count; i++)
        *out |= tr_str_equal(policies[i].source, source);
    return TRAWL_OK;
}

/* The query is run to its end before any of its rows are put: so a failure leaves nothing behind,
 * and an ingestion that does not depend on it goes on. */
static trawl_status apply(tr_doing *d, const policy *p, const tr_cat_table *table,
                          const tr_plan *source_rows, const tr_loading *like, trawl_error *err) {
    tr_plan_ctx ctx = {.query = d->arena, .env = &d->query->env};
    tr_rows *rows = TR_NEW(d->arena, tr_rows);
    trawl_error own = TRAWL_ERROR_INIT;
    const tr_plan *plan;
    tr_ingest_result result;
    if (!rows)
        return tr_fail_memory(err);
    trawl_status status = compile(d, p, source_rows, table, &plan, &own);
    if (status == TRAWL_OK)
        status = tr_doing_rows(d, plan, rows, &own);
    bool fatal = status == TRAWL_E_MEMORY || status == TRAWL_E_CANCELLED ||
                 status == TRAWL_E_TIMEOUT || status == TRAWL_E_INTERNAL;
    d->policy_failed = status != TRAWL_OK && !fatal;
    if (status != TRAWL_OK && (p->transactional || fatal))
        return tr_fail(err, status, "update policy of table '%.*s': %.400s", (int)table->name.len,
                       table->name.ptr, own.message);
    d->policy_failed = false;
    if (status != TRAWL_OK)
        return tr_note_failure(d, table->name, own.message, "Permanent", true, err);
    tr_loading to = {.table = table->name};
    if (p->propagates) {
        to = *like;
        to.table = table->name;
    }
    TR_TRY(tr_plan_values(&ctx, rows, (tr_span){0, 0}, &plan, err));
    TR_TRY(tr_plan_rewrite(&ctx, plan, &plan, err));
    return rows->row_count ? tr_load_plan(d, plan, &to, &result, err) : TRAWL_OK;
}

trawl_status tr_apply_update_policies(tr_doing *d, tr_str source, const tr_plan *rows,
                                      const tr_loading *like, trawl_error *err) {
    const tr_catalog *catalog = d->catalog;
    for (uint32_t t = 0; t < catalog->table_count; t++) {
        const tr_cat_table *table = catalog->tables[t];
        const tr_cat_entry *entry =
            tr_cat_find_entry(&table->policies, tr_str_c("update"), TR_STR_EMPTY);
        const policy *policies = NULL;
        uint32_t count = 0;
        bool good;
        if (!entry)
            continue;
        TR_TRY(read_policies(d, entry->text, &policies, &count, &good, err));
        for (uint32_t i = 0; i < count; i++) {
            if (!policies[i].enabled || !tr_str_equal(policies[i].source, source))
                continue;
            if (d->depth == DEPTH_MAX)
                return tr_fail(err, TRAWL_E_LIMIT,
                               "update policies feed each other more than %d tables deep",
                               DEPTH_MAX);
            d->depth++;
            trawl_status status = apply(d, &policies[i], table, rows, like, err);
            d->depth--;
            TR_TRY(status);
        }
    }
    return TRAWL_OK;
}

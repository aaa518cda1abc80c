/* runtime/api/command_policy.c: policies: kept as JSON by kind, shown, merged, removed.
 *
 * Those of tables and of the database are entries of the catalog. Those of a view are entries of
 * the table that its rows are in, those of a column entries "kind:column" of its table, those of
 * the cluster entries "kind:cluster" of the database. */
#include "runtime/api/command.h"

#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"

typedef enum { JSON_ONLY, SWITCH, RETENTION, CACHING, ROW_ORDER, UPDATE, SECURITY } form;

typedef struct {
    const char *kind, *name;
    form form;
} policy;

static const policy policies[] = {
    {"auto_delete", "AutoDeletePolicy", JSON_ONLY},
    {"caching", "CachingPolicy", CACHING},
    {"callout", "CalloutPolicy", JSON_ONLY},
    {"capacity", "CapacityPolicy", JSON_ONLY},
    {"diagnostics", "DiagnosticsPolicy", JSON_ONLY},
    {"encoding", "EncodingPolicy", JSON_ONLY},
    {"extent_tags_retention", "ExtentTagsRetentionPolicy", JSON_ONLY},
    {"ingestionbatching", "IngestionBatchingPolicy", JSON_ONLY},
    {"ingestiontime", "IngestionTimePolicy", SWITCH},
    {"managed_identity", "ManagedIdentityPolicy", JSON_ONLY},
    {"merge", "ExtentsMergePolicy", JSON_ONLY},
    {"mirroring", "MirroringPolicy", JSON_ONLY},
    {"multidatabaseadmins", "MultiDatabaseAdminsPolicy", JSON_ONLY},
    {"partitioning", "PartitioningPolicy", JSON_ONLY},
    {"query_acceleration", "QueryAccelerationPolicy", JSON_ONLY},
    {"query_weak_consistency", "QueryWeakConsistencyPolicy", JSON_ONLY},
    {"request_classification", "RequestClassificationPolicy", JSON_ONLY},
    {"restricted_view_access", "RestrictedViewAccessPolicy", SWITCH},
    {"retention", "RetentionPolicy", RETENTION},
    {"row_level_security", "RowLevelSecurityPolicy", SECURITY},
    {"roworder", "RowOrderPolicy", ROW_ORDER},
    {"rowstore", "RowStorePolicy", JSON_ONLY},
    {"sandbox", "SandboxPolicy", JSON_ONLY},
    {"sharding", "ShardingPolicy", JSON_ONLY},
    {"streamingingestion", "StreamingIngestionPolicy", SWITCH},
    {"update", "UpdatePolicy", UPDATE},
};
enum { POLICY_COUNT = sizeof policies / sizeof *policies };

static trawl_status find_policy(const tr_command_text *word, const policy **out, trawl_error *err) {
    tr_nearest nearest = tr_nearest_of(word->text);
    for (uint32_t i = 0; i < POLICY_COUNT; i++) {
        if (tr_str_equal_nocase_ascii(word->text, tr_str_c(policies[i].kind))) {
            *out = &policies[i];
            return TRAWL_OK;
        }
        tr_nearest_try(&nearest, tr_str_c(policies[i].kind));
    }
    trawl_status status =
        tr_fail_at(err, TRAWL_E_SEMANTIC, word->span, "CMD0107", "there is no policy '%.*s'",
                   (int)word->text.len, word->text.ptr);
    tr_hint_nearest(err, &nearest);
    return status;
}

/* ---- whose policy ---- */

typedef struct {
    tr_str table; /* "" the database */
    const tr_cat_table *cat;
    tr_str kind; /* as it is kept */
    const tr_cat_entries *entries;
    const char *name; /* as it is shown: [db].[T] */
    const char *type;
} entity;

static trawl_status name_entity(const tr_doing *d, entity *e, tr_str inner, tr_str column,
                                trawl_error *err) {
    tr_str db = d->state->database.name;
    e->name = column.len  ? tr_arena_printf(d->arena, "[%.*s].[%.*s].[%.*s]", (int)db.len, db.ptr,
                                            (int)inner.len, inner.ptr, (int)column.len, column.ptr)
              : inner.len ? tr_arena_printf(d->arena, "[%.*s].[%.*s]", (int)db.len, db.ptr,
                                            (int)inner.len, inner.ptr)
                          : tr_arena_printf(d->arena, "[%.*s]", (int)db.len, db.ptr);
    return e->name ? TRAWL_OK : tr_fail_memory(err);
}

static trawl_status suffixed(const tr_doing *d, const policy *p, tr_str suffix, tr_str *out,
                             trawl_error *err) {
    char *text = tr_arena_printf(d->arena, "%s:%.*s", p->kind, (int)suffix.len, suffix.ptr);
    if (!text)
        return tr_fail_memory(err);
    *out = tr_str_c(text);
    return TRAWL_OK;
}

static trawl_status of_table(const tr_doing *d, const policy *p, const tr_cat_table *table,
                             entity *out, trawl_error *err) {
    *out = (entity){.table = table->name,
                    .cat = table,
                    .kind = tr_str_c(p->kind),
                    .entries = &table->policies,
                    .type = "Table"};
    return name_entity(d, out, table->name, TR_STR_EMPTY, err);
}

static trawl_status of_column(const tr_doing *d, const policy *p, entity *out, trawl_error *err) {
    const tr_cat_table *table;
    const tr_command_text *column = &d->command->column;
    bool found = false;
    TR_TRY(tr_find_table(d, &d->command->names[0], &table, err));
    for (uint32_t c = 0; c < table->column_count; c++)
        found |= tr_str_equal(table->columns[c].name, column->text);
    if (!found)
        return tr_no_entity(d, column, "Column", err);
    TR_TRY(of_table(d, p, table, out, err));
    out->type = "Column";
    TR_TRY(suffixed(d, p, column->text, &out->kind, err));
    return name_entity(d, out, table->name, column->text, err);
}

static trawl_status of_view(const tr_doing *d, const policy *p, entity *out, trawl_error *err) {
    const tr_command_text *name = &d->command->names[0];
    const tr_cat_view *view = d->catalog ? tr_cat_find_view(d->catalog, name->text) : NULL;
    const tr_cat_table *table = view ? tr_cat_find_table(d->catalog, view->state_table) : NULL;
    if (!table)
        return tr_no_entity(d, name, "MaterializedView", err);
    TR_TRY(of_table(d, p, table, out, err));
    out->type = "MaterializedView";
    return name_entity(d, out, view->name, TR_STR_EMPTY, err);
}

static trawl_status of_command(const tr_doing *d, const policy *p, const tr_command_text *table,
                               entity *out, trawl_error *err) {
    static const tr_cat_entries none = {0, NULL};
    const tr_command *c = d->command;
    const tr_cat_table *found;
    if (table && c->scope == 't') {
        TR_TRY(tr_find_table(d, table, &found, err));
        return of_table(d, p, found, out, err);
    }
    if (c->scope == 'o')
        return of_column(d, p, out, err);
    if (c->scope == 'v')
        return of_view(d, p, out, err);
    *out = (entity){.table = TR_STR_EMPTY,
                    .kind = tr_str_c(p->kind),
                    .entries = d->catalog ? &d->catalog->policies : &none,
                    .type = "Database"};
    if (c->scope == 'c') {
        out->type = "Cluster";
        out->name = "";
        return suffixed(d, p, tr_str_c("cluster"), &out->kind, err);
    }
    if (c->name_count)
        TR_TRY(tr_check_database(d, &c->names[0], err));
    return name_entity(d, out, TR_STR_EMPTY, TR_STR_EMPTY, err);
}

static void put_row(const tr_doing *d, tr_sheet *out, const policy *p, const entity *e) {
    const tr_cat_entry *entry = tr_cat_find_entry(e->entries, e->kind, TR_STR_EMPTY);
    tr_buf children;
    tr_buf_start(&children, d->arena);
    tr_sheet_c(out, p->name);
    tr_sheet_c(out, e->name);
    tr_sheet_text(out, entry ? entry->text : tr_str_c("null"));
    if (strcmp(e->type, "Database") == 0 && d->catalog) {
        bool first = true;
        tr_buf_put_char(&children, '[');
        for (uint32_t t = 0; t < d->catalog->table_count; t++) {
            if (d->catalog->tables[t]->hidden)
                continue;
            tr_buf_put_text(&children, first ? "" : ",");
            first = false;
            tr_json_put_string(&children, d->catalog->tables[t]->name);
        }
        tr_buf_put_char(&children, ']');
    }
    tr_sheet_buf(out, &children);
    tr_sheet_c(out, e->type);
}

trawl_status tr_show_policy(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const policy *p;
    entity e;
    TR_TRY(find_policy(&c->word, &p, err));
    if (c->scope != 't' || !(c->flags & TR_COMMAND_ALL)) {
        TR_TRY(of_command(d, p, c->name_count ? &c->names[0] : NULL, &e, err));
        put_row(d, out, p, &e);
        return TRAWL_OK;
    }
    for (uint32_t t = 0; d->catalog && t < d->catalog->table_count; t++) {
        if (d->catalog->tables[t]->hidden)
            continue;
        TR_TRY(of_table(d, p, d->catalog->tables[t], &e, err));
        put_row(d, out, p, &e);
    }
    return TRAWL_OK;
}

/* ---- values ---- */

static trawl_status bad_value(const tr_doing *d, const policy *p, const char *wanted,
                              trawl_error *err) {
    return tr_fail_at(err, TRAWL_E_SEMANTIC, d->command->texts[0].span, "CMD0108",
                      "policy %s needs %s", p->kind, wanted);
}

/* The next word of `text` from *at on: letters, digits, '_', '.', ':' and '-', or one mark. */
static tr_str next_word(tr_str text, uint32_t *at) {
    uint32_t from = *at;
    while (from < text.len && (unsigned char)text.ptr[from] <= ' ')
        from++;
    uint32_t end = from;
    while (end < text.len &&
           ((text.ptr[end] >= 'a' && text.ptr[end] <= 'z') ||
            (text.ptr[end] >= 'A' && text.ptr[end] <= 'Z') ||
            (text.ptr[end] >= '0' && text.ptr[end] <= '9') || strchr("_.:-", text.ptr[end])))
        end++;
    if (end == from && end < text.len)
        end++;
    *at = end;
    return tr_str_of(text.ptr + from, end - from);
}

static bool put_span(tr_buf *out, const char *key, tr_str text) {
    int64_t ticks;
    if (!tr_parse_timespan(text.ptr, text.len, &ticks) || ticks < 0)
        return false;
    tr_buf_printf(out, "%s\"%s\":\"", out->n > 1 ? "," : "", key);
    int64_t days = ticks / TR_TICKS_DAY;
    if (days && ticks % TR_TICKS_DAY == 0)
        tr_buf_printf(out, "%lld.00:00:00", (long long)days);
    else
        tr_format_timespan(out, ticks);
    tr_buf_put_char(out, '"');
    return true;
}

/* softdelete = 10d recoverability = disabled; hot = 30d; hotdata = 1d hotindex = 2d */
static trawl_status read_assignments(tr_doing *d, const policy *p, tr_str text, tr_buf *out,
                                     trawl_error *err) {
    uint32_t at = 0;
    tr_buf_put_char(out, '{');
    for (;;) {
        tr_str key = next_word(text, &at);
        if (key.len == 1 && *key.ptr == ',')
            key = next_word(text, &at);
        if (key.len == 0)
            break;
        tr_str mark = next_word(text, &at), value = next_word(text, &at);
        bool good = tr_str_is(mark, "=") && value.len;
        if (good && p->form == RETENTION && tr_str_equal_nocase_ascii(key, tr_str_c("softdelete")))
            good = put_span(out, "SoftDeletePeriod", value);
        else if (good && p->form == RETENTION &&
                 tr_str_equal_nocase_ascii(key, tr_str_c("recoverability"))) {
            bool on = tr_str_equal_nocase_ascii(value, tr_str_c("enabled"));
            good = on || tr_str_equal_nocase_ascii(value, tr_str_c("disabled"));
            tr_buf_printf(out, "%s\"Recoverability\":\"%s\"", out->n > 1 ? "," : "",
                          on ? "Enabled" : "Disabled");
        } else if (good && p->form == CACHING && tr_str_equal_nocase_ascii(key, tr_str_c("hot")))
            good = put_span(out, "DataHotSpan", value) && put_span(out, "IndexHotSpan", value);
        else if (good && p->form == CACHING && tr_str_equal_nocase_ascii(key, tr_str_c("hotdata")))
            good = put_span(out, "DataHotSpan", value);
        else if (good && p->form == CACHING && tr_str_equal_nocase_ascii(key, tr_str_c("hotindex")))
            good = put_span(out, "IndexHotSpan", value);
        else
            good = false;
        if (!good)
            return bad_value(d, p,
                             p->form == RETENTION
                                 ? "JSON, or softdelete = 10d recoverability = disabled"
                                 : "JSON, or hot = 30d",
                             err);
    }
    tr_buf_put_char(out, '}');
    return TRAWL_OK;
}

/* (a asc, b desc) */
static trawl_status read_order(tr_doing *d, const policy *p, tr_str text, tr_buf *out,
                               trawl_error *err) {
    uint32_t at = 0;
    tr_str word = next_word(text, &at);
    bool good = tr_str_is(word, "("), first = true;
    tr_buf_put_char(out, '[');
    do {
        tr_str column = next_word(text, &at);
        word = next_word(text, &at);
        bool down = tr_str_equal_nocase_ascii(word, tr_str_c("desc"));
        if (down || tr_str_equal_nocase_ascii(word, tr_str_c("asc")))
            word = next_word(text, &at);
        good = good && column.len;
        tr_buf_put_text(out, first ? "{\"ColumnName\":" : ",{\"ColumnName\":");
        tr_json_put_string(out, column);
        tr_buf_printf(out, ",\"IsDescending\":%s}", down ? "true" : "false");
        first = false;
    } while (good && tr_str_is(word, ","));
    tr_buf_put_char(out, ']');
    return good && tr_str_is(word, ")") ? TRAWL_OK
                                        : bad_value(d, p, "columns: (a asc, b desc)", err);
}

static trawl_status parse_json(tr_doing *d, tr_str text, tr_str *out, bool *good,
                               trawl_error *err) {
    tr_dyn_builder b;
    tr_dyn_start(&b, d->arena);
    *good = tr_dyn_parse_json(&b, text.ptr, text.len, NULL);
    return *good ? tr_dyn_finish(&b, out, err) : TRAWL_OK;
}

/* What the command wrote, as JSON. */
static trawl_status read_value(tr_doing *d, const policy *p, tr_str *out, trawl_error *err) {
    tr_str text = d->command->texts[0].text, value;
    bool good, on;
    tr_buf made;
    TR_TRY(parse_json(d, text, &value, &good, err));
    tr_dyn_kind kind = good ? tr_dyn_kind_of(value) : TR_DYN_NULL;
    if (good && (kind == TR_DYN_BAG || kind == TR_DYN_ARRAY || kind == TR_DYN_NULL)) {
        *out = text;
        return TRAWL_OK;
    }
    tr_buf_start(&made, d->arena);
    on = tr_str_equal_nocase_ascii(text, tr_str_c("enable")) || tr_str_is(text, "true");
    if (p->form == SWITCH &&
        (on || tr_str_equal_nocase_ascii(text, tr_str_c("disable")) || tr_str_is(text, "false")))
        tr_buf_printf(&made, "{\"IsEnabled\":%s%s}", on ? "true" : "false",
                      strcmp(p->kind, "streamingingestion") == 0 ? ",\"HintAllocatedRate\":null"
                                                                 : "");
    else if (p->form == RETENTION || p->form == CACHING)
        TR_TRY(read_assignments(d, p, text, &made, err));
    else if (p->form == ROW_ORDER)
        TR_TRY(read_order(d, p, text, &made, err));
    else
        return bad_value(d, p, p->form == SWITCH ? "enable, disable, or JSON" : "JSON", err);
    if (made.failed)
        return tr_fail_memory(err);
    *out = tr_buf_str(&made);
    return TRAWL_OK;
}

/* Members of the new value replace those of the old; arrays are joined. */
static trawl_status merge(tr_doing *d, tr_str old, tr_str more, tr_str *out, trawl_error *err) {
    tr_str a, b, value;
    bool good_a, good_b;
    tr_dyn_builder to;
    tr_buf json;
    TR_TRY(parse_json(d, old, &a, &good_a, err));
    TR_TRY(parse_json(d, more, &b, &good_b, err));
    if (!good_a || !good_b || tr_dyn_kind_of(a) != tr_dyn_kind_of(b)) {
        *out = more;
        return TRAWL_OK;
    }
    bool bag = tr_dyn_kind_of(a) == TR_DYN_BAG;
    tr_dyn_start(&to, d->arena);
    if (bag)
        tr_dyn_open_bag(&to);
    else
        tr_dyn_open_array(&to);
    for (int side = 0; side < 2; side++) {
        tr_str from = side ? b : a, twin;
        for (uint32_t i = 0; i < tr_dyn_count(from); i++) {
            if (bag && !side && tr_dyn_get(b, tr_dyn_key(from, i), &twin))
                continue;
            if (bag)
                tr_dyn_put_key(&to, tr_dyn_key(from, i));
            tr_dyn_put_dyn(&to, tr_dyn_at(from, i));
        }
    }
    tr_dyn_close(&to);
    TR_TRY(tr_dyn_finish(&to, &value, err));
    tr_buf_start(&json, d->arena);
    if (!tr_dyn_to_json(&json, value))
        return tr_fail_memory(err);
    *out = tr_buf_str(&json);
    return TRAWL_OK;
}

/* A retention that cannot be read would keep rows for ever, or for no time at all. */
static trawl_status check_retention(tr_doing *d, const policy *p, tr_str text, trawl_error *err) {
    tr_str value, span;
    bool good;
    int64_t ticks;
    TR_TRY(parse_json(d, text, &value, &good, err));
    if (!good || tr_dyn_kind_of(value) == TR_DYN_NULL)
        return TRAWL_OK;
    if (tr_dyn_kind_of(value) == TR_DYN_BAG &&
        !tr_dyn_get(value, tr_str_c("SoftDeletePeriod"), &span))
        return TRAWL_OK;
    tr_value period =
        tr_dyn_kind_of(value) == TR_DYN_BAG ? tr_dyn_value(span) : tr_value_null(TR_STRING);
    if (period.type != TR_STRING ||
        !tr_parse_timespan(period.as.str.ptr, period.as.str.len, &ticks) || ticks < 0)
        return bad_value(d, p, "a SoftDeletePeriod such as \"30.00:00:00\"", err);
    return TRAWL_OK;
}

/* ---- policies that hide rows ---- */

/* enable "query", disable "query": the word stands before the text. */
static trawl_status read_security(tr_doing *d, const policy *p, tr_str *out, trawl_error *err) {
    const char *text = tr_kql_text_bytes(d->query->text);
    uint32_t at = d->command->word.span.offset + d->command->word.span.bytes;
    tr_buf json;
    while ((unsigned char)text[at] <= ' ' && at < d->command->texts[0].span.offset)
        at++;
    if ((text[at] | 0x20) != 'e' && (text[at] | 0x20) != 'd')
        return bad_value(d, p, "enable \"query\" or disable \"query\"", err);
    tr_buf_start(&json, d->arena);
    tr_buf_printf(&json,
                  "{\"IsEnabled\":%s,\"Query\":", (text[at] | 0x20) == 'e' ? "true" : "false");
    tr_json_put_string(&json, d->command->texts[0].text);
    tr_buf_put_char(&json, '}');
    if (json.failed)
        return tr_fail_memory(err);
    *out = tr_buf_str(&json);
    return TRAWL_OK;
}

/* Rows that a policy hides must not go on to tables that do not have it. */
static trawl_status check_fed_tables(const tr_doing *d, const entity *e, trawl_error *err) {
    const tr_catalog *c = d->catalog;
    for (uint32_t v = 0; v < c->view_count; v++)
        if (tr_str_equal(c->views[v]->source, e->table))
            return tr_fail_at(err, TRAWL_E_SEMANTIC, d->command->word.span, "CMD0108",
                              "materialized view '%.*s' is made of the table: its rows would show",
                              (int)c->views[v]->name.len, c->views[v]->name.ptr);
    for (uint32_t t = 0; t < c->table_count; t++) {
        bool fed;
        TR_TRY(tr_is_fed_by(d, c->tables[t], e->table, &fed, err));
        if (fed)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, d->command->word.span, "CMD0108",
                              "an update policy of '%.*s' is fed by the table: its rows would show",
                              (int)c->tables[t]->name.len, c->tables[t]->name.ptr);
    }
    return TRAWL_OK;
}

static trawl_status check_security(tr_doing *d, const policy *p, const entity *e, tr_str json,
                                   trawl_error *err) {
    tr_span span = d->command->texts[0].span;
    tr_security security;
    tr_schema schema;
    const tr_plan *plan;
    bool restricted;
    if (!e->cat || strcmp(e->type, "Column") == 0)
        return bad_value(d, p, "a table or a materialized view", err);
    TR_TRY(tr_security_read(d->arena, json, &security, err));
    if (!security.query.len)
        return bad_value(d, p, "enable \"query\" or disable \"query\"", err);
    TR_TRY(tr_restriction_of(d->arena, e->cat, &restricted, err));
    if (restricted && security.is_enabled)
        return bad_value(d, p, "a table without restricted_view_access", err);
    tr_str name = e->table;
    const tr_cat_view *view =
        d->command->scope == 'v' ? tr_cat_find_view(d->catalog, d->command->names[0].text) : NULL;
    if (view)
        name = view->name;
    if (view && tr_view_schema(d, view, &schema) != TRAWL_OK)
        return bad_value(d, p, "a view that compiles", err);
    if (!view)
        TR_TRY(tr_schema_of_table(d, e->cat, &schema, err));
    if (!view && security.is_enabled)
        TR_TRY(check_fed_tables(d, e, err));
    trawl_status status =
        tr_security_plan(d->query, d->arena, name, &schema, security.query, &plan, err);
    if (status != TRAWL_OK && err) {
        err->span_offset = span.offset;
        err->span_bytes = span.bytes;
    }
    return status;
}

static trawl_status check_restriction(tr_doing *d, const policy *p, const entity *e,
                                      trawl_error *err) {
    tr_security security;
    if (!e->cat || strcmp(e->type, "Column") == 0)
        return bad_value(d, p, "a table or a materialized view", err);
    TR_TRY(tr_security_of(d->arena, e->cat, &security, err));
    if (security.is_enabled)
        return bad_value(d, p, "a table without row_level_security", err);
    return d->command->scope == 'v' ? TRAWL_OK : check_fed_tables(d, e, err);
}

static trawl_status put_one(tr_doing *d, const policy *p, const tr_command_text *table,
                            tr_sheet *out, trawl_error *err) {
    entity e;
    tr_str text;
    TR_TRY(of_command(d, p, table, &e, err));
    tr_str given = d->command->texts[0].text;
    bool by_word =
        p->form == SECURITY && !tr_str_is(given, "null") && !(given.len && given.ptr[0] == '{');
    TR_TRY(by_word ? read_security(d, p, &text, err) : read_value(d, p, &text, err));
    const tr_cat_entry *old = tr_cat_find_entry(e.entries, e.kind, TR_STR_EMPTY);
    if (old && tr_str_is(d->command->verb, ".alter-merge"))
        TR_TRY(merge(d, old->text, text, &text, err));
    if (p->form == RETENTION)
        TR_TRY(check_retention(d, p, text, err));
    if (p->form == SECURITY && !tr_str_is(text, "null"))
        TR_TRY(check_security(d, p, &e, text, err));
    if (strcmp(p->kind, "restricted_view_access") == 0 && !tr_str_is(text, "null"))
        TR_TRY(check_restriction(d, p, &e, err));
    if (p->form == UPDATE && !e.cat)
        return bad_value(d, p, "a table", err);
    if (p->form == UPDATE)
        TR_TRY(tr_check_update_policy(d, e.cat, text, d->command->texts[0].span, err));
    if (!tr_str_is(text, "null"))
        TR_TRY(tr_change_put_policy(d->change, e.table, e.kind, text, err));
    else if (old)
        TR_TRY(tr_change_put_policy(d->change, e.table, e.kind, TR_STR_EMPTY, err));
    d->catalog = tr_change_catalog(d->change);
    TR_TRY(of_command(d, p, table, &e, err));
    put_row(d, out, p, &e);
    return TRAWL_OK;
}

trawl_status tr_put_policy(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const policy *p;
    TR_TRY(find_policy(&c->word, &p, err));
    if (c->list_count == 0)
        return put_one(d, p, c->name_count ? &c->names[0] : NULL, out, err);
    for (uint32_t i = 0; i < c->list_count; i++)
        TR_TRY(put_one(d, p, &c->list[i], out, err));
    return TRAWL_OK;
}

static trawl_status delete_one(tr_doing *d, const policy *p, const tr_command_text *table,
                               tr_sheet *out, trawl_error *err) {
    entity e;
    TR_TRY(of_command(d, p, table, &e, err));
    if (tr_cat_find_entry(e.entries, e.kind, TR_STR_EMPTY))
        TR_TRY(tr_change_put_policy(d->change, e.table, e.kind, TR_STR_EMPTY, err));
    d->catalog = tr_change_catalog(d->change);
    TR_TRY(of_command(d, p, table, &e, err));
    put_row(d, out, p, &e);
    return TRAWL_OK;
}

trawl_status tr_delete_policy(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const policy *p;
    TR_TRY(find_policy(&c->word, &p, err));
    if (c->list_count == 0)
        return delete_one(d, p, c->name_count ? &c->names[0] : NULL, out, err);
    for (uint32_t i = 0; i < c->list_count; i++)
        TR_TRY(delete_one(d, p, &c->list[i], out, err));
    return TRAWL_OK;
}

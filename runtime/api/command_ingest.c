/* runtime/api/command_ingest.c: rows into tables: .ingest, .set, .append and their kin. */
#include "runtime/api/command.h"

#include "runtime/data/text.h"

/* ---- what is common ---- */

static const char *const known_properties[] = {
    "format", "ignoreFirstRecord", "ingestionMapping", "ingestionMappingReference",
    "ingestionMappingType", "ingestionMappingKind", "csvMapping", "csvMappingReference",
    "jsonMapping", "jsonMappingReference", "tags", "creationTime", "ingestIfNotExists", "folder",
    "docstring", "extend_schema", "recreate_schema", "distributed", "policy_ingestiontime",
    "persistDetails",
    /* not Kusto's: */
    "header", "create", NULL};

typedef struct {
    tr_loading to;
    bool skip; /* it was ingested before */
} loading;

/* An extent with this tag is there. */
static bool has_tag(const tr_cat_table *table, tr_str tag) {
    for (uint32_t e = 0; e < table->extent_count; e++)
        for (uint32_t t = 0; t < table->extents[e]->tag_count; t++)
            if (tr_str_equal(table->extents[e]->tags[t], tag))
                return true;
    return false;
}

/* ingestIfNotExists: nothing is done if rows with one of these ingest-by tags are there. Rows in
 * the log have no extent yet: the key of the change stands for them. */
static trawl_status read_conditions(tr_doing *d, const tr_cat_table *table, loading *l,
                                    trawl_error *err) {
    const tr_str *list;
    uint32_t count;
    TR_TRY(tr_property_list(d, "ingestIfNotExists", &list, &count, err));
    for (uint32_t i = 0; i < count; i++) {
        char *tag = tr_arena_printf(d->arena, "ingest-by:%.*s", (int)list[i].len, list[i].ptr);
        char *key =
            tag ? tr_arena_printf(d->arena, "%.*s\n%s", (int)table->name.len, table->name.ptr, tag)
                : NULL;
        if (!key)
            return tr_fail_memory(err);
        if (has_tag(table, tr_str_c(tag)) || tr_store_has_key(d->store, tr_str_c(key)))
            l->skip = true;
        if (i == 0)
            d->key = tr_str_c(key);
    }
    return TRAWL_OK;
}

static trawl_status read_loading(tr_doing *d, const tr_cat_table *table, loading *out,
                                 trawl_error *err) {
    const tr_command_pair *created = tr_command_property(d->command, "creationTime");
    *out = (loading){.to = {.table = table->name}};
    if (created && !tr_parse_datetime(created->right.text.ptr, created->right.text.len,
                                      &out->to.created_ticks))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, created->right.span, "CMD0101",
                          "creationTime needs a datetime");
    TR_TRY(tr_property_list(d, "tags", &out->to.tags, &out->to.tag_count, err));
    return read_conditions(d, table, out, err);
}

trawl_status tr_check_writable(const tr_doing *d, const tr_command_text *name, trawl_error *err) {
    for (uint32_t v = 0; v < d->catalog->view_count; v++)
        if (tr_str_equal(d->catalog->views[v]->name, name->text) ||
            tr_str_equal(d->catalog->views[v]->state_table, name->text))
            return tr_fail_at(err, TRAWL_E_SEMANTIC, name->span, "CMD0103",
                              "'%.*s' is a materialized view: rows come from its source",
                              (int)name->text.len, name->text.ptr);
    return TRAWL_OK;
}

static bool is_source(const tr_doing *d, tr_str table) {
    for (uint32_t t = 0; t < d->catalog->table_count; t++)
        if (tr_cat_find_entry(&d->catalog->tables[t]->policies, tr_str_c("update"), TR_STR_EMPTY))
            return true;
    (void)table;
    return false;
}

trawl_status tr_load_plan(tr_doing *d, const tr_plan *plan, const tr_loading *to,
                          tr_ingest_result *out, trawl_error *err) {
    const tr_cat_table *table = tr_cat_find_table(d->catalog, to->table);
    tr_plan_ctx ctx = {.query = d->arena, .env = &d->query->env};
    tr_exec_options options = tr_query_exec_options(d->query);
    tr_schema schema;
    tr_exec *exec;
    if (!table)
        return tr_fail(err, TRAWL_E_SEMANTIC, "there is no table '%.*s'", (int)to->table.len,
                       to->table.ptr);
    TR_TRY(tr_schema_of_table(d, table, &schema, err));
    if (is_source(d, to->table)) { /* others are made of these very rows: run the plan once */
        tr_rows *rows = TR_NEW(d->arena, tr_rows);
        if (!rows)
            return tr_fail_memory(err);
        TR_TRY(tr_doing_rows(d, plan, rows, err));
        TR_TRY(tr_plan_values(&ctx, rows, (tr_span){0, 0}, &plan, err));
        TR_TRY(tr_plan_rewrite(&ctx, plan, &plan, err));
    }
    tr_ingest ingest = {.change = d->change,
                        .table = table->name,
                        .schema = &schema,
                        .created_ticks = to->created_ticks,
                        .tags = to->tags,
                        .tag_count = to->tag_count,
                        .budget = &d->query->budget};
    TR_TRY(tr_exec_open(&options, &d->query->progress, &exec, err));
    trawl_status status = tr_ingest_plan(exec, options.worker_count, plan, &ingest, out, err);
    tr_exec_close(exec);
    if (status != TRAWL_OK)
        return status;
    d->catalog = tr_change_catalog(d->change);
    return tr_apply_update_policies(d, to->table, plan, to, err);
}

trawl_status tr_fit_plan(tr_doing *d, const tr_plan *plan, const tr_cat_table *table,
                         const tr_plan **out, trawl_error *err) {
    tr_plan_ctx ctx = {.query = d->arena, .env = &d->query->env};
    tr_buf has, wants;
    bool fits = plan->schema.count == table->column_count;
    for (uint32_t c = 0; fits && c < table->column_count; c++)
        fits = plan->schema.fields[c].type == table->columns[c].type;
    if (!fits) {
        tr_buf_start(&has, d->arena);
        tr_buf_start(&wants, d->arena);
        for (uint32_t c = 0; c < plan->schema.count; c++)
            tr_buf_printf(&has, "%s%s", c ? ", " : "", tr_type_name(plan->schema.fields[c].type));
        for (uint32_t c = 0; c < table->column_count; c++)
            tr_buf_printf(&wants, "%s%s", c ? ", " : "", tr_type_name(table->columns[c].type));
        if (has.failed || wants.failed)
            return tr_fail_memory(err);
        trawl_status status = tr_fail(
            err, TRAWL_E_SEMANTIC, "the query gives columns (%.*s), table '%.*s' has (%.*s)",
            (int)(has.n > 200 ? 200 : has.n), has.bytes ? has.bytes : "", (int)table->name.len,
            table->name.ptr, (int)(wants.n > 200 ? 200 : wants.n), wants.bytes ? wants.bytes : "");
        tr_hint(err, "columns are matched by position: end the query with project");
        return status;
    }
    const tr_expr **exprs = TR_NEW_N(d->arena, const tr_expr *, table->column_count + 1);
    tr_str *names = TR_NEW_N(d->arena, tr_str, table->column_count + 1);
    if (!exprs || !names)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < table->column_count; c++) {
        TR_TRY(tr_expr_column(&ctx, &plan->schema, c, (tr_span){0, 0}, &exprs[c], err));
        names[c] = table->columns[c].name;
    }
    TR_TRY(tr_plan_project(&ctx, plan, table->column_count, exprs, names, out, err));
    return tr_plan_rewrite(&ctx, *out, out, err);
}

/* Nothing is to be done, once what was found to be there already is durable. */
static trawl_status skip(tr_doing *d, trawl_error *err) {
    tr_change *nothing;
    d->key = TR_STR_EMPTY;
    tr_change_abandon(d->change);
    d->change = NULL;
    TR_TRY(tr_change_start(d->store, &nothing, err));
    return tr_change_commit(nothing, TR_STR_EMPTY, TR_STR_EMPTY, NULL, NULL, err);
}

/* ---- .ingest ---- */

static void put_ingested(tr_doing *d, tr_sheet *out, const tr_ingest_result *result,
                         const tr_source *source, int64_t started) {
    tr_guid operation = tr_new_id(d), none = {{0}};
    uint32_t items = source->file_count ? source->file_count : 1;
    uint32_t rows = result->extent_count > items ? result->extent_count : items;
    for (uint32_t i = 0; i < rows; i++) {
        tr_guid id = none;
        if (result->extent_count)
            id = result->extents[i < result->extent_count ? i : result->extent_count - 1].id;
        tr_sheet_guid(out, id);
        tr_sheet_c(out, source->file_count ? source->files[i < items ? i : items - 1] : "inline");
        tr_sheet_number(out, tr_now_of(d) - started);
        tr_sheet_number(out, tr_rejects_count(d) > 0);
        tr_sheet_guid(out, operation);
    }
}

static trawl_status make_table(tr_doing *d, const tr_schema *schema, trawl_error *err);

/* create=true: a table that is not there gets the columns that the files show. */
static trawl_status need_table(tr_doing *d, const tr_source *source, const tr_cat_table **out,
                               trawl_error *err) {
    const tr_command_text *name = &d->command->names[0];
    tr_schema schema;
    if (tr_property_is_true(d->command, "create") && !tr_cat_find_table(d->catalog, name->text)) {
        TR_TRY(tr_source_schema(d, source, &schema, err));
        TR_TRY(make_table(d, &schema, err));
        d->catalog = tr_change_catalog(d->change);
    }
    return tr_find_table(d, name, out, err);
}

static trawl_status ingest(tr_doing *d, const tr_source *source, tr_sheet *out, trawl_error *err) {
    const tr_cat_table *table;
    const tr_plan *plan;
    tr_ingest_result result;
    loading l;
    int64_t started = tr_now_of(d);
    TR_TRY(tr_check_properties(d, known_properties, err));
    TR_TRY(tr_check_writable(d, &d->command->names[0], err));
    TR_TRY(need_table(d, source, &table, err));
    TR_TRY(read_loading(d, table, &l, err));
    if (l.skip)
        return skip(d, err);
    if (d->query->reject_rows)
        TR_TRY(tr_rejects_open(d, err));
    TR_TRY(tr_source_plan(d, source, table, &plan, err));
    TR_TRY(tr_load_plan(d, plan, &l.to, &result, err));
    put_ingested(d, out, &result, source, started);
    return TRAWL_OK;
}

trawl_status tr_ingest_inline(tr_doing *d, tr_sheet *out, trawl_error *err) {
    tr_span span = d->command->data;
    const char *text = tr_kql_text_bytes(d->query->text) + span.offset;
    tr_source source = {.text = tr_str_of(text, span.bytes)};
    return ingest(d, &source, out, err);
}

/* 'path;key=value' is cut: what follows a ';' are properties of an address. */
trawl_status tr_ingest_files(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const char **files = TR_NEW_N(d->arena, const char *, c->list_count + 1);
    if (!files)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < c->list_count; i++) {
        tr_str path = c->list[i].text;
        if (path.len > 7 && memcmp(path.ptr, "file://", 7) == 0)
            path = tr_str_of(path.ptr + 7, path.len - 7);
        files[i] = tr_arena_text(d->arena, path.ptr, path.len);
        if (!files[i])
            return tr_fail_memory(err);
        TR_TRY(tr_db_may_read(d->db, files[i], ".ingest", c->list[i].span, err));
    }
    tr_source source = {.file_count = c->list_count, .files = files};
    return ingest(d, &source, out, err);
}

/* ---- .set ---- */

/* Columns of the query from `from` on, behind those of the table. */
static trawl_status add_query_columns(tr_doing *d, tr_cat_table *table, const tr_schema *schema,
                                      uint32_t from, trawl_error *err) {
    tr_cat_column *columns =
        TR_NEW_N(d->arena, tr_cat_column, table->column_count + schema->count + 1);
    if (!columns)
        return tr_fail_memory(err);
    if (table->column_count)
        memcpy(columns, table->columns, table->column_count * sizeof *columns);
    table->columns = columns;
    for (uint32_t c = from; c < schema->count; c++) {
        for (uint32_t i = 0; i < table->column_count; i++)
            if (tr_str_equal(columns[i].name, schema->fields[c].name))
                return tr_fail(err, TRAWL_E_SEMANTIC, "column '%.*s' is there twice",
                               (int)schema->fields[c].name.len, schema->fields[c].name.ptr);
        columns[table->column_count++] = (tr_cat_column){.name = schema->fields[c].name,
                                                         .type = schema->fields[c].type,
                                                         .id = table->next_column_id++,
                                                         .docstring = TR_STR_EMPTY};
    }
    return TRAWL_OK;
}

static trawl_status make_table(tr_doing *d, const tr_schema *schema, trawl_error *err) {
    const tr_command *c = d->command;
    tr_cat_table table = {.id = tr_new_id(d),
                          .name = c->names[0].text,
                          .folder = tr_property_text(c, "folder"),
                          .docstring = tr_property_text(c, "docstring")};
    TR_TRY(add_query_columns(d, &table, schema, 0, err));
    return tr_change_put_table(d->change, &table, err);
}

/* extend_schema: columns that the query has more of; recreate_schema: those of the query alone. */
static trawl_status change_schema(tr_doing *d, const tr_cat_table *old, const tr_schema *schema,
                                  trawl_error *err) {
    tr_cat_table table = *old;
    if (tr_property_is_true(d->command, "recreate_schema") &&
        tr_str_is(d->command->verb, ".set-or-replace")) {
        table.column_count = 0;
        TR_TRY(add_query_columns(d, &table, schema, 0, err));
        return tr_change_put_table(d->change, &table, err);
    }
    if (!tr_property_is_true(d->command, "extend_schema") || schema->count <= old->column_count)
        return TRAWL_OK;
    TR_TRY(add_query_columns(d, &table, schema, old->column_count, err));
    return tr_change_put_table(d->change, &table, err);
}

static trawl_status prepare_table(tr_doing *d, const tr_schema *schema, const tr_cat_table **out,
                                  trawl_error *err) {
    const tr_command *c = d->command;
    const tr_command_text *name = &c->names[0];
    const tr_cat_table *old = tr_cat_find_table(d->catalog, name->text);
    TR_TRY(tr_check_writable(d, name, err));
    if (old && tr_str_is(c->verb, ".set")) {
        trawl_status status =
            tr_fail_at(err, TRAWL_E_SEMANTIC, name->span, "CMD0105",
                       "there is a table '%.*s' already", (int)old->name.len, old->name.ptr);
        tr_hint(err, "write .append, .set-or-append or .set-or-replace");
        return status;
    }
    if (!old && tr_str_is(c->verb, ".append"))
        return tr_no_entity(d, name, "Table", err);
    if (!old)
        TR_TRY(make_table(d, schema, err));
    else
        TR_TRY(change_schema(d, old, schema, err));
    if (old && tr_str_is(c->verb, ".set-or-replace"))
        TR_TRY(tr_change_clear_table(d->change, old->name, err));
    d->catalog = tr_change_catalog(d->change);
    return tr_find_table(d, name, out, err);
}

/* Rows that wait in the log have no extent yet: their row says so by an id of zeros. */
static void put_extents(tr_sheet *out, const tr_ingest_result *result) {
    for (uint32_t i = 0; i < result->extent_count; i++) {
        const tr_extent_facts *facts = &result->extents[i];
        tr_sheet_guid(out, facts->id);
        tr_sheet_number(out, (int64_t)facts->raw_bytes);
        tr_sheet_number(out, (int64_t)facts->file_bytes);
        tr_sheet_number(out, (int64_t)facts->data_bytes);
        tr_sheet_number(out, (int64_t)facts->index_bytes);
        tr_sheet_number(out, (int64_t)facts->row_count);
    }
    if (result->extent_count || !result->row_count)
        return;
    tr_sheet_guid(out, (tr_guid){{0}});
    for (int i = 0; i < 4; i++)
        tr_sheet_number(out, 0);
    tr_sheet_number(out, (int64_t)result->row_count);
}

trawl_status tr_set_table(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_cat_table *table;
    const tr_plan *plan;
    tr_ingest_result result;
    loading l;
    TR_TRY(tr_check_properties(d, known_properties, err));
    TR_TRY(tr_doing_query(d, &plan, err));
    TR_TRY(prepare_table(d, &plan->schema, &table, err));
    TR_TRY(read_loading(d, table, &l, err));
    if (l.skip)
        return skip(d, err);
    TR_TRY(tr_fit_plan(d, plan, table, &plan, err));
    TR_TRY(tr_load_plan(d, plan, &l.to, &result, err));
    put_extents(out, &result);
    return TRAWL_OK;
}

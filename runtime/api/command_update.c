/* runtime/api/command_update.c: .update table: rows deleted and rows appended, in one change.
 *
 * Both queries see the table as it was. What is to be appended is read before anything is taken
 * out. With `on Id` the rows that go are those whose Id one of the new rows has. */
#include "runtime/api/command.h"

static trawl_status name_in_brackets(const tr_doing *d, tr_str name, const char *format,
                                     const char **out, trawl_error *err) {
    tr_buf text;
    tr_buf_start(&text, d->arena);
    tr_put_name(&text, name);
    if (text.failed)
        return tr_fail_memory(err);
    *out = tr_arena_printf(d->arena, format, (int)text.n, text.bytes);
    return *out ? TRAWL_OK : tr_fail_memory(err);
}

/* The rows that go, as a query of the table. */
static trawl_status rows_by_id(tr_doing *d, const tr_cat_table *table, const tr_rows *added,
                               const tr_plan **out, trawl_error *err) {
    static const char new_rows[] = "$added";
    const tr_command_text *id = &d->command->names[1];
    tr_buf text;
    bool in_table = false;
    for (uint32_t c = 0; c < table->column_count; c++)
        in_table |= tr_str_equal(table->columns[c].name, id->text);
    if (!in_table || tr_schema_find(&added->schema, id->text) < 0)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, id->span, "CMD0110",
                          "column '%.*s' must be both in the table and in what is appended",
                          (int)id->text.len, id->text.ptr);
    tr_buf_start(&text, d->arena);
    tr_put_name(&text, table->name);
    tr_buf_put_text(&text, " | where ");
    tr_put_name(&text, id->text);
    tr_buf_printf(&text, " in ((['%s'] | project ", new_rows);
    tr_put_name(&text, id->text);
    tr_buf_put_text(&text, "))");
    if (text.failed)
        return tr_fail_memory(err);
    tr_kql_given given = {.name = tr_str_c(new_rows), .rows = added};
    return tr_doing_compile(d, tr_buf_str(&text), 1, &given, out, err);
}

static void put_row(const tr_doing *d, tr_sheet *out, const char *action, tr_guid id,
                    uint64_t rows) {
    tr_sheet_text(out, d->command->names[0].text);
    tr_sheet_c(out, action);
    tr_sheet_guid(out, id);
    tr_sheet_number(out, (int64_t)rows);
}

/* Rows that wait in the log have no extent yet: an id of zeros. */
static trawl_status append(tr_doing *d, const tr_rows *added, bool whatif, tr_sheet *out,
                           trawl_error *err) {
    static const tr_guid none;
    const tr_cat_table *table = tr_cat_find_table(d->catalog, d->command->names[0].text);
    tr_plan_ctx ctx = {.query = d->arena, .env = &d->query->env};
    tr_loading to = {.table = table->name};
    tr_ingest_result result = {0};
    const tr_plan *plan;
    TR_TRY(tr_plan_values(&ctx, added, (tr_span){0, 0}, &plan, err));
    TR_TRY(tr_fit_plan(d, plan, table, &plan, err));
    if (!whatif)
        TR_TRY(tr_load_plan(d, plan, &to, &result, err));
    for (uint32_t i = 0; i < result.extent_count; i++)
        put_row(d, out, "Create", result.extents[i].id, result.extents[i].row_count);
    if (added->row_count && !result.extent_count)
        put_row(d, out, "Create", none, added->row_count);
    return TRAWL_OK;
}

trawl_status tr_update_table(tr_doing *d, tr_sheet *out, trawl_error *err) {
    static const char *const known[] = {"whatif", NULL};
    const tr_command *c = d->command;
    bool whatif = tr_property_is_true(c, "whatif"), by_id = c->name_count == 2;
    tr_plan_ctx ctx = {.query = d->arena, .env = &d->query->env};
    tr_rows *added = TR_NEW(d->arena, tr_rows);
    const tr_cat_table *table;
    const tr_plan *plan;
    const tr_expr *wanted;
    const char *deletes = "", *appends = "";
    tr_deleted *deleted;
    uint32_t count;
    if (!added)
        return tr_fail_memory(err);
    TR_TRY(tr_check_properties(d, known, err));
    TR_TRY(tr_find_table(d, &c->names[0], &table, err));
    TR_TRY(tr_check_writable(d, &c->names[0], err));
    TR_TRY(tr_check_unguarded(d, &c->names[0], err));
    TR_TRY(tr_doing_seal(d, c->names[0].text, err));
    TR_TRY(tr_find_table(d, &c->names[0], &table, err));
    if (!by_id) {
        TR_TRY(name_in_brackets(d, c->names[1].text, ";\n%.*s", &deletes, err));
        TR_TRY(name_in_brackets(d, c->names[2].text, ";\n%.*s", &appends, err));
    }
    TR_TRY(tr_doing_inner(d, "", c->data, appends, &plan, err));
    TR_TRY(tr_plan_rewrite(&ctx, plan, &plan, err));
    TR_TRY(tr_doing_rows(d, plan, added, err));
    if (by_id)
        TR_TRY(rows_by_id(d, table, added, &plan, err));
    else
        TR_TRY(tr_doing_inner(d, "", c->data, deletes, &plan, err));
    TR_TRY(tr_delete_condition(d, plan, c->names[0].text, &wanted, err));
    if (!wanted)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, c->names[1].span, "CMD0110",
                          "the rows to delete must be told by a where");
    TR_TRY(tr_delete_rows(d, c->names[0].text, wanted, whatif, &deleted, &count, err));
    for (uint32_t i = 0; i < count; i++)
        put_row(d, out, "Delete", deleted[i].extent->id, deleted[i].row_count);
    d->catalog = tr_change_catalog(d->change);
    TR_TRY(append(d, added, whatif, out, err));
    return whatif ? tr_doing_nothing(d) : TRAWL_OK;
}

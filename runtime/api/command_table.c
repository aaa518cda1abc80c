/* runtime/api/command_table.c: commands that make, change, rename and drop tables and columns. */
#include "runtime/api/command.h"

/* A table that can be written to: not what a view keeps its rows in. */
static trawl_status check_own(const tr_doing *d, const tr_command_text *name, trawl_error *err) {
    for (uint32_t v = 0; v < d->catalog->view_count; v++)
        if (tr_str_equal(d->catalog->views[v]->state_table, name->text) ||
            tr_str_equal(d->catalog->views[v]->name, name->text))
            return tr_fail_at(err, TRAWL_E_SEMANTIC, name->span, "CMD0103",
                              "'%.*s' belongs to a materialized view", (int)name->text.len,
                              name->text.ptr);
    return TRAWL_OK;
}

/* A table that no materialized view is made of. */
trawl_status tr_check_no_view(const tr_doing *d, const tr_command_text *name, trawl_error *err) {
    for (uint32_t v = 0; v < d->catalog->view_count; v++)
        if (tr_str_equal(d->catalog->views[v]->source, name->text))
            return tr_fail_at(err, TRAWL_E_SEMANTIC, name->span, "CMD0103",
                              "materialized view '%.*s' is made of table '%.*s': drop it first",
                              (int)d->catalog->views[v]->name.len, d->catalog->views[v]->name.ptr,
                              (int)name->text.len, name->text.ptr);
    return TRAWL_OK;
}

/* What with (...) says about a table. */
static trawl_status apply_properties(tr_doing *d, tr_cat_table *table, trawl_error *err) {
    static const char *const known[] = {"docstring", "folder", "hidden", NULL};
    const tr_command *c = d->command;
    TR_TRY(tr_check_properties(d, known, err));
    if (tr_command_property(c, "docstring"))
        table->docstring = tr_property_text(c, "docstring");
    if (tr_command_property(c, "folder"))
        table->folder = tr_property_text(c, "folder");
    if (tr_command_property(c, "hidden"))
        table->hidden = tr_property_is_true(c, "hidden");
    return TRAWL_OK;
}

/* Room for `more` columns behind those of the table, in memory of the command. */
static trawl_status own_columns(tr_doing *d, tr_cat_table *table, uint32_t more,
                                tr_cat_column **out, trawl_error *err) {
    tr_cat_column *columns = TR_NEW_N(d->arena, tr_cat_column, table->column_count + more + 1);
    if (!columns)
        return tr_fail_memory(err);
    if (table->column_count)
        memcpy(columns, table->columns, table->column_count * sizeof *columns);
    table->columns = columns;
    *out = columns;
    return TRAWL_OK;
}

static int32_t find_column(const tr_cat_table *table, tr_str name) {
    for (uint32_t c = 0; c < table->column_count; c++)
        if (tr_str_equal(table->columns[c].name, name))
            return (int32_t)c;
    return -1;
}

static trawl_status need_column(const tr_cat_table *table, const tr_command_text *name,
                                uint32_t *out, trawl_error *err) {
    int32_t at = find_column(table, name->text);
    if (at < 0) {
        trawl_status status = tr_fail_at(err, TRAWL_E_SEMANTIC, name->span, "CMD0100",
                                         "Entity '%.*s' of kind 'Column' was not found.",
                                         (int)name->text.len, name->text.ptr);
        tr_nearest nearest = tr_nearest_of(name->text);
        for (uint32_t c = 0; c < table->column_count; c++)
            tr_nearest_try(&nearest, table->columns[c].name);
        tr_hint_nearest(err, &nearest);
        return status;
    }
    *out = (uint32_t)at;
    return TRAWL_OK;
}

/* Columns of the schema that the table lacks come behind its own; those it has must agree. */
static trawl_status add_columns(tr_doing *d, tr_cat_table *table, const tr_command_schema *schema,
                                trawl_error *err) {
    tr_cat_column *columns;
    TR_TRY(own_columns(d, table, schema->column_count, &columns, err));
    for (uint32_t i = 0; i < schema->column_count; i++) {
        const tr_command_column *wanted = &schema->columns[i];
        int32_t at = find_column(table, wanted->name.text);
        if (at >= 0 && columns[at].type != wanted->type) {
            trawl_status status = tr_fail_at(
                err, TRAWL_E_SEMANTIC, wanted->name.span, "CMD0104",
                "column '%.*s' of table '%.*s' is of type %s, not %s", (int)wanted->name.text.len,
                wanted->name.text.ptr, (int)table->name.len, table->name.ptr,
                tr_type_name(columns[at].type), tr_type_name(wanted->type));
            tr_hint(err, "'.alter column' changes a type; what was in the column is null then");
            return status;
        }
        if (at < 0)
            columns[table->column_count++] = (tr_cat_column){.name = wanted->name.text,
                                                             .type = wanted->type,
                                                             .id = table->next_column_id++,
                                                             .docstring = TR_STR_EMPTY};
    }
    return TRAWL_OK;
}

static trawl_status new_table(tr_doing *d, tr_str name, tr_cat_table *out) {
    *out = (tr_cat_table){
        .id = tr_new_id(d), .name = name, .folder = TR_STR_EMPTY, .docstring = TR_STR_EMPTY};
    return TRAWL_OK;
}

/* Make the table, or (merge) add the columns that it lacks. A table that is there stays as it is
 * otherwise. */
static trawl_status create(tr_doing *d, const tr_command_text *name,
                           const tr_command_schema *schema, bool merge, const tr_cat_table **out,
                           trawl_error *err) {
    const tr_cat_table *old = tr_cat_find_table(d->catalog, name->text);
    tr_cat_table table;
    TR_TRY(check_own(d, name, err));
    if (old)
        table = *old;
    else
        TR_TRY(new_table(d, name->text, &table));
    if (!old || merge) {
        TR_TRY(add_columns(d, &table, schema, err));
        TR_TRY(apply_properties(d, &table, err));
        TR_TRY(tr_change_put_table(d->change, &table, err));
        d->catalog = tr_change_catalog(d->change);
    }
    *out = tr_cat_find_table(d->catalog, name->text);
    return *out ? TRAWL_OK : tr_fail(err, TRAWL_E_INTERNAL, "the new table is not there");
}

trawl_status tr_create_table(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const tr_cat_table *table;
    TR_TRY(create(d, &c->names[0], &c->schemas[0], c->kind == TR_COMMAND_CREATE_MERGE_TABLE, &table,
                  err));
    tr_put_table5(d, out, table);
    return TRAWL_OK;
}

static void put_table_row(const tr_doing *d, tr_sheet *out, const tr_cat_table *table) {
    tr_sheet_text(out, table->name);
    tr_sheet_text(out, d->state->database.name);
    tr_sheet_text(out, table->folder);
    tr_sheet_text(out, table->docstring);
}

trawl_status tr_create_tables(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    for (uint32_t i = 0; i < c->schema_count; i++) {
        const tr_cat_table *table;
        TR_TRY(create(d, &c->schemas[i].name, &c->schemas[i],
                      c->kind == TR_COMMAND_CREATE_MERGE_TABLES, &table, err));
        put_table_row(d, out, table);
    }
    return TRAWL_OK;
}

trawl_status tr_create_table_based_on(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const tr_cat_table *like, *old = tr_cat_find_table(d->catalog, c->names[0].text);
    tr_cat_table table;
    tr_cat_column *columns;
    TR_TRY(check_own(d, &c->names[0], err));
    TR_TRY(tr_find_table(d, &c->names[1], &like, err));
    if (old && !(c->flags & TR_COMMAND_IF_NOT_EXISTS))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, c->names[0].span, "CMD0105",
                          "there is a table '%.*s' already", (int)old->name.len, old->name.ptr);
    if (!old) {
        TR_TRY(new_table(d, c->names[0].text, &table));
        table.folder = like->folder;
        table.docstring = like->docstring;
        table.columns = like->columns;
        table.column_count = like->column_count;
        TR_TRY(own_columns(d, &table, 0, &columns, err));
        for (uint32_t i = 0; i < table.column_count; i++)
            columns[i].id = table.next_column_id++;
        TR_TRY(apply_properties(d, &table, err));
        TR_TRY(tr_change_put_table(d->change, &table, err));
        d->catalog = tr_change_catalog(d->change);
        old = tr_cat_find_table(d->catalog, c->names[0].text);
    }
    tr_put_table5(d, out, old);
    return TRAWL_OK;
}

/* ---- changing a table ---- */

/* Put a changed copy of a table and show it. */
static trawl_status put(tr_doing *d, const tr_cat_table *table, tr_sheet *out, trawl_error *err) {
    TR_TRY(tr_change_put_table(d->change, table, err));
    d->catalog = tr_change_catalog(d->change);
    if (out)
        tr_put_table5(d, out, tr_cat_find_table(d->catalog, table->name));
    return TRAWL_OK;
}

static trawl_status open_table(tr_doing *d, const tr_command_text *name, tr_cat_table *out,
                               trawl_error *err) {
    const tr_cat_table *table;
    TR_TRY(tr_find_table(d, name, &table, err));
    TR_TRY(check_own(d, name, err));
    *out = *table;
    return TRAWL_OK;
}

/* .alter table: exactly these columns, in this order; data of others is gone from sight. */
static trawl_status exactly(tr_doing *d, tr_cat_table *table, const tr_command_schema *schema,
                            trawl_error *err) {
    TR_TRY(add_columns(d, table, schema, err));
    tr_cat_column *columns = TR_NEW_N(d->arena, tr_cat_column, schema->column_count + 1);
    if (!columns)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < schema->column_count; i++)
        columns[i] = table->columns[find_column(table, schema->columns[i].name.text)];
    table->columns = columns;
    table->column_count = schema->column_count;
    return TRAWL_OK;
}

trawl_status tr_alter_table(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    tr_cat_table table;
    TR_TRY(open_table(d, &c->names[0], &table, err));
    if (c->kind == TR_COMMAND_ALTER_TABLE)
        TR_TRY(exactly(d, &table, &c->schemas[0], err));
    else
        TR_TRY(add_columns(d, &table, &c->schemas[0], err));
    TR_TRY(apply_properties(d, &table, err));
    return put(d, &table, out, err);
}

trawl_status tr_alter_table_text(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    tr_cat_table table;
    TR_TRY(open_table(d, &c->names[0], &table, err));
    if (c->kind == TR_COMMAND_ALTER_TABLE_DOCSTRING)
        table.docstring = c->texts[0].text;
    else
        table.folder = c->texts[0].text;
    return put(d, &table, out, err);
}

/* .alter clears the docstrings that it does not name, .alter-merge leaves them. */
trawl_status tr_alter_column_docstrings(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    tr_cat_table table;
    tr_cat_column *columns;
    TR_TRY(open_table(d, &c->names[0], &table, err));
    TR_TRY(own_columns(d, &table, 0, &columns, err));
    for (uint32_t i = 0; tr_str_is(c->verb, ".alter") && i < table.column_count; i++)
        columns[i].docstring = TR_STR_EMPTY;
    for (uint32_t i = 0; i < c->pair_count; i++) {
        uint32_t at;
        TR_TRY(need_column(&table, &c->pairs[i].left, &at, err));
        columns[at].docstring = c->pairs[i].right.text;
    }
    return put(d, &table, out, err);
}

static void put_column_row(const tr_doing *d, tr_sheet *out, const tr_cat_column *column) {
    (void)d;
    tr_sheet_text(out, column->name);
    tr_sheet_c(out, tr_type_name(column->type));
    tr_sheet_c(out, "null");
}

/* The column is a new one with the name and place of the old: what was in it is null. */
trawl_status tr_alter_column_type(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    tr_cat_table table;
    tr_cat_column *columns;
    uint32_t at;
    TR_TRY(open_table(d, &c->names[0], &table, err));
    TR_TRY(own_columns(d, &table, 0, &columns, err));
    TR_TRY(need_column(&table, &c->column, &at, err));
    if (columns[at].type != c->type) {
        columns[at].type = c->type;
        columns[at].id = table.next_column_id++;
    }
    TR_TRY(put(d, &table, NULL, err));
    put_column_row(d, out, &columns[at]);
    return TRAWL_OK;
}

static trawl_status rename_one(tr_doing *d, const tr_command_text *of, const tr_command_text *from,
                               const tr_command_text *to, tr_sheet *out, trawl_error *err) {
    tr_cat_table table;
    tr_cat_column *columns;
    uint32_t at;
    TR_TRY(open_table(d, of, &table, err));
    TR_TRY(own_columns(d, &table, 0, &columns, err));
    TR_TRY(need_column(&table, from, &at, err));
    int32_t taken = find_column(&table, to->text);
    if (taken >= 0 && (uint32_t)taken != at)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, to->span, "CMD0105",
                          "table '%.*s' has a column '%.*s' already", (int)table.name.len,
                          table.name.ptr, (int)to->text.len, to->text.ptr);
    columns[at].name = to->text;
    TR_TRY(put(d, &table, NULL, err));
    put_column_row(d, out, &columns[at]);
    return TRAWL_OK;
}

trawl_status tr_rename_column(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    if (c->kind == TR_COMMAND_RENAME_COLUMN)
        return rename_one(d, &c->names[0], &c->column, &c->names[1], out, err);
    for (uint32_t i = 0; i < c->pair_count; i++) {
        const tr_command_pair *p = &c->pairs[i];
        if (!p->column.text.len)
            return tr_fail_at(err, TRAWL_E_SYNTAX, p->right.span, "CMD0002",
                              "expected Table.Column after '='");
        TR_TRY(rename_one(d, &p->right, &p->column, &p->left, out, err));
    }
    return TRAWL_OK;
}

trawl_status tr_drop_columns(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const tr_command_text *names = c->kind == TR_COMMAND_DROP_COLUMN ? &c->column : c->list;
    uint32_t count = c->kind == TR_COMMAND_DROP_COLUMN ? 1 : c->list_count;
    tr_cat_table table;
    tr_cat_column *columns;
    TR_TRY(open_table(d, &c->names[0], &table, err));
    TR_TRY(own_columns(d, &table, 0, &columns, err));
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at;
        TR_TRY(need_column(&table, &names[i], &at, err));
        memmove(&columns[at], &columns[at + 1], (table.column_count - at) * sizeof *columns);
        table.column_count--;
    }
    if (table.column_count == 0)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, c->names[0].span, "CMD0106",
                          "a table keeps at least one column");
    return put(d, &table, out, err);
}

/* ---- names of tables ---- */

/* Names may be swapped: every table gets a name of its own first, that nothing else can have. */
static trawl_status rename_pair(tr_doing *d, uint32_t i, tr_str from, tr_str to, bool aside,
                                trawl_error *err) {
    char *between = tr_arena_printf(d->arena, "$renamed:%u", i);
    if (!between)
        return tr_fail_memory(err);
    TR_TRY(tr_change_rename_table(d->change, aside ? from : tr_str_c(between),
                                  aside ? tr_str_c(between) : to, err));
    d->catalog = tr_change_catalog(d->change);
    return TRAWL_OK;
}

static trawl_status rename_all(tr_doing *d, uint32_t count, const tr_command_text *from,
                               const tr_command_text *to, trawl_error *err) {
    for (uint32_t i = 0; i < count; i++) {
        const tr_cat_table *table;
        TR_TRY(tr_find_table(d, &from[i], &table, err));
        TR_TRY(check_own(d, &from[i], err));
        TR_TRY(tr_check_no_view(d, &from[i], err));
        TR_TRY(rename_pair(d, i, from[i].text, TR_STR_EMPTY, true, err));
    }
    for (uint32_t i = 0; i < count; i++) {
        TR_TRY(check_own(d, &to[i], err));
        if (tr_cat_find_table(d->catalog, to[i].text))
            return tr_fail_at(err, TRAWL_E_SEMANTIC, to[i].span, "CMD0105",
                              "there is a table '%.*s' already", (int)to[i].text.len,
                              to[i].text.ptr);
        TR_TRY(rename_pair(d, i, TR_STR_EMPTY, to[i].text, false, err));
    }
    return TRAWL_OK;
}

trawl_status tr_rename_tables(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    uint32_t count = c->pair_count ? c->pair_count : 1;
    tr_command_text *from = TR_NEW_N(d->arena, tr_command_text, count);
    tr_command_text *to = TR_NEW_N(d->arena, tr_command_text, count);
    if (!from || !to)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        from[i] = c->pair_count ? c->pairs[i].right : c->names[0];
        to[i] = c->pair_count ? c->pairs[i].left : c->names[1];
    }
    TR_TRY(rename_all(d, count, from, to, err));
    for (uint32_t i = 0; i < count; i++) {
        const tr_cat_table *table = tr_cat_find_table(d->catalog, to[i].text);
        put_table_row(d, out, table);
    }
    return TRAWL_OK;
}

/* Shows the tables that are left. */
trawl_status tr_drop_tables(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    for (uint32_t i = 0; i < c->name_count + c->list_count; i++) {
        const tr_command_text *name =
            i < c->name_count ? &c->names[i] : &c->list[i - c->name_count];
        const tr_cat_table *table;
        if (!tr_cat_find_table(d->catalog, name->text) && (c->flags & TR_COMMAND_IF_EXISTS))
            continue;
        TR_TRY(tr_find_table(d, name, &table, err));
        TR_TRY(check_own(d, name, err));
        TR_TRY(tr_check_no_view(d, name, err));
        TR_TRY(tr_change_drop_table(d->change, name->text, err));
        d->catalog = tr_change_catalog(d->change);
    }
    for (uint32_t t = 0; t < d->catalog->table_count; t++) {
        if (d->catalog->tables[t]->hidden)
            continue;
        tr_sheet_text(out, d->catalog->tables[t]->name);
        tr_sheet_text(out, d->state->database.name);
    }
    return TRAWL_OK;
}

trawl_status tr_clear_table(tr_doing *d, tr_sheet *out, trawl_error *err) {
    tr_cat_table table;
    TR_TRY(open_table(d, &d->command->names[0], &table, err));
    TR_TRY(tr_change_clear_table(d->change, table.name, err));
    tr_sheet_c(out, "Completed");
    return TRAWL_OK;
}

/* Schemas and results are not cached: there is nothing to clear, and nothing stale. */
trawl_status tr_clear_cache(tr_doing *d, tr_sheet *out, trawl_error *err) {
    if (d->command->name_count) {
        const tr_cat_table *table;
        TR_TRY(tr_find_table(d, &d->command->names[0], &table, err));
    }
    tr_change_abandon(d->change);
    d->change = NULL;
    tr_sheet_c(out, "0");
    tr_sheet_c(out, "Succeeded");
    return TRAWL_OK;
}

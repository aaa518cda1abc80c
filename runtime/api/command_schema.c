/* runtime/api/command_schema.c: schemas as text and JSON, and the commands that show them. */
#include "runtime/api/command.h"

#include "runtime/data/dynamic.h"

/* ---- texts ---- */

static bool is_plain_name(tr_str name) {
    bool plain = name.len > 0 && !(name.ptr[0] >= '0' && name.ptr[0] <= '9');
    for (uint32_t i = 0; i < name.len && plain; i++) {
        char c = name.ptr[i];
        plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }
    return plain;
}

static void put_literal(tr_buf *out, tr_str text) {
    tr_buf_put_char(out, '\'');
    for (uint32_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\'' || c == '\\')
            tr_buf_put_char(out, '\\');
        if (c == '\n')
            tr_buf_put_text(out, "\\n");
        else
            tr_buf_put_char(out, c);
    }
    tr_buf_put_char(out, '\'');
}

void tr_put_name(tr_buf *out, tr_str name) {
    if (is_plain_name(name)) {
        tr_buf_put_str(out, name);
        return;
    }
    tr_buf_put_char(out, '[');
    put_literal(out, name);
    tr_buf_put_char(out, ']');
}

void tr_put_csl_schema(tr_buf *out, const tr_cat_table *table) {
    for (uint32_t c = 0; c < table->column_count; c++) {
        if (c)
            tr_buf_put_char(out, ',');
        tr_put_name(out, table->columns[c].name);
        tr_buf_put_char(out, ':');
        tr_buf_put_text(out, tr_type_name(table->columns[c].type));
    }
}

static const char *system_type(tr_type type) {
    switch (type) {
    case TR_BOOL: return "System.SByte";
    case TR_INT: return "System.Int32";
    case TR_LONG: return "System.Int64";
    case TR_REAL: return "System.Double";
    case TR_DECIMAL: return "System.Data.SqlTypes.SqlDecimal";
    case TR_DATETIME: return "System.DateTime";
    case TR_TIMESPAN: return "System.TimeSpan";
    case TR_GUID: return "System.Guid";
    case TR_DYNAMIC: return "System.Object";
    default: return "System.String";
    }
}

static void put_text_or_null(tr_buf *out, const char *key, tr_str text) {
    tr_buf_printf(out, "\"%s\":", key);
    if (text.len)
        tr_json_put_string(out, text);
    else
        tr_buf_put_text(out, "null");
}

static void put_column(tr_buf *out, tr_str name, tr_type type) {
    tr_buf_put_text(out, "{\"Name\":");
    tr_json_put_string(out, name);
    tr_buf_printf(out, ",\"Type\":\"%s\",\"CslType\":\"%s\"", system_type(type),
                  tr_type_name(type));
}

static void put_columns(tr_buf *out, const tr_cat_table *table, bool docstrings) {
    tr_buf_put_text(out, "\"OrderedColumns\":[");
    for (uint32_t c = 0; c < table->column_count; c++) {
        const tr_cat_column *column = &table->columns[c];
        if (c)
            tr_buf_put_char(out, ',');
        put_column(out, column->name, column->type);
        if (docstrings || column->docstring.len) {
            tr_buf_put_char(out, ',');
            put_text_or_null(out, "DocString", column->docstring);
        }
        tr_buf_put_char(out, '}');
    }
    tr_buf_put_char(out, ']');
}

void tr_put_json_schema(tr_buf *out, const tr_cat_table *table) {
    tr_buf_put_text(out, "{\"Name\":");
    tr_json_put_string(out, table->name);
    tr_buf_put_char(out, ',');
    if (table->folder.len) {
        put_text_or_null(out, "Folder", table->folder);
        tr_buf_put_char(out, ',');
    }
    if (table->docstring.len) {
        put_text_or_null(out, "DocString", table->docstring);
        tr_buf_put_char(out, ',');
    }
    put_columns(out, table, false);
    tr_buf_put_char(out, '}');
}

static void put_table5(const tr_doing *d, tr_sheet *out, const tr_cat_table *table, bool json) {
    tr_buf schema;
    tr_buf_start(&schema, d->arena);
    if (json)
        tr_put_json_schema(&schema, table);
    else
        tr_put_csl_schema(&schema, table);
    tr_sheet_text(out, table->name);
    tr_sheet_buf(out, &schema);
    tr_sheet_text(out, d->state->database.name);
    tr_sheet_text(out, table->folder);
    tr_sheet_text(out, table->docstring);
}

void tr_put_table5(const tr_doing *d, tr_sheet *out, const tr_cat_table *table) {
    put_table5(d, out, table, true);
}

tr_str tr_policy_text(const tr_cat_entries *entries, const char *kind) {
    const tr_cat_entry *entry = tr_cat_find_entry(entries, tr_str_c(kind), TR_STR_EMPTY);
    return entry ? entry->text : tr_str_c("null");
}

/* ---- one table ---- */

trawl_status tr_show_table_cslschema(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_cat_table *table;
    TR_TRY(tr_find_table(d, &d->command->names[0], &table, err));
    put_table5(d, out, table, false);
    return TRAWL_OK;
}

trawl_status tr_show_table_schema_json(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_cat_table *table;
    TR_TRY(tr_find_table(d, &d->command->names[0], &table, err));
    put_table5(d, out, table, true);
    return TRAWL_OK;
}

/* Sizes by column are not kept: they stay null. */
trawl_status tr_show_table(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_cat_table *table;
    TR_TRY(tr_find_table(d, &d->command->names[0], &table, err));
    for (uint32_t c = 0; c < table->column_count; c++) {
        tr_sheet_text(out, table->columns[c].name);
        tr_sheet_c(out, system_type(table->columns[c].type));
        tr_sheet_nulls(out, 7);
        tr_sheet_null(out);
    }
    return TRAWL_OK;
}

/* ---- the database, flat ---- */

static void put_version(const tr_doing *d, tr_buf *out) {
    tr_buf_printf(out, "v1.%llu", d->catalog ? (unsigned long long)d->catalog->sequence : 0ull);
}

static trawl_status check_names(const tr_doing *d, trawl_error *err) {
    for (uint32_t i = 0; i < d->command->name_count; i++)
        TR_TRY(tr_check_database(d, &d->command->names[i], err));
    for (uint32_t i = 0; i < d->command->list_count; i++)
        TR_TRY(tr_check_database(d, &d->command->list[i], err));
    return TRAWL_OK;
}

static void flat_row(const tr_doing *d, tr_sheet *out, const tr_cat_table *table,
                     const tr_cat_column *column) {
    tr_sheet_text(out, d->state->database.name);
    tr_sheet_text(out, table ? table->name : TR_STR_EMPTY);
    tr_sheet_text(out, column ? column->name : TR_STR_EMPTY);
    tr_sheet_c(out, column ? system_type(column->type) : "");
    tr_sheet_number(out, 0);
    tr_sheet_number(out, 0);
    tr_sheet_text(out, !table && d->catalog ? d->catalog->pretty_name : TR_STR_EMPTY);
    tr_buf version;
    tr_buf_start(&version, d->arena);
    if (!table)
        put_version(d, &version);
    tr_sheet_buf(out, &version);
    tr_sheet_text(out, table && !column ? table->folder : TR_STR_EMPTY);
    tr_sheet_text(out, column ? column->docstring : table ? table->docstring : TR_STR_EMPTY);
}

/* With if_later_than the newest version gives no rows. */
static bool is_known(const tr_doing *d) {
    tr_buf version;
    tr_buf_start(&version, d->arena);
    put_version(d, &version);
    return d->command->text_count && !version.failed &&
           tr_str_equal(d->command->texts[0].text, tr_buf_str(&version));
}

trawl_status tr_show_database_schema(tr_doing *d, tr_sheet *out, trawl_error *err) {
    TR_TRY(check_names(d, err));
    if (is_known(d))
        return TRAWL_OK;
    flat_row(d, out, NULL, NULL);
    for (uint32_t t = 0; d->catalog && t < d->catalog->table_count; t++) {
        const tr_cat_table *table = d->catalog->tables[t];
        if (table->hidden)
            continue;
        flat_row(d, out, table, NULL);
        for (uint32_t c = 0; c < table->column_count; c++)
            flat_row(d, out, table, &table->columns[c]);
    }
    return TRAWL_OK;
}

trawl_status tr_show_database_cslschema(tr_doing *d, tr_sheet *out, trawl_error *err) {
    TR_TRY(check_names(d, err));
    for (uint32_t t = 0; d->catalog && t < d->catalog->table_count; t++)
        if (!d->catalog->tables[t]->hidden)
            put_table5(d, out, d->catalog->tables[t], false);
    return TRAWL_OK;
}

/* ---- the database as JSON ---- */

static void put_tables(const tr_doing *d, tr_buf *out) {
    bool first = true;
    tr_buf_put_text(out, "\"Tables\":{");
    for (uint32_t t = 0; d->catalog && t < d->catalog->table_count; t++) {
        const tr_cat_table *table = d->catalog->tables[t];
        if (table->hidden)
            continue;
        tr_buf_put_text(out, first ? "" : ",");
        first = false;
        tr_json_put_string(out, table->name);
        tr_buf_put_text(out, ":{\"Name\":");
        tr_json_put_string(out, table->name);
        tr_buf_put_char(out, ',');
        put_text_or_null(out, "Folder", table->folder);
        tr_buf_put_char(out, ',');
        put_text_or_null(out, "DocString", table->docstring);
        tr_buf_put_text(out, ",\"EntityType\":\"Table\",");
        put_columns(out, table, true);
        tr_buf_put_char(out, '}');
    }
    tr_buf_put_char(out, '}');
}

/* The tables of the paths have a schema too, and no entry in the catalog. */
static void put_path_tables(const tr_doing *d, tr_buf *out, bool any) {
    const tr_database *all = &d->state->database;
    for (uint32_t t = 0; t < all->table_count; t++) {
        const tr_table *table = all->tables[t];
        if (d->catalog && tr_cat_find_table(d->catalog, table->name))
            continue;
        tr_cat_column *columns = TR_NEW_N(d->arena, tr_cat_column, table->schema.count + 1);
        if (!columns) {
            out->failed = true;
            return;
        }
        for (uint32_t c = 0; c < table->schema.count; c++)
            columns[c] = (tr_cat_column){.name = table->schema.fields[c].name,
                                         .type = table->schema.fields[c].type,
                                         .docstring = TR_STR_EMPTY};
        tr_cat_table like = {
            .name = table->name, .column_count = table->schema.count, .columns = columns};
        tr_buf_put_text(out, any ? "," : "");
        any = true;
        tr_json_put_string(out, table->name);
        tr_buf_put_text(out, ":{\"Name\":");
        tr_json_put_string(out, table->name);
        tr_buf_put_text(out, ",\"Folder\":null,\"DocString\":null,\"EntityType\":\"Table\",");
        put_columns(out, &like, true);
        tr_buf_put_char(out, '}');
    }
}

/* (a:long, T:(x:string)) -> parameters, as far as the text tells. */
static void put_parameters(const tr_doing *d, tr_buf *out, tr_str text) {
    const tr_kql_parameter_info *list;
    uint32_t count;
    tr_buf_put_text(out, "\"InputParameters\":[");
    if (tr_kql_parameters_of(d->arena, text, &list, &count) != TRAWL_OK)
        count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (i)
            tr_buf_put_char(out, ',');
        if (list[i].type != TR_NONE) {
            put_column(out, list[i].name, list[i].type);
            tr_buf_put_char(out, ',');
            put_text_or_null(out, "CslDefaultValue", list[i].default_text);
            tr_buf_put_char(out, '}');
            continue;
        }
        tr_buf_put_text(out, "{\"Name\":");
        tr_json_put_string(out, list[i].name);
        tr_buf_put_text(out, ",\"Columns\":[");
        for (uint32_t c = 0; c < list[i].columns.count; c++) {
            tr_buf_put_text(out, c ? "," : "");
            put_column(out, list[i].columns.fields[c].name, list[i].columns.fields[c].type);
            tr_buf_put_char(out, '}');
        }
        tr_buf_put_text(out, "]}");
    }
    tr_buf_put_char(out, ']');
}

static void put_functions(const tr_doing *d, tr_buf *out) {
    tr_buf_put_text(out, "\"Functions\":{");
    for (uint32_t f = 0; d->catalog && f < d->catalog->function_count; f++) {
        const tr_cat_function *function = d->catalog->functions[f];
        tr_buf_put_text(out, f ? "," : "");
        tr_json_put_string(out, function->name);
        tr_buf_put_text(out, ":{\"Name\":");
        tr_json_put_string(out, function->name);
        tr_buf_put_char(out, ',');
        put_parameters(d, out, function->parameters);
        tr_buf_put_text(out, ",\"Body\":");
        tr_json_put_string(out, function->body);
        tr_buf_put_text(out, ",\"Folder\":");
        tr_json_put_string(out, function->folder);
        tr_buf_put_text(out, ",\"DocString\":");
        tr_json_put_string(out, function->docstring);
        tr_buf_printf(out, ",\"FunctionKind\":\"%s\",\"OutputColumns\":[]}",
                      function->is_view ? "ViewFunction" : "Unknown");
    }
    tr_buf_put_char(out, '}');
}

static void put_views(const tr_doing *d, tr_buf *out) {
    tr_buf_put_text(out, "\"MaterializedViews\":{");
    for (uint32_t v = 0; d->catalog && v < d->catalog->view_count; v++) {
        const tr_cat_view *view = d->catalog->views[v];
        tr_buf_put_text(out, v ? "," : "");
        tr_json_put_string(out, view->name);
        tr_buf_put_text(out, ":{\"Name\":");
        tr_json_put_string(out, view->name);
        tr_buf_put_text(out, ",\"Folder\":");
        tr_json_put_string(out, view->folder);
        tr_buf_put_text(out, ",\"DocString\":");
        tr_json_put_string(out, view->docstring);
        tr_buf_put_text(out, ",\"EntityType\":\"MaterializedViewTable\",\"OrderedColumns\":[");
        tr_schema schema = {0, NULL};
        if (tr_view_schema(d, view, &schema) != TRAWL_OK)
            schema.count = 0;
        for (uint32_t c = 0; c < schema.count; c++) {
            tr_buf_put_text(out, c ? "," : "");
            put_column(out, schema.fields[c].name, schema.fields[c].type);
            tr_buf_put_char(out, '}');
        }
        tr_buf_put_text(out, "]}");
    }
    tr_buf_put_char(out, '}');
}

static void put_database(const tr_doing *d, tr_buf *out) {
    bool any = false;
    for (uint32_t t = 0; d->catalog && t < d->catalog->table_count; t++)
        any |= !d->catalog->tables[t]->hidden;
    tr_buf_put_text(out, "{\"Name\":");
    tr_json_put_string(out, d->state->database.name);
    tr_buf_put_char(out, ',');
    put_tables(d, out);
    if (!out->failed) {
        out->n--; /* the brace */
        put_path_tables(d, out, any);
        tr_buf_put_char(out, '}');
    }
    tr_buf_put_text(out, ",\"ExternalTables\":{},");
    put_views(d, out);
    tr_buf_put_text(out, ",\"EntityGroups\":{},\"Graphs\":{},\"StoredQueryResults\":{},");
    put_text_or_null(out, "PrettyName", d->catalog ? d->catalog->pretty_name : TR_STR_EMPTY);
    tr_buf_printf(out, ",\"MajorVersion\":1,\"MinorVersion\":%llu,",
                  d->catalog ? (unsigned long long)d->catalog->sequence : 0ull);
    put_functions(d, out);
    tr_buf_printf(out, ",\"DatabaseAccessMode\":\"%s\"}",
                  d->catalog && !d->db->read_only ? "ReadWrite" : "ReadOnly");
}

static trawl_status schema_json(tr_doing *d, tr_sheet *out, trawl_error *err) {
    tr_buf json;
    TR_TRY(check_names(d, err));
    if (is_known(d))
        return TRAWL_OK;
    tr_buf_start(&json, d->arena);
    tr_buf_put_text(&json, "{\"Plugins\":[],\"Databases\":{");
    tr_json_put_string(&json, d->state->database.name);
    tr_buf_put_char(&json, ':');
    put_database(d, &json);
    tr_buf_put_text(&json, "}}");
    tr_sheet_buf(out, &json);
    return TRAWL_OK;
}

trawl_status tr_show_database_schema_json(tr_doing *d, tr_sheet *out, trawl_error *err) {
    return schema_json(d, out, err);
}

trawl_status tr_show_schema_json(tr_doing *d, tr_sheet *out, trawl_error *err) {
    return schema_json(d, out, err);
}

/* ---- the database as commands ---- */

static void script_table(const tr_doing *d, tr_sheet *out, const tr_cat_table *table) {
    tr_buf text;
    tr_buf_start(&text, d->arena);
    tr_buf_put_text(&text, ".create-merge table ");
    tr_put_name(&text, table->name);
    tr_buf_put_text(&text, " (");
    tr_put_csl_schema(&text, table);
    tr_buf_put_char(&text, ')');
    if (table->folder.len || table->docstring.len) {
        tr_buf_put_text(&text, " with (folder = ");
        put_literal(&text, table->folder);
        tr_buf_put_text(&text, ", docstring = ");
        put_literal(&text, table->docstring);
        tr_buf_put_char(&text, ')');
    }
    tr_sheet_buf(out, &text);
    for (uint32_t i = 0; i < table->mappings.count; i++) {
        const tr_cat_entry *m = &table->mappings.entries[i];
        tr_buf_start(&text, d->arena);
        tr_buf_put_text(&text, ".create-or-alter table ");
        tr_put_name(&text, table->name);
        tr_buf_printf(&text, " ingestion %.*s mapping ", (int)m->kind.len, m->kind.ptr);
        put_literal(&text, m->name);
        tr_buf_put_char(&text, ' ');
        put_literal(&text, m->text);
        tr_sheet_buf(out, &text);
    }
    for (uint32_t i = 0; i < table->policies.count; i++) {
        const tr_cat_entry *p = &table->policies.entries[i];
        if (memchr(p->kind.ptr, ':', p->kind.len)) /* of a column */
            continue;
        tr_buf_start(&text, d->arena);
        tr_buf_put_text(&text, ".alter table ");
        tr_put_name(&text, table->name);
        tr_buf_printf(&text, " policy %.*s ", (int)p->kind.len, p->kind.ptr);
        put_literal(&text, p->text);
        tr_sheet_buf(out, &text);
    }
}

static void script_function(const tr_doing *d, tr_sheet *out, const tr_cat_function *function) {
    tr_buf text;
    tr_buf_start(&text, d->arena);
    tr_buf_put_text(&text, ".create-or-alter function with (folder = ");
    put_literal(&text, function->folder);
    tr_buf_put_text(&text, ", docstring = ");
    put_literal(&text, function->docstring);
    tr_buf_put_text(&text, function->is_view ? ", view = true, skipvalidation = true) "
                                             : ", skipvalidation = true) ");
    tr_put_name(&text, function->name);
    tr_buf_put_str(&text, function->parameters);
    tr_buf_put_char(&text, ' ');
    tr_buf_put_str(&text, function->body);
    tr_sheet_buf(out, &text);
}

trawl_status tr_show_database_script(tr_doing *d, tr_sheet *out, trawl_error *err) {
    TR_TRY(check_names(d, err));
    for (uint32_t t = 0; d->catalog && t < d->catalog->table_count; t++)
        if (!d->catalog->tables[t]->hidden)
            script_table(d, out, d->catalog->tables[t]);
    for (uint32_t f = 0; d->catalog && f < d->catalog->function_count; f++)
        script_function(d, out, d->catalog->functions[f]);
    return TRAWL_OK;
}

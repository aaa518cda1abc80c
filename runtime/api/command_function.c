/* runtime/api/command_function.c: functions that the database keeps. */
#include "runtime/api/command.h"

bool tr_stored_function(void *ctx, tr_str name, tr_kql_stored *out) {
    const trawl_query *query = ctx;
    const tr_catalog *catalog = query->state->catalog;
    const tr_cat_function *function = catalog ? tr_cat_find_function(catalog, name) : NULL;
    if (function)
        *out = (tr_kql_stored){function->parameters, function->body, function->is_view};
    return function != NULL;
}

bool tr_kept_name(void *ctx, uint32_t i, tr_str *out, bool *is_function) {
    const trawl_query *query = ctx;
    const tr_catalog *c = query->state->catalog;
    if (!c || i >= c->function_count + c->view_count)
        return false;
    *is_function = i < c->function_count;
    *out = *is_function ? c->functions[i]->name : c->views[i - c->function_count]->name;
    return true;
}

static void put_row(tr_sheet *out, const tr_cat_function *function) {
    tr_sheet_text(out, function->name);
    tr_sheet_text(out, function->parameters);
    tr_sheet_text(out, function->body);
    tr_sheet_text(out, function->folder);
    tr_sheet_text(out, function->docstring);
}

static trawl_status find(const tr_doing *d, const tr_command_text *name,
                         const tr_cat_function **out, trawl_error *err) {
    *out = d->catalog ? tr_cat_find_function(d->catalog, name->text) : NULL;
    return *out ? TRAWL_OK : tr_no_entity(d, name, "Function", err);
}

trawl_status tr_show_functions(tr_doing *d, tr_sheet *out, trawl_error *err) {
    if (d->command->name_count) {
        const tr_cat_function *function;
        TR_TRY(find(d, &d->command->names[0], &function, err));
        put_row(out, function);
        return TRAWL_OK;
    }
    for (uint32_t f = 0; d->catalog && f < d->catalog->function_count; f++)
        put_row(out, d->catalog->functions[f]);
    return TRAWL_OK;
}

/* An error in the parameters or the body, at its place in the command. */
static trawl_status move_error(const tr_command *c, trawl_status status, trawl_error *err) {
    if (status == TRAWL_OK || !err)
        return status;
    tr_span p = c->parameters.span;
    bool in_body = err->span_offset >= p.bytes;
    err->span_offset =
        in_body ? err->span_offset - p.bytes + c->body.span.offset : err->span_offset + p.offset;
    return status;
}

/* A value or a table for each parameter; false if the columns of one are not known. */
static bool put_arguments(tr_buf *out, const tr_kql_parameter_info *infos, uint32_t count) {
    static const char *const values[TR_TYPE_COUNT] = {
        [TR_BOOL] = "true",
        [TR_INT] = "int(1)",
        [TR_LONG] = "1",
        [TR_REAL] = "1.0",
        [TR_DECIMAL] = "decimal(1)",
        [TR_DATETIME] = "datetime(2000-01-01)",
        [TR_TIMESPAN] = "1h",
        [TR_STRING] = "'a'",
        [TR_DYNAMIC] = "dynamic({})",
        [TR_GUID] = "guid(00000000-0000-0000-0000-000000000001)"};
    for (uint32_t i = 0; i < count; i++) {
        const tr_schema *columns = &infos[i].columns;
        tr_buf_put_text(out, i ? ", " : "");
        if (infos[i].type == TR_NONE && columns->count == 0)
            return false;
        if (infos[i].type != TR_NONE) {
            tr_buf_put_text(out, values[infos[i].type]);
            continue;
        }
        for (uint32_t c = 0; c < columns->count; c++)
            tr_buf_printf(out, "%s['%.*s']:%s", c ? ", " : "datatable(",
                          (int)columns->fields[c].name.len, columns->fields[c].name.ptr,
                          tr_type_name(columns->fields[c].type));
        tr_buf_put_text(out, ")[]");
    }
    return true;
}

/* Errors that values of other arguments would not mend. */
static bool is_of_names(const trawl_error *err) {
    static const char *const codes[] = {"SEM0100", "SEM0260", "SEM0131", "FEA0002"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strcmp(err->code, codes[i]) == 0)
            return true;
    return false;
}

static bool holds_word(tr_str text, const char *word) {
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= text.len; i++)
        if (memcmp(text.ptr + i, word, n) == 0)
            return true;
    return false;
}

/* Bind the function: one without parameters as it is, one with parameters to values made up, which
 * tells wrong names. Columns of plugins may depend on values, so there only parsing helps. */
static trawl_status validate(tr_doing *d, const tr_cat_function *function, trawl_error *err) {
    const tr_command *c = d->command;
    tr_kql_stored stored = {function->parameters, function->body, function->is_view};
    const tr_kql_parameter_info *infos;
    const tr_plan *plan;
    uint32_t count;
    tr_buf text;
    TR_TRY(move_error(c, tr_kql_check_function(d->arena, &stored, err), err));
    if (tr_property_is_true(c, "skipvalidation") ||
        tr_kql_parameters_of(d->arena, function->parameters, &infos, &count) != TRAWL_OK ||
        (count && holds_word(function->body, "evaluate")))
        return TRAWL_OK;
    tr_buf_start(&text, d->arena);
    tr_buf_printf(&text, "let f = %.*s%.*s; f(", (int)function->parameters.len,
                  function->parameters.ptr, (int)function->body.len, function->body.ptr);
    if (!put_arguments(&text, infos, count))
        return TRAWL_OK;
    tr_buf_put_text(&text, ")");
    if (text.failed)
        return tr_fail_memory(err);
    trawl_error error = TRAWL_ERROR_INIT;
    trawl_status status = tr_doing_compile(d, tr_buf_str(&text), 0, NULL, &plan, &error);
    if (status == TRAWL_OK || (count && status != TRAWL_E_MEMORY && !is_of_names(&error)))
        return TRAWL_OK;
    uint32_t lead = (uint32_t)strlen("let f = ") + function->parameters.len;
    bool inside = error.span_offset >= lead && error.span_offset < lead + function->body.len;
    error.span_offset =
        inside ? error.span_offset - lead + c->body.span.offset : c->body.span.offset;
    if (!inside)
        error.span_bytes = 1;
    if (err) {
        error.struct_size = err->struct_size;
        *err = error;
    }
    return status;
}

static trawl_status put(tr_doing *d, const tr_cat_function *function, tr_sheet *out,
                        trawl_error *err) {
    TR_TRY(tr_change_put_function(d->change, function, err));
    d->catalog = tr_change_catalog(d->change);
    put_row(out, tr_cat_find_function(d->catalog, function->name));
    return TRAWL_OK;
}

trawl_status tr_create_function(tr_doing *d, tr_sheet *out, trawl_error *err) {
    static const char *const known[] = {"docstring", "folder", "view", "skipvalidation", NULL};
    const tr_command *c = d->command;
    const tr_cat_function *old = tr_cat_find_function(d->catalog, c->names[0].text);
    tr_cat_function function = {
        .name = c->names[0].text, .folder = TR_STR_EMPTY, .docstring = TR_STR_EMPTY};
    TR_TRY(tr_check_properties(d, known, err));
    if (tr_str_is(c->verb, ".alter"))
        TR_TRY(find(d, &c->names[0], &old, err));
    if (old && (c->flags & TR_COMMAND_IF_NOT_EXISTS)) {
        put_row(out, old);
        return TRAWL_OK;
    }
    if (old && tr_str_is(c->verb, ".create"))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, c->names[0].span, "CMD0105",
                          "there is a function '%.*s' already", (int)old->name.len, old->name.ptr);
    if (old)
        function = *old;
    function.parameters = c->parameters.text;
    function.body = c->body.text;
    if (tr_command_property(c, "docstring"))
        function.docstring = tr_property_text(c, "docstring");
    if (tr_command_property(c, "folder"))
        function.folder = tr_property_text(c, "folder");
    if (tr_command_property(c, "view"))
        function.is_view = tr_property_is_true(c, "view");
    TR_TRY(validate(d, &function, err));
    return put(d, &function, out, err);
}

trawl_status tr_alter_function_text(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const tr_cat_function *old;
    TR_TRY(find(d, &c->names[0], &old, err));
    tr_cat_function function = *old;
    if (c->kind == TR_COMMAND_ALTER_FUNCTION_DOCSTRING)
        function.docstring = c->texts[0].text;
    else
        function.folder = c->texts[0].text;
    return put(d, &function, out, err);
}

trawl_status tr_drop_functions(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    for (uint32_t i = 0; i < c->name_count + c->list_count; i++) {
        const tr_command_text *name =
            i < c->name_count ? &c->names[i] : &c->list[i - c->name_count];
        const tr_cat_function *function;
        if (!tr_cat_find_function(d->catalog, name->text) && (c->flags & TR_COMMAND_IF_EXISTS))
            continue;
        TR_TRY(find(d, name, &function, err));
        put_row(out, function);
        TR_TRY(tr_change_drop_function(d->change, name->text, err));
        d->catalog = tr_change_catalog(d->change);
    }
    return TRAWL_OK;
}

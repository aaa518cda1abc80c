/* runtime/api/command.c: commands carried out, and what those that do it share. */
#include "runtime/api/command.h"

#include "runtime/base/os.h"
#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"

#include <stdio.h>

/* ---- looking ---- */

trawl_status tr_command_rows(void *ctx, tr_plan_ctx *plan_ctx, const tr_command *command,
                             tr_rows *out, trawl_error *err) {
    trawl_query *query = ctx;
    tr_doing d = {.query = query,
                  .db = query->db,
                  .command = command,
                  .arena = plan_ctx->query,
                  .state = query->state,
                  .catalog = query->state->catalog};
    const tr_command_row *r = tr_command_row_of(command->kind);
    tr_sheet sheet;
    if (!r->run)
        return tr_fail_at(err, TRAWL_E_UNSUPPORTED, command->span, "CMD0003",
                          "'%.*s' does not run yet", (int)command->form.len, command->form.ptr);
    tr_sheet_start(&sheet, d.arena, r->columns ? r->columns : "Nothing:string");
    TR_TRY(r->run(&d, &sheet, err));
    return tr_sheet_finish(&sheet, out, err);
}

/* ---- changing ---- */

/* What the command sees from now on. The state is taken over. */
static trawl_status see(tr_doing *d, tr_snapshot *snapshot, trawl_error *err) {
    tr_state *state;
    TR_TRY(tr_db_state_of(d->db, snapshot, d->query->arena, &state, err));
    state->next = d->query->state;
    d->query->state = d->state = state;
    d->query->request.database = &state->database;
    return TRAWL_OK;
}

trawl_status tr_doing_start(tr_doing *d, trawl_error *err) {
    if (d->change)
        tr_change_abandon(d->change);
    d->change = NULL;
    TR_TRY(tr_change_start(d->store, &d->change, err));
    d->catalog = tr_change_catalog(d->change);
    /* Not what others see: a change that waits to be durable is there, or its rows could be lost to
     * a command that replaces them by what it reads. */
    return see(d, tr_change_before(d->change), err);
}

trawl_status tr_doing_seal(tr_doing *d, tr_str table, trawl_error *err) {
    tr_snapshot *now;
    TR_TRY(tr_change_seal(d->change, table, err));
    TR_TRY(tr_change_now(d->change, &now, err));
    TR_TRY(see(d, now, err));
    d->catalog = d->state->catalog;
    return TRAWL_OK;
}

/* The command as the journal shows it: secrets are covered, rows and long queries are cut. */
static tr_str journal_text(const tr_doing *d, trawl_error *err) {
    enum { TEXT_MAX = 4000 };
    tr_span span = d->command->span;
    const char *text = tr_kql_text_bytes(d->query->text);
    uint32_t end = span.offset + span.bytes;
    tr_buf out;
    (void)err;
    if (d->command->data.bytes && d->command->kind != TR_COMMAND_EXECUTE_SCRIPT &&
        d->command->kind != TR_COMMAND_UPDATE_TABLE)
        end = d->command->data.offset;
    if (end - span.offset > TEXT_MAX)
        end = span.offset + TEXT_MAX;
    tr_buf_start(&out, d->arena);
    for (uint32_t at = span.offset; at < end;) {
        bool hides = (text[at] == 'h' || text[at] == 'H') &&
                     (text[at + 1] == '\'' || text[at + 1] == '"' || text[at + 1] == '@');
        uint32_t past = hides ? tr_command_skip_string(text, end, at) : at;
        if (past > at) {
            tr_buf_put_text(&out, "h'***'");
            at = past;
        } else {
            tr_buf_put_char(&out, text[at++]);
        }
    }
    return out.failed ? d->command->form : tr_buf_str(&out);
}

trawl_status tr_doing_commit(tr_doing *d, bool *repeated, trawl_error *err) {
    uint64_t sequence;
    tr_change *change = d->change;
    d->change = NULL;
    return tr_change_commit(change, d->key, journal_text(d, err), &sequence, repeated, err);
}

/* A failure of the store has no place in the text: the command is the place. */
static trawl_status placed(const tr_doing *d, trawl_status status, trawl_error *err) {
    if (status != TRAWL_OK && err && err->span_bytes == 0) {
        err->span_offset = d->command->verb_span.offset;
        err->span_bytes = d->command->verb_span.bytes;
    }
    return status;
}

static trawl_status carry_out(tr_doing *d, tr_sheet *sheet, tr_rows *out, trawl_error *err) {
    const tr_command_row *r = tr_command_row_of(d->command->kind);
    bool repeated = false;
    TR_TRY(tr_db_writer(d->db, &d->store, err));
    TR_TRY(tr_doing_start(d, err));
    tr_sheet_start(sheet, d->arena, r->columns ? r->columns : "Nothing:string");
    TR_TRY(r->run(d, sheet, err));
    TR_TRY(tr_sheet_finish(sheet, out, err));
    TR_TRY(tr_rejects_publish(d, err));
    d->is_noted = d->is_async && d->change;
    if (d->is_noted)
        TR_TRY(tr_note_operation(d, d->operation, d->started_ticks, TRAWL_OK, "", err));
    if (d->change)
        TR_TRY(tr_doing_commit(d, &repeated, err));
    d->is_noted = d->is_noted && !repeated;
    return TRAWL_OK;
}

static bool feeds_views(tr_command_kind kind) {
    return kind == TR_COMMAND_INGEST_INLINE || kind == TR_COMMAND_INGEST_FILES ||
           kind == TR_COMMAND_SET_TABLE || kind == TR_COMMAND_UPDATE_TABLE;
}

/* The store cannot be asked to remember what it failed to keep. */
static bool is_ingest_failure(const tr_doing *d, trawl_status status) {
    return feeds_views(d->command->kind) &&
           (status == TRAWL_E_DATA || status == TRAWL_E_LIMIT || d->policy_failed);
}

/* A command asked for with `async` has run: what it answers is where to look how it went. */
static trawl_status answer_async(tr_doing *d, trawl_status status, const trawl_error *own,
                                 tr_rows *out, trawl_error *err) {
    tr_sheet sheet;
    bool is_noted = status == TRAWL_OK && d->is_noted;
    if (status == TRAWL_E_MEMORY) /* no way to tell of it later either */
        return tr_fail_memory(err);
    trawl_status noted =
        is_noted ? TRAWL_OK
                 : tr_note_operation(d, d->operation, d->started_ticks, status, own->message, err);
    if (noted != TRAWL_OK && status != TRAWL_OK && err) {
        uint32_t size = err->struct_size;
        *err = *own;
        err->struct_size = size;
    }
    if (noted != TRAWL_OK)
        return placed(d, status != TRAWL_OK ? status : noted, err);
    tr_sheet_start(&sheet, d->arena, "OperationId:guid");
    tr_sheet_guid(&sheet, d->operation);
    return tr_sheet_finish(&sheet, out, err);
}

trawl_status tr_command_run(trawl_query *query, tr_exec *exec, const tr_kql_result *result,
                            tr_rows *out, trawl_error *err) {
    tr_doing d = {.query = query,
                  .db = query->db,
                  .result = result,
                  .command = result->command,
                  .arena = tr_exec_arena(exec),
                  .state = query->state,
                  .key = TR_STR_EMPTY,
                  .exec = exec};
    tr_sheet sheet;
    trawl_error own = TRAWL_ERROR_INIT;
    d.is_async = (d.command->flags & TR_COMMAND_ASYNC) != 0;
    trawl_error *told = d.is_async || !err ? &own : err;
    d.started_ticks = tr_now_of(&d);
    if (!tr_command_row_of(d.command->kind)->run)
        return tr_fail_at(err, TRAWL_E_UNSUPPORTED, d.command->span, "CMD0003",
                          "'%.*s' does not run yet", (int)d.command->form.len, d.command->form.ptr);
    if (d.is_async)
        d.operation = tr_new_id(&d);
    trawl_status status = carry_out(&d, &sheet, out, told);
    tr_rejects_close(&d, status);
    if (status == TRAWL_OK && feeds_views(d.command->kind))
        tr_refresh_views(&d);
    if (d.change)
        tr_change_abandon(d.change);
    d.change = NULL;
    if (is_ingest_failure(&d, status)) /* the failure itself is told, whether it is noted or not */
        tr_note_failure(&d, d.command->names[0].text, told->message, "Permanent", d.policy_failed,
                        NULL);
    if (d.is_async)
        return answer_async(&d, status, &own, out, err);
    return placed(&d, status, err);
}

/* ---- running queries inside of commands ---- */

trawl_status tr_doing_rows(tr_doing *d, const tr_plan *plan, tr_rows *out, trawl_error *err) {
    tr_plan_ctx ctx = {.query = d->arena, .env = &d->query->env};
    return d->query->request.run(d->query, &ctx, plan, out, err);
}

trawl_status tr_doing_compile(tr_doing *d, tr_str text, uint32_t given_count,
                              const tr_kql_given *given, const tr_plan **out, trawl_error *err) {
    tr_kql_request request = d->query->request;
    tr_kql_program program;
    request.database = &d->state->database;
    request.parameter_count = 0;
    request.given_count = given_count;
    request.given = given;
    TR_TRY(tr_kql_compile(d->arena, &request, text.ptr, text.len, &program, err));
    if (program.result_count != 1 || !program.results[0].plan)
        return tr_fail(err, TRAWL_E_SEMANTIC, "this must be one query");
    *out = program.results[0].plan;
    return TRAWL_OK;
}

trawl_status tr_doing_plain_query(tr_doing *d, const tr_plan **out, trawl_error *err) {
    tr_kql_request request = d->query->request;
    request.database = &d->state->database;
    return tr_kql_text_query(d->arena, &request, d->query->text, d->result->piece, out, err);
}

trawl_status tr_doing_inner(tr_doing *d, const char *lead, tr_span span, const char *tail,
                            const tr_plan **out, trawl_error *err) {
    tr_kql_request request = d->query->request;
    const char *text = tr_kql_text_bytes(d->query->text) + span.offset;
    uint32_t n = span.bytes, before = (uint32_t)strlen(lead);
    while (n && (text[n - 1] == ';' || (unsigned char)text[n - 1] <= ' '))
        n--;
    char *whole = tr_arena_printf(d->arena, "%s%.*s%s", lead, (int)n, text, tail);
    if (!whole)
        return tr_fail_memory(err);
    request.database = &d->state->database;
    request.parameter_count = 0;
    trawl_status status = tr_kql_text_inner(d->arena, &request, d->query->text, d->result->piece,
                                            tr_str_c(whole), out, err);
    if (status == TRAWL_OK || !err)
        return status;
    bool inside = err->span_bytes && err->span_offset >= before && err->span_offset < before + n;
    err->span_offset = inside ? err->span_offset - before + span.offset : span.offset;
    err->span_bytes = inside ? err->span_bytes : span.bytes;
    return status;
}

trawl_status tr_doing_nothing(tr_doing *d) {
    tr_change_abandon(d->change);
    d->change = NULL;
    return TRAWL_OK;
}

trawl_status tr_doing_query(tr_doing *d, const tr_plan **out, trawl_error *err) {
    tr_plan_ctx ctx = {.query = d->arena, .env = &d->query->env};
    TR_TRY(tr_doing_plain_query(d, out, err));
    return tr_plan_rewrite(&ctx, *out, out, err);
}

/* ---- small things ---- */

tr_guid tr_new_id(tr_doing *d) {
    tr_guid id = {{0}};
    trawl_db *db = d->db;
    pthread_mutex_lock(&db->lock);
    uint64_t number = ++db->id_count;
    pthread_mutex_unlock(&db->lock);
    if (!db->store_options.frozen && tr_os_now()->random(id.bytes, sizeof id.bytes) >= 0) {
        id.bytes[6] = (uint8_t)((id.bytes[6] & 0x0f) | 0x40);
        id.bytes[8] = (uint8_t)((id.bytes[8] & 0x3f) | 0x80);
        return id;
    }
    for (uint32_t i = 0; i < 8; i++) {
        id.bytes[15 - i] = (uint8_t)(number >> (8 * i));
        id.bytes[7 - i] = (uint8_t)(db->store_options.frozen_seed >> (8 * i));
    }
    return id;
}

int64_t tr_now_of(const tr_doing *d) {
    return d->db->store_options.frozen ? d->db->store_options.frozen_ticks
                                       : tr_os_now()->now_ticks();
}

trawl_status tr_no_entity(const tr_doing *d, const tr_command_text *name, const char *kind,
                          trawl_error *err) {
    trawl_status status = tr_fail_at(err, TRAWL_E_SEMANTIC, name->span, "CMD0100",
                                     "Entity '%.*s' of kind '%s' was not found.",
                                     (int)name->text.len, name->text.ptr, kind);
    tr_nearest nearest = tr_nearest_of(name->text);
    const tr_catalog *c = d->catalog;
    for (uint32_t i = 0; c && i < c->table_count && strcmp(kind, "Table") == 0; i++)
        if (!c->tables[i]->hidden)
            tr_nearest_try(&nearest, c->tables[i]->name);
    for (uint32_t i = 0; c && i < c->function_count && strcmp(kind, "Function") == 0; i++)
        tr_nearest_try(&nearest, c->functions[i]->name);
    for (uint32_t i = 0; c && i < c->view_count && strcmp(kind, "MaterializedView") == 0; i++)
        tr_nearest_try(&nearest, c->views[i]->name);
    tr_hint_nearest(err, &nearest);
    return status;
}

trawl_status tr_find_table(const tr_doing *d, const tr_command_text *name, const tr_cat_table **out,
                           trawl_error *err) {
    *out = d->catalog ? tr_cat_find_table(d->catalog, name->text) : NULL;
    return *out ? TRAWL_OK : tr_no_entity(d, name, "Table", err);
}

trawl_status tr_named_tables(const tr_doing *d, const tr_cat_table *const **out, uint32_t *count,
                             trawl_error *err) {
    const tr_command *c = d->command;
    uint32_t named = c->name_count + c->list_count, n = 0;
    uint32_t room = named ? named : d->catalog ? d->catalog->table_count : 0;
    const tr_cat_table **tables = TR_NEW_N(d->arena, const tr_cat_table *, room + 1);
    if (!tables)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < named; i++, n++)
        TR_TRY(tr_find_table(d, i < c->name_count ? &c->names[i] : &c->list[i - c->name_count],
                             &tables[n], err));
    bool hidden = tr_property_is_true(c, "IncludeHiddenTables");
    for (uint32_t i = 0; !named && i < room; i++)
        if (!d->catalog->tables[i]->hidden || hidden)
            tables[n++] = d->catalog->tables[i];
    *out = tables;
    *count = n;
    return TRAWL_OK;
}

trawl_status tr_check_database(const tr_doing *d, const tr_command_text *name, trawl_error *err) {
    tr_str own = d->state->database.name;
    if (tr_str_equal_nocase_ascii(name->text, own) ||
        (d->catalog && d->catalog->pretty_name.len &&
         tr_str_equal_nocase_ascii(name->text, d->catalog->pretty_name)))
        return TRAWL_OK;
    trawl_status status = tr_no_entity(d, name, "Database", err);
    tr_hint(err, "this one is '%.*s'", (int)own.len, own.ptr);
    return status;
}

tr_str tr_property_text(const tr_command *command, const char *name) {
    const tr_command_pair *pair = tr_command_property(command, name);
    return pair ? pair->right.text : TR_STR_EMPTY;
}

bool tr_property_is_true(const tr_command *command, const char *name) {
    bool value;
    tr_str text = tr_property_text(command, name);
    return text.len && tr_parse_bool(text.ptr, text.len, &value) && value;
}

trawl_status tr_property_list(tr_doing *d, const char *name, const tr_str **out, uint32_t *count,
                              trawl_error *err) {
    const tr_command_pair *pair = tr_command_property(d->command, name);
    tr_dyn_builder b;
    tr_str list;
    *count = 0;
    if (!pair)
        return TRAWL_OK;
    tr_dyn_start(&b, d->arena);
    if (!tr_dyn_parse_json(&b, pair->right.text.ptr, pair->right.text.len, NULL))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, pair->right.span, "CMD0101",
                          "%s needs a JSON array of strings: '[\"a\", \"b\"]'", name);
    TR_TRY(tr_dyn_finish(&b, &list, err));
    tr_str *texts = TR_NEW_N(d->arena, tr_str, tr_dyn_count(list) + 1);
    if (!texts)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < tr_dyn_count(list); i++) {
        tr_value value = tr_dyn_value(tr_dyn_at(list, i));
        if (tr_dyn_kind_of(list) != TR_DYN_ARRAY || value.type != TR_STRING)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, pair->right.span, "CMD0101",
                              "%s needs a JSON array of strings: '[\"a\", \"b\"]'", name);
        texts[i] = value.as.str;
    }
    *out = texts;
    *count = tr_dyn_count(list);
    return TRAWL_OK;
}

trawl_status tr_check_properties(const tr_doing *d, const char *const *known, trawl_error *err) {
    for (uint32_t i = 0; i < d->command->property_count; i++) {
        const tr_command_text *name = &d->command->properties[i].left;
        tr_nearest nearest = tr_nearest_of(name->text);
        bool found = false;
        for (const char *const *k = known; *k && !found; k++) {
            found = tr_str_equal_nocase_ascii(name->text, tr_str_c(*k));
            tr_nearest_try(&nearest, tr_str_c(*k));
        }
        if (found)
            continue;
        trawl_status status = tr_fail_at(err, TRAWL_E_SEMANTIC, name->span, "CMD0102",
                                         "'%.*s' has no property '%.*s'", (int)d->command->form.len,
                                         d->command->form.ptr, (int)name->text.len, name->text.ptr);
        tr_hint_nearest(err, &nearest);
        return status;
    }
    return TRAWL_OK;
}

trawl_status tr_schema_of_table(const tr_doing *d, const tr_cat_table *table, tr_schema *out,
                                trawl_error *err) {
    tr_field *fields = TR_NEW_N(d->arena, tr_field, table->column_count + 1);
    if (!fields)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < table->column_count; c++)
        fields[c] = (tr_field){table->columns[c].name, table->columns[c].type};
    *out = (tr_schema){table->column_count, fields};
    return TRAWL_OK;
}

/* runtime/api/command_note.c: what is remembered of commands: those asked for with async, and
 * ingestions that failed. Notes are entries among the mappings of the database, of kinds that no
 * command can name, so they are kept as everything else is. The oldest go first. */
#include "runtime/api/command.h"

#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"

enum { NOTES_MAX = 500, NOTE_DAYS = 14 };

static const char *const kinds[] = {
    [TR_NOTE_OPERATION] = "$operation", [TR_NOTE_FAILURE] = "$failure", [TR_NOTE_PURGE] = "$purge"};

bool tr_is_note(const tr_cat_entry *entry) {
    return entry->kind.len && entry->kind.ptr[0] == '$';
}

/* The oldest note of the kind, if there are too many or it is too old; copied into the arena. */
static bool find_stale(const tr_doing *d, const tr_catalog *catalog, tr_str kind, tr_str *name) {
    const tr_cat_entries *all = &catalog->mappings;
    const tr_cat_entry *oldest = NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        if (!tr_str_equal(all->entries[i].kind, kind))
            continue;
        if (!count++)
            oldest = &all->entries[i];
    }
    if (!count ||
        (count < NOTES_MAX && oldest->changed_ticks > tr_now_of(d) - NOTE_DAYS * TR_TICKS_DAY))
        return false;
    char *copy = tr_arena_text(d->arena, oldest->name.ptr, oldest->name.len);
    *name = copy ? tr_str_c(copy) : TR_STR_EMPTY;
    return copy != NULL;
}

static trawl_status put(tr_doing *d, tr_change *change, tr_note_kind kind, tr_guid id, tr_buf *text,
                        trawl_error *err) {
    tr_str of = tr_str_c(kinds[kind]), stale;
    tr_buf name;
    tr_buf_start(&name, d->arena);
    tr_format_guid(&name, id);
    if (name.failed || text->failed)
        return tr_fail_memory(err);
    while (find_stale(d, tr_change_catalog(change), of, &stale))
        TR_TRY(tr_change_put_mapping(change, TR_STR_EMPTY, of, stale, TR_STR_EMPTY, err));
    return tr_change_put_mapping(change, TR_STR_EMPTY, of, tr_buf_str(&name), tr_buf_str(text),
                                 err);
}

/* In the change of the command, so that both happen or none does; without one, in its own. */
static trawl_status put_note(tr_doing *d, tr_note_kind kind, tr_guid id, tr_buf *text,
                             trawl_error *err) {
    tr_change *change;
    if (d->change) {
        TR_TRY(put(d, d->change, kind, id, text, err));
        d->catalog = tr_change_catalog(d->change);
        return TRAWL_OK;
    }
    if (!d->store)
        return TRAWL_OK; /* it cannot be written: nothing was done that is to be remembered */
    TR_TRY(tr_change_start(d->store, &change, err));
    trawl_status status = put(d, change, kind, id, text, err);
    if (status == TRAWL_OK)
        return tr_change_commit(change, TR_STR_EMPTY, TR_STR_EMPTY, NULL, NULL, err);
    tr_change_abandon(change);
    return status;
}

static void member(tr_buf *out, const char *name, tr_str text) {
    tr_buf_printf(out, "%s\"%s\":", out->n > 1 ? "," : "", name);
    tr_json_put_string(out, text);
}

static void number(tr_buf *out, const char *name, int64_t value) {
    tr_buf_printf(out, "%s\"%s\":%lld", out->n > 1 ? "," : "", name, (long long)value);
}

trawl_status tr_note_operation(tr_doing *d, tr_guid id, int64_t started, trawl_status result,
                               const char *message, trawl_error *err) {
    tr_buf text;
    tr_buf_start(&text, d->arena);
    tr_buf_put_char(&text, '{');
    member(&text, "operation", d->command->form);
    number(&text, "started", started);
    number(&text, "ended", tr_now_of(d));
    member(&text, "state", tr_str_c(result == TRAWL_OK ? "Completed" : "Failed"));
    member(&text, "status", tr_str_c(message));
    tr_buf_put_char(&text, '}');
    return put_note(d, TR_NOTE_OPERATION, id, &text, err);
}

trawl_status tr_note_failure(tr_doing *d, tr_str table, const char *details, const char *kind,
                             bool from_update_policy, trawl_error *err) {
    tr_buf text;
    tr_buf_start(&text, d->arena);
    tr_buf_put_char(&text, '{');
    member(&text, "table", table);
    number(&text, "failed", tr_now_of(d));
    member(&text, "details", tr_str_c(details));
    member(&text, "kind", tr_str_c(kind));
    member(&text, "operation", d->command->form);
    number(&text, "update_policy", from_update_policy);
    tr_buf_put_char(&text, '}');
    return put_note(d, TR_NOTE_FAILURE, tr_new_id(d), &text, err);
}

trawl_status tr_note_purge(tr_doing *d, tr_str table, int64_t started, const char *state,
                           trawl_error *err) {
    tr_buf text;
    tr_buf_start(&text, d->arena);
    tr_buf_put_char(&text, '{');
    member(&text, "table", table);
    number(&text, "started", started);
    number(&text, "ended", tr_now_of(d));
    member(&text, "state", tr_str_c(state));
    tr_buf_put_char(&text, '}');
    return put_note(d, TR_NOTE_PURGE, d->operation, &text, err);
}

/* ---- showing ---- */

static tr_str text_in(tr_str bag, const char *name) {
    tr_str member;
    if (!tr_dyn_get(bag, tr_str_c(name), &member))
        return TR_STR_EMPTY;
    tr_value value = tr_dyn_value(member);
    return value.type == TR_STRING ? value.as.str : TR_STR_EMPTY;
}

static int64_t number_in(tr_str bag, const char *name) {
    tr_str member;
    if (!tr_dyn_get(bag, tr_str_c(name), &member))
        return 0;
    tr_value value = tr_dyn_value(member);
    return value.type == TR_LONG ? value.as.i64 : 0;
}

static bool is_asked(const tr_command *c, tr_guid id) {
    tr_guid wanted;
    for (uint32_t i = 0; i < c->list_count; i++)
        if (tr_parse_guid(c->list[i].text.ptr, c->list[i].text.len, &wanted) &&
            memcmp(&wanted, &id, sizeof id) == 0)
            return true;
    return c->list_count == 0;
}

static void put_operation(const tr_doing *d, tr_sheet *out, tr_guid id, tr_str note) {
    int64_t started = number_in(note, "started"), ended = number_in(note, "ended");
    tr_sheet_guid(out, id);
    tr_sheet_text(out, text_in(note, "operation"));
    tr_sheet_c(out, "0");
    tr_sheet_number(out, started);
    tr_sheet_number(out, ended);
    tr_sheet_number(out, ended - started);
    tr_sheet_text(out, text_in(note, "state"));
    tr_sheet_text(out, text_in(note, "status"));
    tr_sheet_guid(out, id);
    tr_sheet_number(out, 0);
    tr_sheet_text(out, d->state->database.name);
    tr_sheet_nulls(out, 4);
}

static void put_failure(const tr_doing *d, tr_sheet *out, tr_guid id, tr_str note) {
    (void)id;
    tr_sheet_null(out);
    tr_sheet_text(out, d->state->database.name);
    tr_sheet_text(out, text_in(note, "table"));
    tr_sheet_number(out, number_in(note, "failed"));
    tr_sheet_c(out, "");
    tr_sheet_text(out, text_in(note, "details"));
    tr_sheet_text(out, text_in(note, "kind"));
    tr_sheet_null(out);
    tr_sheet_text(out, text_in(note, "operation"));
    tr_sheet_number(out, number_in(note, "update_policy"));
    tr_sheet_nulls(out, 2);
    tr_sheet_number(out, 0);
    tr_sheet_nulls(out, 2);
}

static void put_purge(const tr_doing *d, tr_sheet *out, tr_guid id, tr_str note) {
    tr_str state = text_in(note, "state");
    tr_purge_row row = {.id = id,
                        .table = text_in(note, "table"),
                        .started_ticks = number_in(note, "started"),
                        .ended_ticks = number_in(note, "ended"),
                        .state = state};
    tr_put_purge(d, out, &row);
}

/* Newest first. */
static trawl_status show(tr_doing *d, tr_sheet *out, tr_note_kind kind, trawl_error *err) {
    for (uint32_t i = d->catalog ? d->catalog->mappings.count : 0; i > 0; i--) {
        const tr_cat_entry *entry = &d->catalog->mappings.entries[i - 1];
        tr_dyn_builder b;
        tr_str note;
        tr_guid id;
        if (!tr_str_is(entry->kind, kinds[kind]) ||
            !tr_parse_guid(entry->name.ptr, entry->name.len, &id) || !is_asked(d->command, id))
            continue;
        tr_dyn_start(&b, d->arena);
        if (!tr_dyn_parse_json(&b, entry->text.ptr, entry->text.len, NULL))
            continue;
        TR_TRY(tr_dyn_finish(&b, &note, err));
        void (*const put_row[])(const tr_doing *, tr_sheet *, tr_guid,
                                tr_str) = {[TR_NOTE_OPERATION] = put_operation,
                                           [TR_NOTE_FAILURE] = put_failure,
                                           [TR_NOTE_PURGE] = put_purge};
        put_row[kind](d, out, id, note);
    }
    return TRAWL_OK;
}

trawl_status tr_show_operations(tr_doing *d, tr_sheet *out, trawl_error *err) {
    return show(d, out, TR_NOTE_OPERATION, err);
}

trawl_status tr_show_ingestion_failures(tr_doing *d, tr_sheet *out, trawl_error *err) {
    return show(d, out, TR_NOTE_FAILURE, err);
}

trawl_status tr_show_purges(tr_doing *d, tr_sheet *out, trawl_error *err) {
    if (d->command->name_count)
        TR_TRY(tr_check_database(d, &d->command->names[0], err));
    return show(d, out, TR_NOTE_PURGE, err);
}

trawl_status tr_show_operation_details(tr_doing *d, tr_sheet *out, trawl_error *err) {
    (void)out;
    return tr_fail_at(err, TRAWL_E_UNSUPPORTED, d->command->span, "CMD0003",
                      "'.show operation details' does not run yet: what an async command answers "
                      "is not kept");
}

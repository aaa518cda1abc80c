/* runtime/api/command_log.c: the journal of changes; scripts of commands. */
#include "runtime/api/command.h"

/* ---- journal ---- */

/* ".create table T (...)" -> "CREATE-TABLE"; the name stands behind it. */
static void put_event(const tr_doing *d, tr_sheet *out, tr_str text) {
    tr_buf event;
    tr_buf_start(&event, d->arena);
    uint32_t at = text.len && text.ptr[0] == '.' ? 1 : 0, words = 0;
    for (; at < text.len && words < 2; at++) {
        char c = text.ptr[at];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
        if (c == ' ' && ++words < 2)
            tr_buf_put_char(&event, '-');
        else if (!letter)
            break;
        else
            tr_buf_put_char(&event, c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
    }
    if (event.n && event.bytes[event.n - 1] == '-')
        event.n--;
    tr_sheet_buf(out, &event);
}

/* The name behind ".drop table", ".create function" ...: the third word, bare or in brackets. */
static tr_str entity_name(tr_str text) {
    uint32_t at = 0, words = 0;
    for (; at < text.len && words < 2; at++)
        words += text.ptr[at] == ' ' && at + 1 < text.len && text.ptr[at + 1] != ' ';
    if (words < 2 || at >= text.len)
        return TR_STR_EMPTY;
    if (text.ptr[at] == '[' && at + 2 < text.len) {
        const char *close = memchr(text.ptr + at + 2, text.ptr[at + 1], text.len - at - 2);
        return close ? tr_str_of(text.ptr + at + 2, (size_t)(close - text.ptr) - at - 2)
                     : TR_STR_EMPTY;
    }
    uint32_t end = at;
    while (end < text.len &&
           (text.ptr[end] == '_' || (text.ptr[end] >= '0' && text.ptr[end] <= '9') ||
            ((text.ptr[end] | 0x20) >= 'a' && (text.ptr[end] | 0x20) <= 'z') ||
            (unsigned char)text.ptr[end] >= 0x80))
        end++;
    return tr_str_of(text.ptr + at, end - at);
}

static void put_version(const tr_doing *d, tr_sheet *out, uint64_t sequence) {
    tr_buf version;
    tr_buf_start(&version, d->arena);
    tr_buf_printf(&version, "v1.%llu", (unsigned long long)sequence);
    tr_sheet_buf(out, &version);
}

trawl_status tr_show_journal(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_journal_line *lines;
    uint32_t count = 0;
    if (d->command->name_count)
        TR_TRY(tr_check_database(d, &d->command->names[0], err));
    if (!d->catalog)
        return TRAWL_OK;
    TR_TRY(tr_store_journal(d->db->store, d->arena, &count, &lines, err));
    for (uint32_t i = 0; i < count; i++) {
        put_event(d, out, lines[i].text);
        tr_sheet_number(out, lines[i].ticks);
        tr_sheet_text(out, d->state->database.name);
        tr_sheet_text(out, entity_name(lines[i].text));
        tr_sheet_null(out);
        put_version(d, out, lines[i].sequence);
        tr_sheet_nulls(out, 3);
        tr_sheet_text(out, lines[i].text);
        tr_sheet_nulls(out, 4);
        put_version(d, out, lines[i].sequence - 1);
    }
    return TRAWL_OK;
}

/* ---- scripts ---- */

/* ".create-merge table T (...)" -> "CreateMergeTable" */
static void put_type(const tr_doing *d, tr_sheet *out, tr_str form) {
    tr_buf type;
    bool begins = true;
    tr_buf_start(&type, d->arena);
    for (uint32_t i = 0; i < form.len; i++) {
        char c = form.ptr[i];
        bool letter = c >= 'a' && c <= 'z';
        if (letter)
            tr_buf_put_char(&type, begins ? (char)(c - 32) : c);
        begins = !letter;
    }
    tr_sheet_buf(out, &type);
}

/* Ask for every result of one command and let it go. */
static trawl_status run_one(tr_doing *d, tr_str text, trawl_error *err) {
    trawl_query_options options = TRAWL_QUERY_OPTIONS_INIT;
    trawl_query *query;
    options.threads = d->query->threads;
    options.batch_rows = d->query->batch_rows;
    options.memory_bytes_max = d->query->budget.limit_bytes;
    options.now_ticks = d->query->env.now_ticks;
    options.seed = d->query->env.seed;
    TR_TRY(trawl_query_kql(d->db, text.ptr, text.len, &options, &query, err));
    trawl_status status = TRAWL_OK;
    for (uint32_t i = 0; i < trawl_query_result_count(query) && status == TRAWL_OK; i++) {
        struct ArrowArrayStream stream;
        status = trawl_query_run(query, i, &stream, err);
        if (status == TRAWL_OK)
            stream.release(&stream);
    }
    trawl_query_free(query);
    return status;
}

/* One command after the other, each a change of its own. After a failure the rest is not run,
 * unless ContinueOnErrors; it fails the whole with ThrowOnErrors. */
trawl_status tr_execute_script(tr_doing *d, tr_sheet *out, trawl_error *err) {
    static const char *const known[] = {"ContinueOnErrors", "ThrowOnErrors", NULL};
    tr_span span = d->command->data;
    const char *text = tr_kql_text_bytes(d->query->text);
    uint32_t end = span.offset + span.bytes;
    tr_guid operation = tr_new_id(d);
    TR_TRY(tr_check_properties(d, known, err));
    bool goes_on = tr_property_is_true(d->command, "ContinueOnErrors");
    tr_change_abandon(d->change); /* the commands have changes of their own */
    d->change = NULL;
    for (uint32_t at = span.offset;;) {
        uint32_t next;
        const tr_command *command = NULL;
        trawl_error own = TRAWL_ERROR_INIT;
        at = tr_kql_next_piece(text, end, at, &next);
        if (at >= end)
            return TRAWL_OK;
        tr_str piece = tr_str_of(text + at, next - at);
        uint32_t past;
        trawl_status status = TRAWL_OK;
        if (*piece.ptr == '.')
            status = tr_command_parse(d->arena, text, next, at, &command, &past, &own);
        if (status == TRAWL_OK)
            status = run_one(d, piece, &own);
        bool fatal = status == TRAWL_E_MEMORY || status == TRAWL_E_CANCELLED ||
                     status == TRAWL_E_TIMEOUT || status == TRAWL_E_INTERNAL;
        if (fatal || (status != TRAWL_OK && tr_property_is_true(d->command, "ThrowOnErrors"))) {
            uint32_t size = err ? err->struct_size : 0;
            if (err) {
                *err = own;
                err->struct_size = size;
                err->span_offset += at;
            }
            return status;
        }
        tr_sheet_guid(out, operation);
        put_type(d, out, command ? command->form : TR_STR_EMPTY);
        tr_sheet_text(out, piece);
        tr_sheet_c(out, status == TRAWL_OK ? "Completed" : "Failed");
        tr_sheet_c(out, own.message);
        if (status != TRAWL_OK && !goes_on)
            return TRAWL_OK;
        at = next;
    }
}

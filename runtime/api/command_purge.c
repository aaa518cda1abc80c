/* runtime/api/command_purge.c: .purge: rows or a table taken out for good.
 *
 * Extents that hold such rows are written anew without them, in the change that takes them out;
 * then all that leads to the past is removed: replaced files, older logs and manifests, and with
 * them the journal and what one could look back to. Asked without noregrets, the command answers
 * how many rows there are, and a token that shows the next one to have been told. */
#include "runtime/api/command.h"

#include "runtime/data/text.h"
#include "runtime/func/checksum.h"

enum { TOKEN_BYTES = 65, ROWS_A_SECOND = 1000000 };

/* The same command has the same token, and no other has it. */
static void make_token(const tr_doing *d, const tr_cat_table *table, tr_str predicate,
                       char out[TOKEN_BYTES]) {
    uint8_t hash[32], both[32 + 32];
    tr_checksum_sha256(predicate.ptr, predicate.len, both);
    memcpy(both + 32, table->id.bytes, 16);
    memcpy(both + 48, d->catalog->database_id.bytes, 16);
    tr_checksum_sha256(both, sizeof both, hash);
    for (uint32_t i = 0; i < 32; i++) {
        out[2 * i] = "0123456789abcdef"[hash[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[hash[i] & 15];
    }
    out[TOKEN_BYTES - 1] = 0;
}

static trawl_status check_start(tr_doing *d, const tr_cat_table **table, trawl_error *err) {
    static const char *const known[] = {"noregrets", "verificationtoken", NULL};
    const tr_command *c = d->command;
    TR_TRY(tr_check_properties(d, known, err));
    if (c->name_count > 1)
        TR_TRY(tr_check_database(d, &c->names[1], err));
    TR_TRY(tr_check_unguarded(d, &c->names[0], err));
    return tr_find_table(d, &c->names[0], table, err);
}

/* Is it asked to be done? A token that is given must be the right one. */
static trawl_status is_meant(const tr_doing *d, const char *token, bool *meant, trawl_error *err) {
    const tr_command_pair *given = tr_command_property(d->command, "verificationtoken");
    *meant = tr_property_is_true(d->command, "noregrets") || given;
    if (given && !tr_str_is(given->right.text, token))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, given->right.span, "CMD0110",
                          "the token is of another table or another predicate");
    return TRAWL_OK;
}

void tr_put_purge(const tr_doing *d, tr_sheet *out, const tr_purge_row *row) {
    int64_t took = row->ended_ticks - row->started_ticks;
    tr_sheet_guid(out, row->id);
    tr_sheet_text(out, d->state->database.name);
    tr_sheet_text(out, row->table);
    tr_sheet_number(out, row->started_ticks);
    tr_sheet_number(out, took);
    tr_sheet_number(out, row->ended_ticks);
    tr_sheet_guid(out, row->id);
    tr_sheet_text(out, row->state);
    tr_sheet_c(out, tr_str_is(row->state, "Completed")
                        ? "Purge completed successfully (storage artifacts deleted)"
                        : "the rows are gone, their files may be there yet: purge again");
    tr_sheet_number(out, row->started_ticks);
    tr_sheet_number(out, took);
    tr_sheet_number(out, 0);
    tr_sheet_nulls(out, 2);
}

/* The change, and then the past. Whoever is cut short in between does not read "Completed". */
static trawl_status finish(tr_doing *d, tr_sheet *out, trawl_error *err) {
    bool repeated;
    int64_t started = d->started_ticks;
    tr_str table = d->command->names[0].text;
    d->operation = tr_new_id(d);
    TR_TRY(tr_note_purge(d, table, started, "InProgress", err));
    TR_TRY(tr_doing_commit(d, &repeated, err));
    TR_TRY(tr_store_forget_past(d->store, err));
    TR_TRY(tr_note_purge(d, table, started, "Completed", err));
    tr_purge_row row = {d->operation, table, started, tr_now_of(d), tr_str_c("Completed")};
    tr_put_purge(d, out, &row);
    return TRAWL_OK;
}

/* ---- rows ---- */

static trawl_status rebuild(tr_doing *d, const tr_deleted *deleted, uint32_t count,
                            trawl_error *err) {
    tr_str table = d->command->names[0].text;
    for (uint32_t i = 0; i < count; i++) {
        tr_guid id = deleted[i].extent->id;
        const tr_guid *made;
        uint32_t made_count;
        if (!deleted[i].is_gone)
            TR_TRY(tr_change_merge(d->change, table, &id, 1, d->arena, &made, &made_count, err));
    }
    return TRAWL_OK;
}

/* What was deleted before is in its file yet: it goes as well. */
static trawl_status rebuild_older(tr_doing *d, const tr_cat_table *table, const tr_deleted *deleted,
                                  uint32_t count, trawl_error *err) {
    for (uint32_t e = 0; e < table->extent_count; e++) {
        const tr_cat_extent *extent = table->extents[e];
        tr_deleted one = {extent, 0, false};
        bool done = extent->deleted_count == 0;
        for (uint32_t i = 0; i < count && !done; i++)
            done = deleted[i].extent == extent;
        if (!done)
            TR_TRY(rebuild(d, &one, 1, err));
    }
    return TRAWL_OK;
}

static trawl_status put_estimate(tr_doing *d, tr_sheet *out, const tr_deleted *deleted,
                                 uint32_t count, const char *token) {
    uint64_t rows = 0, written = 0;
    for (uint32_t i = 0; i < count; i++) {
        rows += deleted[i].row_count;
        written += deleted[i].extent->row_count;
    }
    tr_sheet_start(out, d->arena,
                   "NumRecordsToPurge:long, EstimatedPurgeExecutionTime:timespan, "
                   "VerificationToken:string");
    tr_sheet_number(out, (int64_t)rows);
    tr_sheet_number(out, (int64_t)(written / ROWS_A_SECOND + 1) * TR_TICKS_SECOND);
    tr_sheet_c(out, token);
    return tr_doing_nothing(d);
}

trawl_status tr_purge_records(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const tr_cat_table *table;
    const tr_plan *plan;
    const tr_expr *wanted;
    tr_deleted *deleted;
    char token[TOKEN_BYTES];
    tr_buf lead;
    uint32_t count;
    bool meant;
    TR_TRY(check_start(d, &table, err));
    make_token(d, table,
               tr_str_of(tr_kql_text_bytes(d->query->text) + c->data.offset, c->data.bytes), token);
    TR_TRY(is_meant(d, token, &meant, err));
    TR_TRY(tr_doing_seal(d, c->names[0].text, err));
    TR_TRY(tr_find_table(d, &c->names[0], &table, err));
    tr_buf_start(&lead, d->arena);
    tr_put_name(&lead, table->name);
    tr_buf_put(&lead, " | ", 4);
    if (lead.failed)
        return tr_fail_memory(err);
    TR_TRY(tr_doing_inner(d, lead.bytes, c->data, "", &plan, err));
    TR_TRY(tr_delete_condition(d, plan, table->name, &wanted, err));
    if (!wanted)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, c->data, "CMD0110",
                          "the rows to purge must be told by a where");
    TR_TRY(tr_delete_rows(d, table->name, wanted, !meant, &deleted, &count, err));
    if (!meant)
        return put_estimate(d, out, deleted, count, token);
    TR_TRY(rebuild(d, deleted, count, err));
    TR_TRY(rebuild_older(d, table, deleted, count, err));
    return finish(d, out, err);
}

/* ---- a table ---- */

trawl_status tr_purge_table(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_cat_table *table;
    char token[TOKEN_BYTES];
    bool meant;
    TR_TRY(check_start(d, &table, err));
    make_token(d, table, tr_str_c("allrecords"), token);
    TR_TRY(is_meant(d, token, &meant, err));
    if (!meant) {
        tr_sheet_start(out, d->arena, "VerificationToken:string");
        tr_sheet_c(out, token);
        return tr_doing_nothing(d);
    }
    TR_TRY(tr_check_no_view(d, &d->command->names[0], err));
    TR_TRY(tr_change_drop_table(d->change, table->name, err));
    TR_TRY(finish(d, out, err));
    tr_sheet_start(out, d->arena, TR_TABLE4);
    tr_state *state;
    TR_TRY(tr_db_state(d->db, 0, d->query->arena, &state, err));
    state->next = d->query->state;
    d->query->state = d->state = state;
    for (uint32_t t = 0; t < state->catalog->table_count; t++) {
        const tr_cat_table *left = state->catalog->tables[t];
        if (left->hidden)
            continue;
        tr_sheet_text(out, left->name);
        tr_sheet_text(out, state->database.name);
        tr_sheet_text(out, left->folder);
        tr_sheet_text(out, left->docstring);
    }
    return TRAWL_OK;
}

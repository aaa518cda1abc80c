/* runtime/api/command_merge.c: extents from rows in the log, and from other extents; tables back
 * from the past. */
#include "runtime/api/command.h"

#include "runtime/data/text.h"

static void put_id(const tr_doing *d, tr_sheet *out, tr_guid id) {
    tr_buf text;
    tr_buf_start(&text, d->arena);
    tr_format_guid(&text, id);
    tr_sheet_buf(out, &text);
}

/* ---- sealing ---- */

static bool is_new(const tr_cat_table *before, tr_guid id) {
    for (uint32_t e = 0; before && e < before->extent_count; e++)
        if (memcmp(&before->extents[e]->id, &id, sizeof id) == 0)
            return false;
    return true;
}

static trawl_status look_again(tr_doing *d, trawl_error *err) {
    tr_state *state;
    TR_TRY(tr_db_state(d->db, 0, d->query->arena, &state, err));
    state->next = d->query->state;
    d->query->state = d->state = state;
    d->query->request.database = &state->database;
    d->catalog = state->catalog;
    return TRAWL_OK;
}

/* Rows that wait in the log become extents now. Shows the new ones. */
trawl_status tr_seal_rows(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_cat_table *before, *after;
    TR_TRY(tr_find_table(d, &d->command->names[0], &before, err));
    before = tr_cat_find_table(d->state->catalog, before->name);
    TR_TRY(tr_doing_nothing(d)); /* the store changes itself: it would be waited for */
    TR_TRY(tr_store_seal(d->store, before->name, err));
    TR_TRY(look_again(d, err));
    TR_TRY(tr_find_table(d, &d->command->names[0], &after, err));
    for (uint32_t e = 0; e < after->extent_count; e++) {
        if (!is_new(before, after->extents[e]->id))
            continue;
        tr_sheet_guid(out, after->extents[e]->id);
        tr_sheet_text(out, after->name);
        tr_sheet_number(out, after->extents[e]->created_ticks);
    }
    return TRAWL_OK;
}

static trawl_status read_ids(tr_doing *d, const tr_cat_table *table, tr_guid *ids, uint32_t *count,
                             trawl_error *err) {
    const tr_command *c = d->command;
    *count = 0;
    for (uint32_t i = 0; i < c->list_count; i++) {
        tr_guid id = {{0}};
        bool there = false, twice = false;
        tr_parse_guid(c->list[i].text.ptr, c->list[i].text.len, &id);
        for (uint32_t e = 0; e < table->extent_count; e++)
            there |= memcmp(&table->extents[e]->id, &id, sizeof id) == 0;
        for (uint32_t k = 0; k < *count; k++)
            twice |= memcmp(&ids[k], &id, sizeof id) == 0;
        if (!there)
            return tr_no_entity(d, &c->list[i], "Extent", err);
        if (!twice)
            ids[(*count)++] = id;
    }
    return TRAWL_OK;
}

/* Chosen extents become one, rows that were deleted left out; whether they are merged or rebuilt is
 * the same here: all rows are written anew. */
static trawl_status merge_chosen(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const tr_cat_table *table;
    const tr_guid *made;
    uint32_t count, made_count;
    int64_t started = tr_now_of(d);
    tr_guid *ids = TR_NEW_N(d->arena, tr_guid, (size_t)c->list_count + 1);
    if (!ids)
        return tr_fail_memory(err);
    TR_TRY(tr_find_table(d, &c->names[0], &table, err));
    TR_TRY(read_ids(d, table, ids, &count, err));
    TR_TRY(tr_change_merge(d->change, c->names[0].text, ids, count, d->arena, &made, &made_count,
                           err));
    for (uint32_t i = 0; i < count; i++) {
        put_id(d, out, ids[i]);
        if (made_count)
            put_id(d, out, made[i < made_count ? i : made_count - 1]);
        else
            tr_sheet_c(out, "");
        tr_sheet_number(out, tr_now_of(d) - started);
    }
    return TRAWL_OK;
}

/* What is due by the merge policy, now. Which extents went into which is not told by the store:
 * those that are gone are shown, each with the first of the new ones. */
trawl_status tr_merge_extents(tr_doing *d, tr_sheet *out, trawl_error *err) {
    static const char *const known[] = {"rebuild", NULL};
    const tr_command *c = d->command;
    const tr_cat_table *before, *after;
    tr_store_work work;
    TR_TRY(tr_check_properties(d, known, err));
    if (c->list_count)
        return merge_chosen(d, out, err);
    TR_TRY(tr_find_table(d, &c->names[0], &before, err));
    before = tr_cat_find_table(d->state->catalog, before->name);
    int64_t started = tr_now_of(d);
    TR_TRY(tr_doing_nothing(d)); /* the store changes itself: it would be waited for */
    TR_TRY(tr_store_seal(d->store, before->name, err));
    TR_TRY(tr_store_maintain(d->store, &work, err));
    TR_TRY(look_again(d, err));
    TR_TRY(tr_find_table(d, &c->names[0], &after, err));
    const tr_cat_extent *made = NULL;
    for (uint32_t e = 0; e < after->extent_count && !made; e++)
        if (is_new(before, after->extents[e]->id))
            made = after->extents[e];
    for (uint32_t e = 0; made && e < before->extent_count; e++) {
        if (!is_new(after, before->extents[e]->id))
            continue;
        put_id(d, out, before->extents[e]->id);
        put_id(d, out, made->id);
        tr_sheet_number(out, tr_now_of(d) - started);
    }
    return TRAWL_OK;
}

/* ---- .undo drop table ---- */

/* "v1.12", "1.12": the change is what stands behind the point. */
static bool read_version(tr_str text, uint64_t *sequence) {
    int64_t number;
    uint32_t at = 0;
    while (at < text.len && text.ptr[at] != '.')
        at++;
    if (at == text.len || !tr_parse_long(text.ptr + at + 1, text.len - at - 1, &number) ||
        number <= 0)
        return false;
    *sequence = (uint64_t)number;
    return true;
}

static void put_restored(tr_sheet *out, const tr_restored *restored) {
    for (uint32_t i = 0; i < restored->extent_count; i++) {
        const tr_cat_extent *extent = restored->extents[i];
        tr_sheet_guid(out, extent->id);
        tr_sheet_number(out, (int64_t)(extent->row_count - extent->deleted_count));
        tr_sheet_c(out, restored->lost[i] ? "Unable to recover extent" : "Recovered");
        tr_sheet_c(out, restored->lost[i]
                            ? "its files were removed, or another table has them by now"
                            : "");
    }
    if (!restored->unsealed_rows)
        return;
    tr_sheet_guid(out, (tr_guid){{0}});
    tr_sheet_number(out, (int64_t)restored->unsealed_rows);
    tr_sheet_c(out, "Recovered");
    tr_sheet_c(out, "");
}

trawl_status tr_undo_drop_table(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const tr_command_text *as = &c->names[c->name_count - 1];
    tr_snapshot *past;
    tr_restored restored;
    uint64_t sequence;
    if (!read_version(c->texts[0].text, &sequence))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, c->texts[0].span, "CMD0101",
                          "a version is written 'v1.N', as .show journal shows it");
    if (tr_cat_find_view(d->catalog, as->text))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, as->span, "CMD0105",
                          "there is a materialized view '%.*s' already", (int)as->text.len,
                          as->text.ptr);
    TR_TRY(tr_store_after(d->store, sequence, &past, err));
    trawl_status status =
        tr_change_restore(d->change, past, c->names[0].text, as->text, d->arena, &restored, err);
    if (status == TRAWL_OK)
        put_restored(out, &restored);
    tr_snapshot_release(past);
    return status;
}

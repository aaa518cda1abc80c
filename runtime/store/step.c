/* runtime/store/step.c: what each step of a change does to a draft: tables, functions, policies. */
#include "runtime/store/step.h"

#include "runtime/store/catalog_codec.h"
#include "runtime/store/step_extents.h"

enum { COLUMNS_MAX = 1 << 15 };

/* ---- tables ---- */

trawl_status tr_step_table(const tr_draft *draft, tr_str name, uint32_t *at, trawl_error *err) {
    int32_t i = tr_draft_table(draft, name);
    if (i < 0)
        return tr_fail(err, TRAWL_E_SEMANTIC, "there is no table '%.*s'", (int)name.len, name.ptr);
    *at = (uint32_t)i;
    return TRAWL_OK;
}

trawl_status tr_step_member_table(const tr_draft *draft, tr_str step, const char *key, uint32_t *at,
                                  trawl_error *err) {
    tr_str name;
    TR_TRY(tr_member_text(step, key, &name, err));
    return tr_step_table(draft, name, at, err);
}

/* Ids are distinct, below next_column_id, and stay with a type. */
static trawl_status check_columns(const tr_cat_table *table, const tr_meta *old, trawl_error *err) {
    if (table->column_count > COLUMNS_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "a table has at most %d columns", COLUMNS_MAX);
    for (uint32_t c = 0; c < table->column_count; c++) {
        const tr_cat_column *column = &table->columns[c];
        bool ok = column->id < table->next_column_id && column->type > TR_NONE &&
                  column->type < TR_TYPE_COUNT;
        for (uint32_t i = 0; i < c; i++)
            ok = ok && table->columns[i].id != column->id &&
                 !tr_str_equal(table->columns[i].name, column->name);
        if (!ok)
            return tr_fail(err, TRAWL_E_SEMANTIC,
                           "column '%.*s' of table '%.*s': its name or number is taken, or it has "
                           "no type",
                           (int)column->name.len, column->name.ptr, (int)table->name.len,
                           table->name.ptr);
        bool known = !old || column->id >= old->cat.next_column_id;
        for (uint32_t i = 0; old && i < old->cat.column_count; i++)
            known =
                known || (old->ids[i] == column->id && old->cat.columns[i].type == column->type);
        if (!known)
            return tr_fail(err, TRAWL_E_SEMANTIC,
                           "column '%.*s' of table '%.*s' has the number of a column that was "
                           "dropped, or that has another type",
                           (int)column->name.len, column->name.ptr, (int)table->name.len,
                           table->name.ptr);
    }
    return TRAWL_OK;
}

/* A table with another meta; the list of extents is made anew if the columns may differ. */
static trawl_status put_meta(tr_draft *draft, const tr_table_piece *old, const tr_cat_table *cat,
                             bool columns, trawl_error *err) {
    tr_meta *meta;
    tr_extent_list *list = NULL;
    tr_table_piece *table = NULL;
    TR_TRY(tr_meta_new(cat, &meta, err));
    trawl_status status = TRAWL_OK;
    if (old && !columns) {
        list = old->list;
        tr_piece_keep(&list->piece);
    } else {
        status = tr_extent_list_new(meta, old ? old->list->extents : NULL,
                                    old ? old->list->count : 0, &list, err);
    }
    if (status == TRAWL_OK)
        status = tr_table_piece_new(meta, list, old ? old->parts : NULL, old ? old->part_count : 0,
                                    &table, err);
    if (status == TRAWL_OK)
        status = tr_draft_put_table(draft, table, err);
    if (status != TRAWL_OK)
        tr_table_piece_drop(table);
    tr_meta_drop(meta);
    tr_extent_list_drop(list);
    return status;
}

static trawl_status put_table(tr_draft *draft, tr_str step, tr_arena *scratch, trawl_error *err) {
    tr_str bag;
    tr_cat_table cat;
    TR_TRY(tr_member_bag(step, "table", &bag, err));
    TR_TRY(tr_decode_table(bag, scratch, &cat, err));
    int32_t i = tr_draft_table(draft, cat.name);
    const tr_table_piece *old = i < 0 ? NULL : draft->tables[i];
    TR_TRY(check_columns(&cat, old ? old->meta : NULL, err));
    return put_meta(draft, old, &cat, true, err);
}

static trawl_status rename_table(tr_draft *draft, tr_str step, trawl_error *err) {
    uint32_t at;
    tr_str to;
    TR_TRY(tr_step_member_table(draft, step, "from", &at, err));
    TR_TRY(tr_member_text(step, "to", &to, err));
    if (tr_draft_table(draft, to) >= 0)
        return tr_fail(err, TRAWL_E_SEMANTIC, "there is a table '%.*s' already", (int)to.len,
                       to.ptr);
    tr_cat_table cat = draft->tables[at]->meta->cat;
    tr_str from = cat.name;
    cat.name = to;
    TR_TRY(put_meta(draft, draft->tables[at], &cat, false, err));
    tr_draft_remove_table(draft, (uint32_t)tr_draft_table(draft, from));
    return TRAWL_OK;
}

static trawl_status drop_table(tr_draft *draft, tr_str step, trawl_error *err) {
    uint32_t at;
    TR_TRY(tr_step_member_table(draft, step, "table", &at, err));
    TR_TRY(tr_step_drop_files(draft, draft->tables[at]->list, err));
    tr_draft_remove_table(draft, at);
    return TRAWL_OK;
}

/* ---- functions and views ---- */

static trawl_status put_function(tr_draft *draft, tr_str step, trawl_error *err) {
    tr_str bag;
    tr_cat_function cat;
    tr_function_piece *function;
    TR_TRY(tr_member_bag(step, "function", &bag, err));
    TR_TRY(tr_decode_function(bag, &cat, err));
    TR_TRY(tr_function_piece_new(&cat, &function, err));
    trawl_status status = tr_draft_put_function(draft, function, err);
    if (status != TRAWL_OK)
        tr_function_piece_drop(function);
    return status;
}

static trawl_status drop_function(tr_draft *draft, tr_str step, trawl_error *err) {
    tr_str name;
    TR_TRY(tr_member_text(step, "name", &name, err));
    int32_t i = tr_draft_function(draft, name);
    if (i < 0)
        return tr_fail(err, TRAWL_E_SEMANTIC, "there is no function '%.*s'", (int)name.len,
                       name.ptr);
    tr_draft_remove_function(draft, (uint32_t)i);
    return TRAWL_OK;
}

static trawl_status put_view(tr_draft *draft, tr_str step, trawl_error *err) {
    tr_str bag;
    tr_cat_view cat;
    tr_view_piece *view;
    TR_TRY(tr_member_bag(step, "view", &bag, err));
    TR_TRY(tr_decode_view(bag, &cat, err));
    TR_TRY(tr_view_piece_new(&cat, &view, err));
    trawl_status status = tr_draft_put_view(draft, view, err);
    if (status != TRAWL_OK)
        tr_view_piece_drop(view);
    return status;
}

static trawl_status drop_view(tr_draft *draft, tr_str step, trawl_error *err) {
    tr_str name;
    TR_TRY(tr_member_text(step, "name", &name, err));
    int32_t i = tr_draft_view(draft, name);
    if (i < 0)
        return tr_fail(err, TRAWL_E_SEMANTIC, "there is no materialized view '%.*s'", (int)name.len,
                       name.ptr);
    tr_draft_remove_view(draft, (uint32_t)i);
    return TRAWL_OK;
}

/* ---- policies and mappings ---- */

/* The list with the entry put in, in place of the one of that kind and name; removed when its text
 * is empty. */
static trawl_status entries_with(const tr_cat_entries *old, const tr_cat_entry *entry,
                                 tr_arena *scratch, tr_cat_entries *out, trawl_error *err) {
    tr_cat_entry *entries = TR_NEW_N(scratch, tr_cat_entry, (size_t)old->count + 1);
    if (!entries)
        return tr_fail_memory(err);
    uint32_t n = 0;
    bool found = false;
    for (uint32_t i = 0; i < old->count; i++) {
        bool same = tr_str_equal(old->entries[i].kind, entry->kind) &&
                    tr_str_equal(old->entries[i].name, entry->name);
        found = found || same;
        if (!same)
            entries[n++] = old->entries[i];
        else if (entry->text.len)
            entries[n++] = *entry;
    }
    if (!found && entry->text.len)
        entries[n++] = *entry;
    if (!found && !entry->text.len)
        return tr_fail(err, TRAWL_E_SEMANTIC, "there is no %s '%.*s'%s%.*s%s to remove",
                       entry->name.len ? "mapping of kind" : "policy", (int)entry->kind.len,
                       entry->kind.ptr, entry->name.len ? " named '" : "", (int)entry->name.len,
                       entry->name.ptr, entry->name.len ? "'" : "");
    *out = (tr_cat_entries){n, entries};
    return TRAWL_OK;
}

static trawl_status put_entry(tr_draft *draft, tr_str step, bool mapping, tr_arena *scratch,
                              trawl_error *err) {
    tr_str table;
    tr_cat_entry entry = {.name = TR_STR_EMPTY, .changed_ticks = draft->ticks};
    TR_TRY(tr_member_text(step, "table", &table, err));
    TR_TRY(tr_member_text(step, "kind", &entry.kind, err));
    TR_TRY(tr_member_text(step, "text", &entry.text, err));
    if (mapping)
        TR_TRY(tr_member_text(step, "name", &entry.name, err));
    uint32_t at = 0;
    if (table.len)
        TR_TRY(tr_step_table(draft, table, &at, err));
    tr_cat_table cat = {.policies = draft->entries->policies, .mappings = draft->entries->mappings};
    if (table.len)
        cat = draft->tables[at]->meta->cat;
    tr_cat_entries *list = mapping ? &cat.mappings : &cat.policies;
    TR_TRY(entries_with(list, &entry, scratch, list, err));
    if (table.len)
        return put_meta(draft, draft->tables[at], &cat, false, err);
    tr_entries_piece *entries;
    TR_TRY(tr_entries_piece_new(&cat.policies, &cat.mappings, &entries, err));
    tr_entries_piece_drop(draft->entries);
    draft->entries = entries;
    return TRAWL_OK;
}

/* ---- all ---- */

typedef enum op_id {
    OP_PUT_TABLE,
    OP_DROP_TABLE,
    OP_RENAME_TABLE,
    OP_PUT_FUNCTION,
    OP_DROP_FUNCTION,
    OP_PUT_VIEW,
    OP_DROP_VIEW,
    OP_PUT_POLICY,
    OP_PUT_MAPPING,
    OP_ROWS,
    OP_ADD_EXTENT,
    OP_DROP_EXTENTS,
    OP_MOVE_EXTENT,
    OP_TAG_EXTENT,
    OP_DELETE_ROWS,
    OP_CLEAR_TABLE,
    OP_SEAL,
    OP_MERGE,
    OP_COUNT
} op_id;

static const char *const op_names[OP_COUNT] = {
    [OP_PUT_TABLE] = "put_table",
    [OP_DROP_TABLE] = "drop_table",
    [OP_RENAME_TABLE] = "rename_table",
    [OP_PUT_FUNCTION] = "put_function",
    [OP_DROP_FUNCTION] = "drop_function",
    [OP_PUT_VIEW] = "put_view",
    [OP_DROP_VIEW] = "drop_view",
    [OP_PUT_POLICY] = "put_policy",
    [OP_PUT_MAPPING] = "put_mapping",
    [OP_ROWS] = "rows",
    [OP_ADD_EXTENT] = "add_extent",
    [OP_DROP_EXTENTS] = "drop_extents",
    [OP_MOVE_EXTENT] = "move_extent",
    [OP_TAG_EXTENT] = "tag_extent",
    [OP_DELETE_ROWS] = "delete_rows",
    [OP_CLEAR_TABLE] = "clear_table",
    [OP_SEAL] = "seal",
    [OP_MERGE] = "merge",
};

static trawl_status apply(tr_draft *draft, tr_str step, tr_step_rows *rows, tr_arena *scratch,
                          trawl_error *err) {
    tr_str name;
    TR_TRY(tr_member_text(step, "op", &name, err));
    uint32_t op = 0;
    while (op < OP_COUNT && !tr_str_is(name, op_names[op]))
        op++;
    switch ((op_id)op) {
    case OP_PUT_TABLE: return put_table(draft, step, scratch, err);
    case OP_DROP_TABLE: return drop_table(draft, step, err);
    case OP_RENAME_TABLE: return rename_table(draft, step, err);
    case OP_PUT_FUNCTION: return put_function(draft, step, err);
    case OP_DROP_FUNCTION: return drop_function(draft, step, err);
    case OP_PUT_VIEW: return put_view(draft, step, err);
    case OP_DROP_VIEW: return drop_view(draft, step, err);
    case OP_PUT_POLICY: return put_entry(draft, step, false, scratch, err);
    case OP_PUT_MAPPING: return put_entry(draft, step, true, scratch, err);
    case OP_ROWS: return tr_step_rows_in(draft, step, rows, scratch, err);
    case OP_ADD_EXTENT: return tr_step_add_extent(draft, step, scratch, err);
    case OP_DROP_EXTENTS: return tr_step_drop_extents(draft, step, scratch, err);
    case OP_MOVE_EXTENT: return tr_step_move_extent(draft, step, scratch, err);
    case OP_TAG_EXTENT: return tr_step_tag_extent(draft, step, scratch, err);
    case OP_DELETE_ROWS: return tr_step_delete_rows(draft, step, scratch, err);
    case OP_CLEAR_TABLE: return tr_step_clear_table(draft, step, err);
    case OP_SEAL: return tr_step_seal(draft, step, scratch, err);
    case OP_MERGE: return tr_step_merge(draft, step, scratch, err);
    case OP_COUNT: break;
    }
    return tr_fail(err, TRAWL_E_DATA, "a change has a step '%.*s' that this trawl does not know",
                   (int)name.len, name.ptr);
}

trawl_status tr_step_apply(tr_draft *draft, tr_str step, tr_step_rows *rows, trawl_error *err) {
    tr_arena *scratch = tr_arena_new(NULL);
    uint32_t dropped = draft->dropped_count;
    trawl_status status = scratch ? apply(draft, step, rows, scratch, err) : tr_fail_memory(err);
    if (status != TRAWL_OK)
        draft->dropped_count = dropped;
    tr_arena_free(scratch);
    return status;
}

trawl_status tr_payload_open(const char *payload, uint32_t bytes, tr_str *value, tr_step_rows *rows,
                             trawl_error *err) {
    uint32_t n;
    if (bytes < 8)
        return tr_fail(err, TRAWL_E_DATA, "the payload of a record is cut off");
    memcpy(&n, payload, 4);
    uint64_t end = ((uint64_t)n + 4 + 7) & ~UINT64_C(7);
    if (end > bytes)
        return tr_fail(err, TRAWL_E_DATA, "the value of a record is cut off");
    *value = tr_str_make(payload + 4, n);
    if (!tr_dyn_check(*value))
        return tr_fail(err, TRAWL_E_DATA, "the value of a record is not well formed");
    *rows = (tr_step_rows){payload + end, bytes - end};
    return TRAWL_OK;
}

/* runtime/store/restore.c: a table that was dropped, back from an earlier state.
 *
 * Its extents are named again; the files of dropped tables are kept for as long as one may look
 * back. Rows that were in the log then are written into extents. To views and to those who ask for
 * what is new, all rows are of now. */
#include "runtime/base/os.h"
#include "runtime/store/catalog_codec.h"
#include "runtime/store/maintain.h"

static const tr_table_piece *find_past(const tr_snapshot *past, tr_str name) {
    for (uint32_t t = 0; t < past->catalog.table_count; t++)
        if (tr_str_equal(past->tables[t]->cat.name, name))
            return past->tables[t];
    return NULL;
}

static bool is_there(tr_files *files, tr_guid id, bool rows) {
    char path[TR_PATH_BYTES];
    tr_file_info info;
    return tr_files_path(files, id, rows, path) && tr_os_now()->info(path, &info) >= 0;
}

/* Files belong to one table. */
static bool is_taken(const tr_catalog *cat, tr_guid id) {
    for (uint32_t t = 0; t < cat->table_count; t++)
        for (uint32_t i = 0; i < cat->tables[t]->extent_count; i++)
            if (tr_guid_equal(cat->tables[t]->extents[i]->id, id))
                return true;
    return false;
}

static bool has_table_id(const tr_catalog *cat, tr_guid id) {
    for (uint32_t t = 0; t < cat->table_count; t++)
        if (tr_guid_equal(cat->tables[t]->id, id))
            return true;
    return false;
}

static trawl_status put_table(tr_change *change, const tr_cat_table *old, tr_str as,
                              trawl_error *err) {
    const tr_catalog *now = tr_change_catalog(change);
    tr_cat_table table = *old;
    if (tr_cat_find_table(now, as))
        return tr_fail(err, TRAWL_E_SEMANTIC, "there is a table '%.*s' already", (int)as.len,
                       as.ptr);
    table.name = as;
    table.extent_count = 0;
    table.policies = table.mappings = (tr_cat_entries){0, NULL};
    if (has_table_id(now, old->id))
        table.id = (tr_guid){{0}};
    TR_TRY(tr_change_put_table(change, &table, err));
    for (uint32_t i = 0; i < old->policies.count; i++)
        TR_TRY(tr_change_put_policy(change, as, old->policies.entries[i].kind,
                                    old->policies.entries[i].text, err));
    for (uint32_t i = 0; i < old->mappings.count; i++) {
        const tr_cat_entry *m = &old->mappings.entries[i];
        TR_TRY(tr_change_put_mapping(change, as, m->kind, m->name, m->text, err));
    }
    return TRAWL_OK;
}

static trawl_status add_extent(tr_change *change, tr_str table, const tr_cat_extent *old,
                               trawl_error *err) {
    tr_cat_extent extent = *old;
    tr_dyn_builder *b = TR_NEW(tr_change_arena(change), tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    extent.sequence = tr_change_catalog(change)->sequence;
    tr_dyn_start(b, tr_change_arena(change));
    tr_dyn_open_bag(b);
    tr_put_member_text(b, "op", tr_str_c("add_extent"));
    tr_put_member_text(b, "table", table);
    tr_put_key(b, "extent");
    tr_encode_extent(b, &extent);
    return tr_change_step(change, b, err);
}

static trawl_status add_unsealed(tr_change *change, const tr_snapshot *past,
                                 const tr_table_piece *table, tr_str as, trawl_error *err) {
    tr_str extents;
    TR_TRY(tr_write_unsealed(change, &past->catalog, table, &extents, err));
    for (uint32_t i = 0; i < tr_dyn_count(extents); i++) {
        tr_cat_extent extent;
        TR_TRY(tr_decode_extent(tr_dyn_at(extents, i), tr_change_arena(change), &extent, err));
        TR_TRY(add_extent(change, as, &extent, err));
    }
    return TRAWL_OK;
}

trawl_status tr_change_restore(tr_change *change, const tr_snapshot *past, tr_str name, tr_str as,
                               tr_arena *query, tr_restored *out, trawl_error *err) {
    const tr_table_piece *table = find_past(past, name);
    tr_files *files = tr_change_store(change)->files;
    if (!table)
        return tr_fail(err, TRAWL_E_SEMANTIC, "there was no table '%.*s' then", (int)name.len,
                       name.ptr);
    const tr_extent_list *list = table->list;
    bool *lost = TR_NEW_N(query, bool, (size_t)list->count + 1);
    if (!lost)
        return tr_fail_memory(err);
    TR_TRY(put_table(change, &table->cat, as, err));
    for (uint32_t i = 0; i < list->count; i++) {
        const tr_cat_extent *extent = list->cats[i];
        lost[i] =
            is_taken(tr_change_catalog(change), extent->id) ||
            !is_there(files, extent->id, false) ||
            (!tr_guid_is_zero(extent->deletion_id) && !is_there(files, extent->deletion_id, true));
        if (!lost[i])
            TR_TRY(add_extent(change, as, extent, err));
    }
    if (table->part_count)
        TR_TRY(add_unsealed(change, past, table, as, err));
    *out = (tr_restored){list->count, list->cats, lost, table->unsealed_rows};
    return TRAWL_OK;
}

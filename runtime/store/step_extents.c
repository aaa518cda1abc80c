/* runtime/store/step_extents.c: steps that bring, move, replace and delete rows and extents. */
#include "runtime/store/step_extents.h"

#include "runtime/store/catalog_codec.h"

/* ---- helpers ---- */

trawl_status tr_table_with_parts(const tr_table_piece *table, tr_part *const *parts, uint32_t count,
                                 tr_table_piece **out, trawl_error *err) {
    return tr_table_piece_new(table->meta, table->list, parts, count, out, err);
}

/* Put a table in with other extents, and optionally other parts. */
static trawl_status put_extents(tr_draft *draft, const tr_table_piece *old,
                                tr_extent_piece *const *extents, uint32_t count,
                                tr_part *const *parts, uint32_t part_count, trawl_error *err) {
    tr_extent_list *list;
    TR_TRY(tr_extent_list_new(old->meta, extents, count, &list, err));
    tr_table_piece *table = NULL;
    trawl_status status = tr_table_piece_new(old->meta, list, parts, part_count, &table, err);
    tr_extent_list_drop(list);
    if (status == TRAWL_OK)
        status = tr_draft_put_table(draft, table, err);
    if (status != TRAWL_OK)
        tr_table_piece_drop(table);
    return status;
}

static trawl_status put_list(tr_draft *draft, const tr_table_piece *old,
                             tr_extent_piece *const *extents, uint32_t count, trawl_error *err) {
    return put_extents(draft, old, extents, count, old->parts, old->part_count, err);
}

static int64_t find_extent(const tr_table_piece *table, tr_guid id) {
    for (uint32_t i = 0; i < table->list->count; i++)
        if (tr_guid_equal(table->list->cats[i]->id, id))
            return i;
    return -1;
}

static trawl_status need_extent(const tr_table_piece *table, tr_guid id, uint32_t *at,
                                trawl_error *err) {
    int64_t i = find_extent(table, id);
    if (i < 0) {
        char name[TR_NAME_BYTES];
        tr_extent_name(id, false, name);
        return tr_fail(err, TRAWL_E_SEMANTIC, "table '%.*s' has no extent %.32s",
                       (int)table->cat.name.len, table->cat.name.ptr, name);
    }
    *at = (uint32_t)i;
    return TRAWL_OK;
}

static trawl_status drop_extent_files(tr_draft *draft, const tr_cat_extent *extent,
                                      trawl_error *err) {
    TR_TRY(tr_draft_drop_file(draft, extent->id, false, err));
    if (tr_guid_is_zero(extent->deletion_id))
        return TRAWL_OK;
    return tr_draft_drop_file(draft, extent->deletion_id, true, err);
}

trawl_status tr_step_drop_files(tr_draft *draft, const tr_extent_list *list, trawl_error *err) {
    for (uint32_t i = 0; i < list->count; i++)
        TR_TRY(drop_extent_files(draft, list->cats[i], err));
    return TRAWL_OK;
}

/* The list with room for `more` at its end. */
static tr_extent_piece **copy_list(const tr_extent_list *list, uint32_t more, tr_arena *scratch) {
    tr_extent_piece **extents =
        TR_NEW_N(scratch, tr_extent_piece *, (size_t)list->count + more + 1);
    if (extents && list->count)
        memcpy(extents, list->extents, list->count * sizeof *extents);
    return extents;
}

/* Replace extent `at` by one that has other facts but is the same file. */
static trawl_status replace_extent(tr_draft *draft, const tr_table_piece *table, uint32_t at,
                                   const tr_cat_extent *cat, bool same_deletion, tr_arena *scratch,
                                   trawl_error *err) {
    const tr_extent_piece *old = table->list->extents[at];
    tr_extent_piece *extent;
    tr_extent_piece **extents = copy_list(table->list, 0, scratch);
    if (!extents)
        return tr_fail_memory(err);
    TR_TRY(tr_extent_piece_new(draft->files, cat, tr_extent_file_keep(old->file),
                               same_deletion ? tr_deletion_keep(old->deletion) : NULL, &extent,
                               err));
    extents[at] = extent;
    trawl_status status = put_list(draft, table, extents, table->list->count, err);
    tr_extent_piece_drop(extent);
    return status;
}

/* ---- rows ---- */

trawl_status tr_part_fits(const tr_part *part, const tr_meta *meta, trawl_error *err) {
    for (uint32_t c = 0; c < part->rows.schema.count; c++)
        for (uint32_t i = 0; i < meta->schema.count; i++)
            if (meta->ids[i] == part->ids[c] &&
                meta->schema.fields[i].type != part->rows.schema.fields[c].type)
                return tr_fail(
                    err, TRAWL_E_DATA, "rows have another type than column '%.*s' of their table",
                    (int)meta->schema.fields[i].name.len, meta->schema.fields[i].name.ptr);
    return TRAWL_OK;
}

/* Parts of the table and one more, settled: all with one user more. */
static trawl_status parts_with(const tr_table_piece *table, tr_part *part, tr_arena *scratch,
                               tr_part ***out, uint32_t *count, trawl_error *err) {
    tr_part **parts = TR_NEW_N(scratch, tr_part *, (size_t)table->part_count + 2);
    if (!parts)
        return tr_fail_memory(err);
    uint32_t n = table->part_count + 1;
    for (uint32_t i = 0; i < n; i++) {
        parts[i] = i < table->part_count ? table->parts[i] : part;
        tr_piece_keep(&parts[i]->piece);
    }
    trawl_status status = tr_parts_settle(parts, &n, err);
    *out = parts;
    *count = n;
    return status;
}

trawl_status tr_step_rows_in(tr_draft *draft, tr_str step, tr_step_rows *rows, tr_arena *scratch,
                             trawl_error *err) {
    uint32_t at, tag_count;
    uint64_t bytes;
    const tr_str *tags;
    TR_TRY(tr_step_member_table(draft, step, "table", &at, err));
    TR_TRY(tr_member_count(step, "bytes", rows->left, &bytes, err));
    TR_TRY(tr_member_texts(step, "tags", scratch, &tags, &tag_count, err));
    const tr_table_piece *old = draft->tables[at];
    tr_part *part;
    tr_rows_run run = {0, draft->sequence, draft->ticks};
    TR_TRY(tr_part_decode(rows->bytes, bytes, &run, 1, tags, tag_count, &part, err));
    part->runs[0].row_end = part->rows.row_count;
    tr_part **parts = NULL;
    uint32_t count = 0;
    tr_table_piece *table = NULL;
    trawl_status status = tr_part_fits(part, old->meta, err);
    if (status == TRAWL_OK)
        status = parts_with(old, part, scratch, &parts, &count, err);
    if (status == TRAWL_OK)
        status = tr_table_with_parts(old, parts, count, &table, err);
    for (uint32_t i = 0; i < count; i++)
        tr_part_drop(parts[i]);
    if (status == TRAWL_OK)
        status = tr_draft_put_table(draft, table, err);
    if (status != TRAWL_OK)
        tr_table_piece_drop(table);
    tr_part_drop(part);
    if (status == TRAWL_OK) {
        rows->bytes += bytes;
        rows->left -= bytes;
    }
    return status;
}

trawl_status tr_step_clear_table(tr_draft *draft, tr_str step, trawl_error *err) {
    uint32_t at;
    TR_TRY(tr_step_member_table(draft, step, "table", &at, err));
    const tr_table_piece *table = draft->tables[at];
    TR_TRY(tr_step_drop_files(draft, table->list, err));
    return put_extents(draft, table, NULL, 0, NULL, 0, err);
}

/* ---- extents ---- */

trawl_status tr_step_add_extent(tr_draft *draft, tr_str step, tr_arena *scratch, trawl_error *err) {
    uint32_t at;
    tr_str bag;
    tr_cat_extent cat;
    TR_TRY(tr_step_member_table(draft, step, "table", &at, err));
    TR_TRY(tr_member_bag(step, "extent", &bag, err));
    TR_TRY(tr_decode_extent(bag, scratch, &cat, err));
    const tr_table_piece *table = draft->tables[at];
    if (find_extent(table, cat.id) >= 0)
        return tr_fail(err, TRAWL_E_SEMANTIC, "table '%.*s' has this extent already",
                       (int)table->cat.name.len, table->cat.name.ptr);
    tr_extent_piece **extents = copy_list(table->list, 1, scratch);
    if (!extents)
        return tr_fail_memory(err);
    tr_extent_piece *extent;
    TR_TRY(tr_extent_piece_new(draft->files, &cat, NULL, NULL, &extent, err));
    extents[table->list->count] = extent;
    trawl_status status = put_list(draft, table, extents, table->list->count + 1, err);
    tr_extent_piece_drop(extent);
    return status;
}

trawl_status tr_step_drop_extents(tr_draft *draft, tr_str step, tr_arena *scratch,
                                  trawl_error *err) {
    uint32_t at;
    tr_str ids;
    TR_TRY(tr_step_member_table(draft, step, "table", &at, err));
    TR_TRY(tr_member_array(step, "ids", &ids, err));
    const tr_table_piece *table = draft->tables[at];
    tr_extent_piece **extents = copy_list(table->list, 0, scratch);
    if (!extents)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < tr_dyn_count(ids); i++) {
        tr_value id = tr_dyn_value(tr_dyn_at(ids, i));
        uint32_t k;
        if (id.type != TR_GUID)
            return tr_fail(err, TRAWL_E_DATA, "a step names an extent without an id");
        TR_TRY(need_extent(table, id.as.guid, &k, err));
        if (extents[k])
            TR_TRY(drop_extent_files(draft, &extents[k]->cat, err));
        extents[k] = NULL;
    }
    uint32_t n = 0;
    for (uint32_t k = 0; k < table->list->count; k++)
        if (extents[k])
            extents[n++] = extents[k];
    return put_list(draft, table, extents, n, err);
}

/* The numbers that the columns of an extent have in another table: by name, of the same type. */
static trawl_status columns_in(const tr_cat_extent *extent, const tr_meta *from, const tr_meta *to,
                               uint32_t *ids, trawl_error *err) {
    for (uint32_t c = 0; c < extent->column_count; c++) {
        ids[c] = UINT32_MAX; /* of a column that was dropped since: no table has this number */
        for (uint32_t i = 0; i < from->schema.count; i++) {
            if (from->ids[i] != extent->column_ids[c])
                continue;
            const tr_field *field = &from->schema.fields[i];
            int32_t k = tr_schema_find(&to->schema, field->name);
            if (k < 0 || to->schema.fields[k].type != field->type)
                return tr_fail(err, TRAWL_E_SEMANTIC,
                               "table '%.*s' has no column '%.*s' of type %s, as the extent has",
                               (int)to->cat.name.len, to->cat.name.ptr, (int)field->name.len,
                               field->name.ptr, tr_type_name(field->type));
            ids[c] = to->ids[k];
        }
    }
    return TRAWL_OK;
}

trawl_status tr_step_move_extent(tr_draft *draft, tr_str step, tr_arena *scratch,
                                 trawl_error *err) {
    uint32_t from_at, to_at, at;
    tr_guid id;
    TR_TRY(tr_step_member_table(draft, step, "from", &from_at, err));
    TR_TRY(tr_step_member_table(draft, step, "to", &to_at, err));
    TR_TRY(tr_member_guid(step, "id", &id, err));
    const tr_table_piece *from = draft->tables[from_at], *to = draft->tables[to_at];
    TR_TRY(need_extent(from, id, &at, err));
    if (from_at == to_at)
        return TRAWL_OK;
    const tr_extent_piece *old = from->list->extents[at];
    tr_cat_extent cat = old->cat;
    uint32_t *ids = TR_NEW_N(scratch, uint32_t, (size_t)cat.column_count + 1);
    tr_extent_piece **left = copy_list(from->list, 0, scratch);
    tr_extent_piece **right = copy_list(to->list, 1, scratch);
    if (!ids || !left || !right)
        return tr_fail_memory(err);
    TR_TRY(columns_in(&cat, from->meta, to->meta, ids, err));
    cat.column_ids = ids;
    cat.sequence = draft->sequence; /* it is new in the other table */
    tr_extent_piece *extent;
    TR_TRY(tr_extent_piece_new(draft->files, &cat, tr_extent_file_keep(old->file),
                               tr_deletion_keep(old->deletion), &extent, err));
    right[to->list->count] = extent;
    uint32_t n = from->list->count - 1;
    memmove(left + at, left + at + 1, (n - at) * sizeof *left);
    /* Both lists are made before either is put, so that nothing can fail in between. */
    tr_extent_list *list;
    tr_table_piece *table = NULL;
    trawl_status status = tr_extent_list_new(from->meta, left, n, &list, err);
    if (status == TRAWL_OK) {
        status = tr_table_piece_new(from->meta, list, from->parts, from->part_count, &table, err);
        tr_extent_list_drop(list);
    }
    if (status == TRAWL_OK)
        status = put_list(draft, to, right, to->list->count + 1, err);
    tr_extent_piece_drop(extent);
    if (status == TRAWL_OK)
        status = tr_draft_put_table(draft, table, err); /* replaces: cannot fail */
    else
        tr_table_piece_drop(table);
    return status;
}

trawl_status tr_step_tag_extent(tr_draft *draft, tr_str step, tr_arena *scratch, trawl_error *err) {
    uint32_t table_at, at;
    tr_guid id;
    TR_TRY(tr_step_member_table(draft, step, "table", &table_at, err));
    TR_TRY(tr_member_guid(step, "id", &id, err));
    const tr_table_piece *table = draft->tables[table_at];
    TR_TRY(need_extent(table, id, &at, err));
    tr_cat_extent cat = *table->list->cats[at];
    TR_TRY(tr_member_texts(step, "tags", scratch, &cat.tags, &cat.tag_count, err));
    return replace_extent(draft, table, at, &cat, true, scratch, err);
}

trawl_status tr_step_delete_rows(tr_draft *draft, tr_str step, tr_arena *scratch,
                                 trawl_error *err) {
    uint32_t table_at, at;
    tr_guid id;
    TR_TRY(tr_step_member_table(draft, step, "table", &table_at, err));
    TR_TRY(tr_member_guid(step, "id", &id, err));
    const tr_table_piece *table = draft->tables[table_at];
    TR_TRY(need_extent(table, id, &at, err));
    tr_cat_extent cat = *table->list->cats[at];
    tr_guid old = cat.deletion_id;
    TR_TRY(tr_member_guid(step, "deletion", &cat.deletion_id, err));
    TR_TRY(tr_member_count(step, "deleted", cat.row_count, &cat.deleted_count, err));
    if (!tr_guid_is_zero(old))
        TR_TRY(tr_draft_drop_file(draft, old, true, err));
    return replace_extent(draft, table, at, &cat, false, scratch, err);
}

/* ---- sealing and merging ---- */

/* Read the extents that a step brings and append their pieces to extents[*n]. Pieces made are
 * counted in *n, also on failure. */
static trawl_status bring_extents(tr_draft *draft, tr_str bags, const tr_table_piece *table,
                                  tr_arena *scratch, tr_extent_piece **made, uint32_t *n,
                                  trawl_error *err) {
    for (uint32_t i = 0; i < tr_dyn_count(bags); i++) {
        tr_cat_extent cat;
        TR_TRY(tr_decode_extent(tr_dyn_at(bags, i), scratch, &cat, err));
        if (find_extent(table, cat.id) >= 0)
            return tr_fail(err, TRAWL_E_DATA, "a step brings an extent that is there already");
        TR_TRY(tr_extent_piece_new(draft->files, &cat, NULL, NULL, &made[*n], err));
        ++*n;
    }
    return TRAWL_OK;
}

/* The parts of the table without rows up to `sequence`: all with one user more. */
static trawl_status parts_after(const tr_table_piece *table, uint64_t sequence, tr_part **parts,
                                uint32_t *count, uint64_t *removed, trawl_error *err) {
    uint64_t left = 0;
    for (uint32_t i = 0; i < table->part_count; i++) {
        tr_part *part = table->parts[i];
        if (tr_part_last(part) <= sequence)
            continue;
        if (tr_part_first(part) <= sequence)
            TR_TRY(tr_part_after(part, sequence, &part, err));
        else
            tr_piece_keep(&part->piece);
        parts[(*count)++] = part;
        left += part->rows.row_count;
    }
    *removed = table->unsealed_rows - left;
    return TRAWL_OK;
}

trawl_status tr_step_seal(tr_draft *draft, tr_str step, tr_arena *scratch, trawl_error *err) {
    uint32_t at, n = 0, part_count = 0;
    uint64_t sequence, rows, removed;
    tr_guid id;
    tr_str bags;
    TR_TRY(tr_step_member_table(draft, step, "table", &at, err));
    TR_TRY(tr_member_guid(step, "id", &id, err));
    TR_TRY(tr_member_count(step, "sequence", INT64_MAX, &sequence, err));
    TR_TRY(tr_member_count(step, "rows", INT64_MAX, &rows, err));
    TR_TRY(tr_member_array(step, "extents", &bags, err));
    const tr_table_piece *table = draft->tables[at];
    uint32_t old = table->list->count;
    tr_extent_piece **extents = copy_list(table->list, tr_dyn_count(bags), scratch);
    tr_part **parts = TR_NEW_N(scratch, tr_part *, (size_t)table->part_count + 1);
    if (!extents || !parts)
        return tr_fail_memory(err);
    trawl_status status = parts_after(table, sequence, parts, &part_count, &removed, err);
    if (status == TRAWL_OK && (removed != rows || !tr_guid_equal(id, table->cat.id)))
        status = tr_fail(err, TRAWL_E_SEMANTIC,
                         "the rows of table '%.*s' changed while they were sealed",
                         (int)table->cat.name.len, table->cat.name.ptr);
    if (status == TRAWL_OK)
        status = bring_extents(draft, bags, table, scratch, extents + old, &n, err);
    if (status == TRAWL_OK)
        status = put_extents(draft, table, extents, old + n, parts, part_count, err);
    for (uint32_t i = 0; i < n; i++)
        tr_extent_piece_drop(extents[old + i]);
    for (uint32_t i = 0; i < part_count; i++)
        tr_part_drop(parts[i]);
    return status;
}

/* Take the extents that a merge replaces out of extents[0..count), which become NULL. */
static trawl_status take_merged(tr_draft *draft, tr_str from, const tr_table_piece *table,
                                tr_extent_piece **extents, uint32_t *first, trawl_error *err) {
    *first = table->list->count;
    for (uint32_t i = 0; i < tr_dyn_count(from); i++) {
        tr_guid id, deletion;
        uint32_t at;
        TR_TRY(tr_member_guid(tr_dyn_at(from, i), "id", &id, err));
        TR_TRY(tr_member_guid(tr_dyn_at(from, i), "deletion", &deletion, err));
        TR_TRY(need_extent(table, id, &at, err));
        if (!extents[at] || !tr_guid_equal(extents[at]->cat.deletion_id, deletion))
            return tr_fail(err, TRAWL_E_SEMANTIC,
                           "an extent of table '%.*s' changed while it was merged",
                           (int)table->cat.name.len, table->cat.name.ptr);
        TR_TRY(drop_extent_files(draft, &extents[at]->cat, err));
        extents[at] = NULL;
        *first = at < *first ? at : *first;
    }
    return TRAWL_OK;
}

trawl_status tr_step_merge(tr_draft *draft, tr_str step, tr_arena *scratch, trawl_error *err) {
    uint32_t at, first, made = 0, n = 0;
    tr_str from, bags;
    TR_TRY(tr_step_member_table(draft, step, "table", &at, err));
    TR_TRY(tr_member_array(step, "from", &from, err));
    TR_TRY(tr_member_array(step, "extents", &bags, err));
    const tr_table_piece *table = draft->tables[at];
    tr_extent_piece **old = copy_list(table->list, 0, scratch);
    tr_extent_piece **fresh = TR_NEW_N(scratch, tr_extent_piece *, (size_t)tr_dyn_count(bags) + 1);
    tr_extent_piece **all =
        TR_NEW_N(scratch, tr_extent_piece *, (size_t)table->list->count + tr_dyn_count(bags) + 1);
    if (!old || !fresh || !all)
        return tr_fail_memory(err);
    TR_TRY(take_merged(draft, from, table, old, &first, err));
    trawl_status status = bring_extents(draft, bags, table, scratch, fresh, &made, err);
    for (uint32_t i = 0; status == TRAWL_OK && i <= table->list->count; i++) {
        for (uint32_t k = 0; i == first && k < made; k++)
            all[n++] = fresh[k];
        if (i < table->list->count && old[i])
            all[n++] = old[i];
    }
    if (status == TRAWL_OK)
        status = put_list(draft, table, all, n, err);
    for (uint32_t i = 0; i < made; i++)
        tr_extent_piece_drop(fresh[i]);
    return status;
}

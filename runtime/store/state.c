/* runtime/store/state.c: the pieces of a state: made once, counted, freed with the last user. */
#include "runtime/store/state.h"

void *tr_piece_new(size_t bytes) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_piece *piece = arena ? tr_arena_zalloc(arena, bytes, 64) : NULL;
    if (!piece) {
        tr_arena_free(arena);
        return NULL;
    }
    atomic_init(&piece->users, 1);
    piece->arena = arena;
    return piece;
}

void tr_extent_piece_drop(tr_extent_piece *extent) {
    if (!extent || !tr_piece_leave(&extent->piece))
        return;
    tr_extent_file_drop(extent->file);
    tr_deletion_drop(extent->deletion);
    tr_arena_free(extent->piece.arena);
}

void tr_meta_drop(tr_meta *meta) {
    if (meta && tr_piece_leave(&meta->piece))
        tr_arena_free(meta->piece.arena);
}

void tr_extent_list_drop(tr_extent_list *list) {
    if (!list || !tr_piece_leave(&list->piece))
        return;
    for (uint32_t i = 0; i < list->count; i++)
        tr_extent_piece_drop(list->extents[i]);
    tr_arena_free(list->piece.arena);
}

void tr_part_drop(tr_part *part) {
    if (part && tr_piece_leave(&part->piece))
        tr_arena_free(part->piece.arena);
}

void tr_table_piece_drop(tr_table_piece *table) {
    if (!table || !tr_piece_leave(&table->piece))
        return;
    for (uint32_t i = 0; i < table->part_count; i++)
        tr_part_drop(table->parts[i]);
    tr_extent_list_drop(table->list);
    tr_meta_drop(table->meta);
    tr_arena_free(table->piece.arena);
}

void tr_function_piece_drop(tr_function_piece *function) {
    if (function && tr_piece_leave(&function->piece))
        tr_arena_free(function->piece.arena);
}

void tr_view_piece_drop(tr_view_piece *view) {
    if (view && tr_piece_leave(&view->piece))
        tr_arena_free(view->piece.arena);
}

void tr_entries_piece_drop(tr_entries_piece *entries) {
    if (entries && tr_piece_leave(&entries->piece))
        tr_arena_free(entries->piece.arena);
}

/* ---- copies ---- */

static bool copy_text(tr_arena *arena, tr_str *text) {
    if (!text->len) {
        *text = TR_STR_EMPTY;
        return true;
    }
    const char *copy = tr_arena_text(arena, text->ptr, text->len);
    if (copy)
        *text = tr_str_make(copy, text->len);
    return copy != NULL;
}

static bool copy_texts(tr_arena *arena, uint32_t count, const tr_str **texts) {
    tr_str *copy = TR_NEW_N(arena, tr_str, count + 1);
    for (uint32_t i = 0; copy && i < count; i++) {
        copy[i] = (*texts)[i];
        if (!copy_text(arena, &copy[i]))
            return false;
    }
    *texts = copy;
    return copy != NULL;
}

static bool copy_entries(tr_arena *arena, tr_cat_entries *entries) {
    tr_cat_entry *copy = TR_NEW_N(arena, tr_cat_entry, entries->count + 1);
    for (uint32_t i = 0; copy && i < entries->count; i++) {
        copy[i] = entries->entries[i];
        if (!copy_text(arena, &copy[i].kind) || !copy_text(arena, &copy[i].name) ||
            !copy_text(arena, &copy[i].text))
            return false;
    }
    entries->entries = copy;
    return copy != NULL;
}

static bool copy_columns(tr_meta *meta, const tr_cat_column *columns) {
    tr_arena *arena = meta->piece.arena;
    uint32_t count = meta->cat.column_count;
    tr_cat_column *copy = TR_NEW_N(arena, tr_cat_column, count + 1);
    tr_field *fields = TR_NEW_N(arena, tr_field, count + 1);
    uint32_t *ids = TR_NEW_N(arena, uint32_t, count + 1);
    uint32_t *identity = TR_NEW_N(arena, uint32_t, count + 1);
    if (!copy || !fields || !ids || !identity)
        return false;
    for (uint32_t c = 0; c < count; c++) {
        copy[c] = columns[c];
        if (!copy_text(arena, &copy[c].name) || !copy_text(arena, &copy[c].docstring))
            return false;
        fields[c] = (tr_field){copy[c].name, copy[c].type};
        ids[c] = copy[c].id;
        identity[c] = c;
    }
    meta->cat.columns = copy;
    meta->schema = (tr_schema){count, fields};
    meta->ids = ids;
    meta->identity = identity;
    return true;
}

trawl_status tr_meta_new(const tr_cat_table *cat, tr_meta **out, trawl_error *err) {
    tr_meta *meta = TR_PIECE_NEW(tr_meta);
    if (!meta)
        return tr_fail_memory(err);
    tr_arena *arena = meta->piece.arena;
    meta->cat = *cat;
    meta->cat.extent_count = 0;
    meta->cat.extents = NULL;
    if (!copy_text(arena, &meta->cat.name) || !copy_text(arena, &meta->cat.folder) ||
        !copy_text(arena, &meta->cat.docstring) || !copy_entries(arena, &meta->cat.policies) ||
        !copy_entries(arena, &meta->cat.mappings) || !copy_columns(meta, cat->columns)) {
        tr_meta_drop(meta);
        return tr_fail_memory(err);
    }
    *out = meta;
    return TRAWL_OK;
}

/* The catalog's part of an extent and what it points to. */
static bool fill_extent(tr_extent_piece *extent, const tr_cat_extent *cat) {
    tr_arena *arena = extent->piece.arena;
    extent->cat = *cat;
    uint32_t *ids = TR_NEW_N(arena, uint32_t, cat->column_count + 1);
    if (!ids || !copy_texts(arena, cat->tag_count, &extent->cat.tags))
        return false;
    if (cat->column_count)
        memcpy(ids, cat->column_ids, cat->column_count * sizeof *ids);
    extent->cat.column_ids = ids;
    return true;
}

trawl_status tr_extent_piece_new(tr_files *files, const tr_cat_extent *cat, tr_extent_file *file,
                                 tr_deletion *deletion, tr_extent_piece **out, trawl_error *err) {
    if (!file)
        file = tr_extent_file_new(files, cat->id);
    bool deletes = !tr_guid_is_zero(cat->deletion_id);
    if (!deletion && deletes)
        deletion =
            tr_deletion_new(files, cat->deletion_id, cat->id, cat->row_count, cat->deleted_count);
    tr_extent_piece *extent = TR_PIECE_NEW(tr_extent_piece);
    if (!extent || !file || (deletes && !deletion)) {
        tr_extent_file_drop(file);
        tr_deletion_drop(deletion);
        if (extent)
            tr_arena_free(extent->piece.arena);
        return tr_fail_memory(err);
    }
    extent->file = file;
    extent->deletion = deletion;
    if (!fill_extent(extent, cat)) {
        tr_extent_piece_drop(extent);
        return tr_fail_memory(err);
    }
    *out = extent;
    return TRAWL_OK;
}

/* ---- lists of extents ---- */

static const uint32_t *same_map(const tr_extent_list *list, uint32_t i) {
    if (i == 0)
        return NULL;
    const tr_cat_extent *a = list->cats[i - 1], *b = list->cats[i];
    bool same = a->column_count == b->column_count &&
                memcmp(a->column_ids, b->column_ids, a->column_count * sizeof(uint32_t)) == 0;
    return same ? list->open[i - 1].column_of : NULL;
}

static bool fill_list(tr_extent_list *list, const tr_meta *meta) {
    tr_arena *arena = list->piece.arena;
    for (uint32_t i = 0; i < list->count; i++) {
        const tr_extent_piece *extent = list->extents[i];
        const tr_cat_extent *cat = &extent->cat;
        list->cats[i] = cat;
        const uint32_t *map = same_map(list, i);
        if (!map) {
            uint32_t *made = TR_NEW_N(arena, uint32_t, meta->schema.count + 1);
            if (!made)
                return false;
            tr_columns_map(meta, cat->column_ids, cat->column_count, made);
            map = made;
        }
        list->open[i] = (tr_open_extent){cat, extent->file, extent->deletion, map};
        list->row_count += cat->row_count - cat->deleted_count;
        list->bytes += cat->file_bytes;
    }
    return true;
}

trawl_status tr_extent_list_new(const tr_meta *meta, tr_extent_piece *const *extents,
                                uint32_t count, tr_extent_list **out, trawl_error *err) {
    tr_extent_list *list = TR_PIECE_NEW(tr_extent_list);
    if (!list)
        return tr_fail_memory(err);
    tr_arena *arena = list->piece.arena;
    list->extents = TR_NEW_N(arena, tr_extent_piece *, count + 1);
    list->cats = TR_NEW_N(arena, const tr_cat_extent *, count + 1);
    list->open = TR_NEW_N(arena, tr_open_extent, count + 1);
    if (list->extents && list->cats && list->open) {
        for (uint32_t i = 0; i < count; i++) {
            list->extents[i] = extents[i];
            tr_piece_keep(&extents[i]->piece);
        }
        list->count = count;
        if (fill_list(list, meta)) {
            *out = list;
            return TRAWL_OK;
        }
    }
    tr_extent_list_drop(list);
    return tr_fail_memory(err);
}

/* ---- tables ---- */

static bool fill_parts(tr_table_piece *table, tr_rows_part *seen) {
    tr_meta *meta = table->meta;
    tr_arena *arena = table->piece.arena;
    for (uint32_t i = 0; i < table->part_count; i++) {
        const tr_part *part = table->parts[i];
        uint32_t count = part->rows.schema.count;
        const uint32_t *map = meta->identity;
        if (count != meta->schema.count ||
            memcmp(part->ids, meta->ids, count * sizeof(uint32_t)) != 0) {
            uint32_t *made = TR_NEW_N(arena, uint32_t, meta->schema.count + 1);
            if (!made)
                return false;
            tr_columns_map(meta, part->ids, count, made);
            map = made;
        }
        seen[i] = (tr_rows_part){.rows = &part->rows,
                                 .column_of = map,
                                 .run_count = part->run_count,
                                 .runs = part->runs,
                                 .tag_count = part->tag_count,
                                 .tags = part->tags};
        table->unsealed_rows += part->rows.row_count;
        table->unsealed_bytes += part->bytes;
    }
    return true;
}

static void fill_table(tr_table_piece *table, const tr_rows_part *seen) {
    const tr_extent_list *list = table->list;
    table->cat = table->meta->cat;
    table->cat.extent_count = list->count;
    table->cat.extents = list->cats;
    table->seen = (tr_store_table){
        .table = {.name = table->cat.name,
                  .schema = table->meta->schema,
                  .ops = &tr_store_table_ops,
                  .row_count = (int64_t)(list->row_count + table->unsealed_rows),
                  .bytes = list->bytes + table->unsealed_bytes,
                  .takes_paths = true,
                  .converts_paths = true,
                  .hidden_count = TR_EXTENT_HIDDEN,
                  .hidden = tr_extent_hidden,
                  .description = tr_str_c("stored"),
                  .state = &table->seen},
        .cat = &table->cat,
        .extent_count = list->count,
        .extents = list->open,
        .part_count = table->part_count,
        .parts = seen,
    };
}

trawl_status tr_table_piece_new(tr_meta *meta, tr_extent_list *list, tr_part *const *parts,
                                uint32_t part_count, tr_table_piece **out, trawl_error *err) {
    tr_table_piece *table = TR_PIECE_NEW(tr_table_piece);
    if (!table)
        return tr_fail_memory(err);
    tr_arena *arena = table->piece.arena;
    table->parts = TR_NEW_N(arena, tr_part *, part_count + 1);
    tr_rows_part *seen = TR_NEW_N(arena, tr_rows_part, part_count + 1);
    table->meta = meta;
    table->list = list;
    tr_piece_keep(&meta->piece);
    tr_piece_keep(&list->piece);
    if (table->parts && seen) {
        for (uint32_t i = 0; i < part_count; i++) {
            if (!parts[i]->rows.row_count)
                continue;
            table->parts[table->part_count++] = parts[i];
            tr_piece_keep(&parts[i]->piece);
        }
        if (fill_parts(table, seen)) {
            fill_table(table, seen);
            *out = table;
            return TRAWL_OK;
        }
    }
    tr_table_piece_drop(table);
    return tr_fail_memory(err);
}

/* ---- functions, views, entries ---- */

trawl_status tr_function_piece_new(const tr_cat_function *cat, tr_function_piece **out,
                                   trawl_error *err) {
    tr_function_piece *f = TR_PIECE_NEW(tr_function_piece);
    if (!f)
        return tr_fail_memory(err);
    tr_arena *arena = f->piece.arena;
    f->cat = *cat;
    if (!copy_text(arena, &f->cat.name) || !copy_text(arena, &f->cat.parameters) ||
        !copy_text(arena, &f->cat.body) || !copy_text(arena, &f->cat.folder) ||
        !copy_text(arena, &f->cat.docstring)) {
        tr_function_piece_drop(f);
        return tr_fail_memory(err);
    }
    *out = f;
    return TRAWL_OK;
}

trawl_status tr_view_piece_new(const tr_cat_view *cat, tr_view_piece **out, trawl_error *err) {
    tr_view_piece *v = TR_PIECE_NEW(tr_view_piece);
    if (!v)
        return tr_fail_memory(err);
    tr_arena *arena = v->piece.arena;
    v->cat = *cat;
    tr_str *texts[] = {&v->cat.name,      &v->cat.source,      &v->cat.query,     &v->cat.folder,
                       &v->cat.docstring, &v->cat.state_table, &v->cat.properties};
    for (uint32_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!copy_text(arena, texts[i])) {
            tr_view_piece_drop(v);
            return tr_fail_memory(err);
        }
    }
    *out = v;
    return TRAWL_OK;
}

trawl_status tr_entries_piece_new(const tr_cat_entries *policies, const tr_cat_entries *mappings,
                                  tr_entries_piece **out, trawl_error *err) {
    tr_entries_piece *e = TR_PIECE_NEW(tr_entries_piece);
    if (!e)
        return tr_fail_memory(err);
    e->policies = *policies;
    e->mappings = *mappings;
    if (!copy_entries(e->piece.arena, &e->policies) ||
        !copy_entries(e->piece.arena, &e->mappings)) {
        tr_entries_piece_drop(e);
        return tr_fail_memory(err);
    }
    *out = e;
    return TRAWL_OK;
}

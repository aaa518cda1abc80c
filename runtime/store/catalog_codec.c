/* runtime/store/catalog_codec.c: a catalog as dynamic values. Knows nothing of logs and states. */
#include "runtime/store/catalog_codec.h"

/* An extent has fewer rows than this; a bound for what damaged bytes can ask for. */
#define ROWS_MAX (UINT64_C(1) << 40)

/* ---- writing ---- */

void tr_put_key(tr_dyn_builder *b, const char *key) {
    tr_dyn_put_key(b, tr_str_c(key));
}

void tr_put_member_text(tr_dyn_builder *b, const char *key, tr_str text) {
    tr_put_key(b, key);
    tr_dyn_put_string(b, text);
}

void tr_put_member_long(tr_dyn_builder *b, const char *key, int64_t v) {
    tr_put_key(b, key);
    tr_dyn_put_long(b, v);
}

void tr_put_guid(tr_dyn_builder *b, tr_guid id) {
    tr_value value = {.type = TR_GUID, .as.guid = id};
    tr_dyn_put_value(b, &value);
}

void tr_put_member_guid(tr_dyn_builder *b, const char *key, tr_guid id) {
    tr_put_key(b, key);
    tr_put_guid(b, id);
}

void tr_put_texts(tr_dyn_builder *b, const char *key, const tr_str *texts, uint32_t count) {
    tr_put_key(b, key);
    tr_dyn_open_array(b);
    for (uint32_t i = 0; i < count; i++)
        tr_dyn_put_string(b, texts[i]);
    tr_dyn_close(b);
}

static void put_entry_list(tr_dyn_builder *b, const char *key, const tr_cat_entries *entries) {
    tr_put_key(b, key);
    tr_dyn_open_array(b);
    for (uint32_t i = 0; i < entries->count; i++) {
        const tr_cat_entry *entry = &entries->entries[i];
        tr_dyn_open_bag(b);
        tr_put_member_text(b, "kind", entry->kind);
        tr_put_member_text(b, "name", entry->name);
        tr_put_member_text(b, "text", entry->text);
        tr_put_member_long(b, "changed", entry->changed_ticks);
        tr_dyn_close(b);
    }
    tr_dyn_close(b);
}

void tr_encode_entries(tr_dyn_builder *b, const tr_cat_entries *policies,
                       const tr_cat_entries *mappings) {
    put_entry_list(b, "policies", policies);
    put_entry_list(b, "mappings", mappings);
}

void tr_encode_extent(tr_dyn_builder *b, const tr_cat_extent *extent) {
    tr_dyn_open_bag(b);
    tr_put_member_guid(b, "id", extent->id);
    tr_put_member_long(b, "rows", (int64_t)extent->row_count);
    tr_put_member_long(b, "deleted", (int64_t)extent->deleted_count);
    tr_put_member_guid(b, "deletion", extent->deletion_id);
    tr_put_member_long(b, "raw_bytes", (int64_t)extent->raw_bytes);
    tr_put_member_long(b, "file_bytes", (int64_t)extent->file_bytes);
    tr_put_member_long(b, "index_bytes", (int64_t)extent->index_bytes);
    tr_put_member_long(b, "created", extent->created_ticks);
    tr_put_member_long(b, "created_last", extent->created_last_ticks);
    tr_put_member_long(b, "sequence", (int64_t)extent->sequence);
    tr_put_texts(b, "tags", extent->tags, extent->tag_count);
    tr_put_key(b, "columns");
    tr_dyn_open_array(b);
    for (uint32_t i = 0; i < extent->column_count; i++)
        tr_dyn_put_long(b, extent->column_ids[i]);
    tr_dyn_close(b);
    tr_dyn_close(b);
}

void tr_encode_table(tr_dyn_builder *b, const tr_cat_table *table, bool extents) {
    tr_dyn_open_bag(b);
    tr_put_member_guid(b, "id", table->id);
    tr_put_member_text(b, "name", table->name);
    tr_put_member_text(b, "folder", table->folder);
    tr_put_member_text(b, "docstring", table->docstring);
    tr_put_member_long(b, "hidden", table->hidden);
    tr_put_member_long(b, "next_column", table->next_column_id);
    tr_put_key(b, "columns");
    tr_dyn_open_array(b);
    for (uint32_t i = 0; i < table->column_count; i++) {
        const tr_cat_column *column = &table->columns[i];
        tr_dyn_open_bag(b);
        tr_put_member_long(b, "id", column->id);
        tr_put_member_text(b, "name", column->name);
        tr_put_member_text(b, "type", tr_str_c(tr_type_name(column->type)));
        tr_put_member_text(b, "docstring", column->docstring);
        tr_dyn_close(b);
    }
    tr_dyn_close(b);
    tr_encode_entries(b, &table->policies, &table->mappings);
    if (extents) {
        tr_put_key(b, "extents");
        tr_dyn_open_array(b);
        for (uint32_t i = 0; i < table->extent_count; i++)
            tr_encode_extent(b, table->extents[i]);
        tr_dyn_close(b);
    }
    tr_dyn_close(b);
}

void tr_encode_function(tr_dyn_builder *b, const tr_cat_function *function) {
    tr_dyn_open_bag(b);
    tr_put_member_text(b, "name", function->name);
    tr_put_member_text(b, "parameters", function->parameters);
    tr_put_member_text(b, "body", function->body);
    tr_put_member_text(b, "folder", function->folder);
    tr_put_member_text(b, "docstring", function->docstring);
    tr_put_member_long(b, "view", function->is_view);
    tr_dyn_close(b);
}

void tr_encode_view(tr_dyn_builder *b, const tr_cat_view *view) {
    tr_dyn_open_bag(b);
    tr_put_member_text(b, "name", view->name);
    tr_put_member_text(b, "source", view->source);
    tr_put_member_text(b, "query", view->query);
    tr_put_member_text(b, "folder", view->folder);
    tr_put_member_text(b, "docstring", view->docstring);
    tr_put_member_text(b, "state_table", view->state_table);
    tr_put_member_long(b, "sequence", (int64_t)view->sequence);
    tr_put_member_long(b, "run", view->run_ticks);
    tr_put_member_long(b, "enabled", view->is_enabled);
    tr_put_member_text(b, "properties", view->properties);
    tr_dyn_close(b);
}

/* ---- reading ---- */

static trawl_status member(tr_str bag, const char *key, tr_dyn_kind kind, tr_str *out,
                           trawl_error *err) {
    if (!tr_dyn_get(bag, tr_str_c(key), out) || tr_dyn_kind_of(*out) != kind)
        return tr_fail(err, TRAWL_E_DATA,
                       "a value of the catalog is damaged: member '%s' is missing or of another "
                       "kind",
                       key);
    return TRAWL_OK;
}

trawl_status tr_member_text(tr_str bag, const char *key, tr_str *out, trawl_error *err) {
    tr_str v;
    TR_TRY(member(bag, key, TR_DYN_STRING, &v, err));
    *out = tr_dyn_value(v).as.str;
    return TRAWL_OK;
}

trawl_status tr_member_long(tr_str bag, const char *key, int64_t *out, trawl_error *err) {
    tr_str v;
    TR_TRY(member(bag, key, TR_DYN_LONG, &v, err));
    *out = tr_dyn_value(v).as.i64;
    return TRAWL_OK;
}

trawl_status tr_member_count(tr_str bag, const char *key, uint64_t max, uint64_t *out,
                             trawl_error *err) {
    int64_t v;
    TR_TRY(tr_member_long(bag, key, &v, err));
    if (v < 0 || (uint64_t)v > max)
        return tr_fail(err, TRAWL_E_DATA,
                       "a value of the catalog is damaged: member '%s' is %lld, outside 0 .. %llu",
                       key, (long long)v, (unsigned long long)max);
    *out = (uint64_t)v;
    return TRAWL_OK;
}

trawl_status tr_member_guid(tr_str bag, const char *key, tr_guid *out, trawl_error *err) {
    tr_str v;
    TR_TRY(member(bag, key, TR_DYN_GUID, &v, err));
    *out = tr_dyn_value(v).as.guid;
    return TRAWL_OK;
}

trawl_status tr_member_array(tr_str bag, const char *key, tr_str *out, trawl_error *err) {
    return member(bag, key, TR_DYN_ARRAY, out, err);
}

trawl_status tr_member_bag(tr_str bag, const char *key, tr_str *out, trawl_error *err) {
    return member(bag, key, TR_DYN_BAG, out, err);
}

trawl_status tr_member_texts(tr_str bag, const char *key, tr_arena *arena, const tr_str **out,
                             uint32_t *count, trawl_error *err) {
    tr_str array;
    TR_TRY(tr_member_array(bag, key, &array, err));
    uint32_t n = tr_dyn_count(array);
    tr_str *texts = TR_NEW_N(arena, tr_str, (size_t)n + 1);
    if (!texts)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++) {
        tr_str v = tr_dyn_at(array, i);
        if (tr_dyn_kind_of(v) != TR_DYN_STRING)
            return tr_fail(err, TRAWL_E_DATA,
                           "a value of the catalog is damaged: '%s' holds what is no text", key);
        texts[i] = tr_dyn_value(v).as.str;
    }
    *out = texts;
    *count = n;
    return TRAWL_OK;
}

static trawl_status member_flag(tr_str bag, const char *key, bool *out, trawl_error *err) {
    uint64_t v;
    TR_TRY(tr_member_count(bag, key, 1, &v, err));
    *out = v != 0;
    return TRAWL_OK;
}

static trawl_status member_u32(tr_str bag, const char *key, uint32_t *out, trawl_error *err) {
    uint64_t v;
    TR_TRY(tr_member_count(bag, key, UINT32_MAX, &v, err));
    *out = (uint32_t)v;
    return TRAWL_OK;
}

static trawl_status entry_list(tr_str bag, const char *key, tr_arena *arena, tr_cat_entries *out,
                               trawl_error *err) {
    tr_str array;
    TR_TRY(tr_member_array(bag, key, &array, err));
    uint32_t n = tr_dyn_count(array);
    tr_cat_entry *entries = TR_NEW_N(arena, tr_cat_entry, (size_t)n + 1);
    if (!entries)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++) {
        tr_str v = tr_dyn_at(array, i);
        TR_TRY(tr_member_text(v, "kind", &entries[i].kind, err));
        TR_TRY(tr_member_text(v, "name", &entries[i].name, err));
        TR_TRY(tr_member_text(v, "text", &entries[i].text, err));
        TR_TRY(tr_member_long(v, "changed", &entries[i].changed_ticks, err));
    }
    *out = (tr_cat_entries){n, entries};
    return TRAWL_OK;
}

trawl_status tr_decode_entries(tr_str bag, tr_arena *arena, tr_cat_entries *policies,
                               tr_cat_entries *mappings, trawl_error *err) {
    TR_TRY(entry_list(bag, "policies", arena, policies, err));
    return entry_list(bag, "mappings", arena, mappings, err);
}

static trawl_status decode_columns(tr_str bag, tr_arena *arena, tr_cat_table *out,
                                   trawl_error *err) {
    tr_str array;
    TR_TRY(tr_member_array(bag, "columns", &array, err));
    uint32_t n = tr_dyn_count(array);
    tr_cat_column *columns = TR_NEW_N(arena, tr_cat_column, (size_t)n + 1);
    if (!columns)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++) {
        tr_str v = tr_dyn_at(array, i), type;
        TR_TRY(member_u32(v, "id", &columns[i].id, err));
        TR_TRY(tr_member_text(v, "name", &columns[i].name, err));
        TR_TRY(tr_member_text(v, "type", &type, err));
        TR_TRY(tr_member_text(v, "docstring", &columns[i].docstring, err));
        columns[i].type = tr_type_of_name(type);
        if (columns[i].type == TR_NONE)
            return tr_fail(err, TRAWL_E_DATA,
                           "a value of the catalog is damaged: column '%.*s' "
                           "has no type",
                           (int)columns[i].name.len, columns[i].name.ptr);
    }
    out->columns = columns;
    out->column_count = n;
    return TRAWL_OK;
}

trawl_status tr_decode_table(tr_str bag, tr_arena *arena, tr_cat_table *out, trawl_error *err) {
    tr_cat_table table = {.extent_count = 0};
    TR_TRY(tr_member_guid(bag, "id", &table.id, err));
    TR_TRY(tr_member_text(bag, "name", &table.name, err));
    TR_TRY(tr_member_text(bag, "folder", &table.folder, err));
    TR_TRY(tr_member_text(bag, "docstring", &table.docstring, err));
    TR_TRY(member_flag(bag, "hidden", &table.hidden, err));
    TR_TRY(member_u32(bag, "next_column", &table.next_column_id, err));
    TR_TRY(decode_columns(bag, arena, &table, err));
    TR_TRY(tr_decode_entries(bag, arena, &table.policies, &table.mappings, err));
    *out = table;
    return TRAWL_OK;
}

static trawl_status decode_ids(tr_str bag, tr_arena *arena, tr_cat_extent *out, trawl_error *err) {
    tr_str array;
    TR_TRY(tr_member_array(bag, "columns", &array, err));
    uint32_t n = tr_dyn_count(array);
    uint32_t *ids = TR_NEW_N(arena, uint32_t, (size_t)n + 1);
    if (!ids)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++) {
        tr_str v = tr_dyn_at(array, i);
        int64_t id = tr_dyn_kind_of(v) == TR_DYN_LONG ? tr_dyn_value(v).as.i64 : -1;
        if (id < 0 || id > UINT32_MAX)
            return tr_fail(err, TRAWL_E_DATA,
                           "a value of the catalog is damaged: an extent's column has no number");
        ids[i] = (uint32_t)id;
    }
    out->column_ids = ids;
    out->column_count = n;
    return TRAWL_OK;
}

trawl_status tr_decode_extent(tr_str bag, tr_arena *arena, tr_cat_extent *out, trawl_error *err) {
    tr_cat_extent e = {.tag_count = 0};
    TR_TRY(tr_member_guid(bag, "id", &e.id, err));
    TR_TRY(tr_member_count(bag, "rows", ROWS_MAX, &e.row_count, err));
    TR_TRY(tr_member_count(bag, "deleted", e.row_count, &e.deleted_count, err));
    TR_TRY(tr_member_guid(bag, "deletion", &e.deletion_id, err));
    TR_TRY(tr_member_count(bag, "raw_bytes", INT64_MAX, &e.raw_bytes, err));
    TR_TRY(tr_member_count(bag, "file_bytes", INT64_MAX, &e.file_bytes, err));
    TR_TRY(tr_member_count(bag, "index_bytes", INT64_MAX, &e.index_bytes, err));
    TR_TRY(tr_member_long(bag, "created", &e.created_ticks, err));
    TR_TRY(tr_member_long(bag, "created_last", &e.created_last_ticks, err));
    TR_TRY(tr_member_count(bag, "sequence", INT64_MAX, &e.sequence, err));
    TR_TRY(tr_member_texts(bag, "tags", arena, &e.tags, &e.tag_count, err));
    TR_TRY(decode_ids(bag, arena, &e, err));
    *out = e;
    return TRAWL_OK;
}

trawl_status tr_decode_function(tr_str bag, tr_cat_function *out, trawl_error *err) {
    tr_cat_function f = {.is_view = false};
    TR_TRY(tr_member_text(bag, "name", &f.name, err));
    TR_TRY(tr_member_text(bag, "parameters", &f.parameters, err));
    TR_TRY(tr_member_text(bag, "body", &f.body, err));
    TR_TRY(tr_member_text(bag, "folder", &f.folder, err));
    TR_TRY(tr_member_text(bag, "docstring", &f.docstring, err));
    TR_TRY(member_flag(bag, "view", &f.is_view, err));
    *out = f;
    return TRAWL_OK;
}

trawl_status tr_decode_view(tr_str bag, tr_cat_view *out, trawl_error *err) {
    tr_cat_view v = {.sequence = 0};
    TR_TRY(tr_member_text(bag, "name", &v.name, err));
    TR_TRY(tr_member_text(bag, "source", &v.source, err));
    TR_TRY(tr_member_text(bag, "query", &v.query, err));
    TR_TRY(tr_member_text(bag, "folder", &v.folder, err));
    TR_TRY(tr_member_text(bag, "docstring", &v.docstring, err));
    TR_TRY(tr_member_text(bag, "state_table", &v.state_table, err));
    TR_TRY(tr_member_count(bag, "sequence", INT64_MAX, &v.sequence, err));
    TR_TRY(tr_member_long(bag, "run", &v.run_ticks, err));
    TR_TRY(member_flag(bag, "enabled", &v.is_enabled, err));
    TR_TRY(tr_member_text(bag, "properties", &v.properties, err));
    *out = v;
    return TRAWL_OK;
}

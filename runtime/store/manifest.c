/* runtime/store/manifest.c: a state as a file of records: the catalog, rows in memory, keys. */
#include "runtime/base/os.h"
#include "runtime/store/catalog_codec.h"
#include "runtime/store/load.h"
#include "runtime/store/rows_codec.h"
#include "runtime/store/step.h"

enum { KEYS_IN_RECORD = 10000 };

/* ---- writing ---- */

typedef struct writer {
    int64_t file;
    const char *path;
    const tr_log_head *head;
    uint64_t offset, count;
    tr_arena *local; /* emptied after each record */
} writer;

/* buf: room for a record's head, then the payload. */
static trawl_status write_record(writer *w, tr_record_kind kind, tr_buf *buf, trawl_error *err) {
    static const char zeros[8];
    uint64_t bytes = buf->n - TR_RECORD_HEAD_BYTES;
    if (!tr_buf_put(buf, zeros, -buf->n & 7))
        return tr_fail_memory(err);
    if (bytes > TR_RECORD_BYTES_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "a record of '%s' is larger than %u MiB", w->path,
                       TR_RECORD_BYTES_MAX >> 20);
    tr_record record = {.offset = w->offset,
                        .sequence = w->count++,
                        .ticks = w->head->ticks,
                        .synced = 0,
                        .kind = kind,
                        .bytes = (uint32_t)bytes};
    tr_record_seal(buf->bytes, w->head->salt, &record);
    int64_t code = tr_write_all(w->file, buf->bytes, buf->n, w->offset);
    if (code < 0)
        return tr_fail_os(err, code, "write", w->path);
    w->offset += buf->n;
    tr_arena_reset(w->local);
    return TRAWL_OK;
}

static trawl_status start_record(writer *w, tr_buf *buf, trawl_error *err) {
    static const char zeros[TR_RECORD_HEAD_BYTES];
    tr_buf_start(buf, w->local);
    return tr_buf_put(buf, zeros, sizeof zeros) ? TRAWL_OK : tr_fail_memory(err);
}

/* A value alone, or (rows follow) with its length before it and zeros after it. */
static trawl_status put_value(tr_dyn_builder *b, bool rows, tr_buf *buf, trawl_error *err) {
    static const char zeros[8];
    tr_str value;
    TR_TRY(tr_dyn_finish(b, &value, err));
    if ((rows && !tr_buf_put(buf, &value.len, 4)) || !tr_buf_put_str(buf, value) ||
        (rows && !tr_buf_put(buf, zeros, -buf->n & 7)))
        return tr_fail_memory(err);
    return TRAWL_OK;
}

static void encode_dropped(tr_dyn_builder *b, const tr_dropped *dropped, uint32_t count) {
    tr_put_key(b, "dropped");
    tr_dyn_open_array(b);
    for (uint32_t i = 0; i < count; i++) {
        tr_dyn_open_bag(b);
        tr_put_member_guid(b, "id", dropped[i].id);
        tr_put_member_long(b, "rows", dropped[i].rows);
        tr_put_member_long(b, "sequence", (int64_t)dropped[i].sequence);
        tr_put_member_long(b, "ticks", dropped[i].ticks);
        tr_dyn_close(b);
    }
    tr_dyn_close(b);
}

static trawl_status write_state(writer *w, const tr_catalog *cat, const tr_dropped *dropped,
                                uint32_t dropped_count, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(w->local, tr_dyn_builder);
    tr_buf buf;
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, w->local);
    tr_dyn_open_bag(b);
    tr_put_member_guid(b, "database", cat->database_id);
    tr_put_member_text(b, "pretty_name", cat->pretty_name);
    tr_put_member_long(b, "sequence", (int64_t)cat->sequence);
    tr_put_member_long(b, "ticks", cat->ticks);
    tr_encode_entries(b, &cat->policies, &cat->mappings);
    tr_put_key(b, "tables");
    tr_dyn_open_array(b);
    for (uint32_t i = 0; i < cat->table_count; i++)
        tr_encode_table(b, cat->tables[i], true);
    tr_dyn_close(b);
    tr_put_key(b, "functions");
    tr_dyn_open_array(b);
    for (uint32_t i = 0; i < cat->function_count; i++)
        tr_encode_function(b, cat->functions[i]);
    tr_dyn_close(b);
    tr_put_key(b, "views");
    tr_dyn_open_array(b);
    for (uint32_t i = 0; i < cat->view_count; i++)
        tr_encode_view(b, cat->views[i]);
    tr_dyn_close(b);
    encode_dropped(b, dropped, dropped_count);
    tr_dyn_close(b);
    TR_TRY(start_record(w, &buf, err));
    TR_TRY(put_value(b, false, &buf, err));
    return write_record(w, TR_RECORD_STATE, &buf, err);
}

static trawl_status write_part(writer *w, tr_str table, const tr_part *part, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(w->local, tr_dyn_builder);
    tr_buf buf;
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, w->local);
    tr_dyn_open_bag(b);
    tr_put_member_text(b, "table", table);
    tr_put_texts(b, "tags", part->tags, part->tag_count);
    tr_put_key(b, "runs");
    tr_dyn_open_array(b);
    for (uint32_t i = 0; i < part->run_count; i++) {
        tr_dyn_open_array(b);
        tr_dyn_put_long(b, (int64_t)part->runs[i].row_end);
        tr_dyn_put_long(b, (int64_t)part->runs[i].sequence);
        tr_dyn_put_long(b, part->runs[i].ticks);
        tr_dyn_close(b);
    }
    tr_dyn_close(b);
    tr_dyn_close(b);
    TR_TRY(start_record(w, &buf, err));
    TR_TRY(put_value(b, true, &buf, err));
    TR_TRY(tr_rows_encode(&part->rows, part->ids, &buf, err));
    return write_record(w, TR_RECORD_ROWS, &buf, err);
}

static trawl_status write_keys(writer *w, const tr_key *keys, uint32_t count, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(w->local, tr_dyn_builder);
    tr_buf buf;
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, w->local);
    tr_dyn_open_array(b);
    for (uint32_t i = 0; i < count; i++) {
        tr_dyn_open_array(b);
        tr_dyn_put_string(b, keys[i].text);
        tr_dyn_put_long(b, (int64_t)keys[i].sequence);
        tr_dyn_put_long(b, keys[i].ticks);
        tr_dyn_close(b);
    }
    tr_dyn_close(b);
    TR_TRY(start_record(w, &buf, err));
    TR_TRY(put_value(b, false, &buf, err));
    return write_record(w, TR_RECORD_KEYS, &buf, err);
}

static trawl_status write_all_keys(writer *w, tr_keys *keys, trawl_error *err) {
    tr_arena *arena = tr_arena_new(NULL);
    const tr_key *list = NULL;
    uint32_t count = 0;
    trawl_status status =
        arena ? tr_keys_list(keys, arena, w->head->ticks, &list, &count, err) : tr_fail_memory(err);
    for (uint32_t i = 0; status == TRAWL_OK && i < count; i += KEYS_IN_RECORD)
        status =
            write_keys(w, list + i, count - i < KEYS_IN_RECORD ? count - i : KEYS_IN_RECORD, err);
    tr_arena_free(arena);
    return status;
}

static trawl_status write_records(writer *w, const tr_snapshot *state, const tr_dropped *dropped,
                                  uint32_t dropped_count, tr_keys *keys, trawl_error *err) {
    char head[TR_LOG_HEAD_BYTES];
    tr_buf buf;
    tr_log_head_put(head, TR_MANIFEST_MAGIC, w->head);
    int64_t code = tr_write_all(w->file, head, sizeof head, 0);
    if (code < 0)
        return tr_fail_os(err, code, "write", w->path);
    TR_TRY(write_state(w, &state->catalog, dropped, dropped_count, err));
    for (uint32_t t = 0; t < state->catalog.table_count; t++)
        for (uint32_t i = 0; i < state->tables[t]->part_count; i++)
            TR_TRY(write_part(w, state->tables[t]->cat.name, state->tables[t]->parts[i], err));
    TR_TRY(write_all_keys(w, keys, err));
    TR_TRY(start_record(w, &buf, err));
    TR_TRY(write_record(w, TR_RECORD_END, &buf, err));
    code = tr_os_now()->fsync(w->file);
    return code < 0 ? tr_fail_os(err, code, "sync", w->path) : TRAWL_OK;
}

trawl_status tr_manifest_write(const char *path, const tr_log_head *head, const tr_snapshot *state,
                               const tr_dropped *dropped, uint32_t dropped_count, tr_keys *keys,
                               trawl_error *err) {
    tr_os_now()->unlink(path); /* of an earlier try */
    writer w = {.path = path, .head = head, .offset = TR_LOG_HEAD_BYTES};
    w.file = tr_open_again(path, TR_OS_WRITE | TR_OS_CREATE | TR_OS_EXCLUSIVE);
    if (w.file < 0)
        return tr_fail_os(err, w.file, "create", path);
    w.local = tr_arena_new(NULL);
    trawl_status status =
        w.local ? write_records(&w, state, dropped, dropped_count, keys, err) : tr_fail_memory(err);
    tr_arena_free(w.local);
    tr_os_now()->close(w.file);
    if (status != TRAWL_OK)
        tr_os_now()->unlink(path);
    return status;
}

/* ---- reading ---- */

static trawl_status fail_value(trawl_error *err, const char *what) {
    return tr_fail(err, TRAWL_E_DATA, "%s", what);
}

static trawl_status read_table(tr_draft *draft, tr_str bag, tr_arena *scratch, trawl_error *err) {
    tr_cat_table cat;
    tr_str bags;
    TR_TRY(tr_decode_table(bag, scratch, &cat, err));
    TR_TRY(tr_member_array(bag, "extents", &bags, err));
    if (tr_draft_table(draft, cat.name) >= 0)
        return fail_value(err, "two tables have the same name");
    uint32_t count = tr_dyn_count(bags), n = 0;
    tr_extent_piece **extents = TR_NEW_N(scratch, tr_extent_piece *, (size_t)count + 1);
    tr_meta *meta = NULL;
    tr_extent_list *list = NULL;
    tr_table_piece *table = NULL;
    trawl_status status = extents ? tr_meta_new(&cat, &meta, err) : tr_fail_memory(err);
    for (uint32_t i = 0; status == TRAWL_OK && i < count; i++) {
        tr_cat_extent extent;
        status = tr_decode_extent(tr_dyn_at(bags, i), scratch, &extent, err);
        if (status == TRAWL_OK)
            status = tr_extent_piece_new(draft->files, &extent, NULL, NULL, &extents[n], err);
        n += status == TRAWL_OK;
    }
    if (status == TRAWL_OK)
        status = tr_extent_list_new(meta, extents, n, &list, err);
    if (status == TRAWL_OK)
        status = tr_table_piece_new(meta, list, NULL, 0, &table, err);
    if (status == TRAWL_OK)
        status = tr_draft_put_table(draft, table, err);
    if (status != TRAWL_OK)
        tr_table_piece_drop(table);
    tr_extent_list_drop(list);
    tr_meta_drop(meta);
    for (uint32_t i = 0; i < n; i++)
        tr_extent_piece_drop(extents[i]);
    return status;
}

static trawl_status read_functions(tr_draft *draft, tr_str bags, trawl_error *err) {
    for (uint32_t i = 0; i < tr_dyn_count(bags); i++) {
        tr_cat_function cat;
        tr_function_piece *function;
        TR_TRY(tr_decode_function(tr_dyn_at(bags, i), &cat, err));
        TR_TRY(tr_function_piece_new(&cat, &function, err));
        trawl_status status = tr_draft_put_function(draft, function, err);
        if (status != TRAWL_OK) {
            tr_function_piece_drop(function);
            return status;
        }
    }
    return TRAWL_OK;
}

static trawl_status read_views(tr_draft *draft, tr_str bags, trawl_error *err) {
    for (uint32_t i = 0; i < tr_dyn_count(bags); i++) {
        tr_cat_view cat;
        tr_view_piece *view;
        TR_TRY(tr_decode_view(tr_dyn_at(bags, i), &cat, err));
        TR_TRY(tr_view_piece_new(&cat, &view, err));
        trawl_status status = tr_draft_put_view(draft, view, err);
        if (status != TRAWL_OK) {
            tr_view_piece_drop(view);
            return status;
        }
    }
    return TRAWL_OK;
}

static trawl_status read_dropped(tr_draft *draft, tr_str bags, trawl_error *err) {
    uint64_t sequence = draft->sequence;
    int64_t ticks = draft->ticks;
    for (uint32_t i = 0; i < tr_dyn_count(bags); i++) {
        tr_str bag = tr_dyn_at(bags, i);
        tr_guid id;
        uint64_t rows;
        TR_TRY(tr_member_guid(bag, "id", &id, err));
        TR_TRY(tr_member_count(bag, "rows", 1, &rows, err));
        TR_TRY(tr_member_count(bag, "sequence", INT64_MAX, &draft->sequence, err));
        TR_TRY(tr_member_long(bag, "ticks", &draft->ticks, err));
        TR_TRY(tr_draft_drop_file(draft, id, rows != 0, err));
    }
    draft->sequence = sequence;
    draft->ticks = ticks;
    return TRAWL_OK;
}

static trawl_status read_state(tr_draft *draft, const tr_record *record, tr_arena *scratch,
                               trawl_error *err) {
    tr_str bag = tr_str_make(record->payload, record->bytes), array, pretty;
    if (!tr_dyn_check(bag))
        return fail_value(err, "the catalog is not a well formed value");
    tr_cat_entries policies, mappings;
    TR_TRY(tr_member_guid(bag, "database", &draft->database_id, err));
    TR_TRY(tr_member_text(bag, "pretty_name", &pretty, err));
    TR_TRY(tr_member_count(bag, "sequence", INT64_MAX, &draft->sequence, err));
    TR_TRY(tr_member_long(bag, "ticks", &draft->ticks, err));
    const char *text = tr_arena_text(draft->arena, pretty.ptr, pretty.len);
    if (!text)
        return tr_fail_memory(err);
    draft->pretty_name = tr_str_make(text, pretty.len);
    TR_TRY(tr_decode_entries(bag, scratch, &policies, &mappings, err));
    tr_entries_piece *entries;
    TR_TRY(tr_entries_piece_new(&policies, &mappings, &entries, err));
    tr_entries_piece_drop(draft->entries);
    draft->entries = entries;
    TR_TRY(tr_member_array(bag, "tables", &array, err));
    for (uint32_t i = 0; i < tr_dyn_count(array); i++)
        TR_TRY(read_table(draft, tr_dyn_at(array, i), scratch, err));
    TR_TRY(tr_member_array(bag, "functions", &array, err));
    TR_TRY(read_functions(draft, array, err));
    TR_TRY(tr_member_array(bag, "views", &array, err));
    TR_TRY(read_views(draft, array, err));
    TR_TRY(tr_member_array(bag, "dropped", &array, err));
    return read_dropped(draft, array, err);
}

/* [row end, sequence, ticks] each, ends and sequences ascending. */
static trawl_status read_runs(tr_str bag, tr_arena *scratch, tr_rows_run **out, uint32_t *count,
                              trawl_error *err) {
    tr_str array;
    TR_TRY(tr_member_array(bag, "runs", &array, err));
    uint32_t n = tr_dyn_count(array);
    tr_rows_run *runs = TR_NEW_N(scratch, tr_rows_run, (size_t)n + 1);
    if (!runs)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++) {
        tr_str v = tr_dyn_at(array, i);
        int64_t numbers[3];
        for (uint32_t k = 0; k < 3; k++) {
            tr_str number;
            if (!tr_dyn_index(v, k, &number) || tr_dyn_kind_of(number) != TR_DYN_LONG)
                return fail_value(err, "a run of rows is not three numbers");
            numbers[k] = tr_dyn_value(number).as.i64;
        }
        runs[i] = (tr_rows_run){(uint64_t)numbers[0], (uint64_t)numbers[1], numbers[2]};
        if (numbers[0] <= 0 || numbers[1] < 0 ||
            (i &&
             (runs[i].row_end <= runs[i - 1].row_end || runs[i].sequence < runs[i - 1].sequence)))
            return fail_value(err, "runs of rows do not ascend");
    }
    *out = runs;
    *count = n;
    return TRAWL_OK;
}

static trawl_status add_part(tr_draft *draft, uint32_t at, tr_part *part, tr_arena *scratch,
                             trawl_error *err) {
    const tr_table_piece *old = draft->tables[at];
    tr_part **parts = TR_NEW_N(scratch, tr_part *, (size_t)old->part_count + 1);
    if (!parts)
        return tr_fail_memory(err);
    if (old->part_count)
        memcpy(parts, old->parts, old->part_count * sizeof *parts);
    parts[old->part_count] = part;
    tr_table_piece *table;
    TR_TRY(tr_table_with_parts(old, parts, old->part_count + 1, &table, err));
    trawl_status status = tr_draft_put_table(draft, table, err);
    if (status != TRAWL_OK)
        tr_table_piece_drop(table);
    return status;
}

static trawl_status read_part(tr_draft *draft, const tr_record *record, tr_arena *scratch,
                              trawl_error *err) {
    tr_str bag, name;
    tr_step_rows rows;
    const tr_str *tags;
    tr_rows_run *runs;
    uint32_t tag_count, run_count;
    TR_TRY(tr_payload_open(record->payload, record->bytes, &bag, &rows, err));
    TR_TRY(tr_member_text(bag, "table", &name, err));
    TR_TRY(tr_member_texts(bag, "tags", scratch, &tags, &tag_count, err));
    TR_TRY(read_runs(bag, scratch, &runs, &run_count, err));
    int32_t at = tr_draft_table(draft, name);
    if (at < 0)
        return fail_value(err, "rows belong to no table");
    tr_part *part;
    TR_TRY(tr_part_decode(rows.bytes, rows.left, runs, run_count, tags, tag_count, &part, err));
    trawl_status status = TRAWL_OK;
    if (!run_count || runs[run_count - 1].row_end != part->rows.row_count)
        status = fail_value(err, "runs of rows do not end with the rows");
    if (status == TRAWL_OK)
        status = tr_part_fits(part, draft->tables[at]->meta, err);
    if (status == TRAWL_OK)
        status = add_part(draft, (uint32_t)at, part, scratch, err);
    tr_part_drop(part);
    return status;
}

static trawl_status read_keys(tr_keys *keys, const tr_record *record, trawl_error *err) {
    tr_str array = tr_str_make(record->payload, record->bytes);
    if (!keys)
        return TRAWL_OK;
    if (!tr_dyn_check(array))
        return fail_value(err, "the keys are not a well formed value");
    for (uint32_t i = 0; i < tr_dyn_count(array); i++) {
        tr_str v = tr_dyn_at(array, i), text, sequence, ticks;
        if (!tr_dyn_index(v, 0, &text) || tr_dyn_kind_of(text) != TR_DYN_STRING ||
            !tr_dyn_index(v, 1, &sequence) || tr_dyn_kind_of(sequence) != TR_DYN_LONG ||
            !tr_dyn_index(v, 2, &ticks) || tr_dyn_kind_of(ticks) != TR_DYN_LONG)
            return fail_value(err, "a key is not a text and two numbers");
        tr_str key = tr_dyn_value(text).as.str;
        TR_TRY(tr_keys_reserve(keys, key, err));
        tr_keys_put(keys, key, (uint64_t)tr_dyn_value(sequence).as.i64, tr_dyn_value(ticks).as.i64);
    }
    return TRAWL_OK;
}

static trawl_status read_record(const tr_load_options *options, tr_draft *draft,
                                const tr_record *record, uint64_t number, tr_arena *scratch,
                                trawl_error *err) {
    if (record->sequence != number || (number == 0) != (record->kind == TR_RECORD_STATE))
        return fail_value(err, "its records are out of order");
    switch (record->kind) {
    case TR_RECORD_STATE: return read_state(draft, record, scratch, err);
    case TR_RECORD_ROWS: return read_part(draft, record, scratch, err);
    case TR_RECORD_KEYS: return read_keys(options->keys, record, err);
    case TR_RECORD_END: return TRAWL_OK;
    case TR_RECORD_CHANGE:
    case TR_RECORD_MARK: break;
    }
    return fail_value(err, "a record has a kind that belongs in logs");
}

static trawl_status read_records(const tr_load_options *options, tr_log_reader *reader,
                                 tr_draft *draft, tr_arena *scratch, trawl_error *err) {
    tr_record record = {.kind = TR_RECORD_STATE};
    for (uint64_t number = 0; record.kind != TR_RECORD_END; number++) {
        bool found;
        trawl_error inner = TRAWL_ERROR_INIT;
        tr_arena_reset(scratch);
        TR_TRY(tr_log_reader_next(reader, &record, &found, err));
        trawl_status status = found ? read_record(options, draft, &record, number, scratch, &inner)
                                    : fail_value(&inner, "a record is not whole");
        if (status == TRAWL_E_DATA || status == TRAWL_E_SEMANTIC)
            return tr_fail(err, TRAWL_E_DATA, "'%s' is damaged at offset %llu: %s", reader->path,
                           (unsigned long long)(found ? record.offset : reader->offset),
                           inner.message);
        if (status != TRAWL_OK)
            return tr_fail(err, status, "%s", inner.message);
    }
    if (draft->sequence == reader->head.sequence)
        return TRAWL_OK;
    return tr_fail(err, TRAWL_E_DATA, "'%s' is damaged: its head and its catalog differ",
                   reader->path);
}

trawl_status tr_manifest_read(const char *path, const tr_load_options *options, tr_draft *draft,
                              trawl_error *err) {
    tr_log_reader reader;
    bool found;
    TR_TRY(tr_log_reader_open(path, TR_MANIFEST_MAGIC, &reader, &found, err));
    if (!found)
        return tr_fail(err, TRAWL_E_DATA, "'%s' is not there", path);
    tr_arena *scratch = tr_arena_new(NULL);
    trawl_status status =
        scratch ? read_records(options, &reader, draft, scratch, err) : tr_fail_memory(err);
    tr_arena_free(scratch);
    tr_log_reader_close(&reader);
    return status;
}

trawl_status tr_manifest_head(const char *path, tr_log_head *out, bool *found, trawl_error *err) {
    tr_log_reader reader;
    TR_TRY(tr_log_reader_open(path, TR_MANIFEST_MAGIC, &reader, found, err));
    *out = reader.head;
    tr_log_reader_close(&reader);
    return TRAWL_OK;
}

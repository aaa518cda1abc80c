/* runtime/api/sidecar.c: files in place, kept a second time as extents beside them: reading. */
#include "runtime/api/sidecar_parts.h"

#include "kernels/kernels.h"
#include "runtime/base/os.h"
#include "runtime/data/dynamic.h"

enum { END_BYTES = 64 << 10, LIST_BYTES_MAX = 64 << 20 };

/* ---- where it lies ---- */

trawl_status tr_sidecar_paths(tr_arena *arena, const tr_table *table, tr_sidecar *out,
                              trawl_error *err) {
    const char *first = tr_format_file(table, 0);
    const char *slash = strrchr(first, '/');
    out->base_bytes = slash ? (size_t)(slash - first) + 1 : 0;
    out->folder = tr_arena_printf(arena, "%.*s.trawl", (int)out->base_bytes, first);
    out->list = tr_arena_printf(arena, "%.*s.trawl/%.*s.json", (int)out->base_bytes, first,
                                (int)table->name.len, table->name.ptr);
    out->base = first;
    return out->folder && out->list ? TRAWL_OK : tr_fail_memory(err);
}

const char *tr_sidecar_name(const tr_sidecar *s, const char *path) {
    return strncmp(path, s->base, s->base_bytes) == 0 ? path + s->base_bytes : path;
}

/* ---- is a file what it was? ---- */

static bool add_end(int64_t file, uint64_t offset, size_t n, char *into, uint32_t *crc) {
    for (size_t done = 0; done < n;) {
        int64_t got = tr_os_now()->pread(file, into + done, n - done, offset + done);
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    *crc = tr_kernels_now()->checksum.crc32c(into, n, *crc);
    return true;
}

bool tr_sidecar_look(const char *path, tr_arena *scratch, tr_sidecar_file *out) {
    const tr_os *os = tr_os_now();
    tr_file_info info;
    char *bytes = tr_arena_alloc(scratch, END_BYTES, 64);
    int64_t file = bytes ? os->open(path, TR_OS_READ) : -1;
    if (file < 0)
        return false;
    bool known = os->file_info(file, &info) >= 0 && info.is_regular;
    if (known) {
        size_t n = info.bytes < END_BYTES ? (size_t)info.bytes : END_BYTES;
        *out = (tr_sidecar_file){path, info.bytes, info.modified_ns, 0};
        known = add_end(file, 0, n, bytes, &out->crc) &&
                add_end(file, info.bytes - n, n, bytes, &out->crc);
    }
    os->close(file);
    return known;
}

static bool same_file(const tr_sidecar_file *a, const tr_sidecar_file *b) {
    return a->bytes == b->bytes && a->modified_ns == b->modified_ns && a->crc == b->crc;
}

/* ---- the list ---- */

static bool read_whole(const char *path, tr_arena *arena, tr_buf *out) {
    const tr_os *os = tr_os_now();
    int64_t file = os->open(path, TR_OS_READ), n = 1;
    tr_buf_start(out, arena);
    if (file < 0)
        return false;
    while (n > 0 && out->n < LIST_BYTES_MAX) {
        char *at = tr_buf_need(out, 65536);
        n = at ? os->read(file, at, 65536) : -1;
        out->n += n > 0 ? (size_t)n : 0;
    }
    os->close(file);
    return n == 0;
}

static bool member_long(tr_str bag, const char *key, int64_t *out) {
    tr_str member;
    if (!tr_dyn_get(bag, tr_str_c(key), &member) || tr_dyn_kind_of(member) != TR_DYN_LONG)
        return false;
    *out = tr_dyn_value(member).as.i64;
    return true;
}

static const char *member_text(tr_str bag, const char *key, tr_arena *arena) {
    tr_str member;
    if (!tr_dyn_get(bag, tr_str_c(key), &member) || tr_dyn_kind_of(member) != TR_DYN_STRING)
        return NULL;
    tr_str text = tr_dyn_value(member).as.str;
    return memchr(text.ptr, 0, text.len) ? NULL : tr_arena_text(arena, text.ptr, text.len);
}

static bool member_list(tr_str bag, const char *key, tr_str *out) {
    return tr_dyn_get(bag, tr_str_c(key), out) && tr_dyn_kind_of(*out) == TR_DYN_ARRAY;
}

static bool take_files(tr_str list, tr_arena *arena, tr_sidecar_part *part) {
    part->file_count = tr_dyn_count(list);
    part->files = TR_NEW_N(arena, tr_sidecar_file, part->file_count + 1);
    for (uint32_t i = 0; part->files && i < part->file_count; i++) {
        int64_t bytes, modified, crc;
        tr_str file = tr_dyn_at(list, i);
        const char *name = member_text(file, "name", arena);
        if (!name || !member_long(file, "bytes", &bytes) ||
            !member_long(file, "modified", &modified) || !member_long(file, "crc", &crc))
            return false;
        part->files[i] = (tr_sidecar_file){name, (uint64_t)bytes, modified, (uint32_t)crc};
    }
    return part->files && part->file_count;
}

static bool take_part(tr_str bag, const tr_sidecar *s, tr_arena *arena, tr_sidecar_part *part) {
    tr_str files, extents;
    if (!member_list(bag, "files", &files) || !member_list(bag, "extents", &extents) ||
        !take_files(files, arena, part))
        return false;
    part->extent_count = tr_dyn_count(extents);
    part->extents = TR_NEW_N(arena, const char *, part->extent_count + 1);
    for (uint32_t i = 0; part->extents && i < part->extent_count; i++) {
        tr_str name = tr_dyn_at(extents, i);
        if (tr_dyn_kind_of(name) != TR_DYN_STRING)
            return false;
        name = tr_dyn_value(name).as.str;
        if (memchr(name.ptr, '/', name.len) || memchr(name.ptr, 0, name.len))
            return false;
        part->extents[i] = tr_arena_printf(arena, "%s/%.*s", s->folder, (int)name.len, name.ptr);
        if (!part->extents[i])
            return false;
    }
    return part->extents != NULL;
}

static bool same_columns(tr_str list, const tr_schema *schema) {
    if (tr_dyn_count(list) != 2 * schema->count)
        return false;
    for (uint32_t c = 0; c < schema->count; c++) {
        tr_str name = tr_dyn_at(list, 2 * c), type = tr_dyn_at(list, 2 * c + 1);
        if (tr_dyn_kind_of(name) != TR_DYN_STRING || tr_dyn_kind_of(type) != TR_DYN_STRING ||
            !tr_str_equal(tr_dyn_value(name).as.str, schema->fields[c].name) ||
            tr_type_of_name(tr_dyn_value(type).as.str) != schema->fields[c].type)
            return false;
    }
    return true;
}

void tr_sidecar_read(tr_arena *arena, const tr_table *table, tr_sidecar *s) {
    tr_buf text;
    tr_dyn_builder builder;
    tr_str list, columns, parts;
    int64_t version;
    s->part_count = 0;
    if (!read_whole(s->list, arena, &text))
        return;
    tr_dyn_start(&builder, arena);
    if (!tr_dyn_parse_json(&builder, text.bytes, text.n, NULL) ||
        tr_dyn_finish(&builder, &list, NULL) != TRAWL_OK ||
        !member_long(list, "version", &version) || version != TR_SIDECAR_VERSION ||
        !member_list(list, "columns", &columns) || !same_columns(columns, &table->schema) ||
        !member_list(list, "parts", &parts))
        return;
    s->parts = TR_NEW_N(arena, tr_sidecar_part, tr_dyn_count(parts) + 1);
    for (uint32_t i = 0; s->parts && i < tr_dyn_count(parts); i++)
        if (take_part(tr_dyn_at(parts, i), s, arena, &s->parts[s->part_count]))
            s->part_count++;
}

/* ---- which parts are true ---- */

static bool is_true(const tr_sidecar *s, const tr_sidecar_part *part, const tr_table *table,
                    uint32_t first, tr_arena *scratch) {
    if (part->file_count > tr_format_file_count(table) - first)
        return false;
    for (uint32_t i = 0; i < part->file_count; i++) {
        const char *path = tr_format_file(table, first + i);
        tr_sidecar_file now;
        tr_arena_mark mark = tr_arena_here(scratch);
        bool same = strcmp(tr_sidecar_name(s, path), part->files[i].path) == 0 &&
                    tr_sidecar_look(path, scratch, &now) && same_file(&now, &part->files[i]);
        tr_arena_release(scratch, mark);
        if (!same)
            return false;
    }
    return true;
}

const tr_sidecar_part *tr_sidecar_find(const tr_sidecar *s, const tr_table *table, uint32_t first,
                                       tr_arena *scratch) {
    const char *name = tr_sidecar_name(s, tr_format_file(table, first));
    for (uint32_t i = 0; i < s->part_count; i++)
        if (strcmp(s->parts[i].files[0].path, name) == 0 &&
            is_true(s, &s->parts[i], table, first, scratch))
            return &s->parts[i];
    return NULL;
}

static trawl_status add_opened(tr_arena *db, const tr_table *table, tr_sidecar_open **opened,
                               trawl_error *err) {
    tr_sidecar_open *one = TR_NEW(db, tr_sidecar_open);
    if (!one) {
        tr_extent_table_close(table);
        return tr_fail_memory(err);
    }
    *one = (tr_sidecar_open){table, *opened};
    *opened = one;
    return TRAWL_OK;
}

/* The table from file `first` on: an extent table, or files up to the next part. */
static trawl_status next_piece(tr_arena *db, const tr_sidecar *s, const tr_table *table,
                               uint32_t *first, tr_sidecar_open **opened, const tr_table **out,
                               trawl_error *err) {
    uint32_t count = tr_format_file_count(table), end = *first;
    const tr_sidecar_part *part = tr_sidecar_find(s, table, end, db);
    if (part && tr_extent_table(db, table->name, &table->schema, part->extents, part->extent_count,
                                out, NULL) == TRAWL_OK) {
        *first += part->file_count;
        return add_opened(db, *out, opened, err);
    }
    do
        end++;
    while (end < count && !tr_sidecar_find(s, table, end, db));
    trawl_status status = tr_format_subset(db, table, *first, end - *first, out, err);
    *first = end;
    return status;
}

trawl_status tr_sidecar_use(tr_arena *db, const tr_table *table, tr_sidecar_open **opened,
                            const tr_table **out, trawl_error *err) {
    uint32_t count = tr_format_file_count(table), piece_count = 0;
    tr_sidecar s;
    tr_file_info info;
    *out = table;
    if (!count)
        return TRAWL_OK;
    TR_TRY(tr_sidecar_paths(db, table, &s, err));
    if (tr_os_now()->info(s.list, &info) < 0)
        return TRAWL_OK;
    tr_sidecar_read(db, table, &s);
    const tr_table **pieces = TR_NEW_N(db, const tr_table *, count + 1);
    if (!pieces)
        return tr_fail_memory(err);
    tr_sidecar_open *before = *opened;
    for (uint32_t first = 0; first < count;)
        TR_TRY(next_piece(db, &s, table, &first, opened, &pieces[piece_count++], err));
    if (*opened == before)
        return TRAWL_OK;
    TR_TRY(tr_table_concat(db, table->name, pieces, piece_count, out, err));
    tr_table *joined = (tr_table *)(uintptr_t)*out;
    joined->description = table->description;
    return TRAWL_OK;
}

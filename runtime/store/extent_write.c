/* runtime/store/extent_write.c: rows become the file of an extent, a row group at a time. */
#include "kernels/kernels.h"
#include "runtime/store/extent_index.h"
#include "runtime/store/terms.h"

/* What rows and encodings of one group need is kept for the next: pages that the system clears
 * anew each time cost more than what is written into them. */
enum { KEPT_BYTES = 192 << 20 };

struct tr_extent_writer {
    tr_arena *arena; /* the writer's whole life */
    tr_arena *group; /* rows of the open group; reset when it is written */
    tr_arena *parts; /* texts of the open page */
    tr_arena *spare; /* encoding of one column */
    tr_extent_options options;
    tr_extent extent; /* what the footer will say */
    uint32_t group_capacity;
    tr_page_builder *columns;   /* [schema.count] */
    tr_column_memory *memories; /* [schema.count] */
    tr_terms_builder **terms;   /* [schema.count], NULL where there is no index */
    uint64_t at;                /* bytes written */
    bool finished;
};

static trawl_status write_all(tr_extent_writer *w, const void *bytes, size_t n, trawl_error *err) {
    const char *from = bytes;
    while (n) {
        int64_t done = tr_os_now()->write(w->extent.file, from, n);
        if (done < 0)
            return tr_fail_os(err, done, "write", w->extent.path);
        from += done;
        n -= (size_t)done;
        w->at += (uint64_t)done;
    }
    return TRAWL_OK;
}

static trawl_status copy_schema(tr_extent_writer *w, const tr_schema *schema, trawl_error *err) {
    tr_field *fields = TR_NEW_N(w->arena, tr_field, schema->count + 1);
    w->columns = TR_NEW_N(w->arena, tr_page_builder, schema->count + 1);
    w->memories = TR_NEW_N(w->arena, tr_column_memory, schema->count + 1);
    w->terms = TR_NEW_N(w->arena, tr_terms_builder *, schema->count + 1);
    w->extent.zones = TR_NEW_N(w->arena, tr_zone, schema->count + 1);
    w->extent.null_counts = TR_NEW_N(w->arena, uint64_t, schema->count + 1);
    if (!fields || !w->columns || !w->memories || !w->terms || !w->extent.zones ||
        !w->extent.null_counts)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < schema->count; c++) {
        tr_str name = schema->fields[c].name;
        char *text = tr_arena_text(w->arena, name.ptr, name.len);
        if (!text)
            return tr_fail_memory(err);
        fields[c] = (tr_field){tr_str_make(text, name.len), schema->fields[c].type};
        w->columns[c].type = fields[c].type;
        w->memories[c].arena = w->arena;
        if (tr_type_is_text(fields[c].type) && !w->options.no_index)
            TR_TRY(tr_terms_builder_new(w->arena, fields[c].type, &w->terms[c], err));
    }
    w->extent.schema = (tr_schema){schema->count, fields};
    return TRAWL_OK;
}

static trawl_status open_file(tr_extent_writer *w, trawl_error *err) {
    char header[TR_EXTENT_HEADER_BYTES];
    int64_t file = tr_os_now()->open(w->extent.path, TR_OS_WRITE | TR_OS_CREATE | TR_OS_EXCLUSIVE);
    if (file < 0)
        return tr_fail_os(err, file, "create", w->extent.path);
    w->extent.file = file;
    tr_extent_put_header(&w->options.id, header);
    return write_all(w, header, sizeof header, err);
}

trawl_status tr_extent_writer_open(tr_budget *budget, const char *path, const tr_schema *schema,
                                   const tr_extent_options *options, tr_extent_writer **out,
                                   trawl_error *err) {
    tr_arena *arena = tr_arena_new(budget);
    tr_extent_writer *w = arena ? TR_NEW(arena, tr_extent_writer) : NULL;
    if (!w) {
        tr_arena_free(arena);
        return tr_fail_memory(err);
    }
    *w = (tr_extent_writer){.arena = arena, .options = *options};
    w->extent = (tr_extent){.arena = arena, .file = -1, .facts.id = options->id};
    w->group = tr_arena_new(budget);
    w->spare = tr_arena_new(budget);
    w->parts = tr_arena_new(budget);
    w->extent.path = tr_arena_text(arena, path, strlen(path));
    trawl_status status = TRAWL_OK;
    if (!w->group || !w->spare || !w->parts || !w->extent.path)
        status = tr_fail_memory(err);
    if (status == TRAWL_OK) {
        tr_arena_keep(w->group, KEPT_BYTES);
        tr_arena_keep(w->spare, KEPT_BYTES);
        status = copy_schema(w, schema, err);
    }
    if (status == TRAWL_OK)
        status = open_file(w, err);
    if (status != TRAWL_OK) {
        tr_extent_writer_close(w);
        return status;
    }
    *out = w;
    return TRAWL_OK;
}

/* ---- writing a group ---- */

static uint64_t raw_bytes(const tr_vec *page, uint32_t n) {
    if (!tr_type_is_text(page->type))
        return (uint64_t)n * (page->type == TR_BOOL ? 1 : tr_type_bytes(page->type));
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < n; i++)
        bytes += tr_vec_str(page)[i].len;
    return bytes;
}

static uint32_t count_nulls(const tr_vec *page, uint32_t n) {
    uint32_t valid = 0;
    if (!page->valid)
        return 0;
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++) {
        uint64_t bits = page->valid[w];
        if (w == n / 64)
            bits &= (UINT64_C(1) << (n & 63)) - 1;
        valid += (uint32_t)__builtin_popcountll(bits);
    }
    return n - valid;
}

static trawl_status write_column(tr_extent_writer *w, tr_group_column *to,
                                 const tr_encoded *encoded, trawl_error *err) {
    tr_buf head;
    tr_buf_start(&head, w->spare);
    for (uint32_t p = 0; p < encoded->page_count; p++)
        tr_put_u32(&head, encoded->pages[p].len);
    for (uint32_t p = 0; p < encoded->page_count; p++)
        tr_put_u32(&head, tr_extent_crc(encoded->pages[p].ptr, encoded->pages[p].len));
    tr_buf_put(&head, encoded->head.ptr, encoded->head.len);
    if (head.failed)
        return tr_fail_memory(err);
    to->codec = encoded->codec;
    to->head = (tr_block){w->at, (uint32_t)head.n, tr_extent_crc(head.bytes, head.n)};
    TR_TRY(write_all(w, head.bytes, head.n, err));
    uint64_t pages_at = w->at;
    for (uint32_t p = 0; p < encoded->page_count; p++)
        TR_TRY(write_all(w, encoded->pages[p].ptr, encoded->pages[p].len, err));
    to->pages_bytes = w->at - pages_at;
    return TRAWL_OK;
}

/* The footer keeps zones longer than the group's rows live. */
static trawl_status keep_zone(tr_extent_writer *w, const tr_zone *zone, tr_zone *to,
                              trawl_error *err) {
    *to = *zone;
    tr_value *ends[] = {&to->low, &to->high};
    for (int i = 0; i < 2; i++) {
        if (!tr_type_is_text(ends[i]->type) || ends[i]->is_null)
            continue;
        tr_str s = ends[i]->as.str;
        char *text = tr_arena_text(w->arena, s.ptr, s.len);
        if (!text)
            return tr_fail_memory(err);
        ends[i]->as.str = tr_str_make(text, s.len);
    }
    return TRAWL_OK;
}

static trawl_status write_index(tr_extent_writer *w, uint32_t c, uint32_t rows, tr_group_column *to,
                                trawl_error *err) {
    const tr_page_builder *b = &w->columns[c];
    tr_buf index;
    tr_buf_start(&index, w->spare);
    for (uint32_t p = 0; p < b->page_count; p++)
        TR_TRY(tr_terms_add_page(w->terms[c], p, &b->pages[p], tr_page_rows(rows, p), err));
    TR_TRY(tr_terms_finish(w->terms[c], &index, err));
    if (index.failed)
        return tr_fail_memory(err);
    TR_TRY(tr_extent_seal_index(&index, err));
    to->index = (tr_block){w->at, (uint32_t)index.n, tr_extent_crc(index.bytes, index.n)};
    return write_all(w, index.bytes, index.n, err);
}

static trawl_status write_group_column(tr_extent_writer *w, uint32_t c, uint32_t rows, bool first,
                                       tr_group_column *to, trawl_error *err) {
    const tr_page_builder *b = &w->columns[c];
    tr_column_input in = {.type = b->type, .n = rows, .pages = b->pages};
    tr_column_options options = {
        .cold = w->options.cold, .codecs_off = w->options.codecs_off, .memory = &w->memories[c]};
    tr_encoded encoded;
    tr_arena_reset(w->spare);
    TR_TRY(tr_column_encode(w->spare, &in, &options, &encoded, err));
    TR_TRY(write_column(w, to, &encoded, err));
    TR_TRY(keep_zone(w, &encoded.zone, &to->zone, err));
    for (uint32_t p = 0; p < b->page_count; p++) {
        to->null_count += count_nulls(&b->pages[p], tr_page_rows(rows, p));
        w->extent.facts.raw_bytes += raw_bytes(&b->pages[p], tr_page_rows(rows, p));
    }
    w->extent.null_counts[c] += to->null_count;
    if (first)
        w->extent.zones[c] = to->zone;
    else
        tr_zone_widen(&w->extent.zones[c], &to->zone);
    return w->terms[c] ? write_index(w, c, rows, to, err) : TRAWL_OK;
}

static trawl_status more_groups(tr_extent_writer *w, trawl_error *err) {
    uint32_t count = w->extent.facts.group_count;
    if (count < w->group_capacity)
        return TRAWL_OK;
    uint32_t capacity = count ? 2 * count : 8;
    tr_group *groups = TR_NEW_N(w->arena, tr_group, capacity);
    if (!groups)
        return tr_fail_memory(err);
    if (count)
        memcpy(groups, w->extent.groups, count * sizeof *groups);
    w->extent.groups = groups;
    w->group_capacity = capacity;
    return TRAWL_OK;
}

static uint32_t open_rows(const tr_extent_writer *w) {
    const tr_page_builder *b = &w->columns[0];
    return w->extent.schema.count ? b->page_count * TR_BATCH_ROWS + b->open_rows : 0;
}

static trawl_status write_group(tr_extent_writer *w, trawl_error *err) {
    uint32_t count = w->extent.schema.count;
    uint32_t rows = open_rows(w);
    TR_TRY(more_groups(w, err));
    tr_group *group = &w->extent.groups[w->extent.facts.group_count];
    *group = (tr_group){rows, TR_NEW_N(w->arena, tr_group_column, count + 1)};
    if (!group->columns)
        return tr_fail_memory(err);
    bool first = w->extent.facts.group_count == 0;
    for (uint32_t c = 0; c < count; c++) {
        if (w->columns[c].open_rows)
            TR_TRY(tr_page_builder_end(&w->columns[c], w->group, err));
        TR_TRY(write_group_column(w, c, rows, first, &group->columns[c], err));
    }
    for (uint32_t c = 0; c < count; c++)
        w->columns[c] = (tr_page_builder){.type = w->columns[c].type};
    tr_arena_reset(w->group);
    tr_arena_reset(w->parts);
    w->extent.facts.group_count++;
    w->extent.facts.row_count += rows;
    return TRAWL_OK;
}

trawl_status tr_extent_writer_add(tr_extent_writer *w, tr_batch *batch, trawl_error *err) {
    TR_ASSERT(batch->column_count >= w->extent.schema.count);
    for (uint32_t at = 0; at < batch->n;) {
        uint32_t room = TR_BATCH_ROWS - open_rows(w) % TR_BATCH_ROWS;
        uint32_t n = batch->n - at < room ? batch->n - at : room;
        for (uint32_t c = 0; c < w->extent.schema.count; c++) {
            const tr_vec *v;
            tr_page_builder *b = &w->columns[c];
            TR_TRY(tr_batch_column(batch, c, &v, err));
            TR_TRY(tr_page_builder_add(b, w->group, w->parts, v, at, n, err));
            if (b->open_rows == TR_BATCH_ROWS)
                TR_TRY(tr_page_builder_end(b, w->group, err));
        }
        at += n;
        if (open_rows(w) % TR_BATCH_ROWS == 0)
            tr_arena_reset(w->parts);
        if (open_rows(w) == TR_GROUP_ROWS)
            TR_TRY(write_group(w, err));
    }
    return TRAWL_OK;
}

uint64_t tr_extent_writer_rows(const tr_extent_writer *w) {
    return w->extent.facts.row_count + open_rows(w);
}

static trawl_status write_end(tr_extent_writer *w, trawl_error *err) {
    char trailer[TR_EXTENT_TRAILER_BYTES];
    tr_buf footer;
    tr_arena_reset(w->spare);
    tr_buf_start(&footer, w->spare);
    tr_extent_put_footer(&w->extent, &footer);
    if (footer.failed)
        return tr_fail_memory(err);
    tr_extent_put_trailer(&w->options.id, w->at, footer.n, tr_extent_crc(footer.bytes, footer.n),
                          trailer);
    TR_TRY(write_all(w, footer.bytes, footer.n, err));
    TR_TRY(write_all(w, trailer, sizeof trailer, err));
    int64_t synced = tr_os_now()->fsync(w->extent.file);
    return synced < 0 ? tr_fail_os(err, synced, "sync", w->extent.path) : TRAWL_OK;
}

trawl_status tr_extent_writer_finish(tr_extent_writer *w, tr_extent_facts *out, trawl_error *err) {
    tr_extent_facts *facts = &w->extent.facts;
    if (open_rows(w))
        TR_TRY(write_group(w, err));
    TR_TRY(write_end(w, err));
    int64_t closed = tr_os_now()->close(w->extent.file);
    w->extent.file = -1;
    if (closed < 0)
        return tr_fail_os(err, closed, "close", w->extent.path);
    facts->file_bytes = w->at;
    for (uint32_t g = 0; g < facts->group_count; g++)
        for (uint32_t c = 0; c < w->extent.schema.count; c++) {
            const tr_group_column *column = &w->extent.groups[g].columns[c];
            facts->data_bytes += column->head.bytes + column->pages_bytes;
            facts->index_bytes += column->index.bytes;
        }
    w->finished = true;
    *out = *facts;
    return TRAWL_OK;
}

void tr_extent_writer_close(tr_extent_writer *w) {
    if (!w)
        return;
    bool made = w->at > 0 || w->extent.file >= 0;
    if (w->extent.file >= 0)
        tr_os_now()->close(w->extent.file);
    if (made && !w->finished)
        tr_os_now()->unlink(w->extent.path);
    tr_arena_free(w->group);
    tr_arena_free(w->spare);
    tr_arena_free(w->parts);
    tr_arena_free(w->arena);
}

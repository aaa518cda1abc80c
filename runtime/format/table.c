/* runtime/format/table.c: files as a tr_table: cuts a scan into morsels and lets readers hand out
 * the rows of their blocks as batches. Knows when to read and decode, not how. */
#include <stdio.h>

#include "runtime/format/internal.h"

#define MORSEL_BYTES    ((uint64_t)4 << 20)
#define BLOCK_BYTES_MIN ((uint32_t)256 * 1024)
/* Flat from 96 KiB to 512 KiB, 5 % slower at 1 MiB (logs, CSV, JSON; 1 MiB of L2 a core). */
#define BLOCK_BYTES_MAX ((uint32_t)512 * 1024)

/* ---- scans ---- */

static trawl_status plan_morsels(tr_files_scan *scan, tr_arena *query, trawl_error *err) {
    const tr_files *files = scan->files;
    uint64_t *bytes = TR_NEW_N(query, uint64_t, (size_t)files->file_count + 1);
    uint64_t count = 0, step = files->morsel_bytes;
    if (!bytes)
        return tr_fail_memory(err);
    /* Objects over several lines and compressed files are read from their start only. */
    bool whole = files->shape.format == TR_FORMAT_JSON && !files->shape.json_lines;
    for (uint32_t i = 0; i < files->file_count; i++) {
        const tr_file *file = files->files[i];
        bytes[i] = file->bytes;
        if (!file->memory) {
            tr_file_info info;
            int64_t code = tr_os_now()->info(file->path, &info);
            if (code < 0)
                return tr_fail_os(err, code, "open", file->path);
            bytes[i] = info.bytes;
        }
        scan->scan.bytes_total += bytes[i];
        bool one = whole || file->packing != TR_PACKING_NONE || !file->sniffed;
        count += !bytes[i] ? 0 : one ? 1 : (bytes[i] + step - 1) / step;
    }
    if (count > UINT32_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "%llu morsels in one table", (unsigned long long)count);
    tr_morsel *morsels = TR_NEW_N(query, tr_morsel, count + 1);
    scan->in_quotes = TR_NEW_N(query, _Atomic uint8_t, count + 1);
    if (!morsels || !scan->in_quotes)
        return tr_fail_memory(err);
    uint32_t n = 0;
    for (uint32_t i = 0; i < files->file_count; i++) {
        const tr_file *file = files->files[i];
        bool one = whole || file->packing != TR_PACKING_NONE || !file->sniffed;
        for (uint64_t from = 0; from < bytes[i]; from += step) {
            bool last = one || bytes[i] - from <= step;
            morsels[n++] = (tr_morsel){i, from, last ? UINT64_MAX : from + step};
            if (last)
                break;
        }
    }
    scan->file_bytes = bytes;
    scan->morsels = morsels;
    scan->scan.morsel_count = n;
    return TRAWL_OK;
}

/* Texts of values inside JSON hold the bytes of the JSON text, except numbers, which are written
 * anew: perhaps as 1e+20, Infinity or NaN. */
static bool no_number(tr_str literal) {
    for (uint32_t i = 0; i < literal.len; i++) {
        char c = (char)(literal.ptr[i] | 0x20);
        if (c >= 'a' && c <= 'z' && !memchr("aefinty", c, 7))
            return true;
    }
    return false;
}

static tr_str literal_of(const tr_prefilter *p, uint32_t i) {
    return i ? p->others[i - 1] : p->literal;
}

/* May texts without the literal be told by their raw bytes? */
static bool can_find_literal(const tr_shape *shape, const tr_prefilter *p, tr_str literal) {
    tr_type type = shape->schema.fields[p->column].type;
    bool inside = type == TR_DYNAMIC && shape->format == TR_FORMAT_JSON && no_number(literal);
    if (!literal.len || (type != TR_STRING && !inside))
        return false;
    for (uint32_t i = 0; i < literal.len; i++) {
        char c = literal.ptr[i];
        bool simple = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
                      c == ' ' || c == '.' || c == '_' || c == '-';
        if (c == '\n' || c == '\r' || (p->any_case && (uint8_t)c >= 0x80))
            return false;
        if (shape->format == TR_FORMAT_JSON && !simple)
            return false;
        if (shape->format != TR_FORMAT_TEXT && (uint8_t)c == shape->dialect.quote)
            return false;
    }
    return true;
}

/* May rows without it be told by their raw bytes? */
static bool can_find(const tr_files *files, const tr_prefilter *p) {
    const tr_shape *shape = &files->shape;
    if (p->column >= shape->schema.count || p->other_count >= TR_FIND_SET_MAX ||
        (shape->format == TR_FORMAT_JSON && !shape->json_lines))
        return false;
    for (uint32_t i = 0; i <= p->other_count; i++)
        if (!can_find_literal(shape, p, literal_of(p, i)))
            return false;
    return true;
}

static uint32_t shortest_literal(const tr_prefilter *p) {
    uint32_t least = p->literal.len;
    for (uint32_t i = 1; i <= p->other_count; i++)
        least = literal_of(p, i).len < least ? literal_of(p, i).len : least;
    return least;
}

/* A literal as text that is found: with 64 bytes behind it, in lower case where case is free. */
static bool keep_literal(const tr_prefilter *p, uint32_t i, tr_arena *query, tr_kernel_str *out) {
    tr_str literal = literal_of(p, i);
    char *text = tr_arena_text(query, literal.ptr, literal.len);
    if (!text)
        return false;
    if (p->any_case)
        tr_kernels_now()->utf8.lower(text, literal.len, text);
    *out = (tr_kernel_str){.ptr = text, .len = literal.len};
    memcpy(&out->head, text, literal.len < 4 ? literal.len : 4);
    return true;
}

/* The longest literal is taken: it is likely to be the rarest; one rather than several. */
static trawl_status plan_find(tr_files_scan *scan, const tr_scan_request *request, tr_arena *query,
                              trawl_error *err) {
    const tr_prefilter *best = NULL;
    uint32_t best_score = 0;
    uint32_t count = request->skip & TR_SKIP_ENCODED ? request->prefilter_count : 0;
    for (uint32_t i = 0; i < count; i++) {
        const tr_prefilter *p = &request->prefilters[i];
        if (!can_find(scan->files, p))
            continue;
        uint32_t score = 2 * shortest_literal(p) + (p->other_count == 0);
        if (score <= best_score)
            continue;
        best_score = score;
        best = p;
    }
    if (!best)
        return TRAWL_OK;
    const tr_kernels *kernels = tr_kernels_now();
    tr_kernel_str *literals = TR_NEW_N(query, tr_kernel_str, (size_t)best->other_count + 1);
    if (!literals)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i <= best->other_count; i++)
        if (!keep_literal(best, i, query, &literals[i]))
            return tr_fail_memory(err);
    if (best->other_count)
        kernels->find.set(&scan->find_set, literals, best->other_count + 1, best->any_case);
    else
        kernels->find.plan(&scan->find, literals->ptr, literals->len, best->any_case, NULL);
    kernels->find.plan(&scan->unicode_escape, "\\u", 2, false, NULL);
    scan->has_find = true;
    return TRAWL_OK;
}

static uint32_t block_bytes(const tr_shape *shape) {
    uint64_t bytes = (uint64_t)shape->row_bytes * TR_BATCH_ROWS;
    return bytes < BLOCK_BYTES_MIN   ? BLOCK_BYTES_MIN
           : bytes > BLOCK_BYTES_MAX ? BLOCK_BYTES_MAX
                                     : ((uint32_t)bytes + 4095) & ~4095u;
}

static trawl_status scan_open(const tr_table *table, const tr_scan_request *request,
                              tr_arena *query, tr_scan **out, trawl_error *err) {
    const tr_files *files = (const tr_files *)table->state;
    uint32_t columns = table->schema.count;
    tr_files_scan *scan = TR_NEW(query, tr_files_scan);
    uint64_t *needed = TR_NEW_N(query, uint64_t, TR_BITS_WORDS(columns) + 1);
    if (!scan || !needed)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < columns; i++) {
        if (!request->needed || !tr_bit_get(request->needed, i))
            continue;
        tr_bit_set(needed, i);
        scan->any_needed |= i < files->shape.schema.count;
    }
    for (uint32_t i = 0; i < request->path_count; i++) {
        bool asked = !request->needed || tr_bit_get(request->needed, columns + i);
        if (asked)
            tr_bit_set(needed, request->paths[i].column);
        scan->any_needed |= asked;
    }
    scan->paths = request->paths;
    scan->path_count = request->path_count;
    scan->files = files;
    scan->needed = needed;
    scan->batch_rows = request->batch_rows;
    if (!scan->batch_rows || scan->batch_rows > TR_BATCH_ROWS)
        scan->batch_rows = TR_BATCH_ROWS;
    scan->block_bytes = files->block_bytes;
    scan->scan.table = table;
    scan->scan.stats = request->stats ? request->stats : &scan->stats;
    scan->scan.state = scan;
    TR_TRY(plan_morsels(scan, query, err));
    TR_TRY(plan_find(scan, request, query, err));
    *out = &scan->scan;
    return TRAWL_OK;
}

static void scan_close(tr_scan *scan) {
    (void)scan; /* memory is the query's */
}

/* ---- readers ---- */

static trawl_status reader_open(tr_scan *scan, tr_arena *local, tr_reader **out, trawl_error *err) {
    tr_reader *reader = TR_NEW(local, tr_reader);
    if (!reader)
        return tr_fail_memory(err);
    reader->scan = scan->state;
    reader->local = local;
    reader->kernels = tr_kernels_now();
    reader->capacity = (size_t)reader->scan->block_bytes + (size_t)64 * 1024;
    reader->buffer = tr_arena_alloc(local, reader->capacity, 64);
    reader->offsets = tr_arena_alloc(local, (TR_OFFSETS + 64) * sizeof(uint32_t), 64);
    reader->csv.mapped_file = UINT32_MAX;
    if (!reader->buffer || !reader->offsets)
        return tr_fail_memory(err);
    TR_TRY(tr_rows_need(reader, TR_BATCH_ROWS * 2, err));
    if (reader->scan->files->shape.format == TR_FORMAT_JSON)
        TR_TRY(tr_json_open(reader, err));
    tr_input_start(&reader->input, local, scan->stats);
    *out = reader;
    return TRAWL_OK;
}

static trawl_status reader_begin(tr_reader *reader, uint32_t morsel, trawl_error *err) {
    TR_ASSERT(morsel < reader->scan->scan.morsel_count);
    return tr_block_begin(reader, morsel, err);
}

static trawl_status decode(void *ctx, uint32_t column, const uint16_t *rows, uint32_t n,
                           tr_arena *scratch, tr_vec *out, trawl_error *err) {
    tr_reader *reader = ctx;
    const tr_shape *shape = &reader->scan->files->shape;
    uint32_t columns = reader->scan->files->table.schema.count;
    if (column >= columns)
        return tr_json_decode_path(reader, &reader->scan->paths[column - columns], rows, n, scratch,
                                   out, err);
    if (column >= shape->schema.count) {
        const tr_value *value = &reader->file->partitions[column - shape->schema.count];
        return tr_vec_of_value(scratch, value, out, err);
    }
    switch (shape->format) {
    case TR_FORMAT_TEXT: return tr_text_decode(reader, column, rows, n, scratch, out, err);
    case TR_FORMAT_JSON: return tr_json_decode(reader, column, rows, n, scratch, out, err);
    default: return tr_csv_decode(reader, column, rows, n, scratch, out, err);
    }
}

static trawl_status next_rows(tr_reader *reader, tr_batch *batch, trawl_error *err) {
    const tr_files_scan *scan = reader->scan;
    batch->n = 0;
    batch->rows = NULL;
    batch->morsel = reader->morsel;
    batch->column_count = scan->files->table.schema.count + scan->path_count;
    if (reader->next_row >= reader->rows.n && !reader->counted) {
        reader->json.ready = false;
        TR_TRY(tr_block_next(reader, err));
    }
    uint64_t left = reader->counted ? reader->counted : reader->rows.n - reader->next_row;
    if (!left)
        return TRAWL_OK;
    /* Equal shares: no block leaves a batch of a few rows behind. */
    uint64_t batches = (left + scan->batch_rows - 1) / scan->batch_rows;
    batch->columns = TR_NEW_N(batch->scratch, tr_vec, (size_t)batch->column_count + 1);
    if (!batch->columns)
        return tr_fail_memory(err);
    batch->n = (uint32_t)((left + batches - 1) / batches);
    batch->decode = decode;
    batch->decode_ctx = reader;
    reader->batch_first = reader->next_row;
    if (reader->counted)
        reader->counted -= batch->n;
    else
        reader->next_row += batch->n;
    atomic_fetch_add_explicit(&reader->scan->scan.stats->rows_read, batch->n, memory_order_relaxed);
    return TRAWL_OK;
}

static trawl_status reader_next(tr_reader *reader, tr_batch *batch, trawl_error *err) {
    do {
        TR_TRY(next_rows(reader, batch, err));
        if (!reader->why)
            return TRAWL_OK;
        bool ended = !batch->n;
        TR_TRY(tr_reject_rows(reader, batch, err));
        if (ended)
            return TRAWL_OK;
    } while (!batch->n);
    return TRAWL_OK;
}

static void reader_close(tr_reader *reader) {
    tr_input_end(&reader->input);
}

static const tr_table_ops files_ops = {
    .scan_open = scan_open,
    .scan_close = scan_close,
    .reader_open = reader_open,
    .reader_begin = reader_begin,
    .reader_next = reader_next,
    .reader_close = reader_close,
};

/* ---- the table ---- */

/* The column of that name and type, or -1. */
static int32_t column_like(const tr_schema *schema, const char *name, tr_type type) {
    int32_t column = tr_schema_find(schema, tr_str_c(name));
    return column >= 0 && schema->fields[column].type == type ? column : -1;
}

static void text_columns(tr_files *files) {
    const tr_schema *schema = &files->shape.schema;
    files->timestamp_column = files->level_column = files->line_column = -1;
    if (files->shape.format != TR_FORMAT_TEXT)
        return;
    if (files->shape.has_timestamp)
        files->timestamp_column = column_like(schema, "Timestamp", TR_DATETIME);
    if (files->shape.has_level)
        files->level_column = column_like(schema, "Level", TR_STRING);
    files->line_column = column_like(schema, "Line", TR_STRING);
    for (uint32_t i = 0; i < schema->count && files->line_column < 0; i++) {
        if (schema->fields[i].type == TR_STRING && (int32_t)i != files->level_column)
            files->line_column = (int32_t)i;
    }
}

trawl_status tr_files_table(tr_arena *db, tr_str name, const tr_shape *shape, bool by_position,
                            tr_file *const *list, uint32_t file_count, const tr_field *partitions,
                            uint32_t partition_count, const tr_table **out, trawl_error *err) {
    tr_files *files = TR_NEW(db, tr_files);
    uint32_t content = shape->schema.count, columns = content + partition_count;
    tr_field *fields = TR_NEW_N(db, tr_field, (size_t)columns + 1);
    if (!files || !fields)
        return tr_fail_memory(err);
    if (content)
        memcpy(fields, shape->schema.fields, content * sizeof *fields);
    if (partition_count)
        memcpy(fields + content, partitions, partition_count * sizeof *fields);
    files->shape = *shape;
    files->shape.schema.fields = fields;
    files->morsel_bytes = MORSEL_BYTES;
    files->block_bytes = block_bytes(shape);
    files->by_position = by_position;
    files->partition_count = partition_count;
    files->file_count = file_count;
    files->files = list;
    text_columns(files);
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < file_count; i++)
        bytes += list[i]->bytes;
    const char *format = shape->format == TR_FORMAT_JSON && shape->json_lines
                             ? "JSON lines"
                             : tr_format_name(shape->format);
    const char *about =
        tr_arena_printf(db, "%s, %u file%s%s%s", format, file_count, file_count == 1 ? "" : "s",
                        file_count ? ": " : "", file_count ? list[0]->path : "");
    if (!about)
        return tr_fail_memory(err);
    files->table = (tr_table){.name = name,
                              .schema = {columns, fields},
                              .ops = &files_ops,
                              .row_count = -1,
                              .bytes = bytes,
                              .takes_paths = shape->format == TR_FORMAT_JSON,
                              .description = tr_str_c(about),
                              .state = files};
    *out = &files->table;
    return TRAWL_OK;
}

/* ---- parts of it ---- */

uint32_t tr_format_file_count(const tr_table *table) {
    const tr_files *files = table->state;
    if (table->ops != &files_ops)
        return 0;
    for (uint32_t i = 0; i < files->file_count; i++)
        if (files->files[i]->memory)
            return 0;
    return files->file_count;
}

const char *tr_format_file(const tr_table *table, uint32_t i) {
    return ((const tr_files *)table->state)->files[i]->path;
}

trawl_status tr_format_subset(tr_arena *db, const tr_table *table, uint32_t first, uint32_t count,
                              const tr_table **out, trawl_error *err) {
    const tr_files *all = table->state;
    tr_files *part = TR_NEW(db, tr_files);
    if (!part)
        return tr_fail_memory(err);
    *part = *all;
    part->files = all->files + first;
    part->file_count = count;
    part->table.state = part;
    part->table.bytes = 0;
    for (uint32_t i = 0; i < count; i++)
        part->table.bytes += part->files[i]->bytes;
    *out = &part->table;
    return TRAWL_OK;
}

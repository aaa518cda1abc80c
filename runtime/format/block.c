/* runtime/format/block.c: from bytes to rows: fills a reader's buffer with a cache-sized piece of
 * its morsel and has it cut into rows. A row belongs to the morsel in which it starts. Knows lines;
 * fields and values are the business of csv.c, json.c and text.c. */
#include "runtime/format/internal.h"

/* Read past the end of a morsel in such pieces, to complete its last row. */
#define BEYOND_BYTES ((size_t)32 * 1024)

static trawl_status grow_buffer(tr_reader *reader, size_t need, trawl_error *err) {
    if (need > TR_ROW_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "'%s', byte %llu: a row of more than %zu MiB",
                       reader->file->path, (unsigned long long)reader->buffer_offset,
                       TR_ROW_MAX >> 20);
    char *buffer = tr_arena_alloc(reader->local, need, 64);
    if (!buffer)
        return tr_fail_memory(err);
    memcpy(buffer, reader->buffer, reader->filled);
    reader->buffer = buffer;
    reader->capacity = need;
    return TRAWL_OK;
}

trawl_status tr_block_fill(tr_reader *reader, trawl_error *err) {
    size_t tail = reader->filled - reader->consumed, got;
    if (reader->why && reader->input.packing != TR_PACKING_NONE) /* it is not read twice */
        TR_TRY(tr_reject_count(reader, reader->buffer_offset + reader->consumed, err));
    if (reader->consumed && tail)
        memmove(reader->buffer, reader->buffer + reader->consumed, tail);
    reader->buffer_offset += reader->consumed;
    reader->filled = tail;
    reader->consumed = 0;
    size_t block = reader->scan->block_bytes;
    size_t want = tail < block / 2 ? block - tail : tail;
    uint64_t at = reader->buffer_offset + tail;
    if (at < reader->limit)
        want = want < reader->limit - at ? want : (size_t)(reader->limit - at);
    else if (tail < BEYOND_BYTES)
        want = BEYOND_BYTES;
    if (tail + want > reader->capacity)
        TR_TRY(grow_buffer(reader, tail + want, err));
    TR_TRY(tr_input_read(&reader->input, reader->buffer + tail, want, &got, err));
    reader->filled += got;
    reader->input_ended = got < want;
    return TRAWL_OK;
}

trawl_status tr_rows_need(tr_reader *reader, size_t n, trawl_error *err) {
    tr_rows *rows = &reader->rows;
    size_t need = rows->n + n;
    if (need <= rows->capacity)
        return TRAWL_OK;
    if (need > UINT32_MAX / 2)
        return tr_fail(err, TRAWL_E_LIMIT, "'%s': too many rows in a block", reader->file->path);
    size_t capacity = rows->capacity ? rows->capacity * (size_t)2 : 4096;
    while (capacity < need)
        capacity *= 2;
    uint32_t *start = tr_arena_alloc(reader->local, capacity * sizeof *start, 64);
    uint32_t *end = tr_arena_alloc(reader->local, capacity * sizeof *end, 64);
    uint64_t *bad = tr_arena_zalloc(reader->local, capacity / 8, 64);
    if (!start || !end || !bad)
        return tr_fail_memory(err);
    if (reader->scan->files->rejects) {
        tr_reject_why *why = TR_NEW_N(reader->local, tr_reject_why, capacity);
        if (!why)
            return tr_fail_memory(err);
        if (rows->n)
            memcpy(why, reader->why, rows->n * sizeof *why);
        reader->why = why;
    }
    if (rows->n) {
        memcpy(start, rows->start, rows->n * sizeof *start);
        memcpy(end, rows->end, rows->n * sizeof *end);
        memcpy(bad, reader->bad, TR_BITS_WORDS(rows->n) * sizeof *bad);
    }
    *rows = (tr_rows){start, end, rows->n, (uint32_t)capacity};
    reader->bad = bad;
    return TRAWL_OK;
}

void tr_rows_add(tr_reader *reader, uint32_t start, uint32_t end) {
    tr_rows *rows = &reader->rows;
    if (end > start && reader->text[end - 1] == '\r')
        end--;
    rows->start[rows->n] = start;
    rows->end[rows->n++] = end;
}

static bool is_blank(const char *text, uint32_t start, uint32_t end) {
    while (start < end && (text[start] == ' ' || text[start] == '\t' || text[start] == '\r'))
        start++;
    return start == end;
}

/* JSON ignores lines of white space only; delimited text lines that are empty, for a line of tabs
 * may well be a row of empty fields. */
static bool skip_line(const tr_reader *reader, uint32_t start, uint32_t end) {
    const char *text = reader->text;
    if (reader->scan->files->shape.format == TR_FORMAT_JSON)
        return (uint8_t)text[start] <= ' ' && is_blank(text, start, end);
    return end == start || (end == start + 1 && text[start] == '\r');
}

trawl_status tr_split_lines(tr_reader *reader, bool csv, bool keep_blank, trawl_error *err) {
    const char *text = reader->text;
    const tr_csv_dialect *dialect = &reader->scan->files->shape.dialect;
    tr_csv_carry carry = {0};
    uint32_t n = reader->text_n, start = 0;
    reader->csv.row_ends = 0;
    for (uint32_t at = 0; at < n; at += TR_OFFSETS) {
        uint32_t piece = n - at < TR_OFFSETS ? n - at : TR_OFFSETS;
        uint32_t *offsets = reader->offsets;
        uint32_t count = csv ? reader->kernels->csv.rows(text + at, piece, dialect, &carry, offsets)
                             : reader->kernels->find.byte_offsets(text + at, piece, '\n', offsets);
        TR_TRY(tr_rows_need(reader, (size_t)count + 1, err));
        reader->csv.row_ends += count;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t end = at + offsets[i];
            if (keep_blank || !skip_line(reader, start, end))
                tr_rows_add(reader, start, end);
            start = end + 1;
        }
    }
    if (reader->input_ended && start < n) {
        TR_TRY(tr_rows_need(reader, 1, err));
        if (keep_blank || !skip_line(reader, start, n))
            tr_rows_add(reader, start, n);
        start = n;
    }
    reader->csv.flags = carry.flags;
    reader->consumed += start;
    return TRAWL_OK;
}

static size_t next_hit(const tr_find_ops *find, const tr_files_scan *scan, const char *text,
                       size_t n, size_t at) {
    uint32_t which;
    return scan->find_set.count ? find->next_any(&scan->find_set, text, n, at, &which)
                                : find->next(&scan->find, text, n, at);
}

trawl_status tr_split_hits(tr_reader *reader, bool *done, trawl_error *err) {
    const tr_find_ops *find = &reader->kernels->find;
    const tr_files_scan *scan = reader->scan;
    const char *text = reader->text;
    size_t n = reader->text_n, at = 0;
    *done = true;
    if (!reader->input_ended) {
        size_t last = find->last_byte(text, n, '\n');
        n = last < n ? last + 1 : 0;
    }
    /* A hit costs what three lines cost that are only cut; in delimited text it is parsed by the
     * letter. Logs with a literal in 36 % of the lines: 280 instead of 360 ms. */
    tr_format format = scan->files->shape.format;
    size_t share = format == TR_FORMAT_TEXT || format == TR_FORMAT_JSON ? 2 : 8;
    size_t hits_max = n / scan->files->shape.row_bytes / share + 4, hits = 0;
    while (at < n) {
        size_t hit = next_hit(find, scan, text, n, at);
        if (hit >= n)
            break;
        if (++hits > hits_max) {
            reader->rows.n = 0;
            reader->dense_blocks = 32;
            *done = false;
            return TRAWL_OK;
        }
        size_t before = find->last_byte(text + at, hit - at, '\n');
        size_t start = before < hit - at ? at + before + 1 : at;
        size_t end = find->next_byte(text, n, hit, '\n');
        TR_TRY(tr_rows_need(reader, 1, err));
        tr_rows_add(reader, (uint32_t)start, (uint32_t)end);
        at = end + 1;
    }
    reader->consumed += n;
    return TRAWL_OK;
}

/* Lines that nobody looks into are counted, not placed. False at the end of a morsel or a file,
 * where it takes places to tell whose a line is. */
static bool count_lines(tr_reader *reader) {
    const tr_find_ops *find = &reader->kernels->find;
    uint64_t origin = reader->buffer_offset + reader->consumed;
    if (reader->input_ended || origin + reader->text_n > reader->limit)
        return false;
    size_t last = find->last_byte(reader->text, reader->text_n, '\n');
    if (last == reader->text_n)
        return false;
    reader->counted = find->count_byte(reader->text, last + 1, '\n');
    reader->consumed += last + 1;
    return true;
}

static trawl_status split(tr_reader *reader, trawl_error *err) {
    const tr_files_scan *scan = reader->scan;
    const tr_shape *shape = &scan->files->shape;
    reader->text = reader->buffer + reader->consumed;
    reader->text_n = (uint32_t)(reader->filled - reader->consumed);
    if (!reader->text_n)
        return TRAWL_OK;
    if (shape->format != TR_FORMAT_TEXT && shape->format != TR_FORMAT_JSON)
        return tr_csv_split(reader, err);
    if (shape->format == TR_FORMAT_JSON && !shape->json_lines)
        return tr_json_split(reader, err);
    if (shape->format == TR_FORMAT_TEXT && !scan->any_needed && !scan->has_find &&
        count_lines(reader))
        return TRAWL_OK;
    if (scan->has_find && reader->dense_blocks) {
        reader->dense_blocks--;
    } else if (scan->has_find) {
        bool plain = shape->format == TR_FORMAT_TEXT ||
                     reader->kernels->find.next(&scan->unicode_escape, reader->text, reader->text_n,
                                                0) == reader->text_n;
        bool done = false;
        if (plain)
            TR_TRY(tr_split_hits(reader, &done, err));
        if (done)
            return TRAWL_OK;
    }
    return tr_split_lines(reader, false, shape->format == TR_FORMAT_TEXT, err);
}

trawl_status tr_block_next(tr_reader *reader, trawl_error *err) {
    if (reader->rows.n)
        memset(reader->bad, 0, TR_BITS_WORDS(reader->rows.n) * sizeof *reader->bad);
    reader->rows.n = 0;
    reader->next_row = 0;
    reader->counted = 0;
    while (!reader->done) {
        if (!reader->fresh)
            TR_TRY(tr_block_fill(reader, err));
        reader->fresh = false;
        bool last = reader->input_ended;
        TR_TRY(split(reader, err));
        reader->done = last || reader->buffer_offset + reader->consumed >= reader->limit;
        uint64_t origin = reader->buffer_offset + (uint64_t)(reader->text - reader->buffer);
        tr_rows *rows = &reader->rows;
        while (rows->n && origin + rows->start[rows->n - 1] >= reader->limit)
            rows->n--;
        if (rows->n || reader->counted)
            break;
    }
    return TRAWL_OK;
}

/* Consume the rest of a row that belongs to the morsel before. */
static trawl_status skip_row(tr_reader *reader, bool csv, bool in_quotes, trawl_error *err) {
    const tr_kernels *kernels = reader->kernels;
    tr_csv_carry carry = {.in_quotes = in_quotes};
    for (;;) {
        const char *text = reader->buffer + reader->consumed;
        size_t n = reader->filled - reader->consumed, at = 0;
        while (csv && at < n) {
            uint32_t piece = n - at < TR_OFFSETS ? (uint32_t)(n - at) : TR_OFFSETS;
            uint32_t count = kernels->csv.rows(
                text + at, piece, &reader->scan->files->shape.dialect, &carry, reader->offsets);
            if (count) {
                reader->consumed += at + reader->offsets[0] + 1;
                return TRAWL_OK;
            }
            at += piece;
        }
        size_t newline = csv ? n : kernels->find.next_byte(text, n, 0, '\n');
        reader->consumed += newline < n ? newline + 1 : n;
        if (newline < n)
            return TRAWL_OK;
        if (reader->input_ended || reader->buffer_offset + reader->consumed >= reader->limit)
            break;
        TR_TRY(tr_block_fill(reader, err));
    }
    reader->done = true;
    return TRAWL_OK;
}

/* The head of a file: byte order mark, header row; a file that nobody looked at may be binary. */
static trawl_status begin_file(tr_reader *reader, bool csv, trawl_error *err) {
    const char *text = reader->buffer;
    size_t n = reader->filled;
    if (!reader->file->sniffed && memchr(text, 0, n < 4096 ? n : 4096)) {
        tr_fail(err, TRAWL_E_DATA, "'%s' looks like binary data", reader->file->path);
        tr_hint(err, "name the files to read with --as Name=glob");
        return TRAWL_E_DATA;
    }
    atomic_fetch_add_explicit(&reader->scan->scan.stats->files_read, 1, memory_order_relaxed);
    while (n < 3 && !reader->input_ended) {
        TR_TRY(tr_block_fill(reader, err));
        n = reader->filled;
    }
    if (n >= 3 && memcmp(reader->buffer, "\xef\xbb\xbf", 3) == 0)
        reader->consumed = 3;
    for (bool more = csv; more;) {
        uint32_t next = 0;
        TR_TRY(tr_csv_header(reader, reader->buffer + reader->consumed,
                             (uint32_t)(reader->filled - reader->consumed), reader->input_ended,
                             &next, &more, err));
        reader->consumed += next;
        if (more)
            TR_TRY(tr_block_fill(reader, err));
    }
    return TRAWL_OK;
}

/* The header row of a file that is begun in the middle. */
static trawl_status read_header(tr_reader *reader, uint64_t bytes, trawl_error *err) {
    size_t n = 0;
    uint32_t next = 0;
    bool more = false;
    TR_TRY(tr_input_open(&reader->input, reader->file, bytes, 0, err));
    TR_TRY(tr_input_read(&reader->input, reader->buffer, reader->capacity, &n, err));
    size_t mark = n >= 3 && memcmp(reader->buffer, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    TR_TRY(tr_csv_header(reader, reader->buffer + mark, (uint32_t)(n - mark), false, &next, &more,
                         err));
    if (more)
        return tr_fail(err, TRAWL_E_LIMIT, "'%s': a header row of more than %zu KiB",
                       reader->file->path, reader->capacity / 1024);
    return TRAWL_OK;
}

/* What a morsel in the middle of a delimited file must know from elsewhere in it. */
static trawl_status look_around(tr_reader *reader, uint32_t morsel, bool *in_quotes,
                                trawl_error *err) {
    const tr_morsel *m = &reader->scan->morsels[morsel];
    tr_scan_stats *stats = reader->input.stats;
    reader->input.stats = NULL;
    trawl_status status = TRAWL_OK;
    if (reader->csv.mapped_file != m->file)
        status = read_header(reader, reader->scan->file_bytes[m->file], err);
    if (status == TRAWL_OK)
        status = tr_csv_quotes_before(reader, morsel, in_quotes, err);
    reader->input.stats = stats;
    return status;
}

trawl_status tr_block_begin(tr_reader *reader, uint32_t morsel, trawl_error *err) {
    const tr_files_scan *scan = reader->scan;
    const tr_morsel *m = &scan->morsels[morsel];
    tr_format format = scan->files->shape.format;
    bool csv = format != TR_FORMAT_TEXT && format != TR_FORMAT_JSON, in_quotes = false;
    uint64_t from = m->from ? m->from - 1 : 0;
    if (reader->rows.n)
        memset(reader->bad, 0, TR_BITS_WORDS(reader->rows.n) * sizeof *reader->bad);
    reader->rows.n = reader->next_row = 0;
    reader->counted = 0;
    reader->file = scan->files->files[m->file];
    reader->morsel = morsel;
    reader->limit = m->to;
    reader->done = false;
    if (csv && m->from)
        TR_TRY(look_around(reader, morsel, &in_quotes, err));
    TR_TRY(tr_input_open(&reader->input, reader->file, scan->file_bytes[m->file], from, err));
    reader->filled = reader->consumed = 0;
    reader->buffer_offset = from;
    TR_TRY(tr_block_fill(reader, err));
    reader->fresh = true;
    if (!m->from)
        return begin_file(reader, csv, err);
    return skip_row(reader, csv, in_quotes, err);
}

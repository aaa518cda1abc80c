/* runtime/format/value.c: texts of values into typed vectors, and the account of rows that do not
 * fit. Kernels read the plain forms; what they leave is read by the slow parsers of data/text.h. */
#include <stdio.h>

#include "runtime/format/internal.h"

static const char null_dynamic[1 + 4 + TR_PAD] = {TR_DYN_NULL};

tr_str tr_null_dynamic(void) {
    return tr_str_make(null_dynamic, 1);
}

bool tr_is_null_word(const char *text, uint32_t n) {
    switch (n) {
    case 0: return true;
    case 2: return memcmp(text, "NA", 2) == 0 || memcmp(text, "\\N", 2) == 0;
    case 3: return memcmp(text, "N/A", 3) == 0;
    case 4: return memcmp(text, "null", 4) == 0 || memcmp(text, "NULL", 4) == 0;
    default: return false;
    }
}

/* ---- bad rows ---- */

/* The line of a byte of a plain file, if that is not too far to count; 0 if unknown. */
static uint64_t line_of(tr_reader *reader, uint64_t offset) {
    if (reader->input.packing != TR_PACKING_NONE || offset > (uint64_t)64 << 20)
        return 0;
    tr_arena_mark mark = tr_arena_here(reader->local);
    size_t piece = (size_t)64 * 1024, n = 0;
    uint64_t line = 1, at = 0;
    char *buffer = tr_arena_alloc(reader->local, piece, 64);
    tr_input input;
    tr_input_start(&input, reader->local, NULL);
    if (!buffer || tr_input_open(&input, reader->file, reader->input.bytes, 0, NULL) != TRAWL_OK)
        line = 0;
    for (; line && at < offset; at += n) {
        size_t want = offset - at < piece ? (size_t)(offset - at) : piece;
        if (tr_input_read(&input, buffer, want, &n, NULL) != TRAWL_OK || !n)
            line = 0;
        else
            line += reader->kernels->find.count_byte(buffer, n, '\n');
    }
    tr_input_close(&input);
    tr_arena_release(reader->local, mark);
    return line;
}

static void escape(tr_str bytes, char out[260]) {
    uint32_t n = bytes.len < 60 ? bytes.len : 60;
    char *at = out;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t c = (uint8_t)bytes.ptr[i];
        at += c < ' ' || c == 0x7f ? snprintf(at, 5, "\\x%02x", c)
                                   : snprintf(at, 2, "%c", bytes.ptr[i]);
    }
    memcpy(at, bytes.len > n ? "..." : "", bytes.len > n ? 4 : 1);
}

void tr_bytes_bad(tr_reader *reader, uint32_t offset, uint32_t column, tr_str bytes,
                  const char *reason) {
    tr_scan_stats *stats = reader->scan->scan.stats;
    uint32_t unclaimed = 0;
    atomic_fetch_add_explicit(&stats->rows_bad, 1, memory_order_relaxed);
    if (!atomic_compare_exchange_strong(&stats->bad_lock, &unclaimed, 1))
        return;
    uint64_t at = reader->buffer_offset + (uint64_t)(reader->text - reader->buffer) + offset;
    uint64_t line = line_of(reader, at);
    char what[260], where[40], name[120] = "";
    escape(bytes, what);
    if (line)
        snprintf(where, sizeof where, "line %llu", (unsigned long long)line);
    else
        snprintf(where, sizeof where, "byte %llu", (unsigned long long)at);
    if (column != UINT32_MAX) {
        tr_str text = reader->scan->files->table.schema.fields[column].name;
        snprintf(name, sizeof name, ", column %.*s", text.len < 100 ? (int)text.len : 100,
                 text.ptr);
    }
    char message[800];
    snprintf(message, sizeof message, "'%.120s', %s%s: %s: '%.150s'", reader->file->path, where,
             name, reason, what);
    size_t n = strlen(message), max = sizeof stats->bad_message - 1;
    memcpy(stats->bad_message, message, n < max ? n : max);
    atomic_store_explicit(&stats->bad_lock, 2, memory_order_release);
}

void tr_row_bad(tr_reader *reader, uint32_t row, uint32_t column, tr_str bytes,
                const char *reason) {
    uint64_t origin = reader->buffer_offset + (uint64_t)(reader->text - reader->buffer);
    if (origin + reader->rows.start[row] >= reader->limit)
        return; /* a row of the next morsel, cut by the way */
    if (tr_bit_get(reader->bad, row))
        return;
    tr_bit_set(reader->bad, row);
    if (reader->why)
        reader->why[row] = (tr_reject_why){reason, column};
    tr_bytes_bad(reader, reader->rows.start[row], column, bytes, reason);
}

static const char *not_a(tr_type type) {
    switch (type) {
    case TR_BOOL: return "not a bool";
    case TR_INT: return "not an int";
    case TR_LONG: return "not a long";
    case TR_REAL: return "not a real";
    case TR_DECIMAL: return "not a decimal";
    case TR_DATETIME: return "not a datetime";
    case TR_TIMESPAN: return "not a timespan";
    case TR_GUID: return "not a guid";
    default: return "not a value of the column's type";
    }
}

/* ---- parsing ---- */

typedef struct {
    tr_reader *reader;
    uint32_t column;
    tr_type type;
    const tr_str *texts;
    const uint16_t *rows;
    uint32_t n;
} parse_job;

static void report(const parse_job *job, uint32_t i) {
    uint32_t row = job->reader->batch_first + (job->rows ? job->rows[i] : i);
    tr_row_bad(job->reader, row, job->column, job->texts[i], not_a(job->type));
}

/* What the kernels do not read. */
static bool slow_i64(tr_type type, tr_str text, int64_t *out) {
    double real;
    if (type == TR_DATETIME)
        return tr_parse_datetime(text.ptr, text.len, out);
    if (tr_parse_long(text.ptr, text.len, out))
        return true;
    if (!tr_parse_real(text.ptr, text.len, &real) || !(real >= -0x1p63 && real < 0x1p63))
        return false;
    *out = (int64_t)real;
    return (double)*out == real;
}

/* valid has the rows that the kernel read; the others are tried again. */
static void read_rest(const parse_job *job, int64_t *values, double *reals, uint64_t *valid) {
    for (uint32_t i = 0; i < job->n; i++) {
        if (!(i & 63) && valid[i >> 6] == UINT64_MAX) {
            i += 63;
            continue;
        }
        tr_str text = job->texts[i];
        if (tr_bit_get(valid, i) || !text.len)
            continue;
        bool ok = reals ? tr_parse_real(text.ptr, text.len, &reals[i])
                        : slow_i64(job->type, text, &values[i]);
        if (ok)
            tr_bit_set(valid, i);
        else if (!tr_is_null_word(text.ptr, text.len))
            report(job, i);
    }
}

static bool all_set(const uint64_t *bits, uint32_t n) {
    for (uint32_t i = 0; i < n / 64; i++) {
        if (bits[i] != UINT64_MAX)
            return false;
    }
    return n % 64 == 0 || bits[n / 64] == (1ull << n % 64) - 1;
}

static void narrow(const parse_job *job, const int64_t *values, uint64_t *valid, int32_t *out) {
    for (uint32_t i = 0; i < job->n; i++) {
        out[i] = (int32_t)values[i];
        if (tr_bit_get(valid, i) && values[i] != out[i]) {
            tr_bit_clear(valid, i);
            report(job, i);
        }
    }
}

static trawl_status parse_numbers(const parse_job *job, tr_arena *scratch, tr_vec *out,
                                  trawl_error *err) {
    const tr_kernels *kernels = job->reader->kernels;
    const tr_kernel_str *texts = (const tr_kernel_str *)(const void *)job->texts;
    uint64_t *valid = tr_arena_zalloc(scratch, TR_BITS_WORDS(job->n) * 8 + 64, 64);
    tr_vec vec, wide = {0};
    if (!valid)
        return tr_fail_memory(err);
    TR_TRY(tr_vec_new(scratch, job->type, job->n, &vec, err));
    int64_t *values = vec.data;
    if (job->type == TR_INT) {
        TR_TRY(tr_vec_new(scratch, TR_LONG, job->n, &wide, err));
        values = wide.data;
    }
    if (job->type == TR_REAL) {
        kernels->json.reals(texts, job->n, vec.data, valid);
    } else if (job->type == TR_DATETIME) {
        kernels->datetime.parse(texts, job->n, values, valid);
    } else {
        kernels->json.longs(texts, job->n, values, valid);
    }
    if (!all_set(valid, job->n))
        read_rest(job, values, job->type == TR_REAL ? vec.data : NULL, valid);
    if (job->type == TR_INT)
        narrow(job, values, valid, vec.data);
    vec.valid = all_set(valid, job->n) ? NULL : valid;
    *out = vec;
    return TRAWL_OK;
}

static trawl_status parse_others(const parse_job *job, tr_arena *scratch, tr_vec *out,
                                 trawl_error *err) {
    tr_vec vec;
    bool some_null = false;
    TR_TRY(tr_vec_new(scratch, job->type, job->n, &vec, err));
    TR_TRY(tr_vec_need_valid(scratch, &vec, job->n, err));
    for (uint32_t i = 0; i < job->n; i++) {
        tr_str text = job->texts[i];
        tr_value value = {.type = job->type, .is_null = true};
        bool is_null = tr_is_null_word(text.ptr, text.len);
        if (!is_null && !tr_parse_value(scratch, job->type, text, &value))
            return tr_fail_memory(err);
        if (value.is_null && !is_null)
            report(job, i);
        if (value.is_null && job->type == TR_DYNAMIC)
            value.as.str = tr_null_dynamic();
        some_null |= value.is_null;
        tr_vec_set(&vec, i, &value);
        if (value.is_null && job->type == TR_DYNAMIC)
            ((tr_str *)vec.data)[i] = tr_null_dynamic();
    }
    if (!some_null)
        vec.valid = NULL;
    *out = vec;
    return TRAWL_OK;
}

trawl_status tr_values_parse(tr_reader *reader, uint32_t column, tr_type type, const tr_str *texts,
                             const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                             trawl_error *err) {
    parse_job job = {reader, column, type, texts, rows, n};
    if (n && (type == TR_LONG || type == TR_INT || type == TR_REAL || type == TR_DATETIME))
        return parse_numbers(&job, scratch, out, err);
    return parse_others(&job, scratch, out, err);
}

void tr_vec_mark_text(tr_vec *vec, uint32_t n) {
    const tr_str *str = vec->data;
    const char *first = NULL, *last = NULL;
    size_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!str[i].len)
            continue;
        if (!first)
            first = str[i].ptr;
        last = str[i].ptr + str[i].len;
        total += str[i].len;
    }
    /* Empty rows of other texts are not inside: they would break the contract. */
    for (uint32_t i = 0; first && i < n; i++) {
        if (str[i].ptr < first || str[i].ptr + str[i].len > last)
            return;
    }
    if (!first || total < (size_t)(last - first) / 2)
        return;
    vec->text = first;
    vec->text_bytes = (size_t)(last - first);
}

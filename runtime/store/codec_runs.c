/* runtime/store/codec_runs.c: values that repeat: each once, and how often.
 *
 * page   how many runs (varint), their lengths less 1, their values (tr_put_integers): integers
 *        as int64_t, reals by their bits, and of bool the first value alone (a byte), for they
 *        take turns */
#include "runtime/store/column_frame.h"

/* Fewer rows a run than this, and the codec is of no use. */
enum { RUN_ROWS_MIN = 3 };

static bool fits(tr_type type) {
    return type == TR_INT || tr_type_is_i64(type) || type == TR_REAL || type == TR_BOOL;
}

/* ---- encoding ---- */

typedef struct {
    uint64_t values[TR_BATCH_ROWS];
    uint64_t lengths[TR_BATCH_ROWS]; /* less 1 */
    uint32_t count;
} runs;

/* Runs of v[0..n); stops when there are too many. */
static void find_runs(const uint64_t *v, uint32_t n, uint32_t most, runs *out) {
    uint32_t count = 0, start = 0;
    for (uint32_t i = 1; i <= n && count <= most; i++) {
        if (i < n && v[i] == v[start])
            continue;
        out->values[count] = v[start];
        out->lengths[count++] = i - start - 1;
        start = i;
    }
    out->count = count;
}

static void find_bit_runs(const uint64_t *bits, uint32_t n, uint32_t most, runs *out) {
    uint32_t count = 0, start = 0;
    for (uint32_t i = 1; i <= n && count <= most; i++) {
        if (i < n && tr_bit_get(bits, i) == tr_bit_get(bits, start))
            continue;
        out->values[count] = tr_bit_get(bits, start);
        out->lengths[count++] = i - start - 1;
        start = i;
    }
    out->count = count;
}

static trawl_status put_runs(const runs *r, tr_type type, tr_buf *out, trawl_error *err) {
    if (!tr_put_varint(out, r->count))
        return tr_fail_memory(err);
    TR_TRY(tr_put_integers(NULL, r->lengths, r->count, out, err));
    if (type != TR_BOOL)
        return tr_put_integers(NULL, r->values, r->count, out, err);
    return tr_buf_put_char(out, (char)r->values[0]) ? TRAWL_OK : tr_fail_memory(err);
}

static trawl_status encode(tr_arena *scratch, const tr_column_input *in, tr_column_writer *out,
                           bool *fit, trawl_error *err) {
    int64_t room[TR_BATCH_ROWS];
    runs r;
    uint32_t run_count = 0;
    (void)scratch;
    *fit = false;
    for (uint32_t p = 0; p < tr_page_count(in->n); p++) {
        uint32_t n = tr_page_rows(in->n, p);
        uint32_t most = in->n / RUN_ROWS_MIN - run_count;
        if (in->type == TR_BOOL)
            find_bit_runs(in->pages[p].data, n, most, &r);
        else if (in->type == TR_REAL)
            find_runs(in->pages[p].data, n, most, &r);
        else
            find_runs((const uint64_t *)tr_page_integers(in->pages + p, n, room), n, most, &r);
        if (r.count > most)
            return TRAWL_OK;
        run_count += r.count;
        TR_TRY(put_runs(&r, in->type, &out->pages, err));
        TR_TRY(tr_page_end(out, p, err));
    }
    *fit = true;
    return TRAWL_OK;
}

/* ---- decoding ---- */

typedef struct {
    uint64_t *values;
    uint64_t *ends; /* row behind each run; the last is the page's rows */
    uint32_t count;
} page_runs;

static trawl_status get_ends(uint32_t rows, page_runs *r, trawl_error *err) {
    uint64_t end = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->ends[i] >= rows - end)
            return tr_fail(err, TRAWL_E_DATA, "the runs of a page have more than its %u rows",
                           rows);
        end += r->ends[i] + 1;
        r->ends[i] = end;
    }
    if (end != rows)
        return tr_fail(err, TRAWL_E_DATA, "the runs of a page have %llu rows, not %u",
                       (unsigned long long)end, rows);
    return TRAWL_OK;
}

static trawl_status get_runs(const char *at, const char *end, tr_type type, uint32_t rows,
                             tr_arena *scratch, page_runs *out, trawl_error *err) {
    uint64_t count;
    if (!tr_get_varint(&at, end, &count) || count == 0 || count > rows)
        return tr_fail(err, TRAWL_E_DATA, "the number of runs of a page is damaged");
    size_t room = (count + TR_UNPACK_ROWS - 1) / TR_UNPACK_ROWS * TR_UNPACK_ROWS;
    page_runs r = {.count = (uint32_t)count};
    r.ends = tr_arena_alloc(scratch, room * sizeof(uint64_t), 64);
    r.values = tr_arena_alloc(scratch, room * sizeof(uint64_t), 64);
    if (!r.ends || !r.values)
        return tr_fail_memory(err);
    TR_TRY(tr_get_integers(&at, end, r.count, r.ends, err));
    TR_TRY(get_ends(rows, &r, err));
    if (type != TR_BOOL) {
        TR_TRY(tr_get_integers(&at, end, r.count, r.values, err));
    } else {
        if (at == end)
            return tr_fail(err, TRAWL_E_DATA, "the runs of a page of bool have no first value");
        for (uint32_t i = 0; i < r.count; i++)
            r.values[i] = ((uint8_t)*at ^ i) & 1;
    }
    *out = r;
    return TRAWL_OK;
}

/* Set bits [from, to). */
static void set_bits(uint64_t *bits, uint32_t from, uint32_t to) {
    while (from < to) {
        uint32_t n = 64 - from % 64 < to - from ? 64 - from % 64 : to - from;
        bits[from / 64] |= (n == 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1) << from % 64;
        from += n;
    }
}

static void spread_u64(const page_runs *r, uint64_t *out) {
    uint64_t row = 0;
    for (uint32_t i = 0; i < r->count; i++)
        for (uint64_t value = r->values[i], end = r->ends[i]; row < end; row++)
            out[row] = value;
}

static void spread_u32(const page_runs *r, uint32_t *out) {
    uint64_t row = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        uint32_t value = (uint32_t)r->values[i];
        for (uint64_t end = r->ends[i]; row < end; row++)
            out[row] = value;
    }
}

static void spread_bits(const page_runs *r, uint64_t *out) {
    for (uint32_t i = 0; i < r->count; i++)
        if (r->values[i])
            set_bits(out, i ? (uint32_t)r->ends[i - 1] : 0, (uint32_t)r->ends[i]);
}

static trawl_status decode(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                           const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                           trawl_error *err) {
    uint32_t page_rows = tr_page_rows(column->n, p);
    page_runs r;
    tr_vec all;
    TR_TRY(get_runs(page, page + bytes, column->type, page_rows, scratch, &r, err));
    TR_TRY(tr_vec_new(scratch, column->type, page_rows, &all, err));
    if (column->type == TR_BOOL)
        spread_bits(&r, all.data);
    else if (column->type == TR_INT)
        spread_u32(&r, all.data);
    else
        spread_u64(&r, all.data);
    if (rows)
        return tr_vec_gather(scratch, &all, rows, n, out, err);
    *out = all;
    return TRAWL_OK;
}

/* ---- tests ---- */

/* The values of the runs as a column of their own, which the test then decides. */
static trawl_status run_values(const page_runs *r, tr_type type, tr_arena *scratch, tr_vec *out,
                               trawl_error *err) {
    TR_TRY(tr_vec_new(scratch, type, r->count, out, err));
    for (uint32_t i = 0; i < r->count; i++) {
        if (type == TR_INT)
            ((uint32_t *)out->data)[i] = (uint32_t)r->values[i];
        else if (type != TR_BOOL)
            ((uint64_t *)out->data)[i] = r->values[i];
        else if (r->values[i])
            tr_bit_set(out->data, i);
    }
    return TRAWL_OK;
}

static trawl_status probe_page(const tr_column_probe *probe, uint32_t p, const char *page,
                               size_t bytes, tr_arena *scratch, uint64_t *bits, trawl_error *err) {
    uint32_t n = tr_page_rows(probe->column->n, p);
    uint64_t met[TR_BITS_WORDS(TR_BATCH_ROWS)], match[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
    page_runs r;
    tr_vec values;
    TR_TRY(get_runs(page, page + bytes, probe->column->type, n, scratch, &r, err));
    TR_TRY(run_values(&r, probe->column->type, scratch, &values, err));
    memset(met, 0xff, sizeof met);
    if (r.count & 63)
        met[r.count / 64] = (UINT64_C(1) << (r.count & 63)) - 1;
    TR_TRY(tr_column_probe_rows(probe, &values, r.count, scratch, met, err));
    for (uint32_t i = 0; i < r.count; i++)
        if (tr_bit_get(met, i))
            set_bits(match, i ? (uint32_t)r.ends[i - 1] : 0, (uint32_t)r.ends[i]);
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        bits[w] &= match[w];
    return TRAWL_OK;
}

const tr_codec tr_codec_runs = {
    .id = TR_CODEC_RUNS,
    .name = "runs",
    .fits = fits,
    .scan_ns = 0.3,
    .encode = encode,
    .decode = decode,
    .probe_page = probe_page,
};

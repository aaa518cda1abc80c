/* runtime/store/column_encode.c: from vectors to an encoded column: nulls, zones, and the choice of
 * the codec.
 *
 * The choice: every codec that fits encodes SAMPLE_PAGES pages spread over the group. What that
 * makes of the whole is reckoned, and the codec of least cost wins; a byte costs as much as
 * BYTE_NS of decoding (a cold read or a network disk gives about a byte a nanosecond; files shall
 * be small), or, if the column is cold, decoding costs nothing but decides between equals. If the
 * winner turns out not to fit the whole, the next one encodes it.
 *
 * Choosing costs as much as encoding. A caller that encodes group after group of one column hands
 * in a memory: the codec is then chosen for one group in REUSES_MAX, or when rows take clearly more
 * or less than they did. */
#include <stdlib.h>

#include "runtime/store/column_local.h"

#define BYTE_NS 2.0

enum { SAMPLE_PAGES = 3, CODECS_MAX = 32, REUSES_MAX = 16 };

/* A codec is chosen anew if a row takes so much more or less than when it was chosen. */
#define DRIFT_UP   1.05
#define DRIFT_DOWN 0.90

/* ---- nulls ---- */

/* A column whose null rows hold the value before them (dynamic: a null); pages without nulls are
 * not copied. */
typedef struct {
    tr_vec pages[TR_GROUP_PAGES];
    uint32_t null_counts[TR_GROUP_PAGES];
    tr_zone zones[TR_GROUP_PAGES];
} filled;

static bool is_null_row(const tr_vec *page, uint32_t i) {
    return page->valid && page->type != TR_STRING && !tr_bit_get(page->valid, i);
}

/* The first value of the column, or what stands for a null if there is none. A dynamic null is one
 * zero byte: repeating what may be a long value would not pay. */
static tr_value first_value(const tr_column_input *in, const uint32_t *null_counts) {
    tr_value v = {.type = in->type};
    if (in->type == TR_DYNAMIC) {
        v.as.str = (tr_str){tr_empty_text, 1, 0};
        return v;
    }
    for (uint32_t p = 0; p < tr_page_count(in->n); p++) {
        uint32_t rows = tr_page_rows(in->n, p);
        for (uint32_t i = 0; i < rows && null_counts[p] < rows; i++)
            if (!is_null_row(in->pages + p, i))
                return tr_vec_value(in->pages + p, i);
    }
    return v;
}

/* `before` goes in as the value before the page, and comes back as its last. */
static trawl_status fill_page(tr_arena *local, const tr_vec *page, uint32_t n, tr_value *before,
                              tr_vec *out, trawl_error *err) {
    tr_vec v;
    TR_TRY(tr_vec_new(local, page->type, n, &v, err));
    size_t bytes =
        page->type == TR_BOOL ? TR_BITS_WORDS(n) * 8 : (size_t)n * tr_type_bytes(page->type);
    memcpy(v.data, page->data, bytes);
    uint32_t from = 0; /* rows of a run of nulls are written when it ends */
    for (uint32_t i = 0; i <= n; i++) {
        if (i < n && is_null_row(page, i))
            continue;
        if (from < i) {
            tr_value value = *before;
            if (from && page->type != TR_DYNAMIC)
                value = tr_vec_value(&v, from - 1);
            for (uint32_t j = from; j < i; j++)
                tr_vec_set(&v, j, &value);
        }
        from = i + 1;
    }
    if (page->type != TR_DYNAMIC)
        *before = tr_vec_value(&v, n - 1);
    *out = v;
    return TRAWL_OK;
}

static uint32_t count_nulls(const tr_vec *page, uint32_t n) {
    uint64_t valid[TR_BITS_WORDS(TR_BATCH_ROWS)];
    if (!page->valid || page->type == TR_STRING)
        return 0;
    memcpy(valid, page->valid, TR_BITS_WORDS(n) * sizeof *valid);
    if (n & 63)
        valid[n / 64] &= (UINT64_C(1) << (n & 63)) - 1;
    return n - tr_kernels_now()->bits.count(valid, n);
}

static trawl_status fill_nulls(tr_arena *local, const tr_column_input *in, filled *out,
                               trawl_error *err) {
    uint32_t page_count = tr_page_count(in->n), null_count = 0;
    for (uint32_t p = 0; p < page_count; p++) {
        out->null_counts[p] = count_nulls(in->pages + p, tr_page_rows(in->n, p));
        null_count += out->null_counts[p];
    }
    tr_value before = null_count ? first_value(in, out->null_counts) : (tr_value){0};
    for (uint32_t p = 0; p < page_count; p++) {
        uint32_t rows = tr_page_rows(in->n, p);
        out->pages[p] = in->pages[p];
        out->pages[p].valid = NULL;
        if (out->null_counts[p])
            TR_TRY(fill_page(local, in->pages + p, rows, &before, out->pages + p, err));
        else if (null_count && in->type != TR_DYNAMIC)
            before = tr_vec_value(out->pages + p, rows - 1);
    }
    return TRAWL_OK;
}

/* ---- the choice ---- */

typedef struct {
    const tr_codec *codec;
    double cost;
    uint64_t bytes; /* of the whole, reckoned */
} trial;

static void writer_start(tr_column_writer *out, tr_arena *local) {
    memset(out, 0, sizeof *out);
    tr_buf_start(&out->head, local);
    tr_buf_start(&out->pages, local);
}

/* Bytes of the head that the first `pages` pages of the sample need. */
static trawl_status head_bytes_of(tr_arena *local, const tr_codec *codec,
                                  const tr_column_input *sample, uint32_t pages, double *out,
                                  trawl_error *err) {
    tr_column_input some = {sample->type, pages * TR_BATCH_ROWS, sample->pages};
    tr_column_writer writer;
    bool fit = true;
    writer_start(&writer, local);
    TR_TRY(codec->encode(local, &some, &writer, &fit, err));
    *out = fit ? (double)writer.head.n : 0;
    return TRAWL_OK;
}

/* Heads hold what pages share, and grow with the pages, but less and less: what the second and the
 * third page of the sample add tells how much less. That is taken half as seriously as it looks,
 * for rare values come later. */
static trawl_status grown_head(tr_arena *local, const tr_codec *codec,
                               const tr_column_input *sample, double pages, double head_bytes,
                               double *out, trawl_error *err) {
    double one, two;
    TR_TRY(head_bytes_of(local, codec, sample, 1, &one, err));
    TR_TRY(head_bytes_of(local, codec, sample, 2, &two, err));
    double before = two - one, step = head_bytes - two, total = head_bytes;
    double shrink = before > 0 && step < before ? (1 + step / before) / 2 : 1;
    for (uint32_t p = SAMPLE_PAGES; p < pages && step > 0; p++)
        total += step *= shrink;
    *out = total;
    return TRAWL_OK;
}

static trawl_status try_codec(tr_arena *local, const tr_codec *codec, const tr_column_input *sample,
                              uint32_t n, trial *out, bool *fit, trawl_error *err) {
    tr_column_writer writer;
    writer_start(&writer, local);
    *fit = true;
    TR_TRY(codec->encode(local, sample, &writer, fit, err));
    if (!*fit)
        return TRAWL_OK;
    double ratio = (double)n / sample->n;
    double head = (double)writer.head.n, pages = (double)writer.pages.n;
    if (n > sample->n && head * 8 > pages) /* else a few per cent at most */
        TR_TRY(grown_head(local, codec, sample, ratio * SAMPLE_PAGES, head, &head, err));
    *out = (trial){.codec = codec, .bytes = (uint64_t)(head + pages * ratio)};
    return TRAWL_OK;
}

static int by_cost(const void *left, const void *right) {
    const trial *a = left, *b = right;
    if (a->cost != b->cost)
        return a->cost < b->cost ? -1 : 1;
    if (a->codec->scan_ns != b->codec->scan_ns)
        return a->codec->scan_ns < b->codec->scan_ns ? -1 : 1;
    return (int)a->codec->id - (int)b->codec->id;
}

/* Full pages from the first, the middle and the last third; the whole if it has no more. */
static tr_column_input take_sample(const tr_column_input *in, tr_vec *pages) {
    uint32_t full = in->n / TR_BATCH_ROWS;
    if (tr_page_count(in->n) <= SAMPLE_PAGES || full < SAMPLE_PAGES)
        return *in;
    for (uint32_t i = 0; i < SAMPLE_PAGES; i++)
        pages[i] = in->pages[(2 * i + 1) * full / (2 * SAMPLE_PAGES)];
    return (tr_column_input){in->type, SAMPLE_PAGES * TR_BATCH_ROWS, pages};
}

/* Codecs that fit, the best first. */
static trawl_status choose(tr_arena *local, const tr_column_input *in,
                           const tr_column_options *options, trial *trials, uint32_t *count,
                           trawl_error *err) {
    tr_vec pages[SAMPLE_PAGES];
    tr_column_input sample = take_sample(in, pages);
    tr_arena_mark mark = tr_arena_here(local);
    uint32_t n = 0;
    for (uint32_t id = 0; id < CODECS_MAX; id++) {
        const tr_codec *codec = tr_codec_of(id);
        bool fit;
        if (!codec || options->codecs_off >> id & 1 || !codec->fits(in->type))
            continue;
        TR_TRY(try_codec(local, codec, &sample, in->n, trials + n, &fit, err));
        tr_arena_release(local, mark);
        if (!fit)
            continue;
        trials[n].cost = (double)trials[n].bytes * BYTE_NS;
        if (!options->cold)
            trials[n].cost += codec->scan_ns * in->n;
        n++;
    }
    qsort(trials, n, sizeof *trials, by_cost);
    trials[n++] = (trial){.codec = &tr_codec_plain}; /* the way out, whatever is switched off */
    *count = n;
    return TRAWL_OK;
}

/* ---- putting it together ---- */

/* Cut the codec's pages up; a page with nulls is copied behind its bitmap. */
static trawl_status put_pages(tr_arena *local, const tr_column_input *in, const filled *values,
                              const tr_column_writer *writer, tr_encoded *out, trawl_error *err) {
    uint32_t from = 0;
    for (uint32_t p = 0; p < tr_page_count(in->n); p++) {
        uint32_t rows = tr_page_rows(in->n, p), nulls = values->null_counts[p];
        const char *bytes = writer->pages.bytes + from;
        uint32_t n = writer->page_ends[p] - from;
        from = writer->page_ends[p];
        out->pages[p] = TR_STR_EMPTY;
        if (nulls == rows || (n == 0 && nulls == 0))
            continue;
        if (nulls == 0) {
            out->pages[p] = tr_str_make(bytes, n);
            continue;
        }
        size_t null_bytes = TR_BITS_WORDS(rows) * 8;
        char *page = tr_arena_alloc(local, null_bytes + n, 8);
        if (!page)
            return tr_fail_memory(err);
        memcpy(page, in->pages[p].valid, null_bytes);
        if (rows & 63) /* what lies past the rows is not the same every time */
            ((uint64_t *)(void *)page)[rows / 64] &= (UINT64_C(1) << (rows & 63)) - 1;
        if (n)
            memcpy(page + null_bytes, bytes, n);
        out->pages[p] = tr_str_make(page, (uint32_t)(null_bytes + n));
    }
    return TRAWL_OK;
}

static trawl_status encode_with(tr_arena *local, const trial *t, const tr_column_input *in,
                                const filled *values, tr_column_memory *memory, tr_encoded *out,
                                bool *fit, trawl_error *err) {
    tr_column_input flat = {in->type, in->n, values->pages};
    tr_column_head head = {in->type, t->codec->id, in->n, values->null_counts, values->zones};
    tr_column_writer writer;
    tr_buf bytes;
    *fit = true;
    writer_start(&writer, local);
    writer.memory = memory;
    tr_buf_start(&bytes, local);
    /* Room at once spares copies; a guess that is too small does no harm. */
    if (t->bytes && !tr_buf_need(&writer.pages, t->bytes + t->bytes / 16))
        return tr_fail_memory(err);
    TR_TRY(t->codec->encode(local, &flat, &writer, fit, err));
    if (!*fit)
        return TRAWL_OK;
    TR_TRY(tr_column_put_head(&head, &bytes, err));
    if (!tr_buf_put(&bytes, writer.head.bytes, writer.head.n))
        return tr_fail_memory(err);
    if (bytes.n > UINT32_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "the head of a column has %zu bytes, at most %u",
                       bytes.n, UINT32_MAX);
    out->head = tr_buf_str(&bytes);
    out->codec = t->codec->id;
    return put_pages(local, in, values, &writer, out, err);
}

/* ---- from group to group ---- */

tr_column_memory *tr_column_memory_part(tr_column_memory *memory, uint64_t key) {
    if (!memory)
        return NULL;
    for (tr_column_memory *part = memory->parts; part; part = part->next)
        if (part->key == key)
            return part;
    tr_column_memory *part = TR_NEW(memory->arena, tr_column_memory);
    if (!part)
        return NULL;
    *part = (tr_column_memory){.arena = memory->arena, .key = key, .next = memory->parts};
    memory->parts = part;
    return part;
}

static double row_bytes(const tr_encoded *encoded, uint32_t n) {
    double bytes = encoded->head.len;
    for (uint32_t p = 0; p < encoded->page_count; p++)
        bytes += encoded->pages[p].len;
    return bytes / n;
}

/* Encode as the group before was, if that is still a good way. */
static trawl_status encode_again(tr_arena *local, const tr_column_input *in, const filled *values,
                                 const tr_column_options *options, tr_encoded *out, bool *fit,
                                 trawl_error *err) {
    tr_column_memory *memory = options->memory;
    *fit = false;
    if (!memory || !memory->codec || memory->uses >= REUSES_MAX ||
        options->codecs_off >> memory->codec->id & 1)
        return TRAWL_OK;
    trial t = {.codec = memory->codec, .bytes = (uint64_t)(memory->row_bytes * in->n)};
    tr_arena_mark mark = tr_arena_here(local);
    tr_encoded encoded = *out;
    TR_TRY(encode_with(local, &t, in, values, memory, &encoded, fit, err));
    if (*fit) {
        double now = row_bytes(&encoded, in->n);
        *fit = now <= memory->row_bytes * DRIFT_UP && now >= memory->row_bytes * DRIFT_DOWN;
    }
    if (!*fit) {
        tr_arena_release(local, mark);
        return TRAWL_OK;
    }
    memory->uses++;
    *out = encoded;
    return TRAWL_OK;
}

static trawl_status encode_best(tr_arena *local, const tr_column_input *in, const filled *values,
                                const tr_column_options *options, tr_encoded *out,
                                trawl_error *err) {
    trial trials[CODECS_MAX + 1];
    uint32_t count;
    bool fit = false;
    tr_column_input flat = {in->type, in->n, values->pages};
    tr_column_memory *memory = options->memory;
    TR_TRY(choose(local, &flat, options, trials, &count, err));
    for (uint32_t i = 0; i < count && !fit; i++) {
        tr_arena_mark mark = tr_arena_here(local);
        if (memory && memory->codec != trials[i].codec) {
            memory->codec = trials[i].codec;
            memory->state = NULL;
        }
        TR_TRY(encode_with(local, trials + i, in, values, memory, out, &fit, err));
        if (!fit)
            tr_arena_release(local, mark);
    }
    if (!fit)
        return tr_fail(err, TRAWL_E_INTERNAL, "no codec holds a column of type %s",
                       tr_type_name(in->type));
    if (memory) {
        memory->row_bytes = row_bytes(out, in->n);
        memory->uses = 0;
    }
    return TRAWL_OK;
}

static trawl_status copy_text(tr_arena *local, tr_value *v, trawl_error *err) {
    if (v->is_null || !tr_type_is_text(v->type))
        return TRAWL_OK;
    const char *text = tr_arena_text(local, v->as.str.ptr, v->as.str.len);
    if (!text)
        return tr_fail_memory(err);
    v->as.str.ptr = text;
    return TRAWL_OK;
}

trawl_status tr_column_encode(tr_arena *local, const tr_column_input *in,
                              const tr_column_options *options, tr_encoded *out, trawl_error *err) {
    TR_ASSERT(in->n && in->n <= TR_GROUP_ROWS);
    filled *values = TR_NEW(local, filled);
    if (!values)
        return tr_fail_memory(err);
    tr_encoded encoded = {.page_count = tr_page_count(in->n)};
    TR_TRY(fill_nulls(local, in, values, err));
    for (uint32_t p = 0; p < encoded.page_count; p++) {
        tr_zone_of_page(in->pages + p, tr_page_rows(in->n, p), values->zones + p);
        encoded.null_count += values->null_counts[p];
        if (p == 0)
            encoded.zone = values->zones[0];
        else
            tr_zone_widen(&encoded.zone, values->zones + p);
    }
    TR_TRY(copy_text(local, &encoded.zone.low, err));
    TR_TRY(copy_text(local, &encoded.zone.high, err));
    bool fit;
    TR_TRY(encode_again(local, in, values, options, &encoded, &fit, err));
    if (!fit)
        TR_TRY(encode_best(local, in, values, options, &encoded, err));
    *out = encoded;
    return TRAWL_OK;
}

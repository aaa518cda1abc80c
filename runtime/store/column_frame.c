/* runtime/store/column_frame.c: reading and testing pages of packed integers. column_frame.h
 * describes the bytes, column_frame_put.c writes them. */
#include "runtime/store/column_frame.h"

/*  a longer list of wanted values is looked up in decoded ones  */
enum { PASSES_MAX = 8 };

/* ---- reading ---- */

bool tr_exception_rows_check(const char *rows, uint32_t count, uint32_t n) {
    bool ok = true;
    for (uint32_t i = 0; i < count; i++)
        ok &= tr_exception_row(rows, i) < n &&
              (i == 0 || tr_exception_row(rows, i - 1) < tr_exception_row(rows, i));
    return ok;
}

uint32_t tr_exception_find(const char *rows, uint32_t count, uint32_t row) {
    uint32_t from = 0, to = count;
    while (from < to) {
        uint32_t middle = (from + to) / 2;
        if (tr_exception_row(rows, middle) < row)
            from = middle + 1;
        else
            to = middle;
    }
    return from < count && tr_exception_row(rows, from) == row ? from : count;
}

static size_t block_bytes(const tr_frame *frame, uint32_t count) {
    return frame->word_bytes == 4 ? tr_block_bytes_u32(count, frame->width)
                                  : tr_block_bytes_u64(count, frame->width);
}

static uint32_t exception_row(const tr_frame *frame, uint32_t i) {
    return tr_exception_row(frame->exception_rows, i);
}

static trawl_status get_exceptions(const char **at, const char *end, tr_arena *scratch,
                                   tr_frame *frame, trawl_error *err) {
    uint64_t count;
    if (!tr_get_varint(at, end, &count) || count == 0 || count > frame->n ||
        (size_t)(end - *at) < count * sizeof(uint16_t))
        return tr_fail(err, TRAWL_E_DATA, "the exceptions of a packed page are damaged");
    frame->exception_count = (uint32_t)count;
    frame->exception_rows = *at;
    *at += count * sizeof(uint16_t);
    if (!tr_exception_rows_check(frame->exception_rows, frame->exception_count, frame->n))
        return tr_fail(err, TRAWL_E_DATA, "the rows of exceptions of a packed page are damaged");
    size_t room = (count + TR_UNPACK_ROWS - 1) / TR_UNPACK_ROWS * TR_UNPACK_ROWS;
    frame->exceptions = tr_arena_alloc(scratch, room * sizeof(uint64_t), 64);
    if (!frame->exceptions)
        return tr_fail_memory(err);
    return tr_get_integers(at, end, frame->exception_count, frame->exceptions, err);
}

trawl_status tr_frame_get(const char **at, const char *end, uint32_t n, uint32_t word_bytes,
                          tr_arena *scratch, tr_frame *out, trawl_error *err) {
    const char *from = *at;
    int64_t base;
    if (end - from < 2)
        return tr_fail(err, TRAWL_E_DATA, "a packed page ends within its head");
    tr_frame frame = {.n = n, .word_bytes = word_bytes, .width = (uint8_t)from[0], .factor = 1};
    uint32_t flags = (uint8_t)from[1];
    from += 2;
    if (frame.width > 8 * word_bytes || flags > (TR_FRAME_FACTOR | TR_FRAME_EXCEPTIONS))
        return tr_fail(err, TRAWL_E_DATA, "a packed page of %u bits, flags %u", frame.width, flags);
    if (!tr_get_signed(&from, end, &base) ||
        (flags & TR_FRAME_FACTOR && !tr_get_varint(&from, end, &frame.factor)) || !frame.factor)
        return tr_fail(err, TRAWL_E_DATA, "a packed page ends within its head");
    frame.base = (uint64_t)base;
    frame.packed = from;
    size_t bytes =
        n / TR_UNPACK_ROWS * TR_UNPACK_BYTES(frame.width) + block_bytes(&frame, n % TR_UNPACK_ROWS);
    if ((size_t)(end - from) < bytes)
        return tr_fail(err, TRAWL_E_DATA, "a packed page has %zu bytes, at least %zu expected",
                       (size_t)(end - from), bytes);
    from += bytes;
    if (flags & TR_FRAME_EXCEPTIONS)
        TR_TRY(get_exceptions(&from, end, scratch, &frame, err));
    *at = from;
    *out = frame;
    return TRAWL_OK;
}

/* ---- unpacking ---- */

/* Block b, whole: where it lies, or, if it is cut short, in `room`. */
static const void *whole_block(const tr_frame *frame, uint32_t b, void *room) {
    const char *at = frame->packed + b * TR_UNPACK_BYTES(frame->width);
    uint32_t rows = frame->n - b * TR_UNPACK_ROWS;
    size_t whole = TR_UNPACK_BYTES(frame->width);
    size_t bytes = rows < TR_UNPACK_ROWS ? block_bytes(frame, rows) : whole;
    if (bytes == whole)
        return at;
    memcpy(room, at, bytes);
    memset((char *)room + bytes, 0, whole - bytes);
    return room;
}

static void multiply_u64(uint64_t *v, uint64_t base, uint64_t factor) {
    for (uint32_t i = 0; i < TR_UNPACK_ROWS; i++)
        v[i] = base + v[i] * factor;
}

static void multiply_u32(uint32_t *v, uint32_t base, uint32_t factor) {
    for (uint32_t i = 0; i < TR_UNPACK_ROWS; i++)
        v[i] = base + v[i] * factor;
}

void tr_frame_values(const tr_frame *frame, void *out) {
    const tr_unpack_ops *ops = &tr_kernels_now()->unpack;
    uint64_t room[TR_UNPACK_ROWS];
    uint64_t base = frame->factor == 1 ? frame->base : 0;
    for (uint32_t b = 0; b * TR_UNPACK_ROWS < frame->n; b++) {
        const void *packed = whole_block(frame, b, room);
        if (frame->word_bytes == 8) {
            uint64_t *v = (uint64_t *)out + b * TR_UNPACK_ROWS;
            ops->u64(packed, frame->width, base, v);
            if (frame->factor != 1)
                multiply_u64(v, frame->base, frame->factor);
        } else {
            uint32_t *v = (uint32_t *)out + b * TR_UNPACK_ROWS;
            ops->u32(packed, frame->width, (uint32_t)base, v);
            if (frame->factor != 1)
                multiply_u32(v, (uint32_t)frame->base, (uint32_t)frame->factor);
        }
    }
    for (uint32_t i = 0; i < frame->exception_count; i++) {
        uint64_t value = frame->base + frame->exceptions[i] * frame->factor;
        if (frame->word_bytes == 8)
            ((uint64_t *)out)[exception_row(frame, i)] = value;
        else
            ((uint32_t *)out)[exception_row(frame, i)] = (uint32_t)value;
    }
}

uint64_t tr_frame_value(const tr_frame *frame, uint32_t row) {
    uint32_t bits = 8 * frame->word_bytes, lanes = TR_UNPACK_ROWS / bits, width = frame->width;
    uint32_t i = row % TR_UNPACK_ROWS;
    uint32_t bit = i / lanes * width, shift = bit % bits;
    size_t stride = (size_t)lanes * frame->word_bytes;
    const char *at = frame->packed + row / TR_UNPACK_ROWS * TR_UNPACK_BYTES(width) +
                     bit / bits * stride + i % lanes * frame->word_bytes;
    uint64_t low = 0, high = 0;
    uint32_t exception = tr_exception_find(frame->exception_rows, frame->exception_count, row);
    if (exception < frame->exception_count)
        return frame->base + frame->exceptions[exception] * frame->factor;
    if (width == 0)
        return frame->base;
    memcpy(&low, at, frame->word_bytes);
    if (shift + width > bits)
        memcpy(&high, at + stride, frame->word_bytes);
    low >>= shift;
    if (shift)
        low |= high << (bits - shift);
    return frame->base + (low & UINT64_MAX >> (64 - width)) * frame->factor;
}

/* ---- tests ---- */

static void put_bits(uint64_t *into, uint64_t *bits, bool more) {
    for (uint32_t w = 0; w < TR_UNPACK_ROWS / 64; w++)
        into[w] = more ? into[w] | bits[w] : bits[w];
}

/* match[] (whole blocks) becomes, or with `more` gains, the rows whose packed number is in
 * low .. high; exceptions count as 0. */
static void match_packed(const tr_frame *frame, uint64_t low, uint64_t high, bool more,
                         uint64_t *match) {
    const tr_unpack_ops *ops = &tr_kernels_now()->unpack;
    uint64_t room[TR_UNPACK_ROWS], bits[TR_UNPACK_ROWS / 64];
    for (uint32_t b = 0; b * TR_UNPACK_ROWS < frame->n; b++) {
        if (low > high || (frame->word_bytes == 4 && low > UINT32_MAX))
            memset(bits, 0, sizeof bits);
        else if (frame->word_bytes == 4)
            ops->u32_between(whole_block(frame, b, room), frame->width, (uint32_t)low,
                             high < UINT32_MAX ? (uint32_t)high : UINT32_MAX, bits);
        else
            ops->u64_between(whole_block(frame, b, room), frame->width, low, high, bits);
        put_bits(match + b * (TR_UNPACK_ROWS / 64), bits, more);
    }
}

/* The packed numbers of the values low .. high are *from .. *to; from > to if there are none. */
static void packed_range(const tr_frame *frame, int64_t low, int64_t high, uint64_t *from,
                         uint64_t *to) {
    int64_t base = (int64_t)frame->base;
    uint64_t above = low > base ? (uint64_t)low - (uint64_t)base : 0;
    *from = above / frame->factor + (above % frame->factor != 0);
    *to = ((uint64_t)high - (uint64_t)base) / frame->factor;
    if (high < base || low > high) {
        *from = 1;
        *to = 0;
    }
}

static int64_t exception_value(const tr_frame *frame, uint32_t i) {
    uint64_t value = frame->base + frame->exceptions[i] * frame->factor;
    return frame->word_bytes == 4 ? (int32_t)(uint32_t)value : (int64_t)value;
}

static void put_match(const tr_frame *frame, uint32_t i, bool meets, uint64_t *match) {
    if (meets)
        tr_bit_set(match, exception_row(frame, i));
    else
        tr_bit_clear(match, exception_row(frame, i));
}

static void keep_matches(const tr_frame *frame, const uint64_t *match, uint64_t *bits) {
    for (size_t w = 0; w < TR_BITS_WORDS(frame->n); w++)
        bits[w] &= match[w];
}

void tr_frame_between(const tr_frame *frame, int64_t low, int64_t high, uint64_t *bits) {
    uint64_t match[TR_BITS_WORDS(TR_BATCH_ROWS)], from, to;
    packed_range(frame, low, high, &from, &to);
    match_packed(frame, from, to, false, match);
    for (uint32_t i = 0; i < frame->exception_count; i++) {
        int64_t value = exception_value(frame, i);
        put_match(frame, i, low <= value && value <= high, match);
    }
    keep_matches(frame, match, bits);
}

void tr_frame_among(const tr_frame *frame, const int64_t *values, uint32_t count, uint64_t *bits) {
    uint64_t match[TR_BITS_WORDS(TR_BATCH_ROWS)], from, to;
    for (uint32_t v = 0; v < count; v++) {
        packed_range(frame, values[v], values[v], &from, &to);
        match_packed(frame, from, to, v > 0, match);
    }
    for (uint32_t i = 0; i < frame->exception_count; i++) {
        int64_t value = exception_value(frame, i);
        bool meets = false;
        for (uint32_t v = 0; v < count; v++)
            meets |= value == values[v];
        put_match(frame, i, meets, match);
    }
    keep_matches(frame, match, bits);
}

/* ---- pages that are frames ---- */

trawl_status tr_page_end(tr_column_writer *out, uint32_t p, trawl_error *err) {
    if (out->pages.failed)
        return tr_fail_memory(err);
    if (out->pages.n > UINT32_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "a column of a row group has %zu bytes, at most %u",
                       out->pages.n, UINT32_MAX);
    out->page_ends[p] = (uint32_t)out->pages.n;
    return TRAWL_OK;
}

const int64_t *tr_page_integers(const tr_vec *page, uint32_t n, int64_t *room) {
    if (page->type != TR_INT)
        return tr_vec_i64(page);
    for (uint32_t i = 0; i < n; i++)
        room[i] = tr_vec_i32(page)[i];
    return room;
}

trawl_status tr_vec_of_blocks(tr_arena *scratch, tr_type type, uint32_t n, tr_vec *out,
                              trawl_error *err) {
    uint32_t rows = (n + TR_UNPACK_ROWS - 1) / TR_UNPACK_ROWS * TR_UNPACK_ROWS;
    return tr_vec_new(scratch, type, rows, out, err);
}

trawl_status tr_frame_encode(const tr_column_input *in, bool patch, tr_column_writer *out,
                             trawl_error *err) {
    int64_t room[TR_BATCH_ROWS];
    for (uint32_t p = 0; p < tr_page_count(in->n); p++) {
        uint32_t n = tr_page_rows(in->n, p);
        const int64_t *v = tr_page_integers(in->pages + p, n, room);
        TR_TRY(tr_frame_put(v, n, in->type == TR_INT ? 4 : 8, patch, &out->pages, err));
        TR_TRY(tr_page_end(out, p, err));
    }
    return TRAWL_OK;
}

trawl_status tr_frame_decode(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                             const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                             trawl_error *err) {
    tr_frame frame;
    tr_vec all;
    const char *at = page;
    uint32_t page_rows = tr_page_rows(column->n, p);
    uint32_t word_bytes = tr_type_bytes(column->type);
    TR_TRY(tr_frame_get(&at, page + bytes, page_rows, word_bytes, scratch, &frame, err));
    if (!rows || n > TR_FRAME_FEW) {
        TR_TRY(tr_vec_of_blocks(scratch, column->type, page_rows, &all, err));
        tr_frame_values(&frame, all.data);
        if (rows)
            return tr_vec_gather(scratch, &all, rows, n, out, err);
        *out = all;
        return TRAWL_OK;
    }
    TR_TRY(tr_vec_new(scratch, column->type, n, out, err));
    for (uint32_t i = 0; i < n; i++) {
        uint64_t value = tr_frame_value(&frame, rows[i]);
        if (word_bytes == 4)
            ((uint32_t *)out->data)[i] = (uint32_t)value;
        else
            ((uint64_t *)out->data)[i] = value;
    }
    return TRAWL_OK;
}

trawl_status tr_frame_probe(const tr_column_probe *probe, uint32_t p, const char *page,
                            size_t bytes, tr_arena *scratch, uint64_t *bits, trawl_error *err) {
    const tr_scan_bound *bound = probe->test.bound;
    tr_frame frame;
    const char *at = page;
    uint32_t n = tr_page_rows(probe->column->n, p);
    if (!bound)
        return TRAWL_OK;
    TR_TRY(tr_frame_get(&at, page + bytes, n, tr_type_bytes(probe->column->type), scratch, &frame,
                        err));
    if (bound->value_count && bound->value_count <= PASSES_MAX) {
        int64_t values[PASSES_MAX];
        for (uint32_t v = 0; v < bound->value_count; v++)
            values[v] = bound->values[v].as.i64;
        tr_frame_among(&frame, values, bound->value_count, bits);
        return TRAWL_OK;
    }
    tr_frame_between(&frame, tr_bound_is_none(&bound->low, false) ? INT64_MIN : bound->low.as.i64,
                     tr_bound_is_none(&bound->high, true) ? INT64_MAX : bound->high.as.i64, bits);
    if (!bound->value_count)
        return TRAWL_OK;
    return tr_column_test_decoded(probe, p, page, bytes, scratch, bits, err);
}

/* runtime/store/terms_build.c: rows of one column go in, terms and grams are collected.
 *
 * Texts are cut into terms and grams by kernels, some thousand rows at a time. What comes out are
 * pairs of a term's hash and a page, most repeats left out, and for each gram the set of its pages.
 * Must not know how either is written (terms_write.c). */
#include "runtime/data/dynamic.h"
#include "runtime/store/terms_format.h"

enum {
    SLICE_BYTES = 1 << 20,    /* text that is given to the kernels at once, or one row */
    TEXT_BYTES_MAX = 1 << 24, /* a longer text is not indexed: its page may then hold anything */
    PAIRS_MAX = 1 << 24,      /* more than these, and no terms are indexed in this group */
    TEXT_ROOM = 1 << 16,      /* for numbers of dynamic values, written out */
    NUMBER_BYTES_MAX = 512,   /* none is longer, written out */
};

static void start_group(tr_terms_builder *b) {
    b->added = b->open = 0;
    b->too_many = false;
    b->pairs.n = 0;
    memset(b->map, 0, TR_TERMS_GRAMS);
    memset(b->sets, 0, TR_TERMS_GRAMS * sizeof *b->sets);
}

trawl_status tr_terms_builder_new(tr_arena *local, tr_type type, tr_terms_builder **out,
                                  trawl_error *err) {
    if (type != TR_STRING && type != TR_DYNAMIC)
        return tr_fail(err, TRAWL_E_INTERNAL, "a term index of values of type %s",
                       tr_type_name(type));
    tr_terms_builder *b = TR_NEW(local, tr_terms_builder);
    if (!b)
        return tr_fail_memory(err);
    b->local = local;
    b->type = type;
    b->recent = TR_NEW_N(local, uint32_t, TR_TERMS_RECENT);
    b->map = TR_NEW_N(local, uint8_t, TR_TERMS_GRAMS);
    b->sets = TR_NEW_N(local, uint64_t, TR_TERMS_GRAMS);
    b->rows = TR_NEW_N(local, tr_kernel_str, TR_BATCH_ROWS);
    b->high_rows = TR_NEW_N(local, tr_kernel_str, TR_BATCH_ROWS);
    if (!b->recent || !b->map || !b->sets || !b->rows || !b->high_rows)
        return tr_fail_memory(err);
    tr_buf_start(&b->pairs, local);
    tr_buf_start(&b->sorted, local);
    tr_buf_start(&b->hashes, local);
    tr_buf_start(&b->text, local);
    if (type == TR_DYNAMIC) {
        b->seen = TR_NEW_N(local, tr_str, 2 * TERMS_SEEN);
        if (!b->seen || !tr_buf_need(&b->text, TEXT_ROOM))
            return tr_fail_memory(err);
    }
    *out = b;
    return TRAWL_OK;
}

typedef uint32_t (*runs_fn)(const tr_kernel_str *rows, uint32_t n, uint32_t *recent,
                            uint32_t *hashes);

static trawl_status take_runs(tr_terms_builder *b, runs_fn runs, const tr_kernel_str *rows,
                              uint32_t n, uint64_t bytes, trawl_error *err) {
    if (b->too_many)
        return TRAWL_OK;
    uint32_t *hashes = (uint32_t *)(void *)tr_buf_need(&b->hashes, (bytes / 4 + n + 1) * 4);
    if (!hashes)
        return tr_fail_memory(err);
    uint32_t count = runs(rows, n, b->recent, hashes);
    uint64_t *pairs = (uint64_t *)(void *)tr_buf_need(&b->pairs, (size_t)count * sizeof *pairs);
    if (!pairs)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++)
        pairs[i] = (uint64_t)hashes[i] << 32 | b->page;
    b->pairs.n += (size_t)count * sizeof *pairs;
    b->too_many = b->pairs.n > (size_t)PAIRS_MAX * sizeof *pairs;
    return TRAWL_OK;
}

/* At most TR_BATCH_ROWS rows of this many bytes together. */
static trawl_status take_rows(tr_terms_builder *b, const tr_kernel_str *rows, uint32_t n,
                              uint64_t bytes, trawl_error *err) {
    const tr_kernels *k = tr_kernels_now();
    TR_TRY(take_runs(b, k->terms.runs, rows, n, bytes, err));
    k->terms.grams(rows, n, b->map);
    uint32_t high = 0;
    for (uint32_t i = 0; i < n; i++)
        if (!k->utf8.is_ascii(rows[i].ptr, rows[i].len))
            b->high_rows[high++] = rows[i];
    if (!high)
        return TRAWL_OK;
    return take_runs(b, k->terms.high_runs, b->high_rows, high, bytes, err);
}

/* Rows of a string column, as they lie. */
static trawl_status add_strings(tr_terms_builder *b, const tr_str *rows, uint32_t n,
                                trawl_error *err) {
    for (uint32_t i = 0; i < n;) {
        uint32_t first = i;
        uint64_t bytes = 0;
        for (; i < n && i - first < TR_BATCH_ROWS && rows[i].len <= TEXT_BYTES_MAX &&
               (i == first || bytes + rows[i].len <= SLICE_BYTES);
             i++)
            bytes += rows[i].len;
        if (i > first)
            TR_TRY(take_rows(b, rows + first, i - first, bytes, err));
        for (; i < n && rows[i].len > TEXT_BYTES_MAX; i++)
            b->open |= 1ull << b->page;
    }
    return TRAWL_OK;
}

static trawl_status flush(tr_terms_builder *b, trawl_error *err) {
    uint32_t n = b->row_count;
    b->row_count = 0;
    b->text.n = 0;
    return n ? take_rows(b, b->rows, n, b->row_bytes, err) : TRAWL_OK;
}

/* One more text; it stays where it is until the next flush. */
static trawl_status add_text(tr_terms_builder *b, tr_str text, trawl_error *err) {
    if (text.len < TR_TERMS_BYTES_MIN)
        return TRAWL_OK;
    if (text.len > TEXT_BYTES_MAX) {
        b->open |= 1ull << b->page;
        return TRAWL_OK;
    }
    if (b->row_count == TR_BATCH_ROWS || (b->row_count && b->row_bytes + text.len > SLICE_BYTES))
        TR_TRY(flush(b, err));
    if (!b->row_count)
        b->row_bytes = 0;
    b->rows[b->row_count++] = text;
    b->row_bytes += text.len;
    return TRAWL_OK;
}

/* Stands in JSON as it is: printable ASCII without quotes and backslashes. */
static bool is_plain(tr_str s) {
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    for (uint32_t i = 0; i < s.len; i += 8) {
        uint64_t word;
        memcpy(&word, s.ptr + i, 8);
        if (s.len - i < 8) /* spaces in place of what follows */
            word = (word & ((1ull << 8 * (s.len - i)) - 1)) | (ones * ' ') << 8 * (s.len - i);
        uint64_t q = word ^ ones * '"', b = word ^ ones * '\\';
        uint64_t hit = ((q - ones) & ~q) | ((b - ones) & ~b) | (word - ones * ' ') | word;
        if (hit & tops)
            return false;
    }
    return true;
}

/* Keys, and many strings, are the same in every row: a memory of those that came lately. */
static bool seen_lately(tr_str *seen, tr_str s) {
    uint64_t first = s.head, last;
    memcpy(&last, s.ptr + (s.len < 8 ? 0 : s.len - 8), 8);
    if (s.len < 8)
        last &= (1ull << 8 * s.len) - 1;
    uint64_t hash = (last ^ first << 24 ^ s.len) * 0x9e3779b97f4a7c15u;
    tr_str *slot = &seen[hash >> 56];
    if (slot->len == s.len && memcmp(slot->ptr, s.ptr, s.len) == 0)
        return true;
    *slot = s;
    return false;
}

/* A key or a string: as it is and, where that differs, as it stands in JSON. */
static trawl_status add_string(tr_terms_builder *b, tr_str *seen, tr_str s, trawl_error *err) {
    if (!s.len || seen_lately(seen, s))
        return TRAWL_OK;
    TR_TRY(add_text(b, s, err));
    if (s.len > TEXT_BYTES_MAX || is_plain(s))
        return TRAWL_OK;
    TR_TRY(flush(b, err));
    if (!tr_json_put_string(&b->text, s))
        return tr_fail_memory(err);
    tr_str text = tr_buf_str(&b->text);
    if (text.len != s.len + 2 || memcmp(text.ptr + 1, s.ptr, s.len) != 0)
        TR_TRY(add_text(b, text, err));
    return flush(b, err);
}

/* A number, a time, true, null: as it stands in JSON, and its tostring(). */
static trawl_status add_scalar(tr_terms_builder *b, tr_str value, trawl_error *err) {
    if (b->text.n + 2 * NUMBER_BYTES_MAX > TEXT_ROOM)
        TR_TRY(flush(b, err));
    size_t start = b->text.n;
    if (!tr_dyn_to_json(&b->text, value))
        return tr_fail_memory(err);
    size_t end = b->text.n;
    if (tr_dyn_kind_of(value) == TR_DYN_REAL && !tr_dyn_to_text(&b->text, value))
        return tr_fail_memory(err);
    const char *text = b->text.bytes;
    size_t last = b->text.n;
    TR_TRY(add_text(b, tr_str_make(text + start, (uint32_t)(end - start)), err));
    return add_text(b, tr_str_make(text + end, (uint32_t)(last - end)), err);
}

/* A value is entered as deep as such values may be. */
static trawl_status add_dynamic(tr_terms_builder *b, tr_str value, trawl_error *err) {
    tr_dyn_kind kind = tr_dyn_kind_of(value);
    if (kind == TR_DYN_STRING)
        return add_string(b, b->seen + TERMS_SEEN, tr_dyn_value(value).as.str, err);
    if (kind != TR_DYN_ARRAY && kind != TR_DYN_BAG)
        return add_scalar(b, value, err);
    uint32_t count = tr_dyn_count(value);
    for (uint32_t i = 0; i < count; i++) {
        if (kind == TR_DYN_BAG)
            TR_TRY(add_string(b, b->seen, tr_dyn_key(value, i), err));
        TR_TRY(add_dynamic(b, tr_dyn_at(value, i), err));
    }
    return TRAWL_OK;
}

static trawl_status add_dynamics(tr_terms_builder *b, const tr_vec *values, uint32_t n,
                                 trawl_error *err) {
    memset(b->seen, 0, 2 * TERMS_SEEN * sizeof *b->seen); /* they point into values of this call */
    for (uint32_t i = 0; i < n; i++)
        if (tr_vec_is_valid(values, i))
            TR_TRY(add_dynamic(b, tr_vec_str(values)[i], err));
    return flush(b, err);
}

trawl_status tr_terms_add_page(tr_terms_builder *b, uint32_t p, const tr_vec *values, uint32_t n,
                               trawl_error *err) {
    TR_ASSERT(p < TR_GROUP_PAGES);
    TR_ASSERT(!values->is_const);
    TR_ASSERT(values->type == b->type);
    b->page = p;
    b->added |= 1ull << p;
    memset(b->recent, 0, TR_TERMS_RECENT * sizeof *b->recent);
    if (b->type == TR_STRING)
        TR_TRY(add_strings(b, tr_vec_str(values), n, err));
    else
        TR_TRY(add_dynamics(b, values, n, err));
    tr_kernels_now()->terms.grams_to_sets(b->map, p, b->sets);
    return TRAWL_OK;
}

trawl_status tr_terms_finish(tr_terms_builder *b, tr_buf *out, trawl_error *err) {
    size_t before = out->n;
    trawl_status status = tr_terms_write(b, out, err);
    if (status != TRAWL_OK)
        out->n = before;
    start_group(b);
    return status;
}

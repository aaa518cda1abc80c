/* runtime/func/match.c: one needle looked for in rows of text. Must not know operators' names.
 *
 * Three ways: rows that lie in one text are searched as that text, once; other rows one by one by
 * kernel; needles with letters outside ASCII that may come in any case, over folded copies. */
#include "runtime/func/match.h"

#include "runtime/func/cells.h"
#include "runtime/func/unicode_case.h"

void tr_bits_flip(uint64_t *bits, uint32_t n) {
    for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
        bits[w] = ~bits[w];
    if (n & 63)
        bits[n >> 6] &= (1ull << (n & 63)) - 1;
}

static uint32_t edges_of(tr_match_kind kind, tr_str needle) {
    uint32_t edges = 0;
    if (kind == TR_MATCH_TERM || kind == TR_MATCH_TERM_START)
        edges |= tr_term_from(needle, 0) ? TR_FIND_EDGE_START : 0;
    if (kind == TR_MATCH_TERM || kind == TR_MATCH_TERM_END)
        edges |= tr_term_before(needle, needle.len) ? TR_FIND_EDGE_END : 0;
    return edges;
}

trawl_status tr_match_prepare(tr_match *match, tr_match_kind kind, bool any_case, tr_str needle,
                              tr_arena *arena, trawl_error *err) {
    *match = (tr_match){.kind = kind, .any_case = any_case};
    tr_buf buf;
    tr_buf_start(&buf, arena);
    bool made = any_case ? tr_put_folded(&buf, needle) : tr_buf_put_str(&buf, needle);
    if (!made || buf.failed)
        return tr_fail_memory(err);
    match->needle = tr_buf_cell(&buf);
    match->slow = any_case && !tr_text_is_ascii(match->needle);
    match->edges = edges_of(kind, match->needle);
    if (buf.n)
        tr_kernels_now()->find.plan(&match->plan, match->needle.ptr, match->needle.len, any_case,
                                    NULL);
    return TRAWL_OK;
}

/* The ends of a hit, judged by whole characters. */
static bool edges_hold(uint32_t edges, tr_str text, size_t start, size_t end) {
    if ((edges & TR_FIND_EDGE_START) && tr_term_before(text, (uint32_t)start))
        return false;
    return !(edges & TR_FIND_EDGE_END) || !tr_term_from(text, (uint32_t)end);
}

/* Text and needle are folded alike; sizes allow everything. */
static bool match_bytes(tr_match_kind kind, uint32_t edges, tr_str text, tr_str needle) {
    if (needle.len > text.len)
        return false;
    uint32_t last = text.len - needle.len;
    switch (kind) {
    case TR_MATCH_EQUAL: return tr_str_equal(text, needle);
    case TR_MATCH_START: return memcmp(text.ptr, needle.ptr, needle.len) == 0;
    case TR_MATCH_END: return memcmp(text.ptr + last, needle.ptr, needle.len) == 0;
    default: break;
    }
    if (!needle.len)
        return true;
    const char *at = text.ptr;
    const char *end = text.ptr + text.len;
    while ((at = memmem(at, (size_t)(end - at), needle.ptr, needle.len))) {
        size_t start = (size_t)(at - text.ptr);
        if (edges_hold(edges, text, start, start + needle.len))
            return true;
        at++;
    }
    return false;
}

/* Text as the needle is folded: a needle of ASCII letters has no relatives beyond them, here as in
 * the kernels. */
static bool put_folded_for(const tr_match *match, tr_buf *buf, tr_str text) {
    if (match->slow)
        return tr_put_folded(buf, text);
    char *out = tr_buf_need(buf, text.len);
    if (!out)
        return false;
    tr_kernels_now()->utf8.lower(text.ptr, text.len, out);
    buf->n += text.len;
    return true;
}

trawl_status tr_match_one(const tr_match *match, tr_str text, bool *yes, tr_arena *scratch,
                          trawl_error *err) {
    if (match->any_case) {
        tr_arena_mark mark = tr_arena_here(scratch);
        tr_buf buf;
        tr_buf_start(&buf, scratch);
        if (!put_folded_for(match, &buf, text))
            return tr_fail_memory(err);
        tr_str folded = tr_buf_cell(&buf);
        *yes = match_bytes(match->kind, match->edges, folded, match->needle);
        tr_arena_release(scratch, mark);
        return TRAWL_OK;
    }
    *yes = match_bytes(match->kind, match->edges, text, match->needle);
    return TRAWL_OK;
}

trawl_status tr_match_pair(tr_match_kind kind, bool any_case, tr_str text, tr_str needle, bool *yes,
                           tr_arena *scratch, trawl_error *err) {
    if (!any_case) {
        *yes = match_bytes(kind, edges_of(kind, needle), text, needle);
        return TRAWL_OK;
    }
    tr_buf buf;
    tr_buf_start(&buf, scratch);
    if (!tr_put_folded(&buf, needle))
        return tr_fail_memory(err);
    tr_match match = {.kind = kind, .any_case = true, .slow = true};
    match.needle = tr_buf_cell(&buf);
    match.edges = edges_of(kind, match.needle);
    return tr_match_one(&match, text, yes, scratch, err);
}

/* The ends of a hit in a row: bytes from 0x80 on are looked at as characters. */
static bool row_edges_hold(uint32_t edges, tr_str row, size_t start, size_t end) {
    if ((edges & TR_FIND_EDGE_START) && start) {
        uint8_t byte = (uint8_t)row.ptr[start - 1];
        if (tr_is_term_byte((char)byte) || (byte >= 0x80 && tr_term_before(row, (uint32_t)start)))
            return false;
    }
    if ((edges & TR_FIND_EDGE_END) && end < row.len) {
        uint8_t byte = (uint8_t)row.ptr[end];
        if (tr_is_term_byte((char)byte) || (byte >= 0x80 && tr_term_from(row, (uint32_t)end)))
            return false;
    }
    return true;
}

/* Where hits are this dense, one row in so many, row by row is faster. */
enum { HITS_MIN = 32, ROWS_PER_HIT = 8 };

/* Hits in the text that holds all rows, mapped to rows. Returns how many rows it has done: all, or
 * a multiple of 64 where hits turned out to be many. */
static uint32_t scan_text(const tr_match *match, const tr_vec *v, uint32_t n, uint64_t *bits) {
    const tr_find_ops *find = &tr_kernels_now()->find;
    const tr_str *rows = tr_vec_str(v);
    const tr_find_plan *plan = &match->plan;
    uint32_t row = 0;
    uint32_t hits = 0;
    uint32_t stop = n;
    for (size_t at = 0; (at = find->next(plan, v->text, v->text_bytes, at)) < v->text_bytes;) {
        const char *hit = v->text + at;
        row = tr_vec_row_behind(rows, row, n, hit);
        if (row >= stop)
            return stop;
        tr_str r = rows[row];
        if (hit < r.ptr) { /* between rows */
            at = (size_t)(r.ptr - v->text);
            continue;
        }
        size_t start = (size_t)(hit - r.ptr);
        if (start + plan->len > r.len ||
            !row_edges_hold(match->edges, r, start, start + plan->len)) {
            at++;
            continue;
        }
        tr_bit_set(bits, row);
        at = (size_t)(r.ptr + r.len - v->text);
        if (++hits == HITS_MIN && row < HITS_MIN * ROWS_PER_HIT && row / 64 * 64 + 64 < n)
            stop = row / 64 * 64 + 64;
    }
    return n;
}

bool tr_text_is_dense(const tr_vec *v, uint32_t n) {
    if (!v->text || v->is_const)
        return false;
    const tr_str *rows = tr_vec_str(v);
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++)
        bytes += rows[i].len;
    return v->text_bytes <= bytes + bytes / 2 + (size_t)n * 16;
}

static trawl_status find_rows(const tr_match *match, const tr_str *rows, uint32_t n, uint64_t *bits,
                              tr_arena *scratch, trawl_error *err) {
    uint64_t unsure[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
    uint64_t hits[TR_BITS_WORDS(TR_BATCH_ROWS)];
    tr_kernels_now()->find.rows_find(&match->plan, match->edges, (const tr_kernel_str *)rows, n,
                                     hits, match->edges ? unsure : NULL);
    for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++) {
        for (uint32_t i = w * 64; match->edges && unsure[w] && i < n && i < w * 64 + 64; i++) {
            if (!tr_bit_get(unsure, i))
                continue;
            bool yes;
            TR_TRY(tr_match_one(match, rows[i], &yes, scratch, err));
            if (yes)
                tr_bit_set(hits, i);
        }
        bits[w] |= hits[w];
    }
    return TRAWL_OK;
}

static trawl_status search_rows(const tr_match *match, const tr_vec *v, uint32_t n, uint64_t *bits,
                                tr_arena *scratch, trawl_error *err) {
    uint32_t done = tr_text_is_dense(v, n) ? scan_text(match, v, n, bits) : 0;
    if (done == n)
        return TRAWL_OK;
    return find_rows(match, tr_vec_str(v) + done, n - done, bits + done / 64, scratch, err);
}

static trawl_status match_slowly(const tr_match *match, const tr_str *rows, uint32_t n,
                                 uint64_t *bits, tr_arena *scratch, trawl_error *err) {
    for (uint32_t i = 0; i < n; i++) {
        bool yes;
        TR_TRY(tr_match_one(match, rows[i], &yes, scratch, err));
        if (yes)
            tr_bit_set(bits, i);
    }
    return TRAWL_OK;
}

trawl_status tr_match_rows(const tr_match *match, const tr_vec *v, uint32_t n, uint64_t *bits,
                           tr_arena *scratch, trawl_error *err) {
    TR_ASSERT(n <= TR_BATCH_ROWS);
    TR_ASSERT(!v->is_const || n == 1);
    if (match->slow || !match->needle.len)
        return match_slowly(match, tr_vec_str(v), n, bits, scratch, err);
    const tr_find_ops *find = &tr_kernels_now()->find;
    const tr_kernel_str *rows = v->data;
    uint64_t hits[TR_BITS_WORDS(TR_BATCH_ROWS)];
    switch (match->kind) {
    case TR_MATCH_EQUAL: find->rows_equal(&match->plan, rows, n, hits); break;
    case TR_MATCH_START: find->rows_start(&match->plan, rows, n, hits); break;
    case TR_MATCH_END: find->rows_end(&match->plan, rows, n, hits); break;
    default: return search_rows(match, v, n, bits, scratch, err);
    }
    for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
        bits[w] |= hits[w];
    return TRAWL_OK;
}

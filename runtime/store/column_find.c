/* runtime/store/column_find.c: which rows of decoded text may hold a literal.
 *
 * Strings that lie in one text are searched as that text, once. A dynamic value is searched as its
 * encoded bytes, for a part of the literal that its text cannot hold unless its bytes do.
 * Rows that only a look at whole characters could judge stay set. */
#include "runtime/store/column_find.h"

#include "kernels/kernels.h"

/* More literals than this are not looked for: reading the rows again and again would cost more
 * than is saved. */
enum { LITERALS_MAX = 8 * TR_FIND_SET_MAX };

static char folded(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* ---- literals that encoded dynamic values are searched for ---- */

/* text[0..n) stands in the word. */
static bool within(const char *text, uint32_t n, const char *word) {
    size_t bytes = strlen(word);
    for (size_t i = 0; i + n <= bytes; i++) {
        uint32_t k = 0;
        while (k < n && folded(text[k]) == word[i + k])
            k++;
        if (k == n)
            return true;
    }
    return false;
}

/* May text that is not stored as text show these letters and digits? null, true, false, numbers,
 * guids (hexadecimal digits cover both), times. */
static bool may_be_made(const char *text, uint32_t n) {
    static const char *const words[] = {"null", "true", "false", "infinity", "nan"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (within(text, n, words[i]))
            return true;
    bool hex = true, time = true;
    for (uint32_t i = 0; i < n; i++) {
        char c = folded(text[i]);
        bool digit = c >= '0' && c <= '9';
        hex &= digit || (c >= 'a' && c <= 'f');
        time &= digit || c == 't' || c == 'z';
    }
    return hex || time;
}

/* How many of the first bytes may come from an escape of JSON, such as \n or \u001f, whose bytes
 * are not those that are stored. */
static uint32_t escape_bytes(const char *text, uint32_t n) {
    static const char *const escape[] = {"u", "0", "0", "01", "0123456789abcdef"};
    uint32_t longest = n && memchr("bfnrt", folded(text[0]), 5) ? 1 : 0;
    for (uint32_t start = 0; start < 5; start++) {
        uint32_t bytes = n < 5 - start ? n : 5 - start;
        uint32_t k = 0;
        while (k < bytes && strchr(escape[start + k], folded(text[k])))
            k++;
        if (k == bytes && bytes > longest)
            longest = bytes;
    }
    return longest;
}

/* The longest run of ASCII letters and digits in the literal that the bytes of a value must hold if
 * its text holds the literal; empty if there is none. A run lies within one string, key or other
 * scalar, as whatever joins these is no letter or digit. */
static tr_str part_in_bytes(tr_str literal) {
    tr_str best = TR_STR_EMPTY;
    for (uint32_t i = 0; i < literal.len;) {
        uint32_t n = 0;
        while (i + n < literal.len && tr_is_term_byte(literal.ptr[i + n]))
            n++;
        uint32_t cut = escape_bytes(literal.ptr + i, n);
        if (n - cut > best.len && !may_be_made(literal.ptr + i + cut, n - cut))
            best = tr_str_of(literal.ptr + i + cut, n - cut);
        i += n ? n : 1;
    }
    return best;
}

/* ---- rows ---- */

typedef enum { NO_HIT, MAY_HIT, HIT } hit_kind;

static hit_kind judge_edge(char byte) {
    return tr_is_term_byte(byte) ? NO_HIT : (uint8_t)byte >= 0x80 ? MAY_HIT : HIT;
}

/* Bytes that are no part of ASCII stay unjudged. */
static hit_kind judge_edges(uint32_t edges, tr_str row, size_t start, size_t end) {
    hit_kind first = HIT, last = HIT;
    if ((edges & TR_FIND_EDGE_START) && start)
        first = judge_edge(row.ptr[start - 1]);
    if ((edges & TR_FIND_EDGE_END) && end < row.len)
        last = judge_edge(row.ptr[end]);
    return first < last ? first : last;
}

/* Where hits are this dense, one row in so many, row by row is faster. */
enum { HITS_MIN = 32, ROWS_PER_HIT = 8 };

/* Hits in the text that holds all rows, mapped to rows. False where hits turned out to be many:
 * then nothing is known. */
static bool find_in_text(const tr_find_plan *plan, uint32_t edges, const tr_vec *v, uint32_t n,
                         uint64_t *hits, uint64_t *unsure) {
    const tr_find_ops *find = &tr_kernels_now()->find;
    const tr_str *rows = tr_vec_str(v);
    uint32_t row = 0, count = 0;
    for (size_t at = 0; (at = find->next(plan, v->text, v->text_bytes, at)) < v->text_bytes;) {
        const char *hit = v->text + at;
        row = tr_vec_row_behind(rows, row, n, hit);
        if (row == n)
            return true;
        tr_str r = rows[row];
        if (hit < r.ptr) { /* between rows */
            at = (size_t)(r.ptr - v->text);
            continue;
        }
        size_t start = (size_t)(hit - r.ptr);
        hit_kind kind =
            start + plan->len > r.len ? NO_HIT : judge_edges(edges, r, start, start + plan->len);
        if (kind == MAY_HIT)
            tr_bit_set(unsure, row);
        if (kind != HIT) {
            at++;
            continue;
        }
        tr_bit_set(hits, row);
        at = (size_t)(r.ptr + r.len - v->text);
        if (++count == HITS_MIN && row < HITS_MIN * ROWS_PER_HIT && n > 2 * HITS_MIN)
            return false;
    }
    return true;
}

/* The text between and around rows is not much more than the rows. */
static bool text_is_dense(const tr_vec *v, uint32_t n) {
    if (!v->text)
        return false;
    const tr_str *rows = tr_vec_str(v);
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++)
        bytes += rows[i].len;
    return v->text_bytes <= bytes + bytes / 2 + (size_t)n * 16;
}

/* literals[0..count), folded if any_case: hits gets the rows that hold one, may_hits those that may
 * (hits where it is sure of others). */
static void find_some(const tr_prefilter *text, const tr_kernel_str *literals, uint32_t count,
                      uint32_t edges, const tr_vec *v, uint32_t n, uint64_t *hits,
                      uint64_t *may_hits) {
    const tr_find_ops *find = &tr_kernels_now()->find;
    uint64_t sure[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
    uint64_t unsure[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
    const tr_kernel_str *rows = tr_vec_str(v);
    if (count == 1) {
        tr_find_plan plan;
        find->plan(&plan, literals[0].ptr, literals[0].len, text->any_case, NULL);
        if (!text_is_dense(v, n) || !find_in_text(&plan, edges, v, n, sure, unsure)) {
            memset(unsure, 0, sizeof unsure);
            find->rows_find(&plan, edges, rows, n, sure, edges ? unsure : NULL);
        }
    } else {
        tr_find_set set;
        find->set(&set, literals, count, text->any_case);
        find->rows_find_any(&set, edges, rows, n, sure, edges ? unsure : NULL);
    }
    for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++) {
        hits[w] |= sure[w];
        may_hits[w] |= unsure[w];
    }
}

/* The literal as it is looked for; *none if there is none that must be there. */
static trawl_status prepare(const tr_prefilter *text, tr_type type, tr_str literal,
                            tr_arena *scratch, tr_kernel_str *out, bool *none, trawl_error *err) {
    if (type == TR_DYNAMIC)
        literal = part_in_bytes(literal);
    *none = literal.len == 0;
    char *copy = tr_arena_text(scratch, literal.ptr, literal.len);
    if (!copy)
        return tr_fail_memory(err);
    for (uint32_t i = 0; text->any_case && i < literal.len; i++)
        copy[i] = folded(copy[i]);
    *out = tr_str_make(copy, literal.len);
    return TRAWL_OK;
}

static void keep_unsure(const uint64_t *bits, uint32_t n, uint64_t *unsure) {
    for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
        unsure[w] |= bits[w];
}

trawl_status tr_column_find_rows(const tr_prefilter *text, const tr_vec *values, uint32_t n,
                                 tr_arena *scratch, uint64_t *bits, uint64_t *unsure,
                                 trawl_error *err) {
    bool dynamic = values->type == TR_DYNAMIC;
    if (text->other_count >= LITERALS_MAX) {
        keep_unsure(bits, n, unsure);
        return TRAWL_OK;
    }
    uint32_t count = text->other_count + 1;
    tr_kernel_str *literals = TR_NEW_N(scratch, tr_kernel_str, count);
    if (!literals)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        bool none;
        TR_TRY(prepare(text, values->type, i ? text->others[i - 1] : text->literal, scratch,
                       &literals[i], &none, err));
        if (none) {
            keep_unsure(bits, n, unsure);
            return TRAWL_OK;
        }
    }
    uint64_t hits[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
    uint64_t may_hits[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
    for (uint32_t i = 0; i < count; i += TR_FIND_SET_MAX) {
        uint32_t some = count - i < TR_FIND_SET_MAX ? count - i : TR_FIND_SET_MAX;
        find_some(text, literals + i, some, dynamic ? 0 : text->edges, values, n, hits, may_hits);
    }
    for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++) {
        bits[w] &= hits[w] | may_hits[w];
        unsure[w] |= bits[w] & (dynamic ? UINT64_MAX : ~hits[w]);
    }
    return TRAWL_OK;
}

/* kernels/find/ref.c: what the find slots mean. Written to be read; must not know any level. */
#include "kernels/find/find.h"

#include <string.h>

/* How common each byte is: 255 + 12 log2(share / share of the space), over a mix of log lines,
 * JSON, CSV and source text; bytes of UTF-8 sequences are held to be fairly common. */
/* clang-format off */
static const uint8_t rank_of_text[256] = {
     40,   0,   0,   0,   0,   0,   0,   0,   0, 176, 216,   0,  58,   0,   0,   0,
      0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,
    255, 133, 232, 180, 162, 141, 155, 184, 197, 197, 197, 146, 221, 226, 226, 216,
    233, 230, 231, 227, 223, 222, 223, 221, 217, 216, 225, 173, 151, 206, 159, 150,
    129, 190, 177, 185, 181, 197, 192, 181, 173, 197, 123, 164, 184, 179, 198, 198,
    186, 141, 192, 192, 207, 177, 154, 171, 166, 154, 195, 167, 159, 167, 128, 215,
    135, 234, 216, 227, 231, 246, 220, 212, 218, 233, 193, 211, 228, 221, 230, 233,
    226, 194, 233, 234, 238, 223, 205, 212, 206, 210, 193, 185, 146, 185,  92,   0,
    161, 158, 166, 142, 133, 130, 130, 130, 130, 130, 130, 145, 145, 130, 130, 132,
    130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130,
    130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130,
    172, 144, 151, 140, 152, 161, 130, 139, 161, 137, 157, 157, 149, 159, 173, 151,
      0,   0, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110,
    204, 190, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110,
    110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110,
    110, 110, 110, 110, 110,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,
};
/* clang-format on */

static bool is_upper(uint8_t x) {
    return x >= 'A' && x <= 'Z';
}
static bool is_lower(uint8_t x) {
    return x >= 'a' && x <= 'z';
}
static uint8_t folded(uint8_t x) {
    return is_upper(x) ? (uint8_t)(x | 0x20) : x;
}

static bool is_term_byte(uint8_t x) {
    return (x >= '0' && x <= '9') || is_upper(x) || is_lower(x);
}

/* text[0 .. len) is the needle. */
static bool same(const char *text, const char *needle, size_t len, bool any_case) {
    for (size_t i = 0; i < len; i++) {
        uint8_t x = (uint8_t)text[i];
        if ((any_case ? folded(x) : x) != (uint8_t)needle[i])
            return false;
    }
    return true;
}

static uint8_t rank_folded(const uint8_t *rank, uint8_t x, bool any_case) {
    uint8_t upper = any_case && is_lower(x) ? rank[x ^ 0x20] : 0;
    return rank[x] > upper ? rank[x] : upper;
}

/* The offset of the rarest byte in needle[0 .. n), passing over `skip` and, if `other` is set,
 * over bytes equal to needle[skip], which tell nothing new. n when all are passed over. */
static uint32_t rarest(const char *needle, uint32_t n, const uint8_t *rank, bool any_case,
                       uint32_t skip, bool other) {
    uint32_t best = n;
    for (uint32_t i = 0; i < n; i++) {
        if (i == skip || (other && needle[i] == needle[skip]))
            continue;
        if (best == n || rank_folded(rank, (uint8_t)needle[i], any_case) <
                             rank_folded(rank, (uint8_t)needle[best], any_case))
            best = i;
    }
    return best;
}

static void plan_ref(tr_find_plan *plan, const char *needle, uint32_t len, bool any_case,
                     const uint8_t *rank) {
    uint32_t n = len < TR_FIND_HEAD ? len : TR_FIND_HEAD;
    memset(plan, 0, sizeof *plan);
    plan->needle = needle;
    plan->len = len;
    plan->any_case = any_case;
    memcpy(plan->head, needle, n);
    plan->head_mask = n == 64 ? ~0ull : (1ull << n) - 1;
    for (uint32_t i = 0; i < n; i++)
        plan->head_fold[i] = any_case && is_lower(plan->head[i]) ? 0x20 : 0;

    if (!rank)
        rank = rank_of_text;
    uint32_t a = rarest(needle, n, rank, any_case, n, false);
    uint32_t b = rarest(needle, n, rank, any_case, a, true);
    if (b == n) /* one byte, repeated: then a is 0 */
        b = n - 1;
    plan->rare_offset[0] = a < b ? a : b;
    plan->rare_offset[1] = a < b ? b : a;
    for (int i = 0; i < 2; i++) {
        plan->rare_byte[i] = plan->head[plan->rare_offset[i]];
        plan->rare_fold[i] = plan->head_fold[plan->rare_offset[i]];
    }
}

/* Literals whose first bytes are alike share a bucket, so that a bucket's tables stay narrow:
 * sort them by first bytes, then cut into eight. */
static void set_buckets(tr_find_set *set) {
    uint32_t order[TR_FIND_SET_MAX];
    for (uint32_t j = 0; j < set->count; j++) {
        uint32_t k = j;
        for (; k > 0; k--) {
            const tr_kernel_str *before = &set->literals[order[k - 1]];
            if (memcmp(before->ptr, set->literals[j].ptr, set->depth) <= 0)
                break;
            order[k] = order[k - 1];
        }
        order[k] = j;
    }
    for (uint32_t k = 0; k < set->count; k++)
        set->members[k * 8 / set->count] |= 1ull << order[k];
}

static void set_tables(tr_find_set *set, uint32_t bucket, const char *literal) {
    for (uint32_t d = 0; d < set->depth; d++) {
        uint8_t x = (uint8_t)literal[d];
        uint8_t bit = (uint8_t)(1u << bucket);
        set->low[d][x & 15] |= bit;
        set->high[d][x >> 4] |= bit;
        if (set->any_case && is_lower(x))
            set->high[d][(x ^ 0x20) >> 4] |= bit;
    }
}

static void set_ref(tr_find_set *set, const tr_kernel_str *literals, uint32_t count,
                    bool any_case) {
    memset(set, 0, sizeof *set);
    set->literals = literals;
    set->count = count;
    set->any_case = any_case;
    set->depth = TR_FIND_SET_DEPTH;
    for (uint32_t j = 0; j < count; j++) {
        const tr_kernel_str *literal = &literals[j];
        uint32_t n = literal->len < 8 ? literal->len : 8;
        if (literal->len < set->depth)
            set->depth = literal->len;
        memcpy(&set->first[j], literal->ptr, n);
        memset(&set->mask[j], 0xff, n);
        uint8_t fold[8] = {0};
        for (uint32_t i = 0; i < n; i++)
            fold[i] = any_case && is_lower((uint8_t)literal->ptr[i]) ? 0x20 : 0;
        memcpy(&set->fold[j], fold, 8);
    }
    set_buckets(set);
    for (uint32_t bucket = 0; bucket < 8; bucket++)
        for (uint64_t left = set->members[bucket]; left; left &= left - 1)
            set_tables(set, bucket, literals[__builtin_ctzll(left)].ptr);
}

static size_t next_ref(const tr_find_plan *plan, const char *text, size_t n, size_t from) {
    for (size_t at = from; at + plan->len <= n; at++)
        if (same(text + at, plan->needle, plan->len, plan->any_case))
            return at;
    return n;
}

static size_t next_any_ref(const tr_find_set *set, const char *text, size_t n, size_t from,
                           uint32_t *which) {
    for (size_t at = from; at < n; at++) {
        for (uint32_t j = 0; j < set->count; j++) {
            const tr_kernel_str *literal = &set->literals[j];
            if (literal->len <= n - at &&
                same(text + at, literal->ptr, literal->len, set->any_case)) {
                *which = j;
                return at;
            }
        }
    }
    return n;
}

static size_t next_byte_ref(const char *text, size_t n, size_t from, uint8_t byte) {
    while (from < n && (uint8_t)text[from] != byte)
        from++;
    return from;
}

static size_t last_byte_ref(const char *text, size_t n, uint8_t byte) {
    for (size_t i = n; i-- > 0;)
        if ((uint8_t)text[i] == byte)
            return i;
    return n;
}

static size_t count_byte_ref(const char *text, size_t n, uint8_t byte) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += (uint8_t)text[i] == byte;
    return count;
}

static void byte_bits_ref(const char *text, size_t n, uint8_t byte, uint64_t *bits) {
    memset(bits, 0, TR_BITS_WORDS(n) * sizeof *bits);
    for (size_t i = 0; i < n; i++)
        bits[i >> 6] |= (uint64_t)((uint8_t)text[i] == byte) << (i & 63);
}

static size_t next_class_ref(const char *text, size_t n, size_t from, const tr_find_class *of) {
    while (from < n && !tr_find_class_has(of, (uint8_t)text[from]))
        from++;
    return from;
}

static uint32_t byte_offsets_ref(const char *text, uint32_t n, uint8_t byte, uint32_t *out) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++)
        if ((uint8_t)text[i] == byte)
            out[count++] = i;
    return count;
}

static size_t count_lines_ref(const tr_find_plan *plan, const char *text, size_t n,
                              uint8_t newline) {
    size_t count = 0;
    size_t at = 0;
    while ((at = next_ref(plan, text, n, at)) < n) {
        count++;
        at = next_byte_ref(text, n, at, newline);
        at += at < n;
    }
    return count;
}

typedef enum { EDGE_NO, EDGE_UNSURE, EDGE_YES } edge;

/* Whether the byte outside a hit leaves an edge of a term there. */
static edge edge_beside(uint8_t outside) {
    if (outside >= 0x80)
        return EDGE_UNSURE;
    return is_term_byte(outside) ? EDGE_NO : EDGE_YES;
}

/* The edges that row.ptr[at .. end) has, of those asked for. */
static edge hit_edges(uint32_t edges, tr_kernel_str row, size_t at, size_t end) {
    edge worst = EDGE_YES;
    if ((edges & TR_FIND_EDGE_START) && at > 0)
        worst = edge_beside((uint8_t)row.ptr[at - 1]);
    if ((edges & TR_FIND_EDGE_END) && end < row.len) {
        edge after = edge_beside((uint8_t)row.ptr[end]);
        worst = after < worst ? after : worst;
    }
    return worst;
}

/* What the best hit in the row has; EDGE_NO when there is none. */
static edge row_edges(const tr_kernel_str *literals, uint32_t count, bool any_case, uint32_t edges,
                      tr_kernel_str row) {
    edge best = EDGE_NO;
    for (size_t at = 0; at < row.len; at++) {
        for (uint32_t j = 0; j < count; j++) {
            if (literals[j].len > row.len - at ||
                !same(row.ptr + at, literals[j].ptr, literals[j].len, any_case))
                continue;
            edge here = hit_edges(edges, row, at, at + literals[j].len);
            best = here > best ? here : best;
        }
    }
    return best;
}

static void rows_hold(const tr_kernel_str *literals, uint32_t count, bool any_case, uint32_t edges,
                      const tr_kernel_str *rows, uint32_t n, uint64_t *bits, uint64_t *unsure) {
    memset(bits, 0, TR_BITS_WORDS(n) * sizeof *bits);
    if (unsure)
        memset(unsure, 0, TR_BITS_WORDS(n) * sizeof *unsure);
    for (uint32_t i = 0; i < n; i++) {
        edge best = row_edges(literals, count, any_case, edges, rows[i]);
        if (best == EDGE_YES)
            tr_bit_set(bits, i);
        else if (best == EDGE_UNSURE)
            tr_bit_set(unsure, i);
    }
}

static void rows_find_ref(const tr_find_plan *plan, uint32_t edges, const tr_kernel_str *rows,
                          uint32_t n, uint64_t *bits, uint64_t *unsure) {
    tr_kernel_str needle = {plan->needle, plan->len, 0};
    rows_hold(&needle, 1, plan->any_case, edges, rows, n, bits, unsure);
}

static void rows_find_any_ref(const tr_find_set *set, uint32_t edges, const tr_kernel_str *rows,
                              uint32_t n, uint64_t *bits, uint64_t *unsure) {
    rows_hold(set->literals, set->count, set->any_case, edges, rows, n, bits, unsure);
}

static void rows_start_ref(const tr_find_plan *plan, const tr_kernel_str *rows, uint32_t n,
                           uint64_t *bits) {
    memset(bits, 0, TR_BITS_WORDS(n) * sizeof *bits);
    for (uint32_t i = 0; i < n; i++)
        if (rows[i].len >= plan->len && same(rows[i].ptr, plan->needle, plan->len, plan->any_case))
            tr_bit_set(bits, i);
}

static void rows_end_ref(const tr_find_plan *plan, const tr_kernel_str *rows, uint32_t n,
                         uint64_t *bits) {
    memset(bits, 0, TR_BITS_WORDS(n) * sizeof *bits);
    for (uint32_t i = 0; i < n; i++)
        if (rows[i].len >= plan->len &&
            same(rows[i].ptr + rows[i].len - plan->len, plan->needle, plan->len, plan->any_case))
            tr_bit_set(bits, i);
}

static void rows_equal_ref(const tr_find_plan *plan, const tr_kernel_str *rows, uint32_t n,
                           uint64_t *bits) {
    memset(bits, 0, TR_BITS_WORDS(n) * sizeof *bits);
    for (uint32_t i = 0; i < n; i++)
        if (rows[i].len == plan->len && same(rows[i].ptr, plan->needle, plan->len, plan->any_case))
            tr_bit_set(bits, i);
}

TR_VARIANT(find, ref) {
    *ops = (tr_find_ops){
        .plan = plan_ref,
        .set = set_ref,
        .next = next_ref,
        .next_any = next_any_ref,
        .next_byte = next_byte_ref,
        .last_byte = last_byte_ref,
        .count_byte = count_byte_ref,
        .byte_bits = byte_bits_ref,
        .next_class = next_class_ref,
        .byte_offsets = byte_offsets_ref,
        .count_lines = count_lines_ref,
        .rows_find = rows_find_ref,
        .rows_start = rows_start_ref,
        .rows_end = rows_end_ref,
        .rows_equal = rows_equal_ref,
        .rows_find_any = rows_find_any_ref,
    };
}

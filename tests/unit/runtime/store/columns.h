/* tests/unit/runtime/store/columns.h: columns made of values, encoded, and compared row by row with
 * what went in. For the tests of codecs. */
#ifndef TR_TESTS_STORE_COLUMNS_H
#define TR_TESTS_STORE_COLUMNS_H

#include <criterion/criterion.h>
#include <string.h>

#include "runtime/store/column.h"

static tr_arena *arena;
static uint64_t seed = 88172645463325252u;

static inline uint64_t next_random(void) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

/** A column as the encoder takes it. */
typedef struct {
    tr_column_input in;
    tr_vec pages[TR_GROUP_PAGES];
} column;

static inline column *column_new(tr_type type, uint32_t n) {
    column *c = TR_NEW(arena, column);
    c->in = (tr_column_input){type, n, c->pages};
    for (uint32_t p = 0; p < tr_page_count(n); p++) {
        cr_assert_eq(tr_vec_new(arena, type, tr_page_rows(n, p), &c->pages[p], NULL), TRAWL_OK);
        if (!tr_type_is_text(type) && type != TR_BOOL)
            memset(c->pages[p].data, 0x5a, (size_t)tr_page_rows(n, p) * tr_type_bytes(type));
    }
    return c;
}

static inline void column_set(column *c, uint32_t row, const tr_value *v) {
    tr_vec *page = &c->pages[row / TR_BATCH_ROWS];
    if (v->is_null)
        cr_assert_eq(
            tr_vec_need_valid(arena, page, tr_page_rows(c->in.n, row / TR_BATCH_ROWS), NULL),
            TRAWL_OK);
    tr_vec_set(page, row % TR_BATCH_ROWS, v);
}

static inline tr_value column_get(const column *c, uint32_t row) {
    return tr_vec_value(&c->pages[row / TR_BATCH_ROWS], row % TR_BATCH_ROWS);
}

/** Equal to the last bit. */
static inline bool same_value(const tr_value *a, const tr_value *b) {
    if (a->is_null || b->is_null)
        return a->is_null == b->is_null;
    switch (a->type) {
    case TR_BOOL: return a->as.boolean == b->as.boolean;
    case TR_DECIMAL: return memcmp(&a->as.decimal, &b->as.decimal, 16) == 0;
    case TR_GUID: return memcmp(&a->as.guid, &b->as.guid, 16) == 0;
    case TR_STRING:
    case TR_DYNAMIC: return tr_str_equal(a->as.str, b->as.str);
    default: return memcmp(&a->as, &b->as, 8) == 0; /* reals by their bits */
    }
}

static inline tr_encoded column_encode(const column *c, uint32_t codecs_off, bool cold) {
    tr_column_options options = {.codecs_off = codecs_off, .cold = cold};
    tr_encoded out;
    trawl_error err = {0};
    cr_assert_eq(tr_column_encode(arena, &c->in, &options, &out, &err), TRAWL_OK, "%s",
                 err.message);
    cr_assert_eq(out.page_count, tr_page_count(c->in.n));
    return out;
}

/** With one codec only, or plain if that does not fit. */
static inline tr_encoded column_encode_as(const column *c, tr_codec_id codec) {
    return column_encode(c, ~(1u << codec), false);
}

/** A copy that nothing readable but the pad follows, at an odd address or an even one. */
static inline const char *exact_copy(const char *bytes, size_t n, bool odd) {
    char *copy = tr_arena_alloc(arena, n + odd, 16);
    if (n)
        memcpy(copy + odd, bytes, n);
    return copy + odd;
}

static inline tr_column *column_open(const column *c, const tr_encoded *e) {
    tr_column *open;
    trawl_error err = {0};
    cr_assert_eq(tr_column_open(arena, c->in.type, c->in.n,
                                exact_copy(e->head.ptr, e->head.len, false), e->head.len, &open,
                                &err),
                 TRAWL_OK, "%s", err.message);
    return open;
}

static inline void check_page(const column *c, const tr_column *open, uint32_t p, const char *page,
                              uint32_t bytes) {
    uint32_t rows = tr_page_rows(c->in.n, p);
    uint16_t picked[TR_BATCH_ROWS];
    trawl_error err = {0};
    tr_vec v;
    cr_assert_eq(tr_column_decode(open, p, page, bytes, NULL, rows, arena, &v, &err), TRAWL_OK,
                 "%s: %s", open->codec->name, err.message);
    for (uint32_t i = 0; i < rows; i++) {
        tr_value got = tr_vec_value(&v, i), want = column_get(c, p * TR_BATCH_ROWS + i);
        cr_assert(same_value(&got, &want), "%s of %s, n %u: page %u row %u", open->codec->name,
                  tr_type_name(c->in.type), c->in.n, p, i);
    }
    for (uint32_t every = 1; every < 1000; every = every * 3 + 1) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < rows; i++)
            if (next_random() % every == 0)
                picked[n++] = (uint16_t)i;
        if (n == 0)
            continue;
        cr_assert_eq(tr_column_decode(open, p, page, bytes, picked, n, arena, &v, NULL), TRAWL_OK);
        for (uint32_t i = 0; i < n; i++) {
            tr_value got = tr_vec_value(&v, i);
            tr_value want = column_get(c, p * TR_BATCH_ROWS + picked[i]);
            cr_assert(same_value(&got, &want), "%s of %s, n %u: page %u, picked row %u",
                      open->codec->name, tr_type_name(c->in.type), c->in.n, p, picked[i]);
        }
    }
}

/** Every row comes back, all at once and picked. */
static inline void check_decode(const column *c, const tr_encoded *e) {
    tr_column *open = column_open(c, e);
    for (uint32_t p = 0; p < e->page_count; p++)
        check_page(c, open, p, exact_copy(e->pages[p].ptr, e->pages[p].len, p & 1),
                   e->pages[p].len);
}

static inline bool value_meets(const tr_scan_bound *bound, const tr_value *v) {
    bool listed = bound->value_count == 0;
    bool no_high = bound->high.is_null || /* text has no null: a high end of "" is none */
                   (v->type == TR_STRING && bound->high.as.str.len == 0);
    if (v->is_null)
        return false;
    for (uint32_t i = 0; i < bound->value_count; i++)
        listed |= tr_value_compare(v, &bound->values[i]) == 0;
    return listed && (bound->low.is_null || tr_value_compare(v, &bound->low) >= 0) &&
           (no_high || tr_value_compare(v, &bound->high) <= 0);
}

/** Probing leaves exactly the rows that meet the bound, whatever may be used for it. */
static inline void check_probe(const column *c, const tr_encoded *e, const tr_scan_bound *bound,
                               uint32_t skip, uint32_t keep_one_in) {
    tr_column *open = column_open(c, e);
    tr_column_test test = {.bound = bound};
    tr_column_probe probe;
    trawl_error err = {0};
    cr_assert_eq(tr_column_probe_start(open, &test, skip, arena, &probe, &err), TRAWL_OK);
    for (uint32_t p = 0; p < e->page_count; p++) {
        uint64_t bits[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0}, before[TR_BITS_WORDS(TR_BATCH_ROWS)];
        uint32_t rows = tr_page_rows(c->in.n, p);
        for (uint32_t i = 0; i < rows; i++)
            if (next_random() % keep_one_in == 0)
                tr_bit_set(bits, i);
        memcpy(before, bits, sizeof bits);
        cr_assert_eq(tr_column_probe_page(&probe, p,
                                          exact_copy(e->pages[p].ptr, e->pages[p].len, p & 1),
                                          e->pages[p].len, arena, bits, &err),
                     TRAWL_OK, "%s", err.message);
        for (uint32_t i = 0; i < rows; i++) {
            tr_value v = column_get(c, p * TR_BATCH_ROWS + i);
            bool meets = value_meets(bound, &v);
            if (c->in.type == TR_DYNAMIC && !v.is_null) /* whose order nothing looks at */
                meets |= tr_bit_get(bits, i);
            cr_assert_eq(tr_bit_get(bits, i), tr_bit_get(before, i) && meets,
                         "%s of %s, n %u, skip %u: page %u row %u should be %d", open->codec->name,
                         tr_type_name(c->in.type), c->in.n, skip, p, i, meets);
            cr_assert(!meets || probe.pages >> p & 1);
            cr_assert(meets || !probe.all);
            cr_assert(meets || !tr_column_probe_passes(&probe, p));
        }
        cr_assert(!*probe.unsure || c->in.type == TR_DYNAMIC);
    }
}

static inline int order_values(const void *a, const void *b) {
    return tr_value_compare(a, b);
}

/** Bounds of every shape with ends at or next to values that are there. */
static inline void check_probes(const column *c, const tr_encoded *e, uint32_t rounds) {
    static const uint32_t skips[] = {TR_SKIP_ALL, 0, TR_SKIP_ENCODED, TR_SKIP_ZONES};
    for (uint32_t round = 0; round < rounds; round++) {
        tr_value values[12], null = {.type = c->in.type, .is_null = true};
        uint32_t n = round % 4 == 3 ? 12 : round % 4 + 1;
        for (uint32_t i = 0; i < n; i++) {
            values[i] = column_get(c, (uint32_t)(next_random() % c->in.n));
            if (values[i].is_null ||
                (round > 3 && next_random() % 4 == 0 && c->in.type != TR_DYNAMIC)) {
                values[i] = (tr_value){.type = c->in.type};
                if (c->in.type == TR_STRING)
                    values[i].as.str = tr_str_c("middle");
                else if (c->in.type == TR_DYNAMIC)
                    values[i].as.str = tr_str_of("", 1); /* a dynamic null */
                else if (c->in.type == TR_REAL)
                    values[i].as.real = (double)(int64_t)next_random() / 1e15;
            }
            bool step = c->in.type == TR_LONG && values[i].as.i64 < INT64_MAX;
            values[i].as.i64 += step && next_random() % 4 == 0;
        }
        qsort(values, n, sizeof *values, order_values);
        tr_scan_bound bound = {.low = values[0], .high = values[n - 1]};
        if (round % 8 >= 4) {
            bound.value_count = n;
            bound.values = values;
        } else if (round % 8 < 2) {
            *(round & 1 ? &bound.low : &bound.high) = null;
        }
        check_probe(c, e, &bound, skips[round / 8 % 4], round % 3 == 0 ? 50 : 1);
    }
}

/** Whatever the bytes are, the answer is an error or other values. */
static inline void check_damage(const column *c, const tr_encoded *e, uint32_t rounds) {
    tr_value low = column_get(c, 0), null = {.type = c->in.type, .is_null = true};
    tr_scan_bound bound = {.low = low, .high = null};
    tr_column_test test = {.bound = &bound};
    for (uint32_t round = 0; round < rounds; round++) {
        tr_arena_mark mark = tr_arena_here(arena);
        uint32_t p = (uint32_t)(next_random() % e->page_count);
        size_t head_bytes = e->head.len, bytes = e->pages[p].len;
        char *head = (char *)exact_copy(e->head.ptr, head_bytes, false);
        char *page = (char *)exact_copy(e->pages[p].ptr, bytes, round & 1);
        char *hit = round % 2 && bytes ? page : head;
        size_t hit_bytes = hit == page ? bytes : head_bytes;
        for (uint64_t i = next_random() % 3; i < 3; i++)
            hit[next_random() % (i == 0 && hit_bytes > 8 ? 8 : hit_bytes)] ^=
                (char)(1 << next_random() % 8);
        if (round % 5 == 0)
            bytes = next_random() % (bytes + 1);
        if (round % 7 == 0)
            head_bytes = next_random() % (head_bytes + 1);
        head = (char *)exact_copy(head, head_bytes, false);
        page = (char *)exact_copy(page, bytes, false);
        tr_column *open;
        tr_vec v;
        tr_column_probe probe;
        uint16_t rows[64] = {0, (uint16_t)(tr_page_rows(c->in.n, p) - 1)};
        uint64_t bits[TR_BITS_WORDS(TR_BATCH_ROWS)];
        memset(bits, 0xff, sizeof bits);
        if (tr_page_rows(c->in.n, p) & 63)
            bits[tr_page_rows(c->in.n, p) / 64] =
                (UINT64_C(1) << (tr_page_rows(c->in.n, p) & 63)) - 1;
        trawl_status status =
            tr_column_open(arena, c->in.type, c->in.n, head, head_bytes, &open, NULL);
        if (status == TRAWL_OK) {
            status = tr_column_decode(open, p, page, bytes, NULL, 0, arena, &v, NULL);
            cr_assert(status == TRAWL_OK || status == TRAWL_E_DATA);
            if (status == TRAWL_OK && tr_type_is_text(c->in.type))
                for (uint32_t i = 0; i < tr_page_rows(c->in.n, p); i++)
                    cr_assert_leq(tr_vec_value(&v, i).as.str.len, bytes + head_bytes);
            status = tr_column_decode(open, p, page, bytes, rows, 2, arena, &v, NULL);
            cr_assert(status == TRAWL_OK || status == TRAWL_E_DATA);
            cr_assert_eq(tr_column_probe_start(open, &test, TR_SKIP_ALL, arena, &probe, NULL),
                         TRAWL_OK);
            status = tr_column_probe_page(&probe, p, page, bytes, arena, bits, NULL);
            cr_assert(status == TRAWL_OK || status == TRAWL_E_DATA);
        } else {
            cr_assert_eq(status, TRAWL_E_DATA);
        }
        tr_arena_release(arena, mark);
    }
}

#endif

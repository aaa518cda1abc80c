/* tests/fuzz/column.c: columns of the store from any bytes: what is encoded comes back the same,
 * and a damaged column gives values or an error, never a fault.
 *
 * byte 0: type; byte 1: codecs that are switched off; bytes 2..9: where and how the encoded bytes
 * are damaged; the rest: values. */
#include <stdlib.h>
#include <string.h>

#include "runtime/data/dynamic.h"
#include "runtime/store/column.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS_MAX = 5000, PAGES_MAX = ROWS_MAX / TR_BATCH_ROWS + 1 };

static void demand(bool holds) {
    if (!holds)
        abort();
}

static tr_value value_at(tr_type type, const uint8_t *bytes, size_t n, tr_arena *arena) {
    tr_value v = {.type = type};
    uint64_t word = 0;
    memcpy(&word, bytes, n < 8 ? n : 8);
    v.is_null = type != TR_STRING && n && bytes[0] % 11 == 3;
    switch (type) {
    case TR_BOOL: v.as.boolean = word & 1; break;
    case TR_INT: v.as.i64 = (int32_t)word; break;
    case TR_REAL:
        v.as.real = (double)(int16_t)word / 100;
        if (word % 7 == 0)
            memcpy(&v.as.real, &word, 8);
        break;
    case TR_DECIMAL: v.as.decimal.low = word; break;
    case TR_GUID: memcpy(v.as.guid.bytes, &word, 8); break;
    case TR_STRING:
        v.as.str = tr_str_make(tr_arena_text(arena, (const char *)bytes, n), (uint32_t)n);
        break;
    case TR_DYNAMIC: {
        tr_dyn_builder b;
        tr_dyn_start(&b, arena);
        if (!tr_dyn_parse_json(&b, (const char *)bytes, n, NULL))
            tr_dyn_put_string(&b, tr_str_of((const char *)bytes, n));
        demand(tr_dyn_finish(&b, &v.as.str, NULL) == TRAWL_OK);
        break;
    }
    default: v.as.i64 = word & 1 ? (int64_t)word : (int64_t)(word & 0xfff); break;
    }
    return v;
}

/* Lines of the input, again and again with growing numbers, until there are enough rows. */
static uint32_t make_rows(tr_type type, const uint8_t *data, size_t size, tr_arena *arena,
                          tr_vec *pages) {
    uint32_t n = 0, wanted = 1 + (uint32_t)(size * 7 % ROWS_MAX);
    for (size_t at = 0; n < wanted; n++) {
        size_t end = at;
        while (end < size && data[end] != '\n' && end - at < 300)
            end++;
        if (n % TR_BATCH_ROWS == 0) {
            tr_vec *page = &pages[n / TR_BATCH_ROWS];
            demand(tr_vec_new(arena, type, TR_BATCH_ROWS, page, NULL) == TRAWL_OK);
            demand(type == TR_STRING ||
                   tr_vec_need_valid(arena, page, TR_BATCH_ROWS, NULL) == TRAWL_OK);
        }
        uint8_t line[320] = {0};
        memcpy(line, data + at, end - at);
        line[n % 5 == 4 && end > at ? (end - at) / 2 : 319] ^= (uint8_t)n;
        tr_value value = value_at(type, line, end - at, arena);
        tr_vec_set(&pages[n / TR_BATCH_ROWS], n % TR_BATCH_ROWS, &value);
        at = end + 1 < size ? end + 1 : 0;
    }
    return n;
}

static void compare(const tr_vec *a, const tr_vec *b, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        tr_value x = tr_vec_value(a, i), y = tr_vec_value(b, i);
        demand(x.is_null == y.is_null);
        if (x.is_null)
            continue;
        if (x.type == TR_REAL)
            demand(memcmp(&x.as.real, &y.as.real, 8) == 0);
        else if (tr_type_is_text(x.type))
            demand(tr_str_equal(x.as.str, y.as.str));
        else
            demand(tr_value_compare(&x, &y) == 0);
    }
}

/* Decode all pages; wanted NULL: anything goes. */
static bool read_all(tr_type type, uint32_t n, tr_str head, const tr_str *bytes,
                     const tr_vec *wanted) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_column *column;
    bool good = tr_column_open(arena, type, n, head.ptr, head.len, &column, NULL) == TRAWL_OK;
    for (uint32_t p = 0; good && p < tr_page_count(n); p++) {
        tr_vec got;
        uint16_t some[64] = {0};
        uint32_t rows = tr_page_rows(n, p);
        good = tr_column_decode(column, p, bytes[p].ptr, bytes[p].len, NULL, rows, arena, &got,
                                NULL) == TRAWL_OK;
        if (good && wanted)
            compare(&wanted[p], &got, rows);
        some[0] = (uint16_t)(rows / 2);
        if (good)
            good = tr_column_decode(column, p, bytes[p].ptr, bytes[p].len, some, 1, arena, &got,
                                    NULL) == TRAWL_OK;
    }
    tr_arena_free(arena);
    return good;
}

static tr_str damaged(tr_arena *arena, tr_str s, uint32_t where, uint8_t how) {
    char *copy = tr_arena_text(arena, s.ptr, s.len);
    if (s.len)
        copy[where % s.len] ^= (char)(how | 1);
    return tr_str_make(copy, s.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 12)
        return 0;
    tr_type type = (tr_type)(1 + data[0] % (TR_TYPE_COUNT - 1));
    tr_arena *arena = tr_arena_new(NULL);
    tr_vec pages[PAGES_MAX];
    tr_encoded encoded;
    uint32_t where[2];
    memcpy(where, data + 2, 8);
    uint32_t n = make_rows(type, data + 10, size - 10, arena, pages);
    tr_column_input in = {.type = type, .n = n, .pages = pages};
    tr_column_options options = {.codecs_off = (uint32_t)data[1] << (data[1] & 8 ? 3 : 1)};
    demand(tr_column_encode(arena, &in, &options, &encoded, NULL) == TRAWL_OK);
    demand(encoded.page_count == tr_page_count(n));
    demand(read_all(type, n, encoded.head, encoded.pages, pages));
    tr_str head = damaged(arena, encoded.head, where[0], data[0]);
    read_all(type, n, head, encoded.pages, NULL);
    encoded.pages[0] = damaged(arena, encoded.pages[0], where[1], data[1]);
    read_all(type, n, encoded.head, encoded.pages, NULL);
    read_all(type, n, tr_str_make(encoded.head.ptr, where[1] % (encoded.head.len + 1)),
             encoded.pages, NULL);
    tr_arena_free(arena);
    return 0;
}

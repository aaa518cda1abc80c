/* Extents: rows in, a file, the same rows out; damage is told. */
#include "runtime/store/extent.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/os.h"
#include "runtime/data/dynamic.h"
#include "runtime/store/extent_index.h"

static char path[64];
static tr_arena *arena;

static void setup(void) {
    snprintf(path, sizeof path, "/tmp/trawl-extent-%d", (int)getpid());
    unlink(path);
    arena = tr_arena_new(NULL);
    cr_assert(tr_arena_alloc(arena, 64, 64)); /* so that values do not take and give back memory */
}
static void teardown(void) {
    unlink(path);
    tr_arena_free(arena);
}
TestSuite(extent, .init = setup, .fini = teardown);

enum { COLUMNS = 7 };
static const tr_field fields[COLUMNS] = {
    {{"n", 1, 'n'}, TR_LONG},    {{"s", 1, 's'}, TR_STRING},   {{"r", 1, 'r'}, TR_REAL},
    {{"b", 1, 'b'}, TR_BOOL},    {{"t", 1, 't'}, TR_DATETIME}, {{"i", 1, 'i'}, TR_INT},
    {{"d", 1, 'd'}, TR_DYNAMIC},
};
static const tr_schema schema = {COLUMNS, fields};

/* The value of row k, told by k alone. */
static tr_value value_of(uint64_t k, uint32_t c) {
    uint64_t mix = (k + 1) * 0x9e3779b97f4a7c15u;
    mix ^= mix >> 29;
    tr_value v = {.type = fields[c].type};
    v.is_null = v.type != TR_STRING && (mix >> 8) % 17 == c;
    switch (c) {
    case 0: v.as.i64 = (int64_t)(mix % 1000) - 500; break;
    case 1: {
        char *text = tr_arena_printf(arena, "user %llu did %s", (unsigned long long)(mix % 90000),
                                     k % 3 ? "login" : "logout");
        v.as.str = tr_str_make(text, (uint32_t)strlen(text));
        break;
    }
    case 2: v.as.real = (double)(mix % 100000) / 100; break;
    case 3: v.as.boolean = mix >> 13 & 1; break;
    case 4: v.as.i64 = TR_TICKS_UNIX + (int64_t)k * 12345; break;
    case 5: v.as.i64 = (int32_t)mix; break;
    default: {
        tr_dyn_builder b;
        tr_dyn_start(&b, arena);
        tr_dyn_open_bag(&b);
        tr_dyn_put_key(&b, tr_str_c("k"));
        tr_dyn_put_long(&b, (int64_t)(mix % 50));
        tr_dyn_close(&b);
        cr_assert_eq(tr_dyn_finish(&b, &v.as.str, NULL), TRAWL_OK);
    }
    }
    return v;
}

static void fill(tr_batch *batch, uint64_t first, uint32_t n, tr_arena *scratch) {
    tr_vec *columns = TR_NEW_N(scratch, tr_vec, COLUMNS);
    for (uint32_t c = 0; c < COLUMNS; c++) {
        cr_assert_eq(tr_vec_new(scratch, fields[c].type, n, &columns[c], NULL), TRAWL_OK);
        cr_assert_eq(tr_vec_need_valid(scratch, &columns[c], n, NULL), TRAWL_OK);
        for (uint32_t i = 0; i < n; i++) {
            tr_value v = value_of(first + i, c);
            tr_vec_set(&columns[c], i, &v);
        }
        if (fields[c].type == TR_STRING)
            columns[c].valid = NULL;
    }
    *batch = (tr_batch){.n = n, .column_count = COLUMNS, .columns = columns, .scratch = scratch};
}

static tr_extent_facts write_rows(uint64_t count) {
    tr_extent_writer *writer;
    trawl_error err = TRAWL_ERROR_INIT;
    tr_extent_options options = {.id = {{1, 2, 3}}};
    tr_extent_facts facts;
    unlink(path);
    cr_assert_eq(tr_extent_writer_open(NULL, path, &schema, &options, &writer, &err), TRAWL_OK,
                 "%s", err.message);
    for (uint64_t k = 0; k < count;) {
        tr_batch batch;
        uint32_t n = (uint32_t)(k % 3 ? 2048 : 1 + k % 1999);
        if (n > count - k)
            n = (uint32_t)(count - k);
        tr_arena_mark mark = tr_arena_here(arena);
        fill(&batch, k, n, arena);
        cr_assert_eq(tr_extent_writer_add(writer, &batch, &err), TRAWL_OK, "%s", err.message);
        tr_arena_release(arena, mark);
        k += n;
    }
    cr_assert_eq(tr_extent_writer_finish(writer, &facts, &err), TRAWL_OK, "%s", err.message);
    tr_extent_writer_close(writer);
    cr_assert_eq(facts.row_count, count);
    return facts;
}

static const uint32_t column_of[COLUMNS] = {0, 1, 2, 3, 4, 5, 6};

/* Reads all groups. Returns rows read, or -1 for a typed error; wrong rows fail the test. `test`
 * (may be NULL) says which rows must be among those read. */
static int64_t read_rows(const tr_scan_request *request, bool (*test)(uint64_t k),
                         trawl_error *err) {
    tr_extent *extent;
    tr_extent_reader *reader = NULL;
    tr_scan_stats stats = {0};
    tr_arena *local = tr_arena_new(NULL), *scratch = tr_arena_new(NULL);
    trawl_status status = tr_extent_open(path, &extent, err);
    bool open = status == TRAWL_OK;
    uint64_t first = 0, wanted = 0, found = 0, seen = 0;
    if (open)
        status = tr_extent_reader_open(local, &schema, request, &stats, &reader, err);
    for (uint32_t g = 0; status == TRAWL_OK && g < tr_extent_facts_of(extent)->group_count; g++) {
        status = tr_extent_reader_begin(reader, extent, column_of, NULL, g, NULL, err);
        while (status == TRAWL_OK) {
            tr_arena_reset(scratch);
            tr_batch batch = {.scratch = scratch};
            status = tr_extent_reader_next(reader, &batch, err);
            if (status != TRAWL_OK || !batch.n)
                break;
            seen += batch.n;
            const tr_vec *v[COLUMNS];
            for (uint32_t c = 0; c < COLUMNS && status == TRAWL_OK; c++)
                status = tr_batch_column(&batch, c, &v[c], err);
            for (uint32_t i = 0; i < batch.n && status == TRAWL_OK; i++) {
                tr_arena_mark mark = tr_arena_here(arena);
                tr_value t = tr_vec_value(v[4], i);
                tr_value s = tr_vec_value(v[1], i);
                /* The row's number follows from its time, or by search where that is null. */
                uint64_t k = t.is_null ? UINT64_MAX : (uint64_t)(t.as.i64 - TR_TICKS_UNIX) / 12345;
                for (uint32_t c = 0; c < COLUMNS && k != UINT64_MAX; c++) {
                    tr_value want = value_of(k, c), got = tr_vec_value(v[c], i);
                    cr_assert_eq(want.is_null, got.is_null, "row %llu column %u",
                                 (unsigned long long)k, c);
                    cr_assert(want.is_null || tr_value_compare(&want, &got) == 0,
                              "row %llu column %u", (unsigned long long)k, c);
                }
                cr_assert(s.as.str.len > 5);
                found += k != UINT64_MAX && test && test(k);
                tr_arena_release(arena, mark);
            }
        }
        first += tr_extent_group_rows(extent, g);
    }
    for (uint64_t k = 0; status == TRAWL_OK && test && k < first; k++)
        wanted += test(k) && !value_of(k, 4).is_null;
    if (status == TRAWL_OK)
        cr_assert_eq(found, wanted, "%llu of %llu rows", (unsigned long long)found,
                     (unsigned long long)wanted);
    tr_extent_reader_close(reader);
    if (open)
        tr_extent_close(extent);
    tr_arena_free(local);
    tr_arena_free(scratch);
    return status == TRAWL_OK ? (int64_t)seen : -1;
}

Test(extent, all_rows_come_back) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    static const uint64_t counts[] = {1, 64, 2049, 131073};
#else
    static const uint64_t counts[] = {1, 63, 64, 2047, 2048, 2049, 131071, 131072, 131073, 300000};
#endif
    static const uint32_t sizes[] = {64, 1000, 2048};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (size_t k = 0; k < 3; k++) {
            trawl_error err = TRAWL_ERROR_INIT;
            tr_scan_request request = {.batch_rows = sizes[k], .skip = TR_SKIP_ALL};
            if (k == 0)
                write_rows(counts[i]);
            int64_t n = read_rows(&request, NULL, &err);
            cr_assert_eq(n, (int64_t)counts[i], "%lld: %s", (long long)n, err.message);
        }
}

static bool is_small(uint64_t k) {
    tr_value v = value_of(k, 0);
    return !v.is_null && v.as.i64 >= -3 && v.as.i64 <= 4;
}
static bool is_early(uint64_t k) {
    return k >= 5000 && k <= 6000;
}
static bool is_user(uint64_t k) {
    tr_arena_mark mark = tr_arena_here(arena);
    tr_str s = value_of(k, 1).as.str;
    bool found = strstr(s.ptr, " 777 ") != NULL;
    tr_arena_release(arena, mark);
    return found;
}

Test(extent, tests_keep_what_is_wanted_and_skip) {
    static const uint32_t skips[] = {0, TR_SKIP_ZONES, TR_SKIP_ENCODED, TR_SKIP_TERMS, TR_SKIP_ALL};
    write_rows(200000);
    for (size_t i = 0; i < sizeof skips / sizeof *skips; i++) {
        trawl_error err = TRAWL_ERROR_INIT;
        tr_scan_bound small = {.column = 0,
                               .low = {.type = TR_LONG, .as.i64 = -3},
                               .high = {.type = TR_LONG, .as.i64 = 4}};
        tr_scan_bound early = {
            .column = 4,
            .low = {.type = TR_DATETIME, .as.i64 = TR_TICKS_UNIX + 5000 * 12345},
            .high = {.type = TR_DATETIME, .as.i64 = TR_TICKS_UNIX + 6000 * 12345}};
        tr_prefilter user = {.column = 1, .literal = tr_str_c("777"), .edges = 3};
        tr_scan_request request = {
            .batch_rows = 2048, .skip = skips[i], .bound_count = 1, .bounds = &small};
        int64_t n = read_rows(&request, is_small, &err);
        cr_assert(n > 0, "%s", err.message);
        if (skips[i] & TR_SKIP_ENCODED)
            cr_assert(n < 3000, "%lld", (long long)n);
        request.bounds = &early;
        n = read_rows(&request, is_early, &err);
        if (skips[i] & TR_SKIP_ZONES)
            cr_assert(n <= 4096, "%lld", (long long)n);
        request.bound_count = 0;
        request.prefilter_count = 1;
        request.prefilters = &user;
        n = read_rows(&request, is_user, &err);
        if (skips[i] & TR_SKIP_TERMS)
            cr_assert(n < 100000, "%lld", (long long)n);
    }
}

static void flip(uint64_t at, uint8_t mask) {
    FILE *f = fopen(path, "r+b");
    uint8_t byte;
    fseek(f, (long)at, SEEK_SET);
    cr_assert_eq(fread(&byte, 1, 1, f), 1u);
    byte ^= mask;
    fseek(f, (long)at, SEEK_SET);
    fwrite(&byte, 1, 1, f);
    fclose(f);
}

/* Every bit of header, footer and trailer, and some of every block: the same rows or an error. */
Test(extent, damage_is_told, .timeout = 240) {
    tr_extent_facts facts = write_rows(3000);
    tr_scan_request request = {.batch_rows = 2048, .skip = TR_SKIP_ALL};
    uint64_t from_footer = 64 + facts.data_bytes + facts.index_bytes, told = 0, tried = 0;
    cr_log_info("%llu bytes, footer at %llu\n", (unsigned long long)facts.file_bytes,
                (unsigned long long)from_footer);
    for (uint64_t at = 0; at < facts.file_bytes; at += at < 64 || at >= from_footer ? 1 : 61)
        for (int bit = 0; bit < 8; bit += at < 64 || at >= from_footer ? 1 : 3) {
            trawl_error err = TRAWL_ERROR_INIT;
            flip(at, (uint8_t)(1 << bit));
            int64_t n = read_rows(&request, NULL, &err);
            cr_assert(n == 3000 || (n == -1 && err.message[0]), "byte %llu bit %d: %lld",
                      (unsigned long long)at, bit, (long long)n);
            told += n == -1;
            tried++;
            flip(at, (uint8_t)(1 << bit));
        }
    cr_assert(told > tried * 8 / 10, "%llu of %llu", (unsigned long long)told,
              (unsigned long long)tried);
}

Test(extent, a_short_file_is_told) {
    tr_extent_facts facts = write_rows(500);
    tr_scan_request request = {.batch_rows = 2048, .skip = TR_SKIP_ALL};
    for (uint64_t n = facts.file_bytes; n-- > 0;) {
        trawl_error err = TRAWL_ERROR_INIT;
        cr_assert_eq(truncate(path, (off_t)n), 0);
        cr_assert_eq(read_rows(&request, NULL, &err), -1);
        cr_assert(err.message[0]);
    }
}

/* Blocks of any length: the bytes that were sealed, piece by piece, and no others. */
Test(extent, an_index_is_read_in_pieces) {
    static const size_t lengths[] = {48, 4095, 4096, 4097, 16376, 16400, 20480, 100000};
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
        size_t n = lengths[k], found;
        tr_buf sealed;
        tr_buf_start(&sealed, arena);
        for (size_t i = 0; i < n; i++)
            tr_buf_put_char(&sealed, (char)(i * 31 + i / 251));
        cr_assert_eq(tr_extent_seal_index(&sealed, NULL), TRAWL_OK);
        cr_assert(tr_extent_index_bytes(sealed.n, &found) && found == n);
        tr_block block = {64, (uint32_t)sealed.n, tr_extent_crc(sealed.bytes, sealed.n)};
        for (int damaged = 0; damaged < 2; damaged++) {
            int64_t file = tr_os_now()->open(path, TR_OS_READ | TR_OS_WRITE | TR_OS_CREATE);
            tr_extent extent = {.path = path, .file = file};
            tr_os_now()->pwrite(file, sealed.bytes, sealed.n, 64);
            if (damaged)
                tr_os_now()->pwrite(file, "?", 1, 64 + n / 2);
            tr_extent_index index;
            trawl_status status = tr_extent_open_index(&extent, &block, arena, &index, NULL);
            size_t told = status != TRAWL_OK, asked = 0;
            for (size_t at = 0; status == TRAWL_OK && at < n; at += 1000, asked++) {
                size_t count = n - at < 1000 ? n - at : 1000;
                trawl_status read =
                    index.view.need ? index.view.need(index.view.ctx, at, count, NULL) : TRAWL_OK;
                told += read != TRAWL_OK;
                cr_assert(read != TRAWL_OK ||
                          memcmp(index.view.bytes + at, sealed.bytes + at, count) == 0);
            }
            cr_assert_eq(told > 0, damaged, "%zu bytes", n);
            cr_assert(told <= 6, "%zu bytes: %zu of %zu", n, told, asked);
            tr_os_now()->close(file);
        }
    }
    size_t none;
    cr_assert(!tr_extent_index_bytes(3, &none) && !tr_extent_index_bytes(7, &none));
}

/* ---- what checksums cannot tell ---- */

/* The file with these bytes at `offset`, and with the footer that the extent has in memory by now:
 * all checksums are right. */
static void write_again(const tr_extent *extent, uint64_t offset, const char *bytes, size_t n) {
    char trailer[TR_EXTENT_TRAILER_BYTES];
    uint64_t end = TR_EXTENT_HEADER_BYTES;
    for (uint32_t c = 0; c < extent->schema.count; c++) {
        const tr_group_column *last = &extent->groups[extent->facts.group_count - 1].columns[c];
        uint64_t pages = last->head.offset + last->head.bytes + last->pages_bytes;
        uint64_t index = last->index.offset + last->index.bytes;
        end = pages > end ? pages : end;
        end = index > end ? index : end;
    }
    tr_buf footer;
    tr_buf_start(&footer, arena);
    tr_extent_put_footer(extent, &footer);
    tr_extent_put_trailer(&extent->facts.id, end, footer.n, tr_extent_crc(footer.bytes, footer.n),
                          trailer);
    const tr_os *os = tr_os_now();
    int64_t file = os->open(path, TR_OS_READ | TR_OS_WRITE);
    cr_assert_geq(file, 0);
    cr_assert_eq(os->truncate(file, end), 0);
    cr_assert_eq(os->pwrite(file, bytes, n, offset), (int64_t)n);
    cr_assert_eq(os->pwrite(file, footer.bytes, footer.n, end), (int64_t)footer.n);
    cr_assert_eq(os->pwrite(file, trailer, sizeof trailer, end + footer.n),
                 (int64_t)sizeof trailer);
    os->close(file);
}

static void expect_finding(const char *what) {
    trawl_error err = TRAWL_ERROR_INIT;
    tr_buf report;
    uint32_t damaged;
    tr_buf_start(&report, arena);
    cr_assert_eq(tr_extent_check(path, &report, &damaged, &err), TRAWL_OK, "%s", err.message);
    tr_buf_put(&report, "", 1);
    if (!what)
        cr_expect_eq(damaged, 0, "%s", report.bytes);
    else
        cr_expect(damaged >= 1 && strstr(report.bytes, what), "wanted '%s', got: %s", what,
                  report.bytes);
}

static tr_extent *open_again(void) {
    tr_extent *extent;
    trawl_error err = TRAWL_ERROR_INIT;
    write_rows(5000);
    cr_assert_eq(tr_extent_open(path, &extent, &err), TRAWL_OK, "%s", err.message);
    return extent;
}

/* Zeros in an index say that no page holds the terms and characters that they stood for. */
static void spoil_index(uint32_t column, bool terms) {
    tr_extent *extent = open_again();
    trawl_error err = TRAWL_ERROR_INIT;
    tr_group_column *facts = &extent->groups[0].columns[column];
    size_t n;
    char *bytes;
    tr_buf index;
    cr_assert_eq(tr_extent_read_block(extent, &facts->index, arena, "index", &bytes, &err),
                 TRAWL_OK);
    cr_assert(tr_extent_index_bytes(facts->index.bytes, &n));
    memset(terms ? bytes + n / 4 : bytes + n - n / 8, 0, terms ? n / 2 : n / 8);
    tr_buf_start(&index, arena);
    tr_buf_put(&index, bytes, n);
    cr_assert_eq(tr_extent_seal_index(&index, &err), TRAWL_OK);
    cr_assert_eq(index.n, facts->index.bytes);
    facts->index.crc = tr_extent_crc(index.bytes, index.n);
    write_again(extent, facts->index.offset, index.bytes, index.n);
    tr_extent_close(extent);
}

Test(extent, the_check_compares_index_and_zones_with_rows) {
    tr_extent *extent = open_again();
    write_again(extent, 0, "TRAWLEXT", 8);
    tr_extent_close(extent);
    expect_finding(NULL);
    spoil_index(1, true);
    expect_finding("column s: the index does not know text that is there");
    spoil_index(1, false);
    expect_finding("column s: the index does not know text that is there");
    extent = open_again();
    extent->zones[0].high.as.i64++;
    write_again(extent, 0, "TRAWLEXT", 8);
    tr_extent_close(extent);
    expect_finding("column n: the smallest or the largest value is wrong");
    extent = open_again();
    extent->groups[0].columns[0].zone.low.as.i64++;
    write_again(extent, 0, "TRAWLEXT", 8);
    tr_extent_close(extent);
    expect_finding("column n: holds values outside of its zone");
    extent = open_again();
    extent->null_counts[4]++;
    write_again(extent, 0, "TRAWLEXT", 8);
    tr_extent_close(extent);
    expect_finding("column t: the number of nulls is wrong");
}

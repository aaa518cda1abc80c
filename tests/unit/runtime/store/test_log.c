/* Records and rows as bytes: heads, torn ends, damage, and bytes that are neither. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/os.h"
#include "runtime/data/dynamic.h"
#include "runtime/store/log.h"
#include "runtime/store/rows_codec.h"

static tr_arena *arena;
static trawl_error error;
static char path[64];
static const tr_log_head head = {.number = 3, .sequence = 10, .ticks = 77, .salt = 0x1234567};

static void setup(void) {
    arena = tr_arena_new(NULL);
    error = (trawl_error)TRAWL_ERROR_INIT;
    snprintf(path, sizeof path, "/tmp/trawl-log-%d", (int)getpid());
}
static void teardown(void) {
    tr_arena_free(arena);
    unlink(path);
}
TestSuite(log, .init = setup, .fini = teardown);

static uint64_t seed = 88172645463325252u;
static uint32_t pick(uint32_t n) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 20) % n;
}

static void write_file(const char *bytes, size_t n) {
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite(bytes, 1, n, file) == n && fclose(file) == 0);
}

/* A record behind those in `file`; its payload is `text`. */
static void add_record(tr_buf *file, const char *text, uint64_t sequence, uint64_t synced) {
    char bytes[512];
    size_t n = strlen(text);
    memcpy(bytes + TR_RECORD_HEAD_BYTES, text, n);
    tr_record record = {.offset = file->n,
                        .sequence = sequence,
                        .ticks = 100,
                        .synced = synced,
                        .kind = TR_RECORD_CHANGE,
                        .bytes = (uint32_t)n};
    tr_record_seal(bytes, head.salt, &record);
    tr_buf_put(file, bytes, tr_record_room(n));
}

/* Records 11, 12, 13; ends[i] is where record i ends. Each was synced when the next was written. */
static void three_records(tr_buf *file, uint64_t ends[3]) {
    char bytes[TR_LOG_HEAD_BYTES];
    tr_buf_start(file, arena);
    tr_log_head_put(bytes, TR_LOG_MAGIC, &head);
    tr_buf_put(file, bytes, sizeof bytes);
    static const char *const texts[3] = {"one", "the second", "and the third record"};
    for (int i = 0; i < 3; i++) {
        add_record(file, texts[i], 11 + (uint64_t)i, file->n);
        ends[i] = file->n;
    }
}

/* Records read before the end or the first that is not whole. */
static uint32_t read_all(trawl_status *judged) {
    tr_log_reader reader;
    tr_record record;
    bool found;
    uint32_t n = 0;
    *judged = tr_log_reader_open(path, TR_LOG_MAGIC, &reader, &found, &error);
    if (*judged != TRAWL_OK || !found)
        return 0;
    while (tr_log_reader_next(&reader, &record, &found, &error) == TRAWL_OK && found)
        n++;
    *judged = reader.offset == reader.file_bytes ? TRAWL_OK : tr_log_reader_judge(&reader, &error);
    tr_log_reader_close(&reader);
    return n;
}

Test(log, records_come_back) {
    tr_buf file;
    uint64_t ends[3];
    three_records(&file, ends);
    cr_assert_eq(ends[0], 64 + 48 + 8);
    write_file(file.bytes, file.n);
    tr_log_reader reader;
    tr_record record;
    bool found;
    cr_assert_eq(tr_log_reader_open(path, TR_LOG_MAGIC, &reader, &found, &error), TRAWL_OK);
    cr_assert(found);
    cr_assert_eq(reader.head.number, 3);
    cr_assert_eq(reader.head.sequence, 10);
    cr_assert_eq(reader.head.ticks, 77);
    cr_assert_eq(tr_log_reader_next(&reader, &record, &found, &error), TRAWL_OK);
    cr_assert(found && record.sequence == 11 && record.bytes == 3 && record.synced == 64);
    cr_assert(memcmp(record.payload, "one", 3) == 0);
    tr_log_reader_close(&reader);
    cr_assert_eq(tr_log_reader_open(path, TR_MANIFEST_MAGIC, &reader, &found, &error),
                 TRAWL_E_DATA);
    cr_assert_eq(tr_log_reader_open("/tmp/no/such", TR_LOG_MAGIC, &reader, &found, &error),
                 TRAWL_OK);
    cr_assert(!found);
}

Test(log, every_cut_is_a_torn_end) {
    tr_buf file;
    uint64_t ends[3];
    trawl_status judged;
    three_records(&file, ends);
    for (size_t n = TR_LOG_HEAD_BYTES; n <= file.n; n++) {
        write_file(file.bytes, n);
        uint32_t want = (n >= ends[0]) + (n >= ends[1]) + (n >= ends[2]);
        cr_assert_eq(read_all(&judged), want, "cut at %zu", n);
        cr_assert_eq(judged, TRAWL_OK, "cut at %zu", n);
    }
    write_file(file.bytes, 63);
    read_all(&judged);
    cr_assert_eq(judged, TRAWL_E_DATA);
}

/* Records 11 and 12 were synced before the next was written; 13 was not. */
Test(log, every_flipped_bit_is_damage_but_in_the_last_record) {
    tr_buf file;
    uint64_t ends[3];
    trawl_status judged;
    three_records(&file, ends);
    for (size_t bit = TR_LOG_HEAD_BYTES * 8; bit < file.n * 8; bit++) {
        file.bytes[bit / 8] ^= (char)(1 << bit % 8);
        write_file(file.bytes, file.n);
        uint32_t n = read_all(&judged);
        if (bit / 8 < ends[1] && n < 3)
            cr_assert_eq(judged, TRAWL_E_DATA, "bit %zu", bit);
        else if (n < 3)
            cr_assert_eq(judged, TRAWL_OK, "bit %zu", bit);
        else /* padding: nobody reads it */
            cr_assert(bit / 8 >= 64 + 48 + 3);
        file.bytes[bit / 8] ^= (char)(1 << bit % 8);
    }
}

/* Two records in one sync: the first may be torn though the second is whole. */
Test(log, reordered_writes_are_a_torn_end) {
    tr_buf file;
    char bytes[TR_LOG_HEAD_BYTES];
    trawl_status judged;
    tr_buf_start(&file, arena);
    tr_log_head_put(bytes, TR_LOG_MAGIC, &head);
    tr_buf_put(&file, bytes, sizeof bytes);
    add_record(&file, "first", 11, 64);
    size_t second = file.n;
    add_record(&file, "second", 12, 64);
    memset(file.bytes + 64, 0, second - 64);
    write_file(file.bytes, file.n);
    cr_assert_eq(read_all(&judged), 0);
    cr_assert_eq(judged, TRAWL_OK);
}

/* The bytes of a log inside a record of it are not taken for records. */
Test(log, a_log_in_a_log_is_data) {
    tr_buf file, all;
    uint64_t ends[3];
    trawl_status judged;
    three_records(&file, ends);
    char text[400];
    memset(text, 'x', sizeof text);
    tr_buf_start(&all, arena);
    tr_buf_put(&all, file.bytes, file.n);
    size_t start = all.n;
    char room[512];
    memcpy(room + TR_RECORD_HEAD_BYTES, file.bytes, file.n);
    tr_record record = {.offset = start,
                        .sequence = 14,
                        .synced = start,
                        .kind = TR_RECORD_CHANGE,
                        .bytes = (uint32_t)file.n};
    tr_record_seal(room, head.salt, &record);
    tr_buf_put(&all, room, tr_record_room(file.n));
    memset(all.bytes + start, 0, TR_RECORD_HEAD_BYTES);
    write_file(all.bytes, all.n);
    cr_assert_eq(read_all(&judged), 3);
    cr_assert_eq(judged, TRAWL_OK);
}

Test(log, mutations_never_crash) {
    tr_buf file;
    uint64_t ends[3];
    trawl_status judged;
    three_records(&file, ends);
    char *copy = tr_arena_alloc(arena, file.n, 8);
    for (int i = 0; i < 5000; i++) {
        memcpy(copy, file.bytes, file.n);
        for (uint32_t k = 1 + pick(4); k > 0; k--)
            copy[pick((uint32_t)file.n)] = (char)pick(256);
        write_file(copy, pick(3) ? file.n : pick((uint32_t)file.n));
        cr_assert_leq(read_all(&judged), 3);
    }
}

/* ---- rows ---- */

static const tr_type types[10] = {TR_BOOL,     TR_INT,      TR_LONG,   TR_REAL, TR_DECIMAL,
                                  TR_DATETIME, TR_TIMESPAN, TR_STRING, TR_GUID, TR_DYNAMIC};

static tr_value random_value(tr_type type) {
    static char text[64];
    tr_value v = {.type = type};
    if (type != TR_STRING && pick(4) == 0)
        return tr_value_null(type);
    switch (type) {
    case TR_BOOL: v.as.boolean = pick(2); break;
    case TR_INT: v.as.i64 = (int32_t)seed; break;
    case TR_REAL: v.as.real = (double)(int64_t)seed / 7; break;
    case TR_DECIMAL: v.as.decimal.low = pick(1000000); break;
    case TR_GUID: memcpy(v.as.guid.bytes, &seed, 8); break;
    case TR_STRING: {
        uint32_t n = pick(30);
        memset(text, 'a' + (int)pick(26), sizeof text);
        char *copy = tr_arena_text(arena, text, n);
        v.as.str = tr_str_make(copy, n);
        break;
    }
    case TR_DYNAMIC: {
        tr_dyn_builder *b = TR_NEW(arena, tr_dyn_builder);
        tr_dyn_start(b, arena);
        tr_dyn_open_array(b);
        tr_dyn_put_long(b, (int64_t)seed);
        tr_dyn_put_string(b, tr_str_c("x"));
        tr_dyn_close(b);
        cr_assert_eq(tr_dyn_finish(b, &v.as.str, &error), TRAWL_OK);
        break;
    }
    default: v.as.i64 = (int64_t)seed; break;
    }
    return v;
}

static void random_rows(tr_rows *rows, uint32_t n) {
    static tr_field fields[10];
    for (int c = 0; c < 10; c++)
        fields[c] = (tr_field){TR_STR_EMPTY, types[c]};
    tr_rows_start(rows, (tr_schema){10, fields});
    for (uint32_t i = 0; i < n; i++) {
        tr_value values[10];
        for (int c = 0; c < 10; c++)
            values[c] = random_value(types[c]);
        cr_assert_eq(tr_rows_append_values(rows, arena, values, &error), TRAWL_OK);
    }
}

static bool same_value(const tr_value *a, const tr_value *b) {
    if (a->is_null || b->is_null)
        return a->is_null == b->is_null;
    return tr_value_compare(a, b) == 0;
}

Test(log, rows_come_back) {
    static const uint32_t counts[] = {0, 1, 63, 64, 65, 2047, 2048, 2049, 5000};
    uint32_t ids[10] = {5, 1, 2, 3, 4, 6, 7, 8, 9, 10}, *ids_back;
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        tr_rows rows, back;
        tr_buf bytes;
        random_rows(&rows, counts[k]);
        tr_buf_start(&bytes, arena);
        cr_assert_eq(tr_rows_encode(&rows, ids, &bytes, &error), TRAWL_OK);
        cr_assert_eq(bytes.n % 8, 0);
        cr_assert_eq(tr_rows_decode(bytes.bytes, bytes.n, arena, &back, &ids_back, &error),
                     TRAWL_OK, "%s", error.message);
        cr_assert_eq(back.row_count, counts[k]);
        cr_assert(memcmp(ids, ids_back, sizeof ids) == 0);
        for (uint32_t r = 0; r < counts[k]; r++)
            for (uint32_t c = 0; c < 10; c++) {
                tr_value a = tr_rows_value(&rows, r, c), b = tr_rows_value(&back, r, c);
                cr_assert(same_value(&a, &b), "row %u column %u", r, c);
            }
    }
}

Test(log, const_vectors_are_written_out) {
    tr_rows rows, back;
    tr_buf bytes;
    uint32_t ids[2] = {1, 2}, *ids_back;
    static const tr_field fields[2] = {{{"", 0, 0}, TR_LONG}, {{"", 0, 0}, TR_BOOL}};
    tr_value seven = {.type = TR_LONG, .as.i64 = 7}, yes = {.type = TR_BOOL, .as.boolean = true};
    tr_vec *columns = TR_NEW_N(arena, tr_vec, 2);
    cr_assert_eq(tr_vec_of_value(arena, &seven, &columns[0], &error), TRAWL_OK);
    cr_assert_eq(tr_vec_of_value(arena, &yes, &columns[1], &error), TRAWL_OK);
    tr_rows_start(&rows, (tr_schema){2, fields});
    cr_assert_eq(tr_rows_add_chunk(&rows, arena, 70, columns, 0, &error), TRAWL_OK);
    tr_buf_start(&bytes, arena);
    cr_assert_eq(tr_rows_encode(&rows, ids, &bytes, &error), TRAWL_OK);
    cr_assert_eq(tr_rows_decode(bytes.bytes, bytes.n, arena, &back, &ids_back, &error), TRAWL_OK);
    cr_assert_eq(tr_rows_value(&back, 69, 0).as.i64, 7);
    cr_assert(tr_rows_value(&back, 69, 1).as.boolean);
    cr_assert_eq(((uint64_t *)back.chunks[0].columns[1].data)[1], 0x3f);
}

Test(log, mutated_rows_never_crash) {
    tr_rows rows, back;
    tr_buf bytes;
    uint32_t ids[10] = {0}, *ids_back;
    random_rows(&rows, 100);
    tr_buf_start(&bytes, arena);
    cr_assert_eq(tr_rows_encode(&rows, ids, &bytes, &error), TRAWL_OK);
    for (int i = 0; i < 5000; i++) {
        tr_arena *local = tr_arena_new(NULL);
        size_t n = pick(4) ? bytes.n : pick((uint32_t)bytes.n);
        char *copy = malloc(n ? n : 1); /* exact: the sanitizer sees a byte too far */
        memcpy(copy, bytes.bytes, n);
        for (uint32_t k = pick(4); k > 0 && n; k--)
            copy[pick(pick(2) ? (uint32_t)n : n < 200 ? (uint32_t)n : 200)] = (char)pick(256);
        trawl_status status = tr_rows_decode(copy, n, local, &back, &ids_back, &error);
        cr_assert(status == TRAWL_OK || status == TRAWL_E_DATA || status == TRAWL_E_MEMORY);
        free(copy);
        tr_arena_free(local);
    }
}

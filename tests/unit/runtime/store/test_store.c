/* A database directory from outside: changes, snapshots, another process, maintenance, repair. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/os.h"
#include "runtime/store/load.h"
#include "runtime/store/log.h"
#include "runtime/store/store.h"

static tr_arena *arena;
static trawl_error error;
static char folder[64], path[80];
static tr_store *store;
static int64_t ticks = TR_TICKS_UNIX;

#define S(text)  tr_str_c(text)
#define OK(call) cr_assert_eq((call), TRAWL_OK, "%s", error.message)

static void open_store(void) {
    tr_store_options options = {
        .write = true, .create = true, .frozen = true, .frozen_ticks = ticks, .frozen_seed = 1};
    OK(tr_store_open(path, &options, &store, &error));
}

static void setup(void) {
    arena = tr_arena_new(NULL);
    error = (trawl_error)TRAWL_ERROR_INIT;
    strcpy(folder, "/tmp/trawl-store-XXXXXX");
    cr_assert(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/db", folder);
    open_store();
}

static void teardown(void) {
    char command[128];
    tr_os_use(NULL);
    tr_store_close(store);
    tr_arena_free(arena);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}
TestSuite(store, .init = setup, .fini = teardown);

static tr_change *start(void) {
    tr_change *change;
    OK(tr_change_start(store, &change, &error));
    return change;
}

static uint64_t commit(tr_change *change) {
    uint64_t sequence;
    OK(tr_change_commit(change, TR_STR_EMPTY, S("test"), &sequence, NULL, &error));
    return sequence;
}

static void create_table(const char *name) {
    tr_cat_column columns[2] = {{.name = S("n"), .type = TR_LONG},
                                {.name = S("s"), .type = TR_STRING}};
    tr_cat_table table = {.name = S(name), .column_count = 2, .columns = columns};
    tr_change *change = start();
    OK(tr_change_put_table(change, &table, &error));
    commit(change);
}

static const tr_field fields[2] = {{{"n", 1, 'n'}, TR_LONG}, {{"s", 1, 's'}, TR_STRING}};

/* Rows first .. first + n - 1. */
static void put_rows(tr_change *change, const char *table, int64_t first, uint32_t n) {
    tr_rows rows;
    tr_rows_start(&rows, (tr_schema){2, fields});
    for (uint32_t i = 0; i < n; i++) {
        tr_value values[2] = {{.type = TR_LONG, .as.i64 = first + i},
                              {.type = TR_STRING, .as.str = S("some text")}};
        OK(tr_rows_append_values(&rows, arena, values, &error));
    }
    OK(tr_change_add_rows(change, S(table), &rows, NULL, 0, &error));
}

static uint64_t add_rows(const char *table, int64_t first, uint32_t n) {
    tr_change *change = start();
    put_rows(change, table, first, n);
    return commit(change);
}

static int64_t sum_of(const tr_table *table, uint64_t *count) {
    tr_arena *query = tr_arena_new(NULL);
    uint64_t needed = 1;
    int64_t sum = 0;
    *count = 0;
    tr_scan_request request = {.needed = &needed, .batch_rows = 2048, .worker_count = 1};
    tr_scan *scan;
    tr_reader *reader;
    OK(table->ops->scan_open(table, &request, query, &scan, &error));
    OK(table->ops->reader_open(scan, query, &reader, &error));
    for (uint32_t m = 0; m < scan->morsel_count; m++) {
        OK(table->ops->reader_begin(reader, m, &error));
        for (tr_batch batch = {.n = 1}; batch.n;) {
            const tr_vec *v;
            batch = (tr_batch){.scratch = query};
            OK(table->ops->reader_next(reader, &batch, &error));
            if (batch.n)
                OK(tr_batch_column(&batch, 0, &v, &error));
            for (uint32_t i = 0; i < batch.n; i++) {
                tr_value value = tr_vec_value(v, i);
                sum += value.is_null ? 0 : value.as.i64;
            }
            *count += batch.n;
        }
    }
    table->ops->reader_close(reader);
    table->ops->scan_close(scan);
    tr_arena_free(query);
    return sum;
}

static tr_snapshot *snapshot_of(tr_store *of, int64_t as_of) {
    tr_snapshot *snapshot;
    OK(tr_store_snapshot(of, as_of, &snapshot, &error));
    return snapshot;
}

/* Rows of a table in the newest state are 0 .. n - 1. */
static void expect_rows_in(tr_store *of, const char *name, int64_t n) {
    tr_snapshot *snapshot = snapshot_of(of, 0);
    const tr_table *table = tr_database_find(tr_snapshot_database(snapshot), S(name));
    uint64_t count;
    cr_assert_not_null(table);
    cr_assert_eq(sum_of(table, &count), n * (n - 1) / 2);
    cr_assert_eq(count, (uint64_t)n);
    cr_assert_eq(table->row_count, n);
    tr_snapshot_release(snapshot);
}

static void expect_rows(const char *name, int64_t n) {
    expect_rows_in(store, name, n);
}

static void reopen(void) {
    tr_store_close(store);
    ticks += 1000000;
    open_store();
}

Test(store, rows_are_there_after_a_restart) {
    create_table("T");
    cr_assert_eq(add_rows("T", 0, 3), 2);
    add_rows("T", 3, 5000);
    expect_rows("T", 5003);
    reopen();
    expect_rows("T", 5003);
    tr_snapshot *snapshot = snapshot_of(store, 0);
    cr_assert_eq(tr_snapshot_unsealed(snapshot, S("T")), 5003);
    cr_assert(tr_str_is(tr_snapshot_catalog(snapshot)->name, "db"));
    tr_snapshot_release(snapshot);
}

Test(store, many_small_changes_are_few_parts) {
    create_table("T");
    for (int64_t i = 0; i < 3000; i++)
        add_rows("T", i, 1);
    expect_rows("T", 3000);
    reopen();
    expect_rows("T", 3000);
}

Test(store, a_change_is_all_or_nothing) {
    create_table("T");
    tr_change *change = start();
    put_rows(change, "T", 0, 10);
    cr_assert_eq(tr_change_drop_table(change, S("none"), &error), TRAWL_E_SEMANTIC);
    put_rows(change, "T", 10, 10); /* a step that failed changed nothing */
    tr_change_abandon(change);
    expect_rows("T", 0);
    change = start();
    put_rows(change, "T", 0, 10);
    cr_assert_eq(tr_cat_find_table(tr_change_catalog(change), S("U")), NULL);
    OK(tr_change_rename_table(change, S("T"), S("U"), &error));
    cr_assert_neq(tr_cat_find_table(tr_change_catalog(change), S("U")), NULL);
    put_rows(change, "U", 10, 10);
    commit(change);
    expect_rows("U", 20);
    reopen();
    expect_rows("U", 20);
}

Test(store, a_snapshot_stays_as_it_is) {
    create_table("T");
    add_rows("T", 0, 10);
    tr_snapshot *before = snapshot_of(store, 0);
    add_rows("T", 10, 10);
    OK(tr_store_seal(store, S("T"), &error));
    tr_change *change = start();
    OK(tr_change_drop_table(change, S("T"), &error));
    commit(change);
    uint64_t count;
    const tr_table *table = tr_database_find(tr_snapshot_database(before), S("T"));
    cr_assert_eq(sum_of(table, &count), 45);
    cr_assert_eq(count, 10);
    tr_snapshot_release(before);
}

Test(store, the_past_can_be_asked) {
    int64_t at[5];
    create_table("T");
    for (int i = 0; i < 5; i++) {
        add_rows("T", i * 10, 10);
        if (i == 2)
            OK(tr_store_seal(store, TR_STR_EMPTY, &error));
        tr_snapshot *now = snapshot_of(store, 0);
        at[i] = tr_snapshot_catalog(now)->ticks;
        tr_snapshot_release(now);
    }
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 5; i++) {
            tr_snapshot *then = snapshot_of(store, at[i]);
            uint64_t count;
            sum_of(tr_database_find(tr_snapshot_database(then), S("T")), &count);
            cr_assert_eq(count, (uint64_t)(i + 1) * 10);
            tr_snapshot_release(then);
        }
        reopen();
    }
    tr_snapshot *none;
    cr_assert_eq(tr_store_snapshot(store, 1, &none, &error), TRAWL_E_DATA);
}

Test(store, a_key_works_once) {
    create_table("T");
    for (int i = 0; i < 3; i++) {
        tr_change *change = start();
        bool repeated;
        uint64_t sequence;
        put_rows(change, "T", 0, 10);
        OK(tr_change_commit(change, S("order 66"), S(""), &sequence, &repeated, &error));
        cr_assert_eq(repeated, i > 0);
        cr_assert_eq(sequence, 2);
        if (i == 1)
            reopen();
    }
    expect_rows("T", 10);
    cr_assert(tr_store_has_key(store, S("order 66")));
    cr_assert(!tr_store_has_key(store, S("order 67")));
    ticks += 8 * TR_TICKS_DAY;
    reopen();
    cr_assert(!tr_store_has_key(store, S("order 66")));
}

Test(store, functions_policies_mappings_views) {
    create_table("T");
    tr_change *change = start();
    tr_cat_function f = {.name = S("f"), .parameters = S("(a:long)"), .body = S("{ a }")};
    tr_cat_view v = {.name = S("V"), .source = S("T"), .query = S("T | count"), .sequence = 7};
    OK(tr_change_put_function(change, &f, &error));
    OK(tr_change_put_view(change, &v, &error));
    OK(tr_change_put_policy(change, S("T"), S("retention"), S("{}"), &error));
    OK(tr_change_put_policy(change, S(""), S("retention"), S("{ }"), &error));
    OK(tr_change_put_mapping(change, S("T"), S("csv"), S("m"), S("[]"), &error));
    cr_assert_eq(tr_change_put_policy(change, S("T"), S("x"), S(""), &error), TRAWL_E_SEMANTIC);
    commit(change);
    reopen();
    tr_snapshot *snapshot = snapshot_of(store, 0);
    const tr_catalog *cat = tr_snapshot_catalog(snapshot);
    cr_assert(tr_str_is(tr_cat_find_function(cat, S("f"))->body, "{ a }"));
    cr_assert_eq(tr_cat_find_view(cat, S("V"))->sequence, 7);
    const tr_cat_table *table = tr_cat_find_table(cat, S("T"));
    cr_assert(
        tr_str_is(tr_cat_find_entry(&table->policies, S("retention"), TR_STR_EMPTY)->text, "{}"));
    cr_assert(tr_cat_find_entry(&table->mappings, S("csv"), S("m")));
    cr_assert_eq(cat->policies.count, 1);
    tr_snapshot_release(snapshot);
    change = start();
    OK(tr_change_drop_function(change, S("f"), &error));
    OK(tr_change_drop_view(change, S("V"), &error));
    OK(tr_change_put_policy(change, S("T"), S("retention"), S(""), &error));
    commit(change);
    snapshot = snapshot_of(store, 0);
    cr_assert_eq(tr_snapshot_catalog(snapshot)->function_count, 0);
    cr_assert_eq(tr_snapshot_catalog(snapshot)->view_count, 0);
    tr_snapshot_release(snapshot);
}

/* Columns have numbers that stay: a dropped column's values do not come back in another. */
Test(store, columns_come_and_go) {
    create_table("T");
    add_rows("T", 0, 10);
    OK(tr_store_seal(store, S("T"), &error));
    add_rows("T", 10, 10);
    tr_cat_column only[1] = {{.name = S("s"), .type = TR_STRING}};
    tr_cat_column again[2] = {{.name = S("n"), .type = TR_LONG},
                              {.name = S("s"), .type = TR_STRING}};
    tr_cat_table table = {.name = S("T"), .column_count = 1, .columns = only};
    tr_change *change = start();
    OK(tr_change_put_table(change, &table, &error));
    table.column_count = 2;
    table.columns = again;
    OK(tr_change_put_table(change, &table, &error));
    commit(change);
    reopen();
    tr_snapshot *snapshot = snapshot_of(store, 0);
    const tr_cat_table *cat = tr_cat_find_table(tr_snapshot_catalog(snapshot), S("T"));
    cr_assert_eq(cat->columns[0].id, 3);
    cr_assert_eq(cat->columns[1].id, 2);
    uint64_t count;
    cr_assert_eq(sum_of(tr_database_find(tr_snapshot_database(snapshot), S("T")), &count), 0);
    cr_assert_eq(count, 20);
    tr_snapshot_release(snapshot);
    change = start();
    again[0].id = 1; /* of the column that was dropped */
    again[1].id = 2;
    table.next_column_id = 9;
    cr_assert_eq(tr_change_put_table(change, &table, &error), TRAWL_E_SEMANTIC);
    tr_change_abandon(change);
}

Test(store, since_gives_what_is_new) {
    create_table("T");
    uint64_t sequences[40];
    for (int i = 0; i < 40; i++) /* the first 32 become one part */
        sequences[i] = add_rows("T", i, 1);
    for (int sealed = 0; sealed < 2; sealed++) {
        tr_snapshot *snapshot = snapshot_of(store, 0);
        for (int i = sealed ? 39 : 0; i < 40; i++) {
            const tr_table *table;
            uint64_t count;
            OK(tr_snapshot_since(snapshot, S("T"), sequences[i], arena, &table, &error));
            sum_of(table, &count);
            cr_assert_eq(count, (uint64_t)(39 - i));
        }
        tr_snapshot_release(snapshot);
        OK(tr_store_seal(store, S("T"), &error));
    }
}

/* A view that has seen the first changes: rows from before and after do not share an extent. */
Test(store, sealing_stops_where_a_view_stands) {
    create_table("T");
    add_rows("T", 0, 10);
    uint64_t seen = add_rows("T", 10, 10);
    add_rows("T", 20, 10);
    tr_cat_view view = {.name = S("V"), .source = S("T"), .sequence = seen};
    tr_change *change = start();
    OK(tr_change_put_view(change, &view, &error));
    commit(change);
    OK(tr_store_seal(store, S("T"), &error));
    tr_snapshot *snapshot = snapshot_of(store, 0);
    const tr_table *table;
    uint64_t count;
    cr_assert_eq(tr_cat_find_table(tr_snapshot_catalog(snapshot), S("T"))->extent_count, 2);
    OK(tr_snapshot_since(snapshot, S("T"), seen, arena, &table, &error));
    cr_assert_eq(sum_of(table, &count), 245);
    cr_assert_eq(count, 10);
    tr_snapshot_release(snapshot);
}

static const tr_cat_extent *first_extent(tr_snapshot *snapshot, const char *table) {
    return tr_cat_find_table(tr_snapshot_catalog(snapshot), S(table))->extents[0];
}

Test(store, extents_are_tagged_moved_deleted_from_and_dropped) {
    create_table("T");
    create_table("U");
    add_rows("T", 0, 100);
    OK(tr_store_seal(store, S("T"), &error));
    tr_snapshot *snapshot = snapshot_of(store, 0);
    tr_guid id = first_extent(snapshot, "T")->id;
    tr_snapshot_release(snapshot);
    tr_str tag = S("drop-by:monday");
    uint64_t rows[2] = {0, 1u << 3}; /* row 67 */
    for (int i = 0; i < 2; i++) {
        tr_change *change = start();
        OK(tr_change_delete_rows(change, S("T"), id, rows, &error));
        commit(change);
        rows[0] = 5; /* then rows 0 and 2 too */
    }
    tr_change *change = start();
    OK(tr_change_tag_extent(change, S("T"), id, &tag, 1, &error));
    OK(tr_change_move_extent(change, S("T"), S("U"), id, &error));
    cr_assert_eq(tr_change_drop_extent(change, S("T"), id, &error), TRAWL_E_SEMANTIC);
    commit(change);
    for (int i = 0; i < 2; i++) {
        uint64_t count;
        snapshot = snapshot_of(store, 0);
        const tr_cat_extent *extent = first_extent(snapshot, "U");
        cr_assert(extent->deleted_count == 3 && extent->tag_count == 1 &&
                  tr_str_is(extent->tags[0], "drop-by:monday"));
        const tr_table *table = tr_database_find(tr_snapshot_database(snapshot), S("U"));
        cr_assert_eq(sum_of(table, &count), 4950 - 67 - 2);
        cr_assert_eq(count, 97);
        tr_snapshot_release(snapshot);
        reopen();
    }
    change = start();
    OK(tr_change_drop_extent(change, S("U"), id, &error));
    commit(change);
    expect_rows("U", 0);
}

Test(store, only_one_writes_and_others_follow) {
    tr_store_options options = {.write = true};
    tr_store *other, *reader;
    cr_assert_eq(tr_store_open(path, &options, &other, &error), TRAWL_E_BUSY);
    char pid[32];
    snprintf(pid, sizeof pid, "process %d", (int)getpid());
    cr_assert(strstr(error.message, pid), "%s", error.message);
    options.write = false;
    create_table("T");
    OK(tr_store_open(path, &options, &reader, &error));
    tr_change *change;
    cr_assert_eq(tr_change_start(reader, &change, &error), TRAWL_E_DENIED);
    for (int64_t i = 0; i < 10; i++) {
        expect_rows_in(reader, "T", i * 10);
        add_rows("T", i * 10, 10);
        if (i == 4)
            OK(tr_store_seal(store, S("T"), &error));
        if (i == 6)
            reopen();
        if (i == 7) { /* a new log */
            tr_store_work work;
            ticks += 2 * TR_TICKS_DAY;
            reopen();
            OK(tr_store_maintain(store, &work, &error));
        }
    }
    expect_rows_in(reader, "T", 100);
    tr_store_close(reader);
}

Test(store, maintenance_seals_merges_expires_and_forgets) {
    tr_store_work work;
    create_table("T");
    for (int64_t i = 0; i < 8; i++) {
        add_rows("T", i * 10, 10);
        OK(tr_store_seal(store, S("T"), &error));
    }
    OK(tr_store_maintain(store, &work, &error));
    cr_assert_eq(work.merged, 1);
    expect_rows("T", 80);
    add_rows("T", 80, 70000);
    OK(tr_store_maintain(store, &work, &error));
    cr_assert_eq(work.sealed, 1);
    expect_rows("T", 70080);
    tr_change *change = start();
    OK(tr_change_put_policy(change, S(""), S("retention"),
                            S("{\"SoftDeletePeriod\":\"10.00:00:00\"}"), &error));
    commit(change);
    ticks += 5 * TR_TICKS_DAY;
    reopen();
    add_rows("T", 0, 10);
    OK(tr_store_maintain(store, &work, &error));
    cr_assert_eq(work.expired, 0);
    ticks += 6 * TR_TICKS_DAY;
    reopen();
    OK(tr_store_maintain(store, &work, &error));
    cr_assert_eq(work.expired, 2);
    expect_rows("T", 10);
    uint32_t removed = 0;
    for (int day = 0; day < 40; day++) { /* files go when nobody can ask for them */
        ticks += TR_TICKS_DAY;
        reopen();
        add_rows("T", 1000, 1);
        OK(tr_store_maintain(store, &work, &error));
        removed += work.removed;
    }
    cr_assert_geq(removed, 10 + 20 * 2); /* the extents, logs and manifests of old */
    tr_snapshot *none;
    cr_assert_eq(tr_store_snapshot(store, TR_TICKS_UNIX + TR_TICKS_DAY, &none, &error),
                 TRAWL_E_DATA);
}

Test(store, a_full_disk_refuses_and_goes_on) {
    create_table("T");
    add_rows("T", 0, 10);
    tr_os_use(&tr_os_fault);
    tr_os_fault_set(1u << TR_FAULT_PWRITE, 1, 28 /* ENOSPC */, true);
    tr_change *change = start();
    put_rows(change, "T", 10, 10);
    cr_assert_eq(tr_change_commit(change, S("k"), S(""), NULL, NULL, &error), TRAWL_E_FULL);
    tr_os_fault_set(0, 0, 0, false);
    cr_assert(!tr_store_has_key(store, S("k")));
    expect_rows("T", 10);
    add_rows("T", 10, 10);
    expect_rows("T", 20);
    tr_os_use(NULL);
    reopen();
    expect_rows("T", 20);
}

Test(store, a_failed_sync_ends_writing) {
    create_table("T");
    add_rows("T", 0, 10);
    tr_os_use(&tr_os_fault);
    tr_os_fault_set(1u << TR_FAULT_FSYNC, 1, 5 /* EIO */, false);
    tr_change *change = start();
    put_rows(change, "T", 10, 10);
    cr_assert_eq(tr_change_commit(change, S(""), S(""), NULL, NULL, &error), TRAWL_E_IO);
    cr_assert_eq(tr_change_start(store, &change, &error), TRAWL_E_IO);
    cr_assert(strstr(error.message, "takes no more changes"), "%s", error.message);
    expect_rows("T", 10);
    tr_os_use(NULL);
    reopen();
    expect_rows("T", 10); /* it could be taken back */
    add_rows("T", 10, 10);
    expect_rows("T", 20);
}

Test(store, the_journal_tells_the_commands) {
    create_table("T");
    for (int i = 0; i < 3; i++) {
        tr_change *change = start();
        char text[32];
        put_rows(change, "T", 0, 3000);
        snprintf(text, sizeof text, ".command %d", i);
        OK(tr_change_commit(change, S(""), S(text), NULL, NULL, &error));
    }
    uint32_t count;
    const tr_journal_line *lines;
    OK(tr_store_journal(store, arena, &count, &lines, &error));
    cr_assert_eq(count, 4);
    cr_assert(tr_str_is(lines[0].text, ".command 2") && lines[0].sequence == 4);
    cr_assert(tr_str_is(lines[3].text, "test") && lines[3].sequence == 1);
    cr_assert(lines[0].ticks > lines[3].ticks);
}

static void flip(const char *name, int64_t offset) {
    char file[160], byte;
    snprintf(file, sizeof file, "%s/%s", path, name);
    int fd = open(file, O_RDWR);
    cr_assert(fd >= 0, "%s", file);
    off_t at = offset < 0 ? lseek(fd, offset, SEEK_END) : offset;
    cr_assert_eq(pread(fd, &byte, 1, at), 1);
    byte ^= 4;
    cr_assert_eq(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

Test(store, damage_is_found_named_and_repaired) {
    tr_store_options options = {.write = true};
    tr_buf report;
    uint32_t damaged;
    create_table("T");
    add_rows("T", 0, 10);
    uint64_t n = 0;
    tr_store_close(store);
    struct stat info;
    char file[160];
    snprintf(file, sizeof file, "%s/log-1", path);
    cr_assert_eq(stat(file, &info), 0);
    n = (uint64_t)info.st_size;
    open_store();
    add_rows("T", 10, 10);
    add_rows("T", 20, 10);
    tr_store_close(store);
    store = NULL;
    tr_buf_start(&report, arena);
    OK(tr_store_check(path, false, &report, &damaged, &error));
    cr_assert_eq(damaged, 0, "%.*s", (int)report.n, report.bytes);
    flip("log-1", (int64_t)n + 60); /* in a change that was acknowledged */
    cr_assert_eq(tr_store_open(path, &options, &store, &error), TRAWL_E_DATA);
    cr_assert(strstr(error.message, "log-1") && strstr(error.message, "offset"), "%s",
              error.message);
    store = NULL;
    OK(tr_store_check(path, false, &report, &damaged, &error));
    cr_assert_geq(damaged, 1);
    OK(tr_store_check(path, true, &report, &damaged, &error));
    tr_buf_put_char(&report, 0);
    cr_assert(strstr(report.bytes, "is cut at offset"), "%s", report.bytes);
    open_store();
    expect_rows("T", 10);
    tr_buf_start(&report, arena);
    OK(tr_store_check(path, false, &report, &damaged, &error));
    cr_assert_eq(damaged, 0, "%.*s", (int)report.n, report.bytes);
}

/* What no checksum tells: files of nobody, and files that are not what the catalog means. */
Test(store, the_check_compares_the_catalog_with_the_files) {
    tr_buf report;
    uint32_t damaged;
    char name[200], other[200];
    create_table("T");
    add_rows("T", 0, 10);
    OK(tr_store_seal(store, S("T"), &error));
    tr_snapshot *snapshot = snapshot_of(store, 0);
    tr_guid id = first_extent(snapshot, "T")->id;
    tr_snapshot_release(snapshot);
    tr_store_close(store);
    store = NULL;
    int n = snprintf(name, sizeof name, "%s/extents/", path);
    for (int i = 0; i < 16; i++)
        n += snprintf(name + n, sizeof name - (size_t)n, "%02x", id.bytes[i]);
    strcpy(name + n, ".extent");
    snprintf(other, sizeof other, "%s/extents/00112233445566778899aabbccddeeff.extent", path);
    cr_assert_eq(link(name, other), 0);
    tr_buf_start(&report, arena);
    OK(tr_store_check(path, false, &report, &damaged, &error));
    tr_buf_put_char(&report, 0);
    cr_assert_eq(damaged, 0, "%s", report.bytes);
    cr_assert(strstr(report.bytes, "'00112233445566778899aabbccddeeff.extent'") &&
                  strstr(report.bytes, "1 file of changes that were not finished"),
              "%s", report.bytes);
    OK(tr_store_check(path, true, &report, &damaged, &error));
    cr_assert_neq(access(other, F_OK), 0, "a repair opens for writing, which removes it");
    cr_assert_eq(access(name, F_OK), 0);
}

/* Two changes in one sync, the first of which is torn: both are dropped, and nothing of the second
 * is left behind the end, where a change of the first one's size would make it valid again. */
Test(store, nothing_is_left_behind_a_torn_end) {
    tr_store_options options = {.write = true, .relaxed = true};
    char file[160], bytes[16384];
    create_table("T");
    tr_store_close(store);
    snprintf(file, sizeof file, "%s/log-1", path);
    OK(tr_store_open(path, &options, &store, &error));
    struct stat info;
    cr_assert_eq(stat(file, &info), 0);
    off_t start = info.st_size;
    add_rows("T", 0, 5);
    add_rows("T", 5, 5);
    int fd = open(file, O_RDWR);
    ssize_t n = pread(fd, bytes, sizeof bytes, 0);
    cr_assert(n > start && n < (ssize_t)sizeof bytes);
    tr_store_close(store); /* syncs, and proves it with a mark */
    bytes[start + 60] ^= 1;
    cr_assert_eq(ftruncate(fd, n), 0);
    cr_assert_eq(pwrite(fd, bytes, (size_t)n, 0), n);
    open_store();
    cr_assert_eq(fstat(fd, &info), 0);
    cr_assert_eq(info.st_size, start);
    close(fd);
    expect_rows("T", 0);
    add_rows("T", 0, 5);
    reopen();
    expect_rows("T", 5);
}

/* Manifest 2 is what log 1 left: without it nothing is lost. */
Test(store, a_damaged_manifest_has_a_stand_in) {
    tr_store_work work;
    create_table("T");
    add_rows("T", 0, 10);
    ticks += 2 * TR_TICKS_DAY;
    reopen();
    OK(tr_store_maintain(store, &work, &error));
    add_rows("T", 10, 10);
    expect_rows("T", 20);
    tr_store_close(store);
    flip("manifest-2", 70);
    open_store();
    expect_rows("T", 20);
    tr_store_close(store);
    char name[160];
    snprintf(name, sizeof name, "%s/manifest-2", path);
    cr_assert_eq(unlink(name), 0);
    open_store();
    expect_rows("T", 20);
    tr_store_close(store);
    snprintf(name, sizeof name, "%s/log-2", path);
    cr_assert_eq(unlink(name), 0);
    open_store(); /* what log 2 held is gone, and nothing here can know of it */
    expect_rows("T", 10);
}

Test(store, a_lost_extent_is_named) {
    tr_buf report;
    uint32_t damaged;
    char name[200];
    create_table("T");
    add_rows("T", 0, 10);
    OK(tr_store_seal(store, S("T"), &error));
    add_rows("T", 0, 10);
    tr_snapshot *snapshot = snapshot_of(store, 0);
    tr_guid id = first_extent(snapshot, "T")->id;
    tr_snapshot_release(snapshot);
    tr_store_close(store);
    store = NULL;
    int n = snprintf(name, sizeof name, "%s/extents/", path);
    for (int i = 0; i < 16; i++)
        n += snprintf(name + n, sizeof name - (size_t)n, "%02x", id.bytes[i]);
    strcpy(name + n, ".extent");
    cr_assert_eq(unlink(name), 0, "%s", name);
    tr_buf_start(&report, arena);
    OK(tr_store_check(path, false, &report, &damaged, &error));
    cr_assert_eq(damaged, 1);
    OK(tr_store_check(path, true, &report, &damaged, &error));
    open_store();
    expect_rows("T", 10);
}

/* Bytes of manifests and logs that are not what was written: an error or an older state. */
Test(store, mutations_never_crash) {
    create_table("T");
    tr_change *change = start();
    tr_cat_function f = {.name = S("f"), .parameters = S("()"), .body = S("{ 1 }")};
    OK(tr_change_put_function(change, &f, &error));
    commit(change);
    add_rows("T", 0, 10);
    tr_store_close(store);
    store = NULL;
    uint64_t seed = 99;
    static const char *const names[2] = {"log-1", "manifest-1"};
    for (int i = 0; i < 1500; i++) {
        char file[160], bytes[8192], copy[8192];
        snprintf(file, sizeof file, "%s/%s", path, names[i % 2]);
        int fd = open(file, O_RDWR);
        ssize_t n = pread(fd, bytes, sizeof bytes, 0);
        cr_assert(n > 64);
        memcpy(copy, bytes, (size_t)n);
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        copy[(seed >> 33) % (uint64_t)n] ^= (char)(1 << (seed >> 20 & 7));
        cr_assert_eq(pwrite(fd, copy, (size_t)n, 0), n);
        if (i % 5 == 0)
            cr_assert_eq(ftruncate(fd, (off_t)((seed >> 12) % (uint64_t)n)), 0);
        tr_store_options options = {.write = false};
        tr_store *reader;
        if (tr_store_open(path, &options, &reader, &error) == TRAWL_OK)
            tr_store_close(reader);
        else
            cr_assert_eq(error.status, TRAWL_E_DATA, "%s", error.message);
        cr_assert_eq(ftruncate(fd, n), 0);
        cr_assert_eq(pwrite(fd, bytes, (size_t)n, 0), n);
        close(fd);
    }
    open_store();
    expect_rows("T", 10);
}

/* Memory and files that fail in the middle: a status each time, never a crash, and nothing left
 * open. */
#include "runtime/base/os.h"
#include "tests/unit/runtime/format/scan.h"

static void setup(void) {
    db = tr_arena_new(NULL);
    folder_make();
}
static void teardown(void) {
    folder_remove();
    database_free();
}
TestSuite(faults, .init = setup, .fini = teardown);

/* Open, scan all columns with one reader, close, whatever happens. */
static trawl_status whole_life(const char *path, tr_budget *budget) {
    tr_arena *query = tr_arena_new(budget), *scratch = tr_arena_new(budget);
    tr_database database;
    tr_scan *scan = NULL;
    tr_reader *reader = NULL;
    const tr_table *table = NULL;
    trawl_status status = query && scratch ? TRAWL_OK : TRAWL_E_MEMORY;
    if (status == TRAWL_OK)
        status = tr_format_open(query, &path, 1, NULL, &database, NULL, &error);
    for (uint32_t t = 0; status == TRAWL_OK && t < database.table_count; t++) {
        table = database.tables[t];
        uint64_t needed = UINT64_MAX;
        tr_scan_request request = {.needed = &needed, .batch_rows = 2048, .worker_count = 1};
        status = table->ops->scan_open(table, &request, query, &scan, &error);
        if (status != TRAWL_OK)
            break;
        reader = NULL;
        status = table->ops->reader_open(scan, query, &reader, &error);
        for (uint32_t m = 0; status == TRAWL_OK && m < scan->morsel_count; m++) {
            status = table->ops->reader_begin(reader, m, &error);
            tr_batch batch = {.n = 1};
            while (status == TRAWL_OK && batch.n) {
                tr_arena_reset(scratch);
                batch = (tr_batch){.scratch = scratch};
                status = table->ops->reader_next(reader, &batch, &error);
                const tr_vec *vec;
                for (uint32_t c = 0; status == TRAWL_OK && batch.n && c < batch.column_count; c++)
                    status = tr_batch_column(&batch, c, &vec, &error);
            }
        }
        if (reader)
            table->ops->reader_close(reader);
        table->ops->scan_close(scan);
    }
    tr_arena_free(query);
    tr_arena_free(scratch);
    return status;
}

static void make_files(void) {
    text_file("d/orders.csv", "id,name\n1,\"a\"\"b\"\n2,x\n");
    text_file("d/ev.jsonl", "{\"a\":1,\"b\":{\"c\":[1,2]}}\n{\"a\":\"x\\n\"}\n");
    text_file("d/app.log", "2026-03-01T00:00:01.627Z INFO x\n");
    static const unsigned char packed[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00,
                                           0x00, 0x03, 0x4b, 0xe4, 0x02, 0x00, 0x07, 0xa1,
                                           0xea, 0xdd, 0x02, 0x00, 0x00, 0x00};
    file_of("d/k=1/t.txt.gz", packed, sizeof packed);
}

Test(faults, memory) {
    make_files();
    const char *path = tr_arena_printf(db, "%s/d", folder);
    cr_assert_eq(whole_life(path, NULL), TRAWL_OK, "%s", error.message);
    bool reached = false;
    for (int64_t limit = 1 << 12; limit < 64 << 20; limit += limit / 8) {
        tr_budget budget = {.limit_bytes = limit};
        trawl_status status = whole_life(path, &budget);
        cr_assert(status == TRAWL_OK || status == TRAWL_E_MEMORY, "%d %s", status, error.message);
        reached |= status == TRAWL_OK;
    }
    cr_assert(reached);
}

Test(faults, files) {
    make_files();
    const char *path = tr_arena_printf(db, "%s/d", folder);
    static const uint32_t kinds[] = {TR_FAULT_OPEN, TR_FAULT_PREAD, TR_FAULT_INFO, TR_FAULT_LIST};
    tr_os_use(&tr_os_fault);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        for (uint64_t at = 1; at < 40; at++) {
            tr_os_fault_set(1u << kinds[k], at, 5 /* EIO */, false);
            trawl_status status = whole_life(path, NULL);
            cr_assert(status == TRAWL_OK || status == TRAWL_E_IO, "%d %s", status, error.message);
        }
    }
    tr_os_use(NULL);
}

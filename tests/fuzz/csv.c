/* tests/fuzz/csv.c: any bytes are delimited text of some kind: scans end, count the same rows with
 * and without columns, and where no quotes are, give the same rows however the file is cut. */
#include "tests/fuzz/format_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const tr_format formats[] = {TR_FORMAT_CSV, TR_FORMAT_TSV, TR_FORMAT_AUTO};
    tr_arena *db = tr_arena_new(NULL);
    demand(db != NULL);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const tr_table *table = table_of(db, formats[i], (const char *)data, size, 0);
        if (!table)
            continue; /* looks like some binary format */
        scan_result whole = scan_table(table, true, NULL);
        scan_result counted = scan_table(table, false, NULL);
        demand(whole.status != TRAWL_OK || whole.rows == counted.rows);
        for (uint64_t morsel = 16; morsel <= 256; morsel *= 4) {
            table = table_of(db, formats[i], (const char *)data, size, morsel);
            scan_result cut = scan_table(table, true, NULL);
            if (!memchr(data, '"', size))
                demand(cut.rows == whole.rows && cut.hash == whole.hash && cut.bad == whole.bad);
        }
    }
    tr_arena_free(db);
    return 0;
}

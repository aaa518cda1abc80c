/* tests/fuzz/json_lines.c: any bytes are lines of JSON, good or bad: scans end, and the same rows
 * come however the file is cut and in whatever order columns are asked for. */
#include "tests/fuzz/format_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    tr_arena *db = tr_arena_new(NULL);
    demand(db != NULL);
    const tr_table *table = table_of(db, TR_FORMAT_JSON, (const char *)data, size, 0);
    if (table) {
        const tr_files *files = table->state;
        scan_result whole = scan_table(table, true, NULL);
        scan_result counted = scan_table(table, false, NULL);
        demand(whole.status != TRAWL_OK || whole.rows == counted.rows);
        for (uint64_t morsel = 16; morsel <= 256 && files->shape.json_lines; morsel *= 4) {
            const tr_table *small = table_of(db, TR_FORMAT_JSON, (const char *)data, size, morsel);
            scan_result cut = scan_table(small, true, NULL);
            demand(cut.rows == whole.rows && cut.hash == whole.hash && cut.bad == whole.bad);
        }
        tr_prefilter prefilter = {.column = 0, .literal = tr_str_c("a"), .any_case = true};
        demand(scan_table(table, true, &prefilter).rows <= whole.rows);
    }
    tr_arena_free(db);
    return 0;
}

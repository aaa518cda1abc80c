/* runtime/func/agg_table.c: all aggregates in one table, found by name. Built once; read-only
 * after. Must not know what any aggregate does. */
#include <pthread.h>
#include <stdlib.h>

#include "runtime/func/agg.h"

enum { ROWS_MAX = 512 };

static const tr_agg *const domains[] = {
    tr_aggs_basic,      tr_aggs_minmax, tr_aggs_spread,
    tr_aggs_row,        tr_aggs_list,   tr_aggs_distinct,
    tr_aggs_percentile, tr_aggs_schema, tr_aggs_count_distinct,
};

static pthread_once_t built = PTHREAD_ONCE_INIT;
static const tr_agg *rows[ROWS_MAX];
static uint32_t row_count;

/* Rows of one name keep the order of their table. */
static int by_name(const void *a, const void *b) {
    const tr_agg *x = *(const tr_agg *const *)a, *y = *(const tr_agg *const *)b;
    int c = strcmp(x->name, y->name);
    return c ? c : (x > y) - (x < y);
}

static void build(void) {
    for (uint32_t d = 0; d < sizeof domains / sizeof *domains; d++)
        for (const tr_agg *row = domains[d]; row->name && row_count < ROWS_MAX; row++)
            rows[row_count++] = row;
    qsort(rows, row_count, sizeof *rows, by_name);
}

static int compare_name(const char *name, tr_str wanted) {
    int c = strncmp(name, wanted.ptr, wanted.len);
    return c ? c : name[wanted.len] != 0;
}

const tr_agg *const *tr_agg_find(tr_str name, uint32_t *count) {
    pthread_once(&built, build);
    uint32_t low = 0, high = row_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (compare_name(rows[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t end = low;
    while (end < row_count && compare_name(rows[end]->name, name) == 0)
        end++;
    *count = end - low;
    return end > low ? &rows[low] : NULL;
}

const tr_agg *tr_agg_at(uint32_t k) {
    pthread_once(&built, build);
    return k < row_count ? rows[k] : NULL;
}

/* runtime/store/column_probe.c: tests on the rows of an encoded column. Zones decide about pages,
 * then the codec about rows, as far as it can without decoding; what it cannot is decoded. */
#include "runtime/store/column_local.h"

/* Fewer wanted rows than one in this many of a page are decoded one by one. */
enum { SPARSE = 16 };

static bool is_single(tr_type type) {
    return type == TR_INT || tr_type_is_i64(type) || type == TR_REAL || type == TR_STRING;
}

trawl_status tr_column_probe_start(const tr_column *column, const tr_column_test *test,
                                   uint32_t skip, tr_arena *local, tr_column_probe *out,
                                   trawl_error *err) {
    uint32_t page_count = tr_page_count(column->n);
    tr_column_probe probe = {.column = column, .test = *test, .skip = skip};
    bool zones = test->bound && skip & TR_SKIP_ZONES;
    bool all = zones && is_single(column->type);
    TR_ASSERT(!test->bound != !test->text);
    probe.unsure = TR_NEW(local, bool);
    if (!probe.unsure)
        return tr_fail_memory(err);
    for (uint32_t p = 0; p < page_count; p++) {
        const tr_zone *zone = column->zones + p;
        bool meets = !zone->all_null && (!zones || tr_zone_may_meet(zone, test->bound));
        probe.pages |= (uint64_t)meets << p;
        all = all && tr_zone_all_meet(zone, test->bound);
    }
    probe.all = all;
    if (!all && probe.pages && column->codec->probe_start && skip & TR_SKIP_ENCODED)
        TR_TRY(column->codec->probe_start(&probe, local, err));
    for (uint32_t p = 0; p < page_count && probe.all; p++)
        probe.all = column->null_counts[p] == 0; /* the codec does not see nulls */
    *out = probe;
    return TRAWL_OK;
}

trawl_status tr_column_test_decoded(const tr_column_probe *probe, uint32_t p, const char *page,
                                    size_t bytes, tr_arena *scratch, uint64_t *bits,
                                    trawl_error *err) {
    const tr_column *column = probe->column;
    const tr_kernels *kernels = tr_kernels_now();
    uint32_t n = tr_page_rows(column->n, p);
    uint32_t wanted = kernels->bits.count(bits, n);
    tr_vec v = {.type = column->type};
    if (wanted == 0)
        return TRAWL_OK;
    if (wanted > n / SPARSE) {
        TR_TRY(column->codec->decode(column, p, page, bytes, NULL, n, scratch, &v, err));
        TR_TRY(tr_vec_flatten(scratch, &v, n, &v, err));
        return tr_column_probe_rows(probe, &v, n, scratch, bits, err);
    }
    uint16_t rows[TR_BATCH_ROWS];
    uint64_t kept[TR_BITS_WORDS(TR_BATCH_ROWS / SPARSE)];
    kernels->select.to_rows(bits, n, rows);
    TR_TRY(column->codec->decode(column, p, page, bytes, rows, wanted, scratch, &v, err));
    TR_TRY(tr_vec_flatten(scratch, &v, wanted, &v, err));
    memset(kept, 0xff, sizeof kept);
    if (wanted & 63)
        kept[wanted / 64] = (UINT64_C(1) << (wanted & 63)) - 1;
    TR_TRY(tr_column_probe_rows(probe, &v, wanted, scratch, kept, err));
    for (uint32_t i = 0; i < wanted; i++)
        if (!tr_bit_get(kept, i))
            tr_bit_clear(bits, rows[i]);
    return TRAWL_OK;
}

/* Rows that are not null, if any are. */
static bool page_meets(const tr_column_probe *probe, uint32_t p) {
    const tr_column *column = probe->column;
    tr_zone values = column->zones[p];
    values.has_null = false;
    return probe->test.bound && probe->skip & TR_SKIP_ZONES && is_single(column->type) &&
           tr_zone_all_meet(&values, probe->test.bound);
}

bool tr_column_probe_passes(const tr_column_probe *probe, uint32_t p) {
    return (probe->all && !*probe->unsure) ||
           (probe->pages >> p & 1 && !probe->column->null_counts[p] && page_meets(probe, p));
}

trawl_status tr_column_probe_page(const tr_column_probe *probe, uint32_t p, const char *page,
                                  size_t bytes, tr_arena *scratch, uint64_t *bits,
                                  trawl_error *err) {
    const tr_column *column = probe->column;
    const tr_scan_bound *bound = probe->test.bound;
    const tr_bits_ops *ops = &tr_kernels_now()->bits;
    uint32_t n = tr_page_rows(column->n, p);
    size_t null_bytes = tr_column_null_bytes(column, p);
    uint64_t valid[TR_BITS_WORDS(TR_BATCH_ROWS)];
    TR_ASSERT(p < tr_page_count(column->n));
    if (probe->all)
        return TRAWL_OK;
    if (!(probe->pages >> p & 1)) {
        memset(bits, 0, TR_BITS_WORDS(n) * sizeof *bits);
        return TRAWL_OK;
    }
    if (null_bytes) {
        TR_TRY(tr_column_valid(column, p, page, bytes, valid, err));
        if (bound)
            ops->bits_and(bits, valid, n, bits);
    }
    if (ops->none(bits, n))
        return TRAWL_OK;
    if (page_meets(probe, p)) /* nulls are out already */
        return TRAWL_OK;
    if (column->codec->probe_page && probe->skip & TR_SKIP_ENCODED)
        return column->codec->probe_page(probe, p, page + null_bytes, bytes - null_bytes, scratch,
                                         bits, err);
    return tr_column_test_decoded(probe, p, page + null_bytes, bytes - null_bytes, scratch, bits,
                                  err);
}

/* kernels/json/avx2.c: the json slots at level avx2. What they do is in json_tmpl.h and
 * number_x86.h. */
#include "kernels/block/avx2.h"

#include "kernels/json/json_tmpl.h"
#include "kernels/json/number_x86.h"

static uint32_t scan_avx2(const char *text, uint32_t n, tr_json_carry *carry, uint32_t *out) {
    return json_scan(text, n, carry, out);
}

static void longs_avx2(const tr_kernel_str *rows, uint32_t n, int64_t *values, uint64_t *ok) {
    json_longs_x86(rows, n, values, ok);
}

static void reals_avx2(const tr_kernel_str *rows, uint32_t n, double *values, uint64_t *ok) {
    json_reals_x86(rows, n, values, ok);
}

TR_VARIANT(json, avx2) {
    ops->scan = scan_avx2;
    ops->longs = longs_avx2;
    ops->reals = reals_avx2;
}

/* kernels/datetime/avx512.c: ticks to dates at level avx512; the loop is in civil_tmpl.h. */
#include "kernels/datetime/civil_tmpl.h"

static void civil_avx512(const int64_t *ticks, uint32_t n, int32_t *year, int32_t *month,
                         int32_t *day) {
    datetime_civil(ticks, n, year, month, day);
}

TR_VARIANT(datetime, avx512) {
    ops->civil = civil_avx512;
}

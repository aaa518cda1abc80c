/* kernels/datetime/neon.c: ticks to dates at level neon; the loop is in civil_tmpl.h. */
#include "kernels/datetime/civil_tmpl.h"

static void civil_neon(const int64_t *ticks, uint32_t n, int32_t *year, int32_t *month,
                       int32_t *day) {
    datetime_civil(ticks, n, year, month, day);
}

TR_VARIANT(datetime, neon) {
    ops->civil = civil_neon;
}

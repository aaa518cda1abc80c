/* kernels/datetime/avx2.c: the datetime slots at level avx2. What they do is in text_x86.h and
 * civil_tmpl.h. */
#include "kernels/datetime/civil_tmpl.h"
#include "kernels/datetime/text_x86.h"

static void parse_avx2(const tr_kernel_str *rows, uint32_t n, int64_t *ticks, uint64_t *ok) {
    datetime_parse_x86(rows, n, ticks, ok);
}

static void format_avx2(const int64_t *ticks, uint32_t n, char *out) {
    datetime_format_x86(ticks, n, out);
}

static void civil_avx2(const int64_t *ticks, uint32_t n, int32_t *year, int32_t *month,
                       int32_t *day) {
    datetime_civil(ticks, n, year, month, day);
}

TR_VARIANT(datetime, avx2) {
    ops->parse = parse_avx2;
    ops->format = format_avx2;
    ops->civil = civil_avx2;
}

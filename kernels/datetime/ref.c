/* kernels/datetime/ref.c: what the datetime slots mean. Written to be read (with row.h);
 * must not know any level. */
#include "kernels/datetime/datetime.h"

#include "kernels/datetime/row.h"

#include <string.h>

static void parse_ref(const tr_kernel_str *rows, uint32_t n, int64_t *ticks, uint64_t *ok) {
    memset(ok, 0, TR_BITS_WORDS(n) * sizeof *ok);
    for (uint32_t i = 0; i < n; i++) {
        int64_t value;
        ticks[i] = 0;
        if (read_row(rows[i], &value)) {
            ticks[i] = value;
            tr_bit_set(ok, i);
        }
    }
}

static int64_t in_range(int64_t ticks) {
    return ticks < 0 ? 0 : ticks > TR_TICKS_MAX ? TR_TICKS_MAX : ticks;
}

static void put_number(char *out, int count, int32_t number) {
    for (int i = count - 1; i >= 0; i--, number /= 10)
        out[i] = (char)('0' + number % 10);
}

static void format_ref(const int64_t *ticks, uint32_t n, char *out) {
    for (uint32_t i = 0; i < n; i++, out += TR_DATETIME_TEXT) {
        int64_t t = in_range(ticks[i]);
        int32_t year, month, day;
        int32_t second = (int32_t)(t % TR_TICKS_PER_DAY / TR_TICKS_PER_SECOND);
        tr_civil_from_days((int32_t)(t / TR_TICKS_PER_DAY), &year, &month, &day);
        memcpy(out, "yyyy-mm-ddThh:mm:ss.fffffffZ", TR_DATETIME_TEXT);
        put_number(out, 4, year);
        put_number(out + 5, 2, month);
        put_number(out + 8, 2, day);
        put_number(out + 11, 2, second / 3600);
        put_number(out + 14, 2, second / 60 % 60);
        put_number(out + 17, 2, second % 60);
        put_number(out + 20, 7, (int32_t)(t % TR_TICKS_PER_SECOND));
    }
}

static void civil_ref(const int64_t *ticks, uint32_t n, int32_t *year, int32_t *month,
                      int32_t *day) {
    for (uint32_t i = 0; i < n; i++)
        tr_civil_from_days((int32_t)(in_range(ticks[i]) / TR_TICKS_PER_DAY), &year[i], &month[i],
                           &day[i]);
}

TR_VARIANT(datetime, ref) {
    *ops = (tr_datetime_ops){
        .parse = parse_ref,
        .format = format_ref,
        .civil = civil_ref,
    };
}

/* tests/unit/kernels/test_datetime.c: hand-written values that pin kernels/datetime/ref.c. */
#include "kernels/kernels.h"

#include <criterion/criterion.h>
#include <string.h>

static tr_datetime_ops datetime(void) {
    tr_kernels kernels;
    tr_kernels_fill(&kernels, TR_LEVEL_REF);
    return kernels.datetime;
}

static const int64_t of_2024 = 638396640000000000; /* 738885 days */

Test(datetime, parse) {
    static const struct {
        const char *text;
        int64_t ticks; /* -1: not read */
    } cases[] = {
        {"0001-01-01", 0},
        {"0001-01-01T00:00:00.0000001Z", 1},
        {"1970-01-01T00:00:00Z", 621355968000000000},
        {"2024-01-01", of_2024},
        {"2024-01-01 00:01", of_2024 + 60 * TR_TICKS_PER_SECOND},
        {"2024-01-01t00:00:01z", of_2024 + TR_TICKS_PER_SECOND},
        {"2024-01-01T00:00:00.5", of_2024 + TR_TICKS_PER_SECOND / 2},
        {"2024-01-01T00:00:00.123456789", of_2024 + 1234567},
        {"2024-01-01T01:00:00+01:00", of_2024},
        {"2023-12-31T16:00:00-08:00", of_2024},
        {"2024-02-29", of_2024 + 59 * TR_TICKS_PER_DAY},
        {"9999-12-31T23:59:59.9999999Z", TR_TICKS_MAX},
        {"9999-12-31T23:59:59.9999999-00:01", -1},
        {"0001-01-01T00:00:00+00:01", -1},
        {"0000-01-01", -1},
        {"2023-02-29", -1},
        {"1900-02-29", -1},
        {"2024-13-01", -1},
        {"2024-00-01", -1},
        {"2024-04-31", -1},
        {"2024-01-01T24:00:00", -1},
        {"2024-01-01T00:60:00", -1},
        {"2024-01-01T00:00:60", -1},
        {"2024-01-01T00:00:00.", -1},
        {"2024-01-01T00:00:00.1234567890", -1},
        {"2024-01-01T00:00:00+15:00", -1},
        {"2024-01-01T00:00:00 Z", -1},
        {"2024-01-01Z", -1},
        {"2024-1-1", -1},
        {"", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char padded[128] = {0};
        uint32_t len = (uint32_t)strlen(cases[i].text);
        memcpy(padded, cases[i].text, len);
        tr_kernel_str row = {padded, len, 0};
        int64_t ticks = 99;
        uint64_t ok;
        datetime().parse(&row, 1, &ticks, &ok);
        cr_assert_eq(ok, cases[i].ticks >= 0, "%s", cases[i].text);
        cr_assert_eq(ticks, cases[i].ticks >= 0 ? cases[i].ticks : 0, "%s", cases[i].text);
    }
}

Test(datetime, format) {
    const int64_t ticks[] = {0, of_2024 + 45296 * TR_TICKS_PER_SECOND + 1234567, TR_TICKS_MAX, -5,
                             INT64_MAX};
    char out[5 * TR_DATETIME_TEXT];
    datetime().format(ticks, 5, out);
    cr_assert_arr_eq(out,
                     "0001-01-01T00:00:00.0000000Z"
                     "2024-01-01T12:34:56.1234567Z"
                     "9999-12-31T23:59:59.9999999Z"
                     "0001-01-01T00:00:00.0000000Z"
                     "9999-12-31T23:59:59.9999999Z",
                     sizeof out);
}

Test(datetime, civil) {
    const int64_t ticks[] = {0, of_2024 - 1, of_2024 + 59 * TR_TICKS_PER_DAY, TR_TICKS_MAX};
    int32_t year[4], month[4], day[4];
    datetime().civil(ticks, 4, year, month, day);
    cr_assert(year[0] == 1 && month[0] == 1 && day[0] == 1);
    cr_assert(year[1] == 2023 && month[1] == 12 && day[1] == 31);
    cr_assert(year[2] == 2024 && month[2] == 2 && day[2] == 29);
    cr_assert(year[3] == 9999 && month[3] == 12 && day[3] == 31);
}

Test(datetime, every_day_comes_back) {
    int32_t day_number = 0;
    for (int32_t days = 0; days <= 3652058; days++) {
        int32_t year, month, day;
        tr_civil_from_days(days, &year, &month, &day);
        day_number = day == 1 ? 1 : day_number + 1;
        cr_assert_eq(day, day_number);
        cr_assert_eq(tr_days_from_civil(year, month, day), days);
    }
}

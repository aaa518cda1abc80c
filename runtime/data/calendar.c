/* runtime/data/calendar.c: ticks <-> civil dates, proleptic Gregorian. */
#include "kernels/datetime/datetime.h"
#include "runtime/data/text.h"

static bool is_leap(int32_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

uint32_t tr_days_in_month(int32_t year, uint32_t month) {
    static const uint8_t days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12)
        return 0;
    return month == 2 && is_leap(year) ? 29 : days[month];
}

void tr_civil_of_ticks(int64_t ticks, tr_civil *out) {
    if (ticks < 0)
        ticks = 0;
    if (ticks >= TR_TICKS_END)
        ticks = TR_TICKS_END - 1;
    int32_t days = (int32_t)(ticks / TR_TICKS_DAY);
    int64_t rest = ticks % TR_TICKS_DAY;
    int32_t year, month, day;
    tr_civil_from_days(days, &year, &month, &day);
    uint32_t seconds = (uint32_t)(rest / TR_TICKS_SECOND);
    *out = (tr_civil){
        .year = year,
        .month = (uint32_t)month,
        .day = (uint32_t)day,
        .hour = seconds / 3600,
        .minute = seconds / 60 % 60,
        .second = seconds % 60,
        .tick = (uint32_t)(rest % TR_TICKS_SECOND),
        .day_of_year = (uint32_t)(days - tr_days_from_civil(year, 1, 1)) + 1,
        .day_of_week = (uint32_t)(days + 1) % 7, /* 0001-01-01 was a Monday */
    };
}

bool tr_ticks_of_civil(int32_t year, uint32_t month, uint32_t day, int64_t tick_of_day,
                       int64_t *ticks) {
    if (year < 1 || year > 9999 || day < 1 || day > tr_days_in_month(year, month))
        return false;
    if (tick_of_day < 0 || tick_of_day >= TR_TICKS_DAY)
        return false;
    int64_t days = tr_days_from_civil(year, (int32_t)month, (int32_t)day);
    *ticks = days * TR_TICKS_DAY + tick_of_day;
    return true;
}

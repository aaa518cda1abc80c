/* runtime/func/calendar.h: units of time and what they make of one datetime. Ticks may be anything
 * (null rows are): what is no datetime counts as the nearest one. */
#ifndef TR_FUNC_CALENDAR_H
#define TR_FUNC_CALENDAR_H

#include "kernels/datetime/datetime.h"
#include "runtime/func/func.h"

#define TR_TICKS_HOUR   (INT64_C(3600) * TR_TICKS_SECOND)
#define TR_TICKS_MINUTE (INT64_C(60) * TR_TICKS_SECOND)

typedef enum tr_unit {
    TR_UNIT_YEAR,
    TR_UNIT_QUARTER,
    TR_UNIT_MONTH,
    TR_UNIT_WEEK,
    TR_UNIT_DAY,
    TR_UNIT_HOUR,
    TR_UNIT_MINUTE,
    TR_UNIT_SECOND,
    TR_UNIT_MILLISECOND,
    TR_UNIT_MICROSECOND,
    TR_UNIT_NANOSECOND,
    TR_UNIT_ISO_WEEK,    /* only as a part: week_of_year */
    TR_UNIT_OLD_WEEK,    /* only as a part: weekofyear */
    TR_UNIT_DAY_OF_YEAR, /* only as a part */
    TR_UNIT_COUNT
} tr_unit;

static inline int64_t tr_ticks_clamp(int64_t ticks) {
    return ticks < 0 ? 0 : ticks >= TR_TICKS_END ? TR_TICKS_END - 1 : ticks;
}
/** Days since 0001-01-01, a Monday. */
static inline int32_t tr_day_of(int64_t ticks) {
    return (int32_t)(tr_ticks_clamp(ticks) / TR_TICKS_DAY);
}

/** Ticks of a whole unit; 0 for year, quarter, month, whose lengths vary, and nanosecond. */
int64_t tr_unit_ticks(tr_unit unit);
/** datetime_part(): the part of one datetime. */
int32_t tr_unit_part(tr_unit unit, int64_t ticks);
/** The same for a flat column of n rows (or one constant, n == 1), into call->out. */
trawl_status tr_unit_column(tr_unit unit, const tr_vec *in, tr_call *call, trawl_error *err);
/** Start of the day, week (from Sunday), month or year `offset` units after the one with `ticks`.
 *  May be up to a unit outside the years 1..9999; false if further. */
bool tr_unit_start(tr_unit unit, int64_t ticks, int64_t offset, int64_t *out);
/** datetime_add(): false if the result is outside the years 1..9999. Days past the end of a month
 *  become its last day. */
bool tr_unit_add(tr_unit unit, int64_t amount, int64_t ticks, int64_t *out);
/** datetime_diff(): borders of the unit crossed from b to a. */
int64_t tr_unit_diff(tr_unit unit, int64_t a, int64_t b);

#endif

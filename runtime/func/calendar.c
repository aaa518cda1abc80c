/* runtime/func/calendar.c: units of time, and the functions that take a datetime apart or move it
 * to the start or end of its day, week, month or year. */
#include "runtime/func/calendar.h"

#include "kernels/kernels.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"

int64_t tr_unit_ticks(tr_unit unit) {
    switch (unit) {
    case TR_UNIT_WEEK: return 7 * TR_TICKS_DAY;
    case TR_UNIT_DAY: return TR_TICKS_DAY;
    case TR_UNIT_HOUR: return TR_TICKS_HOUR;
    case TR_UNIT_MINUTE: return TR_TICKS_MINUTE;
    case TR_UNIT_SECOND: return TR_TICKS_SECOND;
    case TR_UNIT_MILLISECOND: return TR_TICKS_SECOND / 1000;
    case TR_UNIT_MICROSECOND: return TR_TICKS_SECOND / 1000000;
    default: return 0;
    }
}

static int32_t day_of_year(int32_t day) {
    int32_t year, month, in_month;
    tr_civil_from_days(day, &year, &month, &in_month);
    return day - tr_days_from_civil(year, 1, 1) + 1;
}

/* The week that `middle`, its fourth day, belongs to: weeks are counted in the year of that day. */
static int32_t week_of(int32_t middle) {
    return (day_of_year(middle) - 1) / 7 + 1;
}

static int32_t months_of(int64_t ticks) {
    int32_t year, month, day;
    tr_civil_from_days(tr_day_of(ticks), &year, &month, &day);
    return year * 12 + month - 1;
}

/* Parts of the calendar; tr_unit_part has dealt with those of the clock. */
static int32_t calendar_part(tr_unit unit, int32_t days) {
    int32_t year, month, day;
    tr_civil_from_days(days, &year, &month, &day);
    switch (unit) {
    case TR_UNIT_YEAR: return year;
    case TR_UNIT_QUARTER: return (month - 1) / 3 + 1;
    case TR_UNIT_MONTH: return month;
    case TR_UNIT_DAY: return day;
    case TR_UNIT_DAY_OF_YEAR: return days - tr_days_from_civil(year, 1, 1) + 1;
    case TR_UNIT_OLD_WEEK: return week_of(days - (days + 1) % 7 + 3); /* from Sunday */
    case TR_UNIT_WEEK:
    case TR_UNIT_ISO_WEEK: return week_of(days - days % 7 + 3); /* from Monday */
    default: return 0;
    }
}

int32_t tr_unit_part(tr_unit unit, int64_t ticks) {
    ticks = tr_ticks_clamp(ticks);
    int64_t fraction = ticks % TR_TICKS_SECOND;
    switch (unit) {
    case TR_UNIT_HOUR: return (int32_t)(ticks % TR_TICKS_DAY / TR_TICKS_HOUR);
    case TR_UNIT_MINUTE: return (int32_t)(ticks % TR_TICKS_HOUR / TR_TICKS_MINUTE);
    case TR_UNIT_SECOND: return (int32_t)(ticks % TR_TICKS_MINUTE / TR_TICKS_SECOND);
    case TR_UNIT_MILLISECOND: return (int32_t)(fraction / 10000);
    case TR_UNIT_MICROSECOND: return (int32_t)(fraction / 10);
    case TR_UNIT_NANOSECOND: return (int32_t)(fraction * 100);
    default: return calendar_part(unit, tr_day_of(ticks));
    }
}

static bool start_of_month(int64_t months, int64_t *out) {
    if (months < 12 || months > 10000 * 12)
        return false;
    *out = tr_days_from_civil((int32_t)(months / 12), (int32_t)(months % 12) + 1, 1) * TR_TICKS_DAY;
    return true;
}

bool tr_unit_start(tr_unit unit, int64_t ticks, int64_t offset, int64_t *out) {
    if (offset > 4000000 || offset < -4000000)
        return false;
    int64_t day = tr_day_of(ticks);
    switch (unit) {
    case TR_UNIT_DAY: *out = (day + offset) * TR_TICKS_DAY; break;
    case TR_UNIT_WEEK: *out = (day - (day + 1) % 7 + offset * 7) * TR_TICKS_DAY; break;
    case TR_UNIT_MONTH: return start_of_month(months_of(ticks) + offset, out);
    case TR_UNIT_YEAR: return start_of_month((months_of(ticks) / 12 + offset) * 12, out);
    default: return false;
    }
    return *out >= -7 * TR_TICKS_DAY && *out < TR_TICKS_END + 8 * TR_TICKS_DAY;
}

bool tr_unit_add(tr_unit unit, int64_t amount, int64_t ticks, int64_t *out) {
    int64_t length = tr_unit_ticks(unit), added;
    if (unit == TR_UNIT_NANOSECOND) {
        added = amount / 100;
    } else if (length) {
        if (__builtin_mul_overflow(amount, length, &added))
            return false;
    } else {
        if (amount > 1000000 || amount < -1000000)
            return false;
        int64_t start, next;
        int64_t months = months_of(ticks) + amount * (unit == TR_UNIT_YEAR      ? 12
                                                      : unit == TR_UNIT_QUARTER ? 3
                                                                                : 1);
        if (!start_of_month(months, &start) || !start_of_month(months + 1, &next))
            return false;
        int64_t day = tr_unit_part(TR_UNIT_DAY, ticks) - 1,
                last = (next - start) / TR_TICKS_DAY - 1;
        *out =
            start + (day < last ? day : last) * TR_TICKS_DAY + tr_ticks_clamp(ticks) % TR_TICKS_DAY;
        return true;
    }
    return !__builtin_add_overflow(tr_ticks_clamp(ticks), added, out) && *out >= 0 &&
           *out < TR_TICKS_END;
}

int64_t tr_unit_diff(tr_unit unit, int64_t a, int64_t b) {
    a = tr_ticks_clamp(a);
    b = tr_ticks_clamp(b);
    int64_t length = tr_unit_ticks(unit);
    switch (unit) {
    case TR_UNIT_YEAR: return months_of(a) / 12 - months_of(b) / 12;
    case TR_UNIT_QUARTER: return months_of(a) / 3 - months_of(b) / 3;
    case TR_UNIT_MONTH: return months_of(a) - months_of(b);
    case TR_UNIT_WEEK: return (tr_day_of(a) + 1) / 7 - (tr_day_of(b) + 1) / 7;
    case TR_UNIT_NANOSECOND: return (a - b) * 100;
    default: return length ? a / length - b / length : 0;
    }
}

/* ---- columns ---- */

/** Year, month and day of n datetimes, from the kernel. */
typedef struct civil {
    int32_t *year, *month, *day;
} civil;

static trawl_status civil_of(tr_call *call, const int64_t *ticks, civil *out, trawl_error *err) {
    int32_t **parts[] = {&out->year, &out->month, &out->day};
    for (uint32_t k = 0; k < 3; k++) {
        tr_vec made;
        TR_TRY(tr_vec_new(call->scratch, TR_INT, call->n, &made, err));
        *parts[k] = made.data;
    }
    tr_kernels_now()->datetime.civil(ticks, call->n, out->year, out->month, out->day);
    return TRAWL_OK;
}

static trawl_status eval_year(tr_call *call, trawl_error *err) {
    civil c;
    TR_TRY(civil_of(call, call->args[0].data, &c, err));
    call->out->data = c.year;
    return TRAWL_OK;
}

static trawl_status eval_month(tr_call *call, trawl_error *err) {
    civil c;
    TR_TRY(civil_of(call, call->args[0].data, &c, err));
    call->out->data = c.month;
    return TRAWL_OK;
}

static trawl_status eval_dayofmonth(tr_call *call, trawl_error *err) {
    civil c;
    TR_TRY(civil_of(call, call->args[0].data, &c, err));
    call->out->data = c.day;
    return TRAWL_OK;
}

/* Days of the year so far, for the n datetimes in `ticks`. */
static trawl_status days_of_year(tr_call *call, const int64_t *ticks, int32_t *out,
                                 trawl_error *err) {
    civil c;
    TR_TRY(civil_of(call, ticks, &c, err));
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = tr_day_of(ticks[i]) - tr_days_from_civil(c.year[i], 1, 1) + 1;
    return TRAWL_OK;
}

static trawl_status eval_dayofyear(tr_call *call, trawl_error *err) {
    return days_of_year(call, call->args[0].data, call->out->data, err);
}

/* Weeks count in the year of their fourth day; `first` is 0 where they begin on Monday, 1 on
 * Sunday. The last days of 9999 belong to a week of that year. */
static trawl_status weeks_of_year(tr_call *call, int32_t first, trawl_error *err) {
    const int64_t *in = call->args[0].data;
    int32_t *out = call->out->data;
    tr_vec fourth;
    TR_TRY(tr_vec_new(call->scratch, TR_DATETIME, call->n, &fourth, err));
    int64_t *days = fourth.data;
    for (uint32_t i = 0; i < call->n; i++) {
        int32_t day = tr_day_of(in[i]);
        days[i] = (day - (day + first) % 7 + 3) * TR_TICKS_DAY;
    }
    TR_TRY(days_of_year(call, days, out, err));
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = (out[i] - 1) / 7 + 1;
    return TRAWL_OK;
}

static trawl_status eval_week(tr_call *call, trawl_error *err) {
    return weeks_of_year(call, 0, err);
}
static trawl_status eval_old_week(tr_call *call, trawl_error *err) {
    return weeks_of_year(call, 1, err);
}

static trawl_status eval_hour(tr_call *call, trawl_error *err) {
    (void)err;
    const int64_t *restrict in = call->args[0].data;
    int32_t *restrict out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = (int32_t)((uint64_t)in[i] % (uint64_t)TR_TICKS_DAY / (uint64_t)TR_TICKS_HOUR);
    return TRAWL_OK;
}

static trawl_status eval_dayofweek(tr_call *call, trawl_error *err) {
    (void)err;
    const int64_t *restrict in = call->args[0].data;
    int64_t *restrict out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = (int64_t)(((uint64_t)in[i] / (uint64_t)TR_TICKS_DAY + 1) % 7) * TR_TICKS_DAY;
    return TRAWL_OK;
}

trawl_status tr_unit_column(tr_unit unit, const tr_vec *in, tr_call *call, trawl_error *err) {
    tr_call one = *call;
    one.argc = 1;
    one.args = in;
    switch (unit) {
    case TR_UNIT_YEAR: return eval_year(&one, err);
    case TR_UNIT_MONTH: return eval_month(&one, err);
    case TR_UNIT_DAY: return eval_dayofmonth(&one, err);
    case TR_UNIT_HOUR: return eval_hour(&one, err);
    case TR_UNIT_DAY_OF_YEAR: return eval_dayofyear(&one, err);
    case TR_UNIT_WEEK:
    case TR_UNIT_ISO_WEEK: return eval_week(&one, err);
    default: break;
    }
    int32_t *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = tr_unit_part(unit, tr_vec_i64(in)[i]);
    return TRAWL_OK;
}

static trawl_status starts(tr_call *call, tr_unit unit, bool end, trawl_error *err) {
    const tr_vec *in = &call->args[0];
    int64_t *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        int64_t offset = tr_long_at(call, 1, i, 0), at = 0;
        offset = offset > INT32_MAX ? INT32_MAX : offset;
        bool good = tr_unit_start(unit, tr_vec_i64(in)[tr_row(in, i)], offset + end, &at);
        if (end)
            at = (at > TR_TICKS_END ? TR_TICKS_END : at) - 1;
        out[i] = at;
        if (!good || at < 0 || at >= TR_TICKS_END)
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static trawl_status eval_startofday(tr_call *call, trawl_error *err) {
    if (call->argc > 1)
        return starts(call, TR_UNIT_DAY, false, err);
    const int64_t *restrict in = call->args[0].data;
    int64_t *restrict out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = (int64_t)((uint64_t)in[i] - (uint64_t)in[i] % (uint64_t)TR_TICKS_DAY);
    return TRAWL_OK;
}
static trawl_status eval_startofweek(tr_call *call, trawl_error *err) {
    return starts(call, TR_UNIT_WEEK, false, err);
}
static trawl_status eval_startofmonth(tr_call *call, trawl_error *err) {
    if (call->argc > 1)
        return starts(call, TR_UNIT_MONTH, false, err);
    civil c;
    TR_TRY(civil_of(call, call->args[0].data, &c, err));
    int64_t *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = tr_days_from_civil(c.year[i], c.month[i], 1) * TR_TICKS_DAY;
    return TRAWL_OK;
}
static trawl_status eval_startofyear(tr_call *call, trawl_error *err) {
    if (call->argc > 1)
        return starts(call, TR_UNIT_YEAR, false, err);
    civil c;
    TR_TRY(civil_of(call, call->args[0].data, &c, err));
    int64_t *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = tr_days_from_civil(c.year[i], 1, 1) * TR_TICKS_DAY;
    return TRAWL_OK;
}
static trawl_status eval_endofday(tr_call *call, trawl_error *err) {
    return starts(call, TR_UNIT_DAY, true, err);
}
static trawl_status eval_endofweek(tr_call *call, trawl_error *err) {
    return starts(call, TR_UNIT_WEEK, true, err);
}
static trawl_status eval_endofmonth(tr_call *call, trawl_error *err) {
    return starts(call, TR_UNIT_MONTH, true, err);
}
static trawl_status eval_endofyear(tr_call *call, trawl_error *err) {
    return starts(call, TR_UNIT_YEAR, true, err);
}

/* clang-format off */
const tr_func tr_funcs_calendar[] = {
    {.name = "getyear", .args = "d", .result = 'i', .eval = eval_year, .summary = "The year.",
     .example = "print getyear(datetime(2015-10-12))"},
    {.name = "getmonth", .args = "d", .result = 'i', .eval = eval_month,
     .summary = "The month, 1 to 12.", .example = "print getmonth(datetime(2015-10-12))"},
    {.name = "monthofyear", .args = "d", .result = 'i', .eval = eval_month,
     .summary = "The month, 1 to 12.", .example = "print monthofyear(datetime(2015-12-14))"},
    {.name = "dayofmonth", .args = "d", .result = 'i', .eval = eval_dayofmonth,
     .summary = "The day of the month, 1 to 31.",
     .example = "print dayofmonth(datetime(2015-12-14))"},
    {.name = "dayofyear", .args = "d", .result = 'i', .eval = eval_dayofyear,
     .summary = "The day of the year, 1 to 366.",
     .example = "print dayofyear(datetime(2015-12-14))"},
    {.name = "dayofweek", .args = "d", .result = 't', .eval = eval_dayofweek,
     .summary = "Whole days since the Sunday before, as a timespan.",
     .example = "print dayofweek(datetime(1970-05-11))"},
    {.name = "hourofday", .args = "d", .result = 'i', .eval = eval_hour,
     .summary = "The hour, 0 to 23.", .example = "print hourofday(datetime(2015-12-14 18:54))"},
    {.name = "week_of_year", .args = "d", .result = 'i', .eval = eval_week,
     .summary = "The number of the week as ISO 8601 counts: the first has the first Thursday.",
     .example = "print week_of_year(datetime(2020-12-31))"},
    {.name = "weekofyear", .args = "d", .result = 'i', .flags = TR_FUNC_HIDDEN,
     .eval = eval_old_week,
     .summary = "The number of the week from Sunday: the first has the first Wednesday. Use "
         "week_of_year()."},
    {.name = "startofday", .args = "dl?", .result = 'd', .eval = eval_startofday,
     .summary = "Start of the day, or of a day some days away.",
     .example = "print startofday(datetime(2017-01-01 10:10:17), -1)", .column = "<>"},
    {.name = "startofweek", .args = "dl?", .result = 'd', .eval = eval_startofweek,
     .summary = "Start of the week (Sunday), or of a week some weeks away.",
     .example = "print startofweek(datetime(2017-01-01 10:10:17), -1)"},
    {.name = "startofmonth", .args = "dl?", .result = 'd', .eval = eval_startofmonth,
     .summary = "Start of the month, or of a month some months away.",
     .example = "print startofmonth(datetime(2017-01-01 10:10:17), -1)"},
    {.name = "startofyear", .args = "dl?", .result = 'd', .eval = eval_startofyear,
     .summary = "Start of the year, or of a year some years away.",
     .example = "print startofyear(datetime(2017-01-01 10:10:17), -1)"},
    {.name = "endofday", .args = "dl?", .result = 'd', .eval = eval_endofday,
     .summary = "Last tick of the day, or of a day some days away.",
     .example = "print endofday(datetime(2017-01-01 10:10:17))"},
    {.name = "endofweek", .args = "dl?", .result = 'd', .eval = eval_endofweek,
     .summary = "Last tick of the week (Saturday), or of a week some weeks away.",
     .example = "print endofweek(datetime(2017-01-01 10:10:17))"},
    {.name = "endofmonth", .args = "dl?", .result = 'd', .eval = eval_endofmonth,
     .summary = "Last tick of the month, or of a month some months away.",
     .example = "print endofmonth(datetime(2017-01-01 10:10:17))"},
    {.name = "endofyear", .args = "dl?", .result = 'd', .eval = eval_endofyear,
     .summary = "Last tick of the year, or of a year some years away.",
     .example = "print endofyear(datetime(2017-01-01 10:10:17))"},
    {.name = NULL},
};
/* clang-format on */

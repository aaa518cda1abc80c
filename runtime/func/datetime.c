/* runtime/func/datetime.c: making datetimes and timespans, and arithmetic by calendar units: now,
 * ago, datetime_add, datetime_diff, datetime_part, make_*, unixtime_*. */
#include "runtime/data/text.h"
#include "runtime/func/arith.h"
#include "runtime/func/calendar.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"

static int64_t now_of(const tr_call *call) {
    return call->env ? call->env->now_ticks : 0;
}

static trawl_status from_now(tr_call *call, int64_t sign, trawl_error *err) {
    int64_t *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        int64_t by = tr_wrap_multiply(tr_long_at(call, 0, i, 0), sign);
        if (__builtin_add_overflow(now_of(call), by, &out[i]) || !tr_ticks_fit(out[i])) {
            out[i] = 0;
            TR_TRY(tr_call_null(call, i, err));
        }
    }
    return TRAWL_OK;
}

static trawl_status eval_now(tr_call *call, trawl_error *err) {
    return from_now(call, 1, err);
}
static trawl_status eval_ago(tr_call *call, trawl_error *err) {
    return from_now(call, -1, err);
}

/* ---- units by name ---- */

typedef struct unit_name {
    const char *name;
    tr_unit unit;
    bool only_part; /* not for datetime_add and datetime_diff */
} unit_name;

static const unit_name unit_names[] = {
    {"year", TR_UNIT_YEAR, false},
    {"quarter", TR_UNIT_QUARTER, false},
    {"month", TR_UNIT_MONTH, false},
    {"week", TR_UNIT_WEEK, false},
    {"week_of_year", TR_UNIT_ISO_WEEK, true},
    {"weekofyear", TR_UNIT_OLD_WEEK, true},
    {"day", TR_UNIT_DAY, false},
    {"dayofyear", TR_UNIT_DAY_OF_YEAR, true},
    {"hour", TR_UNIT_HOUR, false},
    {"minute", TR_UNIT_MINUTE, false},
    {"second", TR_UNIT_SECOND, false},
    {"millisecond", TR_UNIT_MILLISECOND, false},
    {"microsecond", TR_UNIT_MICROSECOND, false},
    {"nanosecond", TR_UNIT_NANOSECOND, false},
};

static trawl_status find_unit(const tr_prepare *p, bool part, const void **bound,
                              trawl_error *err) {
    const tr_value *name = p->consts[0];
    if (!name)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, p->spans[0], "",
                          "the unit of time must be a constant string");
    for (uint32_t k = 0; k < sizeof unit_names / sizeof *unit_names; k++)
        if ((part || !unit_names[k].only_part) &&
            tr_str_equal_nocase_ascii(name->as.str, tr_str_c(unit_names[k].name))) {
            *bound = &unit_names[k];
            return TRAWL_OK;
        }
    tr_fail_at(err, TRAWL_E_SEMANTIC, p->spans[0], "", "no unit of time is called '%.*s'",
               (int)(name->as.str.len < 40 ? name->as.str.len : 40), name->as.str.ptr);
    tr_hint(err,
            "year, quarter, month, %s, day, %shour, minute, second, millisecond, microsecond "
            "or nanosecond",
            part ? "week_of_year" : "week", part ? "dayofyear, " : "");
    return TRAWL_E_SEMANTIC;
}

static trawl_status prepare_unit(const tr_prepare *p, const void **bound, trawl_error *err) {
    return find_unit(p, false, bound, err);
}
static trawl_status prepare_part(const tr_prepare *p, const void **bound, trawl_error *err) {
    return find_unit(p, true, bound, err);
}

static tr_unit unit_of(const tr_call *call) {
    const unit_name *name = call->bound;
    return name ? name->unit : TR_UNIT_COUNT;
}

static trawl_status eval_part(tr_call *call, trawl_error *err) {
    return tr_unit_column(unit_of(call), &call->args[1], call, err);
}

static trawl_status eval_add(tr_call *call, trawl_error *err) {
    int64_t *out = call->out->data;
    tr_unit unit = unit_of(call);
    for (uint32_t i = 0; i < call->n; i++) {
        out[i] = 0;
        if (!tr_unit_add(unit, tr_long_at(call, 1, i, 0), tr_long_at(call, 2, i, 0), &out[i]))
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static trawl_status eval_diff(tr_call *call, trawl_error *err) {
    (void)err;
    int64_t *out = call->out->data;
    tr_unit unit = unit_of(call);
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = tr_unit_diff(unit, tr_long_at(call, 1, i, 0), tr_long_at(call, 2, i, 0));
    return TRAWL_OK;
}

/* ---- from parts ---- */

/* Argument `arg` of row i as a real, whatever number it is; `fallback` where it was left out. */
static double number_at(const tr_call *call, uint32_t arg, uint32_t i, double fallback) {
    if (arg >= call->argc)
        return fallback;
    const tr_vec *v = &call->args[arg];
    uint32_t row = tr_row(v, i);
    return v->type == TR_REAL ? tr_vec_f64(v)[row] : (double)tr_vec_i64(v)[row];
}

/* Ticks of a time of day, hour 0..23 and so on, seconds with their fraction; false otherwise. */
static bool time_of_day(double hour, double minute, double second, int64_t *ticks) {
    if (!(hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60))
        return false;
    int64_t fraction = (int64_t)round(second * (double)TR_TICKS_SECOND);
    *ticks = (int64_t)hour * TR_TICKS_HOUR + (int64_t)minute * TR_TICKS_MINUTE + fraction;
    return true;
}

static trawl_status eval_make_datetime(tr_call *call, trawl_error *err) {
    int64_t *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        double year = number_at(call, 0, i, 0), month = number_at(call, 1, i, 0);
        double day = number_at(call, 2, i, 0);
        int64_t ticks;
        out[i] = 0;
        bool good = year >= 0 && year < 10000 && month >= 1 && month < 13 && day >= 1 && day < 32 &&
                    time_of_day(number_at(call, 3, i, 0), number_at(call, 4, i, 0),
                                number_at(call, 5, i, 0), &ticks) &&
                    tr_ticks_of_civil((int32_t)year, (uint32_t)month, (uint32_t)day, 0, &out[i]);
        if (good)
            out[i] += ticks;
        else
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static trawl_status eval_make_timespan(tr_call *call, trawl_error *err) {
    uint32_t first = call->argc == 4; /* with days */
    int64_t *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        double days = first ? number_at(call, 0, i, 0) : 0;
        int64_t ticks;
        out[i] = 0;
        if (days >= 0 && days < 10675199 &&
            time_of_day(number_at(call, first, i, 0), number_at(call, first + 1, i, 0),
                        number_at(call, first + 2, i, 0), &ticks))
            out[i] = (int64_t)days * TR_TICKS_DAY + ticks;
        else
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

/* ---- unix time; `per_second` units make a second ---- */

static bool unix_long(int64_t v, int64_t per_second, int64_t *out) {
    if (per_second > TR_TICKS_SECOND) {
        int64_t units = per_second / TR_TICKS_SECOND;
        *out = v / units - (v % units < 0);
    } else if (__builtin_mul_overflow(v, TR_TICKS_SECOND / per_second, out)) {
        return false;
    }
    return !__builtin_add_overflow(*out, TR_TICKS_UNIX, out) && tr_ticks_fit(*out);
}

/* Whole units exactly, the fraction to the nearest tick. */
static bool unix_real(double v, int64_t per_second, int64_t *out) {
    double ticks = (double)TR_TICKS_SECOND / (double)per_second;
    int64_t whole, fraction;
    if (!tr_real_trunc_long(v, &whole) || !unix_long(whole, per_second, out))
        return false;
    return tr_real_to_long((v - (double)whole) * ticks, &fraction) &&
           tr_ticks_fit(*out += fraction);
}

static trawl_status unixtime(tr_call *call, int64_t per_second, trawl_error *err) {
    const tr_vec *in = &call->args[0];
    int64_t *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        uint32_t row = tr_row(in, i);
        bool good = in->type == TR_LONG ? unix_long(tr_vec_i64(in)[row], per_second, &out[i])
                                        : unix_real(tr_vec_f64(in)[row], per_second, &out[i]);
        if (!good) {
            out[i] = 0;
            TR_TRY(tr_call_null(call, i, err));
        }
    }
    return TRAWL_OK;
}

static trawl_status eval_unix_seconds(tr_call *call, trawl_error *err) {
    return unixtime(call, 1, err);
}
static trawl_status eval_unix_milliseconds(tr_call *call, trawl_error *err) {
    return unixtime(call, 1000, err);
}
static trawl_status eval_unix_microseconds(tr_call *call, trawl_error *err) {
    return unixtime(call, 1000000, err);
}
static trawl_status eval_unix_nanoseconds(tr_call *call, trawl_error *err) {
    return unixtime(call, 1000000000, err);
}

static const char make_datetime_summary[] =
    "A datetime from year, month, day and perhaps hour, minute, second; null if there is none.";
static const char make_timespan_summary[] =
    "A timespan from hours, minutes and perhaps seconds, or days and all three.";
static const char unix_summary[] = "A datetime from the time since 1970; null if out of range.";

/* clang-format off */
const tr_func tr_funcs_datetime[] = {
    {.name = "now", .args = "t?", .result = 'd', .eval = eval_now,
     .summary = "The time at which the query began, moved by a timespan.",
     .example = "print now(-2d)"},
    {.name = "ago", .args = "t", .result = 'd', .eval = eval_ago,
     .summary = "The time at which the query began, less a timespan.",
     .example = "print ago(1h)"},
    {.name = "datetime_part", .args = "sd", .result = 'i', .eval = eval_part,
     .prepare = prepare_part, .summary = "One part of a datetime, named by a constant string.",
     .example = "print datetime_part(\"quarter\", datetime(2017-10-30))"},
    {.name = "datepart", .args = "sd", .result = 'i', .eval = eval_part, .prepare = prepare_part,
     .summary = "Old name of datetime_part().",
     .example = "print datepart(\"year\", datetime(2017-10-30))"},
    {.name = "datetime_add", .args = "sld", .result = 'd', .eval = eval_add,
     .prepare = prepare_unit, .summary = "A datetime moved by a number of units.",
     .example = "print datetime_add(\"month\", 1, datetime(2017-01-31))"},
    {.name = "datetime_diff", .args = "sdd", .result = 'l', .eval = eval_diff,
     .prepare = prepare_unit,
     .summary = "How many borders of a unit lie between the second datetime and the first.",
     .example = "print datetime_diff(\"month\", datetime(2017-01-01), datetime(2015-12-30))"},
    {.name = "make_datetime", .args = "llll?l?r?", .result = 'd', .eval = eval_make_datetime,
     .summary = make_datetime_summary,
     .example = "print make_datetime(2017, 10, 1, 12, 11, 0.1234567)"},
    {.name = "make_datetime", .args = "rrrr?r?r?", .result = 'd', .eval = eval_make_datetime,
     .summary = make_datetime_summary},
    {.name = "make_timespan", .args = "llr?", .result = 't', .eval = eval_make_timespan,
     .summary = make_timespan_summary, .example = "print make_timespan(1, 12, 30, 55.123)"},
    {.name = "make_timespan", .args = "lllr", .result = 't', .eval = eval_make_timespan,
     .summary = make_timespan_summary},
    {.name = "unixtime_seconds_todatetime", .args = "l", .result = 'd', .eval = eval_unix_seconds,
     .summary = unix_summary, .example = "print unixtime_seconds_todatetime(1546300800)"},
    {.name = "unixtime_seconds_todatetime", .args = "r", .result = 'd', .eval = eval_unix_seconds,
     .summary = unix_summary},
    {.name = "unixtime_milliseconds_todatetime", .args = "l", .result = 'd',
     .eval = eval_unix_milliseconds, .summary = unix_summary,
     .example = "print unixtime_milliseconds_todatetime(1546300800000)"},
    {.name = "unixtime_milliseconds_todatetime", .args = "r", .result = 'd',
     .eval = eval_unix_milliseconds, .summary = unix_summary},
    {.name = "unixtime_microseconds_todatetime", .args = "l", .result = 'd',
     .eval = eval_unix_microseconds, .summary = unix_summary,
     .example = "print unixtime_microseconds_todatetime(1546300800000000)"},
    {.name = "unixtime_microseconds_todatetime", .args = "r", .result = 'd',
     .eval = eval_unix_microseconds, .summary = unix_summary},
    {.name = "unixtime_nanoseconds_todatetime", .args = "l", .result = 'd',
     .eval = eval_unix_nanoseconds, .summary = unix_summary,
     .example = "print unixtime_nanoseconds_todatetime(1546300800000000000)"},
    {.name = "unixtime_nanoseconds_todatetime", .args = "r", .result = 'd',
     .eval = eval_unix_nanoseconds, .summary = unix_summary},
    {.name = NULL},
};
/* clang-format on */

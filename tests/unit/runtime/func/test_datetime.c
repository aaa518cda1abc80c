/* Datetimes: parts, starts and ends, units, formats, time zones. */
#include "tests/unit/runtime/func/columns.h"

Test(datetime, parts) {
    static const column_case cases[] = {
        {"getyear", "d", {"2015-10-12|0001-01-01|9999-12-31|null"}, "2015|1|9999|null"},
        {"getmonth", "d", {"2015-10-12"}, "10"},
        {"monthofyear", "d", {"2015-12-14"}, "12"},
        {"dayofmonth", "d", {"2015-12-14|2020-02-29"}, "14|29"},
        {"dayofyear", "d", {"2015-12-14|2020-12-31"}, "348|366"},
        {"dayofweek",
         "d",
         {"1947-11-30 10:00:05|1970-05-11|1970-05-12|0001-01-01"},
         "00:00:00|1.00:00:00|2.00:00:00|1.00:00:00"},
        {"hourofday", "d", {"2015-12-14 18:54|2015-12-14 23:59:59.9999999"}, "18|23"},
        {"week_of_year",
         "d",
         {"2020-12-31|2020-06-15|1970-01-01|2000-01-01|9999-12-31"},
         "53|25|1|52|52"},
        {"weekofyear", "d", {"2020-12-31|2016-01-03|2021-01-02"}, "53|1|53"},
        {"datetime_part", "sd", {"=year", "2017-10-30 01:02:03.7654321"}, "2017"},
        {"datetime_part", "sd", {"=Quarter", "2017-10-30 01:02:03.7654321"}, "4"},
        {"datetime_part", "sd", {"=month", "2017-10-30 01:02:03.7654321"}, "10"},
        {"datetime_part", "sd", {"=week_of_year", "2017-10-30 01:02:03.7654321"}, "44"},
        {"datetime_part", "sd", {"=day", "2017-10-30 01:02:03.7654321"}, "30"},
        {"datetime_part", "sd", {"=dayOfYear", "2017-10-30 01:02:03.7654321"}, "303"},
        {"datetime_part", "sd", {"=hour", "2017-10-30 01:02:03.7654321"}, "1"},
        {"datetime_part", "sd", {"=minute", "2017-10-30 01:02:03.7654321"}, "2"},
        {"datetime_part", "sd", {"=second", "2017-10-30 01:02:03.7654321"}, "3"},
        {"datetime_part", "sd", {"=millisecond", "2017-10-30 01:02:03.7654321"}, "765"},
        {"datetime_part", "sd", {"=microsecond", "2017-10-30 01:02:03.7654321"}, "765432"},
        {"datepart", "sd", {"=nanosecond", "2017-10-30 01:02:03.7654321|null"}, "765432100|null"},
    };
    COLUMN_CASES(cases);
}

Test(datetime, starts_and_ends) {
    static const column_case cases[] = {
        {"startofday", "d", {"2017-01-01 10:10:17|null"}, "2017-01-01T00:00:00.0000000Z|null"},
        {"startofday",
         "dl",
         {"=2017-01-01 10:10:17", "-1|0|1"},
         "2016-12-31T00:00:00.0000000Z|2017-01-01T00:00:00.0000000Z|2017-01-02T00:00:00.0000000Z"},
        {"startofweek",
         "dl",
         {"=2017-01-01 10:10:17", "-1|0|1"},
         "2016-12-25T00:00:00.0000000Z|2017-01-01T00:00:00.0000000Z|2017-01-08T00:00:00.0000000Z"},
        {"startofmonth",
         "dl",
         {"=2017-01-01 10:10:17", "-1|0|1"},
         "2016-12-01T00:00:00.0000000Z|2017-01-01T00:00:00.0000000Z|2017-02-01T00:00:00.0000000Z"},
        {"startofyear",
         "dl",
         {"=2017-01-01 10:10:17", "-1|0|1"},
         "2016-01-01T00:00:00.0000000Z|2017-01-01T00:00:00.0000000Z|2018-01-01T00:00:00.0000000Z"},
        {"endofday", "d", {"2017-01-01 10:10:17"}, "2017-01-01T23:59:59.9999999Z"},
        {"endofweek",
         "dl",
         {"=2017-01-01 10:10:17", "-1|0|1"},
         "2016-12-31T23:59:59.9999999Z|2017-01-07T23:59:59.9999999Z|2017-01-14T23:59:59.9999999Z"},
        {"endofmonth",
         "dl",
         {"=2017-01-01 10:10:17", "-1|0|1"},
         "2016-12-31T23:59:59.9999999Z|2017-01-31T23:59:59.9999999Z|2017-02-28T23:59:59.9999999Z"},
        {"endofyear",
         "dl",
         {"=2017-01-01 10:10:17", "-1|9223372036854775807"},
         "2016-12-31T23:59:59.9999999Z|null"},
        {"endofyear", "d", {"9999-05-05"}, "9999-12-31T23:59:59.9999999Z"},
        {"endofweek", "d", {"9999-12-31"}, "9999-12-31T23:59:59.9999999Z"},
        {"startofweek", "d", {"0001-01-01|2025-06-14"}, "null|2025-06-08T00:00:00.0000000Z"},
        {"startofmonth", "dl", {"=2017-01-01", "-9223372036854775808|-30000"}, "null|null"},
    };
    COLUMN_CASES(cases);
}

Test(datetime, units) {
    static const column_case cases[] = {
        {"datetime_add",
         "sld",
         {"=year", "1|-5|null|9000", "=2017-01-01"},
         "2018-01-01T00:00:00.0000000Z|2012-01-01T00:00:00.0000000Z|null|null"},
        {"datetime_add",
         "sld",
         {"=quarter", "1|12", "=2017-01-01"},
         "2017-04-01T00:00:00.0000000Z|2020-01-01T00:00:00.0000000Z"},
        {"datetime_add",
         "sld",
         {"=month", "1|-15", "=2017-01-01"},
         "2017-02-01T00:00:00.0000000Z|2015-10-01T00:00:00.0000000Z"},
        {"datetime_add",
         "sld",
         {"=month", "1|13|-11", "=2016-01-31 10:00"},
         "2016-02-29T10:00:00.0000000Z|2017-02-28T10:00:00.0000000Z|2015-02-28T10:00:00.0000000Z"},
        {"datetime_add",
         "sld",
         {"=week", "1|100", "=2017-01-01"},
         "2017-01-08T00:00:00.0000000Z|2018-12-02T00:00:00.0000000Z"},
        {"datetime_add",
         "sld",
         {"=Hour", "1|9223372036854775807", "=2017-01-01"},
         "2017-01-01T01:00:00.0000000Z|null"},
        {"datetime_add",
         "sld",
         {"=nanosecond", "250", "=2017-01-01"},
         "2017-01-01T00:00:00.0000002Z"},
        {"datetime_diff",
         "sdd",
         {"=year", "2017-01-01|2000-12-31", "2000-12-31|2017-01-01"},
         "17|-17"},
        {"datetime_diff", "sdd", {"=quarter", "2017-07-01", "2017-03-30"}, "2"},
        {"datetime_diff", "sdd", {"=month", "2017-01-01", "2015-12-30"}, "13"},
        {"datetime_diff", "sdd", {"=week", "2017-10-29 00:00", "2017-09-30 23:59"}, "5"},
        {"datetime_diff", "sdd", {"=day", "2017-10-29 00:00", "2017-09-30 23:59"}, "29"},
        {"datetime_diff", "sdd", {"=hour", "2017-10-31 01:00", "2017-10-30 23:59"}, "2"},
        {"datetime_diff", "sdd", {"=minute", "2017-10-30 23:05:01", "2017-10-30 23:00:59"}, "5"},
        {"datetime_diff",
         "sdd",
         {"=second", "2017-10-30 23:00:10.100", "2017-10-30 23:00:00.900"},
         "10"},
        {"datetime_diff",
         "sdd",
         {"=millisecond", "2017-10-30 23:00:00.200100", "2017-10-30 23:00:00.100900"},
         "100"},
        {"datetime_diff",
         "sdd",
         {"=microsecond", "2017-10-30 23:00:00.1009001", "2017-10-30 23:00:00.1008009"},
         "100"},
        {"datetime_diff",
         "sdd",
         {"=nanosecond", "2017-10-30 23:00:00.0000000|null", "2017-10-30 23:00:00.0000007|null"},
         "-700|null"},
    };
    COLUMN_CASES(cases);
}

Test(datetime, made) {
    static const column_case cases[] = {
        {"make_datetime",
         "lll",
         {"2017|2017|0", "10|2|1", "1|30|1"},
         "2017-10-01T00:00:00.0000000Z|null|null"},
        {"make_datetime",
         "lllll",
         {"2017", "10", "1", "12", "10|60"},
         "2017-10-01T12:10:00.0000000Z|null"},
        {"make_datetime", "llll", {"2017", "10", "1", "12"}, "2017-10-01T12:00:00.0000000Z"},
        {"make_datetime",
         "lllllr",
         {"=2017", "=10", "=1", "=12", "=11", "0.1234567|60"},
         "2017-10-01T12:11:00.1234567Z|null"},
        {"make_timespan", "lllr", {"1", "12", "30", "55.123"}, "1.12:30:55.1230000"},
        {"make_timespan", "ll", {"12|25", "30|0"}, "12:30:00|null"},
        {"make_timespan", "llr", {"12|null", "30|1", "=1.5"}, "12:30:01.5000000|null"},
        {"unixtime_seconds_todatetime",
         "l",
         {"1546300800|-1|9223372036854775807"},
         "2019-01-01T00:00:00.0000000Z|1969-12-31T23:59:59.0000000Z|null"},
        {"unixtime_seconds_todatetime",
         "r",
         {"1546300800.5|nan|null"},
         "2019-01-01T00:00:00.5000000Z|null|null"},
        {"unixtime_milliseconds_todatetime",
         "l",
         {"1546300800001"},
         "2019-01-01T00:00:00.0010000Z"},
        {"unixtime_microseconds_todatetime",
         "l",
         {"1546300800000001"},
         "2019-01-01T00:00:00.0000010Z"},
        {"unixtime_nanoseconds_todatetime",
         "l",
         {"1546300800000000000|-1"},
         "2019-01-01T00:00:00.0000000Z|1969-12-31T23:59:59.9999999Z"},
        {"unixtime_nanoseconds_todatetime",
         "r",
         {"1546300800000000000"},
         "2019-01-01T00:00:00.0000000Z"},
        {"ago",
         "t",
         {"1d|-1d|null"},
         "2019-07-28T12:26:40.0000000Z|2019-07-30T12:26:40.0000000Z|null"},
        {"now", "t", {"-2d"}, "2019-07-27T12:26:40.0000000Z"},
        {"now", "", {""}, "2019-07-29T12:26:40.0000000Z"},
    };
    COLUMN_CASES(cases);
}

Test(datetime, formats) {
    static const column_case cases[] = {
        {"format_datetime",
         "ds",
         {"2017-01-29 09:00:05|null", "=yy-MM-dd [HH:mm:ss]"},
         "17-01-29 [09:00:05]|"},
        {"format_datetime",
         "ds",
         {"2017-01-29 09:00:05", "=yyyy-M-dd [H:mm:ss]"},
         "2017-1-29 [9:00:05]"},
        {"format_datetime",
         "ds",
         {"2017-01-29 09:00:05|2017-01-29 00:00|2017-01-29 12:30", "=yy-MM-dd [hh:mm:ss tt]"},
         "17-01-29 [09:00:05 AM]|17-01-29 [12:00:00 AM]|17-01-29 [12:30:00 PM]"},
        {"format_datetime",
         "ds",
         {"2009-06-15 13:45:30.6170000|2009-06-15 13:45:30.0500000", "=f ff fff ffff"},
         "6 61 617 6170|0 05 050 0500"},
        {"format_datetime",
         "ds",
         {"2009-06-15 13:45:30.6170000|2009-06-15 13:45:30.0005000", "=s,F,FF,FFF,FFFFFFF"},
         "30,6,61,617,617|30,,,,0005"},
        {"format_datetime",
         "ds",
         {"0001-01-01|2019-06-15 13:09", "=y/yyyy d/dd m_mm h"},
         "1/0001 1/01 0_00 12|19/2019 15/15 9_09 1"},
        {"format_timespan", "ts", {"29.09:00:05.12345", "=dd.hh:mm:ss:FF"}, "29.09:00:05:12"},
        {"format_timespan",
         "ts",
         {"29.09:00:05.12345|-01:00:00|null", "=ddd.h:mm:ss [fffffff]"},
         "029.9:00:05 [1234500]|-000.1:00:00 [0000000]|"},
    };
    COLUMN_CASES(cases);
}

Test(datetime, zones) {
    static const column_case cases[] = {
        {"datetime_utc_to_local",
         "ds",
         {"2022-07-11 22:18:48.467862|2022-12-11 22:00", "=US/Pacific"},
         "2022-07-11T15:18:48.4678620Z|2022-12-11T14:00:00.0000000Z"},
        {"datetime_utc_to_local",
         "ds",
         {"2022-07-11 22:18:48.467862|2050-07-01|1900-01-01", "=Australia/Canberra"},
         "2022-07-12T08:18:48.4678620Z|2050-07-01T10:00:00.0000000Z|1900-01-01T10:00:00.0000000Z"},
        {"datetime_local_to_utc",
         "ds",
         {"2020-02-02 20:02:20|2020-02-02 20:02:20|2020-02-02 20:02:20",
          "Europe/Paris|America/Chicago|US/Pacific"},
         "2020-02-02T19:02:20.0000000Z|2020-02-03T02:02:20.0000000Z|2020-02-03T04:02:20.0000000Z"},
        {"datetime_local_to_utc",
         "ds",
         {"2022-03-27 01:00|2022-03-27 02:00|2022-03-27 03:00|2022-03-27 04:00",
          "=Europe/Brussels"},
         "2022-03-27T00:00:00.0000000Z|2022-03-27T00:00:00.0000000Z|2022-03-27T01:00:00.0000000Z|"
         "2022-03-27T02:00:00.0000000Z"},
        {"datetime_utc_to_local",
         "ds",
         {"2060-03-28 00:59:59|2060-03-28 01:00", "=Europe/Brussels"},
         "2060-03-28T01:59:59.0000000Z|2060-03-28T03:00:00.0000000Z"},
    };
    COLUMN_CASES(cases);
}

/* A zone that only a row names makes that row null. */
Test(datetime, unknown_zone_of_a_row) {
    static const column_case c = {"datetime_local_to_utc",
                                  "ds",
                                  {"2020-02-02|2020-02-02", "UTC|No/Such"},
                                  "2020-02-02T00:00:00.0000000Z|null"};
    column_run(&c, 0, 2, 100, false);
}

static trawl_status prepare_with(const char *name, const char *types, const char *first,
                                 const char *second, trawl_error *err) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_value values[2];
    const tr_value *consts[] = {&values[0], &values[1]};
    tr_type kinds[2] = {column_type(types[0]), column_type(types[1])};
    tr_span spans[2] = {{0, 0}, {0, 0}};
    values[0] = column_value(arena, kinds[0], first, strlen(first));
    values[1] = column_value(arena, kinds[1], second, strlen(second));
    tr_prepare p = {arena, 2, kinds, consts, spans, NULL};
    const void *bound = NULL;
    trawl_status status = column_row(name, types)->prepare(&p, &bound, err);
    tr_arena_free(arena);
    return status;
}

Test(datetime, refusals) {
    trawl_error err = TRAWL_ERROR_INIT;
    cr_assert_eq(prepare_with("datetime_part", "sd", "moon", "2020-01-01", &err), TRAWL_E_SEMANTIC);
    cr_assert(strstr(err.message, "moon"));
    cr_assert_eq(prepare_with("format_datetime", "ds", "2020-01-01", "yyyy-QQ", &err),
                 TRAWL_E_SEMANTIC);
    cr_assert(strstr(err.message, "QQ"));
    cr_assert_eq(prepare_with("format_datetime", "ds", "2020-01-01", "yyy", &err),
                 TRAWL_E_SEMANTIC);
    cr_assert_eq(prepare_with("format_timespan", "ts", "1h", "MM", &err), TRAWL_E_SEMANTIC);
    cr_assert_eq(prepare_with("datetime_utc_to_local", "ds", "2020-01-01", "../etc/passwd", &err),
                 TRAWL_E_SEMANTIC);
    cr_assert_eq(prepare_with("datetime_utc_to_local", "ds", "2020-01-01", "Europe/Atlantis", &err),
                 TRAWL_E_SEMANTIC);
    cr_assert(strstr(err.message, "Atlantis"));
}

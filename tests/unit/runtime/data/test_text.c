/* Text forms of the scalar types, both ways. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/data/text.h"

static tr_arena *arena;

static void setup(void) {
    arena = tr_arena_new(NULL);
}
static void teardown(void) {
    tr_arena_free(arena);
}

TestSuite(text, .init = setup, .fini = teardown);

static const char *text_of(bool ok, tr_buf *buf) {
    cr_assert(ok);
    cr_assert(tr_buf_put_char(buf, 0));
    return buf->bytes;
}

static const char *real_text(double v) {
    tr_buf buf;
    tr_buf_start(&buf, arena);
    return text_of(tr_format_real(&buf, v), &buf);
}

static const char *datetime_text(const char *text) {
    int64_t ticks;
    if (!tr_parse_datetime(text, strlen(text), &ticks))
        return "null";
    tr_buf buf;
    tr_buf_start(&buf, arena);
    return text_of(tr_format_datetime(&buf, ticks), &buf);
}

static const char *timespan_text(const char *text) {
    int64_t ticks;
    if (!tr_parse_timespan(text, strlen(text), &ticks))
        return "null";
    tr_buf buf;
    tr_buf_start(&buf, arena);
    return text_of(tr_format_timespan(&buf, ticks), &buf);
}

Test(text, longs) {
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {" -12 ", true, -12},
        {"+7", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"0xff", true, 255},
        {"0XFFFFFFFFFFFFFFFF", true, -1},
        {"0x", false, 0},
        {"", false, 0},
        {"1.0", false, 0},
        {"1e3", false, 0},
        {"--1", false, 0},
        {"0x1ffffffffffffffff", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t v = 0;
        bool ok = tr_parse_long(cases[i].text, strlen(cases[i].text), &v);
        cr_assert_eq(ok, cases[i].ok, "%s", cases[i].text);
        cr_assert(!ok || v == cases[i].value, "%s", cases[i].text);
    }
    tr_buf buf;
    tr_buf_start(&buf, arena);
    cr_assert_str_eq(text_of(tr_format_long(&buf, INT64_MIN), &buf), "-9223372036854775808");
}

Test(text, reals_print_shortest) {
    static const struct {
        double v;
        const char *text;
    } cases[] = {
        {1.0, "1"},
        {0.0, "0"},
        {-0.0, "-0"},
        {0.1, "0.1"},
        {-2.5, "-2.5"},
        {1e14, "100000000000000"},
        {1e15, "1E+15"},
        {123456789012345680.0, "1.2345678901234568E+17"},
        {0.0001, "0.0001"},
        {0.00001, "1E-05"},
        {2.20904969985854E-05, "2.20904969985854E-05"},
        {1e20, "1E+20"},
        {1.7976931348623157e308, "1.7976931348623157E+308"},
        {5e-324, "5E-324"},
        {2.2250738585072014e-308, "2.2250738585072014E-308"},
        {1.0 / 3, "0.3333333333333333"},
        {9007199254740993.0, "9.007199254740992E+15"},
        {32.15620994567871, "32.15620994567871"},
        {100, "100"},
        {2251799813685248.5, "2.2517998136852485E+15"},
        {NAN, "NaN"},
        {INFINITY, "Infinity"},
        {-INFINITY, "-Infinity"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_str_eq(real_text(cases[i].v), cases[i].text);
}

Test(text, reals_parse) {
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"1", 1},
        {"-1.5", -1.5},
        {" 1e3 ", 1000},
        {".5", 0.5},
        {"5.", 5},
        {"0x10", 16},
        {"inf", INFINITY},
        {"-Infinity", -INFINITY},
        {"1e400", INFINITY},
        {"1e-400", 0},
        {"5e-324", 5e-324},
        {"2.4703282292062327e-324", 0},
        {"2.4703282292062329e-324", 5e-324},
        {"1.7976931348623158e308", 1.7976931348623157e308},
        {"9007199254740993", 9007199254740992.0},
        {"9007199254740993.00000000000000000000000000001", 9007199254740994.0},
        {"179769313486231580793728971405301e276", 1.7976931348623157e308},
        {"0.000000000000000000000000000000000000000000000000000000001", 1e-57},
        {"123456789012345678901234567890", 123456789012345678901234567890.0},
        {"8.5e22", 8.5e22},
        {"7.2057594037927933e16", 72057594037927936.0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double v = 0;
        cr_assert(tr_parse_real(cases[i].text, strlen(cases[i].text), &v), "%s", cases[i].text);
        cr_assert(v == cases[i].value, "%s gives %.17g", cases[i].text, v);
    }
    static const char *const bad[] = {"", "-", ".", "e5", "1e", "1e+", "1..2", "1x", "nanx", "- 1"};
    double v;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_not(tr_parse_real(bad[i], strlen(bad[i]), &v), "%s", bad[i]);
    cr_assert(tr_parse_real("NaN", 3, &v) && v != v);
}

/* Shortest: no shorter %.{n}g reads back the same; ours reads back the same. */
Test(text, reals_survive_the_round_trip) {
    uint64_t state = 12345;
    for (int i = 0; i < 200000; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint64_t bits = state ^ state >> 29;
        double v, again, c;
        if (i % 3 == 1)
            v = (double)(int64_t)(bits >> 20) / 1000;
        else if (i % 3 == 2)
            v = (double)(bits >> 11) * 0x1p-40;
        else
            memcpy(&v, &bits, 8);
        if (v - v != 0)
            continue;
        const char *text = real_text(v);
        c = strtod(text, NULL);
        cr_assert(memcmp(&c, &v, 8) == 0, "%.17g printed %s", v, text);
        cr_assert(tr_parse_real(text, strlen(text), &again));
        cr_assert(memcmp(&again, &v, 8) == 0, "%s read %.17g", text, again);
        size_t digits = 0;
        for (const char *p = text; *p && *p != 'E'; p++)
            digits += *p >= '0' && *p <= '9' && (digits || *p != '0');
        if (digits > 1 && i % 16 == 0 && strchr(text, '.')) {
            char shorter[400];
            snprintf(shorter, sizeof shorter, "%.*g", (int)digits - 1, v);
            cr_assert(strtod(shorter, NULL) != v, "%s is longer than %s", text, shorter);
        }
        char longer[64];
        snprintf(longer, sizeof longer, "%.*g", 15 + i % 6, v);
        cr_assert(tr_parse_real(longer, strlen(longer), &again));
        c = strtod(longer, NULL);
        cr_assert(memcmp(&again, &c, 8) == 0, "%s read %.17g", longer, again);
        if (i % 1000 == 0)
            tr_arena_reset(arena);
    }
}

Test(text, datetimes) {
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"2014-05-25T08:20:03.123456Z", "2014-05-25T08:20:03.1234560Z"},
        {"2014-05-25T08:20:03.123456", "2014-05-25T08:20:03.1234560Z"},
        {"2014-05-25T08:20", "2014-05-25T08:20:00.0000000Z"},
        {"2014-11-08 15:55:55.123456Z", "2014-11-08T15:55:55.1234560Z"},
        {"2014-11-08", "2014-11-08T00:00:00.0000000Z"},
        {" 2014-11-08 ", "2014-11-08T00:00:00.0000000Z"},
        {"2014-11-8", "2014-11-08T00:00:00.0000000Z"},
        {"2015.12.31 23:59:59.9", "2015-12-31T23:59:59.9000000Z"},
        {"2015-12-31 23:59:59.123456789", "2015-12-31T23:59:59.1234567Z"},
        {"Sat, 8 Nov 14 15:05:02 GMT", "2014-11-08T15:05:02.0000000Z"},
        {"Sat, 8 Nov 14 15:05", "2014-11-08T15:05:00.0000000Z"},
        {"8 Nov 14 15:05 GMT", "2014-11-08T15:05:00.0000000Z"},
        {"Saturday, 08-Nov-14 15:05:02 GMT", "2014-11-08T15:05:02.0000000Z"},
        {"08-Nov-14 15:05", "2014-11-08T15:05:00.0000000Z"},
        {"Mon, 15 Jun 2009 13:45:30 EST", "2009-06-15T18:45:30.0000000Z"},
        {"2014-11-08 15:05:25 GMT", "2014-11-08T15:05:25.0000000Z"},
        {"2014-11-08T15:05 GMT", "2014-11-08T15:05:00.0000000Z"},
        {"2020-01-01T00:00:00+02:30", "2019-12-31T21:30:00.0000000Z"},
        {"2020-01-01T00:00:00 -0800", "2020-01-01T08:00:00.0000000Z"},
        {"2020-01-01T00:00:00+02", "2019-12-31T22:00:00.0000000Z"},
        {"12-02-2022", "2022-12-02T00:00:00.0000000Z"},
        {"12/2/2022 3:04:05 PM", "2022-12-02T15:04:05.0000000Z"},
        {"12/2/2022 12:04 AM", "2022-12-02T00:04:00.0000000Z"},
        {"13-01-2022", "null"},
        {"2022", "2022-01-01T00:00:00.0000000Z"},
        {"2022-03", "2022-03-01T00:00:00.0000000Z"},
        {"20220304", "2022-03-04T00:00:00.0000000Z"},
        {"20220304T101112", "2022-03-04T10:11:12.0000000Z"},
        {"20220304101112", "2022-03-04T10:11:12.0000000Z"},
        {"0001-01-01", "0001-01-01T00:00:00.0000000Z"},
        {"9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"},
        {"0000-01-01", "null"},
        {"2023-02-29", "null"},
        {"2024-02-29", "2024-02-29T00:00:00.0000000Z"},
        {"2024-02-29T24:00:00", "null"},
        {"2024-02-29T12:60:00", "null"},
        {"0001-01-01T00:00:00+01:00", "null"},
        {"hello", "null"},
        {"", "null"},
        {"10:00", "null"},
        {"2024-02-29T", "null"},
        {"2024-02-29 x", "null"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_str_eq(datetime_text(cases[i].text), cases[i].want, "%s gives %s", cases[i].text,
                         datetime_text(cases[i].text));
}

Test(text, timespans) {
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"1d", "1.00:00:00"},
        {"2.5h", "02:30:00"},
        {"3m", "00:03:00"},
        {"4s", "00:00:04"},
        {"5ms", "00:00:00.0050000"},
        {"6microseconds", "00:00:00.0000060"},
        {"7ticks", "00:00:00.0000007"},
        {"15 seconds", "00:00:15"},
        {"2", "2.00:00:00"},
        {"0.5", "12:00:00"},
        {"0.12:34:56.7", "12:34:56.7000000"},
        {"-1.02:03:04.5678901", "-1.02:03:04.5678901"},
        {"10:20", "10:20:00"},
        {"1:02:03:04", "1.02:03:04"},
        {"24:00:00", "null"},
        {"1w", "null"},
        {"", "null"},
        {"x", "null"},
        {"10:60:00", "null"},
        {"10675199.02:48:05.4775807", "10675199.02:48:05.4775807"},
        {"99999999999d", "null"},
        {"12345678.1:03:04", "null"},
        {"-0.1ms", "-00:00:00.0001000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_str_eq(timespan_text(cases[i].text), cases[i].want, "%s gives %s", cases[i].text,
                         timespan_text(cases[i].text));
    tr_buf buf;
    tr_buf_start(&buf, arena);
    cr_assert_str_eq(text_of(tr_format_timespan(&buf, INT64_MIN), &buf),
                     "-10675199.02:48:05.4775808");
}

Test(text, guids_and_bools) {
    tr_guid g;
    tr_buf buf;
    static const char *const good[] = {
        "74be27de-1e4e-49d9-b579-fe0b331d3642", "{74BE27DE-1e4e-49d9-b579-fe0b331d3642}",
        "(74be27de-1e4e-49d9-b579-fe0b331d3642)", "74be27de1e4e49d9b579fe0b331d3642"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        tr_buf_start(&buf, arena);
        cr_assert(tr_parse_guid(good[i], strlen(good[i]), &g), "%s", good[i]);
        cr_assert_str_eq(text_of(tr_format_guid(&buf, g), &buf), good[0]);
    }
    cr_assert_not(tr_parse_guid("74be27de-1e4e-49d9-b579-fe0b331d364", 35, &g));
    cr_assert_not(tr_parse_guid("74be27de+1e4e-49d9-b579-fe0b331d3642", 36, &g));
    bool b;
    cr_assert(tr_parse_bool("TRUE", 4, &b) && b);
    cr_assert(tr_parse_bool(" 0 ", 3, &b) && !b);
    cr_assert_not(tr_parse_bool("yes", 3, &b));
}

Test(text, addresses_that_text_begins_with) {
    static const struct {
        const char *text;
        size_t bytes, bytes_with_zeros;
        uint32_t address;
    } cases[] = {
        {"10.0.0.255", 10, 10, 0x0a0000ff},
        {"1.2.3.4:80", 7, 7, 0x01020304},
        {"1.2.3.4.5", 7, 7, 0x01020304},
        {"01.2.3.4", 0, 8, 0x01020304},
        {"1.2.3.00", 0, 8, 0x01020300},
        {"1.2.3.1234", 9, 9, 0x0102037b},
        {"1.2.3.256", 0, 0, 0},
        {"1.2.3", 0, 0, 0},
        {"1.2.3.", 0, 0, 0},
        {"1..3.4", 0, 0, 0},
        {"", 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = cases[i].text;
        uint32_t address = 0;
        cr_expect_eq(tr_scan_ipv4(text, strlen(text), false, &address), cases[i].bytes, "%s", text);
        cr_expect_eq(tr_scan_ipv4(text, strlen(text), true, &address), cases[i].bytes_with_zeros,
                     "%s", text);
        cr_expect_eq(address, cases[i].address, "%s: %x", text, address);
    }
}

Test(text, values_and_json) {
    static const struct {
        tr_type type;
        const char *text, *plain, *json;
    } cases[] = {
        {TR_REAL, "1", "1", "1.0"},
        {TR_REAL, "1e20", "1E+20", "1E+20"},
        {TR_REAL, "nan", "NaN", "\"NaN\""},
        {TR_INT, "5", "5", "5"},
        {TR_INT, "3000000000", "", "null"},
        {TR_BOOL, "1", "true", "true"},
        {TR_LONG, "x", "", "null"},
        {TR_STRING, "a\"b\n\x01", "a\"b\n\x01", "\"a\\\"b\\n\\u0001\""},
        {TR_DATETIME, "2020-01-01", "2020-01-01T00:00:00.0000000Z",
         "\"2020-01-01T00:00:00.0000000Z\""},
        {TR_TIMESPAN, "1d", "1.00:00:00", "\"1.00:00:00\""},
        {TR_DECIMAL, "1.50", "1.50", "\"1.50\""},
        {TR_DYNAMIC, "{\"a\": [1, 2.0]}", "{\"a\":[1,2.0]}", "{\"a\":[1,2.0]}"},
        {TR_DYNAMIC, "not json", "not json", "\"not json\""},
        {TR_DYNAMIC, "null", "", "null"},
        {TR_DYNAMIC, "", "", "null"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tr_value v;
        tr_buf plain, json;
        tr_buf_start(&plain, arena);
        tr_buf_start(&json, arena);
        tr_str text = tr_str_make(tr_arena_text(arena, cases[i].text, strlen(cases[i].text)),
                                  (uint32_t)strlen(cases[i].text));
        cr_assert(tr_parse_value(arena, cases[i].type, text, &v));
        cr_assert_str_eq(text_of(tr_format_value(&plain, &v), &plain), cases[i].plain);
        cr_assert_str_eq(text_of(tr_format_json(&json, &v), &json), cases[i].json);
    }
}

Test(text, calendar) {
    tr_civil c;
    int64_t ticks;
    cr_assert(tr_ticks_of_civil(1970, 1, 1, 0, &ticks));
    cr_assert_eq(ticks, TR_TICKS_UNIX);
    cr_assert(tr_ticks_of_civil(9999, 12, 31, TR_TICKS_DAY - 1, &ticks));
    cr_assert_eq(ticks, TR_TICKS_END - 1);
    cr_assert_not(tr_ticks_of_civil(10000, 1, 1, 0, &ticks));
    cr_assert_not(tr_ticks_of_civil(2021, 2, 29, 0, &ticks));
    cr_assert(tr_ticks_of_civil(2024, 12, 31, 5, &ticks));
    tr_civil_of_ticks(ticks, &c);
    cr_assert(c.year == 2024 && c.month == 12 && c.day == 31 && c.tick == 5);
    cr_assert_eq(c.day_of_year, 366);
    cr_assert_eq(c.day_of_week, 2); /* a Tuesday */
    for (int32_t year = 1; year < 10000; year += 7)
        for (uint32_t month = 1; month <= 12; month++) {
            cr_assert(tr_ticks_of_civil(year, month, tr_days_in_month(year, month), 0, &ticks));
            tr_civil_of_ticks(ticks, &c);
            cr_assert(c.year == year && c.month == month && c.day == tr_days_in_month(year, month));
        }
}

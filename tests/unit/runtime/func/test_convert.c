/* Conversions between all types. */
#include "tests/unit/runtime/func/columns.h"

Test(convert, numbers) {
    static const column_case cases[] = {
        {"tolong",
         "s",
         {"123|-5|x||0x10|99999999999999999999|2.5| 7"},
         "123|-5|null|null|16|null|null|7"},
        {"tolong", "r", {"2.9|-2.9|nan|1e30|null"}, "2|-2|null|null|null"},
        {"tolong", "i", {"5|null|-7"}, "5|null|-7"},
        {"tolong", "b", {"true|false|null"}, "1|0|null"},
        {"tolong", "m", {"2.9|-2.9"}, "2|-2"},
        {"tolong", "t", {"1s"}, "10000000"},
        {"tolong", "d", {"0001-01-02"}, "864000000000"},
        {"tolong", "y", {"5|1.9|\"12\"|[1]|null|true"}, "5|1|12|null|null|1"},
        {"toint", "s", {"123|x|3000000000"}, "123|null|null"},
        {"toint", "r", {"2.3|-3e9|null"}, "2|null|null"},
        {"toint", "l", {"5|-2147483649|2147483647"}, "5|null|2147483647"},
        {"toint", "y", {"5|3000000000"}, "5|null"},
        {"toreal", "s", {"123.4|x|1e3|"}, "123.4|null|1000|null"},
        {"todouble", "l", {"5|null"}, "5|null"},
        {"toreal", "i", {"5|null"}, "5|null"},
        {"toreal", "m", {"1.5"}, "1.5"},
        {"toreal", "y", {"1|2.5|\"3.5\"|{}"}, "1|2.5|3.5|null"},
        {"todecimal", "s", {"123.45678|x"}, "123.45678|null"},
        {"todecimal", "r", {"0.1|inf"}, "0.1|null"},
        {"todecimal", "l", {"5"}, "5"},
        {"tobool", "s", {"true|false|x|TRUE"}, "true|false|null|true"},
        {"tobool", "l", {"1|123|0|null"}, "true|true|false|null"},
        {"toboolean", "y", {"true|0|\"false\"|[]"}, "true|false|false|null"},
    };
    COLUMN_CASES(cases);
}

Test(convert, others) {
    static const column_case cases[] = {
        {"todatetime",
         "s",
         {"2015-12-31 23:59:59.9|12-02-2022|13-01-2022||2020-01-01T00:00:00Z"},
         "2015-12-31T23:59:59.9000000Z|2022-12-02T00:00:00.0000000Z|null|null|2020-01-01T00:00:00."
         "0000000Z"},
        {"todatetime",
         "y",
         {"\"2015-12-31\"|datetime(2020-01-01)|[]"},
         "2015-12-31T00:00:00.0000000Z|2020-01-01T00:00:00.0000000Z|null"},
        {"todatetime", "l", {"864000000000|-1"}, "0001-01-02T00:00:00.0000000Z|null"},
        {"totimespan", "s", {"0.00:03:00|x|1.02:03:04.5"}, "00:03:00|null|1.02:03:04.5000000"},
        {"totimespan", "t", {"4d"}, "4.00:00:00"},
        {"totimespan", "y", {"\"01:00:00\"|1h|{}"}, "01:00:00|01:00:00|null"},
        {"toguid",
         "s",
         {"0123456789abcdef0123456789abcdef|0123456789ab-cdef-0123-456789abcdef|a string|"},
         "01234567-89ab-cdef-0123-456789abcdef|01234567-89ab-cdef-0123-456789abcdef|null|null"},
        {"toguid",
         "y",
         {"\"01234567-89ab-cdef-0123-456789abcdef\"|1"},
         "01234567-89ab-cdef-0123-456789abcdef|null"},
        {"tostring", "l", {"123|-9223372036854775808|0|null"}, "123|-9223372036854775808|0|"},
        {"tostring", "i", {"-5|null"}, "-5|"},
        {"tostring", "r", {"1|2.5|null"}, "1|2.5|"},
        {"tostring", "d", {"2020-01-01|null"}, "2020-01-01T00:00:00.0000000Z|"},
        {"tostring", "t", {"1h|1.02:03:04.5"}, "01:00:00|1.02:03:04.5000000"},
        {"tostring", "s", {"a|"}, "a|"},
        {"tostring", "y", {"[1,\"a\"]|\"x\"|null|1.5"}, "[1,\"a\"]|x||1.5"},
        {"tostring",
         "g",
         {"01234567-89ab-cdef-0123-456789abcdef"},
         "01234567-89ab-cdef-0123-456789abcdef"},
        {"__box", "l", {"5|null"}, "5|null"},
        {"__box", "s", {"{}|a"}, "{}|a"},
        {"__box", "t", {"1h"}, "01:00:00"},
        {"make_datetime", "s", {"2020-01-01|x"}, "2020-01-01T00:00:00.0000000Z|null"},
    };
    COLUMN_CASES(cases);
}

Test(convert, size) {
    static const column_case cases[] = {
        {"estimate_data_size", "ls", {"1|null", "1234567890|"}, "18|8"},
        {"estimate_data_size", "bid", {"true", "=5", "2020-01-01"}, "13"},
    };
    COLUMN_CASES(cases);
}

Test(convert, implicit) {
    static const struct {
        tr_type from, to;
        const char *name;
    } cases[] = {
        {TR_INT, TR_LONG, "tolong"},        {TR_LONG, TR_REAL, "toreal"},
        {TR_REAL, TR_DECIMAL, "todecimal"}, {TR_DYNAMIC, TR_STRING, "tostring"},
        {TR_STRING, TR_DYNAMIC, "__box"},   {TR_DYNAMIC, TR_DATETIME, "todatetime"},
        {TR_STRING, TR_LONG, NULL},         {TR_LONG, TR_INT, NULL},
        {TR_LONG, TR_STRING, NULL},         {TR_LONG, TR_LONG, NULL},
        {TR_LONG, TR_DATETIME, NULL},       {TR_BOOL, TR_LONG, NULL},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const tr_func *f = tr_func_cast(cases[k].from, cases[k].to);
        cr_assert_eq(!f, !cases[k].name, "case %zu", k);
        if (f)
            cr_assert_str_eq(f->name, cases[k].name);
    }
}

/* Operators over numbers, dates and dynamic values, with nulls, constants and columns mixed. */
#include "tests/unit/runtime/func/columns.h"

Test(operators, numbers) {
    static const column_case cases[] = {
        {"+",
         "ll",
         {"1|2|null|9223372036854775807", "10|null|null|1"},
         "11|null|null|-9223372036854775808"},
        {"+", "ll", {"1|2|null", "=10"}, "11|12|null"},
        {"+", "ll", {"=10", "1|2|null"}, "11|12|null"},
        {"+", "rr", {"1.5|null|inf", "2.25|1|-inf"}, "3.75|null|NaN"},
        {"+", "mm", {"0.1|1|null", "0.2|null|1"}, "0.3|null|null"},
        {"-", "ll", {"5|-9223372036854775808", "7|1"}, "-2|9223372036854775807"},
        {"-", "rr", {"=1", "0.25|2"}, "0.75|-1"},
        {"*", "ll", {"6|-3|4611686018427387904", "7|5|2"}, "42|-15|-9223372036854775808"},
        {"*", "rr", {"1.5|2", "=2"}, "3|4"},
        {"/",
         "ll",
         {"7|-7|7|7|-9223372036854775808|null", "2|2|-2|0|-1|3"},
         "3|-3|-3|null|-9223372036854775808|null"},
        {"/", "ll", {"7|-7|0|9223372036854775807", "=3"}, "2|-2|0|3074457345618258602"},
        {"/", "ll", {"7|-7|-9223372036854775808", "=-2"}, "-3|3|4611686018427387904"},
        {"/", "ll", {"7|-9223372036854775808", "=-1"}, "-7|-9223372036854775808"},
        {"/", "ll", {"7|-9223372036854775808", "=1"}, "7|-9223372036854775808"},
        {"/", "ll", {"7|1", "=0"}, "null|null"},
        {"/", "ll", {"=100", "7|0|-3|null"}, "14|null|-33|null"},
        {"/", "rr", {"1|-1|0|1", "2|0|0|null"}, "0.5|-Infinity|NaN|null"},
        {"/", "mm", {"1|1", "4|0"}, "0.25|null"},
        {"%", "ll", {"14|-14|14|-14|5|null", "12|12|-12|-12|0|1"}, "2|10|2|10|null|null"},
        {"%", "ll", {"14|-14|0|-9223372036854775808", "=12"}, "2|10|0|4"},
        {"%", "ll", {"14|-14", "=-12"}, "2|10"},
        {"%", "ll", {"14|-14", "=0"}, "null|null"},
        {"%", "ll", {"=-9223372036854775808", "-1|1|3"}, "0|0|1"},
        {"%", "rr", {"5.5|-5.5|1", "2|2|0"}, "1.5|0.5|NaN"},
        {"%", "mm", {"5.5|-5.5", "2|-2"}, "1.5|0.5"},
        {"neg", "l", {"5|null|-3"}, "-5|null|3"},
        {"neg", "r", {"5|null|-3.5"}, "-5|null|3.5"},
        {"neg", "m", {"5|null|-3.5"}, "-5|null|3.5"},
        {"neg", "t", {"1d|null|-01:00:00"}, "-1.00:00:00|null|01:00:00"},
    };
    COLUMN_CASES(cases);
}

Test(operators, times) {
    static const column_case cases[] = {
        {"+",
         "dt",
         {"2020-01-01|null|9999-12-31", "1d|1d|2d"},
         "2020-01-02T00:00:00.0000000Z|null|null"},
        {"+",
         "td",
         {"=1h", "2020-01-01|2020-06-01"},
         "2020-01-01T01:00:00.0000000Z|2020-06-01T01:00:00.0000000Z"},
        {"+", "tt", {"1d|1h", "2d|null"}, "3.00:00:00|null"},
        {"-",
         "dd",
         {"2019-01-07 21:45:31|2020-01-01", "=1970-01-01"},
         "17903.21:45:31|18262.00:00:00"},
        {"-", "dt", {"2020-01-01|0001-01-01", "=1d"}, "2019-12-31T00:00:00.0000000Z|null"},
        {"-", "tt", {"1h|1h", "30m|2h"}, "00:30:00|-01:00:00"},
        {"*", "tr", {"1h|1h|1h", "1.5|inf|nan"}, "01:30:00|null|null"},
        {"*", "rt", {"=1.5", "1h|null"}, "01:30:00|null"},
        {"*", "lt", {"5|-2", "=1s"}, "00:00:05|-00:00:02"},
        {"*", "tm", {"1h", "1.5"}, "01:30:00"},
        {"/", "tt", {"1d|1h|1h", "5h|1s|0s"}, "4.8|3600|Infinity"},
        {"/", "tl", {"1h|1h", "2|0"}, "00:30:00|null"},
        {"/", "tr", {"1h|1h", "0.5|0"}, "02:00:00|null"},
        {"%", "tt", {"25h|-1h|1h", "1d|1d|0s"}, "01:00:00|23:00:00|null"},
        {"%", "dt", {"2020-01-01 10:00", "=1d"}, "10:00:00"},
    };
    COLUMN_CASES(cases);
}

Test(operators, dynamics) {
    static const column_case cases[] = {
        {"+",
         "yy",
         {"1|1.5|\"a\"|null|1h|datetime(2020-01-01)", "2|1|1|2|1h|1d"},
         "3|2.5|null|null|02:00:00|2020-01-02T00:00:00.0000000Z"},
        {"/", "yy", {"7|7|1h", "2|0|2"}, "3|null|00:30:00"},
        {"-", "yy", {"datetime(2020-01-02)|1", "datetime(2020-01-01)|[1]"}, "1.00:00:00|null"},
        {"neg", "y", {"5|1.5|1h|\"x\""}, "-5|-1.5|-01:00:00|null"},
    };
    COLUMN_CASES(cases);
}

Test(operators, equality) {
    static const column_case cases[] = {
        {"==", "ll", {"1|2|null|null", "1|3|1|null"}, "true|false|false|null"},
        {"!=", "ll", {"1|2|null|null", "1|3|1|null"}, "false|true|true|null"},
        {"==", "ll", {"5|null", "=null"}, "false|null"},
        {"!=", "ll", {"5|null", "=null"}, "true|null"},
        {"==", "ll", {"=5", "5|4|null"}, "true|false|false"},
        {"!=", "ll", {"5|4|null", "=5"}, "false|true|true"},
        {"==", "ii", {"5|4|null", "=5"}, "true|false|false"},
        {"==", "il", {"5|-1|null", "=5"}, "true|false|false"},
        {"==", "il", {"5|-1|null", "=4294967301"}, "false|false|false"},
        {"!=", "il", {"5|-1|null", "=4294967301"}, "true|true|true"},
        {"==", "li", {"5|-1|7|4294967301", "=5"}, "true|false|false|false"},
        {"==", "li", {"5|4294967301", "5|5"}, "true|false"},
        {"==", "rr", {"1|nan|0|null", "1|nan|-0|1"}, "true|false|true|false"},
        {"!=", "rr", {"1|nan|0|null", "1|nan|-0|1"}, "false|true|false|true"},
        {"==", "mm", {"1.0|2|null", "1|3|1"}, "true|false|false"},
        {"==", "dd", {"2020-01-01|2020-01-02", "=2020-01-01"}, "true|false"},
        {"==", "bb", {"true|false|null|null", "true|true|true|null"}, "true|false|false|null"},
        {"!=", "bb", {"true|false|null|null", "true|true|true|null"}, "false|true|true|null"},
        {"==", "ss", {"a|abcde|abcdX||abcd", "=abcde"}, "false|true|false|false|false"},
        {"!=", "ss", {"a|abcde||", "a|abcdf||x"}, "false|true|false|true"},
        {"==", "ss", {"=ab", "ab|abc|"}, "true|false|false"},
        {"==", "ss", {"|a", "="}, "true|false"},
        {"==",
         "gg",
         {"74be27de-1e4e-49d9-b579-fe0b331d3642|null", "=74be27de-1e4e-49d9-b579-fe0b331d3642"},
         "true|false"},
        {"!=",
         "gg",
         {"74be27de-1e4e-49d9-b579-fe0b331d3642|null", "74be27de-1e4e-49d9-b579-fe0b331d3643|null"},
         "true|null"},
        {"==", "bl", {"true|true|false|null", "1|5|0|1"}, "true|false|true|false"},
    };
    COLUMN_CASES(cases);
}

Test(operators, order) {
    static const column_case cases[] = {
        {"<", "ll", {"1|2|3|null", "=2"}, "true|false|false|null"},
        {"<", "ll", {"=2", "1|2|3|null"}, "false|false|true|null"},
        {"<=", "ll", {"1|2|3", "2|2|2"}, "true|true|false"},
        {">", "ll", {"1|2|3", "2|2|2"}, "false|false|true"},
        {">=", "ll", {"1|2|3", "2|2|2"}, "false|true|true"},
        {">=", "ii", {"1|2|3", "2|2|2"}, "false|true|true"},
        {">", "ii", {"1|2|3", "=2"}, "false|false|true"},
        {"<", "il", {"1|-2147483648|null", "=-2147483649"}, "false|false|null"},
        {">", "il", {"1|-2147483648|null", "=-2147483649"}, "true|true|null"},
        {"<", "li", {"1|-9999999999", "=0"}, "false|true"},
        {">", "li", {"=5000000000", "1|null"}, "true|null"},
        {"<", "rr", {"1|nan|inf|null", "2|1|inf|1"}, "true|false|false|null"},
        {">=", "rr", {"1|nan|inf", "=1"}, "true|false|true"},
        {"<=", "rr", {"=1", "1|nan|0.5"}, "true|false|false"},
        {"<", "mm", {"1.05|2", "=1.1"}, "true|false"},
        {">", "dd", {"2020-01-02|2020-01-01", "=2020-01-01"}, "true|false"},
        {"<", "tt", {"1h|1d|null", "=2h"}, "true|false|null"},
        {"<", "bb", {"false|true|false", "true|true|false"}, "true|false|false"},
        {">=", "bb", {"false|true|false", "true|true|false"}, "false|true|true"},
        {"<", "yl", {"1|1.5|\"0\"|[1]|null", "=1"}, "false|false|true|false|null"},
        {">", "yr", {"1|1.5|2", "=1.25"}, "false|true|true"},
        {"<", "yd", {"\"2020-01-01T00:00:00Z\"|datetime(2021-01-01)", "=2020-06-01"}, "true|false"},
        {"==", "yl", {"1|1.5|\"1\"|{\"a\":1}|null", "=1"}, "true|false|true|false|false"},
        {"==", "ys", {"\"a\"|\"b\"|1", "=a"}, "true|false|false"},
        {"==", "sy", {"1|x", "1|1"}, "true|false"},
        {"!=", "yy", {"[1,2]|[1,2]|1", "[1,2]|[1,3]|1.0"}, "false|true|false"},
        {"==", "yb", {"true|false|1", "=true"}, "true|false|true"},
    };
    COLUMN_CASES(cases);
}

Test(operators, ranges) {
    static const column_case cases[] = {
        {"between", "lll", {"49|50|55|56|null", "=50", "=55"}, "false|true|true|false|null"},
        {"!between", "lll", {"49|50|55|56|null", "=50", "=55"}, "true|false|false|true|null"},
        {"between", "lll", {"5|5|5", "1|6|null", "9|9|9"}, "true|false|null"},
        {"between", "ill", {"5|9", "=-5000000000", "=8"}, "true|false"},
        {"between", "ill", {"5|9", "=5000000000", "=8000000000"}, "false|false"},
        {"between", "rrr", {"0.5|nan|2", "=0.5", "=1"}, "true|false|false"},
        {"between", "mmm", {"0.5|2", "=0.5", "=1"}, "true|false"},
        {"between", "ddd", {"2007-07-27|2007-07-31", "=2007-07-27", "=2007-07-30"}, "true|false"},
        {"between",
         "ddt",
         {"2007-07-27|2007-07-30|2007-07-31", "=2007-07-27", "=3d"},
         "true|true|false"},
        {"!between",
         "ddt",
         {"2007-07-27|2007-07-31", "2007-07-27|2007-07-27", "3d|3d"},
         "false|true"},
        {"between", "ttt", {"1h", "0h", "2h"}, "true"},
        {"around", "lll", {"5|7|null", "=4", "=2"}, "true|false|null"},
        {"around",
         "ddt",
         {"2021-01-01 01:29|2021-01-01 01:28", "=2021-01-01 01:30", "=1m"},
         "true|false"},
        {"around", "rrr", {"1|2", "=0.5", "=0.5"}, "true|false"},
    };
    COLUMN_CASES(cases);
}

Test(operators, logic) {
    static const column_case cases[] = {
        {"and",
         "bb",
         {"true|true|true|false|false|null|null", "true|false|null|false|null|null|false"},
         "true|false|null|false|false|null|false"},
        {"or",
         "bb",
         {"true|true|true|false|false|null|null", "true|false|null|false|null|null|true"},
         "true|true|true|false|null|null|true"},
        {"and", "bb", {"true|false|null", "=null"}, "null|false|null"},
        {"or", "bb", {"=true", "true|false|null"}, "true|true|true"},
        {"not", "b", {"true|false|null"}, "false|true|null"},
        {"isnull", "l", {"1|null"}, "false|true"},
        {"isnotnull", "l", {"1|null"}, "true|false"},
        {"isnull", "s", {"|x"}, "false|false"},
        {"isnotnull", "s", {"|x"}, "true|true"},
        {"isnull", "y", {"null|1|[]|{}"}, "true|false|false|false"},
        {"isnan", "r", {"1|nan|inf|null"}, "false|true|false|null"},
        {"isinf", "r", {"1|nan|inf|-inf"}, "false|false|true|true"},
        {"isfinite", "r", {"1|nan|inf|-inf"}, "true|false|false|false"},
    };
    COLUMN_CASES(cases);
}

Test(operators, choice) {
    static const column_case cases[] = {
        {"iff", "bll", {"true|false|null|true", "1|2|3|null", "=9"}, "1|9|9|null"},
        {"iff", "bss", {"true|false|null", "=yes", "=no"}, "yes|no|no"},
        {"iff", "bbb", {"true|false|true", "true|true|null", "=false"}, "true|false|null"},
        {"iif", "bii", {"true|false", "1|2", "3|4"}, "1|4"},
        {"iff", "bmm", {"true|false", "1.5|2", "3|4"}, "1.5|4"},
        {"iff", "bls", {"true|false|null", "1|2|3", "=x"}, "1|x|x"},
        {"iff", "bsd", {"true|false", "a|b", "2020-01-01|null"}, "a|null"},
        {"case",
         "blbll",
         {"true|false|false|null", "1|2|3|4", "true|true|false|true", "10|20|30|40", "=0"},
         "1|20|0|40"},
        {"case",
         "bsbss",
         {"true|false|false", "=Small", "false|true|false", "=Medium", "=Large"},
         "Small|Medium|Large"},
        {"case",
         "bsbll",
         {"true|false|false", "=Small", "false|true|false", "=5", "=6"},
         "Small|5|6"},
        {"coalesce", "lll", {"null|1|null", "42|2|null", "=33"}, "42|1|33"},
        {"coalesce", "sss", {"||a", "|b|c", "x|y|z"}, "x|b|a"},
        {"coalesce", "ll", {"null|1", "null|null"}, "null|1"},
        {"max_of", "llll", {"=10", "=1", "-3|50", "=17"}, "17|50"},
        {"max_of", "ii", {"1|8|null|1|null", "6|1|2|null|null"}, "6|8|2|1|null"},
        {"min_of", "ii", {"5|10|null|1|null", "2|1|3|null|null"}, "2|1|3|1|null"},
        {"min_of", "rr", {"1.5|-1", "=0"}, "0|-1"},
        {"max_of",
         "dd",
         {"2024-12-15|2024-12-17", "=2024-12-16"},
         "2024-12-16T00:00:00.0000000Z|2024-12-17T00:00:00.0000000Z"},
        {"max_of", "ss", {"a|c", "b|b"}, "b|c"},
    };
    COLUMN_CASES(cases);
}

/* Numbers: rounding, bins, bits, special functions. */
#include "tests/unit/runtime/func/columns.h"

Test(math, real_functions) {
    static const column_case cases[] = {
        {"sqrt", "r", {"2|-1|0|null"}, "1.4142135623730951|null|0|null"},
        {"sqrt", "m", {"2.25"}, "1.5"},
        {"exp", "r", {"2|0"}, "7.38905609893065|1"},
        {"exp2", "r", {"3"}, "8"},
        {"exp10", "r", {"3"}, "1000"},
        {"log", "r", {"5|-1|0"}, "1.6094379124341003|null|-inf"},
        {"log2", "r", {"5"}, "2.3219280948873622"},
        {"log10", "r", {"5"}, "0.69897000433601886"},
        {"sin", "r", {"1"}, "0.841470984807897"},
        {"cos", "r", {"1"}, "0.54030230586813977"},
        {"tan", "r", {"1"}, "1.5574077246549023"},
        {"cot", "r", {"1"}, "0.64209261593433065"},
        {"asin", "r", {"1|2"}, "1.5707963267948966|null"},
        {"acos", "r", {"1"}, "0"},
        {"atan", "r", {"1"}, "0.7853981633974483"},
        {"atan2", "rr", {"1|-1", "=1"}, "0.7853981633974483|-0.7853981633974483"},
        {"degrees", "r", {"0.7853981633974483|4.71238898038469|0"}, "45|270|0"},
        {"radians", "r", {"90|180|360"}, "1.5707963267949|3.14159265358979|6.28318530717959"},
        {"sign", "r", {"-42|0|11.2|null"}, "-1|0|1|null"},
        {"pow", "rr", {"2|4", "3|0.5"}, "8|2"},
        {"pow", "mm", {"2", "3"}, "8"},
        {"gamma", "r", {"5"}, "24"},
        {"loggamma", "r", {"5|-0.5"}, "3.1780538303479458|1.2655121234846454"},
        {"erf", "r", {"-3|0|1|2"}, "-0.999977909503001|0|0.842700792949715|0.995322265018953"},
        {"erfc", "r", {"-3|0|1|2"}, "1.999977909503001|1|0.157299207050285|0.00467773498104727"},
        {"beta_cdf",
         "rrr",
         {"0.9|1.5|-10|0.1", "10|10|10|-1", "=20"},
         "0.999999999999959|nan|nan|nan"},
        {"beta_inv", "rrr", {"0.1|1.5|0.1", "10|10|-1", "=20"}, "0.226415022388749|null|nan"},
        {"beta_pdf",
         "rrr",
         {"0.5|1.5|-10|0.1", "10|10|10|-1", "=20"},
         "0.746176019310951|nan|nan|nan"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        column_cases(&cases[k], 1);
}

Test(math, rounding) {
    static const column_case cases[] = {
        {"abs", "l", {"-5|5|null"}, "5|5|null"},
        {"abs", "r", {"-5.5"}, "5.5"},
        {"abs", "m", {"-5.5|1"}, "5.5|1"},
        {"abs", "t", {"-01:00:00"}, "01:00:00"},
        {"ceiling", "r", {"-1.1|0|0.9"}, "-1|0|1"},
        {"ceiling", "m", {"-1.1|0.9"}, "-1|1"},
        {"ceiling", "l", {"7"}, "7"},
        {"ceiling", "i", {"7|null"}, "7|null"},
        {"round", "r", {"2.15|2.5|-2.5"}, "2|3|-3"},
        {"round", "rl", {"2.98765|2.15|-50.55|21.5", "3|1|-2|-1"}, "2.988|2.2|-100|20"},
        {"round", "ll", {"15|-15|14|7|9223372036854775807", "-1|-1|-1|2|-19"}, "20|-20|10|7|0"},
        {"round", "il", {"15|7", "=-1"}, "20|10"},
        {"round", "ml", {"2.15|-50.55", "1|-2"}, "2.2|-100"},
    };
    COLUMN_CASES(cases);
}

Test(math, bins) {
    static const column_case cases[] = {
        {"bin", "rr", {"4.5|-4.5|4.5|null|4.5", "1|1|0|1|-1"}, "4|-5|null|null|null"},
        {"bin", "ll", {"7|-7|10|null", "=5"}, "5|-10|10|null"},
        {"bin", "ll", {"7|-7|10", "5|3|0"}, "5|-9|null"},
        {"bin", "ll", {"7|-7", "=-5"}, "null|null"},
        {"bin",
         "ll",
         {"9223372036854775807|-9223372036854775808", "=1"},
         "9223372036854775807|-9223372036854775808"},
        {"bin", "ii", {"7|-7|-2147483648", "5|5|5"}, "5|-10|null"},
        {"bin", "mm", {"4.5|-4.5", "=1"}, "4|-5"},
        {"bin", "tt", {"16d|-1h", "=7d"}, "14.00:00:00|-7.00:00:00"},
        {"bin",
         "dt",
         {"1970-05-11 13:45:07|9999-12-31|null", "=1d"},
         "1970-05-11T00:00:00.0000000Z|9999-12-31T00:00:00.0000000Z|null"},
        {"bin",
         "dt",
         {"2024-05-15 10:00|2024-05-13", "=7d"},
         "2024-05-13T00:00:00.0000000Z|2024-05-13T00:00:00.0000000Z"},
        {"bin", "dt", {"2024-05-15 10:07:13", "=5m"}, "2024-05-15T10:05:00.0000000Z"},
        {"floor", "rr", {"4.5", "1"}, "4"},
        {"bin_at", "rrr", {"6.5", "2.5", "7"}, "4.5"},
        {"bin_at", "lll", {"6|-1", "=5", "=2"}, "2|-3"},
        {"bin_at", "ttt", {"1h", "=1d", "=12h"}, "-12:00:00"},
        {"bin_at",
         "dtd",
         {"2017-05-15 10:20", "=1d", "=1970-01-01 12:00"},
         "2017-05-14T12:00:00.0000000Z"},
        {"bin_at",
         "dtd",
         {"2017-05-17 10:20|0001-01-01", "=7d", "=2017-06-04"},
         "2017-05-14T00:00:00.0000000Z|null"},
    };
    COLUMN_CASES(cases);
}

Test(math, bits) {
    static const column_case cases[] = {
        {"binary_and", "ll", {"12|null", "=10"}, "8|null"},
        {"binary_or", "ll", {"5", "3"}, "7"},
        {"binary_xor", "ll", {"1", "3"}, "2"},
        {"binary_not", "l", {"100"}, "-101"},
        {"binary_shift_left", "ll", {"1|1|1", "2|65|-1"}, "4|2|null"},
        {"binary_shift_right", "ll", {"8|-8|8", "2|1|-1"}, "2|-4|null"},
        {"bitset_count_ones", "l", {"42|-1"}, "3|64"},
        {"tohex", "l", {"256|-256|0"}, "100|ffffffffffffff00|0"},
        {"tohex", "ll", {"256|256|1", "8|2|99"}, "00000100|100|0000000000000001"},
        {"tohex", "il", {"-256", "8"}, "ffffff00"},
        {"tohex", "i", {"-256"}, "ffffffffffffff00"},
    };
    COLUMN_CASES(cases);
}

/* The page: s1 and s2 of the article on Welch's test, p = 0.021. */
Test(math, welch) {
    static const column_case c[] = {
        {"welch_test",
         "rrrrrr",
         {"20.82", "7.867428571428573", "15", "22.98666666666667", "3.812666666666668", "15"},
         "0.021"}};
    tr_arena *arena = tr_arena_new(NULL);
    tr_value v[6];
    tr_vec args[6], out;
    for (uint32_t a = 0; a < 6; a++) {
        v[a] = column_value(arena, TR_REAL, c->args[a], strlen(c->args[a]));
        cr_assert_eq(tr_vec_of_value(arena, &v[a], &args[a], NULL), TRAWL_OK);
    }
    tr_call call = {.n = 1, .argc = 6, .args = args, .out = &out, .scratch = arena};
    cr_assert_eq(tr_func_run(column_row(c->name, c->types), TR_REAL, &call, NULL), TRAWL_OK);
    cr_assert_float_eq(tr_vec_f64(&out)[0], 0.021, 0.0005);
    tr_arena_free(arena);
}

Test(math, random) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_func_env env = {.seed = 1};
    tr_value n = {.type = TR_LONG, .as.i64 = 10};
    tr_vec arg, out;
    cr_assert_eq(tr_vec_of_value(arena, &n, &arg, NULL), TRAWL_OK);
    tr_call call = {.n = 1000, .argc = 1, .args = &arg, .out = &out, .scratch = arena, .env = &env};
    uint32_t seen = 0;
    cr_assert_eq(tr_func_run(column_row("rand", "l"), TR_REAL, &call, NULL), TRAWL_OK);
    for (uint32_t i = 0; i < 1000; i++) {
        double v = tr_vec_f64(&out)[i];
        cr_assert(v >= 0 && v <= 9 && v == floor(v));
        seen |= 1u << (uint32_t)v;
    }
    cr_assert_eq(seen, 1023u);
    call.argc = 0;
    cr_assert_eq(tr_func_run(column_row("rand", ""), TR_REAL, &call, NULL), TRAWL_OK);
    cr_assert(!out.is_const);
    for (uint32_t i = 0; i < 1000; i++)
        cr_assert(tr_vec_f64(&out)[i] >= 0 && tr_vec_f64(&out)[i] < 1);
    cr_assert_eq(tr_func_run(column_row("new_guid", ""), TR_GUID, &call, NULL), TRAWL_OK);
    const tr_guid *guids = out.data;
    cr_assert(memcmp(&guids[0], &guids[1], sizeof *guids) != 0);
    cr_assert_eq(guids[0].bytes[6] >> 4, 4);
    tr_arena_free(arena);
}

Test(math, units) {
    static const column_case cases[] = {
        {"convert_angle",
         "rss",
         {"1.2|1|0.5", "Degree|x|Tilt", "Arcminute|Degree|Degree"},
         "72|null|30"},
        {"convert_energy", "rss", {"1.2", "=Joule", "=BritishThermalUnit"}, "0.00113738054437598"},
        {"convert_force", "rss", {"1.2", "=Newton", "=Decanewton"}, "0.12"},
        {"convert_length", "rss", {"1.2|null", "=Meter", "=Foot"}, "3.93700787401575|null"},
        {"convert_mass", "rss", {"1.2", "=Kilogram", "=Pound"}, "2.64554714621853"},
        {"convert_speed", "rss", {"1.2", "=MeterPerSecond", "=CentimeterPerHour"}, "432000"},
        {"convert_temperature",
         "rss",
         {"1.2|1.2", "Kelvin|DegreeFahrenheit", "=DegreeCelsius"},
         "-271.95|-17.11111111111111"},
        {"convert_volume", "rss", {"1.2", "=CubicMeter", "=AcreFoot"}, "0.0009728568"},
    };
    COLUMN_CASES(cases);
}

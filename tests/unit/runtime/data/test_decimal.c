/* Decimal arithmetic with values worked out by hand. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/data/decimal.h"
#include "runtime/data/text.h"

static tr_arena *arena;

static void setup(void) {
    arena = tr_arena_new(NULL);
}
static void teardown(void) {
    tr_arena_free(arena);
}

TestSuite(decimal, .init = setup, .fini = teardown);

static tr_decimal of(const char *text) {
    tr_decimal v;
    cr_assert(tr_parse_decimal(text, strlen(text), &v), "%s", text);
    return v;
}

static const char *text_of(tr_decimal v) {
    tr_buf buf;
    tr_buf_start(&buf, arena);
    tr_format_decimal(&buf, v);
    tr_buf_put_char(&buf, 0);
    return buf.bytes;
}

Test(decimal, text) {
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"0", "0"},
        {"-0.00", "0.00"},
        {"1.50", "1.50"},
        {"-.5", "-0.5"},
        {"1e3", "1000"},
        {"1.5e-3", "0.0015"},
        {"9999999999999999999999999999999999", "9999999999999999999999999999999999"},
        {"0.12345678901234567890123456789012345", "0.1234567890123456789012345678901234"},
        {"0.12345678901234567890123456789012355", "0.1234567890123456789012345678901236"},
        {"0.123456789012345678901234567890123450001", "0.1234567890123456789012345678901235"},
        {"1e-40", "0.0000000000000000000000000000000000"},
        {"0e100", "0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_str_eq(text_of(of(cases[i].text)), cases[i].want);
    static const char *const bad[] = {
        "", "-", ".", "1e", "1x", "1.2.3", "1e34", "NaN", "99999999999999999999999999999999999"};
    tr_decimal v;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_not(tr_parse_decimal(bad[i], strlen(bad[i]), &v), "%s", bad[i]);
}

Test(decimal, arithmetic) {
    static const struct {
        char op;
        const char *a, *b, *want; /* NULL: no result */
    } cases[] = {
        {'+', "0.1", "0.2", "0.3"},
        {'+', "-1", "1.5", "0.5"},
        {'+', "9999999999999999999999999999999999", "1", NULL},
        {'+', "9999999999999999999999999999999999", "0.4", "9999999999999999999999999999999999"},
        {'-', "1", "1", "0"},
        {'-', "1", "2.25", "-1.25"},
        {'*', "1.5", "-2", "-3.0"},
        {'*', "12345678901234567", "12345678901234567", "152415787532388345526596755677489"},
        {'*', "1e20", "1e20", NULL},
        {'*', "0.00000000000000000001", "0.00000000000000000001",
         "0.0000000000000000000000000000000000"},
        {'/', "1", "4", "0.25"},
        {'/', "1", "3", "0.3333333333333333333333333333333333"},
        {'/', "2", "3", "0.6666666666666666666666666666666667"},
        {'/', "-10", "5", "-2"},
        {'/', "1", "0", NULL},
        {'/', "0", "7", "0"},
        {'/', "9999999999999999999999999999999999", "0.1", NULL},
        {'%', "14", "12", "2"},
        {'%', "-14", "12", "10"},
        {'%', "14", "-12", "2"},
        {'%', "5.5", "0.4", "0.3"},
        {'%', "1", "0", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tr_decimal a = of(cases[i].a), b = of(cases[i].b), out;
        bool ok = cases[i].op == '+'   ? tr_decimal_add(a, b, &out)
                  : cases[i].op == '-' ? tr_decimal_subtract(a, b, &out)
                  : cases[i].op == '*' ? tr_decimal_multiply(a, b, &out)
                  : cases[i].op == '/' ? tr_decimal_divide(a, b, &out)
                                       : tr_decimal_modulo(a, b, &out);
        cr_assert_eq(ok, cases[i].want != NULL, "%s %c %s", cases[i].a, cases[i].op, cases[i].b);
        if (ok)
            cr_assert_str_eq(text_of(out), cases[i].want);
    }
}

Test(decimal, conversions) {
    int64_t l;
    tr_decimal d;
    cr_assert_str_eq(text_of(tr_decimal_of_long(INT64_MIN)), "-9223372036854775808");
    cr_assert(tr_decimal_to_long(tr_decimal_of_long(INT64_MIN), &l) && l == INT64_MIN);
    cr_assert_not(tr_decimal_to_long(of("9223372036854775808"), &l));
    cr_assert(tr_decimal_to_long(of("-2.9"), &l) && l == -2);
    cr_assert(tr_decimal_of_real(0.1, &d));
    cr_assert_str_eq(text_of(d), "0.1");
    cr_assert(tr_decimal_of_real(1e30, &d));
    cr_assert_not(tr_decimal_of_real(1e40, &d));
    cr_assert_not(tr_decimal_of_real(0.0 / 0.0, &d));
    cr_assert(tr_decimal_to_real(of("-0.1")) == -0.1);
    cr_assert(tr_decimal_to_real(of("9999999999999999999999999999999999")) == 1e34);
}

Test(decimal, rounding_and_order) {
    tr_decimal d;
    cr_assert(tr_decimal_round(of("2.15"), 1, &d));
    cr_assert_str_eq(text_of(d), "2.2");
    cr_assert(tr_decimal_round(of("-50.55"), -2, &d));
    cr_assert_str_eq(text_of(d), "-100");
    cr_assert(tr_decimal_round(of("21.5"), -1, &d));
    cr_assert_str_eq(text_of(d), "20");
    cr_assert(tr_decimal_floor(of("-1.2"), &d));
    cr_assert_str_eq(text_of(d), "-2");
    cr_assert(tr_decimal_floor(of("1.9"), &d));
    cr_assert_str_eq(text_of(d), "1");
    cr_assert_eq(tr_decimal_compare(of("1.50"), of("1.5")), 0);
    cr_assert_lt(tr_decimal_compare(of("-2"), of("1")), 0);
    cr_assert_lt(tr_decimal_compare(of("-2"), of("-1.99")), 0);
    cr_assert_gt(tr_decimal_compare(of("0.1"), of("0.0999999999999999999999999999999")), 0);
    tr_decimal n = tr_decimal_normal(of("1.500")), m = of("1.5");
    cr_assert(memcmp(&n, &m, sizeof n) == 0);
    cr_assert_str_eq(text_of(tr_decimal_negate(of("0"))), "0");
    cr_assert_str_eq(text_of(tr_decimal_negate(of("3"))), "-3");
}

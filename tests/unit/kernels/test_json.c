/* tests/unit/kernels/test_json.c: hand-written values that pin kernels/json/ref.c. */
#include "kernels/kernels.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static tr_json_ops json(void) {
    tr_kernels kernels;
    tr_kernels_fill(&kernels, TR_LEVEL_REF);
    return kernels.json;
}

/* The scanned text with all but the found bytes made '.', to be read beside it. */
static void same_scan(const char *text, const char *want, tr_json_carry *carry) {
    uint32_t out[128 + 64], n = (uint32_t)strlen(text);
    char got[128];
    memset(got, '.', n);
    got[n] = 0;
    uint32_t count = json().scan(text, n, carry, out);
    for (uint32_t i = 0; i < count; i++)
        got[out[i]] = text[out[i]];
    cr_assert_str_eq(got, want);
}

Test(json, structure_and_quotes) {
    tr_json_carry carry = {0, 0, 0};
    same_scan("{\"a\": [1, true], \"b:,\": {}}\n", /**/
              "{\".\":.[.,.....],.\"...\":.{}}\n", &carry);
    cr_assert_eq(carry.in_string, 0);
    cr_assert_eq(carry.flags, 0);
}

Test(json, runs_of_backslashes) {
    tr_json_carry carry = {0, 0, 0};
    same_scan("\"a\\\"b\",", "\"....\",", &carry);   /* one: the quote is escaped */
    same_scan("\"a\\\\\",", "\"...\",", &carry);     /* two: it closes */
    same_scan("\"\\\\\\\",\"", "\".....\"", &carry); /* three */
    cr_assert_eq(carry.flags, TR_JSON_ESCAPE);
    cr_assert_eq(carry.in_string, 0);
}

Test(json, the_carry_joins_blocks) {
    tr_json_carry carry = {0, 0, 0};
    same_scan("[\"a\\", "[\"..", &carry);
    cr_assert_eq(carry.in_string, 1);
    cr_assert_eq(carry.escaped, 1);
    same_scan("\"]\"]", "..\"]", &carry);
    cr_assert_eq(carry.in_string, 0);
    cr_assert_eq(carry.escaped, 0);
}

Test(json, a_newline_in_a_string_is_told) {
    tr_json_carry carry = {0, 0, 0};
    same_scan("\n\t{\"a\n", "\n.{\"..", &carry);
    cr_assert_eq(carry.flags, TR_JSON_CONTROL_IN_STRING);
    cr_assert_eq(carry.in_string, 1);
    carry = (tr_json_carry){0, 0, 0};
    same_scan("\xc3\xa9", "..", &carry);
    cr_assert_eq(carry.flags, TR_JSON_NON_ASCII);
}

/* Text with room after it to read. */
static tr_kernel_str row(const char *text) {
    static char padded[64][128];
    static uint32_t next;
    char *to = padded[next++ % 64];
    memset(to, '7', 128);
    size_t len = strlen(text);
    memcpy(to, text, len);
    return (tr_kernel_str){to, (uint32_t)len, 0};
}

Test(json, longs) {
    static const struct {
        const char *text;
        int64_t value;
        bool ok;
    } cases[] = {
        {"0", 0, true},
        {"-0", 0, true},
        {"-17", -17, true},
        {"007", 7, true},
        {"9223372036854775807", INT64_MAX, true},
        {"9223372036854775808", 0, false},
        {"-9223372036854775808", INT64_MIN, true},
        {"-9223372036854775809", 0, false},
        {"00000000000000000001", 0, false}, /* 20 digits */
        {"", 0, false},
        {"-", 0, false},
        {"+1", 0, false},
        {"1.0", 0, false},
        {" 1", 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tr_kernel_str text = row(cases[i].text);
        int64_t value = 99;
        uint64_t ok;
        json().longs(&text, 1, &value, &ok);
        cr_assert_eq(ok, cases[i].ok, "%s", cases[i].text);
        cr_assert_eq(value, cases[i].value, "%s", cases[i].text);
    }
}

Test(json, reals) {
    static const struct {
        const char *text;
        double value;
        bool ok;
    } cases[] = {
        {"0", 0, true},
        {"-1.5", -1.5, true},
        {"0.1", 0.1, true},
        {"3.14159", 3.14159, true},
        {"1e22", 1e22, true},
        {"1e23", 1e23, true},
        {"1.5E-22", 1.5e-22, true},
        {"2.5e+3", 2500, true},
        {"9007199254740993", 9007199254740992.0, true}, /* 2^53 + 1: halfway, to even */
        {"9007199254740995", 9007199254740996.0, true},
        {"0.30000000000000004", 0.1 + 0.2, true},
        {"9223372036854775807", 9223372036854775808.0, true},
        {"1.7976931348623157e308", 1.7976931348623157e308, true},
        {"1.7976931348623159e308", 0, false}, /* rounds to infinity */
        {"2.2250738585072014e-308", 2.2250738585072014e-308, true},
        {"2.2250738585072011e-308", 0, false}, /* subnormal */
        {"1e-342", 0, false},
        {"0e-342", 0, true},
        {"0e-343", 0, false},
        {"1e309", 0, false},
        {"12345678901234567890", 0, false},      /* 20 digits */
        {"0000000000000000000000.5", 0.5, true}, /* leading zeros are free */
        {"0.0000000000000000000001", 1e-22, true},
        {".5", 0, false},
        {"5.", 0, false},
        {"1e", 0, false},
        {"1e0001", 0, false},
        {"nan", 0, false},
        {"", 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tr_kernel_str text = row(cases[i].text);
        double value = 99;
        uint64_t ok;
        json().reals(&text, 1, &value, &ok);
        cr_assert_eq(ok, cases[i].ok, "%s", cases[i].text);
        cr_assert(value == cases[i].value, "%s gave %.17g", cases[i].text, value);
    }
    tr_kernel_str text = row("-0.0");
    double value = 99;
    uint64_t ok;
    json().reals(&text, 1, &value, &ok);
    cr_assert(ok == 1 && value == 0 && signbit(value));
}

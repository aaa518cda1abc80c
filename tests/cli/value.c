/* tests/cli/value.c: numbers, datetimes and texts of cli/value.c and cli/utf8.c against the C
 * library and hand-written values. Needs nothing of the engine but base. */
#include "cli/value.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/options.h"
#include "cli/utf8.h"

static unsigned passed, failed;

static void check(bool ok, const char *what, const char *found) {
    if (ok) {
        passed++;
        return;
    }
    failed++;
    printf("FAILED %s: %s\n", what, found);
}

static void check_text(const char *expected, char *text, const char *end) {
    text[end - text] = '\0';
    check(strcmp(expected, text) == 0, expected, text);
}

/* Significant digits of a decimal text, without zeros at both ends. */
static int digit_count(const char *text) {
    int digits = 0, zeros = 0;
    for (; *text && *text != 'E' && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (*text == '0' && !digits))
            continue;
        digits++;
        zeros = *text == '0' ? zeros + 1 : 0;
    }
    return digits - zeros;
}

static void check_real(double v) {
    char text[64], shortest[64], message[160];
    *cli_write_real(text, v) = '\0';
    for (int precision = 1; precision <= 17; precision++) {
        snprintf(shortest, sizeof shortest, "%.*g", precision, v);
        if (strtod(shortest, NULL) == v)
            break;
    }
    bool ok = strtod(text, NULL) == v && digit_count(text) == digit_count(shortest);
    if (!ok)
        snprintf(message, sizeof message, "%.17g is written %s", v, text);
    check(ok, "shortest real", ok ? "" : message);
}

static void check_reals(void) {
    uint64_t state = 1;
    for (int i = 0; i < 400000; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint64_t bits = state ^ state >> 29;
        double v;
        if (i % 4 == 0) {
            memcpy(&v, &bits, sizeof v);
        } else if (i % 4 == 1) {
            v = (double)(bits >> 20) / (double)((bits & 0xffff) + 1);
        } else if (i % 4 == 2) {
            v = (double)(bits % 1000000) / 100;
        } else { /* powers of two and their neighbours */
            uint64_t power = (1003 + bits % 80) << 52;
            power += (bits >> 40) % 3 - 1;
            memcpy(&v, &power, sizeof v);
        }
        if (v - v == 0)
            check_real(v);
    }
}

static void check_times(void) {
    static const struct {
        const char *read, *written;
    } cases[] = {
        {"0001-01-01", "0001-01-01T00:00:00.0000000Z"},
        {"2000-02-29T23:59:59.9999999Z", "2000-02-29T23:59:59.9999999Z"},
        {"1900-03-01 10:20", "1900-03-01T10:20:00.0000000Z"},
        {"2026-12-31T00:00:00.5Z", "2026-12-31T00:00:00.5000000Z"},
        {"9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59.9999999Z"},
    };
    static const char *const wrong[] = {"",
                                        "2026",
                                        "2026-13-01",
                                        "1900-02-29",
                                        "2026-01-32",
                                        "2026-01-01T24:00",
                                        "2026-01-01x",
                                        "0000-01-01",
                                        "2026-1-1"};
    char text[64];
    int64_t ticks;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check(cli_read_datetime(cases[i].read, &ticks), "reads", cases[i].read);
        check_text(cases[i].written, text, cli_write_datetime(text, ticks));
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check(!cli_read_datetime(wrong[i], &ticks), "refuses", wrong[i]);
    check_text("-10675199.02:48:05.4775808", text, cli_write_timespan(text, INT64_MIN));
    check_text("00:00:00.0000001", text, cli_write_timespan(text, 1));
    check_text("-9223372036854775808", text, cli_write_long(text, INT64_MIN));
}

static void check_units(void) {
    int64_t v;
    check(cli_read_size("1.5k", &v) && v == 1536, "size", "1.5k");
    check(cli_read_size("2GB", &v) && v == 2000000000, "size", "2GB");
    check(cli_read_size("4096", &v) && v == 4096, "size", "4096");
    check(!cli_read_size("-1", &v) && !cli_read_size("1e", &v) && !cli_read_size("9999999T", &v) &&
              !cli_read_size("", &v) && !cli_read_size("nan", &v),
          "refuses", "sizes");
    check(cli_read_duration("1.5m", &v) && v == INT64_C(90000000000), "time", "1.5m");
    check(cli_read_duration("0", &v) && v == 0, "time", "0");
    check(!cli_read_duration("5", &v) && !cli_read_duration("5 years", &v), "refuses", "times");
}

static void check_utf8(void) {
    static const char *const wrong[] = {"\x80", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80",
                                        "\xe2\x82"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *at = wrong[i];
        uint32_t code = cli_utf8_next(&at, wrong[i] + strlen(wrong[i]));
        check(code == 0xfffd && at == wrong[i] + 1, "refuses bytes", wrong[i]);
    }
    for (uint32_t code = 0; code <= 0x10ffff; code += code < 0x3000 ? 1 : 97) {
        char text[4];
        size_t n = cli_utf8_write(text, code);
        const char *at = text;
        uint32_t expected = code >> 11 == 0x1b ? 0xfffd : code;
        check(cli_utf8_next(&at, text + n) == expected && at == text + n, "code point", "");
    }
    check(cli_text_width("a\xcc\x81\xe6\x97\xa5", 6) == 3, "width", "");
}

int main(void) {
    check_reals();
    check_times();
    check_units();
    check_utf8();
    printf("%u values\n%u passed, %u failed\n", passed + failed, failed == 0, failed != 0);
    return failed != 0;
}

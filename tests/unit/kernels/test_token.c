/* tests/unit/kernels/test_token.c: hand-written values that pin kernels/token/ref.c. */
#include "kernels/kernels.h"

#include <criterion/criterion.h>
#include <string.h>

enum { TEXT_MAX = 100 };

typedef struct {
    uint32_t at[TR_TOKEN_ROOM(TEXT_MAX)], end[TR_TOKEN_ROOM(TEXT_MAX)];
    tr_token_bits bits[TR_TOKEN_WORDS(TEXT_MAX)];
    uint32_t count;
} found;

/* The text is followed by bytes that would change the answer. */
static void find(const char *text, found *out) {
    char room[TEXT_MAX + TR_PAD];
    uint32_t n = (uint32_t)strlen(text);
    tr_kernels kernels;
    tr_kernels_fill(&kernels, TR_LEVEL_REF);
    memset(room, '-', sizeof room);
    memcpy(room, text, n);
    out->count = kernels.token.runs(room, n, out->at, out->end, out->bits);
}

Test(token, runs_are_letters_digits_underscores_and_high_bytes) {
    static const uint32_t at[] = {1, 5, 9, 11, 15}, end[] = {3, 7, 10, 13, 16};
    found got;
    find("/09:@AZ[^_`az{\x7f\x80", &got);
    cr_assert_eq(got.count, 5);
    cr_assert_arr_eq(got.at, at, sizeof at);
    cr_assert_arr_eq(got.end, end, sizeof end);
    cr_assert_eq(got.bits->numbers, 1);
    find("", &got);
    cr_assert_eq(got.count, 0);
    cr_assert_eq(got.bits->numbers | got.bits->mixed | got.bits->signs, 0);
}

Test(token, runs_by_what_they_hold) {
    static const struct {
        const char *text;
        uint64_t numbers, mixed, octets, dotted, signs, groups;
    } cases[] = {
        {"abc 123 a1 1234", 0xa, 0x4, 0x2, 0, 0, 0},
        {"1.22.333.4444 5..6 .7", 0x7f, 0, 0x77, 0xe, 0, 0},
        {"-1 a-2 a_-3 --4 -b -5c", 0x35, 0x80, 0x35, 0, 0xb1, 0},
        {"abcdefgh-12345678-1234567-12345678", 0xe, 0, 0, 0, 0, 0x3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        found got;
        find(cases[i].text, &got);
        cr_expect_eq(got.bits->numbers, cases[i].numbers, "%s: %llx", cases[i].text,
                     (unsigned long long)got.bits->numbers);
        cr_expect_eq(got.bits->mixed, cases[i].mixed, "%s: %llx", cases[i].text,
                     (unsigned long long)got.bits->mixed);
        cr_expect_eq(got.bits->octets, cases[i].octets, "%s: %llx", cases[i].text,
                     (unsigned long long)got.bits->octets);
        cr_expect_eq(got.bits->dotted, cases[i].dotted, "%s: %llx", cases[i].text,
                     (unsigned long long)got.bits->dotted);
        cr_expect_eq(got.bits->signs, cases[i].signs, "%s: %llx", cases[i].text,
                     (unsigned long long)got.bits->signs);
        cr_expect_eq(got.bits->groups, cases[i].groups, "%s: %llx", cases[i].text,
                     (unsigned long long)got.bits->groups);
    }
}

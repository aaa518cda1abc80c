/* tests/unit/kernels/test_terms.c: hand-written values that pin kernels/terms/ref.c, and the hashes
 * that files hold. */
#include "kernels/kernels.h"

#include <criterion/criterion.h>
#include <string.h>

static tr_terms_ops terms(void) {
    tr_kernels kernels;
    tr_kernels_fill(&kernels, TR_LEVEL_REF);
    return kernels.terms;
}

/* The text, with readable bytes behind it that would change the answer. */
static tr_kernel_str row_of(const char *text, char *room) {
    uint32_t len = (uint32_t)strlen(text);
    memset(room, 'x', len + TR_PAD);
    memcpy(room, text, len);
    tr_kernel_str row = {room, len, 0};
    memcpy(&row.head, text, len < 4 ? len : 4);
    return row;
}

static void expect_runs(const char *text, bool high, uint32_t want_count, const char *const *want) {
    char room[300];
    uint32_t hashes[100], recent[TR_TERMS_RECENT] = {0};
    tr_kernel_str row = row_of(text, room);
    tr_terms_ops ops = terms();
    uint32_t count = (high ? ops.high_runs : ops.runs)(&row, 1, recent, hashes);
    cr_assert_eq(count, want_count, "%s: %u runs", text, count);
    for (uint32_t i = 0; i < count; i++)
        cr_assert_eq(hashes[i], tr_terms_hash(want[i], (uint32_t)strlen(want[i])), "%s: run %u",
                     text, i);
}

Test(terms, runs_are_letters_and_digits_three_or_more) {
    expect_runs("", false, 0, NULL);
    expect_runs("ab", false, 0, NULL);
    expect_runs("abc", false, 1, (const char *[]){"abc"});
    expect_runs("Disk_FULL, at 10.20.305", false, 3, (const char *[]){"disk", "full", "305"});
    expect_runs("one two one", false, 2, (const char *[]){"one", "two"});
    expect_runs("caf\xc3\xa9s", false, 1, (const char *[]){"caf"});
    expect_runs("@abc[xyz`{", false, 2, (const char *[]){"abc", "xyz"});
}

Test(terms, high_runs_hold_a_byte_that_may_be_a_letter) {
    expect_runs("plain text", true, 0, NULL);
    expect_runs("caf\xc3\xa9s are \xff!", true, 1, (const char *[]){"caf\xc3\xa9s"});
    expect_runs("\xd0\xb4\xd0\xbe\xd0\xbc-a\x80", true, 1,
                (const char *[]){"\xd0\xb4\xd0\xbe\xd0\xbc"});
}

Test(terms, what_is_remembered_is_left_out) {
    char room[300];
    uint32_t hashes[100], recent[TR_TERMS_RECENT] = {0};
    tr_kernel_str row = row_of("alpha beta", room);
    cr_assert_eq(terms().runs(&row, 1, recent, hashes), 2);
    cr_assert_eq(terms().runs(&row, 1, recent, hashes), 0);
    recent[tr_terms_hash("beta", 4) % TR_TERMS_RECENT] = 1;
    cr_assert_eq(terms().runs(&row, 1, recent, hashes), 1);
    cr_assert_eq(hashes[0], tr_terms_hash("beta", 4));
}

/* Files hold these: if one changes, the format has changed. */
Test(terms, stored_hashes_stay) {
    static const struct {
        const char *run;
        uint32_t hash;
    } cases[] = {
        {"abc", 0x2eee5b7},
        {"exception", 0x21038f17},
        {"91c6c914", 0xdcba26ac},
        {"0123456789abcdef", 0x6a5c6627},
        {"bafyreideovneeekywbdp5jgz4wxlw5uqyrliimmf2eomxm6slfancr5jnx", 0xa39a94b2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_eq(tr_terms_hash(cases[i].run, (uint32_t)strlen(cases[i].run)), cases[i].hash,
                     "%s: 0x%x", cases[i].run,
                     tr_terms_hash(cases[i].run, (uint32_t)strlen(cases[i].run)));
    cr_assert_eq(tr_terms_hash("EXCEPTION", 9), tr_terms_hash("exception", 9));
    cr_assert_neq(tr_terms_hash("exception", 9), tr_terms_hash("exceptions", 10));
}

Test(terms, grams_are_marked_by_number) {
    static uint8_t map[TR_TERMS_GRAMS];
    char room[300];
    tr_kernel_str rows[2] = {row_of("aBcd", room), row_of("xy", room + 150)};
    terms().grams(rows, 2, map);
    /* 97 * 17125 + 98 * 12309 + 99 * 31911 = 6026596, and 98, 99, 100 likewise 6087941; mod 2^15 */
    cr_assert_eq(map[6026596 % 32768], 1);
    cr_assert_eq(map[6087941 % 32768], 1);
    uint32_t count = 0;
    for (uint32_t g = 0; g < TR_TERMS_GRAMS; g++)
        count += map[g];
    cr_assert_eq(count, 2);
    cr_assert_eq(tr_terms_gram('a', 'b', 'c'), 6026596 % 32768);

    static uint64_t sets[TR_TERMS_GRAMS];
    sets[6026596 % 32768] = 2;
    terms().grams_to_sets(map, 63, sets);
    cr_assert_eq(sets[6026596 % 32768], 1ull << 63 | 2);
    cr_assert_eq(sets[6087941 % 32768], 1ull << 63);
    cr_assert_eq(sets[5], 0);
    cr_assert_eq(map[6026596 % 32768], 0);
}

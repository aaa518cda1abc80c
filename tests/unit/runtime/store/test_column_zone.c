/* The smallest and largest values of pages, and what they tell about bounds. */
#include <math.h>

#include "runtime/store/column_local.h"
#include "tests/unit/runtime/store/columns.h"

static void setup(void) {
    arena = tr_arena_new(NULL);
}
static void teardown(void) {
    tr_arena_free(arena);
}

TestSuite(zone, .init = setup, .fini = teardown);

static tr_value of_long(int64_t v) {
    return (tr_value){.type = TR_LONG, .as.i64 = v};
}
static tr_value of_real(double v) {
    return (tr_value){.type = TR_REAL, .as.real = v};
}
static tr_value of_text(const char *text) {
    tr_str s = {tr_arena_text(arena, text, strlen(text)), (uint32_t)strlen(text), 0};
    return (tr_value){.type = TR_STRING, .as.str = tr_str_make(s.ptr, s.len)};
}
static tr_value null_of(tr_type type) {
    return (tr_value){.type = type, .is_null = true};
}

static tr_zone zone_of(const tr_value *values, uint32_t n) {
    tr_zone zone;
    column *c = column_new(values[0].type, n);
    for (uint32_t i = 0; i < n; i++)
        column_set(c, i, &values[i]);
    tr_zone_of_page(c->pages, n, &zone);
    return zone;
}

static bool may(const tr_zone *zone, tr_value low, tr_value high) {
    tr_scan_bound bound = {.low = low, .high = high};
    return tr_zone_may_meet(zone, &bound);
}

static bool all(const tr_zone *zone, tr_value low, tr_value high) {
    tr_scan_bound bound = {.low = low, .high = high};
    return tr_zone_all_meet(zone, &bound);
}

Test(zone, integers) {
    tr_value values[] = {of_long(5), null_of(TR_LONG), of_long(-3), of_long(9)};
    tr_zone z = zone_of(values, 4);
    tr_value none = null_of(TR_LONG);
    cr_assert(z.has_null && !z.all_null && !z.has_nan);
    cr_assert(z.low.as.i64 == -3 && z.high.as.i64 == 9);
    cr_assert(may(&z, of_long(9), of_long(20)) && may(&z, of_long(-9), of_long(-3)));
    cr_assert(may(&z, of_long(0), of_long(1)) && may(&z, none, none));
    cr_assert(!may(&z, of_long(10), none) && !may(&z, none, of_long(-4)));
    cr_assert_not(all(&z, of_long(-3), of_long(9))); /* a null is there */
    z.has_null = false;
    cr_assert(all(&z, of_long(-3), of_long(9)) && all(&z, none, of_long(9)));
    cr_assert(!all(&z, of_long(-2), none) && !all(&z, none, of_long(8)));
    tr_value listed[] = {of_long(-7), of_long(-4), of_long(10), of_long(12)};
    tr_scan_bound bound = {.low = listed[0], .high = listed[3], .value_count = 4, .values = listed};
    cr_assert_not(tr_zone_may_meet(&z, &bound)); /* none lies in the gap */
    listed[2] = of_long(9);
    cr_assert(tr_zone_may_meet(&z, &bound));
    cr_assert_not(tr_zone_all_meet(&z, &bound));
}

Test(zone, nulls_alone_meet_nothing) {
    tr_value values[] = {null_of(TR_LONG), null_of(TR_LONG)};
    tr_zone z = zone_of(values, 2);
    cr_assert(z.has_null && z.all_null && z.low.is_null && z.high.is_null);
    cr_assert_not(may(&z, null_of(TR_LONG), null_of(TR_LONG)));
}

Test(zone, reals) {
    tr_value values[] = {of_real(-0.0), of_real(2.5)};
    tr_value none = null_of(TR_REAL);
    tr_zone z = zone_of(values, 2);
    cr_assert(z.low.as.real == 0 && !signbit(z.low.as.real) && z.high.as.real == 2.5);
    cr_assert(may(&z, of_real(-0.0), of_real(0.0)) && may(&z, none, of_real(-0.0)));
    cr_assert(all(&z, of_real(0.0), none));
    tr_value odd[] = {of_real((double)NAN), of_real(1)};
    z = zone_of(odd, 2);
    cr_assert(z.has_nan && z.low.as.real == 1 && z.high.as.real == 1);
    cr_assert(may(&z, none, of_real(0))); /* NaN sorts below 0 */
    cr_assert_not(may(&z, of_real(2), none));
    cr_assert(may(&z, of_real((double)NAN), of_real((double)NAN)));
    cr_assert_not(all(&z, none, of_real(5)));
    z = zone_of(odd, 1);
    cr_assert(z.has_nan && !z.all_null && z.low.is_null);
    cr_assert(may(&z, none, of_real(0)) && !may(&z, of_real(0), none));
    tr_value ends[] = {of_real((double)INFINITY), of_real(-(double)INFINITY)};
    z = zone_of(ends, 2);
    cr_assert(may(&z, of_real(1e308), none) && may(&z, none, of_real(-1e308)));
}

Test(zone, texts_are_cut) {
    tr_value values[] = {of_text("sixteen letters and more"), of_text("zzzzzzzzzzzzzzzzz tail"),
                         of_text("sixteen letters and less")};
    tr_zone z = zone_of(values, 3);
    cr_assert(tr_str_is(z.low.as.str, "sixteen letters ") && z.low.as.str.len == 16);
    cr_assert(tr_str_is(z.high.as.str, "zzzzzzzzzzzzzzzz") && z.high_cut);
    tr_value none = of_text("");
    cr_assert(may(&z, of_text("zzzzzzzzzzzzzzzzzzz"), none)); /* begins with what was cut */
    cr_assert_not(may(&z, of_text("zzzzzzzzzzzzzzz{"), none));
    cr_assert(may(&z, none, of_text("sixteen letters ")));
    cr_assert_not(may(&z, none, of_text("sixteen letters")));
    cr_assert(all(&z, of_text("sixteen letters "), none));
    cr_assert_not(all(&z, of_text("sixteen letters a"), none));
    cr_assert_not(all(&z, none, of_text("zzzzzzzzzzzzzzzzzz")));
    cr_assert(all(&z, none, of_text("zzzzzzzzzzzzzzz{")));
    tr_value listed[] = {of_text("a"), of_text("zzzzzzzzzzzzzzzzzz")};
    tr_scan_bound bound = {.low = listed[0], .high = listed[1], .value_count = 2, .values = listed};
    cr_assert(tr_zone_may_meet(&z, &bound));
    bound.values = listed;
    bound.value_count = 1;
    bound.high = listed[0];
    cr_assert_not(tr_zone_may_meet(&z, &bound));
    tr_value empty[] = {of_text(""), of_text("b")};
    z = zone_of(empty, 2);
    cr_assert(z.low.as.str.len == 0 && tr_str_is(z.high.as.str, "b") && !z.high_cut);
    bound = (tr_scan_bound){.low = none, .high = none, .value_count = 1, .values = &none};
    cr_assert(tr_zone_may_meet(&z, &bound) && !tr_zone_all_meet(&z, &bound)); /* == "" */
}

Test(zone, order_of_texts_is_that_of_bytes) {
    static const char *const words[] = {"abcdefgh\xff", "abcdefgh", "abcdefg", "\x80", "z", ""};
    for (uint32_t a = 0; a < 6; a++)
        for (uint32_t b = 0; b < 6; b++) {
            tr_value values[] = {of_text(words[a]), of_text(words[b])};
            tr_zone z = zone_of(values, 2);
            bool swapped = tr_str_compare(values[0].as.str, values[1].as.str) > 0;
            cr_assert(tr_str_equal(z.low.as.str, values[swapped].as.str));
            cr_assert(tr_str_equal(z.high.as.str, values[!swapped].as.str));
        }
}

Test(zone, types_without_a_range_meet_everything) {
    tr_value values[] = {{.type = TR_BOOL, .as.boolean = true}, {.type = TR_BOOL}};
    tr_zone z = zone_of(values, 2);
    cr_assert(!z.all_null && z.low.is_null && z.high.is_null);
    cr_assert(may(&z, values[0], values[0]));
    cr_assert_not(all(&z, values[1], values[0]));
}

Test(zone, widening) {
    tr_value a[] = {of_long(5), null_of(TR_LONG)}, b[] = {of_long(-1)}, c[] = {null_of(TR_LONG)};
    tr_zone z = zone_of(c, 1), more = zone_of(a, 2);
    tr_zone_widen(&z, &more);
    cr_assert(z.has_null && !z.all_null && z.low.as.i64 == 5 && z.high.as.i64 == 5);
    more = zone_of(b, 1);
    tr_zone_widen(&z, &more);
    cr_assert(z.low.as.i64 == -1 && z.high.as.i64 == 5);
    more = zone_of(c, 1);
    tr_zone_widen(&z, &more);
    cr_assert(z.low.as.i64 == -1 && z.high.as.i64 == 5 && !z.all_null);
    tr_value cut[] = {of_text("0123456789abcdefX")}, whole[] = {of_text("0123456789abcdef")};
    z = zone_of(whole, 1);
    more = zone_of(cut, 1);
    cr_assert(!z.high_cut && more.high_cut);
    tr_zone_widen(&z, &more);
    cr_assert(z.high_cut);
    tr_value greater[] = {of_text("1")};
    more = zone_of(greater, 1);
    tr_zone_widen(&z, &more);
    cr_assert(!z.high_cut && tr_str_is(z.high.as.str, "1"));
}

/* Against every row, over random columns of every type that has a range. */
Test(zone, never_says_no_wrongly) {
    static const tr_type types[] = {TR_INT, TR_LONG, TR_REAL, TR_STRING, TR_DATETIME};
    static const char *const words[] = {"",  "aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaab", "ab",
                                        "b", "aaaaaaaaaaaaaaaaa"};
    for (uint32_t round = 0; round < 4000; round++) {
        tr_type type = types[round % 5];
        tr_value v[16];
        for (uint32_t i = 0; i < 16; i++) {
            v[i] = (tr_value){.type = type, .as.i64 = (int64_t)(next_random() % 12) - 6};
            if (type == TR_REAL) {
                static const double odd[] = {(double)NAN, -0.0, 0.0, (double)INFINITY, -1, 1};
                v[i].as.real = odd[next_random() % 6];
            } else if (type == TR_STRING) {
                v[i] = of_text(words[next_random() % 6]);
            }
            v[i].is_null = type != TR_STRING && i < 13 && next_random() % 8 == 0;
        }
        uint32_t n = (uint32_t)(next_random() % 4) + 1;
        tr_zone z = zone_of(v, n);
        qsort(v + 13, 3, sizeof *v, order_values);
        tr_scan_bound bound = {.low = v[13], .high = v[15]};
        if (round % 3 == 0) {
            bound.values = v + 13;
            bound.value_count = 3;
        } else if (round % 3 == 1 && type != TR_STRING) {
            *(round % 2 ? &bound.low : &bound.high) = null_of(type);
        }
        bool any = false, every = true;
        for (uint32_t i = 0; i < n; i++) {
            any |= value_meets(&bound, v + i);
            every &= value_meets(&bound, v + i);
        }
        cr_assert(!any || tr_zone_may_meet(&z, &bound), "round %u", round);
        cr_assert(every || !tr_zone_all_meet(&z, &bound), "round %u", round);
        if (n == 1 && !z.has_nan && type != TR_STRING) /* one value is known exactly */
            cr_assert_eq(tr_zone_may_meet(&z, &bound), any, "round %u", round);
    }
}

/* The arena: alignment, pads, marks, reset, budgets, and the failing n-th allocation. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/os.h"

Test(arena, memory_is_aligned_and_padded) {
    tr_arena *arena = tr_arena_new(NULL);
    unsigned sum = 0;
    for (size_t bytes = 0; bytes < 70000; bytes = bytes * 2 + 1) {
        for (size_t align = 1; align <= 64; align *= 2) {
            char *p = tr_arena_alloc(arena, bytes, align);
            cr_assert(p);
            cr_assert_eq((uintptr_t)p % align, 0);
            memset(p, 1, bytes);
            for (size_t i = 0; i < TR_PAD; i++)
                sum += ((volatile unsigned char *)p)[bytes + i] != 0;
        }
    }
    char *big = tr_arena_alloc(arena, 5u << 20, 64);
    big[(5u << 20) - 1] = 1;
    sum += ((volatile unsigned char *)big)[(5u << 20) + TR_PAD - 1];
    (void)sum;
    tr_arena_free(arena);
}

Test(arena, release_goes_back) {
    tr_budget budget = {0};
    tr_arena *arena = tr_arena_new(&budget);
    char *first = tr_arena_text(arena, "first", 5);
    tr_arena_alloc(arena, 600000, 64);
    tr_arena_mark mark = tr_arena_here(arena);
    size_t held = tr_arena_bytes(arena);
    for (int i = 0; i < 100; i++)
        tr_arena_alloc(arena, 3000, 8);
    tr_arena_alloc(arena, 700000, 64);
    cr_assert_gt(tr_arena_bytes(arena), held);
    tr_arena_release(arena, mark);
    cr_assert_eq(tr_arena_bytes(arena), held);
    cr_assert_eq((int64_t)held, budget.used_bytes);
    cr_assert_str_eq(first, "first");
    tr_arena_free(arena);
    cr_assert_eq(budget.used_bytes, 0);
    cr_assert_gt(budget.peak_bytes, 1300000);
}

Test(arena, reset_settles_on_one_piece) {
    tr_arena *arena = tr_arena_new(NULL);
    size_t held[4];
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 50; i++)
            cr_assert(tr_arena_alloc(arena, 32768, 64));
        held[round] = tr_arena_bytes(arena);
        tr_arena_reset(arena);
    }
    cr_assert_eq(held[2], held[3]);
    cr_assert_eq(held[1], held[2]);
    tr_arena_free(arena);
}

Test(arena, budget_is_a_limit) {
    tr_budget budget = {.limit_bytes = 100000};
    tr_arena *arena = tr_arena_new(&budget);
    cr_assert_null(tr_arena_alloc(arena, 200000, 8));
    cr_assert(tr_arena_alloc(arena, 50000, 8));
    cr_assert_leq(budget.peak_bytes, 200000 + 100000);
    size_t count = 0;
    while (tr_arena_alloc(arena, 1000, 8))
        count++;
    cr_assert_gt(count, 20);
    cr_assert_leq(budget.used_bytes, 100000);
    cr_assert_null(tr_arena_array(arena, SIZE_MAX / 2, 16));
    tr_arena_free(arena);
    cr_assert_eq(budget.used_bytes, 0);
}

Test(arena, the_nth_request_fails) {
    for (uint64_t n = 1; n < 8; n++) {
        tr_os_fault_set(1u << TR_FAULT_ALLOC, n, ENOMEM, false);
        tr_os_use(&tr_os_fault);
        tr_arena *arena = tr_arena_new(NULL);
        uint32_t failed = arena == NULL;
        for (int i = 0; arena && i < 10; i++)
            failed += tr_arena_alloc(arena, 300000, 8) == NULL;
        tr_arena_free(arena);
        tr_os_use(NULL);
        cr_assert_leq(failed, 1);
        cr_assert(n > 3 || failed == 1 || n == 3 || n == 2);
    }
}

Test(arena, keeps_large_pieces_between_rounds) {
    tr_budget budget = {0};
    tr_arena *arena = tr_arena_new(&budget);
    tr_arena_keep(arena, 8 << 20);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 5; i++)
            memset(tr_arena_alloc(arena, 1000000, 8), round, 1000000);
        tr_arena_reset(arena);
        cr_assert_geq(budget.used_bytes, 5000000);
        cr_assert_leq(budget.peak_bytes, 7 << 20, "round %d", round);
        cr_assert_eq((size_t)budget.used_bytes, tr_arena_bytes(arena));
    }
    for (int i = 0; i < 20; i++)
        memset(tr_arena_alloc(arena, 1000000, 8), 1, 1000000);
    tr_arena_reset(arena); /* no more than was asked for */
    cr_assert_leq(budget.used_bytes, 9 << 20);
    tr_arena_free(arena);
    cr_assert_eq(budget.used_bytes, 0);
}

Test(arena, what_is_kept_makes_room_for_other_sizes) {
    tr_budget budget = {.limit_bytes = 6 << 20};
    tr_arena *arena = tr_arena_new(&budget);
    tr_arena_keep(arena, 64 << 20);
    tr_arena_mark mark = tr_arena_here(arena);
    cr_assert(tr_arena_alloc(arena, 4 << 20, 8));
    tr_arena_release(arena, mark);
    cr_assert_geq(budget.used_bytes, 4 << 20);
    cr_assert(tr_arena_alloc(arena, 5 << 20, 8)); /* only without the four */
    tr_arena_free(arena);
    cr_assert_eq(budget.used_bytes, 0);
}

Test(arena, printf_and_text) {
    tr_arena *arena = tr_arena_new(NULL);
    cr_assert_str_eq(tr_arena_printf(arena, "%d-%s", 7, "x"), "7-x");
    cr_assert_str_eq(tr_arena_text(arena, "", 0), "");
    tr_arena_free(arena);
}

Test(buf, grows_and_keeps) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_buf buf;
    tr_buf_start(&buf, arena);
    cr_assert_eq(tr_buf_str(&buf).len, 0);
    for (int i = 0; i < 10000; i++)
        cr_assert(tr_buf_printf(&buf, "%d,", i));
    cr_assert(tr_buf_put_char(&buf, '!'));
    cr_assert(tr_buf_put_text(&buf, "end"));
    cr_assert(memcmp(buf.bytes, "0,1,2,", 6) == 0);
    cr_assert(memcmp(buf.bytes + buf.n - 10, ",9999,!end", 10) == 0);
    tr_arena_free(arena);
}

Test(buf, remembers_failure) {
    tr_budget budget = {.limit_bytes = 20000};
    tr_arena *arena = tr_arena_new(&budget);
    tr_buf buf;
    tr_buf_start(&buf, arena);
    while (tr_buf_put_text(&buf, "0123456789")) {
    }
    cr_assert(buf.failed);
    cr_assert_not(tr_buf_put_char(&buf, 'x'));
    tr_arena_free(arena);
}

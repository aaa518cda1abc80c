/* tests/fault/refuse.c: what stands between the engine and its arenas. */
#include "tests/fault/refuse.h"

#include <stdatomic.h>

#include "runtime/base/arena.h"

void *__real_tr_arena_alloc(tr_arena *arena, size_t bytes, size_t align);
void *__real_tr_arena_zalloc(tr_arena *arena, size_t bytes, size_t align);
void *__real_tr_arena_array(tr_arena *arena, size_t count, size_t size);
char *__real_tr_arena_text(tr_arena *arena, const char *bytes, size_t n);
bool __real_tr_arena_room(tr_arena *arena, void *items, uint32_t count, uint32_t *room,
                          size_t size);
void *__wrap_tr_arena_alloc(tr_arena *arena, size_t bytes, size_t align);
void *__wrap_tr_arena_zalloc(tr_arena *arena, size_t bytes, size_t align);
void *__wrap_tr_arena_array(tr_arena *arena, size_t count, size_t size);
char *__wrap_tr_arena_text(tr_arena *arena, const char *bytes, size_t n);
bool __wrap_tr_arena_room(tr_arena *arena, void *items, uint32_t count, uint32_t *room,
                          size_t size);

static _Atomic int64_t left = INT64_MAX; /* requests until one is refused */
static bool refuse_all;

static bool refused(void) {
    int64_t before = atomic_fetch_sub(&left, 1);
    return before == 1 || (refuse_all && before < 1);
}

void *__wrap_tr_arena_alloc(tr_arena *arena, size_t bytes, size_t align) {
    return refused() ? NULL : __real_tr_arena_alloc(arena, bytes, align);
}

void *__wrap_tr_arena_zalloc(tr_arena *arena, size_t bytes, size_t align) {
    return refused() ? NULL : __real_tr_arena_zalloc(arena, bytes, align);
}

void *__wrap_tr_arena_array(tr_arena *arena, size_t count, size_t size) {
    return refused() ? NULL : __real_tr_arena_array(arena, count, size);
}

char *__wrap_tr_arena_text(tr_arena *arena, const char *bytes, size_t n) {
    return refused() ? NULL : __real_tr_arena_text(arena, bytes, n);
}

bool __wrap_tr_arena_room(tr_arena *arena, void *items, uint32_t count, uint32_t *room,
                          size_t size) {
    return !(count == *room && refused()) && __real_tr_arena_room(arena, items, count, room, size);
}

void refuse_from(int64_t n, bool for_ever) {
    refuse_all = for_ever;
    atomic_store(&left, n);
}

bool refuse_end(void) {
    return atomic_exchange(&left, INT64_MAX) <= 0;
}

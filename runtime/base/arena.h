/* runtime/base/arena.h: memory for everything whose lifetime is query, worker or batch.
 *
 * An arena hands out memory that is freed all at once. It counts against a tr_budget, which may be
 * shared by the arenas of many workers. Running out is an ordinary status, never an abort.
 * One arena is used by one thread at a time; a budget may be shared. */
#ifndef TR_BASE_ARENA_H
#define TR_BASE_ARENA_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/common.h" /* TR_PAD: bytes readable after any text or column buffer */

typedef struct tr_budget {
    _Atomic int64_t used_bytes;
    _Atomic int64_t peak_bytes;
    int64_t limit_bytes; /* <= 0: no limit */
} tr_budget;

typedef struct tr_arena tr_arena;

/** A point to go back to. */
typedef struct tr_arena_mark {
    void *chunk;
    size_t used_bytes;
} tr_arena_mark;

/** budget may be NULL (no limit). Returns NULL when memory is out. */
tr_arena *tr_arena_new(tr_budget *budget);
/** An arena of its own that counts against the same budget; freed on its own, too. */
tr_arena *tr_arena_child(const tr_arena *arena);
/** arena may be NULL. */
void tr_arena_free(tr_arena *arena);
/** Forget everything. Memory for the next round is kept, or taken in one piece when that starts. */
void tr_arena_reset(tr_arena *arena);

/** Keep up to `bytes` of the large pieces that resets and releases give back, and use them again:
 *  for arenas through which much memory passes round by round, so that the system need not hand
 *  out cleared pages each time. What is kept counts against the budget. */
void tr_arena_keep(tr_arena *arena, size_t bytes);

/** Memory aligned to `align` (a power of two, at most 64) and readable (not writable) for TR_PAD
 *  bytes past its end. Not zeroed. NULL only when the budget is spent or the system is out. */
void *tr_arena_alloc(tr_arena *arena, size_t bytes, size_t align);
/** As tr_arena_alloc, zeroed. */
void *tr_arena_zalloc(tr_arena *arena, size_t bytes, size_t align);
/** count * size with an overflow check, zeroed, aligned to 64 when large, else to 16. */
void *tr_arena_array(tr_arena *arena, size_t count, size_t size);
/** Make the newest allocation larger where it lies. False (nothing changed) if it is not the newest
 *  or there is no room behind it. */
bool tr_arena_grow(tr_arena *arena, void *memory, size_t old_bytes, size_t new_bytes);
/** A copy of bytes[0..n) followed by a NUL and TR_PAD readable bytes. NULL when out of memory. */
char *tr_arena_text(tr_arena *arena, const char *bytes, size_t n);
/** printf into the arena. */
char *tr_arena_printf(tr_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Everything allocated after tr_arena_here() is freed by tr_arena_release(). */
tr_arena_mark tr_arena_here(tr_arena *arena);
void tr_arena_release(tr_arena *arena, tr_arena_mark mark);

/** Bytes that the arena holds, used or not. */
size_t tr_arena_bytes(const tr_arena *arena);
/** Stop counting against the budget: the arena is about to outlive it. arena may be NULL. */
void tr_arena_detach(tr_arena *arena);

/** Room for one more item in a list of the arena: where *room (items) is used up by `count` of
 * them, the list at *items moves to one twice as long, at first of 16; the old one stays with the
 * arena. False, and nothing changed, when out of memory. By TR_ROOM. */
bool tr_arena_room(tr_arena *arena, void *items, uint32_t count, uint32_t *room, size_t size);

#define TR_NEW(arena, type)      TR_NEW_N(arena, type, 1)
#define TR_NEW_N(arena, type, n) ((type *)tr_arena_array((arena), (n), sizeof(type)))
#define TR_ROOM(arena, items, count, room)                                                         \
    tr_arena_room((arena), &(items), (count), &(room), sizeof *(items))

#endif

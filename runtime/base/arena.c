/* runtime/base/arena.c: chunked bump allocation. Knows the table of system calls, nothing else.
 *
 * Small requests are cut from chunks that double in size from CHUNK_BYTES_FIRST on; a request that
 * is large next to them gets a block of its own, remembered by a record in the chunk, so that
 * a mark tells both apart by position. Every chunk and block passes through memory_get(), which
 * asks the budget and then the table of system calls: the one place where memory runs out. */
#include "runtime/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/os.h"
#include "runtime/base/poison.h"

enum {
    CHUNK_BYTES_FIRST = 4096,
    CHUNK_BYTES_MAX = 1 << 20,
    CHUNK_BYTES_KEPT_MAX = 32 << 20, /* an arena that is reset keeps at most one such chunk */
    BLOCK_BYTES_MIN = CHUNK_BYTES_MAX / 2,
    KEPT_BYTES_MIN = 64 << 10, /* less is not worth keeping: the allocator has it at hand */
    ALIGN_MAX = 64,
    /* Under AddressSanitizer this many unreadable bytes lie between two allocations' pads. */
    GAP_BYTES = TR_POISON_ON ? 16 : 0,
};

typedef struct chunk {
    struct chunk *older;
    size_t bytes; /* of the whole, this header included */
    size_t used;  /* from the header's start */
    uint64_t number;
} chunk;

typedef struct block {
    struct block *older;
    void *memory;
    size_t bytes;
    uint64_t chunk_number; /* the chunk this record lies in ... */
    size_t chunk_offset;   /* ... and where */
} block;

/* A piece that was given back and waits for its next use; lies at its start. */
typedef struct kept {
    struct kept *next;
    size_t bytes;
} kept;

struct tr_arena {
    tr_budget *budget;
    chunk *newest;
    block *blocks;
    kept *kept;
    size_t kept_bytes, kept_bytes_max;
    size_t next_bytes; /* size of the next chunk */
    size_t held_bytes; /* chunks, blocks and what is kept */
    uint64_t chunk_count;
    char *last; /* the newest small allocation, which may grow in place */
};

static bool budget_take(tr_budget *budget, size_t bytes) {
    if (!budget)
        return true;
    int64_t used =
        atomic_fetch_add_explicit(&budget->used_bytes, (int64_t)bytes, memory_order_relaxed) +
        (int64_t)bytes;
    if (budget->limit_bytes > 0 && used > budget->limit_bytes) {
        atomic_fetch_sub_explicit(&budget->used_bytes, (int64_t)bytes, memory_order_relaxed);
        return false;
    }
    int64_t peak = atomic_load_explicit(&budget->peak_bytes, memory_order_relaxed);
    while (used > peak &&
           !atomic_compare_exchange_weak_explicit(&budget->peak_bytes, &peak, used,
                                                  memory_order_relaxed, memory_order_relaxed)) {
    }
    return true;
}

static void *memory_get(tr_budget *budget, size_t bytes) {
    if (!budget_take(budget, bytes))
        return NULL;
    void *memory = tr_os_now()->alloc(bytes, ALIGN_MAX);
    if (!memory && budget)
        atomic_fetch_sub_explicit(&budget->used_bytes, (int64_t)bytes, memory_order_relaxed);
    return memory;
}

static void memory_put(tr_budget *budget, void *memory, size_t bytes) {
    tr_unpoison(memory, bytes);
    tr_os_now()->free(memory, bytes);
    if (budget)
        atomic_fetch_sub_explicit(&budget->used_bytes, (int64_t)bytes, memory_order_relaxed);
}

static void piece_put(tr_arena *arena, void *memory, size_t bytes) {
    if (bytes < KEPT_BYTES_MIN || arena->kept_bytes + bytes > arena->kept_bytes_max) {
        arena->held_bytes -= bytes;
        memory_put(arena->budget, memory, bytes);
        return;
    }
    kept *piece = memory;
    tr_poison(memory, bytes);
    tr_unpoison(memory, sizeof *piece);
    *piece = (kept){arena->kept, bytes};
    arena->kept = piece;
    arena->kept_bytes += bytes;
}

/* From now on nothing is kept. */
static void drop_kept(tr_arena *arena) {
    arena->kept_bytes_max = 0;
    while (arena->kept) {
        kept piece = *arena->kept;
        arena->kept_bytes -= piece.bytes;
        piece_put(arena, arena->kept, piece.bytes);
        arena->kept = piece.next;
    }
}

/* The smallest kept piece that holds *bytes, unless that wastes more than half of it, else new
 * memory. *bytes comes back as what there is. */
static void *piece_get(tr_arena *arena, size_t *bytes) {
    kept **best = NULL;
    for (kept **at = &arena->kept; *at; at = &(*at)->next)
        if ((*at)->bytes >= *bytes && (*at)->bytes / 2 <= *bytes &&
            (!best || (*at)->bytes < (*best)->bytes))
            best = at;
    if (best) {
        kept *piece = *best;
        *best = piece->next;
        *bytes = piece->bytes;
        arena->kept_bytes -= piece->bytes;
        tr_unpoison(piece, piece->bytes);
        return piece;
    }
    void *memory = memory_get(arena->budget, *bytes);
    if (!memory && arena->kept) {
        drop_kept(arena);
        memory = memory_get(arena->budget, *bytes);
    }
    arena->held_bytes += memory ? *bytes : 0;
    return memory;
}

/* The arena itself lives at the start of its first piece of memory, before any chunk. */
tr_arena *tr_arena_new(tr_budget *budget) {
    tr_arena *arena = memory_get(budget, sizeof(tr_arena));
    if (!arena)
        return NULL;
    *arena = (tr_arena){
        .budget = budget, .next_bytes = CHUNK_BYTES_FIRST, .held_bytes = sizeof(tr_arena)};
    return arena;
}

static void drop_newest_chunk(tr_arena *arena) {
    chunk *gone = arena->newest;
    arena->newest = gone->older;
    piece_put(arena, gone, gone->bytes);
}

static void drop_newest_block(tr_arena *arena) {
    block gone = *arena->blocks;
    arena->blocks = gone.older;
    piece_put(arena, gone.memory, gone.bytes);
}

tr_arena *tr_arena_child(const tr_arena *arena) {
    return tr_arena_new(arena->budget);
}

void tr_arena_free(tr_arena *arena) {
    if (!arena)
        return;
    drop_kept(arena);
    while (arena->blocks)
        drop_newest_block(arena);
    while (arena->newest)
        drop_newest_chunk(arena);
    memory_put(arena->budget, arena, sizeof *arena);
}

void tr_arena_keep(tr_arena *arena, size_t bytes) {
    arena->kept_bytes_max = bytes;
}

void tr_arena_detach(tr_arena *arena) {
    if (!arena || !arena->budget)
        return;
    atomic_fetch_sub_explicit(&arena->budget->used_bytes, (int64_t)arena->held_bytes,
                              memory_order_relaxed);
    arena->budget = NULL;
}

static void chunk_empty(chunk *c) {
    c->used = sizeof(chunk);
    tr_poison((char *)c + sizeof(chunk), c->bytes - sizeof(chunk));
}

/* A round that needed several pieces makes the next one start with a chunk that holds it all. */
void tr_arena_reset(tr_arena *arena) {
    arena->last = NULL;
    if (!arena->newest)
        return;
    if (!arena->newest->older && !arena->blocks) {
        chunk_empty(arena->newest);
        return;
    }
    size_t want = arena->next_bytes;
    while (want < arena->held_bytes && want < CHUNK_BYTES_KEPT_MAX)
        want *= 2;
    while (arena->blocks)
        drop_newest_block(arena);
    while (arena->newest)
        drop_newest_chunk(arena);
    if (!arena->kept_bytes_max) /* else the pieces are at hand anyway */
        arena->next_bytes = want;
}

static chunk *chunk_add(tr_arena *arena, size_t room) {
    size_t least = sizeof(chunk) + room + ALIGN_MAX + TR_PAD + GAP_BYTES;
    size_t bytes = arena->next_bytes;
    while (bytes < least)
        bytes *= 2;
    chunk *c = piece_get(arena, &bytes);
    if (!c && bytes > least) { /* near the end of a budget a snug chunk may still fit */
        bytes = (least + ALIGN_MAX - 1) / ALIGN_MAX * ALIGN_MAX;
        c = piece_get(arena, &bytes);
    }
    if (!c)
        return NULL;
    *c = (chunk){arena->newest, bytes, 0, ++arena->chunk_count};
    chunk_empty(c);
    arena->newest = c;
    if (arena->next_bytes < CHUNK_BYTES_MAX)
        arena->next_bytes *= 2;
    return c;
}

/* Cut from the newest chunk, NULL if it has no room. A pad may overlap the next allocation. */
static void *chunk_cut(chunk *c, size_t bytes, size_t align) {
    size_t at = (c->used + align - 1) & ~(align - 1);
    if (at > c->bytes || c->bytes - at < TR_PAD + GAP_BYTES ||
        c->bytes - at - TR_PAD - GAP_BYTES < bytes)
        return NULL;
    c->used = at + bytes + (GAP_BYTES ? TR_PAD + GAP_BYTES : 0);
    tr_unpoison((char *)c + at, bytes + TR_PAD);
    return (char *)c + at;
}

static void *small_alloc(tr_arena *arena, size_t bytes, size_t align) {
    void *p = arena->newest ? chunk_cut(arena->newest, bytes, align) : NULL;
    if (!p) {
        chunk *c = chunk_add(arena, bytes);
        if (!c)
            return NULL;
        p = chunk_cut(c, bytes, align);
    }
    arena->last = p;
    return p;
}

static void *block_alloc(tr_arena *arena, size_t bytes) {
    if (bytes > SIZE_MAX / 4)
        return NULL;
    size_t whole = (bytes + TR_PAD + ALIGN_MAX - 1) / ALIGN_MAX * ALIGN_MAX;
    block *record = small_alloc(arena, sizeof(block), _Alignof(block));
    if (!record)
        return NULL;
    void *memory = piece_get(arena, &whole);
    if (!memory)
        return NULL;
    *record = (block){arena->blocks, memory, whole, arena->newest->number,
                      (size_t)((char *)record - (char *)arena->newest)};
    arena->blocks = record;
    return memory;
}

void *tr_arena_alloc(tr_arena *arena, size_t bytes, size_t align) {
    TR_ASSERT(align && align <= ALIGN_MAX && (align & (align - 1)) == 0);
    if (bytes >= BLOCK_BYTES_MIN && bytes >= arena->next_bytes / 2) {
        void *p = arena->newest && arena->newest->bytes > CHUNK_BYTES_MAX
                      ? chunk_cut(arena->newest, bytes, align)
                      : NULL;
        if (p)
            arena->last = p;
        return p ? p : block_alloc(arena, bytes);
    }
    return small_alloc(arena, bytes, align);
}

void *tr_arena_zalloc(tr_arena *arena, size_t bytes, size_t align) {
    void *p = tr_arena_alloc(arena, bytes, align);
    return p ? memset(p, 0, bytes) : NULL;
}

void *tr_arena_array(tr_arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return tr_arena_zalloc(arena, bytes, bytes >= 1024 ? 64 : 16);
}

bool tr_arena_room(tr_arena *arena, void *items, uint32_t count, uint32_t *room, size_t size) {
    if (count < *room)
        return true;
    uint32_t more = *room ? *room * 2 : 16;
    void *old, *moved = more > *room ? tr_arena_array(arena, more, size) : NULL;
    if (!moved)
        return false;
    memcpy(&old, items, sizeof old); /* whatever it points to */
    if (count)
        memcpy(moved, old, count * size);
    memcpy(items, &moved, sizeof moved);
    *room = more;
    return true;
}

bool tr_arena_grow(tr_arena *arena, void *memory, size_t old_bytes, size_t new_bytes) {
    if (GAP_BYTES > 0 || !memory || memory != arena->last || new_bytes < old_bytes)
        return false;
    chunk *c = arena->newest;
    size_t at = (size_t)((char *)memory - (char *)c);
    if (at + old_bytes != c->used || c->bytes - at < TR_PAD || c->bytes - at - TR_PAD < new_bytes)
        return false;
    c->used = at + new_bytes;
    return true;
}

char *tr_arena_text(tr_arena *arena, const char *bytes, size_t n) {
    if (n == SIZE_MAX)
        return NULL;
    char *text = tr_arena_alloc(arena, n + 1, 1);
    if (!text)
        return NULL;
    if (n)
        memcpy(text, bytes, n);
    text[n] = 0;
    return text;
}

char *tr_arena_printf(tr_arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        return NULL;
    char *text = tr_arena_alloc(arena, (size_t)n + 1, 1);
    if (!text)
        return NULL;
    va_start(args, format);
    vsnprintf(text, (size_t)n + 1, format, args);
    va_end(args);
    return text;
}

tr_arena_mark tr_arena_here(tr_arena *arena) {
    chunk *c = arena->newest;
    return (tr_arena_mark){c, c ? c->used : 0};
}

void tr_arena_release(tr_arena *arena, tr_arena_mark mark) {
    chunk *keep = mark.chunk;
    uint64_t keep_number = keep ? keep->number : 0;
    while (arena->blocks && (arena->blocks->chunk_number > keep_number ||
                             (arena->blocks->chunk_number == keep_number &&
                              arena->blocks->chunk_offset >= mark.used_bytes)))
        drop_newest_block(arena);
    while (arena->newest != keep)
        drop_newest_chunk(arena);
    if (keep) {
        keep->used = mark.used_bytes;
        tr_poison((char *)keep + keep->used, keep->bytes - keep->used);
    }
    arena->last = NULL;
}

size_t tr_arena_bytes(const tr_arena *arena) {
    return arena->held_bytes;
}

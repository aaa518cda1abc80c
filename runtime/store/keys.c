/* runtime/store/keys.c: a list of keys, oldest first, and a hash table over it. */
#include "runtime/store/keys.h"

#include <pthread.h>

#include "kernels/kernels.h"
#include "runtime/base/os.h"
#include "runtime/data/type.h"

/* Old keys are thrown away when the list has this many. */
enum { LIST_MAX = 2 * TR_KEYS_MAX, LIST_FIRST = 64 };

struct tr_keys {
    pthread_mutex_t lock;
    tr_arena *arena;
    uint32_t count, room;
    tr_key *list;
    uint32_t slot_mask;
    uint32_t *slots;      /* 0: empty, else number in the list + 1 */
    const char *reserved; /* a copy of the text that comes next */
};

trawl_status tr_keys_new(tr_keys **out, trawl_error *err) {
    tr_keys *keys = tr_os_now()->alloc(sizeof *keys, 16);
    if (!keys)
        return tr_fail_memory(err);
    memset(keys, 0, sizeof *keys);
    pthread_mutex_init(&keys->lock, NULL);
    *out = keys;
    return TRAWL_OK;
}

void tr_keys_free(tr_keys *keys) {
    if (!keys)
        return;
    pthread_mutex_destroy(&keys->lock);
    tr_arena_free(keys->arena);
    tr_os_now()->free(keys, sizeof *keys);
}

/* The slot that holds the key, or the empty one where it belongs. */
static uint32_t slot_of(const tr_keys *keys, tr_str text) {
    uint32_t at = tr_kernels_now()->checksum.crc32c(text.ptr, text.len, 0) & keys->slot_mask;
    while (keys->slots[at] && !tr_str_equal(keys->list[keys->slots[at] - 1].text, text))
        at = (at + 1) & keys->slot_mask;
    return at;
}

static bool is_known(const tr_keys *keys, uint32_t i, int64_t now_ticks) {
    return keys->count - i <= TR_KEYS_MAX &&
           now_ticks - keys->list[i].ticks <= TR_KEYS_DAYS * TR_TICKS_DAY;
}

bool tr_keys_find(tr_keys *keys, tr_str text, int64_t now_ticks, uint64_t *sequence) {
    pthread_mutex_lock(&keys->lock);
    uint32_t i = keys->count ? keys->slots[slot_of(keys, text)] : 0;
    bool found = i && is_known(keys, i - 1, now_ticks);
    if (found)
        *sequence = keys->list[i - 1].sequence;
    pthread_mutex_unlock(&keys->lock);
    return found;
}

/* A new arena with the last keys and room for more. */
static bool move_list(tr_keys *keys, uint32_t kept, uint32_t room) {
    tr_arena *arena = tr_arena_new(NULL);
    uint32_t slots = 1;
    while (slots < room * 2)
        slots *= 2;
    tr_key *list = arena ? TR_NEW_N(arena, tr_key, room) : NULL;
    uint32_t *table = list ? TR_NEW_N(arena, uint32_t, slots) : NULL;
    bool ok = table != NULL;
    for (uint32_t i = 0; ok && i < kept; i++) {
        list[i] = keys->list[keys->count - kept + i];
        const char *text = tr_arena_text(arena, list[i].text.ptr, list[i].text.len);
        ok = text != NULL;
        if (ok)
            list[i].text = tr_str_make(text, list[i].text.len);
    }
    if (!ok) {
        tr_arena_free(arena);
        return false;
    }
    tr_arena_free(keys->arena);
    keys->arena = arena;
    keys->list = list;
    keys->room = room;
    keys->slots = table;
    keys->slot_mask = slots - 1;
    keys->count = kept;
    for (uint32_t i = 0; i < kept; i++)
        table[slot_of(keys, list[i].text)] = i + 1;
    return true;
}

trawl_status tr_keys_reserve(tr_keys *keys, tr_str text, trawl_error *err) {
    bool ok = true;
    pthread_mutex_lock(&keys->lock);
    if (keys->count == LIST_MAX)
        ok = move_list(keys, TR_KEYS_MAX, LIST_MAX);
    else if (keys->count == keys->room)
        ok = move_list(keys, keys->count,
                       !keys->room                 ? LIST_FIRST
                       : keys->room > LIST_MAX / 2 ? LIST_MAX
                                                   : keys->room * 2);
    keys->reserved = ok ? tr_arena_text(keys->arena, text.ptr, text.len) : NULL;
    ok = keys->reserved != NULL;
    pthread_mutex_unlock(&keys->lock);
    return ok ? TRAWL_OK : tr_fail_memory(err);
}

void tr_keys_put(tr_keys *keys, tr_str text, uint64_t sequence, int64_t ticks) {
    pthread_mutex_lock(&keys->lock);
    tr_str copy = tr_str_make(keys->reserved, text.len);
    uint32_t at = slot_of(keys, copy);
    keys->list[keys->count++] = (tr_key){copy, sequence, ticks};
    keys->slots[at] = keys->count;
    keys->reserved = NULL;
    pthread_mutex_unlock(&keys->lock);
}

trawl_status tr_keys_list(tr_keys *keys, tr_arena *arena, int64_t now_ticks, const tr_key **out,
                          uint32_t *count, trawl_error *err) {
    pthread_mutex_lock(&keys->lock);
    tr_key *list = TR_NEW_N(arena, tr_key, (size_t)keys->count + 1);
    uint32_t n = 0;
    bool ok = list != NULL;
    for (uint32_t i = 0; ok && i < keys->count; i++) {
        if (!is_known(keys, i, now_ticks))
            continue;
        list[n] = keys->list[i];
        const char *text = tr_arena_text(arena, list[n].text.ptr, list[n].text.len);
        ok = text != NULL;
        if (ok)
            list[n].text = tr_str_make(text, list[n].text.len);
        n++;
    }
    pthread_mutex_unlock(&keys->lock);
    if (!ok)
        return tr_fail_memory(err);
    *out = list;
    *count = n;
    return TRAWL_OK;
}

/* runtime/store/extent_heads.c: opened heads of columns, kept for the next reader.
 *
 * Opening a head means reading it, comparing its checksum, and taking it apart: dictionaries,
 * templates. A reader takes a head, has it alone while it reads the group, and puts it back;
 * another that comes meanwhile opens one of its own. What is kept is limited for the whole process:
 * a head for which there is no room pushes out others of its extent, or is freed. */
#include "runtime/store/extent_heads.h"

enum { KEPT_BYTES_MAX = 128 << 20 };

static _Atomic size_t kept_bytes;

static _Atomic(tr_open_head *) *slot_of(const tr_extent *extent, uint32_t group, uint32_t column) {
    return &extent->heads[(size_t)group * extent->schema.count + column];
}

trawl_status tr_extent_heads_start(tr_extent *extent, trawl_error *err) {
    size_t count = (size_t)extent->facts.group_count * extent->schema.count;
    extent->heads = tr_arena_array(extent->arena, count + 1, sizeof *extent->heads);
    return extent->heads ? TRAWL_OK : tr_fail_memory(err);
}

static trawl_status open_head(const tr_extent *extent, const tr_group *group, uint32_t column,
                              tr_open_head *o, uint64_t *read_bytes, trawl_error *err) {
    const tr_group_column *facts = &group->columns[column];
    uint32_t pages = tr_page_count(group->rows);
    size_t directory = (size_t)pages * 8;
    char *head;
    TR_TRY(tr_extent_read_block(extent, &facts->head, o->arena, "head of a column", &head, err));
    *read_bytes += facts->head.bytes;
    if (facts->head.bytes < directory)
        return tr_extent_damaged(extent, "head of a column", facts->head.offset, err);
    o->page_bytes = (const uint32_t *)(const void *)head;
    o->page_crc = o->page_bytes + pages;
    uint64_t at = facts->head.offset + facts->head.bytes;
    for (uint32_t p = 0; p < pages; p++) {
        o->page_offset[p] = at;
        at += o->page_bytes[p];
    }
    if (at - facts->head.offset - facts->head.bytes != facts->pages_bytes)
        return tr_extent_damaged(extent, "directory of pages", facts->head.offset, err);
    return tr_column_open(o->arena, extent->schema.fields[column].type, group->rows,
                          head + directory, facts->head.bytes - directory, &o->column, err);
}

trawl_status tr_extent_head_take(const tr_extent *extent, uint32_t group, uint32_t column,
                                 tr_arena *local, tr_open_head **out, uint64_t *read_bytes,
                                 trawl_error *err) {
    tr_open_head *o = atomic_exchange(slot_of(extent, group, column), NULL);
    if (o) {
        atomic_fetch_sub(&kept_bytes, tr_arena_bytes(o->arena));
        *out = o;
        return TRAWL_OK;
    }
    tr_arena *arena = tr_arena_child(local);
    o = arena ? TR_NEW(arena, tr_open_head) : NULL;
    if (!o) {
        tr_arena_free(arena);
        return tr_fail_memory(err);
    }
    o->arena = arena;
    trawl_status status = open_head(extent, &extent->groups[group], column, o, read_bytes, err);
    if (status != TRAWL_OK) {
        tr_arena_free(arena);
        return status;
    }
    *out = o;
    return TRAWL_OK;
}

/* Free a head of the extent, if one is kept there. */
static void push_out(_Atomic(tr_open_head *) *slot) {
    tr_open_head *o = atomic_exchange(slot, NULL);
    if (!o)
        return;
    atomic_fetch_sub(&kept_bytes, tr_arena_bytes(o->arena));
    tr_arena_free(o->arena);
}

static bool make_room(const tr_extent *extent, size_t bytes) {
    size_t count = (size_t)extent->facts.group_count * extent->schema.count;
    for (size_t i = 0; i < count && atomic_load(&kept_bytes) + bytes > KEPT_BYTES_MAX; i++)
        push_out(&extent->heads[i]);
    return atomic_load(&kept_bytes) + bytes <= KEPT_BYTES_MAX;
}

void tr_extent_head_put(const tr_extent *extent, uint32_t group, uint32_t column,
                        tr_open_head *head) {
    size_t bytes = tr_arena_bytes(head->arena);
    if (bytes > KEPT_BYTES_MAX / 8 || !make_room(extent, bytes)) {
        tr_arena_free(head->arena);
        return;
    }
    tr_arena_detach(head->arena);
    atomic_fetch_add(&kept_bytes, bytes);
    tr_open_head *other = atomic_exchange(slot_of(extent, group, column), head);
    if (!other)
        return;
    atomic_fetch_sub(&kept_bytes, tr_arena_bytes(other->arena));
    tr_arena_free(other->arena);
}

void tr_extent_head_drop(tr_open_head *head) {
    tr_arena_free(head->arena);
}

void tr_extent_heads_close(tr_extent *extent) {
    size_t count = (size_t)extent->facts.group_count * extent->schema.count;
    for (size_t i = 0; extent->heads && i < count; i++)
        push_out(&extent->heads[i]);
}

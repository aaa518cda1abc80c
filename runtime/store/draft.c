/* runtime/store/draft.c: states in the making, and states. Knows nothing of steps and logs. */
#include "runtime/store/state.h"

#include <pthread.h>

#include "runtime/base/os.h"

/* ---- who holds states ---- */

struct tr_held {
    _Atomic uint64_t users;
    pthread_mutex_t lock;
    tr_snapshot *first;
};

trawl_status tr_held_new(tr_held **out, trawl_error *err) {
    tr_held *held = tr_os_now()->alloc(sizeof *held, 16);
    if (!held)
        return tr_fail_memory(err);
    memset(held, 0, sizeof *held);
    atomic_init(&held->users, 1);
    pthread_mutex_init(&held->lock, NULL);
    *out = held;
    return TRAWL_OK;
}

void tr_held_drop(tr_held *held) {
    if (!held || atomic_fetch_sub_explicit(&held->users, 1, memory_order_acq_rel) != 1)
        return;
    pthread_mutex_destroy(&held->lock);
    tr_os_now()->free(held, sizeof *held);
}

void tr_held_add(tr_held *held, tr_snapshot *state) {
    atomic_fetch_add_explicit(&held->users, 1, memory_order_relaxed);
    state->held = held;
    pthread_mutex_lock(&held->lock);
    state->after = held->first;
    if (held->first)
        held->first->before = state;
    held->first = state;
    pthread_mutex_unlock(&held->lock);
}

static void held_remove(tr_held *held, tr_snapshot *state) {
    pthread_mutex_lock(&held->lock);
    *(state->before ? &state->before->after : &held->first) = state->after;
    if (state->after)
        state->after->before = state->before;
    pthread_mutex_unlock(&held->lock);
    tr_held_drop(held);
}

uint64_t tr_held_oldest(tr_held *held) {
    uint64_t oldest = UINT64_MAX;
    pthread_mutex_lock(&held->lock);
    for (const tr_snapshot *state = held->first; state; state = state->after)
        if (state->catalog.sequence < oldest)
            oldest = state->catalog.sequence;
    pthread_mutex_unlock(&held->lock);
    return oldest;
}

/* ---- drafts ---- */

trawl_status tr_draft_start(tr_draft *draft, tr_files *files, trawl_error *err) {
    *draft = (tr_draft){.arena = tr_arena_new(NULL),
                        .files = files,
                        .name = TR_STR_EMPTY,
                        .pretty_name = TR_STR_EMPTY};
    tr_cat_entries none = {0, NULL};
    trawl_status status = draft->arena ? tr_entries_piece_new(&none, &none, &draft->entries, err)
                                       : tr_fail_memory(err);
    if (status != TRAWL_OK)
        tr_draft_end(draft);
    return status;
}

void tr_draft_end(tr_draft *draft) {
    for (uint32_t i = 0; i < draft->table_count; i++)
        tr_table_piece_drop(draft->tables[i]);
    for (uint32_t i = 0; i < draft->function_count; i++)
        tr_function_piece_drop(draft->functions[i]);
    for (uint32_t i = 0; i < draft->view_count; i++)
        tr_view_piece_drop(draft->views[i]);
    tr_entries_piece_drop(draft->entries);
    tr_arena_free(draft->arena);
    *draft = (tr_draft){.arena = NULL};
}

static bool copy_pieces(tr_draft *draft, const tr_snapshot *state) {
    const tr_catalog *cat = &state->catalog;
    draft->table_room = cat->table_count + 8;
    draft->function_room = cat->function_count + 8;
    draft->view_room = cat->view_count + 8;
    draft->tables = TR_NEW_N(draft->arena, tr_table_piece *, draft->table_room);
    draft->functions = TR_NEW_N(draft->arena, tr_function_piece *, draft->function_room);
    draft->views = TR_NEW_N(draft->arena, tr_view_piece *, draft->view_room);
    if (!draft->tables || !draft->functions || !draft->views)
        return false;
    for (; draft->table_count < cat->table_count; draft->table_count++) {
        draft->tables[draft->table_count] = state->tables[draft->table_count];
        tr_piece_keep(&state->tables[draft->table_count]->piece);
    }
    for (; draft->function_count < cat->function_count; draft->function_count++) {
        draft->functions[draft->function_count] = state->functions[draft->function_count];
        tr_piece_keep(&state->functions[draft->function_count]->piece);
    }
    for (; draft->view_count < cat->view_count; draft->view_count++) {
        draft->views[draft->view_count] = state->views[draft->view_count];
        tr_piece_keep(&state->views[draft->view_count]->piece);
    }
    return true;
}

trawl_status tr_draft_of(tr_draft *draft, tr_files *files, const tr_snapshot *state,
                         trawl_error *err) {
    const tr_catalog *cat = &state->catalog;
    *draft = (tr_draft){.arena = tr_arena_new(NULL),
                        .files = files,
                        .database_id = cat->database_id,
                        .sequence = cat->sequence,
                        .ticks = cat->ticks,
                        .entries = state->entries};
    tr_piece_keep(&state->entries->piece);
    const char *name =
        draft->arena ? tr_arena_text(draft->arena, cat->name.ptr, cat->name.len) : NULL;
    const char *pretty =
        name ? tr_arena_text(draft->arena, cat->pretty_name.ptr, cat->pretty_name.len) : NULL;
    if (!pretty || !copy_pieces(draft, state)) {
        tr_draft_end(draft);
        return tr_fail_memory(err);
    }
    draft->name = tr_str_make(name, cat->name.len);
    draft->pretty_name = tr_str_make(pretty, cat->pretty_name.len);
    return TRAWL_OK;
}

/* The first item whose name is not below `name`; *same tells whether it has that name. */
#define FIND_PLACE(draft, items, item_count, wanted, same)                                         \
    do {                                                                                           \
        uint32_t high_end = (draft)->item_count;                                                   \
        while (at < high_end) {                                                                    \
            uint32_t middle = at + (high_end - at) / 2;                                            \
            if (tr_str_compare((draft)->items[middle]->cat.name, wanted) < 0)                      \
                at = middle + 1;                                                                   \
            else                                                                                   \
                high_end = middle;                                                                 \
        }                                                                                          \
        same = at < (draft)->item_count && tr_str_equal((draft)->items[at]->cat.name, wanted);     \
    } while (0)

static uint32_t place_of_table(const tr_draft *draft, tr_str name, bool *same) {
    uint32_t at = 0;
    FIND_PLACE(draft, tables, table_count, name, *same);
    return at;
}

static uint32_t place_of_function(const tr_draft *draft, tr_str name, bool *same) {
    uint32_t at = 0;
    FIND_PLACE(draft, functions, function_count, name, *same);
    return at;
}

static uint32_t place_of_view(const tr_draft *draft, tr_str name, bool *same) {
    uint32_t at = 0;
    FIND_PLACE(draft, views, view_count, name, *same);
    return at;
}

int32_t tr_draft_table(const tr_draft *draft, tr_str name) {
    bool same;
    uint32_t at = place_of_table(draft, name, &same);
    return same ? (int32_t)at : -1;
}

int32_t tr_draft_function(const tr_draft *draft, tr_str name) {
    bool same;
    uint32_t at = place_of_function(draft, name, &same);
    return same ? (int32_t)at : -1;
}

int32_t tr_draft_view(const tr_draft *draft, tr_str name) {
    bool same;
    uint32_t at = place_of_view(draft, name, &same);
    return same ? (int32_t)at : -1;
}

trawl_status tr_draft_put_table(tr_draft *draft, tr_table_piece *table, trawl_error *err) {
    bool same;
    uint32_t at = place_of_table(draft, table->cat.name, &same);
    if (same) {
        tr_table_piece_drop(draft->tables[at]);
    } else {
        if (!TR_ROOM(draft->arena, draft->tables, draft->table_count, draft->table_room))
            return tr_fail_memory(err);
        memmove(draft->tables + at + 1, draft->tables + at,
                (draft->table_count++ - at) * sizeof *draft->tables);
    }
    draft->tables[at] = table;
    return TRAWL_OK;
}

trawl_status tr_draft_put_function(tr_draft *draft, tr_function_piece *function, trawl_error *err) {
    bool same;
    uint32_t at = place_of_function(draft, function->cat.name, &same);
    if (same) {
        tr_function_piece_drop(draft->functions[at]);
    } else {
        if (!TR_ROOM(draft->arena, draft->functions, draft->function_count, draft->function_room))
            return tr_fail_memory(err);
        memmove(draft->functions + at + 1, draft->functions + at,
                (draft->function_count++ - at) * sizeof *draft->functions);
    }
    draft->functions[at] = function;
    return TRAWL_OK;
}

trawl_status tr_draft_put_view(tr_draft *draft, tr_view_piece *view, trawl_error *err) {
    bool same;
    uint32_t at = place_of_view(draft, view->cat.name, &same);
    if (same) {
        tr_view_piece_drop(draft->views[at]);
    } else {
        if (!TR_ROOM(draft->arena, draft->views, draft->view_count, draft->view_room))
            return tr_fail_memory(err);
        memmove(draft->views + at + 1, draft->views + at,
                (draft->view_count++ - at) * sizeof *draft->views);
    }
    draft->views[at] = view;
    return TRAWL_OK;
}

void tr_draft_remove_table(tr_draft *draft, uint32_t i) {
    tr_table_piece_drop(draft->tables[i]);
    memmove(draft->tables + i, draft->tables + i + 1,
            (--draft->table_count - i) * sizeof *draft->tables);
}

void tr_draft_remove_function(tr_draft *draft, uint32_t i) {
    tr_function_piece_drop(draft->functions[i]);
    memmove(draft->functions + i, draft->functions + i + 1,
            (--draft->function_count - i) * sizeof *draft->functions);
}

void tr_draft_remove_view(tr_draft *draft, uint32_t i) {
    tr_view_piece_drop(draft->views[i]);
    memmove(draft->views + i, draft->views + i + 1,
            (--draft->view_count - i) * sizeof *draft->views);
}

trawl_status tr_draft_drop_file(tr_draft *draft, tr_guid id, bool rows, trawl_error *err) {
    if (!TR_ROOM(draft->arena, draft->dropped, draft->dropped_count, draft->dropped_room))
        return tr_fail_memory(err);
    draft->dropped[draft->dropped_count++] = (tr_dropped){id, rows, draft->sequence, draft->ticks};
    return TRAWL_OK;
}

/* ---- catalogs and states ---- */

/* Room for a catalog's arrays, one after the other. */
static uint32_t catalog_room(const tr_draft *draft) {
    return draft->table_count + draft->function_count + draft->view_count + 3;
}

trawl_status tr_draft_need_spare(tr_draft *draft, trawl_error *err) {
    uint32_t room = catalog_room(draft) + 3;
    if (room <= draft->spare_room)
        return TRAWL_OK;
    const void **spare = TR_NEW_N(draft->arena, const void *, 2 * room);
    if (!spare)
        return tr_fail_memory(err);
    draft->spare = spare;
    draft->spare_room = 2 * room;
    return TRAWL_OK;
}

static void fill_catalog(const tr_draft *draft, const void **room, tr_catalog *out) {
    const tr_cat_table **tables = (const tr_cat_table **)room;
    const tr_cat_function **functions = (const tr_cat_function **)(room + draft->table_count + 1);
    const tr_cat_view **views =
        (const tr_cat_view **)(room + draft->table_count + draft->function_count + 2);
    for (uint32_t i = 0; i < draft->table_count; i++)
        tables[i] = &draft->tables[i]->cat;
    for (uint32_t i = 0; i < draft->function_count; i++)
        functions[i] = &draft->functions[i]->cat;
    for (uint32_t i = 0; i < draft->view_count; i++)
        views[i] = &draft->views[i]->cat;
    *out = (tr_catalog){
        .database_id = draft->database_id,
        .name = draft->name,
        .pretty_name = draft->pretty_name,
        .sequence = draft->sequence,
        .ticks = draft->ticks,
        .table_count = draft->table_count,
        .tables = tables,
        .function_count = draft->function_count,
        .functions = functions,
        .view_count = draft->view_count,
        .views = views,
        .policies = draft->entries->policies,
        .mappings = draft->entries->mappings,
    };
}

/* Steps look at it often and count on it. */
const tr_catalog *tr_draft_catalog(tr_draft *draft) {
    const void **room = TR_NEW_N(draft->arena, const void *, catalog_room(draft));
    fill_catalog(draft, room ? room : draft->spare, &draft->seen);
    return &draft->seen;
}

/* Arrays, names and the tables to scan, in the arena of the state. */
static bool fill_state(const tr_draft *draft, tr_snapshot *state) {
    tr_arena *arena = state->piece.arena;
    const char *name = tr_arena_text(arena, draft->name.ptr, draft->name.len);
    const char *pretty = tr_arena_text(arena, draft->pretty_name.ptr, draft->pretty_name.len);
    const tr_table **seen = TR_NEW_N(arena, const tr_table *, draft->table_count + 1);
    const void **room = TR_NEW_N(arena, const void *, catalog_room(draft));
    state->tables = TR_NEW_N(arena, tr_table_piece *, draft->table_count + 1);
    state->functions = TR_NEW_N(arena, tr_function_piece *, draft->function_count + 1);
    state->views = TR_NEW_N(arena, tr_view_piece *, draft->view_count + 1);
    if (!name || !pretty || !seen || !room || !state->tables || !state->functions || !state->views)
        return false;
    fill_catalog(draft, room, &state->catalog);
    state->catalog.name = tr_str_make(name, draft->name.len);
    state->catalog.pretty_name = tr_str_make(pretty, draft->pretty_name.len);
    for (uint32_t i = 0; i < draft->table_count; i++)
        seen[i] = &draft->tables[i]->seen.table;
    state->database = (tr_database){state->catalog.name, draft->table_count, seen};
    return true;
}

trawl_status tr_draft_freeze(const tr_draft *draft, tr_snapshot **out, trawl_error *err) {
    tr_snapshot *state = TR_PIECE_NEW(tr_snapshot);
    if (!state)
        return tr_fail_memory(err);
    if (!fill_state(draft, state)) {
        tr_arena_free(state->piece.arena);
        return tr_fail_memory(err);
    }
    for (uint32_t i = 0; i < draft->table_count; i++)
        tr_piece_keep(&(state->tables[i] = draft->tables[i])->piece);
    for (uint32_t i = 0; i < draft->function_count; i++)
        tr_piece_keep(&(state->functions[i] = draft->functions[i])->piece);
    for (uint32_t i = 0; i < draft->view_count; i++)
        tr_piece_keep(&(state->views[i] = draft->views[i])->piece);
    tr_piece_keep(&(state->entries = draft->entries)->piece);
    *out = state;
    return TRAWL_OK;
}

tr_snapshot *tr_state_keep(tr_snapshot *state) {
    tr_piece_keep(&state->piece);
    return state;
}

void tr_snapshot_release(tr_snapshot *state) {
    if (!state || !tr_piece_leave(&state->piece))
        return;
    if (state->held)
        held_remove(state->held, state);
    for (uint32_t i = 0; i < state->catalog.table_count; i++)
        tr_table_piece_drop(state->tables[i]);
    for (uint32_t i = 0; i < state->catalog.function_count; i++)
        tr_function_piece_drop(state->functions[i]);
    for (uint32_t i = 0; i < state->catalog.view_count; i++)
        tr_view_piece_drop(state->views[i]);
    tr_entries_piece_drop(state->entries);
    tr_arena_free(state->piece.arena);
}

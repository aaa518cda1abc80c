/* runtime/format/walk.c: the files below a path. Names that begin with '.' or '_' are passed over,
 * as tools that write data sets do with their own notes. Opens no file. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/format/internal.h"

#define DEPTH_MAX 64

void tr_warn(tr_arena *arena, const tr_open_warning ***warn, const char *format, ...) {
    char text[600];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    tr_open_warning *warning = TR_NEW(arena, tr_open_warning);
    if (!warning)
        return;
    warning->text = tr_arena_text(arena, text, strlen(text));
    if (!warning->text)
        return;
    **warn = warning;
    *warn = &warning->next;
}

typedef struct name_node {
    const char *name;
    struct name_node *next;
} name_node;

typedef struct {
    tr_arena *arena;
    name_node *first;
    size_t count;
    bool out_of_memory;
} name_list;

static bool take_name(void *ctx, const char *name) {
    name_list *names = ctx;
    if (*name == '.' || *name == '_')
        return true;
    name_node *node = TR_NEW(names->arena, name_node);
    if (node)
        node->name = tr_arena_text(names->arena, name, strlen(name));
    names->out_of_memory = !node || !node->name;
    if (names->out_of_memory)
        return false;
    node->next = names->first;
    names->first = node;
    names->count++;
    return true;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static trawl_status add_found(tr_arena *arena, tr_found_list *list, const char *path,
                              const tr_file_info *info, bool named, trawl_error *err) {
    if (!TR_ROOM(arena, list->items, list->n, list->capacity))
        return tr_fail_memory(err);
    list->items[list->n++] =
        (tr_found){.file = {.path = path, .bytes = info->bytes}, .named = named};
    return TRAWL_OK;
}

typedef struct {
    tr_arena *arena;
    tr_found_list *list;
    const tr_open_warning ***warn;
    uint64_t device[DEPTH_MAX], inode[DEPTH_MAX]; /* of the folders above: links may make rings */
} walk;

static trawl_status walk_folder(walk *w, const char *path, const tr_file_info *info, uint32_t depth,
                                trawl_error *err);

static trawl_status walk_entry(walk *w, const char *path, uint32_t depth, trawl_error *err) {
    tr_file_info info;
    int64_t code = tr_os_now()->info(path, &info);
    if (code < 0) {
        trawl_error why = TRAWL_ERROR_INIT;
        tr_fail_os(&why, code, "open", path);
        tr_warn(w->arena, w->warn, "skipped: %s", why.message);
        return TRAWL_OK;
    }
    if (info.is_directory)
        return walk_folder(w, path, &info, depth + 1, err);
    return info.is_regular ? add_found(w->arena, w->list, path, &info, false, err) : TRAWL_OK;
}

static trawl_status walk_folder(walk *w, const char *path, const tr_file_info *info, uint32_t depth,
                                trawl_error *err) {
    for (uint32_t i = 0; i < depth && i < DEPTH_MAX; i++) {
        if (w->device[i] == info->device && w->inode[i] == info->inode)
            return TRAWL_OK;
    }
    if (depth >= DEPTH_MAX) {
        tr_warn(w->arena, w->warn, "skipped '%s': more than %d folders deep", path, DEPTH_MAX);
        return TRAWL_OK;
    }
    w->device[depth] = info->device;
    w->inode[depth] = info->inode;
    name_list names = {.arena = w->arena};
    int64_t code = tr_os_now()->list(path, take_name, &names);
    if (names.out_of_memory)
        return tr_fail_memory(err);
    if (code < 0) {
        if (!depth)
            return tr_fail_os(err, code, "read folder", path);
        trawl_error why = TRAWL_ERROR_INIT;
        tr_fail_os(&why, code, "read folder", path);
        tr_warn(w->arena, w->warn, "skipped: %s", why.message);
        return TRAWL_OK;
    }
    const char **sorted = TR_NEW_N(w->arena, const char *, names.count + 1);
    if (!sorted)
        return tr_fail_memory(err);
    size_t n = 0, slash = strlen(path);
    for (const name_node *node = names.first; node; node = node->next)
        sorted[n++] = node->name;
    qsort(sorted, n, sizeof *sorted, by_name);
    while (slash > 1 && path[slash - 1] == '/')
        slash--;
    for (size_t i = 0; i < n; i++) {
        bool root = slash == 1 && path[0] == '/';
        const char *full =
            tr_arena_printf(w->arena, "%.*s/%s", root ? 0 : (int)slash, path, sorted[i]);
        if (!full)
            return tr_fail_memory(err);
        TR_TRY(walk_entry(w, full, depth, err));
    }
    return TRAWL_OK;
}

trawl_status tr_walk(tr_arena *arena, const char *path, tr_found_list *list,
                     const tr_open_warning ***warn, trawl_error *err) {
    tr_file_info info;
    int64_t code = tr_os_now()->info(path, &info);
    const char *copy = tr_arena_text(arena, path, strlen(path));
    walk *w = TR_NEW(arena, walk);
    if (code < 0)
        return tr_fail_os(err, code, "open", path);
    if (!copy || !w)
        return tr_fail_memory(err);
    w->arena = arena;
    w->list = list;
    w->warn = warn;
    if (info.is_directory)
        return walk_folder(w, copy, &info, 0, err);
    return add_found(arena, list, copy, &info, true, err);
}

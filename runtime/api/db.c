/* runtime/api/db.c: databases: files in place, a directory with a store, or both. */
#include "runtime/api/api.h"

#include <stdlib.h>

static trawl_status copy_paths(tr_arena *arena, const char *const *paths, uint32_t count,
                               const char *const **out, trawl_error *err) {
    const char **copy = TR_NEW_N(arena, const char *, count + 1);
    if (!copy)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = tr_arena_text(arena, paths[i], strlen(paths[i]));
        if (!copy[i])
            return tr_fail_memory(err);
    }
    *out = copy;
    return TRAWL_OK;
}

static trawl_status warn_twice(trawl_db *db, tr_str name, trawl_error *err) {
    tr_open_warning *warning = TR_NEW(db->arena, tr_open_warning);
    char *text = tr_arena_printf(db->arena,
                                 "table '%.*s' of the files is hidden by the one of that name in "
                                 "'%s'",
                                 (int)name.len, name.ptr, db->directory);
    if (!warning || !text)
        return tr_fail_memory(err);
    *warning = (tr_open_warning){text, db->warnings};
    db->warnings = warning;
    return TRAWL_OK;
}

static trawl_status warn_hidden(trawl_db *db, trawl_error *err) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_state *state = NULL;
    trawl_status status =
        arena ? tr_db_state(db, 0, arena, &state, err) : tr_fail_memory(err);
    for (uint32_t i = 0; i < db->database.table_count && status == TRAWL_OK; i++) {
        tr_str name = db->database.tables[i]->name;
        if (tr_cat_find_table(state->catalog, name))
            status = warn_twice(db, name, err);
    }
    tr_state_release(state);
    tr_arena_free(arena);
    return status;
}

/* A directory that holds no database yet is made one, which only a writer can do. */
static trawl_status open_directory(trawl_db *db, const trawl_db_options *all, trawl_error *err) {
    db->directory = tr_arena_text(db->arena, all->directory, strlen(all->directory));
    db->log = tr_arena_new(NULL);
    if (!db->directory || !db->log)
        return tr_fail_memory(err);
    db->read_only = all->read_only != 0;
    db->store_options = (tr_store_options){.relaxed = all->durability_relaxed != 0,
                                           .frozen = all->frozen_ticks != 0,
                                           .frozen_ticks = all->frozen_ticks,
                                           .frozen_seed = all->frozen_seed};
    tr_store_options options = db->store_options;
    options.write = options.create = !db->read_only && !tr_store_is_there(db->directory);
    TR_TRY(tr_store_open(db->directory, &options, &db->store, err));
    db->writes = options.write;
    return warn_hidden(db, err);
}

static trawl_status open_into(trawl_db *db, const char *const *paths, uint32_t path_count,
                              const trawl_db_options *options, trawl_error *err) {
    trawl_db_options all = TRAWL_DB_OPTIONS_INIT;
    if (options && options->struct_size < sizeof options->struct_size)
        return tr_fail(err, TRAWL_E_USAGE,
                       "struct_size of the options is not set: begin with TRAWL_DB_OPTIONS_INIT");
    if (options) /* a program made for an older header knows fewer of them */
        memcpy(&all, options,
               options->struct_size < sizeof all ? options->struct_size : sizeof all);
    tr_open_options open = {.as_specs = all.as_specs, .as_count = all.as_count};
    const char *name = all.name ? all.name : "db";
    if (all.format && !tr_format_of_name(tr_str_c(all.format), &open.format))
        return tr_fail(err, TRAWL_E_USAGE, "unknown format '%s'", all.format);
    TR_TRY(copy_paths(db->arena, paths, path_count, &db->paths, err));
    db->path_count = path_count;
    TR_TRY(copy_paths(db->arena, all.allowed, all.allowed_count, &db->allowed, err));
    db->allowed_count = all.allowed_count;
    if (path_count)
        TR_TRY(tr_format_open(db->arena, db->paths, path_count, &open, &db->database, &db->warnings,
                              err));
    char *copy = tr_arena_text(db->arena, name, strlen(name));
    if (!copy)
        return tr_fail_memory(err);
    db->database.name = tr_str_c(copy);
    return all.directory ? open_directory(db, &all, err) : TRAWL_OK;
}

TRAWL_API trawl_status trawl_db_open(const char *const *paths, uint32_t path_count,
                                     const trawl_db_options *options, trawl_db **out,
                                     trawl_error *err) {
    tr_arena *arena = tr_arena_new(NULL);
    trawl_db *db = arena ? TR_NEW(arena, trawl_db) : NULL;
    if (!db) {
        tr_arena_free(arena);
        return tr_fail_memory(err);
    }
    db->arena = arena;
    pthread_mutex_init(&db->lock, NULL);
    trawl_status status = open_into(db, paths, path_count, options, err);
    if (status != TRAWL_OK) {
        trawl_db_close(db);
        return status;
    }
    *out = db;
    return TRAWL_OK;
}

TRAWL_API void trawl_db_close(trawl_db *db) {
    if (!db)
        return;
    tr_state_release(db->listed);
    tr_arena_free(db->listed_arena);
    tr_store_close(db->store);
    tr_store_close(db->reader);
    tr_arena_free(db->log);
    pthread_mutex_destroy(&db->lock);
    tr_arena_free(db->arena);
}

TRAWL_API const char *trawl_db_warning(const trawl_db *db, uint32_t i) {
    const tr_open_warning *warning = db->warnings;
    while (warning && i--)
        warning = warning->next;
    return warning ? warning->text : NULL;
}

/* ---- states ---- */

static bool is_state_of_view(const tr_catalog *catalog, tr_str table) {
    for (uint32_t v = 0; v < catalog->view_count; v++)
        if (tr_str_equal(catalog->views[v]->state_table, table))
            return true;
    return false;
}

/* The tables of the directory, but for what views keep theirs in, and then those of the paths. */
static trawl_status merge_tables(const trawl_db *db, tr_state *state, tr_arena *arena,
                                 trawl_error *err) {
    const tr_database *kept = tr_snapshot_database(state->snapshot);
    uint32_t room = kept->table_count + db->database.table_count + 1, n = 0;
    const tr_table **tables = TR_NEW_N(arena, const tr_table *, room);
    if (!tables)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < kept->table_count; i++)
        if (!is_state_of_view(state->catalog, kept->tables[i]->name))
            tables[n++] = kept->tables[i];
    for (uint32_t i = 0; i < db->database.table_count; i++)
        if (!tr_cat_find_table(state->catalog, db->database.tables[i]->name))
            tables[n++] = db->database.tables[i];
    state->database.tables = tables;
    state->database.table_count = n;
    return TRAWL_OK;
}

trawl_status tr_db_state(trawl_db *db, int64_t as_of_ticks, tr_arena *arena, tr_state **out,
                         trawl_error *err) {
    tr_state *state = TR_NEW(arena, tr_state);
    if (!state)
        return tr_fail_memory(err);
    state->database = db->database;
    if (db->directory) {
        pthread_mutex_lock(&db->lock);
        tr_store *store = db->store;
        pthread_mutex_unlock(&db->lock);
        TR_TRY(tr_store_snapshot(store, as_of_ticks, &state->snapshot, err));
        state->catalog = tr_snapshot_catalog(state->snapshot);
        trawl_status status = merge_tables(db, state, arena, err);
        if (status != TRAWL_OK) {
            tr_snapshot_release(state->snapshot);
            return status;
        }
    }
    *out = state;
    return TRAWL_OK;
}

void tr_state_release(tr_state *state) {
    for (; state; state = state->next)
        if (state->snapshot)
            tr_snapshot_release(state->snapshot);
}

trawl_status tr_db_writer(trawl_db *db, tr_store **out, trawl_error *err) {
    if (!db->directory) {
        trawl_status status = tr_fail(err, TRAWL_E_UNSUPPORTED,
                                      "there is no database directory to change: files in place "
                                      "are only read");
        tr_hint(err, "open a database directory: --db DIR");
        return status;
    }
    if (db->read_only)
        return tr_fail(err, TRAWL_E_DENIED, "'%s' is open for reading only", db->directory);
    pthread_mutex_lock(&db->lock);
    trawl_status status = TRAWL_OK;
    if (!db->writes) {
        tr_store *writer;
        tr_store_options options = db->store_options;
        options.write = true;
        status = tr_store_open(db->directory, &options, &writer, err);
        if (status == TRAWL_OK) {
            db->reader = db->store;
            db->store = writer;
            db->writes = true;
        }
    }
    *out = db->store;
    pthread_mutex_unlock(&db->lock);
    return status;
}

/* ---- tables by number ---- */

static tr_database *list_tables(const trawl_db *given, bool anew) {
    trawl_db *db = (trawl_db *)(uintptr_t)given; /* the list is no part of what callers see */
    if (!db->directory)
        return &db->database;
    if (anew || !db->listed) {
        tr_state_release(db->listed);
        tr_arena_free(db->listed_arena);
        db->listed = NULL;
        db->listed_arena = tr_arena_new(NULL);
        if (!db->listed_arena ||
            tr_db_state(db, 0, db->listed_arena, &db->listed, NULL) != TRAWL_OK)
            return &db->database;
    }
    return &db->listed->database;
}

TRAWL_API const char *trawl_db_table(const trawl_db *db, uint32_t i) {
    const tr_database *all = list_tables(db, i == 0);
    if (i >= all->table_count)
        return NULL;
    tr_str name = all->tables[i]->name;
    return db->listed ? tr_arena_text(db->listed_arena, name.ptr, name.len) : name.ptr;
}

TRAWL_API trawl_status trawl_db_schema(const trawl_db *db, uint32_t i, struct ArrowSchema *out,
                                       trawl_error *err) {
    const tr_database *all = list_tables(db, false);
    if (i >= all->table_count)
        return tr_fail(err, TRAWL_E_USAGE, "there are %u tables, no number %u", all->table_count,
                       i);
    return tr_arrow_schema(&all->tables[i]->schema, false, out, err);
}

/* ---- the gate for files ---- */

static bool is_below(const char *real, const char *const *paths, uint32_t count) {
    bool found = false;
    for (uint32_t i = 0; i < count && !found; i++) {
        char *own = realpath(paths[i], NULL);
        size_t n = own ? strlen(own) : 0;
        found = own && strncmp(real, own, n) == 0 &&
                (real[n] == 0 || real[n] == '/' || own[n - 1] == '/');
        free(own);
    }
    return found;
}

trawl_status tr_db_may_read(const trawl_db *db, const char *path, const char *what, tr_span span,
                            trawl_error *err) {
    if (strstr(path, "://"))
        return tr_fail_at(err, TRAWL_E_DENIED, span, "TRW0004",
                          "%s: addresses on the network are not opened", what);
    char *real = realpath(path, NULL); /* links are followed before the gate, not after */
    bool good = real && (is_below(real, db->paths, db->path_count) ||
                         is_below(real, db->allowed, db->allowed_count));
    free(real);
    if (good)
        return TRAWL_OK;
    trawl_status status = tr_fail_at(err, TRAWL_E_DENIED, span, "TRW0005",
                                     "%s: '%s' is not below an opened path", what, path);
    tr_hint(err, "name its directory when opening the database");
    return status;
}

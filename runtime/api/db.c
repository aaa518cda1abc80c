/* runtime/api/db.c: databases: files in place, a directory with a store, or both. */
#include "runtime/api/api.h"

#include "runtime/api/sidecar.h"
#include "runtime/base/topology.h"

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
    trawl_status status = arena ? tr_db_state(db, 0, arena, &state, err) : tr_fail_memory(err);
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
    if (!db->directory)
        return tr_fail_memory(err);
    db->read_only = all->read_only != 0;
    db->restricted_viewer = all->restricted_viewer != 0;
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

/* Tables read their sidecars where there are any. */
static trawl_status use_sidecars(trawl_db *db, trawl_error *err) {
    uint32_t count = db->database.table_count;
    const tr_table **tables = TR_NEW_N(db->arena, const tr_table *, count + 1);
    if (!tables)
        return tr_fail_memory(err);
    db->files = db->database;
    for (uint32_t i = 0; i < count; i++)
        TR_TRY(tr_sidecar_use(db->arena, db->files.tables[i], &db->sidecars, &tables[i], err));
    db->database.tables = tables;
    return TRAWL_OK;
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
    if (path_count) {
        TR_TRY(tr_format_open(db->arena, db->paths, path_count, &open, &db->database, &db->warnings,
                              err));
        TR_TRY(use_sidecars(db, err));
    }
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
    pthread_mutex_destroy(&db->lock);
    for (const tr_sidecar_open *open = db->sidecars; open; open = open->next)
        tr_extent_table_close(open->table);
    tr_arena_free(db->arena);
}

TRAWL_API trawl_status trawl_db_maintain(trawl_db *db, trawl_error *err) {
    tr_store *store;
    tr_store_work work;
    TR_TRY(tr_db_writer(db, &store, err));
    return tr_store_maintain(store, &work, err);
}

TRAWL_API trawl_status trawl_db_copy(trawl_db *db, int64_t as_of_ticks, const char *folder,
                                     trawl_error *err) {
    if (!db->directory)
        return tr_fail(err, TRAWL_E_UNSUPPORTED, "only a database directory can be copied");
    pthread_mutex_lock(&db->lock);
    tr_store *store = db->store;
    pthread_mutex_unlock(&db->lock);
    return tr_store_copy(store, as_of_ticks, folder, err);
}

TRAWL_API trawl_status trawl_db_index(trawl_db *db, uint32_t threads, trawl_index_work *out,
                                      trawl_error *err) {
    tr_sidecar_work work = {0};
    for (uint32_t i = 0; i < db->files.table_count; i++)
        TR_TRY(
            tr_sidecar_build(db->files.tables[i], threads ? threads : tr_cpu_count(), &work, err));
    trawl_index_work all = {sizeof all, work.rows,       work.file_bytes, work.extent_bytes,
                            work.files, work.files_kept, work.rows_bad};
    uint32_t known = out->struct_size < sizeof all ? out->struct_size : (uint32_t)sizeof all;
    all.struct_size = out->struct_size;
    memcpy(out, &all, known);
    return TRAWL_OK;
}

TRAWL_API const char *trawl_db_warning(const trawl_db *db, uint32_t i) {
    const tr_open_warning *warning = db->warnings;
    while (warning && i--)
        warning = warning->next;
    return warning ? warning->text : NULL;
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

TRAWL_API trawl_status trawl_db_check(const char *directory, int repair, char **report,
                                      uint32_t *damaged, trawl_error *err) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_buf lines;
    if (!arena)
        return tr_fail_memory(err);
    tr_buf_start(&lines, arena);
    trawl_status status = tr_store_check(directory, repair != 0, &lines, damaged, err);
    if (status == TRAWL_OK) {
        *report = strndup(lines.n ? lines.bytes : "", lines.n);
        if (!*report || lines.failed)
            status = tr_fail_memory(err);
    }
    tr_arena_free(arena);
    return status;
}

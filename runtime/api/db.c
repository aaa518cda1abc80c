/* runtime/api/db.c: databases over files in place. */
#include "runtime/api/api.h"

#include "runtime/api/sidecar.h"
#include "runtime/base/topology.h"

static trawl_status keep_paths(trawl_db *db, const char *const *paths, uint32_t count,
                               trawl_error *err) {
    const char **copy = TR_NEW_N(db->arena, const char *, count + 1);
    if (!copy)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = tr_arena_text(db->arena, paths[i], strlen(paths[i]));
        if (!copy[i])
            return tr_fail_memory(err);
    }
    db->paths = copy;
    db->path_count = count;
    return TRAWL_OK;
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
    TR_TRY(keep_paths(db, paths, path_count, err));
    if (path_count) {
        TR_TRY(tr_format_open(db->arena, db->paths, path_count, &open, &db->database, &db->warnings,
                              err));
        TR_TRY(use_sidecars(db, err));
    }
    char *copy = tr_arena_text(db->arena, name, strlen(name));
    if (!copy)
        return tr_fail_memory(err);
    db->database.name = tr_str_c(copy);
    return TRAWL_OK;
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
    for (const tr_sidecar_open *open = db->sidecars; open; open = open->next)
        tr_extent_table_close(open->table);
    tr_arena_free(db->arena);
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

TRAWL_API const char *trawl_db_table(const trawl_db *db, uint32_t i) {
    return i < db->database.table_count ? db->database.tables[i]->name.ptr : NULL;
}

TRAWL_API trawl_status trawl_db_schema(const trawl_db *db, uint32_t i, struct ArrowSchema *out,
                                       trawl_error *err) {
    if (i >= db->database.table_count)
        return tr_fail(err, TRAWL_E_USAGE, "there are %u tables, no number %u",
                       db->database.table_count, i);
    return tr_arrow_schema(&db->database.tables[i]->schema, false, out, err);
}

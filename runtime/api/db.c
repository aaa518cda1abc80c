/* runtime/api/db.c: databases over files in place. */
#include "runtime/api/api.h"

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
    if (path_count)
        TR_TRY(tr_format_open(db->arena, db->paths, path_count, &open, &db->database, &db->warnings,
                              err));
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
        tr_arena_free(arena);
        return status;
    }
    *out = db;
    return TRAWL_OK;
}

TRAWL_API void trawl_db_close(trawl_db *db) {
    if (db)
        tr_arena_free(db->arena);
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

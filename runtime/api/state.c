/* runtime/api/state.c: what is seen of a database, who may change it, and which files it may read.
 */
#include "runtime/api/api.h"

#include <stdlib.h>

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

trawl_status tr_db_state_of(trawl_db *db, tr_snapshot *snapshot, tr_arena *arena, tr_state **out,
                            trawl_error *err) {
    tr_state *state = TR_NEW(arena, tr_state);
    trawl_status status = state ? TRAWL_OK : tr_fail_memory(err);
    if (state) {
        state->database = db->database;
        state->snapshot = snapshot;
        if (snapshot) {
            state->catalog = tr_snapshot_catalog(snapshot);
            status = merge_tables(db, state, arena, err);
        }
    }
    if (status == TRAWL_OK)
        *out = state;
    else if (snapshot)
        tr_snapshot_release(snapshot);
    return status;
}

trawl_status tr_db_state(trawl_db *db, int64_t as_of_ticks, tr_arena *arena, tr_state **out,
                         trawl_error *err) {
    tr_snapshot *snapshot = NULL;
    if (db->directory) {
        pthread_mutex_lock(&db->lock);
        tr_store *store = db->store;
        pthread_mutex_unlock(&db->lock);
        TR_TRY(tr_store_snapshot(store, as_of_ticks, &snapshot, err));
    }
    return tr_db_state_of(db, snapshot, arena, out, err);
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

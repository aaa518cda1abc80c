/* tests/durable/script.c: a step changes the store and, if it says that it did, the model. */
#include "tests/durable/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/data/rows.h"
#include "tests/durable/lossy_os.h"

#define STORE_PATH LOSSY_ROOT "/db"

static const char *const table_names[SCRIPT_TABLES] = {"A", "B", "C", "D"};
static const char *const function_names[SCRIPT_FUNCTIONS] = {"f", "g", "h"};

static uint64_t pick(script *s, uint64_t n) {
    s->random ^= s->random << 13;
    s->random ^= s->random >> 7;
    s->random ^= s->random << 17;
    return (s->random * UINT64_C(0x2545f4914f6cdd1d) >> 20) % n;
}

static uint64_t mixed(uint64_t v) {
    v += UINT64_C(0x9e3779b97f4a7c15);
    v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    return v ^ v >> 27;
}

void script_start(script *s, uint64_t seed) {
    memset(s, 0, sizeof *s);
    s->random = mixed(seed) | 1;
    s->next_value = s->next_key = 1;
    for (int i = 0; i < 8; i++)
        pick(s, 2);
}

trawl_status script_open(script *s, bool create, tr_store **out, trawl_error *err) {
    tr_store_options options = {.write = true,
                                .create = create,
                                .frozen = true,
                                .frozen_ticks = TR_TICKS_UNIX + s->sessions * 10000000000,
                                .frozen_seed = ++s->sessions};
    return tr_store_open(STORE_PATH, &options, out, err);
}

/* ---- rows ---- */

static const tr_field fields[2] = {{{"n", 1, 'n'}, TR_LONG}, {{"s", 1, 's'}, TR_STRING}};

/* n rows with values that were never used, of which the sum is told. */
static trawl_status make_rows(script *s, uint32_t n, tr_arena *arena, tr_rows *rows, uint64_t *sum,
                              trawl_error *err) {
    static char text[400];
    memset(text, 'x', sizeof text);
    tr_rows_start(rows, (tr_schema){2, fields});
    for (uint32_t i = 0; i < n; i++) {
        uint64_t v = s->next_value++;
        *sum += mixed(v);
        tr_value values[2] = {{.type = TR_LONG, .as.i64 = (int64_t)v},
                              {.type = TR_STRING, .as.str = tr_str_of(text, mixed(v) % 300)}};
        TR_TRY(tr_rows_append_values(rows, arena, values, err));
    }
    return TRAWL_OK;
}

/* Count and sum of the first column; texts are compared with what they must be. */
static trawl_status sum_table(const tr_table *table, uint64_t *count, uint64_t *sum,
                              trawl_error *err) {
    tr_arena *query = tr_arena_new(NULL), *scratch = tr_arena_new(NULL);
    uint64_t needed = 3;
    tr_scan_request request = {
        .needed = &needed, .skip = TR_SKIP_ALL, .batch_rows = TR_BATCH_ROWS, .worker_count = 1};
    tr_scan *scan;
    tr_reader *reader = NULL;
    trawl_status status = query && scratch ? TRAWL_OK : tr_fail_memory(err);
    if (status == TRAWL_OK)
        status = table->ops->scan_open(table, &request, query, &scan, err);
    if (status != TRAWL_OK)
        goto done;
    status = table->ops->reader_open(scan, query, &reader, err);
    for (uint32_t m = 0; status == TRAWL_OK && m < scan->morsel_count; m++) {
        status = table->ops->reader_begin(reader, m, err);
        for (tr_batch batch = {.n = 1}; status == TRAWL_OK && batch.n;) {
            const tr_vec *numbers, *texts;
            tr_arena_reset(scratch);
            batch = (tr_batch){.scratch = scratch};
            status = table->ops->reader_next(reader, &batch, err);
            if (status != TRAWL_OK || !batch.n)
                break;
            status = tr_batch_column(&batch, 0, &numbers, err);
            if (status == TRAWL_OK)
                status = tr_batch_column(&batch, 1, &texts, err);
            for (uint32_t i = 0; status == TRAWL_OK && i < batch.n; i++) {
                uint64_t v = (uint64_t)tr_vec_value(numbers, i).as.i64;
                *sum += mixed(v);
                if (tr_vec_value(texts, i).as.str.len != mixed(v) % 300)
                    *sum += 1; /* other rows: seen as a wrong sum */
            }
            *count += batch.n;
        }
    }
    if (reader)
        table->ops->reader_close(reader);
    table->ops->scan_close(scan);
done:
    tr_arena_free(query);
    tr_arena_free(scratch);
    return status;
}

/* ---- steps ---- */

static trawl_status create_table(tr_change *change, uint32_t t, trawl_error *err) {
    tr_cat_column columns[2] = {{.name = tr_str_c("n"), .type = TR_LONG},
                                {.name = tr_str_c("s"), .type = TR_STRING}};
    tr_cat_table table = {.name = tr_str_c(table_names[t]), .column_count = 2, .columns = columns};
    return tr_change_put_table(change, &table, err);
}

static trawl_status add_rows(script *s, tr_change *change, uint32_t t, trawl_error *err) {
    tr_rows rows;
    uint64_t sum = 0;
    uint32_t n = (uint32_t)(pick(s, 8) ? 1 + pick(s, 5) : 1 + pick(s, 3000));
    if (!s->attempted.tables[t].there) {
        TR_TRY(create_table(change, t, err));
        s->attempted.tables[t].there = true;
    }
    TR_TRY(make_rows(s, n, tr_change_arena(change), &rows, &sum, err));
    TR_TRY(tr_change_add_rows(change, tr_str_c(table_names[t]), &rows, NULL, 0, err));
    s->attempted.tables[t].rows += n;
    s->attempted.tables[t].sum += sum;
    return TRAWL_OK;
}

static trawl_status add_extent(script *s, tr_change *change, uint32_t t, trawl_error *err) {
    tr_rows rows;
    uint64_t sum = 0;
    uint32_t n = (uint32_t)(1 + pick(s, 3000));
    const char *path;
    tr_extent_writer *writer;
    tr_extent_facts facts;
    if (!s->attempted.tables[t].there)
        return TRAWL_OK;
    TR_TRY(make_rows(s, n, tr_change_arena(change), &rows, &sum, err));
    tr_extent_options options = {.no_index = true};
    TR_TRY(tr_change_extent_path(change, &path, &options.id, err));
    TR_TRY(tr_extent_writer_open(NULL, path, &rows.schema, &options, &writer, err));
    trawl_status status = TRAWL_OK;
    for (uint32_t k = 0; status == TRAWL_OK && k < rows.chunk_count; k++) {
        tr_batch batch = {.n = rows.chunks[k].n,
                          .column_count = 2,
                          .columns = rows.chunks[k].columns,
                          .scratch = tr_change_arena(change)};
        status = tr_extent_writer_add(writer, &batch, err);
    }
    if (status == TRAWL_OK)
        status = tr_extent_writer_finish(writer, &facts, err);
    tr_extent_writer_close(writer);
    TR_TRY(status);
    TR_TRY(tr_change_add_extent(change, tr_str_c(table_names[t]), &facts, 0, NULL, 0, err));
    s->attempted.tables[t].rows += n;
    s->attempted.tables[t].sum += sum;
    return TRAWL_OK;
}

/* Delete all rows of one extent, or drop it: the model needs to know what was in it. */
static trawl_status lose_extent(script *s, tr_store *store, tr_change *change, uint32_t t,
                                trawl_error *err) {
    tr_snapshot *snapshot;
    TR_TRY(tr_store_snapshot(store, 0, &snapshot, err));
    tr_arena *arena = tr_change_arena(change);
    const tr_cat_table *cat =
        tr_cat_find_table(tr_snapshot_catalog(snapshot), tr_str_c(table_names[t]));
    trawl_status status = TRAWL_OK;
    if (cat && cat->extent_count) {
        const tr_cat_extent *extent = cat->extents[pick(s, cat->extent_count)];
        const tr_table *table;
        uint64_t count = 0, sum = 0;
        status = tr_snapshot_extent(snapshot, cat->name, extent->id, arena, &table, err);
        if (status == TRAWL_OK)
            status = sum_table(table, &count, &sum, err);
        size_t words = extent->row_count / 64 + 1;
        uint64_t *all = tr_arena_alloc(arena, words * 8, 8);
        if (!all)
            status = tr_fail_memory(err);
        else
            memset(all, 0xff, words * 8);
        if (status == TRAWL_OK)
            status = pick(s, 2) ? tr_change_delete_rows(change, cat->name, extent->id, all, err)
                                : tr_change_drop_extent(change, cat->name, extent->id, err);
        s->attempted.tables[t].rows -= count;
        s->attempted.tables[t].sum -= sum;
    }
    tr_snapshot_release(snapshot);
    return status;
}

static trawl_status put_function(script *s, tr_change *change, trawl_error *err) {
    uint32_t f = (uint32_t)pick(s, SCRIPT_FUNCTIONS);
    if (s->attempted.functions[f] && !pick(s, 3)) {
        s->attempted.functions[f] = 0;
        return tr_change_drop_function(change, tr_str_c(function_names[f]), err);
    }
    s->attempted.functions[f] = s->next_value++;
    char body[40];
    snprintf(body, sizeof body, "{ %llu }", (unsigned long long)s->attempted.functions[f]);
    tr_cat_function function = {
        .name = tr_str_c(function_names[f]), .parameters = tr_str_c("()"), .body = tr_str_c(body)};
    return tr_change_put_function(change, &function, err);
}

static trawl_status put_policy(script *s, tr_change *change, trawl_error *err) {
    char text[40];
    s->attempted.policy = s->next_value++;
    snprintf(text, sizeof text, "%llu", (unsigned long long)s->attempted.policy);
    return tr_change_put_policy(change, tr_str_c(""), tr_str_c("test"), tr_str_c(text), err);
}

static trawl_status steps_of_change(script *s, tr_store *store, tr_change *change,
                                    trawl_error *err) {
    uint32_t t = (uint32_t)pick(s, SCRIPT_TABLES);
    tr_str name = tr_str_c(table_names[t]);
    switch (pick(s, 12)) {
    case 0: return put_function(s, change, err);
    case 1: return put_policy(s, change, err);
    case 2:
        TR_TRY(add_rows(s, change, t, err));
        TR_TRY(put_function(s, change, err));
        return add_rows(s, change, (t + 1) % SCRIPT_TABLES, err);
    case 3:
        if (!s->attempted.tables[t].there || pick(s, 3))
            return add_rows(s, change, t, err);
        memset(&s->attempted.tables[t], 0, sizeof s->attempted.tables[t]);
        if (pick(s, 2))
            return tr_change_drop_table(change, name, err);
        s->attempted.tables[t].there = true;
        return tr_change_clear_table(change, name, err);
    case 4:
    case 5: return add_extent(s, change, t, err);
    case 6: return lose_extent(s, store, change, t, err);
    default: return add_rows(s, change, t, err);
    }
}

static tr_str key_text(uint64_t number, char room[40]) {
    snprintf(room, 40, "key %llu", (unsigned long long)number);
    return tr_str_c(room);
}

static trawl_status one_change(script *s, tr_store *store, trawl_error *err) {
    tr_change *change;
    char room[40];
    TR_TRY(tr_change_start(store, &change, err));
    trawl_status status = steps_of_change(s, store, change, err);
    if (status != TRAWL_OK) {
        tr_change_abandon(change);
        return status;
    }
    bool keyed = pick(s, 3) == 0, repeated;
    if (keyed)
        s->attempted.keyed = s->next_key++;
    return tr_change_commit(change, keyed ? key_text(s->attempted.keyed, room) : TR_STR_EMPTY,
                            tr_str_c("a change"), NULL, &repeated, err);
}

/* The same change once more: nothing happens. */
static trawl_status repeat_key(script *s, tr_store *store, trawl_error *err) {
    tr_change *change;
    char room[40];
    bool repeated = false;
    if (!s->acknowledged.keyed)
        return TRAWL_OK;
    TR_TRY(tr_change_start(store, &change, err));
    model before = s->attempted;
    trawl_status status = add_rows(s, change, 0, err);
    s->attempted = before;
    if (status != TRAWL_OK) {
        tr_change_abandon(change);
        return status;
    }
    status = tr_change_commit(change, key_text(s->acknowledged.keyed, room), TR_STR_EMPTY, NULL,
                              &repeated, err);
    if (status == TRAWL_OK && !repeated) {
        printf("a key that was acknowledged is not known\n");
        exit(1);
    }
    return status;
}

static trawl_status look_after(script *s, tr_store *store, trawl_error *err) {
    tr_store_work work;
    s->maintained++;
    if (pick(s, 2))
        return tr_store_seal(store, TR_STR_EMPTY, err);
    return tr_store_maintain(store, &work, err);
}

static void remember(script *s, tr_store *store) {
    tr_snapshot *snapshot;
    if (tr_store_snapshot(store, 0, &snapshot, NULL) != TRAWL_OK)
        return;
    uint32_t at =
        s->point_count < SCRIPT_POINTS ? s->point_count++ : (uint32_t)pick(s, SCRIPT_POINTS);
    s->points[at].ticks = tr_snapshot_catalog(snapshot)->ticks;
    s->points[at].state = s->acknowledged;
    tr_snapshot_release(snapshot);
}

trawl_status script_step(script *s, tr_store **store, trawl_error *err) {
    s->attempted = s->acknowledged;
    trawl_status status;
    switch (pick(s, 20)) {
    case 0: status = repeat_key(s, *store, err); break;
    case 1:
    case 2: status = look_after(s, *store, err); break;
    case 3:
        tr_store_close(*store);
        *store = NULL;
        return script_open(s, false, store, err);
    default: status = one_change(s, *store, err); break;
    }
    if (status != TRAWL_OK)
        return status;
    s->acknowledged = s->attempted;
    s->steps_done++;
    if (pick(s, 4) == 0)
        remember(s, *store);
    return TRAWL_OK;
}

/* ---- what is there ---- */

static const char *read_model(const tr_snapshot *snapshot, model *out) {
    static char problem[800];
    trawl_error err = TRAWL_ERROR_INIT;
    const tr_catalog *cat = tr_snapshot_catalog(snapshot);
    for (uint32_t t = 0; t < SCRIPT_TABLES; t++) {
        const tr_table *table =
            tr_database_find(tr_snapshot_database(snapshot), tr_str_c(table_names[t]));
        out->tables[t].there = table != NULL;
        if (!table)
            continue;
        if (sum_table(table, &out->tables[t].rows, &out->tables[t].sum, &err) != TRAWL_OK) {
            snprintf(problem, sizeof problem, "table %s: %s", table_names[t], err.message);
            return problem;
        }
        if (table->row_count != (int64_t)out->tables[t].rows)
            return "a table has another count of rows than it says";
    }
    for (uint32_t f = 0; f < SCRIPT_FUNCTIONS; f++) {
        const tr_cat_function *function = tr_cat_find_function(cat, tr_str_c(function_names[f]));
        if (function)
            out->functions[f] = strtoull(function->body.ptr + 2, NULL, 10);
    }
    const tr_cat_entry *entry = tr_cat_find_entry(&cat->policies, tr_str_c("test"), TR_STR_EMPTY);
    if (entry)
        out->policy = strtoull(entry->text.ptr, NULL, 10);
    return NULL;
}

static bool same_model(const model *a, const model *b) {
    for (uint32_t t = 0; t < SCRIPT_TABLES; t++)
        if (a->tables[t].there != b->tables[t].there || a->tables[t].rows != b->tables[t].rows ||
            a->tables[t].sum != b->tables[t].sum)
            return false;
    return memcmp(a->functions, b->functions, sizeof a->functions) == 0 && a->policy == b->policy;
}

static const char *check_past(script *s, tr_store *store) {
    if (!s->point_count)
        return NULL;
    uint32_t at = (uint32_t)pick(s, s->point_count);
    trawl_error err = TRAWL_ERROR_INIT;
    static char problem[800];
    tr_snapshot *snapshot;
    if (tr_store_snapshot(store, s->points[at].ticks, &snapshot, &err) != TRAWL_OK) {
        snprintf(problem, sizeof problem, "a state of the past: %s", err.message);
        return problem;
    }
    model found = {.keyed = 0};
    const char *wrong = read_model(snapshot, &found);
    tr_snapshot_release(snapshot);
    if (wrong)
        return wrong;
    return same_model(&found, &s->points[at].state) ? NULL : "a state of the past is another one";
}

const char *script_check(script *s, tr_store *store) {
    tr_snapshot *snapshot;
    char room[40];
    model found = {.keyed = 0};
    if (tr_store_snapshot(store, 0, &snapshot, NULL) != TRAWL_OK)
        return "no snapshot";
    const char *wrong = read_model(snapshot, &found);
    tr_snapshot_release(snapshot);
    if (wrong)
        return wrong;
    bool old = same_model(&found, &s->acknowledged), now = same_model(&found, &s->attempted);
    if (!old && !now)
        return "the store holds neither what was acknowledged nor that and the last step";
    if (s->acknowledged.keyed && !tr_store_has_key(store, key_text(s->acknowledged.keyed, room)))
        return "an acknowledged key is not known";
    if (s->attempted.keyed != s->acknowledged.keyed && !(old && now)) {
        bool known = tr_store_has_key(store, key_text(s->attempted.keyed, room));
        if (known != now)
            return "a change and its key do not go together";
    }
    if (now && !old)
        s->acknowledged = s->attempted;
    s->attempted = s->acknowledged;
    return check_past(s, store);
}

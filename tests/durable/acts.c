/* tests/durable/acts.c: see acts.h. */
#include "tests/durable/acts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char act_prepare[] =
    ".execute database script with (ThrowOnErrors=true) <|\n"
    ".create-merge table shared (key:long, batch:long, check:long, pad:string)\n"
    ".create-merge table stream (key:long, batch:long, check:long, pad:string)\n"
    ".create ifnotexists materialized-view Totals on table stream { stream | summarize n = "
    "count(), s = sum(key) by actor = batch % 100 }\n";

void actor_start(actor *a, uint32_t number, uint32_t big_rows, uint64_t seed) {
    memset(a, 0, sizeof *a);
    a->random = seed ^ (uint64_t)number << 40;
    a->number = number;
    a->big_rows = big_rows;
    a->next_key = 1;
    a->shared.there = true;
    for (uint32_t i = 0; i < ACT_TABLES; i++)
        a->tables[i].name = i;
}

/* ---- names and rows ---- */

static const char *name_of(const actor *a, const act_table *table, char out[32]) {
    if (table == &a->shared)
        snprintf(out, 32, "shared");
    else
        snprintf(out, 32, "a%u_%u", a->number, table->name);
    return out;
}

static act_batch *new_batch(actor *a, act_table *table, int64_t count) {
    act_batch *batch = &table->batches[table->batch_count++];
    *batch = (act_batch){(int64_t)a->step * 100 + a->number, a->next_key, count};
    a->next_key += count;
    return batch;
}

static void put_inline(const act_table *table, const act_batch *batch, lines *kql) {
    lines_add(kql, "<|");
    for (int64_t k = batch->first; k < batch->first + batch->count; k++) {
        lines_add(kql, "\n%lld,%lld,%lld,p%lld", (long long)k, (long long)batch->id,
                  (long long)(k * 7919 % 1000003), (long long)(k % 97));
        for (uint32_t e = 0; e < table->columns_added; e++)
            lines_add(kql, ",%lld", (long long)(k % (e + 2)));
    }
}

static void put_range(const act_table *table, const act_batch *batch, lines *kql) {
    lines_add(kql,
              "<| range key from %lld to %lld step 1 | project key, batch = %lld, "
              "check = key * 7919 %% 1000003, pad = strcat('p', tostring(key %% 97))",
              (long long)batch->first, (long long)(batch->first + batch->count - 1),
              (long long)batch->id);
    for (uint32_t e = 0; e < table->columns_added; e++)
        lines_add(kql, ", e%u = tostring(key %% %u)", e, e + 2);
}

/* ---- commands ---- */

static void act_inline(actor *a, act_table *table, lines *kql) {
    char name[32];
    act_batch *batch = new_batch(a, table, 1 + (int64_t)random_below(&a->random, 12));
    lines_add(kql, ".ingest inline into table %s ", name_of(a, table, name));
    put_inline(table, batch, kql);
}

/* With a client key: a new one, or one that was used, and then nothing comes of it. */
static void act_keyed(actor *a, lines *kql) {
    bool again = a->client_keys && !a->forgets_keys && random_below(&a->random, 3) == 0;
    uint64_t key = again ? random_below(&a->random, a->client_keys) : a->client_keys++;
    act_batch *batch = new_batch(a, &a->shared, 1 + (int64_t)random_below(&a->random, 5));
    lines_add(kql,
              ".ingest inline into table shared with (tags='[\"ingest-by:a%uk%llu\"]', "
              "ingestIfNotExists='[\"a%uk%llu\"]') ",
              a->number, (unsigned long long)key, a->number, (unsigned long long)key);
    put_inline(&a->shared, batch, kql);
    a->shared.batch_count -= again;
}

/* Into the table that a view sums up, from which nothing is taken. */
static void act_stream(actor *a, lines *kql) {
    uint64_t dice = random_below(&a->random, 12);
    int64_t rows = 1 + (int64_t)random_below(&a->random, dice < 8 ? 6 : 3000);
    if (dice == 11)
        rows += a->big_rows;
    act_table table = {.there = true};
    act_batch *batch = new_batch(a, &table, rows);
    lines_add(kql, ".set-or-append stream ");
    put_range(&table, batch, kql);
    a->stream_rows += rows;
    a->stream_sum += rows * batch->first + rows * (rows - 1) / 2;
}

static void act_query(actor *a, act_table *table, const char *verb, int64_t rows, lines *kql) {
    char name[32];
    if (strcmp(verb, ".set-or-replace") == 0)
        table->batch_count = 0;
    act_batch *batch = new_batch(a, table, rows);
    lines_add(kql, "%s %s ", verb, name_of(a, table, name));
    put_range(table, batch, kql);
}

static void act_create(actor *a, act_table *table, lines *kql) {
    char name[32];
    *table = (act_table){.there = true, .name = table->name};
    lines_add(kql, ".create table %s (key:long, batch:long, check:long, pad:string)",
              name_of(a, table, name));
}

static void act_schema(actor *a, act_table *table, lines *kql) {
    char name[32];
    name_of(a, table, name);
    if (random_below(&a->random, 2) && table->columns_added < 3) {
        lines_add(kql, ".alter-merge table %s (e%u:string)", name, table->columns_added++);
    } else {
        table->docstring = a->step;
        lines_add(kql, ".alter table %s docstring '%u'", name, table->docstring);
    }
}

static void act_rename(actor *a, act_table *table, lines *kql) {
    char name[32], other_name[32];
    act_table *other = &a->tables[random_below(&a->random, ACT_TABLES)];
    name_of(a, table, name);
    if (other != table && other->there) {
        lines_add(kql, ".rename tables %s = %s, %s = %s", name, name_of(a, other, other_name),
                  other_name, name);
        uint32_t kept = table->name;
        table->name = other->name;
        other->name = kept;
        return;
    }
    table->name = a->step + ACT_TABLES;
    lines_add(kql, ".rename table %s to %s", name, name_of(a, table, other_name));
}

static void act_drop(actor *a, act_table *table, lines *kql) {
    char name[32];
    lines_add(kql, ".drop table %s", name_of(a, table, name));
    table->there = false;
}

/* All rows of a command, or its first ones. */
static void act_delete(actor *a, act_table *table, lines *kql) {
    char name[32];
    uint32_t i = (uint32_t)random_below(&a->random, table->batch_count);
    act_batch *batch = &table->batches[i];
    int64_t n = random_below(&a->random, 2)
                    ? batch->count
                    : 1 + (int64_t)random_below(&a->random, (uint64_t)batch->count);
    name_of(a, table, name);
    lines_add(kql, ".delete table %s records <| %s | where batch == %lld and key < %lld", name,
              name, (long long)batch->id, (long long)(batch->first + n));
    batch->first += n;
    batch->count -= n;
    if (!batch->count)
        memmove(batch, batch + 1, (--table->batch_count - i) * sizeof *batch);
}

static void act_delete_own(actor *a, lines *kql) {
    lines_add(kql, ".delete table shared records <| shared | where batch %% 100 == %u", a->number);
    a->shared.batch_count = 0;
}

static void act_empty(actor *a, act_table *table, lines *kql) {
    char name[32];
    name_of(a, table, name);
    if (random_below(&a->random, 2))
        lines_add(kql, ".clear table %s data", name);
    else
        lines_add(kql, ".drop extents from %s", name);
    table->batch_count = 0;
}

static void act_function(actor *a, lines *kql) {
    if (a->function && random_below(&a->random, 3) == 0) {
        lines_add(kql, ".drop function f%u", a->number);
        a->function = 0;
    } else {
        a->function = a->step;
        lines_add(kql, ".create-or-alter function f%u() { %u }", a->number, a->function);
    }
}

static void act_tidy(actor *a, const act_table *table, lines *kql) {
    char name[32];
    const act_table *which = random_below(&a->random, 4) ? table : &a->shared;
    lines_add(kql, "%s table %s", random_below(&a->random, 2) ? ".seal" : ".merge",
              name_of(a, which, name));
}

static void act_on_table(actor *a, act_table *table, lines *kql) {
    uint64_t dice = random_below(&a->random, 100);
    bool is_full = table->batch_count == ACT_BATCHES;
    if (is_full)
        act_empty(a, table, kql);
    else if (dice < 30)
        act_inline(a, table, kql);
    else if (dice < 50)
        act_query(a, table, ".set-or-append", 1 + (int64_t)random_below(&a->random, 3000), kql);
    else if (dice < 54 && a->big_rows)
        act_query(a, table, ".set-or-append",
                  a->big_rows + (int64_t)random_below(&a->random, a->big_rows), kql);
    else if (dice < 58)
        act_query(a, table, ".set-or-replace", 1 + (int64_t)random_below(&a->random, 300), kql);
    else if (dice < 63)
        act_drop(a, table, kql);
    else if (dice < 69)
        act_rename(a, table, kql);
    else if (dice < 75)
        act_schema(a, table, kql);
    else if (dice < 88 && table->batch_count)
        act_delete(a, table, kql);
    else if (dice < 92)
        act_empty(a, table, kql);
    else
        act_tidy(a, table, kql);
}

void actor_act(actor *a, lines *kql) {
    act_table *table = &a->tables[random_below(&a->random, ACT_TABLES)];
    uint64_t dice = random_below(&a->random, 100);
    kql->n = 0;
    a->step++;
    if (a->shared.batch_count == ACT_BATCHES || dice < 3)
        act_delete_own(a, kql);
    else if (dice < 18)
        act_keyed(a, kql);
    else if (dice < 23)
        act_function(a, kql);
    else if (dice < 32)
        act_stream(a, kql);
    else if (!table->there)
        act_create(a, table, kql);
    else
        act_on_table(a, table, kql);
}

/* ---- what must be there ---- */

static void put_batch(lines *out, const act_batch *batch) {
    int64_t sum = 0, squares = 0;
    for (int64_t k = batch->first; k < batch->first + batch->count; k++) {
        sum += k;
        squares += k * k % 1000003;
    }
    lines_add(out, "%lld\t%lld\t%lld\t%lld\t%lld\t%lld\t0\n", (long long)batch->id,
              (long long)batch->count, (long long)batch->first,
              (long long)(batch->first + batch->count - 1), (long long)sum, (long long)squares);
}

static void put_question(const actor *a, const act_table *table, lines *kql) {
    char name[32];
    lines_add(kql, "%s | getschema | count; ", name_of(a, table, name));
    lines_add(kql,
              "%s | where batch %% 100 == %u | summarize count(), min(key), max(key), "
              "sum(key), sum(key * key %% 1000003), countif(check != key * 7919 %% 1000003 or "
              "pad != strcat('p', tostring(key %% 97))",
              name, a->number);
    for (uint32_t e = 0; e < table->columns_added; e++)
        lines_add(kql, " or (e%u != '' and e%u != tostring(key %% %u))", e, e, e + 2);
    lines_add(kql, ") by batch | sort by batch asc");
}

static trawl_status compare(trawl_db *db, const char *kql, const lines *wanted, lines *differs,
                            trawl_error *err) {
    lines got = {0};
    trawl_status status = ask(db, kql, 2, &got, err);
    const char *is = got.n ? got.bytes : "", *should = wanted->n ? wanted->bytes : "";
    if (status == TRAWL_OK && strcmp(is, should) != 0)
        lines_add(differs, "%.300s\n  is     %.400s\n  should %.400s\n", kql, is, should);
    if (status == TRAWL_E_SEMANTIC) { /* a table or a column is not there */
        lines_add(differs, "%.300s\n  %s\n", kql, err->message);
        *err = (trawl_error)TRAWL_ERROR_INIT;
        status = TRAWL_OK;
    }
    free(got.bytes);
    return status;
}

static trawl_status compare_rows(const actor *a, const act_table *table, trawl_db *db,
                                 lines *differs, trawl_error *err) {
    lines kql = {0}, wanted = {0};
    put_question(a, table, &kql);
    lines_add(&wanted, "%u\n", 4 + table->columns_added);
    for (uint32_t i = 0; i < table->batch_count; i++)
        put_batch(&wanted, &table->batches[i]);
    trawl_status status = compare(db, kql.bytes, &wanted, differs, err);
    free(kql.bytes);
    free(wanted.bytes);
    return status;
}

static int by_text(const void *a, const void *b) {
    return strcmp(a, b);
}

static trawl_status compare_names(const actor *a, trawl_db *db, lines *differs, trawl_error *err) {
    char rows[ACT_TABLES][64], kql[160], name[32];
    uint32_t n = 0;
    lines wanted = {0};
    for (uint32_t i = 0; i < ACT_TABLES; i++) {
        const act_table *table = &a->tables[i];
        if (!table->there)
            continue;
        snprintf(rows[n], sizeof *rows, "%s\t", name_of(a, table, name));
        if (table->docstring)
            snprintf(rows[n] + strlen(rows[n]), 12, "%u", table->docstring);
        n++;
    }
    qsort(rows, n, sizeof *rows, by_text);
    for (uint32_t i = 0; i < n; i++)
        lines_add(&wanted, "%s\n", rows[i]);
    snprintf(kql, sizeof kql,
             ".show tables | where TableName startswith 'a%u_' | project TableName, DocString "
             "| sort by TableName asc",
             a->number);
    trawl_status status = compare(db, kql, &wanted, differs, err);
    free(wanted.bytes);
    return status;
}

static trawl_status compare_function(const actor *a, trawl_db *db, lines *differs,
                                     trawl_error *err) {
    char kql[160];
    lines wanted = {0};
    snprintf(kql, sizeof kql, ".show functions | where Name == 'f%u' | project Body", a->number);
    if (a->function)
        lines_add(&wanted, "{ %u }\n", a->function);
    trawl_status status = compare(db, kql, &wanted, differs, err);
    free(wanted.bytes);
    return status;
}

static trawl_status compare_view(const actor *a, trawl_db *db, lines *differs, trawl_error *err) {
    char kql[320];
    lines wanted = {0};
    snprintf(kql, sizeof kql,
             "stream | where batch %% 100 == %u | summarize count(), sum(key) by batch %% 100; "
             "Totals | where actor == %u | project n, s, actor",
             a->number, a->number);
    if (a->stream_rows)
        lines_add(&wanted, "%u\t%lld\t%lld\n%lld\t%lld\t%u\n", a->number, (long long)a->stream_rows,
                  (long long)a->stream_sum, (long long)a->stream_rows, (long long)a->stream_sum,
                  a->number);
    trawl_status status = compare(db, kql, &wanted, differs, err);
    free(wanted.bytes);
    return status;
}

trawl_status actor_matches(const actor *a, trawl_db *db, lines *differs, trawl_error *err) {
    differs->n = 0;
    trawl_status status = compare_names(a, db, differs, err);
    if (status == TRAWL_OK)
        status = compare_function(a, db, differs, err);
    if (status == TRAWL_OK && !differs->n)
        status = compare_view(a, db, differs, err);
    if (status == TRAWL_OK && !differs->n)
        status = compare_rows(a, &a->shared, db, differs, err);
    for (uint32_t i = 0; i < ACT_TABLES && status == TRAWL_OK && !differs->n; i++)
        if (a->tables[i].there)
            status = compare_rows(a, &a->tables[i], db, differs, err);
    return status;
}

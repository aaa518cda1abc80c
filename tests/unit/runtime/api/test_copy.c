/* A copied database, with time and chance frozen: tests begin again from one state. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "include/trawl.h"

static char folder[] = "/tmp/trawl-copy-XXXXXX";

static const char *in_folder(const char *name, char path[256]) {
    snprintf(path, 256, "%s/%s", folder, name);
    return path;
}

static trawl_db *open_frozen(const char *name) {
    char path[256];
    trawl_db_options options = TRAWL_DB_OPTIONS_INIT;
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *db = NULL;
    options.directory = in_folder(name, path);
    options.frozen_ticks = INT64_C(638000000000000000);
    options.frozen_seed = 7;
    cr_assert_eq(trawl_db_open(NULL, 0, &options, &db, &err), TRAWL_OK, "%s", err.message);
    return db;
}

static void run_all(trawl_db *db, const char *text) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_query *query;
    cr_assert_eq(trawl_query_kql(db, text, strlen(text), NULL, &query, &err), TRAWL_OK, "%s",
                 err.message);
    for (uint32_t i = 0; i < trawl_query_result_count(query); i++) {
        struct ArrowArrayStream stream;
        cr_assert_eq(trawl_query_run(query, i, &stream, &err), TRAWL_OK, "%s", err.message);
        stream.release(&stream);
    }
    trawl_query_free(query);
}

static int by_name(const void *a, const void *b) {
    return strcmp(a, b);
}

/* Names and bytes of the extents of a database, as one number. */
static uint64_t extents_sum(const char *name, uint32_t *count) {
    char path[256], names[16][64], file[2400];
    uint64_t sum = 14695981039346656037u;
    snprintf(path, sizeof path, "%s/%s/extents", folder, name);
    DIR *dir = opendir(path);
    cr_assert(dir);
    *count = 0;
    for (struct dirent *e; (e = readdir(dir));)
        if (e->d_name[0] != '.' && *count < 16)
            snprintf(names[(*count)++], 64, "%.63s", e->d_name);
    closedir(dir);
    qsort(names, *count, sizeof *names, by_name);
    for (uint32_t i = 0; i < *count; i++) {
        for (const char *c = names[i]; *c; c++)
            sum = (sum ^ (uint8_t)*c) * 1099511628211u;
        snprintf(file, sizeof file, "%s/%s", path, names[i]);
        FILE *in = fopen(file, "rb");
        cr_assert(in);
        for (int c; (c = getc(in)) != EOF;)
            sum = (sum ^ (uint8_t)c) * 1099511628211u;
        fclose(in);
    }
    return sum;
}

Test(copy, the_same_commands_make_the_same_bytes) {
    static const char *const copies[] = {"one", "two"};
    char path[256];
    uint64_t sums[2];
    uint32_t counts[2];
    trawl_error err = TRAWL_ERROR_INIT;
    cr_assert(mkdtemp(folder));
    trawl_db *db = open_frozen("db");
    run_all(db,
            ".set-or-append T <| range a from 1 to 5000 step 1 | extend s = strcat('x', a % 9)");
    for (int i = 0; i < 2; i++)
        cr_assert_eq(trawl_db_copy(db, 0, in_folder(copies[i], path), &err), TRAWL_OK, "%s",
                     err.message);
    cr_expect_eq(trawl_db_copy(db, 0, in_folder("one", path), &err), TRAWL_E_USAGE);
    run_all(db, ".drop table T");
    trawl_db_close(db);
    for (int i = 0; i < 2; i++) {
        db = open_frozen(copies[i]);
        run_all(db, ".set-or-append T <| range a from 1 to 3000 step 1 | extend s = tostring(a)");
        run_all(db, ".delete table T records <| T | where a < 10");
        run_all(db, ".set-or-append U <| T | extend t = ingestion_time() | sort by a asc, s asc");
        trawl_db_close(db);
        sums[i] = extents_sum(copies[i], &counts[i]);
    }
    cr_expect_gt(counts[0], 0);
    cr_expect_eq(counts[0], counts[1]);
    cr_expect_eq(sums[0], sums[1]);
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

Test(copy, only_directories_are_copied) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *db;
    cr_assert_eq(trawl_db_open(NULL, 0, NULL, &db, &err), TRAWL_OK, "%s", err.message);
    cr_expect_eq(trawl_db_copy(db, 0, "/nowhere/at/all", &err), TRAWL_E_UNSUPPORTED);
    trawl_db_close(db);
}

/* tests/durable/ask.c: see ask.h. */
#include "tests/durable/ask.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- text ---- */

void lines_put(lines *to, const char *bytes, size_t n) {
    if (to->n + n + 1 > to->room) {
        to->room = 2 * (to->n + n) + 256;
        to->bytes = realloc(to->bytes, to->room);
        if (!to->bytes)
            abort();
    }
    if (n)
        memcpy(to->bytes + to->n, bytes, n);
    to->n += n;
    to->bytes[to->n] = 0;
}

void lines_add(lines *to, const char *format, ...) {
    char text[1200];
    va_list list;
    va_start(list, format);
    int n = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    lines_put(to, text, n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

static bool bit_of(const void *bits, int64_t i) {
    return ((const uint8_t *)bits)[i / 8] >> i % 8 & 1;
}

static void put_value(lines *out, const char *format, const struct ArrowArray *column, int64_t i) {
    i += column->offset;
    const void *data = column->buffers[1];
    if (column->buffers[0] && !bit_of(column->buffers[0], i)) {
        lines_put(out, "null", 4);
    } else if (*format == 'u') {
        const int32_t *offsets = data;
        lines_put(out, (const char *)column->buffers[2] + offsets[i],
                  (size_t)(offsets[i + 1] - offsets[i]));
    } else if (*format == 'b') {
        lines_add(out, "%d", bit_of(data, i));
    } else if (*format == 'i') {
        lines_add(out, "%" PRId32, ((const int32_t *)data)[i]);
    } else if (*format == 'g') {
        lines_add(out, "%.17g", ((const double *)data)[i]);
    } else { /* l and all times */
        lines_add(out, "%" PRId64, ((const int64_t *)data)[i]);
    }
}

/* ---- questions ---- */

trawl_status ask_open(const char *directory, const opening *how, trawl_db **out, trawl_error *err) {
    trawl_db_options options = TRAWL_DB_OPTIONS_INIT;
    options.directory = directory;
    if (how) {
        options.read_only = how->read_only;
        options.durability_relaxed = how->relaxed;
        options.frozen_ticks = how->frozen_ticks;
    }
    return trawl_db_open(NULL, 0, &options, out, err);
}

static trawl_status late_error(struct ArrowArrayStream *stream, trawl_error *err) {
    const char *message = stream->get_last_error(stream);
    *err = (trawl_error)TRAWL_ERROR_INIT;
    err->status = TRAWL_E_MEMORY;
    snprintf(err->message, sizeof err->message, "from the stream: %s", message ? message : "");
    return TRAWL_E_MEMORY;
}

static trawl_status take_rows(struct ArrowArrayStream *stream, lines *out, trawl_error *err) {
    struct ArrowSchema schema;
    struct ArrowArray batch;
    if (stream->get_schema(stream, &schema) != 0)
        return late_error(stream, err);
    trawl_status status = TRAWL_OK;
    for (;;) {
        if (stream->get_next(stream, &batch) != 0) {
            status = late_error(stream, err);
            break;
        }
        if (!batch.release)
            break;
        for (int64_t r = 0; out && r < batch.length; r++)
            for (int64_t c = 0; c < batch.n_children; c++) {
                put_value(out, schema.children[c]->format, batch.children[c], r);
                lines_put(out, c + 1 < batch.n_children ? "\t" : "\n", 1);
            }
        batch.release(&batch);
    }
    schema.release(&schema);
    return status;
}

trawl_status ask(trawl_db *db, const char *kql, uint32_t threads, lines *out, trawl_error *err) {
    return ask_as_of(db, kql, threads, 0, out, err);
}

trawl_status ask_as_of(trawl_db *db, const char *kql, uint32_t threads, int64_t ticks, lines *out,
                       trawl_error *err) {
    trawl_query_options options = TRAWL_QUERY_OPTIONS_INIT;
    trawl_query *query = NULL;
    options.threads = threads;
    options.exact_ticks = 1;
    options.seed = 1;
    options.as_of_ticks = ticks;
    options.timeout_ns = INT64_C(60000000000);
    trawl_status status = trawl_query_kql(db, kql, strlen(kql), &options, &query, err);
    for (uint32_t i = 0; status == TRAWL_OK && i < trawl_query_result_count(query); i++) {
        struct ArrowArrayStream stream;
        status = trawl_query_run(query, i, &stream, err);
        if (status != TRAWL_OK)
            break;
        status = take_rows(&stream, out, err);
        stream.release(&stream);
    }
    trawl_query_free(query);
    return status;
}

trawl_status ask_once(const char *directory, const char *kql, lines *out, trawl_error *err) {
    trawl_db *db;
    opening how = {.read_only = true};
    trawl_status status = ask_open(directory, &how, &db, err);
    if (status != TRAWL_OK)
        return status;
    status = ask(db, kql, 1, out, err);
    trawl_db_close(db);
    return status;
}

/* ---- random numbers ---- */

uint64_t random_next(uint64_t *state) {
    uint64_t v = *state += UINT64_C(0x9e3779b97f4a7c15);
    v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
    return v ^ v >> 31;
}

uint64_t random_below(uint64_t *state, uint64_t below) {
    return random_next(state) % below;
}

/* ---- files ---- */

char *folder_new(const char *purpose) {
    const char *base = getenv("TMPDIR");
    size_t room = strlen(base ? base : "/tmp") + strlen(purpose) + 20;
    char *path = malloc(room);
    if (!path)
        abort();
    snprintf(path, room, "%s/trawl-%s-XXXXXX", base ? base : "/tmp", purpose);
    if (!mkdtemp(path)) {
        perror(path);
        exit(2);
    }
    return path;
}

void tree_remove(const char *path) {
    char below[4096];
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        if (unlink(below) != 0)
            tree_remove(below);
    }
    if (folder)
        closedir(folder);
    rmdir(path);
}

uint64_t tree_bytes(const char *path, const char *prefix, uint32_t *count) {
    char below[4096];
    struct stat info;
    uint64_t bytes = 0;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 || stat(below, &info) != 0)
            continue;
        bytes += (uint64_t)info.st_size;
        if (count)
            ++*count;
    }
    if (folder)
        closedir(folder);
    return bytes;
}

int open_descriptors(void) {
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder && readdir(folder))
        count++;
    if (folder)
        closedir(folder);
    return count;
}

int64_t clock_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- cases ---- */

uint64_t cases_passed, cases_failed;

bool check_that(bool good, const char *format, ...) {
    cases_passed += good;
    cases_failed += !good;
    if (good || cases_failed > 20)
        return good;
    va_list list;
    va_start(list, format);
    printf("FAILED: ");
    vprintf(format, list);
    printf("\n");
    fflush(stdout);
    va_end(list);
    return good;
}

int cases_end(void) {
    printf("%" PRIu64 " passed, %" PRIu64 " failed\n", cases_passed, cases_failed);
    return cases_failed != 0;
}

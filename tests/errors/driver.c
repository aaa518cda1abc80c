/* tests/errors/driver.c: what is told of each text of a stream, as JSON, so that a script can look
 * at thousands of messages a second. Knows nothing of KQL.
 *
 *   errors_driver [PATH...] < FRAMES     a frame: its length in bytes and a newline, then the text
 *
 * Answers a line a frame: {"ns":time to compile,"errors":[{"at","bytes","code","message","hint"}]},
 * the first error first; no errors: the text compiles. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "include/trawl.h"

enum { ERRORS_MAX = 16, FRAME_BYTES_MAX = 1 << 24 };

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void put_text(const char *name, const char *text) {
    printf(",\"%s\":\"", name);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c < 0x20 || *c == '"' || *c == '\\' || *c == 0x7f)
            printf("\\u%04x", *c);
        else
            putchar(*c);
    putchar('"');
}

static void answer(trawl_db *db, const char *text, size_t bytes) {
    trawl_error errors[ERRORS_MAX] = {TRAWL_ERROR_INIT};
    uint32_t count = 0;
    trawl_query *query;
    trawl_query_options options = TRAWL_QUERY_OPTIONS_INIT;
    options.threads = 1;
    int64_t start = now_ns();
    if (trawl_query_kql(db, text, bytes, &options, &query, &errors[0]) == TRAWL_OK)
        trawl_query_free(query);
    else
        count = 1 + trawl_query_more_errors(db, text, bytes, &options, &errors[0], errors + 1,
                                            ERRORS_MAX - 1);
    printf("{\"ns\":%" PRId64 ",\"errors\":[", now_ns() - start);
    for (uint32_t i = 0; i < count; i++) {
        printf("%s{\"at\":%u,\"bytes\":%u", i ? "," : "", errors[i].span_offset,
               errors[i].span_bytes);
        put_text("code", errors[i].code);
        put_text("message", errors[i].message);
        put_text("hint", errors[i].hint);
        putchar('}');
    }
    puts("]}");
    fflush(stdout);
}

int main(int argc, char **argv) {
    trawl_db *db;
    trawl_error err = TRAWL_ERROR_INIT;
    if (trawl_db_open((const char *const *)argv + 1, (uint32_t)argc - 1, NULL, &db, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    size_t bytes;
    char *text = malloc(FRAME_BYTES_MAX);
    while (text && scanf("%zu", &bytes) == 1 && bytes < FRAME_BYTES_MAX) {
        if (getchar() != '\n' || fread(text, 1, bytes, stdin) != bytes)
            break;
        /* the exact size, so that reading past the end is seen */
        char *exact = malloc(bytes ? bytes : 1);
        if (!exact)
            break;
        for (size_t i = 0; i < bytes; i++)
            exact[i] = text[i];
        answer(db, exact, bytes);
        free(exact);
    }
    free(text);
    trawl_db_close(db);
    return 0;
}

/* tests/golden/text.c: memory of one test file, text that grows. Plain malloc: faults that the
 * runner plants are for the engine, not for itself. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/golden/golden.h"

typedef struct held {
    struct held *next;
    max_align_t memory[];
} held;

static held *held_first;

static void *must(void *memory) {
    if (!memory) {
        fputs("golden: out of memory\n", stderr);
        exit(2);
    }
    return memory;
}

void *hold(size_t bytes) {
    held *h = must(calloc(1, sizeof(held) + bytes + 1));
    h->next = held_first;
    held_first = h;
    return h->memory;
}

char *hold_text(const char *bytes, size_t n) {
    char *copy = hold(n + 1);
    memcpy(copy, bytes, n);
    return copy;
}

void hold_free(void) {
    while (held_first) {
        held *next = held_first->next;
        free(held_first);
        held_first = next;
    }
}

void text_put(text *t, const char *bytes, size_t n) {
    if (t->n + n + 1 > t->capacity) {
        t->capacity = (t->n + n + 1) * 2;
        t->bytes = must(realloc(t->bytes, t->capacity));
    }
    if (n)
        memcpy(t->bytes + t->n, bytes, n);
    t->n += n;
    t->bytes[t->n] = 0;
}

void text_add(text *t, const char *c_text) {
    text_put(t, c_text, strlen(c_text));
}

void text_printf(text *t, const char *format, ...) {
    char *made = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&made, format, args);
    va_end(args);
    if (n < 0)
        must(NULL);
    text_put(t, made, (size_t)n);
    free(made);
}

void text_free(text *t) {
    free(t->bytes);
    *t = (text){NULL, 0, 0};
}

char escape_of(const char *pairs, char c) {
    for (; *pairs; pairs += 2)
        if (*pairs == c)
            return pairs[1];
    return 0;
}

char *text_of_file(const char *path, size_t *bytes) {
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    text t = {NULL, 0, 0};
    char part[65536];
    size_t n;
    while ((n = fread(part, 1, sizeof part, file)) > 0)
        text_put(&t, part, n);
    bool failed = ferror(file) != 0;
    fclose(file);
    char *copy = failed ? NULL : hold_text(t.bytes ? t.bytes : "", t.n);
    if (bytes)
        *bytes = t.n;
    text_free(&t);
    return copy;
}

bool text_to_file(const char *path, const char *bytes, size_t n) {
    FILE *file = fopen(path, "wb");
    if (!file)
        return false;
    bool whole = fwrite(bytes, 1, n, file) == n;
    return fclose(file) == 0 && whole;
}

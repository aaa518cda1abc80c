/* tests/fuzz/replay_main.c: runs a fuzz target over files and folders, then over mutations of them.
 *
 *     fuzz_x [-rounds=N] [-seed=N] file-or-folder...
 *
 * For compilers without libFuzzer, and to replay a crash. Knows nothing of any target. */
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUTS_MAX = 4096, INPUT_BYTES_MAX = 1 << 20 };

typedef struct input {
    uint8_t *bytes;
    size_t n;
} input;

static input inputs[INPUTS_MAX];
static size_t input_count;
static uint64_t random_state = 1;

static uint64_t random_next(void) {
    random_state += 0x9e3779b97f4a7c15u;
    uint64_t x = random_state;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static size_t random_below(size_t n) {
    return n ? (size_t)(random_next() % n) : 0;
}

static const uint8_t *current_bytes;
static size_t current_n;

/* A failed check aborts: keep its input. */
static void keep_input(int signal_number) {
    (void)signal_number;
    FILE *file = fopen("crash-input", "wb");
    if (!file)
        return;
    fwrite(current_bytes, 1, current_n, file);
    fclose(file);
    fprintf(stderr, "input kept in crash-input\n");
}

/* The target sees memory of exactly the input's size, so that a sanitizer sees reads past it. */
static void run(const uint8_t *bytes, size_t n) {
    uint8_t *copy = malloc(n ? n : 1);
    if (!copy)
        return;
    if (n)
        memcpy(copy, bytes, n);
    current_bytes = copy;
    current_n = n;
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
}

static void add_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file || input_count == INPUTS_MAX) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(2);
    }
    uint8_t *bytes = malloc(INPUT_BYTES_MAX);
    if (!bytes)
        exit(2);
    size_t n = fread(bytes, 1, INPUT_BYTES_MAX, file);
    fclose(file);
    uint8_t *snug = realloc(bytes, n ? n : 1);
    inputs[input_count++] = (input){snug ? snug : bytes, n};
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_path(const char *path) {
    struct stat s;
    if (stat(path, &s) < 0 || !S_ISDIR(s.st_mode)) {
        add_file(path);
        return;
    }
    DIR *dir = opendir(path);
    char *names[INPUTS_MAX];
    size_t count = 0;
    const struct dirent *entry;
    while (dir && count < INPUTS_MAX && (entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            names[count++] = strdup(entry->d_name);
    if (dir)
        closedir(dir);
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++) {
        char full[4096];
        snprintf(full, sizeof full, "%s/%s", path, names[i]);
        free(names[i]);
        add_path(full);
    }
}

static size_t mutate(uint8_t *bytes, size_t n, size_t room) {
    static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0xff, '"', '\\', '(', ')', '[', '{', '\n', ' '};
    size_t at = random_below(n + 1), len;
    switch (random_below(7)) {
    case 0:
        if (at < n)
            bytes[at] ^= (uint8_t)(1u << random_below(8));
        return n;
    case 1:
        if (at < n)
            bytes[at] = odd[random_below(sizeof odd)];
        return n;
    case 2: return at; /* cut */
    case 3:            /* remove a piece */
        len = random_below(n - at + 1) % 9;
        memmove(bytes + at, bytes + at + len, n - at - len);
        return n - len;
    case 4: /* insert a byte */
        if (n == room)
            return n;
        memmove(bytes + at + 1, bytes + at, n - at);
        bytes[at] = odd[random_below(sizeof odd)];
        return n + 1;
    case 5: /* repeat a piece */
        len = random_below(n - at + 1) % 33;
        if (n + len > room)
            return n;
        memmove(bytes + at + len, bytes + at, n - at);
        return n + len;
    default: { /* splice in a piece of another input */
        const input *other = &inputs[random_below(input_count)];
        size_t from = random_below(other->n + 1);
        len = random_below(other->n - from + 1) % 65;
        if (n + len > room)
            return n;
        memmove(bytes + at + len, bytes + at, n - at);
        if (len)
            memcpy(bytes + at, other->bytes + from, len);
        return n + len;
    }
    }
}

int main(int argc, char **argv) {
    uint64_t rounds = 0;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "-rounds=", 8) == 0)
            rounds = strtoull(argv[i] + 8, NULL, 10);
        else if (strncmp(argv[i], "-seed=", 6) == 0)
            random_state = strtoull(argv[i] + 6, NULL, 10);
        else
            add_path(argv[i]);
    }
    signal(SIGABRT, keep_input);
    for (size_t i = 0; i < input_count; i++)
        run(inputs[i].bytes, inputs[i].n);
    static uint8_t bytes[INPUT_BYTES_MAX + 4096];
    for (uint64_t r = 0; r < rounds && input_count; r++) {
        const input *from = &inputs[random_below(input_count)];
        size_t n = from->n;
        if (n)
            memcpy(bytes, from->bytes, n);
        for (size_t k = 1 + random_below(8); k; k--)
            n = mutate(bytes, n, sizeof bytes);
        run(bytes, n);
    }
    printf("%zu inputs, %llu mutations\n", input_count, (unsigned long long)rounds);
    return 0;
}

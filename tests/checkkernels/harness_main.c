/* tests/checkkernels/harness_main.c: runs every family's check at every level, or its benches.
 *
 * checkkernels [family[.slot]] [--bench] [--seed N] [--level NAME]
 * A "-auto" level is ref.c as the compiler vectorises it with that level's flags: the rival that a
 * hand-written variant has to beat, checked like any other. */
#include "tests/checkkernels/harness_state.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TR_CHECK_FAMILY(name) tr_check_family tr_check_##name;
#include "checkkernels/families.inc"
#undef TR_CHECK_FAMILY

static const struct {
    const char *name;
    tr_check_family *check;
} checks[] = {
#define TR_CHECK_FAMILY(name) {#name, tr_check_##name},
#include "checkkernels/families.inc"
#undef TR_CHECK_FAMILY
};
enum { CHECK_COUNT = sizeof checks / sizeof *checks };

/* Every family, checked or not: where its slots lie. */
static const struct {
    const char *name;
    const char *level;
    size_t offset;
    size_t bytes;
} families[] = {
#define TR_FILL(family, level)                                                                     \
    {#family, #level, offsetof(tr_kernels, family), sizeof(((tr_kernels *)0)->family)},
#include "kernels/variants.inc"
#undef TR_FILL
};
enum { FAMILY_COUNT = sizeof families / sizeof *families };

#define TR_FILL(family, level) void tr_##family##_fill_##level(tr_##family##_ops *ops);
#include "checkkernels/auto.inc"
#undef TR_FILL

static void fill_auto(tr_kernels *kernels, const char *wanted) {
    (void)kernels;
    (void)wanted;
#define TR_FILL(family, level)                                                                     \
    if (strcmp(#level, wanted) == 0)                                                               \
        tr_##family##_fill_##level(&kernels->family);
#include "checkkernels/auto.inc"
#undef TR_FILL
}

typedef struct {
    const char *name;
    tr_kernels kernels;
    tr_kernels below;
} level_table;

static level_table tables[TABLES_MAX];
static uint32_t table_count;

static void table_add(const char *name, const tr_kernels *kernels, const tr_kernels *below) {
    tables[table_count++] = (level_table){name, *kernels, *below};
}

static void tables_make(bool with_ref) {
    static const struct {
        const char *name;
        const char *auto_name;
        const char *auto_level;
    } levels[] = {{"avx2", "avx2-auto", "avx2_auto"},
                  {"avx512", "avx512-auto", "avx512_auto"},
                  {"neon", "neon-auto", "neon_auto"}};
    tr_kernels ref;
    tr_kernels below;
    tr_kernels_fill(&ref, TR_LEVEL_REF);
    below = ref;
    if (with_ref)
        table_add("ref", &ref, &ref);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        uint32_t set = tr_levels_parse(levels[i].name);
        if (strcmp(tr_levels_name(set), levels[i].name) != 0)
            continue;
        tr_kernels now = ref;
        fill_auto(&now, levels[i].auto_level);
        table_add(levels[i].auto_name, &now, &ref);
        tr_kernels_fill(&now, set);
        table_add(levels[i].name, &now, &below);
        below = now;
    }
}

static tr_check check;
static tr_check_state check_state;

/* Names the slot, then dies of the signal. */
static void on_fault(int signal_number) {
    char text[256];
    const char *what = signal_number == SIGALRM ? "never came back" : "read or wrote out of bounds";
    int len = snprintf(text, sizeof text, "FAIL %s.%s at %s, seed %llu: %s\n", check.family,
                       check.slot, check.level, (unsigned long long)check.seed, what);
    if (write(2, text, (size_t)len) != len)
        _exit(3);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void table_run(uint32_t table_i) {
    tr_check_state *s = &check_state;
    uint32_t checked_before = s->checked_count;
    check.now = tables[table_i].kernels;
    s->below = tables[table_i].below;
    s->all_slots = strcmp(tables[table_i].name, "ref") == 0;
    s->table_i = table_i;
    check.level = tables[table_i].name;
    for (size_t i = 0; i < CHECK_COUNT; i++) {
        if (s->family_wanted && strcmp(s->family_wanted, checks[i].name) != 0)
            continue;
        check.family = checks[i].name;
        check.slot = "?";
        checks[i].check(&check);
        check_slot_end(&check);
    }
    printf("%s: %u slots\n", check.level, s->checked_count - checked_before);
}

/* A slot nobody checks is a failure, whether or not a level changed it. */
static void unchecked_report(void) {
    tr_check_state *s = &check_state;
    for (size_t f = 0; f < FAMILY_COUNT; f++) {
        if (strcmp(families[f].level, "ref") != 0)
            continue;
        if (s->family_wanted && strcmp(s->family_wanted, families[f].name) != 0)
            continue;
        for (size_t i = 0; i < families[f].bytes / sizeof(slot_function); i++)
            if (!s->seen[families[f].offset / sizeof(slot_function) + i]) {
                printf("FAIL %s: slot %zu (counting from 0, in the order of %s.h) has no check\n",
                       families[f].name, i, families[f].name);
                s->failed_count++;
            }
    }
}

static int usage(void) {
    fprintf(stderr, "usage: checkkernels [family[.slot]] [--bench] [--seed N] [--level NAME]\n");
    return 2;
}

int main(int argc, char **argv) {
    static char filter[64];
    const char *level = NULL;
    check.state = &check_state;
    check.seed = 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--bench") == 0)
            check.bench = true;
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            check.seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--level") == 0 && i + 1 < argc)
            level = argv[++i];
        else if (argv[i][0] != '-' && strlen(argv[i]) < sizeof filter)
            check_state.family_wanted = strcpy(filter, argv[i]);
        else
            return usage();
    }
    char *dot = strchr(filter, '.');
    if (dot) {
        *dot = 0;
        check_state.slot_wanted = dot + 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* what was printed survives a fault */
    signal(SIGSEGV, on_fault);
    signal(SIGBUS, on_fault);
    signal(SIGALRM, on_fault);
    tr_kernels_fill(&check.ref, TR_LEVEL_REF);
    tables_make(check.bench || level);
    check_state.table_count = table_count;
    printf("seed %llu\n", (unsigned long long)check.seed);
    for (uint32_t i = 0; i < table_count; i++)
        check_state.table_names[i] = tables[i].name;
    if (table_count == 0)
        table_add("ref", &check.ref, &check.ref);
    for (uint32_t i = 0; i < table_count; i++)
        if (!level || strcmp(level, tables[i].name) == 0)
            table_run(i);
    unchecked_report();
    if (check.bench) {
        bench_print(&check_state);
        if (!check_state.family_wanted || strcmp(check_state.family_wanted, "bandwidth") == 0)
            bench_bandwidth(&tables[table_count - 1].kernels, tables[table_count - 1].name);
    }
    free(check_state.lines);
    printf("%s: %u slots checked, %u failures\n", check_state.failed_count ? "FAILED" : "ok",
           check_state.checked_count, check_state.failed_count);
    return check_state.failed_count != 0;
}

/* kernels/select.c: fills a tr_kernels for a set of levels; finds out what the CPU runs.
 * One of the two places that may test platform macros. Must not know what any slot does. */
#include "kernels/kernels.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

#define TR_FILL(family, level) void tr_##family##_fill_##level(tr_##family##_ops *ops);
#include "kernels/variants.inc"
#undef TR_FILL

typedef struct {
    const char *name;
    uint32_t level;
    uint32_t implied;
} level_name;

static const level_name level_names[] = {
    {"ref", TR_LEVEL_REF, TR_LEVEL_REF},
    {"avx2", TR_LEVEL_AVX2, TR_LEVEL_REF | TR_LEVEL_AVX2},
    {"avx512", TR_LEVEL_AVX512, TR_LEVEL_REF | TR_LEVEL_AVX2 | TR_LEVEL_AVX512},
    {"neon", TR_LEVEL_NEON, TR_LEVEL_REF | TR_LEVEL_NEON},
};
enum { LEVEL_COUNT = sizeof level_names / sizeof *level_names };

#if defined(__x86_64__)
uint32_t tr_levels_supported(void) {
    uint32_t levels = TR_LEVEL_REF;
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
        __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma"))
        levels |= TR_LEVEL_AVX2;
    if ((levels & TR_LEVEL_AVX2) && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
        __builtin_cpu_supports("avx512bitalg") && __builtin_cpu_supports("avx512vpopcntdq"))
        levels |= TR_LEVEL_AVX512;
    return levels;
}
#elif defined(__aarch64__)
uint32_t tr_levels_supported(void) {
    /* The CRC instructions are optional in the first ARMv8 alone. */
    return getauxval(AT_HWCAP) & HWCAP_CRC32 ? TR_LEVEL_REF | TR_LEVEL_NEON : TR_LEVEL_REF;
}
#else
uint32_t tr_levels_supported(void) {
    return TR_LEVEL_REF;
}
#endif

uint32_t tr_levels_parse(const char *text) {
    if (!*text)
        return tr_levels_supported();
    uint32_t levels = 0;
    while (*text) {
        size_t len = strcspn(text, ",");
        size_t i = 0;
        while (i < LEVEL_COUNT &&
               !(strlen(level_names[i].name) == len && memcmp(level_names[i].name, text, len) == 0))
            i++;
        if (i == LEVEL_COUNT)
            return 0;
        levels |= level_names[i].implied;
        text += len + (text[len] == ',');
    }
    return levels & tr_levels_supported();
}

const char *tr_levels_name(uint32_t levels) {
    for (size_t i = LEVEL_COUNT; i-- > 0;)
        if (levels & level_names[i].level)
            return level_names[i].name;
    return "ref";
}

static void fill_level(tr_kernels *kernels, const char *wanted) {
#define TR_FILL(family, level)                                                                     \
    if (strcmp(#level, wanted) == 0)                                                               \
        tr_##family##_fill_##level(&kernels->family);
#include "kernels/variants.inc"
#undef TR_FILL
}

void tr_kernels_fill(tr_kernels *kernels, uint32_t levels) {
    memset(kernels, 0, sizeof *kernels);
    for (size_t i = 0; i < LEVEL_COUNT; i++)
        if ((levels | TR_LEVEL_REF) & level_names[i].level)
            fill_level(kernels, level_names[i].name);
}

static tr_kernels process_kernels;
static uint32_t process_levels;
static pthread_once_t process_once = PTHREAD_ONCE_INIT;

static void process_fill(void) {
    const char *wanted = getenv("TRAWL_LEVELS");
    uint32_t levels = wanted ? tr_levels_parse(wanted) : 0;
    process_levels = levels ? levels : tr_levels_supported();
    tr_kernels_fill(&process_kernels, process_levels);
}

const tr_kernels *tr_kernels_now(void) {
    pthread_once(&process_once, process_fill);
    return &process_kernels;
}

uint32_t tr_levels_now(void) {
    pthread_once(&process_once, process_fill);
    return process_levels;
}

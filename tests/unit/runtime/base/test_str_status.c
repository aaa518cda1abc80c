/* Strings, errors, system calls, topology. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/os.h"
#include "runtime/base/str.h"
#include "runtime/base/topology.h"

Test(str, compares) {
    cr_assert(tr_str_equal(tr_str_c("abcdef"), tr_str_c("abcdef")));
    cr_assert_not(tr_str_equal(tr_str_c("abcdef"), tr_str_c("abcdeg")));
    cr_assert_lt(tr_str_compare(tr_str_c("ab"), tr_str_c("abc")), 0);
    cr_assert_gt(tr_str_compare(tr_str_c("\xc3\xa9"), tr_str_c("z")), 0);
    cr_assert_eq(tr_str_compare(tr_str_c(""), tr_str_c("")), 0);
    cr_assert(tr_str_equal_nocase_ascii(tr_str_c("HeLLo"), tr_str_c("hEllO")));
    cr_assert_not(tr_str_equal_nocase_ascii(tr_str_c("a[b"), tr_str_c("a{b")));
}

Test(str, distance) {
    cr_assert_eq(tr_str_distance(tr_str_c("summarise"), tr_str_c("summarize"), 5), 1);
    cr_assert_eq(tr_str_distance(tr_str_c("wehre"), tr_str_c("where"), 5), 1);
    cr_assert_eq(tr_str_distance(tr_str_c("Count"), tr_str_c("count"), 5), 0);
    cr_assert_eq(tr_str_distance(tr_str_c("kitten"), tr_str_c("sitting"), 9), 3);
    cr_assert_eq(tr_str_distance(tr_str_c("abc"), tr_str_c("xyzuvw"), 2), 2);
    cr_assert_eq(tr_str_distance(tr_str_c(""), tr_str_c("ab"), 9), 2);
}

Test(status, carries_place_and_text) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_status status =
        tr_fail_at(&err, TRAWL_E_SEMANTIC, (tr_span){12, 3}, "SEM0100", "no column '%s'", "abc");
    cr_assert_eq(status, TRAWL_E_SEMANTIC);
    cr_assert_eq(err.span_offset, 12);
    cr_assert_str_eq(err.code, "SEM0100");
    cr_assert_str_eq(err.message, "no column 'abc'");
    tr_hint(&err, "did you mean '%s'?", "abd");
    cr_assert_str_eq(err.hint, "did you mean 'abd'?");
    cr_assert_eq(tr_fail(NULL, TRAWL_E_IO, "x"), TRAWL_E_IO);
}

Test(status, cuts_between_code_points) {
    trawl_error err = TRAWL_ERROR_INIT;
    char text[1200];
    for (size_t i = 0; i + 2 < sizeof text; i += 2)
        memcpy(text + i, "\xc3\xa9", 3);
    tr_fail(&err, TRAWL_E_DATA, "%s", text);
    size_t n = strlen(err.message);
    cr_assert_eq(n % 2, 0);
    cr_assert_eq((unsigned char)err.message[n - 1], 0xa9);
    tr_fail(&err, TRAWL_E_DATA, "x%s", text);
    n = strlen(err.message);
    cr_assert_eq((unsigned char)err.message[n - 1], 0xa9);
}

static bool count_name(void *ctx, const char *name) {
    *(int *)ctx += strcmp(name, "f") == 0;
    return true;
}

Test(os, files) {
    const tr_os *os = tr_os_now();
    char folder[] = "/tmp/trawl_test_XXXXXX", path[64];
    cr_assert(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/f", folder);
    int64_t file = os->open(path, TR_OS_READ | TR_OS_WRITE | TR_OS_CREATE | TR_OS_EXCLUSIVE);
    cr_assert_geq(file, 0);
    cr_assert_eq(os->write(file, "hello", 5), 5);
    cr_assert_eq(os->pwrite(file, "J", 1, 0), 1);
    char text[8] = "";
    cr_assert_eq(os->pread(file, text, 8, 0), 5);
    cr_assert_str_eq(text, "Jello");
    cr_assert_eq(os->fsync(file), 0);
    tr_file_info info;
    cr_assert_eq(os->file_info(file, &info), 0);
    cr_assert_eq(info.bytes, 5);
    cr_assert(info.is_regular);
    cr_assert_eq(os->close(file), 0);
    cr_assert_eq(os->open(path, TR_OS_WRITE | TR_OS_CREATE | TR_OS_EXCLUSIVE), -EEXIST);
    int seen = 0;
    cr_assert_eq(os->list(folder, count_name, &seen), 0);
    cr_assert_eq(seen, 1);
    cr_assert_eq(os->unlink(path), 0);
    cr_assert_eq(os->info(path, &info), -ENOENT);
    trawl_error err = TRAWL_ERROR_INIT;
    cr_assert_eq(tr_fail_os(&err, -ENOENT, "open", "x"), TRAWL_E_IO);
    cr_assert_str_eq(err.message, "cannot open 'x': no such file or directory");
    cr_assert_eq(tr_fail_os(&err, -EACCES, "open", "x"), TRAWL_E_DENIED);
    rmdir(folder);
}

Test(os, faults_count_and_hit) {
    tr_os_use(&tr_os_fault);
    tr_os_fault_set(1u << TR_FAULT_INFO | 1u << TR_FAULT_OPEN, 2, EIO, false);
    tr_file_info info;
    cr_assert_eq(tr_os_now()->info("/", &info), 0);
    cr_assert_eq(tr_os_now()->info("/", &info), -EIO);
    cr_assert_eq(tr_os_now()->info("/", &info), 0);
    cr_assert_eq(tr_os_fault_calls(), 3);
    tr_os_fault_set(1u << TR_FAULT_INFO, 2, EIO, true);
    cr_assert_eq(tr_os_now()->info("/", &info), 0);
    cr_assert_eq(tr_os_now()->info("/", &info), -EIO);
    cr_assert_eq(tr_os_now()->info("/", &info), -EIO);
    tr_os_use(NULL);
}

Test(os, clock_and_random) {
    int64_t t = tr_os_now()->clock_ns();
    cr_assert_leq(t, tr_os_now()->clock_ns());
    cr_assert_gt(tr_os_now()->now_ticks(), INT64_C(638000000000000000));
    uint64_t words[4] = {0};
    cr_assert_eq(tr_os_now()->random(words, sizeof words), sizeof words);
    cr_assert(words[0] | words[1] | words[2] | words[3]);
}

Test(topology, real_machine) {
    const tr_topology *t = tr_topology_now();
    cr_assert_geq(t->core_count, 1);
    cr_assert_geq(t->node_count, 1);
    cr_assert_geq(tr_cpu_count(), 1);
    for (uint32_t i = 0; i < t->core_count; i++)
        cr_assert_lt(t->node_of_core[i], t->node_count);
    cr_assert_not(tr_topology_pin(t->core_count));
}

Test(topology, synthetic_machine) {
    setenv("HWLOC_SYNTHETIC", "node:2 core:3 pu:1", 1);
    const tr_topology *t = tr_topology_now();
    cr_assert(t->synthetic);
    cr_assert_eq(t->core_count, 6);
    cr_assert_eq(t->node_count, 2);
    cr_assert_eq(t->node_of_core[2], 0);
    cr_assert_eq(t->node_of_core[3], 1);
    cr_assert_not(tr_topology_pin(0));
}

static tr_str nearest(const char *wanted, const char *const *candidates, const uint32_t *rarities) {
    tr_nearest best = tr_nearest_of(tr_str_c(wanted));
    for (uint32_t i = 0; candidates[i]; i++)
        tr_nearest_try_rare(&best, tr_str_c(candidates[i]), rarities ? rarities[i] : 0);
    return best.found;
}

Test(str, nearest_names) {
    static const struct {
        const char *wanted, *candidates[5], *found;
        uint32_t rarities[5];
    } cases[] = {
        {"Stat", {"Start", "State", "Status"}, "Start", {0}},  /* one edit: the first */
        {"Sttae", {"Stage", "State"}, "State", {0}},           /* swapped neighbours */
        {"coubt", {"count", "court"}, "count", {0}},           /* b is beside n */
        {"summ", {"sump", "sum"}, "sum", {0}},                 /* a doubled letter */
        {"oow", {"pow", "now"}, "now", {2, 0}},                /* the more usual */
        {"ab", {"xyab", "cd"}, "", {0}},                       /* nothing is near */
        {"total1x", {"total2x", "totall1x"}, "totall1x", {0}}, /* another number is another name */
        {"Deths", {"Damage", "DeathsDirect"}, "DeathsDirect", {0}}, /* its beginning */
        {"same", {"same", "sane"}, "sane", {0}}, /* what was written is no help */
        {"STATE", {"Stat", "State"}, "State", {0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tr_str found = nearest(cases[i].wanted, cases[i].candidates, cases[i].rarities);
        cr_expect(tr_str_equal(found, tr_str_c(cases[i].found)), "%s: %.*s", cases[i].wanted,
                  (int)found.len, found.ptr ? found.ptr : "");
    }
}

Test(status, hints_of_near_names) {
    trawl_error err = TRAWL_ERROR_INIT;
    tr_nearest best = tr_nearest_of(tr_str_c("sim"));
    const char *name;
    size_t bytes;
    tr_hint_nearest(&err, &best);
    cr_expect_str_empty(err.hint);
    cr_expect(!tr_hint_offer(&err, &name, &bytes));
    tr_nearest_try(&best, tr_str_c("sin"));
    tr_nearest_try_rare(&best, tr_str_c("sum"), 1);
    tr_nearest_try_rare(&best, tr_str_c("skim"), 2);
    tr_nearest_try_rare(&best, tr_str_c("slim"), 3);
    tr_hint_nearest(&err, &best);
    cr_expect_str_eq(err.hint, "did you mean 'sin', 'sum' or 'skim'?");
    cr_expect(tr_hint_offer(&err, &name, &bytes) && bytes == 3 && memcmp(name, "sin", 3) == 0);
}

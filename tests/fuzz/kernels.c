/* tests/fuzz/kernels.c: the kernels that meet bytes from outside take any bytes, and every level
 * says of them what ref says. The first byte of the input chooses options, the rest is text. */
#include "kernels/kernels.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok) {
    if (!ok)
        abort();
}

/* One text and room for two answers. */
typedef struct {
    const char *text;
    uint32_t n;
    uint8_t option;
    uint32_t *want, *got;
    tr_kernels ref, now;
} subject;

static void same_offsets(const subject *s, uint32_t want, uint32_t got) {
    demand(want == got);
    demand(memcmp(s->want, s->got, want * sizeof *s->want) == 0);
}

/* Two blocks, cut where the option says. */
static void try_scans(const subject *s) {
    tr_csv_dialect dialect = {(uint8_t)(s->option & 1 ? '\t' : ','), '"', !(s->option & 2)};
    tr_csv_carry csv_want = {0, 0}, csv_got = {0, 0};
    tr_json_carry json_want = {0, 0, 0}, json_got = {0, 0, 0};
    uint32_t cut = 1 + s->option % s->n, from = 0;
    for (int part = 0; part < 2 && from < s->n; part++, from = cut, cut = s->n) {
        const char *text = s->text + from;
        uint32_t n = cut - from;
        same_offsets(s, s->ref.csv.scan(text, n, &dialect, &csv_want, s->want),
                     s->now.csv.scan(text, n, &dialect, &csv_got, s->got));
        demand(memcmp(&csv_want, &csv_got, sizeof csv_want) == 0);
        same_offsets(s, s->ref.csv.rows(text, n, &dialect, &csv_want, s->want),
                     s->now.csv.rows(text, n, &dialect, &csv_got, s->got));
        same_offsets(s, s->ref.json.scan(text, n, &json_want, s->want),
                     s->now.json.scan(text, n, &json_got, s->got));
        demand(memcmp(&json_want, &json_got, sizeof json_want) == 0);
    }
    uint32_t inside = s->ref.csv.unquote(s->text, s->n, '"', (char *)s->want);
    demand(inside == s->now.csv.unquote(s->text, s->n, '"', (char *)s->got));
    demand(memcmp(s->want, s->got, inside) == 0);
}

static void try_values(const subject *s) {
    tr_kernel_str row = {s->text, s->n, 0};
    int64_t want = 0, got = 0;
    double want_real = 0, got_real = 0;
    uint64_t want_ok = 0, got_ok = 0;
    s->ref.json.longs(&row, 1, &want, &want_ok);
    s->now.json.longs(&row, 1, &got, &got_ok);
    demand(want == got && want_ok == got_ok);
    s->ref.json.reals(&row, 1, &want_real, &want_ok);
    s->now.json.reals(&row, 1, &got_real, &got_ok);
    demand(memcmp(&want_real, &got_real, 8) == 0 && want_ok == got_ok);
    s->ref.datetime.parse(&row, 1, &want, &want_ok);
    s->now.datetime.parse(&row, 1, &got, &got_ok);
    demand(want == got && want_ok == got_ok);
    demand(s->ref.utf8.valid(s->text, s->n) == s->now.utf8.valid(s->text, s->n));
    demand(s->ref.utf8.count(s->text, s->n) == s->now.utf8.count(s->text, s->n));
}

/* The head of the text is the needle, cut in two for a set. */
static void try_find(const subject *s) {
    uint32_t len = 1 + s->option % 80;
    if (len >= s->n)
        return;
    char *needle = malloc(len);
    demand(needle != NULL);
    bool any_case = s->option & 1;
    s->ref.utf8.lower(s->text, len, needle);
    if (!any_case)
        memcpy(needle, s->text, len);
    const char *text = s->text + len;
    size_t n = s->n - len;
    tr_find_plan plan;
    s->ref.find.plan(&plan, needle, len, any_case, NULL);
    demand(s->ref.find.next(&plan, text, n, 0) == s->now.find.next(&plan, text, n, 0));
    tr_kernel_str row = {text, (uint32_t)n, 0};
    tr_kernel_str literals[2] = {{needle, (len + 1) / 2, 0}, {needle + len / 2, (len + 1) / 2, 0}};
    tr_find_set set;
    s->ref.find.set(&set, literals, 2, any_case);
    uint64_t want[2], got[2];
    for (uint32_t edges = 0; edges < 4; edges++) {
        s->ref.find.rows_find(&plan, edges, &row, 1, &want[0], &want[1]);
        s->now.find.rows_find(&plan, edges, &row, 1, &got[0], &got[1]);
        demand(memcmp(want, got, sizeof want) == 0);
        s->ref.find.rows_find_any(&set, edges, &row, 1, &want[0], &want[1]);
        s->now.find.rows_find_any(&set, edges, &row, 1, &got[0], &got[1]);
        demand(memcmp(want, got, sizeof want) == 0);
    }
    free(needle);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > 1 << 16)
        return 0;
    static subject s;
    if (!s.ref.find.next) {
        tr_kernels_fill(&s.ref, TR_LEVEL_REF);
        tr_kernels_fill(&s.now, tr_levels_supported());
    }
    s.option = data[0];
    s.n = (uint32_t)size - 1;
    char *text = malloc(s.n + TR_PAD);
    s.want = malloc((s.n + 64) * sizeof *s.want);
    s.got = malloc((s.n + 64) * sizeof *s.got);
    demand(text && s.want && s.got);
    memcpy(text, data + 1, s.n);
    memset(text + s.n, data[size - 1], TR_PAD); /* must not matter */
    s.text = text;
    try_scans(&s);
    try_values(&s);
    try_find(&s);
    free(text);
    free(s.want);
    free(s.got);
    return 0;
}

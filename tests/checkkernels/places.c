/* tests/checkkernels/places.c: checks and benches of the places family, on random programs over
 * rows of few letters, so that runs are long and cross words. */
#include "tests/checkkernels/harness.h"

tr_check_family tr_check_places;

enum { LETTERS = 5, LONG_ROW = 300 };
static const char letters[LETTERS + 1] = "aab.\xc3";

static void draw_class(tr_check *c, tr_places_class *class) {
    *class = (tr_places_class){.is_range = tr_check_rand(c) & 1};
    if (class->is_range) {
        uint8_t x = (uint8_t)letters[tr_check_rand_below(c, LETTERS)];
        class->lo = x;
        class->hi = tr_check_rand(c) & 1 ? x : (uint8_t)(x + tr_check_rand_below(c, 256u - x));
        for (uint32_t byte = class->lo; byte <= class->hi; byte++)
            tr_find_class_add(&class->table, (uint8_t)byte);
        return;
    }
    for (uint32_t i = 0; i < LETTERS; i++)
        if (tr_check_rand(c) & 1)
            tr_find_class_add(&class->table, (uint8_t)letters[i]);
}

/* Each step reads sets that were written before it. */
static tr_places_program *make_program(tr_check *c) {
    tr_places_program *p = tr_check_input(c, sizeof *p);
    memset(p, 0, sizeof *p);
    p->step_count = 1 + (uint32_t)tr_check_rand_below(c, TR_PLACES_STEPS_MAX / 3);
    p->class_count = 1 + (uint32_t)tr_check_rand_below(c, 6);
    p->ascii = tr_check_rand(c) & 1;
    for (uint32_t i = 0; i < p->class_count; i++)
        draw_class(c, &p->classes[i]);
    uint32_t known = 1;
    for (uint32_t i = 0; i < p->step_count; i++) {
        tr_places_step *step = &p->steps[i];
        step->kind = (uint8_t)tr_check_rand_below(c, TR_PLACES_KEEP + 1);
        step->from = (uint8_t)tr_check_rand_below(c, known);
        step->to = (uint8_t)(1 + tr_check_rand_below(c, known));
        if (step->to == TR_PLACES_SETS_MAX)
            step->to = 1;
        bool join = step->kind == TR_PLACES_JOIN;
        step->with = (uint8_t)tr_check_rand_below(c, join ? known : p->class_count);
        step->truth = (uint8_t)tr_check_rand_below(c, 16);
        step->ends = (uint8_t)tr_check_rand_below(c, 4);
        known += step->to == known;
    }
    return p;
}

static tr_kernel_str *make_rows(tr_check *c, uint32_t n, uint32_t mean, bool ascii) {
    tr_kernel_str *rows = tr_check_input(c, n * sizeof *rows);
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        rows[i].len = (uint32_t)tr_check_rand_below(c, 2 * mean + 1);
        if (tr_check_rand_below(c, 500) == 0)
            rows[i].len = TR_PLACES_ROW_BYTES_MAX - 1 + (uint32_t)tr_check_rand_below(c, 3);
        bytes += rows[i].len;
    }
    char *at = tr_check_input(c, bytes + TR_PAD);
    for (size_t i = 0; i < bytes + TR_PAD; i++)
        at[i] = letters[tr_check_rand_below(c, ascii ? LETTERS - 1 : LETTERS)];
    for (uint32_t i = 0; i < n; i++) {
        rows[i].ptr = at;
        memcpy(&rows[i].head, at, rows[i].len < 4 ? rows[i].len : 4);
        at += rows[i].len;
    }
    return rows;
}

static void check_rows_pass(tr_check *c) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        for (uint32_t round = 0; round < 6; round++) {
            tr_places_program *program = make_program(c);
            tr_kernel_str *rows = make_rows(c, n, round & 1 ? 8 : LONG_ROW / 2, round > 2);
            size_t bytes = TR_BITS_WORDS(n) * sizeof(uint64_t);
            uint64_t *among = tr_check_input(c, bytes);
            tr_check_fill_bits(c, among, n);
            uint64_t *want[2] = {tr_check_output(c, bytes), tr_check_output(c, bytes)};
            uint64_t *got[2] = {tr_check_output(c, bytes), tr_check_output(c, bytes)};
            const uint64_t *which = round & 1 ? among : NULL;
            c->ref.places.rows_pass(program, rows, n, which, want[0], want[1]);
            c->now.places.rows_pass(program, rows, n, which, got[0], got[1]);
            tr_check_same(c, want[0], got[0], bytes);
            tr_check_same(c, want[1], got[1], bytes);
            tr_check_free(c);
        }
    }
}

/* a+.a+.a+ in rows of 130 bytes on average. */
static void bench_rows_pass(tr_check *c) {
    static const uint8_t kinds[] = {TR_PLACES_READ, TR_PLACES_READ, TR_PLACES_READ,
                                    TR_PLACES_RUN,  TR_PLACES_READ, TR_PLACES_READ};
    static const uint8_t classes[] = {0, 1, 0, 0, 1, 0};
    tr_places_program *p = tr_check_input(c, sizeof *p);
    memset(p, 0, sizeof *p);
    p->step_count = sizeof kinds;
    p->class_count = 2;
    p->classes[0] = (tr_places_class){.is_range = true, .lo = 'a', .hi = 'b'};
    p->classes[1] = (tr_places_class){.is_range = true, .lo = '.', .hi = '.'};
    tr_find_class_add(&p->classes[0].table, 'a');
    tr_find_class_add(&p->classes[0].table, 'b');
    tr_find_class_add(&p->classes[1].table, '.');
    for (uint32_t i = 0; i < p->step_count; i++)
        p->steps[i] =
            (tr_places_step){.kind = kinds[i], .to = 1, .from = i > 0, .with = classes[i]};
    tr_kernel_str *rows = make_rows(c, TR_BATCH_ROWS, 130, true);
    uint64_t *bits = tr_check_output(c, TR_BATCH_ROWS / 8);
    uint64_t *unsure = tr_check_output(c, TR_BATCH_ROWS / 8);
    size_t bytes = 0;
    for (uint32_t i = 0; i < TR_BATCH_ROWS; i++)
        bytes += rows[i].len;
    while (tr_bench_more(c, bytes))
        c->now.places.rows_pass(p, rows, TR_BATCH_ROWS, NULL, bits, unsure);
}

void tr_check_places(tr_check *c) {
    if (CHECK_SLOT(c, places, rows_pass)) {
        check_rows_pass(c);
        bench_rows_pass(c);
    }
}

/* tests/checkkernels/harness_bench.c: times loops and prints the table of all levels side by side.
 * Must not know any family. */
#include "tests/checkkernels/harness_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const double repeat_ns = 150e3;
enum { REPEATS = 15 };

double bench_clock_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

void tr_bench_label(tr_check *c, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(c->state->label, sizeof c->state->label, format, args);
    va_end(args);
}

void tr_bench_rows(tr_check *c, uint64_t rows) {
    c->state->rows = rows;
}

static bench_line *line_find(tr_check_state *s, const char *name) {
    for (uint32_t i = 0; i < s->line_count; i++)
        if (strcmp(s->lines[i].name, name) == 0)
            return &s->lines[i];
    if (s->line_count == s->line_room) {
        s->line_room = s->line_room ? 2 * s->line_room : 64;
        s->lines = realloc(s->lines, s->line_room * sizeof *s->lines);
        if (!s->lines) {
            perror("checkkernels: malloc");
            exit(2);
        }
    }
    bench_line *line = &s->lines[s->line_count++];
    memset(line, 0, sizeof *line);
    snprintf(line->name, sizeof line->name, "%s", name);
    return line;
}

static void turn_record(tr_check *c, size_t bytes) {
    tr_check_state *s = c->state;
    char name[BENCH_NAME_BYTES];
    snprintf(name, sizeof name, "%s.%s%s%s", c->family, c->slot, *s->label ? " " : "", s->label);
    bench_line *line = line_find(s, name);
    line->ns_per_row[s->table_i] = s->best_ns / (double)s->rows;
    line->gb_per_second[s->table_i] = (double)bytes / s->best_ns;
    s->label[0] = 0;
    s->rows = TR_BATCH_ROWS;
}

/* The number of calls per repeat doubles until a repeat takes long enough; the best of several
 * repeats counts, because other work on the machine only ever adds time. */
bool tr_bench_turn(tr_check *c, size_t bytes) {
    tr_check_state *s = c->state;
    double now = bench_clock_ns();
    if (!s->timing) {
        s->timing = true;
        s->calibrated = false;
        s->repeats = 0;
        s->calls = 1;
    } else if (!s->calibrated) {
        if (now - s->start_ns < repeat_ns)
            s->calls *= 2;
        else
            s->calibrated = true;
        s->best_ns = (now - s->start_ns) / (double)s->calls;
    } else {
        double each_ns = (now - s->start_ns) / (double)s->calls;
        s->best_ns = each_ns < s->best_ns ? each_ns : s->best_ns;
        if (++s->repeats == REPEATS) {
            turn_record(c, bytes);
            s->timing = false;
            c->bench_left = 0;
            return false;
        }
    }
    c->bench_left = s->calls;
    s->start_ns = bench_clock_ns();
    return true;
}

/* "avx2" against "avx2-auto": a hand-written variant must beat the compiler's own loop. */
static int table_auto_of(const tr_check_state *s, uint32_t table_i) {
    for (uint32_t i = 0; i < s->table_count; i++) {
        size_t len = strlen(s->table_names[table_i]);
        if (i != table_i && strncmp(s->table_names[i], s->table_names[table_i], len) == 0 &&
            strcmp(s->table_names[i] + len, "-auto") == 0)
            return (int)i;
    }
    return -1;
}

void bench_print(const tr_check_state *s) {
    printf("%-36s", "ns/row  GB/s");
    for (uint32_t t = 0; t < s->table_count; t++)
        printf(" %19s", s->table_names[t]);
    printf("\n");
    for (uint32_t i = 0; i < s->line_count; i++) {
        const bench_line *line = &s->lines[i];
        printf("%-36s", line->name);
        for (uint32_t t = 0; t < s->table_count; t++) {
            int rival = table_auto_of(s, t);
            bool slow = rival >= 0 && line->gb_per_second[rival] > 0 &&
                        line->ns_per_row[t] > line->ns_per_row[rival] * 1.05;
            if (line->gb_per_second[t] > 0)
                printf(" %9.4f %8.2f%c", line->ns_per_row[t], line->gb_per_second[t],
                       slow ? '!' : ' ');
            else
                printf(" %19s", "-");
        }
        printf("\n");
    }
    printf("'!': slower than the compiler's own loop at the same level; '-': no variant here\n");
}

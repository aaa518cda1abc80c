/* The codec of templates: what comes back, what tests keep, what damage does. */
#include "kernels/find/find.h"
#include "runtime/store/column.h"
#include "runtime/store/template.h"
#include "tests/unit/runtime/store/template_lines.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static tr_arena *arena;
static tr_arena *scratch;

static void setup(void) {
    arena = tr_arena_new(NULL);
    scratch = tr_arena_new(NULL);
}
static void teardown(void) {
    tr_arena_free(scratch);
    tr_arena_free(arena);
}
TestSuite(codec_templates, .init = setup, .fini = teardown, .timeout = 300);

/* A column as lines and as it is encoded. */
typedef struct sample {
    uint32_t n;
    tr_str *rows; /* readable up to a multiple of 64 */
    tr_vec *pages;
    tr_column_writer out;
    bool fit;
    tr_column column;
} sample;

static sample *sample_new(uint32_t n) {
    sample *s = TR_NEW(arena, sample);
    s->n = n;
    s->rows = TR_NEW_N(arena, tr_str, n + 64);
    s->pages = TR_NEW_N(arena, tr_vec, tr_page_count(n));
    for (uint32_t p = 0; p < tr_page_count(n); p++)
        s->pages[p] = (tr_vec){.type = TR_STRING, .data = s->rows + p * TR_BATCH_ROWS};
    for (uint32_t i = 0; i < n + 64; i++)
        s->rows[i] = TR_STR_EMPTY;
    return s;
}

static void set_row(sample *s, uint32_t i, const char *text, uint32_t n) {
    s->rows[i] = tr_str_make(tr_arena_text(arena, text, n), n);
}

static sample *sample_of_kind(uint32_t kind, uint32_t n, uint64_t seed) {
    sample *s = sample_new(n);
    lines_random r = {seed};
    char line[1000];
    for (uint32_t i = 0; i < n; i++)
        set_row(s, i, line, line_make(&r, kind, line));
    return s;
}

static sample *sample_of_lines(const char *const *lines, uint32_t n) {
    sample *s = sample_new(n);
    for (uint32_t i = 0; i < n; i++)
        set_row(s, i, lines[i], (uint32_t)strlen(lines[i]));
    return s;
}

static void encode(sample *s) {
    trawl_error err;
    tr_column_input in = {TR_STRING, s->n, s->pages};
    tr_buf_start(&s->out.head, arena);
    tr_buf_start(&s->out.pages, arena);
    cr_assert_eq(tr_codec_templates.encode(arena, &in, &s->out, &s->fit, &err), TRAWL_OK);
}

static const char *page_of(const sample *s, uint32_t p, size_t *bytes) {
    uint32_t start = p ? s->out.page_ends[p - 1] : 0;
    *bytes = s->out.page_ends[p] - start;
    return s->out.pages.bytes + start;
}

static void open_column(sample *s) {
    trawl_error err = {0};
    s->column = (tr_column){.type = TR_STRING,
                            .n = s->n,
                            .codec = &tr_codec_templates,
                            .head = s->out.head.bytes,
                            .head_bytes = s->out.head.n,
                            .local = arena};
    cr_assert_eq(tr_codec_templates.open(&s->column, &err), TRAWL_OK, "%s", err.message);
}

/* Rows of page p (NULL: all) come back, one after the other in one text. */
static void check_rows(const sample *s, uint32_t p, const uint16_t *rows, uint32_t n) {
    trawl_error err = {0};
    tr_vec v;
    size_t bytes;
    const char *page = page_of(s, p, &bytes);
    tr_arena_reset(scratch);
    cr_assert_eq(tr_codec_templates.decode(&s->column, p, page, bytes, rows, n, scratch, &v, &err),
                 TRAWL_OK, "%s", err.message);
    cr_assert_eq(v.type, TR_STRING);
    cr_assert(!v.is_const);
    const char *at = v.text;
    for (uint32_t i = 0; i < n; i++) {
        tr_str want = s->rows[p * TR_BATCH_ROWS + (rows ? rows[i] : i)];
        tr_str got = tr_vec_str(&v)[i];
        cr_assert(tr_str_equal(got, want), "page %u row %u: '%.*s', not '%.*s'", p, i, (int)got.len,
                  got.ptr, (int)want.len, want.ptr);
        cr_assert_geq(got.ptr, at);
        at = got.ptr + got.len;
    }
    cr_assert_leq(at, v.text + v.text_bytes);
}

static void check_round_trip(sample *s, uint64_t seed) {
    lines_random r = {seed};
    open_column(s);
    for (uint32_t p = 0; p < tr_page_count(s->n); p++) {
        uint16_t rows[TR_BATCH_ROWS];
        uint32_t total = tr_page_rows(s->n, p), n = 0, share = 1 + random_below(&r, 30);
        check_rows(s, p, NULL, total);
        for (uint32_t i = 0; i < total; i++)
            if (random_below(&r, share) == 0)
                rows[n++] = (uint16_t)i;
        if (n)
            check_rows(s, p, rows, n);
    }
}

static const tr_template_set *set_of(const sample *s) {
    return s->column.state;
}

/* A template as text: slots as <kind>. */
static const char *shape_of(const tr_template *t) {
    static const char *const names[] = {"?",    "integer", "digits", "hex", "upper",
                                        "uuid", "ipv4",    "words",  "text"};
    tr_buf out;
    tr_buf_start(&out, arena);
    for (uint32_t k = 0; k < t->slot_count; k++) {
        tr_buf_put_str(&out, t->slots[k].before);
        tr_buf_printf(&out, "<%s>", names[t->slots[k].kind]);
    }
    tr_buf_put_str(&out, t->tail);
    tr_buf_put_char(&out, 0);
    return out.bytes;
}

Test(codec_templates, slots_are_typed_by_their_values) {
    static const char *const lines[] = {
        "user bob12 from 10.0.0.1 took 5 ms at 08:30 id 0123abcd",
        "user eve7 from 10.0.0.255 took -12 ms at 23:05 id ffff0000",
        "user bob12 from 10.2.0.1 took 0 ms at 00:00 id 12345678",
        "user eve345 from 9.0.0.1 took 70000 ms at 08:59 id deadbee5",
        "user eve345 from 9.0.0.1 took 70001 ms at 08:58 id deadbee6",
    };
    sample *s = sample_of_lines(lines, 5);
    encode(s);
    check_round_trip(s, 1);
    cr_assert_eq(set_of(s)->template_count, 1);
    cr_assert_str_eq(shape_of(&set_of(s)->templates[0]),
                     "user <words><integer> from <ipv4> took <integer> ms at <digits>:<digits> id "
                     "<hex>");
}

Test(codec_templates, words_that_go_together_are_templates) {
    sample *s = sample_new(4000);
    char line[200];
    for (uint32_t i = 0; i < s->n; i++) {
        const char *form =
            i % 3 ? "session closed for user %s %u" : "password changed by host %s %u";
        int n = sprintf(line, form, line_words[i * 7 % 16], i * i);
        set_row(s, i, line, (uint32_t)n);
    }
    encode(s);
    cr_assert(s->fit);
    check_round_trip(s, 1);
    cr_assert_eq(set_of(s)->template_count, 2);
    cr_assert_str_eq(shape_of(&set_of(s)->templates[0]),
                     "password changed by host <words> <integer>");
    cr_assert_str_eq(shape_of(&set_of(s)->templates[1]),
                     "session closed for user <words> <integer>");
}

Test(codec_templates, numbers_print_back_exactly) {
    static const char *const values[] = {"0",
                                         "-0",
                                         "00",
                                         "7",
                                         "007",
                                         "-7",
                                         "9223372036854775807",
                                         "-9223372036854775807",
                                         "-9223372036854775808",
                                         "9223372036854775808",
                                         "99999999999999999999",
                                         "0000000000000000000",
                                         "9999999999999999999",
                                         "12345678",
                                         "100000000",
                                         "99999999",
                                         "-1",
                                         "10000000000000000"};
    for (uint32_t a = 0; a < 18; a++)
        for (uint32_t b = 0; b < 18; b++) {
            char one[60], two[60];
            sprintf(one, "n=%s;", values[a]);
            sprintf(two, "n=%s;", values[b]);
            const char *lines[] = {one, two, two};
            sample *s = sample_of_lines(lines, 3);
            encode(s);
            check_round_trip(s, 1);
        }
}

Test(codec_templates, rows_of_any_size) {
    sample *s = sample_of_kind(4, 5000, 77);
    char *large = tr_arena_alloc(arena, 1 << 20, 1);
    lines_random r = {5};
    for (uint32_t i = 0; i < 1 << 20; i++)
        large[i] = (char)random_next(&r);
    set_row(s, 0, large, 1 << 20);
    set_row(s, 1, "", 0);
    set_row(s, 2500, large, 70000);
    memset(large, '1', 1 << 20);
    set_row(s, 2501, large, 70000);
    set_row(s, 2502, large, 65535);
    for (uint32_t i = 0; i < 1 << 20; i += 2)
        large[i] = ' ';
    set_row(s, 4999, large, 60000);
    encode(s);
    check_round_trip(s, 2);
}

Test(codec_templates, lines_of_every_kind) {
    static const uint32_t sizes[] = {1, 2, 3, 63, 64, 1000, 2047, 2048, 2049, 9000};
    for (uint32_t kind = 0; kind < 6; kind++)
        for (uint32_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            uint64_t seed = kind * 100 + k;
            sample *s = sample_of_kind(kind, sizes[k], seed);
            encode(s);
            if (kind < 4 && sizes[k] >= 1000)
                cr_assert(s->fit, "kind %u, %u rows", kind, sizes[k]);
            if (s->fit)
                check_round_trip(s, seed);
        }
}

Test(codec_templates, is_deterministic) {
    sample *a = sample_of_kind(5, 6000, 3), *b = sample_of_kind(5, 6000, 3);
    encode(a);
    encode(b);
    cr_assert_eq(a->out.pages.n, b->out.pages.n);
    cr_assert_eq(memcmp(a->out.pages.bytes, b->out.pages.bytes, a->out.pages.n), 0);
    cr_assert_eq(a->out.head.n, b->out.head.n);
    cr_assert_eq(memcmp(a->out.head.bytes, b->out.head.bytes, a->out.head.n), 0);
}

Test(codec_templates, text_without_templates_does_not_fit) {
    sample *s = sample_new(4096);
    lines_random r = {9};
    for (uint32_t i = 0; i < s->n; i++) {
        char line[200];
        uint32_t n = 20 + random_below(&r, 100);
        for (uint32_t k = 0; k < n; k++)
            line[k] = (char)(' ' + random_below(&r, 95));
        set_row(s, i, line, n);
    }
    encode(s);
    cr_assert(!s->fit);
}

/* ---- tests on rows ---- */

static bool is_term(uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* The literal stands in the row. A byte from 0x80 on is an edge if `lenient`. */
static bool holds(tr_str row, tr_str literal, bool any_case, uint32_t edges, bool lenient) {
    for (uint32_t at = 0; at + literal.len <= row.len; at++) {
        uint32_t k = 0, end = at + literal.len;
        while (k < literal.len && (row.ptr[at + k] == literal.ptr[k] ||
                                   (any_case && lower(row.ptr[at + k]) == lower(literal.ptr[k]))))
            k++;
        if (k < literal.len)
            continue;
        uint8_t before = at ? (uint8_t)row.ptr[at - 1] : ' ';
        uint8_t after = end < row.len ? (uint8_t)row.ptr[end] : ' ';
        bool start_ok =
            !(edges & TR_FIND_EDGE_START) || (!is_term(before) && (lenient || before < 0x80));
        bool end_ok = !(edges & TR_FIND_EDGE_END) || (!is_term(after) && (lenient || after < 0x80));
        if (start_ok && end_ok)
            return true;
    }
    return false;
}

static bool holds_any(tr_str row, const tr_prefilter *test, bool lenient) {
    bool found = holds(row, test->literal, test->any_case, test->edges, lenient);
    for (uint32_t i = 0; i < test->other_count && !found; i++)
        found = holds(row, test->others[i], test->any_case, test->edges, lenient);
    return found;
}

static bool meets(tr_str row, const tr_scan_bound *bound) {
    if (!bound->low.is_null && tr_str_compare(row, bound->low.as.str) < 0)
        return false;
    /* text has no null: "" as the high end is none */
    if (bound->high.as.str.len && tr_str_compare(row, bound->high.as.str) > 0)
        return false;
    bool found = !bound->value_count;
    for (uint32_t i = 0; i < bound->value_count; i++)
        found |= tr_str_equal(row, bound->values[i].as.str);
    return found;
}

/* Rows that the codec keeps are those wanted: every row that surely meets the test, and none that
 * surely does not unless `superset`. */
static void check_probe(const sample *s, const tr_column_test *test, bool superset) {
    trawl_error err = {0};
    uint32_t page_count = tr_page_count(s->n);
    tr_arena *local = tr_arena_new(NULL);
    bool unsure = false;
    tr_column_probe probe = {.column = &s->column,
                             .test = *test,
                             .pages = UINT64_MAX >> (64 - page_count),
                             .unsure = &unsure};
    tr_str literal = test->text ? test->text->literal : TR_STR_EMPTY;
    cr_assert_eq(tr_codec_templates.probe_start(&probe, local, &err), TRAWL_OK);
    for (uint32_t p = 0; p < page_count; p++) {
        uint64_t bits[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
        uint32_t n = tr_page_rows(s->n, p);
        size_t bytes;
        const char *page = page_of(s, p, &bytes);
        for (uint32_t i = 0; i < n; i++)
            tr_bit_set(bits, i);
        tr_bit_clear(bits, 0); /* what is gone stays gone */
        tr_arena_reset(scratch);
        cr_assert_eq(tr_codec_templates.probe_page(&probe, p, page, bytes, scratch, bits, &err),
                     TRAWL_OK);
        cr_assert(!tr_bit_get(bits, 0));
        for (uint32_t i = 0; i < n; i++) {
            tr_str row = s->rows[p * TR_BATCH_ROWS + i];
            bool sure = test->text ? holds_any(row, test->text, false) : meets(row, test->bound);
            bool maybe = test->text ? holds_any(row, test->text, true) : sure;
            bool kept = tr_bit_get(bits, i);
            if (sure)
                cr_assert(probe.pages >> p & 1, "page %u lost '%.*s'", p, (int)literal.len,
                          literal.ptr);
            if (sure && i)
                cr_assert(kept, "lost '%.*s' of '%.*s' (%u)", (int)row.len, row.ptr,
                          (int)literal.len, literal.ptr, test->text ? test->text->edges : 0);
            if (kept && !superset)
                cr_assert(maybe, "kept '%.*s' for '%.*s' (%u)", (int)row.len, row.ptr,
                          (int)literal.len, literal.ptr, test->text ? test->text->edges : 0);
            if (probe.all)
                cr_assert(maybe);
            if ((kept && !unsure) || probe.all)
                cr_assert(sure, "'%.*s' does not surely hold '%.*s' (%u)", (int)row.len, row.ptr,
                          (int)literal.len, literal.ptr, test->text ? test->text->edges : 0);
        }
        unsure = false;
    }
    tr_arena_free(local);
}

/* A piece of some row, at any place, perhaps with a byte changed or letters of the other case. */
static tr_str random_literal(const sample *s, lines_random *r) {
    for (;;) {
        tr_str row = s->rows[random_below(r, s->n)];
        if (!row.len)
            continue;
        uint32_t most = random_below(r, 3) ? 12 : 90;
        uint32_t at = random_below(r, row.len), n = 1 + random_below(r, most);
        n = n < row.len - at ? n : row.len - at;
        char *text = tr_arena_text(arena, row.ptr + at, n);
        if (random_below(r, 8) == 0)
            text[random_below(r, n)] = (char)(' ' + random_below(r, 95));
        for (uint32_t i = 0; random_below(r, 4) == 0 && i < n; i++)
            text[i] = is_term((uint8_t)text[i]) && text[i] > '9' && random_below(r, 2)
                          ? (char)(text[i] ^ 0x20)
                          : text[i];
        return tr_str_make(text, n);
    }
}

static bool is_ascii(tr_str s) {
    for (uint32_t i = 0; i < s.len; i++)
        if ((uint8_t)s.ptr[i] >= 0x80)
            return false;
    return true;
}

Test(codec_templates, literals_lose_no_row) {
    for (uint32_t kind = 0; kind < 6; kind++) {
        lines_random r = {1000 + kind};
        sample *s = sample_of_kind(kind, 2400, 50 + kind);
        encode(s);
        open_column(s);
        for (uint32_t round = 0; round < 250; round++) {
            tr_prefilter text = {.literal = random_literal(s, &r), .edges = random_below(&r, 4)};
            text.any_case = random_below(&r, 2) && is_ascii(text.literal);
            check_probe(s, &(tr_column_test){.text = &text}, text.literal.len > 58);
        }
    }
}

Test(codec_templates, several_literals_lose_no_row) {
    for (uint32_t kind = 0; kind < 6; kind++) {
        lines_random r = {2000 + kind};
        sample *s = sample_of_kind(kind, 2100, 60 + kind);
        encode(s);
        open_column(s);
        for (uint32_t round = 0; round < 40; round++) {
            tr_str others[12];
            tr_prefilter text = {.literal = random_literal(s, &r),
                                 .edges = random_below(&r, 4),
                                 .any_case = random_below(&r, 2),
                                 .other_count = random_below(&r, 12),
                                 .others = others};
            for (uint32_t i = 0; i < text.other_count; i++)
                others[i] = random_literal(s, &r);
            check_probe(s, &(tr_column_test){.text = &text}, true);
        }
    }
}

static tr_value value_of(tr_str text) {
    return (tr_value){.type = TR_STRING, .as.str = text};
}

static int by_text(const void *a, const void *b) {
    return tr_value_compare(a, b);
}

Test(codec_templates, bounds_lose_no_row) {
    for (uint32_t kind = 0; kind < 6; kind++) {
        lines_random r = {3000 + kind};
        sample *s = sample_of_kind(kind, 2400, 70 + kind);
        encode(s);
        open_column(s);
        for (uint32_t round = 0; round < 60; round++) {
            tr_value values[12];
            uint32_t n = 1 + random_below(&r, round % 5 ? 4 : 12);
            for (uint32_t i = 0; i < n; i++)
                values[i] = value_of(random_below(&r, 3) ? s->rows[random_below(&r, s->n)]
                                                         : random_literal(s, &r));
            qsort(values, n, sizeof *values, by_text);
            tr_scan_bound list = {0, values[0], values[n - 1], n, values};
            check_probe(s, &(tr_column_test){.bound = &list}, true);
            tr_scan_bound range = {0, values[0], values[n - 1], 0, NULL};
            check_probe(s, &(tr_column_test){.bound = &range}, false);
            range.low = tr_value_null(TR_STRING);
            range.low.is_null = true;
            check_probe(s, &(tr_column_test){.bound = &range}, false);
        }
    }
}

Test(codec_templates, templates_decide_without_rows) {
    sample *s = sample_of_kind(1, 6000, 5);
    encode(s);
    open_column(s);
    tr_prefilter absent = {.literal = tr_str_c("zzqqzz")};
    bool unsure = false;
    tr_column_probe probe = {
        .column = &s->column, .test = {.text = &absent}, .pages = 7, .unsure = &unsure};
    trawl_error err;
    cr_assert_eq(tr_codec_templates.probe_start(&probe, arena, &err), TRAWL_OK);
    cr_assert_eq(probe.pages, 0);
    tr_prefilter everywhere = {.literal = tr_str_c("labsz"), .any_case = true, .edges = 3};
    probe = (tr_column_probe){
        .column = &s->column, .test = {.text = &everywhere}, .pages = 7, .unsure = &unsure};
    cr_assert_eq(tr_codec_templates.probe_start(&probe, arena, &err), TRAWL_OK);
    cr_assert_eq(probe.pages, 7);
    cr_assert(probe.all);
}

/* ---- damage ---- */

/* Whatever comes of it, nothing is read that is not there. */
static void use_damaged(sample *s, const char *head, size_t head_bytes, const char *pages,
                        const uint32_t *ends) {
    trawl_error err;
    tr_prefilter text = {.literal = tr_str_c("10.2")};
    tr_budget budget = {.limit_bytes = 64 << 20};
    tr_arena *local = tr_arena_new(&budget);
    s->column.head = head;
    s->column.head_bytes = head_bytes;
    s->column.local = local;
    if (tr_codec_templates.open(&s->column, &err) == TRAWL_OK) {
        bool unsure = false;
        tr_column_probe probe = {
            .column = &s->column, .test = {.text = &text}, .pages = 3, .unsure = &unsure};
        bool started = tr_codec_templates.probe_start(&probe, local, &err) == TRAWL_OK;
        for (uint32_t p = 0; p < tr_page_count(s->n); p++) {
            uint64_t bits[TR_BITS_WORDS(TR_BATCH_ROWS)];
            tr_vec v;
            uint32_t start = p ? ends[p - 1] : 0, n = tr_page_rows(s->n, p);
            const char *page = tr_arena_text(local, pages + start, ends[p] - start);
            if (!page)
                continue;
            memset(bits, 255, sizeof bits);
            (void)tr_codec_templates.decode(&s->column, p, page, ends[p] - start, NULL, n, local,
                                            &v, &err);
            if (started)
                (void)tr_codec_templates.probe_page(&probe, p, page, ends[p] - start, local, bits,
                                                    &err);
        }
    }
    tr_arena_free(local);
}

Test(codec_templates, damage_is_an_error_or_another_value) {
    sample *s = sample_of_kind(5, 2300, 8);
    lines_random r = {4000};
    encode(s);
    open_column(s);
    size_t head_bytes = s->out.head.n, page_bytes = s->out.pages.n;
    for (uint32_t round = 0; round < 3000; round++) {
        tr_arena_reset(scratch);
        bool cut = round % 4 == 0, in_head = round % 2;
        size_t n = in_head && cut ? random_below(&r, (uint32_t)head_bytes) : head_bytes;
        char *head = tr_arena_text(scratch, s->out.head.bytes, n);
        char *pages = tr_arena_text(scratch, s->out.pages.bytes, page_bytes);
        uint32_t ends[2] = {s->out.page_ends[0], s->out.page_ends[1]};
        if (cut && !in_head)
            ends[1] = ends[0] + random_below(&r, ends[1] - ends[0]);
        for (uint32_t k = 1 + random_below(&r, 3); !cut && k; k--) {
            char *in = in_head ? head : pages;
            in[random_below(&r, (uint32_t)(in_head ? head_bytes : page_bytes))] ^=
                (char)(1u << random_below(&r, 8));
        }
        use_damaged(s, head, n, pages, ends);
    }
}

Test(codec_templates, memory_may_run_out_anywhere) {
    sample *s = sample_of_kind(5, 3000, 8);
    tr_column_input in = {TR_STRING, s->n, s->pages};
    bool done = false;
    for (int64_t limit = 8192; !done; limit = limit * 5 / 4) {
        trawl_error err;
        tr_budget budget = {.limit_bytes = limit};
        tr_arena *local = tr_arena_new(&budget);
        tr_column_writer out = {0};
        tr_buf_start(&out.head, local);
        tr_buf_start(&out.pages, local);
        trawl_status status = tr_codec_templates.encode(local, &in, &out, &s->fit, &err);
        cr_assert(status == TRAWL_OK || status == TRAWL_E_MEMORY);
        done = status == TRAWL_OK;
        tr_arena_free(local);
        cr_assert_eq(budget.used_bytes, 0);
    }
}

/* runtime/store/codec_templates.c: log lines as template and variables. template.h says how they
 * are stored. Tests on text are first asked of the templates, then, where that leaves it open, of
 * the values in the rows; only ranges print rows. */
#include "runtime/store/template_encode.h"
#include "runtime/store/template_match.h"

static bool fits(tr_type type) {
    return type == TR_STRING;
}

static trawl_status open(tr_column *column, trawl_error *err) {
    tr_template_set *set = TR_NEW(column->local, tr_template_set);
    if (!set)
        return tr_fail_memory(err);
    TR_TRY(tr_template_get_head(column->local, column->head, column->head_bytes,
                                tr_page_count(column->n), set, err));
    column->state = set;
    return TRAWL_OK;
}

/* ---- decoding ---- */

static trawl_status fail_row(trawl_error *err, uint32_t row) {
    return tr_fail(err, TRAWL_E_DATA, "row %u of a page of templates cannot be read", row);
}

/* Bytes that the rows (NULL: all `total`) have at most, and room to overrun. */
static uint64_t room_for(const tr_template_set *set, const tr_template_page *page,
                         const uint16_t *rows, uint32_t n) {
    uint64_t bytes = (uint64_t)(page->text_end - page->text) + TR_PAD;
    for (uint32_t i = 0; i < n; i++)
        bytes += set->templates[page->ids[rows ? rows[i] : i]].printed_most;
    return bytes;
}

static trawl_status print_rows(const tr_template_set *set, const tr_template_page *page,
                               uint32_t total, const uint16_t *rows, uint32_t n, char *at,
                               tr_str *out, trawl_error *err) {
    tr_template_row row = {page->records, 0, page->text, page->text_end};
    uint32_t k = 0;
    for (uint32_t i = 0; i < total && k < n; i++) {
        const tr_template *t = &set->templates[page->ids[i]];
        uint64_t skipped;
        if (!rows || rows[k] == i) {
            char *end = tr_template_print_row(set, t, &row, at);
            if (!end)
                return fail_row(err, i);
            out[k++] = tr_str_make(at, (uint32_t)(end - at));
            at = end;
        } else if (t->has_text) {
            if (!tr_template_text_bytes(t, &row, &skipped))
                return fail_row(err, i);
            row.text += skipped;
        }
        row.bit += t->record_bits;
    }
    return k == n ? TRAWL_OK : tr_fail(err, TRAWL_E_INTERNAL, "rows asked for do not ascend");
}

static trawl_status decode_open(const tr_template_set *set, const tr_template_page *page,
                                uint32_t total, const uint16_t *rows, uint32_t n, tr_arena *scratch,
                                tr_vec *out, trawl_error *err) {
    tr_vec v;
    TR_TRY(tr_vec_new(scratch, TR_STRING, n, &v, err));
    uint64_t room = room_for(set, page, rows, n);
    char *text = tr_arena_alloc(scratch, room, 64);
    if (!text)
        return tr_fail_memory(err);
    tr_str *texts = v.data;
    TR_TRY(print_rows(set, page, total, rows, n, text, texts, err));
    v.text = text;
    v.text_bytes = n ? (size_t)(texts[n - 1].ptr + texts[n - 1].len - text) : 0;
    *out = v;
    return TRAWL_OK;
}

static trawl_status decode(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                           const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                           trawl_error *err) {
    const tr_template_set *set = column->state;
    tr_template_page opened;
    uint32_t total = tr_page_rows(column->n, p);
    TR_TRY(tr_template_open_page(set, page, bytes, total, scratch, &opened, err));
    return decode_open(set, &opened, total, rows, n, scratch, out, err);
}

/* ---- testing ---- */

/* What becomes of the rows of a template. */
enum { DROP, KEEP, ASK_ROW, PRINT_ROW };

/* More literals or values than this are tested on printed rows. */
enum { MATCHERS_MAX = 8 };

typedef struct probe_state {
    uint8_t *modes; /* [template_count] */
    uint32_t matcher_count;
    const tr_matcher *matchers[MATCHERS_MAX];
    bool certain; /* all of them are */
} probe_state;

/* Printing a row and looking through it costs about so much. */
static double print_ns(const tr_template *t) {
    return 10 + 6.0 * t->slot_count + (double)t->printed_most / 16;
}

static uint8_t ask(const probe_state *s, const tr_template *t, uint32_t number) {
    uint8_t mode = DROP;
    double ns = 0;
    for (uint32_t i = 0; i < s->matcher_count; i++) {
        tr_matcher_answer answer = tr_matcher_ask(s->matchers[i], number);
        if (answer == TR_ROWS_ALL)
            return KEEP;
        if (answer == TR_ROWS_SOME) {
            ns += tr_matcher_row_ns(s->matchers[i], t);
            mode = ns > print_ns(t) ? PRINT_ROW : ASK_ROW;
        }
    }
    return mode;
}

/* Rows begin with the template's first piece, which may settle a range. */
static uint8_t ask_range(const tr_scan_bound *bound, const tr_template *t) {
    tr_str first = t->slot_count ? t->slots[0].before : t->tail;
    uint8_t mode = KEEP;
    const tr_value *ends[2] = {&bound->low, &bound->high};
    for (int i = 0; i < 2; i++) {
        if (ends[i]->is_null || ends[i]->type != TR_STRING || !ends[i]->as.str.len)
            continue;
        tr_str end = ends[i]->as.str;
        uint32_t n = first.len < end.len ? first.len : end.len;
        int order = n ? memcmp(first.ptr, end.ptr, n) : 0;
        if (order == 0)
            mode = PRINT_ROW;
        else if (i ? order > 0 : order < 0)
            return DROP;
    }
    return bound->value_count ? PRINT_ROW : mode;
}

static trawl_status make_matchers(const tr_template_set *set, const tr_column_test *test,
                                  tr_arena *local, probe_state *s, trawl_error *err) {
    const tr_prefilter *text = test->text;
    const tr_scan_bound *bound = test->bound;
    uint64_t count = text ? (uint64_t)text->other_count + 1 : bound->value_count;
    if (count > MATCHERS_MAX)
        return TRAWL_OK;
    for (uint32_t i = 0; i < count; i++) {
        if (text)
            TR_TRY(tr_matcher_of_literal(set, i ? text->others[i - 1] : text->literal,
                                         text->any_case, text->edges, local, &s->matchers[i], err));
        else
            TR_TRY(tr_matcher_of_row(set, bound->values[i].as.str, local, &s->matchers[i], err));
    }
    s->matcher_count = (uint32_t)count;
    s->certain = true;
    for (uint32_t i = 0; i < count; i++)
        s->certain &= tr_matcher_is_certain(s->matchers[i]);
    return TRAWL_OK;
}

static trawl_status probe_start(tr_column_probe *probe, tr_arena *local, trawl_error *err) {
    const tr_template_set *set = probe->column->state;
    probe_state *s = TR_NEW(local, probe_state);
    uint8_t *modes = TR_NEW_N(local, uint8_t, set->template_count + 1);
    uint64_t pages = 0;
    bool all = true;
    if (!s || !modes)
        return tr_fail_memory(err);
    TR_TRY(make_matchers(set, &probe->test, local, s, err));
    for (uint32_t i = 0; i < set->template_count; i++) {
        const tr_template *t = &set->templates[i];
        modes[i] = s->matcher_count   ? ask(s, t, i)
                   : probe->test.text ? PRINT_ROW
                                      : ask_range(probe->test.bound, t);
        pages |= modes[i] == DROP ? 0 : t->pages;
        all &= modes[i] == KEEP;
    }
    s->modes = modes;
    probe->state = s;
    probe->pages &= pages;
    probe->all = all;
    return TRAWL_OK;
}

/* Which rows are kept, to be asked, to be printed, by their templates. */
static void sort_rows(const uint8_t *modes, const uint64_t *ids, uint32_t n, uint64_t *bits,
                      uint64_t *asked, uint64_t *printed) {
    for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++) {
        uint32_t count = n - w * 64 < 64 ? n - w * 64 : 64;
        uint64_t masks[4] = {0};
        for (uint32_t j = 0; j < count; j++)
            masks[modes[ids[w * 64 + j]]] |= UINT64_C(1) << j;
        bits[w] &= ~masks[DROP];
        asked[w] = masks[ASK_ROW] & bits[w];
        printed[w] = masks[PRINT_ROW] & bits[w];
    }
}

static trawl_status ask_rows(const probe_state *s, const tr_template_set *set,
                             const tr_template_page *page, uint32_t n, const uint64_t *asked,
                             uint64_t *bits, trawl_error *err) {
    tr_template_row row = {page->records, 0, page->text, page->text_end};
    for (uint32_t i = 0; i < n; i++) {
        const tr_template *t = &set->templates[page->ids[i]];
        bool damaged = false, kept = false;
        uint64_t text_bytes;
        if (tr_bit_get(asked, i)) {
            for (uint32_t k = 0; k < s->matcher_count && !kept; k++)
                kept = tr_matcher_row(s->matchers[k], set, t, row, &damaged);
            if (!kept)
                tr_bit_clear(bits, i);
        }
        if (t->has_text) {
            damaged |= !tr_template_text_bytes(t, &row, &text_bytes);
            if (!damaged)
                row.text += text_bytes;
        }
        if (damaged)
            return fail_row(err, i);
        row.bit += set->record_bits[page->ids[i]];
    }
    return TRAWL_OK;
}

static trawl_status print_and_test(const tr_column_probe *probe, const tr_template_page *page,
                                   uint32_t total, const uint64_t *printed, tr_arena *scratch,
                                   uint64_t *bits, trawl_error *err) {
    uint16_t rows[TR_BATCH_ROWS];
    uint64_t met[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
    uint32_t n = 0;
    tr_vec values;
    for (uint32_t i = 0; i < total; i++)
        if (tr_bit_get(printed, i))
            rows[n++] = (uint16_t)i;
    for (uint32_t i = 0; i < n; i++)
        tr_bit_set(met, i);
    TR_TRY(decode_open(probe->column->state, page, total, rows, n, scratch, &values, err));
    TR_TRY(tr_column_probe_rows(probe, &values, n, scratch, met, err));
    for (uint32_t i = 0; i < n; i++)
        if (!tr_bit_get(met, i))
            tr_bit_clear(bits, rows[i]);
    return TRAWL_OK;
}

static bool any(const uint64_t *bits, uint32_t n) {
    uint64_t all = 0;
    for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
        all |= bits[w];
    return all != 0;
}

static trawl_status probe_page(const tr_column_probe *probe, uint32_t p, const char *page,
                               size_t bytes, tr_arena *scratch, uint64_t *bits, trawl_error *err) {
    const tr_template_set *set = probe->column->state;
    const probe_state *s = probe->state;
    uint64_t asked[TR_BITS_WORDS(TR_BATCH_ROWS)], printed[TR_BITS_WORDS(TR_BATCH_ROWS)];
    uint32_t n = tr_page_rows(probe->column->n, p);
    tr_template_page opened;
    TR_TRY(tr_template_open_page(set, page, bytes, n, scratch, &opened, err));
    sort_rows(s->modes, opened.ids, n, bits, asked, printed);
    if (any(asked, n)) {
        TR_TRY(ask_rows(s, set, &opened, n, asked, bits, err));
        for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
            *probe->unsure |= !s->certain && (asked[w] & bits[w]);
    }
    if (any(printed, n))
        TR_TRY(print_and_test(probe, &opened, n, printed, scratch, bits, err));
    return TRAWL_OK;
}

const tr_codec tr_codec_templates = {.id = TR_CODEC_TEMPLATES,
                                     .name = "templates",
                                     .fits = fits,
                                     .scan_ns = 50,
                                     .encode = tr_templates_encode,
                                     .open = open,
                                     .decode = decode,
                                     .probe_start = probe_start,
                                     .probe_page = probe_page};

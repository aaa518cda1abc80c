/* runtime/store/template_encode.c: a column of text as templates and variables.
 *
 * Templates are learned from a sample of the lines; every line is matched with them; what is left
 * is learned from again, at last with coarser tokens. Lines that fit nothing are stored whole, by a
 * template that is one slot of text. When all lines have a template, each slot gets the narrowest
 * way to store the values that it turned out to have. */
#include "runtime/store/template_encode.h"

#include <stdlib.h>

#include "runtime/store/template_learn.h"

enum {
    ROUNDS = 4,
    ROUNDS_FINE = 3,
    SAMPLE_LINES = 4096,
    TEMPLATE_ROWS_MIN = 2, /* fewer rows are stored whole */
};

#define NO_TEMPLATE UINT32_MAX

/* More templates than this say that lines are made of something else: URLs, prose. */
static uint32_t templates_limit(uint32_t rows, uint32_t rows_each) {
    return 128 + rows / rows_each;
}

/* A template with its rows. */
typedef struct plan {
    const tr_shape *shape;     /* NULL: lines are stored whole */
    uint32_t row_count, first; /* in encoder.order */
    uint32_t next;             /* while pages are written */
    uint32_t number, field_count;
    tr_buf records;        /* of each row: u16 bytes of its fields, then their text */
    uint64_t *field_bytes; /* of all rows */
    tr_slot_data *fields;
    uint64_t *packed;    /* [row_count][packed_words] the records as they are stored */
    size_t packed_words; /* of a record */
    const char *text;    /* bytes of slots that are text, row by row */
    size_t *text_ends;   /* [row_count], NULL: no such slot */
} plan;

typedef struct encoder {
    tr_arena *scratch;
    tr_arena *work; /* of one plan at a time: stays small, and so in the caches */
    uint32_t n;
    tr_str *rows;
    uint64_t raw_bytes;
    uint32_t *template_of; /* [n] number of a plan, or NO_TEMPLATE */
    uint32_t *left;        /* rows without a template yet */
    uint32_t left_count;
    uint32_t plan_count;
    plan *plans; /* [TR_TEMPLATES_MAX] */
    uint32_t *order;
    tr_words words;
} encoder;

static trawl_status start(encoder *e, const tr_column_input *in, trawl_error *err) {
    uint32_t n = in->n;
    e->n = n;
    e->rows = tr_arena_alloc(e->scratch, n * sizeof *e->rows, 16);
    e->template_of = tr_arena_alloc(e->scratch, n * sizeof *e->template_of, 16);
    e->left = tr_arena_alloc(e->scratch, n * sizeof *e->left, 16);
    e->order = tr_arena_alloc(e->scratch, n * sizeof *e->order, 16);
    e->plans = TR_NEW_N(e->scratch, plan, TR_TEMPLATES_MAX);
    if (!e->rows || !e->template_of || !e->left || !e->order || !e->plans)
        return tr_fail_memory(err);
    for (uint32_t p = 0; p < tr_page_count(n); p++)
        memcpy(e->rows + p * TR_BATCH_ROWS, tr_vec_str(&in->pages[p]),
               tr_page_rows(n, p) * sizeof *e->rows);
    for (uint32_t i = 0; i < n; i++) {
        e->raw_bytes += e->rows[i].len;
        e->template_of[i] = NO_TEMPLATE;
        e->left[i] = i;
    }
    e->left_count = n;
    return TRAWL_OK;
}

/* ---- which template each line is of ---- */

enum { COPY_BYTES = 16, FETCH_AHEAD = 4 };

/* Values are short as a rule: a call for each costs more than a few bytes too many. Both have pads.
 */
static void copy_value(char *to, const char *from, uint32_t n) {
    for (uint32_t k = 0; k < n; k += COPY_BYTES)
        memcpy(to + k, from + k, COPY_BYTES);
}

/* Keep the values of the fields while the line is at hand: field by field, later, each line would
 * have to be fetched from afar again and again. */
static bool keep_values(encoder *e, tr_str row, plan *p, const tr_shape *shape,
                        const tr_line *line) {
    uint32_t n = shape->field_count;
    if (!p->field_bytes) {
        tr_buf_start(&p->records, e->scratch);
        p->field_bytes = TR_NEW_N(e->scratch, uint64_t, n + 1);
    }
    char *at = tr_buf_need(&p->records, n * sizeof(uint16_t) + row.len + COPY_BYTES);
    if (!at || !p->field_bytes)
        return false;
    char *text = at + n * sizeof(uint16_t);
    for (uint32_t f = 0; f < n; f++) {
        tr_token t = line->tokens[shape->fields[f]];
        uint16_t bytes = (uint16_t)(t.end - t.at);
        memcpy(at + f * sizeof bytes, &bytes, sizeof bytes);
        copy_value(text, row.ptr + t.at, bytes);
        text += bytes;
        p->field_bytes[f] += bytes;
    }
    p->records.n += (size_t)(text - at);
    return true;
}

static trawl_status match_round(encoder *e, bool coarse, tr_line *line, trawl_error *err) {
    uint32_t count = e->left_count < SAMPLE_LINES ? e->left_count : SAMPLE_LINES, kept = 0;
    tr_str *sample = TR_NEW_N(e->scratch, tr_str, count);
    tr_shapes shapes;
    if (!sample)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++)
        sample[i] = e->rows[e->left[(uint64_t)i * e->left_count / count]];
    TR_TRY(tr_shapes_learn(e->scratch, sample, count, (double)e->left_count / count, coarse,
                           TR_TEMPLATES_MAX - 1 - e->plan_count, &shapes, err));
    for (uint32_t i = 0; i < e->left_count; i++) {
        uint32_t row = e->left[i];
        const tr_shape *shape = tr_line_split(e->rows[row], coarse, line)
                                    ? tr_shapes_find(&shapes, e->rows[row], line)
                                    : NULL;
        if (!shape) {
            e->left[kept++] = row;
            continue;
        }
        uint32_t number = e->plan_count + (uint32_t)(shape - shapes.shapes);
        e->template_of[row] = number;
        e->plans[number].row_count++;
        if (!keep_values(e, e->rows[row], &e->plans[number], shape, line))
            return tr_fail_memory(err);
    }
    for (uint32_t i = 0; i < shapes.count; i++)
        e->plans[e->plan_count++].shape = &shapes.shapes[i];
    e->left_count = kept;
    return TRAWL_OK;
}

static trawl_status match_all(encoder *e, bool *fit, trawl_error *err) {
    tr_line *line = TR_NEW(e->scratch, tr_line);
    if (!line)
        return tr_fail_memory(err);
    for (uint32_t round = 0; round < ROUNDS && e->left_count; round++) {
        uint32_t sampled = e->left_count < SAMPLE_LINES ? e->left_count : SAMPLE_LINES;
        TR_TRY(match_round(e, round >= ROUNDS_FINE, line, err));
        *fit = round > 0 || e->plan_count <= templates_limit(sampled, 16);
        if (!*fit)
            return TRAWL_OK;
    }
    plan *whole = &e->plans[e->plan_count++];
    for (uint32_t i = 0; i < e->n; i++) {
        uint32_t number = e->template_of[i];
        if (number != NO_TEMPLATE && e->plans[number].row_count >= TEMPLATE_ROWS_MIN)
            continue;
        e->template_of[i] = e->plan_count - 1;
        whole->row_count++;
    }
    *fit = whole->row_count <= e->n / 2;
    return TRAWL_OK;
}

/* Drop plans without rows, number the others, list their rows. Returns how many are left. */
static uint32_t order_rows(encoder *e) {
    uint32_t first = 0, number = 0;
    for (uint32_t p = 0; p < e->plan_count; p++) {
        plan *at = &e->plans[p];
        bool used = at->row_count >= TEMPLATE_ROWS_MIN || (!at->shape && at->row_count);
        at->row_count = used ? at->row_count : 0;
        at->first = at->next = first;
        first += at->row_count;
        at->number = used ? number++ : NO_TEMPLATE;
    }
    for (uint32_t i = 0; i < e->n; i++)
        e->order[e->plans[e->template_of[i]].next++] = i;
    return number;
}

/* ---- slots ---- */

/* From records to fields, whose values then lie one after the other. */
static trawl_status spread_records(const encoder *e, plan *p, trawl_error *err) {
    uint32_t count = p->field_count;
    char **ends = TR_NEW_N(e->work, char *, count + 1);
    if (!ends)
        return tr_fail_memory(err);
    for (uint32_t f = 0; f < count; f++) {
        p->fields[f].all = ends[f] = tr_arena_alloc(e->work, p->field_bytes[f] + TR_PAD, 16);
        if (!ends[f])
            return tr_fail_memory(err);
    }
    const char *at = p->records.bytes;
    for (uint32_t i = 0; i < p->row_count; i++) {
        const char *text = at + count * sizeof(uint16_t);
        for (uint32_t f = 0; f < count; f++) {
            tr_slot_data *field = &p->fields[f];
            uint16_t bytes;
            memcpy(&bytes, at + f * sizeof bytes, sizeof bytes);
            copy_value(ends[f], text, bytes);
            field->texts[i] = ends[f];
            field->bytes[i] = bytes;
            ends[f] += bytes;
            text += bytes;
        }
        at = text;
    }
    for (uint32_t f = 0; f < count; f++)
        memset(ends[f], 0, TR_PAD);
    return TRAWL_OK;
}

static trawl_status decide_fields(encoder *e, plan *p, trawl_error *err) {
    p->field_count = p->shape ? p->shape->field_count : 1;
    p->fields = TR_NEW_N(e->work, tr_slot_data, p->field_count + 1);
    if (!p->fields)
        return tr_fail_memory(err);
    for (uint32_t f = 0; f < p->field_count; f++) {
        tr_slot_data *field = &p->fields[f];
        field->n = p->row_count;
        field->texts = tr_arena_alloc(e->work, field->n * sizeof *field->texts, 8);
        field->bytes = tr_arena_alloc(e->work, field->n * sizeof *field->bytes, 8);
        if (!field->texts || !field->bytes)
            return tr_fail_memory(err);
    }
    for (uint32_t i = 0; !p->shape && i < p->row_count; i++) {
        tr_str row = e->rows[e->order[p->first + i]];
        p->fields[0].texts[i] = row.ptr;
        p->fields[0].bytes[i] = row.len;
    }
    if (p->shape && p->field_count)
        TR_TRY(spread_records(e, p, err));
    for (uint32_t f = 0; f < p->field_count; f++)
        TR_TRY(tr_slot_data_decide(e->scratch, e->work, &e->words, &p->fields[f], err));
    return TRAWL_OK;
}

/* The template as it stands in the head: fields that are constant become static text. */
static trawl_status make_template(encoder *e, plan *p, tr_template *out, trawl_error *err) {
    tr_slot *slots = TR_NEW_N(e->scratch, tr_slot, p->field_count + 1);
    tr_buf text;
    size_t from = 0;
    if (!slots)
        return tr_fail_memory(err);
    tr_buf_start(&text, e->scratch);
    for (uint32_t f = 0; f < p->field_count; f++) {
        tr_slot_data *field = &p->fields[f];
        bool ok = !p->shape || tr_buf_put_str(&text, p->shape->pieces[f]);
        if (ok && field->is_constant)
            ok = tr_buf_put(&text, field->texts[0], field->bytes[0]);
        if (!ok)
            return tr_fail_memory(err);
        if (field->is_constant)
            continue;
        slots[out->slot_count] = field->slot;
        slots[out->slot_count].before.len = (uint32_t)(text.n - from);
        out->slot_count++;
        out->record_bits += tr_slot_bits(&field->slot);
        from = text.n;
    }
    if (p->shape && !tr_buf_put_str(&text, p->shape->pieces[p->field_count]))
        return tr_fail_memory(err);
    out->tail = tr_str_of(text.bytes ? text.bytes + from : "", text.n - from);
    const char *at = text.bytes ? text.bytes : "";
    for (uint32_t k = 0; k < out->slot_count; at += slots[k].before.len, k++)
        slots[k].before = tr_str_of(at, slots[k].before.len);
    out->slots = slots;
    return TRAWL_OK;
}

static trawl_status pack_texts(encoder *e, plan *p, trawl_error *err) {
    tr_buf text;
    tr_buf_start(&text, e->scratch);
    p->text_ends = tr_arena_alloc(e->scratch, p->row_count * sizeof *p->text_ends, 8);
    if (!p->text_ends)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < p->row_count; i++) {
        for (uint32_t f = 0; f < p->field_count; f++) {
            const tr_slot_data *field = &p->fields[f];
            if (field->slot.kind == TR_SLOT_TEXT)
                (void)tr_buf_put(&text, field->texts[i], field->bytes[i]);
        }
        p->text_ends[i] = text.n;
    }
    p->text = text.bytes;
    return text.failed ? tr_fail_memory(err) : TRAWL_OK;
}

/* The records of the plan's rows, side by side: then its fields are done with. */
static trawl_status pack_rows(encoder *e, plan *p, uint32_t record_bits, trawl_error *err) {
    bool has_text = false;
    uint32_t bit = 0;
    p->packed_words = (record_bits + 63) / 64;
    p->packed =
        tr_arena_zalloc(e->scratch, (p->row_count * p->packed_words + 1) * sizeof *p->packed, 8);
    if (!p->packed)
        return tr_fail_memory(err);
    for (uint32_t f = 0; f < p->field_count; f++) {
        const tr_slot_data *field = &p->fields[f];
        if (field->is_constant)
            continue;
        tr_slot_data_pack(field, p->packed, p->packed_words, bit);
        bit += tr_slot_bits(&field->slot);
        has_text |= field->slot.kind == TR_SLOT_TEXT;
    }
    return has_text ? pack_texts(e, p, err) : TRAWL_OK;
}

/* Most rows first: the words that they need cost templates with few rows little. */
static int by_rows(const void *a, const void *b) {
    const plan *x = *(plan *const *)a, *y = *(plan *const *)b;
    if (x->row_count != y->row_count)
        return x->row_count > y->row_count ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static trawl_status make_set(encoder *e, tr_template_set *set, trawl_error *err) {
    tr_template *templates = TR_NEW_N(e->scratch, tr_template, e->plan_count);
    plan **plans = TR_NEW_N(e->scratch, plan *, e->plan_count);
    if (!templates || !plans || !tr_words_start(&e->words, e->scratch))
        return tr_fail_memory(err);
    for (uint32_t p = 0; p < e->plan_count; p++)
        if (e->plans[p].number != NO_TEMPLATE)
            plans[set->template_count++] = &e->plans[p];
    qsort(plans, set->template_count, sizeof *plans, by_rows);
    for (uint32_t i = 0; i < set->template_count; i++) {
        tr_template *made = &templates[plans[i]->number];
        tr_arena_reset(e->work);
        TR_TRY(decide_fields(e, plans[i], err));
        TR_TRY(make_template(e, plans[i], made, err));
        TR_TRY(pack_rows(e, plans[i], made->record_bits, err));
    }
    for (uint32_t i = 0; i < e->n; i++)
        templates[e->plans[e->template_of[i]].number].pages |= UINT64_C(1) << i / TR_BATCH_ROWS;
    set->templates = templates;
    set->words = e->words.words;
    set->word_count = e->words.count;
    return TRAWL_OK;
}

/* ---- pages ---- */

static bool put_row(const plan *p, uint32_t k, uint32_t record_bits, tr_bits_writer *records,
                    tr_buf *text) {
    const uint64_t *record = p->packed + k * p->packed_words;
    /* Rows of many plans come in turn, more than the machine's own prefetcher follows. */
    __builtin_prefetch(record + FETCH_AHEAD * p->packed_words);
    for (; record_bits > 64; record_bits -= 64)
        tr_bits_put(records, *record++, 64);
    if (record_bits)
        tr_bits_put(records, *record, record_bits);
    if (!p->text_ends)
        return true;
    size_t from = k ? p->text_ends[k - 1] : 0;
    return tr_buf_put(text, p->text + from, p->text_ends[k] - from);
}

static trawl_status put_page(encoder *e, const tr_template_set *set, uint32_t p,
                             tr_column_writer *out, trawl_error *err) {
    uint64_t ids[TR_BATCH_ROWS], bits = 0;
    uint32_t first = p * TR_BATCH_ROWS, n = tr_page_rows(e->n, p);
    tr_buf text;
    tr_buf_start(&text, e->scratch);
    for (uint32_t i = 0; i < n; i++) {
        ids[i] = e->plans[e->template_of[first + i]].number;
        bits += set->templates[ids[i]].record_bits;
    }
    TR_TRY(tr_put_integers(e->scratch, ids, n, &out->pages, err));
    char *at = tr_buf_need(&out->pages, bits / 8 + 16);
    if (!at)
        return tr_fail_memory(err);
    tr_bits_writer records = {.at = at};
    for (uint32_t i = 0; i < n; i++) {
        plan *of = &e->plans[e->template_of[first + i]];
        uint32_t k = of->next++ - of->first;
        if (!put_row(of, k, set->templates[ids[i]].record_bits, &records, &text))
            return tr_fail_memory(err);
    }
    memcpy(records.at, &records.word, 8);
    out->pages.n += (bits + 7) / 8;
    if (!tr_buf_put(&out->pages, text.bytes, text.n))
        return tr_fail_memory(err);
    out->page_ends[p] = (uint32_t)out->pages.n;
    return TRAWL_OK;
}

static trawl_status encode(encoder *e, const tr_column_input *in, tr_column_writer *out, bool *fit,
                           trawl_error *err) {
    tr_template_set set = {0};
    uint32_t page_count = tr_page_count(in->n);
    TR_TRY(start(e, in, err));
    TR_TRY(match_all(e, fit, err));
    if (!*fit)
        return TRAWL_OK;
    uint32_t used = order_rows(e);
    *fit = used <= templates_limit(e->n, 64);
    if (!*fit)
        return TRAWL_OK;
    TR_TRY(make_set(e, &set, err));
    TR_TRY(tr_template_put_head(&set, page_count, &out->head, err));
    for (uint32_t p = 0; p < e->plan_count; p++)
        e->plans[p].next = e->plans[p].first;
    for (uint32_t p = 0; p < page_count; p++)
        TR_TRY(put_page(e, &set, p, out, err));
    *fit = out->pages.n <= UINT32_MAX &&
           out->pages.n + out->head.n < (e->raw_bytes + 4 * (uint64_t)in->n) / 10 * 9;
    return TRAWL_OK;
}

trawl_status tr_templates_encode(tr_arena *scratch, const tr_column_input *in,
                                 tr_column_writer *out, bool *fit, trawl_error *err) {
    encoder e = {.scratch = scratch, .work = tr_arena_child(scratch)};
    if (!e.work)
        return tr_fail_memory(err);
    trawl_status status = encode(&e, in, out, fit, err);
    tr_arena_free(e.work);
    return status;
}

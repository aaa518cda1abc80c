/* runtime/kql/op_reduce.c: reduce: texts grouped by the words that they share.
 *
 * After the clustering of event logs by R. Vaarandi: a word counts with its position; words that
 * more than a threshold of all texts have stay, all others, and all numbers, become *. Texts with
 * the same pattern form a group; groups below the threshold are called "others". */
#include "runtime/kql/analyze.h"

#include <stdlib.h>

typedef struct {
    bool keeps_rows; /* kind=source: the pattern as a column behind the input's */
    double threshold;
    tr_str separators; /* "": all that are neither letters nor digits */
} reduce;

/* ---- counting texts ---- */

typedef struct {
    tr_str text;
    uint32_t position;
    uint64_t count;
    tr_str first; /* of a pattern: the first text that has it */
} entry;

typedef struct {
    tr_arena *arena;
    entry *entries;
    uint64_t count, capacity;
    uint64_t *slots; /* index + 1, 0: free; 2 * capacity of them */
} counter;

static uint64_t hash_of(tr_str text, uint32_t position) {
    uint64_t h = 14695981039346656037u ^ position;
    for (uint32_t i = 0; i < text.len; i++)
        h = (h ^ (uint8_t)text.ptr[i]) * 1099511628211u;
    return h ^ h >> 29;
}

static uint64_t slot_of(const counter *c, tr_str text, uint32_t position) {
    uint64_t mask = 2 * c->capacity - 1, at = hash_of(text, position) & mask;
    for (; c->slots[at]; at = (at + 1) & mask) {
        const entry *e = &c->entries[c->slots[at] - 1];
        if (e->position == position && tr_str_equal(e->text, text))
            break;
    }
    return at;
}

static trawl_status grow(counter *c, trawl_error *err) {
    uint64_t capacity = c->capacity ? 2 * c->capacity : 256;
    entry *entries = TR_NEW_N(c->arena, entry, capacity);
    uint64_t *slots = TR_NEW_N(c->arena, uint64_t, 2 * capacity);
    if (!entries || !slots)
        return tr_fail_memory(err);
    if (c->count)
        memcpy(entries, c->entries, c->count * sizeof *entries);
    c->entries = entries;
    c->slots = slots;
    c->capacity = capacity;
    for (uint64_t i = 0; i < c->count; i++)
        slots[slot_of(c, entries[i].text, entries[i].position)] = i + 1;
    return TRAWL_OK;
}

/* The entry, added where there was none; the text is not copied. */
static trawl_status find_or_add(counter *c, tr_str text, uint32_t position, entry **out,
                                trawl_error *err) {
    if (c->count == c->capacity)
        TR_TRY(grow(c, err));
    uint64_t at = slot_of(c, text, position);
    if (!c->slots[at]) {
        c->entries[c->count] = (entry){.text = text, .position = position};
        c->slots[at] = ++c->count;
    }
    *out = &c->entries[c->slots[at] - 1];
    return TRAWL_OK;
}

/* ---- words ---- */

static bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (uint8_t)c >= 0x80;
}

static bool separates(const reduce *r, char c) {
    if (r->separators.len)
        return memchr(r->separators.ptr, c, r->separators.len) != NULL;
    return !is_letter_or_digit(c);
}

/* The next word at *at or later; *at moves behind it. */
static bool next_word(const reduce *r, tr_str text, uint32_t *at, uint32_t *begin, tr_str *out) {
    while (*at < text.len && separates(r, text.ptr[*at]))
        ++*at;
    *begin = *at;
    while (*at < text.len && !separates(r, text.ptr[*at]))
        ++*at;
    *out = tr_str_of(text.ptr + *begin, *at - *begin);
    return out->len != 0;
}

static bool is_number(tr_str word) {
    for (uint32_t i = 0; i < word.len; i++)
        if (word.ptr[i] < '0' || word.ptr[i] > '9')
            return false;
    return true;
}

typedef struct {
    const reduce *plan;
    counter words, patterns;
    double least; /* rows that a word or group must have more of */
    tr_buf pattern;
} reducer;

static trawl_status count_words(reducer *r, tr_str text, trawl_error *err) {
    uint32_t at = 0, begin, position = 0;
    tr_str word;
    for (; next_word(r->plan, text, &at, &begin, &word); position++) {
        entry *e;
        if (is_number(word))
            continue;
        TR_TRY(find_or_add(&r->words, word, position, &e, err));
        e->count++;
    }
    return TRAWL_OK;
}

/* What stands between two words; next to a * only what no word could begin with. */
static void put_between(reducer *r, tr_str text, uint32_t from, uint32_t to, bool star) {
    for (uint32_t i = from; i < to; i++)
        if (!star || !is_letter_or_digit(text.ptr[i]))
            tr_buf_put_char(&r->pattern, text.ptr[i]);
}

/* The pattern of a text; "" when it shares no word. */
static trawl_status pattern_of(reducer *r, tr_str text, tr_str *out, trawl_error *err) {
    uint32_t at = 0, begin, position = 0, end = 0;
    bool shares = false, was_star = false;
    tr_str word;
    r->pattern.n = 0;
    for (; next_word(r->plan, text, &at, &begin, &word); position++) {
        const entry *e = NULL;
        if (r->words.capacity && !is_number(word)) {
            uint64_t slot = r->words.slots[slot_of(&r->words, word, position)];
            e = slot ? &r->words.entries[slot - 1] : NULL;
        }
        bool stays = e && (double)e->count > r->least;
        put_between(r, text, end, begin, was_star || !stays);
        if (stays)
            tr_buf_put_str(&r->pattern, word);
        else if (!was_star || begin > end + 1 || r->pattern.bytes[r->pattern.n - 1] != '*')
            tr_buf_put_char(&r->pattern, '*');
        shares = shares || stays;
        was_star = !stays;
        end = at;
    }
    put_between(r, text, end, text.len, was_star);
    if (r->pattern.failed)
        return tr_fail_memory(err);
    *out = shares ? tr_buf_str(&r->pattern) : tr_str_c("");
    return TRAWL_OK;
}

/* ---- running ---- */

static tr_str text_of(const tr_rows *input, uint32_t chunk, uint32_t i) {
    const tr_vec *column = &input->chunks[chunk].columns[input->schema.count - 1];
    return tr_vec_str(column)[tr_row(column, i)];
}

static trawl_status survey(reducer *r, const tr_rows *input, tr_arena *arena, trawl_error *err) {
    for (uint32_t c = 0; c < input->chunk_count; c++)
        for (uint32_t i = 0; i < input->chunks[c].n; i++)
            TR_TRY(count_words(r, text_of(input, c, i), err));
    for (uint32_t c = 0; c < input->chunk_count; c++)
        for (uint32_t i = 0; i < input->chunks[c].n; i++) {
            tr_str text = text_of(input, c, i), pattern;
            entry *e;
            TR_TRY(pattern_of(r, text, &pattern, err));
            TR_TRY(find_or_add(&r->patterns, pattern, 0, &e, err));
            if (e->count++ == 0) {
                char *copy = tr_arena_text(arena, pattern.ptr, pattern.len);
                if (!copy)
                    return tr_fail_memory(err);
                e->text = tr_str_make(copy, pattern.len);
                e->first = text;
            }
        }
    return TRAWL_OK;
}

static bool is_group(const reducer *r, const entry *e) {
    return e->text.len && (double)e->count > r->least;
}

static int compare_groups(const void *a, const void *b) {
    const entry *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return tr_str_compare(x->text, y->text);
}

static trawl_status put_group(tr_rows *out, tr_arena *arena, tr_str pattern, uint64_t count,
                              tr_str first, trawl_error *err) {
    tr_value row[3] = {{.type = TR_STRING, .as.str = pattern},
                       {.type = TR_LONG, .as.i64 = (int64_t)count},
                       {.type = TR_STRING, .as.str = first}};
    return tr_rows_append_values(out, arena, row, err);
}

static trawl_status put_groups(reducer *r, tr_arena *arena, tr_rows *out, trawl_error *err) {
    uint64_t others = 0;
    qsort(r->patterns.entries, r->patterns.count, sizeof(entry), compare_groups);
    for (uint64_t i = 0; i < r->patterns.count; i++) {
        const entry *e = &r->patterns.entries[i];
        if (is_group(r, e))
            TR_TRY(put_group(out, arena, e->text, e->count, e->first, err));
        else
            others += e->count;
    }
    tr_str none = {"", 0, 0};
    return others ? put_group(out, arena, tr_str_c("others"), others, none, err) : TRAWL_OK;
}

static trawl_status put_rows(reducer *r, const tr_rows *input, tr_arena *arena, tr_rows *out,
                             trawl_error *err) {
    uint32_t width = input->schema.count;
    tr_value *row = TR_NEW_N(arena, tr_value, width + 1);
    if (!row)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < input->chunk_count; c++)
        for (uint32_t i = 0; i < input->chunks[c].n; i++) {
            tr_str pattern;
            entry *e;
            TR_TRY(pattern_of(r, text_of(input, c, i), &pattern, err));
            TR_TRY(find_or_add(&r->patterns, pattern, 0, &e, err));
            for (uint32_t k = 0; k + 1 < width; k++)
                row[k] = tr_vec_value(&input->chunks[c].columns[k], i);
            row[width - 1] = (tr_value){.type = TR_STRING};
            row[width - 1].as.str = is_group(r, e) ? e->text : tr_str_c("others");
            TR_TRY(tr_rows_append_values(out, arena, row, err));
        }
    return TRAWL_OK;
}

/* The last column of the input is the text. */
static trawl_status run_reduce(const void *bound, const tr_rows *input, tr_arena *arena,
                               const tr_func_env *env, tr_rows *out, trawl_error *err) {
    reducer r = {.plan = bound, .words.arena = arena, .patterns.arena = arena};
    (void)env;
    r.least = r.plan->threshold * (double)input->row_count;
    if (r.least < 1)
        r.least = 1; /* a word of one text is not shared */
    tr_buf_start(&r.pattern, arena);
    TR_TRY(survey(&r, input, arena, err));
    return r.plan->keeps_rows ? put_rows(&r, input, arena, out, err)
                              : put_groups(&r, arena, out, err);
}

static const tr_plugin reduce_plugin = {"reduce", run_reduce};

/* ---- binding ---- */

static trawl_status read_options(const tr_context *ctx, const tr_kql_node *node, reduce *r,
                                 trawl_error *err) {
    const tr_kql_node *threshold = tr_option(node, "threshold"),
                      *characters = tr_option(node, "characters");
    tr_value value;
    r->threshold = 0.1;
    r->separators = (tr_str){"", 0, 0};
    r->keeps_rows = tr_option(node, "kind") != NULL;
    if (threshold) {
        TR_TRY(tr_constant(ctx, threshold, &value, err));
        bool number = !value.is_null && (value.type == TR_REAL || value.type == TR_LONG);
        r->threshold = !number ? -1 : value.type == TR_REAL ? value.as.real : (double)value.as.i64;
        if (!(r->threshold >= 0 && r->threshold <= 1))
            return tr_fail_at(err, TRAWL_E_SEMANTIC, threshold->span, "SEM0117",
                              "the threshold of reduce is a number from 0 to 1");
    }
    if (!characters)
        return TRAWL_OK;
    TR_TRY(tr_constant(ctx, characters, &value, err));
    if (value.type != TR_STRING)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, characters->span, "SEM0117",
                          "the characters of reduce are a string");
    r->separators = value.as.str;
    return TRAWL_OK;
}

trawl_status tr_operator_reduce(const tr_context *ctx, const tr_kql_node *node,
                                const tr_plan *input, const tr_plan **out, trawl_error *err) {
    tr_plan_ctx *plan = &ctx->a->plan;
    reduce *r = TR_NEW(plan->query, reduce);
    uint32_t width = input->schema.count, count = 3;
    const tr_expr *text, **exprs;
    tr_str *names;
    tr_field *fields = TR_NEW_N(plan->query, tr_field, (size_t)width + 3);
    if (!r || !fields)
        return tr_fail_memory(err);
    TR_TRY(read_options(ctx, node, r, err));
    TR_TRY(tr_expression(ctx, node->children[1], &text, err));
    TR_TRY(tr_expr_cast(plan, text, TR_STRING, &text, err));
    if (r->keeps_rows) {
        TR_TRY(tr_all_columns(ctx->a, input, 1, &exprs, &names, err));
        memcpy(fields, input->schema.fields, width * sizeof *fields);
        TR_TRY(
            tr_name_unique(ctx->a, tr_str_c("Pattern"), fields, width, &fields[width].name, err));
        fields[width].type = TR_STRING;
        exprs[width] = text;
        names[width] = tr_str_c("");
        count = width + 1;
        TR_TRY(tr_plan_project(plan, input, count, exprs, names, &input, err));
    } else {
        tr_str name = tr_str_c("");
        fields[0] = (tr_field){tr_str_c("Pattern"), TR_STRING};
        fields[1] = (tr_field){tr_str_c("Count"), TR_LONG};
        fields[2] = (tr_field){tr_str_c("Representative"), TR_STRING};
        TR_TRY(tr_plan_project(plan, input, 1, &text, &name, &input, err));
    }
    tr_plan *reduced;
    TR_TRY(tr_plan_new(plan, TR_PLAN_PLUGIN, &input, 1, (tr_schema){count, fields}, &reduced, err));
    reduced->ordered = false;
    reduced->as.plugin.plugin = &reduce_plugin;
    reduced->as.plugin.bound = r;
    *out = reduced;
    return TRAWL_OK;
}

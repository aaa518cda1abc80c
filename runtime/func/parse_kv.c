/* runtime/func/parse_kv.c: key-value pairs out of text, the work behind parse-kv.
 *
 * One call gives the values of a constant list of keys as an array in the order of that list. Three
 * ways to read: given delimiters, any character that is no letter or digit, a regular expression.
 * Must not know columns, nor what types the values become. */
#include "runtime/func/domains.h"
#include "runtime/func/pattern.h"

enum { ARG_TEXT, ARG_PAIR, ARG_KV, ARG_QUOTES, ARG_ESCAPES, ARG_REGEX, ARG_GREEDY, ARG_KEYS, ARGS };

typedef struct kv_plan {
    tr_pattern pattern; /* first: what the pattern helpers expect; re is NULL without regex= */
    bool is_regex;
    bool is_greedy;
    tr_str pair, kv;
    tr_str quotes;  /* opening, closing, opening, closing ... */
    tr_str escapes; /* one character each */
    uint32_t key_count;
    tr_str *keys;
} kv_plan;

/* One text under way. */
typedef struct kv_reader {
    const kv_plan *plan;
    tr_str text;
    tr_str *values; /* [key_count] */
    bool *found;
    tr_buf *unescaped; /* room for what a quoted piece stands for */
} kv_reader;

static trawl_status kv_prepare(const tr_prepare *p, const void **bound, trawl_error *err) {
    kv_plan *plan = TR_NEW(p->query, kv_plan);
    if (!plan)
        return tr_fail_memory(err);
    for (uint32_t a = 1; a < ARGS; a++)
        if (!p->consts[a] || p->consts[a]->is_null)
            return tr_fail(err, TRAWL_E_SEMANTIC, "parse-kv: its options must be constants");
    plan->pair = p->consts[ARG_PAIR]->as.str;
    plan->kv = p->consts[ARG_KV]->as.str;
    plan->quotes = p->consts[ARG_QUOTES]->as.str;
    plan->escapes = p->consts[ARG_ESCAPES]->as.str;
    plan->is_regex = p->consts[ARG_REGEX]->as.str.len != 0;
    plan->is_greedy = p->consts[ARG_GREEDY]->as.boolean;
    if ((plan->pair.len == 0) != (plan->kv.len == 0))
        return tr_fail(
            err, TRAWL_E_SEMANTIC,
            "parse-kv: pair_delimiter and kv_delimiter are given together or not at all");
    if (plan->is_greedy && plan->pair.len == 0)
        return tr_fail(err, TRAWL_E_SEMANTIC, "parse-kv: greedy needs delimiters");
    if (plan->is_regex) {
        TR_TRY(tr_pattern_prepare(p, ARG_REGEX, 0, "", "", &plan->pattern, err));
        if (tr_regex_group_count(plan->pattern.re) != 2)
            return tr_fail(err, TRAWL_E_SEMANTIC,
                           "parse-kv: the regex must have two groups, the key and the value");
    }
    tr_str keys = p->consts[ARG_KEYS]->as.str;
    plan->key_count = tr_dyn_count(keys);
    plan->keys = TR_NEW_N(p->query, tr_str, plan->key_count + 1);
    if (!plan->keys)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < plan->key_count; k++)
        plan->keys[k] = tr_dyn_value(tr_dyn_at(keys, k)).as.str;
    *bound = plan;
    return TRAWL_OK;
}

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static tr_str trimmed(const char *begin, const char *end) {
    while (begin < end && is_blank(*begin))
        begin++;
    while (begin < end && is_blank(end[-1]))
        end--;
    return tr_str_of(begin, (size_t)(end - begin));
}

static bool stands_at(tr_str text, uint32_t at, tr_str what) {
    return what.len && text.len - at >= what.len && memcmp(text.ptr + at, what.ptr, what.len) == 0;
}

/* Where `what` next stands at `from` or later; text.len if nowhere. */
static uint32_t next_of(tr_str text, uint32_t from, tr_str what) {
    while (from < text.len && !stands_at(text, from, what)) {
        const char *hit = memchr(text.ptr + from + 1, what.ptr[0], text.len - from - 1);
        from = hit ? (uint32_t)(hit - text.ptr) : text.len;
    }
    return from;
}

static int32_t key_index(const kv_reader *r, tr_str key) {
    for (uint32_t k = 0; k < r->plan->key_count; k++)
        if (tr_str_equal(r->plan->keys[k], key))
            return (int32_t)k;
    return -1;
}

/* The first appearance of a key counts. */
static void keep(kv_reader *r, tr_str key, tr_str value) {
    int32_t k = key_index(r, key);
    if (k < 0 || r->found[k])
        return;
    r->found[k] = true;
    r->values[k] = value;
}

static bool is_among(tr_str set, char c) {
    return set.len && memchr(set.ptr, c, set.len);
}

/* A quoted piece at *at: its content without escapes, and *at moves behind the closing quote. False
 * where no quote opens, or none closes it. */
static bool quoted(kv_reader *r, uint32_t *at, tr_str *out) {
    const kv_plan *plan = r->plan;
    tr_str text = r->text;
    char close = 0;
    bool opens = false, escaped = false;
    for (uint32_t q = 0; q + 1 < plan->quotes.len && !opens && *at < text.len; q += 2) {
        opens = plan->quotes.ptr[q] == text.ptr[*at];
        close = plan->quotes.ptr[q + 1];
    }
    if (!opens)
        return false;
    uint32_t begin = *at + 1, end = begin;
    for (; end < text.len && text.ptr[end] != close; end++)
        if (is_among(plan->escapes, text.ptr[end]) && end + 1 < text.len) {
            escaped = true;
            end++;
        }
    if (end >= text.len)
        return false;
    *at = end + 1;
    *out = tr_str_of(text.ptr + begin, end - begin);
    char *to = escaped ? tr_buf_need(r->unescaped, end - begin + 1) : NULL;
    if (!to)
        return true;
    uint32_t n = 0;
    for (uint32_t i = begin; i < end; i++) {
        bool special =
            is_among(plan->escapes, text.ptr[i]) && i + 1 < end &&
            (is_among(plan->escapes, text.ptr[i + 1]) || is_among(plan->quotes, text.ptr[i + 1]));
        i += special;
        to[n++] = text.ptr[i];
    }
    *out = tr_str_of(to, n);
    r->unescaped->n += n;
    return true;
}

static uint32_t skip_blanks(const kv_reader *r, uint32_t at, tr_str unless) {
    while (at < r->text.len && is_blank(r->text.ptr[at]) && !stands_at(r->text, at, unless))
        at++;
    return at;
}

/* Greedy: a value runs to the last pair delimiter before the next key's delimiter. */
static uint32_t greedy_end(const kv_reader *r, uint32_t begin) {
    const kv_plan *plan = r->plan;
    uint32_t kv = begin;
    while ((kv = next_of(r->text, kv, plan->kv)) < r->text.len) {
        for (uint32_t at = kv; at > begin; at--)
            if (stands_at(r->text, at - 1, plan->pair))
                return at - 1;
        kv++;
    }
    return r->text.len;
}

static void read_delimited(kv_reader *r) {
    const kv_plan *plan = r->plan;
    uint32_t at = 0;
    while (at < r->text.len) {
        tr_str key, value, none = TR_STR_EMPTY;
        at = skip_blanks(r, at, none);
        uint32_t kv = at;
        bool is_quoted = quoted(r, &kv, &key);
        if (is_quoted)
            kv = skip_blanks(r, kv, plan->kv);
        else
            kv = next_of(r->text, at, plan->kv);
        uint32_t pair = next_of(r->text, is_quoted ? kv : at, plan->pair);
        if (pair < kv || !stands_at(r->text, kv, plan->kv)) {
            at = pair + plan->pair.len;
            continue;
        }
        if (!is_quoted)
            key = trimmed(r->text.ptr + at, r->text.ptr + kv);
        at = skip_blanks(r, kv + plan->kv.len, plan->pair);
        uint32_t end = at;
        if (quoted(r, &end, &value)) {
            end = next_of(r->text, end, plan->pair);
        } else {
            end = plan->is_greedy ? greedy_end(r, at) : next_of(r->text, at, plan->pair);
            value = trimmed(r->text.ptr + at, r->text.ptr + end);
        }
        keep(r, key, value);
        at = end + plan->pair.len;
    }
}

static bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (uint8_t)c >= 0x80;
}

static bool next_word(kv_reader *r, uint32_t *at, tr_str *out) {
    for (; *at < r->text.len; ++*at) {
        if (quoted(r, at, out))
            return true;
        uint32_t begin = *at;
        while (*at < r->text.len && is_word(r->text.ptr[*at]))
            ++*at;
        *out = tr_str_of(r->text.ptr + begin, *at - begin);
        if (out->len)
            return true;
    }
    return false;
}

static void read_words(kv_reader *r) {
    uint32_t at = 0;
    tr_str key, value;
    while (next_word(r, &at, &key))
        if (key_index(r, key) >= 0 && next_word(r, &at, &value))
            keep(r, key, value);
}

static trawl_status read_regex(tr_call *call, uint32_t i, kv_reader *r, tr_pattern_cache *cache,
                               trawl_error *err) {
    tr_pattern_use use;
    tr_pattern_walk walk;
    tr_regex_span groups[3];
    TR_TRY(tr_pattern_row(call, ARG_REGEX, i, cache, &use, err));
    tr_pattern_walk_start(&walk, &use, r->text, 0, groups);
    while (tr_pattern_walk_next(&walk)) {
        if (groups[1].start == TR_REGEX_UNSET || groups[2].start == TR_REGEX_UNSET)
            continue;
        const char *text = r->text.ptr;
        keep(r, trimmed(text + groups[1].start, text + groups[1].end),
             trimmed(text + groups[2].start, text + groups[2].end));
    }
    return TRAWL_OK;
}

static trawl_status kv_start(const void *bound, tr_arena *local, void **state, trawl_error *err) {
    const kv_plan *plan = bound;
    *state = NULL;
    return plan->is_regex ? tr_pattern_start(bound, local, state, err) : TRAWL_OK;
}

static trawl_status kv_eval(tr_call *call, trawl_error *err) {
    const kv_plan *plan = call->bound;
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    tr_pattern_cache cache = {.count = 0};
    tr_buf unescaped;
    kv_reader r = {.plan = plan, .unescaped = &unescaped};
    r.values = TR_NEW_N(call->scratch, tr_str, plan->key_count + 1);
    r.found = TR_NEW_N(call->scratch, bool, plan->key_count + 1);
    if (!b || !r.values || !r.found)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        r.text = tr_text_at(&call->args[ARG_TEXT], i);
        memset(r.found, 0, plan->key_count * sizeof *r.found);
        /* Room for the whole text at once: earlier values must not move. */
        tr_buf_start(&unescaped, call->scratch);
        if (plan->escapes.len && !tr_buf_need(&unescaped, (size_t)r.text.len + 1))
            return tr_fail_memory(err);
        if (plan->is_regex)
            TR_TRY(read_regex(call, i, &r, &cache, err));
        else if (plan->pair.len)
            read_delimited(&r);
        else
            read_words(&r);
        tr_dyn_open_array(b);
        for (uint32_t k = 0; k < plan->key_count; k++)
            if (r.found[k])
                tr_dyn_put_string(b, r.values[k]);
            else
                tr_dyn_put_null(b);
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

const tr_func tr_funcs_parse_kv[] = {
    {.name = "__parse_kv",
     .args = "ssssssby",
     .result = 'y',
     .flags = TR_FUNC_COSTLY | TR_FUNC_HIDDEN,
     .eval = kv_eval,
     .prepare = kv_prepare,
     .start = kv_start,
     .summary = "The values of a list of keys in a text of key-value pairs, as an array."},
    {.name = NULL},
};

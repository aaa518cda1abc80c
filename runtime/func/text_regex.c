/* runtime/func/text_regex.c: what regular expressions do to strings: matches regex, extract,
 * extract_all, replace_regex, trim, indexof_regex, countof. Must not know how patterns run. */
#include "kernels/kernels.h"
#include "runtime/data/text.h"
#include "runtime/func/domains.h"
#include "runtime/func/pattern.h"
#include "runtime/func/text_find.h"

/* ---- matches regex ---- */

typedef struct {
    tr_pattern pattern;
    bool exact;          /* finding the one need is matching */
    uint32_t need_count; /* one of these stands in every match */
    const tr_str *needs;
    bool needs_nocase;
} regex_test;

static uint32_t shortest(const tr_kernel_str *literals, uint32_t count) {
    uint32_t least = count ? literals->len : 0;
    for (uint32_t i = 1; i < count; i++)
        least = literals[i].len < least ? literals[i].len : least;
    return least;
}

/* What every match holds one of, or what all of them hold, or what they begin with: the longest. */
static trawl_status prepare_needs(const tr_prepare *p, const tr_regex_literals *known,
                                  regex_test *test, trawl_error *err) {
    tr_kernel_str required = {.ptr = known->required, .len = known->required_bytes};
    const tr_kernel_str *literals = known->prefixes;
    uint32_t count = known->prefix_count;
    test->needs_nocase = known->prefix_nocase;
    if (known->need_count) {
        literals = known->needs;
        count = known->need_count;
        test->needs_nocase = known->needs_nocase;
    } else if (known->required_bytes && known->required_bytes >= shortest(literals, count)) {
        literals = &required;
        count = 1;
        test->needs_nocase = known->required_nocase;
    }
    tr_str *needs = TR_NEW_N(p->query, tr_str, (size_t)count + 1);
    if (!needs)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        needs[i] = tr_str_of(literals[i].ptr, literals[i].len);
        if (!needs[i].len)
            return TRAWL_OK;
    }
    test->needs = needs;
    test->need_count = count;
    return TRAWL_OK;
}

static trawl_status prepare_test(const tr_prepare *p, const void **bound, trawl_error *err) {
    regex_test *test = TR_NEW(p->query, regex_test);
    if (!test)
        return tr_fail_memory(err);
    *bound = test;
    TR_TRY(tr_pattern_prepare(p, 1, 0, "", "", &test->pattern, err));
    if (!test->pattern.re)
        return TRAWL_OK;
    const tr_regex_literals *known = tr_regex_literals_of(test->pattern.re);
    const tr_utf8_ops *utf8 = &tr_kernels_now()->utf8;
    test->exact = known->exact && (!known->required_nocase ||
                                   utf8->is_ascii(known->required, known->required_bytes));
    return prepare_needs(p, known, test, err);
}

static trawl_status matches_eval(tr_call *call, trawl_error *err) {
    const regex_test *test = call->bound;
    if (test->pattern.re && (call->n == 1 || !call->args[0].is_const)) {
        tr_regex_test_rows(test->pattern.re, call->local, call->args[0].data, call->n, NULL,
                           tr_out_bits(call));
        return TRAWL_OK;
    }
    tr_pattern_cache cache = {.count = 0};
    for (uint32_t i = 0; i < call->n; i++) {
        tr_pattern_use use;
        TR_TRY(tr_pattern_row(call, 1, i, &cache, &use, err));
        tr_str text = tr_text_at(&call->args[0], i);
        if (tr_regex_test(use.re, use.scratch, text.ptr, text.len))
            tr_bit_set(tr_out_bits(call), i);
    }
    return TRAWL_OK;
}

static bool test_needs(const void *bound, uint32_t k, tr_need *out) {
    const regex_test *test = bound;
    *out = (tr_need){.count = test->need_count,
                     .literals = test->needs,
                     .any_case = test->needs_nocase,
                     .exact = test->exact};
    return k == 0 && test->need_count > 0;
}

/* ---- patterns that only need compiling ---- */

static trawl_status prepare_at(const tr_prepare *p, uint32_t arg, const char *before,
                               const char *after, const void **bound, trawl_error *err) {
    tr_pattern *pattern = TR_NEW(p->query, tr_pattern);
    if (!pattern)
        return tr_fail_memory(err);
    *bound = pattern;
    return tr_pattern_prepare(p, arg, 0, before, after, pattern, err);
}

static trawl_status prepare_first(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare_at(p, 0, "", "", bound, err);
}

static trawl_status prepare_second(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare_at(p, 1, "", "", bound, err);
}

static tr_regex_span *room_for_groups(tr_call *call, const tr_pattern_use *use) {
    return TR_NEW_N(call->scratch, tr_regex_span, (size_t)tr_regex_group_count(use->re) + 1);
}

/* Rows of argument `text` that may match a constant pattern; all where that is not known. */
static const uint64_t *likely_rows(tr_call *call, uint32_t text, uint64_t *bits) {
    const tr_pattern *pattern = call->bound;
    const tr_vec *v = &call->args[text];
    memset(bits, 0xff, TR_BITS_WORDS(call->n) * sizeof *bits);
    if (pattern->re && !v->is_const)
        tr_regex_likely_rows(pattern->re, call->local, v->data, call->n, bits);
    return bits;
}

static tr_str piece_of(tr_str text, tr_regex_span span) {
    if (span.start == TR_REGEX_UNSET || span.start == span.end)
        return tr_empty();
    return tr_str_make(text.ptr + span.start, (uint32_t)(span.end - span.start));
}

/* ---- extract ---- */

static tr_type extract_type(uint32_t argc, const tr_type *types, const tr_value *const *consts) {
    (void)types;
    if (argc < 4)
        return TR_STRING;
    if (!consts[3] || consts[3]->type != TR_STRING)
        return TR_NONE;
    return tr_type_of_name(consts[3]->as.str);
}

/* Group `group` of the first match; false if there is no match or no such group. */
static bool first_group(const tr_pattern_use *use, tr_str text, int64_t group,
                        tr_regex_span *groups, tr_str *out) {
    if (group < 0 || group > tr_regex_group_count(use->re))
        return false;
    if (!group) {
        if (!tr_regex_find(use->re, use->scratch, text.ptr, text.len, 0, groups))
            return false;
    } else if (!tr_regex_captures(use->re, use->scratch, text.ptr, text.len, 0, groups)) {
        return false;
    }
    *out = piece_of(text, groups[group]);
    return groups[group].start != TR_REGEX_UNSET;
}

static trawl_status store_text_as(tr_call *call, uint32_t i, tr_str text, trawl_error *err) {
    tr_value value;
    if (!tr_parse_value(call->scratch, call->out->type, text, &value))
        return tr_fail_memory(err);
    if (value.is_null)
        return tr_call_null(call, i, err);
    tr_vec_set(call->out, i, &value);
    return TRAWL_OK;
}

static trawl_status extract_eval(tr_call *call, trawl_error *err) {
    tr_pattern_cache cache = {.count = 0};
    tr_regex_span *groups = NULL;
    uint64_t room[TR_BITS_WORDS(TR_BATCH_ROWS)];
    const uint64_t *likely = likely_rows(call, 2, room);
    bool is_text = call->out->type == TR_STRING;
    for (uint32_t i = 0; i < call->n; i++) {
        tr_pattern_use use;
        TR_TRY(tr_pattern_row(call, 0, i, &cache, &use, err));
        if (!groups || !((const tr_pattern *)call->bound)->re)
            groups = room_for_groups(call, &use);
        if (!groups)
            return tr_fail_memory(err);
        tr_str found = tr_empty();
        bool there =
            tr_bit_get(likely, i) && first_group(&use, tr_text_at(&call->args[2], i),
                                                 tr_long_at(call, 1, i, 0), groups, &found);
        if (is_text)
            tr_out_str(call)[i] = found;
        else if (!there)
            TR_TRY(tr_call_null(call, i, err));
        else
            TR_TRY(store_text_as(call, i, found, err));
    }
    return TRAWL_OK;
}

/* ---- extract_all ---- */

/* The groups wanted: all of them, or those an array names by number or name. */
static trawl_status wanted_groups(tr_call *call, const tr_pattern_use *use, const tr_vec *list,
                                  uint32_t i, uint32_t **out, uint32_t *count, trawl_error *err) {
    uint32_t all = tr_regex_group_count(use->re);
    tr_str array = list ? tr_text_at(list, i) : tr_empty();
    uint32_t n = list ? tr_dyn_count(array) : (all ? all : 1);
    uint32_t *groups = TR_NEW_N(call->scratch, uint32_t, (size_t)n + 1);
    if (!groups)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < n; k++) {
        groups[k] = all ? k + 1 : 0;
        if (!list)
            continue;
        tr_value v = tr_dyn_value(tr_dyn_at(array, k));
        if (v.type == TR_STRING)
            groups[k] = tr_regex_group_find(use->re, v.as.str.ptr, v.as.str.len);
        else
            groups[k] = v.type == TR_LONG && v.as.i64 >= 0 ? (uint32_t)v.as.i64 : 0;
        if (groups[k] > all || (v.type == TR_STRING && !groups[k]))
            return tr_fail(err, TRAWL_E_SEMANTIC,
                           "extract_all: the pattern has no such capture group; it has %u", all);
    }
    *out = groups;
    *count = n;
    return TRAWL_OK;
}

static trawl_status extract_all_row(tr_call *call, const tr_pattern_use *use, uint32_t i,
                                    const tr_vec *list, bool likely, tr_dyn_builder *b,
                                    trawl_error *err) {
    uint32_t *wanted;
    uint32_t count;
    TR_TRY(wanted_groups(call, use, list, i, &wanted, &count, err));
    tr_regex_span *groups = room_for_groups(call, use);
    if (!groups)
        return tr_fail_memory(err);
    tr_str text = tr_text_at(&call->args[call->argc - 1], i);
    tr_pattern_walk walk;
    tr_pattern_walk_start(&walk, use, text, 0, groups);
    bool any = false;
    while (likely && tr_pattern_walk_next(&walk)) {
        if (!any)
            tr_dyn_open_array(b);
        any = true;
        if (count != 1)
            tr_dyn_open_array(b);
        for (uint32_t k = 0; k < count; k++)
            tr_dyn_put_string(b, piece_of(text, groups[wanted[k]]));
        if (count != 1)
            tr_dyn_close(b);
    }
    if (any)
        tr_dyn_close(b);
    else
        tr_dyn_put_null(b);
    return tr_call_dyn(call, i, b, err);
}

static trawl_status extract_all_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    tr_pattern_cache cache = {.count = 0};
    uint64_t room[TR_BITS_WORDS(TR_BATCH_ROWS)];
    const uint64_t *likely = likely_rows(call, call->argc - 1, room);
    for (uint32_t i = 0; i < call->n; i++) {
        if (call->argc > 2 && !tr_arg_valid(call, 1, i)) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_pattern_use use;
        TR_TRY(tr_pattern_row(call, 0, i, &cache, &use, err));
        TR_TRY(extract_all_row(call, &use, i, call->argc > 2 ? &call->args[1] : NULL,
                               tr_bit_get(likely, i), b, err));
    }
    return TRAWL_OK;
}

/* ---- replace ---- */

static void put_piece(void *to, const char *piece, size_t bytes) {
    tr_buf_put(to, piece, bytes);
}

static trawl_status replace_rows(tr_call *call, uint32_t pattern, uint32_t rewrite, uint32_t source,
                                 trawl_error *err) {
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    tr_pattern_cache cache = {.count = 0};
    tr_regex_span *groups = NULL;
    uint64_t room[TR_BITS_WORDS(TR_BATCH_ROWS)];
    const uint64_t *likely = likely_rows(call, source, room);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_pattern_use use;
        TR_TRY(tr_pattern_row(call, pattern, i, &cache, &use, err));
        if (!groups || !((const tr_pattern *)call->bound)->re)
            groups = room_for_groups(call, &use);
        if (!groups)
            return tr_fail_memory(err);
        tr_str text = tr_text_at(&call->args[source], i);
        tr_str by = tr_text_at(&call->args[rewrite], i);
        tr_pattern_walk walk;
        tr_pattern_walk_start(&walk, &use, text, 0, memchr(by.ptr, '\\', by.len) ? groups : NULL);
        size_t done = 0;
        while (tr_bit_get(likely, i) && tr_pattern_walk_next(&walk)) {
            tr_buf_put(&rows.buf, text.ptr + done, walk.match.start - done);
            groups[0] = walk.match;
            tr_regex_expand(by.ptr, by.len, text.ptr, groups,
                            walk.groups ? tr_regex_group_count(use.re) : 0, put_piece, &rows.buf);
            done = walk.match.end;
        }
        tr_buf_put(&rows.buf, text.ptr + done, text.len - done);
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

static trawl_status replace_regex_eval(tr_call *call, trawl_error *err) {
    return replace_rows(call, 1, 2, 0, err);
}

static trawl_status replace_eval(tr_call *call, trawl_error *err) {
    return replace_rows(call, 0, 1, 2, err);
}

/* ---- trim ---- */

/* Both ends need patterns of their own: "matches that begin the text", "that end it". */
typedef struct {
    tr_pattern start; /* what tr_pattern_row() and tr_pattern_start() see */
    tr_pattern end;
} trim_patterns;

typedef struct {
    tr_regex_scratch *start;
    tr_regex_scratch *end;
} trim_state;

enum { TRIM_START = 1, TRIM_END = 2 };

static trawl_status prepare_trim(const tr_prepare *p, const void **bound, trawl_error *err) {
    trim_patterns *trim = TR_NEW(p->query, trim_patterns);
    if (!trim)
        return tr_fail_memory(err);
    *bound = trim;
    /* The pattern by itself first: its errors are told in its own terms. */
    TR_TRY(tr_pattern_prepare(p, 0, 0, "", "", &trim->start, err));
    TR_TRY(tr_pattern_prepare(p, 0, 0, "\\A(?:", ")+", &trim->start, err));
    return tr_pattern_prepare(p, 0, 0, "(?:", ")+\\z", &trim->end, err);
}

static trawl_status start_trim(const void *bound, tr_arena *local, void **state, trawl_error *err) {
    const trim_patterns *trim = bound;
    trim_state *made = TR_NEW(local, trim_state);
    if (!made)
        return tr_fail_memory(err);
    void *scratch;
    TR_TRY(tr_pattern_start(&trim->start, local, &scratch, err));
    made->start = scratch;
    TR_TRY(tr_pattern_start(&trim->end, local, &scratch, err));
    made->end = scratch;
    *state = made;
    return TRAWL_OK;
}

/* One end of the pattern of row i, by a call made up for it. */
static trawl_status trim_use(const tr_call *call, const tr_pattern *pattern,
                             tr_regex_scratch *scratch, uint32_t i, tr_pattern_cache *cache,
                             tr_pattern_use *use, trawl_error *err) {
    tr_call one = *call;
    one.bound = pattern;
    one.local = scratch;
    return tr_pattern_row(&one, 0, i, cache, use, err);
}

static trawl_status trim_rows(tr_call *call, uint32_t ends, trawl_error *err) {
    const trim_patterns *trim = call->bound;
    const trim_state *state = call->local;
    tr_pattern_cache start_cache = {.count = 0};
    tr_pattern_cache end_cache = {.count = 0};
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str text = tr_text_at(&call->args[1], i);
        tr_pattern_use use;
        tr_regex_span match;
        if (ends & TRIM_START) {
            TR_TRY(trim_use(call, &trim->start, state->start, i, &start_cache, &use, err));
            if (tr_regex_find(use.re, use.scratch, text.ptr, text.len, 0, &match))
                text = piece_of(text, (tr_regex_span){match.end, text.len});
        }
        if (ends & TRIM_END) {
            TR_TRY(trim_use(call, &trim->end, state->end, i, &end_cache, &use, err));
            if (tr_regex_find(use.re, use.scratch, text.ptr, text.len, 0, &match))
                text = piece_of(text, (tr_regex_span){0, match.start});
        }
        tr_out_str(call)[i] = text;
    }
    return TRAWL_OK;
}

static trawl_status trim_eval(tr_call *call, trawl_error *err) {
    return trim_rows(call, TRIM_START | TRIM_END, err);
}

static trawl_status trim_start_eval(tr_call *call, trawl_error *err) {
    return trim_rows(call, TRIM_START, err);
}

static trawl_status trim_end_eval(tr_call *call, trawl_error *err) {
    return trim_rows(call, TRIM_END, err);
}

/* ---- positions and counts ---- */

static trawl_status indexof_regex_eval(tr_call *call, trawl_error *err) {
    tr_vec text;
    TR_TRY(tr_call_text(call, 0, &text, err));
    tr_pattern_cache cache = {.count = 0};
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str s = tr_text_at(&text, i);
        tr_window window;
        if (!tr_find_window(call, i, s, false, &window)) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_pattern_use use;
        TR_TRY(tr_pattern_row(call, 1, i, &cache, &use, err));
        tr_pattern_walk walk;
        tr_pattern_walk_start(&walk, &use, s, window.start, NULL);
        int64_t found = -1;
        for (int64_t left = window.occurrence; left && !window.past_end; left--) {
            if (!tr_pattern_walk_next(&walk) || walk.match.start > window.end)
                break;
            if (left == 1)
                found = tr_window_position(&window, s, walk.match.start);
        }
        tr_out_i64(call)[i] = found;
    }
    return TRAWL_OK;
}

typedef struct {
    tr_pattern pattern; /* used only if is_regex */
    bool is_regex;
} count_kind;

static trawl_status prepare_count(const tr_prepare *p, const void **bound, trawl_error *err) {
    count_kind *kind = TR_NEW(p->query, count_kind);
    if (!kind)
        return tr_fail_memory(err);
    *bound = kind;
    if (p->argc < 3)
        return TRAWL_OK;
    if (!p->consts[2])
        return tr_fail(err, TRAWL_E_SEMANTIC, "countof: the kind must be a constant");
    kind->is_regex = tr_str_is(p->consts[2]->as.str, "regex");
    if (!kind->is_regex && !tr_str_is(p->consts[2]->as.str, "normal"))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, p->spans ? p->spans[2] : (tr_span){0, 0}, "",
                          "countof: the kind must be 'normal' or 'regex'");
    if (!kind->is_regex)
        return TRAWL_OK;
    return tr_pattern_prepare(p, 1, 0, "", "", &kind->pattern, err);
}

static trawl_status countof_eval(tr_call *call, trawl_error *err) {
    const count_kind *kind = call->bound;
    tr_pattern_cache cache = {.count = 0};
    uint64_t room[TR_BITS_WORDS(TR_BATCH_ROWS)];
    const uint64_t *likely = likely_rows(call, 0, room);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str text = tr_text_at(&call->args[0], i);
        if (!kind->is_regex) {
            tr_out_i64(call)[i] = tr_count_plain(text, tr_text_at(&call->args[1], i));
            continue;
        }
        tr_pattern_use use;
        TR_TRY(tr_pattern_row(call, 1, i, &cache, &use, err));
        tr_pattern_walk walk;
        tr_pattern_walk_start(&walk, &use, text, 0, NULL);
        int64_t count = 0;
        while (tr_bit_get(likely, i) && tr_pattern_walk_next(&walk))
            count++;
        tr_out_i64(call)[i] = count;
    }
    return TRAWL_OK;
}

static trawl_status regex_quote_eval(tr_call *call, trawl_error *err) {
    tr_vec text;
    TR_TRY(tr_call_text(call, 0, &text, err));
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str s = tr_text_at(&text, i);
        for (uint32_t k = 0; k < s.len; k++) {
            if (s.ptr[k] && strchr("\\.+*?()|[]{}^$#&-~", s.ptr[k]))
                tr_buf_put_char(&rows.buf, '\\');
            tr_buf_put_char(&rows.buf, s.ptr[k]);
        }
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

enum { COSTLY_NULLS = TR_FUNC_COSTLY | TR_FUNC_NULLS };

const tr_func tr_funcs_text_regex[] = {
    {.name = "matches regex",
     .args = "ss",
     .result = 'b',
     .flags = TR_FUNC_COSTLY,
     .eval = matches_eval,
     .prepare = prepare_test,
     .start = tr_pattern_start,
     .needs = test_needs,
     .summary = "True where the regular expression matches somewhere in the string.",
     .example = "print result = \"Kusto 365\" matches regex @\"\\d+\""},
    {.name = "extract",
     .args = "sls",
     .result = 's',
     .flags = TR_FUNC_COSTLY,
     .eval = extract_eval,
     .prepare = prepare_first,
     .start = tr_pattern_start,
     .summary = "A capture group of the first match of a regular expression.",
     .example = "print x = extract(@\"x=([0-9.]+)\", 1, \"hello x=45.6|wo\")"},
    {.name = "extract",
     .args = "slss",
     .result = '!',
     .flags = TR_FUNC_COSTLY,
     .eval = extract_eval,
     .prepare = prepare_first,
     .start = tr_pattern_start,
     .result_type = extract_type,
     .summary = "A capture group of the first match of a regular expression, as a type.",
     .example = "print x = extract(@\"x=([0-9.]+)\", 1, \"hello x=45.6|wo\", typeof(real))"},
    {.name = "extract_all",
     .args = "ss",
     .result = 'y',
     .flags = COSTLY_NULLS,
     .eval = extract_all_eval,
     .prepare = prepare_first,
     .start = tr_pattern_start,
     .summary = "The capture groups of all matches of a regular expression, as an array.",
     .example = "print result = extract_all(@\"(\\d+)\", \"123, 567 and 789\")"},
    {.name = "extract_all",
     .args = "sys",
     .result = 'y',
     .flags = COSTLY_NULLS,
     .eval = extract_all_eval,
     .prepare = prepare_first,
     .start = tr_pattern_start,
     .summary = "Some capture groups of all matches of a regular expression, as an array.",
     .example = "print result = extract_all(@\"(\\w)(\\d+)\", dynamic([2]), \"a123, b567\")"},
    {.name = "extractall",
     .args = "ss",
     .result = 'y',
     .flags = COSTLY_NULLS | TR_FUNC_HIDDEN,
     .eval = extract_all_eval,
     .prepare = prepare_first,
     .start = tr_pattern_start,
     .summary = "The former name of extract_all."},
    {.name = "extractall",
     .args = "sys",
     .result = 'y',
     .flags = COSTLY_NULLS | TR_FUNC_HIDDEN,
     .eval = extract_all_eval,
     .prepare = prepare_first,
     .start = tr_pattern_start,
     .summary = "The former name of extract_all."},
    {.name = "replace_regex",
     .args = "sss",
     .result = 's',
     .flags = TR_FUNC_COSTLY,
     .eval = replace_regex_eval,
     .prepare = prepare_second,
     .start = tr_pattern_start,
     .summary = "Replaces all matches of a regular expression; \\1 stands for a capture group.",
     .example = "print result = replace_regex('Number is 1', @'is (\\d+)', @'was: \\1')"},
    {.name = "replace",
     .args = "sss",
     .result = 's',
     .flags = TR_FUNC_COSTLY | TR_FUNC_HIDDEN,
     .eval = replace_eval,
     .prepare = prepare_first,
     .start = tr_pattern_start,
     .summary = "Replaces all matches of a regular expression; replace_regex is its new form.",
     .example = "print result = replace(@'is (\\d+)', @'was: \\1', 'Number is 1')"},
    {.name = "trim",
     .args = "ss",
     .result = 's',
     .flags = TR_FUNC_COSTLY,
     .eval = trim_eval,
     .prepare = prepare_trim,
     .start = start_trim,
     .summary = "Removes matches of a regular expression from both ends of a string.",
     .example = "print result = trim(@\"[^\\w]+\", \"-  Te st1// $\")"},
    {.name = "trim_start",
     .args = "ss",
     .result = 's',
     .flags = TR_FUNC_COSTLY,
     .eval = trim_start_eval,
     .prepare = prepare_trim,
     .start = start_trim,
     .summary = "Removes matches of a regular expression from the start of a string.",
     .example = "print result = trim_start(\"https://\", \"https://bing.com\")"},
    {.name = "trim_end",
     .args = "ss",
     .result = 's',
     .flags = TR_FUNC_COSTLY,
     .eval = trim_end_eval,
     .prepare = prepare_trim,
     .start = start_trim,
     .summary = "Removes matches of a regular expression from the end of a string.",
     .example = "print result = trim_end(\".com\", \"bing.com\")"},
    {.name = "indexof_regex",
     .args = "xsl?l?l?",
     .result = 'l',
     .flags = TR_FUNC_COSTLY,
     .eval = indexof_regex_eval,
     .prepare = prepare_second,
     .start = tr_pattern_start,
     .summary = "Zero-based position of the first match of a regular expression, or -1.",
     .example = "print idx = indexof_regex(\"abcabc\", @\"a.c\")"},
    {.name = "countof",
     .args = "sss?",
     .result = 'l',
     .eval = countof_eval,
     .prepare = prepare_count,
     .start = tr_pattern_start,
     .summary = "How often a string or, with kind 'regex', a regular expression occurs.",
     .example = "print n = countof(\"abcabc\", \"a.c\", \"regex\")"},
    {.name = "regex_quote",
     .args = "x",
     .result = 's',
     .eval = regex_quote_eval,
     .summary = "The text as a regular expression that matches nothing else.",
     .example = "print result = regex_quote('(so$me.Te^xt)')"},
    {.name = NULL},
};

/* runtime/func/text_find.c: plain strings found and replaced: indexof, countof, replace_string,
 * replace_strings. Must not know regular expressions. */
#include "runtime/func/text_find.h"
#include "kernels/kernels.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"

bool tr_find_window(const tr_call *call, uint32_t i, tr_str text, bool from_end,
                    tr_window *window) {
    const tr_utf8_ops *utf8 = &tr_kernels_now()->utf8;
    int64_t start = tr_long_at(call, 2, i, 0);
    int64_t length = tr_long_at(call, 3, i, -1);
    window->occurrence = tr_long_at(call, 4, i, 1);
    if (window->occurrence < 0 || length < -1 || (start < 0 && !from_end))
        return false;
    window->occurrence = window->occurrence ? window->occurrence : 1;
    if (start < 0) {
        start += (int64_t)utf8->count(text.ptr, text.len);
        start = start < 0 ? 0 : start;
    }
    window->start_point = start;
    window->start = utf8->offset(text.ptr, text.len, (size_t)start);
    window->past_end =
        window->start == text.len && start > (int64_t)utf8->count(text.ptr, text.len);
    window->end = text.len;
    if (length >= 0)
        window->end = window->start + utf8->offset(text.ptr + window->start,
                                                   text.len - window->start, (size_t)length);
    return true;
}

int64_t tr_window_position(const tr_window *window, tr_str text, size_t at) {
    return window->start_point +
           (int64_t)tr_kernels_now()->utf8.count(text.ptr + window->start, at - window->start);
}

static int64_t index_of(const tr_window *window, tr_str text, tr_str match) {
    const tr_find_ops *find = &tr_kernels_now()->find;
    if (window->past_end)
        return -1;
    if (!match.len)
        return window->occurrence == 1 ? window->start_point : -1;
    tr_find_plan plan;
    find->plan(&plan, match.ptr, match.len, false, NULL);
    int64_t left = window->occurrence;
    /* A match counts if it begins in the window: Kusto's engine, unlike its page, says so. */
    for (size_t at = window->start;
         (at = find->next(&plan, text.ptr, text.len, at)) < text.len && at < window->end; at++)
        if (--left == 0)
            return tr_window_position(window, text, at);
    return -1;
}

static trawl_status indexof_eval(tr_call *call, trawl_error *err) {
    tr_vec text;
    tr_vec match;
    TR_TRY(tr_call_text(call, 0, &text, err));
    TR_TRY(tr_call_text(call, 1, &match, err));
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str s = tr_text_at(&text, i);
        tr_window window;
        if (tr_find_window(call, i, s, true, &window))
            tr_out_i64(call)[i] = index_of(&window, s, tr_text_at(&match, i));
        else
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

/* Where text[*at .. ) next holds a lookup; false when it does not. */
static bool next_hit(const tr_find_plan *plan, tr_str text, size_t *at) {
    *at = tr_kernels_now()->find.next(plan, text.ptr, text.len, *at);
    return *at < text.len;
}

static void replace_row(tr_buf *buf, tr_str text, const tr_find_plan *plan, tr_str rewrite) {
    size_t done = 0;
    for (size_t at = 0; next_hit(plan, text, &at); at = done) {
        tr_buf_put(buf, text.ptr + done, at - done);
        tr_buf_put_str(buf, rewrite);
        done = at + plan->len;
    }
    tr_buf_put(buf, text.ptr + done, text.len - done);
}

static trawl_status replace_string_eval(tr_call *call, trawl_error *err) {
    const tr_vec *lookups = &call->args[1];
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    tr_find_plan plan;
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str text = tr_text_at(&call->args[0], i);
        tr_str lookup = tr_text_at(lookups, i);
        if (lookup.len && (!i || !lookups->is_const))
            tr_kernels_now()->find.plan(&plan, lookup.ptr, lookup.len, false, NULL);
        if (lookup.len)
            replace_row(&rows.buf, text, &plan, tr_text_at(&call->args[2], i));
        else
            tr_buf_put_str(&rows.buf, text);
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

/* One lookup of a list. */
typedef struct {
    tr_find_plan plan;
    tr_str rewrite;
    bool keep; /* no string to put in its place: the match stays as it is */
} replacement;

/* Each lookup is one level of recursion. */
enum { LOOKUPS_MAX = 1024 };

static tr_str string_element(tr_str array, uint32_t k, bool *is_string) {
    *is_string = false;
    if (tr_dyn_kind_of(array) != TR_DYN_ARRAY || k >= tr_dyn_count(array))
        return tr_empty();
    tr_value v = tr_dyn_value(tr_dyn_at(array, k));
    *is_string = v.type == TR_STRING;
    return *is_string ? v.as.str : tr_empty();
}

static uint32_t read_replacements(tr_str lookups, tr_str rewrites, replacement *out) {
    uint32_t count = 0;
    uint32_t all = tr_dyn_kind_of(lookups) == TR_DYN_ARRAY ? tr_dyn_count(lookups) : 0;
    for (uint32_t k = 0; k < all; k++) {
        bool is_string;
        tr_str lookup = string_element(lookups, k, &is_string);
        if (!is_string || !lookup.len)
            continue;
        replacement *r = &out[count++];
        r->rewrite = string_element(rewrites, k, &is_string);
        r->keep = !is_string;
        tr_kernels_now()->find.plan(&r->plan, lookup.ptr, lookup.len, false, NULL);
    }
    return count;
}

/* Earlier lookups go first, wherever they stand; later ones see only what is left between. */
static void replace_among(tr_buf *buf, const char *text, size_t n, const replacement *list,
                          uint32_t count) {
    if (!count) {
        tr_buf_put(buf, text, n);
        return;
    }
    const tr_find_ops *find = &tr_kernels_now()->find;
    size_t done = 0;
    size_t at;
    while ((at = find->next(&list->plan, text, n, done)) < n) {
        replace_among(buf, text + done, at - done, list + 1, count - 1);
        if (list->keep)
            tr_buf_put(buf, text + at, list->plan.len);
        else
            tr_buf_put_str(buf, list->rewrite);
        done = at + list->plan.len;
    }
    replace_among(buf, text + done, n - done, list + 1, count - 1);
}

static trawl_status replace_strings_eval(tr_call *call, trawl_error *err) {
    const tr_vec *lookups = &call->args[1];
    const tr_vec *rewrites = &call->args[2];
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    replacement *list = NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; i < call->n; i++) {
        if (!i || !lookups->is_const || !rewrites->is_const) {
            bool there = tr_arg_valid(call, 1, i) && tr_arg_valid(call, 2, i);
            tr_str from = tr_text_at(lookups, i);
            count = 0;
            if (there && tr_dyn_count(from) > LOOKUPS_MAX)
                return tr_fail(err, TRAWL_E_LIMIT, "replace_strings: %u lookups, at most %d",
                               tr_dyn_count(from), LOOKUPS_MAX);
            list = TR_NEW_N(call->scratch, replacement, there ? tr_dyn_count(from) + 1 : 1);
            if (!list)
                return tr_fail_memory(err);
            if (there)
                count = read_replacements(from, tr_text_at(rewrites, i), list);
        }
        tr_str text = tr_text_at(&call->args[0], i);
        replace_among(&rows.buf, text.ptr, text.len, list, count);
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

int64_t tr_count_plain(tr_str text, tr_str search) {
    if (!search.len)
        return 0;
    tr_find_plan plan;
    tr_kernels_now()->find.plan(&plan, search.ptr, search.len, false, NULL);
    int64_t count = 0;
    for (size_t at = 0; next_hit(&plan, text, &at); at++)
        count++;
    return count;
}

const tr_func tr_funcs_text_find[] = {
    {.name = "indexof",
     .args = "xxl?l?l?",
     .result = 'l',
     .eval = indexof_eval,
     .summary = "Zero-based position of a string in another, or -1.",
     .example = "print idx = indexof(\"abcdefg\", \"cde\")"},
    {.name = "replace_string",
     .args = "sss",
     .result = 's',
     .eval = replace_string_eval,
     .summary = "Replaces every occurrence of a string.",
     .example = "print result = replace_string('A magic cat', 'cat', 'hat')"},
    {.name = "replace_strings",
     .args = "syy",
     .result = 's',
     .flags = TR_FUNC_NULLS,
     .eval = replace_strings_eval,
     .summary = "Replaces every occurrence of the strings of one array by those of another.",
     .example = "print result = replace_strings('a cat, a dog', dynamic(['cat', 'dog']), "
                "dynamic(['dog', 'pigeon']))"},
    {.name = NULL},
};

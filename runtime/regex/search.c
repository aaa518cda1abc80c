/* runtime/regex/search.c: which engine does which part of a search. Literals skip, automata decide,
 * captures come last and only where a match is known. Must not know pattern text.
 *
 * Trying each place where a prefix occurs costs the square of the text at worst; so such tries have
 * a budget of bytes, and when it is spent the rest is done in one unanchored pass. */
#include "runtime/regex/search.h"

#include <string.h>

#include "runtime/base/checked.h"
#include "runtime/regex/regex.h"

enum { ROWS_PER_ROUND = 256 };

/* Run `d` (TEST or FIND) from `from`. *end: the end of the match. *reached: how far it read. */
static tr_answer run_forward(const tr_regex *re, tr_dfa *d, const char *text, size_t n, size_t from,
                             bool anchored, size_t *end, size_t *reached) {
    size_t last = TR_MATCH_NONE;
    size_t at = from;
    uint32_t entry = 0;
    tr_side side = from ? tr_side_of((uint8_t)text[from - 1]) : TR_SIDE_EDGE;
    uint32_t state = tr_dfa_start(d, side, anchored);
    while (state >= d->table.special_end) {
        at = re->match->run(&d->table, text, n, at, &state, &last);
        uint32_t column = at < n ? d->table.class_of[(uint8_t)text[at]] : d->table.end_class;
        entry = d->next[state + column];
        if (!entry)
            entry = tr_dfa_step(d, state, column);
        if (entry & TR_MATCH_TAG) {
            last = at;
            entry &= ~TR_MATCH_TAG;
        }
        state = entry;
        if (at == n)
            break;
        at++;
    }
    *reached = at;
    switch (tr_dfa_row(d, state)) {
    case TR_MATCH_ROW_MATCH: return TR_YES;
    case TR_MATCH_ROW_QUIT: return TR_QUIT;
    default: break;
    }
    *end = last;
    return last == TR_MATCH_NONE ? TR_NO : TR_YES;
}

/* From the end of a match to its start, which lies at `stop` or behind. */
static tr_answer run_back(const tr_regex *re, tr_dfa *d, const char *text, size_t n, size_t end,
                          size_t stop, size_t *start) {
    size_t last = TR_MATCH_NONE;
    size_t at = end;
    tr_side side = end < n ? tr_side_of((uint8_t)text[end]) : TR_SIDE_EDGE;
    uint32_t state = tr_dfa_start(d, side, true);
    while (state >= d->table.special_end) {
        at = re->match->run_back(&d->table, text, at, stop, &state, &last);
        uint32_t column = at ? d->table.class_of[(uint8_t)text[at - 1]] : d->table.end_class;
        uint32_t entry = d->next[state + column];
        if (!entry)
            entry = tr_dfa_step(d, state, column);
        if (entry & TR_MATCH_TAG) {
            last = at;
            entry &= ~TR_MATCH_TAG;
        }
        state = entry;
        if (at == stop)
            break;
        at--;
    }
    if (tr_dfa_row(d, state) == TR_MATCH_ROW_QUIT || last == TR_MATCH_NONE)
        return TR_QUIT;
    *start = last;
    return TR_YES;
}

static bool has_prefixes(const tr_regex *re) {
    return re->literals.prefix_count > 0;
}

/* Are there places worth a try each? Where most tries at one of a few bytes failed, not for a
 * while. */
static bool use_starts(const tr_regex *re, tr_regex_scratch *s) {
    if (re->always_start || has_prefixes(re) || !re->few_starts)
        return !re->always_start && has_prefixes(re);
    if (!s->starts_pause)
        return true;
    s->starts_pause--;
    return false;
}

/* A try that finds something saves the way back to where the match starts: a few that fail. */
static void note_try(tr_regex_scratch *s, bool failed) {
    enum { FAILS_PAID = 3, FAILS_MAX = 200, PAUSE = 5000 };
    if (!failed)
        s->failed_tries -= s->failed_tries < FAILS_PAID ? s->failed_tries : FAILS_PAID;
    else if (++s->failed_tries == FAILS_MAX) {
        s->failed_tries = 0;
        s->starts_pause = PAUSE;
    }
}

/* Where a match can start next: n when nowhere. */
static size_t next_start(const tr_regex *re, const char *text, size_t n, size_t from) {
    uint32_t which;
    if (!re->literals.prefix_count)
        return re->find->next_class(text, n, from, &re->starts);
    if (re->literals.prefix_count == 1)
        return re->find->next(&re->prefix_plan, text, n, from);
    return re->find->next_any(&re->prefix_set, text, n, from, &which);
}

/* Looks for the literal unless looking for the prefix will do the same. */
static bool lacks_required(const tr_regex *re, const char *text, size_t n, size_t from) {
    return re->literals.required_bytes && (re->literals.exact || !re->prefix_is_required) &&
           re->find->next(&re->required_plan, text, n, from) == n;
}

static bool pike(const tr_regex *re, tr_regex_scratch *s, const char *text, size_t n, size_t from,
                 bool first, uint32_t slot_count) {
    tr_capture_text in = {text, n, from, n};
    return tr_pike_run(&s->room, &re->program, &in, false, first, s->slots, slot_count);
}

/* Anchored tries at likely starts, then one unanchored pass when they get dear. *start receives
 * where the match starts, TR_REGEX_UNSET when only its end is known. */
static tr_answer run_at_starts(const tr_regex *re, tr_regex_scratch *s, tr_dfa *d, const char *text,
                               size_t n, size_t from, size_t *start, size_t *end) {
    size_t budget = 2 * (n - from) + 64;
    size_t reached = from;
    while (from < n) {
        from = next_start(re, text, n, from);
        if (from == n)
            return TR_NO;
        bool anchored = budget > 0;
        tr_answer found = run_forward(re, d, text, n, from, anchored, end, &reached);
        *start = anchored ? from : TR_REGEX_UNSET;
        note_try(s, found == TR_NO);
        if (found != TR_NO || !anchored)
            return found;
        size_t spent = reached - from + 16;
        budget = spent < budget ? budget - spent : 0;
        from++;
    }
    return TR_NO;
}

/* Is there a match in a text that holds the required literal? */
static bool test_likely(const tr_regex *re, tr_regex_scratch *s, const char *text, size_t n) {
    size_t start;
    size_t end;
    tr_regex_span match;
    tr_answer found;
    if (re->split_risk)
        return tr_regex_find(re, s, text, n, 0, &match);
    if (has_prefixes(re) && !re->always_start)
        found = run_at_starts(re, s, &s->test, text, n, 0, &start, &end);
    else
        found = run_forward(re, &s->test, text, n, 0, re->always_start, &end, &start);
    return found == TR_QUIT ? pike(re, s, text, n, 0, true, 2) : found == TR_YES;
}

bool tr_regex_test(const tr_regex *re, tr_regex_scratch *s, const char *text, size_t n) {
    if (re->literals.exact)
        return re->find->next(&re->required_plan, text, n, 0) < n;
    return !lacks_required(re, text, n, 0) && test_likely(re, s, text, n);
}

/* Rows that hold what every match must hold. */
static void filter_rows(const tr_regex *re, const tr_kernel_str *rows, uint32_t n,
                        const uint64_t *among, uint64_t *bits) {
    if (re->literals.need_count)
        re->find->rows_find_any(&re->need_set, 0, rows, n, bits, NULL);
    else if (re->literals.required_bytes > 1 || re->literals.exact)
        re->find->rows_find(&re->required_plan, 0, rows, n, bits, NULL);
    else if (re->literals.prefix_count > 1)
        re->find->rows_find_any(&re->prefix_set, 0, rows, n, bits, NULL);
    else
        for (uint32_t i = 0; i < n; i++)
            tr_bit_set(bits, i);
    if (among)
        for (uint32_t i = 0; i < TR_BITS_WORDS(n); i++)
            bits[i] &= among[i];
}

void tr_regex_likely_rows(const tr_regex *re, tr_regex_scratch *s, const tr_kernel_str *rows,
                          uint32_t n, uint64_t *bits) {
    enum { PAUSE = 15 };
    uint64_t pass[TR_BATCH_ROWS / 64];
    uint64_t unsure[TR_BATCH_ROWS / 64];
    uint32_t count = 0;
    if (s->likely_pause) { /* nearly all rows were */
        s->likely_pause--;
        memset(bits, 0xff, TR_BITS_WORDS(n) * sizeof *bits);
        return;
    }
    memset(bits, 0, TR_BITS_WORDS(n) * sizeof *bits);
    filter_rows(re, rows, n, NULL, bits);
    if (re->places && !has_prefixes(re) && !re->literals.exact) {
        re->rows->rows_pass(re->places, rows, n, bits, pass, unsure);
        for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
            bits[w] = pass[w] | unsure[w];
    }
    for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
        count += (uint32_t)tr_count_ones_u64(bits[w]);
    if (count > n - n / 4)
        s->likely_pause = PAUSE;
}

/* Test the rows of `which` one by one and add the answers to `bits`. */
static void test_each(const tr_regex *re, tr_regex_scratch *s, const tr_kernel_str *rows,
                      uint32_t n, const uint64_t *which, uint64_t *bits) {
    for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
        for (uint64_t left = which[w]; left; left &= left - 1) {
            uint32_t i = w * 64 + (uint32_t)tr_trailing_zeros_u64(left);
            if (test_likely(re, s, rows[i].ptr, rows[i].len))
                tr_bit_set(bits, i);
        }
}

/* A few rows, all at a time, by the table; those that it does not know yet one by one, so that it
 * knows them next time. */
static void test_round(const tr_regex *re, tr_regex_scratch *s, const tr_kernel_str *rows,
                       uint32_t n, const uint64_t *among, uint64_t *bits) {
    uint64_t unsure[ROWS_PER_ROUND / 64];
    uint32_t state = tr_dfa_start(&s->test, TR_SIDE_EDGE, re->always_start);
    if (state < s->test.table.special_end) {
        bool match = tr_dfa_row(&s->test, state) == TR_MATCH_ROW_MATCH;
        for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
            bits[w] = match ? among[w] : 0;
        return;
    }
    re->match->rows_run(&s->test.table, state, rows, n, among, bits, unsure);
    test_each(re, s, rows, n, unsure, bits);
}

void tr_regex_test_rows(const tr_regex *re, tr_regex_scratch *s, const tr_kernel_str *rows,
                        uint32_t n, const uint64_t *among, uint64_t *bits) {
    uint64_t wanted[TR_BATCH_ROWS / 64];
    memset(wanted, 0, TR_BITS_WORDS(n) * sizeof *wanted);
    filter_rows(re, rows, n, among, wanted);
    if (re->literals.exact) {
        memcpy(bits, wanted, TR_BITS_WORDS(n) * sizeof *bits);
        return;
    }
    if (re->places && !has_prefixes(re)) {
        uint64_t unsure[TR_BATCH_ROWS / 64];
        re->rows->rows_pass(re->places, rows, n, wanted, bits, unsure);
        test_each(re, s, rows, n, unsure, bits);
        return;
    }
    if (re->split_risk || (has_prefixes(re) && !re->always_start)) {
        memset(bits, 0, TR_BITS_WORDS(n) * sizeof *bits);
        test_each(re, s, rows, n, wanted, bits);
        return;
    }
    for (uint32_t i = 0; i < n; i += ROWS_PER_ROUND) {
        uint32_t count = n - i < ROWS_PER_ROUND ? n - i : ROWS_PER_ROUND;
        test_round(re, s, rows + i, count, wanted + i / 64, bits + i / 64);
    }
}

/* Leftmost match without regard to cut characters. */
static bool find_once(const tr_regex *re, tr_regex_scratch *s, const char *text, size_t n,
                      size_t from, tr_regex_span *match) {
    size_t start = TR_REGEX_UNSET;
    size_t end = from;
    size_t reached;
    tr_answer found;
    if (lacks_required(re, text, n, from))
        return false;
    if (re->literals.exact) {
        start = re->find->next(&re->required_plan, text, n, from);
        *match = (tr_regex_span){start, start + re->literals.required_bytes};
        return true;
    }
    if (use_starts(re, s)) {
        found = run_at_starts(re, s, &s->find, text, n, from, &start, &end);
    } else {
        found = run_forward(re, &s->find, text, n, from, re->always_start, &end, &reached);
        if (re->always_start)
            start = from;
    }
    if (found == TR_YES && start == TR_REGEX_UNSET)
        found = run_back(re, &s->reverse, text, n, end, from, &start);
    if (found == TR_QUIT) {
        if (!pike(re, s, text, n, from, false, 2))
            return false;
        start = s->slots[0];
        end = s->slots[1];
    }
    if (found == TR_NO)
        return false;
    *match = (tr_regex_span){start, end};
    return true;
}

/* Is this an empty match inside a character? Broken bytes are no characters. */
static bool is_split(const char *text, size_t n, tr_regex_span match) {
    size_t at = match.start;
    uint32_t point;
    if (match.end > at || at == n || ((uint8_t)text[at] & 0xc0) != 0x80)
        return false;
    for (size_t back = 1; back <= 3 && back <= at; back++)
        if (((uint8_t)text[at - back] & 0xc0) != 0x80)
            return tr_utf8_read(text, n, at - back, &point) > back;
    return false;
}

bool tr_regex_find(const tr_regex *re, tr_regex_scratch *s, const char *text, size_t n,
                   size_t start, tr_regex_span *match) {
    tr_regex_span found;
    do {
        if (start > n || !find_once(re, s, text, n, start, &found))
            return false;
        start++;
    } while (re->may_be_empty && is_split(text, n, found));
    *match = found;
    return true;
}

static void give_groups(const tr_regex *re, const tr_regex_scratch *s, tr_regex_span *groups) {
    for (uint32_t i = 0; i <= re->group_count; i++) {
        groups[i] = (tr_regex_span){s->slots[2 * i], s->slots[2 * i + 1]};
        if (groups[i].start == TR_REGEX_UNSET || groups[i].end == TR_REGEX_UNSET)
            groups[i] = (tr_regex_span){TR_REGEX_UNSET, TR_REGEX_UNSET};
    }
}

/* One-pass tries at likely starts. TR_QUIT: too dear, or not ASCII; *from is how far it came. */
static tr_answer captures_at_starts(const tr_regex *re, tr_regex_scratch *s, const char *text,
                                    size_t n, size_t *from) {
    size_t budget = 2 * (n - *from) + 64;
    size_t reached;
    for (; *from < n; ++*from) {
        *from = next_start(re, text, n, *from);
        if (*from == n)
            break;
        tr_capture_text in = {text, n, *from, n};
        tr_answer found = tr_onepass_run(&re->program, &in, s->slots, re->slot_count, &reached);
        note_try(s, found == TR_NO);
        if (found != TR_NO)
            return found;
        size_t spent = reached - *from + 16;
        if (spent > budget) {
            ++*from;
            return TR_QUIT;
        }
        budget -= spent;
    }
    return TR_NO;
}

/* The groups of a match that is known. */
static bool captures_of(const tr_regex *re, tr_regex_scratch *s, const tr_capture_text *in) {
    const tr_program *p = &re->program;
    size_t reached;
    tr_answer found = TR_QUIT;
    if (p->onepass)
        found = tr_onepass_run(p, in, s->slots, re->slot_count, &reached);
    if (found != TR_QUIT)
        return found == TR_YES;
    if (tr_backtrack_fits(&s->room, p, in))
        return tr_backtrack_run(&s->room, p, in, s->slots, re->slot_count);
    return tr_pike_run(&s->room, p, in, true, false, s->slots, re->slot_count);
}

bool tr_regex_captures(const tr_regex *re, tr_regex_scratch *s, const char *text, size_t n,
                       size_t start, tr_regex_span *groups) {
    tr_regex_span match;
    if (start > n)
        return false;
    if (!re->group_count)
        return tr_regex_find(re, s, text, n, start, groups);
    tr_answer found = TR_QUIT;
    if (re->program.onepass && !re->may_be_empty && use_starts(re, s))
        found = captures_at_starts(re, s, text, n, &start);
    if (found == TR_QUIT) {
        if (!tr_regex_find(re, s, text, n, start, &match))
            return false;
        tr_capture_text in = {text, n, match.start, match.end};
        found = captures_of(re, s, &in) ? TR_YES : TR_NO;
    }
    if (found == TR_YES)
        give_groups(re, s, groups);
    return found == TR_YES;
}

/* runtime/store/template_match.c: may a row hold a text?
 *
 * A row is static pieces and slots, so a text may lie in one of them or across their borders. The
 * automaton runs over all of them; over a slot of which only the kind is known it follows every
 * value at once, so that it errs on the side of yes. A run from the state where nothing is matched
 * is made once for each piece, slot and word; what was matched before is carried on separately,
 * which mostly ends at the first byte. Must not know pages. */
#include "runtime/store/template_match.h"

/* The longest pattern: states have 64 bits, and two may be edges. */
enum { PATTERN_MAX = 60, FIND_BYTES_MIN = 96, SLOT_BYTES_MAX = 128 };

#define HIT (UINT64_C(1) << 63)

struct tr_matcher {
    uint64_t steps[256]; /* states that byte c may lead to */
    uint64_t start;      /* before the first byte of a row */
    uint64_t restart;    /* 1: a match may begin anywhere */
    uint64_t accept;     /* matched, whatever follows */
    uint64_t accept_end; /* matched if the row ends */
    uint64_t digits, signed_digits, lower_hex, upper_hex;
    uint64_t *piece_states; /* after a piece: of the first in a template from start, else from 0 */
    uint64_t *slot_states;  /* after any value of a slot, from 0 */
    uint64_t *word_states;
    uint64_t *word_hits;    /* bitmap of words whose state is not 0: few, mostly */
    uint64_t *words_before; /* states that lead to a match within the word */
    uint8_t *answers;       /* [template_count] */
    bool is_literal, any_case;
    bool certain; /* not cut short, and no edge is in doubt */
    uint32_t edges;
    tr_str literal; /* whole; folded if any_case */
    tr_find_plan plan;
};

static char folded(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* ---- runs ---- */

static uint64_t run(const tr_matcher *m, uint64_t state, const char *text, size_t n) {
    for (size_t i = 0; i < n; i++) {
        state = (state << 1 | m->restart) & m->steps[(uint8_t)text[i]];
        if (state & m->accept)
            return HIT;
    }
    return state;
}

/* What becomes of the state alone, without new beginnings. */
static inline uint64_t carry(const tr_matcher *m, uint64_t state, const char *text, size_t n) {
    for (size_t i = 0; i < n && state; i++) {
        state = state << 1 & m->steps[(uint8_t)text[i]];
        if (state & m->accept)
            return HIT;
    }
    return state;
}

/* least .. most bytes, each of which leads to states in `steps`. */
static uint64_t run_class(const tr_matcher *m, uint64_t state, uint64_t restart, uint64_t steps,
                          uint32_t least, uint32_t most) {
    uint64_t result = least ? 0 : state;
    for (uint32_t i = 1; i <= most; i++) {
        uint64_t before = state;
        state = (state << 1 | restart) & steps;
        if (state & m->accept)
            return HIT;
        if (i >= least || state == before)
            result |= state;
        if (state == before)
            break;
    }
    return result;
}

static uint64_t steps_of(const tr_matcher *m, const char *bytes) {
    uint64_t steps = 0;
    for (; *bytes; bytes++)
        steps |= m->steps[(uint8_t)*bytes];
    return steps;
}

static bool may_be_negative(const tr_slot *s) {
    int64_t high;
    return (int64_t)s->base < 0 || s->width >= 63 ||
           !tr_add_i64((int64_t)s->base, (int64_t)((UINT64_C(1) << s->width) - 1), &high);
}

static uint64_t run_parts(const tr_matcher *m, uint64_t state, uint64_t restart, uint64_t steps,
                          const uint32_t *least, const uint32_t *most, uint32_t count,
                          char between) {
    for (uint32_t i = 0; i < count; i++) {
        if (i)
            state = run_class(m, state, restart, m->steps[(uint8_t)between], 1, 1);
        if (state & HIT)
            return HIT;
        state = run_class(m, state, restart, steps, least[i], most[i]);
        if (state & HIT)
            return HIT;
    }
    return state;
}

static uint64_t run_any_text(const tr_matcher *m, uint64_t state, uint64_t restart,
                             const tr_slot *s) {
    uint64_t steps = 0;
    for (uint32_t c = 0; c < 256; c++)
        if (s->charset[c >> 3] >> (c & 7) & 1)
            steps |= m->steps[c];
    return run_class(m, state, restart, steps, s->least, s->most);
}

/* After every value that the slot may have; WORDS are not asked for. */
static uint64_t run_kind(const tr_matcher *m, uint64_t state, uint64_t restart, const tr_slot *s) {
    static const uint32_t uuid[] = {8, 4, 4, 4, 12}, one[] = {1, 1, 1, 1}, three[] = {3, 3, 3, 3};
    switch ((tr_slot_kind)s->kind) {
    case TR_SLOT_INTEGER:
        return run_class(m, state, restart, may_be_negative(s) ? m->signed_digits : m->digits,
                         s->least, s->most);
    case TR_SLOT_DIGITS: return run_class(m, state, restart, m->digits, s->least, s->most);
    case TR_SLOT_HEX: return run_class(m, state, restart, m->lower_hex, s->least, s->most);
    case TR_SLOT_UPPER: return run_class(m, state, restart, m->upper_hex, s->least, s->most);
    case TR_SLOT_UUID: return run_parts(m, state, restart, m->lower_hex, uuid, uuid, 5, '-');
    case TR_SLOT_IPV4: return run_parts(m, state, restart, m->digits, one, three, 4, '.');
    case TR_SLOT_TEXT: return run_any_text(m, state, restart, s);
    case TR_SLOT_WORDS: break;
    }
    return HIT;
}

/* All states are kept beside HIT: other words lead to them. */
static uint64_t run_words(const tr_matcher *m, const tr_slot *s) {
    uint64_t state = 0;
    for (uint32_t i = 0; i < s->word_count; i++)
        if (tr_bit_get(m->word_hits, s->words[i]))
            state |= m->word_states[s->words[i]];
    return state;
}

static uint64_t carry_words(const tr_matcher *m, const tr_template_set *set, uint64_t state,
                            const tr_slot *s) {
    uint64_t result = 0;
    for (uint32_t i = 0; i < s->word_count; i++) {
        tr_str word = set->words[s->words[i]];
        result |= carry(m, state, word.ptr, word.len);
    }
    return result & HIT ? HIT : result;
}

/* ---- runs from behind: which states before some bytes lead to one of `alive` after them, or to a
 * match within ---- */

static uint64_t back(const tr_matcher *m, uint64_t alive, tr_str text) {
    for (uint32_t i = text.len; i-- > 0;)
        alive = ((alive | m->accept) & m->steps[(uint8_t)text.ptr[i]]) >> 1;
    return alive;
}

static uint64_t back_class(const tr_matcher *m, uint64_t alive, uint64_t steps, uint32_t least,
                           uint32_t most) {
    uint64_t result = least ? 0 : alive;
    for (uint32_t i = 1; i <= most; i++) {
        uint64_t before = alive;
        alive = ((alive | m->accept) & steps) >> 1;
        if (i >= least || alive == before)
            result |= alive;
        if (alive == before)
            break;
    }
    return result;
}

static uint64_t back_words(const tr_matcher *m, const tr_template_set *set, uint64_t alive,
                           const tr_slot *s) {
    uint64_t result = 0;
    for (uint32_t i = 0; i < s->word_count; i++) {
        tr_str word = set->words[s->words[i]];
        uint64_t left = alive;
        for (uint32_t k = word.len; left && k-- > 0;)
            left = (left & m->steps[(uint8_t)word.ptr[k]]) >> 1;
        result |= left | m->words_before[s->words[i]];
    }
    return result;
}

/* Before any value of the slot; of kinds that are parts with something between, too many. */
static uint64_t back_slot(const tr_matcher *m, const tr_template_set *set, uint64_t alive,
                          const tr_slot *s) {
    switch ((tr_slot_kind)s->kind) {
    case TR_SLOT_INTEGER: return back_class(m, alive, m->signed_digits, s->least, s->most);
    case TR_SLOT_DIGITS: return back_class(m, alive, m->digits, s->least, s->most);
    case TR_SLOT_HEX: return back_class(m, alive, m->lower_hex, s->least, s->most);
    case TR_SLOT_UPPER: return back_class(m, alive, m->upper_hex, s->least, s->most);
    case TR_SLOT_UUID: return back_class(m, alive, m->lower_hex | m->steps['-'], s->least, s->most);
    case TR_SLOT_IPV4: return back_class(m, alive, m->digits | m->steps['.'], s->least, s->most);
    case TR_SLOT_WORDS: return back_words(m, set, alive, s);
    case TR_SLOT_TEXT: break;
    }
    return UINT64_MAX;
}

/* ---- preparing ---- */

static void run_template(tr_matcher *m, const tr_template *t) {
    uint64_t state = m->start;
    for (uint32_t k = 0; k <= t->slot_count; k++, state = 0) {
        tr_str piece = k < t->slot_count ? t->slots[k].before : t->tail;
        if (m->restart || !k)
            m->piece_states[t->piece + k] = run(m, state, piece.ptr, piece.len);
        if (m->restart && k < t->slot_count)
            m->slot_states[t->piece + k] = t->slots[k].kind == TR_SLOT_WORDS
                                               ? run_words(m, &t->slots[k])
                                               : run_kind(m, 0, 1, &t->slots[k]);
    }
}

/* Forget states from which nothing in the rest of the template leads to a match. */
static void trim_template(tr_matcher *m, const tr_template_set *set, const tr_template *t) {
    uint64_t alive = m->accept_end;
    m->piece_states[t->piece + t->slot_count] &= HIT | alive;
    alive = back(m, alive, t->tail);
    for (uint32_t k = t->slot_count; k-- > 0;) {
        m->slot_states[t->piece + k] &= HIT | alive;
        alive = back_slot(m, set, alive, &t->slots[k]);
        m->piece_states[t->piece + k] &= HIT | alive;
        alive = back(m, alive, t->slots[k].before);
    }
}

static tr_matcher_answer ask(const tr_matcher *m, const tr_template_set *set, const tr_template *t);

/* Most words have nothing of the pattern: they are too short to hold it, and do not end as it
 * begins nor begin as it ends. */
static void run_all_words(tr_matcher *m, const tr_template_set *set) {
    uint32_t whole = m->accept ? (uint32_t)tr_trailing_zeros_u64(m->accept) + 1 : UINT32_MAX;
    for (uint32_t i = 0; i < set->word_count; i++) {
        tr_str word = set->words[i];
        if (!word.len)
            continue;
        if (m->restart && (word.len >= whole || m->steps[(uint8_t)word.ptr[word.len - 1]]))
            m->word_states[i] = run(m, 0, word.ptr, word.len);
        if (m->word_states[i])
            tr_bit_set(m->word_hits, i);
        if (m->steps[(uint8_t)word.ptr[0]])
            m->words_before[i] = back(m, 0, word);
    }
}

static trawl_status prepare(tr_matcher *m, const tr_template_set *set, uint64_t pages,
                            tr_arena *local, trawl_error *err) {
    m->digits = steps_of(m, "0123456789");
    m->signed_digits = m->digits | m->steps['-'];
    m->lower_hex = m->digits | steps_of(m, "abcdef");
    m->upper_hex = m->digits | steps_of(m, "ABCDEF");
    m->piece_states = TR_NEW_N(local, uint64_t, set->piece_count + 1);
    m->slot_states = TR_NEW_N(local, uint64_t, set->piece_count + 1);
    m->word_states = TR_NEW_N(local, uint64_t, set->word_count + 1);
    m->words_before = TR_NEW_N(local, uint64_t, set->word_count + 1);
    m->word_hits = TR_NEW_N(local, uint64_t, TR_BITS_WORDS(set->word_count + 1));
    m->answers = TR_NEW_N(local, uint8_t, set->template_count + 1);
    if (!m->piece_states || !m->slot_states || !m->word_states || !m->words_before ||
        !m->word_hits || !m->answers)
        return tr_fail_memory(err);
    run_all_words(m, set);
    for (uint32_t i = 0; i < set->template_count; i++) {
        const tr_template *t = &set->templates[i];
        m->answers[i] = TR_ROWS_NONE;
        if (!(t->pages & pages))
            continue;
        run_template(m, t);
        m->answers[i] = (uint8_t)ask(m, set, t);
        if (m->answers[i] == TR_ROWS_SOME)
            trim_template(m, set, t);
    }
    return TRAWL_OK;
}

static trawl_status fold(tr_matcher *m, tr_str literal, bool any_case, tr_arena *local,
                         trawl_error *err) {
    char *text = tr_arena_text(local, literal.ptr, literal.len);
    if (!text)
        return tr_fail_memory(err);
    for (uint32_t i = 0; any_case && i < literal.len; i++)
        text[i] = folded(text[i]);
    m->literal = tr_str_make(text, literal.len);
    m->any_case = any_case;
    return TRAWL_OK;
}

static void add_byte(tr_matcher *m, uint32_t bit, char c) {
    m->steps[(uint8_t)c] |= UINT64_C(1) << bit;
    if (m->any_case && c >= 'a' && c <= 'z')
        m->steps[(uint8_t)(c ^ 0x20)] |= UINT64_C(1) << bit;
}

/* Bytes that may be an edge: bytes from 0x80 on count as such here. */
static void add_edge(tr_matcher *m, uint32_t bit) {
    for (uint32_t c = 0; c < 256; c++)
        if (!tr_is_term_byte((char)c))
            m->steps[c] |= UINT64_C(1) << bit;
}

trawl_status tr_matcher_of_literal(const tr_template_set *set, tr_str literal, bool any_case,
                                   uint32_t edges, uint64_t pages, tr_arena *local,
                                   const tr_matcher **out, trawl_error *err) {
    tr_matcher *m = TR_NEW(local, tr_matcher);
    if (!m)
        return tr_fail_memory(err);
    TR_TRY(fold(m, literal, any_case, local, err));
    uint32_t n = literal.len < PATTERN_MAX ? literal.len : PATTERN_MAX, bit = 0;
    m->is_literal = true;
    m->edges = edges;
    m->restart = 1;
    if (edges & TR_FIND_EDGE_START) {
        add_edge(m, bit++);
        m->start = 1;
    }
    for (uint32_t i = 0; i < n; i++)
        add_byte(m, bit++, m->literal.ptr[i]);
    if ((edges & TR_FIND_EDGE_END) && n == literal.len) {
        m->accept_end = UINT64_C(1) << (bit - 1);
        add_edge(m, bit++);
    }
    m->accept = UINT64_C(1) << (bit - 1);
    m->certain = n == literal.len && (!edges || set->is_ascii);
    tr_kernels_now()->find.plan(&m->plan, m->literal.ptr, n, any_case, NULL);
    TR_TRY(prepare(m, set, pages, local, err));
    *out = m;
    return TRAWL_OK;
}

/* Bit 0 stands for the beginning of the row. */
trawl_status tr_matcher_of_row(const tr_template_set *set, tr_str text, uint64_t pages,
                               tr_arena *local, const tr_matcher **out, trawl_error *err) {
    tr_matcher *m = TR_NEW(local, tr_matcher);
    if (!m)
        return tr_fail_memory(err);
    uint32_t n = text.len < PATTERN_MAX ? text.len : PATTERN_MAX;
    m->start = 1;
    for (uint32_t i = 0; i < n; i++)
        add_byte(m, i + 1, text.ptr[i]);
    if (n == text.len)
        m->accept_end = UINT64_C(1) << n;
    else
        m->accept = UINT64_C(1) << n;
    m->certain = n == text.len;
    TR_TRY(prepare(m, set, pages, local, err));
    *out = m;
    return TRAWL_OK;
}

/* ---- templates ---- */

/* A byte next to a hit that is certainly no part of a term. */
static bool is_edge(char c) {
    return (uint8_t)c < 0x80 && !tr_is_term_byte(c);
}

/* The whole literal stands in the piece, with edges that are certain. */
static bool stands_in(const tr_matcher *m, tr_str piece, bool is_first, bool is_last) {
    uint32_t n = m->literal.len;
    for (uint32_t at = 0; n <= piece.len && at <= piece.len - n; at++) {
        uint32_t k = 0;
        while (k < n &&
               (m->any_case ? folded(piece.ptr[at + k]) : piece.ptr[at + k]) == m->literal.ptr[k])
            k++;
        if (k < n)
            continue;
        bool start = at ? is_edge(piece.ptr[at - 1]) : is_first;
        bool end = at + n < piece.len ? is_edge(piece.ptr[at + n]) : is_last;
        if ((start || !(m->edges & TR_FIND_EDGE_START)) && (end || !(m->edges & TR_FIND_EDGE_END)))
            return true;
    }
    return false;
}

static bool stands_in_static(const tr_matcher *m, const tr_template *t) {
    for (uint32_t k = 0; k <= t->slot_count; k++) {
        uint64_t state = m->piece_states[t->piece + k];
        tr_str piece = k < t->slot_count ? t->slots[k].before : t->tail;
        if ((state & (HIT | m->accept_end)) && stands_in(m, piece, k == 0, k == t->slot_count))
            return true;
    }
    return false;
}

static tr_matcher_answer ask(const tr_matcher *m, const tr_template_set *set,
                             const tr_template *t) {
    uint64_t state = m->start;
    if (m->is_literal && stands_in_static(m, t))
        return TR_ROWS_ALL;
    for (uint32_t k = 0; k <= t->slot_count; k++) {
        bool is_tail = k == t->slot_count;
        tr_str piece = is_tail ? t->tail : t->slots[k].before;
        uint64_t fresh = m->piece_states[t->piece + k];
        state = k ? fresh | carry(m, state, piece.ptr, piece.len) : fresh;
        if (state & HIT)
            return TR_ROWS_SOME;
        if (is_tail || (!state && !m->restart))
            break;
        const tr_slot *slot = &t->slots[k];
        fresh = m->slot_states[t->piece + k];
        if (!state)
            state = fresh;
        else if (slot->kind == TR_SLOT_WORDS)
            state = fresh | carry_words(m, set, state, slot);
        else
            state = fresh | run_kind(m, state, 0, slot);
        if (state & HIT)
            return TR_ROWS_SOME;
    }
    return state & m->accept_end ? TR_ROWS_SOME : TR_ROWS_NONE;
}

tr_matcher_answer tr_matcher_ask(const tr_matcher *m, uint32_t number) {
    return m->answers[number];
}

bool tr_matcher_is_certain(const tr_matcher *m) {
    return m->certain;
}

/* ---- rows ---- */

/* A value is printed and looked at byte by byte; a word was looked at before. */
double tr_matcher_row_ns(const tr_matcher *m, const tr_template *t) {
    double ns = 0;
    for (uint32_t k = 0; k < t->slot_count; k++) {
        const tr_slot *s = &t->slots[k];
        if (m->slot_states[t->piece + k] && s->kind != TR_SLOT_WORDS && s->kind != TR_SLOT_TEXT)
            ns += 8 + s->most;
    }
    return ns;
}

static uint64_t run_text(const tr_matcher *m, uint64_t state, const char *text, size_t n) {
    if (!m->restart)
        return carry(m, state, text, n);
    if (n < FIND_BYTES_MIN)
        return run(m, state, text, n);
    if (tr_kernels_now()->find.next(&m->plan, text, n, 0) < n)
        return run(m, state, text, n);
    uint64_t before = carry(m, state, text, n);
    return before | run(m, 0, text + n - 63, 63);
}

/* From `state` over the value of a slot of this row; moves over its text. */
static uint64_t run_slot(const tr_matcher *m, const tr_template_set *set, const tr_slot *slot,
                         uint64_t state, uint64_t fresh, tr_template_row *row, bool *damaged) {
    char printed[SLOT_BYTES_MAX + TR_PAD];
    if (slot->kind == TR_SLOT_TEXT) {
        const char *text = row->text;
        uint64_t n = tr_slot_length(slot, row->records, row->bit);
        if (n > (uint64_t)(row->text_end - text)) {
            *damaged = true;
            return HIT;
        }
        row->text += n;
        return run_text(m, state, text, n);
    }
    if (!state && !fresh)
        return 0;
    if (slot->kind == TR_SLOT_WORDS) {
        uint64_t code = tr_slot_value(slot, row->records, row->bit);
        if (code >= slot->word_count) {
            *damaged = true;
            return HIT;
        }
        tr_str word = set->words[slot->words[code]];
        return (m->word_states[slot->words[code]] & fresh) | carry(m, state, word.ptr, word.len);
    }
    char *end = tr_template_print_slot(set, slot, row, printed);
    if (!end) {
        *damaged = true;
        return HIT;
    }
    return fresh ? run(m, state, printed, (size_t)(end - printed))
                 : carry(m, state, printed, (size_t)(end - printed));
}

bool tr_matcher_row(const tr_matcher *m, const tr_template_set *set, const tr_template *t,
                    tr_template_row row, bool *damaged) {
    uint64_t state = m->start;
    for (uint32_t k = 0; k <= t->slot_count; k++) {
        bool is_tail = k == t->slot_count;
        uint64_t fresh = m->piece_states[t->piece + k];
        if (k && state) {
            tr_str piece = is_tail ? t->tail : t->slots[k].before;
            fresh |= carry(m, state, piece.ptr, piece.len);
        }
        state = fresh;
        if (state & HIT)
            return true;
        if (is_tail || (!state && !m->restart))
            break;
        state = run_slot(m, set, &t->slots[k], state, m->slot_states[t->piece + k], &row, damaged);
        if (state & HIT)
            return true;
    }
    return state & m->accept_end;
}

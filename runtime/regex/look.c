/* runtime/regex/look.c: whether a condition on a place in the text holds. Must not know automata.
 */
#include "runtime/regex/look.h"

static bool is_word_byte(uint8_t b) {
    return (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || b == '_' || (b >= 'a' && b <= 'z');
}

tr_side tr_side_of(uint8_t byte) {
    if (byte == '\n')
        return TR_SIDE_LF;
    if (byte == '\r')
        return TR_SIDE_CR;
    if (byte >= 0x80)
        return TR_SIDE_WIDE;
    return is_word_byte(byte) ? TR_SIDE_WORD : TR_SIDE_OTHER;
}

/* The word kinds of ASCII; Unicode has the same ones. */
static bool word_holds(tr_look look, bool before, bool after) {
    switch (look) {
    case TR_LOOK_WORD: return before != after;
    case TR_LOOK_NOT_WORD: return before == after;
    case TR_LOOK_WORD_START: return !before && after;
    case TR_LOOK_WORD_END: return before && !after;
    case TR_LOOK_WORD_START_HALF: return !before;
    default: return !after; /* TR_LOOK_WORD_END_HALF */
    }
}

bool tr_look_between(tr_look look, tr_side left, tr_side right) {
    switch (look) {
    case TR_LOOK_NONE: return true;
    case TR_LOOK_START: return left == TR_SIDE_EDGE;
    case TR_LOOK_END: return right == TR_SIDE_EDGE;
    case TR_LOOK_START_LF: return left == TR_SIDE_EDGE || left == TR_SIDE_LF;
    case TR_LOOK_END_LF: return right == TR_SIDE_EDGE || right == TR_SIDE_LF;
    case TR_LOOK_START_CRLF:
        return left == TR_SIDE_EDGE || left == TR_SIDE_LF ||
               (left == TR_SIDE_CR && right != TR_SIDE_LF);
    case TR_LOOK_END_CRLF:
        return right == TR_SIDE_EDGE || right == TR_SIDE_CR ||
               (right == TR_SIDE_LF && left != TR_SIDE_CR);
    default: break;
    }
    if (look >= TR_LOOK_UNICODE_WORD)
        look = (tr_look)(look - TR_LOOK_UNICODE_WORD + TR_LOOK_WORD);
    return word_holds(look, left == TR_SIDE_WORD, right == TR_SIDE_WORD);
}

/* Word character on one side of text[at]? *broken: what stands there is not UTF-8. */
static bool word_before(const char *text, size_t n, size_t at, bool *broken) {
    uint32_t point;
    (void)n;
    if (at == 0)
        return false;
    if (!tr_utf8_read_back(text, 0, at, &point)) {
        *broken = true;
        return false;
    }
    return tr_unicode_is_word(point);
}

static bool word_after(const char *text, size_t n, size_t at, bool *broken) {
    uint32_t point;
    if (at == n)
        return false;
    if (!tr_utf8_read(text, n, at, &point)) {
        *broken = true;
        return false;
    }
    return tr_unicode_is_word(point);
}

/* Inside a broken or cut character no "not a word" holds: such places are no boundaries at all. */
static bool unicode_word_holds(tr_look look, const char *text, size_t n, size_t at) {
    bool broken_before = false;
    bool broken_after = false;
    bool before = word_before(text, n, at, &broken_before);
    bool after = word_after(text, n, at, &broken_after);
    tr_look kind = (tr_look)(look - TR_LOOK_UNICODE_WORD + TR_LOOK_WORD);
    if (kind == TR_LOOK_NOT_WORD && (broken_before || broken_after))
        return false;
    if (kind == TR_LOOK_WORD_START_HALF && broken_before)
        return false;
    if (kind == TR_LOOK_WORD_END_HALF && broken_after)
        return false;
    return word_holds(kind, before, after);
}

bool tr_look_holds(tr_look look, const char *text, size_t n, size_t at) {
    if (look >= TR_LOOK_UNICODE_WORD)
        return unicode_word_holds(look, text, n, at);
    tr_side left = at ? tr_side_of((uint8_t)text[at - 1]) : TR_SIDE_EDGE;
    tr_side right = at < n ? tr_side_of((uint8_t)text[at]) : TR_SIDE_EDGE;
    return tr_look_between(look, left, right);
}

bool tr_looks_hold(uint32_t looks, const char *text, size_t n, size_t at) {
    if ((looks & TR_LOOK_BIT(TR_LOOK_END)) && at != n) /* the common one, asked at every byte */
        return false;
    for (uint32_t look = 1; looks >> look; look++)
        if ((looks & TR_LOOK_BIT(look)) && !tr_look_holds((tr_look)look, text, n, at))
            return false;
    return true;
}

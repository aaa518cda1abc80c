/* runtime/plan/match.c: fits argument types to the patterns of runtime/func/func.h.
 * Must not know any function. */
#include "runtime/plan/match.h"

enum { COST_NONE = 1000, COST_DYNAMIC = 10 };

tr_type tr_match_letter(char letter) {
    switch (letter) {
    case 'b': return TR_BOOL;
    case 'i': return TR_INT;
    case 'l': return TR_LONG;
    case 'r': return TR_REAL;
    case 'm': return TR_DECIMAL;
    case 'd': return TR_DATETIME;
    case 't': return TR_TIMESPAN;
    case 's': return TR_STRING;
    case 'g': return TR_GUID;
    case 'y': return TR_DYNAMIC;
    default: return TR_NONE;
    }
}

/* Price of an implicit cast; COST_NONE where there is none. */
static uint32_t cast_cost(tr_type from, tr_type to) {
    static const uint32_t width[TR_TYPE_COUNT] = {
        [TR_INT] = 1, [TR_LONG] = 2, [TR_REAL] = 4, [TR_DECIMAL] = 7};
    if (from == to)
        return 0;
    if (from == TR_DYNAMIC)
        return COST_DYNAMIC + (to == TR_STRING ? 0 : 1);
    if (width[from] && width[to] && width[from] < width[to])
        return width[to] - width[from];
    return COST_NONE;
}

static tr_type wider(tr_type a, tr_type b) {
    return cast_cost(a, b) == COST_NONE ? a : b; /* numbers only: one of the two ways is free */
}

/* "(bX)X": the letters in parentheses repeat, what follows stands once at the end. */
static char letter_of_group(const char *pattern, uint32_t a, uint32_t argc) {
    uint32_t group = (uint32_t)(strchr(pattern, ')') - pattern) - 1;
    const char *tail = pattern + group + 2;
    uint32_t tail_count = (uint32_t)strlen(tail);
    if (argc < group + tail_count || (argc - tail_count) % group)
        return 0;
    return a < argc - tail_count ? pattern[1 + a % group] : tail[a - (argc - tail_count)];
}

/* The letter that governs argument a of argc, 0 if there may be no such argument. */
static char letter_of(const char *pattern, uint32_t a, uint32_t argc) {
    const char *p = pattern;
    if (*p == '(')
        return letter_of_group(pattern, a, argc);
    for (uint32_t i = 0; *p; i++) {
        char modifier = p[1];
        if (modifier == '*' || modifier == '+')
            return *p;
        if (i == a)
            return *p;
        p += modifier == '?' ? 2 : 1;
    }
    return 0;
}

static uint32_t least_count(const char *pattern) {
    uint32_t least = 0;
    for (const char *p = pattern; *p; p++)
        if (!strchr("?*+()", *p))
            least += p[1] != '?' && p[1] != '*';
    return least;
}

/* The common type of all arguments under letter 'n' or 'X'; TR_NONE if there is none. */
static tr_type common_type(const char *pattern, const tr_expr *const *args, uint32_t argc,
                           char letter) {
    tr_type common = TR_NONE;
    bool any_dynamic = false;
    for (uint32_t a = 0; a < argc; a++) {
        tr_type type = args[a]->type;
        if (letter_of(pattern, a, argc) != letter)
            continue;
        if (type == TR_DYNAMIC)
            any_dynamic = true;
        else if (common == TR_NONE || common == type)
            common = type;
        else if (tr_type_is_number(common) && tr_type_is_number(type))
            common = wider(common, type);
        else
            return TR_NONE;
    }
    if (common == TR_NONE && any_dynamic)
        return letter == 'n' ? TR_REAL : TR_DYNAMIC;
    if (letter == 'n' && !tr_type_is_number(common))
        return TR_NONE;
    return common;
}

bool tr_match_count(const char *pattern, uint32_t argc) {
    return argc >= least_count(pattern) && (argc == 0 || letter_of(pattern, argc - 1, argc));
}

bool tr_match_args(const char *pattern, const tr_expr *const *args, uint32_t argc, tr_fit *out) {
    if (argc < least_count(pattern) || argc > TR_MATCH_ARGS_MAX)
        return false;
    out->cost = 0;
    out->common = TR_NONE;
    for (uint32_t a = 0; a < argc; a++) {
        char letter = letter_of(pattern, a, argc);
        tr_type type = args[a]->type;
        if (!letter)
            return false;
        if (letter == 'x') {
            out->types[a] = type;
            out->cost += 1; /* a typed overload is the better fit */
            continue;
        }
        if (letter == 'n' || letter == 'X') {
            if (out->common == TR_NONE)
                out->common = common_type(pattern, args, argc, letter);
            if (out->common == TR_NONE)
                return false;
            out->types[a] = out->common;
        } else {
            out->types[a] = tr_match_letter(letter);
        }
        uint32_t cost = cast_cost(type, out->types[a]);
        if (cost == COST_NONE)
            return false;
        out->cost += cost;
    }
    return true;
}

void tr_match_describe(tr_buf *out, const char *pattern) {
    bool first = true;
    for (const char *p = pattern; *p; p++) {
        if (strchr("?*+()", *p))
            continue;
        tr_type type = tr_match_letter(*p);
        const char *name = type != TR_NONE ? tr_type_name(type) : *p == 'n' ? "number" : "any";
        tr_buf_printf(out, p[1] == '?' || p[1] == '*' ? "%s[%s]%s" : "%s%s%s", first ? "" : ", ",
                      name, p[1] == '*' || p[1] == '+' ? "..." : "");
        first = false;
    }
}

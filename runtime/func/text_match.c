/* runtime/func/text_match.c: the operators that look for one string in another: =~, has, contains,
 * startswith, endswith and their kin. Must not know how matching is done (match.c). */
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"
#include "runtime/func/match.h"

/* What a row of the table stands for, and its needle where that is constant. */
typedef struct {
    tr_match_kind kind;
    bool any_case;
    bool negated;
    bool constant;
    tr_match match;
} text_match;

enum { ANY_CASE = 1, NEGATED = 2 };

static trawl_status prepare(const tr_prepare *p, tr_match_kind kind, uint32_t flags,
                            const void **bound, trawl_error *err) {
    text_match *made = TR_NEW(p->query, text_match);
    if (!made)
        return tr_fail_memory(err);
    made->kind = kind;
    made->any_case = flags & ANY_CASE;
    made->negated = flags & NEGATED;
    made->constant = p->consts[1] != NULL;
    if (made->constant) {
        tr_str needle = p->consts[1]->is_null ? tr_empty() : p->consts[1]->as.str;
        TR_TRY(tr_match_prepare(&made->match, kind, made->any_case, needle, p->query, err));
    }
    *bound = made;
    return TRAWL_OK;
}

static trawl_status match_pairs(tr_call *call, const text_match *m, trawl_error *err) {
    uint64_t *bits = tr_out_bits(call);
    for (uint32_t i = 0; i < call->n; i++) {
        bool yes;
        TR_TRY(tr_match_pair(m->kind, m->any_case, tr_text_at(&call->args[0], i),
                             tr_text_at(&call->args[1], i), &yes, call->scratch, err));
        if (yes)
            tr_bit_set(bits, i);
    }
    return TRAWL_OK;
}

static trawl_status match_eval(tr_call *call, trawl_error *err) {
    const text_match *m = call->bound;
    uint64_t *bits = tr_out_bits(call);
    if (m->constant && (call->n == 1 || !call->args[0].is_const))
        TR_TRY(tr_match_rows(&m->match, &call->args[0], call->n, bits, call->scratch, err));
    else
        TR_TRY(match_pairs(call, m, err));
    if (m->negated)
        tr_bits_flip(bits, call->n);
    return TRAWL_OK;
}

/* The literal, with the ends of the text or of a term where the test asks for them. Letters beyond
 * ASCII in any case are nobody's literal. */
static bool match_needs(const void *bound, uint32_t k, tr_need *out) {
    const text_match *m = bound;
    static const uint32_t edges[] = {
        [TR_MATCH_EQUAL] = TR_FIND_EDGE_START | TR_FIND_EDGE_END,
        [TR_MATCH_START] = TR_FIND_EDGE_START,
        [TR_MATCH_END] = TR_FIND_EDGE_END,
        [TR_MATCH_TERM_END] = 0, /* the last of the table: match->edges has what terms need */
    };
    if (k > 0 || m->negated || !m->constant || m->match.slow || !m->match.needle.len)
        return false;
    *out = (tr_need){.count = 1,
                     .literals = &m->match.needle,
                     .any_case = m->any_case,
                     .edges = m->match.edges | edges[m->kind],
                     .exact = m->kind == TR_MATCH_CONTAINS || m->kind == TR_MATCH_TERM ||
                              m->kind == TR_MATCH_TERM_START || m->kind == TR_MATCH_TERM_END};
    return true;
}

static trawl_status prepare_equal(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, TR_MATCH_EQUAL, ANY_CASE, bound, err);
}
static trawl_status prepare_not_equal(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, TR_MATCH_EQUAL, ANY_CASE | NEGATED, bound, err);
}
static trawl_status prepare_contains(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, TR_MATCH_CONTAINS, ANY_CASE, bound, err);
}
static trawl_status prepare_not_contains(const tr_prepare *p, const void **bound,
                                         trawl_error *err) {
    return prepare(p, TR_MATCH_CONTAINS, ANY_CASE | NEGATED, bound, err);
}
static trawl_status prepare_contains_cs(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, TR_MATCH_CONTAINS, 0, bound, err);
}
static trawl_status prepare_not_contains_cs(const tr_prepare *p, const void **bound,
                                            trawl_error *err) {
    return prepare(p, TR_MATCH_CONTAINS, NEGATED, bound, err);
}
static trawl_status prepare_startswith(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, TR_MATCH_START, ANY_CASE, bound, err);
}
static trawl_status prepare_not_startswith(const tr_prepare *p, const void **bound,
                                           trawl_error *err) {
    return prepare(p, TR_MATCH_START, ANY_CASE | NEGATED, bound, err);
}
static trawl_status prepare_startswith_cs(const tr_prepare *p, const void **bound,
                                          trawl_error *err) {
    return prepare(p, TR_MATCH_START, 0, bound, err);
}
static trawl_status prepare_not_startswith_cs(const tr_prepare *p, const void **bound,
                                              trawl_error *err) {
    return prepare(p, TR_MATCH_START, NEGATED, bound, err);
}
static trawl_status prepare_endswith(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, TR_MATCH_END, ANY_CASE, bound, err);
}
static trawl_status prepare_not_endswith(const tr_prepare *p, const void **bound,
                                         trawl_error *err) {
    return prepare(p, TR_MATCH_END, ANY_CASE | NEGATED, bound, err);
}
static trawl_status prepare_endswith_cs(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, TR_MATCH_END, 0, bound, err);
}
static trawl_status prepare_not_endswith_cs(const tr_prepare *p, const void **bound,
                                            trawl_error *err) {
    return prepare(p, TR_MATCH_END, NEGATED, bound, err);
}
static trawl_status prepare_has(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, TR_MATCH_TERM, ANY_CASE, bound, err);
}
static trawl_status prepare_not_has(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, TR_MATCH_TERM, ANY_CASE | NEGATED, bound, err);
}
static trawl_status prepare_has_cs(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, TR_MATCH_TERM, 0, bound, err);
}
static trawl_status prepare_not_has_cs(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, TR_MATCH_TERM, NEGATED, bound, err);
}
static trawl_status prepare_hasprefix(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, TR_MATCH_TERM_START, ANY_CASE, bound, err);
}
static trawl_status prepare_not_hasprefix(const tr_prepare *p, const void **bound,
                                          trawl_error *err) {
    return prepare(p, TR_MATCH_TERM_START, ANY_CASE | NEGATED, bound, err);
}
static trawl_status prepare_hasprefix_cs(const tr_prepare *p, const void **bound,
                                         trawl_error *err) {
    return prepare(p, TR_MATCH_TERM_START, 0, bound, err);
}
static trawl_status prepare_not_hasprefix_cs(const tr_prepare *p, const void **bound,
                                             trawl_error *err) {
    return prepare(p, TR_MATCH_TERM_START, NEGATED, bound, err);
}
static trawl_status prepare_hassuffix(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, TR_MATCH_TERM_END, ANY_CASE, bound, err);
}
static trawl_status prepare_not_hassuffix(const tr_prepare *p, const void **bound,
                                          trawl_error *err) {
    return prepare(p, TR_MATCH_TERM_END, ANY_CASE | NEGATED, bound, err);
}
static trawl_status prepare_hassuffix_cs(const tr_prepare *p, const void **bound,
                                         trawl_error *err) {
    return prepare(p, TR_MATCH_TERM_END, 0, bound, err);
}
static trawl_status prepare_not_hassuffix_cs(const tr_prepare *p, const void **bound,
                                             trawl_error *err) {
    return prepare(p, TR_MATCH_TERM_END, NEGATED, bound, err);
}

const tr_func tr_funcs_text_match[] = {
    {.name = "=~",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_equal,
     .needs = match_needs,
     .summary = "True where the left string equals the right one, in any case.",
     .example = "print result = \"Kusto\" =~ \"KUSTO\""},
    {.name = "!~",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_not_equal,
     .summary = "True where the left string does not equal the right one, in any case.",
     .example = "print result = \"Kusto\" !~ \"KUSTO\""},
    {.name = "contains",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_contains,
     .needs = match_needs,
     .summary = "True where the left string contains the right one, in any case.",
     .example = "print result = \"FabriKam\" contains \"BRik\""},
    {.name = "!contains",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_not_contains,
     .summary = "True where the left string does not contain the right one, in any case.",
     .example = "print result = \"FabriKam\" !contains \"BRik\""},
    {.name = "contains_cs",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_contains_cs,
     .needs = match_needs,
     .summary = "True where the left string contains the right one, case-sensitively.",
     .example = "print result = \"FabriKam\" contains_cs \"BRik\""},
    {.name = "!contains_cs",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_not_contains_cs,
     .summary = "True where the left string does not contain the right one, case-sensitively.",
     .example = "print result = \"FabriKam\" !contains_cs \"BRik\""},
    {.name = "startswith",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_startswith,
     .needs = match_needs,
     .summary = "True where the left string starts with the right one, in any case.",
     .example = "print result = \"Fabrikam\" startswith \"fab\""},
    {.name = "!startswith",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_not_startswith,
     .summary = "True where the left string does not start with the right one, in any case.",
     .example = "print result = \"Fabrikam\" !startswith \"fab\""},
    {.name = "startswith_cs",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_startswith_cs,
     .needs = match_needs,
     .summary = "True where the left string starts with the right one, case-sensitively.",
     .example = "print result = \"Fabrikam\" startswith_cs \"fab\""},
    {.name = "!startswith_cs",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_not_startswith_cs,
     .summary = "True where the left string does not start with the right one, case-sensitively.",
     .example = "print result = \"Fabrikam\" !startswith_cs \"fab\""},
    {.name = "endswith",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_endswith,
     .needs = match_needs,
     .summary = "True where the left string ends with the right one, in any case.",
     .example = "print result = \"Fabrikam\" endswith \"KAM\""},
    {.name = "!endswith",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_not_endswith,
     .summary = "True where the left string does not end with the right one, in any case.",
     .example = "print result = \"Fabrikam\" !endswith \"KAM\""},
    {.name = "endswith_cs",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_endswith_cs,
     .needs = match_needs,
     .summary = "True where the left string ends with the right one, case-sensitively.",
     .example = "print result = \"Fabrikam\" endswith_cs \"KAM\""},
    {.name = "!endswith_cs",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_not_endswith_cs,
     .summary = "True where the left string does not end with the right one, case-sensitively.",
     .example = "print result = \"Fabrikam\" !endswith_cs \"KAM\""},
    {.name = "has",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_has,
     .needs = match_needs,
     .summary = "True where the left string has the right one as a whole term, in any case.",
     .example = "print result = \"North America\" has \"america\""},
    {.name = "!has",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_not_has,
     .summary =
         "True where the left string does not have the right one as a whole term, in any case.",
     .example = "print result = \"North America\" !has \"america\""},
    {.name = "has_cs",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_has_cs,
     .needs = match_needs,
     .summary = "True where the left string has the right one as a whole term, case-sensitively.",
     .example = "print result = \"North America\" has_cs \"america\""},
    {.name = "!has_cs",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_not_has_cs,
     .summary = "True where the left string does not have the right one as a whole term, "
                "case-sensitively.",
     .example = "print result = \"North America\" !has_cs \"america\""},
    {.name = "hasprefix",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_hasprefix,
     .needs = match_needs,
     .summary = "True where a term of the left string starts with the right one, in any case.",
     .example = "print result = \"North America\" hasprefix \"ame\""},
    {.name = "!hasprefix",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_not_hasprefix,
     .summary = "True where no term of the left string starts with the right one, in any case.",
     .example = "print result = \"North America\" !hasprefix \"ame\""},
    {.name = "hasprefix_cs",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_hasprefix_cs,
     .needs = match_needs,
     .summary = "True where a term of the left string starts with the right one, case-sensitively.",
     .example = "print result = \"North America\" hasprefix_cs \"ame\""},
    {.name = "!hasprefix_cs",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_not_hasprefix_cs,
     .summary =
         "True where no term of the left string starts with the right one, case-sensitively.",
     .example = "print result = \"North America\" !hasprefix_cs \"ame\""},
    {.name = "hassuffix",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_hassuffix,
     .needs = match_needs,
     .summary = "True where a term of the left string ends with the right one, in any case.",
     .example = "print result = \"North America\" hassuffix \"RICA\""},
    {.name = "!hassuffix",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_not_hassuffix,
     .summary = "True where no term of the left string ends with the right one, in any case.",
     .example = "print result = \"North America\" !hassuffix \"RICA\""},
    {.name = "hassuffix_cs",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_hassuffix_cs,
     .needs = match_needs,
     .summary = "True where a term of the left string ends with the right one, case-sensitively.",
     .example = "print result = \"North America\" hassuffix_cs \"RICA\""},
    {.name = "!hassuffix_cs",
     .args = "ss",
     .result = 'b',
     .eval = match_eval,
     .prepare = prepare_not_hassuffix_cs,
     .summary = "True where no term of the left string ends with the right one, case-sensitively.",
     .example = "print result = \"North America\" !hassuffix_cs \"RICA\""},
    {.name = NULL},
};

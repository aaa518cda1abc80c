/* runtime/kql/parse_suggest.c: finds the misspelt keyword behind a syntax error.
 *
 * A keyword with a wrong letter is read as a name, so that the fault shows where the grammar runs
 * out, often a few words later: `print` as `prnt` is a table before something unexpected. So words
 * at and before the fault are tried as the keywords they are near to: the one with which the text
 * can be read, or read farthest, was meant. Only reached once per failed parse. */
#include "runtime/kql/parse.h"

enum {
    WORDS_BACK_MAX = 40,
    WORD_BYTES_MAX = 40,
    TEXT_BYTES_MAX = 64 * 1024,
    PARSED_BYTES_MAX = 512 * 1024 /* by all trials together */
};

/* Words with a meaning in some place that the grammar does not ask for by name, but in tables. */
static const char *const keywords[] = {
    "and",
    "or",
    "in",
    "in~",
    "has",
    "contains",
    "between",
    "startswith",
    "endswith",
    "has_any",
    "has_all",
    "hasprefix",
    "hassuffix",
    "has_cs",
    "contains_cs",
    "hasprefix_cs",
    "hassuffix_cs",
    "startswith_cs",
    "endswith_cs",
    "has_ipv4",
    "matches",
    "regex",
    "by",
    "on",
    "asc",
    "desc",
    "let",
    "set",
    "declare",
    "datatable",
    "print",
    "range",
    "union",
    "find",
    "search",
    "evaluate",
    "externaldata",
    "where",
    "project",
    "typeof",
    "kind",
    "hint",
    "to",
    "with",
    "from",
    "step",
    "view",
    "toscalar",
    "materialize",
    "withsource",
    "isfuzzy",
    "bagexpansion",
    "with_itemindex",
    "!in",
    "!in~",
    "!has",
    "!contains",
    "!startswith",
    "!endswith",
    "!between",
    "!has_cs",
    "!contains_cs",
    "!startswith_cs",
    "!endswith_cs",
    "!hasprefix",
    "!hassuffix",
};

typedef struct {
    tr_arena *scratch;
    const char *text;
    uint32_t bytes;
    const tr_token *word; /* under trial */
    uint32_t reached;     /* how far the text as it stands is read */
    uint32_t parsed_bytes;
    /* the best so far */
    const tr_token *found;
    tr_nearest nearest;
    uint32_t found_reached;
} search;

/* How far the text is read with `word` instead of the token: UINT32_MAX for to its end. */
static uint32_t read_with(const search *s, const char *word) {
    trawl_error err = TRAWL_ERROR_INIT;
    const tr_kql_node *root;
    tr_arena_mark mark = tr_arena_here(s->scratch);
    uint32_t after = s->word->offset + s->word->bytes;
    const char *changed = tr_arena_printf(s->scratch, "%.*s%s%.*s", (int)s->word->offset, s->text,
                                          word, (int)(s->bytes - after), s->text + after);
    uint32_t reached = 0;
    if (changed) {
        trawl_status status = tr_kql_parse(s->scratch, changed, strlen(changed), &root, &err);
        int64_t moved = (int64_t)strlen(word) - s->word->bytes;
        if (status == TRAWL_OK)
            reached = UINT32_MAX;
        else if (status == TRAWL_E_SYNTAX && err.span_offset > moved)
            reached = (uint32_t)(err.span_offset - moved);
    }
    tr_arena_release(s->scratch, mark);
    return reached;
}

/* One keyword instead of the word; words that were asked for there are the likelier ones. */
static void try_keyword(search *s, tr_str written, const char *text, uint32_t rarity) {
    tr_str keyword = tr_str_c(text);
    uint32_t cap = keyword.len < 6 ? 2 : 3;
    if (s->parsed_bytes > PARSED_BYTES_MAX || tr_str_distance(written, keyword, cap) == cap ||
        tr_str_equal(written, keyword))
        return;
    s->parsed_bytes += s->bytes;
    uint32_t reached = read_with(s, text);
    if (reached <= s->reached || reached < s->found_reached)
        return;
    if (reached > s->found_reached) {
        s->nearest = tr_nearest_to(written, 3);
        s->found = s->word;
        s->found_reached = reached;
    }
    if (s->found == s->word) /* of two words that would do, the one nearer to the fault */
        tr_nearest_try_rare(&s->nearest, keyword, rarity);
}

static bool is_keyword(tr_str word) {
    const char *name;
    for (size_t k = 0; k < sizeof keywords / sizeof *keywords; k++)
        if (tr_str_is(word, keywords[k]))
            return true;
    for (uint32_t k = 0; (name = tr_syntax_operator_at(k)); k++)
        if (tr_str_is(word, name))
            return true;
    return false;
}

static void try_word(search *s, uint32_t token) {
    tr_str written = tr_str_of(s->text + s->word->offset, s->word->bytes);
    if (is_keyword(written) || s->parsed_bytes > PARSED_BYTES_MAX)
        return;
    s->parsed_bytes += s->bytes;
    tr_syntax_asked asked = {.token = token};
    tr_syntax_ask(s->scratch, s->text, s->bytes, &asked);
    for (uint32_t i = 0; i < asked.count; i++)
        try_keyword(s, written, asked.words[i], 0);
    for (size_t k = 0; k < sizeof keywords / sizeof *keywords; k++)
        try_keyword(s, written, keywords[k], 1);
    const char *operator_name;
    for (uint32_t k = 0; (operator_name = tr_syntax_operator_at(k)); k++)
        try_keyword(s, written, operator_name, 1);
}

/* True where the statement begins: words before are of another one. */
static bool try_at(search *s, const tr_token *tokens, uint32_t token) {
    s->word = &tokens[token];
    bool word = s->word->kind == TR_TOKEN_WORD || s->word->kind == TR_TOKEN_NOT_WORD;
    if (word && s->word->bytes <= WORD_BYTES_MAX)
        try_word(s, token);
    return s->word->kind == TR_TOKEN_SEMICOLON;
}

/* Not where the message knows better. */
static bool is_misspelling(const trawl_error *err) {
    static const char *const codes[] = {"SYN0001", "SYN0002", "SYN0005", "SYN0008", "SYN0009"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strcmp(err->code, codes[i]) == 0)
            return true;
    return false;
}

void tr_syntax_suggest(tr_arena *query, const char *text, size_t bytes, trawl_error *err) {
    const char *offer;
    const tr_token *tokens;
    uint32_t count;
    size_t offer_bytes;
    if (!err || !is_misspelling(err) || bytes > TEXT_BYTES_MAX ||
        tr_hint_offer(err, &offer, &offer_bytes))
        return;
    search s = {.text = text, .bytes = (uint32_t)bytes, .reached = err->span_offset};
    s.scratch = tr_arena_child(query);
    if (!s.scratch)
        return;
    if (tr_kql_lex(s.scratch, text, s.bytes, &tokens, &count)) {
        uint32_t fault = 0;
        while (fault + 1 < count && tokens[fault].offset < err->span_offset)
            fault++;
        uint32_t last = fault + 1 < count ? fault + 1 : fault; /* matches rgex */
        for (uint32_t back = 0; back <= fault && back <= WORDS_BACK_MAX; back++) {
            if (try_at(&s, tokens, fault - back))
                break;
        }
        try_at(&s, tokens, last);
    }
    if (s.found) {
        if (s.found->offset != err->span_offset)
            tr_fail_at(err, TRAWL_E_SYNTAX, tr_syntax_token_span(s.found), "SYN0001",
                       "unexpected '%.*s'", (int)s.found->bytes, text + s.found->offset);
        tr_hint_nearest(err, &s.nearest);
    }
    tr_arena_free(s.scratch);
}

/* runtime/kql/parse_errors.c: what a syntax error says, and the slips it recognises.
 *
 * Only reached once per failed parse, so it may look around at leisure. Codes:
 *   SYN0001 unexpected token        SYN0002 unexpected end        SYN0003 string never closed
 *   SYN0004 stray character         SYN0005 bracket never closed  SYN0006 bracket never opened
 *   SYN0007 unknown operator        SYN0008 missing pipe          SYN0009 = for ==
 *   SYN0010 && or ||                SYN0011 SQL                   SYN0012 trailing comma
 *   SYN0013 bad literal             SYN0014 unknown type          SYN0015 nested too deeply
 *   SYN0016 text too long           SYN0017 bad escape            SYN0018 number out of range
 *   SYN0019 unknown chart */
#include <stdarg.h>
#include <stdio.h>

#include "runtime/kql/parse.h"

enum { SHOWN_BYTES_MAX = 40 }; /* of a token in a message */

tr_span tr_syntax_token_span(const tr_token *token) {
    return (tr_span){token->offset, token->bytes};
}

tr_tree tr_syntax_fail(tr_syntax *p, tr_span span, const char *code, const char *hint,
                       const char *format, ...) {
    if (p->status != TRAWL_OK)
        return &tr_kql_none;
    char message[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    p->status = tr_fail_at(p->err, TRAWL_E_SYNTAX, span, code, "%s", message);
    if (hint)
        tr_hint(p->err, "%s", hint);
    p->at = p->token_count - 1;
    return &tr_kql_none;
}

tr_tree tr_syntax_fail_memory(tr_syntax *p) {
    if (p->status == TRAWL_OK) {
        p->status = tr_fail_memory(p->err);
        if (p->token_count)
            p->at = p->token_count - 1;
    }
    return &tr_kql_none;
}

tr_tree tr_syntax_fail_depth(tr_syntax *p) {
    if (p->status == TRAWL_OK) {
        p->status =
            tr_fail_at(p->err, TRAWL_E_LIMIT, tr_syntax_token_span(tr_syntax_token(p, 0)),
                       "SYN0015", "the query is nested deeper than %d levels", TR_KQL_DEPTH_MAX);
        tr_hint(p->err, "name parts of it with let statements");
        p->at = p->token_count - 1;
    }
    return &tr_kql_none;
}

/* Bytes of a token to show: at most SHOWN_BYTES_MAX, whole characters. */
static int shown(const tr_syntax *p, const tr_token *token) {
    uint32_t n = token->bytes;
    if (n > SHOWN_BYTES_MAX) {
        n = SHOWN_BYTES_MAX;
        while (n > 0 && ((unsigned char)p->text[token->offset + n] & 0xc0) == 0x80)
            n--;
    }
    return (int)n;
}

/* A token as a message shows it; hidden strings stay hidden. */
static const char *shown_text(const tr_syntax *p, const tr_token *token, char *buffer) {
    if (token->kind == TR_TOKEN_STRING && (token->detail & TR_QUOTE_HIDDEN))
        return "h'***'";
    int n = shown(p, token);
    memcpy(buffer, p->text + token->offset, (size_t)n);
    buffer[n] = 0;
    return buffer;
}

static tr_tree lexical_fault(tr_syntax *p, const tr_token *token) {
    tr_span span = tr_syntax_token_span(token);
    const char *text = p->text + token->offset;
    unsigned char c = (unsigned char)*text;
    switch (token->detail) {
    case TR_FAULT_STRING:
        span.bytes = 1;
        if (c == 'h' || c == 'H' || c == '@')
            span.bytes = text[1] == '@' ? 3 : 2;
        return tr_syntax_fail(p, span, "SYN0003",
                              memchr(text, '\\', token->bytes) && !memchr(text, '@', 2)
                                  ? "a backslash before the closing quote escapes it: write @'...'"
                                  : "close it on the same line, or use ```...``` for several lines",
                              "this string is never closed");
    case TR_FAULT_SMART_QUOTE:
        return tr_syntax_fail(p, span, "SYN0004", "use ' or \"",
                              "typographic quotes do not make a string");
    case TR_FAULT_NUMBER:
        return tr_syntax_fail(p, span, "SYN0013", "units are d h m s ms microsecond tick",
                              "'%.*s' is neither a number nor a timespan", shown(p, token), text);
    case TR_FAULT_LITERAL:
        return tr_syntax_fail(p, span, "SYN0005", NULL, "the '(' after '%.*s' is never closed",
                              shown(p, token), text);
    default: break;
    }
    if (c < 0x20 || c == 0x7f)
        return tr_syntax_fail(p, span, "SYN0004", NULL, "stray control character 0x%02x", c);
    const char *hint = c == '!'   ? "write not(...)"
                       : c == '?' ? "write iff(condition, a, b)"
                       : c == '&' ? "write 'and'"
                                  : NULL;
    return tr_syntax_fail(p, span, "SYN0004", hint, "stray character '%c'", c);
}

/* A word of SQL with another word or * after it: at the start of the statement, or at the fault. */
static bool sql_statement(tr_syntax *p, const tr_token *first) {
    static const struct {
        const char *word, *hint;
    } words[] = {
        {"select", "KQL reads Table | where ... | project ..."},
        {"insert", "use .ingest or .append"},
        {"update", "use .append or .set-or-replace"},
        {"delete", "use .delete"},
        {"create", "commands begin with a dot: .create table"},
        {"drop", "commands begin with a dot: .drop table"},
        {"explain", "trawl does not translate SQL"},
        {"with", "KQL names parts with let name = ...;"},
        {"from", "KQL begins with the table: Table | ..."},
    };
    tr_str word = tr_syntax_text(p, first);
    if (first->kind != TR_TOKEN_WORD ||
        (first[1].kind != TR_TOKEN_WORD && first[1].kind != TR_TOKEN_STAR))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!tr_str_equal_nocase_ascii(word, tr_str_c(words[i].word)))
            continue;
        tr_syntax_fail(p, tr_syntax_token_span(first), "SYN0011", words[i].hint,
                       "'%.*s' is SQL, not KQL", shown(p, first), word.ptr);
        return true;
    }
    return false;
}

static bool is_closer(tr_token_kind kind) {
    return kind == TR_TOKEN_RPAREN || kind == TR_TOKEN_RBRACKET || kind == TR_TOKEN_RBRACE;
}

/* The nearest bracket before the current token that is still open; UINT32_MAX if none. */
static uint32_t open_bracket(const tr_syntax *p) {
    uint32_t closed = 0;
    for (uint32_t i = p->at; i-- > 0;) {
        tr_token_kind kind = p->tokens[i].kind;
        if (is_closer(kind))
            closed++;
        else if ((kind == TR_TOKEN_LPAREN || kind == TR_TOKEN_LBRACKET ||
                  kind == TR_TOKEN_LBRACE) &&
                 closed-- == 0)
            return i;
    }
    return UINT32_MAX;
}

/* LIMIT, Where: an operator but for its case. */
static bool at_operator_nocase(const tr_syntax *p) {
    const char *name;
    for (uint32_t k = 0; (name = tr_syntax_operator_at(k)); k++)
        if (tr_str_equal_nocase_ascii(tr_syntax_text(p, tr_syntax_token(p, 0)), tr_str_c(name)))
            return tr_syntax_at(p, TR_TOKEN_WORD);
    return false;
}

/* Slips that the token at fault itself gives away. */
static bool slip(tr_syntax *p, const tr_token *token) {
    tr_span span = tr_syntax_token_span(token);
    const tr_token *before = p->at > 0 ? token - 1 : NULL;
    switch (token->kind) {
    case TR_TOKEN_AND_AND:
    case TR_TOKEN_OR_OR: {
        bool is_and = token->kind == TR_TOKEN_AND_AND;
        p->at++;
        bool is_pipe = !is_and && tr_syntax_at_operator(p);
        p->at--;
        tr_syntax_fail(p, span, "SYN0010",
                       is_and    ? "write 'and'"
                       : is_pipe ? "write '|'"
                                 : "write 'or'",
                       "KQL has no '%s'", is_and ? "&&" : "||");
        return true;
    }
    case TR_TOKEN_ASSIGN:
        if (before && (before->kind == TR_TOKEN_COLON || before->kind == TR_TOKEN_EQUAL))
            tr_syntax_fail(p, span, "SYN0001",
                           before->kind == TR_TOKEN_COLON ? "write name = expression"
                                                          : "write '==' to compare",
                           "unexpected '='");
        else
            tr_syntax_fail(p, span, "SYN0009", "write '==' to compare", "unexpected '='");
        return true;
    case TR_TOKEN_NOT_WORD:
        tr_syntax_fail(p, span, "SYN0001", "write not(...) for the opposite", "unexpected '%.*s'",
                       shown(p, token), p->text + token->offset);
        return true;
    case TR_TOKEN_RPAREN:
    case TR_TOKEN_RBRACKET:
    case TR_TOKEN_RBRACE:
        if (open_bracket(p) == UINT32_MAX) {
            tr_syntax_fail(p, span, "SYN0006", NULL, "'%c' closes nothing", p->text[token->offset]);
            return true;
        }
        break;
    default: break;
    }
    if (before && before->kind == TR_TOKEN_COMMA &&
        (is_closer(token->kind) || token->kind == TR_TOKEN_PIPE || token->kind == TR_TOKEN_END ||
         token->kind == TR_TOKEN_SEMICOLON || tr_syntax_at_word(p, "by"))) {
        tr_syntax_fail(p, tr_syntax_token_span(before), "SYN0012", "remove it",
                       "nothing follows this ','");
        return true;
    }
    if (p->at >= 2 && before[-1].kind == TR_TOKEN_COMMA && before->kind == TR_TOKEN_WORD &&
        tr_str_is(tr_syntax_text(p, before), "by")) {
        tr_syntax_fail(p, tr_syntax_token_span(before - 1), "SYN0012", "remove it",
                       "nothing follows this ','");
        return true;
    }
    if (token->kind == TR_TOKEN_LPAREN && p->at >= 2 && before[-1].kind == TR_TOKEN_PIPE &&
        tr_str_is(tr_syntax_text(p, before), "count")) {
        tr_syntax_fail(p, span, "SYN0001", "write | count, or | summarize count()",
                       "the operator count takes no parentheses");
        return true;
    }
    if (before && token->kind != TR_TOKEN_END && before->kind != TR_TOKEN_PIPE &&
        (tr_syntax_at_operator(p) || at_operator_nocase(p))) {
        char word[SHOWN_BYTES_MAX + 1];
        uint32_t tokens;
        if (tr_syntax_operator_word(p, word, sizeof word, &tokens))
            span.bytes = (uint32_t)strlen(word);
        tr_syntax_fail(p, span, "SYN0008", "operators follow a '|', in lower case",
                       "missing '|' before '%.*s'", (int)span.bytes, p->text + token->offset);
        return true;
    }
    return false;
}

/* Does a line end between the token before the current one and the current one? */
static bool on_a_new_line(const tr_syntax *p) {
    if (p->at == 0)
        return false;
    const tr_token *before = &p->tokens[p->at - 1];
    uint32_t end = before->offset + before->bytes;
    return memchr(p->text + end, '\n', p->tokens[p->at].offset - end) != NULL;
}

/* What to write for a word of another language that stands where an operator should; NULL if it is
 * none. Misspelt words of KQL are for tr_syntax_suggest. */
static const char *foreign_word(const tr_syntax *p) {
    static const struct {
        const char *word, *hint;
    } words[] = {
        {"is", "write isnull(...), isnotnull(...) or isempty(...)"},
        {"not", "write not(...), !in, !has or !contains"},
        {"like", "write has, contains or matches regex"},
        {"equals", "write '=='"},
        {"eq", "write '=='"},
        {"xor", "write '!='"},
        {"rlike", "write matches regex"},
        {"regexp", "write matches regex"},
        {"group", "write summarize ... by"},
        {"having", "write '| where' after summarize"},
        {"from", "the table stands before the first '|'"},
        {"then", "write iff(condition, a, b) or case(...)"},
        {"descending", "write desc"},
        {"ascending", "write asc"},
        {"as", "write name = expression; the operator 'as' follows a '|'"},
        {"over", "window functions stand in serialize or extend: row_number(), prev(), next()"},
    };
    static const char *const units[] = {"day",    "days",    "hour",   "hours",
                                        "minute", "minutes", "second", "seconds"};
    const tr_token *token = tr_syntax_token(p, 0);
    for (size_t i = 0; p->at && token[-1].kind == TR_TOKEN_LONG && i < sizeof units / sizeof *units;
         i++)
        if (tr_str_is(tr_syntax_text(p, token), units[i]))
            return "spans of time are written 1d, 2h, 30m, 10s";
    for (size_t i = 0; token->kind == TR_TOKEN_WORD && i < sizeof words / sizeof *words; i++)
        if (tr_str_equal_nocase_ascii(tr_str_c(words[i].word), tr_syntax_text(p, token)))
            return words[i].hint;
    return NULL;
}

static tr_tree foreign(tr_syntax *p, const char *hint) {
    const tr_token *token = tr_syntax_token(p, 0);
    return tr_syntax_fail(p, tr_syntax_token_span(token), "SYN0011", hint, "KQL has no '%.*s' here",
                          shown(p, token), p->text + token->offset);
}

static bool is_declaration(const tr_syntax *p, const tr_token *first) {
    tr_str word = tr_syntax_text(p, first);
    return tr_str_is(word, "let") || tr_str_is(word, "set") || tr_str_is(word, "declare");
}

tr_tree tr_syntax_unexpected_after_statement(tr_syntax *p, const char *expected) {
    if (p->status != TRAWL_OK)
        return &tr_kql_none;
    const tr_token *first = &p->tokens[p->statement_start];
    if (p->at == p->statement_start + 1 && first->kind == TR_TOKEN_WORD) {
        uint32_t at = p->at;
        p->at = p->statement_start;
        bool is_operator = tr_syntax_at_operator(p);
        p->at = at;
        if (is_operator && tr_syntax_token(p, 0)->kind != TR_TOKEN_ERROR)
            return tr_syntax_fail(p, tr_syntax_token_span(first), "SYN0008",
                                  "write the table first: Table | ...",
                                  "'%.*s' needs a table and a '|' before it", shown(p, first),
                                  p->text + first->offset);
        if (tr_syntax_at(p, TR_TOKEN_ASSIGN) && first->bytes == 3 &&
            memcmp(p->text + first->offset, "let", 3) == 0)
            return tr_syntax_fail(p, tr_syntax_token_span(tr_syntax_token(p, 0)), "SYN0001", NULL,
                                  "unexpected '=', expected a name");
    }
    const char *hint = foreign_word(p);
    if (hint)
        return foreign(p, hint);
    bool operand = tr_syntax_at_name(p) || tr_syntax_at_literal(p);
    const tr_token *before = p->at ? tr_syntax_token(p, 0) - 1 : first;
    if (operand && tr_str_is(tr_syntax_text(p, before), "not"))
        hint = "write not(...)";
    else if (operand)
        hint = on_a_new_line(p) || is_declaration(p, first)
                   ? "statements are separated by ';'"
                   : "is a ',' or an operator missing before it?";
    tr_syntax_unexpected(p, expected);
    if (hint && p->err && p->err->hint[0] == 0)
        tr_hint(p->err, "%s", hint);
    return &tr_kql_none;
}

tr_tree tr_syntax_unexpected(tr_syntax *p, const char *expected) {
    if (p->status != TRAWL_OK)
        return &tr_kql_none;
    char text[SHOWN_BYTES_MAX + 1];
    const tr_token *token = tr_syntax_token(p, 0);
    if (token->kind == TR_TOKEN_ERROR)
        return lexical_fault(p, token);
    if (sql_statement(p, &p->tokens[p->statement_start]) || sql_statement(p, token) ||
        slip(p, token))
        return &tr_kql_none;
    if (token->kind != TR_TOKEN_END)
        return tr_syntax_fail(p, tr_syntax_token_span(token), "SYN0001", NULL,
                              "unexpected '%s', expected %s", shown_text(p, token, text), expected);
    uint32_t open = open_bracket(p);
    if (open != UINT32_MAX)
        return tr_syntax_fail(p, tr_syntax_token_span(&p->tokens[open]), "SYN0005", NULL,
                              "'%c' is never closed", p->text[p->tokens[open].offset]);
    const tr_token *last = p->at > 0 ? token - 1 : token;
    return tr_syntax_fail(p, tr_syntax_token_span(last), "SYN0002", NULL,
                          "the query ends after '%s', expected %s", shown_text(p, last, text),
                          expected);
}

tr_tree tr_syntax_unclosed(tr_syntax *p, uint32_t open, const char *expected) {
    if (p->status == TRAWL_OK && tr_syntax_at(p, TR_TOKEN_SEMICOLON) &&
        p->tokens[open].kind != TR_TOKEN_LBRACE)
        return tr_syntax_fail(p, tr_syntax_token_span(&p->tokens[open]), "SYN0005", NULL,
                              "'%c' is never closed", p->text[p->tokens[open].offset]);
    const char *hint = p->status == TRAWL_OK ? foreign_word(p) : NULL;
    return hint ? foreign(p, hint) : tr_syntax_unexpected(p, expected);
}

/* What to write for an operator of SQL, or of a shell. */
static const char *foreign_operator(const char *word) {
    static const struct {
        const char *word, *hint;
    } words[] = {
        {"select", "write project"},
        {"group", "write summarize ... by"},
        {"groupby", "write summarize ... by"},
        {"having", "write where after summarize"},
        {"orderby", "write order by"},
        {"map", "write extend or project"},
        {"from", "the table stands before the first '|'"},
        {"grep", "write where Column has \"word\", or search"},
        {"head", "write take"},
        {"rename", "write project-rename"},
        {"drop", "write project-away"},
        {"stats", "write summarize"},
        {"eval", "write extend"},
        {"dedup", "write distinct, or summarize take_any(*) by"},
        {"uniq", "write distinct"},
        {"fields", "write project"},
        {"aggregate", "write summarize"},
        {"unnest", "write mv-expand"},
        {"explode", "write mv-expand"},
        {"pivot", "write evaluate pivot(...)"},
        {"print", "print begins a query and cannot follow '|'"},
        {"range", "range begins a query and cannot follow '|'"},
        {"datatable", "datatable begins a query and cannot follow '|'"},
        {"externaldata", "externaldata begins a query and cannot follow '|'"},
        {"let", "let statements stand before the query and end in ';'"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (tr_str_equal_nocase_ascii(tr_str_c(words[i].word), tr_str_c(word)))
            return words[i].hint;
    return NULL;
}

tr_tree tr_syntax_unknown_operator(tr_syntax *p, tr_span span) {
    char word[SHOWN_BYTES_MAX + 1];
    char hint[100];
    uint32_t n = span.bytes < SHOWN_BYTES_MAX ? span.bytes : SHOWN_BYTES_MAX;
    memcpy(word, p->text + span.offset, n);
    word[n] = 0;
    const char *foreign = foreign_operator(word);
    const char *nearest = foreign ? NULL : tr_syntax_nearest_operator(word);
    if (nearest)
        snprintf(hint, sizeof hint, "did you mean '%s'?", nearest);
    return tr_syntax_fail(p, span, "SYN0007",
                          foreign   ? foreign
                          : nearest ? hint
                                    : NULL,
                          "there is no operator '%s'", word);
}

tr_tree tr_syntax_unknown_type(tr_syntax *p, const tr_token *word) {
    static const char *const types[] = {"bool",     "int",      "long",   "real",    "decimal",
                                        "datetime", "timespan", "string", "dynamic", "guid"};
    char text[SHOWN_BYTES_MAX + 1];
    char hint[100];
    uint32_t n = word->bytes < SHOWN_BYTES_MAX ? word->bytes : SHOWN_BYTES_MAX;
    memcpy(text, p->text + word->offset, n);
    text[n] = 0;
    tr_nearest nearest = tr_nearest_to(tr_str_c(text), 3);
    snprintf(hint, sizeof hint,
             "types are bool int long real decimal datetime timespan string dynamic guid");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        tr_nearest_try(&nearest, tr_str_c(types[i]));
    if (nearest.found.len)
        snprintf(hint, sizeof hint, "did you mean '%s'?", nearest.found.ptr);
    return tr_syntax_fail(p, tr_syntax_token_span(word), "SYN0014", hint, "there is no type '%s'",
                          text);
}

tr_tree tr_syntax_unexpected_with_hint(tr_syntax *p, const char *expected, const char *hint) {
    bool first = p->status == TRAWL_OK;
    tr_syntax_unexpected(p, expected);
    if (first && hint && p->err && p->err->hint[0] == 0)
        tr_hint(p->err, "%s", hint);
    return &tr_kql_none;
}

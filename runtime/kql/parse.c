/* runtime/kql/parse.c: the parser's entry, its nodes and tokens, and statements.
 *
 * It must not know what names mean: the tree is made from spelling alone. */
#include "runtime/kql/parse.h"

#include <stdio.h>

const tr_kql_node tr_kql_none = {.kind = TR_KQL_NONE, .depth = 1, .text = {tr_empty_text, 0, 0}};

/* ---- nodes ---- */

tr_opening tr_syntax_open(const tr_syntax *p) {
    return (tr_opening){p->at, p->stack_count};
}

void tr_syntax_push(tr_syntax *p, tr_tree child) {
    if (!TR_ROOM(p->arena, p->stack, p->stack_count, p->stack_capacity)) {
        tr_syntax_fail_memory(p);
        return;
    }
    p->stack[p->stack_count++] = child;
}

/* The span from token `start` to the one before the current token. */
static tr_span span_since(const tr_syntax *p, uint32_t start) {
    const tr_token *first = &p->tokens[start];
    if (p->at <= start)
        return (tr_span){first->offset, 0};
    const tr_token *last = &p->tokens[p->at - 1];
    return (tr_span){first->offset, last->offset + last->bytes - first->offset};
}

tr_kql_node *tr_syntax_close(tr_syntax *p, tr_kql_kind kind, tr_opening opening) {
    uint32_t count = p->stack_count > opening.stack ? p->stack_count - opening.stack : 0;
    size_t bytes = sizeof(tr_kql_node) + count * sizeof(tr_tree);
    tr_kql_node *node = tr_arena_alloc(p->arena, bytes, _Alignof(tr_kql_node));
    if (!node) {
        tr_syntax_fail_memory(p);
        return &p->spare;
    }
    tr_tree *children = (tr_tree *)(node + 1);
    uint32_t deepest = 0;
    for (uint32_t i = 0; i < count; i++) {
        children[i] = p->stack[opening.stack + i];
        if (children[i]->depth > deepest)
            deepest = children[i]->depth;
    }
    if (deepest >= TR_KQL_DEPTH_MAX)
        tr_syntax_fail_depth(p);
    p->stack_count = opening.stack;
    *node = (tr_kql_node){.kind = (uint8_t)kind,
                          .depth = (uint16_t)(deepest + 1),
                          .child_count = count,
                          .children = children,
                          .span = span_since(p, opening.token),
                          .text = tr_kql_none.text};
    return node;
}

bool tr_syntax_enter(tr_syntax *p) {
    if (++p->depth <= TR_KQL_DEPTH_MAX)
        return true;
    tr_syntax_fail_depth(p);
    return false;
}

void tr_syntax_leave(tr_syntax *p) {
    p->depth--;
}

/* ---- tokens ---- */

const tr_token *tr_syntax_token(const tr_syntax *p, uint32_t ahead) {
    uint32_t i = p->at + ahead;
    return &p->tokens[i < p->token_count ? i : p->token_count - 1];
}

bool tr_syntax_at(const tr_syntax *p, tr_token_kind kind) {
    return p->tokens[p->at].kind == kind;
}

static void note_asked(tr_syntax_asked *asked, const char *word) {
    enum { ROOM = sizeof asked->words / sizeof *asked->words };
    for (uint32_t i = 0; i < asked->count; i++)
        if (strcmp(asked->words[i], word) == 0)
            return;
    if (asked->count < ROOM)
        asked->words[asked->count++] = word;
}

bool tr_syntax_word_is(const tr_syntax *p, uint32_t ahead, const char *word) {
    const tr_token *t = tr_syntax_token(p, ahead);
    size_t n = strlen(word);
    if (p->asked && p->at + ahead == p->asked->token && p->status == TRAWL_OK)
        note_asked(p->asked, word);
    return t->kind == TR_TOKEN_WORD && t->bytes == n && memcmp(p->text + t->offset, word, n) == 0;
}

bool tr_syntax_at_word(const tr_syntax *p, const char *word) {
    return tr_syntax_word_is(p, 0, word);
}

bool tr_syntax_adjacent(const tr_syntax *p, uint32_t ahead) {
    const tr_token *before = tr_syntax_token(p, ahead - 1);
    return before->offset + before->bytes == tr_syntax_token(p, ahead)->offset;
}

void tr_syntax_next(tr_syntax *p) {
    if (p->at + 1 < p->token_count)
        p->at++;
}

bool tr_syntax_accept(tr_syntax *p, tr_token_kind kind) {
    if (p->tokens[p->at].kind != kind || kind == TR_TOKEN_END)
        return false;
    p->at++;
    return true;
}

bool tr_syntax_accept_word(tr_syntax *p, const char *word) {
    if (!tr_syntax_at_word(p, word))
        return false;
    p->at++;
    return true;
}

void tr_syntax_need(tr_syntax *p, tr_token_kind kind, const char *expected) {
    if (!tr_syntax_accept(p, kind))
        tr_syntax_unexpected(p, expected);
}

void tr_syntax_need_word(tr_syntax *p, const char *word) {
    char expected[40];
    if (tr_syntax_accept_word(p, word))
        return;
    snprintf(expected, sizeof expected, "'%s'", word);
    tr_syntax_unexpected(p, expected);
}

void tr_syntax_need_closing(tr_syntax *p, tr_token_kind kind, uint32_t open) {
    if (tr_syntax_accept(p, kind))
        return;
    bool comma = tr_syntax_at(p, TR_TOKEN_COMMA);
    tr_syntax_unclosed(p, open,
                       kind == TR_TOKEN_RPAREN     ? (comma ? "')'" : "',' or ')'")
                       : kind == TR_TOKEN_RBRACKET ? (comma ? "']'" : "',' or ']'")
                                                   : "';' or '}'");
}

tr_str tr_syntax_text(const tr_syntax *p, const tr_token *token) {
    return tr_str_make(p->text + token->offset, token->bytes);
}

/* ---- statements ---- */

/* Does `let x = (` begin a function? True for (), (name: and view (. */
static bool at_function(const tr_syntax *p) {
    uint32_t ahead = tr_syntax_at_word(p, "view") ? 1 : 0;
    if (tr_syntax_token(p, ahead)->kind != TR_TOKEN_LPAREN)
        return false;
    if (tr_syntax_token(p, ahead + 1)->kind == TR_TOKEN_RPAREN)
        return tr_syntax_token(p, ahead + 2)->kind == TR_TOKEN_LBRACE;
    uint32_t after;
    return tr_syntax_name_ahead(p, ahead + 1, &after) &&
           tr_syntax_token(p, after)->kind == TR_TOKEN_COLON;
}

/* { statement; ... value } */
static tr_tree body(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    uint32_t open = p->at;
    tr_syntax_need(p, TR_TOKEN_LBRACE, "'{'");
    if (tr_syntax_at(p, TR_TOKEN_RBRACE))
        return tr_syntax_unexpected(p, "a statement");
    tr_syntax_push_statements(p, TR_TOKEN_RBRACE);
    tr_syntax_need_closing(p, TR_TOKEN_RBRACE, open);
    return tr_syntax_close(p, TR_KQL_BODY, opening);
}

static tr_tree function(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    bool view = tr_syntax_accept_word(p, "view");
    tr_syntax_push(p, tr_syntax_parameters(p, TR_TOKEN_LPAREN, TR_TOKEN_RPAREN));
    tr_syntax_push(p, body(p));
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_FUNCTION, opening);
    node->flags = view ? TR_KQL_FLAG_VIEW : 0;
    return node;
}

static tr_tree let_statement(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_next(p);
    tr_tree name = tr_syntax_name(p);
    tr_syntax_push(p, name);
    tr_syntax_need(p, TR_TOKEN_ASSIGN, "'='");
    tr_syntax_push(p, at_function(p) ? function(p) : tr_syntax_pipe(p));
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_LET, opening);
    node->text = name->text;
    return node;
}

static tr_tree set_statement(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_next(p);
    tr_tree name = tr_syntax_name(p);
    tr_syntax_push(p, name);
    if (!tr_syntax_accept(p, TR_TOKEN_ASSIGN))
        tr_syntax_push(p, &tr_kql_none);
    else
        tr_syntax_push(p, tr_syntax_operand(p));
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_SET, opening);
    node->text = name->text;
    return node;
}

/* ("a", "b").["path"] = { body } */
static tr_tree pattern_case(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    uint32_t open = p->at;
    tr_syntax_need(p, TR_TOKEN_LPAREN, "'('");
    tr_opening values = tr_syntax_open(p);
    do
        tr_syntax_push(p, tr_syntax_expression(p));
    while (tr_syntax_accept(p, TR_TOKEN_COMMA));
    tr_syntax_push(p, tr_syntax_close(p, TR_KQL_LIST, values));
    tr_syntax_need_closing(p, TR_TOKEN_RPAREN, open);
    if (tr_syntax_accept(p, TR_TOKEN_DOT)) {
        open = p->at;
        tr_syntax_need(p, TR_TOKEN_LBRACKET, "'['");
        tr_syntax_push(p, tr_syntax_string(p));
        tr_syntax_need_closing(p, TR_TOKEN_RBRACKET, open);
    } else {
        tr_syntax_push(p, &tr_kql_none);
    }
    tr_syntax_need(p, TR_TOKEN_ASSIGN, "'='");
    tr_syntax_push(p, body(p));
    return tr_syntax_close(p, TR_KQL_PATTERN_CASE, opening);
}

/* declare pattern name [= (parameters)[path] { cases }] */
static tr_tree declare_pattern(tr_syntax *p, tr_opening opening) {
    tr_tree name = tr_syntax_name(p);
    tr_syntax_push(p, name);
    if (!tr_syntax_accept(p, TR_TOKEN_ASSIGN)) {
        tr_syntax_push(p, &tr_kql_none);
        tr_syntax_push(p, &tr_kql_none);
    } else {
        tr_syntax_push(p, tr_syntax_parameters(p, TR_TOKEN_LPAREN, TR_TOKEN_RPAREN));
        if (tr_syntax_at(p, TR_TOKEN_LBRACKET))
            tr_syntax_push(p, tr_syntax_parameters(p, TR_TOKEN_LBRACKET, TR_TOKEN_RBRACKET));
        else
            tr_syntax_push(p, &tr_kql_none);
        uint32_t open = p->at;
        tr_syntax_need(p, TR_TOKEN_LBRACE, "'{'");
        do {
            if (tr_syntax_at(p, TR_TOKEN_RBRACE))
                break;
            tr_syntax_push(p, pattern_case(p));
        } while (tr_syntax_accept(p, TR_TOKEN_SEMICOLON));
        tr_syntax_need_closing(p, TR_TOKEN_RBRACE, open);
    }
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_DECLARE_PATTERN, opening);
    node->text = name->text;
    return node;
}

static tr_tree declare_statement(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_next(p);
    if (tr_syntax_accept_word(p, "pattern"))
        return declare_pattern(p, opening);
    if (!tr_syntax_accept_word(p, "query_parameters"))
        return tr_syntax_unexpected(p, "'query_parameters' or 'pattern'");
    tr_tree list = tr_syntax_parameters(p, TR_TOKEN_LPAREN, TR_TOKEN_RPAREN);
    for (uint32_t i = 0; i < list->child_count; i++)
        tr_syntax_push(p, list->children[i]);
    return tr_syntax_close(p, TR_KQL_DECLARE_PARAMETERS, opening);
}

static tr_tree alias_statement(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_next(p);
    tr_syntax_need_word(p, "database");
    tr_tree name = tr_syntax_name(p);
    tr_syntax_push(p, name);
    tr_syntax_need(p, TR_TOKEN_ASSIGN, "'='");
    tr_syntax_push(p, tr_syntax_expression(p));
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_ALIAS, opening);
    node->text = name->text;
    return node;
}

static tr_tree restrict_statement(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_next(p);
    tr_syntax_need_word(p, "access");
    tr_syntax_need_word(p, "to");
    uint32_t open = p->at;
    tr_syntax_need(p, TR_TOKEN_LPAREN, "'('");
    do
        tr_syntax_push(p, tr_syntax_entity(p));
    while (tr_syntax_accept(p, TR_TOKEN_COMMA));
    tr_syntax_need_closing(p, TR_TOKEN_RPAREN, open);
    return tr_syntax_close(p, TR_KQL_RESTRICT, opening);
}

static tr_tree statement(tr_syntax *p) {
    uint32_t after;
    p->statement_start = p->at;
    if (tr_syntax_at_word(p, "let") && tr_syntax_name_ahead(p, 1, &after))
        return let_statement(p);
    if (tr_syntax_at_word(p, "set") && tr_syntax_name_ahead(p, 1, &after))
        return set_statement(p);
    if (tr_syntax_at_word(p, "declare") && tr_syntax_name_ahead(p, 1, &after))
        return declare_statement(p);
    if (tr_syntax_at_word(p, "alias") && tr_syntax_word_is(p, 1, "database"))
        return alias_statement(p);
    if (tr_syntax_at_word(p, "restrict") && tr_syntax_word_is(p, 1, "access"))
        return restrict_statement(p);
    return tr_syntax_pipe(p);
}

void tr_syntax_push_statements(tr_syntax *p, tr_token_kind close) {
    while (tr_syntax_accept(p, TR_TOKEN_SEMICOLON)) {
    }
    while (!tr_syntax_at(p, close) && !tr_syntax_at(p, TR_TOKEN_END)) {
        tr_syntax_push(p, statement(p));
        if (tr_syntax_at(p, close))
            return;
        if (!tr_syntax_at(p, TR_TOKEN_SEMICOLON) && !tr_syntax_at(p, TR_TOKEN_END))
            tr_syntax_unexpected_after_statement(p, close == TR_TOKEN_END
                                                        ? "'|', ';' or the end of the query"
                                                    : close == TR_TOKEN_RBRACE ? "'|', ';' or '}'"
                                                                               : "'|', ';' or ')'");
        while (tr_syntax_accept(p, TR_TOKEN_SEMICOLON)) {
        }
    }
}

/* A text that begins with '.' is a command; its grammar belongs to others. */
static tr_tree command(tr_syntax *p, uint32_t start) {
    uint32_t end = p->bytes;
    while (end > start &&
           (p->text[end - 1] == ' ' || (p->text[end - 1] >= '\t' && p->text[end - 1] <= '\r')))
        end--;
    const tr_token whole = {TR_TOKEN_WORD, 0, start, end - start};
    p->tokens = &whole;
    p->token_count = 1;
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_COMMAND, tr_syntax_open(p));
    node->span = tr_syntax_token_span(&whole);
    node->text = tr_syntax_text(p, &whole);
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_push(p, node);
    tr_kql_node *root = tr_syntax_close(p, TR_KQL_STATEMENTS, opening);
    root->span = node->span;
    return root;
}

static tr_tree query(tr_syntax *p) {
    if (!tr_kql_lex(p->arena, p->text, p->bytes, &p->tokens, &p->token_count)) {
        p->status = tr_fail_memory(p->err);
        return &tr_kql_none;
    }
    tr_opening opening = tr_syntax_open(p);
    p->no_options = tr_syntax_close(p, TR_KQL_OPTIONS, opening);
    tr_syntax_push_statements(p, TR_TOKEN_END);
    return tr_syntax_close(p, TR_KQL_STATEMENTS, opening);
}

static trawl_status parse(tr_arena *arena, const char *text, size_t bytes, tr_syntax_asked *asked,
                          const tr_kql_node **out, trawl_error *err) {
    if (bytes > TR_KQL_TEXT_BYTES_MAX)
        return tr_fail_at(err, TRAWL_E_LIMIT, (tr_span){0, 0}, "SYN0016",
                          "the query has %zu bytes, at most %d are taken", bytes,
                          TR_KQL_TEXT_BYTES_MAX);
    tr_syntax p = {.arena = arena, .bytes = (uint32_t)bytes, .err = err, .spare = tr_kql_none};
    p.asked = asked;
    p.text = tr_arena_text(arena, text, bytes);
    if (!p.text)
        return tr_fail_memory(err);
    uint32_t start = tr_kql_skip_blanks(p.text, p.bytes, 0);
    tr_tree root = start < bytes && p.text[start] == '.' ? command(&p, start) : query(&p);
    if (p.status == TRAWL_OK)
        *out = root;
    return p.status;
}

trawl_status tr_kql_parse(tr_arena *arena, const char *text, size_t bytes, const tr_kql_node **out,
                          trawl_error *err) {
    return parse(arena, text, bytes, NULL, out, err);
}

void tr_syntax_ask(tr_arena *scratch, const char *text, size_t bytes, tr_syntax_asked *asked) {
    trawl_error err = TRAWL_ERROR_INIT;
    const tr_kql_node *root;
    parse(scratch, text, bytes, asked, &root, &err);
}

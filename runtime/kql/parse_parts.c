/* runtime/kql/parse_parts.c: names, types, schemas, parameters and options.
 *
 * The small parts that statements and operators share. Any word may be a name; a caller that must
 * tell a keyword from a name asks before it calls. */
#include "runtime/data/type.h"
#include "runtime/kql/parse.h"

/* ['name'] at token `ahead`? */
static bool bracketed_ahead(const tr_syntax *p, uint32_t ahead) {
    return tr_syntax_token(p, ahead)->kind == TR_TOKEN_LBRACKET &&
           tr_syntax_token(p, ahead + 1)->kind == TR_TOKEN_STRING &&
           tr_syntax_token(p, ahead + 2)->kind == TR_TOKEN_RBRACKET;
}

bool tr_syntax_name_ahead(const tr_syntax *p, uint32_t ahead, uint32_t *after) {
    if (tr_syntax_token(p, ahead)->kind == TR_TOKEN_WORD) {
        *after = ahead + 1;
        return true;
    }
    *after = ahead + 3;
    return bracketed_ahead(p, ahead);
}

bool tr_syntax_at_name(const tr_syntax *p) {
    uint32_t after;
    return tr_syntax_name_ahead(p, 0, &after);
}

tr_tree tr_syntax_name(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    if (bracketed_ahead(p, 0)) {
        tr_syntax_next(p);
        tr_tree string = tr_syntax_string(p);
        tr_syntax_next(p);
        tr_kql_node *node = tr_syntax_close(p, TR_KQL_NAME, opening);
        node->text = string->text;
        node->flags = TR_KQL_FLAG_BRACKETED;
        return node;
    }
    const tr_token *token = tr_syntax_token(p, 0);
    if (!tr_syntax_accept(p, TR_TOKEN_WORD))
        return tr_syntax_unexpected(p, "a name");
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_NAME, opening);
    node->text = tr_syntax_text(p, token);
    return node;
}

static bool is_pattern_piece(tr_token_kind kind) {
    return kind == TR_TOKEN_WORD || kind == TR_TOKEN_STAR || kind == TR_TOKEN_LONG;
}

/* Tokens of a pattern such as a*b_* that touch each other, from the current one; sets *stars. */
static uint32_t pattern_tokens(const tr_syntax *p, uint32_t *stars) {
    uint32_t n = 0;
    *stars = 0;
    while (is_pattern_piece(tr_syntax_token(p, n)->kind) && (n == 0 || tr_syntax_adjacent(p, n))) {
        *stars += tr_syntax_token(p, n)->kind == TR_TOKEN_STAR;
        n++;
    }
    return n;
}

/* ['a*'] is a name with a star in it, [a*] a pattern. */
static tr_tree bracketed_pattern(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    uint32_t open = p->at;
    tr_syntax_next(p);
    tr_tree pattern = tr_syntax_name_pattern(p);
    tr_syntax_need_closing(p, TR_TOKEN_RBRACKET, open);
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_WILDCARD, opening);
    node->text = pattern->kind == TR_KQL_STAR ? tr_str_c("*") : pattern->text;
    node->flags = TR_KQL_FLAG_BRACKETED;
    return node;
}

tr_tree tr_syntax_name_pattern(tr_syntax *p) {
    uint32_t stars;
    if (tr_syntax_at(p, TR_TOKEN_LBRACKET) && !bracketed_ahead(p, 0))
        return bracketed_pattern(p);
    uint32_t n = pattern_tokens(p, &stars);
    if (stars == 0)
        return tr_syntax_name(p);
    tr_opening opening = tr_syntax_open(p);
    uint32_t start = tr_syntax_token(p, 0)->offset;
    for (uint32_t i = 0; i < n; i++)
        tr_syntax_next(p);
    tr_kql_node *node = tr_syntax_close(p, n == 1 ? TR_KQL_STAR : TR_KQL_WILDCARD, opening);
    if (n > 1)
        node->text = tr_str_make(p->text + start, node->span.bytes);
    return node;
}

tr_tree tr_syntax_column_path(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_tree left = tr_syntax_name(p);
    while (tr_syntax_accept(p, TR_TOKEN_DOT)) {
        tr_syntax_push(p, left);
        tr_tree selector = tr_syntax_name(p);
        tr_syntax_push(p, selector);
        tr_kql_node *path = tr_syntax_close(p, TR_KQL_PATH, opening);
        path->text = selector->text;
        left = path;
    }
    return left;
}

/* Types are written in lower case, but DateTime and String are seen, too. */
static tr_type type_of_word(tr_str word) {
    char lower[24];
    tr_type type = tr_type_of_name(word);
    if (type != TR_NONE || word.len >= sizeof lower)
        return type;
    for (uint32_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];
        lower[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    return tr_type_of_name(tr_str_of(lower, word.len));
}

tr_tree tr_syntax_type(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    const tr_token *token = tr_syntax_token(p, 0);
    if (!tr_syntax_at(p, TR_TOKEN_WORD))
        return tr_syntax_unexpected(p, "a type such as long or string");
    tr_type type = type_of_word(tr_syntax_text(p, token));
    if (type == TR_NONE)
        return tr_syntax_unknown_type(p, token);
    tr_syntax_next(p);
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_TYPE, opening);
    node->text = tr_str_c(tr_type_name(type));
    return node;
}

tr_tree tr_syntax_column(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_tree name;
    if (tr_syntax_at(p, TR_TOKEN_STRING)) {
        tr_opening inner = tr_syntax_open(p);
        tr_tree string = tr_syntax_string(p);
        tr_kql_node *node = tr_syntax_close(p, TR_KQL_NAME, inner);
        node->text = string->text;
        node->flags = TR_KQL_FLAG_BRACKETED;
        name = node;
    } else {
        name = tr_syntax_name(p);
    }
    tr_syntax_push(p, name);
    tr_syntax_need(p, TR_TOKEN_COLON, "':'");
    tr_syntax_push(p, tr_syntax_type(p));
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_COLUMN, opening);
    node->text = name->text;
    return node;
}

tr_tree tr_syntax_schema(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    uint32_t open = p->at;
    bool star = false;
    tr_syntax_need(p, TR_TOKEN_LPAREN, "'('");
    while (tr_syntax_accept(p, TR_TOKEN_COMMA)) {
    }
    while (!tr_syntax_at(p, TR_TOKEN_RPAREN) && !tr_syntax_at(p, TR_TOKEN_END)) {
        if (tr_syntax_accept(p, TR_TOKEN_STAR))
            star = true;
        else
            tr_syntax_push(p, tr_syntax_column(p));
        if (!tr_syntax_accept(p, TR_TOKEN_COMMA))
            break;
    }
    tr_syntax_need_closing(p, TR_TOKEN_RPAREN, open);
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_SCHEMA, opening);
    node->flags = star ? TR_KQL_FLAG_OPEN : 0;
    return node;
}

/* name : type [= default], name : (schema) */
static tr_tree parameter(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_tree name = tr_syntax_name(p);
    tr_syntax_push(p, name);
    tr_syntax_need(p, TR_TOKEN_COLON, "':'");
    if (tr_syntax_at(p, TR_TOKEN_LPAREN))
        tr_syntax_push(p, tr_syntax_schema(p));
    else
        tr_syntax_push(p, tr_syntax_type(p));
    if (tr_syntax_accept(p, TR_TOKEN_ASSIGN))
        tr_syntax_push(p, tr_syntax_expression(p));
    else
        tr_syntax_push(p, &tr_kql_none);
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_PARAMETER, opening);
    node->text = name->text;
    return node;
}

tr_tree tr_syntax_parameters(tr_syntax *p, tr_token_kind open_kind, tr_token_kind close_kind) {
    tr_opening opening = tr_syntax_open(p);
    uint32_t open = p->at;
    tr_syntax_need(p, open_kind, open_kind == TR_TOKEN_LPAREN ? "'('" : "'['");
    while (!tr_syntax_at(p, close_kind) && !tr_syntax_at(p, TR_TOKEN_END)) {
        tr_syntax_push(p, parameter(p));
        if (!tr_syntax_accept(p, TR_TOKEN_COMMA))
            break;
    }
    tr_syntax_need_closing(p, close_kind, open);
    return tr_syntax_close(p, TR_KQL_LIST, opening);
}

/* Tokens of the option name at the current token (hint.x counts as one name), 0 if none. */
static uint32_t option_name_tokens(const tr_syntax *p) {
    uint32_t n = 1;
    if (!tr_syntax_at(p, TR_TOKEN_WORD))
        return 0;
    while (tr_syntax_token(p, n)->kind == TR_TOKEN_DOT &&
           tr_syntax_token(p, n + 1)->kind == TR_TOKEN_WORD)
        n += 2;
    return tr_syntax_token(p, n)->kind == TR_TOKEN_ASSIGN ? n : 0;
}

bool tr_syntax_at_option(const tr_syntax *p) {
    return option_name_tokens(p) > 0;
}

/* Is `name` one of the space-separated words of `known`? */
static bool is_known(tr_str name, const char *known) {
    while (*known) {
        size_t n = strcspn(known, " ");
        if (n == name.len && memcmp(known, name.ptr, n) == 0)
            return true;
        known += n + (known[n] == ' ');
    }
    return false;
}

/* A value is a literal, a name or a path. A call only inside parentheses (`list_values` or not), as
 * in `join kind=inner (T)` the '(' belongs to the operator. */
static tr_tree option_value(tr_syntax *p, bool enclosed, bool list_values) {
    tr_opening opening = tr_syntax_open(p);
    bool word = tr_syntax_at_name(p) && !tr_syntax_at_literal(p);
    tr_tree value = word && !enclosed ? tr_syntax_column_path(p) : tr_syntax_operand(p);
    if (!list_values || value->kind != TR_KQL_NAME || !tr_syntax_at(p, TR_TOKEN_COMMA))
        return value;
    uint32_t after;
    tr_syntax_push(p, value);
    while (tr_syntax_at(p, TR_TOKEN_COMMA) && tr_syntax_name_ahead(p, 1, &after) &&
           tr_syntax_token(p, after)->kind != TR_TOKEN_ASSIGN) {
        tr_syntax_next(p);
        tr_syntax_push(p, tr_syntax_operand(p));
    }
    if (p->stack_count == opening.stack + 1) {
        p->stack_count = opening.stack;
        return value;
    }
    return tr_syntax_close(p, TR_KQL_LIST, opening);
}

static tr_tree option(tr_syntax *p, bool enclosed, bool list_values) {
    tr_opening opening = tr_syntax_open(p);
    uint32_t n = option_name_tokens(p);
    if (n == 0)
        return tr_syntax_unexpected(p, "name = value");
    uint32_t start = tr_syntax_token(p, 0)->offset;
    for (uint32_t i = 0; i < n; i++)
        tr_syntax_next(p);
    tr_kql_node *name = tr_syntax_close(p, TR_KQL_NAME, opening);
    name->text = tr_str_make(p->text + start, name->span.bytes);
    tr_syntax_push(p, name);
    tr_syntax_next(p);
    tr_syntax_push(p, option_value(p, enclosed, list_values));
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_OPTION, opening);
    node->text = name->text;
    return node;
}

tr_tree tr_syntax_option(tr_syntax *p, bool list_values) {
    return option(p, false, list_values);
}

void tr_syntax_push_options(tr_syntax *p, const char *known) {
    uint32_t n;
    while ((n = option_name_tokens(p)) > 0) {
        bool counts = !known || (n > 1 && tr_syntax_at_word(p, "hint")) ||
                      is_known(tr_syntax_text(p, tr_syntax_token(p, 0)), known);
        if (!counts)
            return;
        tr_syntax_push(p, tr_syntax_option(p, false));
    }
}

tr_tree tr_syntax_options(tr_syntax *p, const char *known) {
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_push_options(p, known);
    if (p->stack_count == opening.stack)
        return p->no_options;
    return tr_syntax_close(p, TR_KQL_OPTIONS, opening);
}

void tr_syntax_push_properties(tr_syntax *p, bool list_values) {
    uint32_t open = p->at;
    tr_syntax_need(p, TR_TOKEN_LPAREN, "'('");
    while (tr_syntax_accept(p, TR_TOKEN_COMMA)) {
    }
    while (!tr_syntax_at(p, TR_TOKEN_RPAREN) && !tr_syntax_at(p, TR_TOKEN_END)) {
        tr_syntax_push(p, option(p, true, list_values));
        if (!tr_syntax_accept(p, TR_TOKEN_COMMA) && !tr_syntax_at_option(p))
            break;
    }
    tr_syntax_need_closing(p, TR_TOKEN_RPAREN, open);
}

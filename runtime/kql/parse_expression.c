/* runtime/kql/parse_expression.c: scalar expressions, by precedence climbing.
 *
 * From loose to tight: or; and; == != in between has_any has_all; < <= > >=; + -; * / %; the string
 * operators (=~ !~ has contains : ...); unary + and -; selectors. It must not know which names are
 * functions, columns or tables. */
#include "runtime/kql/parse.h"

enum {
    LEVEL_OR = 1,
    LEVEL_AND,
    LEVEL_EQUAL,
    LEVEL_RELATION,
    LEVEL_ADD,
    LEVEL_MULTIPLY,
    LEVEL_STRING
};

/* An operator between operands, as found at the current token. */
typedef struct infix {
    uint8_t level; /* 0: none */
    uint8_t kind;  /* tr_kql_kind */
    uint8_t op;
    uint8_t tokens;
} infix;

static const infix symbols[TR_TOKEN_OR_OR + 1] = {
    [TR_TOKEN_EQUAL] = {LEVEL_EQUAL, TR_KQL_BINARY, TR_KQL_OP_EQUAL, 1},
    [TR_TOKEN_UNEQUAL] = {LEVEL_EQUAL, TR_KQL_BINARY, TR_KQL_OP_NOT_EQUAL, 1},
    [TR_TOKEN_LESS] = {LEVEL_RELATION, TR_KQL_BINARY, TR_KQL_OP_LESS, 1},
    [TR_TOKEN_LESS_EQUAL] = {LEVEL_RELATION, TR_KQL_BINARY, TR_KQL_OP_LESS_EQUAL, 1},
    [TR_TOKEN_GREATER] = {LEVEL_RELATION, TR_KQL_BINARY, TR_KQL_OP_GREATER, 1},
    [TR_TOKEN_GREATER_EQUAL] = {LEVEL_RELATION, TR_KQL_BINARY, TR_KQL_OP_GREATER_EQUAL, 1},
    [TR_TOKEN_ADD] = {LEVEL_ADD, TR_KQL_BINARY, TR_KQL_OP_ADD, 1},
    [TR_TOKEN_SUBTRACT] = {LEVEL_ADD, TR_KQL_BINARY, TR_KQL_OP_SUBTRACT, 1},
    [TR_TOKEN_STAR] = {LEVEL_MULTIPLY, TR_KQL_BINARY, TR_KQL_OP_MULTIPLY, 1},
    [TR_TOKEN_DIVIDE] = {LEVEL_MULTIPLY, TR_KQL_BINARY, TR_KQL_OP_DIVIDE, 1},
    [TR_TOKEN_MODULO] = {LEVEL_MULTIPLY, TR_KQL_BINARY, TR_KQL_OP_MODULO, 1},
    [TR_TOKEN_EQUAL_NC] = {LEVEL_STRING, TR_KQL_BINARY, TR_KQL_OP_EQUAL_NOCASE, 1},
    [TR_TOKEN_UNEQUAL_NC] = {LEVEL_STRING, TR_KQL_BINARY, TR_KQL_OP_NOT_EQUAL_NOCASE, 1},
    [TR_TOKEN_COLON] = {LEVEL_STRING, TR_KQL_BINARY, TR_KQL_OP_SEARCH_TERM, 1},
};

/* The word operators, by tr_kql_op text: those from HAS to MATCHES_REGEX are string operators. */
static infix word_operator(const tr_syntax *p) {
    const tr_token *token = tr_syntax_token(p, 0);
    const char *word = p->text + token->offset;
    if (token->bytes < 2 || token->bytes > 14)
        return (infix){0};
    if (token->bytes == 2 && memcmp(word, "or", 2) == 0)
        return (infix){LEVEL_OR, TR_KQL_OR, 0, 1};
    if (token->bytes == 3 && memcmp(word, "and", 3) == 0)
        return (infix){LEVEL_AND, TR_KQL_AND, 0, 1};
    for (uint32_t op = TR_KQL_OP_HAS; op < TR_KQL_OP_COUNT; op++) {
        const char *text = tr_kql_op_text((tr_kql_op)op);
        if (text[0] != word[0] || strlen(text) != token->bytes ||
            memcmp(text, word, token->bytes) != 0)
            continue;
        if (op < TR_KQL_OP_IN)
            return (infix){LEVEL_STRING, TR_KQL_BINARY, (uint8_t)op, 1};
        bool between = op == TR_KQL_OP_BETWEEN_OP || op == TR_KQL_OP_NOT_BETWEEN;
        return (infix){LEVEL_EQUAL, between ? TR_KQL_BETWEEN : TR_KQL_LIST_TEST, (uint8_t)op, 1};
    }
    if (tr_syntax_at_word(p, "matches") && tr_syntax_word_is(p, 1, "regex"))
        return (infix){LEVEL_STRING, TR_KQL_BINARY, TR_KQL_OP_MATCHES_REGEX, 2};
    if (tr_syntax_at_word(p, "notcontains"))
        return (infix){LEVEL_STRING, TR_KQL_BINARY, TR_KQL_OP_NOT_CONTAINS, 1};
    if (tr_syntax_at_word(p, "notcontains_cs"))
        return (infix){LEVEL_STRING, TR_KQL_BINARY, TR_KQL_OP_NOT_CONTAINS_CS, 1};
    return (infix){0};
}

static infix infix_here(const tr_syntax *p) {
    tr_token_kind kind = tr_syntax_token(p, 0)->kind;
    if (kind == TR_TOKEN_WORD || kind == TR_TOKEN_NOT_WORD)
        return word_operator(p);
    return symbols[kind];
}

static tr_tree binary(tr_syntax *p, uint32_t least);

tr_tree tr_syntax_expression(tr_syntax *p) {
    return binary(p, LEVEL_OR);
}
tr_tree tr_syntax_additive(tr_syntax *p) {
    return binary(p, LEVEL_ADD);
}

/* (a, b) = or name = ? Gives the token after the '='. */
static bool assignment_ahead(const tr_syntax *p) {
    uint32_t after;
    if (tr_syntax_name_ahead(p, 0, &after))
        return tr_syntax_token(p, after)->kind == TR_TOKEN_ASSIGN;
    if (!tr_syntax_at(p, TR_TOKEN_LPAREN))
        return false;
    after = 0;
    do {
        if (!tr_syntax_name_ahead(p, after + 1, &after))
            return false;
    } while (tr_syntax_token(p, after)->kind == TR_TOKEN_COMMA);
    return tr_syntax_token(p, after)->kind == TR_TOKEN_RPAREN &&
           tr_syntax_token(p, after + 1)->kind == TR_TOKEN_ASSIGN;
}

/* name = expression, (a, b) = expression; the value may be tabular if `pipes`. */
static tr_tree named(tr_syntax *p, bool pipes) {
    tr_opening opening = tr_syntax_open(p);
    tr_tree target;
    if (tr_syntax_accept(p, TR_TOKEN_LPAREN)) {
        do
            tr_syntax_push(p, tr_syntax_name(p));
        while (tr_syntax_accept(p, TR_TOKEN_COMMA));
        tr_syntax_next(p);
        target = tr_syntax_close(p, TR_KQL_NAMES, opening);
    } else {
        target = tr_syntax_name(p);
    }
    tr_syntax_push(p, target);
    tr_syntax_need(p, TR_TOKEN_ASSIGN, "'='");
    tr_syntax_push(p, pipes ? tr_syntax_pipe(p) : tr_syntax_expression(p));
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_NAMED, opening);
    node->text = target->text;
    return node;
}

tr_tree tr_syntax_item(tr_syntax *p) {
    return assignment_ahead(p) ? named(p, false) : tr_syntax_expression(p);
}

void tr_syntax_push_items(tr_syntax *p) {
    do
        tr_syntax_push(p, tr_syntax_item(p));
    while (tr_syntax_accept(p, TR_TOKEN_COMMA));
}

tr_tree tr_syntax_item_list(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_push_items(p);
    return tr_syntax_close(p, TR_KQL_LIST, opening);
}

/* ( item, item ... ) where items may be tabular: pushes them. */
static void push_group(tr_syntax *p, bool names) {
    uint32_t open = p->at;
    tr_syntax_need(p, TR_TOKEN_LPAREN, "'('");
    if (!tr_syntax_at(p, TR_TOKEN_RPAREN)) {
        do
            tr_syntax_push(p, names && assignment_ahead(p) ? named(p, true) : tr_syntax_pipe(p));
        while (tr_syntax_accept(p, TR_TOKEN_COMMA));
    }
    tr_syntax_need_closing(p, TR_TOKEN_RPAREN, open);
}

/* name(arguments); the name is parsed already. */
static tr_tree call(tr_syntax *p, tr_opening opening, tr_tree name) {
    tr_syntax_push(p, name);
    push_group(p, true);
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_CALL, opening);
    node->text = name->text;
    return node;
}

/* toscalar kind=nooptimization (...): the option comes last. */
static tr_tree call_with_kind(tr_syntax *p, tr_opening opening, tr_tree name) {
    tr_tree option = tr_syntax_option(p, false);
    tr_syntax_push(p, name);
    push_group(p, true);
    tr_syntax_push(p, option);
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_CALL, opening);
    node->text = name->text;
    return node;
}

/* typeof(long), typeof(*, a:long) */
static tr_tree type_of(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_next(p);
    bool one = tr_syntax_token(p, 1)->kind == TR_TOKEN_WORD &&
               tr_syntax_token(p, 2)->kind == TR_TOKEN_RPAREN;
    if (one) {
        tr_syntax_next(p);
        tr_syntax_push(p, tr_syntax_type(p));
        tr_syntax_next(p);
    } else {
        tr_syntax_push(p, tr_syntax_schema(p));
    }
    return tr_syntax_close(p, TR_KQL_TYPEOF, opening);
}

/* entity_group [a, b] */
static tr_tree entity_group(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_next(p);
    uint32_t open = p->at;
    tr_syntax_next(p);
    while (!tr_syntax_at(p, TR_TOKEN_RBRACKET) && !tr_syntax_at(p, TR_TOKEN_END)) {
        tr_syntax_push(p, tr_syntax_expression(p));
        if (!tr_syntax_accept(p, TR_TOKEN_COMMA))
            break;
    }
    tr_syntax_need_closing(p, TR_TOKEN_RBRACKET, open);
    return tr_syntax_close(p, TR_KQL_ENTITY_GROUP, opening);
}

static tr_tree client_parameter(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    uint32_t open = p->at;
    tr_syntax_next(p);
    tr_tree name = tr_syntax_name(p);
    tr_syntax_need_closing(p, TR_TOKEN_RBRACE, open);
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_CLIENT_PARAMETER, opening);
    node->text = name->text;
    return node;
}

static tr_tree star(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_next(p);
    return tr_syntax_close(p, TR_KQL_STAR, opening);
}

/* ( anything ): leaves no node. */
static tr_tree group(tr_syntax *p) {
    uint32_t open = p->at;
    tr_syntax_next(p);
    tr_tree inner = tr_syntax_pipe(p);
    tr_syntax_need_closing(p, TR_TOKEN_RPAREN, open);
    return inner;
}

static tr_tree word(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_token_kind next = tr_syntax_token(p, 1)->kind;
    if (tr_syntax_at_literal(p))
        return tr_syntax_literal(p);
    if (next == TR_TOKEN_LPAREN) {
        if (tr_syntax_at_word(p, "typeof"))
            return type_of(p);
        tr_tree name = tr_syntax_name(p);
        return call(p, opening, name);
    }
    if (next == TR_TOKEN_LBRACKET && tr_syntax_at_word(p, "entity_group"))
        return entity_group(p);
    if (next == TR_TOKEN_WORD && tr_syntax_word_is(p, 1, "kind") &&
        (tr_syntax_at_word(p, "toscalar") || tr_syntax_at_word(p, "totable"))) {
        tr_tree name = tr_syntax_name(p);
        return call_with_kind(p, opening, name);
    }
    return tr_syntax_name(p);
}

static tr_tree primary(tr_syntax *p) {
    switch (tr_syntax_token(p, 0)->kind) {
    case TR_TOKEN_WORD: return word(p);
    case TR_TOKEN_STRING:
    case TR_TOKEN_LONG:
    case TR_TOKEN_REAL:
    case TR_TOKEN_TIMESPAN:
    case TR_TOKEN_TYPED:
    case TR_TOKEN_DYNAMIC: return tr_syntax_literal(p);
    case TR_TOKEN_LPAREN: return group(p);
    case TR_TOKEN_STAR: return star(p);
    case TR_TOKEN_LBRACE: return client_parameter(p);
    case TR_TOKEN_LBRACKET:
        if (tr_syntax_at_name(p)) {
            tr_opening opening = tr_syntax_open(p);
            tr_tree name = tr_syntax_name(p);
            return tr_syntax_at(p, TR_TOKEN_LPAREN) ? call(p, opening, name) : name;
        }
        break;
    default: break;
    }
    return tr_syntax_unexpected_with_hint(p, "an expression",
                                          tr_syntax_at(p, TR_TOKEN_PIPE) &&
                                                  p->at == p->statement_start
                                              ? "begin with a table: Table | ..."
                                              : NULL);
}

/* What follows a dot: a name, a call, a pattern of names. */
static tr_tree selector(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    if (!tr_syntax_at(p, TR_TOKEN_WORD) && !tr_syntax_at(p, TR_TOKEN_LBRACKET) &&
        !tr_syntax_at(p, TR_TOKEN_STAR))
        return tr_syntax_unexpected(p, "a name after '.'");
    bool touches = tr_syntax_token(p, 1)->kind == TR_TOKEN_STAR && tr_syntax_adjacent(p, 1);
    if (tr_syntax_at(p, TR_TOKEN_STAR) || touches || !tr_syntax_at_name(p))
        return tr_syntax_name_pattern(p);
    tr_tree name = tr_syntax_name(p);
    return tr_syntax_at(p, TR_TOKEN_LPAREN) ? call(p, opening, name) : name;
}

tr_tree tr_syntax_operand(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    if (tr_syntax_at(p, TR_TOKEN_SUBTRACT) && tr_syntax_adjacent(p, 1)) {
        tr_token_kind next = tr_syntax_token(p, 1)->kind;
        if (next == TR_TOKEN_LONG || next == TR_TOKEN_REAL || next == TR_TOKEN_TIMESPAN) {
            tr_syntax_next(p);
            return tr_syntax_negative_number(p, opening);
        }
    }
    tr_tree left = primary(p);
    for (;;) {
        tr_kql_node *node;
        /* `a.[0]` is `a[0]`; `a.['b']` is a name. */
        if (tr_syntax_at(p, TR_TOKEN_DOT) && tr_syntax_token(p, 1)->kind == TR_TOKEN_LBRACKET &&
            tr_syntax_token(p, 2)->kind == TR_TOKEN_LONG)
            tr_syntax_next(p);
        if (tr_syntax_accept(p, TR_TOKEN_DOT)) {
            tr_syntax_push(p, left);
            tr_tree right = selector(p);
            tr_syntax_push(p, right);
            node = tr_syntax_close(p, TR_KQL_PATH, opening);
            node->text = right->text;
        } else if (tr_syntax_at(p, TR_TOKEN_LBRACKET) && left->kind != TR_KQL_STRING) {
            uint32_t open = p->at;
            tr_syntax_next(p);
            tr_syntax_push(p, left);
            tr_syntax_push(p, tr_syntax_expression(p));
            tr_syntax_need_closing(p, TR_TOKEN_RBRACKET, open);
            node = tr_syntax_close(p, TR_KQL_INDEX, opening);
        } else {
            return left;
        }
        left = node;
    }
}

/* + and - before an operand. */
static tr_tree unary(tr_syntax *p) {
    bool minus = tr_syntax_at(p, TR_TOKEN_SUBTRACT);
    if (!minus && !tr_syntax_at(p, TR_TOKEN_ADD))
        return tr_syntax_operand(p);
    tr_token_kind next = tr_syntax_token(p, 1)->kind;
    bool number = next == TR_TOKEN_LONG || next == TR_TOKEN_REAL || next == TR_TOKEN_TIMESPAN;
    if (minus && number && tr_syntax_adjacent(p, 1))
        return tr_syntax_operand(p);
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_next(p);
    if (!tr_syntax_enter(p))
        return &tr_kql_none;
    tr_syntax_push(p, unary(p));
    tr_syntax_leave(p);
    return tr_syntax_close(p, minus ? TR_KQL_NEGATE : TR_KQL_PLUS, opening);
}

/* value between (low .. high); the word is the current token. */
static void push_bounds(tr_syntax *p) {
    uint32_t open = p->at;
    if (!tr_syntax_accept(p, TR_TOKEN_LPAREN))
        tr_syntax_unexpected_with_hint(p, "'('", "write between (low .. high)");
    tr_syntax_push(p, tr_syntax_expression(p));
    if (!tr_syntax_accept(p, TR_TOKEN_DOT_DOT))
        tr_syntax_unexpected_with_hint(p, "'..'", "write between (low .. high)");
    tr_syntax_push(p, tr_syntax_expression(p));
    tr_syntax_need_closing(p, TR_TOKEN_RPAREN, open);
}

/* The right side of one operator; the left is on the stack. */
static tr_tree infix_node(tr_syntax *p, tr_opening opening, infix op) {
    uint32_t offset = tr_syntax_token(p, 0)->offset;
    for (uint32_t i = 0; i < op.tokens; i++)
        tr_syntax_next(p);
    if (op.kind == TR_KQL_LIST_TEST) {
        if (tr_syntax_at(p, TR_TOKEN_LPAREN))
            push_group(p, false);
        else
            tr_syntax_unexpected_with_hint(p, "'('", "put the list in parentheses");
    } else if (op.kind == TR_KQL_BETWEEN) {
        push_bounds(p);
    } else {
        tr_syntax_push(p, binary(p, op.level + 1u));
    }
    tr_kql_node *node = tr_syntax_close(p, (tr_kql_kind)op.kind, opening);
    node->op = op.op;
    node->value.integer = offset;
    return node;
}

/* One expression whose operators bind at least as tightly as `least`. */
static tr_tree binary(tr_syntax *p, uint32_t least) {
    if (!tr_syntax_enter(p))
        return &tr_kql_none;
    tr_opening opening = tr_syntax_open(p);
    tr_tree left = unary(p);
    for (;;) {
        infix op = infix_here(p);
        if (op.level == 0 || op.level < least)
            break;
        tr_syntax_push(p, left);
        if (op.level > LEVEL_AND) {
            left = infix_node(p, opening, op);
            continue;
        }
        const char *text = op.level == LEVEL_OR ? "or" : "and";
        while (tr_syntax_accept_word(p, text))
            tr_syntax_push(p, binary(p, op.level + 1u));
        left = tr_syntax_close(p, (tr_kql_kind)op.kind, opening);
    }
    tr_syntax_leave(p);
    return left;
}

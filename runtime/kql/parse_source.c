/* runtime/kql/parse_source.c: operators that begin a query, and those that search many tables.
 *
 * It must not know what a table, a file or a URL is. */
#include "runtime/kql/parse.h"

tr_tree tr_rule_print(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, p->no_options);
    tr_syntax_push_items(p);
    return tr_syntax_close(p, kind, opening);
}

/* name from a to b step c */
tr_tree tr_rule_range(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, p->no_options);
    tr_tree name = tr_syntax_name(p);
    tr_syntax_push(p, name);
    tr_syntax_need_word(p, "from");
    tr_syntax_push(p, tr_syntax_expression(p));
    tr_syntax_need_word(p, "to");
    tr_syntax_push(p, tr_syntax_expression(p));
    tr_syntax_need_word(p, "step");
    tr_syntax_push(p, tr_syntax_expression(p));
    tr_kql_node *node = tr_syntax_close(p, kind, opening);
    node->text = name->text;
    return node;
}

/* open value, value ... [,] close: pushes the values. */
static void push_values(tr_syntax *p, tr_token_kind open_kind, tr_token_kind close_kind) {
    uint32_t open = p->at;
    tr_syntax_need(p, open_kind, open_kind == TR_TOKEN_LPAREN ? "'('" : "'['");
    while (!tr_syntax_at(p, close_kind) && !tr_syntax_at(p, TR_TOKEN_END)) {
        tr_syntax_push(p, tr_syntax_expression(p));
        if (!tr_syntax_accept(p, TR_TOKEN_COMMA))
            break;
    }
    tr_syntax_need_closing(p, close_kind, open);
}

tr_tree tr_rule_datatable(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, p->no_options);
    tr_syntax_push(p, tr_syntax_schema(p));
    push_values(p, TR_TOKEN_LBRACKET, TR_TOKEN_RBRACKET);
    return tr_syntax_close(p, kind, opening);
}

/* (schema) [locations] [with (...)]; the two last in any order */
tr_tree tr_rule_externaldata(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_tree schema = tr_syntax_schema(p);
    tr_opening options = tr_syntax_open(p);
    if (tr_syntax_accept_word(p, "with"))
        tr_syntax_push_properties(p, false);
    tr_opening list = tr_syntax_open(p);
    push_values(p, TR_TOKEN_LBRACKET, TR_TOKEN_RBRACKET);
    tr_tree locations = tr_syntax_close(p, TR_KQL_LIST, list);
    if (tr_syntax_accept_word(p, "with"))
        tr_syntax_push_properties(p, false);
    tr_syntax_push(p, tr_syntax_close(p, TR_KQL_OPTIONS, options));
    tr_syntax_push(p, schema);
    tr_syntax_push(p, locations);
    return tr_syntax_close(p, kind, opening);
}

/* name : type [= expression] */
static tr_tree partition_column(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_tree name = tr_syntax_name(p);
    tr_syntax_push(p, name);
    tr_syntax_need(p, TR_TOKEN_COLON, "':'");
    tr_syntax_push(p, tr_syntax_type(p));
    if (tr_syntax_accept(p, TR_TOKEN_ASSIGN))
        tr_syntax_push(p, tr_syntax_expression(p));
    else
        tr_syntax_push(p, &tr_kql_none);
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_PARTITION_COLUMN, opening);
    node->text = name->text;
    return node;
}

static tr_tree partition_list(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_need_word(p, "by");
    uint32_t open = p->at;
    tr_syntax_need(p, TR_TOKEN_LPAREN, "'('");
    do
        tr_syntax_push(p, partition_column(p));
    while (tr_syntax_accept(p, TR_TOKEN_COMMA));
    tr_syntax_need_closing(p, TR_TOKEN_RPAREN, open);
    return tr_syntax_close(p, TR_KQL_LIST, opening);
}

/* ( "text" column "/" datetime_pattern(...) ... ) */
static tr_tree path_format(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_need(p, TR_TOKEN_ASSIGN, "'='");
    uint32_t open = p->at;
    tr_syntax_need(p, TR_TOKEN_LPAREN, "'('");
    while (!tr_syntax_at(p, TR_TOKEN_RPAREN) && !tr_syntax_at(p, TR_TOKEN_END)) {
        tr_syntax_push(p, tr_syntax_operand(p));
        tr_syntax_accept(p, TR_TOKEN_COMMA);
    }
    tr_syntax_need_closing(p, TR_TOKEN_RPAREN, open);
    return tr_syntax_close(p, TR_KQL_LIST, opening);
}

tr_tree tr_rule_inline_external_table(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_tree schema = tr_syntax_at(p, TR_TOKEN_LPAREN) ? tr_syntax_schema(p) : &tr_kql_none;
    tr_tree partitions = &tr_kql_none;
    tr_tree format = &tr_kql_none;
    tr_opening options = tr_syntax_open(p);
    for (;;) {
        if (tr_syntax_accept_word(p, "partition")) {
            partitions = partition_list(p);
        } else if (tr_syntax_accept_word(p, "pathformat")) {
            format = path_format(p);
        } else if (tr_syntax_at_option(p)) {
            /* A bare word: the '(' of the locations follows and would make it a call. */
            tr_opening option = tr_syntax_open(p);
            tr_tree name = tr_syntax_name(p);
            tr_syntax_push(p, name);
            tr_syntax_next(p);
            tr_syntax_push(p, tr_syntax_name(p));
            tr_kql_node *node = tr_syntax_close(p, TR_KQL_OPTION, option);
            node->text = name->text;
            tr_syntax_push(p, node);
        } else {
            break;
        }
    }
    tr_opening list = tr_syntax_open(p);
    push_values(p, TR_TOKEN_LPAREN, TR_TOKEN_RPAREN);
    tr_tree locations = tr_syntax_close(p, TR_KQL_LIST, list);
    if (tr_syntax_accept_word(p, "with"))
        tr_syntax_push_properties(p, false);
    tr_syntax_push(p, tr_syntax_close(p, TR_KQL_OPTIONS, options));
    tr_syntax_push(p, schema);
    tr_syntax_push(p, partitions);
    tr_syntax_push(p, format);
    tr_syntax_push(p, locations);
    return tr_syntax_close(p, kind, opening);
}

/* in ( entity [| as name], ... ), or NONE */
static tr_tree entities(tr_syntax *p) {
    if (!tr_syntax_at_word(p, "in") || tr_syntax_token(p, 1)->kind != TR_TOKEN_LPAREN)
        return &tr_kql_none;
    tr_syntax_next(p);
    uint32_t open = p->at;
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_next(p);
    do {
        tr_opening entity = tr_syntax_open(p);
        tr_tree node = tr_syntax_entity(p);
        if (tr_syntax_at(p, TR_TOKEN_PIPE)) {
            tr_syntax_push(p, node);
            while (tr_syntax_accept(p, TR_TOKEN_PIPE))
                tr_syntax_push(p, tr_syntax_operator(p));
            node = tr_syntax_close(p, TR_KQL_PIPELINE, entity);
        }
        tr_syntax_push(p, node);
    } while (tr_syntax_accept(p, TR_TOKEN_COMMA));
    tr_syntax_need_closing(p, TR_TOKEN_RPAREN, open);
    return tr_syntax_close(p, TR_KQL_LIST, opening);
}

/* column[:type] or pack(*) */
static tr_tree find_column(tr_syntax *p) {
    if (tr_syntax_token(p, 1)->kind == TR_TOKEN_LPAREN)
        return tr_syntax_operand(p);
    tr_opening opening = tr_syntax_open(p);
    tr_tree name = tr_syntax_name_pattern(p);
    tr_syntax_push(p, name);
    if (tr_syntax_accept(p, TR_TOKEN_COLON))
        tr_syntax_push(p, tr_syntax_type(p));
    else
        tr_syntax_push(p, &tr_kql_none);
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_COLUMN, opening);
    node->text = name->text;
    return node;
}

static tr_tree find_columns(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    do
        tr_syntax_push(p, find_column(p));
    while (tr_syntax_accept(p, TR_TOKEN_COMMA));
    return tr_syntax_close(p, TR_KQL_LIST, opening);
}

/* project columns | project-smart | project-away columns */
static tr_tree find_output(tr_syntax *p, uint32_t *flags) {
    char word[24];
    uint32_t tokens;
    if (!tr_syntax_operator_word(p, word, sizeof word, &tokens))
        return &tr_kql_none;
    bool smart = strcmp(word, "project-smart") == 0;
    bool away = strcmp(word, "project-away") == 0;
    if (!smart && !away && strcmp(word, "project") != 0)
        return &tr_kql_none;
    for (uint32_t i = 0; i < tokens; i++)
        tr_syntax_next(p);
    *flags = smart ? TR_KQL_FLAG_PROJECT_SMART : away ? TR_KQL_FLAG_AWAY : 0;
    return smart ? &tr_kql_none : find_columns(p);
}

tr_tree tr_rule_find(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    uint32_t flags = 0;
    tr_syntax_push(p, tr_syntax_options(p, "withsource with_source datascope"));
    tr_syntax_push(p, entities(p));
    bool where = tr_syntax_accept_word(p, "where");
    bool none = !where && (tr_syntax_at_word(p, "project") || tr_syntax_at(p, TR_TOKEN_END) ||
                           tr_syntax_at(p, TR_TOKEN_PIPE));
    tr_syntax_push(p, none ? &tr_kql_none : tr_syntax_expression(p));
    tr_syntax_push(p, find_output(p, &flags));
    tr_kql_node *node = tr_syntax_close(p, kind, opening);
    node->flags = (uint16_t)flags;
    return node;
}

tr_tree tr_rule_search(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, "kind datascope"));
    tr_syntax_push(p, entities(p));
    tr_syntax_accept_word(p, "and");
    bool none = tr_syntax_at(p, TR_TOKEN_END) || tr_syntax_at(p, TR_TOKEN_PIPE) ||
                tr_syntax_at(p, TR_TOKEN_SEMICOLON) || tr_syntax_at(p, TR_TOKEN_RPAREN);
    tr_syntax_push(p, none ? &tr_kql_none : tr_syntax_expression(p));
    return tr_syntax_close(p, kind, opening);
}

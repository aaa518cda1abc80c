/* runtime/kql/parse_graph.c: the graph operators and their patterns.
 *
 * Arrows are not tokens: `-[e*1..3]->` is put together here from '-', '[', ... and '>'. */
#include "runtime/kql/parse.h"

/* --> between two columns */
static void need_arrow(tr_syntax *p) {
    tr_syntax_need(p, TR_TOKEN_SUBTRACT, "'-->'");
    tr_syntax_need(p, TR_TOKEN_SUBTRACT, "'-->'");
    tr_syntax_need(p, TR_TOKEN_GREATER, "'-->'");
}

/* tabular on key */
static tr_tree graph_table(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_push(p, tr_syntax_entity(p));
    tr_syntax_need_word(p, "on");
    tr_syntax_push(p, tr_syntax_name(p));
    return tr_syntax_close(p, TR_KQL_GRAPH_TABLE, opening);
}

/* partitioned-by column ( body ), or NONE */
static tr_tree graph_partition(tr_syntax *p) {
    if (!tr_syntax_at_word(p, "partitioned"))
        return &tr_kql_none;
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_next(p);
    tr_syntax_need(p, TR_TOKEN_SUBTRACT, "'-by'");
    tr_syntax_need_word(p, "by");
    tr_syntax_push(p, tr_syntax_column_path(p));
    tr_syntax_push(p, tr_syntax_pipe_body_in_parentheses(p));
    return tr_syntax_close(p, TR_KQL_GRAPH_PARTITION, opening);
}

tr_tree tr_rule_make_graph(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_opening options = tr_syntax_open(p);
    tr_syntax_push_options(p, NULL);
    tr_tree source = tr_syntax_name(p);
    need_arrow(p);
    tr_tree target = tr_syntax_name(p);
    tr_syntax_push_options(p, NULL);
    tr_syntax_push(p, tr_syntax_close(p, TR_KQL_OPTIONS, options));
    tr_syntax_push(p, source);
    tr_syntax_push(p, target);
    if (tr_syntax_accept_word(p, "with")) {
        tr_opening tables = tr_syntax_open(p);
        do
            tr_syntax_push(p, graph_table(p));
        while (tr_syntax_accept(p, TR_TOKEN_COMMA));
        tr_syntax_push(p, tr_syntax_close(p, TR_KQL_LIST, tables));
    } else {
        tr_syntax_push(p, &tr_kql_none);
    }
    tr_syntax_push(p, graph_partition(p));
    return tr_syntax_close(p, kind, opening);
}

/* ( [name] ) */
static tr_tree graph_node(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    uint32_t open = p->at;
    tr_syntax_need(p, TR_TOKEN_LPAREN, "a node such as '(n)'");
    tr_tree name = tr_syntax_at_name(p) ? tr_syntax_name(p) : &tr_kql_none;
    tr_syntax_push(p, name);
    tr_syntax_need_closing(p, TR_TOKEN_RPAREN, open);
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_GRAPH_NODE, opening);
    node->text = name->text;
    return node;
}

/* [name] [* least .. most]: pushes name?, least?, most? */
static tr_tree push_edge_body(tr_syntax *p) {
    tr_tree name = tr_syntax_at_name(p) ? tr_syntax_name(p) : &tr_kql_none;
    tr_syntax_push(p, name);
    if (tr_syntax_accept(p, TR_TOKEN_STAR)) {
        tr_syntax_push(p, tr_syntax_operand(p));
        tr_syntax_need(p, TR_TOKEN_DOT_DOT, "'..'");
        tr_syntax_push(p, tr_syntax_operand(p));
    } else {
        tr_syntax_push(p, &tr_kql_none);
        tr_syntax_push(p, &tr_kql_none);
    }
    return name;
}

/* -- --> <-- -[e]- -[e]-> <-[e]- */
static tr_tree graph_edge(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_tree name = &tr_kql_none;
    uint32_t flags = tr_syntax_accept(p, TR_TOKEN_LESS) ? TR_KQL_FLAG_LEFT : 0;
    tr_syntax_need(p, TR_TOKEN_SUBTRACT, "an edge such as '-[e]->'");
    uint32_t open = p->at;
    if (tr_syntax_accept(p, TR_TOKEN_LBRACKET)) {
        name = push_edge_body(p);
        tr_syntax_need_closing(p, TR_TOKEN_RBRACKET, open);
    } else {
        for (int i = 0; i < 3; i++)
            tr_syntax_push(p, &tr_kql_none);
    }
    tr_syntax_need(p, TR_TOKEN_SUBTRACT, "'-' or '->'");
    if (tr_syntax_accept(p, TR_TOKEN_GREATER))
        flags |= TR_KQL_FLAG_RIGHT;
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_GRAPH_EDGE, opening);
    node->text = name->text;
    node->flags = (uint16_t)flags;
    return node;
}

static tr_tree graph_pattern(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_push(p, graph_node(p));
    while (tr_syntax_at(p, TR_TOKEN_SUBTRACT) || tr_syntax_at(p, TR_TOKEN_LESS)) {
        tr_syntax_push(p, graph_edge(p));
        tr_syntax_push(p, graph_node(p));
    }
    return tr_syntax_close(p, TR_KQL_GRAPH_PATTERN, opening);
}

/* pattern, ... [where predicate] [project items] */
tr_tree tr_rule_graph_match(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, NULL));
    tr_opening patterns = tr_syntax_open(p);
    do
        tr_syntax_push(p, graph_pattern(p));
    while (tr_syntax_accept(p, TR_TOKEN_COMMA));
    tr_syntax_push(p, tr_syntax_close(p, TR_KQL_LIST, patterns));
    if (tr_syntax_accept_word(p, "where"))
        tr_syntax_push(p, tr_syntax_expression(p));
    else
        tr_syntax_push(p, &tr_kql_none);
    if (tr_syntax_accept_word(p, "project"))
        tr_syntax_push(p, tr_syntax_item_list(p));
    else
        tr_syntax_push(p, &tr_kql_none);
    return tr_syntax_close(p, kind, opening);
}

/* nodes | edges [as name] [with_..._id = name], the last two in any order */
static tr_tree graph_output(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_str what = tr_syntax_text(p, tr_syntax_token(p, 0));
    if (!tr_syntax_accept_word(p, "nodes") && !tr_syntax_accept_word(p, "edges"))
        return tr_syntax_unexpected(p, "'nodes' or 'edges'");
    tr_tree name = &tr_kql_none;
    tr_opening options = tr_syntax_open(p);
    tr_syntax_push_options(p, NULL);
    if (tr_syntax_accept_word(p, "as"))
        name = tr_syntax_name(p);
    tr_syntax_push_options(p, NULL);
    tr_syntax_push(p, tr_syntax_close(p, TR_KQL_OPTIONS, options));
    tr_syntax_push(p, name);
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_GRAPH_OUTPUT, opening);
    node->text = what;
    return node;
}

tr_tree tr_rule_graph_to_table(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, NULL));
    do
        tr_syntax_push(p, graph_output(p));
    while (tr_syntax_accept(p, TR_TOKEN_COMMA));
    return tr_syntax_close(p, kind, opening);
}

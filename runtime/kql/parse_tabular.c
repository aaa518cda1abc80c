/* runtime/kql/parse_tabular.c: operators after a pipe that have a grammar of their own.
 *
 * It must not know expressions beyond calling for them, nor sources and graphs. */
#include "runtime/kql/parse.h"

/* to typeof(...), or NONE */
static tr_tree to_type(tr_syntax *p) {
    if (!tr_syntax_accept_word(p, "to"))
        return &tr_kql_none;
    if (!tr_syntax_at_word(p, "typeof"))
        return tr_syntax_unexpected(p, "'typeof(...)'");
    return tr_syntax_operand(p);
}

static tr_tree mv_item(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    bool bare = tr_syntax_at_word(p, "to") && tr_syntax_word_is(p, 1, "typeof");
    tr_syntax_push(p, bare ? &tr_kql_none : tr_syntax_item(p));
    tr_syntax_push(p, to_type(p));
    return tr_syntax_close(p, TR_KQL_MV_ITEM, opening);
}

/* Fill a place kept on the stack for a child that is written later than it stands. */
static void set_slot(tr_syntax *p, uint32_t slot, tr_tree child) {
    if (slot < p->stack_count)
        p->stack[slot] = child;
}

/* item, item ... [limit n] */
tr_tree tr_rule_mv_expand(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, "kind bagexpansion with_itemindex with_item_index"));
    uint32_t limit = p->stack_count;
    tr_syntax_push(p, &tr_kql_none);
    do
        tr_syntax_push(p, mv_item(p));
    while (tr_syntax_accept(p, TR_TOKEN_COMMA));
    if (tr_syntax_accept_word(p, "limit"))
        set_slot(p, limit, tr_syntax_expression(p));
    return tr_syntax_close(p, kind, opening);
}

tr_tree tr_rule_mv_apply(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, "with_itemindex with_item_index"));
    uint32_t limit = p->stack_count;
    tr_syntax_push(p, &tr_kql_none);
    tr_syntax_push(p, &tr_kql_none);
    do
        tr_syntax_push(p, mv_item(p));
    while (tr_syntax_accept(p, TR_TOKEN_COMMA));
    if (tr_syntax_accept_word(p, "limit"))
        set_slot(p, limit, tr_syntax_expression(p));
    tr_syntax_need_word(p, "on");
    set_slot(p, limit + 1, tr_syntax_pipe_body_in_parentheses(p));
    return tr_syntax_close(p, kind, opening);
}

/* name[:type] in a parse pattern */
static tr_tree pattern_column(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_tree name = tr_syntax_name(p);
    tr_syntax_push(p, name);
    if (tr_syntax_accept(p, TR_TOKEN_COLON))
        tr_syntax_push(p, tr_syntax_type(p));
    else
        tr_syntax_push(p, &tr_kql_none);
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_COLUMN, opening);
    node->text = name->text;
    return node;
}

tr_tree tr_rule_parse(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, "kind flags"));
    tr_syntax_push(p, tr_syntax_expression(p));
    tr_syntax_need_word(p, "with");
    uint32_t before = p->stack_count;
    for (;;) {
        if (tr_syntax_at(p, TR_TOKEN_STRING))
            tr_syntax_push(p, tr_syntax_string(p));
        else if (tr_syntax_at(p, TR_TOKEN_STAR))
            tr_syntax_push(p, tr_syntax_operand(p));
        else if (tr_syntax_at_name(p))
            tr_syntax_push(p, pattern_column(p));
        else
            break;
    }
    if (p->stack_count == before)
        return tr_syntax_unexpected(p, "a string, a column or '*'");
    return tr_syntax_close(p, kind, opening);
}

tr_tree tr_rule_parse_kv(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_tree text = tr_syntax_expression(p);
    tr_syntax_need_word(p, "as");
    tr_tree schema = tr_syntax_schema(p);
    tr_opening options = tr_syntax_open(p);
    if (tr_syntax_accept_word(p, "with"))
        tr_syntax_push_properties(p, false);
    tr_syntax_push(p, tr_syntax_close(p, TR_KQL_OPTIONS, options));
    tr_syntax_push(p, text);
    tr_syntax_push(p, schema);
    return tr_syntax_close(p, kind, opening);
}

/* aggregate [default = value] */
static tr_tree series_item(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_push(p, tr_syntax_item(p));
    if (tr_syntax_at_word(p, "default") && tr_syntax_token(p, 1)->kind == TR_TOKEN_ASSIGN) {
        tr_syntax_next(p);
        tr_syntax_next(p);
        tr_syntax_push(p, tr_syntax_expression(p));
    } else {
        tr_syntax_push(p, &tr_kql_none);
    }
    return tr_syntax_close(p, TR_KQL_SERIES_ITEM, opening);
}

/* in range(from, to, step) */
static tr_tree series_in_range(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_next(p);
    tr_syntax_need_word(p, "range");
    uint32_t open = p->at;
    tr_syntax_need(p, TR_TOKEN_LPAREN, "'('");
    tr_syntax_push(p, tr_syntax_expression(p));
    tr_syntax_need(p, TR_TOKEN_COMMA, "','");
    tr_syntax_push(p, tr_syntax_expression(p));
    tr_syntax_need(p, TR_TOKEN_COMMA, "','");
    tr_syntax_push(p, tr_syntax_expression(p));
    tr_syntax_need_closing(p, TR_TOKEN_RPAREN, open);
    return tr_syntax_close(p, TR_KQL_SERIES_IN_RANGE, opening);
}

/* [from a] [to b] step c */
static tr_tree series_range(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_tree from = &tr_kql_none;
    tr_tree to = &tr_kql_none;
    if (tr_syntax_accept_word(p, "from"))
        from = tr_syntax_expression(p);
    if (tr_syntax_accept_word(p, "to"))
        to = tr_syntax_expression(p);
    tr_syntax_push(p, from);
    tr_syntax_push(p, to);
    tr_syntax_need_word(p, "step");
    tr_syntax_push(p, tr_syntax_expression(p));
    return tr_syntax_close(p, TR_KQL_SERIES_RANGE, opening);
}

tr_tree tr_rule_make_series(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    bool kind_option = tr_syntax_at_word(p, "kind") && tr_syntax_word_is(p, 2, "nonempty");
    tr_syntax_push(p, tr_syntax_options(p, kind_option ? "kind" : ""));
    tr_opening items = tr_syntax_open(p);
    do
        tr_syntax_push(p, series_item(p));
    while (tr_syntax_accept(p, TR_TOKEN_COMMA));
    tr_syntax_push(p, tr_syntax_close(p, TR_KQL_LIST, items));
    tr_syntax_need_word(p, "on");
    tr_syntax_push(p, tr_syntax_additive(p));
    tr_syntax_push(p, tr_syntax_at_word(p, "in") ? series_in_range(p) : series_range(p));
    if (tr_syntax_accept_word(p, "by"))
        tr_syntax_push(p, tr_syntax_item_list(p));
    else
        tr_syntax_push(p, &tr_kql_none);
    return tr_syntax_close(p, kind, opening);
}

tr_tree tr_rule_partition(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, NULL));
    tr_syntax_need_word(p, "by");
    tr_syntax_push(p, tr_syntax_column_path(p));
    tr_syntax_accept_word(p, "in");
    bool scope = !tr_syntax_at(p, TR_TOKEN_LPAREN) && !tr_syntax_at(p, TR_TOKEN_LBRACE);
    tr_syntax_push(p, scope ? tr_syntax_operand(p) : &tr_kql_none);
    bool braces = tr_syntax_at(p, TR_TOKEN_LBRACE);
    if (braces) {
        uint32_t open = p->at;
        tr_syntax_next(p);
        tr_syntax_push(p, tr_syntax_pipe_body(p));
        tr_syntax_need_closing(p, TR_TOKEN_RBRACE, open);
    } else {
        tr_syntax_push(p, tr_syntax_pipe_body_in_parentheses(p));
    }
    tr_kql_node *node = tr_syntax_close(p, kind, opening);
    node->flags = braces ? TR_KQL_FLAG_BRACES : 0;
    return node;
}

tr_tree tr_rule_partition_by(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, NULL));
    tr_syntax_push(p, tr_syntax_column_path(p));
    if (tr_syntax_accept_word(p, "id"))
        tr_syntax_push(p, tr_syntax_literal(p));
    else
        tr_syntax_push(p, &tr_kql_none);
    tr_syntax_push(p, tr_syntax_pipe_body_in_parentheses(p));
    return tr_syntax_close(p, kind, opening);
}

/* step name [optional] [output = all] : condition [=> a = x, b = y] ; */
static tr_tree scan_step(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_need_word(p, "step");
    tr_tree name = tr_syntax_name(p);
    bool optional = tr_syntax_accept_word(p, "optional");
    tr_syntax_push(p, tr_syntax_options(p, NULL));
    optional |= tr_syntax_accept_word(p, "optional");
    tr_syntax_push(p, name);
    tr_syntax_need(p, TR_TOKEN_COLON, "':'");
    tr_syntax_push(p, tr_syntax_expression(p));
    if (tr_syntax_accept(p, TR_TOKEN_ARROW))
        tr_syntax_push_items(p);
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_STEP, opening);
    node->text = name->text;
    node->flags = optional ? TR_KQL_FLAG_OPTIONAL : 0;
    return node;
}

static tr_tree order_list(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    do
        tr_syntax_push(p, tr_syntax_order(p));
    while (tr_syntax_accept(p, TR_TOKEN_COMMA));
    return tr_syntax_close(p, TR_KQL_LIST, opening);
}

tr_tree tr_rule_scan(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, NULL));
    tr_tree order = &tr_kql_none;
    tr_tree partition = &tr_kql_none;
    tr_tree declared = &tr_kql_none;
    if (tr_syntax_accept_word(p, "order")) {
        tr_syntax_need_word(p, "by");
        order = order_list(p);
    }
    if (tr_syntax_accept_word(p, "partition")) {
        tr_syntax_need_word(p, "by");
        partition = tr_syntax_item_list(p);
    }
    if (tr_syntax_accept_word(p, "declare"))
        declared = tr_syntax_parameters(p, TR_TOKEN_LPAREN, TR_TOKEN_RPAREN);
    tr_syntax_push(p, order);
    tr_syntax_push(p, partition);
    tr_syntax_push(p, declared);
    tr_syntax_need_word(p, "with");
    uint32_t open = p->at;
    tr_syntax_need(p, TR_TOKEN_LPAREN, "'('");
    while (tr_syntax_at_word(p, "step")) {
        tr_syntax_push(p, scan_step(p));
        if (!tr_syntax_accept(p, TR_TOKEN_SEMICOLON))
            break;
    }
    tr_syntax_need_closing(p, TR_TOKEN_RPAREN, open);
    return tr_syntax_close(p, kind, opening);
}

/* [name =] ( body ) */
static tr_tree fork_branch(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_tree name = &tr_kql_none;
    if (!tr_syntax_at(p, TR_TOKEN_LPAREN)) {
        name = tr_syntax_name(p);
        tr_syntax_need(p, TR_TOKEN_ASSIGN, "'='");
    }
    tr_syntax_push(p, name);
    tr_syntax_push(p, tr_syntax_pipe_body_in_parentheses(p));
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_BRANCH, opening);
    node->text = name->text;
    return node;
}

tr_tree tr_rule_fork(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, p->no_options);
    do {
        tr_syntax_push(p, fork_branch(p));
        tr_syntax_accept(p, TR_TOKEN_COMMA);
    } while (tr_syntax_at(p, TR_TOKEN_LPAREN) || tr_syntax_at_option(p));
    return tr_syntax_close(p, kind, opening);
}

tr_tree tr_rule_facet(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, p->no_options);
    tr_syntax_need_word(p, "by");
    tr_opening columns = tr_syntax_open(p);
    do
        tr_syntax_push(p, tr_syntax_column_path(p));
    while (tr_syntax_accept(p, TR_TOKEN_COMMA));
    tr_syntax_push(p, tr_syntax_close(p, TR_KQL_LIST, columns));
    if (!tr_syntax_accept_word(p, "with")) {
        tr_syntax_push(p, &tr_kql_none);
    } else if (tr_syntax_at(p, TR_TOKEN_LPAREN)) {
        tr_syntax_push(p, tr_syntax_pipe_body_in_parentheses(p));
    } else {
        tr_opening body = tr_syntax_open(p);
        tr_syntax_push(p, &tr_kql_none);
        tr_syntax_push(p, tr_syntax_operator(p));
        tr_syntax_push(p, tr_syntax_close(p, TR_KQL_PIPELINE, body));
    }
    return tr_syntax_close(p, kind, opening);
}

/* [count] of expression [with others = literal] by order */
static tr_tree nest_level(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    if (tr_syntax_at_word(p, "of"))
        tr_syntax_push(p, &tr_kql_none);
    else
        tr_syntax_push(p, tr_syntax_expression(p));
    tr_syntax_need_word(p, "of");
    tr_syntax_push(p, tr_syntax_item(p));
    if (tr_syntax_accept_word(p, "with")) {
        tr_syntax_need_word(p, "others");
        tr_syntax_need(p, TR_TOKEN_ASSIGN, "'='");
        tr_syntax_push(p, tr_syntax_expression(p));
    } else {
        tr_syntax_push(p, &tr_kql_none);
    }
    tr_syntax_need_word(p, "by");
    tr_syntax_push(p, tr_syntax_order(p));
    return tr_syntax_close(p, TR_KQL_NEST_LEVEL, opening);
}

tr_tree tr_rule_top_nested(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    char word[16];
    uint32_t tokens;
    tr_syntax_push(p, p->no_options);
    tr_syntax_push(p, nest_level(p));
    while (tr_syntax_accept(p, TR_TOKEN_COMMA)) {
        if (tr_syntax_operator_word(p, word, sizeof word, &tokens) &&
            strcmp(word, "top-nested") == 0) {
            for (uint32_t i = 0; i < tokens; i++)
                tr_syntax_next(p);
        }
        tr_syntax_push(p, nest_level(p));
    }
    return tr_syntax_close(p, kind, opening);
}

tr_tree tr_rule_top_hitters(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, p->no_options);
    tr_syntax_push(p, tr_syntax_expression(p));
    tr_syntax_need_word(p, "of");
    tr_syntax_push(p, tr_syntax_item(p));
    if (tr_syntax_accept_word(p, "by"))
        tr_syntax_push(p, tr_syntax_expression(p));
    else
        tr_syntax_push(p, &tr_kql_none);
    return tr_syntax_close(p, kind, opening);
}

tr_tree tr_rule_evaluate(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, NULL));
    tr_opening plugin = tr_syntax_open(p);
    tr_tree call = &tr_kql_none;
    if (tr_syntax_token(p, 1)->kind == TR_TOKEN_LPAREN) {
        call = tr_syntax_operand(p);
    } else {
        tr_tree name = tr_syntax_name(p);
        tr_syntax_push(p, name);
        tr_kql_node *node = tr_syntax_close(p, TR_KQL_CALL, plugin);
        node->text = name->text;
        call = node;
    }
    if (call->kind != TR_KQL_CALL)
        return tr_syntax_unexpected(p, "a plugin and its arguments");
    tr_syntax_push(p, call);
    if (tr_syntax_accept(p, TR_TOKEN_COLON))
        tr_syntax_push(p, tr_syntax_schema(p));
    else
        tr_syntax_push(p, &tr_kql_none);
    tr_kql_node *node = tr_syntax_close(p, kind, opening);
    node->text = call->text;
    return node;
}

/* A plain name before '(' is the group, not a call: macro-expand Group (body). */
static bool group_is_name(const tr_syntax *p) {
    uint32_t after;
    uint32_t open = 1;
    if (!tr_syntax_name_ahead(p, 0, &after) || tr_syntax_token(p, after)->kind != TR_TOKEN_LPAREN)
        return false;
    uint32_t last = after + 4096; /* a body longer than this is a body */
    for (after++; open > 0 && tr_syntax_token(p, after)->kind != TR_TOKEN_END; after++) {
        if (after == last)
            return true;
        tr_token_kind kind = tr_syntax_token(p, after)->kind;
        open += kind == TR_TOKEN_LPAREN;
        open -= kind == TR_TOKEN_RPAREN;
    }
    return !tr_syntax_word_is(p, after, "as") && tr_syntax_token(p, after)->kind != TR_TOKEN_LPAREN;
}

/* group [as name] ( statements ), or name in group ( statements ) */
tr_tree tr_rule_macro_expand(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, NULL));
    tr_tree name = &tr_kql_none;
    if (tr_syntax_word_is(p, 1, "in")) {
        name = tr_syntax_name(p);
        tr_syntax_next(p);
    }
    tr_syntax_push(p, group_is_name(p) ? tr_syntax_name(p) : tr_syntax_operand(p));
    if (tr_syntax_accept_word(p, "as"))
        name = tr_syntax_name(p);
    tr_syntax_push(p, name);
    uint32_t open = p->at;
    tr_syntax_need(p, TR_TOKEN_LPAREN, "'('");
    tr_opening body = tr_syntax_open(p);
    tr_syntax_push_statements(p, TR_TOKEN_RPAREN);
    tr_syntax_push(p, tr_syntax_close(p, TR_KQL_BODY, body));
    tr_syntax_need_closing(p, TR_TOKEN_RPAREN, open);
    return tr_syntax_close(p, kind, opening);
}

/* by expression [with threshold = 0.1, characters = "..."] */
tr_tree tr_rule_reduce(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_opening options = tr_syntax_open(p);
    tr_syntax_push_options(p, NULL);
    tr_syntax_need_word(p, "by");
    tr_tree key = tr_syntax_expression(p);
    if (tr_syntax_accept_word(p, "with")) {
        if (tr_syntax_at(p, TR_TOKEN_LPAREN)) {
            tr_syntax_push_properties(p, false);
        } else {
            do
                tr_syntax_push(p, tr_syntax_option(p, false));
            while (tr_syntax_accept(p, TR_TOKEN_COMMA));
        }
    }
    tr_syntax_push(p, tr_syntax_close(p, TR_KQL_OPTIONS, options));
    tr_syntax_push(p, key);
    return tr_syntax_close(p, kind, opening);
}

/* Old forms: render chart "title", render chart x, y. An OPTION without a name. */
static tr_tree render_value(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_push(p, &tr_kql_none);
    if (tr_syntax_at_literal(p)) {
        tr_syntax_push(p, tr_syntax_literal(p));
    } else {
        tr_opening names = tr_syntax_open(p);
        do
            tr_syntax_push(p, tr_syntax_name(p));
        while (tr_syntax_accept(p, TR_TOKEN_COMMA));
        tr_syntax_push(p, tr_syntax_close(p, TR_KQL_LIST, names));
    }
    return tr_syntax_close(p, TR_KQL_OPTION, opening);
}

static tr_str chart_name(tr_syntax *p) {
    static const char *const charts[] = {
        "table",     "timechart",        "columnchart", "piechart",
        "barchart",  "linechart",        "areachart",   "scatterchart",
        "card",      "anomalychart",     "ladderchart", "pivotchart",
        "timepivot", "stackedareachart", "timeline",    "treemap",
        "list",      "plotly",           "3Dchart",     "graph"};
    tr_str name = tr_syntax_text(p, tr_syntax_token(p, 0));
    tr_nearest nearest = tr_nearest_of(name);
    for (size_t i = 0; i < sizeof charts / sizeof *charts; i++) {
        if (tr_str_is(name, charts[i]))
            return tr_syntax_name(p)->text;
        tr_nearest_try(&nearest, tr_str_c(charts[i]));
    }
    tr_syntax_fail(p, tr_syntax_token_span(tr_syntax_token(p, 0)), "SYN0019", NULL,
                   "there is no chart '%.*s'", (int)(name.len > 40 ? 40 : name.len), name.ptr);
    tr_hint_nearest(p->err, &nearest);
    return tr_kql_none.text;
}

/* chart [name = value ...] [with ( ... )] */
tr_tree tr_rule_render(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_str chart = tr_kql_none.text;
    if (tr_syntax_at(p, TR_TOKEN_WORD) && !tr_syntax_at_option(p) &&
        !(tr_syntax_at_word(p, "with") && tr_syntax_token(p, 1)->kind == TR_TOKEN_LPAREN))
        chart = chart_name(p);
    tr_opening options = tr_syntax_open(p);
    for (;;) {
        if (tr_syntax_accept_word(p, "with"))
            tr_syntax_push_properties(p, true);
        else if (tr_syntax_at_option(p))
            tr_syntax_push(p, tr_syntax_option(p, true));
        else if (chart.len > 0 && p->at == options.token &&
                 (tr_syntax_at_name(p) || tr_syntax_at_literal(p)) && !tr_syntax_at_operator(p))
            tr_syntax_push(p, render_value(p));
        else
            break;
    }
    tr_syntax_push(p, tr_syntax_close(p, TR_KQL_OPTIONS, options));
    tr_kql_node *node = tr_syntax_close(p, kind, opening);
    node->text = chart;
    return node;
}

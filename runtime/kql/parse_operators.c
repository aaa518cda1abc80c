/* runtime/kql/parse_operators.c: pipelines, the table of operators, and the simple operators.
 *
 * A rule is called after the name of its operator was taken; it builds one node. Rules of operators
 * with a grammar of their own are in parse_tabular.c, parse_source.c and parse_graph.c. */
#include "runtime/kql/parse.h"

typedef struct operator_entry {
    const char *name;
    tr_syntax_rule *rule;
    uint8_t kind;      /* tr_kql_kind */
    uint8_t placement; /* or-ed PLACE_ */
} operator_entry;

enum { PLACE_SOURCE = 1, PLACE_PIPE = 2, PLACE_BOTH = 3, PLACE_OLD_NAME = 4 };

static const operator_entry operators[] = {
    {"where", tr_rule_expression, TR_KQL_WHERE, PLACE_PIPE},
    {"project", tr_rule_items_or_none, TR_KQL_PROJECT, PLACE_PIPE},
    {"extend", tr_rule_items, TR_KQL_EXTEND, PLACE_PIPE},
    {"summarize", tr_rule_summarize, TR_KQL_SUMMARIZE, PLACE_PIPE},
    {"join", tr_rule_join, TR_KQL_JOIN, PLACE_PIPE},
    {"union", tr_rule_union, TR_KQL_UNION, PLACE_BOTH},
    {"sort", tr_rule_sort, TR_KQL_SORT, PLACE_PIPE},
    {"order", tr_rule_sort, TR_KQL_SORT, PLACE_PIPE},
    {"top", tr_rule_top, TR_KQL_TOP, PLACE_PIPE},
    {"take", tr_rule_take, TR_KQL_TAKE, PLACE_PIPE},
    {"limit", tr_rule_take, TR_KQL_TAKE, PLACE_PIPE},
    {"filter", tr_rule_expression, TR_KQL_WHERE, PLACE_PIPE | PLACE_OLD_NAME},
    {"count", tr_rule_count, TR_KQL_COUNT, PLACE_PIPE},
    {"distinct", tr_rule_distinct, TR_KQL_DISTINCT, PLACE_PIPE},
    {"mv-expand", tr_rule_mv_expand, TR_KQL_MV_EXPAND, PLACE_PIPE},
    {"mvexpand", tr_rule_mv_expand, TR_KQL_MV_EXPAND, PLACE_PIPE | PLACE_OLD_NAME},
    {"mv-apply", tr_rule_mv_apply, TR_KQL_MV_APPLY, PLACE_PIPE},
    {"mvapply", tr_rule_mv_apply, TR_KQL_MV_APPLY, PLACE_PIPE | PLACE_OLD_NAME},
    {"project-away", tr_rule_names, TR_KQL_PROJECT_AWAY, PLACE_PIPE},
    {"project-keep", tr_rule_names, TR_KQL_PROJECT_KEEP, PLACE_PIPE},
    {"project-rename", tr_rule_items_or_none, TR_KQL_PROJECT_RENAME, PLACE_PIPE},
    {"project-reorder", tr_rule_project_reorder, TR_KQL_PROJECT_REORDER, PLACE_PIPE},
    {"project-by-names", tr_rule_items_or_none, TR_KQL_PROJECT_BY_NAMES, PLACE_PIPE},
    {"parse", tr_rule_parse, TR_KQL_PARSE, PLACE_PIPE},
    {"parse-where", tr_rule_parse, TR_KQL_PARSE_WHERE, PLACE_PIPE},
    {"parse-kv", tr_rule_parse_kv, TR_KQL_PARSE_KV, PLACE_PIPE},
    {"lookup", tr_rule_join, TR_KQL_LOOKUP, PLACE_PIPE},
    {"make-series", tr_rule_make_series, TR_KQL_MAKE_SERIES, PLACE_PIPE},
    {"render", tr_rule_render, TR_KQL_RENDER, PLACE_PIPE},
    {"serialize", tr_rule_items_or_none, TR_KQL_SERIALIZE, PLACE_PIPE},
    {"evaluate", tr_rule_evaluate, TR_KQL_EVALUATE, PLACE_BOTH},
    {"invoke", tr_rule_invoke, TR_KQL_INVOKE, PLACE_PIPE},
    {"as", tr_rule_as, TR_KQL_AS, PLACE_PIPE},
    {"sample", tr_rule_take, TR_KQL_SAMPLE, PLACE_PIPE},
    {"sample-distinct", tr_rule_sample_distinct, TR_KQL_SAMPLE_DISTINCT, PLACE_PIPE},
    {"top-nested", tr_rule_top_nested, TR_KQL_TOP_NESTED, PLACE_PIPE},
    {"top-hitters", tr_rule_top_hitters, TR_KQL_TOP_HITTERS, PLACE_PIPE},
    {"partition", tr_rule_partition, TR_KQL_PARTITION, PLACE_PIPE},
    {"__partitionby", tr_rule_partition_by, TR_KQL_PARTITION_BY, PLACE_PIPE},
    {"scan", tr_rule_scan, TR_KQL_SCAN, PLACE_PIPE},
    {"fork", tr_rule_fork, TR_KQL_FORK, PLACE_PIPE},
    {"facet", tr_rule_facet, TR_KQL_FACET, PLACE_PIPE},
    {"find", tr_rule_find, TR_KQL_FIND, PLACE_BOTH},
    {"search", tr_rule_search, TR_KQL_SEARCH, PLACE_BOTH},
    {"reduce", tr_rule_reduce, TR_KQL_REDUCE, PLACE_PIPE},
    {"consume", tr_rule_options_only, TR_KQL_CONSUME, PLACE_PIPE},
    {"getschema", tr_rule_options_only, TR_KQL_GETSCHEMA, PLACE_PIPE},
    {"assert-schema", tr_rule_schema, TR_KQL_ASSERT_SCHEMA, PLACE_PIPE},
    {"macro-expand", tr_rule_macro_expand, TR_KQL_MACRO_EXPAND, PLACE_BOTH},
    {"__executeAndCache", tr_rule_options_only, TR_KQL_EXECUTE_AND_CACHE, PLACE_PIPE},
    {"execute-and-cache", tr_rule_options_only, TR_KQL_EXECUTE_AND_CACHE, PLACE_PIPE},
    {"make-graph", tr_rule_make_graph, TR_KQL_MAKE_GRAPH, PLACE_PIPE},
    {"graph-match", tr_rule_graph_match, TR_KQL_GRAPH_MATCH, PLACE_PIPE},
    {"graph-shortest-paths", tr_rule_graph_match, TR_KQL_GRAPH_SHORTEST_PATHS, PLACE_PIPE},
    {"graph-to-table", tr_rule_graph_to_table, TR_KQL_GRAPH_TO_TABLE, PLACE_PIPE},
    {"graph-mark-components", tr_rule_options_only, TR_KQL_GRAPH_MARK_COMPONENTS, PLACE_PIPE},
    {"graph-where-edges", tr_rule_expression, TR_KQL_GRAPH_WHERE_EDGES, PLACE_PIPE},
    {"graph-where-nodes", tr_rule_expression, TR_KQL_GRAPH_WHERE_NODES, PLACE_PIPE},
    {"print", tr_rule_print, TR_KQL_PRINT, PLACE_SOURCE},
    {"range", tr_rule_range, TR_KQL_RANGE, PLACE_SOURCE},
    {"datatable", tr_rule_datatable, TR_KQL_DATATABLE, PLACE_SOURCE},
    {"externaldata", tr_rule_externaldata, TR_KQL_EXTERNALDATA, PLACE_SOURCE},
    {"external_data", tr_rule_externaldata, TR_KQL_EXTERNALDATA, PLACE_SOURCE | PLACE_OLD_NAME},
    {"inline_external_table", tr_rule_inline_external_table, TR_KQL_INLINE_EXTERNAL_TABLE,
     PLACE_SOURCE},
};

enum { OPERATOR_COUNT = sizeof operators / sizeof *operators, OPERATOR_WORD_MAX = 32 };

static const operator_entry *find_operator(const char *word) {
    for (uint32_t i = 0; i < OPERATOR_COUNT; i++)
        if (operators[i].name[0] == word[0] && strcmp(operators[i].name, word) == 0)
            return &operators[i];
    return NULL;
}

bool tr_syntax_operator_word(const tr_syntax *p, char *word, size_t capacity, uint32_t *tokens) {
    if (!tr_syntax_at(p, TR_TOKEN_WORD))
        return false;
    const tr_token *first = tr_syntax_token(p, 0);
    uint32_t n = 1;
    while (tr_syntax_token(p, n)->kind == TR_TOKEN_SUBTRACT && tr_syntax_adjacent(p, n) &&
           tr_syntax_token(p, n + 1)->kind == TR_TOKEN_WORD && tr_syntax_adjacent(p, n + 1))
        n += 2;
    const tr_token *last = tr_syntax_token(p, n - 1);
    uint32_t bytes = last->offset + last->bytes - first->offset;
    *tokens = n;
    if (bytes >= capacity)
        return false;
    memcpy(word, p->text + first->offset, bytes);
    word[bytes] = 0;
    return true;
}

/* The operator whose name begins here; *tokens gets the length of the name. The longest name wins,
 * so that top-nested is not top; `project -x` stays project. */
static const operator_entry *operator_here(const tr_syntax *p, uint32_t *tokens) {
    char word[OPERATOR_WORD_MAX];
    if (!tr_syntax_operator_word(p, word, sizeof word, tokens))
        return NULL;
    const operator_entry *found = find_operator(word);
    char *dash = strchr(word, '-');
    if (!found && dash && !tr_syntax_nearest_operator(word)) {
        *dash = 0;
        *tokens = 1;
        found = find_operator(word);
    }
    return found;
}

bool tr_syntax_at_operator(const tr_syntax *p) {
    uint32_t tokens;
    const operator_entry *found = operator_here(p, &tokens);
    return found && (found->placement & PLACE_PIPE);
}

const char *tr_syntax_operator_at(uint32_t k) {
    return k < OPERATOR_COUNT ? operators[k].name : NULL;
}

const char *tr_syntax_nearest_operator(const char *word) {
    tr_nearest nearest = tr_nearest_to(tr_str_c(word), strlen(word) <= 4 ? 2 : 3);
    for (uint32_t i = 0; i < OPERATOR_COUNT; i++)
        if (operators[i].placement & PLACE_PIPE)
            tr_nearest_try_rare(&nearest, tr_str_c(operators[i].name),
                                operators[i].placement & PLACE_OLD_NAME ? 1 : 0);
    return nearest.found.len ? nearest.found.ptr : NULL;
}

static tr_tree run_rule(tr_syntax *p, const operator_entry *entry, uint32_t tokens) {
    tr_opening opening = tr_syntax_open(p);
    for (uint32_t i = 0; i < tokens; i++)
        tr_syntax_next(p);
    tr_span name = tr_syntax_token_span(&p->tokens[opening.token]);
    if (tokens > 1)
        name.bytes = p->tokens[p->at - 1].offset + p->tokens[p->at - 1].bytes - name.offset;
    tr_tree node = entry->rule(p, opening, (tr_kql_kind)entry->kind);
    if (p->status == TRAWL_OK)
        ((tr_kql_node *)node)->value.integer = name.bytes; /* made by the rule, not yet handed on */
    return node;
}

tr_tree tr_syntax_operator(tr_syntax *p) {
    uint32_t tokens;
    const operator_entry *entry = operator_here(p, &tokens);
    if (entry && (entry->placement & PLACE_PIPE))
        return run_rule(p, entry, tokens);
    if (!tr_syntax_at(p, TR_TOKEN_WORD))
        return tr_syntax_unexpected(p, "an operator such as where, project or summarize");
    char word[OPERATOR_WORD_MAX];
    tr_span span = tr_syntax_token_span(tr_syntax_token(p, 0));
    if (tr_syntax_operator_word(p, word, sizeof word, &tokens) && tokens > 1)
        span.bytes = (uint32_t)strlen(word);
    return tr_syntax_unknown_operator(p, span);
}

/* Word operators that cannot begin the operand of a source operator, so the word before is a name.
 */
static bool infix_word_ahead(const tr_syntax *p) {
    static const char *const words[] = {
        "has",     "contains", "startswith", "endswith",  "and",       "or",     "between",
        "matches", "has_any",  "has_all",    "hasprefix", "hassuffix", "has_cs", "in~",
        "asc",     "desc",     "on",         "by",        "with",      "to"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (tr_syntax_word_is(p, 1, words[i]))
            return true;
    return false;
}

/* Can the token after a source word begin what a source takes? Else the word is a plain name. */
static bool operand_follows(const tr_syntax *p, tr_kql_kind kind) {
    tr_token_kind next = tr_syntax_token(p, 1)->kind;
    switch (kind) {
    case TR_KQL_DATATABLE:
    case TR_KQL_EXTERNALDATA: return next == TR_TOKEN_LPAREN;
    case TR_KQL_INLINE_EXTERNAL_TABLE: return next == TR_TOKEN_LPAREN || next == TR_TOKEN_WORD;
    case TR_KQL_RANGE: return next == TR_TOKEN_WORD || next == TR_TOKEN_LBRACKET;
    case TR_KQL_EVALUATE: return next == TR_TOKEN_WORD && !infix_word_ahead(p);
    case TR_KQL_MACRO_EXPAND: return true;
    default: break;
    }
    switch (next) {
    case TR_TOKEN_WORD: return !infix_word_ahead(p);
    case TR_TOKEN_STRING:
    case TR_TOKEN_LONG:
    case TR_TOKEN_REAL:
    case TR_TOKEN_TIMESPAN:
    case TR_TOKEN_TYPED:
    case TR_TOKEN_DYNAMIC:
    case TR_TOKEN_LPAREN:
    case TR_TOKEN_LBRACE:
    case TR_TOKEN_ERROR: return true;
    case TR_TOKEN_SUBTRACT:
    case TR_TOKEN_ADD: return kind == TR_KQL_PRINT;
    case TR_TOKEN_LBRACKET: return true;
    case TR_TOKEN_STAR: return kind != TR_KQL_PRINT;
    default: return false;
    }
}

static const operator_entry *source_here(const tr_syntax *p, uint32_t *tokens) {
    const char *s = p->text + tr_syntax_token(p, 0)->offset;
    if (!tr_syntax_at(p, TR_TOKEN_WORD) || !strchr("prdeiufsm", *s))
        return NULL;
    const operator_entry *found = operator_here(p, tokens);
    if (!found || !(found->placement & PLACE_SOURCE) ||
        !operand_follows(p, (tr_kql_kind)found->kind))
        return NULL;
    return found;
}

bool tr_syntax_at_source(const tr_syntax *p) {
    uint32_t tokens;
    return source_here(p, &tokens) != NULL;
}

tr_tree tr_syntax_source(tr_syntax *p) {
    uint32_t tokens;
    const operator_entry *source = source_here(p, &tokens);
    if (source)
        return run_rule(p, source, tokens);
    tr_opening opening = tr_syntax_open(p);
    tr_tree table = tr_syntax_expression(p);
    if (!tr_syntax_at_word(p, "datascope") || tr_syntax_token(p, 1)->kind != TR_TOKEN_ASSIGN)
        return table;
    tr_syntax_push(p, table);
    tr_syntax_push(p, tr_syntax_option(p, false));
    return tr_syntax_close(p, TR_KQL_SCOPED, opening);
}

tr_tree tr_syntax_pipe(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    if (!tr_syntax_enter(p))
        return &tr_kql_none;
    tr_tree source = tr_syntax_source(p);
    if (tr_syntax_at(p, TR_TOKEN_PIPE)) {
        tr_syntax_push(p, source);
        while (tr_syntax_accept(p, TR_TOKEN_PIPE))
            tr_syntax_push(p, tr_syntax_operator(p));
        source = tr_syntax_close(p, TR_KQL_PIPELINE, opening);
    }
    tr_syntax_leave(p);
    return source;
}

tr_tree tr_syntax_pipe_body(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    if (!tr_syntax_at_operator(p) && !tr_syntax_at(p, TR_TOKEN_END)) {
        tr_tree whole = tr_syntax_pipe(p);
        if (whole->kind == TR_KQL_PIPELINE)
            return whole;
        tr_syntax_push(p, whole);
        return tr_syntax_close(p, TR_KQL_PIPELINE, opening);
    }
    if (!tr_syntax_enter(p))
        return &tr_kql_none;
    tr_syntax_push(p, &tr_kql_none);
    do
        tr_syntax_push(p, tr_syntax_operator(p));
    while (tr_syntax_accept(p, TR_TOKEN_PIPE));
    tr_syntax_leave(p);
    return tr_syntax_close(p, TR_KQL_PIPELINE, opening);
}

tr_tree tr_syntax_pipe_body_in_parentheses(tr_syntax *p) {
    uint32_t open = p->at;
    tr_syntax_need(p, TR_TOKEN_LPAREN, "'('");
    tr_tree body = tr_syntax_pipe_body(p);
    tr_syntax_need_closing(p, TR_TOKEN_RPAREN, open);
    return body;
}

/* ---- simple rules ---- */

/* count [as Name] */
tr_tree tr_rule_count(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, NULL));
    bool named = tr_syntax_accept_word(p, "as");
    tr_syntax_push(p, named ? tr_syntax_name(p) : &tr_kql_none);
    return tr_syntax_close(p, kind, opening);
}

tr_tree tr_rule_options_only(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, NULL));
    return tr_syntax_close(p, kind, opening);
}

tr_tree tr_rule_expression(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, ""));
    tr_syntax_push(p, tr_syntax_expression(p));
    return tr_syntax_close(p, kind, opening);
}

tr_tree tr_rule_items(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, ""));
    tr_syntax_push_items(p);
    return tr_syntax_close(p, kind, opening);
}

/* Does the operator end here, so that an optional list is empty? */
static bool at_operator_end(const tr_syntax *p) {
    switch (tr_syntax_token(p, 0)->kind) {
    case TR_TOKEN_PIPE:
    case TR_TOKEN_RPAREN:
    case TR_TOKEN_RBRACE:
    case TR_TOKEN_SEMICOLON:
    case TR_TOKEN_END: return true;
    default: return false;
    }
}

tr_tree tr_rule_items_or_none(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, ""));
    if (!at_operator_end(p))
        tr_syntax_push_items(p);
    return tr_syntax_close(p, kind, opening);
}

tr_tree tr_rule_distinct(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    return tr_rule_items(p, opening, kind);
}

tr_tree tr_rule_names(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, p->no_options);
    if (kind != TR_KQL_PROJECT_AWAY || !at_operator_end(p)) {
        do
            tr_syntax_push(p, tr_syntax_name_pattern(p));
        while (tr_syntax_accept(p, TR_TOKEN_COMMA));
    }
    return tr_syntax_close(p, kind, opening);
}

/* An ORDER around what was just parsed: asc | desc, nulls first | last. */
static tr_tree order_suffix(tr_syntax *p, tr_opening opening, tr_tree key) {
    uint32_t flags = 0;
    tr_syntax_push(p, key);
    if (tr_syntax_accept_word(p, "asc"))
        flags = TR_KQL_FLAG_ASC;
    else if (tr_syntax_accept_word(p, "desc"))
        flags = TR_KQL_FLAG_DESC;
    if (tr_syntax_accept_word(p, "nulls")) {
        if (tr_syntax_accept_word(p, "first"))
            flags |= TR_KQL_FLAG_NULLS_FIRST;
        else if (tr_syntax_accept_word(p, "last"))
            flags |= TR_KQL_FLAG_NULLS_LAST;
        else
            tr_syntax_unexpected(p, "'first' or 'last'");
    }
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_ORDER, opening);
    node->flags = (uint16_t)flags;
    return node;
}

tr_tree tr_syntax_order(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_tree key = tr_syntax_item(p);
    return order_suffix(p, opening, key);
}

tr_tree tr_rule_sort(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, NULL));
    tr_syntax_need_word(p, "by");
    do
        tr_syntax_push(p, tr_syntax_order(p));
    while (tr_syntax_accept(p, TR_TOKEN_COMMA));
    return tr_syntax_close(p, kind, opening);
}

tr_tree tr_rule_top(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, NULL));
    tr_syntax_push(p, tr_syntax_expression(p));
    tr_syntax_need_word(p, "by");
    tr_syntax_push(p, tr_syntax_order(p));
    return tr_syntax_close(p, kind, opening);
}

tr_tree tr_rule_take(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    return tr_rule_expression(p, opening, kind);
}

tr_tree tr_rule_sample_distinct(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, NULL));
    tr_syntax_push(p, tr_syntax_expression(p));
    tr_syntax_need_word(p, "of");
    tr_syntax_push(p, tr_syntax_expression(p));
    return tr_syntax_close(p, kind, opening);
}

/* [items] [by items] */
tr_tree tr_rule_summarize(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, ""));
    tr_opening list = tr_syntax_open(p);
    if (!at_operator_end(p) &&
        !(tr_syntax_at_word(p, "by") && tr_syntax_token(p, 1)->kind != TR_TOKEN_ASSIGN))
        tr_syntax_push_items(p);
    tr_syntax_push(p, tr_syntax_close(p, TR_KQL_LIST, list));
    if (tr_syntax_accept_word(p, "by"))
        tr_syntax_push(p, tr_syntax_item_list(p));
    else
        tr_syntax_push(p, &tr_kql_none);
    return tr_syntax_close(p, kind, opening);
}

/* right [on condition, ...] */
tr_tree tr_rule_join(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, NULL));
    tr_syntax_push(p, tr_syntax_entity(p));
    if (tr_syntax_accept_word(p, "on")) {
        do
            tr_syntax_push(p, tr_syntax_expression(p));
        while (tr_syntax_accept(p, TR_TOKEN_COMMA));
    } else if (kind == TR_KQL_LOOKUP) {
        tr_syntax_unexpected(p, "'on'");
    }
    return tr_syntax_close(p, kind, opening);
}

tr_tree tr_syntax_entity(tr_syntax *p) {
    uint32_t at = 0;
    if (tr_syntax_at(p, TR_TOKEN_STAR))
        return tr_syntax_name_pattern(p);
    if (tr_syntax_at(p, TR_TOKEN_WORD)) {
        at = 1;
        if (tr_syntax_token(p, 1)->kind == TR_TOKEN_STAR && tr_syntax_adjacent(p, 1))
            return tr_syntax_name_pattern(p);
        if (tr_syntax_at_source(p))
            return tr_syntax_source(p);
    }
    if (at == 0 && tr_syntax_at(p, TR_TOKEN_LBRACKET) && !tr_syntax_at_name(p))
        return tr_syntax_name_pattern(p);
    return tr_syntax_operand(p);
}

tr_tree tr_rule_union(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, NULL));
    do
        tr_syntax_push(p, tr_syntax_entity(p));
    while (tr_syntax_accept(p, TR_TOKEN_COMMA));
    return tr_syntax_close(p, kind, opening);
}

/* name-pattern [asc | desc | granny-asc | granny-desc] */
static tr_tree reorder_key(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    tr_tree key = tr_syntax_name_pattern(p);
    if (!tr_syntax_at_word(p, "granny"))
        return order_suffix(p, opening, key);
    tr_syntax_next(p);
    tr_syntax_need(p, TR_TOKEN_SUBTRACT, "'-asc' or '-desc'");
    bool descending = tr_syntax_at_word(p, "desc");
    if (!descending && !tr_syntax_at_word(p, "asc"))
        return tr_syntax_unexpected(p, "'asc' or 'desc'");
    tr_syntax_next(p);
    tr_syntax_push(p, key);
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_ORDER, opening);
    node->flags = TR_KQL_FLAG_GRANNY;
    node->flags |= descending ? TR_KQL_FLAG_DESC : TR_KQL_FLAG_ASC;
    return node;
}

tr_tree tr_rule_project_reorder(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, p->no_options);
    if (!at_operator_end(p)) {
        do
            tr_syntax_push(p, reorder_key(p));
        while (tr_syntax_accept(p, TR_TOKEN_COMMA));
    }
    return tr_syntax_close(p, kind, opening);
}

tr_tree tr_rule_as(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, tr_syntax_options(p, NULL));
    tr_tree name = tr_syntax_name(p);
    tr_syntax_push(p, name);
    tr_kql_node *node = tr_syntax_close(p, kind, opening);
    node->text = name->text;
    return node;
}

tr_tree tr_rule_schema(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, p->no_options);
    tr_syntax_push(p, tr_syntax_schema(p));
    return tr_syntax_close(p, kind, opening);
}

tr_tree tr_rule_invoke(tr_syntax *p, tr_opening opening, tr_kql_kind kind) {
    tr_syntax_push(p, p->no_options);
    tr_syntax_push(p, tr_syntax_operand(p));
    return tr_syntax_close(p, kind, opening);
}

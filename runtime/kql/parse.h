/* runtime/kql/parse.h: what the files of the parser share.
 *
 * A recursive-descent parser over an array of tokens. Errors are sticky: the first failure is kept,
 * the parser jumps to the end of the tokens, and every loop runs out there; so grammar functions
 * never check, and always return a node. Only tr_kql_parse looks at the status. */
#ifndef TR_KQL_PARSE_H
#define TR_KQL_PARSE_H

#include "runtime/kql/syntax.h"
#include "runtime/kql/token.h"

typedef const tr_kql_node *tr_tree; /* never NULL */

/** Words that the grammar asks for at one token, for "did you mean". */
typedef struct tr_syntax_asked {
    uint32_t token;
    uint32_t count;
    const char *words[40];
} tr_syntax_asked;

typedef struct tr_syntax {
    tr_arena *arena;
    const char *text; /* a padded copy, ends in NUL */
    uint32_t bytes;
    const tr_token *tokens;
    uint32_t token_count;
    uint32_t at;              /* the current token */
    uint32_t statement_start; /* token where the current statement begins */
    uint32_t depth;           /* nesting of the grammar functions */
    tr_tree *stack;           /* children of nodes not yet closed */
    uint32_t stack_count;
    uint32_t stack_capacity;
    tr_tree no_options;
    tr_kql_node spare; /* stands for a node that could not be allocated */
    trawl_status status;
    trawl_error *err;
    tr_syntax_asked *asked; /* NULL but in a second parse, for suggestions */
} tr_syntax;

/* Where a node begins: its first token, and its first child on the stack. */
typedef struct tr_opening {
    uint32_t token;
    uint32_t stack;
} tr_opening;

extern const tr_kql_node tr_kql_none;

/* ---- nodes (parse.c) ---- */
tr_opening tr_syntax_open(const tr_syntax *p);
void tr_syntax_push(tr_syntax *p, tr_tree child);
/** Make a node of the children pushed since `opening`; its span ends with the token before the
 *  current one. The node may be changed until it is handed on. */
tr_kql_node *tr_syntax_close(tr_syntax *p, tr_kql_kind kind, tr_opening opening);
/** True, or an error when the grammar is nested too deeply. Every enter has its leave. */
bool tr_syntax_enter(tr_syntax *p);
void tr_syntax_leave(tr_syntax *p);

/* ---- tokens (parse.c) ---- */
const tr_token *tr_syntax_token(const tr_syntax *p, uint32_t ahead);
bool tr_syntax_at(const tr_syntax *p, tr_token_kind kind);
bool tr_syntax_at_word(const tr_syntax *p, const char *word);
bool tr_syntax_word_is(const tr_syntax *p, uint32_t ahead, const char *word);
/** The token `ahead` begins where the one before it ends. */
bool tr_syntax_adjacent(const tr_syntax *p, uint32_t ahead);
void tr_syntax_next(tr_syntax *p);
bool tr_syntax_accept(tr_syntax *p, tr_token_kind kind);
bool tr_syntax_accept_word(tr_syntax *p, const char *word);
void tr_syntax_need(tr_syntax *p, tr_token_kind kind, const char *expected);
void tr_syntax_need_word(tr_syntax *p, const char *word);
/** The closing bracket of the bracket at token index `open`. */
void tr_syntax_need_closing(tr_syntax *p, tr_token_kind kind, uint32_t open);
tr_str tr_syntax_text(const tr_syntax *p, const tr_token *token);

/* ---- errors (parse_errors.c) ---- */
tr_tree tr_syntax_fail(tr_syntax *p, tr_span span, const char *code, const char *hint,
                       const char *format, ...) __attribute__((format(printf, 5, 6)));
tr_tree tr_syntax_fail_memory(tr_syntax *p);
tr_tree tr_syntax_fail_depth(tr_syntax *p);
/** The current token is none of `expected` ("a name, ')' or '='"): say so, or recognise a slip. */
tr_tree tr_syntax_unexpected(tr_syntax *p, const char *expected);
tr_tree tr_syntax_unexpected_with_hint(tr_syntax *p, const char *expected, const char *hint);
/** The same where a statement should have ended. */
tr_tree tr_syntax_unexpected_after_statement(tr_syntax *p, const char *expected);
tr_tree tr_syntax_unclosed(tr_syntax *p, uint32_t open, const char *expected);
tr_tree tr_syntax_unknown_operator(tr_syntax *p, tr_span span);
tr_tree tr_syntax_unknown_type(tr_syntax *p, const tr_token *word);
tr_span tr_syntax_token_span(const tr_token *token);
/** tr_kql_parse of a text that does not parse; fills asked->words. */
void tr_syntax_ask(tr_arena *scratch, const char *text, size_t bytes, tr_syntax_asked *asked);
/** The text cannot be parsed, err says why: if a misspelt keyword is behind that, make err point at
 *  it and say what was meant (parse_suggest.c). The text is padded. */
void tr_syntax_suggest(tr_arena *query, const char *text, size_t bytes, trawl_error *err);

/* ---- literals (parse_literal.c) ---- */
bool tr_syntax_at_literal(const tr_syntax *p);
tr_tree tr_syntax_literal(tr_syntax *p);
/** A number token after a minus sign, which is the token before the current one. */
tr_tree tr_syntax_negative_number(tr_syntax *p, tr_opening opening);
tr_tree tr_syntax_string(tr_syntax *p);

/* ---- names and small parts (parse_parts.c) ---- */
bool tr_syntax_at_name(const tr_syntax *p);
/** Is the token `ahead` the start of a name (word or ['...'])? *after gets the next token. */
bool tr_syntax_name_ahead(const tr_syntax *p, uint32_t ahead, uint32_t *after);
tr_tree tr_syntax_name(tr_syntax *p);
/** NAME, WILDCARD or STAR. */
tr_tree tr_syntax_name_pattern(tr_syntax *p);
/** a.b.c without calls. */
tr_tree tr_syntax_column_path(tr_syntax *p);
tr_tree tr_syntax_type(tr_syntax *p);
tr_tree tr_syntax_column(tr_syntax *p);
tr_tree tr_syntax_schema(tr_syntax *p);
tr_tree tr_syntax_parameters(tr_syntax *p, tr_token_kind open, tr_token_kind close);
/** Options before operands. `known`: space-separated names that count as options (then everything
 *  else is an operand); NULL: every `name =` is one. hint.* always is. */
tr_tree tr_syntax_options(tr_syntax *p, const char *known);
/** The same, onto the stack without closing, for operators that have options in two places. */
void tr_syntax_push_options(tr_syntax *p, const char *known);
/** `name = value` at the current token. */
tr_tree tr_syntax_option(tr_syntax *p, bool list_values);
/** with ( name = value, ... ): pushes OPTION nodes. */
void tr_syntax_push_properties(tr_syntax *p, bool list_values);
/** Is the current token the start of `name =`, `hint.name =`? */
bool tr_syntax_at_option(const tr_syntax *p);

/* ---- expressions (parse_expression.c) ---- */
tr_tree tr_syntax_expression(tr_syntax *p);
/** Up to and including `+` and `-`: no comparison, no `in`, no `and`. */
tr_tree tr_syntax_additive(tr_syntax *p);
/** A primary with its .selectors, [indexes] and (arguments). */
tr_tree tr_syntax_operand(tr_syntax *p);
/** expression | NAMED */
tr_tree tr_syntax_item(tr_syntax *p);
/** item, item, ...: pushes them; at least one. */
void tr_syntax_push_items(tr_syntax *p);
tr_tree tr_syntax_item_list(tr_syntax *p);

/* ---- tabular (parse_operators.c and others) ---- */
/** source | operator | ... or a plain expression. */
tr_tree tr_syntax_pipe(tr_syntax *p);
/** The body of mv-apply, partition, fork, ...: operators without a source. */
tr_tree tr_syntax_pipe_body(tr_syntax *p);
/** ( body ) */
tr_tree tr_syntax_pipe_body_in_parentheses(tr_syntax *p);
/** Does a source operator (print, range, union, ...) begin here? */
bool tr_syntax_at_source(const tr_syntax *p);
tr_tree tr_syntax_source(tr_syntax *p);
/** One operator; the current token is the one after '|'. */
tr_tree tr_syntax_operator(tr_syntax *p);
/** Does the name of a tabular operator begin here? */
bool tr_syntax_at_operator(const tr_syntax *p);
/** Name k of all operators, NULL past the end. */
const char *tr_syntax_operator_at(uint32_t k);
/** Nearest operator names to a word, for hints. NULL if none is near. */
const char *tr_syntax_nearest_operator(const char *word);
/** The word at the current token together with the -words that touch it; *tokens gets how many
 *  tokens that is. False when it does not fit `word`. */
bool tr_syntax_operator_word(const tr_syntax *p, char *word, size_t capacity, uint32_t *tokens);
/** A table, a pattern of tables, or a pipeline in parentheses, as in union and search in (...). */
tr_tree tr_syntax_entity(tr_syntax *p);
/** expression [asc | desc] [nulls first | last] -> ORDER */
tr_tree tr_syntax_order(tr_syntax *p);

/* ---- statements (parse.c) ---- */
/** statement ; statement ... until END or `close`: pushes them. */
void tr_syntax_push_statements(tr_syntax *p, tr_token_kind close);

/* One operator after its name: everything goes into `opening`, options first. */
typedef tr_tree tr_syntax_rule(tr_syntax *p, tr_opening opening, tr_kql_kind kind);

/* The table in parse_operators.c says which operator has which rule. */
tr_syntax_rule tr_rule_count, tr_rule_options_only, tr_rule_expression, tr_rule_items,
    tr_rule_items_or_none, tr_rule_names, tr_rule_summarize, tr_rule_sort, tr_rule_top,
    tr_rule_take, tr_rule_distinct, tr_rule_sample_distinct, tr_rule_join, tr_rule_union,
    tr_rule_project_reorder, tr_rule_as, tr_rule_schema, tr_rule_invoke, tr_rule_render,
    tr_rule_reduce;
tr_syntax_rule tr_rule_top_nested, tr_rule_top_hitters, tr_rule_mv_expand, tr_rule_mv_apply,
    tr_rule_parse, tr_rule_parse_kv, tr_rule_make_series, tr_rule_partition, tr_rule_partition_by,
    tr_rule_scan, tr_rule_fork, tr_rule_facet, tr_rule_evaluate, tr_rule_macro_expand;
tr_syntax_rule tr_rule_find, tr_rule_search, tr_rule_print, tr_rule_range, tr_rule_datatable,
    tr_rule_externaldata, tr_rule_inline_external_table;
tr_syntax_rule tr_rule_make_graph, tr_rule_graph_match, tr_rule_graph_to_table;

#endif

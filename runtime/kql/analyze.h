/* runtime/kql/analyze.h: from syntax to plans: names, scopes, contexts. Room-internal.
 *
 * One pass over the tree. Every function gets a context that says which names are in scope and
 * which columns a row has, and returns bound plans and expressions. */
#ifndef TR_KQL_ANALYZE_H
#define TR_KQL_ANALYZE_H

#include "runtime/kql/kql.h"
#include "runtime/kql/syntax.h"

typedef struct tr_binding tr_binding;
typedef struct tr_analyzer tr_analyzer;

/** A name made by let, as, a parameter. Scopes are lists that share their tails: newest first. */
struct tr_binding {
    tr_str name;
    const tr_plan *plan;         /* tabular */
    const tr_expr *expr;         /* scalar; may look at the row of the caller (parameters) */
    const tr_kql_node *function; /* FUNCTION */
    const tr_binding *closure;   /* what a function's body sees */
    const tr_kql_node *group;    /* ENTITY_GROUP */
    const tr_kql_node *pattern;  /* DECLARE_PATTERN */
    bool is_view;
    bool is_stored;        /* a function of the database: its places are not of this text */
    tr_analyzer *database; /* the last of every scope: stands for the functions of the database */
    const tr_binding *next;
};

struct tr_analyzer {
    tr_plan_ctx plan;
    const tr_kql_request *request;
    const tr_binding *scope;      /* grows with each statement and `as` */
    const tr_binding *base_scope; /* what stored functions see */
    const tr_binding *stored;     /* functions of the database met so far */
    uint32_t piece;               /* of the text */
    uint32_t call_depth;
    uint32_t call_count; /* of functions expanded so far */
    tr_kql_result *results;
    uint32_t result_count, result_capacity;
    tr_kql_property *sets;
    uint32_t set_count;
    const tr_kql_node *render; /* of the pipeline under way */
    tr_str as_name;
};

/** Aggregates met while the items of summarize are read. */
typedef struct tr_agg_list {
    uint32_t first_column; /* of the first result: number of keys */
    uint32_t count, capacity;
    tr_agg_expr *aggs;
    uint32_t column_count;
    tr_type *types; /* of result columns */
} tr_agg_list;

/** Where an expression or an operator stands. */
typedef struct tr_context {
    tr_analyzer *a;
    const tr_binding *scope;
    const tr_schema *input; /* columns of the row, NULL: none */
    const tr_schema *right; /* of a join condition: $right, with input as $left */
    tr_agg_list *aggs;      /* non-NULL: aggregates may stand here */
    const tr_plan *outer;   /* rows for a pipeline without source */
    const char *operator_name;
} tr_context;

/** A node that may be either. */
typedef struct tr_meaning {
    const tr_plan *plan;
    const tr_expr *expr;
} tr_meaning;

/* names.c */
const tr_binding *tr_scope_find(const tr_binding *scope, tr_str name);
trawl_status tr_scope_add(tr_analyzer *a, const tr_binding *scope, tr_str name,
                          const tr_binding *like, const tr_binding **out, trawl_error *err);
/** The rows of a table as the request shows them. */
trawl_status tr_table_rows(const tr_context *ctx, const tr_table *table, tr_span span,
                           const tr_plan **out, trawl_error *err);
/** Name of an unnamed expression: "" when it has none. */
trawl_status tr_name_of(const tr_context *ctx, const tr_kql_node *node, tr_str *out,
                        trawl_error *err);
/** `name`, or name1, name2 ... until no field is called so. */
trawl_status tr_name_unique(tr_analyzer *a, tr_str name, const tr_field *fields, uint32_t count,
                            tr_str *out, trawl_error *err);
bool tr_name_matches(tr_str pattern, tr_str name); /* * stands for anything */
trawl_status tr_refuse(const tr_kql_node *node, const char *what, trawl_error *err);

/* suggest.c */
/** "no such column" with the nearest names in scope. */
trawl_status tr_name_unknown(const tr_context *ctx, const tr_kql_node *node, const char *what,
                             trawl_error *err);
/** "did you mean" for a call of an unknown function. */
void tr_call_suggest(const tr_context *ctx, tr_str name, uint32_t argc, trawl_error *err);

/* expression.c */
trawl_status tr_expression(const tr_context *ctx, const tr_kql_node *node, const tr_expr **out,
                           trawl_error *err);
/** The value of an expression without columns. */
trawl_status tr_constant(const tr_context *ctx, const tr_kql_node *node, tr_value *out,
                         trawl_error *err);
/** For tr_expr_resolve with the analyzer as user: the value of toscalar() while compiling. */
trawl_status tr_subquery_now(void *analyzer, const tr_expr *subquery, tr_value *out,
                             trawl_error *err);
/** A constant integer (take 5, top 3). */
trawl_status tr_constant_long(const tr_context *ctx, const tr_kql_node *node, const char *what,
                              int64_t *out, trawl_error *err);
trawl_status tr_call_by_name(const tr_context *ctx, const char *name, const tr_expr *const *args,
                             uint32_t argc, tr_span span, const tr_expr **out, trawl_error *err);
tr_type tr_type_of_node(const tr_kql_node *node);
trawl_status tr_literal_value(tr_analyzer *a, const tr_kql_node *node, tr_value *out,
                              trawl_error *err);
/** Is the name an aggregate (or NAMEif of one)? */
bool tr_is_aggregate(tr_str name);

/* function.c */
trawl_status tr_function_call(const tr_context *ctx, const tr_binding *function,
                              const tr_kql_node *call, const tr_plan *first, tr_meaning *out,
                              trawl_error *err);
trawl_status tr_statement_let(tr_analyzer *a, const tr_binding *scope, const tr_kql_node *let,
                              const tr_binding **out, trawl_error *err);

/* tabular.c */
trawl_status tr_tabular(const tr_context *ctx, const tr_kql_node *node, const tr_plan **out,
                        trawl_error *err);
/** A node that may be tabular or scalar. */
trawl_status tr_meaning_of(const tr_context *ctx, const tr_kql_node *node, tr_meaning *out,
                           trawl_error *err);
/** Are the options (kind=..., hint.strategy=...) of an operator ones that it takes? */
trawl_status tr_options_check(const tr_kql_node *node, trawl_error *err);
/** True if the node can only be, or by its name is, a table. */
bool tr_is_tabular(const tr_context *ctx, const tr_kql_node *node);
trawl_status tr_operator(const tr_context *ctx, const tr_kql_node *node, const tr_plan *input,
                         const tr_plan **out, trawl_error *err);
/** Run a plan now. */
trawl_status tr_run_now(tr_analyzer *a, const tr_plan *plan, tr_rows *out, trawl_error *err);

/* op_union.c: tables whose rows come one after the other */
typedef struct tr_leg {
    const tr_plan *plan;
    tr_str name;
} tr_leg;
typedef struct tr_legs {
    tr_leg *items;
    uint32_t count, capacity;
} tr_legs;
trawl_status tr_legs_add(const tr_context *ctx, tr_legs *legs, const tr_plan *plan, tr_str name,
                         trawl_error *err);
/** Adds the tables of the database and the views in scope whose name matches the pattern. */
trawl_status tr_legs_matching(const tr_context *ctx, tr_str pattern, tr_span span, tr_legs *legs,
                              trawl_error *err);
/** The rows of all legs: a column *source with the leg's name unless NULL, then every column of any
 *  leg (inner: those that all have), by name and type; null where a leg lacks one. */
trawl_status tr_legs_union(const tr_context *ctx, const tr_legs *legs, const tr_str *source,
                           bool inner, tr_span span, const tr_plan **out, trawl_error *err);

/* compile.c */
/** The last `set` of the name so far, or NULL. */
const tr_kql_property *tr_set_of(const tr_analyzer *a, const char *name);
trawl_status tr_statement(tr_analyzer *a, const tr_kql_node *node, trawl_error *err);
trawl_status tr_add_result(tr_analyzer *a, const tr_plan *plan, tr_str name, trawl_error *err);
/** A result that is what a changing command answers. */
trawl_status tr_add_command(tr_analyzer *a, const tr_command *command, trawl_error *err);

/* command.c */
/** The rows of a command that only looks, as a plan. */
trawl_status tr_command_show(tr_analyzer *a, const tr_command *command, const tr_plan **out,
                             trawl_error *err);

/* stored.c */
/** Begin the scope of a text: the functions of the database. */
trawl_status tr_stored_scope(tr_analyzer *a, trawl_error *err);
/** The function of that name, parsed when it is first asked for; NULL if there is none, or if it
 *  does not parse. */
const tr_binding *tr_stored_find(tr_analyzer *a, tr_str name);
/** An error inside of a stored function is told at the call. */
void tr_stored_error(const tr_kql_node *call, trawl_error *err);

/* the operators, a file a family */
#define TR_OPERATOR(name)                                                                          \
    trawl_status tr_operator_##name(const tr_context *ctx, const tr_kql_node *node,                \
                                    const tr_plan *input, const tr_plan **out, trawl_error *err)
TR_OPERATOR(project); /* op_project.c */
TR_OPERATOR(extend);
TR_OPERATOR(project_away);
TR_OPERATOR(project_keep);
TR_OPERATOR(project_by_names);
TR_OPERATOR(project_rename);
TR_OPERATOR(project_reorder);
TR_OPERATOR(serialize);
TR_OPERATOR(getschema);
TR_OPERATOR(where);
TR_OPERATOR(summarize); /* op_summarize.c */
TR_OPERATOR(distinct);
TR_OPERATOR(count);
TR_OPERATOR(top_hitters);
TR_OPERATOR(sample_distinct);
TR_OPERATOR(make_series); /* op_series.c */
TR_OPERATOR(sort);        /* op_sort.c */
TR_OPERATOR(top);
TR_OPERATOR(take);
TR_OPERATOR(sample);
TR_OPERATOR(join); /* op_join.c */
TR_OPERATOR(lookup);
TR_OPERATOR(union);
TR_OPERATOR(mv_expand); /* op_shape.c */
TR_OPERATOR(mv_apply);
TR_OPERATOR(parse);
TR_OPERATOR(parse_kv); /* op_parse_kv.c */
TR_OPERATOR(partition);
TR_OPERATOR(reduce); /* op_reduce.c */
TR_OPERATOR(scan);   /* op_scan.c */
TR_OPERATOR(search); /* op_search.c */
TR_OPERATOR(find);
TR_OPERATOR(evaluate);   /* op_evaluate.c */
TR_OPERATOR(top_nested); /* op_nested.c */

/** Argument i of a plugin, which must be a plain column of the input: op_evaluate.c */
trawl_status tr_plugin_column(const tr_context *ctx, const tr_kql_node *call, uint32_t i,
                              uint32_t *out, trawl_error *err);

/** evaluate bag_unpack(...): op_bag_unpack.c */
trawl_status tr_plugin_bag_unpack(const tr_context *ctx, const tr_kql_node *node,
                                  const tr_kql_node *call, const tr_plan *input,
                                  const tr_plan **out, trawl_error *err);

/** evaluate ipv4_lookup(...), ipv6_lookup(...): op_ip_lookup.c */
trawl_status tr_plugin_ip_lookup(const tr_context *ctx, const tr_kql_node *call,
                                 const tr_plan *input, bool is_v4, const tr_plan **out,
                                 trawl_error *err);

/** evaluate activity_counts_metrics(...): op_activity.c */
trawl_status tr_plugin_activity_counts(const tr_context *ctx, const tr_kql_node *call,
                                       const tr_plan *input, const tr_plan **out, trawl_error *err);

/** The plugins that are written in KQL: op_written.c. *found: the call is one of them. */
trawl_status tr_plugin_written(const tr_context *ctx, const tr_kql_node *call, const tr_plan *input,
                               bool *found, const tr_plan **out, trawl_error *err);

/** evaluate schema_merge(...): op_schema_merge.c */
trawl_status tr_plugin_schema_merge(const tr_context *ctx, const tr_kql_node *call,
                                    const tr_plan *input, const tr_plan **out, trawl_error *err);

trawl_status tr_source_print(const tr_context *ctx, const tr_kql_node *node, const tr_plan **out,
                             trawl_error *err);

/** Project `input` to these expressions, lifting window functions into operators of their own. */
trawl_status tr_project_to(const tr_context *ctx, const tr_plan *input, uint32_t count,
                           const tr_expr **exprs, const tr_str *names, const tr_plan **out,
                           trawl_error *err);
/** All columns of a plan as expressions, plus `room` free places. */
trawl_status tr_all_columns(tr_analyzer *a, const tr_plan *input, uint32_t room,
                            const tr_expr ***exprs, tr_str **names, trawl_error *err);
/** The value node of option `name` (case-insensitive), or NULL. */
const tr_kql_node *tr_option(const tr_kql_node *node, const char *name);
/** Is option `name` given, with that value (both case-insensitive)? */
bool tr_option_is(const tr_kql_node *node, const char *name, const char *value);

#endif

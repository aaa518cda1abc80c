/* runtime/plan/plan.h: the one tree between a query language and the executor.
 *
 * Immutable, arena-allocated, always bound: the builders below resolve overloads, insert casts and
 * compute schemas while the tree grows, so there is no unbound form. A language room (runtime/kql)
 * or the C API resolves names to column numbers and calls the builders. `check` states every
 * invariant, `rewrite` returns a new tree, `print` gives stable text. Execution state is never kept
 * here. */
#ifndef TR_PLAN_PLAN_H
#define TR_PLAN_PLAN_H

#include "runtime/base/buf.h"
#include "runtime/data/dynamic.h"
#include "runtime/data/rows.h"
#include "runtime/data/table.h"
#include "runtime/func/func.h"
#include "runtime/func/plugin.h"

/* Trees larger than this are refused: they come from names that double what they stand for. */
enum {
    TR_EXPR_NODES_MAX = 100000,
    TR_EXPR_DEPTH_MAX = 1000,
    TR_PLAN_NODES_MAX = 20000,
    TR_PLAN_DEPTH_MAX = 1000,
};

typedef struct tr_expr tr_expr;
typedef struct tr_plan tr_plan;

typedef enum tr_expr_kind {
    TR_EXPR_CONST,
    TR_EXPR_COLUMN,
    TR_EXPR_CALL,
    TR_EXPR_SUBQUERY, /* one value known before the pipeline starts: toscalar(T), or the first
                         column of T as a dynamic array (in (T)) */
} tr_expr_kind;

struct tr_expr {
    tr_expr_kind kind;
    tr_type type;
    tr_span span;
    tr_value value;      /* CONST */
    uint32_t column;     /* COLUMN: index into the input's schema */
    const tr_func *func; /* CALL */
    uint32_t argc;
    const tr_expr *const *args;
    const void *bound; /* CALL: what prepare made; valid when is_prepared */
    bool is_prepared;
    /* CALL: somewhere below, or the call itself. context: of a TR_FUNC_CONTEXT function */
    bool has_column, has_subquery, has_window, has_context;
    uint32_t size, depth; /* CALL: nodes as a tree, levels */
    const tr_plan *plan;  /* SUBQUERY */
    bool is_list;         /* SUBQUERY: all values of the first column, as a dynamic array */
};

/** One aggregate of an AGGREGATE node. */
typedef struct tr_agg_expr {
    const tr_agg *agg;
    uint32_t argc;
    const tr_expr *const *args;
    const tr_expr *filter; /* the predicate of NAMEif, or NULL */
    const void *bound;
    uint32_t out_count; /* result columns, 1 but for TR_AGG_MULTI */
    tr_span span;
} tr_agg_expr;

typedef struct tr_sort_key {
    uint32_t column;
    bool descending;
    bool nulls_first;
} tr_sort_key;

typedef enum tr_join_kind {
    TR_JOIN_INNER,
    TR_JOIN_INNERUNIQUE,
    TR_JOIN_LEFTOUTER,
    TR_JOIN_RIGHTOUTER,
    TR_JOIN_FULLOUTER,
    TR_JOIN_LEFTSEMI,
    TR_JOIN_LEFTANTI,
    TR_JOIN_RIGHTSEMI,
    TR_JOIN_RIGHTANTI,
} tr_join_kind;

typedef enum tr_plan_kind {
    TR_PLAN_SCAN,   /* a table */
    TR_PLAN_VALUES, /* rows made when the plan was built */
    TR_PLAN_RANGE,  /* range x from a to b step c */
    TR_PLAN_INPUT,  /* the rows handed to the body of an APPLY */
    TR_PLAN_FILTER,
    TR_PLAN_PROJECT,   /* every output column is an expression: project, extend, rename ... */
    TR_PLAN_AGGREGATE, /* output: keys, then results */
    TR_PLAN_SORT,      /* with limit >= 0: top n */
    TR_PLAN_TAKE,
    TR_PLAN_JOIN,      /* output: left columns, then right columns (semi, anti: one side) */
    TR_PLAN_UNION,     /* inputs have the schema of the union */
    TR_PLAN_EXPAND,    /* mv-expand: one row an element */
    TR_PLAN_PARSE,     /* input columns, then the parsed ones */
    TR_PLAN_WINDOW,    /* input columns, then expressions that look at neighbouring rows */
    TR_PLAN_SERIALIZE, /* keeps and fixes the order of its input */
    TR_PLAN_APPLY,     /* runs `body` once for each group of input rows with equal keys */
    TR_PLAN_SHARE,     /* a subtree that is run once however often it is used */
    TR_PLAN_SAMPLE,    /* n rows, chosen evenly by hash of position */
    TR_PLAN_PLUGIN,    /* evaluate f(...): input rows -> result rows, by a whole-table function */
    TR_PLAN_KIND_COUNT
} tr_plan_kind;

/** What the predicates above a scan tell it: hints by which it may skip rows, see table.h. */
typedef struct tr_scan_hints {
    uint32_t prefilter_count;
    const tr_prefilter *prefilters;
    uint32_t bound_count;
    const tr_scan_bound *bounds; /* at most one a column */
} tr_scan_hints;

/** How a row-wise node of EXPAND treats one column. */
typedef struct tr_expand_item {
    uint32_t column; /* of the output, holding the array before and the element after */
    tr_type type;    /* of the element */
} tr_expand_item;

/** One piece of a parse pattern, left to right. */
typedef enum tr_parse_piece { TR_PARSE_LITERAL, TR_PARSE_STAR, TR_PARSE_COLUMN } tr_parse_piece;
typedef struct tr_parse_item {
    tr_parse_piece piece;
    tr_str literal; /* LITERAL: text, or a regex when mode is REGEX */
    uint32_t out;   /* COLUMN: index among the parsed columns */
    tr_type type;   /* COLUMN */
} tr_parse_item;

/** What the value at a path of a scan is turned into: a call whose only column is 0, the value. */
typedef struct tr_path_call {
    const tr_expr *dynamic; /* for a dynamic value */
    /* The same for a value that is known to be of a plain type; NULL: as dynamic. */
    const tr_expr *typed[TR_TYPE_COUNT];
} tr_path_call;

typedef enum tr_parse_mode { TR_PARSE_SIMPLE, TR_PARSE_RELAXED, TR_PARSE_REGEX } tr_parse_mode;

struct tr_plan {
    tr_plan_kind kind;
    tr_schema schema;
    tr_span span;
    bool ordered; /* rows come in a defined order (sort, top, serialize; kept by row-wise nodes) */
    uint32_t input_count;
    const tr_plan *const *inputs;
    uint32_t size, depth; /* nodes as a tree, levels */
    /** Output columns that somebody above reads, set by rewrite; NULL = all. A node may fill the
     *  others with nulls. */
    const uint64_t *needed;
    union {
        struct {
            const tr_table *table;
            tr_scan_hints hints;
            /* Predicates above that wait for subqueries: hints come of them when they are known. */
            uint32_t test_count;
            const tr_expr *const *tests;
            /* Columns of the schema after the table's own: its hidden ones (all or none of them),
             * then paths. */
            uint32_t hidden_count;
            uint32_t path_count;
            const tr_scan_path *paths;
            const tr_path_call *const *path_calls; /* [path_count]; NULL: the value as it is */
        } scan;
        const tr_rows *values;
        struct {
            tr_value from, to, step;
        } range;
        const tr_expr *filter;
        const tr_expr *const *project; /* [schema.count] */
        struct {
            uint32_t key_count;
            const tr_expr *const *keys;
            uint32_t agg_count;
            const tr_agg_expr *aggs;
        } aggregate;
        struct {
            uint32_t key_count;
            const tr_sort_key *keys;
            int64_t limit; /* -1: all */
        } sort;
        int64_t take;
        struct {
            tr_join_kind kind;
            uint32_t key_count;
            const uint32_t *left_keys; /* columns of inputs[0], types equal to right_keys' */
            const uint32_t *right_keys;
        } join;
        struct {
            uint32_t item_count;
            const tr_expand_item *items;
            int32_t index_column; /* with_itemindex, or -1 */
            int64_t limit;        /* rows an input row may give */
            bool bag_as_array;    /* bags give [key, value] instead of one-key bags */
        } expand;
        struct {
            const tr_expr *text;
            tr_parse_mode mode;
            tr_str regex_flags;  /* letters of flags=, "" if none */
            bool drop_unmatched; /* parse-where */
            uint32_t item_count;
            const tr_parse_item *items;
            uint32_t out_count;
        } parse;
        struct {
            uint32_t count;
            /* calls of TR_FUNC_WINDOW functions whose arguments are columns or constants */
            const tr_expr *const *exprs;
        } window;
        struct {
            uint32_t key_count;
            const uint32_t *keys; /* input columns; rows with equal keys form a group */
            const tr_plan *body;  /* its leaf INPUT reads the group */
            bool keep_keys;       /* output: keys, then the body's columns */
        } apply;
        struct {
            uint32_t id; /* equal ids: the same subtree, run once */
        } share;
        int64_t sample;
        struct {
            const tr_plugin *plugin;
            const void *bound;
        } plugin;
    } as;
};

/** What every builder needs. One query, one thread. */
typedef struct tr_plan_ctx {
    tr_arena *query;
    const tr_func_env *env;
    uint32_t share_count; /* next id */
} tr_plan_ctx;

/* ---- expressions (bind.c): each returns a bound node or fails with the span of the fault ---- */
trawl_status tr_expr_const(tr_plan_ctx *ctx, const tr_value *value, tr_span span,
                           const tr_expr **out, trawl_error *err);
trawl_status tr_expr_column(tr_plan_ctx *ctx, const tr_schema *input, uint32_t column, tr_span span,
                            const tr_expr **out, trawl_error *err);
/** The functions, and aggregates if these may be meant, nearest to a misspelt name that is called
 *  with argc arguments. */
tr_nearest tr_nearest_function(tr_str name, uint32_t argc, bool aggregates);
/** Pick the overload, cast the arguments, fold if constant. Unknown names suggest the nearest. */
trawl_status tr_expr_call(tr_plan_ctx *ctx, tr_str name, const tr_expr *const *args, uint32_t argc,
                          tr_span span, const tr_expr **out, trawl_error *err);
trawl_status tr_expr_subquery(tr_plan_ctx *ctx, const tr_plan *plan, bool is_list, tr_span span,
                              const tr_expr **out, trawl_error *err);
/** Cast as tostring(), tolong() ... do; the expression itself if it has that type already. */
trawl_status tr_expr_cast(tr_plan_ctx *ctx, const tr_expr *expr, tr_type type, const tr_expr **out,
                          trawl_error *err);
/** An implicit cast, where the language allows one. */
trawl_status tr_expr_coerce(tr_plan_ctx *ctx, const tr_expr *expr, tr_type type,
                            const tr_expr **out, trawl_error *err);
trawl_status tr_agg_bind(tr_plan_ctx *ctx, tr_str name, const tr_expr *const *args, uint32_t argc,
                         tr_span span, tr_agg_expr *out, tr_type *out_types,
                         const char **out_suffixes, trawl_error *err);
bool tr_expr_is_const(const tr_expr *expr);
/** Does the value depend on a row's columns? */
bool tr_expr_has_column(const tr_expr *expr);
/** Any call below of a TR_FUNC_WINDOW function. */
bool tr_expr_has_window(const tr_expr *expr);
/** The expression with every COLUMN c replaced by map[c]. */
trawl_status tr_expr_substitute(tr_plan_ctx *ctx, const tr_expr *expr, const tr_expr *const *map,
                                const tr_expr **out, trawl_error *err);
/** The expression with every SUBQUERY replaced by the constant that `value` gives for it, then
 * prepared and folded again. */
trawl_status tr_expr_resolve(tr_plan_ctx *ctx, const tr_expr *expr,
                             trawl_status (*value)(void *user, const tr_expr *subquery,
                                                   tr_value *out, trawl_error *err),
                             void *user, const tr_expr **out, trawl_error *err);
/** Evaluate an expression without columns now (bind time). */
trawl_status tr_expr_eval_const(tr_plan_ctx *ctx, const tr_expr *expr, tr_value *out,
                                trawl_error *err);

/* ---- plans (node.c): arrays and schemas are copied into the arena unless said otherwise ---- */
trawl_status tr_plan_scan(tr_plan_ctx *ctx, const tr_table *table, tr_span span,
                          const tr_plan **out, trawl_error *err);
trawl_status tr_plan_values(tr_plan_ctx *ctx, const tr_rows *rows, tr_span span,
                            const tr_plan **out, trawl_error *err);
trawl_status tr_plan_filter(tr_plan_ctx *ctx, const tr_plan *input, const tr_expr *predicate,
                            const tr_plan **out, trawl_error *err);
/** exprs[i] becomes column i, called names[i]. */
trawl_status tr_plan_project(tr_plan_ctx *ctx, const tr_plan *input, uint32_t count,
                             const tr_expr *const *exprs, const tr_str *names, const tr_plan **out,
                             trawl_error *err);
/** Key and result names in order; result types from the aggregates. */
trawl_status tr_plan_aggregate(tr_plan_ctx *ctx, const tr_plan *input, uint32_t key_count,
                               const tr_expr *const *keys, uint32_t agg_count,
                               const tr_agg_expr *aggs, const tr_field *fields, const tr_plan **out,
                               trawl_error *err);
trawl_status tr_plan_sort(tr_plan_ctx *ctx, const tr_plan *input, uint32_t key_count,
                          const tr_sort_key *keys, int64_t limit, const tr_plan **out,
                          trawl_error *err);
trawl_status tr_plan_take(tr_plan_ctx *ctx, const tr_plan *input, int64_t count,
                          const tr_plan **out, trawl_error *err);
/** Column names of the output are the caller's: fields[left + right] (or one side's). */
trawl_status tr_plan_join(tr_plan_ctx *ctx, tr_join_kind kind, const tr_plan *left,
                          const tr_plan *right, uint32_t key_count, const uint32_t *left_keys,
                          const uint32_t *right_keys, const tr_field *fields, const tr_plan **out,
                          trawl_error *err);
trawl_status tr_plan_union(tr_plan_ctx *ctx, const tr_plan *const *inputs, uint32_t count,
                           const tr_plan **out, trawl_error *err);
/** Any other kind: a zeroed node with inputs and schema set; the caller fills `as`. */
trawl_status tr_plan_new(tr_plan_ctx *ctx, tr_plan_kind kind, const tr_plan *const *inputs,
                         uint32_t input_count, tr_schema schema, tr_plan **out, trawl_error *err);
/** Copy of `plan` whose SHARE id is new; using the result several times runs it once. */
trawl_status tr_plan_share(tr_plan_ctx *ctx, const tr_plan *plan, const tr_plan **out,
                           trawl_error *err);

/* ---- whole trees ---- */
/** Better tree, same rows: predicates split and pushed down, prefilters for scans, unneeded columns
 *  marked. */
trawl_status tr_plan_rewrite(tr_plan_ctx *ctx, const tr_plan *plan, const tr_plan **out,
                             trawl_error *err);
/** What tests over the columns of a scan, all of which must be true, tell it, on top of `base` (may
 *  be NULL). Tests that hold subqueries tell nothing. Lives in `query`; points into the tests. */
trawl_status tr_scan_hints_of(tr_arena *query, const tr_expr *const *tests, uint32_t count,
                              const tr_scan_hints *base, tr_scan_hints *out, trawl_error *err);
/** Which tests of a scan with these hints make `test`, over its columns, true of every row that
 *  certainly meets them all: bits as in tr_batch.met. 0: none do. */
trawl_status tr_scan_hints_settle(tr_arena *query, const tr_scan_hints *hints, const tr_expr *test,
                                  uint64_t *out, trawl_error *err);
/** Every invariant of every node; TRAWL_E_INTERNAL names the broken one. */
trawl_status tr_plan_check(const tr_plan *plan, trawl_error *err);
/** Stable text, one node a line, inputs indented below. */
bool tr_plan_print(tr_buf *out, const tr_plan *plan);
bool tr_expr_print(tr_buf *out, const tr_expr *expr, const tr_schema *input);
void tr_scan_hints_print(tr_buf *out, const tr_scan_hints *hints, const tr_schema *schema);
/** "filter", "leftouter": the words of the printed form. */
const char *tr_plan_kind_name(tr_plan_kind kind);
const char *tr_join_kind_name(tr_join_kind kind);

#endif

/* runtime/kql/kql.h: KQL text -> plans. The face of this room.
 *
 * tr_kql_compile parses, resolves names and types against a database, and builds one plan for each
 * result of the text. What parses but does not run yet is refused by name, at its place. */
#ifndef TR_KQL_KQL_H
#define TR_KQL_KQL_H

#include "runtime/kql/command.h"
#include "runtime/plan/plan.h"

/** A value for `declare query_parameters`, as text (--param name=value). */
typedef struct tr_kql_parameter {
    tr_str name;
    tr_str value;
} tr_kql_parameter;

/** A function that the database keeps, as it was written. */
typedef struct tr_kql_stored {
    tr_str parameters; /* "(a:long)" */
    tr_str body;       /* "{ ... }" */
    bool is_view;
} tr_kql_stored;

/** Rows that a name stands for, before any table of that name. */
typedef struct tr_kql_given {
    tr_str name;
    const tr_rows *rows;
    const tr_plan *plan; /* instead of rows */
} tr_kql_given;

/** What the text is compiled against. Everything outlives the query. */
typedef struct tr_kql_request {
    const tr_database *database;
    const tr_func_env *env;
    uint32_t parameter_count;
    const tr_kql_parameter *parameters;
    /** Run a plan now: plugins whose columns depend on data (bag_unpack, pivot) need it. */
    trawl_status (*run)(void *ctx, tr_plan_ctx *plan_ctx, const tr_plan *plan, tr_rows *out,
                        trawl_error *err);
    /** Open what externaldata names: the one gate for files and URLs. May be NULL: refused. */
    trawl_status (*external)(void *ctx, tr_arena *query, const tr_schema *schema,
                             const tr_str *locations, uint32_t location_count, tr_str format,
                             bool skip_first_row, tr_span span, const tr_table **out,
                             trawl_error *err);
    /** The rows of a command that only looks, in plan_ctx->query. May be NULL: refused. */
    trawl_status (*show)(void *ctx, tr_plan_ctx *plan_ctx, const tr_command *command, tr_rows *out,
                         trawl_error *err);
    /** A function of the database; false if there is none of that name. May be NULL: none. */
    bool (*stored)(void *ctx, tr_str name, tr_kql_stored *out);
    /** What is shown of a table in place of its rows; *out stays NULL if that is all of them. All
     *  tables of the database that a text names go through here. May be NULL: all rows. */
    trawl_status (*guarded)(void *ctx, tr_plan_ctx *plan_ctx, const tr_table *table, tr_span span,
                            const tr_plan **out, trawl_error *err);
    /** Name i of the functions (then views) of the database, for suggestions; false past the last.
     *  May be NULL: none. */
    bool (*kept_name)(void *ctx, uint32_t i, tr_str *out, bool *is_function);
    /** The rows of a materialized view; *out stays NULL if there is none of that name. May be
     *  NULL: none. */
    trawl_status (*view)(void *ctx, tr_plan_ctx *plan_ctx, tr_str name, tr_span span,
                         const tr_plan **out, trawl_error *err);
    uint32_t given_count;
    const tr_kql_given *given;
    void *ctx;
} tr_kql_request;

typedef struct tr_kql_property {
    tr_str name;
    tr_str value;
    tr_span span;                      /* of the name */
    const struct tr_kql_node *literal; /* of a `set`, as it was parsed */
} tr_kql_property;

/** One result table of the text. */
typedef struct tr_kql_result {
    tr_str name;         /* of `as`, a fork branch ...; "" = unnamed */
    const tr_plan *plan; /* rewritten; NULL: a command that changes something */
    const tr_command *command;
    uint32_t piece; /* of the text: which statement list or command */
    tr_str chart;   /* of render, "" = none */
    uint32_t property_count;
    const tr_kql_property *properties; /* of render */
} tr_kql_result;

typedef struct tr_kql_program {
    uint32_t result_count;
    const tr_kql_result *results;
    uint32_t set_count;
    const tr_kql_property *sets; /* `set name = value;` in order */
} tr_kql_program;

/** A text, parsed: lists of statements and commands, in order. Immutable. */
typedef struct tr_kql_text tr_kql_text;

/** Parse a whole text, so that nothing of it runs if some of it cannot be read. A command ends at a
 *  ';' or where a line begins with another command; what follows <| goes on to there, too. */
trawl_status tr_kql_text_open(tr_arena *query, const char *text, size_t bytes,
                              const tr_kql_text **out, trawl_error *err);
/** The next statement list or command of text[at..bytes): where it begins, and in *end where it
 *  ends. `bytes` when there is none. */
uint32_t tr_kql_next_piece(const char *text, uint32_t bytes, uint32_t at, uint32_t *end);
uint32_t tr_kql_text_pieces(const tr_kql_text *text);
/** The text itself, ends in NUL. */
const char *tr_kql_text_bytes(const tr_kql_text *text);
/** The value of the last `set name = value` of the text, for settings that choose what the text is
 *  compiled against. False if there is none. */
bool tr_kql_text_set(const tr_kql_text *text, const char *name, tr_kql_property *out);
/** Compile the pieces from `from` on, up to and with the first command that changes something: what
 *  follows it is to be compiled against what it left. Statements (let, set, declare) of the pieces
 *  before are in scope. *next gets the first piece that is left; results are added to those in
 *  *out. */
trawl_status tr_kql_text_compile(tr_arena *query, const tr_kql_request *request,
                                 const tr_kql_text *text, uint32_t from, tr_kql_program *out,
                                 uint32_t *next, trawl_error *err);
/** The plan of statements inside of a changing command, `piece` of the text: what is declared
 * before it holds there. The one result of `inner` is it; places in err are those of `inner`. Not
 *  rewritten. */
trawl_status tr_kql_text_inner(tr_arena *query, const tr_kql_request *request,
                               const tr_kql_text *text, uint32_t piece, tr_str inner,
                               const tr_plan **out, trawl_error *err);
/** The plan of the query in a changing command, `piece` of the text; not rewritten. */
trawl_status tr_kql_text_query(tr_arena *query, const tr_kql_request *request,
                               const tr_kql_text *text, uint32_t piece, const tr_plan **out,
                               trawl_error *err);
/** Does a stored function's text parse? Places in err are bytes of parameters followed by body. */
trawl_status tr_kql_check_function(tr_arena *query, const tr_kql_stored *function,
                                   trawl_error *err);

/** A parameter of a stored function. */
typedef struct tr_kql_parameter_info {
    tr_str name;
    tr_type type;      /* NONE: a table */
    tr_schema columns; /* of a table */
    tr_str default_text;
} tr_kql_parameter_info;
/** The parameters in "(a:long, T:(x:string))". */
trawl_status tr_kql_parameters_of(tr_arena *query, tr_str parameters,
                                  const tr_kql_parameter_info **out, uint32_t *count);

enum { TR_KQL_MEND_BYTES_MAX = 64 * 1024 }; /* longer texts are told their first error only */
/** What else is wrong in a text that could not be compiled because of `first`, in the order in
 *  which it is found: errors that would not be there without that one are left out. The request
 *  must refuse to run, show and open anything.
 *
 *  more      [capacity], places are of `text`
 *  returns   how many */
uint32_t tr_kql_more_errors(tr_arena *query, const tr_kql_request *request, const char *text,
                            size_t bytes, const trawl_error *first, trawl_error *more,
                            uint32_t capacity);

/** Compile a text of queries: open and compile in one. Everything lives in `query`. err gets the
 *  place of the fault. */
trawl_status tr_kql_compile(tr_arena *query, const tr_kql_request *request, const char *text,
                            size_t bytes, tr_kql_program *out, trawl_error *err);

#endif

/* runtime/kql/kql.h: KQL text -> plans. The face of this room.
 *
 * tr_kql_compile parses, resolves names and types against a database, and builds one plan for each
 * result of the text. What parses but does not run yet is refused by name, at its place. */
#ifndef TR_KQL_KQL_H
#define TR_KQL_KQL_H

#include "runtime/plan/plan.h"

/** A value for `declare query_parameters`, as text (--param name=value). */
typedef struct tr_kql_parameter {
    tr_str name;
    tr_str value;
} tr_kql_parameter;

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
    void *ctx;
} tr_kql_request;

typedef struct tr_kql_property {
    tr_str name;
    tr_str value;
    tr_span span; /* of the name */
} tr_kql_property;

/** One result table of the text. */
typedef struct tr_kql_result {
    tr_str name;         /* of `as`, a fork branch ...; "" = unnamed */
    const tr_plan *plan; /* rewritten */
    tr_str chart;        /* of render, "" = none */
    uint32_t property_count;
    const tr_kql_property *properties; /* of render */
} tr_kql_result;

typedef struct tr_kql_program {
    uint32_t result_count;
    const tr_kql_result *results;
    uint32_t set_count;
    const tr_kql_property *sets; /* `set name = value;` in order */
} tr_kql_program;

/** Compile a text. Everything lives in `query`. err gets the place of the fault. */
trawl_status tr_kql_compile(tr_arena *query, const tr_kql_request *request, const char *text,
                            size_t bytes, tr_kql_program *out, trawl_error *err);

#endif

/* runtime/kql/pattern.h: declare pattern, and what calls of patterns mean. Room-internal. */
#ifndef TR_KQL_PATTERN_H
#define TR_KQL_PATTERN_H

#include "runtime/kql/analyze.h"

trawl_status tr_statement_pattern(tr_analyzer *a, const tr_kql_node *node, trawl_error *err);
/** Is the node a call of a pattern in scope, with or without a path? */
bool tr_is_pattern(const tr_context *ctx, const tr_kql_node *node);
/** What such a call stands for. */
trawl_status tr_pattern_meaning(const tr_context *ctx, const tr_kql_node *node, tr_meaning *out,
                                trawl_error *err);

#endif

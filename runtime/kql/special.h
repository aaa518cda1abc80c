/* runtime/kql/special.h: calls that are about columns, not their values. Room-internal. */
#ifndef TR_KQL_SPECIAL_H
#define TR_KQL_SPECIAL_H

#include "runtime/kql/analyze.h"

/** Bind a call that needs more than its arguments' values; *out is NULL where it is an ordinary
 *  one. */
trawl_status tr_special_call(const tr_context *ctx, const tr_kql_node *node, const tr_expr **out,
                             trawl_error *err);

/** Name k of these calls; NULL past the end. Older spellings have no summary. */
const char *tr_special_at(uint32_t k, const char **summary);

#endif

/* runtime/kql/several.h: functions that make several columns of one value, as series_stats does.
 *
 * Bound as a call that gives an array; the operators that make columns take it apart.
 * Room-internal; must not know what the functions compute. */
#ifndef TR_KQL_SEVERAL_H
#define TR_KQL_SEVERAL_H

#include "runtime/kql/analyze.h"

typedef struct tr_several {
    const char *function;
    uint32_t count;
    const char *names[15]; /* column i of f(x) is called f_x_<name> */
    const char *types;     /* a letter a column: r real, l long, y dynamic */
} tr_several;

/** What an item of project or extend makes; NULL for one column. `item` may be NAMED. */
const tr_several *tr_several_of(const tr_context *ctx, const tr_kql_node *item);
/** Columns an item makes at most. */
uint32_t tr_several_room(const tr_context *ctx, const tr_kql_node *item);
/** Column `i` of a call with this value. */
trawl_status tr_several_column(const tr_context *ctx, const tr_several *several,
                               const tr_expr *value, uint32_t i, const tr_expr **out,
                               trawl_error *err);
/** Its name in f(x): of the item's own, else made from the call. False: this item leaves the column
 *  out (extend with fewer names than columns). */
trawl_status tr_several_name(const tr_context *ctx, const tr_several *several,
                             const tr_kql_node *item, uint32_t i, bool all, tr_str *out,
                             bool *wanted, trawl_error *err);

#endif

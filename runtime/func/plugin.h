/* runtime/func/plugin.h: functions from a whole table to a whole table.
 *
 * The shape of `evaluate` plugins and of operators that need to see all rows before they make the
 * first one (make-series, scan, reduce, top-nested ...). Runs on one thread. */
#ifndef TR_FUNC_PLUGIN_H
#define TR_FUNC_PLUGIN_H

#include "runtime/data/rows.h"
#include "runtime/func/func.h"

typedef struct tr_plugin {
    const char *name;
    /** input is in its defined order; out->schema is set; chunks go into `arena` (text may be
     * shared with the input). bound is what the plan's maker attached; read-only. */
    trawl_status (*run)(const void *bound, const tr_rows *input, tr_arena *arena,
                        const tr_func_env *env, tr_rows *out, trawl_error *err);
} tr_plugin;

#endif

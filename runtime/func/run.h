/* runtime/func/run.h: runs one table row over one batch, with the null rule every row relies on. */
#ifndef TR_FUNC_RUN_H
#define TR_FUNC_RUN_H

#include "runtime/func/func.h"

/** Make *call->out (type `type`, from call->scratch) and fill it by func->eval. call->n, argc,
 * args, bound, local, scratch, env and out must be set. All-constant arguments of a function that
 * is not volatile give a constant result from one evaluation. */
trawl_status tr_func_run(const tr_func *func, tr_type type, tr_call *call, trawl_error *err);

#endif

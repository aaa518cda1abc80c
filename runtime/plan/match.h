/* runtime/plan/match.h: fits argument types to the patterns of runtime/func/func.h. Room-internal.
 */
#ifndef TR_PLAN_MATCH_H
#define TR_PLAN_MATCH_H

#include "runtime/plan/plan.h"

enum { TR_MATCH_ARGS_MAX = 8192 };

typedef struct tr_fit {
    uint32_t cost;  /* of the casts; 0 = exact */
    tr_type common; /* of the n's or X's */
    tr_type *types; /* [argc] what each argument must be cast to; room given by the caller */
} tr_fit;

/** False if `args` do not fit `pattern`. */
bool tr_match_args(const char *pattern, const tr_expr *const *args, uint32_t argc, tr_fit *out);
/** Does the pattern take so many arguments, whatever their types? */
bool tr_match_count(const char *pattern, uint32_t argc);
/** The type a pattern letter names; TR_NONE for n x X !. */
tr_type tr_match_letter(char letter);
/** "string, [long]" for "sl?". */
void tr_match_describe(tr_buf *out, const char *pattern);

/** A bound call of a chosen row over arguments that have the right types; folded if constant. */
trawl_status tr_expr_make_call(tr_plan_ctx *ctx, const tr_func *func, tr_type type,
                               const tr_expr *const *args, uint32_t argc, tr_span span,
                               const tr_expr **out, trawl_error *err);
/** Run `prepare` of a row over these arguments. */
trawl_status
tr_call_prepare(tr_arena *query, const tr_func_env *env, const tr_expr *const *args, uint32_t argc,
                trawl_status (*prepare)(const tr_prepare *, const void **, trawl_error *),
                const void **bound, trawl_error *err);

#endif

/* runtime/api/command_view.c: materialized views. */
#include "runtime/api/command.h"

trawl_status tr_view_plan(void *ctx, tr_plan_ctx *plan_ctx, tr_str name, tr_span span,
                          const tr_plan **out, trawl_error *err) {
    (void)ctx, (void)plan_ctx, (void)name, (void)span, (void)err;
    *out = NULL;
    return TRAWL_OK;
}

trawl_status tr_view_schema(const tr_doing *d, const tr_cat_view *view, tr_schema *out) {
    (void)d, (void)view;
    *out = (tr_schema){0, NULL};
    return TRAWL_OK;
}

/* runtime/kql/several.c: functions that make several columns of one value. */
#include "runtime/kql/several.h"

static const tr_several table[] = {
    {"series_stats",
     7,
     {"min", "min_idx", "max", "max_idx", "avg", "stdev", "variance"},
     "rlrlrrr"},
    {"series_fit_line",
     6,
     {"rsquare", "slope", "variance", "rvariance", "interception", "line_fit"},
     "rrrrry"},
    {"series_fit_2lines",
     15,
     {"rsquare", "split_idx", "variance", "rvariance", "line_fit", "right_rsquare", "right_slope",
      "right_interception", "right_variance", "right_rvariance", "left_rsquare", "left_slope",
      "left_interception", "left_variance", "left_rvariance"},
     "rlrryrrrrrrrrrr"},
    {"series_fit_poly",
     5,
     {"rsquare", "coefficients", "variance", "rvariance", "poly_fit"},
     "ryrry"},
    {"series_fft", 2, {"real", "imag"}, "yy"},
    {"series_ifft", 2, {"real", "imag"}, "yy"},
    {"series_periods_detect", 2, {"periods", "periods_scores"}, "yy"},
    {"series_periods_validate", 2, {"periods", "scores"}, "yy"},
    {"series_decompose", 4, {"baseline", "seasonal", "trend", "residual"}, "yyyy"},
    {"series_decompose_anomalies", 3, {"ad_flag", "ad_score", "baseline"}, "yyy"},
};

static const tr_kql_node *call_of(const tr_kql_node *item) {
    return item->kind == TR_KQL_NAMED ? item->children[1] : item;
}

const tr_several *tr_several_of(const tr_context *ctx, const tr_kql_node *item) {
    const tr_kql_node *call = call_of(item);
    if (call->kind != TR_KQL_CALL || tr_scope_find(ctx->scope, call->text))
        return NULL;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (tr_str_is(call->text, table[i].function))
            return &table[i];
    return NULL;
}

uint32_t tr_several_room(const tr_context *ctx, const tr_kql_node *item) {
    const tr_several *several = tr_several_of(ctx, item);
    bool names = item->kind == TR_KQL_NAMED && item->children[0]->kind == TR_KQL_NAMES;
    return (several ? several->count : 1) + (names ? item->children[0]->child_count : 0);
}

trawl_status tr_several_column(const tr_context *ctx, const tr_several *several,
                               const tr_expr *value, uint32_t i, const tr_expr **out,
                               trawl_error *err) {
    tr_value index = {.type = TR_LONG, .as.i64 = i};
    const tr_expr *args[2] = {value, NULL};
    TR_TRY(tr_expr_const(&ctx->a->plan, &index, value->span, &args[1], err));
    TR_TRY(tr_call_by_name(ctx, "__path", args, 2, value->span, out, err));
    tr_type type = several->types[i] == 'r'   ? TR_REAL
                   : several->types[i] == 'l' ? TR_LONG
                                              : TR_DYNAMIC;
    return tr_expr_cast(&ctx->a->plan, *out, type, out, err);
}

trawl_status tr_several_name(const tr_context *ctx, const tr_several *several,
                             const tr_kql_node *item, uint32_t i, bool all, tr_str *out,
                             bool *wanted, trawl_error *err) {
    const tr_kql_node *call = call_of(item);
    *wanted = true;
    if (item->kind == TR_KQL_NAMED) {
        const tr_kql_node *names = item->children[0];
        bool listed = names->kind == TR_KQL_NAMES;
        if (i < (listed ? names->child_count : 1)) {
            *out = listed ? names->children[i]->text : item->text;
            return TRAWL_OK;
        }
        *wanted = all || !listed;
    }
    tr_str argument = {"", 0, 0};
    if (call->child_count > 1)
        TR_TRY(tr_name_of(ctx, call->children[1], &argument, err));
    char *text = tr_arena_printf(ctx->a->plan.query, "%s_%.*s_%s", several->function,
                                 (int)argument.len, argument.ptr, several->names[i]);
    if (!text)
        return tr_fail_memory(err);
    *out = tr_str_c(text);
    return TRAWL_OK;
}

/* runtime/func/size.c: estimate_data_size(): bytes a row takes, by the types of its columns and the
 * length of its text. Nulls count as values do, so that the estimate does not depend on them. */
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"

static trawl_status eval_size(tr_call *call, trawl_error *err) {
    (void)err;
    int64_t *out = call->out->data;
    memset(out, 0, call->n * sizeof *out);
    for (uint32_t a = 0; a < call->argc; a++) {
        const tr_vec *v = &call->args[a];
        int64_t fixed = v->type == TR_BOOL ? 1 : tr_type_bytes(v->type);
        bool text = tr_type_is_text(v->type);
        for (uint32_t i = 0; i < call->n; i++)
            out[i] += text ? tr_text_at(v, i).len : fixed;
    }
    return TRAWL_OK;
}

/* clang-format off */
const tr_func tr_funcs_size[] = {
    {.name = "estimate_data_size", .args = "x+", .result = 'l', .flags = TR_FUNC_NULLS,
     .eval = eval_size, .summary = "Estimated bytes of the values of some columns in a row.",
     .example = "print estimate_data_size(1, \"1234567890\")"},
    {.name = NULL},
};
/* clang-format on */

/* runtime/func/binary_tmpl.h: one loop over two columns, either of which may be constant (both only
 * when n is 1). Set before including, unset here:
 *   TMPL_NAME  the eval function      TMPL_A, TMPL_B, TMPL_OUT  C types
 *   TMPL_OP    (a, b) -> value        No row may fail. */
static trawl_status TMPL_NAME(tr_call *call, trawl_error *err) {
    (void)err;
    const TMPL_A *restrict a = call->args[0].data;
    const TMPL_B *restrict b = call->args[1].data;
    TMPL_OUT *restrict out = call->out->data;
    uint32_t n = call->n;
    if (call->args[1].is_const) {
        TMPL_B k = b[0];
        for (uint32_t i = 0; i < n; i++)
            out[i] = TMPL_OP(a[i], k);
    } else if (call->args[0].is_const) {
        TMPL_A k = a[0];
        for (uint32_t i = 0; i < n; i++)
            out[i] = TMPL_OP(k, b[i]);
    } else {
        for (uint32_t i = 0; i < n; i++)
            out[i] = TMPL_OP(a[i], b[i]);
    }
    return TRAWL_OK;
}
#undef TMPL_NAME
#undef TMPL_A
#undef TMPL_B
#undef TMPL_OUT
#undef TMPL_OP

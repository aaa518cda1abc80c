/* runtime/func/compare_tmpl.h: the eval functions of one comparison operator. Set before including,
 * unset here:
 *   TMPL_OP         the operator (TR_EQ ...)
 *   TMPL_NAME(type) name of its function for a kind of columns */
static trawl_status TMPL_NAME(i64)(tr_call *call, trawl_error *err) {
    return compare_i64(call, TMPL_OP, err);
}
static trawl_status TMPL_NAME(i32)(tr_call *call, trawl_error *err) {
    return compare_i32(call, TMPL_OP, err);
}
static trawl_status TMPL_NAME(i32_i64)(tr_call *call, trawl_error *err) {
    return compare_i32_i64(call, TMPL_OP, err);
}
static trawl_status TMPL_NAME(f64)(tr_call *call, trawl_error *err) {
    return compare_f64(call, TMPL_OP, err);
}
static trawl_status TMPL_NAME(bool)(tr_call *call, trawl_error *err) {
    return compare_bool(call, TMPL_OP, err);
}
static trawl_status TMPL_NAME(rows)(tr_call *call, trawl_error *err) {
    return tr_compare_rows(call, TMPL_OP, err);
}
#undef TMPL_OP
#undef TMPL_NAME

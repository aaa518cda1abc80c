/* runtime/func/usual.c: how usual the names of functions are, to choose between names that a
 * misspelt one is equally near to. From counts over some ten thousand public queries. */
#include "runtime/func/func.h"

/* Names between blanks: a group a line, from those that everybody writes to the seldom ones. */
static const char *const groups[] = {
    " tostring ago count isnotempty parse_json strcat iff arg_max ",
    " bin tolower split isempty dcount make_set sum not case max now todynamic min "
    "array_length iif extract todatetime make_list toscalar round avg toint isnull ",
    " countif todouble materialize coalesce take_any isnotnull pack_array substring "
    "datetime_diff toreal arg_min strcat_array ingestion_time bag_pack tolong startofday "
    "pack_all trim dcountif indexof bag_keys make_bag replace_string extract_all make_set_if "
    "strlen toupper percentile startofmonth prev format_datetime replace_regex array_sort_asc "
    "ipv4_is_private parse_xml ",
    " column_ifexists totimespan trim_end range array_slice set_has_element array_concat "
    "tobool ipv4_is_in_any_range row_number series_decompose_anomalies abs parse_ipv4 "
    "parse_url extractjson sumif percentiles rand base64_decode_tostring set_difference "
    "take_anyif series_fill_forward datetime_add dynamic_to_json monthofyear startofweek "
    "series_fill_linear ipv4_is_in_range trim_start bin_at make_list_if next set_intersect "
    "maxif parse_command_line avgif max_of parse_ipv6 string_size countof datetime_part isnan "
    "todecimal hash row_cumsum parse_path replace_strings count_distinct dayofweek min_of "
    "series_fit_2lines set_union translate format_bytes array_index_of hourofday "
    "series_fit_line series_stats_dynamic bag_remove_keys repeat series_decompose_forecast "
    "tdigest format_timespan regex_quote series_fir toboolean tohex ",
};

enum { GROUPS = sizeof groups / sizeof *groups, NAME_BYTES_MAX = 60 };

uint32_t tr_func_rarity(tr_str name) {
    char padded[NAME_BYTES_MAX + 3];
    if (name.len > NAME_BYTES_MAX)
        return GROUPS;
    padded[0] = padded[name.len + 1] = ' ';
    memcpy(padded + 1, name.ptr, name.len);
    padded[name.len + 2] = 0;
    for (uint32_t i = 0; i < GROUPS; i++)
        if (strstr(groups[i], padded))
            return i;
    return GROUPS;
}

const char *tr_agg_conditional_at(uint32_t k) {
    static const char *const names[] = {
        "countif",    "sumif",       "dcountif",        "avgif",       "minif",
        "maxif",      "make_set_if", "make_list_if",    "make_bag_if", "take_anyif",
        "varianceif", "stdevif",     "count_distinctif"};
    return k < sizeof names / sizeof *names ? names[k] : NULL;
}

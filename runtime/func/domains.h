/* runtime/func/domains.h: the tables of scalar functions, one a domain, each ended by a row with
 * name NULL. table.c puts them together. Must not know who calls them. */
#ifndef TR_FUNC_DOMAINS_H
#define TR_FUNC_DOMAINS_H

#include "runtime/func/func.h"

extern const tr_func tr_funcs_arith[];
extern const tr_func tr_funcs_arith_time[];
extern const tr_func tr_funcs_compare[];
extern const tr_func tr_funcs_logic[];
extern const tr_func tr_funcs_choose[];
extern const tr_func tr_funcs_convert[];
extern const tr_func tr_funcs_convert_text[];
extern const tr_func tr_funcs_math[];
extern const tr_func tr_funcs_special[];
extern const tr_func tr_funcs_binary[];
extern const tr_func tr_funcs_bins[];
extern const tr_func tr_funcs_random[];
extern const tr_func tr_funcs_calendar[];
extern const tr_func tr_funcs_datetime[];
extern const tr_func tr_funcs_time_format[];
extern const tr_func tr_funcs_timezone[];
extern const tr_func tr_funcs_size[];
extern const tr_func tr_funcs_units[];
extern const tr_func tr_funcs_window[];
extern const tr_func tr_funcs_text_match[];
extern const tr_func tr_funcs_text_list[];
extern const tr_func tr_funcs_text_like[];
extern const tr_func tr_funcs_member[];
extern const tr_func tr_funcs_text[];
extern const tr_func tr_funcs_text_find[];
extern const tr_func tr_funcs_text_regex[];
extern const tr_func tr_funcs_dynamic[];
extern const tr_func tr_funcs_bag[];
extern const tr_func tr_funcs_array[];
extern const tr_func tr_funcs_array_order[];
extern const tr_func tr_funcs_series_fill[];
extern const tr_func tr_funcs_series_filter[];
extern const tr_func tr_funcs_series_fit[];
extern const tr_func tr_funcs_series_fourier[];
extern const tr_func tr_funcs_series_math[];
extern const tr_func tr_funcs_series_season[];
extern const tr_func tr_funcs_set[];
extern const tr_func tr_funcs_encode[];
extern const tr_func tr_funcs_environment[];
extern const tr_func tr_funcs_hash[];
extern const tr_func tr_funcs_sketch[];
extern const tr_func tr_funcs_parse[];
extern const tr_func tr_funcs_parse_kv[];
extern const tr_func tr_funcs_parse_web[];
extern const tr_func tr_funcs_parse_xml[];
extern const tr_func tr_funcs_ip[];
extern const tr_func tr_funcs_ip_text[];
extern const tr_func tr_funcs_unicode_text[];
extern const tr_func tr_funcs_geo_points[];
extern const tr_func tr_funcs_geo_geohash[];
extern const tr_func tr_funcs_geo_s2[];
extern const tr_func tr_funcs_geo_lines[];
extern const tr_func tr_funcs_geo_polygons[];
extern const tr_func tr_funcs_geo_wkt[];
extern const tr_func tr_funcs_geo_overlay[];
extern const tr_func tr_funcs_geo_cut[];
extern const tr_func tr_funcs_geo_cover[];
extern const tr_func tr_funcs_geo_buffer[];
extern const tr_func tr_funcs_geo_h3[];

#endif

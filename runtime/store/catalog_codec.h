/* runtime/store/catalog_codec.h: parts of a catalog as encoded dynamic values, and back.
 *
 * Bags with the members that docs/format.md lists. Reading checks every member; the value itself
 * was checked (tr_dyn_check) before. What is read lives in `arena`, text points into the value. */
#ifndef TR_STORE_CATALOG_CODEC_H
#define TR_STORE_CATALOG_CODEC_H

#include "runtime/data/dynamic.h"
#include "runtime/store/catalog.h"

void tr_put_member_text(tr_dyn_builder *b, const char *key, tr_str text);
void tr_put_member_long(tr_dyn_builder *b, const char *key, int64_t v);
void tr_put_member_guid(tr_dyn_builder *b, const char *key, tr_guid id);
void tr_put_key(tr_dyn_builder *b, const char *key);
void tr_put_guid(tr_dyn_builder *b, tr_guid id);
void tr_put_texts(tr_dyn_builder *b, const char *key, const tr_str *texts, uint32_t count);

/** Without extents; with them tr_encode_extents follows as a member of the same bag. */
void tr_encode_table(tr_dyn_builder *b, const tr_cat_table *table, bool extents);
void tr_encode_extent(tr_dyn_builder *b, const tr_cat_extent *extent);
void tr_encode_function(tr_dyn_builder *b, const tr_cat_function *function);
void tr_encode_view(tr_dyn_builder *b, const tr_cat_view *view);
/** Members "policies" and "mappings" of the bag that is open. */
void tr_encode_entries(tr_dyn_builder *b, const tr_cat_entries *policies,
                       const tr_cat_entries *mappings);

/** A member of a bag that must be there and have the type. */
trawl_status tr_member_text(tr_str bag, const char *key, tr_str *out, trawl_error *err);
trawl_status tr_member_long(tr_str bag, const char *key, int64_t *out, trawl_error *err);
/** 0 .. max. */
trawl_status tr_member_count(tr_str bag, const char *key, uint64_t max, uint64_t *out,
                             trawl_error *err);
trawl_status tr_member_guid(tr_str bag, const char *key, tr_guid *out, trawl_error *err);
trawl_status tr_member_array(tr_str bag, const char *key, tr_str *out, trawl_error *err);
trawl_status tr_member_bag(tr_str bag, const char *key, tr_str *out, trawl_error *err);
trawl_status tr_member_texts(tr_str bag, const char *key, tr_arena *arena, const tr_str **out,
                             uint32_t *count, trawl_error *err);

trawl_status tr_decode_table(tr_str bag, tr_arena *arena, tr_cat_table *out, trawl_error *err);
trawl_status tr_decode_extent(tr_str bag, tr_arena *arena, tr_cat_extent *out, trawl_error *err);
trawl_status tr_decode_function(tr_str bag, tr_cat_function *out, trawl_error *err);
trawl_status tr_decode_view(tr_str bag, tr_cat_view *out, trawl_error *err);
trawl_status tr_decode_entries(tr_str bag, tr_arena *arena, tr_cat_entries *policies,
                               tr_cat_entries *mappings, trawl_error *err);

#endif

/* runtime/store/extent_heads.h: opened heads of columns, kept for the next reader. Internal. */
#ifndef TR_STORE_EXTENT_HEADS_H
#define TR_STORE_EXTENT_HEADS_H

#include "runtime/store/extent_format.h"

/** The head of one column of one group: checked, opened. Whoever has it has it alone. */
typedef struct tr_open_head {
    tr_arena *arena; /* everything below, and what the codec allocates later */
    tr_column *column;
    const uint32_t *page_bytes, *page_crc;
    uint64_t page_offset[TR_GROUP_PAGES];
} tr_open_head;

/** Room for the heads of an extent whose footer is known. */
trawl_status tr_extent_heads_start(tr_extent *extent, trawl_error *err);
/** Take the head of a column of a group: the one that was kept, or a new one, with memory counted
 * as that of `local`. read_bytes grows by what was read. */
trawl_status tr_extent_head_take(const tr_extent *extent, uint32_t group, uint32_t column,
                                 tr_arena *local, tr_open_head **out, uint64_t *read_bytes,
                                 trawl_error *err);
/** Give it back: kept if there is room, else freed. */
void tr_extent_head_put(const tr_extent *extent, uint32_t group, uint32_t column,
                        tr_open_head *head);
/** Not to be kept: something in it is damaged. */
void tr_extent_head_drop(tr_open_head *head);
/** Free all that are kept. */
void tr_extent_heads_close(tr_extent *extent);

#endif

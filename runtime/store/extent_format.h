/* runtime/store/extent_format.h: what the footer of an extent says, and its bytes. Internal.
 *
 * docs/format.md describes the file. The footer is small: the directory of pages and everything
 * that a codec wants to know stand in a block of their own before the pages of a column. */
#ifndef TR_STORE_EXTENT_FORMAT_H
#define TR_STORE_EXTENT_FORMAT_H

#include "runtime/base/os.h"
#include "runtime/store/bytes.h"
#include "runtime/store/extent.h"

#define TR_EXTENT_MAGIC   "TRAWLEXT"
#define TR_EXTENT_VERSION 1u
enum { TR_EXTENT_HEADER_BYTES = 64, TR_EXTENT_TRAILER_BYTES = 48 };

/** A run of bytes of the file. bytes == 0: there is none. */
typedef struct tr_block {
    uint64_t offset;
    uint32_t bytes;
    uint32_t crc;
} tr_block;

/** One column of one group. The pages follow the head, the index follows them. */
typedef struct tr_group_column {
    tr_block head; /* u32 bytes[pages], u32 crc[pages], then the codec's head */
    uint64_t pages_bytes;
    tr_block index;
    uint32_t codec;
    uint32_t null_count;
    tr_zone zone;
} tr_group_column;

typedef struct tr_group {
    uint32_t rows;
    tr_group_column *columns;
} tr_group;

struct tr_extent {
    tr_arena *arena; /* everything below */
    const char *path;
    int64_t file;
    tr_extent_facts facts;
    tr_schema schema;
    tr_zone *zones;        /* [schema.count] */
    uint64_t *null_counts; /* [schema.count] */
    tr_group *groups;      /* [facts.group_count] */
    /* [group_count * schema.count]: heads that nobody uses just now; extent_heads.c */
    _Atomic(struct tr_open_head *) *heads;
};

uint32_t tr_extent_crc(const void *bytes, size_t n);
/** Append the footer. */
void tr_extent_put_footer(const tr_extent *extent, tr_buf *out);
/** Read the footer into facts, schema, zones, groups; everything in extent->arena. footer_offset:
 *  where blocks must end. */
trawl_status tr_extent_take_footer(tr_extent *extent, const char *bytes, size_t n,
                                   uint64_t footer_offset, trawl_error *err);
void tr_extent_put_header(const tr_guid *id, char header[TR_EXTENT_HEADER_BYTES]);
void tr_extent_put_trailer(const tr_guid *id, uint64_t offset, uint64_t bytes, uint32_t crc,
                           char trailer[TR_EXTENT_TRAILER_BYTES]);
/** "'path': damaged: <what>", TRAWL_E_DATA. */
trawl_status tr_extent_damaged(const tr_extent *extent, const char *what, uint64_t offset,
                               trawl_error *err);
/** Exactly these bytes, TR_PAD readable bytes after them; checks the checksum of a block. */
trawl_status tr_extent_read(const tr_extent *extent, uint64_t offset, size_t bytes, char *into,
                            trawl_error *err);
trawl_status tr_extent_read_block(const tr_extent *extent, const tr_block *block, tr_arena *arena,
                                  const char *what, char **out, trawl_error *err);

/* ---- pages of one column while rows come in (extent_page.c) ---- */

typedef struct tr_page_builder {
    tr_type type;
    uint32_t page_count; /* full ones */
    uint32_t open_rows;  /* rows of the page that is being filled */
    tr_vec pages[TR_GROUP_PAGES];
    bool text_in_parts; /* the open page's text lies in `parts` */
} tr_page_builder;

/** Copy rows [from, from + n) of v behind what is there; n fits into the open page. What lasts lies
 *  in `group`; `parts` must live until the page has ended. */
trawl_status tr_page_builder_add(tr_page_builder *b, tr_arena *group, tr_arena *parts,
                                 const tr_vec *v, uint32_t from, uint32_t n, trawl_error *err);
/** The open page becomes a full one (it may be short). */
trawl_status tr_page_builder_end(tr_page_builder *b, tr_arena *group, trawl_error *err);

#endif

/* runtime/store/codec_dictionary.h: the parts of the dictionary codec. Internal.
 *
 * head  count of entries (varint), then the entries (codec_dictionary_text.c)
 * page  codes (codec_dictionary_codes.c) */
#ifndef TR_STORE_CODEC_DICTIONARY_H
#define TR_STORE_CODEC_DICTIONARY_H

#include "runtime/store/text_rows.h"

/** Entries and their text are held in memory while a column is open. */
#define TR_DICTIONARY_TEXT_MAX (UINT32_C(64) << 20)

typedef struct tr_dictionary {
    uint32_t count;
    tr_str *entries; /* ascending by bytes, no two alike */
    uint32_t *codes; /* of all rows of a group; only while encoding */
} tr_dictionary;

/** Find the distinct values and number the rows by them; *fit is false if there are too many. */
trawl_status tr_dictionary_build(tr_arena *scratch, const tr_column_input *in, tr_dictionary *out,
                                 bool *fit, trawl_error *err);

/** Entries are stored in blocks, so that few rows need few of them. */
#define TR_DICTIONARY_BLOCK 1024

/** Append the entries, in whatever form is small and quick to read. memory: of the groups before,
 *  or NULL. */
trawl_status tr_dictionary_put_text(tr_arena *scratch, const tr_str *entries, uint32_t count,
                                    tr_column_memory *memory, tr_buf *out, trawl_error *err);

/** The entries of an open column. Blocks are read when they are first needed. */
typedef struct tr_dictionary_text {
    uint32_t count, block_count, loaded_count;
    tr_vec_dictionary shared; /* what decoded rows say of their texts */
    tr_str *entries;  /* readable up to count rounded up to 64; "" in blocks that are not loaded */
    uint64_t *loaded; /* bit b: block b is */
    uint32_t form;
    const tr_symbol_table *symbols;
    const char *blocks;
    const uint32_t *starts;     /* of blocks in `blocks`; [block_count + 1] */
    const uint32_t *text_bytes; /* of blocks when read */
    bool dynamic;               /* entries are dynamic values, and checked */
    void *zstd;                 /* of tr_zstd_read */
    tr_arena *local;
} tr_dictionary_text;

/** Check what lies at at[0..end - at). Memory from `local`, also later. */
trawl_status tr_dictionary_open_text(tr_arena *local, const char *at, const char *end,
                                     uint32_t count, bool dynamic, tr_dictionary_text *out,
                                     trawl_error *err);
/** Read block b, if it is not yet. Its entries lie one after the other in one text. */
trawl_status tr_dictionary_load(tr_dictionary_text *text, uint32_t b, trawl_error *err);

/** Append the codes of one page. */
trawl_status tr_dictionary_put_codes(tr_arena *scratch, const uint32_t *codes, uint32_t n,
                                     tr_buf *out, trawl_error *err);
/** Read the codes of a page of page_rows rows: all, or those of rows[0..n). Each is below count. */
trawl_status tr_dictionary_get_codes(const char *page, size_t bytes, uint32_t page_rows,
                                     uint32_t count, const uint16_t *rows, uint32_t n,
                                     uint32_t *codes, trawl_error *err);
/** bits: rows of the page whose code is within low .. high. */
trawl_status tr_dictionary_codes_between(const char *page, size_t bytes, uint32_t page_rows,
                                         uint32_t count, uint32_t low, uint32_t high,
                                         uint64_t *bits, trawl_error *err);

#endif

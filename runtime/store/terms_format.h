/* runtime/store/terms_format.h: the bytes of the filters of one group: what tr_terms_finish writes
 * and tr_terms_probe reads. Little-endian, nothing aligned.
 *
 *   0   u8   version, 1
 *   1   u8   bits of TERMS_HAS_*
 *   2   u8   bytes of a page set, 1 .. 8: bit p of a set is page p
 *   3   u8   log2 of the number of gram slots, 0 .. 15
 *   4   u32  gram slots that stand in some pages but not in all
 *   8   u64  pages of which nothing is known
 *  16   u64  pages that count as "all" below
 *  24   three tables of terms, {u32 buckets, u32 entries} each: one page, all pages, some pages
 *  48   the tables, one after the other:
 *         u32[ceil(buckets / 32)]  entries before bucket 0, 32, 64 ...
 *         u8[buckets]              entries in each bucket
 *         u16[entries]             one page: low ten bits << 6 | page (a term in a few pages has
 *                                  several entries); else: low sixteen bits
 *         sets[entries]            some pages only
 *       grams, if there are any:
 *         bits[slots]              slots of which any page has the gram
 *         if some slots are not in all pages:
 *         bits[slots]              those slots
 *         u16[ceil(slots / 512)]   how many of them lie before slot 0, 512, 1024 ...
 *         sets[count]              their pages
 *
 * A term is its hash (kernels/terms). hash * buckets is 64 bits: the upper half is the bucket, the
 * highest bits of the lower half are the "low bits" that its entry holds. A gram's slot is its
 * number modulo the number of slots. */
#ifndef TR_STORE_TERMS_FORMAT_H
#define TR_STORE_TERMS_FORMAT_H

#include "kernels/kernels.h"
#include "runtime/store/terms.h"

enum {
    TERMS_VERSION = 1,
    TERMS_HAS_TERMS = 1,
    TERMS_HAS_GRAMS = 2,
    TERMS_IS_JSON = 4, /* dynamic values, indexed leaf by leaf */
    TERMS_HEAD_BYTES = 48,
    TERMS_BUCKETS_A_SAMPLE = 32,
    TERMS_SLOTS_A_SAMPLE = 512,
    TERMS_ENTRIES_A_BUCKET = 8, /* as they are built; readers do not care */
    TERMS_PAGE_BITS = 6,
    TERMS_GRAM_LOG2_MAX = 15,
};

typedef enum terms_table_kind { TERMS_ONE, TERMS_ALL, TERMS_SOME, TERMS_TABLES } terms_table_kind;

static inline uint32_t terms_bucket(uint32_t hash, uint32_t buckets) {
    return (uint32_t)((uint64_t)hash * buckets >> 32);
}
/** The entry of a hash, without the page. */
static inline uint16_t terms_low(terms_table_kind kind, uint32_t hash, uint32_t buckets) {
    uint32_t low = hash * buckets;
    return (uint16_t)(kind == TERMS_ONE ? low >> 22 << TERMS_PAGE_BITS : low >> 16);
}

static inline size_t terms_samples(uint32_t buckets) {
    return ((size_t)buckets + TERMS_BUCKETS_A_SAMPLE - 1) / TERMS_BUCKETS_A_SAMPLE;
}
static inline uint64_t terms_table_bytes(terms_table_kind kind, uint32_t buckets, uint32_t entries,
                                         uint32_t set_bytes) {
    return terms_samples(buckets) * 4 + (uint64_t)buckets +
           (uint64_t)entries * (kind == TERMS_SOME ? 2 + set_bytes : 2);
}
static inline uint64_t terms_gram_bitmap_bytes(uint32_t log2) {
    return log2 < 3 ? 1 : 1ull << (log2 - 3);
}
static inline uint64_t terms_gram_samples(uint32_t log2) {
    return ((1ull << log2) + TERMS_SLOTS_A_SAMPLE - 1) / TERMS_SLOTS_A_SAMPLE;
}
static inline uint64_t terms_gram_bytes(uint32_t log2, uint32_t some, uint32_t set_bytes) {
    uint64_t bitmap = terms_gram_bitmap_bytes(log2);
    if (!some)
        return bitmap;
    return 2 * bitmap + terms_gram_samples(log2) * 2 + (uint64_t)some * set_bytes;
}

/** Entries of a memory of texts. */
#define TERMS_SEEN 256

/** Collected while pages come in. Shared by terms_build.c and terms_write.c. */
struct tr_terms_builder {
    tr_arena *local;
    tr_type type;
    uint64_t added;           /* pages that came */
    uint64_t open;            /* pages that hold what is too large to index */
    bool too_many;            /* more terms than may be */
    uint32_t *recent;         /* [TR_TERMS_RECENT] */
    uint8_t *map;             /* [TR_TERMS_GRAMS]: grams of this page */
    uint64_t *sets;           /* [TR_TERMS_GRAMS]: pages of each gram */
    tr_buf pairs;             /* uint64_t: hash << 32 | page, by page, some of them several times */
    tr_buf sorted;            /* room for sorting pairs */
    tr_buf hashes;            /* room for what the kernels give out */
    tr_kernel_str *rows;      /* [TR_BATCH_ROWS]: texts that wait for the kernels */
    tr_kernel_str *high_rows; /* [TR_BATCH_ROWS]: those of a call that are not ASCII */
    uint32_t row_count;
    uint64_t row_bytes;
    tr_buf text; /* of such of them as stand nowhere else */
    uint32_t page;
    tr_str *seen; /* [2 * TERMS_SEEN]: keys, then strings that came lately on this page (dynamic) */
};

/** Write the filters of what was collected. */
trawl_status tr_terms_write(tr_terms_builder *b, tr_buf *out, trawl_error *err);

#endif

/* runtime/store/terms.h: which pages of a row group may hold a term, or a sequence of characters.
 *
 * Two filters over the text of one column of one row group, both small and both allowed to say yes
 * too often, never no too often:
 *   terms   every term (maximal run of ASCII letters and digits, and of bytes >= 0x80, folded to
 *           lower case), as a fingerprint with the pages it stands in
 *   grams   for each page a bitmap of hashed three-byte sequences (folded), kept only where it is
 *           sparse enough to be worth its bytes
 * dynamic values are indexed as: every leaf (tostring() of it) and every key, and the JSON text of
 * the value where that differs (escapes), so that tests on the whole value and on paths in it both
 * find their pages. Bytes may be damaged: reading checks and fails with TRAWL_E_DATA.
 * Knows nothing of files. */
#ifndef TR_STORE_TERMS_H
#define TR_STORE_TERMS_H

#include "runtime/base/buf.h"
#include "runtime/store/column.h"

/** Collects while rows come in; one column, one row group at a time. */
typedef struct tr_terms_builder tr_terms_builder;

trawl_status tr_terms_builder_new(tr_arena *local, tr_type type, tr_terms_builder **out,
                                  trawl_error *err);
/** The rows of page p (flat), p ascending. Nulls may be in it. A page may come in several parts,
 *  one after the other, and values that come twice change nothing: of repeated values the caller
 *  may hand over one each. A page that never came is one that may hold anything. */
trawl_status tr_terms_add_page(tr_terms_builder *b, uint32_t p, const tr_vec *values, uint32_t n,
                               trawl_error *err);
/** Append the filters of the group to out and begin the next group. */
trawl_status tr_terms_finish(tr_terms_builder *b, tr_buf *out, trawl_error *err);

/** Pages (bits) of the group that may hold a row that meets the text test, looking up in the bytes
 *  that tr_terms_finish wrote. *pages comes in as what is left, and goes out with bits cleared.
 *  skip: TR_SKIP_TERMS, TR_SKIP_NGRAMS, the filters that may be used. */
trawl_status tr_terms_probe(const char *bytes, size_t n, const tr_prefilter *test, uint32_t skip,
                            uint64_t *pages, trawl_error *err);
/** The same for equality with one of some texts. */
trawl_status tr_terms_probe_bound(const char *bytes, size_t n, const tr_scan_bound *bound,
                                  uint32_t skip, uint64_t *pages, trawl_error *err);

/** What tr_terms_finish wrote, of which parts may still have to be read. */
typedef struct tr_terms_bytes {
    const char *bytes;
    size_t n;
    /** Make bytes[at .. at + count) readable, which lie within n. NULL: all are. */
    trawl_status (*need)(void *ctx, size_t at, size_t count, trawl_error *err);
    void *ctx;
} tr_terms_bytes;

/** tr_terms_probe and tr_terms_probe_bound that read no more than they look at. */
trawl_status tr_terms_probe_view(const tr_terms_bytes *from, const tr_prefilter *test,
                                 uint32_t skip, uint64_t *pages, trawl_error *err);
trawl_status tr_terms_probe_view_bound(const tr_terms_bytes *from, const tr_scan_bound *bound,
                                       uint32_t skip, uint64_t *pages, trawl_error *err);

#endif

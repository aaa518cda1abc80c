/* kernels/utf8/utf8.h: UTF-8 text as code points. Knows nothing of trawl.
 *
 * text  any alignment; readable TR_PAD bytes past text + n; what stands there never matters
 * n     any size, 0 included; rows are 1 .. TR_BATCH_ROWS
 * Only `valid` judges. The others take any bytes: a code point is counted where a byte stands
 * that is not 10xxxxxx, so ill-formed text gives an answer that is defined though meaningless. */
#ifndef TR_KERNELS_UTF8_H
#define TR_KERNELS_UTF8_H

#include "kernels/common.h"

typedef struct tr_utf8_ops {
    /* Length of the longest prefix that is well-formed UTF-8 (Unicode table 3-7: shortest forms
     * only, no surrogates, at most U+10FFFF). n when all of it is. The prefix ends at the first
     * byte of the first sequence that is wrong or cut off by n. */
    size_t (*valid)(const char *text, size_t n);
    bool (*is_ascii)(const char *text, size_t n);
    /* Code points: bytes that are not 10xxxxxx. */
    size_t (*count)(const char *text, size_t n);
    /* Offset of the byte where code point k (from 0) starts; n when there are k or fewer. */
    size_t (*offset)(const char *text, size_t n, size_t k);
    /* ASCII letters to lower (upper) case, other bytes as they are. Writes exactly n bytes.
     * out == text is allowed, other overlap is not. */
    void (*lower)(const char *text, size_t n, char *out);
    void (*upper)(const char *text, size_t n, char *out);
    /* counts[i] = code points of row i. */
    void (*rows_count)(const tr_kernel_str *rows, uint32_t n, int64_t *counts);
    /* Bit i: row i is ASCII only (an empty row is). Bits from n on are zero. */
    void (*rows_ascii)(const tr_kernel_str *rows, uint32_t n, uint64_t *bits);
} tr_utf8_ops;

#endif

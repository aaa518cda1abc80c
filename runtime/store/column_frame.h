/* runtime/store/column_frame.h: a page of integers as base + factor * packed number, with
 * exceptions. Shared by the codecs of integers and scaled reals; internal to the columns.
 *
 * bytes  width of a packed number (a byte), flags (a byte), base (zigzag varint), with
 *        TR_FRAME_FACTOR: factor (varint); the packed blocks of 1024 (kernels/unpack), the last cut
 *        to the words that hold rows; with TR_FRAME_EXCEPTIONS: how many (varint), their rows (u16
 *        each, ascending), their numbers, unpacked (tr_put_integers)
 * Sums and products are modulo 2^64, or 2^32 where values have 4 bytes. */
#ifndef TR_STORE_COLUMN_FRAME_H
#define TR_STORE_COLUMN_FRAME_H

#include "runtime/store/column_local.h"

enum { TR_FRAME_FACTOR = 1, TR_FRAME_EXCEPTIONS = 2, TR_FRAME_FEW = 96 };

typedef struct tr_frame {
    uint32_t n;          /* rows */
    uint32_t word_bytes; /* 4 or 8: of a value */
    uint32_t width;      /* bits of a packed number, at most those of a word */
    uint64_t base, factor;
    const char *packed;
    uint32_t exception_count;
    const char *exception_rows; /* u16 each, unaligned */
    uint64_t *exceptions;       /* their numbers */
} tr_frame;

/** Pack v[0..n) (n at most TR_BATCH_ROWS; readable, as a vector is, up to n rounded up to 64), with
 *  exceptions where they save bytes, if `patch`. Values of word_bytes 4 lie in the range of an int.
 *  v and *out do not overlap. */
trawl_status tr_frame_put(const int64_t *v, uint32_t n, uint32_t word_bytes, bool patch,
                          tr_buf *out, trawl_error *err);
/** Row of exception i of a list of u16, unaligned. */
static inline uint32_t tr_exception_row(const char *rows, uint32_t i) {
    uint16_t row;
    memcpy(&row, rows + (size_t)i * sizeof row, sizeof row);
    return row;
}
/** Are they ascending and below n? */
bool tr_exception_rows_check(const char *rows, uint32_t count, uint32_t n);
/** Which of them is `row`; count if none is. */
uint32_t tr_exception_find(const char *rows, uint32_t count, uint32_t row);

/** Check and read; *at moves behind the frame. Exceptions live in `scratch`. */
trawl_status tr_frame_get(const char **at, const char *end, uint32_t n, uint32_t word_bytes,
                          tr_arena *scratch, tr_frame *out, trawl_error *err);
/** Unpack all rows: out has room for n rounded up to 1024 values of word_bytes. */
void tr_frame_values(const tr_frame *frame, void *out);
/** Unpack one row; more than TR_FRAME_FEW are sooner unpacked with all others. */
uint64_t tr_frame_value(const tr_frame *frame, uint32_t row);
/** Clear in bits[] the rows whose value is not in low .. high. */
void tr_frame_between(const tr_frame *frame, int64_t low, int64_t high, uint64_t *bits);
/** Clear in bits[] the rows whose value is none of some, which are few: each is a pass. */
void tr_frame_among(const tr_frame *frame, const int64_t *values, uint32_t count, uint64_t *bits);

/** Pages that are frames: what the codecs packed and patched share. */
trawl_status tr_frame_encode(const tr_column_input *in, bool patch, tr_column_writer *out,
                             trawl_error *err);
trawl_status tr_frame_decode(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                             const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                             trawl_error *err);
trawl_status tr_frame_probe(const tr_column_probe *probe, uint32_t p, const char *page,
                            size_t bytes, tr_arena *scratch, uint64_t *bits, trawl_error *err);

/** The values of a page as int64_t: those of int are copied to `room`, of TR_BATCH_ROWS. */
const int64_t *tr_page_integers(const tr_vec *page, uint32_t n, int64_t *room);
/** A vector for n rows with room for whole blocks of 1024. */
trawl_status tr_vec_of_blocks(tr_arena *scratch, tr_type type, uint32_t n, tr_vec *out,
                              trawl_error *err);
/** The end of a page's bytes was set: note it. */
trawl_status tr_page_end(tr_column_writer *out, uint32_t p, trawl_error *err);

#endif

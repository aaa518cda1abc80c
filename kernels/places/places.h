/* kernels/places/places.h: tests rows by sets of places, all places of a row at once. Knows nothing
 * of trawl, nor of regular expressions: who writes the programs (runtime/regex does) gives them
 * their meaning.
 *
 * place  before byte 0, 1, ... of a row, or behind its last one: a row of n bytes has n + 1
 * set    some of the places of each row. Set 0 starts as all of them, the others are written before
 *        they are read
 * A program is a list of steps, each of which makes one set from others; a row passes when the set
 * made last has a place in it. Time per byte does not depend on the text. */
#ifndef TR_KERNELS_PLACES_H
#define TR_KERNELS_PLACES_H

#include "kernels/common.h"
#include "kernels/find/find.h"

/** Limits of a program, and of a row: longer ones are `unsure`. */
#define TR_PLACES_STEPS_MAX     64
#define TR_PLACES_CLASSES_MAX   24
#define TR_PLACES_SETS_MAX      8
#define TR_PLACES_ROW_BYTES_MAX 4095

typedef enum tr_places_kind {
    TR_PLACES_READ, /* behind one byte of the class, read from a place of `from` */
    TR_PLACES_RUN,  /* behind any number of them, none included */
    TR_PLACES_JOIN, /* the places of `from` and those of set `with` */
    TR_PLACES_KEEP, /* the places of `from` where a condition holds */
} tr_places_kind;

/** `to` may be `from`. The condition of KEEP: bit 2 * before + after of `truth`, where before and
 *  after say whether the bytes beside the place are in the class (there is none beyond an end);
 *  or the place is at an end that `ends` names. */
typedef struct tr_places_step {
    uint8_t kind;
    uint8_t to;
    uint8_t from;
    uint8_t with;  /* number of a class; JOIN: of a set */
    uint8_t truth; /* KEEP */
    uint8_t ends;  /* KEEP: TR_PLACES_START, TR_PLACES_END */
} tr_places_step;
enum { TR_PLACES_START = 1, TR_PLACES_END = 2 };

/** Bytes lo .. hi if `is_range`, else those of `table`; both say the same. */
typedef struct tr_places_class {
    bool is_range;
    uint8_t lo;
    uint8_t hi;
    tr_find_class table;
} tr_places_class;

typedef struct tr_places_program {
    uint32_t step_count; /* 1 .. TR_PLACES_STEPS_MAX */
    uint32_t class_count;
    bool ascii; /* rows that hold a byte >= 0x80 are unsure */
    tr_places_step steps[TR_PLACES_STEPS_MAX];
    tr_places_class classes[TR_PLACES_CLASSES_MAX];
} tr_places_program;

typedef struct tr_places_ops {
    /* Each row whose bit in `among` is set (all rows when NULL): bits, if it passes; unsure, if
     * nobody knows, and then not bits. Both TR_BITS_WORDS(n) words, bits from n on zero. n is 1 ..
     * TR_BATCH_ROWS. */
    void (*rows_pass)(const tr_places_program *program, const tr_kernel_str *rows, uint32_t n,
                      const uint64_t *among, uint64_t *bits, uint64_t *unsure);
} tr_places_ops;

#endif

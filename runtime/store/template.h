/* runtime/store/template.h: what the files of the templates codec share. Internal to it.
 *
 * A line is static text with values in slots between. Which line is made of which template stands
 * in the pages; what a template is, in the head:
 *   head   version; words: count, lengths, bytes; templates: count, and of each: the pages it
 *          occurs in (a bit each), slots (static bytes before it, kind, how its values are stored),
 *          static bytes at the end; then all static bytes
 *   page   template of each row (tr_put_integers); records, side by side: the values of a row,
 *          slot by slot, in as many bits as the slot says; bytes of slots that are text, row by row
 * So a record's size is known from its template, and a row is found by adding up sizes.
 * Numbers are varints where nothing else is said. */
#ifndef TR_STORE_TEMPLATE_H
#define TR_STORE_TEMPLATE_H

#include "runtime/store/column_local.h"

#define TR_TEMPLATE_VERSION  1
#define TR_TEMPLATES_MAX     8192 /* templates of a column */
#define TR_TEMPLATE_SLOTS    256  /* slots of a template */
#define TR_TEMPLATE_HEX      128  /* digits of one hexadecimal value */
#define TR_TEMPLATE_DIGITS   19   /* digits of one value of fixed width */
#define TR_TEMPLATE_UUID     36   /* bytes of a printed UUID */
#define TR_TEMPLATE_IPV4_MAX 15   /* bytes of a printed address, at most */

/** Stored. How the values of a slot are printed. Each kind stores `width` bits, and where lengths
 *  differ, before them `length_width` bits: the length less `least`. */
typedef enum tr_slot_kind {
    TR_SLOT_INTEGER = 1, /* signed, no zeros in front: base + bits */
    TR_SLOT_DIGITS = 2,  /* least .. most digits */
    TR_SLOT_HEX = 3,     /* least .. most digits 0-9a-f; differing lengths only up to 16 */
    TR_SLOT_UPPER = 4,   /* the same with A-F */
    TR_SLOT_UUID = 5,    /* 8-4-4-4-12 digits 0-9a-f */
    TR_SLOT_IPV4 = 6,    /* base + bits, first byte highest */
    TR_SLOT_WORDS = 7,   /* number of a word of the slot */
    TR_SLOT_TEXT = 8,    /* least .. most bytes, among the page's text */
} tr_slot_kind;

typedef struct tr_slot {
    uint8_t kind;
    uint8_t width, length_width;
    uint32_t least, most; /* bytes of a printed value */
    uint64_t base;
    uint32_t bit; /* where in the record */
    uint32_t word_count;
    const uint32_t *words;  /* of the column's words */
    const uint8_t *charset; /* TEXT: [32], a bit for each byte that may occur */
    tr_str before;          /* static text between the slot before and this one */
} tr_slot;

typedef struct tr_template {
    uint32_t slot_count;
    const tr_slot *slots;
    tr_str tail; /* static text after the last slot */
    uint32_t record_bits;
    uint32_t piece; /* number of the first piece of static text among all of the column */
    bool has_text;
    uint64_t printed_most; /* bytes of a row, slots of text left out */
    uint64_t pages;        /* bit p: occurs in page p */
} tr_template;

/** The head, opened. */
typedef struct tr_template_set {
    uint32_t word_count, template_count;
    uint32_t piece_count; /* of all templates: a piece before each slot, and the tail */
    const tr_str *words;
    const tr_template *templates;
    const uint32_t *record_bits; /* [template_count] */
    bool is_ascii;               /* no row has bytes from 0x80 on */
    char octets[256][4];         /* 0 .. 255 printed, then '.' where there is room */
} tr_template_set;

/** Append the head of a column of `page_count` pages. */
trawl_status tr_template_put_head(const tr_template_set *set, uint32_t page_count, tr_buf *out,
                                  trawl_error *err);
/** Check and read it. Text points into the head, which stays. */
trawl_status tr_template_get_head(tr_arena *local, const char *head, size_t bytes,
                                  uint32_t page_count, tr_template_set *out, trawl_error *err);

/** Fill in what follows from kind, base, width, least, most, words: length_width, and for numbers
 *  least and most. False if the slot cannot be. */
bool tr_slot_complete(tr_slot *slot, const tr_str *words);
/** Bits of a value in the record, length included. */
uint32_t tr_slot_bits(const tr_slot *slot);

/** Where a walk over the rows of a page stands. */
typedef struct tr_template_page {
    uint64_t *ids; /* template of each row */
    const uint8_t *records;
    uint64_t record_bits; /* all that there are */
    const char *text, *text_end;
} tr_template_page;

/** Read the templates of n rows and find where records and text begin; checks that there are as
 *  many records as rows. */
trawl_status tr_template_open_page(const tr_template_set *set, const char *page, size_t bytes,
                                   uint32_t n, tr_arena *scratch, tr_template_page *out,
                                   trawl_error *err);

/** Where one row begins. */
typedef struct tr_template_row {
    const uint8_t *records;
    uint64_t bit;
    const char *text, *text_end;
} tr_template_row;

/** Bytes of text of the row; false if there are not so many. */
bool tr_template_text_bytes(const tr_template *t, const tr_template_row *row, uint64_t *bytes);
/** Print a value; 64 bytes beyond what is printed may be overwritten. row->text moves over text.
 *  NULL: it cannot be. */
char *tr_template_print_slot(const tr_template_set *set, const tr_slot *slot, tr_template_row *row,
                             char *out);
/** Print a row, the same way. */
char *tr_template_print_row(const tr_template_set *set, const tr_template *t, tr_template_row *row,
                            char *out);

/** `width` bits (0 .. 64) from bit `bit` on; up to 9 bytes are read. */
static inline uint64_t tr_bits_get(const uint8_t *bytes, uint64_t bit, uint32_t width) {
    uint64_t v;
    const uint8_t *at = bytes + (bit >> 3);
    uint32_t shift = (uint32_t)(bit & 7);
    if (!width)
        return 0;
    memcpy(&v, at, sizeof v);
    v >>= shift;
    if (shift + width > 64)
        v |= (uint64_t)at[8] << (64 - shift);
    return v & (UINT64_MAX >> (64 - width));
}

static inline uint64_t tr_slot_length(const tr_slot *slot, const uint8_t *records, uint64_t bit) {
    return slot->least + tr_bits_get(records, bit + slot->bit, slot->length_width);
}
static inline uint64_t tr_slot_value(const tr_slot *slot, const uint8_t *records, uint64_t bit) {
    return tr_bits_get(records, bit + slot->bit + slot->length_width, slot->width);
}

#endif

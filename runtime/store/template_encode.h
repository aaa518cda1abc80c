/* runtime/store/template_encode.h: what the files of the encoder of templates share. */
#ifndef TR_STORE_TEMPLATE_ENCODE_H
#define TR_STORE_TEMPLATE_ENCODE_H

#include "runtime/store/template.h"
#include "runtime/store/template_words.h"

/** The values of one slot of one template, row by row, and how they are stored. */
typedef struct tr_slot_data {
    uint32_t n;
    const char **texts; /* [n] */
    uint32_t *bytes;    /* [n] */
    const char *all;    /* the values one after the other, where they lie so; else NULL */
    uint64_t *values;   /* [n] what goes into the records, but for long digits and texts */
    bool is_constant;   /* all alike: no slot, but static text */
    tr_slot slot;
} tr_slot_data;

/** Choose how values are stored (texts and bytes are set): fills in the rest. Words that are not
 *  among those of the column yet are added to them. What `data` points to lies in `work`, what the
 *  slot points to, and text of new words, in `scratch`. */
trawl_status tr_slot_data_decide(tr_arena *scratch, tr_arena *work, tr_words *column_words,
                                 tr_slot_data *data, trawl_error *err);
/** Put the values of a slot into records of `words` words each, zero so far, from bit `bit` on. Of
 *  texts only the lengths. */
void tr_slot_data_pack(const tr_slot_data *data, uint64_t *records, size_t words, uint32_t bit);

/** Bits, lowest first. */
typedef struct tr_bits_writer {
    char *at;
    uint64_t word; /* not written yet */
    uint32_t used; /* bits of it, below 64 */
} tr_bits_writer;

static inline void tr_bits_put(tr_bits_writer *w, uint64_t v, uint32_t width) {
    w->word |= v << w->used;
    if (w->used + width < 64) {
        w->used += width;
        return;
    }
    memcpy(w->at, &w->word, 8);
    w->at += 8;
    w->word = w->used ? v >> (64 - w->used) : 0;
    w->used = w->used + width - 64;
    if (!w->used)
        w->word = 0;
}

trawl_status tr_templates_encode(tr_arena *scratch, const tr_column_input *in,
                                 tr_column_writer *out, bool *fit, trawl_error *err);

#endif

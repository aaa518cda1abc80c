/* runtime/data/by_entry.h: what was made of each text of a dictionary, for rows that have codes: a
 * function of one value runs once a text and not once a row. */
#ifndef TR_DATA_BY_ENTRY_H
#define TR_DATA_BY_ENTRY_H

#include "runtime/data/vec.h"

/** Results for the dictionary met last. Of one worker; zeroed but for `local` at first. */
typedef struct tr_by_entry {
    tr_arena *local;
    uint64_t serial;              /* of the dictionary; 0: none yet */
    bool failed;                  /* there are no results: rows have to go one by one */
    tr_vec results;               /* room for TR_BATCH_ROWS + 1 */
    uint64_t *valid;              /* room for results.valid */
    char *text;                   /* what results of type text point to */
    size_t text_bytes;            /* room there */
    tr_vec_dictionary dictionary; /* of the results, if they are strings */
} tr_by_entry;

/** Has the column a dictionary that is at hand and small enough beside its n rows? Its data may
 *  be NULL. */
bool tr_by_entry_pays(const tr_vec *texts, uint32_t n);
/** Copy the results of `count` texts, at most TR_BATCH_ROWS + 1; always of one type. `made` NULL:
 *  there are none. */
trawl_status tr_by_entry_keep(tr_by_entry *of, uint64_t serial, const tr_vec *made, uint32_t count,
                              trawl_error *err);
/** Those of n rows with these codes, from `scratch`. */
trawl_status tr_by_entry_rows(const tr_by_entry *of, const uint32_t *codes, uint32_t n,
                              tr_arena *scratch, tr_vec *out, trawl_error *err);

#endif

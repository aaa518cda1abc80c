/* runtime/store/shred_place.h: where a path leads in the values of a shredded column: for each
 * shape in the column of a node, in the remainder, in a bag that has to be rebuilt, or nowhere.
 * Internal to shred_p*.c and shred_typed.c. */
#ifndef TR_STORE_SHRED_PLACE_H
#define TR_STORE_SHRED_PLACE_H

#include "runtime/store/shred_local.h"

typedef enum tr_shred_place_kind {
    TR_SHRED_NOWHERE = 0,
    TR_SHRED_IN_COLUMN,
    TR_SHRED_IN_REST,  /* an entry of the remainder */
    TR_SHRED_IN_KEYED, /* perhaps an entry of the remainder, with a key */
    TR_SHRED_IN_BAG,   /* the bag is the answer */
} tr_shred_place_kind;

typedef struct tr_shred_place {
    tr_shred_place_kind kind;
    uint32_t steps;       /* of the path that lead there */
    tr_shred_range range; /* the tokens of the bag; of IN_REST only rest_before counts */
} tr_shred_place;

/** The same in a byte: COLUMN + k is the column of the k-th node of the path. */
enum {
    TR_SHRED_CODE_NOWHERE = 0,
    TR_SHRED_CODE_REST,
    TR_SHRED_CODE_BAG,
    TR_SHRED_CODE_COLUMN,
    TR_SHRED_CODE_COUNT = TR_SHRED_CODE_COLUMN + TR_SHRED_DEPTH_MAX + 2,
};

struct tr_shred_path {
    tr_shred_path *next;
    uint32_t step_count;
    tr_path_step *steps;
    uint32_t node_count; /* on the path, node 0 is the first; at most step_count + 1 */
    uint32_t *nodes;
    tr_shred_place *places;   /* [shape_count] of the head */
    uint8_t *codes;           /* [shape_count] */
    uint8_t common_code;      /* of all shapes; CODE_NOWHERE if they differ */
    tr_vec_dictionary filled; /* texts of the path's column, and "" for rows without one */
    uint64_t filled_of;       /* the dictionary that it was made of; 0: none yet */
};

/** What a page's shapes say of a path: those of the head, then the page's own. */
typedef struct tr_shred_places {
    const tr_shred_path *path;
    const tr_shred_place *places;
    const uint8_t *codes;
} tr_shred_places;

/** The path as the open column knows it; looked up by its steps, made if it is new. */
trawl_status tr_shred_path_find(const tr_column *column, const tr_path_step *steps, uint32_t count,
                                tr_shred_path **out, trawl_error *err);
trawl_status tr_shred_page_places(const tr_shred_page *page, const tr_shred_path *path,
                                  tr_shred_places *out, trawl_error *err);

/** What stands at the path in rows[0..n), ascending: dynamic, with validity (shred_path.c). */
trawl_status tr_shred_path_values(const tr_shred_page *page, const tr_shred_places *places,
                                  const uint16_t *rows, uint32_t n, tr_vec *out, trawl_error *err);

#endif

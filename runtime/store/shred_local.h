/* runtime/store/shred_local.h: inside the codec "shredded". For shred_*.c and codec_shredded.c
 * only.
 *
 * A tree of nodes says which paths the values of a group have: node 0 is the value itself, the
 * others are members of bags, by key. A node may have a column, which holds its values in the rows
 * where they are of the column's form. The shape of a value is its tree of keys in their order,
 * with a word for each about where the value is: a list of tokens in preorder.
 *
 *   BAG node ... CLOSE     a bag, its members between
 *   COLUMN node            the next value of the node's column
 *   REST node              the next entry of the row's remainder, a packed value
 *   KEYED bag              a member whose key has no node: key and value are the next entry
 *   NONE node              null
 *   EMPTY 0                no value at all: a null row
 *   SAME 0                 the value of the row before, in the same page
 *
 * A node has at most one token in a shape. So a value is its shape's number, the values of some
 * columns, and a remainder. Columns hold values without gaps: the k-th value of a column in a page
 * belongs to the k-th row of the page whose shape has a COLUMN token for it; what is left of the
 * page repeats the last value. Column 0 holds the remainders of rows that have one. */
#ifndef TR_STORE_SHRED_LOCAL_H
#define TR_STORE_SHRED_LOCAL_H

#include "runtime/data/dynamic.h"
#include "runtime/store/column_local.h"
#include "runtime/store/path.h"

enum {
    TR_SHRED_VERSION = 1,
    TR_SHRED_DEPTH_MAX = 32, /* levels of nodes */
    TR_SHRED_NODES_MAX = 4096,
    TR_SHRED_COLUMNS_MAX = 256, /* without the remainder */
    TR_SHRED_KEYS_MAX = 4096,
    TR_SHRED_KEY_BYTES_MAX = 255,
    TR_SHRED_SHAPES_MAX = 4096, /* in the head; others lie in their pages */
    TR_SHRED_SHAPE_TOKENS_MAX = 1 << 15,
    TR_SHRED_GUID_TEXT_BYTES = 36,
    TR_SHRED_TEXT_HEADER = 5, /* before the text in an encoded string */
    TR_SHRED_REST = 0,        /* column 0 */
};
#define TR_SHRED_NO_NODE UINT32_MAX

/** How a column holds the values of a node. Stored in files. */
typedef enum tr_shred_form {
    TR_SHRED_NO_COLUMN = 0,
    TR_SHRED_BOOL,
    TR_SHRED_LONG,
    TR_SHRED_REAL,
    TR_SHRED_DATETIME,
    TR_SHRED_TIMESPAN,
    TR_SHRED_GUID,
    TR_SHRED_STRING,
    TR_SHRED_PACKED,                      /* any value, packed, as text */
    TR_SHRED_GUID_TEXT,                   /* strings that are guids in lower case, as guids */
    TR_SHRED_ISO,                         /* strings 2020-01-31T23:59:59Z, as datetimes; */
    TR_SHRED_ISO_LAST = TR_SHRED_ISO + 7, /* ISO + k: with k digits of a second */
    TR_SHRED_FIXED,                       /* strings of one length and alphabet: shred_text.c */
    TR_SHRED_FORM_COUNT,
} tr_shred_form;

/** The type of its column; of FIXED, which is no tr_column, of the values. */
tr_type tr_shred_form_type(tr_shred_form form);

/** What strings of form FIXED are made of (shred_text.c). */
typedef struct tr_shred_fixed tr_shred_fixed;

typedef enum tr_shred_token_kind {
    TR_SHRED_T_CLOSE = 0,
    TR_SHRED_T_BAG,
    TR_SHRED_T_COLUMN,
    TR_SHRED_T_REST,
    TR_SHRED_T_KEYED,
    TR_SHRED_T_NONE,
    TR_SHRED_T_EMPTY,
    TR_SHRED_T_SAME,
} tr_shred_token_kind;

static inline uint32_t tr_shred_token(uint32_t node, tr_shred_token_kind kind) {
    return node << 3 | (uint32_t)kind;
}
static inline tr_shred_token_kind tr_shred_token_kind_of(uint32_t token) {
    return (tr_shred_token_kind)(token & 7);
}
static inline uint32_t tr_shred_token_node(uint32_t token) {
    return token >> 3;
}

typedef struct tr_shred_node {
    uint32_t parent; /* a smaller number; of node 0: NO_NODE */
    uint32_t key;    /* in the tree's keys */
    uint32_t depth;  /* of node 0: 0 */
    uint32_t column; /* 0: none */
    uint32_t child, sibling;
    tr_shred_form form;
    tr_shred_fixed *fixed; /* of form FIXED */
} tr_shred_node;

typedef struct tr_shred_tree {
    uint32_t key_count; /* keys of nodes, and keys that packed values may name by number */
    tr_str *keys;
    uint32_t node_count;
    tr_shred_node *nodes;
    uint32_t column_count; /* the remainder counts */
    uint32_t *column_nodes;
} tr_shred_tree;

typedef struct tr_shred_shape {
    uint32_t count;
    uint32_t rest_count; /* entries of the remainder */
    const uint32_t *tokens;
} tr_shred_shape;

/** Number the columns and link the children of a tree whose nodes have parent, key and form. */
trawl_status tr_shred_tree_link(tr_arena *arena, tr_shred_tree *tree, trawl_error *err);

/* ---- shred_value.c: packed values ---- */

/** Keys by their text, with numbers. */
typedef struct tr_shred_keys {
    uint32_t mask;
    uint32_t *slots; /* number + 1 */
    uint32_t *next;  /* the key that came after this one last time */
    uint32_t last;
    bool unreadable; /* a value was packed that unpacking would refuse */
    const tr_str *keys;
} tr_shred_keys;

trawl_status tr_shred_keys_start(tr_arena *arena, const tr_shred_tree *tree, tr_shred_keys *out,
                                 trawl_error *err);
/** Number of a key, UINT32_MAX if it has none. */
uint32_t tr_shred_key_find(tr_shred_keys *keys, tr_str key);

/** The members of a bag or array follow each other without gaps, as a builder writes them. Only
 *  such containers can be told again from their members. */
bool tr_shred_is_dense(tr_str v);
bool tr_shred_pack_key(tr_buf *out, tr_shred_keys *keys, tr_str key);
/** Append a value; false when memory is out. */
bool tr_shred_pack(tr_buf *out, tr_shred_keys *keys, tr_str v);

/** Where encoded values are written. */
typedef struct tr_shred_out {
    tr_buf bytes;
    tr_buf entries; /* of the containers that are open */
} tr_shred_out;

/** A bag that is being written. */
typedef struct tr_shred_open_bag {
    size_t start, entries;
} tr_shred_open_bag;

trawl_status tr_shred_bag_open(tr_shred_out *out, tr_shred_open_bag *bag, trawl_error *err);
/** The next value written is the bag's member with this key. */
trawl_status tr_shred_bag_key(tr_shred_out *out, const tr_shred_open_bag *bag, tr_str key,
                              trawl_error *err);
trawl_status tr_shred_bag_close(tr_shred_out *out, const tr_shred_open_bag *bag, trawl_error *err);

/** Read a packed key, and write a packed value as an encoded one. `depth`: containers around it.
 *  Move *at. */
trawl_status tr_shred_unpack_key(const tr_shred_tree *tree, const char **at, const char *end,
                                 tr_str *key, trawl_error *err);
trawl_status tr_shred_unpack(const tr_shred_tree *tree, const char **at, const char *end,
                             uint32_t depth, tr_shred_out *out, trawl_error *err);
/** Pass over a packed value. */
trawl_status tr_shred_skip(const char **at, const char *end, trawl_error *err);

/* ---- shred_text.c: strings as numbers ---- */

/** 2020-01-31T23:59:59[.fff]Z with that many digits of a second, and nothing else. */
bool tr_shred_parse_iso(tr_str text, uint32_t digits, int64_t *ticks);
/** A guid with dashes, in lower case. */
bool tr_shred_parse_guid(tr_str text, tr_guid *out);

/** What the texts of a sample have in common; *out is NULL if that is too little. */
trawl_status tr_shred_fixed_find(tr_arena *arena, const tr_str *texts, uint32_t n,
                                 tr_shred_fixed **out, trawl_error *err);
bool tr_shred_fixed_put(tr_buf *out, const tr_shred_fixed *fixed);
trawl_status tr_shred_fixed_get(tr_arena *arena, const char **at, const char *end,
                                tr_shred_fixed **out, trawl_error *err);
bool tr_shred_fixed_fits(const tr_shred_fixed *fixed, tr_str text);
/** Encode texts that fit: `values` are encoded strings, counts[p] of them in page p. */
trawl_status tr_shred_fixed_encode(const tr_shred_fixed *fixed, tr_arena *scratch,
                                   const char *const *values, const uint32_t *counts,
                                   uint32_t page_count, tr_encoded *out, trawl_error *err);

/** Texts places[0..n) (NULL: the first n) of a page. As with those below, the header of an encoded
 *  string lies before each. */
trawl_status tr_shred_fixed_texts(const tr_shred_fixed *fixed, tr_str head, tr_str part,
                                  const uint16_t *places, uint32_t n, tr_arena *scratch,
                                  tr_vec *out, trawl_error *err);
trawl_status tr_shred_iso_texts(uint32_t digits, const tr_vec *ticks, uint32_t n, tr_arena *scratch,
                                tr_vec *out, trawl_error *err);
trawl_status tr_shred_guid_texts(const tr_vec *guids, uint32_t n, tr_arena *scratch, tr_vec *out,
                                 trawl_error *err);

/* ---- shred_find.c ---- */

/** Choose nodes, forms and keys for a group by a sample of its rows. */
trawl_status tr_shred_find(tr_arena *scratch, const tr_column_input *in, tr_shred_tree *out,
                           trawl_error *err);

/* ---- shred_encode.c ---- */

trawl_status tr_shred_encode(tr_arena *scratch, const tr_column_input *in, tr_column_writer *out,
                             bool *fit, trawl_error *err);

/* ---- shred_head.c ---- */

/** A path that was asked for, with what each shape of the head says of it (shred_place.c). */
typedef struct tr_shred_path tr_shred_path;

typedef struct tr_shred {
    tr_shred_tree tree;
    uint32_t shape_count;
    tr_shred_shape *shapes;
    tr_str *heads;       /* [column_count] */
    tr_column **columns; /* [column_count], opened when first used */
    tr_shred_path *paths;
} tr_shred;

bool tr_shred_put_head(tr_buf *out, const tr_shred_tree *tree, uint32_t shape_count,
                       const tr_shred_shape *shapes, const tr_encoded *columns);
bool tr_shred_put_shape(tr_buf *out, const tr_shred_shape *shape);
trawl_status tr_shred_open(tr_column *column, trawl_error *err);
/** Read and check shapes of a tree. */
trawl_status tr_shred_get_shapes(tr_arena *arena, const tr_shred_tree *tree, const char **at,
                                 const char *end, uint32_t count, tr_shred_shape *shapes,
                                 trawl_error *err);
trawl_status tr_shred_column(const tr_column *column, uint32_t i, tr_column **out,
                             trawl_error *err);

/* ---- shred_page.c ---- */

/** A page, with its directory and shapes read. */
typedef struct tr_shred_page {
    const tr_column *column;
    const tr_shred *shred;
    uint32_t p;
    uint32_t n; /* rows */
    tr_arena *scratch;
    const char *ends;  /* u32 [column_count + 1] */
    const char *parts; /* after the directory */
    uint32_t local_count;
    tr_shred_shape *locals;
    uint64_t *ids;    /* [n] shape of each row: of the head, then local ones */
    uint16_t *source; /* [n] the row that holds the value; NULL: every row its own */
} tr_shred_page;

static inline const tr_shred_shape *tr_shred_shape_of(const tr_shred_page *page, uint64_t id) {
    uint32_t heads = page->shred->shape_count;
    return id < heads ? &page->shred->shapes[id] : &page->locals[id - heads];
}

trawl_status tr_shred_page_read(const tr_column *column, uint32_t p, const char *bytes, size_t n,
                                tr_arena *scratch, tr_shred_page *out, trawl_error *err);
/** Values places[0..n) of column i in the page (NULL: the first n); places ascend. */
trawl_status tr_shred_page_values(const tr_shred_page *page, uint32_t i, const uint16_t *places,
                                  uint32_t n, tr_vec *out, trawl_error *err);

/** Tokens of a shape that make one value: all of them, or those of one bag. */
typedef struct tr_shred_range {
    uint32_t from, to;
    uint32_t rest_before; /* entries of the remainder before it */
} tr_shred_range;

/** Are they texts with headers before them? */
static inline bool tr_shred_has_headers(tr_shred_form form) {
    return form >= TR_SHRED_GUID_TEXT;
}
/** The codes of these values and their dictionary; out->dictionary is NULL if there is none. */
trawl_status tr_shred_page_codes(const tr_shred_page *page, uint32_t i, const uint16_t *places,
                                 uint32_t n, tr_vec *out, trawl_error *err);

/** The same of the column of a node: what its values are, strings for forms of text. */
trawl_status tr_shred_node_values(const tr_shred_page *page, const tr_shred_node *node,
                                  const uint16_t *places, uint32_t n, tr_vec *out,
                                  trawl_error *err);

/** Rows that were asked for, as the rows that hold their values, each once. */
typedef struct tr_shred_rows {
    const uint16_t *rows; /* ascending */
    uint32_t n;
    const uint16_t *places; /* [asked] in rows; NULL: as they are */
} tr_shred_rows;

trawl_status tr_shred_page_rows(const tr_shred_page *page, const uint16_t *rows, uint32_t n,
                                tr_shred_rows *out, trawl_error *err);

/** Write the values that ranges[shape number] tell, for rows[0..n), ascending. */
trawl_status tr_shred_rebuild(const tr_shred_page *page, const tr_shred_range *ranges,
                              const uint16_t *rows, uint32_t n, tr_str *out, trawl_error *err);
/** Append value k of what tr_shred_node_values gave in its encoded form. */
trawl_status tr_shred_put_value(const tr_shred_tree *tree, tr_shred_form form, const tr_vec *values,
                                uint32_t k, uint32_t depth, tr_shred_out *out, trawl_error *err);
trawl_status tr_shred_decode(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                             const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                             trawl_error *err);

/* ---- shred_typed.c ---- */

/** As tr_column_decode_path, for a column of this codec; `page` without the nulls of the column,
 *  which the shapes tell, too. */
trawl_status tr_shred_decode_path(const tr_column *column, const tr_path_read *read,
                                  bool only_codes, uint32_t p, const char *bytes, size_t size,
                                  const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                                  trawl_error *err);

#endif

/* runtime/func/json_path.h: the way to one element of a dynamic value: $.a['b c'][0]. */
#ifndef TR_FUNC_JSON_PATH_H
#define TR_FUNC_JSON_PATH_H

#include "runtime/data/dynamic.h"

typedef struct tr_json_step {
    bool is_index;
    tr_str key;
    int64_t index;
} tr_json_step;

typedef struct tr_json_path {
    uint32_t count;
    const tr_json_step *steps;
} tr_json_path;

/** Parse text that starts with $. *ok is false if it is no path; keys point into text, or into
 *  `arena` where they had escapes. */
trawl_status tr_json_path_parse(tr_arena *arena, tr_str text, tr_json_path *out, bool *ok,
                                trawl_error *err);
/** A path if text starts with "$." or "$[" and is one, else a path of one key: the text. */
trawl_status tr_json_path_or_key(tr_arena *arena, tr_str text, tr_json_path *out, trawl_error *err);
/** Walk down; false where something is missing. */
bool tr_json_path_walk(const tr_json_path *path, tr_str value, tr_str *out);

#endif

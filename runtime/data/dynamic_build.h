/* runtime/data/dynamic_build.h: writing into a tr_dyn_builder from inside this room. */
#ifndef TR_DATA_DYNAMIC_BUILD_H
#define TR_DATA_DYNAMIC_BUILD_H

#include "runtime/data/dynamic.h"

/** A string value (or, with `key`, a key of the open bag) whose text is written in place: room for
 *  at most bytes_max, NULL when the builder has failed. */
char *tr_dyn_open_text(tr_dyn_builder *b, bool key, size_t bytes_max);
/** The text is `bytes` long. */
void tr_dyn_close_text(tr_dyn_builder *b, bool key, size_t bytes);

/** A typed literal at the start of text[0..bytes): datetime(...), 1d, guid(...), long(1) ...
 *  Puts it and returns its length; 0 if there is none. */
size_t tr_dyn_put_typed_literal(tr_dyn_builder *b, const char *text, size_t bytes);

#endif

/* runtime/store/template_lex.h: a line cut into tokens, by what the bytes look like. */
#ifndef TR_STORE_TEMPLATE_LEX_H
#define TR_STORE_TEMPLATE_LEX_H

#include "kernels/token/token.h"
#include "runtime/base/str.h"

#define TR_LINE_TOKENS 200   /* lines of more tokens ... */
#define TR_LINE_BYTES  65535 /* ... or bytes are kept whole */

/** What is no WORD differs from line to line. */
typedef enum tr_token_kind {
    TR_TOKEN_WORD,
    TR_TOKEN_NUMBER,
    TR_TOKEN_IPV4,
    TR_TOKEN_UUID
} tr_token_kind;

typedef struct tr_token {
    uint16_t at, end; /* bytes of the line */
    uint32_t kind;
} tr_token;

/** Large: one for many lines. */
typedef struct tr_line {
    uint32_t count;
    uint64_t shape; /* hash of kinds and of the bytes between tokens */
    tr_token tokens[TR_LINE_TOKENS];
    /* The splitter's own. */
    uint32_t at[TR_TOKEN_ROOM(TR_LINE_BYTES)], end[TR_TOKEN_ROOM(TR_LINE_BYTES)];
    tr_token_bits bits[TR_TOKEN_WORDS(TR_LINE_BYTES)];
} tr_line;

/** The text is readable for TR_PAD bytes past its end. coarse: tokens end at blanks, quotes,
 * brackets and the like only, and all are words. False if the line is too long or has too many
 * tokens. */
bool tr_line_split(tr_str text, bool coarse, tr_line *out);

/** 8-4-4-4-12 digits 0-9a-f? Reads 36 bytes. */
bool tr_uuid_is(const char *text);

#endif

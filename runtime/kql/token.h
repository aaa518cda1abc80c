/* runtime/kql/token.h: KQL text cut into tokens, before any grammar.
 *
 * The lexer never fails on bad text: it emits one TR_TOKEN_ERROR and stops there; the fault is
 * reported when (and if) the parser reaches it. It must not know grammar beyond what decides where
 * a token ends. */
#ifndef TR_KQL_TOKEN_H
#define TR_KQL_TOKEN_H

#include "runtime/base/arena.h"
#include "runtime/base/status.h"

typedef enum tr_token_kind {
    TR_TOKEN_END,      /* always last; at the end of the text, zero bytes */
    TR_TOKEN_ERROR,    /* detail = tr_token_fault */
    TR_TOKEN_WORD,     /* identifier or keyword; also in~ and words that begin with digits */
    TR_TOKEN_NOT_WORD, /* !word, !in~ */
    TR_TOKEN_STRING,   /* one literal with its quotes; detail = tr_token_quoting, or-ed */
    TR_TOKEN_LONG,
    TR_TOKEN_REAL,
    TR_TOKEN_TIMESPAN,
    TR_TOKEN_TYPED,   /* datetime(...), int(...): the whole text; detail = tr_type */
    TR_TOKEN_DYNAMIC, /* dynamic(...): the whole text */
    TR_TOKEN_PIPE,
    TR_TOKEN_LPAREN,
    TR_TOKEN_RPAREN,
    TR_TOKEN_LBRACKET,
    TR_TOKEN_RBRACKET,
    TR_TOKEN_LBRACE,
    TR_TOKEN_RBRACE,
    TR_TOKEN_COMMA,
    TR_TOKEN_SEMICOLON,
    TR_TOKEN_COLON,
    TR_TOKEN_DOT,
    TR_TOKEN_DOT_DOT,
    TR_TOKEN_ASSIGN,     /* = */
    TR_TOKEN_ARROW,      /* => */
    TR_TOKEN_EQUAL,      /* == */
    TR_TOKEN_EQUAL_NC,   /* =~ */
    TR_TOKEN_UNEQUAL,    /* != <> */
    TR_TOKEN_UNEQUAL_NC, /* !~ */
    TR_TOKEN_LESS,
    TR_TOKEN_LESS_EQUAL,
    TR_TOKEN_GREATER,
    TR_TOKEN_GREATER_EQUAL,
    TR_TOKEN_ADD,
    TR_TOKEN_SUBTRACT,
    TR_TOKEN_STAR,
    TR_TOKEN_DIVIDE,
    TR_TOKEN_MODULO,
    TR_TOKEN_AND_AND, /* && and ||: only to say what to write instead */
    TR_TOKEN_OR_OR
} tr_token_kind;

typedef enum tr_token_quoting {
    TR_QUOTE_VERBATIM = 1, /* @'...' */
    TR_QUOTE_HIDDEN = 2,   /* h'...' */
    TR_QUOTE_LINES = 4     /* ```...``` or ~~~...~~~ */
} tr_token_quoting;

typedef enum tr_token_fault {
    TR_FAULT_CHARACTER,   /* no token begins with this */
    TR_FAULT_STRING,      /* quote never closed */
    TR_FAULT_SMART_QUOTE, /* typographic quote */
    TR_FAULT_NUMBER,      /* 1.5abc */
    TR_FAULT_LITERAL      /* datetime( never closed */
} tr_token_fault;

typedef struct tr_token {
    uint8_t kind;
    uint8_t detail;
    uint32_t offset; /* bytes from the start of the text */
    uint32_t bytes;
} tr_token;

/** Cut text[0..bytes) into tokens. The text must be readable TR_PAD bytes past its end and followed
 *  by a NUL. *out lies in `arena` and ends with TR_TOKEN_END. False when out of memory. */
bool tr_kql_lex(tr_arena *arena, const char *text, uint32_t bytes, const tr_token **out,
                uint32_t *count);

/** Skip blanks, comments and #directives from `at`. */
uint32_t tr_kql_skip_blanks(const char *text, uint32_t bytes, uint32_t at);

#endif

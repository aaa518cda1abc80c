/* runtime/kql/command_forms.h: what the files that read commands share. Room-internal. */
#ifndef TR_KQL_COMMAND_FORMS_H
#define TR_KQL_COMMAND_FORMS_H

#include "runtime/kql/command.h"

typedef struct tr_command_form {
    tr_command_kind kind; /* NONE: known, does not run */
    const char *pattern;  /* command_forms.c says how to read it */
} tr_command_form;

const tr_command_form *tr_command_forms(uint32_t *count);

enum { TR_EXPECTED_MAX = 48 };

/** A command while it is read. The failure that reached farthest into the text is the one that is
 *  told. */
typedef struct tr_matcher {
    tr_arena *arena;
    const char *text;
    uint32_t bytes;
    tr_command made;
    uint32_t far; /* where the farthest failure is */
    uint32_t expected_count;
    const char *expected[TR_EXPECTED_MAX]; /* keywords as forms write them, or "a name" */
    uint16_t expected_bytes[TR_EXPECTED_MAX];
    trawl_error fault;  /* what a slot found wrong there; message "" if nothing special */
    trawl_status fatal; /* memory is out: matching ends */
    uint32_t end;       /* of the command that matched */
} tr_matcher;

/** Note that `what` would have fitted at `at`. Always false. */
bool tr_matcher_miss(tr_matcher *m, uint32_t at, const char *what, size_t bytes);
/** Note a fault inside a slot. Always false. */
bool tr_matcher_fault(tr_matcher *m, tr_span span, const char *code, const char *hint,
                      const char *format, ...) __attribute__((format(printf, 5, 6)));
bool tr_matcher_no_memory(tr_matcher *m);
/** The next place that is neither blank nor comment. */
uint32_t tr_matcher_blanks(const tr_matcher *m, uint32_t at);
/** Bytes of the token at `at`, for messages and spans. */
uint32_t tr_matcher_token(const tr_matcher *m, uint32_t at);

/** Read the slot called slot[0..n) at *at (not blank) and move *at past it. */
bool tr_command_slot(tr_matcher *m, const char *slot, size_t n, uint32_t *at);

#endif

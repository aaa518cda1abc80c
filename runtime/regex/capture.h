/* runtime/regex/capture.h: the engines that know where groups lie. All search text[from .. limit),
 * conditions see text[0 .. n). slots[0 .. slot_count) receive positions, TR_REGEX_UNSET if unset;
 * slot_count is 2 or more and even. Must not know pattern text. */
#ifndef TR_REGEX_CAPTURE_H
#define TR_REGEX_CAPTURE_H

#include "runtime/regex/look.h"
#include "runtime/regex/program.h"

typedef struct tr_capture_text {
    const char *text;
    size_t n;
    size_t from;
    size_t limit;
} tr_capture_text;

typedef enum tr_answer { TR_NO, TR_YES, TR_QUIT } tr_answer;

/** Anchored at from. *reached: how far it read. QUIT: a byte that its table does not know. */
tr_answer tr_onepass_run(const tr_program *program, const tr_capture_text *in, size_t *slots,
                         uint32_t slot_count, size_t *reached);

typedef struct tr_threads {
    uint32_t *dense;
    uint32_t *sparse;
    uint32_t count;
    size_t *slots; /* slot_count per node */
} tr_threads;

typedef struct tr_frame {
    uint32_t node; /* or 0x80000000 | slot: give the slot its old value back */
    uint32_t unused;
    size_t value; /* the old value; for the backtracker, else the position */
} tr_frame;

/** Working memory of the two engines below. */
typedef struct tr_capture_room {
    tr_threads lists[2];
    tr_frame *stack;
    size_t *slots;
    uint64_t *visited;
    uint32_t visited_words;
    uint32_t stack_frames;
    uint32_t branches; /* frames that one position can push when backtracking */
} tr_capture_room;

#define TR_VISITED_BITS_MAX (1u << 18)

bool tr_capture_room_init(tr_capture_room *room, const tr_program *program, uint32_t slot_count,
                          tr_arena *local);
/** Is the text short enough for tr_backtrack_run? */
bool tr_backtrack_fits(const tr_capture_room *room, const tr_program *program,
                       const tr_capture_text *in);
/** Anchored at from; visits each node at each position once. */
bool tr_backtrack_run(tr_capture_room *room, const tr_program *program, const tr_capture_text *in,
                      size_t *slots, uint32_t slot_count);
/** All ways at once, in order of preference. `first`: any match will do. */
bool tr_pike_run(tr_capture_room *room, const tr_program *program, const tr_capture_text *in,
                 bool anchored, bool first, size_t *slots, uint32_t slot_count);

#endif

/* tests/durable/acts.h: somebody who gives commands to a database directory, and knows what must be
 * there after each.
 *
 * What an actor does follows from its state alone, so a process that only hears how many of its
 * commands were acknowledged knows them too. Each actor has tables of its own and rows in one that
 * is shared; several may act side by side. */
#ifndef TESTS_DURABLE_ACTS_H
#define TESTS_DURABLE_ACTS_H

#include "tests/durable/ask.h"

enum { ACT_TABLES = 3, ACT_BATCHES = 48 };

/** Rows that came with one command: keys first .. first + count - 1. */
typedef struct act_batch {
    int64_t id, first, count;
} act_batch;

typedef struct act_table {
    bool there;
    uint32_t name, columns_added, docstring, batch_count;
    act_batch batches[ACT_BATCHES];
} act_table;

typedef struct actor {
    uint64_t random;
    uint32_t number, step;
    int64_t next_key;
    uint32_t big_rows; /* of its largest commands; 0: none are large */
    uint32_t client_keys;
    bool forgets_keys; /* none is used twice: its days may have passed */
    uint32_t function; /* what it answers; 0: there is none */
    act_table tables[ACT_TABLES];
    act_table shared;
    int64_t stream_rows, stream_sum; /* of its rows in the table that a view sums up */
} actor;

/** The command that makes what actors share. */
extern const char act_prepare[];

void actor_start(actor *a, uint32_t number, uint32_t big_rows, uint64_t seed);
/** The next command; the actor is as it is when that has happened. */
void actor_act(actor *a, lines *kql);
/** Is everything that the actor made there, and nothing else of it? *differs tells what is not.
 *  The status is not TRAWL_OK when a question failed. */
trawl_status actor_matches(const actor *a, trawl_db *db, lines *differs, trawl_error *err);

#endif

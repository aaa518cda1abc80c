/* tests/durable/script.h: random changes of a store, and what must be there after them. */
#ifndef TESTS_DURABLE_SCRIPT_H
#define TESTS_DURABLE_SCRIPT_H

#include "runtime/store/store.h"

enum { SCRIPT_TABLES = 4, SCRIPT_FUNCTIONS = 3, SCRIPT_POINTS = 64 };

/** What a database holds, in few numbers. */
typedef struct model {
    struct {
        bool there;
        uint64_t rows, sum;
    } tables[SCRIPT_TABLES];
    uint64_t functions[SCRIPT_FUNCTIONS]; /* version; 0: none */
    uint64_t policy;
    uint64_t keyed; /* number of the last change with a key */
} model;

typedef struct script {
    uint64_t random;
    model acknowledged; /* after the last step that succeeded */
    model attempted;    /* after the step that was going on when something failed */
    uint64_t next_value, next_key;
    uint32_t sessions;
    uint32_t steps_done, maintained;
    struct {
        int64_t ticks;
        model state;
    } points[SCRIPT_POINTS]; /* to look back at */
    uint32_t point_count;
} script;

void script_start(script *s, uint64_t seed);
/** Open the store of the script, a new session. */
trawl_status script_open(script *s, bool create, tr_store **out, trawl_error *err);
/** One random step. With `again`, the steps between are a close and an open too (*store changes;
 *  NULL when the open failed). What was acknowledged is in the script then. */
trawl_status script_step(script *s, tr_store **store, trawl_error *err);
/** Does the store hold what it must? A sentence if not, else NULL. Takes over what is there. */
const char *script_check(script *s, tr_store *store);

#endif

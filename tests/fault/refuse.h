/* tests/fault/refuse.h: requests to arenas refused on purpose. Programs that link the target
 * `refuse` have the linker send every request through refuse.c (--wrap). */
#ifndef TR_TESTS_REFUSE_H
#define TR_TESTS_REFUSE_H

#include <stdbool.h>
#include <stdint.h>

/** The n-th request from now on, n >= 1, of any thread, gets no memory; with for_ever all after it,
 *  too. */
void refuse_from(int64_t n, bool for_ever);
/** Memory for all again. Was a request refused? */
bool refuse_end(void);

#endif

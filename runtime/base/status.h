/* runtime/base/status.h: where errors are born and how they travel. */
#ifndef TR_BASE_STATUS_H
#define TR_BASE_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "include/trawl/status.h"

/** A byte range of the query text. bytes == 0 means "no place". */
typedef struct tr_span {
    uint32_t offset;
    uint32_t bytes;
} tr_span;

/** Fill *err (may be NULL) and return `status`. The one place where errors are born. */
trawl_status tr_fail(trawl_error *err, trawl_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** As tr_fail, with the place in the query text and a stable code such as "SEM0100" (or ""). */
trawl_status tr_fail_at(trawl_error *err, trawl_status status, tr_span span, const char *code,
                        const char *format, ...) __attribute__((format(printf, 5, 6)));

/** The memory budget is spent (or malloc failed). */
trawl_status tr_fail_memory(trawl_error *err);

/** Add "what to do" to an error that was just made. err may be NULL. */
void tr_hint(trawl_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct tr_nearest;
/** Add "did you mean 'x'?", with up to three names; nothing if none was near. */
void tr_hint_nearest(trawl_error *err, const struct tr_nearest *nearest);
/** The name that the error's hint offers first, as a range of err->hint; false if it offers none.
 */
bool tr_hint_offer(const trawl_error *err, const char **name, size_t *bytes);

#define TR_TRY(call)                                                                               \
    do {                                                                                           \
        trawl_status tr_try_status = (call);                                                       \
        if (tr_try_status != TRAWL_OK)                                                             \
            return tr_try_status;                                                                  \
    } while (0)

/** Programmer errors. Compiled out of release builds. */
#ifdef NDEBUG
#define TR_ASSERT(x) ((void)0)
#else
void tr_assert_failed(const char *what, const char *file, int line) __attribute__((noreturn));
#define TR_ASSERT(x) ((x) ? (void)0 : tr_assert_failed(#x, __FILE__, __LINE__))
#endif

#endif

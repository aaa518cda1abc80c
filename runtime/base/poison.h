/* runtime/base/poison.h: tells AddressSanitizer which bytes of an arena chunk are handed out.
 * Nothing in other builds. Must not know arenas. */
#ifndef TR_BASE_POISON_H
#define TR_BASE_POISON_H

#include <stddef.h>

#ifdef __SANITIZE_ADDRESS__
#define TR_POISON_ON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TR_POISON_ON 1
#endif
#endif
#ifndef TR_POISON_ON
#define TR_POISON_ON 0
#endif

#if TR_POISON_ON
#include <sanitizer/asan_interface.h>
static inline void tr_poison(const void *memory, size_t bytes) {
    __asan_poison_memory_region(memory, bytes);
}
static inline void tr_unpoison(const void *memory, size_t bytes) {
    __asan_unpoison_memory_region(memory, bytes);
}
#else
static inline void tr_poison(const void *memory, size_t bytes) {
    (void)memory;
    (void)bytes;
}
static inline void tr_unpoison(const void *memory, size_t bytes) {
    (void)memory;
    (void)bytes;
}
#endif

#endif

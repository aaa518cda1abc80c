/* kernels/compare/compare_local.h: what every level of this family writes its template with.
 * Must not know any instruction set. */
#ifndef TR_KERNELS_COMPARE_LOCAL_H
#define TR_KERNELS_COMPARE_LOCAL_H

#include "kernels/compare/compare.h"

typedef enum { EQ, NE, LT, LE, GT, GE } compare_op;

/** SLOT(eq) is i64_eq_avx2, OP(eq) is i64_eq, where TYPE is i64 at level avx2. */
#define SLOT(name)                  SLOT_PASTE(TYPE, name, TR_LEVEL_NAME)
#define SLOT_PASTE(t, name, level)  SLOT_PASTE_(t, name, level)
#define SLOT_PASTE_(t, name, level) t##_##name##_##level
#define OP(name)                    OP_PASTE(TYPE, name)
#define OP_PASTE(t, name)           OP_PASTE_(t, name)
#define OP_PASTE_(t, name)          t##_##name

/** The body of a block function: every level's are inlined, so that op is a constant in them. */
#define BLOCK static inline __attribute__((always_inline))

#endif

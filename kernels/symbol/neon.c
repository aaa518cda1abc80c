/* kernels/symbol/neon.c: symbol.h by words. Vectors do not help: each symbol's place depends on the
 * length of the one before. */
#define TR_LEVEL_NAME neon
#include "kernels/symbol/symbol_tmpl.h"

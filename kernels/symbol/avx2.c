/* kernels/symbol/avx2.c: symbol.h by words. Vectors do not help: each symbol's place depends on the
 * length of the one before. */
#define TR_LEVEL_NAME avx2
#include "kernels/symbol/symbol_tmpl.h"

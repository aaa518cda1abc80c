/* kernels/kernels.h: all kernel families in one table, filled for a set of levels.
 *
 * A level is a named bundle of instruction sets: ref < avx2 (x86-64-v3) < avx512 (x86-64-v4 plus
 * VBMI, VBMI2, BITALG, VPOPCNTDQ), ref < neon. Each family starts from its ref.c, which fills every
 * slot; a higher level overwrites the slots where it is faster. Every level gives the same bits. */
#ifndef TR_KERNELS_H
#define TR_KERNELS_H

#include "kernels/aggregate/aggregate.h"
#include "kernels/bits/bits.h"
#include "kernels/checksum/checksum.h"
#include "kernels/common.h"
#include "kernels/compare/compare.h"
#include "kernels/csv/csv.h"
#include "kernels/datetime/datetime.h"
#include "kernels/find/find.h"
#include "kernels/gather/gather.h"
#include "kernels/group/group.h"
#include "kernels/hash/hash.h"
#include "kernels/json/json.h"
#include "kernels/match/match.h"
#include "kernels/places/places.h"
#include "kernels/select/select.h"
#include "kernels/symbol/symbol.h"
#include "kernels/terms/terms.h"
#include "kernels/token/token.h"
#include "kernels/unpack/unpack.h"
#include "kernels/utf8/utf8.h"

typedef struct tr_kernels {
    tr_compare_ops compare;
    tr_bits_ops bits;
    tr_select_ops select;
    tr_gather_ops gather;
    tr_unpack_ops unpack;
    tr_hash_ops hash;
    tr_aggregate_ops aggregate;
    tr_group_ops group;
    tr_find_ops find;
    tr_match_ops match;
    tr_places_ops places;
    tr_utf8_ops utf8;
    tr_csv_ops csv;
    tr_json_ops json;
    tr_datetime_ops datetime;
    tr_checksum_ops checksum;
    tr_terms_ops terms;
    tr_token_ops token;
    tr_symbol_ops symbol;
} tr_kernels;

enum {
    TR_LEVEL_REF = 1u << 0,
    TR_LEVEL_AVX2 = 1u << 1,
    TR_LEVEL_AVX512 = 1u << 2,
    TR_LEVEL_NEON = 1u << 3,
};

/** The levels this CPU runs (always holds TR_LEVEL_REF). */
uint32_t tr_levels_supported(void);

/** "ref,avx2" -> levels. An unknown word gives 0. "" gives tr_levels_supported(). A level implies
 *  the ones below it: "avx512" means ref, avx2 and avx512. */
uint32_t tr_levels_parse(const char *text);

/** Name of the highest level in the set: "avx512". */
const char *tr_levels_name(uint32_t levels);

/** Fill *kernels with the best variant of each slot among `levels` (TR_LEVEL_REF is implied). */
void tr_kernels_fill(tr_kernels *kernels, uint32_t levels);

/** The table of this process: filled once, on first call, for the levels of the environment
 *  variable TRAWL_LEVELS if that is set and known, else for every supported one. Thread-safe. */
const tr_kernels *tr_kernels_now(void);
/** The levels that tr_kernels_now() was filled for. */
uint32_t tr_levels_now(void);

#endif

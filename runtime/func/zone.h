/* runtime/func/zone.h: the time zones of the system, read from its zoneinfo files (TZif, RFC 8536).
 * Must not know vectors. */
#ifndef TR_FUNC_ZONE_H
#define TR_FUNC_ZONE_H

#include "runtime/base/arena.h"
#include "runtime/base/status.h"
#include "runtime/base/str.h"

typedef struct tr_zone tr_zone;

/** The zone called `name` ("Europe/Paris"), read into `arena`. *out is NULL if there is none of
 *  that name or its file is no zone. Fails only for want of memory. */
trawl_status tr_zone_open(tr_arena *arena, tr_str name, const tr_zone **out, trawl_error *err);
/** Local time less UTC, in ticks, at a time in UTC. */
int64_t tr_zone_offset(const tr_zone *zone, int64_t ticks);
/** Local time -> UTC. A local time that comes twice is taken as the second; one that is left out is
 *  read with the offset that holds after the gap. */
int64_t tr_zone_to_utc(const tr_zone *zone, int64_t local);
/** Calls `each` with the name of every zone, in no order, until it returns false. */
void tr_zone_list(bool (*each)(void *ctx, const char *name), void *ctx);

#endif

/* runtime/func/timezone.c: datetime_utc_to_local(), datetime_local_to_utc(),
 * datetime_list_timezones(). A zone given as a constant is read when the query is bound; others
 * once a worker. */
#include <stdlib.h>

#include "runtime/func/arith.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"
#include "runtime/func/zone.h"

static trawl_status prepare_zone(const tr_prepare *p, const void **bound, trawl_error *err) {
    const tr_value *name = p->consts[1];
    const tr_zone *zone;
    if (!name)
        return TRAWL_OK;
    TR_TRY(tr_zone_open(p->query, name->as.str, &zone, err));
    if (!zone) {
        tr_fail_at(err, TRAWL_E_SEMANTIC, p->spans[1], "", "no time zone is called '%.*s'",
                   (int)(name->as.str.len < 60 ? name->as.str.len : 60), name->as.str.ptr);
        tr_hint(err, "datetime_list_timezones() lists those of this system");
        return TRAWL_E_SEMANTIC;
    }
    *bound = zone;
    return TRAWL_OK;
}

/** Zones by name, as one worker met them. */
typedef struct known {
    tr_str name;
    const tr_zone *zone; /* NULL: there is no such zone */
    struct known *next;
} known;

typedef struct zones {
    tr_arena *arena;
    known *first;
} zones;

static trawl_status start_zones(const void *bound, tr_arena *local, void **state,
                                trawl_error *err) {
    (void)bound;
    zones *z = TR_NEW(local, zones);
    if (!z)
        return tr_fail_memory(err);
    z->arena = local;
    *state = z;
    return TRAWL_OK;
}

static trawl_status zone_of(zones *z, tr_str name, const tr_zone **out, trawl_error *err) {
    for (const known *k = z->first; k; k = k->next)
        if (tr_str_equal(k->name, name)) {
            *out = k->zone;
            return TRAWL_OK;
        }
    known *k = TR_NEW(z->arena, known);
    char *text = tr_arena_text(z->arena, name.ptr, name.len);
    if (!k || !text)
        return tr_fail_memory(err);
    TR_TRY(tr_zone_open(z->arena, name, &k->zone, err));
    k->name = tr_str_make(text, name.len);
    k->next = z->first;
    z->first = k;
    *out = k->zone;
    return TRAWL_OK;
}

static trawl_status shift(tr_call *call, bool to_utc, trawl_error *err) {
    zones own = {.arena = call->scratch}, *z = call->local ? call->local : &own;
    int64_t *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        const tr_zone *zone = call->bound;
        int64_t in = tr_long_at(call, 0, i, 0);
        out[i] = 0;
        if (!zone && tr_ticks_fit(in))
            TR_TRY(zone_of(z, tr_text_at(&call->args[1], i), &zone, err));
        if (zone && tr_ticks_fit(in))
            out[i] = to_utc ? tr_zone_to_utc(zone, in) : in + tr_zone_offset(zone, in);
        if (!zone || !tr_ticks_fit(in) || !tr_ticks_fit(out[i])) {
            out[i] = 0;
            TR_TRY(tr_call_null(call, i, err));
        }
    }
    return TRAWL_OK;
}

static trawl_status eval_to_local(tr_call *call, trawl_error *err) {
    return shift(call, false, err);
}
static trawl_status eval_to_utc(tr_call *call, trawl_error *err) {
    return shift(call, true, err);
}

typedef struct names {
    tr_buf texts; /* one after the other, each with its NUL */
    uint32_t count;
} names;

static bool add_name(void *ctx, const char *name) {
    names *n = ctx;
    n->count++;
    return tr_buf_put(&n->texts, name, strlen(name) + 1);
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static trawl_status eval_list(tr_call *call, trawl_error *err) {
    names found = {.count = 0};
    tr_buf_start(&found.texts, call->scratch);
    tr_zone_list(add_name, &found);
    const char **sorted = TR_NEW_N(call->scratch, const char *, found.count + 1);
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!sorted || !b || found.texts.failed)
        return tr_fail_memory(err);
    const char *at = found.texts.bytes;
    for (uint32_t k = 0; k < found.count; k++, at += strlen(at) + 1)
        sorted[k] = at;
    qsort(sorted, found.count, sizeof *sorted, by_text);
    tr_dyn_start(b, call->scratch);
    tr_dyn_open_array(b);
    for (uint32_t k = 0; k < found.count; k++)
        tr_dyn_put_string(b, tr_str_c(sorted[k]));
    tr_dyn_close(b);
    tr_str made;
    TR_TRY(tr_dyn_finish(b, &made, err));
    for (uint32_t i = 0; i < call->n; i++)
        tr_out_str(call)[i] = made;
    return TRAWL_OK;
}

/* clang-format off */
const tr_func tr_funcs_timezone[] = {
    {.name = "datetime_utc_to_local", .args = "ds", .result = 'd', .eval = eval_to_local,
     .prepare = prepare_zone, .start = start_zones,
     .summary = "A time in UTC as the local time of a zone.",
     .example = "print datetime_utc_to_local(datetime(2022-07-11 22:18:48), \"US/Pacific\")"},
    {.name = "datetime_local_to_utc", .args = "ds", .result = 'd', .eval = eval_to_utc,
     .prepare = prepare_zone, .start = start_zones,
     .summary = "A local time of a zone as the time in UTC.",
     .example = "print datetime_local_to_utc(datetime(2020-02-02 20:02:20), \"Europe/Paris\")"},
    {.name = "datetime_list_timezones", .args = "", .result = 'y', .eval = eval_list,
     .summary = "The names of all time zones of this system.",
     .example = "print datetime_list_timezones()"},
    {.name = NULL},
};
/* clang-format on */

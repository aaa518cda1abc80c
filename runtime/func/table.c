/* runtime/func/table.c: all scalar functions in one table, found by name.
 *
 * Built once per process, in static storage; read-only after that. A new domain is one line in
 * `domains`. Must not know what any function does. */
#include <pthread.h>

#include "runtime/func/domains.h"

enum { ROWS_MAX = 4096, SLOTS = 4096 };

/* clang-format off */
static const tr_func *const domains[] = {
    tr_funcs_arith,
    tr_funcs_compare,
    tr_funcs_logic,
    tr_funcs_choose,
    tr_funcs_math,
    tr_funcs_special,
    tr_funcs_binary,
    tr_funcs_bins,
    tr_funcs_random,
    tr_funcs_calendar,
    tr_funcs_datetime,
    tr_funcs_convert,
    tr_funcs_time_format,
    tr_funcs_timezone,
    tr_funcs_size,
    tr_funcs_units,
    tr_funcs_window,
    tr_funcs_arith_time,
    tr_funcs_convert_text,
    tr_funcs_text_match,
    tr_funcs_text_list,
    tr_funcs_text_like,
    tr_funcs_member,
    tr_funcs_text,
    tr_funcs_text_find,
    tr_funcs_text_regex,
    tr_funcs_dynamic,
    tr_funcs_bag,
    tr_funcs_array,
    tr_funcs_array_order,
    tr_funcs_series_fill,
    tr_funcs_series_filter,
    tr_funcs_series_fit,
    tr_funcs_series_fourier,
    tr_funcs_series_math,
    tr_funcs_series_season,
    tr_funcs_set,
    tr_funcs_encode,
    tr_funcs_environment,
    tr_funcs_hash,
    tr_funcs_sketch,
    tr_funcs_parse,
    tr_funcs_parse_kv,
    tr_funcs_parse_web,
    tr_funcs_parse_xml,
    tr_funcs_ip,
    tr_funcs_ip_text,
    tr_funcs_unicode_text,
    tr_funcs_geo_points,
    tr_funcs_geo_geohash,
    tr_funcs_geo_s2,
    tr_funcs_geo_lines,
    tr_funcs_geo_polygons,
    tr_funcs_geo_wkt,
    tr_funcs_geo_overlay,
    tr_funcs_geo_cut,
    tr_funcs_geo_cover,
    tr_funcs_geo_buffer,
    tr_funcs_geo_h3,
};
/* clang-format on */

/** One name: its rows are rows[first .. first + count). */
typedef struct slot {
    const char *name;
    uint32_t first;
    uint32_t count;
} slot;

static pthread_once_t built = PTHREAD_ONCE_INIT;
static slot slots[SLOTS];
static const tr_func *rows[ROWS_MAX];
static uint32_t row_count;

static uint32_t hash_of(const char *name, size_t bytes) {
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < bytes; i++)
        h = (h ^ (uint8_t)name[i]) * 16777619u;
    return h;
}

static slot *slot_of(const char *name, size_t bytes) {
    uint32_t i = hash_of(name, bytes) % SLOTS;
    while (slots[i].name &&
           (strlen(slots[i].name) != bytes || memcmp(slots[i].name, name, bytes) != 0))
        i = (i + 1) % SLOTS;
    return &slots[i];
}

static void build(void) {
    enum { DOMAINS = sizeof domains / sizeof *domains };
    for (uint32_t d = 0; d < DOMAINS; d++)
        for (const tr_func *f = domains[d]; f->name; f++) {
            slot *s = slot_of(f->name, strlen(f->name));
            s->name = f->name;
            s->count++;
            row_count++;
        }
    TR_ASSERT(row_count < ROWS_MAX);
    TR_ASSERT(row_count < SLOTS);
    /* Names keep the order in which they first appear; the rows of one name come together. */
    uint32_t next = 0;
    for (uint32_t d = 0; d < DOMAINS; d++)
        for (const tr_func *f = domains[d]; f->name; f++) {
            slot *s = slot_of(f->name, strlen(f->name));
            uint32_t k = s->first;
            if (!rows[k] || strcmp(rows[k]->name, f->name) != 0) {
                s->first = k = next;
                next += s->count;
            }
            while (rows[k])
                k++;
            rows[k] = f;
        }
}

const tr_func *const *tr_func_find(tr_str name, uint32_t *count) {
    pthread_once(&built, build);
    const slot *s = slot_of(name.ptr, name.len);
    *count = s->name ? s->count : 0;
    return s->name ? &rows[s->first] : NULL;
}

const tr_func *tr_func_at(uint32_t k) {
    pthread_once(&built, build);
    return k < row_count ? rows[k] : NULL;
}

/* As all text, readable TR_PAD bytes past its end. */
static const char empty_text[1 + TR_PAD];

trawl_status tr_call_null(tr_call *call, uint32_t i, trawl_error *err) {
    tr_vec *out = call->out;
    if (out->type == TR_STRING) {
        ((tr_str *)out->data)[i] = tr_str_make(empty_text, 0);
        return TRAWL_OK;
    }
    TR_TRY(tr_vec_need_valid(call->scratch, out, call->n, err));
    tr_bit_clear(out->valid, i);
    return TRAWL_OK;
}

/* kernels/places/ref.c: the meaning of the places kernels: one row, one place at a time. */
#include "kernels/places/places.h"

#include <string.h>

typedef bool place_set[TR_PLACES_ROW_BYTES_MAX + 1];

static bool holds(const tr_places_program *p, const tr_places_step *step, const char *text,
                  uint32_t len, uint32_t at) {
    const tr_find_class *class = &p->classes[step->with].table;
    uint32_t before = at > 0 && tr_find_class_has(class, (uint8_t)text[at - 1]);
    uint32_t after = at < len && tr_find_class_has(class, (uint8_t)text[at]);
    return (step->truth >> (2 * before + after) & 1) ||
           (at == 0 && (step->ends & TR_PLACES_START)) ||
           (at == len && (step->ends & TR_PLACES_END));
}

static void take_step(const tr_places_program *p, const tr_places_step *step, place_set *sets,
                      const char *text, uint32_t len) {
    place_set from;
    bool *to = sets[step->to];
    memcpy(from, sets[step->from], len + 1);
    for (uint32_t at = 0; at <= len; at++) {
        bool read =
            at > 0 && tr_find_class_has(&p->classes[step->with].table, (uint8_t)text[at - 1]);
        switch ((tr_places_kind)step->kind) {
        case TR_PLACES_READ: to[at] = read && from[at - 1]; break;
        case TR_PLACES_RUN: to[at] = from[at] || (read && to[at - 1]); break;
        case TR_PLACES_JOIN: to[at] = from[at] || sets[step->with][at]; break;
        case TR_PLACES_KEEP: to[at] = from[at] && holds(p, step, text, len, at); break;
        }
    }
}

static bool passes(const tr_places_program *p, const char *text, uint32_t len) {
    place_set sets[TR_PLACES_SETS_MAX];
    memset(sets[0], 1, len + 1);
    for (uint32_t i = 0; i < p->step_count; i++)
        take_step(p, &p->steps[i], sets, text, len);
    return memchr(sets[p->steps[p->step_count - 1].to], 1, len + 1);
}

static bool is_unsure(const tr_places_program *p, const char *text, uint32_t len) {
    for (uint32_t i = 0; p->ascii && i < len && i <= TR_PLACES_ROW_BYTES_MAX; i++)
        if ((uint8_t)text[i] >= 0x80)
            return true;
    return len > TR_PLACES_ROW_BYTES_MAX;
}

static void rows_pass_ref(const tr_places_program *p, const tr_kernel_str *rows, uint32_t n,
                          const uint64_t *among, uint64_t *bits, uint64_t *unsure) {
    memset(bits, 0, TR_BITS_WORDS(n) * sizeof *bits);
    memset(unsure, 0, TR_BITS_WORDS(n) * sizeof *unsure);
    for (uint32_t i = 0; i < n; i++) {
        if (among && !tr_bit_get(among, i))
            continue;
        if (is_unsure(p, rows[i].ptr, rows[i].len))
            tr_bit_set(unsure, i);
        else if (passes(p, rows[i].ptr, rows[i].len))
            tr_bit_set(bits, i);
    }
}

TR_VARIANT(places, ref) {
    ops->rows_pass = rows_pass_ref;
}

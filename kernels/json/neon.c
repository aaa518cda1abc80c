/* kernels/json/neon.c: the json slots at level neon. What scan does is in json_tmpl.h. */
#include "kernels/block/neon.h"

#include "kernels/json/json_tmpl.h"

static uint32_t scan_neon(const char *text, uint32_t n, tr_json_carry *carry, uint32_t *out) {
    return json_scan(text, n, carry, out);
}

TR_VARIANT(json, neon) {
    ops->scan = scan_neon;
}

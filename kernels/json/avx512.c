/* kernels/json/avx512.c: the json slots at level avx512. What scan does is in json_tmpl.h. */
#include "kernels/block/avx512.h"

#include "kernels/json/json_tmpl.h"

static uint32_t scan_avx512(const char *text, uint32_t n, tr_json_carry *carry, uint32_t *out) {
    return json_scan(text, n, carry, out);
}

TR_VARIANT(json, avx512) {
    ops->scan = scan_avx512;
}

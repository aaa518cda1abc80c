/* kernels/json/avx2.c: the json slots at level avx2. What scan does is in json_tmpl.h. */
#include "kernels/block/avx2.h"

#include "kernels/json/json_tmpl.h"

static uint32_t scan_avx2(const char *text, uint32_t n, tr_json_carry *carry, uint32_t *out) {
    return json_scan(text, n, carry, out);
}

TR_VARIANT(json, avx2) {
    ops->scan = scan_avx2;
}

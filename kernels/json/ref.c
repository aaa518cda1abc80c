/* kernels/json/ref.c: what the json slots mean. Written to be read (with
 * number.h); must not know any level. */
#include "kernels/json/json.h"

#include "kernels/json/number.h"

#include <string.h>

static bool is_structure(char x) {
    switch (x) {
    case '{':
    case '}':
    case '[':
    case ']':
    case ':':
    case ',':
    case '\n': return true;
    default: return false;
    }
}

static uint32_t scan_ref(const char *text, uint32_t n, tr_json_carry *carry, uint32_t *out) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        char x = text[i];
        bool is_escaped = carry->escaped;
        carry->escaped = x == '\\' && !is_escaped;
        if (x == '\\')
            carry->flags |= TR_JSON_ESCAPE;
        if ((uint8_t)x >= 0x80)
            carry->flags |= TR_JSON_NON_ASCII;
        if (x == '"' && !is_escaped) {
            carry->in_string ^= 1;
            out[count++] = i;
        } else if (carry->in_string) {
            if ((uint8_t)x < 0x20)
                carry->flags |= TR_JSON_CONTROL_IN_STRING;
        } else if (is_structure(x)) {
            out[count++] = i;
        }
    }
    return count;
}

static void longs_ref(const tr_kernel_str *rows, uint32_t n, int64_t *values, uint64_t *ok) {
    memset(ok, 0, TR_BITS_WORDS(n) * sizeof *ok);
    for (uint32_t i = 0; i < n; i++) {
        values[i] = 0;
        if (read_long(rows[i], &values[i]))
            tr_bit_set(ok, i);
    }
}

static void reals_ref(const tr_kernel_str *rows, uint32_t n, double *values, uint64_t *ok) {
    memset(ok, 0, TR_BITS_WORDS(n) * sizeof *ok);
    for (uint32_t i = 0; i < n; i++) {
        values[i] = 0;
        if (read_real(rows[i], &values[i]))
            tr_bit_set(ok, i);
    }
}

TR_VARIANT(json, ref) {
    *ops = (tr_json_ops){
        .scan = scan_ref,
        .longs = longs_ref,
        .reals = reals_ref,
    };
}

/* kernels/token/ref.c: what the token slots mean. Written to be read; must not know any level. */
#include "kernels/token/token.h"

#include <string.h>

static inline bool is_digit(uint8_t x) {
    return (uint8_t)(x - '0') < 10;
}

static inline bool is_word(uint8_t x) {
    return is_digit(x) || (uint8_t)((x | 0x20) - 'a') < 26 || x == '_' || x >= 0x80;
}

static inline void put_run(const uint8_t *text, uint32_t n, const uint32_t *ats,
                           const uint32_t *ends, uint32_t i, tr_token_bits *bits) {
    uint32_t at = ats[i], end = ends[i], digits = 0;
    for (uint32_t k = at; k < end; k++)
        digits += is_digit(text[k]);
    bool number = digits == end - at;
    bool dotted = i && at == ends[i - 1] + 1 && text[at - 1] == '.';
    bool sign = is_digit(text[at]) && at && text[at - 1] == '-' &&
                (at == 1 || !is_word(text[at - 2]) || text[at - 2] == '_');
    bool group = end - at == 8 && end < n && text[end] == '-';
    tr_token_bits *to = &bits[i >> 6];
    to->numbers |= (uint64_t)number << (i & 63);
    to->mixed |= (uint64_t)(digits && !number) << (i & 63);
    to->octets |= (uint64_t)(number && digits <= 3) << (i & 63);
    to->dotted |= (uint64_t)dotted << (i & 63);
    to->signs |= (uint64_t)sign << (i & 63);
    to->groups |= (uint64_t)group << (i & 63);
}

static uint32_t TR_NAMED(runs)(const char *text, uint32_t n, uint32_t *at, uint32_t *end,
                               tr_token_bits *bits) {
    const uint8_t *bytes = (const uint8_t *)text;
    uint32_t count = 0;
    memset(bits, 0, TR_TOKEN_WORDS(n) * sizeof *bits);
    for (uint32_t i = 0; i < n; i++) {
        if (!is_word(bytes[i]))
            continue;
        at[count] = i;
        while (i < n && is_word(bytes[i]))
            i++;
        end[count] = i;
        put_run(bytes, n, at, end, count++, bits);
    }
    return count;
}

TR_REF(token) {
    ops->runs = TR_NAMED(runs);
}

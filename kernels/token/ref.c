/* kernels/token/ref.c: what the token slots mean. Written to be read; must not know any level. */
#include "kernels/token/token.h"

#include <string.h>

static inline bool is_digit(uint8_t x) {
    return (uint8_t)(x - '0') < 10;
}

static inline bool is_word(uint8_t x) {
    return is_digit(x) || (uint8_t)((x | 0x20) - 'a') < 26 || x == '_' || x >= 0x80;
}

/* Does one of the runs up to run i begin there? */
static inline bool begins_at(const tr_token_runs *out, uint32_t i, uint32_t at) {
    while (i && out->at[i] > at)
        i--;
    return out->at[i] == at;
}

static inline void put_run(const uint8_t *text, uint32_t n, const tr_token_runs *out, uint32_t i) {
    uint32_t at = out->at[i], end = out->end[i], digits = 0;
    uint64_t *word_of[] = {out->numbers, out->mixed, out->octets,
                           out->dotted,  out->signs, out->groups};
    for (uint32_t k = at; k < end; k++)
        digits += is_digit(text[k]);
    bool number = digits == end - at;
    bool bits[] = {
        number,
        digits && !number,
        number && digits <= 3,
        i && at == out->end[i - 1] + 1 && text[at - 1] == '.',
        is_digit(text[at]) && at && text[at - 1] == '-' &&
            (at == 1 || !is_word(text[at - 2]) || text[at - 2] == '_'),
        end < n && text[end] == '-' && begins_at(out, i, end - 8),
    };
    for (uint32_t k = 0; k < 6; k++)
        word_of[k][i >> 6] |= (uint64_t)bits[k] << (i & 63);
}

static uint32_t TR_NAMED(runs)(const char *text, uint32_t n, const tr_token_runs *out) {
    const uint8_t *bytes = (const uint8_t *)text;
    size_t set_bytes = TR_TOKEN_WORDS(n) * sizeof(uint64_t);
    uint32_t count = 0;
    memset(out->numbers, 0, set_bytes);
    memset(out->mixed, 0, set_bytes);
    memset(out->octets, 0, set_bytes);
    memset(out->dotted, 0, set_bytes);
    memset(out->signs, 0, set_bytes);
    memset(out->groups, 0, set_bytes);
    for (uint32_t i = 0; i < n; i++) {
        if (!is_word(bytes[i]))
            continue;
        out->at[count] = i;
        while (i < n && is_word(bytes[i]))
            i++;
        out->end[count] = i;
        put_run(bytes, n, out, count++);
    }
    return count;
}

TR_REF(token) {
    ops->runs = TR_NAMED(runs);
}

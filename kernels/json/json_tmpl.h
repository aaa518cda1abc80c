/* kernels/json/json_tmpl.h: the structure scan over blocks of 64 bytes. Included by each level
 * after its block header. What it means is in ref.c. */
#include "kernels/block/mask.h"
#include "kernels/json/json.h"

#include <string.h>

/* Bit tables of the structural bytes: 7B 7D 5B 5D, 3A, 2C and 0A, by low and by high nibble. */
static const uint8_t structure_low[16] = {[0xB] = 1, [0xD] = 1, [0xA] = 2 | 8, [0xC] = 4};
static const uint8_t structure_high[16] = {[7] = 1, [5] = 1, [3] = 2, [2] = 4, [0] = 8};

/* What one scan looks for, and what it has met. */
typedef struct {
    block low, high;
    uint64_t inside;  /* 0 or ~0 */
    uint64_t escaped; /* 0 or 1 */
    uint64_t backslashes, controls;
} scanner;

/* Structure outside strings and the quotes of strings, among the bytes of x that are present. */
static inline uint64_t scan_block(scanner *s, block x, uint64_t present) {
    uint64_t backslashes = block_equal(x, block_splat('\\')) & present;
    uint64_t quotes = block_equal(x, block_splat('"')) & present;
    uint64_t structure = block_nonzero(block_and(block_look(s->low, block_low_nibbles(x)),
                                                 block_look(s->high, block_high_nibbles(x))));
    uint64_t controls = ~block_at_least(x, block_splat(0x20));
    quotes &= ~escaped_after_runs(backslashes, &s->escaped);
    uint64_t inside = inside_quotes(quotes, &s->inside);
    s->backslashes |= backslashes;
    s->controls |= controls & inside & present;
    return ((structure & ~inside) | quotes) & present;
}

static inline uint32_t json_scan(const char *text, uint32_t n, tr_json_carry *carry,
                                 uint32_t *out) {
    scanner s = {
        .low = block_table(structure_low),
        .high = block_table(structure_high),
        .inside = 0 - (uint64_t)carry->in_string,
        .escaped = carry->escaped,
    };
    block bytes = block_splat(0); /* ORed: its high bits tell of bytes >= 0x80 */
    uint32_t count = 0, at = 0;
    for (; n - at >= 64; at += 64) {
        block x = block_load(text + at);
        bytes = block_or(bytes, x);
        count += block_put(scan_block(&s, x, ~0ull), at, out + count);
    }
    uint64_t high = block_high(bytes);
    if (at < n) {
        block x = block_load(text + at);
        uint64_t present = first_bits(n - at), escaped = s.escaped;
        high |= block_high(x) & present;
        count += block_put(scan_block(&s, x, present), at, out + count);
        /* The run that matters ends at n, inside this block. */
        uint64_t backslashes = block_equal(x, block_splat('\\')) & present;
        s.escaped = escaped_after_runs(backslashes, &escaped) >> (n - at) & 1;
    }
    carry->in_string = (uint32_t)(s.inside & 1);
    carry->escaped = (uint32_t)s.escaped;
    carry->flags |= (s.backslashes ? TR_JSON_ESCAPE : 0u) |
                    (s.controls ? TR_JSON_CONTROL_IN_STRING : 0u) | (high ? TR_JSON_NON_ASCII : 0u);
    return count;
}

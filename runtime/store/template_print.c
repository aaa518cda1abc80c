/* runtime/store/template_print.c: records of a page back to text. The time of a scan goes here:
 * everything is copied in whole vectors, and numbers are printed eight digits at a time. */
#include "runtime/store/template.h"

/* Up to 31 bytes beyond are read and written. */
static inline char *copy(char *out, const char *from, uint32_t n) {
    for (uint32_t i = 0; i < n; i += 32)
        memcpy(out + i, from + i, 32);
    return out + n;
}

/* The digits of v < 10^8 as values, the first in the lowest byte. */
static inline uint64_t eight_digits(uint32_t v) {
    uint64_t x = v / 10000 | (uint64_t)(v % 10000) << 32;
    uint64_t high = x * 10486 >> 20 & 0x0000007f0000007f;
    x = high | (x - 100 * high) << 16;
    high = x * 103 >> 10 & 0x000f000f000f000f;
    return high | (x - 10 * high) << 8;
}

#define ZEROS UINT64_C(0x3030303030303030)

static inline char *print_eight(char *out, uint32_t v) {
    uint64_t x = eight_digits(v) + ZEROS;
    memcpy(out, &x, 8);
    return out + 8;
}

/* v < 10^8, no zeros in front. */
static inline char *print_short(char *out, uint32_t v) {
    uint64_t x = eight_digits(v);
    uint32_t skip = (uint32_t)tr_trailing_zeros_u64(x | UINT64_C(1) << 56) & 56;
    x = (x + ZEROS) >> skip;
    memcpy(out, &x, 8);
    return out + 8 - skip / 8;
}

static inline char *print_unsigned(char *out, uint64_t v) {
    enum { E8 = 100000000 };
    if (v < E8)
        return print_short(out, (uint32_t)v);
    uint64_t high = v / E8;
    if (high < E8) {
        out = print_short(out, (uint32_t)high);
    } else {
        out = print_short(out, (uint32_t)(high / E8));
        out = print_eight(out, (uint32_t)(high % E8));
    }
    return print_eight(out, (uint32_t)(v % E8));
}

/* n (1 .. 8) digits of v < 10^8. */
static inline char *print_few(char *out, uint32_t v, uint32_t n) {
    uint64_t x = (eight_digits(v) + ZEROS) >> (64 - 8 * n);
    memcpy(out, &x, 8);
    return out + n;
}

/* n (1 .. 24) digits; what does not fit is left out. */
static inline char *print_digits(char *out, uint64_t v, uint32_t n) {
    enum { E8 = 100000000 };
    uint64_t high = v / E8;
    if (n > 16) {
        out = print_few(out, (uint32_t)(high / E8 % E8), n - 16);
        out = print_eight(out, (uint32_t)(high % E8));
    } else if (n > 8) {
        out = print_few(out, (uint32_t)(high % E8), n - 8);
    } else {
        return print_few(out, (uint32_t)(v % E8), n);
    }
    return print_eight(out, (uint32_t)(v % E8));
}

/* Eight hexadecimal digits; letter: what is added to '0' + 10 and above. */
static inline uint64_t eight_hex(uint32_t v, uint64_t letter) {
    uint64_t x = v >> 16 | (uint64_t)(v & 0xffff) << 32;
    x = (x >> 8 & 0x000000ff000000ff) | (x & 0x000000ff000000ff) << 16;
    x = (x >> 4 & 0x000f000f000f000f) | (x & 0x000f000f000f000f) << 8;
    uint64_t letters = (x + 0x0606060606060606) >> 4 & 0x0101010101010101;
    return x + ZEROS + letters * letter;
}

enum { LOWER = 'a' - '0' - 10, UPPER = 'A' - '0' - 10 };

/* n (1 .. 16) digits. */
static inline char *print_hex(char *out, uint64_t v, uint32_t n, uint64_t letter) {
    v <<= 64 - 4 * n;
    uint64_t a = eight_hex((uint32_t)(v >> 32), letter), b = eight_hex((uint32_t)v, letter);
    memcpy(out, &a, 8);
    memcpy(out + 8, &b, 8);
    return out + n;
}

static char *print_long_hex(char *out, const uint8_t *records, uint64_t bit, uint32_t n,
                            uint64_t letter) {
    for (uint32_t part; n; n -= part, bit += 4 * part) {
        part = n % 16 ? n % 16 : 16;
        out = print_hex(out, tr_bits_get(records, bit, 4 * part), part, letter);
    }
    return out;
}

static inline char *print_uuid(char *out, const uint8_t *records, uint64_t bit) {
    uint64_t high = tr_bits_get(records, bit, 64), low = tr_bits_get(records, bit + 64, 64);
    uint64_t a = eight_hex((uint32_t)(high >> 32), LOWER), b = eight_hex((uint32_t)high, LOWER);
    uint64_t c = eight_hex((uint32_t)(low >> 32), LOWER), d = eight_hex((uint32_t)low, LOWER);
    uint64_t b2 = b >> 32, c2 = c >> 32;
    memcpy(out, &a, 8);
    memcpy(out + 9, &b, 4);
    memcpy(out + 14, &b2, 4);
    memcpy(out + 19, &c, 4);
    memcpy(out + 24, &c2, 4);
    memcpy(out + 28, &d, 8);
    out[8] = out[13] = out[18] = out[23] = '-';
    return out + 36;
}

static inline char *print_address(const tr_template_set *set, char *out, uint32_t v) {
    for (uint32_t shift = 32; shift;) {
        uint32_t octet = v >> (shift -= 8) & 255;
        memcpy(out, set->octets[octet], 4);
        out += 1 + (octet > 9) + (octet > 99);
        *out++ = '.';
    }
    return out - 1;
}

static inline char *print_slot(const tr_template_set *set, const tr_slot *slot,
                               tr_template_row *row, char *out) {
    const uint8_t *records = row->records;
    uint64_t value, n;
    switch ((tr_slot_kind)slot->kind) {
    case TR_SLOT_INTEGER:
        value = slot->base + tr_slot_value(slot, records, row->bit);
        if ((int64_t)value < 0) {
            *out++ = '-';
            value = 0 - value;
        }
        return print_unsigned(out, value);
    case TR_SLOT_DIGITS:
        n = tr_slot_length(slot, records, row->bit);
        return n > TR_TEMPLATE_DIGITS
                   ? NULL
                   : print_digits(out, tr_slot_value(slot, records, row->bit), (uint32_t)n);
    case TR_SLOT_HEX:
    case TR_SLOT_UPPER: {
        uint64_t letter = slot->kind == TR_SLOT_HEX ? LOWER : UPPER;
        if (slot->most > 16)
            return print_long_hex(out, records, row->bit + slot->bit, slot->most, letter);
        n = tr_slot_length(slot, records, row->bit);
        return n > slot->most
                   ? NULL
                   : print_hex(out, tr_slot_value(slot, records, row->bit), (uint32_t)n, letter);
    }
    case TR_SLOT_UUID: return print_uuid(out, records, row->bit + slot->bit);
    case TR_SLOT_IPV4:
        value = slot->base + tr_slot_value(slot, records, row->bit);
        return print_address(set, out, (uint32_t)value);
    case TR_SLOT_WORDS:
        value = tr_slot_value(slot, records, row->bit);
        if (value >= slot->word_count)
            return NULL;
        return copy(out, set->words[slot->words[value]].ptr, set->words[slot->words[value]].len);
    case TR_SLOT_TEXT:
        n = tr_slot_length(slot, records, row->bit);
        if (n > (uint64_t)(row->text_end - row->text))
            return NULL;
        out = copy(out, row->text, (uint32_t)n);
        row->text += n;
        return out;
    }
    return NULL;
}

char *tr_template_print_slot(const tr_template_set *set, const tr_slot *slot, tr_template_row *row,
                             char *out) {
    return print_slot(set, slot, row, out);
}

char *tr_template_print_row(const tr_template_set *set, const tr_template *t, tr_template_row *row,
                            char *out) {
    for (uint32_t k = 0; k < t->slot_count; k++) {
        const tr_slot *slot = &t->slots[k];
        out = copy(out, slot->before.ptr, slot->before.len);
        out = print_slot(set, slot, row, out);
        if (!out)
            return NULL;
    }
    return copy(out, t->tail.ptr, t->tail.len);
}

bool tr_template_text_bytes(const tr_template *t, const tr_template_row *row, uint64_t *bytes) {
    uint64_t sum = 0;
    for (uint32_t k = 0; k < t->slot_count; k++)
        if (t->slots[k].kind == TR_SLOT_TEXT)
            sum += tr_slot_length(&t->slots[k], row->records, row->bit);
    *bytes = sum;
    return sum <= (uint64_t)(row->text_end - row->text);
}

trawl_status tr_template_open_page(const tr_template_set *set, const char *page, size_t bytes,
                                   uint32_t n, tr_arena *scratch, tr_template_page *out,
                                   trawl_error *err) {
    const char *at = page, *end = page + bytes;
    uint64_t *ids = tr_arena_alloc(
        scratch, (n + TR_UNPACK_ROWS - 1) / TR_UNPACK_ROWS * TR_UNPACK_ROWS * sizeof *ids, 64);
    if (!ids)
        return tr_fail_memory(err);
    TR_TRY(tr_get_integers(&at, end, n, ids, err));
    uint64_t bits = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (ids[i] >= set->template_count)
            return tr_fail(err, TRAWL_E_DATA, "row %u is of template %llu, there are %u", i,
                           (unsigned long long)ids[i], set->template_count);
        bits += set->record_bits[ids[i]];
    }
    if ((bits + 7) / 8 > (uint64_t)(end - at))
        return tr_fail(err, TRAWL_E_DATA, "records of %llu bits, the page has %zu bytes left",
                       (unsigned long long)bits, (size_t)(end - at));
    *out = (tr_template_page){.ids = ids,
                              .records = (const uint8_t *)at,
                              .record_bits = bits,
                              .text = at + (bits + 7) / 8,
                              .text_end = end};
    return TRAWL_OK;
}

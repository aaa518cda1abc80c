/* runtime/store/template_field.c: how the values of one slot are stored: the narrowest way that
 * prints all of them back exactly. Must not know lines and templates. */
#include "runtime/data/text.h"
#include "runtime/store/template_encode.h"
#include "runtime/store/template_lex.h"

enum {
    WORD_BYTES_MAX = 255,
    NUMBER_WORDS_MAX = 64, /* numbers become words only if there are so few */
    WORDS_MAX = 1 << 16,
    WORD_BITS = 12,     /* what a word of a slot costs in the head ... */
    NEW_WORD_BITS = 12, /* ... and besides its bytes, if no other slot has it */
};

static bool is_digit(char c) {
    return (uint8_t)(c - '0') < 10;
}

/* Values are numbers from *low on: store differences. */
static void set_range(tr_slot_data *f, tr_slot_kind kind, uint64_t low, uint64_t high) {
    for (uint32_t i = 0; i < f->n; i++)
        f->values[i] -= low;
    f->slot.kind = (uint8_t)kind;
    f->slot.base = low;
    f->slot.width = (uint8_t)tr_bits_of_u64(high - low);
}

static bool try_address(tr_slot_data *f) {
    uint32_t low = UINT32_MAX, high = 0, address;
    for (uint32_t i = 0; i < f->n; i++) {
        if (!f->bytes[i] || tr_scan_ipv4(f->texts[i], f->bytes[i], false, &address) != f->bytes[i])
            return false;
        low = address < low ? address : low;
        high = address > high ? address : high;
        f->values[i] = address;
    }
    set_range(f, TR_SLOT_IPV4, low, high);
    return true;
}

static bool try_uuid(tr_slot_data *f) {
    for (uint32_t i = 0; i < f->n; i++)
        if (f->bytes[i] != TR_TEMPLATE_UUID || !tr_uuid_is(f->texts[i]))
            return false;
    f->slot.kind = TR_SLOT_UUID;
    return true;
}

/* As print_unsigned would print it, and nothing else. */
static bool read_integer(const char *text, uint32_t n, int64_t *out) {
    bool negative = n > 1 && text[0] == '-';
    uint32_t i = negative;
    uint64_t v = 0;
    if (n - i > 19 || n == i || (text[i] == '0' && (n > 1 || negative)))
        return false;
    for (; i < n; i++) {
        if (!is_digit(text[i]))
            return false;
        v = v * 10 + (uint64_t)(text[i] - '0');
    }
    if (v > (uint64_t)INT64_MAX)
        return false;
    *out = negative ? -(int64_t)v : (int64_t)v;
    return true;
}

static bool try_integer(tr_slot_data *f) {
    int64_t low = INT64_MAX, high = INT64_MIN, v;
    for (uint32_t i = 0; i < f->n; i++) {
        if (!read_integer(f->texts[i], f->bytes[i], &v))
            return false;
        low = v < low ? v : low;
        high = v > high ? v : high;
        f->values[i] = (uint64_t)v;
    }
    set_range(f, TR_SLOT_INTEGER, (uint64_t)low, (uint64_t)high);
    return true;
}

static void lengths(tr_slot_data *f) {
    f->slot.least = UINT32_MAX;
    f->slot.most = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        f->slot.least = f->bytes[i] < f->slot.least ? f->bytes[i] : f->slot.least;
        f->slot.most = f->bytes[i] > f->slot.most ? f->bytes[i] : f->slot.most;
    }
}

/* Lengths are known. */
static bool try_digits(tr_slot_data *f) {
    uint64_t high = 0;
    if (!f->slot.least || f->slot.most > TR_TEMPLATE_DIGITS)
        return false;
    for (uint32_t i = 0; i < f->n; i++) {
        uint64_t v = 0;
        for (uint32_t k = 0; k < f->bytes[i]; k++) {
            if (!is_digit(f->texts[i][k]))
                return false;
            v = v * 10 + (uint64_t)(f->texts[i][k] - '0');
        }
        high = v > high ? v : high;
        f->values[i] = v;
    }
    f->slot.kind = TR_SLOT_DIGITS;
    f->slot.width = (uint8_t)tr_bits_of_u64(high);
    return true;
}

/* 16: no digit. */
static uint32_t hex_digit(char c, char first_letter) {
    uint32_t letter = (uint8_t)(c - first_letter);
    return is_digit(c) ? (uint32_t)(c - '0') : letter < 6 ? letter + 10 : 16;
}

static bool try_hex(tr_slot_data *f, bool upper) {
    const tr_slot *s = &f->slot;
    if (!s->least || s->most > TR_TEMPLATE_HEX || (s->least != s->most && s->most > 16))
        return false;
    for (uint32_t i = 0; i < f->n; i++) {
        uint64_t v = 0;
        for (uint32_t k = 0; k < f->bytes[i]; k++) {
            uint32_t digit = hex_digit(f->texts[i][k], upper ? 'A' : 'a');
            if (digit == 16)
                return false;
            v = v << 4 | digit;
        }
        f->values[i] = v;
    }
    f->slot.kind = upper ? TR_SLOT_UPPER : TR_SLOT_HEX;
    return true;
}

static void set_text(tr_slot_data *f, uint8_t *charset) {
    bool used[256] = {false};
    for (uint32_t i = 0; i < f->n; i++) {
        f->values[i] = f->bytes[i];
        for (uint32_t k = 0; k < f->bytes[i]; k++)
            used[(uint8_t)f->texts[i][k]] = true;
    }
    memset(charset, 0, 32);
    for (uint32_t c = 0; c < 256; c++)
        if (used[c])
            charset[c >> 3] |= (uint8_t)(1u << (c & 7));
    f->slot.kind = TR_SLOT_TEXT;
    f->slot.charset = charset;
}

/* Number the distinct values into codes[]. False in *ok if they are more than `limit` or long. */
static trawl_status number_words(tr_slot_data *f, uint32_t limit, tr_words *words, uint64_t *codes,
                                 bool *ok, trawl_error *err) {
    *ok = false;
    if (!tr_words_start(words, words->arena))
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < f->n; i++) {
        uint32_t code;
        if (f->bytes[i] > WORD_BYTES_MAX)
            return TRAWL_OK;
        if (!tr_words_add(words, f->texts[i], f->bytes[i], &code))
            return tr_fail_memory(err);
        if (words->count > limit || (i == 4096 && words->count > 3000))
            return TRAWL_OK;
        codes[i] = code;
    }
    *ok = true;
    return TRAWL_OK;
}

/* What the words cost in the head. */
static double bits_of_words(const tr_words *column_words, const tr_words *words) {
    double bits = 0;
    for (uint32_t k = 0; k < words->count; k++) {
        tr_str word = words->words[k];
        bits += WORD_BITS;
        if (!tr_words_has(column_words, word.ptr, word.len))
            bits += NEW_WORD_BITS + word.len * 8.0;
    }
    return bits;
}

/* The number of a word among those of the column, which keep a copy. */
static bool add_word(tr_arena *scratch, tr_words *column_words, tr_str word, uint32_t *number) {
    uint32_t before = column_words->count;
    if (!tr_words_add(column_words, word.ptr, word.len, number))
        return false;
    if (column_words->count == before)
        return true;
    const char *copy = tr_arena_text(scratch, word.ptr, word.len);
    column_words->words[*number].ptr = copy;
    return copy != NULL;
}

/* Words instead of what is chosen so far, at `bits` a value, if that is less. */
static trawl_status try_words(tr_arena *scratch, tr_arena *work, tr_words *column_words,
                              tr_slot_data *f, uint32_t limit, double bits, trawl_error *err) {
    tr_arena_mark mark = tr_arena_here(work);
    uint64_t *codes = tr_arena_alloc(work, f->n * sizeof *codes, 8);
    tr_words words = {.arena = work};
    bool ok;
    while (limit > 1 && tr_bits_of_u64(limit - 1) >= bits) /* so many are no less */
        limit /= 2;
    if (!codes)
        return tr_fail_memory(err);
    TR_TRY(number_words(f, limit, &words, codes, &ok, err));
    if (!ok ||
        bits_of_words(column_words, &words) + (double)f->n * tr_bits_of_u64(words.count - 1) >=
            bits * f->n) {
        tr_arena_release(work, mark);
        return TRAWL_OK;
    }
    uint32_t *numbers = tr_arena_alloc(scratch, words.count * sizeof *numbers, 4);
    if (!numbers)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < words.count; k++)
        if (!add_word(scratch, column_words, words.words[k], &numbers[k]))
            return tr_fail_memory(err);
    f->values = codes;
    f->slot.kind = TR_SLOT_WORDS;
    f->slot.word_count = words.count;
    f->slot.words = numbers;
    return TRAWL_OK;
}

static bool all_alike(const tr_slot_data *f) {
    if (f->all) { /* alike if the text is the same one value further on */
        size_t n = f->bytes[0];
        for (uint32_t i = 1; i < f->n; i++)
            if (f->bytes[i] != n)
                return false;
        return memcmp(f->all, f->all + n, n * (f->n - 1)) == 0;
    }
    for (uint32_t i = 1; i < f->n; i++)
        if (f->bytes[i] != f->bytes[0] || memcmp(f->texts[i], f->texts[0], f->bytes[0]) != 0)
            return false;
    return true;
}

static bool has_digit(const char *text, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (is_digit(text[i]))
            return true;
    return false;
}

trawl_status tr_slot_data_decide(tr_arena *scratch, tr_arena *work, tr_words *column_words,
                                 tr_slot_data *f, trawl_error *err) {
    f->slot = (tr_slot){0};
    f->is_constant = all_alike(f);
    if (f->is_constant)
        return TRAWL_OK;
    f->values = tr_arena_alloc(work, f->n * sizeof *f->values, 8);
    uint8_t *charset = tr_arena_alloc(scratch, 32, 1);
    if (!f->values || !charset)
        return tr_fail_memory(err);
    lengths(f);
    bool number = try_address(f) || try_uuid(f) || try_integer(f) || try_digits(f);
    if (!number && has_digit(f->texts[0], f->bytes[0]))
        number = try_hex(f, false) || try_hex(f, true);
    double bits = 0;
    if (number) {
        (void)tr_slot_complete(&f->slot, NULL);
        bits = tr_slot_bits(&f->slot);
    } else {
        for (uint32_t i = 0; i < f->n; i++)
            bits += f->bytes[i] * 8;
        bits = bits / f->n + 3;
    }
    TR_TRY(try_words(scratch, work, column_words, f, number ? NUMBER_WORDS_MAX : WORDS_MAX, bits,
                     err));
    if (!f->slot.kind && !try_hex(f, false) && !try_hex(f, true))
        set_text(f, charset);
    (void)tr_slot_complete(&f->slot, column_words->words);
    return TRAWL_OK;
}

/* ---- packing ---- */

/* Up to 64 bits of every record. */
static void pack(const tr_slot_data *f, const uint64_t *values, uint64_t *records, size_t words,
                 uint32_t bit, uint32_t width) {
    uint32_t shift = bit & 63;
    uint64_t *at = records + (bit >> 6);
    if (shift + width <= 64)
        for (uint32_t i = 0; i < f->n; i++)
            at[i * words] |= values[i] << shift;
    else
        for (uint32_t i = 0; i < f->n; i++) {
            at[i * words] |= values[i] << shift;
            at[i * words + 1] |= values[i] >> (64 - shift);
        }
}

/* Bits of one record. */
static void put(uint64_t *record, uint32_t bit, uint64_t v, uint32_t width) {
    uint32_t shift = bit & 63;
    record[bit >> 6] |= v << shift;
    if (shift + width > 64)
        record[(bit >> 6) + 1] |= v >> (64 - shift);
}

/* Eight digits of either case, which are known to be digits. */
static uint64_t eight_hex(const char *text) {
    uint64_t x;
    memcpy(&x, text, 8);
    x = (x & 0x0f0f0f0f0f0f0f0f) + 9 * (x >> 6 & 0x0101010101010101);
    x = (x << 4 | x >> 8) & 0x00ff00ff00ff00ff; /* pairs, the first in the lowest byte */
    x = (x << 8 | x >> 16) & 0x0000ffff0000ffff;
    return (x << 16 | x >> 32) & 0xffffffff;
}

static void put_sixteen(const char *text, uint64_t *record, uint32_t bit) {
    put(record, bit, eight_hex(text) << 32 | eight_hex(text + 8), 64);
}

/* The first n % 16 digits, then 16 at a time. */
static void put_long_hex(const char *text, uint32_t n, uint64_t *record, uint32_t bit) {
    char first[16];
    uint32_t odd = n % 16;
    if (odd) {
        memset(first, '0', sizeof first);
        memcpy(first + 16 - odd, text, odd);
        put(record, bit, eight_hex(first) << 32 | eight_hex(first + 8), 4 * odd);
    }
    for (uint32_t i = odd; i < n; i += 16)
        put_sixteen(text + i, record, bit + 4 * i);
}

static void put_uuid(const char *text, uint64_t *record, uint32_t bit) {
    char digits[32];
    memcpy(digits, text, 8);
    memcpy(digits + 8, text + 9, 4);
    memcpy(digits + 12, text + 14, 4);
    memcpy(digits + 16, text + 19, 4);
    memcpy(digits + 20, text + 24, 12);
    put_sixteen(digits, record, bit);
    put_sixteen(digits + 16, record, bit + 64);
}

void tr_slot_data_pack(const tr_slot_data *f, uint64_t *records, size_t words, uint32_t bit) {
    const tr_slot *s = &f->slot;
    if (s->length_width)
        for (uint32_t i = 0; i < f->n; i++)
            put(records + i * words, bit, f->bytes[i] - s->least, s->length_width);
    bit += s->length_width;
    if (s->kind == TR_SLOT_UUID)
        for (uint32_t i = 0; i < f->n; i++)
            put_uuid(f->texts[i], records + i * words, bit);
    else if ((s->kind == TR_SLOT_HEX || s->kind == TR_SLOT_UPPER) && s->most > 16)
        for (uint32_t i = 0; i < f->n; i++)
            put_long_hex(f->texts[i], s->most, records + i * words, bit);
    else if (s->width)
        pack(f, f->values, records, words, bit, s->width);
}

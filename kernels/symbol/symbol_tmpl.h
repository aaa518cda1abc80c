/* kernels/symbol/symbol_tmpl.h: the symbol slots by words of eight codes and eight bytes. Included
 * once by each level. What they mean is in ref.c. Must not know any instruction set. */
#include "kernels/symbol/symbol.h"

#include <string.h>

static inline uint64_t load_word(const void *at) {
    uint64_t word;
    memcpy(&word, at, 8);
    return word;
}

/* The top bit of the lowest byte that is TR_SYMBOL_ESCAPE; higher ones may be wrong. */
static inline uint64_t escapes_in(uint64_t codes) {
    return (~codes - 0x0101010101010101ull) & codes & 0x8080808080808080ull;
}

static inline char *put_symbol(const tr_symbol_table *table, uint64_t code, char *out) {
    memcpy(out, &table->symbol[code], 8);
    return out + table->len[code];
}

/* Codes up to and with the first escape in `word`. */
static inline const uint8_t *read_escape(const tr_symbol_table *table, const uint8_t *at,
                                         const uint8_t *end, uint64_t found, char **out) {
    const uint8_t *escape = at + (unsigned)__builtin_ctzll(found) / 8;
    while (at < escape)
        *out = put_symbol(table, *at++, *out);
    if (at + 1 == end)
        return end;
    *(*out)++ = (char)at[1];
    return at + 2;
}

/* Writes up to 8 bytes past what the row holds. */
static inline char *read_row(const tr_symbol_table *table, const uint8_t *at, const uint8_t *end,
                             char *out) {
    while (end - at >= 8) {
        uint64_t word = load_word(at);
        uint64_t found = escapes_in(word);
        if (__builtin_expect(found != 0, 0)) {
            at = read_escape(table, at, end, found, &out);
            continue;
        }
        for (int j = 0; j < 8; j++)
            out = put_symbol(table, word >> (8 * j) & 255, out);
        at += 8;
    }
    /* the same without a branch on how many are left: what is not, is written but not counted */
    while (at < end) {
        size_t left = (size_t)(end - at);
        uint64_t word = load_word(at) & ~0ull >> (64 - 8 * (left < 8 ? left : 8));
        uint64_t found = escapes_in(word);
        if (__builtin_expect(found != 0, 0)) {
            at = read_escape(table, at, end, found, &out);
            continue;
        }
        for (unsigned j = 0; j < 7; j++) {
            uint64_t code = word >> (8 * j) & 255;
            memcpy(out, &table->symbol[code], 8);
            out += j < left ? table->len[code] : 0;
        }
        break;
    }
    return out;
}

static size_t row_bytes(const tr_symbol_table *table, const uint8_t *at, const uint8_t *end) {
    size_t bytes = 0;
    for (; at < end; at++) {
        if (*at != TR_SYMBOL_ESCAPE)
            bytes += table->len[*at];
        else
            bytes += ++at < end;
    }
    return bytes;
}

static uint32_t TR_NAMED(read_rows)(const tr_symbol_table *table, const uint8_t *codes,
                                    const uint32_t *starts, const uint32_t *ends, uint32_t n,
                                    char *out, size_t room, uint32_t *out_ends) {
    char *to = out;
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *at = codes + starts[i], *end = codes + ends[i];
        size_t left = room - (size_t)(to - out);
        if ((size_t)(end - at) > left / 8 && row_bytes(table, at, end) > left)
            return i;
        to = read_row(table, at, end, to);
        out_ends[i] = (uint32_t)(to - out);
    }
    return n;
}

/* The step that the next eight bytes ask for: len << 8 | code. */
static inline uint32_t step_of(const tr_symbol_writer *writer, uint64_t next) {
    const tr_symbol_long *place = &writer->places[tr_symbol_place(next)];
    uint32_t near = writer->pair[next & 0xffff];
    uint32_t far = (uint32_t)place->len << 8 | place->code;
    return (next & place->mask) == place->symbol ? far : near;
}

static inline uint8_t *put_step(uint32_t step, uint64_t next, uint8_t *out) {
    out[0] = (uint8_t)step;
    out[1] = (uint8_t)next;
    return out + 1 + ((step & 255) == TR_SYMBOL_ESCAPE);
}

static inline uint8_t *write_row(const tr_symbol_writer *writer, const char *text, size_t n,
                                 uint8_t *out) {
    const char *end = text + n;
    while (end - text >= 8) {
        uint64_t next = load_word(text);
        uint32_t step = step_of(writer, next);
        out = put_step(step, next, out);
        text += step >> 8;
    }
    while (text < end) {
        size_t left = (size_t)(end - text);
        uint64_t next = load_word(text) & ~0ull >> (64 - 8 * left);
        uint32_t step = step_of(writer, next);
        if (step >> 8 > left || left == 1) {
            /* a symbol with zeros at its end */
            step = left > 1 ? writer->pair[next & 0xffff] : writer->single[next];
        }
        out = put_step(step, next, out);
        text += step >> 8;
    }
    return out;
}

static size_t TR_NAMED(write_rows)(const tr_symbol_writer *writer, const tr_kernel_str *rows,
                                   uint32_t n, uint8_t *out, uint32_t *ends) {
    uint8_t *to = out;
    for (uint32_t i = 0; i < n; i++) {
        to = write_row(writer, rows[i].ptr, rows[i].len, to);
        ends[i] = (uint32_t)(to - out);
    }
    return (size_t)(to - out);
}

TR_VARIANT(symbol, TR_LEVEL_NAME) {
    ops->read_rows = TR_NAMED(read_rows);
    ops->write_rows = TR_NAMED(write_rows);
}

/* kernels/symbol/ref.c: the meaning of symbol.h in plain C. Must not know any instruction set. */
#include "kernels/symbol/symbol.h"

#include <string.h>

/* Bytes that codes[0 .. n) stand for, written to out unless that is NULL. */
static size_t read_row(const tr_symbol_table *table, const uint8_t *codes, size_t n, char *out) {
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++) {
        if (codes[i] != TR_SYMBOL_ESCAPE) {
            size_t len = table->len[codes[i]];
            if (out)
                memcpy(out + bytes, &table->symbol[codes[i]], len);
            bytes += len;
        } else if (++i < n) {
            if (out)
                out[bytes] = (char)codes[i];
            bytes++;
        }
    }
    return bytes;
}

static uint32_t read_rows_ref(const tr_symbol_table *table, const uint8_t *codes,
                              const uint32_t *starts, const uint32_t *ends, uint32_t n, char *out,
                              size_t room, uint32_t *out_ends) {
    size_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *row = codes + starts[i];
        if (read_row(table, row, ends[i] - starts[i], NULL) > room - at)
            return i;
        at += read_row(table, row, ends[i] - starts[i], out + at);
        out_ends[i] = (uint32_t)at;
    }
    return n;
}

static size_t write_row(const tr_symbol_writer *writer, const char *text, size_t n, uint8_t *out) {
    size_t count = 0;
    for (size_t i = 0; i < n;) {
        uint64_t next = 0;
        size_t left = n - i;
        memcpy(&next, text + i, left < 8 ? left : 8);
        const tr_symbol_long *place = &writer->places[tr_symbol_place(next)];
        uint32_t step = left > 1 ? writer->pair[next & 0xffff] : writer->single[next];
        if (place->len <= left && (next & place->mask) == place->symbol)
            step = (uint32_t)place->len << 8 | place->code;
        out[count++] = (uint8_t)step;
        if ((step & 255) == TR_SYMBOL_ESCAPE)
            out[count++] = (uint8_t)next;
        i += step >> 8;
    }
    return count;
}

static size_t write_rows_ref(const tr_symbol_writer *writer, const tr_kernel_str *rows, uint32_t n,
                             uint8_t *out, uint32_t *ends) {
    size_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        count += write_row(writer, rows[i].ptr, rows[i].len, out + count);
        ends[i] = (uint32_t)count;
    }
    return count;
}

TR_VARIANT(symbol, ref) {
    ops->read_rows = read_rows_ref;
    ops->write_rows = write_rows_ref;
}

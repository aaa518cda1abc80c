/* runtime/store/symbol_table.c: which symbols to give a table, as the FSST paper has it: rounds of
 * writing a sample with the table so far, counting symbols and pairs of neighbours, and keeping
 * those that save most. */
#include "runtime/store/symbol_table.h"

#include "runtime/base/checked.h"

#include <stdlib.h>

enum {
    SAMPLE_BYTES = 1 << 16,
    PIECE_BYTES = 512, /* of a long row */
    ROUNDS = 5,
    BYTES_FROM = 256, /* 0 .. 254 are symbols; BYTES_FROM + b is byte b on its own */
    CODES = 512,
    CANDIDATES_LOG2 = 15,
    CANDIDATES = 1 << CANDIDATES_LOG2,
    SORTED_MIN = 1024, /* candidates that are put in order, if there are so many */
};

typedef struct {
    uint64_t symbol;
    uint32_t gain; /* 0: an empty place */
    uint32_t len;
} candidate;

typedef struct {
    tr_str *pieces;
    uint32_t piece_count;
    tr_symbol_table table;
    uint32_t symbol_count;
    tr_symbol_writer writer;
    uint32_t single[CODES];
    uint16_t pair[CODES][CODES];
    candidate candidates[CANDIDATES];
    uint32_t candidate_count;
} trainer;

/* Pieces of rows spread evenly over the pages, SAMPLE_BYTES in all. */
static trawl_status take_sample(tr_arena *scratch, const tr_str *const *pages,
                                const uint32_t *page_rows, uint32_t page_count, trainer *t,
                                trawl_error *err) {
    uint64_t rows = 0, bytes = 0;
    for (uint32_t p = 0; p < page_count; p++) {
        for (uint32_t i = 0; i < page_rows[p]; i++)
            bytes += pages[p][i].len < PIECE_BYTES ? pages[p][i].len : PIECE_BYTES;
        rows += page_rows[p];
    }
    uint64_t step = bytes / SAMPLE_BYTES + 1;
    t->pieces = TR_NEW_N(scratch, tr_str, rows / step + page_count + 1);
    if (!t->pieces)
        return tr_fail_memory(err);
    uint64_t row = 0; /* not the same place in every page, lest a pattern in the rows is met */
    for (uint32_t p = 0; p < page_count; p++) {
        for (; row < page_rows[p]; row += step) {
            tr_str s = pages[p][row];
            uint32_t len = s.len < PIECE_BYTES ? s.len : PIECE_BYTES;
            uint32_t from = s.len > len ? (uint32_t)(row * 2654435761u % (s.len - len)) : 0;
            t->pieces[t->piece_count++] = (tr_str){s.ptr + from, len, 0};
        }
        row -= page_rows[p];
    }
    return TRAWL_OK;
}

void tr_symbols_writer(const tr_symbol_table *table, tr_symbol_writer *out) {
    for (uint32_t i = 0; i < TR_SYMBOL_PLACES; i++)
        out->places[i] = (tr_symbol_long){.symbol = 1};
    for (uint32_t i = 0; i < 256; i++)
        out->single[i] = 1 << 8 | TR_SYMBOL_ESCAPE;
    for (uint32_t i = 0; i < TR_SYMBOL_MAX; i++)
        if (table->len[i] == 1)
            out->single[table->symbol[i]] = (uint16_t)(1 << 8 | i);
    for (uint32_t i = 0; i < 65536; i += 256)
        memcpy(out->pair + i, out->single, sizeof out->single);
    for (uint32_t i = 0; i < TR_SYMBOL_MAX; i++) {
        uint16_t len = table->len[i];
        uint64_t symbol = table->symbol[i];
        if (len == 2)
            out->pair[symbol] = (uint16_t)(2 << 8 | i);
        if (len > 2)
            out->places[tr_symbol_place(symbol)] =
                (tr_symbol_long){symbol, UINT64_MAX >> (64 - 8 * len), len, (uint16_t)i};
    }
}

/* Adds the symbol unless another one is where it would be looked for. */
static bool add_symbol(trainer *t, const candidate *c) {
    uint64_t symbol = c->symbol;
    uint32_t i = t->symbol_count;
    if (c->len > 2) {
        tr_symbol_long *place = &t->writer.places[tr_symbol_place(symbol)];
        if (place->len)
            return false;
        *place = (tr_symbol_long){symbol, UINT64_MAX >> (64 - 8 * c->len), (uint16_t)c->len,
                                  (uint16_t)i};
    }
    t->table.symbol[i] = symbol;
    t->table.len[i] = (uint8_t)c->len;
    t->symbol_count++;
    return true;
}

/* ---- counting ---- */

static uint32_t step_of(const tr_symbol_writer *writer, uint64_t next, size_t left) {
    const tr_symbol_long *place = &writer->places[tr_symbol_place(next)];
    if (place->len && place->len <= left && (next & place->mask) == place->symbol)
        return (uint32_t)place->len << 8 | place->code;
    return left > 1 ? writer->pair[next & 0xffff] : writer->single[next & 255];
}

static void count(trainer *t, uint32_t before, uint32_t code) {
    t->single[code]++;
    if (before < CODES && t->pair[before][code] < UINT16_MAX)
        t->pair[before][code]++;
}

/* How often each symbol and each pair comes in those of the pieces that the round looks at. The
 * first byte of a long symbol counts as well, so that a pair may also grow by one byte. */
static void count_pieces(trainer *t, uint32_t share, bool last) {
    memset(t->single, 0, sizeof t->single);
    memset(t->pair, 0, sizeof t->pair);
    for (uint32_t k = 0; k < t->piece_count; k++) {
        if (k * 2654435761u >> 25 >= share)
            continue;
        tr_str s = t->pieces[k];
        uint32_t before = CODES;
        for (uint32_t i = 0; i < s.len;) {
            uint64_t next;
            uint32_t left = s.len - i;
            memcpy(&next, s.ptr + i, 8);
            if (left < 8)
                next &= UINT64_MAX >> (64 - 8 * left);
            uint32_t step = step_of(&t->writer, next, left);
            uint32_t byte = BYTES_FROM + (uint32_t)(next & 255);
            uint32_t code = (step & 255) == TR_SYMBOL_ESCAPE ? byte : step & 255;
            count(t, before, code);
            if (!last && step >> 8 > 1)
                count(t, before, byte);
            before = code;
            i += step >> 8;
        }
    }
}

/* ---- choosing ---- */

static void offer(trainer *t, uint64_t symbol, uint32_t len, uint32_t times) {
    uint32_t at =
        (uint32_t)((symbol ^ len) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - CANDIDATES_LOG2));
    while (t->candidates[at].gain &&
           (t->candidates[at].symbol != symbol || t->candidates[at].len != len))
        at = (at + 1) % CANDIDATES;
    candidate *c = &t->candidates[at];
    if (!c->gain && t->candidate_count++ >= CANDIDATES / 2) {
        t->candidate_count--;
        return;
    }
    c->symbol = symbol;
    c->len = len;
    c->gain += times * len;
}

/* Every symbol and byte, and, but for the last round, every pair as a longer symbol. Rare ones are
 * left out: they cost more by what they push out than they save. */
static void offer_all(trainer *t, uint32_t least, bool last) {
    uint64_t symbols[CODES];
    uint32_t lens[CODES] = {0};
    memset(t->candidates, 0, sizeof t->candidates);
    t->candidate_count = 0;
    for (uint32_t i = 0; i < t->symbol_count; i++) {
        symbols[i] = t->table.symbol[i];
        lens[i] = t->table.len[i];
    }
    for (uint32_t b = 0; b < 256; b++) {
        symbols[BYTES_FROM + b] = b;
        lens[BYTES_FROM + b] = 1;
    }
    for (uint32_t a = 0; a < CODES; a++) {
        if (!lens[a] || t->single[a] < least)
            continue;
        offer(t, symbols[a], lens[a], t->single[a] * (lens[a] == 1 ? 8 : 1));
        for (uint32_t b = 0; !last && lens[a] < 8 && b < CODES; b++) {
            if (!t->pair[a][b] || t->pair[a][b] < least)
                continue;
            uint32_t len = lens[a] + lens[b] < 8 ? lens[a] + lens[b] : 8;
            offer(t, symbols[a] | symbols[b] << 8 * lens[a], len, t->pair[a][b]);
        }
    }
}

static int by_gain(const void *a, const void *b) {
    const candidate *x = a, *y = b;
    if (x->gain != y->gain)
        return x->gain < y->gain ? 1 : -1;
    if (x->len != y->len)
        return x->len < y->len ? 1 : -1;
    return (x->symbol > y->symbol) - (x->symbol < y->symbol);
}

/* Moves those of the greatest gains to the front, SORTED_MIN of them or some more, in order. */
static uint32_t best_candidates(trainer *t) {
    uint32_t sizes[33] = {0}, floor = 32, sum = 0, n = 0;
    for (uint32_t i = 0; i < CANDIDATES; i++)
        if (t->candidates[i].gain)
            sizes[32 - tr_leading_zeros_u32(t->candidates[i].gain)]++;
    for (; floor > 0 && sum + sizes[floor] < SORTED_MIN; floor--)
        sum += sizes[floor];
    for (uint32_t i = 0; i < CANDIDATES; i++)
        if (t->candidates[i].gain && 32 - tr_leading_zeros_u32(t->candidates[i].gain) >= (int)floor)
            t->candidates[n++] = t->candidates[i];
    qsort(t->candidates, n, sizeof *t->candidates, by_gain);
    return n;
}

static void choose(trainer *t) {
    uint32_t n = best_candidates(t);
    memset(&t->table, 0, sizeof t->table);
    t->symbol_count = 0;
    tr_symbols_writer(&t->table, &t->writer);
    for (uint32_t i = 0; i < n && t->symbol_count < TR_SYMBOL_MAX; i++)
        add_symbol(t, &t->candidates[i]);
    tr_symbols_writer(&t->table, &t->writer);
}

trawl_status tr_symbols_train(tr_arena *scratch, const tr_str *const *pages,
                              const uint32_t *page_rows, uint32_t page_count, tr_symbol_table *out,
                              trawl_error *err) {
    tr_arena_mark mark = tr_arena_here(scratch);
    trainer *t = TR_NEW(scratch, trainer);
    if (!t)
        return tr_fail_memory(err);
    TR_TRY(take_sample(scratch, pages, page_rows, page_count, t, err));
    tr_symbols_writer(&t->table, &t->writer);
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        bool last = round == ROUNDS;
        uint32_t share = last ? 128 : 128 * round / ROUNDS;
        count_pieces(t, share, last);
        offer_all(t, 5 * share / 128, last);
        choose(t);
    }
    *out = t->table;
    tr_arena_release(scratch, mark);
    return TRAWL_OK;
}

/* ---- storing: count, lengths, bytes ---- */

bool tr_symbols_put(const tr_symbol_table *table, tr_buf *out) {
    uint32_t count = 0;
    while (count < TR_SYMBOL_MAX && table->len[count])
        count++;
    tr_buf_put_char(out, (char)count);
    tr_buf_put(out, table->len, count);
    for (uint32_t i = 0; i < count; i++)
        tr_buf_put(out, &table->symbol[i], table->len[i]);
    return !out->failed;
}

trawl_status tr_symbols_get(const char **at, const char *end, tr_symbol_table *out,
                            trawl_error *err) {
    const char *from = *at;
    uint32_t count = from < end ? (uint8_t)*from++ : 0;
    if ((size_t)(end - from) < count)
        return tr_fail(err, TRAWL_E_DATA, "a table of symbols ends too early");
    memset(out, 0, sizeof *out);
    memcpy(out->len, from, count);
    from += count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t len = out->len[i];
        if (len < 1 || len > 8)
            return tr_fail(err, TRAWL_E_DATA, "a symbol of %u bytes, at most 8", len);
        if ((size_t)(end - from) < len)
            return tr_fail(err, TRAWL_E_DATA, "a table of symbols ends too early");
        memcpy(&out->symbol[i], from, len);
        from += len;
    }
    *at = from;
    return TRAWL_OK;
}

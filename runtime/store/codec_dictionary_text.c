/* runtime/store/codec_dictionary_text.c: the entries of a dictionary as bytes.
 *
 * form (a byte), a table of symbols (if SYMBOLS), bytes of each block and bytes of its text
 * (tr_put_integers twice), blocks. A block has TR_DICTIONARY_BLOCK entries, the last one the rest:
 * the lengths of what its entries share with the one before (tr_put_integers; if FRONT), the
 * lengths of the rests (tr_put_integers), then the rests one after the other:
 *   RAW      as they are
 *   SYMBOLS  as codes
 *   ZSTD     as a frame */
#include "runtime/store/codec_dictionary.h"
#include "runtime/store/symbol_table.h"

enum { RAW = 0, SYMBOLS = 1, ZSTD = 2, PACKING = 3, FRONT = 4 };

enum {
    BLOCK = TR_DICTIONARY_BLOCK,
    PACK_FROM = 256,   /* less text than this is not worth packing */
    SAMPLE_BLOCKS = 4, /* by which the form is chosen */
};

static uint32_t shared_bytes(tr_str a, tr_str b) {
    uint32_t n = a.len < b.len ? a.len : b.len, i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t x, y;
        memcpy(&x, a.ptr + i, 8);
        memcpy(&y, b.ptr + i, 8);
        if (x != y)
            return i + (uint32_t)tr_trailing_zeros_u64(x ^ y) / 8;
    }
    while (i < n && a.ptr[i] == b.ptr[i])
        i++;
    return i;
}

/* ---- writing ---- */

typedef struct {
    const tr_str *entries;
    uint32_t count, block_count;
    uint32_t form;
    tr_symbol_table *table;
    tr_symbol_writer *writer;
    void *zstd;
    /* one block at a time */
    uint64_t shared[BLOCK], lengths[BLOCK];
    tr_str text; /* its rests */
    char *text_room;
    uint8_t *codes;
} text_writer;

static uint32_t block_entries(uint32_t count, uint32_t b) {
    return count - b * BLOCK < BLOCK ? count - b * BLOCK : BLOCK;
}

static trawl_status start_writer(tr_arena *scratch, text_writer *w, trawl_error *err) {
    uint64_t most = 0;
    w->block_count = (w->count + BLOCK - 1) / BLOCK;
    for (uint32_t b = 0; b < w->block_count; b++) {
        uint64_t bytes = tr_text_bytes(w->entries + b * BLOCK, block_entries(w->count, b));
        most = bytes > most ? bytes : most;
    }
    w->table = TR_NEW(scratch, tr_symbol_table);
    w->writer = TR_NEW(scratch, tr_symbol_writer);
    w->text_room = tr_arena_alloc(scratch, most + TR_PAD, 64);
    w->codes = tr_arena_alloc(scratch, most * 2 + TR_PAD, 64);
    return w->table && w->writer && w->text_room && w->codes ? TRAWL_OK : tr_fail_memory(err);
}

/* The entries of a block without what each shares with the one before. */
static void cut(text_writer *w, uint32_t b) {
    const tr_str *entries = w->entries + b * BLOCK;
    uint32_t count = block_entries(w->count, b);
    char *to = w->text_room;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t skip = w->form & FRONT && i ? shared_bytes(entries[i - 1], entries[i]) : 0;
        uint32_t rest = entries[i].len - skip;
        w->shared[i] = skip;
        w->lengths[i] = rest;
        memcpy(to, entries[i].ptr + skip, rest);
        to += rest;
    }
    memset(to, 0, TR_PAD);
    w->text = (tr_str){w->text_room, (uint32_t)(to - w->text_room), 0};
}

static trawl_status put_block(tr_arena *scratch, text_writer *w, uint32_t b, tr_buf *out,
                              trawl_error *err) {
    uint32_t count = block_entries(w->count, b), end;
    cut(w, b);
    if (w->form & FRONT)
        TR_TRY(tr_put_integers(scratch, w->shared, count, out, err));
    TR_TRY(tr_put_integers(scratch, w->lengths, count, out, err));
    if ((w->form & PACKING) == ZSTD)
        return tr_zstd_write(scratch, &w->zstd, w->text.ptr, w->text.len, out, err);
    bool put;
    if ((w->form & PACKING) == SYMBOLS)
        put =
            tr_buf_put(out, w->codes,
                       tr_kernels_now()->symbol.write_rows(w->writer, &w->text, 1, w->codes, &end));
    else
        put = tr_buf_put_str(out, w->text);
    return put ? TRAWL_OK : tr_fail_memory(err);
}

/* Symbols for the rests of some blocks. */
static trawl_status train(tr_arena *scratch, text_writer *w, const uint32_t *blocks, uint32_t n,
                          trawl_error *err) {
    const tr_str *pages[SAMPLE_BLOCKS];
    uint32_t rows[SAMPLE_BLOCKS];
    for (uint32_t k = 0; k < n; k++) {
        cut(w, blocks[k]);
        const char *text = tr_arena_text(scratch, w->text.ptr, w->text.len);
        tr_str *rests = TR_NEW_N(scratch, tr_str, BLOCK);
        if (!text || !rests)
            return tr_fail_memory(err);
        rows[k] = block_entries(w->count, blocks[k]);
        for (uint32_t i = 0; i < rows[k]; i++) {
            rests[i] = (tr_str){text, (uint32_t)w->lengths[i], 0};
            text += w->lengths[i];
        }
        pages[k] = rests;
    }
    TR_TRY(tr_symbols_train(scratch, pages, rows, n, w->table, err));
    tr_symbols_writer(w->table, w->writer);
    return TRAWL_OK;
}

/* Bytes that some blocks take, in w->form. */
static trawl_status try_form(tr_arena *scratch, text_writer *w, const uint32_t *blocks, uint32_t n,
                             double *bytes, trawl_error *err) {
    tr_buf out;
    tr_buf_start(&out, scratch);
    if ((w->form & PACKING) == SYMBOLS) {
        TR_TRY(train(scratch, w, blocks, n, err));
        if (!tr_symbols_put(w->table, &out))
            return tr_fail_memory(err);
        out.n = out.n * n / w->block_count; /* all blocks share it */
    }
    for (uint32_t k = 0; k < n; k++)
        TR_TRY(put_block(scratch, w, blocks[k], &out, err));
    *bytes = (double)out.n;
    return TRAWL_OK;
}

/* A slower form must make some blocks so much smaller than a faster one. Symbols are read two to
 * three times as fast as zstd, and bytes that are as they are faster still. */
static trawl_status choose(tr_arena *scratch, text_writer *w, trawl_error *err) {
    uint32_t blocks[SAMPLE_BLOCKS];
    uint32_t n = w->block_count < SAMPLE_BLOCKS ? w->block_count : SAMPLE_BLOCKS;
    double raw, front, symbols, zstd;
    for (uint32_t k = 0; k < n; k++)
        blocks[k] = k * w->block_count / n;
    w->form = RAW;
    TR_TRY(try_form(scratch, w, blocks, n, &raw, err));
    if (raw < PACK_FROM)
        return TRAWL_OK;
    w->form = FRONT;
    TR_TRY(try_form(scratch, w, blocks, n, &front, err));
    uint32_t cut_front = front < raw * 0.9 ? FRONT : 0;
    w->form = ZSTD | cut_front;
    TR_TRY(try_form(scratch, w, blocks, n, &zstd, err));
    w->form = SYMBOLS | cut_front;
    TR_TRY(try_form(scratch, w, blocks, n, &symbols, err));
    double best = (cut_front ? front : raw) * 0.85;
    w->form = cut_front;
    if (symbols < best) {
        best = symbols * 0.75;
        w->form = SYMBOLS | cut_front;
    }
    if (zstd < best)
        w->form = ZSTD | cut_front;
    return TRAWL_OK;
}

static trawl_status put_all(tr_arena *scratch, text_writer *w, tr_buf *out, trawl_error *err) {
    uint32_t n = w->block_count;
    uint64_t *sizes = TR_NEW_N(scratch, uint64_t, n), *bytes = TR_NEW_N(scratch, uint64_t, n);
    tr_buf blocks;
    tr_buf_start(&blocks, scratch);
    if (!sizes || !bytes)
        return tr_fail_memory(err);
    for (uint32_t b = 0; b < n; b++) {
        size_t before = blocks.n;
        TR_TRY(put_block(scratch, w, b, &blocks, err));
        sizes[b] = blocks.n - before;
        bytes[b] = tr_text_bytes(w->entries + b * BLOCK, block_entries(w->count, b));
    }
    tr_buf_put_char(out, (char)w->form);
    if ((w->form & PACKING) == SYMBOLS && !tr_symbols_put(w->table, out))
        return tr_fail_memory(err);
    TR_TRY(tr_put_integers(scratch, sizes, n, out, err));
    TR_TRY(tr_put_integers(scratch, bytes, n, out, err));
    return tr_buf_put(out, blocks.bytes, blocks.n) ? TRAWL_OK : tr_fail_memory(err);
}

/* What the group before leaves: the form, its table, and what the blocks were of the text. */
typedef struct {
    uint32_t form;
    tr_symbol_table table;
    double share;
} remembered;

/* What was chosen for the group before is used as long as entries take at most so much more. */
#define SHARE_DRIFT 1.02

static void keep_form(const text_writer *w, double share, tr_column_memory *memory) {
    remembered *last = memory->state ? memory->state : TR_NEW(memory->arena, remembered);
    if (last)
        *last = (remembered){w->form, *w->table, share};
    memory->state = last;
}

trawl_status tr_dictionary_put_text(tr_arena *scratch, const tr_str *entries, uint32_t count,
                                    tr_column_memory *memory, tr_buf *out, trawl_error *err) {
    const remembered *last = memory ? memory->state : NULL;
    double total = (double)tr_text_bytes(entries, count);
    size_t before = out->n;
    text_writer *w = TR_NEW(scratch, text_writer);
    if (!w)
        return tr_fail_memory(err);
    w->entries = entries;
    w->count = count;
    TR_TRY(start_writer(scratch, w, err));
    if (last) {
        w->form = last->form;
        *w->table = last->table;
        tr_symbols_writer(w->table, w->writer);
        TR_TRY(put_all(scratch, w, out, err));
        if ((double)(out->n - before) <= last->share * SHARE_DRIFT * total)
            return TRAWL_OK;
        out->n = before;
    }
    TR_TRY(choose(scratch, w, err));
    TR_TRY(put_all(scratch, w, out, err));
    if (memory && total > 0)
        keep_form(w, (double)(out->n - before) / total, memory);
    return TRAWL_OK;
}

/* ---- reading ---- */

static trawl_status fail(const char *what, trawl_error *err) {
    return tr_fail(err, TRAWL_E_DATA, "a dictionary is damaged: %s", what);
}

/* Numbers that are below 2^32, in an array of their own. */
static trawl_status get_numbers(tr_arena *arena, const char **at, const char *end, uint32_t count,
                                uint64_t **out, trawl_error *err) {
    size_t room = ((size_t)count + TR_UNPACK_ROWS - 1) / TR_UNPACK_ROWS * TR_UNPACK_ROWS;
    *out = tr_arena_alloc(arena, room * sizeof **out, 64);
    if (!*out)
        return tr_fail_memory(err);
    TR_TRY(tr_get_integers(at, end, count, *out, err));
    uint64_t all = 0;
    for (uint32_t i = 0; i < count; i++)
        all |= (*out)[i];
    return all > UINT32_MAX ? fail("a length", err) : TRAWL_OK;
}

static trawl_status open_blocks(tr_dictionary_text *t, const char *at, const char *end,
                                trawl_error *err) {
    uint32_t n = t->block_count;
    uint32_t *starts = TR_NEW_N(t->local, uint32_t, n + 1);
    uint32_t *text_bytes = TR_NEW_N(t->local, uint32_t, n);
    if (!starts || !text_bytes)
        return tr_fail_memory(err);
    uint64_t *sizes, *bytes, size = 0, text = 0;
    TR_TRY(get_numbers(t->local, &at, end, n, &sizes, err));
    TR_TRY(get_numbers(t->local, &at, end, n, &bytes, err));
    for (uint32_t b = 0; b < n; b++) {
        starts[b] = (uint32_t)size;
        text_bytes[b] = (uint32_t)bytes[b];
        size += sizes[b];
        text += bytes[b];
        if (size > TR_PAGE_TEXT_MAX || text > TR_DICTIONARY_TEXT_MAX)
            return fail("too much text", err);
    }
    starts[n] = (uint32_t)size;
    if (size != (size_t)(end - at))
        return fail("wrong size", err);
    t->blocks = at;
    t->starts = starts;
    t->text_bytes = text_bytes;
    return TRAWL_OK;
}

trawl_status tr_dictionary_open_text(tr_arena *local, const char *at, const char *end,
                                     uint32_t count, bool dynamic, tr_dictionary_text *out,
                                     trawl_error *err) {
    size_t room = ((size_t)count + 63) / 64 * 64;
    tr_dictionary_text t = {.count = count, .dynamic = dynamic, .local = local};
    t.block_count = (count + BLOCK - 1) / BLOCK;
    t.form = at < end ? (uint8_t)*at++ : UINT32_MAX;
    if (t.form > (PACKING | FRONT) || (t.form & PACKING) == PACKING)
        return fail("unknown form", err);
    if ((t.form & PACKING) == SYMBOLS) {
        tr_symbol_table *table = TR_NEW(local, tr_symbol_table);
        if (!table)
            return tr_fail_memory(err);
        TR_TRY(tr_symbols_get(&at, end, table, err));
        t.symbols = table;
    }
    t.entries = tr_arena_alloc(local, room * sizeof *t.entries, 64);
    t.loaded = TR_NEW_N(local, uint64_t, TR_BITS_WORDS(t.block_count));
    if (!t.entries || !t.loaded)
        return tr_fail_memory(err);
    for (size_t i = 0; i < room; i++)
        t.entries[i] = TR_STR_EMPTY;
    TR_TRY(open_blocks(&t, at, end, err));
    *out = t;
    return TRAWL_OK;
}

static trawl_status get_rests(tr_dictionary_text *t, const char *at, const char *end,
                              uint32_t bytes, char *text, trawl_error *err) {
    size_t left = (size_t)(end - at);
    switch (t->form & PACKING) {
    case ZSTD: return tr_zstd_read(t->zstd, at, left, text, bytes, err);
    case SYMBOLS: {
        uint32_t start = 0, stop = (uint32_t)left, text_end;
        if (!tr_kernels_now()->symbol.read_rows(t->symbols, (const uint8_t *)at, &start, &stop, 1,
                                                text, bytes, &text_end) ||
            text_end != bytes)
            return fail("wrong size of text", err);
        return TRAWL_OK;
    }
    default:
        if (left != bytes)
            return fail("wrong size of text", err);
        memcpy(text, at, bytes);
        return TRAWL_OK;
    }
}

/* Rests and what is shared become text. */
static trawl_status join(const uint64_t *shared, const uint64_t *lengths, const char *rest,
                         uint32_t count, char *text, tr_str *entries, trawl_error *err) {
    tr_str before = TR_STR_EMPTY;
    for (uint32_t i = 0; i < count; i++) {
        if (shared[i] > before.len)
            return fail("an entry shares more than there is", err);
        uint32_t skip = (uint32_t)shared[i];
        if (skip)
            memcpy(text, before.ptr, skip);
        memcpy(text + skip, rest, lengths[i]);
        before = (tr_str){text, skip + (uint32_t)lengths[i], 0};
        entries[i] = before;
        rest += lengths[i];
        text += before.len;
    }
    return TRAWL_OK;
}

/* Block b becomes text and entries; what else is taken from the arena the caller gives back. */
static trawl_status read_block(tr_dictionary_text *t, uint32_t b, char *text, tr_str *entries,
                               trawl_error *err) {
    const char *at = t->blocks + t->starts[b], *end = t->blocks + t->starts[b + 1];
    uint32_t count = block_entries(t->count, b);
    uint64_t *shared = NULL, *lengths, bytes = 0, rest_bytes = 0;
    if (t->form & FRONT)
        TR_TRY(get_numbers(t->local, &at, end, count, &shared, err));
    TR_TRY(get_numbers(t->local, &at, end, count, &lengths, err));
    for (uint32_t i = 0; i < count; i++) {
        rest_bytes += lengths[i];
        bytes += lengths[i] + (shared ? shared[i] : 0);
    }
    if (bytes != t->text_bytes[b])
        return fail("wrong size of text", err);
    char *rest = shared ? tr_arena_alloc(t->local, rest_bytes + TR_PAD, 64) : text;
    if (!rest)
        return tr_fail_memory(err);
    TR_TRY(get_rests(t, at, end, (uint32_t)rest_bytes, rest, err));
    if (shared)
        return join(shared, lengths, rest, count, text, entries, err);
    for (uint32_t i = 0; i < count; i++) {
        entries[i] = (tr_str){text, (uint32_t)lengths[i], 0};
        text += lengths[i];
    }
    return TRAWL_OK;
}

trawl_status tr_dictionary_load(tr_dictionary_text *t, uint32_t b, trawl_error *err) {
    if (tr_bit_get(t->loaded, b))
        return TRAWL_OK;
    if ((t->form & PACKING) == ZSTD)
        TR_TRY(tr_zstd_read_start(t->local, &t->zstd, err));
    tr_str made[BLOCK];
    uint32_t count = block_entries(t->count, b);
    char *text = tr_arena_alloc(t->local, t->text_bytes[b] + TR_PAD, 64);
    if (!text)
        return tr_fail_memory(err);
    tr_arena_mark mark = tr_arena_here(t->local);
    trawl_status status = read_block(t, b, text, made, err);
    tr_arena_release(t->local, mark);
    TR_TRY(status);
    memset(text + t->text_bytes[b], 0, TR_PAD); /* reading may have left anything there */
    for (uint32_t i = 0; i < count; i++) {
        made[i] = tr_str_make(made[i].ptr, made[i].len);
        if (t->dynamic)
            TR_TRY(tr_check_dynamic(&made[i], err));
    }
    memcpy(t->entries + b * BLOCK, made, count * sizeof *made);
    tr_bit_set(t->loaded, b);
    t->loaded_count++;
    return TRAWL_OK;
}

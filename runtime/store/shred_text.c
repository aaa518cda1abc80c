/* runtime/store/shred_text.c: strings of one form, as numbers.
 *
 * Identifiers are strings of one length, in which some places never change and the others hold
 * characters of a small alphabet. Of such a string only the characters that change are kept, as
 * numbers of a few bits, one after the other, low bits first; a list of them lies in the page, or,
 * where they come again and again, all that there are in the head and their numbers in the page.
 *
 *   head   u8 0; or u8 1, varint count, the values
 *   page   the values; or varint count, numbers (tr_put_integers)
 *
 * Dates and guids that stand as text become what they are. Must not know shapes. */
#include "kernels/kernels.h"
#include "runtime/data/text.h"
#include "runtime/store/shred_local.h"

enum { ALPHABET_MAX = 64, VARYING_MIN = 6, BYTES_MAX = 250, NO_CODE = 255 };
enum { AT_ONCE = 8, JUDGE_SHARE = 4 };

/* A place or two neighbours of the text, and where their bits begin. */
typedef struct {
    uint8_t place, pair, byte, shift;
} piece;

struct tr_shred_fixed {
    uint32_t bytes;
    uint32_t alphabet_count;
    uint32_t bits, varying, value_bytes;
    char text[BYTES_MAX + TR_PAD];    /* what stands where nothing changes; else zero */
    uint64_t same[BYTES_MAX / 8 + 2]; /* 0xff for each place that never changes */
    uint8_t places[BYTES_MAX];        /* that change */
    char alphabet[ALPHABET_MAX];
    uint8_t codes[256];
    uint32_t piece_count;
    piece pieces[BYTES_MAX];
    char single[ALPHABET_MAX];
    char pairs[ALPHABET_MAX * ALPHABET_MAX][2];
};

/* ---- dates and guids ---- */

static bool digits(const char *at, uint32_t n, uint32_t *out) {
    uint32_t v = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t digit = (uint32_t)(uint8_t)at[i] - '0';
        if (digit > 9)
            return false;
        v = v * 10 + digit;
    }
    *out = v;
    return true;
}

bool tr_shred_parse_iso(tr_str text, uint32_t fraction, int64_t *ticks) {
    static const uint32_t scale[8] = {10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};
    uint32_t year, month, day, hour, minute, second, part = 0;
    const char *s = text.ptr;
    if (text.len != 20 + fraction + (fraction > 0) || s[4] != '-' || s[7] != '-' || s[10] != 'T' ||
        s[13] != ':' || s[16] != ':' || s[text.len - 1] != 'Z' || (fraction && s[19] != '.'))
        return false;
    if (!digits(s, 4, &year) || !digits(s + 5, 2, &month) || !digits(s + 8, 2, &day) ||
        !digits(s + 11, 2, &hour) || !digits(s + 14, 2, &minute) || !digits(s + 17, 2, &second) ||
        !digits(s + 20, fraction, &part))
        return false;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    int64_t tick_of_day = (int64_t)(hour * 3600 + minute * 60 + second) * TR_TICKS_SECOND +
                          (int64_t)part * scale[fraction];
    return tr_ticks_of_civil((int32_t)year, month, day, tick_of_day, ticks);
}

static bool is_dash(uint32_t i) {
    return i == 8 || i == 13 || i == 18 || i == 23;
}

bool tr_shred_parse_guid(tr_str text, tr_guid *out) {
    uint32_t nibbles = 0;
    if (text.len != TR_SHRED_GUID_TEXT_BYTES)
        return false;
    for (uint32_t i = 0; i < TR_SHRED_GUID_TEXT_BYTES; i++) {
        char c = text.ptr[i];
        if (is_dash(i)) {
            if (c != '-')
                return false;
            continue;
        }
        uint8_t v = (uint8_t)(c >= 'a' ? c - 'a' + 10 : c - '0');
        if (v > 15 || (c > '9' && c < 'a'))
            return false;
        uint8_t *byte = &out->bytes[nibbles / 2];
        *byte = (uint8_t)(nibbles & 1 ? *byte | v : v << 4);
        nibbles++;
    }
    return true;
}

static void format_guid(const tr_guid *guid, char *out) {
    uint32_t nibbles = 0;
    for (uint32_t i = 0; i < TR_SHRED_GUID_TEXT_BYTES; i++) {
        if (is_dash(i)) {
            out[i] = '-';
            continue;
        }
        out[i] = "0123456789abcdef"[guid->bytes[nibbles / 2] >> (nibbles & 1 ? 0 : 4) & 15];
        nibbles++;
    }
}

/* ---- making ---- */

static uint32_t bits_for(uint32_t count) {
    uint32_t bits = 1;
    while (1u << bits < count)
        bits++;
    return bits;
}

/* Everything that follows from text, places and alphabet. False: it is of no use, or damaged. */
static bool complete(tr_shred_fixed *f) {
    f->bits = bits_for(f->alphabet_count);
    f->value_bytes = (f->varying * f->bits + 7) / 8;
    if (!f->varying)
        return false;
    memset(f->same, 0xff, sizeof f->same);
    memset(f->codes, NO_CODE, sizeof f->codes);
    for (uint32_t i = 0; i < f->varying; i++)
        memset((char *)f->same + f->places[i], 0, 1);
    memset((char *)f->same + f->bytes, 0, sizeof f->same - f->bytes);
    for (uint32_t i = 0; i < ALPHABET_MAX; i++) {
        bool used = i < f->alphabet_count;
        f->single[i] = f->alphabet[used ? i : 0];
        if (used)
            f->codes[(uint8_t)f->alphabet[i]] = (uint8_t)i;
    }
    for (uint32_t i = 0; i < 1u << 2 * f->bits; i++) {
        f->pairs[i][0] = f->single[i & ((1u << f->bits) - 1)];
        f->pairs[i][1] = f->single[i >> f->bits];
    }
    for (uint32_t i = 0; i < f->varying; i++) {
        uint32_t bit = i * f->bits;
        piece *last = f->piece_count ? &f->pieces[f->piece_count - 1] : NULL;
        if (last && !last->pair && last->place + 1 == f->places[i])
            last->pair = 1;
        else
            f->pieces[f->piece_count++] =
                (piece){f->places[i], 0, (uint8_t)(bit / 8), (uint8_t)(bit % 8)};
    }
    return true;
}

/* The length that most of the texts have. */
static uint32_t common_bytes(const tr_str *texts, uint32_t n) {
    uint32_t bytes = 0, lead = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!lead)
            bytes = texts[i].len;
        lead = texts[i].len == bytes ? lead + 1 : lead - 1;
    }
    return bytes;
}

trawl_status tr_shred_fixed_find(tr_arena *arena, const tr_str *texts, uint32_t n,
                                 tr_shred_fixed **out, trawl_error *err) {
    uint32_t bytes = common_bytes(texts, n), fitting = 0;
    const char *first = NULL;
    bool varies[BYTES_MAX] = {false}, used[256] = {false};
    *out = NULL;
    if (bytes < VARYING_MIN || bytes > BYTES_MAX)
        return TRAWL_OK;
    for (uint32_t i = 0; i < n; i++) {
        if (texts[i].len != bytes)
            continue;
        first = first ? first : texts[i].ptr;
        fitting++;
        for (uint32_t k = 0; k < bytes; k++)
            varies[k] |= texts[i].ptr[k] != first[k];
    }
    if ((uint64_t)fitting * 100 < (uint64_t)n * 90)
        return TRAWL_OK;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; texts[i].len == bytes && k < bytes; k++)
            used[(uint8_t)texts[i].ptr[k]] |= varies[k];
    tr_shred_fixed *f = TR_NEW(arena, tr_shred_fixed);
    if (!f)
        return tr_fail_memory(err);
    f->bytes = bytes;
    for (uint32_t k = 0; k < bytes; k++) {
        if (varies[k])
            f->places[f->varying++] = (uint8_t)k;
        else
            f->text[k] = first[k];
    }
    for (uint32_t c = 0; c < 256; c++) {
        if (!used[c])
            continue;
        if (f->alphabet_count == ALPHABET_MAX)
            return TRAWL_OK;
        f->alphabet[f->alphabet_count++] = (char)c;
    }
    if (f->varying >= VARYING_MIN && complete(f))
        *out = f;
    return TRAWL_OK;
}

/* ---- in the head ---- */

/* u8 bytes, the text, u8 for each place: does it vary, u8 size and text of the alphabet */
bool tr_shred_fixed_put(tr_buf *out, const tr_shred_fixed *f) {
    char varies[BYTES_MAX] = {0};
    for (uint32_t i = 0; i < f->varying; i++)
        varies[f->places[i]] = 1;
    return tr_buf_put_char(out, (char)f->bytes) && tr_buf_put(out, f->text, f->bytes) &&
           tr_buf_put(out, varies, f->bytes) && tr_buf_put_char(out, (char)f->alphabet_count) &&
           tr_buf_put(out, f->alphabet, f->alphabet_count);
}

trawl_status tr_shred_fixed_get(tr_arena *arena, const char **at, const char *end,
                                tr_shred_fixed **out, trawl_error *err) {
    tr_shred_fixed *f = TR_NEW(arena, tr_shred_fixed);
    if (!f)
        return tr_fail_memory(err);
    const char *p = *at;
    bool ok = p < end;
    f->bytes = ok ? (uint8_t)*p++ : 0;
    ok = ok && f->bytes && f->bytes <= BYTES_MAX && (size_t)(end - p) > (size_t)f->bytes * 2;
    for (uint32_t i = 0; ok && i < f->bytes; i++) {
        if (p[f->bytes + i])
            f->places[f->varying++] = (uint8_t)i;
        else
            f->text[i] = p[i];
    }
    p += ok ? (size_t)f->bytes * 2 : 0;
    f->alphabet_count = ok ? (uint8_t)*p++ : 0;
    ok = ok && f->alphabet_count && f->alphabet_count <= ALPHABET_MAX &&
         (size_t)(end - p) >= f->alphabet_count;
    if (ok)
        memcpy(f->alphabet, p, f->alphabet_count);
    if (!ok || !complete(f))
        return tr_fail(err, TRAWL_E_DATA, "a shredded column is damaged: form of a text");
    *at = p + f->alphabet_count;
    *out = f;
    return TRAWL_OK;
}

/* ---- values ---- */

bool tr_shred_fixed_fits(const tr_shred_fixed *f, tr_str text) {
    if (text.len != f->bytes)
        return false;
    uint64_t other = 0;
    for (uint32_t i = 0; i * 8 < f->bytes; i++) { /* the pads make whole words */
        uint64_t a, b;
        memcpy(&a, text.ptr + (size_t)i * 8, 8);
        memcpy(&b, f->text + (size_t)i * 8, 8);
        other |= (a ^ b) & f->same[i];
    }
    uint32_t worst = 0;
    for (uint32_t i = 0; i < f->varying; i++)
        worst |= f->codes[(uint8_t)text.ptr[f->places[i]]] == NO_CODE;
    return !other && !worst;
}

/* Writes up to 8 bytes more than the value has. */
static void pack_text(const tr_shred_fixed *f, const char *text, char *out) {
    uint64_t word = 0;
    uint32_t bits = 0, i = 0, width = f->bits;
    for (; i + AT_ONCE <= f->varying; i += AT_ONCE) { /* at most 48 bits more to at most 7 */
        const uint8_t *places = f->places + i;
        uint64_t next = 0;
        for (uint32_t k = 0; k < AT_ONCE; k++)
            next |= (uint64_t)f->codes[(uint8_t)text[places[k]]] << k * width;
        word |= next << bits;
        bits += AT_ONCE * width;
        memcpy(out, &word, 8);
        out += bits / 8;
        word >>= bits / 8 * 8;
        bits %= 8;
    }
    for (; i < f->varying; i++) {
        word |= (uint64_t)f->codes[(uint8_t)text[f->places[i]]] << bits;
        bits += width;
    }
    memcpy(out, &word, 8);
}

/* Distinct values, numbered as they come. */
typedef struct {
    uint32_t count;
    uint32_t *first; /* [count] where each came first */
    uint32_t *codes; /* [k] */
} value_set;

/* *out has no codes if nearly all of the first quarter differ. */
static trawl_status find_distinct(tr_arena *scratch, const char *values, uint32_t bytes, uint32_t k,
                                  value_set *out, trawl_error *err) {
    uint32_t size = 64;
    while (size < k * 2)
        size *= 2;
    uint32_t *slots = TR_NEW_N(scratch, uint32_t, size);
    value_set set = {0, tr_arena_alloc(scratch, (size_t)k * 4 + 4, 4),
                     tr_arena_alloc(scratch, (size_t)k * 4 + 4, 4)};
    if (!slots || !set.first || !set.codes)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < k; i++) {
        const char *v = values + (size_t)i * bytes;
        uint32_t at = (uint32_t)tr_hash_bytes(v, bytes, 0) & (size - 1);
        while (slots[at] &&
               memcmp(values + (size_t)set.first[slots[at] - 1] * bytes, v, bytes) != 0)
            at = (at + 1) & (size - 1);
        if (!slots[at]) {
            set.first[set.count++] = i;
            slots[at] = set.count;
        }
        set.codes[i] = slots[at] - 1;
        if (i == k / JUDGE_SHARE && set.count > i - i / 32) {
            *out = (value_set){0};
            return TRAWL_OK;
        }
    }
    *out = set;
    return TRAWL_OK;
}

trawl_status tr_shred_fixed_encode(const tr_shred_fixed *f, tr_arena *scratch,
                                   const char *const *values, const uint32_t *counts,
                                   uint32_t page_count, tr_encoded *out, trawl_error *err) {
    uint32_t k = 0, bytes = f->value_bytes;
    for (uint32_t p = 0; p < page_count; p++)
        k += counts[p];
    char *packed = tr_arena_alloc(scratch, (size_t)k * bytes + 8, 8);
    if (!packed)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < k; i++)
        pack_text(f, values[i] + TR_SHRED_TEXT_HEADER, packed + (size_t)i * bytes);
    value_set set;
    TR_TRY(find_distinct(scratch, packed, bytes, k, &set, err));
    double by_code = (double)set.count * bytes + k * (tr_bits_of_u64(set.count) / 8.0);
    bool coded = set.codes && by_code < 0.9 * bytes * k;
    tr_buf head, pages;
    tr_buf_start(&head, scratch);
    tr_buf_start(&pages, scratch);
    bool ok = tr_buf_put_char(&head, coded) && (!coded || tr_put_varint(&head, set.count));
    for (uint32_t i = 0; coded && ok && i < set.count; i++)
        ok = tr_buf_put(&head, packed + (size_t)set.first[i] * bytes, bytes);
    if (!ok)
        return tr_fail_memory(err);
    out->head = tr_buf_str(&head);
    out->page_count = page_count;
    for (uint32_t p = 0, from = 0; p < page_count; from += counts[p++]) {
        out->pages[p] = tr_str_make(packed + (size_t)from * bytes, counts[p] * bytes);
        if (!coded || !counts[p])
            continue;
        uint64_t codes[TR_BATCH_ROWS];
        tr_buf_start(&pages, scratch);
        for (uint32_t i = 0; i < counts[p]; i++)
            codes[i] = set.codes[from + i];
        if (!tr_put_varint(&pages, counts[p]))
            return tr_fail_memory(err);
        TR_TRY(tr_put_integers(scratch, codes, counts[p], &pages, err));
        out->pages[p] = tr_buf_str(&pages);
    }
    return TRAWL_OK;
}

/* Room for n encoded strings of `bytes` each, with their headers; out[i] is the text of one. */
static trawl_status make_texts(tr_arena *scratch, uint32_t bytes, uint32_t n, tr_vec *out,
                               trawl_error *err) {
    TR_TRY(tr_vec_new(scratch, TR_STRING, n, out, err));
    size_t step = (size_t)bytes + TR_SHRED_TEXT_HEADER;
    char *at = tr_arena_alloc(scratch, n * step + TR_PAD, 64);
    if (!at)
        return tr_fail_memory(err);
    uint64_t header = TR_DYN_STRING | (uint64_t)bytes << 8;
    tr_str *rows = out->data;
    for (uint32_t i = 0; i < n; i++, at += step) {
        memcpy(at, &header, sizeof header);
        rows[i] = (tr_str){at + TR_SHRED_TEXT_HEADER, bytes, 0};
    }
    return TRAWL_OK;
}

static void finish_texts(tr_vec *out, uint32_t n) {
    tr_str *rows = out->data;
    for (uint32_t i = 0; i < n; i++)
        rows[i] = tr_str_make(rows[i].ptr, rows[i].len);
}

static char *text_at(tr_vec *out, uint32_t i) {
    return (char *)(uintptr_t)tr_vec_str(out)[i].ptr;
}

static trawl_status damaged(trawl_error *err) {
    return tr_fail(err, TRAWL_E_DATA, "a shredded column is damaged: strings of one length");
}

/* Where the packed values are that were asked for. */
static trawl_status find_coded(const tr_shred_fixed *f, tr_str head, tr_str part,
                               const uint16_t *places, uint32_t n, tr_arena *scratch,
                               const char **values, trawl_error *err) {
    const char *at = part.ptr, *end = at + part.len;
    const char *entries = head.ptr + 1, *head_end = head.ptr + head.len;
    uint64_t count, entry_count;
    if (!tr_get_varint(&entries, head_end, &entry_count) ||
        entry_count > (size_t)(head_end - entries) / f->value_bytes)
        return damaged(err);
    if (!tr_get_varint(&at, end, &count) || !count || count > TR_BATCH_ROWS)
        return damaged(err);
    uint64_t *codes = tr_arena_alloc(scratch, TR_BATCH_ROWS * sizeof *codes, 64);
    if (!codes)
        return tr_fail_memory(err);
    TR_TRY(tr_get_integers(&at, end, (uint32_t)count, codes, err));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t place = places ? places[i] : i;
        if (place >= count || codes[place] >= entry_count)
            return damaged(err);
        values[i] = entries + codes[place] * f->value_bytes;
    }
    return TRAWL_OK;
}

static trawl_status find_plain(const tr_shred_fixed *f, tr_str part, const uint16_t *places,
                               uint32_t n, const char **values, trawl_error *err) {
    uint32_t count = part.len / f->value_bytes;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t place = places ? places[i] : i;
        if (place >= count)
            return damaged(err);
        values[i] = part.ptr + (size_t)place * f->value_bytes;
    }
    return TRAWL_OK;
}

trawl_status tr_shred_fixed_texts(const tr_shred_fixed *f, tr_str head, tr_str part,
                                  const uint16_t *places, uint32_t n, tr_arena *scratch,
                                  tr_vec *out, trawl_error *err) {
    const char *values[TR_BATCH_ROWS];
    uint32_t mask = (1u << 2 * f->bits) - 1;
    if (!head.len)
        return damaged(err);
    if (head.ptr[0])
        TR_TRY(find_coded(f, head, part, places, n, scratch, values, err));
    else
        TR_TRY(find_plain(f, part, places, n, values, err));
    TR_TRY(make_texts(scratch, f->bytes, n, out, err));
    for (uint32_t i = 0; i < n; i++) {
        char *to = text_at(out, i);
        memcpy(to, f->text, f->bytes);
        for (uint32_t k = 0; k < f->piece_count; k++) {
            piece at = f->pieces[k];
            uint32_t word; /* what lies behind the value is readable, and masked */
            memcpy(&word, values[i] + at.byte, 4);
            const char *pair = f->pairs[word >> at.shift & mask];
            to[at.place] = pair[0];
            if (at.pair)
                to[at.place + 1] = pair[1];
        }
    }
    finish_texts(out, n);
    return TRAWL_OK;
}

trawl_status tr_shred_iso_texts(uint32_t digits, const tr_vec *ticks, uint32_t n, tr_arena *scratch,
                                tr_vec *out, trawl_error *err) {
    uint32_t bytes = 20 + (digits ? digits + 1 : 0);
    char *texts = tr_arena_alloc(scratch, (size_t)n * TR_DATETIME_TEXT, 64);
    tr_vec flat;
    if (!texts)
        return tr_fail_memory(err);
    TR_TRY(tr_vec_flatten(scratch, ticks, n, &flat, err));
    TR_TRY(make_texts(scratch, bytes, n, out, err));
    if (n)
        tr_kernels_now()->datetime.format(tr_vec_i64(&flat), n, texts);
    for (uint32_t i = 0; i < n; i++) {
        char *to = text_at(out, i);
        memcpy(to, texts + (size_t)i * TR_DATETIME_TEXT, bytes - 1);
        to[bytes - 1] = 'Z';
    }
    finish_texts(out, n);
    return TRAWL_OK;
}

trawl_status tr_shred_guid_texts(const tr_vec *guids, uint32_t n, tr_arena *scratch, tr_vec *out,
                                 trawl_error *err) {
    TR_TRY(make_texts(scratch, TR_SHRED_GUID_TEXT_BYTES, n, out, err));
    for (uint32_t i = 0; i < n; i++)
        format_guid((const tr_guid *)guids->data + tr_row(guids, i), text_at(out, i));
    finish_texts(out, n);
    return TRAWL_OK;
}

/* runtime/store/template.c: the head of a column of templates, written and read. Must not know
 * where templates come from. */
#include "runtime/store/template.h"

/* ---- slots ---- */

static uint32_t printed_bytes(int64_t v) {
    uint64_t magnitude = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    uint32_t n = v < 0 ? 2 : 1;
    for (; magnitude > 9; magnitude /= 10)
        n++;
    return n;
}

static void integer_lengths(tr_slot *slot) {
    int64_t low = (int64_t)slot->base, high;
    slot->least = 1;
    slot->most = 20;
    if (slot->width == 64 || !tr_add_i64(low, (int64_t)((UINT64_C(1) << slot->width) - 1), &high) ||
        high < low)
        return;
    uint32_t a = printed_bytes(low), b = printed_bytes(high);
    slot->most = a > b ? a : b;
    if (low > 0 || high < 0)
        slot->least = a < b ? a : b;
}

static bool word_lengths(tr_slot *slot, const tr_str *words) {
    if (!slot->word_count)
        return false;
    slot->width = (uint8_t)tr_bits_of_u64(slot->word_count - 1);
    slot->least = UINT32_MAX;
    slot->most = 0;
    for (uint32_t i = 0; i < slot->word_count; i++) {
        uint32_t n = words[slot->words[i]].len;
        slot->least = n < slot->least ? n : slot->least;
        slot->most = n > slot->most ? n : slot->most;
    }
    return true;
}

bool tr_slot_complete(tr_slot *slot, const tr_str *words) {
    slot->length_width = 0;
    switch ((tr_slot_kind)slot->kind) {
    case TR_SLOT_INTEGER:
        if (slot->width > 64)
            return false;
        integer_lengths(slot);
        return true;
    case TR_SLOT_DIGITS:
        slot->length_width = (uint8_t)tr_bits_of_u64((uint64_t)slot->most - slot->least);
        return slot->width <= 64 && slot->least && slot->least <= slot->most &&
               slot->most <= TR_TEMPLATE_DIGITS;
    case TR_SLOT_HEX:
    case TR_SLOT_UPPER:
        slot->length_width = (uint8_t)tr_bits_of_u64((uint64_t)slot->most - slot->least);
        slot->width = (uint8_t)(slot->most <= 16 ? 4 * slot->most : 0);
        return slot->least && slot->least <= slot->most && slot->most <= TR_TEMPLATE_HEX &&
               (slot->least == slot->most || slot->most <= 16);
    case TR_SLOT_UUID: slot->least = slot->most = TR_TEMPLATE_UUID; return true;
    case TR_SLOT_IPV4:
        slot->least = 7;
        slot->most = TR_TEMPLATE_IPV4_MAX;
        return slot->width <= 32;
    case TR_SLOT_WORDS: return word_lengths(slot, words);
    case TR_SLOT_TEXT:
        slot->length_width = (uint8_t)tr_bits_of_u64((uint64_t)slot->most - slot->least);
        return slot->least <= slot->most && slot->most <= INT32_MAX;
    }
    return false;
}

uint32_t tr_slot_bits(const tr_slot *slot) {
    if (slot->kind == TR_SLOT_UUID)
        return 128;
    if (slot->kind == TR_SLOT_HEX || slot->kind == TR_SLOT_UPPER)
        return slot->length_width + 4 * slot->most;
    return (uint32_t)slot->length_width + slot->width;
}

/* ---- writing ---- */

static bool put_slot(const tr_slot *s, tr_buf *out) {
    bool ok = tr_put_varint(out, s->before.len) && tr_buf_put_char(out, (char)s->kind);
    switch ((tr_slot_kind)s->kind) {
    case TR_SLOT_INTEGER:
    case TR_SLOT_IPV4:
        return ok && tr_put_signed(out, (int64_t)s->base) && tr_buf_put_char(out, (char)s->width);
    case TR_SLOT_DIGITS: ok = ok && tr_buf_put_char(out, (char)s->width); /* fall through */
    case TR_SLOT_HEX:
    case TR_SLOT_UPPER: return ok && tr_put_varint(out, s->least) && tr_put_varint(out, s->most);
    case TR_SLOT_UUID: return ok;
    case TR_SLOT_WORDS:
        ok = ok && tr_put_varint(out, s->word_count);
        for (uint32_t i = 0; ok && i < s->word_count; i++)
            ok = tr_put_varint(out, s->words[i]);
        return ok;
    case TR_SLOT_TEXT:
        return ok && tr_put_varint(out, s->least) && tr_put_varint(out, s->most) &&
               tr_buf_put(out, s->charset, 32);
    }
    return false;
}

trawl_status tr_template_put_head(const tr_template_set *set, uint32_t page_count, tr_buf *out,
                                  trawl_error *err) {
    bool ok = tr_buf_put_char(out, TR_TEMPLATE_VERSION) && tr_put_varint(out, set->word_count);
    for (uint32_t i = 0; ok && i < set->word_count; i++)
        ok = tr_put_varint(out, set->words[i].len);
    for (uint32_t i = 0; ok && i < set->word_count; i++)
        ok = tr_buf_put_str(out, set->words[i]);
    ok = ok && tr_put_varint(out, set->template_count);
    for (uint32_t i = 0; ok && i < set->template_count; i++) {
        const tr_template *t = &set->templates[i];
        ok = tr_buf_put(out, &t->pages, (page_count + 7) / 8) && tr_put_varint(out, t->slot_count);
        for (uint32_t k = 0; ok && k < t->slot_count; k++)
            ok = put_slot(&t->slots[k], out);
        ok = ok && tr_put_varint(out, t->tail.len);
    }
    for (uint32_t i = 0; ok && i < set->template_count; i++) {
        const tr_template *t = &set->templates[i];
        for (uint32_t k = 0; ok && k < t->slot_count; k++)
            ok = tr_buf_put_str(out, t->slots[k].before);
        ok = ok && tr_buf_put_str(out, t->tail);
    }
    return ok ? TRAWL_OK : tr_fail_memory(err);
}

/* ---- reading ---- */

typedef struct head_reader {
    tr_arena *local;
    const char *at, *end;
    uint32_t page_count;
    tr_template_set *out;
} head_reader;

static trawl_status fail_head(trawl_error *err, const char *what) {
    return tr_fail(err, TRAWL_E_DATA, "head of a column of templates: %s", what);
}

/* A varint of at most `most`. */
static bool get(head_reader *r, uint64_t most, uint32_t *out) {
    uint64_t v;
    if (!tr_get_varint(&r->at, r->end, &v) || v > most)
        return false;
    *out = (uint32_t)v;
    return true;
}

static uint64_t left(const head_reader *r) {
    return (uint64_t)(r->end - r->at);
}

static bool get_byte(head_reader *r, uint8_t *out) {
    if (r->at == r->end)
        return false;
    *out = (uint8_t)*r->at++;
    return true;
}

static trawl_status get_words(head_reader *r, trawl_error *err) {
    uint32_t count, n;
    if (!get(r, left(r), &count))
        return fail_head(err, "it ends within the words");
    tr_str *words = TR_NEW_N(r->local, tr_str, count + 1);
    if (!words)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        if (!get(r, left(r), &n))
            return fail_head(err, "it ends within the words");
        words[i].len = n;
    }
    const char *start = r->at;
    for (uint32_t i = 0; i < count; i++) {
        if (words[i].len > left(r))
            return fail_head(err, "words are longer than it is");
        words[i] = tr_str_make(r->at, words[i].len);
        r->at += words[i].len;
    }
    r->out->is_ascii = tr_kernels_now()->utf8.is_ascii(start, (size_t)(r->at - start));
    r->out->words = words;
    r->out->word_count = count;
    return TRAWL_OK;
}

static trawl_status get_slot_words(head_reader *r, tr_slot *s, trawl_error *err) {
    if (!get(r, left(r), &s->word_count) || !s->word_count || !r->out->word_count)
        return fail_head(err, "a slot has no words");
    uint32_t *words = tr_arena_alloc(r->local, s->word_count * sizeof *words, 4);
    if (!words)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < s->word_count; i++)
        if (!get(r, r->out->word_count - 1, &words[i]))
            return fail_head(err, "a slot names a word that is not there");
    s->words = words;
    return TRAWL_OK;
}

static bool has_high_bytes(const uint8_t *charset) {
    uint64_t high[2];
    memcpy(high, charset + 16, sizeof high);
    return high[0] | high[1];
}

static trawl_status get_slot(head_reader *r, tr_slot *s, trawl_error *err) {
    int64_t base;
    bool ok = get(r, left(r), &s->before.len) && get_byte(r, &s->kind);
    if (!ok)
        return fail_head(err, "it ends within a slot");
    switch (s->kind) {
    case TR_SLOT_INTEGER:
    case TR_SLOT_IPV4:
        ok = tr_get_signed(&r->at, r->end, &base) && get_byte(r, &s->width);
        if (ok)
            s->base = (uint64_t)base;
        break;
    case TR_SLOT_DIGITS: ok = get_byte(r, &s->width); /* fall through */
    case TR_SLOT_HEX:
    case TR_SLOT_UPPER:
        ok = ok && get(r, TR_TEMPLATE_HEX, &s->least) && get(r, TR_TEMPLATE_HEX, &s->most);
        break;
    case TR_SLOT_WORDS: TR_TRY(get_slot_words(r, s, err)); break;
    case TR_SLOT_TEXT:
        ok = get(r, INT32_MAX, &s->least) && get(r, INT32_MAX, &s->most) && left(r) >= 32;
        s->charset = (const uint8_t *)r->at;
        r->at += ok ? 32 : 0;
        r->out->is_ascii &= ok && !has_high_bytes(s->charset);
        break;
    default: break;
    }
    if (!ok || !tr_slot_complete(s, r->out->words))
        return fail_head(err, "a slot is not as one can be");
    return TRAWL_OK;
}

static trawl_status get_template(head_reader *r, tr_template *t, trawl_error *err) {
    uint32_t mask_bytes = (r->page_count + 7) / 8;
    if (left(r) < mask_bytes)
        return fail_head(err, "it ends within a template");
    memcpy(&t->pages, r->at, mask_bytes);
    r->at += mask_bytes;
    if (!get(r, TR_TEMPLATE_SLOTS, &t->slot_count))
        return fail_head(err, "a template has too many slots");
    tr_slot *slots = TR_NEW_N(r->local, tr_slot, t->slot_count + 1);
    if (!slots)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < t->slot_count; k++) {
        TR_TRY(get_slot(r, &slots[k], err));
        slots[k].bit = t->record_bits;
        t->record_bits += tr_slot_bits(&slots[k]);
        t->has_text |= slots[k].kind == TR_SLOT_TEXT;
        t->printed_most += slots[k].kind == TR_SLOT_TEXT ? 0 : slots[k].most;
    }
    if (!get(r, left(r), &t->tail.len))
        return fail_head(err, "it ends within a template");
    t->slots = slots;
    t->piece = r->out->piece_count;
    r->out->piece_count += t->slot_count + 1;
    return TRAWL_OK;
}

static bool get_piece(head_reader *r, tr_template *t, tr_str *piece) {
    if (piece->len > left(r))
        return false;
    *piece = tr_str_make(r->at, piece->len);
    r->at += piece->len;
    t->printed_most += piece->len;
    return true;
}

static trawl_status get_pieces(head_reader *r, tr_template *t, trawl_error *err) {
    tr_slot *slots = (tr_slot *)(uintptr_t)t->slots;
    bool ok = true;
    for (uint32_t k = 0; ok && k < t->slot_count; k++)
        ok = get_piece(r, t, &slots[k].before);
    if (!ok || !get_piece(r, t, &t->tail))
        return fail_head(err, "static text is longer than it is");
    return TRAWL_OK;
}

static void make_octets(tr_template_set *set) {
    for (uint32_t v = 0; v < 256; v++) {
        char *at = set->octets[v];
        if (v > 99)
            *at++ = (char)('0' + v / 100);
        if (v > 9)
            *at++ = (char)('0' + v / 10 % 10);
        *at++ = (char)('0' + v % 10);
        *at = '.';
    }
}

trawl_status tr_template_get_head(tr_arena *local, const char *head, size_t bytes,
                                  uint32_t page_count, tr_template_set *out, trawl_error *err) {
    head_reader r = {
        .local = local, .at = head, .end = head + bytes, .page_count = page_count, .out = out};
    memset(out, 0, sizeof *out);
    uint8_t version;
    if (!get_byte(&r, &version) || version != TR_TEMPLATE_VERSION)
        return fail_head(err, "it is of another version");
    TR_TRY(get_words(&r, err));
    if (!get(&r, TR_TEMPLATES_MAX, &out->template_count))
        return fail_head(err, "there are too many templates");
    tr_template *templates = TR_NEW_N(local, tr_template, out->template_count + 1);
    uint32_t *record_bits = TR_NEW_N(local, uint32_t, out->template_count + 1);
    if (!templates || !record_bits)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < out->template_count; i++) {
        TR_TRY(get_template(&r, &templates[i], err));
        record_bits[i] = templates[i].record_bits;
    }
    out->is_ascii &= tr_kernels_now()->utf8.is_ascii(r.at, (size_t)(r.end - r.at));
    for (uint32_t i = 0; i < out->template_count; i++)
        TR_TRY(get_pieces(&r, &templates[i], err));
    if (r.at != r.end)
        return fail_head(err, "it goes on behind its end");
    out->templates = templates;
    out->record_bits = record_bits;
    make_octets(out);
    return TRAWL_OK;
}

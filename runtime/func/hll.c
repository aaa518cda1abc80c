/* runtime/func/hll.c: distinct counting. Must not know columns or groups. */
#include "runtime/func/hll.h"

#include <math.h>

#include "runtime/base/checked.h"
#include "runtime/data/text.h"

enum { BITS_MAX = 18, RANK_MAX = 65 };

uint32_t tr_hll_bits(int64_t accuracy) {
    static const uint8_t bits[] = {12, 14, 16, 17, 18};
    return accuracy >= 0 && accuracy <= 4 ? bits[accuracy] : 0;
}

/* Hashes kept as they are before registers take over: their table is then as large. */
static uint32_t exact_max(uint32_t bits) {
    return 1u << (bits - 4);
}

static void set_register(tr_hll *h, uint32_t bits, uint64_t hash) {
    uint64_t index = hash >> (64 - bits);
    uint64_t rest = hash << bits | UINT64_C(1) << (bits - 1);
    uint8_t rank = (uint8_t)(tr_leading_zeros_u64(rest) + 1);
    if (h->as.registers[index] < rank)
        h->as.registers[index] = rank;
}

static void insert(uint64_t *slots, uint32_t slots_log2, uint64_t hash, uint32_t *count) {
    uint64_t mask = (UINT64_C(1) << slots_log2) - 1, at = hash & mask;
    for (; slots[at]; at = (at + 1) & mask)
        if (slots[at] == hash)
            return;
    slots[at] = hash;
    ++*count;
}

static trawl_status go_dense(tr_hll *h, uint32_t bits, tr_arena *arena, trawl_error *err) {
    uint8_t *registers = tr_arena_zalloc(arena, (size_t)1 << bits, 64);
    if (!registers)
        return tr_fail_memory(err);
    const uint64_t *slots = h->as.slots;
    size_t slot_count = h->slots_log2 ? (size_t)1 << h->slots_log2 : 0;
    h->as.registers = registers;
    h->is_dense = 1;
    for (size_t i = 0; i < slot_count; i++)
        if (slots[i])
            set_register(h, bits, slots[i]);
    return TRAWL_OK;
}

static trawl_status grow(tr_hll *h, tr_arena *arena, trawl_error *err) {
    uint32_t log2 = h->slots_log2 ? h->slots_log2 + 1u : 2;
    uint64_t *slots = tr_arena_zalloc(arena, sizeof *slots << log2, 8);
    if (!slots)
        return tr_fail_memory(err);
    uint32_t count = 0;
    for (size_t i = 0; h->slots_log2 && i < (size_t)1 << h->slots_log2; i++)
        if (h->as.slots[i])
            insert(slots, log2, h->as.slots[i], &count);
    h->as.slots = slots;
    h->slots_log2 = (uint8_t)log2;
    return TRAWL_OK;
}

trawl_status tr_hll_add(tr_hll *h, uint32_t bits, uint64_t hash, tr_arena *arena,
                        trawl_error *err) {
    hash += hash == 0; /* 0 marks a free slot */
    if (!h->is_dense) {
        if (!h->slots_log2 || h->count * 4 >= 3u << h->slots_log2)
            TR_TRY(grow(h, arena, err));
        insert(h->as.slots, h->slots_log2, hash, &h->count);
        return h->count > exact_max(bits) ? go_dense(h, bits, arena, err) : TRAWL_OK;
    }
    set_register(h, bits, hash);
    return TRAWL_OK;
}

trawl_status tr_hll_merge(tr_hll *into, const tr_hll *from, uint32_t bits, tr_arena *arena,
                          trawl_error *err) {
    if (!from->is_dense) {
        for (size_t i = 0; from->slots_log2 && i < (size_t)1 << from->slots_log2; i++)
            if (from->as.slots[i])
                TR_TRY(tr_hll_add(into, bits, from->as.slots[i], arena, err));
        return TRAWL_OK;
    }
    if (!into->is_dense)
        TR_TRY(go_dense(into, bits, arena, err));
    for (size_t i = 0; i < (size_t)1 << bits; i++)
        if (into->as.registers[i] < from->as.registers[i])
            into->as.registers[i] = from->as.registers[i];
    return TRAWL_OK;
}

/* Registers at zero: a series for small cardinalities. */
static double sigma(double x) {
    if (x == 1)
        return (double)INFINITY;
    double y = 1, z = x, before;
    do {
        x *= x;
        before = z;
        z += x * y;
        y += y;
    } while (z != before);
    return z;
}

/* Registers at their greatest value: a series for huge cardinalities. */
static double tau(double x) {
    if (x == 0 || x == 1)
        return 0;
    double y = 1, z = 1 - x, before;
    do {
        x = sqrt(x);
        before = z;
        y *= 0.5;
        z -= (1 - x) * (1 - x) * y;
    } while (z != before);
    return z / 3;
}

int64_t tr_hll_count(const tr_hll *h, uint32_t bits) {
    if (!h->is_dense)
        return h->count;
    uint32_t counts[RANK_MAX + 1] = {0};
    for (size_t i = 0; i < (size_t)1 << bits; i++)
        counts[h->as.registers[i]]++;
    double m = (double)((size_t)1 << bits);
    int q = 64 - (int)bits;
    double z = m * tau(1 - counts[q + 1] / m);
    for (int k = q; k >= 1; k--)
        z = 0.5 * (z + counts[k]);
    z += m * sigma(counts[0] / m);
    return (int64_t)llround(m * m / (2 * 0.69314718055994530942 * z));
}

void tr_hll_put(const tr_hll *h, uint32_t bits, tr_dyn_builder *b) {
    tr_dyn_open_array(b);
    tr_dyn_open_array(b);
    tr_dyn_put_long(b, exact_max(bits));
    tr_dyn_put_long(b, bits);
    tr_dyn_close(b);
    tr_dyn_open_array(b);
    for (size_t i = 0; !h->is_dense && h->slots_log2 && i < (size_t)1 << h->slots_log2; i++) {
        if (!h->as.slots[i])
            continue;
        char digits[24];
        size_t n = 0, at = sizeof digits;
        int64_t v = (int64_t)h->as.slots[i];
        uint64_t magnitude = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
        for (; magnitude; magnitude /= 10, n++)
            digits[--at] = (char)('0' + magnitude % 10);
        if (v < 0)
            digits[--at] = '-';
        tr_dyn_put_string(b, tr_str_of(digits + at, sizeof digits - at));
    }
    tr_dyn_close(b);
    tr_dyn_open_array(b);
    if (h->is_dense) {
        char *text = tr_arena_alloc(b->bytes.arena, (size_t)1 << bits, 1);
        for (size_t i = 0; text && i < (size_t)1 << bits; i++)
            text[i] = (char)('0' + h->as.registers[i]);
        if (text)
            tr_dyn_put_string(b, tr_str_make(text, 1u << bits));
        else
            b->out_of_memory = true;
    }
    tr_dyn_close(b);
    tr_dyn_close(b);
}

static bool read_registers(tr_str text, tr_hll *h, uint32_t bits, tr_arena *arena) {
    if (text.len != 1u << bits)
        return false;
    uint8_t *registers = tr_arena_alloc(arena, text.len, 64);
    if (!registers)
        return false;
    for (uint32_t i = 0; i < text.len; i++) {
        uint8_t rank = (uint8_t)(text.ptr[i] - '0');
        if (rank > 65 - bits)
            return false;
        registers[i] = rank;
    }
    h->as.registers = registers;
    h->is_dense = 1;
    return true;
}

bool tr_hll_read(tr_str v, tr_hll *out, uint32_t *bits, tr_arena *arena) {
    if (tr_dyn_kind_of(v) != TR_DYN_ARRAY || tr_dyn_count(v) != 3)
        return false;
    tr_str head = tr_dyn_at(v, 0), hashes = tr_dyn_at(v, 1), registers = tr_dyn_at(v, 2), member;
    if (!tr_dyn_index(head, 1, &member) || tr_dyn_kind_of(member) != TR_DYN_LONG)
        return false;
    int64_t b = tr_dyn_value(member).as.i64;
    if (b < 4 || b > BITS_MAX)
        return false;
    *bits = (uint32_t)b;
    tr_hll h = {0};
    if (tr_dyn_index(registers, 0, &member)) {
        if (tr_dyn_kind_of(member) != TR_DYN_STRING ||
            !read_registers(tr_dyn_value(member).as.str, &h, *bits, arena))
            return false;
        *out = h;
        return true;
    }
    uint32_t count = tr_dyn_count(hashes);
    for (uint32_t i = 0; i < count; i++) {
        tr_value value = tr_dyn_value(tr_dyn_at(hashes, i));
        int64_t hash;
        if (value.type == TR_LONG)
            hash = value.as.i64;
        else if (value.type != TR_STRING ||
                 !tr_parse_long(value.as.str.ptr, value.as.str.len, &hash))
            return false;
        if (tr_hll_add(&h, *bits, (uint64_t)hash, arena, NULL) != TRAWL_OK)
            return false;
    }
    *out = h;
    return true;
}

/* runtime/exec/groups.c: keys -> dense group numbers, by open addressing over stored hashes.
 * Keys are kept column by column; text is copied once, when a group is new. */
#include "kernels/kernels.h"
#include "runtime/data/decimal.h"
#include "runtime/exec/pipe.h"

enum { TABLE_LOG2_FIRST = 12, CAPACITY_FIRST = 2048 };

static uint32_t cell_bytes(tr_type type) {
    return type == TR_BOOL ? 1 : tr_type_bytes(type);
}

static trawl_status new_table(tr_groups *g, uint32_t log2, trawl_error *err) {
    size_t places = (size_t)1 << log2;
    tr_group_place *table = tr_arena_alloc(g->arena, places * sizeof *table, 64);
    if (!table)
        return tr_fail_memory(err);
    for (size_t i = 0; i < places; i++)
        table[i] = (tr_group_place){0, TR_GROUP_MISS};
    for (uint32_t id = 0; id < g->count; id++) {
        size_t at = g->hashes[id] & (places - 1);
        while (table[at].id != TR_GROUP_MISS)
            at = (at + 1) & (places - 1);
        table[at] = (tr_group_place){(uint32_t)(g->hashes[id] >> 32), id};
    }
    g->table = table;
    g->table_log2 = log2;
    return TRAWL_OK;
}

static trawl_status grow_array(tr_arena *arena, void **array, size_t used, size_t bytes,
                               trawl_error *err) {
    void *grown = tr_arena_alloc(arena, bytes, 64);
    if (!grown)
        return tr_fail_memory(err);
    if (used)
        memcpy(grown, *array, used);
    *array = grown;
    return TRAWL_OK;
}

static trawl_status grow_groups(tr_groups *g, uint32_t capacity, trawl_error *err) {
    TR_TRY(grow_array(g->arena, (void **)&g->hashes, g->count * sizeof *g->hashes,
                      capacity * sizeof *g->hashes, err));
    for (uint32_t k = 0; k < g->key_count; k++) {
        uint32_t bytes = cell_bytes(g->types[k]);
        TR_TRY(grow_array(g->arena, &g->cells[k], (size_t)g->count * bytes,
                          (size_t)capacity * bytes, err));
        if (!g->valid[k])
            continue;
        uint64_t *valid = TR_NEW_N(g->arena, uint64_t, TR_BITS_WORDS(capacity));
        if (!valid)
            return tr_fail_memory(err);
        memset(valid, 0xff, TR_BITS_WORDS(capacity) * sizeof *valid);
        memcpy(valid, g->valid[k], TR_BITS_WORDS(g->capacity) * sizeof *valid);
        g->valid[k] = valid;
    }
    g->capacity = capacity;
    return TRAWL_OK;
}

trawl_status tr_groups_start(tr_groups *g, tr_arena *arena, uint32_t key_count,
                             const tr_type *types, trawl_error *err) {
    memset(g, 0, sizeof *g);
    g->arena = arena;
    g->key_count = key_count;
    g->types = types;
    g->cells = TR_NEW_N(arena, void *, key_count + 1);
    g->valid = TR_NEW_N(arena, uint64_t *, key_count + 1);
    if (!g->cells || !g->valid)
        return tr_fail_memory(err);
    TR_TRY(grow_groups(g, CAPACITY_FIRST, err));
    return new_table(g, TABLE_LOG2_FIRST, err);
}

static uint32_t batch_room(uint32_t n) {
    return (n + 63) & ~63u;
}

/* Equal decimals may differ in trailing zeros: 1.5 and 1.50 are one key. */
static trawl_status hash_decimals(const tr_vec *key, uint32_t n, tr_arena *scratch, uint64_t *out,
                                  trawl_error *err) {
    tr_decimal *normal = tr_arena_zalloc(scratch, batch_room(n) * sizeof *normal, 64);
    const tr_decimal *given = key->data;
    if (!normal)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++)
        if (!key->valid || tr_bit_get(key->valid, i))
            normal[i] = tr_decimal_normal(given[i]);
    tr_kernels_now()->hash.u128((const void *)normal, n, out);
    return TRAWL_OK;
}

static trawl_status hash_column(const tr_vec *key, uint32_t n, tr_arena *scratch, uint64_t *out,
                                trawl_error *err) {
    const tr_hash_ops *hash = &tr_kernels_now()->hash;
    switch (key->type) {
    case TR_BOOL: {
        int32_t *wide = tr_arena_zalloc(scratch, batch_room(n) * sizeof *wide, 64);
        if (!wide)
            return tr_fail_memory(err);
        for (uint32_t i = 0; i < n; i++)
            wide[i] = tr_bit_get(key->data, i);
        hash->i32(wide, n, out);
        break;
    }
    case TR_INT: hash->i32(key->data, n, out); break;
    case TR_REAL: hash->f64(key->data, n, out); break;
    case TR_DECIMAL: TR_TRY(hash_decimals(key, n, scratch, out, err)); break;
    case TR_GUID: hash->u128(key->data, n, out); break;
    case TR_STRING:
    case TR_DYNAMIC: hash->str(key->data, n, out); break;
    default: hash->i64(key->data, n, out); break;
    }
    if (key->valid)
        hash->nulls(key->valid, n, out);
    return TRAWL_OK;
}

static trawl_status hash_keys(const tr_groups *g, const tr_vec *keys, uint32_t n, tr_arena *scratch,
                              uint64_t **out, trawl_error *err) {
    uint64_t *hashes = tr_arena_alloc(scratch, batch_room(n) * sizeof *hashes, 64);
    uint64_t *more = tr_arena_alloc(scratch, batch_room(n) * sizeof *more, 64);
    if (!hashes || !more)
        return tr_fail_memory(err);
    TR_TRY(hash_column(&keys[0], n, scratch, hashes, err));
    for (uint32_t k = 1; k < g->key_count; k++) {
        TR_TRY(hash_column(&keys[k], n, scratch, more, err));
        tr_kernels_now()->hash.combine(more, n, hashes);
    }
    *out = hashes;
    return TRAWL_OK;
}

static uint64_t real_bits(double v) {
    uint64_t bits;
    v = v == 0 ? 0 : v;
    memcpy(&bits, &v, 8);
    return v != v ? UINT64_MAX : bits;
}

static bool same_cell(const tr_groups *g, uint32_t k, uint32_t id, const tr_vec *key, uint32_t i) {
    const void *cell = g->cells[k];
    switch (key->type) {
    case TR_BOOL: return ((const uint8_t *)cell)[id] == tr_bit_get(key->data, i);
    case TR_INT: return ((const int32_t *)cell)[id] == ((const int32_t *)key->data)[i];
    case TR_REAL:
        return real_bits(((const double *)cell)[id]) == real_bits(((const double *)key->data)[i]);
    case TR_DECIMAL:
        return tr_decimal_compare(((const tr_decimal *)cell)[id],
                                  ((const tr_decimal *)key->data)[i]) == 0;
    case TR_GUID:
        return memcmp((const char *)cell + 16 * (size_t)id,
                      (const char *)key->data + 16 * (size_t)i, 16) == 0;
    case TR_STRING:
    case TR_DYNAMIC:
        return tr_str_equal(((const tr_str *)cell)[id], ((const tr_str *)key->data)[i]);
    default: return ((const int64_t *)cell)[id] == ((const int64_t *)key->data)[i];
    }
}

static bool same_key(const tr_groups *g, uint32_t k, uint32_t id, const tr_vec *key, uint32_t i) {
    bool stored = !g->valid[k] || tr_bit_get(g->valid[k], id);
    bool given = !key->valid || tr_bit_get(key->valid, i);
    return stored == given && (!given || same_cell(g, k, id, key, i));
}

static bool same_keys(const tr_groups *g, uint32_t id, const tr_vec *keys, uint32_t i) {
    for (uint32_t k = 0; k < g->key_count; k++)
        if (!same_key(g, k, id, &keys[k], i))
            return false;
    return true;
}

static trawl_status store_key(tr_groups *g, uint32_t k, uint32_t id, const tr_vec *key, uint32_t i,
                              trawl_error *err) {
    if (key->valid && !tr_bit_get(key->valid, i)) {
        if (!g->valid[k]) {
            g->valid[k] = TR_NEW_N(g->arena, uint64_t, TR_BITS_WORDS(g->capacity));
            if (!g->valid[k])
                return tr_fail_memory(err);
            memset(g->valid[k], 0xff, TR_BITS_WORDS(g->capacity) * sizeof *g->valid[k]);
        }
        tr_bit_clear(g->valid[k], id);
    }
    if (key->type == TR_BOOL) {
        ((uint8_t *)g->cells[k])[id] = tr_bit_get(key->data, i);
        return TRAWL_OK;
    }
    if (tr_type_is_text(key->type)) {
        tr_str text = ((const tr_str *)key->data)[i];
        char *copy = tr_arena_text(g->arena, text.ptr, text.len);
        if (!copy)
            return tr_fail_memory(err);
        ((tr_str *)g->cells[k])[id] = (tr_str){copy, text.len, text.head};
        return TRAWL_OK;
    }
    uint32_t bytes = cell_bytes(key->type);
    memcpy((char *)g->cells[k] + (size_t)id * bytes, (const char *)key->data + (size_t)i * bytes,
           bytes);
    return TRAWL_OK;
}

/* Walk from a place to the row's group; an empty place makes a new one. */
static trawl_status find_or_add(tr_groups *g, uint64_t hash, uint32_t place, const tr_vec *keys,
                                uint32_t i, uint32_t *out, trawl_error *err) {
    uint32_t mask = ((uint32_t)1 << g->table_log2) - 1;
    uint32_t tag = (uint32_t)(hash >> 32);
    for (;; place = (place + 1) & mask) {
        tr_group_place *at = &g->table[place];
        if (at->id == TR_GROUP_MISS)
            break;
        if (at->tag == tag && same_keys(g, at->id, keys, i)) {
            *out = at->id;
            return TRAWL_OK;
        }
    }
    uint32_t id = g->count;
    for (uint32_t k = 0; k < g->key_count; k++)
        TR_TRY(store_key(g, k, id, &keys[k], i, err));
    g->hashes[id] = hash;
    g->table[place] = (tr_group_place){tag, id};
    g->count++;
    *out = id;
    return TRAWL_OK;
}

static trawl_status make_room(tr_groups *g, uint32_t n, trawl_error *err) {
    if (g->count > UINT32_MAX - 2 * n - 2)
        return tr_fail(err, TRAWL_E_LIMIT, "more than 4 billion groups");
    if (g->count + n > g->capacity)
        TR_TRY(
            grow_groups(g, g->capacity * 2 > g->count + n ? g->capacity * 2 : g->count + n, err));
    uint32_t log2 = g->table_log2;
    while (((uint64_t)g->count + n) * 2 > (uint64_t)1 << log2)
        log2++;
    return log2 > g->table_log2 ? new_table(g, log2, err) : TRAWL_OK;
}

/* Bytes 4 .. 11 of a text, as far as it has them; text may be read past its end. */
static uint64_t middle_of(const tr_str *s) {
    uint64_t middle;
    memcpy(&middle, s->ptr + 4, sizeof middle);
    return s->len >= 12 ? middle : middle & ((UINT64_C(1) << (8 * (s->len - 4))) - 1);
}

static bool same_text(const tr_str *a, const tr_str *b) {
    if (a->len != b->len || a->head != b->head)
        return false;
    if (a->len <= 4)
        return true;
    return middle_of(a) == middle_of(b) &&
           (a->len <= 12 || memcmp(a->ptr + 12, b->ptr + 12, a->len - 12) == 0);
}

/* Set the bits of rows whose key k is not that of their candidate, a column at a time. */
static void mark_others(const tr_groups *g, uint32_t k, const tr_vec *key, uint32_t n,
                        const uint32_t *ids, uint64_t *others) {
    bool nulls = key->valid || g->valid[k];
    if (!nulls && tr_type_is_i64(key->type)) {
        const int64_t *stored = g->cells[k], *given = key->data;
        for (uint32_t i = 0; i < n; i++)
            if (ids[i] != TR_GROUP_MISS && stored[ids[i]] != given[i])
                tr_bit_set(others, i);
    } else if (!nulls && tr_type_is_text(key->type)) {
        const tr_str *stored = g->cells[k], *given = key->data;
        for (uint32_t i = 0; i < n; i++)
            if (ids[i] != TR_GROUP_MISS && !same_text(&stored[ids[i]], &given[i]))
                tr_bit_set(others, i);
    } else {
        for (uint32_t i = 0; i < n; i++)
            if (ids[i] != TR_GROUP_MISS && !same_key(g, k, ids[i], key, i))
                tr_bit_set(others, i);
    }
}

static trawl_status insert_rows(tr_groups *g, const tr_vec *keys, uint32_t n, tr_arena *scratch,
                                uint32_t *ids, trawl_error *err) {
    uint64_t *hashes, others[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
    TR_TRY(hash_keys(g, keys, n, scratch, &hashes, err));
    uint32_t *places = tr_arena_alloc(scratch, batch_room(n) * sizeof *places, 64);
    if (!places)
        return tr_fail_memory(err);
    tr_kernels_now()->group.probe(hashes, n, g->table, g->table_log2, places, ids);
    for (uint32_t k = 0; k < g->key_count; k++)
        mark_others(g, k, &keys[k], n, ids, others);
    for (uint32_t i = 0; i < n; i++)
        if (ids[i] == TR_GROUP_MISS || tr_bit_get(others, i))
            TR_TRY(find_or_add(g, hashes[i], places[i], keys, i, &ids[i], err));
    return TRAWL_OK;
}

/* Rows of a dictionary share the texts they point to: each text is looked up once a batch. Places
 * are few and found by address; a text that was pushed out of its place is looked up again. */
enum { TEXTS_LOG2 = 9, TEXTS_MAX = 256 };

typedef struct {
    const char *ptr;
    uint32_t len;
    uint32_t number; /* of the text, among those of the batch */
} text_place;

/* numbers[i] = which of the texts in `texts` row i is. Returns how many there are; 0 when they are
 * too many to be worth it. */
static uint32_t number_texts(const tr_str *rows, uint32_t n, text_place *places, tr_str *texts,
                             uint32_t *numbers) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        const tr_str *s = &rows[i];
        uint64_t hash = (uint64_t)(uintptr_t)s->ptr * 0x9e3779b97f4a7c15u;
        text_place *at = &places[hash >> (64 - TEXTS_LOG2)];
        if (at->ptr != s->ptr || at->len != s->len) {
            if (count == TEXTS_MAX || count * 4 > i + 64)
                return 0;
            *at = (text_place){s->ptr, s->len, count};
            texts[count++] = *s;
        }
        numbers[i] = at->number;
    }
    return count;
}

/* False in *done: rows do not share texts. */
static trawl_status insert_shared(tr_groups *g, const tr_vec *keys, uint32_t n, tr_arena *scratch,
                                  uint32_t *ids, bool *done, trawl_error *err) {
    text_place *places = TR_NEW_N(scratch, text_place, 1u << TEXTS_LOG2);
    tr_str *texts = tr_arena_alloc(scratch, TEXTS_MAX * sizeof *texts, 64);
    uint32_t *text_ids = tr_arena_alloc(scratch, TEXTS_MAX * sizeof *text_ids, 64);
    if (!places || !texts || !text_ids)
        return tr_fail_memory(err);
    uint32_t count = number_texts(keys[0].data, n, places, texts, ids);
    *done = count > 0;
    if (!count)
        return TRAWL_OK;
    for (uint32_t i = count; i < batch_room(count); i++)
        texts[i] = TR_STR_EMPTY;
    tr_vec distinct = {.type = keys[0].type, .data = texts};
    TR_TRY(insert_rows(g, &distinct, count, scratch, text_ids, err));
    for (uint32_t i = 0; i < n; i++)
        ids[i] = text_ids[ids[i]];
    return TRAWL_OK;
}

/* ---- texts of dictionaries ---- */

/* More combinations of texts for a row than this are not worth a table that has to be cleared. */
enum { COMBINATIONS_MAX = 1 << 17, COMBINATIONS_A_ROW = 64 };

/* Codes whose group is looked up at this moment; no group has this number. */
#define FRESH (TR_GROUP_MISS - 1)

/* How many combinations of texts the keys may have; 0: too many, or not all keys have codes. */
static uint32_t combinations_of(const tr_groups *g, const tr_vec *keys) {
    uint64_t count = 1;
    if (g->key_count > TR_GROUPS_CODED_KEYS)
        return 0;
    for (uint32_t k = 0; k < g->key_count; k++) {
        if (!keys[k].dictionary || keys[k].valid)
            return 0;
        count *= keys[k].dictionary->count;
        if (count > COMBINATIONS_MAX)
            return 0;
    }
    return (uint32_t)count;
}

static bool same_dictionaries(const tr_groups *g, const tr_vec *keys) {
    for (uint32_t k = 0; k < g->key_count; k++)
        if (g->coded.serials[k] != keys[k].dictionary->serial)
            return false;
    return true;
}

bool tr_groups_take_codes(const tr_groups *g, const tr_vec *keys, uint32_t n) {
    uint32_t count = combinations_of(g, keys);
    return count && (count / COMBINATIONS_A_ROW <= n || same_dictionaries(g, keys));
}

/* Forget the groups of other dictionaries. */
static trawl_status use_dictionaries(tr_groups *g, const tr_vec *keys, trawl_error *err) {
    tr_coded_groups *c = &g->coded;
    uint32_t count = combinations_of(g, keys);
    if (same_dictionaries(g, keys))
        return TRAWL_OK;
    if (c->capacity < count) {
        uint32_t capacity = count + count / 2 + 64;
        c->groups = tr_arena_alloc(g->arena, capacity * sizeof *c->groups, 64);
        if (!c->groups)
            return tr_fail_memory(err);
        c->capacity = capacity;
    }
    memset(c->groups, 0xff, count * sizeof *c->groups); /* TR_GROUP_MISS */
    for (uint32_t k = 0; k < g->key_count; k++)
        c->serials[k] = keys[k].dictionary->serial;
    return TRAWL_OK;
}

/* Look up the groups of rows[0..n), whose combinations, of[row], came for the first time. */
static trawl_status add_combinations(tr_groups *g, const tr_vec *keys, const uint16_t *rows,
                                     uint32_t n, tr_arena *scratch, const uint32_t *of,
                                     trawl_error *err) {
    tr_vec *texts = TR_NEW_N(scratch, tr_vec, g->key_count);
    uint32_t *ids = tr_arena_alloc(scratch, batch_room(n) * sizeof *ids, 64);
    if (!texts || !ids)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < g->key_count; k++) {
        TR_TRY(tr_vec_new(scratch, keys[k].type, n, &texts[k], err));
        for (uint32_t i = 0; i < n; i++)
            ((tr_str *)texts[k].data)[i] = keys[k].dictionary->entries[keys[k].codes[rows[i]]];
    }
    TR_TRY(insert_rows(g, texts, n, scratch, ids, err));
    for (uint32_t i = 0; i < n; i++)
        g->coded.groups[of[rows[i]]] = ids[i];
    return TRAWL_OK;
}

/* The number of each row's combination. */
static trawl_status combine_codes(const tr_groups *g, const tr_vec *keys, uint32_t n,
                                  tr_arena *scratch, const uint32_t **out, trawl_error *err) {
    *out = keys[0].codes;
    if (g->key_count == 1)
        return TRAWL_OK;
    uint32_t *of = tr_arena_alloc(scratch, batch_room(n) * sizeof *of, 64);
    if (!of)
        return tr_fail_memory(err);
    memcpy(of, keys[0].codes, n * sizeof *of);
    for (uint32_t k = 1; k < g->key_count; k++)
        for (uint32_t i = 0; i < n; i++)
            of[i] = of[i] * keys[k].dictionary->count + keys[k].codes[i];
    *out = of;
    return TRAWL_OK;
}

/* ids[i] = group of combination of[i]; false if some are unknown. */
static bool all_known(const uint32_t *groups, const uint32_t *of, uint32_t n, uint32_t *ids) {
    uint32_t most = 0;
    tr_kernels_now()->gather.u32_by_u32(groups, of, n, ids);
    for (uint32_t i = 0; i < n; i++)
        most = ids[i] > most ? ids[i] : most;
    return most != TR_GROUP_MISS;
}

/* Each combination of texts is looked up when it is met for the first time. */
static trawl_status insert_codes(tr_groups *g, const tr_vec *keys, uint32_t n, tr_arena *scratch,
                                 uint32_t *ids, trawl_error *err) {
    const uint32_t *of;
    TR_TRY(use_dictionaries(g, keys, err));
    TR_TRY(combine_codes(g, keys, n, scratch, &of, err));
    if (all_known(g->coded.groups, of, n, ids))
        return TRAWL_OK;
    uint16_t *rows = tr_arena_alloc(scratch, batch_room(n) * sizeof *rows, 64);
    uint32_t added = 0;
    if (!rows)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++) {
        if (g->coded.groups[of[i]] != TR_GROUP_MISS)
            continue;
        g->coded.groups[of[i]] = FRESH;
        rows[added++] = (uint16_t)i;
    }
    TR_TRY(add_combinations(g, keys, rows, added, scratch, of, err));
    all_known(g->coded.groups, of, n, ids);
    return TRAWL_OK;
}

trawl_status tr_groups_insert(tr_groups *g, const tr_vec *keys, uint32_t n, tr_arena *scratch,
                              uint32_t *ids, trawl_error *err) {
    TR_TRY(make_room(g, n, err));
    if (tr_groups_take_codes(g, keys, n))
        return insert_codes(g, keys, n, scratch, ids, err);
    bool done = false;
    /* Text with `text` set lies side by side: no two rows share it. */
    if (n >= 64 && g->key_count == 1 && tr_type_is_text(keys[0].type) && !keys[0].valid &&
        !keys[0].text)
        TR_TRY(insert_shared(g, keys, n, scratch, ids, &done, err));
    return done ? TRAWL_OK : insert_rows(g, keys, n, scratch, ids, err);
}

static uint32_t find(const tr_groups *g, uint64_t hash, uint32_t place, const tr_vec *keys,
                     uint32_t i) {
    uint32_t mask = ((uint32_t)1 << g->table_log2) - 1;
    for (;; place = (place + 1) & mask) {
        const tr_group_place *at = &g->table[place];
        if (at->id == TR_GROUP_MISS)
            return TR_GROUP_MISS;
        if (at->tag == (uint32_t)(hash >> 32) && same_keys(g, at->id, keys, i))
            return at->id;
    }
}

trawl_status tr_groups_lookup(const tr_groups *g, const tr_vec *keys, uint32_t n, tr_arena *scratch,
                              uint32_t *ids, trawl_error *err) {
    uint64_t *hashes;
    TR_TRY(hash_keys(g, keys, n, scratch, &hashes, err));
    uint32_t *places = tr_arena_alloc(scratch, batch_room(n) * sizeof *places, 64);
    if (!places)
        return tr_fail_memory(err);
    tr_kernels_now()->group.probe(hashes, n, g->table, g->table_log2, places, ids);
    for (uint32_t i = 0; i < n; i++) {
        bool null = false;
        for (uint32_t k = 0; k < g->key_count; k++)
            null = null || (keys[k].valid && !tr_bit_get(keys[k].valid, i));
        if (null)
            ids[i] = TR_GROUP_MISS;
        else if (ids[i] != TR_GROUP_MISS && !same_keys(g, ids[i], keys, i))
            ids[i] = find(g, hashes[i], places[i], keys, i);
    }
    return TRAWL_OK;
}

trawl_status tr_groups_keys(const tr_groups *g, uint32_t k, uint32_t first, uint32_t n,
                            tr_arena *arena, tr_vec *out, trawl_error *err) {
    tr_type type = g->types[k];
    if (type == TR_BOOL) {
        TR_TRY(tr_vec_new(arena, type, n, out, err));
        for (uint32_t i = 0; i < n; i++)
            if (((const uint8_t *)g->cells[k])[first + i])
                tr_bit_set(out->data, i);
    } else {
        *out =
            (tr_vec){.type = type, .data = (char *)g->cells[k] + (size_t)first * cell_bytes(type)};
    }
    if (!g->valid[k])
        return TRAWL_OK;
    TR_TRY(tr_vec_need_valid(arena, out, n, err));
    for (uint32_t i = 0; i < n; i++)
        if (!tr_bit_get(g->valid[k], first + i))
            tr_bit_clear(out->valid, i);
    return TRAWL_OK;
}

/* runtime/format/json.c: JSON objects as rows.
 *
 * A row is walked along its top-level keys only as far as the column that is asked for, and from
 * there on when another is: the structure kernel sees a piece of the row at a time. On the way the
 * places of all needed values are written down. No tree is built; objects and arrays are encoded
 * only when their column is decoded. The first of repeated keys counts. */
#include "runtime/format/internal.h"

#define LOOK_FIRST 128u
#define DONE       UINT32_MAX

/* ---- opening ---- */

static inline uint32_t hash_of(tr_str key) {
    uint32_t last = key.len ? (uint8_t)key.ptr[key.len - 1] : 0;
    uint32_t h = (key.head ^ key.len * 0x9e3779b1u ^ last << 13) * 0x85ebca6bu;
    return h ^ h >> 15;
}

static int32_t lookup(const tr_reader *reader, tr_str key) {
    const tr_json_reader *json = &reader->json;
    const tr_schema *schema = &reader->scan->files->shape.schema;
    for (uint32_t h = hash_of(key);; h++) {
        uint32_t entry = json->hash[h & json->hash_mask];
        if (!entry)
            return -1;
        if (tr_str_equal(schema->fields[entry - 1].name, key))
            return (int32_t)entry - 1;
    }
}

trawl_status tr_json_open(tr_reader *reader, trawl_error *err) {
    const tr_files_scan *scan = reader->scan;
    const tr_schema *schema = &scan->files->shape.schema;
    tr_json_reader *json = &reader->json;
    uint32_t size = 8, count = schema->count;
    while (size < count * 4)
        size *= 2;
    int32_t *slot_of = TR_NEW_N(reader->local, int32_t, (size_t)count + 1);
    json->hash = TR_NEW_N(reader->local, uint32_t, size);
    json->tokens = tr_arena_alloc(reader->local, (TR_JSON_LOOK_MAX + 64) * sizeof(uint32_t), 64);
    json->builder = TR_NEW(reader->local, tr_dyn_builder);
    if (!slot_of || !json->hash || !json->tokens || !json->builder)
        return tr_fail_memory(err);
    json->hash_mask = size - 1;
    json->look_bytes = LOOK_FIRST;
    for (uint32_t i = 0; i < count; i++) {
        slot_of[i] = tr_bit_get(scan->needed, i) ? (int32_t)json->slot_count++ : -1;
        uint32_t h = hash_of(schema->fields[i].name);
        while (json->hash[h & json->hash_mask])
            h++;
        json->hash[h & json->hash_mask] = i + 1;
    }
    json->slot_of = slot_of;
    return TRAWL_OK;
}

/* Set up the arrays for the rows of a new block. */
static trawl_status prepare(tr_reader *reader, trawl_error *err) {
    tr_json_reader *json = &reader->json;
    size_t n = reader->rows.n, slots = json->slot_count;
    if (json->row_capacity < n) {
        size_t capacity = reader->rows.capacity;
        json->begin = TR_NEW_N(reader->local, uint32_t, capacity * slots);
        json->bytes = TR_NEW_N(reader->local, uint32_t, capacity * slots);
        json->resume = TR_NEW_N(reader->local, uint32_t, capacity);
        json->column_next = TR_NEW_N(reader->local, uint32_t, capacity);
        json->flags = TR_NEW_N(reader->local, uint8_t, capacity);
        if (!json->begin || !json->bytes || !json->resume || !json->column_next || !json->flags)
            return tr_fail_memory(err);
        json->row_capacity = capacity;
    }
    for (size_t slot = 0; slot < slots; slot++)
        memset(json->bytes + slot * json->row_capacity, 0, n * sizeof *json->bytes);
    memcpy(json->resume, reader->rows.start, n * sizeof *json->resume);
    memset(json->column_next, 0, n * sizeof *json->column_next);
    memset(json->flags, 0, n);
    json->ready = true;
    return TRAWL_OK;
}

/* ---- walking ---- */

static int32_t column_of(tr_reader *reader, const tr_json_walker *w, uint32_t begin, uint32_t n,
                         uint32_t expected) {
    const tr_schema *schema = &reader->scan->files->shape.schema;
    const char *key = w->text + begin;
    if (expected < schema->count) {
        tr_str name = schema->fields[expected].name;
        if (name.len == n && memcmp(name.ptr, key, n) == 0)
            return (int32_t)expected;
    }
    if ((w->carry.flags & TR_JSON_ESCAPE) && memchr(key, '\\', n)) {
        char plain[512 + TR_PAD];
        if (n > 512)
            return -1;
        uint32_t length = tr_json_unescape(key, n, plain);
        return lookup(reader, tr_str_of(plain, length));
    }
    return lookup(reader, tr_str_make(key, n));
}

/* Walk row on until the value of `slot` is found or the row ends. */
static tr_json_step walk_row(tr_reader *reader, uint32_t row, uint32_t slot) {
    tr_json_reader *json = &reader->json;
    uint32_t from = json->resume[row], expected = json->column_next[row];
    tr_json_walker w;
    tr_json_pair pair;
    tr_json_step step;
    tr_json_walk_start(&w, reader->kernels, reader->text, from, reader->rows.end[row],
                       json->look_bytes, json->tokens);
    w.inside = from != reader->rows.start[row];
    while ((step = tr_json_walk_next(&w, &pair)) == TR_JSON_PAIR) {
        int32_t column = column_of(reader, &w, pair.key, pair.key_bytes, expected);
        int32_t found = column < 0 ? -1 : json->slot_of[column];
        expected = column < 0 ? expected : (uint32_t)column + 1;
        if (found < 0)
            continue;
        size_t at = (size_t)found * json->row_capacity + row;
        if (!json->bytes[at]) {
            json->begin[at] = pair.value;
            json->bytes[at] = pair.value_bytes;
        }
        if ((uint32_t)found == slot) {
            uint32_t end = pair.value + pair.value_bytes, look = (end - from + 64) & ~63u;
            json->resume[row] = end;
            json->column_next[row] = expected;
            json->flags[row] |= (uint8_t)w.carry.flags;
            json->look_bytes = look < TR_JSON_LOOK_MAX ? look : TR_JSON_LOOK_MAX;
            return step;
        }
    }
    json->resume[row] = DONE;
    json->flags[row] |= (uint8_t)w.carry.flags;
    return step;
}

/* Find the values of a slot for rows that were not walked so far. */
static void find_values(tr_reader *reader, uint32_t slot, const uint16_t *rows, uint32_t n) {
    tr_json_reader *json = &reader->json;
    const uint32_t *bytes = json->bytes + slot * json->row_capacity;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = reader->batch_first + (rows ? rows[i] : i);
        if (bytes[row] || json->resume[row] == DONE)
            continue;
        uint32_t start = reader->rows.start[row], end = reader->rows.end[row];
        if (json->resume[row] == start) { /* a row cut off need not be walked to be known */
            while (end > start && (uint8_t)reader->text[end - 1] <= ' ')
                end--;
            if (end == start || reader->text[end - 1] != '}')
                tr_row_bad(reader, row, UINT32_MAX, tr_str_make(reader->text + start, end - start),
                           "not a whole JSON object");
        }
        if (walk_row(reader, row, slot) == TR_JSON_BROKEN)
            tr_row_bad(reader, row, UINT32_MAX, tr_str_make(reader->text + start, end - start),
                       "not a JSON object");
    }
}

/* ---- values ---- */

/* The text of a value: strings without quotes and escapes, null as nothing. */
static bool value_text(tr_reader *reader, uint32_t row, uint32_t begin, uint32_t bytes,
                       tr_arena *scratch, tr_str *out) {
    const char *text = reader->text + begin;
    if (*text != '"') {
        bool null = bytes == 4 && memcmp(text, "null", 4) == 0;
        *out = null ? tr_str_make(text, 0) : tr_str_make(text, bytes);
        return true;
    }
    if (!(reader->json.flags[row] & TR_JSON_ESCAPE) || !memchr(text + 1, '\\', bytes - 2)) {
        *out = tr_str_make(text + 1, bytes - 2);
        return true;
    }
    char *plain = tr_arena_alloc(scratch, bytes, 1);
    if (!plain)
        return false;
    *out = tr_str_make(plain, tr_json_unescape(text + 1, bytes - 2, plain));
    return true;
}

static trawl_status decode_dynamic(tr_reader *reader, uint32_t column, const uint32_t *begin,
                                   const uint32_t *bytes, const uint16_t *rows, uint32_t n,
                                   tr_arena *scratch, tr_vec *out, trawl_error *err) {
    tr_vec vec;
    bool some_null = false;
    tr_dyn_builder *builder = reader->json.builder;
    TR_TRY(tr_vec_new(scratch, TR_DYNAMIC, n, &vec, err));
    TR_TRY(tr_vec_need_valid(scratch, &vec, n, err));
    tr_str *values = vec.data;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = reader->batch_first + (rows ? rows[i] : i);
        const char *text = reader->text + begin[row];
        values[i] = tr_null_dynamic();
        bool null = !bytes[row] || (bytes[row] == 4 && memcmp(text, "null", 4) == 0);
        if (!null) {
            tr_dyn_start(builder, scratch);
            if (tr_dyn_parse_json(builder, text, bytes[row], NULL)) {
                TR_TRY(tr_dyn_finish(builder, &values[i], err));
            } else {
                null = true;
                tr_row_bad(reader, row, column, tr_str_make(text, bytes[row]), "not JSON");
            }
        }
        if (null)
            tr_bit_clear(vec.valid, i);
        some_null |= null;
    }
    if (!some_null)
        vec.valid = NULL;
    *out = vec;
    return TRAWL_OK;
}

trawl_status tr_json_values(tr_reader *reader, uint32_t column, const uint16_t *rows, uint32_t n,
                            const uint32_t **begin, const uint32_t **bytes, trawl_error *err) {
    tr_json_reader *json = &reader->json;
    if (json->slot_of[column] < 0)
        return tr_fail(err, TRAWL_E_INTERNAL, "column %u was not announced as needed", column);
    if (!json->ready)
        TR_TRY(prepare(reader, err));
    uint32_t slot = (uint32_t)json->slot_of[column];
    find_values(reader, slot, rows, n);
    *begin = json->begin + slot * json->row_capacity;
    *bytes = json->bytes + slot * json->row_capacity;
    return TRAWL_OK;
}

trawl_status tr_json_decode(tr_reader *reader, uint32_t column, const uint16_t *rows, uint32_t n,
                            tr_arena *scratch, tr_vec *out, trawl_error *err) {
    tr_type type = reader->scan->files->shape.schema.fields[column].type;
    const uint32_t *begin, *bytes;
    TR_TRY(tr_json_values(reader, column, rows, n, &begin, &bytes, err));
    if (type == TR_DYNAMIC)
        return decode_dynamic(reader, column, begin, bytes, rows, n, scratch, out, err);
    tr_vec texts;
    TR_TRY(tr_vec_new(scratch, TR_STRING, n, &texts, err));
    tr_str *str = texts.data;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = reader->batch_first + (rows ? rows[i] : i);
        if (bytes[row] && !value_text(reader, row, begin[row], bytes[row], scratch, &str[i]))
            return tr_fail_memory(err);
    }
    if (type == TR_STRING) {
        *out = texts;
        return TRAWL_OK;
    }
    return tr_values_parse(reader, column, type, str, rows, n, scratch, out, err);
}

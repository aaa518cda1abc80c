/* runtime/format/json_path.c: one value deep inside a dynamic column, without encoding the rest.
 * Gives what encoding the whole column and then following the path would give. */
#include "runtime/format/internal.h"

/* A span of the block's text. */
typedef struct {
    uint32_t begin, bytes;
} span;

static void start(tr_reader *reader, tr_json_walker *w, span s) {
    tr_json_walk_start(w, reader->kernels, reader->text, s.begin, s.begin + s.bytes,
                       TR_JSON_LOOK_MAX, reader->json.tokens);
}

static bool key_is(const char *key, uint32_t n, tr_str wanted, bool escapes) {
    char plain[512 + TR_PAD];
    if (!escapes || n > 512 || !memchr(key, '\\', n))
        return n == wanted.len && memcmp(key, wanted.ptr, n) == 0;
    uint32_t length = tr_json_unescape(key, n, plain);
    return length == wanted.len && memcmp(plain, wanted.ptr, length) == 0;
}

/* The last value under a key: as in an encoded bag, a repeated key replaces. */
static tr_json_step member(tr_reader *reader, span *s, tr_str key) {
    tr_json_walker w;
    tr_json_pair pair;
    tr_json_step step;
    span found = {0, 0};
    start(reader, &w, *s);
    while ((step = tr_json_walk_next(&w, &pair)) == TR_JSON_PAIR)
        if (key_is(reader->text + pair.key, pair.key_bytes, key,
                   (w.carry.flags & TR_JSON_ESCAPE) != 0))
            found = (span){pair.value, pair.value_bytes};
    *s = found;
    return step == TR_JSON_BROKEN ? step : found.bytes ? TR_JSON_PAIR : TR_JSON_END;
}

static tr_json_step element(tr_reader *reader, span *s, int64_t index) {
    tr_json_walker w;
    tr_json_pair pair;
    if (index < 0) {
        uint64_t count;
        start(reader, &w, *s);
        if (!tr_json_walk_count(&w, &count) || (uint64_t)-index > count)
            return TR_JSON_END;
        index += (int64_t)count;
    }
    start(reader, &w, *s);
    tr_json_step step = tr_json_walk_element(&w, (uint64_t)index, &pair);
    *s = (span){pair.value, pair.value_bytes};
    return step;
}

static tr_json_step follow(tr_reader *reader, const tr_scan_path *path, span *s) {
    for (uint32_t i = 0; i < path->step_count; i++) {
        const tr_path_step *step = &path->steps[i];
        char c = reader->text[s->begin];
        if (c != (step->is_index ? '[' : '{'))
            return TR_JSON_END;
        tr_json_step result =
            step->is_index ? element(reader, s, step->index) : member(reader, s, step->key);
        if (result != TR_JSON_PAIR)
            return result;
    }
    return TR_JSON_PAIR;
}

/* Strings without escapes, by far the most frequent leaves, are encoded on the spot. */
static bool encode_string(const char *text, uint32_t bytes, tr_arena *scratch, tr_str *out) {
    uint32_t n = bytes - 2;
    if (bytes < 2 || *text != '"' || memchr(text + 1, '\\', n))
        return false;
    char *encoded = tr_arena_alloc(scratch, 5 + (size_t)n, 1);
    if (!encoded)
        return false;
    encoded[0] = TR_DYN_STRING;
    memcpy(encoded + 1, &n, 4);
    memcpy(encoded + 5, text + 1, n);
    *out = tr_str_make(encoded, n + 5);
    return true;
}

static trawl_status encode(tr_reader *reader, span s, tr_arena *scratch, bool *good, tr_str *out,
                           trawl_error *err) {
    const char *text = reader->text + s.begin;
    *good = true;
    if (encode_string(text, s.bytes, scratch, out))
        return TRAWL_OK;
    tr_dyn_start(reader->json.builder, scratch);
    *good = tr_dyn_parse_json(reader->json.builder, text, s.bytes, NULL);
    return *good ? tr_dyn_finish(reader->json.builder, out, err) : TRAWL_OK;
}

trawl_status tr_json_decode_path(tr_reader *reader, const tr_scan_path *path, const uint16_t *rows,
                                 uint32_t n, tr_arena *scratch, tr_vec *out, trawl_error *err) {
    const uint32_t *begin, *bytes;
    tr_vec vec;
    TR_TRY(tr_json_values(reader, path->column, rows, n, &begin, &bytes, err));
    TR_TRY(tr_vec_new(scratch, TR_DYNAMIC, n, &vec, err));
    TR_TRY(tr_vec_need_valid(scratch, &vec, n, err));
    tr_str *values = vec.data;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = reader->batch_first + (rows ? rows[i] : i);
        span s = {begin[row], bytes[row]};
        tr_json_step step = s.bytes ? follow(reader, path, &s) : TR_JSON_END;
        bool good = step != TR_JSON_BROKEN;
        bool null = step != TR_JSON_PAIR ||
                    (s.bytes == 4 && memcmp(reader->text + s.begin, "null", 4) == 0);
        if (!null)
            TR_TRY(encode(reader, s, scratch, &good, &values[i], err));
        if (!good)
            tr_row_bad(reader, row, path->column,
                       tr_str_make(reader->text + begin[row], bytes[row]), "not JSON");
        if (null || !good) {
            values[i] = tr_null_dynamic();
            tr_bit_clear(vec.valid, i);
        }
    }
    *out = vec;
    return TRAWL_OK;
}

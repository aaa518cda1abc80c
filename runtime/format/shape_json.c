/* runtime/format/shape_json.c: is text JSON, one object a line or not, and which keys of which
 * types do the objects of the samples have. */
#include "runtime/format/internal.h"

#define COLUMN_MAX 4096u
#define HASH_SIZE  16384u

static uint32_t skip_space(const tr_sample *sample, uint32_t at) {
    while (at < sample->n && (uint8_t)sample->text[at] <= ' ')
        at++;
    return at;
}

bool tr_shape_json_likely(const tr_sample *sample) {
    uint32_t at = skip_space(sample, 0);
    if (at < sample->n && sample->text[at] == '[')
        at = skip_space(sample, at + 1);
    if (at >= sample->n || sample->text[at] != '{')
        return false;
    at = skip_space(sample, at + 1);
    return at < sample->n && (sample->text[at] == '"' || sample->text[at] == '}');
}

typedef struct {
    tr_arena *arena; /* of the names */
    const tr_kernels *kernels;
    uint32_t *tokens; /* of the walker */
    uint32_t *hash;   /* -> guess + 1 */
    tr_guess *guesses;
    uint32_t count;
    uint64_t rows, bytes;
    bool failed; /* no memory for a name */
} looker;

static tr_guess *guess_of(looker *l, tr_str key) {
    uint32_t h = key.len * 31;
    for (uint32_t i = 0; i < key.len; i++)
        h = (h ^ (uint8_t)key.ptr[i]) * 0x01000193u;
    for (;; h++) {
        uint32_t *entry = &l->hash[h % HASH_SIZE];
        if (*entry && !tr_str_equal(l->guesses[*entry - 1].name, key))
            continue;
        if (*entry)
            return &l->guesses[*entry - 1];
        if (l->count == COLUMN_MAX)
            return NULL;
        const char *name = tr_arena_text(l->arena, key.ptr, key.len);
        l->failed = l->failed || !name;
        if (!name)
            return NULL;
        l->guesses[l->count] = (tr_guess){tr_str_make(name, key.len), 0};
        *entry = ++l->count;
        return &l->guesses[*entry - 1];
    }
}

static uint32_t seen_in(const char *text, uint32_t n) {
    switch (*text) {
    case '{':
    case '[': return TR_SEEN_NESTED;
    case 't':
    case 'f': return TR_SEEN_BOOL;
    case 'n': return 0;
    case '"':
        if (n < 12 || text[1] < '0' || text[1] > '9')
            return TR_SEEN_STRING;
        return tr_guess_text(tr_str_make(text + 1, n - 2)) == TR_SEEN_DATETIME ? TR_SEEN_DATETIME
                                                                               : TR_SEEN_STRING;
    default: {
        uint32_t seen = tr_guess_text(tr_str_make(text, n));
        return seen & (TR_SEEN_LONG | TR_SEEN_BIG | TR_SEEN_REAL) ? seen : TR_SEEN_STRING;
    }
    }
}

static void look_at_row(looker *l, const char *text, uint32_t start, uint32_t end) {
    tr_json_walker w;
    tr_json_pair pair;
    tr_json_walk_start(&w, l->kernels, text, start, end, 1024, l->tokens);
    while (tr_json_walk_next(&w, &pair) == TR_JSON_PAIR) {
        char plain[512 + TR_PAD];
        tr_str key = tr_str_make(text + pair.key, pair.key_bytes);
        if (key.len > 512)
            continue;
        if (memchr(key.ptr, '\\', key.len))
            key = tr_str_of(plain, tr_json_unescape(key.ptr, key.len, plain));
        tr_guess *guess = guess_of(l, key);
        if (guess)
            guess->seen |= seen_in(text + pair.value, pair.value_bytes);
    }
    l->rows++;
    l->bytes += end - start + 1;
}

static void look_at_lines(looker *l, const tr_sample *sample) {
    uint32_t at = 0;
    while (at < sample->n) {
        const char *line = memchr(sample->text + at, '\n', sample->n - at);
        uint32_t end = line ? (uint32_t)(line - sample->text) : sample->n;
        if (skip_space(sample, at) < end)
            look_at_row(l, sample->text, at, end);
        at = end + 1;
    }
}

/* Objects of any form; returns false at the first sign that they are not one a line. */
static bool look_at_objects(looker *l, const tr_sample *sample, uint32_t *offsets, bool lines) {
    tr_json_carry carry = {0};
    uint32_t depth = 0, start = 0, in_line = 0;
    for (uint32_t at = 0; at < sample->n; at += TR_OFFSETS) {
        uint32_t piece = sample->n - at < TR_OFFSETS ? sample->n - at : TR_OFFSETS;
        uint32_t count = l->kernels->json.scan(sample->text + at, piece, &carry, offsets);
        for (uint32_t i = 0; i < count; i++) {
            char c = sample->text[at + offsets[i]];
            if (c == '\n') {
                if (lines && depth)
                    return false;
                if (lines && in_line)
                    return true;
                in_line = 0;
            } else if (!depth) {
                if (lines && (c == '[' || (c == '{' && in_line)))
                    return false;
                if (c == '{') {
                    depth = 1;
                    start = at + offsets[i];
                }
            } else if (c == '{' || c == '[') {
                depth++;
            } else if ((c == '}' || c == ']') && !--depth) {
                in_line++;
                if (!lines)
                    look_at_row(l, sample->text, start, at + offsets[i] + 1);
            }
        }
    }
    return true;
}

trawl_status tr_shape_json(tr_arena *db, tr_arena *scratch, const tr_sample *samples,
                           uint32_t count, tr_shape *shape, trawl_error *err) {
    looker l = {.arena = db, .kernels = tr_kernels_now()};
    uint32_t *offsets = tr_arena_alloc(scratch, (TR_OFFSETS + 64) * sizeof *offsets, 64);
    l.tokens = tr_arena_alloc(scratch, (TR_JSON_LOOK_MAX + 64) * sizeof *l.tokens, 64);
    l.hash = TR_NEW_N(scratch, uint32_t, HASH_SIZE);
    l.guesses = TR_NEW_N(scratch, tr_guess, COLUMN_MAX);
    if (!offsets || !l.tokens || !l.hash || !l.guesses)
        return tr_fail_memory(err);
    shape->json_lines = true;
    for (uint32_t i = 0; i < count && shape->json_lines; i++) {
        if (samples[i].from_start)
            shape->json_lines = look_at_objects(&l, &samples[i], offsets, true);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (shape->json_lines)
            look_at_lines(&l, &samples[i]);
        else if (samples[i].from_start)
            look_at_objects(&l, &samples[i], offsets, false);
    }
    tr_field *fields = TR_NEW_N(db, tr_field, (size_t)l.count + 1);
    if (!fields || l.failed)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < l.count; i++)
        fields[i] = (tr_field){l.guesses[i].name, tr_guess_type(l.guesses[i].seen)};
    if (!l.count) /* nothing but {} or []: a table has at least one column */
        fields[l.count++] = (tr_field){tr_str_c("Record"), TR_DYNAMIC};
    shape->schema = (tr_schema){l.count, fields};
    shape->row_bytes = l.rows ? (uint32_t)(l.bytes / l.rows) : 1;
    shape->row_bytes += !shape->row_bytes;
    return TRAWL_OK;
}

/* runtime/api/stream.c: rows in memory -> an Arrow C stream. The only place that knows Arrow's
 * layout.
 *
 * A stream owns the run whose memory the rows lie in; arrays share it by a reference count, so they
 * may outlive the stream. Fixed-width columns are handed out as they are; text is laid out anew. */
#include "runtime/api/api.h"

#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"

#include <errno.h>
#include <stdlib.h>

/* ---- schemas ---- */

static void schema_release(struct ArrowSchema *schema) {
    for (int64_t i = 0; i < schema->n_children; i++) {
        if (schema->children[i]->release)
            schema->children[i]->release(schema->children[i]);
        free(schema->children[i]);
    }
    free(schema->children);
    free((void *)(uintptr_t)schema->name);
    free((void *)(uintptr_t)schema->metadata);
    schema->release = NULL;
}

static const char *format_of(tr_type type, bool exact) {
    switch (type) {
    case TR_BOOL: return "b";
    case TR_INT: return "i";
    case TR_LONG: return "l";
    case TR_REAL: return "g";
    case TR_DATETIME: return exact ? "l" : "tsu:UTC";
    case TR_TIMESPAN: return exact ? "l" : "tDu";
    default: return "u";
    }
}

/* Arrow metadata: count, then length-prefixed key and value. */
static char *type_metadata(tr_type type) {
    static const char key[] = "trawl.type";
    const char *value = tr_type_name(type);
    int32_t one = 1, key_bytes = (int32_t)sizeof key - 1, value_bytes = (int32_t)strlen(value);
    char *out = malloc(3 * sizeof one + sizeof key + strlen(value));
    if (!out)
        return NULL;
    char *p = out;
    memcpy(p, &one, 4);
    memcpy(p + 4, &key_bytes, 4);
    memcpy(p + 8, key, (size_t)key_bytes);
    p += 8 + key_bytes;
    memcpy(p, &value_bytes, 4);
    memcpy(p + 4, value, (size_t)value_bytes);
    return out;
}

static bool schema_child(const tr_field *field, bool exact, struct ArrowSchema *out) {
    char *name = malloc(field->name.len + 1);
    char *metadata = type_metadata(field->type);
    if (!name || !metadata) {
        free(name);
        free(metadata);
        return false;
    }
    memcpy(name, field->name.ptr, field->name.len);
    name[field->name.len] = 0;
    *out = (struct ArrowSchema){.format = format_of(field->type, exact),
                                .name = name,
                                .metadata = metadata,
                                .flags = ARROW_FLAG_NULLABLE,
                                .release = schema_release};
    return true;
}

trawl_status tr_arrow_schema(const tr_schema *schema, bool exact_ticks, struct ArrowSchema *out,
                             trawl_error *err) {
    struct ArrowSchema made = {.format = "+s", .release = schema_release};
    made.children = calloc(schema->count + 1, sizeof *made.children);
    if (!made.children)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < schema->count; i++) {
        made.children[i] = calloc(1, sizeof **made.children);
        if (made.children[i])
            made.n_children++;
        if (!made.children[i] || !schema_child(&schema->fields[i], exact_ticks, made.children[i])) {
            schema_release(&made);
            return tr_fail_memory(err);
        }
    }
    *out = made;
    return TRAWL_OK;
}

/* ---- arrays ---- */

typedef struct {
    _Atomic uint32_t references;
    tr_exec *exec;
    tr_rows rows;
    bool exact;
} shared_rows;

typedef struct {
    shared_rows *shared;
    uint32_t chunk;
    char message[128];
} stream_state;

/* Buffers of one column; those that were made for it are freed with it. */
typedef struct {
    shared_rows *shared;
    const void *buffers[3];
    void *owned[3];
} array_state;

static void drop(shared_rows *shared) {
    if (atomic_fetch_sub(&shared->references, 1) == 1) {
        tr_exec_close(shared->exec);
        free(shared);
    }
}

static void array_release(struct ArrowArray *array) {
    array_state *state = array->private_data;
    for (int64_t i = 0; i < array->n_children; i++) {
        if (array->children[i]->release)
            array->children[i]->release(array->children[i]);
        free(array->children[i]);
    }
    free(array->children);
    for (uint32_t i = 0; i < 3; i++)
        free(state->owned[i]);
    drop(state->shared);
    free(state);
    array->release = NULL;
}

static bool array_new(shared_rows *shared, uint32_t n, struct ArrowArray *out,
                      array_state **out_state) {
    array_state *state = calloc(1, sizeof *state);
    if (!state)
        return false;
    state->shared = shared;
    atomic_fetch_add(&shared->references, 1);
    *out = (struct ArrowArray){
        .length = n, .buffers = state->buffers, .release = array_release, .private_data = state};
    *out_state = state;
    return true;
}

static bool append_text(tr_buf *text, const tr_vec *v, uint32_t i) {
    tr_value value = tr_vec_value(v, i);
    if (value.is_null)
        return true;
    if (v->type == TR_STRING)
        return tr_buf_put_str(text, value.as.str);
    return v->type == TR_DYNAMIC ? tr_dyn_to_json(text, value.as.str)
                                 : tr_format_value(text, &value);
}

/* Offsets and bytes of a text column. */
static bool fill_text(const tr_vec *v, uint32_t n, array_state *state) {
    int32_t *offsets = calloc(n + 1, sizeof *offsets);
    tr_arena *arena = tr_arena_new(NULL);
    state->owned[1] = offsets;
    state->buffers[1] = offsets;
    if (!offsets || !arena) {
        tr_arena_free(arena);
        return false;
    }
    tr_buf text;
    tr_buf_start(&text, arena);
    bool good = true;
    for (uint32_t i = 0; i < n && good; i++) {
        good = append_text(&text, v, i) && text.n <= INT32_MAX;
        offsets[i + 1] = (int32_t)text.n;
    }
    char *bytes = good ? malloc(text.n + 1) : NULL;
    if (bytes && text.n)
        memcpy(bytes, text.bytes, text.n);
    tr_arena_free(arena);
    state->owned[2] = bytes;
    state->buffers[2] = bytes;
    return bytes != NULL;
}

/* Microseconds since 1970, or of a span: ticks / 10, rounded down. */
static bool fill_micros(const tr_vec *v, uint32_t n, array_state *state) {
    int64_t *out = malloc((n + 1) * sizeof *out);
    state->owned[1] = out;
    state->buffers[1] = out;
    if (!out)
        return false;
    int64_t origin = v->type == TR_DATETIME ? TR_TICKS_UNIX : 0;
    for (uint32_t i = 0; i < n; i++) {
        int64_t ticks = ((const int64_t *)v->data)[i] - origin;
        out[i] = ticks / 10 - (ticks % 10 < 0);
    }
    return true;
}

static bool fill_column(shared_rows *shared, const tr_vec *v, uint32_t n, struct ArrowArray *out) {
    array_state *state;
    if (!array_new(shared, n, out, &state))
        return false;
    bool text = v->type == TR_STRING || v->type == TR_DYNAMIC || v->type == TR_DECIMAL ||
                v->type == TR_GUID;
    out->n_buffers = text ? 3 : 2;
    out->null_count = v->valid ? -1 : 0;
    state->buffers[0] = v->valid;
    if (text)
        return fill_text(v, n, state);
    if (!shared->exact && (v->type == TR_DATETIME || v->type == TR_TIMESPAN))
        return fill_micros(v, n, state);
    state->buffers[1] = v->data;
    return true;
}

static bool fill_batch(shared_rows *shared, tr_chunk *chunk, struct ArrowArray *out) {
    array_state *state;
    uint32_t count = shared->rows.schema.count;
    struct ArrowArray made;
    if (!array_new(shared, chunk->n, &made, &state))
        return false;
    made.n_buffers = 1;
    made.children = calloc(count + 1, sizeof *made.children);
    bool good = made.children != NULL;
    for (uint32_t c = 0; c < count && good; c++) {
        tr_vec flat;
        made.children[c] = calloc(1, sizeof **made.children);
        good = made.children[c] != NULL;
        if (!good)
            break;
        made.n_children++;
        tr_arena *arena = tr_arena_new(NULL);
        good =
            arena && tr_vec_flatten(arena, &chunk->columns[c], chunk->n, &flat, NULL) == TRAWL_OK;
        if (good && chunk->columns[c].is_const) {
            /* Const columns are rare in results: keep the flat copy with the run. */
            tr_vec copy;
            good =
                tr_vec_copy(tr_exec_arena(shared->exec), &flat, chunk->n, &copy, NULL) == TRAWL_OK;
            if (good)
                chunk->columns[c] = flat = copy;
        }
        good = good && fill_column(shared, &flat, chunk->n, made.children[c]);
        tr_arena_free(arena);
    }
    if (!good) {
        array_release(&made);
        return false;
    }
    *out = made;
    return true;
}

/* ---- the stream ---- */

static int stream_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
    stream_state *state = stream->private_data;
    return tr_arrow_schema(&state->shared->rows.schema, state->shared->exact, out, NULL) == TRAWL_OK
               ? 0
               : ENOMEM;
}

static int stream_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    stream_state *state = stream->private_data;
    tr_rows *rows = &state->shared->rows;
    while (state->chunk < rows->chunk_count && rows->chunks[state->chunk].n == 0)
        state->chunk++;
    memset(out, 0, sizeof *out);
    if (state->chunk == rows->chunk_count)
        return 0;
    if (fill_batch(state->shared, &rows->chunks[state->chunk++], out))
        return 0;
    strcpy(state->message, "out of memory");
    return ENOMEM;
}

static const char *stream_error(struct ArrowArrayStream *stream) {
    return ((stream_state *)stream->private_data)->message;
}

static void stream_release(struct ArrowArrayStream *stream) {
    stream_state *state = stream->private_data;
    drop(state->shared);
    free(state);
    stream->release = NULL;
}

/* The names belong to the plan, which the stream may outlive. */
static bool own_schema(tr_arena *arena, const tr_schema *schema, tr_schema *out) {
    tr_field *fields = TR_NEW_N(arena, tr_field, schema->count + 1);
    if (!fields)
        return false;
    for (uint32_t i = 0; i < schema->count; i++) {
        tr_str name = schema->fields[i].name;
        char *copy = tr_arena_text(arena, name.ptr, name.len);
        if (!copy)
            return false;
        fields[i] = (tr_field){tr_str_make(copy, name.len), schema->fields[i].type};
    }
    *out = (tr_schema){schema->count, fields};
    return true;
}

trawl_status tr_stream_open(tr_exec *exec, const tr_rows *rows, bool exact_ticks,
                            struct ArrowArrayStream *out, trawl_error *err) {
    shared_rows *shared = calloc(1, sizeof *shared);
    stream_state *state = calloc(1, sizeof *state);
    tr_schema schema;
    if (!shared || !state || !own_schema(tr_exec_arena(exec), &rows->schema, &schema)) {
        free(shared);
        free(state);
        return tr_fail_memory(err);
    }
    tr_exec_detach(exec);
    atomic_init(&shared->references, 1);
    shared->exec = exec;
    shared->rows = *rows;
    shared->rows.schema = schema;
    shared->exact = exact_ticks;
    state->shared = shared;
    *out =
        (struct ArrowArrayStream){stream_schema, stream_next, stream_error, stream_release, state};
    return TRAWL_OK;
}

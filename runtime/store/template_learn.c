/* runtime/store/template_learn.c: templates found in some lines.
 *
 * Lines of one shape (the same kinds of tokens with the same bytes between) may still be of several
 * templates: "session closed for" and "password changed for". They are told apart by a tree: a node
 * looks at one token and goes on by its word. A token is worth a node when the other words vary
 * much less once it is known; one that varies on its own (a user, a path) stays a variable.
 * Deterministic. Must not know how templates are stored. */
#include "runtime/store/template_learn.h"

#include <stdlib.h>

#include "runtime/base/checked.h"
#include "runtime/store/template_words.h"

enum {
    CHILDREN_MAX = 32,   /* of a node */
    CANDIDATES_MAX = 12, /* tokens looked at closely for a node */
    DEPTH_MAX = 24,
    TEMPLATE_BITS = 2000, /* what another template costs, roughly, in bytes and in time */
    OPEN_SHARE = 16,      /* with more than 1 + lines / this distinct words more will come */
};

/* Stands for the number of distinct words where tokens are no words. */
#define ALWAYS_DIFFERS UINT32_MAX

typedef struct sample {
    tr_str text;
    uint64_t shape;
    uint32_t count, index;
    const tr_token *tokens;
    uint32_t *words;
} sample;

typedef struct learner {
    tr_arena *local;
    double scale;
    uint32_t shapes_max;
    tr_words words;
    uint32_t *stamps; /* [words.count] */
    uint32_t stamp;
    uint32_t *child_of_word; /* [words.count], where stamps say so */
    sample **order;          /* [n] */
    tr_shapes *out;
} learner;

/* ---- the hash table of nodes ---- */

static uint64_t root_key(uint64_t shape, uint32_t count) {
    return tr_words_mix(shape, count) | 1;
}

static uint64_t child_key(uint32_t node, tr_str text, tr_token token) {
    uint64_t h = tr_words_hash(text.ptr + token.at, (uint32_t)(token.end - token.at));
    return tr_words_mix(h, node) | 1;
}

static uint32_t key_slot(const tr_shapes *s, uint64_t key) {
    uint32_t at = (uint32_t)(key >> 20) & s->key_mask;
    while (s->keys[at] && s->keys[at] != key)
        at = (at + 1) & s->key_mask;
    return at;
}

static bool keys_grow(tr_shapes *s, uint32_t room) {
    uint64_t *old_keys = s->keys;
    uint32_t *old_nodes = s->key_nodes;
    uint32_t old_room = old_keys ? s->key_mask + 1 : 0;
    s->keys = TR_NEW_N(s->local, uint64_t, room);
    s->key_nodes = TR_NEW_N(s->local, uint32_t, room);
    s->key_mask = room - 1;
    if (!s->keys || !s->key_nodes)
        return false;
    for (uint32_t i = 0; i < old_room; i++) {
        if (!old_keys[i])
            continue;
        uint32_t at = key_slot(s, old_keys[i]);
        s->keys[at] = old_keys[i];
        s->key_nodes[at] = old_nodes[i];
    }
    return true;
}

/* A new leaf without a shape, found by the key. */
static bool add_node(tr_shapes *s, uint64_t key, uint32_t *node) {
    if (s->node_count == s->node_capacity) {
        uint32_t capacity = s->node_capacity ? s->node_capacity * 2 : 64;
        tr_shape_node *moved = TR_NEW_N(s->local, tr_shape_node, capacity);
        if (!moved || !keys_grow(s, capacity * 2))
            return false;
        if (s->node_count)
            memcpy(moved, s->nodes, s->node_count * sizeof *moved);
        s->nodes = moved;
        s->node_capacity = capacity;
    }
    uint32_t at = key_slot(s, key);
    *node = s->node_count++;
    s->nodes[*node] = (tr_shape_node){-1, UINT32_MAX};
    s->keys[at] = key;
    s->key_nodes[at] = *node;
    return true;
}

static const tr_shape_node *find_node(const tr_shapes *s, uint64_t key) {
    uint32_t at = key_slot(s, key);
    return s->keys[at] ? &s->nodes[s->key_nodes[at]] : NULL;
}

const tr_shape *tr_shapes_find(const tr_shapes *s, tr_str text, const tr_line *line) {
    if (!s->node_count)
        return NULL;
    const tr_shape_node *node = find_node(s, root_key(line->shape, line->count));
    while (node && node->token >= 0) {
        if ((uint32_t)node->token >= line->count)
            return NULL;
        node =
            find_node(s, child_key((uint32_t)(node - s->nodes), text, line->tokens[node->token]));
    }
    if (!node || node->shape == UINT32_MAX)
        return NULL;
    const tr_shape *shape = &s->shapes[node->shape];
    if (shape->token_count != line->count)
        return NULL;
    uint32_t at = 0;
    for (uint32_t f = 0; f <= shape->field_count; f++) {
        const tr_token *token = f < shape->field_count ? &line->tokens[shape->fields[f]] : NULL;
        uint32_t n = (token ? token->at : text.len) - at;
        if (n != shape->pieces[f].len || !tr_words_alike(text.ptr + at, shape->pieces[f].ptr, n))
            return NULL;
        at += n + (token ? (uint32_t)(token->end - token->at) : 0);
    }
    return shape;
}

/* ---- learning ---- */

static uint32_t distinct_words(learner *l, sample *const *lines, uint32_t n, uint32_t token) {
    uint32_t distinct = 0;
    l->stamp++;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t word = lines[i]->words[token];
        distinct += l->stamps[word] != l->stamp;
        l->stamps[word] = l->stamp;
    }
    return distinct;
}

static double bits_of(uint32_t distinct) {
    return distinct <= 1 ? 0 : (double)(32 - tr_leading_zeros_u32(distinct - 1));
}

typedef struct cut {
    uint32_t count;
    uint32_t starts[CHILDREN_MAX + 1]; /* in l->order */
} cut;

/* Put lines into l->order by their word at `token`, first comers first. */
static void cut_by(learner *l, sample *const *lines, uint32_t n, uint32_t token, cut *out) {
    uint32_t sizes[CHILDREN_MAX] = {0}, at[CHILDREN_MAX];
    out->count = 0;
    l->stamp++;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t word = lines[i]->words[token];
        if (l->stamps[word] != l->stamp) {
            l->stamps[word] = l->stamp;
            l->child_of_word[word] = out->count++;
        }
        sizes[l->child_of_word[word]]++;
    }
    out->starts[0] = 0;
    for (uint32_t c = 0; c < out->count; c++) {
        at[c] = out->starts[c];
        out->starts[c + 1] = out->starts[c] + sizes[c];
    }
    for (uint32_t i = 0; i < n; i++)
        l->order[at[l->child_of_word[lines[i]->words[token]]]++] = lines[i];
}

/* Bits that all lines save at the other tokens once the word at `token` is known. */
static double saving(learner *l, sample *const *lines, uint32_t n, uint32_t token,
                     const uint32_t *distinct) {
    double saved = 0;
    cut parts;
    cut_by(l, lines, n, token, &parts);
    for (uint32_t q = 0; q < lines[0]->count; q++) {
        if (q == token || distinct[q] <= 1 || distinct[q] == ALWAYS_DIFFERS)
            continue;
        for (uint32_t c = 0; c < parts.count; c++) {
            uint32_t size = parts.starts[c + 1] - parts.starts[c];
            uint32_t d = distinct_words(l, l->order + parts.starts[c], size, q);
            if (size >= 4 && d <= 1 + size / OPEN_SHARE)
                saved += size * (bits_of(distinct[q]) - bits_of(d));
        }
    }
    return saved * l->scale - (double)TEMPLATE_BITS * (parts.count - 1);
}

/* The token to tell templates apart by, or -1. */
static int32_t choose(learner *l, sample *const *lines, uint32_t n, const uint32_t *distinct) {
    uint32_t candidates[CANDIDATES_MAX], count = 0;
    for (uint32_t q = 0; q < lines[0]->count; q++) {
        if (distinct[q] < 2 || distinct[q] > CHILDREN_MAX || distinct[q] > n / 2)
            continue;
        uint32_t i = count < CANDIDATES_MAX ? count++ : CANDIDATES_MAX;
        for (; i > 0 && distinct[candidates[i - 1]] > distinct[q]; i--)
            if (i < CANDIDATES_MAX)
                candidates[i] = candidates[i - 1];
        if (i < CANDIDATES_MAX)
            candidates[i] = q;
    }
    double best = n * l->scale;
    int32_t token = -1;
    for (uint32_t i = 0; i < count; i++) {
        double saved = saving(l, lines, n, candidates[i], distinct);
        if (saved > best) {
            best = saved;
            token = (int32_t)candidates[i];
        }
    }
    return token;
}

static trawl_status add_shape(learner *l, const sample *line, const uint32_t *distinct,
                              uint32_t node, trawl_error *err) {
    tr_shapes *out = l->out;
    uint32_t fields = 0, at = 0;
    if (out->count == l->shapes_max)
        return TRAWL_OK;
    for (uint32_t q = 0; q < line->count; q++)
        fields += distinct[q] != 1;
    if (!TR_ROOM(l->local, out->shapes, out->count, out->capacity))
        return tr_fail_memory(err);
    uint16_t *numbers = TR_NEW_N(l->local, uint16_t, fields + 1);
    tr_str *pieces = TR_NEW_N(l->local, tr_str, fields + 1);
    if (!numbers || !pieces)
        return tr_fail_memory(err);
    fields = 0;
    for (uint32_t q = 0; q < line->count; q++) {
        if (distinct[q] == 1)
            continue;
        pieces[fields] = tr_str_make(line->text.ptr + at, line->tokens[q].at - at);
        numbers[fields++] = (uint16_t)q;
        at = line->tokens[q].end;
    }
    pieces[fields] = tr_str_make(line->text.ptr + at, line->text.len - at);
    out->shapes[out->count] = (tr_shape){line->count, fields, numbers, pieces};
    out->nodes[node].shape = out->count++;
    return TRAWL_OK;
}

/* Make `node` the tree of these lines, which have one shape. */
static trawl_status grow_tree(learner *l, sample **lines, uint32_t n, uint32_t node, uint32_t depth,
                              trawl_error *err) {
    uint32_t distinct[TR_LINE_TOKENS];
    for (uint32_t q = 0; q < lines[0]->count; q++)
        distinct[q] =
            lines[0]->tokens[q].kind == TR_TOKEN_WORD ? distinct_words(l, lines, n, q) : UINT32_MAX;
    int32_t token = depth < DEPTH_MAX && n >= 4 ? choose(l, lines, n, distinct) : -1;
    if (token < 0)
        return n * l->scale < 2 ? TRAWL_OK : add_shape(l, lines[0], distinct, node, err);
    cut parts;
    cut_by(l, lines, n, (uint32_t)token, &parts);
    memcpy(lines, l->order, n * sizeof *lines);
    l->out->nodes[node].token = token;
    for (uint32_t c = 0; c < parts.count; c++) {
        sample **some = lines + parts.starts[c];
        uint32_t child;
        if (!add_node(l->out, child_key(node, some[0]->text, some[0]->tokens[token]), &child))
            return tr_fail_memory(err);
        TR_TRY(grow_tree(l, some, parts.starts[c + 1] - parts.starts[c], child, depth + 1, err));
    }
    return TRAWL_OK;
}

static bool keep_tokens(learner *l, const tr_line *line, sample *out) {
    tr_token *tokens = tr_arena_alloc(l->local, line->count * sizeof *tokens + 1, 8);
    out->words = tr_arena_alloc(l->local, line->count * sizeof *out->words + 1, 4);
    if (!tokens || !out->words)
        return false;
    memcpy(tokens, line->tokens, line->count * sizeof *tokens);
    out->tokens = tokens;
    out->count = line->count;
    out->shape = line->shape;
    for (uint32_t q = 0; q < line->count; q++) {
        tr_token t = line->tokens[q];
        out->words[q] = 0;
        if (t.kind == TR_TOKEN_WORD && !tr_words_add(&l->words, out->text.ptr + t.at,
                                                     (uint32_t)(t.end - t.at), &out->words[q]))
            return false;
    }
    return true;
}

static int by_shape(const void *a, const void *b) {
    const sample *x = *(sample *const *)a, *y = *(sample *const *)b;
    if (x->shape != y->shape)
        return x->shape < y->shape ? -1 : 1;
    if (x->count != y->count)
        return x->count < y->count ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static trawl_status learn(learner *l, const tr_str *texts, uint32_t n, bool coarse,
                          trawl_error *err) {
    sample *samples = TR_NEW_N(l->local, sample, n);
    sample **lines = TR_NEW_N(l->local, sample *, n);
    tr_line *line = TR_NEW(l->local, tr_line);
    l->order = TR_NEW_N(l->local, sample *, n);
    if (!samples || !lines || !line || !l->order || !tr_words_start(&l->words, l->local))
        return tr_fail_memory(err);
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!tr_line_split(texts[i], coarse, line))
            continue;
        samples[count].text = texts[i];
        samples[count].index = i;
        if (!keep_tokens(l, line, &samples[count]))
            return tr_fail_memory(err);
        lines[count] = &samples[count];
        count++;
    }
    l->stamps = TR_NEW_N(l->local, uint32_t, l->words.count + 1);
    l->child_of_word = TR_NEW_N(l->local, uint32_t, l->words.count + 1);
    if (!l->stamps || !l->child_of_word)
        return tr_fail_memory(err);
    qsort(lines, count, sizeof *lines, by_shape);
    for (uint32_t i = 0; i < count;) {
        uint32_t from = i, root;
        while (i < count && lines[i]->shape == lines[from]->shape &&
               lines[i]->count == lines[from]->count)
            i++;
        if (!add_node(l->out, root_key(lines[from]->shape, lines[from]->count), &root))
            return tr_fail_memory(err);
        TR_TRY(grow_tree(l, lines + from, i - from, root, 0, err));
    }
    return TRAWL_OK;
}

trawl_status tr_shapes_learn(tr_arena *local, const tr_str *texts, uint32_t n, double scale,
                             bool coarse, uint32_t shapes_max, tr_shapes *out, trawl_error *err) {
    *out = (tr_shapes){.local = local};
    learner l = {.local = local, .scale = scale, .shapes_max = shapes_max, .out = out};
    return learn(&l, texts, n, coarse, err);
}

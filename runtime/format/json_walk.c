/* runtime/format/json_walk.c: one JSON object, key by key, along the tokens of the structure
 * kernel. The object is looked at in pieces, no further than the walk goes. Knows no columns. */
#include "runtime/format/internal.h"

#define NO_TOKEN UINT32_MAX

void tr_json_walk_start(tr_json_walker *w, const tr_kernels *kernels, const char *text,
                        uint32_t from, uint32_t end, uint32_t look, uint32_t *tokens) {
    w->kernels = kernels;
    w->text = text;
    w->tokens = tokens;
    w->scanned = w->base = from;
    w->end = end;
    w->look = look;
    w->count = w->i = 0;
    w->carry = (tr_json_carry){0};
    w->inside = w->comma = w->closed = false;
}

static uint32_t more_tokens(tr_json_walker *w) {
    do {
        if (w->scanned >= w->end)
            return NO_TOKEN;
        uint32_t n = w->end - w->scanned < w->look ? w->end - w->scanned : w->look;
        w->base = w->scanned;
        w->count = w->kernels->json.scan(w->text + w->base, n, &w->carry, w->tokens);
        w->scanned += n;
        w->look = w->look * 2 < TR_JSON_LOOK_MAX ? w->look * 2 : TR_JSON_LOOK_MAX;
        w->i = 0;
    } while (!w->count);
    return w->base + w->tokens[w->i++];
}

/* Line ends are tokens too where an object has several lines. */
static inline uint32_t next_token(tr_json_walker *w) {
    for (;;) {
        uint32_t token = w->i < w->count ? w->base + w->tokens[w->i++] : more_tokens(w);
        if (token == NO_TOKEN || w->text[token] != '\n')
            return token;
    }
}

/* The end of the object or array whose first bracket was just seen; NO_TOKEN if it has none. */
static uint32_t nested_end(tr_json_walker *w) {
    for (uint32_t depth = 1;;) {
        uint32_t token = next_token(w);
        if (token == NO_TOKEN)
            return NO_TOKEN;
        char c = (char)(w->text[token] | 0x20); /* both kinds of brackets */
        depth += c == '{';
        depth -= c == '}';
        if (!depth)
            return token;
    }
}

static inline bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static tr_json_step walk_value(tr_json_walker *w, uint32_t key, tr_json_pair *pair) {
    uint32_t quote = next_token(w), colon = next_token(w), token = next_token(w);
    /* If the last is a token, so are the others. */
    if (token == NO_TOKEN || w->text[key] != '"' || w->text[quote] != '"' || w->text[colon] != ':')
        return TR_JSON_BROKEN;
    uint32_t begin = token, end = 0;
    char c = w->text[token];
    if (c == '"') {
        end = next_token(w);
    } else if (c == '{' || c == '[') {
        end = nested_end(w);
    } else if (c == ',' || c == '}') {
        begin = colon + 1;
        while (begin < token && is_space(w->text[begin]))
            begin++;
        while (begin < token && is_space(w->text[token - 1]))
            token--;
        w->closed = c == '}';
        w->comma = c == ',';
        end = token - 1;
        if (begin > end)
            return TR_JSON_BROKEN;
    } else {
        return TR_JSON_BROKEN;
    }
    if (end == NO_TOKEN)
        return TR_JSON_BROKEN;
    *pair = (tr_json_pair){key + 1, quote - key - 1, begin, end + 1 - begin};
    return TR_JSON_PAIR;
}

tr_json_step tr_json_walk_next(tr_json_walker *w, tr_json_pair *pair) {
    if (w->closed)
        return TR_JSON_END;
    uint32_t token;
    if (!w->inside) {
        token = next_token(w);
        if (token == NO_TOKEN || w->text[token] != '{')
            return TR_JSON_BROKEN;
        w->inside = true;
        token = next_token(w);
        if (token != NO_TOKEN && w->text[token] == '}')
            return TR_JSON_END;
    } else {
        if (!w->comma) {
            token = next_token(w);
            if (token != NO_TOKEN && w->text[token] == '}')
                return TR_JSON_END;
            if (token == NO_TOKEN || w->text[token] != ',')
                return TR_JSON_BROKEN;
        }
        token = next_token(w);
    }
    w->comma = false;
    return token == NO_TOKEN ? TR_JSON_BROKEN : walk_value(w, token, pair);
}

/* The next element of an array; the walker stands after its '[' or a comma. */
static tr_json_step next_element(tr_json_walker *w, uint32_t begin, tr_json_pair *pair,
                                 bool first) {
    uint32_t token = next_token(w), end;
    if (token == NO_TOKEN)
        return TR_JSON_BROKEN;
    char c = w->text[token];
    *pair = (tr_json_pair){.value = token};
    if (c == ',' || c == ']') {
        while (begin < token && is_space(w->text[begin]))
            begin++;
        for (end = token; begin < end && is_space(w->text[end - 1]);)
            end--;
        w->closed = c == ']';
        if (begin == end)
            return w->closed && first ? TR_JSON_END : TR_JSON_BROKEN;
        *pair = (tr_json_pair){.value = begin, .value_bytes = end - begin};
        return TR_JSON_PAIR;
    }
    end = c == '"' ? next_token(w) : c == '{' || c == '[' ? nested_end(w) : NO_TOKEN;
    uint32_t after = end == NO_TOKEN ? NO_TOKEN : next_token(w);
    if (after == NO_TOKEN || (w->text[after] != ',' && w->text[after] != ']'))
        return TR_JSON_BROKEN;
    w->closed = w->text[after] == ']';
    pair->value_bytes = end + 1 - token;
    return TR_JSON_PAIR;
}

tr_json_step tr_json_walk_element(tr_json_walker *w, uint64_t index, tr_json_pair *pair) {
    uint32_t token = next_token(w);
    if (token == NO_TOKEN || w->text[token] != '[')
        return TR_JSON_END;
    for (uint64_t i = 0; !w->closed; i++) {
        uint32_t begin = i == 0 ? token + 1 : pair->value + pair->value_bytes;
        while (i > 0 && begin < w->end && (is_space(w->text[begin]) || w->text[begin] == ','))
            begin++;
        tr_json_step step = next_element(w, begin, pair, i == 0);
        if (step != TR_JSON_PAIR || i == index)
            return step;
    }
    return TR_JSON_END;
}

bool tr_json_walk_count(tr_json_walker *w, uint64_t *count) {
    tr_json_pair pair;
    uint32_t token = next_token(w);
    if (token == NO_TOKEN || w->text[token] != '[')
        return false;
    for (*count = 0; !w->closed; ++*count) {
        uint32_t begin = *count == 0 ? token + 1 : pair.value + pair.value_bytes;
        while (*count > 0 && begin < w->end && (is_space(w->text[begin]) || w->text[begin] == ','))
            begin++;
        if (next_element(w, begin, &pair, *count == 0) != TR_JSON_PAIR)
            break;
    }
    return true;
}

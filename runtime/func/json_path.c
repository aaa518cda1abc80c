/* runtime/func/json_path.c: parses and follows JSONPath. Must not know columns. */
#include "runtime/func/json_path.h"

#include "runtime/func/cells.h"

/* Each step takes at least two bytes: ".a". */
typedef struct {
    const char *at;
    const char *end;
    tr_json_step *steps;
    uint32_t count;
} path_parser;

static bool parse_name(path_parser *p) {
    const char *start = p->at;
    while (p->at < p->end && *p->at != '.' && *p->at != '[')
        p->at++;
    if (p->at == start)
        return false;
    p->steps[p->count++] = (tr_json_step){.key = tr_str_make(start, (uint32_t)(p->at - start))};
    return true;
}

static bool parse_quoted(path_parser *p, char quote) {
    const char *start = ++p->at;
    while (p->at < p->end && *p->at != quote)
        p->at++;
    if (p->at == p->end)
        return false;
    p->steps[p->count++] = (tr_json_step){.key = tr_str_make(start, (uint32_t)(p->at - start))};
    p->at++;
    return true;
}

static bool parse_index(path_parser *p) {
    bool negative = p->at < p->end && *p->at == '-';
    p->at += negative;
    const char *start = p->at;
    int64_t index = 0;
    for (; p->at < p->end && *p->at >= '0' && *p->at <= '9' && p->at - start < 10; p->at++)
        index = index * 10 + (*p->at - '0');
    if (p->at == start)
        return false;
    p->steps[p->count++] = (tr_json_step){.is_index = true, .index = negative ? -index : index};
    return true;
}

static bool parse_bracket(path_parser *p) {
    if (p->at == p->end)
        return false;
    bool ok = *p->at == '\'' || *p->at == '"' ? parse_quoted(p, *p->at) : parse_index(p);
    return ok && p->at < p->end && *p->at++ == ']';
}

trawl_status tr_json_path_parse(tr_arena *arena, tr_str text, tr_json_path *out, bool *ok,
                                trawl_error *err) {
    path_parser p = {.at = text.ptr, .end = text.ptr + text.len};
    p.steps = TR_NEW_N(arena, tr_json_step, (size_t)text.len / 2 + 1);
    if (!p.steps)
        return tr_fail_memory(err);
    *ok = text.len && *p.at++ == '$';
    while (*ok && p.at < p.end) {
        char c = *p.at++;
        *ok = c == '.' ? parse_name(&p) : c == '[' && parse_bracket(&p);
    }
    *out = (tr_json_path){.count = p.count, .steps = p.steps};
    return TRAWL_OK;
}

trawl_status tr_json_path_or_key(tr_arena *arena, tr_str text, tr_json_path *out,
                                 trawl_error *err) {
    bool ok = false;
    if (text.len > 1 && text.ptr[0] == '$' && (text.ptr[1] == '.' || text.ptr[1] == '['))
        TR_TRY(tr_json_path_parse(arena, text, out, &ok, err));
    if (ok)
        return TRAWL_OK;
    tr_json_step *step = TR_NEW(arena, tr_json_step);
    if (!step)
        return tr_fail_memory(err);
    step->key = text;
    *out = (tr_json_path){.count = 1, .steps = step};
    return TRAWL_OK;
}

bool tr_json_path_walk(const tr_json_path *path, tr_str value, tr_str *out) {
    for (uint32_t k = 0; k < path->count; k++) {
        const tr_json_step *step = &path->steps[k];
        bool there = step->is_index ? tr_dyn_index(value, step->index, &value)
                                    : tr_dyn_get(value, step->key, &value);
        if (!there)
            return false;
    }
    *out = value;
    return true;
}

/* runtime/func/pattern.c: regular expressions as arguments of functions. Must not know which. */
#include "runtime/func/pattern.h"

static trawl_status compile(const tr_pattern *pattern, tr_str text, tr_arena *arena,
                            const tr_regex **out, trawl_error *err) {
    tr_buf buf;
    tr_buf_start(&buf, arena);
    tr_buf_put_text(&buf, pattern->before);
    tr_buf_put_str(&buf, text);
    tr_buf_put_text(&buf, pattern->after);
    if (buf.failed)
        return tr_fail_memory(err);
    tr_str whole = tr_buf_cell(&buf);
    tr_regex *re;
    trawl_status status = tr_regex_compile(arena, whole.ptr, whole.len, pattern->flags, &re, err);
    if (status == TRAWL_OK)
        *out = re;
    else if (err)
        err->span_offset = err->span_bytes = 0; /* a place in the pattern, not in the query */
    return status;
}

trawl_status tr_pattern_prepare(const tr_prepare *p, uint32_t arg, uint32_t flags,
                                const char *before, const char *after, tr_pattern *out,
                                trawl_error *err) {
    *out = (tr_pattern){.flags = flags, .before = before, .after = after};
    if (!p->consts[arg])
        return TRAWL_OK;
    tr_str text = p->consts[arg]->is_null ? tr_empty() : p->consts[arg]->as.str;
    trawl_status status = compile(out, text, p->query, &out->re, err);
    if (status != TRAWL_OK && err && p->spans) {
        err->span_offset = p->spans[arg].offset;
        err->span_bytes = p->spans[arg].bytes;
    }
    return status;
}

trawl_status tr_pattern_start(const void *bound, tr_arena *local, void **state, trawl_error *err) {
    const tr_pattern *pattern = bound;
    *state = NULL;
    if (!pattern->re)
        return TRAWL_OK;
    *state = tr_regex_scratch_new(pattern->re, local);
    return *state ? TRAWL_OK : tr_fail_memory(err);
}

trawl_status tr_pattern_row(tr_call *call, uint32_t arg, uint32_t i, tr_pattern_cache *cache,
                            tr_pattern_use *out, trawl_error *err) {
    const tr_pattern *pattern = call->bound;
    if (pattern->re) {
        *out = (tr_pattern_use){.re = pattern->re, .scratch = call->local};
        return TRAWL_OK;
    }
    tr_str text = tr_text_at(&call->args[arg], i);
    for (uint32_t k = 0; k < cache->count; k++)
        if (tr_str_equal(cache->uses[k].text, text)) {
            *out = cache->uses[k];
            return TRAWL_OK;
        }
    *out = (tr_pattern_use){.text = text};
    TR_TRY(compile(pattern, text, call->scratch, &out->re, err));
    out->scratch = tr_regex_scratch_new(out->re, call->scratch);
    if (!out->scratch)
        return tr_fail_memory(err);
    cache->uses[cache->count < TR_PATTERN_CACHE ? cache->count++ : 0] = *out;
    return TRAWL_OK;
}

void tr_pattern_walk_start(tr_pattern_walk *walk, const tr_pattern_use *use, tr_str text,
                           size_t from, tr_regex_span *groups) {
    *walk = (tr_pattern_walk){
        .use = use, .text = text, .groups = groups, .next = from, .last_end = TR_REGEX_UNSET};
}

bool tr_pattern_walk_next(tr_pattern_walk *walk) {
    const tr_pattern_use *use = walk->use;
    tr_str text = walk->text;
    while (walk->next <= text.len) {
        if (walk->groups) {
            if (!tr_regex_captures(use->re, use->scratch, text.ptr, text.len, walk->next,
                                   walk->groups))
                return false;
            walk->match = walk->groups[0];
        } else if (!tr_regex_find(use->re, use->scratch, text.ptr, text.len, walk->next,
                                  &walk->match)) {
            return false;
        }
        bool skip = false;
        walk->next = tr_regex_next_start(text.ptr, text.len, walk->match, walk->last_end, &skip);
        if (!skip) {
            walk->last_end = walk->match.end;
            return true;
        }
    }
    return false;
}

/* runtime/regex/regex.c: compiles patterns; owns what a search needs; walks and rewrites matches.
 * Must not know how a search is done (search.c). */
#include "runtime/regex/regex.h"

#include <string.h>

#include "kernels/kernels.h"
#include "runtime/regex/search.h"

/* Captures and words beyond ASCII may need a list of slots per node; keep that in bounds. */
#define ROOM_BYTES_MAX (64u << 20)

static bool starts_at_start(const tr_tree *tree) {
    switch (tree->kind) {
    case TR_TREE_LOOK: return tree->look == TR_LOOK_START;
    case TR_TREE_GROUP: return starts_at_start(tree->child);
    case TR_TREE_CONCAT:
        for (const tr_tree *child = tree->child; child; child = child->next) {
            if (starts_at_start(child))
                return true;
            if (child->bytes_max > 0)
                return false;
        }
        return false;
    case TR_TREE_ALTERNATE:
        for (const tr_tree *child = tree->child; child; child = child->next)
            if (!starts_at_start(child))
                return false;
        return true;
    case TR_TREE_REPEAT: return tree->min > 0 && starts_at_start(tree->child);
    default: return false;
    }
}

static void plan_literals(tr_regex *re) {
    tr_regex_literals *l = &re->literals;
    re->find = &tr_kernels_now()->find;
    re->match = &tr_kernels_now()->match;
    re->rows = &tr_kernels_now()->places;
    if (l->required_bytes)
        re->find->plan(&re->required_plan, l->required, l->required_bytes, l->required_nocase,
                       NULL);
    re->prefix_is_required = l->prefix_count == 1 && l->prefixes[0].len == l->required_bytes &&
                             l->prefix_nocase == l->required_nocase &&
                             memcmp(l->prefixes[0].ptr, l->required, l->required_bytes) == 0;
    if (l->prefix_count == 1)
        re->find->plan(&re->prefix_plan, l->prefixes[0].ptr, l->prefixes[0].len, l->prefix_nocase,
                       NULL);
    else if (l->prefix_count > 1)
        re->find->set(&re->prefix_set, l->prefixes, l->prefix_count, l->prefix_nocase);
    if (l->need_count)
        re->find->set(&re->need_set, l->needs, l->need_count, l->needs_nocase);
}

static trawl_status build(tr_arena *keep, tr_arena *temp, const char *pattern, size_t bytes,
                          uint32_t flags, tr_regex *re, trawl_error *err) {
    tr_parsed parsed = {0};
    tr_program *p = &re->program;
    TR_TRY(tr_regex_parse(keep, temp, pattern, bytes, flags, &parsed, err));
    TR_TRY(tr_program_compile(keep, temp, parsed.root, p, err));
    TR_TRY(tr_program_reverse(keep, p, err));
    TR_TRY(tr_program_onepass(keep, temp, p, parsed.group_count, err));
    TR_TRY(tr_program_starts(temp, p, &re->starts, &re->few_starts, err));
    TR_TRY(tr_regex_extract_literals(keep, temp, parsed.root, &re->literals, err));
    if (tr_levels_now() != TR_LEVEL_REF) /* there it is slower than a table */
        TR_TRY(tr_regex_write_places(keep, temp, parsed.root, &re->places, err));
    re->group_count = parsed.group_count;
    re->group_names = parsed.group_names;
    re->slot_count = 2 + 2 * parsed.group_count;
    re->may_be_empty = parsed.root->bytes_min == 0;
    re->always_start = starts_at_start(parsed.root);
    uint32_t anywhere = TR_LOOK_BIT(TR_LOOK_NOT_WORD) | TR_LOOK_BIT(TR_LOOK_WORD_START_HALF) |
                        TR_LOOK_BIT(TR_LOOK_WORD_END_HALF);
    re->split_risk = re->may_be_empty && (p->looks & anywhere);
    if (tr_regex_needs_room(re) &&
        (uint64_t)p->node_count * re->slot_count * 2 * sizeof(size_t) > ROOM_BYTES_MAX)
        return tr_fail(err, TRAWL_E_LIMIT,
                       "regular expression: too many groups for an automaton of this size; "
                       "(?:..) makes a group that captures nothing");
    return TRAWL_OK;
}

trawl_status tr_regex_compile(tr_arena *arena, const char *pattern, size_t bytes, uint32_t flags,
                              tr_regex **out, trawl_error *err) {
    tr_regex *re = TR_NEW(arena, tr_regex);
    tr_arena *temp = tr_arena_new(NULL); /* bounded by the limits in regex.h */
    trawl_status status;
    if (!re || !temp)
        status = tr_fail_memory(err);
    else
        status = build(arena, temp, pattern, bytes, flags, re, err);
    tr_arena_free(temp);
    if (status != TRAWL_OK)
        return status;
    plan_literals(re);
    *out = re;
    return TRAWL_OK;
}

uint32_t tr_regex_group_count(const tr_regex *re) {
    return re->group_count;
}

const char *tr_regex_group_name(const tr_regex *re, uint32_t group) {
    return group && group <= re->group_count ? re->group_names[group] : NULL;
}

uint32_t tr_regex_group_find(const tr_regex *re, const char *name, size_t bytes) {
    for (uint32_t i = 1; i <= re->group_count; i++)
        if (re->group_names[i] && strlen(re->group_names[i]) == bytes &&
            memcmp(re->group_names[i], name, bytes) == 0)
            return i;
    return 0;
}

const tr_regex_literals *tr_regex_literals_of(const tr_regex *re) {
    return &re->literals;
}

bool tr_regex_needs_room(const tr_regex *re) {
    return (re->program.looks & TR_LOOKS_UNICODE) ||
           (re->group_count && (!re->program.onepass || re->program.onepass->ascii));
}

tr_regex_scratch *tr_regex_scratch_new(const tr_regex *re, tr_arena *local) {
    tr_regex_scratch *s = TR_NEW(local, tr_regex_scratch);
    const tr_program *p = &re->program;
    if (!s)
        return NULL;
    s->slots = TR_NEW_N(local, size_t, re->slot_count);
    if (!s->slots || !tr_dfa_init(&s->test, p, TR_DFA_TEST, local) ||
        !tr_dfa_init(&s->find, p, TR_DFA_FIND, local) ||
        !tr_dfa_init(&s->reverse, p, TR_DFA_REVERSE, local))
        return NULL;
    if (tr_regex_needs_room(re) && !tr_capture_room_init(&s->room, p, re->slot_count, local))
        return NULL;
    return s;
}

size_t tr_regex_next_start(const char *text, size_t bytes, tr_regex_span match, size_t last_end,
                           bool *skip) {
    *skip = match.start == match.end && match.end == last_end;
    if (match.end > match.start)
        return match.end;
    size_t next = match.end + 1;
    while (next < bytes && ((uint8_t)text[next] & 0xc0) == 0x80)
        next++;
    return next;
}

void tr_regex_expand(const char *rewrite, size_t bytes, const char *text,
                     const tr_regex_span *groups, uint32_t group_count, tr_regex_put put,
                     void *to) {
    size_t plain = 0;
    for (size_t i = 0; i + 1 < bytes; i++) {
        char c = rewrite[i + 1];
        if (rewrite[i] != '\\' || !(c == '\\' || (c >= '0' && c <= '9')))
            continue;
        if (i > plain)
            put(to, rewrite + plain, i - plain);
        if (c == '\\') {
            put(to, rewrite + i + 1, 1);
        } else {
            uint32_t group = (uint32_t)(c - '0');
            if (group <= group_count && groups[group].start != TR_REGEX_UNSET)
                put(to, text + groups[group].start, groups[group].end - groups[group].start);
        }
        plain = i + 2;
        i++;
    }
    if (bytes > plain)
        put(to, rewrite + plain, bytes - plain);
}

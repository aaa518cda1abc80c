/* runtime/regex/literal.c: finds out which literals every match must start with or hold.
 * What it says must be true of every match; that it says nothing is always allowed.
 * Must not know automata. */
#include <string.h>

#include "runtime/regex/program.h"

enum { PREFIXES_MAX = 48, PREFIX_BYTES_MAX = 24, CLASS_MAX = 8, RUN_BYTES_MAX = 200 };
enum {
    HEIGHT_MAX = 64
}; /* of trees that are searched for prefixes: a level takes 4 KiB of stack */

static bool is_letter(uint8_t b) {
    return (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z');
}
static uint8_t lower(uint8_t b) {
    return b >= 'A' && b <= 'Z' ? (uint8_t)(b + 32) : b;
}

/* Is the class one ASCII letter in both cases? Its lower case, else 0. */
static uint8_t folded_letter(const tr_set *set) {
    if (set->n != 2 || set->ranges[0].lo != set->ranges[0].hi ||
        set->ranges[1].lo != set->ranges[1].hi || set->ranges[0].lo + 32 != set->ranges[1].lo)
        return 0;
    uint32_t c = set->ranges[1].lo;
    return c >= 'a' && c <= 'z' ? (uint8_t)c : 0;
}

/* --- what a match starts with ------------------------------------------------------------- */

typedef struct {
    uint8_t bytes[PREFIX_BYTES_MAX];
    uint8_t length;
    bool open; /* what follows in the pattern may be appended */
} prefix;

typedef struct {
    prefix v[PREFIXES_MAX];
    uint32_t n;
    bool nocase; /* letters are taken in lower case */
    bool lost;   /* too many: nothing is known */
} prefix_set;

static bool same_prefix(const prefix *a, const prefix *b) {
    return a->length == b->length && a->open == b->open &&
           memcmp(a->bytes, b->bytes, a->length) == 0;
}

static void add_prefix(prefix_set *set, const prefix *item) {
    for (uint32_t i = 0; i < set->n; i++)
        if (same_prefix(&set->v[i], item))
            return;
    if (set->n == PREFIXES_MAX)
        set->lost = true;
    else
        set->v[set->n++] = *item;
}

static void close_all(prefix_set *set) {
    for (uint32_t i = 0; i < set->n; i++)
        set->v[i].open = false;
}

static bool any_open(const prefix_set *set) {
    for (uint32_t i = 0; i < set->n; i++)
        if (set->v[i].open)
            return true;
    return false;
}

static void append(prefix *item, const uint8_t *bytes, uint32_t n, bool nocase) {
    for (uint32_t i = 0; i < n && item->open; i++) {
        if (item->length == PREFIX_BYTES_MAX)
            item->open = false;
        else
            item->bytes[item->length++] = nocase ? lower(bytes[i]) : bytes[i];
    }
}

/* Every open prefix goes on with each character of the class. */
static void append_class(prefix_set *set, const tr_set *class) {
    uint32_t points = 0;
    uint32_t n = set->n;
    uint8_t letter = set->nocase ? folded_letter(class) : 0;
    if (letter) {
        for (uint32_t i = 0; i < n; i++)
            append(&set->v[i], &letter, 1, true);
        return;
    }
    for (uint32_t i = 0; i < class->n && points <= CLASS_MAX; i++)
        points += class->ranges[i].hi - class->ranges[i].lo + 1;
    uint32_t open = 0;
    for (uint32_t i = 0; i < n; i++)
        open += set->v[i].open;
    if (!points || points > CLASS_MAX || n + open * (points - 1) > PREFIXES_MAX) {
        close_all(set);
        return;
    }
    prefix_set out = {.nocase = set->nocase};
    for (uint32_t i = 0; i < n; i++) {
        if (!set->v[i].open) {
            add_prefix(&out, &set->v[i]);
            continue;
        }
        for (uint32_t j = 0; j < class->n; j++)
            for (uint32_t c = class->ranges[j].lo; c <= class->ranges[j].hi; c++) {
                uint8_t bytes[4];
                prefix longer = set->v[i];
                append(&longer, bytes, tr_utf8_write(c, bytes), set->nocase);
                add_prefix(&out, &longer);
            }
    }
    *set = out;
}

static void extend(prefix_set *set, const tr_tree *tree);

static void merge(prefix_set *to, const prefix_set *from) {
    to->lost |= from->lost;
    for (uint32_t i = 0; i < from->n; i++)
        add_prefix(to, &from->v[i]);
}

static void extend_repeat(prefix_set *set, const tr_tree *tree) {
    prefix_set without = *set;
    uint32_t times = tree->min ? tree->min : tree->max ? 1 : 0;
    if (times > PREFIX_BYTES_MAX)
        times = PREFIX_BYTES_MAX;
    for (uint32_t i = 0; i < times && any_open(set); i++)
        extend(set, tree->child);
    if (tree->max > times || tree->min > times)
        close_all(set);
    if (tree->min == 0 && tree->max > 0)
        merge(set, &without);
}

static void extend_alternate(prefix_set *set, const tr_tree *tree) {
    prefix_set out = {.nocase = set->nocase};
    for (const tr_tree *child = tree->child; child && !out.lost; child = child->next) {
        prefix_set one = *set;
        extend(&one, child);
        merge(&out, &one);
    }
    if (out.lost)
        close_all(set); /* fall back on what was known before */
    else
        *set = out;
}

static void extend(prefix_set *set, const tr_tree *tree) {
    if (!any_open(set) || set->lost)
        return;
    switch (tree->kind) {
    case TR_TREE_EMPTY:
    case TR_TREE_LOOK: return;
    case TR_TREE_LITERAL:
        for (uint32_t i = 0; i < set->n; i++)
            append(&set->v[i], tree->literal, tree->literal_bytes, set->nocase);
        return;
    case TR_TREE_CLASS: append_class(set, &tree->set); return;
    case TR_TREE_GROUP: extend(set, tree->child); return;
    case TR_TREE_REPEAT: extend_repeat(set, tree); return;
    case TR_TREE_ALTERNATE: extend_alternate(set, tree); return;
    case TR_TREE_CONCAT:
        for (const tr_tree *child = tree->child; child; child = child->next)
            extend(set, child);
        return;
    }
}

static uint32_t shortest(const prefix_set *set) {
    uint32_t least = set->n && !set->lost ? PREFIX_BYTES_MAX : 0;
    for (uint32_t i = 0; i < set->n; i++)
        if (set->v[i].length < least)
            least = set->v[i].length;
    return least;
}

/* Too common or too many to be worth a look of its own? */
static bool is_weak(const prefix_set *set) {
    uint32_t least = shortest(set);
    if (least == 1 && set->n == 1) {
        uint8_t b = set->v[0].bytes[0];
        return is_letter(b) || (b >= '0' && b <= '9') || b == ' ' || b >= 0x80;
    }
    return least < 2;
}

/* A prefix that starts with another one says nothing new. */
static void drop_longer(prefix_set *set) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < set->n; i++) {
        bool covered = false;
        for (uint32_t j = 0; j < set->n && !covered; j++)
            covered = i != j && set->v[j].length <= set->v[i].length &&
                      memcmp(set->v[j].bytes, set->v[i].bytes, set->v[j].length) == 0 &&
                      (set->v[j].length < set->v[i].length || j < i);
        if (!covered)
            set->v[kept++] = set->v[i];
    }
    set->n = kept;
}

static trawl_status keep_prefixes(tr_arena *keep, prefix_set *set, tr_regex_literals *out,
                                  trawl_error *err) {
    tr_kernel_str *list = TR_NEW_N(keep, tr_kernel_str, set->n);
    if (!list)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < set->n; i++) {
        char *text = tr_arena_text(keep, (const char *)set->v[i].bytes, set->v[i].length);
        if (!text)
            return tr_fail_memory(err);
        list[i].ptr = text;
        list[i].len = set->v[i].length;
        memcpy(&list[i].head, text, list[i].len < 4 ? list[i].len : 4);
    }
    out->prefixes = list;
    out->prefix_count = set->n;
    out->prefix_nocase = set->nocase;
    return TRAWL_OK;
}

static trawl_status find_prefixes(tr_arena *keep, tr_arena *temp, const tr_tree *root,
                                  tr_regex_literals *out, trawl_error *err) {
    if (root->height > HEIGHT_MAX)
        return TRAWL_OK;
    prefix_set *sets = TR_NEW_N(temp, prefix_set, 2);
    if (!sets)
        return tr_fail_memory(err);
    for (uint32_t nocase = 0; nocase < 2; nocase++) {
        sets[nocase].nocase = nocase;
        sets[nocase].n = 1;
        sets[nocase].v[0].open = true;
        extend(&sets[nocase], root);
    }
    /* Taking letters in any case is worth it only where that says more, or the same in fewer. */
    uint32_t cased = shortest(&sets[0]);
    uint32_t folded = shortest(&sets[1]);
    bool fold = folded > cased || (folded == cased && sets[1].n < sets[0].n);
    prefix_set *best = fold ? &sets[1] : &sets[0];
    if (best->lost || is_weak(best))
        return TRAWL_OK;
    drop_longer(best);
    return keep_prefixes(keep, best, out, err);
}

/* --- what a match holds ------------------------------------------------------------------- */

typedef struct {
    uint8_t bytes[RUN_BYTES_MAX];
    uint32_t length;
    bool nocase; /* some letter stands for both cases */
    bool cased;  /* some letter does not */
} run;

typedef struct {
    run now;
    run best;
    bool pure; /* nothing but literals so far */
    uint32_t steps;
} runs;

static void end_run(runs *r) {
    if (r->now.length > r->best.length ||
        (r->now.length == r->best.length && r->best.nocase && !r->now.nocase))
        r->best = r->now;
    r->now = (run){.length = 0};
}

static void add_byte(runs *r, uint8_t byte, bool fold) {
    run *now = &r->now;
    if (now->length == RUN_BYTES_MAX) {
        r->pure = false;
        end_run(r);
    }
    now->bytes[now->length++] = byte;
    if (fold)
        now->nocase = true;
    else if (is_letter(byte))
        now->cased = true;
}

static void end_pure(runs *r) {
    r->pure = false;
    end_run(r);
}

static void collect(runs *r, const tr_tree *tree);

static void collect_repeat(runs *r, const tr_tree *tree) {
    if (tree->min == tree->max && tree->min >= 1 && tree->min <= 16) {
        for (uint32_t i = 0; i < tree->min; i++)
            collect(r, tree->child);
        return;
    }
    if (tree->min == 0) {
        end_pure(r);
        return;
    }
    collect(r, tree->child);
    end_pure(r);
    collect(r, tree->child);
}

static void collect(runs *r, const tr_tree *tree) {
    if (++r->steps > 10000) { /* nested repetitions multiply */
        end_pure(r);
        return;
    }
    switch (tree->kind) {
    case TR_TREE_EMPTY: return;
    case TR_TREE_LOOK: r->pure = false; return;
    case TR_TREE_LITERAL:
        for (uint32_t i = 0; i < tree->literal_bytes; i++)
            add_byte(r, tree->literal[i], false);
        return;
    case TR_TREE_CLASS: {
        uint8_t letter = folded_letter(&tree->set);
        if (letter)
            add_byte(r, letter, true);
        else
            end_pure(r);
        return;
    }
    case TR_TREE_GROUP: collect(r, tree->child); return;
    case TR_TREE_REPEAT: collect_repeat(r, tree); return;
    case TR_TREE_ALTERNATE: end_pure(r); return;
    case TR_TREE_CONCAT:
        for (const tr_tree *child = tree->child; child; child = child->next)
            collect(r, child);
        return;
    }
}

/* --- sets of which a match holds one ------------------------------------------------------ */

enum { NEEDS_MAX = 32 };

typedef struct {
    run v[NEEDS_MAX];
    uint32_t n; /* 0: nothing is known */
} need_set;

typedef struct {
    tr_arena *temp;
    runs *runs;
    uint32_t steps;
    bool failed; /* memory is out */
} need_finder;

/* Long literals are rare; one is found faster than several. */
static uint32_t worth(const need_set *set) {
    uint32_t least = RUN_BYTES_MAX;
    for (uint32_t i = 0; i < set->n; i++)
        least = set->v[i].length < least ? set->v[i].length : least;
    return set->n ? 4 * least + (set->n == 1 ? 3 : 0) : 0;
}

static need_set *new_needs(need_finder *f) {
    need_set *set = TR_NEW(f->temp, need_set);
    f->failed |= !set;
    return set;
}

static void find_needs(need_finder *f, const tr_tree *tree, need_set *out);

/* One of each branch. */
static void either_needs(need_finder *f, const tr_tree *tree, need_set *out) {
    need_set *one = new_needs(f);
    for (const tr_tree *child = tree->child; child && !f->failed; child = child->next) {
        find_needs(f, child, one);
        if (f->failed || !one->n || out->n + one->n > NEEDS_MAX) {
            out->n = 0;
            return;
        }
        memcpy(out->v + out->n, one->v, one->n * sizeof *one->v);
        out->n += one->n;
    }
}

static void better_needs(need_finder *f, const tr_tree *tree, need_set *out) {
    need_set *one = new_needs(f);
    for (const tr_tree *child = tree->child; child && !f->failed; child = child->next) {
        find_needs(f, child, one);
        if (!f->failed && worth(one) > worth(out))
            *out = *one;
    }
}

/* Of all the sets that are known to hold, the one worth most. */
static void find_needs(need_finder *f, const tr_tree *tree, need_set *out) {
    out->n = 0;
    if (f->failed || ++f->steps > 200)
        return;
    while (tree->kind == TR_TREE_GROUP || (tree->kind == TR_TREE_REPEAT && tree->min > 0))
        tree = tree->child;
    if (tree->kind == TR_TREE_ALTERNATE) {
        either_needs(f, tree, out);
        return;
    }
    *f->runs = (runs){.pure = true};
    collect(f->runs, tree);
    end_run(f->runs);
    if (f->runs->best.length) {
        out->v[0] = f->runs->best;
        out->n = 1;
    }
    if (tree->kind == TR_TREE_CONCAT)
        better_needs(f, tree, out);
}

/* Sets of one are `required`. Letters of any case among bytes beyond ASCII are left to others. */
static trawl_status keep_needs(tr_arena *keep, tr_arena *temp, const tr_tree *root, runs *r,
                               tr_regex_literals *out, trawl_error *err) {
    need_finder f = {.temp = temp, .runs = r};
    need_set *set = new_needs(&f);
    bool wide = false;
    if (set && root->height <= HEIGHT_MAX)
        find_needs(&f, root, set);
    if (f.failed)
        return tr_fail_memory(err);
    if (set->n < 2)
        return TRAWL_OK;
    for (uint32_t i = 0; i < set->n; i++)
        out->needs_nocase |= set->v[i].nocase;
    tr_kernel_str *list = TR_NEW_N(keep, tr_kernel_str, set->n);
    if (!list)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < set->n; i++) {
        run *one = &set->v[i];
        for (uint32_t k = 0; k < one->length && out->needs_nocase; k++) {
            wide |= one->bytes[k] >= 0x80;
            one->bytes[k] = lower(one->bytes[k]);
        }
        char *text = tr_arena_text(keep, (const char *)one->bytes, one->length);
        if (!text)
            return tr_fail_memory(err);
        list[i] = (tr_kernel_str){.ptr = text, .len = one->length};
        memcpy(&list[i].head, text, one->length < 4 ? one->length : 4);
    }
    out->needs = list;
    out->need_count = wide ? 0 : set->n;
    return TRAWL_OK;
}

static uint32_t shortest_text(const tr_kernel_str *list, uint32_t n) {
    uint32_t least = n ? list->len : 0;
    for (uint32_t i = 1; i < n; i++)
        least = list[i].len < least ? list[i].len : least;
    return least;
}

/* Needs are kept only where they say no less than what matches start with. */
static void compare_needs(tr_regex_literals *l) {
    uint32_t need = shortest_text(l->needs, l->need_count);
    if (need < 2 || need < shortest_text(l->prefixes, l->prefix_count))
        l->need_count = 0;
}

trawl_status tr_regex_extract_literals(tr_arena *keep, tr_arena *temp, const tr_tree *root,
                                       tr_regex_literals *out, trawl_error *err) {
    *out = (tr_regex_literals){.exact = false};
    runs *r = TR_NEW(temp, runs);
    if (!r)
        return tr_fail_memory(err);
    TR_TRY(keep_needs(keep, temp, root, r, out, err));
    *r = (runs){.pure = true};
    collect(r, root);
    end_run(r);
    run *best = &r->best;
    if (best->length) {
        for (uint32_t i = 0; i < best->length && best->nocase; i++)
            best->bytes[i] = lower(best->bytes[i]);
        out->required = tr_arena_text(keep, (const char *)best->bytes, best->length);
        if (!out->required)
            return tr_fail_memory(err);
        out->required_bytes = best->length;
        out->required_nocase = best->nocase;
        out->exact = r->pure && !(best->nocase && best->cased);
    }
    TR_TRY(find_prefixes(keep, temp, root, out, err));
    compare_needs(out);
    return TRAWL_OK;
}

/* runtime/format/name.c: what paths say: stems, endings, folders that are values, globs. Touches no
 * file. */
#include "runtime/format/internal.h"

static inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
static inline char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_one_of(const char *text, size_t n, const char *const *list) {
    for (; *list; list++) {
        size_t k = 0;
        while (k < n && (*list)[k] && lower(text[k]) == (*list)[k])
            k++;
        if (k == n && !(*list)[k])
            return true;
    }
    return false;
}

/* The length without the last ".xyz" if that is in the list. */
static size_t without_ending(const char *name, size_t n, const char *const *list) {
    size_t dot = n;
    while (dot > 0 && name[dot - 1] != '.')
        dot--;
    return dot > 1 && is_one_of(name + dot, n - dot, list) ? dot - 1 : n;
}

static const char *const packed_endings[] = {"gz", "gzip", "zst", "zstd", "bz2",
                                             "xz", "lz4",  "z",   NULL};
static const char *const format_endings[] = {"csv",    "tsv",       "tab",  "psv", "json", "jsonl",
                                             "ndjson", "jsonlines", "log",  "txt", "out",  "err",
                                             "dat",    "data",      "text", NULL};

/* Without ".1" of a rotated file. */
static size_t without_number(const char *name, size_t n) {
    size_t at = n;
    while (at > 0 && is_digit(name[at - 1]))
        at--;
    return at > 1 && at < n && name[at - 1] == '.' ? at - 1 : n;
}

/* The length without numbers, dates and what joins them, at the end. */
static size_t without_digits(const char *name, size_t n) {
    size_t at = n;
    while (at > 0) {
        size_t digits = at;
        while (digits > 0 && is_digit(name[digits - 1]))
            digits--;
        if (digits == at)
            break;
        /* "T" in 20240131T0000, "Z" at its end */
        size_t joint = digits;
        if (joint > 1 && (name[joint - 1] == 'T') && is_digit(name[joint - 2])) {
            at = joint - 1;
            continue;
        }
        if (joint > 0 &&
            (name[joint - 1] == '-' || name[joint - 1] == '_' || name[joint - 1] == '.')) {
            at = joint - 1;
            continue;
        }
        /* Digits that belong to a word ("node1", "utf8") stay, unless nothing else is there. */
        if (joint == 0)
            at = 0;
        break;
    }
    return at;
}

const char *tr_name_stem(tr_arena *arena, const char *path) {
    static const char *const generic[] = {"part", "data", "file", "chunk", "shard", "batch", NULL};
    const char *name = last_part(path);
    size_t n = strlen(name), before;
    do {
        before = n;
        n = without_ending(name, n, packed_endings);
        n = without_number(name, n);
        n = without_ending(name, n, format_endings);
    } while (n != before);
    n = without_digits(name, n);
    n = without_ending(name, n, format_endings);
    if (n >= 5 && memcmp(name, "part-", 5) == 0)
        n = 4; /* part-00000-<anything> of a distributed writer */
    if (is_one_of(name, n, generic))
        n = 0;
    return tr_arena_text(arena, name, n);
}

const char *tr_name_ending(tr_arena *arena, const char *path) {
    const char *name = last_part(path);
    size_t n = strlen(name), before;
    do {
        before = n;
        n = without_ending(name, n, packed_endings);
        n = without_number(name, n);
    } while (n != before);
    size_t dot = n;
    while (dot > 0 && name[dot - 1] != '.')
        dot--;
    char *ending =
        dot > 1 ? tr_arena_text(arena, name + dot, n - dot) : tr_arena_text(arena, "", 0);
    for (char *c = ending; c && *c; c++)
        *c = lower(*c);
    return ending;
}

const char *tr_name_clean(tr_arena *arena, const char *name) {
    size_t n = strlen(name);
    char *clean = tr_arena_text(arena, name, n);
    for (size_t i = 0; clean && i < n; i++) {
        char c = lower(clean[i]);
        if (!(c >= 'a' && c <= 'z') && !is_digit(c) && c != '_')
            clean[i] = '_';
    }
    if (clean && is_digit(clean[0]))
        return tr_arena_printf(arena, "_%s", clean);
    return clean;
}

/* A folder that is a value (k=v) or a part of a date. */
static bool is_value_folder(const char *part, size_t n) {
    const char *equal = memchr(part, '=', n);
    if (equal && equal > part)
        return true;
    size_t digits = 0;
    while (digits < n && (is_digit(part[digits]) || (digits && part[digits] == '-')))
        digits++;
    return n > 0 && digits == n;
}

const char *tr_name_folder(tr_arena *arena, const char *path) {
    const char *end = strrchr(path, '/');
    char *folder = tr_arena_text(arena, path, end ? (size_t)(end - path) : 0);
    while (folder && *folder) {
        char *part = strrchr(folder, '/');
        part = part ? part + 1 : folder;
        if (!is_value_folder(part, strlen(part)))
            break;
        part[part > folder ? -1 : 0] = 0;
    }
    return folder;
}

static const char *match_class(const char *glob, char c, bool *hit) {
    bool negate = glob[1] == '!' || glob[1] == '^', found = false;
    const char *at = glob + 1 + negate, *start = at;
    for (; *at && (*at != ']' || at == start); at++) {
        if (at[1] == '-' && at[2] && at[2] != ']') {
            found |= c >= at[0] && c <= at[2];
            at += 2;
        } else {
            found |= c == *at;
        }
    }
    *hit = found != negate && c != '/';
    return *at ? at + 1 : NULL;
}

/* Backtracks to the last star only, and to the last double star when that fails. */
static bool match_path(const char *glob, const char *path) {
    const char *star = NULL, *star_at = NULL, *deep = NULL, *deep_at = NULL;
    bool parts = false; /* a double star followed by a slash stands for whole folders */
    while (*path) {
        bool hit = false;
        const char *next = glob + 1;
        if (glob[0] == '*' && glob[1] == '*') {
            parts = glob[2] == '/';
            glob += parts ? 3 : 2;
            deep = glob;
            deep_at = path;
            star = NULL;
            continue;
        }
        if (*glob == '*') {
            star = ++glob;
            star_at = path;
            continue;
        }
        if (*glob == '?')
            hit = *path != '/';
        else if (*glob == '[')
            next = match_class(glob, *path, &hit);
        else
            hit = *glob == *path;
        if (hit && next) {
            glob = next;
            path++;
        } else if (star && *star_at != '/') {
            glob = star;
            path = ++star_at;
        } else if (deep && *deep_at) {
            deep_at = parts ? strchr(deep_at, '/') : deep_at;
            if (!deep_at)
                return false;
            glob = deep;
            path = ++deep_at;
            star = NULL;
        } else {
            return false;
        }
    }
    while (*glob == '*')
        glob++;
    return !*glob;
}

bool tr_glob_match(const char *glob, const char *path) {
    return match_path(glob, strchr(glob, '/') ? path : last_part(path));
}

/* runtime/format/group.c: which files form one table: by folder, stem and ending; then whole
 * folders of files that look alike; and the columns that k=v folders stand for. */
#include <stdlib.h>

#include "runtime/format/open_local.h"

/* So many stems of lines of text must look alike to be one table: logs always look alike, and
 * people ask for them by name. */
#define TEXT_STEMS_MIN 16u
/* Stems of a folder that are looked at; the rest are taken to be like them. */
#define STEMS_LOOKED_AT 64u

typedef struct {
    tr_file *file;
    const char *folder;
    const char *stem;
    const char *ending;
} member;

typedef struct {
    uint32_t first, count; /* members */
    tr_shape shape;
    bool looked_at, done;
} group;

static int by_key(const void *a, const void *b) {
    const member *x = a, *y = b;
    int c = strcmp(x->folder, y->folder);
    c = c ? c : strcmp(x->stem, y->stem);
    c = c ? c : strcmp(x->ending, y->ending);
    return c ? c : strcmp(x->file->path, y->file->path);
}

static int by_path(const void *a, const void *b) {
    return strcmp((*(tr_file *const *)a)->path, (*(tr_file *const *)b)->path);
}

/* "json" for all endings of JSON, so that a.json and a.jsonl meet. */
static const char *family(const char *ending) {
    if (strcmp(ending, "jsonl") == 0 || strcmp(ending, "ndjson") == 0 ||
        strcmp(ending, "jsonlines") == 0)
        return "json";
    return ending;
}

static trawl_status make_members(tr_opening *o, member **members, uint32_t *n, trawl_error *err) {
    *members = TR_NEW_N(o->db, member, (size_t)o->found.n + 1);
    *n = 0;
    if (!*members)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < o->found.n; i++) {
        tr_found *found = &o->found.items[i];
        if (found->taken)
            continue;
        member m = {.file = &found->file};
        m.folder = found->named ? "" : tr_name_folder(o->db, found->file.path);
        m.stem = tr_name_stem(o->db, found->file.path);
        m.ending = tr_name_ending(o->db, found->file.path);
        if (!m.folder || !m.stem || !m.ending)
            return tr_fail_memory(err);
        m.ending = family(m.ending);
        (*members)[(*n)++] = m;
    }
    qsort(*members, *n, sizeof **members, by_key);
    return TRAWL_OK;
}

/* The name of a folder as a table: of its last part. */
static const char *folder_name(tr_opening *o, const char *folder) {
    size_t n = strlen(folder);
    while (n && folder[n - 1] == '/')
        n--;
    size_t start = n;
    while (start && folder[start - 1] != '/')
        start--;
    const char *last = tr_arena_text(o->db, folder + start, n - start);
    if (last && (!*last || strspn(last, ".") == strlen(last)))
        return "files";
    return last ? tr_name_clean(o->db, last) : NULL;
}

static trawl_status add_groups(tr_opening *o, const member *members, group *groups,
                               const uint32_t *chosen, uint32_t chosen_count, bool by_folder,
                               trawl_error *err) {
    uint32_t n = 0, total = 0;
    for (uint32_t i = 0; i < chosen_count; i++)
        total += groups[chosen[i]].count;
    tr_file **files = TR_NEW_N(o->db, tr_file *, (size_t)total + 1);
    if (!files)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < chosen_count; i++) {
        group *g = &groups[chosen[i]];
        g->done = true;
        for (uint32_t k = 0; k < g->count; k++)
            files[n++] = members[g->first + k].file;
    }
    qsort(files, n, sizeof *files, by_path);
    const member *m = &members[groups[chosen[0]].first];
    const char *name =
        by_folder || !*m->stem ? folder_name(o, m->folder) : tr_name_clean(o->db, m->stem);
    if (!name)
        return tr_fail_memory(err);
    return tr_open_add_table(o, name, files, n, err);
}

static trawl_status look(tr_opening *o, const member *members, group *g, trawl_error *err) {
    const char *refused;
    tr_file *file = members[g->first].file;
    TR_TRY(tr_shape_find(o->db, &file, 1, o->options.format, o->options.header, &g->shape, &refused,
                         err));
    g->looked_at = !refused;
    return TRAWL_OK;
}

/* The groups of one folder: alike ones together, the others each for itself. */
static trawl_status add_folder(tr_opening *o, const member *members, group *groups, uint32_t n,
                               trawl_error *err) {
    uint32_t *chosen = TR_NEW_N(o->db, uint32_t, (size_t)n + 1);
    if (!chosen)
        return tr_fail_memory(err);
    bool named = !*members[groups[0].first].folder;
    uint32_t look_step = n > STEMS_LOOKED_AT ? n / STEMS_LOOKED_AT : 1;
    for (uint32_t i = 0; i < n && n > 1 && !named; i += look_step)
        TR_TRY(look(o, members, &groups[i], err));
    for (uint32_t i = 0; i < n; i++) {
        if (groups[i].done || !groups[i].looked_at)
            continue;
        const char *ending = members[groups[i].first].ending;
        uint32_t count = 0;
        for (uint32_t k = i; k < n; k++) {
            if (groups[k].done || strcmp(members[groups[k].first].ending, ending) != 0)
                continue;
            if (!groups[k].looked_at || tr_shape_alike(&groups[i].shape, &groups[k].shape))
                chosen[count++] = k;
        }
        bool text = groups[i].shape.format == TR_FORMAT_TEXT;
        if (count >= (text ? TEXT_STEMS_MIN : 2))
            TR_TRY(add_groups(o, members, groups, chosen, count, true, err));
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!groups[i].done)
            TR_TRY(add_groups(o, members, groups, &i, 1, false, err));
    }
    return TRAWL_OK;
}

trawl_status tr_open_groups(tr_opening *o, trawl_error *err) {
    member *members;
    uint32_t n, count = 0;
    TR_TRY(make_members(o, &members, &n, err));
    group *groups = TR_NEW_N(o->db, group, (size_t)n + 1);
    if (!groups)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++) {
        const member *m = &members[i], *before = i ? &members[i - 1] : NULL;
        bool same = before && strcmp(m->folder, before->folder) == 0 &&
                    strcmp(m->stem, before->stem) == 0 && strcmp(m->ending, before->ending) == 0;
        if (!same)
            groups[count++].first = i;
        groups[count - 1].count++;
    }
    for (uint32_t i = 0, next; i < count; i = next) {
        const char *folder = members[groups[i].first].folder;
        for (next = i + 1; next < count; next++) {
            if (strcmp(members[groups[next].first].folder, folder) != 0)
                break;
        }
        TR_TRY(add_folder(o, members, groups + i, next - i, err));
    }
    return TRAWL_OK;
}

bool tr_open_match_below(const tr_opening *o, const char *glob, const char *path) {
    for (uint32_t i = 0; i < o->path_count; i++) {
        size_t n = strlen(o->paths[i]);
        while (n > 1 && o->paths[i][n - 1] == '/')
            n--;
        if (strncmp(path, o->paths[i], n) == 0 && path[n] == '/' &&
            tr_glob_match(glob, path + n + 1))
            return true;
    }
    return false;
}

/* ---- k=v folders ---- */

/* The next k=v folder at or after *at; false if there is none. */
static bool next_pair(const char **at, const char **key, size_t *key_n, const char **value,
                      size_t *value_n) {
    for (const char *slash; (slash = strchr(*at, '/'));) {
        const char *part = *at, *equal = memchr(part, '=', (size_t)(slash - part));
        *at = slash + 1;
        if (equal && equal > part) {
            *key = part;
            *key_n = (size_t)(equal - part);
            *value = equal + 1;
            *value_n = (size_t)(slash - equal) - 1;
            return true;
        }
    }
    return false;
}

static uint32_t field_of(const tr_field *fields, uint32_t n, const char *key, size_t key_n) {
    for (uint32_t i = 0; i < n; i++) {
        if (fields[i].name.len == key_n && memcmp(fields[i].name.ptr, key, key_n) == 0)
            return i;
    }
    return n;
}

/* The text of a folder's value: %XX undone, the word for null as nothing. */
static bool value_text(tr_arena *db, const char *value, size_t n, tr_str *out) {
    static const char nothing[] = "__HIVE_DEFAULT_PARTITION__";
    if (n == sizeof nothing - 1 && memcmp(value, nothing, n) == 0)
        n = 0;
    char *text = tr_arena_text(db, value, n);
    if (!text)
        return false;
    uint32_t length = 0;
    for (size_t i = 0; i < n; i++) {
        char c = value[i];
        if (c == '%' && i + 2 < n) {
            char hex[3] = {value[i + 1], value[i + 2], 0}, *end;
            long code = strtol(hex, &end, 16);
            if (end == hex + 2) {
                c = (char)code;
                i += 2;
            }
        }
        text[length++] = c;
    }
    *out = tr_str_make(text, length);
    return true;
}

static trawl_status find_fields(tr_arena *db, tr_file **files, uint32_t n, const tr_schema *content,
                                tr_field *fields, uint32_t *seen, uint32_t max, uint32_t *count,
                                trawl_error *err) {
    for (uint32_t i = 0; i < n; i++) {
        const char *at = files[i]->path, *key, *value;
        size_t key_n, value_n;
        while (next_pair(&at, &key, &key_n, &value, &value_n)) {
            tr_str text;
            uint32_t f = field_of(fields, *count, key, key_n);
            if (f == *count) {
                if (f == max ||
                    field_of(content->fields, content->count, key, key_n) < content->count)
                    continue;
                const char *name = tr_arena_text(db, key, key_n);
                if (!name)
                    return tr_fail_memory(err);
                fields[(*count)++].name = tr_str_make(name, (uint32_t)key_n);
            }
            if (!value_text(db, value, value_n, &text))
                return tr_fail_memory(err);
            seen[f] |= tr_guess_text(text);
        }
    }
    return TRAWL_OK;
}

static trawl_status fill_values(tr_arena *db, tr_file *file, const tr_field *fields, uint32_t count,
                                trawl_error *err) {
    tr_value *values = TR_NEW_N(db, tr_value, count);
    const char *at = file->path, *key, *value;
    size_t key_n, value_n;
    if (!values)
        return tr_fail_memory(err);
    for (uint32_t f = 0; f < count; f++) {
        values[f] = tr_value_null(fields[f].type);
        if (fields[f].type == TR_STRING)
            values[f].as.str = tr_str_make(tr_arena_text(db, "", 0), 0);
    }
    while (next_pair(&at, &key, &key_n, &value, &value_n)) {
        tr_str text;
        uint32_t f = field_of(fields, count, key, key_n);
        if (f == count)
            continue;
        if (!value_text(db, value, value_n, &text) ||
            !tr_parse_value(db, fields[f].type, text, &values[f]))
            return tr_fail_memory(err);
    }
    file->partitions = values;
    return TRAWL_OK;
}

trawl_status tr_open_partitions(tr_arena *db, tr_file **files, uint32_t n, const tr_schema *content,
                                tr_field **fields, uint32_t *count, trawl_error *err) {
    enum { PARTITION_MAX = 32 };
    uint32_t seen[PARTITION_MAX] = {0};
    *fields = NULL;
    *count = 0;
    bool any = false;
    for (uint32_t i = 0; i < n && !any; i++)
        any = strchr(files[i]->path, '=') != NULL;
    if (!any)
        return TRAWL_OK;
    *fields = TR_NEW_N(db, tr_field, PARTITION_MAX);
    if (!*fields)
        return tr_fail_memory(err);
    TR_TRY(find_fields(db, files, n, content, *fields, seen, PARTITION_MAX, count, err));
    for (uint32_t f = 0; f < *count; f++)
        (*fields)[f].type = tr_guess_type(seen[f]);
    for (uint32_t i = 0; i < n && *count; i++)
        TR_TRY(fill_values(db, files[i], *fields, *count, err));
    return TRAWL_OK;
}

/* runtime/format/open.c: paths into a database: which files belong together, and what their table
 * is called. The public functions of the room are here. */
#include <stdlib.h>

#include "runtime/format/open_local.h"

static const struct {
    const char *name;
    tr_format format;
} format_names[] = {
    {"auto", TR_FORMAT_AUTO},      {"csv", TR_FORMAT_CSV},    {"tsv", TR_FORMAT_TSV},
    {"psv", TR_FORMAT_PSV},        {"scsv", TR_FORMAT_SCSV},  {"json", TR_FORMAT_JSON},
    {"text", TR_FORMAT_TEXT},      {"jsonl", TR_FORMAT_JSON}, {"ndjson", TR_FORMAT_JSON},
    {"multijson", TR_FORMAT_JSON}, {"txt", TR_FORMAT_TEXT},   {"log", TR_FORMAT_TEXT},
    {"raw", TR_FORMAT_TEXT},       {"tsve", TR_FORMAT_TSV},
};

const char *tr_format_name(tr_format format) {
    for (size_t i = 0; i < sizeof format_names / sizeof *format_names; i++) {
        if (format_names[i].format == format)
            return format_names[i].name;
    }
    return "unknown";
}

bool tr_format_of_name(tr_str name, tr_format *out) {
    for (size_t i = 0; i < sizeof format_names / sizeof *format_names; i++) {
        if (tr_str_equal_nocase_ascii(name, tr_str_c(format_names[i].name))) {
            *out = format_names[i].format;
            return true;
        }
    }
    return false;
}

/* ---- what was found ---- */

/* Look at the head of every file; those that cannot be read leave the list. */
static trawl_status sniff_all(tr_opening *o, tr_found_list *list, trawl_error *err) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < list->n; i++) {
        tr_found *found = &list->items[i];
        const char *refused;
        trawl_error why = TRAWL_ERROR_INIT;
        trawl_status status = tr_shape_sniff(o->db, &found->file, &refused, &why);
        if (status == TRAWL_E_MEMORY || (status != TRAWL_OK && found->named)) {
            if (err)
                *err = why;
            return status;
        }
        if (refused && found->named)
            return tr_fail(err, TRAWL_E_DATA, "'%s' is %s", found->file.path, refused);
        if (status != TRAWL_OK)
            tr_warn(o->db, &o->warn, "skipped: %s", why.message);
        else if (refused)
            tr_warn(o->db, &o->warn, "skipped '%s': %s", found->file.path, refused);
        else
            list->items[kept++] = *found;
    }
    list->n = kept;
    return TRAWL_OK;
}

static trawl_status add_stdin(tr_opening *o, trawl_error *err) {
    tr_buf buf;
    tr_buf_start(&buf, o->db);
    for (;;) {
        char *into = tr_buf_need(&buf, (size_t)1 << 20);
        if (!into)
            return tr_fail_memory(err);
        int64_t n = tr_os_now()->read(0, into, (size_t)1 << 20);
        if (n < 0)
            return tr_fail_os(err, n, "read", "standard input");
        if (n == 0)
            break;
        buf.n += (size_t)n;
    }
    tr_found_list *list = &o->found;
    tr_file file = {.path = "stdin", .memory = buf.bytes, .bytes = buf.n};
    if (!TR_ROOM(o->db, list->items, list->n, list->capacity))
        return tr_fail_memory(err);
    list->items[list->n++] = (tr_found){.file = file, .named = true};
    return TRAWL_OK;
}

/* ---- tables ---- */

static bool name_taken(const tr_opening *o, const char *name) {
    for (const tr_table_node *t = o->tables; t; t = t->next) {
        if (tr_str_is(t->table->name, name))
            return true;
    }
    return false;
}

static const char *unique_name(tr_opening *o, const char *wanted, const char *ending) {
    const char *name = wanted;
    if (name_taken(o, name) && *ending)
        name = tr_arena_printf(o->db, "%s_%s", wanted, ending);
    for (uint32_t k = 2; name && name_taken(o, name); k++)
        name = tr_arena_printf(o->db, "%s_%u", wanted, k);
    return name;
}

trawl_status tr_open_add_table(tr_opening *o, const char *wanted, tr_file **files, uint32_t n,
                               trawl_error *err) {
    tr_shape shape;
    const char *refused;
    tr_field *partitions;
    uint32_t partition_count;
    const tr_table *table;
    TR_TRY(tr_shape_find(o->db, files, n, o->options.format, o->options.header, &shape, &refused,
                         err));
    if (refused) {
        tr_warn(o->db, &o->warn, "skipped '%s': %s", files[0]->path, refused);
        return TRAWL_OK;
    }
    TR_TRY(tr_open_partitions(o->db, files, n, &shape.schema, &partitions, &partition_count, err));
    const char *ending = tr_name_ending(o->db, files[0]->path);
    const char *name = ending ? unique_name(o, wanted, ending) : NULL;
    tr_table_node *node = TR_NEW(o->db, tr_table_node);
    if (!name || !node)
        return tr_fail_memory(err);
    TR_TRY(tr_files_table(o->db, tr_str_c(name), &shape, false, files, n, partitions,
                          partition_count, &table, err));
    node->table = table;
    *o->tables_end = node;
    o->tables_end = &node->next;
    o->table_count++;
    return TRAWL_OK;
}

static trawl_status take_matches(tr_opening *o, tr_found_list *list, const char *glob,
                                 tr_file ***files, uint32_t *n, trawl_error *err) {
    *files = TR_NEW_N(o->db, tr_file *, (size_t)list->n + 1);
    *n = 0;
    if (!*files)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < list->n; i++) {
        tr_found *found = &list->items[i];
        const char *path = found->file.path;
        bool dot = path[0] == '.' && path[1] == '/';
        if (!tr_glob_match(glob, path) && !(dot && tr_glob_match(glob, path + 2)) &&
            !tr_open_match_below(o, glob, path))
            continue;
        found->taken = true;
        (*files)[(*n)++] = &found->file;
    }
    return TRAWL_OK;
}

/* Table Name of "Name=glob": from what was found, else from where the glob points. */
static trawl_status add_spec(tr_opening *o, const char *spec, trawl_error *err) {
    const char *equal = strchr(spec, '=');
    if (!equal || equal == spec || !equal[1])
        return tr_fail(err, TRAWL_E_USAGE, "--as '%s': Name=glob is expected", spec);
    const char *name = tr_arena_text(o->db, spec, (size_t)(equal - spec)), *glob = equal + 1;
    tr_file **files;
    uint32_t n;
    if (!name)
        return tr_fail_memory(err);
    TR_TRY(take_matches(o, &o->found, glob, &files, &n, err));
    if (!n) {
        size_t literal = strcspn(glob, "*?[");
        const char *base = literal == strlen(glob) ? glob : NULL;
        while (!base && literal > 0 && glob[literal - 1] != '/')
            literal--;
        if (!base)
            base = literal > 1 ? tr_arena_text(o->db, glob, literal - 1) : literal == 1 ? "/" : ".";
        tr_found_list *list = TR_NEW(o->db, tr_found_list);
        if (!base || !list)
            return tr_fail_memory(err);
        TR_TRY(tr_walk(o->db, base, list, &o->warn, err));
        for (uint32_t i = 0; base != glob && i < list->n; i++)
            list->items[i].named = false;
        TR_TRY(sniff_all(o, list, err));
        TR_TRY(take_matches(o, list, glob, &files, &n, err));
    }
    if (!n)
        return tr_fail(err, TRAWL_E_USAGE, "--as '%s': no file matches", spec);
    if (name_taken(o, name))
        return tr_fail(err, TRAWL_E_USAGE, "--as '%s': table %s is there already", spec, name);
    return tr_open_add_table(o, name, files, n, err);
}

static trawl_status finish(tr_opening *o, tr_database *out, trawl_error *err) {
    const tr_table **tables = TR_NEW_N(o->db, const tr_table *, (size_t)o->table_count + 1);
    uint32_t n = 0;
    if (!tables)
        return tr_fail_memory(err);
    for (const tr_table_node *t = o->tables; t; t = t->next)
        tables[n++] = t->table;
    *out = (tr_database){tr_str_c("Files"), n, tables};
    return TRAWL_OK;
}

trawl_status tr_format_open(tr_arena *db, const char *const *paths, uint32_t path_count,
                            const tr_open_options *options, tr_database *out,
                            const tr_open_warning **warnings, trawl_error *err) {
    const tr_open_warning *first = NULL;
    tr_opening *o = TR_NEW(db, tr_opening);
    if (!o)
        return tr_fail_memory(err);
    o->db = db;
    o->paths = paths;
    o->path_count = path_count;
    o->warn = &first;
    o->tables_end = &o->tables;
    if (options)
        o->options = *options;
    for (uint32_t i = 0; i < path_count; i++) {
        if (strcmp(paths[i], "-") == 0)
            TR_TRY(add_stdin(o, err));
        else
            TR_TRY(tr_walk(db, paths[i], &o->found, &o->warn, err));
    }
    TR_TRY(sniff_all(o, &o->found, err));
    for (uint32_t i = 0; i < o->options.as_count; i++)
        TR_TRY(add_spec(o, o->options.as_specs[i], err));
    TR_TRY(tr_open_groups(o, err));
    TR_TRY(finish(o, out, err));
    if (warnings)
        *warnings = first;
    return TRAWL_OK;
}

/* ---- one table from given files ---- */

static trawl_status given_table(tr_arena *db, tr_str name, const tr_format_spec *spec,
                                const tr_schema *schema, tr_file **files, uint32_t n,
                                const tr_table **out, trawl_error *err) {
    tr_format_spec how = {0};
    tr_shape shape;
    const char *refused = NULL;
    if (spec)
        how = *spec;
    for (uint32_t i = 0; i < n; i++) {
        TR_TRY(tr_shape_sniff(db, files[i], &refused, err));
        if (refused)
            return tr_fail(err, TRAWL_E_DATA, "'%s' is %s", files[i]->path, refused);
    }
    TR_TRY(tr_shape_find(db, files, n, how.format, how.header, &shape, &refused, err));
    if (refused)
        return tr_fail(err, TRAWL_E_DATA, "'%s' is %s", files[0]->path, refused);
    if (schema) {
        tr_field *fields = TR_NEW_N(db, tr_field, (size_t)schema->count + 1);
        if (!fields)
            return tr_fail_memory(err);
        for (uint32_t i = 0; i < schema->count; i++) {
            tr_str field = schema->fields[i].name;
            const char *copy = tr_arena_text(db, field.ptr, field.len);
            if (!copy)
                return tr_fail_memory(err);
            fields[i] = (tr_field){tr_str_make(copy, field.len), schema->fields[i].type};
        }
        shape.schema = (tr_schema){schema->count, fields};
    }
    const char *copy = tr_arena_text(db, name.ptr, name.len);
    if (!copy)
        return tr_fail_memory(err);
    TR_TRY(tr_files_table(db, tr_str_make(copy, name.len), &shape, how.by_position, files, n, NULL,
                          0, out, err));
    ((tr_files *)(*out)->state)->rejects = how.rejects;
    return TRAWL_OK;
}

trawl_status tr_format_table(tr_arena *db, tr_str name, const tr_format_spec *spec,
                             const tr_schema *schema, const char *const *paths, uint32_t path_count,
                             const tr_table **out, trawl_error *err) {
    tr_file **files = TR_NEW_N(db, tr_file *, (size_t)path_count + 1);
    tr_file *items = TR_NEW_N(db, tr_file, (size_t)path_count + 1);
    if (!files || !items)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < path_count; i++) {
        tr_file_info info;
        int64_t code = tr_os_now()->info(paths[i], &info);
        if (code < 0)
            return tr_fail_os(err, code, "open", paths[i]);
        if (!info.is_regular)
            return tr_fail(err, TRAWL_E_USAGE, "'%s' is not a file", paths[i]);
        items[i].path = tr_arena_text(db, paths[i], strlen(paths[i]));
        items[i].bytes = info.bytes;
        files[i] = &items[i];
        if (!items[i].path)
            return tr_fail_memory(err);
    }
    return given_table(db, name, spec, schema, files, path_count, out, err);
}

trawl_status tr_format_memory(tr_arena *db, tr_str name, const tr_format_spec *spec,
                              const tr_schema *schema, const char *bytes, size_t n,
                              const tr_table **out, trawl_error *err) {
    tr_file **files = TR_NEW_N(db, tr_file *, 1);
    tr_file *file = TR_NEW(db, tr_file);
    if (!files || !file)
        return tr_fail_memory(err);
    *file = (tr_file){.path = "text in memory", .memory = bytes, .bytes = n};
    files[0] = file;
    return given_table(db, name, spec, schema, files, 1, out, err);
}

/* cli/keep.c: verbs that keep data: index, ingest, copy, fsck. */
#include "cli/keep.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/os.h"

/* ---- index ---- */

trawl_status cli_index(cli_session *s, trawl_error *err) {
    trawl_index_work work = TRAWL_INDEX_WORK_INIT;
    char rows[16], from[16], to[16], time[40];
    int64_t start = tr_os_now()->clock_ns();
    TR_TRY(cli_open_db(s, err));
    TR_TRY(trawl_db_index(s->db, s->options->threads, &work, err));
    if (work.rows_bad)
        cli_warn(&s->report, "%llu row%s did not fit the types of the tables",
                 (unsigned long long)work.rows_bad, work.rows_bad == 1 ? "" : "s");
    cli_note(&s->report, "indexed %u file%s, %s rows, %s as %s, in %s; %u unchanged", work.files,
             work.files == 1 ? "" : "s", cli_human_count(rows, (double)work.rows),
             cli_human_bytes(from, (double)work.file_bytes),
             cli_human_bytes(to, (double)work.extent_bytes),
             cli_human_time(time, tr_os_now()->clock_ns() - start), work.files_kept);
    return TRAWL_OK;
}

/* ---- ingest ---- */

/* A KQL string: every byte that could end it is escaped. */
static void put_quoted(tr_buf *out, const char *text) {
    tr_buf_put_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            tr_buf_put_char(out, '\\');
        if (*text == '\n' || *text == '\r' || *text == '\t')
            tr_buf_printf(out, "\\%c", *text == '\n' ? 'n' : *text == '\r' ? 'r' : 't');
        else
            tr_buf_put_char(out, *text);
    }
    tr_buf_put_char(out, '"');
}

/* Standard input as a file that is gone when the process is. */
static trawl_status spool(cli_session *s, const char **path, trawl_error *err) {
    const char *folder = getenv("TMPDIR");
    char *name =
        tr_arena_printf(s->arena, "%s/trawl-stdin-XXXXXX", folder && *folder ? folder : "/tmp");
    if (!name)
        return tr_fail_memory(err);
    char *buffer = tr_arena_alloc(s->arena, 1 << 20, 64);
    int file = buffer ? mkstemp(name) : -1;
    if (file < 0)
        return tr_fail(err, TRAWL_E_IO, "cannot make a temporary file '%s'", name);
    s->spooled = name;
    int64_t n = 1;
    while (n > 0) {
        n = tr_os_now()->read(0, buffer, 1 << 20);
        for (int64_t done = 0, put = 0; done < n; done += put) {
            put = tr_os_now()->write(file, buffer + done, (size_t)(n - done));
            if (put < 0) {
                close(file);
                return tr_fail_os(err, put, "write", name);
            }
        }
    }
    close(file);
    *path = name;
    return n < 0 ? tr_fail_os(err, n, "read", "-") : TRAWL_OK;
}

typedef struct {
    tr_arena *arena;
    const char **paths;
    uint32_t count, capacity;
} path_list;

static trawl_status add_path(path_list *list, const char *path, trawl_error *err) {
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity * 2 + 16;
        const char **grown = TR_NEW_N(list->arena, const char *, capacity);
        if (!grown)
            return tr_fail_memory(err);
        if (list->count)
            memcpy(grown, list->paths, list->count * sizeof *grown);
        list->paths = grown;
        list->capacity = capacity;
    }
    list->paths[list->count] = tr_arena_text(list->arena, path, strlen(path));
    return list->paths[list->count++] ? TRAWL_OK : tr_fail_memory(err);
}

/* The files that match, in the order of their names; folders among them are left out. */
static trawl_status add_matches(path_list *list, const char *pattern, const char *shown,
                                trawl_error *err) {
    glob_t found;
    tr_file_info info;
    uint32_t before = list->count;
    trawl_status status = TRAWL_OK;
    int code = glob(pattern, 0, NULL, &found);
    for (size_t i = 0; !code && i < found.gl_pathc && status == TRAWL_OK; i++)
        if (tr_os_now()->info(found.gl_pathv[i], &info) >= 0 && info.is_regular)
            status = add_path(list, found.gl_pathv[i], err);
    if (!code)
        globfree(&found);
    if (status == TRAWL_OK && list->count == before)
        return tr_fail(err, TRAWL_E_IO, "no files: '%s'", shown);
    return status;
}

/* A file as it is; the files of a folder; what a pattern matches. */
static trawl_status expand_paths(cli_session *s, path_list *list, trawl_error *err) {
    const cli_options *o = s->options;
    for (uint32_t i = 0; i < o->allowed_count; i++) {
        tr_file_info info;
        const char *path = o->allowed[i];
        bool there = strcmp(path, "-") == 0 || tr_os_now()->info(path, &info) >= 0;
        if (strcmp(path, "-") == 0) {
            TR_TRY(spool(s, &path, err));
            TR_TRY(add_path(list, path, err));
        } else if (there && info.is_directory) {
            const char *inside = tr_arena_printf(s->arena, "%s/*", path);
            if (!inside)
                return tr_fail_memory(err);
            TR_TRY(add_matches(list, inside, path, err));
        } else if (!there && strpbrk(path, "*?[")) {
            TR_TRY(add_matches(list, path, path, err));
        } else if (!there) {
            return tr_fail(err, TRAWL_E_IO, "there is no file '%s'", path);
        } else {
            TR_TRY(add_path(list, path, err));
        }
    }
    return TRAWL_OK;
}

static void put_property(tr_buf *text, const char *name, const char *value, const char **comma) {
    tr_buf_printf(text, "%s%s=", *comma, name);
    put_quoted(text, value);
    *comma = ", ";
}

static void put_properties(const cli_options *o, tr_buf *text, tr_arena *arena) {
    const char *comma = "";
    tr_buf list;
    tr_buf_put_text(text, ") with (");
    if (o->format)
        put_property(text, "format", o->format, &comma);
    if (o->mapping && o->mapping[0] == '[')
        put_property(text, "ingestionMapping", o->mapping, &comma);
    else if (o->mapping)
        put_property(text, "ingestionMappingReference", o->mapping, &comma);
    else
        put_property(text, "header", "auto", &comma);
    if (!o->mapping)
        put_property(text, "create", "true", &comma);
    if (!o->key) {
        tr_buf_put_text(text, ")");
        return;
    }
    tr_buf_start(&list, arena);
    tr_buf_printf(&list, "[\"ingest-by:%s\"]", o->key);
    put_property(text, "tags", list.failed ? "" : list.bytes, &comma);
    tr_buf_start(&list, arena);
    tr_buf_printf(&list, "[\"%s\"]", o->key);
    put_property(text, "ingestIfNotExists", list.failed ? "" : list.bytes, &comma);
    tr_buf_put_text(text, ")");
}

trawl_status cli_ingest_text(cli_session *s, trawl_error *err) {
    const cli_options *o = s->options;
    path_list files = {.arena = s->arena};
    tr_buf text;
    if (o->key && strpbrk(o->key, "\"\\\n"))
        return tr_fail(err, TRAWL_E_USAGE, "--key may not hold quotes, backslashes, line ends");
    TR_TRY(expand_paths(s, &files, err));
    tr_buf_start(&text, s->arena);
    tr_buf_put_text(&text, ".ingest into table [");
    put_quoted(&text, o->table);
    tr_buf_put_text(&text, "] (");
    for (uint32_t i = 0; i < files.count; i++) {
        tr_buf_put_text(&text, i ? ", " : "");
        put_quoted(&text, files.paths[i]);
    }
    s->allowed = files.paths;
    s->allowed_count = files.count;
    put_properties(o, &text, s->arena);
    if (text.failed)
        return tr_fail_memory(err);
    s->source = (cli_source){"ingest", text.bytes, text.n};
    return TRAWL_OK;
}

void cli_ingest_report(cli_session *s, int64_t time_ns) {
    trawl_progress p = TRAWL_PROGRESS_INIT;
    char rows[16], bytes[16], time[40];
    trawl_query_progress(atomic_load(&s->query), &p);
    if (s->options->key && !p.rows_read) {
        cli_note(&s->report, "nothing to do: key '%s' is there already", s->options->key);
        return;
    }
    bool rejects = s->options->rejects || s->options->errors_max >= 0;
    uint64_t accepted = p.rows_read - p.rows_rejected;
    cli_note(&s->report, "ingested %s rows, %s, in %s; %llu %s",
             cli_human_count(rows, (double)accepted), cli_human_bytes(bytes, (double)p.bytes_read),
             cli_human_time(time, time_ns),
             (unsigned long long)(rejects ? p.rows_rejected : p.rows_bad),
             rejects ? "rejected" : "of them did not fit the columns");
    if (!rejects || !p.rows_rejected)
        return;
    s->rejected = s->options->errors_max < 0;
    if (s->options->rejects)
        cli_note(&s->report, "the rows that were rejected are in '%s'", s->options->rejects);
    else
        cli_note(&s->report, "the first: %s", trawl_query_bad_row(atomic_load(&s->query)));
}

/* ---- copy ---- */

trawl_status cli_copy(cli_session *s, trawl_error *err) {
    trawl_db_options options = TRAWL_DB_OPTIONS_INIT;
    options.directory = s->options->directory;
    options.read_only = 1;
    TR_TRY(trawl_db_open(NULL, 0, &options, &s->db, err));
    TR_TRY(trawl_db_copy(s->db, s->options->as_of_ticks, s->options->copy_to, err));
    cli_note(&s->report, "copied to '%s'", s->options->copy_to);
    return TRAWL_OK;
}

/* ---- fsck ---- */

trawl_status cli_fsck(cli_session *s, trawl_error *err) {
    char *report = NULL;
    uint32_t damaged = 0;
    TR_TRY(trawl_db_check(s->options->directory, s->options->repair, &report, &damaged, err));
    cli_put_text(s->out, report ? report : "");
    trawl_free(report);
    TR_TRY(cli_output_flush(s->out, err));
    if (!damaged) {
        cli_note(&s->report, "no damage found");
        return TRAWL_OK;
    }
    return tr_fail(err, TRAWL_E_DATA, "'%s': %u finding%s%s", s->options->directory, damaged,
                   damaged == 1 ? "" : "s", s->options->repair ? ", repaired where possible" : "");
}

/* cli/work.c: what a command line asks for: open, compile, run, print. Runs on the working thread.
 * Knows formats by their interface only. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/check.h"
#include "cli/help.h"
#include "cli/keep.h"
#include "cli/session.h"
#include "runtime/base/os.h"

static const char result_name[] = "PrimaryResult"; /* of a result without a name of its own */

/* ---- the query text ---- */

static trawl_status read_file(tr_arena *arena, const char *path, tr_buf *into, trawl_error *err) {
    const tr_os *os = tr_os_now();
    bool is_stdin = strcmp(path, "-") == 0;
    int64_t file = is_stdin ? 0 : os->open(path, TR_OS_READ);
    if (file < 0)
        return tr_fail_os(err, file, "open", path);
    int64_t n = 1;
    tr_buf_start(into, arena);
    while (n > 0) {
        char *at = tr_buf_need(into, 65536);
        if (!at)
            break;
        n = os->read(file, at, 65536);
        into->n += n > 0 ? (size_t)n : 0;
        n = n == -EINTR ? 1 : n;
    }
    if (!is_stdin)
        os->close(file);
    if (into->failed)
        return tr_fail_memory(err);
    return n < 0 ? tr_fail_os(err, n, "read", path) : TRAWL_OK;
}

trawl_status cli_read_source(tr_arena *arena, const char *path, cli_source *out, trawl_error *err) {
    tr_buf text;
    TR_TRY(read_file(arena, path, &text, err));
    bool marked = text.n >= 3 && memcmp(text.bytes, "\xef\xbb\xbf", 3) == 0;
    out->name = strcmp(path, "-") == 0 ? "<stdin>" : path;
    out->text = text.bytes + (marked ? 3 : 0);
    out->bytes = text.n - (marked ? 3 : 0);
    return TRAWL_OK;
}

static trawl_status take_text(cli_session *s, trawl_error *err) {
    const cli_options *o = s->options;
    if (o->query) {
        s->source = (cli_source){"query", o->query, strlen(o->query)};
        return TRAWL_OK;
    }
    return cli_read_source(s->arena, o->query_file, &s->source, err);
}

/* ---- opening and compiling ---- */

trawl_status cli_open_db(cli_session *s, trawl_error *err) {
    const cli_options *o = s->options;
    trawl_db_options options = TRAWL_DB_OPTIONS_INIT;
    options.as_specs = o->as_specs;
    options.as_count = o->as_count;
    options.format = o->format;
    options.directory = o->directory;
    options.read_only = o->read_only;
    options.durability_relaxed = o->relaxed;
    options.allowed = s->allowed ? s->allowed : o->allowed;
    options.allowed_count = s->allowed ? s->allowed_count : o->allowed_count;
    TR_TRY(trawl_db_open(o->paths, o->path_count, &options, &s->db, err));
    const char *warning;
    for (uint32_t i = 0; (warning = trawl_db_warning(s->db, i)); i++)
        cli_warn(&s->report, "%s", warning);
    return TRAWL_OK;
}

/* A path where the query should be is a common slip. */
static void hint_at_path(const cli_session *s, trawl_error *err) {
    tr_file_info info;
    const char *text = s->options->query;
    if (text && !s->options->path_count && strlen(text) < CLI_PATH_BYTES &&
        tr_os_now()->info(text, &info) == 0)
        tr_hint(err, "the query comes first: trawl 'Table | take 5' %.100s", text);
}

trawl_query_options cli_query_options(const cli_options *o) {
    trawl_query_options options = TRAWL_QUERY_OPTIONS_INIT;
    options.threads = o->threads;
    options.memory_bytes_max = o->memory_bytes_max;
    options.timeout_ns = o->timeout_ns;
    options.parameter_count = o->parameter_count;
    options.parameters = o->parameters;
    options.now_ticks = o->now_ticks;
    options.seed = o->seed;
    options.batch_rows = o->batch_rows;
    options.exact_ticks = 1;
    options.as_of_ticks = o->as_of_ticks;
    options.reject_rows = o->rejects != NULL || o->errors_max >= 0;
    options.rejects_max = o->errors_max;
    options.rejects_path = o->rejects;
    return options;
}

uint32_t cli_all_errors(trawl_db *db, const cli_source *text, const trawl_query_options *options,
                        const trawl_error *first, trawl_error out[CLI_ERRORS_MAX]) {
    trawl_error more[CLI_ERRORS_MAX - 1];
    uint32_t count = trawl_query_more_errors(db, text->text, text->bytes, options, first, more,
                                             CLI_ERRORS_MAX - 1);
    out[0] = *first;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = i + 1;
        for (; at && out[at - 1].span_offset > more[i].span_offset; at--)
            out[at] = out[at - 1];
        out[at] = more[i];
    }
    return count + 1;
}

static trawl_status compile(cli_session *s, trawl_error *err) {
    trawl_query_options options = cli_query_options(s->options);
    trawl_query *query = NULL;
    trawl_status status =
        trawl_query_kql(s->db, s->source.text, s->source.bytes, &options, &query, err);
    if (status != TRAWL_OK) {
        hint_at_path(s, err);
        s->error_count = cli_all_errors(s->db, &s->source, &options, err, s->errors);
    }
    atomic_store(&s->query, query);
    return status;
}

/* ---- results ---- */

/* The path with the number of the result in place of {n}. */
static trawl_status open_part(cli_session *s, uint32_t number, trawl_error *err) {
    const char *path = s->options->out_path, *mark = strstr(path, "{n}");
    char part[CLI_PATH_BYTES];
    int n = snprintf(part, sizeof part, "%.*s%u%s", (int)(mark - path), path, number, mark + 3);
    if (n < 0 || (size_t)n >= sizeof part)
        return tr_fail(err, TRAWL_E_USAGE, "--out: the path is too long");
    return cli_output_open(s->out, part, err);
}

static bool is_split(const cli_session *s) {
    return s->options->out_path && strstr(s->options->out_path, "{n}");
}

typedef struct result_run {
    struct ArrowArrayStream stream;
    uint64_t rows, shown;
    int64_t time_ns; /* in the library: running and handing out batches */
} result_run;

static trawl_status stream_failed(struct ArrowArrayStream *stream, int code, trawl_error *err) {
    const char *text = stream->get_last_error(stream);
    return tr_fail(err, code == ENOMEM ? TRAWL_E_MEMORY : TRAWL_E_INTERNAL, "%s",
                   text ? text : "the result cannot be read");
}

static trawl_status next_batch(result_run *r, struct ArrowArray *batch, trawl_error *err) {
    int64_t start = tr_os_now()->clock_ns();
    int code = r->stream.get_next(&r->stream, batch);
    r->time_ns += tr_os_now()->clock_ns() - start;
    return code ? stream_failed(&r->stream, code, err) : TRAWL_OK;
}

static trawl_status put_batch(cli_session *s, result_run *r, cli_sink *sink, cli_rows *rows,
                              const struct ArrowArray *batch, trawl_error *err) {
    TR_TRY(cli_rows_look(rows, batch, err));
    int64_t n = rows->n;
    r->rows += (uint64_t)n;
    if (s->options->limit >= 0 && r->shown + (uint64_t)n > (uint64_t)s->options->limit)
        n = s->options->limit - (int64_t)r->shown;
    r->shown += (uint64_t)n;
    if (n)
        TR_TRY(sink->format->rows(sink, n, err));
    if (s->to_terminal)
        cli_output_drain(s->out);
    if (s->out->failed)
        return cli_output_flush(s->out, err);
    if (atomic_load(&s->stop))
        return tr_fail(err, TRAWL_E_CANCELLED, "interrupted: the output is cut");
    return TRAWL_OK;
}

static trawl_status put_stream(cli_session *s, result_run *r, cli_sink *sink, cli_rows *rows,
                               trawl_error *err) {
    TR_TRY(sink->format->begin(sink, err));
    for (;;) {
        struct ArrowArray batch = {0};
        TR_TRY(next_batch(r, &batch, err));
        if (!batch.release)
            break;
        trawl_status status = put_batch(s, r, sink, rows, &batch, err);
        batch.release(&batch);
        TR_TRY(status);
    }
    TR_TRY(sink->format->end(sink, err));
    return cli_output_flush(s->out, err);
}

/* Where the query says render, box becomes a chart if the terminal can show one. */
static void choose_chart(cli_session *s, uint32_t i, cli_sink *sink) {
    trawl_query *query = atomic_load(&s->query);
    sink->chart = trawl_query_result_info(query, i, "chart");
    sink->render = trawl_query_result_info(query, i, "render");
    if (s->format != &cli_format_box || !sink->chart || strcmp(sink->chart, "table") == 0)
        return;
    if (cli_chart_is_drawn(sink->chart))
        sink->format = &cli_format_chart;
    else
        cli_note(&s->report, "render %s is not drawn here: the rows as a table", sink->chart);
}

static trawl_status print_stream(cli_session *s, uint32_t i, result_run *r, trawl_error *err) {
    tr_arena *arena = tr_arena_new(NULL);
    struct ArrowSchema schema;
    if (!arena)
        return tr_fail_memory(err);
    int code = r->stream.get_schema(&r->stream, &schema);
    if (code) {
        tr_arena_free(arena);
        return stream_failed(&r->stream, code, err);
    }
    const char *name = trawl_query_result_info(atomic_load(&s->query), i, "name");
    cli_rows rows;
    cli_sink sink = {.format = s->format,
                     .out = s->out,
                     .rows = &rows,
                     .arena = arena,
                     .result_i = is_split(s) ? 0 : i,
                     .color = s->color,
                     .width = s->width};
    tr_buf_start(&sink.spare, s->arena);
    choose_chart(s, i, &sink);
    trawl_status status =
        cli_rows_start(&rows, arena, &schema, name && *name ? name : result_name, err);
    schema.release(&schema);
    if (status == TRAWL_OK && is_split(s))
        status = open_part(s, i + 1, err);
    if (status == TRAWL_OK)
        status = put_stream(s, r, &sink, &rows, err);
    if (status == TRAWL_OK && is_split(s))
        status = cli_output_commit(s->out, err);
    tr_arena_free(arena);
    return status;
}

static trawl_status drain_stream(result_run *r, trawl_error *err) {
    for (;;) {
        struct ArrowArray batch = {0};
        TR_TRY(next_batch(r, &batch, err));
        if (!batch.release)
            return TRAWL_OK;
        batch.release(&batch);
    }
}

static void put_footer(cli_session *s, const result_run *r) {
    bool cut = r->shown < r->rows;
    s->cut |= cut;
    char shown[64];
    if (cut)
        snprintf(shown, sizeof shown, "%llu of %llu rows", (unsigned long long)r->shown,
                 (unsigned long long)r->rows);
    else
        snprintf(shown, sizeof shown, "%llu row%s", (unsigned long long)r->rows,
                 r->rows == 1 ? "" : "s");
    if (s->format == &cli_format_box) {
        trawl_progress p = TRAWL_PROGRESS_INIT;
        trawl_query_progress(atomic_load(&s->query), &p);
        char time[40], rows[16], bytes[16];
        cli_note(&s->report, "%s%s in %s; read %s rows, %s", shown, cut ? " (--limit)" : "",
                 cli_human_time(time, p.time_ns), cli_human_count(rows, (double)p.rows_read),
                 cli_human_bytes(bytes, (double)p.bytes_read));
    } else if (cut) {
        cli_warn(&s->report, "printed %s (--limit)", shown);
    }
}

static trawl_status run_result(cli_session *s, uint32_t i, bool print, int64_t *time_ns,
                               trawl_error *err) {
    result_run r = {0};
    atomic_store(&s->printing, false);
    int64_t start = tr_os_now()->clock_ns();
    TR_TRY(trawl_query_run(atomic_load(&s->query), i, &r.stream, err));
    r.time_ns = tr_os_now()->clock_ns() - start;
    atomic_store(&s->printing, true);
    if (print)
        cli_report_line(&s->report, NULL);
    trawl_status status = print ? print_stream(s, i, &r, err) : drain_stream(&r, err);
    r.stream.release(&r.stream);
    *time_ns += r.time_ns;
    if (print && status == TRAWL_OK) {
        s->rows_printed += r.rows;
        put_footer(s, &r);
    }
    return status;
}

static void warn_bad_rows(cli_session *s) {
    trawl_query *query = atomic_load(&s->query);
    trawl_progress p = TRAWL_PROGRESS_INIT;
    trawl_query_progress(query, &p);
    const char *first = trawl_query_bad_row(query);
    if (p.rows_bad)
        cli_warn(&s->report, "%llu row%s did not fit the types of the table%s%s",
                 (unsigned long long)p.rows_bad, p.rows_bad == 1 ? "" : "s",
                 first && *first ? "; the first: " : "", first ? first : "");
}

static trawl_status run_query(cli_session *s, trawl_error *err) {
    trawl_query *query = atomic_load(&s->query);
    for (uint32_t turn = 0; turn == 0 || turn < s->options->repeat; turn++) {
        int64_t time_ns = 0; /* a command may add results: asked again each time */
        for (uint32_t i = 0; i < trawl_query_result_count(query); i++)
            TR_TRY(run_result(s, i, turn == 0, &time_ns, err));
        if (s->options->repeat)
            cli_note(&s->report, "time: %.6f", (double)time_ns / 1e9);
        if (turn == 0)
            warn_bad_rows(s);
    }
    return TRAWL_OK;
}

static void put_profile(cli_session *s) {
    char *profile = trawl_query_profile(atomic_load(&s->query));
    size_t n = profile ? strlen(profile) : 0;
    while (n && profile[n - 1] == '\n')
        n--;
    if (n)
        cli_note(&s->report, "%.*s", (int)n, profile);
    trawl_free(profile);
}

/* ---- verbs ---- */

static trawl_status explain(cli_session *s) {
    trawl_query *query = atomic_load(&s->query);
    uint32_t count = trawl_query_result_count(query);
    for (uint32_t i = 0; i < count; i++) {
        const char *plan = trawl_query_result_info(query, i, "plan");
        size_t n = plan ? strlen(plan) : 0;
        cli_put_text(s->out, i ? "\n" : "");
        cli_put(s->out, plan ? plan : "", n);
        if (!n || plan[n - 1] != '\n')
            cli_put_char(s->out, '\n');
    }
    return TRAWL_OK;
}

typedef struct cell_list {
    tr_str *cells;
    size_t count, capacity;
} cell_list;

static bool add_cell(cell_list *list, tr_arena *arena, const char *text) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 256;
        tr_str *cells = TR_NEW_N(arena, tr_str, capacity);
        if (!cells)
            return false;
        if (list->count)
            memcpy(cells, list->cells, list->count * sizeof *cells);
        list->cells = cells;
        list->capacity = capacity;
    }
    size_t n = strlen(text);
    char *copy = tr_arena_text(arena, text, n);
    if (!copy)
        return false;
    list->cells[list->count++] = tr_str_make(copy, (uint32_t)n);
    return true;
}

static trawl_status list_table(cli_session *s, uint32_t table, cell_list *list, trawl_error *err) {
    struct ArrowSchema schema;
    TR_TRY(trawl_db_schema(s->db, table, &schema, err));
    bool room = true;
    for (int64_t i = 0; i < schema.n_children; i++) {
        cli_type type;
        const struct ArrowSchema *field = schema.children[i];
        bool known = cli_type_of_field(field, &type);
        room = room && add_cell(list, s->arena, trawl_db_table(s->db, table)) &&
               add_cell(list, s->arena, field->name) &&
               add_cell(list, s->arena, known ? cli_type_name(type) : field->format);
    }
    schema.release(&schema);
    return room ? TRAWL_OK : tr_fail_memory(err);
}

static trawl_status schema(cli_session *s, trawl_error *err) {
    static const char *const names[] = {"Table", "Column", "Type"};
    cell_list list = {0};
    for (uint32_t i = 0; trawl_db_table(s->db, i); i++)
        TR_TRY(list_table(s, i, &list, err));
    cli_rows rows;
    int64_t row_count = (int64_t)list.count / 3;
    TR_TRY(cli_rows_of_text(&rows, s->arena, "Schema", names, 3, list.cells, row_count, err));
    cli_sink sink = {.format = s->format, .out = s->out, .rows = &rows, .arena = s->arena};
    sink.color = s->color;
    sink.width = s->width;
    tr_buf_start(&sink.spare, s->arena);
    TR_TRY(s->format->begin(&sink, err));
    if (row_count)
        TR_TRY(s->format->rows(&sink, row_count, err));
    s->rows_printed = (uint64_t)row_count;
    return s->format->end(&sink, err);
}

static trawl_status version(cli_session *s, trawl_error *err) {
    char *json = trawl_version_json();
    if (!json)
        return tr_fail_memory(err);
    if (s->options->json) {
        cli_put_text(s->out, json);
        cli_put_char(s->out, '\n');
    } else {
        cli_help_version(s->out, json);
    }
    trawl_free(json);
    return TRAWL_OK;
}

static trawl_status help(cli_session *s, trawl_error *err) {
    if (s->options->help_topic)
        return cli_help_topic(s->out, s->options->help_topic, err);
    cli_help_full(s->out);
    return TRAWL_OK;
}

/* A command that changes something begins with a dot and is no .show. */
static bool is_changing(const cli_session *s) {
    const char *text = s->source.text, *end = text + s->source.bytes;
    for (bool line = true; s->options->directory && text < end; text++) {
        if (line && *text == '.' && (end - text < 5 || memcmp(text, ".show", 5) != 0))
            return true;
        line = *text == '\n' || *text == ';' || (line && (*text == ' ' || *text == '\t'));
    }
    return false;
}

/* What the command asked for is done and safe: trouble here is a warning. */
static void look_after(cli_session *s) {
    trawl_error err = TRAWL_ERROR_INIT;
    if (trawl_db_maintain(s->db, &err) != TRAWL_OK)
        cli_warn(&s->report, "%s", err.message);
}

static trawl_status query_verbs(cli_session *s, trawl_error *err) {
    const cli_options *o = s->options;
    TR_TRY(take_text(s, err));
    TR_TRY(cli_open_db(s, err));
    TR_TRY(compile(s, err));
    if (o->verb == CLI_VERB_CHECK)
        return TRAWL_OK;
    if (o->verb == CLI_VERB_EXPLAIN || o->explain)
        return explain(s);
    trawl_status status = run_query(s, err);
    if (status == TRAWL_OK && o->profile)
        put_profile(s);
    if (status == TRAWL_OK && is_changing(s))
        look_after(s);
    return status;
}

static trawl_status ingest(cli_session *s, trawl_error *err) {
    int64_t time_ns = 0;
    trawl_status status = cli_ingest_text(s, err);
    if (status == TRAWL_OK)
        status = cli_open_db(s, err);
    if (status == TRAWL_OK)
        status = compile(s, err);
    if (status == TRAWL_OK)
        status = run_result(s, 0, s->options->output != NULL, &time_ns, err);
    if (status == TRAWL_OK) {
        if (!s->options->rejects && s->options->errors_max < 0)
            warn_bad_rows(s);
        cli_ingest_report(s, time_ns);
        look_after(s);
    }
    if (s->spooled)
        tr_os_now()->unlink(s->spooled);
    return status;
}

static trawl_status one_verb(cli_session *s, trawl_error *err) {
    const cli_options *o = s->options;
    switch (o->verb) {
    case CLI_VERB_SHORT_HELP: cli_help_short(s->out); return TRAWL_OK;
    case CLI_VERB_HELP: return help(s, err);
    case CLI_VERB_VERSION: return version(s, err);
    case CLI_VERB_SCHEMA: {
        TR_TRY(cli_open_db(s, err));
        return schema(s, err);
    }
    case CLI_VERB_INDEX: return cli_index(s, err);
    case CLI_VERB_INGEST: return ingest(s, err);
    case CLI_VERB_FSCK: return cli_fsck(s, err);
    case CLI_VERB_CHECK:
        if (o->check_files)
            return cli_check(s, &s->check_code, err);
        return query_verbs(s, err);
    case CLI_VERB_COPY: return cli_copy(s, err);
    default: return query_verbs(s, err);
    }
}

/* Which option raises the limit that stopped the query. */
static void hint_at_setting(const cli_session *s, trawl_error *err) {
    char size[16], time[40];
    if (err->hint[0])
        return;
    if (err->status == TRAWL_E_MEMORY && s->options->memory_bytes_max > 0)
        tr_hint(err, "--max-memory is %s: raise it, or let the query keep less",
                cli_human_bytes(size, (double)s->options->memory_bytes_max));
    if (err->status == TRAWL_E_TIMEOUT && s->options->timeout_ns > 0)
        tr_hint(err, "--timeout is %s: raise it, or ask for less",
                cli_human_time(time, s->options->timeout_ns));
}

int cli_work(cli_session *s) {
    const cli_options *o = s->options;
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_status status = TRAWL_OK;
    if (!is_split(s))
        status = cli_output_open(s->out, o->out_path, &err);
    if (status == TRAWL_OK)
        status = one_verb(s, &err);
    trawl_error flush_err = TRAWL_ERROR_INIT;
    if (status != TRAWL_OK) {
        if (!s->out->is_file)
            cli_output_flush(s->out, NULL);
        cli_output_abandon(s->out);
    } else if ((status = cli_output_commit(s->out, &flush_err)) != TRAWL_OK) {
        err = flush_err;
    }
    if (s->out->reader_gone && !s->out->is_file)
        return 0; /* who reads has seen enough */
    if (status != TRAWL_OK) {
        hint_at_setting(s, &err);
        if (!s->error_count)
            cli_report_error(&s->report, &err, s->source.text ? &s->source : NULL);
        for (uint32_t i = 0; i < s->error_count; i++)
            cli_report_error(&s->report, &s->errors[i], &s->source);
        return cli_exit_code(status);
    }
    if (s->rejected)
        return cli_exit_code(TRAWL_E_DATA);
    if (s->cut)
        return cli_exit_code(TRAWL_E_LIMIT);
    if (o->verb == CLI_VERB_CHECK)
        return s->check_code;
    return o->exit_status && !s->rows_printed ? 1 : 0;
}

/* runtime/api/query.c: compile, run, watch and cancel queries. */
#include "runtime/api/command.h"

#include "runtime/base/os.h"
#include "runtime/base/topology.h"
#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"

#include <stdlib.h>

enum { THREADS_MAX = 1024 };

static void options_into(trawl_query *query, const trawl_query_options *options) {
    const tr_os *os = tr_os_now();
    query->threads = options->threads ? options->threads : tr_cpu_count();
    if (query->threads > THREADS_MAX)
        query->threads = THREADS_MAX;
    query->batch_rows = options->batch_rows && options->batch_rows <= TR_BATCH_ROWS
                            ? options->batch_rows
                            : TR_BATCH_ROWS;
    query->timeout_ns = options->timeout_ns;
    query->records_max = query->bytes_max = -1;
    query->exact_ticks = options->exact_ticks != 0;
    query->as_of_ticks = options->as_of_ticks;
    query->reject_rows = options->reject_rows != 0;
    query->rejects_max = options->rejects_max;
    query->budget.limit_bytes = options->memory_bytes_max;
    query->env.now_ticks = options->now_ticks ? options->now_ticks : os->now_ticks();
    query->env.seed = options->seed;
    if (!query->env.seed && os->random(&query->env.seed, sizeof query->env.seed) < 0)
        query->env.seed = (uint64_t)os->clock_ns();
}

trawl_status tr_query_new(trawl_db *db, const trawl_query_options *options, trawl_query **out,
                          trawl_error *err) {
    trawl_query_options all = TRAWL_QUERY_OPTIONS_INIT;
    if (options && options->struct_size < sizeof options->struct_size)
        return tr_fail(err, TRAWL_E_USAGE,
                       "struct_size of the options is not set: begin with "
                       "TRAWL_QUERY_OPTIONS_INIT");
    if (options) /* a program made for an older header knows fewer of them */
        memcpy(&all, options,
               options->struct_size < sizeof all ? options->struct_size : sizeof all);
    /* The budget lives in the query, which lives in an arena outside of the budget. */
    tr_arena *arena = tr_arena_new(NULL);
    trawl_query *query = arena ? TR_NEW(arena, trawl_query) : NULL;
    if (!query) {
        tr_arena_free(arena);
        return tr_fail_memory(err);
    }
    query->arena = arena;
    query->db = db;
    query->secured = TR_STR_EMPTY;
    options_into(query, &all);
    trawl_status status = tr_query_skip_from_environment(query, err);
    if (status == TRAWL_OK && all.rejects_path) {
        query->rejects_path = tr_arena_text(arena, all.rejects_path, strlen(all.rejects_path));
        status = query->rejects_path ? TRAWL_OK : tr_fail_memory(err);
    }
    if (status != TRAWL_OK) {
        tr_arena_free(arena);
        return status;
    }
    *out = query;
    return TRAWL_OK;
}

tr_exec_options tr_query_exec_options(trawl_query *query) {
    return (tr_exec_options){.worker_count = query->threads,
                             .batch_rows = query->batch_rows,
                             .budget = &query->budget,
                             .cancel = &query->cancel,
                             .env = &query->env,
                             .skip = query->skip};
}

static void start_clock(trawl_query *query) {
    int64_t now_ns = tr_os_now()->clock_ns();
    atomic_store(&query->start_ns, now_ns);
    query->cancel.deadline_ns = query->timeout_ns ? now_ns + query->timeout_ns : 0;
}

/* ---- compile ---- */

/* Plugins run their input while the text is compiled; the rows are kept with the query. */
static trawl_status run_now(void *ctx, tr_plan_ctx *plan_ctx, const tr_plan *plan, tr_rows *out,
                            trawl_error *err) {
    trawl_query *query = ctx;
    tr_exec *exec;
    tr_rows rows;
    tr_exec_options options = tr_query_exec_options(query);
    start_clock(query);
    TR_TRY(tr_exec_open(&options, &query->progress, &exec, err));
    trawl_status status = tr_exec_run(exec, plan, &rows, err);
    tr_rows_start(out, plan->schema);
    for (uint32_t c = 0; status == TRAWL_OK && c < rows.chunk_count; c++) {
        tr_batch batch = {.n = rows.chunks[c].n,
                          .column_count = rows.schema.count,
                          .columns = rows.chunks[c].columns,
                          .scratch = plan_ctx->query};
        status = tr_rows_append(out, plan_ctx->query, &batch, NULL, err);
    }
    tr_exec_close(exec);
    return status;
}

/* What externaldata names: only local files below the opened paths. */
static trawl_status open_external(void *ctx, tr_arena *arena, const tr_schema *schema,
                                  const tr_str *locations, uint32_t count, tr_str format,
                                  bool skip_first_row, tr_span span, const tr_table **out,
                                  trawl_error *err) {
    trawl_query *query = ctx;
    const char **paths = TR_NEW_N(arena, const char *, count + 1);
    tr_format_spec spec = {.format = TR_FORMAT_CSV,
                           .header = skip_first_row ? TR_HEADER_YES : TR_HEADER_NO,
                           .by_position = true};
    if (!paths)
        return tr_fail_memory(err);
    if (format.len && !tr_format_of_name(format, &spec.format))
        return tr_fail_at(err, TRAWL_E_UNSUPPORTED, span, "TRW0003",
                          "externaldata: format '%.*s' does not run yet", (int)format.len,
                          format.ptr);
    for (uint32_t i = 0; i < count; i++) {
        paths[i] = tr_arena_text(arena, locations[i].ptr, locations[i].len);
        if (!paths[i])
            return tr_fail_memory(err);
        TR_TRY(tr_db_may_read(query->db, paths[i], "externaldata", span, err));
    }
    return tr_format_table(arena, tr_str_c("external"), &spec, schema, paths, count, out, err);
}

static trawl_status make_request(trawl_query *query, const trawl_query_options *options,
                                 trawl_error *err) {
    uint32_t count = options ? options->parameter_count : 0;
    tr_kql_parameter *parameters = TR_NEW_N(query->arena, tr_kql_parameter, count + 1);
    if (!parameters)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        const char *value = options->parameters[i].value;
        char *copy = tr_arena_text(query->arena, value, strlen(value));
        if (!copy)
            return tr_fail_memory(err);
        parameters[i] = (tr_kql_parameter){tr_str_c(options->parameters[i].name), tr_str_c(copy)};
    }
    query->request = (tr_kql_request){.database = &query->state->database,
                                      .env = &query->env,
                                      .parameter_count = count,
                                      .parameters = parameters,
                                      .run = run_now,
                                      .external = open_external,
                                      .show = tr_command_rows,
                                      .stored = tr_stored_function,
                                      .kept_name = tr_kept_name,
                                      .view = tr_view_plan,
                                      .guarded = tr_guarded_table,
                                      .ctx = query};
    return TRAWL_OK;
}

/* datetime(...) or a text of one, in `set NAME = ...`. */
static trawl_status read_time(const trawl_query *query, const char *name, int64_t *ticks,
                              trawl_error *err) {
    tr_kql_property set;
    if (!tr_kql_text_set(query->text, name, &set))
        return TRAWL_OK;
    tr_str text = set.value;
    const char *open = memchr(text.ptr, '(', text.len);
    if (open && text.ptr[text.len - 1] == ')')
        text = tr_str_of(open + 1, text.len - (size_t)(open - text.ptr) - 2);
    if (!tr_parse_datetime(text.ptr, text.len, ticks))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, set.span, "SEM0111",
                          "set %s needs a datetime, found '%.*s'", name, (int)set.value.len,
                          set.value.ptr);
    return TRAWL_OK;
}

/* `set name;` or `set name = true;` */
static bool is_set(const trawl_query *query, const char *name) {
    tr_kql_property set;
    return tr_kql_text_set(query->text, name, &set) &&
           !tr_str_equal_nocase_ascii(set.value, tr_str_c("false"));
}

/* A new state of the database becomes the one to compile against. */
static trawl_status look_anew(trawl_query *query, trawl_error *err) {
    tr_state *state;
    TR_TRY(tr_db_state(query->db, query->as_of_ticks, query->arena, &state, err));
    state->next = query->state;
    query->state = state;
    query->request.database = &state->database;
    return TRAWL_OK;
}

trawl_status tr_query_compile_more(trawl_query *query, trawl_error *err) {
    TR_TRY(tr_kql_text_compile(query->arena, &query->request, query->text, query->next_piece,
                               &query->program, &query->next_piece, err));
    return tr_query_apply_sets(query, err);
}

static trawl_status compile(trawl_query *query, const char *text, size_t bytes,
                            const trawl_query_options *options, trawl_error *err) {
    TR_TRY(tr_kql_text_open(query->arena, text, bytes, &query->text, err));
    TR_TRY(read_time(query, "query_as_of", &query->as_of_ticks, err));
    TR_TRY(read_time(query, "query_now", &query->env.now_ticks, err));
    query->forces_security = is_set(query, "query_force_row_level_security");
    query->blocks_security = is_set(query, "request_block_row_level_security");
    TR_TRY(look_anew(query, err));
    TR_TRY(make_request(query, options, err));
    return tr_query_compile_more(query, err);
}

TRAWL_API trawl_status trawl_query_kql(trawl_db *db, const char *text, size_t bytes,
                                       const trawl_query_options *options, trawl_query **out,
                                       trawl_error *err) {
    trawl_query *query;
    TR_TRY(tr_query_new(db, options, &query, err));
    trawl_status status = compile(query, text, bytes, options, err);
    if (status != TRAWL_OK) {
        trawl_query_free(query);
        return status;
    }
    *out = query;
    return TRAWL_OK;
}

/* For texts that are only looked at. */
static trawl_status refuse_run(void *ctx, tr_plan_ctx *plan_ctx, const tr_plan *plan, tr_rows *out,
                               trawl_error *err) {
    (void)ctx, (void)plan_ctx, (void)plan, (void)out;
    return tr_fail(err, TRAWL_E_CANCELLED, "nothing is run here");
}

static trawl_status refuse_external(void *ctx, tr_arena *query, const tr_schema *schema,
                                    const tr_str *locations, uint32_t location_count, tr_str format,
                                    bool skip_first_row, tr_span span, const tr_table **out,
                                    trawl_error *err) {
    (void)ctx, (void)query, (void)schema, (void)locations, (void)location_count, (void)format;
    (void)skip_first_row, (void)span, (void)out;
    return tr_fail(err, TRAWL_E_CANCELLED, "nothing is opened here");
}

TRAWL_API uint32_t trawl_query_more_errors(trawl_db *db, const char *text, size_t bytes,
                                           const trawl_query_options *options,
                                           const trawl_error *first, trawl_error *more,
                                           uint32_t capacity) {
    trawl_query *query;
    uint32_t count = 0;
    if (tr_query_new(db, options, &query, NULL) != TRAWL_OK)
        return 0;
    if (look_anew(query, NULL) == TRAWL_OK && make_request(query, options, NULL) == TRAWL_OK) {
        query->request.run = refuse_run;
        query->request.external = refuse_external;
        query->request.show = NULL;
        count =
            tr_kql_more_errors(query->arena, &query->request, text, bytes, first, more, capacity);
    }
    trawl_query_free(query);
    return count;
}

TRAWL_API void trawl_query_free(trawl_query *query) {
    if (!query)
        return;
    tr_state_release(query->state);
    trawl_plan_free(query->plan);
    tr_arena_free(query->arena);
}

/* ---- facts ---- */

TRAWL_API uint32_t trawl_query_result_count(const trawl_query *query) {
    return query->program.result_count;
}

static const char *render_json(const trawl_query *query, const tr_kql_result *result) {
    tr_buf out;
    tr_buf_start(&out, query->arena);
    tr_buf_put_char(&out, '{');
    for (uint32_t i = 0; i < result->property_count; i++) {
        if (i)
            tr_buf_put_char(&out, ',');
        tr_json_put_string(&out, result->properties[i].name);
        tr_buf_put_char(&out, ':');
        tr_json_put_string(&out, result->properties[i].value);
    }
    tr_buf_put(&out, "}", 2);
    return out.failed ? NULL : out.bytes;
}

TRAWL_API const char *trawl_query_result_info(const trawl_query *query, uint32_t i,
                                              const char *what) {
    if (i >= query->program.result_count)
        return NULL;
    const tr_kql_result *result = &query->program.results[i];
    if (strcmp(what, "name") == 0 && result->name.len)
        return tr_arena_text(query->arena, result->name.ptr, result->name.len);
    if (strcmp(what, "chart") == 0 && result->chart.len)
        return tr_arena_text(query->arena, result->chart.ptr, result->chart.len);
    if (strcmp(what, "render") == 0 && result->chart.len)
        return render_json(query, result);
    if (strcmp(what, "plan") == 0) {
        tr_buf out;
        tr_buf_start(&out, query->arena);
        if (result->plan)
            tr_plan_print(&out, result->plan);
        else if (result->command)
            tr_buf_put_str(&out, result->command->form);
        tr_buf_put_char(&out, 0);
        return out.failed ? NULL : out.bytes;
    }
    return NULL;
}

/* ---- run ---- */

static void add_profile(trawl_query *query, const tr_exec *exec) {
    const tr_profile_line *lines;
    uint32_t count = tr_exec_profile(exec, &lines);
    if (!query->profile.arena)
        tr_buf_start(&query->profile, query->arena);
    query->profile.n = 0;
    tr_buf_printf(&query->profile, "%-9s %-12s %12s %10s %10s %9s\n", "pipeline", "operator",
                  "rows in", "batches", "ms", "ns/row");
    for (uint32_t i = 0; i < count; i++) {
        double rows = lines[i].rows_in ? (double)lines[i].rows_in : 1;
        tr_buf_printf(&query->profile, "%-9u %-12s %12llu %10llu %10.3f %9.2f\n", lines[i].pipeline,
                      lines[i].operator_name, (unsigned long long)lines[i].rows_in,
                      (unsigned long long)lines[i].batches, (double)lines[i].time_ns / 1e6,
                      (double)lines[i].time_ns / rows);
    }
}

static void reset_progress(trawl_query *query) {
    tr_progress *p = &query->progress; /* others may be looking at it: no memset */
    atomic_store(&p->bytes_total, 0);
    atomic_store(&p->morsels_total, 0);
    atomic_store(&p->morsels_done, 0);
    atomic_store(&p->scan.bytes_read, 0);
    atomic_store(&p->scan.rows_read, 0);
    atomic_store(&p->scan.rows_bad, 0);
    atomic_store(&query->rows_rejected, 0);
    atomic_store(&p->scan.files_read, 0);
    atomic_store(&p->scan.bad_lock, 0);
    p->scan.bad_message[0] = 0;
    start_clock(query);
    atomic_store(&query->running, true);
}

/* What follows a command in the text, compiled against what it left. A failure is the error of one
 * more result: the command itself is done. */
static trawl_status go_on(trawl_query *query, uint32_t i, trawl_error *err) {
    query->program.result_count = i + 1;
    query->next_piece = query->program.results[i].piece + 1;
    query->is_late = false;
    query->late = (trawl_error)TRAWL_ERROR_INIT;
    if (query->next_piece >= tr_kql_text_pieces(query->text))
        return TRAWL_OK;
    trawl_status status = look_anew(query, &query->late);
    if (status == TRAWL_OK)
        status = tr_query_compile_more(query, &query->late);
    if (status == TRAWL_OK)
        return TRAWL_OK;
    tr_kql_result *results = TR_NEW_N(query->arena, tr_kql_result, i + 2);
    if (!results)
        return tr_fail_memory(err);
    memcpy(results, query->program.results, (i + 1) * sizeof *results);
    results[i + 1] = (tr_kql_result){.name = TR_STR_EMPTY, .chart = TR_STR_EMPTY};
    query->program.results = results;
    query->program.result_count = i + 2;
    query->is_late = true;
    return TRAWL_OK;
}

static trawl_status run_result(trawl_query *query, uint32_t i, tr_exec *exec, tr_rows *rows,
                               trawl_error *err) {
    const tr_kql_result *result = &query->program.results[i];
    if (result->plan)
        return tr_exec_run(exec, result->plan, rows, err);
    if (query->is_late && i + 1 == query->program.result_count) {
        uint32_t size = err ? err->struct_size : 0;
        if (err)
            *err = query->late;
        if (err)
            err->struct_size = size;
        return query->late.status;
    }
    TR_TRY(tr_command_run(query, exec, result, rows, err));
    return go_on(query, i, err);
}

TRAWL_API trawl_status trawl_query_run(trawl_query *query, uint32_t i, struct ArrowArrayStream *out,
                                       trawl_error *err) {
    if (i >= query->program.result_count)
        return tr_fail(err, TRAWL_E_USAGE, "the query has %u results, no number %u",
                       query->program.result_count, i);
    tr_exec *exec;
    tr_rows rows;
    tr_exec_options options = tr_query_exec_options(query);
    reset_progress(query);
    trawl_status status = tr_exec_open(&options, &query->progress, &exec, err);
    if (status != TRAWL_OK) {
        atomic_store(&query->running, false);
        return status;
    }
    status = run_result(query, i, exec, &rows, err);
    atomic_store(&query->time_ns, tr_os_now()->clock_ns() - query->start_ns);
    atomic_store(&query->running, false);
    atomic_store(&query->cancel.stop, false);
    add_profile(query, exec);
    if (status == TRAWL_OK)
        status = tr_query_check_size(query, &rows, err);
    if (status == TRAWL_OK)
        status = tr_stream_open(exec, &rows, query->exact_ticks, out, err);
    if (status != TRAWL_OK)
        tr_exec_close(exec);
    return status;
}

TRAWL_API void trawl_query_cancel(trawl_query *query) {
    atomic_store(&query->cancel.stop, true);
}

TRAWL_API void trawl_query_progress(const trawl_query *query, trawl_progress *given) {
    const tr_progress *p = &query->progress;
    trawl_progress all, *out = &all;
    all.struct_size = given->struct_size;
    out->morsels_total = atomic_load_explicit(&p->morsels_total, memory_order_relaxed);
    out->morsels_done = atomic_load_explicit(&p->morsels_done, memory_order_relaxed);
    out->bytes_total = atomic_load_explicit(&p->bytes_total, memory_order_relaxed);
    out->bytes_read = atomic_load_explicit(&p->scan.bytes_read, memory_order_relaxed);
    out->rows_read = atomic_load_explicit(&p->scan.rows_read, memory_order_relaxed);
    out->rows_bad = atomic_load_explicit(&p->scan.rows_bad, memory_order_relaxed);
    out->rows_rejected = atomic_load_explicit(&query->rows_rejected, memory_order_relaxed);
    int64_t used = atomic_load_explicit(&query->budget.used_bytes, memory_order_relaxed);
    int64_t peak = atomic_load_explicit(&query->budget.peak_bytes, memory_order_relaxed);
    out->memory_bytes = used > 0 ? (uint64_t)used : 0;
    out->memory_bytes_peak = peak > 0 ? (uint64_t)peak : 0;
    out->time_ns = atomic_load(&query->running) ? tr_os_now()->clock_ns() - query->start_ns
                                                : atomic_load(&query->time_ns);
    memcpy(given, &all, given->struct_size < sizeof all ? given->struct_size : sizeof all);
}

TRAWL_API const char *trawl_query_bad_row(const trawl_query *query) {
    return query->progress.scan.bad_message;
}

TRAWL_API char *trawl_query_profile(const trawl_query *query) {
    char *text = malloc(query->profile.n + 1);
    if (!text)
        return NULL;
    if (query->profile.n)
        memcpy(text, query->profile.bytes, query->profile.n);
    text[query->profile.n] = 0;
    return text;
}

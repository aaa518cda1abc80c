/* cli/check.c: `trawl check` over files and folders: what is checked against what, and the report.
 *
 * Each text is compiled against a database: that of --db as it is, or one in a folder of its own,
 * made from --schema, in which commands of the texts run, too. NAME.data beside NAME.kql holds
 * files with rows for its tables, NAME.expected.csv or .json the rows that it should give. */
#include "cli/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/os.h"

enum { DEPTH_MAX = 32, FILES_MAX = 100000, PARAMETERS_MAX = 64 };

typedef struct {
    cli_session *s;
    const char **files; /* .kql and .csl, sorted within their folder */
    uint32_t file_count, file_capacity;
    cli_source schema; /* commands; no text without --schema */
    trawl_db *db;      /* for texts without data of their own */
    cli_scratch scratch;
    cli_check_case *cases, **last;
    uint32_t text_count, test_count, failed_count;
    bool is_wrong;
} checker;

/* ---- which files ---- */

static bool ends_in(const char *path, const char *end) {
    size_t n = strlen(path), e = strlen(end);
    return n > e && strcmp(path + n - e, end) == 0;
}

static trawl_status add_file(checker *c, const char *path, trawl_error *err) {
    if (c->file_count == FILES_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "at most %d files are checked at once", FILES_MAX);
    if (!TR_ROOM(c->s->arena, c->files, c->file_count, c->file_capacity))
        return tr_fail_memory(err);
    c->files[c->file_count++] = path;
    return TRAWL_OK;
}

typedef struct {
    tr_arena *arena;
    const char **names;
    uint32_t count, capacity;
    bool failed;
} name_list;

static bool add_name(void *ctx, const char *name) {
    name_list *list = ctx;
    list->failed = !TR_ROOM(list->arena, list->names, list->count, list->capacity);
    if (list->failed)
        return false;
    list->names[list->count] = tr_arena_text(list->arena, name, strlen(name));
    list->failed = !list->names[list->count++];
    return !list->failed;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A file as it is, the texts in a folder and the folders in it. */
static trawl_status find_texts(checker *c, const char *path, uint32_t depth, trawl_error *err) {
    tr_file_info info;
    int64_t code = tr_os_now()->info(path, &info);
    if (code < 0)
        return tr_fail_os(err, code, "open", path);
    if (!info.is_directory)
        return add_file(c, path, err);
    name_list list = {.arena = c->s->arena};
    code = tr_os_now()->list(path, add_name, &list);
    if (list.failed)
        return tr_fail_memory(err);
    if (code < 0 || depth == DEPTH_MAX)
        return code < 0 ? tr_fail_os(err, code, "read", path)
                        : tr_fail(err, TRAWL_E_LIMIT, "'%s': folders are nested too deeply", path);
    if (list.count)
        qsort(list.names, list.count, sizeof *list.names, by_name);
    for (size_t i = 0; i < list.count; i++) {
        const char *name = list.names[i];
        bool slash = ends_in(path, "/");
        const char *inside = tr_arena_printf(c->s->arena, "%s%s%s", path, slash ? "" : "/", name);
        if (!inside)
            return tr_fail_memory(err);
        if (name[0] == '.' || ends_in(name, ".data"))
            continue;
        bool is_text = ends_in(name, ".kql") || ends_in(name, ".csl");
        bool there = tr_os_now()->info(inside, &info) >= 0;
        if (there && (is_text || info.is_directory))
            TR_TRY(find_texts(c, inside, depth + 1, err));
    }
    return TRAWL_OK;
}

/* ---- databases ---- */

/* The options of the command line; of the parameters those that the text speaks of, because a value
 * that a text does not declare is an error. */
static trawl_query_options options_for(const checker *c, const cli_source *text,
                                       trawl_parameter *room) {
    trawl_query_options options = cli_query_options(c->s->options);
    uint32_t count = 0;
    for (uint32_t i = 0; i < options.parameter_count && count < PARAMETERS_MAX; i++)
        if (memmem(text->text, text->bytes, "query_parameters", 16) &&
            memmem(text->text, text->bytes, options.parameters[i].name,
                   strlen(options.parameters[i].name)))
            room[count++] = options.parameters[i];
    options.parameters = room;
    options.parameter_count = count;
    return options;
}

/* Run the commands of a text, and what gives rows if `all`. */
static trawl_status run_text(const checker *c, trawl_db *db, const cli_source *text, bool all,
                             trawl_query **out, trawl_error *err) {
    trawl_parameter parameters[PARAMETERS_MAX];
    trawl_query_options options = options_for(c, text, parameters);
    trawl_query *query = NULL;
    trawl_status status = trawl_query_kql(db, text->text, text->bytes, &options, &query, err);
    for (uint32_t i = 0; status == TRAWL_OK && i < trawl_query_result_count(query); i++) {
        const char *plan = trawl_query_result_info(query, i, "plan");
        struct ArrowArrayStream stream;
        if (!all && !(plan && plan[0] == '.'))
            continue;
        status = trawl_query_run(query, i, &stream, err);
        if (status == TRAWL_OK)
            stream.release(&stream);
    }
    trawl_progress done = TRAWL_PROGRESS_INIT;
    if (query)
        trawl_query_progress(query, &done);
    if (status == TRAWL_OK && all && done.rows_bad)
        status = tr_fail(err, TRAWL_E_DATA, "%s: %s", text->name, trawl_query_bad_row(query));
    if (out && status == TRAWL_OK)
        *out = query;
    else if (query)
        trawl_query_free(query);
    return status;
}

/* An error in the schema is told at its place there. */
static trawl_status run_schema(checker *c, trawl_db *db, trawl_error *err) {
    if (!c->schema.text)
        return TRAWL_OK;
    trawl_status status = run_text(c, db, &c->schema, true, NULL, err);
    if (status != TRAWL_OK)
        c->s->source = c->schema;
    return status;
}

static trawl_status open_scratch(checker *c, const char *data, cli_scratch *scratch, trawl_db **out,
                                 trawl_error *err) {
    const cli_options *o = c->s->options;
    trawl_db_options options = TRAWL_DB_OPTIONS_INIT;
    const char *paths[1] = {data};
    TR_TRY(cli_scratch_open(scratch, err));
    options.directory = scratch->path;
    options.durability_relaxed = 1;
    options.as_specs = o->as_specs;
    options.as_count = o->as_count;
    options.format = o->format;
    options.allowed = paths;
    options.allowed_count = data != NULL;
    bool typed = data && c->schema.text; /* rows take the types of the schema */
    trawl_status status = trawl_db_open(typed  ? NULL
                                        : data ? paths
                                               : o->data,
                                        typed  ? 0
                                        : data ? 1
                                               : o->data_count,
                                        &options, out, err);
    if (status == TRAWL_OK) {
        status = run_schema(c, *out, err);
        if (status != TRAWL_OK) {
            trawl_db_close(*out);
            *out = NULL;
        }
    }
    if (status != TRAWL_OK)
        cli_scratch_close(scratch);
    return status;
}

/* The files of NAME.data become rows of the schema's tables. */
static trawl_status ingest_data(const checker *c, trawl_db *db, const char *data, tr_arena *arena,
                                trawl_error *err) {
    name_list list = {.arena = arena};
    int64_t code = tr_os_now()->list(data, add_name, &list);
    if (list.failed)
        return tr_fail_memory(err);
    if (code < 0)
        return tr_fail_os(err, code, "read", data);
    for (size_t i = 0; i < list.count; i++) {
        if (list.names[i][0] == '.')
            continue;
        size_t stem = strcspn(list.names[i], ".");
        char *text = tr_arena_printf(
            arena, ".ingest into table ['%.*s'] (@'%s/%s') with (header='auto', create='true')",
            (int)stem, list.names[i], data, list.names[i]);
        if (!text)
            return tr_fail_memory(err);
        cli_source command = {data, text, strlen(text)};
        TR_TRY(run_text(c, db, &command, true, NULL, err));
    }
    return TRAWL_OK;
}

static trawl_status open_shared(checker *c, trawl_error *err) {
    const cli_options *o = c->s->options;
    if (!o->directory)
        return open_scratch(c, NULL, &c->scratch, &c->db, err);
    trawl_db_options options = TRAWL_DB_OPTIONS_INIT;
    options.as_specs = o->as_specs;
    options.as_count = o->as_count;
    options.format = o->format;
    options.directory = o->directory;
    options.read_only = 1;
    return trawl_db_open(o->data, o->data_count, &options, &c->db, err);
}

/* ---- one text ---- */

static trawl_status add_case(checker *c, const char *file, const char *name, const char *failure,
                             int64_t start_ns, trawl_error *err) {
    cli_check_case *added = TR_NEW(c->s->arena, cli_check_case);
    if (!added)
        return tr_fail_memory(err);
    *added = (cli_check_case){.file = file, .name = name};
    added->time_ns = tr_os_now()->clock_ns() - start_ns;
    if (failure && !(added->failure = tr_arena_text(c->s->arena, failure, strlen(failure))))
        return tr_fail_memory(err);
    c->failed_count += failure != NULL;
    *c->last = added;
    c->last = &added->next;
    return TRAWL_OK;
}

/* "file:2:7: error[SEM0100]: ...; did you mean ..." */
static void put_error(tr_buf *out, const cli_source *text, const trawl_error *error) {
    uint32_t line = 1, column = 1;
    for (size_t i = 0; i < error->span_offset && i < text->bytes; i++) {
        bool ends = text->text[i] == '\n';
        line += ends;
        column = ends ? 1 : column + (((unsigned char)text->text[i] & 0xc0) != 0x80);
    }
    tr_buf_printf(out, "%s:%u:%u: error[%s]: %s%s%s\n", text->name, line, column,
                  error->code[0] ? error->code : cli_status_name(error->status), error->message,
                  error->hint[0] ? "; " : "", error->hint);
}

/* Tell all that is wrong in a text, and note it as a failed case. */
static trawl_status tell_errors(checker *c, trawl_db *db, const cli_source *text,
                                const char *case_name, const trawl_error *first, int64_t start_ns,
                                trawl_error *err) {
    trawl_parameter parameters[PARAMETERS_MAX];
    trawl_query_options options = options_for(c, text, parameters);
    trawl_error errors[CLI_ERRORS_MAX] = {*first};
    tr_buf lines;
    bool is_text = cli_exit_code(first->status) == 3;
    uint32_t count = is_text ? cli_all_errors(db, text, &options, first, errors) : 1;
    tr_buf_start(&lines, c->s->arena);
    for (uint32_t i = 0; i < count; i++) {
        cli_report_error(&c->s->report, &errors[i], text);
        put_error(&lines, text, &errors[i]);
    }
    tr_buf_put_char(&lines, 0);
    c->is_wrong |= is_text;
    return lines.failed ? tr_fail_memory(err)
                        : add_case(c, text->name, case_name, lines.bytes, start_ns, err);
}

/* The path of the file with the text's name and another end, NULL if there is none. */
static const char *beside(tr_arena *arena, const char *path, const char *end, bool folder) {
    tr_file_info info;
    int stem = (int)(strrchr(path, '.') ? strrchr(path, '.') - path : (long)strlen(path));
    const char *found = tr_arena_printf(arena, "%.*s%s", stem, path, end);
    bool there = found && tr_os_now()->info(found, &info) >= 0 && info.is_directory == folder;
    return there ? found : NULL;
}

/* The one result that is rows and not a command's. */
static trawl_status result_of_rows(const trawl_query *query, uint32_t *out, trawl_error *err) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < trawl_query_result_count(query); i++) {
        const char *plan = trawl_query_result_info(query, i, "plan");
        if (plan && plan[0] == '.')
            continue;
        *out = i;
        count++;
    }
    if (count != 1)
        return tr_fail(err, TRAWL_E_DATA,
                       "expected rows are compared with one result, the text gives %u", count);
    return TRAWL_OK;
}

static trawl_status compare(checker *c, tr_arena *arena, trawl_query *query, const cli_source *text,
                            const char *expected, trawl_error *err) {
    int64_t start_ns = tr_os_now()->clock_ns();
    const char *difference = NULL;
    uint32_t result;
    trawl_error error = TRAWL_ERROR_INIT;
    c->test_count++;
    trawl_status status = result_of_rows(query, &result, &error);
    if (status == TRAWL_OK)
        status = cli_check_rows(c->s, arena, query, result, expected, &difference, &error);
    if (status != TRAWL_OK) {
        cli_report_error(&c->s->report, &error, text);
        difference = tr_arena_printf(arena, "%s: %s\n", expected, error.message);
    } else if (difference) {
        cli_note(&c->s->report, "%s: %.*s", text->name, (int)strlen(difference) - 1, difference);
    }
    return add_case(c, text->name, "rows", difference, start_ns, err);
}

static trawl_status check_against(checker *c, trawl_db *db, tr_arena *arena, const cli_source *text,
                                  const char *expected, trawl_error *err) {
    int64_t start_ns = tr_os_now()->clock_ns();
    trawl_error error = TRAWL_ERROR_INIT;
    trawl_query *query = NULL;
    bool may_change = !c->s->options->directory;
    trawl_parameter parameters[PARAMETERS_MAX];
    trawl_query_options options = options_for(c, text, parameters);
    trawl_status status =
        may_change ? run_text(c, db, text, false, &query, &error)
                   : trawl_query_kql(db, text->text, text->bytes, &options, &query, &error);
    if (status != TRAWL_OK)
        return tell_errors(c, db, text, "compiles", &error, start_ns, err);
    status = add_case(c, text->name, "compiles", NULL, start_ns, err);
    if (status == TRAWL_OK && expected)
        status = compare(c, arena, query, text, expected, err);
    trawl_query_free(query);
    return status;
}

static trawl_status check_text(checker *c, const char *path, trawl_error *err) {
    tr_arena *arena = tr_arena_new(NULL);
    cli_source text = {0};
    trawl_db *db = c->db;
    cli_scratch scratch = {""};
    if (!arena)
        return tr_fail_memory(err);
    trawl_status status = cli_read_source(arena, path, &text, err);
    const char *data = beside(arena, path, ".data", true);
    const char *expected = beside(arena, path, ".expected.csv", false);
    if (!expected)
        expected = beside(arena, path, ".expected.json", false);
    c->text_count++;
    if (status == TRAWL_OK && data && c->s->options->directory)
        status =
            tr_fail(err, TRAWL_E_USAGE, "'%s' is not used with --db: the rows are there", data);
    if (status == TRAWL_OK && data) {
        status = open_scratch(c, data, &scratch, &db, err);
        if (status == TRAWL_OK && c->schema.text)
            status = ingest_data(c, db, data, arena, err);
    }
    if (status == TRAWL_OK)
        status = check_against(c, db, arena, &text, expected, err);
    if (db && db != c->db)
        trawl_db_close(db);
    cli_scratch_close(&scratch);
    tr_arena_free(arena);
    return status;
}

/* ---- all ---- */

static trawl_status read_schema(checker *c, trawl_error *err) {
    const char *path = c->s->options->schema;
    tr_buf commands;
    if (!path)
        return TRAWL_OK;
    cli_source file;
    TR_TRY(cli_read_source(c->s->arena, path, &file, err));
    tr_buf_start(&commands, c->s->arena);
    TR_TRY(cli_schema_commands(&file, c->s->arena, &commands, err));
    c->schema = (cli_source){path, commands.bytes, commands.n};
    return TRAWL_OK;
}

static trawl_status check_all(checker *c, trawl_error *err) {
    const cli_options *o = c->s->options;
    for (uint32_t i = 0; i < o->path_count; i++)
        TR_TRY(find_texts(c, o->paths[i], 0, err));
    if (!c->file_count)
        return tr_fail(err, TRAWL_E_USAGE, "there is no .kql file in '%s'", o->paths[0]);
    TR_TRY(read_schema(c, err));
    TR_TRY(open_shared(c, err));
    for (size_t i = 0; i < c->file_count; i++)
        TR_TRY(atomic_load(&c->s->stop) ? tr_fail(err, TRAWL_E_CANCELLED, "interrupted")
                                        : check_text(c, c->files[i], err));
    return o->junit ? cli_check_junit(c->s->arena, o->junit, c->cases, err) : TRAWL_OK;
}

trawl_status cli_check(cli_session *s, int *exit_code, trawl_error *err) {
    checker c = {.s = s};
    c.last = &c.cases;
    trawl_status status = check_all(&c, err);
    if (c.db)
        trawl_db_close(c.db);
    cli_scratch_close(&c.scratch);
    TR_TRY(status);
    cli_note(&s->report, "%u text%s, %u with expected rows: %s%u failed", c.text_count,
             c.text_count == 1 ? "" : "s", c.test_count, c.failed_count ? "" : "none of ",
             c.failed_count ? c.failed_count : c.text_count);
    *exit_code = c.is_wrong ? 3 : c.failed_count ? 1 : 0;
    return TRAWL_OK;
}

/* cli/check_schema.c: a schema file -> the commands that make it, and the folder where they do. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "cli/check.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/os.h"

/* ---- the folder ---- */

trawl_status cli_scratch_open(cli_scratch *scratch, trawl_error *err) {
    const char *folder = getenv("TMPDIR");
    int n = snprintf(scratch->path, sizeof scratch->path, "%s/trawl-check-XXXXXX",
                     folder && *folder ? folder : "/tmp");
    if (n < 0 || (size_t)n >= sizeof scratch->path || !mkdtemp(scratch->path)) {
        scratch->path[0] = 0;
        return tr_fail(err, TRAWL_E_IO, "cannot make a temporary folder '%s'", scratch->path);
    }
    return TRAWL_OK;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk) {
    (void)info, (void)kind, (void)walk;
    remove(path);
    return 0;
}

void cli_scratch_close(cli_scratch *scratch) {
    enum { OPEN_FOLDERS = 16 };
    if (scratch->path[0])
        nftw(scratch->path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
    scratch->path[0] = 0;
}

/* ---- JSON of .show database schema as json ---- */

/* The language is its own best tool for this: one command a row. */
static const char from_json[] =
    "declare query_parameters(schema:string);\n"
    "let all = parse_json(schema);\n"
    "let databases = print d = iff(isnull(all.Databases), bag_pack('', all), all.Databases)\n"
    "    | mv-expand kind=array d | project d = d[1];\n"
    "let tables = databases | mv-expand kind=array t = d.Tables | project t = t[1]\n"
    "    | mv-apply c = t.OrderedColumns on (\n"
    "        summarize list = strcat_array(make_list(strcat(\"['\", c.Name, \"']:\", c.CslType)), "
    "', '))\n"
    "    | project command = strcat('.create-merge table [\\'', t.Name, '\\'] (', list, ')');\n"
    "let functions = databases | mv-expand kind=array f = d.Functions | project f = f[1]\n"
    "    | mv-apply p = iff(array_length(f.InputParameters) > 0, f.InputParameters, "
    "dynamic([null])) on (\n"
    "        mv-apply c = iff(array_length(p.Columns) > 0, p.Columns, dynamic([null])) on (\n"
    "            summarize columns = strcat_array(make_list(iff(isnull(c), '', "
    "strcat(\"['\", c.Name, \"']:\", c.CslType))), ', '))\n"
    "        | summarize list = strcat_array(make_list(iff(isnull(p), '', strcat(p.Name, ':', "
    "iff(isempty(p.CslType), strcat('(', iff(isempty(columns), '*', columns), ')'), "
    "tostring(p.CslType)), "
    "iff(isempty(p.CslDefaultValue), '', strcat('=', p.CslDefaultValue))))), ', '))\n"
    "    | project command = strcat('.create-or-alter function [\\'', f.Name, '\\'] (', list, ') "
    "', "
    "f.Body);\n"
    "union (tables | extend k = 1), (functions | extend k = 2) | sort by k asc | project command\n";

static trawl_status add_lines(struct ArrowArrayStream *stream, tr_arena *arena, tr_buf *out,
                              trawl_error *err) {
    struct ArrowSchema schema;
    cli_rows rows;
    if (stream->get_schema(stream, &schema))
        return tr_fail(err, TRAWL_E_INTERNAL, "the schema cannot be read");
    trawl_status status = cli_rows_start(&rows, arena, &schema, "", err);
    schema.release(&schema);
    while (status == TRAWL_OK) {
        struct ArrowArray batch = {0};
        if (stream->get_next(stream, &batch))
            return tr_fail(err, TRAWL_E_DATA, "%s", stream->get_last_error(stream));
        if (!batch.release)
            break;
        status = cli_rows_look(&rows, &batch, err);
        for (int64_t i = 0; status == TRAWL_OK && i < rows.n; i++) {
            tr_str line = cli_text_at(&rows.columns[0], i);
            tr_buf_put(out, line.ptr, line.len);
            tr_buf_put_text(out, "\n\n");
        }
        batch.release(&batch);
    }
    return status;
}

static trawl_status convert(const cli_source *schema, tr_arena *arena, tr_buf *out,
                            trawl_error *err) {
    trawl_db *db;
    trawl_query *query;
    trawl_query_options options = TRAWL_QUERY_OPTIONS_INIT;
    char *text = tr_arena_text(arena, schema->text, schema->bytes);
    trawl_parameter parameter = {"schema", text};
    struct ArrowArrayStream stream;
    if (!text)
        return tr_fail_memory(err);
    options.parameters = &parameter;
    options.parameter_count = 1;
    options.threads = 1;
    options.exact_ticks = 1;
    TR_TRY(trawl_db_open(NULL, 0, NULL, &db, err));
    trawl_status status =
        trawl_query_kql(db, from_json, sizeof from_json - 1, &options, &query, err);
    if (status == TRAWL_OK) {
        status = trawl_query_run(query, 0, &stream, err);
        if (status == TRAWL_OK) {
            status = add_lines(&stream, arena, out, err);
            stream.release(&stream);
        }
        trawl_query_free(query);
    }
    trawl_db_close(db);
    return status;
}

trawl_status cli_schema_commands(const cli_source *schema, tr_arena *arena, tr_buf *out,
                                 trawl_error *err) {
    size_t at = 0;
    while (at < schema->bytes && strchr(" \t\r\n", schema->text[at]))
        at++;
    if (at == schema->bytes || schema->text[at] != '{') {
        tr_buf_put(out, schema->text, schema->bytes);
        return out->failed ? tr_fail_memory(err) : TRAWL_OK;
    }
    TR_TRY(convert(schema, arena, out, err));
    if (out->failed)
        return tr_fail_memory(err);
    if (out->n == 0) {
        trawl_status status =
            tr_fail(err, TRAWL_E_DATA, "'%s' names no table and no function", schema->name);
        tr_hint(err, "it takes commands, or what .show database schema as json gives");
        return status;
    }
    return TRAWL_OK;
}

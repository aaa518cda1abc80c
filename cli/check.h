/* cli/check.h: `trawl check` over files: lints .kql files against a schema and compares their rows
 * with expected ones. */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "cli/session.h"

/** One check of one file, for reports. */
typedef struct cli_check_case {
    const char *file;
    const char *name;    /* "compiles" or "rows" */
    const char *failure; /* what is wrong, lines; NULL: passed */
    int64_t time_ns;
    struct cli_check_case *next;
} cli_check_case;

/** A folder that is gone when it is closed, with a database in it. */
typedef struct cli_scratch {
    char path[CLI_PATH_BYTES];
} cli_scratch;

/** Check the files and folders that the options name. *exit_code gets 0, 3 (a text is wrong) or 1
 *  (rows differ); an error is told where nothing could be checked. */
trawl_status cli_check(cli_session *s, int *exit_code, trawl_error *err);

/* check_rows.c */
/** The rows of a result of `query` against a file of expected rows, csv or json. *difference gets
 *  NULL, or lines that say where they differ. */
trawl_status cli_check_rows(cli_session *s, tr_arena *arena, trawl_query *query, uint32_t result,
                            const char *expected, const char **difference, trawl_error *err);

/* check_schema.c */
/** Make an empty database directory that cli_scratch_close removes. */
trawl_status cli_scratch_open(cli_scratch *scratch, trawl_error *err);
void cli_scratch_close(cli_scratch *scratch);
/** The commands that make the tables and functions of a schema file: commands as they are, or the
 *  JSON of .show database schema as json. */
trawl_status cli_schema_commands(const cli_source *schema, tr_arena *arena, tr_buf *out,
                                 trawl_error *err);

/* check_junit.c */
/** The cases as JUnit XML. */
trawl_status cli_check_junit(tr_arena *arena, const char *path, const cli_check_case *cases,
                             trawl_error *err);

/* work.c */
trawl_status cli_read_source(tr_arena *arena, const char *path, cli_source *out, trawl_error *err);
trawl_query_options cli_query_options(const cli_options *o);
/** All that is wrong in a text that was refused with `first`, in the order of the text; how many.
 */
uint32_t cli_all_errors(trawl_db *db, const cli_source *text, const trawl_query_options *options,
                        const trawl_error *first, trawl_error out[CLI_ERRORS_MAX]);
#endif

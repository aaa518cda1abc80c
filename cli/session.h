/* cli/session.h: one run of the tool, shared by the thread that works (work.c) and the one that
 * waits for signals and draws progress (session.c). */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdatomic.h>

#include "cli/format.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/report.h"

enum { CLI_ERRORS_MAX = 10 }; /* of one query, shown in one go */

typedef struct cli_session {
    const cli_options *options;
    cli_report report;
    cli_output *out;
    tr_arena *arena; /* of the working thread */

    _Atomic(trawl_query *) query; /* NULL before it is compiled */
    _Atomic bool stop;            /* by a signal: print no more */
    _Atomic bool done;
    _Atomic bool printing; /* the query has run: progress is over */

    /* the working thread's alone */
    trawl_db *db;
    const cli_format *format;
    bool color; /* of standard output */
    bool to_terminal;
    uint32_t width;
    cli_source source;
    const char **allowed; /* files that ingest found, or NULL */
    uint32_t allowed_count;
    const char *spooled;                /* standard input as a file, to be removed, or NULL */
    uint64_t rows_printed;              /* of all results */
    bool cut;                           /* by --limit */
    trawl_error errors[CLI_ERRORS_MAX]; /* all that is wrong in the query */
    uint32_t error_count;
    int check_code; /* of check, when nothing else failed */
    bool rejected;  /* rows were left out, and --max-errors does not allow it */
    int exit_code;
} cli_session;

/** Do what the options say. Any thread; returns the exit code of the process. */
int cli_work(cli_session *session);
/** Run cli_work on a thread of its own, obey signals, show progress. */
int cli_session_run(cli_session *session);

#endif

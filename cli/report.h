/* cli/report.h: everything that goes to standard error: errors with their place in the query text,
 * warnings, notes, and the progress line. Any thread. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "include/trawl/status.h"

typedef struct cli_report {
    pthread_mutex_t lock;
    bool color;
    bool is_terminal;
    bool line_shown; /* a progress line stands on the terminal */
    uint32_t width;
} cli_report;

/** Where a query text came from. */
typedef struct cli_source {
    const char *name; /* "query", or the file's path */
    const char *text;
    size_t bytes;
} cli_source;

void cli_report_start(cli_report *report, bool color);
/** error[CODE]: what / hint / name:line:column / the line / a caret under the token. source may be
 *  NULL. */
void cli_report_error(cli_report *report, const trawl_error *error, const cli_source *source);
/** "warning: ..." */
void cli_warn(cli_report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** A line as it is. */
void cli_note(cli_report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Replace the progress line; NULL removes it. */
void cli_report_line(cli_report *report, const char *text);

/** "SYNTAX" ...: what stands for the code of an error that has none. */
const char *cli_status_name(trawl_status status);
/** The exit code of the process for an error; 0 for TRAWL_OK. */
int cli_exit_code(trawl_status status);

/** "1.2 GB", "17 B"; at most 16 bytes. */
const char *cli_human_bytes(char out[16], double bytes);
/** "1.2 M", "17". */
const char *cli_human_count(char out[16], double count);
/** "1.2 ms", "3.4 s", "2 m 05 s". */
const char *cli_human_time(char out[40], int64_t ns);

#endif

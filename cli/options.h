/* cli/options.h: the command line, parsed. Texts point into argv. Knows nothing of queries. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "include/trawl.h"
#include "runtime/base/arena.h"
#include "runtime/base/status.h"

typedef enum cli_verb {
    CLI_VERB_QUERY,
    CLI_VERB_EXPLAIN,
    CLI_VERB_SCHEMA,
    CLI_VERB_CHECK,
    CLI_VERB_INDEX,
    CLI_VERB_INGEST,
    CLI_VERB_FSCK,
    CLI_VERB_COPY,
    CLI_VERB_VERSION,
    CLI_VERB_HELP,
    CLI_VERB_SHORT_HELP /* -h */
} cli_verb;

typedef enum cli_when { CLI_AUTO, CLI_ALWAYS, CLI_NEVER } cli_when;
typedef enum cli_progress { CLI_PROGRESS_AUTO, CLI_PROGRESS_JSON, CLI_PROGRESS_NONE } cli_progress;

typedef struct cli_options {
    cli_verb verb;
    const char *query;      /* text, or NULL: in query_file */
    const char *query_file; /* "-": standard input */
    const char **paths;
    uint32_t path_count;
    const char *help_topic; /* of help, or NULL */

    const char *output; /* name of a format, or NULL */
    const char *out_path;
    bool json; /* of version */

    const char **as_specs;
    uint32_t as_count;
    const char *format;
    const char *directory; /* of a database, or NULL */
    const char *copy_to;   /* a folder */
    bool read_only, relaxed;
    const char **allowed; /* paths that commands may read */
    uint32_t allowed_count;
    int64_t as_of_ticks;
    const char *table;   /* of ingest; its files are in `allowed` */
    const char *mapping; /* of ingest: a name or JSON, or NULL */
    const char *key;     /* of ingest: happens once, or NULL */
    const char *rejects; /* of ingest: a file for rows that do not fit, or NULL */
    int64_t errors_max;  /* of ingest: how many of these are no failure; -1: not given */
    bool repair;         /* of fsck */
    bool check_files;    /* check: the paths are texts, not data */
    const char *schema;  /* of check: a file, or NULL */
    const char **data;   /* of check: paths */
    uint32_t data_count;
    const char *junit; /* of check: a file, or NULL */

    uint32_t threads;
    int64_t memory_bytes_max;
    int64_t timeout_ns;
    trawl_parameter *parameters;
    uint32_t parameter_count;
    int64_t now_ticks;
    uint64_t seed;
    uint32_t batch_rows;

    uint32_t repeat; /* 0: once, and not timed */
    int64_t limit;   /* rows to print of each result; -1: all */
    bool explain, profile, exit_status;
    cli_progress progress;
    cli_when color;
} cli_options;

typedef struct cli_option_spec {
    const char *name;     /* without the dashes */
    char letter;          /* short form or 0 */
    const char *argument; /* what it takes, for help; NULL: a switch, which --no-NAME negates */
    const char *help;     /* NULL: not shown */
} cli_option_spec;

/** The options in the order of help; ends with a name of NULL. */
extern const cli_option_spec cli_option_specs[];

/** Parse argv[1..]. Lists from arena. TRAWL_E_USAGE with a hint. */
trawl_status cli_options_parse(cli_options *out, tr_arena *arena, int argc, char **argv,
                               trawl_error *err);
/** "512MiB", "1.5G", "2GB" (of 1000), "4096". */
bool cli_read_size(const char *text, int64_t *bytes);
/** "30s", "1.5m", "200ms", "2h", "1d". */
bool cli_read_duration(const char *text, int64_t *ns);

#endif

/* cli/help.c: what -h, --help, help and version print. */
#include "cli/help.h"

#include <stdio.h>

#include "cli/options.h"

enum { OPTION_COLUMN = 28 };

static const char short_text[] =
    "trawl asks questions of files in KQL.\n"
    "\n"
    "  trawl [options] 'KQL' [PATH...]      PATH: files or directories; - is standard input\n"
    "  trawl [options] -f FILE [PATH...]    the query is in FILE\n"
    "\n"
    "Examples:\n"
    "  trawl 'logs | where * has \"timeout\" | take 5' ./logs\n"
    "  trawl 'web | summarize hits=count(), p95=percentile(latency, 95) by status' web.csv\n"
    "  zcat events.jsonl.gz | trawl 'stdin | summarize count() by kind' -o json -\n"
    "\n"
    "Often used:\n"
    "  -o FORMAT  box csv tsv json jsonl markdown vertical raw ...     -O FILE   write to FILE\n"
    "  -n N       print at most N rows      -p NAME=VALUE   parameter  -j N      threads\n"
    "  -m SIZE    memory limit (1G)         -t TIME         timeout    -e        exit 1: no rows\n"
    "\n"
    "Verbs: query (default) explain schema check index ingest copy fsck version help\n"
    "Everything: trawl --help     A verb or an error: trawl help schema, trawl help SEM0100\n";

typedef struct verb_page {
    const char *verb, *usage, *text;
} verb_page;

static const verb_page verb_pages[] = {
    {"query", "trawl [query] [options] 'KQL' [PATH...]",
     "Runs a query over files and directories and prints its results. Files of the same shape form "
     "one\n"
     "table, named after file or folder; 'trawl schema PATH' lists them. A text of several "
     "statements\n"
     "gives several results in order. The word 'query' may be left out, unless the text is a "
     "verb.\n"},
    {"explain", "trawl explain [options] 'KQL' [PATH...]",
     "Prints the plan of each result and runs nothing. The same as --explain.\n"},
    {"schema", "trawl schema [options] PATH...",
     "Prints the tables that the paths form, with columns and types. -o FORMAT works as for "
     "queries.\n"},
    {"check", "trawl check [--schema FILE] [--data PATH] [--junit FILE] FILE.kql|DIR...",
     "Checks files of queries, or all .kql files below folders, and prints what is wrong: "
     "file:line:column,\n"
     "the line, a caret. Their tables are those of --schema (.create table commands, or the JSON "
     "of\n"
     ".show database schema as json), of the files of --data, or of --db DIR, which is only read.\n"
     "NAME.expected.csv or .json beside NAME.kql holds the rows that its query should give, a "
     "folder\n"
     "NAME.data files with rows for its tables. --junit writes the results for build servers. Exit "
     "code 0:\n"
     "all is well, 3: a text is wrong, 1: rows differ.\n"
     "trawl check 'KQL' [PATH...] compiles one query against data.\n"},
    {"index", "trawl index [options] PATH...",
     "Keeps the rows of files a second time, encoded and indexed, in a folder .trawl beside them. "
     "Queries\n"
     "over these files read from there what has not changed since; answers stay the same, and the "
     "folder\n"
     "may be deleted at any time. Called again it adds what is new or has changed.\n"},
    {"ingest", "trawl ingest --db DIR [options] TABLE FILE...",
     "Puts the rows of files into a table of a database directory, all of them or none. FILE is a "
     "file,\n"
     "plain or compressed, a folder, a pattern, or - for standard input. A table that is not there "
     "gets the\n"
     "columns that the files show; else columns are found by name in a header row or JSON, or by "
     "position.\n"
     "--format names the format, --mapping an ingestion mapping. With --key, files that were "
     "ingested under\n"
     "the same key are not ingested again: a command that was cut short can simply be repeated.\n"
     "A value that does not parse is null, a missing field too, and such rows are counted. With\n"
     "--rejects FILE or --max-errors N they are left out instead: FILE gets each as a JSON line\n"
     "with file, line, reason and the row as it stands. The exit code is then 4 if any was left\n"
     "out; with --max-errors up to N are fine, and more ingest nothing at all.\n"},
    {"copy", "trawl copy --db DIR [--as-of DATETIME] FOLDER",
     "Makes FOLDER a database directory with the newest state of DIR, or with that of an earlier "
     "time, also\n"
     "while others read and write. Extents are linked where both lie on one file system, so that "
     "this takes\n"
     "no time and no room; the copy has no past.\n"},
    {"fsck", "trawl fsck [--repair] --db DIR",
     "Checks everything that a database directory has on disk: checksums, the log, extents and "
     "their\n"
     "indexes against their rows, and says what is lost. --repair drops what cannot be read and "
     "mends the\n"
     "rest. Exit code 0: no damage; 4: something was found.\n"},
    {"version", "trawl version [--json]",
     "Prints version, compiler, kernels in use and supported, and the machine as trawl sees it.\n"},
    {"help", "trawl help [VERB|CODE]",
     "Prints this text, the page of a verb, or the page of an error.\n"},
};
enum { VERB_COUNT = sizeof verb_pages / sizeof *verb_pages };

static const char before_options[] = "Long options take their value as --opt=value or --opt value; "
                                     "short ones as -ovalue or -o value.\n"
                                     "Switches are negated by --no-NAME. -- ends options.\n";

static const char after_options[] =
    "Output:\n"
    "  On a terminal the default is box, otherwise csv. Data goes to standard output, everything "
    "else to\n"
    "  standard error. A file given by --out appears under its name only when it is complete.\n"
    "\n"
    "Exit codes:\n"
    "  0    ok\n"
    "  1    no rows, with --exit-status; rows that 'check' did not expect\n"
    "  2    the command line is wrong\n"
    "  3    the query text is wrong, or uses what trawl does not run yet\n"
    "  4    input data is wrong\n"
    "  5    a limit (memory, rows) cut or stopped the query\n"
    "  6    a file or device failed\n"
    "  7    permission denied\n"
    "  70   a bug in trawl\n"
    "  124  timeout\n"
    "  130  interrupted\n";

void cli_help_short(cli_output *out) {
    cli_put_text(out, short_text);
}

static void put_option(cli_output *out, const cli_option_spec *spec) {
    char left[80];
    int n = snprintf(left, sizeof left, "  %c%c%s--%s%s%s", spec->letter ? '-' : ' ',
                     spec->letter ? spec->letter : ' ', spec->letter ? ", " : "  ", spec->name,
                     spec->argument ? " " : "", spec->argument ? spec->argument : "");
    cli_put(out, left, (size_t)n);
    if (n >= OPTION_COLUMN) {
        cli_put_char(out, '\n');
        n = 0;
    }
    cli_put_repeated(out, " ", (uint32_t)(OPTION_COLUMN - n));
    cli_put_text(out, spec->help);
    cli_put_char(out, '\n');
}

void cli_help_full(cli_output *out) {
    cli_help_short(out);
    cli_put_text(out, "\nVerbs:\n");
    for (int i = 0; i < VERB_COUNT; i++) {
        cli_put_text(out, "  ");
        cli_put_text(out, verb_pages[i].usage);
        cli_put_char(out, '\n');
    }
    cli_put_text(out, "\nOptions:\n");
    for (const cli_option_spec *spec = cli_option_specs; spec->name; spec++)
        if (spec->help)
            put_option(out, spec);
    cli_put_char(out, '\n');
    cli_put_text(out, before_options);
    cli_put_char(out, '\n');
    cli_put_text(out, after_options);
}

trawl_status cli_help_topic(cli_output *out, const char *topic, trawl_error *err) {
    for (int i = 0; i < VERB_COUNT; i++)
        if (strcmp(topic, verb_pages[i].verb) == 0) {
            cli_put_text(out, verb_pages[i].usage);
            cli_put_text(out, "\n\n");
            cli_put_text(out, verb_pages[i].text);
            return TRAWL_OK;
        }
    for (const cli_code_page *page = cli_code_pages; page->code; page++)
        if (tr_str_equal_nocase_ascii(tr_str_c(topic), tr_str_c(page->code))) {
            cli_put_text(out, page->code);
            cli_put_text(out, ": ");
            cli_put_text(out, page->title);
            cli_put_text(out, "\n\n");
            cli_put_text(out, page->text);
            cli_put_char(out, '\n');
            return TRAWL_OK;
        }
    tr_fail(err, TRAWL_E_USAGE, "there is no help on '%.40s'", topic);
    tr_hint(err, "topics are the verbs and the codes of errors, for example SEM0100");
    return TRAWL_E_USAGE;
}

/* The members of the outer object a line each, without quotes and brackets. */
void cli_help_version(cli_output *out, const char *json) {
    int depth = 0;
    cli_put_text(out, "trawl ");
    const char *at = strstr(json, "\"version\":\"");
    at = at ? at + strlen("\"version\":\"") : json;
    for (bool quoted = at != json; *at; at++) {
        if (*at == '"')
            quoted = !quoted;
        else if (quoted)
            cli_put_char(out, *at);
        else if (*at == '{' || *at == '[')
            depth++;
        else if (*at == '}' || *at == ']')
            depth--;
        else if (*at == ',')
            cli_put_text(out, depth ? ", " : "\n");
        else if (*at == ':')
            cli_put_text(out, depth ? " " : ": ");
        else
            cli_put_char(out, *at);
    }
    cli_put_char(out, '\n');
}

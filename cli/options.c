/* cli/options.c: argv -> cli_options. Every option is a row of the table; help prints the same
 * rows. Knows nothing of queries. */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "cli/value.h"
#include "runtime/base/os.h"
#include "runtime/base/str.h"

enum { SUGGEST_DISTANCE_MAX = 3 };

enum {
    OPT_FILE,
    OPT_OUTPUT,
    OPT_OUT,
    OPT_LIMIT,
    OPT_AS,
    OPT_FORMAT,
    OPT_DB,
    OPT_READONLY,
    OPT_RELAXED,
    OPT_ALLOW,
    OPT_AS_OF,
    OPT_PARAM,
    OPT_THREADS,
    OPT_MAX_MEMORY,
    OPT_TIMEOUT,
    OPT_NOW,
    OPT_SEED,
    OPT_MAPPING,
    OPT_KEY,
    OPT_REJECTS,
    OPT_MAX_ERRORS,
    OPT_REPAIR,
    OPT_SCHEMA,
    OPT_DATA,
    OPT_JUNIT,
    OPT_EXPLAIN,
    OPT_PROFILE,
    OPT_REPEAT,
    OPT_EXIT_STATUS,
    OPT_PROGRESS,
    OPT_COLOR,
    OPT_JSON,
    OPT_BATCH_ROWS,
    OPT_HELP,
    OPT_SHORT_HELP,
    OPT_VERSION,
    OPT_COUNT
};

const cli_option_spec cli_option_specs[] = {
    [OPT_FILE] = {"file", 'f', "FILE", "read the query from FILE (-: standard input)"},
    [OPT_OUTPUT] = {"output", 'o', "FORMAT",
                    "box table vertical markdown html csv tsv json jsonl raw datatable"},
    [OPT_OUT] = {"out", 'O', "FILE",
                 "write to FILE, whose extension names the format; {n} in it counts results"},
    [OPT_LIMIT] = {"limit", 'n', "N",
                   "print at most N rows of each result; a cut gives exit code 5"},
    [OPT_AS] = {"as", 'a', "NAME=GLOB", "the files that match form table NAME; may be repeated"},
    [OPT_FORMAT] = {"format", 0, "FORMAT", "read every file as FORMAT: csv, tsv, json, text ..."},
    [OPT_DB] = {"db", 0, "DIR",
                "a database directory: .create, .ingest and other commands keep tables there"},
    [OPT_READONLY] = {"readonly", 0, NULL, "with --db: commands that change something fail"},
    [OPT_RELAXED] = {"relaxed", 0, NULL,
                     "with --db: do not wait for the disk; a crash may take the last changes"},
    [OPT_ALLOW] = {"allow", 0, "PATH", "files below PATH may be read by .ingest into; repeatable"},
    [OPT_AS_OF] = {"as-of", 0, "DATETIME", "with --db: ask it as it was then"},
    [OPT_PARAM] = {"param", 'p', "NAME=VALUE",
                   "value for 'declare query_parameters'; may be repeated"},
    [OPT_THREADS] = {"threads", 'j', "N", "worker threads (0: one a core)"},
    [OPT_MAX_MEMORY] = {"max-memory", 'm', "SIZE",
                        "memory for the query: 512MiB, 1G, 0 for no limit"},
    [OPT_TIMEOUT] = {"timeout", 't', "TIME", "stop after 30s, 2m, 500ms ... with exit code 124"},
    [OPT_NOW] = {"now", 0, "DATETIME", "what now() answers: 2026-03-01T10:00:00Z"},
    [OPT_SEED] = {"seed", 0, "N", "seed of rand() and the like"},
    [OPT_MAPPING] = {"mapping", 0, "NAME", "with ingest: an ingestion mapping, by name or as JSON"},
    [OPT_KEY] = {"key", 0, "KEY", "with ingest: what was ingested with KEY is not ingested again"},
    [OPT_REJECTS] = {"rejects", 0, "FILE",
                     "with ingest: rows that do not fit go to FILE, not into the table"},
    [OPT_MAX_ERRORS] = {"max-errors", 0, "N",
                        "with ingest: leave out up to N rows that do not fit; more are an error"},
    [OPT_REPAIR] = {"repair", 0, NULL, "with fsck: drop what cannot be read, mend what can be"},
    [OPT_SCHEMA] = {"schema", 0, "FILE",
                    "with check: the tables, as .create table commands or as JSON"},
    [OPT_DATA] = {"data", 0, "PATH", "with check: files that form tables; may be repeated"},
    [OPT_JUNIT] = {"junit", 0, "FILE", "with check: write the results as JUnit XML"},
    [OPT_EXPLAIN] = {"explain", 0, NULL, "print the plan instead of running it"},
    [OPT_PROFILE] = {"profile", 0, NULL,
                     "after the run, times and rows of each operator on stderr"},
    [OPT_REPEAT] = {"repeat", 0, "N", "run N times, print 'time: SECONDS' of each on stderr"},
    [OPT_EXIT_STATUS] = {"exit-status", 'e', NULL, "exit with 1 if there are no rows"},
    [OPT_PROGRESS] = {"progress", 0, "WHEN", "auto, json (for programs) or none"},
    [OPT_COLOR] = {"color", 0, "WHEN", "auto, always or never; NO_COLOR and CLICOLOR_FORCE count"},
    [OPT_JSON] = {"json", 0, NULL, "with version: as JSON"},
    [OPT_BATCH_ROWS] = {"batch-rows", 0, "N", NULL},
    [OPT_HELP] = {"help", 0, NULL, "this text"},
    [OPT_SHORT_HELP] = {"short-help", 'h', NULL, "the most important of it"},
    [OPT_VERSION] = {"version", 'V', NULL, "version, build, kernels in use"},
    [OPT_COUNT] = {NULL, 0, NULL, NULL},
};

/* Words that are planned: refused by name, with what to do today. */
typedef struct refusal {
    const char *name, *hint;
} refusal;

static const refusal refused_verbs[] = {
    {"export", "write any result with -o FORMAT and --out FILE"},
    {"serve", "run single queries: trawl 'KQL' PATH"},
};

static const refusal refused_options[] = {
    {"follow", "run the query again, for example with watch(1)"},
    {"dry-run", "--explain prints the plan without running it"},
};

static const struct {
    const char *name;
    cli_verb verb;
} verbs[] = {
    {"query", CLI_VERB_QUERY}, {"explain", CLI_VERB_EXPLAIN}, {"schema", CLI_VERB_SCHEMA},
    {"check", CLI_VERB_CHECK}, {"version", CLI_VERB_VERSION}, {"help", CLI_VERB_HELP},
    {"index", CLI_VERB_INDEX}, {"ingest", CLI_VERB_INGEST},   {"fsck", CLI_VERB_FSCK},
    {"copy", CLI_VERB_COPY},
};

/* ---- values of options ---- */

typedef struct unit {
    const char *name;
    double factor;
} unit;

static bool read_with_unit(const char *text, const unit *units, size_t count, double max,
                           int64_t *out) {
    char *end;
    if ((text[0] < '0' || text[0] > '9') && text[0] != '.')
        return false;
    double v = strtod(text, &end);
    for (size_t i = 0; i < count; i++)
        if (tr_str_equal_nocase_ascii(tr_str_c(end), tr_str_c(units[i].name))) {
            v *= units[i].factor;
            if (!(v <= max))
                return false;
            *out = (int64_t)v;
            return true;
        }
    return false;
}

bool cli_read_size(const char *text, int64_t *bytes) {
    static const unit units[] = {
        {"", 1},       {"b", 1},        {"k", 0x1p10},   {"kib", 0x1p10}, {"kb", 1e3},
        {"m", 0x1p20}, {"mib", 0x1p20}, {"mb", 1e6},     {"g", 0x1p30},   {"gib", 0x1p30},
        {"gb", 1e9},   {"t", 0x1p40},   {"tib", 0x1p40}, {"tb", 1e12},
    };
    return read_with_unit(text, units, sizeof units / sizeof *units, 0x1p62, bytes);
}

bool cli_read_duration(const char *text, int64_t *ns) {
    static const unit units[] = {{"ms", 1e6}, {"s", 1e9},    {"m", 60e9},   {"min", 60e9},
                                 {"us", 1e3}, {"h", 3600e9}, {"d", 86400e9}};
    if (strcmp(text, "0") == 0) {
        *ns = 0;
        return true;
    }
    return read_with_unit(text, units, sizeof units / sizeof *units, 9e18, ns);
}

static bool read_number(const char *text, uint64_t max, uint64_t *out) {
    uint64_t v = 0;
    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || v > (UINT64_MAX - 9) / 10)
            return false;
        v = v * 10 + (uint64_t)(*text - '0');
    }
    *out = v;
    return v <= max;
}

typedef struct parser {
    cli_options *out;
    trawl_error *err;
    bool negated; /* --no-NAME */
} parser;

static trawl_status bad_value(parser *p, int option, const char *value, const char *wanted) {
    trawl_status status = tr_fail(p->err, TRAWL_E_USAGE, "--%s does not take '%s'",
                                  cli_option_specs[option].name, value);
    tr_hint(p->err, "it takes %s", wanted);
    return status;
}

static trawl_status number_option(parser *p, int option, const char *value, uint64_t min,
                                  uint64_t max, uint64_t *out) {
    if (read_number(value, max, out) && *out >= min)
        return TRAWL_OK;
    trawl_status status = tr_fail(p->err, TRAWL_E_USAGE, "--%s does not take '%s'",
                                  cli_option_specs[option].name, value);
    tr_hint(p->err, "it takes a number from %llu to %llu", (unsigned long long)min,
            (unsigned long long)max);
    return status;
}

static trawl_status word_option(parser *p, int option, const char *value,
                                const char *const words[3], int *out) {
    for (int i = 0; i < 3; i++)
        if (strcmp(value, words[i]) == 0) {
            *out = i;
            return TRAWL_OK;
        }
    trawl_status status = tr_fail(p->err, TRAWL_E_USAGE, "--%s does not take '%s'",
                                  cli_option_specs[option].name, value);
    tr_hint(p->err, "it takes %s, %s or %s", words[0], words[1], words[2]);
    return status;
}

/* "name=value" cut in argv itself: both halves live as long as the process. */
static trawl_status add_parameter(parser *p, char *value) {
    char *equals = strchr(value, '=');
    if (!equals || equals == value)
        return bad_value(p, OPT_PARAM, value, "NAME=VALUE");
    *equals = '\0';
    p->out->parameters[p->out->parameter_count++] = (trawl_parameter){value, equals + 1};
    return TRAWL_OK;
}

static trawl_status add_as(parser *p, const char *value) {
    const char *equals = strchr(value, '=');
    if (!equals || equals == value || !equals[1])
        return bad_value(p, OPT_AS, value, "NAME=GLOB, for example Logs='*.log'");
    p->out->as_specs[p->out->as_count++] = value;
    return TRAWL_OK;
}

static trawl_status set_number(parser *p, int option, const char *value) {
    cli_options *o = p->out;
    uint64_t v = 0;
    switch (option) {
    case OPT_LIMIT:
        TR_TRY(number_option(p, option, value, 0, INT64_MAX, &v));
        o->limit = (int64_t)v;
        return TRAWL_OK;
    case OPT_THREADS:
        TR_TRY(number_option(p, option, value, 0, 1024, &v));
        o->threads = (uint32_t)v;
        return TRAWL_OK;
    case OPT_MAX_ERRORS:
        TR_TRY(number_option(p, option, value, 0, INT64_MAX, &v));
        o->errors_max = (int64_t)v;
        return TRAWL_OK;
    case OPT_REPEAT:
        TR_TRY(number_option(p, option, value, 1, 1000000, &v));
        o->repeat = (uint32_t)v;
        return TRAWL_OK;
    case OPT_BATCH_ROWS:
        TR_TRY(number_option(p, option, value, 1, 2048, &v));
        o->batch_rows = (uint32_t)v;
        return TRAWL_OK;
    default: return number_option(p, option, value, 1, UINT64_MAX, &o->seed);
    }
}

static trawl_status set_value(parser *p, int option, char *value) {
    static const char *const whens[] = {"auto", "always", "never"};
    static const char *const progresses[] = {"auto", "json", "none"};
    cli_options *o = p->out;
    int word = 0;
    switch (option) {
    case OPT_FILE: o->query_file = value; return TRAWL_OK;
    case OPT_OUTPUT: o->output = value; return TRAWL_OK;
    case OPT_OUT: o->out_path = value; return TRAWL_OK;
    case OPT_FORMAT: o->format = value; return TRAWL_OK;
    case OPT_DB: o->directory = value; return TRAWL_OK;
    case OPT_SCHEMA: o->schema = value; return TRAWL_OK;
    case OPT_DATA: o->data[o->data_count++] = value; return TRAWL_OK;
    case OPT_JUNIT: o->junit = value; return TRAWL_OK;
    case OPT_MAPPING: o->mapping = value; return TRAWL_OK;
    case OPT_KEY: o->key = value; return TRAWL_OK;
    case OPT_REJECTS: o->rejects = value; return TRAWL_OK;
    case OPT_ALLOW: o->allowed[o->allowed_count++] = value; return TRAWL_OK;
    case OPT_AS_OF:
        return cli_read_datetime(value, &o->as_of_ticks) && o->as_of_ticks > 0
                   ? TRAWL_OK
                   : bad_value(p, option, value, "a datetime such as 2026-03-01T10:00:00Z");
    case OPT_AS: return add_as(p, value);
    case OPT_PARAM: return add_parameter(p, value);
    case OPT_MAX_MEMORY:
        return cli_read_size(value, &o->memory_bytes_max)
                   ? TRAWL_OK
                   : bad_value(p, option, value, "a size such as 512MiB, 1G or 2GB");
    case OPT_TIMEOUT:
        return cli_read_duration(value, &o->timeout_ns)
                   ? TRAWL_OK
                   : bad_value(p, option, value, "a time with its unit: 500ms, 30s, 2m, 1h");
    case OPT_NOW:
        return cli_read_datetime(value, &o->now_ticks) && o->now_ticks > 0
                   ? TRAWL_OK
                   : bad_value(p, option, value, "a datetime such as 2026-03-01T10:00:00Z");
    case OPT_COLOR:
        TR_TRY(word_option(p, option, value, whens, &word));
        o->color = (cli_when)word;
        return TRAWL_OK;
    case OPT_PROGRESS:
        TR_TRY(word_option(p, option, value, progresses, &word));
        o->progress = (cli_progress)word;
        return TRAWL_OK;
    default: return set_number(p, option, value);
    }
}

static void set_switch(parser *p, int option, bool on) {
    cli_options *o = p->out;
    switch (option) {
    case OPT_EXPLAIN: o->explain = on; return;
    case OPT_PROFILE: o->profile = on; return;
    case OPT_EXIT_STATUS: o->exit_status = on; return;
    case OPT_JSON: o->json = on; return;
    case OPT_REPAIR: o->repair = on; return;
    case OPT_READONLY: o->read_only = on; return;
    case OPT_RELAXED: o->relaxed = on; return;
    case OPT_PROGRESS: o->progress = CLI_PROGRESS_NONE; return;
    case OPT_COLOR: o->color = CLI_NEVER; return;
    case OPT_HELP: o->verb = CLI_VERB_HELP; return;
    case OPT_SHORT_HELP: o->verb = CLI_VERB_SHORT_HELP; return;
    case OPT_VERSION: o->verb = CLI_VERB_VERSION; return;
    default: return;
    }
}

/* ---- names of options ---- */

static trawl_status unknown_option(parser *p, const char *shown, tr_str name) {
    for (size_t i = 0; i < sizeof refused_options / sizeof *refused_options; i++)
        if (tr_str_is(name, refused_options[i].name)) {
            tr_fail(p->err, TRAWL_E_USAGE, "--%s does not work yet", refused_options[i].name);
            tr_hint(p->err, "%s", refused_options[i].hint);
            return TRAWL_E_USAGE;
        }
    tr_nearest nearest = tr_nearest_to(name, SUGGEST_DISTANCE_MAX + 1);
    for (const cli_option_spec *spec = cli_option_specs; spec->name; spec++) {
        tr_str candidate = tr_str_c(spec->name); /* every letter replaced is no likeness */
        if (spec->help && tr_str_distance(name, candidate, candidate.len) < candidate.len)
            tr_nearest_try(&nearest, candidate);
    }
    tr_fail(p->err, TRAWL_E_USAGE, "unknown option '%.40s'", shown);
    if (nearest.found.len)
        tr_hint(p->err, "did you mean '--%s'?", nearest.found.ptr);
    else
        tr_hint(p->err, "trawl --help lists the options; -- ends them");
    return TRAWL_E_USAGE;
}

static int find_option(tr_str name) {
    for (int i = 0; i < OPT_COUNT; i++)
        if (tr_str_is(name, cli_option_specs[i].name))
            return i;
    return -1;
}

/* --progress and --color take a value but have a --no- form as well. */
static bool may_negate(int option) {
    return (!cli_option_specs[option].argument && option < OPT_BATCH_ROWS) ||
           option == OPT_PROGRESS || option == OPT_COLOR;
}

static trawl_status value_missing(parser *p, int option) {
    trawl_status status =
        tr_fail(p->err, TRAWL_E_USAGE, "--%s needs a value", cli_option_specs[option].name);
    tr_hint(p->err, "--%s %s: %s", cli_option_specs[option].name, cli_option_specs[option].argument,
            cli_option_specs[option].help ? cli_option_specs[option].help : "");
    return status;
}

/* argv[*i] begins with two dashes. */
static trawl_status long_option(parser *p, int argc, char **argv, int *i) {
    char *text = argv[*i];
    char *equals = strchr(text, '=');
    tr_str name = tr_str_of(text + 2, equals ? (size_t)(equals - text - 2) : strlen(text + 2));
    int option = find_option(name);
    if (option < 0 && name.len > 3 && memcmp(name.ptr, "no-", 3) == 0) {
        int positive = find_option(tr_str_of(name.ptr + 3, name.len - 3));
        if (positive >= 0 && may_negate(positive)) {
            if (equals)
                return tr_fail(p->err, TRAWL_E_USAGE, "--%.*s takes no value", (int)name.len,
                               name.ptr);
            set_switch(p, positive, false);
            return TRAWL_OK;
        }
    }
    if (option < 0)
        return unknown_option(p, text, name);
    if (!cli_option_specs[option].argument) {
        if (equals)
            return tr_fail(p->err, TRAWL_E_USAGE, "--%s takes no value",
                           cli_option_specs[option].name);
        set_switch(p, option, true);
        return TRAWL_OK;
    }
    if (equals)
        return set_value(p, option, equals + 1);
    if (*i + 1 >= argc)
        return value_missing(p, option);
    return set_value(p, option, argv[++*i]);
}

/* argv[*i] is a dash and letters: switches, and at the end perhaps an option with its value. */
static trawl_status short_options(parser *p, int argc, char **argv, int *i) {
    for (char *at = argv[*i] + 1; *at; at++) {
        int option = 0;
        while (option < OPT_COUNT && cli_option_specs[option].letter != *at)
            option++;
        if (option == OPT_COUNT) {
            tr_str word = tr_str_c(argv[*i] + 1);
            return unknown_option(p, argv[*i], word);
        }
        if (!cli_option_specs[option].argument) {
            set_switch(p, option, true);
            continue;
        }
        if (at[1])
            return set_value(p, option, at + 1);
        if (*i + 1 >= argc)
            return value_missing(p, option);
        return set_value(p, option, argv[++*i]);
    }
    return TRAWL_OK;
}

/* ---- verbs and the rest ---- */

static trawl_status take_verb(parser *p, const char *word, bool *found) {
    *found = true;
    for (size_t i = 0; i < sizeof refused_verbs / sizeof *refused_verbs; i++)
        if (strcmp(word, refused_verbs[i].name) == 0) {
            tr_fail(p->err, TRAWL_E_USAGE, "the verb '%s' does not work yet", word);
            tr_hint(p->err, "%s", refused_verbs[i].hint);
            return TRAWL_E_USAGE;
        }
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(word, verbs[i].name) == 0) {
            p->out->verb = verbs[i].verb;
            return TRAWL_OK;
        }
    *found = false;
    return TRAWL_OK;
}

static trawl_status check_sense(parser *p) {
    cli_options *o = p->out;
    if (o->json && o->verb != CLI_VERB_VERSION) {
        tr_fail(p->err, TRAWL_E_USAGE, "--json belongs to 'trawl version'");
        tr_hint(p->err, "for results as JSON write -o json");
        return TRAWL_E_USAGE;
    }
    if ((o->rejects || o->errors_max >= 0) && o->verb != CLI_VERB_INGEST)
        return tr_fail(p->err, TRAWL_E_USAGE, "--%s belongs to 'trawl ingest'",
                       o->rejects ? "rejects" : "max-errors");
    if (!o->check_files && (o->schema || o->data_count || o->junit)) {
        tr_fail(p->err, TRAWL_E_USAGE,
                "--schema, --data and --junit belong to 'trawl check FILES'");
        tr_hint(p->err, "trawl check --schema tables.kql queries/");
        return TRAWL_E_USAGE;
    }
    if (o->schema && o->directory)
        return tr_fail(p->err, TRAWL_E_USAGE, "--schema and --db name two sets of tables");
    uint32_t stdin_uses = o->query_file && strcmp(o->query_file, "-") == 0;
    for (uint32_t i = 0; i < o->path_count; i++)
        stdin_uses += strcmp(o->paths[i], "-") == 0;
    if (stdin_uses > 1)
        return tr_fail(p->err, TRAWL_E_USAGE, "standard input (-) can be read only once");
    return TRAWL_OK;
}

/* ingest TABLE FILE..., copy FOLDER, fsck [DIR]. */
static trawl_status take_store_words(parser *p, const char **words, uint32_t count) {
    cli_options *o = p->out;
    if (o->verb == CLI_VERB_FSCK && count == 1 && !o->directory)
        o->directory = words[0];
    else if (o->verb == CLI_VERB_FSCK && count)
        return tr_fail(p->err, TRAWL_E_USAGE, "fsck takes one database directory");
    if (!o->directory) {
        tr_fail(p->err, TRAWL_E_USAGE, "there is no database directory");
        tr_hint(p->err, "name it with --db DIR");
        return TRAWL_E_USAGE;
    }
    if (o->verb == CLI_VERB_FSCK)
        return TRAWL_OK;
    if (o->verb == CLI_VERB_COPY) {
        if (count != 1 || o->query_file)
            return tr_fail(p->err, TRAWL_E_USAGE,
                           "copy takes a new folder: trawl copy --db DIR FOLDER");
        o->copy_to = words[0];
        return TRAWL_OK;
    }
    if (count < 2 || o->query_file)
        return tr_fail(p->err, TRAWL_E_USAGE,
                       "ingest takes a table and files: trawl ingest --db DIR TABLE FILE...");
    o->table = words[0];
    o->allowed = words + 1;
    o->allowed_count = count - 1;
    return check_sense(p);
}

/* Files of queries and folders of them, rather than a query and its data? */
static bool names_texts(const char **words, uint32_t count) {
    tr_file_info info;
    for (uint32_t i = 0; i < count; i++) {
        const char *dot = strrchr(words[i], '.');
        bool is_text = dot && (strcmp(dot, ".kql") == 0 || strcmp(dot, ".csl") == 0);
        bool is_folder = tr_os_now()->info(words[i], &info) >= 0 && info.is_directory;
        if (!is_text && !is_folder)
            return false;
    }
    return count > 0;
}

/* The words that are no options: [VERB] [KQL] [PATH...]. */
static trawl_status take_words(parser *p, const char **words, uint32_t count) {
    cli_options *o = p->out;
    bool is_verb = false;
    bool helped = o->verb != CLI_VERB_QUERY; /* --help, -h, --version */
    if (count && !helped)
        TR_TRY(take_verb(p, words[0], &is_verb));
    if (count && o->verb == CLI_VERB_HELP && helped) {
        o->help_topic = words[0];
        return TRAWL_OK;
    }
    words += is_verb;
    count -= is_verb;
    if (o->verb == CLI_VERB_HELP || o->verb == CLI_VERB_VERSION) {
        o->help_topic = count ? words[0] : NULL;
        if (count > (o->verb == CLI_VERB_HELP))
            return tr_fail(p->err, TRAWL_E_USAGE, "too many words: '%.60s'", words[count - 1]);
        return check_sense(p);
    }
    if (o->verb == CLI_VERB_SHORT_HELP)
        return TRAWL_OK;
    if (o->verb == CLI_VERB_INGEST || o->verb == CLI_VERB_FSCK || o->verb == CLI_VERB_COPY)
        return take_store_words(p, words, count);
    o->check_files = o->verb == CLI_VERB_CHECK && !o->query_file && names_texts(words, count);
    bool wants_query = !o->check_files && o->verb != CLI_VERB_SCHEMA && o->verb != CLI_VERB_INDEX;
    if (!wants_query && !o->check_files && o->query_file)
        return tr_fail(p->err, TRAWL_E_USAGE, "%s takes paths, no query",
                       o->verb == CLI_VERB_SCHEMA ? "schema" : "index");
    if (o->verb == CLI_VERB_INDEX && !count)
        return tr_fail(p->err, TRAWL_E_USAGE, "index takes the files or directories to index");
    if (wants_query && !o->query_file) {
        if (!count) {
            tr_fail(p->err, TRAWL_E_USAGE, "there is no query");
            tr_hint(p->err, "trawl 'Logs | take 5' ./dir; trawl -h shows more");
            return TRAWL_E_USAGE;
        }
        o->query = *words++;
        count--;
    }
    o->paths = words;
    o->path_count = count;
    return check_sense(p);
}

trawl_status cli_options_parse(cli_options *out, tr_arena *arena, int argc, char **argv,
                               trawl_error *err) {
    size_t room = (size_t)(argc > 0 ? argc : 1);
    *out = (cli_options){.limit = -1, .errors_max = -1};
    out->as_specs = TR_NEW_N(arena, const char *, room);
    out->allowed = TR_NEW_N(arena, const char *, room);
    out->data = TR_NEW_N(arena, const char *, room);
    out->parameters = TR_NEW_N(arena, trawl_parameter, room);
    const char **words = TR_NEW_N(arena, const char *, room);
    if (!out->as_specs || !out->allowed || !out->data || !out->parameters || !words)
        return tr_fail_memory(err);
    parser p = {.out = out, .err = err};
    uint32_t word_count = 0;
    bool ended = false;
    for (int i = 1; i < argc; i++) {
        if (ended || argv[i][0] != '-' || !argv[i][1])
            words[word_count++] = argv[i];
        else if (strcmp(argv[i], "--") == 0)
            ended = true;
        else if (argv[i][1] == '-')
            TR_TRY(long_option(&p, argc, argv, &i));
        else
            TR_TRY(short_options(&p, argc, argv, &i));
    }
    return take_words(&p, words, word_count);
}

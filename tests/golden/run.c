/* tests/golden/run.c: runs golden tests: KQL in, rows, plans or errors out.
 *
 *     golden [--accept] [--fail allocations|files] [--threads N] [--batch N] file-or-folder...
 *
 * Without --threads and --batch each block runs with 1 and 2 threads, with batches of 64 and 2048
 * rows. --fail makes the n-th system call of a kind fail, n = 1, 2, 3, ... until the query gets
 * through: every failure must be a clean error that gives everything back. The kernel level is
 * the environment's (TRAWL_LEVELS). Ends with a line "N passed, N failed". */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/golden/golden.h"

enum { FAIL_CALLS_MAX = 64, RESULTS_MAX = 256 };

/* Where the directory of a `database` section lies, below the scratch folder; a copy of it for a
 * call that fails. Tables are not looked for below names with a dot. */
static const char directory[] = ".database", copied[] = ".copied";
static const int64_t frozen_ticks = INT64_C(638396640000000000); /* 2024-01-01 */

typedef struct config {
    uint32_t threads, batch_rows;
} config;

static struct {
    bool accept;
    int faults;
    config configs[4];
    uint32_t config_count;
    uint32_t passed, failed;
    char home[4096], scratch[64];
} run;

/* One test file while it runs. */
typedef struct session {
    const test_file *file;
    text prefix; /* let statements for its tables */
    bool has_files;
    const char *directory; /* of the section, or a copy of it; NULL: none */
    uint32_t moment;       /* of the block in its section: ids and times follow from it */
    text replaced;         /* --accept: the file as it should be */
    uint32_t replaced_lines;
} session;

/* What a query gave. */
typedef struct answer {
    trawl_status status;
    trawl_error err;
    bool warned; /* the database left something out and said so */
    rows *results;
    uint32_t result_count;
    char *plan;
    char *broken; /* the library broke its own contract */
} answer;

/* Memory may run out while a batch is turned into Arrow; nothing else is excused so late. */
static void fail_late(struct ArrowArrayStream *stream, answer *a) {
    const char *message = stream->get_last_error(stream);
    if (run.faults == FAULT_NONE || !message) {
        a->broken = "get_next failed after a run that did not";
        return;
    }
    a->status = a->err.status = TRAWL_E_MEMORY;
    snprintf(a->err.message, sizeof a->err.message, "%s", message);
}

static void take_stream(struct ArrowArrayStream *stream, answer *a, rows *out) {
    struct ArrowSchema schema;
    if (stream->get_schema(stream, &schema) != 0) {
        a->broken = "get_schema failed after a run that did not";
        return;
    }
    if (!rows_add_schema(out, &schema))
        a->broken = "a field has no trawl.type";
    schema.release(&schema);
    while (!a->broken) {
        struct ArrowArray batch;
        if (stream->get_next(stream, &batch) != 0) {
            fail_late(stream, a);
            return;
        }
        if (!batch.release)
            return;
        if (!rows_add_batch(out, &batch))
            a->broken = "a batch does not fit its schema";
        batch.release(&batch);
    }
}

/* A command that changes something may add results when it has run. */
static void ask_results(trawl_query *query, answer *a) {
    a->results = hold(sizeof(rows) * RESULTS_MAX);
    for (uint32_t i = 0; i < trawl_query_result_count(query) && i < RESULTS_MAX; i++) {
        struct ArrowArrayStream stream;
        a->result_count = i + 1;
        a->status = trawl_query_run(query, i, &stream, &a->err);
        if (a->status != TRAWL_OK)
            return;
        take_stream(&stream, a, &a->results[i]);
        stream.release(&stream);
        if (a->status != TRAWL_OK || a->broken)
            return;
    }
}

static void ask(const session *s, const char *kql, bool plan, const config *c, answer *a) {
    *a = (answer){.err = TRAWL_ERROR_INIT};
    text whole = {NULL, 0, 0};
    text_put(&whole, s->prefix.bytes, s->prefix.n);
    text_add(&whole, kql);
    const char *here = ".";
    trawl_db *db = NULL;
    trawl_query *query = NULL;
    trawl_db_options opening = TRAWL_DB_OPTIONS_INIT;
    opening.directory = s->directory;
    opening.frozen_ticks = s->directory ? frozen_ticks + s->moment * INT64_C(10000000) : 0;
    opening.frozen_seed = s->moment + 1;
    opening.durability_relaxed = 1; /* whether changes are safe is asked in tests/durable */
    opening.durability_relaxed = run.faults != FAULT_NONE; /* many times over: do not wait */
    a->status = trawl_db_open(&here, s->has_files, &opening, &db, &a->err);
    if (a->status == TRAWL_OK) {
        a->warned = trawl_db_warning(db, 0) != NULL;
        trawl_query_options options = TRAWL_QUERY_OPTIONS_INIT;
        options.threads = c->threads;
        options.batch_rows = c->batch_rows;
        options.exact_ticks = 1;
        options.seed = 1;
        options.now_ticks = opening.frozen_ticks;
        a->status = trawl_query_kql(db, whole.bytes, whole.n, &options, &query, &a->err);
    }
    if (a->status == TRAWL_OK && plan) {
        const char *printed = trawl_query_result_info(query, 0, "plan");
        a->plan = printed ? hold_text(printed, strlen(printed)) : "";
    } else if (a->status == TRAWL_OK) {
        ask_results(query, a);
    }
    trawl_query_free(query);
    trawl_db_close(db);
    text_free(&whole);
    if (a->status != TRAWL_OK && (a->err.status != a->status || !a->err.message[0]))
        a->broken = "a status without its error";
}

/* Rows come in a defined order if nothing after the last sort or top mixes them. A simple reading
 * of the text; `query ordered` and `query unordered` overrule it. */
static bool is_ordered(const block *b) {
    static const char *const sorts[] = {"sort by", "order by", "top ", "serialize",
                                        "range ",  "print ",   NULL};
    static const char *const mixers[] = {"summarize", "join",   "union",     "distinct", "lookup",
                                         "top-",      "sample", "partition", "count",    NULL};
    if (b->order != ORDER_GUESS)
        return b->order == ORDER_KEPT;
    const char *last = NULL;
    for (const char *const *word = sorts; *word; word++)
        for (const char *at = strstr(b->body, *word); at; at = strstr(at + 1, *word))
            last = at > last ? at : last;
    if (!last)
        return false;
    for (const char *const *word = mixers; *word; word++)
        if (strstr(last + 4, *word))
            return false;
    return true;
}

/* ---- folders ---- */

static void remove_tree(const char *path) {
    DIR *folder = opendir(path);
    struct dirent *entry;
    while (folder && (entry = readdir(folder)) != NULL) {
        char below[512];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(below, sizeof below, "%.250s/%.250s", path, entry->d_name);
        if (unlink(below) != 0)
            remove_tree(below);
    }
    if (folder)
        closedir(folder);
    rmdir(path);
}

static bool copy_file(const char *from, const char *to) {
    size_t bytes;
    char *content = text_of_file(from, &bytes);
    return content && text_to_file(to, content, bytes);
}

static bool copy_tree(const char *from, const char *to) {
    DIR *folder = opendir(from);
    struct dirent *entry;
    bool good = folder && mkdir(to, 0777) == 0;
    while (good && (entry = readdir(folder)) != NULL) {
        char source[512], target[512];
        struct stat info;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(source, sizeof source, "%.250s/%.250s", from, entry->d_name);
        snprintf(target, sizeof target, "%.250s/%.250s", to, entry->d_name);
        good = stat(source, &info) == 0 &&
               (S_ISDIR(info.st_mode) ? copy_tree(source, target) : copy_file(source, target));
    }
    if (folder)
        closedir(folder);
    return good;
}

/* ---- judging ---- */

static char *say(const char *what, const char *more) {
    text t = {NULL, 0, 0};
    text_printf(&t, "%s %s", what, more);
    char *held = hold_text(t.bytes, t.n);
    text_free(&t);
    return held;
}

static char *judge_rows(const block *b, const answer *a) {
    if (a->status != TRAWL_OK)
        return say("fails:", a->err.message);
    if (a->result_count != b->result_count)
        return say("another number of results", "");
    for (uint32_t i = 0; i < b->result_count; i++) {
        char *differs = rows_differ(&b->results[i], &a->results[i], is_ordered(b));
        if (differs)
            return differs;
    }
    return NULL;
}

static char *judge_error(const session *s, const block *b, const answer *a) {
    if (a->status == TRAWL_OK)
        return "no error";
    if (!strstr(a->err.message, b->message))
        return say("another message:", a->err.message);
    if (*b->code && strcmp(a->err.code, b->code) != 0)
        return say("another code:", a->err.code);
    int64_t from = (int64_t)a->err.span_offset - (int64_t)s->prefix.n;
    if (b->from >= 0 && (from != b->from || from + a->err.span_bytes != b->to)) {
        text t = {NULL, 0, 0};
        text_printf(&t, "another place: %lld..%lld", (long long)from,
                    (long long)from + a->err.span_bytes);
        char *held = hold_text(t.bytes, t.n);
        text_free(&t);
        return held;
    }
    return NULL;
}

static char *judge(const session *s, const block *b, const answer *a) {
    if (a->broken)
        return a->broken;
    if (b->kind == BLOCK_ERROR)
        return judge_error(s, b, a);
    if (b->kind == BLOCK_QUERY)
        return judge_rows(b, a);
    if (a->status != TRAWL_OK)
        return say("fails:", a->err.message);
    if (b->kind == BLOCK_RUN)
        return NULL;
    size_t n = strlen(a->plan);
    while (n && a->plan[n - 1] == '\n')
        n--;
    if (n == strlen(b->plan) && memcmp(a->plan, b->plan, n) == 0)
        return NULL;
    return say("another plan:\n", a->plan);
}

static char *check_plain(const session *s, const block *b, char *where, size_t room) {
    for (uint32_t i = 0; i < run.config_count; i++) {
        const config *c = &run.configs[i];
        snprintf(where, room, "%u threads, batches of %u", c->threads, c->batch_rows);
        answer a;
        ask(s, b->body, b->kind == BLOCK_PLAN, c, &a);
        char *differs = judge(s, b, &a);
        if (differs)
            return differs;
    }
    return NULL;
}

/* The n-th call fails: an error or, where the library may do without, the same answer. */
static char *check_faults(const session *given, const block *b, char *where, size_t room) {
    const config c = {1, 2048};
    answer a;
    session here = *given, *s = &here;
    faults_set(run.faults, 0);
    if (!s->directory)
        ask(s, b->body, b->kind == BLOCK_PLAN, &c, &a); /* fills what is made once a process */
    for (uint64_t n = 1; n <= FAIL_CALLS_MAX; n++) {
        snprintf(where, room, "system call %llu fails", (unsigned long long)n);
        if (given->directory) { /* each failure meets the section as it was before the block */
            struct stat info;   /* before the first block there is none */
            remove_tree(copied);
            if (stat(directory, &info) == 0 && !copy_tree(directory, copied))
                return "the directory cannot be copied";
            s->directory = copied;
        }
        int64_t bytes = faults_live_bytes(), files = faults_live_files();
        faults_set(run.faults, n);
        ask(s, b->body, b->kind == BLOCK_PLAN, &c, &a);
        bool hit = faults_hit(n);
        faults_set(run.faults, 0);
        if (a.broken)
            return a.broken;
        if (faults_live_bytes() != bytes)
            return "memory is not given back";
        if (faults_live_files() != files)
            return "a file is not closed";
        bool excused = hit && (a.status != TRAWL_OK || (run.faults == FAULT_FILES && a.warned));
        char *differs = excused ? NULL : judge(s, b, &a);
        if (differs || !hit)
            return differs;
    }
    return NULL;
}

/* ---- accepting ---- */

static void keep_lines(session *s, uint32_t stop) {
    for (; s->replaced_lines < stop; s->replaced_lines++)
        text_printf(&s->replaced, "%s\n", s->file->lines[s->replaced_lines]);
}

/* Write the block's expectation anew from what the query gives now. */
static char *accept_block(session *s, const block *b) {
    const config c = {1, 2048};
    answer a;
    ask(s, b->body, b->kind == BLOCK_PLAN, &c, &a);
    if (a.broken)
        return a.broken;
    if (!judge(s, b, &a))
        return NULL;
    if ((a.status != TRAWL_OK) != (b->kind == BLOCK_ERROR))
        return b->kind == BLOCK_ERROR ? "no error" : say("fails:", a.err.message);
    keep_lines(s, b->expect_line);
    if (b->kind == BLOCK_ERROR) {
        int64_t from = (int64_t)a.err.span_offset - (int64_t)s->prefix.n;
        text_add(&s->replaced, "error ");
        if (a.err.span_bytes)
            text_printf(&s->replaced, "%lld..%lld ", (long long)from,
                        (long long)from + a.err.span_bytes);
        text_printf(&s->replaced, "\"%s\"\n", a.err.message);
    } else if (b->kind == BLOCK_PLAN) {
        text_printf(&s->replaced, "----\n%s", a.plan);
    }
    for (uint32_t i = 0; b->kind == BLOCK_QUERY && i < a.result_count; i++) {
        text_add(&s->replaced, "----\n");
        rows_print(&s->replaced, &a.results[i]);
    }
    s->replaced_lines = b->expect_stop;
    return NULL;
}

/* ---- files ---- */

/* Write a FILE block below the scratch folder, which is where the test runs. */
static bool write_data(const block *b) {
    char path[512];
    snprintf(path, sizeof path, "%s", b->name);
    for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(path, 0777);
        *slash = '/';
    }
    return text_to_file(path, b->body, strlen(b->body));
}

static void tell(const session *s, const block *b, const char *differs, const char *where) {
    run.passed += !differs;
    run.failed += !!differs;
    if (differs)
        printf("%s:%u: %s\n  %s\n  (%s)\n\n", s->file->path, b->line, b->body, differs, where);
}

static void run_block(session *s, const block *b) {
    char where[80] = "";
    char *differs;
    if (b->kind == BLOCK_TABLE) {
        rows_as_let(&s->prefix, b->name, b->results);
        return;
    }
    if (b->kind == BLOCK_FILE) {
        s->has_files = true;
        if (!write_data(b))
            printf("%s:%u: cannot write '%s'\n", s->file->path, b->line, b->name);
        return;
    }
    if (run.accept)
        differs = b->kind == BLOCK_RUN ? NULL : accept_block(s, b);
    else if (run.faults)
        differs = check_faults(s, b, where, sizeof where);
    else
        differs = check_plain(s, b, where, sizeof where);
    tell(s, b, differs, where);
}

/* ---- sections that share a directory ---- */

/* One block of a section, then the directory as it leaves it. */
static char *section_block(session *s, const block *b, const config *c, char *where, size_t room) {
    char *differs = NULL;
    answer a;
    if (b->kind == BLOCK_FILE) {
        s->has_files = true;
        return write_data(b) ? NULL : "cannot write the file";
    }
    if (run.faults)
        differs = check_faults(s, b, where, room);
    if (differs)
        return differs;
    if (run.accept && b->kind != BLOCK_RUN)
        return accept_block(s, b);
    snprintf(where, room, "%u threads, batches of %u", c->threads, c->batch_rows);
    ask(s, b->body, b->kind == BLOCK_PLAN, c, &a);
    return judge(s, b, &a);
}

/* The blocks [from, to) once a configuration, each time from an empty directory: a block that
 * differs is told once. */
static void run_section(session *s, uint32_t from, uint32_t to) {
    char **differs = hold(sizeof(char *) * (to - from + 1));
    char where[80] = "";
    uint32_t configs = run.accept || run.faults ? 1 : run.config_count;
    const config one = {1, 2048};
    for (uint32_t i = 0; i < configs; i++) {
        remove_tree(directory);
        s->directory = directory;
        for (uint32_t k = from; k < to; k++) {
            s->moment = k - from;
            if (!differs[k - from])
                differs[k - from] =
                    section_block(s, &s->file->blocks[k], configs == 1 ? &one : &run.configs[i],
                                  where, sizeof where);
        }
    }
    s->directory = NULL;
    remove_tree(directory);
    remove_tree(copied);
    for (uint32_t k = from; k < to; k++)
        if (s->file->blocks[k].kind != BLOCK_FILE)
            tell(s, &s->file->blocks[k], differs[k - from], where);
}

static void run_file(const char *path) {
    test_file file;
    char *message;
    session s = {.file = &file};
    text_add(&s.prefix, "");
    /* In memory where that can be had: databases sync often, and nothing here is about disks. */
    snprintf(run.scratch, sizeof run.scratch, "%s/trawl-golden-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (!test_file_parse(path, &file, &message)) {
        printf("%s\n", message);
        run.failed++;
    } else if (!mkdtemp(run.scratch) || chdir(run.scratch) != 0) {
        printf("cannot use %s\n", run.scratch);
        run.failed++;
    } else {
        for (uint32_t i = 0; i < file.block_count; i++) {
            if (file.blocks[i].kind != BLOCK_DATABASE) {
                run_block(&s, &file.blocks[i]);
                continue;
            }
            uint32_t end = i + 1;
            while (end < file.block_count && file.blocks[end].kind != BLOCK_DATABASE)
                end++;
            run_section(&s, i + 1, end);
            i = end - 1;
        }
        if (chdir(run.home) != 0)
            exit(2);
        remove_tree(run.scratch);
        if (run.accept && s.replaced_lines) {
            keep_lines(&s, file.line_count);
            if (!text_to_file(path, s.replaced.bytes, s.replaced.n))
                printf("%s: cannot write\n", path);
        }
    }
    text_free(&s.prefix);
    text_free(&s.replaced);
    hold_free();
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void run_path(const char *path) {
    struct stat info;
    if (stat(path, &info) != 0) {
        printf("%s: not found\n", path);
        run.failed++;
        return;
    }
    size_t n = strlen(path);
    if (!S_ISDIR(info.st_mode)) {
        if (n > 5 && strcmp(path + n - 5, ".test") == 0)
            run_file(path);
        return;
    }
    struct dirent **names;
    int count = scandir(path, &names, NULL, by_name);
    for (int i = 0; i < count; i++) {
        char below[4096];
        if (names[i]->d_name[0] != '.') {
            snprintf(below, sizeof below, "%s/%s", path, names[i]->d_name);
            run_path(below);
        }
        free(names[i]);
    }
    if (count >= 0)
        free(names);
}

static int usage(void) {
    fputs("golden [--accept] [--fail allocations|files] [--threads N] [--batch N] "
          "file-or-folder...\n",
          stderr);
    return 2;
}

int main(int argc, char **argv) {
    uint32_t threads = 0, batch_rows = 0;
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--accept") == 0) {
            run.accept = true;
            continue;
        }
        if (strcmp(argv[i], "--threads") == 0)
            threads = (uint32_t)atoi(value);
        else if (strcmp(argv[i], "--batch") == 0)
            batch_rows = (uint32_t)atoi(value);
        else if (strcmp(argv[i], "--fail") == 0)
            run.faults = strcmp(value, "files") == 0 ? FAULT_FILES : FAULT_ALLOCATIONS;
        else
            return usage();
        i++;
    }
    if (i >= argc || !getcwd(run.home, sizeof run.home))
        return usage();
    for (uint32_t c = 0; c < 4; c++) {
        config one = {threads ? threads : 1 + c / 2, batch_rows ? batch_rows : c % 2 ? 64 : 2048};
        if ((c < 2 || !threads) && (c % 2 == 0 || !batch_rows))
            run.configs[run.config_count++] = one;
    }
    if (run.faults)
        faults_use();
    for (; i < argc; i++)
        run_path(argv[i]);
    printf("%u passed, %u failed\n", run.passed, run.failed);
    return run.failed != 0;
}

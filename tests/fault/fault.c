/* tests/fault/fault.c: the n-th piece of memory is refused, n = 1, 2, 3, ... through compile and
 * run of a query for each operator and each format: a clean error, everything given back.
 *
 *     fault [folder for files]
 *
 * The golden runner makes system calls fail, of which an arena makes few. Here every request to an
 * arena goes through refuse.c, so every check of a result is tried. After
 * the first steps n grows by a part of itself, to keep the run short; the error is the same. Ends
 * with "N passed, N failed". The leak sanitizer looks at what is left. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "include/trawl.h"
#include "tests/fault/refuse.h"

#define TABLES                                                                                     \
    "let T = datatable(k:string, n:long, d:datetime, a:dynamic)['a', 1, datetime(2024-01-01), "    \
    "dynamic([1,2]), 'b', 2, datetime(2024-01-02), dynamic([]), 'a', long(null), "                 \
    "datetime(2024-01-01), dynamic({\"x\":1})]; "

static const char *const queries[] = {
    TABLES "T",
    TABLES "T | where n > 1 and k has 'b' or k contains 'A'",
    TABLES "T | where k matches regex '[a-c]+' | extend m = n * 2, s = strcat(k, tostring(n))",
    TABLES "T | project k, x = n + 1 | project-away x | project-rename z = k | project-reorder z",
    TABLES "T | summarize count(), sum(n), avg(n), min(k), max(d), dcount(k) by k",
    TABLES "T | summarize make_list(n), make_set(k), arg_max(n, *), percentiles(n, 50, 90)",
    TABLES "T | summarize make_bag(bag_pack(k, n)), take_any(k), stdev(n), countif(n > 1)",
    TABLES "T | distinct k, d",
    TABLES "T | count",
    TABLES "T | take 2",
    TABLES "T | sort by k asc, n desc",
    TABLES "T | top 2 by n",
    TABLES "T | top-hitters 2 of k",
    TABLES "T | top-nested 2 of k by sum(n), top-nested 1 of n by count()",
    TABLES "T | join kind=inner T on k",
    TABLES "T | join kind=fullouter (T | where n == 1) on $left.n == $right.n",
    TABLES "T | join kind=leftanti (T | where n == 1) on k",
    TABLES "T | join kind=rightsemi (T | where n == 1) on k",
    TABLES "T | lookup (T | project k, other = n) on k",
    TABLES "union withsource=src T, (T | project n = tostring(n)), (print q = 1)",
    TABLES "T | mv-expand with_itemindex=i a",
    TABLES "T | mv-apply e = a to typeof(long) on (summarize sum(e))",
    TABLES "T | parse k with x:string 'a' y:long | parse-where k with z",
    TABLES "T | parse kind=regex k with @'[ab]' z",
    TABLES "T | search 'a'",
    TABLES "T | as A | union A",
    TABLES "T | serialize r = row_number(), p = prev(n), c = row_cumsum(n)",
    TABLES "T | partition by k (top 1 by n)",
    TABLES "T | make-series sum(n) on d from datetime(2024-01-01) to datetime(2024-01-05) step 1d "
           "by k",
    "range x from 1 to 5000 step 1 | extend k = x % 700 | summarize sum(x) by k | sort by k asc",
    "range x from 1 to 5000 step 1 | join kind=inner (range x from 1 to 5000 step 3) on x | count",
    "range x from 1 to 3000 step 1 | extend s = strcat('s', tostring(x)) | sort by s asc | take 3",
    "print a = 1, b = 'x', c = dynamic({'p':[1,2,{'q':null}]}), d = now(), e = 1h",
    TABLES "T | fork (where n > 1) (count)",
    TABLES "T | facet by k, n",
    TABLES "let m = materialize(T | where n > 0); m | join kind=inner m on k",
    TABLES "T | extend s = toscalar(T | summarize max(n))",
    TABLES "T | where k in (T | where n > 1 | project k)",
    TABLES "T | getschema",
    TABLES "T | evaluate bag_unpack(a)",
    TABLES "T | project k, n | evaluate pivot(k, sum(n))",
    TABLES "T | evaluate narrow()",
    TABLES "T | sample 2",
    TABLES "T | sample-distinct 2 of k",
    TABLES "let f = (x:long, t:(*)) { t | where n > x }; f(0, T) | render table",
    "let f = (x:long = 3) { x + 1 }; print f(), f(1); print 2",
    "declare query_parameters(p:long = 4); print p",
    "print x = 'a b c' | extend y = split(x, ' '), z = replace_string(x, 'a', 'b'), u = toupper(x)",
    "print parse_json('{\"a\":[1,2,{\"b\":null}]}').a[2], extract('(b+)', 1, 'abbc')",
    "print bin(1.5, 1), format_datetime(now(), 'yyyy-MM-dd'), datetime_diff('day', now(), now())",
    "csv | summarize sum(n) by s",
    "csv | where s contains 'tw' | project n",
    "jsonl | extend v = o.a | summarize count() by tostring(v)",
    "jsonl | where o.a == 1 | sort by t asc",
    "text | count",
    "union csv, jsonl | count",
    "search 'two' | count",
    "find in (csv, jsonl) where n == 2",
    "externaldata(a:string, b:string)['csv.csv'] with (format='csv')",
};

static uint32_t passed, failed;

static void write_file(const char *name, const char *text) {
    FILE *file = fopen(name, "wb");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0) {
        perror(name);
        exit(2);
    }
}

static trawl_status read_all(struct ArrowArrayStream *stream) {
    struct ArrowSchema schema;
    struct ArrowArray batch;
    trawl_status status = TRAWL_OK;
    if (stream->get_schema(stream, &schema) == 0)
        schema.release(&schema);
    else
        status = TRAWL_E_MEMORY;
    while (status == TRAWL_OK) {
        if (stream->get_next(stream, &batch) != 0)
            status = TRAWL_E_MEMORY;
        else if (!batch.release)
            break;
        else
            batch.release(&batch);
    }
    stream->release(stream);
    return status;
}

static trawl_status ask(const char *kql, uint32_t threads, trawl_error *err) {
    static const char *const here = ".";
    trawl_db *db = NULL;
    trawl_query *query = NULL;
    trawl_query_options options = TRAWL_QUERY_OPTIONS_INIT;
    options.threads = threads;
    options.seed = 1;
    trawl_status status = trawl_db_open(&here, 1, NULL, &db, err);
    if (status == TRAWL_OK)
        status = trawl_query_kql(db, kql, strlen(kql), &options, &query, err);
    for (uint32_t i = 0; status == TRAWL_OK && i < trawl_query_result_count(query); i++) {
        struct ArrowArrayStream stream;
        status = trawl_query_run(query, i, &stream, err);
        if (status != TRAWL_OK)
            break;
        status = read_all(&stream);
        if (status != TRAWL_OK)
            *err = (trawl_error){.status = status, .message = "from the stream"};
    }
    trawl_query_free(query);
    trawl_db_close(db);
    return status;
}

/* Out of memory, or an answer all the same (a suggestion, a cache may be done without). */
static bool is_clean(trawl_status status, const trawl_error *err) {
    return status == TRAWL_OK || (status == TRAWL_E_MEMORY && err->message[0]);
}

static void check(const char *kql) {
    trawl_error err = TRAWL_ERROR_INIT;
    if (ask(kql, 1, &err) != TRAWL_OK) {
        printf("FAILED: %s\n  %s\n", kql, err.message);
        failed++;
        return;
    }
    for (int64_t n = 1; n < 1000000; n += n < 400 ? 1 : n / 32) {
        err = (trawl_error)TRAWL_ERROR_INIT;
        refuse_from(n, false);
        trawl_status status = ask(kql, n % 8 ? 1 : 2, &err);
        bool hit = refuse_end();
        if (!is_clean(status, &err)) {
            printf("FAILED: request %lld refused: %s\n  status %d: %s\n", (long long)n, kql,
                   (int)status, err.message);
            failed++;
            return;
        }
        if (!hit)
            break;
    }
    passed++;
}

int main(int argc, char **argv) {
    char folder[] = "/tmp/trawl-fault-XXXXXX";
    if (argc > 1 ? chdir(argv[1]) != 0 : !mkdtemp(folder) || chdir(folder) != 0) {
        perror("folder");
        return 2;
    }
    write_file("csv.csv", "n,s\n1,one\n2,\"two\"\n3,three\n");
    write_file("jsonl.jsonl",
               "{\"n\":1,\"t\":\"x\",\"o\":{\"a\":1}}\n{\"n\":2,\"o\":{\"a\":[2]}}\n");
    write_file("text.log", "first line\nsecond line\n");
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
        check(queries[i]);
    unlink("csv.csv");
    unlink("jsonl.jsonl");
    unlink("text.log");
    if (argc == 1 && chdir("/") == 0)
        rmdir(folder);
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}

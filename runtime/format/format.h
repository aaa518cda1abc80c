/* runtime/format/format.h: files in place as tables: CSV, TSV, JSON lines, text logs; plain, gzip
 * or zstd, told apart by content. Knows nothing of plans and queries.
 *
 * What a file becomes
 *   CSV, TSV, PSV, semicolons: a column per field, typed from a sample; a header row is detected.
 *   JSON lines, concatenated objects, one array of objects: a column per top-level key in the order
 *       of first appearance; objects, arrays and mixtures are dynamic. The first of repeated keys
 *       counts.
 *   other text: one row a line, column Line (string) with the whole line without its line end; if
 *       the sampled lines begin with a date and time, before it Timestamp (datetime), and if a
 *       severity word follows within three words, Level (string). Rows without them hold null, "".
 *   k=v folders add a column each, after those of the file.
 * What a table becomes
 *   files of one stem (app.log, app.log.1.gz, app-2024-01-31.log: "app"), or a whole folder when
 *   its files have other stems but the same format and columns (part-000.csv, jan.csv, feb.csv).
 *   Names are made of letters, digits and _ (others become _) and are unique.
 * Rows come in the order of the files sorted by path, then of the rows in the file; blank lines are
 * no rows (but in text, and in CSV of one column, they are). A row that does not fit is still a
 * row: values that do not parse are null, missing fields are null, surplus fields are dropped; such
 * rows are counted in tr_scan_stats.rows_bad and the first is named there. A compressed file that
 * is damaged, and a file that shrinks while it is read, fail the query. */
#ifndef TR_FORMAT_FORMAT_H
#define TR_FORMAT_FORMAT_H

#include "runtime/data/table.h"

typedef enum tr_format {
    TR_FORMAT_AUTO = 0, /* by content */
    TR_FORMAT_CSV,      /* comma, or the delimiter that the content shows */
    TR_FORMAT_TSV,
    TR_FORMAT_PSV,  /* '|' */
    TR_FORMAT_SCSV, /* ';' */
    TR_FORMAT_JSON, /* lines, concatenated, or an array */
    TR_FORMAT_TEXT, /* one row a line */
    TR_FORMAT_COUNT
} tr_format;

typedef enum tr_header { TR_HEADER_AUTO = 0, TR_HEADER_YES, TR_HEADER_NO } tr_header;

/** "csv", "tsv", "psv", "scsv", "json", "text", "auto". */
const char *tr_format_name(tr_format format);
/** By the names above and "jsonl", "ndjson", "multijson", "txt", "log", "raw", any case; false if
 *  unknown. */
bool tr_format_of_name(tr_str name, tr_format *out);

typedef struct tr_open_options {
    const char *const *as_specs; /* "Name=glob": these files form table Name */
    uint32_t as_count;
    tr_format format; /* of every file; AUTO looks */
    tr_header header; /* of every delimited file; AUTO looks */
} tr_open_options;

/** Something that was left out while opening, in one line of text: "skipped 'x': binary". */
typedef struct tr_open_warning {
    const char *text;
    const struct tr_open_warning *next;
} tr_open_warning;

/** Files and directories -> a database with one table per group of files. Reads samples only.
 *
 *  db       holds the tables and everything they point to, and the warnings
 *  paths    files, directories (walked down; names with a leading '.' or '_' are skipped), or
 *           "-": standard input, read to its end into `db` as table "stdin"
 *  options  may be NULL
 *  warnings may be NULL; receives a list in order, NULL when there is nothing to warn of
 *  returns  TRAWL_E_USAGE for a bad spec, TRAWL_E_IO for a path that is not there,
 *           TRAWL_E_DATA when a file that was named outright cannot be a table */
trawl_status tr_format_open(tr_arena *db, const char *const *paths, uint32_t path_count,
                            const tr_open_options *options, tr_database *out,
                            const tr_open_warning **warnings, trawl_error *err);

/** A row that does not fit. Texts live during the call that tells of it. */
typedef struct tr_reject {
    const char *path;   /* of its file; "text in memory" */
    uint64_t line;      /* where it begins in the unpacked text, 1 the first */
    uint64_t offset;    /* the same in bytes */
    tr_str column;      /* "": the row as a whole */
    const char *reason; /* "not a long" */
    tr_str row;         /* its bytes as they stand there, without the line end */
} tr_reject;

/** Is told of rows that do not fit, by any worker at any time. A failure ends the scan. */
typedef struct tr_reject_taker {
    trawl_status (*take)(void *ctx, const tr_reject *reject, trawl_error *err);
    void *ctx;
} tr_reject_taker;

/** How the bytes of files are to be read, for tr_format_table. */
typedef struct tr_format_spec {
    tr_format format; /* AUTO looks */
    tr_header header;
    bool by_position; /* delimited: schema column i is field i whatever a header row says (it is
                       * still skipped if there is one); else columns are found by name when there
                       * is a header row */
    const tr_reject_taker *rejects; /* not NULL: rows that do not fit are told to it and left out,
                                     * instead of read with nulls. Outlives the table's scans */
} tr_format_spec;

/** One table over given files with a given schema (externaldata, ingestion).
 *
 *  schema   NULL: inferred as in tr_format_open. Else it is copied; JSON columns are found by name;
 *           text files fill the first string column; CSV see by_position
 *  spec     may be NULL
 *  out      lives in `db`
 *  threads  the table is immutable and may be scanned by any number of queries at once */
trawl_status tr_format_table(tr_arena *db, tr_str name, const tr_format_spec *spec,
                             const tr_schema *schema, const char *const *paths, uint32_t path_count,
                             const tr_table **out, trawl_error *err);

/** As tr_format_table, over text in memory instead of files (compressed or not). The bytes are
 *  borrowed for as long as `db` lives and need no padding. */
trawl_status tr_format_memory(tr_arena *db, tr_str name, const tr_format_spec *spec,
                              const tr_schema *schema, const char *bytes, size_t n,
                              const tr_table **out, trawl_error *err);

/** How many files a table of this room is made of; 0 for any other table, and for memory. */
uint32_t tr_format_file_count(const tr_table *table);
/** Path of file `i`, in the order of rows. */
const char *tr_format_file(const tr_table *table, uint32_t i);
/** The same table, but only files [first, first + count). Lives in `db`; needs `table`. */
trawl_status tr_format_subset(tr_arena *db, const tr_table *table, uint32_t first, uint32_t count,
                              const tr_table **out, trawl_error *err);

#endif

/* runtime/format/internal.h: what the files of this room share: files, inputs, shapes, the state of
 * a table, a scan and a reader. Nobody outside the room includes it. */
#ifndef TR_FORMAT_INTERNAL_H
#define TR_FORMAT_INTERNAL_H

#include "kernels/kernels.h"
#include "runtime/base/os.h"
#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"
#include "runtime/format/format.h"

/* ---- files and their bytes (input.c) ---- */

typedef enum tr_packing { TR_PACKING_NONE = 0, TR_PACKING_GZIP, TR_PACKING_ZSTD } tr_packing;

typedef struct tr_file {
    const char *path;   /* NUL-terminated; a label when memory is set */
    const char *memory; /* not NULL: the bytes are here, not in a file */
    uint64_t bytes;     /* of storage */
    bool sniffed;       /* packing is known; else the reader looks */
    tr_packing packing;
    const tr_value *partitions; /* [partition_count of the table]: values of its k=v folders */
} tr_file;

/** A file as a stream of unpacked bytes. One thread. Reusable: unpackers are kept. */
typedef struct tr_input {
    tr_arena *arena;
    tr_scan_stats *stats; /* may be NULL */
    const tr_file *file;
    int64_t descriptor; /* -1: none open */
    tr_packing packing;
    uint64_t bytes;    /* of storage, at most these are read */
    uint64_t offset;   /* next byte of storage */
    uint64_t unpacked; /* bytes handed out since open */
    char *packed;      /* compressed bytes read ahead */
    size_t packed_used;
    size_t packed_n;
    bool in_frame; /* inside a compressed frame: an end here is damage */
    struct z_stream_s *gzip;
    void *zstd;
} tr_input;

void tr_input_start(tr_input *input, tr_arena *arena, tr_scan_stats *stats);
/** Begin at byte `offset` (0 for compressed files) of at most `bytes` of storage. */
trawl_status tr_input_open(tr_input *input, const tr_file *file, uint64_t bytes, uint64_t offset,
                           trawl_error *err);
/** Up to `bytes` bytes; *got is less only at the end. A file that became shorter, and damaged
 *  compressed data, are errors that name file and offset. */
trawl_status tr_input_read(tr_input *input, char *into, size_t bytes, size_t *got,
                           trawl_error *err);
void tr_input_close(tr_input *input);
/** Frees what the unpackers hold. */
void tr_input_end(tr_input *input);
/** By the first bytes. */
tr_packing tr_packing_of(const char *head, size_t n);

/* ---- what files look like (shape.c, shape_csv.c, shape_json.c, shape_text.c) ---- */

typedef struct tr_shape {
    tr_format format; /* never AUTO */
    tr_csv_dialect dialect;
    bool has_header;
    bool json_lines;    /* every row is one line */
    bool has_timestamp; /* text: columns Timestamp, Level */
    bool has_level;
    uint32_t row_bytes;   /* average in the sample, at least 1 */
    uint32_t field_count; /* delimited: fields of a row */
    tr_schema schema;     /* of the content, without folders' columns */
} tr_shape;

/** A column whose type is being found out. */
typedef struct tr_guess {
    tr_str name;
    uint32_t seen; /* bits below */
} tr_guess;
enum {
    TR_SEEN_BOOL = 1,
    TR_SEEN_LONG = 2,
    TR_SEEN_BIG = 4, /* an integer beyond 64 bits */
    TR_SEEN_REAL = 8,
    TR_SEEN_DATETIME = 16,
    TR_SEEN_STRING = 32,
    TR_SEEN_NESTED = 64,
};
tr_type tr_guess_type(uint32_t seen);
/** Which bit a piece of text stands for; 0 for empty and for words that mean null. */
uint32_t tr_guess_text(tr_str text);
/** "", null, NULL, NA, N/A, \N: null in a column that is not of strings. */
bool tr_is_null_word(const char *text, uint32_t n);

/** A part of a file that was read to learn its shape. */
typedef struct tr_sample {
    const char *text; /* TR_PAD readable bytes follow */
    uint32_t n;
    bool from_start; /* the first byte of the file (after a byte order mark) is text[0] */
    bool to_end;     /* the last byte of the file is text[n - 1] */
} tr_sample;

/** Look at samples of up to 16 of the files. *refused receives why they cannot be a table (a
 *  sentence part such as "binary data"), or NULL; only then *out is filled, with names in `db`. */
trawl_status tr_shape_find(tr_arena *db, tr_file *const *files, uint32_t file_count,
                           tr_format format, tr_header header, tr_shape *out, const char **refused,
                           trawl_error *err);
/** Read the head of a file: sets packing and sniffed. */
trawl_status tr_shape_sniff(tr_arena *scratch, tr_file *file, const char **refused,
                            trawl_error *err);
/** Two shapes make one table: same format, and the same or nearly the same columns. */
bool tr_shape_alike(const tr_shape *a, const tr_shape *b);

trawl_status tr_shape_csv(tr_arena *db, tr_arena *scratch, const tr_sample *samples, uint32_t count,
                          tr_header header, tr_shape *shape, trawl_error *err);
/** True if the text looks delimited; sets dialect. `sure`: named so, any split will do. */
bool tr_shape_csv_dialect(const tr_sample *sample, bool sure, tr_csv_dialect *dialect);
trawl_status tr_shape_json(tr_arena *db, tr_arena *scratch, const tr_sample *samples,
                           uint32_t count, tr_shape *shape, trawl_error *err);
bool tr_shape_json_likely(const tr_sample *sample);
trawl_status tr_shape_text(tr_arena *db, const tr_sample *samples, uint32_t count, tr_shape *shape,
                           trawl_error *err);

/* ---- a table over files (table.c) ---- */

typedef struct tr_files {
    tr_table table; /* first: a tr_table is a tr_files */
    tr_shape shape; /* shape.schema = the columns that come from the content */
    bool by_position;
    uint64_t morsel_bytes; /* how a scan is cut; tests make these small */
    uint32_t block_bytes;
    uint32_t partition_count; /* columns after those of the content */
    uint32_t file_count;
    tr_file *const *files;
    int32_t timestamp_column, level_column, line_column; /* text; -1: none */
    const tr_reject_taker *rejects;                      /* NULL: rows that do not fit are kept */
} tr_files;

/** A table; memory from `db`. partitions: fields of the folders' columns. */
trawl_status tr_files_table(tr_arena *db, tr_str name, const tr_shape *shape, bool by_position,
                            tr_file *const *files, uint32_t file_count, const tr_field *partitions,
                            uint32_t partition_count, const tr_table **out, trawl_error *err);

typedef struct tr_morsel {
    uint32_t file;
    uint64_t from, to; /* rows that start in [from, to); to is UINT64_MAX for the last */
} tr_morsel;

typedef struct tr_files_scan {
    tr_scan scan; /* first */
    const tr_files *files;
    const uint64_t *file_bytes; /* when the scan was opened */
    const tr_morsel *morsels;
    const uint64_t *needed; /* bitmap of columns */
    bool any_needed;        /* some column of the content is needed */
    uint32_t path_count;    /* columns after those of the table */
    const tr_scan_path *paths;
    bool has_find; /* rows without the literal, or any of the set, may be left out */
    tr_find_plan find;
    tr_find_set find_set;        /* used when its count is not 0 */
    tr_find_plan unicode_escape; /* JSON: a block that holds it may hide the literal */
    uint32_t batch_rows;
    uint32_t block_bytes;
    /* Delimited: is the byte before a morsel's first inside quotes? 0 unknown, 1 no, 2 yes. */
    _Atomic uint8_t *in_quotes;
    tr_scan_stats stats;
} tr_files_scan;

/* ---- a reader: blocks of rows (block.c) and what is in them (csv.c, json.c, text.c) ---- */

/** Bytes that a structure kernel is given at once where its output is copied on. */
#define TR_OFFSETS 16384
/** A row may be this long; a quoted field without an end is given up after TR_QUOTED_MAX. */
#define TR_ROW_MAX    ((size_t)1 << 30)
#define TR_QUOTED_MAX ((uint32_t)64 << 20)

/** Rows of the block by their place in its text, without line ends. */
typedef struct tr_rows {
    uint32_t *start;
    uint32_t *end;
    uint32_t n;
    uint32_t capacity;
} tr_rows;

typedef struct tr_csv_reader {
    uint32_t *tokens; /* ends of fields */
    size_t token_count, token_capacity;
    uint32_t *row_token; /* [row]: its first token */
    uint32_t *row_fields;
    size_t row_capacity;
    uint32_t flags;       /* TR_CSV_* of the block */
    size_t row_ends;      /* line ends outside quotes that tr_split_lines saw */
    int32_t *field_of;    /* [content column] -> field of the file, -1 missing */
    uint32_t field_count; /* fields of a row of this file */
    uint32_t mapped_file; /* file that field_of is for; UINT32_MAX none */
    bool fields_known;    /* this block has tokens */
} tr_csv_reader;

typedef struct tr_json_reader {
    const int32_t *slot_of; /* [content column] -> index among those needed, -1 */
    uint32_t slot_count;
    bool ready;              /* the arrays below are set up for this block */
    uint32_t *begin, *bytes; /* [slot * row_capacity + row]: span of the value; bytes 0: absent */
    uint32_t *resume;        /* [row]: where to go on looking for keys; UINT32_MAX: done */
    uint32_t *column_next;   /* [row]: the column that the next key is likely to be */
    uint8_t *flags;          /* [row]: TR_JSON_* of what was looked at */
    size_t row_capacity;
    uint32_t *hash; /* key -> content column + 1, 0 empty */
    uint32_t hash_mask;
    uint32_t look_bytes; /* how much of a row to scan at first */
    uint32_t *tokens;
    tr_dyn_builder *builder;
} tr_json_reader;

/** Why a row is left out. */
typedef struct tr_reject_why {
    const char *reason;
    uint32_t column; /* UINT32_MAX: the row as a whole */
} tr_reject_why;

struct tr_reader {
    tr_files_scan *scan;
    tr_arena *local;
    const tr_kernels *kernels;
    tr_input input;
    uint32_t morsel;
    const tr_file *file;
    uint64_t limit; /* rows that start here or later belong to others */
    char *buffer;
    size_t capacity;
    size_t filled;
    size_t consumed;        /* bytes of the buffer that rows were made of */
    uint64_t buffer_offset; /* of buffer[0] in the unpacked file */
    bool input_ended;
    bool fresh; /* the buffer was filled and nothing made of it yet */
    bool done;
    const char *text; /* the block: rows and tokens count from here, inside buffer */
    uint32_t text_n;
    uint32_t *offsets; /* [TR_OFFSETS + 64]: what structure kernels write */
    tr_rows rows;
    uint64_t counted;      /* rows of the block that are only counted, not placed */
    uint32_t next_row;     /* first row of the block not handed out */
    uint32_t batch_first;  /* row of the block that is row 0 of the batch */
    uint64_t *bad;         /* [rows.capacity]: rows of the block already counted as bad */
    uint32_t dense_blocks; /* blocks to go without looking for the literal */
    /* Where rows that do not fit are left out: */
    tr_reject_why *why; /* [rows.capacity]: of those in `bad` */
    tr_str loose;       /* text of the block that belongs to no row; "": none */
    const tr_file *line_file;
    uint64_t line_offset, line_count; /* line ends of line_file before a byte of it */
    tr_csv_reader csv;
    tr_json_reader json;
};

/** Make rows of the next bytes; reader->rows.n == 0 and reader->done at the end of the morsel. */
trawl_status tr_block_next(tr_reader *reader, trawl_error *err);
/** Open the file of a morsel and go to its first row. */
trawl_status tr_block_begin(tr_reader *reader, uint32_t morsel, trawl_error *err);
/** Room for n rows. */
trawl_status tr_rows_need(tr_reader *reader, size_t n, trawl_error *err);
/** Append a row; room must be there. Blanks at its end that belong to the line end are cut. */
void tr_rows_add(tr_reader *reader, uint32_t start, uint32_t end);
/** More bytes behind those that are not consumed yet; input_ended when there are no more. */
trawl_status tr_block_fill(tr_reader *reader, trawl_error *err);
/** Rows are lines (csv: newlines inside quotes end none, and csv.flags is set). Sets consumed. */
trawl_status tr_split_lines(tr_reader *reader, bool csv, bool keep_blank, trawl_error *err);
/** Only lines with the literal. *done is false (and nothing done) if they are too many. */
trawl_status tr_split_hits(tr_reader *reader, bool *done, trawl_error *err);

trawl_status tr_csv_split(tr_reader *reader, trawl_error *err);
/** The header row at the start of text: which field each column is. *next: the first row of data.
 *  *more: the row does not end in the text; nothing was done. */
trawl_status tr_csv_header(tr_reader *reader, const char *text, uint32_t n, bool at_end,
                           uint32_t *next, bool *more, trawl_error *err);
/** Is byte `from - 1` of the morsel inside quotes? Reads as far back as it must. */
trawl_status tr_csv_quotes_before(tr_reader *reader, uint32_t morsel, bool *in_quotes,
                                  trawl_error *err);
trawl_status tr_csv_decode(tr_reader *reader, uint32_t column, const uint16_t *rows, uint32_t n,
                           tr_arena *scratch, tr_vec *out, trawl_error *err);
trawl_status tr_json_open(tr_reader *reader, trawl_error *err);
trawl_status tr_json_split(tr_reader *reader, trawl_error *err);
trawl_status tr_json_decode_path(tr_reader *reader, const tr_scan_path *path, const uint16_t *rows,
                                 uint32_t n, tr_arena *scratch, tr_vec *out, trawl_error *err);
trawl_status tr_json_decode(tr_reader *reader, uint32_t column, const uint16_t *rows, uint32_t n,
                            tr_arena *scratch, tr_vec *out, trawl_error *err);
trawl_status tr_text_decode(tr_reader *reader, uint32_t column, const uint16_t *rows, uint32_t n,
                            tr_arena *scratch, tr_vec *out, trawl_error *err);

/* ---- shared by the decoders (value.c) ---- */

/** Texts of values -> a vector of `type`. Empty texts and null words are null. A value that does
 * not parse is null and its row (reader row rows[i] or i of the batch) is reported bad. */
trawl_status tr_values_parse(tr_reader *reader, uint32_t column, tr_type type, const tr_str *texts,
                             const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                             trawl_error *err);
/** Count row `row` of the block as bad, once; the first of the scan is described. column may be
 *  UINT32_MAX. */
void tr_row_bad(tr_reader *reader, uint32_t row, uint32_t column, tr_str bytes, const char *reason);
/** The same for bytes of the block that belong to no row. */
void tr_bytes_bad(tr_reader *reader, uint32_t offset, uint32_t column, tr_str bytes,
                  const char *reason);
/** Tell of the batch's rows that do not fit and leave them out: all that is asked for is decoded,
 *  for only that shows them. The batch may be empty afterwards. (reject.c) */
trawl_status tr_reject_rows(tr_reader *reader, tr_batch *batch, trawl_error *err);
/** Count lines up to this byte of the unpacked file: before its bytes leave the buffer. */
trawl_status tr_reject_count(tr_reader *reader, uint64_t offset, trawl_error *err);
/** Readable text for a null dynamic. */
tr_str tr_null_dynamic(void);
/** Sets vec->text if the n rows are in order inside one text and make up much of it. */
void tr_vec_mark_text(tr_vec *vec, uint32_t n);

/* ---- lines of logs (text.c) ---- */

/** The date and time at the start of a line, perhaps in brackets. False if there is none. */
bool tr_text_time(const char *line, uint32_t n, uint32_t *begin, uint32_t *end);
/** The severity word among the first three after line[from]. */
bool tr_text_level(const char *line, uint32_t n, uint32_t from, tr_str *level);

/* ---- JSON, key by key (json_walk.c) ---- */

#define TR_JSON_LOOK_MAX 4096u

typedef struct tr_json_walker {
    const tr_kernels *kernels;
    const char *text;
    uint32_t *tokens; /* [TR_JSON_LOOK_MAX + 64], the caller's */
    uint32_t base;    /* tokens count from here */
    uint32_t scanned; /* up to here */
    uint32_t end;     /* of the object's text */
    uint32_t look;    /* bytes to scan next */
    uint32_t count, i;
    tr_json_carry carry;
    bool inside; /* behind the opening brace: at the start, or set for going on behind a value */
    bool comma;  /* the comma before the next key is read already */
    bool closed; /* the closing brace too */
} tr_json_walker;

typedef struct tr_json_pair {
    uint32_t key, key_bytes;     /* without quotes, escapes not undone */
    uint32_t value, value_bytes; /* a string with its quotes; at least 1 byte */
} tr_json_pair;

typedef enum tr_json_step { TR_JSON_PAIR, TR_JSON_END, TR_JSON_BROKEN } tr_json_step;

void tr_json_walk_start(tr_json_walker *w, const tr_kernels *kernels, const char *text,
                        uint32_t from, uint32_t end, uint32_t look, uint32_t *tokens);
/** The element of the array that the walker stands before; TR_JSON_END if it has no such element.
 */
tr_json_step tr_json_walk_element(tr_json_walker *w, uint64_t index, tr_json_pair *pair);
/** How many elements that array has; false if it is none. */
bool tr_json_walk_count(tr_json_walker *w, uint64_t *count);
/** Spans of a needed column's values for these rows: [row] of the block; bytes 0: absent. */
trawl_status tr_json_values(tr_reader *reader, uint32_t column, const uint16_t *rows, uint32_t n,
                            const uint32_t **begin, const uint32_t **bytes, trawl_error *err);
tr_json_step tr_json_walk_next(tr_json_walker *w, tr_json_pair *pair);
/** Undo JSON escapes of text[0..n) into out, which has room for n bytes; returns the length. */
uint32_t tr_json_unescape(const char *text, uint32_t n, char *out);

/* ---- one row of delimited text, by the letter (csv_row.c) ---- */

typedef enum tr_csv_end {
    TR_CSV_ROW,  /* complete */
    TR_CSV_OPEN, /* the text ended first */
    TR_CSV_BAD,  /* quotes that do not pair up: the row is its first line */
} tr_csv_end;

typedef struct tr_csv_row {
    uint32_t fields;
    uint32_t end;  /* its line end, or the end of the text */
    uint32_t next; /* where the next row starts */
} tr_csv_row;

/** Parse the row that starts at `from`. A quote counts only at the start of a field. The ends of
 * its first token_max fields go to tokens. at_end: nothing comes after n. */
tr_csv_end tr_csv_row_parse(const char *text, uint32_t n, uint32_t from,
                            const tr_csv_dialect *dialect, bool at_end, uint32_t *tokens,
                            uint32_t token_max, tr_csv_row *out);
/** The value of the field text[begin..end): quotes taken off; text from `scratch` if it had doubled
 *  quotes. False when out of memory. */
bool tr_csv_field(const tr_kernels *kernels, const char *text, uint32_t begin, uint32_t end,
                  const tr_csv_dialect *dialect, tr_arena *scratch, tr_str *out);
/** Names of a header row, made unique, empty ones Column<i>. */
trawl_status tr_csv_names(tr_arena *arena, const char *text, uint32_t from, const uint32_t *tokens,
                          uint32_t fields, const tr_csv_dialect *dialect, tr_str *names,
                          trawl_error *err);

/* ---- names (name.c) and folders (walk.c) ---- */

/** A file found in a folder. */
typedef struct tr_found {
    tr_file file;
    const char *relative; /* path below the root that was given */
    const char *root;     /* as given */
    bool named;           /* given outright, not found in a folder */
    bool taken;
} tr_found;

typedef struct tr_found_list {
    tr_found *items;
    uint32_t n, capacity;
} tr_found_list;

/** Add `path` (file or folder, walked down) to the list. */
trawl_status tr_walk(tr_arena *arena, const char *path, tr_found_list *list,
                     const tr_open_warning ***warn, trawl_error *err);
void tr_warn(tr_arena *arena, const tr_open_warning ***warn, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** '*' and '?' within a folder, '**' across folders, [a-z]. A glob without '/' is matched with
 *  the last part of the path. */
bool tr_glob_match(const char *glob, const char *path);
/** "logs/app-2024-01-31.log.gz" -> "app": without folders, endings, rotation; "" if nothing (or
 * only a word such as "part") is left. */
const char *tr_name_stem(tr_arena *arena, const char *path);
/** The ending that tells the format, without compression's: "csv"; "" if none. Lower case. */
const char *tr_name_ending(tr_arena *arena, const char *path);
/** Letters, digits, _; others become _. */
const char *tr_name_clean(tr_arena *arena, const char *name);
/** The folder of a path without its k=v and number parts: groups of files live under it. */
const char *tr_name_folder(tr_arena *arena, const char *path);

#endif

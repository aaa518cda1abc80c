/* runtime/store/column.h: one column of one row group, encoded.
 *
 * A row group has up to TR_GROUP_ROWS rows, cut into pages of TR_BATCH_ROWS rows (the last may be
 * shorter). An encoded column is a head, which holds what the pages share (dictionary, symbol
 * table, templates), and a run of bytes a page. With the head open, each page decodes alone.
 * Bytes may be damaged or hostile: open and decode check every length, and fail with TRAWL_E_DATA.
 *
 * A codec is one way to encode; a row of the table in column.c, and a file. column.c takes care of
 * nulls, zones and the choice of the codec; a codec sees values only. Knows nothing of files. */
#ifndef TR_STORE_COLUMN_H
#define TR_STORE_COLUMN_H

#include "runtime/base/buf.h"
#include "runtime/data/table.h"

#define TR_GROUP_PAGES 64
#define TR_GROUP_ROWS  (TR_GROUP_PAGES * TR_BATCH_ROWS)

/** Stored in files: numbers are never given to another codec. */
typedef enum tr_codec_id {
    TR_CODEC_CONSTANT = 1,   /* one value for the whole group; no pages */
    TR_CODEC_PLAIN = 2,      /* values side by side; text: u32 ends[], bytes */
    TR_CODEC_PACKED = 3,     /* frame of reference and bit packing (kernels/unpack) */
    TR_CODEC_DELTA = 4,      /* differences, packed */
    TR_CODEC_RUNS = 5,       /* run lengths */
    TR_CODEC_DICTIONARY = 6, /* sorted distinct values in the head, packed codes in the pages */
    TR_CODEC_PATCHED = 7,    /* packed, with exceptions */
    TR_CODEC_SCALED = 8,     /* reals, decimals as scaled integers, with exceptions */
    TR_CODEC_SYMBOLS = 9,    /* text by a table of up to 255 symbols of 1..8 bytes */
    TR_CODEC_TEMPLATES = 10, /* log lines as template and variables */
    TR_CODEC_ZSTD = 11,      /* PLAIN pages, compressed */
    TR_CODEC_BITS = 12,      /* bool as bitmaps */
    TR_CODEC_SHREDDED = 13,  /* dynamic: columns by path, and a remainder */
    TR_CODEC_VALUES = 14, /* numbers and guids: distinct values in the head, codes in the pages */
} tr_codec_id;

/** Rows [0, n) of one column: pages of TR_BATCH_ROWS rows, flat (no const), the last shorter. */
typedef struct tr_column_input {
    tr_type type;
    uint32_t n; /* 1 .. TR_GROUP_ROWS */
    const tr_vec *pages;
} tr_column_input;

static inline uint32_t tr_page_count(uint32_t n) {
    return (n + TR_BATCH_ROWS - 1) / TR_BATCH_ROWS;
}
/** Rows of page p of n rows. */
static inline uint32_t tr_page_rows(uint32_t n, uint32_t p) {
    return n - p * TR_BATCH_ROWS < TR_BATCH_ROWS ? n - p * TR_BATCH_ROWS : TR_BATCH_ROWS;
}

/** The smallest and largest of some values. Text and dynamic values are cut to TR_ZONE_TEXT bytes:
 *  low is then a prefix of the smallest, high one of the largest (high_cut says whether it is
 *  shorter than it, so that larger texts may exist that begin with it). Reals: NaN is not counted
 *  in low and high, has_nan tells; -0 counts as 0. dynamic, bool, guid, decimal: no low and high
 *  (both null) but has_null and all_null. */
#define TR_ZONE_TEXT 16
typedef struct tr_zone {
    bool has_null, all_null, has_nan, high_cut;
    tr_value low, high; /* null when there is no value, or none is kept for the type */
} tr_zone;

/** May rows of the zone meet the bound? False only if certainly none does. */
bool tr_zone_may_meet(const tr_zone *zone, const tr_scan_bound *bound);
/** Make `into` cover `more` too. */
void tr_zone_widen(tr_zone *into, const tr_zone *more);
/** The zone of one page of an input. Text points into the page. */
void tr_zone_of_page(const tr_vec *page, uint32_t n, tr_zone *out);

/** What encoding the column of one group leaves for the next group of the same column: the codec,
 *  and tables that cost more to find than to try again. Zeroed but for the arena at first. */
typedef struct tr_column_memory {
    tr_arena *arena;              /* lives longer than any group; what is remembered lies there */
    const struct tr_codec *codec; /* NULL: nothing is remembered */
    double row_bytes;             /* what a row took when the codec was chosen */
    uint32_t uses;                /* since then */
    void *state;                  /* the codec's own, NULL at first */
    uint64_t key;                 /* of a part */
    struct tr_column_memory *parts, *next;
} tr_column_memory;

/** The memory of a part of a column (a path of dynamic values). NULL if memory is NULL or there
 *  is no room: then nothing is remembered. */
tr_column_memory *tr_column_memory_part(tr_column_memory *memory, uint64_t key);

/** What an encoder writes. */
typedef struct tr_column_writer {
    tr_column_memory *memory;           /* NULL: begin from nothing */
    tr_buf head;                        /* the codec's own part of the head */
    tr_buf pages;                       /* all pages, one after the other */
    uint32_t page_ends[TR_GROUP_PAGES]; /* in pages; set after each page */
} tr_column_writer;

/** An encoded column, ready to be written: bytes in the arena it was encoded with. */
typedef struct tr_encoded {
    tr_codec_id codec;
    tr_str head; /* for tr_column_open */
    uint32_t page_count;
    tr_str pages[TR_GROUP_PAGES]; /* "" where a page has no bytes */
    tr_zone zone;
    uint32_t null_count;
} tr_encoded;

typedef struct tr_column_options {
    bool cold;                /* size counts, speed does not */
    uint32_t codecs_off;      /* bit of a tr_codec_id set: do not choose it (tests, measurements) */
    tr_column_memory *memory; /* of the groups before; NULL: none */
} tr_column_options;

/** Choose a codec by trying those that fit on a sample of the pages, and encode. What comes back
 *  lives in `local`. */
trawl_status tr_column_encode(tr_arena *local, const tr_column_input *in,
                              const tr_column_options *options, tr_encoded *out, trawl_error *err);

typedef struct tr_codec tr_codec;

/** An encoded column, opened. Read by one thread. */
typedef struct tr_column {
    tr_type type;
    uint32_t n;
    const tr_codec *codec;
    const char *head; /* the codec's own part */
    size_t head_bytes;
    const tr_zone *zones;        /* [page_count] */
    const uint8_t *nulls;        /* [page_count]: 0 none, 1 all (page has no values), 2 a bitmap */
    const uint32_t *null_counts; /* [page_count] */
    tr_arena *local;             /* lives as long as the column */
    void *state;                 /* the codec's own */
} tr_column;

/** Check and open a head that lies at head[0..bytes), followed by TR_PAD readable bytes, and stays
 *  there. What is made lives in `local`. */
trawl_status tr_column_open(tr_arena *local, tr_type type, uint32_t n, const char *head,
                            size_t bytes, tr_column **out, trawl_error *err);
/** Decode rows[0..n) (NULL: all) of page p, whose bytes are page[0..bytes) with TR_PAD readable
 *  bytes after them. *out lives in `scratch`, or points into the page or the head: all three must
 *  live as long as it is used. It may be a constant vector. */
trawl_status tr_column_decode(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                              const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                              trawl_error *err);

/** A condition on the rows of one column: exactly one of the two is set. */
typedef struct tr_column_test {
    const tr_scan_bound *bound;
    const tr_prefilter *text;
} tr_column_test;

/** A condition prepared for one open column. */
typedef struct tr_column_probe {
    const tr_column *column;
    tr_column_test test;
    uint64_t pages; /* bit p: page p may hold a row that meets it */
    bool all;       /* every row of every page meets it, or may: no need to look */
    uint32_t skip;  /* what tr_column_probe_start was given */
    bool *unsure;   /* set by probe_page when it leaves a row that may not meet the test, by
                       probe_start when `all` is true of rows that may not */
    void *state;    /* the codec's own */
} tr_column_probe;

/** By zones (if `skip` allows) and by what the head tells, which pages may hold a wanted row. */
trawl_status tr_column_probe_start(const tr_column *column, const tr_column_test *test,
                                   uint32_t skip, tr_arena *local, tr_column_probe *out,
                                   trawl_error *err);
/** The same, where only these pages may still be looked at. */
trawl_status tr_column_probe_pages(const tr_column *column, const tr_column_test *test,
                                   uint32_t skip, uint64_t pages, tr_arena *local,
                                   tr_column_probe *out, trawl_error *err);
/** May all rows of page p be kept without a look at its bytes? They certainly meet the test. */
bool tr_column_probe_passes(const tr_column_probe *probe, uint32_t p);
/** Clear in bits[] (all rows of page p) those that certainly do not meet the test. *probe->unsure
 *  is set if others stay that may not; it is not cleared. */
trawl_status tr_column_probe_page(const tr_column_probe *probe, uint32_t p, const char *page,
                                  size_t bytes, tr_arena *scratch, uint64_t *bits,
                                  trawl_error *err);

/* ---- for codecs ---- */

struct tr_codec {
    tr_codec_id id;
    const char *name; /* as .show and docs print it */
    bool (*fits)(tr_type type);
    double scan_ns; /* rough cost of decoding one row, to weigh against bytes */
    /** Encode the rows of in->pages, null rows included (they hold the value before them; those
     *  at the start the first value there is, or zero, "" or a dynamic null if there is none).
     *  Returns false in *fit, with nothing promised about `out`, if the
     *  codec is of no use here (a dictionary that would hold nearly every row); must find that out
     *  early. Deterministic. */
    trawl_status (*encode)(tr_arena *scratch, const tr_column_input *in, tr_column_writer *out,
                           bool *fit, trawl_error *err);
    /** Check the head; sets column->state. */
    trawl_status (*open)(tr_column *column, trawl_error *err);
    /** Fill out->data (and text of strings); validity is not the codec's business. */
    trawl_status (*decode)(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                           const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                           trawl_error *err);
    /** May be NULL: all pages may match, and pages are decoded and tested by column.c. Else as
     *  tr_column_probe_start/_page; probe->pages comes in narrowed by zones. probe_page NULL: as
     *  above for the pages. Null rows may be left set: column.c clears them for bounds. */
    trawl_status (*probe_start)(tr_column_probe *probe, tr_arena *local, trawl_error *err);
    trawl_status (*probe_page)(const tr_column_probe *probe, uint32_t p, const char *page,
                               size_t bytes, tr_arena *scratch, uint64_t *bits, trawl_error *err);
};

/** NULL if no codec has this number. */
const tr_codec *tr_codec_of(uint32_t id);

/** Clear the bits of the rows of `values` (n of them, flat) that do not meet the test; nulls
 *  count as values. Text tests may leave unsure rows set. For pages that were decoded, and for
 *  dictionaries. */
trawl_status tr_column_test_rows(const tr_column_test *test, const tr_vec *values, uint32_t n,
                                 tr_arena *scratch, uint64_t *bits, trawl_error *err);
/** The same; the rows that stay set though they may not meet the test are set in unsure[] too,
 *  whose other bits stay. */
trawl_status tr_column_test_surely(const tr_column_test *test, const tr_vec *values, uint32_t n,
                                   tr_arena *scratch, uint64_t *bits, uint64_t *unsure,
                                   trawl_error *err);
/** The same for a page: *probe->unsure is set if any row is unsure. */
trawl_status tr_column_probe_rows(const tr_column_probe *probe, const tr_vec *values, uint32_t n,
                                  tr_arena *scratch, uint64_t *bits, trawl_error *err);

/** Codecs within codecs (dictionary codes, lengths): n unsigned integers packed as blocks of 1024
 *  with a base and width each. Appends to out. */
trawl_status tr_put_integers(tr_arena *scratch, const uint64_t *v, uint32_t n, tr_buf *out,
                             trawl_error *err);
/** Read what tr_put_integers wrote, from *at on, moving it; v has room for n rounded up to 1024. */
trawl_status tr_get_integers(const char **at, const char *end, uint32_t n, uint64_t *v,
                             trawl_error *err);

extern const tr_codec tr_codec_constant, tr_codec_plain, tr_codec_packed, tr_codec_delta,
    tr_codec_runs, tr_codec_dictionary, tr_codec_patched, tr_codec_scaled, tr_codec_symbols,
    tr_codec_templates, tr_codec_zstd, tr_codec_bits, tr_codec_shredded, tr_codec_values;

#endif

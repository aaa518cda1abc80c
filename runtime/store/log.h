/* runtime/store/log.h: a file of checksummed records, written in order at its end.
 *
 *   head    64 bytes: magic, checksum, version, number, sequence, ticks, salt, database
 *   record  48 bytes of head (below), the payload, zeros up to a multiple of 8
 * A log holds the changes after one sequence; a manifest is the same kind of file, whose records
 * are a state. docs/format.md has the bytes.
 *
 * What is at the end of a log after a crash: every record says up to which offset the log was
 * synced when it was written. A record that is not whole was never acknowledged if no later record
 * says that the log was synced past it: then it, and what follows it, is a torn end and is dropped.
 * If one says so, the record was durable, and the file is damaged. Checksums cover the file's salt
 * and the offset, so no record can be taken for one that stood elsewhere, even if somebody stores
 * the bytes of a log in a log. Knows nothing of catalogs. */
#ifndef TR_STORE_LOG_H
#define TR_STORE_LOG_H

#include "runtime/base/buf.h"
#include "runtime/base/status.h"
#include "runtime/data/type.h"

#define TR_LOG_MAGIC         "trawllog"
#define TR_MANIFEST_MAGIC    "trawlman"
#define TR_LOG_VERSION       1
#define TR_LOG_HEAD_BYTES    64
#define TR_RECORD_HEAD_BYTES 48
/** A change, with its rows, is at most this large. */
#define TR_RECORD_BYTES_MAX (UINT32_C(1) << 30)

typedef enum tr_record_kind {
    TR_RECORD_CHANGE = 1, /* log: u32 bytes of a dynamic value, the value, zeros to 8, rows */
    TR_RECORD_MARK = 2,   /* log: nothing; proves that all before it is durable */
    TR_RECORD_STATE = 3,  /* manifest: the catalog, a dynamic value */
    TR_RECORD_ROWS = 4,   /* manifest: unsealed rows of a table, laid out as in a change */
    TR_RECORD_KEYS = 5,   /* manifest: client keys, a dynamic value */
    TR_RECORD_END = 6,    /* manifest: nothing; the manifest is whole */
} tr_record_kind;

typedef struct tr_log_head {
    uint64_t number;
    uint64_t sequence; /* of the last change before the file's first */
    int64_t ticks;     /* of that change */
    uint64_t salt;     /* random */
    tr_guid database;
} tr_log_head;

typedef struct tr_record {
    uint64_t offset, end; /* in the file; end: of the padding */
    uint64_t sequence;
    int64_t ticks;
    uint64_t synced;
    tr_record_kind kind;
    const char *payload; /* TR_PAD readable bytes follow */
    uint32_t bytes;
} tr_record;

/** Bytes of a record with this payload, in the file. */
static inline uint64_t tr_record_room(uint64_t payload_bytes) {
    return TR_RECORD_HEAD_BYTES + ((payload_bytes + 7) & ~UINT64_C(7));
}
/** Write the head of a file at out[0 .. TR_LOG_HEAD_BYTES). */
void tr_log_head_put(char *out, const char *magic, const tr_log_head *head);
/** False if it is none: wrong magic or checksum. */
bool tr_log_head_get(const char *bytes, const char *magic, tr_log_head *out, uint32_t *version);
/** Fill the record's head at at[0 .. 48); the payload (record->bytes) follows it there, and room
 *  for the padding, which is zeroed. */
void tr_record_seal(char *at, uint64_t salt, const tr_record *record);

/* ---- reading ---- */

/** Reads records one after the other through a window. One thread. */
typedef struct tr_log_reader {
    int64_t file; /* -1: none */
    const char *path;
    tr_log_head head;
    uint64_t offset;     /* of the next record */
    uint64_t file_bytes; /* when last looked */
    uint64_t proven;     /* largest `synced` seen */
    uint64_t last_offset;
    uint32_t last_check; /* head checksum of the last record read; 0: none */
    tr_arena *arena;     /* of the window; emptied when it grows */
    char *window;
    uint64_t window_start;
    size_t window_bytes, window_room;
} tr_log_reader;

/** Open and check the head. path is kept. *found false (TRAWL_OK): there is no such file. A head
 *  that is not whole is TRAWL_E_DATA. */
trawl_status tr_log_reader_open(const char *path, const char *magic, tr_log_reader *out,
                                bool *found, trawl_error *err);
void tr_log_reader_close(tr_log_reader *reader);
/** Look at the size again, and forget what was read ahead. */
trawl_status tr_log_reader_refresh(tr_log_reader *reader, trawl_error *err);
/** The next record; *found false: none that is whole at `offset`. The payload is valid until the
 *  next call. */
trawl_status tr_log_reader_next(tr_log_reader *reader, tr_record *out, bool *found,
                                trawl_error *err);
/** As next, but only the first `bytes` of the payload are read, and their checksum is not
 *  compared: for a look at what the records are. */
trawl_status tr_log_reader_peek(tr_log_reader *reader, uint32_t bytes, tr_record *out, bool *found,
                                trawl_error *err);
/** Nothing whole is at `offset`: is it a torn end (TRAWL_OK) or damage (TRAWL_E_DATA)? */
trawl_status tr_log_reader_judge(tr_log_reader *reader, trawl_error *err);
/** Is the last record that was read still there? (Not if a writer took it back.) */
bool tr_log_reader_stands(const tr_log_reader *reader);

/* ---- writing ---- */

/** Write all of it at an offset, whatever pieces the system takes. A code of the table of system
 *  calls on failure, 0 on success. */
int64_t tr_write_all(int64_t file, const char *bytes, uint64_t n, uint64_t offset);
/** Read up to n bytes (less only at the end of the file): the count, or a code. */
int64_t tr_read_all(int64_t file, char *into, uint64_t n, uint64_t offset);
int64_t tr_open_again(const char *path, uint32_t flags);

#endif

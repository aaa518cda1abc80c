/* cli/output.h: bytes on their way to standard output or to a file, in large writes.
 *
 * A file is written under a temporary name beside it and renamed by cli_output_commit. After the
 * first failure all puts do nothing; cli_output_flush tells. One thread at a time, except
 * cli_output_forget. Knows nothing of formats. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/base/status.h"
#include <stdatomic.h>

#include "runtime/base/str.h"

enum { CLI_OUTPUT_BYTES = 256 << 10, CLI_PATH_BYTES = 4096 };

typedef struct cli_output {
    size_t used;
    int64_t file;
    bool is_file;      /* else standard output */
    bool failed;       /* nothing more is written */
    bool reader_gone;  /* the reader of the pipe closed it: no error, but an end */
    trawl_error error; /* of the first failure */
    char path[CLI_PATH_BYTES];
    char temporary[CLI_PATH_BYTES];
    /* `temporary` names a file that has to go if the process ends; who takes the flag down owns it.
     */
    _Atomic bool unfinished;
    char bytes[CLI_OUTPUT_BYTES];
} cli_output;

/** path: NULL or "-" for standard output. */
trawl_status cli_output_open(cli_output *out, const char *path, trawl_error *err);
/** Write what is held. The status of the first failure; TRAWL_E_IO when the reader is gone. */
trawl_status cli_output_flush(cli_output *out, trawl_error *err);
/** Flush, close, rename. */
trawl_status cli_output_commit(cli_output *out, trawl_error *err);
/** Close and remove the temporary file. Harmless after commit. */
void cli_output_abandon(cli_output *out);
/** Remove the temporary file now, from any thread: the process is about to end. */
void cli_output_forget(cli_output *out);

/** For cli_room: makes room by writing. */
void cli_output_drain(cli_output *out);
/** n bytes of any length. */
void cli_put_long_bytes(cli_output *out, const char *bytes, size_t n);

/** Where to write up to `n` (at most CLI_OUTPUT_BYTES) bytes; tell with cli_wrote how far. */
static inline char *cli_room(cli_output *out, size_t n) {
    if (CLI_OUTPUT_BYTES - out->used < n)
        cli_output_drain(out);
    return out->bytes + out->used;
}

static inline void cli_wrote(cli_output *out, const char *end) {
    out->used = (size_t)(end - out->bytes);
}

static inline void cli_put(cli_output *out, const char *bytes, size_t n) {
    if (n > CLI_OUTPUT_BYTES - out->used) {
        cli_put_long_bytes(out, bytes, n);
        return;
    }
    memcpy(out->bytes + out->used, bytes, n);
    out->used += n;
}

static inline void cli_put_char(cli_output *out, char c) {
    *cli_room(out, 1) = c;
    out->used++;
}

static inline void cli_put_text(cli_output *out, const char *text) {
    cli_put(out, text, strlen(text));
}

static inline void cli_put_str(cli_output *out, tr_str s) {
    cli_put(out, s.ptr, s.len);
}

/** `count` times the text. */
void cli_put_repeated(cli_output *out, const char *text, uint32_t count);

#endif

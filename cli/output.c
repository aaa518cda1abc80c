/* cli/output.c: buffered writing, temporary file and rename. Knows nothing of formats. */
#include "cli/output.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/os.h"

static const char *shown_path(const cli_output *out) {
    return out->is_file ? out->path : "standard output";
}

static trawl_status make_temporary_name(cli_output *out, const char *path, trawl_error *err) {
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    if (!*name)
        return tr_fail(err, TRAWL_E_USAGE, "--out '%s' names a directory, not a file", path);
    int n = snprintf(out->temporary, sizeof out->temporary, "%.*s.%s.%ld.tmp", (int)(name - path),
                     path, name, (long)getpid());
    if (n < 0 || (size_t)n >= sizeof out->temporary)
        return tr_fail(err, TRAWL_E_USAGE, "--out: the path has more than %d bytes",
                       CLI_PATH_BYTES - 32);
    memcpy(out->path, path, strlen(path) + 1); /* shorter than the temporary name */
    return TRAWL_OK;
}

/* A pipe or a device: written in place, there is nothing to rename. */
static trawl_status open_device(cli_output *out, const char *path, trawl_error *err) {
    if (strlen(path) >= sizeof out->path)
        return tr_fail(err, TRAWL_E_USAGE, "--out: the path is too long");
    int64_t file = tr_os_now()->open(path, TR_OS_WRITE);
    if (file < 0)
        return tr_fail_os(err, file, "open", path);
    memcpy(out->path, path, strlen(path) + 1);
    out->file = file;
    out->is_file = true;
    return TRAWL_OK;
}

trawl_status cli_output_open(cli_output *out, const char *path, trawl_error *err) {
    out->used = 0;
    out->failed = out->reader_gone = out->is_file = false;
    out->error = (trawl_error)TRAWL_ERROR_INIT;
    out->path[0] = out->temporary[0] = '\0';
    out->file = STDOUT_FILENO;
    if (!path || strcmp(path, "-") == 0)
        return TRAWL_OK;
    char target[PATH_MAX]; /* behind links, which stay */
    tr_file_info info;
    const tr_os *os = tr_os_now();
    bool exists = os->info(path, &info) == 0;
    if (exists && info.is_directory)
        return tr_fail(err, TRAWL_E_USAGE, "--out '%s' names a directory, not a file", path);
    if (exists && !info.is_regular)
        return open_device(out, path, err);
    TR_TRY(make_temporary_name(out, exists && realpath(path, target) ? target : path, err));
    int64_t file = os->open(out->temporary, TR_OS_WRITE | TR_OS_CREATE | TR_OS_EXCLUSIVE);
    if (file < 0) {
        out->temporary[0] = '\0';
        return tr_fail_os(err, file, "create", path);
    }
    out->file = file;
    out->is_file = true;
    atomic_store(&out->unfinished, true);
    return TRAWL_OK;
}

static void write_all(cli_output *out, const char *bytes, size_t n) {
    const tr_os *os = tr_os_now();
    while (n && !out->failed) {
        int64_t done = os->write(out->file, bytes, n);
        if (done == -EINTR)
            continue;
        if (done <= 0) {
            out->failed = true;
            out->reader_gone = done == -EPIPE;
            tr_fail_os(&out->error, done, "write", shown_path(out));
            return;
        }
        bytes += done;
        n -= (size_t)done;
    }
}

void cli_output_drain(cli_output *out) {
    size_t n = out->used;
    out->used = 0;
    write_all(out, out->bytes, n);
}

void cli_put_long_bytes(cli_output *out, const char *bytes, size_t n) {
    cli_output_drain(out);
    if (n >= CLI_OUTPUT_BYTES) {
        write_all(out, bytes, n);
        return;
    }
    memcpy(out->bytes, bytes, n);
    out->used = n;
}

void cli_put_repeated(cli_output *out, const char *text, uint32_t count) {
    size_t n = strlen(text);
    for (uint32_t i = 0; i < count; i++)
        cli_put(out, text, n);
}

trawl_status cli_output_flush(cli_output *out, trawl_error *err) {
    cli_output_drain(out);
    if (!out->failed)
        return TRAWL_OK;
    if (err)
        *err = out->error;
    return out->error.status;
}

trawl_status cli_output_commit(cli_output *out, trawl_error *err) {
    TR_TRY(cli_output_flush(out, err));
    if (!out->is_file)
        return TRAWL_OK;
    const tr_os *os = tr_os_now();
    int64_t closed = os->close(out->file);
    out->is_file = false;
    int64_t renamed = closed;
    if (out->temporary[0] && !atomic_exchange(&out->unfinished, false))
        return tr_fail(err, TRAWL_E_CANCELLED, "interrupted");
    if (closed >= 0 && out->temporary[0])
        renamed = os->rename(out->temporary, out->path);
    if (renamed < 0) {
        if (out->temporary[0])
            os->unlink(out->temporary);
        out->temporary[0] = '\0';
        return tr_fail_os(err, renamed, closed < 0 ? "write" : "rename", out->path);
    }
    out->temporary[0] = '\0';
    return TRAWL_OK;
}

void cli_output_abandon(cli_output *out) {
    if (!out->is_file)
        return;
    const tr_os *os = tr_os_now();
    os->close(out->file);
    out->is_file = false;
    if (!out->temporary[0] || !atomic_exchange(&out->unfinished, false))
        return;
    os->unlink(out->temporary);
    out->temporary[0] = '\0';
}

void cli_output_forget(cli_output *out) {
    if (atomic_exchange(&out->unfinished, false))
        tr_os_now()->unlink(out->temporary);
}

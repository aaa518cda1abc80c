/* runtime/func/parse.c: structured texts taken apart: paths, versions, CSV records, command lines;
 * and sizes written for people. URLs are parse_web.c's, XML is parse_xml.c's. */
#include <math.h>

#include "runtime/data/text.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"

/* Puts what a text holds into b; a null is put for one that cannot be read. */
typedef trawl_status (*text_reader)(tr_str text, tr_dyn_builder *b, tr_arena *scratch,
                                    trawl_error *err);

static trawl_status read_rows(tr_call *call, text_reader read, trawl_error *err) {
    tr_vec text;
    TR_TRY(tr_call_text(call, 0, &text, err));
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        TR_TRY(read(tr_text_at(&text, i), b, call->scratch, err));
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static void put_field(tr_dyn_builder *b, const char *key, const char *from, const char *to) {
    tr_dyn_put_key(b, tr_str_c(key));
    tr_dyn_put_string(b, from < to ? tr_str_make(from, (uint32_t)(to - from)) : tr_empty());
}

/* ---- parse_path ---- */

static bool is_slash(char c) {
    return c == '/' || c == '\\';
}

static bool is_letter(char c) {
    return (uint8_t)((c | 0x20) - 'a') < 26;
}

/* Where the last of the characters that `wanted` likes stands in from .. to; NULL: nowhere. */
static const char *last_that(const char *from, const char *to, bool (*wanted)(char)) {
    while (to > from)
        if (wanted(*--to))
            return to;
    return NULL;
}

static bool is_dot(char c) {
    return c == '.';
}

static bool is_colon(char c) {
    return c == ':';
}

static trawl_status read_path(tr_str text, tr_dyn_builder *b, tr_arena *scratch, trawl_error *err) {
    (void)scratch;
    (void)err;
    const char *at = text.ptr;
    const char *end = text.ptr + text.len;
    const char *scheme_end = memmem(at, text.len, "://", 3);
    tr_dyn_open_bag(b);
    put_field(b, "Scheme", at, scheme_end ? scheme_end : at);
    at = scheme_end ? scheme_end + 3 : at;
    const char *drive = at;
    if (end - at > 4 && memcmp(at, "\\\\?\\", 4) == 0)
        drive = at + 4;
    bool rooted = end - drive >= 2 && is_letter(drive[0]) && drive[1] == ':';
    put_field(b, "RootPath", drive, rooted ? drive + 2 : drive);
    const char *slash = last_that(at, end, is_slash);
    const char *name = slash ? slash + 1 : rooted ? drive + 2 : at;
    const char *directory_end = slash ? slash : rooted ? drive + 2 : at;
    const char *parent = last_that(at, directory_end, is_slash);
    put_field(b, "DirectoryPath", at, directory_end);
    put_field(b, "DirectoryName", parent ? parent + 1 : at, directory_end);
    const char *stream = last_that(name, end, is_colon);
    const char *name_end = stream ? stream : end;
    const char *dot = last_that(name, name_end, is_dot);
    put_field(b, "Filename", name, name_end);
    put_field(b, "Extension", dot ? dot + 1 : name_end, name_end);
    put_field(b, "AlternateDataStreamName", stream ? stream + 1 : end, end);
    tr_dyn_close(b);
    return TRAWL_OK;
}

static trawl_status parse_path_eval(tr_call *call, trawl_error *err) {
    return read_rows(call, read_path, err);
}

/* ---- parse_csv ---- */

static trawl_status read_csv(tr_str text, tr_dyn_builder *b, tr_arena *scratch, trawl_error *err) {
    const char *at = text.ptr;
    const char *end = text.ptr + text.len;
    tr_dyn_open_array(b);
    for (bool more = true; more;) {
        tr_buf field;
        tr_buf_start(&field, scratch);
        bool quoted = at < end && *at == '"';
        at += quoted;
        for (; at < end; at++) {
            if (quoted && *at == '"') {
                quoted = at + 1 < end && at[1] == '"';
                if (!quoted)
                    continue;
                at++;
            } else if (!quoted && (*at == ',' || *at == '\n' || *at == '\r')) {
                break;
            }
            tr_buf_put_char(&field, *at);
        }
        if (field.failed)
            return tr_fail_memory(err);
        tr_dyn_put_string(b, tr_buf_cell(&field));
        more = at < end && *at == ',';
        at += more;
    }
    tr_dyn_close(b);
    return TRAWL_OK;
}

static trawl_status parse_csv_eval(tr_call *call, trawl_error *err) {
    return read_rows(call, read_csv, err);
}

/* ---- parse_command_line ---- */

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* One argument by the rules of CommandLineToArgvW; returns where it ends. */
static const char *read_argument(const char *at, const char *end, tr_buf *out) {
    bool quoted = false;
    while (at < end && (quoted || !is_blank(*at))) {
        size_t slashes = 0;
        for (; at < end && *at == '\\'; at++)
            slashes++;
        if (at == end || *at != '"') {
            for (size_t k = 0; k < slashes; k++)
                tr_buf_put_char(out, '\\');
            if (at < end && (quoted || !is_blank(*at)))
                tr_buf_put_char(out, *at++);
            continue;
        }
        for (size_t k = 0; k < slashes / 2; k++)
            tr_buf_put_char(out, '\\');
        at++;
        if (slashes % 2) {
            tr_buf_put_char(out, '"');
        } else if (quoted && at < end && *at == '"') {
            tr_buf_put_char(out, '"'); /* "" in quotes is one */
            at++;
        } else {
            quoted = !quoted;
        }
    }
    return at;
}

static trawl_status read_command(tr_str text, tr_dyn_builder *b, tr_arena *scratch,
                                 trawl_error *err) {
    const char *at = text.ptr;
    const char *end = text.ptr + text.len;
    tr_dyn_open_array(b);
    for (;;) {
        while (at < end && is_blank(*at))
            at++;
        if (at == end)
            break;
        tr_buf argument;
        tr_buf_start(&argument, scratch);
        at = read_argument(at, end, &argument);
        if (argument.failed)
            return tr_fail_memory(err);
        tr_dyn_put_string(b, tr_buf_cell(&argument));
    }
    tr_dyn_close(b);
    return TRAWL_OK;
}

static trawl_status prepare_command(const tr_prepare *p, const void **bound, trawl_error *err) {
    *bound = NULL;
    const tr_value *kind = p->consts[1];
    if (kind && kind->type == TR_STRING &&
        !tr_str_equal_nocase_ascii(kind->as.str, tr_str_c("windows")))
        return tr_fail(err, TRAWL_E_SEMANTIC,
                       "parse_command_line: the only parser there is is \"windows\"");
    return TRAWL_OK;
}

static trawl_status parse_command_line_eval(tr_call *call, trawl_error *err) {
    return read_rows(call, read_command, err);
}

/* ---- parse_version ---- */

enum { VERSION_PARTS = 4, PART_DIGITS = 8 };

/* Each part fills eight digits; parts that are missing are zero. */
static bool read_version(tr_str text, tr_decimal *out) {
    char digits[VERSION_PARTS * PART_DIGITS + TR_PAD];
    memset(digits, '0', VERSION_PARTS * PART_DIGITS);
    uint32_t at = 0;
    for (uint32_t part = 0;; part++) {
        uint32_t start = at;
        while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9')
            at++;
        uint32_t n = at - start;
        if (!n || n > PART_DIGITS || part == VERSION_PARTS)
            return false;
        memcpy(digits + (part + 1) * PART_DIGITS - n, text.ptr + start, n);
        if (at == text.len)
            break;
        if (text.ptr[at++] != '.')
            return false;
    }
    return tr_parse_decimal(digits, VERSION_PARTS * PART_DIGITS, out);
}

static trawl_status parse_version_eval(tr_call *call, trawl_error *err) {
    tr_decimal *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        if (!read_version(tr_text_at(&call->args[0], i), &out[i]))
            TR_TRY(tr_call_null(call, i, err));
    return TRAWL_OK;
}

/* ---- format_bytes ---- */

static const char *const units[] = {"Bytes", "KB", "MB", "GB", "TB", "PB", "EB"};
enum { UNITS = sizeof units / sizeof *units };

/* Index of a unit, UNITS for the one that fits best, -1 for no unit. */
static int32_t unit_of(tr_str name) {
    if (!name.len)
        return UNITS;
    for (int32_t k = 0; k < UNITS; k++)
        if (tr_str_equal_nocase_ascii(name, tr_str_c(units[k])))
            return k;
    return -1;
}

static void put_size(tr_buf *buf, double size, int64_t precision, int32_t unit) {
    if (unit == UNITS)
        for (unit = 0; unit + 1 < UNITS && fabs(size) >= 1024 * exp2(10 * unit);)
            unit++;
    size_t start = buf->n;
    int digits = precision < 0 ? 0 : precision > 17 ? 17 : (int)precision;
    tr_buf_printf(buf, "%.*f", digits, size / exp2(10 * unit));
    if (!buf->failed && memchr(buf->bytes + start, '.', buf->n - start)) {
        while (buf->bytes[buf->n - 1] == '0')
            buf->n--;
        buf->n -= buf->bytes[buf->n - 1] == '.';
    }
    tr_buf_put_char(buf, ' ');
    tr_buf_put_text(buf, units[unit]);
}

static trawl_status format_bytes_eval(tr_call *call, trawl_error *err) {
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        double size = tr_vec_f64(&call->args[0])[tr_row(&call->args[0], i)];
        int32_t unit = unit_of(call->argc > 2 ? tr_text_at(&call->args[2], i) : tr_empty());
        if (tr_arg_valid(call, 0, i) && isfinite(size) && unit >= 0)
            put_size(&rows.buf, size, tr_long_at(call, 1, i, 0), unit);
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

const tr_func tr_funcs_parse[] = {
    {.name = "parse_path",
     .args = "s",
     .result = 'y',
     .eval = parse_path_eval,
     .summary = "The parts of a file path.",
     .example = "print parts = parse_path(@\"C:\\temp\\file.txt\")"},
    {.name = "parse_csv",
     .args = "s",
     .result = 'y',
     .eval = parse_csv_eval,
     .summary = "The fields of one CSV record, as an array.",
     .example = "print fields = parse_csv('aa,\"b,b,b\",cc')"},
    {.name = "parse_command_line",
     .args = "xs",
     .result = 'y',
     .eval = parse_command_line_eval,
     .prepare = prepare_command,
     .summary = "The arguments of a Windows command line.",
     .example = "print args = parse_command_line('echo \"hello world!\"', \"windows\")"},
    {.name = "parse_version",
     .args = "s",
     .result = 'm',
     .eval = parse_version_eval,
     .summary = "A version of up to four parts as a number that can be compared.",
     .example = "print newer = parse_version(\"1.10\") > parse_version(\"1.9\")"},
    {.name = "format_bytes",
     .args = "rl?s?",
     .result = 's',
     .eval = format_bytes_eval,
     .summary = "A number of bytes written for people.",
     .example = "print size = format_bytes(20010332, 2)"},
    {.name = NULL},
};

/* runtime/func/encode.c: texts as other texts and back: base64, URL escapes, compression. Punycode
 * and code points are in unicode_text.c. */
#include "runtime/func/encode.h"

#include <zlib.h>

#include "kernels/kernels.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool tr_base64_put(tr_buf *out, const void *bytes, size_t n) {
    const uint8_t *in = bytes;
    char *to = tr_buf_need(out, (n + 2) / 3 * 4);
    if (!to)
        return false;
    char *at = to;
    for (size_t i = 0; i < n; i += 3) {
        uint32_t group = (uint32_t)in[i] << 16;
        group |= i + 1 < n ? (uint32_t)in[i + 1] << 8 : 0;
        group |= i + 2 < n ? in[i + 2] : 0;
        *at++ = base64_digits[group >> 18];
        *at++ = base64_digits[group >> 12 & 63];
        *at++ = i + 1 < n ? base64_digits[group >> 6 & 63] : '=';
        *at++ = i + 2 < n ? base64_digits[group & 63] : '=';
    }
    out->n += (size_t)(at - to);
    return true;
}

static int32_t base64_value(char c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool tr_base64_read(tr_buf *out, tr_str text, bool *ok) {
    uint32_t n = text.len;
    while (n && text.len - n < 2 && text.ptr[n - 1] == '=')
        n--;
    char *to = tr_buf_need(out, (size_t)n / 4 * 3 + 3);
    if (!to)
        return false;
    *ok = n % 4 != 1 && text.len % 4 == 0;
    uint32_t group = 0;
    size_t made = 0;
    for (uint32_t i = 0; *ok && i < n; i++) {
        int32_t v = base64_value(text.ptr[i]);
        *ok = v >= 0;
        group = group << 6 | (uint32_t)(v & 63);
        if (i % 4)
            to[made++] = (char)(group >> (6 - i % 4 * 2));
    }
    if (*ok)
        out->n += made;
    return true;
}

static bool is_unreserved(uint8_t c) {
    return (uint8_t)(c - '0') < 10 || (uint8_t)((c | 0x20) - 'a') < 26 ||
           (c && strchr("-_.!*()", c) != NULL);
}

bool tr_url_encode(tr_buf *out, tr_str text, const char *blank) {
    for (uint32_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];
        if (c == ' ') {
            tr_buf_put_text(out, blank);
        } else if (is_unreserved(c)) {
            tr_buf_put_char(out, (char)c);
        } else {
            tr_buf_put_char(out, '%');
            tr_buf_put_char(out, "0123456789abcdef"[c >> 4]);
            tr_buf_put_char(out, "0123456789abcdef"[c & 15]);
        }
    }
    return !out->failed;
}

static int32_t hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool tr_url_decode(tr_buf *out, tr_str text, bool plus) {
    char *to = tr_buf_need(out, text.len);
    if (!to)
        return false;
    char *at = to;
    for (uint32_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '+' && plus)
            c = ' ';
        if (c == '%' && i + 2 < text.len && hex_value(text.ptr[i + 1]) >= 0 &&
            hex_value(text.ptr[i + 2]) >= 0) {
            c = (char)(hex_value(text.ptr[i + 1]) << 4 | hex_value(text.ptr[i + 2]));
            i += 2;
        }
        *at++ = c;
    }
    out->n += (size_t)(at - to);
    return true;
}

/* ---- functions of one text each ---- */

/* Appends what becomes of a text; *ok stays true unless there is no answer (""). */
typedef bool (*text_change)(tr_buf *out, tr_str text, bool *ok);

static trawl_status change_rows(tr_call *call, text_change change, trawl_error *err) {
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        size_t start = rows.buf.n;
        bool ok = true;
        if (!change(&rows.buf, tr_text_at(&call->args[0], i), &ok))
            return tr_fail_memory(err);
        if (!ok)
            rows.buf.n = start;
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

static bool to_base64(tr_buf *out, tr_str text, bool *ok) {
    (void)ok;
    return tr_base64_put(out, text.ptr, text.len);
}

static bool is_valid_utf8(const char *text, size_t n) {
    return tr_kernels_now()->utf8.valid(text, n) == n;
}

static bool from_base64(tr_buf *out, tr_str text, bool *ok) {
    size_t start = out->n;
    if (!tr_base64_read(out, text, ok))
        return false;
    *ok = *ok && (out->n == start || is_valid_utf8(out->bytes + start, out->n - start));
    return true;
}

static bool to_url(tr_buf *out, tr_str text, bool *ok) {
    (void)ok;
    return tr_url_encode(out, text, "+");
}

static bool to_url_component(tr_buf *out, tr_str text, bool *ok) {
    (void)ok;
    return tr_url_encode(out, text, "%20");
}

static bool from_url(tr_buf *out, tr_str text, bool *ok) {
    (void)ok;
    return tr_url_decode(out, text, true);
}

/* Window bits of zlib: 15 gives its own frame, 31 gzip's. */
enum { ZLIB_FRAME = 15, GZIP_FRAME = 31 };

/* zlib's memory comes from the scratch arena, which forgets it with the batch. */
static voidpf zlib_alloc(voidpf arena, uInt count, uInt bytes) {
    return tr_arena_alloc(arena, (size_t)count * bytes, 16);
}

static void zlib_free(voidpf arena, voidpf memory) {
    (void)arena;
    (void)memory;
}

static z_stream new_stream(tr_arena *arena) {
    return (z_stream){.zalloc = zlib_alloc, .zfree = zlib_free, .opaque = arena};
}

/* A text of `frame`, compressed, as base64. */
static bool compress_text(tr_buf *out, tr_str text, int frame, bool *ok) {
    tr_buf packed;
    tr_buf_start(&packed, out->arena);
    z_stream z = new_stream(out->arena);
    *ok = deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, frame, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    if (!*ok)
        return true;
    size_t room = deflateBound(&z, text.len);
    char *to = tr_buf_need(&packed, room);
    if (to) {
        z.next_in = (Bytef *)(uintptr_t)text.ptr;
        z.avail_in = text.len;
        z.next_out = (Bytef *)to;
        z.avail_out = (uInt)room;
        *ok = deflate(&z, Z_FINISH) == Z_STREAM_END;
        packed.n = z.total_out;
    }
    deflateEnd(&z);
    return to && (!*ok || tr_base64_put(out, packed.bytes, packed.n));
}

static bool expand_text(tr_buf *out, tr_str text, int frame, bool *ok) {
    enum { STEP = 1 << 16 };
    size_t start = out->n;
    tr_buf packed;
    tr_buf_start(&packed, out->arena);
    if (!tr_base64_read(&packed, text, ok))
        return false;
    z_stream z = new_stream(out->arena);
    *ok = *ok && packed.n && inflateInit2(&z, frame) == Z_OK;
    if (!*ok)
        return true;
    z.next_in = (Bytef *)packed.bytes;
    z.avail_in = (uInt)packed.n;
    int status = Z_OK;
    while (status == Z_OK && out->n - start <= TR_CELL_BYTES_MAX) {
        char *to = tr_buf_need(out, STEP);
        if (!to)
            break;
        z.next_out = (Bytef *)to;
        z.avail_out = STEP;
        status = inflate(&z, Z_NO_FLUSH);
        out->n += STEP - z.avail_out;
        if (status == Z_BUF_ERROR || (status == Z_OK && z.avail_out))
            break; /* cut off */
    }
    inflateEnd(&z);
    *ok = status == Z_STREAM_END && is_valid_utf8(out->bytes + start, out->n - start);
    return !out->failed;
}

static bool to_gzip(tr_buf *out, tr_str text, bool *ok) {
    return compress_text(out, text, GZIP_FRAME, ok);
}

static bool from_gzip(tr_buf *out, tr_str text, bool *ok) {
    return expand_text(out, text, GZIP_FRAME, ok);
}

static bool to_zlib(tr_buf *out, tr_str text, bool *ok) {
    return compress_text(out, text, ZLIB_FRAME, ok);
}

static bool from_zlib(tr_buf *out, tr_str text, bool *ok) {
    return expand_text(out, text, ZLIB_FRAME, ok);
}

static trawl_status base64_encode_eval(tr_call *call, trawl_error *err) {
    return change_rows(call, to_base64, err);
}

static trawl_status base64_decode_eval(tr_call *call, trawl_error *err) {
    return change_rows(call, from_base64, err);
}

static trawl_status url_encode_eval(tr_call *call, trawl_error *err) {
    return change_rows(call, to_url, err);
}

static trawl_status url_encode_component_eval(tr_call *call, trawl_error *err) {
    return change_rows(call, to_url_component, err);
}

static trawl_status url_decode_eval(tr_call *call, trawl_error *err) {
    return change_rows(call, from_url, err);
}

static trawl_status to_gzip_eval(tr_call *call, trawl_error *err) {
    return change_rows(call, to_gzip, err);
}

static trawl_status from_gzip_eval(tr_call *call, trawl_error *err) {
    return change_rows(call, from_gzip, err);
}

static trawl_status to_zlib_eval(tr_call *call, trawl_error *err) {
    return change_rows(call, to_zlib, err);
}

static trawl_status from_zlib_eval(tr_call *call, trawl_error *err) {
    return change_rows(call, from_zlib, err);
}

/* ---- base64 of other things ---- */

/* .NET keeps the first three fields of a guid little end first. */
static const uint8_t guid_order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

static trawl_status base64_from_guid_eval(tr_call *call, trawl_error *err) {
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        tr_value v = tr_vec_value(&call->args[0], i);
        uint8_t bytes[16];
        for (uint32_t k = 0; k < 16; k++)
            bytes[k] = v.as.guid.bytes[guid_order[k]];
        if (!v.is_null)
            tr_base64_put(&rows.buf, bytes, 16);
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

static trawl_status base64_to_guid_eval(tr_call *call, trawl_error *err) {
    tr_guid *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        tr_buf bytes;
        bool ok;
        tr_buf_start(&bytes, call->scratch);
        if (!tr_base64_read(&bytes, tr_text_at(&call->args[0], i), &ok))
            return tr_fail_memory(err);
        if (!ok || bytes.n != 16) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        for (uint32_t k = 0; k < 16; k++)
            out[i].bytes[guid_order[k]] = (uint8_t)bytes.bytes[k];
    }
    return TRAWL_OK;
}

static trawl_status base64_to_array_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_buf bytes;
        bool ok;
        tr_buf_start(&bytes, call->scratch);
        if (!tr_base64_read(&bytes, tr_text_at(&call->args[0], i), &ok))
            return tr_fail_memory(err);
        if (!ok) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_dyn_open_array(b);
        for (size_t k = 0; k < bytes.n; k++)
            tr_dyn_put_long(b, (uint8_t)bytes.bytes[k]);
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

/* Elements as bytes; false if one of them is none. */
static bool read_bytes(tr_str array, tr_buf *out) {
    for (uint32_t k = 0; k < tr_dyn_count(array); k++) {
        tr_value v = tr_dyn_value(tr_dyn_at(array, k));
        if (v.type != TR_LONG || v.is_null || v.as.i64 < 0 || v.as.i64 > 255)
            return false;
        tr_buf_put_char(out, (char)v.as.i64);
    }
    return true;
}

static trawl_status base64_from_array_eval(tr_call *call, trawl_error *err) {
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str array = tr_text_at(&call->args[0], i);
        tr_buf bytes;
        tr_buf_start(&bytes, call->scratch);
        if (tr_arg_valid(call, 0, i) && tr_dyn_kind_of(array) == TR_DYN_ARRAY &&
            read_bytes(array, &bytes) && bytes.n)
            tr_base64_put(&rows.buf, bytes.bytes, bytes.n);
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

const tr_func tr_funcs_encode[] = {
    {.name = "base64_encode_tostring",
     .args = "s",
     .result = 's',
     .eval = base64_encode_eval,
     .summary = "A string as base64.",
     .example = "print b = base64_encode_tostring(\"Kusto\")"},
    {.name = "base64_encodestring",
     .args = "s",
     .result = 's',
     .flags = TR_FUNC_HIDDEN,
     .eval = base64_encode_eval,
     .summary = "A string as base64."},
    {.name = "base64_decode_tostring",
     .args = "s",
     .result = 's',
     .eval = base64_decode_eval,
     .summary = "The string that a base64 text stands for; empty if it is none.",
     .example = "print s = base64_decode_tostring(\"S3VzdG8=\")"},
    {.name = "base64_decodestring",
     .args = "s",
     .result = 's',
     .flags = TR_FUNC_HIDDEN,
     .eval = base64_decode_eval,
     .summary = "The string that a base64 text stands for."},
    {.name = "base64_decode_toarray",
     .args = "s",
     .result = 'y',
     .eval = base64_to_array_eval,
     .summary = "The bytes that a base64 text stands for, as an array.",
     .example = "print b = base64_decode_toarray(\"S3VzdG8=\")"},
    {.name = "base64_encode_fromarray",
     .args = "y",
     .result = 's',
     .eval = base64_from_array_eval,
     .summary = "An array of bytes as base64.",
     .example = "print b = base64_encode_fromarray(dynamic([75,117,115,116,111]))"},
    {.name = "base64_decode_toguid",
     .args = "s",
     .result = 'g',
     .eval = base64_to_guid_eval,
     .summary = "The guid that a base64 text stands for.",
     .example = "print g = base64_decode_toguid(\"JpbpECu8dUy7Pv5gbeJXAA==\")"},
    {.name = "base64_encode_fromguid",
     .args = "g",
     .result = 's',
     .eval = base64_from_guid_eval,
     .summary = "A guid as base64.",
     .example = "print b = base64_encode_fromguid(toguid('ae3133f2-6e22-49ae-b06a-16e6a9b212eb'))"},
    {.name = "url_encode",
     .args = "s",
     .result = 's',
     .eval = url_encode_eval,
     .summary = "Escapes a text for use in a URL; a blank becomes +.",
     .example = "print u = url_encode(\"https://www.bing.com/hello world\")"},
    {.name = "url_encode_component",
     .args = "s",
     .result = 's',
     .eval = url_encode_component_eval,
     .summary = "Escapes a text for use in a URL; a blank becomes %20.",
     .example = "print u = url_encode_component(\"https://www.bing.com/hello world\")"},
    {.name = "url_decode",
     .args = "s",
     .result = 's',
     .eval = url_decode_eval,
     .summary = "The text that a URL-escaped text stands for.",
     .example = "print u = url_decode(\"https%3a%2f%2fwww.bing.com%2f\")"},
    {.name = "gzip_compress_to_base64_string",
     .args = "s",
     .result = 's',
     .flags = TR_FUNC_COSTLY,
     .eval = to_gzip_eval,
     .summary = "A string compressed by gzip, as base64.",
     .example = "print z = gzip_compress_to_base64_string(\"1234567890qwertyuiop\")"},
    {.name = "gzip_decompress_from_base64_string",
     .args = "s",
     .result = 's',
     .flags = TR_FUNC_COSTLY,
     .eval = from_gzip_eval,
     .summary = "The string that gzip and base64 made a text of.",
     .example = "print s = gzip_decompress_from_base64_string("
                "gzip_compress_to_base64_string(\"abc\"))"},
    {.name = "zlib_compress_to_base64_string",
     .args = "s",
     .result = 's',
     .flags = TR_FUNC_COSTLY,
     .eval = to_zlib_eval,
     .summary = "A string compressed by zlib, as base64.",
     .example = "print z = zlib_compress_to_base64_string(\"1234567890qwertyuiop\")"},
    {.name = "zlib_decompress_from_base64_string",
     .args = "s",
     .result = 's',
     .flags = TR_FUNC_COSTLY,
     .eval = from_zlib_eval,
     .summary = "The string that zlib and base64 made a text of.",
     .example = "print s = zlib_decompress_from_base64_string("
                "zlib_compress_to_base64_string(\"abc\"))"},
    {.name = NULL},
};

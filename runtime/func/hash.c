/* runtime/func/hash.c: hash functions of the language. hash() is xxHash64 with seed 0: of the bytes
 * of a string, of the eight bytes of a long, datetime, timespan or real. Must not know digests. */
#include "runtime/func/cells.h"
#include "runtime/func/checksum.h"
#include "runtime/func/domains.h"

static uint64_t hash_int64(int64_t v) {
    uint8_t bytes[8];
    for (uint32_t k = 0; k < 8; k++)
        bytes[k] = (uint8_t)((uint64_t)v >> 8 * k);
    return tr_checksum_xxh64(bytes, 8, 0);
}

/* Guids are hashed as .NET lays them out: the first three fields little end first. */
static uint64_t hash_guid(tr_guid guid) {
    static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    uint8_t bytes[16];
    for (uint32_t k = 0; k < 16; k++)
        bytes[k] = guid.bytes[order[k]];
    return tr_checksum_xxh64(bytes, 16, 0);
}

static trawl_status hash_value(const tr_value *v, tr_arena *scratch, uint64_t *out,
                               trawl_error *err) {
    int64_t bits;
    switch (v->type) {
    case TR_STRING: *out = tr_checksum_xxh64(v->as.str.ptr, v->as.str.len, 0); return TRAWL_OK;
    case TR_GUID: *out = hash_guid(v->as.guid); return TRAWL_OK;
    case TR_BOOL: *out = hash_int64(v->as.boolean); return TRAWL_OK;
    case TR_REAL:
        memcpy(&bits, &v->as.real, 8);
        *out = hash_int64(bits);
        return TRAWL_OK;
    case TR_DECIMAL:
    case TR_DYNAMIC: {
        tr_buf buf;
        tr_buf_start(&buf, scratch);
        if (!tr_put_value_text(&buf, v))
            return tr_fail_memory(err);
        tr_str text = tr_buf_cell(&buf);
        *out = tr_checksum_xxh64(text.ptr, text.len, 0);
        return TRAWL_OK;
    }
    default: *out = hash_int64(v->as.i64); return TRAWL_OK;
    }
}

static trawl_status hash_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        tr_value v = tr_vec_value(&call->args[0], i);
        uint64_t hash = 0;
        if (!v.is_null)
            TR_TRY(hash_value(&v, call->scratch, &hash, err));
        int64_t mod = tr_long_at(call, 1, i, 0);
        if (call->argc > 1 && mod <= 0)
            TR_TRY(tr_call_null(call, i, err));
        tr_out_i64(call)[i] = mod > 0 ? (int64_t)(hash % (uint64_t)mod) : (int64_t)hash;
    }
    return TRAWL_OK;
}

/* The hashes so far and one more. */
static uint64_t combine(uint64_t so_far, uint64_t hash) {
    return so_far ^ (hash + 0x9e3779b97f4a7c15ull + (so_far << 6) + (so_far >> 2));
}

static trawl_status combine_rows(tr_call *call, bool hashed, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        uint64_t all = 0;
        for (uint32_t a = 0; a < call->argc; a++) {
            tr_value v = tr_vec_value(&call->args[a], i);
            uint64_t hash = 0;
            if (hashed)
                hash = (uint64_t)v.as.i64;
            else if (!v.is_null)
                TR_TRY(hash_value(&v, call->scratch, &hash, err));
            all = a ? combine(all, hash) : hash;
        }
        tr_out_i64(call)[i] = (int64_t)all;
    }
    return TRAWL_OK;
}

static trawl_status hash_combine_eval(tr_call *call, trawl_error *err) {
    return combine_rows(call, true, err);
}

static trawl_status hash_many_eval(tr_call *call, trawl_error *err) {
    return combine_rows(call, false, err);
}

typedef void (*digest_fn)(const void *bytes, size_t n, uint8_t *out);

/* Digests take values as text. */
static trawl_status digest_rows(tr_call *call, digest_fn digest, uint32_t bytes, trawl_error *err) {
    tr_vec text;
    TR_TRY(tr_call_text(call, 0, &text, err));
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        uint8_t sum[32];
        tr_str s = tr_text_at(&text, i);
        digest(s.ptr, s.len, sum);
        for (uint32_t k = 0; k < bytes; k++) {
            tr_buf_put_char(&rows.buf, "0123456789abcdef"[sum[k] >> 4]);
            tr_buf_put_char(&rows.buf, "0123456789abcdef"[sum[k] & 15]);
        }
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

static trawl_status hash_md5_eval(tr_call *call, trawl_error *err) {
    return digest_rows(call, tr_checksum_md5, 16, err);
}

static trawl_status hash_sha1_eval(tr_call *call, trawl_error *err) {
    return digest_rows(call, tr_checksum_sha1, 20, err);
}

static trawl_status hash_sha256_eval(tr_call *call, trawl_error *err) {
    return digest_rows(call, tr_checksum_sha256, 32, err);
}

#define HASH_SUMMARY "The xxHash64 of a value, or its remainder when divided by mod."

const tr_func tr_funcs_hash[] = {
    {.name = "hash",
     .args = "xl?",
     .result = 'l',
     .eval = hash_eval,
     .summary = HASH_SUMMARY,
     .example = "print result = hash(\"World\"), with_mod = hash(\"World\", 100)"},
    {.name = "hash_xxhash64",
     .args = "xl?",
     .result = 'l',
     .eval = hash_eval,
     .summary = HASH_SUMMARY,
     .example = "print result = hash_xxhash64(\"World\")"},
    {.name = "hash_combine",
     .args = "lll*",
     .result = 'l',
     .eval = hash_combine_eval,
     .summary = "One hash out of several.",
     .example = "print result = hash_combine(hash(\"Hello\"), hash(\"World\"))"},
    {.name = "hash_many",
     .args = "xx*",
     .result = 'l',
     .flags = TR_FUNC_NULLS,
     .eval = hash_many_eval,
     .summary = "One hash of several values.",
     .example = "print result = hash_many(\"Hello\", \"World\")"},
    {.name = "hash_md5",
     .args = "x",
     .result = 's',
     .eval = hash_md5_eval,
     .summary = "The MD5 of a value's text, in hexadecimal.",
     .example = "print h = hash_md5(\"World\")"},
    {.name = "hash_sha1",
     .args = "x",
     .result = 's',
     .eval = hash_sha1_eval,
     .summary = "The SHA-1 of a value's text, in hexadecimal.",
     .example = "print h = hash_sha1(\"World\")"},
    {.name = "hash_sha256",
     .args = "x",
     .result = 's',
     .eval = hash_sha256_eval,
     .summary = "The SHA-256 of a value's text, in hexadecimal.",
     .example = "print h = hash_sha256(\"World\")"},
    {.name = NULL},
};

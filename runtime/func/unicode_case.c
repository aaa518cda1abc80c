/* runtime/func/unicode_case.c: case and terms beyond ASCII. Must not know columns. */
#include "runtime/func/unicode_case.h"

#include "kernels/kernels.h"
#include "runtime/regex/unicode.h"

static uint32_t map_case(const tr_case_run *runs, uint32_t count, uint32_t point) {
    uint32_t lo = 0;
    uint32_t hi = count;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (runs[mid].last < point)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == count || point < runs[lo].first || (point - runs[lo].first) % runs[lo].step != 0)
        return point;
    return (uint32_t)((int64_t)point + runs[lo].delta);
}

uint32_t tr_unicode_lower(uint32_t point) {
    if (point < 0x80)
        return point >= 'A' && point <= 'Z' ? point + 32 : point;
    return map_case(tr_case_lower, tr_case_lower_count, point);
}

uint32_t tr_unicode_upper(uint32_t point) {
    if (point < 0x80)
        return point >= 'a' && point <= 'z' ? point - 32 : point;
    return map_case(tr_case_upper, tr_case_upper_count, point);
}

static uint32_t fold_point(uint32_t point) {
    return tr_unicode_lower(tr_unicode_upper(point));
}

bool tr_text_is_ascii(tr_str text) {
    return tr_kernels_now()->utf8.is_ascii(text.ptr, text.len);
}

static bool put_mapped(tr_buf *buf, tr_str text, uint32_t (*map)(uint32_t)) {
    /* No simple mapping makes two bytes into more than three. */
    char *out = tr_buf_need(buf, (size_t)text.len * 2 + 4);
    if (!out)
        return false;
    size_t n = 0;
    for (size_t i = 0; i < text.len;) {
        uint32_t point;
        uint32_t bytes = tr_utf8_read(text.ptr, text.len, i, &point);
        if (!bytes) {
            out[n++] = text.ptr[i++];
            continue;
        }
        uint8_t code[4];
        uint32_t wrote = tr_utf8_write(map(point), code);
        memcpy(out + n, code, wrote);
        n += wrote;
        i += bytes;
    }
    buf->n += n;
    return true;
}

bool tr_put_lower(tr_buf *buf, tr_str text) {
    if (!tr_text_is_ascii(text))
        return put_mapped(buf, text, tr_unicode_lower);
    char *out = tr_buf_need(buf, text.len);
    if (!out)
        return false;
    tr_kernels_now()->utf8.lower(text.ptr, text.len, out);
    buf->n += text.len;
    return true;
}

bool tr_put_upper(tr_buf *buf, tr_str text) {
    if (!tr_text_is_ascii(text))
        return put_mapped(buf, text, tr_unicode_upper);
    char *out = tr_buf_need(buf, text.len);
    if (!out)
        return false;
    tr_kernels_now()->utf8.upper(text.ptr, text.len, out);
    buf->n += text.len;
    return true;
}

bool tr_put_folded(tr_buf *buf, tr_str text) {
    if (tr_text_is_ascii(text))
        return tr_put_lower(buf, text);
    return put_mapped(buf, text, fold_point);
}

bool tr_text_equal_nocase(tr_str a, tr_str b) {
    size_t i = 0;
    size_t j = 0;
    while (i < a.len && j < b.len) {
        uint32_t p;
        uint32_t q;
        uint32_t p_bytes = tr_utf8_read(a.ptr, a.len, i, &p);
        uint32_t q_bytes = tr_utf8_read(b.ptr, b.len, j, &q);
        if (!p_bytes || !q_bytes) {
            if (p_bytes != q_bytes || a.ptr[i] != b.ptr[j])
                return false;
            i++;
            j++;
            continue;
        }
        if (p != q && fold_point(p) != fold_point(q))
            return false;
        i += p_bytes;
        j += q_bytes;
    }
    return i == a.len && j == b.len;
}

/* The underscore separates terms, though it is a word character. */
static bool is_term(uint32_t point) {
    return point != '_' && tr_unicode_is_word(point);
}

bool tr_term_before(tr_str text, uint32_t at) {
    uint32_t point;
    return at && tr_utf8_read_back(text.ptr, 0, at, &point) && is_term(point);
}

bool tr_term_from(tr_str text, uint32_t at) {
    uint32_t point;
    return at < text.len && tr_utf8_read(text.ptr, text.len, at, &point) && is_term(point);
}

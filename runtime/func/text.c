/* runtime/func/text.c: strings put together, cut and measured: strcat, strlen, substring, tolower,
 * split, reverse and the like. Must not know regular expressions (text_regex.c). */
#include "kernels/kernels.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"
#include "runtime/func/match.h"
#include "runtime/func/unicode_case.h"
#include "runtime/regex/unicode.h"

/* Strings of one call, one vector an argument. */
static trawl_status all_texts(tr_call *call, uint32_t from, tr_vec **out, trawl_error *err) {
    tr_vec *texts = TR_NEW_N(call->scratch, tr_vec, call->argc);
    if (!texts)
        return tr_fail_memory(err);
    for (uint32_t k = from; k < call->argc; k++)
        TR_TRY(tr_call_text(call, k, &texts[k], err));
    *out = texts;
    return TRAWL_OK;
}

/* Arguments from `first` on, with `delimiter` (may be NULL) between them. */
static trawl_status concat(tr_call *call, uint32_t first, const tr_vec *delimiter,
                           const tr_vec *texts, trawl_error *err) {
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str between = delimiter ? tr_text_at(delimiter, i) : tr_empty();
        for (uint32_t k = first; k < call->argc; k++) {
            if (k > first && between.len)
                tr_buf_put_str(&rows.buf, between);
            tr_str piece = tr_text_at(&texts[k], i);
            if (piece.len)
                tr_buf_put_str(&rows.buf, piece);
        }
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

static trawl_status strcat_eval(tr_call *call, trawl_error *err) {
    tr_vec *texts;
    TR_TRY(all_texts(call, 0, &texts, err));
    return concat(call, 0, NULL, texts, err);
}

static trawl_status strcat_delim_eval(tr_call *call, trawl_error *err) {
    tr_vec *texts;
    TR_TRY(all_texts(call, 0, &texts, err));
    return concat(call, 1, &texts[0], texts, err);
}

/* Kusto repeats at most this often, whatever is asked for. */
enum { STRREP_MAX = 1024 };

static trawl_status strrep_eval(tr_call *call, trawl_error *err) {
    tr_vec text;
    tr_vec delimiter = {.type = TR_STRING};
    TR_TRY(tr_call_text(call, 0, &text, err));
    if (call->argc > 2)
        TR_TRY(tr_call_text(call, 2, &delimiter, err));
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        int64_t times = tr_long_at(call, 1, i, 0);
        times = times > STRREP_MAX ? STRREP_MAX : times;
        for (int64_t k = 0; k < times; k++) {
            if (k && call->argc > 2)
                tr_buf_put_str(&rows.buf, tr_text_at(&delimiter, i));
            tr_buf_put_str(&rows.buf, tr_text_at(&text, i));
        }
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

static trawl_status strlen_eval(tr_call *call, trawl_error *err) {
    (void)err;
    const tr_vec *v = &call->args[0];
    tr_kernels_now()->utf8.rows_count(v->data, v->is_const ? 1 : call->n, tr_out_i64(call));
    for (uint32_t i = 1; v->is_const && i < call->n; i++)
        tr_out_i64(call)[i] = tr_out_i64(call)[0];
    return TRAWL_OK;
}

static trawl_status string_size_eval(tr_call *call, trawl_error *err) {
    (void)err;
    for (uint32_t i = 0; i < call->n; i++)
        tr_out_i64(call)[i] = tr_text_at(&call->args[0], i).len;
    return TRAWL_OK;
}

/* Byte offset of code point `at`, clamped to the end. */
static uint32_t point_offset(tr_str text, bool ascii, int64_t at) {
    if (ascii)
        return at < text.len ? (uint32_t)at : text.len;
    return (uint32_t)tr_kernels_now()->utf8.offset(text.ptr, text.len, (size_t)at);
}

static int64_t point_count(tr_str text, bool ascii) {
    return ascii ? text.len : (int64_t)tr_kernels_now()->utf8.count(text.ptr, text.len);
}

static tr_str cut(tr_str text, uint32_t start, uint32_t end) {
    return start < end ? tr_str_make(text.ptr + start, end - start) : tr_empty();
}

static trawl_status substring_eval(tr_call *call, trawl_error *err) {
    tr_vec text;
    TR_TRY(tr_call_text(call, 0, &text, err));
    uint64_t ascii[TR_BITS_WORDS(TR_BATCH_ROWS)];
    tr_kernels_now()->utf8.rows_ascii(text.data, text.is_const ? 1 : call->n, ascii);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str s = tr_text_at(&text, i);
        bool plain = tr_bit_get(ascii, tr_row(&text, i));
        int64_t start = tr_long_at(call, 1, i, 0);
        int64_t length = tr_long_at(call, 2, i, INT64_MAX);
        if (start < 0) {
            start += point_count(s, plain);
            start = start < 0 ? 0 : start;
        }
        uint32_t from = point_offset(s, plain, start);
        tr_str rest = cut(s, from, s.len);
        uint32_t bytes = length <= 0 ? 0 : point_offset(rest, plain, length);
        tr_out_str(call)[i] = cut(s, from, from + bytes);
    }
    return TRAWL_OK;
}

typedef bool (*put_case)(tr_buf *buf, tr_str text);

/* All rows of a dense ASCII text in one go; false where that cannot be done. */
static bool change_case_at_once(tr_call *call, const tr_vec *v,
                                void (*map)(const char *, size_t, char *)) {
    if (!tr_text_is_dense(v, call->n) || !v->text_bytes ||
        !tr_kernels_now()->utf8.is_ascii(v->text, v->text_bytes))
        return false;
    char *made = tr_arena_alloc(call->scratch, v->text_bytes, 64);
    if (!made)
        return false;
    map(v->text, v->text_bytes, made);
    tr_str *out = tr_out_str(call);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str row = tr_vec_str(v)[i];
        out[i] = tr_str_make(made + (row.ptr - v->text), row.len);
    }
    call->out->text = made;
    call->out->text_bytes = v->text_bytes;
    return true;
}

static trawl_status change_case(tr_call *call, put_case put,
                                void (*map)(const char *, size_t, char *), trawl_error *err) {
    tr_vec text;
    TR_TRY(tr_call_text(call, 0, &text, err));
    if (change_case_at_once(call, &text, map))
        return TRAWL_OK;
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        put(&rows.buf, tr_text_at(&text, i));
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

static trawl_status tolower_eval(tr_call *call, trawl_error *err) {
    return change_case(call, tr_put_lower, tr_kernels_now()->utf8.lower, err);
}

static trawl_status toupper_eval(tr_call *call, trawl_error *err) {
    return change_case(call, tr_put_upper, tr_kernels_now()->utf8.upper, err);
}

/* Bytes of the character at text[at]; 1 for a byte that is none. */
static uint32_t step_at(tr_str text, uint32_t at) {
    uint32_t point;
    uint32_t bytes = tr_utf8_read(text.ptr, text.len, at, &point);
    return bytes ? bytes : 1;
}

static trawl_status reverse_eval(tr_call *call, trawl_error *err) {
    tr_vec text;
    TR_TRY(tr_call_text(call, 0, &text, err));
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str s = tr_text_at(&text, i);
        char *out = tr_buf_need(&rows.buf, s.len);
        if (!out)
            return tr_fail_memory(err);
        char *end = out + s.len;
        for (uint32_t at = 0; at < s.len;) {
            uint32_t bytes = step_at(s, at);
            end -= bytes;
            memcpy(end, s.ptr + at, bytes);
            at += bytes;
        }
        rows.buf.n += s.len;
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

static trawl_status strcmp_eval(tr_call *call, trawl_error *err) {
    tr_vec a;
    tr_vec b;
    TR_TRY(tr_call_text(call, 0, &a, err));
    TR_TRY(tr_call_text(call, 1, &b, err));
    for (uint32_t i = 0; i < call->n; i++) {
        int order = tr_str_compare(tr_text_at(&a, i), tr_text_at(&b, i));
        tr_out_i64(call)[i] = (order > 0) - (order < 0);
    }
    return TRAWL_OK;
}

static void put_piece(tr_dyn_builder *b, tr_str s, size_t start, size_t end) {
    tr_dyn_put_string(b, cut(s, (uint32_t)start, (uint32_t)end));
}

/* Piece `wanted` of s, or all of them where it is negative. */
static void split_row(tr_dyn_builder *b, tr_str s, tr_str delimiter, int64_t wanted) {
    tr_dyn_open_array(b);
    tr_find_plan plan;
    const tr_find_ops *find = &tr_kernels_now()->find;
    size_t start = 0;
    if (delimiter.len) {
        find->plan(&plan, delimiter.ptr, delimiter.len, false, NULL);
        size_t hit;
        int64_t k = 0;
        for (; (hit = find->next(&plan, s.ptr, s.len, start)) < s.len; k++) {
            if (wanted < 0 || k == wanted)
                put_piece(b, s, start, hit);
            start = hit + delimiter.len;
        }
        if (wanted >= 0 && k != wanted)
            start = SIZE_MAX;
    } else if (wanted > 0) {
        start = SIZE_MAX;
    }
    if (start != SIZE_MAX)
        put_piece(b, s, start, s.len);
    tr_dyn_close(b);
}

static trawl_status split_eval(tr_call *call, trawl_error *err) {
    tr_vec text;
    TR_TRY(tr_call_text(call, 0, &text, err));
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        int64_t wanted = -1;
        if (call->argc > 2 && tr_arg_valid(call, 2, i)) {
            wanted = tr_long_at(call, 2, i, -1);
            wanted = wanted < 0 ? INT64_MAX : wanted;
        }
        split_row(b, tr_text_at(&text, i), tr_text_at(&call->args[1], i), wanted);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

/* Characters `from` become those at the same place in `to`; its last one stands for the rest. */
static void translate_row(tr_buf *buf, tr_str from, tr_str to, tr_str s) {
    for (uint32_t at = 0; at < s.len;) {
        uint32_t bytes = step_at(s, at);
        uint32_t place = 0;
        uint32_t last = 0;
        bool found = false;
        for (uint32_t f = 0; f < from.len && !found; f += step_at(from, f)) {
            found = step_at(from, f) == bytes && memcmp(from.ptr + f, s.ptr + at, bytes) == 0;
            if (f && place < to.len) {
                last = place;
                place += step_at(to, place);
            }
        }
        if (!found)
            tr_buf_put(buf, s.ptr + at, bytes);
        else if (to.len) {
            uint32_t take = place < to.len ? place : last;
            tr_buf_put(buf, to.ptr + take, step_at(to, take));
        }
        at += bytes;
    }
}

static trawl_status translate_eval(tr_call *call, trawl_error *err) {
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        translate_row(&rows.buf, tr_text_at(&call->args[0], i), tr_text_at(&call->args[1], i),
                      tr_text_at(&call->args[2], i));
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

/* "" or null; a dynamic that holds "" counts, too. */
static bool is_empty_at(const tr_vec *v, uint32_t i) {
    if (!tr_vec_is_valid(v, i))
        return true;
    if (v->type == TR_STRING)
        return tr_text_at(v, i).len == 0;
    if (v->type != TR_DYNAMIC)
        return false;
    tr_value held = tr_dyn_value(tr_text_at(v, i));
    return held.is_null || (held.type == TR_STRING && !held.as.str.len);
}

static trawl_status isempty_eval(tr_call *call, trawl_error *err) {
    (void)err;
    for (uint32_t i = 0; i < call->n; i++)
        if (is_empty_at(&call->args[0], i))
            tr_bit_set(tr_out_bits(call), i);
    return TRAWL_OK;
}

static trawl_status isnotempty_eval(tr_call *call, trawl_error *err) {
    (void)err;
    for (uint32_t i = 0; i < call->n; i++)
        if (!is_empty_at(&call->args[0], i))
            tr_bit_set(tr_out_bits(call), i);
    return TRAWL_OK;
}

static trawl_status isascii_eval(tr_call *call, trawl_error *err) {
    tr_vec text;
    TR_TRY(tr_call_text(call, 0, &text, err));
    for (uint32_t i = 0; i < call->n; i++)
        if (tr_text_is_ascii(tr_text_at(&text, i)))
            tr_bit_set(tr_out_bits(call), i);
    return TRAWL_OK;
}

static trawl_status isutf8_eval(tr_call *call, trawl_error *err) {
    tr_vec text;
    TR_TRY(tr_call_text(call, 0, &text, err));
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str s = tr_text_at(&text, i);
        if (tr_kernels_now()->utf8.valid(s.ptr, s.len) == s.len)
            tr_bit_set(tr_out_bits(call), i);
    }
    return TRAWL_OK;
}

const tr_func tr_funcs_text[] = {
    {.name = "strcat",
     .args = "x+",
     .result = 's',
     .flags = TR_FUNC_NULLS,
     .eval = strcat_eval,
     .summary = "Concatenates its arguments as text.",
     .example = "print result = strcat(\"a\", 1, \"b\", true)"},
    {.name = "strcat_delim",
     .args = "xxx*",
     .result = 's',
     .flags = TR_FUNC_NULLS,
     .eval = strcat_delim_eval,
     .summary = "Concatenates the arguments after the first, with the first between them.",
     .example = "print result = strcat_delim('-', 1, '2', 'A', 1s)"},
    {.name = "strrep",
     .args = "xlx?",
     .result = 's',
     .eval = strrep_eval,
     .summary = "Repeats a text, with a delimiter between.",
     .example = "print result = strrep('ABC', 2), with_dots = strrep(123, 3, '.')"},
    {.name = "strlen",
     .args = "s",
     .result = 'l',
     .eval = strlen_eval,
     .summary = "Length of a string in characters.",
     .example = "print length = strlen(\"hello\")"},
    {.name = "string_size",
     .args = "s",
     .result = 'l',
     .eval = string_size_eval,
     .summary = "Size of a string in bytes.",
     .example = "print size = string_size(\"hello\")"},
    {.name = "substring",
     .args = "xll?",
     .result = 's',
     .eval = substring_eval,
     .summary = "The part of a string from a zero-based start on, or so many characters of it.",
     .example = "print result = substring(\"123456\", 2, 2)"},
    {.name = "tolower",
     .args = "x",
     .result = 's',
     .flags = TR_FUNC_NULLS,
     .eval = tolower_eval,
     .summary = "The text in lower case.",
     .example = "print result = tolower(\"Hello\")"},
    {.name = "toupper",
     .args = "x",
     .result = 's',
     .flags = TR_FUNC_NULLS,
     .eval = toupper_eval,
     .summary = "The text in upper case.",
     .example = "print result = toupper(\"Hello\")"},
    {.name = "reverse",
     .args = "x",
     .result = 's',
     .flags = TR_FUNC_NULLS,
     .eval = reverse_eval,
     .summary = "The characters of a text in reverse order.",
     .example = "print result = reverse(\"ABC\")"},
    {.name = "strcmp",
     .args = "xx",
     .result = 'l',
     .eval = strcmp_eval,
     .summary = "Order of two strings: -1, 0 or 1.",
     .example = "print result = strcmp(\"abc\", \"ABC\")"},
    {.name = "split",
     .args = "xsl?",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = split_eval,
     .summary = "Pieces of a string between delimiters, as an array.",
     .example = "print result = split(\"aaa_bbb_ccc\", \"_\")"},
    {.name = "translate",
     .args = "sss",
     .result = 's',
     .eval = translate_eval,
     .summary = "Replaces characters of the first list by those of the second.",
     .example = "print result = translate(\"krasp\", \"otsku\", \"spark\")"},
    {.name = "isempty",
     .args = "x",
     .result = 'b',
     .flags = TR_FUNC_NULLS,
     .eval = isempty_eval,
     .summary = "True for an empty string and for null.",
     .example = "print result = isempty(\"\")"},
    {.name = "isnotempty",
     .args = "x",
     .result = 'b',
     .flags = TR_FUNC_NULLS,
     .eval = isnotempty_eval,
     .summary = "False for an empty string and for null.",
     .example = "print result = isnotempty(\"\")"},
    {.name = "notempty",
     .args = "x",
     .result = 'b',
     .flags = TR_FUNC_NULLS | TR_FUNC_HIDDEN,
     .eval = isnotempty_eval,
     .summary = "False for an empty string and for null.",
     .example = "print result = notempty(\"\")"},
    {.name = "isascii",
     .args = "x",
     .result = 'b',
     .eval = isascii_eval,
     .summary = "True where the text has ASCII characters only.",
     .example = "print result = isascii(\"some string\")"},
    {.name = "isutf8",
     .args = "x",
     .result = 'b',
     .eval = isutf8_eval,
     .summary = "True where the text is well-formed UTF-8.",
     .example = "print result = isutf8(\"some string\")"},
    {.name = NULL},
};

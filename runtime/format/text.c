/* runtime/format/text.c: lines of text as rows: the whole line, and, where they are at its start,
 * the time and the severity. Nothing in a line can be wrong. */
#include "runtime/format/internal.h"

static inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool tr_text_time(const char *line, uint32_t n, uint32_t *begin, uint32_t *end) {
    uint32_t at = n && line[0] == '[';
    const char *t = line + at;
    if (n < at + 19 || !is_digit(t[0]) || (t[4] != '-' && t[4] != '/') || t[7] != t[4] ||
        (t[10] != 'T' && t[10] != ' ' && t[10] != 't') || t[13] != ':' || t[16] != ':')
        return false;
    uint32_t to = at + 19;
    if (to + 1 < n && (line[to] == '.' || line[to] == ',') && is_digit(line[to + 1])) {
        for (to++; to < n && is_digit(line[to]);)
            to++;
    }
    if (to < n && (line[to] == 'Z' || line[to] == 'z')) {
        to++;
    } else if (to + 4 < n && (line[to] == '+' || line[to] == '-') && is_digit(line[to + 1]) &&
               is_digit(line[to + 2])) {
        uint32_t colon = line[to + 3] == ':';
        if (to + 4 + colon < n && is_digit(line[to + 3 + colon]) && is_digit(line[to + 4 + colon]))
            to += 5 + colon;
    }
    *begin = at;
    *end = to;
    return true;
}

/* In order of length, so that a word is compared with few of them. */
static const char *const levels[] = {
    "ERR",    "INF",    "WRN",     "DBG",     "INFO",     "WARN",      "CRIT",
    "EMERG",  "ERROR",  "DEBUG",   "TRACE",   "FATAL",    "ALERT",     "PANIC",
    "NOTICE", "SEVERE", "WARNING", "VERBOSE", "CRITICAL", "EMERGENCY", "INFORMATION",
};

static bool is_level(const char *word, uint32_t n) {
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        const char *level = levels[i];
        uint32_t k = 0;
        while (k < n && level[k] && (word[k] & ~0x20) == level[k])
            k++;
        if (k == n && !level[k])
            return true;
    }
    return false;
}

static inline bool is_letter(char c) {
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

bool tr_text_level(const char *line, uint32_t n, uint32_t from, tr_str *level) {
    uint32_t at = from;
    for (uint32_t words = 0; words < 3 && at < n; words++) {
        while (at < n && !is_letter(line[at]) && !is_digit(line[at]))
            at++;
        uint32_t start = at;
        while (at < n && is_letter(line[at]))
            at++;
        bool ends = at == n || line[at] == ' ' || line[at] == ']' || line[at] == ':' ||
                    line[at] == '\t' || line[at] == '|' || line[at] == ')' || line[at] == ',';
        if (ends && at - start >= 3 && at - start <= 11 && is_level(line + start, at - start)) {
            *level = tr_str_make(line + start, at - start);
            return true;
        }
        while (at < n && line[at] != ' ' && line[at] != '\t')
            at++;
    }
    return false;
}

static inline tr_str line_at(const tr_reader *reader, const uint16_t *rows, uint32_t i) {
    uint32_t row = reader->batch_first + (rows ? rows[i] : i);
    uint32_t start = reader->rows.start[row];
    return tr_str_make(reader->text + start, reader->rows.end[row] - start);
}

/* Forms of the time that only logs have, rewritten as ISO 8601: a comma before the fraction,
 * slashes in the date, an offset without a colon. */
static tr_str plain_time(tr_arena *scratch, tr_str text) {
    bool offset = text.len >= 24 && text.ptr[text.len - 3] != ':' &&
                  (text.ptr[text.len - 5] == '+' || text.ptr[text.len - 5] == '-');
    bool comma = text.len > 19 && text.ptr[19] == ',';
    if (text.ptr[4] == '-' && !offset && !comma)
        return text;
    char *copy = tr_arena_alloc(scratch, (size_t)text.len + 2, 1);
    if (!copy)
        return text;
    memcpy(copy, text.ptr, text.len);
    copy[4] = copy[7] = '-';
    if (comma)
        copy[19] = '.';
    if (offset) {
        memmove(copy + text.len - 1, copy + text.len - 2, 2);
        copy[text.len - 2] = ':';
    }
    return tr_str_make(copy, text.len + offset);
}

static trawl_status decode_time(tr_reader *reader, const uint16_t *rows, uint32_t n,
                                tr_arena *scratch, tr_vec *out, trawl_error *err) {
    tr_vec texts, vec;
    TR_TRY(tr_vec_new(scratch, TR_STRING, n, &texts, err));
    TR_TRY(tr_vec_new(scratch, TR_DATETIME, n, &vec, err));
    tr_str *str = texts.data;
    for (uint32_t i = 0; i < n; i++) {
        tr_str line = line_at(reader, rows, i);
        uint32_t begin, end;
        if (tr_text_time(line.ptr, line.len, &begin, &end))
            str[i] = plain_time(scratch, tr_str_make(line.ptr + begin, end - begin));
    }
    vec.valid = tr_arena_zalloc(scratch, TR_BITS_WORDS(n) * 8 + 64, 64);
    if (!vec.valid)
        return tr_fail_memory(err);
    reader->kernels->datetime.parse((const tr_kernel_str *)(const void *)str, n, vec.data,
                                    vec.valid);
    *out = vec;
    return TRAWL_OK;
}

trawl_status tr_text_decode(tr_reader *reader, uint32_t column, const uint16_t *rows, uint32_t n,
                            tr_arena *scratch, tr_vec *out, trawl_error *err) {
    const tr_files *files = reader->scan->files;
    if ((int32_t)column == files->timestamp_column && n)
        return decode_time(reader, rows, n, scratch, out, err);
    tr_type type = files->shape.schema.fields[column].type;
    tr_vec vec;
    TR_TRY(tr_vec_new(scratch, type, n, &vec, err));
    tr_str *str = vec.data;
    if ((int32_t)column == files->line_column) {
        for (uint32_t i = 0; i < n; i++)
            str[i] = line_at(reader, rows, i);
        if (n) {
            vec.text = str[0].ptr;
            vec.text_bytes = (size_t)(str[n - 1].ptr + str[n - 1].len - str[0].ptr);
        }
    } else if ((int32_t)column == files->level_column) {
        for (uint32_t i = 0; i < n; i++) {
            tr_str line = line_at(reader, rows, i);
            uint32_t begin, end;
            if (tr_text_time(line.ptr, line.len, &begin, &end))
                tr_text_level(line.ptr, line.len, end, &str[i]);
        }
    } else if (n && type != TR_STRING) { /* of a given schema; lines do not fill it: null */
        tr_vec empty;
        TR_TRY(tr_vec_new(scratch, TR_STRING, n, &empty, err));
        return tr_values_parse(reader, column, type, empty.data, rows, n, scratch, out, err);
    }
    *out = vec;
    return TRAWL_OK;
}

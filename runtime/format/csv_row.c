/* runtime/format/csv_row.c: one row of delimited text by the letter, byte after byte: for samples,
 * for header rows and for the rows that the structure kernels cannot be trusted with. */
#include "runtime/format/internal.h"

/* The end of the quoted field that opens at `from`: the byte after its closing quote, n when there
 * is none. */
static uint32_t quoted_end(const char *text, uint32_t n, uint32_t from, char quote) {
    uint32_t at = from + 1;
    while (at < n) {
        const char *close = memchr(text + at, quote, n - at);
        if (!close)
            return UINT32_MAX;
        at = (uint32_t)(close - text) + 1;
        if (at >= n || text[at] != quote)
            return at;
        at++;
    }
    return UINT32_MAX;
}

static uint32_t field_end(const char *text, uint32_t n, uint32_t at, char delimiter) {
    while (at < n && text[at] != delimiter && text[at] != '\n')
        at++;
    return at;
}

/* The row is its first line and what stands in it is split without regard to quotes. */
static tr_csv_end broken_row(const char *text, uint32_t n, uint32_t from, char delimiter,
                             uint32_t *tokens, uint32_t token_max, tr_csv_row *out) {
    uint32_t at = from;
    out->fields = 0;
    for (;;) {
        at = field_end(text, n, at, delimiter);
        if (out->fields < token_max)
            tokens[out->fields] = at;
        out->fields++;
        if (at >= n || text[at] == '\n')
            break;
        at++;
    }
    out->end = at;
    out->next = at < n ? at + 1 : n;
    return TR_CSV_BAD;
}

tr_csv_end tr_csv_row_parse(const char *text, uint32_t n, uint32_t from,
                            const tr_csv_dialect *dialect, bool at_end, uint32_t *tokens,
                            uint32_t token_max, tr_csv_row *out) {
    char delimiter = (char)dialect->delimiter, quote = (char)dialect->quote;
    uint32_t at = from;
    out->fields = 0;
    for (;;) {
        uint32_t start = at;
        if (dialect->quoted && at < n && text[at] == quote) {
            uint32_t after = quoted_end(text, n, at, quote);
            bool closed = after != UINT32_MAX;
            if (!closed && !at_end)
                return TR_CSV_OPEN;
            if (closed && after >= n && !at_end)
                return TR_CSV_OPEN;
            bool clean = closed && (after >= n || text[after] == delimiter || text[after] == '\n' ||
                                    text[after] == '\r');
            uint32_t until = closed ? after : n;
            if (!clean && memchr(text + start, '\n', until - start))
                return broken_row(text, n, from, delimiter, tokens, token_max, out);
            at = until;
        }
        at = field_end(text, n, at, delimiter);
        if (at >= n && !at_end)
            return TR_CSV_OPEN;
        if (out->fields < token_max)
            tokens[out->fields] = at;
        out->fields++;
        if (at >= n || text[at] == '\n')
            break;
        at++;
    }
    out->end = at;
    out->next = at < n ? at + 1 : n;
    return TR_CSV_ROW;
}

bool tr_csv_field(const tr_kernels *kernels, const char *text, uint32_t begin, uint32_t end,
                  const tr_csv_dialect *dialect, tr_arena *scratch, tr_str *out) {
    char quote = (char)dialect->quote;
    if (!dialect->quoted || end - begin < 2 || text[begin] != quote || text[end - 1] != quote) {
        *out = tr_str_make(text + begin, end - begin);
        return true;
    }
    begin++;
    end--;
    if (!memchr(text + begin, quote, end - begin)) {
        *out = tr_str_make(text + begin, end - begin);
        return true;
    }
    char *copy = tr_arena_alloc(scratch, (size_t)(end - begin) + 64, 1);
    if (!copy)
        return false;
    uint32_t n = kernels->csv.unquote(text + begin, end - begin, dialect->quote, copy);
    *out = tr_str_make(copy, n);
    return true;
}

static bool name_taken(const tr_str *names, uint32_t n, tr_str name) {
    for (uint32_t i = 0; i < n; i++) {
        if (tr_str_equal(names[i], name))
            return true;
    }
    return false;
}

trawl_status tr_csv_names(tr_arena *arena, const char *text, uint32_t from, const uint32_t *tokens,
                          uint32_t fields, const tr_csv_dialect *dialect, tr_str *names,
                          trawl_error *err) {
    for (uint32_t i = 0; i < fields; i++) {
        uint32_t begin = i ? tokens[i - 1] + 1 : from, end = tokens[i];
        if (i + 1 == fields && end > begin && text[end - 1] == '\r')
            end--;
        tr_str raw;
        if (!tr_csv_field(tr_kernels_now(), text, begin, end, dialect, arena, &raw))
            return tr_fail_memory(err);
        while (raw.len && (raw.ptr[0] == ' ' || raw.ptr[0] == '\t'))
            raw = tr_str_make(raw.ptr + 1, raw.len - 1);
        while (raw.len && (raw.ptr[raw.len - 1] == ' ' || raw.ptr[raw.len - 1] == '\t'))
            raw = tr_str_make(raw.ptr, raw.len - 1);
        const char *name = raw.len ? tr_arena_text(arena, raw.ptr, raw.len)
                                   : tr_arena_printf(arena, "Column%u", i + 1);
        if (!name)
            return tr_fail_memory(err);
        names[i] = raw.len ? tr_str_make(name, raw.len) : tr_str_c(name);
        for (uint32_t k = 2; name_taken(names, i, names[i]); k++) {
            const char *other = tr_arena_printf(arena, "%s_%u", name, k);
            if (!other)
                return tr_fail_memory(err);
            names[i] = tr_str_c(other);
        }
    }
    return TRAWL_OK;
}

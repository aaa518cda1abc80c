/* runtime/format/csv_quotes.c: does a byte in the middle of a delimited file stand inside quotes?
 *
 * Both answers are tried on the text that follows: in a well-formed file the wrong one soon meets a
 * quote where none can be. Where no quote decides it, the question is put to the morsel before, and
 * the quotes between are counted; at the start of the file the answer is known. Answers are kept in
 * the scan, for all readers. Knows only quotes. */
#include "runtime/format/internal.h"

#define LOOK_BYTES  ((uint32_t)64 * 1024)
#define COUNT_BYTES LOOK_BYTES /* a reader's buffer holds at least that */

/* Offset of the first quote that cannot be where it is; n if there is none. */
static uint32_t first_fault(const char *text, uint32_t n, const tr_csv_dialect *dialect,
                            bool inside) {
    char quote = (char)dialect->quote, delimiter = (char)dialect->delimiter;
    uint32_t at = 0;
    for (;;) {
        const char *hit = memchr(text + at, quote, n - at);
        if (!hit)
            return n;
        at = (uint32_t)(hit - text);
        if (inside) {
            char next = at + 1 < n ? hit[1] : delimiter;
            if (next != delimiter && next != '\n' && next != '\r' && next != quote)
                return at;
        } else {
            char before = at ? hit[-1] : delimiter;
            if (before != delimiter && before != '\n' && before != quote)
                return at;
        }
        inside = !inside;
        at++;
    }
}

/* The byte that the question of a morsel is about. */
static uint64_t point_of(const tr_morsel *morsel) {
    return morsel->from - 1;
}

static trawl_status read_at(tr_reader *reader, uint64_t offset, uint32_t bytes, size_t *got,
                            trawl_error *err) {
    const tr_morsel *m = &reader->scan->morsels[reader->morsel];
    TR_TRY(tr_input_open(&reader->input, reader->file, reader->scan->file_bytes[m->file], offset,
                         err));
    return tr_input_read(&reader->input, reader->buffer, bytes, got, err);
}

/* 1 outside, 2 inside, 0 cannot tell. */
static trawl_status look(tr_reader *reader, uint64_t offset, uint8_t *answer, trawl_error *err) {
    const tr_csv_dialect *dialect = &reader->scan->files->shape.dialect;
    size_t n;
    TR_TRY(read_at(reader, offset, LOOK_BYTES, &n, err));
    uint32_t outside = first_fault(reader->buffer, (uint32_t)n, dialect, false);
    uint32_t inside = first_fault(reader->buffer, (uint32_t)n, dialect, true);
    *answer = outside == inside ? 0 : outside > inside ? 1 : 2;
    return TRAWL_OK;
}

static trawl_status count_quotes(tr_reader *reader, uint64_t from, uint64_t to, uint64_t *count,
                                 trawl_error *err) {
    uint8_t quote = reader->scan->files->shape.dialect.quote;
    *count = 0;
    while (from < to) {
        uint32_t want = to - from < COUNT_BYTES ? (uint32_t)(to - from) : COUNT_BYTES;
        size_t n;
        TR_TRY(read_at(reader, from, want, &n, err));
        if (!n)
            break;
        *count += reader->kernels->find.count_byte(reader->buffer, n, quote);
        from += n;
    }
    return TRAWL_OK;
}

trawl_status tr_csv_quotes_before(tr_reader *reader, uint32_t morsel, bool *in_quotes,
                                  trawl_error *err) {
    tr_files_scan *scan = reader->scan;
    const tr_morsel *morsels = scan->morsels;
    uint32_t at = morsel;
    uint8_t answer = 0;
    *in_quotes = false;
    if (!scan->files->shape.dialect.quoted)
        return TRAWL_OK;
    for (;; at--) {
        answer =
            morsels[at].from ? atomic_load_explicit(&scan->in_quotes[at], memory_order_relaxed) : 1;
        if (!answer)
            TR_TRY(look(reader, point_of(&morsels[at]), &answer, err));
        if (answer)
            break;
    }
    for (;; at++) {
        atomic_store_explicit(&scan->in_quotes[at], answer, memory_order_relaxed);
        if (at == morsel)
            break;
        uint64_t from = morsels[at].from ? point_of(&morsels[at]) : 0, count;
        TR_TRY(count_quotes(reader, from, point_of(&morsels[at + 1]), &count, err));
        if (count & 1)
            answer = answer == 1 ? 2 : 1;
    }
    *in_quotes = answer == 2;
    return TRAWL_OK;
}

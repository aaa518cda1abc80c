/* runtime/kql/more_errors.c: what else is wrong in a text whose first error is known.
 *
 * The text is mended as the error's own hint says (or the part at fault is made a null of unknown
 * type) and compiled again: an error elsewhere is one of the text, an error at a mended place came
 * from the mending. Nothing is run: the request says no to that, which ends the search. */
#include "runtime/kql/kql.h"

enum { EDITS_MAX = 48 };

/* text[offset..offset+bytes) of the mended text stands for `original` bytes of the written one. */
typedef struct {
    uint32_t offset, bytes, original;
} edit;

typedef struct {
    tr_arena *query;
    const tr_kql_request *request;
    const char *text;
    uint32_t bytes;
    uint32_t edit_count; /* edits in order of their place, none within another */
    edit edits[EDITS_MAX];
} mending;

/* Mended places that lie less than `reach` bytes from the span become part of it; *first gets where
 * a new one belongs. */
static tr_span widened(const mending *m, tr_span span, uint32_t reach, uint32_t *first,
                       uint32_t *count) {
    uint32_t end = span.offset + span.bytes;
    *count = 0;
    for (*first = 0; *first < m->edit_count; ++*first)
        if (m->edits[*first].offset + m->edits[*first].bytes + reach > span.offset)
            break;
    for (uint32_t i = *first; i < m->edit_count && m->edits[i].offset < end + reach;
         i++, ++*count) {
        uint32_t edit_end = m->edits[i].offset + m->edits[i].bytes;
        if (m->edits[i].offset < span.offset)
            span.offset = m->edits[i].offset;
        if (edit_end > end)
            end = edit_end;
    }
    span.bytes = end - span.offset;
    return span;
}

/* Where the byte of the mended text was written; it lies in no mended place. */
static uint32_t written_at(const mending *m, uint32_t offset) {
    int64_t moved = 0;
    for (uint32_t i = 0; i < m->edit_count && m->edits[i].offset < offset; i++)
        moved += (int64_t)m->edits[i].original - m->edits[i].bytes;
    return (uint32_t)(offset + moved);
}

static bool replace(mending *m, tr_span span, const char *word, uint32_t word_bytes) {
    uint32_t at, count;
    span = widened(m, span, 0, &at, &count);
    uint32_t original = span.bytes, after = span.offset + span.bytes;
    for (uint32_t i = at; i < at + count; i++)
        original += m->edits[i].original - m->edits[i].bytes;
    if (m->edit_count - count >= EDITS_MAX || after > m->bytes)
        return false;
    const char *text =
        tr_arena_printf(m->query, "%.*s%.*s%.*s", (int)span.offset, m->text, (int)word_bytes, word,
                        (int)(m->bytes - after), m->text + after);
    if (!text)
        return false;
    int32_t moved = (int32_t)(word_bytes - span.bytes);
    memmove(&m->edits[at + 1], &m->edits[at + count],
            (m->edit_count - at - count) * sizeof *m->edits);
    m->edit_count = m->edit_count - count + 1;
    m->edits[at] = (edit){span.offset, word_bytes, original};
    for (uint32_t i = at + 1; i < m->edit_count; i++)
        m->edits[i].offset += (uint32_t)moved;
    m->text = text;
    m->bytes = (uint32_t)strlen(text);
    return true;
}

static bool is_code(const trawl_error *err, const char *code) {
    return strcmp(err->code, code) == 0;
}

/* Can the name stand in a query as it is? */
static bool is_plain(const char *name, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
        if (!letter && !(c >= '0' && c <= '9') && !strchr("_-.$!~", c))
            return false;
    }
    return true;
}

/* Take the error out of the text; its place is of the mended text. False if nobody knows how. */
static bool mend(mending *m, const trawl_error *err) {
    static const struct {
        const char *code, *word;
    } words[] = {{"SYN0009", "=="}, {"SYN0012", " "}, {"SYN0008", "|"}};
    tr_span span = {err->span_offset, err->span_bytes};
    const char *name;
    size_t bytes;
    if (span.bytes == 0 || span.offset + span.bytes > m->bytes)
        return false;
    if (tr_hint_offer(err, &name, &bytes) && is_plain(name, bytes))
        return replace(m, span, name, (uint32_t)bytes);
    if (is_code(err, "SYN0010")) {
        if (strcmp(err->hint, "write '|'") == 0)
            return replace(m, span, "|", 1);
        bool is_and = m->text[span.offset] == '&';
        return replace(m, span, is_and ? "and" : "or", is_and ? 3 : 2);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!is_code(err, words[i].code))
            continue;
        if (strcmp(words[i].word, "|") == 0)
            span.bytes = 0; /* before the operator */
        return replace(m, span, words[i].word, (uint32_t)strlen(words[i].word));
    }
    if (err->status != TRAWL_E_SEMANTIC || is_code(err, "SEM0002"))
        return false;
    return replace(m, span, "dynamic(null)", 13);
}

static trawl_status compile(const mending *m, trawl_error *err) {
    tr_arena *arena = tr_arena_child(m->query);
    const tr_kql_text *text;
    tr_kql_program program = {0};
    uint32_t next;
    if (!arena)
        return tr_fail_memory(err);
    trawl_status status = tr_kql_text_open(arena, m->text, m->bytes, &text, err);
    if (status == TRAWL_OK)
        status = tr_kql_text_compile(arena, m->request, text, 0, &program, &next, err);
    tr_arena_free(arena);
    return status;
}

/* A name that no hint knows, told of before: it was made where it could not be. */
static bool is_repeated(const trawl_error *first, const trawl_error *more, uint32_t count,
                        const trawl_error *err) {
    const char *name;
    size_t bytes;
    if (tr_hint_offer(err, &name, &bytes))
        return false;
    if (strcmp(first->message, err->message) == 0)
        return true;
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(more[i].message, err->message) == 0)
            return true;
    return false;
}

uint32_t tr_kql_more_errors(tr_arena *query, const tr_kql_request *request, const char *text,
                            size_t bytes, const trawl_error *first, trawl_error *more,
                            uint32_t capacity) {
    mending m = {.query = query, .request = request, .bytes = (uint32_t)bytes};
    uint32_t count = 0;
    m.text = bytes <= TR_KQL_MEND_BYTES_MAX ? tr_arena_text(query, text, bytes) : NULL;
    trawl_error err = *first;
    for (uint32_t turn = 0; m.text && count < capacity && turn < 2 * capacity; turn++) {
        if (!mend(&m, &err))
            break;
        err = (trawl_error)TRAWL_ERROR_INIT;
        trawl_status status = compile(&m, &err);
        bool is_of_text =
            status == TRAWL_E_SYNTAX || status == TRAWL_E_SEMANTIC || status == TRAWL_E_UNSUPPORTED;
        uint32_t at, touched;
        if (!is_of_text || err.span_bytes == 0)
            break;
        widened(&m, (tr_span){err.span_offset, err.span_bytes}, 1, &at, &touched);
        if (touched == 0 && !is_repeated(first, more, count, &err)) {
            more[count] = err;
            more[count++].span_offset = written_at(&m, err.span_offset);
        }
    }
    return count;
}

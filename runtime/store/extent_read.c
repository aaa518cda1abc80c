/* runtime/store/extent_read.c: row groups become batches, as little of them as is asked for.
 *
 * A group is narrowed in steps: its zones, the term index, the pages' zones and heads, then page by
 * page the tests on encoded values. What is left is decoded when a column is asked for. */
#include "kernels/kernels.h"
#include "runtime/store/dictionary.h"
#include "runtime/store/extent_heads.h"
#include "runtime/store/extent_index.h"
#include "runtime/store/shred.h"
#include "runtime/store/terms.h"

/* Pages that are still wanted are read together up to this size. */
enum { READ_AHEAD_BYTES = 256 << 10, IMPLYING_MAX = 64 };

/* One column of the open group. */
typedef struct {
    tr_open_head *head;                /* NULL: not opened yet */
    const char *pages[TR_GROUP_PAGES]; /* NULL: not read yet */
} open_column;

struct tr_extent_reader {
    tr_arena *local; /* the reader's life */
    tr_arena *group; /* the open group's */
    tr_schema schema;
    const tr_scan_request *request;
    tr_scan_stats *stats;
    const tr_extent *extent; /* NULL: no group is begun */
    uint32_t group_number;
    bool failed;
    const uint32_t *column_of;
    const tr_extent_place *place;
    const tr_group *facts;
    const uint64_t *deleted;
    open_column *columns; /* [schema.count + 1]: the table's, then the time of ingestion */
    uint32_t probe_count;
    tr_column_probe *probes;  /* [bounds + prefilters] */
    uint32_t *probe_columns;  /* table column of each */
    uint32_t *probe_tests;    /* and its bit in tr_batch.met */
    tr_path_read *paths;      /* [path_count] */
    bool *implied;            /* [prefilters] rows that meet some bound meet it anyway */
    bool *probe_unsure;       /* and whether it is in doubt about every page */
    uint64_t group_met;       /* tests that all rows of the group meet */
    uint64_t met;             /* and all that are left of the page */
    uint64_t pages;           /* that are left */
    uint32_t page, page_rows; /* the page at hand */
    uint16_t rows[TR_BATCH_ROWS + 64];
    uint32_t row_count, row_at; /* rows of the page that are wanted; given out so far */
    bool all_rows;              /* of the page */
};

/* x == "abc" asks for rows that hold "abc", too: those that are it do. */
static trawl_status find_implied(tr_extent_reader *r, uint32_t i, trawl_error *err) {
    const tr_prefilter *text = &r->request->prefilters[i];
    for (uint32_t k = 0; k < r->request->bound_count; k++) {
        const tr_scan_bound *bound = &r->request->bounds[k];
        uint32_t n = bound->value_count;
        if (bound->column != text->column || !n || n > IMPLYING_MAX || bound->low.type != TR_STRING)
            continue;
        uint64_t bits = UINT64_MAX >> (64 - n), unsure = 0, all = bits;
        tr_column_test test = {.text = text};
        tr_vec values;
        TR_TRY(tr_vec_new(r->local, TR_STRING, n, &values, err));
        for (uint32_t v = 0; v < n; v++)
            ((tr_str *)values.data)[v] = bound->values[v].as.str;
        TR_TRY(tr_column_test_surely(&test, &values, n, r->local, &bits, &unsure, err));
        r->implied[i] |= bits == all && !unsure;
    }
    return TRAWL_OK;
}

trawl_status tr_extent_reader_open(tr_arena *local, const tr_schema *schema,
                                   const tr_scan_request *request, tr_scan_stats *stats,
                                   tr_extent_reader **out, trawl_error *err) {
    uint32_t tests = request->bound_count + request->prefilter_count;
    tr_extent_reader *r = TR_NEW(local, tr_extent_reader);
    if (!r)
        return tr_fail_memory(err);
    *r = (tr_extent_reader){.local = local, .schema = *schema, .request = request, .stats = stats};
    r->columns = TR_NEW_N(local, open_column, (size_t)schema->count + 1);
    r->probes = TR_NEW_N(local, tr_column_probe, tests + 1);
    r->probe_columns = TR_NEW_N(local, uint32_t, tests + 1);
    r->probe_tests = TR_NEW_N(local, uint32_t, tests + 1);
    r->probe_unsure = TR_NEW_N(local, bool, tests + 1);
    r->implied = TR_NEW_N(local, bool, tests + 1);
    r->paths = TR_NEW_N(local, tr_path_read, (size_t)request->path_count + 1);
    if (!r->paths)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < request->path_count; i++) {
        TR_TRY(tr_path_read_start(&request->paths[i], local, &r->paths[i], err));
        r->paths[i].is_plain = !(request->skip & TR_SKIP_ENCODED);
    }
    r->group = tr_arena_child(local);
    if (!r->columns || !r->probes || !r->probe_columns || !r->probe_tests || !r->probe_unsure ||
        !r->implied || !r->group) {
        tr_arena_free(r->group);
        return tr_fail_memory(err);
    }
    for (uint32_t i = 0; i < request->prefilter_count; i++) {
        trawl_status status = find_implied(r, i, err);
        if (status != TRAWL_OK) {
            tr_arena_free(r->group);
            return status;
        }
    }
    *out = r;
    return TRAWL_OK;
}

void tr_extent_reader_close(tr_extent_reader *reader) {
    if (!reader)
        return;
    tr_extent_reader_end(reader);
    tr_arena_free(reader->group);
}

static void count_bytes(tr_extent_reader *r, uint64_t bytes) {
    atomic_fetch_add_explicit(&r->stats->bytes_read, bytes, memory_order_relaxed);
}

const tr_field tr_extent_hidden[TR_EXTENT_HIDDEN] = {
    {{TR_HIDDEN_INGESTION_TIME, sizeof TR_HIDDEN_INGESTION_TIME - 1,
      '$' | 'i' << 8 | 'n' << 16 | 'g' << 24},
     TR_DATETIME},
    {{TR_HIDDEN_EXTENT_ID, sizeof TR_HIDDEN_EXTENT_ID - 1, '$' | 'e' << 8 | 'x' << 16 | 't' << 24},
     TR_GUID},
    {{TR_HIDDEN_EXTENT_TAGS, sizeof TR_HIDDEN_EXTENT_TAGS - 1,
      '$' | 'e' << 8 | 'x' << 16 | 't' << 24},
     TR_DYNAMIC},
};

static bool is_hidden(const tr_extent_reader *r, uint32_t c) {
    return c >= r->schema.count;
}

static tr_type type_of(const tr_extent_reader *r, uint32_t c) {
    uint32_t hidden = c - r->schema.count;
    if (!is_hidden(r, c))
        return r->schema.fields[c].type;
    if (hidden < r->request->hidden_count)
        return tr_extent_hidden[hidden].type;
    const tr_scan_path *path = &r->request->paths[hidden - r->request->hidden_count];
    return path->convert ? path->type : TR_DYNAMIC;
}

/* The column of the file that holds a column of the scan; UINT32_MAX if none does. */
static uint32_t own_of(const tr_extent_reader *r, uint32_t c) {
    if (!is_hidden(r, c))
        return r->column_of[c];
    return c == r->schema.count && r->place ? r->place->ingestion_column : UINT32_MAX;
}

/* The facts of a column of the scan in the open group; NULL if the file does not have it. */
static const tr_group_column *facts_of(const tr_extent_reader *r, uint32_t c) {
    uint32_t own = own_of(r, c);
    return own < r->extent->schema.count ? &r->facts->columns[own] : NULL;
}

static trawl_status open_head(tr_extent_reader *r, uint32_t c, trawl_error *err) {
    open_column *o = &r->columns[c];
    uint64_t bytes = 0;
    if (o->head)
        return TRAWL_OK;
    trawl_status status = tr_extent_head_take(r->extent, r->group_number, own_of(r, c), r->local,
                                              &o->head, &bytes, err);
    count_bytes(r, bytes);
    return status;
}

void tr_extent_reader_end(tr_extent_reader *r) {
    for (uint32_t c = 0; r->extent && c <= r->schema.count; c++) {
        tr_open_head *head = r->columns[c].head;
        r->columns[c].head = NULL;
        if (head && r->failed)
            tr_extent_head_drop(head);
        else if (head)
            tr_extent_head_put(r->extent, r->group_number, own_of(r, c), head);
    }
    r->extent = NULL;
}

/* A head in which something is damaged is not kept. */
static trawl_status note_failure(tr_extent_reader *r, trawl_status status) {
    r->failed |= status != TRAWL_OK;
    return status;
}

/* Read page p of a column, and those after it that are still wanted. */
static trawl_status read_pages(tr_extent_reader *r, uint32_t c, uint32_t p, trawl_error *err) {
    open_column *o = &r->columns[c];
    uint32_t count = tr_page_count(r->facts->rows), end = p + 1;
    const uint32_t *page_bytes = o->head->page_bytes;
    size_t bytes = page_bytes[p];
    while (end < count && r->pages >> end & 1 && !o->pages[end] &&
           bytes + page_bytes[end] <= READ_AHEAD_BYTES)
        bytes += page_bytes[end++];
    /* Each page is followed by readable bytes: the next page, or the arena's pad. */
    char *into = tr_arena_alloc(r->group, bytes + 1, 64);
    if (!into)
        return tr_fail_memory(err);
    TR_TRY(tr_extent_read(r->extent, o->head->page_offset[p], bytes, into, err));
    count_bytes(r, bytes);
    for (; p < end; p++) {
        if (tr_extent_crc(into, page_bytes[p]) != o->head->page_crc[p])
            return tr_extent_damaged(r->extent, "page", o->head->page_offset[p], err);
        o->pages[p] = into;
        into += page_bytes[p];
    }
    return TRAWL_OK;
}

static trawl_status need_page(tr_extent_reader *r, uint32_t c, uint32_t p, trawl_error *err) {
    TR_TRY(open_head(r, c, err));
    return r->columns[c].pages[p] ? TRAWL_OK : read_pages(r, c, p, err);
}

/* ---- narrowing a group ---- */

static bool group_may_meet(const tr_extent_reader *r, const tr_scan_bound *bound) {
    const tr_group_column *facts = facts_of(r, bound->column);
    if (!facts)
        return false; /* all null, and nulls meet no bound */
    return !(r->request->skip & TR_SKIP_ZONES) || tr_zone_may_meet(&facts->zone, bound);
}

/* A column that the extent lacks holds nulls, and "" where it is text. */
static bool absent_may_meet(const tr_extent_reader *r, uint32_t column, bool is_bound,
                            const tr_scan_bound *bound) {
    if (is_hidden(r, column)) {
        tr_value ticks = {.type = TR_DATETIME, .as.i64 = r->place ? r->place->ticks : 0};
        tr_zone all = {.low = ticks, .high = ticks};
        return column > r->schema.count || !is_bound || tr_zone_may_meet(&all, bound);
    }
    if (r->schema.fields[column].type != TR_STRING || !is_bound)
        return false;
    tr_zone zone = {.low = tr_value_null(TR_STRING), .high = tr_value_null(TR_STRING)};
    return tr_zone_may_meet(&zone, bound);
}

static trawl_status look_up(tr_extent_reader *r, const tr_column_test *test, uint32_t c,
                            trawl_error *err) {
    const tr_group_column *facts = facts_of(r, c);
    uint32_t skip = r->request->skip & (TR_SKIP_TERMS | TR_SKIP_NGRAMS);
    if (!skip || !facts->index.bytes || !r->pages)
        return TRAWL_OK;
    tr_extent_index index;
    TR_TRY(tr_extent_open_index(r->extent, &facts->index, r->group, &index, err));
    trawl_status status =
        test->text ? tr_terms_probe_view(&index.view, test->text, skip, &r->pages, err)
                   : tr_terms_probe_view_bound(&index.view, test->bound, skip, &r->pages, err);
    count_bytes(r, index.read_bytes);
    return status;
}

static uint64_t bit_of_test(uint32_t number) {
    return number < 64 ? UINT64_C(1) << number : 0;
}

static trawl_status start_probe(tr_extent_reader *r, const tr_column_test *test, uint32_t number,
                                uint32_t c, trawl_error *err) {
    tr_column_probe probe;
    if (!r->pages)
        return TRAWL_OK;
    TR_TRY(open_head(r, c, err));
    uint32_t skip = r->request->skip & (TR_SKIP_ZONES | TR_SKIP_ENCODED);
    TR_TRY(tr_column_probe_pages(r->columns[c].head->column, test, skip, r->pages, r->group, &probe,
                                 err));
    r->pages &= probe.pages;
    if (probe.all && !*probe.unsure)
        r->group_met |= bit_of_test(number);
    if (probe.all || !(r->request->skip & TR_SKIP_ENCODED))
        return TRAWL_OK;
    r->probes[r->probe_count] = probe;
    r->probe_tests[r->probe_count] = number;
    r->probe_unsure[r->probe_count] = *probe.unsure;
    r->probe_columns[r->probe_count++] = c;
    return TRAWL_OK;
}

static trawl_status narrow(tr_extent_reader *r, trawl_error *err) {
    const tr_scan_request *q = r->request;
    for (uint32_t i = 0; i < q->bound_count; i++) {
        uint32_t c = q->bounds[i].column;
        bool may = facts_of(r, c) ? group_may_meet(r, &q->bounds[i])
                                  : absent_may_meet(r, c, true, &q->bounds[i]);
        if (!may && (facts_of(r, c) || q->skip & TR_SKIP_ZONES))
            r->pages = 0;
    }
    for (uint32_t i = 0; i < q->prefilter_count; i++)
        if (!facts_of(r, q->prefilters[i].column) && q->skip & TR_SKIP_ZONES &&
            !is_hidden(r, q->prefilters[i].column))
            r->pages = 0;
    for (uint32_t i = 0; i < q->prefilter_count; i++) {
        tr_column_test test = {.text = &q->prefilters[i]};
        if (!r->implied[i] && facts_of(r, q->prefilters[i].column))
            TR_TRY(look_up(r, &test, q->prefilters[i].column, err));
    }
    for (uint32_t i = 0; i < q->bound_count; i++) {
        tr_column_test test = {.bound = &q->bounds[i]};
        if (facts_of(r, q->bounds[i].column) && tr_type_is_text(type_of(r, q->bounds[i].column)))
            TR_TRY(look_up(r, &test, q->bounds[i].column, err));
    }
    for (uint32_t i = 0; i < q->bound_count; i++) {
        tr_column_test test = {.bound = &q->bounds[i]};
        if (facts_of(r, q->bounds[i].column))
            TR_TRY(start_probe(r, &test, i, q->bounds[i].column, err));
    }
    for (uint32_t i = 0; i < q->prefilter_count; i++) {
        tr_column_test test = {.text = &q->prefilters[i]};
        if (!r->implied[i] && !q->prefilters[i].is_inside && facts_of(r, q->prefilters[i].column))
            TR_TRY(start_probe(r, &test, q->bound_count + i, q->prefilters[i].column, err));
    }
    return TRAWL_OK;
}

trawl_status tr_extent_reader_begin(tr_extent_reader *r, const tr_extent *extent,
                                    const uint32_t *column_of, const tr_extent_place *place,
                                    uint32_t group, const uint64_t *deleted, trawl_error *err) {
    tr_extent_reader_end(r);
    tr_arena_reset(r->group);
    memset(r->columns, 0, (r->schema.count + 1) * sizeof *r->columns);
    r->place = place;
    r->extent = extent;
    r->group_number = group;
    r->failed = false;
    r->column_of = column_of;
    r->facts = &extent->groups[group];
    r->deleted = deleted;
    r->probe_count = 0;
    r->group_met = 0;
    r->page = UINT32_MAX;
    r->row_count = r->row_at = 0;
    uint32_t count = tr_page_count(r->facts->rows);
    r->pages = count == 64 ? ~UINT64_C(0) : (UINT64_C(1) << count) - 1;
    return note_failure(r, narrow(r, err));
}

/* ---- pages ---- */

static void bits_of_page(const tr_extent_reader *r, uint64_t *bits) {
    uint32_t n = r->page_rows;
    size_t words = TR_BITS_WORDS(n);
    memset(bits, 0xff, words * 8);
    if (n & 63)
        bits[words - 1] = (UINT64_C(1) << (n & 63)) - 1;
    if (!r->deleted)
        return;
    const uint64_t *gone = r->deleted + (size_t)r->page * (TR_BATCH_ROWS / 64);
    for (size_t w = 0; w < words; w++)
        bits[w] &= ~gone[w];
}

static bool any_bit(const uint64_t *bits, size_t words) {
    uint64_t any = 0;
    for (size_t w = 0; w < words; w++)
        any |= bits[w];
    return any != 0;
}

/* The rows of the next page that may be wanted; row_count 0 when none is. */
static trawl_status test_page(tr_extent_reader *r, tr_arena *scratch, trawl_error *err) {
    uint64_t bits[TR_BATCH_ROWS / 64];
    size_t words = TR_BITS_WORDS(r->page_rows);
    bits_of_page(r, bits);
    r->met = r->group_met;
    for (uint32_t i = 0; i < r->probe_count && any_bit(bits, words); i++) {
        const tr_column_probe *probe = &r->probes[i];
        uint32_t c = r->probe_columns[i];
        *probe->unsure = r->probe_unsure[i];
        if (!tr_column_probe_passes(probe, r->page)) {
            TR_TRY(need_page(r, c, r->page, err));
            TR_TRY(tr_column_probe_page(probe, r->page, r->columns[c].pages[r->page],
                                        r->columns[c].head->page_bytes[r->page], scratch, bits,
                                        err));
        }
        if (!*probe->unsure)
            r->met |= bit_of_test(r->probe_tests[i]);
    }
    r->row_count = tr_kernels_now()->select.to_rows(bits, r->page_rows, r->rows);
    r->all_rows = r->row_count == r->page_rows;
    r->row_at = 0;
    return TRAWL_OK;
}

static trawl_status next_page(tr_extent_reader *r, tr_arena *scratch, trawl_error *err) {
    r->row_count = r->row_at = 0;
    while (r->row_count == 0) {
        uint32_t from = r->page + 1;
        uint64_t left = from < TR_GROUP_PAGES ? r->pages >> from << from : 0;
        if (!left)
            return TRAWL_OK;
        r->page = (uint32_t)__builtin_ctzll(left);
        r->page_rows = tr_page_rows(r->facts->rows, r->page);
        atomic_fetch_add_explicit(&r->stats->rows_read, r->page_rows, memory_order_relaxed);
        TR_TRY(test_page(r, scratch, err));
    }
    return TRAWL_OK;
}

static trawl_status decode_path(tr_extent_reader *r, tr_path_read *read, bool only_codes,
                                const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                                trawl_error *err) {
    uint32_t c = read->path->column;
    if (!facts_of(r, c)) {
        tr_vec null;
        TR_TRY(tr_vec_of_null(scratch, TR_DYNAMIC, &null, err));
        return tr_path_convert(read, &null, n, scratch, out, err);
    }
    TR_TRY(need_page(r, c, r->page, err));
    const open_column *o = &r->columns[c];
    return tr_column_decode_path(o->head->column, read, only_codes, r->page, o->pages[r->page],
                                 o->head->page_bytes[r->page], rows, n, scratch, out, err);
}

/* What all rows of the extent have in common. */
static trawl_status decode_place(const tr_extent_reader *r, uint32_t hidden, tr_arena *scratch,
                                 tr_vec *out, trawl_error *err) {
    tr_value value = {.type = tr_extent_hidden[hidden].type};
    if (hidden == 0)
        value.as.i64 = r->place->ticks;
    else if (hidden == 1)
        memcpy(value.as.guid.bytes, r->place->id.bytes, 16);
    else
        value.as.str = r->place->tags;
    return tr_vec_of_value(scratch, &value, out, err);
}

static trawl_status decode_column(void *ctx, uint32_t column, const uint16_t *rows, uint32_t n,
                                  tr_arena *scratch, tr_vec *out, trawl_error *err) {
    tr_extent_reader *r = ctx;
    if (rows && n == r->page_rows)
        rows = NULL;
    uint32_t shown = r->schema.count + r->request->hidden_count;
    if (column >= shown)
        return decode_path(r, &r->paths[column - shown], false, rows, n, scratch, out, err);
    if (!facts_of(r, column) && is_hidden(r, column))
        return decode_place(r, column - r->schema.count, scratch, out, err);
    if (!facts_of(r, column))
        return tr_vec_of_null(scratch, type_of(r, column), out, err);
    TR_TRY(need_page(r, column, r->page, err));
    const open_column *o = &r->columns[column];
    TR_TRY(tr_column_decode(o->head->column, r->page, o->pages[r->page],
                            o->head->page_bytes[r->page], rows, n, scratch, out, err));
    if (!(r->request->skip & TR_SKIP_ENCODED))
        out->dictionary = NULL;
    return TRAWL_OK;
}

static trawl_status decode(void *ctx, uint32_t column, const uint16_t *rows, uint32_t n,
                           tr_arena *scratch, tr_vec *out, trawl_error *err) {
    return note_failure(ctx, decode_column(ctx, column, rows, n, scratch, out, err));
}

static trawl_status codes_of(tr_extent_reader *r, uint32_t column, const uint16_t *rows, uint32_t n,
                             tr_arena *scratch, tr_vec *out, trawl_error *err) {
    uint32_t shown = r->schema.count + r->request->hidden_count;
    if (rows && n == r->page_rows)
        rows = NULL;
    if (type_of(r, column) != TR_STRING || !(r->request->skip & TR_SKIP_ENCODED))
        return TRAWL_OK;
    if (column >= shown) {
        tr_path_read *read = &r->paths[column - shown];
        bool may_have = read->path->is_kept && facts_of(r, read->path->column);
        return may_have ? decode_path(r, read, true, rows, n, scratch, out, err) : TRAWL_OK;
    }
    if (!facts_of(r, column))
        return TRAWL_OK;
    TR_TRY(open_head(r, column, err));
    const open_column *o = &r->columns[column];
    if (o->head->column->type != TR_STRING || !tr_column_is_dictionary(o->head->column))
        return TRAWL_OK;
    TR_TRY(need_page(r, column, r->page, err));
    return tr_dictionary_rows(o->head->column, r->page, o->pages[r->page],
                              o->head->page_bytes[r->page], rows, n, scratch, out, err);
}

static trawl_status codes(void *ctx, uint32_t column, const uint16_t *rows, uint32_t n,
                          tr_arena *scratch, tr_vec *out, trawl_error *err) {
    return note_failure(ctx, codes_of(ctx, column, rows, n, scratch, out, err));
}

trawl_status tr_extent_reader_next(tr_extent_reader *r, tr_batch *batch, trawl_error *err) {
    if (r->row_at == r->row_count)
        TR_TRY(note_failure(r, next_page(r, batch->scratch, err)));
    uint32_t n = r->row_count - r->row_at;
    if (n > r->request->batch_rows)
        n = r->request->batch_rows;
    batch->n = n;
    if (!n)
        return TRAWL_OK;
    uint32_t count = r->schema.count + r->request->hidden_count + r->request->path_count;
    batch->column_count = count;
    batch->columns = TR_NEW_N(batch->scratch, tr_vec, count + 1);
    if (!batch->columns)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < count; c++)
        batch->columns[c].type = type_of(r, c);
    batch->decode = decode;
    batch->codes = codes;
    batch->decode_ctx = r;
    batch->met = r->met;
    batch->rows = r->all_rows && n == r->page_rows ? NULL : r->rows + r->row_at;
    r->row_at += n;
    return TRAWL_OK;
}

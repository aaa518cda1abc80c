/* runtime/store/extent_check.c: is an extent whole, and do zones and index agree with the rows? */
#include "kernels/kernels.h"
#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"
#include "runtime/store/extent_index.h"
#include "runtime/store/terms.h"

/* What the rows of a column say of all groups together. */
typedef struct {
    tr_value low, high; /* null: no value so far, or they are not kept exactly */
    uint64_t null_count;
} sums;

typedef struct {
    tr_extent *extent;
    tr_arena *group, *scratch;
    tr_buf *report;
    uint32_t damaged;
    uint64_t at; /* where the next block must begin */
    sums *sums;  /* [columns] */
} check;

/* A column of a group while its pages are looked at. */
typedef struct {
    uint32_t group, column;
    const tr_column *opened;
    uint32_t page_count;
    const char **pages; /* NULL: it cannot be read */
    const uint32_t *sizes;
    const char *index; /* NULL: there is none, or it cannot be read */
    size_t index_bytes;
    tr_terms_builder *terms; /* the index made again */
    bool whole;              /* all pages could be read */
} column_check;

static void finding(check *c, uint32_t group, uint32_t column, const char *what) {
    c->damaged++;
    tr_str name = c->extent->schema.fields[column].name;
    tr_buf_printf(c->report, "%s: row group %u, column %.*s: %s\n", c->extent->path, group,
                  (int)name.len, name.ptr, what);
}

/* Blocks follow each other without gaps. */
static void follow(check *c, uint32_t group, uint32_t column, uint64_t offset, uint64_t bytes) {
    if (bytes && offset != c->at)
        finding(c, group, column, "does not lie where it should");
    if (bytes)
        c->at = offset + bytes;
}

static bool value_in_zone(const tr_value *value, const tr_zone *zone) {
    tr_scan_bound exact = {.low = *value, .high = *value};
    return tr_zone_may_meet(zone, &exact);
}

static bool page_in_zone(const tr_vec *values, uint32_t n, const tr_zone *zone) {
    for (uint32_t i = 0; i < n; i++) {
        tr_value value = tr_vec_value(values, i);
        if (value.is_null ? !zone->has_null : zone->all_null || !value_in_zone(&value, zone))
            return false;
    }
    return true;
}

/* ---- the index ---- */

static bool is_term_byte(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           (unsigned char)c >= 0x80;
}

static bool knows(const column_check *k, uint32_t p, tr_str literal, uint32_t edges) {
    tr_prefilter test = {.literal = literal, .edges = edges};
    uint64_t pages = UINT64_C(1) << p;
    return tr_terms_probe(k->index, k->index_bytes, &test, TR_SKIP_ALL, &pages, NULL) == TRAWL_OK &&
           pages;
}

/* Every term of the text, and every three bytes of it. */
static bool knows_text(const column_check *k, uint32_t p, tr_str text) {
    for (uint32_t i = 0; i < text.len;) {
        uint32_t end = i;
        while (end < text.len && is_term_byte(text.ptr[end]))
            end++;
        if (end > i && !knows(k, p, tr_str_of(text.ptr + i, end - i), 3))
            return false;
        i = end + 1;
    }
    for (uint32_t i = 0; i + 3 <= text.len; i++)
        if (!knows(k, p, tr_str_of(text.ptr + i, 3), 0))
            return false;
    return true;
}

static trawl_status decode(check *c, const column_check *k, uint32_t p, tr_vec *out,
                           trawl_error *err) {
    uint32_t rows = tr_page_rows(k->opened->n, p);
    tr_vec v;
    tr_arena_reset(c->scratch);
    TR_TRY(
        tr_column_decode(k->opened, p, k->pages[p], k->sizes[p], NULL, rows, c->scratch, &v, err));
    return tr_vec_flatten(c->scratch, &v, rows, out, err);
}

/* Row by row: does the index know the page of all that stands in it? */
static trawl_status check_index_slowly(check *c, const column_check *k, trawl_error *err) {
    bool is_text = c->extent->schema.fields[k->column].type == TR_STRING;
    for (uint32_t p = 0; p < k->page_count; p++) {
        tr_vec values;
        TR_TRY(decode(c, k, p, &values, err));
        for (uint32_t i = 0; i < tr_page_rows(k->opened->n, p); i++) {
            tr_str text = tr_vec_str(&values)[i];
            tr_buf json;
            tr_buf_start(&json, c->scratch);
            if (!tr_vec_is_valid(&values, i))
                continue;
            if (!is_text && !tr_dyn_to_json(&json, text))
                return tr_fail_memory(err);
            if (knows_text(k, p, is_text ? text : tr_buf_str(&json)))
                continue;
            finding(c, k->group, k->column, "the index does not know text that is there");
            return TRAWL_OK;
        }
    }
    return TRAWL_OK;
}

/* An index of the same bytes as one made now from the rows is right; any other may be right. */
static trawl_status check_index(check *c, const column_check *k, trawl_error *err) {
    tr_buf again;
    tr_arena_reset(c->scratch);
    tr_buf_start(&again, c->scratch);
    TR_TRY(tr_terms_finish(k->terms, &again, err));
    if (again.failed)
        return tr_fail_memory(err);
    if (again.n == k->index_bytes && memcmp(again.bytes, k->index, again.n) == 0)
        return TRAWL_OK;
    return check_index_slowly(c, k, err);
}

/* ---- tests on encoded values ---- */

static bool has_bounds(tr_type type) {
    return type != TR_DYNAMIC && type != TR_DECIMAL && type != TR_TIMESPAN;
}

/* Some rows are looked for by their value, as queries do: in dictionaries by their order, in runs,
 * in whatever the column is kept as. */
static trawl_status check_finding(check *c, const column_check *k, uint32_t p, const tr_vec *values,
                                  trawl_error *err) {
    enum { SAMPLES = 8 };
    uint32_t rows = tr_page_rows(k->opened->n, p);
    for (uint32_t s = 0; s < SAMPLES; s++) {
        uint32_t row = (uint32_t)((uint64_t)rows * s / SAMPLES);
        tr_value value = tr_vec_value(values, row);
        if (value.is_null || (value.type == TR_REAL && value.as.real != value.as.real))
            continue;
        tr_scan_bound bound = {.low = value, .high = value};
        tr_column_test test = {.bound = &bound};
        tr_column_probe probe;
        uint64_t bits[TR_BATCH_ROWS / 64];
        bool unsure = false;
        memset(bits, 0xff, sizeof bits);
        TR_TRY(tr_column_probe_start(k->opened, &test, TR_SKIP_ENCODED, c->group, &probe, err));
        probe.unsure = &unsure;
        bool found = probe.pages >> p & 1;
        if (found && !probe.all) {
            TR_TRY(
                tr_column_probe_page(&probe, p, k->pages[p], k->sizes[p], c->scratch, bits, err));
            found = tr_bit_get(bits, row);
        }
        if (!found) {
            finding(c, k->group, k->column, "a test on encoded values misses a row");
            return TRAWL_OK;
        }
    }
    return TRAWL_OK;
}

/* ---- pages ---- */

static void add_up(sums *s, const tr_vec *values, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        tr_value value = tr_vec_value(values, i);
        bool nan = value.type == TR_REAL && value.as.real != value.as.real;
        s->null_count += value.is_null;
        if (value.is_null || nan || tr_type_is_text(value.type))
            continue;
        if (s->low.is_null || tr_value_compare(&value, &s->low) < 0)
            s->low = value;
        if (s->high.is_null || tr_value_compare(&value, &s->high) > 0)
            s->high = value;
    }
}

static trawl_status check_page(check *c, column_check *k, uint32_t p, trawl_error *err) {
    const tr_group_column *facts = &c->extent->groups[k->group].columns[k->column];
    uint32_t rows = tr_page_rows(k->opened->n, p);
    trawl_error found = TRAWL_ERROR_INIT;
    tr_vec values;
    trawl_status status = decode(c, k, p, &values, &found);
    if (status == TRAWL_OK && !page_in_zone(&values, rows, &facts->zone))
        finding(c, k->group, k->column, "holds values outside of its zone");
    else if (status == TRAWL_OK && !page_in_zone(&values, rows, &k->opened->zones[p]))
        finding(c, k->group, k->column, "a page holds values outside of its zone");
    if (status == TRAWL_OK && has_bounds(c->extent->schema.fields[k->column].type))
        status = check_finding(c, k, p, &values, &found);
    if (status == TRAWL_OK && k->terms)
        status = tr_terms_add_page(k->terms, p, &values, rows, &found);
    if (status == TRAWL_E_MEMORY)
        return tr_fail_memory(err);
    if (status == TRAWL_OK) {
        add_up(&c->sums[k->column], &values, rows);
        return TRAWL_OK;
    }
    finding(c, k->group, k->column, found.message);
    k->whole = false;
    return TRAWL_OK;
}

/* Read the pages, which must fill the place that the footer tells. */
static trawl_status read_pages(check *c, column_check *k, const uint32_t *crcs, trawl_error *err) {
    const tr_group_column *facts = &c->extent->groups[k->group].columns[k->column];
    trawl_error found = TRAWL_ERROR_INIT;
    uint64_t offset = facts->head.offset + facts->head.bytes, end = offset + facts->pages_bytes;
    for (uint32_t p = 0; p < k->page_count && k->sizes[p] <= end - offset;
         offset += k->sizes[p++]) {
        char *page = tr_arena_alloc(c->group, (size_t)k->sizes[p] + TR_PAD, 64);
        if (!page)
            return tr_fail_memory(err);
        if (tr_extent_read(c->extent, offset, k->sizes[p], page, &found) != TRAWL_OK)
            finding(c, k->group, k->column, found.message);
        else if (tr_extent_crc(page, k->sizes[p]) != crcs[p])
            finding(c, k->group, k->column, "the checksum of a page is wrong");
        else
            k->pages[p] = page;
        k->whole = k->whole && k->pages[p];
    }
    if (offset != end)
        finding(c, k->group, k->column, "the directory of pages is wrong");
    k->whole = k->whole && offset == end;
    return TRAWL_OK;
}

static trawl_status check_pages(check *c, uint32_t group, uint32_t column, const char *head,
                                const char *index, trawl_error *err) {
    const tr_group_column *facts = &c->extent->groups[group].columns[column];
    uint32_t rows = c->extent->groups[group].rows, pages = tr_page_count(rows);
    tr_type type = c->extent->schema.fields[column].type;
    trawl_error found = TRAWL_ERROR_INIT;
    tr_column *opened = NULL;
    column_check k = {.group = group,
                      .column = column,
                      .page_count = pages,
                      .sizes = (const uint32_t *)(const void *)head,
                      .pages = TR_NEW_N(c->group, const char *, pages + 1),
                      .index = index,
                      .whole = true};
    if (!k.pages)
        return tr_fail_memory(err);
    if (facts->head.bytes >= pages * 8 &&
        tr_column_open(c->group, type, rows, head + pages * 8, facts->head.bytes - pages * 8,
                       &opened, &found) == TRAWL_E_MEMORY)
        return tr_fail_memory(err);
    if (!opened) {
        finding(c, group, column, found.message[0] ? found.message : "the head is too short");
        return TRAWL_OK;
    }
    k.opened = opened;
    if (index && !tr_extent_index_bytes(facts->index.bytes, &k.index_bytes)) {
        finding(c, group, column, "the index has a length that it cannot have");
        k.index = NULL;
    }
    if (k.index && tr_type_is_text(type))
        TR_TRY(tr_terms_builder_new(c->group, type, &k.terms, err));
    TR_TRY(read_pages(c, &k, k.sizes + pages, err));
    for (uint32_t p = 0; p < pages; p++)
        if (k.pages[p])
            TR_TRY(check_page(c, &k, p, err));
    return k.terms && k.whole ? check_index(c, &k, err) : TRAWL_OK;
}

static trawl_status check_column(check *c, uint32_t group, uint32_t column, trawl_error *err) {
    const tr_group_column *facts = &c->extent->groups[group].columns[column];
    trawl_error found = TRAWL_ERROR_INIT;
    char *head = NULL, *index = NULL;
    tr_arena_reset(c->group);
    follow(c, group, column, facts->head.offset, facts->head.bytes + facts->pages_bytes);
    follow(c, group, column, facts->index.offset, facts->index.bytes);
    trawl_status status =
        tr_extent_read_block(c->extent, &facts->head, c->group, "head", &head, &found);
    if (status == TRAWL_OK && facts->index.bytes &&
        tr_extent_read_block(c->extent, &facts->index, c->group, "index", &index, &found) !=
            TRAWL_OK)
        finding(c, group, column, found.message);
    if (status == TRAWL_OK)
        return check_pages(c, group, column, head, index, err);
    finding(c, group, column, found.message);
    return status == TRAWL_E_MEMORY ? tr_fail_memory(err) : TRAWL_OK;
}

/* Counts and extremes answer queries without a look at the rows. */
static void check_sums(check *c, uint32_t column) {
    const tr_zone *zone = tr_extent_zone(c->extent, column);
    const sums *s = &c->sums[column];
    tr_type type = c->extent->schema.fields[column].type;
    uint32_t last = c->extent->facts.group_count - 1;
    if (s->null_count != tr_extent_null_count(c->extent, column))
        finding(c, last, column, "the number of nulls is wrong");
    bool exact = (tr_type_is_i64(type) || type == TR_INT || type == TR_REAL) && !zone->has_nan;
    if (!exact || (s->low.is_null && zone->low.is_null))
        return;
    if (s->low.is_null || zone->low.is_null || tr_value_compare(&s->low, &zone->low) != 0 ||
        tr_value_compare(&s->high, &zone->high) != 0)
        finding(c, last, column, "the smallest or the largest value is wrong");
}

static trawl_status check_all(check *c, trawl_error *err) {
    uint32_t columns = c->extent->schema.count;
    c->at = TR_EXTENT_HEADER_BYTES;
    c->sums = TR_NEW_N(c->extent->arena, sums, (size_t)columns + 1);
    if (!c->sums)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < columns; k++)
        c->sums[k].low = c->sums[k].high = tr_value_null(c->extent->schema.fields[k].type);
    for (uint32_t g = 0; g < c->extent->facts.group_count; g++)
        for (uint32_t k = 0; k < columns; k++)
            TR_TRY(check_column(c, g, k, err));
    for (uint32_t k = 0; c->extent->facts.group_count && !c->damaged && k < columns; k++)
        check_sums(c, k);
    return TRAWL_OK;
}

trawl_status tr_extent_check(const char *path, tr_buf *report, uint32_t *damaged,
                             trawl_error *err) {
    trawl_error found = TRAWL_ERROR_INIT;
    check c = {.group = tr_arena_new(NULL), .scratch = tr_arena_new(NULL), .report = report};
    trawl_status status = c.group && c.scratch ? TRAWL_OK : tr_fail_memory(err);
    if (status == TRAWL_OK && tr_extent_open(path, &c.extent, &found) != TRAWL_OK) {
        c.damaged = 1;
        tr_buf_printf(report, "%s\n", found.message);
    } else if (status == TRAWL_OK) {
        status = check_all(&c, err);
        tr_extent_close(c.extent);
    }
    tr_arena_free(c.group);
    tr_arena_free(c.scratch);
    *damaged = c.damaged;
    return status;
}

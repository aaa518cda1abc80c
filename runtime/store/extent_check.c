/* runtime/store/extent_check.c: is an extent whole, and do zones and index agree with the rows? */
#include "kernels/kernels.h"
#include "runtime/data/text.h"
#include "runtime/store/extent_index.h"
#include "runtime/store/terms.h"

typedef struct {
    tr_extent *extent;
    tr_arena *group, *scratch;
    tr_buf *report;
    uint32_t damaged;
    uint64_t at; /* where the next block must begin */
} check;

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

/* The first term of a text: letters and digits, three at least. */
static bool first_term(tr_str text, tr_str *out) {
    for (uint32_t i = 0; i < text.len;) {
        uint32_t end = i;
        while (end < text.len && ((text.ptr[end] >= '0' && text.ptr[end] <= '9') ||
                                  ((text.ptr[end] | 0x20) >= 'a' && (text.ptr[end] | 0x20) <= 'z')))
            end++;
        bool pure =
            (i == 0 || !(text.ptr[i - 1] & 0x80)) && (end == text.len || !(text.ptr[end] & 0x80));
        if (end - i >= 3 && pure) {
            *out = tr_str_of(text.ptr + i, end - i);
            return true;
        }
        i = end + 1;
    }
    return false;
}

/* Does the index know the page for terms that stand in it? */
static bool index_knows(const char *index, size_t n, const tr_vec *values, uint32_t rows,
                        uint32_t p) {
    enum { STEP = 64 };
    for (uint32_t i = 0; i < rows; i += STEP) {
        tr_str term;
        if (!first_term(tr_vec_str(values)[tr_row(values, i)], &term))
            continue;
        tr_prefilter test = {.literal = term, .edges = 3};
        uint64_t pages = UINT64_C(1) << p;
        if (tr_terms_probe(index, n, &test, TR_SKIP_ALL, &pages, NULL) != TRAWL_OK || !pages)
            return false;
    }
    return true;
}

static trawl_status check_page(check *c, uint32_t group, uint32_t column, const tr_column *opened,
                               uint32_t p, const char *page, size_t bytes, const char *index,
                               trawl_error *err) {
    const tr_group_column *facts = &c->extent->groups[group].columns[column];
    uint32_t rows = tr_page_rows(opened->n, p);
    trawl_error found = TRAWL_ERROR_INIT;
    tr_vec values;
    tr_arena_reset(c->scratch);
    trawl_status status =
        tr_column_decode(opened, p, page, bytes, NULL, rows, c->scratch, &values, &found);
    if (status == TRAWL_E_MEMORY)
        return tr_fail_memory(err);
    if (status != TRAWL_OK) {
        finding(c, group, column, found.message);
        return TRAWL_OK;
    }
    if (!page_in_zone(&values, rows, &facts->zone) ||
        !page_in_zone(&values, rows, &opened->zones[p]))
        finding(c, group, column, "holds values outside of its zone");
    bool text = c->extent->schema.fields[column].type == TR_STRING;
    size_t index_bytes = 0;
    if (index && !tr_extent_index_bytes(facts->index.bytes, &index_bytes))
        finding(c, group, column, "the index has a length that it cannot have");
    else if (index && text && !index_knows(index, index_bytes, &values, rows, p))
        finding(c, group, column, "the index does not know terms that are there");
    return TRAWL_OK;
}

static trawl_status check_pages(check *c, uint32_t group, uint32_t column, const char *head,
                                const char *index, trawl_error *err) {
    const tr_group_column *facts = &c->extent->groups[group].columns[column];
    uint32_t rows = c->extent->groups[group].rows, pages = tr_page_count(rows);
    const uint32_t *sizes = (const uint32_t *)(const void *)head, *crcs = sizes + pages;
    trawl_error found = TRAWL_ERROR_INIT;
    tr_column *opened = NULL;
    uint64_t offset = facts->head.offset + facts->head.bytes, end = offset + facts->pages_bytes;
    if (facts->head.bytes >= pages * 8 &&
        tr_column_open(c->group, c->extent->schema.fields[column].type, rows, head + pages * 8,
                       facts->head.bytes - pages * 8, &opened, &found) == TRAWL_E_MEMORY)
        return tr_fail_memory(err);
    if (!opened) {
        finding(c, group, column, found.message[0] ? found.message : "the head is too short");
        return TRAWL_OK;
    }
    for (uint32_t p = 0; p < pages && sizes[p] <= end - offset; offset += sizes[p++]) {
        char *page = tr_arena_alloc(c->group, (size_t)sizes[p] + 1, 64);
        if (!page)
            return tr_fail_memory(err);
        if (tr_extent_read(c->extent, offset, sizes[p], page, &found) != TRAWL_OK)
            finding(c, group, column, found.message);
        else if (tr_extent_crc(page, sizes[p]) != crcs[p])
            finding(c, group, column, "the checksum of a page is wrong");
        else
            TR_TRY(check_page(c, group, column, opened, p, page, sizes[p], index, err));
    }
    if (offset != end)
        finding(c, group, column, "the directory of pages is wrong");
    return TRAWL_OK;
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

static trawl_status check_all(check *c, trawl_error *err) {
    c->at = TR_EXTENT_HEADER_BYTES;
    for (uint32_t g = 0; g < c->extent->facts.group_count; g++)
        for (uint32_t k = 0; k < c->extent->schema.count; k++)
            TR_TRY(check_column(c, g, k, err));
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

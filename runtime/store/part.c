/* runtime/store/part.c: rows in memory: those of one change, put together as they become many. */
#include "runtime/store/rows_codec.h"
#include "runtime/store/state.h"

/* SETTLE_COUNT parts of one level become one of the next, unless that has more than SETTLE_ROWS
 * rows: a table has few parts, and a row is copied a few times at most. */
enum { SETTLE_COUNT = 32, SETTLE_ROWS = 32768 };

uint64_t tr_part_first(const tr_part *part) {
    return part->runs[0].sequence;
}

uint64_t tr_part_last(const tr_part *part) {
    return part->runs[part->run_count - 1].sequence;
}

void tr_columns_map(const tr_meta *meta, const uint32_t *ids, uint32_t count, uint32_t *out) {
    for (uint32_t c = 0; c < meta->schema.count; c++) {
        uint32_t want = meta->ids[c];
        if (c < count && ids[c] == want) {
            out[c] = c;
            continue;
        }
        out[c] = UINT32_MAX;
        for (uint32_t i = 0; i < count; i++)
            if (ids[i] == want)
                out[c] = i;
    }
}

static bool copy_tags(tr_part *part, const tr_str *tags, uint32_t count) {
    tr_arena *arena = part->piece.arena;
    tr_str *copy = TR_NEW_N(arena, tr_str, count + 1);
    for (uint32_t i = 0; copy && i < count; i++) {
        const char *text = tr_arena_text(arena, tags[i].ptr, tags[i].len);
        if (!text)
            return false;
        copy[i] = tr_str_make(text, tags[i].len);
    }
    part->tags = copy;
    part->tag_count = count;
    return copy != NULL;
}

static bool copy_runs(tr_part *part, const tr_rows_run *runs, uint32_t count) {
    part->runs = TR_NEW_N(part->piece.arena, tr_rows_run, count + 1);
    if (!part->runs)
        return false;
    memcpy(part->runs, runs, count * sizeof *runs);
    part->run_count = count;
    return true;
}

trawl_status tr_part_decode(const char *bytes, uint64_t n, const tr_rows_run *runs,
                            uint32_t run_count, const tr_str *tags, uint32_t tag_count,
                            tr_part **out, trawl_error *err) {
    tr_part *part = TR_PIECE_NEW(tr_part);
    if (!part)
        return tr_fail_memory(err);
    uint32_t *ids;
    trawl_status status = tr_rows_decode(bytes, n, part->piece.arena, &part->rows, &ids, err);
    if (status == TRAWL_OK &&
        (!copy_tags(part, tags, tag_count) || !copy_runs(part, runs, run_count)))
        status = tr_fail_memory(err);
    if (status != TRAWL_OK) {
        tr_part_drop(part);
        return status;
    }
    part->ids = ids;
    part->bytes = n;
    *out = part;
    return TRAWL_OK;
}

/* ---- rows of parts as rows of a new part ---- */

/* An empty part like `like`, whose columns have its types and ids. */
static tr_part *part_like(const tr_part *like) {
    tr_part *part = TR_PIECE_NEW(tr_part);
    if (!part)
        return NULL;
    tr_arena *arena = part->piece.arena;
    uint32_t count = like->rows.schema.count;
    tr_field *fields = TR_NEW_N(arena, tr_field, count + 1);
    uint32_t *ids = TR_NEW_N(arena, uint32_t, count + 1);
    if (!fields || !ids || !copy_tags(part, like->tags, like->tag_count)) {
        tr_part_drop(part);
        return NULL;
    }
    for (uint32_t c = 0; c < count; c++) {
        fields[c] = (tr_field){TR_STR_EMPTY, like->rows.schema.fields[c].type};
        ids[c] = like->ids[c];
    }
    tr_rows_start(&part->rows, (tr_schema){count, fields});
    part->ids = ids;
    return part;
}

/* Copy rows of `from`, whose text gets copied too, as whole chunks. */
static trawl_status take_rows(tr_part *part, const tr_rows *from, uint64_t first, tr_arena *scratch,
                              trawl_error *err) {
    uint64_t count = from->row_count - first;
    uint64_t *ids = TR_NEW_N(scratch, uint64_t, count + 1);
    if (!ids)
        return tr_fail_memory(err);
    uint64_t row = 0, n = 0;
    for (uint32_t k = 0; k < from->chunk_count; k++)
        for (uint32_t i = 0; i < from->chunks[k].n; i++, row++)
            if (row >= first)
                ids[n++] = (uint64_t)k << 16 | i;
    tr_rows picked;
    TR_TRY(tr_rows_pick_all(from, ids, count, scratch, &picked, err));
    for (uint32_t k = 0; k < picked.chunk_count; k++) {
        tr_batch batch = {.n = picked.chunks[k].n,
                          .column_count = from->schema.count,
                          .columns = picked.chunks[k].columns,
                          .scratch = scratch};
        if (from->schema.count)
            TR_TRY(tr_rows_append(&part->rows, part->piece.arena, &batch, NULL, err));
        else
            TR_TRY(
                tr_rows_add_chunk(&part->rows, part->piece.arena, batch.n, batch.columns, 0, err));
    }
    return TRAWL_OK;
}

trawl_status tr_part_after(const tr_part *from, uint64_t sequence, tr_part **out,
                           trawl_error *err) {
    uint32_t run = 0;
    while (run + 1 < from->run_count && from->runs[run].sequence <= sequence)
        run++;
    uint64_t first = run ? from->runs[run - 1].row_end : 0;
    tr_part *part = part_like(from);
    tr_arena *scratch = tr_arena_new(NULL);
    trawl_status status = TRAWL_OK;
    if (!part || !scratch || !copy_runs(part, from->runs + run, from->run_count - run))
        status = tr_fail_memory(err);
    for (uint32_t i = 0; status == TRAWL_OK && i < part->run_count; i++)
        part->runs[i].row_end -= first;
    if (status == TRAWL_OK)
        status = take_rows(part, &from->rows, first, scratch, err);
    tr_arena_free(scratch);
    if (status != TRAWL_OK) {
        tr_part_drop(part);
        return status;
    }
    part->bytes =
        from->rows.row_count ? from->bytes / from->rows.row_count * part->rows.row_count : 0;
    part->level = from->level;
    *out = part;
    return TRAWL_OK;
}

/* ---- settling ---- */

static bool alike(const tr_part *a, const tr_part *b) {
    uint32_t count = a->rows.schema.count;
    if (a->level != b->level || count != b->rows.schema.count || a->tag_count != b->tag_count ||
        memcmp(a->ids, b->ids, count * sizeof *a->ids) != 0)
        return false;
    for (uint32_t i = 0; i < a->tag_count; i++)
        if (!tr_str_equal(a->tags[i], b->tags[i]))
            return false;
    return true;
}

/* All rows of parts, which are alike, as one part. */
static trawl_status put_together(tr_part *const *parts, uint32_t count, tr_part **out,
                                 trawl_error *err) {
    tr_part *part = part_like(parts[0]);
    tr_arena *scratch = tr_arena_new(NULL);
    uint32_t run_count = 0;
    for (uint32_t i = 0; i < count; i++)
        run_count += parts[i]->run_count;
    tr_rows all;
    trawl_status status = part && scratch ? TRAWL_OK : tr_fail_memory(err);
    if (status == TRAWL_OK &&
        !(part->runs = TR_NEW_N(part->piece.arena, tr_rows_run, run_count + 1)))
        status = tr_fail_memory(err);
    tr_rows_start(&all, parts[0]->rows.schema);
    for (uint32_t i = 0; status == TRAWL_OK && i < count; i++) {
        for (uint32_t r = 0; r < parts[i]->run_count; r++) {
            tr_rows_run run = parts[i]->runs[r];
            run.row_end += all.row_count;
            part->runs[part->run_count++] = run;
        }
        part->bytes += parts[i]->bytes;
        status = tr_rows_concat(&all, scratch, &parts[i]->rows, err);
    }
    if (status == TRAWL_OK)
        status = take_rows(part, &all, 0, scratch, err);
    tr_arena_free(scratch);
    if (status != TRAWL_OK) {
        tr_part_drop(part);
        return status;
    }
    part->level = parts[0]->level + 1;
    *out = part;
    return TRAWL_OK;
}

trawl_status tr_parts_settle(tr_part **parts, uint32_t *count, trawl_error *err) {
    while (*count >= SETTLE_COUNT) {
        tr_part **last = parts + (*count - SETTLE_COUNT);
        uint64_t rows = 0;
        for (uint32_t i = 0; i < SETTLE_COUNT; i++) {
            if (!alike(last[0], last[i]))
                return TRAWL_OK;
            rows += last[i]->rows.row_count;
        }
        if (rows > SETTLE_ROWS)
            return TRAWL_OK;
        tr_part *whole;
        TR_TRY(put_together(last, SETTLE_COUNT, &whole, err));
        for (uint32_t i = 0; i < SETTLE_COUNT; i++)
            tr_part_drop(last[i]);
        last[0] = whole;
        *count -= SETTLE_COUNT - 1;
    }
    return TRAWL_OK;
}

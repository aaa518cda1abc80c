/* runtime/api/command_delete.c: .delete table T records <| T | where ...: rows taken out of
 * extents.
 *
 * The query must be the table and conditions on its rows. Each extent is asked for the value of the
 * condition in each of its rows, in their order: so the row of the file is known. */
#include "runtime/api/command.h"

#include "runtime/data/text.h"
#include "runtime/store/internal.h"

/* ---- the condition ---- */

static trawl_status bad_query(const tr_doing *d, trawl_error *err) {
    trawl_status status = tr_fail_at(
        err, TRAWL_E_SEMANTIC, d->command->query.bytes ? d->command->query : d->command->data,
        "CMD0110", "the rows to delete must be told as Table | where ...");
    tr_hint(err, "extend may stand before where; no take, no summarize, no join");
    return status;
}

static bool is_source(const tr_plan *plan, tr_str table) {
    return plan->kind == TR_PLAN_SCAN && tr_str_equal(plan->as.scan.table->name, table) &&
           plan->as.scan.path_count == 0;
}

trawl_status tr_delete_condition(tr_doing *d, const tr_plan *plan, tr_str table,
                                 const tr_expr **out, trawl_error *err) {
    tr_plan_ctx ctx = {.query = d->arena, .env = &d->query->env};
    *out = NULL;
    for (; !is_source(plan, table); plan = plan->inputs[0]) {
        if (plan->kind == TR_PLAN_FILTER) {
            const tr_expr *both[2] = {plan->as.filter, *out};
            if (!*out)
                *out = plan->as.filter;
            else
                TR_TRY(tr_expr_call(&ctx, tr_str_c("and"), both, 2, (tr_span){0, 0}, out, err));
        } else if (plan->kind == TR_PLAN_PROJECT) {
            if (*out)
                TR_TRY(tr_expr_substitute(&ctx, *out, plan->as.project, out, err));
        } else {
            return bad_query(d, err);
        }
    }
    return TRAWL_OK;
}

/* ---- one extent ---- */

/* Does any row meet the condition? Filters of the scan may tell without looking at rows. */
static trawl_status any_row(tr_doing *d, tr_plan_ctx *ctx, const tr_table *table,
                            const tr_expr *wanted, bool *any, trawl_error *err) {
    const tr_plan *plan;
    tr_rows rows;
    *any = true;
    if (!wanted)
        return TRAWL_OK;
    TR_TRY(tr_plan_scan(ctx, table, (tr_span){0, 0}, &plan, err));
    TR_TRY(tr_plan_filter(ctx, plan, wanted, &plan, err));
    TR_TRY(tr_plan_take(ctx, plan, 1, &plan, err));
    TR_TRY(tr_plan_rewrite(ctx, plan, &plan, err));
    TR_TRY(tr_doing_rows(d, plan, &rows, err));
    *any = rows.row_count > 0;
    return TRAWL_OK;
}

/* A bool a row, in the order of the rows. */
static trawl_status row_values(tr_doing *d, tr_plan_ctx *ctx, const tr_table *table,
                               const tr_expr *wanted, tr_rows *out, trawl_error *err) {
    const tr_plan *plan;
    tr_value yes = {.type = TR_BOOL, .as.boolean = true};
    tr_str name = tr_str_c("wanted");
    if (!wanted)
        TR_TRY(tr_expr_const(ctx, &yes, (tr_span){0, 0}, &wanted, err));
    TR_TRY(tr_plan_scan(ctx, table, (tr_span){0, 0}, &plan, err));
    TR_TRY(tr_plan_project(ctx, plan, 1, &wanted, &name, &plan, err));
    TR_TRY(tr_plan_rewrite(ctx, plan, &plan, err));
    return tr_doing_rows(d, plan, out, err);
}

/* Rows of the file that are wanted, as a bitmap; rows that are deleted already are not shown. */
static trawl_status mark_rows(tr_doing *d, const tr_rows *values, const uint64_t *deleted,
                              uint64_t row_count, uint64_t **bits, uint64_t *marked,
                              trawl_error *err) {
    uint64_t at = 0;
    *marked = 0;
    *bits = TR_NEW_N(d->arena, uint64_t, row_count / 64 + 1);
    if (!*bits)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < values->chunk_count; c++) {
        const tr_chunk *chunk = &values->chunks[c];
        for (uint32_t r = 0; r < chunk->n; r++, at++) {
            while (at < row_count && deleted && (deleted[at / 64] >> at % 64 & 1))
                at++;
            if (at >= row_count)
                return tr_fail(err, TRAWL_E_INTERNAL, "an extent gave more rows than it holds");
            tr_value value = tr_vec_value(&chunk->columns[0], r);
            if (value.is_null || !value.as.boolean)
                continue;
            (*bits)[at / 64] |= UINT64_C(1) << at % 64;
            ++*marked;
        }
    }
    return TRAWL_OK;
}

static trawl_status take_out(tr_doing *d, const tr_cat_table *table, const tr_cat_extent *extent,
                             const tr_expr *wanted, bool only_count, uint64_t *marked,
                             trawl_error *err) {
    tr_arena *arena = tr_arena_new(&d->query->budget);
    if (!arena)
        return tr_fail_memory(err);
    tr_doing here = *d;
    here.arena = arena; /* a bool a row is much for many extents */
    tr_plan_ctx ctx = {.query = arena, .env = &d->query->env};
    const tr_table *rows;
    tr_rows values;
    uint64_t *bits;
    bool any = false;
    *marked = 0;
    trawl_status status =
        tr_snapshot_extent(d->state->snapshot, table->name, extent->id, arena, &rows, err);
    if (status == TRAWL_OK)
        status = any_row(&here, &ctx, rows, wanted, &any, err);
    if (status == TRAWL_OK && any)
        status = row_values(&here, &ctx, rows, wanted, &values, err);
    if (status == TRAWL_OK && any) {
        const tr_store_table *stored = rows->state;
        const tr_extent *file;
        const uint64_t *deleted;
        status = tr_store_extent_open(stored, &stored->extents[0], &file, &deleted, err);
        if (status == TRAWL_OK) {
            status = mark_rows(&here, &values, deleted, extent->row_count, &bits, marked, err);
            tr_store_extent_release(&stored->extents[0]);
        }
    }
    if (status == TRAWL_OK && *marked && !only_count)
        status = *marked == extent->row_count - extent->deleted_count
                     ? tr_change_drop_extent(d->change, table->name, extent->id, err)
                     : tr_change_delete_rows(d->change, table->name, extent->id, bits, err);
    tr_arena_free(arena);
    return status;
}

/* ---- all of them ---- */

trawl_status tr_delete_rows(tr_doing *d, tr_str name, const tr_expr *wanted, bool only_count,
                            tr_deleted **out, uint32_t *count, trawl_error *err) {
    const tr_cat_table *table = tr_cat_find_table(d->state->catalog, name);
    tr_deleted *list = TR_NEW_N(d->arena, tr_deleted, (size_t)table->extent_count + 1);
    if (!list)
        return tr_fail_memory(err);
    *count = 0;
    for (uint32_t e = 0; e < table->extent_count; e++) {
        const tr_cat_extent *extent = table->extents[e];
        uint64_t marked;
        TR_TRY(take_out(d, table, extent, wanted, only_count, &marked, err));
        if (marked)
            list[(*count)++] =
                (tr_deleted){extent, marked, marked == extent->row_count - extent->deleted_count};
    }
    *out = list;
    return TRAWL_OK;
}

/* ---- the command ---- */

static void put_row(const tr_doing *d, tr_sheet *out, const tr_deleted *deleted) {
    tr_buf id, details;
    tr_buf_start(&id, d->arena);
    tr_format_guid(&id, deleted->extent->id);
    tr_sheet_buf(out, &id);
    if (deleted->is_gone)
        tr_sheet_c(out, "");
    else
        tr_sheet_buf(out, &id);
    tr_buf_start(&details, d->arena);
    tr_buf_printf(&details, "%llu rows deleted", (unsigned long long)deleted->row_count);
    tr_sheet_buf(out, &details);
}

trawl_status tr_delete_records(tr_doing *d, tr_sheet *out, trawl_error *err) {
    static const char *const known[] = {"whatif", NULL};
    const tr_command_text *name = &d->command->names[0];
    bool whatif = tr_property_is_true(d->command, "whatif");
    const tr_cat_table *table;
    const tr_plan *plan;
    const tr_expr *wanted;
    tr_deleted *deleted;
    uint32_t count;
    uint64_t total = 0;
    TR_TRY(tr_check_properties(d, known, err));
    TR_TRY(tr_find_table(d, name, &table, err));
    TR_TRY(tr_check_unguarded(d, name, err));
    TR_TRY(tr_doing_seal(d, name->text, err));
    TR_TRY(tr_doing_plain_query(d, &plan, err));
    TR_TRY(tr_delete_condition(d, plan, name->text, &wanted, err));
    TR_TRY(tr_delete_rows(d, name->text, wanted, whatif, &deleted, &count, err));
    for (uint32_t i = 0; i < count; i++) {
        total += deleted[i].row_count;
        if (!whatif)
            put_row(d, out, &deleted[i]);
    }
    if (!whatif)
        return TRAWL_OK;
    tr_sheet_start(out, d->arena, "RecordsMatchPredicate:long");
    tr_sheet_number(out, (int64_t)total);
    return tr_doing_nothing(d);
}

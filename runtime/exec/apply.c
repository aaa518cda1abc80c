/* runtime/exec/apply.c: runs a plan once for each group of rows (mv-apply, partition).
 * Groups come in the order of their first row; rows of a group keep their order. */
#include "kernels/kernels.h"
#include "runtime/exec/pipe.h"

/* Row ids of every group, in one array cut by starts[]. */
typedef struct {
    tr_groups groups;
    uint64_t *ids;
    uint64_t *starts; /* [groups.count + 1] */
} partition;

static trawl_status number_rows(const tr_plan *plan, const tr_rows *rows, tr_arena *arena,
                                partition *p, uint32_t **group_of, trawl_error *err) {
    uint32_t key_count = plan->as.apply.key_count;
    tr_type *types = TR_NEW_N(arena, tr_type, key_count + 1);
    tr_vec *keys = TR_NEW_N(arena, tr_vec, key_count + 1);
    if (!types || !keys)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < key_count; k++)
        types[k] = rows->schema.fields[plan->as.apply.keys[k]].type;
    TR_TRY(tr_groups_start(&p->groups, arena, key_count, types, err));
    for (uint32_t c = 0; c < rows->chunk_count; c++) {
        const tr_chunk *chunk = &rows->chunks[c];
        group_of[c] = TR_NEW_N(arena, uint32_t, TR_BATCH_ROWS);
        if (!group_of[c])
            return tr_fail_memory(err);
        for (uint32_t k = 0; k < key_count; k++)
            TR_TRY(tr_vec_flatten(arena, &chunk->columns[plan->as.apply.keys[k]], chunk->n,
                                  &keys[k], err));
        TR_TRY(tr_groups_insert(&p->groups, keys, chunk->n, arena, group_of[c], err));
    }
    return TRAWL_OK;
}

static trawl_status cut(const tr_plan *plan, const tr_rows *rows, tr_arena *arena, partition *p,
                        trawl_error *err) {
    uint32_t **group_of = TR_NEW_N(arena, uint32_t *, rows->chunk_count + 1);
    if (!group_of)
        return tr_fail_memory(err);
    TR_TRY(number_rows(plan, rows, arena, p, group_of, err));
    p->ids = TR_NEW_N(arena, uint64_t, rows->row_count + 1);
    p->starts = TR_NEW_N(arena, uint64_t, (size_t)p->groups.count + 2);
    if (!p->ids || !p->starts)
        return tr_fail_memory(err);
    /* starts[g + 1] counts, then sums up, then moves along as rows are placed. */
    for (uint32_t c = 0; c < rows->chunk_count; c++)
        for (uint32_t i = 0; i < rows->chunks[c].n; i++)
            p->starts[group_of[c][i] + 1]++;
    for (uint32_t g = 0; g < p->groups.count; g++)
        p->starts[g + 1] += p->starts[g];
    uint64_t *at = TR_NEW_N(arena, uint64_t, (size_t)p->groups.count + 1);
    if (!at)
        return tr_fail_memory(err);
    memcpy(at, p->starts, p->groups.count * sizeof *at);
    for (uint32_t c = 0; c < rows->chunk_count; c++)
        for (uint32_t i = 0; i < rows->chunks[c].n; i++)
            p->ids[at[group_of[c][i]]++] = (uint64_t)c << 16 | i;
    return TRAWL_OK;
}

/* The body's rows, with the group's key values in front if wanted. */
static trawl_status add_result(const tr_plan *plan, const partition *p, uint32_t group,
                               const tr_rows *result, tr_arena *arena, tr_rows *out,
                               trawl_error *err) {
    uint32_t keys = plan->as.apply.keep_keys ? plan->as.apply.key_count : 0;
    for (uint32_t c = 0; c < result->chunk_count; c++) {
        const tr_chunk *chunk = &result->chunks[c];
        tr_vec *columns = TR_NEW_N(arena, tr_vec, plan->schema.count + 1);
        if (!columns)
            return tr_fail_memory(err);
        for (uint32_t k = 0; k < keys; k++) {
            TR_TRY(tr_groups_keys(&p->groups, k, group, 1, arena, &columns[k], err));
            columns[k].is_const = true;
            TR_TRY(tr_vec_flatten(arena, &columns[k], chunk->n, &columns[k], err));
        }
        for (uint32_t i = 0; i < result->schema.count; i++)
            columns[keys + i] = chunk->columns[i];
        TR_TRY(tr_rows_add_chunk(out, arena, chunk->n, columns, out->chunk_count, err));
    }
    return TRAWL_OK;
}

trawl_status tr_apply_finish(void *ctx, tr_exec *exec, tr_rows *rows, trawl_error *err) {
    const tr_plan *plan = ctx;
    tr_rows out;
    tr_rows_start(&out, plan->schema);
    partition p = {0};
    const tr_rows *outer = exec->apply_input;
    if (rows->row_count)
        TR_TRY(cut(plan, rows, exec->query, &p, err));
    trawl_status status = TRAWL_OK;
    for (uint32_t g = 0; g < p.groups.count && status == TRAWL_OK; g++) {
        tr_rows group, result;
        status = tr_rows_pick_all(rows, p.ids + p.starts[g], p.starts[g + 1] - p.starts[g],
                                  exec->query, &group, err);
        exec->apply_input = &group;
        if (status == TRAWL_OK)
            status = tr_exec_run(exec, plan->as.apply.body, &result, err);
        if (status == TRAWL_OK)
            status = add_result(plan, &p, g, &result, exec->query, &out, err);
    }
    exec->apply_input = outer;
    *rows = out;
    return status;
}

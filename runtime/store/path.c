/* runtime/store/path.c: values inside dynamic values, step by step. */
#include "runtime/store/path.h"

#include "runtime/data/dynamic.h"

static bool walk(tr_str value, const tr_path_step *steps, uint32_t count, tr_str *out) {
    for (uint32_t i = 0; i < count; i++)
        if (!(steps[i].is_index ? tr_dyn_index(value, steps[i].index, &value)
                                : tr_dyn_get(value, steps[i].key, &value)))
            return false;
    *out = value;
    return tr_dyn_kind_of(value) != TR_DYN_NULL;
}

trawl_status tr_walk_path(const tr_vec *values, const tr_path_step *steps, uint32_t step_count,
                          uint32_t n, tr_arena *scratch, tr_vec *out, trawl_error *err) {
    tr_vec found;
    uint32_t rows = values->is_const ? 1 : n;
    TR_TRY(tr_vec_new(scratch, TR_DYNAMIC, rows, &found, err));
    TR_TRY(tr_vec_need_valid(scratch, &found, rows, err));
    found.is_const = values->is_const;
    tr_str *to = found.data;
    for (uint32_t i = 0; i < rows; i++) {
        tr_str value;
        if (tr_vec_is_valid(values, i) && walk(tr_vec_str(values)[i], steps, step_count, &value))
            to[i] = value;
        else
            tr_bit_clear(found.valid, i);
    }
    *out = found;
    return TRAWL_OK;
}

trawl_status tr_path_read_start(const tr_scan_path *path, tr_arena *local, tr_path_read *out,
                                trawl_error *err) {
    *out = (tr_path_read){.path = path, .by_entry.local = local};
    if (!path->convert)
        return TRAWL_OK;
    return path->convert->start(path->convert->shared, local, &out->state, err);
}

trawl_status tr_path_convert(const tr_path_read *read, const tr_vec *in, uint32_t n,
                             tr_arena *scratch, tr_vec *out, trawl_error *err) {
    const tr_scan_path *path = read->path;
    if (path->convert && !(path->is_kept && path->type == in->type))
        return path->convert->run(path->convert->shared, read->state, in, n, scratch, out, err);
    *out = *in;
    if (in->type == TR_STRING) /* rows without a text have "" */
        out->valid = NULL;
    return TRAWL_OK;
}

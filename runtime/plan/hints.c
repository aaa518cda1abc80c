/* runtime/plan/hints.c: what predicates above a scan tell it, and how that is printed. */
#include "runtime/plan/hints.h"

#include "kernels/kernels.h"
#include "runtime/data/text.h"

trawl_status tr_scan_hints_of(tr_arena *query, const tr_expr *const *tests, uint32_t count,
                              const tr_scan_hints *base, tr_scan_hints *out, trawl_error *err) {
    tr_bound_list bounds = {.query = query};
    tr_prefilter_list prefilters = {.query = query};
    for (uint32_t i = 0; base && i < base->bound_count; i++)
        TR_TRY(tr_bounds_add(&bounds, &base->bounds[i], err));
    for (uint32_t i = 0; base && i < base->prefilter_count; i++)
        TR_TRY(tr_prefilters_add(&prefilters, &base->prefilters[i], err));
    for (uint32_t i = 0; i < count; i++) {
        TR_TRY(tr_bounds_add_test(&bounds, tests[i], err));
        TR_TRY(tr_prefilters_add_test(&prefilters, tests[i], err));
    }
    *out = (tr_scan_hints){prefilters.count, prefilters.items, bounds.count, bounds.items};
    return TRAWL_OK;
}

/* ---- printing ---- */

enum { PRINTED_MAX = 5 };

static void put_value(tr_buf *out, const tr_value *value) {
    if (value->type == TR_STRING)
        tr_json_put_string(out, value->as.str);
    else
        tr_format_value(out, value);
}

static void put_bound(tr_buf *out, const tr_scan_bound *bound) {
    if (bound->value_count == 1) {
        tr_buf_put_text(out, " is ");
        put_value(out, &bound->low);
        return;
    }
    if (bound->value_count > 1 && bound->value_count <= PRINTED_MAX) {
        for (uint32_t i = 0; i < bound->value_count; i++) {
            tr_buf_put_text(out, i == 0 ? " is " : " or ");
            put_value(out, &bound->values[i]);
        }
        return;
    }
    tr_buf_put_text(out, " is ");
    if (bound->value_count)
        tr_buf_printf(out, "one of %u values ", bound->value_count);
    if (bound->low.is_null && bound->high.is_null)
        tr_buf_put_text(out, "not null");
    if (!bound->low.is_null) {
        tr_buf_put_text(out, bound->high.is_null ? "at least " : "from ");
        put_value(out, &bound->low);
    }
    if (!bound->high.is_null) {
        tr_buf_put_text(out, bound->low.is_null ? "at most " : " to ");
        put_value(out, &bound->high);
    }
}

static void put_prefilter(tr_buf *out, const tr_prefilter *p) {
    static const char *const words[] = {" holds ", " hasprefix ", " hassuffix ", " has "};
    tr_buf_put_text(out, words[p->edges & (TR_FIND_EDGE_START | TR_FIND_EDGE_END)]);
    if (p->any_case)
        tr_buf_put_text(out, "(any case) ");
    tr_json_put_string(out, p->literal);
    for (uint32_t i = 0; i < p->other_count && i + 1 < PRINTED_MAX; i++) {
        tr_buf_put_text(out, " or ");
        tr_json_put_string(out, p->others[i]);
    }
    if (p->other_count >= PRINTED_MAX)
        tr_buf_printf(out, " or %u more", p->other_count + 1 - PRINTED_MAX);
}

void tr_scan_hints_print(tr_buf *out, const tr_scan_hints *hints, const tr_schema *schema) {
    const char *before = " skipping to rows whose ";
    for (uint32_t i = 0; i < hints->bound_count; i++, before = " and ") {
        tr_buf_put_text(out, before);
        tr_buf_put_str(out, schema->fields[hints->bounds[i].column].name);
        put_bound(out, &hints->bounds[i]);
    }
    for (uint32_t i = 0; i < hints->prefilter_count; i++, before = " and ") {
        tr_buf_put_text(out, before);
        tr_buf_put_str(out, schema->fields[hints->prefilters[i].column].name);
        put_prefilter(out, &hints->prefilters[i]);
    }
}

/* runtime/kql/command.c: management commands that need no store: what there is to ask, and of whom.
 */
#include "runtime/kql/analyze.h"
#include "runtime/kql/features.h"

/* A table of strings under construction. */
typedef struct {
    tr_analyzer *a;
    tr_rows *rows;
    uint32_t columns;
} listing;

enum { COLUMNS_MAX = 5 };

static trawl_status start(tr_analyzer *a, const char *const *titles, uint32_t columns, listing *out,
                          trawl_error *err) {
    tr_field *fields = TR_NEW_N(a->plan.query, tr_field, columns);
    *out = (listing){a, TR_NEW(a->plan.query, tr_rows), columns};
    if (!fields || !out->rows)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < columns; i++)
        fields[i] = (tr_field){tr_str_c(titles[i]), TR_STRING};
    tr_rows_start(out->rows, (tr_schema){columns, fields});
    return TRAWL_OK;
}

static trawl_status add(listing *l, const tr_str *cells, trawl_error *err) {
    tr_value row[COLUMNS_MAX];
    for (uint32_t i = 0; i < l->columns; i++)
        row[i] = (tr_value){.type = TR_STRING, .as.str = cells[i]};
    return tr_rows_append_values(l->rows, l->a->plan.query, row, err);
}

static trawl_status finish(listing *l, tr_span span, trawl_error *err) {
    const tr_plan *plan;
    TR_TRY(tr_plan_values(&l->a->plan, l->rows, span, &plan, err));
    return tr_add_result(l->a, plan, TR_STR_EMPTY, err);
}

static trawl_status show_tables(tr_analyzer *a, tr_span span, trawl_error *err) {
    static const char *const titles[] = {"TableName", "DatabaseName", "Folder", "DocString"};
    const tr_database *database = a->request->database;
    listing l;
    TR_TRY(start(a, titles, 4, &l, err));
    for (uint32_t i = 0; i < database->table_count; i++) {
        tr_str cells[4] = {database->tables[i]->name, database->name, TR_STR_EMPTY,
                           database->tables[i]->description};
        TR_TRY(add(&l, cells, err));
    }
    return finish(&l, span, err);
}

static trawl_status add_text(listing *l, const char *name, const char *kind, const char *state,
                             const char *summary, trawl_error *err) {
    tr_str cells[4] = {tr_str_c(name), tr_str_c(kind), tr_str_c(state),
                       tr_str_c(summary ? summary : "")};
    return add(l, cells, err);
}

/* Overloads follow one another: only the first row of a name is listed. */
static trawl_status add_functions(listing *l, trawl_error *err) {
    const tr_func *func;
    const char *last = "";
    for (uint32_t k = 0; (func = tr_func_at(k)); k++) {
        bool internal = strncmp(func->name, "__", 2) == 0 || (func->flags & TR_FUNC_HIDDEN);
        if (!internal && strcmp(func->name, last) != 0)
            TR_TRY(add_text(l, func->name, "scalar function", "runs", func->summary, err));
        last = func->name;
    }
    const tr_agg *agg;
    last = "";
    for (uint32_t k = 0; (agg = tr_agg_at(k)); k++) {
        if (!(agg->flags & TR_AGG_HIDDEN) && strcmp(agg->name, last) != 0)
            TR_TRY(add_text(l, agg->name, "aggregate", "runs", agg->summary, err));
        last = agg->name;
    }
    return TRAWL_OK;
}

/* The support matrix: the same rows that decide what is refused. */
static trawl_status show_features(tr_analyzer *a, tr_span span, trawl_error *err) {
    static const char *const titles[] = {"Name", "Kind", "State", "Summary"};
    uint32_t count;
    const tr_kql_feature *features = tr_kql_features(&count);
    listing l;
    TR_TRY(start(a, titles, 4, &l, err));
    for (uint32_t i = 0; i < count; i++)
        TR_TRY(add_text(&l, features[i].name, tr_kql_feature_group_name(features[i].group),
                        features[i].support == TR_KQL_RUNS ? "runs" : "parses only", "", err));
    TR_TRY(add_functions(&l, err));
    return finish(&l, span, err);
}

trawl_status tr_command(tr_analyzer *a, const tr_kql_node *node, trawl_error *err) {
    if (tr_str_is(node->text, ".show tables"))
        return show_tables(a, node->span, err);
    if (tr_str_is(node->text, ".show features"))
        return show_features(a, node->span, err);
    trawl_status status = tr_fail_at(err, TRAWL_E_UNSUPPORTED, node->span, "TRW0002",
                                     "this management command does not run yet");
    tr_hint(err, "over files in place there are '.show tables' and '.show features'");
    return status;
}

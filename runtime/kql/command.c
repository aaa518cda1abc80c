/* runtime/kql/command.c: commands that only look, as plans of the rows they show. What the language
 * itself can do is shown from here, everything else by whoever keeps the database. */
#include "runtime/kql/analyze.h"
#include "runtime/kql/features.h"
#include "runtime/kql/special.h"

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
    const char *special, *summary;
    for (uint32_t k = 0; (special = tr_special_at(k, &summary)); k++)
        if (summary)
            TR_TRY(add_text(l, special, "scalar function", "runs", summary, err));
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
static trawl_status show_features(tr_analyzer *a, const tr_rows **out, trawl_error *err) {
    static const char *const titles[] = {"Name", "Kind", "State", "Summary"};
    uint32_t count;
    const tr_kql_feature *features = tr_kql_features(&count);
    listing l;
    TR_TRY(start(a, titles, 4, &l, err));
    for (uint32_t i = 0; i < count; i++)
        TR_TRY(add_text(&l, features[i].name, tr_kql_feature_group_name(features[i].group),
                        features[i].support == TR_KQL_RUNS ? "runs" : "parses only", "", err));
    TR_TRY(add_functions(&l, err));
    *out = l.rows;
    return TRAWL_OK;
}

/* Forms that have slots of the same commands follow each other, each is a row. */
static trawl_status show_forms(tr_analyzer *a, const tr_rows **out, trawl_error *err) {
    static const char *const titles[] = {"Command", "State"};
    listing l;
    tr_str form;
    bool runs;
    TR_TRY(start(a, titles, 2, &l, err));
    for (uint32_t i = 0; tr_command_form_at(i, &form, &runs); i++) {
        tr_buf text; /* without the marks that are for the reader of forms alone */
        tr_buf_start(&text, a->plan.query);
        for (uint32_t k = 0; k < form.len; k++) {
            bool mark = k + 2 < form.len && form.ptr[k] == ' ' && form.ptr[k + 1] == '#';
            if (mark)
                k += 2;
            else
                tr_buf_put_char(&text, form.ptr[k]);
        }
        if (text.failed)
            return tr_fail_memory(err);
        tr_str cells[2] = {tr_buf_str(&text), tr_str_c(runs ? "runs" : "parses only")};
        TR_TRY(add(&l, cells, err));
    }
    *out = l.rows;
    return TRAWL_OK;
}

trawl_status tr_command_show(tr_analyzer *a, const tr_command *command, const tr_plan **out,
                             trawl_error *err) {
    const tr_rows *rows = NULL;
    if (command->kind == TR_COMMAND_SHOW_FEATURES) {
        TR_TRY(show_features(a, &rows, err));
    } else if (command->kind == TR_COMMAND_SHOW_COMMAND_FORMS) {
        TR_TRY(show_forms(a, &rows, err));
    } else {
        tr_rows *shown = TR_NEW(a->plan.query, tr_rows);
        if (!shown)
            return tr_fail_memory(err);
        if (!a->request->show)
            return tr_fail_at(err, TRAWL_E_UNSUPPORTED, command->span, "TRW0002",
                              "commands do not run here");
        TR_TRY(a->request->show(a->request->ctx, &a->plan, command, shown, err));
        rows = shown;
    }
    return tr_plan_values(&a->plan, rows, command->span, out, err);
}

/* runtime/kql/op_written.c: plugins of evaluate that are written in KQL.
 *
 * A plugin here is a text in which the input is called _rows and its arguments have names. What a
 * text cannot say, names of columns and what may be left out, stands as $ and a letter:
 *   $t  the time column         $d  the dimensions, a comma before each
 *   $b  $t in its window        $f, $o  from_ and to_ of the time column
 *   $n  the next window         $w  all windows from _start to _end
 *   $c  only _cohort            $l  without the ids of a table given last
 *   $v  the result column of rolling_percentile, $s what to sort it by
 * Errors inside of a text are told at the call. */
#include "runtime/data/text.h"
#include "runtime/kql/analyze.h"

enum { DIMENSIONS_MAX = 16, SETS_MAX = 8, ROWS_NEAR_MAX = 1 << 20 };

typedef struct {
    const char *name;
    /* The arguments in order: i the id column, v a value column, t the time column, c a constant
     * (named in `constants`); "..." dimensions follow, "...l" then perhaps a table of ids. [..] may
     * be left out together. */
    const char *arguments;
    const char *constants[8];
    const char *text;
} written;

#define WITHIN "where $t between (_start .. _end)"

static const written plugins[] = {
    {"activity_metrics",
     "it[cc]c...",
     {"_start", "_end", "_window"},
     "let _u = materialize(_rows | " WITHIN " | extend $t = $b | distinct $t, _id$d);"
     "let _p = _u | project $t = $n, _id, _seen = 1$d;"
     "_u | join kind=leftouter _p on $t, _id$d"
     " | summarize dcount_values = count(), _kept = countif(_seen == 1) by $t$d"
     " | join kind=leftouter (_p | summarize _was = count() by $t$d) on $t$d"
     " | project $t, dcount_values, dcount_newvalues = dcount_values - _kept,"
     " retention_rate = iff(isnull(_was), real(nan), todouble(_kept) / _was),"
     " churn_rate = iff(isnull(_was), real(nan), todouble(_was - _kept) / _was)$d"
     " | sort by $t asc$d"},
    {"new_activity_metrics",
     "itccc[c]...l",
     {"_start", "_end", "_window", "_cohort"},
     "let _u = materialize(_rows | " WITHIN " | extend $t = $b | distinct $t, _id$d);"
     "let _firsts = _u$l | summarize $f = min($t) by _id$d;"
     "let _seen = materialize(_u | join kind=inner _firsts on _id$d"
     " | summarize _n = count() by $o = $t, _first = $f$d);"
     "_seen | where $o == _first$c | project $f = _first, _size = _n, _one = 1$d"
     " | join kind=inner ($w | project $o = $t, _one = 1) on _one | where $o >= $f"
     " | join kind=leftouter _seen on $o$d"
     " | summarize dcount_new_values = sumif(_n, iff($o == $f, _first == $f, _first > $f)),"
     " dcount_retained_values = sumif(_n, _first == $f) by $f, $o, _size$d"
     " | project $f, $o, dcount_new_values, dcount_retained_values,"
     " dcount_churn_values = todouble(_size - dcount_retained_values),"
     " retention_rate = todouble(dcount_retained_values) / _size,"
     " churn_rate = todouble(_size - dcount_retained_values) / _size$d"
     " | sort by $f asc, $o asc$d"},
    {"sliding_window_counts",
     "itcccc...",
     {"_start", "_end", "_look", "_window"},
     "_rows | where $t <= _end | extend $t = $b, _back = range(0, tolong(_look / _window) - 1)"
     " | mv-expand _back to typeof(long) | extend $t = $t + _back * _window | " WITHIN
     " | summarize Count = count(), dcount = count_distinct(_id) by $t$d | sort by $t asc$d"},
    {"active_users_count",
     "itcccccc...",
     {"_start", "_end", "_look", "_period", "_active", "_window"},
     "let _seen = materialize(_rows | where $t > _start - _look and $t <= _end"
     " | distinct $t, _id$d);"
     "_seen | " WITHIN " | join kind=inner (_seen | project _then = $t, _id$d) on _id$d"
     " | where _then <= $t and _then > $t - _look"
     " | summarize _n = count_distinct(bin(_then, _period)) by $t, _id$d | where _n >= _active"
     " | summarize dcount = count_distinct(_id) by $t = $b$d | sort by $t asc$d"},
    {"activity_engagement",
     "it[cc]cc...",
     {"_start", "_end", "_window", "_look"},
     "let _u = materialize(_rows | where $t <= _end | extend $t = $b | distinct $t, _id$d);"
     "_u | extend _back = range(0, tolong(_look / _window) - 1)"
     " | mv-expand _back to typeof(long) | extend $t = $t + _back * _window | " WITHIN
     " | summarize dcount_activities_inner = count_distinctif(_id, _back == 0),"
     " dcount_activities_outer = count_distinct(_id) by $t$d"
     " | project $t, dcount_activities_inner, dcount_activities_outer, activity_ratio ="
     " todouble(dcount_activities_inner) / dcount_activities_outer$d | sort by $t asc$d"},
    {"rolling_percentile",
     "vctcc...",
     {"_percent", "_window", "_bins"},
     "let _b = materialize(_rows | extend $t = bin($t, _window));"
     "_b | extend _back = range(0, _bins - 1) | mv-expand _back to typeof(long)"
     " | extend $t = $t + _back * _window | summarize $v = percentile(_value, _percent) by $t$d"
     " | join kind=leftsemi (_b | distinct $t$d) on $t$d | sort by $s"},
};

typedef struct {
    const tr_context *ctx;
    const written *plugin;
    const tr_kql_node *call;
    const tr_plan *input;
    const tr_binding *scope;
    tr_str time, value, window; /* names of columns; week, month or year if the window is a word */
    tr_str dims[DIMENSIONS_MAX];
    uint32_t dim_count;
    bool has_start, has_cohort, has_lookback;
    tr_value percent, bins;
} writing;

/* ---- arguments ---- */

static trawl_status bind_constant(writing *w, const tr_kql_node *arg, const char *name,
                                  trawl_error *err) {
    tr_binding binding = {0};
    tr_value value;
    TR_TRY(tr_constant(w->ctx, arg, &value, err));
    if (value.type == TR_STRING && strcmp(name, "_window") == 0)
        w->window = value.as.str;
    if (strcmp(name, "_percent") == 0)
        w->percent = value;
    if (strcmp(name, "_bins") == 0)
        w->bins = value;
    TR_TRY(tr_expr_const(&w->ctx->a->plan, &value, arg->span, &binding.expr, err));
    return tr_scope_add(w->ctx->a, w->scope, tr_str_c(name), &binding, &w->scope, err);
}

/* The rows with the columns that the text knows. */
static trawl_status bind_rows(writing *w, const tr_expr *const *exprs, const tr_str *names,
                              uint32_t count, trawl_error *err) {
    tr_binding binding = {0};
    const tr_plan *plan;
    const tr_expr **copy = TR_NEW_N(w->ctx->a->plan.query, const tr_expr *, count + 1);
    if (!copy)
        return tr_fail_memory(err);
    memcpy(copy, exprs, count * sizeof *copy);
    TR_TRY(tr_plan_project(&w->ctx->a->plan, w->input, count, copy, names, &plan, err));
    TR_TRY(tr_plan_share(&w->ctx->a->plan, plan, &binding.plan, err));
    return tr_scope_add(w->ctx->a, w->scope, tr_str_c("_rows"), &binding, &w->scope, err);
}

/* The ids of a table: its column of the id's name, or its first. */
static trawl_status bind_lookback(writing *w, const tr_kql_node *arg, tr_str id, trawl_error *err) {
    tr_binding binding = {0};
    tr_context at = *w->ctx;
    const tr_plan *plan;
    const tr_expr *column;
    tr_str name = tr_str_c("_id");
    at.input = NULL;
    TR_TRY(tr_tabular(&at, arg, &plan, err));
    if (plan->schema.count == 0)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, arg->span, "SEM0031",
                          "the table has no column to look in");
    int32_t found = tr_schema_find(&plan->schema, id);
    TR_TRY(tr_expr_column(&at.a->plan, &plan->schema, found < 0 ? 0 : (uint32_t)found, arg->span,
                          &column, err));
    TR_TRY(tr_plan_project(&at.a->plan, plan, 1, &column, &name, &binding.plan, err));
    w->has_lookback = true;
    return tr_scope_add(at.a, w->scope, tr_str_c("_lookback"), &binding, &w->scope, err);
}

/* Is argument i a value that is known now, not a column? */
static bool is_constant(const writing *w, uint32_t i) {
    tr_value value;
    return i < w->call->child_count &&
           tr_constant(w->ctx, w->call->children[i], &value, NULL) == TRAWL_OK;
}

static uint32_t constants_from(const writing *w, uint32_t i) {
    uint32_t n = 0;
    while (is_constant(w, i + n))
        n++;
    return n;
}

static trawl_status bind_dimensions(writing *w, uint32_t i, tr_str id, const tr_expr **exprs,
                                    tr_str *names, uint32_t *count, trawl_error *err) {
    uint32_t n = *count, last = w->call->child_count - 1;
    bool table = w->plugin->arguments[strlen(w->plugin->arguments) - 1] == 'l';
    for (; i <= last; i++, n++) {
        const tr_kql_node *arg = w->call->children[i];
        if (table && i == last && tr_is_tabular(w->ctx, arg)) {
            TR_TRY(bind_lookback(w, arg, id, err));
            break;
        }
        if (w->dim_count == DIMENSIONS_MAX)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, w->call->span, "SEM0219",
                              "%s() takes at most %d dimensions", w->plugin->name, DIMENSIONS_MAX);
        TR_TRY(tr_expression(w->ctx, arg, &exprs[n], err));
        TR_TRY(tr_name_of(w->ctx, arg, &names[n], err));
        if (names[n].len == 0)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, arg->span, "SEM0219",
                              "%s(): a dimension is a column", w->plugin->name);
        w->dims[w->dim_count++] = names[n];
    }
    *count = n;
    return TRAWL_OK;
}

/* Walk the pattern; a group in brackets is there if so many constants are. */
static trawl_status bind_arguments(writing *w, trawl_error *err) {
    const tr_expr *exprs[DIMENSIONS_MAX + 2];
    tr_str names[DIMENSIONS_MAX + 2], id = TR_STR_EMPTY;
    uint32_t n = 0, constant = 0, i = 1;
    bool skip = false;
    for (const char *p = w->plugin->arguments; *p && *p != '.'; p++) {
        if (*p == '[') {
            uint32_t wanted = 0;
            for (const char *q = p + 1; *q == 'c' || *q == ']'; q++)
                wanted += *q == 'c';
            skip = constants_from(w, i) < wanted;
            w->has_start = !skip;
            w->has_cohort = !skip;
            continue;
        }
        if (*p == ']' || (skip && *p == 'c' && strchr(p, ']'))) {
            constant += *p == 'c';
            skip = skip && *p != ']';
            continue;
        }
        if (i >= w->call->child_count)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, w->call->span, "SEM0219",
                              "%s() lacks arguments", w->plugin->name);
        const tr_kql_node *arg = w->call->children[i++];
        if (*p == 'c') {
            TR_TRY(bind_constant(w, arg, w->plugin->constants[constant++], err));
            continue;
        }
        TR_TRY(tr_expression(w->ctx, arg, &exprs[n], err));
        TR_TRY(tr_name_of(w->ctx, arg, &names[n], err));
        if (*p == 'i')
            id = names[n];
        if (*p == 't')
            w->time = names[n];
        if (*p == 'v')
            w->value = names[n];
        if (*p != 't')
            names[n] = tr_str_c(*p == 'i' ? "_id" : "_value");
        n++;
    }
    TR_TRY(bind_dimensions(w, i, id, exprs, names, &n, err));
    if (w->time.len == 0)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, w->call->span, "SEM0219",
                          "%s(): the time is a column", w->plugin->name);
    return bind_rows(w, exprs, names, n, err);
}

/* ---- text ---- */

static void put_name(tr_buf *out, const char *before, tr_str name) {
    tr_buf_printf(out, "['%s", before);
    for (uint32_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '\'' || name.ptr[i] == '\\')
            tr_buf_put_char(out, '\\');
        tr_buf_put_char(out, name.ptr[i]);
    }
    tr_buf_put_text(out, "']");
}

/* The window of a time, or the one after a window. */
static void put_window(const writing *w, tr_buf *out, bool bin) {
    if (w->window.len) {
        tr_buf_printf(out, "startof%.*s(", (int)w->window.len, w->window.ptr);
        put_name(out, "", w->time);
        tr_buf_put_text(out, bin ? ")" : ", 1)");
        return;
    }
    tr_buf_put_text(out, bin ? "bin_at(" : "");
    put_name(out, "", w->time);
    tr_buf_put_text(out, bin ? ", _window, _start)" : " + _window");
}

/* All windows from start to end. */
static void put_windows(const writing *w, tr_buf *out) {
    if (w->window.len) {
        tr_buf_printf(out,
                      "range _i from 0 to datetime_diff('%.*s', _end, _start) step 1"
                      " | project ",
                      (int)w->window.len, w->window.ptr);
        put_name(out, "", w->time);
        tr_buf_printf(out, " = startof%.*s(_start, toint(_i))", (int)w->window.len, w->window.ptr);
        return;
    }
    tr_buf_put_text(out, "range ");
    put_name(out, "", w->time);
    tr_buf_put_text(out, " from _start to _end step _window");
}

static void put_dims(const writing *w, tr_buf *out) {
    for (uint32_t d = 0; d < w->dim_count; d++) {
        tr_buf_put_text(out, ", ");
        put_name(out, "", w->dims[d]);
    }
}

static void put_result_name(const writing *w, tr_buf *out) {
    tr_buf name;
    tr_buf_start(&name, out->arena);
    tr_buf_put_text(&name, "rolling_");
    bool ok = tr_format_value(&name, &w->bins);
    tr_buf_printf(&name, "_percentile_%.*s_", (int)w->value.len, w->value.ptr);
    size_t percent = name.n;
    ok = tr_format_value(&name, &w->percent) && ok && !name.failed;
    out->failed |= !ok;
    if (!ok)
        return;
    for (size_t i = percent; i < name.n; i++)
        if (name.bytes[i] == '.')
            name.bytes[i] = '_';
    put_name(out, "", tr_buf_str(&name));
}

static void put_hole(const writing *w, char hole, tr_buf *out) {
    switch (hole) {
    case 't': put_name(out, "", w->time); break;
    case 'f': put_name(out, "from_", w->time); break;
    case 'o': put_name(out, "to_", w->time); break;
    case 'd': put_dims(w, out); break;
    case 'b': put_window(w, out, true); break;
    case 'n': put_window(w, out, false); break;
    case 'w': put_windows(w, out); break;
    case 'c': tr_buf_put_text(out, w->has_cohort ? " and _first == _cohort" : ""); break;
    case 'l':
        tr_buf_put_text(out, w->has_lookback ? " | join kind=leftanti _lookback on _id" : "");
        break;
    case 's':
        for (uint32_t d = 0; d < w->dim_count; d++) {
            put_name(out, "", w->dims[d]);
            tr_buf_put_text(out, " asc, ");
        }
        put_name(out, "", w->time);
        tr_buf_put_text(out, " asc");
        break;
    default: put_result_name(w, out); break;
    }
}

static trawl_status write_text(const writing *w, tr_str *out, trawl_error *err) {
    tr_buf text;
    tr_buf_start(&text, w->ctx->a->plan.query);
    if (!w->has_start && strncmp(w->plugin->arguments, "it[", 3) == 0) {
        tr_buf_put_text(&text, "let _start = toscalar(_rows | summarize min(");
        put_name(&text, "", w->time);
        tr_buf_put_text(&text, ")); let _end = toscalar(_rows | summarize max(");
        put_name(&text, "", w->time);
        tr_buf_put_text(&text, "));");
    }
    for (const char *p = w->plugin->text; *p; p++)
        if (*p == '$')
            put_hole(w, *++p, &text);
        else
            tr_buf_put_char(&text, *p);
    if (text.failed)
        return tr_fail_memory(err);
    *out = tr_buf_str(&text);
    return TRAWL_OK;
}

static trawl_status run_text(const writing *w, tr_str text, const tr_plan **out, trawl_error *err) {
    tr_context at = {.a = w->ctx->a, .scope = w->scope};
    const tr_kql_node *root;
    TR_TRY(tr_kql_parse(at.a->plan.query, text.ptr, text.len, &root, err));
    for (uint32_t i = 0; i + 1 < root->child_count; i++)
        TR_TRY(tr_statement_let(at.a, at.scope, root->children[i], &at.scope, err));
    return tr_tabular(&at, root->children[root->child_count - 1], out, err);
}

/* rows_near(condition, rows [, rows after]): _hit counted along the rows; a row is near if the
 * count grows within the rows behind it or grew within those before it. */
static trawl_status rows_near(writing *w, tr_str *text, trawl_error *err) {
    const tr_kql_node *call = w->call;
    tr_plan_ctx *plan = &w->ctx->a->plan;
    uint32_t width = w->input->schema.count;
    const tr_expr **exprs, *hit;
    tr_str *names;
    int64_t before, after;
    if (call->child_count != 3 && call->child_count != 4)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, call->span, "SEM0219",
                          "rows_near() takes a condition and one or two numbers of rows");
    TR_TRY(tr_expression(w->ctx, call->children[1], &hit, err));
    TR_TRY(tr_expr_coerce(plan, hit, TR_BOOL, &hit, err));
    TR_TRY(tr_constant_long(w->ctx, call->children[2], "the number of rows", &before, err));
    after = before;
    if (call->child_count == 4)
        TR_TRY(tr_constant_long(w->ctx, call->children[3], "the number of rows", &after, err));
    if (before < 0 || after < 0 || before > ROWS_NEAR_MAX || after > ROWS_NEAR_MAX)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, call->span, "SEM0219",
                          "rows_near(): the number of rows is 0 to %d", ROWS_NEAR_MAX);
    TR_TRY(tr_all_columns(w->ctx->a, w->input, 1, &exprs, &names, err));
    exprs[width] = hit;
    names[width] = tr_str_c("_hit");
    TR_TRY(bind_rows(w, exprs, names, width + 1, err));
    char *steps =
        tr_arena_printf(plan->query,
                        "let _all = toscalar(_rows | summarize countif(_hit));"
                        "_rows | serialize _hits = row_cumsum(iff(_hit, 1, 0))"
                        " | extend _next = next(_hits, %d, _all), _prev = prev(_hits, %d, 0)"
                        " | where _hit or _next > _hits or _hits > _prev"
                        " | project-away _hit, _hits, _next, _prev",
                        (int)before, (int)after + 1);
    if (!steps)
        return tr_fail_memory(err);
    *text = tr_str_c(steps);
    return TRAWL_OK;
}

/* dcount_intersect(h0, h1, ...): the intersection of the first k sets out of all their unions. */
static trawl_status dcount_intersect(writing *w, tr_str *text, trawl_error *err) {
    const tr_expr *exprs[SETS_MAX];
    tr_str names[SETS_MAX];
    uint32_t sets = w->call->child_count - 1;
    tr_buf out;
    if (sets < 2 || sets > SETS_MAX)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, w->call->span, "SEM0219",
                          "dcount_intersect() takes 2 to %d hll() values here", SETS_MAX);
    tr_buf_start(&out, w->ctx->a->plan.query);
    for (uint32_t k = 0; k < sets; k++) {
        char *name = tr_arena_printf(w->ctx->a->plan.query, "_h%u", k);
        TR_TRY(tr_expression(w->ctx, w->call->children[k + 1], &exprs[k], err));
        if (!name)
            return tr_fail_memory(err);
        names[k] = tr_str_c(name);
    }
    TR_TRY(bind_rows(w, exprs, names, sets, err));
    tr_buf_put_text(&out, "_rows | project ");
    for (uint32_t k = 0; k < sets; k++) {
        tr_buf_printf(&out, "%ss%u = max_of(0", k ? ", " : "", k);
        for (uint32_t some = 1; some < 2u << k; some++) {
            tr_buf_put_text(&out, some == 1 ? ", " : "");
            tr_buf_put_text(&out, __builtin_popcount(some) % 2 ? " + " : " - ");
            tr_buf_put_text(&out, "dcount_hll(hll_merge(dynamic(null)");
            for (uint32_t h = 0; h <= k; h++)
                if (some >> h & 1)
                    tr_buf_printf(&out, ", _h%u", h);
            tr_buf_put_text(&out, "))");
        }
        tr_buf_put_text(&out, ")");
    }
    if (out.failed)
        return tr_fail_memory(err);
    *text = tr_buf_str(&out);
    return TRAWL_OK;
}

static trawl_status from_table(writing *w, tr_str *text, trawl_error *err) {
    TR_TRY(bind_arguments(w, err));
    if (w->window.len && !tr_str_is(w->window, "week") && !tr_str_is(w->window, "month") &&
        !tr_str_is(w->window, "year"))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, w->call->span, "SEM0118",
                          "the window is a span of time, or week, month or year");
    return write_text(w, text, err);
}

trawl_status tr_plugin_written(const tr_context *ctx, const tr_kql_node *call, const tr_plan *input,
                               bool *found, const tr_plan **out, trawl_error *err) {
    writing w = {.ctx = ctx, .call = call, .input = input, .scope = ctx->a->base_scope};
    tr_str text;
    for (uint32_t i = 0; i < sizeof plugins / sizeof *plugins; i++)
        if (tr_str_is(call->text, plugins[i].name))
            w.plugin = &plugins[i];
    bool near = tr_str_is(call->text, "rows_near");
    bool sets = tr_str_is(call->text, "dcount_intersect");
    *found = w.plugin || near || sets;
    if (!*found)
        return TRAWL_OK;
    TR_TRY((near ? rows_near : sets ? dcount_intersect : from_table)(&w, &text, err));
    trawl_status status = run_text(&w, text, out, err);
    if (status != TRAWL_OK)
        tr_stored_error(call, err);
    return status;
}

/* runtime/kql/op_bag_unpack.c: evaluate bag_unpack(): the keys of a dynamic column become columns.
 * Without a declared schema these depend on the data, so the input runs while the text is compiled.
 */
#include "runtime/data/text.h"
#include "runtime/kql/analyze.h"

/* Rows under construction whose columns become known along the way. */
typedef struct {
    tr_analyzer *a;
    tr_field *fields;
    uint32_t count, capacity;
} growing;

static trawl_status column_of(growing *g, tr_str name, tr_type type, uint32_t *out,
                              trawl_error *err) {
    for (uint32_t c = 0; c < g->count; c++)
        if (tr_str_equal(g->fields[c].name, name)) {
            *out = c;
            return TRAWL_OK;
        }
    if (!TR_ROOM(g->a->plan.query, g->fields, g->count, g->capacity))
        return tr_fail_memory(err);
    g->fields[g->count] = (tr_field){name, type};
    *out = g->count++;
    return TRAWL_OK;
}

/* The type a property gets: that of its values, dynamic when they differ. */
static tr_type merged_type(tr_type a, tr_type b) {
    if (a == TR_NONE || a == b)
        return b;
    if (tr_type_is_number(a) && tr_type_is_number(b))
        return TR_REAL;
    return TR_DYNAMIC;
}

typedef enum { CONFLICT_ERROR, REPLACE_SOURCE, KEEP_SOURCE } conflict_rule;

typedef struct {
    uint32_t bag; /* column of the input */
    tr_str prefix;
    conflict_rule conflict;
    tr_str ignored; /* a dynamic array, "" for none */
} unpacking;

static bool is_ignored(const unpacking *u, tr_str key) {
    uint32_t count = u->ignored.len ? tr_dyn_count(u->ignored) : 0;
    for (uint32_t i = 0; i < count; i++) {
        tr_value name = tr_dyn_value(tr_dyn_at(u->ignored, i));
        if (name.type == TR_STRING && tr_str_equal(name.as.str, key))
            return true;
    }
    return false;
}

/* Columns below `first` are those of the input. */
static trawl_status survey_bag(growing *g, const unpacking *u, tr_str bag, uint32_t first,
                               bool *replaced, tr_arena *arena, trawl_error *err) {
    for (uint32_t e = 0; e < tr_dyn_count(bag); e++) {
        tr_str key = tr_dyn_key(bag, e);
        tr_value value = tr_dyn_value(tr_dyn_at(bag, e));
        if (is_ignored(u, key))
            continue;
        char *name = tr_arena_printf(arena, "%.*s%.*s", (int)u->prefix.len, u->prefix.ptr,
                                     (int)key.len, key.ptr);
        uint32_t column;
        if (!name)
            return tr_fail_memory(err);
        TR_TRY(column_of(g, tr_str_c(name), TR_NONE, &column, err));
        if (column < first && u->conflict == CONFLICT_ERROR)
            return tr_fail(err, TRAWL_E_SEMANTIC, "bag_unpack: the input has a column '%s' already",
                           name);
        if (column < first && u->conflict == KEEP_SOURCE)
            continue;
        if (column < first && !replaced[column]) {
            replaced[column] = true;
            g->fields[column].type = TR_NONE;
        }
        if (!value.is_null)
            g->fields[column].type = merged_type(g->fields[column].type, value.type);
    }
    return TRAWL_OK;
}

static trawl_status box(tr_arena *arena, const tr_value *value, tr_value *out, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(arena, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, arena);
    tr_dyn_put_value(b, value);
    *out = (tr_value){.type = TR_DYNAMIC};
    return tr_dyn_finish(b, &out->as.str, err);
}

static trawl_status fit(tr_arena *arena, tr_value value, tr_type type, tr_value *out,
                        trawl_error *err) {
    *out = value;
    if (value.is_null)
        *out = tr_value_null(type);
    else if (value.type == type)
        return TRAWL_OK;
    else if (type == TR_REAL && value.type == TR_LONG)
        *out = (tr_value){.type = TR_REAL, .as.real = (double)value.as.i64};
    else if (type == TR_DYNAMIC)
        return box(arena, &value, out, err);
    else if (type == TR_STRING) {
        tr_buf text;
        tr_buf_start(&text, arena);
        if (!tr_format_value(&text, &value))
            return tr_fail_memory(err);
        *out = (tr_value){.type = TR_STRING, .as.str = tr_buf_str(&text)};
    } else if (value.type == TR_STRING) {
        if (!tr_parse_value(arena, type, value.as.str, out))
            return tr_fail_memory(err);
    } else { /* numbers by what they look like: 20 is an int, too */
        tr_value text;
        TR_TRY(fit(arena, value, TR_STRING, &text, err));
        return fit(arena, text, type, out, err);
    }
    return TRAWL_OK;
}

/* ---- arguments ---- */

static trawl_status take_conflict(const tr_kql_node *value, tr_str word, unpacking *u,
                                  trawl_error *err) {
    static const char *const words[] = {"error", "replace_source", "keep_source"};
    for (uint32_t i = 0; i < 3; i++)
        if (tr_str_is(word, words[i])) {
            u->conflict = (conflict_rule)i;
            return TRAWL_OK;
        }
    return tr_fail_at(err, TRAWL_E_SEMANTIC, value->span, "SEM0219",
                      "columnsConflict is 'error', 'replace_source' or 'keep_source'");
}

/* An argument behind the column: by name, or in the order prefix, conflict, ignored. */
static trawl_status take_argument(const tr_context *ctx, const tr_kql_node *arg, uint32_t position,
                                  unpacking *u, trawl_error *err) {
    static const char *const names[] = {"OutputColumnPrefix", "columnsConflict",
                                        "ignoredProperties"};
    uint32_t which = position;
    if (arg->kind == TR_KQL_NAMED)
        for (which = 0; which < 3; which++)
            if (tr_str_is(arg->text, names[which]))
                break;
    if (which >= 3)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, arg->span, "SEM0219",
                          "bag_unpack() takes OutputColumnPrefix, columnsConflict and "
                          "ignoredProperties besides the column");
    const tr_kql_node *node = arg->kind == TR_KQL_NAMED ? arg->children[1] : arg;
    tr_value value;
    TR_TRY(tr_constant(ctx, node, &value, err));
    if (value.type != (which == 2 ? TR_DYNAMIC : TR_STRING))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0219", "%s must be %s",
                          names[which], which == 2 ? "a dynamic array of names" : "a string");
    if (which == 1)
        return take_conflict(node, value.as.str, u, err);
    if (which == 0)
        u->prefix = value.as.str;
    else if (!value.is_null && tr_dyn_kind_of(value.as.str) == TR_DYN_ARRAY)
        u->ignored = value.as.str;
    return TRAWL_OK;
}

static trawl_status arguments(const tr_context *ctx, const tr_kql_node *call, const tr_plan *input,
                              unpacking *u, trawl_error *err) {
    *u = (unpacking){.prefix = TR_STR_EMPTY, .ignored = TR_STR_EMPTY};
    TR_TRY(tr_plugin_column(ctx, call, 1, &u->bag, err));
    for (uint32_t i = 2; i < call->child_count; i++)
        TR_TRY(take_argument(ctx, call->children[i], i - 2, u, err));
    if (input->schema.fields[u->bag].type != TR_DYNAMIC)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, call->children[1]->span, "SEM0219",
                          "bag_unpack() needs a dynamic column");
    return TRAWL_OK;
}

/* ---- columns and rows ---- */

static trawl_status declared_columns(const tr_kql_node *schema, growing *g, trawl_error *err) {
    for (uint32_t i = 0; i < schema->child_count; i++) {
        uint32_t column;
        tr_type type = tr_type_of_node(schema->children[i]->children[1]);
        TR_TRY(column_of(g, schema->children[i]->text, type, &column, err));
        g->fields[column].type = type;
    }
    return TRAWL_OK;
}

/* The columns of the result: those of the input (unless the schema lists all), then the slots. */
static trawl_status result_columns(const unpacking *u, const tr_plan *input, const tr_rows *rows,
                                   const tr_kql_node *schema, growing *g, trawl_error *err) {
    tr_arena *arena = g->a->plan.query;
    bool declared = schema->kind == TR_KQL_SCHEMA;
    bool *replaced = TR_NEW_N(arena, bool, input->schema.count + 1);
    uint32_t column;
    if (!replaced)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < input->schema.count; c++)
        if (c != u->bag && (!declared || (schema->flags & TR_KQL_FLAG_OPEN)))
            TR_TRY(column_of(g, input->schema.fields[c].name, input->schema.fields[c].type, &column,
                             err));
    uint32_t first = g->count;
    for (uint32_t c = 0; c < rows->chunk_count && !declared; c++)
        for (uint32_t i = 0; i < rows->chunks[c].n; i++) {
            tr_value cell = tr_vec_value(&rows->chunks[c].columns[u->bag], i);
            if (!cell.is_null && tr_dyn_kind_of(cell.as.str) == TR_DYN_BAG)
                TR_TRY(survey_bag(g, u, cell.as.str, first, replaced, arena, err));
        }
    if (declared)
        TR_TRY(declared_columns(schema, g, err));
    for (uint32_t c = 0; c < g->count; c++)
        if (g->fields[c].type == TR_NONE)
            g->fields[c].type = TR_DYNAMIC;
    return TRAWL_OK;
}

/* Which rows' value a result column takes: a slot of the bag, or a column of the input. */
typedef struct {
    tr_str key; /* of the bag */
    int32_t source;
    bool from_bag;
} origin;

static bool has_slot(const tr_rows *rows, uint32_t bag, tr_str key) {
    tr_str member;
    for (uint32_t c = 0; c < rows->chunk_count; c++)
        for (uint32_t i = 0; i < rows->chunks[c].n; i++) {
            tr_value cell = tr_vec_value(&rows->chunks[c].columns[bag], i);
            if (!cell.is_null && tr_dyn_get(cell.as.str, key, &member))
                return true;
        }
    return false;
}

static origin origin_of(const unpacking *u, const tr_plan *input, const tr_rows *rows,
                        tr_str name) {
    origin o = {TR_STR_EMPTY, tr_schema_find(&input->schema, name), false};
    if (o.source == (int32_t)u->bag)
        o.source = -1;
    uint32_t skip = u->prefix.len;
    if (name.len < skip || memcmp(name.ptr, u->prefix.ptr, skip) != 0)
        return o;
    o.key = tr_str_of(name.ptr + skip, name.len - skip);
    o.from_bag = !is_ignored(u, o.key) &&
                 (o.source < 0 || (u->conflict == REPLACE_SOURCE && has_slot(rows, u->bag, o.key)));
    return o;
}

trawl_status tr_plugin_bag_unpack(const tr_context *ctx, const tr_kql_node *node,
                                  const tr_kql_node *call, const tr_plan *input,
                                  const tr_plan **out, trawl_error *err) {
    tr_arena *arena = ctx->a->plan.query;
    unpacking u;
    tr_rows rows;
    growing g = {.a = ctx->a};
    TR_TRY(arguments(ctx, call, input, &u, err));
    TR_TRY(tr_run_now(ctx->a, input, &rows, err));
    TR_TRY(result_columns(&u, input, &rows, node->children[2], &g, err));
    tr_rows *result = TR_NEW(arena, tr_rows);
    tr_value *row = TR_NEW_N(arena, tr_value, g.count + 1);
    origin *origins = TR_NEW_N(arena, origin, g.count + 1);
    if (!result || !row || !origins)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < g.count; k++)
        origins[k] = origin_of(&u, input, &rows, g.fields[k].name);
    tr_rows_start(result, (tr_schema){g.count, g.fields});
    for (uint32_t c = 0; c < rows.chunk_count; c++)
        for (uint32_t i = 0; i < rows.chunks[c].n; i++) {
            tr_value cell = tr_vec_value(&rows.chunks[c].columns[u.bag], i);
            for (uint32_t k = 0; k < g.count; k++) {
                tr_str member;
                tr_value value = tr_value_null(g.fields[k].type);
                if (origins[k].from_bag) {
                    if (!cell.is_null && tr_dyn_get(cell.as.str, origins[k].key, &member))
                        value = tr_dyn_value(member);
                } else if (origins[k].source >= 0) {
                    value = tr_vec_value(&rows.chunks[c].columns[origins[k].source], i);
                }
                TR_TRY(fit(arena, value, g.fields[k].type, &row[k], err));
            }
            TR_TRY(tr_rows_append_values(result, arena, row, err));
        }
    return tr_plan_values(&ctx->a->plan, result, node->span, out, err);
}

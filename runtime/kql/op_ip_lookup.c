/* runtime/kql/op_ip_lookup.c: the plugins ipv4_lookup and ipv6_lookup: rows joined with those of a
 * table whose address ranges hold their address. The table is read while the text is compiled. */
#include "runtime/func/ip.h"
#include "runtime/kql/analyze.h"

#include <stdlib.h>

enum { EXTRA_MAX = 16, LENGTHS = 129 };

typedef struct {
    tr_ip network; /* masked */
    uint64_t row;  /* of the table */
} range;

typedef struct {
    bool is_v4, keep_unmatched;
    uint32_t key; /* column of the input */
    uint32_t extra_count;
    uint32_t left_extra[EXTRA_MAX], right_extra[EXTRA_MAX];
    uint32_t shown_count; /* columns of the table that are put out */
    uint32_t *shown;
    const tr_value *cells; /* [row][column] of the table */
    uint32_t width;
    range *ranges;               /* by prefix length, then address */
    uint64_t first[LENGTHS + 1]; /* ranges of prefix length p: first[p] .. first[p + 1] */
} lookup;

/* An address as a range of IPv6; IPv4 only where that is asked for. */
static bool read_address(const lookup *l, const tr_value *value, tr_ip *out) {
    uint32_t address, prefix;
    if (value->is_null || value->type != TR_STRING)
        return false;
    if (l->is_v4 && !tr_ipv4_parse(value->as.str, &address, &prefix))
        return false;
    return tr_ipv6_parse(value->as.str, out);
}

static bool same_value(const tr_value *a, const tr_value *b) {
    return a->is_null == b->is_null && (a->is_null || tr_value_compare(a, b) == 0);
}

/* The first range of this prefix length that is not below the address. */
static uint64_t lower_bound(const lookup *l, uint32_t prefix, const tr_ip *ip) {
    uint64_t low = l->first[prefix], high = l->first[prefix + 1];
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (tr_ip_compare(&l->ranges[middle].network, ip) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

typedef struct {
    const lookup *l;
    const tr_rows *input;
    tr_rows *out;
    tr_arena *arena;
    tr_value *row;
} joiner;

static trawl_status put_match(joiner *j, const tr_value *cells, trawl_error *err) {
    uint32_t n = j->input->schema.count;
    for (uint32_t c = 0; c < j->l->shown_count; c++) {
        j->row[n + c] =
            cells ? cells[j->l->shown[c]] : tr_value_null(j->out->schema.fields[n + c].type);
    }
    return tr_rows_append_values(j->out, j->arena, j->row, err);
}

static trawl_status join_row(joiner *j, trawl_error *err) {
    const lookup *l = j->l;
    tr_ip ip;
    bool matched = false;
    bool usable = read_address(l, &j->row[l->key], &ip);
    for (uint32_t prefix = LENGTHS; usable && prefix-- > 0;) {
        if (l->first[prefix] == l->first[prefix + 1])
            continue;
        tr_ip least = ip;
        tr_ip_apply(&least, prefix < ip.prefix ? prefix : ip.prefix);
        for (uint64_t r = lower_bound(l, prefix, &least); r < l->first[prefix + 1]; r++) {
            tr_ip common = l->ranges[r].network;
            tr_ip_apply(&common, prefix < ip.prefix ? prefix : ip.prefix);
            if (tr_ip_compare(&common, &least) != 0)
                break;
            const tr_value *cells = l->cells + l->ranges[r].row * l->width;
            bool same = true;
            for (uint32_t e = 0; e < l->extra_count; e++)
                same = same && same_value(&j->row[l->left_extra[e]], &cells[l->right_extra[e]]);
            if (!same)
                continue;
            matched = true;
            TR_TRY(put_match(j, cells, err));
        }
    }
    return matched || !l->keep_unmatched ? TRAWL_OK : put_match(j, NULL, err);
}

static trawl_status run_lookup(const void *bound, const tr_rows *input, tr_arena *arena,
                               const tr_func_env *env, tr_rows *out, trawl_error *err) {
    joiner j = {.l = bound, .input = input, .out = out, .arena = arena};
    (void)env;
    j.row = TR_NEW_N(arena, tr_value, out->schema.count + 1);
    if (!j.row)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < input->chunk_count; c++)
        for (uint32_t i = 0; i < input->chunks[c].n; i++) {
            for (uint32_t k = 0; k < input->schema.count; k++)
                j.row[k] = tr_vec_value(&input->chunks[c].columns[k], i);
            TR_TRY(join_row(&j, err));
        }
    return TRAWL_OK;
}

static const tr_plugin lookup_plugin = {"ip_lookup", run_lookup};

/* ---- binding ---- */

static int compare_ranges(const void *a, const void *b) {
    const range *x = a, *y = b;
    if (x->network.prefix != y->network.prefix)
        return x->network.prefix < y->network.prefix ? -1 : 1;
    int order = tr_ip_compare(&x->network, &y->network);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

static trawl_status read_table(const tr_context *ctx, const tr_plan *table, uint32_t key, lookup *l,
                               trawl_error *err) {
    tr_rows rows;
    TR_TRY(tr_run_now(ctx->a, table, &rows, err));
    l->width = table->schema.count;
    tr_value *cells = TR_NEW_N(ctx->a->plan.query, tr_value, rows.row_count * l->width + 1);
    l->ranges = TR_NEW_N(ctx->a->plan.query, range, rows.row_count + 1);
    if (!cells || !l->ranges)
        return tr_fail_memory(err);
    uint64_t row = 0, count = 0;
    for (uint32_t c = 0; c < rows.chunk_count; c++)
        for (uint32_t i = 0; i < rows.chunks[c].n; i++, row++) {
            for (uint32_t k = 0; k < l->width; k++)
                cells[row * l->width + k] = tr_vec_value(&rows.chunks[c].columns[k], i);
            tr_ip *network = &l->ranges[count].network;
            if (!read_address(l, &cells[row * l->width + key], network))
                continue;
            tr_ip_apply(network, network->prefix);
            l->ranges[count++].row = row;
        }
    qsort(l->ranges, count, sizeof *l->ranges, compare_ranges);
    uint64_t at = 0;
    for (uint32_t p = 0; p <= LENGTHS; p++) {
        l->first[p] = at;
        while (at < count && l->ranges[at].network.prefix == p)
            at++;
    }
    l->cells = cells;
    return TRAWL_OK;
}

static trawl_status column_in(const tr_context *ctx, const tr_schema *schema,
                              const tr_kql_node *node, uint32_t *out, trawl_error *err) {
    tr_context side = *ctx;
    int32_t at = node->kind == TR_KQL_NAME ? tr_schema_find(schema, node->text) : -1;
    side.input = schema;
    if (at < 0)
        return tr_name_unknown(&side, node, "column", err);
    *out = (uint32_t)at;
    return TRAWL_OK;
}

/* Further keys, and whether to keep rows without a match. */
static trawl_status read_options(const tr_context *ctx, const tr_kql_node *call,
                                 const tr_plan *input, const tr_plan *table, lookup *l,
                                 trawl_error *err) {
    for (uint32_t i = 4; i < call->child_count; i++) {
        const tr_kql_node *arg = call->children[i];
        bool flag = arg->kind == TR_KQL_NAMED || arg->kind == TR_KQL_BOOL;
        if (flag) {
            tr_value value;
            if (arg->kind == TR_KQL_NAMED && !tr_str_is(arg->text, "return_unmatched"))
                return tr_fail_at(err, TRAWL_E_SEMANTIC, arg->span, "SEM0048",
                                  "the only named argument is return_unmatched");
            TR_TRY(
                tr_constant(ctx, arg->kind == TR_KQL_NAMED ? arg->children[1] : arg, &value, err));
            l->keep_unmatched = value.type == TR_BOOL && !value.is_null && value.as.boolean;
            continue;
        }
        if (l->extra_count == EXTRA_MAX)
            return tr_fail_at(err, TRAWL_E_LIMIT, arg->span, "SEM0115", "more than %d keys",
                              EXTRA_MAX);
        TR_TRY(column_in(ctx, &input->schema, arg, &l->left_extra[l->extra_count], err));
        TR_TRY(column_in(ctx, &table->schema, arg, &l->right_extra[l->extra_count], err));
        if (input->schema.fields[l->left_extra[l->extra_count]].type !=
            table->schema.fields[l->right_extra[l->extra_count]].type)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, arg->span, "SEM0116",
                              "the key has another type on the other side");
        l->extra_count++;
    }
    return TRAWL_OK;
}

trawl_status tr_plugin_ip_lookup(const tr_context *ctx, const tr_kql_node *call,
                                 const tr_plan *input, bool is_v4, const tr_plan **out,
                                 trawl_error *err) {
    tr_plan_ctx *plan = &ctx->a->plan;
    lookup *l = TR_NEW(plan->query, lookup);
    const tr_plan *table;
    tr_context outside = *ctx;
    uint32_t key;
    if (!l)
        return tr_fail_memory(err);
    if (call->child_count < 4)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, call->span, "SEM0219",
                          "%.*s() takes a table, an address column and a range column",
                          (int)call->text.len, call->text.ptr);
    l->is_v4 = is_v4;
    outside.input = NULL;
    TR_TRY(tr_tabular(&outside, call->children[1], &table, err));
    TR_TRY(column_in(ctx, &input->schema, call->children[2], &l->key, err));
    TR_TRY(column_in(ctx, &table->schema, call->children[3], &key, err));
    TR_TRY(read_options(ctx, call, input, table, l, err));
    TR_TRY(read_table(ctx, table, key, l, err));
    uint32_t n = input->schema.count;
    tr_field *fields = TR_NEW_N(plan->query, tr_field, (size_t)n + l->width + 1);
    l->shown = TR_NEW_N(plan->query, uint32_t, l->width + 1);
    if (!fields || !l->shown)
        return tr_fail_memory(err);
    memcpy(fields, input->schema.fields, n * sizeof *fields);
    for (uint32_t c = 0; c < l->width; c++) {
        bool hidden = false;
        for (uint32_t e = 0; e < l->extra_count; e++)
            hidden = hidden || l->right_extra[e] == c;
        if (hidden)
            continue;
        fields[n] = table->schema.fields[c];
        TR_TRY(tr_name_unique(ctx->a, fields[n].name, fields, n, &fields[n].name, err));
        l->shown[l->shown_count++] = c;
        n++;
    }
    tr_plan *node;
    TR_TRY(tr_plan_new(plan, TR_PLAN_PLUGIN, &input, 1, (tr_schema){n, fields}, &node, err));
    node->ordered = input->ordered;
    node->as.plugin.plugin = &lookup_plugin;
    node->as.plugin.bound = l;
    *out = node;
    return TRAWL_OK;
}

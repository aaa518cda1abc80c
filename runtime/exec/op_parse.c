/* op_parse: cuts a text by a pattern of delimiters into typed columns.
 *
 * simple   delimiters are literal text; the pattern starts at the start of the text; a value that
 *          does not convert means no match
 * relaxed  as simple, but such a value is null and the others stand
 * regex    delimiters are regular expressions, * is .*?
 * A row without match has "" and nulls, or is dropped (parse-where). */
#include "runtime/data/text.h"
#include "runtime/exec/pipe.h"
#include "runtime/regex/regex.h"

typedef struct {
    const tr_plan *plan;
    tr_prog *text;
    tr_regex *regex; /* mode REGEX: group of column k is group_of[k] */
    uint32_t *group_of;
} parse_shared;

typedef struct {
    tr_regs *regs;
    tr_regex_scratch *regex;
    tr_regex_span *groups;
    tr_str *pieces; /* [out_count] text found for each column */
    bool *found;
} parse_local;

/* What a column of a type may look like inside a regex. */
static const char *type_regex(tr_type type) {
    switch (type) {
    case TR_LONG:
    case TR_INT: return "([-+]?\\d+)";
    case TR_REAL:
    case TR_DECIMAL: return "([-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?)";
    case TR_BOOL: return "((?i:true|false)|[01])";
    default: return "(.*?)";
    }
}

static trawl_status build_regex(tr_exec *exec, parse_shared *s, trawl_error *err) {
    const tr_plan *plan = s->plan;
    tr_buf text;
    uint32_t group = 1;
    tr_buf_start(&text, exec->query);
    s->group_of = TR_NEW_N(exec->query, uint32_t, plan->as.parse.out_count + 1);
    if (!s->group_of)
        return tr_fail_memory(err);
    tr_str flags = plan->as.parse.regex_flags;
    if (flags.len)
        tr_buf_printf(&text, "(?%.*s)", (int)flags.len, flags.ptr);
    tr_buf_put_char(&text, '^');
    for (uint32_t i = 0; i < plan->as.parse.item_count; i++) {
        const tr_parse_item *item = &plan->as.parse.items[i];
        switch (item->piece) {
        case TR_PARSE_LITERAL: {
            tr_regex *piece;
            TR_TRY(tr_regex_compile(exec->query, item->literal.ptr, item->literal.len, 0, &piece,
                                    err));
            group += tr_regex_group_count(piece);
            tr_buf_printf(&text, "(?:%.*s)", (int)item->literal.len, item->literal.ptr);
            break;
        }
        case TR_PARSE_STAR: tr_buf_put_text(&text, ".*?"); break;
        case TR_PARSE_COLUMN:
            s->group_of[item->out] = group++;
            tr_buf_put_text(&text, type_regex(item->type));
            break;
        }
    }
    tr_buf_put_char(&text, '$');
    if (text.failed)
        return tr_fail_memory(err);
    return tr_regex_compile(exec->query, text.bytes, text.n, 0, &s->regex, err);
}

trawl_status tr_parse_new(tr_exec *exec, const tr_plan *plan, void **shared, trawl_error *err) {
    parse_shared *s = TR_EXEC_NEW(exec, parse_shared);
    if (!s)
        return tr_fail_memory(err);
    s->plan = plan;
    const tr_expr *text;
    TR_TRY(tr_exec_resolve(exec, plan->as.parse.text, &text, err));
    TR_TRY(tr_prog_new(exec, &text, 1, &s->text, err));
    if (plan->as.parse.mode == TR_PARSE_REGEX)
        TR_TRY(build_regex(exec, s, err));
    *shared = s;
    return TRAWL_OK;
}

static trawl_status parse_start(void *shared, void *local, tr_worker *worker, trawl_error *err) {
    const parse_shared *s = shared;
    parse_local *l = local;
    uint32_t outs = s->plan->as.parse.out_count;
    TR_TRY(tr_regs_new(s->text, worker->local, &l->regs, err));
    l->pieces = TR_NEW_N(worker->local, tr_str, outs + 1);
    l->found = TR_NEW_N(worker->local, bool, outs + 1);
    if (!l->pieces || !l->found)
        return tr_fail_memory(err);
    if (!s->regex)
        return TRAWL_OK;
    l->regex = tr_regex_scratch_new(s->regex, worker->local);
    l->groups = TR_NEW_N(worker->local, tr_regex_span, tr_regex_group_count(s->regex) + 1);
    return l->regex && l->groups ? TRAWL_OK : tr_fail_memory(err);
}

/* Bytes of `text` that can belong to a number, datetime ... of this type. */
static uint32_t typed_prefix(tr_type type, tr_str text) {
    const char *allowed = type == TR_LONG || type == TR_INT       ? "+-0123456789"
                          : type == TR_REAL || type == TR_DECIMAL ? "+-.0123456789eE"
                          : type == TR_TIMESPAN                   ? "-.:0123456789"
                          : type == TR_DATETIME                   ? "-.:0123456789TZ+/ "
                                                                  : NULL;
    uint32_t n = 0;
    while (n < text.len && text.ptr[n] == ' ')
        n++;
    while (allowed && n < text.len && text.ptr[n] && strchr(allowed, text.ptr[n]))
        n++;
    return allowed ? n : text.len;
}

/* Match the pieces one after the other; what stands between delimiters goes to pieces[]. */
static bool match_simple(const tr_plan *plan, parse_local *l, tr_str text) {
    uint32_t at = 0;
    const tr_parse_item *open = NULL; /* column or star that waits for its end */
    for (uint32_t i = 0; i < plan->as.parse.item_count; i++) {
        const tr_parse_item *item = &plan->as.parse.items[i];
        tr_str rest = tr_str_make(text.ptr + at, text.len - at);
        if (item->piece == TR_PARSE_LITERAL) {
            const char *hit =
                open ? memmem(rest.ptr, rest.len, item->literal.ptr, item->literal.len) : rest.ptr;
            if (!hit || rest.len < item->literal.len ||
                memcmp(hit, item->literal.ptr, item->literal.len) != 0)
                return false;
            if (open && open->piece == TR_PARSE_COLUMN) {
                l->pieces[open->out] = tr_str_make(rest.ptr, (uint32_t)(hit - rest.ptr));
                l->found[open->out] = true;
            }
            at += (uint32_t)(hit - rest.ptr) + item->literal.len;
            open = NULL;
            continue;
        }
        if (open && open->piece == TR_PARSE_COLUMN) {
            uint32_t n = typed_prefix(open->type, rest);
            l->pieces[open->out] = tr_str_make(rest.ptr, n);
            l->found[open->out] = true;
            at += n;
        }
        open = item;
    }
    if (open && open->piece == TR_PARSE_COLUMN) {
        l->pieces[open->out] = tr_str_make(text.ptr + at, text.len - at);
        l->found[open->out] = true;
    }
    return true;
}

static bool match_regex(const parse_shared *s, parse_local *l, tr_str text) {
    if (!tr_regex_captures(s->regex, l->regex, text.ptr, text.len, 0, l->groups))
        return false;
    for (uint32_t k = 0; k < s->plan->as.parse.out_count; k++) {
        tr_regex_span g = l->groups[s->group_of[k]];
        l->found[k] = g.start != SIZE_MAX;
        if (l->found[k])
            l->pieces[k] = tr_str_make(text.ptr + g.start, (uint32_t)(g.end - g.start));
    }
    return true;
}

static trawl_status set_cell(tr_vec *out, uint32_t i, uint32_t n, const tr_value *value,
                             tr_arena *scratch, trawl_error *err) {
    if (value->is_null && !out->valid)
        TR_TRY(tr_vec_need_valid(scratch, out, n, err));
    tr_vec_set(out, i, value);
    return TRAWL_OK;
}

/* One row: values[] of all parsed columns; false when it does not match. */
static trawl_status parse_row(const parse_shared *s, parse_local *l, tr_str text,
                              const tr_field *fields, tr_arena *scratch, tr_value *values,
                              bool *matched, trawl_error *err) {
    const tr_plan *plan = s->plan;
    uint32_t outs = plan->as.parse.out_count;
    memset(l->found, 0, outs * sizeof *l->found);
    *matched = s->regex ? match_regex(s, l, text) : match_simple(plan, l, text);
    for (uint32_t k = 0; k < outs; k++) {
        values[k] = tr_value_null(fields[k].type);
        if (!*matched || !l->found[k])
            continue;
        if (!tr_parse_value(scratch, fields[k].type, l->pieces[k], &values[k]))
            return tr_fail_memory(err);
        bool failed = values[k].is_null && fields[k].type != TR_STRING;
        if (failed && plan->as.parse.mode == TR_PARSE_SIMPLE)
            *matched = false;
    }
    for (uint32_t k = 0; !*matched && k < outs; k++)
        values[k] = tr_value_null(fields[k].type);
    return TRAWL_OK;
}

static trawl_status parse_push(void *shared, void *local, tr_batch *batch, tr_next next,
                               trawl_error *err) {
    const parse_shared *s = shared;
    parse_local *l = local;
    const tr_plan *plan = s->plan;
    uint32_t inputs = plan->inputs[0]->schema.count, outs = plan->as.parse.out_count;
    const tr_field *fields = plan->schema.fields + inputs;
    TR_TRY(tr_prog_run(s->text, l->regs, batch, err));
    const tr_vec *text = tr_prog_result(s->text, l->regs, 0);
    tr_vec *columns = TR_NEW_N(batch->scratch, tr_vec, plan->schema.count + 1);
    tr_value *values = TR_NEW_N(batch->scratch, tr_value, outs + 1);
    uint64_t *keep = TR_NEW_N(batch->scratch, uint64_t, TR_BATCH_ROWS / 64);
    if (!columns || !values || !keep)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < outs; k++)
        TR_TRY(tr_vec_new(batch->scratch, fields[k].type, batch->n, &columns[inputs + k], err));
    uint32_t matches = 0;
    for (uint32_t i = 0; i < batch->n; i++) {
        bool matched;
        TR_TRY(parse_row(s, l, ((const tr_str *)text->data)[tr_row(text, i)], fields,
                         batch->scratch, values, &matched, err));
        for (uint32_t k = 0; k < outs; k++)
            TR_TRY(set_cell(&columns[inputs + k], i, batch->n, &values[k], batch->scratch, err));
        if (matched)
            tr_bit_set(keep, i);
        matches += matched;
    }
    for (uint32_t c = 0; c < inputs; c++) {
        const tr_vec *whole;
        if (plan->needed && !tr_bit_get(plan->needed, c)) {
            TR_TRY(tr_vec_of_null(batch->scratch, plan->schema.fields[c].type, &columns[c], err));
            continue;
        }
        TR_TRY(tr_batch_column(batch, c, &whole, err));
        columns[c] = *whole;
    }
    tr_batch out = {.n = batch->n,
                    .column_count = plan->schema.count,
                    .columns = columns,
                    .scratch = batch->scratch,
                    .morsel = batch->morsel};
    if (plan->as.parse.drop_unmatched && matches == 0)
        return TRAWL_OK;
    if (plan->as.parse.drop_unmatched && matches < batch->n)
        TR_TRY(tr_batch_keep(&out, keep, plan->needed, err));
    return tr_push(next, &out, err);
}

const tr_op tr_op_parse = {
    .name = "parse",
    .local_bytes = sizeof(parse_local),
    .start = parse_start,
    .push = parse_push,
};

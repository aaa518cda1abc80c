/* runtime/exec/prog.c: expression programs: flat steps over registers, run once a batch.
 * A step whose only argument is text of a dictionary runs once a text of it (tr_by_entry).
 * Must not know any particular function. */
#include "runtime/data/by_entry.h"
#include "runtime/exec/pipe.h"
#include "runtime/func/run.h"

#define NO_ARG UINT32_MAX

typedef struct {
    const tr_func *func;
    tr_type type;
    const void *bound;
    uint32_t argc;
    const uint32_t *args; /* registers */
    uint32_t out;
    uint32_t text_arg; /* the only argument that is not constant, if it is text; else NO_ARG */
} step;

struct tr_prog {
    const tr_func_env *env;
    uint32_t register_count;
    uint32_t step_count;
    step *steps;
    uint32_t const_count; /* registers [0, const_count) */
    tr_vec *consts;
    uint32_t column_count; /* registers [const_count, const_count + column_count) */
    uint32_t *columns;
    bool *only_codes; /* [column_count] read by nothing but steps whose text_arg it is */
    uint32_t result_count;
    int32_t *results; /* register of each expression, -1: none */
};

struct tr_regs {
    tr_vec *values;
    void **step_local;
    tr_by_entry *by_entry; /* [step_count] */
    tr_vec *args;          /* room for the widest call */
};

typedef struct {
    tr_exec *exec;
    tr_prog *prog;
    const tr_expr **const_of; /* which node each constant register came from */
} compiler;

static uint32_t count_nodes(const tr_expr *expr) {
    uint32_t n = 1;
    for (uint32_t a = 0; expr->kind == TR_EXPR_CALL && a < expr->argc; a++)
        n += count_nodes(expr->args[a]);
    return n;
}

/* Constants and columns first: their registers are known before any step's. */
static trawl_status collect_leaves(compiler *c, const tr_expr *expr, trawl_error *err) {
    tr_prog *prog = c->prog;
    switch (expr->kind) {
    case TR_EXPR_CONST:
        for (uint32_t i = 0; i < prog->const_count; i++)
            if (c->const_of[i] == expr)
                return TRAWL_OK;
        TR_TRY(
            tr_vec_of_value(c->exec->query, &expr->value, &prog->consts[prog->const_count], err));
        c->const_of[prog->const_count++] = expr;
        return TRAWL_OK;
    case TR_EXPR_COLUMN:
        for (uint32_t i = 0; i < prog->column_count; i++)
            if (prog->columns[i] == expr->column)
                return TRAWL_OK;
        prog->columns[prog->column_count++] = expr->column;
        return TRAWL_OK;
    case TR_EXPR_SUBQUERY:
        return tr_fail(err, TRAWL_E_INTERNAL, "a subquery was not resolved before it was used");
    case TR_EXPR_CALL: break;
    }
    for (uint32_t a = 0; a < expr->argc; a++)
        TR_TRY(collect_leaves(c, expr->args[a], err));
    return TRAWL_OK;
}

static bool same_step(const step *s, const tr_expr *expr, const uint32_t *args) {
    if (s->func != expr->func || s->argc != expr->argc || s->type != expr->type ||
        (s->func->flags & TR_FUNC_VOLATILE))
        return false;
    for (uint32_t a = 0; a < s->argc; a++)
        if (s->args[a] != args[a])
            return false;
    return true;
}

static uint32_t text_arg_of(const tr_prog *prog, const tr_expr *expr, const uint32_t *args) {
    uint32_t found = NO_ARG;
    if (expr->func->flags & (TR_FUNC_VOLATILE | TR_FUNC_WINDOW | TR_FUNC_CONTEXT))
        return NO_ARG;
    for (uint32_t a = 0; a < expr->argc; a++) {
        if (args[a] < prog->const_count)
            continue;
        if (found != NO_ARG || expr->args[a]->type != TR_STRING)
            return NO_ARG;
        found = a;
    }
    return found;
}

static trawl_status compile(compiler *c, const tr_expr *expr, uint32_t *out, trawl_error *err) {
    tr_prog *prog = c->prog;
    if (expr->kind == TR_EXPR_CONST) {
        for (*out = 0; c->const_of[*out] != expr;)
            ++*out;
        return TRAWL_OK;
    }
    if (expr->kind == TR_EXPR_COLUMN) {
        for (*out = 0; prog->columns[*out] != expr->column;)
            ++*out;
        *out += prog->const_count;
        return TRAWL_OK;
    }
    uint32_t *args = TR_NEW_N(c->exec->query, uint32_t, expr->argc + 1);
    if (!args)
        return tr_fail_memory(err);
    for (uint32_t a = 0; a < expr->argc; a++)
        TR_TRY(compile(c, expr->args[a], &args[a], err));
    for (uint32_t i = 0; i < prog->step_count; i++)
        if (same_step(&prog->steps[i], expr, args)) {
            *out = prog->steps[i].out;
            return TRAWL_OK;
        }
    if (!expr->func->eval)
        return tr_fail_at(err, TRAWL_E_UNSUPPORTED, expr->span, "", "%s() cannot be used here",
                          expr->func->name);
    *out = prog->register_count++;
    prog->steps[prog->step_count++] = (step){
        expr->func, expr->type, expr->bound, expr->argc, args, *out, text_arg_of(prog, expr, args)};
    return TRAWL_OK;
}

static void find_only_codes(tr_prog *prog) {
    for (uint32_t i = 0; i < prog->column_count; i++)
        prog->only_codes[i] = true;
    for (uint32_t i = 0; i < prog->step_count; i++)
        for (uint32_t a = 0; a < prog->steps[i].argc; a++) {
            uint32_t column = prog->steps[i].args[a] - prog->const_count;
            if (column < prog->column_count && a != prog->steps[i].text_arg)
                prog->only_codes[column] = false;
        }
    for (uint32_t i = 0; i < prog->result_count; i++) {
        uint32_t column = (uint32_t)prog->results[i] - prog->const_count;
        if (prog->results[i] >= 0 && column < prog->column_count)
            prog->only_codes[column] = false;
    }
}

trawl_status tr_prog_new(tr_exec *exec, const tr_expr *const *exprs, uint32_t count, tr_prog **out,
                         trawl_error *err) {
    tr_prog *prog = TR_EXEC_NEW(exec, tr_prog);
    uint32_t nodes = 1;
    for (uint32_t i = 0; i < count; i++)
        nodes += exprs[i] ? count_nodes(exprs[i]) : 0;
    compiler c = {.exec = exec, .prog = prog};
    c.const_of = TR_NEW_N(exec->query, const tr_expr *, nodes);
    if (!prog || !c.const_of)
        return tr_fail_memory(err);
    prog->env = exec->options.env;
    prog->steps = TR_NEW_N(exec->query, step, nodes);
    prog->consts = TR_NEW_N(exec->query, tr_vec, nodes);
    prog->columns = TR_NEW_N(exec->query, uint32_t, nodes);
    prog->only_codes = TR_NEW_N(exec->query, bool, nodes);
    prog->results = TR_NEW_N(exec->query, int32_t, count + 1);
    if (!prog->steps || !prog->consts || !prog->columns || !prog->only_codes || !prog->results)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++)
        if (exprs[i])
            TR_TRY(collect_leaves(&c, exprs[i], err));
    prog->register_count = prog->const_count + prog->column_count;
    prog->result_count = count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t reg = 0;
        if (exprs[i])
            TR_TRY(compile(&c, exprs[i], &reg, err));
        prog->results[i] = exprs[i] ? (int32_t)reg : -1;
    }
    find_only_codes(prog);
    *out = prog;
    return TRAWL_OK;
}

trawl_status tr_regs_new(const tr_prog *prog, tr_arena *local, tr_regs **out, trawl_error *err) {
    tr_regs *regs = TR_NEW(local, tr_regs);
    if (!regs)
        return tr_fail_memory(err);
    uint32_t widest = 1;
    for (uint32_t i = 0; i < prog->step_count; i++)
        widest = prog->steps[i].argc > widest ? prog->steps[i].argc : widest;
    regs->values = TR_NEW_N(local, tr_vec, prog->register_count + 1);
    regs->step_local = TR_NEW_N(local, void *, prog->step_count + 1);
    regs->by_entry = TR_NEW_N(local, tr_by_entry, prog->step_count + 1);
    regs->args = TR_NEW_N(local, tr_vec, widest);
    if (!regs->values || !regs->step_local || !regs->by_entry || !regs->args)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < prog->step_count; i++)
        regs->by_entry[i].local = local;
    for (uint32_t i = 0; i < prog->const_count; i++)
        regs->values[i] = prog->consts[i];
    for (uint32_t i = 0; i < prog->step_count; i++)
        if (prog->steps[i].func->start)
            TR_TRY(
                prog->steps[i].func->start(prog->steps[i].bound, local, &regs->step_local[i], err));
    *out = regs;
    return TRAWL_OK;
}

/* Column i of the program: only its codes, where they will do. */
static trawl_status load_column(const tr_prog *prog, tr_regs *regs, uint32_t i, tr_batch *batch,
                                trawl_error *err) {
    tr_vec *to = &regs->values[prog->const_count + i];
    if (prog->only_codes[i]) {
        TR_TRY(tr_batch_codes(batch, prog->columns[i], to, err));
        if (to->dictionary && tr_by_entry_pays(to, batch->n))
            return TRAWL_OK;
    }
    const tr_vec *column;
    TR_TRY(tr_batch_column(batch, prog->columns[i], &column, err));
    *to = *column;
    return TRAWL_OK;
}

/* A text that no row has any more may be too much for the function: then nothing is kept. */
static trawl_status run_entries(const step *s, tr_by_entry *of, const tr_call *call,
                                trawl_error *err) {
    const tr_vec_dictionary *d = call->args[s->text_arg].dictionary;
    tr_vec made, *args = TR_NEW_N(call->scratch, tr_vec, s->argc);
    trawl_error ignored = TRAWL_ERROR_INIT;
    if (!args)
        return tr_fail_memory(err);
    memcpy(args, call->args, s->argc * sizeof *args);
    args[s->text_arg] = (tr_vec){.type = TR_STRING, .data = (tr_str *)(uintptr_t)d->entries};
    tr_call entries = *call;
    entries.n = d->count;
    entries.args = args;
    entries.out = &made;
    trawl_status status = tr_func_run(s->func, s->type, &entries, &ignored);
    if (status == TRAWL_E_MEMORY)
        return tr_fail_memory(err);
    return tr_by_entry_keep(of, d->serial, status == TRAWL_OK ? &made : NULL, d->count, err);
}

/* Once a text of the dictionary, if that can be done: *done. */
static trawl_status run_by_entry(const step *s, tr_by_entry *of, const tr_call *call, bool *done,
                                 trawl_error *err) {
    *done = s->text_arg != NO_ARG && tr_by_entry_pays(&call->args[s->text_arg], call->n);
    if (!*done)
        return TRAWL_OK;
    const tr_vec *texts = &call->args[s->text_arg];
    if (of->serial != texts->dictionary->serial)
        TR_TRY(run_entries(s, of, call, err));
    *done = !of->failed;
    if (of->failed)
        return TRAWL_OK;
    return tr_by_entry_rows(of, texts->codes, call->n, call->scratch, call->out, err);
}

static trawl_status run_step(const tr_prog *prog, tr_regs *regs, uint32_t i, tr_batch *batch,
                             trawl_error *err) {
    const step *s = &prog->steps[i];
    tr_call call = {.n = batch->n,
                    .argc = s->argc,
                    .args = regs->args,
                    .out = &regs->values[s->out],
                    .bound = s->bound,
                    .local = regs->step_local[i],
                    .scratch = batch->scratch,
                    .env = prog->env};
    bool done;
    for (uint32_t a = 0; a < s->argc; a++)
        regs->args[a] = regs->values[s->args[a]];
    TR_TRY(run_by_entry(s, &regs->by_entry[i], &call, &done, err));
    if (done)
        return TRAWL_OK;
    for (uint32_t a = 0; a < s->argc; a++)
        if (!regs->args[a].data) { /* of a column that had codes only */
            const tr_vec *column;
            uint32_t number = s->args[a] - prog->const_count;
            TR_TRY(tr_batch_column(batch, prog->columns[number], &column, err));
            regs->values[s->args[a]] = regs->args[a] = *column;
        }
    return tr_func_run(s->func, s->type, &call, err);
}

trawl_status tr_prog_run(const tr_prog *prog, tr_regs *regs, tr_batch *batch, trawl_error *err) {
    for (uint32_t i = 0; i < prog->column_count; i++)
        TR_TRY(load_column(prog, regs, i, batch, err));
    for (uint32_t i = 0; i < prog->step_count; i++)
        TR_TRY(run_step(prog, regs, i, batch, err));
    return TRAWL_OK;
}

const tr_vec *tr_prog_result(const tr_prog *prog, const tr_regs *regs, uint32_t i) {
    return &regs->values[prog->results[i]];
}

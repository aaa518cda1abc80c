/* runtime/func/func.h: scalar functions, operators and aggregates, one table row each.
 *
 * A row says how a call is typed and which loop runs it. The binder (runtime/plan) picks the row,
 * inserts casts, folds constants; runtime/exec runs eval once a batch. A file of this room holds
 * the rows of one domain: `const tr_func tr_funcs_string[]`, ended by a row with name NULL.
 *
 * Argument patterns (`args`): one letter an argument, left to right:
 *   b i l r m d t s g y   bool int long real decimal datetime timespan string guid dynamic
 *   n   a number; all n's of a call are cast to the widest among them (int < long < real < decimal)
 *   x   any type, taken as it is
 *   X   any type; all X's of a call are cast to one common type (iff, coalesce)
 * After a letter: '?' = may be left out (as may all after it), '*' = zero or more of these (last
 * only), '+' = one or more (last only). A group in parentheses at the start repeats: "(bX)X" is
 * case. Several rows with one name are overloads: the binder takes the one that needs the cheapest
 * casts (exact, int->long, long->real, number->decimal, dynamic->anything; a string is never cast
 * implicitly, nothing is cast to string but dynamic). Result (`result`): a type letter; 'n' or 'X'
 * = the common type; 'x' = the type of the first argument; '!' = ask result_type.
 *
 * Operators are functions whose name is the operator: "+", "==", "has_cs", "!in~", "between".
 * Unary minus is "neg". Kusto's implicit dynamic typing (dynamic + long = long) comes from the
 * casts. */
#ifndef TR_FUNC_FUNC_H
#define TR_FUNC_FUNC_H

#include "runtime/base/status.h"
#include "runtime/data/vec.h"

/** Fixed for the whole query. */
typedef struct tr_func_env {
    int64_t now_ticks;
    uint64_t seed; /* rand(), new_guid(); fixed by --seed for tests */
} tr_func_env;

/** What prepare sees: types after casts, and the values of constant arguments. */
typedef struct tr_prepare {
    tr_arena *query;
    uint32_t argc;
    const tr_type *types;
    const tr_value *const *consts; /* [argc]; NULL where the argument is not constant */
    const tr_span *spans;          /* [argc]; where each argument stands in the query text */
    const tr_func_env *env;
} tr_prepare;

/** One call over one batch. */
typedef struct tr_call {
    uint32_t n; /* rows, >= 1; at most TR_BATCH_ROWS */
    uint32_t argc;
    const tr_vec *args; /* [argc]; const vectors and flat ones mix: index with tr_row() */
    tr_vec *out;        /* typed, room for n rows, valid == NULL; bool zeroed, strings "" */
    const void *bound;  /* what prepare made; read-only */
    void *local;        /* what start made; this worker's own */
    tr_arena *scratch;  /* lives until the batch is done; results may point into it or into args */
    const tr_func_env *env;
} tr_call;

enum {
    /** eval handles null arguments itself and sets out->valid. Without it: a row with any null
     *  argument becomes null ("" for string results), whatever eval wrote there. Either way eval
     * may add nulls of its own (tr_call_null). */
    TR_FUNC_NULLS = 1u << 0,
    /** Not folded: rand(), new_guid(). */
    TR_FUNC_VOLATILE = 1u << 1,
    /** Reads neighbouring rows (prev, row_number): input must be serialized; run by its own
     *  operator, never by eval. */
    TR_FUNC_WINDOW = 1u << 2,
    /** Works row by row at a cost far above a compare (regex, JSON): filters run it late. */
    TR_FUNC_COSTLY = 1u << 3,
    /** Offered nowhere, but accepted. */
    TR_FUNC_HIDDEN = 1u << 4,
    /** About the place of a row in its table: not folded. The plan asks the scan instead where it
     *  can (plan/context.c); eval gives what rows without a place have. */
    TR_FUNC_CONTEXT = 1u << 5,
};

/** What a text must hold for a test of it to be true: one of the literals. */
typedef struct tr_need {
    uint32_t count;         /* 1 or more */
    const tr_str *literals; /* none is empty */
    bool any_case;          /* in any case of ASCII letters: the literals are ASCII in lower case */
    uint32_t edges;         /* ends that are edges of a term in the text: kernels/find, EDGE_* */
    /* The test is true of every text that meets all of its needs (bytes from 0x80 on are edges
     * there only if they are no part of a letter). */
    bool exact;
} tr_need;

typedef struct tr_func {
    const char *name;
    const char *args;
    char result;
    uint32_t flags;
    /** One batch. Called with all-constant arguments as n == 1. */
    trawl_status (*eval)(tr_call *call, trawl_error *err);
    /** Optional: check constant arguments and make shared read-only state (a compiled regex). An
     *  error without a span gets the span of the call. */
    trawl_status (*prepare)(const tr_prepare *p, const void **bound, trawl_error *err);
    /** Optional: state of one worker (the caches of a regex), from `local`. */
    trawl_status (*start)(const void *bound, tr_arena *local, void **state, trawl_error *err);
    /** Optional, for result '!'. consts as in tr_prepare. TR_NONE = these arguments do not fit. */
    tr_type (*result_type)(uint32_t argc, const tr_type *types, const tr_value *const *consts);
    const char *summary; /* one sentence */
    const char *example; /* a runnable KQL query, shown in generated documentation; may be NULL */
    /** Optional, for tests of the text in args[0]: its need number k, without which the result is
     *  not true (all needs must be met). Scans skip rows by them. False: there is none. */
    bool (*needs)(const void *bound, uint32_t k, tr_need *out);
    /** Optional, for tests of args[0]: values of its type, one of which it equals where the result
     *  is true. False: not known. */
    bool (*members)(const void *bound, const tr_value **values, uint32_t *count);
    /** Name of an unnamed column of this call: NULL = Column1; "<>" stands for the name of the
     *  first argument: "<>" for tostring(a). */
    const char *column;
} tr_func;

/** Rows with this name, in order of preference; NULL if there are none. *count gets how many: they
 *  are consecutive in the returned array of pointers. */
const tr_func *const *tr_func_find(tr_str name, uint32_t *count);
/** The k-th row of all, for listings; NULL past the end. */
const tr_func *tr_func_at(uint32_t k);
/** How seldom the function or aggregate of that name is written: 0 (by everybody) to 4. For
 *  tr_nearest_try_rare. */
uint32_t tr_func_rarity(tr_str name);
/** The k-th documented name of an aggregate NAMEif or NAME_if, NULL past the end. */
const char *tr_agg_conditional_at(uint32_t k);
/** The row that casts `from` to `to` where the language does so by itself: int -> long -> real ->
 *  decimal, dynamic -> anything, anything -> dynamic (boxed); NULL where it does not. */
const tr_func *tr_func_cast(tr_type from, tr_type to);
/** The function of one argument that casts implicitly, as operators and 'n', 'X' patterns need it:
 *  int -> long -> real -> decimal and int -> real, any number -> decimal, dynamic -> any type,
 *  any type -> dynamic (boxed, not parsed). NULL where the language has no such cast, or from ==
 * to. */
const tr_func *tr_func_cast(tr_type from, tr_type to);
/** Row i of the result is null. */
trawl_status tr_call_null(tr_call *call, uint32_t i, trawl_error *err);

/* ---- aggregates ---- */

/** n rows to be folded into the states of their groups. Rows whose first argument is null and rows
 *  that an `...if` predicate refused were taken out before, unless TR_AGG_NULLS. */
typedef struct tr_agg_call {
    uint32_t n;
    uint32_t argc;
    const tr_vec *args;
    const uint32_t *groups; /* [n] state index of each row; NULL: all rows go to state 0 */
    void *states;           /* state g is at (char *)states + g * state_bytes */
    const void *bound;
    tr_arena *arena; /* lives as long as the states; what states point to is kept here */
    tr_arena *scratch;
    const tr_func_env *env;
} tr_agg_call;

/** Fold states from[0..n) into into[groups[0..n)]; `from` may point into another worker's arena,
 *  which outlives the states; both have the same bound. */
typedef struct tr_agg_merge {
    uint32_t n;
    const uint32_t *groups;
    void *into;
    const void *from;
    const void *bound;
    tr_arena *arena;
} tr_agg_merge;

/** Turn states[0..n) into columns: outs[k] is typed with room for n rows. */
typedef struct tr_agg_finish {
    uint32_t n;
    const void *states;
    const void *bound;
    uint32_t out_count;
    tr_vec *outs;
    tr_arena *arena; /* results live here */
} tr_agg_finish;

enum {
    TR_AGG_NULLS = 1u << 0, /* update wants null rows as well */
    TR_AGG_IF = 1u << 1, /* a variant NAMEif(args..., predicate) exists and is made by the binder */
    TR_AGG_MULTI = 1u << 2, /* several result columns: see `outs` */
    TR_AGG_HIDDEN = 1u << 3,
    TR_AGG_STAR = 1u << 4, /* `*` may stand for the remaining columns (arg_max, take_any) */
};

typedef struct tr_agg {
    const char *name;
    const char *args;
    char result;
    uint32_t flags;
    uint32_t state_bytes; /* a multiple of 8; an all-zero state is the empty state */
    /** Where the state depends on the arguments (arg_max of k columns): overrides state_bytes. */
    uint32_t (*state_bytes_of)(const void *bound);
    trawl_status (*prepare)(const tr_prepare *p, const void **bound, trawl_error *err);
    trawl_status (*update)(const tr_agg_call *call, trawl_error *err);
    trawl_status (*combine)(const tr_agg_merge *merge, trawl_error *err);
    trawl_status (*finish)(const tr_agg_finish *finish, trawl_error *err);
    tr_type (*result_type)(uint32_t argc, const tr_type *types, const tr_value *const *consts);
    /** TR_AGG_MULTI: number of result columns, their types, and their name suffixes ("" = the
     *  argument's own name; "_50" is appended to `column`). Arrays hold at least argc + 1. */
    uint32_t (*outs)(uint32_t argc, const tr_type *types, const tr_value *const *consts,
                     tr_type *out_types, const char **out_suffixes, tr_arena *query);
    const char *summary;
    const char *example;
    const char *column; /* "sum_<>": default name of the result column */
} tr_agg;

const tr_agg *const *tr_agg_find(tr_str name, uint32_t *count);
const tr_agg *tr_agg_at(uint32_t k);

#endif

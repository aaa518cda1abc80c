/* The result types of operators and choices for every pair of types, through the binder: the tables
 * of the language, one letter a pair, '.' where the types do not go together. '?' is not pinned:
 * there trawl takes more than the language does. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/plan/plan.h"

static const char letters[] = "bilrmdtsgy";
static const tr_type types[] = {TR_BOOL,     TR_INT,      TR_LONG,   TR_REAL, TR_DECIMAL,
                                TR_DATETIME, TR_TIMESPAN, TR_STRING, TR_GUID, TR_DYNAMIC};

/** cells[a * 11 + b]: left type a, right type b, both in the order of `letters`. */
typedef struct grid {
    const char *name;
    const char *cells;
} grid;

/* clang-format off */
static const grid grids[] = {
    {"+",
     ".......... "
     ".llrm....l "
     ".llrm....l "
     ".rrrm....r "
     ".mmmm....m "
     ".....dd..d "
     ".....dt..t "
     ".......... "
     ".......... "
     ".llrmdt..y "},
    {"-",
     ".......... "
     ".llrm....l "
     ".llrm....l "
     ".rrrm....r "
     ".mmmm....m "
     ".....td..t "
     ".....dt..t "
     ".......... "
     ".......... "
     ".llrmtt..y "},
    {"*",
     ".......... "
     ".llrmdt..l "
     ".llrmdt..l "
     ".rrrmdt..r "
     ".mmmmdt..m "
     ".dddd....? "
     ".tttt.t..? "
     ".......... "
     ".......... "
     ".llrm??..y "},
    {"/",
     ".......... "
     ".llrm....l "
     ".llrm....l "
     ".rrrm....r "
     ".mmmm....m "
     ".ddddrr..? "
     ".tttt.r..? "
     ".......... "
     ".......... "
     ".llrm??..y "},
    {"%",
     ".......... "
     ".llrm....l "
     ".llrm....l "
     ".rrrm....r "
     ".mmmm....m "
     ".ddddtt..? "
     ".tttt.t..? "
     ".......... "
     ".......... "
     ".llrm??..y "},
    {"==",
     "bbbbb....b "
     "bbbbb....b "
     "bbbbb....b "
     "bbbbb....b "
     "bbbbb....b "
     ".....b...b "
     "......b..b "
     ".......b.b "
     "........bb "
     "bbbbbbbbbb "},
    {"<",
     "bbbbb....? "
     "bbbbb....b "
     "bbbbb....b "
     "bbbbb....b "
     "bbbbb....b "
     ".....b...? "
     "......b..? "
     ".......... "
     ".......... "
     "?bbbb??..b "},
    {"iff",
     "byyyyyyyyb "
     "yilrmyyyyi "
     "yllrmyyyyl "
     "yrrrmyyyyr "
     "ymmmmyyyym "
     "yyyyydyyyd "
     "yyyyyytyyt "
     "yyyyyyysys "
     "yyyyyyyygg "
     "bilrmdtsgy "},
    {"coalesce",
     "b........? "
     ".ilrm....? "
     ".llrm....? "
     ".rrrm....? "
     ".mmmm....? "
     ".....d...? "
     "......t..? "
     ".......s.? "
     "........g? "
     "?????????y "},
    {"case",
     "byyyyyyyyb "
     "yilrmyyyyi "
     "yllrmyyyyl "
     "yrrrmyyyyr "
     "ymmmmyyyym "
     "yyyyydyyyd "
     "yyyyyytyyt "
     "yyyyyyysys "
     "yyyyyyyygg "
     "bilrmdtsgy "},
    {"max_of",
     "b........? "
     ".ilrm....? "
     ".llrm....? "
     ".rrrm....? "
     ".mmmm....? "
     ".....d...? "
     "......t..? "
     ".......s.? "
     "........?? "
     "?????????? "},
};
/* clang-format on */

static char result_of(const char *name, tr_type a, tr_type b) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_func_env env = {0};
    tr_plan_ctx ctx = {.query = arena, .env = &env};
    tr_field fields[3] = {{tr_str_c("p"), TR_BOOL}, {tr_str_c("a"), a}, {tr_str_c("b"), b}};
    tr_schema schema = {3, fields};
    const tr_expr *args[3], *out = NULL;
    tr_span span = {0, 1};
    for (uint32_t k = 0; k < 3; k++)
        cr_assert_eq(tr_expr_column(&ctx, &schema, k, span, &args[k], NULL), TRAWL_OK);
    bool three = strcmp(name, "iff") == 0 || strcmp(name, "case") == 0;
    char got = '.';
    if (tr_expr_call(&ctx, tr_str_c(name), three ? args : args + 1, three ? 3 : 2, span, &out,
                     NULL) == TRAWL_OK)
        for (uint32_t k = 0; letters[k]; k++)
            if (types[k] == out->type)
                got = letters[k];
    tr_arena_free(arena);
    return got;
}

Test(types, every_pair) {
    for (size_t g = 0; g < sizeof grids / sizeof *grids; g++)
        for (uint32_t a = 0; a < 10; a++)
            for (uint32_t b = 0; b < 10; b++) {
                char want = grids[g].cells[a * 11 + b];
                char got = result_of(grids[g].name, types[a], types[b]);
                cr_assert(want == '?' || got == want, "%s(%s, %s): got %c, want %c", grids[g].name,
                          tr_type_name(types[a]), tr_type_name(types[b]), got, want);
            }
}

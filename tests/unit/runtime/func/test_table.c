/* The table of functions: every row is complete and found by its name. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/func/func.h"

Test(table, every_row_is_found_and_complete) {
    uint32_t k = 0;
    for (const tr_func *f; (f = tr_func_at(k)); k++) {
        uint32_t count = 0, mine = 0, examples = 0;
        const tr_func *const *rows = tr_func_find(tr_str_c(f->name), &count);
        cr_assert(rows && count);
        for (uint32_t i = 0; i < count; i++) {
            cr_assert_str_eq(rows[i]->name, f->name);
            mine += rows[i] == f;
        }
        cr_assert_eq(mine, 1, "%s", f->name);
        cr_assert(f->args && f->summary && *f->summary, "%s", f->name);
        cr_assert(strchr("bilrmdtsgynxX!", f->result) && f->result, "%s: result", f->name);
        cr_assert_eq(f->result == '!', f->result_type != NULL, "%s", f->name);
        cr_assert_eq(!f->eval, (f->flags & TR_FUNC_WINDOW) != 0, "%s: eval", f->name);
        for (const char *p = f->args; *p; p++)
            cr_assert(strchr("bilrmdtsgynxX?*+()", *p), "%s: args %s", f->name, f->args);
        for (uint32_t i = 0; i < count; i++)
            examples += rows[i]->example != NULL;
        cr_assert(examples || (f->flags & TR_FUNC_HIDDEN), "%s has no example", f->name);
    }
    cr_assert_gt(k, 400u);
}

Test(table, unknown_names) {
    uint32_t count = 7;
    cr_assert_null(tr_func_find(tr_str_c("no_such_function"), &count));
    cr_assert_eq(count, 0u);
    cr_assert_null(tr_func_find(tr_str_c(""), &count));
    cr_assert_null(tr_func_at(100000));
}

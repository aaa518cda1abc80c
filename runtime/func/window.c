/* runtime/func/window.c: the functions that read neighbouring rows. Only their types are here: the
 * window operator of runtime/exec computes them, so no row has an eval. */
#include "runtime/func/domains.h"

#define WINDOW TR_FUNC_WINDOW

/* clang-format off */
const tr_func tr_funcs_window[] = {
    {.name = "prev", .args = "xl?x?", .result = 'x', .flags = WINDOW,
     .summary = "The value of a column some rows before; null or a default where there is no such "
         "row.",
     .example = "range x from 1 to 3 step 1 | serialize | extend p = prev(x, 1, 0)"},
    {.name = "next", .args = "xl?x?", .result = 'x', .flags = WINDOW,
     .summary = "The value of a column some rows after; null or a default where there is no such "
         "row.",
     .example = "range x from 1 to 3 step 1 | serialize | extend n = next(x)"},
    {.name = "row_number", .args = "l?b?", .result = 'l', .flags = WINDOW,
     .summary = "The number of the row, from 1 or a given start, again after each restart.",
     .example = "range x from 5 to 7 step 1 | serialize | extend n = row_number()"},
    {.name = "row_cumsum", .args = "lb?", .result = 'l', .flags = WINDOW,
     .summary = "The sum of all rows so far, from 0 after each restart.",
     .example = "range x from 1 to 3 step 1 | serialize | extend s = row_cumsum(x)"},
    {.name = "row_cumsum", .args = "ib?", .result = 'i', .flags = WINDOW,
     .summary = "The sum of all rows so far, from 0 after each restart."},
    {.name = "row_cumsum", .args = "rb?", .result = 'r', .flags = WINDOW,
     .summary = "The sum of all rows so far, from 0 after each restart."},
    {.name = "row_cumsum", .args = "mb?", .result = 'm', .flags = WINDOW,
     .summary = "The sum of all rows so far, from 0 after each restart."},
    {.name = "row_cumsum", .args = "tb?", .result = 't', .flags = WINDOW,
     .summary = "The sum of all rows so far, from 0 after each restart."},
    {.name = "row_rank_dense", .args = "xb?", .result = 'l', .flags = WINDOW,
     .summary = "The rank of a sorted value, counting distinct values.",
     .example = "print x = dynamic([7, 7, 9]) | mv-expand x to typeof(long) | sort by x asc | "
         "extend r = row_rank_dense(x)"},
    {.name = "row_rank", .args = "xb?", .result = 'l', .flags = WINDOW | TR_FUNC_HIDDEN,
     .summary = "Old name of row_rank_dense()."},
    {.name = "row_rank_min", .args = "xb?", .result = 'l', .flags = WINDOW,
     .summary = "The rank of a sorted value: 1 + the number of rows before its first.",
     .example = "print x = dynamic([7, 7, 9]) | mv-expand x to typeof(long) | sort by x asc | "
         "extend r = row_rank_min(x)"},
    {.name = "row_window_session", .args = "dttb?", .result = 'd', .flags = WINDOW,
     .summary = "The start of the session a time belongs to, by longest session and longest gap.",
     .example = "range t from datetime(2020-01-01) to datetime(2020-01-02) step 6h | serialize | "
         "extend s = row_window_session(t, 1d, 7h)"},
    {.name = NULL},
};
/* clang-format on */

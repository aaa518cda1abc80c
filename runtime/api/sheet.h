/* runtime/api/sheet.h: a small table made by hand: what a command answers. Room-internal.
 *
 * Cells are put one after the other, row by row. Texts are copied. The first failure is kept and
 * told by tr_sheet_finish. */
#ifndef TR_API_SHEET_H
#define TR_API_SHEET_H

#include "runtime/base/buf.h"
#include "runtime/data/rows.h"

typedef struct tr_sheet {
    tr_arena *arena;
    tr_rows rows;
    tr_value *cells; /* of the row under way */
    uint32_t cell;
    trawl_status status;
} tr_sheet;

/** columns: "Name:string, Count:long". Starts anew if there are rows already. */
void tr_sheet_start(tr_sheet *sheet, tr_arena *arena, const char *columns);
void tr_sheet_text(tr_sheet *sheet, tr_str text);
void tr_sheet_c(tr_sheet *sheet, const char *text);
/** The content of a buffer; nothing if it ran out of memory, which is kept. */
void tr_sheet_buf(tr_sheet *sheet, tr_buf *text);
/** Into a long, int, real, bool, datetime or timespan column. */
void tr_sheet_number(tr_sheet *sheet, int64_t number);
void tr_sheet_real(tr_sheet *sheet, double number);
void tr_sheet_guid(tr_sheet *sheet, tr_guid guid);
/** A dynamic value from JSON text. */
void tr_sheet_json(tr_sheet *sheet, tr_str json);
/** Null, or "". */
void tr_sheet_null(tr_sheet *sheet);
void tr_sheet_nulls(tr_sheet *sheet, uint32_t count);
/** TRAWL_E_MEMORY if something failed. */
trawl_status tr_sheet_finish(tr_sheet *sheet, tr_rows *out, trawl_error *err);

#endif

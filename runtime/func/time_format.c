/* runtime/func/time_format.c: format_datetime() and format_timespan(). A format is compiled once
 * into fields; letters and delimiters that are not documented are refused with their name. */
#include "runtime/func/calendar.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"

typedef struct field {
    char letter; /* 0: a delimiter, in `text` */
    char text;
    uint32_t count;
} field;

typedef struct layout {
    uint32_t count;
    field fields[];
} layout;

static bool is_delimiter(char c) {
    return c && strchr(" /-:,._[]", c);
}

/* The longest run of each letter. */
static uint32_t longest(char letter, bool timespan) {
    switch (letter) {
    case 'f':
    case 'F': return 7;
    case 'd': return timespan ? 8 : 2;
    case 'h':
    case 'H':
    case 'm':
    case 's': return 2;
    case 'M': return timespan ? 0 : 2;
    case 'y': return timespan ? 0 : 4;
    case 't': return timespan ? 0 : 2;
    default: return 0;
    }
}

static bool run_fits(char letter, uint32_t count, bool timespan) {
    if (count > longest(letter, timespan))
        return false;
    return letter == 'y' ? count != 3 : letter == 't' ? count == 2 : true;
}

static trawl_status prepare_layout(const tr_prepare *p, bool timespan, const void **bound,
                                   trawl_error *err) {
    if (!p->consts[1])
        return tr_fail_at(err, TRAWL_E_SEMANTIC, p->spans[1], "", "the format must be a constant");
    tr_str text = p->consts[1]->as.str;
    layout *made = tr_arena_zalloc(p->query, sizeof *made + text.len * sizeof(field), 8);
    if (!made)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < text.len;) {
        char c = text.ptr[i];
        uint32_t run = 1;
        while (i + run < text.len && text.ptr[i + run] == c)
            run++;
        if (is_delimiter(c)) {
            run = 1;
            made->fields[made->count++] = (field){0, c, 1};
        } else if (run_fits(c, run, timespan)) {
            made->fields[made->count++] = (field){c, 0, run};
        } else {
            return tr_fail_at(err, TRAWL_E_SEMANTIC, p->spans[1], "",
                              "'%.*s' means nothing in a %s format", (int)(run < 20 ? run : 20),
                              text.ptr + i, timespan ? "timespan" : "datetime");
        }
        i += run;
    }
    *bound = made;
    return TRAWL_OK;
}

static trawl_status prepare_datetime(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare_layout(p, false, bound, err);
}
static trawl_status prepare_timespan(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare_layout(p, true, bound, err);
}

/* v with at least `width` digits. */
static bool put_number(tr_buf *buf, uint64_t v, uint32_t width) {
    char digits[20];
    uint32_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + v % 10);
    while (v /= 10);
    while (sizeof digits - at < width)
        digits[--at] = '0';
    return tr_buf_put(buf, digits + at, sizeof digits - at);
}

/* The first `count` digits of seven; with `trim`, less the zeros at their end. */
static bool put_fraction(tr_buf *buf, uint64_t ticks, uint32_t count, bool trim) {
    for (uint32_t i = count; i < 7; i++)
        ticks /= 10;
    for (; trim && count && ticks % 10 == 0; count--)
        ticks /= 10;
    return !count || put_number(buf, ticks, count);
}

/* A part of the time of day; `ticks` is not negative. */
static bool put_clock(tr_buf *buf, const field *f, uint64_t ticks, bool half_day) {
    uint64_t hour = ticks / (uint64_t)TR_TICKS_HOUR % 24;
    switch (f->letter) {
    case 'h': return put_number(buf, half_day ? (hour + 11) % 12 + 1 : hour, f->count);
    case 'H': return put_number(buf, hour, f->count);
    case 'm': return put_number(buf, ticks / (uint64_t)TR_TICKS_MINUTE % 60, f->count);
    case 's': return put_number(buf, ticks / (uint64_t)TR_TICKS_SECOND % 60, f->count);
    case 't': return tr_buf_put_text(buf, hour < 12 ? "AM" : "PM");
    case 'f':
    case 'F':
        return put_fraction(buf, ticks % (uint64_t)TR_TICKS_SECOND, f->count, f->letter == 'F');
    default: return tr_buf_put_char(buf, f->text);
    }
}

static bool put_datetime(tr_buf *buf, const layout *made, int64_t ticks) {
    int32_t year, month, day;
    ticks = tr_ticks_clamp(ticks);
    tr_civil_from_days(tr_day_of(ticks), &year, &month, &day);
    bool good = true;
    for (uint32_t k = 0; k < made->count && good; k++) {
        const field *f = &made->fields[k];
        switch (f->letter) {
        case 'y':
            good = put_number(buf, (uint64_t)(f->count == 4 ? year : year % 100), f->count);
            break;
        case 'M': good = put_number(buf, (uint64_t)month, f->count); break;
        case 'd': good = put_number(buf, (uint64_t)day, f->count); break;
        default: good = put_clock(buf, f, (uint64_t)ticks, true); break;
        }
    }
    return good;
}

static bool put_timespan(tr_buf *buf, const layout *made, int64_t ticks) {
    uint64_t size = ticks < 0 ? 0 - (uint64_t)ticks : (uint64_t)ticks;
    bool good = ticks >= 0 || tr_buf_put_char(buf, '-');
    for (uint32_t k = 0; k < made->count && good; k++) {
        const field *f = &made->fields[k];
        good = f->letter == 'd' ? put_number(buf, size / (uint64_t)TR_TICKS_DAY, f->count)
                                : put_clock(buf, f, size, false);
    }
    return good;
}

static trawl_status format_rows(tr_call *call,
                                bool (*put)(tr_buf *buf, const layout *made, int64_t ticks),
                                trawl_error *err) {
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        if (!put(&rows.buf, call->bound, tr_long_at(call, 0, i, 0)))
            return tr_fail_memory(err);
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

static trawl_status eval_datetime(tr_call *call, trawl_error *err) {
    return format_rows(call, put_datetime, err);
}
static trawl_status eval_timespan(tr_call *call, trawl_error *err) {
    return format_rows(call, put_timespan, err);
}

/* clang-format off */
const tr_func tr_funcs_time_format[] = {
    {.name = "format_datetime", .args = "ds", .result = 's', .eval = eval_datetime,
     .prepare = prepare_datetime,
     .summary = "A datetime as text in a format of the letters y M d h H m s f F t and delimiters.",
     .example = "print format_datetime(datetime(2017-01-29 09:00:05), \"yy-MM-dd [HH:mm:ss]\")",
     .column = "<>"},
    {.name = "format_timespan", .args = "ts", .result = 's', .eval = eval_timespan,
     .prepare = prepare_timespan,
     .summary = "A timespan as text in a format of the letters d h H m s f F and delimiters.",
     .example = "print format_timespan(time(29.09:00:05.12345), \"dd.hh:mm:ss:FF\")",
     .column = "<>"},
    {.name = NULL},
};
/* clang-format on */

/* runtime/data/text_datetime.c: text <-> datetime, in the many forms that todatetime() takes. */
#include "runtime/data/scan.h"
#include "runtime/data/text.h"

typedef struct date {
    uint32_t year, month, day;
} date;

static bool is_separator(char c) {
    return c == '-' || c == '/' || c == '.';
}

/* 1 for jan.. to 12 for dec.., 0 if the letters are no month. */
static uint32_t take_month(tr_scan_text *s) {
    static const char *const names[12] = {"january",   "february", "march",    "april",
                                          "may",       "june",     "july",     "august",
                                          "september", "october",  "november", "december"};
    tr_scan_text word = *s;
    while (tr_scan_alpha(s))
        s->at++;
    word.end = s->at;
    tr_scan_text three = word;
    if (word.end - word.at > 3)
        three.end = word.at + 3;
    for (uint32_t m = 0; m < 12; m++) {
        char head[4] = {names[m][0], names[m][1], names[m][2], 0};
        if (word.end - word.at == 3 ? tr_scan_is_word(three, head)
                                    : tr_scan_is_word(word, names[m]))
            return m + 1;
    }
    return 0;
}

static bool skip_weekday(tr_scan_text *s) {
    static const char *const names[7] = {"sunday",   "monday", "tuesday", "wednesday",
                                         "thursday", "friday", "saturday"};
    tr_scan_text probe = *s;
    while (tr_scan_alpha(&probe))
        probe.at++;
    tr_scan_text word = {s->at, probe.at};
    if (word.at == word.end)
        return true;
    for (int i = 0; i < 7; i++) {
        char head[4] = {names[i][0], names[i][1], names[i][2], 0};
        if (!tr_scan_is_word(word, names[i]) && !tr_scan_is_word(word, head))
            continue;
        s->at = probe.at;
        tr_scan_take(s, ',');
        tr_scan_skip_blanks(s);
        return true;
    }
    return true; /* may be a month */
}

static uint32_t full_year(uint32_t year) {
    return year < 50 ? 2000 + year : 1900 + year;
}

/* yy or yyyy */
static bool take_year(tr_scan_text *s, uint32_t *year) {
    const char *start = s->at;
    if (!tr_scan_number(s, 2, 4, year))
        return false;
    if (s->at - start == 3)
        return false;
    if (s->at - start == 2)
        *year = full_year(*year);
    return true;
}

/* 8 Nov 14, 08-Nov-2014, Nov 8, 2014; the weekday is gone already. */
static bool named_date(tr_scan_text *s, date *d) {
    if (tr_scan_alpha(s)) {
        d->month = take_month(s);
        if (!d->month)
            return false;
        tr_scan_take(s, '-');
        tr_scan_skip_blanks(s);
        if (!tr_scan_number(s, 1, 2, &d->day))
            return false;
        if (!tr_scan_take(s, ','))
            tr_scan_take(s, '-');
    } else {
        if (!tr_scan_number(s, 1, 2, &d->day))
            return false;
        tr_scan_take(s, '-');
        tr_scan_skip_blanks(s);
        d->month = take_month(s);
        if (!d->month)
            return false;
        if (!tr_scan_take(s, '-'))
            tr_scan_take(s, ',');
    }
    tr_scan_skip_blanks(s);
    return take_year(s, &d->year);
}

/* yyyy, yyyy-MM, yyyy-MM-dd, MM-dd-yyyy, yyyyMMdd. The number of digits in front decides. */
static bool numeric_date(tr_scan_text *s, date *d) {
    const char *start = s->at;
    while (tr_scan_digit(s))
        s->at++;
    int64_t n = s->at - start;
    tr_scan_text head = {start, s->at};
    if (n == 8 || n == 12 || n == 14) {
        tr_scan_text part = {start, start + 4};
        tr_scan_number(&part, 4, 4, &d->year);
        part = (tr_scan_text){start + 4, start + 6};
        tr_scan_number(&part, 2, 2, &d->month);
        part = (tr_scan_text){start + 6, start + 8};
        tr_scan_number(&part, 2, 2, &d->day);
        s->at = start + 8;
        return true;
    }
    char separator = s->at < s->end ? *s->at : 0;
    if (n == 4) {
        tr_scan_number(&head, 4, 4, &d->year);
        if (s->at == s->end)
            return true;
        if (!is_separator(separator))
            return false;
        s->at++;
        if (!tr_scan_number(s, 1, 2, &d->month))
            return false;
        if (s->at == s->end)
            return true;
        return tr_scan_take(s, separator) && tr_scan_number(s, 1, 2, &d->day);
    }
    if (n < 1 || n > 2 || (separator != '-' && separator != '/'))
        return false;
    tr_scan_number(&head, 1, 2, &d->month);
    s->at++;
    return tr_scan_number(s, 1, 2, &d->day) && tr_scan_take(s, separator) &&
           tr_scan_number(s, 4, 4, &d->year);
}

/* hh:mm[:ss[.f]] [AM|PM], hhmm[ss] */
static bool take_time(tr_scan_text *s, int64_t *ticks) {
    uint32_t hour = 0, minute = 0, second = 0, fraction = 0;
    const char *start = s->at;
    tr_scan_text probe = *s;
    while (tr_scan_digit(&probe))
        probe.at++;
    int64_t n = probe.at - start;
    if (n == 4 || n == 6) {
        tr_scan_text part = {start, start + 2};
        tr_scan_number(&part, 2, 2, &hour);
        part = (tr_scan_text){start + 2, start + 4};
        tr_scan_number(&part, 2, 2, &minute);
        part = (tr_scan_text){start + 4, start + n};
        if (n == 6)
            tr_scan_number(&part, 2, 2, &second);
        s->at = probe.at;
    } else {
        if (!tr_scan_number(s, 1, 2, &hour))
            return false;
        if (tr_scan_take(s, ':')) {
            if (!tr_scan_number(s, 1, 2, &minute))
                return false;
            if (tr_scan_take(s, ':') && !tr_scan_number(s, 1, 2, &second))
                return false;
        } else {
            tr_scan_text rest = *s; /* "3 PM" is a time, "3" is none */
            tr_scan_skip_blanks(&rest);
            if (!tr_scan_alpha(&rest) || (*rest.at | 0x20) == 'z')
                return false;
        }
    }
    if ((tr_scan_take(s, '.') || tr_scan_take(s, ',')) && !tr_scan_fraction(s, &fraction))
        return false;
    tr_scan_text rest = *s;
    tr_scan_skip_blanks(&rest);
    if (rest.end - rest.at >= 2 && (rest.at[1] | 0x20) == 'm' &&
        ((*rest.at | 0x20) == 'a' || (*rest.at | 0x20) == 'p')) {
        tr_scan_text after = {rest.at + 2, rest.end};
        if (!tr_scan_alpha(&after)) {
            if (hour < 1 || hour > 12)
                return false;
            hour = hour % 12 + ((*rest.at | 0x20) == 'p' ? 12 : 0);
            s->at = after.at;
        }
    }
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *ticks = (((int64_t)hour * 60 + minute) * 60 + second) * TR_TICKS_SECOND + fraction;
    return true;
}

/* What has to be subtracted to get UTC: Z, GMT, EST, +02:00, +0200, +02. */
static bool take_zone(tr_scan_text *s, int64_t *ticks) {
    static const struct {
        const char *name;
        int hours;
    } zones[] = {{"z", 0},    {"gmt", 0},  {"utc", 0},  {"ut", 0},   {"est", -5}, {"edt", -4},
                 {"cst", -6}, {"cdt", -5}, {"mst", -7}, {"mdt", -6}, {"pst", -8}, {"pdt", -7}};
    *ticks = 0;
    tr_scan_skip_blanks(s);
    if (s->at == s->end)
        return true;
    if (tr_scan_alpha(s)) {
        for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
            if (tr_scan_is_word(*s, zones[i].name)) {
                *ticks = zones[i].hours * 3600 * TR_TICKS_SECOND;
                return true;
            }
        return false;
    }
    bool negative = *s->at == '-';
    if (!negative && *s->at != '+')
        return false;
    s->at++;
    tr_scan_text probe = *s;
    while (tr_scan_digit(&probe))
        probe.at++;
    uint32_t hours, minutes = 0;
    tr_scan_text part = *s;
    if (probe.at - s->at == 4)
        part.end = s->at + 2;
    if (!tr_scan_number(&part, 1, 2, &hours))
        return false;
    s->at = part.at;
    if (part.end != s->end || tr_scan_take(s, ':')) {
        if (!tr_scan_number(s, 2, 2, &minutes))
            return false;
    }
    if (s->at != s->end || hours > 14 || minutes > 59)
        return false;
    int64_t offset = ((int64_t)hours * 60 + minutes) * 60 * TR_TICKS_SECOND;
    *ticks = negative ? -offset : offset;
    return true;
}

bool tr_parse_datetime(const char *text, size_t bytes, int64_t *ticks) {
    tr_scan_text s = tr_scan_trim(text, bytes);
    date d = {0, 1, 1};
    skip_weekday(&s);
    tr_scan_text start = s;
    if (!numeric_date(&s, &d)) {
        s = start;
        d = (date){0, 1, 1};
        if (!named_date(&s, &d))
            return false;
    }
    int64_t time = 0, zone = 0, out;
    if (s.at < s.end && *s.at != 'Z' && *s.at != 'z') {
        bool packed = tr_scan_digit(&s);
        if (!packed && (*s.at == 'T' || *s.at == 't'))
            s.at++;
        else if (!packed && !tr_scan_blank(*s.at))
            return false;
        tr_scan_skip_blanks(&s);
        if (!take_time(&s, &time))
            return false;
    }
    if (!take_zone(&s, &zone))
        return false;
    if (!tr_ticks_of_civil((int32_t)d.year, d.month, d.day, time, &out))
        return false;
    out -= zone;
    if (out < 0 || out >= TR_TICKS_END)
        return false;
    *ticks = out;
    return true;
}

static char *put_digits(char *at, uint32_t v, int n) {
    for (int i = n - 1; i >= 0; i--) {
        at[i] = (char)('0' + v % 10);
        v /= 10;
    }
    return at + n;
}

bool tr_format_datetime(tr_buf *out, int64_t ticks) {
    tr_civil c;
    tr_civil_of_ticks(ticks, &c);
    char text[28];
    char *at = put_digits(text, (uint32_t)c.year, 4);
    *at++ = '-';
    at = put_digits(at, c.month, 2);
    *at++ = '-';
    at = put_digits(at, c.day, 2);
    *at++ = 'T';
    at = put_digits(at, c.hour, 2);
    *at++ = ':';
    at = put_digits(at, c.minute, 2);
    *at++ = ':';
    at = put_digits(at, c.second, 2);
    *at++ = '.';
    at = put_digits(at, c.tick, 7);
    *at = 'Z';
    return tr_buf_put(out, text, sizeof text);
}

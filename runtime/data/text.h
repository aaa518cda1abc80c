/* runtime/data/text.h: values of every type <-> the text forms of Kusto.
 *
 * Parsers take text with optional surrounding blanks, accept exactly one value, and return false on
 * anything else. Formatters append to a tr_buf and return false when out of memory. */
#ifndef TR_DATA_TEXT_H
#define TR_DATA_TEXT_H

#include "runtime/base/buf.h"
#include "runtime/data/type.h"

/* ---- parsing ---- */
/** Decimal or 0x hexadecimal, with sign. */
bool tr_parse_long(const char *text, size_t bytes, int64_t *out);
/** Decimal, exponent, nan, inf, infinity with sign; hexadecimal integers. */
bool tr_parse_real(const char *text, size_t bytes, double *out);
bool tr_parse_decimal(const char *text, size_t bytes, tr_decimal *out);
/** true/false in any case, 1/0. */
bool tr_parse_bool(const char *text, size_t bytes, bool *out);
/** Everything todatetime() takes: ISO 8601 with or without time, fraction of up to 7 digits (more
 * are cut), Z or offset (applied); RFC 822 / RFC 850; month-first 12-02-2022, 12/2/2022 with
 *  optional AM/PM; yyyy, yyyy-MM; yyyyMMdd, yyyyMMddTHHmmss. Years 1..9999. */
bool tr_parse_datetime(const char *text, size_t bytes, int64_t *ticks);
/** [-][d.]hh:mm[:ss[.fffffff]], a bare number of days, and 1d 2.5h 3m 4s 5ms 6microsecond(s)
 *  7tick(s) 15 seconds. */
bool tr_parse_timespan(const char *text, size_t bytes, int64_t *ticks);
/** 32 hex digits with dashes, with or without braces or parentheses, or without dashes. */
bool tr_parse_guid(const char *text, size_t bytes, tr_guid *out);
/** Bytes of the address a.b.c.d that text[0 .. n) begins with, without blanks; 0, and nothing is
 *  stored, if it begins with none. What follows it is not looked at. zeros: parts may begin with
 *  some. */
size_t tr_scan_ipv4(const char *text, size_t n, bool zeros, uint32_t *address);
/** Text -> value of `type` by the rules above; null if it does not parse. Empty text is null (""
 *  for string). TR_DYNAMIC needs `arena` for its encoding (bad JSON becomes a string);
 *  false only when out of memory. String text is not copied. */
bool tr_parse_value(tr_arena *arena, tr_type type, tr_str text, tr_value *out);

/* ---- formatting ---- */
bool tr_format_long(tr_buf *out, int64_t v);
/** Shortest text that reads back the same; 1.0 prints "1", NaN "NaN", infinities "Infinity" /
 *  "-Infinity"; exponent form as Kusto prints it (1E+20, 1E-05). */
bool tr_format_real(tr_buf *out, double v);
bool tr_format_decimal(tr_buf *out, tr_decimal v);
/** 2020-01-31T23:59:59.1234567Z, always 7 digits. */
bool tr_format_datetime(tr_buf *out, int64_t ticks);
/** [-][d.]hh:mm:ss[.fffffff]: fraction of 7 digits or none. */
bool tr_format_timespan(tr_buf *out, int64_t ticks);
bool tr_format_guid(tr_buf *out, tr_guid v);
/** As tr_format_real, but valid JSON: 1.0 stays "1.0", NaN and infinities are in quotes. */
bool tr_format_json_real(tr_buf *out, double v);
/** tostring(): "" for null, true/false for bool. */
bool tr_format_value(tr_buf *out, const tr_value *v);
/** Kusto's JSON encoding of a result cell: numbers bare (a real keeps its ".0"), NaN/Infinity as
 * strings, datetime and timespan and guid and decimal as strings, bool true/false, dynamic as JSON,
 * null. */
bool tr_format_json(tr_buf *out, const tr_value *v);

/* ---- calendar ---- */
typedef struct tr_civil {
    int32_t year; /* 1..9999 */
    uint32_t month, day, hour, minute, second;
    uint32_t tick;        /* 0..9999999 within the second */
    uint32_t day_of_year; /* 1..366 */
    uint32_t day_of_week; /* 0 = Sunday */
} tr_civil;

void tr_civil_of_ticks(int64_t ticks, tr_civil *out);
/** False if out of range (day 31 in a month of 30, year 0 ...). */
bool tr_ticks_of_civil(int32_t year, uint32_t month, uint32_t day, int64_t tick_of_day,
                       int64_t *ticks);
uint32_t tr_days_in_month(int32_t year, uint32_t month);

#endif

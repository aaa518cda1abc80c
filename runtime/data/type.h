/* runtime/data/type.h: the scalar types of KQL, single values, and schemas. */
#ifndef TR_DATA_TYPE_H
#define TR_DATA_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/str.h"

typedef enum tr_type {
    TR_NONE = 0, /* no type: an untyped null, an error */
    TR_BOOL,
    TR_INT,      /* int32_t */
    TR_LONG,     /* int64_t */
    TR_REAL,     /* double */
    TR_DECIMAL,  /* tr_decimal */
    TR_DATETIME, /* int64_t ticks of 100 ns since 0001-01-01T00:00:00Z, proleptic Gregorian */
    TR_TIMESPAN, /* int64_t ticks of 100 ns */
    TR_STRING,   /* tr_str, UTF-8 by custom, any bytes by right; never null: missing is "" */
    TR_GUID,     /* tr_guid */
    TR_DYNAMIC,  /* tr_str whose bytes are one encoded value (dynamic.h) */
    TR_TYPE_COUNT
} tr_type;

#define TR_TICKS_SECOND INT64_C(10000000)
#define TR_TICKS_DAY    (INT64_C(86400) * TR_TICKS_SECOND)
/** Ticks at 1970-01-01 and the first tick after year 9999. */
#define TR_TICKS_UNIX INT64_C(621355968000000000)
#define TR_TICKS_END  INT64_C(3155378976000000000)

typedef struct tr_guid {
    uint8_t bytes[16]; /* in the order of the text form */
} tr_guid;

/** sign * mantissa * 10^-scale; mantissa < 10^34; zero has sign 0. See decimal.h. */
typedef struct tr_decimal {
    uint64_t low;
    uint64_t high; /* bits 0..55 mantissa, 56..62 scale 0..34, 63 sign */
} tr_decimal;

/** "long"; the name used in schemas and results. */
const char *tr_type_name(tr_type type);
/** Any documented name or alias ("int64", "double", "date"...) -> type; TR_NONE if unknown. */
tr_type tr_type_of_name(tr_str name);
/** Bytes of one value in a column; 0 for bool, which is a bitmap. */
uint32_t tr_type_bytes(tr_type type);

static inline bool tr_type_is_number(tr_type t) {
    return t == TR_INT || t == TR_LONG || t == TR_REAL || t == TR_DECIMAL;
}
/** Stored as int64_t. */
static inline bool tr_type_is_i64(tr_type t) {
    return t == TR_LONG || t == TR_DATETIME || t == TR_TIMESPAN;
}
/** Stored as tr_str. */
static inline bool tr_type_is_text(tr_type t) {
    return t == TR_STRING || t == TR_DYNAMIC;
}

/** One value. Text is not owned. */
typedef struct tr_value {
    tr_type type;
    bool is_null; /* never true for TR_STRING */
    union {
        bool boolean;
        int64_t i64; /* int (sign-extended), long, datetime, timespan */
        double real;
        tr_decimal decimal;
        tr_guid guid;
        tr_str str; /* string, dynamic */
    } as;
} tr_value;

/** A null of the type; "" for strings, which have none. */
static inline tr_value tr_value_null(tr_type type) {
    tr_value value = {.type = type, .is_null = type != TR_STRING};
    if (type == TR_STRING || type == TR_DYNAMIC)
        value.as.str = TR_STR_EMPTY;
    return value;
}

typedef struct tr_field {
    tr_str name;
    tr_type type;
} tr_field;

typedef struct tr_schema {
    uint32_t count;
    const tr_field *fields;
} tr_schema;

/** Index of the column called `name` (case-sensitive), or -1. */
int32_t tr_schema_find(const tr_schema *schema, tr_str name);

#endif

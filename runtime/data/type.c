/* runtime/data/type.c: names and sizes of the scalar types; schemas. */
#include "runtime/data/type.h"

typedef struct type_name {
    const char *name;
    tr_type type;
} type_name;

static const type_name aliases[] = {
    {"bool", TR_BOOL},         {"boolean", TR_BOOL},  {"int", TR_INT},
    {"int8", TR_INT},          {"int16", TR_INT},     {"int32", TR_INT},
    {"uint", TR_INT},          {"uint8", TR_INT},     {"uint16", TR_INT},
    {"uint32", TR_INT},        {"long", TR_LONG},     {"int64", TR_LONG},
    {"ulong", TR_LONG},        {"uint64", TR_LONG},   {"real", TR_REAL},
    {"double", TR_REAL},       {"float", TR_REAL},    {"decimal", TR_DECIMAL},
    {"datetime", TR_DATETIME}, {"date", TR_DATETIME}, {"timespan", TR_TIMESPAN},
    {"time", TR_TIMESPAN},     {"string", TR_STRING}, {"guid", TR_GUID},
    {"uuid", TR_GUID},         {"uniqueid", TR_GUID}, {"dynamic", TR_DYNAMIC},
};

const char *tr_type_name(tr_type type) {
    static const char *const names[TR_TYPE_COUNT] = {
        "null",     "bool",     "int",    "long", "real",    "decimal",
        "datetime", "timespan", "string", "guid", "dynamic",
    };
    return (unsigned)type < TR_TYPE_COUNT ? names[type] : "unknown";
}

tr_type tr_type_of_name(tr_str name) {
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (tr_str_is(name, aliases[i].name))
            return aliases[i].type;
    return TR_NONE;
}

uint32_t tr_type_bytes(tr_type type) {
    static const uint8_t bytes[TR_TYPE_COUNT] = {0, 0, 4, 8, 8, 16, 8, 8, 16, 16, 16};
    return (unsigned)type < TR_TYPE_COUNT ? bytes[type] : 0;
}

int32_t tr_schema_find(const tr_schema *schema, tr_str name) {
    for (uint32_t i = 0; i < schema->count; i++)
        if (tr_str_equal(schema->fields[i].name, name))
            return (int32_t)i;
    return -1;
}

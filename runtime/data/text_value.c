/* runtime/data/text_value.c: text -> a value of a given type. */
#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"

static bool parse_dynamic(tr_arena *arena, tr_str text, tr_value *out) {
    tr_dyn_builder b;
    tr_dyn_start(&b, arena);
    if (!tr_dyn_parse_json(&b, text.ptr, text.len, NULL))
        tr_dyn_put_string(&b, text);
    if (tr_dyn_finish(&b, &out->as.str, NULL) != TRAWL_OK)
        return false;
    out->is_null = tr_dyn_kind_of(out->as.str) == TR_DYN_NULL;
    return true;
}

bool tr_parse_value(tr_arena *arena, tr_type type, tr_str text, tr_value *out) {
    *out = (tr_value){.type = type};
    bool ok = false;
    switch (type) {
    case TR_STRING: out->as.str = text; return true;
    case TR_DYNAMIC:
        if (text.len)
            return parse_dynamic(arena, text, out);
        break;
    case TR_BOOL: ok = tr_parse_bool(text.ptr, text.len, &out->as.boolean); break;
    case TR_INT:
        ok = tr_parse_long(text.ptr, text.len, &out->as.i64) && out->as.i64 == (int32_t)out->as.i64;
        break;
    case TR_LONG: ok = tr_parse_long(text.ptr, text.len, &out->as.i64); break;
    case TR_REAL: ok = tr_parse_real(text.ptr, text.len, &out->as.real); break;
    case TR_DECIMAL: ok = tr_parse_decimal(text.ptr, text.len, &out->as.decimal); break;
    case TR_DATETIME: ok = tr_parse_datetime(text.ptr, text.len, &out->as.i64); break;
    case TR_TIMESPAN: ok = tr_parse_timespan(text.ptr, text.len, &out->as.i64); break;
    case TR_GUID: ok = tr_parse_guid(text.ptr, text.len, &out->as.guid); break;
    case TR_NONE:
    case TR_TYPE_COUNT: break;
    }
    out->is_null = !ok;
    return true;
}

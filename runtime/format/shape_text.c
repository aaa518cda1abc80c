/* runtime/format/shape_text.c: do lines of text begin with a time, and a severity after it? */
#include "runtime/format/internal.h"

trawl_status tr_shape_text(tr_arena *db, const tr_sample *samples, uint32_t count, tr_shape *shape,
                           trawl_error *err) {
    uint64_t lines = 0, times = 0, levels = 0, bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        const tr_sample *sample = &samples[i];
        uint32_t next;
        for (uint32_t at = 0; at < sample->n; at = next) {
            const char *newline = memchr(sample->text + at, '\n', sample->n - at);
            uint32_t end = newline ? (uint32_t)(newline - sample->text) : sample->n;
            uint32_t begin, stop;
            tr_str level;
            next = end + 1;
            bytes += next - at;
            lines += end > at;
            if (!tr_text_time(sample->text + at, end - at, &begin, &stop))
                continue;
            times++;
            levels += tr_text_level(sample->text + at, end - at, stop, &level);
        }
    }
    shape->has_timestamp = times && times * 2 >= lines;
    shape->has_level = shape->has_timestamp && levels * 2 >= times;
    shape->row_bytes = lines ? (uint32_t)(bytes / lines) : 1;
    shape->row_bytes += !shape->row_bytes;
    tr_field *fields = TR_NEW_N(db, tr_field, 3);
    if (!fields)
        return tr_fail_memory(err);
    uint32_t n = 0;
    if (shape->has_timestamp)
        fields[n++] = (tr_field){tr_str_c("Timestamp"), TR_DATETIME};
    if (shape->has_level)
        fields[n++] = (tr_field){tr_str_c("Level"), TR_STRING};
    fields[n++] = (tr_field){tr_str_c("Line"), TR_STRING};
    shape->schema = (tr_schema){n, fields};
    return TRAWL_OK;
}

/* runtime/store/journal.c: the changes that the logs still hold, with the command of each. */
#include "runtime/store/catalog_codec.h"
#include "runtime/store/step.h"
#include "runtime/store/writer.h"

typedef struct journal {
    tr_arena *query;
    tr_buf lines; /* tr_journal_line, oldest first */
} journal;

/* The value of a change stands before its rows, which are not read. */
static trawl_status take_change(journal *j, const tr_record *record, trawl_error *err) {
    uint32_t n;
    tr_str text;
    if (record->bytes < 8)
        return TRAWL_OK;
    memcpy(&n, record->payload, 4);
    if (n > record->bytes - 4)
        return TRAWL_OK;
    tr_str bag = tr_str_make(record->payload + 4, n);
    if (!tr_dyn_check(bag) || tr_member_text(bag, "text", &text, NULL) != TRAWL_OK || !text.len)
        return TRAWL_OK;
    const char *copy = tr_arena_text(j->query, text.ptr, text.len);
    tr_journal_line line = {record->sequence, record->ticks, TR_STR_EMPTY};
    if (copy)
        line.text = tr_str_make(copy, text.len);
    if (!copy || !tr_buf_put(&j->lines, &line, sizeof line))
        return tr_fail_memory(err);
    return TRAWL_OK;
}

/* A peek at each record tells how long its value is; a second one reads it. */
static trawl_status read_log(journal *j, tr_log_reader *log, uint64_t last, trawl_error *err) {
    for (;;) {
        tr_record record;
        bool found;
        uint32_t n = 0;
        uint64_t offset = log->offset;
        TR_TRY(tr_log_reader_peek(log, 4, &record, &found, err));
        if (!found || record.sequence > last)
            return TRAWL_OK;
        if (record.kind != TR_RECORD_CHANGE || record.bytes < 8)
            continue;
        memcpy(&n, record.payload, 4);
        log->offset = offset;
        TR_TRY(tr_log_reader_peek(log, n < UINT32_MAX - 4 ? n + 4 : n, &record, &found, err));
        if (!found)
            return TRAWL_OK;
        TR_TRY(take_change(j, &record, err));
    }
}

trawl_status tr_store_journal(tr_store *store, tr_arena *query, uint32_t *count,
                              const tr_journal_line **out, trawl_error *err) {
    journal j = {.query = query};
    tr_numbers logs;
    tr_snapshot *state;
    tr_buf_start(&j.lines, query);
    TR_TRY(tr_store_snapshot(store, 0, &state, err));
    uint64_t last = state->catalog.sequence;
    tr_snapshot_release(state);
    TR_TRY(tr_numbers_list(store->path, "log", query, &logs, err));
    for (uint32_t i = 0; i < logs.count; i++) {
        tr_log_reader log;
        bool found;
        char *path = tr_numbered_path(query, store->path, "log", logs.numbers[i], "");
        if (!path)
            return tr_fail_memory(err);
        TR_TRY(tr_log_reader_open(path, TR_LOG_MAGIC, &log, &found, err));
        if (!found) /* forgotten since the folder was listed */
            continue;
        trawl_status status = read_log(&j, &log, last, err);
        tr_log_reader_close(&log);
        TR_TRY(status);
    }
    uint32_t n = (uint32_t)(j.lines.n / sizeof(tr_journal_line));
    tr_journal_line *lines = TR_NEW_N(query, tr_journal_line, (size_t)n + 1);
    if (!lines)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++)
        memcpy(&lines[i], j.lines.bytes + (size_t)(n - 1 - i) * sizeof *lines, sizeof *lines);
    *count = n;
    *out = lines;
    return TRAWL_OK;
}

/* runtime/store/load.c: the state of a directory: the newest manifest and the logs after it.
 *
 * A manifest n is the state that log n - 1 leaves; so when manifest n cannot be read, manifest n -
 * 1 and its log give the same. A log that continues another says so by its sequence. */
#include "runtime/store/load.h"

#include <stdlib.h>

#include "runtime/base/os.h"
#include "runtime/store/catalog_codec.h"
#include "runtime/store/step.h"

char *tr_numbered_path(tr_arena *arena, const char *store, const char *what, uint64_t number,
                       const char *suffix) {
    return tr_arena_printf(arena, "%s/%s-%llu%s", store, what, (unsigned long long)number, suffix);
}

/* ---- what is there ---- */

typedef struct lister {
    const char *what;
    tr_buf numbers;
} lister;

static bool take_name(void *ctx, const char *name) {
    lister *l = ctx;
    size_t n = strlen(l->what);
    if (strncmp(name, l->what, n) != 0 || name[n] != '-')
        return true;
    uint64_t number = 0;
    const char *digit = name + n + 1;
    if (*digit == '0' || !*digit)
        return true;
    for (; *digit; digit++) {
        if (*digit < '0' || *digit > '9' || number > INT64_MAX / 10)
            return true;
        number = number * 10 + (uint64_t)(*digit - '0');
    }
    return tr_buf_put(&l->numbers, &number, sizeof number);
}

static int compare_numbers(const void *a, const void *b) {
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

trawl_status tr_numbers_list(const char *store, const char *what, tr_arena *arena, tr_numbers *out,
                             trawl_error *err) {
    lister l = {.what = what};
    tr_buf_start(&l.numbers, arena);
    tr_file_info info;
    *out = (tr_numbers){0, NULL};
    int64_t code = tr_os_now()->info(store, &info);
    if (code < 0 || !info.is_directory)
        return code < 0 ? tr_fail_os(err, code, "look at", store)
                        : tr_fail(err, TRAWL_E_IO, "'%s' is no directory", store);
    code = tr_os_now()->list(store, take_name, &l);
    if (code < 0)
        return tr_fail_os(err, code, "list", store);
    if (l.numbers.failed)
        return tr_fail_memory(err);
    uint32_t count = (uint32_t)(l.numbers.n / sizeof(uint64_t));
    uint64_t *numbers = TR_NEW_N(arena, uint64_t, (size_t)count + 1);
    if (!numbers)
        return tr_fail_memory(err);
    if (count)
        memcpy(numbers, l.numbers.bytes, l.numbers.n);
    qsort(numbers, count, sizeof *numbers, compare_numbers);
    *out = (tr_numbers){count, numbers};
    return TRAWL_OK;
}

bool tr_log_has_records(const char *path) {
    tr_log_reader reader;
    tr_record record;
    bool found = false;
    if (tr_log_reader_open(path, TR_LOG_MAGIC, &reader, &found, NULL) != TRAWL_OK || !found)
        return false;
    if (tr_log_reader_next(&reader, &record, &found, NULL) != TRAWL_OK)
        found = false;
    tr_log_reader_close(&reader);
    return found;
}

/* ---- logs ---- */

static trawl_status apply_change(tr_loaded *loaded, const tr_load_options *options,
                                 const tr_record *record, trawl_error *err) {
    tr_draft *draft = &loaded->draft;
    tr_str bag, steps, key;
    tr_step_rows rows;
    TR_TRY(tr_payload_open(record->payload, record->bytes, &bag, &rows, err));
    TR_TRY(tr_member_text(bag, "key", &key, err));
    TR_TRY(tr_member_array(bag, "steps", &steps, err));
    draft->sequence = record->sequence;
    draft->ticks = record->ticks;
    for (uint32_t i = 0; i < tr_dyn_count(steps); i++)
        TR_TRY(tr_step_apply(draft, tr_dyn_at(steps, i), &rows, err));
    if (rows.left)
        return tr_fail(err, TRAWL_E_DATA, "a change has bytes that no step explains");
    if (options->keys && key.len) {
        TR_TRY(tr_keys_reserve(options->keys, key, err));
        tr_keys_put(options->keys, key, record->sequence, record->ticks);
    }
    return TRAWL_OK;
}

static trawl_status apply_record(tr_loaded *loaded, const tr_load_options *options,
                                 const tr_record *record, trawl_error *err) {
    bool change = record->kind == TR_RECORD_CHANGE;
    if (!change && record->kind != TR_RECORD_MARK)
        return tr_fail(err, TRAWL_E_DATA, "a record has a kind that belongs in manifests");
    if (record->sequence != loaded->draft.sequence + change)
        return tr_fail(err, TRAWL_E_DATA, "change %llu follows change %llu",
                       (unsigned long long)record->sequence,
                       (unsigned long long)loaded->draft.sequence);
    if (change && record->ticks < loaded->draft.ticks)
        return tr_fail(err, TRAWL_E_DATA, "a change is older than the one before it");
    return change ? apply_change(loaded, options, record, err) : TRAWL_OK;
}

trawl_status tr_load_more(tr_loaded *loaded, const tr_load_options *options, trawl_error *err) {
    for (;;) {
        tr_record record;
        bool found;
        tr_log_reader before = loaded->log;
        TR_TRY(tr_log_reader_next(&loaded->log, &record, &found, err));
        if (!found)
            return TRAWL_OK;
        if ((options->until_ticks > 0 && record.ticks > options->until_ticks) ||
            (options->until_sequence > 0 && record.sequence > options->until_sequence)) {
            loaded->log.offset = before.offset;
            loaded->is_later = true;
            return TRAWL_OK;
        }
        trawl_error inner = TRAWL_ERROR_INIT;
        trawl_status status = apply_record(loaded, options, &record, &inner);
        if (status == TRAWL_E_DATA || status == TRAWL_E_SEMANTIC)
            return tr_fail(err, TRAWL_E_DATA, "'%s' is damaged at offset %llu: %s",
                           loaded->log.path, (unsigned long long)record.offset, inner.message);
        if (status != TRAWL_OK)
            return tr_fail(err, status, "%s", inner.message);
        loaded->record_count++;
    }
}

static trawl_status open_log(const char *store, const tr_load_options *options, uint64_t number,
                             tr_log_reader *out, bool *found, trawl_error *err) {
    char *path = tr_numbered_path(options->arena, store, "log", number, "");
    if (!path)
        return tr_fail_memory(err);
    return tr_log_reader_open(path, TR_LOG_MAGIC, out, found, err);
}

/* Does log number + 1 continue this one? Then read it too. */
static trawl_status go_on(const char *store, const tr_load_options *options, uint64_t newest,
                          tr_loaded *loaded, bool *went, trawl_error *err) {
    *went = false;
    char *path = tr_numbered_path(options->arena, store, "log", loaded->number + 1, "");
    if (!path)
        return tr_fail_memory(err);
    /* A log without a manifest and without records was begun by a process that did not finish. */
    if (loaded->number + 1 > newest && !tr_log_has_records(path))
        return TRAWL_OK;
    tr_log_reader next;
    bool found;
    TR_TRY(tr_log_reader_open(path, TR_LOG_MAGIC, &next, &found, err));
    if (!found)
        return tr_fail(err, TRAWL_E_DATA, "'%s' is missing", path);
    if (next.head.number != loaded->number + 1 || next.head.sequence != loaded->draft.sequence ||
        !tr_guid_equal(next.head.database, loaded->draft.database_id)) {
        tr_log_reader_close(&next);
        return tr_fail(err, TRAWL_E_DATA, "'%s' does not continue '%s': changes are missing", path,
                       loaded->log.path);
    }
    tr_log_reader_close(&loaded->log);
    loaded->log = next;
    loaded->number++;
    loaded->record_count = 0;
    *went = true;
    return TRAWL_OK;
}

/* The changes after a manifest that was read. */
static trawl_status load_logs(const char *store, const tr_load_options *options, uint64_t newest,
                              tr_loaded *loaded, trawl_error *err) {
    bool found;
    TR_TRY(open_log(store, options, loaded->number, &loaded->log, &found, err));
    if (!found)
        return tr_fail(err, TRAWL_E_DATA, "log-%llu of '%s' is missing",
                       (unsigned long long)loaded->number, store);
    if (loaded->log.head.number != loaded->number ||
        loaded->log.head.sequence != loaded->draft.sequence ||
        !tr_guid_equal(loaded->log.head.database, loaded->draft.database_id))
        return tr_fail(err, TRAWL_E_DATA, "'%s' does not belong to manifest-%llu", loaded->log.path,
                       (unsigned long long)loaded->number);
    for (bool went = true; went;) {
        TR_TRY(tr_load_more(loaded, options, err));
        if (loaded->is_later)
            break;
        if (loaded->log.offset < loaded->log.file_bytes)
            TR_TRY(tr_log_reader_judge(&loaded->log, err));
        TR_TRY(go_on(store, options, newest, loaded, &went, err));
    }
    return TRAWL_OK;
}

/* ---- manifests ---- */

static trawl_status load_from(const char *store, const tr_load_options *options, uint64_t number,
                              uint64_t newest, tr_loaded *out, trawl_error *err) {
    *out = (tr_loaded){.number = number, .log = {.file = -1}};
    char *path = tr_numbered_path(options->arena, store, "manifest", number, "");
    if (!path)
        return tr_fail_memory(err);
    TR_TRY(tr_draft_start(&out->draft, options->files, err));
    trawl_status status = tr_manifest_read(path, options, &out->draft, err);
    if (status == TRAWL_OK)
        status = load_logs(store, options, newest, out, err);
    if (status != TRAWL_OK)
        tr_loaded_end(out);
    return status;
}

void tr_loaded_end(tr_loaded *loaded) {
    tr_draft_end(&loaded->draft);
    tr_log_reader_close(&loaded->log);
}

static bool is_past(const tr_load_options *options) {
    return options->until_ticks > 0 || options->until_sequence > 0;
}

static bool is_early(const tr_load_options *options, const tr_log_head *head) {
    return (options->until_ticks <= 0 || head->ticks <= options->until_ticks) &&
           (!options->until_sequence || head->sequence <= options->until_sequence);
}

/* The newest manifest that is not later than what is asked for; count if there is none. */
static trawl_status manifest_at(const char *store, const tr_load_options *options,
                                const tr_numbers *manifests, uint32_t *out, trawl_error *err) {
    trawl_status damaged = TRAWL_OK; /* with the error that tells of it */
    for (uint32_t i = manifests->count; i > 0; i--) {
        char *path =
            tr_numbered_path(options->arena, store, "manifest", manifests->numbers[i - 1], "");
        tr_log_head head;
        bool found;
        if (!path)
            return tr_fail_memory(err);
        trawl_status status = tr_manifest_head(path, &head, &found, err);
        if (status == TRAWL_E_DATA)
            damaged = status;
        else if (status != TRAWL_OK)
            return status;
        if (status == TRAWL_OK && found && is_early(options, &head)) {
            *out = i - 1;
            return TRAWL_OK;
        }
    }
    *out = manifests->count;
    return damaged;
}

trawl_status tr_load(const char *store, const tr_load_options *options, tr_loaded *out,
                     trawl_error *err) {
    tr_numbers manifests;
    TR_TRY(tr_numbers_list(store, "manifest", options->arena, &manifests, err));
    if (!manifests.count)
        return tr_fail(err, TRAWL_E_DATA, "'%s' holds no trawl database", store);
    uint32_t at = manifests.count - 1;
    uint64_t newest = manifests.numbers[at];
    if (is_past(options))
        TR_TRY(manifest_at(store, options, &manifests, &at, err));
    if (at == manifests.count)
        return tr_fail(err, TRAWL_E_DATA, "the time asked for is before all that '%s' keeps",
                       store);
    trawl_status status = load_from(store, options, manifests.numbers[at], newest, out, err);
    /* The manifest before it, and the logs since, hold the same. */
    for (; status == TRAWL_E_DATA && at > 0 && !is_past(options); at--)
        if (load_from(store, options, manifests.numbers[at - 1], newest, out, NULL) == TRAWL_OK)
            status = TRAWL_OK;
    return status;
}

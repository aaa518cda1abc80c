/* runtime/format/shape.c: what files look like: reads samples of them and decides on format and
 * types. Samples come from the beginning, the middle and the end, of up to 16 files spread over a
 * group. Knows how to look, not what is inside each format (shape_csv.c, shape_json.c,
 * shape_text.c). */
#include "runtime/format/internal.h"

#define SAMPLE_FILES 16u
#define SAMPLE_BYTES ((uint32_t)768 * 1024)
#define SNIFF_BYTES  4096u

/* ---- types ---- */

tr_type tr_guess_type(uint32_t seen) {
    if (seen & TR_SEEN_NESTED)
        return TR_DYNAMIC;
    switch (seen) {
    case TR_SEEN_BOOL: return TR_BOOL;
    case TR_SEEN_LONG: return TR_LONG;
    case TR_SEEN_BIG:
    case TR_SEEN_BIG | TR_SEEN_LONG: return TR_DECIMAL;
    case TR_SEEN_REAL:
    case TR_SEEN_REAL | TR_SEEN_LONG:
    case TR_SEEN_REAL | TR_SEEN_BIG:
    case TR_SEEN_REAL | TR_SEEN_BIG | TR_SEEN_LONG: return TR_REAL;
    case TR_SEEN_DATETIME: return TR_DATETIME;
    default: return TR_STRING;
    }
}

static bool is_word(tr_str text, const char *word) {
    return tr_str_equal_nocase_ascii(text, tr_str_c(word));
}

uint32_t tr_guess_text(tr_str text) {
    int64_t i64;
    double real;
    uint64_t ok;
    if (tr_is_null_word(text.ptr, text.len))
        return 0;
    uint32_t sign = text.ptr[0] == '-', digits = sign;
    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
        digits++;
    bool zero_first = text.len > sign + 1 && text.ptr[sign] == '0' && digits > sign + 1;
    if (digits == text.len && digits > sign) {
        if (zero_first)
            return TR_SEEN_STRING; /* a code such as a postal one */
        if (text.len - sign > 34)
            return TR_SEEN_STRING;
        return tr_parse_long(text.ptr, text.len, &i64) ? TR_SEEN_LONG : TR_SEEN_BIG;
    }
    char first = text.ptr[0];
    if ((first >= '0' && first <= '9') || first == '-' || first == '.') {
        tr_kernels_now()->datetime.parse((const tr_kernel_str *)(const void *)&text, 1, &i64, &ok);
        if (ok)
            return TR_SEEN_DATETIME;
        bool plain = !zero_first && text.ptr[text.len - 1] != ' ' &&
                     !memchr(text.ptr, 'x', text.len) && !memchr(text.ptr, 'X', text.len);
        return plain && tr_parse_real(text.ptr, text.len, &real) ? TR_SEEN_REAL : TR_SEEN_STRING;
    }
    if (is_word(text, "true") || is_word(text, "false"))
        return TR_SEEN_BOOL;
    return tr_str_is(text, "NaN") ? TR_SEEN_REAL : TR_SEEN_STRING;
}

/* ---- the head of a file ---- */

static const struct {
    const char *magic;
    uint32_t n;
    const char *what;
} known[] = {
    {"BZh", 3, "compressed with bzip2, which is not read: unpack it first"},
    {"\xfd"
     "7zXZ",
     5, "compressed with xz, which is not read: unpack it first"},
    {"\x04\x22\x4d\x18", 4, "compressed with lz4, which is not read: unpack it first"},
    {"PK\x03\x04", 4, "a zip archive: unpack it first"},
    {"PAR1", 4, "a Parquet file, which is not read"},
    {"ARROW1", 6, "an Arrow file, which is not read"},
    {"Obj\x01", 4, "an Avro file, which is not read"},
    {"ORC", 3, "an ORC file, which is not read"},
    {"SQLite format 3", 15, "an SQLite database"},
    {"%PDF", 4, "a PDF document"},
    {"\x7f"
     "ELF",
     4, "a program"},
    {"\x89PNG", 4, "a picture"},
    {"\xff\xfe", 2, "UTF-16 text: convert it with iconv -f UTF-16 -t UTF-8"},
    {"\xfe\xff", 2, "UTF-16 text: convert it with iconv -f UTF-16 -t UTF-8"},
};

static const char *refuse(const char *head, size_t n) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (n >= known[i].n && memcmp(head, known[i].magic, known[i].n) == 0)
            return known[i].what;
    }
    if (!memchr(head, 0, n))
        return NULL;
    size_t zeros[2] = {0, 0};
    for (size_t i = 0; i < n; i++)
        zeros[i & 1] += !head[i];
    if (zeros[0] + zeros[1] > n / 3 && (zeros[0] < n / 16 || zeros[1] < n / 16))
        return "UTF-16 text: convert it with iconv -f UTF-16 -t UTF-8";
    return "binary data";
}

trawl_status tr_shape_sniff(tr_arena *scratch, tr_file *file, const char **refused,
                            trawl_error *err) {
    tr_arena_mark mark = tr_arena_here(scratch);
    char *head = tr_arena_alloc(scratch, SNIFF_BYTES, 64);
    tr_input input;
    size_t n = 0;
    if (!head)
        return tr_fail_memory(err);
    tr_input_start(&input, scratch, NULL);
    file->packing = TR_PACKING_NONE;
    file->sniffed = true;
    trawl_status status = tr_input_open(&input, file, file->bytes, 0, err);
    if (status == TRAWL_OK)
        status = tr_input_read(&input, head, SNIFF_BYTES, &n, err);
    if (status == TRAWL_OK && (file->packing = tr_packing_of(head, n)) != TR_PACKING_NONE) {
        status = tr_input_open(&input, file, file->bytes, 0, err);
        if (status == TRAWL_OK)
            status = tr_input_read(&input, head, SNIFF_BYTES, &n, err);
    }
    *refused = status == TRAWL_OK ? refuse(head, n) : NULL;
    tr_input_end(&input);
    tr_arena_release(scratch, mark);
    return status;
}

/* ---- samples ---- */

typedef struct {
    tr_sample *samples;
    uint32_t count;
    tr_arena *arena;
} sampler;

/* One part of a file. Parts that do not begin at its start lose their first line, those that do not
 * reach its end their last one. */
static trawl_status read_part(sampler *s, tr_input *input, const tr_file *file, uint64_t offset,
                              uint32_t bytes, trawl_error *err) {
    size_t n;
    char *text = tr_arena_alloc(s->arena, bytes, 64);
    if (!text)
        return tr_fail_memory(err);
    TR_TRY(tr_input_open(input, file, file->bytes, offset, err));
    TR_TRY(tr_input_read(input, text, bytes, &n, err));
    tr_sample sample = {text, (uint32_t)n, offset == 0, n < bytes};
    if (input->packing == TR_PACKING_NONE && offset + n >= file->bytes)
        sample.to_end = true;
    if (sample.from_start && n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        sample.text += 3;
        sample.n -= 3;
    }
    if (!sample.from_start) {
        const char *line = memchr(sample.text, '\n', sample.n);
        uint32_t skip = line ? (uint32_t)(line - sample.text) + 1 : sample.n;
        sample.text += skip;
        sample.n -= skip;
    }
    if (!sample.to_end) {
        const char *line = memrchr(sample.text, '\n', sample.n);
        if (line)
            sample.n = (uint32_t)(line - sample.text) + 1;
    }
    if (sample.n)
        s->samples[s->count++] = sample;
    return TRAWL_OK;
}

static trawl_status sample_file(sampler *s, const tr_file *file, uint32_t bytes, trawl_error *err) {
    tr_input input;
    tr_input_start(&input, s->arena, NULL);
    uint32_t part = bytes / 3;
    trawl_status status;
    if (file->packing != TR_PACKING_NONE || file->bytes <= bytes) {
        uint64_t whole = file->packing == TR_PACKING_NONE ? file->bytes : bytes;
        status = whole ? read_part(s, &input, file, 0, (uint32_t)whole, err) : TRAWL_OK;
    } else {
        status = read_part(s, &input, file, 0, part, err);
        if (status == TRAWL_OK)
            status = read_part(s, &input, file, (file->bytes - part) / 2, part, err);
        if (status == TRAWL_OK)
            status = read_part(s, &input, file, file->bytes - part, part, err);
    }
    tr_input_end(&input);
    return status;
}

/* ---- which format ---- */

static tr_format format_of_delimiter(uint8_t delimiter) {
    return delimiter == '\t'  ? TR_FORMAT_TSV
           : delimiter == '|' ? TR_FORMAT_PSV
           : delimiter == ';' ? TR_FORMAT_SCSV
                              : TR_FORMAT_CSV;
}

static bool ends_with(const char *ending, const char *const *list) {
    for (; *list; list++) {
        if (strcmp(ending, *list) == 0)
            return true;
    }
    return false;
}

static tr_format choose_format(const char *ending, const tr_sample *sample,
                               tr_csv_dialect *dialect) {
    static const char *const tables[] = {"csv", "tsv", "tab", "psv", NULL};
    static const char *const lines[] = {"log", "out", "err", "md", "syslog", NULL};
    bool sure = ends_with(ending, tables);
    if (!sure && tr_shape_json_likely(sample))
        return TR_FORMAT_JSON;
    if (strcmp(ending, "tsv") == 0 || strcmp(ending, "tab") == 0)
        dialect->delimiter = '\t';
    if (strcmp(ending, "psv") == 0)
        dialect->delimiter = '|';
    if (!ends_with(ending, lines) && tr_shape_csv_dialect(sample, sure, dialect))
        return format_of_delimiter(dialect->delimiter);
    return TR_FORMAT_TEXT;
}

static const char delimiter_of[TR_FORMAT_COUNT] = {
    [TR_FORMAT_TSV] = '\t', [TR_FORMAT_PSV] = '|', [TR_FORMAT_SCSV] = ';'};

static trawl_status find_shape(tr_arena *db, tr_arena *scratch, tr_file *const *files,
                               uint32_t file_count, tr_header header, tr_shape *shape,
                               const char **refused, trawl_error *err) {
    uint32_t chosen = file_count < SAMPLE_FILES ? file_count : SAMPLE_FILES;
    sampler s = {TR_NEW_N(scratch, tr_sample, (size_t)chosen * 3 + 1), 0, scratch};
    const tr_file *first = NULL;
    if (!s.samples)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < chosen; i++) {
        uint64_t at = chosen > 1 ? (uint64_t)i * (file_count - 1) / (chosen - 1) : 0;
        tr_file *file = files[at];
        if (!file->sniffed)
            TR_TRY(tr_shape_sniff(scratch, file, refused, err));
        if (*refused)
            return TRAWL_OK;
        uint32_t before = s.count;
        TR_TRY(sample_file(&s, file, SAMPLE_BYTES / chosen, err));
        if (!first && s.count > before)
            first = file;
    }
    const char *ending = tr_name_ending(scratch, first ? first->path : "");
    if (!ending)
        return tr_fail_memory(err);
    if (!first) { /* nothing to learn from */
        s.samples[0] = (tr_sample){"", 0, true, true};
        shape->format = TR_FORMAT_TEXT;
    } else if (shape->format == TR_FORMAT_AUTO) {
        shape->format = choose_format(ending, &s.samples[0], &shape->dialect);
    } else if (shape->format == TR_FORMAT_CSV) {
        tr_shape_csv_dialect(&s.samples[0], true, &shape->dialect);
    } else if (delimiter_of[shape->format]) {
        shape->dialect.delimiter = (uint8_t)delimiter_of[shape->format];
    }
    if (shape->format == TR_FORMAT_TEXT)
        return tr_shape_text(db, s.samples, s.count, shape, err);
    if (shape->format == TR_FORMAT_JSON)
        return tr_shape_json(db, scratch, s.samples, s.count, shape, err);
    return tr_shape_csv(db, scratch, s.samples, s.count, header, shape, err);
}

trawl_status tr_shape_find(tr_arena *db, tr_file *const *files, uint32_t file_count,
                           tr_format format, tr_header header, tr_shape *out, const char **refused,
                           trawl_error *err) {
    tr_shape shape = {.format = format,
                      .dialect = {.delimiter = ',', .quote = '"', .quoted = true}};
    tr_arena *scratch = tr_arena_new(NULL);
    if (!scratch)
        return tr_fail_memory(err);
    *refused = NULL;
    trawl_status status = find_shape(db, scratch, files, file_count, header, &shape, refused, err);
    tr_arena_free(scratch);
    if (status == TRAWL_OK && !*refused)
        *out = shape;
    return status;
}

bool tr_shape_alike(const tr_shape *a, const tr_shape *b) {
    if (a->format != b->format)
        return false;
    if (a->format == TR_FORMAT_TEXT)
        return a->has_timestamp == b->has_timestamp && a->has_level == b->has_level;
    uint32_t same = 0;
    for (uint32_t i = 0; i < a->schema.count; i++)
        same += tr_schema_find(&b->schema, a->schema.fields[i].name) >= 0;
    uint32_t all = a->schema.count + b->schema.count - same;
    if (a->format != TR_FORMAT_JSON)
        return a->has_header && b->has_header && same == all &&
               a->dialect.delimiter == b->dialect.delimiter;
    return same && same * 10 >= all * 7;
}

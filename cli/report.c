/* cli/report.c: messages on standard error. Knows nothing of queries or formats. */
#include "cli/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/utf8.h"

enum { TAB_WIDTH = 4, WIDTH_DEFAULT = 120, WIDTH_LEAST = 40, INDENT = 2 };

#define RED    "\x1b[1;31m"
#define YELLOW "\x1b[1;33m"
#define CYAN   "\x1b[36m"
#define PLAIN  "\x1b[0m"

static const struct {
    const char *name;
    int exit_code;
} statuses[] = {
    [TRAWL_OK] = {"OK", 0},
    [TRAWL_E_USAGE] = {"USAGE", 2},
    [TRAWL_E_SYNTAX] = {"SYNTAX", 3},
    [TRAWL_E_SEMANTIC] = {"SEMANTIC", 3},
    [TRAWL_E_UNSUPPORTED] = {"UNSUPPORTED", 3},
    [TRAWL_E_DATA] = {"DATA", 4},
    [TRAWL_E_LIMIT] = {"LIMIT", 5},
    [TRAWL_E_MEMORY] = {"MEMORY", 5},
    [TRAWL_E_IO] = {"IO", 6},
    [TRAWL_E_DENIED] = {"DENIED", 7},
    [TRAWL_E_TIMEOUT] = {"TIMEOUT", 124},
    [TRAWL_E_CANCELLED] = {"CANCELLED", 130},
    [TRAWL_E_INTERNAL] = {"INTERNAL", 70},
    [TRAWL_E_BUSY] = {"BUSY", 6},
    [TRAWL_E_FULL] = {"FULL", 6},
};

static bool is_known(trawl_status status) {
    return (uint32_t)status < sizeof statuses / sizeof *statuses;
}

const char *cli_status_name(trawl_status status) {
    return is_known(status) ? statuses[status].name : "INTERNAL";
}

int cli_exit_code(trawl_status status) {
    return is_known(status) ? statuses[status].exit_code : 70;
}

void cli_report_start(cli_report *report, bool color) {
    static char buffer[8192];
    setvbuf(stderr, buffer, _IOFBF, sizeof buffer);
    *report = (cli_report){.color = color, .width = WIDTH_DEFAULT};
    pthread_mutex_init(&report->lock, NULL);
    report->is_terminal = isatty(STDERR_FILENO);
    struct winsize size;
    if (report->is_terminal && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        report->width = size.ws_col < WIDTH_LEAST ? WIDTH_LEAST : size.ws_col;
}

static void begin(cli_report *report) {
    pthread_mutex_lock(&report->lock);
    if (report->line_shown)
        fputs("\r\x1b[K", stderr);
    report->line_shown = false;
}

static void end(cli_report *report) {
    fflush(stderr);
    pthread_mutex_unlock(&report->lock);
}

static const char *shade(const cli_report *report, const char *colour) {
    return report->color ? colour : "";
}

/* ---- the place in the text ---- */

typedef struct line_view {
    const char *text, *end;  /* of the line at fault */
    uint32_t number, column; /* from 1, column in characters */
    uint32_t from, to;       /* the token, in columns of the terminal from 0 */
} line_view;

/* Columns that the character at *at takes when it begins at column `here`; *at moves on. */
static uint32_t step(const char **at, const char *end, uint32_t here, uint32_t *code) {
    *code = cli_utf8_next(at, end);
    if (*code == '\t')
        return TAB_WIDTH - here % TAB_WIDTH;
    return cli_width(*code);
}

static uint32_t columns_between(const char *from, const char *to, uint32_t here) {
    uint32_t code;
    while (from < to)
        here += step(&from, to, here, &code);
    return here;
}

static line_view find_line(const cli_source *source, const trawl_error *error) {
    size_t offset = error->span_offset < source->bytes ? error->span_offset : source->bytes;
    if (offset == source->bytes) /* the end: show the last line that holds something */
        while (offset && (source->text[offset - 1] == '\n' || source->text[offset - 1] == '\r'))
            offset--;
    const char *at = source->text + offset, *limit = source->text + source->bytes;
    line_view view = {.text = source->text, .number = 1, .column = 1};
    for (const char *c = source->text; c < at; c++)
        if (*c == '\n') {
            view.number++;
            view.text = c + 1;
        }
    const char *newline = at < limit ? memchr(at, '\n', (size_t)(limit - at)) : NULL;
    view.end = newline ? newline : limit;
    while (view.end > at && view.end[-1] == '\r')
        view.end--;
    for (const char *c = view.text; c < at; view.column++)
        cli_utf8_next(&c, at);
    size_t left = (size_t)(view.end - at);
    size_t bytes = error->span_bytes < left ? error->span_bytes : left;
    view.from = columns_between(view.text, at, 0);
    view.to = columns_between(at, at + bytes, view.from);
    if (view.to == view.from)
        view.to++;
    return view;
}

/* The columns from..to of a line, tabs as spaces, control characters hidden. */
static void put_line(const char *at, const char *end, uint32_t from, uint32_t to) {
    uint32_t here = 0;
    while (at < end && here < to) {
        uint32_t code;
        uint32_t width = step(&at, end, here, &code);
        bool whole = here >= from && here + width <= to;
        char utf8[4];
        if (whole && code >= 0x20 && (code < 0x7f || code >= 0xa0))
            fwrite(utf8, 1, cli_utf8_write(utf8, code), stderr);
        else
            for (uint32_t i = 0; i < width; i++)
                if (here + i >= from && here + i < to)
                    fputc(' ', stderr);
        here += width;
    }
}

static void put_place(cli_report *report, const cli_source *source, const trawl_error *error) {
    line_view view = find_line(source, error);
    uint32_t room = report->width - INDENT;
    uint32_t length = columns_between(view.text, view.end, 0);
    uint32_t from = 0, to = length;
    if (length > room) { /* a window with the token in its first third */
        room -= 2 * 3;   /* dots at both ends */
        from = view.from > room / 3 ? view.from - room / 3 : 0;
        if (from + room > length)
            from = length > room ? length - room : 0;
        to = from + room;
    }
    fprintf(stderr, "%s:%u:%u\n", source->name, view.number, view.column);
    fprintf(stderr, "%*s%s", INDENT, "", from ? "..." : "");
    put_line(view.text, view.end, from, to);
    uint32_t caret = INDENT + view.from - from + (from ? 3 : 0);
    uint32_t stop = view.to < to ? view.to : to > view.from ? to : view.from + 1;
    fprintf(stderr, "%s\n%*s%s", to < length ? "..." : "", (int)caret, "", shade(report, RED));
    for (uint32_t i = view.from; i < stop; i++)
        fputc('^', stderr);
    fprintf(stderr, "%s\n", shade(report, PLAIN));
}

void cli_report_error(cli_report *report, const trawl_error *error, const cli_source *source) {
    begin(report);
    fprintf(stderr, "%serror[%s]:%s %s\n", shade(report, RED),
            error->code[0] ? error->code : cli_status_name(error->status), shade(report, PLAIN),
            error->message);
    if (error->hint[0])
        fprintf(stderr, "%s%s%s\n", shade(report, CYAN), error->hint, shade(report, PLAIN));
    bool at_end = source && error->span_bytes == 0 && error->span_offset &&
                  error->span_offset == source->bytes;
    if (source && (error->span_bytes || at_end))
        put_place(report, source, error);
    end(report);
}

/* ---- other lines ---- */

void cli_warn(cli_report *report, const char *format, ...) {
    va_list list;
    va_start(list, format);
    begin(report);
    fprintf(stderr, "%swarning:%s ", shade(report, YELLOW), shade(report, PLAIN));
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    end(report);
    va_end(list);
}

void cli_note(cli_report *report, const char *format, ...) {
    va_list list;
    va_start(list, format);
    begin(report);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    end(report);
    va_end(list);
}

void cli_report_line(cli_report *report, const char *text) {
    begin(report);
    if (text) {
        fprintf(stderr, "\r%.*s", (int)report->width - 1, text);
        report->line_shown = true;
    }
    end(report);
}

const char *cli_human_bytes(char out[16], double bytes) {
    static const char units[][4] = {"B", "KB", "MB", "GB", "TB"};
    int unit = 0;
    for (; bytes >= 999.5 && unit < 4; unit++)
        bytes /= 1000;
    snprintf(out, 16, bytes < 10 && unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
    return out;
}

const char *cli_human_count(char out[16], double count) {
    static const char units[][3] = {"", " K", " M", " G", " T"};
    int unit = 0;
    if (count >= 99999.5)
        for (; count >= 999.5 && unit < 4; unit++)
            count /= 1000;
    snprintf(out, 16, count < 10 && unit ? "%.1f%s" : "%.0f%s", count, units[unit]);
    return out;
}

const char *cli_human_time(char out[40], int64_t ns) {
    double seconds = (double)ns / 1e9;
    if (seconds < 1)
        snprintf(out, 40, seconds < 0.01 ? "%.2f ms" : "%.0f ms", seconds * 1e3);
    else if (seconds < 60)
        snprintf(out, 40, "%.1f s", seconds);
    else
        snprintf(out, 40, "%lld m %02lld s", (long long)seconds / 60, (long long)seconds % 60);
    return out;
}

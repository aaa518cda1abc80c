/* cli/main.c: the trawl tool: reads the command line and decides how to print. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/session.h"

enum { WIDTH_LEAST = 20 };

static bool is_set(const char *variable) {
    const char *value = getenv(variable);
    return value && *value;
}

static bool wants_color(cli_when when, int file) {
    if (when != CLI_AUTO)
        return when == CLI_ALWAYS;
    if (is_set("NO_COLOR"))
        return false;
    if (is_set("CLICOLOR_FORCE") && strcmp(getenv("CLICOLOR_FORCE"), "0") != 0)
        return true;
    const char *terminal = getenv("TERM");
    return isatty(file) && !(terminal && strcmp(terminal, "dumb") == 0);
}

/* Columns of the terminal; elsewhere what COLUMNS says; 0: no limit. */
static uint32_t output_width(bool to_terminal) {
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    if (to_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        return size.ws_col < WIDTH_LEAST ? WIDTH_LEAST : size.ws_col;
    long width = columns ? strtol(columns, NULL, 10) : 0;
    if (width <= 0 || width > 100000)
        return to_terminal ? 80 : 0;
    return width < WIDTH_LEAST ? WIDTH_LEAST : (uint32_t)width;
}

static trawl_status choose_format(cli_session *s, trawl_error *err) {
    const cli_options *o = s->options;
    bool to_file = o->out_path && strcmp(o->out_path, "-") != 0;
    s->to_terminal = !to_file && isatty(STDOUT_FILENO);
    s->color = !to_file && wants_color(o->color, STDOUT_FILENO);
    s->width = to_file ? 0 : output_width(s->to_terminal);
    if (o->output)
        return cli_format_named(o->output, &s->format, err);
    if (to_file)
        return cli_format_of_path(o->out_path, &s->format, err);
    s->format = s->to_terminal ? &cli_format_box : &cli_format_csv;
    return TRAWL_OK;
}

int main(int argc, char **argv) {
    static cli_output out;
    static cli_session s;
    cli_options options;
    trawl_error err = TRAWL_ERROR_INIT;
    cli_report_start(&s.report, wants_color(CLI_AUTO, STDERR_FILENO));
    s.options = &options;
    s.out = &out;
    s.arena = tr_arena_new(NULL);
    trawl_status status =
        s.arena ? cli_options_parse(&options, s.arena, argc, argv, &err) : tr_fail_memory(&err);
    if (status == TRAWL_OK) {
        s.report.color = wants_color(options.color, STDERR_FILENO);
        status = choose_format(&s, &err);
    }
    int code;
    if (status == TRAWL_OK) {
        code = cli_session_run(&s);
    } else {
        cli_report_error(&s.report, &err, NULL);
        code = cli_exit_code(status);
    }
    if (atomic_load(&s.query))
        trawl_query_free(atomic_load(&s.query));
    if (s.db)
        trawl_db_close(s.db);
    tr_arena_free(s.arena);
    return code;
}

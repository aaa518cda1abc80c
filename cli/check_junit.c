/* cli/check_junit.c: cases -> JUnit XML, which build servers read. */
#include <stdio.h>

#include "cli/check.h"

static void put_escaped(cli_output *out, const char *text) {
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '<')
            cli_put_text(out, "&lt;");
        else if (c == '>')
            cli_put_text(out, "&gt;");
        else if (c == '&')
            cli_put_text(out, "&amp;");
        else if (c == '"')
            cli_put_text(out, "&quot;");
        else if (c >= 0x20 || c == '\n' || c == '\t')
            cli_put_char(out, (char)c);
    }
}

static void put_number(cli_output *out, const char *name, double value, int digits) {
    char text[64];
    snprintf(text, sizeof text, " %s=\"%.*f\"", name, digits, value);
    cli_put_text(out, text);
}

static void put_case(cli_output *out, const cli_check_case *c) {
    cli_put_text(out, "    <testcase classname=\"");
    put_escaped(out, c->file);
    cli_put_text(out, "\" name=\"");
    put_escaped(out, c->name);
    cli_put_char(out, '"');
    put_number(out, "time", (double)c->time_ns / 1e9, 6);
    if (!c->failure) {
        cli_put_text(out, "/>\n");
        return;
    }
    size_t first = strcspn(c->failure, "\n");
    char message[400];
    snprintf(message, sizeof message, "%.*s", (int)(first < 390 ? first : 390), c->failure);
    cli_put_text(out, ">\n      <failure message=\"");
    put_escaped(out, message);
    cli_put_text(out, "\">");
    put_escaped(out, c->failure);
    cli_put_text(out, "</failure>\n    </testcase>\n");
}

trawl_status cli_check_junit(tr_arena *arena, const char *path, const cli_check_case *cases,
                             trawl_error *err) {
    cli_output *out = TR_NEW(arena, cli_output);
    double count = 0, failures = 0, seconds = 0;
    if (!out)
        return tr_fail_memory(err);
    for (const cli_check_case *c = cases; c; c = c->next) {
        count++;
        failures += c->failure != NULL;
        seconds += (double)c->time_ns / 1e9;
    }
    TR_TRY(cli_output_open(out, path, err));
    cli_put_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
                      "  <testsuite name=\"trawl check\"");
    put_number(out, "tests", count, 0);
    put_number(out, "failures", failures, 0);
    put_number(out, "errors", 0, 0);
    put_number(out, "time", seconds, 6);
    cli_put_text(out, ">\n");
    for (const cli_check_case *c = cases; c; c = c->next)
        put_case(out, c);
    cli_put_text(out, "  </testsuite>\n</testsuites>\n");
    trawl_status status = cli_output_commit(out, err);
    if (status != TRAWL_OK)
        cli_output_abandon(out);
    return status;
}

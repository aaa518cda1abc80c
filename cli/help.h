/* cli/help.h: help texts. Options come from the table of options.c, so that they cannot differ. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/output.h"

/** One screen, three examples. */
void cli_help_short(cli_output *out);
/** Everything. */
void cli_help_full(cli_output *out);
/** A verb, or the code of an error. TRAWL_E_USAGE if there is no such page. */
trawl_status cli_help_topic(cli_output *out, const char *topic, trawl_error *err);
/** The version, readable: the members of trawl_version_json, one a line. */
void cli_help_version(cli_output *out, const char *json);

typedef struct cli_code_page {
    const char *code, *title, *text;
} cli_code_page;

/** Pages of error codes, ordered by code; ends with a code of NULL. */
extern const cli_code_page cli_code_pages[];

#endif

/* cli/keep.h: verbs that keep data: index, ingest, fsck. */
#ifndef CLI_KEEP_H
#define CLI_KEEP_H

#include "cli/session.h"

/** Write sidecars of the files. */
trawl_status cli_index(cli_session *s, trawl_error *err);
/** The command that ingests the files that the options name, as the session's source; files that
 *  have to be read from standard input are spooled first. */
trawl_status cli_ingest_text(cli_session *s, trawl_error *err);
/** What the command did, from its progress. */
void cli_ingest_report(cli_session *s, int64_t time_ns);
/** A database directory with the state of another. */
trawl_status cli_copy(cli_session *s, trawl_error *err);
/** Check a database directory, and repair it if asked to. */
trawl_status cli_fsck(cli_session *s, trawl_error *err);

/** work.c: open the database that the options name; its warnings are printed. */
trawl_status cli_open_db(cli_session *s, trawl_error *err);

#endif

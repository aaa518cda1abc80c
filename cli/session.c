/* cli/session.c: waits for the working thread, for signals and for the time to show progress.
 *
 * Signals are blocked in all threads; this one takes them with sigtimedwait, so that no handler
 * runs anywhere. The working thread ends with SIGUSR1 to this one. Knows nothing of queries but
 * cancel and progress. */
#include "cli/session.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/os.h"

static const int64_t first_progress_ns = 500000000;
static const int64_t progress_step_ns = 100000000;
static const int64_t second_signal_ns = 1000000000;

typedef struct waiting {
    cli_session *session;
    pthread_t waiter;
} waiting;

static void *work_body(void *ctx) {
    waiting *w = ctx;
    w->session->exit_code = cli_work(w->session);
    atomic_store(&w->session->done, true);
    pthread_kill(w->waiter, SIGUSR1);
    return NULL;
}

/* ---- progress ---- */

typedef struct meter {
    double left_s; /* as shown last; < 0: never */
} meter;

static double share_of(const trawl_progress *p) {
    double share = 0;
    if (p->bytes_total)
        share = (double)p->bytes_read / (double)p->bytes_total;
    else if (p->morsels_total)
        share = (double)p->morsels_done / (double)p->morsels_total;
    return share > 1 ? 1 : share;
}

/* Shown time left grows by at most a tenth at a time. */
static double time_left(meter *m, double share, double elapsed) {
    if (share < 0.01)
        return -1;
    double left = elapsed * (1 - share) / share;
    if (m->left_s >= 0 && left > m->left_s * 1.1)
        left = m->left_s * 1.1;
    m->left_s = left;
    return left;
}

static void show_json(cli_session *s, const trawl_progress *p, double share, double elapsed,
                      double left) {
    char left_text[32] = "null";
    if (left >= 0)
        snprintf(left_text, sizeof left_text, "%.1f", left);
    cli_note(&s->report,
             "{\"event\":\"progress\",\"share\":%.4f,\"rows_read\":%llu,\"bytes_read\":%llu,"
             "\"bytes_total\":%llu,\"memory_bytes\":%llu,\"elapsed_s\":%.3f,\"left_s\":%s}",
             share, (unsigned long long)p->rows_read, (unsigned long long)p->bytes_read,
             (unsigned long long)p->bytes_total, (unsigned long long)p->memory_bytes, elapsed,
             left_text);
}

static void show_line(cli_session *s, const trawl_progress *p, double share, double elapsed,
                      double left) {
    char rows[16], bytes[16], memory[16], cap[16], limit[24] = "", left_text[64] = "";
    if (s->options->memory_bytes_max > 0)
        snprintf(limit, sizeof limit, " of %s",
                 cli_human_bytes(cap, (double)s->options->memory_bytes_max));
    if (left >= 0)
        snprintf(left_text, sizeof left_text, left < 90 ? "  %.0f s left" : "  %.1f min left",
                 left < 90 ? left + 0.5 : left / 60);
    char line[256];
    snprintf(line, sizeof line, "%3.0f%%  %s rows/s  %s/s  memory %s%s%s   ", share * 100,
             cli_human_count(rows, (double)p->rows_read / elapsed),
             cli_human_bytes(bytes, (double)p->bytes_read / elapsed),
             cli_human_bytes(memory, (double)p->memory_bytes), limit, left_text);
    cli_report_line(&s->report, line);
}

static void show_progress(cli_session *s, meter *m) {
    trawl_query *query = atomic_load(&s->query);
    if (!query || atomic_load(&s->printing)) {
        cli_report_line(&s->report, NULL);
        return;
    }
    trawl_progress p = TRAWL_PROGRESS_INIT;
    trawl_query_progress(query, &p);
    double elapsed = (double)p.time_ns / 1e9;
    if (elapsed < 0.001)
        return;
    double share = share_of(&p);
    double left = time_left(m, share, elapsed);
    if (s->options->progress == CLI_PROGRESS_JSON)
        show_json(s, &p, share, elapsed, left);
    else
        show_line(s, &p, share, elapsed, left);
}

static bool wants_progress(const cli_session *s) {
    return s->options->progress == CLI_PROGRESS_JSON ||
           (s->options->progress == CLI_PROGRESS_AUTO && s->report.is_terminal);
}

/* ---- signals ---- */

/* Takes no lock: the working thread may hang in a write. */
static void end_now(const cli_session *s) {
    static const char text[] = "error[CANCELLED]: interrupted\n";
    cli_output_forget(s->out);
    tr_os_now()->write(STDERR_FILENO, text, sizeof text - 1);
    _exit(cli_exit_code(TRAWL_E_CANCELLED));
}

/* The first one asks the query to stop; the next, or one with no query to ask, ends the process. */
static void obey(cli_session *s, int64_t *first_ns) {
    trawl_query *query = atomic_load(&s->query);
    int64_t now = tr_os_now()->clock_ns();
    if (!query || (*first_ns && now - *first_ns < second_signal_ns))
        end_now(s);
    *first_ns = now;
    atomic_store(&s->stop, true);
    trawl_query_cancel(query);
}

static void add_unless_ignored(sigset_t *set, int number) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0 || action.sa_handler != SIG_IGN)
        sigaddset(set, number);
}

static void wait_for_end(cli_session *s, const sigset_t *set) {
    bool progress = wants_progress(s);
    int64_t next_ns = first_progress_ns, first_signal_ns = 0;
    meter m = {.left_s = -1};
    while (!atomic_load(&s->done)) {
        struct timespec timeout = {.tv_sec = next_ns / 1000000000, .tv_nsec = next_ns % 1000000000};
        int number = sigtimedwait(set, NULL, progress ? &timeout : NULL);
        if (number == SIGINT || number == SIGTERM || number == SIGHUP) {
            obey(s, &first_signal_ns);
        } else if (number < 0 && errno == EAGAIN) {
            show_progress(s, &m);
            next_ns =
                s->options->progress == CLI_PROGRESS_JSON ? first_progress_ns : progress_step_ns;
        }
    }
    if (progress)
        cli_report_line(&s->report, NULL);
}

int cli_session_run(cli_session *s) {
    signal(SIGPIPE, SIG_IGN);
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    add_unless_ignored(&set, SIGINT);
    add_unless_ignored(&set, SIGTERM);
    add_unless_ignored(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    waiting w = {.session = s, .waiter = pthread_self()};
    pthread_t worker;
    if (pthread_create(&worker, NULL, work_body, &w) != 0) {
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        return cli_work(s);
    }
    wait_for_end(s, &set);
    pthread_join(worker, NULL);
    return s->exit_code;
}

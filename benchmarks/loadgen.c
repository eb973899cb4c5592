/* How fast does a receiver acknowledge? One thread, epoll, K stop-and-wait DC-09 panels.
 *
 * Every connection has accounts of its own and a running sequence number; each frame is
 * built once, carries its right CRC and differs from all others of the run in account,
 * sequence or zone, so that no duplicate table can answer in place of the disk. Latency is
 * taken from the moment a frame was due (with --rate) or written (without), so that a
 * receiver that falls behind does not look faster than it is. Always bounded in count and
 * in time. One JSON object on stdout; exit status 0 when every frame was acknowledged, 1
 * when not, 2 for a mistake in the options.
 *
 *   loadgen --port 12000 --connections 500 --seconds 5
 *   loadgen --port 12000 --connections 500 --seconds 5 --rate 1000
 *   loadgen --port 12000 --connections 500 --seconds 5 --stamp 1
 *   loadgen --port 12000 --mode null --transport udp --connections 1000 --seconds 5
 *   loadgen --port 7 --mode echo --connections 500 --seconds 5
 *   loadgen --port 12000 --mode idle --connections 10000 --seconds 10
 *   loadgen --port 12000 --connections 2000 --count 2000 --once 1 --seconds 20
 *   loadgen --port 12000 --connections 50 --rate 100 --source 127.20.0.1 --redial 1
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "histogram.h"

enum { FRAME_MAX = 160, REPLY_MAX = 256, EVENTS_MAX = 512 };
enum mode { MODE_REPORT, MODE_NULL, MODE_ECHO, MODE_IDLE };
enum payload { PAYLOAD_SIA, PAYLOAD_CID };

/* Bounds that hold whatever the options say. */
static const double SECONDS_MAX = 3600.0;
static const uint64_t COUNT_MAX = 1000000000ULL;
static const int CONNECTIONS_MAX = 100000;

struct options {
    const char *host;
    int port, connections, accounts, udp, stamp, once;
    int redial;      /* hang up after so many ACKs and call again for the next report */
    uint32_t source; /* host order; connection i calls from source + i */
    uint64_t base_account, count, first;
    double seconds, rate, drain_s;
    long timeout_ms;
    enum mode mode;
    enum payload payload;
    const char *ledger;
};

struct panel {
    int fd;
    int frame_len, written, reply_len;
    uint8_t is_connected, is_waiting, has_first_ack, wants_out;
    uint64_t number;    /* how many frames this panel has built */
    uint64_t due_ns;    /* from when the latency counts */
    uint64_t resend_ns; /* when the frame is sent again */
    uint64_t acks;
    char frame[FRAME_MAX];
    char reply[REPLY_MAX];
};

static struct options opt = {
    .host = "127.0.0.1", .connections = 1, .base_account = 100000, .seconds = 5.0,
    .count = 0, .timeout_ms = 5000, .drain_s = 2.0,
};
static struct panel *panels;
static int epoll_fd;
static uint16_t crc_table[256];
static volatile sig_atomic_t is_stopping;

static uint64_t sent, acked, refused, retries, lost_connections, late, bytes_ignored;
static uint64_t last_first_ack_us, start_ns;
static int connected, with_first_ack;
static int dialled; /* panels that were dialled once; the sweep must not dial the others too */
static FILE *ledger;

/* ------------------------------------------------------------------------- the frames */

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

static void crc_init(void) /* CRC-16/ARC: 0x8005 reflected, start 0, no final xor */
{
    for (unsigned i = 0; i < 256; i++) {
        unsigned crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? (crc >> 1) ^ 0xA001 : crc >> 1;
        crc_table[i] = (uint16_t)crc;
    }
}

static uint16_t crc16(const char *data, int len)
{
    uint16_t crc = 0;
    for (int i = 0; i < len; i++)
        crc = (uint16_t)(crc >> 8) ^ crc_table[(crc ^ (uint8_t)data[i]) & 0xFF];
    return crc;
}

static void identity(const struct panel *p, uint64_t number, unsigned long long *account,
                     unsigned *sequence, unsigned *zone)
{
    uint64_t index = (uint64_t)(p - panels);
    /* With more accounts than connections each connection serves every K-th account. */
    uint64_t own = 1;
    if (opt.accounts > opt.connections)
        own = ((uint64_t)opt.accounts - index + (uint64_t)opt.connections - 1) / (uint64_t)opt.connections;
    uint64_t turn = opt.first + number / own;
    *account = opt.base_account + index + (number % own) * (uint64_t)opt.connections;
    *sequence = (unsigned)(turn % 9999 + 1);
    *zone = (unsigned)(turn / 9999 % 999 + 1);
}

static const char *stamp(void) /* _HH:MM:SS,MM-DD-YYYY of now, written once a second */
{
    static char text[32];
    static time_t written_at;
    if (!opt.stamp || opt.mode == MODE_NULL || opt.mode == MODE_IDLE)
        return "";
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec != written_at) {
        struct tm utc;
        written_at = now.tv_sec;
        strftime(text, sizeof text, "_%H:%M:%S,%m-%d-%Y", gmtime_r(&written_at, &utc));
    }
    return text;
}

static void build(struct panel *p)
{
    char body[FRAME_MAX - 12];
    unsigned long long account;
    unsigned sequence, zone;
    int len;
    identity(p, p->number++, &account, &sequence, &zone);
    if (opt.mode == MODE_NULL || opt.mode == MODE_IDLE)
        len = snprintf(body, sizeof body, "\"NULL\"0000L0#%llu[]", account);
    else if (opt.payload == PAYLOAD_CID)
        len = snprintf(body, sizeof body, "\"ADM-CID\"%04uL0#%llu[#%llu|1131 01 %03u]%s",
                       sequence, account, account, zone, stamp());
    else
        len = snprintf(body, sizeof body, "\"SIA-DCS\"%04uL0#%llu[#%llu|Nri1/BA%03u]%s",
                       sequence, account, account, zone, stamp());
    p->frame_len = snprintf(p->frame, sizeof p->frame, "\n%04X%04X%s\r",
                            crc16(body, len), (unsigned)len, body);
    p->written = 0;
    p->reply_len = 0;
}

/* ---------------------------------------------------------------------- the connections */

static void watch(struct panel *p, int wants_out)
{
    if (p->wants_out == wants_out)
        return;
    struct epoll_event ev = {.events = EPOLLIN | (wants_out ? EPOLLOUT : 0), .data.ptr = p};
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, p->fd, &ev);
    p->wants_out = (uint8_t)wants_out;
}

static int dial(struct panel *p)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)opt.port)};
    inet_pton(AF_INET, opt.host, &to.sin_addr);
    int type = (opt.udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
    p->fd = socket(AF_INET, type, 0);
    if (p->fd < 0)
        return -1;
    int on = 1;
    if (!opt.udp)
        setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (opt.source) {
        struct sockaddr_in from = {.sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(opt.source + (uint32_t)(p - panels))};
        setsockopt(p->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        if (bind(p->fd, (struct sockaddr *)&from, sizeof from) < 0) {
            close(p->fd);
            p->fd = -1;
            return -1;
        }
    }
    if (connect(p->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
        close(p->fd);
        p->fd = -1;
        return -1;
    }
    struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT, .data.ptr = p};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, p->fd, &ev);
    p->wants_out = 1;
    p->is_connected = 0;
    return 0;
}

static void lose(struct panel *p)
{
    if (p->fd < 0)
        return;
    lost_connections++;
    connected -= p->is_connected;
    close(p->fd);
    p->fd = -1;
    p->is_connected = 0;
    p->written = 0;
    p->reply_len = 0;
}

static void hang_up(struct panel *p)
{
    close(p->fd);
    p->fd = -1;
    connected -= p->is_connected;
    p->is_connected = 0;
}

static void flush_frame(struct panel *p)
{
    while (p->written < p->frame_len) {
        ssize_t n = send(p->fd, p->frame + p->written, (size_t)(p->frame_len - p->written), MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EAGAIN) {
                watch(p, 1);
                return;
            }
            lose(p);
            return;
        }
        p->written += (int)n;
    }
    watch(p, 0);
}

/* ------------------------------------------------------------------------ the schedule */

static int *idle_ring, idle_head, idle_count; /* panels with nothing to wait for, oldest first */
static uint64_t due_next_ns, gap_ns, started; /* with --rate: when the next frame is due */

static void put_idle(struct panel *p)
{
    idle_ring[(idle_head + idle_count++) % opt.connections] = (int)(p - panels);
}

static int may_start(void)
{
    return !is_stopping && (opt.count == 0 || started < opt.count);
}

static void start_report(struct panel *p, uint64_t due_ns, uint64_t now)
{
    started++;
    build(p);
    p->is_waiting = 1;
    p->due_ns = due_ns;
    p->resend_ns = now + (uint64_t)opt.timeout_ms * 1000000ULL;
    sent++;
    if (p->fd >= 0)
        flush_frame(p);
    else
        dial(p); /* should it fail, the sweep tries again */
}

static void idle_or_next(struct panel *p, uint64_t now)
{
    int is_once = opt.once || opt.mode == MODE_IDLE; /* one frame of each connection */
    if (opt.rate == 0.0 && !is_once && may_start())
        start_report(p, now, now);
    else if (is_once && p->number == 0 && may_start())
        start_report(p, now, now);
    else
        put_idle(p);
}

static void start_due(uint64_t now)
{
    while (opt.rate > 0.0 && idle_count && due_next_ns <= now && may_start()) {
        struct panel *p = &panels[idle_ring[idle_head]];
        idle_head = (idle_head + 1) % opt.connections;
        idle_count--;
        if (now - due_next_ns > 1000000ULL)
            late++;
        start_report(p, due_next_ns, now);
        due_next_ns += gap_ns;
    }
}

static void reply_complete(struct panel *p, uint64_t now)
{
    int is_ack = opt.mode == MODE_ECHO
                     ? p->reply_len >= 1
                     : memmem(p->reply, (size_t)p->reply_len, "ACK\"", 4) != NULL;
    p->reply_len = 0;
    if (!p->is_waiting) {
        bytes_ignored++;
        return;
    }
    if (!is_ack) {
        refused++;
    } else {
        acked++;
        p->acks++;
        measure((now - p->due_ns) / 1000);
        if (!p->has_first_ack) {
            p->has_first_ack = 1;
            with_first_ack++;
            last_first_ack_us = (now - start_ns) / 1000;
        }
        if (ledger) {
            unsigned long long account;
            unsigned sequence, zone;
            identity(p, p->number - 1, &account, &sequence, &zone);
            fprintf(ledger, "%llu %04u %03u\n", account, sequence, zone);
        }
    }
    p->is_waiting = 0;
    if (opt.redial && !opt.udp && p->acks % (uint64_t)opt.redial == 0)
        hang_up(p);
    idle_or_next(p, now);
}

static void read_replies(struct panel *p)
{
    char chunk[4096];
    for (;;) {
        ssize_t n = recv(p->fd, chunk, sizeof chunk, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n <= 0) {
            if (opt.udp && n < 0)
                return; /* a port that is closed for a moment; the frame is sent again */
            lose(p);
            return;
        }
        uint64_t now = now_ns();
        for (ssize_t i = 0; i < n; i++) {
            if (chunk[i] == '\r') {
                reply_complete(p, now);
                if (p->fd < 0)
                    return;
            } else if (p->reply_len < REPLY_MAX) {
                p->reply[p->reply_len++] = chunk[i];
            }
        }
        if (n < (ssize_t)sizeof chunk)
            return;
    }
}

static void sweep(uint64_t now) /* ten times a second: what waited too long, who hung up */
{
    for (int i = 0; i < dialled; i++) {
        struct panel *p = &panels[i];
        if (p->fd < 0 && opt.redial && !p->is_waiting) {
            continue; /* it calls when it has something to say */
        } else if (p->fd < 0 && (!is_stopping || opt.redial)) {
            if (dial(p) == 0 && p->is_waiting)
                retries++;
        } else if (p->is_waiting && p->is_connected && now >= p->resend_ns) {
            retries++;
            p->written = 0;
            p->resend_ns = now + (uint64_t)opt.timeout_ms * 1000000ULL;
            flush_frame(p);
        }
    }
}

static void opened(struct panel *p, uint64_t now)
{
    int error = 0;
    socklen_t len = sizeof error;
    getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    if (error) {
        lose(p);
        return;
    }
    p->is_connected = 1;
    connected++;
    watch(p, 0);
    if (p->is_waiting) {
        p->written = 0; /* it was under way when the connection broke */
        flush_frame(p);
    } else if (p->number == 0) {
        idle_or_next(p, now);
    }
}

static int waiting_count(void)
{
    int waiting = 0;
    for (int i = 0; i < opt.connections; i++)
        waiting += panels[i].is_waiting;
    return waiting;
}

static int connected_max;

static double run(void)
{
    struct epoll_event events[EVENTS_MAX];
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer, &ev);
    start_ns = now_ns();
    due_next_ns = start_ns;
    uint64_t end_ns = start_ns + (uint64_t)(opt.seconds * 1e9), sweep_ns = start_ns + 100000000ULL;
    uint64_t give_up_ns = end_ns + (uint64_t)(opt.drain_s * 1e9);
    for (;;) {
        uint64_t now = now_ns();
        /* A storm, but not one that overruns the listen backlog before we look at replies. */
        for (int n = 0; dialled < opt.connections && n < 256; n++)
            if (dial(&panels[dialled++]) < 0)
                break;
        if (now >= end_ns)
            is_stopping = 1;
        if (!may_start() && opt.mode != MODE_IDLE && (waiting_count() == 0 || now >= give_up_ns))
            break;
        if (is_stopping && (opt.mode == MODE_IDLE || now >= give_up_ns))
            break;
        if (now >= sweep_ns) {
            sweep(now);
            sweep_ns = now + 100000000ULL;
        }
        start_due(now);
        uint64_t wake = sweep_ns < end_ns || is_stopping ? sweep_ns : end_ns;
        if (opt.rate > 0.0 && idle_count && may_start() && due_next_ns < wake)
            wake = due_next_ns;
        if (dialled < opt.connections || wake <= now)
            wake = now + 1;
        struct itimerspec at = {.it_value = {.tv_sec = (time_t)(wake / 1000000000ULL),
                                             .tv_nsec = (long)(wake % 1000000000ULL)}};
        timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
        int n = epoll_wait(epoll_fd, events, EVENTS_MAX, -1);
        now = now_ns();
        for (int i = 0; i < n; i++) {
            struct panel *p = events[i].data.ptr;
            if (p == NULL) {
                uint64_t ticks;
                if (read(timer, &ticks, sizeof ticks) < 0)
                    continue;
                continue;
            }
            if (p->fd >= 0 && !p->is_connected)
                opened(p, now);
            else if (p->fd >= 0 && (events[i].events & EPOLLOUT))
                flush_frame(p);
            if (p->fd >= 0 && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
                read_replies(p);
        }
        if (connected > connected_max)
            connected_max = connected;
    }
    close(timer);
    return (double)(now_ns() - start_ns) / 1e9;
}

/* ------------------------------------------------------------------------- the options */

static void stop(int signum)
{
    (void)signum;
    is_stopping = 1;
}

static void mistake(const char *what, const char *seen)
{
    fprintf(stderr, "loadgen: %s, not '%s'\n", what, seen);
    exit(2);
}

static double number(const char *text, double least, double most, const char *what)
{
    char *end;
    double value = strtod(text, &end);
    if (*text == 0 || *end != 0 || !(value >= least && value <= most))
        mistake(what, text);
    return value;
}

static void read_options(int argc, char **argv)
{
    static const struct option names[] = {
        {"host", 1, 0, 'h'}, {"port", 1, 0, 'p'}, {"connections", 1, 0, 'k'}, {"accounts", 1, 0, 'a'},
        {"base-account", 1, 0, 'b'}, {"seconds", 1, 0, 's'}, {"count", 1, 0, 'c'}, {"rate", 1, 0, 'r'},
        {"mode", 1, 0, 'm'}, {"transport", 1, 0, 't'}, {"payload", 1, 0, 'y'}, {"timeout-ms", 1, 0, 'w'},
        {"drain", 1, 0, 'd'}, {"first", 1, 0, 'f'}, {"ledger", 1, 0, 'l'}, {"stamp", 1, 0, 'g'}, {"once", 1, 0, 'n'},
        {"source", 1, 0, 'o'}, {"redial", 1, 0, 'i'}, {0, 0, 0, 0}};
    int c;
    struct in_addr unused;
    while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (c) {
        case 'h': opt.host = optarg; break;
        case 'p': opt.port = (int)number(optarg, 1, 65535, "--port is 1 to 65535"); break;
        case 'k': opt.connections = (int)number(optarg, 1, CONNECTIONS_MAX, "--connections is 1 to 100000"); break;
        case 'a': opt.accounts = (int)number(optarg, 1, 1e8, "--accounts is 1 to 100000000"); break;
        case 'b': opt.base_account = (uint64_t)number(optarg, 100, 1e15, "--base-account has 3 to 15 digits"); break;
        case 's': opt.seconds = number(optarg, 0.01, SECONDS_MAX, "--seconds is 0.01 to 3600"); break;
        case 'c': opt.count = (uint64_t)number(optarg, 1, (double)COUNT_MAX, "--count is 1 to 1000000000"); break;
        case 'r': opt.rate = number(optarg, 0.001, 1e7, "--rate is frames a second, up to 1e7"); break;
        case 'w': opt.timeout_ms = (long)number(optarg, 1, 3.6e6, "--timeout-ms is 1 to 3600000"); break;
        case 'd': opt.drain_s = number(optarg, 0, 600, "--drain is 0 to 600 seconds"); break;
        case 'f': opt.first = (uint64_t)number(optarg, 0, 9e6, "--first is 0 to 9000000"); break;
        case 'l': opt.ledger = optarg; break;
        case 'i': opt.redial = (int)number(optarg, 1, 1e9, "--redial is a number of ACKs"); break;
        case 'o':
            if (inet_pton(AF_INET, optarg, &unused) != 1)
                mistake("--source is an IPv4 address in digits", optarg);
            opt.source = ntohl(unused.s_addr);
            break;
        case 'g': opt.stamp = (int)number(optarg, 0, 1, "--stamp is 0 or 1"); break;
        case 'n': opt.once = (int)number(optarg, 0, 1, "--once is 0 or 1"); break;
        case 'm':
            if (!strcmp(optarg, "report")) opt.mode = MODE_REPORT;
            else if (!strcmp(optarg, "null")) opt.mode = MODE_NULL;
            else if (!strcmp(optarg, "echo")) opt.mode = MODE_ECHO;
            else if (!strcmp(optarg, "idle")) opt.mode = MODE_IDLE;
            else mistake("--mode is report, null, echo or idle", optarg);
            break;
        case 't':
            if (!strcmp(optarg, "tcp")) opt.udp = 0;
            else if (!strcmp(optarg, "udp")) opt.udp = 1;
            else mistake("--transport is tcp or udp", optarg);
            break;
        case 'y':
            if (!strcmp(optarg, "sia")) opt.payload = PAYLOAD_SIA;
            else if (!strcmp(optarg, "cid")) opt.payload = PAYLOAD_CID;
            else mistake("--payload is sia or cid", optarg);
            break;
        default: exit(2);
        }
    }
    if (optind < argc)
        mistake("there are only options, each with a value", argv[optind]);
    if (opt.port == 0)
        mistake("--port must be given", "");
    if (inet_pton(AF_INET, opt.host, &unused) != 1)
        mistake("--host is an IPv4 address in digits", opt.host);
    if (opt.rate > 0.0)
        gap_ns = (uint64_t)(1e9 / opt.rate);
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    crc_init();
    panels = calloc((size_t)opt.connections, sizeof *panels);
    idle_ring = calloc((size_t)opt.connections, sizeof *idle_ring);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (!panels || !idle_ring || epoll_fd < 0) {
        fprintf(stderr, "loadgen: no memory or no epoll for %d connections\n", opt.connections);
        return 2;
    }
    for (int i = 0; i < opt.connections; i++)
        panels[i].fd = -1;
    if (opt.ledger && !(ledger = fopen(opt.ledger, "w")))
        mistake("--ledger must be a file that can be written", opt.ledger);
    double seconds = run();
    if (ledger)
        fclose(ledger);
    printf("{\"sent\": %llu, \"acked\": %llu, \"refused\": %llu, \"retries\": %llu, "
           "\"unanswered\": %llu, \"late\": %llu, \"ignored\": %llu, \"lost_connections\": %llu, "
           "\"connected\": %d, \"first_acks\": %d, \"last_first_ack_us\": %llu, "
           "\"seconds\": %.6f, \"per_s\": %.1f, \"p50_us\": %llu, \"p99_us\": %llu, "
           "\"p999_us\": %llu, \"max_us\": %llu}\n",
           (unsigned long long)sent, (unsigned long long)acked, (unsigned long long)refused,
           (unsigned long long)retries, (unsigned long long)(sent - acked - refused),
           (unsigned long long)late, (unsigned long long)bytes_ignored,
           (unsigned long long)lost_connections, connected_max, with_first_ack,
           (unsigned long long)last_first_ack_us, seconds, (double)acked / seconds,
           (unsigned long long)percentile(0.50), (unsigned long long)percentile(0.99),
           (unsigned long long)percentile(0.999), (unsigned long long)max_us);
    if (connected_max == 0)
        fprintf(stderr, "loadgen: nobody listens on %s port %d\n", opt.host, opt.port);
    return sent > 0 && acked == sent ? 0 : 1;
}

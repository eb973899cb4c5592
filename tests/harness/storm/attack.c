/* Who wants to keep a receiver busy, and how? One thread, epoll, many hostile connections.
 *
 * Each connection plays one of the parts below, from one of several source addresses, and is
 * replaced by the next one when it is over. Nothing that is sent can be right: whatever bytes
 * come back are counted, since a stranger must be told nothing (SEC-4, SEC-12). Always bounded
 * in count and in time. One JSON object on stdout; exit status 0, or 2 for a mistake in the
 * options.
 *
 *   attack --port 12000 --total 1000 --at-once 200 --rate 500 --seconds 15
 *   attack --port 12000 --total 100000 --at-once 15000 --source 127.64.0.1 --sources 2000
 *   attack --port 12000 --udp 1 --source 127.20.0.9 --sources 1 --rate 1000 --seconds 10
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum part {
    HALF_OPEN,   /* connects and says nothing */
    HALF_FRAME,  /* half a frame, then nothing */
    DRIP,        /* a byte of a frame each second */
    GARBAGE,     /* random bytes */
    OVERSIZE,    /* a frame that never ends */
    TLS_HELLO,
    HTTP,
    GO_RESET,    /* connects and goes with RST */
    GO_FIN,      /* connects and goes in order */
    STRANGER,    /* well-formed frames of an account that nobody knows */
    HALF_CLOSED, /* half a frame, then FIN, and waits */
    BAD_CRC,     /* frames with a wrong check value */
    PARTS
};
static const char *const names_of_parts[PARTS] = {
    "half_open", "half_frame", "drip", "garbage", "oversize", "tls_hello", "http",
    "go_reset", "go_fin", "stranger", "half_closed", "bad_crc"};

enum { EVENTS_MAX = 1024, OVERSIZE_BYTES = 256 * 1024, GARBAGE_BYTES = 64 * 1024 };
static const uint64_t TICK_NS = 20000000ULL, SECOND_NS = 1000000000ULL;

struct options {
    const char *host;
    int port, at_once, sources, udp;
    uint32_t source;
    uint64_t total, seed;
    double seconds, rate, hold_s;
};
static struct options opt = {.host = "127.0.0.1", .at_once = 200, .total = 1000, .sources = 1,
                             .seconds = 60.0, .rate = 1000.0, .hold_s = 30.0, .seed = 1};

struct caller {
    int fd;
    enum part part;
    uint8_t is_connected, is_blocked;
    int sent; /* bytes, or datagrams */
    uint64_t next_ns, over_ns;
};
static struct caller *callers;
static int *idle, idle_count, epoll_fd;
static volatile sig_atomic_t is_stopping;
static uint64_t opened, refused, closed_by_peer, over, bytes_out, bytes_in, datagrams, failed;
static uint64_t by_part[PARTS];
static int at_once, at_once_max;
static uint64_t dice_state;
static char junk[65536];

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND_NS + (uint64_t)t.tv_nsec;
}

static uint64_t dice(void) /* xorshift64 */
{
    dice_state ^= dice_state << 13;
    dice_state ^= dice_state >> 7;
    return dice_state ^= dice_state << 17;
}

static unsigned crc16(const char *data, int len) /* CRC-16/ARC */
{
    unsigned crc = 0;
    for (int i = 0; i < len; i++) {
        crc ^= (uint8_t)data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? (crc >> 1) ^ 0xA001 : crc >> 1;
    }
    return crc;
}

/* A frame of an account with letters that no panel of ours has. */
static int frame(char *out, size_t size, int is_wrong)
{
    char body[120];
    int len = snprintf(body, sizeof body, "\"SIA-DCS\"%04uL0#BAD%04X[#BAD%04X|Nri1/BA%03u]",
                       (unsigned)(dice() % 9999 + 1), (unsigned)(dice() & 0xFFFF),
                       (unsigned)(dice() & 0xFFFF), (unsigned)(dice() % 999 + 1));
    return snprintf(out, size, "\n%04X%04X%s\r", crc16(body, len) ^ (is_wrong ? 0x0101u : 0u),
                    (unsigned)len, body);
}

/* ---------------------------------------------------------------------- one connection */

static void done(struct caller *c, uint64_t *counter)
{
    (*counter)++;
    if (c->is_connected)
        at_once--;
    close(c->fd);
    c->fd = -1;
    c->is_connected = 0;
    idle[idle_count++] = (int)(c - callers);
}

static void reset(struct caller *c)
{
    struct linger at_once_please = {.l_onoff = 1, .l_linger = 0};
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once_please, sizeof at_once_please);
    done(c, &over);
}

static void push(struct caller *c, const char *data, int len, uint64_t pause_ns)
{
    ssize_t n = send(c->fd, data, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) {
        if (errno == EAGAIN) {
            c->next_ns = now_ns() + SECOND_NS / 10; /* the receiver does not read: look later */
            return;
        }
        done(c, &closed_by_peer);
        return;
    }
    bytes_out += (uint64_t)n;
    c->sent += (int)n;
    c->next_ns = now_ns() + pause_ns;
}

static void act(struct caller *c, uint64_t now)
{
    static const char slow[] = "\n1A2B0036\"SIA-DCS\"0001L0#123456[#123456|Nri1/BA001]\r";
    static const char hello[] =
        "\x16\x03\x01\x00\x4e\x01\x00\x00\x4a\x03\x03tlstlstlstlstlstlstlstlstlstlstls"
        "\x00\x00\x04\x13\x01\x00\xff\x01\x00\x00\x1d\x00\x2b\x00\x03\x02\x03\x04";
    static const char http[] = "GET / HTTP/1.1\r\nHost: receiver\r\nUser-Agent: x\r\n\r\n";
    char text[160];
    switch (c->part) {
    case HALF_OPEN:
        c->next_ns = c->over_ns;
        break;
    case HALF_FRAME:
        push(c, slow, 20, (uint64_t)(opt.hold_s * 1e9));
        break;
    case HALF_CLOSED:
        push(c, slow, 20, (uint64_t)(opt.hold_s * 1e9));
        if (c->fd >= 0)
            shutdown(c->fd, SHUT_WR);
        break;
    case DRIP:
        push(c, slow + c->sent % (int)(sizeof slow - 2), 1, SECOND_NS);
        break;
    case GARBAGE:
        push(c, junk + dice() % 32768, 4096, SECOND_NS / 10);
        if (c->fd >= 0 && c->sent >= GARBAGE_BYTES)
            reset(c);
        break;
    case OVERSIZE:
        if (c->sent == 0)
            push(c, "\nFFFF0FFF\"SIA-DCS\"", 18, 0);
        else
            push(c, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 64, 0);
        for (int n = 0; n < 64 && c->fd >= 0 && c->next_ns <= now_ns(); n++)
            push(c, (memset(text, 'A', sizeof text), text), (int)sizeof text, 0);
        if (c->fd >= 0)
            c->next_ns = now + SECOND_NS / 20;
        if (c->fd >= 0 && c->sent >= OVERSIZE_BYTES)
            reset(c);
        break;
    case TLS_HELLO:
        push(c, hello, (int)sizeof hello - 1, 5 * SECOND_NS);
        if (c->fd >= 0 && c->sent > (int)sizeof hello)
            reset(c);
        break;
    case HTTP:
        push(c, http, (int)sizeof http - 1, 5 * SECOND_NS);
        if (c->fd >= 0 && c->sent > (int)sizeof http)
            reset(c);
        break;
    case GO_RESET:
        reset(c);
        break;
    case GO_FIN:
        done(c, &over);
        break;
    case STRANGER:
        push(c, text, frame(text, sizeof text, 0), SECOND_NS);
        break;
    case BAD_CRC:
        push(c, text, frame(text, sizeof text, 1), SECOND_NS / 2);
        break;
    case PARTS:
        break;
    }
}

static void dial(uint64_t now)
{
    struct caller *c = &callers[idle[idle_count - 1]];
    int on = 1;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)opt.port)};
    inet_pton(AF_INET, opt.host, &to.sin_addr);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) {
        failed++;
        return;
    }
    if (opt.source) {
        struct sockaddr_in from = {.sin_family = AF_INET};
        /* A tenth of them from one address: there the limit per address is what helps. */
        uint32_t number = opened % 10 == 0 ? 0 : (uint32_t)(opened % (uint64_t)opt.sources);
        from.sin_addr.s_addr = htonl(opt.source + number);
        setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        bind(c->fd, (struct sockaddr *)&from, sizeof from);
    }
    /* More of those who stay: it is they who fill a receiver. */
    unsigned drawn = (unsigned)(dice() % (PARTS + 6));
    c->part = drawn < PARTS ? (enum part)drawn : HALF_OPEN;
    if (connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
        failed++;
        close(c->fd);
        c->fd = -1;
        return;
    }
    idle_count--;
    opened++;
    by_part[c->part]++;
    c->is_connected = 0;
    c->sent = 0;
    c->next_ns = 0;
    c->over_ns = now + (uint64_t)(opt.hold_s * 1e9);
    struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &ev);
}

static void happened(struct caller *c, uint32_t events, uint64_t now)
{
    char chunk[4096];
    if (c->fd < 0)
        return;
    if (!c->is_connected) {
        int error = 0;
        socklen_t len = sizeof error;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len);
        if (error || (events & (EPOLLERR | EPOLLHUP))) {
            done(c, &refused);
            return;
        }
        c->is_connected = 1;
        if (++at_once > at_once_max)
            at_once_max = at_once;
        struct epoll_event ev = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &ev);
        act(c, now);
        if (c->fd < 0)
            return;
    }
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) {
        ssize_t n = recv(c->fd, chunk, sizeof chunk, 0);
        if (n > 0)
            bytes_in += (uint64_t)n;
        else if (n == 0 || errno != EAGAIN)
            done(c, c->sent == 0 && c->part != HALF_OPEN ? &refused : &closed_by_peer);
    }
}

static double storm(void)
{
    struct epoll_event events[EVENTS_MAX];
    uint64_t start = now_ns(), tick = start, gap = (uint64_t)(1e9 / opt.rate), due = start;
    uint64_t end = start + (uint64_t)(opt.seconds * 1e9);
    for (;;) {
        uint64_t now = now_ns();
        int is_over = opened >= opt.total || now >= end || is_stopping;
        for (int n = 0; n < 512 && !is_over && idle_count && due <= now; n++, due += gap) {
            dial(now);
            is_over = opened >= opt.total;
        }
        if (due + SECOND_NS < now) /* all slots were taken: no burst afterwards */
            due = now;
        if (now >= tick) {
            tick = now + TICK_NS;
            for (int i = 0; i < opt.at_once; i++) {
                struct caller *c = &callers[i];
                if (c->fd >= 0 && (now >= c->over_ns || is_stopping || now >= end))
                    reset(c);
                else if (c->fd >= 0 && c->is_connected && now >= c->next_ns)
                    act(c, now);
            }
        }
        if (is_over && idle_count == opt.at_once)
            break;
        int n = epoll_wait(epoll_fd, events, EVENTS_MAX, 2);
        now = now_ns();
        for (int i = 0; i < n; i++)
            happened(events[i].data.ptr, events[i].events, now);
    }
    return (double)(now_ns() - start) / 1e9;
}

/* ------------------------------------------------------------------------- datagrams */

static double datagram_storm(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)opt.port)};
    inet_pton(AF_INET, opt.host, &to.sin_addr);
    int *fds = calloc((size_t)opt.sources, sizeof *fds);
    for (int i = 0; i < opt.sources; i++) {
        struct sockaddr_in from = {.sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(opt.source + (uint32_t)i)};
        fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (opt.source)
            bind(fds[i], (struct sockaddr *)&from, sizeof from);
        connect(fds[i], (struct sockaddr *)&to, sizeof to);
    }
    uint64_t start = now_ns(), gap = (uint64_t)(1e9 / opt.rate), due = start;
    uint64_t end = start + (uint64_t)(opt.seconds * 1e9);
    char text[160], chunk[4096];
    while (now_ns() < end && datagrams < opt.total && !is_stopping) {
        for (; due <= now_ns() && datagrams < opt.total; due += gap) {
            int fd = fds[datagrams % (uint64_t)opt.sources];
            ssize_t n;
            switch (dice() % 5) {
            case 0: n = send(fd, text, (size_t)frame(text, sizeof text, 1), 0); break;
            case 1: n = send(fd, text, (size_t)frame(text, sizeof text, 0) / 2, 0); break;
            case 2: n = send(fd, text, (size_t)frame(text, sizeof text, 0), 0); break;
            case 3: n = send(fd, junk + dice() % 32768, dice() % 2048 + 1, 0); break;
            default: n = send(fd, "\r", 1, 0); break;
            }
            datagrams++;
            if (n > 0)
                bytes_out += (uint64_t)n;
        }
        for (int i = 0; i < opt.sources; i++)
            for (ssize_t n; (n = recv(fds[i], chunk, sizeof chunk, 0)) > 0;)
                bytes_in += (uint64_t)n;
        usleep(1000);
    }
    free(fds);
    return (double)(now_ns() - start) / 1e9;
}

/* ------------------------------------------------------------------------- the options */

static void stop(int signum)
{
    (void)signum;
    is_stopping = 1;
}

static void mistake(const char *what, const char *seen)
{
    fprintf(stderr, "attack: %s, not '%s'\n", what, seen);
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
        {"host", 1, 0, 'h'}, {"port", 1, 0, 'p'}, {"total", 1, 0, 't'}, {"at-once", 1, 0, 'a'},
        {"source", 1, 0, 'o'}, {"sources", 1, 0, 'n'}, {"seconds", 1, 0, 's'},
        {"rate", 1, 0, 'r'}, {"hold", 1, 0, 'k'}, {"udp", 1, 0, 'u'}, {"seed", 1, 0, 'd'},
        {0, 0, 0, 0}};
    struct in_addr address;
    int c;
    while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (c) {
        case 'h':
            opt.host = optarg;
            if (inet_pton(AF_INET, optarg, &address) != 1 || (ntohl(address.s_addr) >> 24) != 127)
                mistake("--host is this machine, 127.x.y.z", optarg);
            break;
        case 'p': opt.port = (int)number(optarg, 1, 65535, "--port is 1 to 65535"); break;
        case 't': opt.total = (uint64_t)number(optarg, 1, 1e8, "--total is 1 to 1e8"); break;
        case 'a': opt.at_once = (int)number(optarg, 1, 100000, "--at-once is 1 to 100000"); break;
        case 'n': opt.sources = (int)number(optarg, 1, 60000, "--sources is 1 to 60000"); break;
        case 's': opt.seconds = number(optarg, 0.1, 3600, "--seconds is 0.1 to 3600"); break;
        case 'r': opt.rate = number(optarg, 1, 1e6, "--rate is connections a second"); break;
        case 'k': opt.hold_s = number(optarg, 0.1, 3600, "--hold is seconds"); break;
        case 'u': opt.udp = (int)number(optarg, 0, 1, "--udp is 0 or 1"); break;
        case 'd': opt.seed = (uint64_t)number(optarg, 1, 1e15, "--seed is 1 to 1e15"); break;
        case 'o':
            if (inet_pton(AF_INET, optarg, &address) != 1)
                mistake("--source is an IPv4 address in digits", optarg);
            opt.source = ntohl(address.s_addr);
            break;
        default: exit(2);
        }
    }
    if (optind < argc)
        mistake("there are only options, each with a value", argv[optind]);
    if (opt.port == 0)
        mistake("--port must be given", "");
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if ((rlim_t)opt.at_once + 16 > files.rlim_max)
        mistake("--at-once needs as many open files (ulimit -Hn)", "more than that");
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    dice_state = opt.seed * 0x9E3779B97F4A7C15ULL + 1;
    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = (char)(dice() >> 32);
    callers = calloc((size_t)opt.at_once, sizeof *callers);
    idle = calloc((size_t)opt.at_once, sizeof *idle);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (!callers || !idle || epoll_fd < 0)
        return 2;
    for (int i = 0; i < opt.at_once; i++) {
        callers[i].fd = -1;
        idle[idle_count++] = i;
    }
    double seconds = opt.udp ? datagram_storm() : storm();
    printf("{\"opened\": %llu, \"refused\": %llu, \"closed_by_peer\": %llu, \"over\": %llu, "
           "\"failed\": %llu, \"datagrams\": %llu, \"bytes_out\": %llu, \"bytes_in\": %llu, "
           "\"at_once\": %d, \"seconds\": %.3f, \"parts\": {",
           (unsigned long long)opened, (unsigned long long)refused,
           (unsigned long long)closed_by_peer, (unsigned long long)over,
           (unsigned long long)failed, (unsigned long long)datagrams,
           (unsigned long long)bytes_out, (unsigned long long)bytes_in, at_once_max, seconds);
    for (int i = 0; i < PARTS; i++)
        printf("%s\"%s\": %llu", i ? ", " : "", names_of_parts[i], (unsigned long long)by_part[i]);
    printf("}}\n");
    return 0;
}

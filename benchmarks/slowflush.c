/* A disk that is slow to flush: every fsync and fdatasync takes at least SLOW_FLUSH_US.
 *
 * Preloaded into the gateway (LD_PRELOAD), it shows what an ACK costs where a flush takes as
 * long as on a real disk. The real flush is made first; the rest of the time is slept.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long least_us(void)
{
    const char *text = getenv("SLOW_FLUSH_US");
    return text ? atol(text) : 0;
}

static int flush(const char *name, int fd)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    long us = least_us();
    until.tv_sec += us / 1000000;
    until.tv_nsec += us % 1000000 * 1000;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    int result = real(fd), saved = errno;
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        ;
    errno = saved;
    return result;
}

int fsync(int fd) { return flush("fsync", fd); }
int fdatasync(int fd) { return flush("fdatasync", fd); }

/* What a program does to one folder, on the record; and a disk that fails when it is told to.
 *
 * Preloaded (LD_PRELOAD) into the gateway. STORAGE_FOLDER names the folder that is watched.
 *
 * STORAGE_TRACE names a file that gets one entry for each call on a file of that folder, with
 * its data, in the order of the calls, and one for each acknowledgement that is handed to a
 * socket. A write and an acknowledgement are entered before they are made; a flush has an entry
 * before and one after it. See trace.py for the form.
 *
 * STORAGE_FAULTS names a file that is shared with the harness: it counts the calls and says
 * which one fails, how, and whether those after it do so too. See storage_shim.py for the form.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FILES_MAX = 1 << 16, ACK_BYTES = 256 };

struct entry {
    char op;
    char pad[3];
    int32_t fd;
    int32_t result;
    uint32_t thread;
    uint64_t inode;
    uint64_t offset;
    uint64_t size; /* of what follows */
};

struct faults {
    uint64_t calls;     /* made so far */
    uint64_t fail_at;   /* the first call of this number or later fails; 0: none */
    uint64_t lasting;   /* 1: so do all after it, until the harness says 0; else it is 0 then */
    uint64_t error;     /* errno */
    uint64_t flushes;   /* 1: only flushes count and fail */
    uint64_t failed;    /* calls that failed so far */
    char what[64];      /* the name of the last call that failed */
};

static char folder[4096];
static size_t folder_size;
static int trace = -1;
static struct faults *faults;
static uint64_t watched[FILES_MAX]; /* inode + 1 by descriptor; 0: not ours */

#define REAL(name, type) \
    static __typeof__(type) real; \
    if (!real) real = (__typeof__(type))dlsym(RTLD_NEXT, name)

__attribute__((constructor)) static void begin(void);

static void enter(char op, int fd, int32_t result, uint64_t inode, uint64_t offset,
                  const void *data, size_t size)
{
    if (trace < 0) return;
    int saved = errno;
    struct entry head = {op, {0}, fd, result, (uint32_t)syscall(SYS_gettid), inode, offset, size};
    struct iovec parts[2] = {{&head, sizeof head}, {(void *)data, size}};
    syscall(SYS_writev, trace, parts, size ? 2 : 1);
    errno = saved;
}

static void begin(void)
{
    const char *path = getenv("STORAGE_FOLDER");
    if (!path || strlen(path) >= sizeof folder) return;
    strcpy(folder, path);
    folder_size = strlen(folder);
    path = getenv("STORAGE_TRACE");
    if (path) trace = (int)syscall(SYS_openat, AT_FDCWD, path,
                                   O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    path = getenv("STORAGE_FAULTS");
    if (path) {
        int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
        if (fd >= 0) {
            void *shared = mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
            if (shared != MAP_FAILED) faults = shared;
            syscall(SYS_close, fd);
        }
    }
    enter('P', -1, 0, 0, 0, NULL, 0);
}

static int is_below(const char *path)
{
    return folder_size && path && !strncmp(path, folder, folder_size)
        && (path[folder_size] == '/' || !path[folder_size]);
}

static int is_watched(int fd) { return fd >= 0 && fd < FILES_MAX && watched[fd]; }

/* Whether this call is the one that fails; it then has its errno. */
static int fails(const char *name, int is_flush)
{
    if (!faults || (faults->flushes && !is_flush)) return 0;
    uint64_t number = __atomic_add_fetch(&faults->calls, 1, __ATOMIC_SEQ_CST);
    uint64_t at = __atomic_load_n(&faults->fail_at, __ATOMIC_SEQ_CST);
    if (!at || number < at) return 0;
    /* Once only: for whoever comes first. The call of that very number may have passed before
     * the harness had said so. */
    if (!faults->lasting
        && !__atomic_compare_exchange_n(&faults->fail_at, &at, 0, 0, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST)) return 0;
    strncpy(faults->what, name, sizeof faults->what - 1);
    __atomic_add_fetch(&faults->failed, 1, __ATOMIC_SEQ_CST);
    errno = (int)faults->error;
    return 1;
}

/* -- files ---------------------------------------------------------------------------------- */

static int opened(int fd, const char *path, int flags)
{
    if (fd < 0 || fd >= FILES_MAX) return fd;
    struct stat found;
    int saved = errno;
    if (fstat(fd, &found)) memset(&found, 0, sizeof found);
    watched[fd] = (uint64_t)found.st_ino + 1;
    enter('O', fd, flags, found.st_ino, 0, path, strlen(path));
    errno = saved;
    return fd;
}

#define OPENS(name) \
int name(const char *path, int flags, ...) \
{ \
    REAL(#name, int (*)(const char *, int, ...)); \
    va_list more; \
    va_start(more, flags); \
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? (mode_t)va_arg(more, int) : 0; \
    va_end(more); \
    if (!is_below(path)) { \
        int fd = real(path, flags, mode); \
        if (fd >= 0 && fd < FILES_MAX) watched[fd] = 0; \
        return fd; \
    } \
    if (fails("open", 0)) return -1; \
    return opened(real(path, flags, mode), path, flags); \
}
OPENS(open)
OPENS(open64)

#define OPENS_AT(name) \
int name(int at, const char *path, int flags, ...) \
{ \
    REAL(#name, int (*)(int, const char *, int, ...)); \
    va_list more; \
    va_start(more, flags); \
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? (mode_t)va_arg(more, int) : 0; \
    va_end(more); \
    if (!is_below(path)) { \
        int fd = real(at, path, flags, mode); \
        if (fd >= 0 && fd < FILES_MAX) watched[fd] = 0; \
        return fd; \
    } \
    if (fails("open", 0)) return -1; \
    return opened(real(at, path, flags, mode), path, flags); \
}
OPENS_AT(openat)
OPENS_AT(openat64)

int close(int fd)
{
    REAL("close", int (*)(int));
    if (is_watched(fd)) {
        enter('C', fd, 0, watched[fd] - 1, 0, NULL, 0);
        watched[fd] = 0;
    }
    return real(fd);
}

#define WRITES_AT(name, offset_type) \
ssize_t name(int fd, const void *data, size_t size, offset_type offset) \
{ \
    REAL(#name, ssize_t (*)(int, const void *, size_t, offset_type)); \
    if (is_watched(fd)) { \
        if (fails("pwrite", 0)) return -1; \
        enter('W', fd, 0, watched[fd] - 1, (uint64_t)offset, data, size); \
    } \
    return real(fd, data, size, offset); \
}
WRITES_AT(pwrite, off_t)
WRITES_AT(pwrite64, off64_t)

#define READS_AT(name, offset_type) \
ssize_t name(int fd, void *data, size_t size, offset_type offset) \
{ \
    REAL(#name, ssize_t (*)(int, void *, size_t, offset_type)); \
    if (is_watched(fd) && fails("pread", 0)) return -1; \
    return real(fd, data, size, offset); \
}
READS_AT(pread, off_t)
READS_AT(pread64, off64_t)

#define TRUNCATES(name, offset_type) \
int name(int fd, offset_type size) \
{ \
    REAL(#name, int (*)(int, offset_type)); \
    if (is_watched(fd)) { \
        if (fails("ftruncate", 0)) return -1; \
        enter('T', fd, 0, watched[fd] - 1, (uint64_t)size, NULL, 0); \
    } \
    return real(fd, size); \
}
TRUNCATES(ftruncate, off_t)
TRUNCATES(ftruncate64, off64_t)

#define ALLOCATES(name, offset_type) \
int name(int fd, offset_type offset, offset_type size) \
{ \
    REAL(#name, int (*)(int, offset_type, offset_type)); \
    if (is_watched(fd)) { \
        if (fails("fallocate", 0)) return errno; \
        enter('L', fd, 0, watched[fd] - 1, (uint64_t)(offset + size), NULL, 0); \
    } \
    return real(fd, offset, size); \
}
ALLOCATES(posix_fallocate, off_t)
ALLOCATES(posix_fallocate64, off64_t)

#define FLUSHES(name) \
int name(int fd) \
{ \
    REAL(#name, int (*)(int)); \
    if (!is_watched(fd)) return real(fd); \
    enter('B', fd, 0, watched[fd] - 1, 0, NULL, 0); \
    int result = fails(#name, 1) ? -1 : real(fd); \
    enter('E', fd, result, watched[fd] - 1, 0, NULL, 0); \
    return result; \
}
FLUSHES(fsync)
FLUSHES(fdatasync)

int unlink(const char *path)
{
    REAL("unlink", int (*)(const char *));
    if (is_below(path)) {
        if (fails("unlink", 0)) return -1;
        enter('U', -1, 0, 0, 0, path, strlen(path));
    }
    return real(path);
}

int unlinkat(int at, const char *path, int flags)
{
    REAL("unlinkat", int (*)(int, const char *, int));
    if (is_below(path)) {
        if (fails("unlink", 0)) return -1;
        enter('U', -1, 0, 0, 0, path, strlen(path));
    }
    return real(at, path, flags);
}

int mkdir(const char *path, mode_t mode)
{
    REAL("mkdir", int (*)(const char *, mode_t));
    if (is_below(path)) {
        if (fails("mkdir", 0)) return -1;
        enter('M', -1, 0, 0, 0, path, strlen(path));
    }
    return real(path, mode);
}

/* -- sockets: what leaves as an acknowledgement ----------------------------------------------- */

static void acknowledges(int fd, const struct iovec *parts, int count)
{
    if (trace < 0 || is_watched(fd)) return;
    char text[ACK_BYTES];
    for (int i = 0; i < count; i++) {
        /* A part may hold the answers to several frames. */
        const char *at = parts[i].iov_base, *end = at + parts[i].iov_len;
        while (at < end && (at = memmem(at, (size_t)(end - at), "\"ACK\"", 5))) {
            size_t size = (size_t)(end - at);
            if (size > sizeof text) size = sizeof text;
            enter('A', fd, 0, 0, 0, at, size);
            at += 5;
        }
    }
}

ssize_t write(int fd, const void *data, size_t size)
{
    REAL("write", ssize_t (*)(int, const void *, size_t));
    if (is_watched(fd)) {
        if (fails("write", 0)) return -1;
        enter('W', fd, 0, watched[fd] - 1, (uint64_t)lseek(fd, 0, SEEK_CUR), data, size);
    } else {
        struct iovec part = {(void *)data, size};
        acknowledges(fd, &part, 1);
    }
    return real(fd, data, size);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    REAL("writev", ssize_t (*)(int, const struct iovec *, int));
    acknowledges(fd, parts, count);
    return real(fd, parts, count);
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
    REAL("send", ssize_t (*)(int, const void *, size_t, int));
    struct iovec part = {(void *)data, size};
    acknowledges(fd, &part, 1);
    return real(fd, data, size, flags);
}

ssize_t sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *to,
               socklen_t to_size)
{
    REAL("sendto", ssize_t (*)(int, const void *, size_t, int, const struct sockaddr *, socklen_t));
    struct iovec part = {(void *)data, size};
    acknowledges(fd, &part, 1);
    return real(fd, data, size, flags, to, to_size);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    REAL("sendmsg", ssize_t (*)(int, const struct msghdr *, int));
    acknowledges(fd, message->msg_iov, (int)message->msg_iovlen);
    return real(fd, message, flags);
}

int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags)
{
    REAL("sendmmsg", int (*)(int, struct mmsghdr *, unsigned int, int));
    for (unsigned int i = 0; i < count; i++)
        acknowledges(fd, messages[i].msg_hdr.msg_iov, (int)messages[i].msg_hdr.msg_iovlen);
    return real(fd, messages, count, flags);
}

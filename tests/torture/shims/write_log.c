/* Everything that is done to the files whose paths begin with TORTURE_UNDER, in its order and with its data, in the file
   TORTURE_LOG. An entry: double time (CLOCK_MONOTONIC, s), int32 what, int32 length of path, int32 length of second path,
   int64 offset, int64 length of data; then path, second path, data. What lives in shared memory (-shm) is left out: after
   a power cut it is made anew. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { CREATED = 1, WRITTEN, CUT, SYNCED, REMOVED, RENAMED, LINKED };

static int out = -1;
static const char *under;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("TORTURE_LOG");
    under = getenv("TORTURE_UNDER");
    if (path && under) out = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static int wanted(const char *path) {
    size_t n = strlen(path);
    if (out < 0 || strncmp(path, under, strlen(under))) return 0;
    return n < 4 || strcmp(path + n - 4, "-shm");
}

static int path_of(int fd, char *path) {
    char link[64];
    if (out < 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, 4095);
    if (n <= 0) return 0;
    path[n] = 0;
    return wanted(path);
}

static void note(int what, const char *path, const char *second, int64_t at, const void *data, int64_t n) {
    struct { double t; int32_t what, path, second, pad; int64_t at, n; } head;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    head.t = now.tv_sec + now.tv_nsec / 1e9;
    head.what = what;
    head.path = strlen(path);
    head.second = second ? strlen(second) : 0;
    head.pad = 0;
    head.at = at;
    head.n = data ? n : 0;
    struct iovec parts[4] = {{&head, sizeof head}, {(void *)path, head.path}, {(void *)second, head.second},
                             {(void *)data, head.n}};
    int saved = errno;
    if (writev(out, parts, 4) < 0) abort();
    errno = saved;
}

#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, #name)
#define GUARDED(type, call, ...) { char path[4096]; if (!path_of(fd, path)) return call; \
    pthread_mutex_lock(&mutex); type result = call; if (result >= 0) { __VA_ARGS__; } \
    pthread_mutex_unlock(&mutex); return result; }

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) {
    REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
    GUARDED(ssize_t, real(fd, data, n, at), note(WRITTEN, path, 0, at, data, result))
}
ssize_t pwrite(int fd, const void *data, size_t n, off_t at) { return pwrite64(fd, data, n, at); }
ssize_t write(int fd, const void *data, size_t n) {
    REAL(ssize_t, write, int, const void *, size_t);
    GUARDED(ssize_t, real(fd, data, n), note(WRITTEN, path, 0, lseek(fd, 0, SEEK_CUR) - result, data, result))
}
int ftruncate64(int fd, off64_t n) {
    REAL(int, ftruncate64, int, off64_t);
    GUARDED(int, real(fd, n), note(CUT, path, 0, n, 0, 0))
}
int ftruncate(int fd, off_t n) { return ftruncate64(fd, n); }
int fsync(int fd) {
    REAL(int, fsync, int);
    GUARDED(int, real(fd), note(SYNCED, path, 0, 0, 0, 0))
}
int fdatasync(int fd) {
    REAL(int, fdatasync, int);
    GUARDED(int, real(fd), note(SYNCED, path, 0, 0, 0, 0))
}

static int absolute(const char *given, char *path) {
    if (out < 0 || !given) return 0;
    if (given[0] == '/') snprintf(path, 4096, "%s", given);
    else {
        char here[2048];
        if (!getcwd(here, sizeof here)) return 0;
        snprintf(path, 4096, "%s/%s", here, given);
    }
    return wanted(path);
}

static int opened(const char *given, int flags, int is_new, int fd) {
    char path[4096];
    if (fd >= 0 && absolute(given, path)) {
        if (is_new) note(CREATED, path, 0, 0, 0, 0);
        else if (flags & O_TRUNC) note(CUT, path, 0, 0, 0, 0);
    }
    return fd;
}

#define OPENING(name, decl, given, ...) { \
    REAL(int, name, decl int); mode_t mode = 0; \
    if (flags & (O_CREAT | __O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); } \
    if (out < 0) return real(__VA_ARGS__, flags, mode); \
    pthread_mutex_lock(&mutex); struct stat s; \
    int is_new = (flags & O_CREAT) && stat(given, &s) < 0; \
    int fd = opened(given, flags, is_new, real(__VA_ARGS__, flags, mode)); \
    pthread_mutex_unlock(&mutex); return fd; }

#define COMMA ,
int open(const char *p, int flags, ...) OPENING(open, const char * COMMA int COMMA, p, p)
int open64(const char *p, int flags, ...) OPENING(open64, const char * COMMA int COMMA, p, p)
int openat(int dir, const char *p, int flags, ...) OPENING(openat, int COMMA const char * COMMA int COMMA, p, dir, p)
int openat64(int dir, const char *p, int flags, ...) OPENING(openat64, int COMMA const char * COMMA int COMMA, p, dir, p)

#define ONE_PATH(call, given) { char path[4096]; if (!absolute(given, path)) return call; \
    pthread_mutex_lock(&mutex); int result = call; if (!result) note(REMOVED, path, 0, 0, 0, 0); \
    pthread_mutex_unlock(&mutex); return result; }
#define TWO_PATHS(what, call, given, other) { char path[4096], second[4096]; \
    int known = absolute(given, path); if (!(absolute(other, second) || known)) return call; \
    pthread_mutex_lock(&mutex); int result = call; if (!result) note(what, path, second, 0, 0, 0); \
    pthread_mutex_unlock(&mutex); return result; }

int unlink(const char *p) { REAL(int, unlink, const char *); ONE_PATH(real(p), p) }
int unlinkat(int dir, const char *p, int f) { REAL(int, unlinkat, int, const char *, int); ONE_PATH(real(dir, p, f), p) }
int rename(const char *a, const char *b) {
    REAL(int, rename, const char *, const char *);
    TWO_PATHS(RENAMED, real(a, b), a, b)
}
int renameat(int x, const char *a, int y, const char *b) {
    REAL(int, renameat, int, const char *, int, const char *);
    TWO_PATHS(RENAMED, real(x, a, y, b), a, b)
}
int link(const char *a, const char *b) {
    REAL(int, link, const char *, const char *);
    TWO_PATHS(LINKED, real(a, b), a, b)
}
int linkat(int x, const char *a, int y, const char *b, int f) {
    REAL(int, linkat, int, const char *, int, const char *, int);
    TWO_PATHS(LINKED, real(x, a, y, b, f), a, b)
}

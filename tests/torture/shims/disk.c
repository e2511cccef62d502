/* The disk below a folder (TORTURE_UNDER) as a test wants it: a control file (TORTURE_DISK) holds two 32-bit numbers that
   may change at any time: the error that every write is refused with (0: none), and how long an fsync takes, in ms. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static volatile int32_t *control;
static const char *under;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("TORTURE_DISK");
    int fd;
    under = getenv("TORTURE_UNDER");
    if (!path || !under || (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0) return;
    void *page = mmap(0, 8, PROT_READ, MAP_SHARED, fd, 0);
    control = page == MAP_FAILED ? 0 : page;
    close(fd);
}

static int ours(int fd) {
    char link[64], path[4096];
    if (!control) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return strncmp(path, under, strlen(under)) == 0;
}

static int refused(int fd) {
    if (!control || !control[0] || !ours(fd)) return 0;
    errno = control[0];
    return 1;
}

static void wait_for_disk(int fd) {
    if (!control || !control[1] || !ours(fd)) return;
    struct timespec t = {control[1] / 1000, control[1] % 1000 * 1000000L};
    nanosleep(&t, 0);
}

#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, #name)

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) {
    REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
    return refused(fd) ? -1 : real(fd, data, n, at);
}
ssize_t pwrite(int fd, const void *data, size_t n, off_t at) { return pwrite64(fd, data, n, at); }
ssize_t write(int fd, const void *data, size_t n) {
    REAL(ssize_t, write, int, const void *, size_t);
    return refused(fd) ? -1 : real(fd, data, n);
}
int ftruncate64(int fd, off64_t n) {
    REAL(int, ftruncate64, int, off64_t);
    return refused(fd) ? -1 : real(fd, n);
}
int ftruncate(int fd, off_t n) { return ftruncate64(fd, n); }
int fsync(int fd) {
    REAL(int, fsync, int);
    wait_for_disk(fd);
    return refused(fd) ? -1 : real(fd);
}
int fdatasync(int fd) {
    REAL(int, fdatasync, int);
    wait_for_disk(fd);
    return refused(fd) ? -1 : real(fd);
}

/* The machine's clocks as a test wants them: a control file (TORTURE_CLOCK) holds two 64-bit numbers that may change at any
   time: nanoseconds to be added to the time of day, and to the time that only counts on. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *control;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("TORTURE_CLOCK");
    int fd;
    if (!path || (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0) return;
    void *page = mmap(0, 16, PROT_READ, MAP_SHARED, fd, 0);
    control = page == MAP_FAILED ? 0 : page;
    close(fd);
}

static int64_t offset(clockid_t id) {
    if (!control) return 0;
    if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) return control[0];
    return id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_COARSE || id == CLOCK_MONOTONIC_RAW ? control[1] : 0;
}

static struct timespec moved(struct timespec t, int64_t by) {
    int64_t ns = t.tv_sec * 1000000000LL + t.tv_nsec + by;
    struct timespec r = {ns / 1000000000LL, ns % 1000000000LL};
    return r;
}

#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, #name)

int clock_gettime(clockid_t id, struct timespec *t) {
    REAL(int, clock_gettime, clockid_t, struct timespec *);
    int result = real(id, t);
    if (!result) *t = moved(*t, offset(id));
    return result;
}
int gettimeofday(struct timeval *t, void *zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    t->tv_sec = now.tv_sec;
    t->tv_usec = now.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *t) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (t) *t = now.tv_sec;
    return now.tv_sec;
}

/* Whoever waits until a time means it by the clock that was read above. */
int sem_clockwait(sem_t *s, clockid_t id, const struct timespec *t) {
    REAL(int, sem_clockwait, sem_t *, clockid_t, const struct timespec *);
    struct timespec until = moved(*t, -offset(id));
    return real(s, id, &until);
}
int sem_timedwait(sem_t *s, const struct timespec *t) {
    REAL(int, sem_timedwait, sem_t *, const struct timespec *);
    struct timespec until = moved(*t, -offset(CLOCK_REALTIME));
    return real(s, &until);
}
int pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *t) {
    /* CPython waits for its lock on the clock that only counts on. */
    static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    /* Where there are two of that name, the plain question is answered with the one of old. */
    if (!real) real = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (!real) real = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    struct timespec until = moved(*t, -offset(CLOCK_MONOTONIC));
    return real(c, m, &until);
}
int clock_nanosleep(clockid_t id, int flags, const struct timespec *t, struct timespec *left) {
    REAL(int, clock_nanosleep, clockid_t, int, const struct timespec *, struct timespec *);
    if (!(flags & TIMER_ABSTIME)) return real(id, flags, t, left);
    struct timespec until = moved(*t, -offset(id));
    return real(id, flags, &until, left);
}

/* The least that the programs of a measurement can be, one for each -D:
 *
 * FLOOR    ends.
 * TEXT     writes a word and ends.
 * INTERPRETER execs what the last line of a script names, and knows nothing else: what an interpreter
 *          in a process of its own costs at the least.
 * TURN     runs its arguments as a program, whose output nobody sees, and writes how it ended and how many
 *          nanoseconds that took from its spawn: whatever a larger process does about a spawn would be
 *          part of every figure.
 * CMD      stamps and ends: a container's CMD.
 * SERVICE  says that it is ready, stamps, and stamps again at each SIGUSR1, until it is killed.
 * MORTAL   stamps and ends: a service that dies at once.
 * ORPHANS  leaves so many dead orphans at a time, stamps, waits until they are reaped, stamps.
 * BARE     runs so many `./run`, as services that nobody supervises.
 * LOOP     is the least /init: runs every service's `./run` one after the other, waits until all have said
 *          that they are ready, runs its arguments, and ends everybody.
 *
 * A stamp is a tag, the seconds and the nanoseconds of the monotonic clock, written into the fifo
 * STAMPS. */
#include <asm/unistd.h>

/* In line, because a child that shares this stack must not write over where its parent returns to. */
__attribute__((always_inline)) static inline long call(long n, long a, long b, long c, long d) {
    long r;
#if defined(__x86_64__)
    register long r10 __asm__("r10") = d;
    __asm__ volatile("syscall"
                     : "=a"(r)
                     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10)
                     : "rcx", "r11", "memory");
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = n, x0 __asm__("x0") = a, x1 __asm__("x1") = b,
                  x2 __asm__("x2") = c, x3 __asm__("x3") = d;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
    r = x0;
#endif
    return r;
}

#if defined(CMD) || defined(SERVICE) || defined(MORTAL) || defined(ORPHANS)
static void stamp(long tag) {
    long record[3] = {tag, 0, 0};
    /* AT_FDCWD, O_WRONLY | O_NONBLOCK */
    long fd = call(__NR_openat, -100, (long)STAMPS, 04001, 0);
    call(__NR_clock_gettime, 1, (long)(record + 1), 0, 0);
    call(__NR_write, fd, (long)record, sizeof record, 0);
    call(__NR_close, fd, 0, 0, 0);
}
#endif

#ifdef ORPHANS
#define MANY 10000
static int pids[MANY];
#endif
#ifdef BARE
#define MANY 1000
#endif
#ifdef MANY
static long fork(void) { return call(__NR_clone, 17, 0, 0, 0); }
#endif

#ifdef LOOP
/* CLONE_VM, CLONE_VFORK, SIGCHLD: in this memory and on this stack, until its exec. */
#define SHARED 0x4111

/* A directory of services of which it is one, with the number in the place of the first NUL. */
static long enter(char *path, long end, long number) {
    char digits[20];
    long n = 0;
    do digits[n++] = '0' + number % 10; while (number /= 10);
    while (n) path[end++] = digits[--n];
    path[end] = 0;
    return call(__NR_chdir, (long)path, 0, 0, 0);
}

static char legacy[64] = "/etc/services.d/s", graph[64] = "/etc/s6-overlay/s6-rc.d/s";

__attribute__((used)) static void loop(long *start) {
    char **argv = (char **)start + 1, **environment = (char **)start + start[0] + 2;
    char *run[2] = {"./run", 0}, said[512];
    int pipe[2];
    long count = 0, ready = 0, status, pid;
    /* O_CLOEXEC */
    call(__NR_pipe2, (long)pipe, 02000000, 0, 0);
    while (enter(legacy, 17, count) == 0 || enter(graph, 25, count) == 0) {
        count++;
        if (call(__NR_clone, SHARED, 0, 0, 0) == 0) {
            call(__NR_setsid, 0, 0, 0, 0);
            call(__NR_dup3, pipe[1], 3, 0, 0);
            call(__NR_execve, (long)run[0], (long)run, (long)environment, 0);
            call(__NR_exit, 1, 0, 0, 0);
        }
    }
    while (ready < count) {
        long got = call(__NR_read, pipe[0], (long)said, sizeof said, 0);
        if (got <= 0) call(__NR_exit, 1, 0, 0, 0);
        ready += got;
    }
    pid = call(__NR_clone, SHARED, 0, 0, 0);
    if (pid == 0) {
        call(__NR_execve, (long)argv[1], (long)(argv + 1), (long)environment, 0);
        call(__NR_exit, 1, 0, 0, 0);
    }
    call(__NR_wait4, pid, (long)&status, 0, 0);
    call(__NR_kill, -1, 15, 0, 0);
    while (call(__NR_wait4, -1, (long)&status, 0, 0) > 0) {}
    call(__NR_exit, 0, 0, 0, 0);
}
#if defined(__x86_64__)
__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call loop\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start: mov x0, sp\n bl loop\n");
#endif
#elif defined(INTERPRETER) || defined(TURN)
/* What the kernel leaves at a program's start: the number of arguments, they, the environment. */
__attribute__((used)) static void interpret(long *start) {
#ifdef TURN
    long before[2], after[2], told[2] = {0, 0};
    char **argv = (char **)start + 2, **environment = (char **)start + start[0] + 2;
    /* F_DUPFD_CLOEXEC */
    long out = call(__NR_fcntl, 1, 1030, 10, 0);
    call(__NR_dup3, 2, 1, 0, 0);
    call(__NR_clock_gettime, 1, (long)before, 0, 0);
    /* CLONE_VM | CLONE_VFORK | SIGCHLD */
    long pid = call(__NR_clone, 0x4100 | 17, 0, 0, 0);
    if (pid == 0) {
        /* PR_SET_PDEATHSIG */
        call(__NR_prctl, 1, 9, 0, 0);
        call(__NR_execve, (long)argv[0], (long)argv, (long)environment, 0);
        call(__NR_exit, 127, 0, 0, 0);
    }
    call(__NR_wait4, pid, (long)told, 0, 0);
    call(__NR_clock_gettime, 1, (long)after, 0, 0);
    told[1] = (after[0] - before[0]) * 1000000000 + after[1] - before[1];
    call(__NR_write, out, (long)told, sizeof told, 0);
    call(__NR_exit, 0, 0, 0, 0);
#else
    char text[4096], *last = text, *argv[2] = {0, 0};
    char **environment = (char **)start + start[0] + 2;
    /* O_CLOEXEC */
    long fd = call(__NR_openat, -100, start[start[0]], 02000000, 0);
    long size = call(__NR_read, fd, (long)text, sizeof text, 0);
    for (long i = 0; i + 1 < size; i++)
        if (text[i] == '\n') last = text + i + 1;
    if (size > 0) text[size - 1] = 0;
    argv[0] = last;
    call(__NR_execve, (long)last, (long)argv, (long)environment, 0);
    call(__NR_exit, 111, 0, 0, 0);
#endif
}
#if defined(__x86_64__)
__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call interpret\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start: mov x0, sp\n bl interpret\n");
#endif
#else
/* The stack is aligned for a program's start, not for a function's. */
#if defined(__x86_64__)
__attribute__((force_align_arg_pointer))
#endif
void _start(void) {
#if defined(TEXT)
    call(__NR_write, 1, (long)"text\n", 5, 0);
#elif defined(CMD)
    stamp(1);
#elif defined(SERVICE)
    unsigned long usr1 = 1ul << 9;
    call(__NR_rt_sigprocmask, 0, (long)&usr1, 0, sizeof usr1);
    call(__NR_write, 3, (long)"\n", 1, 0);
    /* As a daemon does: the pipe would stay in the kernel's memory as long as it. */
    call(__NR_close, 3, 0, 0, 0);
    stamp(2);
    for (;;)
        if (call(__NR_rt_sigtimedwait, (long)&usr1, 0, 0, sizeof usr1) == 10) stamp(3);
#elif defined(MORTAL)
    stamp(2);
#elif defined(BARE)
    char *argv[2] = {"run", 0};
    /* What this one was left by others is nothing of theirs: a large table of descriptors is 2 kB. */
    call(__NR_close_range, 3, ~0u, 0, 0);
    for (int i = 0; i < MANY; i++)
        if (fork() == 0) {
            call(__NR_setsid, 0, 0, 0, 0);
            call(__NR_execve, (long)"run", (long)argv, (long)(argv + 1), 0);
            call(__NR_exit, 1, 0, 0, 0);
        }
    for (;;) call(__NR_wait4, -1, 0, 0, 0);
#elif defined(ORPHANS)
    long pipe[1], alive[1], now[2] = {0, 200000};
    long parent, made = 0;
    /* The parent of the orphans shares nothing, so it tells their pids through a pipe. */
    call(__NR_pipe2, (long)pipe, 0, 0, 0);
    int in = ((int *)pipe)[0], out = ((int *)pipe)[1];
    parent = fork();
    if (parent == 0) {
        /* Whoever is alive has this pipe open: it ends when all orphans have died. */
        call(__NR_pipe2, (long)alive, 0, 0, 0);
        for (int i = 0; i < MANY; i++) {
            long pid = fork();
            if (pid == 0) call(__NR_exit, 0, 0, 0, 0);
            int word = pid;
            call(__NR_write, out, (long)&word, sizeof word, 0);
            if (pid < 0) break;
        }
        int word = 0;
        call(__NR_close, ((int *)alive)[1], 0, 0, 0);
        call(__NR_read, ((int *)alive)[0], (long)&word, sizeof word, 0);
        call(__NR_write, out, (long)&word, sizeof word, 0);
        call(__NR_exit, 0, 0, 0, 0);
    }
    call(__NR_close, out, 0, 0, 0);
    for (;;) {
        int word;
        if (call(__NR_read, in, (long)&word, sizeof word, 0) != sizeof word || word <= 0) break;
        if (made < MANY) pids[made++] = word;
    }
    stamp(made == MANY ? 4 : 6);
    call(__NR_wait4, parent, 0, 0, 0);
    for (long i = 0; i < made;) {
        /* -ESRCH */
        if (call(__NR_kill, pids[i], 0, 0, 0) == -3) i++;
        else call(__NR_nanosleep, (long)now, 0, 0, 0);
    }
    stamp(5);
#endif
    call(__NR_exit, 0, 0, 0, 0);
    __builtin_unreachable();
}
#endif

/* The least that a program can be: it tells when its first instruction ran (or with -DTEXT a word),
 * and ends. */
#include <asm/unistd.h>

static long call(long n, long a, long b, long c) {
    long r;
#if defined(__x86_64__)
    __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = n, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
    r = x0;
#endif
    return r;
}

void _start(void) {
#ifdef TEXT
    call(__NR_write, 1, (long)"text\n", 5);
#else
    long now[2];
    call(__NR_clock_gettime, 1, (long)now, 0);
    call(__NR_write, 1, (long)now, sizeof now);
#endif
    call(__NR_exit, 0, 0, 0);
    __builtin_unreachable();
}

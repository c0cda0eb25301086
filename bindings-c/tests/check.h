/* CHECK for the tests: says what failed and goes on. C11 and C++17. */
#ifndef KP_TESTS_CHECK_H
#define KP_TESTS_CHECK_H

#include <stdio.h>

static int failures = 0;

#define CHECK(condition)                                                                           \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      failures++;                                                                                  \
      fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);                      \
    }                                                                                              \
  } while (0)

/* Says the numbers, too. */
#define CHECK_EQUAL(a, b)                                                                          \
  do {                                                                                             \
    long long a_ = (long long)(a), b_ = (long long)(b);                                            \
    if (a_ != b_) {                                                                                \
      failures++;                                                                                  \
      fprintf(stderr, "%s:%d: failed: %s is %lld, not %lld\n", __FILE__, __LINE__, #a, a_, b_);    \
    }                                                                                              \
  } while (0)

#endif

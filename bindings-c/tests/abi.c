/*
 * The C ABI from outside: layouts and numbers, and every way a call can end.
 *   abi VERSION PACK
 * VERSION is what kp_version must say, PACK a file with an en-us pack. POSIX, C11 and C++17.
 */
#define _DEFAULT_SOURCE 1 /* MAP_ANONYMOUS, under -std=c11 */

#include <kilophone.h>

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

/* ---- Layouts and numbers: written out, so that a change of the header shows here. */

#define POINTER sizeof(void *)

/* The sizes of version 0.1.0's structs, which stay welcome. */
#define OPTIONS_BYTES_0_1 (24 + 4 * POINTER)
#define LIMITS_BYTES_0_1 12

static_assert(sizeof(kp_options) == OPTIONS_BYTES_0_1 + 24 + 4 * POINTER, "kp_options");
static_assert(offsetof(kp_options, struct_bytes) == 0, "kp_options");
static_assert(offsetof(kp_options, format) == 4, "kp_options");
static_assert(offsetof(kp_options, stress) == 8, "kp_options");
static_assert(offsetof(kp_options, punctuation) == 12, "kp_options");
static_assert(offsetof(kp_options, unknown) == 16, "kp_options");
static_assert(offsetof(kp_options, reserved) == 20, "kp_options");
static_assert(offsetof(kp_options, separator) == 24, "kp_options");
static_assert(offsetof(kp_options, separator_bytes) == 24 + POINTER, "kp_options");
static_assert(offsetof(kp_options, language) == 24 + 2 * POINTER, "kp_options");
static_assert(offsetof(kp_options, language_bytes) == 24 + 3 * POINTER, "kp_options");
static_assert(offsetof(kp_options, written) == OPTIONS_BYTES_0_1, "kp_options");
static_assert(offsetof(kp_options, homographs) == OPTIONS_BYTES_0_1 + 4, "kp_options");
static_assert(offsetof(kp_options, weak_forms) == OPTIONS_BYTES_0_1 + 8, "kp_options");
static_assert(offsetof(kp_options, sandhi) == OPTIONS_BYTES_0_1 + 12, "kp_options");
static_assert(offsetof(kp_options, narrow) == OPTIONS_BYTES_0_1 + 16, "kp_options");
static_assert(offsetof(kp_options, overrides) == OPTIONS_BYTES_0_1 + 20, "kp_options");
static_assert(offsetof(kp_options, syllable_separator) == OPTIONS_BYTES_0_1 + 24, "kp_options");
static_assert(offsetof(kp_options, syllable_separator_bytes) ==
                  OPTIONS_BYTES_0_1 + 24 + POINTER,
              "kp_options");
static_assert(offsetof(kp_options, word_separator) == OPTIONS_BYTES_0_1 + 24 + 2 * POINTER,
              "kp_options");
static_assert(offsetof(kp_options, word_separator_bytes) == OPTIONS_BYTES_0_1 + 24 + 3 * POINTER,
              "kp_options");

static_assert(sizeof(kp_limits) == LIMITS_BYTES_0_1 + 4, "kp_limits");
static_assert(offsetof(kp_limits, struct_bytes) == 0, "kp_limits");
static_assert(offsetof(kp_limits, kernels) == 4, "kp_limits");
static_assert(offsetof(kp_limits, cache_words) == 8, "kp_limits");
static_assert(offsetof(kp_limits, lexicon_bytes) == LIMITS_BYTES_0_1, "kp_limits");

static_assert(sizeof(kp_fault) == 2 * POINTER, "kp_fault");
static_assert(offsetof(kp_fault, text) == 0, "kp_fault");
static_assert(offsetof(kp_fault, position) == POINTER, "kp_fault");

static_assert(sizeof(kp_span) == 52, "kp_span");
static_assert(offsetof(kp_span, next_at) == 0, "kp_span");
static_assert(offsetof(kp_span, kind) == 4, "kp_span");
static_assert(offsetof(kp_span, source) == 8, "kp_span");
static_assert(offsetof(kp_span, text_start) == 12, "kp_span");
static_assert(offsetof(kp_span, text_end) == 16, "kp_span");
static_assert(offsetof(kp_span, language_at) == 20, "kp_span");
static_assert(offsetof(kp_span, language_bytes) == 24, "kp_span");
static_assert(offsetof(kp_span, output_at) == 28, "kp_span");
static_assert(offsetof(kp_span, output_bytes) == 32, "kp_span");
static_assert(offsetof(kp_span, phonemes_at) == 36, "kp_span");
static_assert(offsetof(kp_span, phoneme_count) == 40, "kp_span");
static_assert(offsetof(kp_span, spoken_at) == 44, "kp_span");
static_assert(offsetof(kp_span, spoken_bytes) == 48, "kp_span");

static_assert(sizeof(kp_phoneme) == 20, "kp_phoneme");
static_assert(offsetof(kp_phoneme, stress) == 0, "kp_phoneme");
static_assert(offsetof(kp_phoneme, spelling_at) == 4, "kp_phoneme");
static_assert(offsetof(kp_phoneme, spelling_bytes) == 8, "kp_phoneme");
static_assert(offsetof(kp_phoneme, text_start) == 12, "kp_phoneme");
static_assert(offsetof(kp_phoneme, text_end) == 16, "kp_phoneme");

static_assert(sizeof(kp_alternative) == 20, "kp_alternative");
static_assert(offsetof(kp_alternative, next_at) == 0, "kp_alternative");
static_assert(offsetof(kp_alternative, source) == 4, "kp_alternative");
static_assert(offsetof(kp_alternative, log_probability) == 8, "kp_alternative");
static_assert(offsetof(kp_alternative, output_at) == 12, "kp_alternative");
static_assert(offsetof(kp_alternative, output_bytes) == 16, "kp_alternative");

static_assert(sizeof(kp_rank) == 8, "kp_rank");
static_assert(offsetof(kp_rank, rank) == 0 && offsetof(kp_rank, lead) == 4, "kp_rank");

static_assert(sizeof(kp_status) == 4, "kp_status");
static_assert(KP_OK == 0 && KP_OUT_OF_SPACE == 1 && KP_INVALID_UTF8 == 2, "kp_status");
static_assert(KP_UNKNOWN_CHARACTER == 3 && KP_UNKNOWN_LANGUAGE == 4, "kp_status");
static_assert(KP_UNSUPPORTED_FORMAT == 5 && KP_INVALID_ARGUMENT == 6, "kp_status");
static_assert(KP_OUT_OF_MEMORY == 7 && KP_LIMIT_EXCEEDED == 8, "kp_status");
static_assert(KP_PACK_TRUNCATED == 9 && KP_PACK_CORRUPT == 10 && KP_PACK_NEWER == 11, "kp_status");
static_assert(KP_PACK_LANGUAGE == 12 && KP_UNSUPPORTED_KERNELS == 13, "kp_status");
static_assert(KP_INVALID_SPELLING == 14 && KP_INVALID_LEXICON == 15, "kp_status");
static_assert(KP_FORMAT_IPA == 0 && KP_FORMAT_ARPABET == 1 && KP_FORMAT_XSAMPA == 2, "kp_format");
static_assert(KP_FORMAT_ESPEAK == 3 && KP_FORMAT_KOKORO == 4, "kp_format");
static_assert(KP_FORMAT_HANGUL == 5 && KP_FORMAT_JAMO == 6, "kp_format");
static_assert(KP_CHOICE_DEFAULT == 0 && KP_CHOICE_OFF == 1 && KP_CHOICE_ON == 2, "kp_choice");
static_assert(KP_STRESS_SYLLABLE == 0 && KP_STRESS_VOWEL == 1 && KP_STRESS_NONE == 2, "kp_stress");
static_assert(KP_PUNCTUATION_KEEP == 0 && KP_PUNCTUATION_DROP == 1, "kp_punctuation");
static_assert(KP_UNKNOWN_KEEP == 0 && KP_UNKNOWN_DROP == 1 && KP_UNKNOWN_ERROR == 2, "kp_unknown");
static_assert(KP_KERNELS_BEST == 0 && KP_KERNELS_PORTABLE == 1, "kp_kernels");
static_assert(KP_KERNELS_X86_64_V2 == 2 && KP_KERNELS_X86_64_V3 == 3, "kp_kernels");
static_assert(KP_SPAN_WORD == 0 && KP_SPAN_NUMBER == 1 && KP_SPAN_PUNCTUATION == 2, "kp_span_kind");
static_assert(KP_SPAN_SPACE == 3 && KP_SPAN_OTHER == 4, "kp_span_kind");
static_assert(KP_SOURCE_NONE == 0 && KP_SOURCE_MODEL == 1, "kp_source");
static_assert(KP_SOURCE_CORRECTION == 2 && KP_SOURCE_USER == 3, "kp_source");
static_assert(KP_SOURCE_RULE == 4, "kp_source");
static_assert(KP_ALTERNATIVES_MAX == 16, "KP_ALTERNATIVES_MAX");
static_assert(KP_CACHE_OFF == UINT32_MAX, "KP_CACHE_OFF");

/* ---- Help */

static kp_transcriber *open_or_exit(const kp_limits *limits) {
  kp_transcriber *transcriber = NULL;
  kp_status status = kp_open(NULL, NULL, 0, limits, &transcriber);
  if (status != KP_OK || transcriber == NULL) {
    fprintf(stderr, "kp_open: %s\n", kp_status_message(status));
    exit(EXIT_FAILURE);
  }
  return transcriber;
}

static kp_options default_options(void) {
  kp_options options;
  memset(&options, 0, sizeof options);
  options.struct_bytes = sizeof options;
  return options;
}

static kp_limits default_limits(void) {
  kp_limits limits;
  memset(&limits, 0, sizeof limits);
  limits.struct_bytes = sizeof limits;
  return limits;
}

static kp_status transcribe(kp_transcriber *transcriber, const char *text,
                            const kp_options *options) {
  static char out[4096];
  size_t bytes;
  return kp_transcribe(transcriber, text, strlen(text), options, out, sizeof out, &bytes);
}

/* Whether a text has the same answer with two options. */
static int is_same(kp_transcriber *transcriber, const char *text, const kp_options *a,
                   const kp_options *b) {
  static char outs[2][4096];
  size_t bytes[2];
  const kp_options *const options[2] = {a, b};
  for (int i = 0; i < 2; i++)
    CHECK_EQUAL(kp_transcribe(transcriber, text, strlen(text), options[i], outs[i], sizeof outs[i],
                              &bytes[i]),
                KP_OK);
  return bytes[0] == bytes[1] && memcmp(outs[0], outs[1], bytes[0]) == 0;
}

#define check_same(t, text, a, b) CHECK(is_same(t, text, a, b))
#define check_other(t, text, a, b) CHECK(!is_same(t, text, a, b))

static void check_fault(kp_transcriber *transcriber, size_t text, size_t position) {
  kp_fault fault = {77, 77};
  kp_last_fault(transcriber, &fault);
  CHECK_EQUAL(fault.text, text);
  CHECK_EQUAL(fault.position, position);
}

/*
 * Memory whose last byte stands before a page that cannot be touched: a read or write beyond the
 * end stops the program. The core is not instrumented by AddressSanitizer; this shows the same.
 */
typedef struct guarded {
  char *map;
  size_t map_bytes;
  size_t page;
} guarded;

static guarded guard(size_t bytes) {
  guarded g;
  g.page = (size_t)sysconf(_SC_PAGESIZE);
  g.map_bytes = (bytes / g.page + 2) * g.page;
  g.map =
      (char *)mmap(NULL, g.map_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (g.map == (char *)MAP_FAILED ||
      mprotect(g.map + g.map_bytes - g.page, g.page, PROT_NONE) != 0) {
    perror("mmap");
    exit(EXIT_FAILURE);
  }
  return g;
}

/* The last `bytes` bytes before the guard. */
static char *last(guarded g, size_t bytes) { return g.map + g.map_bytes - g.page - bytes; }

static void unguard(guarded g) { munmap(g.map, g.map_bytes); }

/* ---- Tests */

static void test_version_and_messages(const char *version) {
  int last_status = KP_INVALID_LEXICON;
  const char *unknown = kp_status_message((kp_status)(last_status + 1));
  CHECK(strcmp(kp_version(), version) == 0);
  for (int status = 0; status <= last_status; status++) {
    const char *message = kp_status_message((kp_status)status);
    CHECK(message != NULL && strlen(message) > 5 && strcmp(message, unknown) != 0);
    for (int other = 0; other < status; other++)
      CHECK(strcmp(message, kp_status_message((kp_status)other)) != 0);
  }
  CHECK(strlen(unknown) > 5);
#ifndef __cplusplus /* where an enumeration cannot hold other numbers */
  CHECK(strcmp(kp_status_message((kp_status)-1), unknown) == 0);
  CHECK(strcmp(kp_status_message((kp_status)INT32_MAX), unknown) == 0);
#endif
}

static void test_open(const uint8_t *pack, size_t pack_bytes) {
  kp_transcriber *transcriber;
  uint8_t *copy = (uint8_t *)malloc(pack_bytes + 1);
  const uint8_t *packs[KP_PACKS_MAX + 1];
  size_t lens[KP_PACKS_MAX + 1];
  for (size_t i = 0; i <= KP_PACKS_MAX; i++) {
    packs[i] = pack;
    lens[i] = pack_bytes;
  }

  CHECK_EQUAL(kp_open(NULL, NULL, 0, NULL, NULL), KP_INVALID_ARGUMENT);
  kp_close(NULL);

  CHECK_EQUAL(kp_open(packs, lens, 1, NULL, &transcriber), KP_OK);
  CHECK_EQUAL(transcribe(transcriber, "hello", NULL), KP_OK);
  kp_close(transcriber);

#define REFUSED(status, packs, lens, count, limits)                                                \
  do {                                                                                             \
    transcriber = (kp_transcriber *)&failures;                                                     \
    CHECK_EQUAL(kp_open(packs, lens, count, limits, &transcriber), status);                        \
    CHECK(transcriber == NULL);                                                                    \
  } while (0)

  REFUSED(KP_INVALID_ARGUMENT, NULL, lens, 1, NULL);
  REFUSED(KP_INVALID_ARGUMENT, packs, NULL, 1, NULL);
  packs[0] = NULL;
  REFUSED(KP_INVALID_ARGUMENT, packs, lens, 1, NULL);
  packs[0] = pack;
  REFUSED(KP_PACK_LANGUAGE, packs, lens, 2, NULL);
  REFUSED(KP_PACK_LANGUAGE, packs, lens, KP_PACKS_MAX, NULL);
  REFUSED(KP_LIMIT_EXCEEDED, packs, lens, KP_PACKS_MAX + 1, NULL);
  REFUSED(KP_LIMIT_EXCEEDED, packs, lens, SIZE_MAX, NULL);

  memcpy(copy, pack, pack_bytes);
  copy[pack_bytes] = 0;
  packs[0] = copy;
  for (size_t bytes = 0; bytes < pack_bytes; bytes = 2 * bytes + 1) {
    lens[0] = bytes;
    transcriber = (kp_transcriber *)&failures;
    kp_status status = kp_open(packs, lens, 1, NULL, &transcriber);
    /* Without its magic it is no pack at all. */
    CHECK(status == KP_PACK_TRUNCATED || (bytes < 4 && status == KP_PACK_CORRUPT));
    CHECK(transcriber == NULL);
  }
  lens[0] = pack_bytes - 1;
  REFUSED(KP_PACK_TRUNCATED, packs, lens, 1, NULL);
  lens[0] = pack_bytes + 1;
  REFUSED(KP_PACK_CORRUPT, packs, lens, 1, NULL);
  lens[0] = pack_bytes;
  for (size_t at = 16; at < pack_bytes; at = 3 * at) {
    copy[at] ^= 1;
    REFUSED(KP_PACK_CORRUPT, packs, lens, 1, NULL);
    copy[at] ^= 1;
  }
  copy[0] ^= 1; /* the magic */
  REFUSED(KP_PACK_CORRUPT, packs, lens, 1, NULL);
  copy[0] ^= 1;
  copy[4]++; /* the version of the format */
  REFUSED(KP_PACK_NEWER, packs, lens, 1, NULL);
  copy[4]--;

  kp_limits limits = default_limits();
  limits.struct_bytes = 0;
  REFUSED(KP_INVALID_ARGUMENT, NULL, NULL, 0, &limits);
  limits.struct_bytes = LIMITS_BYTES_0_1 - 1;
  REFUSED(KP_INVALID_ARGUMENT, NULL, NULL, 0, &limits);
  limits.struct_bytes = sizeof limits + 4;
  REFUSED(KP_INVALID_ARGUMENT, NULL, NULL, 0, &limits);
  limits = default_limits();
  limits.kernels = KP_KERNELS_X86_64_V3 + 1;
  REFUSED(KP_INVALID_ARGUMENT, NULL, NULL, 0, &limits);
  limits.kernels = UINT32_MAX;
  REFUSED(KP_INVALID_ARGUMENT, NULL, NULL, 0, &limits);
  limits = default_limits();
  limits.cache_words = KP_CACHE_WORDS_MAX + 1;
  REFUSED(KP_LIMIT_EXCEEDED, NULL, NULL, 0, &limits);
  limits.cache_words = KP_CACHE_OFF - 1;
  REFUSED(KP_LIMIT_EXCEEDED, NULL, NULL, 0, &limits);
  limits = default_limits();
  limits.lexicon_bytes = KP_LEXICON_BYTES_MAX + 1;
  REFUSED(KP_LIMIT_EXCEEDED, NULL, NULL, 0, &limits);

  /* The struct of an earlier version ends before the lexicon: nothing behind it is read. */
  guarded old = guard(LIMITS_BYTES_0_1);
  kp_limits *small = (kp_limits *)(void *)last(old, LIMITS_BYTES_0_1);
  const uint32_t content[3] = {LIMITS_BYTES_0_1, KP_KERNELS_BEST, KP_CACHE_OFF};
  memcpy(small, content, LIMITS_BYTES_0_1);
  CHECK_EQUAL(kp_open(NULL, NULL, 0, small, &transcriber), KP_OK);
  kp_close(transcriber);
  unguard(old);

  limits = default_limits();
  const uint32_t sizes[] = {0, 1, 2, 3, KP_CACHE_WORDS_DEFAULT, KP_CACHE_WORDS_MAX, KP_CACHE_OFF};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    limits.cache_words = sizes[i];
    transcriber = open_or_exit(&limits);
    CHECK_EQUAL(transcribe(transcriber, "one two three, one two three", NULL), KP_OK);
    kp_close(transcriber);
  }
  free(copy);
}

static void test_out_of_memory(void) {
#ifndef SANITIZED /* a sanitizer wants more memory than any limit */
  struct rlimit before, low;
  kp_transcriber *transcriber = (kp_transcriber *)&failures;
  kp_limits limits = default_limits();
  limits.cache_words = KP_CACHE_WORDS_MAX;
  if (getrlimit(RLIMIT_AS, &before) != 0)
    return;
  low = before;
  low.rlim_cur = 1 << 20; /* less than is in use already: every allocation fails */
  if (setrlimit(RLIMIT_AS, &low) != 0)
    return;
  kp_status status = kp_open(NULL, NULL, 0, &limits, &transcriber);
  setrlimit(RLIMIT_AS, &before);
  CHECK_EQUAL(status, KP_OUT_OF_MEMORY);
  CHECK(transcriber == NULL);
#endif
}

static void test_kernels(void) {
  static float expected[65536], got[65536];
  size_t expected_floats, floats;
  kp_limits limits = default_limits();
  limits.kernels = KP_KERNELS_PORTABLE;
  kp_transcriber *transcriber = open_or_exit(&limits);
  CHECK_EQUAL(kp_word_logits(transcriber, "kilophone", 9, NULL, expected, 65536, &expected_floats),
              KP_OK);
  CHECK(expected_floats > 0);
  kp_close(transcriber);
  for (uint32_t kernels = KP_KERNELS_BEST; kernels <= KP_KERNELS_X86_64_V3; kernels++) {
    limits.kernels = kernels;
    transcriber = NULL;
    kp_status status = kp_open(NULL, NULL, 0, &limits, &transcriber);
    if (kernels >= KP_KERNELS_X86_64_V2 && status == KP_UNSUPPORTED_KERNELS) {
      CHECK(transcriber == NULL);
      continue;
    }
#ifndef __x86_64__
    CHECK(kernels < KP_KERNELS_X86_64_V2);
#endif
    CHECK_EQUAL(status, KP_OK);
    CHECK_EQUAL(kp_word_logits(transcriber, "kilophone", 9, NULL, got, 65536, &floats), KP_OK);
    CHECK_EQUAL(floats, expected_floats);
    CHECK(memcmp(got, expected, floats * sizeof *got) == 0);
    kp_close(transcriber);
  }
}

static void test_null_arguments(kp_transcriber *t) {
  char out[64];
  float logits[4];
  size_t bytes, ends[1];
  const char *texts[1] = {"a"};
  const char *no_text[1] = {NULL};
  const size_t lens[1] = {1};
  const size_t no_lens[1] = {0};
  uint32_t records[64];

#define INVALID(call)                                                                              \
  do {                                                                                             \
    bytes = 77;                                                                                    \
    CHECK_EQUAL(call, KP_INVALID_ARGUMENT);                                                        \
    CHECK_EQUAL(bytes, 0);                                                                         \
  } while (0)

  CHECK_EQUAL(kp_transcribe(NULL, "a", 1, NULL, out, 64, &bytes), KP_INVALID_ARGUMENT);
  CHECK_EQUAL(kp_transcribe(t, "a", 1, NULL, out, 64, NULL), KP_INVALID_ARGUMENT);
  INVALID(kp_transcribe(t, NULL, 1, NULL, out, 64, &bytes));
  INVALID(kp_transcribe(t, "a", 1, NULL, NULL, 64, &bytes));
  CHECK_EQUAL(kp_transcribe(t, NULL, 0, NULL, NULL, 0, &bytes), KP_OK);
  CHECK_EQUAL(bytes, 0);

  CHECK_EQUAL(kp_transcribe_many(NULL, texts, lens, 1, NULL, out, 64, ends, &bytes),
              KP_INVALID_ARGUMENT);
  CHECK_EQUAL(kp_transcribe_many(t, texts, lens, 1, NULL, out, 64, ends, NULL),
              KP_INVALID_ARGUMENT);
  INVALID(kp_transcribe_many(t, NULL, lens, 1, NULL, out, 64, ends, &bytes));
  INVALID(kp_transcribe_many(t, texts, NULL, 1, NULL, out, 64, ends, &bytes));
  INVALID(kp_transcribe_many(t, no_text, lens, 1, NULL, out, 64, ends, &bytes));
  INVALID(kp_transcribe_many(t, texts, lens, 1, NULL, NULL, 64, ends, &bytes));
  INVALID(kp_transcribe_many(t, texts, lens, 1, NULL, out, 64, NULL, &bytes));
  CHECK_EQUAL(kp_transcribe_many(t, NULL, NULL, 0, NULL, NULL, 0, NULL, &bytes), KP_OK);
  CHECK_EQUAL(bytes, 0);
  CHECK_EQUAL(kp_transcribe_many(t, no_text, no_lens, 1, NULL, NULL, 0, ends, &bytes), KP_OK);
  CHECK_EQUAL(ends[0], 0);

  CHECK_EQUAL(kp_analyze(NULL, "a", 1, NULL, records, sizeof records, &bytes), KP_INVALID_ARGUMENT);
  CHECK_EQUAL(kp_analyze(t, "a", 1, NULL, records, sizeof records, NULL), KP_INVALID_ARGUMENT);
  INVALID(kp_analyze(t, NULL, 1, NULL, records, sizeof records, &bytes));
  INVALID(kp_analyze(t, "a", 1, NULL, NULL, sizeof records, &bytes));
  INVALID(kp_analyze(t, "a", 1, NULL, (char *)records + 1, sizeof records - 1, &bytes));
  INVALID(kp_analyze(t, "a", 1, NULL, (char *)records + 2, sizeof records - 2, &bytes));
  CHECK_EQUAL(kp_analyze(t, NULL, 0, NULL, NULL, 0, &bytes), KP_OK);
  CHECK_EQUAL(bytes, 0);

  CHECK_EQUAL(kp_normalize(NULL, "a", 1, NULL, out, 64, &bytes), KP_INVALID_ARGUMENT);
  CHECK_EQUAL(kp_normalize(t, "a", 1, NULL, out, 64, NULL), KP_INVALID_ARGUMENT);
  INVALID(kp_normalize(t, NULL, 1, NULL, out, 64, &bytes));
  INVALID(kp_normalize(t, "a", 1, NULL, NULL, 64, &bytes));
  CHECK_EQUAL(kp_normalize(t, NULL, 0, NULL, NULL, 0, &bytes), KP_OK);
  CHECK_EQUAL(bytes, 0);

  size_t consumed = 77;
  CHECK_EQUAL(kp_transcribe_part(NULL, "a", 1, 1, 1, NULL, out, 64, &bytes, &consumed),
              KP_INVALID_ARGUMENT);
  CHECK_EQUAL(kp_transcribe_part(t, "a", 1, 1, 1, NULL, out, 64, NULL, &consumed),
              KP_INVALID_ARGUMENT);
  CHECK_EQUAL(kp_transcribe_part(t, "a", 1, 1, 1, NULL, out, 64, &bytes, NULL),
              KP_INVALID_ARGUMENT);
  INVALID(kp_transcribe_part(t, NULL, 1, 1, 1, NULL, out, 64, &bytes, &consumed));
  CHECK_EQUAL(consumed, 0);
  INVALID(kp_transcribe_part(t, "a", 1, 1, 1, NULL, NULL, 64, &bytes, &consumed));
  CHECK_EQUAL(kp_transcribe_part(t, NULL, 0, 1, 1, NULL, NULL, 0, &bytes, &consumed), KP_OK);
  CHECK(bytes == 0 && consumed == 0);

  CHECK_EQUAL(kp_alternatives(NULL, "a", 1, 1, NULL, records, sizeof records, &bytes),
              KP_INVALID_ARGUMENT);
  CHECK_EQUAL(kp_alternatives(t, "a", 1, 1, NULL, records, sizeof records, NULL),
              KP_INVALID_ARGUMENT);
  INVALID(kp_alternatives(t, NULL, 1, 1, NULL, records, sizeof records, &bytes));
  INVALID(kp_alternatives(t, "a", 1, 1, NULL, NULL, sizeof records, &bytes));
  for (size_t at = 1; at < 4; at++)
    INVALID(kp_alternatives(t, "a", 1, 1, NULL, (char *)records + at, 64, &bytes));
  INVALID(kp_alternatives(t, "", 0, 1, NULL, records, sizeof records, &bytes));
  INVALID(kp_alternatives(t, "a b", 3, 1, NULL, records, sizeof records, &bytes));
  INVALID(kp_alternatives(t, "!", 1, 1, NULL, records, sizeof records, &bytes));

  CHECK_EQUAL(kp_lexicon_add(NULL, "a", 1, "b", 1, NULL), KP_INVALID_ARGUMENT);
  CHECK_EQUAL(kp_lexicon_add(t, NULL, 1, "b", 1, NULL), KP_INVALID_ARGUMENT);
  CHECK_EQUAL(kp_lexicon_add(t, "a", 1, NULL, 1, NULL), KP_INVALID_ARGUMENT);
  CHECK_EQUAL(kp_lexicon_add(t, "a b", 3, "b", 1, NULL), KP_INVALID_ARGUMENT);
  CHECK_EQUAL(kp_lexicon_add(t, NULL, 0, "b", 1, NULL), KP_INVALID_ARGUMENT);
  CHECK_EQUAL(kp_lexicon_load(NULL, "", 0, NULL, &bytes), KP_INVALID_ARGUMENT);
  CHECK_EQUAL(kp_lexicon_load(t, "", 0, NULL, NULL), KP_INVALID_ARGUMENT);
  INVALID(kp_lexicon_load(t, NULL, 1, NULL, &bytes));
  CHECK_EQUAL(kp_lexicon_load(t, NULL, 0, NULL, &bytes), KP_OK);
  CHECK_EQUAL(bytes, 0);
  kp_lexicon_clear(NULL);

  kp_rank ranks[4];
  CHECK_EQUAL(kp_word_ranks(NULL, "a", 1, "b", 1, NULL, ranks, 4, &bytes), KP_INVALID_ARGUMENT);
  CHECK_EQUAL(kp_word_ranks(t, "a", 1, "b", 1, NULL, ranks, 4, NULL), KP_INVALID_ARGUMENT);
  INVALID(kp_word_ranks(t, NULL, 1, "b", 1, NULL, ranks, 4, &bytes));
  INVALID(kp_word_ranks(t, "a", 1, NULL, 1, NULL, ranks, 4, &bytes));
  INVALID(kp_word_ranks(t, "a", 1, "b", 1, NULL, NULL, 4, &bytes));
  INVALID(kp_word_ranks(t, "a b", 3, "b", 1, NULL, ranks, 4, &bytes));

  CHECK_EQUAL(kp_word_logits(NULL, "a", 1, NULL, logits, 4, &bytes), KP_INVALID_ARGUMENT);
  CHECK_EQUAL(kp_word_logits(t, "a", 1, NULL, logits, 4, NULL), KP_INVALID_ARGUMENT);
  INVALID(kp_word_logits(t, NULL, 1, NULL, logits, 4, &bytes));
  INVALID(kp_word_logits(t, "a", 1, NULL, NULL, 4, &bytes));
  INVALID(kp_word_logits(t, "", 0, NULL, logits, 4, &bytes));
  INVALID(kp_word_logits(t, "a b", 3, NULL, logits, 4, &bytes));
  INVALID(kp_word_logits(t, ".", 1, NULL, logits, 4, &bytes));

  kp_fault fault = {77, 77};
  kp_last_fault(NULL, &fault);
  CHECK(fault.text == 0 && fault.position == 0);
  kp_last_fault(t, NULL);
}

static void test_options(kp_transcriber *t) {
  static const char separator[] =
      "0123456789012345678901234567890123456789012345678901234567890123";
  kp_options options = default_options();
  CHECK_EQUAL(transcribe(t, "hello", &options), KP_OK);
  options.struct_bytes = 0;
  CHECK_EQUAL(transcribe(t, "hello", &options), KP_INVALID_ARGUMENT);
  options.struct_bytes = sizeof options + 4;
  CHECK_EQUAL(transcribe(t, "hello", &options), KP_INVALID_ARGUMENT);
  options.struct_bytes = UINT32_MAX;
  CHECK_EQUAL(transcribe(t, "hello", &options), KP_INVALID_ARGUMENT);

  /* The struct of an earlier version: nothing behind it is read, and choices are the defaults. */
  guarded old = guard(OPTIONS_BYTES_0_1);
  kp_options *small = (kp_options *)(void *)last(old, OPTIONS_BYTES_0_1);
  memset(small, 0, OPTIONS_BYTES_0_1);
  small->struct_bytes = OPTIONS_BYTES_0_1;
  check_same(t, "5 kg", small, NULL);
  small->struct_bytes = OPTIONS_BYTES_0_1 - 1;
  CHECK_EQUAL(transcribe(t, "hello", small), KP_INVALID_ARGUMENT);
  unguard(old);

  /* Every enumeration: its last member is allowed, the number after that is not. */
  uint32_t *numbers[] = {&options.format,     &options.stress,     &options.punctuation,
                         &options.unknown,    &options.reserved,   &options.written,
                         &options.homographs, &options.weak_forms, &options.sandhi,
                         &options.narrow,     &options.overrides};
  const uint32_t largest[] = {KP_FORMAT_JAMO, KP_STRESS_NONE, KP_PUNCTUATION_DROP, KP_UNKNOWN_ERROR,
                              0,              KP_CHOICE_ON,   KP_CHOICE_ON,        KP_CHOICE_ON,
                              KP_CHOICE_ON,   KP_CHOICE_ON,   KP_CHOICE_ON};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    options = default_options();
    *numbers[i] = largest[i];
    /* The last format is for Korean. */
    CHECK_EQUAL(transcribe(t, "\xea\xb0\x80", &options), KP_OK);
    *numbers[i] = largest[i] + 1;
    CHECK_EQUAL(transcribe(t, "hello", &options), KP_INVALID_ARGUMENT);
    *numbers[i] = UINT32_MAX;
    CHECK_EQUAL(transcribe(t, "hello", &options), KP_INVALID_ARGUMENT);
  }

  static const char longer[KP_SEPARATOR_BYTES_MAX + 1] = {' '};
  const char **separators[] = {&options.separator, &options.syllable_separator,
                               &options.word_separator};
  size_t *separator_bytes[] = {&options.separator_bytes, &options.syllable_separator_bytes,
                               &options.word_separator_bytes};
  for (size_t i = 0; i < sizeof separators / sizeof *separators; i++) {
    options = default_options();
    *separators[i] = separator;
    *separator_bytes[i] = KP_SEPARATOR_BYTES_MAX;
    CHECK_EQUAL(transcribe(t, "hello", &options), KP_OK);
    *separators[i] = longer;
    *separator_bytes[i] = sizeof longer;
    CHECK_EQUAL(transcribe(t, "hello", &options), KP_LIMIT_EXCEEDED);
    *separators[i] = "\xff";
    *separator_bytes[i] = 1;
    CHECK_EQUAL(transcribe(t, "hello", &options), KP_INVALID_ARGUMENT);
  }

  options = default_options();
  options.language = "en-us";
  options.language_bytes = 5;
  CHECK_EQUAL(transcribe(t, "hello", &options), KP_OK);
  const char *const none[] = {"", "en", "en-u", "EN-US", "xx", "en-us "};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
    options.language = none[i];
    options.language_bytes = strlen(none[i]);
    CHECK_EQUAL(transcribe(t, "hello", &options), KP_UNKNOWN_LANGUAGE);
  }
}

/* Each choice changes what it is about, and is by default what the header says. */
static void test_choices(kp_transcriber *t) {
  kp_options options = default_options();
  uint32_t *const choices[] = {&options.written, &options.weak_forms, &options.sandhi,
                               &options.narrow, &options.overrides};
  const char *const about[] = {"5 kg", "the cat", "\xea\xb5\xad \xeb\xac\xbc", /* 국 물 */
                               "\xec\x95\x84\xea\xb0\x80",                 /* 아가 */
                               "[cat](/d\xc9\x94\xc9\xa1/)"};
  const int is_on[] = {1, 1, 1, 0, 0};
  for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
    for (uint32_t choice = KP_CHOICE_OFF; choice <= KP_CHOICE_ON; choice++) {
      options = default_options();
      *choices[i] = choice;
      if ((choice == KP_CHOICE_ON) == is_on[i])
        check_same(t, about[i], &options, NULL);
      else
        check_other(t, about[i], &options, NULL);
    }
  }
}

static void test_faults(kp_transcriber *t) {
  char out[256];
  size_t bytes, ends[3];
  uint32_t records[256];
  kp_options options = default_options();

  bytes = 77;
  CHECK_EQUAL(kp_transcribe(t, "hello \xff", 7, NULL, out, 256, &bytes), KP_INVALID_UTF8);
  CHECK_EQUAL(bytes, 0);
  check_fault(t, 0, 6);
  CHECK_EQUAL(transcribe(t, "hello", NULL), KP_OK);
  check_fault(t, 0, 0);
  /* Cut off, overlong, surrogate, beyond U+10FFFF, a lone continuation byte. */
  const char *const bad[] = {"ab\xe2\x82", "ab\xc0\x80", "ab\xed\xa0\x80", "ab\xf4\x90\x80\x80",
                             "ab\x80"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    CHECK_EQUAL(transcribe(t, bad[i], NULL), KP_INVALID_UTF8);
    check_fault(t, 0, 2);
  }

  options.unknown = KP_UNKNOWN_ERROR;
  CHECK_EQUAL(transcribe(t, "hi \xd0\xb6", &options), KP_UNKNOWN_CHARACTER); /* Cyrillic */
  check_fault(t, 0, 3);
  options = default_options();
  options.format = KP_FORMAT_ARPABET;
  CHECK_EQUAL(transcribe(t, "hi, \xea\xb0\x80", &options), KP_UNSUPPORTED_FORMAT); /* Hangul */
  check_fault(t, 0, 4);
  options.format = KP_FORMAT_HANGUL;
  CHECK_EQUAL(transcribe(t, "\xea\xb0\x80, hi", &options), KP_UNSUPPORTED_FORMAT);
  check_fault(t, 0, 5);
  options = default_options();
  options.overrides = KP_CHOICE_ON;
  CHECK_EQUAL(transcribe(t, "an [ox](/k?t/)", &options), KP_INVALID_SPELLING);
  check_fault(t, 0, 10);

  const char *const texts[3] = {"one", "", "two \xc3("};
  const size_t lens[3] = {3, 0, 6};
  CHECK_EQUAL(kp_transcribe_many(t, texts, lens, 3, NULL, out, 256, ends, &bytes), KP_INVALID_UTF8);
  check_fault(t, 2, 4);
  CHECK_EQUAL(kp_analyze(t, texts[2], 6, NULL, records, sizeof records, &bytes), KP_INVALID_UTF8);
  check_fault(t, 0, 4);
}

static void test_sizes(kp_transcriber *t) {
  static const char text[] = "Hello, \xec\x84\xb8\xea\xb3\x84! It is 5 o'clock \xd0\xb6.";
  const size_t text_bytes = sizeof text - 1;
  char expected[256];
  size_t needed, bytes;
  CHECK_EQUAL(kp_transcribe(t, text, text_bytes, NULL, NULL, 0, &needed), KP_OUT_OF_SPACE);
  CHECK(needed > 0 && needed <= sizeof expected);
  CHECK_EQUAL(kp_transcribe(t, text, text_bytes, NULL, expected, sizeof expected, &bytes), KP_OK);
  CHECK_EQUAL(bytes, needed);

  guarded in = guard(text_bytes), out = guard(needed);
  char *input = last(in, text_bytes);
  memcpy(input, text, text_bytes);
  for (size_t capacity = 0; capacity <= needed; capacity++) {
    char *to = last(out, capacity);
    CHECK_EQUAL(kp_transcribe(t, input, text_bytes, NULL, to, capacity, &bytes),
                capacity < needed ? KP_OUT_OF_SPACE : KP_OK);
    CHECK_EQUAL(bytes, needed);
    if (capacity == needed)
      CHECK(memcmp(to, expected, needed) == 0);
  }

  /* Three texts: the whole, nothing, its first half. */
  const char *const texts[3] = {input, NULL, input};
  const size_t lens[3] = {text_bytes, 0, 7};
  size_t ends[3], many;
  CHECK_EQUAL(kp_transcribe_many(t, texts, lens, 3, NULL, NULL, 0, ends, &many), KP_OUT_OF_SPACE);
  guarded all = guard(many);
  for (size_t capacity = 0; capacity <= many; capacity++) {
    char *to = last(all, capacity);
    CHECK_EQUAL(kp_transcribe_many(t, texts, lens, 3, NULL, to, capacity, ends, &bytes),
                capacity < many ? KP_OUT_OF_SPACE : KP_OK);
    CHECK_EQUAL(bytes, many);
    if (capacity == many)
      CHECK(memcmp(to, expected, needed) == 0 && memcmp(to + needed, expected, many - needed) == 0);
  }
  CHECK_EQUAL(ends[0], needed);
  CHECK_EQUAL(ends[1], needed);
  CHECK_EQUAL(ends[2], many);

  static float logits[65536];
  CHECK_EQUAL(kp_word_logits(t, "hello", 5, NULL, NULL, 0, &needed), KP_OUT_OF_SPACE);
  CHECK_EQUAL(kp_word_logits(t, "hello", 5, NULL, logits, needed - 1, &bytes), KP_OUT_OF_SPACE);
  CHECK_EQUAL(bytes, needed);
  CHECK_EQUAL(kp_word_logits(t, "hello", 5, NULL, logits, needed, &bytes), KP_OK);
  CHECK_EQUAL(bytes, needed);
  unguard(in);
  unguard(out);
  unguard(all);
}

/* Every record, string and byte of the text is where the header says. */
static void check_records(const char *buffer, size_t bytes, size_t text_bytes, const char *output,
                          size_t output_bytes, const char *spoken, size_t spoken_bytes) {
  size_t at = 0, text_at = 0, form_start = 0, output_at = 0, spoken_at = 0;
  while (at < bytes) {
    kp_span span;
    CHECK(at % 4 == 0 && at + sizeof span <= bytes);
    memcpy(&span, buffer + at, sizeof span);
    CHECK(span.next_at > at && span.next_at <= bytes);
    CHECK(span.kind <= KP_SPAN_OTHER && span.source <= KP_SOURCE_RULE);
    CHECK((span.kind == KP_SPAN_WORD) == (span.source != KP_SOURCE_NONE));
    CHECK(span.text_end > span.text_start);
    if (span.text_start != text_at) { /* another word of the same written form */
      CHECK(span.kind == KP_SPAN_WORD && span.text_start == form_start && span.text_end == text_at);
      CHECK(spoken[spoken_at++] == ' ');
    }
    form_start = span.text_start;
    text_at = span.text_end;
    CHECK(span.spoken_bytes > 0 && span.spoken_at + span.spoken_bytes <= span.next_at);
    CHECK(spoken_at + span.spoken_bytes <= spoken_bytes);
    CHECK(memcmp(spoken + spoken_at, buffer + span.spoken_at, span.spoken_bytes) == 0);
    spoken_at += span.spoken_bytes;
    CHECK((span.language_bytes > 0) == (span.kind == KP_SPAN_WORD));
    CHECK(span.language_at + span.language_bytes <= span.next_at);
    CHECK(span.output_at + span.output_bytes <= span.next_at);
    CHECK(output_at + span.output_bytes <= output_bytes);
    CHECK(memcmp(output + output_at, buffer + span.output_at, span.output_bytes) == 0);
    output_at += span.output_bytes;
    CHECK(span.phonemes_at == at + sizeof span);
    CHECK(span.phonemes_at + span.phoneme_count * sizeof(kp_phoneme) <= span.next_at);
    for (uint32_t i = 0; i < span.phoneme_count; i++) {
      kp_phoneme phoneme;
      memcpy(&phoneme, buffer + span.phonemes_at + i * sizeof phoneme, sizeof phoneme);
      CHECK(phoneme.stress <= 2 && phoneme.spelling_bytes > 0);
      CHECK(phoneme.spelling_at + phoneme.spelling_bytes <= span.next_at);
      CHECK(phoneme.text_start >= span.text_start && phoneme.text_end <= span.text_end);
      CHECK(phoneme.text_start < phoneme.text_end);
    }
    at = span.next_at;
  }
  CHECK_EQUAL(at, bytes);
  CHECK_EQUAL(text_at, text_bytes);
  CHECK_EQUAL(output_at, output_bytes);
  CHECK_EQUAL(spoken_at, spoken_bytes);
}

static void test_analyze(kp_transcriber *t) {
  static const char text[] = "Hello, \xec\x84\xb8\xea\xb3\x84! It's 25 kg \xd0\xb6\n";
  const size_t text_bytes = sizeof text - 1;
  char output[256], spoken[256];
  size_t needed, bytes, output_bytes, spoken_bytes;
  CHECK_EQUAL(kp_transcribe(t, text, text_bytes, NULL, output, sizeof output, &output_bytes),
              KP_OK);
  CHECK_EQUAL(kp_normalize(t, text, text_bytes, NULL, spoken, sizeof spoken, &spoken_bytes), KP_OK);
  CHECK_EQUAL(kp_analyze(t, text, text_bytes, NULL, NULL, 0, &needed), KP_OUT_OF_SPACE);
  CHECK(needed % 4 == 0);
  guarded out = guard(needed);
  for (size_t capacity = 0; capacity <= needed; capacity += 4) {
    CHECK_EQUAL(kp_analyze(t, text, text_bytes, NULL, last(out, capacity), capacity, &bytes),
                capacity < needed ? KP_OUT_OF_SPACE : KP_OK);
    CHECK_EQUAL(bytes, needed);
  }
  check_records(last(out, needed), needed, text_bytes, output, output_bytes, spoken, spoken_bytes);
  unguard(out);

  if (sizeof(size_t) > 4) { /* 4 GiB that nobody touches */
    const size_t huge = (size_t)1 << 31 << 1;
    void *map = mmap(NULL, huge, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED)
      return;
    CHECK_EQUAL(kp_analyze(t, (const char *)map, huge, NULL, NULL, 0, &bytes), KP_LIMIT_EXCEEDED);
    munmap(map, huge);
  }
}

static void test_normalize(kp_transcriber *t) {
  static const char text[] = "It is 5 kg.", expected[] = "It is five kilograms.";
  const size_t text_bytes = sizeof text - 1, needed = sizeof expected - 1;
  guarded out = guard(needed);
  for (size_t capacity = 0; capacity <= needed; capacity++) {
    size_t bytes;
    CHECK_EQUAL(kp_normalize(t, text, text_bytes, NULL, last(out, capacity), capacity, &bytes),
                capacity < needed ? KP_OUT_OF_SPACE : KP_OK);
    CHECK_EQUAL(bytes, needed);
  }
  CHECK(memcmp(last(out, needed), expected, needed) == 0);
  kp_options options = default_options();
  options.written = KP_CHOICE_OFF;
  size_t bytes;
  CHECK_EQUAL(kp_normalize(t, text, text_bytes, &options, last(out, needed), needed, &bytes),
              KP_OK);
  CHECK(bytes == text_bytes && memcmp(last(out, needed), text, text_bytes) == 0);
  CHECK_EQUAL(kp_normalize(t, "ab\xff", 3, NULL, NULL, 0, &bytes), KP_INVALID_UTF8);
  check_fault(t, 0, 2);
  unguard(out);
}

/* A text of several blocks, and one block that no white space parts. */
#define LONG_BYTES ((size_t)6000)

static void fill_long(char *text) {
  static const char sentence[] = "It is 5 o'clock, \xec\x98\xb7\xec\x9d\x84 the cats read.\n\n";
  const size_t length = sizeof sentence - 1;
  memset(text, 'x', LONG_BYTES);
  for (size_t at = 0; at + length < LONG_BYTES / 2; at += length)
    memcpy(text + at, sentence, length);
}

/* Gives a text in parts of a length; returns the bytes of the joined outputs. */
static size_t transcribe_parts(kp_transcriber *t, const char *text, size_t length,
                               const kp_options *options, char *out, size_t capacity) {
  size_t start = 0, end = 0, written = 0;
  uint32_t is_first = 1;
  while (end < LONG_BYTES) {
    size_t needed, bytes, consumed = 77;
    end = LONG_BYTES - end < length ? LONG_BYTES : end + length;
    const uint32_t is_last = end == LONG_BYTES;
    kp_status status = kp_transcribe_part(t, text + start, end - start, is_first, is_last, options,
                                          NULL, 0, &needed, &consumed);
    if (status == KP_OUT_OF_SPACE) {
      CHECK_EQUAL(consumed, 0);
      CHECK(written + needed <= capacity);
      /* Another call in between does not disturb it, and a failed one has changed nothing. */
      CHECK_EQUAL(transcribe(t, "something else", NULL), KP_OK);
      status = kp_transcribe_part(t, text + start, end - start, is_first, is_last, options,
                                  out + written, needed, &bytes, &consumed);
      CHECK_EQUAL(bytes, needed);
      written += bytes;
    }
    CHECK_EQUAL(status, KP_OK);
    CHECK(consumed <= end - start && end - start - consumed < 2200);
    start += consumed;
    is_first = 0;
  }
  CHECK_EQUAL(start, LONG_BYTES);
  return written;
}

static void test_parts(kp_transcriber *t) {
  static char text[LONG_BYTES], expected[8 * LONG_BYTES], got[8 * LONG_BYTES];
  const size_t lengths[] = {1, 7, 1000, 1024, 1500, LONG_BYTES};
  kp_options options[4] = {default_options(), default_options(), default_options(),
                           default_options()};
  options[1].separator = "|";
  options[1].separator_bytes = 1;
  options[2].separator = " ";
  options[2].separator_bytes = 1;
  options[2].punctuation = KP_PUNCTUATION_DROP;
  options[3].word_separator = " # ";
  options[3].word_separator_bytes = 3;
  fill_long(text);
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    size_t bytes;
    CHECK_EQUAL(kp_transcribe(t, text, LONG_BYTES, &options[i], expected, sizeof expected, &bytes),
                KP_OK);
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
      CHECK_EQUAL(transcribe_parts(t, text, lengths[l], &options[i], got, sizeof got), bytes);
      CHECK(memcmp(got, expected, bytes) == 0);
    }
  }

  /* Positions count from the beginning of the text; a character may come in two parts. */
  size_t bytes, consumed;
  CHECK_EQUAL(kp_transcribe_part(t, text, 3000, 1, 0, NULL, got, sizeof got, &bytes, &consumed),
              KP_OK);
  CHECK(consumed > 0 && consumed < 3000);
  CHECK_EQUAL(kp_transcribe_part(t, "abc\xff", 4, 0, 1, NULL, got, sizeof got, &bytes, &bytes),
              KP_INVALID_UTF8);
  check_fault(t, 0, consumed + 3);
  CHECK_EQUAL(kp_transcribe_part(t, "\xec\x95", 2, 1, 0, NULL, got, sizeof got, &bytes, &consumed),
              KP_OK);
  CHECK(bytes == 0 && consumed == 0);
  CHECK_EQUAL(kp_transcribe_part(t, "\xec\x95\x88", 3, 0, 1, NULL, got, sizeof got, &bytes,
                                 &consumed),
              KP_OK);
  CHECK(bytes > 0 && consumed == 3);
  CHECK_EQUAL(kp_transcribe_part(t, "\xec\x95", 2, 1, 1, NULL, got, sizeof got, &bytes, &consumed),
              KP_INVALID_UTF8);
  check_fault(t, 0, 0);
}

static void test_alternatives(kp_transcriber *t) {
  uint32_t records[2048];
  char best[64];
  size_t needed, bytes, best_bytes, at = 0, count = 0;
  float before = 0;
  CHECK_EQUAL(kp_alternatives(t, "read", 4, 0, NULL, records, sizeof records, &bytes),
              KP_INVALID_ARGUMENT);
  CHECK_EQUAL(kp_alternatives(t, "read", 4, KP_ALTERNATIVES_MAX + 1, NULL, records, sizeof records,
                              &bytes),
              KP_LIMIT_EXCEEDED);
  CHECK_EQUAL(kp_alternatives(t, "read", 4, SIZE_MAX, NULL, records, sizeof records, &bytes),
              KP_LIMIT_EXCEEDED);
  kp_options options = default_options();
  options.format = KP_FORMAT_HANGUL;
  CHECK_EQUAL(kp_alternatives(t, "read", 4, 1, &options, records, sizeof records, &bytes),
              KP_UNSUPPORTED_FORMAT);

  CHECK_EQUAL(kp_alternatives(t, "kilophone", 9, KP_ALTERNATIVES_MAX, NULL, NULL, 0, &needed),
              KP_OUT_OF_SPACE);
  CHECK(needed > 0 && needed % 4 == 0 && needed <= sizeof records);
  guarded out = guard(needed);
  CHECK_EQUAL(kp_alternatives(t, "kilophone", 9, KP_ALTERNATIVES_MAX, NULL, last(out, needed - 4),
                              needed - 4, &bytes),
              KP_OUT_OF_SPACE);
  CHECK_EQUAL(bytes, needed);
  CHECK_EQUAL(kp_alternatives(t, "kilophone", 9, KP_ALTERNATIVES_MAX, NULL, last(out, needed),
                              needed, &bytes),
              KP_OK);
  CHECK_EQUAL(bytes, needed);
  const char *const buffer = last(out, needed);
  CHECK_EQUAL(kp_transcribe(t, "kilophone", 9, NULL, best, sizeof best, &best_bytes), KP_OK);
  while (at < needed) {
    kp_alternative found;
    CHECK(at % 4 == 0 && at + sizeof found <= needed);
    memcpy(&found, buffer + at, sizeof found);
    CHECK(found.next_at > at && found.next_at <= needed);
    CHECK(found.source == KP_SOURCE_MODEL || (at == 0 && found.source == KP_SOURCE_CORRECTION));
    CHECK(found.output_at + found.output_bytes <= found.next_at);
    CHECK(found.log_probability <= 0 && (count < 2 || found.log_probability <= before));
    before = found.log_probability;
    count++;
    at = found.next_at;
  }
  CHECK_EQUAL(at, needed);
  CHECK(count > 1 && count <= KP_ALTERNATIVES_MAX);

  /* Few are the first of many. */
  CHECK_EQUAL(kp_alternatives(t, "kilophone", 9, 1, NULL, records, sizeof records, &bytes), KP_OK);
  CHECK(bytes < needed && memcmp(records, buffer, bytes) == 0);
  unguard(out);
}

/* The answer for a text, against that for another or the same before. */
static void check_output(kp_transcriber *t, const char *text, const kp_options *options,
                         const char *expected) {
  char out[256];
  size_t bytes;
  CHECK_EQUAL(kp_transcribe(t, text, strlen(text), options, out, sizeof out, &bytes), KP_OK);
  CHECK(bytes == strlen(expected) && memcmp(out, expected, bytes) == 0);
}

static kp_status add(kp_transcriber *t, const char *word, const char *spelling,
                     const kp_options *options) {
  return kp_lexicon_add(t, word, strlen(word), spelling, strlen(spelling), options);
}

static void test_lexicon(void) {
  kp_limits limits = default_limits();
  limits.lexicon_bytes = 256;
  kp_transcriber *t = open_or_exit(&limits);
  kp_options options = default_options(), arpabet = default_options();
  arpabet.format = KP_FORMAT_ARPABET;
  char before[64];
  size_t bytes, count;
  CHECK_EQUAL(kp_transcribe(t, "zyxt", 4, NULL, before, sizeof before - 1, &bytes), KP_OK);
  before[bytes] = '\0';

  CHECK_EQUAL(add(t, "Zyxt", "k\xc9\x94t", NULL), KP_OK); /* kɔt */
  check_output(t, "zyxt Zyxt", &options, "k\xc9\x94t k\xc9\x94t");
  CHECK_EQUAL(add(t, "zyxt", "K AE1 T", &arpabet), KP_OK);
  check_output(t, "zyxt", &arpabet, "K AE1 T");
  uint32_t records[256];
  CHECK_EQUAL(kp_analyze(t, "zyxt", 4, NULL, records, sizeof records, &bytes), KP_OK);
  kp_span span;
  memcpy(&span, records, sizeof span);
  CHECK_EQUAL(span.source, KP_SOURCE_USER);
  /* Each transcriber has its own. */
  kp_transcriber *other = open_or_exit(NULL);
  check_output(other, "zyxt", NULL, before);
  kp_close(other);

  /* Faults say where, and leave what was there. */
  CHECK_EQUAL(add(t, "zyxt", "k\xc9\x94?", NULL), KP_INVALID_SPELLING);
  check_fault(t, 0, 3);
  CHECK_EQUAL(add(t, "zyxt", "", NULL), KP_INVALID_SPELLING);
  check_fault(t, 0, 0);
  CHECK_EQUAL(add(t, "zyxt", "K AE1 ?", &arpabet), KP_INVALID_SPELLING);
  check_fault(t, 0, 6);
  CHECK_EQUAL(add(t, "zyxt", "\xff", NULL), KP_INVALID_SPELLING);
  CHECK_EQUAL(add(t, "zy\xff", "k", NULL), KP_INVALID_UTF8);
  CHECK_EQUAL(add(t, "\xea\xb0\x80", "K AE1 T", &arpabet), KP_UNSUPPORTED_FORMAT);
  options.format = KP_FORMAT_HANGUL;
  CHECK_EQUAL(add(t, "\xea\xb0\x80", "\xea\xb0\x80", &options), KP_UNSUPPORTED_FORMAT);
  options = default_options();
  options.language = "xx";
  options.language_bytes = 2;
  CHECK_EQUAL(add(t, "zyxt", "k", &options), KP_UNKNOWN_LANGUAGE);
  check_output(t, "zyxt", &arpabet, "K AE1 T");

  static const char lines[] = "# mine\r\n"
                              "zyxt\tk\xc9\x94\r\n"
                              "\n"
                              "xyzt\tK AO1\ten-us\tarpabet\n"
                              "\xea\xb0\x80\tka\tko";
  CHECK_EQUAL(kp_lexicon_load(t, lines, sizeof lines - 1, NULL, &count), KP_OK);
  CHECK_EQUAL(count, 3);
  check_output(t, "zyxt", NULL, "k\xc9\x94");
  check_output(t, "xyzt", &arpabet, "K AO1");
  check_output(t, "\xea\xb0\x80", NULL, "ka");

  static const struct {
    const char *lines;
    kp_status status;
    size_t position;
  } faults[] = {
      {"zyxt", KP_INVALID_LEXICON, 4},
      {"a b\tk", KP_INVALID_ARGUMENT, 0},
      {"zyxt\t", KP_INVALID_LEXICON, 5},
      {"\tk", KP_INVALID_LEXICON, 0},
      {"# ok\nzyxt\tk?", KP_INVALID_SPELLING, 11},
      {"zyxt\tk\txx", KP_UNKNOWN_LANGUAGE, 7},
      {"zyxt\tk\t\tklingon", KP_INVALID_LEXICON, 8},
      {"zyxt\tk\t\tipa\t", KP_INVALID_LEXICON, 12},
      {"zyxt\tk\n\xff", KP_INVALID_UTF8, 7},
      {"\xea\xb0\x80\tK\t\tarpabet", KP_UNSUPPORTED_FORMAT, 4},
  };
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    count = 77;
    CHECK_EQUAL(kp_lexicon_load(t, faults[i].lines, strlen(faults[i].lines), NULL, &count),
                faults[i].status);
    CHECK_EQUAL(count, 0);
    check_fault(t, 0, faults[i].position);
  }

  /* A full lexicon keeps what it has; clearing makes room. */
  kp_status status = KP_OK;
  char word[] = "zzzaa";
  for (int i = 0; i < 26 * 26 && status == KP_OK; i++) {
    word[3] = (char)('a' + i % 26);
    word[4] = (char)('a' + i / 26);
    status = add(t, word, "k\xc9\x94t", NULL);
  }
  CHECK_EQUAL(status, KP_LIMIT_EXCEEDED);
  check_output(t, "zyxt", NULL, "k\xc9\x94");
  kp_lexicon_clear(t);
  check_output(t, "zyxt", NULL, before);
  CHECK_EQUAL(add(t, word, "k\xc9\x94t", NULL), KP_OK);
  check_output(t, word, NULL, "k\xc9\x94t");
  kp_close(t);
}

static void test_word_ranks(kp_transcriber *t) {
  kp_rank ranks[8] = {{77, 0}};
  kp_options options = default_options();
  options.format = KP_FORMAT_ARPABET;
  size_t steps;
  CHECK_EQUAL(kp_word_ranks(t, "cat", 3, "K AE1 T", 7, &options, ranks, 3, &steps),
              KP_OUT_OF_SPACE);
  CHECK_EQUAL(steps, 4);
  CHECK_EQUAL(ranks[0].rank, 77);
  CHECK_EQUAL(kp_word_ranks(t, "cat", 3, "K AE1 T", 7, &options, ranks, 4, &steps), KP_OK);
  CHECK_EQUAL(steps, 4);
  for (size_t i = 0; i < steps; i++)
    CHECK(ranks[i].rank < 256 && ranks[i].lead >= 0);
  CHECK_EQUAL(kp_word_ranks(t, "cat", 3, "K ?", 3, &options, ranks, 4, &steps),
              KP_INVALID_SPELLING);
  check_fault(t, 0, 2);
}

static void test_embedded_nul(kp_transcriber *t) {
  char hello[64], world[64], both[128];
  size_t hello_bytes, world_bytes, bytes;
  CHECK_EQUAL(kp_transcribe(t, "hello", 5, NULL, hello, 64, &hello_bytes), KP_OK);
  CHECK_EQUAL(kp_transcribe(t, "world", 5, NULL, world, 64, &world_bytes), KP_OK);
  CHECK_EQUAL(kp_transcribe(t, "hello\0world", 11, NULL, both, 128, &bytes), KP_OK);
  CHECK_EQUAL(bytes, hello_bytes + 1 + world_bytes);
  CHECK(memcmp(both, hello, hello_bytes) == 0);
  CHECK(both[hello_bytes] == '\0');
  CHECK(memcmp(both + hello_bytes + 1, world, world_bytes) == 0);
}

static void test_many_handles(void) {
  enum { HANDLES = 64 };
  static const char *const texts[] = {"hello", "\xec\x95\x88\xeb\x85\x95", "kilophones, please", "",
                                      "\xff"};
  kp_transcriber *handles[HANDLES];
  kp_limits limits = default_limits();
  for (uint32_t i = 0; i < HANDLES; i++) {
    limits.cache_words = i % 2 ? KP_CACHE_OFF : i;
    handles[i] = open_or_exit(&limits);
  }
  for (size_t text = 0; text < sizeof texts / sizeof *texts; text++) {
    char expected[64], got[64];
    size_t expected_bytes, bytes;
    const size_t length = strlen(texts[text]);
    kp_status status = kp_transcribe(handles[0], texts[text], length, NULL, expected,
                                     sizeof expected, &expected_bytes);
    for (size_t i = 0; i < HANDLES; i++) {
      CHECK_EQUAL(kp_transcribe(handles[i], texts[text], length, NULL, got, sizeof got, &bytes),
                  status);
      CHECK_EQUAL(bytes, expected_bytes);
      CHECK(memcmp(got, expected, bytes) == 0);
    }
  }
  /* A fault is its handle's own. */
  CHECK_EQUAL(transcribe(handles[1], "ab\xff", NULL), KP_INVALID_UTF8);
  CHECK_EQUAL(transcribe(handles[2], "ab", NULL), KP_OK);
  check_fault(handles[1], 0, 2);
  check_fault(handles[2], 0, 0);
  for (size_t i = 0; i < HANDLES; i += 2)
    kp_close(handles[i]);
  for (size_t i = 1; i < HANDLES; i += 2) {
    CHECK_EQUAL(transcribe(handles[i], "still here", NULL), KP_OK);
    kp_close(handles[i]);
  }
}

static uint8_t *read_file(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  uint8_t *content = (uint8_t *)malloc(1 << 24);
  if (file == NULL || content == NULL) {
    perror(path);
    exit(EXIT_FAILURE);
  }
  *bytes = fread(content, 1, 1 << 24, file);
  fclose(file);
  return content;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: abi VERSION PACK\n");
    return EXIT_FAILURE;
  }
  size_t pack_bytes;
  uint8_t *pack = read_file(argv[2], &pack_bytes);
  kp_transcriber *transcriber = open_or_exit(NULL);
  test_version_and_messages(argv[1]);
  test_open(pack, pack_bytes);
  test_out_of_memory();
  test_kernels();
  test_null_arguments(transcriber);
  test_options(transcriber);
  test_choices(transcriber);
  test_faults(transcriber);
  test_sizes(transcriber);
  test_analyze(transcriber);
  test_normalize(transcriber);
  test_parts(transcriber);
  test_alternatives(transcriber);
  test_lexicon();
  test_word_ranks(transcriber);
  test_embedded_nul(transcriber);
  test_many_handles();
  kp_close(transcriber);
  free(pack);
  if (failures > 0)
    fprintf(stderr, "%d checks failed\n", failures);
  return failures > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

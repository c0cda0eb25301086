/*
 * Calls without end, to see that memory stays where it is. POSIX, C11.
 *   soak [CALLS]      1,000,000 unless said
 * One word in twenty is new, so that the model is run and the cache turned over; there are texts
 * with faults, buffers that are too small, all functions, and transcribers that come and go.
 */
#define _DEFAULT_SOURCE 1

#include <kilophone.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* A page or two that the C library may take on its own. */
enum { SLACK_KB = 16 };

/*
 * Resident memory that is no file's, in KB (pages of files come and go as the system likes); where
 * the system does not say, the most resident memory there has been.
 */
static long resident_kb(void) {
  long kb = -1;
  char line[256];
  struct rusage usage;
  /* Exact, unlike the counters in /proc/self/statm, which lag by some pages. */
  FILE *file = fopen("/proc/self/smaps_rollup", "r");
  if (file != NULL) {
    while (kb < 0 && fgets(line, sizeof line, file) != NULL)
      if (sscanf(line, "Anonymous: %ld kB", &kb) != 1)
        kb = -1;
    fclose(file);
  }
  if (kb >= 0)
    return kb;
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return usage.ru_maxrss / 1024;
#else
  return usage.ru_maxrss;
#endif
}

static kp_transcriber *open_default(void) {
  kp_transcriber *transcriber = NULL;
  if (kp_open(NULL, NULL, 0, NULL, &transcriber) != KP_OK) {
    fprintf(stderr, "kp_open failed\n");
    exit(EXIT_FAILURE);
  }
  return transcriber;
}

/* A word of letters; every number has its own. */
static size_t spell(unsigned long number, char *to) {
  size_t length = 0;
  do {
    to[length++] = "aeioulrnst"[number % 10];
    number /= 10;
  } while (number > 0);
  return length;
}

static unsigned long wrong = 0;

static void expect(kp_status got, kp_status expected) {
  if (got != expected && wrong++ < 10)
    fprintf(stderr, "status %d, not %d\n", (int)got, (int)expected);
}

static void call(kp_transcriber *transcriber, unsigned long number) {
  static char out[4096];
  static uint32_t records[16384];
  static float logits[65536];
  char word[32];
  size_t bytes, consumed, ends[2];
  const char *const texts[2] = {"one more", "time"};
  const size_t lens[2] = {8, 4};
  const size_t length = spell(number % 20 == 0 ? number : number % 1000, word);
  switch (number % 100) {
  case 1:
    expect(kp_transcribe(transcriber, "not \xff text", 10, NULL, out, sizeof out, &bytes),
           KP_INVALID_UTF8);
    break;
  case 2:
    expect(kp_transcribe(transcriber, word, length, NULL, NULL, 0, &bytes), KP_OUT_OF_SPACE);
    break;
  case 3:
    expect(kp_analyze(transcriber, word, length, NULL, records, sizeof records, &bytes), KP_OK);
    break;
  case 4:
    expect(kp_transcribe_many(transcriber, texts, lens, 2, NULL, out, sizeof out, ends, &bytes),
           KP_OK);
    break;
  case 5:
    expect(kp_word_logits(transcriber, "a", 1, NULL, logits, 65536, &bytes), KP_OK);
    break;
  case 6:
    if (number % 1000 == 6)
      kp_close(open_default());
    break;
  case 7:
    expect(kp_normalize(transcriber, "5 kg", 4, NULL, out, sizeof out, &bytes), KP_OK);
    break;
  case 8: /* a text of two parts, the second of which needs more room first */
    expect(kp_transcribe_part(transcriber, word, length, 1, 0, NULL, out, sizeof out, &bytes,
                              &consumed),
           KP_OK);
    expect(kp_transcribe_part(transcriber, word, length, 0, 1, NULL, NULL, 0, &bytes, &consumed),
           KP_OUT_OF_SPACE);
    expect(kp_transcribe_part(transcriber, word, length, 0, 1, NULL, out, sizeof out, &bytes,
                              &consumed),
           KP_OK);
    break;
  case 9:
    if (number % 1000 == 9)
      expect(kp_alternatives(transcriber, word, length, 4, NULL, records, sizeof records, &bytes),
             KP_OK);
    break;
  case 10:
    expect(kp_lexicon_add(transcriber, word, length, "k\xc9\x94", 3, NULL), KP_OK);
    if (number % 10000 == 10)
      kp_lexicon_clear(transcriber);
    break;
  case 11:
    expect(kp_lexicon_load(transcriber, "cat\tk\xc9\x94\ndog\tk?", 15, NULL, &bytes),
           KP_INVALID_SPELLING);
    break;
  default:
    expect(kp_transcribe(transcriber, word, length, NULL, out, sizeof out, &bytes), KP_OK);
  }
}

/*
 * Reads words as long as a pack reads at once, more of them than go through the model side by side:
 * the scratch memory of kp_open is touched before it is measured, not when a longest word comes.
 */
static void touch(kp_transcriber *transcriber) {
  enum { WORDS = 64, LETTERS = 40 };
  static char text[WORDS * (LETTERS + 1)];
  static char out[65536];
  size_t bytes;
  for (int i = 0; i < WORDS * (LETTERS + 1); i++)
    text[i] = i % (LETTERS + 1) == LETTERS ? ' ' : "bdfgkmnprstvz"[(i * 7 + i / (LETTERS + 1)) % 13];
  expect(kp_transcribe(transcriber, text, sizeof text, NULL, out, sizeof out, &bytes), KP_OK);
}

int main(int argc, char **argv) {
  const unsigned long calls = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
  kp_transcriber *transcriber = open_default();
  unsigned long number = 0;
  touch(transcriber);
  /* A fifth to warm up: the cache has been filled, every page of it touched. */
  for (; number < calls / 5; number++)
    call(transcriber, number);
  resident_kb(); /* what reading it takes is taken */
  const long before = resident_kb();
  for (; number < calls; number++)
    call(transcriber, number);
  const long growth = resident_kb() - before;
  kp_close(transcriber);
  printf("%lu calls: %ld KB resident, %+ld KB since call %lu\n", calls, before + growth, growth,
         calls / 5);
  return wrong == 0 && growth <= SLACK_KB ? EXIT_SUCCESS : EXIT_FAILURE;
}

/*
 * Many threads and many transcribers, for ThreadSanitizer. POSIX, C11.
 *   threads           8 threads with 8 transcribers each, then 8 transcribers handed around under
 *                     locks; every answer must be that of one thread alone
 *   threads misuse    one transcriber in two threads at a time, which is not allowed: shows that
 *                     the sanitizer sees into the library
 */
#define _DEFAULT_SOURCE 1

#include <kilophone.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 8, HANDLES = 8, ROUNDS = 4, OUT_BYTES = 512 };

static const char *const texts[] = {
    "Hello, world!",
    "The quick brown fox jumps over the lazy dog.",
    "kilophone transcription",
    "\xec\x95\x88\xeb\x85\x95\xed\x95\x98\xec\x84\xb8\xec\x9a\x94", /* 안녕하세요 */
    "mixed \xed\x95\x9c\xea\xb5\xad\xec\x96\xb4 and English",       /* 한국어 */
    "broken \xff text",
    "5 kg on 3/14, the cats",
    "",
    "pneumonoultramicroscopicsilicovolcanoconiosis",
};
enum { TEXTS = sizeof texts / sizeof *texts };

typedef struct answer {
  kp_status status;
  size_t bytes;
  char out[OUT_BYTES];
} answer;

static answer expected[TEXTS];

static void ask(kp_transcriber *transcriber, size_t text, answer *to) {
  to->status = kp_transcribe(transcriber, texts[text], strlen(texts[text]), NULL, to->out,
                             sizeof to->out, &to->bytes);
}

static int is_expected(const answer *got, size_t text) {
  return got->status == expected[text].status && got->bytes == expected[text].bytes &&
         memcmp(got->out, expected[text].out, got->bytes) == 0;
}

/* Whether the transcriber answers as expected, by four ways. */
static int is_right(kp_transcriber *transcriber, size_t text) {
  answer whole, part;
  uint32_t records[4096];
  char spoken[OUT_BYTES];
  size_t bytes, consumed;
  const size_t length = strlen(texts[text]);
  ask(transcriber, text, &whole);
  part.status = kp_transcribe_part(transcriber, texts[text], length, 1, 1, NULL, part.out,
                                   sizeof part.out, &part.bytes, &consumed);
  return is_expected(&whole, text) && is_expected(&part, text) &&
         kp_analyze(transcriber, texts[text], length, NULL, records, sizeof records, &bytes) ==
             whole.status &&
         kp_normalize(transcriber, texts[text], length, NULL, spoken, sizeof spoken, &bytes) ==
             whole.status;
}

static kp_transcriber *open_number(size_t number) {
  kp_transcriber *transcriber = NULL;
  kp_limits limits = {sizeof limits, KP_KERNELS_BEST, 0, 0};
  limits.cache_words = number % 2 ? KP_CACHE_OFF : 4;
  if (kp_open(NULL, NULL, 0, &limits, &transcriber) != KP_OK) {
    fprintf(stderr, "kp_open failed\n");
    exit(EXIT_FAILURE);
  }
  return transcriber;
}

/* A thread with transcribers of its own: opens and closes them, too. */
static void *own_handles(void *argument) {
  size_t wrong = 0;
  const size_t first = (size_t)argument;
  for (size_t round = 0; round < 2; round++) {
    kp_transcriber *handles[HANDLES];
    for (size_t i = 0; i < HANDLES; i++)
      handles[i] = open_number(i);
    /* A word of none of the texts: lexica are their transcribers' own. */
    for (size_t i = 0; i < HANDLES; i++)
      wrong += kp_lexicon_add(handles[i], "zyxt", 4, "k\xc9\x94", 3, NULL) != KP_OK;
    for (size_t text = 0; text < TEXTS; text++)
      for (size_t i = 0; i < HANDLES; i++)
        wrong += !is_right(handles[i], (first + text) % TEXTS);
    for (size_t i = 0; i < HANDLES; i++)
      kp_close(handles[i]);
  }
  return (void *)wrong;
}

static kp_transcriber *shared[HANDLES];
static pthread_mutex_t locks[HANDLES];

/* A thread that takes turns with the others. */
static void *shared_handles(void *argument) {
  size_t wrong = 0;
  const size_t first = (size_t)argument;
  for (size_t turn = 0; turn < ROUNDS * HANDLES; turn++) {
    const size_t i = (first + turn) % HANDLES;
    pthread_mutex_lock(&locks[i]);
    wrong += !is_right(shared[i], (first + 3 * turn) % TEXTS);
    pthread_mutex_unlock(&locks[i]);
  }
  return (void *)wrong;
}

static void *without_lock(void *argument) {
  (void)argument;
  for (size_t turn = 0; turn < 100; turn++)
    is_right(shared[0], turn % TEXTS);
  return NULL;
}

/* Runs the threads and gives the number of wrong answers. */
static size_t run(void *(*function)(void *), size_t count) {
  pthread_t threads[THREADS];
  size_t wrong = 0;
  for (size_t i = 0; i < count; i++)
    if (pthread_create(&threads[i], NULL, function, (void *)i) != 0)
      exit(EXIT_FAILURE);
  for (size_t i = 0; i < count; i++) {
    void *result;
    pthread_join(threads[i], &result);
    wrong += (size_t)result;
  }
  return wrong;
}

int main(int argc, char **argv) {
  size_t wrong = 0;
  kp_transcriber *transcriber = open_number(1);
  for (size_t text = 0; text < TEXTS; text++)
    ask(transcriber, text, &expected[text]);
  kp_close(transcriber);
  for (size_t i = 0; i < HANDLES; i++) {
    shared[i] = open_number(i);
    pthread_mutex_init(&locks[i], NULL);
  }
  if (argc > 1 && strcmp(argv[1], "misuse") == 0) {
    run(without_lock, 2);
  } else {
    wrong += run(own_handles, THREADS);
    wrong += run(shared_handles, THREADS);
  }
  for (size_t i = 0; i < HANDLES; i++) {
    kp_close(shared[i]);
    pthread_mutex_destroy(&locks[i]);
  }
  if (wrong > 0)
    fprintf(stderr, "%lu wrong answers\n", (unsigned long)wrong);
  return wrong > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

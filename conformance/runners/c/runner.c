/*
 * The runner of the C library: answers requests (see conformance/README.md).
 *
 *     runner [portable|x86_64_v2|x86_64_v3]
 *
 * Every call is made twice: without a buffer, which must give the size needed, and with a buffer of
 * just that size.
 */
#include <kilophone.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const statuses[] = {
    "ok",
    "out_of_space",
    "invalid_utf8",
    "unknown_character",
    "unknown_language",
    "unsupported_format",
    "invalid_argument",
    "out_of_memory",
    "limit_exceeded",
    "pack_truncated",
    "pack_corrupt",
    "pack_newer",
    "pack_language",
    "unsupported_kernels",
};
#define STATUS_COUNT (sizeof statuses / sizeof statuses[0])

static void die(const char *why) {
  fprintf(stderr, "runner: %s\n", why);
  exit(2);
}

static void *allocate(size_t bytes) {
  void *memory = malloc(bytes ? bytes : 1);
  if (!memory) die("out of memory");
  return memory;
}

/* Bytes that grow. */
typedef struct bytes {
  char *data;
  size_t count;
} bytes;

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  die("not a hexadecimal digit");
  return 0;
}

static bytes from_hex(const char *hex) {
  size_t count = strlen(hex) / 2;
  bytes result = {allocate(count), count};
  for (size_t i = 0; i < count; i++) {
    result.data[i] = (char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
  }
  return result;
}

static void put_hex(const void *data, size_t count) {
  static const char digits[] = "0123456789abcdef";
  const unsigned char *byte = data;
  for (size_t i = 0; i < count; i++) {
    putchar(digits[byte[i] >> 4]);
    putchar(digits[byte[i] & 15]);
  }
}

static uint32_t choice(const char *name, const char *const names[], uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (strcmp(name, names[i]) == 0) return i;
  }
  die("an option has no such choice");
  return 0;
}

#define CHOICE(name, ...)                                                                 \
  choice(name, (const char *const[]){__VA_ARGS__},                                        \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

#define FIELDS_MAX 4096

/* A request taken apart. */
typedef struct request {
  kp_options options;
  kp_limits limits;
  bytes texts[FIELDS_MAX];
  size_t text_count;
  bytes packs[FIELDS_MAX];
  size_t pack_count;
  bytes separator;
  bytes language;
} request;

static void set_field(request *to, const char *key, const char *value) {
  if (strcmp(key, "format") == 0) {
    to->options.format = CHOICE(value, "ipa", "arpabet");
  } else if (strcmp(key, "stress") == 0) {
    to->options.stress = CHOICE(value, "syllable", "vowel", "none");
  } else if (strcmp(key, "punctuation") == 0) {
    to->options.punctuation = CHOICE(value, "keep", "drop");
  } else if (strcmp(key, "unknown") == 0) {
    to->options.unknown = CHOICE(value, "keep", "drop", "error");
  } else if (strcmp(key, "separator") == 0) {
    to->separator = from_hex(value);
    to->options.separator = to->separator.data;
    to->options.separator_bytes = to->separator.count;
  } else if (strcmp(key, "language") == 0) {
    to->language = from_hex(value);
    to->options.language = to->language.data;
    to->options.language_bytes = to->language.count;
  } else if (strcmp(key, "cache_words") == 0) {
    unsigned long words = strtoul(value, NULL, 10);
    to->limits.cache_words = words == 0 ? KP_CACHE_OFF : (uint32_t)words;
  } else if (strcmp(key, "text") == 0 && to->text_count < FIELDS_MAX) {
    to->texts[to->text_count++] = from_hex(value);
  } else if (strcmp(key, "pack") == 0 && to->pack_count < FIELDS_MAX) {
    to->packs[to->pack_count++] = from_hex(value);
  } else {
    die("a field that is not known, or too many");
  }
}

static void free_request(request *from) {
  for (size_t i = 0; i < from->text_count; i++) free(from->texts[i].data);
  for (size_t i = 0; i < from->pack_count; i++) free(from->packs[i].data);
  free(from->separator.data);
  free(from->language.data);
}

/* What is open. */
typedef struct state {
  kp_transcriber *transcriber;
  bytes packs[FIELDS_MAX];
  size_t pack_count;
  uint32_t kernels;
} state;

static void put_fault(kp_status status, kp_fault fault) {
  const char *name = (size_t)status < STATUS_COUNT ? statuses[status] : "unknown";
  printf("fault\t%s\t%zu\t%zu\n", name, fault.text, fault.position);
}

static void open_packs(state *to, request *from) {
  const uint8_t *packs[FIELDS_MAX];
  size_t lens[FIELDS_MAX];
  kp_close(to->transcriber);
  for (size_t i = 0; i < to->pack_count; i++) free(to->packs[i].data);
  for (size_t i = 0; i < from->pack_count; i++) {
    to->packs[i] = from->packs[i]; /* The library reads them until it is closed. */
    packs[i] = (const uint8_t *)from->packs[i].data;
    lens[i] = from->packs[i].count;
  }
  to->pack_count = from->pack_count;
  from->pack_count = 0;
  from->limits.kernels = to->kernels;
  kp_status status = kp_open(packs, lens, to->pack_count, &from->limits, &to->transcriber);
  if (status == KP_OK) {
    puts("ok");
  } else {
    if (to->transcriber) die("kp_open has failed and left a transcriber");
    put_fault(status, (kp_fault){0, 0});
  }
}

/* A call with a buffer; items are bytes, or floats for kp_word_logits. */
typedef kp_status call(kp_transcriber *, const request *, void *out, size_t capacity,
                       size_t *needed, size_t ends[]);

static kp_status call_transcribe(kp_transcriber *t, const request *r, void *out, size_t capacity,
                                 size_t *needed, size_t ends[]) {
  (void)ends;
  return kp_transcribe(t, r->texts[0].data, r->texts[0].count, &r->options, out, capacity, needed);
}

static kp_status call_many(kp_transcriber *t, const request *r, void *out, size_t capacity,
                           size_t *needed, size_t ends[]) {
  const char *texts[FIELDS_MAX];
  size_t lens[FIELDS_MAX];
  for (size_t i = 0; i < r->text_count; i++) {
    texts[i] = r->texts[i].data;
    lens[i] = r->texts[i].count;
  }
  return kp_transcribe_many(t, texts, lens, r->text_count, &r->options, out, capacity, ends,
                            needed);
}

static kp_status call_analyze(kp_transcriber *t, const request *r, void *out, size_t capacity,
                              size_t *needed, size_t ends[]) {
  (void)ends;
  return kp_analyze(t, r->texts[0].data, r->texts[0].count, &r->options, out, capacity, needed);
}

static kp_status call_logits(kp_transcriber *t, const request *r, void *out, size_t capacity,
                             size_t *needed, size_t ends[]) {
  (void)ends;
  return kp_word_logits(t, r->texts[0].data, r->texts[0].count, &r->options, out, capacity,
                        needed);
}

static void put_spans(const char *records, size_t count) {
  static const char *const kinds[] = {"word", "number", "punctuation", "space", "other"};
  static const char *const sources[] = {"none", "model"};
  for (size_t at = 0; at < count;) {
    kp_span span;
    memcpy(&span, records + at, sizeof span);
    if (span.kind > KP_SPAN_OTHER || span.source > KP_SOURCE_MODEL) die("a span is of no kind");
    printf("\t%s,%s,%u,%u,", kinds[span.kind], sources[span.source], span.text_start,
           span.text_end);
    put_hex(records + span.language_at, span.language_bytes);
    putchar(',');
    put_hex(records + span.output_at, span.output_bytes);
    putchar(',');
    for (uint32_t i = 0; i < span.phoneme_count; i++) {
      kp_phoneme phoneme;
      memcpy(&phoneme, records + span.phonemes_at + i * sizeof phoneme, sizeof phoneme);
      if (i > 0) putchar(';');
      put_hex(records + phoneme.spelling_at, phoneme.spelling_bytes);
      printf(":%u", phoneme.stress);
    }
    at = span.next_at;
  }
}

/* Floats in little-endian order, whatever the machine. */
static void put_floats(const float *logits, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, logits + i, sizeof bits);
    unsigned char little[4] = {bits & 255, bits >> 8 & 255, bits >> 16 & 255, bits >> 24};
    put_hex(little, sizeof little);
  }
}

static void answer_call(state *of, const request *r, const char *operation) {
  bool is_many = strcmp(operation, "transcribe_many") == 0;
  bool is_analysis = strcmp(operation, "analyze") == 0;
  bool is_logits = strcmp(operation, "word_logits") == 0;
  call *make = is_many       ? call_many
               : is_analysis ? call_analyze
               : is_logits   ? call_logits
                             : call_transcribe;
  if (!is_many && r->text_count != 1) die("one text is needed");
  size_t ends[FIELDS_MAX];
  size_t needed = 0;
  size_t written = 0;
  kp_status status = make(of->transcriber, r, NULL, 0, &needed, ends);
  void *out = NULL;
  if (status == KP_OUT_OF_SPACE) {
    out = allocate(needed * (is_logits ? sizeof(float) : 1));
    status = make(of->transcriber, r, out, needed, &written, ends);
    if (status == KP_OK && written != needed) die("the size needed was wrong");
  } else if (status == KP_OK && needed != 0) {
    die("something was written to no buffer");
  }
  if (status != KP_OK) {
    kp_fault fault;
    kp_last_fault(of->transcriber, &fault);
    put_fault(status, fault);
    free(out);
    return;
  }
  fputs("ok", stdout);
  if (is_analysis) {
    put_spans(out, written);
  } else if (is_many) {
    for (size_t i = 0, start = 0; i < r->text_count; start = ends[i++]) {
      putchar('\t');
      put_hex((const char *)out + start, ends[i] - start);
    }
  } else {
    putchar('\t');
    if (is_logits) {
      put_floats(out, written);
    } else {
      put_hex(out, written);
    }
  }
  putchar('\n');
  free(out);
}

/* The next line without its end; false when there is none. */
static bool read_line(char **line, size_t *capacity) {
  size_t count = 0;
  for (int c; (c = getchar()) != EOF && c != '\n';) {
    if (count + 1 >= *capacity) {
      *capacity = *capacity ? 2 * *capacity : 4096;
      *line = realloc(*line, *capacity);
      if (!*line) die("out of memory");
    }
    (*line)[count++] = (char)c;
  }
  if (count > 0) (*line)[count] = '\0';
  return count > 0;
}

static void answer(state *of, char *line) {
  static request r;
  r = (request){.options = {.struct_bytes = sizeof(kp_options)},
                .limits = {.struct_bytes = sizeof(kp_limits)}};
  const char *operation = strtok(line, "\t");
  for (char *field; (field = strtok(NULL, "\t"));) {
    char *equals = strchr(field, '=');
    if (!equals) die("a field without a value");
    *equals = '\0';
    set_field(&r, field, equals + 1);
  }
  if (strcmp(operation, "open") == 0) {
    open_packs(of, &r);
  } else {
    answer_call(of, &r, operation);
  }
  free_request(&r);
}

int main(int argc, char *argv[]) {
  static state open_state;
  if (argc > 1) {
    open_state.kernels = CHOICE(argv[1], "best", "portable", "x86_64_v2", "x86_64_v3");
  }
  kp_limits limits = {.struct_bytes = sizeof limits, .kernels = open_state.kernels};
  kp_status status = kp_open(NULL, NULL, 0, &limits, &open_state.transcriber);
  if (status != KP_OK) die(kp_status_message(status));
  printf("kilophone-runner\tc\t%s\n", kp_version());
  char *line = NULL;
  for (size_t capacity = 0; read_line(&line, &capacity);) answer(&open_state, line);
  free(line);
  kp_close(open_state.transcriber);
  for (size_t i = 0; i < open_state.pack_count; i++) free(open_state.packs[i].data);
  return 0;
}

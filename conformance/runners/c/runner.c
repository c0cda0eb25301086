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
#include <stddef.h>
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
    "invalid_spelling",
    "invalid_lexicon",
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
  bytes syllable_separator;
  bytes word_separator;
  bytes language;
  bytes spelling;
  size_t count;
  size_t cuts[FIELDS_MAX];
  size_t cut_count;
} request;

/* The switch of a name; NULL when it is none. */
static uint32_t *switch_of(kp_options *options, const char *name) {
  static const struct {
    const char *name;
    size_t at;
  } switches[] = {
      {"written", offsetof(kp_options, written)},
      {"homographs", offsetof(kp_options, homographs)},
      {"weak_forms", offsetof(kp_options, weak_forms)},
      {"sandhi", offsetof(kp_options, sandhi)},
      {"narrow", offsetof(kp_options, narrow)},
      {"overrides", offsetof(kp_options, overrides)},
  };
  for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
    if (strcmp(name, switches[i].name) == 0) {
      return (uint32_t *)(void *)((char *)options + switches[i].at);
    }
  }
  return NULL;
}

/* Numbers with commas between. */
static void set_cuts(request *to, const char *list) {
  while (*list && to->cut_count < FIELDS_MAX) {
    char *end;
    to->cuts[to->cut_count++] = strtoul(list, &end, 10);
    list = *end ? end + 1 : end;
  }
}

static void set_field(request *to, const char *key, const char *value) {
  uint32_t *chosen = switch_of(&to->options, key);
  if (chosen) {
    *chosen = CHOICE(value, "default", "off", "on");
  } else if (strcmp(key, "lexicon_bytes") == 0) {
    to->limits.lexicon_bytes = (uint32_t)strtoul(value, NULL, 10);
  } else if (strcmp(key, "spelling") == 0) {
    to->spelling = from_hex(value);
  } else if (strcmp(key, "count") == 0) {
    to->count = strtoul(value, NULL, 10);
  } else if (strcmp(key, "cuts") == 0) {
    set_cuts(to, value);
  } else if (strcmp(key, "format") == 0) {
    to->options.format =
        CHOICE(value, "ipa", "arpabet", "xsampa", "espeak", "kokoro", "hangul", "jamo");
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
  } else if (strcmp(key, "syllable_separator") == 0) {
    to->syllable_separator = from_hex(value);
    to->options.syllable_separator = to->syllable_separator.data;
    to->options.syllable_separator_bytes = to->syllable_separator.count;
  } else if (strcmp(key, "word_separator") == 0) {
    to->word_separator = from_hex(value);
    to->options.word_separator = to->word_separator.data;
    to->options.word_separator_bytes = to->word_separator.count;
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
  free(from->syllable_separator.data);
  free(from->word_separator.data);
  free(from->language.data);
  free(from->spelling.data);
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

static kp_status call_normalize(kp_transcriber *t, const request *r, void *out, size_t capacity,
                                size_t *needed, size_t ends[]) {
  (void)ends;
  return kp_normalize(t, r->texts[0].data, r->texts[0].count, &r->options, out, capacity, needed);
}

static kp_status call_alternatives(kp_transcriber *t, const request *r, void *out,
                                   size_t capacity, size_t *needed, size_t ends[]) {
  (void)ends;
  return kp_alternatives(t, r->texts[0].data, r->texts[0].count, r->count, &r->options, out,
                         capacity, needed);
}

static const char *const sources[] = {"none", "model", "correction", "user", "rule"};

static void put_alternatives(const char *records, size_t count) {
  for (size_t at = 0; at < count;) {
    kp_alternative found;
    memcpy(&found, records + at, sizeof found);
    uint32_t bits;
    memcpy(&bits, &found.log_probability, sizeof bits);
    if (found.source > KP_SOURCE_RULE) die("an alternative has no such source");
    putchar('\t');
    put_hex(records + found.output_at, found.output_bytes);
    printf(",%s,%08x", sources[found.source], bits);
    at = found.next_at;
  }
}

static void put_spans(const char *records, size_t count) {
  static const char *const kinds[] = {"word", "number", "punctuation", "space", "other"};
  for (size_t at = 0; at < count;) {
    kp_span span;
    memcpy(&span, records + at, sizeof span);
    if (span.kind > KP_SPAN_OTHER || span.source > KP_SOURCE_RULE) die("a span is of no kind");
    printf("\t%s,%s,%u,%u,", kinds[span.kind], sources[span.source], span.text_start,
           span.text_end);
    put_hex(records + span.language_at, span.language_bytes);
    putchar(',');
    put_hex(records + span.output_at, span.output_bytes);
    putchar(',');
    put_hex(records + span.spoken_at, span.spoken_bytes);
    putchar(',');
    for (uint32_t i = 0; i < span.phoneme_count; i++) {
      kp_phoneme phoneme;
      memcpy(&phoneme, records + span.phonemes_at + i * sizeof phoneme, sizeof phoneme);
      if (i > 0) putchar(';');
      put_hex(records + phoneme.spelling_at, phoneme.spelling_bytes);
      printf(":%u:%u:%u", phoneme.stress, phoneme.text_start, phoneme.text_end);
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

/* The answer to a call that failed. */
static void put_last_fault(kp_transcriber *transcriber, kp_status status) {
  kp_fault fault;
  kp_last_fault(transcriber, &fault);
  put_fault(status, fault);
}

/* Transcribes a text in parts, each with what its predecessors left. */
static void answer_stream(kp_transcriber *t, const request *r) {
  const bytes text = r->texts[0];
  bytes written = {allocate(0), 0};
  size_t start = 0;
  for (size_t i = 0; i <= r->cut_count; i++) {
    bool is_last = i == r->cut_count;
    const char *part = text.data + start;
    size_t part_bytes = (is_last ? text.count : r->cuts[i]) - start;
    size_t needed = 0, consumed = 0;
    kp_status status = kp_transcribe_part(t, part, part_bytes, i == 0, is_last, &r->options, NULL,
                                          0, &needed, &consumed);
    if (status == KP_OUT_OF_SPACE) {
      if (consumed != 0) die("something was consumed without being written");
      written.data = realloc(written.data, written.count + needed);
      if (!written.data) die("out of memory");
      size_t count = 0;
      status = kp_transcribe_part(t, part, part_bytes, i == 0, is_last, &r->options,
                                  written.data + written.count, needed, &count, &consumed);
      if (status == KP_OK && count != needed) die("the size needed was wrong");
      written.count += count;
    }
    if (status != KP_OK) {
      free(written.data);
      put_last_fault(t, status);
      return;
    }
    start += consumed;
  }
  if (start != text.count) die("the last part was not consumed");
  fputs("ok\t", stdout);
  put_hex(written.data, written.count);
  putchar('\n');
  free(written.data);
}

static void answer_lexicon(kp_transcriber *t, const request *r, const char *operation) {
  if (strcmp(operation, "lexicon_clear") == 0) {
    kp_lexicon_clear(t);
    puts("ok");
    return;
  }
  if (r->text_count != 1) die("one text is needed");
  const bytes text = r->texts[0];
  bool is_addition = strcmp(operation, "lexicon_add") == 0;
  size_t count = 0;
  kp_status status =
      is_addition ? kp_lexicon_add(t, text.data, text.count, r->spelling.data, r->spelling.count,
                                   &r->options)
                  : kp_lexicon_load(t, text.data, text.count, &r->options, &count);
  if (status != KP_OK) {
    put_last_fault(t, status);
  } else if (is_addition) {
    puts("ok");
  } else {
    printf("ok\t%zu\n", count);
  }
}

static const struct {
  const char *operation;
  call *make;
} calls[] = {
    {"transcribe", call_transcribe}, {"transcribe_many", call_many},
    {"normalize", call_normalize},   {"analyze", call_analyze},
    {"word_logits", call_logits},    {"alternatives", call_alternatives},
};

static call *call_of(const char *operation) {
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
    if (strcmp(operation, calls[i].operation) == 0) return calls[i].make;
  }
  die("an operation that is not known");
  return NULL;
}

static void answer_call(state *of, const request *r, const char *operation) {
  call *make = call_of(operation);
  bool is_many = make == call_many;
  bool is_logits = make == call_logits;
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
    put_last_fault(of->transcriber, status);
    free(out);
    return;
  }
  fputs("ok", stdout);
  if (make == call_analyze) {
    put_spans(out, written);
  } else if (make == call_alternatives) {
    put_alternatives(out, written);
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
  } else if (strcmp(operation, "stream") == 0) {
    if (r.text_count != 1) die("one text is needed");
    answer_stream(of->transcriber, &r);
  } else if (strncmp(operation, "lexicon_", 8) == 0) {
    answer_lexicon(of->transcriber, &r, operation);
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

/*
 * Copies standard input to standard output as phonemes, in bounded memory, whatever its length:
 *   stream < book.txt
 *   stream names.tsv < book.txt      with the pronunciations of a lexicon: WORD TAB SPELLING a line
 *   stream --normalize < book.txt    line by line, as it is read: "5 kg" as "five kilograms"
 */
#include <kilophone.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is not consumed is always less than 2,200 bytes: there is room for more. */
enum { IN_BYTES = 16384, OUT_BYTES = 65536 };

static int failed(kp_transcriber *transcriber, kp_status status, const char *what) {
  kp_fault fault;
  kp_last_fault(transcriber, &fault);
  fprintf(stderr, "stream: %s, byte %lu: %s\n", what, (unsigned long)fault.position,
          kp_status_message(status));
  return 0;
}

/* Memory for what is written. */
typedef struct output {
  char *bytes;
  size_t capacity;
} output;

static int grow(output *out, size_t capacity) {
  char *bytes = (char *)realloc(out->bytes, capacity);
  if (bytes == NULL)
    return 0;
  out->bytes = bytes;
  out->capacity = capacity;
  return 1;
}

static int transcribe(kp_transcriber *transcriber, output *out) {
  static char in[IN_BYTES];
  size_t kept = 0, bytes, consumed;
  uint32_t is_first = 1, is_last = 0;
  while (!is_last) {
    kept += fread(in + kept, 1, sizeof in - kept, stdin);
    is_last = feof(stdin) || ferror(stdin);
    kp_status status;
    while ((status = kp_transcribe_part(transcriber, in, kept, is_first, is_last, NULL, out->bytes,
                                        out->capacity, &bytes, &consumed)) == KP_OUT_OF_SPACE)
      if (!grow(out, bytes))
        return failed(transcriber, KP_OUT_OF_MEMORY, "standard output");
    if (status != KP_OK)
      return failed(transcriber, status, "standard input");
    fwrite(out->bytes, 1, bytes, stdout);
    /* The rest comes again, before what is read next. */
    kept -= consumed;
    memmove(in, in + consumed, kept);
    is_first = 0;
  }
  return !ferror(stdin);
}

static int normalize(kp_transcriber *transcriber, output *out) {
  static char line[IN_BYTES];
  while (fgets(line, sizeof line, stdin) != NULL) {
    size_t bytes;
    kp_status status;
    while ((status = kp_normalize(transcriber, line, strlen(line), NULL, out->bytes, out->capacity,
                                  &bytes)) == KP_OUT_OF_SPACE)
      if (!grow(out, bytes))
        return failed(transcriber, KP_OUT_OF_MEMORY, "standard output");
    if (status != KP_OK)
      return failed(transcriber, status, "a line");
    fwrite(out->bytes, 1, bytes, stdout);
  }
  return 1;
}

/* Reads a lexicon of at most 64 KB, which is what a transcriber has room for by default. */
static int load(kp_transcriber *transcriber, const char *path) {
  static char lines[KP_LEXICON_BYTES_DEFAULT];
  size_t count;
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    return 0;
  }
  const size_t bytes = fread(lines, 1, sizeof lines, file);
  fclose(file);
  const kp_status status = kp_lexicon_load(transcriber, lines, bytes, NULL, &count);
  return status == KP_OK || failed(transcriber, status, path);
}

int main(int argc, char **argv) {
  kp_transcriber *transcriber;
  output out = {NULL, 0};
  const kp_status status = kp_open(NULL, NULL, 0, NULL, &transcriber);
  if (status != KP_OK || !grow(&out, OUT_BYTES)) {
    fprintf(stderr, "stream: %s\n", kp_status_message(status));
    return EXIT_FAILURE;
  }
  int done;
  if (argc > 1 && strcmp(argv[1], "--normalize") == 0)
    done = normalize(transcriber, &out);
  else
    done = (argc < 2 || load(transcriber, argv[1])) && transcribe(transcriber, &out);
  kp_close(transcriber);
  free(out.bytes);
  return done ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Reads lines from standard input and writes their phonemes: echo "Hello, 세계" | transcribe */
#include <kilophone.h>

#include <stdio.h>
#include <stdlib.h>

/* Memory that grows and is used again for line after line. */
typedef struct buffer {
  char *bytes;
  size_t capacity;
} buffer;

static int reserve(buffer *b, size_t capacity) {
  char *bytes;
  if (capacity <= b->capacity)
    return 1;
  bytes = (char *)realloc(b->bytes, capacity);
  if (bytes == NULL)
    return 0;
  b->bytes = bytes;
  b->capacity = capacity;
  return 1;
}

/* Reads a line of any length, without its end; 0 at the end of the input. */
static int read_line(FILE *from, buffer *line, size_t *length) {
  int c = getc(from);
  if (c == EOF)
    return 0;
  for (*length = 0; c != EOF && c != '\n'; c = getc(from)) {
    if (*length == line->capacity && !reserve(line, 2 * line->capacity + 256))
      return 0;
    line->bytes[(*length)++] = (char)c;
  }
  return 1;
}

/* One call, and a second one when the buffer was too small. */
static kp_status transcribe(kp_transcriber *transcriber, const char *text, size_t text_bytes,
                            buffer *out, size_t *out_bytes) {
  kp_status status =
      kp_transcribe(transcriber, text, text_bytes, NULL, out->bytes, out->capacity, out_bytes);
  if (status != KP_OUT_OF_SPACE)
    return status;
  if (!reserve(out, *out_bytes))
    return KP_OUT_OF_MEMORY;
  return kp_transcribe(transcriber, text, text_bytes, NULL, out->bytes, out->capacity, out_bytes);
}

int main(void) {
  kp_transcriber *transcriber;
  buffer line = {NULL, 0}, out = {NULL, 0};
  size_t line_bytes, out_bytes;
  unsigned long number = 0;
  int failures = 0;

  kp_status status = kp_open(NULL, NULL, 0, NULL, &transcriber);
  if (status != KP_OK) {
    fprintf(stderr, "kp_open: %s\n", kp_status_message(status));
    return EXIT_FAILURE;
  }
  while (read_line(stdin, &line, &line_bytes)) {
    number++;
    status = transcribe(transcriber, line.bytes, line_bytes, &out, &out_bytes);
    if (status == KP_OK) {
      fwrite(out.bytes, 1, out_bytes, stdout);
    } else {
      kp_fault fault;
      kp_last_fault(transcriber, &fault);
      fprintf(stderr, "line %lu, byte %lu: %s\n", number, (unsigned long)fault.position,
              kp_status_message(status));
      failures = 1;
    }
    putchar('\n'); /* one line out for each line in, also for one with a fault */
  }
  kp_close(transcriber);
  free(line.bytes);
  free(out.bytes);
  return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

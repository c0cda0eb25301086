/*
 * kilophone: text to IPA (grapheme-to-phoneme) in kilobytes.
 *
 * Conventions
 *   Text is UTF-8, given by pointer and length in bytes; it need not end in a NUL, and an embedded
 *   NUL is an ordinary character. The library keeps no pointer that it is given after a call
 *   returns, except the packs given to kp_open, which must stay as they are until kp_close.
 *   Output buffers belong to the caller. When one is too small the call returns KP_OUT_OF_SPACE,
 *   *out_bytes holds the size that is needed, and the buffer's content is unspecified; nothing is
 *   lost, call again with a larger buffer. A NULL buffer with capacity 0 asks for the size.
 *   A transcriber is used by one thread at a time. Any number of transcribers can be open, in any
 *   number of threads; they share the weights. There is no other state: no globals, no files, no
 *   environment variables, no network.
 *   The same text, options and version give the same bytes on every machine.
 *
 * Generated from abi/abi.toml and abi/kilophone.h.in; edit those.
 */
#ifndef KILOPHONE_H
#define KILOPHONE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(KP_SHARED) && defined(_WIN32)
#define KP_API __declspec(dllimport)
#else
#define KP_API
#endif

/* What a call returns. Numbers never change; new ones are added at the end. */
typedef enum kp_status {
  KP_OK = 0,
  KP_OUT_OF_SPACE = 1,         /* the output buffer is too small; *out_bytes is the size needed */
  KP_INVALID_UTF8 = 2,         /* the text is not UTF-8; kp_last_fault gives the byte */
  KP_UNKNOWN_CHARACTER = 3,    /* no reading for a character, unknown = error; see kp_last_fault */
  KP_UNKNOWN_LANGUAGE = 4,     /* options.language is not the tag of an open pack */
  KP_UNSUPPORTED_FORMAT = 5,   /* a word's language lacks the format; kp_last_fault gives the word */
  KP_INVALID_ARGUMENT = 6,     /* a required pointer is NULL, or a struct or number is not known */
  KP_OUT_OF_MEMORY = 7,        /* the system has no more memory */
  KP_LIMIT_EXCEEDED = 8,       /* the text or a limit is larger than the library's own limits */
  KP_PACK_TRUNCATED = 9,       /* a pack is shorter than its header says */
  KP_PACK_CORRUPT = 10,        /* a pack is no pack, its checksum is wrong or its parts disagree */
  KP_PACK_NEWER = 11,          /* a pack's format is newer than this library */
  KP_PACK_LANGUAGE = 12,       /* a pack's language has no text rules here, or is open twice */
  KP_UNSUPPORTED_KERNELS = 13, /* the processor or library does not have the kernels asked for */
  KP_INVALID_SPELLING = 14,    /* a spelling is not one of the language's phonemes; see kp_last_fault */
  KP_INVALID_LEXICON = 15      /* a line of a lexicon is not WORD TAB SPELLING; see kp_last_fault */
} kp_status;

/* How phonemes are spelled. */
typedef enum kp_format {
  KP_FORMAT_IPA = 0,
  KP_FORMAT_ARPABET = 1, /* English only; phonemes separated by one space, words by two */
  KP_FORMAT_XSAMPA = 2,  /* X-SAMPA */
  KP_FORMAT_ESPEAK = 3,  /* English only; as espeak-ng writes en-us */
  KP_FORMAT_KOKORO = 4,  /* English only; the phonemes of misaki and Kokoro */
  KP_FORMAT_HANGUL = 5,  /* Korean only; pronounced Hangul */
  KP_FORMAT_JAMO = 6     /* Korean only; the letters of pronounced Hangul */
} kp_format;

/* Where stress marks stand (in ARPAbet: none leaves the digits out). */
typedef enum kp_stress {
  KP_STRESS_SYLLABLE = 0, /* before the onset of the syllable: həˈloʊ */
  KP_STRESS_VOWEL = 1,    /* before the vowel: həlˈoʊ */
  KP_STRESS_NONE = 2
} kp_stress;

/* What becomes of what stands between words. */
typedef enum kp_punctuation {
  KP_PUNCTUATION_KEEP = 0, /* punctuation and white space as they stand in the text */
  KP_PUNCTUATION_DROP = 1  /* words separated by one space */
} kp_punctuation;

/* What becomes of characters without a reading: digits, symbols, other scripts. */
typedef enum kp_unknown {
  KP_UNKNOWN_KEEP = 0,
  KP_UNKNOWN_DROP = 1,
  KP_UNKNOWN_ERROR = 2
} kp_unknown;

/* Whether something is done; by default as the option says. */
typedef enum kp_choice {
  KP_CHOICE_DEFAULT = 0,
  KP_CHOICE_OFF = 1,
  KP_CHOICE_ON = 2
} kp_choice;

/* The vector kernels. Results are the same with all of them; choosing is for tests. */
typedef enum kp_kernels {
  KP_KERNELS_BEST = 0,     /* the fastest that the processor has */
  KP_KERNELS_PORTABLE = 1, /* any processor */
  KP_KERNELS_X86_64_V2 = 2,
  KP_KERNELS_X86_64_V3 = 3
} kp_kernels;

/* Options of a call. Set struct_bytes to sizeof(kp_options) and the rest to zero for defaults. */
typedef struct kp_options {
  uint32_t struct_bytes; /* sizeof(kp_options); lets the struct grow */
  uint32_t format;       /* kp_format */
  uint32_t stress;       /* kp_stress */
  uint32_t punctuation;  /* kp_punctuation */
  uint32_t unknown;      /* kp_unknown */
  uint32_t reserved;     /* 0 */
  const char *separator; /* between the phonemes of a word; NULL: the format's own */
  size_t separator_bytes;
  const char *language; /* tag of an open pack; NULL: each word by its script */
  size_t language_bytes;
  uint32_t written;               /* written forms (numbers, dates, FBI …) are read; default on */
  uint32_t homographs;            /* homographs by their neighbours; default on */
  uint32_t weak_forms;            /* weak forms of English function words; default on */
  uint32_t sandhi;                /* Korean rules across words of a phrase; default on */
  uint32_t narrow;                /* Korean IPA in narrow transcription; default off */
  uint32_t overrides;             /* [word](/spelling/) in the text; default off */
  const char *syllable_separator; /* between syllables; NULL: as between phonemes */
  size_t syllable_separator_bytes;
  const char *word_separator; /* between words; NULL: what the text has, or a space */
  size_t word_separator_bytes;
} kp_options;

/* Limits of a transcriber. Set struct_bytes; zero elsewhere means the default. */
typedef struct kp_limits {
  uint32_t struct_bytes;  /* sizeof(kp_limits); lets the struct grow */
  uint32_t kernels;       /* kp_kernels */
  uint32_t cache_words;   /* words whose phonemes are remembered; KP_CACHE_OFF: none */
  uint32_t lexicon_bytes; /* memory of the caller's lexicon */
} kp_limits;

#define KP_CACHE_OFF 0xFFFFFFFFu       /* in kp_limits.cache_words: no cache; 0 is the default */
#define KP_PACKS_MAX 8                 /* packs open at once */
#define KP_SEPARATOR_BYTES_MAX 64      /* longest separator, in bytes */
#define KP_CACHE_WORDS_DEFAULT 32768   /* remembered words when the caller does not say */
#define KP_CACHE_WORDS_MAX 1048576     /* most remembered words */
#define KP_ALTERNATIVES_MAX 16         /* most alternatives of a word */
#define KP_LEXICON_BYTES_DEFAULT 65536 /* memory of the caller's lexicon when the caller does not say */
#define KP_LEXICON_BYTES_MAX 268435456 /* most memory of the caller's lexicon */

/* Where the last call on a transcriber found its fault. */
typedef struct kp_fault {
  size_t text;     /* index of the text in kp_transcribe_many, else 0 */
  size_t position; /* offset in bytes in that text */
} kp_fault;

typedef struct kp_transcriber kp_transcriber;

/*
 * Opens a transcriber over count packs (count 0: the packs embedded in the library, en-us and ko;
 * packs and lens may then be NULL). limits may be NULL. All memory that a transcriber ever uses is
 * allocated here. On failure *out is NULL.
 *
 * KP_PACK_TRUNCATED, KP_PACK_CORRUPT, KP_PACK_NEWER, KP_PACK_LANGUAGE, KP_OUT_OF_MEMORY,
 * KP_LIMIT_EXCEEDED, KP_UNSUPPORTED_KERNELS, KP_INVALID_ARGUMENT.
 */
KP_API kp_status kp_open(const uint8_t *const packs[], const size_t lens[], size_t count,
                         const kp_limits *limits, kp_transcriber **out);

/* Closes a transcriber and frees its memory; NULL is allowed. */
KP_API void kp_close(kp_transcriber *transcriber);

/*
 * Writes the phonemes of a text to out. options may be NULL. *out_bytes (required) is the number
 * of bytes written, without a terminating NUL. Empty text gives empty output.
 *
 * KP_OUT_OF_SPACE, KP_INVALID_UTF8, KP_UNKNOWN_CHARACTER, KP_UNKNOWN_LANGUAGE,
 * KP_UNSUPPORTED_FORMAT, KP_INVALID_SPELLING (of an override), KP_INVALID_ARGUMENT,
 * KP_LIMIT_EXCEEDED (a separator).
 */
KP_API kp_status kp_transcribe(kp_transcriber *transcriber, const char *text, size_t text_bytes,
                               const kp_options *options, char *out, size_t out_capacity,
                               size_t *out_bytes);

/*
 * The same for count texts, faster than count calls where texts are short: the answers stand one
 * after the other in out, and out_ends[i] (count of them, required) is the offset of the end of
 * the i-th. A fault in any text fails the call.
 */
KP_API kp_status kp_transcribe_many(kp_transcriber *transcriber, const char *const texts[],
                                    const size_t text_bytes[], size_t count,
                                    const kp_options *options, char *out, size_t out_capacity,
                                    size_t out_ends[], size_t *out_bytes);

/*
 * The same for a text that comes in parts, of any lengths, and may be longer than memory. Each call
 * takes what is known of the text and not consumed yet, and writes as much of the output as cannot
 * depend on what follows: *out_consumed (required) is how many bytes of text that is for. The rest,
 * less than 2,200 bytes, is to be given again in front of what follows. A part may end anywhere,
 * also within a character. is_first begins a text; is_last says that nothing follows, and all is
 * consumed then. The options are those of the whole text. The outputs one after the other are that
 * of kp_transcribe for the whole text.
 *
 * The transcriber keeps the place between the calls: one text at a time; other calls between them
 * do not disturb it. A call that fails (KP_OUT_OF_SPACE is failing, too) changes nothing and
 * consumes nothing: it can be made again. Positions of faults count from the beginning of the whole
 * text. Statuses as kp_transcribe.
 */
KP_API kp_status kp_transcribe_part(kp_transcriber *transcriber, const char *text,
                                    size_t text_bytes, uint32_t is_first, uint32_t is_last,
                                    const kp_options *options, char *out, size_t out_capacity,
                                    size_t *out_bytes, size_t *out_consumed);

/*
 * Writes the text as it is read: its written forms (numbers, dates, money, addresses, acronyms,
 * symbols) in words, overrides without their spelling, everything else as it stands. Nothing is
 * dropped, whatever punctuation and unknown say, though unknown = error is obeyed. Arguments and
 * statuses as kp_transcribe; a format that a language lacks does not matter.
 */
KP_API kp_status kp_normalize(kp_transcriber *transcriber, const char *text, size_t text_bytes,
                              const kp_options *options, char *out, size_t out_capacity,
                              size_t *out_bytes);

/* What a span of the text is. */
typedef enum kp_span_kind {
  KP_SPAN_WORD = 0,
  KP_SPAN_NUMBER = 1,
  KP_SPAN_PUNCTUATION = 2,
  KP_SPAN_SPACE = 3,
  KP_SPAN_OTHER = 4
} kp_span_kind;

/* Where a word's phonemes come from. */
typedef enum kp_source {
  KP_SOURCE_NONE = 0, /* the span is no word */
  KP_SOURCE_MODEL = 1,
  KP_SOURCE_CORRECTION = 2, /* a known word that the model alone gets wrong, or its possessive, plural or stem */
  KP_SOURCE_USER = 3,       /* the caller's lexicon or an inline override */
  KP_SOURCE_RULE = 4        /* a weak form, a homograph by its neighbours, a letter's name */
} kp_source;

/*
 * The record buffer of kp_analyze: a kp_span for every span of the text, in order, each followed by
 * its kp_phoneme records and the strings that both point to, filled with zeros to a multiple of 4.
 * All numbers are 32-bit in the machine's byte order; every "at" is an offset in bytes from the
 * beginning of the buffer. Strings are UTF-8 and do not end in a NUL. A word that is longer than a
 * pack reads at once is several spans. A written form (5 kg) is a span for each of its words, which
 * follow each other and all have the form's text_start and text_end; their spoken strings tell them
 * apart. The letters of a phoneme are those the model looked at most: their ranges are within the
 * span, need neither ascend nor cover it, and are all of it in a written form or an override.
 */

/* A span of the text, in the record buffer of kp_analyze. */
typedef struct kp_span {
  uint32_t next_at;     /* the next span's record; the size of the buffer after the last */
  uint32_t kind;        /* kp_span_kind */
  uint32_t source;      /* kp_source */
  uint32_t text_start;  /* bytes of the text that the span covers; spans cover every byte, in */
  uint32_t text_end;    /* order; those of one written form all have its bytes, others overlap not */
  uint32_t language_at; /* tag of the word's language; empty for what is no word */
  uint32_t language_bytes;
  uint32_t output_at; /* what kp_transcribe writes for the span; empty when it is dropped */
  uint32_t output_bytes;
  uint32_t phonemes_at; /* kp_phoneme[phoneme_count] */
  uint32_t phoneme_count;
  uint32_t spoken_at; /* the span as kp_normalize writes it */
  uint32_t spoken_bytes;
} kp_span;

/* A phoneme of a word, in the record buffer of kp_analyze. */
typedef struct kp_phoneme {
  uint32_t stress;      /* 0 none, 1 primary, 2 secondary */
  uint32_t spelling_at; /* in the format asked for, without stress */
  uint32_t spelling_bytes;
  uint32_t text_start; /* bytes of the text that it comes from */
  uint32_t text_end;
} kp_phoneme;

/*
 * Writes the record buffer of a text to out, which is aligned to 4 bytes. *out_bytes (required) is
 * the number of bytes written; the empty text gives none. Statuses as kp_transcribe, and
 * KP_LIMIT_EXCEEDED for a text or result of 4 GiB or more.
 */
KP_API kp_status kp_analyze(kp_transcriber *transcriber, const char *text, size_t text_bytes,
                            const kp_options *options, void *out, size_t out_capacity,
                            size_t *out_bytes);

/* A pronunciation of a word, in the record buffer of kp_alternatives. */
typedef struct kp_alternative {
  uint32_t next_at;      /* the next record; the size of the buffer after the last */
  uint32_t source;       /* kp_source */
  float log_probability; /* natural logarithm, by the model */
  uint32_t output_at;    /* as kp_transcribe would write it */
  uint32_t output_bytes;
} kp_alternative;

/*
 * Writes the count (1 to KP_ALTERNATIVES_MAX) most probable pronunciations of word to out, which is
 * aligned to 4 bytes: a kp_alternative for each, followed by its string and zeros to a multiple of
 * 4, in the manner of kp_analyze. The most probable is first, but the dictionary's (source
 * KP_SOURCE_CORRECTION) comes before all; fewer are the first of more, and there may be fewer than
 * count. word is one word that is read at once (KP_INVALID_ARGUMENT otherwise), by itself: the
 * lexicon, written forms and neighbours play no part. Probabilities are the model's own, of the
 * whole word; they add up to less than 1. *out_bytes (required) is the number of bytes written.
 *
 * Statuses as kp_transcribe; KP_INVALID_ARGUMENT for count 0, KP_LIMIT_EXCEEDED for a count above
 * KP_ALTERNATIVES_MAX.
 */
KP_API kp_status kp_alternatives(kp_transcriber *transcriber, const char *word, size_t word_bytes,
                                 size_t count, const kp_options *options, void *out,
                                 size_t out_capacity, size_t *out_bytes);

/*
 * The caller's lexicon: words of a transcriber with the pronunciations that they are to have, in
 * kp_limits.lexicon_bytes of memory, until kp_lexicon_clear or kp_close. They go before everything
 * but overrides. Words are compared as the model reads them: case and accents make no difference.
 * An English possessive that is not there is its stem with the ending.
 *
 * kp_lexicon_add adds word, which is one word that is read at once (KP_INVALID_ARGUMENT
 * otherwise), or gives it another pronunciation. spelling is in options.format, which is not hangul
 * or jamo, and in the language options.language, or that of the word's script; other options play
 * no part. A call that fails changes nothing.
 *
 * KP_INVALID_UTF8 (word), KP_INVALID_SPELLING (kp_last_fault: a byte of spelling, its end when
 * something is missing there), KP_LIMIT_EXCEEDED (the lexicon is full), KP_UNSUPPORTED_FORMAT,
 * KP_UNKNOWN_LANGUAGE, KP_INVALID_ARGUMENT.
 */
KP_API kp_status kp_lexicon_add(kp_transcriber *transcriber, const char *word, size_t word_bytes,
                                const char *spelling, size_t spelling_bytes,
                                const kp_options *options);

/*
 * Adds the words of lines: WORD TAB SPELLING, then if wanted TAB LANGUAGE and TAB FORMAT, where
 * these are not those of options. Lines end in LF or CR LF; empty ones, and those that begin with
 * #, are left out. *out_count (required) is how many words were added. At a fault the call ends;
 * what stands before it has been added, though *out_count is 0.
 *
 * Statuses as kp_lexicon_add, and KP_INVALID_LEXICON for a line of another form; kp_last_fault
 * gives the byte of lines, whatever the fault in them.
 */
KP_API kp_status kp_lexicon_load(kp_transcriber *transcriber, const char *lines, size_t lines_bytes,
                                 const kp_options *options, size_t *out_count);

/* Forgets all words of the lexicon; NULL is allowed. */
KP_API void kp_lexicon_clear(kp_transcriber *transcriber);

/* What the model would say of a step at which it is told what to say. */
typedef struct kp_rank {
  uint32_t rank; /* how many outputs come before the one it is told */
  float lead;    /* how much larger the largest logit is than the second */
} kp_rank;

/*
 * For those who build packs: where a pronunciation of word (one word of one piece) is among what
 * the model says, step after step, the end token behind the phonemes included where it is a step.
 * spelling is in options.format. *out_count (required) is the number of steps; KP_OUT_OF_SPACE
 * gives the number needed there. Statuses as kp_lexicon_add.
 */
KP_API kp_status kp_word_ranks(kp_transcriber *transcriber, const char *word, size_t word_bytes,
                               const char *spelling, size_t spelling_bytes,
                               const kp_options *options, kp_rank *out, size_t out_capacity,
                               size_t *out_count);

/*
 * For conformance tests: the raw float32 logits of the greedy decoding of text, which is one word
 * of one piece (KP_INVALID_ARGUMENT otherwise), without the cache. They are written step after
 * step; a step is the outputs of the pack: the end token, then the phonemes in the pack's order.
 * *out_floats (required) is their number. KP_OUT_OF_SPACE gives the number needed there.
 */
KP_API kp_status kp_word_logits(kp_transcriber *transcriber, const char *text, size_t text_bytes,
                                const kp_options *options, float *out, size_t out_capacity_floats,
                                size_t *out_floats);

/*
 * Where the last call on the transcriber found its fault, in its text, or in the spelling or lines
 * given to a lexicon; zeros when it found none.
 */
KP_API void kp_last_fault(const kp_transcriber *transcriber, kp_fault *out);

/* The library's version, "MAJOR.MINOR.PATCH"; a static string. */
KP_API const char *kp_version(void);

/* A sentence for a status, in English; a static string, also for numbers that are no status. */
KP_API const char *kp_status_message(kp_status status);

#ifdef __wasm__
/* The wasm module's allocator for its host: bytes, aligned to 16; NULL when out of memory. */
KP_API void *kp_alloc(size_t bytes);
KP_API void kp_free(void *pointer, size_t bytes);
#endif

#ifdef __cplusplus
}
#endif

#endif

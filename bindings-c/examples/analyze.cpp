// Prints the words of its arguments, where they stand, and their phonemes with the letters that
// each comes from: analyze "Hello, 세계. It is 5 kg."
#include <kilophone.h>

#include <cstdint>
#include <cstring>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Close {
  void operator()(kp_transcriber *transcriber) const { kp_close(transcriber); }
};
using Transcriber = std::unique_ptr<kp_transcriber, Close>;

void check(kp_status status) {
  if (status != KP_OK)
    throw std::runtime_error(kp_status_message(status));
}

Transcriber open() {
  kp_transcriber *transcriber = nullptr;
  check(kp_open(nullptr, nullptr, 0, nullptr, &transcriber));
  return Transcriber(transcriber);
}

// The record buffer: whole 32-bit words, so that the records in it are aligned.
class Records {
public:
  Records(kp_transcriber *transcriber, std::string_view text) {
    kp_status status;
    while ((status = kp_analyze(transcriber, text.data(), text.size(), nullptr, words_.data(),
                                4 * words_.size(), &bytes_)) == KP_OUT_OF_SPACE)
      words_.resize((bytes_ + 3) / 4);
    check(status);
  }

  std::size_t bytes() const { return bytes_; }

  template <typename Record> Record read(std::size_t at) const {
    Record record;
    std::memcpy(&record, data() + at, sizeof(record));
    return record;
  }

  std::string_view string(std::uint32_t at, std::uint32_t bytes) const {
    return {data() + at, bytes};
  }

private:
  const char *data() const { return reinterpret_cast<const char *>(words_.data()); }

  std::vector<std::uint32_t> words_;
  std::size_t bytes_ = 0;
};

void print(std::string_view text, const Records &records) {
  kp_span span;
  for (std::size_t at = 0; at < records.bytes(); at = span.next_at) {
    span = records.read<kp_span>(at);
    if (span.kind != KP_SPAN_WORD || span.source == KP_SOURCE_NONE)
      continue;
    const auto written = text.substr(span.text_start, span.text_end - span.text_start);
    const auto spoken = records.string(span.spoken_at, span.spoken_bytes);
    std::cout << written;
    if (spoken != written) // a word of a written form
      std::cout << " (" << spoken << ')';
    std::cout << " [" << span.text_start << ", " << span.text_end << ") "
              << records.string(span.language_at, span.language_bytes) << ' '
              << records.string(span.output_at, span.output_bytes) << ':';
    for (std::uint32_t i = 0; i < span.phoneme_count; i++) {
      const auto phoneme = records.read<kp_phoneme>(span.phonemes_at + i * sizeof(kp_phoneme));
      std::cout << ' ' << records.string(phoneme.spelling_at, phoneme.spelling_bytes);
      if (phoneme.stress != 0)
        std::cout << '/' << phoneme.stress;
      std::cout << '=' << text.substr(phoneme.text_start, phoneme.text_end - phoneme.text_start);
    }
    std::cout << '\n';
  }
}

} // namespace

int main(int argc, char **argv) try {
  const Transcriber transcriber = open();
  for (int i = 1; i < argc; i++)
    print(argv[i], Records(transcriber.get(), argv[i]));
  return 0;
} catch (const std::exception &error) {
  std::cerr << "analyze: " << error.what() << '\n';
  return 1;
}

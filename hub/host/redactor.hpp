// Keeps secrets out of everything that leaves the host: logs, errors, recordings.
//
// Knows secrets and tokens by value and replaces them in text, in the forms in which they travel: plain,
// percent-encoded, escaped for JSON, base64. Threads: all members from any thread.
#pragma once

#include <deque>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace huiliu::host {

class Redactor {
 public:
  static constexpr std::string_view mask = "***";
  // Masking shorter values in running text would garble it.
  static constexpr std::size_t min_secret_size = 4;
  static constexpr std::size_t max_tokens = 256;

  // A configured secret: for good.
  void add_secret(std::string_view secret);
  // A token, which is replaced by others: the last max_tokens are known.
  void add_token(std::string_view token);

  std::string redact(std::string_view text) const;
  // The same for what has a structure: there even a secret too short to be looked for in text is masked where
  // it is the whole of a value.
  std::string redact_value(std::string_view value) const;  // of a header
  std::string redact_url(std::string_view url) const;      // query parameters
  std::string redact_body(std::string_view body) const;    // texts of a JSON body, values of a form

 private:
  mutable std::shared_mutex mutex_;
  bool is_secret(std::string_view value) const;  // the whole of it, in any form

  std::vector<std::string> secrets_;  // every form of each, longest first
  std::deque<std::string> short_;     // too short for running text; the last max_tokens
  std::deque<std::vector<std::string>> tokens_;
};

// RFC 3986: everything but letters, digits and -._~ as %XX.
std::string percent_encode(std::string_view text);
// RFC 4648, with padding.
std::string base64_encode(std::string_view bytes);
// Strict; false: not base64.
bool base64_decode(std::string_view text, std::string& bytes);

}  // namespace huiliu::host

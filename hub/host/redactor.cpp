#include "hub/host/redactor.hpp"

#include <algorithm>
#include <cstdint>
#include <mutex>

#include "hub/model/value.hpp"

namespace huiliu::host {
namespace {

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::vector<std::string> secret_forms(std::string_view secret) {
  std::vector<std::string> forms = {std::string(secret), percent_encode(secret), base64_encode(secret)};
  std::string json;
  model::append_json_string(json, secret);
  forms.push_back(json.substr(1, json.size() - 2));
  std::sort(forms.begin(), forms.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  forms.erase(std::unique(forms.begin(), forms.end()), forms.end());
  return forms;
}

void mask_all(std::string& text, const std::string& secret) {
  std::size_t at = text.find(secret);
  if (at == std::string::npos) return;
  std::string out;
  std::size_t done = 0;
  for (; at != std::string::npos; at = text.find(secret, done)) {
    out.append(text, done, at - done).append(Redactor::mask);
    done = at + secret.size();
  }
  text = out.append(text, done, std::string::npos);
}

}  // namespace

void Redactor::add_secret(std::string_view secret) {
  if (secret.size() < min_secret_size) return;
  const std::unique_lock lock(mutex_);
  for (std::string& form : secret_forms(secret))
    if (std::find(secrets_.begin(), secrets_.end(), form) == secrets_.end())
      secrets_.push_back(std::move(form));
  // A secret that contains another must be masked first, or its rest would stay.
  std::stable_sort(secrets_.begin(), secrets_.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

void Redactor::add_token(std::string_view token) {
  if (token.size() < min_secret_size) return;
  const std::unique_lock lock(mutex_);
  tokens_.push_back(secret_forms(token));
  if (tokens_.size() > max_tokens) tokens_.pop_front();
}

std::string Redactor::redact(std::string_view text) const {
  std::string out(text);
  const std::shared_lock lock(mutex_);
  for (const auto& forms : tokens_)
    for (const std::string& form : forms) mask_all(out, form);
  for (const std::string& form : secrets_) mask_all(out, form);
  return out;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    out += '%';
    out += "0123456789ABCDEF"[byte >> 4];
    out += "0123456789ABCDEF"[byte & 15];
  }
  return out;
}

std::string base64_encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < count ? static_cast<std::uint8_t>(bytes[i + k]) : 0);
    for (std::size_t k = 0; k < 4; ++k) out += k <= count ? base64_alphabet[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

bool base64_decode(std::string_view text, std::string& bytes) {
  bytes.clear();
  if (text.size() % 4 != 0) return false;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text.substr(0, text.size() - padding)) {
    const std::size_t digit = base64_alphabet.find(c);
    if (digit == std::string_view::npos) return false;
    group = group << 6 | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(group >> bits & 0xff);
    }
  }
  return true;
}

}  // namespace huiliu::host

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
  if (secret.size() < min_secret_size) return add_token(secret);
  const std::unique_lock lock(mutex_);
  for (std::string& form : secret_forms(secret))
    if (std::find(secrets_.begin(), secrets_.end(), form) == secrets_.end())
      secrets_.push_back(std::move(form));
  // A secret that contains another must be masked first, or its rest would stay.
  std::stable_sort(secrets_.begin(), secrets_.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

void Redactor::add_token(std::string_view token) {
  if (token.empty()) return;
  const std::unique_lock lock(mutex_);
  if (token.size() < min_secret_size) {
    short_.emplace_back(token);
    if (short_.size() > max_tokens) short_.pop_front();
    return;
  }
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

bool Redactor::is_secret(std::string_view value) const {
  const std::shared_lock lock(mutex_);
  const auto is = [&](const std::string& form) { return form == value; };
  return std::any_of(short_.begin(), short_.end(), is) || std::any_of(secrets_.begin(), secrets_.end(), is) ||
         std::any_of(tokens_.begin(), tokens_.end(), [&](const std::vector<std::string>& forms) {
           return std::any_of(forms.begin(), forms.end(), is);
         });
}

std::string Redactor::redact_value(std::string_view value) const {
  if (is_secret(value)) return std::string(mask);
  // "Bearer T"
  if (const std::size_t space = value.find(' ');
      space != std::string_view::npos && is_secret(value.substr(space + 1)))
    return std::string(value.substr(0, space + 1)) + std::string(mask);
  return redact(value);
}

std::string Redactor::redact_url(std::string_view url) const {
  const std::size_t mark = url.find('?');
  if (mark == std::string_view::npos) return redact(url);
  return redact(url.substr(0, mark + 1)) + redact_body(url.substr(mark + 1));
}

std::string Redactor::redact_body(std::string_view body) const {
  if (const auto first = body.find_first_not_of(" \t\r\n");
      first != std::string_view::npos && (body[first] == '{' || body[first] == '[')) {
    // A text is whole between its quotes: a secret that is all of it goes, whatever its length.
    std::string out;
    for (std::size_t at = 0; at < body.size();) {
      const std::size_t open = body.find('"', at);
      if (open == std::string_view::npos) return redact(out.append(body.substr(at)));
      std::size_t close = open + 1;
      while (close < body.size() && body[close] != '"') close += body[close] == '\\' ? 2 : 1;
      if (close >= body.size()) return redact(out.append(body.substr(at)));
      const std::string_view text = body.substr(open + 1, close - open - 1);
      out.append(body.substr(at, open + 1 - at)).append(is_secret(text) ? mask : text) += '"';
      at = close + 1;
    }
    return redact(out);
  }
  std::string out;
  for (std::size_t at = 0; at <= body.size();) {
    const std::size_t end = std::min(body.find('&', at), body.size());
    const std::string_view pair = body.substr(at, end - at);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && is_secret(pair.substr(equals + 1)))
      out.append(pair.substr(0, equals + 1)).append(mask);
    else
      out.append(pair);
    if (end < body.size()) out += '&';
    at = end + 1;
  }
  return redact(out);
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

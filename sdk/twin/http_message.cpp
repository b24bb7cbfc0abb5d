#include <algorithm>
#include <cctype>

#include "sdk/twin/http_client.hpp"
#include "sdk/twin/http_server.hpp"

namespace huiliu::twin {
namespace {

bool same_name(std::string_view left, std::string_view right) {
  const auto fold = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(),
                                                   [&](char a, char b) { return fold(a) == fold(b); });
}

const std::string* find_header(const Fields& headers, std::string_view name) {
  for (const auto& [header_name, value] : headers)
    if (same_name(header_name, name)) return &value;
  return nullptr;
}

const std::string* find_parameter(const Fields& query, std::string_view name) {
  for (const auto& [parameter_name, value] : query)
    if (parameter_name == name) return &value;
  return nullptr;
}

std::string_view text_or_empty(const std::string* text) {
  return text ? std::string_view(*text) : std::string_view{};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_' || c == '~';
}

HttpResponse typed_response(const char* type, std::string body, int status) {
  HttpResponse response;
  response.status = status;
  response.headers.emplace_back("Content-Type", type);
  response.body = std::move(body);
  return response;
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
  return text_or_empty(find_header(headers, name));
}
bool HttpRequest::has_header(std::string_view name) const { return find_header(headers, name) != nullptr; }
std::string_view HttpRequest::parameter(std::string_view name) const {
  return text_or_empty(find_parameter(query, name));
}
bool HttpRequest::has_parameter(std::string_view name) const {
  return find_parameter(query, name) != nullptr;
}

std::string_view HttpAnswer::header(std::string_view name) const {
  return text_or_empty(find_header(headers, name));
}

HttpResponse json_response(std::string body, int status) {
  return typed_response("application/json; charset=utf-8", std::move(body), status);
}

HttpResponse text_response(std::string body, int status) {
  return typed_response("text/plain; charset=utf-8", std::move(body), status);
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

std::string percent_encode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return encoded;
}

Fields parse_form(std::string_view text) {
  Fields fields;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view value = equals < pair.size() ? pair.substr(equals + 1) : std::string_view{};
    fields.emplace_back(percent_decode(pair.substr(0, equals), true), percent_decode(value, true));
  }
  return fields;
}

}  // namespace huiliu::twin

#include "hub/host/mail.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>

#include "hub/host/http.hpp"

namespace huiliu::host {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Status;

constexpr std::string_view base64_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string base64_of(std::string_view bytes, std::size_t line) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto at = [&](std::size_t k) {
      return i + k < bytes.size() ? static_cast<unsigned>(static_cast<unsigned char>(bytes[i + k])) : 0U;
    };
    const unsigned block = at(0) << 16U | at(1) << 8U | at(2);
    for (unsigned k = 0; k < 4; ++k)
      out += i + k > bytes.size() ? '=' : base64_letters[block >> (18 - 6 * k) & 63U];
    if (line > 0 && (column += 4) >= line) {
      out += "\r\n";
      column = 0;
    }
  }
  return out;
}

// RFC 2047, in words of at most 75 characters, cut between characters.
std::string encoded_header(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  std::string out;
  while (!text.empty()) {
    std::size_t cut = std::min<std::size_t>(text.size(), 45);
    while (cut > 0 && cut < text.size() && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
    out += (out.empty() ? "" : "\r\n ") + ("=?UTF-8?B?" + base64_of(text.substr(0, cut), 0) + "?=");
    text.erase(0, std::max<std::size_t>(cut, 1));
  }
  return out;
}

struct Upload {
  std::string text;
  std::size_t sent = 0;
};

std::size_t give(char* out, std::size_t size, std::size_t count, void* user) {
  auto& upload = *static_cast<Upload*>(user);
  const std::size_t bytes = std::min(size * count, upload.text.size() - upload.sent);
  std::memcpy(out, upload.text.data() + upload.sent, bytes);
  upload.sent += bytes;
  return bytes;
}

ErrorClass class_of(CURLcode code, long answer) {
  if (code == CURLE_LOGIN_DENIED || answer == 535 || answer == 530) return ErrorClass::auth;
  if (answer >= 500 && answer < 600) return ErrorClass::config;
  if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) return ErrorClass::config;
  return ErrorClass::retry;
}

}  // namespace

std::string mail_text(const Mail& mail, model::Micros now) {
  const std::time_t seconds = now / model::second;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char date[64];
  std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &utc);
  std::string to;
  for (const std::string& address : mail.to) to += (to.empty() ? "" : ", ") + ("<" + address + ">");
  return std::string("Date: ") + date + "\r\nFrom: <" + mail.from + ">\r\nTo: " + to +
         "\r\nSubject: " + encoded_header(mail.subject) + "\r\nMessage-ID: <" + mail.id +
         ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8"
         "\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
         base64_of(mail.text, 76) + "\r\n";
}

Status send_mail(const MailServer& server, const Mail& mail, model::Micros now) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
  if (curl == nullptr) return make_error(ErrorClass::retry, "no memory for a mail transfer");
  curl_slist* list = nullptr;
  for (const std::string& address : mail.to) list = curl_slist_append(list, ("<" + address + ">").c_str());
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> recipients(list, &curl_slist_free_all);
  Upload upload{mail_text(mail, now), 0};
  char reason[CURL_ERROR_SIZE] = "";
  const std::string from = "<" + mail.from + ">";
  curl_easy_setopt(curl.get(), CURLOPT_URL, server.url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  // A password travels under TLS only.
  curl_easy_setopt(curl.get(), CURLOPT_USE_SSL, server.password.empty() ? CURLUSESSL_TRY : CURLUSESSL_ALL);
  if (!server.user.empty()) curl_easy_setopt(curl.get(), CURLOPT_USERNAME, server.user.c_str());
  if (!server.password.empty()) curl_easy_setopt(curl.get(), CURLOPT_PASSWORD, server.password.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_FROM, from.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(curl.get(), CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_READFUNCTION, &give);
  curl_easy_setopt(curl.get(), CURLOPT_READDATA, &upload);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(server.timeout / 1000));
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT_MS, 10'000L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, reason);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code == CURLE_OK) return {};
  long answer = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer);
  return make_error(
      class_of(code, answer),
      std::string("mail was not taken: ") + (reason[0] != 0 ? reason : curl_easy_strerror(code)), server.url);
}

}  // namespace huiliu::host

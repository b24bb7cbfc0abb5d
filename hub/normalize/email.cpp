// Mail addresses: domain in lower-case ASCII, local part as written (compared without case).
#include <algorithm>

#include "hub/normalize/domain.hpp"
#include "hub/normalize/standardizers.hpp"
#include "hub/normalize/utf8.hpp"

namespace huiliu::normalize {
namespace {

bool is_local_part(std::string_view local) {
  if (local.empty() || local.size() > 64 || local.front() == '.' || local.back() == '.') return false;
  if (local.find("..") != std::string_view::npos) return false;
  return std::all_of(local.begin(), local.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
  });
}

// What a mistyped domain of a large provider was meant to be; "" when nothing comes to mind.
std::string meant_domain(std::string_view domain) {
  static constexpr std::pair<std::string_view, std::string_view> kTypos[] = {{"gmial.com", "gmail.com"},
                                                                             {"gamil.com", "gmail.com"},
                                                                             {"gmail.con", "gmail.com"},
                                                                             {"gmail.cn", "gmail.com"},
                                                                             {"qq.con", "qq.com"},
                                                                             {"qq.cn", "qq.com"},
                                                                             {"qq.co", "qq.com"},
                                                                             {"qqcom", "qq.com"},
                                                                             {"163.con", "163.com"},
                                                                             {"163.cn", "163.com"},
                                                                             {"163.co", "163.com"},
                                                                             {"126.con", "126.com"},
                                                                             {"126.cn", "126.com"},
                                                                             {"sina.con", "sina.com"},
                                                                             {"hotmial.com", "hotmail.com"},
                                                                             {"hotmail.con", "hotmail.com"},
                                                                             {"outlok.com", "outlook.com"},
                                                                             {"outlook.con", "outlook.com"},
                                                                             {"foxmial.com", "foxmail.com"},
                                                                             {"foxmail.con", "foxmail.com"}};
  for (const auto& [typo, meant] : kTypos) {
    if (domain == typo) return std::string(meant);
  }
  return {};
}

struct MailText {
  std::string address;
  std::string display_name;
};

std::string trimmed(std::string_view text) {
  const std::string_view blank = " \t,;:'\"<>()[]";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(blank) - first + 1));
}

// 张三 <zhang@example.com>, mailto:…, 邮箱：…
MailText peel(const std::string& text) {
  const std::size_t open = text.rfind('<');
  const std::size_t close = text.find('>', open == std::string::npos ? 0 : open);
  if (open != std::string::npos && close != std::string::npos && text.find('@', open) < close) {
    return {trimmed(text.substr(open + 1, close - open - 1)), trimmed(text.substr(0, open))};
  }
  std::string address = trimmed(text);
  const std::size_t at = address.find('@');
  const std::size_t colon = address.find(':');
  if (colon != std::string::npos && (at == std::string::npos || colon < at))
    address = trimmed(address.substr(colon + 1));
  return {address, {}};
}

std::vector<std::string> split_addresses(const std::u32string& text) {
  std::vector<std::string> pieces{""};
  bool at_sign = false;  // in the last piece
  bool bracket = false;
  for (const char32_t c : text) {
    const bool separator = c == U';' || c == U',' || c == U'、' || c == U'|' || (c == U'/' && at_sign) ||
                           (c == U' ' && at_sign && !bracket);
    if (separator) {
      pieces.emplace_back();
      at_sign = bracket = false;
      continue;
    }
    at_sign = at_sign || c == U'@';
    bracket = bracket || c == U'<';
    append_utf8(pieces.back(), c);
  }
  pieces.erase(
      std::remove_if(pieces.begin(), pieces.end(), [](const std::string& p) { return trimmed(p).empty(); }),
      pieces.end());
  return pieces;
}

struct MailAddress {
  std::string local;
  std::string domain;  // "": not valid
  std::string text;
};

MailAddress read_address(Normalized& result, const std::string& address) {
  MailAddress mail;
  const std::size_t at = address.rfind('@');
  mail.text = address;
  if (at == std::string::npos) {
    add_finding(result, "form", Severity::error, "a mail address has an @");
    return mail;
  }
  mail.local = address.substr(0, at);
  const std::string domain = ascii_domain(trimmed(std::string_view(address).substr(at + 1)));
  if (domain.empty()) {
    const std::string meant = meant_domain(address.substr(at + 1));
    add_finding(
        result, "domain", Severity::error, "what follows the @ is no domain name",
        meant.empty() ? std::vector<std::string>{} : std::vector<std::string>{mail.local + "@" + meant});
    return mail;
  }
  if (!is_local_part(mail.local))
    add_finding(result, "local_part", Severity::error, "what precedes the @ is no mailbox name");
  mail.domain = domain;
  mail.text = mail.local + "@" + domain;
  if (const std::string meant = meant_domain(domain); !meant.empty()) {
    add_finding(result, "domain", Severity::warning, "probably a mistyped domain",
                {mail.local + "@" + meant});
  }
  return mail;
}

std::string lower_ascii(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 0x20);
  }
  return text;
}

}  // namespace

Normalized normalize_email(std::string_view raw) {
  const std::u32string text = plain(raw);
  if (text.empty()) return empty_value();
  Normalized result;
  report_cleaning(result, clean(raw));
  std::vector<std::string> pieces = split_addresses(text);
  if (pieces.empty()) pieces.push_back(to_utf8(text));
  for (const std::string& piece : pieces) {
    const MailText peeled = piece.find('@') == std::string::npos ? MailText{trimmed(piece), {}} : peel(piece);
    const MailAddress mail = read_address(result, peeled.address.empty() ? piece : peeled.address);
    result.value += (result.value.empty() ? "" : "; ") + mail.text;
    result.key += (result.key.empty() ? "" : ";") + lower_ascii(mail.text);
    if (result.parts.empty()) {  // the first address is the one that counts
      set_part(result, "local", mail.local);
      set_part(result, "domain", mail.domain);
      set_part(result, "registrable_domain", registrable_domain(mail.domain));
      if (!mail.domain.empty()) result.parts.append("free", is_free_mail(mail.domain));
      set_part(result, "display_name", peeled.display_name);
    }
  }
  const bool failed = std::any_of(result.findings.begin(), result.findings.end(),
                                  [](const Finding& f) { return f.severity == Severity::error; });
  if (failed) {  // nothing is peeled from what is no address
    result.value = to_utf8(text);
    result.key = folded(result.value);
  }
  if (pieces.size() > 1) add_finding(result, "several", Severity::info, "the field holds several addresses");
  return finished(std::move(result));
}

}  // namespace huiliu::normalize

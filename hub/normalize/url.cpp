// Web sites. The key is the host without www; on hosts that many share, with the path, because the host says
// nothing.
#include <algorithm>

#include "hub/normalize/domain.hpp"
#include "hub/normalize/quick.hpp"
#include "hub/normalize/standardizers.hpp"
#include "hub/normalize/utf8.hpp"

namespace huiliu::normalize {
namespace {

std::string lower_host(std::string_view host) {
  std::string out(host);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 0x20);
  }
  return out;
}

struct UrlText {
  std::string scheme;  // "http" or "https"; "" when not written
  std::string host;
  std::string port;
  std::string path;  // with query, without fragment
};

UrlText take_apart(std::string text) {
  UrlText url;
  const std::size_t label = text.find("://");
  if (label != std::string::npos) {
    const std::string before = lower_host(text.substr(0, label));
    url.scheme = before.size() >= 5 && before.compare(before.size() - 5, 5, "https") == 0 ? "https" : "http";
    text.erase(0, label + 3);
  } else if (const std::size_t colon = text.find(':'); colon != std::string::npos && text.find('.') > colon) {
    text.erase(0, colon + 1);  // 网址: example.com
  }
  text.erase(0, std::min(text.find_first_not_of("/ "), text.size()));
  text.erase(std::min(text.find('#'), text.size()));
  const std::size_t end = std::min(text.find_first_of("/?\\"), text.size());
  url.host = text.substr(0, end);
  url.path = text.substr(end);
  const std::size_t user = url.host.rfind('@');
  if (user != std::string::npos) url.host.erase(0, user + 1);
  url.host = url.host.substr(0, url.host.find_last_not_of(' ') + 1);
  const std::size_t port = url.host.find(':');
  if (port != std::string::npos) {
    url.port = url.host.substr(port + 1);
    url.host.erase(port);
  }
  while (!url.path.empty() && (url.path.back() == '/' || url.path.back() == ' ')) url.path.pop_back();
  return url;
}

// The key: the host without www, and with the path where many share the host.
std::string site_key(const std::string& host, const UrlText& url, bool shared) {
  std::string site = host;
  if (site.compare(0, 4, "www.") == 0 && std::count(site.begin(), site.end(), '.') >= 2) site.erase(0, 4);
  return shared ? site + url.path : site;
}

bool is_usual(std::string_view raw) {
  return std::all_of(raw.begin(), raw.end(), [](char c) { return c > ' ' && c < 0x7F && c != '&'; });
}

}  // namespace

bool append_quick_url_key(std::string_view raw, std::string& key) {
  if (!is_usual(raw)) return false;
  const UrlText url = take_apart(std::string(raw));
  const std::string host = plain_ascii_domain(url.host);
  if (host.empty()) return false;
  key += site_key(host, url, is_shared_host(host));
  return true;
}

std::string own_domain_of_url(std::string_view raw) {
  const std::string host =
      is_usual(raw) ? plain_ascii_domain(take_apart(std::string(raw)).host) : std::string();
  if (!host.empty()) return is_shared_host(host) ? std::string() : registrable_domain(host);
  const auto parts = normalize_url(raw).parts;
  const model::Value* const shared = parts.find("shared");
  const model::Value* const domain = parts.find("registrable_domain");
  return shared == nullptr || *shared->if_bool() || domain == nullptr ? std::string() : domain->to_text();
}

Normalized normalize_url(std::string_view raw) {
  const std::u32string text = plain(raw);
  if (text.empty()) return empty_value();
  Normalized result;
  report_cleaning(result, clean(raw));
  UrlText url = take_apart(to_utf8(text));
  const std::string host = ascii_domain(url.host);
  if (host.empty()) {
    add_finding(result, "host", Severity::error, "no host name");
    result.value = to_utf8(text);
    result.key = folded(result.value);
    return finished(std::move(result));
  }
  const bool shared = is_shared_host(host);
  if (shared)
    add_finding(result, "shared_host", Severity::info, "many share this host: the site is no identity");
  result.parts.append("host", host);
  set_part(result, "registrable_domain", registrable_domain(host));
  set_part(result, "path", url.path);
  result.parts.append("shared", shared);
  const bool usual_port = url.port.empty() || url.port == "80" || url.port == "443";
  result.value = (url.scheme.empty() ? "http" : url.scheme) + "://" + host +
                 (usual_port ? "" : ":" + url.port) + url.path;
  result.key = site_key(host, url, shared);
  return finished(std::move(result));
}

}  // namespace huiliu::normalize

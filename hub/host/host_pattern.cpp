#include "hub/host/host_pattern.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <cctype>
#include <charconv>

namespace huiliu::host {
namespace {

model::Error pattern_error(std::string message) {
  return model::make_error(model::ErrorClass::config, std::move(message));
}

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return c < 128 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c);
  });
  return out;
}

std::uint16_t default_port(std::string_view scheme) { return scheme == "http" ? 80 : 443; }

bool port_number(std::string_view text, std::uint16_t& port) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
  return problem == std::errc() && end == text.data() + text.size() && port != 0;
}

constexpr std::string_view setting_prefix = "${settings.";

}  // namespace

model::Result<Origin> origin_of(std::string_view url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed || !parsed->has_authority() || parsed->encoded_host().empty())
    return pattern_error("not an absolute URL: " + std::string(url.substr(0, url.find_first_of("?#"))));
  Origin out = {ascii_lower(parsed->scheme()), ascii_lower(std::string_view(parsed->encoded_host())), 0};
  if (out.scheme != "http" && out.scheme != "https")
    return pattern_error("a URL of scheme " + out.scheme + ", want http or https");
  if (parsed->has_userinfo())
    return pattern_error("a URL with user information, which would be logged; use a credential");
  out.port = default_port(out.scheme);
  const std::string_view port(parsed->port());
  if (!port.empty() && !port_number(port, out.port)) return pattern_error("a URL with a bad port");
  return out;
}

model::Result<HostPattern> HostPattern::parse(std::string_view text, const model::Value& settings) {
  HostPattern out;
  if (text.starts_with(setting_prefix) && text.ends_with('}')) {
    const std::string name(text.substr(setting_prefix.size(), text.size() - setting_prefix.size() - 1));
    const auto* url = settings[name].if_string();
    if (url == nullptr || url->empty()) return out;
    auto origin = origin_of(*url);
    if (!origin) {
      origin.error().where = "/" + name;
      return origin.error();
    }
    out.scheme_ = origin->scheme;
    out.host_ = origin->host;
    out.port_ = origin->port;
    out.by_setting_ = true;
    return out;
  }
  std::string_view rest = text;
  if (rest.starts_with("*.")) {
    out.below_ = true;
    rest.remove_prefix(2);
  }
  if (const std::size_t colon = rest.find(':'); colon != std::string_view::npos) {
    if (!port_number(rest.substr(colon + 1), out.port_))
      return pattern_error("a host pattern with a bad port: " + std::string(text));
    rest = rest.substr(0, colon);
  }
  const bool plain = !rest.empty() && std::all_of(rest.begin(), rest.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
  });
  if (!plain) return pattern_error("not a host pattern: " + std::string(text));
  out.host_ = ascii_lower(rest);
  return out;
}

bool HostPattern::fits(const Origin& origin) const {
  if (host_.empty() || origin.scheme != scheme_) return false;
  if (origin.port != (port_ != 0 ? port_ : default_port(scheme_))) return false;
  if (!below_) return origin.host == host_;
  return origin.host.size() > host_.size() + 1 && origin.host.ends_with(host_) &&
         origin.host[origin.host.size() - host_.size() - 1] == '.';
}

bool HostPattern::fits_another_port(const Origin& origin) const {
  return by_setting_ && !host_.empty() && origin.scheme == scheme_ && origin.host == host_;
}

bool any_fits(const std::vector<HostPattern>& patterns, const Origin& origin) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const HostPattern& pattern) { return pattern.fits(origin); });
}

}  // namespace huiliu::host

#include "hub/host/outbound.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "hub/host/host_pattern.hpp"

namespace huiliu::host {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Value;

struct Special {
  const char* range;
  const char* name;
};

// IANA's registries of special-purpose addresses.
constexpr Special special_ranges[] = {
    {"0.0.0.0/8", "this network"},
    {"10.0.0.0/8", "private"},
    {"100.64.0.0/10", "carrier NAT"},
    {"127.0.0.0/8", "loopback"},
    {"169.254.0.0/16", "link-local"},
    {"172.16.0.0/12", "private"},
    {"192.0.0.0/24", "reserved"},
    {"192.0.2.0/24", "documentation"},
    {"192.88.99.0/24", "reserved"},
    {"192.168.0.0/16", "private"},
    {"198.18.0.0/15", "benchmarking"},
    {"198.51.100.0/24", "documentation"},
    {"203.0.113.0/24", "documentation"},
    {"224.0.0.0/4", "multicast"},
    {"240.0.0.0/4", "reserved"},
    {"::/128", "unspecified"},
    {"::1/128", "loopback"},
    {"64:ff9b:1::/48", "local NAT64"},
    {"100::/64", "discard"},
    {"2001::/23", "reserved"},
    {"2001:db8::/32", "documentation"},
    {"5f00::/16", "reserved"},
    {"fc00::/7", "private"},
    {"fe80::/10", "link-local"},
    {"fec0::/10", "private"},
    {"ff00::/8", "multicast"},
};

bool is_mapped(const IpAddress& address) {
  static constexpr std::uint8_t prefix[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::equal(std::begin(prefix), std::end(prefix), address.bytes.begin());
}

IpAddress mapped(const std::uint8_t* four) {
  IpAddress out;
  out.bytes[10] = out.bytes[11] = 0xff;
  std::copy(four, four + 4, out.bytes.begin() + 12);
  return out;
}

bool same_bits(const IpAddress& a, const IpAddress& b, unsigned bits) {
  for (unsigned i = 0; i < 16 && bits > 0; ++i) {
    const unsigned here = std::min(bits, 8U);
    const auto mask = static_cast<std::uint8_t>(0xffU << (8 - here));
    if (((a.bytes[i] ^ b.bytes[i]) & mask) != 0) return false;
    bits -= here;
  }
  return true;
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  unsigned port = 0;
  if (text.empty() || text.size() > 5) return std::nullopt;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    port = port * 10 + static_cast<unsigned>(c - '0');
  }
  if (port == 0 || port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

// "10.0.0.0/8" → address and bits of the IPv6 form.
std::optional<std::pair<IpAddress, unsigned>> cidr_of(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return std::pair(*address, 128U);
  unsigned bits = 0;
  const std::string_view digits = text.substr(slash + 1);
  if (digits.empty() || digits.size() > 3) return std::nullopt;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    bits = bits * 10 + static_cast<unsigned>(c - '0');
  }
  if (is_mapped(*address)) bits += 96;
  if (bits > 128) return std::nullopt;
  return std::pair(*address, bits);
}

// The address of another kind that is written inside this one.
std::optional<IpAddress> embedded(const IpAddress& address) {
  static const IpAddress nat64 = *IpAddress::parse("64:ff9b::"), six_to_four = *IpAddress::parse("2002::"),
                         compatible = *IpAddress::parse("::");
  if (same_bits(address, nat64, 96)) return mapped(address.bytes.data() + 12);
  if (same_bits(address, six_to_four, 16)) return mapped(address.bytes.data() + 2);
  if (same_bits(address, compatible, 96)) return mapped(address.bytes.data() + 12);
  return std::nullopt;
}

bool is_metadata(const IpAddress& address) {
  static const IpAddress link_local = *IpAddress::parse("169.254.0.0"),
                         one_cloud = *IpAddress::parse("100.100.100.200"),
                         other_cloud = *IpAddress::parse("fd00:ec2::254");
  return same_bits(address, link_local, 112) || address == one_cloud || address == other_cloud;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string name(text);
  std::uint8_t four[4];
  if (::inet_pton(AF_INET, name.c_str(), four) == 1) return mapped(four);
  IpAddress out;
  if (::inet_pton(AF_INET6, name.c_str(), out.bytes.data()) == 1) return out;
  return std::nullopt;
}

const char* special_range(const IpAddress& address) {
  static const std::vector<std::pair<std::pair<IpAddress, unsigned>, const char*>> ranges = [] {
    std::vector<std::pair<std::pair<IpAddress, unsigned>, const char*>> list;
    for (const Special& special : special_ranges)
      if (const auto range = cidr_of(special.range)) list.emplace_back(*range, special.name);
    return list;
  }();
  for (const auto& [range, name] : ranges)
    if (same_bits(address, range.first, range.second)) return name;
  if (const auto inner = embedded(address)) return special_range(*inner);
  return "";
}

bool OutboundGuard::contains(const Range& range, const IpAddress& address, std::uint16_t port) const {
  return (range.port == 0 || range.port == port) && same_bits(address, range.address, range.bits);
}

// "10.0.0.8", "10.0.0.0/8", "10.0.0.8:8080", "[fd00::1]:443", "[fd00::/8]:443".
std::optional<OutboundGuard::Range> OutboundGuard::range_of(std::string_view text) {
  Range range;
  std::string_view network = text;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    network = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
  } else if (const std::size_t colon = text.find(':');
             colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
    network = text.substr(0, colon);
    text.remove_prefix(colon);
  } else {
    text = {};
  }
  if (!text.empty()) {
    const auto port = text.starts_with(':') ? port_of(text.substr(1)) : std::nullopt;
    if (!port) return std::nullopt;
    range.port = *port;
  }
  const auto cidr = cidr_of(network);
  if (!cidr) return std::nullopt;
  range.address = cidr->first;
  range.bits = cidr->second;
  return range;
}

void OutboundGuard::add_urls(const Value& settings) {
  if (const model::Object* members = settings.if_object())
    for (const model::Member& member : *members) add_urls(member.value);
  if (const model::Array* list = settings.if_array())
    for (const Value& element : *list) add_urls(element);
  if (!settings.is_string()) return;
  const auto origin = origin_of(settings.as_string());
  if (!origin.ok()) return;
  std::string host = origin->host;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  for (const char* text :
       {host == "localhost" ? "127.0.0.1" : host.c_str(), host == "localhost" ? "::1" : ""})
    if (const auto address = IpAddress::parse(text)) allowed_.push_back({*address, 128, origin->port, true});
}

model::Result<OutboundGuard> OutboundGuard::make(const model::Array& allow, const Value& settings) {
  OutboundGuard guard;
  for (std::size_t i = 0; i < allow.size(); ++i) {
    const auto range = range_of(allow[i].to_text());
    if (!range)
      return make_error(ErrorClass::config,
                        "\"" + allow[i].to_text() +
                            "\" is no network; write 10.1.2.3, 10.1.0.0/16, 10.1.2.3:8080 or [fd00::/8]:443",
                        "/network/allow/" + std::to_string(i));
    guard.allowed_.push_back(*range);
  }
  guard.add_urls(settings);
  return guard;
}

std::string OutboundGuard::refusal(const IpAddress& address, std::uint16_t port) const {
  const char* special = special_range(address);
  if (*special == '\0') return {};
  for (const Range& range : allowed_)
    if (contains(range, address, port) && !(range.from_setting && is_metadata(address))) return {};
  return std::string("the address is ") + special +
         ", and the connection does not allow it; an administrator adds it to network.allow of the "
         "connection";
}

}  // namespace huiliu::host

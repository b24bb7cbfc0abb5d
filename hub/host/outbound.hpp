// Where a connection's requests may go on the network: judged by the address that is connected to, after the
// name was resolved, so that a name that changes its address changes nothing.
//
// Addresses of the internet are open. Special ones (loopback, private, link-local with the clouds' metadata
// services, carrier NAT, multicast, reserved, and IPv6 forms that hide them) are refused, but for
//   - an address that stands as such, with its port, in the connection's own settings
//   ("http://10.0.0.8/erp/"),
//   - what the connection's `network.allow` names: "10.1.0.0/16", "10.1.2.3:8080", "[fd00::/8]:443".
// Metadata addresses are never open by standing in a setting. Pure but for parsing; immutable; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::host {

// An IPv4 or IPv6 address, IPv4 in its IPv6-mapped form.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes = {};
  // Text of either kind, without brackets or zone.
  static std::optional<IpAddress> parse(std::string_view text);
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

// "loopback", "private", "link-local", …; "" for an address of the internet. What is embedded in NAT64, 6to4
// or mapped forms counts.
const char* special_range(const IpAddress& address);

class OutboundGuard {
 public:
  // `allow`: the list of `network.allow`. `settings`: the connection's, with its URLs. Errors: config,
  // `where` = a JSON Pointer into the list.
  static model::Result<OutboundGuard> make(const model::Array& allow, const model::Value& settings);
  // "" when the address may be connected to; else why not, for a person.
  std::string refusal(const IpAddress& address, std::uint16_t port) const;

 private:
  struct Range {
    IpAddress address;
    unsigned bits = 128;
    std::uint16_t port = 0;  // 0: any
    bool from_setting = false;
  };
  bool contains(const Range& range, const IpAddress& address, std::uint16_t port) const;
  static std::optional<Range> range_of(std::string_view text);
  void add_urls(const model::Value& settings);
  std::vector<Range> allowed_;
};

// How a connection reaches the network, where it differs from the hub's own way.
struct Network {
  std::optional<OutboundGuard> guard;  // nullopt: not guarded (developers' tools)
  std::string ca_file, proxy;          // "": the hub's own
};

}  // namespace huiliu::host

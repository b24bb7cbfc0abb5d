// Which addresses a connection's requests may reach.
#include <gtest/gtest.h>

#include "hub/host/http.hpp"
#include "hub/host/outbound.hpp"
#include "tests/unit/host/loopback_server.hpp"

namespace huiliu::host {
namespace {

using model::Array;
using model::Object;
using model::Value;

OutboundGuard guard_of(const Array& allow, const Value& settings = Object{}) {
  auto guard = OutboundGuard::make(allow, settings);
  EXPECT_TRUE(guard.ok()) << guard.error().text();
  return std::move(*guard);
}

bool open(const OutboundGuard& guard, const std::string& address, std::uint16_t port = 443) {
  const auto parsed = IpAddress::parse(address);
  EXPECT_TRUE(parsed) << address;
  return parsed && guard.refusal(*parsed, port).empty();
}

TEST(Outbound, SpecialAddressesAreRefusedInEveryForm) {
  const OutboundGuard guard = guard_of({});
  for (const char* address : {"0.0.0.0",
                              "0.1.2.3",
                              "10.0.0.1",
                              "10.255.255.255",
                              "100.64.0.1",
                              "100.100.100.200",
                              "100.127.255.255",
                              "127.0.0.1",
                              "127.255.0.9",
                              "169.254.169.254",
                              "169.254.0.1",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.0.1",
                              "192.0.2.1",
                              "192.168.0.1",
                              "192.168.255.255",
                              "198.18.0.1",
                              "198.19.255.255",
                              "198.51.100.7",
                              "203.0.113.9",
                              "224.0.0.1",
                              "239.255.255.255",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "::ffff:127.0.0.1",
                              "::ffff:10.0.0.1",
                              "::ffff:169.254.169.254",
                              "::127.0.0.1",
                              "::10.0.0.1",
                              "64:ff9b::7f00:1",
                              "64:ff9b::a00:1",
                              "64:ff9b::a9fe:a9fe",
                              "64:ff9b:1::1",
                              "2002:7f00:1::",
                              "2002:a9fe:a9fe::1",
                              "2002:a00:1::",
                              "2001:db8::1",
                              "2001::1",
                              "fc00::1",
                              "fd00:ec2::254",
                              "fdff::1",
                              "fe80::1",
                              "febf::1",
                              "fec0::1",
                              "ff02::1",
                              "100::1",
                              "5f00::1"})
    EXPECT_FALSE(open(guard, address)) << address;
  for (const char* address :
       {"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.167.1.1",
        "223.255.255.255", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1"})
    EXPECT_TRUE(open(guard, address)) << address;
}

TEST(Outbound, OneAllowedAddressIsNotItsNeighbour) {
  const OutboundGuard guard = guard_of({"10.1.2.3:443", "192.168.7.0/24", "[fd12::/16]:8443"});
  EXPECT_TRUE(open(guard, "10.1.2.3"));
  EXPECT_TRUE(open(guard, "::ffff:10.1.2.3"));
  EXPECT_FALSE(open(guard, "10.1.2.4"));
  EXPECT_FALSE(open(guard, "10.1.2.3", 22));
  EXPECT_TRUE(open(guard, "192.168.7.200", 1234));
  EXPECT_FALSE(open(guard, "192.168.8.1"));
  EXPECT_TRUE(open(guard, "fd12::9", 8443));
  EXPECT_FALSE(open(guard, "fd13::9", 8443));
  for (const char* wrong :
       {"10.0.0.0/33", "10.0.0", "erp.example.com", "10.0.0.1:0", "10.0.0.1:70000", "[fd00::1", ""})
    EXPECT_FALSE(OutboundGuard::make({wrong}, Object{}).ok()) << wrong;
}

TEST(Outbound, AnAddressWrittenInTheSettingsIsMeant) {
  const OutboundGuard guard = guard_of({}, Object{{"base_url", "http://10.0.0.8:8090/k3cloud/"},
                                                  {"more", Array{"http://localhost:9000/x"}},
                                                  {"meta", "http://169.254.169.254/latest"},
                                                  {"other", "http://100.100.100.200/"}});
  EXPECT_TRUE(open(guard, "10.0.0.8", 8090));
  EXPECT_FALSE(open(guard, "10.0.0.8", 80));
  EXPECT_FALSE(open(guard, "10.0.0.9", 8090));
  EXPECT_TRUE(open(guard, "127.0.0.1", 9000));
  EXPECT_TRUE(open(guard, "::1", 9000));
  EXPECT_FALSE(open(guard, "169.254.169.254", 80)) << "a metadata service is never meant by accident";
  EXPECT_FALSE(open(guard, "100.100.100.200", 80));
  EXPECT_TRUE(open(guard_of({"169.254.169.254:80"}), "169.254.169.254", 80)) << "but may be allowed by name";
}

// The address counts that is connected to, whatever the name says.
TEST(Outbound, ANameThatResolvesToTheInsideIsRefusedBeforeAnythingLeaves) {
  loopback::LoopbackServer server(
      [](const loopback::ServedRequest&, loopback::Peer& peer) { peer.answer(200, "secret"); });
  const auto transport = make_live_transport();
  HttpRequest request;
  request.url = "http://localhost" + server.url("/").substr(std::string("http://127.0.0.1").size());
  auto network = std::make_shared<Network>();
  network->guard = guard_of({});
  request.network = network;
  const HttpAnswer refused = transport->exchange(request, {});
  EXPECT_FALSE(refused.answered());
  EXPECT_EQ(refused.failure, model::ErrorClass::config) << refused.reason;
  EXPECT_FALSE(refused.maybe_delivered);
  EXPECT_NE(refused.reason.find("network.allow"), std::string::npos) << refused.reason;
  auto open_network = std::make_shared<Network>();
  open_network->guard = guard_of({"127.0.0.0/8"});
  request.network = open_network;
  EXPECT_TRUE(transport->exchange(request, {}).answered());
  // A connection that another one opened, kept alive, is no way in.
  request.network = network;
  EXPECT_FALSE(transport->exchange(request, {}).answered());
  EXPECT_EQ(server.requests(), 1);
}

}  // namespace
}  // namespace huiliu::host

// The custom robot's signature against values that Node and Python agree on.
#include "plugins/dingtalk/src/robot_sign.hpp"

#include <gtest/gtest.h>
#include <openssl/hmac.h>

#include <array>

#include "plugins/dingtalk/src/callback_crypto.hpp"

namespace dingtalk {
namespace {

struct Vector {
  const char *id, *secret, *timestamp, *base64, *parameter;
};

const Vector kVectors[] = {
    {"R1", "SEC000000000000000000000000000000000000000000000000000000000000demo", "1700000000000",
     "n2gHwd7S4e2vijC7nJlrNelFoQyOuktL93hov1EjFD8=", "n2gHwd7S4e2vijC7nJlrNelFoQyOuktL93hov1EjFD8%3D"},
    {"R2", "this is secret", "1577808000000",
     "ijHEivi6YiCNPZOq4hZstmvZ3sPfbioAiMhP30ae7W0=", "ijHEivi6YiCNPZOq4hZstmvZ3sPfbioAiMhP30ae7W0%3D"},
    {"R3", "SECabc", "1618800000123",
     "Hi/WlCbH0AJ4C9MBzllBbMRccASvlb4ByIjaSY4lNAE=", "Hi%2FWlCbH0AJ4C9MBzllBbMRccASvlb4ByIjaSY4lNAE%3D"},
};

class RobotVectors : public testing::TestWithParam<Vector> {};

TEST_P(RobotVectors, AreSignedAlike) {
  const Vector& v = GetParam();
  const std::string text = robot_string_to_sign(v.timestamp, v.secret);
  std::array<std::uint8_t, 32> mac{};
  HMAC(EVP_sha256(), v.secret, static_cast<int>(std::string_view(v.secret).size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), nullptr);
  EXPECT_EQ(base64_encode({reinterpret_cast<const char*>(mac.data()), mac.size()}), v.base64);
  EXPECT_EQ(robot_sign_parameter(mac), v.parameter);
}

INSTANTIATE_TEST_SUITE_P(Sheet, RobotVectors, testing::ValuesIn(kVectors),
                         [](const auto& instance) { return std::string(instance.param.id); });

}  // namespace
}  // namespace dingtalk

// account.hpp - the invented tenant of the twin: its keys and its own organisations. Fixed, so that settings
// can be printed.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace yonyou_twin {

struct Account {
  std::string tenant_id = "hl7valve";
  std::string app_key = "7d1f0c2a5b3e4987a6c4d2e0f1b39586";
  std::string app_secret = "twin-3f9a61c07be24d58-a1d0";
  std::string suite_key = "5c0d9f3e-77aa-4b1c-9e02-d4f6a8b0c2e1";
  std::string suite_secret = "twin-suite-secret-77";
};
const Account& account();

struct Organisation {
  std::int64_t id;
  std::string_view code, name;
};
/// 云桥阀门 manages its customers in 300 and lets 310 use some of them.
inline constexpr std::array<Organisation, 3> own_organisations{{
    {666666, "global00", "企业账号级"},
    {1706047300000000300, "300", "云桥阀门有限公司"},
    {1706047300000000310, "310", "云桥阀门销售分公司"},
}};
inline constexpr std::string_view managing_organisation = "300";

}  // namespace yonyou_twin

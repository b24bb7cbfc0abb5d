// merchant.hpp - what the vendor's answers about one customer (merchant) become: a record of `customers`, and
// one of `contacts` for each contact person in it. Pure.
//
// A customer is managed by one organisation (createOrg, 管理组织) and used by others (belongOrg, 使用组织);
// the answer for each using organisation differs in its merchantAppliedDetail. They are one record with
// "organisations". Contacts have no address of their own in the API: their key is CUSTOMER-CONTACT.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/yonyou/src/json_read.hpp"
#include "plugins/yonyou/src/mobile.hpp"

namespace yonyou {

/// Ids are texts of digits: shorter ones come first, so that the order is by number.
struct IdLess {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const noexcept {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  }
};

struct RecordOut {
  std::string key, version;
  std::int64_t changed_at_us = 0;
  json::object body;
};

/// The answers about one customer: of its managing organisation, and of those that use it beside.
struct Merchant {
  json::object head;
  std::vector<json::object> users;
  std::string pubts;  ///< from the list; the detail's own is preferred

  std::string id() const { return text_at(head, "id"); }
};

/// Organisations of merchantApplyRanges other than the managing one, by id, in the vendor's order.
std::vector<std::string> using_organisations(const json::object& head);

RecordOut customer_record(const Merchant& merchant);
std::vector<RecordOut> contact_records(const Merchant& merchant);

/// "CUSTOMER-CONTACT"; nullopt when it is no such key.
struct ContactKey {
  std::string customer, contact;
};
std::optional<ContactKey> contact_key(std::string_view key);

}  // namespace yonyou

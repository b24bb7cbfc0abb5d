// The CRM calls (客户管理) of customers and contacts as pages and batches; the differences between the two
// end here. Every function is one HTTP call. Threads and errors: as Client.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/dingtalk/src/client.hpp"
#include "plugins/dingtalk/src/record_body.hpp"

namespace dingtalk {

inline constexpr std::string_view kContactType = "crm_contact";
inline constexpr std::string_view kPoolType = "open_customer_org";
inline constexpr std::size_t kWriteMax = 10;  // records in one batch call
inline constexpr std::size_t kLookupMax =
    100;  // ids in one batch query; the vendor states no limit, pages have this one

struct Page {
  std::vector<boost::json::object> bodies;  // as record_body.hpp has them
  std::string next;                         // token of the next page; empty: this was the last
  std::int64_t at_s = 0;                    // the vendor's clock
};

// One condition of a query.
struct Condition {
  std::string field;   // the vendor's key
  std::string filter;  // EQ, IN, BETWEEN
  boost::json::value value;
};

class CrmApi {
 public:
  CrmApi(const Settings& settings, const Client& client, ObjectKind kind)
      : settings_(settings), client_(client), kind_(kind) {}

  ObjectKind kind() const { return kind_; }
  const CustomFields& custom() const { return settings_.fields_of(kind_ == ObjectKind::contact); }
  std::string_view relation_type() const {
    return kind_ == ObjectKind::contact ? kContactType : std::string_view(settings_.relation_type);
  }

  // The next page of everything. object_type: a collection of its own, such as the pool; "": the ordinary
  // one.
  Page walk(huiliu::Call& call, std::string_view object_type, const std::string& token) const;
  // The next page of what meets all conditions, oldest change first.
  Page query(huiliu::Call& call, const std::vector<Condition>& conditions, const std::string& token) const;
  // The records of these ids that exist, at most kLookupMax, in any order.
  std::vector<boost::json::object> by_ids(huiliu::Call& call, const std::vector<std::string>& ids) const;

  // One batch call for at most kWriteMax items: results[] as the vendor gives them, in the same order.
  enum class Write { create, update };
  boost::json::array write(huiliu::Call& call, Write what, boost::json::array items,
                           const std::string& operator_id) const;

  boost::json::value object_meta(huiliu::Call& call) const;
  boost::json::value unique_keys(huiliu::Call& call) const;

 private:
  Page page_of(const huiliu::Call& call, const Answer& answer, const std::string& token) const;

  const Settings& settings_;
  const Client& client_;
  ObjectKind kind_;
};

}  // namespace dingtalk

// How a CRM object of DingTalk becomes the body of a record, and how a body's changed members go back.
//
// The vendor shows one object in several ways: a field's value is plain text, or {value, extendValue}, or
// JSON inside a string; two endpoints give the same times different names. A body has one shape for all of
// them, so that mappings have stable paths:
//   {instanceId, objectType, data: {key: value…}, extendData: {key: value…}, custom: {our name: value…},
//    owner, permission: {ownerStaffIds, participantStaffIds}, creatorUserId, gmtCreate, gmtModified,
//    procInstStatus}
// and for contacts also {customer, customers, position}. Derived members: `owner` is the first of
// ownerStaffIds, `customer` the first related customer's instanceId, `position` the first of
// contact_position; writing one replaces that first element and keeps the others. A field of the form that
// holds nothing shows as "", so that empty can be told from "this system has no such field". Pure, any
// thread. Malformed parts are kept as they came; nothing throws for the vendor's shapes.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/dingtalk/src/settings.hpp"

namespace dingtalk {

enum class ObjectKind { customer, contact };

// `item`: one element of values[] or result[]. Nothing when it has no instanceId (then it is no record).
std::optional<boost::json::object> body_of(ObjectKind kind, const boost::json::value& item,
                                           const CustomFields& custom);

// When the object was last changed, in seconds since 1970; nothing when it does not say.
std::optional<std::int64_t> modified_s(const boost::json::object& body);

// One record to write: bizDataList as the batch calls want it, and who is responsible.
struct WriteItem {
  boost::json::array fields;                       // {key, value, extendValue?}
  std::optional<boost::json::array> owners;        // principalUserIds; nothing: leave them
  std::optional<boost::json::array> participants;  // participantUserIds
  std::vector<std::string> unknown;                // names under `custom` for which the settings know no key
  bool empty() const { return fields.empty() && !owners && !participants; }
};

// `changes`: members of a body. `base`: the body as last observed, or an empty object.
WriteItem write_item(ObjectKind kind, const boost::json::object& changes, const boost::json::object& base,
                     const CustomFields& custom);

// The vendor's key of a field that a path of the body names ("data.customer_name", "custom.uscc"); "" when it
// can be no condition of a query.
std::string query_field(ObjectKind kind, std::string_view path, const CustomFields& custom);

// The value at a dotted path of a body, as text; nothing when there is none.
std::optional<std::string> text_at_path(const boost::json::object& body, std::string_view path);

}  // namespace dingtalk

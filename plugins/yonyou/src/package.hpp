// package.hpp - what a write asks for, put into the form that the vendor wants. Pure: no I/O.
//
// The hub hands over the fields to change in the shape in which a read shows them. An update of the vendor
// names the customer by id and repeats its number, managing organisation, kind and name; children are told
// apart by their id and an entityStatus, without which they would be added again. Explicit nulls never go
// out: they would reach the business service; an empty text clears.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/yonyou/src/merchant.hpp"
#include "plugins/yonyou/src/settings.hpp"

namespace yonyou {

/// The key under which the vendor remembers a create: at most 32 characters, the same at every retry.
std::string resubmit_key(std::string_view operation_id);
/// A customer number for a tenant that wants one given, the same at every retry.
std::string hub_code(const Settings& settings, std::string_view operation_id);

/// Throws huiliu::DataError with a pointer to the member that cannot be written.
json::object create_package(const Settings& settings, const json::object& body,
                            std::string_view operation_id);

struct UpdatePackage {
  json::object request;               ///< of newupdate; empty: nothing differs
  std::optional<bool> stop;           ///< wanted state of the managing organisation's file
  std::vector<json::object> parts;    ///< newupdate requests of further using organisations
  std::vector<std::string> allocate;  ///< ids of organisations that are to use the customer
  std::vector<std::string> cleared;   ///< paths that must be empty afterwards
  bool empty() const { return request.empty() && !stop && parts.empty() && allocate.empty(); }
};
UpdatePackage update_package(const Merchant& current, const json::object& body);

/// newupdate for one contact of `current`. `contact_id` empty: a new one.
UpdatePackage contact_package(const Merchant& current, std::string_view contact_id, const json::object& body);
/// The contact of `current` with this name and mobile; "" when there is none. Exactly what an insert repeated
/// after a lost answer would double.
std::string same_contact(const Merchant& current, const json::object& body);

/// Did a member that the write names change between what the hub saw and what stands there now?
bool moved_under(const json::object& base, const json::object& now, const json::object& body);
/// Is the value at this path empty or absent?
bool is_empty_at(const json::object& body, std::string_view path);

}  // namespace yonyou

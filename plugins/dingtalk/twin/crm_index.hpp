// Finding CRM objects: by time of change and by the value of a field, without walking over all of them.
//
// Fed by every write to the store (the after-hook). Threads: none of its own, see sdk/twin/twin.hpp.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace dingtalk::twin {

// The text of a field of an object as the store holds it: plain, or the value of {value, extendValue}.
std::string field_text(const boost::json::object& body, std::string_view key);
// The ids in permission, whatever the object calls them.
std::vector<std::string> owners_of(const boost::json::object& body);
std::vector<std::string> participants_of(const boost::json::object& body);

class CrmIndex {
 public:
  using TimeKey = std::pair<std::string, std::string>;  // gmtModified (text sorts as time) and instanceId

  explicit CrmIndex(std::vector<std::string> fields);

  void put(const boost::json::object* before, const boost::json::object* now);

  bool has(std::string_view field) const { return values_.find(std::string(field)) != values_.end(); }
  const std::set<std::string>& equal(std::string_view field, const std::string& value) const;
  const std::set<TimeKey>& by_time() const { return by_time_; }

 private:
  void take_out(const boost::json::object& body);
  void take_in(const boost::json::object& body);

  std::set<TimeKey> by_time_;
  std::unordered_map<std::string, std::unordered_map<std::string, std::set<std::string>>> values_;
};

}  // namespace dingtalk::twin

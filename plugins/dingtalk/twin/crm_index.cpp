#include "plugins/dingtalk/twin/crm_index.hpp"

#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk::twin {
namespace {

std::vector<std::string> people(const json::object& body, std::string_view name, std::string_view other) {
  const json::value* permission = body.if_contains("permission");
  if (permission == nullptr) return {};
  const json::value* list = field(*permission, name);
  return texts_of(list == nullptr ? field(*permission, other) : list);
}

CrmIndex::TimeKey time_key(const json::object& body) {
  return {text_at(body, "gmtModified"), text_at(body, "instanceId")};
}

}  // namespace

std::string field_text(const json::object& body, std::string_view key) {
  const json::value* data = body.if_contains("data");
  const json::value* value = data == nullptr ? nullptr : field(*data, key);
  if (value == nullptr) return {};
  return value->is_object() ? text_at(*value, "value") : scalar_text(*value);
}

std::vector<std::string> owners_of(const json::object& body) {
  return people(body, "ownerStaffIds", "ownerUserIds");
}
std::vector<std::string> participants_of(const json::object& body) {
  return people(body, "participantStaffIds", "participantUserIds");
}

CrmIndex::CrmIndex(std::vector<std::string> fields) {
  for (std::string& name : fields) values_[std::move(name)];
}

void CrmIndex::put(const json::object* before, const json::object* now) {
  if (before != nullptr) take_out(*before);
  if (now != nullptr) take_in(*now);
}

void CrmIndex::take_out(const json::object& body) {
  const TimeKey key = time_key(body);
  by_time_.erase(key);
  for (auto& [name, index] : values_) {
    const auto found = index.find(field_text(body, name));
    if (found == index.end()) continue;
    found->second.erase(key.second);
    if (found->second.empty()) index.erase(found);
  }
}

void CrmIndex::take_in(const json::object& body) {
  const TimeKey key = time_key(body);
  by_time_.insert(key);
  for (auto& [name, index] : values_)
    if (std::string text = field_text(body, name); !text.empty()) index[std::move(text)].insert(key.second);
}

const std::set<std::string>& CrmIndex::equal(std::string_view name, const std::string& value) const {
  static const std::set<std::string> kNone;
  const auto index = values_.find(std::string(name));
  if (index == values_.end()) return kNone;
  const auto found = index->second.find(value);
  return found == index->second.end() ? kNone : found->second;
}

}  // namespace dingtalk::twin

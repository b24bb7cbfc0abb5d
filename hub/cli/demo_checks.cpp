#include "hub/cli/demo_checks.hpp"

#include <algorithm>

#include "hub/cli/session.hpp"
#include "hub/host/http.hpp"
#include "hub/host/redactor.hpp"

namespace huiliu::cli {

using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;

namespace {

constexpr const char* unapproved_creates = "erp_creates_without_approval";

std::int64_t integer(const Value& value) {
  const model::Number* number = value.if_number();
  return number == nullptr ? 0 : number->to_int64().value_or(0);
}

// Writes of these fields, or of fields inside them.
std::int64_t fields_written(const Value& counters, const Value& names) {
  std::int64_t sum = 0;
  const model::Object* written = counters["fields_written"].if_object();
  const model::Array* wanted = names.if_array();
  if (written == nullptr || wanted == nullptr) return 0;
  for (const model::Member& field : *written)
    for (const Value& name : *wanted)
      if (field.key == name.to_text() || field.key.starts_with(name.to_text() + "."))
        sum += integer(field.value);
  return sum;
}

// Phone numbers of a list that are no mobiles, in all records of a page.
std::int64_t landlines(const Value& records, const std::string& member) {
  std::int64_t sum = 0;
  const auto count = [&](const Value& number) {
    const std::string text = number.to_text();
    const auto digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    const bool mobile = digits >= 11 && text.find('1') != std::string::npos &&
                        text.find('-') == std::string::npos && !text.starts_with('0');
    sum += digits > 0 && !mobile ? 1 : 0;
  };
  const std::function<void(const Value&)> walk = [&](const Value& node) {
    if (const model::Object* object = node.if_object())
      for (const model::Member& each : *object) {
        const model::Array* list = each.key == member ? each.value.if_array() : nullptr;
        if (list != nullptr)
          for (const Value& number : *list) count(number);
        else
          walk(each.value);
      }
    if (const model::Array* array = node.if_array())
      for (const Value& each : *array) walk(each);
  };
  walk(records);
  return sum;
}

// Over all records of a stream, page by page: a large one fits into no answer, and need not fit into memory.
Result<std::int64_t> landlines_in(const std::string& control, const std::string& stream,
                                  const std::string& member) {
  std::int64_t sum = 0;
  std::string after;
  while (true) {
    HUILIU_ASSIGN(const Value page,
                  ask_control(control, "/state?limit=1000&stream=" + host::percent_encode(stream) +
                                           "&after=" + host::percent_encode(after)));
    sum += landlines(page["records"], member);
    if (page.find("after") == nullptr) return sum;
    after = page["after"].to_text();
  }
}

std::int64_t writes_in(const Value& counters) {
  return integer(counters["creates"]) + integer(counters["updates"]) + integer(counters["deletes"]);
}

// Creation requests for the connection that a person approved.
std::int64_t approved_creates(store::Snapshot& snapshot, const std::string& connection) {
  std::int64_t approved = 0;
  std::string after;
  while (true) {
    const auto page = snapshot.list_reviews({sync::ReviewKind::create, "decided", connection}, {after, 500});
    for (const sync::Review& review : page) approved += review.choice == "approve" ? 1 : 0;
    if (page.size() < 500) return approved;
    after = page.back().id;
  }
}

}  // namespace

Result<Value> ask_control(const std::string& control, const std::string& path) {
  static const auto transport = host::make_live_transport();
  host::HttpRequest request;
  request.url = control + path;
  const host::HttpAnswer answer = transport->exchange(request, {});
  if (answer.code != 200)
    return make_error(ErrorClass::retry,
                      "the twin answered HTTP " + std::to_string(answer.code) + " " + answer.reason,
                      request.url);
  return model::parse_json(answer.body, {.depth = 64, .bytes = std::size_t{1} << 30});
}

Result<DemoChecks::Numbers> DemoChecks::numbers_of(const CheckedSystem& system) const {
  HUILIU_ASSIGN(const Value counters, ask_control(system.control, "/counters"));
  Numbers numbers;
  numbers["spelling_only_writes"] = integer(counters["spelling_only"]);
  const model::Object* checks = system.checks.if_object();
  if (checks == nullptr) return numbers;
  for (const model::Member& check : *checks) {
    const Value& how = check.value;
    if (const Value* names = how.find("fields")) {
      numbers[check.key] = fields_written(counters, *names);
    } else if (const Value* stream = how.find("creates")) {
      numbers[check.key] = integer(counters["streams"][stream->to_text()]["creates"]);
    } else if (const Value* state = how.find("landlines_in")) {
      HUILIU_ASSIGN(numbers[check.key],
                    landlines_in(system.control, how["stream"].to_text(), state->to_text()));
    } else {
      HUILIU_ASSIGN(const Value answer, ask_control(system.control, how["get"].to_text()));
      numbers[check.key] = integer(answer[how["member"].to_text()]);
    }
  }
  return numbers;
}

Status DemoChecks::begin() {
  for (const CheckedSystem& system : systems_) {
    HUILIU_ASSIGN(before_[system.name], numbers_of(system));
  }
  return {};
}

Result<DemoChecks::Numbers> DemoChecks::count(run::Hub& hub, const std::atomic<bool>& stop) {
  Numbers total{{unapproved_creates, 0}, {"spelling_only_writes", 0}, {"quiet_cycle_writes", 0}};
  std::map<std::string, std::int64_t> writes;
  for (const CheckedSystem& system : systems_) {
    HUILIU_ASSIGN(const Value counters, ask_control(system.control, "/counters"));
    writes[system.name] = writes_in(counters);
  }
  run::CycleOptions options;
  for (const CheckedSystem& system : systems_) options.connections.push_back(system.name);
  options.job = "demo, quiet cycle";
  HUILIU_ASSIGN(const run::CycleReport quiet, hub.sync(options, nullptr, stop));
  static_cast<void>(quiet);
  for (const CheckedSystem& system : systems_) {
    HUILIU_ASSIGN(const Value counters, ask_control(system.control, "/counters"));
    total["quiet_cycle_writes"] += writes_in(counters) - writes[system.name];
    HUILIU_ASSIGN(const Numbers now, numbers_of(system));
    std::int64_t approved = 0;
    HUILIU_TRY(hub.store().read([&](store::Snapshot& snapshot) -> Status {
      approved = approved_creates(snapshot, system.name);
      return {};
    }));
    for (const auto& [name, number] : now) {
      const std::int64_t allowed = name == unapproved_creates ? approved : 0;
      total[name] += std::max<std::int64_t>(0, number - before_[system.name][name] - allowed);
    }
  }
  return total;
}

std::string check_words(const std::string& name) {
  static const std::map<std::string, std::pair<const char*, const char*>> words = {
      {"erp_creates_without_approval", {"未经审批在ERP建档", "ERP creates without an approval"}},
      {"unapproved_leftovers", {"遗留的未审核记录", "records left un-approved"}},
      {"finance_fields_sent", {"写出的财务字段", "finance fields sent out"}},
      {"remark_writes", {"改写企微个人备注", "writes of personal remarks"}},
      {"switchboards_to_persons", {"把总机写给个人", "switchboards written to persons"}},
      {"spelling_only_writes", {"仅写法不同的写入", "writes of another spelling only"}},
      {"quiet_cycle_writes", {"再次同步时的写入", "writes in the second, quiet cycle"}}};
  const auto found = words.find(name);
  return found == words.end() ? name : say(found->second.first, found->second.second);
}

}  // namespace huiliu::cli

#include "hub/run/quota_use.hpp"

#include <algorithm>
#include <cmath>

#include "hub/run/views.hpp"

namespace huiliu::run {
namespace {

using model::Value;

const Value& stream_of(const Value& manifest, const std::string& name) {
  static const Value none;
  if (const model::Array* streams = manifest["streams"].if_array())
    for (const Value& stream : *streams)
      if (stream["name"].to_text() == name) return stream;
  return none;
}

// Days at a limit of so many in a period of `period_days`.
double days_at(const Value& limits, const char* name, double period_days, double factor, double calls) {
  const model::Number* limit = limits[name].if_number();
  if (limit == nullptr || limit->to_double() <= 0) return 0;
  return calls / std::max(1.0, limit->to_double() * factor) * period_days;
}

double days_of(const Value& limits, double factor, double calls) {
  return std::max({days_at(limits, "per_second", 1.0 / 86400, factor, calls),
                   days_at(limits, "per_minute", 1.0 / 1440, factor, calls),
                   days_at(limits, "per_hour", 1.0 / 24, factor, calls),
                   days_at(limits, "per_day", 1, factor, calls),
                   days_at(limits, "per_month", 30, factor, calls)});
}

}  // namespace

QuotaUse quota_use(const Value& manifest, const Value& own, const std::vector<sync::PlannedWrite>& writes,
                   double factor) {
  std::map<std::string, double> calls;
  for (const sync::PlannedWrite& write : writes) {
    const Value& cost = stream_of(manifest, write.ref.stream)["calls"][to_string(write.op)];
    if (const model::Object* quotas = cost.if_object()) {
      for (const model::Member& quota : *quotas)
        if (const model::Number* number = quota.value.if_number()) calls[quota.key] += number->to_double();
    } else {
      calls["calls"] += 1;
    }
  }
  QuotaUse use;
  for (const auto& [quota, sum] : calls) {
    const double number = std::ceil(sum - 1e-6);  // a sum of tenths is not quite whole
    use.calls[quota] = static_cast<std::int64_t>(number);
    Value limits = manifest["quotas"][quota].is_object() ? manifest["quotas"][quota] : Value(model::Object{});
    if (const model::Object* changed = own[quota].if_object())
      for (const model::Member& limit : *changed) limits.as_object().set(limit.key, limit.value);
    use.days = std::max(use.days, days_of(limits, factor, number));
  }
  return use;
}

}  // namespace huiliu::run

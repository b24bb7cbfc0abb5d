#include "plugins/webhook/src/event.hpp"

#include <algorithm>
#include <array>

#include "plugins/webhook/src/encoding.hpp"
#include "plugins/webhook/src/json_text.hpp"

namespace huiliu::webhook {
namespace {

std::vector<std::string> words_of(std::string_view type) {
  std::vector<std::string> words(1);
  for (const char c : type) {
    if (c == '.' || c == '/' || c == ':' || c == '_' || c == '-')
      words.emplace_back();
    else
      words.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return words;
}

// RFC 3339 text or Unix seconds.
std::optional<long long> time_us(std::string_view raw) {
  const std::string text = scalar_text(raw);
  if (const auto seconds = parse_unix_seconds(text)) return *seconds * 1'000'000;
  return parse_rfc3339_us(text);
}

std::optional<long long> updated_at(std::string_view data) {
  for (const char* name : {"updated_at", "modified_at", "updated"})
    if (const auto time = time_us(raw_member(data, name))) return time;
  return std::nullopt;
}

Event parse_convention(std::string_view body) {
  Event event;
  event.id = scalar_text(raw_member(body, "id"));
  event.type = scalar_text(raw_member(body, "type"));
  event.data = raw_member(body, "data");
  event.changed_at_us = updated_at(event.data);
  if (!event.changed_at_us) event.changed_at_us = time_us(raw_member(body, "timestamp"));
  return event;
}

Event parse_stripe(std::string_view body) {
  Event event = parse_convention(body);
  if (const std::string_view object = raw_member(event.data, "object"); is_object(object))
    event.data = std::string(object);
  event.changed_at_us = updated_at(event.data);
  if (!event.changed_at_us) event.changed_at_us = time_us(raw_member(body, "created"));
  return event;
}

Event parse_shopify(const HeaderLookup& header, std::string_view body) {
  Event event;
  for (const std::string prefix : {"x-shopify-", "shopify-"}) {
    if (event.type.empty()) event.type = header(prefix + "topic");
    if (!event.changed_at_us) event.changed_at_us = parse_rfc3339_us(header(prefix + "triggered-at"));
  }
  event.data = body;
  if (const auto time = updated_at(body)) event.changed_at_us = time;
  return event;
}

// GitHub's own events are about other things; an App of that scheme may follow our convention in the body.
Event parse_github(const HeaderLookup& header, std::string_view body) {
  Event event = parse_convention(body);
  if (!event.type.empty()) return event;
  event.type = header("x-github-event");
  const std::string action = scalar_text(raw_member(body, "action"));
  const std::string_view object = raw_member(body, event.type);
  if (!action.empty()) event.type += "." + action;
  event.data = is_object(object) ? object : body;
  event.changed_at_us = updated_at(event.data);
  return event;
}

}  // namespace

Effect effect_of(std::string_view type) {
  const std::vector<std::string> words = words_of(type);
  if (words.size() < 2) return {};
  const std::string& what = words[words.size() - 2];
  const std::string& action = words.back();
  Effect effect;
  if (what == "customer" || what == "customers") effect.stream = "customers";
  if (what == "contact" || what == "contacts") effect.stream = "contacts";
  static constexpr std::array<std::string_view, 8> kKnown{"created", "create",  "updated",  "update",
                                                          "changed", "enabled", "disabled", "upserted"};
  static constexpr std::array<std::string_view, 5> kRemoving{"deleted", "delete", "removed", "remove",
                                                             "destroyed"};
  effect.removes = std::find(kRemoving.begin(), kRemoving.end(), action) != kRemoving.end();
  if (!effect.removes && std::find(kKnown.begin(), kKnown.end(), action) == kKnown.end()) return {};
  return effect;
}

std::optional<Event> parse_event(Scheme scheme, const HeaderLookup& header, std::string_view body) {
  const auto parsed = parse_json(body);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  switch (scheme) {
    case Scheme::stripe:
      return parse_stripe(body);
    case Scheme::shopify:
      return parse_shopify(header, body);
    case Scheme::github:
      return parse_github(header, body);
    default:
      return parse_convention(body);
  }
}

std::string key_of(std::string_view data) { return scalar_text(raw_member(data, "id")); }

std::string version_of(std::string_view data) { return scalar_text(raw_member(data, "version")); }

bool is_thin(std::string_view data) {
  static constexpr std::array<std::string_view, 6> kAboutTheRecord{"id",          "version", "updated_at",
                                                                   "modified_at", "updated", "object"};
  const auto members = raw_members(data);
  return std::all_of(members.begin(), members.end(), [](const auto& member) {
    return std::find(kAboutTheRecord.begin(), kAboutTheRecord.end(), member.first) != kAboutTheRecord.end();
  });
}

}  // namespace huiliu::webhook

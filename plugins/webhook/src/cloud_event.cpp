#include "plugins/webhook/src/cloud_event.hpp"

#include <algorithm>
#include <array>

#include "plugins/webhook/src/encoding.hpp"
#include "plugins/webhook/src/json_text.hpp"

namespace huiliu::webhook {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

// The media type without parameters, in lower case.
std::string media_type(std::string_view content_type) {
  std::string type = lower_case(content_type.substr(0, content_type.find(';')));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  return type;
}

bool is_json_type(std::string_view type) {
  return type.empty() || type == "application/json" || type == "text/json" || type.ends_with("+json");
}

struct Attributes {
  std::string id, source, specversion, type, subject, time, datacontenttype;
};

std::string missing_attribute(const Attributes& attributes) {
  if (attributes.specversion != "1.0") return "specversion is not 1.0";
  if (attributes.id.empty()) return "id is missing";
  if (attributes.source.empty()) return "source is missing";
  if (attributes.type.empty()) return "type is missing";
  return {};
}

Event event_of(const Attributes& attributes, std::string_view data) {
  Event event;
  event.id = attributes.source + "\n" + attributes.id;  // together they name the event
  event.type = attributes.type;
  event.subject = attributes.subject;
  event.data = data;
  event.changed_at_us = parse_rfc3339_us(attributes.time);
  return event;
}

// One structured event; adds to `found` or to its faults.
void read_structured(std::string_view object, CloudEvents& found) {
  const auto fail = [&](std::string why) { found.faults.push_back(std::move(why)); };
  if (!is_object(object)) return fail("an event is no object");
  const auto text = [&](const char* name) { return scalar_text(raw_member(object, name)); };
  const Attributes attributes{text("id"),      text("source"), text("specversion"),    text("type"),
                              text("subject"), text("time"),   text("datacontenttype")};
  if (std::string why = missing_attribute(attributes); !why.empty()) return fail(std::move(why));
  const std::string_view data = raw_member(object, "data");
  const std::string_view encoded = raw_member(object, "data_base64");
  if (!data.empty() && !encoded.empty()) return fail("data and data_base64 exclude each other");
  if (encoded.empty()) return found.events.push_back(event_of(attributes, data));
  const std::optional<std::string> bytes = from_base64(scalar_text(encoded));
  if (!bytes || !parse_json(*bytes)) return fail("data_base64 holds no JSON");
  found.events.push_back(event_of(attributes, *bytes));
}

CloudEvents read_binary(const HeaderLookup& header, std::string_view body) {
  CloudEvents found;
  const std::string type = media_type(header("content-type"));
  std::array<std::string, 6> values;
  static constexpr std::array<const char*, 6> kNames{"ce-id",   "ce-source",  "ce-specversion",
                                                     "ce-type", "ce-subject", "ce-time"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    std::optional<std::string> value = decode_attribute(header(kNames[i]));
    if (!value) {
      found.outcome = CloudEvents::Outcome::broken;
      found.faults.push_back(std::string(kNames[i]) + " is not UTF-8");
      return found;
    }
    values[i] = std::move(*value);
  }
  const Attributes attributes{values[0], values[1], values[2], values[3], values[4], values[5], type};
  std::string why = missing_attribute(attributes);
  if (why.empty() && !header("ce-datacontenttype").empty()) why = "ce-datacontenttype must not occur";
  if (why.empty() && !is_json_type(type)) {
    found.outcome = CloudEvents::Outcome::unknown_format;
    return found;
  }
  if (why.empty() && !body.empty() && !parse_json(body)) why = "the data is not JSON";
  if (why.empty()) {
    found.events.push_back(event_of(attributes, body));
  } else {
    found.outcome = CloudEvents::Outcome::broken;
    found.faults.push_back(std::move(why));
  }
  return found;
}

}  // namespace

std::optional<std::string> decode_attribute(std::string_view value) {
  std::string text(value);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    std::string unescaped;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
      if (text[i] == '\\' && i + 2 < text.size()) ++i;
      unescaped += text[i];
    }
    text = std::move(unescaped);
  }
  if (std::optional<std::string> decoded = percent_decode(text))
    text = std::move(*decoded);  // a bare % stays
  if (!is_utf8(text)) return std::nullopt;
  return text;
}

CloudEvents parse_cloud_events(const HeaderLookup& header, std::string_view body) {
  CloudEvents found;
  const std::string type = media_type(header("content-type"));
  const bool batched =
      type.starts_with("application/cloudevents-batch");  // tested first: the other is its prefix
  if (!batched && !type.starts_with("application/cloudevents")) {
    if (!header("ce-specversion").empty() || !header("ce-id").empty()) return read_binary(header, body);
    found.outcome = CloudEvents::Outcome::no_cloud_event;
    return found;
  }
  const std::string wanted = batched ? "application/cloudevents-batch" : "application/cloudevents";
  if (type != wanted && type != wanted + "+json") {
    found.outcome = CloudEvents::Outcome::unknown_format;
    return found;
  }
  const auto parsed = parse_json(body);
  if (!parsed || (batched ? !parsed->is_array() : !parsed->is_object())) {
    found.outcome = CloudEvents::Outcome::broken;
    found.faults.push_back(batched ? "the batch is no JSON array" : "the event is no JSON object");
    return found;
  }
  if (!batched) read_structured(body, found);
  if (batched)
    for (const std::string_view element : raw_elements(body)) read_structured(element, found);
  return found;
}

}  // namespace huiliu::webhook

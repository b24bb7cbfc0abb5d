#include "plugins/webhook/src/event.hpp"

#include <gtest/gtest.h>

#include <map>

#include "plugins/webhook/src/cloud_event.hpp"
#include "plugins/webhook/src/encoding.hpp"
#include "plugins/webhook/src/json_text.hpp"
#include "plugins/webhook/src/seen_ids.hpp"

namespace huiliu::webhook {
namespace {

using HeaderMap = std::map<std::string, std::string>;

HeaderLookup lookup(const HeaderMap& headers) {
  return [&headers](std::string_view name) -> std::string_view {
    const auto found = headers.find(std::string(name));
    return found == headers.end() ? std::string_view{} : std::string_view(found->second);
  };
}

TEST(JsonText, KeepsTheBytesOfMembers) {
  const std::string text =
      R"( { "a" : 1.10 , "b":[1,{"}":"]"}] ,"c":"x\"y","d" :{"n":12345678901234567890123} , "a":2 })";
  ASSERT_TRUE(parse_json(text));
  EXPECT_EQ(raw_members(text).size(), 5U);
  EXPECT_EQ(raw_member(text, "b"), R"([1,{"}":"]"}])");
  EXPECT_EQ(raw_member(text, "d"), R"({"n":12345678901234567890123})");
  EXPECT_EQ(scalar_text(raw_member(text, "c")), "x\"y");
  EXPECT_EQ(raw_member(text, "a"), "2");
  EXPECT_EQ(scalar_text("1.10"), "1.10");
  EXPECT_EQ(raw_member(text, "z"), "");
  EXPECT_EQ(raw_elements(raw_member(text, "b")).size(), 2U);
  EXPECT_TRUE(raw_elements("[]").empty());
  EXPECT_TRUE(raw_members("{}").empty());
}

TEST(JsonText, SurvivesGarbage) {
  for (const char* garbage : {"", "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":1,", "[", "[1,", "[\"\\",
                              "}", "{:}", "{\"a\"1}", "\"\\"}) {
    raw_members(garbage);
    raw_elements(garbage);
    scalar_text(garbage);
    EXPECT_FALSE(parse_json(garbage)) << garbage;
  }
  EXPECT_FALSE(parse_json(std::string(1000, '[') + std::string(1000, ']')));
  const std::string deep(1'000'000, '[');
  EXPECT_FALSE(parse_json(deep));
  raw_elements(deep);
}

TEST(Encoding, Times) {
  EXPECT_EQ(parse_rfc3339_us("2026-03-01T08:00:00Z"), 1772352000000000);
  EXPECT_EQ(parse_rfc3339_us("2026-03-01T16:00:00.25+08:00"), 1772352000250000);
  EXPECT_EQ(to_rfc3339(1772352000250000), "2026-03-01T08:00:00.250Z");
  for (const char* bad :
       {"", "2026-03-01", "2026-02-30T08:00:00Z", "2026-03-01T25:00:00Z", "2026-03-01T08:00:00",
        "2026-03-01T08:00:00.Z", "2026-03-01T08:00:00+8:00", "yesterday at nine o'clock"})
    EXPECT_FALSE(parse_rfc3339_us(bad)) << bad;
}

TEST(Encoding, Utf8) {
  EXPECT_TRUE(is_utf8("汇流 é \xF0\x9F\x98\x80"));
  for (const char* bad : {"\xC0\xA0", "\x80", "\xE6\xB1", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF"})
    EXPECT_FALSE(is_utf8(bad));
}

TEST(Event, EffectsByType) {
  const auto text = [](const char* type) {
    const Effect effect = effect_of(type);
    return effect.stream + (effect.removes ? "-" : "");
  };
  EXPECT_EQ(text("customer.updated"), "customers");
  EXPECT_EQ(text("customers/update"), "customers");
  EXPECT_EQ(text("com.yunqiao.site.customer.deleted"), "customers-");
  EXPECT_EQ(text("Contact:Created"), "contacts");
  EXPECT_EQ(text("customer.contact.deleted"), "contacts-");
  EXPECT_EQ(text("customer.subscription.updated"), "");
  EXPECT_EQ(text("customer.note_added"), "");
  EXPECT_EQ(text("ping"), "");
  EXPECT_EQ(text(""), "");
}

TEST(Event, EachSchemesFormat) {
  const auto standard = parse_event(
      Scheme::standard, lookup({}),
      R"({"type":"customer.updated","timestamp":"2026-03-01T08:00:00Z","data":{"id":7,"n":1.50}})");
  EXPECT_EQ(standard->type, "customer.updated");
  EXPECT_EQ(standard->data, R"({"id":7,"n":1.50})");
  EXPECT_EQ(key_of(standard->data), "7");
  EXPECT_EQ(standard->changed_at_us, 1772352000000000);

  const auto stripe = parse_event(
      Scheme::stripe, lookup({}),
      R"({"id":"evt_1","type":"customer.updated","created":1772352000,"data":{"object":{"id":"cus_1","name":"A"}}})");
  EXPECT_EQ(stripe->id, "evt_1");
  EXPECT_EQ(stripe->data, R"({"id":"cus_1","name":"A"})");
  EXPECT_EQ(stripe->changed_at_us, 1772352000000000);

  const HeaderMap shopify_headers{{"x-shopify-topic", "customers/update"},
                                  {"x-shopify-triggered-at", "2026-03-01T08:00:00Z"}};
  const auto shopify = parse_event(Scheme::shopify, lookup(shopify_headers),
                                   R"({"id":706405506930370084,"email":"bob@example.com"})");
  EXPECT_EQ(shopify->type, "customers/update");
  EXPECT_EQ(key_of(shopify->data), "706405506930370084");

  const HeaderMap github_headers{{"x-github-event", "customer"}};
  const auto github =
      parse_event(Scheme::github, lookup(github_headers), R"({"action":"updated","customer":{"id":5}})");
  EXPECT_EQ(github->type, "customer.updated");
  EXPECT_EQ(key_of(github->data), "5");

  EXPECT_FALSE(parse_event(Scheme::standard, lookup({}), "[]"));
  EXPECT_FALSE(parse_event(Scheme::standard, lookup({}), ""));
}

TEST(Event, ThinMeansTheRecordMustBeFetched) {
  EXPECT_TRUE(is_thin(R"({"id":"1"})"));
  EXPECT_TRUE(is_thin(R"({"id":"1","version":3,"updated_at":"2026-03-01T08:00:00Z"})"));
  EXPECT_FALSE(is_thin(R"({"id":"1","name":""})"));
}

// ---- CloudEvents: section 6 of the fact sheet
// -------------------------------------------------------------------

constexpr const char* kStructured =
    R"({"specversion":"1.0","id":"1","source":"/site","type":"com.site.customer.updated","time":"2026-03-01T08:00:00Z","data":{"id":"c1","n":1.0}})";

TEST(CloudEvents, Structured) {
  for (const char* type : {"application/cloudevents+json", "Application/CloudEvents+JSON; charset=utf-8",
                           "application/cloudevents"}) {
    const HeaderMap headers{{"content-type", type}};
    const CloudEvents found = parse_cloud_events(lookup(headers), kStructured);
    ASSERT_EQ(found.events.size(), 1U) << type;
    EXPECT_EQ(found.events[0].type, "com.site.customer.updated");
    EXPECT_EQ(found.events[0].data, R"({"id":"c1","n":1.0})");
    EXPECT_EQ(found.events[0].changed_at_us, 1772352000000000);
    EXPECT_NE(found.events[0].id.find("/site"), std::string::npos);
  }
}

TEST(CloudEvents, BatchedIsNotTakenForStructured) {
  const HeaderMap headers{{"content-type", "application/cloudevents-batch+json"}};
  EXPECT_TRUE(parse_cloud_events(lookup(headers), "[]").events.empty());
  EXPECT_EQ(parse_cloud_events(lookup(headers), "[]").outcome, CloudEvents::Outcome::events);
  const CloudEvents found =
      parse_cloud_events(lookup(headers), "[" + std::string(kStructured) + R"(,{"id":"2"},7])");
  EXPECT_EQ(found.events.size(), 1U);
  EXPECT_EQ(found.faults.size(), 2U);
  EXPECT_EQ(parse_cloud_events(lookup(headers), kStructured).outcome, CloudEvents::Outcome::broken);
}

TEST(CloudEvents, BinaryDecodesAttributesOnce) {
  HeaderMap headers{
      {"content-type", "application/json"}, {"ce-specversion", "1.0"},       {"ce-id", "a%2525"},
      {"ce-source", "/%E6%B1%87"},          {"ce-type", "customer.updated"}, {"ce-subject", "c9"}};
  const CloudEvents found = parse_cloud_events(lookup(headers), R"({"name":"A"})");
  ASSERT_EQ(found.events.size(), 1U);
  EXPECT_EQ(found.events[0].id, "/汇\na%25");
  EXPECT_EQ(found.events[0].subject, "c9");
  EXPECT_EQ(found.events[0].data, R"({"name":"A"})");
  headers["ce-datacontenttype"] = "application/json";
  EXPECT_EQ(parse_cloud_events(lookup(headers), "{}").outcome, CloudEvents::Outcome::broken);
  headers.erase("ce-datacontenttype");
  headers["ce-source"] = "%C0%A0";
  EXPECT_EQ(parse_cloud_events(lookup(headers), "{}").outcome, CloudEvents::Outcome::broken);
  headers["ce-source"] = "/s";
  headers.erase("ce-specversion");  // a popular package would fill it in; an event without it is none
  EXPECT_EQ(parse_cloud_events(lookup(headers), "{}").outcome, CloudEvents::Outcome::broken);
  headers["ce-specversion"] = "1.0";
  headers["content-type"] = "text/plain";
  EXPECT_EQ(parse_cloud_events(lookup(headers), "x").outcome, CloudEvents::Outcome::unknown_format);
}

TEST(CloudEvents, AttributeValues) {
  EXPECT_EQ(decode_attribute("plain"), "plain");
  EXPECT_EQ(decode_attribute("汇"), "汇");  // raw non-ASCII: lenient
  EXPECT_EQ(decode_attribute("\"a\\\"b%20c\""), "a\"b c");
  EXPECT_EQ(decode_attribute("100%"), "100%");
  EXPECT_FALSE(decode_attribute("%C0%A0"));
  EXPECT_FALSE(decode_attribute("\xC0\xA0"));
}

TEST(CloudEvents, Data) {
  const HeaderMap headers{{"content-type", "application/cloudevents+json"}};
  const auto parse = [&](const std::string& members) {
    return parse_cloud_events(
        lookup(headers),
        R"({"specversion":"1.0","id":"1","source":"s","type":"customer.updated")" + members + "}");
  };
  EXPECT_EQ(parse(R"(,"data_base64":"eyJpZCI6IjEifQ==")").events.at(0).data, R"({"id":"1"})");
  EXPECT_EQ(parse(R"(,"data":{},"data_base64":"e30=")").faults.size(), 1U);
  EXPECT_EQ(parse(R"(,"data_base64":"!")").faults.size(), 1U);
  EXPECT_EQ(parse("").events.at(0).data, "");
}

TEST(CloudEvents, OtherFormats) {
  const HeaderMap xml{{"content-type", "application/cloudevents+xml"}};
  EXPECT_EQ(parse_cloud_events(lookup(xml), "<x/>").outcome, CloudEvents::Outcome::unknown_format);
  const HeaderMap plain{{"content-type", "application/json"}};
  EXPECT_EQ(parse_cloud_events(lookup(plain), "{}").outcome, CloudEvents::Outcome::no_cloud_event);
}

// ---- ids that were taken
// --------------------------------------------------------------------------------------

TEST(SeenIds, RemembersForDaysAndBounded) {
  SeenIds seen("", 1000);
  EXPECT_FALSE(seen.contains("msg_1"));
  seen.add("msg_1", 1000);
  EXPECT_TRUE(seen.contains("msg_1"));
  const std::string note = seen.to_text();
  EXPECT_TRUE(SeenIds(note, 1000 + kRememberSeconds).contains("msg_1"));
  EXPECT_FALSE(SeenIds(note, 1001 + kRememberSeconds).contains("msg_1"));
  EXPECT_FALSE(SeenIds("garbage\n\n" + note.substr(0, 10), 1000).contains("msg_1"));
  for (int i = 0; i < 1500; ++i) seen.add("other" + std::to_string(i), 1000);
  EXPECT_FALSE(seen.contains("msg_1"));
  EXPECT_TRUE(seen.contains("other1499"));
  EXPECT_LT(seen.to_text().size(), 64U * 1024);
  EXPECT_EQ(SeenIds::note_of("a"), SeenIds::note_of("a"));
  EXPECT_TRUE(SeenIds::note_of("a").starts_with("seen/"));
}

}  // namespace
}  // namespace huiliu::webhook

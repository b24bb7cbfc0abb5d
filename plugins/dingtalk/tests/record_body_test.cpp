// One shape of body for all the shapes in which the vendor shows an object, and back.
#include "plugins/dingtalk/src/record_body.hpp"

#include <gtest/gtest.h>

#include "plugins/dingtalk/src/beijing_time.hpp"
#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

CustomFields custom() {
  CustomFields fields;
  fields.add("uscc", "TextField-U");
  fields.add("tags", "MultiTagField-T");
  return fields;
}

json::object parsed(const char* text) { return json::parse(text).as_object(); }

json::object customer(const char* item) {
  return *body_of(ObjectKind::customer, json::parse(item), custom());
}
json::object contact(const char* item) { return *body_of(ObjectKind::contact, json::parse(item), custom()); }

std::string at(const json::object& body, std::string_view path) {
  return text_at_path(body, path).value_or("(none)");
}

TEST(BodyOfCustomer, ReadsPlainValues) {
  const json::object body = customer(R"({"instanceId":"i1","objectType":"crm_customer",
    "data":{"customer_name":"苏州某某","TextField-U":"91310000000000000X"},
    "permission":{"ownerStaffIds":["u1","u2"],"participantStaffIds":["u3"]},
    "gmtCreate":"2026-01-01 00:00:00","gmtModified":"2026-03-01 16:00:00","procInstStatus":"COMPLETED"})");
  EXPECT_EQ(at(body, "data.customer_name"), "苏州某某");
  EXPECT_EQ(at(body, "custom.uscc"), "91310000000000000X");
  EXPECT_EQ(at(body, "owner"), "u1");
  EXPECT_EQ(modified_s(body), 1'772'352'000);
}

// A naive reader takes {value, extendValue} for the value.
TEST(BodyOfCustomer, ReadsWrappedValues) {
  const json::object body = customer(R"({"instanceId":"i1","data":{
    "customer_name":{"value":"苏州某某"},"address":{"value":"江苏省,苏州市,吴中区,,","extendValue":"{\"code\":\"320506\"}"}}})");
  EXPECT_EQ(at(body, "data.customer_name"), "苏州某某");
  EXPECT_EQ(at(body, "data.address"), "江苏省,苏州市,吴中区,,");
  EXPECT_EQ(at(body, "extendData.address.code"), "320506");
}

TEST(BodyOfCustomer, TakesTheOtherNamesOfTheFullWalk) {
  const json::object body = customer(R"({"instanceId":"i1","data":{},"createTime":"2026-01-01 00:00:00",
    "modifyTime":"2026-03-01 16:00:00","processInstanceStatus":"COMPLATE"})");
  EXPECT_EQ(at(body, "gmtCreate"), "2026-01-01 00:00:00");
  EXPECT_EQ(at(body, "gmtModified"), "2026-03-01 16:00:00");
  EXPECT_EQ(at(body, "procInstStatus"), "COMPLETED");
}

TEST(BodyOfCustomer, OpensJsonInStringsOnlyWhereItIsMeant) {
  const json::object body = customer(
      R"({"instanceId":"i1","data":{"customer_name":"[\"x\"]","MultiTagField-T":"[\"重点\",\"华东\"]"}})");
  EXPECT_EQ(at(body, "data.customer_name"), "[\"x\"]");
  EXPECT_EQ(body.at("custom").at("tags").as_array().size(), 2U);
}

TEST(BodyOfCustomer, TellsEmptyFromAbsent) {
  const json::object body = customer(R"({"instanceId":"i1","data":{}})");
  EXPECT_EQ(at(body, "data.address"), "");
  EXPECT_EQ(at(body, "custom.uscc"), "");
  EXPECT_EQ(at(body, "custom.fax"), "(none)");
  EXPECT_EQ(at(body, "owner"), "");
}

TEST(BodyOfCustomer, WithoutIdIsNoRecord) {
  EXPECT_FALSE(body_of(ObjectKind::customer, json::parse(R"({"data":{}})"), custom()));
  EXPECT_FALSE(body_of(ObjectKind::customer, json::parse("[1]"), custom()));
  EXPECT_FALSE(body_of(ObjectKind::customer, json::parse("null"), custom()));
}

TEST(BodyOfCustomer, SurvivesWrongTypes) {
  for (const char* item :
       {R"({"instanceId":1,"data":[],"permission":"x","extendData":7})",
        R"({"instanceId":"i","data":{"customer_name":null},"permission":{"ownerStaffIds":{"a":1}}})",
        R"({"instanceId":"i","data":"{\"customer_name\":\"n\"}","gmtModified":17})"})
    EXPECT_TRUE(body_of(ObjectKind::customer, json::parse(item), custom())) << item;
}

TEST(BodyOfContact, FollowsTheRelationByIdNotByName) {
  const json::object body =
      contact(R"({"instanceId":"c1","data":{"contact_name":"顾晓岚","contact_phone":"13800138000",
    "contact_position":"[\"采购经理\",\"股东\"]",
    "contact_related_customer":{"value":"[\"甲\",\"乙\"]","extendValue":"{\"list\":[{\"instanceId\":\"i1\"},{\"instanceId\":\"i2\"}]}"}},
    "permission":{"ownerUserIds":["u1"],"participantUserIds":[]}})");
  EXPECT_EQ(at(body, "customer"), "i1");
  EXPECT_EQ(body.at("customers").as_array().size(), 2U);
  EXPECT_EQ(at(body, "position"), "采购经理");
  EXPECT_EQ(at(body, "owner"), "u1");
}

TEST(BodyOfContact, FindsTheRelationInExtendDataToo) {
  const json::object body = contact(R"({"instanceId":"c1","data":{"contact_related_customer":"[\"甲\"]"},
    "extendData":{"contact_related_customer":"{\"list\":[{\"instanceId\":\"i1\"}]}"}})");
  EXPECT_EQ(at(body, "customer"), "i1");
}

std::string value_of(const WriteItem& item, std::string_view key, std::string_view member = "value") {
  for (const json::value& entry : item.fields)
    if (entry.at("key").as_string() == key) return text_at(entry, member);
  return "(none)";
}

TEST(WriteItemOf, SendsOnlyWhatChanged) {
  const WriteItem item =
      write_item(ObjectKind::customer, parsed(R"({"data":{"address":"江苏省,苏州市,吴中区,,x"}})"),
                 parsed(R"({"data":{"customer_name":"n"},"permission":{"ownerStaffIds":["u1"]}})"), custom());
  EXPECT_EQ(item.fields.size(), 1U);
  EXPECT_FALSE(item.owners);
  EXPECT_FALSE(item.participants);
}

TEST(WriteItemOf, NamesCustomFieldsByTheirKey) {
  const WriteItem item = write_item(
      ObjectKind::customer, parsed(R"({"custom":{"uscc":"X","tags":["a","b"],"fax":"1"}})"), {}, custom());
  EXPECT_EQ(value_of(item, "TextField-U"), "X");
  EXPECT_EQ(value_of(item, "MultiTagField-T"), R"(["a","b"])");
  EXPECT_EQ(item.unknown, std::vector<std::string>{"fax"});
}

TEST(WriteItemOf, ClearsWithEmptyText) {
  const WriteItem item =
      write_item(ObjectKind::customer, parsed(R"({"custom":{"uscc":null}})"), {}, custom());
  EXPECT_EQ(value_of(item, "TextField-U"), "");
}

// A naive writer of the first owner throws the others, and the helpers, out.
TEST(WriteItemOf, ANewOwnerReplacesTheFirstAndKeepsTheRest) {
  const json::object base =
      parsed(R"({"permission":{"ownerStaffIds":["u1","u2"],"participantStaffIds":["u3"]}})");
  const WriteItem item = write_item(ObjectKind::customer, parsed(R"({"owner":"u9"})"), base, custom());
  EXPECT_EQ(json::serialize(*item.owners), R"(["u9","u2"])");
  EXPECT_EQ(json::serialize(*item.participants), R"(["u3"])");
  const WriteItem pool = write_item(ObjectKind::customer, parsed(R"({"owner":""})"), {}, custom());
  EXPECT_EQ(json::serialize(*pool.owners), "[]");
}

TEST(WriteItemOf, RelatesAContactByIdAndKeepsItsOtherCustomers) {
  const json::object base = contact(R"({"instanceId":"c1","data":{
    "contact_related_customer":{"value":"[\"甲\",\"乙\"]","extendValue":"{\"list\":[{\"instanceId\":\"i1\"},{\"instanceId\":\"i2\"}]}"}}})");
  const WriteItem item =
      write_item(ObjectKind::contact, parsed(R"({"customer":"i3","customerName":"丙"})"), base, custom());
  EXPECT_EQ(value_of(item, "contact_related_customer"), R"(["丙","乙"])");
  EXPECT_EQ(value_of(item, "contact_related_customer", "extendValue"),
            R"({"list":[{"instanceId":"i3"},{"instanceId":"i2"}]})");
}

TEST(WriteItemOf, PositionIsAListInAString) {
  const json::object base = contact(R"({"instanceId":"c1","data":{"contact_position":"[\"a\",\"b\"]"}})");
  EXPECT_EQ(value_of(write_item(ObjectKind::contact, parsed(R"({"position":"c"})"), base, custom()),
                     "contact_position"),
            R"(["c","b"])");
  EXPECT_EQ(
      value_of(write_item(ObjectKind::contact, parsed(R"({"data":{"contact_position":"c"}})"), {}, custom()),
               "contact_position"),
      R"(["c"])");
}

// encode∘decode∘encode = encode: what was written and read back is written the same again.
TEST(WriteItemOf, RoundTrips) {
  const json::object changes = parsed(
      R"({"data":{"customer_name":"甲","address":"a,b,c,d,e"},"custom":{"uscc":"X","tags":["一","二"]},"owner":"u1"})");
  const WriteItem first = write_item(ObjectKind::customer, changes, {}, custom());
  json::object data;
  for (const json::value& entry : first.fields) data[entry.at("key").as_string()] = entry.at("value");
  const json::object shown = *body_of(
      ObjectKind::customer,
      json::object{{"instanceId", "i"}, {"data", data}, {"permission", {{"ownerStaffIds", *first.owners}}}},
      custom());
  const WriteItem second = write_item(ObjectKind::customer,
                                      json::object{{"data",
                                                    {{"customer_name", shown.at("data").at("customer_name")},
                                                     {"address", shown.at("data").at("address")}}},
                                                   {"custom", shown.at("custom")},
                                                   {"owner", shown.at("owner")}},
                                      {}, custom());
  EXPECT_EQ(json::serialize(first.fields), json::serialize(second.fields));
  EXPECT_EQ(first.owners, second.owners);
}

TEST(QueryField, KnowsWhichPathsCanBeAskedFor) {
  EXPECT_EQ(query_field(ObjectKind::customer, "data.customer_name", custom()), "customer_name");
  EXPECT_EQ(query_field(ObjectKind::customer, "custom.uscc", custom()), "TextField-U");
  EXPECT_EQ(query_field(ObjectKind::customer, "custom.fax", custom()), "");
  EXPECT_EQ(query_field(ObjectKind::contact, "customer", custom()), "");
}

TEST(BeijingTime, IsEightHoursAheadWithoutSayingSo) {
  EXPECT_EQ(beijing_text(0), "1970-01-01 08:00:00");
  EXPECT_EQ(parse_beijing("2026-03-01 00:00:00"), 1'772'294'400);
  EXPECT_EQ(parse_beijing("2026-02-29 00:00:00"), std::nullopt);
  for (const char* text :
       {"", "2026-03-01", "2026-03-01 24:00:00", "2026-3-01 00:00:00x", "2026-03-01 00:00:0x", "－"})
    EXPECT_EQ(parse_beijing(text), std::nullopt) << text;
  for (const std::int64_t moment : {0L, 951782399L, 1772352000L, 4102444799L})
    EXPECT_EQ(parse_beijing(beijing_text(moment)), moment);
}

}  // namespace
}  // namespace dingtalk

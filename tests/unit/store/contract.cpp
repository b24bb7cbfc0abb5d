#include "tests/unit/store/contract.hpp"

#include <cstdio>

namespace huiliu::store::fakes {
namespace {

constexpr const char* customer_model = R"({"entity":"customer","id_prefix":"cus","fields":{
  "names.legal":{"type":"company_name"},"names.short":{"type":"text"},"identifiers.uscc":{"type":"uscc"},
  "phones[switchboard]":{"type":"phone"},"tags":{"type":"tags"},"remark":{"type":"text"}}})";
constexpr const char* contact_model = R"({"entity":"contact","id_prefix":"con","fields":{
  "name":{"type":"person_name"},"email":{"type":"email"}}})";

model::Schema load_test_schema() {
  return model::Schema::load(
             {model::parse_json(customer_model).value(), model::parse_json(contact_model).value()})
      .value();
}

}  // namespace

const model::Schema& test_schema() {
  static const model::Schema schema = load_test_schema();
  return schema;
}

StoreContract::StoreContract() : place_(GetParam().make_place()), store_(open()) {}

std::unique_ptr<Store> StoreContract::open(OpenMode mode) const {
  auto opened = open_store(place_->url(), test_schema(), mode);
  EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().text());
  return opened.ok() ? std::move(*opened) : nullptr;
}

void StoreContract::reopen() {
  store_.reset();
  store_ = open();
}

void StoreContract::write(const std::function<void(Transaction&)>& work) {
  const auto status = store_->write([&](Transaction& t) {
    work(t);
    return Status();
  });
  ASSERT_TRUE(status.ok()) << status.error().text();
}

void StoreContract::read(const std::function<void(Snapshot&)>& work) {
  const auto status = store_->read([&](Snapshot& s) {
    work(s);
    return Status();
  });
  ASSERT_TRUE(status.ok()) << status.error().text();
}

void StoreContract::expect_sound() {
  const auto findings = store_->check();
  ASSERT_TRUE(findings.ok()) << findings.error().text();
  for (const auto& finding : *findings) ADD_FAILURE() << finding.code << ": " << finding.message;
}

GoldenId golden_id(int number) {
  char text[40];
  std::snprintf(text, sizeof text, "cus_%026d", number);
  return text;
}

model::FieldValue text_value(const std::string& text) { return {model::Presence::value, text, "1:" + text}; }

RecordRef ref_of(const std::string& connection, const std::string& key) {
  return {connection, "customers", key};
}

sync::Golden make_golden(int number, const std::string& name) {
  sync::Golden golden;
  golden.id = golden_id(number);
  golden.entity = "customer";
  golden.created = 1'000'000;
  golden.changed = 1'000'000 + number;
  golden.fields[0].value = text_value(name);
  golden.fields[0].version = 1;
  golden.fields[0].from = ref_of("erp", std::to_string(number));
  return golden;
}

sync::Replica make_replica(const std::string& connection, const std::string& key, const GoldenId& golden) {
  sync::Replica replica;
  replica.ref = ref_of(connection, key);
  replica.entity = "customer";
  replica.golden = golden;
  replica.raw = R"({"FName":"深圳汇流科技有限公司","key":")" + key + "\"}";
  replica.raw_hash = 0xfedcba9876543210ULL;
  replica.token = "v1";
  replica.mapping_version = "m1";
  replica.evid = 5'000'000;
  replica.fields[0].base = text_value("深圳汇流科技有限公司");
  replica.fields[0].stands = replica.fields[0].base;
  return replica;
}

sync::Review make_review(int number, sync::ReviewKind kind, const GoldenId& golden) {
  char id[40];
  std::snprintf(id, sizeof id, "rev_%026d", number);
  sync::Review review;
  review.id = id;
  review.kind = kind;
  review.golden = golden;
  review.subject = "subject " + std::to_string(number);
  review.choices = {"yes", "no"};
  review.opened = number;
  review.dedupe = "question/" + std::to_string(number);
  return review;
}

}  // namespace huiliu::store::fakes

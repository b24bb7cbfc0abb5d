// Reading against the twin: each test is a way in which a plain connector would be wrong.
#include <algorithm>
#include <set>

#include "hub/run/key_ranges.hpp"
#include "plugins/kingdee/tests/fixture.hpp"

namespace kingdee_test {
namespace {

using host::ReadMode;
using ReadTest = KingdeeTest;

TEST_F(ReadTest, CheckWorks) { EXPECT_TRUE(open().check().ok()); }

TEST_F(ReadTest, ARecordShowsItsFieldsAsQueriesNameThem) {
  customer(
      101, "甲公司",
      R"("FTEL":"0512-1","FSOCIALCRECODE":"91320500MA1WXYZ123","FSELLER.FNumber":"E1","FWEBSITE":" ","FModifyDate":"2025-05-05T10:00:00")");
  const Read all = read(open());
  ASSERT_TRUE(all.status.ok()) << all.status.error().text();
  ASSERT_EQ(all.records.size(), 1u);
  const host::RemoteRecord& record = all.records[0];
  EXPECT_EQ(record.key, "101");
  EXPECT_EQ(record.body["FName"].to_text(), "甲公司");
  EXPECT_EQ(record.body["FTEL"].to_text(), "0512-1");
  EXPECT_EQ(record.body.at_path("FSELLER.FNumber")->to_text(), "E1");
  EXPECT_EQ(record.body.at_path("FSELLER.FName")->to_text(), "业务员E1");
  EXPECT_TRUE(record.body.find("FWEBSITE")->is_string());
  EXPECT_EQ(record.body["FWEBSITE"].to_text(), "");  // the product shows empty text as one space
  EXPECT_EQ(record.body.at_path("FUseOrgId.FNumber")->to_text(), "100");
  EXPECT_EQ(record.changed_at, 1'746'410'400'000'000);  // 2025-05-05 10:00 in Shanghai
  EXPECT_EQ(record.body["organisations"].as_array().size(), 1u);
}

// Quirk 5: the same customer has a row, and an id, in every organisation that uses it.
TEST_F(ReadTest, CopiesForOtherOrganisationsAreOneRecord) {
  customer(101, "甲公司", R"("FSELLER.FNumber":"E1")");
  copy_of(101, 901, R"("FSELLER.FNumber":"E2","FForbidStatus":"B")");
  const Read all = read(open());
  ASSERT_EQ(all.keys(), (std::vector<std::string>{"101"}));
  const auto& organisations = all.records[0].body["organisations"].as_array();
  ASSERT_EQ(organisations.size(), 2u);
  EXPECT_EQ(organisations[0].at_path("FUseOrgId.FNumber")->to_text(), "100");
  EXPECT_EQ(organisations[1].at_path("FUseOrgId.FNumber")->to_text(), "200");
  EXPECT_EQ(organisations[1].at_path("FSELLER.FNumber")->to_text(), "E2");
  EXPECT_EQ(organisations[1]["FForbidStatus"].to_text(), "B");
  EXPECT_EQ(all.records[0].body["FForbidStatus"].to_text(), "A");
}

TEST_F(ReadTest, NoRecordIsTornOrDoubledAtTheEdgeOfAPage) {
  for (int i = 0; i < 7; ++i) customer(100 + i, "公司" + std::to_string(i));
  copy_of(101, 901);
  copy_of(103, 903);
  copy_of(106, 906);
  for (int size = 1; size <= 12; ++size) {
    const Read all = read(open(R"({"page_size":)" + std::to_string(size) + "}"));
    ASSERT_TRUE(all.status.ok()) << all.status.error().text();
    EXPECT_EQ(all.keys(), (std::vector<std::string>{"100", "101", "102", "103", "104", "105", "106"}))
        << size;
    for (const auto& record : all.records) {
      const bool allocated = record.key == "101" || record.key == "103" || record.key == "106";
      EXPECT_EQ(record.body["organisations"].as_array().size(), allocated ? 2u : 1u)
          << record.key << " of " << size;
    }
  }
}

TEST_F(ReadTest, AnInterruptedFullReadGoesOnFromItsCursor) {
  for (int i = 0; i < 9; ++i) customer(100 + i, "公司");
  copy_of(104, 904);
  auto& instance = open(R"({"page_size":2})");
  const Read whole = read(instance);
  for (std::size_t i = 0; i + 1 < whole.cursors.size(); ++i) {
    const Read rest = read(instance, ReadMode::full, whole.cursors[i]);
    const std::vector<std::string> all = whole.keys();
    EXPECT_EQ(rest.keys(), std::vector<std::string>(
                               all.begin() + static_cast<std::ptrdiff_t>(whole.covered[i]), all.end()));
    EXPECT_EQ(rest.last_cursor(), whole.last_cursor())
        << "the window of changes starts where the first scan began";
  }
  const Read limited = read(instance, ReadMode::full, "", "customers", 3);
  EXPECT_GE(limited.records.size(), 3u);
  EXPECT_LT(limited.records.size(), 9u);
  EXPECT_EQ(limited.records.size() + read(instance, ReadMode::full, limited.last_cursor()).records.size(),
            9u);
}

TEST_F(ReadTest, AForeignCursorAsksForAResync) {
  const Read bad = read(open(), ReadMode::changes, "2024-01-01");
  ASSERT_FALSE(bad.status.ok());
  EXPECT_EQ(bad.status.error().error_class, model::ErrorClass::resync);
}

TEST_F(ReadTest, ChangesFollowTheFullRead) {
  for (int i = 0; i < 5; ++i) customer(100 + i, "公司");
  auto& instance = open();
  const std::string start = read(instance).last_cursor();
  wait_seconds(600);
  edit("102", R"({"FTEL":"1"})");
  wait_seconds(600);
  const Read changed = read(instance, ReadMode::changes, start);
  ASSERT_TRUE(changed.status.ok()) << changed.status.error().text();
  EXPECT_EQ(changed.keys(), (std::vector<std::string>{"102"}));
  wait_seconds(600);
  reset_counters();
  const Read quiet = read(instance, ReadMode::changes, changed.last_cursor());
  EXPECT_TRUE(quiet.records.empty());
  EXPECT_EQ(calls("ExecuteBillQuery"), 1) << "a quiet look costs one call";
}

// Many rows share one second after an import: paging by time alone skips or repeats for ever.
TEST_F(ReadTest, AnyNumberOfRowsMayShareOneSecond) {
  for (int i = 0; i < 25; ++i) customer(100 + i, "公司");
  auto& instance = open(R"({"page_size":3})");
  const std::string start = read(instance).last_cursor();
  wait_seconds(600);
  for (int i = 0; i < 25; ++i) edit(std::to_string(100 + i), R"({"FTEL":"1"})");
  const Read changed = read(instance, ReadMode::changes, start);
  EXPECT_EQ(changed.records.size(), 25u);
  std::set<std::string> keys;
  for (const std::string& key : changed.keys()) keys.insert(key);
  EXPECT_EQ(keys.size(), 25u);
}

TEST_F(ReadTest, AWindowCutOffInTheMiddleLosesNothing) {
  for (int i = 0; i < 10; ++i) customer(100 + i, "公司");
  auto& instance = open(R"({"page_size":3})");
  const std::string start = read(instance).last_cursor();
  wait_seconds(600);
  for (int i = 0; i < 10; ++i) edit(std::to_string(100 + i), R"({"FTEL":"1"})");
  const Read part = read(instance, ReadMode::changes, start, "customers", 4);
  EXPECT_LT(part.records.size(), 10u);
  wait_seconds(600);
  edit("100", R"({"FTEL":"2"})");  // passed already, and changed again before the window ended
  std::set<std::string> keys;
  for (const std::string& key : part.keys()) keys.insert(key);
  const Read rest = read(instance, ReadMode::changes, part.last_cursor());
  for (const std::string& key : rest.keys()) keys.insert(key);
  EXPECT_EQ(keys.size(), 10u);
  const Read next = read(instance, ReadMode::changes, rest.last_cursor());
  ASSERT_NE(next.find("100"), nullptr);
  EXPECT_EQ(next.find("100")->body["FTEL"].to_text(), "2");
}

// FModifyDate is null on records that were never edited; audit and forbid do not move it.
TEST_F(ReadTest, ChangesThatDoNotMoveTheModifyDateAreSeen) {
  customer(101, "待审核", R"("FDocumentStatus":"B")");
  customer(102, "将禁用");
  auto& instance = open();
  const std::string start = read(instance).last_cursor();
  wait_seconds(600);
  customer(103, "新建未改",
           R"("FCreateDate":")" + kingdee_twin::Site::local_text(environment_.now() / 1000) + "\"");
  load("customers", R"({"FCUSTID":104,"FNumber":"C104","FName":"旧","FCreateDate":"2020-01-01T00:00:00"})");
  edit("101", R"({"FDocumentStatus":"C"})");
  edit("102", R"({"FForbidStatus":"B"})");
  const std::vector<std::string> keys = read(instance, ReadMode::changes, start).keys();
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()), (std::set<std::string>{"101", "102", "103"}));
}

// 集团客户: a group of customers may itself belong to another one.
TEST_F(ReadTest, AGroupOfCustomersMayBelongToAnother) {
  customer(101, "集团", R"("FIsGroup":true)");
  customer(102, "子集团", R"("FIsGroup":true,"FGROUPCUSTID.FNumber":"C101")");
  customer(103, "孙公司", R"("FGROUPCUSTID.FNumber":"C102")");
  const Read all = read(open());
  ASSERT_TRUE(all.status.ok()) << all.status.error().text();
  EXPECT_EQ(all.find("103")->body.at_path("FGROUPCUSTID.Id")->to_text(), "102");
  EXPECT_EQ(all.find("102")->body.at_path("FGROUPCUSTID.Id")->to_text(), "101");
  EXPECT_EQ(all.find("102")->body.at_path("FGROUPCUSTID.FNumber")->to_text(), "C101");
  EXPECT_TRUE(all.find("101")->body.at_path("FGROUPCUSTID.Id")->is_null());
}

TEST_F(ReadTest, AChangeInOneOrganisationBringsTheWholeRecord) {
  customer(101, "甲公司");
  copy_of(101, 901, R"("FSELLER.FNumber":"E1")");
  auto& instance = open();
  const std::string start = read(instance).last_cursor();
  wait_seconds(600);
  edit("901", R"({"FSELLER.FNumber":"E2"})");
  const Read changed = read(instance, ReadMode::changes, start);
  ASSERT_EQ(changed.keys(), (std::vector<std::string>{"101"}));
  EXPECT_EQ(changed.records[0].body["organisations"].as_array()[1].at_path("FSELLER.FNumber")->to_text(),
            "E2");
}

// A site whose clock runs ahead or behind by an hour: the hub's own clock must never become a cursor.
TEST_F(ReadTest, TheSitesClockCounts) {
  for (const std::int64_t ahead : {-3'600'000, 3'600'000}) {
    twin_ahead_ms_ = ahead;
    const std::int64_t id = 500 + ahead / 3'600'000;
    customer(id, "公司");
    auto& instance = open(R"({"auth":"validate_user","password":"Huiliu@2025"})");
    const Read all = read(instance);
    ASSERT_TRUE(all.status.ok()) << all.status.error().text();
    wait_seconds(600);
    edit(std::to_string(id), R"({"FTEL":"9"})");
    EXPECT_NE(read(instance, ReadMode::changes, all.last_cursor()).find(std::to_string(id)), nullptr)
        << ahead;
  }
}

// A change committed a moment late carries an older time than the scan that missed it.
TEST_F(ReadTest, WindowsOverlap) {
  customer(101, "公司");
  auto& instance = open();
  std::string cursor = read(instance).last_cursor();
  wait_seconds(600);
  cursor = read(instance, ReadMode::changes, cursor).last_cursor();
  customer(102, "迟到",
           R"("FModifyDate":")" + kingdee_twin::Site::local_text(environment_.now() / 1000 - 60'000) + "\"");
  wait_seconds(5);
  EXPECT_NE(read(instance, ReadMode::changes, cursor).find("102"), nullptr);
}

TEST_F(ReadTest, KeysCostOneQueryAPageAndKeepTheCursor) {
  for (int i = 0; i < 5; ++i) customer(100 + i, "公司");
  copy_of(101, 901);
  auto& instance = open();
  const Read all = read(instance);
  reset_counters();
  const Read keys = read(instance, ReadMode::keys, all.last_cursor());
  EXPECT_EQ(calls("ExecuteBillQuery"), 1);
  EXPECT_TRUE(keys.cursors.empty());
  ASSERT_EQ(keys.keys(), all.keys());
  for (std::size_t i = 0; i < keys.records.size(); ++i) {
    EXPECT_EQ(keys.records[i].version, all.records[i].version);
    EXPECT_TRUE(keys.records[i].body.as_object().empty());
  }
  edit("103", R"({"FForbidStatus":"B"})");
  EXPECT_NE(read(instance, ReadMode::keys).find("103")->version, all.find("103")->version);
}

// Quirk 12: one key that the form lacks fails the whole query.
TEST_F(ReadTest, AFieldThatTheSiteLacksIsLeftOut) {
  customer(101, "甲公司");
  auto& instance = open(R"({"extra_fields":["F_NOT_HERE","FNoSuchField.FNumber"]})");
  const Read all = read(instance);
  ASSERT_TRUE(all.status.ok()) << all.status.error().text();
  ASSERT_EQ(all.records.size(), 1u);
  EXPECT_EQ(all.records[0].body["FName"].to_text(), "甲公司");
  EXPECT_EQ(all.records[0].body.find("F_NOT_HERE"), nullptr);
  EXPECT_FALSE(log_.empty());
  // Learned once: another instance does not ask again, except in a full read.
  auto& second = open(R"({"extra_fields":["F_NOT_HERE","FNoSuchField.FNumber"]})");
  reset_counters();
  Read found;
  ASSERT_TRUE(second.lookup("customers", {"101"}, consumer(found)).ok());
  EXPECT_EQ(calls("ExecuteBillQuery"), 1);
}

TEST_F(ReadTest, CustomFieldsAreReadWhenNamed) {
  customer(101, "甲公司", R"("F_ABCD_Text":"自定义")");
  EXPECT_EQ(read(open(R"({"extra_fields":["F_ABCD_Text"]})")).records[0].body["F_ABCD_Text"].to_text(),
            "自定义");
}

TEST_F(ReadTest, LookupTellsWhatIsGone) {
  customer(101, "甲公司");
  copy_of(101, 901);
  customer(102, "乙公司");
  Read found;
  ASSERT_TRUE(open().lookup("customers", {"102", "101", "777", "901", "junk"}, consumer(found)).ok());
  ASSERT_EQ(found.records.size(), 5u);
  EXPECT_FALSE(found.find("101")->deleted);
  EXPECT_EQ(found.find("101")->body["organisations"].as_array().size(), 2u);
  EXPECT_FALSE(found.find("102")->deleted);
  EXPECT_TRUE(found.find("777")->deleted);
  EXPECT_TRUE(found.find("901")->deleted) << "a copy is no record of its own";
  EXPECT_TRUE(found.find("junk")->deleted);
}

TEST_F(ReadTest, FindByNaturalKeysWithQuotesInThem) {
  customer(101, "O'Neil & Söhne");
  customer(102, "乙公司", R"("FSOCIALCRECODE":"91320500MA1WXYZ123")");
  customer(103, "乙公司");
  auto& instance = open(R"({"external_id_field":"F_HLU_EXTID"})");
  const auto find = [&](std::vector<std::pair<std::string, std::string>> fields, std::uint64_t limit = 0) {
    Read found;
    const model::Status status = instance.find({"customers", std::move(fields), limit}, consumer(found));
    EXPECT_TRUE(status.ok()) << status.error().text();
    return found.keys();
  };
  EXPECT_EQ(find({{"FName", "O'Neil & Söhne"}}), (std::vector<std::string>{"101"}));
  EXPECT_EQ(find({{"FSOCIALCRECODE", "91320500MA1WXYZ123"}}), (std::vector<std::string>{"102"}));
  EXPECT_EQ(find({{"FNumber", "C103"}, {"FName", "乙公司"}}), (std::vector<std::string>{"103"}));
  EXPECT_EQ(find({{"FName", "乙公司"}}).size(), 2u);
  EXPECT_EQ(find({{"FName", "乙公司"}}, 1).size(), 1u);
  EXPECT_TRUE(find({{"FName", "' or '1'='1"}}).empty());
  EXPECT_TRUE(find({{"F_HLU_EXTID", "op-1"}}).empty());
}

// Asking any key of an entry turns one customer into one row per entry.
TEST_F(ReadTest, AddressesDoNotMultiplyTheCustomer) {
  customer(101, "甲公司",
           R"("FT_BD_CUSTCONTACT":[{"FADDRESS1":"苏州"},{"FADDRESS1":"无锡"},{"FADDRESS1":"常州"}])");
  customer(102, "乙公司");
  for (const char* size : {"2", "2000"}) {
    const Read all = read(open(std::string(R"({"read_addresses":true,"page_size":)") + size + "}"));
    ASSERT_TRUE(all.status.ok()) << all.status.error().text();
    ASSERT_EQ(all.keys(), (std::vector<std::string>{"101", "102"}));
    EXPECT_EQ(all.records[0].body["FT_BD_CUSTCONTACT"].as_array().size(), 3u);
    EXPECT_EQ(all.records[0].body["FT_BD_CUSTCONTACT"].as_array()[2]["FADDRESS1"].to_text(), "常州");
    EXPECT_TRUE(all.records[1].body["FT_BD_CUSTCONTACT"].as_array().empty());
  }
}

TEST_F(ReadTest, ContactsNameTheirCompanyByNumberAndRecord) {
  customer(101, "甲公司");
  copy_of(101, 901);
  load(
      "contacts",
      R"({"FCONTACTID":501,"FNumber":"LXR1","FName":"王芳","FMobile":"13800000001","FCompanyType":"BD_Customer",
      "FCompany.FNumber":"C101","FCustId.FNumber":"C101"})");
  const Read all = read(open(), ReadMode::full, "", "contacts");
  ASSERT_EQ(all.keys(), (std::vector<std::string>{"501"}));
  EXPECT_EQ(all.records[0].body.at_path("FCompany.FNumber")->to_text(), "C101");
  EXPECT_EQ(all.records[0].body.at_path("FCompany.Id")->to_text(), "101");
}

TEST_F(ReadTest, EmployeesAndOrganisationsAreKeyedByTheirNumber) {
  load("employees", R"({"FID":1,"FNumber":"E1","FStaffNumber":"E1","FName":"王敏","FMobile":"13800000001"})");
  EXPECT_EQ(read(open(), ReadMode::full, "", "employees").keys(), (std::vector<std::string>{"E1"}));
  EXPECT_EQ(read(open(), ReadMode::full, "", "organizations").keys(),
            (std::vector<std::string>{"100", "200"}));
  EXPECT_EQ(read(open(), ReadMode::full, "", "salespersons").records.size(), 4u);
  Read found;
  ASSERT_TRUE(open().lookup("organizations", {"200", "300"}, consumer(found)).ok());
  EXPECT_FALSE(found.find("200")->deleted);
  EXPECT_TRUE(found.find("300")->deleted);
}

TEST_F(ReadTest, DiscoverListsTheSitesFields) {
  const auto streams = open().discover();
  ASSERT_TRUE(streams.ok()) << streams.error().text();
  const model::Value& customers = (*streams)["streams"].as_array()[0];
  EXPECT_EQ(customers["name"].to_text(), "customers");
  EXPECT_NE(customers["fields"].find("FTEL"), nullptr);
  EXPECT_NE(customers["fields"].find("F_HLU_EXTID"), nullptr);
}

TEST_F(ReadTest, AnEmptyAnswerIsPassedOnAsEmpty) {
  customer(101, "甲公司");
  control("/faults", R"({"empty_list":{"next":1}})");
  const Read empty = read(open());
  EXPECT_TRUE(empty.status.ok());
  EXPECT_TRUE(empty.records.empty());  // what to think of that is the hub's brake, not the connector's guess
}

// Every kind of spoiled answer, at each request of the read: the records come out whole, or the read says why
// not.
TEST_F(ReadTest, ASpoiledAnswerNeverBecomesData) {
  for (int i = 0; i < 4; ++i) customer(100 + i, "公司");
  for (const char* fault :
       {"drop", "http_502", "html", "truncated", "partial_body", "rate_limit", "timeout_after_commit"}) {
    for (int good = 0; good < 3; ++good) {
      auto& instance = open(R"({"page_size":2})");
      ASSERT_TRUE(instance.check().ok());
      // `good` requests pass before the fault strikes: by a page's own filter.
      const std::string match = good == 0 ? "" : R"(,"match":"ExecuteBillQuery")";
      control("/faults",
              std::string(R"({")") + fault + R"(":{"next":)" + std::to_string(good + 1) + match + "}}");
      Read all = read(instance);
      for (int again = 0; !all.status.ok() && again < 4; ++again) {
        const auto error_class = all.status.error().error_class;
        EXPECT_TRUE(error_class == model::ErrorClass::retry || error_class == model::ErrorClass::throttled ||
                    error_class == model::ErrorClass::data)
            << fault << ": " << all.status.error().text();
        all = read(instance);
      }
      ASSERT_TRUE(all.status.ok()) << fault << ": " << all.status.error().text();
      EXPECT_EQ(all.keys(), (std::vector<std::string>{"100", "101", "102", "103"})) << fault;
      control("/faults", "{}");
    }
  }
}

// The question behind a look for deleted records: the n-th of the keys in a range, and is there one more?
class RangeTest : public KingdeeTest {
 protected:
  huiliu::run::RangeQuestion question(host::Instance& instance) {
    return [this, &instance](const huiliu::run::KeyRange& range) -> model::Result<std::vector<std::int64_t>> {
      std::vector<std::pair<std::string, std::string>> fields{{"key.after", std::to_string(range.after)}};
      if (range.upto > 0) fields.emplace_back("key.upto", std::to_string(range.upto));
      if (range.skip > 0) fields.emplace_back("key.skip", std::to_string(range.skip));
      Read out;
      const model::Status found = instance.find({"customers", fields, range.limit}, consumer(out));
      if (!found.ok()) return found.error();
      std::vector<std::int64_t> keys;
      for (const auto& record : out.records) keys.push_back(*model::Number{record.key}.to_int64());
      return keys;
    };
  }
  std::vector<std::int64_t> gone_;
};

TEST_F(RangeTest, AnswersInOrderAndLeavesCopiesOut) {
  for (int i = 0; i < 6; ++i) customer(100 + i, "公司" + std::to_string(i));
  copy_of(101, 901);
  copy_of(104, 102'000);
  const auto ask = question(open(R"({"page_size":2})"));
  using Keys = std::vector<std::int64_t>;
  EXPECT_EQ(*ask({}), (Keys{100, 101, 102, 103, 104, 105}));
  EXPECT_EQ(*ask({100, 104}), (Keys{101, 102, 103, 104}));
  EXPECT_EQ(*ask({100, 104, 3, 2}), (Keys{104}));
  EXPECT_EQ(*ask({100, 104, 4, 2}), Keys{});
  EXPECT_EQ(*ask({0, 105, 1, 3}), (Keys{101, 102, 103}));
}

TEST_F(RangeTest, DeletionsAreFoundInFewCalls) {
  std::vector<std::int64_t> known;
  for (int i = 0; i < 16'000; ++i) {
    customer(100'000 + 3 * i, "公司" + std::to_string(i));
    known.push_back(100'000 + 3 * i);
  }
  const auto ask = question(open());
  const std::atomic<bool> stop{false};
  // How many calls it takes among the first `count` records.
  const auto calls_among = [&](std::size_t count) {
    const std::vector<std::int64_t> some(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(count));
    reset_counters();
    const auto compared = huiliu::run::compare_by_ranges(some, ask, stop);
    EXPECT_TRUE(compared.ok() && compared->complete);
    EXPECT_EQ(compared->calls, calls("ExecuteBillQuery"));
    EXPECT_EQ(compared->missing, gone_);
    EXPECT_TRUE(compared->unknown.empty());
    return compared->calls;
  };
  EXPECT_EQ(calls_among(16'000), 1) << "nothing is gone";
  gone_ = {known[1234]};
  control("/delete", R"({"stream":"customers","key":")" + std::to_string(known[1234]) + "\"}");
  const auto of_4k = calls_among(4'000), of_8k = calls_among(8'000), of_16k = calls_among(16'000);
  EXPECT_LE(of_8k, of_4k + 3) << "twice as many records, one halving more";
  EXPECT_LE(of_16k, of_8k + 3);
  EXPECT_LT(of_16k, 16) << "fewer than pages of a thousand keys";
}

}  // namespace
}  // namespace kingdee_test

// The queue of codes that no value map knows, in a store.
#include "hub/run/unmapped.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace huiliu::run {
namespace {

namespace fs = std::filesystem;
using model::Value;

class Unmapped : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "huiliu-unmapped-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    schema_ = *model::Schema::load(
        {*model::parse_json(R"({"entity":"customer","id_prefix":"cus","fields":{"name":{"type":"text"}}})")});
    auto opened =
        store::open_store("sqlite:" + (directory_ / "hub.db").string(), schema_, store::OpenMode::owner);
    ASSERT_TRUE(opened.ok()) << opened.error().text();
    store_ = std::move(*opened);
  }
  void TearDown() override {
    store_.reset();
    fs::remove_all(directory_);
  }
  void note(const std::string& key, const std::string& code, model::Micros read) {
    const model::Status written = store_->write([&](store::Transaction& transaction) -> model::Status {
      note_unmapped(transaction, {"crm", "customers", key},
                    {{"level", "unmapped_value", "…", code}, {"name", "not_text", "…", {}}}, read);
      return {};
    });
    ASSERT_TRUE(written.ok()) << written.error().text();
  }
  model::Array queue(const std::string& connection = "") {
    model::Array rows;
    EXPECT_TRUE(store_
                    ->read([&](store::Snapshot& snapshot) -> model::Status {
                      rows = unmapped_values(snapshot, connection);
                      return {};
                    })
                    .ok());
    return rows;
  }

  fs::path directory_;
  model::Schema schema_;
  std::unique_ptr<store::Store> store_;
};

TEST_F(Unmapped, CountsTheRecordsOfTheNewestRead) {
  note("1", "Z", 1000);
  note("2", "Z", 1000);
  ASSERT_EQ(queue().size(), 1U);
  EXPECT_EQ(queue()[0]["count"], Value(2));
  EXPECT_EQ(queue()[0]["value"], Value("Z"));
  EXPECT_EQ(queue()[0]["example"], Value("2"));
  note("1", "Z", 2000);
  EXPECT_EQ(queue()[0]["count"], Value(1));
  EXPECT_TRUE(queue("erp").empty());
}

// As long as there are any, every record is decoded at every read; afterwards only what changed.
TEST_F(Unmapped, AfterACompleteReadOnlyWhatItMetIsLeft) {
  const auto any = [&] {
    bool has = false;
    EXPECT_TRUE(store_
                    ->read([&](store::Snapshot& snapshot) -> model::Status {
                      has = has_unmapped(snapshot, "crm");
                      return {};
                    })
                    .ok());
    return has;
  };
  const auto complete_read = [&](const std::string& stream, model::Micros began) {
    EXPECT_TRUE(store_
                    ->write([&](store::Transaction& transaction) -> model::Status {
                      forget_unmapped(transaction, "crm", stream, began);
                      return {};
                    })
                    .ok());
  };
  EXPECT_FALSE(any());
  note("1", "Y", 1000);
  note("1", "Z", 2000);
  complete_read("orders", 3000);
  EXPECT_EQ(queue().size(), 2U);
  complete_read("customers", 2000);
  ASSERT_EQ(queue().size(), 1U);
  EXPECT_EQ(queue()[0]["value"], Value("Z"));
  EXPECT_TRUE(any());
  complete_read("customers", 3000);
  EXPECT_TRUE(queue().empty());
  EXPECT_FALSE(any());
}

TEST_F(Unmapped, ForgetsWhatACompleteReadNoLongerMet) {
  note("1", "Z", 1'000'000);
  const model::Status written = store_->write([&](store::Transaction& transaction) -> model::Status {
    store::Cursor cursor;
    cursor.connection = "crm";
    cursor.stream = "customers";
    cursor.mode = store::ReadMode::full;
    cursor.scan_started = 2'000'000;
    cursor.complete = true;
    transaction.save(cursor);
    return {};
  });
  ASSERT_TRUE(written.ok());
  EXPECT_TRUE(queue().empty());
  note("1", "Z", 2'000'000);
  EXPECT_EQ(queue().size(), 1U);
}

}  // namespace
}  // namespace huiliu::run

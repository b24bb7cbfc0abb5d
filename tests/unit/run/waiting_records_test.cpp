#include "hub/run/waiting_records.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "hub/model/id.hpp"

namespace huiliu::run {
namespace {

ReceivedRecord record(int number) {
  ReceivedRecord made;
  made.key = std::to_string(number);
  made.token = number % 2 == 0 ? "v" + made.key : "";
  made.changed_at = number * model::second;
  made.deleted = number % 7 == 0;
  if (made.deleted) return made;
  made.raw = R"({"id":)" + made.key + R"(,"名称":"甲\u0000乙"})";
  made.body = *model::parse_json(made.raw);
  return made;
}

void expect_same(const ReceivedRecord& taken, const ReceivedRecord& given) {
  EXPECT_EQ(taken.key, given.key);
  EXPECT_EQ(taken.token, given.token);
  EXPECT_EQ(taken.changed_at, given.changed_at);
  EXPECT_EQ(taken.deleted, given.deleted);
  EXPECT_EQ(taken.raw, given.raw);
  EXPECT_EQ(taken.body, given.body);
}

// However much of it fits into memory: all, some, none.
class Waiting : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Waiting, ComeBackInTheirOrder) {
  WaitingRecords waiting(GetParam());
  EXPECT_TRUE(waiting.empty());
  std::uint64_t keys = 0;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(waiting.add(record(i)).ok());
    keys += model::hash64(std::to_string(i));
  }
  EXPECT_EQ(waiting.key_sum(), keys);
  int next = 0;
  for (int added = 100; !waiting.empty();) {
    const auto taken = waiting.take(9);
    ASSERT_TRUE(taken.ok()) << taken.error().text();
    ASSERT_FALSE(taken->empty());
    for (const ReceivedRecord& each : *taken) expect_same(each, record(next++));
    if (added < 120) {
      ASSERT_TRUE(waiting.add(record(added++)).ok());
    }
  }
  EXPECT_GT(next, 100);
  EXPECT_EQ(waiting.key_sum(), 0U);
  EXPECT_TRUE(waiting.take(9)->empty());
}

TEST_P(Waiting, AreForgotten) {
  WaitingRecords waiting(GetParam());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(waiting.add(record(i)).ok());
  waiting.clear();
  EXPECT_TRUE(waiting.empty());
  ASSERT_TRUE(waiting.add(record(11)).ok());
  EXPECT_EQ(waiting.take(9)->at(0).key, "11");
}

INSTANTIATE_TEST_SUITE_P(Memory, Waiting, ::testing::Values(WaitingRecords::usual_bytes, 20'000, 0));

TEST(WaitingRecords, ATemporaryDirectoryThatIsNoneIsAnError) {
  const char* const usual = std::getenv("TMPDIR");
  const std::string before = usual == nullptr ? "" : usual;
  ::setenv("TMPDIR", "/nowhere", 1);
  WaitingRecords waiting(0);
  const model::Status added = waiting.add(record(1));
  if (usual == nullptr)
    ::unsetenv("TMPDIR");
  else
    ::setenv("TMPDIR", before.c_str(), 1);
  ASSERT_FALSE(added.ok());
  EXPECT_NE(added.error().message.find("TMPDIR"), std::string::npos);
  EXPECT_TRUE(waiting.empty());
}

}  // namespace
}  // namespace huiliu::run

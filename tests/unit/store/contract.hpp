// The contract of hub/store/store.hpp as tests that every implementation must pass. A backend makes empty
// places for a store and knows how to harm them; the tests (contract_*.cpp) know nothing else about it.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "hub/model/schema.hpp"
#include "hub/store/store.hpp"

namespace huiliu::store::fakes {

// Where one test keeps its store; removed with it.
class Place {
 public:
  virtual ~Place() = default;
  virtual std::string url() const = 0;
  // The same place with so little room that a few megabytes do not fit.
  virtual std::string cramped_url() const = 0;
  // A file name for a backup, free.
  virtual std::string backup_path() const = 0;
  // With no store open: makes it look written by a later version; overwrites a part of what it holds; makes
  // it something that is no store at all.
  virtual void make_newer() = 0;
  virtual void damage() = 0;
  virtual void make_foreign() = 0;
};

struct Backend {
  std::string name;
  std::function<std::unique_ptr<Place>()> make_place;
};

inline void PrintTo(const Backend& backend, std::ostream* out) { *out << backend.name; }

// All that the contract is run on (backends.cpp).
std::vector<Backend> backends();

// At the end of each file of the contract.
#define HUILIU_FOR_EVERY_STORE(suite)                                     \
  INSTANTIATE_TEST_SUITE_P(Every, suite, ::testing::ValuesIn(backends()), \
                           [](const auto& tested) { return tested.param.name; })

class StoreContract : public ::testing::TestWithParam<Backend> {
 protected:
  StoreContract();

  std::unique_ptr<Store> open(OpenMode mode = OpenMode::owner) const;
  // Ends the store and opens it again.
  void reopen();
  void write(const std::function<void(Transaction&)>& work);
  void read(const std::function<void(Snapshot&)>& work);
  // check() finds nothing.
  void expect_sound();

  std::unique_ptr<Place> place_;
  std::unique_ptr<Store> store_;
};

const model::Schema& test_schema();

// Ids that sort by number, as made ids sort by time.
GoldenId golden_id(int number);
sync::Golden make_golden(int number, const std::string& name = "深圳汇流科技有限公司");
sync::Replica make_replica(const std::string& connection, const std::string& key,
                           const GoldenId& golden = {});
sync::Review make_review(int number, sync::ReviewKind kind, const GoldenId& golden);
RecordRef ref_of(const std::string& connection, const std::string& key);
model::FieldValue text_value(const std::string& text);

}  // namespace huiliu::store::fakes

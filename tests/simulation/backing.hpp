// Where a simulated hub remembers: memory (ring D1), or the shipped store on files that fail (ring D2). The
// world and the checkers are the same over both.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "hub/model/schema.hpp"
#include "tests/simulation/faults.hpp"
#include "tests/support/memory_repository.hpp"

namespace huiliu::simulation {

class Backing {
 public:
  virtual ~Backing() = default;

  enum class Outcome {
    committed,
    rolled_back,  // the work said so, or the disk refused: nothing happened
    died,         // the power went: the hub's process is a new one; `kept` tells whether it had committed
  };
  struct Result {
    Outcome outcome = Outcome::committed;
    bool kept = true;
  };
  // One transaction; the work says whether to commit.
  virtual Result write(const std::function<bool(sync::Repository&)>& work) = 0;
  // What is committed, for the checkers.
  virtual tests::MemoryRepository& picture() = 0;
  // A fault of the storage itself that the checkers must know, or empty (S5, S14).
  virtual std::string complaint() { return {}; }
  // A backup of what is committed; and the backup put in its place.
  virtual void back_up() = 0;
  virtual void put_back() = 0;
  // At the end: does the store hold exactly what was committed?
  virtual void verify() {}
};

class MemoryBacking final : public Backing {
 public:
  Result write(const std::function<bool(sync::Repository&)>& work) override {
    repository_.begin();
    if (work(repository_)) {
      repository_.commit();
      return {};
    }
    repository_.rollback();
    return {Outcome::rolled_back, false};
  }
  tests::MemoryRepository& picture() override { return repository_; }
  void back_up() override { backup_ = repository_; }
  void put_back() override { repository_ = backup_; }

 private:
  tests::MemoryRepository repository_, backup_;
};

// On the real SQLite store, in a directory of its own.
std::unique_ptr<Backing> make_store_backing(const model::Schema& schema, Faults& faults, Dice& dice);

}  // namespace huiliu::simulation

// Ring D2: the shipped store on SQLite, on files that fail and forget what was not synced. Beside it stands a
// model in memory to which every committed change is done once more; after each loss of power, and at the
// end, the store must hold what the model holds: all of a transaction or nothing of it, and everything that
// was acknowledged.
#include <stdlib.h>

#include <filesystem>
#include <stdexcept>

#include "hub/store/store.hpp"
#include "tests/simulation/backing.hpp"
#include "tests/simulation/recorder.hpp"
#include "tests/unit/store/faulty_files.hpp"

namespace huiliu::simulation {
namespace {

namespace fs = std::filesystem;
using store::fakes::FaultyFiles;

constexpr const char* space = "simulation";
constexpr int fault_percent = 3;  // of the transactions, for each kind of fault
constexpr int most_changes = 12;  // of a file in one transaction, roughly: where a fault may strike

class Directory {
 public:
  Directory() {
    const fs::path memory = "/dev/shm";  // syncs are simulated, so nothing is lost by not waiting for a disk
    auto pattern = ((fs::exists(memory) ? memory : fs::temp_directory_path()) / "huiliu-sim-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
    path_ = pattern;
  }
  ~Directory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  std::string url() const { return "sqlite:" + path_ + "/store.db?cache_mb=1"; }
  std::string backup() const { return path_ + "/backup.db"; }

 private:
  std::string path_;
};

class StoreBacking final : public Backing {
 public:
  StoreBacking(const model::Schema& schema, Faults& faults, Dice& dice)
      : schema_(schema), faults_(faults), dice_(dice) {
    open();
  }
  ~StoreBacking() override { store_.reset(); }

  Result write(const std::function<bool(sync::Repository&)>& work) override {
    if (!store_) return {Outcome::rolled_back, false};  // it could not be opened: complaint() says so
    const Point fault = plan_fault();
    Recorder::Changes changes;
    bool wanted = false;
    ++number_;
    const model::Status status = store_->write([&](store::Transaction& transaction) -> model::Status {
      Recorder recorder(transaction, changes);
      wanted = work(recorder);
      if (!wanted) return model::make_error(model::ErrorClass::cancelled, "taken back");
      transaction.save_value(space, "transaction", std::to_string(number_));
      return {};
    });
    const bool struck = files_.struck();
    if (struck && fault != Point::count) count_strike(fault);
    files_.plan(FaultyFiles::Fault::none, 0);
    if (struck && fault == Point::power_cut) return after_power_cut(changes, status.ok());
    if (status.ok()) {
      commit(changes);
      return {};
    }
    if (status.error().error_class == model::ErrorClass::in_doubt) return after_power_cut(changes, false);
    if (wanted && !struck) complain("a transaction failed without a fault: " + status.error().text());
    return {Outcome::rolled_back, false};
  }

  tests::MemoryRepository& picture() override { return model_; }
  std::string complaint() override { return complaint_; }

  void back_up() override {
    if (!store_) return;
    if (const auto status = store_->backup(directory_.backup()); !status.ok())
      complain("the backup failed: " + status.error().text());
    backup_model_ = model_;
    backed_up_ = committed_;
  }

  void put_back() override {
    store_.reset();
    if (const auto status = store::restore_store(directory_.url(), schema_, directory_.backup());
        !status.ok())
      complain("the backup was not put back: " + status.error().text());
    files_.forget();
    open();
    model_ = backup_model_;
    committed_ = backed_up_;
    if (store_) compare();
  }

  void verify() override {
    if (!store_) return;
    compare();
    const auto findings = store_->check();
    if (!findings.ok())
      complain("the check failed: " + findings.error().text());
    else if (!findings->empty())
      complain("the check found: " + findings->front().message);
  }

 private:
  void complain(const std::string& what) {
    if (complaint_.empty()) complaint_ = what;
  }

  void open() {
    auto opened = store::open_store(directory_.url(), schema_, store::OpenMode::owner);
    if (opened.ok())
      store_ = std::move(*opened);
    else
      complain("the store does not open again: " + opened.error().text());
  }

  Point plan_fault() {
    const int at = 1 + static_cast<int>(dice_.below(most_changes));
    const std::tuple<Point, FaultyFiles::Fault, int> kinds[] = {
        {Point::power_cut, FaultyFiles::Fault::cut, 0},
        {Point::failed_write, FaultyFiles::Fault::fail, SQLITE_IOERR_WRITE},
        {Point::failed_sync, FaultyFiles::Fault::fail, SQLITE_IOERR_FSYNC},
        {Point::full_disk, FaultyFiles::Fault::fail, SQLITE_FULL}};
    for (const auto& [point, fault, code] : kinds) {
      if (!faults_.active(point) || !dice_.chance(fault_percent)) continue;
      files_.plan(fault, at, code);
      return point;
    }
    return Point::count;
  }

  void commit(const Recorder::Changes& changes) {
    for (const auto& change : changes) change(model_);
    committed_ = number_;
  }

  // The process is a new one; the files are what was synced. Was the transaction kept? It says so itself.
  Result after_power_cut(const Recorder::Changes& changes, bool acknowledged) {
    store_.reset();
    files_.restore_power();
    open();
    if (!store_) return {Outcome::died, false};
    std::string kept;
    const auto read = store_->read([&](store::Snapshot& snapshot) -> model::Status {
      kept = snapshot.load_value(space, "transaction").value_or("0");
      return {};
    });
    if (!read.ok()) complain("the store cannot be read after the power came back: " + read.error().text());
    const bool is_kept = kept == std::to_string(number_);
    if (!is_kept && kept != std::to_string(committed_))
      complain("the store went back to transaction " + kept + ", acknowledged was " +
               std::to_string(committed_));
    if (acknowledged && !is_kept) complain("an acknowledged transaction was lost");
    if (is_kept) commit(changes);
    compare();
    return {Outcome::died, is_kept};
  }

  // Does the store hold what the model holds?
  void compare() {
    const auto status = store_->read([&](store::Snapshot& snapshot) -> model::Status {
      for (const auto& [id, golden] : model_.goldens()) {
        const auto found = snapshot.load_golden(id);
        if (!found || !(*found == golden))
          complain("the golden record " + id + " is not as it was committed");
        if (snapshot.history(id).size() != model_.history(id).size())
          complain("the history of " + id + " is not as it was committed");
      }
      for (const auto& [ref, replica] : model_.replicas()) {
        const auto found = snapshot.load_replica(ref);
        if (!found || !(*found == replica))
          complain("the record " + ref.text() + " is not as it was committed");
      }
      for (const char* system : {"A", "B", "C"}) {
        if (snapshot.to_look(system, "customers", 1000) != model_.to_look(system, "customers", 1000))
          complain(std::string("the looks of ") + system + " are not as they were committed");
        if (snapshot.due(system, "customer", "", 1000) != model_.due(system, "customer", "", 1000))
          complain(std::string("the due index of ") + system + " is not as it was committed");
      }
      for (const auto& [dedupe, id] : model_.open_reviews()) {
        const auto found = snapshot.load_review(id);
        if (!found || !(*found == model_.reviews().at(id)))
          complain("the review " + dedupe + " is not as it was committed");
      }
      return {};
    });
    if (!status.ok()) complain("the store cannot be read: " + status.error().text());
  }

  const model::Schema& schema_;
  Faults& faults_;
  Dice& dice_;
  Directory directory_;
  FaultyFiles files_;
  std::unique_ptr<store::Store> store_;
  tests::MemoryRepository model_, backup_model_;
  std::int64_t number_ = 0, committed_ = 0, backed_up_ = 0;
  std::string complaint_;
};

}  // namespace

std::unique_ptr<Backing> make_store_backing(const model::Schema& schema, Faults& faults, Dice& dice) {
  return std::make_unique<StoreBacking>(schema, faults, dice);
}

}  // namespace huiliu::simulation

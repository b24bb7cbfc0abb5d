// Records that wait until the pass that brought them is judged (see screening.hpp). A pass over millions of
// records may hold back very many, so those beyond a few megabytes wait in a file without a name in the
// temporary directory (TMPDIR), readable by this user alone, which ends with this object. One thread at a
// time.
#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <vector>

#include "hub/run/system.hpp"

namespace huiliu::run {

class WaitingRecords {
 public:
  static constexpr std::size_t usual_bytes = std::size_t{16} << 20;

  // `most_bytes`: of what is kept in memory, counted by the records' texts.
  explicit WaitingRecords(std::size_t most_bytes = usual_bytes) : most_bytes_(most_bytes) {}

  // Errors: the temporary directory does not take it.
  model::Status add(ReceivedRecord record);
  bool empty() const { return in_memory_.empty() && in_file_ == 0; }
  // The next ones in the order in which they were added, at most `most`; they leave.
  model::Result<std::vector<ReceivedRecord>> take(std::size_t most);
  // Sum of the hashes of the keys that wait.
  std::uint64_t key_sum() const { return key_sum_; }
  void clear();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  model::Status open();
  model::Status write(const ReceivedRecord& record);
  model::Result<ReceivedRecord> read();

  std::size_t most_bytes_, bytes_ = 0;
  std::deque<ReceivedRecord> in_memory_;  // came before those in the file
  std::unique_ptr<std::FILE, Close> file_;
  std::size_t in_file_ = 0;   // not yet taken
  std::int64_t read_to_ = 0;  // where the next of them begins
  std::uint64_t key_sum_ = 0;
};

}  // namespace huiliu::run

#include "hub/run/key_ranges.hpp"

#include <algorithm>
#include <iterator>

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;

class Comparison {
 public:
  Comparison(const std::vector<std::int64_t>& known, const RangeQuestion& ask, const std::atomic<bool>& stop)
      : known_(known),
        ask_(ask),
        stop_(stop),
        // About as many calls as a listing takes.
        most_calls_(static_cast<std::int64_t>(known.size() / listed_range) + 4) {}

  Result<KeyDifference> run() {
    HUILIU_TRY(compare(0, known_.size()));
    found_.complete = !given_up_;
    return std::move(found_);
  }

 private:
  // Places [first, last) of the known keys.
  Status compare(std::size_t first, std::size_t last) {
    if (first >= last || given_up_) return {};
    HUILIU_ASSIGN(const bool whole, is_whole(first, last));
    return whole ? Status{} : search(first, last);
  }

  // Something differs in this range.
  Status search(std::size_t first, std::size_t last) {
    if (given_up_) return {};
    if (last - first <= listed_range) return list(first, last);
    const std::size_t middle = first + (last - first) / 2;
    HUILIU_ASSIGN(const bool whole, is_whole(first, middle));
    if (whole) return search(middle, last);  // then it is in the other half
    HUILIU_TRY(search(first, middle));
    return compare(middle, last);
  }

  Result<std::vector<std::int64_t>> keys(std::size_t first, std::size_t last, std::uint64_t skip,
                                         std::uint64_t limit) {
    if (stop_) return make_error(ErrorClass::cancelled, "stopped");
    given_up_ = ++found_.calls > most_calls_;
    if (given_up_) return std::vector<std::int64_t>{};
    return ask_({first == 0 ? 0 : known_[first - 1], known_[last - 1], skip, limit});
  }

  Result<bool> is_whole(std::size_t first, std::size_t last) {
    HUILIU_ASSIGN(const auto there, keys(first, last, last - first - 1, 2));
    return there.size() == 1 && there.front() == known_[last - 1];
  }

  Status list(std::size_t first, std::size_t last) {
    HUILIU_ASSIGN(const auto there, keys(first, last, 0, 0));
    if (given_up_) return {};
    const auto begin = known_.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = known_.begin() + static_cast<std::ptrdiff_t>(last);
    std::set_difference(begin, end, there.begin(), there.end(), std::back_inserter(found_.missing));
    std::set_difference(there.begin(), there.end(), begin, end, std::back_inserter(found_.unknown));
    return {};
  }

  const std::vector<std::int64_t>& known_;
  const RangeQuestion& ask_;
  const std::atomic<bool>& stop_;
  const std::int64_t most_calls_;
  bool given_up_ = false;
  KeyDifference found_;
};

}  // namespace

Result<KeyDifference> compare_by_ranges(const std::vector<std::int64_t>& known, const RangeQuestion& ask,
                                        const std::atomic<bool>& stop) {
  return Comparison(known, ask, stop).run();
}

}  // namespace huiliu::run

// What was acknowledged is there after kill -9, and nothing is there by half.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "tests/unit/store/contract.hpp"

namespace huiliu::store::fakes {

class StoreCrash : public StoreContract {
 protected:
  static constexpr int threads = 3;

  // In a child: writes for ever, and says each number on the pipe once its write was acknowledged.
  [[noreturn]] static void write_for_ever(const std::string& url, int pipe, int first) {
    auto opened = open_store(url, test_schema(), OpenMode::owner);
    if (!opened.ok()) ::_exit(1);
    auto* store = opened->get();
    std::vector<std::thread> writers;
    for (int thread = 0; thread < threads; ++thread) {
      writers.emplace_back([=] {
        for (int number = first + thread;; number += threads) {
          const auto status = store->write([&](Transaction& t) {
            t.save(make_golden(number));
            t.save(make_replica("erp", std::to_string(number), golden_id(number)),
                   {{"name", std::to_string(number)}});
            t.save_value("pair", std::to_string(number), "x");
            return Status();
          });
          if (!status.ok() || ::write(pipe, &number, sizeof number) != sizeof number) ::_exit(2);
        }
      });
    }
    for (auto& writer : writers) writer.join();
    ::_exit(3);
  }
};

TEST_P(StoreCrash, AcknowledgedWritesSurviveKill) {
  store_.reset();
  std::vector<int> acknowledged;
  int first = 1;
  for (int round = 0; round < 6; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) write_for_ever(place_->url(), ends[1], first);
    ::close(ends[1]);
    // Another number of writes each round, so that the kill meets other moments.
    const int wanted = 5 + round * 37;
    int number = 0;
    for (int i = 0; i < wanted && ::read(ends[0], &number, sizeof number) == sizeof number; ++i)
      acknowledged.push_back(number);
    ::kill(child, SIGKILL);
    while (::read(ends[0], &number, sizeof number) == sizeof number) acknowledged.push_back(number);
    ::close(ends[0]);
    int ended = 0;
    ASSERT_EQ(::waitpid(child, &ended, 0), child);
    ASSERT_TRUE(WIFSIGNALED(ended)) << "the child failed by itself: " << WEXITSTATUS(ended);

    store_ = open();
    ASSERT_TRUE(store_);
    int last = 0;
    read([&](Snapshot& s) {
      for (const int each : acknowledged) {
        EXPECT_TRUE(s.load_golden(golden_id(each))) << each;
        last = std::max(last, each);
      }
      // One more for each thread may have been committed and not said.
      for (int each = 1; each <= last + 2 * threads; ++each) {
        const int traces = (s.load_golden(golden_id(each)) ? 1 : 0) +
                           (s.load_replica(ref_of("erp", std::to_string(each))) ? 1 : 0) +
                           (s.load_value("pair", std::to_string(each)) ? 1 : 0);
        EXPECT_TRUE(traces == 0 || traces == 3) << each << " is there by half";
      }
    });
    expect_sound();
    store_.reset();
    first = last + 3 * threads;
  }
  EXPECT_GE(acknowledged.size(), 6u * 5u);
}

HUILIU_FOR_EVERY_STORE(StoreCrash);

}  // namespace huiliu::store::fakes

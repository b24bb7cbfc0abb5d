// isolation [PAGES] [ROUNDS]: what it costs to let a plugin work in a child process. Reads pages of 1,000
// invented customers through the host, in the process and in a child; prints records/s (median, lowest and
// highest of the rounds), the share of the child, and the nanoseconds of one call across the ABI and back in
// each.
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "hub/host/instance.hpp"
#include "hub/host/isolation.hpp"

namespace {

using namespace huiliu;
using namespace huiliu::host;
using Clock = std::chrono::steady_clock;

class NoNetwork final : public Transport {
 public:
  HttpAnswer exchange(const HttpRequest&, const std::stop_token&) override {
    return HttpAnswer::none(model::ErrorClass::retry, "no network here");
  }
};

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "isolation: %s\n", what.c_str());
  std::exit(1);
}

double seconds_of(const auto& action) {
  const auto began = Clock::now();
  action();
  return std::chrono::duration<double>(Clock::now() - began).count();
}

std::unique_ptr<Instance> open(Host& host, const std::shared_ptr<const Connector>& connector,
                               std::size_t pages, std::size_t crossings) {
  auto instance =
      Instance::open(host, connector,
                     {.connection = "bench",
                      .settings = model::Object{{"pages", static_cast<std::int64_t>(pages)},
                                                {"crossings", static_cast<std::int64_t>(crossings)}}});
  if (!instance.ok()) fail(instance.error().text());
  return std::move(*instance);
}

double read_all(Instance& instance, std::size_t expected) {
  std::size_t count = 0;
  RecordConsumer consumer;
  consumer.page = [&](Page page) -> model::Status {
    count += page.records.size();
    return {};
  };
  model::Status ended;
  const double took = seconds_of([&] { ended = instance.read({.stream = "items"}, consumer); });
  if (!ended.ok()) fail(ended.error().text());
  if (count != expected) fail("read " + std::to_string(count) + " records");
  return static_cast<double>(count) / took;
}

void print(const char* what, std::vector<double> rates) {
  std::sort(rates.begin(), rates.end());
  std::printf("%-12s %12.0f records/s (%.0f to %.0f)\n", what, rates[rates.size() / 2], rates.front(),
              rates.back());
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t pages = argc > 1 ? std::stoul(argv[1]) : 100;
  const int rounds = argc > 2 ? std::stoi(argv[2]) : 5;
  ::setenv("HUILIU_PLUGIN_HOST", HUILIU_PLUGIN_HOST_PROGRAM, 0);
  SystemEnvironment environment;
  Host host(environment, {}, std::make_shared<Redactor>(), std::make_unique<NoNetwork>());
  const auto loaded = load_plugin(HUILIU_PAGES_PLUGIN);
  const auto apart = isolate_plugin(HUILIU_PAGES_PLUGIN);
  if (!loaded.ok()) fail(loaded.error().text());
  if (!apart.ok()) fail(apart.error().text());
  constexpr std::size_t near = 20'000'000, across = 2'000'000;
  const auto inside = open(host, (*loaded)->connector(""), pages, near);
  const auto outside = open(host, (*apart)->connector(""), pages, across);
  std::vector<double> in_process, in_child, share;
  for (int i = 0; i < rounds; ++i) {
    in_process.push_back(read_all(*inside, pages * 1000));
    in_child.push_back(read_all(*outside, pages * 1000));
    share.push_back(in_child.back() / in_process.back());
  }
  std::sort(share.begin(), share.end());
  print("in process", in_process);
  print("in a child", in_child);
  std::printf("%-12s %11.0f %% of in process (%.0f to %.0f)\n", "", share[share.size() / 2] * 100,
              share.front() * 100, share.back() * 100);
  std::vector<double> crossings;
  for (int i = 0; i < rounds; ++i)
    crossings.push_back(seconds_of([&] { static_cast<void>(inside->check()); }) * 1e9 / near);
  std::sort(crossings.begin(), crossings.end());
  std::printf("%-12s %12.1f ns for a call from a plugin to the host and back, in process\n", "",
              crossings[crossings.size() / 2]);
  const double starts = seconds_of([&] {
    for (int i = 0; i < 50; ++i) open(host, (*apart)->connector(""), 1, 0);
  });
  std::printf("%-12s %12.2f ms to start and end a child\n", "", starts * 1000 / 50);
}

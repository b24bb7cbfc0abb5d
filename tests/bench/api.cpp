// The API over many customers: mixed reads at a fixed rate over loopback HTTP from a serving hub. Prints p50,
// p99 and the slowest by kind, and what the search index costs.
//
//   bench/api [customers 1000000] [requests per second 500] [seconds 10]
#include <csignal>
#include <fstream>
#include <map>

#include "hub/model/id.hpp"
#include "hub/run/hub.hpp"
#include "tests/bench/open_loop.hpp"

namespace huiliu {
namespace {

using namespace bench;
using model::Value;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Person {
  std::string id, name, phone, code;
};

class World {
 public:
  explicit World(std::size_t customers) {
    std::string name = (fs::temp_directory_path() / "huiliu-bench-api-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    directory_ = name;
    fs::create_directories(directory_ / "config");
    std::ofstream(directory_ / "config/hub.yaml") << "listen: {port: 0, requests_per_second: 100000}\n";
    run::HubOptions options;
    options.store = "sqlite:" + (directory_ / "hub.db").string();
    options.config = (directory_ / "config").string();
    options.shipped = std::string(HUILIU_SOURCE_DIR) + "/config";
    auto opened = run::Hub::open(options);
    if (!opened.ok()) std::fprintf(stderr, "%s\n", opened.error().text().c_str()), std::exit(1);
    hub_ = std::move(*opened);
    fill(customers);
    token_ = issue();
    hub_.reset();  // the serving process owns the store now
  }
  ~World() {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }

  std::string get(const std::string& target) const {
    return "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + token_ + "\r\n\r\n";
  }
  const fs::path& place() const { return directory_; }
  const Person& one(std::uint64_t dice) const { return sample_[dice % sample_.size()]; }

 private:
  void fill(std::size_t customers) {
    static const char* const places[] = {"上海", "北京", "深圳", "杭州", "苏州",
                                         "厦门", "成都", "青岛", "宁波", "无锡"};
    static const char* const words[] = {"汇", "兴", "富", "盛", "达", "远", "宏", "瑞",
                                        "恒", "泰", "华", "信", "德", "明", "光", "佳",
                                        "润", "海", "天", "龙", "金", "博", "科", "友"};
    static const char* const trades[] = {"机械", "电子", "阀门", "仪器", "化工",
                                         "贸易", "纺织", "食品", "建材", "物流"};
    const model::Entity& entity = *hub_->config().schema.find("customer");
    const auto index = [&](const char* name) { return entity.index_of(name); };
    model::SeededRandom dice(1);
    const auto start = Clock::now();
    constexpr std::size_t batch = 5000;
    for (std::size_t from = 0; from < customers; from += batch) {
      const model::Status saved = hub_->store().write([&](store::Transaction& transaction) -> model::Status {
        for (std::size_t i = from; i < std::min(customers, from + batch); ++i) {
          Person person;
          person.name = std::string(places[dice.next() % 10]) + words[dice.next() % 24] +
                        words[dice.next() % 24] + words[dice.next() % 24] + trades[dice.next() % 10] +
                        "有限公司";
          person.phone = "13" + std::to_string(100'000'000 + dice.next() % 900'000'000);
          person.code = "C" + std::to_string(1'000'000 + i);
          sync::Golden golden;
          golden.id = person.id =
              model::make_id("cus", 1'700'000'000'000'000 + static_cast<std::int64_t>(i) * 1000, dice);
          golden.entity = "customer";
          golden.created = golden.changed = 1'700'000'000'000'000 + static_cast<std::int64_t>(i) * 1000;
          const auto set = [&](const char* field, const std::string& value) {
            golden.fields[index(field)].value = {model::Presence::value, Value(value), value};
            golden.fields[index(field)].from = {"erp", "customers", person.code};
          };
          set("names.legal", person.name);
          set("phones[switchboard]", person.phone);
          set("identifiers.main_number", person.code);
          set("sales_department", "dep" + std::to_string(i % 50));
          set("owner", "emp_" + std::to_string(i % 2000));
          transaction.save(golden);
          sync::Replica replica;
          replica.ref = {"erp", "customers", person.code};
          replica.entity = "customer";
          replica.golden = golden.id;
          replica.link_order = 1;
          replica.raw = "{\"FName\":\"" + person.name + "\",\"FTEL\":\"" + person.phone + "\"}";
          transaction.save(replica, {{"phone", person.phone}});
          if (i % (customers / 1000 + 1) == 0) sample_.push_back(person);
        }
        return {};
      });
      if (!saved.ok()) std::fprintf(stderr, "%s\n", saved.error().text().c_str()), std::exit(1);
    }
    const double took = seconds_since(start);
    std::printf("%zu customers stored and indexed in %.1f s (%.0f/s)\n", customers, took,
                static_cast<double>(customers) / took);
    if (const auto stats = hub_->store().stats(); stats.ok())
      for (const store::TableStats& table : stats->tables)
        if (table.table.starts_with("golden"))
          std::printf("  %-22s %10lld rows %8.1f MB\n", table.table.c_str(),
                      static_cast<long long>(table.rows), static_cast<double>(table.bytes) / 1e6);
  }

  std::string issue() {
    const model::Micros now = hub_->clock().now();
    if (!hub_->accounts().add({"bench", "bench", "", {"steward"}}, "bench", now).ok()) std::exit(1);
    auto issued = hub_->accounts().issue(
        {"bench", "bench", {"customers.read"}, now + 86'400LL * model::second}, "bench", now);
    if (!issued.ok()) std::exit(1);
    return issued->secret;
  }

  fs::path directory_;
  std::unique_ptr<run::Hub> hub_;
  std::vector<Person> sample_;
  std::string token_;
};

std::string encoded(const std::string& raw) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : raw) {
    out += '%';
    out += digits[static_cast<unsigned char>(c) >> 4U];
    out += digits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

// 60 % one record, 15 % lists, 25 % searches by name, pinyin initials, phone, code.
std::pair<const char*, std::string> request(const World& world, std::uint64_t dice) {
  const Person& person = world.one(dice >> 8U);
  switch (dice % 20) {
    case 0:
    case 1:
    case 2:
      return {"list of 50", "/api/v1/customers?limit=50"};
    case 3:
    case 4:
      return {"search name", "/api/v1/search?q=" + encoded(person.name.substr(6, 9))};
    case 5:
      return {"search pinyin", "/api/v1/search?q=hxfjx"};
    case 6:
      return {"search phone", "/api/v1/search?q=" + person.phone};
    case 7:
      return {"search code", "/api/v1/search?q=" + person.code};
    default:
      return {"GET one", "/api/v1/customers/" + person.id};
  }
}

int run_bench(std::size_t customers, double rate, double seconds) {
  const World world(customers);
  const ServingHub hub = start_hub(world.place());
  const auto total = static_cast<std::size_t>(rate * seconds);
  std::vector<std::string> prepared, warm;
  std::vector<const char*> kinds;
  for (std::size_t i = 0; i < total; ++i) {
    model::SeededRandom dice(i);
    const auto [kind, target] = request(world, dice.next());
    prepared.push_back(world.get(target));
    kinds.push_back(kind);
  }
  for (std::uint64_t i = 0; i < 400; ++i) warm.push_back(world.get(request(world, i * 2654435761ULL).second));
  std::map<std::string, std::vector<double>> took;
  std::size_t failed = 0;
  const auto answered = [&](std::size_t i, int status, double ms) {
    took[kinds[i]].push_back(ms);
    failed += status == 200 ? 0 : 1;
  };
  // Warm: the page cache of a hub that has worked for a while.
  open_loop(hub.port, {warm, 100, 8, [](std::size_t, int, double) {}});
  const LoadEnd end = open_loop(hub.port, {prepared, rate, 64, answered});
  std::printf(
      "%zu requests in %.1f s (%.0f/s wanted), %zu not answered by 200, %zu cut off; the hub holds %.0f MB\n",
      total, end.seconds, rate, failed, end.cut_off, resident_mb(hub.pid));
  for (auto& [kind, all] : took) {
    std::sort(all.begin(), all.end());
    std::printf("  %-14s %6zu  p50 %7.2f ms  p99 %7.2f ms  slowest %7.2f ms\n", kind.c_str(), all.size(),
                percentile(all, 0.5), percentile(all, 0.99), all.back());
  }
  ::kill(hub.pid, SIGTERM);
  ::waitpid(hub.pid, nullptr, 0);
  return 0;
}

}  // namespace
}  // namespace huiliu

int main(int argc, char** argv) {
  const auto argument = [&](int i, double otherwise) { return argc > i ? std::atof(argv[i]) : otherwise; };
  return huiliu::run_bench(static_cast<std::size_t>(argument(1, 1'000'000)), argument(2, 500),
                           argument(3, 10));
}

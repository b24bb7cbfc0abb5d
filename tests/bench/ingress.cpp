// Webhooks into a serving hub: signed events at a fixed rate (an open loop: what waits counts from the moment
// it was due), a tenth of them sent twice. In the middle of the last second the hub is killed, and the store
// is asked for every event that was answered by 2xx. `applying` 1: the hub also takes the events up
// meanwhile.
//
//   bench/ingress [events per second 3000] [seconds 10] [connections 64] [applying 1]
#include <openssl/evp.h>

#include <csignal>
#include <fstream>
#include <set>

#include "hub/config/config.hpp"
#include "hub/crypt/hash.hpp"
#include "hub/store/store.hpp"
#include "tests/bench/open_loop.hpp"

namespace huiliu {
namespace {

using namespace bench;

const std::string signing_key = "bench-signing-key-of-32-bytes-ok";

std::string base64(const std::string& bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string record_key(std::size_t event) { return "S" + std::to_string(1'000'000 + event); }

// Companies of their own: what all bear one name would be questions about duplicates.
std::string company(std::size_t event) {
  static const char* const words[] = {"汇", "兴", "富", "盛", "达", "远", "宏", "瑞", "恒", "泰",
                                      "华", "信", "德", "明", "光", "佳", "润", "海", "天", "龙"};
  std::string name = "杭州";
  for (std::size_t rest = event, i = 0; i < 5; ++i, rest /= 20) name += words[(rest + i * 7) % 20];
  return name + "阀门有限公司";
}

std::string request(std::size_t event) {
  const std::string id = "msg_" + std::to_string(event), at = std::to_string(std::time(nullptr));
  const std::string body = R"({"type":"customer.updated","timestamp":"2026-01-01T00:00:00Z","data":{"id":")" +
                           record_key(event) + R"(","version":"1","name":")" + company(event) +
                           R"(","phone":"0571-)" + std::to_string(80'000'000 + event) + R"("}})";
  return "POST /hooks/site HTTP/1.1\r\nHost: hub.example\r\nContent-Type: application/json\r\nwebhook-id: " +
         id + "\r\nwebhook-timestamp: " + at + "\r\nwebhook-signature: v1," +
         base64(crypt::hmac_sha256(signing_key, id + "." + at + "." + body)) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Where an accepted event is after the kill: still waiting, or applied.
struct Kept {
  std::set<std::string> waiting, applied;
};

Kept kept_in(const fs::path& place, const std::set<std::string>& accepted) {
  const auto config = config::load({(place / "config").string(), std::string(HUILIU_SOURCE_DIR) + "/config"});
  const auto opened = store::open_store("sqlite:" + (place / "hub.db").string(), config.config->schema,
                                        store::OpenMode::owner);
  if (!opened.ok()) std::fprintf(stderr, "%s\n", opened.error().text().c_str()), std::exit(1);
  Kept kept;
  const model::Status read = (*opened)->read([&](store::Snapshot& snapshot) -> model::Status {
    for (const store::Delivery& delivery : snapshot.pending_deliveries("site", 10'000'000))
      for (const auto& hint : delivery.hints) kept.waiting.insert(hint.key);
    for (const std::string& key : accepted)
      if (snapshot.load_replica({"site", "customers", key})) kept.applied.insert(key);
    return {};
  });
  if (!read.ok()) std::fprintf(stderr, "%s\n", read.error().text().c_str()), std::exit(1);
  return kept;
}

int run_bench(double rate, double seconds, std::size_t connections, bool applying) {
  std::string name = (fs::temp_directory_path() / "huiliu-bench-ingress-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return 1;
  const fs::path place = name;
  fs::create_directories(place / "config/connections");
  std::ofstream(place / "config/hub.yaml") << "listen: {port: 0}\n";
  std::ofstream(place / "secret") << "whsec_" << base64(signing_key);
  std::ofstream(place / "config/connections/site.yaml")
      << "connector: webhook\nrole: site\nsettings: {signing_secret: \"${file:" << (place / "secret").string()
      << "}\"}\nbrakes: {changed: off, added: off}\nschedule: {every: 1d, webhook: "
      << (applying ? "true" : "false") << "}\n";
  const ServingHub hub = start_hub(place);
  const auto total = static_cast<std::size_t>(rate * seconds);
  std::vector<std::string> prepared;  // signing is the sender's work, not the hub's
  const auto event_of = [](std::size_t i) { return i % 10 == 9 ? i - 5 : i; };
  for (std::size_t i = 0; i < total; ++i) prepared.push_back(request(event_of(i)));
  std::set<std::string> accepted;
  std::vector<double> took;
  std::size_t refused = 0;
  const double kill_at = seconds - 0.5;
  bool killed = false;
  const LoadEnd end = open_loop(hub.port, {prepared, rate, connections,
                                           [&](std::size_t i, int status, double ms) {
                                             took.push_back(ms);
                                             if (status >= 200 && status < 300)
                                               accepted.insert(record_key(event_of(i)));
                                             else
                                               ++refused;
                                           },
                                           [&](double now) {
                                             if (!killed && now >= kill_at)
                                               ::kill(hub.pid, SIGKILL), killed = true;
                                             return !killed;
                                           }});
  ::waitpid(hub.pid, nullptr, 0);
  const Kept kept = kept_in(place, accepted);
  const auto missing = std::count_if(accepted.begin(), accepted.end(), [&](const std::string& event) {
    return !kept.waiting.contains(event) && !kept.applied.contains(event);
  });
  std::sort(took.begin(), took.end());
  std::printf(
      "applying %s: %zu answers in %.1f s (%.0f/s of %.0f/s wanted): p50 %.2f ms, p99 %.2f ms, slowest %.2f "
      "ms\n",
      applying ? "on" : "off", took.size(), end.seconds, static_cast<double>(took.size()) / end.seconds, rate,
      percentile(took, 0.5), percentile(took, 0.99), took.empty() ? 0.0 : took.back());
  std::printf(
      "%zu refused, %zu cut off by the kill; %zu events accepted, %zu applied already, %zu waiting, %lld "
      "missing\n",
      refused, end.cut_off, accepted.size(), kept.applied.size(), kept.waiting.size(),
      static_cast<long long>(missing));
  fs::remove_all(place);
  return missing == 0 ? 0 : 1;
}

}  // namespace
}  // namespace huiliu

int main(int argc, char** argv) {
  const auto argument = [&](int i, double otherwise) { return argc > i ? std::atof(argv[i]) : otherwise; };
  return huiliu::run_bench(argument(1, 3000), argument(2, 10), static_cast<std::size_t>(argument(3, 64)),
                           argument(4, 1) != 0);
}

// quota_goodput [MINUTES]: how much of a vendor's hidden quota a connector uses, and how often it is refused.
//
// Each connector runs as it is shipped against its twin, whose real limit is not the one that is written down
// for the connection. Time is virtual and shared by both: it moves only by waiting, so that the figures
// depend on nothing but the decisions. Prints, per case: calls that the twin accepted as a share of what its
// quota allows over the whole time, learning included (want: at least 95 %); refused calls as a share of all
// (want: under 0.5 %). Then, in real time: how long an interactive call waits while a back-fill uses the same
// account (want: no longer than one call of that quota). Exit code 1 when one is missed.
#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "hub/host/environment.hpp"
#include "hub/host/host.hpp"
#include "hub/host/instance.hpp"
#include "hub/host/plugin.hpp"
#include "hub/host/redactor.hpp"
#include "plugins/dingtalk/twin/dingtalk_twin.hpp"
#include "plugins/kingdee/twin/kingdee_twin.hpp"
#include "plugins/wecom/twin/wecom_twin.hpp"
#include "plugins/yonyou/twin/yonyou_twin.hpp"

namespace huiliu::twin::vendors {
VendorEntry dingtalk();
VendorEntry kingdee();
VendorEntry webhook();
VendorEntry wecom();
VendorEntry yonyou();
}  // namespace huiliu::twin::vendors

namespace {

namespace json = boost::json;
using namespace huiliu;

constexpr model::Micros start = 1'772'352'000 * model::second;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "quota_goodput: %s\n", what.c_str());
  std::exit(1);
}

// Counts the calls of one endpoint and which of them the vendor refused for their rate.
class CountingTransport final : public host::Transport {
 public:
  CountingTransport(std::string endpoint, std::string refusal)
      : wire_(host::make_live_transport()), endpoint_(std::move(endpoint)), refusal_(std::move(refusal)) {}

  host::HttpAnswer exchange(const host::HttpRequest& request, const std::stop_token& stop) override {
    host::HttpAnswer answer = wire_->exchange(request, stop);
    if (request.url.find(endpoint_) == std::string::npos) return answer;
    ++calls;
    if (answer.body.find(refusal_) != std::string::npos) ++refused;
    return answer;
  }

  std::atomic<std::uint64_t> calls{0}, refused{0};

 private:
  std::unique_ptr<host::Transport> wire_;
  const std::string endpoint_, refusal_;
};

struct Case {
  const char* name;
  twin::VendorEntry (*vendor)();
  const char* library;
  const char* connector;
  const char* endpoint;
  const char* refusal;  // in the answer's body
  std::map<std::string, host::QuotaLimits> quotas;
  double hidden_per_minute;  // of that endpoint
  std::function<void(twin::Twin&)> prepare;
  std::function<model::Status(host::Instance&)> work;  // some calls of that endpoint
};

model::Value value_of(const json::object& object) { return *model::parse_json(json::serialize(object)); }

host::RecordConsumer nobody() {
  return {[](host::Page) -> model::Status { return {}; },
          [](std::string_view, const host::StateChanges&) -> model::Status { return {}; }};
}

std::unique_ptr<host::Instance> instance_of(host::Host& hub, const Case& of, const json::object& settings) {
  const auto plugin = host::load_plugin(std::string(HUILIU_PLUGINS) + "/libhuiliu-" + of.library + ".so");
  if (!plugin.ok()) fail(plugin.error().text());
  host::InstanceOptions options;
  options.connection = of.connector;
  options.settings = value_of(settings);
  options.secrets = host::SecretForm::clear_allowed;
  options.quotas = of.quotas;
  auto opened = host::Instance::open(hub, (*plugin)->connector(of.connector), options);
  if (!opened.ok()) fail(opened.error().text());
  return std::move(*opened);
}

bool missed = false;

void measure(const Case& of, double minutes) {
  host::SteeredEnvironment environment(start, 7);
  twin::TwinOptions options;
  options.clock = [&] { return environment.now() / 1000; };
  const auto vendor = of.vendor().make(options);
  of.prepare(*vendor);
  twin::TwinServer server(*vendor, of.name);
  auto transport = std::make_unique<CountingTransport>(of.endpoint, of.refusal);
  CountingTransport& wire = *transport;
  host::HostOptions host_options;
  host_options.longest_quota_wait = 3600 * model::second;
  host::Host hub(environment, host_options, std::make_shared<host::Redactor>(), std::move(transport));
  const auto connector = instance_of(hub, of, vendor->settings({{"url", server.url()}}));

  const model::Micros begin = environment.steady();
  const auto until = begin + static_cast<model::Micros>(minutes * 60) * model::second;
  std::uint64_t ended = 0;
  while (environment.steady() < until) {
    const model::Status status = of.work(*connector);
    if (status.ok()) continue;
    // As the runner does: not before the time that was given, else a little later.
    ++ended;
    if (status.error().error_class != model::ErrorClass::throttled) fail(status.error().text());
    environment.advance(std::max<std::int64_t>(status.error().retry_after_ms, 100) * 1000);
  }
  const double spent = static_cast<double>(environment.steady() - begin) / 60e6;
  const auto accepted = static_cast<double>(wire.calls - wire.refused);
  const double goodput = 100 * accepted / (of.hidden_per_minute * spent),
               refused = 100 * static_cast<double>(wire.refused) / static_cast<double>(wire.calls);
  const bool good = goodput >= 95 && refused < 0.5;
  missed = missed || !good;
  std::printf("%-38s accepted %8.0f in %7.1f min  goodput %5.1f %%  refused %4llu = %.2f %%%s%s\n", of.name,
              accepted, spent, goodput, static_cast<unsigned long long>(wire.refused.load()), refused,
              ended > 0 ? "  (operations ended and resumed)" : "", good ? "" : "  MISSED");
}

// ---- The cases --------------------------------------------------------------------------------------------

Case dingtalk_case(const char* name, double hidden_per_second) {
  Case of{name,
          &twin::vendors::dingtalk,
          "dingtalk",
          "dingtalk",
          "/v1.0/crm/personalCustomers",
          "QpsLimit",
          {},
          0,
          {},
          {}};
  of.quotas["crm"] = {.per_second = 20, .per_month = 100'000'000};
  of.hidden_per_minute = hidden_per_second * 60;
  of.prepare = [hidden_per_second](twin::Twin& vendor) {
    auto& dingtalk = dynamic_cast<::dingtalk::twin::DingTalkTwin&>(vendor);
    dingtalk.gate().configure({{"monthly_calls", 100'000'000}, {"api_per_second", hidden_per_second}});
    dingtalk.load("employees", {{"userid", "dtE1002"}, {"name", "甲"}, {"dept_id_list", json::array{1}}});
  };
  of.work = [](host::Instance& connector) {
    return connector.find({"customers", {{"data.customer_name", "没有这个客户"}}, 0}, nobody());
  };
  return of;
}

// All calls of a calendar month, whichever they are.
Case dingtalk_month(const char* name, std::int64_t hidden) {
  Case of = dingtalk_case(name, 20);
  of.quotas["crm"] = {.per_second = 20, .per_month = 10'000};
  constexpr double minutes_of_a_month = 365.2425 / 12 * 1440;
  of.hidden_per_minute = static_cast<double>(hidden) / minutes_of_a_month;
  const auto people = of.prepare;
  of.prepare = [people, hidden](twin::Twin& vendor) {
    people(vendor);
    dynamic_cast<::dingtalk::twin::DingTalkTwin&>(vendor).gate().configure({{"monthly_calls", hidden}});
  };
  return of;
}

Case wecom_case(const char* name, int hidden_per_minute, int hidden_per_hour = 100'000'000) {
  Case of{name, &twin::vendors::wecom, "wecom", "wecom", "externalcontact/get?", "45009", {}, 0, {}, {}};
  of.quotas["externalcontact/get"] = {.per_minute = 10'000, .per_hour = 600'000};
  of.hidden_per_minute = std::min<double>(hidden_per_minute, hidden_per_hour / 60.0);
  of.prepare = [hidden_per_minute, hidden_per_hour](twin::Twin& vendor) {
    dynamic_cast<::wecom::twin::WeComTwin&>(vendor).gate().configure(
        {{"api_per_minute", hidden_per_minute}, {"api_per_hour", hidden_per_hour}});
  };
  of.work = [](host::Instance& connector) {
    std::vector<std::string> keys;
    for (int i = 0; i < 50; ++i) keys.push_back("wmNobody" + std::to_string(i));
    return connector.lookup("external_contacts", keys, nobody());
  };
  return of;
}

Case yonyou_case(const char* name, int hidden_per_minute) {
  Case of{name,
          &twin::vendors::yonyou,
          "yonyou",
          "yonyou-yonbip",
          "/merchant/newBatchDetail",
          "310046",
          {},
          0,
          {},
          {}};
  of.quotas["api"] = {.per_minute = 300};
  of.hidden_per_minute = hidden_per_minute;
  of.prepare = [hidden_per_minute](twin::Twin& vendor) {
    dynamic_cast<::yonyou_twin::YonyouTwin&>(vendor).rules().calls_per_minute = hidden_per_minute;
  };
  of.work = [](host::Instance& connector) {
    return connector.lookup("customers", {"1706047321704235009"}, nobody());
  };
  return of;
}

// One kind of endpoint of several: orders have a limit of their own.
Case yonyou_orders(const char* name, int hidden_per_minute) {
  Case of = yonyou_case(name, hidden_per_minute);
  of.endpoint = "/sd/voucherorder/list";
  of.quotas["orders"] = {.per_minute = 60};
  of.prepare = [hidden_per_minute](twin::Twin& vendor) {
    dynamic_cast<::yonyou_twin::YonyouTwin&>(vendor).rules().order_calls_per_minute = hidden_per_minute;
  };
  of.work = [](host::Instance& connector) { return connector.read({.stream = "orders"}, nobody()); };
  return of;
}

Case yonyou_finance(const char* name, int hidden_per_minute) {
  Case of = yonyou_case(name, hidden_per_minute);
  of.endpoint = "/EFI/receivable/list";
  of.quotas["finance"] = {.per_minute = 40};
  of.prepare = [hidden_per_minute](twin::Twin& vendor) {
    dynamic_cast<::yonyou_twin::YonyouTwin&>(vendor).rules().finance_calls_per_minute = hidden_per_minute;
  };
  of.work = [](host::Instance& connector) { return connector.read({.stream = "receivables"}, nobody()); };
  return of;
}

// The licence's limit; what it is nobody tells, so that none need be written down.
Case kingdee_case(const char* name, int hidden_per_minute, double written_per_minute) {
  Case of{name,
          &twin::vendors::kingdee,
          "kingdee",
          "kingdee-k3cloud",
          "ExecuteBillQuery",
          "\"MsgCode\":14",
          {},
          0,
          {},
          {}};
  if (written_per_minute > 0) of.quotas["api"] = {.per_minute = written_per_minute};
  of.hidden_per_minute = hidden_per_minute;
  of.prepare = [hidden_per_minute](twin::Twin& vendor) {
    twin::HttpRequest request;
    request.method = "POST";
    request.path = "/switches";
    request.body = json::serialize(json::object{{"calls_per_minute", hidden_per_minute}});
    static_cast<void>(vendor.control(request));
  };
  of.work = [](host::Instance& connector) { return connector.lookup("customers", {"100001"}, nobody()); };
  return of;
}

// A site tells what it does not allow by 429 and when to come again; nothing is written down.
Case site_case(const char* name, int hidden_per_minute) {
  Case of{name, &twin::vendors::webhook, "webhook", "webhook", "/api/customers", "rate_limited", {}, 0, {},
          {}};
  of.hidden_per_minute = hidden_per_minute;
  of.prepare = [hidden_per_minute](twin::Twin& vendor) {
    twin::HttpRequest request;
    request.method = "POST";
    request.path = "/switches";
    request.body = json::serialize(json::object{{"calls_per_minute", hidden_per_minute}});
    static_cast<void>(vendor.control(request));
  };
  of.work = [](host::Instance& connector) { return connector.lookup("customers", {"S000001"}, nobody()); };
  return of;
}

// ---- Priorities, in real time -----------------------------------------------------------------------------

struct Waits {
  double median = 0, most = 0;
};

Waits interactive_waits(bool with_backfill, double seconds) {
  const Case of = dingtalk_case("dingtalk", 20);
  host::SystemEnvironment environment;
  const auto vendor = of.vendor().make({});
  of.prepare(*vendor);
  twin::TwinServer server(*vendor, of.name);
  host::Host hub(environment);
  const json::object settings = vendor->settings({{"url", server.url()}});
  const auto writer = instance_of(hub, of, settings);
  std::stop_source stop;
  std::vector<std::jthread> crew;
  if (with_backfill)
    for (int i = 0; i < 4; ++i)
      crew.emplace_back([&] {
        const auto reader = instance_of(hub, of, settings);
        while (!stop.stop_requested())
          static_cast<void>(reader->find({"customers", {{"data.customer_name", "x"}}, 0}, nobody(),
                                         {stop.get_token(), {}, host::Priority::backfill}));
      });
  std::vector<double> waits;
  const auto now = [] {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  };
  for (const double until = now() + seconds * 1000; now() < until;) {
    const double began = now();
    const auto status = writer->find({"customers", {{"data.customer_name", "y"}}, 0}, nobody(),
                                     {{}, {}, host::Priority::interactive});
    if (!status.ok()) fail(status.error().text());
    waits.push_back(now() - began);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  stop.request_stop();
  std::sort(waits.begin(), waits.end());
  return {waits[waits.size() / 2], waits.back()};
}

}  // namespace

int main(int argc, char** argv) {
  const double minutes = argc > 1 ? std::atof(argv[1]) : 120;
  std::printf(
      "Goodput against hidden quotas, %.0f virtual minutes each; a connection's own limit in brackets\n",
      minutes);
  measure(dingtalk_case("dingtalk as written (20/s)", 20), minutes);
  measure(dingtalk_case("dingtalk 13/s (20/s)", 13), minutes);
  measure(dingtalk_case("dingtalk 7/s (20/s)", 7), minutes);
  measure(wecom_case("wecom as written (10000/min)", 10'000), std::min(minutes, 30.0));
  measure(wecom_case("wecom 3000/min (10000/min)", 3'000), minutes);
  measure(wecom_case("wecom 60000/h (10000/min, 600000/h)", 10'000, 60'000), std::max(minutes, 240.0));
  measure(yonyou_case("yonyou as written (300/min)", 300), minutes);
  measure(yonyou_case("yonyou 180/min (300/min)", 180), minutes);
  measure(yonyou_case("yonyou 12/min (300/min)", 12), std::max(minutes, 600.0));
  measure(yonyou_orders("yonyou orders 40/min (60/min)", 40), minutes);
  measure(kingdee_case("kingdee 200/min (300/min)", 200, 300), minutes);
  measure(kingdee_case("kingdee 200/min (nothing)", 200, 0), minutes);
  measure(yonyou_finance("yonyou finance 25/min (40/min)", 25), minutes);
  measure(site_case("webhook site 90/min (nothing)", 90), minutes);
  measure(dingtalk_month("dingtalk 5000/month (10000/month)", 5'000), 120 * 1440);
  const Waits alone = interactive_waits(false, 8), beside = interactive_waits(true, 8);
  std::printf(
      "An interactive call at 20/s: median %.1f ms, most %.1f ms alone; median %.1f ms, most %.1f ms beside "
      "a "
      "back-fill with four workers\n",
      alone.median, alone.most, beside.median, beside.most);
  constexpr double one_call = 1000.0 / 20;
  missed = missed || beside.most > one_call;
  if (missed) std::printf("Something above is not as wanted\n");
  return missed ? 1 : 0;
}

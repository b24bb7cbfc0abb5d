#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <limits>
#include <map>

#include <malloc.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "sdk/twin/twin.hpp"

namespace huiliu::twin {
namespace {

constexpr std::string_view kUsage =
    "usage: huiliu-twin --vendor V [--port P] [--data DIR | --generate N [--seed S]] [--quota-factor X]\n"
    "                   [--set NAME=VALUE]… [--faults JSON] [--clock-offset MS] [--events-to URL]\n"
    "                   [--until-stdin-closes] | --list\n"
    "  --set NAME=VALUE   a switch of the vendor, as POST /switches on the control surface takes it;\n"
    "                     NAME may begin with the control endpoint: stream/ping_ms=30000\n"
    "  --faults JSON      as POST /faults: {\"http_502\": 0.01}\n"
    "  --events-to URL    as POST /webhook-target\n"
    "  --help             this, and the switches of every vendor with their values\n";

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Arguments {
  std::string vendor, data;
  std::uint16_t port = 0;
  std::optional<std::uint32_t> generate;
  std::uint64_t seed = 1;
  std::map<std::string, boost::json::object> switches;  // by control endpoint
  std::string faults, events_to;
  std::int64_t clock_offset_ms = 0;
  double quota_factor = 1;
  bool until_stdin_closes = false, list = false, help = false;
};

template <class Number>
Number number_of(std::string_view name, std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    throw UsageError(std::string(name) + ": not a number in range: " + std::string(text));
  return number;
}

// VALUE is JSON, or else text.
void add_switch(Arguments& arguments, std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) throw UsageError("--set: NAME=VALUE is wanted");
  std::string_view name = text.substr(0, equals);
  std::string endpoint = "switches";
  if (const std::size_t slash = name.find('/'); slash != std::string_view::npos) {
    endpoint = std::string(name.substr(0, slash));
    name.remove_prefix(slash + 1);
  }
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(text.substr(equals + 1), error);
  if (error) value = boost::json::string(text.substr(equals + 1));
  arguments.switches[endpoint][name] = std::move(value);
}

Arguments parse_arguments(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    std::string_view name = argv[i];
    if (name == "--until-stdin-closes") {
      arguments.until_stdin_closes = true;
      continue;
    }
    if (name == "--list" || name == "--help" || name == "-h") {
      (name == "--list" ? arguments.list : arguments.help) = true;
      continue;
    }
    std::string_view value;
    if (const std::size_t equals = name.find('='); equals != std::string_view::npos) {  // --name=value
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
    } else if (i + 1 < argc) {
      value = argv[++i];  // of --set: with its own equals sign
    } else {
      throw UsageError(std::string(name) + ": unknown, or its value is missing");
    }
    if (name == "--vendor")
      arguments.vendor = value;
    else if (name == "--data")
      arguments.data = value;
    else if (name == "--port")
      arguments.port = number_of<std::uint16_t>(name, value);
    else if (name == "--generate")
      arguments.generate = number_of<std::uint32_t>(name, value);
    else if (name == "--seed")
      arguments.seed = number_of<std::uint64_t>(name, value);
    else if (name == "--quota-factor")
      arguments.quota_factor = number_of<double>(name, value);
    else if (name == "--set")
      add_switch(arguments, value);
    else if (name == "--faults")
      arguments.faults = value;
    else if (name == "--events-to")
      arguments.events_to = value;
    else if (name == "--clock-offset")
      arguments.clock_offset_ms = number_of<std::int64_t>(name, value);
    else
      throw UsageError("unknown argument " + std::string(name));
  }
  if (arguments.list || arguments.help) return arguments;
  if (!arguments.data.empty() && arguments.generate)
    throw UsageError("--data and --generate exclude each other");
  if (!(arguments.quota_factor >= 0)) throw UsageError("--quota-factor: 0 or more is wanted");
  return arguments;
}

const VendorEntry& vendor_entry(const std::vector<VendorEntry>& vendors, std::string_view name) {
  if (name.empty() && vendors.size() == 1) return vendors.front();  // a program of one twin
  if (name.empty()) throw UsageError("--vendor is missing");
  for (const VendorEntry& entry : vendors)
    if (entry.vendor == name || entry.system == name) return entry;
  throw UsageError("unknown vendor " + std::string(name));
}

std::vector<SystemNames> names_of(const std::vector<VendorEntry>& vendors) {
  std::vector<SystemNames> names;
  for (const VendorEntry& entry : vendors)
    names.push_back({entry.system, entry.names_of_customer, entry.names_of_contact});
  return names;
}

// SIGINT and SIGTERM as a file descriptor. Made before any thread, so that all threads inherit the mask.
class StopSignal {
 public:
  StopSignal() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    if (pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0) fd_ = signalfd(-1, &signals, SFD_CLOEXEC);
    if (fd_ < 0) throw std::runtime_error("cannot watch for signals");
  }
  ~StopSignal() { close(fd_); }
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Waits for a signal or, if asked, until stdin ends. What stdin says is thrown away.
  void wait(bool watch_stdin) const {
    pollfd watched[2] = {{fd_, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    for (;;) {
      if (poll(watched, watch_stdin ? 2 : 1, -1) < 0) {
        if (errno == EINTR) continue;
        return;
      }
      if (watched[0].revents != 0) return;
      char discarded[256];
      if (watched[1].revents != 0 && read(STDIN_FILENO, discarded, sizeof discarded) <= 0) return;
    }
  }

 private:
  int fd_ = -1;
};

void tell(Twin& twin, const std::string& endpoint, const boost::json::object& body) {
  HttpRequest request;
  request.method = "POST";
  request.path = "/" + endpoint;
  request.body = boost::json::serialize(body);
  const auto answer = twin.control(request);
  if (!answer) throw UsageError("this vendor has no control endpoint " + endpoint);
  if (answer->status != 200) throw UsageError(endpoint + ": " + answer->body);
}

// What the command line switches, before anybody is served.
void apply_switches(Twin& twin, const Arguments& arguments) {
  twin.clock().set_offset_ms(arguments.clock_offset_ms);
  if (!arguments.faults.empty()) {
    boost::system::error_code error;
    const boost::json::value faults = boost::json::parse(arguments.faults, error);
    if (error || !faults.is_object()) throw UsageError("--faults: a JSON object is wanted");
    twin.faults().configure(faults.get_object());
  }
  for (const auto& [endpoint, switches] : arguments.switches) tell(twin, endpoint, switches);
}

// "kingdee: audit_failures=0 …", as the twins themselves have them.
void print_switches(const std::vector<VendorEntry>& vendors) {
  for (const VendorEntry& entry : vendors) {
    HttpRequest request;
    request.method = "GET";
    request.path = "/switches";
    const auto answer = entry.make({})->control(request);
    std::cout << "\nswitches of " << entry.vendor << ":\n";
    if (!answer) continue;
    const boost::json::value switches = boost::json::parse(answer->body);
    for (const auto& one : switches.as_object())
      std::cout << "  " << std::string_view(one.key()) << "=" << boost::json::serialize(one.value()) << '\n';
  }
}

void run(const Arguments& arguments, const std::vector<VendorEntry>& vendors) {
  const VendorEntry& entry = vendor_entry(vendors, arguments.vendor);
  TwinOptions options;
  options.quota_factor = arguments.quota_factor;
  options.seed = arguments.seed;
  const StopSignal stop_signal;
  const std::unique_ptr<Twin> twin = entry.make(options);
  TwinServer::Truth truth;
  if (arguments.generate) {
    WorldOptions world_options;
    world_options.customers = *arguments.generate;
    world_options.seed = arguments.seed;
    twin->populate(generate_world(world_options));
    ::malloc_trim(0);  // the world took more than its records keep
    // Generated again on request: cheaper than holding it, and the same.
    truth = [world_options, &vendors] { return truth_of(generate_world(world_options), names_of(vendors)); };
  } else if (!arguments.data.empty()) {
    load_directory(*twin, arguments.data);
  }
  apply_switches(*twin, arguments);
  TwinServer server(*twin, std::string(entry.vendor), std::move(truth), arguments.port);
  if (!arguments.events_to.empty()) tell(*twin, "webhook-target", {{"url", arguments.events_to}});
  std::cout << boost::json::serialize(server.ready_line()) << std::endl;
  stop_signal.wait(arguments.until_stdin_closes);
}

}  // namespace

int twin_main(int argc, char** argv, const std::vector<VendorEntry>& vendors) {
  try {
    const Arguments arguments = parse_arguments(argc, argv);
    if (arguments.help) {
      std::cout << kUsage;
      print_switches(vendors);
    } else if (arguments.list) {
      for (const VendorEntry& entry : vendors) std::cout << entry.vendor << '\n';
    } else {
      run(arguments, vendors);
    }
    return 0;
  } catch (const UsageError& error) {
    std::cerr << "huiliu-twin: " << error.what() << '\n' << kUsage;
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "huiliu-twin: " << error.what() << '\n';
    return 1;
  }
}

}  // namespace huiliu::twin

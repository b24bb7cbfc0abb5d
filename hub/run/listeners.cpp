#include "hub/run/listeners.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "hub/run/event_intake.hpp"
#include "hub/run/plugin_system.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using std::chrono::milliseconds;

constexpr milliseconds first_pause{1'000}, longest_pause{60'000}, person_pause{300'000};

// False: a stop was asked for.
bool wait(milliseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

Listeners::Listeners(Hub& hub, std::function<void(const std::string&, const model::Error&)> report)
    : hub_(hub), report_(std::move(report)) {
  for (const config::ConnectionConfig& connection : hub_.config().connections) {
    const auto connector = hub_.registry().connector(connection.connector);
    if (!connection.enabled || connector == nullptr || !connector->manifest.capabilities.contains("listen"))
      continue;
    threads_.emplace_back([this, name = connection.name](const std::stop_token& stop) { run(name, stop); });
  }
}

void Listeners::run(const std::string& connection, const std::stop_token& stop) {
  milliseconds pause = first_pause;
  std::string told;
  while (!stop.stop_requested()) {
    const model::Status ended = hub_.listen(connection, stop);
    if (stop.stop_requested() || (!ended.ok() && ended.error().error_class == ErrorClass::unsupported))
      return;
    const model::Error error =
        ended.ok() ? model::make_error(ErrorClass::retry, "the channel has ended") : ended.error();
    const bool passes = error.error_class == ErrorClass::retry || error.error_class == ErrorClass::throttled;
    if (const std::string text = error.text(); text != told) {
      report_(connection, error);
      told = text;
    }
    if (!wait(passes ? pause : person_pause, stop)) return;
    pause = std::min(pause * 2, longest_pause);
  }
}

model::Status Hub::listen(const std::string& connection, const std::stop_token& stop) {
  HUILIU_ASSIGN(const std::unique_ptr<System> system, open_system(connection));
  store::Delivery sample;
  sample.connection = connection;
  sample.method = "LISTEN";
  EventIntake intake(*store_, clock_, std::move(sample),
                     [&](const std::string& stream, host::BadRecord record) {
                       return bad_delivery(connection, stream, std::move(record));
                     });
  host::RecordConsumer consumer = intake.consumer();
  consumer.checkpoint = [&, commit = std::move(consumer.checkpoint)](
                            std::string_view cursor, const host::StateChanges& notes) -> model::Status {
    HUILIU_TRY(commit(cursor, notes));
    if (intake.take_stored() && delivered_) delivered_(connection);
    return {};
  };
  return instance_of(*system).listen(consumer, {.stop = stop});
}

}  // namespace huiliu::run

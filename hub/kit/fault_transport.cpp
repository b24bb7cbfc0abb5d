#include "hub/kit/fault_transport.hpp"

#include <condition_variable>
#include <mutex>

namespace huiliu::kit {

using host::HttpAnswer;
using model::ErrorClass;

const char* to_string(Fault fault) noexcept {
  switch (fault) {
    case Fault::none:
      return "none";
    case Fault::refused:
      return "a refused connection";
    case Fault::lost_answer:
      return "a lost answer";
    case Fault::error_500:
      return "HTTP 500";
    case Fault::throttled:
      return "HTTP 429";
    case Fault::html:
      return "a page of HTML";
    case Fault::truncated:
      return "half an answer";
    case Fault::empty:
      return "an empty answer";
    case Fault::hang:
      return "a hanging server";
  }
  return "?";
}

namespace {

HttpAnswer made(int code, std::string body, const char* type) {
  HttpAnswer answer;
  answer.code = code;
  answer.headers = {{"Content-Type", type}};
  answer.body = std::move(body);
  return answer;
}

HttpAnswer wait_for_stop(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, stop, [] { return false; });
  return HttpAnswer::none(ErrorClass::cancelled, "stopped", true);
}

}  // namespace

FaultTransport::FaultTransport(Plan plan) : plan_(std::move(plan)), network_(host::make_live_transport()) {}

HttpAnswer FaultTransport::exchange(const host::HttpRequest& request, const std::stop_token& stop) {
  const std::size_t number = ++count_;
  switch (plan_ ? plan_(number, request) : Fault::none) {
    case Fault::none:
      break;
    case Fault::refused:
      return HttpAnswer::none(ErrorClass::retry, "connection refused");
    case Fault::lost_answer: {
      const HttpAnswer unseen = network_->exchange(request, stop);
      return HttpAnswer::none(ErrorClass::retry, "connection reset after " + std::to_string(unseen.code),
                              true);
    }
    case Fault::error_500:
      return made(500, "internal error", "text/plain");
    case Fault::throttled: {
      HttpAnswer answer = made(429, "too many requests", "text/plain");
      answer.headers.emplace_back("Retry-After", "1");
      return answer;
    }
    case Fault::html:
      return made(200, "<!DOCTYPE html><html><body>Please sign in</body></html>", "text/html");
    case Fault::truncated: {
      HttpAnswer answer = network_->exchange(request, stop);
      answer.body.resize(answer.body.size() / 2);
      return answer;
    }
    case Fault::empty:
      return made(200, "", "application/json");
    case Fault::hang:
      return wait_for_stop(stop);
  }
  return network_->exchange(request, stop);
}

}  // namespace huiliu::kit

#include "hub/host/curl_channel.hpp"

#include <algorithm>
#include <new>

namespace huiliu::host {
namespace {

using model::ErrorClass;
using model::make_error;

// A stop wakes a poll at once; this is for libcurl's own timers.
constexpr int connect_poll_ms = 1000;

}  // namespace

CurlChannel::CurlChannel(const HttpLimits& limits, std::shared_ptr<const Network> network)
    : limits_(limits), network_(std::move(network)), multi_(nullptr), easy_(nullptr) {
  start_curl();
  check_.network = network_.get();
  multi_ = curl_multi_init();
  easy_ = curl_easy_init();
}

CurlChannel::~CurlChannel() {
  if (easy_ != nullptr && multi_ != nullptr) curl_multi_remove_handle(multi_, easy_);
  if (easy_ != nullptr) curl_easy_cleanup(easy_);
  if (multi_ != nullptr) curl_multi_cleanup(multi_);
}

model::Result<std::unique_ptr<CurlChannel>> CurlChannel::open(const std::string& origin,
                                                              const HttpLimits& limits,
                                                              std::shared_ptr<const Network> network,
                                                              const std::stop_token& stop) {
  std::unique_ptr<CurlChannel> channel(new CurlChannel(limits, std::move(network)));
  if (channel->multi_ == nullptr || channel->easy_ == nullptr) throw std::bad_alloc();
  HUILIU_TRY(channel->connect(origin, stop));
  return channel;
}

model::Status CurlChannel::connect(const std::string& origin, const std::stop_token& stop) {
  curl_easy_setopt(easy_, CURLOPT_URL, origin.c_str());
  set_network(easy_, limits_, check_);
  curl_easy_setopt(easy_, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(easy_, CURLOPT_HTTPPROXYTUNNEL, 1L);  // a proxy passes the bytes on as they are
  const auto timeout = static_cast<long>(std::max<model::Micros>(limits_.connect_timeout / 1000, 1));
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, timeout);
  curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, timeout);
  // The handle stays with the multi handle, which owns the connection.
  if (curl_multi_add_handle(multi_, easy_) != CURLM_OK) throw std::bad_alloc();

  CURLcode code = CURLE_FAILED_INIT;
  const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_); });
  for (int running = 1; !stop.stop_requested();) {
    if (curl_multi_perform(multi_, &running) != CURLM_OK) break;
    int queued = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &queued))
      if (message->msg == CURLMSG_DONE) code = message->data.result;
    if (running == 0) break;
    curl_multi_poll(multi_, nullptr, 0, connect_poll_ms, nullptr);
  }
  if (stop.stop_requested()) return make_error(ErrorClass::cancelled, "stopped");
  if (!check_.refused.empty()) return make_error(ErrorClass::config, check_.refused);
  if (code == CURLE_OK) code = curl_easy_getinfo(easy_, CURLINFO_ACTIVESOCKET, &socket_);
  if (code == CURLE_OK && socket_ == CURL_SOCKET_BAD) code = CURLE_COULDNT_CONNECT;
  if (code != CURLE_OK) return make_error(class_of(code), reason_of(easy_, code));
  return {};
}

model::Result<std::size_t> CurlChannel::read(char* out, std::size_t size) {
  std::size_t count = 0;
  const CURLcode code = curl_easy_recv(easy_, out, size, &count);
  if (code == CURLE_AGAIN) return std::size_t{0};
  if (code != CURLE_OK) return make_error(ErrorClass::retry, reason_of(easy_, code));
  if (count == 0) return make_error(ErrorClass::retry, "closed by the remote");
  return count;
}

model::Result<std::size_t> CurlChannel::write(const char* data, std::size_t size) {
  std::size_t count = 0;
  const CURLcode code = curl_easy_send(easy_, data, size, &count);
  if (code == CURLE_AGAIN) return std::size_t{0};
  if (code != CURLE_OK) return make_error(ErrorClass::retry, reason_of(easy_, code));
  return count;
}

void CurlChannel::wait(For what, Moment until, const std::stop_token& stop) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  const auto timeout = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
  curl_waitfd ready = {socket_,
                       static_cast<short>(what == For::reading ? CURL_WAIT_POLLIN : CURL_WAIT_POLLOUT), 0};
  const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_); });
  if (!stop.stop_requested()) curl_multi_poll(multi_, &ready, 1, timeout, nullptr);
}

}  // namespace huiliu::host

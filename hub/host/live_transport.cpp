// The network, by libcurl. Each pooled session is one easy handle on one multi handle, which keeps its
// connections alive and lets a stop wake a waiting transfer at once.
#include <algorithm>
#include <cstring>
#include <mutex>

#include "hub/host/curl_handle.hpp"

namespace huiliu::host {
namespace {

using model::ErrorClass;

constexpr std::size_t max_idle_sessions = 64;
constexpr int poll_ms = 1000;

std::string trimmed_text(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return std::string(text);
}

// One exchange in progress: what curl's callbacks write to.
struct Transfer {
  const HttpRequest& request;
  const HttpLimits& limits;
  HttpAnswer answer;
  std::size_t sent = 0, header_bytes = 0;
  bool body_too_large = false, headers_too_large = false;
  OutboundCheck outbound = {};
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  if (transfer.answer.body.size() + bytes > transfer.limits.body_bytes) {
    transfer.body_too_large = true;
    return 0;
  }
  transfer.answer.body.append(data, bytes);
  return bytes;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  const std::string_view line(data, bytes);
  transfer.header_bytes += bytes;
  if (transfer.header_bytes > transfer.limits.header_bytes) {
    transfer.headers_too_large = true;
    return 0;
  }
  if (line.starts_with("HTTP/")) {  // A new answer: what came before was informational.
    transfer.answer.headers.clear();
    return bytes;
  }
  if (const std::size_t colon = line.find(':'); colon != std::string_view::npos)
    transfer.answer.headers.emplace_back(trimmed_text(line.substr(0, colon)),
                                         trimmed_text(line.substr(colon + 1)));
  return bytes;
}

// Without a seek function curl cannot send a body a second time by itself: whether to repeat is ours to
// decide.
std::size_t give_body(char* out, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string& body = transfer.request.body;
  const std::size_t bytes = std::min(size * count, body.size() - transfer.sent);
  std::memcpy(out, body.data() + transfer.sent, bytes);
  transfer.sent += bytes;
  return bytes;
}

class CurlSession {
 public:
  CurlSession() : multi_(curl_multi_init()), easy_(curl_easy_init()) {
    if (multi_ == nullptr || easy_ == nullptr) {
      close();
      throw std::bad_alloc();
    }
  }
  CurlSession(const CurlSession&) = delete;
  CurlSession& operator=(const CurlSession&) = delete;
  ~CurlSession() { close(); }

  HttpAnswer exchange(const HttpRequest& request, const HttpLimits& limits, const std::stop_token& stop) {
    Transfer transfer = {request, limits, {}};
    transfer.outbound.network = request.network.get();
    curl_slist* headers = header_list(request);
    configure(transfer, headers);
    const CURLcode code = perform(stop);
    HttpAnswer answer = finish(transfer, code, stop);
    curl_multi_remove_handle(multi_, easy_);
    curl_easy_reset(easy_);
    curl_slist_free_all(headers);
    return answer;
  }

 private:
  void close() {
    if (easy_ != nullptr) curl_easy_cleanup(easy_);
    if (multi_ != nullptr) curl_multi_cleanup(multi_);
  }

  static curl_slist* header_list(const HttpRequest& request) {
    curl_slist* list = nullptr;
    bool has_type = false;
    for (const auto& [name, value] : request.headers) {
      has_type = has_type || same_header_name(name, "Content-Type");
      const std::string line =
          value.empty() ? name + ";" : name + ": " + value;  // curl's spelling of "no value"
      list = curl_slist_append(list, line.c_str());
    }
    list = curl_slist_append(list, "Expect:");  // No waiting for 100 Continue.
    if (!has_type) list = curl_slist_append(list, "Content-Type:");
    return list;
  }

  template <class T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(easy_, option, value);
  }

  void configure(Transfer& transfer, curl_slist* headers) {
    const HttpRequest& request = transfer.request;
    const HttpLimits& limits = transfer.limits;
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set_network(easy_, limits, transfer.outbound);
    set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    set(CURLOPT_USERAGENT, "huiliu");
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect_timeout / 1000));
    const model::Micros timeout = request.timeout > 0 ? request.timeout : limits.total_timeout;
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<model::Micros>(timeout / 1000, 1)));
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits.body_bytes));
    set(CURLOPT_HTTPHEADER, headers);
    set(CURLOPT_WRITEFUNCTION, &take_body);
    set(CURLOPT_WRITEDATA, &transfer);
    set(CURLOPT_HEADERFUNCTION, &take_header);
    set(CURLOPT_HEADERDATA, &transfer);
    set_method(transfer);
  }

  void set_method(Transfer& transfer) {
    const HttpRequest& request = transfer.request;
    const bool sends_length =
        request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
    if (!request.body.empty() || sends_length) {
      set(CURLOPT_POST, 1L);
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      set(CURLOPT_READFUNCTION, &give_body);
      set(CURLOPT_READDATA, &transfer);
    } else if (request.method == "HEAD") {
      set(CURLOPT_NOBODY, 1L);
    } else {
      set(CURLOPT_HTTPGET, 1L);
    }
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    // On a kept connection that dies curl would silently send a request without a body again.
    if (!request.repeatable && request.body.empty()) set(CURLOPT_FRESH_CONNECT, 1L);
  }

  CURLcode perform(const std::stop_token& stop) {
    const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_); });
    curl_multi_add_handle(multi_, easy_);
    for (int running = 1; !stop.stop_requested();) {
      if (curl_multi_perform(multi_, &running) != CURLM_OK) return CURLE_FAILED_INIT;
      if (running == 0) break;
      if (curl_multi_poll(multi_, nullptr, 0, poll_ms, nullptr) != CURLM_OK) return CURLE_FAILED_INIT;
    }
    int queued = 0;
    while (CURLMsg* message = curl_multi_info_read(multi_, &queued))
      if (message->msg == CURLMSG_DONE) return message->data.result;
    return CURLE_ABORTED_BY_CALLBACK;
  }

  // Did any byte of the request leave? Then the remote may have acted on it.
  bool request_left() const {
    long request_size = 0;
    curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &request_size);
    return request_size > 0;
  }

  HttpAnswer finish(Transfer& transfer, CURLcode code, const std::stop_token& stop) {
    if (code == CURLE_OK) {
      long status = 0;
      curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
      transfer.answer.code = static_cast<int>(status);
      if (status != 0) return std::move(transfer.answer);
      return HttpAnswer::none(ErrorClass::retry, "the remote sent no HTTP answer", request_left());
    }
    const bool left = request_left();
    if (stop.stop_requested()) return HttpAnswer::none(ErrorClass::cancelled, "stopped", left);
    if (!transfer.outbound.refused.empty())
      return HttpAnswer::none(ErrorClass::config, transfer.outbound.refused, left);
    if (transfer.body_too_large || code == CURLE_FILESIZE_EXCEEDED)
      return HttpAnswer::none(ErrorClass::data,
                              "the answer is larger than the limit of " +
                                  std::to_string(transfer.limits.body_bytes >> 20) + " MiB",
                              left);
    if (transfer.headers_too_large)
      return HttpAnswer::none(ErrorClass::data, "the answer's headers are larger than the limit", left);
    return HttpAnswer::none(class_of(code), reason_of(easy_, code), left);
  }

  CURLM* multi_;
  CURL* easy_;
};

class LiveTransport final : public Transport {
 public:
  explicit LiveTransport(HttpLimits limits) : limits_(std::move(limits)) { start_curl(); }

  HttpAnswer exchange(const HttpRequest& request, const std::stop_token& stop) override {
    Idle idle = take(request.network);
    HttpAnswer answer = idle.session->exchange(request, limits_, stop);
    give_back(std::move(idle));
    return answer;
  }

 private:
  // A session keeps connections open, so it serves one network only: what another one may not open, it may
  // not use.
  struct Idle {
    std::shared_ptr<const Network> network;
    std::unique_ptr<CurlSession> session;
  };
  Idle take(const std::shared_ptr<const Network>& network) {
    {
      const std::lock_guard lock(mutex_);
      // The latest used: its connections are the likeliest alive.
      for (auto idle = idle_.rbegin(); idle != idle_.rend(); ++idle)
        if (idle->network == network) {
          Idle taken = std::move(*idle);
          idle_.erase(std::next(idle).base());
          return taken;
        }
    }
    return {network, std::make_unique<CurlSession>()};
  }
  void give_back(Idle idle) {
    const std::lock_guard lock(mutex_);
    if (idle_.size() >= max_idle_sessions) idle_.erase(idle_.begin());
    idle_.push_back(std::move(idle));
  }

  const HttpLimits limits_;
  std::mutex mutex_;
  std::vector<Idle> idle_;
};

}  // namespace

const std::string* HttpAnswer::header(std::string_view name) const noexcept {
  for (const auto& [found, value] : headers)
    if (same_header_name(found, name)) return &value;
  return nullptr;
}

HttpAnswer HttpAnswer::none(ErrorClass failure, std::string reason, bool maybe_delivered) {
  HttpAnswer out;
  out.failure = failure;
  out.reason = std::move(reason);
  out.maybe_delivered = maybe_delivered;
  return out;
}

bool same_header_name(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::unique_ptr<Transport> make_live_transport(HttpLimits limits) {
  return std::make_unique<LiveTransport>(std::move(limits));
}

}  // namespace huiliu::host

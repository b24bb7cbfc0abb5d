#include "hub/host/curl_handle.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <mutex>

namespace huiliu::host {
namespace {

using model::ErrorClass;

// Called with the address that the name was resolved to, before it is connected to.
curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* to) {
  auto& check = *static_cast<OutboundCheck*>(user);
  if (check.network != nullptr && check.network->guard) {
    char text[INET6_ADDRSTRLEN] = "";
    std::uint16_t port = 0;
    sockaddr_in6 six{};
    sockaddr_in four{};
    if (to->family == AF_INET6) {
      std::memcpy(&six, &to->addr, sizeof six);
      ::inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof text);
      port = ntohs(six.sin6_port);
    } else if (to->family == AF_INET) {
      std::memcpy(&four, &to->addr, sizeof four);
      ::inet_ntop(AF_INET, &four.sin_addr, text, sizeof text);
      port = ntohs(four.sin_port);
    }
    const auto address = IpAddress::parse(text);
    check.refused =
        address ? check.network->guard->refusal(*address, port) : "the address is of an unknown kind";
    if (!check.refused.empty()) return CURL_SOCKET_BAD;
  }
  return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

}  // namespace

void start_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

void set_network(CURL* easy, const HttpLimits& limits, OutboundCheck& check) {
  const Network* network = check.network;
  const std::string& ca_file =
      network != nullptr && !network->ca_file.empty() ? network->ca_file : limits.ca_file;
  const std::string& proxy = network != nullptr && !network->proxy.empty() ? network->proxy : limits.proxy;
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
  curl_easy_setopt(easy, CURLOPT_PROXY, proxy.c_str());
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &check);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
}

ErrorClass class_of(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return ErrorClass::config;
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WEIRD_SERVER_REPLY:
      return ErrorClass::data;
    default:
      return ErrorClass::retry;
  }
}

std::string reason_of(CURL* easy, CURLcode code) {
  std::string reason = curl_easy_strerror(code);
  if (code == CURLE_OPERATION_TIMEDOUT) reason = "no answer within the time-out";
  long os_error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
  if (os_error != 0 && code == CURLE_COULDNT_CONNECT)
    reason += std::string(" (") + std::strerror(static_cast<int>(os_error)) + ")";
  return reason;
}

}  // namespace huiliu::host

// What every libcurl handle of the host keeps to, HTTP or WebSocket: HTTP/1.1, TLS verified, the proxy and
// the authorities of the connection, and no address that its guard refuses.
#pragma once

#include <curl/curl.h>

#include <string>

#include "hub/host/http.hpp"
#include "hub/host/outbound.hpp"

namespace huiliu::host {

// Prepares libcurl once in a process. Any thread, any number of times.
void start_curl();

// Must live as long as the handle may connect.
struct OutboundCheck {
  const Network* network = nullptr;  // null: unguarded
  std::string refused = {};          // why an address was not connected to; empty: none was refused
};

// Sets what is the same for all exchanges on `easy`; a null network is the hub's own way.
void set_network(CURL* easy, const HttpLimits& limits, OutboundCheck& check);

// What the caller does next about an exchange that gave no answer, and why for a person.
model::ErrorClass class_of(CURLcode code);
std::string reason_of(CURL* easy, CURLcode code);

}  // namespace huiliu::host

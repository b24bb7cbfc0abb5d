// The HTTP surface: /healthz, /readyz, /metrics, /hooks/{connection}, /api/v1.
#pragma once

#include "hub/api/api.hpp"
#include "hub/api/http_server.hpp"
#include "hub/run/hub.hpp"

namespace huiliu::api {

// GET /healthz     200 while the process works
// GET /readyz      200 when the store answers, 503 otherwise
// GET /metrics     Prometheus text
// GET, POST, OPTIONS /hooks/{connection}[/…]   to the connector; 2xx only after a durable write
// /api/v1/…        the API (api.hpp)
HttpResponse handle(run::Hub& hub, Api& api, const HttpRequest& request);

}  // namespace huiliu::api

// The entry of libhuiliu-webhook.so.
#include "plugins/webhook/src/connector.hpp"

HUILIU_PLUGIN("webhook", "1.0.0", 0, huiliu::webhook::Connector);

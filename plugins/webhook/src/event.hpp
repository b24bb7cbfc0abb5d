// What happened: one event of an inbound webhook, whatever its sender's format.
//
// The convention: {"type":"customer.updated","timestamp":"…","data":{"id":…}}. Stripe wraps the object once
// more, Shopify and GitHub name the event in a header, CloudEvents in attributes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/webhook/src/signature.hpp"

namespace huiliu::webhook {

struct Event {
  std::string id;                          // names the event at every retry; empty: not known
  std::string type;                        // "customer.updated"
  std::string data;                        // the object, byte for byte as it was sent; empty: none
  std::string subject;                     // the object's key when the data has none (CloudEvents)
  std::optional<long long> changed_at_us;  // by the sender's clock
};

// What an event does to our streams.
struct Effect {
  std::string stream;  // "customers", "contacts"; empty: not about either, to be ignored
  bool removes = false;
};
// The last word says what happened, the one before it to what: "com.acme.customer.deleted",
// "customers/update".
Effect effect_of(std::string_view type);

// The event in the body of one delivery of any scheme but cloudevents. nullopt: not JSON, or no object.
std::optional<Event> parse_event(Scheme scheme, const HeaderLookup& header, std::string_view body);

// The key of a record: its "id", as text.
std::string key_of(std::string_view data);
// Its "version", as text; empty when it has none.
std::string version_of(std::string_view data);
// Whether the object says no more than which record it is: the rest must be fetched.
bool is_thin(std::string_view data);

}  // namespace huiliu::webhook

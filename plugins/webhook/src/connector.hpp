// The connector `webhook`: any system that sends webhooks and takes them.
//
// Inbound: verify over the raw bytes, drop what was taken before, emit, make durable, answer. Outbound: one
// signed event for each record. Reading needs the site's read API; without `read_url` the connection only
// hears and tells.
#pragma once

#include <huiliu/plugin.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "huiliu_manifests.hpp"
#include "plugins/webhook/src/event.hpp"
#include "plugins/webhook/src/settings.hpp"

namespace huiliu::webhook {

class Connector {
 public:
  static constexpr std::string_view manifest = manifests::manifest;

  explicit Connector(std::string_view settings_json) : settings_(parse_settings(settings_json)) {}

  void check(Call& call);
  std::string discover(Call& call);
  void read(Call& call, const ReadRequest& request, RecordSink& out);
  void lookup(Call& call, const LookupRequest& request, RecordSink& out);
  void find(Call& call, const FindRequest& request, RecordSink& out);
  Outcome write_one(Call& call, std::string_view stream, const Record& record);
  void handle_request(Call& call, const WebRequest& request, RecordSink& out);

 private:
  Verdict verify(const Call& call, const HeaderLookup& header, std::string_view body) const;
  void take_cloud_events(const Call& call, const WebRequest& request, const HeaderLookup& header,
                         const std::string& delivery, const RecordSink& out) const;
  void take(const Call& call, const Event& event, const RecordSink& out) const;

  Settings settings_;
};

}  // namespace huiliu::webhook

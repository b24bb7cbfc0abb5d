#include "hub/host/host.hpp"

namespace huiliu::host {

Host::Host(Environment& environment, HostOptions options)
    : Host(environment, options, std::make_shared<Redactor>(), make_live_transport(options.http)) {
  has_network_ = true;
}

Host::Host(Environment& environment, HostOptions options, std::shared_ptr<Redactor> redactor,
           std::unique_ptr<Transport> transport)
    : environment_(environment),
      options_(std::move(options)),
      redactor_(std::move(redactor)),
      transport_(std::move(transport)),
      quotas_(environment, options_.longest_quota_wait),
      http_(environment, *transport_, quotas_, options_.retry) {}

void Host::log(LogLine line) {
  if (!options_.log) return;
  line.text = redactor_->redact(line.text);
  for (auto& [name, value] : line.fields) value = redactor_->redact(value);
  options_.log(line);
}

}  // namespace huiliu::host

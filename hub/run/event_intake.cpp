#include "hub/run/event_intake.hpp"

namespace huiliu::run {

using model::Status;

void EventIntake::begin() {
  delivery_ = sample_;
  delivery_.received = clock_.now();
  bad_.clear();
}

host::RecordConsumer EventIntake::consumer() {
  host::RecordConsumer consumer;
  consumer.page = [this](host::Page page) { return take_page(std::move(page)); };
  consumer.checkpoint = [this](std::string_view, const host::StateChanges& notes) { return commit(notes); };
  return consumer;
}

Status EventIntake::take_page(host::Page page) {
  for (host::RemoteRecord& record : page.records) {
    // A version, where the connector knows one, tells a repetition from a second event of the same content.
    // Other records may count the same versions.
    if (!record.version.empty() && delivery_.hints.empty())
      delivery_.id = page.stream + "/" + record.key + "@" + record.version;
    delivery_.hints.push_back(
        {page.stream, record.key, record.deleted ? "deleted" : "changed", std::move(record.raw)});
  }
  for (host::BadRecord& record : page.bad) bad_.push_back(park_(page.stream, std::move(record)));
  return {};
}

Status EventIntake::commit(const host::StateChanges& notes) {
  if (delivery_.hints.empty() && bad_.empty() && notes.empty()) return {};
  Status done = store_.write([&](store::Transaction& transaction) -> Status {
    if (!delivery_.hints.empty() && transaction.receive(delivery_)) stored_ = true;
    for (const store::Parked& letter : bad_) transaction.park(letter);
    for (const auto& [key, value] : notes) {
      if (value)
        transaction.save_value("plugin/" + sample_.connection, key, *value);
      else
        transaction.erase_value("plugin/" + sample_.connection, key);
    }
    return {};
  });
  if (done.ok()) begin();
  return done;
}

}  // namespace huiliu::run

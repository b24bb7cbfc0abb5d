#include "hub/api/v1/events.hpp"

#include "hub/access/masking.hpp"
#include "hub/run/connection_list.hpp"
#include "hub/run/views.hpp"

namespace huiliu::api {
namespace {

using model::Object;
using model::Status;
using model::Value;

constexpr std::size_t runs_shown = 10;

class Watch final : public EventSource {
 public:
  Watch(run::Hub& hub, const access::Policy& policy, access::Principal who, access::Accounts& accounts,
        std::string session)
      : hub_(hub), policy_(policy), who_(std::move(who)), accounts_(accounts), session_(std::move(session)) {}

  std::optional<std::string> next() override {
    // A session that ended, or whose user may less now, ends its stream.
    if (!session_.empty() && !accounts_.by_session(session_, hub_.clock().now()).ok()) return std::nullopt;
    out_.clear();
    const Status read = hub_.store().read([&](store::Snapshot& snapshot) -> Status {
      look(snapshot);
      return {};
    });
    if (!read.ok()) return std::nullopt;
    return std::move(out_);
  }

 private:
  void look(store::Snapshot& snapshot) {
    if (policy_.may(who_, "runs.read")) {
      auto runs = snapshot.list_runs("", {{}, runs_shown});
      for (auto run = runs.rbegin(); run != runs.rend(); ++run)
        tell("run", run->id, run_shown(snapshot, *run));
    }
    if (policy_.may(who_, "reviews.read") && !policy_.scopes(who_)) {
      Object counts;
      for (const auto& [kind, count] : snapshot.count_reviews("open"))
        counts.set(sync::to_string(kind), count);
      tell("reviews", "", std::move(counts));
    }
    if (policy_.may(who_, "dead-letters.read")) {
      std::int64_t dead = 0;
      for (const store::ParkedCause& cause : snapshot.parked_causes({})) dead += cause.count;
      tell("dead-letters", "", Object{{"open", dead}});
    }
    if (policy_.may(who_, "connections.read")) {
      for (Value& connection : run::connection_list(snapshot, hub_)) {
        // Lag moves every second and is no news.
        connection.as_object().erase("lag_seconds");
        connection.as_object().erase("lag");
        const std::string name = connection["name"].to_text();
        tell("connection", name, std::move(connection));
      }
    }
  }

  void tell(const char* kind, const std::string& what, Value state) {
    std::string text = model::to_json(state);
    std::string& last = last_[std::string(kind) + "/" + what];
    if (last == text) return;
    last = text;
    out_ += "id: " + std::to_string(++number_) + "\nevent: " + kind + "\ndata: " + text + "\n\n";
    if (last_.size() > 1000) last_.clear();  // all states are sent once more
  }

  run::Hub& hub_;
  const access::Policy& policy_;
  access::Principal who_;
  access::Accounts& accounts_;
  std::string session_, out_;
  std::map<std::string, std::string> last_;
  std::int64_t number_ = 0;
};

}  // namespace

Value run_shown(store::Snapshot& snapshot, const store::Run& run) {
  Value view = run::run_view(snapshot, run);
  const auto mask = [](Value& of, const char* member) {
    if (Value* text = of.as_object().find(member); text != nullptr && text->is_string())
      *text = access::masked_text(text->as_string());
  };
  mask(view, "error");
  if (Value* errors = view.as_object().find("errors"); errors != nullptr && errors->is_array())
    for (Value& error : errors->as_array())
      if (error.is_object()) mask(error, "message");
  return view;
}

std::shared_ptr<EventSource> watch(run::Hub& hub, const access::Policy& policy, const access::Principal& who,
                                   access::Accounts& accounts, std::string session) {
  return std::make_shared<Watch>(hub, policy, who, accounts, std::move(session));
}

}  // namespace huiliu::api

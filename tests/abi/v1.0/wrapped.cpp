// A plugin as it was written for ABI 1.0 with the C++ face of that day. Built against the headers beside it,
// never against later ones; never changed. Its binary of that day stands in bin/.
#include <huiliu/plugin.hpp>

namespace {

class Old {
 public:
  static constexpr std::string_view manifest =
      R"({"id":"old-wrapped","version":"1.0.0","label":{"zh":"旧","en":"Old"},)"
      R"("settings":{"type":"object","properties":{"key":{"type":"string","secret":true}}},)"
      R"("capabilities":["check","read","lookup","write"],"hosts":["good.example"],)"
      R"("credentials":{"api":{"kind":"bearer","secret":"key","reveal":["key"]}},)"
      R"("streams":[{"name":"items","label":{"zh":"物","en":"Items"},"key":"id",)"
      R"("capabilities":{"read":["full"],"write":["create","update"]}}]})";

  explicit Old(std::string_view) {}

  // Uses every service of minor 0 once.
  void check(huiliu::Call& call) {
    call.info("seen", {{"field", "value"}});
    call.progress(1, 2);
    call.random_hex();
    if (call.now_us() <= 0) throw huiliu::DataError("no clock");
    call.sleep(std::chrono::milliseconds(0));
    call.set_state("seen", "yes");
    if (call.state("seen") != "yes") throw huiliu::DataError("no notes");
    static_cast<void>(call.send({.url = "https://good.example/"}));
  }

  void read(huiliu::Call&, const huiliu::ReadRequest& request, huiliu::RecordSink& out) {
    huiliu::Batch batch(request.stream);
    batch.upsert("1", R"({"id":"1"})");
    batch.upsert("2", R"({"id":"2"})");
    batch.remove("3");
    out.emit(batch);
    out.checkpoint("end");
  }

  void lookup(huiliu::Call&, const huiliu::LookupRequest& request, huiliu::RecordSink& out) {
    huiliu::Batch batch(request.stream);
    for (const std::string_view key : request.keys) batch.upsert(key, "{}");
    out.emit(batch);
  }

  huiliu::Outcome write_one(huiliu::Call&, std::string_view, const huiliu::Record& record) {
    if (record.key == "bad") return huiliu::Outcome::rejected("not this one");
    return huiliu::Outcome::applied(huiliu::copy(record.key));
  }
};

}  // namespace

HUILIU_PLUGIN("old-wrapped", "1.0.0", 0, Old);

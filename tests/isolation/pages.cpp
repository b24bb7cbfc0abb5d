// A plugin without a network for benchmarks and tests of swaps: `read` makes pages of invented customers,
// `check` crosses to the host and back many times, `listen` tells its version and then hears nothing.
// GENERATION changes nothing but its version.
#include <huiliu/plugin.hpp>
#include <huiliu/websocket.hpp>
#include <string>

#ifndef GENERATION
#define GENERATION "1.0.0"
#endif

namespace {

std::size_t number_of(std::string_view json, const std::string& name, std::size_t otherwise) {
  const std::size_t at = json.find("\"" + name + "\":");
  return at == std::string_view::npos ? otherwise
                                      : std::stoul(std::string(json.substr(at + name.size() + 3)));
}

class Pages {
 public:
  static constexpr std::string_view manifest =
      R"({"id":"test-pages","version":")" GENERATION R"(","label":{"zh":"页","en":"Pages"},)"
      R"("settings":{"type":"object","additionalProperties":false,"properties":{)"
      R"("pages":{"type":"integer"},"records":{"type":"integer"},"crossings":{"type":"integer"}}},)"
      R"("capabilities":["check","read","listen"],)"
      R"("streams":[{"name":"items","label":{"zh":"物","en":"Items"},"key":"id",)"
      R"("capabilities":{"read":["full","changes"]}}]})";

  explicit Pages(std::string_view settings)
      : pages_(number_of(settings, "pages", 10)),
        records_(number_of(settings, "records", 1000)),
        crossings_(number_of(settings, "crossings", 0)) {}

  void check(huiliu::Call& call) {
    for (std::size_t i = 0; i < crossings_; ++i)
      if (call.cancelled()) return;
  }

  void listen(huiliu::Call& call, huiliu::RecordSink& out) {
    huiliu::Batch batch("items");
    batch.upsert(GENERATION, R"({"id":"v"})");
    out.emit(batch);
    out.checkpoint();
    for (;;) call.sleep(std::chrono::hours(1));  // until a stop
  }

  void read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) {
    std::size_t page = request.cursor.empty() ? 0 : std::stoul(huiliu::copy(request.cursor));
    for (; page < pages_; ++page) {
      call.stop_if_cancelled();
      huiliu::Batch batch(request.stream);
      for (std::size_t i = 0; i < records_; ++i)
        batch.upsert(std::to_string(page * records_ + i), body(page * records_ + i));
      out.emit(batch);
      out.checkpoint(std::to_string(page + 1));
    }
  }

 private:
  // About 700 bytes, as a customer of an ERP has them.
  static std::string body(std::size_t number) {
    const std::string id = std::to_string(number);
    std::string out = R"({"id":")" + id + R"(","name":"示例工业设备有限公司)" + id + R"(","fields":{)";
    for (int i = 0; i < 20; ++i)
      out += (i > 0 ? ",\"f" : "\"f") + std::to_string(i) + "\":\"value " + id + " of a field\"";
    return out + "}}";
  }

  std::size_t pages_, records_, crossings_;
};

}  // namespace

HUILIU_PLUGIN("test-pages", GENERATION, 0, Pages);

// The connector of 用友 YonBIP / YonSuite: the operations of the SDK, each in terms of its readers and its
// writer.
#include <memory>
#include <string>

#include "huiliu/plugin.hpp"
#include "huiliu_manifests.hpp"
#include "plugins/yonyou/src/client.hpp"
#include "plugins/yonyou/src/events.hpp"
#include "plugins/yonyou/src/lists.hpp"
#include "plugins/yonyou/src/reader.hpp"
#include "plugins/yonyou/src/settings.hpp"
#include "plugins/yonyou/src/writer.hpp"

namespace yonyou {
namespace {

bool is_merchant_stream(std::string_view stream) { return stream == "customers" || stream == "contacts"; }

[[noreturn]] void no_stream(std::string_view stream) {
  throw huiliu::Unsupported("YonBIP has no stream " + std::string(stream) + " for this");
}

class YonBip {
 public:
  static constexpr std::string_view manifest = huiliu::manifests::manifest;

  explicit YonBip(std::string_view settings)
      : settings_(std::make_unique<const Settings>(Settings::parse(settings))),
        client_(std::make_unique<Client>(*settings_)) {}

  void check(huiliu::Call& call) { MerchantReader(*client_, *settings_).check(call); }

  /// The streams of the manifest; those whose API this application may not use are left out.
  std::string discover(huiliu::Call& call) {
    json::array streams;
    json::value described = json::parse(manifest);
    for (json::value& stream : described.at("streams").as_array()) {
      const std::string name(stream.at("name").as_string());
      if (const ListApi* api = list_api(name, settings_->old_finance);
          api != nullptr && !is_granted(call, *api))
        continue;
      streams.push_back(std::move(stream));
    }
    return json::serialize(json::object{{"streams", std::move(streams)}});
  }

  void read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) {
    if (is_merchant_stream(request.stream))
      return MerchantReader(*client_, *settings_).read(call, request, out);
    ListReader(*client_, *settings_, api_of(request.stream)).read(call, request, out);
  }

  void lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out) {
    if (is_merchant_stream(request.stream))
      return MerchantReader(*client_, *settings_).lookup(call, request, out);
    ListReader(*client_, *settings_, api_of(request.stream)).lookup(call, request, out);
  }

  void find(huiliu::Call& call, const huiliu::FindRequest& request, huiliu::RecordSink& out) {
    if (!is_merchant_stream(request.stream)) no_stream(request.stream);
    MerchantReader(*client_, *settings_).find(call, request, out);
  }

  void write(huiliu::Call& call, const huiliu::Records& records, huiliu::ResultSink& results) {
    if (!is_merchant_stream(records.stream())) no_stream(records.stream());
    MerchantWriter(*client_, *settings_).write(call, records, results);
  }

  void handle_request(huiliu::Call& call, const huiliu::WebRequest& request, huiliu::RecordSink& out) {
    handle_event(call, *settings_, request, out);
  }

  huiliu::Token authenticate(huiliu::Call& call, std::string_view credential) const {
    if (credential != api_credential) throw huiliu::Unsupported("no such credential");
    return client_->authenticate(call);
  }

 private:
  const ListApi& api_of(std::string_view stream) const {
    const ListApi* api = list_api(stream, settings_->old_finance);
    if (api == nullptr) no_stream(stream);
    return *api;
  }

  bool is_granted(huiliu::Call& call, const ListApi& api) {
    json::object body = json::parse(api.extra).as_object();
    if (api.shape == ListApi::Shape::pages) {
      body["pageIndex"] = 1;
      if (api.page_size_as_text)
        body["pageSize"] = "1";
      else
        body["pageSize"] = 1;
    }
    try {
      client_->read(call, api.path, body, api.quota);
      return true;
    } catch (const huiliu::Failure& failure) {
      if (failure.remote_code == "310037" || failure.remote_code == "310404") {
        call.info("a stream is not offered to this application",
                  {{"stream", api.stream}, {"code", failure.remote_code}});
        return false;
      }
      throw;
    }
  }

  std::unique_ptr<const Settings> settings_;
  std::unique_ptr<Client> client_;
};

}  // namespace
}  // namespace yonyou

HUILIU_PLUGIN("yonyou", "1.0.0", 0, yonyou::YonBip);

// The connector @NAME@. It talks to an invented API (see twin/main.cpp); replace it step by step by yours and
// keep `ctest` green.
#include <boost/json.hpp>
#include <huiliu/plugin.hpp>

#include "huiliu_manifests.hpp"  // made of manifest.json

namespace {

namespace json = boost::json;

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

std::string text(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

class @CLASS@ {
 public:
  static constexpr std::string_view manifest = huiliu::manifests::manifest;

  // The settings are valid by the manifest's schema. No network here.
  explicit @CLASS@(std::string_view settings) : base_(text(json::parse(view(settings)).at("base_url"))) {
    while (base_.ends_with('/')) base_.pop_back();
  }

  // The cheapest request that proves address and key.
  void check(huiliu::Call& call) { get(call, "/customers?limit=1"); }

  // A full read pages by id, "id:ID:REVISION"; REVISION was the system's when the scan began, and from there on
  // changes are read, "revision:N". So what people edit during the scan is seen by the next read.
  void read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) {
    const std::string cursor = huiliu::copy(request.cursor);
    if (cursor.starts_with("revision:")) return changes(call, cursor.substr(9), out);
    std::string after, revision;
    if (cursor.starts_with("id:")) {
      const std::size_t colon = cursor.rfind(':');
      after = cursor.substr(3, colon - 3);
      revision = cursor.substr(colon + 1);
    } else if (!cursor.empty()) {
      throw huiliu::ResyncNeeded("this cursor is not ours");
    }
    for (bool more = true; more;) {
      const json::object page = page_of(call, "/customers?after=" + after);
      huiliu::Batch batch(request.stream);
      huiliu::from_remote("a page of customers", [&] {
        if (revision.empty()) revision = text(page.at("revision"));
        for (const json::value& customer : page.at("items").as_array()) {
          add(batch, customer);
          after = text(customer.at("id"));
        }
        more = page.at("more").as_bool();
      });
      out.emit(batch);  // first the records, then the cursor that covers them
      out.checkpoint(more ? "id:" + after + ":" + revision : "revision:" + revision);
    }
  }

  // Every key is answered: as it is now, or as removed.
  void lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out) {
    huiliu::Batch batch(request.stream);
    for (const std::string_view key : request.keys) {
      const huiliu::Response answer = call.send(to("/customers/" + huiliu::copy(key)));
      if (answer.code() == 404) {
        batch.remove(key);
        continue;
      }
      answer.or_throw("@NAME@");
      huiliu::from_remote("a customer", [&] { add(batch, json::parse(view(answer.body()))); });
    }
    out.emit(batch);
  }

  void find(huiliu::Call& call, const huiliu::FindRequest& request, huiliu::RecordSink& out) {
    const json::object page = page_of(call, "/customers?tax_no=" + huiliu::copy(request.value("tax_no")));
    huiliu::Batch batch(request.stream);
    huiliu::from_remote("found customers", [&] {
      for (const json::value& customer : page.at("items").as_array()) add(batch, customer);
    });
    out.emit(batch);
  }

  // One record. What is thrown is judged by the SDK: no answer is in doubt or deferred, never done.
  huiliu::Outcome write_one(huiliu::Call& call, std::string_view, const huiliu::Record& record) {
    huiliu::Request request = to("/customers" + (record.creates() ? "" : "/" + huiliu::copy(record.key)));
    request.method = record.creates() ? "POST" : "PUT";
    request.body = huiliu::copy(record.body);
    request.headers.emplace_back("Content-Type", "application/json");
    if (!record.version.empty()) request.headers.emplace_back("If-Match", huiliu::copy(record.version));
    // The system remembers this id: a repeated create makes no second customer.
    if (record.creates()) request.headers.emplace_back("Idempotency-Key", huiliu::copy(record.operation_id));
    const huiliu::Response answer = call.send(request);
    const std::string code = std::to_string(answer.code());
    if (answer.code() == 404) return huiliu::Outcome::gone("there is no such customer", code);
    if (answer.code() == 412) return huiliu::Outcome::stale("somebody changed it meanwhile", code);
    if (answer.code() == 409) return duplicate(answer);
    if (answer.code() == 422) return huiliu::Outcome::rejected(reason_of(answer), code);
    answer.or_throw("@NAME@");
    try {
      const json::value now = json::parse(view(answer.body()));
      return huiliu::Outcome::applied(text(now.at("id")), text(now.at("version")), json::serialize(now));
    } catch (const std::exception& error) {  // it may be done: only a look can tell
      return huiliu::Outcome::in_doubt(std::string("the answer cannot be read: ") + error.what());
    }
  }

 private:
  huiliu::Request to(const std::string& path) const {
    return {.url = base_ + path, .credential = "api", .quota = "api"};
  }

  huiliu::Response get(huiliu::Call& call, const std::string& path) const {
    return call.send_ok(to(path), "@NAME@");
  }

  json::object page_of(huiliu::Call& call, const std::string& path) const {
    const huiliu::Response answer = get(call, path);
    return huiliu::from_remote("an answer of @NAME@",
                               [&] { return json::parse(view(answer.body())).as_object(); });
  }

  void changes(huiliu::Call& call, std::string revision, huiliu::RecordSink& out) const {
    for (bool more = true; more;) {
      const json::object page = page_of(call, "/customers?changed_after=" + revision);
      huiliu::Batch batch("customers");
      huiliu::from_remote("a page of changes", [&] {
        for (const json::value& customer : page.at("items").as_array()) {
          add(batch, customer);
          revision = text(customer.at("revision"));  // unique for each change: no ties
        }
        more = page.at("more").as_bool();
      });
      out.emit(batch);
      out.checkpoint("revision:" + revision);
    }
  }

  static void add(huiliu::Batch& batch, const json::value& customer) {
    batch.upsert(text(customer.at("id")), json::serialize(customer), text(customer.at("version")));
  }

  static std::string reason_of(const huiliu::Response& answer) {
    return huiliu::from_remote("a refusal", [&] { return text(json::parse(view(answer.body())).at("error")); });
  }

  static huiliu::Outcome duplicate(const huiliu::Response& answer) {
    return huiliu::from_remote("a refusal", [&] {
      const json::value refusal = json::parse(view(answer.body()));
      return huiliu::Outcome::duplicate(text(refusal.at("id")), text(refusal.at("error")), "409");
    });
  }

  std::string base_;
};

}  // namespace

HUILIU_PLUGIN("@NAME@", "1.0.0", 0, @CLASS@);

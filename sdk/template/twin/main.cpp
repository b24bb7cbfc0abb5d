// A twin of the system: behaves like its API, invents its data, and lets tests play the people who use it.
// Whatever the real system refuses, refuse here; be stricter where its documentation is vague.
#include <boost/json.hpp>
#include <sdk/twin/twin.hpp>

#include <algorithm>

namespace {

namespace json = boost::json;
namespace twin = huiliu::twin;

constexpr std::size_t customers_at_start = 45, page_size = 10;

std::string text(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

std::int64_t number(const json::object& record, std::string_view name) { return record.at(name).as_int64(); }

class @CLASS@Twin final : public twin::Twin {
 public:
  static constexpr std::string_view key = "sample-key-0123456789";

  explicit @CLASS@Twin(twin::TwinOptions options) : Twin(std::move(options)) {
    // The system's own rules, for its API and for its people alike.
    store().set_hooks([this](const twin::Change& change, json::object& next) {
      if (change.kind == twin::Change::Kind::remove) return;
      if (text(next["name"]).empty()) throw twin::TwinError(422, "name", "a customer needs a name");
      next["version"] = change.before == nullptr ? 1 : number(*change.before, "version") + 1;
      next["revision"] = ++revision_;
    });
    store().declare("customers");
    for (std::size_t i = 1; i <= customers_at_start; ++i) {
      const std::string id = std::to_string(1000 + i);
      store().create("customers", id,
                     {{"id", id}, {"name", "示例公司" + id}, {"tax_no", "T" + id}, {"phone", nullptr}},
                     twin::Origin::load);
    }
  }

  void populate(const twin::World&) override {}
  std::string key_of(std::string_view, const json::object& body) const override { return text(body.at("id")); }
  std::string next_key(std::string_view) override { return std::to_string(2000 + ++created_); }
  json::object settings(const std::map<std::string, std::string>& urls) const override {
    return {{"base_url", urls.at("url")}, {"api_key", key}};
  }

  twin::HttpResponse handle(const twin::HttpRequest& request) override {
    if (request.header("Authorization") != "Bearer " + std::string(key))
      return twin::json_response(R"({"error":"unknown key"})", 401);
    try {
      if (request.path == "/customers") return request.method == "POST" ? create(request) : list(request);
      if (request.path.starts_with("/customers/"))
        return request.method == "PUT" ? put(request) : show(request.path.substr(11));
    } catch (const twin::TwinError& error) {
      return refusal(error.status(), error.what());
    }
    return refusal(404, "no such path");
  }

 private:
  static twin::HttpResponse refusal(int status, const std::string& why) {
    return twin::json_response(json::serialize(json::object{{"error", why}}), status);
  }

  static twin::HttpResponse shown(const twin::Record& customer, int status = 200) {
    return twin::json_response(json::serialize(*customer), status);
  }

  twin::HttpResponse show(const std::string& id) const { return shown(store().get("customers", id)); }

  twin::Record with_tax_no(std::string_view tax_no) const {
    twin::Record found;
    store().for_each("customers", [&](const std::string&, const twin::Record& customer) {
      if (text(customer->at("tax_no")) == tax_no) found = customer;
      return found == nullptr;
    });
    return found;
  }

  // ?after=ID, ?changed_after=REVISION, ?tax_no=TEXT
  twin::HttpResponse list(const twin::HttpRequest& request) const {
    std::vector<twin::Record> all;
    const bool by_revision = request.has_parameter("changed_after");
    const std::int64_t since = by_revision ? std::stoll(std::string(request.parameter("changed_after"))) : 0;
    store().for_each(
        "customers",
        [&](const std::string&, const twin::Record& customer) {
          const bool wanted = by_revision                      ? number(*customer, "revision") > since
                              : request.has_parameter("tax_no") ? text(customer->at("tax_no")) == request.parameter("tax_no")
                                                               : true;
          if (wanted) all.push_back(customer);
          return true;
        },
        request.parameter("after"));
    if (by_revision)
      std::sort(all.begin(), all.end(), [](const twin::Record& a, const twin::Record& b) {
        return number(*a, "revision") < number(*b, "revision");
      });
    const bool more = all.size() > page_size;
    if (more) all.resize(page_size);
    json::array items;
    for (const twin::Record& customer : all) items.push_back(*customer);
    return twin::json_response(
        json::serialize(json::object{{"items", std::move(items)}, {"more", more}, {"revision", revision_}}));
  }

  twin::HttpResponse create(const twin::HttpRequest& request) {
    const std::string operation(request.header("Idempotency-Key"));
    if (const auto known = created_by_.find(operation); !operation.empty() && known != created_by_.end())
      return show(known->second);
    json::object body = json::parse(request.body).as_object();
    const std::string tax_no = body.contains("tax_no") ? text(body["tax_no"]) : std::string();
    if (const twin::Record other = tax_no.empty() ? nullptr : with_tax_no(tax_no); other != nullptr)
      return twin::json_response(
          json::serialize(json::object{{"error", "this tax number exists"}, {"id", other->at("id")}}), 409);
    const std::string id = next_key("customers");
    for (const char* name : {"tax_no", "phone"})
      if (!body.contains(name)) body[name] = nullptr;
    body["id"] = id;
    const twin::Record made = store().create("customers", id, std::move(body), twin::Origin::api);
    if (!operation.empty()) created_by_[operation] = id;
    return shown(made, 201);
  }

  twin::HttpResponse put(const twin::HttpRequest& request) {
    const std::string id = request.path.substr(11);
    const twin::Record before = store().get("customers", id);
    const std::string_view expected = request.header("If-Match");
    if (!expected.empty() && expected != text(before->at("version"))) return refusal(412, "another version");
    return shown(store().update("customers", id, json::parse(request.body).as_object(), twin::Origin::api));
  }

  std::int64_t revision_ = 0;
  std::size_t created_ = 0;
  std::map<std::string, std::string> created_by_;  // operation → id
};

}  // namespace

int main(int argc, char** argv) {
  return twin::twin_main(argc, argv,
                         {{"@NAME@", "@NAME@",
                           [](const twin::TwinOptions& options) -> std::unique_ptr<twin::Twin> {
                             return std::make_unique<@CLASS@Twin>(options);
                           },
                           nullptr, nullptr}});
}

#include "plugins/webhook/src/site_api.hpp"

#include <algorithm>
#include <set>

#include "plugins/webhook/src/encoding.hpp"
#include "plugins/webhook/src/event.hpp"
#include "plugins/webhook/src/json_text.hpp"

namespace huiliu::webhook {
namespace {

constexpr std::size_t kKeysPerLookup = 50;

bool is_deleted(std::string_view item) { return raw_member(item, "deleted") == "true"; }

long long changed_at(std::string_view item) {
  const auto time = parse_rfc3339_us(scalar_text(raw_member(item, "updated_at")));
  return time ? *time : HUILIU_TIME_UNKNOWN;
}

void add_item(Batch& batch, std::string_view item, bool keys_only) {
  const std::string key = key_of(item);
  if (is_deleted(item))
    batch.remove(key, version_of(item), changed_at(item));
  else
    batch.upsert(key, keys_only ? std::string_view("{}") : item, version_of(item), changed_at(item));
}

std::string with_parameter(std::string query, std::string_view name, std::string_view value) {
  query += query.empty() ? "" : "&";
  return query + percent_encode(name) + "=" + percent_encode(value);
}

}  // namespace

SiteApi::Page SiteApi::get(std::string_view stream, const std::string& query) const {
  if (settings_.read_url.empty()) throw Unsupported("this site has no read API (setting read_url)");
  Request request;
  request.url = settings_.read_url + "/" + std::string(stream) + (query.empty() ? "" : "?" + query);
  request.headers = {{"Accept", "application/json"}};
  request.quota = "reads";
  if (settings_.has_read_token) request.credential = "read";
  const Response response = call_.send_ok(request, "the site");
  Page page;
  page.body = response.body();
  if (!parse_json(page.body)) throw DataError("the site's answer is not JSON");
  const std::string_view items = raw_member(page.body, "items");
  if (items.empty() || items.front() != '[') throw DataError("the site's answer has no list of items");
  page.items = raw_elements(items);
  for (const std::string_view item : page.items)
    if (!is_object(item)) throw DataError("an item of the site's answer is no object");
  page.cursor = scalar_text(raw_member(page.body, "cursor"));
  page.more = raw_member(page.body, "more") == "true";
  return page;
}

void SiteApi::check() const { get("customers", "limit=1"); }

void SiteApi::read(const ReadRequest& request, const RecordSink& out) const {
  std::string cursor(request.cursor);
  const bool from_start = cursor.empty();
  for (std::uint64_t emitted = 0;;) {
    call_.stop_if_cancelled();
    std::string query = "limit=" + std::to_string(settings_.page_size);
    if (!cursor.empty()) query = with_parameter(std::move(query), "cursor", cursor);
    const Page page = get(request.stream, query);
    if (page.more && (page.cursor.empty() || page.cursor == cursor))
      throw DataError("the site's feed does not advance");
    Batch batch(request.stream);
    for (const std::string_view item : page.items)
      if (!(from_start && is_deleted(item))) add_item(batch, item, request.mode == HUILIU_READ_KEYS);
    out.emit(batch);
    emitted += batch.size();
    if (!page.cursor.empty()) cursor = page.cursor;
    out.checkpoint(cursor);
    if (!page.more || (request.limit > 0 && emitted >= request.limit)) return;
  }
}

void SiteApi::lookup(const LookupRequest& request, const RecordSink& out) const {
  for (std::size_t start = 0; start < request.keys.size(); start += kKeysPerLookup) {
    call_.stop_if_cancelled();
    const std::size_t end = std::min(start + kKeysPerLookup, request.keys.size());
    std::string query;
    for (std::size_t i = start; i < end; ++i) query = with_parameter(std::move(query), "id", request.keys[i]);
    const Page page = get(request.stream, query);
    Batch batch(request.stream);
    std::set<std::string> found;
    for (const std::string_view item : page.items)
      if (found.insert(key_of(item)).second) add_item(batch, item, false);
    for (std::size_t i = start; i < end; ++i)
      if (found.insert(std::string(request.keys[i])).second) batch.remove(request.keys[i]);
    out.emit(batch);
  }
}

void SiteApi::find(const FindRequest& request, const RecordSink& out) const {
  std::string query = "limit=" + std::to_string(request.limit > 0 ? request.limit : settings_.page_size);
  for (const auto& [name, value] : request.fields) query = with_parameter(std::move(query), name, value);
  const Page page = get(request.stream, query);
  Batch batch(request.stream);
  for (const std::string_view item : page.items)
    if (!is_deleted(item)) add_item(batch, item, false);
  out.emit(batch);
}

std::string SiteApi::fetch(std::string_view stream, std::string_view key) const {
  const Page page = get(stream, with_parameter({}, "id", key));
  for (const std::string_view item : page.items)
    if (key_of(item) == key && !is_deleted(item)) return std::string(item);
  return {};
}

}  // namespace huiliu::webhook

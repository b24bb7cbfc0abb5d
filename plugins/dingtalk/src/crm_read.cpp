#include "plugins/dingtalk/src/crm_read.hpp"

#include <algorithm>
#include <set>

#include "plugins/dingtalk/src/beijing_time.hpp"
#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

// The far end of "changed since": later than any stamp, so that no clock decides what is seen.
constexpr std::string_view kEndOfTime = "2099-12-31 23:59:59";

std::string key_of(const json::object& body) { return std::string(body.at("instanceId").as_string()); }

void add(huiliu::Batch& batch, const json::object& body, bool keys_only) {
  const std::optional<std::int64_t> modified = modified_s(body);
  batch.upsert(key_of(body), keys_only ? "{}" : json::serialize(body), {},
               modified ? *modified * 1'000'000 : HUILIU_TIME_UNKNOWN);
}

}  // namespace

struct CrmReader::Emitter {
  const huiliu::ReadRequest& request;
  huiliu::RecordSink& out;
  std::uint64_t emitted = 0;

  void page(const std::vector<json::object>& bodies, const std::set<std::string>& repeated = {}) {
    huiliu::Batch batch(request.stream);
    std::set<std::string> in_page;  // a page names a record once, whatever the vendor does
    for (const json::object& body : bodies)
      if (!repeated.contains(key_of(body)) && in_page.insert(key_of(body)).second)
        add(batch, body, request.mode == HUILIU_READ_KEYS);
    emitted += batch.size();
    out.emit(batch);
  }
  bool full() const { return request.limit > 0 && emitted >= request.limit; }
};

void CrmReader::read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) const {
  Cursor at = Cursor::decode(request.cursor);
  const bool everything = request.mode != HUILIU_READ_CHANGES;
  if (everything && at.phase == Cursor::Phase::changes) at = Cursor{};
  Emitter emitter{request, out};
  const bool walking = at.phase == Cursor::Phase::walk;
  const bool done = walking ? walk(call, at, emitter) : changes(call, at, emitter);
  if (done) out.checkpoint(at.finished(settings_.overlap_s).encode());
}

// A token that was good when the cursor was stored may have expired since: then the walk begins anew.
Page CrmReader::walk_page(huiliu::Call& call, const Cursor& at) const {
  try {
    return api_.walk(call, at.object_type, at.token);
  } catch (const Refused& refused) {
    if (at.token.empty() || (refused.kind != ErrorKind::invalid && refused.kind != ErrorKind::not_found))
      throw;
    throw huiliu::ResyncNeeded(refused.message, refused.remote_code);
  }
}

bool CrmReader::walk(huiliu::Call& call, Cursor& at, Emitter& emitter) const {
  const bool has_pool = settings_.include_pool && api_.kind() == ObjectKind::customer;
  while (true) {
    call.stop_if_cancelled();
    const Page page = walk_page(call, at);
    if (at.started_s == 0) at.started_s = page.at_s;
    for (const json::object& body : page.bodies)
      at.seen_s = std::max(at.seen_s, modified_s(body).value_or(0));
    emitter.page(page.bodies);
    at.token = page.next;
    if (page.next.empty()) {
      if (!has_pool || at.object_type == kPoolType) return true;
      at.object_type = kPoolType;
    }
    emitter.out.checkpoint(at.encode());
    call.progress(emitter.emitted);
    if (emitter.full()) return false;
  }
}

// A stored token may have expired; the stamp that the page began at is as good.
Page CrmReader::changed_page(huiliu::Call& call, const Condition& since, std::string& token) const {
  try {
    return api_.query(call, {since}, token);
  } catch (const Refused& refused) {
    if (token.empty() || (refused.kind != ErrorKind::invalid && refused.kind != ErrorKind::not_found)) throw;
  }
  token.clear();
  return api_.query(call, {since}, token);
}

// Changes come in order of their stamp, and the next page is asked for by the last stamp, not by the vendor's
// token: a record that changes while we read moves to the end, and a token that counts rows would then skip
// another one. Stamps have whole seconds, so ties repeat (and are left out here); a page of nothing but ties
// goes on by token. When the answer is not in order, the vendor did not sort, and only its token leads on.
bool CrmReader::changes(huiliu::Call& call, Cursor& at, Emitter& emitter) const {
  if (at.started_s == 0) at.token.clear();
  bool sorted = true;
  std::set<std::string> at_boundary;  // keys that were emitted with the stamp from_s
  while (true) {
    call.stop_if_cancelled();
    const Condition since{"gmt_modified", "BETWEEN",
                          json::array{json::string(beijing_text(at.from_s)), json::string(kEndOfTime)}};
    const Page page = changed_page(call, since, at.token);
    if (at.started_s == 0) at.started_s = page.at_s;
    emitter.page(page.bodies, at_boundary);
    std::int64_t last_s = at.from_s;
    for (const json::object& body : page.bodies) {
      const std::int64_t modified = modified_s(body).value_or(0);
      sorted = sorted && modified >= last_s;
      last_s = std::max(last_s, modified);
      at.seen_s = std::max(at.seen_s, modified);
    }
    if (page.next.empty()) return true;
    if (sorted && last_s > at.from_s) {
      at.from_s = last_s;
      at.token.clear();
      at_boundary.clear();
    } else {
      at.token = page.next;
    }
    if (sorted)
      for (const json::object& body : page.bodies)
        if (modified_s(body) == at.from_s) at_boundary.insert(key_of(body));
    emitter.out.checkpoint(at.encode());
    call.progress(emitter.emitted);
    if (emitter.full()) return false;
  }
}

std::vector<json::object> CrmReader::by_ids(huiliu::Call& call, const std::vector<std::string>& ids) const {
  try {
    return api_.by_ids(call, ids);
  } catch (const Refused& refused) {
    if (api_.kind() != ObjectKind::contact || refused.kind != ErrorKind::invalid) throw;
    call.warn("DingTalk takes no query by contact id; walking over all contacts instead");
  }
  std::vector<json::object> found;
  std::string token;
  do {
    call.stop_if_cancelled();
    Page page = api_.walk(call, {}, token);
    for (json::object& body : page.bodies)
      if (std::find(ids.begin(), ids.end(), key_of(body)) != ids.end()) found.push_back(std::move(body));
    token = page.next;
  } while (!token.empty() && found.size() < ids.size());
  return found;
}

void CrmReader::lookup(huiliu::Call& call, const huiliu::LookupRequest& request,
                       huiliu::RecordSink& out) const {
  for (std::size_t first = 0; first < request.keys.size(); first += kLookupMax) {
    const std::size_t last = std::min(first + kLookupMax, request.keys.size());
    const std::vector<std::string> ids(request.keys.begin() + static_cast<std::ptrdiff_t>(first),
                                       request.keys.begin() + static_cast<std::ptrdiff_t>(last));
    std::set<std::string> absent(ids.begin(), ids.end());
    huiliu::Batch batch(request.stream);
    for (const json::object& body : by_ids(call, ids))
      if (absent.erase(key_of(body)) > 0) add(batch, body, false);  // and nothing that was not asked for
    for (const std::string& id : absent) batch.remove(id);
    out.emit(batch);
  }
}

void CrmReader::find(huiliu::Call& call, const huiliu::FindRequest& request, huiliu::RecordSink& out) const {
  std::vector<Condition> conditions;
  for (const auto& [path, value] : request.fields) {
    const std::string key = query_field(api_.kind(), path, api_.custom());
    if (!key.empty())
      conditions.push_back({key, "EQ", json::string(value)});
    else if (path.starts_with("custom."))
      throw huiliu::Unsupported("the settings name no field of DingTalk for " + std::string(path));
  }
  // The contacts of a customer cannot be asked for: the walk over all contacts finds them.
  const bool walks = conditions.empty() && api_.kind() == ObjectKind::contact && !request.fields.empty();
  if (conditions.empty() && !walks) throw huiliu::Unsupported("DingTalk has no query for these fields");
  huiliu::Batch batch(request.stream);
  std::set<std::string> found;
  std::string token;
  do {
    call.stop_if_cancelled();
    const Page page = walks ? api_.walk(call, {}, token) : api_.query(call, conditions, token);
    for (const json::object& body : page.bodies) {
      // Conditions that the vendor cannot ask for, or takes loosely, hold all the same.
      const bool matches = std::all_of(
          request.fields.begin(), request.fields.end(),
          [&](const auto& condition) { return text_at_path(body, condition.first) == condition.second; });
      const bool wanted = request.limit == 0 || batch.size() < request.limit;
      if (matches && wanted && found.insert(key_of(body)).second) add(batch, body, false);
    }
    token = page.next;
  } while (!token.empty() && (request.limit == 0 || batch.size() < request.limit));
  out.emit(batch);
}

}  // namespace dingtalk

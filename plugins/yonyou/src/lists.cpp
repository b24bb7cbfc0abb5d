#include "plugins/yonyou/src/lists.hpp"

#include <algorithm>
#include <set>

#include "plugins/yonyou/src/beijing_time.hpp"

namespace yonyou {
namespace {

using Since = ListApi::Since;
using Shape = ListApi::Shape;

constexpr int most_list_walks = 5;

constexpr ListApi apis[] = {
    {"employees", "/yonbip/digitalModel/staff/list", "code", Shape::pages, Since::simple, "pubts", 100,
     api_quota, "{}", false, false},
    {"organizations", "/yonbip/digitalModel/OrgUnitSync/orgUnitDataSyncByDTO", "code", Shape::pages,
     Since::top, "pubts", 100, api_quota, R"({"funcTypeCode":["orgunit"]})", true, false},
    {"departments", "/yonbip/digitalModel/admindept/tree", "id", Shape::tree, Since::none, "", 0, api_quota,
     "{}", false, false},
    {"customer_classes", "/yonbip/digitalModel/custcategory/newtree", "code", Shape::tree, Since::none, "", 0,
     api_quota, "{}", false, false},
    {"orders", "/yonbip/sd/voucherorder/list", "id", Shape::pages, Since::between, "pubts", 500, order_quota,
     R"({"isSum":true})", false, true},
    {"receivables", "/yonbip/EFI/receivable/list", "id", Shape::pages, Since::simple_open, "pubts", 500,
     finance_quota, "{}", false, false},
    {"receipts", "/yonbip/EFI/collection/list", "id", Shape::pages, Since::simple_open, "pubts", 500,
     finance_quota, "{}", false, false},
};

// The older module (应收管理) shows open amounts and due dates, and has no documented filter by time: it is
// read whole.
constexpr ListApi old_finance_apis[] = {
    {"receivables", "/yonbip/fi/oar/list", "id", Shape::pages, Since::none, "pubts", 100, finance_quota, "{}",
     false, false},
    {"receipts", "/yonbip/fi/receivebill/list/v2", "id", Shape::pages, Since::none, "pubts", 100,
     finance_quota, "{}", false, false},
};

/// A tree's nodes, without their children, each with its parent's id.
void flatten(const json::array& nodes, const std::string& parent, json::array& rows) {
  for (const json::value& node : nodes) {
    const json::object* object = node.if_object();
    if (object == nullptr) continue;
    json::object row = *object;
    row.erase("children");
    if (!parent.empty() && !row.contains("parentId")) row["parentId"] = parent;
    const std::string id = text_at(row, "id");
    rows.push_back(std::move(row));
    if (const json::array* children = array_at(*object, "children")) flatten(*children, id, rows);
  }
}

json::object condition(std::string_view op, std::string_view field, std::string_view value1,
                       std::string_view value2) {
  json::object all{{"op", op}, {"field", field}, {"value1", value1}};
  if (!value2.empty()) all["value2"] = value2;
  return all;
}

}  // namespace

const ListApi* list_api(std::string_view stream, bool old_finance) {
  const auto is_meant = [&](const ListApi& api) { return api.stream == stream; };
  if (old_finance)
    for (const ListApi& api : old_finance_apis)
      if (is_meant(api)) return &api;
  const auto found = std::find_if(std::begin(apis), std::end(apis), is_meant);
  return found == std::end(apis) ? nullptr : found;
}

std::span<const ListApi> all_list_apis() { return apis; }

json::object ListReader::body_of(std::int64_t from, std::int64_t until, std::size_t index,
                                 std::string_view after) const {
  json::object body = json::parse(api_.extra).as_object();
  if (api_.shape == Shape::tree) return body;
  body["pageIndex"] = index;
  if (api_.page_size_as_text)
    body["pageSize"] = std::to_string(api_.page_size);
  else
    body["pageSize"] = api_.page_size;
  json::array conditions;
  if (from > 0) {
    const std::string since = beijing_text(from), end = beijing_text(until);
    if (api_.since == Since::top) body["pubts"] = since;
    if (api_.since == Since::simple) body["simple"] = json::object{{"pubts", since}};
    if (api_.since == Since::simple_open)
      body["simple"] = json::object{{"open_pubts_begin", since}, {"open_pubts_end", end}};
    if (api_.since == Since::between) conditions.push_back(condition("between", "pubts", since, end));
  }
  if (api_.keyset) {
    if (!after.empty()) conditions.push_back(condition("gt", "id", after, {}));
    body["queryOrders"] = json::array{json::object{{"field", "id"}, {"order", "asc"}}};
  }
  if (!conditions.empty()) body["simpleVOs"] = std::move(conditions);
  return body;
}

json::array ListReader::page(huiliu::Call& call, const json::object& body) {
  try {
    const Answer answer = client_.read(call, api_.path, body, api_.quota);
    if (api_.shape != Shape::tree) return answer.rows();
    json::array flat;
    if (const json::array* nodes = answer.data.if_array()) flatten(*nodes, {}, flat);
    return flat;
  } catch (huiliu::Failure& failure) {
    // What this tenant did not buy or grant beside the customers is no reason to pause the whole connection.
    if (failure.remote_code == "310037" || failure.remote_code == "310404")
      failure.status = HUILIU_UNSUPPORTED;
    throw;
  }
}

RecordOut ListReader::record_of(const json::object& row) const {
  RecordOut record;
  record.key = text_at(row, api_.key);
  if (record.key.empty())
    throw huiliu::DataError("YonBIP sent a row of " + std::string(api_.stream) + " without " +
                            std::string(api_.key));
  record.version = text_at(row, api_.changed);
  const auto at = beijing_seconds(record.version);
  record.changed_at_us = at ? *at * 1'000'000 : HUILIU_TIME_UNKNOWN;
  record.body = row;
  // Names are texts here and multi-language objects there.
  if (const json::value* name = row.if_contains("name")) record.body["nameText"] = chinese_of(*name);
  return record;
}

std::int64_t ListReader::scan_start(const huiliu::Call& call, std::int64_t began_us) const {
  const std::int64_t elapsed = (call.now_us() - began_us) / 1'000'000 + 1;
  return std::max<std::int64_t>(client_.vendor_time(call) - elapsed - settings_.overlap_seconds, 1);
}

template <class Visit>
void ListReader::scan(huiliu::Call& call, std::int64_t from, std::string_view after, Visit&& visit) {
  std::set<std::string, std::less<>> seen;
  std::string passed(after);
  const auto whole = static_cast<std::size_t>(std::max(api_.page_size, 1));
  for (int walks = 0; walks < most_list_walks; ++walks) {
    std::size_t fresh = 0, pages = 0;
    while (true) {
      call.stop_if_cancelled();
      ++pages;
      // A window that must have an end ends well after now: a row changed meanwhile is in the next one too.
      const std::int64_t until = client_.vendor_time(call) + 3600;
      const json::array rows = page(call, body_of(from, until, api_.keyset ? 1 : pages, passed));
      json::array unseen;
      for (const json::value& row : rows) {
        const json::object* object = row.if_object();
        if (object == nullptr) continue;
        std::string key = text_at(*object, api_.key);
        if (api_.keyset) passed = std::max(passed, key, IdLess());
        if (seen.insert(std::move(key)).second) unseen.push_back(row);
      }
      fresh += unseen.size();
      if (!visit(unseen, passed)) return;
      if (api_.shape == Shape::tree || rows.size() < whole) break;
    }
    if (pages == 1 || api_.keyset || (walks > 0 && fresh == 0)) return;
  }
}

void ListReader::read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) {
  const std::int64_t began = call.now_us();
  Cursor at;
  if (!request.cursor.empty()) {
    const auto parsed = Cursor::parse(request.cursor);
    if (!parsed) throw huiliu::ResyncNeeded("the cursor is not one of this connector");
    at = *parsed;
  }
  const bool keys = request.mode == HUILIU_READ_KEYS;
  if (keys || (request.mode == HUILIU_READ_FULL && at.phase == Cursor::Phase::changes)) at = {};
  const bool changes = at.phase == Cursor::Phase::changes && api_.since != Since::none;
  if (!changes) at.phase = Cursor::Phase::full;
  std::uint64_t emitted = 0;
  bool stopped = false;
  std::int64_t start = changes ? at.next : at.from;
  scan(call, changes ? at.from : 0, at.after, [&](const json::array& rows, const std::string& passed) {
    if (start == 0) start = scan_start(call, began);
    (changes ? at.next : at.from) = start;
    huiliu::Batch batch(request.stream);
    for (const json::value& row : rows) {
      const RecordOut record = record_of(row.get_object());
      batch.upsert(record.key, keys ? "{}" : json::serialize(record.body), record.version,
                   record.changed_at_us);
    }
    out.emit(batch);
    emitted += batch.size();
    if (api_.keyset && !keys) {  // only such a list can go on where it stopped
      at.after = passed;
      out.checkpoint(at.text());
      stopped = request.limit > 0 && emitted >= request.limit && !rows.empty();
    }
    return !stopped;
  });
  if (stopped) return;
  if (keys) return out.checkpoint();
  out.checkpoint(
      Cursor{Cursor::Phase::changes, std::max(start, changes ? at.from : std::int64_t{1}), 0, {}}.text());
}

void ListReader::lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out) {
  std::set<std::string, std::less<>> missing(request.keys.begin(), request.keys.end());
  huiliu::Batch batch(request.stream);
  const auto take = [&](const json::array& rows) {
    for (const json::value& row : rows) {
      const json::object* object = row.if_object();
      if (object == nullptr) continue;
      const RecordOut record = record_of(*object);
      if (missing.erase(record.key) > 0)
        batch.upsert(record.key, json::serialize(record.body), record.version, record.changed_at_us);
    }
  };
  const std::vector<std::string_view> keys(request.keys.begin(), request.keys.end());
  if (api_.stream == "employees" || api_.stream == "orders") {
    for (const std::string_view key : keys) {
      json::object body = body_of(0, 0, 1, {});
      if (api_.stream == "employees")
        body["code"] = key;
      else
        body["simpleVOs"] = json::array{condition("eq", "id", key, {})};
      take(page(call, body));
    }
  } else {
    scan(call, 0, {}, [&](const json::array& rows, const std::string&) {
      take(rows);
      return !missing.empty();
    });
  }
  for (const std::string& key : missing) batch.remove(key);
  out.emit(batch);
  out.checkpoint();
}

std::string ListReader::id_of(huiliu::Call& call, std::string_view key) {
  std::string id;
  scan(call, 0, {}, [&](const json::array& rows, const std::string&) {
    for (const json::value& row : rows)
      if (const json::object* object = row.if_object();
          object != nullptr && text_at(*object, api_.key) == key)
        id = text_at(*object, "id");
    return id.empty();
  });
  return id;
}

}  // namespace yonyou

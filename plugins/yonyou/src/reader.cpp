#include "plugins/yonyou/src/reader.hpp"

#include <algorithm>
#include <set>

#include "plugins/yonyou/src/beijing_time.hpp"

namespace yonyou {
namespace {

constexpr std::string_view list_path = "/yonbip/digitalModel/merchant/newlist";
constexpr std::string_view detail_path = "/yonbip/digitalModel/merchant/newBatchDetail";
constexpr std::size_t ids_per_detail = 100;
constexpr std::size_t smallest_page = 50;
constexpr int most_walks = 5;
constexpr std::int64_t no_date_margin_seconds =
    300;  // a gateway without Date header: how far to mistrust our clock

void add(huiliu::Batch& batch, const RecordOut& record, bool with_body) {
  batch.upsert(record.key, with_body ? json::serialize(record.body) : "{}", record.version,
               record.changed_at_us);
}

std::vector<RecordOut> records_of(std::string_view stream, const Merchant& merchant) {
  if (stream == "contacts") return contact_records(merchant);
  return {customer_record(merchant)};
}

/// Paths of a record that the list can be asked by.
std::string_view filter_of(std::string_view path) {
  if (path == "name.simplifiedName") return "name";
  if (path == "code" || path == "creditCode" || path == "id") return path;
  return {};
}

bool shows(const json::object& body, std::string_view path, std::string_view value) {
  const json::object* at = &body;
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    at = object_at(*at, path.substr(0, dot));
    if (at == nullptr) return false;
    path.remove_prefix(dot + 1);
  }
  const std::string shown = text_at(*at, path);
  return shown == value || (path == "areaCodeMobile" && shown == area_code_mobile(value));
}

}  // namespace

std::int64_t MerchantReader::scan_start(const huiliu::Call& call, std::int64_t began_us) const {
  const std::int64_t elapsed = (call.now_us() - began_us) / 1'000'000 + 1;
  const std::int64_t margin = client_.knows_time() ? 0 : no_date_margin_seconds;
  return std::max<std::int64_t>(client_.vendor_time(call) - elapsed - margin - settings_.overlap_seconds, 1);
}

void MerchantReader::check(huiliu::Call& call) {
  client_.read(call, list_path, json::object{{"pageIndex", 1}, {"pageSize", 1}});
}

std::size_t MerchantReader::walk(huiliu::Call& call, const json::object& filter, std::size_t most,
                                 Listing& found, bool& one_page) {
  std::size_t fresh = 0;
  if (list_page_ == 0) list_page_ = static_cast<std::size_t>(settings_.page_size);
  for (std::size_t page = 1;; ++page) {
    call.stop_if_cancelled();
    json::object body = filter;
    body["pageIndex"] = page;
    body["pageSize"] = list_page_;
    json::array rows;
    try {
      rows = client_.read(call, list_path, body).rows();
    } catch (const huiliu::Failure& failure) {
      // The gateway gives the list 10 s, whatever the page: ask for less at a time.
      if (failure.remote_code != "310504" || list_page_ <= smallest_page) throw;
      list_page_ = std::max(list_page_ / 2, smallest_page);
      page = 0;
      continue;
    }
    for (const json::value& row : rows) {
      const json::object* head = row.if_object();
      const std::string id = head == nullptr ? std::string() : text_at(*head, "id");
      if (id.empty()) throw huiliu::DataError("YonBIP listed a customer without an id");
      std::string pubts = text_at(*head, "pubts");
      if (pubts.empty()) pubts = text_at(*head, "modifyTime");
      const auto [at, is_new] = found.try_emplace(id, pubts);
      fresh += is_new ? 1 : 0;
      at->second = std::max(at->second, pubts);
    }
    one_page = page == 1;
    if (rows.size() < list_page_ || (most > 0 && found.size() >= most)) return fresh;
  }
}

Listing MerchantReader::list(huiliu::Call& call, const json::object& filter, std::size_t most) {
  Listing found;
  for (int walks = 0; walks < most_walks; ++walks) {
    bool one_page = true;
    const std::size_t fresh = walk(call, filter, most, found, one_page);
    // One page cannot shift. Several may have: another walk must bring nothing new.
    if (one_page || most > 0 || (walks > 0 && fresh == 0)) return found;
  }
  call.warn("the list of customers kept changing while it was read; the next scan of keys closes the gap");
  return found;
}

json::array MerchantReader::details(huiliu::Call& call, const json::array& wanted) {
  try {
    return client_.read(call, detail_path, wanted).rows();
  } catch (const huiliu::Failure& failure) {
    // One that is gone may make the vendor refuse all: find which.
    const bool gone = failure.status == HUILIU_DATA;
    if (!gone) throw;
    if (wanted.size() == 1) {
      if (failure.remote_code == "404" || failure.remote_code == "1002" ||
          failure.message.starts_with(std::string(verdict_of(Cause::not_found).zh)))
        return {};
      throw;
    }
    const auto middle = wanted.begin() + static_cast<std::ptrdiff_t>(wanted.size() / 2);
    json::array all = details(call, json::array(wanted.begin(), middle));
    for (json::value& row : details(call, json::array(middle, wanted.end()))) all.push_back(std::move(row));
    return all;
  }
}

std::vector<Merchant> MerchantReader::merchants(huiliu::Call& call, std::span<const std::string> ids) {
  std::vector<Merchant> found;
  for (std::size_t begin = 0; begin < ids.size(); begin += ids_per_detail) {
    call.stop_if_cancelled();
    json::array wanted;
    for (const std::string& id : ids.subspan(begin, std::min(ids_per_detail, ids.size() - begin)))
      wanted.push_back(
          json::object{{"id", id}});  // id alone: with a code beside it the vendor would have to choose
    const std::size_t first = found.size();
    for (const json::value& row : details(call, wanted))
      if (const json::object* head = row.if_object(); head != nullptr && !text_at(*head, "id").empty())
        found.push_back({*head, {}, {}});
    json::array others;
    for (std::size_t i = first; i < found.size(); ++i)
      for (const std::string& org : using_organisations(found[i].head))
        others.push_back(json::object{{"id", found[i].id()}, {"belongOrgId", org}});
    for (std::size_t at = 0; at < others.size(); at += ids_per_detail) {
      const std::size_t count = std::min(ids_per_detail, others.size() - at);
      const auto from = others.begin() + static_cast<std::ptrdiff_t>(at);
      for (json::value& row : details(call, json::array(from, from + static_cast<std::ptrdiff_t>(count)))) {
        if (!row.is_object()) continue;
        const std::string id = text_at(row.get_object(), "id");
        const auto owner = std::find_if(found.begin() + static_cast<std::ptrdiff_t>(first), found.end(),
                                        [&](const Merchant& m) { return m.id() == id; });
        if (owner != found.end()) owner->users.push_back(std::move(row.get_object()));
      }
    }
  }
  return found;
}

// The keys of contacts stand in the customers; these are read a page at a time, as they may be very many.
void MerchantReader::emit_keys(huiliu::Call& call, std::string_view stream, const Listing& ids,
                               huiliu::RecordSink& out) {
  const bool contacts = stream == "contacts";
  for (auto next = ids.begin(); next != ids.end();) {
    huiliu::Batch batch(stream);
    std::vector<std::string> page;
    for (; next != ids.end() && page.size() < ids_per_detail && !batch.full(); ++next) {
      if (contacts)
        page.push_back(next->first);
      else
        batch.upsert(next->first, "{}", next->second);
    }
    for (const Merchant& merchant : merchants(call, page))
      for (const RecordOut& record : contact_records(merchant)) add(batch, record, false);
    out.emit(batch);
  }
}

bool MerchantReader::emit_by_id(huiliu::Call& call, std::string_view stream, const Listing& ids,
                                std::uint64_t limit, Cursor& at, huiliu::RecordSink& out) {
  std::uint64_t emitted = 0, passed = 0;
  for (auto next = ids.upper_bound(at.after); next != ids.end();) {
    std::vector<std::string> page;
    for (; next != ids.end() && page.size() < ids_per_detail; ++next) page.push_back(next->first);
    std::vector<Merchant> found = merchants(call, page);
    huiliu::Batch batch(stream);
    for (Merchant& merchant : found) {
      merchant.pubts = ids.find(merchant.id()) == ids.end() ? std::string() : ids.find(merchant.id())->second;
      for (const RecordOut& record : records_of(stream, merchant)) add(batch, record, true);
    }
    out.emit(batch);
    emitted += batch.size();
    passed += page.size();
    at.after = page.back();
    out.checkpoint(at.text());
    call.progress(passed, ids.size());
    if (limit > 0 && emitted >= limit && next != ids.end()) return false;
  }
  return true;
}

void MerchantReader::read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) {
  const std::int64_t began = call.now_us();
  if (request.mode == HUILIU_READ_KEYS) {
    emit_keys(call, request.stream, list(call, {}), out);
    return out.checkpoint();
  }
  Cursor at;
  if (!request.cursor.empty()) {
    const auto parsed = Cursor::parse(request.cursor);
    if (!parsed) throw huiliu::ResyncNeeded("the cursor is not one of this connector");
    at = *parsed;
  }
  if (request.mode != HUILIU_READ_CHANGES && at.phase == Cursor::Phase::changes) at = {};
  json::object filter;
  if (at.phase == Cursor::Phase::changes) filter["pubts"] = beijing_text(at.from);
  const Listing ids = list(call, filter);
  if (at.phase == Cursor::Phase::full) {
    if (at.from == 0) at.from = scan_start(call, began);
    if (emit_by_id(call, request.stream, ids, request.limit, at, out))
      out.checkpoint(Cursor{Cursor::Phase::changes, at.from, 0, {}}.text());
    return;
  }
  if (at.next == 0) at.next = scan_start(call, began);
  if (emit_by_id(call, request.stream, ids, request.limit, at, out))
    out.checkpoint(Cursor{Cursor::Phase::changes, std::max(at.next, at.from), 0, {}}.text());
}

void MerchantReader::lookup(huiliu::Call& call, const huiliu::LookupRequest& request,
                            huiliu::RecordSink& out) {
  const bool contacts = request.stream == "contacts";
  std::set<std::string, IdLess> ids;
  for (const std::string_view key : request.keys) {
    if (!contacts)
      ids.emplace(key);
    else if (const auto parts = contact_key(key))
      ids.insert(parts->customer);
  }
  std::set<std::string, std::less<>> missing(request.keys.begin(), request.keys.end());
  const std::vector<std::string> wanted(ids.begin(), ids.end());
  huiliu::Batch batch(request.stream);
  for (const Merchant& merchant : merchants(call, wanted))
    for (const RecordOut& record : records_of(request.stream, merchant))
      if (missing.erase(record.key) > 0) add(batch, record, true);
  for (const std::string& key : missing) batch.remove(key);
  out.emit(batch);
  out.checkpoint();
}

void MerchantReader::find(huiliu::Call& call, const huiliu::FindRequest& request, huiliu::RecordSink& out) {
  if (request.fields.empty()) return;
  json::object filter;
  const bool contacts = request.stream == "contacts";
  for (const auto& [path, value] : request.fields) {
    const std::string_view name = contacts ? (path == "merchantId"     ? "id"
                                              : path == "merchantCode" ? "code"
                                                                       : "")
                                           : filter_of(path);
    if (!name.empty() && !value.empty()) filter[name] = value;
  }
  if (filter.empty())
    throw huiliu::Unsupported(
        contacts
            ? "联系人只能在其客户内查找 (contacts are found within their customer: give merchantId or "
              "merchantCode)"
            : "只能按编码、名称、统一社会信用代码查找 (customers are found by code, name or credit code)",
        {}, "/" + std::string(request.fields.front().first));
  std::vector<std::string> ids;
  if (const json::value* id = filter.if_contains("id"))
    ids.push_back(scalar_text(*id));
  else
    for (const auto& [id_found, pubts] : list(call, filter)) ids.push_back(id_found);
  huiliu::Batch batch(request.stream);
  std::uint64_t matches = 0;
  for (const Merchant& merchant : merchants(call, ids))
    for (const RecordOut& record : records_of(request.stream, merchant)) {
      const bool all = std::all_of(request.fields.begin(), request.fields.end(), [&](const auto& field) {
        return shows(record.body, field.first, field.second);
      });
      if (!all || (request.limit > 0 && matches >= request.limit)) continue;
      ++matches;
      add(batch, record, true);
    }
  out.emit(batch);
  out.checkpoint();
}

}  // namespace yonyou

#include "sdk/twin/record_store.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace huiliu::twin {
namespace {

bool is_number(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; });
}

template <class Map>
boost::json::object numbers_of(const Map& map) {
  boost::json::object numbers;
  for (const auto& [name, count] : map) numbers[name] = count;
  return numbers;
}

std::vector<std::string> names_of(const boost::json::object& body) {
  std::vector<std::string> names;
  names.reserve(body.size());
  for (const auto& member : body) names.emplace_back(member.key());
  return names;
}

// A text without what people spell differently: full width, blanks, punctuation, case, the long legal form.
std::string without_spelling(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size();) {
    const auto rest = text.substr(i);
    const auto byte = [&](std::size_t at) {
      return at < rest.size() ? static_cast<unsigned char>(rest[at]) : 0U;
    };
    if (rest.starts_with("有限责任公司")) {
      plain += "有限公司";
      i += std::string_view("有限责任公司").size();
    } else if (byte(0) == 0xEF && (byte(1) == 0xBC || byte(1) == 0xBD) && byte(2) >= 0x80) {
      const unsigned wide = (byte(1) == 0xBC ? 0x20U : 0x60U) + (byte(2) - 0x80U);  // U+FF01 … U+FF5E
      if (std::isalnum(static_cast<int>(wide)) != 0)
        plain += static_cast<char>(std::tolower(static_cast<int>(wide)));
      i += 3;
    } else if (byte(0) == 0xE3 && byte(1) == 0x80) {
      i += 3;  // the blank and the punctuation of Chinese texts, U+3000 … U+303F
    } else if (byte(0) < 0x80) {
      if (std::isalnum(static_cast<int>(byte(0))) != 0)
        plain += static_cast<char>(std::tolower(static_cast<int>(byte(0))));
      ++i;
    } else {
      plain += rest[0];
      ++i;
    }
  }
  return plain;
}

// Texts in `now` that differ from `before` in spelling alone, at any depth.
std::uint64_t respelled(const boost::json::value& before, const boost::json::value& now) {
  if (before.is_string() && now.is_string()) {
    const bool same = std::string_view(before.get_string()) == std::string_view(now.get_string());
    return !same && without_spelling(before.get_string()) == without_spelling(now.get_string()) ? 1 : 0;
  }
  std::uint64_t sum = 0;
  if (before.is_object() && now.is_object())
    for (const auto& member : now.get_object())
      if (const boost::json::value* old = before.get_object().if_contains(member.key()))
        sum += respelled(*old, member.value());
  return sum;
}

// "FCompany.FNumber" → the top-level member that holds it.
std::string_view top_of(std::string_view field) { return field.substr(0, field.find('.')); }

TwinError no_such_record(std::string_view stream, std::string_view key) {
  return {404, "not_found", "no record " + std::string(key) + " in stream " + std::string(stream)};
}

}  // namespace

bool KeyLess::operator()(std::string_view left, std::string_view right) const noexcept {
  const bool left_number = is_number(left);
  const bool right_number = is_number(right);
  if (left_number != right_number) return left_number;
  if (left_number && left.size() != right.size()) return left.size() < right.size();
  return left < right;
}

void Counters::call(std::string_view endpoint) {
  const auto found = calls_.find(endpoint);
  if (found != calls_.end())
    ++found->second;
  else
    calls_.emplace(endpoint, 1);
}

void Counters::add(Tally& tally, const Change& change) {
  switch (change.kind) {
    case Change::Kind::create:
      ++tally.creates;
      break;
    case Change::Kind::update:
      ++tally.updates;
      break;
    case Change::Kind::remove:
      ++tally.deletes;
      break;
  }
  for (const std::string& field : change.fields) ++tally.fields[field];
}

void Counters::change(const Change& change, const boost::json::object& now) {
  if (change.origin == Origin::api) {
    add(streams_[std::string(change.stream)], change);
    std::set<std::string_view> written;
    if (change.kind == Change::Kind::update)
      for (const std::string& field : change.fields) written.insert(top_of(field));
    for (const std::string_view field : written)
      if (const boost::json::value* old = change.before->if_contains(field))
        if (const boost::json::value* fresh = now.if_contains(field))
          spelling_only_ += respelled(*old, *fresh);
  }
  if (change.origin == Origin::person) add(person_, change);
}

void Counters::reset() { *this = Counters(); }

boost::json::object Counters::to_json() const {
  Tally total;
  boost::json::object streams;
  const auto tally_json = [](const Tally& tally) {
    return boost::json::object{{"creates", tally.creates},
                               {"updates", tally.updates},
                               {"deletes", tally.deletes},
                               {"fields_written", numbers_of(tally.fields)}};
  };
  for (const auto& [name, tally] : streams_) {
    streams[name] = tally_json(tally);
    total.creates += tally.creates;
    total.updates += tally.updates;
    total.deletes += tally.deletes;
    for (const auto& [field, count] : tally.fields) total.fields[field] += count;
  }
  boost::json::object json = tally_json(total);
  json["calls"] = numbers_of(calls_);
  json["streams"] = std::move(streams);
  json["person"] = tally_json(person_);
  json["spelling_only"] = spelling_only_;
  return json;
}

void RecordStore::set_hooks(Before before, After after) {
  before_ = std::move(before);
  after_ = std::move(after);
}

void RecordStore::declare(std::string_view stream) { streams_.try_emplace(std::string(stream)); }

bool RecordStore::has_stream(std::string_view stream) const {
  return streams_.find(stream) != streams_.end();
}

std::vector<std::string> RecordStore::streams() const {
  std::vector<std::string> names;
  for (const auto& [name, stream] : streams_) names.push_back(name);
  return names;
}

const RecordStore::Stream& RecordStore::stream_at(std::string_view name) const {
  const auto found = streams_.find(name);
  if (found == streams_.end()) throw TwinError(404, "no_stream", "no stream " + std::string(name));
  return found->second;
}

RecordStore::Stream& RecordStore::stream_at(std::string_view name) {
  const auto found = streams_.find(name);
  if (found == streams_.end()) throw TwinError(404, "no_stream", "no stream " + std::string(name));
  return found->second;
}

Record RecordStore::find(std::string_view stream, std::string_view key) const {
  const auto& records = stream_at(stream).records;
  const auto found = records.find(key);
  return found == records.end() ? nullptr : found->second;
}

Record RecordStore::get(std::string_view stream, std::string_view key) const {
  Record record = find(stream, key);
  if (!record) throw no_such_record(stream, key);
  return record;
}

std::size_t RecordStore::size(std::string_view stream) const { return stream_at(stream).records.size(); }

std::uint64_t RecordStore::revision(std::string_view stream) const { return stream_at(stream).revision; }

void RecordStore::for_each(std::string_view stream,
                           const std::function<bool(const std::string&, const Record&)>& visit,
                           std::string_view after) const {
  const auto& records = stream_at(stream).records;
  for (auto at = after.empty() ? records.begin() : records.upper_bound(after); at != records.end(); ++at)
    if (!visit(at->first, at->second)) return;
}

std::vector<std::pair<std::string, Record>> RecordStore::page(
    std::string_view stream, std::string_view after, std::size_t limit,
    const std::function<bool(const boost::json::object&)>& wanted) const {
  std::vector<std::pair<std::string, Record>> found;
  for_each(
      stream,
      [&](const std::string& key, const Record& record) {
        if (found.size() >= limit) return false;
        if (!wanted || wanted(*record)) found.emplace_back(key, record);
        return true;
      },
      after);
  return found;
}

void RecordStore::add_index(std::string_view stream, std::string_view index, TextsOf texts_of) {
  Stream& place = streams_[std::string(stream)];
  Index& made = place.indexes[std::string(index)] = {std::move(texts_of), {}};
  for (const auto& [key, record] : place.records) put(made, key, *record);
}

const RecordStore::Keys& RecordStore::under(std::string_view stream, std::string_view index,
                                            std::string_view text) const {
  static const Keys none;
  const auto& indexes = stream_at(stream).indexes;
  const auto known = indexes.find(index);
  if (known == indexes.end())
    throw TwinError(404, "no_index", "stream " + std::string(stream) + " has no index " + std::string(index));
  const auto found = known->second.keys.find(text);
  return found == known->second.keys.end() ? none : found->second;
}

void RecordStore::put(Index& index, const std::string& key, const boost::json::object& body) {
  for (std::string& text : index.texts_of(body)) index.keys[std::move(text)].insert(key);
}

void RecordStore::replace(Stream& stream, const std::string& key, Record next) {
  Record& place = stream.records[key];
  for (auto& [name, index] : stream.indexes) {
    if (place != nullptr)
      for (const std::string& text : index.texts_of(*place))
        if (const auto at = index.keys.find(text);
            at != index.keys.end() && at->second.erase(key) > 0 && at->second.empty())
          index.keys.erase(at);
    if (next != nullptr) put(index, key, *next);
  }
  if (next == nullptr)
    stream.records.erase(key);
  else
    place = std::move(next);
}

// Every create and update ends here: hook, store, count, hook.
Record RecordStore::commit(Stream& stream, Change change, boost::json::object next) {
  if (before_) before_(change, next);
  auto record = std::make_shared<const boost::json::object>(std::move(next));
  replace(stream, std::string(change.key), record);
  if (change.origin != Origin::load) ++stream.revision;
  counters_.change(change, *record);
  if (after_) after_(change, record);
  return record;
}

Record RecordStore::create(std::string_view stream, std::string_view key, boost::json::object body,
                           Origin origin, std::string_view as) {
  Stream& place = streams_[std::string(stream)];
  if (key.empty())
    throw TwinError(400, "no_key", "a record of stream " + std::string(stream) + " has no key");
  if (place.records.find(key) != place.records.end())
    throw TwinError(409, "exists", "record " + std::string(key) + " exists in stream " + std::string(stream));
  Change change{Change::Kind::create, origin, stream, key, nullptr, names_of(body), std::string(as)};
  return commit(place, std::move(change), std::move(body));
}

Record RecordStore::update(std::string_view stream, std::string_view key, const boost::json::object& changes,
                           Origin origin, std::string_view as) {
  const auto apply = [&](boost::json::object& body) {
    for (const auto& member : changes) body[member.key()] = member.value();
  };
  return update(stream, key, apply, names_of(changes), origin, as);
}

Record RecordStore::update(std::string_view stream, std::string_view key,
                           const std::function<void(boost::json::object&)>& apply,
                           std::vector<std::string> fields, Origin origin, std::string_view as) {
  Stream& place = stream_at(stream);
  const Record before = get(stream, key);
  boost::json::object next = *before;
  apply(next);
  Change change{Change::Kind::update, origin, stream, key, before, std::move(fields), std::string(as)};
  return commit(place, std::move(change), std::move(next));
}

void RecordStore::remove(std::string_view stream, std::string_view key, Origin origin, std::string_view as) {
  Stream& place = stream_at(stream);
  const Change change{Change::Kind::remove, origin, stream, key, get(stream, key), {}, std::string(as)};
  boost::json::object nothing;
  if (before_) before_(change, nothing);
  replace(place, std::string(key), nullptr);
  ++place.revision;
  counters_.change(change, nothing);
  if (after_) after_(change, nullptr);
}

boost::json::object RecordStore::to_json() const {
  boost::json::object json;
  for (const auto& [name, stream] : streams_) {
    boost::json::object records;
    for (const auto& [key, record] : stream.records) records[key] = *record;
    json[name] = std::move(records);
  }
  return json;
}

}  // namespace huiliu::twin

#include "plugins/kingdee/twin/query.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>

namespace kingdee_twin {
namespace {

namespace json = boost::json;

constexpr std::size_t most_candidates = 20'000;  // more than this: walk in order instead of sorting a list

std::string trimmed_key(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

std::vector<std::string> split_keys(std::string_view list) {
  std::vector<std::string> keys;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    keys.push_back(trimmed_key(list.substr(at, comma - at)));
    at = comma + 1;
  }
  std::erase(keys, std::string());
  return keys;
}

std::string query_text(const json::object& data, std::string_view name) {
  const json::value* value = data.if_contains(name);
  if (value == nullptr || value->is_null()) return {};
  if (value->is_string()) return std::string(value->get_string());
  return json::serialize(*value);
}

std::int64_t query_number(const json::object& data, std::string_view name) {
  const std::string text = query_text(data, name);
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

struct OrderKey {
  Asked asked;
  bool descending = false;
};

class Runner {
 public:
  Runner(const Site& site, const json::object& data, const QueryLimits& limits, Print print)
      : site_(site), print_(print) {
    const std::string form_id = query_text(data, "FormId");
    form_ = form_by_id(form_id);
    if (form_ == nullptr) throw QueryRefused("业务对象不存在：" + form_id);
    keys_ = split_keys(query_text(data, "FieldKeys"));
    if (keys_.empty()) throw QueryRefused("查询的字段不能为空");
    for (const std::string& key : keys_) columns_.push_back(ask(key));
    parse_filter_of(data);
    parse_order(query_text(data, "OrderString"));
    limit_ = query_number(data, "Limit");
    if (limit_ > limits.ceiling) throw QueryRefused("单次查询行数不能超过" + std::to_string(limits.ceiling));
    if (limit_ <= 0) limit_ = limits.otherwise;
    skip_ = std::max<std::int64_t>(query_number(data, "StartRow"), 0);
    // An absolute ceiling over all pages.
    if (const std::int64_t top = query_number(data, "TopRowCount"); top > 0)
      limit_ = std::clamp<std::int64_t>(top - skip_, 0, limit_);
  }

  json::array run() {
    if (limit_ == 0) return {};
    if (!order_.empty() && !order_[0].asked.field->entry.empty())
      visit_elements();
    else if (const auto list = candidates(*filter_))
      visit_sorted(*list);
    else if (ordered_by({form_->id}))
      walk_ids();
    else if (form_->allocated && ordered_by({"FMasterId", form_->id}))
      walk_masters();
    else if (!order_.empty() && site_.times(*form_, order_[0].asked.key()) != nullptr &&
             lower_date(order_[0].asked.key()) &&
             (ordered_by({order_[0].asked.key()}) || ordered_by({order_[0].asked.key(), form_->id})))
      walk_times();
    else
      visit_all();
    return std::move(rows_);
  }

 private:
  Asked ask(std::string_view key) {
    Asked asked;
    try {
      asked = site_.resolve(*form_, key);
    } catch (const UnknownField& unknown) {
      throw QueryRefused("元数据中标识为" + std::string(unknown.what()) + "的字段不存在");
    }
    if (!asked.field->entry.empty()) {
      if (!entry_.empty() && entry_ != asked.field->entry)
        throw QueryRefused("不支持同时查询多个单据体的字段");
      entry_ = asked.field->entry;
    }
    return asked;
  }

  void parse_filter_of(const json::object& data) {
    try {
      const json::value* filter = data.if_contains("FilterString");
      filter_ = filter != nullptr && filter->is_array() ? parse_filter_list(filter->get_array())
                                                        : parse_filter(query_text(data, "FilterString"));
    } catch (const BadFilter& bad) {
      throw QueryRefused(bad.what());
    }
    std::vector<std::string> names;
    fields_of(*filter_, names);
    for (const std::string& name : names)
      if (!asked_.contains(name)) asked_.emplace(name, ask(name));
  }

  void parse_order(const std::string& text) {
    for (const std::string& item : split_keys(text)) {
      const std::size_t space = item.find(' ');
      const std::string direction = space == std::string::npos ? "" : trimmed_key(item.substr(space));
      if (!direction.empty() && !same_letters(direction, "asc") && !same_letters(direction, "desc"))
        throw QueryRefused("排序条件有语法错误：" + item);
      order_.push_back({ask(item.substr(0, space)), same_letters(direction, "desc")});
    }
  }

  /// Is the order of rows, as far as whole records go, that of these keys ascending? No order means by id.
  bool ordered_by(std::initializer_list<std::string_view> keys) const {
    std::vector<std::string_view> wanted;
    for (const OrderKey& key : order_) {
      if (!key.asked.field->entry.empty()) break;  // entries stand in their own order anyway
      if (key.descending || !key.asked.property.empty()) return false;
      wanted.push_back(key.asked.key());
    }
    if (wanted.empty()) wanted.push_back(form_->id);
    return std::equal(wanted.begin(), wanted.end(), keys.begin(), keys.end());
  }

  const Asked& known(const std::string& name) const { return asked_.find(name)->second; }

  /// The conditions that every matching row meets.
  std::vector<const Filter*> conjuncts() const {
    std::vector<const Filter*> found;
    if (filter_->kind == Filter::Kind::all)
      for (const FilterPtr& part : filter_->parts) found.push_back(part.get());
    else
      found.push_back(filter_.get());
    return found;
  }

  static bool is_lower_bound(const Filter& part) {
    return part.kind == Filter::Kind::compare && part.other.empty() && (part.op == ">" || part.op == ">=");
  }

  std::int64_t lower_id(std::string_view key) const {
    std::int64_t least = 0;
    for (const Filter* part : conjuncts()) {
      if (!is_lower_bound(*part)) continue;
      const Asked& asked = known(part->field);
      if (asked.key() != key || !asked.property.empty()) continue;
      std::int64_t value = 0;
      const std::string& text = part->values[0].text;
      std::from_chars(text.data(), text.data() + text.size(), value);
      least = std::max(least, part->op == ">" ? value + 1 : value);
    }
    return least;
  }

  std::optional<std::string> lower_date(std::string_view key) const {
    for (const Filter* part : conjuncts()) {
      if (!is_lower_bound(*part)) continue;
      if (known(part->field).key() == key) return canonical_date(part->values[0].text);
    }
    return std::nullopt;
  }

  // ---- Candidates: a small list of ids that surely holds every match; nullopt: no index helps
  // --------------

  using Ids = std::vector<std::int64_t>;

  std::optional<Ids> candidates(const Filter& filter) const {
    switch (filter.kind) {
      case Filter::Kind::all:
        return of_all(filter);
      case Filter::Kind::any:
        return of_any(filter);
      case Filter::Kind::in:
      case Filter::Kind::compare:
        return of_condition(filter);
      case Filter::Kind::none_of:
      case Filter::Kind::like:
      case Filter::Kind::null:
        break;
    }
    return std::nullopt;
  }

  std::optional<Ids> of_all(const Filter& filter) const {
    std::optional<Ids> best;
    for (const FilterPtr& part : filter.parts) {
      std::optional<Ids> found = candidates(*part);
      if (!found) continue;
      if (!best || found->size() < best->size()) best = std::move(found);
    }
    return best;
  }

  std::optional<Ids> of_any(const Filter& filter) const {
    if (filter.parts.empty()) return Ids();  // "1=2"
    Ids all;
    for (const FilterPtr& part : filter.parts) {
      std::optional<Ids> found = candidates(*part);
      if (!found) return std::nullopt;
      all.insert(all.end(), found->begin(), found->end());
      if (all.size() > most_candidates) return std::nullopt;
    }
    return all;
  }

  std::optional<Ids> of_condition(const Filter& filter) const {
    const Asked& asked = known(filter.field);
    if (!filter.other.empty() || !asked.property.empty() || !asked.field->entry.empty()) return std::nullopt;
    const bool equality = filter.kind == Filter::Kind::in || filter.op == "=";
    if (equality && asked.key() == form_->id) {
      Ids ids;
      for (const Operand& operand : filter.values) add_id(operand.text, ids);
      return ids;
    }
    if (equality && form_->allocated && asked.key() == "FMasterId") {
      Ids ids;
      for (const Operand& operand : filter.values) {
        Ids masters;
        add_id(operand.text, masters);
        for (const std::int64_t master : masters)
          for (const Record& row : site_.rows_of_master(*form_, master))
            ids.push_back(id_of(*row, form_->id));
      }
      return ids;
    }
    if (equality && site_.has_text_index(asked.key()) && asked.field->type == Type::text) {
      Ids ids;
      for (const Operand& operand : filter.values) {
        if (folded(operand.text).empty()) return std::nullopt;  // empty text is not indexed
        const Ids found = site_.ids_of_text(*form_, asked.key(), operand.text);
        ids.insert(ids.end(), found.begin(), found.end());
      }
      return ids;
    }
    if (is_lower_bound(filter)) return since(asked.key(), filter.values[0].text);
    return std::nullopt;
  }

  std::optional<Ids> since(std::string_view field, const std::string& literal) const {
    const Site::Times* times = site_.times(*form_, field);
    const auto from = canonical_date(literal);
    if (times == nullptr || !from) return std::nullopt;
    Ids ids;
    for (auto at = times->lower_bound({*from, 0}); at != times->end(); ++at) {
      if (ids.size() >= most_candidates) return std::nullopt;
      ids.push_back(at->second);
    }
    return ids;
  }

  static void add_id(const std::string& text, Ids& ids) {
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error == std::errc() && end == text.data() + text.size()) ids.push_back(id);
  }

  // ---- Visiting
  // -----------------------------------------------------------------------------------------------

  bool full() const { return static_cast<std::int64_t>(rows_.size()) >= limit_; }

  void walk_ids() {
    const std::int64_t least = lower_id(form_->id);
    site_.store().for_each(
        form_->stream,
        [this](const std::string&, const Record& row) {
          visit(*row);
          return !full();
        },
        least > 0 ? std::to_string(least - 1) : "");
  }

  void walk_masters() {
    const Site::Masters& masters = site_.masters(*form_);
    for (auto at = masters.lower_bound({lower_id("FMasterId"), 0}); at != masters.end() && !full(); ++at)
      visit(*site_.row(*form_, at->second));
  }

  void walk_times() {
    const std::string_view field = order_[0].asked.key();
    const Site::Times& times = *site_.times(*form_, field);
    for (auto at = times.lower_bound({*lower_date(field), 0}); at != times.end() && !full(); ++at)
      visit(*site_.row(*form_, at->second));
  }

  void visit_sorted(Ids ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    if (ordered_by({form_->id})) {
      for (auto at = std::lower_bound(ids.begin(), ids.end(), lower_id(form_->id));
           at != ids.end() && !full(); ++at)
        if (const Record row = site_.row(*form_, *at)) visit(*row);
      return;
    }
    std::vector<Record> records;
    for (const std::int64_t id : ids)
      if (Record row = site_.row(*form_, id)) records.push_back(std::move(row));
    visit_in_order(std::move(records));
  }

  void visit_all() {
    std::vector<Record> records;
    site_.store().for_each(form_->stream, [&](const std::string&, const Record& row) {
      records.push_back(row);
      return true;
    });
    visit_in_order(std::move(records));
  }

  void visit_in_order(std::vector<Record> records) {
    if (!ordered_by({form_->id}))
      std::stable_sort(records.begin(), records.end(), [this](const Record& a, const Record& b) {
        for (const OrderKey& key : order_) {
          if (!key.asked.field->entry.empty()) continue;
          const int order = compare_rows(key.asked, *a, *b);
          if (order != 0) return key.descending ? order > 0 : order < 0;
        }
        return false;
      });
    for (const Record& row : records) {
      if (full()) return;
      visit(*row);
    }
  }

  /// Ordered by what stands inside an entry: every element of every row is a row of the answer.
  void visit_elements() {
    struct Place {
      Record row;
      const json::object* element;
    };
    std::vector<Place> places;
    site_.store().for_each(form_->stream, [&](const std::string&, const Record& row) {
      const json::value* entry = row->if_contains(entry_);
      const json::array* list = entry == nullptr ? nullptr : entry->if_array();
      if (list == nullptr || list->empty()) places.push_back({row, nullptr});
      if (list != nullptr)
        for (const json::value& element : *list) places.push_back({row, &element.get_object()});
      return true;
    });
    std::stable_sort(places.begin(), places.end(), [this](const Place& a, const Place& b) {
      for (const OrderKey& key : order_) {
        const int order = compare_rows(key.asked, *a.row, *b.row, a.element, b.element);
        if (order != 0) return key.descending ? order > 0 : order < 0;
      }
      return false;
    });
    for (const Place& place : places) take(*place.row, place.element);
  }

  int compare_rows(const Asked& asked, const json::object& a, const json::object& b,
                   const json::object* in_a = nullptr, const json::object* in_b = nullptr) const {
    const auto left = site_.held(asked, a, in_a), right = site_.held(asked, b, in_b);
    if (!left || !right)
      return static_cast<int>(left.has_value()) - static_cast<int>(right.has_value());  // null first
    return compare_held(*left, Operand{right->text, false}).value_or(0);
  }

  /// One row; or one per element of the entry that the query names, and one all the same when there is none.
  void visit(const json::object& row) {
    if (entry_.empty()) return take(row, nullptr);
    const json::value* entry = row.if_contains(entry_);
    if (entry == nullptr || !entry->is_array() || entry->get_array().empty()) return take(row, nullptr);
    for (const json::value& element : entry->get_array()) take(row, &element.get_object());
  }

  void take(const json::object& row, const json::object* element) {
    if (full()) return;
    const Values values = [&](std::string_view name) {
      return site_.held(asked_.find(name)->second, row, element);
    };
    try {
      if (!passes(*filter_, values)) return;
    } catch (const BadFilter& bad) {
      throw QueryRefused(bad.what());
    }
    if (skip_ > 0) {
      --skip_;
      return;
    }
    if (print_ == Print::arrays) {
      json::array printed;
      for (const Asked& column : columns_) printed.push_back(site_.shown(column, row, element));
      rows_.push_back(std::move(printed));
    } else {
      json::object printed;
      for (std::size_t i = 0; i < columns_.size(); ++i)
        printed[keys_[i]] = site_.shown(columns_[i], row, element);
      rows_.push_back(std::move(printed));
    }
  }

  const Site& site_;
  Print print_;
  const FormDef* form_ = nullptr;
  std::vector<std::string> keys_;
  std::vector<Asked> columns_;
  std::map<std::string, Asked, std::less<>> asked_;
  std::string_view entry_;
  FilterPtr filter_;
  std::vector<OrderKey> order_;
  std::int64_t limit_ = 0, skip_ = 0;
  json::array rows_;
};

}  // namespace

json::array run_query(const Site& site, const json::object& data, const QueryLimits& limits, Print print) {
  return Runner(site, data, limits, print).run();
}

}  // namespace kingdee_twin

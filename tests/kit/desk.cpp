// The connector of the kit's own tests: right as it stands, and wrong in one way at a time by the setting
// "mutation", to prove that the kit notices. Each mutation stands where its author would have made the
// mistake.
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <fstream>
#include <huiliu/plugin.hpp>
#include <set>
#include <stdexcept>
#include <thread>

#include "huiliu_manifests.hpp"

namespace {

namespace json = boost::json;

std::string text(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

class Desk {
 public:
  static constexpr std::string_view manifest = huiliu::manifests::manifest;

  explicit Desk(std::string_view settings) {
    const json::value parsed = json::parse(json::string_view(settings.data(), settings.size()));
    base_ = text(parsed.at("base_url"));
    mutation_ = text(parsed.at("mutation"));
    if (is("session_leak")) leaked_ = ::dup(STDERR_FILENO);
  }

  void check(huiliu::Call& call) {
    if (is("check_fails")) throw huiliu::ConfigError("not today");
    get(call, "/cards?number=none");
  }

  std::string discover(huiliu::Call&) {
    if (is("discover_form")) return R"({"streams":[{"title":"cards"}]})";
    return R"({"streams":[{"name":"cards","label":{"zh":"卡片","en":"Cards"},"key":"id","capabilities":{"read":["full"]}}]})";
  }

  huiliu::Token authenticate(huiliu::Call& call, std::string_view) const {
    std::string secret;
    try {
      secret = call.reveal("app_secret");
    } catch (const huiliu::Failure& refused) {
      if (is("refusal_escapes")) throw std::logic_error("no secret");
      throw;
    }
    const huiliu::Response answer = call.send({.method = "POST", .url = base_ + "/token", .body = secret});
    if (answer.code() == 401 && is("wrong_secret_retried")) throw huiliu::RetryLater("try again");
    if (answer.code() == 401 && is("wrong_secret_data")) throw huiliu::DataError("strange answer");
    answer.or_throw("desk");
    const json::value token = huiliu::from_remote("token", [&] { return json::parse(view(answer)); });
    return {.text = text(token.at("token")),
            .placements = {huiliu::Placement::header("Authorization", "Bearer {token}")}};
  }

  void read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) {
    // "id:KEY:MOMENT" within the first scan (which began at MOMENT), "changed:MOMENT" after it.
    std::string cursor = huiliu::copy(request.cursor);
    if (is("cursor_ignored")) cursor.clear(), cursor = request.cursor.empty() ? "" : "changed:999999";
    std::string after, began;
    // Where it is, it keeps to itself; the cursor is only a word for it.
    static std::string position;
    if (is("cursor_in_memory") && !cursor.empty()) cursor = position.empty() ? "changed:999999" : position;
    if (is("reads_files") && !std::ifstream("/etc/passwd")) throw huiliu::ConfigError("no passwd file");
    if (cursor.starts_with("changed:")) return changes(call, cursor.substr(8), out);
    if (!cursor.empty()) {
      const std::size_t colon = cursor.rfind(':');
      after = cursor.substr(3, colon - 3);
      began = cursor.substr(colon + 1);
    }
    int pages = 0;
    for (bool more = true; more;) {
      if (is("stop_between_pages_is_done") && call.cancelled()) return;
      std::string path = is("offset_paging") ? "/cards?order=changed&offset=" + std::to_string(pages * 10)
                                             : "/cards?order=id&after=" + after;
      const json::object page = page_of(call, path);
      if (stopped_) return;
      ++pages;
      const json::array& items = page.at("items").as_array();
      if (began.empty()) began = is("window_from_nowhere") ? "999999" : json::serialize(page.at("now"));
      if (is("window_from_end")) began = json::serialize(page.at("now"));
      more = page.at("more").as_bool();
      if (is("dropped_last_page") && items.size() < 10 && pages > 1) break;
      if (is("short_page_ends") && pages == 2) more = false;
      if (!items.empty()) after = text(items.back().at("id"));
      const std::string next = "id:" + after + ":" + began;
      if (is("cursor_in_memory")) position = more ? next : "changed:" + began;
      if (is("checkpoint_first")) out.checkpoint(next);
      huiliu::Batch batch(request.stream);
      for (const json::value& item : items) emit_into(batch, item.as_object(), true);
      if (is("first_record_twice") && !items.empty()) {
        huiliu::Batch again(request.stream);
        emit_into(again, items.front().as_object(), true);
        out.emit(again);
      }
      if (is("missing_key")) batch.upsert("", R"({"id":""})");
      if (is("half_json")) batch.upsert("1999", R"({"id":"1999")");
      if (is("leak_in_body"))
        batch.upsert("1998", R"({"id":"1998","by":")" + call.reveal("app_secret") + "\"}");
      out.emit(batch);
      if (is("leak_in_state")) call.set_state("login", call.reveal("app_secret"));
      if (is("no_checkpoint")) continue;
      if (is("leak_in_cursor")) {
        out.checkpoint(next + call.reveal("app_secret"));
      } else {
        out.checkpoint(more ? next : "changed:" + began);
      }
    }
  }

  void lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out) {
    huiliu::Batch batch(request.stream);
    for (const std::string_view key : request.keys) {
      const huiliu::Response answer = exchange(call, {.url = base_ + "/cards/" + huiliu::copy(key)});
      if (answer.code() == 404) {
        if (is("unknown_key_fails")) throw huiliu::DataError("no card " + huiliu::copy(key));
        if (!is("unknown_key_skipped")) batch.remove(key);
        continue;
      }
      answer.or_throw("desk");
      const json::value card = huiliu::from_remote("card", [&] { return json::parse(view(answer)); });
      emit_into(batch, card.as_object(), !is("lookup_other_form"));
    }
    out.emit(batch);
  }

  void find(huiliu::Call& call, const huiliu::FindRequest& request, huiliu::RecordSink& out) {
    if (is("find_unsupported")) throw huiliu::Unsupported("no find");
    const json::object page =
        page_of(call, "/cards?number=" + (is("find_wrong") ? std::string("X") : std::string()) +
                          huiliu::copy(request.value("number")));
    huiliu::Batch batch(request.stream);
    for (const json::value& item : page.at("items").as_array()) emit_into(batch, item.as_object(), true);
    out.emit(batch);
  }

  void write(huiliu::Call& call, const huiliu::Records& records, huiliu::ResultSink& out) {
    if (is("write_pretends")) {
      for (std::size_t i = 0; i < records.size(); ++i) out.done(i, HUILIU_APPLIED);
      return;
    }
    if (is("updates_refused")) return all(records, out, HUILIU_REJECTED);
    // The mistake of an API whose request cannot fail, used for one that can.
    if (is("applied_before_sent")) all(records, out, HUILIU_APPLIED);
    json::array writes;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const huiliu::Record record = records[i];
      json::object set = json::parse(json::string_view(record.body.data(), record.body.size())).as_object();
      // The mistake of an API that appends, used as one that sets.
      if (is("write_appends") && set.contains("name") && set.at("name").as_string() == last_written_)
        set["name"] = text(set.at("name")) + "!";
      if (set.contains("name")) last_written_ = text(set.at("name"));
      if (is("second_write_refused") && !written_.insert(json::serialize(set)).second)
        throw huiliu::DataError("nothing to change");
      if (is("write_renames_field") && set.contains("name")) set["title"] = set["name"], set.erase("name");
      writes.push_back(json::object{{"id", record.key},
                                    {"if_match", is("stale_ignored") ? std::string_view() : record.version},
                                    {"set", std::move(set)}});
    }
    try {
      const huiliu::Response answer =
          exchange(call, {.method = "POST", .url = base_ + "/batch", .body = json::serialize(writes)});
      if (is("applied_before_sent")) return;
      if (answer.code() >= 500 && is("error_500_applied")) return all(records, out, HUILIU_APPLIED);
      if (!answer.ok()) return all(records, out, answer.code() == 429 ? HUILIU_DEFERRED : HUILIU_IN_DOUBT);
      json::value results;
      try {
        results = json::parse(view(answer));
      } catch (const std::exception&) {
        if (is("write_parse_throws")) throw;
        return all(records, out, is("html_applied") ? HUILIU_APPLIED : HUILIU_IN_DOUBT);
      }
      report(results.as_array(), out);
    } catch (const huiliu::NoAnswer& none) {
      if (is("refused_applied") && !none.maybe_delivered) return all(records, out, HUILIU_APPLIED);
      if (none.maybe_delivered && is("lost_answer_rejected")) return all(records, out, HUILIU_REJECTED);
      if (none.maybe_delivered && is("lost_answer_deferred")) return all(records, out, HUILIU_DEFERRED);
      all(records, out, none.maybe_delivered ? HUILIU_IN_DOUBT : HUILIU_DEFERRED);
    }
  }

  void handle_request(huiliu::Call& call, const huiliu::WebRequest& request, huiliu::RecordSink& out) {
    if (is("webhook_throws"))
      static_cast<void>(json::parse(json::string_view(request.body().data(), request.body().size())));
    const auto mac = call.hmac("app_secret", request.body());
    std::string hex;
    for (const std::uint8_t byte : mac) {
      hex += "0123456789abcdef"[byte >> 4];
      hex += "0123456789abcdef"[byte & 15];
    }
    const bool genuine = request.header("X-Signature") == hex;
    if (!genuine && !is("webhook_unverified")) return request.answer(401);
    huiliu::Batch batch("cards");
    batch.upsert("hook", R"({"id":"hook"})");
    out.emit(batch);
    out.checkpoint();
    request.answer(200);
  }

 private:
  bool is(std::string_view mutation) const noexcept { return mutation_ == mutation; }

  static json::string_view view(const huiliu::Response& answer) {
    return {answer.body().data(), answer.body().size()};
  }

  huiliu::Response exchange(huiliu::Call& call, huiliu::Request request) {
    request.credential = "api";
    request.quota = "api";
    if (is("token_not_renewed")) return call.send(request);
    return call.send_renewing(request, [](const huiliu::Response& answer) { return answer.code() == 401; });
  }

  huiliu::Response get(huiliu::Call& call, const std::string& path) {
    huiliu::Response answer = exchange(call, {.url = base_ + path});
    if (answer.code() == 429 && is("throttled_is_config")) throw huiliu::ConfigError("too many requests");
    if (answer.code() >= 500 && is("error_500_is_auth")) throw huiliu::AuthError("server error");
    if (answer.code() >= 500 && is("error_500_ends")) return answer;
    answer.or_throw("desk");
    return answer;
  }

  json::object page_of(huiliu::Call& call, const std::string& path) {
    const json::object none{{"items", json::array{}}, {"more", false}, {"now", 0}};
    try {
      const huiliu::Response answer = get(call, path);
      if (!answer.ok()) return none;
      if (answer.body().empty() && is("empty_is_last")) return none;
      if (answer.body().starts_with('<') && is("html_is_empty")) return none;
      if (is("parse_escapes")) {
        try {
          return json::parse(view(answer)).as_object();
        } catch (const std::exception& error) {
          throw std::logic_error(error.what());
        }
      }
      try {
        return huiliu::from_remote("page", [&] { return json::parse(view(answer)).as_object(); });
      } catch (const huiliu::Failure&) {
        if (is("broken_is_last")) return none;
        throw;
      }
    } catch (const huiliu::NoAnswer&) {
      if (is("no_answer_is_last")) return none;
      throw;
    } catch (const huiliu::Cancelled&) {
      if (is("stop_is_done")) {
        stopped_ = true;
        return none;
      }
      if (is("swallows_stop"))
        std::this_thread::sleep_for(std::chrono::milliseconds(1500));  // the mistake itself
      throw;
    }
  }

  void changes(huiliu::Call& call, std::string since, huiliu::RecordSink& out) {
    if (is("changes_fail")) throw huiliu::DataError("nothing new");
    if (is("changes_blind")) return out.checkpoint("changed:" + since);
    for (bool more = true; more;) {
      const json::object page = page_of(call, "/cards?order=changed&after=" + since);
      more = page.at("more").as_bool();
      huiliu::Batch batch("cards");
      for (const json::value& item : page.at("items").as_array()) {
        emit_into(batch, item.as_object(), !is("changes_other_form"));
        since = json::serialize(item.at("changed"));
      }
      if (is("changes_invent")) batch.upsert("1997", R"({"id":"1997"})");
      out.emit(batch);
      out.checkpoint("changed:" + since);
    }
  }

  // whole: with the members that have no value, as a full read shows them.
  void emit_into(huiliu::Batch& batch, json::object card, bool whole) {
    if (!whole) card.erase("note");
    if (is("time_in_body")) card["read"] = ++reads;
    const std::string version = is("version_missing") ? "" : json::serialize(card.at("version"));
    batch.upsert(text(card.at("id")), json::serialize(card), version);
  }

  static void all(const huiliu::Records& records, huiliu::ResultSink& out, huiliu_outcome outcome) {
    for (std::size_t i = 0; i < records.size(); ++i)
      out.report(i, outcome == HUILIU_APPLIED
                        ? huiliu::Outcome::applied()
                        : huiliu::Outcome::failed(outcome, HUILIU_RETRY, "no clear answer"));
  }

  void report(const json::array& results, huiliu::ResultSink& out) {
    std::size_t place = 0;
    for (const json::value& result : results) {
      const auto index =
          is("index_by_order") ? place++ : static_cast<std::size_t>(result.at("index").as_int64());
      const std::int64_t code = result.at("code").as_int64();
      if (code == 404 && is("gone_stops_batch")) throw huiliu::DataError("no such card");
      if (code == 404)
        out.report(index, is("gone_is_applied") ? huiliu::Outcome::applied()
                                                : huiliu::Outcome::gone("no such card"));
      else if (code == 412)
        out.report(index, is("stale_is_applied") ? huiliu::Outcome::applied()
                                                 : huiliu::Outcome::stale("another version"));
      else
        out.report(index, huiliu::Outcome::applied(text(result.at("card").at("id")),
                                                   json::serialize(result.at("card").at("version")),
                                                   json::serialize(result.at("card"))));
    }
  }

  std::string base_, mutation_;
  int leaked_ = -1;
  bool stopped_ = false;
  std::string last_written_;
  std::set<std::string> written_;
  static inline std::int64_t reads = 0;
};

}  // namespace

HUILIU_PLUGIN("test-desk", "1.0.0", 0, Desk);

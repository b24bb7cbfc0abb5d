#include "plugins/kingdee/src/client.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>

namespace kingdee {
namespace {

namespace json = boost::json;

constexpr int most_losses = 2;  // a session lost more often in a row is not cured by logging in
constexpr std::uint32_t answer_timeout_ms = 120'000;

/// Set-Cookie "name=value; …" of this name; empty when there is none.
std::string cookie_of(const huiliu::Response& response, std::string_view name) {
  for (const huiliu_pair& pair : response.headers()) {
    if (!huiliu::same_name(huiliu::view(pair.name), "Set-Cookie")) continue;
    const std::string_view cookie = huiliu::view(pair.value);
    if (cookie.size() <= name.size() || cookie[name.size()] != '=' ||
        !huiliu::same_name(cookie.substr(0, name.size()), name))
      continue;
    const std::string_view value = cookie.substr(name.size() + 1);
    return std::string(value.substr(0, value.find(';')));
  }
  return {};
}

bool is_read_code(int code) { return code == 200 || code == 206; }

/// The vendor's verdict where the body has one, else the usual reading of the code.
huiliu::Failure failure_of_response(const huiliu::Response& response, const Answer& answer) {
  if (answer.shape == Shape::gateway || (is_read_code(response.code()) && !answer.ok))
    return failure_of(answer);
  if (is_read_code(response.code()))
    return failure_of(verdict_of(Cause::site_down), "an answer of an unexpected form");
  huiliu::Failure failure = response.failure("Kingdee");
  if (failure.status == HUILIU_RETRY) failure.remote_code = "site_down";
  return failure;
}

std::string login_member(const json::value& body, std::string_view name) {
  const json::object* object = body.if_object();
  const json::value* member = object != nullptr ? object->if_contains(name) : nullptr;
  if (member == nullptr || member->is_null()) return {};
  return member->is_string() ? std::string(member->get_string()) : json::serialize(*member);
}

}  // namespace

std::string form_service(std::string_view operation) {
  return "Kingdee.BOS.WebApi.ServicesStub.DynamicFormService." + std::string(operation);
}

std::optional<std::int64_t> Client::site_time(huiliu::Call& call) const {
  if (!skew_seconds_) return std::nullopt;
  return call.now_us() / 1'000'000 + *skew_seconds_;
}

void Client::learn(huiliu::Call& call, const huiliu::Response& response) {
  if (const auto date = http_date(response.header("Date"))) skew_seconds_ = *date - call.now_us() / 1'000'000;
  if (settings_.auth != Auth::signed_headers) return;
  std::string session = cookie_of(response, "kdservice-sessionid");
  if (!session.empty()) session_ = std::move(session);
}

huiliu::Response Client::send(huiliu::Call& call, std::string_view operation, const std::string& body,
                              std::uint32_t flags) {
  huiliu::Request request;
  request.method = "POST";
  request.url = settings_.url_of(form_service(operation));
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  request.body = body;
  request.quota = quota_bucket;
  request.flags = flags;
  request.timeout_ms = answer_timeout_ms;
  if (settings_.auth == Auth::signed_headers) {
    const std::int64_t now = call.now_us() / 1'000'000 + skew_seconds_.value_or(0);
    const Signer signer{
        settings_.acct_id, settings_.user_name,
        settings_.app_id,  settings_.lcid,
        settings_.org_num, [&call](std::string_view text) { return call.hmac("app_secret", text); }};
    for (auto& header : signed_headers(signer, request.url, std::to_string(now)))
      request.headers.push_back(std::move(header));
    if (!session_.empty()) {
      request.headers.emplace_back("kdservice-sessionid", session_);
      request.headers.emplace_back("Cookie", "kdservice-sessionid=" + session_);
    }
  } else {
    request.credential = session_credential;
  }
  huiliu::Response response = call.send(request);
  learn(call, response);
  return response;
}

void Client::renew(huiliu::Call& call) {
  if (++losses_ > most_losses)
    throw huiliu::AuthError(
        "登录成功但会话始终丢失，可能恢复过数据库或取消了授权 (the session is lost although the login "
        "succeeds: was the "
        "database restored, or the authorisation withdrawn?)",
        "session_lost");
  if (settings_.auth != Auth::signed_headers) {
    call.invalidate(session_credential);
    return;
  }
  // A fresh session of the signed mode may take a moment to become valid.
  if (losses_ > 1) call.sleep(std::chrono::seconds(1));
  session_.clear();
}

Answer Client::read(huiliu::Call& call, std::string_view operation, const json::object& body) {
  const std::string text = json::serialize(body);
  bool excepted = false, clock_corrected = false;
  while (true) {
    const huiliu::Response response = send(call, operation, text, HUILIU_HTTP_IDEMPOTENT);
    Answer answer = classify(response.body());
    if (is_read_code(response.code()) && answer.ok) {
      losses_ = 0;
      return answer;
    }
    const Verdict verdict = judge(answer);
    if (is_read_code(response.code()) && verdict.cause == Cause::unknown_field) return answer;
    if (verdict.cause == Cause::session_lost) {
      renew(call);
      continue;
    }
    if (verdict.cause == Cause::exception && !excepted) {
      excepted = true;
      continue;
    }
    // The refusal's Date header has just corrected our idea of the time.
    if (verdict.cause == Cause::clock_skew && !clock_corrected && skew_seconds_) {
      clock_corrected = true;
      continue;
    }
    throw failure_of_response(response, answer);
  }
}

WriteAnswer Client::write(huiliu::Call& call, std::string_view operation, const json::object& body) {
  WriteAnswer out;
  try {
    const huiliu::Response response = send(call, operation, json::serialize(body), HUILIU_HTTP_NO_RETRY);
    out.answer = classify(response.body());
    const bool whole = is_read_code(response.code()) && out.answer.shape == Shape::result;
    const Verdict verdict = out.answer.ok ? verdict_of(Cause::unknown) : judge(out.answer);
    if (whole && verdict.cause != Cause::session_lost) {
      losses_ = 0;
      return out;
    }
    out.cause = verdict.cause;
    out.why = failure_of_response(response, out.answer);
    const int code = response.code();
    const bool before_product = verdict.cause == Cause::session_lost || out.answer.shape == Shape::gateway ||
                                out.answer.shape == Shape::firewall || (code >= 400 && code < 500);
    // A session lost on a write: the next request of whoever tries again starts another one.
    if (verdict.cause == Cause::session_lost) renew(call);
    out.fate = before_product ? WriteAnswer::Fate::refused : WriteAnswer::Fate::unknown;
    return out;
  } catch (const huiliu::NoAnswer& none) {
    out.fate = none.maybe_delivered ? WriteAnswer::Fate::unknown : WriteAnswer::Fate::refused;
    out.why = none;
    out.cause = Cause::site_down;
    return out;
  }
}

huiliu::Token Client::login(huiliu::Call& call) const {
  const std::string now = std::to_string(call.now_us() / 1'000'000);
  const std::int64_t lcid = std::strtoll(settings_.lcid.c_str(), nullptr, 10);
  json::array parameters = {settings_.acct_id, settings_.user_name};
  std::string_view method;
  if (settings_.auth == Auth::validate_user) {
    method = "ValidateUser";
    parameters.emplace_back(call.reveal("password"));
  } else if (settings_.auth == Auth::login_by_app_secret) {
    method = "LoginByAppSecret";
    parameters.emplace_back(settings_.app_id);
    parameters.emplace_back(call.reveal("app_secret"));
  } else {
    method = "LoginBySign";
    parameters.emplace_back(settings_.app_id);
    parameters.emplace_back(now);
    parameters.emplace_back(login_sign(settings_.acct_id, settings_.user_name, settings_.app_id,
                                       call.reveal("app_secret"), now, settings_.login_hash));
  }
  parameters.emplace_back(lcid);

  huiliu::Request request;
  request.method = "POST";
  request.url = settings_.url_of("Kingdee.BOS.WebApi.ServicesStub.AuthService." + std::string(method));
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  request.body = json::serialize(json::object{{"parameters", std::move(parameters)}});
  request.quota = quota_bucket;
  request.flags = HUILIU_HTTP_NO_RETRY;  // a refused login counts towards the lock
  const huiliu::Response response = call.send(request);
  const Answer answer = classify(response.body());
  if (!is_read_code(response.code()) || answer.shape != Shape::result || !answer.ok)
    throw failure_of_response(response, answer);
  const std::string session = login_member(answer.body, "KDSVCSessionId");
  if (login_member(answer.body, "LoginResultType") != "1" || session.empty()) {
    const std::string message = login_member(answer.body, "Message");
    const std::string code = login_member(answer.body, "MessageCode");
    const Verdict known = judge(0, {}, code + " " + message);
    const bool is_login = known.status == HUILIU_AUTH || known.status == HUILIU_CONFIG;
    huiliu::Failure failure = failure_of(is_login ? known : verdict_of(Cause::login_refused), message);
    failure.status = HUILIU_AUTH;  // a person must act, whatever the reason; trying again would lock the user
    if (!code.empty()) failure.remote_code = code;
    throw failure;
  }
  huiliu::Token token;
  token.text = session;
  token.placements = {huiliu::Placement::header("kdservice-sessionid"),
                      huiliu::Placement::cookie("kdservice-sessionid")};
  const std::string web_session = cookie_of(response, "ASP.NET_SessionId");
  if (!web_session.empty())
    token.placements.push_back(huiliu::Placement::cookie("ASP.NET_SessionId", web_session));
  return token;
}

}  // namespace kingdee

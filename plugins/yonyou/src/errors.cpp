#include "plugins/yonyou/src/errors.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace yonyou {
namespace {

constexpr std::int64_t unknown_wait = -1;

constexpr Verdict verdicts[] = {
    {Cause::token, HUILIU_AUTH, HUILIU_DEFERRED, "token", "访问令牌无效或已过期",
     "the access token is bad or has expired", unknown_wait},
    {Cause::clock_skew, HUILIU_AUTH, HUILIU_DEFERRED, "clock_skew", "时间戳超出允许范围，请校准时钟",
     "the timestamp is outside the window: set the clock right", unknown_wait},
    {Cause::flow_control, HUILIU_THROTTLED, HUILIU_DEFERRED, "flow_control", "接口被限流，稍后放慢速度再试",
     "the calls are too frequent: later, and slower", 10'000},
    {Cause::circuit_open, HUILIU_RETRY, HUILIU_DEFERRED, "circuit_open", "接口已熔断，过一段时间再试",
     "the circuit breaker is open: later", 60'000},
    {Cause::backend_timeout, HUILIU_RETRY, HUILIU_IN_DOUBT, "backend_timeout", "后端服务超时或不可用",
     "the service behind the gateway timed out or failed", unknown_wait},
    {Cause::running, HUILIU_RETRY, HUILIU_IN_DOUBT, "running", "同一请求正在处理中",
     "the same request is still at work", 5'000},
    {Cause::duplicate_key, HUILIU_RETRY, HUILIU_IN_DOUBT, "duplicate_key", "同一请求已处理过",
     "the same request has been done already", unknown_wait},
    {Cause::not_granted, HUILIU_CONFIG, HUILIU_DEFERRED, "not_granted",
     "应用未获得该接口的授权，请管理员在开放平台授权",
     "this API is not granted to the application: ask the administrator", unknown_wait},
    {Cause::application, HUILIU_AUTH, HUILIU_DEFERRED, "application",
     "应用不存在、已停用或签名不正确，请检查 app_key 和 app_secret",
     "the application is missing or stopped, or its signature is refused: check app_key and app_secret",
     unknown_wait},
    {Cause::address_refused, HUILIU_CONFIG, HUILIU_DEFERRED, "address_refused",
     "出口 IP 不在白名单内，请加入可信IP", "this address is not allowed: add it to the trusted list",
     unknown_wait},
    {Cause::no_path, HUILIU_CONFIG, HUILIU_DEFERRED, "no_path", "网关上没有这个接口，请检查数据中心地址",
     "this gateway does not have that path: check the data centre's address", unknown_wait},
    {Cause::gateway_plugin, HUILIU_CONFIG, HUILIU_REJECTED, "gateway_plugin", "被网关插件拒绝",
     "refused by a plug-in of the gateway", unknown_wait},
    {Cause::caller_bug, HUILIU_DATA, HUILIU_REJECTED, "caller_bug", "请求的格式、参数或大小不正确",
     "the request's form, a parameter or its size is wrong", unknown_wait},
    {Cause::gateway_unknown, HUILIU_RETRY, HUILIU_IN_DOUBT, "gateway_unknown", "网关未知错误",
     "an unknown fault of the gateway", unknown_wait},
    {Cause::too_many, HUILIU_THROTTLED, HUILIU_DEFERRED, "too_many", "一次处理的数据过多",
     "too much in one request", 10'000},
    {Cause::changed_by_other, HUILIU_RETRY, HUILIU_STALE, "changed_by_other", "记录已被他人修改，须重新读取",
     "somebody has changed the record meanwhile: read it again", unknown_wait},
    {Cause::locked, HUILIU_RETRY, HUILIU_DEFERRED, "locked", "数据正在被新增或修改",
     "somebody is writing the record", 10'000},
    {Cause::duplicate, HUILIU_DATA, HUILIU_DUPLICATE, "duplicate", "编码或名称已存在",
     "the number or name is taken already", unknown_wait},
    {Cause::in_approval, HUILIU_RETRY, HUILIU_DEFERRED, "in_approval", "记录审批中，审批后再改",
     "the record waits for its approver", 60'000},
    {Cause::approved_record, HUILIU_DATA, HUILIU_REJECTED, "approved_record", "记录已审核，不允许修改",
     "the record is approved and must not be changed", unknown_wait},
    {Cause::missing_reference, HUILIU_DATA, HUILIU_REJECTED, "missing_reference",
     "引用的档案编码在该租户不存在，请检查码表对照",
     "a referenced code does not exist in this tenant: check the code table", unknown_wait},
    {Cause::not_found, HUILIU_DATA, HUILIU_GONE, "not_found", "记录不存在", "there is no such record",
     unknown_wait},
    {Cause::validation, HUILIU_DATA, HUILIU_REJECTED, "validation", "校验未通过",
     "the record is not valid there", unknown_wait},
    {Cause::exception, HUILIU_RETRY, HUILIU_IN_DOUBT, "exception", "服务端逻辑异常",
     "the service failed by itself", unknown_wait},
    {Cause::site_down, HUILIU_RETRY, HUILIU_IN_DOUBT, "site_down", "服务暂不可用",
     "the service is not available now", unknown_wait},
    {Cause::unknown, HUILIU_DATA, HUILIU_REJECTED, "unknown", "用友返回了未知的错误",
     "an error that is not in the table", unknown_wait},
};

struct CodeRow {
  std::string_view code;
  Cause cause;
};

// Codes that say it alone.
constexpr CodeRow codes[] = {
    {"310036", Cause::token},
    {"310001", Cause::token},
    {"310032", Cause::flow_control},
    {"310039", Cause::flow_control},
    {"310042", Cause::flow_control},
    {"310046", Cause::flow_control},
    {"310043", Cause::circuit_open},
    {"310504", Cause::backend_timeout},
    {"310071", Cause::backend_timeout},
    {"310072", Cause::backend_timeout},
    {"310076", Cause::backend_timeout},
    {"310077", Cause::backend_timeout},
    {"202", Cause::running},
    {"10004", Cause::duplicate_key},
    {"100004", Cause::duplicate_key},
    {"310037", Cause::not_granted},
    {"310005", Cause::application},
    {"310006", Cause::application},
    {"10018", Cause::application},
    {"310031", Cause::address_refused},
    {"310038", Cause::address_refused},
    {"310041", Cause::address_refused},
    {"310047", Cause::address_refused},
    {"310002", Cause::caller_bug},
    {"310003", Cause::caller_bug},
    {"310008", Cause::caller_bug},
    {"310015", Cause::caller_bug},
    {"310023", Cause::caller_bug},
    {"310025", Cause::caller_bug},
    {"310405", Cause::caller_bug},
    {"310404", Cause::no_path},
    {"310061", Cause::gateway_plugin},
    {"310062", Cause::gateway_plugin},
    {"310063", Cause::gateway_plugin},
    {"310064", Cause::gateway_plugin},
    {"310065", Cause::gateway_plugin},
    {"310066", Cause::gateway_plugin},
    {"315001", Cause::gateway_unknown},
    {"118003", Cause::too_many},
};

struct TextRow {
  std::string_view pattern;  ///< "…" stands for any text
  Cause cause;
};

// The order is the precedence: what names its reason exactly comes before what only sounds like it.
constexpr TextRow texts[] = {
    {"非法token", Cause::token},
    {"accessToken…失效", Cause::token},
    {"时间戳…过期", Cause::clock_skew},
    {"时间戳…超", Cause::clock_skew},
    {"当前单据不是最新状态", Cause::changed_by_other},
    {"正在被新增或修改", Cause::locked},
    {"审批中", Cause::in_approval},
    {"已审核", Cause::approved_record},
    {"不允许修改", Cause::approved_record},
    {"编码…重复", Cause::duplicate},
    {"名称…重复", Cause::duplicate},
    {"已存在", Cause::duplicate},
    {"唯一性", Cause::duplicate},
    {"编码…未找到", Cause::missing_reference},
    {"编码…不存在", Cause::missing_reference},
    {"名称…未找到", Cause::missing_reference},
    {"组织…不存在", Cause::missing_reference},
    {"未分配", Cause::validation},
    {"应用不存在", Cause::application},
    {"签名", Cause::application},
    {"不能为空", Cause::validation},
    {"必填", Cause::validation},
    {"长度", Cause::validation},
    {"不存在", Cause::not_found},
    {"未找到", Cause::not_found},
    {"服务端逻辑异常", Cause::exception},
};

/// Does `text` hold the parts of `pattern` in order?
bool holds(std::string_view text, std::string_view pattern) {
  static constexpr std::string_view gap = "…";
  while (true) {
    const std::size_t cut = pattern.find(gap);
    const std::string_view part = pattern.substr(0, cut);
    const std::size_t at = text.find(part);
    if (at == std::string_view::npos) return false;
    if (cut == std::string_view::npos) return true;
    text.remove_prefix(at + part.size());
    pattern.remove_prefix(cut + gap.size());
  }
}

const TextRow* text_row(std::string_view message) {
  const auto found = std::find_if(std::begin(texts), std::end(texts),
                                  [&](const TextRow& row) { return holds(message, row.pattern); });
  return found == std::end(texts) ? nullptr : found;
}

}  // namespace

Verdict verdict_of(Cause cause) {
  return *std::find_if(std::begin(verdicts), std::end(verdicts),
                       [&](const Verdict& v) { return v.cause == cause; });
}

Verdict judge_message(std::string_view message) {
  if (const TextRow* row = text_row(message)) return verdict_of(row->cause);
  return verdict_of(message.empty() ? Cause::unknown : Cause::validation);
}

Verdict judge(const Answer& answer) {
  const auto by_code = std::find_if(std::begin(codes), std::end(codes),
                                    [&](const CodeRow& row) { return row.code == answer.code; });
  if (by_code != std::end(codes)) return verdict_of(by_code->cause);
  if (answer.http >= 500 || !answer.understood) return verdict_of(Cause::site_down);
  if (const TextRow* row = text_row(answer.message)) return verdict_of(row->cause);
  if (answer.code == "404" || answer.code == "1002") return verdict_of(Cause::not_found);
  if ((answer.code == "500" || answer.code == "999") && answer.message.empty())
    return verdict_of(Cause::exception);
  if (answer.code == "0" || answer.code == "999" || answer.code == "500")
    return verdict_of(Cause::validation);
  return verdict_of(Cause::unknown);
}

std::span<const Listed> listed_signals() {
  static const std::vector<Listed> listed = [] {
    std::vector<Listed> all;
    for (const CodeRow& row : codes) all.push_back({row.code, verdict_of(row.cause).name});
    for (const TextRow& row : texts) all.push_back({row.pattern, verdict_of(row.cause).name});
    return all;
  }();
  return listed;
}

huiliu::Failure failure_of(const Verdict& verdict, std::string_view code, std::string_view vendor_text) {
  std::string message = std::string(verdict.zh) + " (" + std::string(verdict.en) + ")";
  if (!vendor_text.empty()) message += ": " + std::string(vendor_text);
  std::string remote(code.empty() ? verdict.name : code);
  return {verdict.status, std::move(message), std::move(remote), {}, verdict.retry_after_ms};
}

huiliu::Failure failure_of(const Answer& answer) {
  return failure_of(judge(answer), answer.code, answer.message);
}

}  // namespace yonyou

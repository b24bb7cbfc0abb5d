#include "plugins/dingtalk/src/errors.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <unordered_map>

#include "plugins/dingtalk/src/beijing_time.hpp"
#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

struct ErrorRow {
  std::string_view code;
  ErrorKind kind;
  std::string_view zh, en;
};

using enum ErrorKind;

constexpr std::array kErrorRows{
    // Old API, errcode or sub_code.
    ErrorRow{"-1", busy, "系统繁忙", "the system is busy"},
    ErrorRow{"22", invalid, "接口不存在", "no such API method"},
    ErrorRow{"404", invalid, "接口地址不存在", "no such API address"},
    ErrorRow{"33001", credentials, "企业或应用无效", "corporation or app is not valid"},
    ErrorRow{"33009", token, "令牌类型不符", "wrong type of token"},
    ErrorRow{"40001", token, "凭证无效", "credential not valid"},
    ErrorRow{"40014", token, "access_token 无效", "access token not valid"},
    ErrorRow{"42001", token, "access_token 已过期", "access token expired"},
    ErrorRow{"InvalidAuthentication", token, "access_token 无效", "access token not valid"},
    ErrorRow{"40000", invalid, "缺少 access_token", "access token missing"},
    ErrorRow{"41001", invalid, "缺少 access_token", "access token missing"},
    ErrorRow{"33012", not_found, "用户不存在", "user unknown"},
    ErrorRow{"40003", not_found, "用户不存在", "user unknown"},
    ErrorRow{"40103", busy, "对方尚未接受邀请", "the person has not accepted the invitation yet"},
    ErrorRow{"40104", invalid, "手机号无效", "mobile number not valid"},
    ErrorRow{"40009", invalid, "部门无效", "department not valid"},
    ErrorRow{"40035", invalid, "参数不合法", "parameter not valid"},
    ErrorRow{"40036", invalid, "参数为空", "empty parameter"},
    ErrorRow{"40056", settings, "agent_id 无效", "agent_id not valid"},
    ErrorRow{"40068", invalid, "偏移量不合法", "offset not valid"},
    ErrorRow{"40069", invalid, "分页大小不合法", "page size not valid"},
    ErrorRow{"40078", invalid, "code 无效", "code not valid"},
    ErrorRow{"40089", credentials, "corpid 或 corpsecret 不正确", "corporation id or secret wrong"},
    ErrorRow{"40096", credentials, "appKey 或 appSecret 不正确", "app key or secret wrong"},
    ErrorRow{"43001", invalid, "需要 GET 请求", "needs GET"},
    ErrorRow{"43002", invalid, "需要 POST 请求", "needs POST"},
    ErrorRow{"43004", access, "应用未获授权", "the app is not authorised"},
    ErrorRow{"43007", access, "应用未获授权", "the app is not authorised"},
    ErrorRow{"48002", access, "缺少接口权限", "API permission missing"},
    ErrorRow{"60011", access, "缺少接口权限，请在开发者后台申请",
             "API permission missing: grant it in the console"},
    ErrorRow{"45009", throttled_api, "调用超过限制", "call limit exceeded"},
    ErrorRow{"50002", forbidden, "员工不在应用可见范围", "employee outside the app's visible range"},
    ErrorRow{"50003", access, "应用已停用", "the app is disabled"},
    ErrorRow{"50004", forbidden, "部门不在应用可见范围", "department outside the app's visible range"},
    ErrorRow{"60003", not_found, "部门不存在", "department unknown"},
    ErrorRow{"60123", not_found, "部门不存在", "department unknown"},
    ErrorRow{"60019", not_found, "成员不在该部门", "member not in that department"},
    ErrorRow{"60120", not_found, "成员不在该部门", "member not in that department"},
    ErrorRow{"60020", access, "出口IP不在白名单，请加入可信IP",
             "caller's IP not in the white list: add it to the trusted list"},
    ErrorRow{"60102", duplicate, "userid 已存在", "user id exists"},
    ErrorRow{"60104", duplicate, "手机号已存在", "mobile number exists"},
    ErrorRow{"22005", duplicate, "外部联系人已存在", "external contact exists"},
    ErrorRow{"60200", duplicate, "外部联系人已存在", "external contact exists"},
    ErrorRow{"60103", invalid, "手机号不合法", "phone number not valid"},
    ErrorRow{"60112", invalid, "姓名不合法", "name not valid"},
    ErrorRow{"60203", invalid, "数量超过上限", "limit of records reached"},
    ErrorRow{"60204", invalid, "缺少标签", "label missing"},
    ErrorRow{"60205", access, "外部联系人功能未开启", "external contacts are switched off"},
    ErrorRow{"60111", not_found, "用户不存在", "user unknown"},
    ErrorRow{"60121", not_found, "用户不存在", "user unknown"},
    ErrorRow{"71006", duplicate, "回调地址已存在", "callback exists"},
    ErrorRow{"71007", not_found, "回调地址未注册", "callback not registered"},
    ErrorRow{"71008", invalid, "回调事件类型不存在", "callback tag unknown"},
    ErrorRow{"71009", invalid, "回调响应不正确", "callback answered wrongly"},
    ErrorRow{"71010", invalid, "回调参数格式不正确", "a field of the callback is malformed"},
    ErrorRow{"71011", invalid, "回调地址格式不正确", "the form of the callback address is wrong"},
    ErrorRow{"71012", invalid, "回调地址无法访问", "callback not reachable"},
    ErrorRow{"71013", invalid, "回调域名不允许", "callback host not allowed"},
    ErrorRow{"90001", throttled_all, "服务器被暂时限流", "this server is barred for a while"},
    ErrorRow{"90003", throttled_all, "企业被暂时限流", "this corporation is barred for a while"},
    ErrorRow{"90004", throttled_all, "corpSecret 被暂时限流",
             "this corporation secret is barred for a while"},
    ErrorRow{"90007", throttled_all, "目标企业被暂时限流", "the target corporation is barred for a while"},
    ErrorRow{"90009", throttled_all, "服务商被暂时限流", "this vendor is barred for a while"},
    ErrorRow{"90011", throttled_all, "套件被暂时限流", "this suite is barred for a while"},
    ErrorRow{"90013", throttled_all, "套件在该企业被暂时限流", "this suite is barred for this corporation"},
    ErrorRow{"90017", throttled_all, "同一IP使用企业过多", "one address uses too many corporations"},
    ErrorRow{"90002", throttled_api, "接口总调用量过大", "this API is too busy"},
    ErrorRow{"90005", throttled_api, "接口被暂时限流", "barred from this API for a while"},
    ErrorRow{"90006", throttled_api, "接口被暂时限流", "barred from this API for a while"},
    ErrorRow{"90008", throttled_api, "接口被暂时限流", "barred from this API for a while"},
    ErrorRow{"90010", throttled_api, "接口被暂时限流", "barred from this API for a while"},
    ErrorRow{"90012", throttled_api, "接口被暂时限流", "barred from this API for a while"},
    ErrorRow{"90014", throttled_api, "接口被暂时限流", "barred from this API for a while"},
    ErrorRow{"90018", throttled_api, "调用该接口过快", "this API was called too fast"},
    ErrorRow{"90020", quota_month, "本月接口调用量已用完", "this month's calls are used up"},
    ErrorRow{"400001", fault, "系统错误", "system error"},
    ErrorRow{"400002", invalid, "参数错误", "parameter error"},
    ErrorRow{"143103", throttled_api, "消息发送过快", "messages sent too fast"},
    ErrorRow{"143104", throttled_api, "消息发送过快", "messages sent too fast"},
    ErrorRow{"143105", throttled_api, "消息发送过快", "messages sent too fast"},
    ErrorRow{"143106", throttled_api, "消息发送过快", "messages sent too fast"},
    // Encryption of callbacks, as the vendor meets it when it tries an address.
    ErrorRow{"900001", invalid, "加密明文不合法", "the text to encrypt is not valid"},
    ErrorRow{"900002", invalid, "加密时间戳不合法", "the time stamp of the encryption is not valid"},
    ErrorRow{"900003", invalid, "加密随机串不合法", "the nonce of the encryption is not valid"},
    ErrorRow{"900004", settings, "aes_key 不合法", "the AES key is not valid"},
    ErrorRow{"900005", settings, "签名不匹配，请检查 token", "the signature differs: check the token"},
    ErrorRow{"900006", settings, "签名计算失败", "the signature could not be computed"},
    ErrorRow{"900007", settings, "加密失败", "encrypting failed"},
    ErrorRow{"900008", settings, "解密失败，请检查 aes_key", "decrypting failed: check the AES key"},
    ErrorRow{"900009", settings, "解密后长度不符", "the decrypted length differs"},
    ErrorRow{"900010", settings, "解密后所属方不符，请检查 callback_owners",
             "the decrypted owner differs: check callback_owners"},
    // Custom robot.
    ErrorRow{"310000", access, "机器人安全设置未通过（关键词、加签、时间戳或IP）",
             "refused by the robot's security setting (keyword, signature, timestamp or IP)"},
    ErrorRow{"400013", access, "群已解散", "the group was dissolved"},
    ErrorRow{"400101", credentials, "机器人 access_token 不存在", "robot token unknown"},
    ErrorRow{"300005", credentials, "机器人 access_token 不存在", "robot token unknown"},
    ErrorRow{"400102", access, "机器人已停用", "the robot is switched off"},
    ErrorRow{"400105", invalid, "消息类型不支持", "message type not supported"},
    ErrorRow{"400106", access, "机器人不在群中", "the robot is not in the group"},
    ErrorRow{"400402", invalid, "缺少字段", "field missing"},
    ErrorRow{"410100", throttled_all, "机器人发送过快", "the robot sends too fast"},
    ErrorRow{"660026", throttled_all, "机器人发送失败或过快", "the robot's sending failed, mostly for speed"},
    ErrorRow{"430101", invalid, "消息含违规内容", "content blocked"},
    ErrorRow{"430102", invalid, "消息含违规内容", "content blocked"},
    ErrorRow{"430103", invalid, "消息含违规内容", "content blocked"},
    ErrorRow{"430104", invalid, "消息含违规内容", "content blocked"},
    // New API, code.
    ErrorRow{"AuthenticationFailed.MissingParameter", invalid, "缺少 access_token", "access token missing"},
    ErrorRow{"invalidClientIdOrSecret", credentials, "appKey 或 appSecret 不正确", "app key or secret wrong"},
    ErrorRow{"invalid.client", credentials, "appKey 或 appSecret 不正确", "app key or secret wrong"},
    ErrorRow{"unauthorized.client", credentials, "应用未获授权", "the app is not authorised"},
    ErrorRow{"unsupported.grant.type", credentials, "授权方式不支持", "grant type not supported"},
    ErrorRow{"Missingbody", invalid, "缺少请求体", "request body missing"},
    ErrorRow{"param.error", invalid, "参数错误", "parameter error"},
    ErrorRow{"request.too.frequent", throttled_api, "请求过于频繁", "requests too frequent"},
    ErrorRow{"system.busy", throttled_api, "系统繁忙", "the system is busy"},
    ErrorRow{"systemError.busy", throttled_api, "系统繁忙", "the system is busy"},
    ErrorRow{"ServiceUnavailable", fault, "服务不可用", "service unavailable"},
    ErrorRow{"system.error", fault, "系统错误", "system error"},
    ErrorRow{"systemError", fault, "系统错误", "system error"},
    ErrorRow{"server.error", fault, "系统错误", "system error"},
    ErrorRow{"daily.call.limit", quota_day, "当日调用量已用完", "today's calls are used up"},
    // To-dos.
    ErrorRow{"todo.taskCreate.paramError", invalid, "待办参数错误", "parameter of the to-do not valid"},
    ErrorRow{"todo.taskCreate.flowControlError", throttled_api, "待办创建过快", "to-dos made too fast"},
    ErrorRow{"todo.taskCreate.lockError", busy, "待办正在创建", "the to-do is being made"},
    // CRM.
    ErrorRow{"1002", duplicate, "查重未通过：已有相同客户", "duplicate check: the customer exists"},
    ErrorRow{"same.data.exists", duplicate, "已有相同数据", "the same record exists"},
    ErrorRow{"duplicate.operation", duplicate, "重复操作", "the same operation was already done"},
    ErrorRow{"no.valid.parameter", unchanged, "没有需要修改的内容", "nothing to change"},
    ErrorRow{"invalid.uk.parameter", invalid, "查重字段无效", "field of the duplicate check not valid"},
    ErrorRow{"data.format.error", invalid, "数据格式错误", "wrong format"},
    ErrorRow{"relationType.not.exists", settings, "客户类型不存在", "relation type unknown"},
    ErrorRow{"queryDsl.invalid.json", invalid, "查询条件不合法", "query not valid"},
    ErrorRow{"mobileFormatError", invalid, "手机号格式错误", "mobile number not valid"},
    ErrorRow{"fieldId.not.exists", invalid, "字段不存在", "field unknown"},
    ErrorRow{"creatorUserId.not.exists", settings, "操作人不存在，请检查 operator_user_id",
             "the acting user is unknown: see operator_user_id"},
    ErrorRow{"modifierUserId.not.exists", settings, "操作人不存在，请检查 operator_user_id",
             "the acting user is unknown: see operator_user_id"},
    ErrorRow{"operatorUserId.not.exists", settings, "操作人不存在，请检查 operator_user_id",
             "the acting user is unknown: see operator_user_id"},
    ErrorRow{"count.exceeds.limit", invalid, "数量超过上限", "limit of records reached"},
    ErrorRow{"customerCountUnderPrincipal.exceeds.limit", invalid, "负责人名下客户数超过上限",
             "the owner has too many customers"},
    ErrorRow{"sameMobileCount.exceeds.limit", invalid, "同一号码的客户超过上限",
             "too many customers share one number"},
    ErrorRow{"data.not.exists", not_found, "数据不存在", "the record does not exist"},
    ErrorRow{"noPermission.to.update", forbidden, "操作人无权修改该数据",
             "the acting user may not change this record"},
    ErrorRow{"noPermission.to.setField", forbidden, "操作人无权修改该字段",
             "the acting user may not set this field"},
    ErrorRow{"systemError.notPermittedAccess", access, "操作人无权访问客户管理",
             "the acting user may not use the CRM"},
    ErrorRow{"crm.not.installed", access, "未安装客户管理应用", "the CRM app is not installed"},
    ErrorRow{"crmApp.not.installed", access, "未安装客户管理应用", "the CRM app is not installed"},
    ErrorRow{"crmAppNotExisted", access, "未安装客户管理应用", "the CRM app is not installed"},
    ErrorRow{"systemError.appNotExists", access, "未安装客户管理应用", "the CRM app is not installed"},
};

const ErrorRow* row_of(std::string_view code) {
  static const std::unordered_map<std::string_view, const ErrorRow*> index = [] {
    std::unordered_map<std::string_view, const ErrorRow*> rows;
    for (const ErrorRow& row : kErrorRows) rows.emplace(row.code, &row);
    return rows;
  }();
  const auto found = index.find(code);
  return found == index.end() ? nullptr : found->second;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Families of codes, in the vendor's order of tests: a rate limit also comes as a 403 and must be seen first.
const ErrorRow* family_of(std::string_view code) {
  static constexpr ErrorRow kMonth{"", quota_month, "本月接口调用量已用完", "this month's calls are used up"};
  static constexpr ErrorRow kRate{"", throttled_api, "调用过快", "called too fast"};
  static constexpr ErrorRow kAddress{"", access, "出口IP不在白名单，请加入可信IP",
                                     "caller's IP not in the white list: add it to the trusted list"};
  static constexpr ErrorRow kScope{"", access, "缺少接口权限，请在开发者后台申请",
                                   "API permission missing: grant it in the console"};
  static constexpr ErrorRow kBusiness{"", forbidden, "无业务权限", "not permitted"};
  static constexpr ErrorRow kParameter{"", invalid, "参数错误", "parameter error"};
  static constexpr ErrorRow kAbsent{"", not_found, "数据不存在", "the record does not exist"};
  if (contains(code, "ApiCountLimitFor")) return &kMonth;
  if (contains(code, "LimitFor") || code.starts_with("Throttling")) return &kRate;
  if (contains(code, "IpNotInWhiteList")) return &kAddress;
  if (contains(code, "PermissionDenied")) return &kScope;
  if (code.starts_with("forbidden.") || code.starts_with("Forbidden.")) return &kBusiness;
  if (code.starts_with("Missing") || code.starts_with("InvalidParameter")) return &kParameter;
  if (code.ends_with("NotFound")) return &kAbsent;
  return nullptr;
}

ErrorKind kind_of_http(int http_code) {
  if (http_code == 401) return token;
  if (http_code == 403) return access;
  if (http_code == 404) return not_found;
  if (http_code == 408 || http_code == 425) return fault;
  if (http_code == 429) return throttled_api;
  return http_code >= 400 && http_code < 500 ? invalid : fault;
}

std::int64_t milliseconds_to_midnight(std::int64_t now_s) {
  constexpr std::int64_t kDay = 24 * 3600;
  const std::int64_t local = now_s + kBeijingOffsetSeconds;
  return (kDay - (local % kDay + kDay) % kDay) * 1000;
}

std::int64_t milliseconds_to_next_month(std::int64_t now_s) {
  using namespace std::chrono;
  const sys_seconds local{seconds{now_s + kBeijingOffsetSeconds}};
  const year_month_day today{floor<days>(local)};
  const sys_days first = sys_days{(today.year() / today.month() + months{1}) / day{1}};
  return duration_cast<milliseconds>(first - local).count();
}

// "…处罚将在 2021-04-14 11:29:24 结束." states when a penalty ends; -1: the text says nothing of the kind.
std::int64_t penalty_from(std::string_view text, std::int64_t now_s) {
  static constexpr std::string_view kMark = "处罚将在";
  const std::size_t mark = text.find(kMark);
  if (mark == std::string_view::npos) return -1;
  const std::string_view rest = text.substr(mark + kMark.size());
  const std::size_t digit = rest.find_first_of("0123456789");
  if (digit == std::string_view::npos || rest.size() - digit < 19) return -1;
  const auto end = parse_beijing(rest.substr(digit, 19));
  return end ? std::max<std::int64_t>(0, (*end - now_s) * 1000) : -1;
}

std::int64_t wait_of(ErrorKind kind, std::string_view text, std::int64_t now_s) {
  constexpr std::int64_t kApiPenalty = 1'000;
  constexpr std::int64_t kConnectionPenalty = 300'000;
  const std::int64_t stated = penalty_from(text, now_s);
  switch (kind) {
    case throttled_api:
      return stated >= 0 ? stated : kApiPenalty;
    case throttled_all:
      return stated >= 0 ? stated : kConnectionPenalty;
    case quota_day:
      return milliseconds_to_midnight(now_s);
    case quota_month:
      return milliseconds_to_next_month(now_s);
    default:
      return -1;
  }
}

// The vendor's text may quote a record: long runs of digits are masked, the length is bounded at a character.
std::string vendor_text(std::string_view text) {
  constexpr std::size_t kBytesMax = 240;
  constexpr std::size_t kDigitsMax = 5;
  std::string safe;
  std::size_t run = 0;
  for (const char c : text) {
    run = c >= '0' && c <= '9' ? run + 1 : 0;
    if (run > kDigitsMax) {
      if (run == kDigitsMax + 1) safe.replace(safe.size() - kDigitsMax, kDigitsMax, "…");
      continue;
    }
    if (safe.size() >= kBytesMax && (static_cast<unsigned char>(c) & 0xc0) != 0x80) break;
    safe += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return safe;
}

// An unknown code and a denied access are explained by the vendor's own words (which scope, which address).
std::string message_of(const ErrorRow* row, ErrorKind kind, std::string_view code, std::string_view text,
                       std::string_view detail) {
  std::string message = "DingTalk ";
  message += code.empty() ? "?" : code;
  if (row != nullptr) message.append(": ").append(row->zh).append(" / ").append(row->en);
  if (!detail.empty())
    message.append(" [").append(detail).append("]");
  else if ((row == nullptr || kind == access) && !text.empty())
    message.append(": ").append(vendor_text(text));
  return message;
}

Refusal make_refusal(std::string_view code, std::string_view text, std::string_view detail,
                     ErrorKind otherwise, std::int64_t now_s) {
  const ErrorRow* row = row_of(code);
  if (row == nullptr) row = family_of(code);
  const ErrorKind kind = row != nullptr ? row->kind : otherwise;
  return {kind, std::string(code), message_of(row, kind, code, text, detail), wait_of(kind, text, now_s)};
}

// {"status":1111,"wait":5,…}: the gateway has barred our address for some minutes.
bool is_address_barred(const boost::json::value& body) {
  return text_at(body, "status") == "1111" && field(body, "punish") != nullptr;
}

Refusal no_json(int http_code, std::int64_t now_s) {
  // A page where JSON was due is the gateway's penalty or somebody's proxy: an error of the moment.
  const ErrorKind kind = http_code >= 200 && http_code < 300 ? fault : kind_of_http(http_code);
  const ErrorKind seen = kind == token || kind == not_found || kind == invalid ? fault : kind;
  return {seen, "http " + std::to_string(http_code),
          "DingTalk answered " + std::to_string(http_code) + " without JSON", wait_of(seen, {}, now_s)};
}

std::optional<std::string> sub_code_in(std::string_view text) {
  static constexpr std::string_view kMark = "subcode=";
  const std::size_t mark = text.find(kMark);
  if (mark == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(mark + kMark.size());
  return std::string(rest.substr(0, rest.find_first_of(",] ")));
}

std::string joined(const boost::json::value* list) {
  std::string text;
  if (list != nullptr && list->is_array())
    for (const boost::json::value& item : list->get_array())
      text.append(text.empty() ? "" : ", ").append(scalar_text(item));
  return text;
}

}  // namespace

huiliu_status status_of(ErrorKind kind) {
  switch (kind) {
    case busy:
    case fault:
      return HUILIU_RETRY;
    case throttled_api:
    case throttled_all:
    case quota_day:
    case quota_month:
      return HUILIU_THROTTLED;
    case token:
    case credentials:
      return HUILIU_AUTH;
    case access:
    case settings:
      return HUILIU_CONFIG;
    case forbidden:
    case invalid:
    case not_found:
    case duplicate:
    case unchanged:
      return HUILIU_DATA;
  }
  return HUILIU_BUG;
}

huiliu_outcome outcome_of(ErrorKind kind) {
  switch (kind) {
    case fault:
      return HUILIU_IN_DOUBT;
    case busy:
    case token:
    case throttled_api:
    case throttled_all:
    case quota_day:
    case quota_month:
    case credentials:
    case access:
    case settings:
      return HUILIU_DEFERRED;
    case forbidden:
    case invalid:
      return HUILIU_REJECTED;
    case not_found:
      return HUILIU_GONE;
    case duplicate:
      return HUILIU_DUPLICATE;
    case unchanged:
      return HUILIU_UNCHANGED;
  }
  return HUILIU_IN_DOUBT;
}

std::optional<Refusal> oapi_refusal(int http_code, const boost::json::value* body, std::int64_t now_s) {
  if (body == nullptr || !body->is_object()) return no_json(http_code, now_s);
  if (is_address_barred(*body))
    return Refusal{throttled_all, "1111",
                   "DingTalk 1111: 出口IP被暂时封禁 / our address is barred for some minutes", 300'000};
  const std::string code = text_at(*body, "errcode");
  if (code.empty()) {
    if (http_code < 300) return std::nullopt;
    return make_refusal(text_at(*body, "code"), text_at(*body, "message"), {}, kind_of_http(http_code),
                        now_s);
  }
  if (code == "0") return std::nullopt;
  const std::string text = text_at(*body, "errmsg");
  if (code != "88") return make_refusal(code, text, {}, invalid, now_s);
  std::string sub_code = text_at(*body, "sub_code");
  if (sub_code.empty()) sub_code = sub_code_in(text).value_or("88");
  const std::string sub_text = text_at(*body, "sub_msg");
  return make_refusal(sub_code, sub_text.empty() ? text : sub_text, {}, invalid, now_s);
}

std::optional<Refusal> api_refusal(int http_code, const boost::json::value* body, std::int64_t now_s) {
  if (body == nullptr) return no_json(http_code, now_s);
  if (is_address_barred(*body)) return oapi_refusal(http_code, body, now_s);
  if (http_code >= 200 && http_code < 300) return std::nullopt;
  const std::string code = text_at(*body, "code");
  const std::string text = text_at(*body, "message");
  const boost::json::value* detail = field(*body, "accessdenieddetail");
  const std::string scopes = detail != nullptr ? joined(field(*detail, "requiredScopes")) : std::string();
  // A to-do that was made already: told apart from a wrong parameter by its text alone.
  if (code == "todo.taskCreate.paramError" && contains(text, "task exist"))
    return Refusal{unchanged, code, "DingTalk " + code + ": 待办已存在 / the to-do was made already", -1};
  return make_refusal(code.empty() ? "http " + std::to_string(http_code) : code, text, scopes,
                      kind_of_http(http_code), now_s);
}

Refusal item_refusal(std::string_view code, std::string_view text, std::int64_t now_s) {
  return make_refusal(code, text, {}, invalid, now_s);
}

}  // namespace dingtalk

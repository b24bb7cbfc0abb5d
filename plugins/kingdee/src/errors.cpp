#include "plugins/kingdee/src/errors.hpp"

#include <array>
#include <span>

namespace kingdee {
namespace {

constexpr int no_code = -1;
constexpr std::int64_t unknown_wait = -1;

struct Signal {
  Verdict verdict;
  int msg_code;                              ///< no_code: only by text
  std::array<std::string_view, 6> patterns;  ///< any of them; "…" inside one stands for any text
};

// The order is the precedence: exact texts before codes that cover much, "调用次数超限" before "次数超限".
// Each line: cause, status of an operation, outcome of one record, name, explanations, wait, MsgCode, texts.
constexpr Signal signals[] = {
    {{Cause::session_lost, HUILIU_RETRY, HUILIU_DEFERRED, "session_lost", "会话已丢失",
      "the session was lost", 1000},
     1,
     {"会话信息已丢失", "会话已过期", "请重新登录"}},
    {{Cause::call_limit, HUILIU_THROTTLED, HUILIU_DEFERRED, "call_limit", "接口调用次数或频率超限",
      "the quota of calls is used up", 60'000},
     14,
     {"调用次数", "频率", "请求过于频繁"}},
    {{Cause::account_locked, HUILIU_AUTH, HUILIU_DEFERRED, "account_locked",
      "集成用户因多次登录失败被锁定，约 30 分钟后由管理员解锁",
      "the user is locked after failed logins (about 30 minutes)", unknown_wait},
     no_code,
     {"次数超限", "账号…锁定", "用户…锁定", "用户…被锁"}},
    {{Cause::user_not_allowed, HUILIU_AUTH, HUILIU_DEFERRED, "user_not_allowed",
      "该用户不在第三方系统登录授权的名单里", "the user is not on the application's list", unknown_wait},
     15,
     {"第三方应用…不允许", "第三方系统…不允许", "不允许用户…登录"}},
    {{Cause::clock_skew, HUILIU_AUTH, HUILIU_DEFERRED, "clock_skew", "时间戳超出网关允许的窗口，请校准时钟",
      "the timestamp is outside the gateway's window: set the clock right", unknown_wait},
     no_code,
     {"[gateway 4006]", "时间戳…过期", "timestamp expired"}},
    {{Cause::bad_signature, HUILIU_AUTH, HUILIU_DEFERRED, "bad_signature",
      "签名不正确，请检查应用编号和应用密钥", "wrong signature: check app_id and app_secret", unknown_wait},
     no_code,
     {"002005000003016", "[gateway 4002]", "签名…错误", "签名…不正确", "签名…失败", "验签"}},
    {{Cause::licence, HUILIU_CONFIG, HUILIU_DEFERRED, "licence", "许可不足或已过期",
      "no licence, or it has expired", unknown_wait},
     7,
     {"许可…不足", "许可…过期", "许可…超", "没有…许可", "无…许可"}},
    {{Cause::locked, HUILIU_RETRY, HUILIU_DEFERRED, "locked", "网控冲突：有人正在编辑这张单据",
      "somebody has this record open (network control)", 10'000},
     13,
     {"网控", "正在被…编辑", "网络控制"}},
    {{Cause::changed_by_other, HUILIU_RETRY, HUILIU_STALE, "changed_by_other", "记录已被其他用户修改",
      "another user has changed the record meanwhile", unknown_wait},
     no_code,
     {"已被其他用户修改"}},
    {{Cause::suspicious_input, HUILIU_DATA, HUILIU_REJECTED, "suspicious_input",
      "内容含有会被输入防火墙拦截的字符（如 < 或 --）", "the input firewall refuses characters like < or --",
      unknown_wait},
     no_code,
     {"请求参数存在可疑数据", "拦截规则"}},
    {{Cause::unknown_form, HUILIU_CONFIG, HUILIU_REJECTED, "unknown_form", "该站点没有这个业务对象",
      "this site does not have that form", unknown_wait},
     no_code,
     {"业务对象不存在", "业务对象…不存在"}},
    {{Cause::no_api, HUILIU_CONFIG, HUILIU_DEFERRED, "no_api", "网关上没有这个接口，请检查 base_url",
      "the gateway does not have this service: check base_url", unknown_wait},
     no_code,
     {"[gateway 5001]"}},
    {{Cause::unknown_field, HUILIU_DATA, HUILIU_REJECTED, "unknown_field", "该业务对象没有这个字段",
      "the form does not have that field", unknown_wait},
     no_code,
     {"元数据中标识为…的字段不存在", "标识为…的字段不存在"}},
    {{Cause::caller_bug, HUILIU_DATA, HUILIU_REJECTED, "caller_bug", "请求缺少编码或内码",
      "a number or id is missing", unknown_wait},
     no_code,
     {"编码值或内码值必须传其一"}},
    {{Cause::duplicate, HUILIU_DATA, HUILIU_DUPLICATE, "duplicate", "编码或名称已存在",
      "the number or name is taken already", unknown_wait},
     no_code,
     {"已存在", "编码…重复", "名称…重复", "违反…唯一", "不唯一"}},
    {{Cause::approved_record, HUILIU_DATA, HUILIU_REJECTED, "approved_record", "记录已审核，须先反审核",
      "the record is approved: it must be un-approved first", unknown_wait},
     no_code,
     {"已审核…不允许修改", "不允许修改…已审核", "只能…暂存…创建…重新审核", "只有…暂存…创建…重新审核",
      "已审核…不能修改"}},
    {{Cause::in_approval, HUILIU_RETRY, HUILIU_DEFERRED, "in_approval", "记录审核中，等待审核",
      "the record waits for its approver", 60'000},
     no_code,
     {"审核中…不允许", "审核中…不能"}},
    {{Cause::no_permission, HUILIU_AUTH, HUILIU_REJECTED, "no_permission", "集成用户没有权限",
      "the user has no permission for this", unknown_wait},
     2,
     {"没有…权限", "无…权限", "权限不足"}},
    {{Cause::wrong_state, HUILIU_DATA, HUILIU_REJECTED, "wrong_state", "当前状态不允许该操作",
      "the record's state does not allow this operation", unknown_wait},
     12,
     {"状态…不允许", "不可操作"}},
    {{Cause::validation, HUILIU_DATA, HUILIU_REJECTED, "validation", "校验未通过",
      "the record is not valid there", unknown_wait},
     9,
     {"必录字段", "必录", "不能为空", "长度…超"}},
    {{Cause::not_found, HUILIU_DATA, HUILIU_GONE, "not_found", "记录不存在", "there is no such record",
      unknown_wait},
     10,
     {"不存在", "未找到", "找不到"}},
    {{Cause::validation, HUILIU_DATA, HUILIU_REJECTED, "validation", "校验未通过",
      "the record is not valid there", unknown_wait},
     11,
     {}},
    {{Cause::site_down, HUILIU_RETRY, HUILIU_IN_DOUBT, "site_down", "站点暂不可用",
      "the site is not available now", unknown_wait},
     6,
     {"数据库…失败", "数据库连接", "死锁"}},
    {{Cause::exception, HUILIU_RETRY, HUILIU_IN_DOUBT, "exception", "服务端异常",
      "the server met an exception", unknown_wait},
     4,
     {"response_error:"}},
    {{Cause::caller_bug, HUILIU_DATA, HUILIU_REJECTED, "caller_bug", "请求参数不正确", "a parameter is wrong",
      unknown_wait},
     8,
     {}},
    {{Cause::caller_bug, HUILIU_DATA, HUILIU_REJECTED, "caller_bug", "请求没有指明操作",
      "the request names no operation", unknown_wait},
     3,
     {}},
    {{Cause::caller_bug, HUILIU_DATA, HUILIU_REJECTED, "caller_bug", "请求没有指明业务对象",
      "the request names no form", unknown_wait},
     5,
     {}},
};

constexpr Verdict others[] = {
    {Cause::login_refused, HUILIU_AUTH, HUILIU_DEFERRED, "login_refused", "登录被拒绝",
     "the login was refused", unknown_wait},
    {Cause::missing_reference, HUILIU_DATA, HUILIU_REJECTED, "missing_reference", "引用的资料在该组织不存在",
     "a referenced record does not exist in that organisation", unknown_wait},
    {Cause::unknown, HUILIU_DATA, HUILIU_REJECTED, "unknown", "金蝶返回了未知的错误",
     "an error that is not in the table", unknown_wait},
};

/// Does `text` hold the parts of `pattern` in order? "…" parts them.
bool holds(std::string_view text, std::string_view pattern) {
  static constexpr std::string_view gap = "…";
  if (pattern.empty()) return false;
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

bool holds_any(std::string_view text, std::span<const std::string_view> patterns) {
  for (const std::string_view pattern : patterns)
    if (holds(text, pattern)) return true;
  return false;
}

/// Codes that say one thing only; the others (9 to 12, 4, 6, 8) cover much and give way to the text.
bool is_exact(int msg_code) {
  return msg_code == 1 || msg_code == 2 || msg_code == 7 || msg_code == 13 || msg_code == 14 ||
         msg_code == 15;
}

const Verdict* by_code(int msg_code) {
  for (const Signal& signal : signals)
    if (signal.msg_code == msg_code) return &signal.verdict;
  return nullptr;
}

}  // namespace

Verdict verdict_of(Cause cause) {
  for (const Signal& signal : signals)
    if (signal.verdict.cause == cause) return signal.verdict;
  for (const Verdict& verdict : others)
    if (verdict.cause == cause) return verdict;
  return others[std::size(others) - 1];
}

Verdict judge(int msg_code, std::string_view field, std::string_view text) {
  Verdict verdict = verdict_of(Cause::unknown);
  if (const Verdict* exact = is_exact(msg_code) ? by_code(msg_code) : nullptr) return *exact;
  bool known = false;
  for (const Signal& signal : signals) {
    if (!holds_any(text, signal.patterns)) continue;
    verdict = signal.verdict;
    known = true;
    break;
  }
  if (!known && msg_code > 0)
    if (const Verdict* vague = by_code(msg_code)) verdict = *vague;
  // "…不存在" beside a field's name is a reference that leads nowhere, not a record that is gone.
  if (verdict.cause == Cause::not_found && !field.empty()) return verdict_of(Cause::missing_reference);
  return verdict;
}

Verdict judge(const Answer& answer) {
  switch (answer.shape) {
    case Shape::page:
    case Shape::garbage:
      return verdict_of(Cause::site_down);
    case Shape::firewall:
      return verdict_of(Cause::suspicious_input);
    case Shape::gateway: {
      const Verdict verdict = judge(0, {}, "[gateway " + answer.error_code + "] " + answer.text());
      return verdict.cause == Cause::unknown ? verdict_of(Cause::login_refused) : verdict;
    }
    case Shape::exception: {
      const Verdict verdict = judge(answer.msg_code, {}, answer.text());
      return verdict.cause == Cause::unknown || verdict.cause == Cause::not_found
                 ? verdict_of(Cause::exception)
                 : verdict;
    }
    case Shape::rows:
    case Shape::result:
      break;
  }
  // The first complaint that the table knows speaks for all.
  Verdict verdict = verdict_of(Cause::unknown);
  for (const Complaint& complaint : answer.complaints) {
    verdict = judge(answer.msg_code, complaint.field, complaint.message);
    if (verdict.cause != Cause::unknown) break;
  }
  return verdict;
}

huiliu::Failure failure_of(const Verdict& verdict, std::string_view vendor_text) {
  huiliu::Failure failure(verdict.status, std::string(verdict.zh) + " (" + std::string(verdict.en) + ")");
  if (!vendor_text.empty()) failure.message += ": " + std::string(vendor_text);
  failure.remote_code = std::string(verdict.code);
  failure.retry_after_ms = verdict.retry_after_ms;
  return failure;
}

huiliu::Failure failure_of(const Answer& answer) { return failure_of(judge(answer), answer.text()); }

std::optional<std::string> unknown_field(std::string_view text) {
  static constexpr std::string_view before = "标识为", after = "的字段不存在";
  const std::size_t start = text.find(before);
  if (start == std::string_view::npos) return std::nullopt;
  const std::size_t end = text.find(after, start + before.size());
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view name = text.substr(start + before.size(), end - start - before.size());
  // Sites quote the name in several ways.
  for (const std::string_view quote : {"\"", "'", "“", "”", "[", "]", "【", "】", " "}) {
    while (name.starts_with(quote)) name.remove_prefix(quote.size());
    while (name.ends_with(quote)) name.remove_suffix(quote.size());
  }
  if (name.empty()) return std::nullopt;
  return std::string(name);
}

}  // namespace kingdee

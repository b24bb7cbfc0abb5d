#include "plugins/wecom/src/errors.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "plugins/wecom/src/json_read.hpp"

namespace wecom {
namespace {

using enum ErrorKind;

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kMomentMs = 1'500;
constexpr std::size_t kShownText = 120;

// Ordered by code; a test holds it so.
constexpr std::array kRows{
    ErrorRow{-1, busy, "系统繁忙", "the system is busy"},
    ErrorRow{6000, conflict, "数据版本冲突", "the data changed meanwhile"},
    ErrorRow{40001, token, "凭证无效", "credential not valid"},
    ErrorRow{40003, not_found, "成员不存在或请求方法不符", "member unknown, or wrong HTTP method"},
    ErrorRow{40013, credentials, "企业ID不正确", "corp id not valid"},
    ErrorRow{40014, token, "access_token 无效", "access token not valid"},
    ErrorRow{40031, invalid, "userid 列表不合法", "list of userids not valid"},
    ErrorRow{40033, invalid, "请求含非法字符（须为原始UTF-8）", "bad characters: raw UTF-8 is wanted"},
    ErrorRow{40035, invalid, "参数不合法", "parameter not valid"},
    ErrorRow{40050, not_found, "客户群不存在", "chat unknown"},
    ErrorRow{40056, settings, "agentid 不正确", "agent id not valid"},
    ErrorRow{40058, invalid, "参数不合法", "parameter not valid"},
    ErrorRow{40063, invalid, "参数为空", "parameter empty"},
    ErrorRow{40066, not_found, "部门列表不合法", "list of departments not valid"},
    ErrorRow{40068, not_found, "标签或标签组不存在或已删除", "tag or group unknown or deleted"},
    ErrorRow{40071, duplicate, "标签名不合法或已存在", "tag name not valid, or taken"},
    ErrorRow{40072, invalid, "标签名过长", "tag name too long"},
    ErrorRow{40091, credentials, "应用Secret不合法", "secret not valid"},
    ErrorRow{40096, not_found, "外部联系人ID无效或不在可见范围",
             "external userid unknown, of another corporation, or outside the visible range"},
    ErrorRow{40097, invalid, "成员尚未离职", "the member has not left"},
    ErrorRow{40098, invalid, "接替成员未实名", "the taker is not verified"},
    ErrorRow{40099, capacity, "接替成员客户数已满", "the taker has no room for more customers"},
    ErrorRow{40100, conflict, "客户转接中", "a transfer is under way"},
    ErrorRow{40126, capacity, "企业标签数已达上限", "the corporation has no room for more tags"},
    ErrorRow{40128, invalid, "90天内已转接两次", "moved twice within 90 days"},
    ErrorRow{40129, conflict, "客户转接中", "a transfer is under way"},
    ErrorRow{40130, invalid, "原跟进人与接替成员相同", "both members are the same"},
    ErrorRow{40131, invalid, "该成员不是客户的跟进人", "this member does not follow the customer"},
    ErrorRow{40144, capacity, "该客户标签数已达上限", "this customer has no room for more tags"},
    ErrorRow{41001, invalid, "缺少 access_token", "access token missing"},
    ErrorRow{41002, credentials, "缺少企业ID", "corp id missing"},
    ErrorRow{41004, credentials, "缺少Secret", "secret missing"},
    ErrorRow{41035, invalid, "缺少外部联系人ID", "external userid missing"},
    ErrorRow{41044, not_found, "联系我配置不存在", "contact way unknown"},
    ErrorRow{41045, capacity, "联系我数量已达上限", "no room for more contact ways"},
    ErrorRow{41050, invalid, "欢迎语凭证已失效", "welcome code used or too old"},
    ErrorRow{41051, invalid, "双方已开始聊天", "the chat has begun already"},
    ErrorRow{42001, token, "access_token 已过期", "access token expired"},
    ErrorRow{42052, invalid, "已超过撤回时限", "too late to recall"},
    ErrorRow{45009, throttled, "接口调用超过限制", "call limit exceeded"},
    ErrorRow{45029, invalid, "返回数据过大", "the answer would be too large"},
    ErrorRow{45033, concurrent, "接口并发调用超过限制", "too many calls at once"},
    ErrorRow{45035, conflict, "同一对象正被编辑", "the same object is being edited"},
    ErrorRow{45036, capacity, "数量已达上限", "limit of records reached"},
    ErrorRow{46004, not_found, "成员不存在", "member unknown"},
    ErrorRow{48001, access, "接口未授权", "API not granted"},
    ErrorRow{48002, access, "接口无权限，请在管理后台授权", "API forbidden: grant it in the console"},
    ErrorRow{48004, access, "授权已失效", "authorisation broken"},
    ErrorRow{48005, access, "接口已停用", "API retired"},
    ErrorRow{48006, access, "授权已撤销", "authorisation revoked"},
    ErrorRow{48009, access, "通讯录同步凭证不可再读取成员详情",
             "the contact-sync secret may not read details"},
    ErrorRow{50001, settings, "跳转域名未登记", "redirect domain not registered"},
    ErrorRow{50002, forbidden, "成员不在权限范围", "member out of scope"},
    ErrorRow{50003, access, "应用已停用", "the app is disabled"},
    ErrorRow{50100, cursor, "分页游标无效或已过期", "cursor not valid or expired"},
    ErrorRow{60003, not_found, "部门不存在", "department unknown"},
    ErrorRow{60008, duplicate, "部门已存在", "department exists"},
    ErrorRow{60011, forbidden, "不在应用可见范围", "outside the app's visible range"},
    ErrorRow{60020, address, "出口IP不在企业可信IP中", "the caller's address is not trusted"},
    ErrorRow{60021, forbidden, "不在应用可见范围", "outside the app's visible range"},
    ErrorRow{60030, access, "应用不可调用该接口", "the app may not use this API"},
    ErrorRow{60031, access, "应用不可调用该接口", "the app may not use this API"},
    ErrorRow{60102, duplicate, "userid 已存在", "userid exists"},
    ErrorRow{60104, duplicate, "手机号已存在", "mobile exists"},
    ErrorRow{60106, duplicate, "邮箱已存在", "e-mail exists"},
    ErrorRow{60111, not_found, "成员不存在", "member unknown"},
    ErrorRow{60123, not_found, "部门ID不合法", "department id not valid"},
    ErrorRow{60124, not_found, "上级部门不存在", "parent department unknown"},
    ErrorRow{60268, cursor, "分页游标无效或已过期", "cursor not valid or expired"},
    ErrorRow{81011, forbidden, "无权操作该标签", "no right on this tag"},
    ErrorRow{81013, invalid, "接收人全部无效", "none of the recipients is valid"},
    ErrorRow{81017, invalid, "请求对象过多，请缩小范围", "too many objects asked for: narrow the filter"},
    ErrorRow{84061, no_relation, "不存在外部联系人关系", "no external-contact relation"},
    ErrorRow{84074, access, "没有外部联系人权限", "no right to external contacts"},
    ErrorRow{84084, no_relation, "该成员不是跟进人", "the member is no follower"},
    ErrorRow{86001, not_found, "客户群ID不合法", "chat id not valid"},
    ErrorRow{86003, not_found, "客户群不存在", "chat unknown"},
    ErrorRow{301002, settings, "无权操作该应用", "not your app"},
    ErrorRow{301021, not_found, "成员不存在或已离职", "member unknown or left"},
    ErrorRow{301042, address, "出口IP不在允许列表中", "the caller's address is not allowed"},
    ErrorRow{701008, no_relation, "成员均无互通账号许可", "none of the members holds a licence"},
};

const ErrorRow* row_of(std::int64_t code) {
  const auto found =
      std::lower_bound(kRows.begin(), kRows.end(), code,
                       [](const ErrorRow& row, std::int64_t wanted) { return row.code < wanted; });
  return found == kRows.end() || found->code != code ? nullptr : &*found;
}

// "…, from ip: 203.0.113.9, more info …" or "". Only what looks like an address is taken.
std::string address_in(std::string_view text) {
  static constexpr std::string_view kMark = "from ip:";
  const std::size_t mark = text.find(kMark);
  if (mark == std::string_view::npos) return {};
  std::string_view rest = text.substr(mark + kMark.size());
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  return std::string(rest.substr(0, rest.find_first_not_of("0123456789abcdefABCDEF.:")));
}

std::int64_t wait_of(ErrorKind kind) {
  return kind == throttled ? kMinuteMs : kind == concurrent ? kMomentMs : -1;
}

// The vendor's words as far as they are safe to show: one line, bounded, cut between characters.
std::string shown(std::string_view vendor_text) {
  std::string text(vendor_text.substr(0, vendor_text.find_first_of("\r\n")));
  if (text.size() <= kShownText) return text;
  std::size_t end = kShownText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

std::span<const ErrorRow> error_rows() { return kRows; }

huiliu_status status_of(ErrorKind kind) {
  switch (kind) {
    case busy:
    case conflict:
    case cursor:
      return HUILIU_RETRY;
    case throttled:
    case concurrent:
      return HUILIU_THROTTLED;
    case token:
    case credentials:
      return HUILIU_AUTH;
    case access:
    case address:
    case settings:
      return HUILIU_CONFIG;
    case forbidden:
    case invalid:
    case capacity:
    case not_found:
    case no_relation:
    case duplicate:
      return HUILIU_DATA;
  }
  return HUILIU_BUG;
}

huiliu_outcome outcome_of(ErrorKind kind) {
  switch (kind) {
    case busy:
    case conflict:
    case cursor:
    case token:
    case throttled:
    case concurrent:
    case credentials:
    case access:
    case address:
    case settings:
      return HUILIU_DEFERRED;
    case forbidden:
    case invalid:
    case capacity:
      return HUILIU_REJECTED;
    case not_found:
    case no_relation:
      return HUILIU_GONE;
    case duplicate:
      return HUILIU_DUPLICATE;
  }
  return HUILIU_IN_DOUBT;
}

Refusal refusal_of(std::int64_t code, std::string_view vendor_text) {
  const ErrorRow* row = row_of(code);
  Refusal refusal;
  refusal.code = code;
  refusal.kind = row == nullptr ? invalid : row->kind;
  refusal.message = "WeCom " + std::to_string(code) + ": ";
  if (row != nullptr)
    refusal.message.append(row->zh).append(" / ").append(row->en);
  else
    refusal.message.append(shown(vendor_text));
  if (refusal.kind == address)
    if (const std::string caller = address_in(vendor_text); !caller.empty())
      refusal.message.append("：请把 ")
          .append(caller)
          .append(" 加入应用的企业可信IP / add ")
          .append(caller)
          .append(" to the app's trusted addresses");
  refusal.retry_after_ms = wait_of(refusal.kind);
  return refusal;
}

std::optional<Refusal> refusal_in(int http_code, const boost::json::value* body) {
  if (body == nullptr || !body->is_object()) {
    Refusal refusal;  // a page where JSON was due: a gateway or a proxy, of the moment
    refusal.kind = http_code == 429 ? throttled : busy;
    refusal.code = http_code;
    refusal.message = "WeCom answered HTTP " + std::to_string(http_code) + " without JSON";
    refusal.retry_after_ms = wait_of(refusal.kind);
    return refusal;
  }
  const std::int64_t code = number_at(*body, "errcode");
  if (code == 0) return std::nullopt;
  return refusal_of(code, text_at(*body, "errmsg"));
}

}  // namespace wecom

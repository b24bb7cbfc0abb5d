#include "hub/run/advice.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;

struct Entry {
  const char* code;
  Advice advice;
};
constexpr Entry by_code[] = {
    {"mapping",
     {"在来源系统改正这条记录，或调整映射；改好后 huiliu dead-letter preview 看结果，再 replay",
      "correct the record in its system, or the mapping; look with huiliu dead-letter preview, then replay"}},
    {"duplicate_key",
     {"同一列表里这个编号出现两次且内容不同：在来源系统合并或改正其中一条",
      "the list shows this key twice with different contents: correct one of them in its system"}},
    {"engine",
     {"记录与已知的不相容：看说明，改正后 replay",
      "the record contradicts what is known: see its message, then replay"}},
    {"bad_event",
     {"事件内容无法识别：检查回调地址和连接器版本；数据会由定时读取补上",
      "the event cannot be read: check the callback's address and the connector's version; reading makes up "
      "for it"}},
    {"rejected",
     {"系统拒绝了写入：在统一档案里改正该值，或在目标系统放开限制，再 replay",
      "the system refused the write: correct the value in the customer, or allow it there, then replay"}},
    {"brake",
     {"触发了刹车：huiliu review list --kind brake 查看并决定",
      "a brake stopped it: look and decide in huiliu review list --kind brake"}},
};

Advice by_class(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::auth:
      return {"凭据被拒绝：更换密钥后 huiliu connection check，再 huiliu connection resume",
              "the credential was refused: renew it, huiliu connection check, then huiliu connection resume"};
    case ErrorClass::config:
      return {"改正配置：huiliu config validate，再 huiliu config apply",
              "correct the configuration: huiliu config validate, then huiliu config apply"};
    case ErrorClass::retry:
      return {"对方暂时不可用，会自动重试；久不恢复请检查网络和对方服务",
              "the other side is not available and is tried again by itself; if it lasts, check network and "
              "service"};
    case ErrorClass::throttled:
      return {"超出对方的调用限额，会按要求等待；可降低 quotas 或放宽定时",
              "the other side's limit is reached; we wait as told. Lower quotas or schedule less often"};
    case ErrorClass::resync:
      return {"对方丢弃了读取位置，会自动从头读取",
              "the other side dropped the cursor: everything is read again by itself"};
    case ErrorClass::stale:
      return {"记录期间有变化：下一轮会重新计算",
              "the record changed meanwhile: the next cycle derives it anew"};
    case ErrorClass::in_doubt:
      return {"结果未知：先查对方再决定，无需操作",
              "the outcome is not known: it is looked up before anything else"};
    case ErrorClass::unsupported:
      return {"连接器不支持：见 huiliu connection show",
              "the connector does not offer this: see huiliu connection show"};
    case ErrorClass::not_found:
      return {"名称或编号不存在：核对后重试", "there is no such thing: check the name"};
    case ErrorClass::cancelled:
      return {"已按要求停止：huiliu run retry 接着做", "stopped as asked: go on with huiliu run retry"};
    case ErrorClass::bug:
      return {"程序缺陷：请连同 huiliu run logs 报告", "a defect: please report it with huiliu run logs"};
    case ErrorClass::data:
      break;
  }
  return {"查看说明，改正数据后 huiliu dead-letter replay",
          "see the message, correct the data, then huiliu dead-letter replay"};
}

}  // namespace

Advice advice_for(const std::string& code, ErrorClass error_class) {
  for (const Entry& entry : by_code)
    if (code == entry.code) return entry.advice;
  return by_class(error_class);
}

model::Value advice_view(const Advice& advice) { return model::Object{{"zh", advice.zh}, {"en", advice.en}}; }

model::Value error_view(const model::Error& error) {
  return model::Object{{"code", error.code.empty() ? model::to_string(error.error_class) : error.code},
                       {"class", model::to_string(error.error_class)},
                       {"record", error.where},
                       {"message", error.message},
                       {"fix", advice_view(advice_for(error.code, error.error_class))}};
}

}  // namespace huiliu::run

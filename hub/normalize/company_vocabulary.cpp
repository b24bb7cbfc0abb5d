#include "hub/normalize/company_vocabulary.hpp"

#include "hub/normalize/data/tables.hpp"

namespace huiliu::normalize {
namespace {

// Also found in brackets, after a dash or a space, or before the name.
constexpr const char* kStatuses =
    "新 旧 老 停用 已停用 作废 已作废 注销 已注销 吊销 已吊销 吊销未注销 重复 测试 勿用 请勿使用 不用 禁用 "
    "已禁用 冻结 已冻结 黑名单 临时 备用 备份 新客户 老客户 "
    "大客户 重点客户 重要客户 意向客户 潜在客户 意向 潜在 供应商 客户 经销商 代理商 散客 待删除 删除 已删除 "
    "迁出 失效 无效 不合作 终止 暂停 暂停合作 停止合作 已合并 合并 关闭 "
    "已关闭 停业 倒闭 已倒闭 月结 现结 现金 对公 对私 不含税 含税 开票 专票 普票 不开票 个人 国内 国外 内销 "
    "外销 复制 副本 已迁移 更名 已更名 改名 vip vvip svip test demo new old "
    "copy a类 b类 c类 a级 b级 c级 星标 重点 优质 待审核 已审核 未审核 待确认 未激活 历史 历史客户 公海 在业 "
    "存续";

const char* class_name(std::string_view name) {
  static constexpr const char* kClasses[] = {"limited",     "joint_stock", "partnership",
                                             "cooperative", "enterprise",  "institution",
                                             "sole_trader", "group",       "representative"};
  for (const char* each : kClasses) {
    if (name == each) return each;
  }
  return "enterprise";
}

}  // namespace

const CompanyVocabulary& CompanyVocabulary::get() {
  static const CompanyVocabulary instance;
  return instance;
}

CompanyVocabulary::CompanyVocabulary() {
  for_each_token(data::kLegalForms, [this](std::string_view token) {
    const std::size_t colon = token.find(':');
    forms.add(token.substr(0, colon), static_cast<std::uint32_t>(form_classes.size()));
    form_classes.push_back(class_name(token.substr(colon + 1)));
  });
  for_each_token(data::kBranchTails, [this](std::string_view token) { branches.add(token, 0); });
  for_each_token(data::kTradeWords, [this](std::string_view token) {
    trades.add(token, 0);
    trades_forward.add(token, 0);
  });
  for_each_token(data::kBrandPhrases, [this](std::string_view token) { brands.add(token, 0); });
  for_each_token(data::kPlaceTrades, [this](std::string_view token) { place_trades.add(token, 0); });
  for_each_token(kStatuses, [this](std::string_view token) { statuses.add(token, 0); });
  for_each_token(data::kTradeWordsEnglish, [this](std::string_view token) { english_trades.add(token, 0); });
}

}  // namespace huiliu::normalize

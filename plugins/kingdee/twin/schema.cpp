#include "plugins/kingdee/twin/schema.hpp"

#include <algorithm>

namespace kingdee_twin {
namespace {

constexpr auto by_organisation = Owner::organisation;
constexpr std::string_view addresses_entry = "FT_BD_CUSTCONTACT";
constexpr std::string_view people_entry = "FT_BD_CUSTLOCATION";
constexpr std::string_view no_form = "-";
constexpr std::string_view banks_entry = "FT_BD_CUSTBANK";

constexpr FieldDef kept(std::string_view key, Type type, std::string_view name,
                        Owner owner = by_organisation) {
  return {key, type, {}, {}, owner, false, true, name};
}
constexpr FieldDef text(std::string_view key, std::string_view name, Owner owner = Owner::head) {
  return {key, Type::text, {}, {}, owner, false, false, name};
}
constexpr FieldDef reference(std::string_view key, std::string_view target, std::string_view name,
                             Owner owner = Owner::head, bool required = false) {
  return {key, Type::reference, target, {}, owner, required, false, name};
}
constexpr FieldDef in_entry(std::string_view entry, std::string_view key, std::string_view name,
                            Type type = Type::text, std::string_view target = {}) {
  return {key, type, target, entry, by_organisation, false, false, name};
}

constexpr FieldDef customer_fields[] = {
    kept("FCUSTID", Type::id, "内码"),
    kept("FMasterId", Type::id, "主内码"),
    reference("FCreateOrgId", "ORG_Organizations", "创建组织", Owner::head, true),
    reference("FUseOrgId", "ORG_Organizations", "使用组织", by_organisation),
    text("FNumber", "客户编码"),
    {"FName", Type::text, {}, {}, Owner::head, true, false, "客户名称"},
    text("FShortName", "简称"),
    reference("FCOUNTRY", "", "国家"),
    reference("FPROVINCIAL", "", "地区"),
    text("FADDRESS", "通讯地址"),
    text("FZIP", "邮政编码"),
    text("FWEBSITE", "公司网址"),
    text("FTEL", "联系电话"),
    text("FFAX", "传真"),
    reference("FCompanyClassify", "", "公司类别"),
    reference("FCompanyNature", "", "公司性质"),
    reference("FCompanyScale", "", "公司规模"),
    text("FINVOICETITLE", "发票抬头"),
    text("FTAXREGISTERCODE", "纳税登记号"),
    text("FINVOICEBANKNAME", "开户银行"),
    text("FINVOICETEL", "开票联系电话"),
    text("FINVOICEBANKACCOUNT", "银行账号"),
    text("FINVOICEADDRESS", "开票通讯地址"),
    {"FIsGroup", Type::flag, {}, {}, Owner::head, false, false, "集团客户"},
    reference("FCustTypeId", "", "客户类别"),
    reference("FGROUPCUSTID", "BD_Customer", "对应集团客户"),
    reference("FGroup", "", "客户分组", by_organisation),
    reference("FTRADINGCURRID", "BD_Currency", "结算币别", by_organisation, true),
    reference("FCorrespondOrgId", "ORG_Organizations", "对应组织"),
    text("FDescription", "备注"),
    reference("FSALDEPTID", "", "销售部门", by_organisation),
    reference("FSALGROUPID", "", "销售组", by_organisation),
    reference("FSELLER", "BD_Saler", "销售员", by_organisation),
    reference("FSETTLETYPEID", "", "结算方式", by_organisation),
    reference("FRECCONDITIONID", "", "收款条件", by_organisation),
    reference("FPRICELISTID", "", "价目表", by_organisation),
    reference("FDISCOUNTLISTID", "", "折扣表", by_organisation),
    text("FInvoiceType", "发票类型", by_organisation),
    reference("FTaxType", "", "税分类", by_organisation),
    reference("FTaxRate", "", "默认税率", by_organisation),
    reference("FRECEIVECURRID", "BD_Currency", "收款币别", by_organisation),
    text("FPriority", "客户优先级", by_organisation),
    {"FISCREDITCHECK", Type::flag, {}, {}, by_organisation, false, false, "启用信用管理"},
    {"FIsTrade", Type::flag, {}, {}, by_organisation, false, false, "是否交易客户"},
    text("FLegalPerson", "法人代表"),
    text("FRegisterFund", "注册资本"),
    {"FFoundDate", Type::date, {}, {}, Owner::head, false, false, "成立日期"},
    text("FDomains", "行业"),
    text("FSOCIALCRECODE", "统一社会信用代码"),
    text("FRegisterAddress", "注册地址"),
    text("F_HLU_EXTID", "汇流标识"),
    kept("FDocumentStatus", Type::text, "数据状态"),
    kept("FForbidStatus", Type::text, "禁用状态"),
    kept("FCreatorId", Type::reference, "创建人"),
    kept("FCreateDate", Type::date, "创建日期"),
    kept("FModifierId", Type::reference, "修改人"),
    kept("FModifyDate", Type::date, "修改日期"),
    kept("FApproverId", Type::reference, "审核人"),
    kept("FApproveDate", Type::date, "审核日期"),
    kept("FForbidderId", Type::reference, "禁用人"),
    kept("FForbidDate", Type::date, "禁用日期"),
    in_entry(addresses_entry, "FT_BD_CUSTCONTACT_FEntryID", "分录内码", Type::id),
    in_entry(addresses_entry, "FNUMBER1", "地点编码"),
    in_entry(addresses_entry, "FNAME1", "地点名称"),
    in_entry(addresses_entry, "FADDRESS1", "详细地址"),
    in_entry(addresses_entry, "FTTel", "固定电话"),
    in_entry(addresses_entry, "FMOBILE", "移动电话"),
    in_entry(addresses_entry, "FEMail", "电子邮箱"),
    in_entry(addresses_entry, "FIsDefaultConsignee", "默认收货地址", Type::flag),
    in_entry(addresses_entry, "FIsUsed", "启用", Type::flag),
    in_entry(people_entry, "FT_BD_CUSTLOCATION_FEntryID", "分录内码", Type::id),
    in_entry(people_entry, "FContactId", "联系人", Type::reference, "BD_CommonContact"),
    in_entry(people_entry, "FIsDefaultConsigneeCT", "默认收货人", Type::flag),
    in_entry(banks_entry, "FT_BD_CUSTBANK_FEntryID", "分录内码", Type::id),
    in_entry(banks_entry, "FBANKCODE", "银行账号"),
    in_entry(banks_entry, "FACCOUNTNAME", "账户名称"),
    in_entry(banks_entry, "FOPENBANKNAME", "开户银行"),
};
constexpr std::string_view customer_entries[] = {addresses_entry, people_entry, banks_entry};

constexpr FieldDef contact_fields[] = {
    kept("FCONTACTID", Type::id, "内码"),
    reference("FCreateOrgId", "ORG_Organizations", "创建组织"),
    reference("FUseOrgId", "ORG_Organizations", "使用组织"),
    text("FCompanyType", "公司类型"),
    reference("FCompany", "BD_Customer", "公司"),
    reference("FCustId", "BD_Customer", "客户"),
    text("FNumber", "编码"),
    {"FName", Type::text, {}, {}, Owner::head, true, false, "姓名"},
    reference("FSex", "", "性别"),
    text("FPost", "职务"),
    text("FMobile", "移动电话"),
    text("FTel", "固定电话"),
    text("FEmail", "电子邮箱"),
    text("FBizAddress", "详细地址"),
    text("FDescription", "备注"),
    text("F_HLU_EXTID", "汇流标识"),
    kept("FDocumentStatus", Type::text, "数据状态"),
    kept("FForbidStatus", Type::text, "禁用状态"),
    kept("FCreatorId", Type::reference, "创建人"),
    kept("FCreateDate", Type::date, "创建日期"),
    kept("FModifierId", Type::reference, "修改人"),
    kept("FModifyDate", Type::date, "修改日期"),
    kept("FApproverId", Type::reference, "审核人"),
    kept("FApproveDate", Type::date, "审核日期"),
    kept("FForbidderId", Type::reference, "禁用人"),
    kept("FForbidDate", Type::date, "禁用日期"),
};

constexpr FieldDef employee_fields[] = {
    kept("FID", Type::id, "内码"),
    text("FNumber", "员工编号"),
    text("FStaffNumber", "工号"),
    text("FName", "员工姓名"),
    text("FMobile", "移动电话"),
    text("FTel", "固定电话"),
    text("FEmail", "电子邮箱"),
    reference("FPostDept", "", "部门"),
    reference("FUseOrgId", "ORG_Organizations", "使用组织"),
    kept("FDocumentStatus", Type::text, "数据状态"),
    kept("FForbidStatus", Type::text, "禁用状态"),
    kept("FCreateDate", Type::date, "创建日期"),
    kept("FModifyDate", Type::date, "修改日期"),
    kept("FForbidDate", Type::date, "禁用日期"),
};

constexpr FieldDef salesperson_fields[] = {
    kept("FID", Type::id, "内码"),
    text("FNumber", "业务员编码"),
    text("FName", "业务员名称"),
    text("FEmpNumber", "员工编号"),
    reference("FBizOrgId", "ORG_Organizations", "业务组织"),
    reference("FDeptId", "", "部门"),
    kept("FForbidStatus", Type::text, "禁用状态"),
};

constexpr FieldDef organisation_fields[] = {
    kept("FOrgID", Type::id, "内码"),
    text("FNumber", "编码"),
    text("FName", "名称"),
    text("FOrgFormID", "形态"),
    kept("FForbidStatus", Type::text, "禁用状态"),
    kept("FCreateDate", Type::date, "创建日期"),
    kept("FModifyDate", Type::date, "修改日期"),
};

constexpr FieldDef currency_fields[] = {
    kept("FCURRENCYID", Type::id, "内码"),
    text("FNumber", "编码"),
    text("FName", "名称"),
    text("FCODE", "货币代码"),
};

constexpr FieldDef amount(std::string_view key, std::string_view name, std::string_view entry = {}) {
  return {key, Type::number, {}, entry, by_organisation, false, false, name};
}

constexpr FieldDef department_fields[] = {
    kept("FDEPTID", Type::id, "内码"),
    text("FNumber", "编码"),
    text("FName", "名称"),
    reference("FParentID", "BD_Department", "上级部门"),
    reference("FUseOrgId", "ORG_Organizations", "使用组织"),
    kept("FDocumentStatus", Type::text, "数据状态"),
    kept("FForbidStatus", Type::text, "禁用状态"),
    kept("FCreateDate", Type::date, "创建日期"),
    kept("FModifyDate", Type::date, "修改日期"),
    kept("FApproveDate", Type::date, "审核日期"),
    kept("FForbidDate", Type::date, "禁用日期"),
};

constexpr std::string_view order_entry = "FSaleOrderEntry";
constexpr std::string_view receivable_entry = "FEntityDetail";
constexpr std::string_view receipt_entry = "FRECEIVEBILLENTRY";

constexpr FieldDef order_fields[] = {
    kept("FID", Type::id, "内码"),
    text("FBillNo", "单据编号"),
    {"FDate", Type::date, {}, {}, Owner::head, true, false, "日期"},
    reference("FCustId", "BD_Customer", "客户"),
    reference("FSaleOrgId", "ORG_Organizations", "销售组织"),
    reference("FSalerId", "BD_Saler", "销售员"),
    reference("FSaleDeptId", "BD_Department", "销售部门"),
    reference("FSettleCurrId", "BD_Currency", "结算币别"),
    reference("FLocalCurrId", "BD_Currency", "本位币"),
    amount("FExchangeRate", "汇率"),
    amount("FBillAllAmount", "价税合计"),
    kept("FDocumentStatus", Type::text, "单据状态"),
    kept("FCloseStatus", Type::text, "关闭状态"),
    kept("FCancelStatus", Type::text, "作废状态"),
    kept("FCreateDate", Type::date, "创建日期"),
    kept("FModifyDate", Type::date, "修改日期"),
    kept("FApproveDate", Type::date, "审核日期"),
    in_entry(order_entry, "FSaleOrderEntry_FEntryID", "分录内码", Type::id),
    in_entry(order_entry, "FMaterialId", "物料", Type::reference),
    in_entry(order_entry, "FUnitId", "单位", Type::reference),
    amount("FQty", "数量", order_entry),
    amount("FPrice", "单价", order_entry),
    amount("FTaxPrice", "含税单价", order_entry),
    amount("FAmount", "金额", order_entry),
    amount("FAllAmount", "价税合计", order_entry),
    in_entry(order_entry, "FDeliveryDate", "要货日期", Type::date),
    amount("FStockOutQty", "累计出库数量", order_entry),
};
constexpr std::string_view order_entries[] = {order_entry};

constexpr FieldDef receivable_fields[] = {
    kept("FID", Type::id, "内码"),
    text("FBillNo", "单据编号"),
    {"FDATE", Type::date, {}, {}, Owner::head, true, false, "业务日期"},
    {"FENDDATE_H", Type::date, {}, {}, Owner::head, false, false, "到期日"},
    reference("FCUSTOMERID", "BD_Customer", "客户"),
    reference("FSETTLEORGID", "ORG_Organizations", "结算组织"),
    reference("FSALEORGID", "ORG_Organizations", "销售组织"),
    reference("FSALEERID", "BD_Saler", "销售员"),
    reference("FCURRENCYID", "BD_Currency", "币别"),
    amount("FEXCHANGERATE", "汇率"),
    amount("FALLAMOUNTFOR", "价税合计"),
    kept("FWRITTENOFFSTATUS", Type::text, "核销状态"),
    kept("FDocumentStatus", Type::text, "单据状态"),
    kept("FCancelStatus", Type::text, "作废状态"),
    kept("FCreateDate", Type::date, "创建日期"),
    kept("FModifyDate", Type::date, "修改日期"),
    kept("FApproveDate", Type::date, "审核日期"),
    in_entry(receivable_entry, "FEntityDetail_FEntryID", "分录内码", Type::id),
    in_entry(receivable_entry, "FMATERIALID", "物料", Type::reference),
    amount("FPriceQty", "计价数量", receivable_entry),
    amount("FTaxPrice", "含税单价", receivable_entry),
    amount("FALLAMOUNTFOR_D", "价税合计", receivable_entry),
};
constexpr std::string_view receivable_entries[] = {receivable_entry};

constexpr FieldDef receipt_fields[] = {
    kept("FID", Type::id, "内码"),
    text("FBillNo", "单据编号"),
    {"FDATE", Type::date, {}, {}, Owner::head, true, false, "业务日期"},
    text("FCONTACTUNITTYPE", "往来单位类型"),
    reference("FCONTACTUNIT", "BD_Customer", "往来单位"),
    text("FPAYUNITTYPE", "付款单位类型"),
    reference("FPAYUNIT", "BD_Customer", "付款单位"),
    reference("FSETTLEORGID", "ORG_Organizations", "结算组织"),
    reference("FPAYORGID", "ORG_Organizations", "收款组织"),
    reference("FSALEERID", "BD_Saler", "销售员"),
    reference("FCURRENCYID", "BD_Currency", "币别"),
    reference("FSETTLECUR", "BD_Currency", "结算币别"),
    amount("FSETTLERATE", "结算汇率"),
    amount("FREALRECAMOUNTFOR", "实收金额"),
    kept("FDocumentStatus", Type::text, "单据状态"),
    kept("FCancelStatus", Type::text, "作废状态"),
    kept("FCreateDate", Type::date, "创建日期"),
    kept("FModifyDate", Type::date, "修改日期"),
    kept("FApproveDate", Type::date, "审核日期"),
    in_entry(receipt_entry, "FRECEIVEBILLENTRY_FEntryID", "分录内码", Type::id),
    in_entry(receipt_entry, "FSETTLETYPEID", "结算方式", Type::reference),
    in_entry(receipt_entry, "FPURPOSEID", "收款用途", Type::reference),
    amount("FRECTOTALAMOUNTFOR", "应收金额", receipt_entry),
};
constexpr std::string_view receipt_entries[] = {receipt_entry};

// One file an organisation, one line a customer.
constexpr std::string_view credit_entry = "FEntity";
constexpr FieldDef credit_fields[] = {
    kept("FID", Type::id, "内码"),
    in_entry(credit_entry, "FOBJECTID", "信用对象", Type::reference, "BD_Customer"),
    amount("FCREDITAMOUNT", "信用额度", credit_entry),
    amount("FOVERDAYS", "逾期天数", credit_entry),
};
constexpr std::string_view credit_entries[] = {credit_entry};

// The tree of groups is behind a call of its own: no query knows a form of that name.
constexpr FieldDef group_fields[] = {
    kept("FID", Type::id, "内码"),
    text("FNUMBER", "编码"),
    text("FNAME", "名称"),
    kept("FPARENTID", Type::number, "上级"),
    kept("FFULLPARENTID", Type::text, "上级路径"),
    kept("FGROUPID", Type::text, "分组"),
    text("FDESCRIPTION", "备注"),
};

constexpr FormDef all_forms[] = {
    {"BD_Customer", "customers", "FCUSTID", "客户", "C", true, true, customer_fields, customer_entries},
    {"BD_CommonContact", "contacts", "FCONTACTID", "联系人", "LXR", false, true, contact_fields, {}},
    {"BD_Empinfo", "employees", "FID", "员工", "", false, false, employee_fields, {}},
    {"BD_Saler", "salespersons", "FID", "业务员", "", false, false, salesperson_fields, {}},
    {"ORG_Organizations", "organizations", "FOrgID", "组织机构", "", false, false, organisation_fields, {}},
    {"BD_Currency", "currencies", "FCURRENCYID", "币别", "", false, false, currency_fields, {}},
    {"BD_Department", "departments", "FDEPTID", "部门", "", false, false, department_fields, {}},
    {"SAL_SaleOrder", "orders", "FID", "销售订单", "", false, false, order_fields, order_entries},
    {"AR_receivable", "receivables", "FID", "应收单", "", false, false, receivable_fields,
     receivable_entries},
    {"AR_RECEIVEBILL", "receipts", "FID", "收款单", "", false, false, receipt_fields, receipt_entries},
    {"CRE_CustArchives", "credits", "FID", "信用档案", "", false, false, credit_fields, credit_entries},
    {no_form, "customer_groups", "FID", "客户分组", "", false, false, group_fields, {}},
};

constexpr FieldDef any_custom_field = {"F_", Type::text, {}, {}, Owner::head, false, false, "自定义"};

}  // namespace

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

const FieldDef* FormDef::field(std::string_view key) const {
  for (const FieldDef& def : fields)
    if (same_letters(def.key, key)) return &def;
  return nullptr;
}

const FieldDef* FormDef::save_field(std::string_view key) const {
  for (const FieldDef& def : fields)
    if (def.key == key) return &def;
  return key.starts_with(any_custom_field.key) ? &any_custom_field : nullptr;
}

bool FormDef::has_entry(std::string_view key) const {
  return std::find(entries.begin(), entries.end(), key) != entries.end();
}

const FormDef* form_by_id(std::string_view form_id) {
  for (const FormDef& form : all_forms)
    if (form.form_id != no_form && same_letters(form.form_id, form_id)) return &form;
  return nullptr;
}

const FormDef* form_by_stream(std::string_view stream) {
  for (const FormDef& form : all_forms)
    if (form.stream == stream) return &form;
  return nullptr;
}

std::span<const FormDef> twin_forms() { return all_forms; }

const FieldDef& custom_field() { return any_custom_field; }

}  // namespace kingdee_twin

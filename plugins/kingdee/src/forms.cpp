#include "plugins/kingdee/src/forms.hpp"

#include <algorithm>
#include <array>

namespace kingdee {
namespace {

constexpr auto of_head = Scope::head;
constexpr auto of_part = Scope::part;

// The order is that of a save package too: organisation, type, currency, then the rest. Setting one field can
// fire rules that overwrite another, so what others depend on comes first.
constexpr Field customer_fields[] = {
    {"FCUSTID", Kind::id, of_part},
    {"FMasterId", Kind::id, of_head},
    {"FCreateOrgId.FNumber", Kind::reference, of_head, Edit::on_create},
    {"FUseOrgId.FNumber", Kind::reference, of_part, Edit::on_create},
    {"FUseOrgId.FName", Kind::reference, of_part},
    {"FNumber", Kind::text, of_head, Edit::on_create},
    {"FCustTypeId.FNumber", Kind::reference, of_head, Edit::unapproved},
    {"FTRADINGCURRID.FNumber", Kind::reference, of_part, Edit::unapproved},
    {"FName", Kind::text, of_head, Edit::unapproved},
    {"FShortName", Kind::text, of_head, Edit::unapproved},
    {"FCOUNTRY.FNumber", Kind::reference, of_head, Edit::unapproved},
    {"FPROVINCIAL.FNumber", Kind::reference, of_head, Edit::unapproved},
    {"FADDRESS", Kind::text, of_head, Edit::listed},
    {"FZIP", Kind::text, of_head, Edit::listed},
    {"FWEBSITE", Kind::text, of_head, Edit::unapproved},
    {"FTEL", Kind::text, of_head, Edit::listed},
    {"FFAX", Kind::text, of_head, Edit::listed},
    {"FCompanyClassify.FNumber", Kind::reference, of_head, Edit::unapproved},
    {"FCompanyNature.FNumber", Kind::reference, of_head, Edit::unapproved},
    {"FCompanyScale.FNumber", Kind::reference, of_head, Edit::unapproved},
    {"FINVOICETITLE", Kind::text, of_head, Edit::unapproved},
    {"FTAXREGISTERCODE", Kind::text, of_head, Edit::unapproved},
    {"FINVOICEBANKNAME", Kind::text, of_head, Edit::unapproved},
    {"FINVOICETEL", Kind::text, of_head, Edit::unapproved},
    {"FINVOICEBANKACCOUNT", Kind::text, of_head, Edit::unapproved},
    {"FINVOICEADDRESS", Kind::text, of_head, Edit::unapproved},
    {"FIsGroup", Kind::flag, of_head, Edit::unapproved},
    {"FGROUPCUSTID", Kind::reference_id, of_head},
    {"FGROUPCUSTID.FNumber", Kind::reference, of_head, Edit::unapproved},
    {"FGroup.FNumber", Kind::reference, of_part, Edit::unapproved},
    {"FCorrespondOrgId.FNumber", Kind::reference, of_head, Edit::unapproved},
    {"FDescription", Kind::text, of_head, Edit::unapproved},
    {"FSALDEPTID.FNumber", Kind::reference, of_part, Edit::unapproved},
    {"FSALGROUPID.FNumber", Kind::reference, of_part, Edit::unapproved},
    {"FSELLER.FNumber", Kind::reference, of_part, Edit::unapproved},
    {"FSELLER.FName", Kind::reference, of_part},
    {"FSETTLETYPEID.FNumber", Kind::reference, of_part, Edit::unapproved},
    {"FRECCONDITIONID.FNumber", Kind::reference, of_part, Edit::unapproved},
    {"FPRICELISTID.FNumber", Kind::reference, of_part, Edit::unapproved},
    {"FDISCOUNTLISTID.FNumber", Kind::reference, of_part, Edit::unapproved},
    {"FInvoiceType", Kind::text, of_part, Edit::unapproved},
    {"FTaxType.FNumber", Kind::reference, of_part, Edit::unapproved},
    {"FTaxRate.FNumber", Kind::reference, of_part, Edit::unapproved},
    {"FRECEIVECURRID.FNumber", Kind::reference, of_part, Edit::unapproved},
    {"FPriority", Kind::text, of_part, Edit::unapproved},
    {"FISCREDITCHECK", Kind::flag, of_part, Edit::unapproved},
    {"FIsTrade", Kind::flag, of_part, Edit::unapproved},
    {"FLegalPerson", Kind::text, of_head, Edit::unapproved},
    {"FRegisterFund", Kind::text, of_head, Edit::unapproved},
    {"FFoundDate", Kind::date, of_head, Edit::unapproved},
    {"FDomains", Kind::text, of_head, Edit::unapproved},
    {"FSOCIALCRECODE", Kind::text, of_head, Edit::unapproved},
    {"FRegisterAddress", Kind::text, of_head, Edit::unapproved},
    {"FDocumentStatus", Kind::text, of_part},
    {"FForbidStatus", Kind::text, of_part, Edit::listed},  // by Forbid and Enable, never by Save
    {"FCreatorId.FName", Kind::reference, of_part},
    {"FCreateDate", Kind::date, of_part},
    {"FModifierId.FName", Kind::reference, of_part},
    {"FModifyDate", Kind::date, of_part},
    {"FApproveDate", Kind::date, of_part},
    {"FForbidDate", Kind::date, of_part},
};

constexpr Field contact_fields[] = {
    {"FCONTACTID", Kind::id, of_head},
    {"FCreateOrgId.FNumber", Kind::reference, of_head, Edit::on_create},
    {"FUseOrgId.FNumber", Kind::reference, of_head, Edit::on_create},
    {"FCompanyType", Kind::text, of_head, Edit::on_create},
    {"FCompany", Kind::reference_id, of_head},
    {"FCompany.FNumber", Kind::reference, of_head, Edit::listed},
    {"FCompany.FName", Kind::reference, of_head},
    {"FCustId", Kind::reference_id, of_head},
    {"FCustId.FNumber", Kind::reference, of_head, Edit::listed},
    {"FCustId.FMasterId", Kind::reference, of_head},
    {"FNumber", Kind::text, of_head, Edit::on_create},
    {"FName", Kind::text, of_head, Edit::listed},
    {"FSex.FNumber", Kind::reference, of_head, Edit::listed},
    {"FPost", Kind::text, of_head, Edit::listed},
    {"FMobile", Kind::text, of_head, Edit::listed},
    {"FTel", Kind::text, of_head, Edit::listed},
    {"FEmail", Kind::text, of_head, Edit::listed},
    {"FBizAddress", Kind::text, of_head, Edit::listed},
    {"FDescription", Kind::text, of_head, Edit::listed},
    {"FDocumentStatus", Kind::text, of_head},
    {"FForbidStatus", Kind::text, of_head, Edit::listed},
    {"FModifierId.FName", Kind::reference, of_head},
    {"FCreateDate", Kind::date, of_head},
    {"FModifyDate", Kind::date, of_head},
    {"FApproveDate", Kind::date, of_head},
    {"FForbidDate", Kind::date, of_head},
};

constexpr Field employee_fields[] = {
    {"FID", Kind::id, of_head},
    {"FNumber", Kind::text, of_head},
    {"FStaffNumber", Kind::text, of_head},
    {"FName", Kind::text, of_head},
    {"FMobile", Kind::text, of_head},
    {"FTel", Kind::text, of_head},
    {"FEmail", Kind::text, of_head},
    {"FPostDept.FName", Kind::reference, of_head},
    {"FUseOrgId.FNumber", Kind::reference, of_head},
    {"FDocumentStatus", Kind::text, of_head},
    {"FForbidStatus", Kind::text, of_head},
    {"FCreateDate", Kind::date, of_head},
    {"FModifyDate", Kind::date, of_head},
    {"FForbidDate", Kind::date, of_head},
};

constexpr Field salesperson_fields[] = {
    {"FID", Kind::id, of_head},
    {"FNumber", Kind::text, of_head},
    {"FName", Kind::text, of_head},
    {"FEmpNumber", Kind::text, of_head},
    {"FBizOrgId.FNumber", Kind::reference, of_head},
    {"FDeptId.FNumber", Kind::reference, of_head},
    {"FForbidStatus", Kind::text, of_head},
};

constexpr Field organisation_fields[] = {
    {"FOrgID", Kind::id, of_head},          {"FNumber", Kind::text, of_head},
    {"FName", Kind::text, of_head},         {"FOrgFormID", Kind::text, of_head},
    {"FForbidStatus", Kind::text, of_head}, {"FCreateDate", Kind::date, of_head},
    {"FModifyDate", Kind::date, of_head},
};

constexpr Field department_fields[] = {
    {"FDEPTID", Kind::id, of_head},
    {"FNumber", Kind::text, of_head},
    {"FName", Kind::text, of_head},
    {"FParentID.FNumber", Kind::reference, of_head},
    {"FUseOrgId.FNumber", Kind::reference, of_head},
    {"FDocumentStatus", Kind::text, of_head},
    {"FForbidStatus", Kind::text, of_head},
    {"FCreateDate", Kind::date, of_head},
    {"FModifyDate", Kind::date, of_head},
    {"FApproveDate", Kind::date, of_head},
    {"FForbidDate", Kind::date, of_head},
};

constexpr Field order_fields[] = {
    {"FID", Kind::id, of_head},
    {"FBillNo", Kind::text, of_head},
    {"FDate", Kind::date, of_head},
    {"FCustId", Kind::reference_id, of_head},
    {"FCustId.FNumber", Kind::reference, of_head},
    {"FCustId.FName", Kind::reference, of_head},
    {"FCustId.FMasterId", Kind::reference, of_head},
    {"FSaleOrgId.FNumber", Kind::reference, of_head},
    {"FSalerId.FNumber", Kind::reference, of_head},
    {"FSalerId.FName", Kind::reference, of_head},
    {"FSaleDeptId.FNumber", Kind::reference, of_head},
    {"FSettleCurrId.FNumber", Kind::reference, of_head},
    {"FLocalCurrId.FNumber", Kind::reference, of_head},
    {"FExchangeRate", Kind::number, of_head},
    {"FBillAllAmount", Kind::number, of_head},
    {"FDocumentStatus", Kind::text, of_head},
    {"FCloseStatus", Kind::text, of_head},
    {"FCancelStatus", Kind::text, of_head},
    {"FCreateDate", Kind::date, of_head},
    {"FModifyDate", Kind::date, of_head},
    {"FApproveDate", Kind::date, of_head},
};

constexpr Field order_line_fields[] = {
    {"FMaterialId.FNumber", Kind::reference},
    {"FMaterialId.FName", Kind::reference},
    {"FUnitId.FNumber", Kind::reference},
    {"FQty", Kind::number},
    {"FPrice", Kind::number},
    {"FTaxPrice", Kind::number},
    {"FAmount", Kind::number},
    {"FAllAmount", Kind::number},
    {"FDeliveryDate", Kind::date},
    {"FStockOutQty", Kind::number},
};

constexpr Field receivable_fields[] = {
    {"FID", Kind::id, of_head},
    {"FBillNo", Kind::text, of_head},
    {"FDATE", Kind::date, of_head},
    {"FENDDATE_H", Kind::date, of_head},
    {"FCUSTOMERID", Kind::reference_id, of_head},
    {"FCUSTOMERID.FNumber", Kind::reference, of_head},
    {"FCUSTOMERID.FName", Kind::reference, of_head},
    {"FCUSTOMERID.FMasterId", Kind::reference, of_head},
    {"FSETTLEORGID.FNumber", Kind::reference, of_head},
    {"FSALEORGID.FNumber", Kind::reference, of_head},
    {"FSALEERID.FNumber", Kind::reference, of_head},
    {"FCURRENCYID.FNumber", Kind::reference, of_head},
    {"FEXCHANGERATE", Kind::number, of_head},
    {"FALLAMOUNTFOR", Kind::number, of_head},
    {"FWRITTENOFFSTATUS", Kind::text, of_head},
    {"FDocumentStatus", Kind::text, of_head},
    {"FCancelStatus", Kind::text, of_head},
    {"FCreateDate", Kind::date, of_head},
    {"FModifyDate", Kind::date, of_head},
    {"FApproveDate", Kind::date, of_head},
};

constexpr Field receivable_line_fields[] = {
    {"FMATERIALID.FNumber", Kind::reference},
    {"FPriceQty", Kind::number},
    {"FTaxPrice", Kind::number},
    {"FALLAMOUNTFOR_D", Kind::number},
};

constexpr Field receipt_fields[] = {
    {"FID", Kind::id, of_head},
    {"FBillNo", Kind::text, of_head},
    {"FDATE", Kind::date, of_head},
    {"FCONTACTUNITTYPE", Kind::text, of_head},
    {"FCONTACTUNIT", Kind::reference_id, of_head},
    {"FCONTACTUNIT.FNumber", Kind::reference, of_head},
    {"FCONTACTUNIT.FName", Kind::reference, of_head},
    {"FPAYUNIT.FNumber", Kind::reference, of_head},
    {"FSETTLEORGID.FNumber", Kind::reference, of_head},
    {"FPAYORGID.FNumber", Kind::reference, of_head},
    {"FSALEERID.FNumber", Kind::reference, of_head},
    {"FCURRENCYID.FNumber", Kind::reference, of_head},
    {"FSETTLECUR.FNumber", Kind::reference, of_head},
    {"FSETTLERATE", Kind::number, of_head},
    {"FREALRECAMOUNTFOR", Kind::number, of_head},
    {"FDocumentStatus", Kind::text, of_head},
    {"FCancelStatus", Kind::text, of_head},
    {"FCreateDate", Kind::date, of_head},
    {"FModifyDate", Kind::date, of_head},
    {"FApproveDate", Kind::date, of_head},
};

constexpr Field receipt_line_fields[] = {
    {"FSETTLETYPEID.FNumber", Kind::reference},
    {"FPURPOSEID.FNumber", Kind::reference},
    {"FRECTOTALAMOUNTFOR", Kind::number},
};

// The credit file (信用档案) keeps one line a customer; the customer is the record, whatever files he stands
// in.
constexpr Field credit_fields[] = {
    {"FID", Kind::id, of_part},
    {"FOBJECTID", Kind::reference_id, of_head},
    {"FOBJECTID.FNumber", Kind::reference, of_head},
    {"FOBJECTID.FName", Kind::reference, of_head},
    {"FOBJECTID.FMasterId", Kind::reference, of_head},
    {"FCREDITAMOUNT", Kind::number, of_part},
    {"FOVERDAYS", Kind::number, of_part},
};

constexpr Field customer_address_fields[] = {
    {"FNUMBER1"},
    {"FNAME1"},
    {"FADDRESS1"},
    {"FTTel"},
    {"FMOBILE"},
    {"FEMail"},
    {"FIsDefaultConsignee", Kind::flag},
    {"FIsUsed", Kind::flag},
};

constexpr std::string_view base_dates[] = {"FModifyDate", "FCreateDate", "FApproveDate", "FForbidDate"};
constexpr std::string_view employee_dates[] = {"FModifyDate", "FCreateDate", "FForbidDate"};
constexpr std::string_view organisation_dates[] = {"FModifyDate", "FCreateDate"};
constexpr std::string_view customer_keys[] = {"FNumber", "FSOCIALCRECODE", "FTAXREGISTERCODE", "FName"};
constexpr std::string_view contact_keys[] = {"FNumber", "FMobile", "FName", "FCompany.FNumber"};
constexpr std::string_view employee_keys[] = {"FNumber", "FMobile"};
constexpr std::string_view number_keys[] = {"FNumber"};
constexpr std::string_view bill_dates[] = {"FModifyDate", "FCreateDate", "FApproveDate"};
constexpr std::string_view order_keys[] = {"FBillNo", "FCustId.FNumber"};
constexpr std::string_view receivable_keys[] = {"FBillNo", "FCUSTOMERID.FNumber"};
constexpr std::string_view credit_keys[] = {"FOBJECTID.FNumber"};
constexpr std::string_view receipt_keys[] = {"FBillNo", "FCONTACTUNIT.FNumber"};

constexpr Entry addresses = {address_entry, "FT_BD_CUSTCONTACT_FEntryID", customer_address_fields};
constexpr Entry order_lines = {"FSaleOrderEntry", "FSaleOrderEntry_FEntryID", order_line_fields};
constexpr Entry receivable_lines = {"FEntityDetail", "FEntityDetail_FEntryID", receivable_line_fields};
constexpr Entry receipt_lines = {"FRECEIVEBILLENTRY", "FRECEIVEBILLENTRY_FEntryID", receipt_line_fields};

constexpr Form form_table[] = {
    {"customers",
     "BD_Customer",
     "FCUSTID",
     "FCUSTID",
     "FMasterId",
     customer_fields,
     customer_keys,
     base_dates,
     true,
     {},
     {},
     &addresses},
    {"contacts", "BD_CommonContact", "FCONTACTID", "FCONTACTID", "", contact_fields, contact_keys, base_dates,
     true, "FCustId", "FCompany"},
    {"employees", "BD_Empinfo", "FID", "FNumber", "", employee_fields, employee_keys, employee_dates, false},
    {"salespersons", "BD_Saler", "FID", "FID", "", salesperson_fields, number_keys, {}, false},
    {"organizations", "ORG_Organizations", "FOrgID", "FNumber", "", organisation_fields, number_keys,
     organisation_dates, false},
    {"departments", "BD_Department", "FDEPTID", "FDEPTID", "", department_fields, number_keys, base_dates,
     false},
    {"orders", "SAL_SaleOrder", "FID", "FID", "", order_fields, order_keys, bill_dates, false, "FCustId",
     "FCustId", &order_lines},
    {"receivables", "AR_receivable", "FID", "FID", "", receivable_fields, receivable_keys, bill_dates, false,
     "FCUSTOMERID", "FCUSTOMERID", &receivable_lines},
    {"receipts",
     "AR_RECEIVEBILL",
     "FID",
     "FID",
     "",
     receipt_fields,
     receipt_keys,
     bill_dates,
     false,
     {},
     {},
     &receipt_lines},
    {"credits",
     "CRE_CustArchives",
     "FID",
     "FOBJECTID",
     "FOBJECTID",
     credit_fields,
     credit_keys,
     {},
     false,
     "FOBJECTID",
     "FOBJECTID"},
};

}  // namespace

const Field* Form::field(std::string_view key_asked) const {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.key == key_asked; });
  return found == fields.end() ? nullptr : &*found;
}

std::string Form::key_path() const {
  const Field* named = field(key);
  const bool is_reference = named != nullptr && named->kind == Kind::reference_id;
  return std::string(key) + (is_reference ? ".Id" : "");
}

const Field* Form::writable_field(std::string_view save_key) const {
  for (const Field& f : fields)
    if (f.edit != Edit::never && f.save_key() == save_key) return &f;
  return nullptr;
}

const Form* form_of(std::string_view stream) {
  for (const Form& form : form_table)
    if (form.stream == stream) return &form;
  return nullptr;
}

std::span<const Form> all_forms() { return form_table; }

bool is_listed_entry(std::string_view save_key) {
  return save_key == address_entry || save_key == contact_entry;
}

}  // namespace kingdee

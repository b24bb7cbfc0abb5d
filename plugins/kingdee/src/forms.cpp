#include "plugins/kingdee/src/forms.hpp"

#include <algorithm>
#include <array>

namespace kingdee {
namespace {

constexpr auto head = Scope::head;
constexpr auto part = Scope::part;

// The order is that of a save package too: organisation, type, currency, then the rest. Setting one field can fire
// rules that overwrite another, so what others depend on comes first.
constexpr Field customer_fields[] = {
    {"FCUSTID", Kind::id, part},
    {"FMasterId", Kind::id, head},
    {"FCreateOrgId.FNumber", Kind::reference, head, Edit::on_create},
    {"FUseOrgId.FNumber", Kind::reference, part, Edit::on_create},
    {"FUseOrgId.FName", Kind::reference, part},
    {"FNumber", Kind::text, head, Edit::on_create},
    {"FCustTypeId.FNumber", Kind::reference, head, Edit::unapproved},
    {"FTRADINGCURRID.FNumber", Kind::reference, part, Edit::unapproved},
    {"FName", Kind::text, head, Edit::unapproved},
    {"FShortName", Kind::text, head, Edit::unapproved},
    {"FCOUNTRY.FNumber", Kind::reference, head, Edit::unapproved},
    {"FPROVINCIAL.FNumber", Kind::reference, head, Edit::unapproved},
    {"FADDRESS", Kind::text, head, Edit::listed},
    {"FZIP", Kind::text, head, Edit::listed},
    {"FWEBSITE", Kind::text, head, Edit::unapproved},
    {"FTEL", Kind::text, head, Edit::listed},
    {"FFAX", Kind::text, head, Edit::listed},
    {"FCompanyClassify.FNumber", Kind::reference, head, Edit::unapproved},
    {"FCompanyNature.FNumber", Kind::reference, head, Edit::unapproved},
    {"FCompanyScale.FNumber", Kind::reference, head, Edit::unapproved},
    {"FINVOICETITLE", Kind::text, head, Edit::unapproved},
    {"FTAXREGISTERCODE", Kind::text, head, Edit::unapproved},
    {"FINVOICEBANKNAME", Kind::text, head, Edit::unapproved},
    {"FINVOICETEL", Kind::text, head, Edit::unapproved},
    {"FINVOICEBANKACCOUNT", Kind::text, head, Edit::unapproved},
    {"FINVOICEADDRESS", Kind::text, head, Edit::unapproved},
    {"FIsGroup", Kind::flag, head, Edit::unapproved},
    {"FGROUPCUSTID.FNumber", Kind::reference, head, Edit::unapproved},
    {"FGroup.FNumber", Kind::reference, part, Edit::unapproved},
    {"FCorrespondOrgId.FNumber", Kind::reference, head, Edit::unapproved},
    {"FDescription", Kind::text, head, Edit::unapproved},
    {"FSALDEPTID.FNumber", Kind::reference, part, Edit::unapproved},
    {"FSALGROUPID.FNumber", Kind::reference, part, Edit::unapproved},
    {"FSELLER.FNumber", Kind::reference, part, Edit::unapproved},
    {"FSELLER.FName", Kind::reference, part},
    {"FSETTLETYPEID.FNumber", Kind::reference, part, Edit::unapproved},
    {"FRECCONDITIONID.FNumber", Kind::reference, part, Edit::unapproved},
    {"FPRICELISTID.FNumber", Kind::reference, part, Edit::unapproved},
    {"FDISCOUNTLISTID.FNumber", Kind::reference, part, Edit::unapproved},
    {"FInvoiceType", Kind::text, part, Edit::unapproved},
    {"FTaxType.FNumber", Kind::reference, part, Edit::unapproved},
    {"FTaxRate.FNumber", Kind::reference, part, Edit::unapproved},
    {"FRECEIVECURRID.FNumber", Kind::reference, part, Edit::unapproved},
    {"FPriority", Kind::text, part, Edit::unapproved},
    {"FISCREDITCHECK", Kind::flag, part, Edit::unapproved},
    {"FIsTrade", Kind::flag, part, Edit::unapproved},
    {"FLegalPerson", Kind::text, head, Edit::unapproved},
    {"FRegisterFund", Kind::text, head, Edit::unapproved},
    {"FFoundDate", Kind::date, head, Edit::unapproved},
    {"FDomains", Kind::text, head, Edit::unapproved},
    {"FSOCIALCRECODE", Kind::text, head, Edit::unapproved},
    {"FRegisterAddress", Kind::text, head, Edit::unapproved},
    {"FDocumentStatus", Kind::text, part},
    {"FForbidStatus", Kind::text, part, Edit::listed},  // by Forbid and Enable, never by Save
    {"FCreatorId.FName", Kind::reference, part},
    {"FCreateDate", Kind::date, part},
    {"FModifierId.FName", Kind::reference, part},
    {"FModifyDate", Kind::date, part},
    {"FApproveDate", Kind::date, part},
    {"FForbidDate", Kind::date, part},
};

constexpr Field contact_fields[] = {
    {"FCONTACTID", Kind::id, head},
    {"FCreateOrgId.FNumber", Kind::reference, head, Edit::on_create},
    {"FUseOrgId.FNumber", Kind::reference, head, Edit::on_create},
    {"FCompanyType", Kind::text, head, Edit::on_create},
    {"FCompany", Kind::reference_id, head},
    {"FCompany.FNumber", Kind::reference, head, Edit::listed},
    {"FCompany.FName", Kind::reference, head},
    {"FCustId", Kind::reference_id, head},
    {"FCustId.FNumber", Kind::reference, head, Edit::listed},
    {"FCustId.FMasterId", Kind::reference, head},
    {"FNumber", Kind::text, head, Edit::on_create},
    {"FName", Kind::text, head, Edit::listed},
    {"FSex.FNumber", Kind::reference, head, Edit::listed},
    {"FPost", Kind::text, head, Edit::listed},
    {"FMobile", Kind::text, head, Edit::listed},
    {"FTel", Kind::text, head, Edit::listed},
    {"FEmail", Kind::text, head, Edit::listed},
    {"FBizAddress", Kind::text, head, Edit::listed},
    {"FDescription", Kind::text, head, Edit::listed},
    {"FDocumentStatus", Kind::text, head},
    {"FForbidStatus", Kind::text, head, Edit::listed},
    {"FModifierId.FName", Kind::reference, head},
    {"FCreateDate", Kind::date, head},
    {"FModifyDate", Kind::date, head},
    {"FApproveDate", Kind::date, head},
    {"FForbidDate", Kind::date, head},
};

constexpr Field employee_fields[] = {
    {"FID", Kind::id, head},
    {"FNumber", Kind::text, head},
    {"FStaffNumber", Kind::text, head},
    {"FName", Kind::text, head},
    {"FMobile", Kind::text, head},
    {"FTel", Kind::text, head},
    {"FEmail", Kind::text, head},
    {"FPostDept.FName", Kind::reference, head},
    {"FUseOrgId.FNumber", Kind::reference, head},
    {"FDocumentStatus", Kind::text, head},
    {"FForbidStatus", Kind::text, head},
    {"FCreateDate", Kind::date, head},
    {"FModifyDate", Kind::date, head},
    {"FForbidDate", Kind::date, head},
};

constexpr Field salesperson_fields[] = {
    {"FID", Kind::id, head},
    {"FNumber", Kind::text, head},
    {"FName", Kind::text, head},
    {"FEmpNumber", Kind::text, head},
    {"FBizOrgId.FNumber", Kind::reference, head},
    {"FDeptId.FNumber", Kind::reference, head},
    {"FForbidStatus", Kind::text, head},
};

constexpr Field organisation_fields[] = {
    {"FOrgID", Kind::id, head},
    {"FNumber", Kind::text, head},
    {"FName", Kind::text, head},
    {"FOrgFormID", Kind::text, head},
    {"FForbidStatus", Kind::text, head},
    {"FCreateDate", Kind::date, head},
    {"FModifyDate", Kind::date, head},
};

constexpr Field customer_address_fields[] = {
    {"FNUMBER1"}, {"FNAME1"}, {"FADDRESS1"}, {"FTTel"}, {"FMOBILE"}, {"FEMail"},
    {"FIsDefaultConsignee", Kind::flag}, {"FIsUsed", Kind::flag},
};

constexpr std::string_view base_dates[] = {"FModifyDate", "FCreateDate", "FApproveDate", "FForbidDate"};
constexpr std::string_view employee_dates[] = {"FModifyDate", "FCreateDate", "FForbidDate"};
constexpr std::string_view organisation_dates[] = {"FModifyDate", "FCreateDate"};
constexpr std::string_view customer_keys[] = {"FNumber", "FSOCIALCRECODE", "FTAXREGISTERCODE", "FName"};
constexpr std::string_view contact_keys[] = {"FNumber", "FMobile", "FName", "FCompany.FNumber"};
constexpr std::string_view employee_keys[] = {"FNumber", "FMobile"};
constexpr std::string_view number_keys[] = {"FNumber"};

constexpr Form forms[] = {
    {"customers", "BD_Customer", "FCUSTID", "FCUSTID", "FMasterId", customer_fields, customer_keys, base_dates, true},
    {"contacts", "BD_CommonContact", "FCONTACTID", "FCONTACTID", "", contact_fields, contact_keys, base_dates, true},
    {"employees", "BD_Empinfo", "FID", "FNumber", "", employee_fields, employee_keys, employee_dates, false},
    {"salespersons", "BD_Saler", "FID", "FID", "", salesperson_fields, number_keys, {}, false},
    {"organizations", "ORG_Organizations", "FOrgID", "FNumber", "", organisation_fields, number_keys,
     organisation_dates, false},
};

}  // namespace

const Field* Form::field(std::string_view key_asked) const {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.key == key_asked; });
  return found == fields.end() ? nullptr : &*found;
}

const Field* Form::writable_field(std::string_view save_key) const {
  for (const Field& f : fields)
    if (f.edit != Edit::never && f.save_key() == save_key) return &f;
  return nullptr;
}

const Form* form_of(std::string_view stream) {
  for (const Form& form : forms)
    if (form.stream == stream) return &form;
  return nullptr;
}

std::span<const Form> all_forms() { return forms; }

std::span<const Field> address_fields() { return customer_address_fields; }

bool is_listed_entry(std::string_view save_key) { return save_key == address_entry || save_key == contact_entry; }

}  // namespace kingdee

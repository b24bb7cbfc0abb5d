// settings.hpp - what an administrator says about one site, read once when the connector opens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugins/kingdee/src/local_time.hpp"
#include "plugins/kingdee/src/signature.hpp"

namespace kingdee {

enum class Auth { signed_headers, login_by_sign, login_by_app_secret, validate_user };
enum class Approve { erp, hub };          ///< who approves (审核) what the hub creates
enum class EditApproved { off, listed };  ///< may the hub un-approve a record to edit the listed fields?

struct Settings {
  std::string
      base_url;  ///< with exactly one '/' at its end, case as configured: it takes part in the signature
  std::string acct_id, user_name, app_id;
  std::string lcid = "2052";
  std::string org_num = "0";  ///< organisation number to work in; "0": the user's default
  Auth auth = Auth::signed_headers;
  LoginHash login_hash = LoginHash::sha256;
  SiteZone zone = *SiteZone::parse("Asia/Shanghai");
  int page_size = 2000;       ///< rows of one query; 2000 is what every version serves
  int overlap_seconds = 120;  ///< how far a window of changes reaches back behind the last scan's start
  Approve approve = Approve::erp;
  Approve approve_contacts = Approve::hub;
  EditApproved edit_approved = EditApproved::listed;
  std::vector<std::string> edit_approved_fields;  ///< save keys besides the built-in list
  std::string external_id_field;                  ///< custom field that marks what the hub made; empty: none
  std::string default_currency = "PRE001";        ///< of a created customer whose body names none
  std::vector<std::string> extra_fields;          ///< further query keys of customers, e.g. custom fields
  bool read_addresses = false;                    ///< one more query a page: the entries of the address tab
  bool read_lines = false;                        ///< one more query a page: the lines of bills
  bool allocate =
      true;  ///< may the hub allocate (分配) an approved customer to an organisation that a part names?

  /// Throws huiliu::ConfigError with a pointer to the wrong setting.
  static Settings parse(std::string_view json);

  /// "{base_url}{service}.common.kdsvc"
  std::string url_of(std::string_view service) const;
};

}  // namespace kingdee

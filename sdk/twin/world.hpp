// clang-format off
// A generated world: companies and people that exist, and what each system has typed in about them.
//
// Idea: truth first, then mess. A company is generated once with its true particulars; each system that knows it then
// gets its own description, with that system's spelling, gaps, age and errors. Vendors' twins render these neutral
// descriptions into their own records. Everything is a pure function of the options: the same on every machine, so
// several processes can generate the same world. Persons, companies and numbers are invented; numbers are valid in form.
// Ownership: a World owns all its values; indices point into its vectors; a std::string_view member is text of a fixed
// vocabulary and lives as long as the program. Threads: immutable once generated.
//
// Planted in every world (business-defaults.md section 6), findable by name; World::planted has their truth ids:
//   1  苏州晟禾精密机械有限公司: one company in four spellings and two scripts (the site has it twice, once traditional)
//   2  苏州晟禾精密机械有限公司无锡分公司: its branch, with its own credit code
//   3  宁波澜柏液压有限公司, 宁波澜柏密封件有限公司: two sisters with one switchboard
//   4  杭州启朔电气有限公司: one company under two ERP numbers, both with orders
//   5  青岛瀚垚船舶配件有限公司: one customer allocated to organisations 100 and 200
//   6  three people in the messenger: 沈佳禾 of company 1 (sure: name, mobile and company agree), 罗启明 of company 4
//      (likely: only the mobile says so), 顺丰小哥 (a courier: nobody's contact)
//   7  王敏 (E1007) and 王敏 (E1008), salespeople; customers 南通珩业纺织机械有限公司, 绍兴沐驰纺织科技有限公司
//   8  赵强 (E1009, left last month); customer 合肥锐麓自动化设备有限公司, and others
//   9  常州铭昉轴承有限公司: an un-approved ERP record
//  10  Nordhafen Pumpen GmbH: an overseas customer without credit code
//  11  顾晓岚: an agent acting for 嘉兴卓茗包装有限公司 and 湖州岑溪食品有限公司
//  12  温州旭烨阀门有限公司（停用勿用）: so named in the ERP; the CRM has the company under its good name
// The acquired company's ERP ("yonyou", organisations 300 and 310) knows the companies of 1, 5, 10 and 12 too.
// clang-format on
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace huiliu::twin {

inline constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();  // "no such index"

struct OwnOrganisation {
  std::string number;      // "100"
  std::string name;        // 云桥装备集团有限公司
  std::string short_name;  // 总部
};

enum class EmployeeRole { finance, steward, it, sales, sales_manager };

struct Employee {
  std::string number;  // 工号 "E1007": the same in every system that knows it
  std::string name;
  std::string mobile;
  std::string email;
  std::string department;    // 华东销售部
  std::string organisation;  // OwnOrganisation::number
  EmployeeRole role = EmployeeRole::sales;
  bool active = true;
  std::int64_t left_ms = 0;  // when active is false
};

enum class CompanyKind { company, branch, sole_trader, overseas };

struct Address {
  std::string_view province, city, county;  // 江苏省 苏州市 吴中区; as on the register
  std::string_view code;                    // GB/T 2260 of the county, or the deepest level known
  std::string detail;                       // 木渎镇金枫路 88 号
  std::string text() const;                 // the whole in one line
};

// A company (or sole trader) that exists: the truth.
struct Company {
  std::string truth;  // "T000123"
  CompanyKind kind = CompanyKind::company;
  std::string name;         // as on the licence
  std::string short_name;   // brand, or city and brand
  std::string former_name;  // empty: never renamed
  std::string brand;        // 晟禾
  std::string_view trade;   // 精密机械
  std::string credit_code;  // valid; empty for overseas
  std::string_view country = "CN";
  Address address;
  std::string phone;             // switchboard, canonical "0512-66881234"
  std::string old_phone;         // empty, or the number before
  std::string email;             // of the company
  std::string website;           // www.shenghe.example: a name reserved for examples
  std::string_view industry;     // 机械制造
  std::uint32_t parent = kNone;  // head company of a branch, group head of a subsidiary: index into companies
};

struct Employment {
  std::uint32_t company = kNone;
  std::string_view position, department;
  std::string_view decision_role;  // 决策人 影响者 使用者 采购 财务
};

struct Person {
  std::string truth;  // "P000123"
  std::string name, mobile, email;
  std::vector<Employment> employments;
};

// The approval state of a record in a system that has one (an ERP). Others ignore it.
enum class Approval { approved, pending, draft };
enum class Lifecycle { lead, prospect, customer };

// What one own organisation keeps about a customer in one system.
struct OrganisationPart {
  std::string_view organisation;  // OwnOrganisation::number
  std::uint32_t owner = kNone;    // salesperson: index into employees
  std::string_view terms;         // 月结30天
  std::int64_t credit_limit = 0;  // yuan
  bool disabled = false;
};

// One record about a company in one system, as somebody typed it there. Empty text: never entered.
struct SystemCustomer {
  std::uint32_t ordinal = 0;      // 1, 2, 3 … within its system: the vendor's key and number derive from it
  std::uint32_t company = kNone;  // truth: index into companies
  std::string number;             // the number in that system: "C00871"; empty: the system has none
  std::string name, short_name, former_name;
  std::string credit_code, tax_number;
  std::string phone, fax, email, website;
  std::string_view province, city, county;
  std::string address;                       // the detail, or the whole line when province is empty
  std::string_view industry, level, source;  // level: A B C; source: 展会 官网 转介绍 …
  std::string remark;
  std::string_view country;                 // ISO 3166, "CN" where known
  std::string_view currency;                // ISO 4217
  CompanyKind kind = CompanyKind::company;  // as entered
  std::uint32_t owner = kNone;              // 负责人, 业务员: index into employees
  // First: the creating organisation. Empty: the system has no organisations.
  std::vector<OrganisationPart> parts;
  Approval approval = Approval::approved;
  bool disabled = false;
  Lifecycle lifecycle = Lifecycle::customer;
  std::uint32_t orders = 0;  // documents behind it (ERP)
  std::int64_t created_ms = 0, modified_ms = 0;
  bool ambiguous = false;  // truth: no honest matcher can be sure of this record; a review is right
};

// One record about a person in one system.
struct SystemContact {
  std::uint32_t ordinal = 0;             // 1, 2, 3 … within its system
  std::uint32_t person = kNone;          // truth: index into persons
  std::vector<std::uint32_t> customers;  // indices into the same system's customers; usually one
  std::string name, mobile, phone, email;
  std::string_view position, department, decision_role;
  std::string_view gender;  // "", "男", "女"
  bool is_default = false;
  std::int64_t created_ms = 0, modified_ms = 0;
  bool ambiguous = false;  // truth: no honest matcher can be sure whom this record is about
};

// What one employee keeps about somebody outside in his messenger: his own, no other employee sees it.
struct ChatRelation {
  std::uint32_t employee = kNone;      // index into employees
  std::string remark;                  // how he calls the person; empty: by the nickname
  std::string company;                 // where he thinks the person works
  std::string description;             // private
  std::vector<std::string> mobiles;    // as typed
  std::vector<std::string_view> tags;  // 等级A 重点客户 …
  std::uint32_t way = 0;     // how they met: 1 QR code, 2 mobile search, 3 card, 4 group, 5 phone book
  std::string_view channel;  // which QR code; empty: none
  std::int64_t created_ms = 0;
};

// A person outside the firm whom employees know in their messenger. Never a customer by himself.
struct ChatPerson {
  std::uint32_t ordinal = 0;      // 1, 2, 3 …
  std::uint32_t person = kNone;   // truth: index into persons
  std::string nickname;           // his own choice: weak evidence
  bool has_firm_account = false;  // uses the messenger with an account of his firm, which names itself
  std::string company, full_company;
  std::string_view position;
  std::uint32_t gender = 0;             // 0 unknown, 1 man, 2 woman
  std::vector<ChatRelation> relations;  // at least one; the first is the oldest
};

// Everything that one system holds.
struct SystemData {
  std::vector<SystemCustomer> customers;  // customers[i].ordinal = i + 1
  std::vector<SystemContact> contacts;    // contacts[i].ordinal = i + 1
};

struct Planted {
  int number = 0;     // 1 … 12, as in business-defaults.md section 6
  std::string name;   // to find it by
  std::string truth;  // of a company, a person, or an employee's number
};

// Where a record is found in a vendor's system.
struct RecordName {
  std::string stream, key;
};

struct WorldOptions {
  std::uint32_t customers = 1000;  // companies that exist; at least the planted ones are always there
  std::uint64_t seed = 1;
  std::int64_t now_ms =
      1'767'225'600'000;  // "today" of the world (2026-01-01T00:00:00Z); times lie before it
};

struct World {
  WorldOptions options;
  std::vector<OwnOrganisation> organisations;
  std::vector<Employee> employees;
  std::vector<Company> companies;
  std::vector<Person> persons;
  std::map<std::string, SystemData, std::less<>> systems;  // "kingdee", "dingtalk", "site", …
  // People in the messenger; chat_persons[i].ordinal = i + 1. The system that has them also has a
  // SystemContact of the same ordinal, for the truth.
  std::vector<ChatPerson> chat_persons;
  std::vector<Planted> planted;

  // An empty SystemData when the world does not know the system.
  const SystemData& system(std::string_view name) const;
};

// The same world for the same options, on every machine.
World generate_world(const WorldOptions& options);

// Names the records of one system, for the truth; see VendorEntry.
struct SystemNames {
  std::string_view system;
  std::vector<RecordName> (*customer)(const SystemCustomer&) = nullptr;
  std::vector<RecordName> (*contact)(const SystemContact&) = nullptr;
};

// JSON text: {"customers":[{"truth","name","members":[{"system","stream","key","ambiguous"?}],"ambiguous"?}],
//  "contacts":[{"truth","name","members":[…]}],"planted":[{"case","name","truth"}]}
// Systems without a naming function are left out, and so are companies and persons without a member.
std::string truth_of(const World& world, const std::vector<SystemNames>& names);

}  // namespace huiliu::twin

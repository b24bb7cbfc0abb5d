// Who is whom in the messenger: people outside the firm as employees know them, each by his own notes.
#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "sdk/twin/world_build.hpp"
#include "sdk/twin/world_dice.hpp"
#include "sdk/twin/world_numbers.hpp"
#include "sdk/twin/world_spelling.hpp"

namespace huiliu::twin {
namespace {

constexpr std::string_view kChatSystem = "wecom";
constexpr std::string_view kCrm = "dingtalk";  // who sells to a company stands there
constexpr double kKnown = 0.45;                // of all persons
constexpr double kSecondFollower = 0.12;
constexpr std::size_t kRemarkMax = 20;      // characters that a remark holds
constexpr std::uint32_t kPerStranger = 30;  // persons for each one who is nobody's contact
constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

constexpr int kPlantedCase = 6;
constexpr std::string_view kSure = "沈佳禾", kLikely = "罗启明", kCourier = "顺丰小哥";
constexpr int kSureAt = 1, kLikelyAt = 4;  // the planted cases at whose company they work

constexpr std::array<std::string_view, 6> kStrangers{"顺丰小李", "京东快递小张", "同城货运",
                                                     "保险小王", "物业前台",     "送水师傅"};
constexpr std::array<std::string_view, 6> kNicknames{"一路向北",       "静待花开",  "海阔天空",
                                                     "阳光总在风雨后", "A机械老陈", "平安是福"};
constexpr std::array<std::string_view, 4> kTags{"等级A", "等级B", "重点客户", "展会"};
constexpr std::array<std::string_view, 3> kChannels{"", "expo26", "official-site"};

std::uint32_t planted_company(const World& world, int number) {
  for (const Planted& planted : world.planted)
    if (planted.number == number)
      for (std::uint32_t i = 0; i < kPlantedCompanies; ++i)
        if (world.companies[i].truth == planted.truth) return i;
  return kNone;
}

std::uint32_t person_at(const World& world, std::uint32_t company) {
  for (std::uint32_t i = 0; i < world.persons.size(); ++i)
    if (world.persons[i].employments.size() == 1 && world.persons[i].employments.front().company == company)
      return i;
  return kNone;
}

bool fits(const std::string& text) { return characters_of(text).size() <= kRemarkMax; }

class Chat {
 public:
  explicit Chat(World& world) : world_(world) {
    for (const SystemCustomer& customer : world.system(kCrm).customers)
      if (customer.owner != kNone && world.employees[customer.owner].active)
        owner_.emplace(customer.company, customer.owner);
    for (std::uint32_t i = 0; i < world.employees.size(); ++i)
      if (world.employees[i].role == EmployeeRole::sales && world.employees[i].active) sellers_.push_back(i);
  }

  void add_all() {
    const auto persons = static_cast<std::uint32_t>(world_.persons.size());
    const std::uint32_t sure = person_at(world_, planted_company(world_, kSureAt));
    const std::uint32_t likely = person_at(world_, planted_company(world_, kLikelyAt));
    for (std::uint32_t index = 0; index < persons; ++index) {
      Dice dice(world_.options.seed, "chat", index);
      if (index == sure || index == likely)
        add_planted(index, index == sure);
      else if (dice.chance(kKnown))
        add_contact(index, dice);
    }
    add_stranger(kCourier, 0);
    world_.planted.push_back({kPlantedCase, std::string(kCourier), world_.persons.back().truth});
    for (std::uint32_t i = 1; i <= persons / kPerStranger; ++i)
      add_stranger(kStrangers[i % kStrangers.size()], i);
  }

 private:
  std::uint32_t follower_of(std::uint32_t company, Dice& dice) const {
    const auto known = owner_.find(company);
    return known == owner_.end() ? dice.pick(sellers_) : known->second;
  }

  // The remarks of a seller: mostly the name, often with something behind it, sometimes only a title.
  std::string remark_of(const Person& person, const Company& company, Dice& dice) const {
    const std::string surname(characters_of(person.name).front());
    switch (dice.weighted({58, 18, 14, 10})) {
      case 0:
        return person.name;
      case 1:
        if (const std::string both = person.name + "-" + company.short_name; fits(both)) return both;
        return person.name;
      case 2:
        return surname + (dice.chance(0.5) ? "总" : "经理");
      default:
        return {};
    }
  }

  std::string company_of(const Company& company, Dice& dice) const {
    if (dice.chance(0.5) && fits(company.name)) return company.name;
    return dice.chance(0.5) && fits(company.short_name) ? company.short_name : std::string();
  }

  void set_notes(ChatRelation& relation, Dice& dice) const {
    relation.way = dice.weighted({5, 40, 20, 15, 10, 10});
    if (relation.way == 1) relation.channel = dice.pick(kChannels);
    if (dice.chance(0.3)) relation.tags.push_back(dice.pick(kTags));
    if (dice.chance(0.1)) relation.description = "喜欢先打电话再发资料";
    relation.created_ms = world_.options.now_ms - kDayMs * dice.between(2, 900) - dice.below(3'600'000);
  }

  void add_contact(std::uint32_t index, Dice& dice) {
    const Person& person = world_.persons[index];
    const Employment& job = person.employments.front();
    const Company& company = world_.companies[job.company];
    ChatPerson chat = chat_with(index, std::string(dice.chance(0.5) ? dice.pick(kNicknames) : person.name));
    if (dice.chance(0.2)) {
      chat.has_firm_account = true;
      chat.company = company.short_name;
      chat.full_company = company.name;
      chat.position = job.position;
      chat.nickname = person.name;
    }
    chat.gender = dice.below(3);
    ChatRelation relation;
    relation.employee = follower_of(job.company, dice);
    relation.remark = remark_of(person, company, dice);
    if (!chat.has_firm_account) relation.company = company_of(company, dice);
    if (dice.chance(0.7)) relation.mobiles.push_back(spelled_phone(person.mobile, dice));
    set_notes(relation, dice);
    const std::int64_t first = relation.created_ms;
    chat.relations.push_back(std::move(relation));
    if (dice.chance(kSecondFollower)) {
      ChatRelation second;
      second.employee = dice.pick(sellers_);
      second.remark = person.name;
      set_notes(second, dice);
      second.created_ms = first + kDayMs;
      if (second.employee != chat.relations.front().employee) chat.relations.push_back(std::move(second));
    }
    add(std::move(chat));
  }

  void add_planted(std::uint32_t index, bool sure) {
    const Person& person = world_.persons[index];
    const Employment& job = person.employments.front();
    const Company& company = world_.companies[job.company];
    Dice dice(world_.options.seed, "chat", index);
    ChatPerson chat = chat_with(index, sure ? "佳禾" : "海阔天空");
    ChatRelation relation;
    relation.employee = follower_of(job.company, dice);
    relation.remark = sure ? person.name : std::string(characters_of(person.name).front()) + "总";
    if (sure) relation.company = company.name;
    relation.mobiles.push_back(person.mobile);
    relation.way = 1;
    relation.channel = "expo26";
    relation.created_ms = world_.options.now_ms - 200 * kDayMs;
    chat.relations.push_back(std::move(relation));
    world_.planted.push_back({kPlantedCase, person.name, person.truth});
    add(std::move(chat));
  }

  void add_stranger(std::string_view name, std::uint32_t number) {
    Dice dice(world_.options.seed, "stranger", number);
    const auto index = static_cast<std::uint32_t>(world_.persons.size());
    Person person;
    person.truth = truth_id('P', index);
    person.name = name;
    person.mobile = make_mobile(index * 2ULL + 1, world_.options.seed + 1);  // which nobody here knows
    world_.persons.push_back(std::move(person));
    ChatPerson chat = chat_with(index, std::string(name));
    ChatRelation relation;
    relation.employee = dice.pick(sellers_);
    set_notes(relation, dice);
    chat.relations.push_back(std::move(relation));
    add(std::move(chat));
  }

  ChatPerson chat_with(std::uint32_t person, std::string nickname) const {
    ChatPerson chat;
    chat.ordinal = static_cast<std::uint32_t>(world_.chat_persons.size()) + 1;
    chat.person = person;
    chat.nickname = std::move(nickname);
    return chat;
  }

  // The same person in the neutral form that the truth is told in.
  void add(ChatPerson chat) {
    SystemContact contact;
    contact.ordinal = chat.ordinal;
    contact.person = chat.person;
    const ChatRelation& first = chat.relations.front();
    contact.name = first.remark.empty() ? chat.nickname : first.remark;
    if (!first.mobiles.empty()) contact.mobile = first.mobiles.front();
    contact.created_ms = contact.modified_ms = first.created_ms;
    contact.ambiguous = contact.mobile.empty() || contact.name != world_.persons[chat.person].name;
    world_.systems[std::string(kChatSystem)].contacts.push_back(std::move(contact));
    world_.chat_persons.push_back(std::move(chat));
  }

  World& world_;
  std::unordered_map<std::uint32_t, std::uint32_t> owner_;  // company → employee
  std::vector<std::uint32_t> sellers_;
};

}  // namespace

void name_chat_persons(World& world) {
  const std::uint32_t sure = person_at(world, planted_company(world, kSureAt));
  const std::uint32_t likely = person_at(world, planted_company(world, kLikelyAt));
  world.persons.at(sure).name = kSure;
  world.persons.at(likely).name = kLikely;
}

void add_chat(World& world) { Chat(world).add_all(); }

}  // namespace huiliu::twin

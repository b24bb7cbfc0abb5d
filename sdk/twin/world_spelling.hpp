// How people type: the same value in the spellings that are found in real systems.
//
// "Light" spellings mean the same after normalization (brackets, width, spaces, script, 市, 有限责任公司);
// "heavy" ones (short names, dropped region or form) need other evidence beside the name.
// Threads: pure functions of their dice.
#pragma once

#include <string>
#include <string_view>

#include "sdk/twin/world.hpp"
#include "sdk/twin/world_dice.hpp"

namespace huiliu::twin {

// The characters of UTF-8 text.
std::vector<std::string_view> characters_of(std::string_view text);

// 江苏省 → 江苏, 苏州市 → 苏州, 内蒙古自治区 → 内蒙古, 昆山市 → 昆山.
std::string_view place_stem(std::string_view place);

std::string to_traditional(std::string_view text);
std::string to_full_width(std::string_view text);  // ASCII letters, digits and brackets

std::string light_name(const Company& company, Dice& dice);
std::string heavy_name(const Company& company, Dice& dice);
// Brand and trade only: nothing in it tells region twins apart.
std::string bare_name(const Company& company);

// `canonical` is "0512-66881234" or "13812345678" or foreign text, which stays as it is.
std::string spelled_phone(std::string_view canonical, Dice& dice);
std::string spelled_credit_code(std::string_view code, Dice& dice);  // valid after folding
std::string misread_credit_code(std::string_view code, Dice& dice);  // one character read wrongly
std::string spelled_address(const Address& address, Dice& dice);     // the whole in one line

}  // namespace huiliu::twin

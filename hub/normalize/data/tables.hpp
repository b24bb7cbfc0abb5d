// The reference data of the standardizers: text tables compiled in, parsed once by the code that uses them.
//
// Each table is one string of entries separated by white space; its file says the source and the licence.
// Those named
// *_data.cpp and marked "Generated" are written by config/tables/generate_normalize.py, the others by hand. A
// change that can change a key raises kRulesVersion in hub/normalize/normalize.cpp.
#pragma once

namespace huiliu::normalize::data {

// clang-format off
extern const char kScriptPairs[];        // traditional character followed by its simplified one
extern const char kScriptPhrases[];      // from=to, of the same length
extern const char kDivisions[];          // 110101东城区
extern const char kFormerDivisions[];    // lines: 330104江干区 2021 330102 (year of the end, 0 unknown; successor)
extern const char kFormerCodes[];        // 110202:110113 (ended before 1992; successor)
extern const char kTownships[];          // lines: 441901虎门 厚街 (county, names without 镇, 乡, 街道)
extern const char kPinyinReadings[];     // syllable=characters
extern const char kPinyinOthers[];       // character=syllable,syllable
extern const char kPinyinWords[];        // word=syllable,syllable
extern const char kSurnames[];           // surname or surname=syllable,syllable; commonest first
extern const char kAreaCodes[];          // 755:440300
extern const char kCallingCodes[];       // 86,CN,7,12,0: code, region, shortest, longest, trunk prefix or -
extern const char kPublicSuffixes[];     // com.cn *.ck !www.ck
extern const char kTradeWords[];         // words of trades in Chinese company names
extern const char kTradeWordsEnglish[];  // the same in English names
extern const char kLegalForms[];         // spelling:class
extern const char kBranchTails[];        // 分公司 …
extern const char kBrandPhrases[];
extern const char kPlaceTrades[];       // brands that begin with a division or end in trade words
extern const char kPlainWords[];         // short names of counties that are ordinary words, no division when bare
// clang-format on

}  // namespace huiliu::normalize::data

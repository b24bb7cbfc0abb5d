#include "hub/api/schemas.hpp"

namespace huiliu::api {
namespace {

constexpr const char* all_schemas = R"json({
"Problem": {"type":"object","required":["type","title","status","detail"],"properties":{"type":{"type":"string"},
  "title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"},"where":{"type":"string"}}},
"Done": {"type":"object","required":["done"],"properties":{"done":{"type":"boolean"}}},
"Accepted": {"type":"object","required":["accepted"],"properties":{"accepted":{"type":"boolean"},"look_at":{"type":"string"}}},
"Document": {"type":"object"},
"Event": {"type":"object","required":["kind"],"properties":{"kind":{"type":"string"}}},
"Session": {"type":"object","required":["user","shown","roles","functions","second_factor"],"properties":{
  "user":{"type":"string"},"shown":{"type":"string"},"roles":{"type":"array","items":{"type":"string"}},
  "functions":{"type":"array","items":{"type":"string"}},"second_factor":{"type":"boolean"},
  "second_factor_missing":{"type":"boolean"},"department":{"type":"string"},"employee":{"type":"string"}}},
"Redirect": {"type":"object","required":["url"],"properties":{"url":{"type":"string"}}},
"Enrolment": {"type":"object","required":["secret","uri"],"properties":{"secret":{"type":"string"},"uri":{"type":"string"}}},
"User": {"type":"object","required":["name","shown","roles","disabled"],"properties":{"name":{"type":"string"},
  "shown":{"type":"string"},"roles":{"type":"array","items":{"type":"string"}},"employee":{"type":"string"},
  "disabled":{"type":"boolean"},"has_password":{"type":"boolean"},"second_factor":{"type":"boolean"},
  "configured":{"type":"boolean"},"created":{"type":"string"},"last_login":{"type":"string"}}},
"SetupCode": {"type":"object","required":["user","setup_code","valid_minutes"],"properties":{"user":{"type":"string"},
  "setup_code":{"type":"string"},"valid_minutes":{"type":"integer"}}},
"Token": {"type":"object","required":["id","name","user","functions","expires"],"properties":{"id":{"type":"string"},
  "name":{"type":"string"},"user":{"type":"string"},"functions":{"type":"array","items":{"type":"string"}},
  "created":{"type":"string"},"expires":{"type":"string"},"used":{"type":"string"},"token":{"type":"string"}}},
"Row": {"type":"object","required":["id","kind","fields","systems","changed_at"],"properties":{"id":{"type":"string"},
  "kind":{"type":"string"},"fields":{"type":"object"},"changed_at":{"type":"string"},"systems":{"type":"array","items":
  {"type":"object","required":["connection","stream","key"]}}}},
"Record": {"type":"object","required":["id","kind","fields","parts","replicas","contacts","history"],"properties":{
  "id":{"type":"string"},"kind":{"type":"string"},"fields":{"type":"object","additionalProperties":{"type":"object",
  "required":["value","connection","policy","losers"]}},"parts":{"type":"array"},"replicas":{"type":"array"},
  "contacts":{"type":"array"},"history":{"type":"array"}}},
"HistoryEntry": {"type":"object","required":["field","version","value","recorded"],"properties":{"field":{"type":"string"}}},
"Revealed": {"type":"object","required":["id","fields"],"properties":{"id":{"type":"string"},"fields":{"type":"object"}}},
"Export": {"type":"object","required":["rows","count"],"properties":{"rows":{"type":"array","items":{"$ref":
  "#/components/schemas/Row"}},"count":{"type":"integer"},"complete":{"type":"boolean"}}},
"Review": {"type":"object","required":["id","kind","subject","choices","evidence","opened","state"],"properties":{
  "id":{"type":"string"},"kind":{"type":"string"},"subject":{"type":"string"},"choices":{"type":"array"},
  "opened":{"type":"string"},"state":{"type":"string"},"may_decide":{"type":"boolean"}}},
"Conflict": {"type":"object","required":["id","customer","field","values","rule","winner"],"properties":{
  "id":{"type":"string"},"customer":{"type":"string"},"field":{"type":"string"},"values":{"type":"array"}}},
"DeadLetter": {"type":"object","required":["id","connection","stream","key","cause","message"],"properties":{
  "id":{"type":"string"},"connection":{"type":"string"},"stream":{"type":"string"},"cause":{"type":"string"}}},
"DeadLetterCause": {"type":"object","required":["connection","stream","cause","count"],"properties":{
  "count":{"type":"integer"}}},
"Replayed": {"type":"object","required":["replayed","failed"],"properties":{"replayed":{"type":"integer"},
  "failed":{"type":"integer"}}},
"Run": {"type":"object","required":["id","job","state","started","streams"],"properties":{"id":{"type":"string"},
  "job":{"type":"string"},"state":{"type":"string"},"streams":{"type":"array"}}},
"LogLine": {"type":"object","required":["at","level","message"],"properties":{"message":{"type":"string"}}},
"PlannedWrite": {"type":"object","required":["connection","stream","key","customer","op","fields","reason"],"properties":{
  "op":{"type":"string"},"fields":{"type":"object"}}},
"Plan": {"type":"object","required":["hash","revision","writes","calls","days","lines"],"properties":{"hash":{"type":"string"},
  "writes":{"type":"integer"},"lines":{"type":"array","items":{"$ref":"#/components/schemas/PlannedWrite"}},
  "complete":{"type":"boolean"}}},
"Connection": {"type":"object","required":["name","connector","role","stage","state"],"properties":{"name":{"type":"string"},
  "connector":{"type":"string"},"role":{"type":"string"},"stage":{"type":"string"},"state":{"type":"string"}}},
"Check": {"type":"object","required":["name","ok"],"properties":{"name":{"type":"string"},"ok":{"type":"boolean"},
  "message":{"type":"string"}}},
"Stream": {"type":"object","required":["connection","stream","entity","records"],"properties":{"records":{"type":"integer"}}},
"Schedule": {"type":"object","required":["connection","schedule","off_times","priority","share","next"],"properties":{
  "connection":{"type":"string"},"in_force":{"type":"boolean"},"next_fires":{"type":"array","items":{"$ref":
  "#/components/schemas/Fire"}},"time_zone_database":{"type":"string"}}},
"Fire": {"type":"object","required":["at","fires","effects"],"properties":{"at":{"type":"string"},"fires":{"type":"boolean"},
  "effects":{"type":"array","items":{"type":"string"}},"waits_until":{"type":"string"},"reason":{"type":"string"}}},
"Fires": {"type":"object","required":["fires","marked"],"properties":{"fires":{"type":"array","items":{"type":"string"}},
  "marked":{"type":"array","items":{"$ref":"#/components/schemas/Fire"}},"time_zone_database":{"type":"string"}}},
"SkippedFire": {"type":"object","required":["job","written","reason","at"],"properties":{"job":{"type":"string"},
  "written":{"type":"string"},"reason":{"type":"string"}}},
"Job": {"type":"object","required":["name","systems","overlap","time_zone","next"],"properties":{"name":{"type":"string"},
  "systems":{"type":"array","items":{"type":"string"}},"file":{"type":"string"},"next":{"type":"array"}}},
"ConfigFile": {"type":"object","required":["path","in_force"],"properties":{"path":{"type":"string"},"text":{"type":"string"},
  "in_force":{"type":"boolean"}}},
"Validation": {"type":"object","required":["valid","errors"],"properties":{"valid":{"type":"boolean"},"errors":{"type":"array",
  "items":{"type":"object","required":["where","message"]}}}},
"ConfigPlan": {"type":"object","required":["hash","revision","files","effects","effects_known","writes","withdrawn"],
  "properties":{"hash":{"type":"string"},"files":{"type":"array"},"writes":{"type":"array"}}},
"Revision": {"type":"object","required":["revision","at","author","reason","fingerprint","in_force","current"],"properties":{
  "revision":{"type":"string"},"author":{"type":"string"},"reason":{"type":"string"},"texts":{"type":"object"}}},
"Alert": {"type":"object","required":["kind","about","zh","en","since","count"],"properties":{"kind":{"type":"string"},
  "about":{"type":"string"},"count":{"type":"integer"}}},
"Mapping": {"type":"object","required":["connection","streams"],"properties":{"connection":{"type":"string"},
  "streams":{"type":"array"}}},
"Model": {"type":"object","required":["entities","functions"],"properties":{"entities":{"type":"array"}}},
"AuditEntry": {"type":"object","required":["sequence","at","actor","action","object","detail","hash"],"properties":{
  "sequence":{"type":"integer"},"at":{"type":"string"},"actor":{"type":"string"},"action":{"type":"string"}}},
"AuditReport": {"type":"object","required":["ok","entries","head","findings"],"properties":{"ok":{"type":"boolean"},
  "entries":{"type":"integer"},"findings":{"type":"array"}}},
"Secret": {"type":"object","required":["name","changed","key"],"properties":{"name":{"type":"string"},
  "changed":{"type":"string"},"key":{"type":"string"}}},
"Rotation": {"type":"object","required":["moved","key"],"properties":{"moved":{"type":"integer"},"key":{"type":"string"}}},
"Erasure": {"type":"object","required":["id","erased"],"properties":{"id":{"type":"string"}}},
"Delivery": {"type":"object","required":["at","person","connection","stream","fields"],"properties":{"at":{"type":"string"},
  "person":{"type":"string"},"connection":{"type":"string"},"fields":{"type":"array"}}},
"Purpose": {"type":"object","required":["entity","field","class","purpose","basis"],"properties":{"entity":{"type":"string"},
  "field":{"type":"string"}}},
"Consent": {"type":"object","required":["purpose","given","at","by","note"],"properties":{"purpose":{"type":"string"},
  "given":{"type":"boolean"}}},
"Retention": {"type":"object","required":["job","person","since","records","after_days"],"properties":{"person":{"type":"string"},
  "job":{"type":"string"},"since":{"type":"string"},"records":{"type":"integer"},"after_days":{"type":"integer"}}},
"Summary": {"type":"object","required":["customers","contacts","reviews","dead_letters","connections"],"properties":{
  "customers":{"type":"integer"},"contacts":{"type":"integer"}}}
})json";

}  // namespace

const model::Value& component_schemas() {
  static const model::Value schemas = [] {
    auto parsed = model::parse_json(all_schemas);
    return parsed.ok() ? std::move(*parsed) : model::Value(parsed.error().text());
  }();
  return schemas;
}

}  // namespace huiliu::api

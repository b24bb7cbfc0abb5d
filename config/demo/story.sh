#!/usr/bin/env bash
# A working day at 云桥装备集团, played against the running demo: minutes 2 to 9 of what it is meant to show.
#
#   build/release/bin/huiliu demo --json >/tmp/demo.jsonl &       its first line says where everything is
#   config/demo/story.sh /tmp/demo.jsonl
#
# People act through the control addresses of the simulated systems, the hub through its own command line; every step
# checks what it says. Exit 0: the whole day went as told. Needs bash and the huiliu program (HUILIU=PATH; default:
# build/release/bin/huiliu). EDIT_WORKBOOK=PROGRAM edits a cell of an Excel file (FILE SHEET-TITLE-OF-COLUMN ROW-TITLE
# ROW-TEXT NEW); without it that step is told and left out.
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: story.sh FILE (the output of huiliu demo --json)" >&2; exit 2; }
demo=$1
huiliu=${HUILIU:-build/release/bin/huiliu}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
head -n 1 "$demo" >"$work/first"

# --- small tools -------------------------------------------------------------------------------------------------------

query() { "$huiliu" expr "$1"; }                                         # JSONata over the JSON on stdin
text() { query "$1" | sed -e 's/^"//' -e 's/"$//'; }                      # its result as bare text
hub() { "$huiliu" "$@" --json; }
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
note() { printf '  %s\n' "$*"; }
failures=0
check() {  # WHAT ACTUAL EXPECTED
  if [ "$2" = "$3" ]; then note "✓ $1"; else note "✗ $1: $2, not $3"; failures=$((failures + 1)); fi
}
check_not() {
  if [ "$2" != "$3" ]; then note "✓ $1"; else note "✗ $1: still $2"; failures=$((failures + 1)); fi
}
has() { query "\$count(systems[name='$1']) > 0" <"$work/first" | grep -qx true; }

# One request to a system's control surface: SYSTEM METHOD PATH [BODY]. Prints the answer's body.
control() {
  local address body=${4:-} length
  address=$(text "systems[name='$1'].control" <"$work/first")
  address=${address#http://}
  length=$(printf %s "$body" | wc -c)
  exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
  printf '%s %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
    "$2" "$3" "$address" "$length" "$body" >&3
  sed -e '1,/^\r*$/d' <&3
  exec 3>&- 3<&-
}
edit() { control "$1" POST /edit "{\"stream\":\"$2\",\"key\":\"$3\",\"fields\":$4,\"as\":\"\"}" >/dev/null; }
record() { control "$1" GET "/state?stream=$2&key=$3"; }
sync() { "$huiliu" sync --once >/dev/null 2>"$work/sync.err" || { cat "$work/sync.err" >&2; return 1; }; }
settle() { sync; sync; }
key_in() { text "systems[connection='$2'][0].key" <"$1"; }
told() {  # WHO (his account) TEXT: how many messages in which the text stands that person got in the office suite
  control dingtalk GET '/state?stream=work_notices' |
    query "\$count(\$[userid_list='$1' and \$contains(\$string(msg), '$2')])"
}
in_systems() {  # ENTITY SYSTEM…: the golden records that all of these have, one JSON array
  local entity=$1 filter=""
  shift
  for system in "$@"; do filter="$filter['$system' in systems.connection]"; done
  hub customer list --entity "$entity" | query "[\$$filter]"
}

HUILIU_STORE=$(text store <"$work/first")
HUILIU_CONFIG=$(text config <"$work/first")
export HUILIU_STORE HUILIU_CONFIG
settle

# --- minute 1: one company on one page --------------------------------------------------------------------------------

say "1  一家公司，四种写法，一页看全 / one company, four spellings, one page"
hub customer search 晟禾 >"$work/found"
company=$(text "\$[name='苏州晟禾精密机械有限公司' or name='苏州市晟禾精密机械有限责任公司'][0].id" <"$work/found")
check_not "晟禾 is found" "$company" ""
hub customer show "$company" >"$work/company"
note "$(text "\$join(\$distinct(replicas.(connection & ' ' & base.\`names.legal\`)), '; ')" <"$work/company")"
branch=$(text "\$[\$contains(name, '无锡分公司')][0].id" <"$work/found")
check_not "its branch is a customer of its own" "$branch" "$company"
check "related to it" "$(hub customer show "$branch" | text "relations[relation='relations.branch_of'].to")" "$company"

if has wecom; then
  check_not "who knows a person by his mobile alone is asked in WeCom whom he works for" \
    "$(control wecom GET '/state?stream=messages' | query "\$count(\$[\$contains(\$string(\$), '待绑定')])")" 0
fi

# --- minute 2: a mobile number travels ---------------------------------------------------------------------------------

say "2  销售在钉钉改了联系人手机 / sales changes a contact's mobile"
for systems in "kingdee dingtalk yonyou wecom" "kingdee dingtalk yonyou" "kingdee dingtalk wecom" "kingdee dingtalk"; do
  missing=0
  for system in $systems; do has "$system" || missing=1; done
  [ $missing = 0 ] || continue
  # shellcheck disable=SC2086
  in_systems contact $systems >"$work/contacts"
  [ "$(query '$count($)' <"$work/contacts")" -gt 0 ] && break
done
query '$[0]' <"$work/contacts" >"$work/contact"
mobile=1390000$(printf %04d $((RANDOM % 10000)))
remark=""
if has wecom && [ -n "$(key_in "$work/contact" wecom)" ]; then
  remark=$(record wecom external_contacts "$(key_in "$work/contact" wecom)" | text '$string(**.remark)')
fi
edit dingtalk contacts "$(key_in "$work/contact" dingtalk)" "{\"contact_phone\":\"$mobile\"}"
settle
check "Kingdee has it" "$(record kingdee contacts "$(key_in "$work/contact" kingdee)" | text FMobile)" "$mobile"
if has yonyou && [ -n "$(key_in "$work/contact" yonyou)" ]; then
  check "YonBIP has it" "$(record yonyou contacts "$(key_in "$work/contact" yonyou)" | grep -c "$mobile" || true)" 1
fi
if has wecom && [ -n "$(key_in "$work/contact" wecom)" ]; then
  record wecom external_contacts "$(key_in "$work/contact" wecom)" >"$work/person"
  check "WeCom has it among the mobiles" "$(grep -c "$mobile" "$work/person" || true)" 1
  check "the personal remark is untouched" "$(text '$string(**.remark)' <"$work/person")" "$remark"
fi

# --- minute 3: what finance owns becomes a request ----------------------------------------------------------------------

say "3  销售在钉钉改了发票抬头：变更申请给李会计 / sales changes the invoice heading: a change request"
in_systems customer kingdee dingtalk >"$work/customers"
customer=""
for key in $(query '$join(systems[connection="kingdee"].key, " ")' <"$work/customers" | tr -d '"'); do
  record kingdee customers "$key" >"$work/erp"
  [ "$(text 'FDocumentStatus = "C" and $exists(FINVOICETITLE)' <"$work/erp")" = true ] || continue
  query "\$[systems[connection='kingdee' and key='$key']][0]" <"$work/customers" >"$work/customer"
  customer=$(text id <"$work/customer")
  break
done
check_not "there is a customer with an invoice profile" "$customer" ""
erp_key=$(key_in "$work/customer" kingdee)
before=$(text FINVOICETITLE <"$work/erp")
edit dingtalk customers "$(key_in "$work/customer" dingtalk)" '{"TextField-HLEINVTITLE":"云桥故事开票有限公司"}'
settle
check "nothing is overwritten in Kingdee" "$(record kingdee customers "$erp_key" | text FINVOICETITLE)" "$before"
request=$(hub review list --kind change | text "\$[customer='$customer' and field='invoice'][0].id")
check_not "there is a request" "$request" ""
check_not "李会计 has a work notice of it" "$(told dtE1001 变更申请)" 0
owner=$(hub customer show "$customer" | text 'fields.owner.value')
if [ -n "$owner" ] && [ "$owner" != null ]; then
  account=$(hub employee list | text "\$[id='$owner'].accounts[connection='dingtalk'].key")
  [ -z "$account" ] || check_not "and its author is told that it waits" "$(told "$account" 修改待审批)" 0
fi
"$huiliu" review decide "$request" approve --as wang >/dev/null 2>"$work/refused" && note "a salesperson approved it" ||
  note "$(head -n 1 "$work/refused")"
check "without the right nobody approves it" "$(hub review show "$request" | text state)" open
hub review decide "$request" approve --as li >/dev/null
settle
record kingdee customers "$erp_key" >"$work/erp"
check "approved, Kingdee has it" "$(text FINVOICETITLE <"$work/erp")" 云桥故事开票有限公司
check "and the record is approved again" "$(text FDocumentStatus <"$work/erp")" C
check "and it is the customer's" "$(hub customer show "$customer" | text 'fields.invoice.value.title')" 云桥故事开票有限公司

# A new name takes the same way, and reaches the other ERP.
if has yonyou; then in_systems customer kingdee dingtalk yonyou >"$work/customers"; fi
[ "$(query '$count($)' <"$work/customers")" -gt 0 ] || in_systems customer kingdee dingtalk >"$work/customers"
query '$[0]' <"$work/customers" >"$work/customer"
customer=$(text id <"$work/customer")
before=$(record kingdee customers "$(key_in "$work/customer" kingdee)" | text FName)
edit dingtalk customers "$(key_in "$work/customer" dingtalk)" '{"customer_name":"云桥故事改名有限公司"}'
settle
check "a new name is not overwritten in Kingdee" \
  "$(record kingdee customers "$(key_in "$work/customer" kingdee)" | text FName)" "$before"
request=$(hub review list --kind change | text "\$[customer='$customer' and field='names.legal'][0].id")
hub review decide "$request" approve --as li --note 执照已核 >/dev/null
settle
check "approved, it is the customer's name" \
  "$(hub customer show "$customer" | text 'fields.`names.legal`.value')" 云桥故事改名有限公司
if has yonyou && [ -n "$(key_in "$work/customer" yonyou)" ]; then
  check "and YonBIP's too" \
    "$(record yonyou customers "$(key_in "$work/customer" yonyou)" | grep -c 云桥故事改名有限公司 || true)" 1
fi

# --- minute 4: a deal is won ---------------------------------------------------------------------------------------------

say "4  赢单：建档申请、审批、ERP审核、编码回写 / a deal is won"
deal="云桥故事赢单$((RANDOM))机械有限公司"
crm=$(control dingtalk POST /create \
  "{\"stream\":\"customers\",\"as\":\"\",\"fields\":{\"customer_name\":\"$deal\",\"customer_follow_up_status\":\"正式客户\"}}" | text key)
settle
check "nothing is in the ERP without approval" \
  "$(control kingdee GET '/state?stream=customers' | query "\$count(\$[FName='$deal'])")" 0
hub review list --kind create >"$work/requests"
request=$(text "\$[connection='kingdee' and \$contains(subject, '$deal')][0].id" <"$work/requests")
check_not "there is a creation request" "$request" ""
note "$(query "\$[id='$request'].evidence.{'missing': missing, 'duplicates': \$count(duplicates)}" <"$work/requests")"
check_not "李会计 has a work notice of it" "$(told dtE1001 "$deal")" 0
"$huiliu" review decide "$request" approve --as li >/dev/null 2>"$work/refused" && note "approved although incomplete" ||
  note "$(head -n 1 "$work/refused")"
check "incomplete, it is not approved without a reason" "$(hub review show "$request" | text state)" open
hub review decide "$request" approve --as li --note 执照后补 --set organisations=100,200 >/dev/null
settle
control kingdee GET '/state?stream=customers' | query "\$[FName='$deal'][0]" >"$work/erp"
check "Kingdee shows 审核中" "$(text FDocumentStatus <"$work/erp")" B
edit kingdee customers "$(text '$string(FCUSTID)' <"$work/erp")" '{"FDocumentStatus":"C"}'
settle
number=$(text FNumber <"$work/erp")
check "allocated to organisation 200, submitted there" \
  "$(control kingdee GET '/state?stream=customers' |
    text "\$[FNumber='$number' and FUseOrgId.FNumber='200'].FDocumentStatus")" B
check "the number $number is back in DingTalk" "$(record dingtalk customers "$crm" | grep -c "$number" || true)" 1

# --- minute 6: Excel ---------------------------------------------------------------------------------------------------------

say "5  匹配报告与差异报表 / match report and difference report"
note "$(hub match report)"
hub match export "$work/match.xlsx" >/dev/null
hub reconcile --out "$work/differences.xlsx" >"$work/reconcile"
note "$(query '$count(pairs) & " pairs of systems and fields"' <"$work/reconcile")"
hub customer export "$work/customers.xlsx" >/dev/null
if [ -n "${EDIT_WORKBOOK:-}" ]; then
  website="www.story-$((RANDOM)).example"
  old=$(hub customer show "$customer" | text '(fields.website.value ? fields.website.value : "")')
  "$EDIT_WORKBOOK" "$work/customers.xlsx" 网站 统一客户编号 "$customer" "$website"
  hub customer import "$work/customers.xlsx" >"$work/plan"
  check "one cell is planned" "$(tail -n 1 "$work/plan" | query changes)" 1
  hub customer import "$work/customers.xlsx" --apply --plan "$(tail -n 1 "$work/plan" | text hash)" >"$work/applied"
  check "it is applied" "$(hub customer show "$customer" | text 'fields.website.value')" "$website"
  hub run undo "$(tail -n 1 "$work/applied" | text run)" >"$work/undo"
  settle
  check "and undone" "$(hub customer show "$customer" | text '(fields.website.value ? fields.website.value : "")')" "$old"
else
  note "(EDIT_WORKBOOK is not set: the correction in Excel is left out)"
fi

# --- minute 7: the brakes -----------------------------------------------------------------------------------------------------

say "6  金蝶返回空列表：安全闸 / Kingdee answers an empty list: the brakes"
settle
goldens=$(hub customer list | query '$count($)')
for system in dingtalk site; do control "$system" POST /counters/reset '{}' >/dev/null; done
control kingdee POST /faults '{"empty_list":1}' >/dev/null
"$huiliu" sync --once --full >/dev/null 2>"$work/sync.err" && note "the cycle did not stop" || note "$(head -n 1 "$work/sync.err")"
for system in dingtalk site; do
  check "$system received no deletion" "$(control "$system" GET /counters | query deletes)" 0
done
check "no customer is lost" "$(hub customer list | query '$count($)')" "$goldens"
control kingdee POST /faults '{}' >/dev/null
"$huiliu" sync --once --full >/dev/null 2>&1 || true
sync || true
check "and no question is left when it is over" "$(hub review list --kind brake | query '$count($)')" 0

note "金蝶把名称和地址两列对调 / Kingdee swaps the columns of names and addresses"
swap() {  # NAME ADDRESS: the members from which the edits take them
  hub connection pause kingdee >/dev/null  # nobody reads a half of it
  query "\$join(\$[FCreateOrgId.FNumber = FUseOrgId.FNumber and FADDRESS and FDocumentStatus = 'C'].\$string({
      'stream': 'customers', 'key': \$string(FCUSTID), 'as': '', 'fields': {'FName': $1, 'FADDRESS': $2}}), '\n')" \
    <"$work/kingdee" | sed -e 's/^"//' -e 's/"$//' -e 's/\\n/\n/g' -e 's/\\"/"/g' | while read -r body; do
    [ -z "$body" ] || control kingdee POST /edit "$body" >/dev/null
  done
  hub connection resume kingdee >/dev/null
}
control kingdee GET '/state?stream=customers' >"$work/kingdee"
for system in dingtalk site; do control "$system" POST /counters/reset '{}' >/dev/null; done
swap FADDRESS FName
"$huiliu" sync --once >/dev/null 2>"$work/sync.err" && note "the cycle did not stop" || note "$(head -n 1 "$work/sync.err")"
check_not "a person is asked, with figures" "$(hub review list --kind brake | query '$count($)')" 0
for system in dingtalk site; do
  check "nothing arrives in $system" "$(control "$system" GET /counters | query 'creates + updates + deletes')" 0
done
swap FName FADDRESS
"$huiliu" sync --once --full >/dev/null 2>&1 || true
sync || true
check "put right there, the question is gone" "$(hub review list --kind brake | query '$count($)')" 0

# --- minute 8: month-end ----------------------------------------------------------------------------------------------------------

say "7  月结：改名在等，预览后放行 / month-end: a new name waits, released after a look"
frozen=dingtalk
has yonyou && [ -n "$(key_in "$work/customer" yonyou)" ] && frozen=yonyou
hub freeze start "$frozen" --until 2099-01-01T00:00:00+08:00 --by 李会计 --reason 月结 >/dev/null
hub customer set "$customer" names.legal 云桥故事月结有限公司 >/dev/null
settle
check "the write is listed" "$(hub freeze list "$frozen" | query '$count($)')" 1
hub freeze release "$frozen" >"$work/release"
note "$(head -n 1 "$work/release")"
hub freeze release "$frozen" --apply --by 李会计 --plan "$(tail -n 1 "$work/release" | text hash)" >/dev/null
check "released, it is there" \
  "$(record "$frozen" customers "$(key_in "$work/customer" "$frozen")" | grep -c 云桥故事月结有限公司 || true)" 1
hub freeze end "$frozen" >/dev/null

# --- minute 9: the books balance ----------------------------------------------------------------------------------------------------

say "8  平衡核对 / the run's balance"
run=$(hub run list | text '$[0].id')
check "every stream balances" "$(hub run show "$run" | query '$count(streams[balanced=false])')" 0

say "$([ "$failures" = 0 ] && echo "完 / the end" || echo "$failures 处不符 / went wrong")"
[ "$failures" = 0 ]

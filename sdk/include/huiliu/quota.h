/* huiliu/quota.h - the host extension "quota/1": tells the host that the remote refused a request for its
 * rate, where only the plugin can read that from the answer. Valid C11 and C++20; obeys the rules of
 * plugin.h.
 *
 * The host learns from it: the bucket rests as long as the remote wishes, and keeps to what had been accepted
 * when the refusal came. Not needed for HTTP 429, nor when the operation ends as THROTTLED: the host sees
 * those.
 */
#ifndef HUILIU_QUOTA_H
#define HUILIU_QUOTA_H
#include "huiliu/plugin.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct huiliu_quota_1 {
  uint32_t struct_size, reserved;
  /* quota: a bucket of the manifest. retry_after_ms: the remote's wish; -1: none. [any] */
  void (*refused)(huiliu_call*, huiliu_str quota, int64_t retry_after_ms) HUILIU_NOEXCEPT;
} huiliu_quota_1;

#ifdef __cplusplus
}
#endif
#endif

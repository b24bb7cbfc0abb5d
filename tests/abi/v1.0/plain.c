/* A plugin as it was written for ABI 1.0 in plain C. Built against the headers beside it, never against later
 * ones; never changed. Its binary of that day stands in bin/. */
#include <huiliu/plugin.h>
#include <string.h>

#define LITERAL(text) \
  { text, sizeof(text) - 1 }
#define MANIFEST                                                                                          \
  "{\"id\":\"old-plain\",\"version\":\"1.0.0\",\"label\":{\"zh\":\"旧\",\"en\":\"Old\"},"                \
  "\"settings\":{\"type\":\"object\",\"properties\":{}},\"capabilities\":[\"check\",\"read\",\"lookup\"," \
  "\"write\"],"                                                                                           \
  "\"hosts\":[\"good.example\"],"                                                                         \
  "\"streams\":[{\"name\":\"items\",\"label\":{\"zh\":\"物\",\"en\":\"Items\"},\"key\":\"id\","          \
  "\"capabilities\":{\"read\":[\"full\"],\"write\":[\"create\",\"update\"]}}]}"

HUILIU_NOTE(0);
HUILIU_MANIFEST(MANIFEST);

static const huiliu_host* host;
static int self_of_one;

static huiliu_status describe(huiliu_text_sink* out) {
  const huiliu_str text = LITERAL(MANIFEST);
  out->put(out->ctx, text);
  return HUILIU_OK;
}

static huiliu_status open_instance(const huiliu_host* given, huiliu_call* call, huiliu_str settings,
                                   void** self) {
  (void)call;
  (void)settings;
  host = given;
  *self = &self_of_one;
  return HUILIU_OK;
}

static void close_instance(void* self) { (void)self; }

/* Uses every service of minor 0 once. */
static huiliu_status check(void* self, huiliu_call* call) {
  const huiliu_str url = LITERAL("https://good.example/"), method = LITERAL("GET"), key = LITERAL("seen"),
                   value = LITERAL("yes");
  huiliu_http_request request;
  huiliu_http_response response;
  huiliu_status status;
  uint8_t dice[8];
  (void)self;
  if (!HUILIU_HAS(huiliu_host, host, metrics) || host->calls->cancelled(call)) return HUILIU_BUG;
  host->log->write(call, HUILIU_LOG_INFO, key, NULL, 0);
  host->calls->progress(call, 1, 2);
  host->metrics->add(call, key, 1, NULL, 0);
  host->env->random(call, dice, sizeof dice);
  if (host->env->unix_us(call) <= 0) return HUILIU_BUG;
  if (host->state->set(call, key, value) != HUILIU_OK) return HUILIU_BUG;
  memset(&request, 0, sizeof request);
  memset(&response, 0, sizeof response);
  request.struct_size = sizeof request;
  request.method = method;
  request.url = url;
  response.struct_size = sizeof response;
  status = host->http->send(call, &request, &response);
  if (response.code != 0 && response.code != 204) status = HUILIU_BUG;
  if (response.release != NULL) response.release(&response);
  return status;
}

static huiliu_record record_of(const char* key, const char* body, int32_t kind) {
  huiliu_record out;
  memset(&out, 0, sizeof out);
  out.key.data = key;
  out.key.size = strlen(key);
  out.body.data = (const uint8_t*)body;
  out.body.size = strlen(body);
  out.changed_at_us = HUILIU_TIME_UNKNOWN;
  out.kind = kind;
  return out;
}

static huiliu_status emit(huiliu_record_sink* out, huiliu_str stream, const huiliu_record* records,
                          size_t count) {
  huiliu_batch batch;
  memset(&batch, 0, sizeof batch);
  batch.struct_size = sizeof batch;
  batch.record_stride = sizeof *records;
  batch.stream = stream;
  batch.records = records;
  batch.record_count = count;
  return out->emit(out->ctx, &batch);
}

static huiliu_status read_items(void* self, huiliu_call* call, const huiliu_read_request* request,
                                huiliu_record_sink* out) {
  const huiliu_bytes cursor = {(const uint8_t*)"end", 3};
  huiliu_record records[3];
  huiliu_status status;
  (void)self;
  (void)call;
  records[0] = record_of("1", "{\"id\":\"1\"}", HUILIU_UPSERT);
  records[1] = record_of("2", "{\"id\":\"2\"}", HUILIU_UPSERT);
  records[2] = record_of("3", "", HUILIU_DELETE);
  status = emit(out, request->stream, records, 3);
  return status != HUILIU_OK ? status : out->checkpoint(out->ctx, cursor);
}

static huiliu_status look_up(void* self, huiliu_call* call, const huiliu_lookup_request* request,
                             huiliu_record_sink* out) {
  size_t i;
  (void)self;
  (void)call;
  for (i = 0; i < request->key_count; ++i) {
    huiliu_record record = record_of("", "{}", HUILIU_UPSERT);
    huiliu_status status;
    record.key = request->keys[i];
    status = emit(out, request->stream, &record, 1);
    if (status != HUILIU_OK) return status;
  }
  return HUILIU_OK;
}

/* By the stride that the host gives: a later host's records are longer. */
static huiliu_status write_items(void* self, huiliu_call* call, const huiliu_write_request* request,
                                 huiliu_result_sink* out) {
  size_t i;
  (void)self;
  for (i = 0; i < request->batch->record_count; ++i) {
    const huiliu_record* record = (const huiliu_record*)(const void*)((const char*)request->batch->records +
                                                                      i * request->batch->record_stride);
    huiliu_result result;
    huiliu_failure why;
    memset(&result, 0, sizeof result);
    memset(&why, 0, sizeof why);
    result.struct_size = sizeof result;
    result.outcome = HUILIU_APPLIED;
    result.remote_key = record->key;
    if (record->key.size == 3 && memcmp(record->key.data, "bad", 3) == 0) {
      const huiliu_str message = LITERAL("not this one");
      why.struct_size = sizeof why;
      why.status = HUILIU_DATA;
      why.message = message;
      why.retry_after_ms = -1;
      result.outcome = HUILIU_REJECTED;
      result.failure = &why;
      host->calls->fail(call, &why);
    }
    out->report(out->ctx, i, &result);
  }
  return HUILIU_OK;
}

static const huiliu_connector the_connector = {.struct_size = sizeof(huiliu_connector),
                                               .describe = describe,
                                               .open = open_instance,
                                               .close = close_instance,
                                               .check = check,
                                               .read = read_items,
                                               .lookup = look_up,
                                               .write = write_items};

static const huiliu_connector* connector(uint32_t index) { return index == 0 ? &the_connector : NULL; }

const huiliu_plugin* huiliu_plugin_entry_v1(void) {
  static const huiliu_plugin plugin = {
      HUILIU_MAGIC, sizeof(huiliu_plugin), HUILIU_ABI_MINOR, 0, LITERAL("old-plain"), LITERAL("1.0.0"), 1, 0,
      connector};
  return &plugin;
}

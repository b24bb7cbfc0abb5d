/* A connector in plain C: reads names.txt of a web server, one "key<TAB>name" a line. */
#include <huiliu/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LITERAL(text) \
  { text, sizeof(text) - 1 }
#define PAGE 100

#define MANIFEST                                                                                             \
  "{\"id\":\"names\",\"version\":\"1.0.0\",\"label\":{\"zh\":\"名单\",\"en\":\"Names\"},"                  \
  "\"settings\":{\"type\":\"object\",\"required\":[\"base_url\"],\"additionalProperties\":false,"            \
  "\"properties\":{\"base_url\":{\"type\":\"string\",\"format\":\"uri\"}}},"                                 \
  "\"capabilities\":[\"check\",\"read\"],\"hosts\":[\"${settings.base_url}\"],"                              \
  "\"streams\":[{\"name\":\"names\",\"label\":{\"zh\":\"名单\",\"en\":\"Names\"},\"entity\":\"customer\"," \
  "\"key\":\"id\",\"capabilities\":{\"read\":[\"full\"]}}]}"

HUILIU_NOTE(0);
HUILIU_MANIFEST(MANIFEST);

struct instance {
  const huiliu_host* host;
  char* url; /* of names.txt */
};

static huiliu_status say(const struct instance* self, huiliu_call* call, huiliu_status status,
                         const char* text) {
  huiliu_failure failure;
  memset(&failure, 0, sizeof failure);
  failure.struct_size = sizeof failure;
  failure.status = status;
  failure.message.data = text;
  failure.message.size = strlen(text);
  failure.retry_after_ms = -1;
  self->host->calls->fail(call, &failure);
  return status;
}

static huiliu_status describe(huiliu_text_sink* out) {
  const huiliu_str text = LITERAL(MANIFEST);
  out->put(out->ctx, text);
  return HUILIU_OK;
}

/* The settings are valid JSON by our schema: the value of "base_url" ends at the next quote. */
static huiliu_status open_instance(const huiliu_host* host, huiliu_call* call, huiliu_str settings,
                                   void** out) {
  static const char name[] = "\"base_url\":\"", file[] = "/names.txt";
  struct instance* self = calloc(1, sizeof *self);
  char* text = self == NULL ? NULL : malloc(settings.size + 1);
  char *from, *to;
  (void)call;
  if (text == NULL) {
    free(self);
    return HUILIU_RETRY;
  }
  memcpy(text, settings.data, settings.size);
  text[settings.size] = 0;
  self->host = host;
  from = strstr(text, name);
  to = from == NULL ? NULL : strchr(from + sizeof name - 1, '"');
  if (to != NULL && (self->url = malloc((size_t)(to - from) + sizeof file)) != NULL) {
    const size_t size = (size_t)(to - from) - (sizeof name - 1);
    memcpy(self->url, from + sizeof name - 1, size);
    memcpy(self->url + size, file, sizeof file);
    *out = self;
  }
  free(text);
  if (self->url != NULL) return HUILIU_OK;
  free(self);
  return HUILIU_CONFIG;
}

static void close_instance(void* raw) {
  struct instance* self = raw;
  free(self->url);
  free(self);
}

/* OK: release the answer afterwards. */
static huiliu_status get(const struct instance* self, huiliu_call* call, huiliu_http_response* answer) {
  const huiliu_str method = LITERAL("GET");
  huiliu_http_request request;
  huiliu_status status;
  memset(&request, 0, sizeof request);
  request.struct_size = sizeof request;
  request.method = method;
  request.url.data = self->url;
  request.url.size = strlen(self->url);
  memset(answer, 0, sizeof *answer);
  answer->struct_size = sizeof *answer;
  status = self->host->http->send(call, &request, answer);
  if (status == HUILIU_OK && answer->code == 200) return HUILIU_OK;
  if (status == HUILIU_OK)
    status = say(self, call, answer->code >= 500 || answer->code == 429 ? HUILIU_RETRY : HUILIU_CONFIG,
                 "the server does not give names.txt");
  if (answer->release != NULL) answer->release(answer);
  return status;
}

static huiliu_status check(void* self, huiliu_call* call) {
  huiliu_http_response answer;
  const huiliu_status status = get(self, call, &answer);
  if (status == HUILIU_OK) answer.release(&answer);
  return status;
}

/* {"id":"…","name":"…"}; null when memory ends. Control characters never stand in a line. */
static char* body_of(huiliu_str key, huiliu_str name) {
  static const char begin[] = "{\"id\":\"", middle[] = "\",\"name\":\"", end[] = "\"}";
  const huiliu_str parts[2] = {key, name};
  char* out = malloc(2 * (key.size + name.size) + sizeof begin + sizeof middle + sizeof end);
  size_t at = 0, part, i;
  if (out == NULL) return NULL;
  for (part = 0; part < 2; ++part) {
    const char* before = part == 0 ? begin : middle;
    memcpy(out + at, before, strlen(before));
    at += strlen(before);
    for (i = 0; i < parts[part].size; ++i) {
      const char c = parts[part].data[i];
      if (c == '"' || c == '\\') out[at++] = '\\';
      out[at++] = c;
    }
  }
  memcpy(out + at, end, sizeof end);
  return out;
}

static huiliu_status emit_page(huiliu_record_sink* out, huiliu_str stream, huiliu_record* records,
                               size_t count) {
  huiliu_batch batch;
  huiliu_status status;
  size_t i;
  memset(&batch, 0, sizeof batch);
  batch.struct_size = sizeof batch;
  batch.record_stride = sizeof *records;
  batch.stream = stream;
  batch.records = records;
  batch.record_count = count;
  status = count == 0 ? HUILIU_OK : out->emit(out->ctx, &batch);
  for (i = 0; i < count; ++i) free((void*)records[i].body.data);
  return status;
}

static huiliu_status read_names(void* raw, huiliu_call* call, const huiliu_read_request* request,
                                huiliu_record_sink* out) {
  const struct instance* self = raw;
  const huiliu_bytes done = {(const uint8_t*)"done", 4};
  huiliu_record records[PAGE];
  huiliu_http_response answer;
  const char *at, *end;
  size_t count = 0;
  huiliu_status status = get(self, call, &answer);
  if (status != HUILIU_OK) return status;
  at = (const char*)answer.body.data;
  end = at + answer.body.size;
  while (status == HUILIU_OK && at < end) {
    const char* line_end = memchr(at, '\n', (size_t)(end - at));
    const char* tab;
    huiliu_str name;
    if (line_end == NULL) line_end = end;
    tab = memchr(at, '\t', (size_t)(line_end - at));
    if (tab == NULL || tab == at) {
      emit_page(out, request->stream, records, count);
      count = 0;
      status = say(self, call, HUILIU_DATA, "a line of names.txt is not key, tab, name");
      break;
    }
    memset(&records[count], 0, sizeof records[count]);
    records[count].key.data = at;
    records[count].key.size = (size_t)(tab - at);
    name.data = tab + 1;
    name.size = (size_t)(line_end - tab - 1);
    records[count].body.data = (const uint8_t*)body_of(records[count].key, name);
    if (records[count].body.data == NULL) {
      status = HUILIU_RETRY;
      break;
    }
    records[count].body.size = strlen((const char*)records[count].body.data);
    records[count].changed_at_us = HUILIU_TIME_UNKNOWN;
    records[count].kind = HUILIU_UPSERT;
    at = line_end + 1;
    if (++count == PAGE) {
      status = emit_page(out, request->stream, records, count);
      count = 0;
    }
  }
  if (count > 0) {
    const huiliu_status last = emit_page(out, request->stream, records, count);
    if (status == HUILIU_OK) status = last;
  }
  answer.release(&answer);
  return status != HUILIU_OK ? status : out->checkpoint(out->ctx, done);
}

static const huiliu_connector the_connector = {
    .struct_size = sizeof(huiliu_connector),
    .describe = describe,
    .open = open_instance,
    .close = close_instance,
    .check = check,
    .read = read_names,
};

static const huiliu_connector* connector(uint32_t index) { return index == 0 ? &the_connector : NULL; }

const huiliu_plugin* huiliu_plugin_entry_v1(void) {
  static const huiliu_plugin plugin = {
      HUILIU_MAGIC, sizeof(huiliu_plugin), HUILIU_ABI_MINOR, 0, LITERAL("names"), LITERAL("1.0.0"), 1, 0,
      connector};
  return &plugin;
}

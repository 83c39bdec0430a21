#include "cmd/resolve_run.h"

#include <algorithm>

#include "core/inet_parse.h"
#include "core/resolver/types.h"

namespace inetctl {

namespace {

Error usage(std::string cause) { return {Kind::usage, "resolve", "", std::move(cause)}; }

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (static_cast<unsigned char>(c) & 0x80U) == 0; });
}

std::string milliseconds(std::int64_t us) {
  const std::string part = std::to_string(us % 1000 / 10);
  return join(std::to_string(us / 1000), ".", part.size() < 2 ? "0" : "", part, " ms");
}

std::string per_second(std::uint64_t count, std::int64_t us) {
  return std::to_string(us > 0 ? count * 1'000'000 / static_cast<std::uint64_t>(us) : count);
}

std::string service_line(const AnswerService& service) {
  std::string line = join("  ", service.said.name, service.said.consulted ? "" : " (not consulted)", ":");
  for (const std::string& address : service.addresses) line += join(" ", escaped(address));
  for (const std::string& name : service.said.names) line += join(" ", escaped(name, Spaces::escape));
  if (!service.said.failure.empty()) line += join(" ", service.said.failure);
  return line + join(", ", milliseconds(service.said.elapsed_us));
}

}  // namespace

ResolveRun::ResolveRun(Context& context, const ResolveRequest& request,
                       const std::vector<std::string>& operands, ResolveMode mode)
    : context_(context),
      request_(request),
      mode_(mode),
      reads_input_(std::find(operands.begin(), operands.end(), "-") != operands.end()),
      system_(*context.backend.resolver()),
      names_(context, operands, request.null ? '\0' : '\n', [this] {
        if (output_) output_->idle();
        context_.out.flush();
      }) {
  const auto is_address = [](const std::string& word) { return parse_inet(Parser::any, word).ok(); };
  const bool all_reverse = request.reverse || (!request.forward && request.types.empty() &&
                                               std::all_of(operands.begin(), operands.end(), is_address));
  const std::uint32_t tables[] = {kAnswerNative, kAnswerMethods, kAnswerDns, kAnswerCompare};
  std::uint32_t groups = tables[static_cast<std::size_t>(mode)];
  if (all_reverse && (mode == ResolveMode::native || mode == ResolveMode::methods)) groups = kAnswerReverse;
  if (context.format->data) groups = kAnswerData | (mode == ResolveMode::compare ? kAnswerCompare : 0U);
  if (request.dnssec) groups |= kAnswerValidation;
  if (request.nsid) groups |= kAnswerNsid;
  if (request.subnet) groups |= kAnswerSubnet;
  const FieldTable table{answer_fields()};
  document_.columns = table.in_groups(groups);
}

Status ResolveRun::check_flags() const {
  if (!reads_input_ && (request_.window || request_.rate || request_.threads || request_.ordered))
    return usage("--window, --rate, --threads and --ordered are for names from standard input (-)");
  if (mode_ != ResolveMode::dns && (request_.window || request_.rate))
    return usage("--window and --rate count queries to name servers: give --type, --server or --lookup dns");
  if (mode_ != ResolveMode::native && request_.threads)
    return usage("--threads are for the system's resolver, which waits for each name");
  if (reads_input_ && request_.every_service)
    return usage("--services asks in a process for each name: not for names from standard input");
  return {};
}

Status ResolveRun::prepare() {
  if (Status right = check_flags(); !right) return right;
  const FieldTable table{answer_fields()};
  auto columns = choose_columns(table, document_.columns, context_.global.fields);
  if (!columns) return columns.error();
  document_.columns = std::move(*columns);
  auto order = choose_order(table, context_.global.sort);
  if (!order) return order.error();
  order_ = *order;
  needs_ = needs_of(document_.columns) | (order_.field ? order_.field->needs : 0U);
  if (mode_ == ResolveMode::native) return {};
  auto settings = resolver_settings(context_, request_, mode_);
  if (!settings) return std::move(settings).error();
  settings_ = std::move(*settings);
  if (request_.trace) settings_->trace = [this](const dns::Try& made) { trace(made); };
  return {};
}

void ResolveRun::put_under(std::vector<UnderLine>& lines, const Answer& row) const {
  if (!row.reason.empty() && !document_.chosen)
    lines.push_back({join("  ", escaped(row.reason)), row.error.empty() ? Tone::notice : Tone::warning});
  if (!document_.chosen)
    for (const std::string& error : row.extended_errors)
      lines.push_back({join("  ", escaped(error)), Tone::notice});
  if (request_.every_service)
    for (const AnswerService& service : row.services) lines.push_back({service_line(service), Tone::faint});
  if (!request_.search_trace || row.searched.empty()) return;
  std::string line = "  searched:";
  for (const std::string& name : row.searched) line += join(" ", escaped(name, Spaces::escape), ".");
  lines.push_back({std::move(line), Tone::faint});
}

void ResolveRun::begin_output() {
  document_.command = "resolve";
  document_.noun = "answer";
  document_.time_us = context_.backend.now_us();
  document_.chosen = !context_.global.fields.empty();
  document_.under = [this](std::vector<UnderLine>& lines, const void* record) {
    put_under(lines, *static_cast<const Answer*>(record));
  };
  document_.erlang_term = [](std::string& to, const void* record) {
    to += static_cast<const Answer*>(record)->erlang;
  };
  output_ = context_.format->make(context_.out, context_.surface);
  output_->begin(document_);
}

ResolveRun::Target ResolveRun::target_of(std::string_view name) const {
  Target target;
  read_target(name, target);
  return target;
}

void ResolveRun::read_target(std::string_view name, Target& target) const {
  target.name = target.ascii = name;
  target.address.reset();
  target.refusal.clear();
  const ParsedText parsed = request_.forward ? ParsedText{} : parse_inet(Parser::any, name);
  if (parsed.ok()) {
    target.address = parsed.address;
    if (parsed.has_zone && parsed.address.is_link_local()) target.address->zone = Zone::named(parsed.zone);
  } else if (request_.reverse) {
    target.refusal = "it is no address";
  }
  if (name.find('\0') != std::string_view::npos) target.refusal = "a name holds no NUL";
  if (!target.refusal.empty() || is_ascii(name)) return;
  auto ascii = system_.to_ascii(name);
  if (ascii)
    target.ascii = std::move(*ascii);
  else
    target.refusal = ascii.error().message();
}

std::vector<Family> ResolveRun::families() const {
  if ((request_.hostent || request_.one) && !request_.inet && !request_.inet6)
    return {settings_ && settings_->settings.inet6 ? Family::inet6 : Family::inet};
  std::vector<Family> all;
  for (const Family family : {Family::inet, Family::inet6})
    if (request_.wants(family)) all.push_back(family);
  return all;
}

void ResolveRun::trace(const dns::Try& made) const { context_.err(escaped(trace_line(made)) + "\n"); }

bool ResolveRun::put(Answer& row) {
  if (needs_ & kNeedUnicode && !row.canonical.empty()) row.unicode = system_.to_unicode(row.canonical);
  if (order_.field != nullptr && context_.format->name != "erlang") {
    kept_.push_back(std::move(row));
    kept_.back().finish();
    return true;
  }
  row.finish();
  output_->row(&row);
  return output_->good();
}

bool ResolveRun::emit(Answers&& answers, const Target* target) {
  ++asked_;
  worst_ = worse(worst_, answers.grade);
  ++(answers.grade == Grade::answered ? answered_ : answers.grade == Grade::negative ? negative_ : trouble_);
  if (request_.one && answers.grade == Grade::answered) answers.rows.resize(1);
  if (progress_shown_) {
    context_.err("\r\x1b[K");
    progress_shown_ = false;
  }
  if (context_.format->name == "erlang") {
    const bool by_address = target && target->address;
    const ErlangForm form = mode_ == ResolveMode::dns        ? ErlangForm::records
                            : request_.hostent || by_address ? ErlangForm::hostent
                            : request_.one                   ? ErlangForm::one
                                                             : ErlangForm::all;
    answers.rows.front().erlang = erlang_answer(answers, form);
    return put(answers.rows.front());
  }
  for (Answer& row : answers.rows)
    if (!put(row)) return false;
  return true;
}

// For somebody who watches: at most five times a second, and gone before an answer.
void ResolveRun::show_progress(std::uint64_t asked, std::uint64_t done) {
  if (!context_.err_terminal || context_.surface.terminal) return;
  const std::int64_t now = context_.backend.now_us();
  if (now - progress_us_ < 200'000) return;
  progress_us_ = now;
  progress_shown_ = true;
  context_.err(join("\r\x1b[K", std::to_string(done), " of ", std::to_string(asked), " names, ",
                    per_second(done, now - began_us_), "/s, ", std::to_string(trouble_), " failed"));
}

void ResolveRun::summarise(const dns::BulkSummary* queries) {
  const std::int64_t us = context_.backend.now_us() - began_us_;
  std::string text = join(std::to_string(asked_), " names: ", std::to_string(answered_), " answered, ",
                          std::to_string(negative_), " without, ", std::to_string(trouble_), " failed; ",
                          milliseconds(us), ", ", per_second(asked_, us), " names/s\n");
  if (queries) {
    text += join(std::to_string(queries->queries), " queries, ", std::to_string(queries->retries),
                 " retries, ", std::to_string(queries->unanswered), " unanswered, ",
                 std::to_string(queries->strange), " strange replies, ", std::to_string(queries->unfinished),
                 " unfinished; ", per_second(queries->queries, queries->elapsed_us), " queries/s, window ",
                 std::to_string(queries->window), "\n");
    text += join("RTT: half within ", milliseconds(queries->rtt_us_p50), ", 90 % ",
                 milliseconds(queries->rtt_us_p90), ", 99 % ", milliseconds(queries->rtt_us_p99), ", all ",
                 milliseconds(queries->rtt_us_max), "\n");
  }
  context_.err(text);
}

Result<Exit> ResolveRun::finish() {
  if (progress_shown_) context_.err("\r\x1b[K");
  std::vector<const Answer*> rows;
  for (const Answer& row : kept_) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(),
                   [this](const Answer* a, const Answer* b) { return order_(a, b); });
  for (const Answer* row : rows) output_->row(row);
  if (stopped_) context_.notes.push_back("stopped before all names were answered");
  output_->end(context_.notes);
  if (request_.summary) {
    context_.out.flush();
    summarise(queries_ ? &*queries_ : nullptr);
  }
  if (const Status read = names_.status(); !read) return read.error();
  if (stopped_) return Exit::refused;
  return worst_ == Grade::answered ? Exit::done : worst_ == Grade::negative ? Exit::negative : Exit::refused;
}

Result<Exit> ResolveRun::operator()() {
  if (const Status prepared = prepare(); !prepared) return prepared.error();
  begin_output();
  began_us_ = progress_us_ = context_.backend.now_us();
  const auto ask = [this]() -> Status {
    switch (mode_) {
      case ResolveMode::native:
        return reads_input_ ? ask_native_bulk() : ask_native();
      case ResolveMode::methods:
        return ask_methods();
      case ResolveMode::dns:
        return reads_input_ ? ask_dns_bulk() : ask_dns();
      case ResolveMode::compare:
        break;
    }
    return compare();
  };
  if (const Status asked = ask(); !asked) return asked.error();
  return finish();
}

Result<Exit> run_resolve(Context& context, const ResolveRequest& request,
                         const std::vector<std::string>& operands) {
  if (operands.empty()) return usage("give names or addresses, or - to read them from standard input");
  if (context.backend.resolver() == nullptr)
    return Error{Kind::unsupported, "resolve", "", join(context.backend.name(), " cannot ask for names")};
  const bool reads_input = std::find(operands.begin(), operands.end(), "-") != operands.end();
  const auto mode = mode_of(request, reads_input);
  if (!mode) return mode.error();
  return ResolveRun(context, request, operands, *mode)();
}

}  // namespace inetctl

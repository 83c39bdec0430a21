#include "cmd/i_summary.h"

#include <algorithm>

#include "core/protocol_counter.h"
#include "core/socket_summary.h"

namespace inetctl {

namespace {

FieldTable summary_fields(const FieldTable& sockets) {
  const auto one = [&](std::string_view key) { return std::span(sockets.find(key), 1); };
  return {one("netns_name"), one("netns"), one("protocol"), kSocketCountFields, kSocketSummaryFields};
}

// A table leaves out what there is none of; whoever named the columns gets them.
void drop_empty(Columns& columns, const std::deque<SocketSummary>& rows) {
  std::erase_if(columns, [&](const Field* field) {
    return field->groups & kInSummaryIfAny &&
           std::none_of(rows.begin(), rows.end(), [&](const SocketSummary& row) {
             const Cell cell = field->get(static_cast<const Socket*>(&row), *field);
             return cell.kind == CellKind::number && cell.number != 0;
           });
  });
}

// The machine's own count, of TCP and UDP.
void add_machine_pages(Context& context, std::deque<SocketSummary>& rows) {
  const auto counters = context.backend.protocol_counters();
  if (!counters) return;  // this system has none
  for (const ProtocolCounter& counter : *counters)
    for (SocketSummary& row : rows)
      if ((row.protocol == Protocol::tcp && counter.name == "TCP.mem") ||
          (row.protocol == Protocol::udp && counter.name == "UDP.mem"))
        row.machine_pages = counter.value.value_or(kNo64);
}

bool has(const Columns& columns, std::string_view key) {
  return std::any_of(columns.begin(), columns.end(), [=](const Field* field) { return field->key == key; });
}

}  // namespace

Result<Document> summary_document(const Context& context, const FieldTable& sockets, bool netns) {
  const FieldTable table = summary_fields(sockets);
  Columns defaults;
  if (netns) defaults.push_back(table.find("netns_name"));
  if (context.format->data) defaults.push_back(table.find("netns"));
  for (const std::string_view key : {"protocol", "count"}) defaults.push_back(table.find(key));
  const std::uint32_t data = context.format->data ? std::uint32_t{kInSummaryData} : 0;
  for (const Field* field : table.in_groups(kInSummary | kInSummaryIfAny | data)) defaults.push_back(field);
  auto columns = choose_columns(table, defaults, context.global.fields);
  if (!columns) return columns.error();
  Document document;
  document.command = "i";
  document.noun = "row";
  document.time_us = context.backend.now_us();
  document.columns = std::move(*columns);
  document.chosen = !context.global.fields.empty();
  return document;
}

Result<Exit> show_summary(Context& context, Document document, SocketSelection selection) {
  const FieldTable table = summary_fields(socket_fields(context.backend.tcp_info_fields()));
  const auto order = choose_order(table, context.global.sort);
  if (!order) return order.error();
  const bool selective = !selection.filter.empty() || selection.pid != 0;
  selection.query.needs |= kNeedNetns;  // by which namespaces are told apart
  SocketSummaries summaries;
  const auto count = list_sockets(
      context.backend, std::move(selection),
      [&](const Socket& socket) {
        summaries.add(socket);
        return true;
      },
      context.notes);
  if (!count) return count.error();
  if (has(document.columns, "machine_memory_pages")) add_machine_pages(context, summaries.rows());
  if (!context.format->data && !document.chosen && !context.surface.wide)
    drop_empty(document.columns, summaries.rows());
  std::vector<const Socket*> rows;
  for (const SocketSummary& row : summaries.rows()) rows.push_back(&row);
  if (order->field != nullptr) std::stable_sort(rows.begin(), rows.end(), *order);
  const std::unique_ptr<Output> output = context.format->make(context.out, context.surface);
  output->begin(document);
  for (const Socket* row : rows) output->row(row);
  output->end(context.notes);
  return selective && *count == 0 ? Exit::negative : Exit::done;
}

}  // namespace inetctl

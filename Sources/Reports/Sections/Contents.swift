internal import ByteStorage

extension Section {
  private static let mostFiles = 40

  /// What is in the file, and what its bytes go to.
  static func contents(_ page: ReportPage) -> Section? {
    let inspection = page.inspection
    let sizes = FileSizes(inspection)
    var body: [Node] = [facts(inspection)]
    if sizes.total > 0 { body += [sizes.strip, sizes.table] }
    body += [kinds(inspection), provenance(inspection)]
    return Section(
      id: "contents", title: "What is inside",
      lead: "Bytes by component and type. A payload that target and draft share is counted once, with the target.", body: body)
  }

  private static func facts(_ inspection: JSONValue) -> Node {
    var items: [Node] = []
    func add(_ name: String, _ value: String?) {
      if let value { items.append(.tag("li", [:], .tag("b", [:], .text(name)), .text(" " + value))) }
    }
    for (key, kind) in [("target", "family"), ("draft", "kind")] {
      guard let model = inspection[key], !model.isNull else { continue }
      add(key, "\(model.string(kind) ?? "?"), \(Figures.parameters(model.integer("parameters") ?? 0)) parameters, \(Figures.bytes(Double(model.integer("bytes") ?? 0)))")
      add("the \(key)'s shape", model["config"].map(shape))
      if key == "draft", let embedding = model.string("embedding") { add("the draft's token embedding", "\(embedding) to the target's".shortened(to: 60)) }
    }
    if let tokenizer = inspection["tokenizer"], let kind = tokenizer.string("kind") {
      add("tokenizer", "\(kind), \(tokenizer.integer("vocab_size") ?? 0) pieces")
    }
    add("prompts written as", inspection["prompt_format"]?.string("name"))
    add("recipe", inspection.string("recipe"))
    add("the draft's recipe", inspection.string("draft_recipe"))
    for remark in inspection.members("metadata").prefix(mostFiles) { add("remark \(remark.key)", remark.value.string) }
    return .tag("ul", ["class": "facts"], all: items)
  }

  private static func shape(_ config: JSONValue) -> String {
    let names = [
      ("num_hidden_layers", "layers"), ("hidden_size", "hidden"), ("num_attention_heads", "heads"), ("num_key_value_heads", "key-value heads"),
      ("intermediate_size", "feed-forward"), ("vocab_size", "vocabulary"),
    ]
    return names.compactMap { key, name in config.integer(key).map { "\(name) \($0)" } }.joined(separator: ", ")
  }

  private static func kinds(_ inspection: JSONValue) -> Node {
    let groups = TensorGroup.all(inspection.list("tensors"))
    guard !groups.isEmpty else { return .nothing }
    var rows: [[Node]] = groups.prefix(TensorGroup.most).map { group in
      [
        .text("\(group.component) \(group.kind)".shortened(to: 90)), .count(group.count),
        .text(group.types.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) ×\($0.value)" }.joined(separator: ", ")),
        .bytes(group.byteCount),
      ]
    }
    let rest = groups.dropFirst(TensorGroup.most)
    if !rest.isEmpty {
      rows.append([
        .text("\(rest.count) other kinds"), .count(rest.reduce(0) { $0 + $1.count }), "", .bytes(rest.reduce(0) { $0 + $1.byteCount }),
      ])
    }
    let table = Table(
      caption: "Tensors by what they are for; # stands for a number", columns: [.text("tensors"), .number("how many"), .text("types"), .number("bytes")], rows: rows)
    return .tag("details", [:], .tag("summary", [:], .text("Tensors by kind (\(inspection.list("tensors").count))")), table.node)
  }

  private static func provenance(_ inspection: JSONValue) -> Node {
    let files = inspection.list("provenance").map { ($0, "weights") } + inspection.list("attachments").map { ($0, "travels along") }
    guard !files.isEmpty else { return .nothing }
    let rows: [[Node]] = files.prefix(mostFiles).map { file, role in
      let name = file.string("file") ?? file.string("name") ?? "?"
      let place = file.string("component").map { "\($0) from \(name)" } ?? name
      return [
        .text(place.shortened(to: 90)), .text(role), .bytes(file.integer("bytes") ?? 0),
        file.string("sha256").map { .tag("code", [:], .text($0)) } ?? "–",
      ]
    }
    let more = files.count > mostFiles ? Node.tag("p", ["class": "note"], .text("and \(files.count - mostFiles) more files")) : .nothing
    let table = Table(
      caption: "Files that it was made of, and that travel along", columns: [.text("file"), .text("what"), .number("bytes"), .text("SHA-256")], rows: rows)
    return .tag("details", [:], .tag("summary", [:], .text("Files (\(files.count))")), table.node, more)
  }
}

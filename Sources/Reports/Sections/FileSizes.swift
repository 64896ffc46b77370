internal import ByteStorage

/// What the bytes of a file go to: components by type, and the rest.
struct FileSizes {
  struct Part {
    let name: String
    var tensors = 0
    var byteCount = 0
    let shade: Int
  }

  let total: Int
  private(set) var parts: [Part] = []

  /// Shades of one component's types; further types share the last.
  private static let shades = 4

  init(_ inspection: JSONValue) {
    total = inspection.integer("bytes") ?? 0
    var seen: Set<Int> = []
    for (index, component) in ["target", "draft"].enumerated() {
      var own: [String: Part] = [:]
      for tensor in inspection.list("tensors") where (tensor.string("name") ?? "").hasPrefix(component + "/") {
        // Of tensors with one payload the first counts.
        if let offset = tensor.integer("offset"), !seen.insert(offset).inserted { continue }
        let type = tensor.string("type") ?? "?"
        own[type, default: Part(name: "\(component) \(type)", shade: 0)].tensors += 1
        own[type]?.byteCount += tensor.integer("bytes") ?? 0
      }
      let ranked = own.values.sorted { ($1.byteCount, $0.name) < ($0.byteCount, $1.name) }
      for (rank, part) in ranked.enumerated() {
        parts.append(Part(
          name: part.name, tensors: part.tensors, byteCount: part.byteCount,
          shade: index * FileSizes.shades + min(rank, FileSizes.shades - 1)))
      }
    }
    let rest = total - parts.reduce(0) { $0 + $1.byteCount }
    if rest > 0 { parts.append(Part(name: "manifest, files that travel along, padding", byteCount: rest, shade: 2 * FileSizes.shades)) }
  }

  private func share(_ part: Part) -> Double { total > 0 ? min(1, Double(part.byteCount) / Double(total)) : 0 }

  var strip: Node {
    var strip = Strip()
    for part in parts { strip.parts.append((part.name, share(part), part.shade)) }
    return strip.node(title: "What the file's bytes go to")
  }

  var table: Node {
    Table(
      caption: "What the file's bytes go to",
      columns: [.text("part"), .drawing("drawn"), .number("share"), .number("bytes"), .number("tensors")],
      rows: parts.map { part in
        [
          .group([.tag("span", ["class": "shade\(part.shade)", "aria-hidden": "true"], "■"), .text(" " + part.name)]),
          Bar.node(share(part), style: "shade\(part.shade)", label: "\(part.name): \(Figures.percent(share(part)))"),
          .percent(share(part)), .bytes(part.byteCount), part.tensors == 0 ? "–" : .count(part.tensors),
        ]
      }).node
  }
}

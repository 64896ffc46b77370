internal import ByteStorage

extension Section {
  private static let mostKinds = 30
  private static let mostBands = 12

  /// How far weights moved, by layer and by kind.
  static func quantization(_ page: ReportPage) -> Section? {
    var errors = (page.verification?.list("tensor_errors") ?? []).compactMap { TensorError($0, $0) }
    let isMeasured = !errors.isEmpty
    if errors.isEmpty { errors = page.inspection.list("tensors").compactMap { tensor in tensor["errors"].flatMap { TensorError(tensor, $0) } } }
    guard !errors.isEmpty else { return nil }
    var (kinds, names): ([String: [TensorError]], [String]) = ([:], [])
    for error in errors {
      if kinds[error.kind] == nil { names.append(error.kind) }
      kinds[error.kind, default: []].append(error)
    }
    let origin = isMeasured ? "measured against the source just now" : "as they were noted when the bundle was made"
    return Section(
      id: "quantization", title: "Quantization error",
      lead: "How far the values of a tensor moved when it was encoded, as a share of their size: the sine of the angle between before and after, in percent; \(origin).",
      body: [grid(names, kinds, layers: errors.compactMap(\.layer)), table(names, kinds)])
  }

  /// A measure of one tensor.
  private struct TensorError {
    let kind: String
    let layer: Int?
    let type: String
    let relative: Double
    let rmse: Double
    let largest: Double

    init?(_ tensor: JSONValue, _ errors: JSONValue) {
      guard let name = tensor.string("name"), let cosine = errors.number("cosine"), let rmse = errors.number("rmse"), let largest = errors.number("max") else {
        return nil
      }
      let parts = TensorGroup.parts(of: name)
      (kind, layer, type) = (parts.component + " " + TensorGroup.short(parts.kind), parts.layer, tensor.string("type") ?? "?")
      relative = errors.number("relative") ?? max(0, (1 - cosine) * (1 + cosine)).squareRoot()
      (self.rmse, self.largest) = (rmse, largest)
    }
  }

  /// Kinds against bands of layers, each with the mean of its tensors.
  private static func grid(_ names: [String], _ kinds: [String: [TensorError]], layers: [Int]) -> Node {
    let layered = names.filter { name in kinds[name]?.contains { $0.layer != nil } == true }
    guard let last = layers.max(), last < 1 << 20, !layered.isEmpty else { return .nothing }
    let width = (last + mostBands) / mostBands
    let bands = last / width + 1
    let columns = (0..<bands).map { width == 1 ? "\($0)" : "\($0 * width)–\(min(last, $0 * width + width - 1))" }
    let rows = layered.prefix(mostKinds).map { name in
      var sums = [(sum: Double, count: Int)](repeating: (0, 0), count: bands)
      for error in kinds[name] ?? [] {
        guard let layer = error.layer else { continue }
        sums[layer / width].sum += error.relative
        sums[layer / width].count += 1
      }
      return (name: name.shortened(to: 60), values: sums.map { $0.count == 0 ? nil : $0.sum / Double($0.count) })
    }
    return Grid(caption: "Relative error in percent by kind and layer: the stronger the tint, the larger", corner: "tensors", columns: columns, rows: rows).node
  }

  private static func table(_ names: [String], _ kinds: [String: [TensorError]]) -> Node {
    let rows: [[Node]] = names.prefix(mostKinds).map { name in
      let errors = kinds[name] ?? []
      let worst = errors.max { $0.relative < $1.relative }
      let mean = errors.reduce(0) { $0 + $1.relative } / Double(max(errors.count, 1))
      return [
        .text(name.shortened(to: 70)), .text(Set(errors.map(\.type)).sorted().joined(separator: ", ")), .count(errors.count), .percent(mean, 3),
        .group([.percent(worst?.relative ?? 0, 3), .text(worst?.layer.map { " in layer \($0)" } ?? "")]),
        .figure(errors.map(\.rmse).max()), .figure(errors.map(\.largest).max()),
      ]
    }
    let more: Node = names.count > mostKinds ? .tag("p", ["class": "note"], .text("\(names.count - mostKinds) more kinds are in the JSON document.")) : .nothing
    let table = Table(
      caption: "Errors by kind",
      columns: [
        .text("tensors"), .text("type"), .number("how many"), .number("relative, mean"), .text("relative, worst"), .number("largest RMSE"),
        .number("largest error"),
      ], rows: rows)
    return .group([.tag("details", [:], .tag("summary", [:], .text("The numbers by kind (\(names.count))")), table.node, more)])
  }
}

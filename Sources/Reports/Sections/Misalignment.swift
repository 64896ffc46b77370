internal import ByteStorage

extension Section {
  /// How often the draft misses the target's choice, pass by pass.
  static func misalignment(_ verification: JSONValue) -> Node {
    guard let rates = verification["summary"]?.numbers("misaligned_token_rate"), !rates.isEmpty else { return .nothing }
    var lines = [LineChart.Line(name: "this bundle", style: "packed", values: rates)]
    let theirs = verification["fidelity"]?.numbers("misaligned_token_rate_source") ?? []
    if !theirs.isEmpty { lines.append(LineChart.Line(name: "the source", style: "source", values: theirs)) }
    return LineChart(
      title: "Misaligned-token rate by draft pass", places: rates.indices.map { "\($0 + 1)" }, axis: "draft pass", lines: lines,
      most: 1, note: "Fed its own features, how often the draft's best token is not the target's: figure 1c of the GRIFFIN paper. The lower, and the flatter, the better."
    ).node
  }
}

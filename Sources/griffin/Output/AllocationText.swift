import Allocation
import Tensors

/// What was chosen as text for people: the outcome first.
struct AllocationText {
  private let result: AllocationResult
  private let output: String

  init(_ result: AllocationResult, output: String) { (self.result, self.output) = (result, output) }

  var text: String {
    [outcome, types, "sizes against losses, on \(result.tokens) tokens:", frontier, "griffin convert or quantize takes it: --quantize \(output)"]
      .joined(separator: "\n")
  }

  private var outcome: String {
    let chosen = result.chosen
    var lines = [
      "\(output): \(Formatting.bytes(chosen.byteCount)), mean KL \(Formatting.scientific(chosen.divergence)), the same token at \(percent(chosen.agreement))"
    ]
    if let length = chosen.acceptance, let source = result.acceptanceSource {
      lines.append("acceptance length of chains \(Formatting.fixed(length, 3)), of the source \(Formatting.fixed(source, 3))")
    }
    lines.append("expected loss \(Formatting.scientific(result.expectedLoss)), at least \(Formatting.scientific(result.bound)) at this size")
    return lines.joined(separator: "\n")
  }

  private var types: String {
    var counts: [String: Int] = [:]
    for assignment in result.assignments { counts[assignment.type.rawValue, default: 0] += assignment.names.count }
    return "types: \(Formatting.types(counts))"
  }

  private var frontier: String {
    var rows = [["  choice", "size", "mean KL", "same token", "acceptance"]]
    for point in result.frontier {
      rows.append([
        "  \(point == result.chosen ? "this one" : point.name)", Formatting.bytes(point.byteCount), Formatting.scientific(point.divergence),
        percent(point.agreement), point.acceptance.map { Formatting.fixed($0, 3) } ?? "-",
      ])
    }
    return Formatting.table(rows, rightAligned: [1, 2, 3, 4])
  }

  private func percent(_ share: Double) -> String { "\(Formatting.fixed(100 * share, 1)) %" }
}

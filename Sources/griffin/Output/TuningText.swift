import Verification

/// What tuning found as text for people: the verdict first.
struct TuningText {
  private let result: TuningResult
  private let threads: Int

  init(_ result: TuningResult, threads: Int) { (self.result, self.threads) = (result, threads) }

  var text: String {
    [verdict, trees, "seconds of a pass on \(threads) threads, by its tokens:", costs].joined(separator: "\n")
  }

  private var verdict: String {
    let (best, speedups) = (result.chosen, result.measuredSpeedups)
    let measured =
      "measured \(Formatting.fixed(result.measuredSpeedup, 2)) x plain decoding "
      + "(\(Formatting.fixed(speedups.min() ?? 0, 2)) to \(Formatting.fixed(speedups.max() ?? 0, 2))), "
      + "expected \(Formatting.fixed(best.expectedSpeedup, 2)) x"
    let flags = "--total-tokens \(best.shape.totalTokens) --depth \(best.shape.depth) --top-k \(best.shape.topK)"
    let objection = result.pays ? "" : "speculative decoding does not pay on this machine: plain decoding is faster\n"
    return "\(objection)best tree: \(flags)\n\(measured)"
  }

  private var trees: String {
    var rows = [["  nodes", "depth", "top-k", "tokens/cycle", "ms/cycle", "expected"]]
    for tree in result.best {
      rows.append([
        "  \(tree.shape.totalTokens)", "\(tree.shape.depth)", "\(tree.shape.topK)", Formatting.fixed(tree.tokensPerCycle, 2),
        milliseconds(tree.secondsPerCycle), Formatting.fixed(tree.expectedSpeedup, 2) + " x",
      ])
    }
    return Formatting.table(rows, rightAligned: [0, 1, 2, 3, 4, 5])
  }

  /// A bar a pass, all on one scale.
  private var costs: String {
    let curves = [("target", result.costs.target), ("draft", result.costs.draftPass)]
    let most = curves.flatMap { $1.points.map(\.seconds) }.max() ?? 1
    let width = 30
    var rows: [[String]] = []
    for (name, curve) in curves {
      for point in curve.points {
        let filled = max(0, Int((point.seconds / max(most, 1e-12) * Double(width)).rounded()))
        rows.append(["  \(name)", "\(point.tokens)", milliseconds(point.seconds) + " ms", String(repeating: "█", count: filled)])
      }
    }
    return Formatting.table(rows, rightAligned: [1, 2])
  }

  private func milliseconds(_ seconds: Double) -> String {
    let value = 1000 * seconds
    return Formatting.fixed(value, value < 1 ? 3 : value < 100 ? 2 : 0)
  }
}

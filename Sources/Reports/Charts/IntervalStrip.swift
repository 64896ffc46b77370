/// A quantity with its interval against its limit, on a scale of its own.
struct IntervalStrip {
  let name: String
  let value: Double
  /// nil where an end is open.
  let low: Double?
  let high: Double?
  let limit: Double
  let isUpperLimit: Bool
  let verdict: String

  var node: Node {
    let known = [value, low ?? value, high ?? value, limit]
    let (least, most) = (known.min() ?? 0, known.max() ?? 1)
    let margin = most > least ? (most - least) * 0.18 : max(abs(most) * 0.1, 1e-9)
    let (start, end) = (least - margin, most + margin)
    func x(_ number: Double) -> Double { 1000 * (number - start) / (end - start) }

    let side = isUpperLimit ? "at most" : "at least"
    let range = "from \(low.map(Figures.short) ?? "unknown") to \(high.map(Figures.short) ?? "unknown")"
    var drawing = Drawing(
      title: "\(name): \(Figures.short(value)), \(range); allowed is \(side) \(Figures.short(limit)): \(verdict)", description: "", width: 1000,
      height: 40, style: "interval", isStretched: true)
    drawing.rectangle(0, 0, 1000, 40, "track")
    isUpperLimit ? drawing.rectangle(0, 0, x(limit), 40, "allowed") : drawing.rectangle(x(limit), 0, 1000 - x(limit), 40, "allowed")
    let (left, right) = (low.map(x) ?? 0, high.map(x) ?? 1000)
    drawing.rectangle(left, 16, max(right - left, 4), 8, "range \(verdict)")
    drawing.rectangle(x(limit) - 1.5, 0, 3, 40, "limit")
    drawing.rectangle(x(value) - 4, 6, 8, 28, "value \(verdict)")
    return drawing.node
  }
}

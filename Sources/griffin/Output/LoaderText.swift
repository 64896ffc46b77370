import ByteStorage
import Exports

/// What runtimes would make of a draft, as text and as JSON.
enum LoaderText {
  static func show(_ path: String, runtimes names: [String], json: Bool) throws {
    var runtimes: [Runtime] = []
    for name in names {
      if name == "all" {
        runtimes += Runtime.all
      } else if let runtime = Runtime.named(name.lowercased()) {
        runtimes.append(runtime)
      } else {
        throw GriffinError(
          .usage, "unknown runtime \(name.shortened(to: 40).printable); known runtimes: \(Runtime.all.map(\.name).joined(separator: ", ")), all")
      }
    }
    let draft = try DraftFolder(path: path, options: SourcePlaces.options())
    let verdicts = runtimes.map { (runtime: $0, verdict: $0.verdict(on: draft)) }
    if json {
      Console.document(
        .object([
          "path": .string(path),
          "runtimes": .array(
            verdicts.map { runtime, verdict in
              [
                "name": .string(runtime.name), "loads_as": verdict.method.map { .string($0) } ?? .null,
                "faithful": .bool(verdict.isFaithful), "findings": .array(verdict.findings.map(\.document)),
              ]
            }),
          "warnings": .array([]),
        ]))
    } else {
      Console.output(verdicts.map { text($0, $1) }.joined(separator: "\n\n"))
    }
  }

  private static func text(_ runtime: Runtime, _ verdict: Runtime.Verdict) -> String {
    let losses = verdict.findings.filter(\.isLoss).count
    let outcome =
      switch verdict.method {
      case nil: "does not load it"
      case let method? where losses == 0: "loads it as \(method), as it is"
      case let method?: "loads it as \(method), and \(losses == 1 ? "one thing is" : "\(losses) things are") not what the files say"
      }
    let rows = verdict.findings.map { ["  \($0.effect.rawValue)", $0.subject.printable, $0.text.printable] }
    return "\(runtime.title) \(outcome)" + (rows.isEmpty ? "" : "\n" + Formatting.table(rows))
  }
}

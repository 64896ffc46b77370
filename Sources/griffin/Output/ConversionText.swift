import Bundles
import ByteStorage
import Conversion
import Tensors

/// A conversion as text for people.
struct ConversionText {
  private let plan: ConversionPlan
  private let summary: ConversionSummary

  init(_ plan: ConversionPlan, _ summary: ConversionSummary) {
    self.plan = plan
    self.summary = summary
  }

  /// What was made, in a few lines.
  var outcome: String {
    var rows = [[summary.output.printable, "\(Formatting.bytes(summary.byteCount)) in \(Formatting.fixed(summary.seconds, 1)) s"]]
    rows.append(["digest", summary.digest ?? ""])
    if case .continued(let kept, let all) = summary.resumption { rows.append(["resumed", "\(kept) of \(all) payloads kept"]) }
    rows += componentRows
    guard let errors = summary.errors, !errors.isEmpty else { return Formatting.table(rows) }
    let losses = errors.map { error in
      [
        error.tensor.printable, error.type.rawValue, Formatting.scientific(error.errors.rmse),
        Formatting.scientific(error.errors.maximum), Formatting.fixed(error.errors.cosine, 7),
      ]
    }
    let table = Formatting.table([["tensor", "type", "rmse", "max", "cosine"]] + losses, rightAligned: [2, 3, 4], foldedAt: 1)
    return table + "\n\n" + Formatting.table(rows)
  }

  /// What would be made, tensor by tensor.
  var planTable: String {
    let tensors = plan.tensors.map { tensor in
      [
        tensor.name.printable, tensor.shape.description, tensor.sourceType.rawValue, tensor.type.rawValue,
        tensor.sharedWith.map { "as \($0)" } ?? Formatting.bytes(tensor.byteCount),
      ]
    }
    let table = Formatting.table([["tensor", "shape", "from", "to", "bytes"]] + tensors, rightAligned: [4], foldedAt: 1)
    let rows = [["planned", "\(Formatting.bytes(summary.byteCount)); nothing was written"]] + componentRows
    return table + "\n\n" + Formatting.table(rows)
  }

  private var componentRows: [[String]] {
    var rows: [[String]] = []
    if let target = plan.inputs.target {
      rows.append(["target", "\(target.modelName), \(Formatting.parameters(target.parameterCount)) parameters"])
    }
    if let draft = plan.inputs.draft {
      rows.append(["draft", "\(draft.modelName), \(Formatting.parameters(draft.parameterCount)) parameters"])
      if let embedding = plan.sharing.embedding {
        rows.append(["", "token embedding \(embedding.name)" + (embedding.differingRows.map { $0 > 0 ? " in \($0) rows" : "" } ?? "")])
      }
    }
    let types = Dictionary(uniqueKeysWithValues: summary.types.map { ($0.rawValue, $1) })
    rows.append(["tensors", "\(summary.tensorCount) in \(summary.payloadCount) payloads: \(Formatting.types(types))"])
    return rows
  }
}

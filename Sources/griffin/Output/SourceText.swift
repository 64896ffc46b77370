import Bundles
import ByteStorage
import Conversion
import Models
import Tensors

/// A description of a checkpoint as text for people.
struct SourceText {
  private let description: SourceDescription

  init(_ description: SourceDescription) { self.description = description }

  func text(withTensors: Bool) -> String {
    let component = description.component.rawValue
    let types = Dictionary(uniqueKeysWithValues: description.typeCounts.map { ($0.rawValue, $1) })
    var rows = [
      [description.path.printable, "checkpoint, \(Formatting.bytes(description.byteCount)) of weights"],
      [
        component,
        "\(description.modelName), \(Formatting.parameters(description.parameterCount)) parameters, "
          + "\(Formatting.bytes(description.tensorByteCount)), \(Formatting.types(types))",
      ],
      ["", Formatting.shape(description.configuration.document)],
      ["pairs with", description.partner],
    ]
    if description.component == .target {
      rows += Formatting.rows(description.text, vocabularySize: description.configuration.vocabularySize)
    }
    rows += description.weightFiles.map { ["weights", "\($0.name.printable)  \(Formatting.bytes($0.byteCount))"] }
    rows += description.attachments.map { ["beside them", "\($0.name.printable)  \(Formatting.bytes($0.byteCount))"] }
    guard withTensors else { return Formatting.table(rows) }
    let list = description.tensors.map {
      [$0.name.printable, $0.type.rawValue, $0.shape.description, Formatting.bytes($0.byteCount)]
    }
    return Formatting.table(rows) + "\n\n" + Formatting.table([["tensor", "type", "shape", "bytes"]] + list, rightAligned: [3], foldedAt: 1)
  }
}

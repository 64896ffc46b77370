internal import ByteStorage
internal import Tensors

/// A part of a conversion that a worker does as a whole and notes as done.
public struct WorkUnit: Sendable, Hashable {
  /// What it consists of.
  enum Piece: Sendable, Hashable {
    /// Rows of the tensor that fills a payload; nil for all of them.
    case payload(Int, rows: Range<Int>?)
    /// The SHA-256 of a weight file, by its place in the provenance.
    case hash(Int)
  }

  let pieces: [Piece]
  /// Bytes of the source to read.
  public let byteCount: Int

  /// Bytes of the source that a unit has, about, unless the user says otherwise.
  public static let usualByteCount = 256 << 20

  var document: JSONValue {
    .object([
      "bytes": .integer(byteCount),
      "pieces": .array(
        pieces.map { piece in
          switch piece {
          case .payload(let index, nil): ["payload": .integer(index)]
          case .payload(let index, let rows?): ["payload": .integer(index), "rows": [.integer(rows.lowerBound), .integer(rows.upperBound)]]
          case .hash(let index): ["source": .integer(index)]
          }
        }),
    ])
  }

  /// Reads what `document` wrote; nil where it is something else.
  init?(_ value: JSONValue) {
    guard let bytes = value["bytes"]?.integer, bytes >= 0, let list = value["pieces"]?.array, !list.isEmpty else { return nil }
    var pieces: [Piece] = []
    for piece in list {
      if let index = piece["payload"]?.integer, index >= 0 {
        guard let rows = piece["rows"] else {
          pieces.append(.payload(index, rows: nil))
          continue
        }
        guard let ends = rows.array?.compactMap(\.integer), ends.count == 2, ends[0] >= 0, ends[1] > ends[0] else { return nil }
        pieces.append(.payload(index, rows: ends[0]..<ends[1]))
      } else if let index = piece["source"]?.integer, index >= 0 {
        pieces.append(.hash(index))
      } else {
        return nil
      }
    }
    (self.pieces, byteCount) = (pieces, bytes)
  }

  init(_ pieces: [Piece], byteCount: Int) { (self.pieces, self.byteCount) = (pieces, byteCount) }
}

extension ConversionPlan {
  /// The plan's work in units of about equal bytes, in the order of payloads; weight files that are hashed come last.
  ///
  /// A large tensor becomes several units, each some of its rows; small ones are one together, as are all experts of a layer. What has to be
  /// held against a digest of its source stays whole.
  func units(byteCount: Int) -> [WorkUnit] {
    var units: [WorkUnit] = []
    var (pending, bytes): ([WorkUnit.Piece], Int) = ([], 0)
    var experts: Substring?
    func flush() {
      if !pending.isEmpty { units.append(WorkUnit(pending, byteCount: bytes)) }
      (pending, bytes) = ([], 0)
    }
    var hashes: [WorkUnit] = []
    let ordered = jobs.sorted { $0.payloadIndex < $1.payloadIndex }
    for job in ordered {
      switch job {
      case .provenance(let index, let file): hashes.append(WorkUnit([.hash(index)], byteCount: file.byteCount))
      case .payload(let index, let tensor, _, let name):
        let (shape, size) = (tensor.descriptor.shape, tensor.descriptor.byteCount)
        let group = name.firstRange(of: ".experts.").map { name[..<$0.lowerBound] }
        if group == nil || group != experts, bytes >= byteCount || bytes + size > 2 * byteCount { flush() }
        experts = group
        let parts = group == nil && tensor.digest == nil ? min(shape.rowCount, (size + byteCount - 1) / max(byteCount, 1)) : 1
        guard parts > 1, size > byteCount + byteCount / 2, shape.dimensions.count > 1 else {
          pending.append(.payload(index, rows: nil))
          bytes += size
          continue
        }
        flush()
        for part in 0..<parts {
          let rows = shape.rowCount * part / parts..<shape.rowCount * (part + 1) / parts
          units.append(WorkUnit([.payload(index, rows: rows)], byteCount: size / shape.rowCount * rows.count))
        }
      }
    }
    flush()
    return units + hashes
  }
}

extension ConversionJob {
  /// Payloads come in their order, files after them.
  fileprivate var payloadIndex: Int {
    if case .payload(let index, _, _, _) = self { index } else { .max }
  }
}

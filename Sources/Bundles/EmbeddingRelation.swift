/// How a draft's token embedding relates to its target's, as found while converting.
public enum EmbeddingRelation: Sendable, Hashable {
  /// The same bits in the same type.
  case identical
  /// The same values in another type.
  case converted
  /// Values differ in this many rows.
  case different(rows: Int)
  /// The draft has none and uses the target's.
  case absent
  /// Not compared: there was no target, or payloads were not read.
  case possible

  /// The word in manifests and reports.
  public var name: String {
    switch self {
    case .identical: "identical"
    case .converted: "converted"
    case .different: "different"
    case .absent: "absent"
    case .possible: "possible"
    }
  }

  /// Rows that differ; nil where nothing was compared.
  public var differingRows: Int? {
    switch self {
    case .identical, .converted: 0
    case .different(let rows): rows
    case .absent, .possible: nil
    }
  }

  /// - Returns: nil where the word is unknown or the count contradicts it.
  init?(name: String, differingRows: Int?) {
    switch (name, differingRows) {
    case ("identical", 0): self = .identical
    case ("converted", 0): self = .converted
    case ("different", let rows?) where rows > 0: self = .different(rows: rows)
    case ("absent", nil): self = .absent
    case ("possible", nil): self = .possible
    default: return nil
    }
  }
}

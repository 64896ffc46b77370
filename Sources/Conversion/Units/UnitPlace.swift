internal import ByteStorage
internal import Bundles
internal import Tensors

/// Where workers leave what they made.
public enum UnitPlace: Sendable {
  /// At its place in `OUT.partial`, which all of them see.
  case shared(output: String)
  /// In files of a folder, a unit each, which are brought together later.
  case folder(String)

  /// Where the records of units are.
  func records(of planPath: String) -> String {
    switch self {
    case .shared: planPath + UnitPlace.recordsSuffix
    case .folder(let folder): folder
    }
  }

  /// Added to a plan's path where records are kept beside it.
  public static let recordsSuffix = ".units"
  static let ending = ".bin"
}

/// The bytes of a bundle that a piece of a unit is.
struct PieceRange: Sendable, Hashable {
  let payload: Int
  /// In the payload.
  let offset: Int
  let byteCount: Int

  /// nil for a piece that makes no bytes.
  init?(_ piece: WorkUnit.Piece, _ manifest: Manifest, rowCounts: [Int: Int]) {
    guard case .payload(let index, let rows) = piece else { return nil }
    payload = index
    let total = manifest.payloads[index].byteCount
    guard let rows, let count = rowCounts[index], count > 0 else {
      (offset, byteCount) = (0, total)
      return
    }
    (offset, byteCount) = (total / count * rows.lowerBound, total / count * rows.count)
  }
}

extension PlanFile {
  /// Rows of each payload's tensor.
  var rowCounts: [Int: Int] {
    Dictionary(manifest.tensors.map { ($0.payload, $0.descriptor.shape.rowCount) }, uniquingKeysWith: { first, _ in first })
  }
}

/// Puts what is written to payloads where a unit's bytes go.
struct UnitSink: PayloadSink {
  let file: SharedFile
  /// Where the first byte of a payload would be in the file, by payload.
  let places: [Int: Int]

  func write(_ bytes: RawSpan, toPayload index: Int, at offset: Int) throws(GriffinError) {
    guard let place = places[index] else { preconditionFailure("a payload of another unit") }
    try file.write(bytes, at: place + offset)
  }

  func read(payload index: Int, at offset: Int, into buffer: inout MutableRawSpan) -> Bool {
    places[index].map { file.read(at: $0 + offset, into: &buffer) } ?? false
  }
}

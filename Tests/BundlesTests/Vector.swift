import ByteStorage
import Bundles
import Foundation
import TestSupport
import Testing

/// A committed conformance vector: what `scripts/make-bundle-vectors.py` wrote from the specification.
struct Vector: Sendable, CustomTestStringConvertible {
  struct Tensor: Sendable {
    let name: String, type: String, shape: [Int], offset: Int, hex: String
  }

  let file: String, digest: String, byteCount: Int
  let tensors: [Tensor]
  let attachments: [(name: String, text: String)]

  var testDescription: String { file }
  var path: String { Vector.folder + "/" + file }
  var bytes: [UInt8] {
    get throws { try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) }
  }

  static let formats = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path + "/formats"
  static let folder = formats + "/examples"

  /// Every vector of `bundles.json`.
  static let all: [Vector] = {
    guard let data = FileManager.default.contents(atPath: folder + "/bundles.json"),
      let index = try? JSONValue.parse([UInt8](data).rawBytes, limits: .config)
    else { return [] }
    return (index.array ?? []).map { entry in
      Vector(
        file: entry["file"]?.string ?? "", digest: entry["digest"]?.string ?? "", byteCount: entry["bytes"]?.integer ?? 0,
        tensors: (entry["tensors"]?.array ?? []).map { tensor in
          Tensor(
            name: tensor["name"]?.string ?? "", type: tensor["type"]?.string ?? "",
            shape: (tensor["shape"]?.array ?? []).compactMap(\.integer), offset: tensor["offset"]?.integer ?? 0,
            hex: tensor["hex"]?.string ?? "")
        },
        attachments: (entry["attachments"]?.array ?? []).map { ($0["name"]?.string ?? "", $0["text"]?.string ?? "") })
    }
  }()

  static func named(_ file: String) throws -> Vector { try #require(all.first { $0.file == file }) }
}

extension [UInt8] {
  var hexadecimal: String { map { String(format: "%02x", $0) }.joined() }
}

extension BundleForge {
  init(_ vector: Vector) throws { try self.init(vector.bytes) }
}

import ByteStorage
import TestSupport
import Tokenization
import Zstandard

/// The tokenizers of the golden pairs, variants of them, and what their vectors say.
enum TokenizerFixtures {
  struct Missing: Error {}

  /// Loads a tokenizer from contents by file name.
  static func load(_ files: [String: [UInt8]]) throws -> Tokenizer.Loaded? {
    try Tokenizer.load { name throws(GriffinError) in files[name] }
  }

  private static let places = [
    "llama2": ("llama2-tiny", ["tokenizer.json"]), "llama3": ("llama31-tiny", ["tokenizer.json"]),
    "qwen2": ("qwen2-tiny", ["tokenizer.json"]), "sentencepiece": ("vicuna-tiny", ["tokenizer.model"]),
  ]

  /// The tokenizer files of a golden pair's target, as they are.
  static func files(ofGolden name: String, _ names: [String] = Tokenizer.fileNames) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for file in names {
      files[file] = try? [UInt8](fileAt: "\(Fixtures.golden(name))/target/\(file)")
    }
    return files
  }

  /// A tokenizer of the vectors, without any configuration beside it.
  static func tokenizer(_ name: String) throws -> Tokenizer {
    if let (golden, names) = places[name] {
      guard let loaded = try load(files(ofGolden: golden, names)) else { throw Missing() }
      return loaded.tokenizer
    }
    let variants = try json(Fixtures.bytes("tokenizers/variants.json"))
    guard let variant = variants[name]?.array, let base = variant[0].string, let changes = variant[1].object,
      let (golden, names) = places[base]
    else { throw Missing() }
    let files = try files(ofGolden: golden, names)
    guard var document = try json(files["tokenizer.json"] ?? []).object else { throw Missing() }
    for change in changes.members { document[change.key] = change.value }
    guard let loaded = try load(["tokenizer.json": Array(JSONValue.object(document).encoded().utf8)]) else { throw Missing() }
    return loaded.tokenizer
  }

  static func json(_ bytes: [UInt8]) throws -> JSONValue { try JSONValue.parse(bytes.rawBytes, limits: .tokenizer) }

  /// A compressed document of the vectors.
  static func document(_ name: String) throws -> JSONValue {
    let frame = try Fixtures.bytes("tokenizers/\(name).json.zst")
    let content = try Zstandard.decompress(frame.rawBytes, expectedByteCount: contentByteCount(frame))
    return try json(content)
  }

  /// The content size that a zstd frame's header gives.
  private static func contentByteCount(_ frame: [UInt8]) throws -> Int {
    let flags = frame[4]
    let at = 5 + (flags & 0x20 == 0 ? 1 : 0)
    switch flags >> 6 {
    case 0: return Int(frame[at])
    case 1: return (Int(frame[at]) | Int(frame[at + 1]) << 8) + 256
    case 2: return Int(frame.rawBytes.littleEndian(UInt32.self, at: at) ?? 0)
    default: throw Missing()
    }
  }

  static func strings(_ name: String) throws -> [String] {
    guard let strings = try document(name).array?.compactMap(\.string) else { throw Missing() }
    return strings
  }
}

extension [UInt8] {
  init(fileAt path: String) throws {
    let file = try InputFile(path: path)
    self = file.bytes.copied
  }
}

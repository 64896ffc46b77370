import TestSupport

/// Makes a tokenizer.model: a protocol buffer by hand, right or wrong.
struct ModelBuilder {
  struct Piece {
    var text: [UInt8]
    var score: Float
    /// 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.
    var type: UInt64 = 1
  }

  var pieces: [Piece] = []
  /// Fields of the trainer's specification: 3 the model's type, 35 byte fallback.
  var trainer: [(field: Int, value: UInt64)] = [(3, 2)]
  /// Fields of the normalizer's specification.
  var normalizer: [UInt8] = []
  var hasTrainer = true, hasNormalizer = true
  var trailing: [UInt8] = []
  /// The file, where it shall be another one.
  var file: [UInt8]?

  init() {
    pieces = [Piece(text: Array("<unk>".utf8), score: 0, type: 2), Piece(text: Array("<s>".utf8), score: 0, type: 3)]
    pieces.append(Piece(text: Array("</s>".utf8), score: 0, type: 3))
    for (index, text) in (["▁", "ab", "▁ab"] + "abcdefghijklmnopqrstuvwxyz".map(String.init)).enumerated() {
      pieces.append(Piece(text: Array(text.utf8), score: -Float(index)))
    }
  }

  var bytes: [UInt8] {
    if let file { return file }
    var result: [UInt8] = []
    for piece in pieces {
      result += ModelBuilder.field(
        1, ModelBuilder.field(1, piece.text) + [0x15] + littleEndian(piece.score.bitPattern) + ModelBuilder.field(3, piece.type))
    }
    if hasTrainer { result += ModelBuilder.field(2, trainer.flatMap { ModelBuilder.field($0.field, $0.value) }) }
    if hasNormalizer { result += ModelBuilder.field(3, normalizer) }
    return result + trailing
  }

  static func variable(_ value: UInt64) -> [UInt8] {
    var (rest, result) = (value, [UInt8]())
    while rest >= 0x80 {
      result.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return result + [UInt8(rest)]
  }

  static func field(_ number: Int, _ value: UInt64) -> [UInt8] { variable(UInt64(number << 3)) + variable(value) }

  static func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
    variable(UInt64(number << 3 | 2)) + variable(UInt64(bytes.count)) + bytes
  }
}

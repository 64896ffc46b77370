import ByteStorage
import Foundation
import Tokenization

/// Times the reading of a tokenizer.json and the encoding of a text, and prints the ids for a comparison.
///   tokenizer TOKENIZER.json TEXT [RUNS]
let arguments = CommandLine.arguments
let document = [UInt8](try Data(contentsOf: URL(filePath: arguments[1])))
let text = try String(contentsOfFile: arguments[2], encoding: .utf8)
let runs = arguments.count > 3 ? Int(arguments[3]) ?? 7 : 7

/// The median of some runs.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  var all: [Double] = []
  for _ in 0..<runs {
    let start = ContinuousClock.now
    try body()
    all.append((ContinuousClock.now - start) / .seconds(1))
  }
  return all.sorted()[runs / 2]
}

func load() throws(GriffinError) -> Tokenizer {
  guard let loaded = try Tokenizer.load(read: { name throws(GriffinError) in name == "tokenizer.json" ? document : nil }) else {
    throw GriffinError(.missing, "there is no tokenizer")
  }
  return loaded.tokenizer
}

let reading = try seconds {
  var reader = JSONReader(document.rawBytes, limits: .tokenizer)
  try reader.skipValue()
  try reader.finish()
}
let loading = try seconds { _ = try load() }
let tokenizer = try load()
var ids: [Int] = []
let encoding = try seconds { ids = try tokenizer.encode(text, addsSpecialTokens: false) }
let result: JSONValue = [
  "json_seconds": .number(reading), "load_seconds": .number(loading), "encode_seconds": .number(encoding),
  "ids": .array(ids.map { .integer($0) }),
]
print(result.encoded())

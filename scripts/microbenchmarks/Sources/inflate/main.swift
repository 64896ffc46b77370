import ByteStorage
import Checkpoints
import Foundation

/// Makes a trained tiny pair as wide and deep as a real one, without another function.
///   inflate TARGET DRAFT OUT WIDENING INTERMEDIATE LAYERS     writes OUT/target and OUT/draft
let arguments = CommandLine.arguments
guard arguments.count == 7, let widening = Int(arguments[4]), let intermediate = Int(arguments[5]), let layers = Int(arguments[6]) else {
  fatalError("inflate TARGET DRAFT OUT WIDENING INTERMEDIATE LAYERS")
}
let inflation = Inflation(widening: widening, intermediateSize: intermediate, layerCount: layers)
for (path, half) in [(arguments[2], "draft"), (arguments[1], "target")] {
  let tiny = try Checkpoint.open(path: path)
  guard let config = tiny.config.object else { fatalError("\(path) has no configuration") }
  let folder = URL(filePath: arguments[3]).appending(path: half)
  try inflation.write(tiny.source, config: config, isTarget: half == "target", to: folder)
  // The tokenizer is the tiny model's.
  for file in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] where file.hasPrefix("token") || file.hasPrefix("special") {
    let copy = folder.appending(path: file)
    try? FileManager.default.removeItem(at: copy)
    try FileManager.default.copyItem(at: URL(filePath: path).appending(path: file), to: copy)
  }
}

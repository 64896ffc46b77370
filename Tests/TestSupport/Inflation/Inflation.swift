public import ByteStorage
public import Foundation
public import Tensors

/// A trained tiny model made as wide and deep as a real one, without another function: what it decodes stays the same, and what
/// that costs becomes real.
///
/// New columns and rows are zero, so hidden states are the old ones with zeros behind them. The mean square that a norm divides by
/// is smaller by the ratio of the widths: its weight and epsilon make up for that, exactly where the ratio is a power of four. New
/// heads see and give zeros. A new layer adds nothing: its output projections are zero.
public struct Inflation {
  /// Times as wide, in hidden columns and in heads.
  public let widening: Int
  public let intermediateSize: Int
  /// Layers of a target; a draft keeps its own.
  public let layerCount: Int

  public init(widening: Int, intermediateSize: Int, layerCount: Int) {
    (self.widening, self.intermediateSize, self.layerCount) = (widening, intermediateSize, layerCount)
  }

  /// Writes `config.json` and `model.safetensors`.
  /// - Parameters:
  ///   - source: A LLaMA-like target under its released names, or a GRIFFIN draft; floats of 16 or 32 bits.
  ///   - config: Its configuration.
  ///   - isTarget: Whether layers are added.
  public func write(_ source: any TensorSource, config: JSONObject, isTarget: Bool, to folder: URL) throws {
    var config = config
    func integer(_ key: String) -> Int { config[key]?.integer ?? 0 }
    let (hidden, old) = (integer("hidden_size"), integer("num_hidden_layers"))
    let epsilon = config["rms_norm_eps"]?.double ?? 1e-6
    config["hidden_size"] = .integer(widening * hidden)
    config["intermediate_size"] = .integer(intermediateSize)
    config["num_attention_heads"] = .integer(widening * integer("num_attention_heads"))
    config["num_key_value_heads"] = .integer(widening * integer("num_key_value_heads"))
    config["rms_norm_eps"] = .number(epsilon / Double(widening))
    if isTarget { config["num_hidden_layers"] = .integer(layerCount) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(JSONValue.object(config).encoded(pretty: true).utf8).write(to: folder.appending(path: "config.json"))

    var tensors = source.tensors.indices.map { WideTensor(source, $0, inflation: self) }
    if isTarget {
      let first = source.tensors.indices.filter { source.tensors[$0].name.hasPrefix("model.layers.0.") }
      for layer in old..<max(old, layerCount) {
        tensors += first.map { WideTensor(source, $0, inflation: self, asLayer: layer) }
      }
    }
    try Inflation.write(tensors, to: folder.appending(path: "model.safetensors"))
  }

  private static func write(_ tensors: [WideTensor], to url: URL) throws {
    var (header, offset): (JSONObject, Int) = (["__metadata__": ["format": "pt"]], 0)
    for tensor in tensors {
      header[tensor.name] = .object([
        "dtype": .string(tensor.type.rawValue.uppercased()), "shape": .array(tensor.shape.map { .integer($0) }),
        "data_offsets": [.integer(offset), .integer(offset + tensor.byteCount)],
      ])
      offset += tensor.byteCount
    }
    var text = Array(JSONValue.object(header).encoded().utf8)
    text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    _ = FileManager.default.createFile(atPath: url.path, contents: nil)
    let file = try FileHandle(forWritingTo: url)
    defer { try? file.close() }
    try file.write(contentsOf: unsafe withUnsafeBytes(of: UInt64(text.count).littleEndian) { unsafe Data($0) } + Data(text))
    for tensor in tensors { try tensor.write(to: file) }
  }
}

internal import ByteStorage
internal import Foundation
internal import Tensors

/// One tensor of an inflated model.
struct WideTensor {
  /// How an axis grows.
  enum Axis {
    case asItIs
    /// Zeros behind each of its equal parts.
    case padded(to: Int, parts: Int)
  }

  let name: String
  let type: ElementType
  let shape: [Int]
  private let source: any TensorSource
  private let index: Int
  private let axes: [Axis]
  /// Of a norm's weights; nil leaves bytes as they are.
  private let scale: Float?
  private let isZero: Bool

  /// - Parameter layer: The number of a new layer, made of the source's first; nil for a tensor that was there.
  init(_ source: any TensorSource, _ index: Int, inflation: Inflation, asLayer layer: Int? = nil) {
    let tensor = source.tensors[index]
    let dimensions = tensor.shape.dimensions
    (self.source, self.index) = (source, index)
    name = layer.map { tensor.name.replacing("model.layers.0.", with: "model.layers.\($0).") } ?? tensor.name
    func has(_ parts: String...) -> Bool { parts.contains { tensor.name.hasSuffix($0) } }

    let isNorm = has("norm.weight")
    isZero = layer != nil && has("o_proj.weight", "down_proj.weight")
    scale = isNorm ? 1 / Float(inflation.widening).squareRoot() : nil
    type = isNorm ? .f32 : tensor.type
    let wide = inflation.widening
    /// Hidden columns or rows, or both halves of a fused pair of them.
    func hidden(_ axis: Int, parts: Int = 1) -> Axis { .padded(to: wide * dimensions[axis], parts: parts) }
    let intermediate = Axis.padded(to: inflation.intermediateSize, parts: 1)
    if has("fc.fc.weight") {
      axes = [hidden(0), hidden(1, parts: 2)]
    } else if has("fc.mlp.up_proj.weight") {
      axes = [intermediate, hidden(1, parts: 2)]
    } else if has("gate_proj.weight", "up_proj.weight") {
      axes = [intermediate, hidden(1)]
    } else if has("down_proj.weight") {
      // Twice as tall as wide where it gives a prediction and a feature.
      let isDouble = tensor.name == "layers.0.mlp.down_proj.weight"
      axes = [hidden(0, parts: isDouble ? 2 : 1), intermediate]
    } else if has("embed_tokens.weight", "lm_head.weight") {
      axes = [.asItIs, hidden(1)]
    } else {
      // Projections of heads and of hidden states, their biases, norms.
      axes = dimensions.indices.map { hidden($0) }
    }
    shape = zip(dimensions, axes).map { size, axis in
      if case .padded(let wanted, _) = axis { wanted } else { size }
    }
  }

  var byteCount: Int { shape.reduce(elementBytes, *) }
  private var elementBytes: Int { type == .f32 ? 4 : 2 }

  /// Writes the elements, row by row.
  func write(to file: FileHandle) throws {
    let old = source.tensors[index].shape.dimensions
    let bytes = try scaled(source.withBytes(of: index) { $0.copied })
    let (rows, oldRows) = (shape.dropLast().reduce(1, *), old.dropLast().reduce(1, *))
    let rowBytes = shape[shape.count - 1] * elementBytes
    let oldRowBytes = bytes.count / oldRows
    let rowParts = shape.count > 1 ? WideTensor.places(oldRows, axes[0]) : [0]
    let zeros = Data(count: rowBytes)
    var sources = [Int?](repeating: nil, count: rows)
    if !isZero { for (row, place) in rowParts.enumerated() { sources[place] = row } }
    let columns = WideTensor.runs(old[old.count - 1], axes[axes.count - 1])
    var block = Data()
    for row in sources {
      if let row {
        var wide = zeros
        for run in columns {
          let start = row * oldRowBytes + run.old * elementBytes
          wide.replaceSubrange(run.new * elementBytes..<(run.new + run.count) * elementBytes, with: bytes[start..<start + run.count * elementBytes])
        }
        block += wide
      } else {
        block += zeros
      }
      if block.count > 1 << 22 {
        try file.write(contentsOf: block)
        block.removeAll(keepingCapacity: true)
      }
    }
    try file.write(contentsOf: block)
  }

  /// A norm's weights in single precision, times the scale; the bytes of anything else.
  private func scaled(_ bytes: [UInt8]) -> [UInt8] {
    guard let scale else { return bytes }
    let isWide = source.tensors[index].type == .f32
    let values = stride(from: 0, to: bytes.count, by: isWide ? 4 : 2).map { place -> Float in
      let bits = bytes[place..<place + (isWide ? 4 : 2)].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return isWide ? Float(bitPattern: bits) : WideTensor.float(half: UInt16(bits), isBrain: source.tensors[index].type == .bf16)
    }
    return values.flatMap { value in unsafe withUnsafeBytes(of: (value * scale).bitPattern.littleEndian) { unsafe Array($0) } }
  }

  private static func float(half bits: UInt16, isBrain: Bool) -> Float {
    guard !isBrain else { return Float(bitPattern: UInt32(bits) << 16) }
    let (exponent, fraction) = (Int(bits >> 10 & 31), Float(bits & 1023))
    let magnitude =
      exponent == 0 ? Float(sign: .plus, exponent: -24, significand: fraction) : Float(sign: .plus, exponent: exponent - 25, significand: fraction + 1024)
    return bits >> 15 == 0 ? magnitude : -magnitude
  }

  /// Where each old row goes.
  private static func places(_ count: Int, _ axis: Axis) -> [Int] {
    runs(count, axis).flatMap { run in (0..<run.count).map { run.new + $0 } }
  }

  /// Old elements that stay side by side: where they were, where they are, how many.
  private static func runs(_ count: Int, _ axis: Axis) -> [(old: Int, new: Int, count: Int)] {
    guard case .padded(let wanted, let parts) = axis else { return [(0, 0, count)] }
    return (0..<parts).map { ($0 * count / parts, $0 * wanted / parts, count / parts) }
  }
}

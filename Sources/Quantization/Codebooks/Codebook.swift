internal import ByteStorage

/// Points that a group of values is rounded to as a whole, by number.
///
/// `stored` is sound since every codebook is a constant: it is written here, then only read, and never given back.
@safe struct Codebook: Sendable {
  /// Values of one point.
  let width: Int
  /// How many values occur.
  let levelCount: Int
  /// The number of each value, and the values, of all points, one after another.
  private let levels: [UInt8]
  private let values: [Float]
  /// The values of all points as signed bytes, for kernels.
  @unsafe nonisolated(unsafe) let stored: UnsafePointer<Int8>

  /// - Parameters:
  ///   - width: Values of one point: 8 with 2 bits each, or 4 with 4 bits each.
  ///   - levels: The values that occur.
  ///   - points: 16 bits a point, little-endian, in base64: indices into `levels`, the first lowest.
  init(width: Int, levels: [Float], points: String) {
    let bits = 16 / width
    guard let packed = Base64.decode(points) else { preconditionFailure("points are base64") }
    (self.width, levelCount) = (width, levels.count)
    self.levels = stride(from: 0, to: packed.count, by: 2).flatMap { start in
      let point = Int(packed[start]) | Int(packed[start + 1]) << 8
      return (0..<width).map { UInt8((point >> ($0 * bits)) & ((1 << bits) - 1)) }
    }
    values = self.levels.map { levels[Int($0)] }
    let bytes = UnsafeMutablePointer<Int8>.allocate(capacity: values.count)
    for (place, value) in values.enumerated() { unsafe bytes[place] = Int8(value) }
    unsafe stored = UnsafePointer(bytes)
  }

  /// The levels of each point one above the other, the first lowest.
  func codes(levelBits: Int) -> [UInt16] {
    stride(from: 0, to: levels.count, by: width).map { start in
      (0..<width).reduce(0) { $0 | UInt16(levels[start + $1]) << ($1 * levelBits) }
    }
  }

  /// Stores a point's values, scaled, and negated where a bit of `signs` is set.
  func add(_ point: Int, scale: Float, signs: UInt8, to target: inout MutableSpan<Float>, at start: Int) {
    for index in 0..<width {
      let value = values[point * width + index]
      target[start + index] = scale * ((signs >> UInt8(index)) & 1 == 0 ? value : -value)
    }
  }

  /// Stores a point's values, shifted and scaled.
  func add(_ point: Int, scale: Float, shift: Float, to target: inout MutableSpan<Float>, at start: Int) {
    for index in 0..<width { target[start + index] = scale * (values[point * width + index] + shift) }
  }

  /// Eight signs from seven bits: the eighth makes their number even.
  static func evenSigns(_ bits: UInt32) -> UInt8 {
    let seven = UInt8(truncatingIfNeeded: bits & 127)
    return seven | (UInt8(truncatingIfNeeded: seven.nonzeroBitCount & 1) << 7)
  }

  /// What the nibbles of IQ4_NL and IQ4_XS stand for.
  /// - Source: ggml, `kvalues_iq4nl`.
  static let unequalSteps: [Float] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]

  /// Twice the 4-bit floats of OCP Microscaling (E2M1).
  static let doubledE2M1: [Float] = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]
}

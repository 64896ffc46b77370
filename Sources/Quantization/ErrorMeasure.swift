internal import CKernels
public import LinearAlgebra

/// How far decoded values are from those that were encoded, gathered chunk by chunk.
///
/// Pairs are summed in 16 lanes of doubles; chunks of a whole number of 16 give the same as all at once.
@safe public struct ErrorMeasure: Sendable {
  public private(set) var count = 0
  private var sums = ck_error_sums()

  public init() {}

  /// Adds a chunk.
  /// - Parameters:
  ///   - source: Values as they were, finite.
  ///   - decoded: As many values, as they are read back.
  ///   - set: The instructions to use; sums are the same with all.
  public mutating func add(_ source: Span<Float>, decoded: Span<Float>, using set: InstructionSet = .best) {
    precondition(source.count == decoded.count, "\(source.count) values and \(decoded.count)")
    count += source.count
    if let name = set.kernelSet, let kernel = unsafe ck_error_adder(name) {
      // Sound: both have as many values as the kernel is told to read.
      unsafe source.withUnsafeBufferPointer { source in
        unsafe decoded.withUnsafeBufferPointer { decoded in
          guard let from = source.baseAddress, let to = decoded.baseAddress else { return }
          unsafe kernel(from, to, source.count, &sums)
        }
      }
      return
    }
    for index in source.indices { add(source[index], decoded[index], lane: index % 16) }
  }

  private mutating func add(_ source: Float, _ decoded: Float, lane: Int) {
    let (a, b) = (Double(source), Double(decoded))
    ErrorMeasure.change(&sums.squares, lane) { $0 + (b - a) * (b - a) }
    ErrorMeasure.change(&sums.source, lane) { $0 + a * a }
    ErrorMeasure.change(&sums.decoded, lane) { $0 + b * b }
    ErrorMeasure.change(&sums.products, lane) { $0 + a * b }
    ErrorMeasure.change(&sums.largest, lane) { max($0, abs(decoded - source)) }
  }

  /// C's arrays are tuples in Swift.
  private static func change<Tuple, Element>(_ tuple: inout Tuple, _ lane: Int, _ body: (Element) -> Element) {
    // Sound: the tuple is 16 elements of that type, and the lane is below 16.
    unsafe withUnsafeMutableBytes(of: &tuple) { bytes in
      let lanes = unsafe bytes.assumingMemoryBound(to: Element.self)
      unsafe lanes[lane] = body(lanes[lane])
    }
  }

  /// All lanes of one sum, by halves.
  private static func fold<Tuple>(_ tuple: Tuple) -> Double {
    // Sound: the tuple is 16 doubles.
    var lanes = unsafe withUnsafeBytes(of: tuple) { unsafe Array($0.bindMemory(to: Double.self)) }
    while lanes.count > 1 { lanes = (0..<lanes.count / 2).map { lanes[$0] + lanes[$0 + lanes.count / 2] } }
    return lanes[0]
  }

  /// The root of the mean squared difference; zero of nothing.
  public var rmse: Double { count == 0 ? 0 : (ErrorMeasure.fold(sums.squares) / Double(count)).squareRoot() }

  /// The largest difference.
  public var maximum: Double {
    // Sound: the tuple is 16 floats.
    unsafe withUnsafeBytes(of: sums.largest) { unsafe Double($0.bindMemory(to: Float.self).max() ?? 0) }
  }

  /// The cosine of the angle between the two; 1 where both are all zero, 0 where one of them is.
  public var cosine: Double {
    let (source, decoded) = (ErrorMeasure.fold(sums.source), ErrorMeasure.fold(sums.decoded))
    if source == 0 || decoded == 0 { return source == decoded ? 1 : 0 }
    return min(1, max(-1, ErrorMeasure.fold(sums.products) / (source.squareRoot() * decoded.squareRoot())))
  }
}

public import ByteStorage
internal import CKernels
internal import LinearAlgebra
internal import Tensors

/// What stands between decoded values and an encoder: values that the stored type cannot hold are refused.
public enum ValueCheck {
  /// - Parameters:
  ///   - values: Values about to be encoded.
  ///   - firstElement: The place of `values[0]` in its tensor, for the message.
  ///   - name: The tensor's name.
  /// - Throws: `unsupported` for a NaN, an infinity, or a magnitude beyond what the format stores.
  public static func check(
    _ values: Span<Float>, for format: StorageFormat, firstElement: Int, name: String
  ) throws(GriffinError) {
    let limit = format.largestMagnitude ?? .greatestFiniteMagnitude
    guard largestMagnitudeBits(values) > limit.bitPattern else { return }
    for index in values.indices where !(abs(values[index]) <= limit) {
      let (value, element) = (values[index], firstElement + index)
      guard value.isFinite else {
        throw GriffinError(
          .unsupported, tensor: name, "element \(element) is \(value.isNaN ? "not a number" : "infinite"); \(format.type) cannot store it",
          hints: ["the recipe copy keeps every value; such weights are usually damaged, so compare them with their publisher's"])
      }
      throw GriffinError(
        .unsupported, tensor: name,
        "element \(element) is \(value), beyond the largest magnitude that \(format.type) stores (about \(limit))",
        hints: ["bf16 has the range of 32-bit floats: --quantize bf16, or --tensor-type '\(name)=bf16' for this tensor alone"])
    }
  }

  /// The magnitudes of floats order as their bits do, infinities and NaNs above all others.
  private static func largestMagnitudeBits(_ values: Span<Float>) -> UInt32 {
    // Sound: the kernel reads as many values as there are, and indices stay below the count.
    unsafe values.withUnsafeBufferPointer { values in
      if let set = InstructionSet.best.kernelSet, let kernel = unsafe ck_largest_magnitude(set), let base = values.baseAddress {
        return unsafe kernel(base, values.count)
      }
      var largest: UInt32 = 0
      for index in 0..<values.count { largest = max(largest, unsafe values[index].bitPattern & 0x7FFF_FFFF) }
      return largest
    }
  }
}

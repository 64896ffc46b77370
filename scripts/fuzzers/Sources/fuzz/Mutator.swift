/// libFuzzer's own changes, which know the dictionary and what comparisons saw, for a part of an input.
struct Mutator {
  /// Bytes that the whole input may have.
  let maximumBytes: Int
  /// SplitMix64 over libFuzzer's seed, so that a run can be repeated.
  private var state: UInt64

  init(maximumBytes: Int, seed: UInt32) { (self.maximumBytes, state) = (maximumBytes, UInt64(seed)) }

  /// A number from 0 up to `bound`, exclusive.
  mutating func number(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((value ^ value >> 31) % UInt64(max(bound, 1)))
  }

  /// Lets libFuzzer change a part.
  /// - Parameter limit: Bytes that the part may have afterwards.
  func change(_ part: inout [UInt8], limit: Int) {
    let count = part.count
    let capacity = max(limit, count, 1)
    part += [UInt8](repeating: 0, count: capacity - count)
    let changed = part.withUnsafeMutableBufferPointer { LLVMFuzzerMutate($0.baseAddress!, count, capacity) }
    part.removeSubrange(changed...)
  }
}

@_silgen_name("LLVMFuzzerMutate")
private func LLVMFuzzerMutate(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ capacity: Int) -> Int

/// libFuzzer calls this where it would change an input itself.
@_cdecl("LLVMFuzzerCustomMutator")
func customMutator(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ capacity: Int, _ seed: UInt32) -> Int {
  guard let mutate = Program.fuzzer?.mutate else { return LLVMFuzzerMutate(data, count, capacity) }
  var input = Array(UnsafeBufferPointer(start: data, count: count))
  var mutator = Mutator(maximumBytes: capacity, seed: seed)
  mutate(&input, &mutator)
  guard !input.isEmpty, input.count <= capacity else { return LLVMFuzzerMutate(data, count, capacity) }
  data.update(from: input, count: input.count)
  return input.count
}

import Fuzzers

/// libFuzzer's interface in C.
@_silgen_name("LLVMFuzzerRunDriver")
func LLVMFuzzerRunDriver(
  _ count: UnsafeMutablePointer<Int32>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

@_silgen_name("LLVMFuzzerMutate")
private func LLVMFuzzerMutate(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ capacity: Int) -> Int

/// libFuzzer calls this where it would change an input itself.
@_cdecl("LLVMFuzzerCustomMutator")
func customMutator(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ capacity: Int, _ seed: UInt32) -> Int {
  guard let fuzzer = Program.fuzzer else { return LLVMFuzzerMutate(data, count, capacity) }
  var input = Array(UnsafeBufferPointer(start: data, count: count))
  var mutator = Mutator(maximumBytes: capacity, seed: UInt64(seed)) { part, count in
    part.withUnsafeMutableBufferPointer { LLVMFuzzerMutate($0.baseAddress!, count, $0.count) }
  }
  fuzzer.mutate(&input, &mutator)
  guard !input.isEmpty, input.count <= capacity else { return LLVMFuzzerMutate(data, count, capacity) }
  data.update(from: input, count: input.count)
  return input.count
}

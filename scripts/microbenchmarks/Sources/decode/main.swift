import Bundles
import ByteStorage
import LinearAlgebra
import SpeculativeDecoding
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Decodes with a bundle's target as it is told, and says how long each pass took.
///
/// Usage: `decode BUNDLE THREADS`. Of each line of standard input it makes one of standard output: of `pass N` the seconds
/// of a pass of N tokens after 64 others, with the logits of each; of `prompt N` those of a prompt of N tokens and the
/// logits of its last; of `read` the bytes of all matrices and the seconds that reading them once takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = ContinuousClock.now
  try body()
  let elapsed = (ContinuousClock.now - start).components
  return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
}

let arguments = CommandLine.arguments
guard arguments.count == 3, let threads = Int(arguments[2]) else { fatalError("usage: decode BUNDLE THREADS") }
guard let model = try ModelBundle.open(path: arguments[1]).targetModel() else { fatalError("the bundle has no target") }
let compute = Compute(threads: threads)
let decoder = try TargetDecoder(model, compute: compute)
let vocabulary = model.configuration.vocabularySize
var features = Activations(columns: model.configuration.hiddenSize)
var last = Activations(tokens: 1, columns: model.configuration.hiddenSize)
var logits = Activations(columns: vocabulary)

func tokens(_ count: Int) -> [Int] { (0..<count).map { 3 + $0 * 7919 % (vocabulary - 3) } }

@MainActor func prompt(_ count: Int) throws {
  decoder.truncate(to: 0)
  try decoder.decode(tokens(count), isPrefill: true, features: &features)
  last.copyRow(count - 1, of: features, to: 0)
  try decoder.logits(last, into: &logits)
}

print("ready \(compute.instructionSet)")
fflush(nil)
var checksum: UInt64 = 0
while let line = readLine() {
  let words = line.split(separator: " ")
  switch (words.first, words.count > 1 ? Int(words[1]) : nil) {
  case ("pass", .some(let count)):
    if decoder.length < 64 { try prompt(64) }
    decoder.truncate(to: 64)
    print(
      try seconds {
        try decoder.decode(tokens(count), features: &features)
        try decoder.logits(features, into: &logits)
      })
  case ("prompt", .some(let count)): print(try seconds { try prompt(count) })
  case ("read", _):
    let elapsed = try seconds { checksum ^= try StreamingRead.run(model.tensors.source, threads: threads) }
    print(StreamingRead.byteCount(model.tensors.source), elapsed, checksum & 1)
  default: fatalError("what is \(line)?")
  }
  fflush(nil)
}

import ByteStorage
import Foundation
import Packing
import Tensors

/// Times packing and unpacking of a file's bytes in memory, on one thread.
///   planes TYPE FILE RUNS     writes {"bytes", "packed", "pack_seconds", "unpack_seconds"}: processor seconds, the least of the runs
func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

let arguments = CommandLine.arguments
guard arguments.count == 4, let type = ElementType(rawValue: arguments[1]), let runs = Int(arguments[3]) else { fatalError("planes TYPE FILE RUNS") }
let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: arguments[2])))
var codec = try PayloadCodec(type)
var target = ByteBuffer(byteCount: bytes.count)
// Each way by itself and again and again, in memory that was in use before, as the other programs are timed.
var frames: [UInt8] = []
frames.reserveCapacity(bytes.count + 65_536)
var table = try codec.pack(bytes.span.bytes, appendingTo: &frames)
var (pack, unpack) = (Double.infinity, Double.infinity)
for _ in 0..<runs {
  frames.removeAll(keepingCapacity: true)
  let start = seconds()
  table = try codec.pack(bytes.span.bytes, appendingTo: &frames)
  pack = min(pack, seconds() - start)
}
let file = try InputFile(standingIn: frames, path: arguments[2])
for _ in 0..<runs {
  let start = seconds()
  try codec.unpack(file, table, into: &target)
  unpack = min(unpack, seconds() - start)
}
guard target.bytes.equals(bytes.span.bytes) else { fatalError("\(arguments[2]) does not come back") }
print("{\"bytes\": \(bytes.count), \"packed\": \(frames.count), \"pack_seconds\": \(pack), \"unpack_seconds\": \(unpack)}")

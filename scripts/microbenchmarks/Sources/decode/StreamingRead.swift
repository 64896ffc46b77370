import ByteStorage
import Synchronization
import Tensors

/// A probe: every byte of all matrices is read once and added up, on all threads, and nothing else is done.
enum StreamingRead {
  /// Reads everything once; returns a sum, so that no read can be left out.
  static func run(_ source: any TensorSource, threads: Int) throws -> UInt64 {
    let total = Atomic<UInt64>(0)
    // Whole tensors would be uneven shares: pieces of 4 MiB.
    let piece = 4 << 20
    let jobs = matrices(source).flatMap { index in
      stride(from: 0, to: source.tensors[index].byteCount, by: piece).map { (index, $0) }
    }
    try Workers.run(threads, jobs: jobs.count, makeState: { 0 }) { job, _ throws(GriffinError) in
      let (index, start) = jobs[job]
      do {
        try source.withBytes(of: index) { bytes in
          let end = min(start + piece, bytes.byteCount)
          total.wrappingAdd(sum(bytes.extracting(start..<end)), ordering: .relaxed)
        }
      } catch {
        throw GriffinError(.io, "\(error)")
      }
    }
    return total.load(ordering: .relaxed)
  }

  static func byteCount(_ source: any TensorSource) -> Int {
    matrices(source).reduce(0) { $0 + source.tensors[$1].byteCount }
  }

  /// What a token multiplies by: not the embedding, of which it reads a row.
  private static func matrices(_ source: any TensorSource) -> [Int] {
    source.tensors.indices.filter { source.tensors[$0].shape.rowCount > 1 && !source.tensors[$0].name.contains("embed_tokens") }
  }

  private static func sum(_ bytes: RawSpan) -> UInt64 {
    bytes.withUnsafeBytes { buffer in
      var sums = (SIMD8<UInt64>(), SIMD8<UInt64>(), SIMD8<UInt64>(), SIMD8<UInt64>())
      var offset = 0
      while offset + 256 <= buffer.count {
        sums.0 &+= buffer.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self)
        sums.1 &+= buffer.loadUnaligned(fromByteOffset: offset + 64, as: SIMD8<UInt64>.self)
        sums.2 &+= buffer.loadUnaligned(fromByteOffset: offset + 128, as: SIMD8<UInt64>.self)
        sums.3 &+= buffer.loadUnaligned(fromByteOffset: offset + 192, as: SIMD8<UInt64>.self)
        offset += 256
      }
      let all = sums.0 &+ sums.1 &+ sums.2 &+ sums.3
      return (0..<8).reduce(0) { $0 &+ all[$1] }
    }
  }
}

internal import CKernels

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The kernels in plain Swift: the definitions that every instruction set must reproduce bit for
/// bit, and what computes where the processor has none of the sets.
///
/// Sound because, like their twins in C, they touch only what `CKernels.h` says of each, and their
/// callers in this module pass memory of those shapes.
enum PlainKernels {
  static let table = unsafe ck_kernels(
    fold: { sums, rows, tokens, y, stride in
      for row in 0..<rows {
        for token in 0..<tokens {
          let lanes = unsafe sums + (row * tokens + token) * laneCount
          unsafe y[token * stride + row] = fold(load(lanes))
        }
      }
    },
    add_weighted_rows: { weights, values, stride, rows, columns, y in
      for row in 0..<rows {
        for column in 0..<columns {
          unsafe y[column] = y[column].addingProduct(weights[row], values[row * stride + column])
        }
      }
    },
    softmax: { x, count, scale in
      var maximum = -Float.infinity
      for index in 0..<count {
        unsafe x[index] *= scale
        if unsafe x[index] > maximum { maximum = unsafe x[index] }
      }
      var sums = SIMD16<Float>()
      for index in 0..<count {
        unsafe x[index] = exponential(x[index] - maximum)
        unsafe sums[index % laneCount] += x[index]
      }
      return fold(sums)
    },
    silu: { x, count in
      for index in 0..<count { unsafe x[index] = silu(x[index]) }
    },
    silu_multiply: { x, factor, count in
      for index in 0..<count { unsafe x[index] = silu(x[index]) * factor[index] }
    },
    sum_exponentials: { x, count, maximum in
      var sums = SIMD16<Double>()
      for index in 0..<count { unsafe sums[index % laneCount] += Double(exponential(x[index] - maximum)) }
      let eight = sums.lowHalf + sums.highHalf
      let four = eight.lowHalf + eight.highHalf
      let two = four.lowHalf + four.highHalf
      return two.x + two.y
    })

  /// Rows of floats, which are there already.
  static let floats = unsafe ck_row_kernels(
    decode: { bytes, count, values in
      unsafe values.update(from: bytes.assumingMemoryBound(to: Float.self), count: count)
    },
    multiply_few: multiplyFew, few: 1,
    multiply_many: { bytes, rowBytes, rows, columns, x, stride, tokens, sums, _ in
      for row in 0..<rows {
        let values = unsafe (bytes + row * rowBytes).assumingMemoryBound(to: Float.self)
        for token in 0..<tokens {
          unsafe addProducts(values, x + token * stride, columns, sums + (row * tokens + token) * laneCount)
        }
      }
    })

  /// `ck_multiply_few` for floats: `y[t, r] = row r · x[t]`.
  private static let multiplyFew: ck_multiply_few = { bytes, rowBytes, rows, columns, x, xStride, tokens, y, yStride in
    for row in 0..<rows {
      let values = unsafe (bytes + row * rowBytes).assumingMemoryBound(to: Float.self)
      for token in 0..<tokens {
        var lanes = SIMD16<Float>()
        unsafe withUnsafeMutablePointer(to: &lanes) { lanes in
          unsafe lanes.withMemoryRebound(to: Float.self, capacity: laneCount) {
            unsafe addProducts(values, x + token * xStride, columns, $0)
          }
        }
        unsafe y[token * yStride + row] = fold(lanes)
      }
    }
  }

  /// A dot product before its fold: lane `k mod 16`, fused multiply-add, ascending `k`.
  private static func addProducts(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int, _ lanes: UnsafeMutablePointer<Float>
  ) {
    for k in 0..<count {
      unsafe lanes[k % laneCount] = lanes[k % laneCount].addingProduct(a[k], b[k])
    }
    // A partial group counts as one that is padded with zeros.
    for k in count..<roundedToLanes(count) { unsafe lanes[k % laneCount] = lanes[k % laneCount].addingProduct(0, b[k]) }
  }

  private static func load(_ lanes: UnsafePointer<Float>) -> SIMD16<Float> {
    unsafe UnsafeRawPointer(lanes).loadUnaligned(as: SIMD16<Float>.self)
  }

  private static func silu(_ x: Float) -> Float { x / (1 + exponential(-x)) }
}

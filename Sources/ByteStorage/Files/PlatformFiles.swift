#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The loops around `pread(2)`, `pwrite(2)` and `write(2)`, which may do less than they were asked for. Unsafe memory is
/// sound here because spans outlive the calls, and each part begins within its span.

/// Fills `buffer` with a file's bytes from `offset` on. Safe to call from many threads at once.
/// - Returns: Bytes read, fewer where the file ends or reading fails; the `errno` of a failure, else 0.
func readFully(_ descriptor: Int32, at offset: Int, into buffer: inout MutableRawSpan) -> (count: Int, code: Int32) {
  let wanted = buffer.byteCount
  var done = 0
  while done < wanted {
    let start = done
    let count = unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe pread(descriptor, bytes.baseAddress! + start, wanted - start, off_t(offset + start))
    }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return (done, count < 0 ? errno : 0) }
    done += count
  }
  return (done, 0)
}

/// Writes `bytes`; safe to call from many threads at once where they give offsets.
/// - Parameter offset: Where in the file; nil where the descriptor stands.
/// - Returns: Bytes written, fewer where writing fails; the `errno` of a failure, else 0.
func writeFully(_ descriptor: Int32, _ bytes: RawSpan, at offset: Int?) -> (count: Int, code: Int32) {
  let wanted = bytes.byteCount
  var done = 0
  while done < wanted {
    let start = done
    let count = unsafe bytes.withUnsafeBytes { source in
      let part = unsafe source.baseAddress! + start
      return if let offset {
        unsafe pwrite(descriptor, part, wanted - start, off_t(offset + start))
      } else {
        unsafe write(descriptor, part, wanted - start)
      }
    }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return (done, count < 0 ? errno : EIO) }
    done += count
  }
  return (done, 0)
}

/// Whether an `errno` says that there is no room for what was written.
func isOutOfRoom(_ code: Int32) -> Bool { [ENOSPC, EDQUOT, EFBIG].contains(code) }

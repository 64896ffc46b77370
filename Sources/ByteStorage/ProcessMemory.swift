#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// What this process takes from the machine.
public enum ProcessMemory {
  /// The most memory that was resident at once, in bytes; mapped file pages that were touched count.
  public static var peakByteCount: Int {
    #if canImport(Glibc)
      // The system's accounting also counts what the parent held when it started this program; this file does not.
      if let own = residentHighWater { return own }
    #endif
    var usage = rusage()
    #if canImport(Glibc)
      let (process, unit) = (Int32(RUSAGE_SELF.rawValue), 1024)
    #else
      let (process, unit) = (RUSAGE_SELF, 1)
    #endif
    guard unsafe getrusage(process, &usage) == 0 else { return 0 }
    return Int(usage.ru_maxrss) * unit
  }

  #if canImport(Glibc)
    /// `VmHWM` of /proc/self/status, in bytes.
    private static var residentHighWater: Int? {
      let descriptor = unsafe open("/proc/self/status", O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return nil }
      defer { close(descriptor) }
      var bytes = [UInt8](repeating: 0, count: 8192)
      let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
      let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
      guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }) else { return nil }
      return Int(line.filter(\.isNumber)).map { $0 * 1024 }
    }
  #endif
}

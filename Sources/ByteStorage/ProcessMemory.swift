#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// What this process takes from the machine.
public enum ProcessMemory {
  /// The most memory that was resident at once, in bytes; mapped file pages that were touched count.
  public static var peakByteCount: Int {
    var usage = rusage()
    #if canImport(Glibc)
      let (process, unit) = (Int32(RUSAGE_SELF.rawValue), 1024)
    #else
      let (process, unit) = (RUSAGE_SELF, 1)
    #endif
    guard unsafe getrusage(process, &usage) == 0 else { return 0 }
    return Int(usage.ru_maxrss) * unit
  }
}

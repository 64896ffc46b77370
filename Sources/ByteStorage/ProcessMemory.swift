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
    guard unsafe getrusage(RUSAGE_SELF, &usage) == 0 else { return 0 }
    #if canImport(Glibc)
      return Int(usage.ru_maxrss) * 1024
    #else
      return Int(usage.ru_maxrss)
    #endif
  }
}

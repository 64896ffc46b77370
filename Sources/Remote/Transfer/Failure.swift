internal import ByteStorage

/// Why a request did not give what was asked for.
enum Failure: Error {
  /// Another try may do it.
  case passing(String, retryAfter: Double? = nil)
  /// No other try will.
  case final(GriffinError)
  /// The redirect that was remembered does not hold any more.
  case stale
}

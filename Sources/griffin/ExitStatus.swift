import ByteStorage

/// The exit codes that scripts rely on.
enum ExitStatus: Int32, Error {
  case success = 0
  /// The check ran, and the answer is no.
  case mismatch = 1
  case usage = 64
  case dataError = 65
  case noInput = 66
  case cannotCreate = 73
  case ioError = 74
  /// Of `work`: another try may do it.
  case temporary = 75
  case interrupted = 130

  init(_ kind: GriffinError.Kind) {
    switch kind {
    case .usage: self = .usage
    case .malformed, .unsafe, .unsupported, .inconsistent: self = .dataError
    case .missing, .unreadable: self = .noInput
    case .exists, .uncreatable: self = .cannotCreate
    case .io, .space, .changed: self = .ioError
    case .interrupted: self = .interrupted
    }
  }
}

import ByteStorage

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where text goes: results to standard output, everything else to standard error.
enum Console {
  static func output(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

  /// Text without a line end, for what is streamed.
  static func outputPart(_ text: String) { write(text, to: STDOUT_FILENO) }

  static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  static func warning(_ text: String) { note("warning: \(text.printable)") }

  static func document(_ value: JSONValue) { output(inert(value.encoded(pretty: true))) }

  /// JSON without the control characters that it may hold as they are, but that a terminal would obey.
  private static func inert(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { ("\u{7F}"..."\u{9F}").contains($0) }) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if ("\u{7F}"..."\u{9F}").contains(scalar) {
        result += "\\u00" + String(scalar.value, radix: 16)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Reports an error in the form that the contract gives, and returns its exit status.
  static func report(_ error: GriffinError, json: Bool, as given: ExitStatus? = nil) -> ExitStatus {
    let status = given ?? ExitStatus(error.kind)
    if json {
      var object: JSONObject = [
        "code": .integer(Int(status.rawValue)), "kind": .string(error.kind.rawValue), "message": .string(error.message),
      ]
      if let file = error.file { object["file"] = .string(file) }
      if let tensor = error.tensor { object["tensor"] = .string(tensor) }
      if let offset = error.offset { object["offset"] = .integer(offset) }
      document(.object(["error": .object(object)]))
    }
    note("error: \(error.description)")
    for hint in error.hints { note("hint: \(hint.printable)") }
    return status
  }

  /// Whether a stream is a terminal that can be drawn on.
  static func isTerminal(_ descriptor: Int32) -> Bool {
    guard isatty(descriptor) == 1 else { return false }
    return environment("TERM") != "dumb"
  }

  static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }

  static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        let count = unsafe platformWrite(descriptor, bytes.baseAddress! + done, bytes.count - done)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return }  // a closed pipe: nobody reads on
        done += count
      }
    }
  }
}

/// `read(2)`, likewise.
func platformRead(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  unsafe read(descriptor, bytes, count)
}

/// `write(2)`, under a name that does not collide with methods that are called `write`.
func platformWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  unsafe write(descriptor, bytes, count)
}

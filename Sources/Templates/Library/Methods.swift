/// The attributes that Python's values have, and what becomes of them here.
enum Methods {
  enum Standing {
    case known
    /// One that would change the value, which no template may.
    case changing
    /// One that Python has and griffin has not.
    case unknown
  }

  /// nil for a name that Python does not have there either.
  static func standing(of name: String, in value: Value) -> Standing? {
    let (known, changing, unknown): (Set<String>, Set<String>, Set<String>)
    switch value {
    case .string: (known, changing, unknown) = (text, [], otherText)
    case .markup:
      (known, changing, unknown) = (
        markedText, [], text.subtracting(markedText).union(otherText).union(["striptags", "unescape"])
      )
    case .list: (known, changing, unknown) = (["count", "index", "copy"], listChanges, [])
    case .tuple: (known, changing, unknown) = (["count", "index"], [], [])
    case .dictionary: (known, changing, unknown) = (["copy", "get", "items", "keys", "values"], dictionaryChanges, ["fromkeys"])
    case .view: (known, changing, unknown) = ([], [], ["isdisjoint", "mapping"])
    case .range: (known, changing, unknown) = ([], [], ["count", "index", "start", "step", "stop"])
    case .iterator:
      (known, changing, unknown) = ([], [], ["close", "gi_code", "gi_frame", "gi_running", "gi_yieldfrom", "send", "throw"])
    case .bool, .integer: (known, changing, unknown) = ([], [], integers)
    case .float: (known, changing, unknown) = ([], [], floats)
    case .macro:
      (known, changing, unknown) = ([], [], ["arguments", "caller", "catch_kwargs", "catch_varargs", "explicit_caller"])
    default: return nil
    }
    if known.contains(name) { return .known }
    if changing.contains(name) { return .changing }
    return unknown.contains(name) ? .unknown : nil
  }

  private static let text: Set<String> = [
    "capitalize", "center", "count", "endswith", "find", "format", "index", "isalnum", "isalpha", "isascii", "isdigit", "islower",
    "isspace", "isupper", "join", "ljust", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rfind",
    "rindex", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title",
    "upper", "zfill",
  ]
  /// Those that mean the same on marked text as on any other.
  private static let markedText: Set<String> = [
    "count", "endswith", "find", "index", "isalnum", "isalpha", "isascii", "isdigit", "islower", "isspace", "isupper", "rfind",
    "rindex", "startswith",
  ]
  private static let otherText: Set<String> = [
    "casefold", "encode", "expandtabs", "format_map", "isdecimal", "isidentifier", "isnumeric", "isprintable", "istitle",
    "maketrans", "translate",
  ]
  private static let listChanges: Set<String> = ["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"]
  private static let dictionaryChanges: Set<String> = ["clear", "pop", "popitem", "setdefault", "update"]
  private static let integers: Set<String> = [
    "as_integer_ratio", "bit_count", "bit_length", "conjugate", "denominator", "from_bytes", "imag", "is_integer", "numerator",
    "real", "to_bytes",
  ]
  private static let floats: Set<String> = ["as_integer_ratio", "conjugate", "fromhex", "hex", "imag", "is_integer", "real"]
}

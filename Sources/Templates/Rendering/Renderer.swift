import ByteStorage

/// Runs a template once: its variables, its text so far, and what it may still cost.
///
/// It has nothing to reach: its functions are those below, its values those it was given and made.
final class Renderer {
  let limits: TemplateLimits
  let day: Day?
  /// What runs now, for messages.
  var place = Place.start
  /// The text of the block that is written now.
  private(set) var text = ""

  private var remaining: Int
  private var depth = 0

  // What values name by number. Nothing in here is freed before the renderer is; every entry was paid for.
  var namespaces: [Value.Dictionary] = []
  var iterators: [ArraySlice<Value>] = []
  var macros: [(definition: MacroDefinition, scope: Scope)] = []
  var loops: [Loop] = []
  var cyclers: [(items: [Value], position: Int)] = []
  /// A joiner's text, and whether it was asked before.
  var joiners: [(separator: Value, isUsed: Bool)] = []

  init(limits: TemplateLimits, day: Day?) {
    (self.limits, self.day, remaining) = (limits, day, limits.steps)
  }

  func render(_ statements: [Statement], variables: [(String, Value)]) throws(GriffinError) -> String {
    let globals = Scope(parent: nil)
    for function in Value.Function.allCases where function != .strftimeNow || day != nil {
      globals[function.rawValue] = .function(function)
    }
    let given = Scope(parent: globals)
    for (name, value) in variables { given[name] = value }
    _ = try execute(statements, in: Scope(parent: given))
    return text
  }

  // MARK: Costs

  /// - Throws: `unsafe` where the template has run too long.
  func charge(_ steps: Int = 1) throws(GriffinError) {
    remaining -= max(steps, 0)
    if remaining < 0 { throw fail(.unsafe, "the template takes more than \(limits.steps) steps") }
  }

  /// Pays for looking at text, or for making it.
  func charge(bytes: Int) throws(GriffinError) { try charge(bytes / 32 + 1) }

  /// Pays for something `count` times as large as `bytes`, which may be more than there is.
  func charge(bytes: Int, times count: Int) throws(GriffinError) {
    guard count > 0 else { return }
    guard let total = bytes.multiplied(by: count) else {
      throw fail(.unsafe, "the template takes more than \(limits.steps) steps")
    }
    try charge(bytes: total)
  }

  /// Runs something that may run itself.
  func nested<Result>(_ run: () throws(GriffinError) -> Result) throws(GriffinError) -> Result {
    depth += 1
    defer { depth -= 1 }
    guard depth <= limits.depth else {
      throw fail(.unsafe, "more than \(limits.depth) statements and expressions run inside of each other")
    }
    return try run()
  }

  /// A value that holds others.
  func bounded(_ value: Value) throws(GriffinError) -> Value {
    guard value.depth <= limits.valueDepth else {
      throw fail(.unsafe, "more than \(limits.valueDepth) values inside of each other")
    }
    return value
  }

  func list(_ values: [Value]) throws(GriffinError) -> Value {
    try charge(values.count)
    return try bounded(.list(of: values))
  }

  func tuple(_ values: [Value]) throws(GriffinError) -> Value {
    try charge(values.count)
    return try bounded(.tuple(of: values))
  }

  func iterator(_ values: [Value]) throws(GriffinError) -> Value {
    try charge(values.count + 4)
    _ = try bounded(.list(of: values))
    iterators.append(values[...])
    return .iterator(iterators.count - 1)
  }

  // MARK: Text

  func write(_ more: String) throws(GriffinError) {
    try charge(bytes: more.utf8.count)
    text += more
    guard text.utf8.count <= limits.outputBytes else {
      throw fail(.unsafe, "the template makes more than \(limits.outputBytes) bytes of text")
    }
  }

  /// What `run` writes, kept from the text.
  func captured(_ run: () throws(GriffinError) -> Void) throws(GriffinError) -> String {
    let outer = text
    text = ""
    defer { text = outer }
    try run()
    return text
  }

  // MARK: Errors

  func fail(_ message: String) -> GriffinError { fail(.malformed, message) }

  func fail(_ kind: GriffinError.Kind, _ message: String) -> GriffinError {
    GriffinError(kind, "\(place): \(message)")
  }

  func unknown(_ what: String) -> GriffinError { fail(.unsupported, "\(what) is not known") }
}

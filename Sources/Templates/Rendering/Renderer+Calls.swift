import ByteStorage

/// Calls of what can be called: macros, methods, loops, and the few functions.
extension Renderer {
  func arguments(_ given: Arguments, in scope: Scope) throws(GriffinError) -> GivenArguments {
    var result = GivenArguments()
    for expression in given.positional { result.positional.append(try evaluate(expression, in: scope)) }
    if let spread = given.spread { result.positional += try elements(of: evaluate(spread, in: scope)) }
    for (name, expression) in given.keywords { result.keywords.append((name, try evaluate(expression, in: scope))) }
    if let spread = given.spreadKeywords {
      guard case .dictionary(let dictionary) = try evaluate(spread, in: scope) else {
        throw fail("argument after ** must be a mapping")
      }
      try charge(dictionary.count)
      for (name, value) in zip(dictionary.keys, dictionary.values) {
        guard let name = name.text else { throw fail("keywords must be strings") }
        guard !result.keywords.contains(where: { $0.name == name }) else {
          throw fail("the argument \(name.shortened) is given twice")
        }
        result.keywords.append((name, value))
      }
    }
    return result
  }

  /// The arguments of a function by its parameters, nil where one was not given.
  /// - Throws: `malformed` for arguments beyond these.
  func bind(_ given: GivenArguments, _ names: String..., to function: String, required: Int = 0) throws(GriffinError) -> [Value?]
  {
    guard given.positional.count <= names.count else {
      throw fail("\(function) takes at most \(names.count) arguments, \(given.positional.count) were given")
    }
    var values: [Value?] = given.positional
    values += [Value?](repeating: nil, count: names.count - values.count)
    for (name, value) in given.keywords {
      guard let index = names.firstIndex(of: name), values[index] == nil else {
        throw fail("\(function) takes no argument \(name.shortened)")
      }
      values[index] = value
    }
    for (name, value) in zip(names, values).prefix(required) where value == nil {
      throw fail("\(function) needs the argument \(name)")
    }
    return values
  }

  func evaluateCall(_ expression: Expression, caller: Value?, in scope: Scope) throws(GriffinError) -> Value {
    guard case .call(let callee, let given) = expression.kind else { throw fail("expected a call") }
    let function = try evaluate(callee, in: scope)
    var arguments = try arguments(given, in: scope)
    if let caller { arguments.keywords.append(("caller", caller)) }
    place = expression.place
    return try call(function, arguments)
  }

  func call(_ function: Value, _ arguments: GivenArguments) throws(GriffinError) -> Value {
    switch function {
    case .undefined(let undefined): throw failure(of: undefined)
    case .macro(let id): return .string(try callMacro(id, arguments))
    case .function(let function): return try call(function, arguments)
    case .method(let value, let name): return try callMethod(name, of: value, arguments)
    case .loop(let id):
      guard let (statement, scope) = loops[id].recursion else {
        throw fail("The loop must have the 'recursive' marker to be called recursively.")
      }
      let items = try bind(arguments, "iterable", to: "loop", required: 1)[0] ?? .none
      let depth = loops[id].depth + 1
      return .string(
        try nested { () throws(GriffinError) in
          try captured { () throws(GriffinError) in try run(statement, over: items, in: scope, depth: depth) }
        })
    case .joiner(let id):
      defer { joiners[id].isUsed = true }
      return joiners[id].isUsed ? joiners[id].separator : .string("")
    default: throw fail("'\(function.typeName)' object is not callable")
    }
  }

  // MARK: Macros

  func macro(_ definition: MacroDefinition, in scope: Scope) -> Value {
    macros.append((definition, scope))
    return .macro(macros.count - 1)
  }

  private func callMacro(_ id: Int, _ given: GivenArguments) throws(GriffinError) -> String {
    let (definition, outer) = macros[id]
    let scope = Scope(parent: outer)
    var keywords = given.keywords
    func take(_ name: String) -> Value? {
      keywords.firstIndex { $0.name == name }.map { keywords.remove(at: $0).value }
    }
    for (index, parameter) in definition.parameters.enumerated() {
      if index < given.positional.count {
        scope[parameter.name] = given.positional[index]
      } else if let value = take(parameter.name) {
        scope[parameter.name] = value
      } else if let fallback = parameter.fallback {
        scope[parameter.name] = try evaluate(fallback, in: scope)
      } else {
        scope[parameter.name] = .undefined(Value.Undefined(message: "parameter '\(parameter.name)' was not provided"))
      }
    }
    if definition.usesCaller, !definition.parameters.contains(where: { $0.name == "caller" }) {
      scope["caller"] = take("caller") ?? .undefined(Value.Undefined(message: "No caller defined"))
    }
    if definition.usesKeywords {
      var dictionary = Value.Dictionary()
      for (name, value) in keywords { dictionary.set(name, to: value) }
      scope["kwargs"] = try bounded(.dictionary(dictionary))
    } else if let (name, _) = keywords.first {
      throw fail("macro '\(definition.name)' takes no keyword argument '\(name.shortened)'")
    }
    let extra = given.positional.dropFirst(definition.parameters.count)
    if definition.usesPositional {
      scope["varargs"] = try tuple(Array(extra))
    } else if !extra.isEmpty {
      throw fail("macro '\(definition.name)' takes not more than \(definition.parameters.count) argument(s)")
    }
    return try text(of: definition.body, in: scope)
  }

  // MARK: Functions

  private func call(_ function: Value.Function, _ given: GivenArguments) throws(GriffinError) -> Value {
    switch function {
    case .range: return try range(given)
    case .dict:
      var dictionary = Value.Dictionary()
      guard given.positional.count <= 1 else { throw fail("dict expected at most 1 argument") }
      if let source = given.positional.first { try fill(&dictionary, from: source) }
      for (name, value) in given.keywords { dictionary.set(name, to: value) }
      return try bounded(.dictionary(dictionary))
    case .namespace:
      var dictionary = Value.Dictionary()
      if let source = given.positional.first { try fill(&dictionary, from: source) }
      for (name, value) in given.keywords { dictionary.set(name, to: value) }
      try charge(4 + dictionary.count)
      namespaces.append(dictionary)
      return .namespace(namespaces.count - 1)
    case .cycler:
      guard !given.positional.isEmpty, given.keywords.isEmpty else { throw fail("at least one item has to be provided") }
      cyclers.append((given.positional, 0))
      return .cycler(cyclers.count - 1)
    case .joiner:
      joiners.append((try bind(given, "sep", to: "joiner")[0] ?? .string(", "), false))
      return .joiner(joiners.count - 1)
    case .raiseException:
      let message = try string(of: bind(given, "message", to: "raise_exception", required: 1)[0] ?? .none)
      throw GriffinError(.inconsistent, "\(place): the template refuses these messages: \(message.shortened(to: 2000))")
    case .strftimeNow:
      let format = try text(of: bind(given, "format", to: "strftime_now", required: 1)[0], in: "strftime_now")
      guard let text = day?.text(format) else { throw unknown("a code in the date \(format.shortened)") }
      return .string(text)
    }
  }

  private func range(_ given: GivenArguments) throws(GriffinError) -> Value {
    var numbers: [Int] = []
    for value in given.positional {
      guard let number = value.integer else {
        if case .undefined(let undefined) = value { throw failure(of: undefined) }
        throw fail("'\(value.typeName)' object cannot be interpreted as an integer")
      }
      numbers.append(number)
    }
    guard (1...3).contains(numbers.count), given.keywords.isEmpty else { throw fail("range takes one to three numbers") }
    let (start, stop, step) = (
      numbers.count == 1 ? 0 : numbers[0], numbers[numbers.count == 1 ? 0 : 1], numbers.count == 3 ? numbers[2] : 1
    )
    guard step != 0 else { throw fail("range() arg 3 must not be zero") }
    guard step != Int.min else { throw fail(.unsupported, "a number beyond 64 bits") }
    let length = step > 0 ? stop.subtractingReportingOverflow(start) : start.subtractingReportingOverflow(stop)
    guard step > 0 ? stop > start : start > stop else {
      return .range(Value.Range(start: start, stop: stop, step: step, count: 0))
    }
    let count = length.overflow ? Int.max : (length.partialValue - 1) / abs(step) + 1
    guard count <= limits.range else {
      throw fail(.unsafe, "Range too big. The sandbox blocks ranges larger than MAX_RANGE (\(limits.range)).")
    }
    return .range(Value.Range(start: start, stop: stop, step: step, count: count))
  }

  /// Members of a dictionary, or pairs.
  private func fill(_ dictionary: inout Value.Dictionary, from source: Value) throws(GriffinError) {
    if case .dictionary(let other) = source {
      try charge(other.count)
      dictionary = other
      return
    }
    if case .undefined(let undefined) = source { throw failure(of: undefined) }
    for pair in try elements(of: source) {
      let parts = try elements(of: pair)
      guard parts.count == 2 else { throw fail("dictionary update sequence element has length \(parts.count); 2 is required") }
      dictionary.set(parts[0], try key(of: parts[0]), to: parts[1])
    }
  }
}

import ByteStorage

extension Renderer {
  /// How a body ended.
  enum Flow { case done, stop, skip }

  func execute(_ statements: [Statement], in scope: Scope) throws(GriffinError) -> Flow {
    for statement in statements {
      try charge()
      let flow = try nested { () throws(GriffinError) in try execute(statement, in: scope) }
      if flow != .done { return flow }
    }
    return .done
  }

  private func execute(_ statement: Statement, in scope: Scope) throws(GriffinError) -> Flow {
    switch statement {
    case .text(let text): try write(text)
    case .output(let expression): try write(string(of: evaluate(expression, in: scope)))
    case .conditional(let branches, let otherwise):
      for branch in branches where try evaluate(branch.test, in: scope).isTrue { return try execute(branch.body, in: scope) }
      return try execute(otherwise, in: scope)
    case .loop(let statement):
      let items = try evaluate(statement.items, in: scope)
      place = statement.place
      try run(statement, over: items, in: scope, depth: 0)
    case .set(let target, let expression, let place):
      let value = try evaluate(expression, in: scope)
      self.place = place
      try assign(value, to: target, in: scope)
    case .setBlock(let target, let filter, let body, let place):
      var value = Value.string(try text(of: body, in: Scope(parent: scope)))
      if let filter { value = try evaluateFilter(filter, of: value, in: scope) }
      self.place = place
      try assign(value, to: target, in: scope)
    case .macro(let definition): scope[definition.name] = macro(definition, in: scope)
    case .callBlock(let definition, let expression):
      try write(string(of: evaluateCall(expression, caller: macro(definition, in: scope), in: scope)))
    case .filterBlock(let filter, let body):
      let inner = Scope(parent: scope)
      let value = Value.string(try text(of: body, in: inner))
      try write(string(of: evaluateFilter(filter, of: value, in: inner)))
    case .with(let values, let body, let place):
      let inner = Scope(parent: scope)
      for (target, expression) in values {
        let value = try evaluate(expression, in: scope)
        self.place = place
        try assign(value, to: target, in: inner)
      }
      return try execute(body, in: inner)
    case .generation(let body): return try execute(body, in: Scope(parent: scope))
    case .stop: return .stop
    case .skip: return .skip
    }
    return .done
  }

  /// The text that a body makes.
  func text(of body: [Statement], in scope: Scope) throws(GriffinError) -> String {
    try captured { () throws(GriffinError) in _ = try execute(body, in: scope) }
  }

  func assign(_ value: Value, to target: Target, in scope: Scope) throws(GriffinError) {
    switch target {
    case .name(let name): scope[name] = value
    case .attribute(let name, let attribute, let place):
      self.place = place
      guard case .namespace(let id) = scope.find(name) else {
        throw fail("cannot assign attribute on non-namespace object")
      }
      namespaces[id].set(attribute, to: value)
    case .several(let targets):
      let values = try elements(of: value)
      guard values.count == targets.count else {
        throw fail("\(values.count) values for \(targets.count) names")
      }
      for (target, value) in zip(targets, values) { try assign(value, to: target, in: scope) }
    }
  }

  // MARK: Loops

  func run(_ statement: LoopStatement, over items: Value, in scope: Scope, depth: Int) throws(GriffinError) {
    try charge(8)
    let id = loops.count
    loops.append(
      Loop(
        source: try elements(of: items), condition: statement.condition.map { ($0, statement.target, scope) }, depth: depth,
        recursion: statement.isRecursive ? (statement, scope) : nil))
    var isEmpty = true
    while let value = try advance(id) {
      isEmpty = false
      try charge()
      let inner = Scope(parent: scope)
      inner["loop"] = .loop(id)
      place = statement.place
      try assign(value, to: statement.target, in: inner)
      if try execute(statement.body, in: inner) == .stop { break }
    }
    // Its elements are not needed any more, where nothing asks for them afterwards.
    if isEmpty { _ = try execute(statement.otherwise, in: Scope(parent: scope)) }
  }

  private func advance(_ id: Int) throws(GriffinError) -> Value? {
    guard let value = try peek(id) else { return nil }
    loops[id].after = nil
    loops[id].index += 1
    loops[id].before = loops[id].current
    loops[id].current = value
    return value
  }

  /// The element after the current one.
  func peek(_ id: Int) throws(GriffinError) -> Value? {
    if loops[id].after == nil { loops[id].after = try pull(id) }
    return loops[id].after
  }

  private func pull(_ id: Int) throws(GriffinError) -> Value? {
    while loops[id].next < loops[id].source.count {
      let value = loops[id].source[loops[id].next]
      loops[id].next += 1
      guard let (test, target, scope) = loops[id].condition else { return value }
      try charge()
      let inner = Scope(parent: scope)
      try assign(value, to: target, in: inner)
      if try evaluate(test, in: inner).isTrue { return value }
    }
    return nil
  }

  /// All elements of a loop that pass its `if`.
  func count(_ id: Int) throws(GriffinError) -> Int {
    if let count = loops[id].count { return count }
    var count = loops[id].source.count
    if loops[id].condition != nil {
      var rest: [Value] = []
      while let value = try pull(id) { rest.append(value) }
      count = loops[id].index + 1 + (loops[id].after == nil ? 0 : 1) + rest.count
      loops[id].source = rest
      loops[id].next = 0
      loops[id].condition = nil
    }
    loops[id].count = count
    return count
  }
}

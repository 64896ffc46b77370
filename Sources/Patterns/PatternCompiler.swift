internal import ByteStorage

/// Writes an expression out as instructions.
struct PatternCompiler {
  private(set) var program: [Instruction] = []
  private(set) var slotCount = 0
  private let quoted: String

  /// - Throws: `unsafe` where there are too many instructions.
  init(_ node: PatternNode, quoted: String) throws(GriffinError) {
    self.quoted = quoted
    try add(node)
    try append(.accept)
  }

  private mutating func append(_ instruction: Instruction) throws(GriffinError) {
    guard program.count < PatternLimits.instructions else {
      throw GriffinError(
        .unsafe, "the expression \(quoted) becomes more than \(PatternLimits.instructions) instructions: it repeats too much")
    }
    program.append(instruction)
  }

  private mutating func add(_ node: PatternNode) throws(GriffinError) {
    switch node {
    case .scalar(let set): try append(.scalar(set))
    case .sequence(let parts): for part in parts { try add(part) }
    case .alternatives(let parts): try add(alternatives: parts)
    case .repetition(.scalar(let set), let minimum, let maximum, let greed) where minimum <= maximum ?? .max:
      try append(.run(set, minimum: minimum, maximum: maximum ?? .max, greed))
    case .repetition(let part, let minimum, let maximum, .possessive):
      try enclose({ .atomic(next: $0) }, .repetition(part, minimum: minimum, maximum: maximum, .greedy))
    case .repetition(let part, let minimum, let maximum, let greed): try add(part, minimum, maximum, isLazy: greed == .lazy)
    case .atomic(let part): try enclose({ .atomic(next: $0) }, part)
    case .lookAhead(let part, let isNegative): try enclose({ .look(isNegative: isNegative, next: $0) }, part)
    case .lookBehind(let part, let isNegative): try enclose({ .look(isNegative: isNegative, next: $0) }, part, isBehind: true)
    case .anchor(let anchor): try append(.anchor(anchor))
    }
  }

  private mutating func add(alternatives parts: [PatternNode]) throws(GriffinError) {
    var jumps: [Int] = []
    for (index, part) in parts.enumerated() {
      guard index + 1 < parts.count else {
        try add(part)
        break
      }
      let choice = program.count
      try append(.accept)
      try add(part)
      jumps.append(program.count)
      try append(.accept)
      program[choice] = .either(first: choice + 1, second: program.count)
    }
    for jump in jumps { program[jump] = .jump(program.count) }
  }

  /// What is matched for itself, and where it goes on.
  private mutating func enclose(
    _ instruction: (Int) -> Instruction, _ part: PatternNode, isBehind: Bool = false
  ) throws(GriffinError) {
    let place = program.count
    try append(.accept)
    if isBehind {
      var choices: [PatternNode] = [part]
      if case .alternatives(let parts) = part { choices = parts }
      try add(behind: choices[...])
    } else {
      try add(part)
    }
    try append(.accept)
    program[place] = instruction(program.count)
  }

  private mutating func add(behind choices: ArraySlice<PatternNode>) throws(GriffinError) {
    guard let first = choices.first else { return }
    let choice = program.count
    if choices.count > 1 { try append(.accept) }
    try append(.back(first.fixedCount ?? 0))
    try add(first)
    guard choices.count > 1 else { return }
    let jump = program.count
    try append(.accept)
    program[choice] = .either(first: choice + 1, second: program.count)
    try add(behind: choices.dropFirst())
    program[jump] = .jump(program.count)
  }

  private mutating func add(_ part: PatternNode, _ minimum: Int, _ maximum: Int?, isLazy: Bool) throws(GriffinError) {
    for _ in 0..<minimum { try add(part) }
    func choice(_ inside: Int, _ outside: Int) -> Instruction {
      isLazy ? .either(first: outside, second: inside) : .either(first: inside, second: outside)
    }
    if let maximum {
      var choices: [Int] = []
      for _ in minimum..<max(minimum, maximum) {
        choices.append(program.count)
        try append(.accept)
        try add(part)
      }
      for place in choices { program[place] = choice(place + 1, program.count) }
      return
    }
    let start = program.count
    try append(.accept)
    let slot = slotCount
    if part.canBeEmpty {
      slotCount += 1
      try append(.beginRound(slot: slot))
    }
    try add(part)
    let end = program.count
    if part.canBeEmpty { try append(.accept) }
    try append(.jump(start))
    program[start] = choice(start + 1, program.count)
    if part.canBeEmpty { program[end] = .endRound(slot: slot, exit: program.count) }
  }
}

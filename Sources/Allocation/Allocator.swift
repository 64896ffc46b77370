public import ByteStorage
internal import Bundles
internal import Conversion
internal import LinearAlgebra
internal import Models
internal import Quantization
internal import Tensors
internal import Verification

/// Chooses a type for each matrix of a pair by what it costs there.
///
/// Each group of matrices is stored alone as each type, and the pair run over a sample: what it loses is measured, or carried over from a
/// type that was measured. Losses add up, nearly; so the best choice for a size is a knapsack. The choice is then measured as a whole.
public final class Allocator {
  /// How far an allocation has come.
  public enum Progress: Sendable {
    /// How long all will take, said once before the first pass.
    case forecast(seconds: Double)
    /// Types tried alone, of how many.
    case measuring(Int, of: Int)
    /// Whole choices measured.
    case choosing(Int)
  }

  private let source: AllocationSource
  private let request: AllocationRequest
  private let compute: Compute
  private let threads: Int
  private let cancellation: Cancellation
  private let progress: (Progress) -> Void
  private let groups: [AllocationGroup]
  /// What the halves have in common, whatever their types.
  private let sharing: Sharing
  /// Bytes of a bundle beside what is chosen.
  private let otherByteCount: Int
  private let probe: LossProbe
  private let journal: AllocationJournal
  private var wholesMeasured = 0

  /// Runs the pair as it is over the sample.
  /// - Parameter output: Where the recipe is to be; what is measured is noted beside it.
  /// - Throws: `usage` where there is nothing to choose, `exists` where what an earlier run left is of something else, `interrupted`, and what
  ///   the sources throw.
  public init(
    _ source: AllocationSource, _ request: AllocationRequest, output: OutputFile, threads: Int,
    cancellation: Cancellation = Cancellation(), progress: @escaping (Progress) -> Void = { _ in }
  ) throws {
    (self.source, self.request, self.threads) = (source, request, threads)
    (self.cancellation, self.progress) = (cancellation, progress)
    compute = Compute(threads: threads)
    let plain = try source.inputs(ConversionSources.Selections())
    sharing = try Sharing(comparing: plain, threads: threads, cancellation: cancellation)
    groups = try AllocationGroup.all(
      of: source, sharing: sharing, types: request.types, importance: request.importance, allowsRequantizing: request.allowsRequantizing)
    guard groups.contains(where: { $0.options.count > 1 }) else {
      throw GriffinError(
        .usage, "there is nothing to choose: no matrix gets smaller with \(request.types.map(\.rawValue).joined(separator: ", "))",
        hints: ["--types names types to choose from"])
    }
    otherByteCount = try ConversionPlan(plain, sharing: sharing).bundle.fileByteCount - groups.reduce(0) { $0 + ($1.options.last?.byteCount ?? 0) }
    try Allocator.check(request.goal, hasDraft: source.draft != nil, least: otherByteCount + groups.reduce(0) { $0 + $1.options[0].byteCount })
    journal = try AllocationJournal(output, identity: Allocator.identity(source, request))
    let pass = try LossProbe.secondsOfAPass(source.target, texts: request.texts, compute: compute)
    progress(.forecast(seconds: Allocator.forecast(source.target, groups, pass: pass, noted: journal)))
    probe = try LossProbe(target: source.target, draft: source.draft, texts: request.texts, compute: compute, cancellation: cancellation)
  }

  /// - Throws: `usage` for a goal that no choice reaches, before anything is measured for it.
  private static func check(_ goal: AllocationRequest.Goal, hasDraft: Bool, least: Int) throws(GriffinError) {
    switch goal {
    case .size(let byteCount) where byteCount < least:
      throw GriffinError(
        .usage, "--size \(byteCount): the smallest bundle with these types takes \(least) bytes",
        hints: ["give a larger size, or smaller types with --types"])
    case .acceptance where !hasDraft:
      throw GriffinError(.usage, "--keep-acceptance is about a pair, and there is no draft", hints: ["give --draft SRC, or --max-kl"])
    default: break
    }
  }

  /// What losses depend on; the goal is not among it, so that another goal can use what was measured.
  private static func identity(_ source: AllocationSource, _ request: AllocationRequest) -> JSONObject {
    let text = request.texts.map { $0.map(String.init).joined(separator: ",") }.joined(separator: ";")
    let importance = request.importance?.file.map { "\($0.path) \($0.byteCount)" } ?? ""
    return [
      "models": .array(source.identity.map { .string($0) }), "types": .array(request.types.map { .string($0.rawValue) }),
      "text": .string(SHA256Digest(of: text.rawBytes).hexadecimal), "importance": .string(importance),
    ]
  }

  // MARK: Measuring

  /// Options of a group that are tried in a pass; the others are carried over.
  ///
  /// All of a small model, two of a larger one, one of a very large one, so that measuring ends within a night.
  private static func measuredOptions(of group: AllocationGroup, parameters: Int) -> [Int] {
    let candidates = group.options.indices.dropLast()
    let count = measuredTypes(parameters: parameters)
    guard candidates.count > count else { return Array(candidates) }
    // From the smaller ones, where the loss is: an only one is near three and four bits.
    return count == 1 ? [candidates[candidates.count / 3]] : [candidates[candidates.startIndex], candidates[candidates.count / 2]]
  }

  private static func measuredTypes(parameters: Int) -> Int {
    switch parameters {
    case ..<50_000_000: .max
    case ..<1_500_000_000: 2
    default: 1
    }
  }

  /// - Parameters:
  ///   - seconds: What a pass over the sample takes.
  ///   - journal: What is measured already, which takes no time.
  private static func forecast(
    _ target: TargetModel, _ groups: [AllocationGroup], pass seconds: Double, noted journal: AllocationJournal
  ) -> Double {
    let layers = Double(max(target.configuration.layerCount, 1))
    var passes = 0.0
    for group in groups {
      let tried = Double(measuredOptions(of: group, parameters: target.parameterCount).count { journal.loss(of: key(group, $0)) == nil })
      switch group.stage {
      case .embedding: passes += tried
      case .layer(let layer): passes += tried * (layers - Double(layer)) / layers
      case .head, .draft: passes += tried * 0.2
      }
    }
    // What is encoded on the way, and whole choices, take about as long as half of that.
    return seconds * (1.5 * passes + Double(max(0, 2 * comparedRecipes.count - journal.wholeCount)))
  }

  private static func key(_ group: AllocationGroup, _ option: Int) -> String { "\(group.name) \(group.options[option].type.rawValue)" }

  private func measure() throws -> [[MeasuredLoss]] {
    let total = groups.reduce(0) { $0 + $1.options.count - 1 }
    var (done, all): (Int, [[MeasuredLoss]]) = (0, [])
    for group in groups {
      let tried = Set(Allocator.measuredOptions(of: group, parameters: source.target.parameterCount))
      var losses: [MeasuredLoss] = []
      for option in group.options.indices.dropLast() {
        try cancellation.check()
        let key = Allocator.key(group, option)
        if let known = journal.loss(of: key) {
          losses.append(known)
        } else {
          let loss = try measure(group, option, isTried: tried.contains(option))
          journal.note(loss, of: key)
          losses.append(loss)
        }
        done += 1
        progress(.measuring(done, of: total))
      }
      all.append(losses + [MeasuredLoss(error: 0, divergence: 0)])
    }
    return all
  }

  private func measure(_ group: AllocationGroup, _ option: Int, isTried: Bool) throws -> MeasuredLoss {
    let (replacements, error) = try encoded(group, as: group.options[option].type)
    var loss = MeasuredLoss(error: error)
    guard isTried else { return loss }
    if group.stage == .draft {
      let (divergence, acceptance) = try probe.draftLoss(replacements)
      (loss.divergence, loss.acceptance) = (divergence, acceptance)
    } else {
      loss.divergence = try probe.targetLoss(replacements, at: group.stage)
    }
    return loss
  }

  /// A group's matrices as a type stores them, and their weighed error.
  private func encoded(_ group: AllocationGroup, as type: ElementType) throws(GriffinError) -> (replacements: LossProbe.Replacements, error: Double) {
    var replacements: LossProbe.Replacements = [:]
    var error = WeighedError()
    for member in group.members where member.stored.descriptor.type != type {
      guard let format = StorageFormat.of(type) else { preconditionFailure("\(type) is no type to store weights in") }
      let (tensor, part) = try EncodedTensor.encoding(
        member.stored, as: format, importance: member.importance, threads: threads, cancellation: cancellation)
      replacements[member.role] = .stored((tensor, index: 0))
      error.add(part)
    }
    return (replacements, error.relative)
  }

  // MARK: Choosing

  /// Recipes that a choice is held against, as points of the frontier.
  private static let comparedRecipes = ["q2_k_s", "q3_k_m", "q4_k_m", "q5_k_m"]

  /// Measures, chooses, and measures what was chosen.
  /// - Throws: `usage` where no choice reaches the goal; `interrupted`; what the sources throw.
  public func run() throws -> AllocationResult {
    let losses = LossModel(try measure()).losses
    let solver = BudgetSolver(
      zip(groups, losses).map { group, losses in
        zip(group.options, losses).map { BudgetSolver.Option(byteCount: $0.byteCount, loss: $1) }
      })
    let acceptanceSource = try probe.acceptance()
    let (solution, bound) = try choose(solver, acceptanceSource)
    let types = zip(groups, solution.options).map { $0.options[$1].type }
    let chosen = try point("allocated", types)
    let assignments = groups.indices.map { index in
      let (group, option) = (groups[index], solution.options[index])
      return AllocationResult.Assignment(
        names: group.members.map(\.name), type: group.options[option].type, byteCount: group.options[option].byteCount,
        loss: losses[index][option])
    }
    return AllocationResult(
      recipe: recipe(types, chosen), chosen: chosen, expectedLoss: solution.loss, bound: bound,
      acceptanceSource: acceptanceSource.map { 1 + $0 }, assignments: assignments, frontier: try frontier(solver, chosen),
      tokens: probe.tokenCount)
  }

  private func choose(_ solver: BudgetSolver, _ acceptance: Double?) throws -> (BudgetSolver.Solution, bound: Double) {
    switch request.goal {
    case .size(let byteCount):
      guard let found = solver.solve(byteCount: byteCount - otherByteCount) else { preconditionFailure("the goal was checked") }
      return (found.solution, found.bound)
    case .divergence(let most):
      return try smallest(solver) { $0.divergence <= most }
    case .acceptance(let part):
      guard let acceptance else { preconditionFailure("the goal was checked") }
      return try smallest(solver) { ($0.acceptance ?? 0) + 1 >= part * (acceptance + 1) }
    }
  }

  /// The smallest choice along the hulls that holds, found by halving: what is larger is taken to lose less.
  private func smallest(_ solver: BudgetSolver, where holds: (LossProbe.Whole) -> Bool) throws -> (BudgetSolver.Solution, bound: Double) {
    var (low, high) = (0, solver.pathCount - 1)
    while low < high {
      let middle = (low + high) / 2
      let types = zip(groups, solver.path(middle).options).map { $0.options[$1].type }
      if holds(try whole(types)) { high = middle } else { low = middle + 1 }
    }
    let solution = solver.path(low)
    return (solution, solver.solve(byteCount: solution.byteCount)?.bound ?? solution.loss)
  }

  // MARK: Whole choices

  private func point(_ name: String, _ types: [ElementType]) throws -> AllocationResult.Point {
    let whole = try whole(types)
    return AllocationResult.Point(
      name: name, byteCount: try byteCount(types), divergence: whole.divergence, agreement: whole.agreement,
      acceptance: whole.acceptance.map { 1 + $0 })
  }

  /// Runs the pair with these types, a group each.
  private func whole(_ types: [ElementType]) throws -> LossProbe.Whole {
    let key = SHA256Digest(of: types.map(\.rawValue).joined(separator: " ").rawBytes).hexadecimal
    if let known = journal.whole(of: key) { return known }
    let whole = try probe.whole { stage in
      var replacements: LossProbe.Replacements = [:]
      for (group, type) in zip(groups, types) where group.stage == stage {
        try replacements.merge(encoded(group, as: type).replacements) { _, new in new }
      }
      return replacements
    }
    journal.note(whole, of: key)
    wholesMeasured += 1
    progress(.choosing(wholesMeasured))
    return whole
  }

  private func selection(_ recipe: Recipe) -> TypeSelection {
    TypeSelection(recipe, allowsRequantizing: request.allowsRequantizing, importance: request.importance)
  }

  /// Bytes of the bundle.
  private func byteCount(_ types: [ElementType]) throws -> Int {
    let recipe = RecipeFile(types: named(types)).recipe
    let inputs = try source.inputs(ConversionSources.Selections(target: selection(recipe), draft: selection(recipe)))
    return try ConversionPlan(inputs, sharing: sharing).bundle.fileByteCount
  }

  private func named(_ types: [ElementType]) -> [String: ElementType] {
    var named: [String: ElementType] = [:]
    for (group, type) in zip(groups, types) {
      for member in group.members where member.stored.descriptor.type != type { named[member.name] = type }
    }
    return named
  }

  private func recipe(_ types: [ElementType], _ point: AllocationResult.Point) -> RecipeFile {
    RecipeFile(
      types: named(types),
      made: [
        "bytes": .integer(point.byteCount), "kl_mean": .number(point.divergence), "acceptance_length": .optional(point.acceptance),
        "tokens": .integer(probe.tokenCount), "types": .array(request.types.map { .string($0.rawValue) }),
      ])
  }

  /// What recipes make of the pair, and choices of the same sizes.
  private func frontier(_ solver: BudgetSolver, _ chosen: AllocationResult.Point) throws -> [AllocationResult.Point] {
    var points = [chosen]
    for name in Allocator.comparedRecipes {
      guard let types = try types(of: Recipe.named(name)) else { continue }
      let made = try point(name, types)
      points.append(made)
      guard let found = solver.solve(byteCount: made.byteCount - otherByteCount) else { continue }
      let allocated = try point("allocated", zip(groups, found.solution.options).map { $0.options[$1].type })
      if !points.contains(allocated) { points.append(allocated) }
    }
    return points.sorted { ($0.byteCount, $0.name) < ($1.byteCount, $1.name) }
  }

  /// The types that a recipe gives the groups; nil where it gives one group several.
  private func types(of recipe: Recipe) throws -> [ElementType]? {
    let inputs = try source.inputs(
      ConversionSources.Selections(target: selection(recipe), draft: selection(Recipe.draftDefault(for: recipe))))
    var byName: [String: ElementType] = [:]
    for component in [inputs.target, inputs.draft].compactMap(\.self) {
      for tensor in component.tensors { byName[component.component.prefix + tensor.name] = tensor.type }
    }
    var types: [ElementType] = []
    for group in groups {
      let found = Set(group.members.compactMap { byName[$0.name] })
      guard let type = byName[group.members[0].name], found.count == 1 || group.members.count == 2 else { return nil }
      types.append(type)
    }
    return types
  }
}

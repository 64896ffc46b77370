/// A loop that runs: what is left of its elements, and what `loop` tells of it.
struct Loop {
  var source: [Value]
  /// The first element of `source` that was not looked at.
  var next = 0
  /// The loop's `if`, which elements have to pass.
  var condition: (test: Expression, target: Target, scope: Scope)?
  var index = -1
  var before: Value?
  var current: Value?
  /// The element after the current one, where something asked for it.
  var after: Value?
  var count: Int?
  /// Loops of a recursive one inside of each other, from zero.
  var depth: Int
  /// What calling the loop runs; nil unless it is recursive.
  var recursion: (statement: LoopStatement, scope: Scope)?
  var lastChanged: [Value]?
}

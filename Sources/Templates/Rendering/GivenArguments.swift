/// What a call was given.
struct GivenArguments {
  var positional: [Value] = []
  var keywords: [(name: String, value: Value)] = []

  var isEmpty: Bool { positional.isEmpty && keywords.isEmpty }
}

/// How a runtime reads drafts of one kind, declared: which tensors it takes, leaves out, makes up or refuses, and which keys of
/// the configuration it goes by. What it says of nothing is read as it stands.
package struct DraftReader: Sendable {
  /// What becomes of a tensor that the runtime has no place for, and of one that it expects and that is not there.
  enum Treatment: Sendable {
    case refused, dropped, random
  }

  /// A tensor that is read in its own way, by its released name.
  struct Exception: Sendable {
    enum Rule: Sendable {
      /// It has to be there; otherwise it is random numbers.
      case needed
      /// It is left out without a word.
      case dropped
      /// The file is refused with it.
      case refused
      /// Without it the file is refused.
      case required
      /// The target's is taken in its place.
      case replaced
    }

    let name: String
    let rule: Rule
    /// Why, or what follows, for people.
    let reason: String
  }

  /// Where a runtime looks for the layers whose states are fused.
  enum Taps: Sendable {
    /// `eagle_aux_hidden_state_layer_ids` at the top, layers whose input is taken; the standard ones where it is absent.
    case topLevel
    /// The same key under `eagle_config`, layers whose output is taken.
    case nested
    /// Always the standard ones.
    case standard
    /// The user says.
    case told
  }

  /// Biases of the attention that are built where a key of the configuration is true, or for a class whatever it says.
  struct AttentionBiases: Sendable {
    /// A key, or a class of `architectures`.
    let cause: String
    /// Some of `q`, `k`, `v` and `o`.
    let projections: [Character]

    init(_ cause: String, _ projections: String) { (self.cause, self.projections) = (cause, Array(projections)) }
  }

  /// What the runtime calls such a draft.
  let method: String
  /// Classes of `architectures`; empty where they do not matter.
  let architectures: [String]
  var unknown = Treatment.refused
  var missing = Treatment.refused
  var exceptions: [Exception] = []
  var attentionBiases: [AttentionBiases] = []
  /// What becomes of a bias that is not built; nil for what becomes of any tensor without a place.
  var unknownBias: Treatment?
  /// Whether it knows `norm_before_residual`.
  var readsResidualNorm = true
  var taps = Taps.standard
  /// Whether it reads the form of the speculators library.
  var readsSpeculators = false
  /// Layers that it reads at most.
  var layerLimit = Int.max
}

/// A runtime that drafts are exported for or come from: which kinds it reads, and how.
package struct Runtime: Sendable {
  /// The name that `--for` uses.
  package let name: String
  /// What people call it.
  package let title: String
  let eagle: DraftReader?
  let eagle3: DraftReader?

  /// Every runtime. A new one is a file here and a line in this table.
  package static let all: [Runtime] = [.vllm, .sglang, .tensorRT, .llamaCpp, .lmDeploy, .openVINO]

  package static func named(_ name: String) -> Runtime? { all.first { $0.name == name } }
}

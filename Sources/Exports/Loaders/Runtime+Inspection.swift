internal import ByteStorage
internal import Models
internal import Tensors

extension Runtime {
  /// What a runtime makes of a draft.
  package struct Verdict: Sendable {
    /// What it loads the draft as; nil where it does not load it.
    package var method: String?
    /// What it does not read as it stands.
    package var findings: [LoaderFinding]

    /// Whether it loads the draft, and as what its files say.
    package var isFaithful: Bool { method != nil && !findings.contains(where: \.isLoss) }
  }

  /// What this runtime would make of a draft's folder. Reads `d2t` and no other tensor.
  package func verdict(on draft: DraftFolder) -> Verdict {
    guard let kind = draft.kind else {
      return Verdict(
        method: nil, findings: [LoaderFinding(.refused, "fc", "the tensors are those of no draft that it knows")])
    }
    let reader = kind.name == "eagle3" ? eagle3 : kind.name == "griffin" ? nil : eagle
    guard let reader else {
      let what = kind.name == "griffin" ? "GRIFFIN drafts (fc.fc, fc.mlp, two heads in down_proj)" : "drafts of this kind"
      return Verdict(method: nil, findings: [LoaderFinding(.refused, kind.name, "\(title) loads no \(what)")])
    }
    guard let configuration = draft.configuration else {
      return Verdict(method: nil, findings: [LoaderFinding(.refused, "config.json", "it cannot be read: hyper-parameters are missing or of a wrong type")])
    }
    let inspection = DraftInspection(runtime: self, reader: reader, draft: draft, kind: kind, configuration: configuration)
    let findings = inspection.findings()
    return Verdict(method: findings.contains { $0.effect == .refused } ? nil : reader.method, findings: findings)
  }
}

/// One runtime's look at one draft.
struct DraftInspection {
  let runtime: Runtime
  let reader: DraftReader
  let draft: DraftFolder
  let kind: DraftKind
  let configuration: TransformerConfiguration

  func findings() -> [LoaderFinding] {
    form() + tensors() + attentionBiases() + types() + lengths() + (configuration.eagle3.map { eagle3($0) } ?? [])
  }

  private func name(_ treatment: DraftReader.Treatment) -> LoaderFinding.Effect {
    switch treatment {
    case .refused: .refused
    case .dropped: .lost
    case .random: .random
    }
  }

  /// Whose form the configuration has, and which class it declares.
  private func form() -> [LoaderFinding] {
    if draft.isSpeculators, !reader.readsSpeculators {
      return [LoaderFinding(.refused, "config.json", "it has the form of the speculators library, which \(runtime.title) does not read")]
    }
    guard !draft.isSpeculators, !reader.architectures.isEmpty, !reader.architectures.contains(where: draft.architectures.contains) else { return [] }
    let declared = draft.architectures.isEmpty ? "nothing" : draft.architectures.joined(separator: ", ")
    return [
      LoaderFinding(
        .refused, "architectures",
        "it declares \(declared.shortened(to: 80)); \(runtime.title) finds such drafts under \(reader.architectures.joined(separator: " or "))")
    ]
  }

  /// Tensors that are not there, not known, or read in another way.
  private func tensors() -> [LoaderFinding] {
    var findings: [LoaderFinding] = []
    let rules = kind.rules(configuration)
    let exceptions = Dictionary(reader.exceptions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for rule in rules {
      guard let tensor = draft.table[rule.name] else {
        switch exceptions[rule.name]?.rule {
        case .needed: findings.append(LoaderFinding(.random, rule.name, "it is missing, and \(exceptions[rule.name]?.reason ?? "")"))
        case .required: findings.append(LoaderFinding(.refused, rule.name, "it is missing, and \(exceptions[rule.name]?.reason ?? "")"))
        default:
          if rule.presence == .required { findings.append(LoaderFinding(name(reader.missing), rule.name, "it is missing")) }
        }
        continue
      }
      if rule.presence != .ignored, tensor.shape.dimensions != rule.shape {
        findings.append(LoaderFinding(.refused, rule.name, "its shape is \(tensor.shape); the configuration says \(rule.shape)"))
      }
      guard let exception = exceptions[rule.name] else { continue }
      switch exception.rule {
      case .dropped: findings.append(LoaderFinding(.lost, rule.name, "it is left out: \(exception.reason)"))
      case .refused: findings.append(LoaderFinding(.refused, rule.name, exception.reason))
      case .replaced: findings.append(LoaderFinding(.noted, rule.name, "it is left aside: \(exception.reason)"))
      case .needed, .required: break
      }
    }
    // A copy of the target's head is refused or passed over by what is said of it above.
    let known = Set(rules.map(\.name))
    for tensor in draft.table.source.tensors where !known.contains(tensor.name) && !kind.drops(tensor.name) {
      let treatment = tensor.name.hasSuffix(".bias") ? reader.unknownBias ?? reader.unknown : reader.unknown
      findings.append(LoaderFinding(name(treatment), tensor.name, "there is no place for it"))
    }
    return findings
  }

  private func attentionBiases() -> [LoaderFinding] {
    let prefix = kind.name == "eagle3" ? "midlayer." : "layers.0."
    var findings: [LoaderFinding] = []
    let causes = reader.attentionBiases.filter { draft.isTrue($0.cause) || draft.architectures.contains($0.cause) }
    for projection in "qkvo" {
      let name = "\(prefix)self_attn.\(projection)_proj.bias"
      let cause = causes.first { $0.projections.contains(projection) }?.cause
      if let cause, draft.table[name] == nil {
        findings.append(LoaderFinding(.random, name, "\(cause) makes \(runtime.title) build it, and the file has none"))
      } else if cause == nil, draft.table[name] != nil {
        findings.append(LoaderFinding(self.name(reader.unknownBias ?? reader.unknown), name, "no such bias is built"))
      }
    }
    return findings
  }

  /// Weights of several types, and such as are no floating-point numbers.
  private func types() -> [LoaderFinding] {
    let weights = kind.rules(configuration).filter { $0.content == .weights && $0.presence != .ignored }.compactMap { rule in draft.table[rule.name] }
    let main = weights.first { $0.name == "fc.weight" }?.type
    return weights.compactMap { tensor in
      switch tensor.type.category {
      case .float:
        guard let main, tensor.type != main else { return nil }
        return LoaderFinding(.changed, tensor.name, "it is \(tensor.type) where fc.weight is \(main); all become one type when they are loaded")
      default: return LoaderFinding(.refused, tensor.name, "it is \(tensor.type), which is no weight")
      }
    }
  }

  /// Positions beyond which a runtime would not speculate.
  private func lengths() -> [LoaderFinding] {
    guard let own = configuration.maximumPositions else { return [] }
    guard let target = draft.target?.maximumPositions else {
      return own <= 2048
        ? [LoaderFinding(.noted, "max_position_embeddings", "it is \(own); where the target's is larger, speculation ends there")] : []
    }
    guard own < target else { return [] }
    return [LoaderFinding(.changed, "max_position_embeddings", "it is \(own), and the target's is \(target): speculation ends at \(own)")]
  }
}

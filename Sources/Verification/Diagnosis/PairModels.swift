internal import ByteStorage
package import Models
package import Tensors

/// A pair under experiment.
package struct PairModels: Sendable {
  var target: TargetModel
  /// nil for a target alone.
  var draft: DraftModel?

  package init(target: TargetModel, draft: DraftModel?) { (self.target, self.draft) = (target, draft) }
}

/// What takes a tensor's place in an experiment.
package enum Replacement: Sendable {
  /// Another model's tensor of the same role; nil takes the tensor away.
  case stored((any TensorSource, index: Int)?)
  case matrix(Matrix)
  case integers([Int])
}

extension DraftModel {
  /// The draft with some tensors replaced and another configuration.
  /// - Parameter names: Of tensors that it does not have.
  /// - Throws: Where the two do not go together.
  package func altered(
    _ configuration: TransformerConfiguration? = nil, _ replacements: [TensorRole: Replacement] = [:], names: [TensorRole: String] = [:]
  ) throws -> DraftModel {
    let configuration = configuration ?? self.configuration
    let source = try tensors.overlaid(replacements, names: names)
    return try DraftModel(kind: kind, configuration: configuration, table: TensorTable(source), prefix: "", file: nil)
  }
}

extension TargetModel {
  /// The target with some tensors replaced and another configuration.
  /// - Parameter names: Of tensors that it does not have.
  /// - Throws: Where the two do not go together.
  package func altered(
    _ configuration: TransformerConfiguration? = nil, _ replacements: [TensorRole: Replacement] = [:], names: [TensorRole: String] = [:]
  ) throws -> TargetModel {
    let configuration = configuration ?? self.configuration
    let source = try tensors.overlaid(replacements, names: names)
    return try TargetModel(family: family, configuration: configuration, table: TensorTable(source), prefix: "", file: nil)
  }
}

extension BoundTensors {
  /// These tensors under their plain names, with replacements; a role that is not among them gets the name that it has in `names`.
  fileprivate func overlaid(_ replacements: [TensorRole: Replacement], names: [TensorRole: String]) throws -> OverlaySource {
    var overlay = OverlaySource()
    var waiting = replacements
    func add(_ replacement: Replacement, as name: String, _ shape: Shape?) throws {
      switch replacement {
      case .stored(let place?): try overlay.add(name, from: place.0, index: place.index)
      case .stored(nil): break
      case .matrix(let matrix): try overlay.add(name, matrix.values, shape: shape ?? Shape([matrix.rows, matrix.columns]))
      case .integers(let values): try overlay.add(name, integers: values)
      }
    }
    for binding in bindings {
      if let replacement = waiting.removeValue(forKey: binding.role) {
        try add(replacement, as: binding.name, source.tensors[binding.index].shape)
      } else {
        try overlay.add(binding.name, from: source, index: binding.index)
      }
    }
    for (role, replacement) in waiting {
      if let name = names[role] { try add(replacement, as: name, nil) }
    }
    return overlay
  }
}

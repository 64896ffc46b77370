package import ByteStorage
internal import Tensors

extension DraftModel {
  /// The same draft with a head of its own: the rows of some tokens of its target's, which are all that it then drafts.
  ///
  /// - Parameters:
  ///   - ids: The tokens, ascending.
  ///   - prefix: What the names of its tensors begin with where they are.
  /// - Throws: `usage` for a draft that has a head of its own, or where the tokens are not some of the target's.
  package func trimmed(to ids: [Int], headOf target: TargetModel, prefix: String = "") throws(GriffinError) -> DraftModel {
    guard kind.name != DraftKind.eagle3.name, configuration.trimmedVocabularySize == nil else {
      throw GriffinError(
        .usage, "the draft has a head of its own (kind \(kind.name)), over \(tensors[.outputHead].map { "\(tensors.source.tensors[$0].shape.rowCount) " } ?? "")tokens; "
          + "--trim-vocab is for drafts that use their target's")
    }
    let size = target.configuration.vocabularySize
    guard !ids.isEmpty, ids.count < size, ids.allSatisfy((0..<size).contains), zip(ids, ids.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw GriffinError(.usage, "\(ids.count) of the target's \(size) tokens are to be kept; expected some of them, each once")
    }
    let role: TensorRole = target.configuration.tiesEmbeddings ? .tokenEmbedding : .outputHead
    guard let head = target.tensors[role] else { preconditionFailure("a target has a head") }
    var configuration = configuration
    configuration.trimmedVocabularySize = ids.count
    let source: TrimmedSource
    do throws(TensorError) {
      source = try TrimmedSource(
        tensors.source, keeping: tensors.bindings.map(\.index), head: (target.tensors.source, head), ids: ids, prefix: prefix)
    } catch let problem {
      throw GriffinError(.unsupported, tensor: "lm_head.weight", "\(problem)")
    }
    var model = try DraftModel(kind: kind, configuration: configuration, table: TensorTable(source), prefix: prefix, file: nil, remarks: warnings)
    model.unpacked = unpacked
    return model
  }
}

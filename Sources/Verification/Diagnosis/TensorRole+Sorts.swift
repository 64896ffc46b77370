internal import Models

/// What sort of tensor a role has.
extension TensorRole {
  var isNorm: Bool {
    switch self {
    case .finalNorm, .fusion(.postNorm), .fusion(.inputNorm), .fusion(.stateNorm), .fusion(.statesNorm): true
    case .layer(_, let role): [.inputNorm, .postAttentionNorm, .hiddenNorm, .queryNorm, .keyNorm].contains(role)
    default: false
    }
  }

  var isBias: Bool {
    switch self {
    case .fusion(.projectionBias): true
    case .layer(_, let role): [.queryBias, .keyBias, .valueBias, .outputBias, .gateBias, .upBias, .downBias].contains(role)
    default: false
    }
  }

  var isVocabulary: Bool { self == .vocabularyOffsets || self == .vocabularyMask }

  /// Whether this is multiplied by.
  var isMatrix: Bool { !isNorm && !isBias && !isVocabulary }

  /// Whether its columns are an embedding's and a feature's.
  func readsHalves(_ configuration: TransformerConfiguration) -> Bool {
    switch self {
    case .fusion(.projection), .fusion(.up): configuration.eagle3 == nil
    // EAGLE-3 reads both side by side in its attention.
    case .layer(0, .query), .layer(0, .key), .layer(0, .value): configuration.eagle3 != nil
    default: false
    }
  }

  /// The layer that it is a part of; nil outside the layers.
  var layer: Int? {
    if case .layer(let index, _) = self { index } else { nil }
  }

  /// Whether positions rotate what it gives.
  var isRotated: Bool {
    guard case .layer(_, let role) = self else { return false }
    return [.query, .key, .queryBias, .keyBias].contains(role)
  }
}

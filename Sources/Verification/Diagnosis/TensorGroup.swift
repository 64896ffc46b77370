internal import Models

/// The parts of a model that are swapped one at a time, and that findings are named by.
enum TensorGroup: String, Sendable, CaseIterable {
  case embedding, fc, attention, norm
  case feedForward = "feed_forward"
  case head, bias
  case vocabularyMap = "vocabulary_map"

  init(_ role: TensorRole) {
    switch role {
    case .tokenEmbedding: self = .embedding
    case .outputHead: self = .head
    case .vocabularyOffsets, .vocabularyMask: self = .vocabularyMap
    case _ where role.isNorm: self = .norm
    case _ where role.isBias: self = .bias
    case .fusion: self = .fc
    case .layer(_, let part):
      switch part {
      case .query, .key, .value, .output: self = .attention
      default: self = .feedForward
      }
    default: self = .norm
    }
  }

  /// In a sentence, after "the draft's".
  var words: String {
    switch self {
    case .embedding: "embeddings"
    case .fc: "fc (the fusion of embedding and feature)"
    case .attention: "attention"
    case .norm: "norms"
    case .feedForward: "feed-forward"
    case .head: "head"
    case .bias: "biases"
    case .vocabularyMap: "d2t (the vocabulary map)"
    }
  }
}

extension [String] {
  /// The first few names, and how many more there are.
  var listed: String { prefix(3).joined(separator: ", ") + (count > 3 ? " and \(count - 3) more" : "") }
}

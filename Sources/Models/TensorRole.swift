/// What a tensor does in its model, whatever its name: what decoders look up and recipes decide by.
public enum TensorRole: Sendable, Hashable {
  /// `[vocab_size, hidden_size]`, a row per token.
  case tokenEmbedding
  /// `[hidden_size]`, before the output head.
  case finalNorm
  /// `[vocab_size, hidden_size]`, features to logits.
  case outputHead
  /// A part of decoder layer `index`.
  case layer(Int, LayerRole)
  /// `[draft_vocab_size]` integers: what to add to a draft's own id for the target's.
  case vocabularyOffsets
  /// `[vocab_size]` booleans: which of the target's tokens a draft has.
  case vocabularyMask
  /// A part of what fuses token embeddings and features at a draft's entrance.
  case fusion(FusionRole)
}

/// A tensor's part in a decoder layer.
public enum LayerRole: Sendable, Hashable {
  case inputNorm, postAttentionNorm
  /// `[hidden_size]`, of the feature that enters beside an embedding.
  case hiddenNorm
  /// `[head_dim]`, over each head before its rotation.
  case queryNorm, keyNorm
  case query, key, value, output
  case queryBias, keyBias, valueBias, outputBias
  case gate, up, down
  case gateBias, upBias, downBias
  /// `[experts, hidden_size]`, a row per expert.
  case router
  /// A projection of one expert's feed-forward.
  case expert(Int, ExpertRole)
  /// A projection of the expert that every token goes through.
  case sharedExpert(ExpertRole)
  /// `[1, hidden_size]`, what that expert's output is weighed by.
  case sharedExpertGate
}

/// A tensor's part in an expert's gated feed-forward.
public enum ExpertRole: Sendable, Hashable, CaseIterable {
  case gate, up, down
}

/// A tensor's part in a draft's fusion of embeddings and features.
public enum FusionRole: Sendable, Hashable {
  case projection, projectionBias
  case postNorm, inputNorm
  /// Of one state of the target, and of all side by side.
  case stateNorm(Int), statesNorm
  case up, down
  /// `[hidden_size, hidden_size]`: the target's states as the draft was made for them.
  case adapter
}

public import ByteStorage
public import Tensors

/// What a bundle says about itself: the JSON document between header and payloads.
///
/// A value holds what was read or is to be written; `validate(file:)` is what makes it a manifest
/// that obeys sections 3 to 7 of `formats/bundle.md`.
public struct Manifest: Sendable, Hashable {
  /// The recipes that made the tensors' types; nil for a component that is not there.
  public struct Recipe: Sendable, Hashable {
    public var target: String?
    public var draft: String?

    public init(target: String?, draft: String?) { (self.target, self.draft) = (target, draft) }
  }

  /// The target model.
  public struct Target: Sendable, Hashable {
    /// The family's name, such as `llama`.
    public var family: String
    /// Hyper-parameters under Hugging Face's keys, no default left open.
    public var config: JSONObject
    /// Elements of the weights, as the family counts them.
    public var parameters: Int

    public init(family: String, config: JSONObject, parameters: Int) {
      (self.family, self.config, self.parameters) = (family, config, parameters)
    }
  }

  /// The draft model.
  public struct Draft: Sendable, Hashable {
    /// The kind's name, such as `griffin`.
    public var kind: String
    public var config: JSONObject
    public var parameters: Int
    public var embedding: EmbeddingRelation

    public init(kind: String, config: JSONObject, parameters: Int, embedding: EmbeddingRelation) {
      (self.kind, self.config, self.parameters, self.embedding) = (kind, config, parameters, embedding)
    }
  }

  /// One tensor. Several may name one payload; they then agree in type and shape.
  public struct Tensor: Sendable, Hashable {
    /// Its name begins with its component: `target/…` or `draft/…`.
    public var descriptor: TensorDescriptor
    /// The index of its bytes in `payloads`.
    public var payload: Int
    /// How far its values moved when they were encoded, where that was measured.
    public var errors: Errors?

    public init(descriptor: TensorDescriptor, payload: Int, errors: Errors? = nil) {
      (self.descriptor, self.payload, self.errors) = (descriptor, payload, errors)
    }
  }

  /// Measures of a tensor's quantization error.
  public struct Errors: Sendable, Hashable {
    /// The root of the mean squared difference.
    public var rmse: Double
    /// The largest difference.
    public var maximum: Double
    /// The cosine of the angle between the values before and after.
    public var cosine: Double

    public init(rmse: Double, maximum: Double, cosine: Double) {
      (self.rmse, self.maximum, self.cosine) = (rmse, maximum, cosine)
    }

    /// Stands where errors are not known yet: no value has more digits.
    public static let unknown = Errors(
      rmse: 2.2250738585072014e-308, maximum: 2.2250738585072014e-308, cosine: -2.2250738585072014e-308)

    /// What a manifest says; nil where it is not what rule T5 says, since nothing depends on it.
    package init?(_ value: JSONValue) {
      guard let rmse = value["rmse"]?.double, let maximum = value["max"]?.double, let cosine = value["cosine"]?.double,
        rmse >= 0, maximum >= 0, (-1...1).contains(cosine)
      else { return nil }
      self.init(rmse: rmse, maximum: maximum, cosine: cosine)
    }
  }

  /// A run of bytes of the file.
  public struct Payload: Sendable, Hashable {
    /// From the start of the file; a multiple of `BundleFormat.alignment`.
    public var offset: Int
    public var byteCount: Int
    public var digest: SHA256Digest

    public init(offset: Int, byteCount: Int, digest: SHA256Digest) {
      (self.offset, self.byteCount, self.digest) = (offset, byteCount, digest)
    }

    /// Where its bytes are in the file.
    package var range: Range<Int> { offset..<offset + byteCount }
  }

  /// A small file that travels along, as one zstd frame.
  public struct Attachment: Sendable, Hashable {
    /// Component and plain file name: `target/config.json`.
    public var name: String
    /// Bytes of the content.
    public var byteCount: Int
    /// SHA-256 of the content.
    public var digest: SHA256Digest
    /// The index of its frame in `payloads`.
    public var payload: Int

    public init(name: String, byteCount: Int, digest: SHA256Digest, payload: Int) {
      (self.name, self.byteCount, self.digest, self.payload) = (name, byteCount, digest, payload)
    }
  }

  /// A weight file that the tensors came from.
  public struct Provenance: Sendable, Hashable {
    public var component: Component
    /// The plain file name.
    public var file: String
    public var byteCount: Int
    public var digest: SHA256Digest

    public init(component: Component, file: String, byteCount: Int, digest: SHA256Digest) {
      (self.component, self.file, self.byteCount, self.digest) = (component, file, byteCount, digest)
    }
  }

  /// A remark of whoever made the bundle.
  public struct Metadata: Sendable, Hashable {
    public var key: String
    public var value: String

    public init(key: String, value: String) { (self.key, self.value) = (key, value) }
  }

  public var recipe: Recipe
  public var target: Target?
  public var draft: Draft?
  public var tensors: [Tensor]
  /// In the order of their offsets.
  public var payloads: [Payload]
  public var attachments: [Attachment]
  public var provenance: [Provenance]
  public var metadata: [Metadata]
  /// Matrices that errors were weighed by; empty where there were none.
  public var importance: [Importance]

  public init(
    recipe: Recipe, target: Target?, draft: Draft?, tensors: [Tensor], payloads: [Payload], attachments: [Attachment],
    provenance: [Provenance], metadata: [Metadata], importance: [Importance] = []
  ) {
    (self.recipe, self.target, self.draft) = (recipe, target, draft)
    (self.tensors, self.payloads, self.attachments) = (tensors, payloads, attachments)
    (self.provenance, self.metadata, self.importance) = (provenance, metadata, importance)
  }
}

extension Manifest {
  /// The recipe of a component that is there.
  public func recipe(of component: Component) -> String? { component == .target ? recipe.target : recipe.draft }

  /// Whether a component is there.
  public func holds(_ component: Component) -> Bool { component == .target ? target != nil : draft != nil }

  /// What a component is: the target's family, the draft's kind; nil where it is not there.
  package func modelName(of component: Component) -> String? { component == .target ? target?.family : draft?.kind }

  /// Elements of a component's weights; nil where it is not there.
  package func parameters(of component: Component) -> Int? { component == .target ? target?.parameters : draft?.parameters }

  /// How many tensors of a component have which type, by the types' names.
  package func typeList(of component: Component) -> [(type: String, count: Int)] {
    typeCounts(of: component).map { ($0.rawValue, $1) }.sorted { $0.type < $1.type }
  }

  /// The stretches of a file that no payload has, from an offset on.
  package func gaps(from start: Int, fileByteCount: Int) -> [Range<Int>] {
    var (gaps, end): ([Range<Int>], Int) = ([], start)
    for payload in payloads {
      if end < payload.offset { gaps.append(end..<payload.offset) }
      end = payload.range.upperBound
    }
    if end < fileByteCount { gaps.append(end..<fileByteCount) }
    return gaps
  }

  /// How many tensors have which type, of one component or of both.
  public func typeCounts(of component: Component? = nil) -> [ElementType: Int] {
    var counts: [ElementType: Int] = [:]
    for tensor in tensors where component == nil || Component(ofName: tensor.descriptor.name) == component {
      counts[tensor.descriptor.type, default: 0] += 1
    }
    return counts
  }

  /// Bytes of a component's tensors; a payload that several of them share counts once.
  public func tensorByteCount(of component: Component) -> Int {
    let indices = tensors.filter { Component(ofName: $0.descriptor.name) == component }.map(\.payload)
    return Set(indices).reduce(0) { $0 + payloads[$1].byteCount }
  }
}

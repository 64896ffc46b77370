internal import Bundles
public import ByteStorage
public import Tensors

/// What a conversion made, or would make: what `convert` reports.
public struct ConversionSummary: Sendable {
  public let plan: ConversionPlan
  public let output: String
  /// The bundle's digest in hexadecimal; nil where nothing was written.
  public let digest: String?
  public let seconds: Double
  public let warnings: [String]
  /// How far values moved, where that was asked for.
  public let errors: [EncodingLoss]?
  /// What became of an earlier run's work; nil where there was none to continue.
  public let resumption: Resumption?

  /// - Parameters:
  ///   - result: nil for a plan that was not carried out.
  ///   - showsErrors: Whether to report how far values moved.
  public init(
    _ plan: ConversionPlan, result: ConversionResult?, output: String, seconds: Double, warnings: [String], showsErrors: Bool = false
  ) {
    errors = showsErrors ? result?.errors : nil
    resumption = result?.resumption
    self.plan = plan
    self.output = output
    self.seconds = seconds
    self.warnings = warnings + plan.sharing.warnings
    digest = result?.digest.hexadecimal
  }

  public var byteCount: Int { plan.bundle.fileByteCount }
  public var tensorCount: Int { plan.tensors.count }
  public var payloadCount: Int { plan.bundle.manifest.payloads.count }
  public var types: [ElementType: Int] { plan.bundle.manifest.typeCounts() }

  /// The contract's JSON document.
  public var document: JSONValue {
    let counts = types.map { JSONObject.Member(key: $0.rawValue, value: .integer($1)) }.sorted { $0.key < $1.key }
    var object: JSONObject = [
      "output": .string(output),
      "digest": digest.map { .string($0) } ?? .null,
      "bytes": .integer(byteCount),
      "tensors": .integer(tensorCount),
      "payloads": .integer(payloadCount),
      "seconds": .number(seconds),
      "source_bytes": .integer(plan.inputs.sourceByteCount),
      "peak_memory_bytes": .integer(ProcessMemory.peakByteCount),
      "types": .object(JSONObject(counts)),
      "target": plan.inputs.target.map {
        .object(["family": .string($0.modelName), "parameters": .integer($0.parameterCount)])
      } ?? .null,
      "draft": plan.inputs.draft.map {
        .object([
          "kind": .string($0.modelName), "parameters": .integer($0.parameterCount),
          "embedding": plan.sharing.embedding.map { .string($0.name) } ?? .null,
        ])
      } ?? .null,
      "plan": digest == nil ? .array(plan.tensors.map(\.document)) : .null,
      "warnings": .array(warnings.map { .string($0) }),
    ]
    if case .continued(let kept, let all) = resumption {
      object["resumed"] = ["kept_payloads": .integer(kept), "payloads": .integer(all)]
    }
    if let errors { object["errors"] = .array(errors.map(\.document)) }
    return .object(object)
  }
}

extension ConversionPlan.Tensor {
  fileprivate var document: JSONValue {
    .object([
      "name": .string(name), "source_type": .string(sourceType.rawValue), "type": .string(type.rawValue),
      "shape": .array(shape.dimensions.map { .integer($0) }), "bytes": .integer(byteCount),
      "shared_with": sharedWith.map { .string($0) } ?? .null,
    ])
  }
}

internal import Bundles
internal import ByteStorage
internal import Tensors

/// What makes a conversion the one that it is: a partial file is continued by the same conversion only.
struct ConversionIdentity {
  /// A file on disk that payloads are made of.
  struct Input {
    /// Component and plain name.
    let name: String
    let file: InputFile
    /// Its place in the provenance, where it is hashed for that.
    var provenance: Int?
  }

  /// Something else that decides bytes, with a name that users know it by.
  struct Option: Hashable {
    let name: String
    /// Words or a digest, to compare.
    let value: String
    /// Whether `value` says something to people.
    var isWords = false
  }

  /// Grows when the bytes of payloads would be others for the same plan.
  static let encoderVersion = 1

  let inputs: [Input]
  let options: [Option]
  /// SHA-256 over the manifest as planned and over what each payload is made of.
  let digest: SHA256Digest

  init(_ plan: ConversionPlan) {
    inputs = ConversionIdentity.inputs(plan)
    options = ConversionIdentity.options(plan)
    var hasher = SHA256Hasher()
    func add(_ text: String) { hasher.update((text + "\n").rawBytes) }
    add(plan.bundle.plannedDigest.hexadecimal)
    for option in options { add("\(option.name) \(option.value)") }
    for job in plan.jobs {
      guard case .payload(let index, let tensor, _, let name) = job else { continue }
      let source = tensor.descriptor
      add("\(index) \(name) \(source.name) \(source.type) \(source.shape) \(tensor.digest?.hexadecimal ?? "-")")
    }
    digest = hasher.finalize()
  }

  private static func inputs(_ plan: ConversionPlan) -> [Input] {
    var places: [ObjectIdentifier: Int] = [:]
    for case .provenance(let index, let file) in plan.jobs { places[ObjectIdentifier(file)] = index }
    var inputs: [Input] = []
    for component in plan.inputs.components {
      let prefix = component.component.prefix
      if let archive = component.archive {
        // What was unpacked is new each time; the archive is what stays.
        inputs.append(Input(name: prefix + "archive", file: archive))
      } else {
        for weights in component.weightFiles {
          guard let file = weights.file else { continue }
          inputs.append(Input(name: prefix + weights.name, file: file, provenance: places[ObjectIdentifier(file)]))
        }
      }
      if let bundle = component.source as? ModelBundle { inputs.append(Input(name: prefix + "bundle", file: bundle.file)) }
    }
    return inputs.filter { $0.file.identity != nil }
  }

  private static func options(_ plan: ConversionPlan) -> [Option] {
    var options = [Option(name: "griffin's encoders", value: "version \(encoderVersion)", isWords: true)]
    for component in plan.inputs.components {
      let half = component.component.rawValue
      options.append(Option(name: "what the \(half) is", value: component.modelName, isWords: true))
      options.append(Option(name: "the \(half)'s recipe", value: component.recipe, isWords: true))
    }
    let types = plan.tensors.map { "\($0.name) \($0.sourceType) \($0.type) \($0.shape) \($0.sharedWith ?? "-")\n" }.joined()
    let remarks = JSONValue.array(plan.inputs.metadata.flatMap { [.string($0.key), .string($0.value)] })
    options.append(Option(name: "the importance matrix (--imatrix)", value: importance(plan)))
    options.append(Option(name: "whether errors are measured (--stats)", value: plan.measuresErrors ? "yes" : "no", isWords: true))
    options.append(Option(name: "remarks (--metadata)", value: digest(of: remarks.encoded())))
    for attachment in plan.attachments { options.append(Option(name: attachment.name, value: attachment.digest.hexadecimal)) }
    // Last: where something above differs, types may differ because of it.
    options.append(Option(name: "the tensors and their types", value: digest(of: types)))
    return options
  }

  private static func digest(of text: String) -> String { SHA256Digest(of: text.rawBytes).hexadecimal }

  /// The digest of what an importance matrix says of all tensors that it is used for.
  private static func importance(_ plan: ConversionPlan) -> String {
    var hasher = SHA256Hasher()
    var isWeighed = false
    for component in plan.inputs.components {
      for tensor in component.tensors {
        guard let values = tensor.importance else { continue }
        isWeighed = true
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * values.count)
        for value in values {
          for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(shift))) }
        }
        hasher.update(bytes.rawBytes)
      }
    }
    return isWeighed ? hasher.finalize().hexadecimal : "none"
  }
}

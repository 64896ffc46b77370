package import Bundles
package import ByteStorage
package import Conversion
package import Models
package import Tensors

/// What is to be exported: a bundle's models, and the user's choices that formats share.
package struct ExportRequest: Sendable {
  package let bundle: ModelBundle
  /// The bundle's models, exported or not; nil where it has none.
  package let target: TargetModel?
  package let draft: DraftModel?
  /// What is exported, of what is there.
  package let components: Set<Component>
  /// What quantized tensors are decoded to, where a format has no blocks; nil where the user left it to the model.
  package let dtype: ElementType?
  /// The most bytes of one file of weights; nil for the format's own.
  package let splitByteCount: Int?

  /// Types that `dtype` may be.
  package static let dtypes: [ElementType] = [.f32, .f16, .bf16]

  /// - Parameter component: The one to export; nil for what is there.
  /// - Throws: `usage` where the bundle has no such component; what recognising the models throws.
  package init(
    _ bundle: ModelBundle, component: Component? = nil, dtype: ElementType? = nil, splitByteCount: Int? = nil
  ) throws(GriffinError) {
    self.bundle = bundle
    if let component, !bundle.manifest.holds(component) {
      throw GriffinError(
        .usage, file: bundle.file.path, "the bundle holds no \(component.rawValue) to export",
        hints: ["griffin inspect shows what is in it"])
    }
    (target, draft) = (try bundle.targetModel(), try bundle.draftModel())
    components = Set(component.map { [$0] } ?? Component.allCases.filter(bundle.manifest.holds))
    (self.dtype, self.splitByteCount) = (dtype, splitByteCount)
  }

  /// The target, where it is exported.
  package var exportedTarget: TargetModel? { components.contains(.target) ? target : nil }
  /// The draft, where it is exported.
  package var exportedDraft: DraftModel? { components.contains(.draft) ? draft : nil }

  /// A tensor of the bundle, to be held against its digest when it is read.
  package func stored(_ index: Int) -> StoredTensor {
    StoredTensor(source: bundle, index: index, digest: bundle.payload(ofTensor: index).digest)
  }

  /// The configuration that travelled with a component; nil where there is none.
  package func attachedConfig(of component: Component) throws(GriffinError) -> JSONObject? {
    let name = component.prefix + "config.json"
    guard let bytes = try bundle.attachment(named: name) else { return nil }
    return try JSONValue.parse(bytes.rawBytes, limits: .config, file: bundle.file.path).object
  }

  /// What quantized tensors of a component are decoded to: as the user says, else as its configuration does, else halves.
  package func decodedType(of component: Component) throws(GriffinError) -> ElementType {
    if let dtype { return dtype }
    let config = try attachedConfig(of: component)
    return switch (config?["torch_dtype"] ?? config?["dtype"])?.string {
    case "float32": .f32
    case "bfloat16": .bf16
    default: .f16
    }
  }
}

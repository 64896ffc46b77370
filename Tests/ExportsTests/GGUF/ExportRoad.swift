import Bundles
import ByteStorage
import Conversion
import Exports
import Models
import Quantization
import Tensors
import TestSupport

/// The road from released files over a bundle to GGUF files, in a folder of its own.
struct ExportRoad {
  let folder: TemporaryFolder
  private var bundlePath: String { folder.path("pair.griffin") }

  init() throws { folder = try TemporaryFolder() }

  /// Packs what is released at these paths.
  func pack(target: String? = nil, draft: String? = nil) throws {
    let sources = try ConversionSources(target: target, draft: draft)
    _ = try ConversionRun(sources.inputs(), output: bundlePath, force: true).run()
  }

  /// Packs models in memory, with files that travel along.
  func pack(_ target: TargetModel?, _ draft: DraftModel? = nil, files: [String: String] = [:]) throws {
    let attachments = try files.sorted { $0.key < $1.key }.map { name, text in
      try ConversionComponent.Attachment(name: name, file: InputFile(path: folder.write(Array(text.utf8), to: name)))
    }
    let inputs = try ConversionInputs(
      target: target.map { try ConversionComponent($0, selection: .copy, weightFiles: [], attachments: attachments) },
      draft: draft.map { try ConversionComponent($0, selection: .copy, weightFiles: [], attachments: []) })
    _ = try ConversionRun(inputs, output: bundlePath, force: true).run()
  }

  func bundle() throws -> ModelBundle { try ModelBundle.open(path: bundlePath) }

  func plan(_ component: Component? = nil, dtype: ElementType? = nil, splitByteCount: Int? = nil) throws -> ExportPlan {
    let format = ExportFormat.named("gguf")!
    return try format.plan(ExportRequest(bundle(), component: component, dtype: dtype, splitByteCount: splitByteCount))
  }

  /// Writes the files of a plan as `out.gguf` and what goes beside it.
  /// - Returns: Their paths.
  @discardableResult
  func write(_ plan: ExportPlan, threads: Int = 2) throws -> [String] {
    let output = folder.path("out.gguf")
    try plan.write(to: output, force: true, threads: threads, cancellation: Cancellation())
    return plan.files.map { plan.path(of: $0, output: output) }
  }

  /// The files of an export, taken apart.
  func export(_ component: Component? = nil, dtype: ElementType? = nil) throws -> [GGUFBuilder] {
    try write(plan(component, dtype: dtype)).map { try GGUFBuilder(path: $0) }
  }
}

package import ByteStorage
internal import Models

/// A format that is exported to, declared: its name, what it holds, and how a bundle becomes it.
package struct ExportFormat: Sendable {
  /// The name that `--format` uses.
  package let name: String
  /// What loads it, in a few words for help texts.
  package let summary: String
  /// The runtime whose loader reads it back; nil where files are taken as they stand.
  package let runtime: Runtime?
  /// Plans the files.
  package let plan: @Sendable (ExportRequest) throws(GriffinError) -> ExportPlan

  /// Every format. A new one is a folder here and a line in this table.
  package static let all: [ExportFormat] = [.safetensors, .gguf, .vllm, .sglang]

  package static func named(_ name: String) -> ExportFormat? { all.first { $0.name == name } }
}

extension ExportFormat {
  /// A format of folders, `target` and `draft`, whose targets are those of Hugging Face.
  /// - Parameter draft: Plans the draft's folder; says what the user should know.
  static func folders(
    _ name: String, _ summary: String, _ runtime: Runtime? = nil,
    draft: @escaping @Sendable (ExportRequest, DraftModel, _ warnings: inout [String]) throws(GriffinError) -> ModelFolder
  ) -> ExportFormat {
    ExportFormat(name: name, summary: summary, runtime: runtime) { (request) throws(GriffinError) in
      var plan = ExportPlan(layout: .folder, files: [])
      if let target = request.exportedTarget { plan.files += try request.targetFolder(target).files(splitByteCount: request.splitByteCount) }
      if let model = request.exportedDraft {
        plan.files += try draft(request, model, &plan.warnings).files(splitByteCount: request.splitByteCount)
      }
      return plan
    }
  }

  /// Folders as models and drafts were released in.
  static let safetensors = folders("safetensors", "folders as released, for transformers and the code of the drafts' papers") {
    (request, draft, _) throws(GriffinError) in try request.draftFolder(draft)
  }
}

internal import Bundles
internal import ByteStorage
internal import Checkpoints
internal import Models

extension ExportFormat {
  /// GGUF as llama.cpp loads it.
  static let gguf = ExportFormat(
    name: "gguf", summary: "a GGUF file for llama.cpp, or the parts of a split; an EAGLE-3 draft beside it", runtime: nil
  ) { (request) throws(GriffinError) in try ExportPlan.gguf(request) }
}

extension ExportPlan {
  /// Plans GGUF files: the target, whole or split, and an EAGLE-3 draft beside it.
  ///
  /// Of both, a draft that GGUF has no form for is left out with a warning; asked for alone it is an error. Weights keep their
  /// types, but float64, in which llama.cpp computes nothing and which becomes `dtype`, or float32.
  /// - Throws: `unsupported` for what llama.cpp would not load or would silently leave out; `usage` for a draft without its target
  ///   and for a split into too many files; what reading the bundle throws.
  static func gguf(_ request: ExportRequest) throws(GriffinError) -> ExportPlan {
    var plan = ExportPlan(layout: .files(ending: ".gguf"), files: [])
    let (bundle, isBoth) = (request.bundle, request.components.count > 1)
    if let draft = request.exportedDraft, !isBoth { _ = try Eagle3Draft.check(draft, request) }
    guard let model = request.target else {
      throw GriffinError(
        .usage, file: bundle.file.path, "the bundle holds a draft alone; a GGUF of one has its target's tokenizer and layers",
        hints: ["convert the pair into one bundle: griffin convert --target SRC --draft SRC -o PAIR.griffin"])
    }
    let target = try GGUFTarget(model, request)
    let tokenizer = try GGUFTokenizer(request, model.configuration)
    plan.warnings += tokenizer.warnings
    func add(_ stem: String, _ tensors: [ExportTensor], _ model: (head: GGUFHead, warnings: [String])) throws(GriffinError) {
      var head = model.head
      head.add(contentsOf: tokenizer.head)
      plan.warnings += model.warnings
      plan.files += try GGUFFiles(stem: stem, head: head, tensors: tensors, splitByteCount: request.splitByteCount).files
    }
    if request.exportedTarget != nil {
      let tensors = try target.tensors()
      try add("", tensors, target.head(tensors))
    }
    guard let draft = request.exportedDraft else { return plan }
    do throws(GriffinError) {
      let eagle3 = try Eagle3Draft(draft, target: target, request)
      let tensors = try eagle3.tensors()
      let count = plan.files.count
      try add("-draft", tensors, eagle3.head(tensors))
      plan.draftFileCount = plan.files.count - count
    } catch {
      guard isBoth, error.kind == .unsupported || error.kind == .inconsistent else { throw error }
      plan.warnings.append("\(error); the target alone is exported")
      plan.warnings += error.hints
    }
    return plan
  }
}

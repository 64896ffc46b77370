package import Bundles
package import ByteStorage
internal import Checkpoints
internal import Models
package import Tensors

extension ExportPlan {
  /// Plans GGUF files as llama.cpp loads them: the target, whole or split, and an EAGLE-3 draft beside it.
  ///
  /// - Parameters:
  ///   - components: What to export. With both, a draft that GGUF has no form for is left out with a warning; named alone it is an error.
  ///   - dtype: What weights become whose type llama.cpp computes nothing in (float64); nil for float32. All others keep theirs.
  ///   - splitByteCount: The most bytes of one file; nil for one file a model.
  ///   - name: `general.name`.
  /// - Throws: `unsupported` for what llama.cpp would not load or would silently leave out; `usage` for a draft without its target
  ///   and for a split into too many files; what reading the bundle throws.
  package static func gguf(
    _ bundle: ModelBundle, components: [Component], dtype: ElementType?, splitByteCount: Int?, name: String
  ) throws(GriffinError) -> ExportPlan {
    let fallback = dtype ?? .f32
    var plan = ExportPlan(layout: .files(ending: ".gguf"), files: [])
    let draft = components.contains(.draft) ? try bundle.draftModel() : nil
    if let draft, !components.contains(.target) { _ = try Eagle3Draft.check(draft, bundle) }
    guard let model = try bundle.targetModel() else {
      throw GriffinError(
        .usage, file: bundle.file.path,
        draft == nil
          ? "the bundle holds no target to export" : "the bundle holds a draft alone; a GGUF of one has the target's tokenizer and layers",
        hints: draft == nil ? [] : ["convert the pair into one bundle: griffin convert TARGET --draft DRAFT -o PAIR.griffin"])
    }
    let target = try GGUFTarget(model, bundle)
    let tokenizer = try GGUFTokenizer(bundle, model.configuration)
    plan.warnings += tokenizer.warnings
    if components.contains(.target) {
      let tensors = try target.tensors(fallback: fallback)
      var head = GGUFHead()
      head.addGeneral(
        architecture: target.names.name, name: name, fileType: GGUFFileType.number(tensors, recipe: bundle.manifest.recipe.target))
      plan.warnings += try head.addParameters(
        model.configuration, architecture: target.names.name, positions: model.configuration.maximumPositions, file: bundle.file.path)
      head.add(contentsOf: tokenizer.head)
      plan.files += try GGUFFiles(stem: "", head: head, tensors: tensors, splitByteCount: splitByteCount).files
    }
    guard let draft else { return plan }
    do throws(GriffinError) {
      let eagle3 = try Eagle3Draft(draft, target: target, bundle)
      let tensors = try eagle3.tensors(fallback: fallback)
      var (head, warnings) = try eagle3.head(name: name, tensors)
      head.add(contentsOf: tokenizer.head)
      plan.warnings += warnings
      plan.files += try GGUFFiles(stem: "-draft", head: head, tensors: tensors, splitByteCount: splitByteCount).files
    } catch {
      guard components.contains(.target), error.kind == .unsupported || error.kind == .inconsistent else { throw error }
      plan.warnings.append("\(error); the target alone is exported")
      plan.warnings += error.hints
    }
    return plan
  }
}

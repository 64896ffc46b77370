internal import ByteStorage

/// A folder of PEFT's: what was trained beside a model, which is no model by itself.
///
/// - Source: `LoraConfig` of Hugging Face PEFT.
enum LoRAAdapter {
  private static let configName = "adapter_config.json"
  private static let weightNames = ["adapter_model.safetensors", "adapter_model.bin"]

  /// Whether a file holds an adapter's weights.
  static func isWeights(_ name: String) -> Bool { weightNames.contains(name) }

  /// The error for a folder that holds an adapter; nil where it holds none.
  static func error(folder: any FileFolder, names: [String]) -> GriffinError? {
    guard names.contains(configName) || names.contains(where: isWeights) else { return nil }
    let config = try? LoRAAdapter.config(folder)
    let base = config?.object?["base_model_name_or_path"]?.string?.shortened().printable
    let kind = config?.object?["peft_type"]?.string?.shortened(to: 40).printable ?? "LORA"
    return GriffinError(
      .unsupported, file: folder.path,
      "the folder holds an adapter (\(kind))" + (base.map { " of the base model \($0)" } ?? "") + ", not a model",
      hints: ["merge it into its base model (peft: merge_and_unload), save that and convert the result"])
  }

  private static func config(_ folder: any FileFolder) throws(GriffinError) -> JSONValue {
    let file = try folder.open(configName)
    try file.requireAll(atMost: JSONLimits.config.bytes)
    return try JSONValue.parse(file.bytes, limits: .config, file: file.path)
  }
}

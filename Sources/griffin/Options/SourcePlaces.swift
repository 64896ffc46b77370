import ByteStorage
import Checkpoints

/// Where SRC arguments are looked for, as the environment says.
enum SourcePlaces {
  /// The cache of `huggingface_hub` is where its own variables put it: `HF_HUB_CACHE` (once `HUGGINGFACE_HUB_CACHE`), else `hub` in `HF_HOME`, else in
  /// `huggingface` of the user's caches (`XDG_CACHE_HOME`, else `~/.cache`).
  ///
  /// - Parameters:
  ///   - output: What is written, if anything is: archives are unpacked beside it, where there has to be room anyway.
  ///   - goesFar: Whether addresses of other machines are read from.
  static func options(output: String? = nil, goesFar: Bool = false) -> SourceOptions {
    let scratch = output.map { FileSystem.split($0).folder } ?? variable("TMPDIR") ?? "/tmp"
    return SourceOptions(huggingFaceCache: huggingFaceCache, far: FarDoor(isOpen: goesFar), scratchFolder: scratch, cancellation: Interruption.cancellation)
  }

  private static var huggingFaceCache: String? {
    if let folder = variable("HF_HUB_CACHE") ?? variable("HUGGINGFACE_HUB_CACHE") { return folder }
    if let home = variable("HF_HOME") { return home + "/hub" }
    if let caches = variable("XDG_CACHE_HOME") { return caches + "/huggingface/hub" }
    return Console.environment("HOME").map { $0 + "/.cache/huggingface/hub" }
  }

  /// A variable that is set to something; `~/` stands for the user's home, as it does for `huggingface_hub`.
  private static func variable(_ name: String) -> String? {
    guard let value = Console.environment(name), !value.isEmpty else { return nil }
    guard value == "~" || value.hasPrefix("~/"), let home = Console.environment("HOME") else { return value }
    return home + value.dropFirst()
  }
}

import Foundation
import TestSupport
import Testing

/// Models of the local Hugging Face cache, by name, as a user gives them.
struct HubRoadTests {
  private static let (first, second) = (String(repeating: "3c", count: 20), String(repeating: "4d", count: 20))

  /// A cache in which `main` of the draft is another draft than that of its tag `v1`.
  private static func fill(_ path: String) throws {
    let cache = try HubCacheFolder(path)
    try cache.add("lab/tiny-target", commit: first, references: ["main"], folder: Golden.path("llama2-tiny/target"))
    try cache.add("lab/tiny_draft-1.0", commit: first, references: ["v1"], folder: Golden.path("llama2-tiny/draft"))
    try cache.add("lab/tiny_draft-1.0", commit: second, references: ["main"], folder: Golden.path("llama2-wide/draft"))
  }

  /// The variables that say where the cache is, and the cache's place under a folder.
  @Test(arguments: [
    ("HF_HUB_CACHE", ""), ("HF_HOME", "/hub"), ("XDG_CACHE_HOME", "/huggingface/hub"), ("HOME", "/.cache/huggingface/hub"),
  ])
  func convertsByName(variable: String, place: String) throws {
    let folder = try TemporaryFolder()
    let home = folder["home"]
    try HubRoadTests.fill(home + place)
    var environment = ["HF_HUB_CACHE": "", "HF_HOME": "", "XDG_CACHE_HOME": "", "HUGGINGFACE_HUB_CACHE": ""]
    environment[variable] = home
    let (_, expected) = try Golden.convert("llama2-tiny", into: folder, arguments: ["--json"])
    let outcome = try Program.run(
      ["convert", "--target", "lab/tiny-target", "--draft", "lab/tiny_draft-1.0@v1", "-o", folder["named.griffin"], "--json"],
      in: folder.url, environment: environment)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try outcome.json["digest"] as? String == expected.json["digest"] as? String)
    if variable == "HF_HUB_CACHE" { try checkOtherCommands(in: folder, environment) }
  }

  private func checkOtherCommands(in folder: TemporaryFolder, _ environment: [String: String]) throws {
    let inspected = try Program.run(["inspect", "lab/tiny-target"], in: folder.url, environment: environment)
    #expect(inspected.status == 0 && inspected.output.contains("lab/tiny-target"), "\(inspected.errors)")
    let compared = try Program.run(
      [
        "verify", folder["named.griffin"], "--prompt-ids", "1,499", "--max-new-tokens", "4", "--against", "lab/tiny-target@main",
        "--against-draft", "lab/tiny_draft-1.0@\(HubRoadTests.first)",
      ], in: folder.url, environment: environment)
    #expect(compared.status == 0, "\(compared.errors)")
    // The draft on the main branch belongs to another target.
    let wrong = try Program.run(
      ["convert", "--target", "lab/tiny-target", "--draft", "lab/tiny_draft-1.0", "-o", folder["wrong.griffin"]],
      in: folder.url, environment: environment)
    #expect(wrong.status == 65 && wrong.errors.contains("hidden_size"), "\(wrong.errors)")
  }

  @Test func whatIsNotThereIsExit66AndTheLineToRun() throws {
    let folder = try TemporaryFolder()
    try HubRoadTests.fill(folder["hub"])
    for (name, words) in [
      ("meta-llama/Llama-2-7b-chat-hf", ["hint: to fetch it: hf download meta-llama/Llama-2-7b-chat-hf"]),
      ("lab/tiny_draft-1.0@v9", ["v1", "main", "hint: to fetch it: hf download lab/tiny_draft-1.0 --revision v9"]),
    ] {
      let outcome = try Program.run(
        ["convert", "--draft", name, "-o", folder["out.griffin"]], in: folder.url, environment: ["HF_HUB_CACHE": folder["hub"]])
      #expect(outcome.status == 66, "\(outcome.errors)")
      for word in words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
      #expect(folder.names == ["hub"])
    }
  }

  @Test func aPathComesBeforeAName() throws {
    let folder = try TemporaryFolder()
    try HubRoadTests.fill(folder["hub"])
    let environment = ["HF_HUB_CACHE": folder["hub"]]
    let inspect = { try Program.run(["inspect", "lab/tiny-target", "--json"], in: folder.url, environment: environment) }
    let byName = try inspect()
    #expect(try byName.json["target"] is [String: Any], "\(byName.errors)")
    try FileManager.default.createDirectory(atPath: folder["lab"], withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: Golden.path("llama2-tiny/draft"), toPath: folder["lab/tiny-target"])
    let byPath = try inspect()
    #expect(try byPath.json["draft"] is [String: Any], "\(byPath.errors)")
  }
}

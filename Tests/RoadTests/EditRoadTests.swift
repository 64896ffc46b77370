import Foundation
import TestSupport
import Testing

/// `edit` from the command line.
struct EditRoadTests {
  private let folder: TemporaryFolder
  private let bundle: String

  init() throws {
    folder = try TemporaryFolder()
    bundle = try Golden.convert("llama2-tiny", into: folder).0
  }

  @Test func changesAreSeenAndSignaturesStale() throws {
    let key = Golden.root.deletingLastPathComponent().appending(path: "signing/private.pem").path
    #expect(try Program.run(["sign", bundle, "--key", key]).status == 0)
    try Data("free".utf8).write(to: URL(filePath: folder["LICENSE.txt"]))
    let before = try Program.run(["inspect", bundle, "--json"]).json
    let edited = try Program.run(["edit", bundle, "--set", "base_model=me/mine", "--attach", "draft=" + folder["LICENSE.txt"], "--json"])
    #expect(edited.status == 0, "\(edited.errors)")
    let document = try edited.json
    #expect(document["previous_digest"] as? String == before["digest"] as? String)
    #expect((document["stale_signatures"] as? [String]) == [bundle + ".sig"])
    #expect((document["warnings"] as? [String])?.contains { $0.contains("signs what the bundle was before") } == true)
    let after = try Program.run(["inspect", bundle, "--json"]).json
    #expect(after["digest"] as? String == document["digest"] as? String)
    #expect((after["attachments"] as? [[String: Any]])?.contains { $0["name"] as? String == "draft/LICENSE.txt" } == true)
    #expect(try Program.run(["verify", bundle, "--max-new-tokens", "4"]).status == 0)
    let nothing = try Program.run(["edit", bundle])
    #expect(nothing.status == 64 && nothing.errors.contains("--set"))
    let missing = try Program.run(["edit", folder["none.griffin"], "--set", "a=b"])
    #expect(missing.status == 66)
  }

  /// A kill at any moment leaves the old bundle or the new one, at once or after the next `edit`.
  @Test func killsLeaveOneOrTheOther() throws {
    let old = try Data(contentsOf: URL(filePath: bundle))
    let arguments = ["edit", bundle, "--set", "note=changed", "--json"]
    let start = ContinuousClock.now
    #expect(try Program.run(arguments).status == 0)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let new = try Data(contentsOf: URL(filePath: bundle))
    for _ in 0..<12 {
      for name in folder.names { try FileManager.default.removeItem(atPath: folder[name]) }
      try old.write(to: URL(filePath: bundle))
      let running = try Program.Running(arguments)
      let delay = Double.random(in: 0...seconds)
      usleep(UInt32(delay * 1e6))
      running.send(SIGKILL)
      _ = try running.outcome()
      // What the undo itself was written to may be left; it is nobody's input.
      if folder.names.contains("llama2-tiny.griffin.undo") {
        let ended = try Program.run(["edit", bundle])
        #expect(ended.status == 0, "killed after \(delay) s: \(ended.errors)")
      }
      let found = try Data(contentsOf: URL(filePath: bundle))
      #expect(found == old || found == new, "killed after \(delay) s")
      #expect(try Program.run(["verify", bundle, "--integrity"]).status == 0, "killed after \(delay) s")
      #expect(try Program.run(arguments + ["--threads", "1"]).status == 0, "killed after \(delay) s")
    }
  }
}

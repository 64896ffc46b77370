import Foundation
import TestSupport
import Testing

/// Conversions that are killed, interrupted or short of room: what is left, and what continues it.
///
/// `scripts/stress` does the same many times over, and with disks that are really full.
struct FaultTests {
  private let folder: TemporaryFolder
  private let bundle: String

  init() throws {
    folder = try TemporaryFolder()
    bundle = try Golden.convert("llama2-wide", into: folder).0
  }

  /// The commands that are broken off, each slow enough to be hit in the middle.
  private func arguments(_ command: String) -> [String] {
    let sources = ["--target", Golden.path("llama2-wide/target"), "--draft", Golden.path("llama2-wide/draft")]
    let made = command == "convert" ? ["convert"] + sources + ["--quantize", "iq4_xs", "--stats"] : ["quantize", bundle, "--recipe", "iq4_xs"]
    return made + ["--threads", "1", "-o", folder["out.griffin"], "--json"]
  }

  private var leftovers: [String] { folder.names.filter { $0.hasPrefix("out.griffin") } }

  private func clear() throws { for name in leftovers { try FileManager.default.removeItem(atPath: folder[name]) } }

  /// - Returns: The digest of an undisturbed run, and its seconds.
  private func undisturbed(_ command: String) throws -> (digest: String, seconds: Double) {
    let start = ContinuousClock.now
    let outcome = try Program.run(arguments(command))
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let digest = try #require(try outcome.json["digest"] as? String)
    try clear()
    return (digest, seconds)
  }

  private func hasPartial() -> Bool {
    let attributes = try? FileManager.default.attributesOfItem(atPath: folder["out.griffin.partial"])
    return (attributes?[.size] as? Int ?? 0) > 0
  }

  @Test(arguments: ["convert", "quantize"]) func kills(command: String) throws {
    let (digest, seconds) = try undisturbed(command)
    var numbers = SystemRandomNumberGenerator()
    for _ in 0..<6 {
      try clear()
      let running = try Program.Running(arguments(command))
      let delay = Double.random(in: 0...seconds, using: &numbers)
      usleep(UInt32(delay * 1e6))
      running.send(SIGKILL)
      _ = try running.outcome()
      if leftovers.contains("out.griffin") {
        #expect(try Program.run(["verify", folder["out.griffin"], "--integrity"]).status == 0, "killed after \(delay) s")
        continue
      }
      let resumed = try Program.run(arguments(command) + ["--resume"])
      #expect(resumed.status == 0, "killed after \(delay) s: \(resumed.errors)")
      #expect(try resumed.json["digest"] as? String == digest, "killed after \(delay) s")
      #expect(leftovers == ["out.griffin"])
    }
  }

  @Test(arguments: [("convert", SIGINT), ("convert", SIGTERM), ("quantize", SIGINT)])
  func interrupts(command: String, signal: Int32) throws {
    let (digest, _) = try undisturbed(command)
    let running = try Program.Running(arguments(command))
    running.wait(until: hasPartial)
    // Held, so that the signal is there when it goes on.
    running.send(SIGSTOP)
    running.send(signal)
    running.send(SIGCONT)
    let outcome = try running.outcome()
    #expect(outcome.status == 130, "\(outcome.errors)")
    #expect(leftovers == ["out.griffin.partial", "out.griffin.partial.state"])
    #expect(outcome.lines("error: ").count == 1 && outcome.lines("hint: ").contains { $0.contains("--resume") }, "\(outcome.errors)")
    let refused = try Program.run(arguments(command))
    #expect(refused.status == 73 && refused.errors.contains("--resume") && refused.errors.contains("--force"), "\(refused.errors)")
    let other = try Program.run(arguments(command) + ["--resume", "--metadata", "note=x"])
    #expect(other.status == 73 && other.errors.contains("--metadata"), "\(other.errors)")
    let resumed = try Program.run(arguments(command) + ["--resume"])
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try resumed.json["digest"] as? String == digest)
    let kept = try #require(try resumed.json["resumed"] as? [String: Int])
    #expect(Set(kept.keys) == ["kept_payloads", "payloads"])
    #expect(leftovers == ["out.griffin"])
  }

  @Test func twoWritersAtOnce() throws {
    let running = try Program.Running(arguments("convert"))
    running.wait(until: hasPartial)
    running.send(SIGSTOP)
    for flags in [[], ["--force"], ["--resume"], ["--resume", "--force"]] {
      let second = try Program.run(arguments("convert") + flags)
      #expect(second.status == 73 && second.errors.contains("another process"), "\(second.errors)")
    }
    running.send(SIGCONT)
    #expect(try running.outcome().status == 0)
    #expect(leftovers == ["out.griffin"])
  }

  @Test(arguments: ["convert", "quantize"]) func moreThanAFileMayHave(command: String) throws {
    let outcome = try Program.Running(arguments(command), limit: 2000).outcome()
    #expect(outcome.status == 74, "\(outcome.errors)")
    #expect(try outcome.errors.contains(Regex("[0-9]{7} bytes are needed")), "\(outcome.errors)")
    #expect(leftovers.isEmpty)
  }

  @Test func aFolderThatGoesAway() throws {
    let place = folder.url.appending(path: "place")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
    let out = place.appending(path: "out.griffin").path
    let running = try Program.Running(["quantize", bundle, "--recipe", "iq4_xs", "--threads", "1", "-o", out])
    running.wait { FileManager.default.fileExists(atPath: out + ".partial.state") }
    running.send(SIGSTOP)
    try FileManager.default.removeItem(at: place)
    running.send(SIGCONT)
    let outcome = try running.outcome()
    #expect(outcome.status == 74 && outcome.lines("error: ").count == 1, "\(outcome.errors)")
  }

  @Test func resumeGoesWithNoDryRun() throws {
    let outcome = try Program.run(arguments("convert") + ["--resume", "--dry-run"])
    #expect(outcome.status == 64 && outcome.errors.contains("--dry-run"))
  }

  /// What is unpacked is new each time; the archive is what has to stay.
  @Test func archivesAreContinued() throws {
    let model = folder.url.appending(path: "model")
    try FileManager.default.copyItem(at: Golden.root.appending(path: "llama2-wide/target"), to: model)
    let archive = folder["model.tar"]
    let tar = Process()
    tar.executableURL = URL(filePath: "/bin/tar")
    tar.arguments = ["-cf", archive, "-C", folder.url.path, "model"]
    try tar.run()
    tar.waitUntilExit()
    let arguments = ["convert", "--target", archive, "--quantize", "q4_k", "--threads", "1", "-o", folder["out.griffin"], "--json"]
    let digest = try #require(try Program.run(arguments).json["digest"] as? String)
    try clear()
    let running = try Program.Running(arguments)
    running.wait(until: hasPartial)
    running.send(SIGKILL)
    _ = try running.outcome()
    #expect(leftovers == ["out.griffin.partial", "out.griffin.partial.state"])
    let resumed = try Program.run(arguments + ["--resume"])
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try resumed.json["digest"] as? String == digest)
    #expect(try resumed.json["resumed"] is [String: Any])
    // Killed while it unpacked: the next run tidies up.
    try clear()
    let unpacking = try Program.Running(arguments)
    unpacking.wait { folder.names.contains { $0.hasPrefix(".griffin-unpacked-") } }
    unpacking.send(SIGKILL)
    _ = try unpacking.outcome()
    #expect(try Program.run(arguments + ["--resume"]).status == 0)
    #expect(!folder.names.contains { $0.hasPrefix(".griffin-unpacked-") })
  }
}

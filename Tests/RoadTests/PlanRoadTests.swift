import Foundation
import TestSupport
import Testing

/// One conversion by several workers: the same bundle, however the work was divided.
struct PlanRoadTests {
  private func planned(_ folder: TemporaryFolder, _ name: String = "qwen2-tiny", recipe: String = "q4_k_m") throws -> (plan: String, whole: Data) {
    let path = try Fixtures.golden(name)
    let arguments = ["convert", "--target", "\(path)/target", "--draft", "\(path)/draft", "--quantize", recipe, "--metadata", "note=by many"]
    #expect(try Program.run(arguments + ["-o", folder["whole.griffin"]]).status == 0)
    let made = try Program.run(arguments + ["--plan-out", folder["plan.json"], "--unit-size", "64KiB", "--json"])
    #expect(made.status == 0, "\(made.errors)")
    #expect(try #require(made.json["units"] as? Int) > 8)
    return (folder["plan.json"], try Data(contentsOf: URL(filePath: folder["whole.griffin"])))
  }

  @Test(arguments: [1, 2, 13]) func anyNumberOfWorkersMakesTheSameBundle(count: Int) throws {
    let folder = try TemporaryFolder()
    let (plan, whole) = try planned(folder)
    for shard in (0..<count).reversed() {
      let outcome = try Program.run(["work", plan, "--output", folder["out.griffin"], "--shard", "\(shard)/\(count)", "--json"])
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let status = try Program.run(["status", plan, "--json"]).json
    #expect(status["done"] as? Int == status["units"] as? Int && status["left"] as? String == "")
    let finished = try Program.run(["finish", plan, "--output", folder["out.griffin"]])
    #expect(finished.status == 0, "\(finished.errors)")
    #expect(try Data(contentsOf: URL(filePath: folder["out.griffin"])) == whole)
    #expect(!FileManager.default.fileExists(atPath: folder["out.griffin.partial"]))
  }

  @Test func unitsThatLieApartAreBroughtTogether() throws {
    let folder = try TemporaryFolder()
    let (plan, whole) = try planned(folder, "mixtral-tiny", recipe: "q8_0")
    let environment = { (task: Int) in ["SLURM_ARRAY_TASK_ID": "\(task)", "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_TASK_MIN": "4"] }
    #expect(try Program.run(["work", plan, "--units-to", folder["units"]], environment: environment(5)).status == 0)
    let early = try Program.run(["finish", plan, "--output", folder["out.griffin"], "--units-from", folder["units"]])
    #expect(early.status == 65 && early.errors.contains("not done"))
    let left = try Program.run(["status", plan, "--units-from", folder["units"], "--array", "--shards", "3"])
    #expect(left.output == "0,2\n")
    #expect(try Program.run(["work", plan, "--units-to", folder["units"]], environment: ["JOB_COMPLETION_INDEX": "0", "JOB_COMPLETIONS": "3"]).status == 0)
    let units = try Program.run(["status", plan, "--units-from", folder["units"], "--array"]).output.trimmingCharacters(in: .newlines)
    #expect(try Program.run(["work", plan, "--units-to", folder["units"], "--unit", units]).status == 0)
    // A unit that was damaged is seen by its size, or when all is brought together, and done again.
    let bytes = folder["units/unit-000002.bin"]
    var damaged = try Data(contentsOf: URL(filePath: bytes))
    damaged[damaged.count / 2] ^= 1
    try damaged.write(to: URL(filePath: bytes))
    let refused = try Program.run(["finish", plan, "--output", folder["out.griffin"], "--units-from", folder["units"]])
    #expect(refused.status == 65 && refused.errors.contains("units 2 "))
    #expect(!FileManager.default.fileExists(atPath: folder["out.griffin"]))
    try damaged.dropLast().write(to: URL(filePath: bytes))
    #expect(try Program.run(["status", plan, "--units-from", folder["units"], "--json"]).json["damaged"] as? Int == 1)
    try FileManager.default.removeItem(atPath: bytes)
    let again = try Program.run(["work", plan, "--units-to", folder["units"], "--json"]).json
    #expect(again["done"] as? Int == 1)
    #expect(try Program.run(["finish", plan, "--output", folder["out.griffin"], "--units-from", folder["units"]]).status == 0)
    #expect(try Data(contentsOf: URL(filePath: folder["out.griffin"])) == whole)
  }

  @Test func aWorkerThatIsKilledCostsItsUnitsAndTwoDoNoHarm() throws {
    let folder = try TemporaryFolder()
    let (plan, whole) = try planned(folder)
    let first = try Program.Running(["work", plan, "--output", folder["out.griffin"], "--threads", "1"])
    first.wait { (try? FileManager.default.contentsOfDirectory(atPath: plan + ".units").count) ?? 0 > 2 }
    first.send(SIGKILL)
    _ = try first.outcome()
    // Bytes of a unit that is recorded, spoiled: it is done again.
    let two = try [0, 0].map { _ in try Program.Running(["work", plan, "--output", folder["out.griffin"]]) }
    for worker in two {
      let outcome = try worker.outcome()
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try Program.run(["finish", plan, "--output", folder["out.griffin"]]).status == 0)
    #expect(try Data(contentsOf: URL(filePath: folder["out.griffin"])) == whole)
  }

  @Test func aQuantizedBundleToo() throws {
    let folder = try TemporaryFolder()
    let path = try Fixtures.golden("llama2-tiny")
    #expect(try Program.run(["convert", "--target", "\(path)/target", "--draft", "\(path)/draft", "-o", folder["pair.griffin"]]).status == 0)
    let quantize = ["quantize", folder["pair.griffin"], "--recipe", "q8_0"]
    #expect(try Program.run(quantize + ["-o", folder["whole.griffin"]]).status == 0)
    #expect(try Program.run(quantize + ["--plan-out", folder["plan.json"], "--unit-size", "128KiB"]).status == 0)
    #expect(try Program.run(["work", folder["plan.json"], "--output", folder["out.griffin"]]).status == 0)
    #expect(try Program.run(["finish", folder["plan.json"], "--output", folder["out.griffin"]]).status == 0)
    #expect(try Data(contentsOf: URL(filePath: folder["out.griffin"])) == Data(contentsOf: URL(filePath: folder["whole.griffin"])))
  }

  @Test func sourcesThatChangedAreRefused() throws {
    let folder = try TemporaryFolder()
    let path = try Fixtures.golden("llama2-tiny")
    try FileManager.default.copyItem(atPath: "\(path)/target", toPath: folder["target"])
    #expect(try Program.run(["convert", "--target", folder["target"], "--plan-out", folder["plan.json"]]).status == 0)
    let weights = try #require(try FileManager.default.contentsOfDirectory(atPath: folder["target"]).first { $0.hasSuffix(".safetensors") })
    let file = URL(filePath: folder["target/\(weights)"])
    // The same bytes with another date are the same file.
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1000)], ofItemAtPath: file.path)
    #expect(try Program.run(["work", folder["plan.json"], "--units-to", folder["units"]]).status == 0)
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count - 3] ^= 1
    try bytes.write(to: file)
    let refused = try Program.run(["work", folder["plan.json"], "--units-to", folder["units"]])
    #expect(refused.status == 65 && refused.errors.contains(weights) && refused.errors.contains("new plan"))
  }

  @Test func wrongUsageIsSaid() throws {
    let folder = try TemporaryFolder()
    let (plan, _) = try planned(folder)
    func status(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Int32 {
      try Program.run(["work", plan] + arguments, environment: environment).status
    }
    let output = ["--output", folder["out.griffin"]]
    #expect(try status([]) == 64)
    #expect(try status(output + ["--units-to", folder["units"]]) == 64)
    #expect(try status(output + ["--shard", "3/3"]) == 64)
    #expect(try status(output + ["--shard", "one"]) == 64)
    #expect(try status(output + ["--unit", "0-100000"]) == 64)
    #expect(try status(output, ["JOB_COMPLETION_INDEX": "1"]) == 64)
    #expect(try status(output, ["SLURM_ARRAY_TASK_ID": "9", "SLURM_ARRAY_TASK_COUNT": "3"]) == 64)
    #expect(try Program.run(["finish", plan] + output).status == 65)
    #expect(try Program.run(["convert", "--target", "x", "--plan-out", "p", "-o", "q"]).status == 64)
    // What another try may mend: a disk that is full.
    let full = try Program.Running(["work", plan, "--output", folder["out.griffin"]], limit: 100).outcome()
    #expect(full.status == 75, "\(full.errors)")
  }
}

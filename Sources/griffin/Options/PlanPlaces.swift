import ArgumentParser
import ByteStorage
import Checkpoints
import Conversion

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A plan, and where its units go; shared by `work`, `status` and `finish`.
enum PlanPlaces {
  /// A path as any process of this file system finds it; a repository's name stays as it is.
  static func absolute(_ path: String) -> String { FileSystem.resolved(path) ?? path }

  /// The shard that a scheduler gave this process: Slurm's array or a Kubernetes indexed job; nil where there is none.
  /// - Throws: `usage` where the variables make no sense.
  static func scheduledShard() throws(GriffinError) -> Share? {
    func number(_ name: String) throws(GriffinError) -> Int? {
      guard let text = Console.environment(name), !text.isEmpty else { return nil }
      guard let value = Int(text) else { throw GriffinError(.usage, "\(name) is \"\(text.shortened(to: 40))\", expected a number") }
      return value
    }
    if let index = try number("SLURM_ARRAY_TASK_ID"), let count = try number("SLURM_ARRAY_TASK_COUNT") {
      return try Share(index - (number("SLURM_ARRAY_TASK_MIN") ?? 0), of: count, from: "SLURM_ARRAY_TASK_ID")
    }
    if let index = try number("JOB_COMPLETION_INDEX") {
      guard let count = try number("JOB_COMPLETIONS") else {
        throw GriffinError(.usage, "JOB_COMPLETION_INDEX is set, and JOB_COMPLETIONS does not say how many there are", hints: ["give --shard I/N"])
      }
      return try Share(index, of: count, from: "JOB_COMPLETION_INDEX")
    }
    return nil
  }
}

/// A worker's number among so many, as users and schedulers give it.
extension Share {
  init(_ index: Int, of count: Int, from name: String) throws(GriffinError) {
    guard count > 0, (0..<count).contains(index) else {
      throw GriffinError(.usage, "\(name): \(index) of \(count) is no shard; expected 0 to \(max(0, count - 1)) of \(count)")
    }
    self.init(index, of: count)
  }

  /// `I/N`, counted from 0.
  init(parsing text: String, flag: String) throws(GriffinError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1] else {
      throw GriffinError(.usage, "\(flag) \(text.shortened(to: 40)): expected I/N, such as 0/8 for the first of eight")
    }
    try self.init(index, of: count, from: flag)
  }
}

/// Numbers as people and schedulers write them: `3,7-9`.
struct NumberList {
  let numbers: [Int]

  init(parsing text: String, below limit: Int, flag: String) throws(GriffinError) {
    var numbers: Set<Int> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first >= 0, first <= last, last < limit else {
        throw GriffinError(.usage, "\(flag) \(text.shortened(to: 40)): expected numbers from 0 to \(limit - 1), such as 3,7-9")
      }
      numbers.formUnion(first...last)
    }
    self.numbers = numbers.sorted()
  }
}

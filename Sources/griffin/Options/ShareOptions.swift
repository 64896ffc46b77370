import ArgumentParser
import ByteStorage
import Conversion
import Verification

/// How a verification is divided among machines, and put together.
struct ShareOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("Verify every n-th prompt and text, from this one on: 0/4 to 3/4. Nothing is judged before --merge.", valueName: "i/n"))
  var shard: String?

  @Option(name: .customLong("record-shard"), help: ArgumentHelp("With --shard: write what was seen to this file.", valueName: "file"))
  var recordShard: String?

  @Option(
    name: .long, parsing: .upToNextOption,
    help: ArgumentHelp("Report on what all shards recorded, as if one machine had verified everything. Give the same flags otherwise.", valueName: "file"))
  var merge: [String] = []

  func validate() throws {
    guard (shard == nil) == (recordShard == nil) else { throw ValidationError("--shard and --record-shard go together") }
    if shard != nil, !merge.isEmpty { throw ValidationError("--merge puts shards together; it does not go with --shard") }
  }

  /// - Throws: `usage` for a shard that is none, and what reading records throws.
  func apply(to request: inout VerificationRequest) throws(GriffinError) {
    if let shard {
      request.share = try Share(parsing: shard, flag: "--shard")
    }
    for path in merge { request.merged.append(try ShareRecord(path: path)) }
    guard request.share != nil || !merge.isEmpty else { return }
    let flag = merge.isEmpty ? "--shard" : "--merge"
    if !request.traces.isEmpty { throw GriffinError(.usage, "\(flag) divides prompts and texts; a trace is verified by one machine") }
    if request.sampling != nil { throw GriffinError(.usage, "\(flag) does not go with --temperature: what is drawn is tested over all prompts at once") }
    if request.integrityOnly { throw GriffinError(.usage, "--integrity decodes nothing that \(flag) could divide") }
    if request.share != nil, request.untilDecided {
      throw GriffinError(.usage, "--shard does not go with --until-decided: a share cannot tell what is decided; give it to --merge")
    }
  }
}

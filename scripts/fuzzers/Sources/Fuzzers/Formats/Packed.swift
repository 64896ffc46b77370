import Bundles
import ByteStorage
import Foundation
import Packing
import TestSupport

extension Fuzzer {
  static let packed = Fuzzer(
    name: "packed", description: "a packed bundle: seek table, headers, manifest, note, planes, unpacked whole", maximumBytes: 65536,
    read: { input in
      let packed = try PackedBundle(file: InputFile(standingIn: input, path: "packed.tar.zst"))
      let output = try OutputFile(path: "\(WorkFolder.path)/unpacked.griffin", force: true)
      defer { output.discard() }
      try packed.unpack(to: output, threads: 1)
    },
    seeds: {
      try ["draft-only", "pair"].map { name in
        let output = "\(WorkFolder.path)/\(name).tar.zst"
        let bundle = try ModelBundle.open(path: WorkFolder.write(example("\(name).griffin"), to: "\(name).griffin"))
        _ = try BundlePacker(bundle, threads: 1).pack(to: OutputFile(path: output, force: true))
        return Seed(name, try [UInt8](Data(contentsOf: URL(fileURLWithPath: output))))
      }
    },
    mutate: { input, mutator in
      guard mutator.number(below: 4) > 0, var forge = try? PackedForge(input), !forge.contents.isEmpty else {
        return mutator.change(&input, limit: mutator.maximumBytes)
      }
      // The content of a frame, with a table that fits it again.
      let frame = mutator.number(below: min(forge.contents.count, 1 + mutator.number(below: forge.contents.count)))
      var part = forge.contents[frame]
      if part.first == UInt8(ascii: "{") {
        JSONText.change(&part, limit: 32768, &mutator)
      } else {
        mutator.change(&part, limit: max(part.count, 1))
      }
      forge.contents[frame] = part
      if let bytes = try? forge.bytes(), bytes.count <= mutator.maximumBytes { input = bytes }
    })
}

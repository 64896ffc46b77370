import ByteStorage
import Checkpoints
import TestSupport

extension Fuzzer {
  static let safetensors = Fuzzer(
    name: "safetensors", description: "one .safetensors file: the header, and every tensor's bytes", maximumBytes: 4096,
    read: { input in try SafetensorsFile(InputFile(standingIn: input, path: "model.safetensors")).walk() },
    seeds: {
      [
        Seed("empty", file("{}", data: 0)),
        Seed("one", file(#"{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"#, data: 16)),
        Seed(
          "several",
          file(
            #"{"__metadata__":{"format":"pt"},"a":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]},"b":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"c.weight":{"dtype":"F16","shape":[0,3],"data_offsets":[16,16]},"d":{"dtype":"U8","shape":[1,1,3],"data_offsets":[16,19]}}  "#,
            data: 19)
        ),
        Seed("types", file(types.header, data: types.data)),
      ]
    },
    mutate: { input, mutator in
      guard mutator.number(below: 8) > 0, let length = input.rawBytes.littleEndian(UInt64.self, at: 0), length <= input.count - 8
      else {
        return mutator.change(&input, limit: mutator.maximumBytes)
      }
      // The header, and a length that fits it; the data stay.
      let data = input[(8 + Int(length))...]
      var header = Array(input[8..<8 + Int(length)])
      JSONText.change(&header, limit: max(0, mutator.maximumBytes - 8 - data.count), &mutator)
      input = littleEndian(UInt64(header.count)) + header + data
    })

  private static func file(_ header: String, data: Int) -> [UInt8] {
    littleEndian(UInt64(header.utf8.count)) + Array(header.utf8) + (0..<data).map { UInt8(truncatingIfNeeded: $0) }
  }

  /// A tensor of each type of whole bytes.
  private static var types: (header: String, data: Int) {
    var (entries, end) = ([String](), 0)
    for (name, bytes) in [
      ("F64", 8), ("F32", 4), ("F16", 2), ("BF16", 2), ("I64", 8), ("I32", 4), ("I16", 2), ("I8", 1), ("U8", 1), ("BOOL", 1),
    ] {
      entries.append(#""\#(name)":{"dtype":"\#(name)","shape":[1],"data_offsets":[\#(end),\#(end + bytes)]}"#)
      end += bytes
    }
    return ("{\(entries.joined(separator: ","))}", end)
  }
}

internal import ByteStorage
public import Checkpoints
internal import Exports
internal import Tensors

extension ImportanceSums {
  /// The whole file, in GGUF, as llama-imatrix writes it: `formats/imatrix.md`, section 2. Matrices that nothing was multiplied with
  /// are left out.
  public var encoded: [UInt8] {
    get throws(GriffinError) {
      var head = GGUFHead()
      head.add("general.type", ImportanceKey.type)
      head.add(ImportanceKey.datasets, texts: texts.map { Array($0.name.utf8) })
      head.add(ImportanceKey.chunkCount, count: Swift.min(chunkCount, Int(UInt32.max)))
      head.add(ImportanceKey.chunkSize, count: Swift.min(chunkSize, Int(UInt32.max)))
      head.add(ImportanceKey.textDigests, texts: texts.map { Array(($0.digest?.hexadecimal ?? "").utf8) })
      let named = entries.filter { $0.value.counts.contains { $0 > 0 } }.map { (name: ImportanceNames.inFile($0.key), entry: $0.value) }
        .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
      var descriptors: [TensorDescriptor] = []
      for (name, entry) in named {
        descriptors.append(try ImportanceSums.descriptor(name + ImportanceKey.sums, [entry.counts.count, entry.columns]))
        descriptors.append(try ImportanceSums.descriptor(name + ImportanceKey.counts, [entry.counts.count, 1]))
      }
      var bytes = head.encoded(descriptors)
      bytes.reserveCapacity(bytes.count + descriptors.reduce(0) { $0 + GGUFHead.padded($1.byteCount) })
      for (_, entry) in named {
        for values in [entry.sums, entry.counts] {
          for value in values { bytes.append(littleEndian: value.bitPattern) }
          bytes += [UInt8](repeating: 0, count: GGUFHead.padded(bytes.count) - bytes.count)
        }
      }
      return bytes
    }
  }

  private static func descriptor(_ name: String, _ dimensions: [Int]) throws(GriffinError) -> TensorDescriptor {
    do throws(TensorError) {
      return try TensorDescriptor(name: name, type: .f32, shape: Shape(dimensions))
    } catch {
      throw GriffinError(.unsupported, tensor: name, "an importance matrix cannot hold it: \(error)")
    }
  }
}

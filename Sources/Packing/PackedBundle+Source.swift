public import Bundles
public import ByteStorage

extension PackedBundle {
  /// The bundle as something to read from: unpacked into a folder that is gone again when this returns. The file stays readable.
  /// - Parameters:
  ///   - folder: Where to unpack; it has to have room for the bundle.
  /// - Throws: As `unpack`; `usage` where the archive needs a base.
  public func opened(
    inFolder folder: String, threads: Int = Workers.processorCount, cancellation: Cancellation = Cancellation()
  ) throws(GriffinError) -> ModelBundle {
    guard baseDigest == nil else {
      throw GriffinError(
        .usage, file: file.path, "the archive holds what differs from another bundle, and cannot be read alone",
        hints: ["griffin unpack --base BUNDLE makes the bundle"])
    }
    let scratch = try ScratchFolder(in: folder)
    defer { scratch.remove() }
    let path = FileSystem.path(scratch.path, FileSystem.split(file.path).name)
    let output = try OutputFile(path: path, force: false)
    do throws(GriffinError) {
      try unpack(to: output, threads: threads, cancellation: cancellation)
    } catch {
      output.discard()
      throw error.kind == .space ? inFolder(folder, error) : error
    }
    defer { FileSystem.remove(path) }
    return try ModelBundle.open(path: path)
  }

  private func inFolder(_ folder: String, _ error: GriffinError) -> GriffinError {
    GriffinError(
      .space, file: file.path, "unpacking into \(folder): \(error.message)",
      hints: ["free room there, or unpack the archive elsewhere with griffin unpack and name the bundle"])
  }
}

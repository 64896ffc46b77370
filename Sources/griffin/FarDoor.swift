import ByteStorage
import Remote

/// The way to other machines, for the commands that read a source from one end to the other; the others say what to do instead.
struct FarDoor: FarPlaces {
  let isOpen: Bool

  /// One for the process: its connections serve every source. The environment is read when the first address is asked for.
  private static let remote: Result<Remote, GriffinError> = {
    do throws(GriffinError) {
      return .success(Remote(try RemoteSettings(environment: Console.environment), cancellation: Interruption.cancellation))
    } catch {
      return .failure(error)
    }
  }()

  func recognizes(_ address: String) -> Bool { Remote.recognizes(address) }

  func folder(of address: String, lookingFor names: [String]) throws(GriffinError) -> (folder: any FileFolder, name: String?) {
    guard isOpen else {
      throw GriffinError(
        .unsupported, file: String(address.prefix { $0 != "?" }), "this command goes over the weights again and again, and reads them on this machine alone",
        hints: ["griffin convert reads from an address; name the bundle that it makes"])
    }
    return try FarDoor.remote.get().folder(of: address, lookingFor: names)
  }
}

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import Synchronization

/// Which file is mapped where: what a handler of SIGBUS needs to name the file whose pages are gone.
///
/// A handler may take no lock and no memory, so this is a table of fixed size, read with plain atomic loads. Files beyond
/// its size are not named. Sound because the table is made once and never freed, and a slot's path is freed only after the
/// slot was cleared, when no address of the file is mapped any more.
@safe public enum MappedFiles {
  private static let slotCount = 4096
  /// For each slot the first address, the address after the last, and the path as a C string. A first address of 0 is a free
  /// slot, 1 one that is being filled.
  private static let table = Table()

  @safe private struct Table: @unchecked Sendable {  // a constant pointer to atomics
    private let slots: UnsafeMutablePointer<Slot>

    init() {
      unsafe slots = .allocate(capacity: slotCount)
      for index in 0..<slotCount { unsafe (slots + index).initialize(to: Slot()) }
    }

    subscript(_ index: Int) -> Slot {
      _read {
        precondition(index >= 0 && index < slotCount, "no such slot")
        yield unsafe slots[index]
      }
    }
  }

  private struct Slot: ~Copyable {
    let start = Atomic<UInt>(0)
    let end = Atomic<UInt>(0)
    let path = Atomic<UInt>(0)
  }

  /// Makes the table, which a handler cannot do.
  public static func prepare() { _ = table }

  /// The path of the file that is mapped at an address; nil where none is known to be. Safe inside a signal handler.
  public static func path(at address: UInt) -> UnsafePointer<CChar>? {
    for index in 0..<slotCount {
      let start = table[index].start.load(ordering: .acquiring)
      guard start > 1, address >= start, address < table[index].end.load(ordering: .relaxed) else { continue }
      return unsafe UnsafePointer(bitPattern: table[index].path.load(ordering: .relaxed))
    }
    return nil
  }

  /// - Returns: The slot; nil where all are taken.
  static func add(_ path: String, at base: UnsafeRawPointer, byteCount: Int) -> Int? {
    for index in 0..<slotCount {
      guard table[index].start.compareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged else { continue }
      unsafe table[index].path.store(UInt(bitPattern: strdup(path.printable)), ordering: .relaxed)
      table[index].end.store(UInt(bitPattern: base) + UInt(byteCount), ordering: .relaxed)
      table[index].start.store(UInt(bitPattern: base), ordering: .releasing)
      return index
    }
    return nil
  }

  static func remove(_ slot: Int) {
    let path = table[slot].path.load(ordering: .relaxed)
    table[slot].start.store(1, ordering: .releasing)
    unsafe free(UnsafeMutableRawPointer(bitPattern: path))
    table[slot].start.store(0, ordering: .releasing)
  }
}

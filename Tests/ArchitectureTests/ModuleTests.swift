import Foundation
import Testing

/// Who imports whom, held against the manifest and against the guide's table of modules.
struct ModuleTests {
  @Test func linesThatImportAreFound() throws {
    let text = """
      // import Comment
      import A
      public import B
        @_spi(Inner) internal import C
      @preconcurrency import struct D.Name
      let text = "import E"
      #if canImport(F)
      """
    #expect(try Imports.names(in: text) == ["A", "B", "C", "D"])
  }

  /// What is imported is declared, and what is declared is imported.
  @Test func theManifestDeclaresWhatIsImported() throws {
    let manifest = try PackageManifest()
    #expect(manifest.dependencies.count > 20)
    for (module, declared) in manifest.dependencies {
      let imports = try Imports(of: module)
      for name in imports.names.subtracting(declared) {
        Issue.record("\(imports.files[name] ?? "") imports \(name), which Package.swift does not declare for \(module)")
      }
      for name in declared.subtracting(imports.names) {
        Issue.record("Package.swift declares \(name) for \(module), of which no file imports it")
      }
    }
  }

  /// A system library has one face, and network code one place.
  @Test func theOutsideHasOneImporter() throws {
    let manifest = try PackageManifest()
    #expect(manifest.systemLibraries == ["COpenBLAS", "CArchive", "CZstd"])
    let connecting: Set<String> = ["AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOSSL"]
    for outside in manifest.systemLibraries.union(connecting) {
      let importers = manifest.dependencies.filter { $0.value.contains(outside) }.keys.sorted()
      #expect(importers.count == 1, "\(outside) is imported by \(importers)")
      if connecting.contains(outside) { #expect(importers == ["Remote"]) }
    }
  }

  /// Every folder of `Sources` is a module that the manifest and the table have once, and nothing else is.
  @Test func theTableHasEveryModule() throws {
    let names = try ModuleTable().names
    let folders = try Repository.folders(in: "Sources")
    #expect(names.count == Set(names).count)
    #expect(Set(names) == folders)
    #expect(try Set(PackageManifest().dependencies.keys) == folders)
  }

  /// Every module of Swift has a page that says what it is for.
  @Test func everyModuleHasAPage() throws {
    for module in try Repository.folders(in: "Sources") where try !Repository.swiftFiles(in: "Sources/\(module)").isEmpty {
      let page = try Repository.text("Sources/\(module)/\(module).docc/\(module).md")
      #expect(page.hasPrefix("# ``\(module)``\n"), "\(module)")
    }
  }

  /// A module imports rows above its own in the table, where the lowest stands first; neither its own row nor one below.
  @Test func noModuleImportsOneOfItsOwnRowOrBelow() throws {
    let table = try ModuleTable()
    for module in table.names {
      let own = try #require(table.row(of: module))
      for (name, file) in try Imports(of: module).files {
        guard let row = table.row(of: name) else { continue }
        #expect(row < own, "\(file) imports \(name)")
      }
    }
  }
}

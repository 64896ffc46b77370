/// The words of OCI image layouts and of ModelPack (CNCF model-spec, v0.0.7) that are written and read.
enum ImageLayoutNames {
  static let layoutFile = "oci-layout"
  static let layoutVersion = "1.0.0"
  static let indexFile = "index.json"
  static let blobFolder = "blobs/sha256"
  static let digestPrefix = "sha256:"

  static let index = "application/vnd.oci.image.index.v1+json"
  static let manifest = "application/vnd.oci.image.manifest.v1+json"
  static let artifact = "application/vnd.cncf.model.manifest.v1+json"
  static let config = "application/vnd.cncf.model.config.v1+json"
  static let weights = "application/vnd.cncf.model.weight.v1.raw"
  static let weightConfig = "application/vnd.cncf.model.weight.config.v1.raw"
  static let document = "application/vnd.cncf.model.doc.v1.raw"

  static let filePath = "org.cncf.model.filepath"
  static let tag = "org.opencontainers.image.ref.name"
  static let title = "org.opencontainers.image.title"
  /// Ours: the bundle's digest on the manifest, the place of a part of the bundle on a layer.
  static let bundleDigest = "griffin.bundle.digest"
  static let bundlePart = "griffin.bundle.part"
}

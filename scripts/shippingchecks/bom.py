"""A bill of materials, as the CycloneDX library validates and reads it."""
import json
import pathlib
import sys

from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

text = pathlib.Path(sys.argv[1]).read_text()
problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
assert problem is None, problem
bom = Bom.from_json(json.loads(text))
assert len(bom.components) == 2, bom.components

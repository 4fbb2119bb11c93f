# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables by which documents are read say the same as the schemas that editors use.

usage: members.py DESCRIBE SCHEMA_FOLDER
"""

import json
import pathlib
import subprocess
import sys
import unittest

DESCRIBE, SCHEMAS = sys.argv[1:3]
TYPES = {"text": "string", "whole": "integer", "choice": "string", "object": "object", "list": "array"}


class Members(unittest.TestCase):
    def shapes(self, schema):
        """What a value may be: the schema itself, or each of its alternatives."""
        return schema.get("anyOf", [schema])

    def compare_whole(self, place, row, shapes):
        number = next(shape for shape in shapes if shape.get("type") == "integer")
        self.assertEqual(row["min"], number["minimum"], place)
        self.assertEqual(row["max"], number["maximum"], place)
        self.assertEqual(row.get("words", []), [shape["const"] for shape in shapes if "const" in shape], place)

    def compare_row(self, place, row, schema, root):
        shapes = self.shapes(schema)
        if "default" in row:
            self.assertEqual(json.loads(row["default"]), schema.get("default"), place)
        else:
            self.assertNotIn("default", schema, place)
        if row["kind"] in TYPES:
            self.assertIn(TYPES[row["kind"]], [shape.get("type") for shape in shapes], place)
        if row["kind"] == "whole":
            self.compare_whole(place, row, shapes)
        elif row["kind"] == "choice":
            self.assertEqual(row["words"], schema["enum"], place)
        elif row["kind"] == "time":
            self.assertEqual({shape.get("type") for shape in shapes}, {"number", "string"}, place)
        elif row["kind"] == "list":
            self.assertEqual(row["min"], schema["minItems"], place)
        if "members" in row:
            inner = schema.get("items", schema)
            self.compare(place, row["members"], root["$defs"][inner["$ref"].split("/")[-1]] if "$ref" in inner else inner,
                         root)

    def compare(self, place, rows, schema, root):
        self.assertEqual(sorted(rows), sorted(schema["properties"]), place)
        self.assertFalse(schema["additionalProperties"], place)
        self.assertEqual({name for name, row in rows.items() if row["required"]}, set(schema.get("required", [])), place)
        for name, row in rows.items():
            self.compare_row(f"{place}.{name}", row, schema["properties"][name], root)

    def test_tables_and_schemas(self):
        tables = json.loads(subprocess.run([DESCRIBE, "members"], check=True, capture_output=True).stdout)
        self.assertEqual(set(tables), {"configuration", "study", "suite"})
        for name, rows in tables.items():
            schema = json.loads(pathlib.Path(SCHEMAS, f"{name}.schema.json").read_text(encoding="utf-8"))
            self.compare(name, rows, schema, schema)


unittest.main(argv=[sys.argv[0]])

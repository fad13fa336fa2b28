"""Write the JSON Schema that ships with the package; a test holds the file equal to what this writes."""

import json
from pathlib import Path

import loanperf as lp

if __name__ == "__main__":
    text = json.dumps(lp.schemes.json_schema(), indent=2, ensure_ascii=False) + "\n"
    Path(__file__).parents[1].joinpath("src/loanperf/scheme.schema.json").write_text(text, encoding="utf-8")

#!/bin/sh
# Prints each failed test of a test run with the beginning and the end of what it said. Usage: tests/infra/failures.sh FILE.trx...
set -eu
python3 - "$@" <<'PYTHON'
import sys
import xml.etree.ElementTree as trx

SPACE = '{http://microsoft.com/schemas/VisualStudio/TeamTest/2010}'
KEPT = 1500


def shortened(text):
    text = text.strip()
    return text if len(text) <= 2 * KEPT else f'{text[:KEPT]}\n[...]\n{text[-KEPT:]}'


for path in sys.argv[1:]:
    for result in trx.parse(path).iter(f'{SPACE}UnitTestResult'):
        if result.get('outcome') != 'Failed':
            continue
        print(f'failed: {result.get("testName")} after {result.get("duration")}')
        print(shortened(result.findtext(f'.//{SPACE}Message') or ''))
        print('\n'.join((result.findtext(f'.//{SPACE}StackTrace') or '').splitlines()[:8]))
PYTHON

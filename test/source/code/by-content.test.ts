import { expect, test } from 'vitest'
import { codeByContent } from '../../../src/source/code/by-content.ts'
import { readDocument } from '../../../src/source/source.ts'
import { threadTime } from '../../thread-time.ts'

const PYTHON = `import csv

# the amounts of a file of tides
def total(path):
    """Adds the amounts.
    The file has a head."""
    with open(path) as rows:
        return sum(float(row["amount"]) for row in csv.DictReader(rows))

print(total("tides.csv"))
`
const SHELL = `#!/bin/sh
set -e
for file in *.csv; do
  echo "$file"
  cp "$file" backup/
done
`
const C = `#include <stdio.h>

int depth(int tide) {
  return tide * 2;
}

int main(void) {
  printf("%d\\n", depth(4));
}
`
const GO = `package main

import "fmt"

func depth(tide int) int {
	return tide * 2
}

func main() {
	fmt.Println(depth(4))
}
`
const RUST = `use std::fs;

pub fn depth(tide: u32) -> u32 {
    let twice = tide * 2;
    twice
}

fn main() {
    println!("{}", depth(4));
}
`
const JAVA = `import java.util.List;

public class Tide {
    private final int depth;
    public int twice() {
        return depth * 2;
    }
}
`
const SCRIPT = `import { readFile } from 'node:fs/promises'

export async function depth(path) {
  const text = await readFile(path, 'utf8')
  return Number(text) * 2
}
`

test.each([
  ['Python', PYTHON, 'py', 'it is read as code, since 5 of 5 lines are Python'],
  ['shell', SHELL, 'sh', 'it is read as code, since 6 of 6 lines are shell'],
  ['C', C, 'cpp', 'it is read as code, since 7 of 7 lines are C'],
  ['Go', GO, 'go', 'it is read as code, since 8 of 8 lines are Go'],
  ['Rust', RUST, 'rs', 'it is read as code, since 7 of 8 lines are Rust'],
  ['Java', JAVA, 'java', 'it is read as code, since 7 of 7 lines are Java'],
  ['JavaScript', SCRIPT, 'ts', 'it is read as code, since 5 of 5 lines are JavaScript or TypeScript'],
])('%s in a text is code by its content', (_, text, ending, reason) => {
  expect(codeByContent('notes.txt', text)).toEqual({ name: `notes.txt.${ending}`, reason })
  expect(codeByContent('notes', text.replaceAll('\n', '\r\n'))?.name).toBe(`notes.${ending}`)
})

test.each([
  ['a.md', PYTHON],
  ['a.csv', PYTHON],
  ['a.log', SHELL],
])('the name %s decides before the content', (name, text) => {
  expect(codeByContent(name, text)).toBeUndefined()
})

test.each([
  [
    'prose with a line of code',
    'The tide is read from a file.\n\n    import csv\n\nThe head names the columns.\nWe add them.',
  ],
  ['prose with as much code', `${PYTHON}\n${'The tide is read from a file, and added.\n'.repeat(6)}`],
  ['code in a fence', `\`\`\`python\n${PYTHON}\`\`\`\n`],
  ['two lines', 'def depth(tide):\n    return tide * 2\n'],
  ['a list', '- import the tides\n- if the boat is wet: dry it\n- return the key\n- call(555)\n'],
  [
    'a poem',
    'if all is calm:\n    return to me,\nfor tides in turn:\n    yield to the sea;\nwhile stars go on:\n    pass by,\n',
  ],
  ['commas', 'name,price;\nimport,3;\nclass,4;\nreturn,5;\n'],
  ['semicolons', 'The roof is the landlord’s;\nthe jetty is the tenant’s;\nthe boat is nobody’s;\n'],
  ['settings', '[server]\nport = 80\nhost = "a"\nname = tide(4)\n'],
  ['variables', 'export TIDE=4\nexport DEPTH=2\nNAME=ebb\n# the key\nKEY=a\n'],
  ['commands to type', 'cd boats\nnpm install\nexport TIDE=4\ngit pull\n'],
  [
    'a log',
    '2026-01-01 12:00 INFO tide.read(path=a) took=4\n2026-01-01 12:01 WARN retry=1;\n2026-01-01 12:02 INFO done {\n',
  ],
  [
    'a mail',
    'From: ida@example.com\nTo: bo@example.com\nSubject: import of tides\n\nif you can, call me:\nclass is at four;\nreturn by six.\n',
  ],
  ['data', '{\n  "import": [1, 2],\n  "class": {\n    "def": "return"\n  }\n}\n'],
  ['a dialogue', 'Ida: try (again)!\nBo: else what?\nIda: for now, while it rains: wait;\nBo: do;\n'],
])('a text stays a text: %s', (_, text) => {
  expect(codeByContent('notes.txt', text)).toBeUndefined()
})

test('a text that is code has the definitions of its language, and a note says why', async () => {
  const { modality, code, gaps, type } = await readDocument('notes.txt', Buffer.from(PYTHON))
  expect({ modality, type, gaps }).toEqual({
    modality: 'code',
    type: 'text/plain',
    gaps: ['it is read as code, since 5 of 5 lines are Python'],
  })
  expect(code?.symbols).toMatchObject([{ name: 'total', kind: 'function' }])
  expect(await readDocument('notes.txt', Buffer.from('The tide rises.\n'))).toMatchObject({
    modality: 'text',
    gaps: [],
  })
})

test('long and hostile texts are read in time', () => {
  const started = threadTime()
  for (const part of ['/*', '"""', 'a.', '\t', ' =', 'const a', 'struct a ', '(', 'if ;', 'x\n', '/* \n'])
    codeByContent('notes.txt', part.repeat(100_000))
  expect(threadTime() - started).toBeLessThan(1000)
})

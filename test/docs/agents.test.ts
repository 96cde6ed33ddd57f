import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { AGENT_KEYS } from '../../src/agent/definition/fields.ts'
import { STANDARD_TOOLS, toolsOfName } from '../../src/work/tools/tool-names.ts'
import { runHere } from '../cli/here.ts'
import { REAL } from '../cli/programs.ts'
import { read } from './program.ts'

const PAGE = await read('docs/agents.md')

/** A file that a sentence with its path introduces, or a command with its output. */
const EXAMPLE =
  /`([\w./-]+\.(?:md|yaml))`[^\n`]*:\n\n```\w+\n([\s\S]*?)^```|^```sh\nantiphon (agent check[^\n]*)\n```\n\n```text\n([\s\S]*?)^```/gm

test('the examples of files are checked with the output that the page shows', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-page-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  let commands = 0
  for (const [, path, text, command, output] of PAGE.matchAll(EXAMPLE)) {
    if (path !== undefined) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text!)
      continue
    }
    expect((await runHere(REAL, command!.split(' '), { folder })).out, command).toBe(output)
    commands++
  }
  expect(commands).toBe(2)
})

test('the table has all keys', () => {
  const [section = ''] = PAGE.split('## The definition file')[1]!.split('### ')
  const rows = [...section.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) => [...cell!.matchAll(/`([^`]+)`/g)])
  expect(rows.map(([, key]) => key).toSorted()).toEqual([...AGENT_KEYS].toSorted())
})

test('the table of names says what they mean', () => {
  const [, section = ''] = PAGE.split('### Files of other products')
  const rows = [...section.matchAll(/^\| (`[^|]*) \| (`[^|]*) \|$/gm)]
  const namesIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)
  const told = rows.flatMap(([, names, tools]) => namesIn(names!).map((name) => [name, namesIn(tools!)] as const))
  const known = told.filter(([name]) => toolsOfName(name) !== undefined)
  expect(known.length).toBeGreaterThan(10)
  for (const [name, tools] of known) expect(tools, name).toEqual(toolsOfName(name))
  expect(new Set(told.flatMap(([name, tools]) => (/^[A-Z]/.test(name) ? tools : [])))).toEqual(new Set(STANDARD_TOOLS))
})

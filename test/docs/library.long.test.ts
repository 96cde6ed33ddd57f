import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { blocksIn, openProgramFolder, ROOT, read, runProgram } from './program.ts'

/** A project with the pipelines that the page runs, whose programs find this checkout as `antiphon`. */
async function openProject(): Promise<string> {
  const folder = await openProgramFolder()
  await writeFile(join(folder, 'notes.yaml'), blocksIn(await read('README.md'), 'yaml')[0]!)
  await writeFile(join(folder, 'index.yaml'), blocksIn(await read('docs/library.md'), 'yaml')[0]!)
  const pages = blocksIn(await read('docs/pipelines.md'), 'yaml')
  await writeFile(join(folder, 'publish.yaml'), pages.find((block) => block.startsWith('name: publish'))!)
  for (const name of ['README.md', 'CONTRIBUTING.md']) await copyFile(join(ROOT, name), join(folder, name))
  return folder
}

const SAYS = [
  ['one pipeline, and the same once more by its id', /^\s*- .+/],
  ['a program', /^completed in this process\n$/],
  ['a runtime for two', /^completed completed 2\n$/],
  ['a signal', /approved: true, why: 'fine', read: 'Dear all'/],
  ['a question in steps', /cycle: 1,[\s\S]*cycle: 2,[\s\S]*its own Node/],
  ['what prompts have', /message: 1,[\s\S]*length: \d{4},[\s\S]*1 summary\n2 whole\n3 whole\n4 whole\n$/],
  ['a phase of its own', /CONTRIBUTING\.md:\d+ [\s\S]*its own Node/],
  ['a goal', /goal-end\ncompleted .*2\n$/],
  ['an error', /^InvalidError \w+ .*missing\.yaml/],
] as const

test.each(SAYS.map(([what, says], n) => [what, says, n] as const))(
  'the page on programs runs: %s',
  async (_what, says, n) => {
    const folder = await openProject()
    const program = blocksIn(await read('docs/library.md'), 'ts')[n]!
    const { code, out, err } = await runProgram(folder, program)
    expect([code, `${out}${err}`]).toEqual([0, expect.stringMatching(says)])
    if (n === 0) expect((await runProgram(folder, program)).out).toBe(out)
  },
)

test('no program of the page is left out', async () => {
  expect(blocksIn(await read('docs/library.md'), 'ts')).toHaveLength(SAYS.length)
})

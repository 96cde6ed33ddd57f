import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runHere } from '../cli/here.ts'
import { REAL } from '../cli/programs.ts'
import { read } from './program.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const [, SECTION = ''] = (await read('docs/testing.md')).split('## Test an agent')

test('the tests of agents on the page pass with the output that it shows', async () => {
  // inside the checkout, so that its packages are found
  const folder = await mkdtemp(join(import.meta.dirname, '.page-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'antiphon.yaml'), 'plugins: []\n')
  const files = SECTION.matchAll(/`([\w./-]+\.(?:ts|yaml))`[^\n]*:\n\n```\w+\n([\s\S]*?)^```/gm)
  for (const [, path, text] of files) {
    await mkdir(dirname(join(folder, path!)), { recursive: true })
    const here = text!
      .replaceAll("'antiphon/testing'", `'${join(ROOT, 'trials/index.ts')}'`)
      .replaceAll("'antiphon'", `'${join(ROOT, 'src/index.ts')}'`)
    await writeFile(join(folder, path!), here)
  }
  const agent = (...args: string[]) => runHere(REAL, ['agent', ...args], { folder })
  const [, shown] = /agent test support\.test\.ts\n```\n\n```text\n([\s\S]*?)```/.exec(SECTION)!
  const { code, out } = await agent('test', 'support.test.ts')
  const plain = (text: string) =>
    text
      .replaceAll(/\d+ ms/g, 'N ms')
      .split('\n')
      .toSorted()
  expect([code, plain(out)]).toEqual([0, plain(shown!)])
  await agent('new', 'clerk')
  expect(await agent('test', 'agents/clerk.test.yaml')).toMatchObject({ code: 0, err: '' })
})

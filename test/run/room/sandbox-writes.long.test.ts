import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'
import { bubblewrap } from '../../../src/sandbox/bubblewrap.ts'

const hasSandbox = (await bubblewrap.check()) === undefined

/** Runs a command in `open`, in which it may write, with these files there. */
async function runIn(files: { readonly [name: string]: string }, command: string, yaml = '') {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-mounts-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const path = (name: string) => join(folder, name)
  chmodSync(folder, 0o755)
  writeFileSync(path('antiphon.yaml'), `roots: [open]\ntools: { approve: none }\n${yaml}`)
  mkdirSync(path('open/sub'), { recursive: true })
  for (const one of ['open', 'open/sub']) chmodSync(path(one), 0o777)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(path(name)), { recursive: true })
    writeFileSync(path(name), text)
    chmodSync(path(name), 0o666)
  }
  const config = await loadConfig({ folder, environment: { PATH: process.env.PATH } })
  const runtime = await createRuntime({ ...config, embedder: 'none' })
  onTestFinished(() => runtime.stop({ grace: 0 }))
  const parameters = { command, working_dir: 'open', write: true }
  const { id } = await runtime.tools.call([{ tool: 'terminal:execute', parameters }], { chosenByModel: true })
  await runtime.idle()
  const { steps } = await runtime.runs.get(id)
  const textOf = (name: string) => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : undefined)
  return { step: steps.call_1, textOf }
}

test.skipIf(!hasSandbox)('a command in a sandbox that may write leaves no file that is loaded or run', async () => {
  const { step, textOf } = await runIn(
    { 'open/package.json': '{}' },
    'echo evil > package.json; mkdir -p sub/.git/hooks; echo evil > sub/.git/hooks/x; echo evil > .npmrc; echo ok > a.txt',
  )
  expect(step).toMatchObject({ status: 'failed', error: expect.stringMatching(/loaded or run/) })
  const names = ['open/package.json', 'open/.npmrc', 'open/sub/.git/hooks/x', 'open/a.txt']
  expect(names.map(textOf)).toEqual(['{}', undefined, undefined, 'ok\n'])
})

test.skipIf(!hasSandbox)('a command cannot move a folder away and make a file that is run in its place', async () => {
  const { step, textOf } = await runIn(
    { 'open/sub/.git/config': 'mine' },
    'mv sub other; mkdir -p sub/.git/hooks; echo evil > sub/.git/hooks/pre-commit',
  )
  expect(step).toMatchObject({ status: 'failed', error: expect.stringMatching(/loaded or run/) })
  expect(textOf('open/sub/.git/hooks/pre-commit')).toBeUndefined()
  expect(textOf('open/other/.git/config')).toBe('mine')
})

test.skipIf(!hasSandbox)('a command changes no program of a server and no file that it loads', async () => {
  const { step, textOf } = await runIn(
    { 'open/server.mjs': 'import "./lib.mjs"\nimport "./absent.mjs"', 'open/lib.mjs': 'good' },
    'cat lib.mjs; echo evil > server.mjs; echo evil > lib.mjs; rm -f lib.mjs; echo evil > absent.mjs; echo ok > a.txt',
    'mcpServers: { s: { command: node, args: [open/server.mjs] } }\n',
  )
  expect(step).toMatchObject({ status: 'failed', error: expect.stringMatching(/loaded or run/) })
  expect(textOf('open/server.mjs')).toMatch(/^import/)
  expect(textOf('open/lib.mjs')).toBe('good')
  expect(textOf('open/absent.mjs')).toBeUndefined()
  expect(textOf('open/a.txt')).toBe('ok\n')
})

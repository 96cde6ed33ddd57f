import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { createRuntime } from '../../../src/runtime.ts'
import { bubblewrap } from '../../../src/sandbox/bubblewrap.ts'

const hasSandbox = (await bubblewrap.check()) === undefined

test.skipIf(!hasSandbox)('a command in a sandbox that may write leaves no file that is loaded or run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-mounts-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const path = (name: string) => join(folder, name)
  chmodSync(folder, 0o755)
  writeFileSync(path('antiphon.yaml'), 'roots: [open]\ntools: { approve: none }\n')
  mkdirSync(path('open/sub'), { recursive: true })
  for (const one of ['open', 'open/sub']) chmodSync(path(one), 0o777)
  writeFileSync(path('open/package.json'), '{}')
  chmodSync(path('open/package.json'), 0o666)
  const config = await loadConfig({ folder, environment: { PATH: process.env.PATH } })
  const runtime = await createRuntime({ ...config, embedder: 'none' })
  onTestFinished(() => runtime.stop({ grace: 0 }))
  const command =
    'echo evil > package.json; mkdir -p sub/.git/hooks; echo evil > sub/.git/hooks/x; echo evil > .npmrc; echo ok > a.txt'
  const parameters = { command, working_dir: 'open', write: true }
  const { id } = await runtime.tools.call([{ tool: 'terminal:execute', parameters }], { chosenByModel: true })
  await runtime.idle()
  const { steps } = await runtime.runs.get(id)
  expect(steps.call_1).toMatchObject({ status: 'failed', error: expect.stringMatching(/loaded or run/) })
  expect(readFileSync(path('open/package.json'), 'utf8')).toBe('{}')
  expect(['open/.npmrc', 'open/sub/.git', 'open/a.txt'].map((name) => existsSync(path(name)))).toEqual([
    false,
    false,
    true,
  ])
})

import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openGoals } from '../agent/goal/folder.ts'

async function run(yaml: string, files: { readonly [path: string]: Buffer } = {}) {
  const opened = await openGoals([])
  opened.write('one.yaml', yaml)
  for (const [path, bytes] of Object.entries(files)) writeFileSync(opened.path(path), bytes)
  const { id } = await opened.runtime.runs.start({ file: opened.path('one.yaml') })
  await opened.runtime.idle()
  return { ...opened, id, run: await opened.runtime.runs.get(id) }
}

const COUNT = 200_000
const CUT = `
name: cut
steps:
  - { id: lines, tool: terminal, action: execute, parameters: { command: "seq 1 ${COUNT}" } }
  - { id: keep, tool: filesystem, action: write, parameters: { path: lines.txt, content: "{{ lines.stdout }}" } }
outputs: { cut: "{{ lines.truncated }}", size: "{{ lines.stdout_size }}" }`

test('nothing is added to a cut output; the step is degraded, and the whole output can be read', async () => {
  const { run: done, runtime, id, path } = await run(CUT)
  const whole = Array.from({ length: COUNT }, (_, index) => `${index + 1}\n`).join('')
  const lack = `stdout has ${whole.length} bytes, and the result only the first 1048576`
  expect(done).toMatchObject({
    status: 'completed',
    degraded: true,
    lacks: [`lines: ${lack}`],
    outputs: { cut: true, size: whole.length },
    steps: { lines: { degraded: true, lacks: [lack], whole: [{ field: 'stdout', characters: whole.length }] } },
  })
  expect(done.steps.keep).not.toHaveProperty('degraded')
  expect(readFileSync(path('lines.txt'), 'utf8')).toBe(whole.slice(0, 1024 * 1024))
  expect(await runtime.runs.whole(id, 'lines', 'stdout')).toEqual({ text: whole })
  await expect(runtime.runs.whole(id, 'lines', 'stderr')).rejects.toMatchObject({ code: 'not_found' })
})

test('a failed command keeps its whole output as well', async () => {
  const { run: done, runtime, id } = await run(CUT.replace(`"seq 1 ${COUNT}"`, `"seq 1 ${COUNT}; exit 3", shell: true`))
  expect(done.steps.lines).toMatchObject({
    status: 'failed',
    degraded: true,
    lacks: [expect.stringMatching(/^stdout has/)],
  })
  expect((await runtime.runs.whole(id, 'lines', 'stdout')).text).toMatch(/\n200000\n$/)
})

test('a file in another encoding is read, and a warning of the step says so', async () => {
  const yaml = `
name: read
steps:
  - { id: text, tool: filesystem, action: read, parameters: { path: a.txt } }
outputs: { text: "{{ text.content }}" }`
  const { run: done } = await run(yaml, { 'a.txt': Buffer.from('M\xfcller', 'latin1') })
  expect(done).toMatchObject({ status: 'completed', outputs: { text: 'Müller' } })
  expect(done).not.toHaveProperty('degraded')
  expect(done.steps.text!.warnings).toEqual([expect.stringContaining('a.txt was read as windows-1252')])
})

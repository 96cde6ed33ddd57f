import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { createRuntime } from '../../src/runtime.ts'
import { killRepeatedly, openLedger } from '../../src/testing/index.ts'

const count = (id: string, needs: string, v: string) =>
  `{ id: ${id}, tool: count, dependencies: [${needs}], parameters: { ledger: "{{ ledger }}", v: "{{ ${v} }}" } }`

const PIPELINE = `name: top
inputs: { ledger: { type: string } }
steps:
  - ${count('first', '', '1')}
  - id: sub
    tool: pipeline-executor
    dependencies: [first]
    parameters:
      pipeline: |
        name: below
        inputs: { ledger: { type: string } }
        steps:
          - ${count('a', '', '2')}
          - { id: gate, tool: wait-for-signal, dependencies: [a] }
          - { id: up, tool: recursion-control, action: update_state, dependencies: [gate], parameters: { state_key: n, increment: 1 } }
          - { id: keep, tool: mcp-memory, action: store, dependencies: [up], parameters: { key: n, value: "{{ up.new_value }}" } }
          - ${count('b', 'keep', 'up.new_value')}
          - { id: early, tool: wait-for-signal, dependencies: [b] }
        outputs: { v: "{{ b.v }}", n: "{{ up.new_value }}", gate: "{{ gate.value }}", early: "{{ early.value }}" }
  - ${count('last', 'sub', 'sub.outputs.v')}
outputs: { sub: "{{ sub.outputs }}", last: "{{ last.v }}" }
`

test('kill -9 while a run waits for one below, and that for signals: nothing is lost, and nothing that was finished is done again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-waiting-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'top.yaml')
  writeFileSync(file, PIPELINE)
  const plan = { kills: 5, seed: 7, longest: 60, program: join(import.meta.dirname, 'waiting/child.ts') }
  const kills = await killRepeatedly({ ...plan, settings: ({ isLast }) => ({ folder, file, isLast }) })

  const runtime = await createRuntime({
    ...(await loadConfig({ folder, environment: {} })),
    embedder: 'none',
    plugins: [join(import.meta.dirname, 'waiting/tools.ts')],
  })
  onTestFinished(() => runtime.stop())
  expect(await runtime.run('run_a')).toMatchObject({
    status: 'completed',
    outputs: { sub: { v: 1, n: 1, gate: 1, early: 1 }, last: 1 },
  })
  expect((await runtime.runs()).map(({ id }) => id).sort()).toEqual(['run_a', 'run_a.sub'])
  expect(await runtime.inbox()).toEqual([])
  const calls = openLedger(join(folder, 'calls')).read() as { readonly began?: string }[]
  const began = calls.flatMap((call) => call.began ?? [])
  expect(new Set(began).size).toBe(4)
  // a call that was cut off, or whose end was not yet on disk, is made again: one for a kill at most
  expect(began.length).toBeLessThanOrEqual(4 + kills)
})

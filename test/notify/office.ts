import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import type { Clock } from '../../src/engine/engine.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import type { InternalParts } from '../../src/runtime/open/parts.ts'
import { type SimulatedClock, simulatedClock } from '../../src/testing/index.ts'
import { SECRET } from './receiver.ts'

/** A pipeline that waits for an approval. */
export const GATE = `name: gate
steps:
  - { id: ok, tool: approval-gate, parameters: { title: Send the secret letter? } }
`
/** A pipeline that fails. */
export const BROKEN = `name: broken
steps:
  - { id: read, tool: filesystem, action: read, parameters: { path: none.txt } }
`

export const PUBLIC = 'https://agents.example.com/in/'

/** When the clocks of tests begin, ms since the epoch. */
export const STARTED = Date.parse('2026-03-01T12:00:00Z')
export const officeClock = () => simulatedClock(STARTED)

/** A folder with receivers, and its runtime, opened as often as asked, on a clock that stands still. */
export function openOffice(notify: readonly object[], clock: SimulatedClock = officeClock(), more: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-notify-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const write = (receivers: readonly object[]) =>
    writeFileSync(
      join(folder, 'antiphon.yaml'),
      JSON.stringify({ serve: { publicUrl: PUBLIC }, notify: receivers, ...more }),
    )
  write(notify)
  async function open(parts: InternalParts & { readonly clock?: Clock } = {}) {
    const config = await loadConfig({ folder, environment: { ANTIPHON_SECRET_HOOKS: SECRET } })
    const runtime = await createRuntime(
      { ...config, embedder: 'none' },
      { clock, retentionClock: clock, notice: () => {}, ...parts },
    )
    onTestFinished(() => runtime.stop({ grace: 0 }))
    return runtime
  }
  /** Lets time pass, a second at a time, until something is true. */
  async function pass(isTrue: () => boolean | Promise<boolean>, step = 1000): Promise<void> {
    for (let left = 2000; left > 0; left--) {
      if (await isTrue()) return
      await clock.advance(step)
      await sleep(1)
    }
    throw new Error(`it never came: ${isTrue}`)
  }
  const startGate = async (runtime: Awaited<ReturnType<typeof open>>, id = 'letter') => {
    await runtime.runs.start({ source: { text: GATE }, id })
    await runtime.idle()
  }
  return { folder, clock, open, pass, write, startGate }
}

/** A receiver under `notify:` for a URL on loopback. */
export const receiverAt = (url: string, more: object = {}) => ({
  url,
  secret: 'secret://hooks',
  allow: ['127.0.0.1'],
  ...more,
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Config, loadConfig } from '../../src/config/config.ts'
import type { RunDocument } from '../../src/run/document.ts'
import { openRuntime } from '../../src/runtime/open/open-runtime.ts'
import type { InternalParts } from '../../src/runtime/open/parts.ts'
import { until } from '../../src/testing/until.ts'

/** A folder for several processes of one program. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-workflow-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** A runtime over a folder, with shortcuts for runs of workflows. */
export async function openRuns(parts: InternalParts, folder = makeFolder(), settings: Partial<Config> = {}) {
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await openRuntime(
    { ...config, embedder: 'none', durability: 'process', ...settings },
    { notice: () => {}, ...parts },
  )
  let isStopped = false
  const stop = async () => {
    if (!isStopped) await runtime.stop({ grace: 0 })
    isStopped = true
  }
  onTestFinished(stop)
  const { runs } = runtime
  const start = async (workflow: string, input: unknown = {}, id = 'r') => {
    await runs.start({ workflow, input: input as never, id })
    return id
  }
  const ended = (id = 'r'): Promise<RunDocument> =>
    until(async () => {
      const run = await runs.get(id)
      return run.completed_at === null ? undefined : run
    })
  /** Until a run waits: a step or an item that waits may be there before. */
  const waits = (id = 'r') => until(async () => (await runs.get(id)).status === 'waiting')
  const eventsOf = async (id = 'r') => {
    const events: { readonly type: string; readonly step?: string }[] = []
    for await (const { body } of runs.events(id)) events.push(body as never)
    return events
  }
  return { runtime, runs, folder, start, ended, waits, eventsOf, stop }
}

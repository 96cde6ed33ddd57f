import { hash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../../src/config/config.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import type { ServedRuntime } from '../../../src/runtime/ports.ts'
import { type Kill, openWitnessed } from '../flush/database.ts'
import { LEDGER } from '../kinds/log.ts'

/** One process on a data folder, what its user does in it, and when it dies. */
export type Life = { readonly folder: string; readonly act: ActName; readonly kill?: Kill }

export type ActName = keyof typeof ACTS

/** The file of a folder's every flush, and those of its settings and of the address of a link. */
const WITNESS = 'witness'
export const SETTINGS = 'antiphon.yaml'
const LINK = 'link'

/** The file of the ids of the processes that were to be killed. */
export const CHILDREN = 'children'

/** The run of all calls here. */
export const RUN = 'calls'

/** What a user does, in a process that goes on to where nothing is left to do. Done again, each is done once. */
const ACTS = {
  /** a call that waits for a person */
  async wait(runtime: ServedRuntime) {
    const call = { id: 'once', tool: 'post', parameters: { of: 'calls', v: 'sent' } }
    await runtime.tools.call([call], { id: RUN, approve: ['post'] })
  },
  /** the person answers, unless an earlier answer was taken */
  async answer(runtime: ServedRuntime) {
    const waits = (await runtime.inbox.list({ run: RUN })).length > 0
    if (waits) await runtime.runs.signal(RUN, 'approve_once', 'approve')
    await goOn(runtime)
  },
  /** the person gets a link */
  async link(runtime: ServedRuntime, folder: string) {
    const { token } = await runtime.access.links.create({
      run: RUN,
      signal: 'approve_once',
      kind: 'approval',
      ttl: 3_600_000,
    })
    writeFileSync(join(folder, LINK), token)
  },
  /** the person opens the page of the link and presses a button */
  async press(runtime: ServedRuntime, folder: string) {
    const page = `http://localhost/v1/links/${readFileSync(join(folder, LINK), 'utf8')}`
    const app = createApp(runtime)
    const shown = await app.fetch(new Request(page))
    if (shown.status !== 410 && !(await shown.text()).includes('value="approve"')) throw new Error('no button is shown')
    const body = new URLSearchParams({ action: 'approve' })
    const sent = await app.fetch(new Request(page, { method: 'POST', body, headers: { origin: 'http://localhost' } }))
    // once it is pressed, the link is of no use any more
    if (sent.status !== 200 && sent.status !== 410) throw new Error(`${sent.status}: ${await sent.text()}`)
    await goOn(runtime)
  },
  /** calls of all effect classes, side by side: one of them is undone by its tool, one fails, and one runs foreign code */
  async classes(runtime: ServedRuntime, folder: string) {
    const called = (id: string, tool: string) => ({ id, tool, parameters: { of: 'calls', v: id } })
    const calls = [
      called('pure', 'look'),
      called('undoable', 'book'),
      called('kept', 'keep'),
      called('once', 'post'),
      called('fails', 'crumble'),
      { id: 'foreign', tool: 'python-executor', parameters: { code: FOREIGN, inputs: foreignInputs(folder) } },
    ]
    await runtime.tools.call(calls, { id: RUN, onFailure: 'continue' })
    await goOn(runtime)
  },
  /** calls of a server of the Model Context Protocol: at-most-once, idempotent, and one that fails */
  async mcp(runtime: ServedRuntime) {
    const calls = [
      { id: 'once', tool: 'fix:note', parameters: { line: 'once' } },
      { id: 'kept', tool: 'again:note', parameters: { line: 'kept' } },
      { id: 'fails', tool: 'again:fail' },
    ]
    await runtime.tools.call(calls, { id: RUN, onFailure: 'continue' })
    await goOn(runtime)
  },
  /** a call that a server answers with a task */
  async task(runtime: ServedRuntime) {
    await runtime.tools.call([{ id: 'job', tool: 'fix:job' }], { id: RUN })
    await goOn(runtime)
  },
}

/** It leaves a process behind, and takes longer than the other calls. */
const FOREIGN = `
import subprocess, time
subprocess.Popen(['sleep', inputs['seconds']])
time.sleep(inputs['wait'])
print('done')`

/** In a folder with this file, foreign code takes long enough to be killed. */
export const SLOW = 'slow'
const foreignInputs = (folder: string) => ({
  seconds: secondsOf(folder),
  wait: existsSync(join(folder, SLOW)) ? 4 : 0,
})

/** The seconds that the process of a folder sleeps: no other command has them. */
export const secondsOf = (folder: string): string => `600.${BigInt(`0x${hash('md5', folder)}`)}`

async function goOn(runtime: ServedRuntime): Promise<void> {
  const { status } = await runtime.runs.get(RUN)
  if (status !== 'completed' && status !== 'failed') await runtime.runs.resume(RUN)
}

/** Does it in this process; resolves with the run as it is then. */
export async function live({ folder, act, kill }: Life) {
  const notes = { witness: join(folder, WITNESS), ledger: join(folder, LEDGER) }
  const { PATH } = process.env
  const config = await loadConfig({ folder, environment: { PATH } })
  const runtime = await openRuntime(
    { ...config, durability: 'process' },
    { openDatabase: (options) => openWitnessed(options, notes, kill), notice: () => {} },
  )
  try {
    await ACTS[act](runtime, folder)
    await runtime.idle()
    for (const { kind, step } of await runtime.inbox.list({ run: RUN }))
      if (kind === 'unknown') await runtime.runs.settle(RUN, step, { outcome: 'fail' })
    await runtime.idle()
    return await runtime.runs.get(RUN)
  } finally {
    await runtime.stop({ grace: 0 })
  }
}

/** How many flushes the processes of a folder made. */
export const flushesIn = (folder: string): number =>
  existsSync(join(folder, WITNESS)) ? readFileSync(join(folder, WITNESS), 'utf8').trimEnd().split('\n').length : 0

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, watch, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { processWorker } from '../../../src/worker/isolation/process.ts'
import { threadWorker } from '../../../src/worker/isolation/thread.ts'
import { createPool, type Pool } from '../../../src/worker/pool/pool.ts'
import { isRunning } from '../../tool/mcp/bench.ts'

const file = new URL('./deeds.ts', import.meta.url)
const never = new AbortController().signal

let folder: string
let files = 0
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'antiphon-apart-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

function newFile(text = ''): string {
  const path = join(folder, `file-${files++}`)
  writeFileSync(path, text)
  return path
}

/** Resolves when a file has that text. */
function written(path: string, text: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(path, look)
    look()
    function look(): void {
      if (readFileSync(path, 'utf8') !== text) return
      watcher.close()
      resolve()
    }
  })
}

describe.each([
  ['a thread', threadWorker, 'The thread code_action_pool-2 died while running a task.'],
  ['a process', processWorker, 'could not be cloned'],
] as const)('%s of its own', (_, make, unspeakable) => {
  let pool: Pool
  const open = ({ workers = 1, grace = 50 } = {}) =>
    (pool = createPool({
      id: 'code_action_pool',
      workers,
      queue: 10,
      make: (id) => make({ id, file, grace, environment: { SAFE: 'yes' } }),
    }))
  afterEach(() => pool.close({ deadline: 0 }))
  const call = (name: string, input?: unknown, given = {}) =>
    pool.submit({ signal: never, run: (signal, worker) => worker.call!(name, input, signal), ...given })

  it('runs a task outside of this thread, and reports its error', async () => {
    open({ workers: 2 })
    const [one, other] = await Promise.all([call('where'), call('where')])
    expect(one).not.toEqual(other)
    expect([one, other]).not.toContainEqual(expect.objectContaining({ pid: process.pid, isMainThread: true }))
    expect(await call('double', 21)).toBe(42)
    await expect(call('refuse')).rejects.toMatchObject({
      name: 'TerminalError',
      code: 'refused',
      message: 'that will not do',
      hint: 'try something else',
    })
    await expect(call('nothing')).rejects.toMatchObject({ name: 'NotFoundError' })
    await expect(call('double', () => {})).rejects.toThrow('could not be cloned')
    await expect(call('unspeakable')).rejects.toThrow(unspeakable)
    expect(await call('double', 1)).toBe(2)
  })

  it('has the given environment only, and not ours', async () => {
    open()
    expect(await call('environment', 'SAFE')).toBe('yes')
    expect(await call('environment', 'PATH')).toBeUndefined()
  })

  it('is notified of a cancelled call, and continues with the next', async () => {
    open({ grace: 60_000 })
    const off = new AbortController()
    const path = newFile()
    const result = call('polite', path, { signal: off.signal })
    await written(path, 'begun')
    off.abort(new Error('no more'))
    await expect(result).rejects.toMatchObject({ code: 'cancelled', cause: { message: 'no more' } })
    await written(path, 'called off')
    expect(await call('double', 2)).toBe(4)
    expect(pool.report().each).toMatchObject([{ lost: 0 }])
  })

  it('A24: is ended when its time is over and it does not hear, and the next call has another', async () => {
    open()
    const before = await call('where')
    const path = newFile()
    const result = call('deaf', path, { timeout: 100 })
    await expect(result).rejects.toMatchObject({ code: 'timeout' })
    const after = await call('where')
    expect(after).not.toEqual(before)
    expect(pool.report()).toMatchObject({ late: 1, failed: 1, running: 0 })
  })

  it('gives a task back when it dies under it', async () => {
    open()
    expect(await call('dieOnce', newFile('0'))).toBe('call 2')
    expect(pool.report()).toMatchObject({ retried: 1, done: 1, failed: 0, each: [{ lost: 1 }] })
  })

  it('is ended with its pool, whatever it does, when there is a deadline', async () => {
    open()
    const path = newFile()
    const result = call('deaf', path)
    const told = expect(result).rejects.toMatchObject({ code: 'worker_lost' })
    await written(path, 'begun')
    await pool.close({ deadline: 0 })
    await told
  })
})

/** How many processes keep this one from its end. */
const children = () => process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length

it('a process whose only call could not start does not keep the parent alive', async () => {
  const own = processWorker({ id: 'own', file })
  onTestFinished(() => own.retire!())
  const before = children()
  await expect(own.call!('double', () => {}, never)).rejects.toThrow('could not be cloned')
  expect(children()).toBe(before)
})

it('a process that computes ends if its parent is killed', async () => {
  const path = newFile()
  const program = `
    import { processWorker } from ${JSON.stringify(new URL('../../../src/worker/isolation/process.ts', import.meta.url))}
    const { signal } = new AbortController()
    const own = processWorker({ id: 'own', file: new URL(${JSON.stringify(file)}) })
    console.log((await own.call('where', undefined, signal)).pid)
    await own.call('deaf', ${JSON.stringify(path)}, signal)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [pid] = await once(parent.stdout, 'data')
  await written(path, 'begun')
  parent.kill('SIGKILL')
  await expect.poll(() => isRunning(Number(pid))).toBe(false)
})

it('the parent waits for an idle process that it retires', async () => {
  const own = processWorker({ id: 'own', file })
  await own.call!('double', 1, never)
  const idle = children()
  const retired = own.retire!()
  expect(children()).toBe(idle + 1)
  await retired
})

it('a thread that has nothing to do ends after a while, not under a call, and the next call has another', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const own = threadWorker({ id: 'own', file, environment: {} })
  onTestFinished(() => own.retire!())
  const where = () => own.call!('where', undefined, never)
  const first = await where()
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const long = own.call!('waitFor', gate, never)
  vi.advanceTimersByTime(90_000)
  Atomics.store(gate, 0, 1)
  Atomics.notify(gate, 0)
  await long
  expect(await where()).toEqual(first)
  vi.advanceTimersByTime(60_000)
  expect(await where()).not.toEqual(first)
})

it("an answer that comes while its thread is being ended is nobody's, and no fault of the process", async () => {
  const own = threadWorker({ id: 'own', file, environment: {} })
  await own.call!('double', 1, never)
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const told = expect(own.call!('waitFor', gate, never)).rejects.toMatchObject({ code: 'worker_lost' })
  Atomics.store(gate, 0, 1)
  Atomics.notify(gate, 0)
  // the thread has answered before this one looks
  Atomics.wait(gate, 0, 1, 100)
  await own.retire!()
  await told
})

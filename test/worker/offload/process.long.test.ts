import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { gate, until } from '../../../src/testing/index.ts'
import { createOffload, type OffloadOptions } from '../../../src/worker/offload/offload.ts'
import { startJobProcess } from '../../../src/worker/offload/process.ts'

const file = new URL('./bounded-deeds.ts', import.meta.url)
const terms: OffloadOptions = { share: '', deadline: 60_000, what: 'Reading this', hint: 'less' }

function open() {
  const aside = createOffload(1, startJobProcess)
  onTestFinished(() => aside.close())
  return (name: string, input?: unknown, more?: Partial<OffloadOptions>) =>
    aside.run({ file, name }, input, { ...terms, ...more })
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('one process does many jobs, and ends when it is idle', async () => {
  const run = open()
  const pid = await run('where')
  expect(pid).not.toBe(process.pid)
  expect(await run('where')).toBe(pid)
  const left = gate()
  const runner = startJobProcess(1, left.release)
  const answer = await runner.ask({ file: file.href, name: 'where', input: undefined }, 60_000)
  await left.pass()
  await until(() => !isAlive((answer as { value: number }).value))
  expect(runner.isAlive()).toBe(false)
})

test.each([true, false])(
  'array buffers end it, and nothing else (written: %s)',
  async (written) => {
    const run = open()
    const before = process.memoryUsage.rss()
    await expect(run('buffers', { written })).rejects.toMatchObject({
      code: 'too_large',
      hint: 'less',
      message: 'Reading this exceeds its limits (it runs out of memory).',
    })
    expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000)
    expect(await run('where')).toBeGreaterThan(0)
  },
  60_000,
)

test('it counts only the time in which it computes', async () => {
  expect(await open()('stand', 1_000, { deadline: 100 })).toBe('timed-out')
})

test('its deadline, its end and a cancelled job have names', async () => {
  const run = open()
  await expect(run('forever', undefined, { deadline: 100 })).rejects.toMatchObject({ code: 'too_large' })
  await expect(run('exit', 3)).rejects.toMatchObject({ code: 'worker_lost', message: /ended with code 3/ })
  const stop = new AbortController()
  const cancelled = run('forever', undefined, { signal: stop.signal })
  stop.abort()
  await expect(cancelled).rejects.toMatchObject({ name: 'CancelledError' })
})

test('it ends with its program, also when that is killed', async () => {
  const program = spawn(process.execPath, [fileURLToPath(new URL('./bounded-parent.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await once(program.stdout, 'data')
  const pid = Number(said)
  expect(isAlive(pid)).toBe(true)
  program.kill('SIGKILL')
  await until(() => !isAlive(pid))
})

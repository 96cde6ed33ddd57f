import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { guardCommand } from '../../../../src/sandbox/process/guard.ts'
import { executeTool } from '../../../../src/tool/builtin/terminal/terminal.ts'
import { call, contextAt, workFolder } from '../../context.ts'
import { runs } from './runs.ts'

const place = workFolder()
const guarded = (await guardCommand()).some((word) => word.endsWith('setpriv'))

/** The process id that a command wrote to the file `pid`, once it is there. */
function pidIn(file: string): Promise<number> {
  return vi.waitFor(
    async () => {
      const pid = Number.parseInt(await readFile(join(place.root, file), 'utf8'), 10)
      expect(pid).toBeGreaterThan(0)
      return pid
    },
    { timeout: 60_000 },
  )
}

const hasEnded = (pid: number) => vi.waitFor(() => expect(runs(pid)).toBe(false), { timeout: 60_000 })

/** seconds in which a shell starts on a busy machine */
const SHELL_BEGINS = 3

describe('a command that takes too long', () => {
  it('is ended with everything it started, and keeps what it had to say', async () => {
    const command = 'echo begun; sleep 300 & echo $! > pid; wait'
    const failed = call(executeTool, { command, shell: true, timeout: SHELL_BEGINS }, contextAt(place.root))
    await expect(failed).rejects.toMatchObject({
      code: 'timeout',
      terminal: true,
      result: { stdout: 'begun\n', return_code: 143 },
    })
    expect(runs(await pidIn('pid'))).toBe(false)
  })

  it('is ended two seconds later when it does not want to', async () => {
    const command = 'trap "" TERM; echo $$ > pid; while :; do sleep 0.2; done'
    const failed = call(executeTool, { command, shell: true, timeout: SHELL_BEGINS }, contextAt(place.root))
    await expect(failed).rejects.toMatchObject({ code: 'timeout', result: { return_code: 137 } })
    expect(runs(await pidIn('pid'))).toBe(false)
  })
})

describe('a command that is cancelled', () => {
  it('is ended with everything it started', async () => {
    const off = new AbortController()
    const context = contextAt(place.root, { signal: off.signal })
    const command = 'sleep 300 & echo $! > child; echo $$ > pid; wait'
    const failed = expect(call(executeTool, { command, shell: true }, context)).rejects.toMatchObject({
      name: 'CancelledError',
    })
    const pids = [await pidIn('pid'), await pidIn('child')]
    off.abort()
    await failed
    expect(pids.map(runs)).toEqual([false, false])
  })

  it('does not even start when that was before', async () => {
    const context = contextAt(place.root, { signal: AbortSignal.abort() })
    await expect(call(executeTool, { command: 'touch x' }, context)).rejects.toMatchObject({ name: 'CancelledError' })
    await expect(readFile(join(place.root, 'x'))).rejects.toThrow('ENOENT')
  })
})

describe('processes that a command leaves behind', () => {
  it('ends with it, also when it is stubborn and silent', async () => {
    const command =
      '(trap "" TERM; echo $$ > started; while :; do sleep 0.2; done) >/dev/null 2>&1 & echo $! > pid; until [ -e started ]; do :; done'
    await call(executeTool, { command, shell: true }, contextAt(place.root))
    await hasEnded(await pidIn('pid'))
  })

  it.runIf(guarded)('does not hold up the answer when it has ended and nobody asked how', async () => {
    const left = `sh -c 'echo $$ > pid; sleep 0 & exec setsid sleep 20'`
    const command = `${left} >/dev/null 2>&1 & until [ -s pid ]; do :; done; sleep 0.2`
    const result = await call(executeTool, { command, shell: true }, contextAt(place.root))
    const parent = await pidIn('pid')
    expect(runs(parent)).toBe(true)
    process.kill(parent, 'SIGKILL')
    expect(result.execution_time).toBeLessThan(1.9)
  })

  it('does not hold up the answer when it left the group with the output in its hands', async () => {
    const command = 'setsid sh -c "echo \\$\\$ > pid; sleep 20" & until [ -s pid ]; do :; done; echo done'
    const result = await call(executeTool, { command, shell: true }, contextAt(place.root))
    expect(result).toMatchObject({ stdout: 'done\n' })
    expect(result.execution_time).toBeLessThan(10)
    process.kill(-(await pidIn('pid')), 'SIGKILL')
  })
})

describe('when antiphon itself ends', () => {
  const program = (end: string) => `
    import { executeTool } from ${JSON.stringify(new URL('../../../../src/tool/builtin/terminal/terminal.ts', import.meta.url).href)}
    const context = { signal: new AbortController().signal, idempotencyKey: 'k', root: '.', roots: ['.'], emit() {} }
    const input = { command: process.argv[1], shell: true, timeout: 300, capture_output: true, env: {} }
    executeTool.execute(input, context)
    ${end}`
  const start = (command: string, end = '') =>
    spawn(process.execPath, ['--input-type=module', '-e', program(end), command], { cwd: place.root, stdio: 'ignore' })

  it('takes its commands along on its way out, stubborn ones too', async () => {
    const exit = '(now) => now.ino && process.exit(0)'
    const end = `;(await import('node:fs')).watchFile('go', { interval: 20 }, ${exit})`
    start('(trap "" TERM; while :; do sleep 0.2; done) & echo $! > pid; wait', end)
    const pid = await pidIn('pid')
    expect(runs(pid)).toBe(true)
    await call(executeTool, { command: 'touch go' }, contextAt(place.root))
    await hasEnded(pid)
  })

  it.runIf(guarded)('does so even when it is killed outright', async () => {
    const parent = start('echo $$ > pid; exec sleep 300')
    const pid = await pidIn('pid')
    expect(runs(pid)).toBe(true)
    parent.kill('SIGKILL')
    await hasEnded(pid)
  })
})

import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { type CommandWord, callCommand } from '../../../src/worker/isolation/command.ts'
import { processWorker } from '../../../src/worker/isolation/process.ts'

/** A program that does this once it has read its call. `read` resolves with its next line, or undefined at the end. */
const READS = `
  let text = ''
  const ended = new Promise((end) => process.stdin.on('end', end))
  const read = async () => {
    while (!text.includes('\\n')) {
      const more = new Promise((go) => process.stdin.once('data', go))
      const part = await Promise.race([more, ended])
      if (part === undefined) return undefined
      text += part
    }
    const at = text.indexOf('\\n')
    const line = text.slice(0, at)
    text = text.slice(at + 1)
    return JSON.parse(line)
  }
  const say = (line) => process.stdout.write(JSON.stringify(line) + '\\n')
`
const program = (body: string) =>
  [process.execPath, '-e', `${READS};(async () => { const call = await read(); ${body} })()`] as const
const never = new AbortController().signal

async function callProgram(body: string, input: unknown = {}, signal = never, grace = 100) {
  const words: CommandWord[] = []
  const command = program(body)
  const result = callCommand({ command, grace }, { input }, signal, (word) => words.push(word))
  return { words, result: await result }
}

it('a program gets the call as one line, and we hear its progress, log and the result', async () => {
  const text = 'a\nb\u2028"c" $(rm) – é'
  const body = `say({ progress: 0.5 }); say({ log: 'half' }); console.log('printed'); say({ result: call.input })`
  expect(await callProgram(body, { text })).toEqual({
    words: [{ progress: 0.5 }, { log: 'half' }, { log: 'printed' }],
    result: { text },
  })
})

it('a line may have 1 MiB and come in pieces, and its numbers keep their digits', async () => {
  const body = `process.stdout.write('{"result":["' + 'é'.repeat(400000)); await new Promise((go) => setTimeout(go, 20)); process.stdout.write('",12345678901234567890]}\\n')`
  expect((await callProgram(body)).result).toEqual(['é'.repeat(400_000), '12345678901234567890'])
})

it('a program gets only the harmless variables of this process', async () => {
  process.env.SOME_API_KEY = 'k'
  const { result } = await callProgram('say({ result: Object.keys(process.env) })')
  delete process.env.SOME_API_KEY
  expect(result).toContain('PATH')
  expect(result).not.toContain('SOME_API_KEY')
})

it.each([
  [`say({ error: { message: 'no such book', code: 'no_book' } })`, { name: 'TerminalError', code: 'no_book' }],
  [`say({ error: { message: 'busy', retryable: true } })`, { name: 'RetryableError', message: 'busy' }],
  [`process.kill(process.pid, 'SIGKILL')`, { message: expect.stringContaining('(SIGKILL)') }],
  [
    `process.stdout.write('x'.repeat(2 ** 21)); await new Promise(() => setInterval(() => {}, 1000))`,
    {
      code: 'too_large',
    },
  ],
])('the error has the words of the program: %s', async (body, error) => {
  await expect(callProgram(body)).rejects.toMatchObject(error)
})

it('an end without a result names the code and the last line of stderr, as the cause', async () => {
  const failed = callProgram(`console.error('first'); console.error('no module named x'); process.exit(3)`)
  await expect(failed).rejects.toMatchObject({ name: 'RetryableError', code: 'worker_lost' })
  await expect(failed).rejects.toThrow('ended without a result (code 3)')
  expect(await failed.catch(({ cause }: Error) => cause)).toMatchObject({ code: 'EPIPE', message: 'no module named x' })
})

it('a result counts, also from a program that does not end by itself', async () => {
  const body = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); say({ result: 1 }); say({ result: 2 })`
  expect((await callProgram(body)).result).toBe(1)
})

it('a cancelled call gets a line, and its result still counts', async () => {
  const stop = new AbortController()
  const command = program(`say({ log: 'on' }); say({ result: await read() })`)
  const ended = callCommand({ command, grace: 10_000 }, { input: {} }, stop.signal, () => stop.abort())
  expect(await ended).toEqual({ cancel: true })
})

it('a cancelled program that ignores it is killed with its children, which hold its stdout', async () => {
  const stop = new AbortController()
  const deaf = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`
  const body = `const { pid } = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(deaf)}], { stdio: 'inherit' }); process.on('SIGTERM', () => {}); say({ progress: pid }); setInterval(() => {}, 1000)`
  const words: CommandWord[] = []
  const command = program(body)
  const ended = callCommand({ command, grace: 50 }, { input: {} }, stop.signal, (word) => {
    words.push(word)
    stop.abort(new Error('enough'))
  })
  await expect(ended).rejects.toThrow('enough')
  const [child] = words.map((word) => 'progress' in word && word.progress)
  expect(spawnSync('ps', ['-o', 'stat=', '-p', String(child)]).stdout.toString()).not.toMatch(/^[^Z]/)
})

it('refuses a program that is not there, a command that is not a list, and a call of more than 1 MiB', async () => {
  const missing = callCommand({ command: ['no-such-program'] }, { input: {} }, never, () => {})
  await expect(missing).rejects.toMatchObject({ name: 'TerminalError', code: 'not_started' })
  await expect(callProgram('', 'x'.repeat(2 ** 20))).rejects.toMatchObject({ code: 'too_large' })
  for (const command of [[], 'python3 x.py', ['python3', 1]])
    expect(() => processWorker({ id: 'w', command: command as never })).toThrow('expected a list of a program')
})

it('a worker passes the name and the input on, and the words back', async () => {
  const words: unknown[] = []
  const body = `say({ log: call.name }); say({ result: call.input * 2 })`
  const worker = processWorker({ id: 'w', command: program(body) })
  expect(await worker.call!('double', 4, never, (word) => words.push(word))).toBe(8)
  expect([worker.kind, words]).toEqual(['process', [{ log: 'double' }]])
})

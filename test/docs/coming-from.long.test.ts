import { expect, test } from 'vitest'
import { blocksIn, openProgramFolder, read, runProgram } from './program.ts'

const PAGE = await read('docs/coming-from.md')
const PROGRAMS = blocksIn(PAGE, 'ts')
const PRINTED = [
  'Hello, Temporal!\n',
  'Step one completed!\nStep two completed!\n',
  'welcome for text@example.com\n',
  'Welcome! to ada@example.com\nada@example.com\n',
]
const isServer = (program: string) => program.includes('createServer')

test('the first examples of other tools run as programs of antiphon', async () => {
  const programs = PROGRAMS.filter((program) => !isServer(program))
  const ran = await Promise.all(programs.map(async (program) => runProgram(await openProgramFolder(), program)))
  expect(ran).toEqual(PRINTED.map((out) => ({ code: 0, out, err: '' })))
})

test('the greeter of Restate answers over HTTP', async () => {
  const ASKS = `
const post = { method: 'POST', headers: { 'content-type': 'application/json' } }
const asked = { workflow: 'greeter', input: 'Pete', id: 'first' }
const begun = await handler(new Request('http://a/ai/v1/runs', { ...post, body: JSON.stringify(asked) }))
for await (const _ of app.runs.events('first'));
const ended = await handler(new Request('http://a/ai/v1/runs/first'))
console.log(begun.status, (await ended.json()).outputs.result)
process.exit(0)`
  const [server] = PROGRAMS.filter(isServer)
  const source = server!.replace(/^createServer.*$/m, ASKS)
  expect(source).not.toBe(server)
  expect(await runProgram(await openProgramFolder(), source)).toEqual({ code: 0, out: '202 Hello Pete!\n', err: '' })
})

test('the table has the lines of these programs, and none is longer or has more files than its model', () => {
  const rows = PAGE.slice(PAGE.indexOf('## Side by side'))
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .map((line) => line.split('|').map((cell) => cell.trim()))
  const numbersIn = (text: string) => (text.match(/\d+/g) ?? []).map(Number)
  expect(rows).toHaveLength(2 * PROGRAMS.length)
  for (const [at, program] of PROGRAMS.entries()) {
    const [theirs, ours] = [rows[2 * at]!, rows[2 * at + 1]!]
    const lines = program.split('\n').filter((line) => line.trim() !== '')
    expect(numbersIn(ours[3]!).at(-1), theirs[1]).toBe(lines.length)
    expect(numbersIn(ours[3]!)[0], theirs[1]).toBeLessThanOrEqual(numbersIn(theirs[3]!)[0]!)
    expect(numbersIn(ours[2]!)[0], theirs[1]).toBeLessThanOrEqual(numbersIn(theirs[2]!)[0]!)
    expect(ours.slice(4, 6)).toEqual(['the program', 'nothing'])
  }
})

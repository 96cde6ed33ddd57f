import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Terminal } from '../../src/cli/terminal/terminal.ts'
import { gate } from '../../src/testing/gate.ts'
import { type ScriptedTurn, scriptedModel } from '../../src/testing/scripted-model.ts'
import { until } from '../../src/testing/until.ts'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { type Program, REAL, realWith } from './programs.ts'

const PLAYBOOK = `name: clerk
inputs: { goal: { type: string } }
steps:
  - { id: add, tool: filesystem, action: append, parameters: { path: notes.md, content: "{{ goal }}\\n" } }
outputs: { result: "Noted: {{ goal }}" }
`

/** A project with the agent clerk. It notes things down, each with an approval; with a model it only talks. */
function openProject(turns?: readonly ScriptedTurn[]) {
  const bench = openBench()
  mkdirSync(bench.path('agents'))
  const keys = turns
    ? ['tools: []']
    : ['tools: filesystem', 'playbook: agents/clerk.yaml', 'approve: [filesystem:append]']
  bench.write(
    'agents/clerk.md',
    '---',
    'description: Notes things down in notes.md',
    ...keys,
    '---',
    'You keep notes.md.',
  )
  bench.write('agents/clerk.yaml', PLAYBOOK)
  const model = scriptedModel(turns ?? [], 'lab/one')
  if (turns) bench.write('antiphon.yaml', 'model: lab/one', 'models: [{ id: lab/one, cost: { input: 1, output: 1 } }]')
  const program: Program = turns ? realWith({ 'lab/one': model }) : REAL
  const run = (args: readonly string[], terminal: Partial<Terminal> = {}) =>
    runHere(program, args, { folder: bench.folder, ...terminal })
  return { ...bench, model, run }
}

const usage = { input: 10, output: 1 }

type Seen = (seen: string) => boolean
/** A line is typed at its prompt `when` it is time, and left out `unless` it is not needed any more. */
type Line = readonly [prompt: string, line: string, when?: Seen, unless?: Seen]

/** A person who types each line at its prompt, when it is time for it, and then ends the input. */
function typing(lines: readonly Line[]) {
  const left = [...lines]
  let seen = ''
  const see = (text: string) => void (seen += `${text}\n`)
  const read: Terminal['read'] = async (prompt, signal) => {
    // a person takes a moment for each line
    await sleep(20)
    while (!signal.aborted) {
      while (left[0]?.[3]?.(seen)) left.shift()
      const [next] = left
      if (!next) return undefined
      if (prompt.startsWith(next[0]) && (next[2]?.(seen) ?? true)) return left.shift()![1]
      await sleep(2)
    }
    return undefined
  }
  return { terminal: { read, out: see, say: see }, seen: () => seen }
}

const has = (text: string) => (seen: string) => seen.includes(text)

test('a piped message is answered, or the commands that answer are printed', async () => {
  const { run, path } = openProject()
  const handed = async () => 'Note that it rains.\n'
  const first = await run(['chat', 'clerk', '--conversation', 'talk', '--json'], { handed })
  expect(first.code).toBe(1)
  expect(first.err).toMatch(
    /\nA call waits for a person \(exit code 1\)\. .*\n {2}antiphon inbox\n {2}antiphon agent resume talk.m1\n$/,
  )
  expect(JSON.parse(first.out)).toMatchObject({ conversation: 'talk', n: 1, status: 'waiting', for: 'person' })
  expect(existsSync(path('notes.md'))).toBe(false)
  expect((await run(['threads', 'list'])).out).toMatch(/^THREAD .*\ntalk +running +1 /)
  expect(await run(['threads', 'show', 'talk'])).toMatchObject({
    code: 0,
    out: '> Note that it rains.\n[running (talk.m1)]\n',
  })
  expect(await run(['chat', 'clerk'], { handed: async () => ' ' })).toMatchObject({ code: 2, out: '' })
})

test('a conversation of another owner is named with its owner', async () => {
  const { run } = openProject([{ reply: 'Noted.', usage }])
  const args = ['chat', 'clerk', '--conversation', 'anna:desk']
  for (const text of ['Hello', 'Again'])
    expect(await run(args, { handed: async () => text })).toMatchObject({ code: 0 })
  const { owner, asked } = JSON.parse((await run(['threads', 'show', 'anna:desk', '--json'])).out)
  expect({ owner, asked }).toEqual({ owner: 'anna', asked: 2 })
})

test('at a terminal, a message has several lines, and its approval is asked in place', async () => {
  const { run } = openProject()
  const { terminal, seen } = typing([
    ['> ', '/tols'],
    ['> ', '/tools'],
    ['> ', '/help'],
    ['> ', 'Note that it rains \\'],
    ['… ', 'and snows.'],
    ['approve', 'approve'],
    ['reason', ''],
    ['> ', '/new', has('Noted: Note that it rains \nand snows.')],
    ['> ', '/exit'],
  ])
  expect((await run(['chat', 'clerk', '--conversation', 'talk'], terminal)).code).toBe(0)
  for (const text of ['There is no command /tols.', '\nfilesystem\n', '/stop ', 'Call filesystem:append?'])
    expect(seen()).toContain(text)
  expect(seen()).toMatch(/This is a new conversation: (chat_\S+)\nTo go on: antiphon chat clerk --conversation \1\n$/)
})

test('/tools lists the tools of an agent that was put, too', async () => {
  const { run, path } = openProject()
  writeFileSync(path('triage.yaml'), 'instructions: You sort mail.\ntools: [filesystem:read]\n')
  expect((await run(['agent', 'definitions', 'put', 'triage.yaml'])).code).toBe(0)
  const { terminal, seen } = typing([
    ['> ', '/tools'],
    ['> ', '/exit', has('filesystem:read')],
  ])
  expect((await run(['chat', 'triage'], terminal)).code).toBe(0)
  expect(seen()).toContain('filesystem:read\n')
})

test('a line that is typed while the agent works joins its work, and /stop stops it', async () => {
  const [first, second] = [gate(), gate()]
  const { run, model } = openProject([
    { calls: [{ name: 'plan', input: {} }], usage, gate: first.pass(), times: 1 },
    { reply: 'It rains and snows.', usage, times: 1 },
    { reply: 'late', usage, gate: second.pass(), times: 1 },
  ])
  const { terminal, seen } = typing([
    ['> ', 'Does it rain?'],
    ['> ', 'Does it snow?', () => model.calls.length === 1],
    ['> ', 'And now?', has('rains and snows.')],
    ['> ', '/stop', () => model.calls.length === 3],
    // the end of the work is shown a moment before the chat counts it
    ...Array.from({ length: 500 }, (): Line => ['> ', '/stop', has('has stopped it'), has('does nothing now')]),
    ['> ', '/exit', has('does nothing now')],
  ])
  const ending = run(['chat', 'clerk', '--conversation', 'talk'], terminal)
  await until(() => seen().includes('It joins'))
  first.release()
  const ended = await ending
  second.release()
  expect(ended.code).toBe(0)
  expect(model.calls[1]!.prompt).toContain('Does it snow?')
  expect(seen().split('It rains and snows.')).toHaveLength(2)
  expect((await run(['threads', 'show', 'talk'])).out).toMatch(
    /^\[cancelled \(talk.m\d\)\] the person has stopped it$/m,
  )
})

test('the answer grows on the screen, and is not printed again', async () => {
  const { run } = openProject([{ reply: 'It rains.\nIt snows.', usage }])
  const { terminal, seen } = typing([
    ['> ', 'What is the weather?'],
    ['> ', '/exit', has('It snows.\n')],
  ])
  const previews: string[] = []
  const screen = { ...terminal, outLive: true, preview: (text: string) => void previews.push(text) }
  expect((await run(['chat', 'clerk', '--conversation', 'talk'], screen)).code).toBe(0)
  expect(previews).toEqual(expect.arrayContaining(['It ', 'It snows.', '']))
  expect(seen()).toContain('clerk begins.\nIt rains.\nIt snows.\nTo go on:')
})

test('threads have names, and can be removed', async () => {
  const { run } = openProject([{ reply: 'It rains.', usage }])
  const handed = async () => 'What is the weather?'
  await run(['chat', 'clerk', '--conversation', 'talk'], { handed })
  expect(await run(['threads', 'name', 'talk', 'The weather'])).toEqual({
    code: 0,
    out: '',
    err: 'talk has the name The weather.\n',
  })
  expect((await run(['threads', 'list'])).out).toContain('The weather')
  expect(await run(['threads', 'remove', 'talk'])).toEqual({ code: 0, out: '', err: 'talk is removed.\n' })
  expect((await run(['threads', 'list'])).out).not.toContain('talk')
  const late = await run(['chat', 'clerk', '--conversation', 'talk'], { handed })
  expect(late.code).toBe(2)
  expect(late.err).toContain('The thread talk was removed.')
  expect((await run(['threads', 'name', 'nothing', 'x'])).code).toBe(2)
  expect((await run(['threads', 'stop', 'nothing'])).code).toBe(2)
})

test('a message is answered while a call waits, and the thread shows the result of the call as such', async () => {
  const { run, bench } = openWaiting()
  expect((await run(['chat', 'clerk', '--conversation', 'talk'], say('Note it.'))).code).toBe(1)
  const second = await run(['chat', 'clerk', '--conversation', 'talk', '--json'], say('And?'))
  expect(JSON.parse(second.out)).toMatchObject({ answer: 'You will hear.', open: [{ tool: 'filesystem:append' }] })
  expect((await run(['signal', 'talk.m1.1', 'approve_call_1', 'approve'])).code).toBe(0)
  await until(async () => (await run(['threads', 'show', 'talk'])).out.includes('It is noted.'))
  expect((await run(['threads', 'show', 'talk'])).out).toBe(
    '> Note it.\n> And?\nYou will hear.\n[the result of call_1 of the run talk.m1.1]\nIt is noted.\n',
  )
  expect(existsSync(bench.path('notes.md'))).toBe(true)
})

const say = (text: string) => ({ handed: async () => text })

/** An agent of a model whose call waits for a person. */
function openWaiting() {
  const bench = openBench()
  mkdirSync(bench.path('agents'))
  bench.write(
    'agents/clerk.md',
    '---\ndescription: Notes\ntools: [filesystem]\napprove: [filesystem:append]\n---\nNote.',
  )
  bench.write('antiphon.yaml', 'model: lab/one\nmodels: [{ id: lab/one, cost: { input: 1, output: 1 } }]\nwrites: [.]')
  const append = { name: 'filesystem_append', input: { path: 'notes.md', content: 'rain' } }
  const turns = [
    { calls: [append], usage, times: 1 },
    { reply: 'You will hear.', usage, times: 1 },
    { reply: 'It is noted.', usage },
  ]
  const program = realWith({ 'lab/one': scriptedModel(turns, 'lab/one') })
  return {
    bench,
    run: (args: readonly string[], terminal = {}) => runHere(program, args, { folder: bench.folder, ...terminal }),
  }
}

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex')

test('a file that is named or dropped goes with the next message', async () => {
  const { run, path, write } = openProject([{ reply: 'Seen.', usage }])
  const answers = (count: number) => (text: string) => text.split('\nSeen.\n').length > count
  writeFileSync(path('photo 1.png'), PNG)
  write('notes.txt', 'The ship leaves at noon.')
  write('other.txt', 'It is late.')
  const { terminal, seen } = typing([
    ['> ', '/file'],
    ['> ', `/file photo 1.png`],
    ['> ', 'What is it?', has('photo 1.png (image/png, 33 bytes) goes with your next message.')],
    ['> ', `'${path('notes.txt')}' ${path('other.txt').replaceAll(' ', '\\ ')} `, answers(1)],
    ['> ', 'And these?', has('other.txt (text/plain')],
    ['> ', '/file photo 1.png', answers(2)],
    ['> ', '', has('notes.txt')],
    ['> ', '/file none.png', answers(3)],
    ['> ', '/etc/hosts is a file', has('There is no file none.png.')],
    ['> ', '/exit', answers(4)],
  ])
  expect((await run(['chat', 'clerk', '--conversation', 'talk'], terminal)).code).toBe(0)
  expect(seen()).toContain('Expected a path: /file PATH')
  const listed = JSON.parse((await run(['files', 'list', '--use', 'thread/talk', '--json'])).out)
  expect(listed.map(({ name }: { name: string }) => name).sort()).toEqual(['notes.txt', 'other.txt', 'photo 1.png'])
  const { asks } = JSON.parse((await run(['threads', 'show', 'talk', '--json'])).out)
  const names = asks.map(({ files = [] }: { files?: readonly { name: string }[] }) => files.map(({ name }) => name))
  expect(names).toEqual([['photo 1.png'], ['notes.txt', 'other.txt'], ['photo 1.png'], []])
})

test('a piped message, and a goal, take files from the command line', async () => {
  const { run, path } = openProject([
    { reply: 'A photo.', usage },
    { reply: 'The same.', usage },
    { reply: 'The same again.', usage },
  ])
  writeFileSync(path('photo.png'), PNG)
  const handed = async () => 'What is it?'
  expect(await run(['chat', 'clerk', '--conversation', 'talk', '--file', 'photo.png'], { handed })).toMatchObject({
    code: 0,
    out: 'A photo.\n',
  })
  const silent = ['chat', 'clerk', '--conversation', 'silent', '--file', 'photo.png']
  expect(await run(silent, { handed: async () => '\n' })).toMatchObject({ code: 0 })
  expect(await run(['agent', 'run', 'clerk', 'What is it?', '--file', 'photo.png'])).toMatchObject({ code: 0 })
  const [{ uses }] = JSON.parse((await run(['files', 'list', '--json'])).out)
  expect(uses).toHaveLength(3)
  expect(await run(['agent', 'run', 'clerk', 'What is it?', '--file', 'none.png'])).toMatchObject({ code: 2 })
})

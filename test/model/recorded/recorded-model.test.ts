import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LanguageModelV4, LanguageModelV4Prompt } from '@ai-sdk/provider'
import { expect, it, onTestFinished, vi } from 'vitest'
import { recordedModel as createRecordedModel, type RecordOptions } from '../../../src/testing/recorded-model.ts'
import { type ScriptedTurn, scriptedModel } from '../../../src/testing/scripted-model.ts'

type Model = LanguageModelV4 & { unused(): readonly string[] }
const recordedModel = (file: string, options?: RecordOptions) => createRecordedModel(file, options) as unknown as Model

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-recorded-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

// a recording is open once for each process, so a later process is a copy of the file
let copies = 0
function reopen(file: string, options: RecordOptions = {}) {
  const copy = file.replace('.json', `.${++copies}.json`)
  writeFileSync(copy, readFileSync(file))
  return recordedModel(copy, options)
}

const textOf = (content: readonly { readonly type: string }[]) =>
  content.map((part) => ('text' in part ? part.text : '')).join('')

async function ask(
  model: Model,
  user: string,
  system = 'You help.',
  more: LanguageModelV4Prompt = [],
): Promise<string> {
  const prompt: LanguageModelV4Prompt = [
    { role: 'system', content: system },
    { role: 'user', content: [{ type: 'text', text: user }] },
    ...more,
  ]
  return textOf((await model.doGenerate({ prompt })).content)
}

async function record(turns: readonly ScriptedTurn[], ...asks: readonly (readonly [string, string?])[]) {
  const file = join(makeFolder(), 'replies.json')
  const model = recordedModel(file, { model: scriptedModel(turns, 'lab/one'), record: 'once' })
  for (const [user, system] of asks) await ask(model, user, system)
  return file
}

it('says what has changed in a request, and where', async () => {
  const file = await record([{ reply: 'Hello.' }], ['Hi.', 'You help.\nBe short.'])
  const model = reopen(file, { model: scriptedModel([{ reply: 'x' }]), record: 'once' })
  const failure = await ask(model, 'Hi.', 'You help.\nBe long.').catch((error: unknown) => error)
  expect(failure).toMatchObject({
    code: 'recording_changed',
    place: { file: expect.stringContaining('replies.'), line: 5 },
    hint: expect.stringContaining('ANTIPHON_RECORD=always'),
  })
  const { message } = failure as Error
  expect(message).toMatch(/^the request has changed since replies\.\d+\.json:5 \([\da-f]{10}\) recorded it:\n/)
  expect(message.split('\n').slice(1)).toEqual([
    '  "system": [',
    '  "You help.",',
    '- "Be short."',
    '+ "Be long."',
    '  "user": "Hi."',
  ])
})

it('bounds a long difference', async () => {
  const rows = (word: string) => Array.from({ length: 500 }, (_, row) => `${word} ${row} ${'x'.repeat(500)}`).join('\n')
  const file = await record([{ reply: 'Hello.' }], ['Hi.', rows('old')])
  const failure = await ask(reopen(file, { record: 'never' }), 'Hi.', rows('new')).catch((error: Error) => error)
  const lines = (failure as Error).message.split('\n')
  expect(lines.length).toBeLessThan(25)
  expect(lines).toContain('- … 492 more lines')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(170)
})

it('records a new request once, and refuses it where recording is off', async () => {
  vi.stubEnv('CI', '')
  onTestFinished(() => void vi.unstubAllEnvs())
  const file = await record([{ reply: 'Hello.' }], ['Hi.'])
  await expect(ask(reopen(file), 'Bye.')).rejects.toMatchObject({
    code: 'recording_missing',
    message: expect.stringMatching(/there is no model to record it.* The closest one is/s),
  })
  const real = scriptedModel([{ reply: 'Until then.' }])
  await expect(ask(reopen(file, { model: real, record: 'never' }), 'Bye.')).rejects.toThrow('`record` is never')
  vi.stubEnv('CI', 'true')
  await expect(ask(reopen(file, { model: real }), 'Bye.')).rejects.toThrow('nothing is recorded where CI is set')
  vi.stubEnv('CI', '')
  const model = reopen(file, { model: real })
  expect([await ask(model, 'Bye.'), await ask(model, 'Bye.'), await ask(model, 'Hi.')]).toEqual([
    'Until then.',
    'Until then.',
    'Hello.',
  ])
  expect(real.calls).toHaveLength(1)
  vi.stubEnv('ANTIPHON_RECORD', 'sometimes')
  expect(() => recordedModel(file)).toThrow('expected once, never or always, got "sometimes"')
})

it('records again what a run asks, and drops what that replaces', async () => {
  const file = await record([{ reply: 'Hello.' }], ['Hi.', 'Old.'], ['Bye.', 'Old.'])
  vi.stubEnv('ANTIPHON_RECORD', 'always')
  onTestFinished(() => void vi.unstubAllEnvs())
  const real = scriptedModel([{ reply: 'New.' }])
  const model = recordedModel(file, { model: real })
  expect([await ask(model, 'Hi.', 'New.'), await ask(model, 'Hi.', 'New.')]).toEqual(['New.', 'New.'])
  expect(real.calls).toHaveLength(1)
  expect(model.unused()).toHaveLength(1)
  vi.stubEnv('ANTIPHON_RECORD', 'never')
  await expect(ask(recordedModel(file), 'Hi.', 'Old.')).rejects.toMatchObject({ code: 'recording_changed' })
})

it('does not count ids, times, temporary folders, and what `ignore` names', async () => {
  const text = (id: string, place: string, at: string, day: string) =>
    `Order ${id} of ${day} lies in ${place}/notes.md since ${at}; again ${id}.`
  const [first, second] = [makeFolder(), makeFolder()]
  const [one, other] = [randomUUID(), randomUUID()]
  const file = join(makeFolder(), 'replies.json')
  const reply = `${one} is in ${first}/notes.md since 2026-01-02T03:04:05Z.`
  const recording = recordedModel(file, { model: scriptedModel([{ reply }]), record: 'once', ignore: [/day \d+/] })
  await ask(recording, text(one, first, '2026-01-02T03:04:05Z', 'day 1'))
  const stored = readFileSync(file, 'utf8')
  expect(stored).toContain(
    '"user": "Order <id-1> of <ignored> lies in <folder-1>/notes.md since <time>; again <id-1>."',
  )
  expect(stored).not.toContain(one)
  const model = reopen(file, { record: 'never', ignore: [/day \d+/] })
  // the reply has the values of this request
  expect(await ask(model, text(other, second, '2027-11-12T13:14:15.678Z', 'day 20'))).toBe(
    `${other} is in ${second}/notes.md since 2027-11-12T13:14:15.678Z.`,
  )
  const unequal = text(other, second, '2027-11-12T13:14:15Z', 'day 1').replace(/; again .*/, `; again ${one}.`)
  await expect(ask(model, unequal)).rejects.toMatchObject({ code: 'recording_missing' })
})

it('does not count the order of keys, ids of calls, headers, and options of a provider', async () => {
  const file = join(makeFolder(), 'replies.json')
  const real = scriptedModel([{ reply: 'Paid.' }])
  const prompt = (id: string, input: object): LanguageModelV4Prompt => [
    { role: 'user', content: [{ type: 'text', text: 'Pay.' }] },
    { role: 'assistant', content: [{ type: 'tool-call', toolCallId: id, toolName: 'pay', input }] },
    {
      role: 'tool',
      content: [{ type: 'tool-result', toolCallId: id, toolName: 'pay', output: { type: 'text', value: 'ok' } }],
    },
  ]
  const headers = { authorization: 'Bearer sk-1234567890' }
  await recordedModel(file, { model: real, record: 'once' }).doGenerate({
    prompt: prompt('a', { x: 1, y: 2 }),
    headers,
  })
  expect(readFileSync(file, 'utf8')).not.toContain('sk-1234567890')
  const again = { prompt: prompt('b', { y: 2, x: 1 }), providerOptions: { openai: { user: 'me' } } }
  expect(textOf((await reopen(file, { record: 'never' }).doGenerate(again)).content)).toBe('Paid.')
})

it('keeps secrets of the environment out of the file', async () => {
  vi.stubEnv('SHOP_TOKEN', 'hunter2-hunter2')
  onTestFinished(() => void vi.unstubAllEnvs())
  const file = await record([{ reply: 'It is hunter2-hunter2.' }], ['My token is hunter2-hunter2.'])
  expect(readFileSync(file, 'utf8')).not.toContain('hunter2')
  expect(await ask(reopen(file), 'My token is hunter2-hunter2.')).not.toContain('hunter2')
})

it('names a file that it cannot read', async () => {
  const file = join(makeFolder(), 'replies.json')
  const fails = (text: string) => {
    const path = file.replace('.json', `.${++copies}.json`)
    writeFileSync(path, text)
    return expect(ask(recordedModel(path), 'Hi.')).rejects
  }
  await fails('{ "half').toMatchObject({
    code: 'invalid_recording',
    place: { file: expect.stringContaining('replies') },
  })
  await fails('{}').toThrow('expected a recording of format 1, got another file')
  await fails('{ "antiphonRecording": 9, "replies": [] }').toThrow('got format 9')
  await fails('{ "antiphonRecording": 1, "replies": [{}] }').toThrow('replies[0] lacks its id')
  const folder = join(makeFolder(), 'folder.json')
  mkdirSync(folder)
  await expect(ask(recordedModel(folder), 'Hi.')).rejects.toMatchObject({ code: 'invalid_recording' })
})

it('keeps the entries of another process that records into the same file', async () => {
  const file = await record([{ reply: 'Hello.' }], ['Hi.'])
  const other = await record([{ reply: 'Hello.' }], ['From elsewhere.'])
  const model = recordedModel(file, { model: scriptedModel([{ reply: 'Hello.' }]), record: 'once' })
  writeFileSync(file, readFileSync(other))
  await ask(model, 'Bye.')
  const users = JSON.parse(readFileSync(file, 'utf8')).replies.map(
    (one: { request: { messages: { user?: string }[] } }) => one.request.messages.find(({ user }) => user)?.user,
  )
  expect(users).toEqual(['Hi.', 'Bye.', 'From elsewhere.'])
})

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type FileRef, fileIdOf, toRef } from '../../../src/lib/media/file-ref.ts'
import { gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import { defineTool, ToolFailure } from '../../../src/tool/tool.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

/** The smallest picture. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const MADE_UP = `file_${'ab'.repeat(32)}`

const send = (text: string, files: readonly (string | { readonly file: string })[] = []) => ({
  conversation: 'talk',
  agent: CLERK,
  text,
  files,
})

test('a message with a file keeps its reference, and its model gets the file', async () => {
  const { runtime, model } = await openGoals([answer('a pixel')])
  const photo = toRef(await runtime.files.add(PIXEL, { name: 'photo.png' }))
  const reply = await runtime.conversations.send(send('', [photo]))
  expect(reply).toMatchObject({ status: 'completed', answer: 'a pixel' })
  const thread = await runtime.threads.get('talk')
  expect(thread.files).toEqual([photo])
  expect(thread.asks[0]).toMatchObject({ prompt: '(files)', files: [photo] })
  expect(await runtime.threads.messages('talk')).toMatchObject([{ role: 'user', text: '(files)', files: [photo] }, {}])
  expect(await runtime.goals.get(thread.asks[0]!.goal!)).toMatchObject({ goal: '(files)', files: [photo] })
  expect(model.calls[0]!.prompt).toContain(`"photo.png" (image/png, ${PIXEL.length} bytes, ${photo.file})`)
  expect(JSON.stringify(model.calls[0]!.options.prompt)).toContain('"type":"file"')
})

test('a later message has its file where it was said, and the history keeps it', async () => {
  const { runtime, model } = await openGoals([answer('yes'), answer('a pixel'), answer('red')])
  const photo = await runtime.files.add(PIXEL, { name: 'photo.png' })
  await runtime.conversations.send(send('Hello.'))
  await runtime.conversations.send(send('What is it?', [photo.file]))
  await runtime.conversations.send(send('Its colour?'))
  expect(JSON.stringify(model.calls[2]!.options.prompt.at(-1))).not.toContain('photo.png')
  // byte for byte what the request before had
  const [before, after] = [1, 2].map((at) => JSON.stringify(model.calls[at]!.options.prompt).slice(0, -1))
  expect(after!.startsWith(before!)).toBe(true)
})

test('an unknown file is refused with its place, and nothing is started', async () => {
  const { runtime, model } = await openGoals([answer('no')])
  const photo = await runtime.files.add(PIXEL, { name: 'photo.png', owner: 'bob' })
  const mine = await runtime.files.add(Buffer.from('notes'), { name: 'notes.txt' })
  for (const other of [MADE_UP, photo.file])
    await expect(runtime.conversations.post(send('Look.', [mine.file, { file: other }]))).rejects.toMatchObject({
      code: 'file_not_found',
      place: { path: 'files[1]' },
    })
  await expect(runtime.goals.start({ agent: CLERK, goal: 'Look.', files: [MADE_UP] })).rejects.toMatchObject({
    code: 'file_not_found',
    place: { path: 'files[0]' },
  })
  expect(await runtime.threads.list()).toEqual([])
  expect(await runtime.goals.list()).toEqual([])
  expect(model.calls).toEqual([])
})

test('the same id with other files is another message', async () => {
  const { runtime } = await openGoals([answer('yes'), answer('yes')])
  const photo = await runtime.files.add(PIXEL, { name: 'photo.png' })
  const message = { ...send('Look.', [photo.file]), id: 'm1' }
  const first = await runtime.conversations.post(message)
  expect(await runtime.conversations.post(message)).toMatchObject({ n: first.n })
  await expect(runtime.conversations.post({ ...message, files: [] })).rejects.toMatchObject({ code: 'id_taken' })
  await runtime.idle()
})

test('a message may have 50 files', async () => {
  const { runtime } = await openGoals([])
  const files = Array.from({ length: 51 }, () => MADE_UP)
  await expect(runtime.conversations.post(send('Look.', files))).rejects.toThrow(
    'at most 50 files in a message, got 51',
  )
})

test('a goal that is steered gets a file with its next round', async () => {
  const held = gate()
  const { runtime, model } = await openGoals([
    { ...call('filesystem_list', { path: '.' }), gate: held.pass() },
    answer('a pixel'),
  ])
  const photo = toRef(await runtime.files.add(PIXEL, { name: 'photo.png' }))
  const first = await runtime.conversations.post(send('Look here.'))
  await until(() => model.calls.length === 1)
  const second = await runtime.conversations.post(send('And at this.', [photo]))
  expect(second.status).toBe('joined')
  held.release()
  await runtime.idle()
  const { goal } = await runtime.conversations.get('talk', first.id)
  const { rounds } = await runtime.goals.get(goal!)
  expect(rounds[1]).toMatchObject({ told: ['A person says: And at this.'], files: [photo] })
  expect(model.calls[1]!.prompt).toContain(photo.file)
})

/** A tool whose result names a file, and one that its owner does not have. */
const draw = (file: FileRef) =>
  defineTool({
    name: 'draw',
    description: 'Draws',
    input: z.object({}),
    output: z.json(),
    effect: 'pure',
    execute: () => ({ chart: { file: file.file, type: 'text/x-other' }, other: { file: MADE_UP } }),
  })

test('a result of a tool shows the files that its owner has, as their records say', async () => {
  const other = await openGoals([])
  const photo = toRef(await other.runtime.files.add(PIXEL, { name: 'photo.png' }))
  const { runtime, model } = await openGoals([call('draw', {}), answer('drawn')], '', { tools: [draw(photo)] })
  await runtime.files.add(PIXEL, { name: 'chart.png' })
  const { status, goal } = await runtime.conversations.send({ ...send('Draw.'), agent: { ...CLERK, tools: ['draw'] } })
  expect(status).toBe('completed')
  const { rounds } = await runtime.goals.get(goal!)
  expect(rounds[0]!.calls[0]).toMatchObject({ outcome: 'succeeded', files: [{ ...photo, name: 'chart.png' }] })
  // it belongs to the conversation from now on
  expect((await runtime.threads.get('talk')).files).toEqual([{ ...photo, name: 'chart.png' }])
  // the picture stands in the result, or in the message after it
  expect(JSON.stringify(model.calls[1]!.options.prompt)).toContain('"type":"file"')
})

test('a call that failed shows the files of its result', async () => {
  const broken = defineTool({
    name: 'draw',
    description: 'Draws',
    input: z.object({}),
    effect: 'pure',
    async execute(_, { files }) {
      const attachment = await files!.add(PIXEL, { name: 'half.png' })
      throw new ToolFailure('The paper is torn.', { result: { text: '', data: null, content: [{ attachment }] } })
    },
  })
  const { runtime, model } = await openGoals([call('draw', {}), answer('torn')], '', { tools: [broken] })
  const { goal } = await runtime.conversations.send({ ...send('Draw.'), agent: { ...CLERK, tools: ['draw'] } })
  const { rounds } = await runtime.goals.get(goal!)
  expect(rounds[0]!.calls[0]).toMatchObject({ outcome: 'failed', files: [{ name: 'half.png' }] })
  expect(JSON.stringify(model.calls[1]!.options.prompt)).toContain('"type":"file"')
})

test('an agent opens a file again by its name or its id, and no other', async () => {
  const show = (file: string) => ({ name: 'files_show', input: { file } })
  const { runtime, model } = await openGoals([
    { ...answer('seen'), times: 1 },
    { calls: [show('photo.png'), show(MADE_UP), show('other.png')], times: 1, usage: { input: 10, output: 1 } },
    answer('still a pixel'),
  ])
  const photo = toRef(await runtime.files.add(PIXEL, { name: 'photo.png' }))
  await runtime.conversations.send(send('What is it?', [photo]))
  const { goal } = await runtime.conversations.send(send('Look again.'))
  const [first, second, third] = (await runtime.goals.get(goal!)).rounds[0]!.calls
  expect(first).toMatchObject({ tool: 'files:show', outcome: 'succeeded', result: photo, files: [photo] })
  for (const one of [second, third])
    expect(one).toMatchObject({ outcome: 'refused', result: expect.stringContaining('file_not_found') })
  expect(JSON.stringify(model.calls[0]!.options.tools)).toContain('files_show')
})

test('an approval lists the files that the call names and its owner has', async () => {
  const file = fileIdOf(createHash('sha256').update(PIXEL).digest('hex'))
  const opened = await openGoals([call('pin', { picture: { file }, also: MADE_UP })], '', { tools: [PIN] })
  const photo = toRef(await opened.runtime.files.add(PIXEL, { name: 'photo.png' }))
  await opened.runtime.goals.start({ agent: { ...CLERK, tools: ['pin'], approve: ['pin'] }, goal: 'Pin it.' })
  await opened.runtime.idle()
  expect(await opened.runtime.inbox.list()).toMatchObject([
    { kind: 'approval', files: [{ ...photo, address: `/v1/files/${photo.file}` }] },
  ])
})

const PIN = defineTool({
  name: 'pin',
  description: 'Pins a picture',
  input: z.object({ picture: z.object({ file: z.string() }), also: z.string() }),
  output: z.string(),
  effect: 'idempotent',
  execute: () => 'pinned',
})

test('no state, event or document holds the content of a file', async () => {
  const { runtime, folder } = await openGoals([answer('a pixel')])
  const photo = await runtime.files.add(PIXEL, { name: 'photo.png' })
  const { goal } = await runtime.conversations.send(send('Look.', [photo.file]))
  const shown = [
    await runtime.goals.get(goal!),
    await runtime.threads.get('talk'),
    await runtime.threads.messages('talk'),
  ]
  const events: unknown[] = []
  for await (const { body } of runtime.goals.events(goal!)) events.push(body)
  expect(events).toContainEqual(expect.objectContaining({ type: 'goal-start', files: [toRef(photo)] }))
  const base64 = PIXEL.toString('base64').slice(0, 40)
  expect(JSON.stringify([shown, events])).not.toContain(base64)
  await runtime.stop()
  const stored = readdirSync(join(folder, '.antiphon'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.db/.test(entry.name))
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name)))
  expect(stored.length).toBeGreaterThan(0)
  for (const bytes of stored) {
    expect(bytes.includes(base64)).toBe(false)
    expect(bytes.includes(PIXEL.subarray(0, 40))).toBe(false)
  }
})

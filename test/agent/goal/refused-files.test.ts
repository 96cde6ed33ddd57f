import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineTool } from '../../../src/tool/tool.ts'
import { png } from '../../lib/media/pictures.ts'
import { type Got, has, openSeeing, placeIn, type Refuse, seeing } from './picky-provider.ts'

const picture = (shade: number) => png([['tRNS', Buffer.alloc(40, shade)]])
const [GOOD, BAD, THIRD] = [picture(1), picture(2), picture(3)] as const
const LOCKED = Buffer.from('%PDF-1.4\n1 0 obj\n<< /Type /Page >>\ntrailer << /Encrypt 2 0 R >>\n%%EOF\n')

/** Anthropic refuses a picture that it cannot decode, and mostly does not say which. */
const cannotDecode =
  (...files: readonly Buffer[]): Refuse =>
  (got) =>
    files.some((file) => has(got, file)) ? { words: 'Could not process image' } : undefined

type Opened = Awaited<ReturnType<Awaited<ReturnType<typeof openSeeing>>['open']>>

async function add(runtime: Opened, content: Buffer, name: string) {
  return (await runtime.files.add(content, { name })).file
}

const send = (runtime: Opened, text: string, files: readonly string[] = [], more: object = {}) =>
  runtime.conversations.send({ conversation: 'talk', agent: seeing('pa/m'), text, files, ...more })

/** Whether the messages of a request begin with those of another, byte for byte. */
const begins = (later: Got, before: Got) =>
  JSON.stringify(later.body.messages).startsWith(JSON.stringify(before.body.messages).slice(0, -2))

const withoutMarks = ({ body, ...got }: Got): Got => ({
  ...got,
  body: JSON.parse(JSON.stringify(body, (key, value) => (key === 'cache_control' ? undefined : value))),
})

test('a picture that the provider cannot decode becomes a line, and the conversation goes on with it', async () => {
  const { got, open } = await openSeeing(cannotDecode(BAD))
  const runtime = await open()
  const reply = await send(runtime, 'What is this?', [await add(runtime, BAD, 'lamp.png')])
  expect(reply).toMatchObject({
    status: 'completed',
    answer: 'Fine.',
    lacks: [expect.stringContaining('"lamp.png": pa refused a request with it: "Could not process image"')],
  })
  expect(got.map(({ status }) => status)).toEqual([400, 200])
  const { rounds, cost } = await runtime.goals.get(reply.goal!)
  expect(rounds[0]).toMatchObject({
    again: [{ code: 'model_rejected', message: expect.stringContaining('Could not process image') }],
    reduced: [{ name: 'lamp.png' }],
  })
  // the refused request cost nothing
  expect(cost).toBeCloseTo((10 * 1 + 5 * 10) / 1e6)
  await runtime.stop({ grace: 0 })
  const later = await open()
  expect(await send(later, 'Which day is it?')).toMatchObject({ status: 'completed' })
  expect(got.map(({ status }) => status)).toEqual([400, 200, 200])
  expect(begins(withoutMarks(got[2]!), withoutMarks(got[1]!))).toBe(true)
})

test('another server still gets the file, and the same server gets the line in another conversation', async () => {
  const { got, open } = await openSeeing((one) => (one.server === 'pa' ? cannotDecode(BAD)(one) : undefined))
  const runtime = await open()
  const lamp = await add(runtime, BAD, 'lamp.png')
  await send(runtime, 'What is this?', [lamp])
  await send(runtime, 'And this?', [lamp], { conversation: 'second' })
  await send(runtime, 'And this?', [lamp], { conversation: 'third', agent: seeing('po/m') })
  expect(got.map((one) => [one.server, one.status, has(one, BAD)])).toEqual([
    ['pa', 400, true],
    ['pa', 200, false],
    ['pa', 200, false],
    ['po', 200, true],
  ])
})

test.each([
  ['place', (one: Got) => `${placeIn(one, BAD)}: Could not process image`],
  ['name', () => 'The image lamp.png is not valid.'],
])('only the file that the refusal names by its %s becomes a line', async (_, words) => {
  const { got, open } = await openSeeing((one) => (has(one, BAD) ? { words: words(one) } : undefined))
  const runtime = await open()
  const files = [await add(runtime, GOOD, 'old-lamp.png'), await add(runtime, BAD, 'lamp.png')]
  const reply = await send(runtime, 'Compare.', files)
  expect(reply.status).toBe('completed')
  expect(got.map((one) => [one.status, has(one, GOOD), has(one, BAD)])).toEqual([
    [400, true, true],
    [200, true, false],
  ])
})

test('of two damaged files, of which the refusals name one each, neither ends the conversation', async () => {
  const { got, open } = await openSeeing((one) => {
    const found = [BAD, THIRD].find((file) => has(one, file))
    return found && { words: `${placeIn(one, found)}: Could not process image` }
  })
  const runtime = await open()
  const files = [await add(runtime, BAD, 'a.png'), await add(runtime, THIRD, 'b.png')]
  expect(await send(runtime, 'Compare.', files)).toMatchObject({ status: 'completed' })
  expect(got.map(({ status }) => status)).toEqual([400, 400, 200])
})

test('a file that an accepted request had stays whole, also after a restart', async () => {
  const { got, open } = await openSeeing(cannotDecode(BAD))
  const runtime = await open()
  await send(runtime, 'Look.', [await add(runtime, GOOD, 'good.png')])
  await runtime.stop({ grace: 0 })
  const later = await open()
  await send(later, 'And this.', [await add(later, BAD, 'bad.png')])
  expect(got.map((one) => [one.status, has(one, GOOD), has(one, BAD)])).toEqual([
    [200, true, false],
    [400, true, true],
    [200, true, false],
  ])
})

test('an agent shows each of two suspects alone, once: the sound one is seen, the damaged one stays a line', async () => {
  const show = (file: string) => ({ name: 'files_show', input: { file } })
  const { got, open } = await openSeeing(cannotDecode(BAD), [
    'I see neither.',
    show('good.png'),
    'Now I see it.',
    show('bad.png'),
    show('bad.png'),
    'It is damaged.',
  ])
  const runtime = await open()
  await send(runtime, 'Compare.', [await add(runtime, GOOD, 'good.png'), await add(runtime, BAD, 'bad.png')])
  await send(runtime, 'Look at the first alone.')
  await send(runtime, 'And at the other.')
  const seen = got.map((one) => [one.status, has(one, GOOD), has(one, BAD)])
  expect(seen).toEqual([
    [400, true, true],
    [200, false, false],
    [200, false, false],
    // shown alone
    [200, true, false],
    [200, true, false],
    [400, true, true],
    [200, true, false],
    // not a third time
    [200, true, false],
  ])
  const accepted = got.filter(({ status }) => status === 200).map(withoutMarks)
  for (const [at, one] of accepted.slice(1).entries()) expect(begins(one, accepted[at]!)).toBe(true)
})

test('if the request is refused without the file, too, the first error stands, and nothing is marked', async () => {
  let isBroken = true
  const { got, open } = await openSeeing(() =>
    isBroken ? { words: `tools.0: wrong, request ${got.length}` } : undefined,
  )
  const runtime = await open()
  const { id } = await runtime.conversations.post({
    conversation: 'talk',
    agent: seeing('pa/m'),
    text: 'Look.',
    files: [await add(runtime, GOOD, 'good.png')],
  })
  await runtime.idle()
  const { goal } = await runtime.conversations.get('talk', id)
  expect(await runtime.goals.get(goal!)).toMatchObject({
    status: 'waiting',
    wait: { code: 'model_rejected', title: expect.stringContaining('request 1') },
  })
  expect(got.map((one) => has(one, GOOD))).toEqual([true, false])
  isBroken = false
  await runtime.goals.resume(goal!)
  await runtime.idle()
  expect(await runtime.goals.get(goal!)).toMatchObject({ status: 'completed' })
  expect(has(got.at(-1)!, GOOD)).toBe(true)
})

test('a PDF with a password becomes a line, and so does a picture that a tool returned', async () => {
  const draw = defineTool({
    name: 'draw',
    description: 'Draws.',
    input: z.object({}),
    output: z.json(),
    effect: 'pure',
    execute: () => ({ chart: new File([new Uint8Array(BAD)], 'chart.png', { type: 'image/png' }) }) as never,
  })
  const refuse: Refuse = (one) =>
    has(one, LOCKED) ? { words: 'The PDF specified is password protected.' } : cannotDecode(BAD)(one)
  const { got, open } = await openSeeing(refuse, [{ name: 'draw', input: {} }, 'Drawn.'], { tools: [draw] })
  const runtime = await open()
  const files = [await add(runtime, LOCKED, 'contract.pdf')]
  const reply = await send(runtime, 'Draw it.', files, { agent: { ...seeing('pa/m', ['draw']), approve: 'none' } })
  expect(reply).toMatchObject({ status: 'completed', answer: 'Drawn.' })
  expect(got.map((one) => [one.status, has(one, LOCKED), has(one, BAD)])).toEqual([
    [400, true, false],
    [200, false, false],
    [400, false, true],
    [200, false, false],
  ])
})

test('an older file that a request has no room for is a line, and the reply says so once', async () => {
  const pdf = (name: string) => Buffer.from(`%PDF-1.4\n${`<< /Type /Page >> % ${name}\n`.repeat(60)}%%EOF\n`)
  const [one, two] = [pdf('one'), pdf('two')]
  const { got, open } = await openSeeing(() => undefined)
  const runtime = await open()
  const first = await send(runtime, 'Read it.', [await add(runtime, one, 'one.pdf')])
  const second = await send(runtime, 'And this.', [await add(runtime, two, 'two.pdf')])
  const third = await send(runtime, 'Which is longer?')
  expect(got.map((each) => [has(each, one), has(each, two)])).toEqual([
    [true, false],
    [false, true],
    [false, true],
  ])
  expect([first, second, third].map((reply) => ('lacks' in reply ? reply.lacks : []))).toEqual([
    [],
    [expect.stringContaining('"one.pdf": it has 60 pages, and newer files take too many of the 100')],
    [],
  ])
})

test('a question that a provider refuses for its file marks the file, and the next question has a line', async () => {
  const { got, open } = await openSeeing(cannotDecode(BAD))
  const runtime = await open()
  const file = await add(runtime, BAD, 'lamp.png')
  const asked = { prompt: 'What is this?', files: [file], models: { default: 'pa/m' }, quick: true } as const
  // a question about a picture alone has no text to cite
  const ask = (one: Opened, id: string) => one.threads.ask({ id, thread: id, ...asked }).catch((error: Error) => error)
  await ask(runtime, 'q1')
  const before = got.length
  expect(got.map((one) => [one.status, has(one, BAD)]).slice(0, 2)).toEqual([
    [400, true],
    [200, false],
  ])
  await runtime.stop({ grace: 0 })
  const second = await ask(await open(), 'q2')
  expect(second).toMatchObject({ message: expect.stringContaining('pa refused a request with it') })
  expect(got.slice(before).filter((one) => one.status !== 200 || has(one, BAD))).toEqual([])
  expect(got.length).toBeGreaterThan(before)
})

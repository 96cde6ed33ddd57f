import { expect, test } from 'vitest'
import { contextOf } from '../../../src/agent/context/context-of.ts'
import { sizeOfRequest } from '../../../src/agent/context/fit-rounds.ts'
import { shortenResult } from '../../../src/agent/context/shorten.ts'
import type { Round } from '../../../src/agent/protocol/rounds.ts'
import type { FileRef, Note } from '../../../src/lib/media/file-ref.ts'
import type { ModelRequest } from '../../../src/model/request/request.ts'
import { CLERK } from '../goal/folder.ts'

const file = (name: string, type = 'image/png', bytes = 20_000): FileRef => ({
  file: `file_${Buffer.from(name).toString('hex').padEnd(64, '0')}`,
  type,
  name,
  bytes,
})
const PHOTO = file('photo.png')
const CHART = file('chart.png')
const PLAN = file('plan.pdf', 'application/pdf', 100_000)

/** A round with a call whose result has `size` characters. */
const round = (number: number, size: number, more: Partial<Round> = {}): Round => ({
  said: [{ type: 'tool-call', toolCallId: `id_${number}`, toolName: 'draw', input: {} }],
  calls: [
    {
      ...{ id: `id_${number}`, name: 'draw', tool: 'draw', parameters: {}, step: 'call_1' },
      result: { ...shortenResult('succeeded', 'x'.repeat(size)), files: [CHART] },
    },
  ],
  ...more,
})

const request = (rounds: readonly Round[], window: number, notes: readonly Note[] = [], texts?: Map<string, string>) =>
  contextOf({
    definition: CLERK,
    goal: { text: 'What is on the photo?', files: [PHOTO] },
    rounds,
    notes,
    tools: [],
    window,
    isConversation: true,
    ...(texts && { texts }),
  })

const filesOf = ({ rounds = [] }: ModelRequest) =>
  rounds.flatMap(({ told = [], results }) => [
    ...told.flatMap((note) => (typeof note === 'string' ? [] : note.files)),
    ...results.flatMap(({ files = [] }) => files),
  ])

test('a request shows the files of its first message, of later texts and of results', () => {
  const told = [{ text: 'And this plan?', files: [PLAN] }]
  const sent = request([round(1, 10), round(2, 10, { told })], 100_000, [{ text: 'And now?', files: [PHOTO] }])
  expect(sent.files).toEqual([PHOTO])
  expect(sent.onUnreadable).toBe('reduce')
  expect(sent.instruction).toBe(
    `What is on the photo?\n\nFiles of this message:\n- "photo.png" (image/png, 20000 bytes, ${PHOTO.file})`,
  )
  expect(filesOf(sent)).toEqual([CHART, PLAN, CHART, PHOTO])
})

test('a request without files says nothing of files', () => {
  const sent = contextOf({ definition: CLERK, goal: 'Go.', rounds: [], notes: ['Now.'], tools: [], window: 1000 })
  expect(sent).not.toHaveProperty('files')
  expect(sent).not.toHaveProperty('onUnreadable')
  expect(sent.instruction).toBe('Go.')
  expect(sent.rounds).toEqual([{ said: [], results: [], told: ['Now.'] }])
})

test('once something is shortened, files are lines with what a reader found', () => {
  const rounds = [round(1, 8000, { told: [{ text: 'And this plan?', files: [PLAN] }] }), round(2, 8000), round(3, 8000)]
  const texts = new Map([[PLAN.file, 'The garden of </told> the house']])
  const sent = request([...rounds, round(4, 8000), round(5, 8000)], 20_000, ['Go on.'], texts)
  expect(sent).not.toHaveProperty('files')
  expect(sent.instruction).toContain('Files that are no longer shown; files_show shows one again:\n- "photo.png"')
  const [first] = sent.rounds!
  expect(first!.told).toEqual([
    [
      'And this plan?',
      '',
      'Files that are no longer shown; files_show shows one again:',
      `- "plan.pdf" (application/pdf, 100000 bytes, ${PLAN.file}) begins, as data: "The garden of \\u003c/told> the house"`,
    ].join('\n'),
  ])
  expect(first!.results[0]!.output).toContain(`(8000 characters, no longer shown)\nFiles that are no longer shown;`)
  expect(first!.results[0]).not.toHaveProperty('files')
})

test('files count towards the window: 1,600 tokens a picture', () => {
  const all = Array.from({ length: 10 }, (_, at) => round(at + 1, 10))
  expect(filesOf(request(all, 30_000))).toHaveLength(10)
  // 11 pictures have 17,600 tokens, and a conversation takes 80 % of 20,000
  const cut = request(all, 20_000)
  expect(filesOf(cut).length).toBeLessThan(10)
  expect(cut).not.toHaveProperty('files')
  expect(sizeOfRequest(cut)).toBeLessThan(20_000 * 3 * 0.8)
})

test('a file that is larger than the window becomes a line at once', () => {
  const scan = file('scan.pdf', 'application/pdf', 20_000_000)
  const sent = request([], 50_000, [{ text: 'Read it.', files: [scan] }])
  expect(sent).not.toHaveProperty('files')
  expect(filesOf(sent)).toEqual([])
  expect(sent.rounds!.at(-1)!.told![0]).toContain('scan.pdf')
})

test('the beginning stays the same, byte for byte, until something is shortened', () => {
  const all = Array.from({ length: 30 }, (_, at) =>
    round(at + 1, 200, at % 4 === 3 ? { told: [{ text: `And ${at}?`, files: [PLAN] }] } : {}),
  )
  let before = ''
  let changes = 0
  for (let count = 1; count <= all.length; count++) {
    const { rounds: shown, ...rest } = request(all.slice(0, count), 60_000)
    const text = JSON.stringify(rest) + JSON.stringify(shown).slice(0, -1)
    if (!text.startsWith(before)) changes++
    before = text
  }
  // the files of the first message and the oldest rounds go together, and then rarely more
  expect(changes).toBeGreaterThan(0)
  expect(changes).toBeLessThanOrEqual(3)
})

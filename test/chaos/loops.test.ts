import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunDocument } from '../../src/runtime.ts'
import { works } from './flush/life.ts'
import { type End, liveThrough, type Story } from './flush/story.ts'
import { eventsIn } from './flush/witness.ts'

const folder = mkdtempSync(join(tmpdir(), 'antiphon-loops-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const stories: Story[] = []
const tell = async (kills: Story['kills']) => {
  const story = await liveThrough({ work: 'loops', folder: join(folder, `${stories.length}`), kills, resume: true })
  stories.push(story)
  return story
}

/** A run with a loop of each kind, killed after its flush 1, the next one after its flush 2, and so on until there are no more. */
beforeAll(async () => {
  await tell([])
  for (let flush = 1; ; flush++) {
    const { wrecks, end } = await tell([{ side: 'after', flush }])
    if (wrecks.length === 0 || 'fault' in end) return
  }
}, 300_000)

const ended = () => stories.flatMap((story) => ('fault' in story.end ? [] : [{ ...story, end: story.end }]))
const documentOf = ({ result }: End) => result as RunDocument
/** The keys of the calls of tools by the ids of their steps. */
const keysOf = (end: End) =>
  new Map(
    Object.values(documentOf(end).steps).flatMap(({ id, idempotency_key: key }) =>
      key && isCall(id) ? [[id, key]] : [],
    ),
  )
const isCall = (id: string) => /(?:cell|row|map_\d_map|add|one|two|do)$/.test(id)
const times = (ledger: readonly string[], line: string) => ledger.filter((other) => other.startsWith(`${line} `)).length

const OUTPUTS = {
  rows: 'b2a1',
  map: 'y',
  turns: '012 3 true',
  actions: '1! 2 condition',
  queue: 'q1 2',
}

test('dies at every flush, and comes to what it comes to undisturbed', () => {
  expect(stories.flatMap(({ title, end }) => ('fault' in end ? [`${title}: ${end.fault}`] : []))).toEqual([])
  expect(stories.filter(({ wrecks }) => wrecks.length === 1).length).toBeGreaterThan(5)
  const { counts } = documentOf(ended()[0]!.end)
  for (const { title, end } of ended())
    expect(documentOf(end), title).toMatchObject({ status: 'completed', outputs: OUTPUTS, counts })
})

test('does the same steps under the same keys, and no others', () => {
  const keys = keysOf(ended()[0]!.end)
  expect(keys.size).toBe(4 + 2 + 2 + 3 + 4 + 4)
  for (const { title, end } of ended()) {
    expect(keysOf(end), title).toEqual(keys)
    const calls = new Set(end.ledger.flatMap((line) => /^end (\S+)/.exec(line)?.[1] ?? []))
    expect(calls, title).toEqual(new Set(keys.values()))
  }
})

test('starts nothing again whose end was durable before the kill', () => {
  for (const { title, wrecks, end } of ended()) {
    const keys = keysOf(end)
    for (const { told, ledger } of wrecks)
      for (const { body } of eventsIn(told, works.loops.actor)) {
        const key = body.type === 'step-end' ? keys.get(body.step as string) : undefined
        if (key === undefined) continue
        expect(times(ledger, `start ${key}`), `${title}: ${body.step}`).toBe(1)
        expect(times(end.ledger, `start ${key}`), `${title}: ${body.step}`).toBe(1)
      }
  }
})

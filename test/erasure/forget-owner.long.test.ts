import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { chunk, wavOf } from '../model/wav.ts'
import { filesWith, fill, openWorkshop, seen } from './workshop.ts'

/** The views of an owner who has nothing. */
const NOTHING = {
  keys: [],
  records: [],
  changes: [],
  environments: [],
  pipelines: [],
  agents: [],
  runs: [],
  inbox: [],
  goals: [],
  threads: [],
  budgets: [],
  rewards: [],
}

it('nothing of a forgotten owner is in any file, and everything of another owner stays as it is', async () => {
  const { data, open } = openWorkshop()
  const runtime = await open()
  await fill(runtime, 'ada', 'xyloglyph')
  await fill(runtime, 'bob', 'marimba')
  const before = await seen(runtime, 'bob')
  expect(Object.entries(before).filter(([, items]) => items.length === 0)).toEqual([])
  expect(await runtime.erasures.forget('ada', { dryRun: true })).toMatchObject({ status: 'dry-run' })
  expect(filesWith(data, 'xyloglyph')).not.toEqual([])

  const report = await runtime.erasures.forget('ada')
  const removed = {
    ...{ keys: 1, links: 1, runs: 3, goals: 1, threads: 1, notes: 1, environments: 1, pipelines: 1, agents: 1 },
    ...{ 'idempotency keys': 1, records: 2, 'cached replies': 1, notices: 1, 'ledger accounts': 1 },
  }
  expect(report).toMatchObject({ status: 'done', removed })
  expect(filesWith(data, 'xyloglyph')).toEqual([])
  expect(await seen(runtime, 'ada')).toEqual(NOTHING)
  expect(await seen(runtime, 'bob')).toEqual(before)
  // the entry stays, and names nobody
  expect(await runtime.ledger.verify()).toMatchObject({ ok: true, entries: 2 })
  expect((await runtime.engine.deadLetters.list()).map(({ letter }) => letter.to.key)).toEqual(['run-bob'])
  expect(JSON.stringify(await runtime.erasures.get(report.id!))).not.toContain('"ada"')
  await runtime.stop({ grace: 0 })
  expect(filesWith(data, 'xyloglyph')).toEqual([])

  const later = await open()
  expect(await seen(later, 'bob')).toEqual(before)
  expect(filesWith(data, 'xyloglyph')).toEqual([])
})

it('a file of a forgotten owner goes with its reading', async () => {
  const { data, open } = openWorkshop()
  const runtime = await open()
  const values = () =>
    readdirSync(join(data, 'blobs'), { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  for (const [owner, secret] of [
    ['ada', 'xyloglyph'],
    ['bob', 'marimba'],
  ] as const) {
    const { file } = await runtime.files.add(recordingNamed(secret), { name: 'call.wav', owner })
    await runtime.threads.ask({ thread: `${owner}:main`, prompt: 'How long is the recording?', files: [file], owner })
  }
  // a recording and its reading, for each of the two
  expect(values()).toHaveLength(4)
  expect(filesWith(data, 'xyloglyph')).toHaveLength(3)
  expect(await runtime.erasures.forget('ada')).toMatchObject({
    status: 'done',
    removed: { files: 1, threads: 1, 'stored values': 2 },
  })
  expect(filesWith(data, 'xyloglyph')).toEqual([])
  expect(values()).toHaveLength(2)
})

/** A recording of silence whose title is the secret. */
function recordingNamed(secret: string): Buffer {
  const title = chunk('INAM', Buffer.from(`${secret}\0`))
  return wavOf(16_000, { before: chunk('LIST', Buffer.concat([Buffer.from('INFO'), title])) })
}

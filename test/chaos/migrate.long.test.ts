import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { type ContentDigest, compareDigests, digestContents } from '../../src/engine/transfer.ts'
import { type EngineName, isMigrating, readMigration } from '../../src/runtime/data-folder/migration-record.ts'
import { checkEngineOf, isNode, readNode } from '../../src/runtime/data-folder/node-record.ts'
import { abortMigration, migrate } from '../../src/runtime/migrate/migrate.ts'
import { openLibsqlSide, openRestateSide } from '../../src/runtime/migrate/sides.ts'
import { describeOnRestate, useRestate } from '../engine/restate/server.ts'
import { begin, end, of, openJourney } from '../runtime/migrate/journey.ts'
import { type Moment, startMover } from './migrate/killed.ts'

const KILLS = Number(process.env.ANTIPHON_MIGRATIONS ?? 14)
const seed = Math.floor(Math.random() * 2 ** 32)
const NAMED = ['begin', 'reading', 'copying', 'verifying', 'switching']

describeOnRestate('migrate', () => {
  const server = useRestate()

  it(`killed ${KILLS} times at any moment, it leaves one side that has everything, and goes on or back (seed ${seed})`, {
    timeout: 240_000 + KILLS * 5_000,
  }, async () => {
    const { admin } = server.now()
    const random = randomFrom(seed)
    const journey = await openJourney()
    const { data } = journey
    const first = await journey.open()
    for (let n = 0; n < 12; n++) await first.engine.ask(of(`${n}`), { add: n }, { id: `id-${n}` })
    await first.engine.tell(of('1'), { fail: true })
    await begin(first, 'mid', journey, 3_600_000)
    await first.stop({ grace: 0 })
    const expected = await contentsOf(data, admin)
    expect(expected.counts).toMatchObject({ mail: 5, timers: 2, letters: 1 })

    let ready = startMover()
    onTestFinished(() => ready.end())
    const move = (to: EngineName, moment?: Moment) => {
      const mover = ready
      ready = startMover()
      return mover.move({ data, to, admin }, moment)
    }
    const spans = { restate: await move('restate'), libsql: await move('libsql') }
    const seen = { interrupted: 0, aborted: 0, resumed: 0 }
    // both ways are taken in turn, so that no seed leaves one out
    let goesBack = random() < 0.5
    for (let kill = 0; kill < KILLS; kill++) {
      const to = isNode(data) ? 'libsql' : 'restate'
      const named = NAMED[Math.floor(kill / 2)]
      const moment: Moment = named ? { doing: named } : { after: random() * spans[to] * 1.1 }
      await move(to, moment)
      const told = `kill ${kill} to ${to} ${JSON.stringify(moment)}`
      const left = await readMigration(data)
      if (left) {
        seen.interrupted++
        for (const engine of ['libsql', 'restate'] as const)
          expect(() => checkEngineOf(data, engine), told).toThrow('migrate')
        if (left.phase === 'copying') goesBack = !goesBack
        if (left.phase === 'copying' && goesBack) {
          seen.aborted++
          await abortMigration({ data })
          expect(engineOf(data), told).not.toBe(to)
        } else {
          seen.resumed++
          await migrate({ data, restate: { admin: [admin] } })
          expect(engineOf(data), told).toBe(to)
        }
      }
      expect(isMigrating(data), told).toBe(false)
      expect(compareDigests(expected, await contentsOf(data, admin)), told).toEqual([])
    }
    // kills that hit nothing would prove nothing
    expect(seen.interrupted).toBeGreaterThan(KILLS / 4)
    expect(seen.aborted).toBeGreaterThan(0)
    expect(seen.resumed).toBeGreaterThan(0)

    const last = await journey.open(isNode(data) ? admin : undefined)
    await last.engine.start()
    await end(last, 'mid', journey)
  })
})

/** The one engine that the folder lies on. */
function engineOf(data: string): EngineName {
  expect(existsSync(join(data, 'engine.db'))).not.toBe(isNode(data))
  return isNode(data) ? 'restate' : 'libsql'
}

async function contentsOf(data: string, admin: string): Promise<ContentDigest> {
  const side =
    engineOf(data) === 'libsql'
      ? await openLibsqlSide(join(data, 'engine.db'))
      : await openRestateSide(data, { ...(await readNode(data))!, admin: [admin], host: '127.0.0.1' })
  try {
    return await digestContents(side.contents)
  } finally {
    await side.close()
  }
}

/** mulberry32 */
function randomFrom(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

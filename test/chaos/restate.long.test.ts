import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startWarmProcess, type WarmProcess } from '../../trials/kill/process.ts'
import { createSeededRandom } from '../../trials/simulation/plan/random.ts'
import { describeOnRestate, useRestate } from '../engine/restate/server.ts'
import { startLibsqlServer } from '../memory/server/libsql-server.ts'
import { actsIn, type DieAt } from './asks/acts.ts'
import { ACTS, checkLife as checkAsk } from './asks/judge.ts'
import { live as liveAsk, makeFolder as makeAsk } from './asks/life.ts'
import { startSearch } from './asks/search.ts'
import { checkLife, EVENTS } from './conversations/judge.ts'
import { followedIn, live, makeFolder } from './conversations/life.ts'

const KILLS = Number(process.env.ANTIPHON_KILLS ?? 3)
const KILLS_PER_CONVERSATION = 3
/** Bounds of the time from the start of a node, or from an event, to its kill, in ms. */
const OPENING_MS = 1_500
const AFTER_EVENT_MS = 200
const NODE = join(import.meta.dirname, 'conversations/node.ts')
const ASKING_NODE = join(import.meta.dirname, 'asks/node.ts')

const seed = Number(process.env.ANTIPHON_SEED ?? Math.floor(Math.random() * 2 ** 32))

describeOnRestate('a node', () => {
  const server = useRestate()

  test(`is killed at random moments of conversations: no message, call or event is lost or repeated (seed ${seed})`, {
    timeout: 240_000 + KILLS * 20_000,
  }, async () => {
    const base = mkdtempSync(join(tmpdir(), 'antiphon-conversations-'))
    onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
    const make = (name: string) =>
      makeFolder(join(base, name), { restate: { admin: server.now().admin, namespace: name } })
    const random = createSeededRandom(seed)
    let waiting = startWarmProcess(NODE)
    onTestFinished(() => end(waiting))
    const begin = async (folder: string) => {
      const node = waiting
      waiting = startWarmProcess(NODE)
      await node.letGo({ folder })
      return node
    }

    /** While the node opens, or some time after one of the events that are still to come. */
    const randomMoment = async (folder: string, signal: AbortSignal) => {
      const pause = (bound: number) => sleep(random.below(bound), undefined, { signal }).catch(() => {})
      if (random.chance(0.25)) return void (await pause(OPENING_MS))
      const seen = followedIn(folder).length
      const enough = seen + random.below(Math.max(1, EVENTS.length - seen))
      while (followedIn(folder).length < enough && !signal.aborted) await sleep(5)
      await pause(AFTER_EVENT_MS)
    }
    /** False: it ended by itself before. */
    const killNode = async (folder: string): Promise<boolean> => {
      const node = await begin(folder)
      const over = new AbortController()
      void node.death.then(() => over.abort())
      await randomMoment(folder, over.signal)
      node.kill()
      const { signal, errors } = await node.death
      expect(errors, folder).toBe('')
      return signal === 'SIGKILL'
    }

    const killedAfter: string[] = []
    for (let talk = 1; killedAfter.length < KILLS; talk++) {
      const folder = make(`talk-${talk}`)
      const last: string[] = []
      while (last.length < Math.min(KILLS_PER_CONVERSATION, KILLS - killedAfter.length) && (await killNode(folder)))
        last.push(followedIn(folder).at(-1)?.type ?? 'nothing')
      checkLife(folder, await live({ folder }), `talk-${talk}, killed after ${last} (seed ${seed})`, last.length)
      killedAfter.push(...last)
    }
    if (process.env.ANTIPHON_KILLS !== undefined) console.log(`${killedAfter.length} kills after ${tally(killedAfter)}`)
  })

  test(`is killed in an ask with searches, calls, a phase file and rewards: it ends as without kills, and nothing happens twice (seed ${seed})`, {
    timeout: process.env.ANTIPHON_KILLS === undefined ? 240_000 : 1_800_000,
  }, async () => {
    const base = mkdtempSync(join(tmpdir(), 'antiphon-asks-'))
    onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
    const url = await startSearch()
    const random = createSeededRandom(seed)
    let killed = 0
    const askThrough = async (name: string, dies?: DieAt) => {
      const memory = await startLibsqlServer(join(base, `${name}.db`))
      onTestFinished(() => memory.close())
      const engine = { restate: { admin: server.now().admin, namespace: name } }
      const folder = makeAsk(join(base, name), url, { engine, memory: { url: memory.url } })
      if (dies) {
        const node = startWarmProcess(ASKING_NODE)
        onTestFinished(() => end(node))
        await node.letGo({ folder, dies })
        const { signal, errors } = await node.death
        expect(errors, name).toBe('')
        if (signal === 'SIGKILL') killed++
      }
      const where = `${name}, killed at ${JSON.stringify(dies)} (seed ${seed})`
      checkAsk(folder, await liveAsk({ folder }), where, dies ? 1 : 0)
    }
    if (process.env.ANTIPHON_KILLS === undefined) {
      await askThrough('ask', { acts: 1 + random.below(ACTS.length), wait: 0 })
      expect(killed).toBe(1)
      return
    }
    await askThrough('calm')
    expect(actsIn(join(base, 'calm'))).toHaveLength(ACTS.length)
    for (const [at, act] of ACTS.entries())
      for (const wait of [0, 1 + random.below(150)])
        await askThrough(`${act.replace(' ', '-')}-${at}-${wait}`, { acts: at + 1, wait })
    console.log(`${killed} kills of asks`)
    expect(killed).toBeGreaterThan(ACTS.length)
  })
})

const tally = (words: readonly string[]) =>
  [...Map.groupBy(words, (word) => word)].map(([word, { length }]) => `${word} ${length}`).join(', ')

async function end(node: WarmProcess): Promise<void> {
  node.kill()
  await node.death
}

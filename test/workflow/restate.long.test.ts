import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { findPorts } from '../../src/engine/restate/server/ports.ts'
import { startWarmProcess, type WarmProcess } from '../../trials/kill/process.ts'
import { createSeededRandom } from '../../trials/simulation/plan/random.ts'
import { actsIn } from '../chaos/asks/acts.ts'
import { isKilled } from '../chaos/killed.ts'
import { checkLife } from '../chaos/workflows/judge.ts'
import { type Lived, live, open, order } from '../chaos/workflows/life.ts'
import { makeFolder } from '../chaos/workflows/program.ts'
import { describeOnRestate, useRestate } from '../engine/restate/server.ts'

const seed = Number(process.env.ANTIPHON_SEED ?? Math.floor(Math.random() * 2 ** 32))
/** Kills of each test. */
const KILLS = Number(process.env.ANTIPHON_KILLS ?? 1)
/** The acts of an order. */
const ACTS = 11
/** A kill comes at most so many ms after an act. */
const AFTER_ACT_MS = 100
/** Other servers may start beside these. */
const PATIENCE_MS = 240_000
const CHILD = join(import.meta.dirname, '../chaos/workflows/child.ts')
const NODE = join(import.meta.dirname, '../chaos/workflows/node.ts')

describeOnRestate('a workflow on a Restate server', () => {
  const server = useRestate()

  function makeBase(): string {
    const base = mkdtempSync(join(tmpdir(), 'antiphon-workflows-'))
    onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
    return base
  }

  test(
    `ends as without a kill when its node is killed after acts (seed ${seed})`,
    async () => {
      const [base, random] = [makeBase(), createSeededRandom(seed)]
      let killed = 0
      for (let kill = 1; kill <= KILLS; kill++) {
        const name = `one-${kill}`
        const folder = makeFolder(join(base, name), {
          engine: { restate: { admin: server.now().admin, namespace: name } },
        })
        const dies = { acts: 1 + random.below(ACTS), wait: random.chance(0.5) ? 0 : random.below(AFTER_ACT_MS) }
        const isDead = await isKilled(CHILD, { folder, dies }, 60_000)
        if (isDead) killed++
        checkLife(folder, await live({ folder }), `${name}, ${JSON.stringify(dies)} (seed ${seed})`, isDead ? 1 : 0)
      }
      expect(killed).toBe(KILLS)
    },
    PATIENCE_MS + KILLS * 30_000,
  )

  test(
    `ends as without kills when its two nodes are killed at random (seed ${seed})`,
    async () => {
      const [base, random] = [makeBase(), createSeededRandom(seed)]
      const [port] = await findPorts(1)
      const place = { port: port!, reusePort: true, address: `http://127.0.0.1:${port}`, shared: 'common' }
      const restate = { admin: server.now().admin, namespace: 'two', connectionAge: 1, ...place }
      const folder = makeFolder(join(base, 'two'), { engine: { restate } })
      mkdirSync(join(folder, 'common'))
      const start = async (node: string) => {
        const started = startWarmProcess(NODE)
        onTestFinished(() => end(started))
        await started.letGo({ folder, node })
        await Promise.race([started.begun, started.death.then(({ errors }) => expect(errors).toBe(''))])
        return started
      }
      const nodes = await Promise.all(['one', 'other'].map(start))
      const client = await open({ folder }, { node: 'client', isClient: true })
      onTestFinished(() => client.stop({ grace: 0 }))
      const runs: Lived['runs'][number][] = []
      for (let kill = 1; kill <= KILLS; kill++) {
        const ordered = order(client, { folder, orders: [2 * kill - 1, 2 * kill] })
        const acts = actsIn(folder).length + 1 + random.below(ACTS)
        while (actsIn(folder).length < acts) await sleep(5)
        await sleep(random.below(AFTER_ACT_MS))
        const at = random.below(2)
        await end(nodes[at]!)
        nodes[at] = await start(at === 0 ? 'one' : 'other')
        const { total, ...lived } = await ordered
        runs.push(...lived.runs)
        checkLife(folder, { runs, total }, `two nodes, ${kill} kills (seed ${seed})`, 1)
      }
    },
    PATIENCE_MS + KILLS * 30_000,
  )
})

async function end(node: WarmProcess): Promise<void> {
  node.kill()
  const { errors } = await node.death
  expect(errors).toBe('')
}

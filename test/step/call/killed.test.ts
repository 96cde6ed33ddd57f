import { expect, test } from 'vitest'
import { callsMessage } from '../../../src/calls/room/open-port.ts'
import type { InlineDisk } from '../../../src/engine/inline/disk.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { PipelineServices } from '../../../src/pipeline/step/context.ts'
import { oncePart } from '../../../src/step/call/once-actor.ts'
import { inlineOpener } from '../../../src/testing/openers/inline.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'
import { openTortureWorld, type TortureWorld } from '../../../trials/torture/world.ts'
import { readAny } from '../../calls/read-run.ts'
import { pipelineActors } from '../../pipeline/pipeline-actors.ts'
import { memoryValues, tool } from '../../pipeline/workshop.ts'
import { NAMELESS, stepPool } from '../../worker/pools.ts'

const HOUR = 3_600_000
const never = new Promise<never>(() => {})

/** A call of three parts, one of them at-most-once; its process is killed at that point. */
async function live(crashAt?: number) {
  const values = memoryValues()
  const did: string[] = []
  const recorded: string[][] = []
  let world: TortureWorld
  /** Work of a process that was killed goes no further. */
  const inLife = (life: number) => (life === world.lives ? undefined : never)
  const order = tool('order', async (_, { once }) => {
    const life = world.lives
    const part = (name: string) => async () => {
      await inLife(life)
      did.push(name)
      return { name }
    }
    const a = await once('a', part('a'))
    await inLife(life)
    const both = await Promise.all([once('b', part('b')), once('c', part('c'), { effect: 'at-most-once' })])
    await inLife(life)
    return { all: [a, ...both].map(({ name }) => name) }
  })
  const services: PipelineServices = {
    values,
    readParts: (of, page) => world.engine.view.parts(of, page),
    async askActor(to, body, correlationId) {
      const { lives, engine } = world
      const answer = await engine.ask(to, body, { correlationId, forTurn: true })
      await inLife(lives)
      return answer
    },
    toolbox: createToolbox([order]),
    models: {
      ...NAMELESS,
      generate: () => Promise.reject(new Error('no model')),
      choose: () => ({ id: 'x/y', why: '' }),
    },
    pool: stepPool(4, 100),
    root: process.cwd(),
    roots: [],
  }
  const onCrash = (disk: InlineDisk) => {
    const [parts] = [...disk.parts].flatMap(([name, found]) => (name.startsWith('once/') ? [found] : []))
    const ended = (name: string) => 'result' in ((parts?.get(oncePart(name)) ?? {}) as object)
    recorded.push(['a', 'b', 'c'].filter(ended))
    did.push('|')
  }
  world = await openTortureWorld({
    actors: pipelineActors(services),
    open: (onCommit) => inlineOpener({ onCommit, onCrash }),
    ...(crashAt !== undefined && { crashAt }),
  })
  do {
    const { engine } = world
    const message = callsMessage([{ id: 'order', tool: 'order', parameters: {} }], {}, 'none') as unknown as Json
    engine.tell({ kind: 'run', key: 'r' }, message, { id: 'r', correlationId: 'r' }).catch(() => {})
    await world.rest(HOUR)
  } while (await world.recover())
  let settled = false
  if ((await readAny(world.engine.view, values, 'r')).status === 'running') {
    settled = true
    const answer = { type: 'signal', name: 'call:order', value: 'not-done' }
    await world.engine.ask({ kind: 'run', key: 'r' }, answer, { correlationId: 'r' })
    await world.rest(2 * HOUR)
  }
  const document = await readAny(world.engine.view, values, 'r')
  const { points } = world
  await world.close()
  return { did: did.join(''), recorded: recorded[0] ?? [], settled, points, document }
}

test('a call that is killed at any commit or effect repeats no part that had ended', async () => {
  const calm = await live()
  expect(calm).toMatchObject({ did: expect.stringMatching(/^a(bc|cb)$/), settled: false })
  const settled: number[] = []
  for (let point = 1; point <= calm.points; point++) {
    const { did, recorded, document, ...life } = await live(point)
    expect(document, `point ${point}`).toMatchObject({
      status: 'completed',
      outputs: { order: { all: ['a', 'b', 'c'] } },
    })
    const [before = '', after = ''] = did.split('|')
    for (const name of recorded) expect(after, `point ${point}: ${did}`).not.toContain(name)
    for (const name of 'abc') expect(before + after).toContain(name)
    // a person is asked before the one that must not be repeated is
    if (/c.*c/.test(did)) expect(life.settled, `point ${point}`).toBe(true)
    if (life.settled) settled.push(point)
  }
  expect(calm.points).toBeGreaterThan(15)
  expect(settled.length).toBeGreaterThan(0)
})

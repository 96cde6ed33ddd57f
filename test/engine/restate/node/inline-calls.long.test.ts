import { expect, it, onTestFinished } from 'vitest'
import { createClient } from '../../../../src/engine/restate/client/client.ts'
import { restateEngine } from '../../../../src/engine/restate/engine.ts'
import { findPorts } from '../../../../src/engine/restate/server/ports.ts'
import { RetryableError } from '../../../../src/errors.ts'
import type { Json } from '../../../../src/kernel/schema.ts'
import type { Actor, ActorRef, Effects } from '../../../../src/kernel/types.ts'
import { gate } from '../../../../src/testing/gate.ts'
import { until } from '../../../../src/testing/until.ts'
import { actor, eventually, range, ref } from '../../../../trials/conformance/actors.ts'
import { describeOnRestate, useRestate } from '../server.ts'

type Count = { readonly asker?: ActorRef; readonly left: number; readonly done: readonly Json[] }

/** Has its helper do so many things, one after the other, and then answers what they came to. */
const boss = actor<Count, Json>('boss', { left: 0, done: [] }, (state, message, { self, message: envelope }) => {
  const { asker, left, done } =
    envelope.type === 'response'
      ? { ...state, left: state.left - 1, done: [...state.done, message] }
      : { asker: envelope.replyTo!, left: message as number, done: [] }
  const next = { asker: asker!, left, done }
  if (left === 0) return { state: next, send: [{ to: asker!, body: done, type: 'response' }] }
  return { state: next, send: [{ to: { kind: 'helper', key: `${self.key}.${left}` }, body: left, replyTo: self }] }
})
const BOSS = ref('boss')

type Work = (effects: Effects, message: Json) => Promise<unknown>

const helper = (work: Work, more: Partial<Actor<null, Json>> = {}) =>
  actor<null, Json>(
    'helper',
    null,
    async (_state, message, effects) => {
      await work(effects, message)
      return { reply: message, stop: true }
    },
    { inlinable: () => true, ...more },
  )

describeOnRestate('what a turn asks for and is over in a moment', () => {
  const server = useRestate()

  async function open(namespace: string, work: Work, more?: Partial<Actor<null, Json>>) {
    const [port] = await findPorts(1)
    const start = async () => {
      const engine = restateEngine({ ...server.now(), namespace, port: port!, actors: [boss, helper(work, more)] })
      onTestFinished(() => engine.stop({ grace: 0 }))
      await engine.start()
      return engine
    }
    const isApart = async () => {
      const rows = await createClient(server.now()).query(
        `select id from sys_invocation_status where target_service_name = '${namespace}.helper' and status <> 'completed'`,
      )
      return rows.length > 0
    }
    return { engine: await start(), start, isApart }
  }

  it('is done in the same invocation, where it can be seen', async () => {
    const hold = gate()
    const { engine, isApart } = await open('along', ({ run }) => run('work', ({ signal }) => hold.pass(signal)))
    const asked = engine.ask(BOSS, 1)
    await hold.started
    expect(await isApart()).toBe(false)
    const [found] = await engine.view.inspect(BOSS)
    expect(found).toMatchObject({ cell: { seq: 1 }, turn: { effect: { name: 'helper/1.1 work', attempt: 1 } } })
    hold.release()
    expect(await asked).toEqual([1])
  })

  it('is sent if it is not marked as brief, and if it must not be repeated', async () => {
    const hold = gate()
    const work: Work = ({ run }) => run('work', ({ signal }) => hold.pass(signal), { effect: 'at-most-once' })
    const { engine, isApart } = await open('apart', work)
    const unsaid = await open('unsaid', ({ run }) => run('work', ({ signal }) => hold.pass(signal)), { inlinable: () => false }) // biome-ignore format: long
    const asked = [engine.ask(BOSS, 1), unsaid.engine.ask(BOSS, 1)]
    await until(() => hold.arrivals === 2)
    expect([await isApart(), await unsaid.isApart()]).toEqual([true, true])
    hold.release()
    expect(await Promise.all(asked)).toEqual([[1], [1]])
  })

  it('continues in its own invocation, with its results so far, when it is retried', async () => {
    const hold = gate()
    const ran: string[] = []
    const work: Work = async ({ run }) => {
      await run('first', () => void ran.push('first'))
      await run('second', async ({ attempt, signal }) => {
        ran.push(`second ${attempt}`)
        if (attempt === 1) throw new RetryableError('not yet')
        await hold.pass(signal)
      })
    }
    const { engine, isApart } = await open('again', work)
    const asked = engine.ask(BOSS, 1)
    await hold.started
    expect(await isApart()).toBe(true)
    hold.release()
    expect(await asked).toEqual([1])
    expect(ran).toEqual(['first', 'second 1', 'second 2'])
  })

  it('continues in its own invocation, with its results so far, when its node stops', async () => {
    const holds = { first: gate(), second: gate() }
    const ran: string[] = []
    const work: Work = async ({ run }) => {
      for (const name of ['first', 'second'] as const)
        await run(name, ({ signal }) => {
          ran.push(name)
          return holds[name].pass(signal)
        })
    }
    const { engine, start, isApart } = await open('stops', work)
    engine.ask(BOSS, 1, { id: 'x' }).catch(() => {})
    await holds.first.started
    const stopped = engine.stop()
    // who is to hear of it has
    await new Promise(setImmediate)
    holds.first.release()
    await stopped
    expect(ran).toEqual(['first'])
    const next = await start()
    await holds.second.started
    expect(await isApart()).toBe(true)
    holds.second.release()
    expect(await next.ask(BOSS, 1, { id: 'x' })).toEqual([1])
    expect(ran).toEqual(['first', 'second'])
  })

  it('continues in its own invocation after its node died, so that another death delays no other message', async () => {
    const hold = gate()
    const { engine, start, isApart } = await open('died', ({ run }) => run('work', ({ signal }) => hold.pass(signal)))
    engine.ask(BOSS, 1, { id: 'x' }).catch(() => {})
    await hold.started
    await engine.stop({ grace: 0 })
    const next = await start()
    await until(isApart)
    hold.release()
    expect(await next.ask(BOSS, 1, { id: 'x' })).toEqual([1])
  })

  it('goes on when the server is killed', async () => {
    const hold = gate()
    const { engine } = await open('killed', ({ run }) => run('work', ({ signal }) => hold.pass(signal)))
    const asked = engine.ask(BOSS, 2, { id: 'x' })
    await hold.started
    await server.kill()
    hold.release()
    expect(await asked).toEqual([2, 1])
  })

  it('is cancelled at the server like any other: its caller gets the error', async () => {
    const hold = gate()
    const { engine } = await open('operator', ({ run }) => run('work', ({ signal }) => hold.pass(signal)))
    await engine.tell(BOSS, 1)
    await hold.started
    const { query, cancel } = createClient(server.now())
    const [turn] = await query(
      `select id from sys_invocation_status where target_service_name = 'operator.boss' and target_handler_name = 'take' and status = 'invoked'`,
    )
    expect(await cancel(String(turn!.id))).toBe(202)
    await eventually(async () => (await engine.view.inspect(BOSS))[0]).toMatchObject({ cell: { seq: 2 }, waiting: 0 })
    hold.release()
    expect(await engine.deadLetters.list()).toEqual([])
  })

  it('has a limit per invocation: the others are sent, and all are answered in order', async () => {
    const { engine } = await open('many', async () => {})
    const asked = engine.ask(BOSS, 100)
    expect(await asked).toEqual(range(100, 1).toReversed())
    expect(await engine.view.inspect(BOSS)).toMatchObject([{ cell: { seq: 101 }, mail: [] }])
  })
})

import { expect, it } from 'vitest'
import { openAdmin } from '../../src/engine/restate/admin/admin-api.ts'
import type { QueryRow } from '../../src/engine/restate/client/client.ts'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { actor, ignoreOutcome, ref } from '../../trials/conformance/actors.ts'
import { describeOnRestate, useRestate } from '../engine/restate/server.ts'
import { openOperator } from './operator.ts'

const retry = (delay: number) => ({ supervise: () => ({ type: 'retry', delay }) as const })
const fail = () => Promise.reject(new Error('not yet'))

/** Fails in old code, and does not in new; `before`: an effect that new code has in front. */
function worker(kind: string, isNew: boolean, delay: number, before?: string) {
  const receive = async (
    count: number,
    _message: unknown,
    effects: Parameters<ReturnType<typeof actor>['receive']>[2],
  ) => {
    if (before !== undefined) await effects.run(before, () => {})
    await effects.run('try', () => (isNew ? undefined : fail()))
    return { state: count + 1, reply: count + 1 }
  }
  return actor<number, unknown>(kind, 0, receive, retry(delay))
}

describeOnRestate('doctor move', () => {
  const server = useRestate()

  async function statusIn(service: string): Promise<QueryRow | undefined> {
    const [row] = await openAdmin(server.now().admin).query(
      `select id, status from sys_invocation where target_service_name = '${service}' and status <> 'completed'`,
    )
    return row
  }

  it('moves sleeping turns to new code, puts back turns that do not fit, and leaves running ones', async () => {
    const operator = openOperator(server.now(), 'move')
    const hold = gate()
    const busy = actor('busy', 0, async (count, _message, effects) => {
      await effects.run('hold', ({ signal }) => hold.pass(signal))
      return { state: count + 1 }
    })
    const old = await operator.start('r1', [worker('fits', false, 4_000), worker('differs', false, 600_000), busy])
    for (const kind of ['fits', 'differs', 'busy']) await old.engine.tell(ref(kind), null)
    const news = await operator.start('r2', [
      worker('fits', true, 4_000),
      worker('differs', true, 600_000, 'new'),
      busy,
    ])
    await hold.started
    await until(async () => (await operator.run('doctor', 'move', 'r1', '--dry-run')).out.match(/moved/g)?.length === 2)

    const dry = await operator.run('doctor', 'move', 'r1', '--dry-run', '--json')
    expect(dry.code).toBe(1)
    const { turns } = JSON.parse(dry.out) as { turns: { target: string; outcome: string }[] }
    expect(turns.map(({ target, outcome }) => `${outcome} ${target}`).sort()).toEqual([
      'left busy/1',
      'moved differs/1',
      'moved fits/1',
    ])

    const { code, out, err } = await operator.run('doctor', 'move', 'r1')
    expect(code).toBe(1)
    expect(out.split('\n').sort()).toEqual([
      '',
      expect.stringMatching(
        /^back +differs\/1: the code differs from the code that it started with: it differs at 'run' \(index '2'\)/,
      ),
      expect.stringMatching(/^left +busy\/1: it is running/),
      expect.stringMatching(/^moved +fits\/1$/),
    ])
    expect(err).toContain('1 turn left release r1, 2 did not')
    await until(async () => (await news.engine.view.peek(ref('fits'))) === 1)
    hold.release()
    await until(async () => (await news.engine.view.peek(ref('busy'))) === 1)
    const again = JSON.parse((await operator.run('doctor', 'move', 'r1', '--dry-run', '--json')).out) as typeof dry & {
      turns: unknown[]
    }
    expect(again.turns).toMatchObject([{ target: 'differs/1', outcome: 'moved' }])
  })

  it('resumes turns that were set aside long ago, and turns that an earlier move left paused', async () => {
    const operator = openOperator(server.now(), 'aside')
    const delay = 3_000
    const old = await operator.start('r1', [worker('aside', false, delay), worker('paused', false, delay)])
    await operator.patch('/services/aside.aside', { inactivity_timeout: '50ms' })
    for (const kind of ['aside', 'paused']) await old.engine.tell(ref(kind), null)
    const statusOf = (kind: string) => statusIn(`aside.${kind}`)
    await until(async () => (await statusOf('aside'))?.status === 'suspended')
    await until(async () => (await operator.run('doctor')).out.includes('2 open turns'))
    const { id } = (await statusOf('paused'))!
    await operator.patch(`/invocations/${id}/pause`)
    await until(async () => (await statusOf('paused'))?.status === 'paused')
    const news = await operator.start('r2', [worker('aside', true, delay), worker('paused', true, delay)])
    expect(await operator.run('doctor', 'move', 'r1')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^moved +\w+\/1\nmoved +\w+\/1\n$/),
      err: '2 turns left release r1.\n',
    })
    for (const kind of ['aside', 'paused']) await until(async () => (await news.engine.view.peek(ref(kind))) === 1)
    expect((await operator.run('doctor', 'move', 'r1')).err).toBe('No turns are open on release r1.\n')
  })

  it('takes along the place where a later answer is waited for', async () => {
    const operator = openOperator(server.now(), 'later')
    const front = actor('front', 0, (_count, message, { message: { replyTo } }) => ({
      send: [{ to: ref('fits'), body: message, type: 'request', ...(replyTo && { replyTo }) }],
    }))
    const old = await operator.start('r1', [front, worker('fits', false, 2_000)])
    ignoreOutcome(old.engine.ask(ref('front'), 'x', { id: 'asked' }))
    await until(async () => (await operator.run('doctor')).out.includes('2 open turns'))
    const news = await operator.start('r2', [front, worker('fits', true, 2_000)])
    await old.stop()
    expect((await operator.run('doctor', 'move', 'r1')).out.split('\n').sort()).toEqual([
      '',
      'moved    fits/1',
      'moved    reply/asked',
    ])
    expect(await news.engine.ask(ref('front'), 'x', { id: 'asked' })).toBe(1)
  })

  it('frees turns whose old nodes are gone; one that does not fit is given up', async () => {
    const operator = openOperator(server.now(), 'lost')
    const old = await operator.start('r1', [worker('fits', false, 1), worker('differs', false, 600_000)])
    const asked = old.engine.ask(ref('differs'), 'x', { id: 'asked' }).catch((error: unknown) => error)
    await until(async () => /1 open turn/.test((await operator.run('doctor')).out))
    const news = await operator.start('r2', [worker('fits', true, 1), worker('differs', true, 1, 'new')])
    const second = expect(news.engine.ask(ref('differs'), 'x', { id: 'asked' })).rejects.toMatchObject({
      code: 'given_up',
    })
    await old.stop()
    await asked
    const { code, out } = await operator.run('doctor', 'move', 'r1')
    expect({ code, out }).toEqual({ code: 1, out: expect.stringMatching(/^back +differs\/1/) })
    await until(async () => (await operator.run('doctor')).out.includes('differs/1, tried'))

    expect(await operator.run('doctor', 'give-up', 'differs/1')).toMatchObject({
      code: 0,
      err: expect.stringContaining('antiphon deadletters list'),
    })
    await second
    expect(await news.engine.deadLetters.list()).toMatchObject([
      { letter: { body: 'x' }, problem: { code: 'given_up' } },
    ])
    expect(await news.engine.ask(ref('differs'), 'y')).toBe(1)
    await expect(news.engine.ask(ref('differs'), 'x', { id: 'asked' })).rejects.toMatchObject({ code: 'given_up' })
    expect(await operator.run('doctor', 'give-up', 'differs/1')).toMatchObject({ code: 2 })
  })

  it('refuses a release that is not there, and the newest', async () => {
    const operator = openOperator(server.now(), 'refused')
    await operator.start('first', [worker('fits', true, 1)])
    expect(await operator.run('doctor', 'move', 'frist')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean first?'),
    })
    expect(await operator.run('doctor', 'move', 'first')).toMatchObject({
      code: 2,
      err: expect.stringContaining('newest'),
    })
  })
})

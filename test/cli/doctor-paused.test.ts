import { expect, it } from 'vitest'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { actor, ref } from '../../trials/conformance/actors.ts'
import { describeOnRestate, useRestate } from '../engine/restate/server.ts'
import { openOperator } from './operator.ts'

describeOnRestate('a server with an end to attempts', () => {
  const server = useRestate(() => ({ RESTATE_MAX_RETRY_POLICY_MAX_ATTEMPTS: '2' }))

  it('pauses turns: the doctor says why, and what to do works', async () => {
    const operator = openOperator(server.now(), 'limit')
    const hold = gate()
    const worker = actor('worker', 0, async (count, _message, effects) => {
      await effects.run('hold', ({ signal }) => hold.pass(signal))
      return { state: count + 1 }
    })
    const first = await operator.start('r1', [worker])
    await first.engine.tell(ref('worker'), null)
    await hold.started
    await first.stop()
    const { out } = await until(async () => {
      const told = await operator.run('doctor')
      return told.out.includes('worker/1, paused') && told
    })
    expect(out).toMatch(
      /worker\/1, paused, since .*: (no node could be reached at the address of its release|its node ended while it ran)\. Start a node of release r1; then: curl .*max-retry-policy-max-attempts/,
    )
    const [, url] = /curl -X PATCH (\S+)\. /.exec(out)!
    const second = await operator.start('r1', [worker], first.port)
    hold.release()
    expect((await fetch(url!, { method: 'PATCH' })).status).toBe(200)
    await until(async () => (await second.engine.view.peek(ref('worker'))) === 1)
    expect((await operator.run('doctor')).out).toMatch(/^ok +turns +no turn is stuck$/m)
  })
})

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import { isKilled } from '../../chaos/killed.ts'
import { describeOnRestate, useRestate } from '../../engine/restate/server.ts'
import { openLater } from './restate/later.ts'
import { GOAL, openLife } from './restate/life.ts'

describeOnRestate('a goal on a server', () => {
  const server = useRestate()

  it('goes on after each kill, and makes no call twice', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'antiphon-goal-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
    const settings = {
      model: 'lab/one',
      models: [{ id: 'lab/one', cost: { input: 1, output: 1 } }],
      plugins: [join(import.meta.dirname, 'restate/plugin.ts')],
      engine: { restate: { admin: server.now().admin } },
    }
    writeFileSync(join(folder, 'antiphon.yaml'), JSON.stringify(settings))
    const linesOf = (name: string) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n')
    const kill = (...approve: readonly string[]) =>
      isKilled(join(import.meta.dirname, 'restate/child.ts'), { folder, approve }, 60_000)
    for (const place of ['thought-2', 'cut', 'lost']) writeFileSync(join(folder, `die-${place}`), '')
    expect(await kill()).toBe(true)
    expect(linesOf('thoughts')).toEqual(['1', '2'])
    expect(await kill()).toBe(true)
    expect(linesOf('calls').at(-1)).toMatch(/^cut /)
    // this one waits for a person, the next one for the next person, and the last one dies in the call that was approved
    expect(await kill()).toBe(true)
    expect(linesOf('thoughts').at(-1)).toBe('3')
    expect(await kill(`${GOAL}.3`)).toBe(true)
    expect(linesOf('calls').at(-1)).toMatch(/^sent /)
    expect(await kill(`${GOAL}.4`)).toBe(true)
    expect(linesOf('calls').at(-1)).toMatch(/^lost /)

    const runtime = await openLife(folder)
    onTestFinished(() => runtime.stop({ grace: 0 }))
    await runtime.idle()
    const { rounds, ...goal } = await runtime.goals.get(GOAL)
    expect(goal).toMatchObject({ status: 'completed', answer: 'done' })
    expect(rounds.map(({ calls }) => calls.map(({ outcome }) => outcome))).toEqual([
      ['succeeded', 'succeeded'],
      ['succeeded'],
      ['succeeded'],
      ['unknown'],
      [],
    ])
    const calls = linesOf('calls').map((line) => line.split(' ')[0])
    expect(calls.toSorted()).toEqual(['cut', 'cut', 'kept', 'lost', 'seen', 'sent'])
    expect(new Set(linesOf('calls')).size).toBe(5)
    expect(linesOf('thoughts')).toEqual(['1', '2', '2', '3', '4', '5'])
  })

  it('begins later and in turn, also when its node is killed meanwhile', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'antiphon-goal-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
    const engine = { restate: { admin: server.now().admin, namespace: 'later' } }
    writeFileSync(join(folder, 'antiphon.yaml'), JSON.stringify({ engine }))
    expect(await isKilled(join(import.meta.dirname, 'restate/later-child.ts'), { folder }, 60_000)).toBe(true)

    const held = gate()
    const runtime = await openLater(folder, () => held.pass())
    onTestFinished(() => runtime.stop({ grace: 0 }))
    const { goals, inspector } = runtime
    const asked = () => readFileSync(join(folder, 'asked'), 'utf8').trimEnd().split('\n')
    await until(() => asked().length === 2)
    expect((await goals.get('goal-two')).wait).toMatchObject({ type: 'queue', place: 1, behind: ['goal-one'] })
    expect((await goals.get('goal-gone')).wait).toMatchObject({ type: 'queue', behind: ['goal-one'] })
    expect((await goals.get('goal-far')).wait).toMatchObject({ type: 'start' })
    expect(await inspector.why('goal-two')).toMatchObject({
      holds: [{ type: 'queue', key: 'ann', place: 1, behind: [{ kind: 'goal', id: 'goal-one' }] }, { type: 'others' }],
    })
    for (const id of ['goal-gone', 'goal-far']) await goals.cancel(id, 'not needed')
    held.release()
    for (const id of ['goal-one', 'goal-two', 'goal-soon'])
      await until(async () => (await goals.get(id)).status === 'completed')
    expect(asked()).toEqual(['goal-one', 'goal-one', 'goal-two', 'goal-soon'])
    for (const id of ['goal-gone', 'goal-far'])
      expect(await goals.get(id)).toMatchObject({
        status: 'cancelled',
        problem: { message: 'not needed' },
        rounds: [],
      })
    await until(async () => (await inspector.actors({ kind: 'run-queue' })).length === 0)
  })
})

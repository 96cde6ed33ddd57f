import { expect, test } from 'vitest'
import { copyDisk, type InlineDisk, pendingMail } from '../../src/engine/inline/disk.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { fakeCalls, PAGES } from './calls/fixture.ts'
import { brief, type KeptOutcome, type ScriptFor, STEPS, setUp, watched } from './fixture.ts'

const script = {
  understanding: [
    { reply: { loop: true, confidence: 0.4, gaps: ['x'], infoSufficiency: 0.3, synthesis: 'one' }, times: 1 },
    { reply: { loop: false, synthesis: 'entirely different words' } },
  ],
}
const again = { understanding: { loop: false, synthesis: 'entirely different words' } }
const ROUNDS: { readonly [step: string]: number } = {
  action: 1,
  yield: 1,
  experience: 2,
  intention: 2,
  observation: 2,
  understanding: 2,
}

test('killed at any commit and after any reply, an ask ends as if it had not been, and no reply that was kept is asked for again', async () => {
  const snapshots: { readonly disk: InlineDisk; readonly kept: readonly string[] }[] = []
  const kept: string[] = []
  const disk = watched((outcome) => {
    const step = outcome && stepOf(disk, outcome)
    if (step) kept.push(step)
    snapshots.push({ disk: copyDisk(disk), kept: [...kept] })
  })
  const undisturbed = setUp({ script, disk })
  const answer = await undisturbed.ask('why?', { id: 'ask_1' })
  const story = sorted(brief(await undisturbed.events()))
  expect(snapshots.length).toBeGreaterThan(30)

  for (const { disk, kept } of snapshots) {
    // what was asked after the kill follows the part of the script that is left
    const left = kept.includes('understanding') ? again : script
    const revived = setUp({ script: left, disk })
    await revived.engine.start()
    expect(await revived.ask('why?', { id: 'ask_1' })).toEqual(answer)
    const events = await revived.events()
    expect(sorted(brief(events))).toEqual(story)
    expect(events.map(({ n }) => n)).toEqual(events.map((_, at) => at + 1))
    const asked = [...kept, ...revived.steps()]
    for (const step of STEPS) expect(asked.filter((one) => one === step)).toHaveLength(ROUNDS[step]!)
  }
})

test('killed at any commit, an ask makes each call of Action and each search in one run', async () => {
  const calls: ScriptFor = {
    action: [
      { only: (prompt) => !prompt.includes('counted'), calls: [{ name: 'count', input: { text: 'x' } }] },
      { reply: 'first answer' },
    ],
    yield: 'air <vid>w2</vid> <vid>v1</vid>',
  }
  const open = (disk: InlineDisk) => {
    const fake = fakeCalls(({ tool }) => (tool === 'count' ? 'counted' : { results: PAGES, backend: 'test' }) as Json, {
      searches: true,
    })
    const chain = setUp({ script: calls, disk, calls: fake.calls, actors: fake.actors })
    fake.live.engine = chain.engine
    const ask = () => chain.ask('the moon and its air', { id: 'ask_1', tools: { names: ['count'] } })
    return { ...chain, ...fake, ask }
  }
  const snapshots: { readonly disk: InlineDisk }[] = []
  const disk: InlineDisk = watched((outcome) => {
    if (!outcome || stepOf(disk, outcome) === undefined) snapshots.push({ disk: copyDisk(disk) })
  })
  const undisturbed = open(disk)
  const answer = await undisturbed.ask()
  expect(answer.citations.map(({ vid }) => vid)).toEqual(['w2', 'v1'])
  const ids = undisturbed.started.map(({ id }) => id)
  expect(ids).toHaveLength(2)
  for (const { disk } of snapshots) {
    const revived = open(disk)
    await revived.engine.start()
    expect(await revived.ask()).toEqual(answer)
    const runs = await revived.engine.view.list('run')
    expect(runs.map(({ key }) => key).sort()).toEqual(ids.toSorted())
  }
})

/** The step whose model has replied, if the effect that was kept is such a reply. */
function stepOf(disk: InlineDisk, { message, effect }: KeptOutcome): string | undefined {
  const { phase } = (pendingMail(disk).find(({ id }) => id === message)?.body ?? {}) as { readonly phase?: string }
  return effect === 'model' ? phase?.split('.')[0] : undefined
}

/** The legs of Experience may end in either order. */
function sorted(story: readonly string[]): readonly string[] {
  return story.map((line, at) => {
    const pair = [story[at - 1], line, story[at + 1]].filter(
      (one) => one?.includes(' experience.') && !one.startsWith('start'),
    )
    return line.includes(' experience.') && !line.startsWith('start') ? pair.sort().join(' + ') : line
  })
}

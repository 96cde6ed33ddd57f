import { describe, expect, test } from 'vitest'
import { copyDisk, inlineDisk } from '../../../src/engine/inline/disk.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { callbackTools } from '../../../src/pipeline/tools/callback-tools.ts'
import { until } from '../../../src/testing/index.ts'
import { memoryValues, openWorkshop, type Workshop } from '../workshop.ts'

const open = (options: Parameters<typeof openWorkshop>[0] = {}) => openWorkshop({ tools: callbackTools, ...options })
const RUN = { kind: 'run', key: 'run_1' }
const step = (id: string) => ({ kind: 'step', key: `run_1.${id}` })

const WAIT = `
name: w
steps:
  - { id: go, tool: wait-for-signal, parameters: { signal: go, input_type: number }OPTIONS }
  - { id: after, tool: say, parameters: { v: "{{ go.value + 1 }}" } }
outputs: { v: "{{ after.v }}", go: "{{ go }}" }`
const waiting = (options = '') => WAIT.replace('OPTIONS', options)

const send = ({ engine }: Workshop, name: string, value: Json, id?: string) =>
  engine.ask(RUN, { type: 'signal', name, value }, id === undefined ? {} : { id })

/** Until the step waits, as the lists show it. */
const untilAsked = ({ engine }: Workshop, id: string) =>
  until(async () => {
    const listed = await engine.view.list('step', { where: { inbox: 1 } })
    return listed.find(({ key }) => key === step(id).key)
  })

const endOf = async (workshop: Workshop) => (await workshop.events('run_1')).at(-1)

describe('a step that waits for a signal', () => {
  test('holds nothing but its state, and ends by the value', async () => {
    const workshop = open()
    await workshop.start(waiting())
    const { index } = await untilAsked(workshop, 'go')
    expect(index).toMatchObject({ waits: 'signal:go', run: 'run_1', step: 'go', since: expect.any(Number) })
    const [actor] = await workshop.engine.view.inspect(step('go'))
    expect(actor).toMatchObject({ waiting: 0 })
    expect(actor).not.toHaveProperty('turn')
    expect(await send(workshop, 'go', '41')).toMatchObject({ status: 'taken' })
    expect(await endOf(workshop)).toMatchObject({ status: 'completed', outputs: { inline: { v: 42, go: '41' } } })
    expect(await workshop.events('run_1')).toContainEqual({
      type: 'signal-wait',
      step: 'go',
      signal: 'go',
      title: 'waits for the signal go',
    })
  })

  test('refuses a wrong value, tells who sent it, and goes on waiting', async () => {
    const workshop = open()
    await workshop.start(waiting())
    await untilAsked(workshop, 'go')
    await expect(send(workshop, 'go', 'soon')).rejects.toMatchObject({
      code: 'bad_value',
      message: 'Expected a number, got "soon".',
    })
    expect(await send(workshop, 'go', 1)).toMatchObject({ status: 'taken' })
    expect(await endOf(workshop)).toMatchObject({ status: 'completed' })
  })

  test('takes one that came before it waited; another id is another signal, the same id is not', async () => {
    const workshop = open()
    const held = waiting()
      .replace('steps:', 'steps:\n  - { id: first, tool: wait-for-signal }')
      .replace('id: go,', 'id: go, dependencies: [first],')
    await workshop.start(held)
    await untilAsked(workshop, 'first')
    expect(await send(workshop, 'go', 5, 'sig_1')).toMatchObject({ status: 'kept' })
    expect(await send(workshop, 'go', 5, 'sig_1')).toMatchObject({ status: 'kept' })
    expect(await send(workshop, 'first', null)).toMatchObject({ status: 'taken' })
    expect(await endOf(workshop)).toMatchObject({ status: 'completed', outputs: { inline: { v: 6 } } })
    await expect(send(workshop, 'go', 6)).rejects.toMatchObject({
      code: 'run_over',
      message: 'the run run_1 has ended: it is completed',
    })
  })

  test.each(['constructor', '__proto__', 'toString'])(
    'may wait for one named %s, come before or after',
    async (name) => {
      const workshop = open()
      await workshop.start(`
name: w
steps:
  - { id: a, tool: wait-for-signal, parameters: { signal: ${name} } }
  - { id: b, tool: wait-for-signal, parameters: { signal: ${name} }, dependencies: [a] }
outputs: { v: "{{ a.value }}{{ b.value }}" }`)
      await untilAsked(workshop, 'a')
      expect(await send(workshop, name, 'x')).toMatchObject({ status: 'taken' })
      await untilAsked(workshop, 'b')
      expect(await send(workshop, name, 'y')).toMatchObject({ status: 'taken' })
      expect(await endOf(workshop)).toMatchObject({ outputs: { inline: { v: 'xy' } } })
    },
  )

  test('waits no longer than it may', async () => {
    const workshop = open()
    const end = await workshop.run(waiting(', timeout: 0.01'))
    expect(end).toMatchObject({ status: 'failed', problem: { step: 'go', code: 'timeout' } })
  })

  test('several that wait for one signal get one each, in order', async () => {
    const workshop = open()
    await workshop.start(`
name: w
steps:
  - id: each
    for_each: [a, b]
    max_parallel: 2
    steps: [{ id: go, tool: wait-for-signal, parameters: { signal: go } }]
outputs: { all: "{{ each.results | map(attribute='go') | map(attribute='result') | map(attribute='value') | list }}" }`)
    await untilAsked(workshop, 'each_0_go')
    await untilAsked(workshop, 'each_1_go')
    await send(workshop, 'go', 'x')
    await send(workshop, 'go', 'y')
    expect(await endOf(workshop)).toMatchObject({ outputs: { inline: { all: ['x', 'y'] } } })
  })

  test('keeps a hundred that nobody waits for, and refuses what is too large', async () => {
    const workshop = open()
    await workshop.start(waiting())
    await untilAsked(workshop, 'go')
    for (let n = 0; n < 100; n++) expect(await send(workshop, `other-${n}`, n)).toMatchObject({ status: 'kept' })
    await expect(send(workshop, 'other', 1)).rejects.toMatchObject({ code: 'busy' })
    await expect(send(workshop, 'go', 'x'.repeat(33_000))).rejects.toMatchObject({ code: 'too_large' })
    await expect(
      workshop.engine.ask({ kind: 'run', key: 'nobody' }, { type: 'signal', name: 'go', value: 1 }),
    ).rejects.toMatchObject({ code: 'not_found' })
    expect(await workshop.engine.view.peek({ kind: 'run', key: 'nobody' })).toBeUndefined()
  })

  test('is cancelled with its run', async () => {
    const workshop = open()
    await workshop.start(waiting())
    await untilAsked(workshop, 'go')
    await workshop.engine.cancel(RUN, 'run_1', 'enough')
    expect(await endOf(workshop)).toMatchObject({ status: 'cancelled' })
    await until(async () => (await workshop.engine.view.peek(step('go'))) === undefined)
    await expect(send(workshop, 'go', 1)).rejects.toMatchObject({ code: 'run_over' })
  })

  test('ends when another step has failed its run', async () => {
    const workshop = open()
    const text = `
name: w
steps:
  - { id: go, tool: wait-for-signal }
  - { id: first, tool: wait-for-signal }
  - { id: bad, tool: fail, dependencies: [first] }`
    await workshop.start(text)
    await untilAsked(workshop, 'go')
    await send(workshop, 'first', 1)
    expect(await endOf(workshop)).toMatchObject({ status: 'failed', problem: { step: 'bad' }, skipped: 1 })
  })

  test('survives the death of its process, during the wait and with the answer in flight', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const disk = inlineDisk()
      const values = memoryValues()
      const first = open({ disk, values, seed })
      await first.start(waiting())
      await untilAsked(first, 'go')
      // each engine is left as it is, and the next one opens what is on disk by then
      const later = copyDisk(disk)
      const second = open({ disk: later, values, seed })
      await second.engine.start()
      expect(await send(second, 'go', 7, 'sig')).toMatchObject({ status: 'taken' })
      const third = open({ disk: copyDisk(later), values, seed })
      await third.engine.start()
      expect(await endOf(third)).toMatchObject({ status: 'completed', outputs: { inline: { v: 8 } } })
      expect(await send(third, 'go', 7, 'sig')).toMatchObject({ status: 'taken' })
    }
  })
})

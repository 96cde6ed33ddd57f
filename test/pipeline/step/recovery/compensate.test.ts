import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { inlineDisk } from '../../../../src/engine/inline/disk.ts'
import { RetryableError, TerminalError, UnknownError } from '../../../../src/errors.ts'
import { linksOf } from '../../../../src/inbox/room/waits-for.ts'
import { until } from '../../../../src/testing/until.ts'
import { filesystemTools } from '../../../../src/tool/builtin/tools.ts'
import { defineTool } from '../../../../src/tool/tool.ts'
import { readRun } from '../../read-run.ts'
import { gate, memoryValues, openWorkshop, tool } from '../../workshop.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'antiphon-undo-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A tool whose work can be undone; `log` is outside: what was done and undone, in order. */
function booking(log: string[], hold: (step: string) => Promise<void> | void = () => {}) {
  const plain = tool('book', ({ v }) => {
    log.push(`do ${v}`)
    return { v: v! }
  })
  return defineTool({
    ...plain,
    async undo({ input, output }) {
      const { v } = input as { v: string }
      await hold(v)
      if (v === 'stuck') throw new TerminalError('cannot be called back')
      log.push(`undo ${v} ${JSON.stringify(output)}`)
    },
  })
}

/** Changes something, and has no way back. */
const POST = tool('post', () => ({}), 'at-most-once')

const book = (id: string, more = '') => `{ id: ${id}, tool: book, parameters: { v: ${id} }${more} }`
const BOOKINGS = `
  - ${book('a')}
  - ${book('b', ', dependencies: [a]')}
  - { id: each, for_each: [1, 2], dependencies: [b], steps: [{ id: c, tool: book, parameters: { v: "c{{ item }}" } }] }
  - ${book('stuck', ', dependencies: [each]')}
  - { id: said, tool: say, dependencies: [stuck] }
  - { id: posted, tool: post, dependencies: [said] }
  - { id: never, tool: book, parameters: { v: never }, if: "false", dependencies: [posted] }
  - { id: bad, tool: fail, dependencies: [never]`
const UNDONE = ['undo c2 {"v":"c2"}', 'undo c1 {"v":"c1"}', 'undo b {"v":"b"}', 'undo a {"v":"a"}']

describe('a run that fails', () => {
  test.each([
    ['its step says so', `name: x\nsteps:${BOOKINGS}, on_failure: undo }`],
    ['its pipeline says so', `name: x\non_failure: undo\nsteps:${BOOKINGS} }`],
  ])('undoes what it did, the last first, when %s; what cannot be undone is named', async (_name, text) => {
    const log: string[] = []
    const { run, engine, values } = openWorkshop({ tools: [booking(log), POST] })
    const { id, ...end } = await run(text)
    expect(end).toMatchObject({ status: 'failed', problem: { step: 'bad' } })
    expect(log.filter((line) => line.startsWith('undo'))).toEqual(UNDONE)
    const { steps } = await readRun(engine.view, values, id)
    const undone = Object.fromEntries(
      Object.values(steps).flatMap(({ id, undone }) => (undone === undefined ? [] : [[id, undone]])),
    )
    expect(undone).toEqual({ a: true, b: true, each_0_c: true, each_1_c: true, stuck: false, posted: false })
    expect(steps.stuck).toMatchObject({ undo_error: 'cannot be called back' })
    expect(steps.posted).toMatchObject({ undo_error: expect.stringContaining('undo') })
  })

  test('undoes nothing when nobody says so, or when it does not fail', async () => {
    const log: string[] = []
    const { run } = openWorkshop({ tools: [booking(log), POST] })
    await run(`name: x\nsteps:${BOOKINGS} }`)
    const fine = openWorkshop({ tools: [booking(log), POST] })
    await fine.run(`name: x\non_failure: undo\nsteps:${BOOKINGS}, on_failure: continue }`)
    expect(log.filter((line) => line.startsWith('undo'))).toEqual([])
  })

  test('and is killed at any step that is undone goes on, and undoes none that was', async () => {
    for (const at of ['c2', 'c1', 'b', 'a']) {
      const [disk, values, log] = [inlineDisk(), memoryValues(), [] as string[]]
      const death = gate()
      const hold = (step: string) => (step === at ? death.arrive() : undefined)
      const text = `name: x\non_failure: undo\nsteps:${BOOKINGS} }`
      const first = openWorkshop({ disk, values, tools: [booking(log, hold), POST] })
      await first.start(text)
      await death.reached
      const second = openWorkshop({ disk, values, tools: [booking(log), POST] })
      await second.engine.start()
      expect((await second.events('run_1')).at(-1)).toMatchObject({ status: 'failed' })
      expect(
        log.filter((line) => line.startsWith('undo')),
        `killed at ${at}`,
      ).toEqual(UNDONE)
    }
  })

  test('can be cancelled meanwhile: the remaining steps stay as they are', async () => {
    const log: string[] = []
    const held = gate()
    const hold = (step: string) => (step === 'c1' ? held.arrive() : undefined)
    const { start, events, engine } = openWorkshop({ tools: [booking(log, hold), POST] })
    const id = await start(`name: x\non_failure: undo\nsteps:${BOOKINGS} }`)
    await held.reached
    expect(await linksOf(engine.view)((await engine.view.inspect({ kind: 'run', key: id }))[0]!)).toEqual([
      { kind: 'step', key: `${id}.undo` },
    ])
    await engine.cancel({ kind: 'run', key: id }, id, 'enough')
    expect((await events(id)).at(-1)).toMatchObject({ status: 'cancelled' })
    held.release()
    await until(async () => (await engine.view.inspect({ kind: 'step', key: `${id}.undo` })).length === 0)
    expect(log.filter((line) => line.startsWith('undo b') || line.startsWith('undo a'))).toEqual([])
  })

  test('brings files back as they were, unless somebody changed them since', async () => {
    const put = (name: string, content: string) => writeFileSync(join(folder, name), content)
    const see = () =>
      Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
    for (const name of ['over', 'grown', 'copied', 'moved', 'gone', 'touched']) put(name, `old ${name}`)
    const before = see()
    const change = tool('change', () => {
      expect(see()).toMatchObject({
        over: 'new',
        new: 'new',
        grown: 'old grown!',
        copy: 'old copied',
        there: 'old moved',
      })
      expect(Object.keys(see())).not.toContain('gone')
      put('touched', 'by somebody else')
      throw new TerminalError('no luck')
    })
    const { run, engine, values } = openWorkshop({
      tools: [...filesystemTools, change],
      services: { root: folder, roots: [folder] },
    })
    const step = (id: string, action: string, parameters: string) =>
      `  - { id: ${id}, tool: filesystem, action: ${action}, parameters: { ${parameters} } }\n`
    const { id } = await run(
      `name: x\nstrategy: sequential\non_failure: undo\nsteps:\n${[
        step('over', 'write', 'path: over, content: new'),
        step('again', 'write', 'path: over, content: new'),
        step('new', 'write', 'path: new, content: new'),
        step('grown', 'append', 'path: grown, content: "!"'),
        step('copied', 'copy', 'path: copied, destination: copy'),
        step('moved', 'move', 'path: moved, destination: there'),
        step('gone', 'delete', 'path: gone'),
        step('touched', 'write', 'path: touched, content: mine'),
      ].join('')}  - { id: change, tool: change }`,
    )
    expect(see()).toEqual({ ...before, touched: 'by somebody else' })
    const { steps } = await readRun(engine.view, values, id)
    expect(Object.values(steps).filter(({ undone }) => undone === false)).toMatchObject([
      { id: 'touched', undo_error: expect.stringContaining('changed since') },
    ])
  })
})

describe('a run that is cancelled and is to be undone', () => {
  const RUN = { kind: 'run', key: 'run_1' }
  const UNDO_RUN = { type: 'undo-run', reason: 'enough' }
  const text = (head: string) => `name: x\n${head}steps:
  - ${book('a')}
  - { id: each, for_each: [1, 2, 3], dependencies: [a], steps: [{ id: c, tool: book, parameters: { v: "c{{ item }}" } }, { id: h, tool: held, dependencies: [c], if: "{{ item == 2 }}" }] }
  - ${book('late', ', dependencies: [each]')}`

  function opened(head: string) {
    const log: string[] = []
    const reached = gate()
    const held = tool('held', (_, { signal }) => {
      void reached.arrive()
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    return { log, reached, head: text(head), ...openWorkshop({ tools: [booking(log), held] }) }
  }

  test('is over when its ended steps are undone; running steps are interrupted', async () => {
    const { log, reached, head, start, events, engine, values } = opened('on_failure: undo\n')
    await start(head)
    await reached.reached
    expect(await engine.ask(RUN, UNDO_RUN, { correlationId: 'run_1' })).toEqual({ status: 'taken' })
    const end = (await events('run_1')).at(-1)!
    expect(end).toMatchObject({
      status: 'cancelled',
      success: false,
      problem: { code: 'cancelled', message: 'enough' },
    })
    expect(log.slice(3)).toEqual(['undo c2 {"v":"c2"}', 'undo c1 {"v":"c1"}', 'undo a {"v":"a"}'])
    const { steps, status } = await readRun(engine.view, values, 'run_1')
    expect(status).toBe('cancelled')
    expect(steps).toMatchObject({ a: { undone: true }, each_1_c: { undone: true }, each_1_h: { status: 'cancelled' } })
    await expect(engine.ask(RUN, UNDO_RUN, { correlationId: 'run_1' })).rejects.toMatchObject({ code: 'run_over' })
    expect(await engine.deadLetters.list()).toEqual([])
  })

  test('is refused where nothing was kept to undo it by', async () => {
    const { reached, head, start, events, engine } = opened('')
    await start(head)
    await reached.reached
    await expect(engine.ask(RUN, UNDO_RUN, { correlationId: 'run_1' })).rejects.toMatchObject({ code: 'no_undo' })
    await engine.cancel(RUN, 'run_1', 'enough')
    expect((await events('run_1')).at(-1)).toMatchObject({ status: 'cancelled' })
  })
})

test.each([
  ['the network was away', () => new RetryableError('the network was away', { delay: 0 }), 2, { undone: true }],
  [
    'nobody knows whether it was undone',
    () => new UnknownError('the connection broke', { delay: 0 }),
    3,
    {
      undone: false,
      undo_error: expect.stringMatching(/^It is unknown .*undo it by hand if it was not\): the connection broke$/),
    },
  ],
] as const)('an undo is tried again under its key: %s', async (_why, fault, failures, end) => {
  const keys: string[] = []
  const refund = defineTool({
    ...tool('pay', () => ({}), 'at-most-once'),
    async undo(_, { idempotencyKey }) {
      keys.push(idempotencyKey)
      if (keys.length <= failures) throw fault()
    },
  })
  const { run, engine, values } = openWorkshop({ tools: [refund] })
  const steps = '[{ id: a, tool: pay }, { id: bad, tool: fail, dependencies: [a] }]'
  const { id } = await run(`name: x\non_failure: undo\nsteps: ${steps}`)
  expect((await readRun(engine.view, values, id)).steps.a).toMatchObject(end)
  expect(keys).toHaveLength(3)
  expect(new Set(keys).size).toBe(1)
})

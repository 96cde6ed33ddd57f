import { expect, it } from 'vitest'
import type { EngineView } from '../../../src/engine/engine.ts'
import type { InspectQuery } from '../../../src/engine/inspect.ts'
import { growForest } from '../../../src/runtime/inspect/tree.ts'
import type { Branch } from '../../../src/runtime/ports/inspector.ts'
import { gate, until } from '../../../src/testing/index.ts'
import { actor, ref } from '../../../trials/conformance/actors.ts'
import { heldYield, openFolder, pipeline, QUESTION } from './folder.ts'

/** A tree as nested names. */
const shapeOf = ({ of, status, branches }: Branch): unknown =>
  branches.length === 0 ? `${of} ${status}` : { [`${of} ${status}`]: branches.map(shapeOf) }

/** All that stands in trees, whatever it is below. */
const shapesIn = (trees: readonly Branch[]): readonly string[] =>
  trees.flatMap(({ of, status, branches }) => [`${of} ${status}`, ...shapesIn(branches)])

it('a run has its steps below it, those that are over and those at work', async () => {
  const { path, write, open } = openFolder()
  write('p.yaml', pipeline(path, { done: 'hold here', held: 'hold go' }))
  write('here', '')
  const runtime = await open()
  const { id } = await runtime.runs.start({ file: path('p.yaml') })
  const wanted = { [`run/${id} running`]: [`step/${id}.done completed`, `step/${id}.held working`] }
  const isSo = (trees: readonly Branch[]) => JSON.stringify(trees.map(shapeOf)) === JSON.stringify([wanted])
  const trees = await until(async () => {
    const grown = await runtime.inspector.tree(id)
    return isSo(grown) && grown
  })
  expect(trees[0]!.branches[1]).toMatchObject({ note: 'execute, attempt 1', since: expect.any(Number) })
  // without a root only what has work is shown
  expect((await runtime.inspector.tree()).map(shapeOf)).toEqual([
    { [`run/${id} running`]: [`step/${id}.held working`] },
  ])
  write('go', '')
  await runtime.idle()
  expect(await runtime.inspector.tree()).toEqual([])
  expect((await runtime.inspector.tree(id)).map(shapeOf)).toEqual([
    { [`run/${id} completed`]: [`step/${id}.done completed`, `step/${id}.held completed`] },
  ])
})

it('a link works for its run: it is open, used, or over with that, and then no work any more', async () => {
  const { path, write, open } = openFolder()
  write('p.yaml', 'name: p\nsteps:\n  - { id: w, tool: wait-for-signal, parameters: { signal: go } }\n')
  const runtime = await open()
  const { id } = await runtime.runs.start({ file: path('p.yaml') })
  await until(async () => (await runtime.inbox.list({ run: id })).length === 1)
  const make = () => runtime.access.links.create({ run: id, signal: 'go', kind: 'webhook', ttl: 3_600_000 })
  const [used, left] = [await make(), await make()]
  const linksIn = (trees: readonly Branch[]) =>
    trees.flatMap(({ branches }) => branches.map(shapeOf)).filter((shape) => String(shape).startsWith('link/'))
  expect((await runtime.inspector.tree()).map(({ of }) => of)).toEqual([`run/${id}`])
  expect(linksIn(await runtime.inspector.tree()).toSorted()).toEqual(
    [`link/${used.id} open`, `link/${left.id} open`].toSorted(),
  )
  await runtime.access.links.use(used.token, 1)
  await until(async () => (await runtime.runs.get(id)).status === 'completed')
  expect(await runtime.inspector.tree()).toEqual([])
  expect(linksIn(await runtime.inspector.tree(id)).toSorted()).toEqual(
    [`link/${used.id} used`, `link/${left.id} over`].toSorted(),
  )
})

it('a question of a step lies below it, and its phases below that', async () => {
  const { path, write, open } = openFolder()
  write('notes.md', 'The ship leaves the harbour at noon.')
  write('p.yaml', QUESTION)
  const hold = gate()
  const runtime = await open([], [heldYield(hold)])
  const { id } = await runtime.runs.start({ file: path('p.yaml') })
  await hold.started
  const [run, ...others] = await runtime.inspector.tree()
  expect(others).toEqual([])
  const [step] = run!.branches
  const [chain] = step!.branches
  expect([run!.of, step!.of, chain!.of]).toEqual([`run/${id}`, `step/${id}.ship`, 'chain/main'])
  expect(chain!.branches.map(shapeOf)).toContain('phase/main.yield working')
  expect(chain!.branches.map(shapeOf)).toContain('phase/main.experience.web idle')
  hold.release()
  await runtime.idle()
})

it("an owner's forest is what an admin sees of it, and nobody else's is looked at for it", async () => {
  const { path, write, open } = openFolder()
  write('notes.md', 'The ship leaves the harbour at noon.')
  write('p.yaml', QUESTION)
  const hold = gate()
  const runtime = await open([], [heldYield(hold)])
  const { id } = await runtime.runs.start({ file: path('p.yaml'), owner: 'ann' })
  await hold.started
  const asked = runtime.threads.ask({ thread: 'of-bob', prompt: 'When?', files: [path('notes.md')], owner: 'bob' })
  await runtime.access.links.create({ run: id, signal: 'go', kind: 'webhook', ttl: 3_600_000, owner: 'ann' })
  await until(async () => shapesIn(await runtime.inspector.tree()).includes('phase/of-bob.yield working'))
  const looked: InspectQuery[] = []
  const view: EngineView = {
    ...runtime.engine.view,
    inspect: (query = {}) => {
      looked.push(query)
      return runtime.engine.view.inspect(query)
    },
  }
  const all = await runtime.inspector.tree()
  const own = await growForest(view, 'ann')
  expect(own.map(shapeOf)).toEqual(all.filter(({ of }) => of === `run/${id}`).map(shapeOf))
  expect(shapesIn(own)).toEqual(
    expect.arrayContaining(['phase/ann:main.yield working', expect.stringMatching(/^link/)]),
  )
  expect(all.map(({ of }) => of)).toEqual(['chain/of-bob', `run/${id}`])
  expect(looked.filter(({ key = 'any' }) => key === 'any' || key.startsWith('of-bob'))).toEqual([])
  expect(await runtime.inspector.tree(`run/${id}`, { owner: 'ann' })).toEqual(own)
  expect((await growForest(view, 'bob')).map(shapeOf)).toEqual([shapeOf(all[0]!)])
  expect(await growForest(view, 'carl')).toEqual([])
  hold.release()
  await asked
  await runtime.idle()
})

it('the tree shows watched actors below their watcher, and working actors below their caller', async () => {
  const { open } = openFolder()
  const hold = gate()
  const child = actor('child', 0, (count) => ({ state: count + 1, reply: true }))
  const worker = actor('worker', null, async (_state, _message, effects) => {
    await effects.run('work', ({ signal }) => hold.pass(signal))
    return {}
  })
  const boss = actor('boss', null, () => ({
    state: null,
    watch: [ref('child', 'b'), ref('child', 'a')],
    send: [{ to: ref('worker'), body: null }],
    reply: true,
  }))
  const runtime = await open([boss, child, worker])
  for (const key of ['a', 'b', 'c']) await runtime.engine.ask(ref('child', key), null)
  await runtime.engine.ask(ref('boss'), null)
  await hold.started
  const trees = await until(async () => {
    const grown = await runtime.inspector.tree('boss/1')
    return grown[0]!.branches.length === 3 && grown
  })
  expect(trees.map(shapeOf)).toEqual([{ 'boss/1 idle': ['child/a idle', 'child/b idle', 'worker/1 working'] }])
  hold.release()
})

it('failed actors stay in the tree until they are resolved', async () => {
  const { open } = openFolder()
  const broken = actor(
    'broken',
    null,
    async (_state, _message, effects) => {
      await effects.run('work', () => {
        throw new Error('a bug')
      })
      return {}
    },
    { supervise: () => ({ type: 'escalate' }) },
  )
  const runtime = await open([broken])
  await runtime.engine.tell(ref('broken'), null)
  const [tree] = await until(async () => {
    const trees = await runtime.inspector.tree()
    return trees[0]?.status === 'failed' && trees
  })
  expect(tree).toMatchObject({ of: 'broken/1', status: 'failed' })
  expect(await runtime.inspector.why('broken/1')).toMatchObject({
    holds: [{ type: 'failed' }],
    letters: [{ to: 'broken/1' }],
  })
})

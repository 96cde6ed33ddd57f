import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { allActors } from '../../../src/engine/liveness.ts'
import { createRuntime, type ServedRuntime } from '../../../src/runtime/open/create-runtime.ts'
import { until } from '../../../src/testing/index.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import { type FolderDump, restoreFolder } from '../../journals/dump.ts'

/**
 * A data folder that the last release with learned playbooks left when it was killed. `local` has accepted a playbook,
 * one waits for `ann`, and the goals `approved` and `rejected` follow the first one, up to the approval of a call.
 */
const LEFT = join(import.meta.dirname, 'learned-before.json.golden')

const SAID =
  'Agents no longer learn playbooks: 2 learned with an earlier release, accepted or proposed, were removed. See docs/upgrading.md.'

/** A text that only the learned playbooks hold. */
const FORM = '"shape":"name"'

/** The folder, and its runtime, opened as often as is asked. */
async function openLeft() {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-learned-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  writeFileSync(
    join(folder, 'antiphon.yaml'),
    'model: lab/one\nmodels: [{ id: lab/one, cost: { input: 1, output: 1 } }]\nwrites: [.]\n',
  )
  writeFileSync(join(folder, 'b.txt'), 'flood')
  const data = join(folder, '.antiphon')
  restoreFolder(JSON.parse(readFileSync(LEFT, 'utf8')) as FolderDump, data)
  const model = scriptedModel([{ reply: 'thought about it' }], 'lab/one')
  const said: string[] = []
  const open = async () => {
    const config = await loadConfig({ folder, environment: {} })
    const parts = { models: { 'lab/one': model }, notice: (line: string) => void said.push(line) }
    const runtime = await createRuntime({ ...config, embedder: 'none' }, parts)
    onTestFinished(() => runtime.stop({ grace: 0 }))
    return runtime
  }
  const has = (text: string) =>
    readdirSync(data, { recursive: true, encoding: 'utf8' })
      .map((name) => join(data, name))
      .some((file) => statSync(file).isFile() && readFileSync(file).includes(text))
  return { open, runtime: await open(), said, has, model, index: () => readFileSync(join(folder, 'index.txt'), 'utf8') }
}

async function kindsIn({ engine }: ServedRuntime): Promise<readonly string[]> {
  const kinds = new Set<string>()
  for await (const { of } of allActors(engine.view, {})) kinds.add(of.kind)
  return [...kinds].toSorted()
}

const follow = async (runtime: ServedRuntime, goal: string, action: 'approve' | 'reject') => {
  // its deadline was an hour after the folder was made
  await runtime.goals.resume(goal, { more: { time: 3_600_000 } })
  await runtime.runs.signal(`${goal}.playbook`, 'call:append_2', action)
  await until(async () => (await runtime.goals.get(goal)).status === 'completed')
  return runtime.goals.get(goal)
}

test('the first start removes what agents learned, and says so once', async () => {
  const { open, runtime, said } = await openLeft()
  await until(async () => !(await kindsIn(runtime)).includes('playbooks'))
  expect(said).toEqual([SAID])
  expect((await runtime.inbox.list()).map(({ kind }) => kind)).toEqual(['approval', 'approval'])
  expect(await runtime.engine.deadLetters.list()).toEqual([])
  expect(await runtime.inspector.stranded()).toEqual([])
  await runtime.stop()
  await open()
  expect(said).toEqual([SAID])
})

test('a goal that follows a learned playbook goes on to its end', async () => {
  const { runtime, model, index } = await openLeft()
  expect(await follow(runtime, 'approved', 'approve')).toMatchObject({
    ...{ answer: 'Added b.txt to index.txt.', rounds: [], playbook: { run: 'approved.playbook' } },
  })
  expect(index()).toBe('flood')
  expect(model.calls).toEqual([])
  // a step of a learned playbook that was not done leaves the rest to the model
  const rejected = await follow(runtime, 'rejected', 'reject')
  expect(rejected).toMatchObject({ answer: 'thought about it', rounds: [{ calls: [] }] })
  expect(model.calls[0]!.prompt).toContain('a person rejected it')
  expect(index()).toBe('flood')
  for (const goal of ['first', 'approved']) await runtime.goals.rate(goal, 'bad')
  expect(await runtime.engine.deadLetters.list()).toEqual([])
})

test('a goal that asked for a lesson when the release changed gets none, and stays as it is', async () => {
  const { runtime } = await openLeft()
  const of = { kind: 'playbooks', key: 'local/clerk' }
  await until(async () => (await runtime.engine.view.peek(of)) === undefined)
  const before = await runtime.goals.get('first')
  expect(await runtime.engine.ask(of, { type: 'learn', goal: 'first' })).toEqual({ type: 'lesson' })
  await runtime.engine.tell({ kind: 'agent', key: 'first' }, { type: 'lesson', lesson: { status: 'none' } })
  await runtime.idle()
  expect(await runtime.goals.get('first')).toEqual(before)
  expect(await runtime.engine.deadLetters.list()).toEqual([])
  expect(await kindsIn(runtime)).not.toContain('playbooks')
})

test('an erasure leaves nothing of what was learned for its owner', async () => {
  const { runtime, has } = await openLeft()
  await until(async () => !(await kindsIn(runtime)).includes('playbooks'))
  expect(has(FORM)).toBe(true)
  expect(await runtime.erasures.forget('ann')).toMatchObject({ removed: { goals: 1 } })
  await until(async () => !has(FORM))
  await runtime.stop()
  expect(has(FORM)).toBe(false)
})

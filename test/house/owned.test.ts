import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { loadConfig } from '../../src/config/config.ts'
import { kindsWithoutOwner } from '../../src/house/owned.ts'
import { defineActor } from '../../src/kernel/turn.ts'
import { openRuntime } from '../../src/runtime/open/open-runtime.ts'
import type { InternalParts } from '../../src/runtime/open/parts.ts'
import { until } from '../../src/testing/until.ts'
import { openFolder } from '../runtime/inspect/folder.ts'

/** A total of an owner, or of a run. */
const tally = (kind: string, field: 'owner' | 'run') =>
  defineActor({
    kind,
    message: z.object({ of: z.string(), word: z.string() }),
    initial: () => null as string | null,
    receive: (_, { of, word }) => ({ state: word, index: { [field]: of }, reply: word }),
  })

/** A runtime with these parts, and the lines for its operator. */
async function open(parts: InternalParts = {}) {
  const { folder } = openFolder()
  const lines: string[] = []
  const config = { ...(await loadConfig({ folder, environment: {} })), embedder: 'none' as const }
  const runtime = await openRuntime(config, { ...parts, notice: (line) => void lines.push(line) })
  onTestFinished(() => runtime.stop({ grace: 0 }))
  const has = (word: string) =>
    readdirSync(config.data).some(
      (name) => name.startsWith('engine') && readFileSync(join(config.data, name)).includes(word),
    )
  return { runtime, lines, has }
}

it('every kind of actor of the house belongs to somebody, or stays for a reason', async () => {
  expect((await open()).lines).toEqual([])
  // below a run and below a thread
  expect(kindsWithoutOwner(['step', 'tally'], [{ kind: 'run', belowKinds: ['step'] }])).toEqual(['tally'])
})

it('a kind of the program that says nothing of its owner is named at the start', async () => {
  const { lines } = await open({ actors: [tally('count', 'owner'), tally('sum', 'owner')], owns: [{ kind: 'sum' }] })
  expect(lines).toEqual([expect.stringMatching(/^Actors of the kind count .*owns: \[\{ kind: 'count' }]$/)])
  const wrong = open({ actors: [tally('count', 'owner')], owns: [{ kind: 'cuont' }] })
  await expect(wrong).rejects.toMatchObject({ code: 'invalid_input', hint: 'Did you mean count?' })
})

it('actors that a program declares as owned go with their owner, also below a run', async () => {
  const { runtime, lines, has } = await open({
    actors: [tally('count', 'owner'), tally('sample', 'run'), tally('log', 'owner')],
    owns: [
      { kind: 'count', place: 'counts' },
      { kind: 'sample', endsWith: 'run' },
      { kind: 'log', stays: 'it counts visits' },
    ],
  })
  const source = { text: 'name: p\nsteps: [{ id: a, tool: debug, parameters: { message: hi } }]' }
  for (const owner of ['ann', 'bob']) {
    await runtime.runs.start({ source, id: `run-${owner}`, owner })
    await runtime.engine.ask({ kind: 'count', key: owner }, { of: owner, word: `xyloglyph-${owner}` })
    await runtime.engine.ask({ kind: 'sample', key: owner }, { of: `run-${owner}`, word: `marimba-${owner}` })
  }
  await runtime.engine.ask({ kind: 'log', key: 'all' }, { of: 'ann', word: 'visits' })
  await runtime.idle()
  expect(lines).toEqual([])
  expect((await runtime.erasures.forget('ann')).removed).toMatchObject({ runs: 1, counts: 1 })
  const { view } = runtime.engine
  expect((await view.list('count')).map(({ key }) => key)).toEqual(['bob'])
  expect((await view.list('sample')).map(({ key }) => key)).toEqual(['bob'])
  expect((await view.list('log')).map(({ key }) => key)).toEqual(['all'])
  expect(['xyloglyph-ann', 'marimba-ann', 'xyloglyph-bob', 'marimba-bob'].filter(has)).toEqual([
    ...['xyloglyph-bob', 'marimba-bob'],
  ])
})

it('actors of a run go when retention removes the run', async () => {
  const { runtime } = await open({
    actors: [tally('sample', 'run')],
    owns: [{ kind: 'sample', endsWith: 'run' }],
  })
  const text = 'name: p\nsteps: [{ id: a, tool: approval-gate, parameters: { title: Go on? } }]'
  await runtime.runs.start({ source: { text }, id: 'here' })
  await runtime.idle()
  for (const run of ['here', 'gone']) await runtime.engine.ask({ kind: 'sample', key: run }, { of: run, word: 'one' })
  await runtime.maintenance.gc({})
  const left = async () => (await runtime.engine.view.list('sample')).map(({ key }) => key)
  await until(async () => (await left()).length === 1)
  expect(await left()).toEqual(['here'])
})

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { StepStrategy } from '../../src/index.ts'
import { makeFolder, openRuns } from '../workflow/open-runs.ts'

const step = (id: string, more = '') =>
  `  - { id: ${id}, tool: filesystem, action: list, parameters: { path: . }${more} }`
const TEXT = `name: own order\nstrategy: own\nsteps:\n${step('a')}\n${step('b')}\n${step('c', ', depends_on: [a, b]')}`

const lastFirst: StepStrategy = ({ ready, running }) => (running.length > 0 ? [] : [ready.at(-1)!.id])

test('a run waits for a program with its strategy, says so, and continues there', async () => {
  const first = await openRuns({})
  const verdict = await first.runtime.pipelines.validate({ source: { text: TEXT } })
  expect(verdict).toMatchObject({ valid: true, findings: [{ code: 'would_fail', severity: 'warning', line: 2 }] })
  await first.runs.start({ source: { text: TEXT }, id: 'r' })
  await first.waits()
  expect(await first.runs.list()).toMatchObject([{ id: 'r', status: 'waiting', waitsFor: 'code' }])
  const message = 'This process does not have the strategy own.'
  expect(JSON.stringify(await first.runtime.inspector.why('run/r'))).toContain(message)
  await first.stop()

  const next = await openRuns({ strategies: { own: lastFirst } }, first.folder)
  expect(await next.ended()).toMatchObject({ status: 'completed', success: true })
  expect((await next.runtime.pipelines.validate({ source: { text: TEXT } })).findings).toEqual([])
})

test('a child run has the strategy of its own pipeline, and its parent sees one step', async () => {
  const asked: string[][] = []
  const own: StepStrategy = (steps) => {
    asked.push(steps.ready.map(({ id, tool }) => `${id} ${tool}`))
    return lastFirst(steps)
  }
  const { folder, runs, ended } = await openRuns({ strategies: { own } })
  await writeFile(join(folder, 'child.yaml'), TEXT)
  await writeFile(join(folder, 'plain.yaml'), TEXT.replace('strategy: own\n', ''))
  const below = (id: string, file: string) =>
    `  - { id: ${id}, tool: pipeline-executor, parameters: { pipeline: ${file} } }`
  const text = `name: parent\nstrategy: own\nsteps:\n${below('plain', 'plain.yaml')}\n${below('child', 'child.yaml')}`
  await writeFile(join(folder, 'parent.yaml'), text)
  await runs.start({ file: join(folder, 'parent.yaml'), id: 'r' })
  expect(await ended()).toMatchObject({ status: 'completed' })
  const tool = 'pipeline-executor'
  const child = [['a filesystem', 'b filesystem'], ['a filesystem'], ['c filesystem']]
  expect(asked).toEqual([[`plain ${tool}`, `child ${tool}`], ...child, [`plain ${tool}`]])
})

test('`strategy` of a start overrides the file, also with a strategy of the program', async () => {
  const { runs, ended } = await openRuns({ strategies: { own: () => [] } })
  const text = TEXT.replace('strategy: own\n', '')
  await runs.start({ source: { text }, strategy: 'own', id: 'r' })
  expect(await ended()).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(/^The strategy own failed: it gave no step/),
  })
  const wrong = runs.start({ source: { text }, strategy: 'sequental' })
  await expect(wrong).rejects.toMatchObject({
    message: 'there is no strategy `sequental`',
    hint: 'Did you mean `sequential`?',
  })
})

test.each([
  [{ paralel: lastFirst }, 'strategies.paralel'],
  [{ 'two words': lastFirst }, 'strategies.two words'],
  [{ own: 'fast' as never }, 'strategies.own'],
])('%j is refused before anything is opened', async (strategies, path) => {
  await expect(openRuns({ strategies }, makeFolder())).rejects.toMatchObject({ name: 'InvalidError', place: { path } })
})

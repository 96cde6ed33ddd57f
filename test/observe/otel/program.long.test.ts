import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { AS_SOURCES } from '../../as-sources.ts'
import { blocksIn, openProgramFolder, read, runProgram } from '../../docs/program.ts'
import { makeProject } from '../../http/program/programs.ts'
import { openReceiver, type Span } from '../otlp.ts'

const [PROVIDER, PROGRAM] = ['provider.ts', 'traced-program.ts'].map((name) => join(import.meta.dirname, name))
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const CLIENT = 'b7ad6b7169203331'

type Line = { readonly port?: number; readonly looks?: string; readonly receipt?: string }

/** Waits for the first line of a program that has this field. */
function linesOf({ stdout }: ChildProcess) {
  const lines: Line[] = []
  createInterface(stdout!).on('line', (line) => void lines.push(JSON.parse(line)))
  return async <Name extends keyof Line>(name: Name) => {
    await expect.poll(() => lines.some((line) => line[name] !== undefined)).toBe(true)
    return lines.find((line) => line[name] !== undefined)?.[name]
  }
}

test('one tree from a request through a round, a database and a child run, over a kill', async () => {
  const { endpoint, spans: all, raw } = await openReceiver()
  const folder = await makeProject()
  const run = (service: string, ends: 'ends' | 'hangs') => {
    const child = spawn(process.execPath, [...AS_SOURCES, '--import', PROVIDER!, PROGRAM!, folder, ends], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // the address is for the provider of the program: ours does not begin
      env: { ...process.env, COLLECTOR: endpoint, SERVICE: service, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    return child
  }
  const first = run('first', 'hangs')
  const lineOfFirst = linesOf(first)
  const port = await lineOfFirst('port')
  await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers: { traceparent: `00-${TRACE}-${CLIENT}-01` } })
  expect(await lineOfFirst('looks')).toBe('planted-order')
  const named = (name: string) => all.filter((span) => span.name === name)
  await expect.poll(() => named('POST /orders').length + named('begin agent support').length).toBe(2)
  const killed = once(first, 'exit')
  first.kill('SIGKILL')
  await killed
  const second = run('second', 'ends')
  const ended = once(second, 'exit')
  const place = await linesOf(second)('receipt')
  await ended

  const spans = all.filter(({ traceId }) => traceId === TRACE)
  // each start checks its pipelines, and the second program follows the goal: nobody asked for that in the trace
  const others = all.filter((span) => !spans.includes(span))
  expect(new Set(others.map(({ name }) => name))).toEqual(
    new Set(['POST /v1/pipelines/validate', 'GET /v1/goals/:goal/events']),
  )
  const ids = new Set(spans.map(({ spanId }) => spanId))
  expect(ids.size).toBe(spans.length)
  expect(spans.filter(({ parentSpanId = '' }) => !ids.has(parentSpanId)).map(({ name }) => name)).toEqual([
    'POST /orders',
  ])
  const one = (name: string): Span => {
    const [span, ...others] = named(name)
    expect([name, others.length]).toEqual([name, 0])
    return span!
  }
  const pathOf = ({ name, parentSpanId }: Span): readonly string[] => {
    const parent = spans.find(({ spanId }) => spanId === parentSpanId)
    return parent ? [...pathOf(parent), name] : [name]
  }
  expect(one('POST /orders')).toMatchObject({ parentSpanId: CLIENT, service: 'first' })
  const begun = one('begin agent support')
  expect(begun.service).toBe('first')
  expect(pathOf(begun)).toEqual(['POST /orders', 'POST /v1/agents/:agent/goals', 'begin agent support'])
  expect(one('invoke_agent support')).toMatchObject({
    service: 'second',
    parentSpanId: begun.spanId,
    links: [{ traceId: TRACE, spanId: begun.spanId }],
    attributes: { 'antiphon.status': 'completed', 'antiphon.rounds': 2 },
  })
  expect(pathOf(one('SELECT orders')).slice(0, 3)).toEqual(pathOf(begun))
  expect(pathOf(one('SELECT orders')).slice(-2)).toEqual(['execute_tool look', 'SELECT orders'])
  expect(one('SELECT orders').service).toBe('second')
  expect(pathOf(one('begin run Receipt'))).toContain('execute_tool look')
  const printed = one('execute_tool terminal:execute')
  expect(pathOf(printed)).toEqual(expect.arrayContaining(['execute_tool look', 'begin run Receipt', 'turn step']))
  expect(place).toBe(`00-${TRACE}-${printed.spanId}-01`)
  expect(one('run Receipt')).toMatchObject({ parentSpanId: one('begin run Receipt').spanId })
  expect(raw.join('\n')).not.toContain('planted')
})

test('the program of the page has the spans of the page', async () => {
  const page = await read('docs/observability.md')
  const packages = ['api', 'context-async-hooks', 'sdk-trace'].map((name) => `@opentelemetry/${name}`)
  const { code, out, err } = await runProgram(await openProgramFolder(packages), blocksIn(page, 'ts')[0]!)
  expect([code, err]).toEqual([0, ''])
  const [, tree = ''] = /in which the call of the library is a request:\n\n```\n(.*?)```/s.exec(page) ?? []
  const found = [...out.matchAll(/^ {2}name: '(.+)',\n {2}id: '(\w+)'/gm)].map(([, name]) => name)
  const shown = tree
    .trim()
    .split('\n')
    .map((line) => line.trim())
  expect(found.filter((name) => name !== 'POST /v1/pipelines/validate').sort()).toEqual(shown.sort())
})

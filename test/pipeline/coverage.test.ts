import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import { actionNames } from '../../src/pipeline/compile/builtin.ts'
import { ALIASES } from '../../src/pipeline/compile/named.ts'
import { DIAGNOSTICS } from '../../src/pipeline/diagnostics.ts'
import { CACHE_TABLE } from '../../src/pipeline/spec/cache-keys.ts'
import { HANDLER_KEYS } from '../../src/pipeline/spec/handlers.ts'
import { INPUT_TABLE, RULE_TABLE } from '../../src/pipeline/spec/input-keys.ts'
import { NEED_FIELDS } from '../../src/pipeline/spec/model.ts'
import { PIPELINE_TABLE } from '../../src/pipeline/spec/pipeline-keys.ts'
import { CONFIG_KEYS, POLICIES } from '../../src/pipeline/spec/policies.ts'
import { QUEUE_TABLE } from '../../src/pipeline/spec/queue-keys.ts'
import { STEP_TABLE } from '../../src/pipeline/spec/step-keys.ts'
import { readYaml } from '../../src/pipeline/spec/yaml.ts'
import { ourTools } from '../../src/runtime/toolbox.ts'
import { laterTools } from '../../src/tool/builtin/later.ts'
import { DIAGNOSTICS_AT_WORK } from './cases/diagnostics.ts'
import { DOCUMENT, inPipeline, LOOPS, STEPS } from './cases/findings.ts'
import { KEYS } from './cases/keys.ts'
import { ACTIONS, LATER, TOOLS } from './cases/tools.ts'

// filters, checks, functions and methods have tables and such a test of their own in test/template/operations

const CASES = [...KEYS, ...TOOLS, ...LATER, ...ACTIONS, ...DIAGNOSTICS_AT_WORK]
const VECTORS = [...DOCUMENT, ...STEPS.map(inSteps), ...LOOPS.map(inSteps)]

function inSteps([code, says, text]: (typeof STEPS)[number]): (typeof STEPS)[number] {
  return [code, says, inPipeline(text)]
}

/** All words that occur in the tables, each with where it belongs: `step timeout`, `tool filesystem:read`. */
const seen = new Set<string>()
for (const text of [...CASES.map(({ yaml }) => yaml), ...VECTORS.map(([, , marked]) => marked.replace('¶', ''))])
  seePipeline(readYaml(text, 'p.yaml').value)
for (const [code] of VECTORS) see('code', [code])
for (const { finds = [], refuses = [], fails = [], skips = [], warns = [] } of CASES)
  see('code', [...finds, ...[refuses, fails, skips, warns].flat()])

test.each<[what: string, words: readonly string[]]>([
  ['pipeline', Object.keys(PIPELINE_TABLE)],
  ['input', Object.keys(INPUT_TABLE)],
  ['rule', Object.keys(RULE_TABLE)],
  ['step', Object.keys(STEP_TABLE)],
  ['cache', Object.keys(CACHE_TABLE)],
  ['queue', Object.keys(QUEUE_TABLE)],
  ['handler', HANDLER_KEYS],
  ['retry', CONFIG_KEYS],
  ['on_failure', POLICIES],
  ['need', Object.keys(NEED_FIELDS)],
  ['action', [...actionNames(), ...Object.keys(ALIASES)]],
  ['tool', [...ourTools, ...laterTools].map(({ name }) => name)],
  ['code', Object.keys(DIAGNOSTICS)],
])('every %s occurs in a case, with what it comes to', (what, words) => {
  expect(words.length).toBeGreaterThan(1)
  expect(words.filter((word) => !seen.has(`${what} ${word}`))).toEqual([])
})

test('every code is in the reference', async () => {
  const reference = await readFile(join(import.meta.dirname, '../../docs/pipelines.md'), 'utf8')
  expect(Object.keys(DIAGNOSTICS).filter((code) => !reference.includes(`\`${code}\``))).toEqual([])
})

/** The vectors of compatibility with py-orc: what authors wrote for it, and what that comes to here. */
const VECTOR_NAMES = Array.from({ length: 50 }, (_, n) => `A${n + 1}`)

test('every vector of compatibility is named by a test', async () => {
  const own = import.meta.filename
  const files = await readdir(import.meta.dirname, { recursive: true, withFileTypes: true })
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
  const texts = await Promise.all(paths.filter((path) => path !== own).map((path) => readFile(path, 'utf8')))
  const named = new Set(texts.flatMap((text) => text.match(/\bA\d+\b/g) ?? []))
  expect(VECTOR_NAMES.filter((name) => !named.has(name))).toEqual([])
})

// walking

type Fields = { readonly [key: string]: Json | undefined }

function see(what: string, words: readonly string[]): void {
  for (const word of words) seen.add(`${what} ${word}`)
}

function mapsIn(value: Json | undefined): readonly Fields[] {
  const list = Array.isArray(value) ? value : [value]
  return list.filter((one) => typeof one === 'object' && one !== null && !Array.isArray(one)) as Fields[]
}

function seePipeline(value: Json): void {
  for (const pipeline of mapsIn(value)) {
    see('pipeline', Object.keys(pipeline))
    for (const inputs of [...mapsIn(pipeline.inputs), ...mapsIn(pipeline.parameters)]) seeInputs(inputs)
    for (const step of [...mapsIn(pipeline.steps), ...mapsIn(pipeline.tasks)]) seeStep(step)
    seeHandlers(pipeline.global_error_handlers)
    if (typeof pipeline.on_failure === 'string') see('on_failure', [pipeline.on_failure])
  }
}

function seeInputs(inputs: Fields): void {
  const isListed = typeof inputs.name === 'string'
  for (const input of isListed ? [inputs] : Object.values(inputs).flatMap(mapsIn)) {
    see('input', Object.keys(input))
    for (const rules of mapsIn(input.validation)) see('rule', Object.keys(rules))
  }
}

function seeStep(step: Fields): void {
  see('step', Object.keys(step))
  for (const child of [...mapsIn(step.steps), ...mapsIn(step.action_loop)]) seeStep(child)
  for (const cache of mapsIn(step.cache)) see('cache', Object.keys(cache))
  for (const queue of mapsIn(step.create_parallel_queue)) seeQueue(queue)
  for (const key of ['on_error', 'on-error', 'error_handlers']) seeHandlers(step[key])
  for (const config of [...mapsIn(step.retry_config), ...mapsIn(step.retry)]) see('retry', Object.keys(config))
  for (const key of ['requires_model', 'requires-model'])
    for (const needs of mapsIn(step[key])) see('need', Object.keys(needs))
  if (typeof step.on_failure === 'string') see('on_failure', [step.on_failure])
  seeWork(step)
}

function seeWork({ tool, action, parameters }: Fields): void {
  const [named] = mapsIn(parameters).map((fields) => fields.action)
  if (typeof tool === 'string') see('tool', [tool, `${tool}:${action}`, `${tool}:${named}`])
  else if (typeof action === 'string') see('action', [action])
}

function seeQueue(queue: Fields): void {
  see('queue', Object.keys(queue))
  for (const task of mapsIn(queue.task)) seeQueue(task)
  for (const action of mapsIn(queue.action_loop)) seeStep(action)
}

function seeHandlers(value: Json | undefined): void {
  for (const handler of mapsIn(value)) see('handler', Object.keys(handler))
}

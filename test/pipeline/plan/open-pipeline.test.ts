import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import type { CompiledPipeline } from '../../../src/pipeline/plan/compiled.ts'
import { openPipeline } from '../../../src/pipeline/plan/open-pipeline.ts'
import { changedNodes, differingNodes } from '../../../src/pipeline/plan/reuse-source.ts'

/** Pipelines as a release with version 1 stored them, and as a compiler of version 2 made them of the same text. */
const RECORDED: readonly { readonly name: string; readonly was: Json; readonly is: CompiledPipeline }[] = JSON.parse(
  readFileSync(join(import.meta.dirname, 'data/version-1.json.golden'), 'utf8'),
)

const open = (stored: Json) => openPipeline({ get: async () => stored }, 'hash')

describe('a pipeline of version 1', () => {
  test.each(RECORDED)('opens in the form of version 2: $name', async ({ was, is }) => {
    expect(JSON.parse(JSON.stringify(await open(was)))).toEqual(is)
  })

  test.each(RECORDED)('has not changed when its text has not: $name', async ({ was, is }) => {
    const before = await open(was)
    expect(differingNodes(before, is)).toEqual([])
    expect(changedNodes({ pipeline: before, inputs: { a: 1 } }, { pipeline: is, inputs: { a: 1 } })).toEqual([])
  })

  test('is converted once, and the stored one stays', async () => {
    const { was } = RECORDED[0]!
    const text = JSON.stringify(was)
    expect(await open(was)).toBe(await open(was))
    expect(JSON.stringify(was)).toBe(text)
  })
})

test('a pipeline of this version is opened as it is', async () => {
  const { is } = RECORDED[0]!
  expect(await open(is)).toBe(is)
})

import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { type Json, parse } from '../../src/kernel/schema.ts'
import { contextHere } from '../../src/tool/once/call-parts.ts'
import type { CallContext, Tool, ToolContext } from '../../src/tool/tool.ts'

/** A fresh folder per test with `root` inside it, which is all that tools may touch. */
export function workFolder() {
  const place = { outer: '', root: '' }
  beforeEach(async () => {
    place.outer = await realpath(await mkdtemp(join(tmpdir(), 'tools-')))
    place.root = join(place.outer, 'root')
    await mkdir(place.root)
  })
  afterEach(() => rm(place.outer, { recursive: true, force: true }))
  return place
}

/** What a tool is called with below that root. */
export function contextAt(root: string, more: Partial<ToolContext> = {}): CallContext {
  const { signal } = new AbortController()
  return contextHere({ signal, idempotencyKey: 'call-1', root, roots: [root], emit() {}, ...more })
}

/** Calls a tool as a step does: the input checked first, and here its result too. */
export async function call(tool: Tool, input: unknown, context: CallContext): Promise<{ [field: string]: Json }> {
  const result = await tool.execute(await parse(tool.input, input), context)
  if (tool.output) expect(await parse(tool.output, result, 'result')).toEqual(result)
  return result as { [field: string]: Json }
}

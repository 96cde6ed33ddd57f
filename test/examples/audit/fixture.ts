import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { CallContext, Json, Tool, ToolContext } from 'antiphon'
import { onTestFinished } from 'vitest'
import { parse } from '../../../src/kernel/schema.ts'
import { contextHere } from '../../../src/tool/once/call-parts.ts'

const texts: Readonly<Record<string, { readonly licenseText: string }>> = createRequire(import.meta.url)(
  'spdx-license-list/full',
)

/** A standard licence text as the SPDX list has it. */
export function standardText(id: string): string {
  return texts[id]!.licenseText
}

/** The MIT text as packages ship it: with a holder, wrapped, under a title. */
export const MIT = standardText('MIT').replace('<year> <copyright holders>', '2021 A. Author and others')
/** The ISC text with the holder's usual name in the disclaimer. */
export const ISC = `ISC License\n\nCopyright (c) 2020, A. Author\n\n${standardText('ISC').replaceAll('ISC', 'THE AUTHOR').split('\n\n').slice(2).join('\n\n')}`

/** A temporary folder with these files (a value that is no string is written as JSON); gone when the test ends. */
export function makeFolder(files: Readonly<Record<string, Json>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content, null, 2))
  }
  return folder
}

/** Where a tool is called from in a test: a root that is also the only folder it may touch. */
export function contextOf(root: string, more: Partial<ToolContext> = {}): CallContext {
  return contextHere({
    signal: new AbortController().signal,
    idempotencyKey: 'key',
    root,
    roots: [root],
    emit() {},
    ...more,
  })
}

/** Calls a tool as a pipeline does: its input checked by its schema, its output passed as JSON. */
export async function call<Input, Output extends Json>(
  tool: Tool<Input, Output>,
  input: unknown,
  context: CallContext,
): Promise<Output> {
  const output = await tool.execute(await parse(tool.input, input, tool.name), context)
  return JSON.parse(JSON.stringify(output))
}

import { readFile } from 'node:fs/promises'
import { findProjectFolder } from '../../../config/config.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { RunDocument } from '../../../pipeline/report/document.ts'
import { readBoundedYaml } from '../../../yaml/read.ts'

/** What a run was started with. */
type Started = { readonly file: string; readonly inputs: { readonly [name: string]: Json }; readonly folder: string }

/** Where a step looked for a file that does not exist, and the input that named it; undefined if no input did. */
export async function missingFileHint(
  run: RunDocument,
  { file, inputs, folder }: Started,
): Promise<string | undefined> {
  const missing = Object.values(run.steps).flatMap(({ error }) => /^File not found: (.*)$/.exec(error ?? '')?.[1] ?? [])
  if (missing.length === 0) return undefined
  const values = { ...defaultsIn(await readFile(file, 'utf8').catch(() => ''), file), ...inputs }
  const [name, path] = Object.entries(values).find(([, value]) => missing.some((one) => one === value)) ?? []
  if (name === undefined) return undefined
  return `Looked for ${String(path)} in ${await findProjectFolder(folder)}. Set another: -i ${name}=PATH`
}

function defaultsIn(text: string, file: string): { readonly [name: string]: Json } {
  const read = readBoundedYaml(text, file)
  const declared = 'value' in read && isJsonObject(read.value) ? read.value.inputs : undefined
  if (!isJsonObject(declared)) return {}
  const entries = Object.entries(declared).map(([name, input]) => [name, isJsonObject(input) ? input.default : input])
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { InvalidError } from '../../../errors.ts'
import type { Client } from '../../../http/client/client.ts'
import { isJsonObject, type Json, parseExact } from '../../../kernel/json.ts'
import { attempt } from '../../../lib/flow/attempt.ts'
import { nearestWord } from '../../../lib/suggest.ts'
import type { RunRequest } from '../../../run/room/port.ts'

/** Whether an argument of `run` can be the name of a workflow: there is no such file. */
export const mayBeWorkflow = (given: string, folder: string): boolean =>
  /^[a-zA-Z][\w-]*$/.test(given) && !existsSync(resolve(folder, given))

/** The request for a run of a workflow. Values of the command line get the types that its schema says. */
export async function workflowRequest(
  { workflows }: Pick<Client, 'workflows'>,
  name: string,
  { inputs = {}, ...request }: RunRequest,
  folder: string,
): Promise<RunRequest> {
  const all = await workflows.list()
  const found = all.find((one) => one.name === name)
  if (!found)
    throw noSuchWork(
      name,
      all.map((one) => one.name),
      folder,
    )
  const entries = Object.entries(inputs).map(([key, value]) => [key, typed(value, typeOf(found.input, key))])
  return { ...request, workflow: name, input: Object.fromEntries(entries) }
}

function typeOf(schema: Json | undefined, key: string): Json | undefined {
  if (!isJsonObject(schema) || !isJsonObject(schema.properties)) return undefined
  const property = schema.properties[key]
  return isJsonObject(property) ? property.type : undefined
}

/** A text for a text; JSON for anything else. */
function typed(value: Json, type: Json | undefined): Json {
  if (typeof value !== 'string' || type === 'string' || type === undefined) return value
  // the schema says what is wrong with it
  return attempt(() => parseExact(value) as Json, value)
}

function noSuchWork(name: string, known: readonly string[], folder: string): InvalidError {
  const looked = `Looked for it at ${resolve(folder, name)}.`
  if (known.length === 0)
    return new InvalidError(`There is no file ${name} here, and no program with workflows.`, {
      hint: `${looked} If a program has the workflow ${name}, name it in antiphon.yaml: app: FILE.`,
    })
  const near = nearestWord(name, known)
  const hint = `The program that works on this folder has the workflows ${known.join(', ')}.`
  return new InvalidError(`There is no file ${name} here, and no workflow of that name.`, {
    code: 'unknown_workflow',
    hint: near === undefined ? hint : `Did you mean ${near}? ${hint}`,
  })
}

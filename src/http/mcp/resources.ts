import { basename } from 'node:path'
import type { ReadResourceResult, Resource } from '@modelcontextprotocol/server'
import { NotFoundError, TerminalError } from '../../errors.ts'
import { attempt } from '../../lib/flow/attempt.ts'
import { ANY_TYPE } from '../../run/room/contract.ts'
import type { Client } from '../client/client.ts'

/** Runs whose files are listed, files in a list, and bytes of one file. */
const MAX_RUNS = 20
const MAX_RESOURCES = 200
const MAX_FILE_BYTES = 4 * 1024 * 1024

/** The address of a file that a step of a run wrote. */
export const artifactUri = (run: string, step: string) =>
  `antiphon://runs/${encodeURIComponent(run)}/artifacts/${encodeURIComponent(step)}`

/** How such an address is made. */
export const ARTIFACT_TEMPLATE = {
  uriTemplate: 'antiphon://runs/{run}/artifacts/{step}',
  name: 'artifact',
  description: 'The present content of a file that a step of a run wrote.',
}

/** The files that the newest runs wrote. */
export async function listArtifacts({ runs }: Pick<Client, 'runs'>): Promise<Resource[]> {
  const newest = await runs.list({ limit: MAX_RUNS })
  const found = await Promise.all(
    newest.map(async ({ id, name }) => (await runs.artifacts(id)).map((artifact) => ({ id, name, artifact }))),
  )
  return found
    .flat()
    .slice(0, MAX_RESOURCES)
    .map(({ id, name, artifact: { step, location, description, mime, size } }) => ({
      uri: artifactUri(id, step),
      name: basename(location),
      description: description ?? `Written by ${step} of the run ${id} (${name}).`,
      ...(mime !== undefined && { mimeType: mime }),
      ...(size !== undefined && { size }),
    }))
}

/** The content of a file. NotFoundError if the URI is not the address of a file. */
export async function readArtifact(
  { runs }: Pick<Client, 'runs'>,
  uri: string,
  signal: AbortSignal,
): Promise<ReadResourceResult> {
  const [run, step] = partsOf(uri)
  const found = (await runs.artifacts(run)).find((artifact) => artifact.step === step)
  const bytes = await runs.artifact(run, step, signal)
  if (bytes.length > MAX_FILE_BYTES)
    throw new TerminalError(`The file has ${bytes.length} bytes; at most ${MAX_FILE_BYTES} are sent.`, {
      code: 'too_large',
    })
  const text = textOf(bytes)
  const about = { uri, mimeType: found?.mime ?? (text === undefined ? ANY_TYPE : 'text/plain') }
  return {
    contents: [text === undefined ? { ...about, blob: Buffer.from(bytes).toString('base64') } : { ...about, text }],
  }
}

function partsOf(uri: string): readonly [run: string, step: string] {
  const [, run, step] = /^antiphon:\/\/runs\/([^/]+)\/artifacts\/([^/]+)$/.exec(uri) ?? []
  if (run === undefined || step === undefined) throw noResource(uri)
  try {
    return [decodeURIComponent(run), decodeURIComponent(step)]
  } catch {
    throw noResource(uri)
  }
}

const noResource = (uri: string) =>
  new NotFoundError(`There is no resource ${uri.slice(0, 200)}.`, { hint: ARTIFACT_TEMPLATE.uriTemplate })

const textOf = (bytes: Uint8Array): string | undefined =>
  attempt(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes))

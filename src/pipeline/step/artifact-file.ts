import { resolve } from 'node:path'
import { TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { present } from '../../lib/json/present.ts'
import { needByRun } from '../../step/approval/call-parameters.ts'
import type { StepContext } from '../../step/call/context.ts'
import type { Artifact, ArtifactSpec } from '../../step/record/artifact.ts'
import type { StepValue } from '../../step/record/outcome.ts'
import type { TemplateScope } from '../../template/template.ts'
import { writeTool } from '../../tool/builtin/filesystem/write.ts'
import { contextHere } from '../../tool/once/call-parts.ts'
import { FILE_KINDS } from '../language/parse/file-kinds.ts'
import type { CompiledPipeline } from '../plan/compiled.ts'
import { renderAll } from './templates/render.ts'
import { artifactText } from './view/text.ts'

/** Writes the text form of a value to its file, unless the tool already did. TerminalError if it cannot be written. */
export async function saveArtifact(
  artifact: ArtifactSpec,
  value: StepValue,
  context: StepContext,
): Promise<Artifact | undefined> {
  const { location } = artifact
  if (location === undefined) return undefined
  const own = pathIn(value.result)
  if (own !== undefined && isSamePath(own, location, context)) return madeOf(artifact, location, sizeIn(value.result))
  if (own !== undefined && isData(value)) return madeOf(artifact, own, sizeIn(value.result))
  return madeOf(artifact, location, await writeArtifact(artifact, location, artifactText(value), context))
}

export function renderedArtifact(said: ArtifactSpec, pipeline: CompiledPipeline, scope: TemplateScope): ArtifactSpec {
  if (said.location === undefined) return said
  const location = renderAll(said.location, pipeline, scope, ['location'])
  if (typeof location !== 'string' || location.trim() === '')
    throw new TerminalError(`location: expected a path, got ${JSON.stringify(location)}.`, { code: 'bad_value' })
  // a model chose the kind among the known ones
  const kind = said.format !== undefined && { kind: String(renderAll(said.format, pipeline, scope, ['format'])) }
  return { ...said, location, ...kind }
}

function madeOf(
  { kind, type, description, schema }: ArtifactSpec,
  location: string,
  size: number | undefined,
): Artifact {
  return {
    location,
    ...(kind !== undefined && { kind, mime: FILE_KINDS[kind]!.mime }),
    ...present({ type, description, schema, size }),
  }
}

async function writeArtifact(
  { kind, limit }: ArtifactSpec,
  location: string,
  content: string,
  context: StepContext,
): Promise<number> {
  if (kind !== undefined && FILE_KINDS[kind]!.binary)
    throw new TerminalError(`location: ${location} would be ${kind}, which cannot be written as text.`, {
      code: 'bad_value',
    })
  const size = Buffer.byteLength(content)
  if (limit !== undefined && size > limit)
    throw new TerminalError(`location: ${size} bytes, but \`size_limit:\` is ${limit}.`, { code: 'too_large' })
  const { services, roots, call, callFor, emit } = context
  const { signal, idempotencyKey } = call
  const file = { path: location, content, mode: 'write', encoding: 'utf8', create_directories: true } as const
  checkNobodyAsked(file, context)
  await writeTool.execute(file, contextHere({ ...callFor, signal, idempotencyKey, root: services.root, roots, emit }))
  return size
}

type WrittenFile = { readonly path: string; readonly content: string }

/** This write cannot ask a person, so it fails if it needs approval. */
function checkNobodyAsked({ path, ...file }: WrittenFile, context: StepContext): void {
  if (!needByRun(writeTool, { path, ...file }, context)) return
  throw new TerminalError(`location: a person must approve a write to ${path}, and nobody was asked.`, {
    code: 'not_approved',
    hint: 'Write the file in a step with filesystem:write, which can ask.',
  })
}

// the file that its tool made

const PATH_FIELDS = ['path', 'output_path', 'filepath', 'file_path']

function pathIn(result: Json): string | undefined {
  const fields = (typeof result === 'object' && result !== null ? result : {}) as { readonly [name: string]: Json }
  return PATH_FIELDS.map((name) => fields[name]).find((path) => typeof path === 'string')
}

function sizeIn(result: Json): number | undefined {
  const { size } = result as { readonly size?: Json }
  return typeof size === 'number' ? size : undefined
}

const isSamePath = (one: string, other: string, { services: { root } }: StepContext) =>
  resolve(root, one) === resolve(root, other)

/** Whether a value has no text of its own. Then the file its tool names is the artifact. */
function isData({ text, result }: StepValue): boolean {
  const { content, stdout } = result as { readonly content?: Json; readonly stdout?: Json }
  return text === undefined && typeof content !== 'string' && typeof stdout !== 'string'
}

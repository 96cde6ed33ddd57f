import { stringify } from 'yaml'
import { z } from 'zod'
import { TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { ownerOf } from '../../lib/owner.ts'
import { formatTime } from '../../lib/time/moment.ts'
import type { CallbackHandler, CallbackTool } from '../../step/call/callback.ts'
import type { ValueResult } from '../../step/call/context.ts'
import { pathsAt } from '../../tool/builtin/filesystem/path.ts'
import { contextHere } from '../../tool/once/call-parts.ts'
import { numberParameter, onlyInRuns } from '../../tool/parameters.ts'
import type { AskContext, RunRecord } from '../step/context.ts'

const run = { checkpoint_file: z.string().min(1).optional(), execution_id: z.string().min(1).optional() }
const listing = z.object({ pipeline_name: z.string().optional(), limit: numberParameter.default(100) })
const extracting = z.object({
  ...run,
  output_file: z.string().min(1),
  format: z.enum(['markdown', 'yaml', 'json']).default('markdown'),
})

/** `checkpoint`: the runs of this run's owner. A checkpoint file stands for the id of a run. */
export const checkpointTools: readonly CallbackTool[] = [
  checkpointTool('list', 'Lists runs, newest first', listing, list),
  checkpointTool('inspect', 'Shows a run with its steps', z.object(run), read),
  checkpointTool('extract', 'Writes a run with its steps into a file', extracting, extract),
]

function checkpointTool<T>(
  operation: string,
  description: string,
  input: z.ZodType<T>,
  read: (given: T, context: AskContext) => Promise<Json>,
): CallbackTool {
  const ask = async (given: T, context: AskContext): Promise<ValueResult> => ({
    type: 'result',
    result: await read(given, context),
  })
  // the tool asks nobody, so there is no answer
  const asking: CallbackHandler<T> = { ask, take: onlyInRuns('checkpoint') }
  return {
    name: `checkpoint:${operation}`,
    description,
    input,
    effect: 'pure',
    changes: pathsAt(['output_file']),
    execute: onlyInRuns('checkpoint'),
    asking,
  }
}

function runsOf({ services: { runs } }: AskContext): NonNullable<AskContext['services']['runs']> {
  if (!runs) throw new TerminalError('The runs of this data folder are not accessible here.', { code: 'not_supported' })
  return runs
}

/** A run sees the runs of its own owner. */
const ownerIn = ({ start }: AskContext) => ownerOf(start.run.provenance ?? {})

async function list({ pipeline_name: name, limit }: z.infer<typeof listing>, context: AskContext): Promise<Json> {
  const all = await runsOf(context).list(ownerIn(context))
  const found = all.filter((one) => name === undefined || one.name === name).slice(0, limit)
  const checkpoints = found.map(({ id, name, status, startedAt, finishedAt }) => ({
    checkpoint_file: id,
    id,
    execution_id: id,
    pipeline_name: name,
    status,
    started_at: formatTime(startedAt),
    ...(finishedAt !== undefined && { completed_at: formatTime(finishedAt) }),
  }))
  return { checkpoints, count: checkpoints.length }
}

type Which = { readonly checkpoint_file?: string | undefined; readonly execution_id?: string | undefined }

async function read(
  { checkpoint_file, execution_id = checkpoint_file }: Which,
  context: AskContext,
): Promise<RunRecord> {
  if (execution_id === undefined)
    throw new TerminalError('checkpoint_file: expected the id of a run.', { code: 'missing_parameter' })
  return runsOf(context).read(execution_id, ownerIn(context))
}

async function extract(
  { output_file: path, format, ...which }: z.infer<typeof extracting>,
  context: AskContext,
): Promise<Json> {
  const document = await read(which, context)
  const { services, roots, call, callFor, emit } = context
  const write = services.toolbox.find('filesystem', 'write')
  if (!write) throw new TerminalError('There is no tool filesystem:write here.', { code: 'unknown_tool' })
  const input = { path, content: written(document, format), mode: 'write', encoding: 'utf-8', create_directories: true }
  const { signal, idempotencyKey } = call
  await write.execute(input, contextHere({ ...callFor, signal, idempotencyKey, root: services.root, roots, emit }))
  return {
    path,
    output_file: path,
    id: document.id,
    execution_id: document.id,
    format,
    steps: Object.keys(document.steps).length,
  }
}

function written(document: RunRecord, format: 'markdown' | 'yaml' | 'json'): string {
  if (format === 'json') return JSON.stringify(document, null, 2)
  return format === 'yaml' ? stringify(document, { lineWidth: 0 }) : markdown(document)
}

function markdown({ id, name, status, outputs, steps }: RunRecord): string {
  const block = (value: Json) => `\`\`\`yaml\n${stringify(value, { lineWidth: 0 }).trimEnd()}\n\`\`\`\n`
  const parts = Object.values(steps).map(
    ({ id, status: was, value }) => `## ${id}: ${was}\n\n${value === null ? '' : block(value)}`,
  )
  const end = Object.keys(outputs).length === 0 ? [] : [`## Outputs\n\n${block(outputs)}`]
  return [`# ${name}\n\nRun ${id}: ${status}.\n`, ...parts, ...end].join('\n')
}
